"""A study of logarithms in the place of returns: what volume and ranges have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.activity.deriving import Derived, derived
from eventstudy.activity.outcome import Activity
from eventstudy.activity.serial import remembering
from eventstudy.arrays import FloatArray, Model
from eventstudy.errors import EventStudyError
from eventstudy.factors import peers
from eventstudy.models import (
    BenchmarkPortfolio,
    FactorModel,
    MarketAdjusted,
    MarketModel,
    MeanAdjusted,
    RawReturn,
    SyntheticControl,
)
from eventstudy.panel import Panel
from eventstudy.report import Multiple
from eventstudy.report.names import joined
from eventstudy.result import Result
from eventstudy.study import EventStudy

MODELS = ("mean", "market", "others")
#: models without a constant: they know no level of a firm
LEVELLESS = (RawReturn, MarketAdjusted, BenchmarkPortfolio, SyntheticControl)
#: the factor of the market model, of all firms or of those asked for, and that without the firm
ALL, CHOSEN, OTHERS = "all firms", "the chosen firms", "other firms"


@dataclass(frozen=True, eq=False)
class Logarithms:
    """What was measured, and its words."""

    #: (S, T) logarithms, NaN where missing
    values: FloatArray
    words: Multiple
    #: what is said where none of some tickers has a value
    nobody: Callable[[Sequence[str]], EventStudyError]
    #: remarks on the data
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """The options that `volume` and the ranges of `volatility` share."""

    model: str | Model = "mean"
    among: Sequence[str] | None = None
    lags: int | None = None


def study_logarithms(
    events: pd.DataFrame,
    panel: Panel,
    study: EventStudy | None,
    found: Logarithms,
    asked: Asked,
) -> Activity:
    """Run a study on logarithms, with the model asked for and autocorrelated days."""
    if not (study is None or isinstance(study, EventStudy)):
        raise errors.not_a_study(type(study).__name__)
    firms = firms_of_mean(panel, found, asked.among)
    name, level = ALL if asked.among is None else CHOSEN, found.words.level
    model, beyond = expecting(asked.model, firms, level, name)
    told = replace(panel.provenance, notes=(*panel.provenance.notes, *found.notes))
    on = replace(with_mean(panel, found.values, firms, name), provenance=told)
    result = replace(study or EventStudy(), model=model).run(events, on)
    by_mean = asked.model == "others" or "market" in model.needs
    shared = _shared(result, firms, level) if by_mean else ""
    words = replace(found.words, beyond=beyond, note=found.words.note + shared)
    return Activity.of(remembering(result, asked.lags), words)


def with_mean(panel: Panel, values: FloatArray, firms: list[str], name: str) -> Derived:
    """Put logarithms in the place of returns, and their mean over ``firms`` in the market's."""
    own = values[panel.firm_codes(firms)]
    there = np.isfinite(own)
    count, total = there.sum(axis=0), np.where(there, own, 0.0).sum(axis=0)
    empty = np.full(len(panel.sessions), np.nan)
    mean = np.divide(total, count, out=empty, where=count > 0)
    return derived(panel, values, mean, name)


def firms_of_mean(panel: Panel, found: Logarithms, among: Sequence[str] | None) -> list[str]:
    """Tickers over which the mean runs: by default all but the market and the factors."""
    known = {t for t, v in zip(panel.tickers, found.values, strict=True) if np.isfinite(v).any()}
    if among is None:
        apart = {panel.market, *panel.factor_names}
        asked = [ticker for ticker in panel.tickers if ticker not in apart]
    else:
        asked = _named(among)
    firms = [ticker for ticker in asked if ticker in known]
    if not firms:
        raise found.nobody(asked)
    return firms


def _named(among: Sequence[str]) -> list[str]:
    """The tickers of ``among``, each once."""
    named = [among] if isinstance(among, str) else list(among) if np.iterable(among) else []
    if not named or not all(isinstance(ticker, str) for ticker in named):
        raise errors.among_unreadable(among)
    return list(dict.fromkeys(named))


def expecting(
    model: str | Model, firms: list[str], level: str, name: str
) -> tuple[Model, str | None]:
    """The model of the logarithms, and what its sentence adds; ``name`` is that of the mean."""
    if isinstance(model, LEVELLESS):
        raise errors.model_without_level(type(model).__name__, level)
    if isinstance(model, type):  # the study refuses it
        return model, None
    if not isinstance(model, str):
        return model, _beyond(model, level, name)
    if model in ("mean", "market"):
        chosen = MeanAdjusted() if model == "mean" else MarketModel()
        return chosen, _beyond(chosen, level, name)
    if model == "others":
        factor = peers(firms, name=OTHERS)
        return FactorModel((factor,)), f"beyond what the {level} of the other firms explains"
    raise errors.unknown_option("model", model, MODELS)


def _beyond(model: Model, level: str, mean: str) -> str | None:
    """Say whose level a model explains, where it does so by names of the panel."""
    if isinstance(model, MeanAdjusted):
        return ""
    needs = getattr(model, "needs", ())
    names = [need for need in needs if isinstance(need, str)]
    if not names or len(names) < len(needs) or getattr(model, "across_gaps", False):
        return None
    whose = joined([mean if name == "market" else name for name in names])
    return f"beyond what the {level} of {whose} explains"


def _shared(result: Result, firms: list[str], level: str) -> str:
    """Say that much of the mean is the events' own, where it is half or more."""
    own = np.isin(result.abnormal.firm, result.panel.firm_codes(firms))
    most = int(np.bincount(result.abnormal.row[own]).max(initial=0))
    if 2 * most < len(firms):
        return ""
    return (
        f" The mean {level} is that of {len(firms)} firms, and {most} of them have their event on "
        f"one day: what they share is not in the numbers."
    )
