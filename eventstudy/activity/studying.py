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
from eventstudy.models import FactorModel, MarketModel, MeanAdjusted
from eventstudy.panel import Panel
from eventstudy.report import Multiple
from eventstudy.report.names import joined
from eventstudy.result import Result
from eventstudy.study import EventStudy

MODELS = ("mean", "market", "others")
#: the factor of the market model, and that without the firm itself
ALL, OTHERS = "all firms", "other firms"


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
    model, beyond = expecting(asked.model, firms, found.words.level)
    told = replace(panel.provenance, notes=(*panel.provenance.notes, *found.notes))
    on = replace(with_mean(panel, found.values, firms), provenance=told)
    result = replace(study or EventStudy(), model=model).run(events, on)
    shared = "" if asked.model == "mean" else _shared(result, firms, found.words.level)
    words = replace(found.words, beyond=beyond, note=found.words.note + shared)
    return Activity.of(remembering(result, asked.lags), words)


def with_mean(panel: Panel, values: FloatArray, firms: list[str]) -> Derived:
    """Put logarithms in the place of returns, and their mean over ``firms`` in the market's."""
    own = values[panel.firm_codes(firms)]
    there = np.isfinite(own)
    count, total = there.sum(axis=0), np.where(there, own, 0.0).sum(axis=0)
    empty = np.full(len(panel.sessions), np.nan)
    mean = np.divide(total, count, out=empty, where=count > 0)
    return derived(panel, values, mean, ALL)


def firms_of_mean(panel: Panel, found: Logarithms, among: Sequence[str] | None) -> list[str]:
    """Tickers over which the mean runs: by default all but the market and the factors."""
    known = {t for t, v in zip(panel.tickers, found.values, strict=True) if np.isfinite(v).any()}
    if among is None:
        apart = {panel.market, *panel.factor_names}
        asked = [ticker for ticker in panel.tickers if ticker not in apart]
    elif isinstance(among, str):
        asked = [among]
    elif np.iterable(among):
        asked = list(dict.fromkeys(among))
    else:
        raise errors.among_unreadable(among)
    firms = [ticker for ticker in asked if ticker in known]
    if not firms:
        raise found.nobody(asked)
    return firms


def expecting(model: str | Model, firms: list[str], level: str) -> tuple[Model, str | None]:
    """The model of the logarithms, and what its sentence adds."""
    if not isinstance(model, str):
        return model, _beyond(model, level)
    if model in ("mean", "market"):
        chosen = MeanAdjusted() if model == "mean" else MarketModel()
        return chosen, _beyond(chosen, level)
    if model == "others":
        factor = peers(firms, name=OTHERS)
        return FactorModel((factor,)), f"beyond what the {level} of the other firms explains"
    raise errors.unknown_option("model", model, MODELS)


def _beyond(model: Model, level: str) -> str | None:
    """Say whose level a model explains, where it does so by names of the panel."""
    if isinstance(model, MeanAdjusted):
        return ""
    needs = getattr(model, "needs", ())
    names = [need for need in needs if isinstance(need, str)]
    if not names or len(names) < len(needs) or getattr(model, "across_gaps", False):
        return None
    whose = joined([ALL if name == "market" else name for name in names])
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
