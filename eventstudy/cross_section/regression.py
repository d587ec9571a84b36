"""Regressions of CARs on what is known of the events (methods E, M.13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray
from eventstudy.cross_section.design import Design, design_of
from eventstudy.cross_section.fitting import (
    LeastSquares,
    between_variance,
    least_squares,
    r_squared,
)
from eventstudy.cross_section.portfolio import complete, no_portfolio
from eventstudy.cross_section.sandwich import HETEROSKEDASTIC
from eventstudy.cross_section.uncertainty import (
    BOTH,
    ERRORS,
    Uncertainty,
    concentrated,
    of_clusters,
    of_events,
    of_portfolios,
)
from eventstudy.cross_section.wild import Draws, bootstrap, draw_weights
from eventstudy.inference._answer import ZERO
from eventstudy.inference._laws import NAN, interval, pvalue
from eventstudy.inference._resampling import DRAWS, SEED, Rng, check_draws
from eventstudy.inference._sample import Sample, sample_of
from eventstudy.windows import Window

WEIGHTS = (None, "precision", "fgls")
#: clusters below which p-values come from the wild cluster bootstrap, and those below which
#: the t law is still too generous: at 12 it rejects 10 to 12 % for terms of dates and two ways
ENOUGH, SAFE = 10, 20


@dataclass(frozen=True)
class Question:
    """What is asked of the CARs of a window; unknown options are refused here."""

    formula: str
    window: Window
    se: str | tuple[str, ...] = "HC3"
    weights: str | None = None
    draws: int | None = None
    rng: Rng = SEED
    batch: int | None = None

    def __post_init__(self) -> None:
        if isinstance(self.se, (list, tuple)) and sorted(map(str, self.se)) == sorted(BOTH):
            object.__setattr__(self, "se", BOTH)
        for option, known in (("se", ERRORS), ("weights", WEIGHTS)):
            if getattr(self, option) not in known:
                raise errors.unknown_option(option, getattr(self, option), known)
        if self.draws is not None:
            check_draws(self.draws)
            if self.se in HETEROSKEDASTIC:
                raise errors.draws_without_clusters(self.draws, str(self.se))


@dataclass(frozen=True, eq=False)
class Regression:
    """The coefficients of a regression of CARs, and what is known of their error."""

    names: tuple[str, ...]
    #: (k,) each
    coef: FloatArray
    se: FloatArray
    statistic: FloatArray
    pvalue: FloatArray
    low: FloatArray
    high: FloatArray
    n: int
    r2: float
    #: "t" or "wild bootstrap"; degrees of freedom of the t law
    law: str
    df: float
    #: in words: which standard errors, which weights
    errors: str
    weights: str
    clusters: Mapping[str, int]
    notes: tuple[str, ...]


def regress(abnormal: Abnormal, events: pd.DataFrame, asked: Question) -> Regression:
    """Regress CAR_i = z_i'δ + u_i over the events that have a CAR and every regressor."""
    data = _gather(abnormal, events, asked)
    exact = "date" in asked.se and not no_portfolio(data.sample)
    if exact:
        data = data.complete(events, asked.formula)
    x, sample = data.design.x, data.sample
    weights, told = _weights(asked.weights, data)
    fit = least_squares(x, sample.car, weights)
    if exact:
        root = np.ones(fit.n) if weights is None else np.sqrt(weights / weights.mean())
        found = of_portfolios(fit, sample, root)
    elif asked.se in HETEROSKEDASTIC:
        found = of_events(fit, sample, str(asked.se))
    else:
        found = of_clusters(fit, sample, (asked.se,) if isinstance(asked.se, str) else asked.se)
    drawn = _drawn(found, asked)
    numbers, said = _numbers(fit, data.design.names, found, drawn, asked.batch)
    by = f"; p and interval by wild cluster bootstrap ({drawn.law})" if drawn else ""
    return Regression(
        names=data.design.names,
        coef=fit.coef,
        **dict(zip(("se", "statistic", "pvalue", "low", "high"), numbers, strict=True)),
        n=fit.n,
        r2=r_squared(x, fit, weights),
        law="wild bootstrap" if drawn else "t",
        df=found.df,
        errors=found.errors + by,
        weights=told,
        clusters=found.clusters,
        notes=(*data.notes, *found.notes, *said, *_still_few(found, drawn)),
    )


# ── the events ───────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, eq=False)
class Data:
    """The events of a regression: their sample, their terms, and who had to leave."""

    sample: Sample
    design: Design
    #: (N,) positions of the events in the study
    index: np.ndarray
    notes: tuple[str, ...]

    def complete(self, events: pd.DataFrame, formula: str) -> Data:
        """Only the events of the one date that are complete, as `portfolio_t` has them."""
        whole = complete(self.sample)
        if whole.all():
            return self
        index = self.index[whole]
        part = self.sample.abnormal.take(whole)
        note = f"{int(whole.sum())} of {len(whole)} events are complete"
        return Data(
            sample_of(part, self.sample.window),
            design_of(formula, events.iloc[index]),
            index,
            (*self.notes, note),
        )


def _gather(abnormal: Abnormal, events: pd.DataFrame, asked: Question) -> Data:
    """Events with a CAR and with every regressor; the others are counted."""
    whole = sample_of(abnormal, asked.window)
    design = design_of(asked.formula, events.iloc[whole.index])
    notes = []
    if gone := len(abnormal) - whole.n:
        notes.append(f"{gone} without a return on a day of the window (missing_in_window)")
    notes += [f"{count} without a value of {name}" for name, count in design.missing.items()]
    index = whole.index[design.kept]
    return Data(sample_of(abnormal.take(index), asked.window), design, index, tuple(notes))


def _weights(kind: str | None, data: Data) -> tuple[FloatArray | None, str]:
    """(N,) weights of the events and their name: none, 1/S², or 1/(ω̂² + S²), S² = σ²Q (C.2)."""
    s = data.sample
    variance = np.asarray(s.sigma**2 * s.q)
    if kind is None:
        return None, "none"
    if kind == "precision":
        return 1.0 / variance, "precision, 1/S²"
    between = between_variance(data.design.x, s.car, variance)
    return 1.0 / (between + variance), f"FGLS, 1/(ω² + S²) with ω = {100 * between**0.5:.2f} %"


# ── from a covariance to answers ─────────────────────────────────────────────────────────
def _drawn(found: Uncertainty, asked: Question) -> Draws | None:
    """Draw the weights of a bootstrap, where clusters are few or where draws are asked for."""
    if found.by is None:
        return None
    clusters = int(found.by.max()) + 1
    if clusters >= ENOUGH and asked.draws is None:
        return None
    return draw_weights(clusters, asked.draws or DRAWS, asked.rng)


def _still_few(found: Uncertainty, drawn: Draws | None) -> tuple[str, ...]:
    """Say where the t law of clustered errors can be too generous."""
    if drawn or found.by is None or (clusters := int(found.by.max()) + 1) >= SAFE:
        return ()
    return (f"with {clusters} clusters p can be too small: draws=9999 asks for the bootstrap",)


def _numbers(
    fit: LeastSquares,
    names: tuple[str, ...],
    found: Uncertainty,
    drawn: Draws | None,
    batch: int | None,
) -> tuple[FloatArray, list[str]]:
    """(5, k) se, t, p and interval of each coefficient, and what has to be said of them."""
    size = np.abs(fit.rows) @ np.abs(fit.y)
    variance = np.diag(found.covariance)
    rows, said = [], []
    for j, name in enumerate(names):
        se = float(np.sqrt(variance[j])) if variance[j] > 0 else NAN
        if se <= 1e-12 * size[j]:
            se = NAN
        if np.isnan(se) and not np.isnan(variance[j]):
            said.append(f"{name}: {ZERO}")
        rows.append(_one(fit, j, se, found, drawn, batch))
        if drawn and np.isnan(rows[-1][3:]).any() and not np.isnan(se):
            said.append(f"{name}: too few clusters for an interval with two ends")
    if found.by is not None and not np.isnan(variance).all():
        said += concentrated(fit, names, found.by)
    return np.array(rows).T, said


def _one(
    fit: LeastSquares,
    j: int,
    se: float,
    found: Uncertainty,
    drawn: Draws | None,
    batch: int | None,
) -> tuple[float, ...]:
    coef = float(fit.coef[j])
    if np.isnan(se):
        return (NAN,) * 5
    t = coef / se
    if drawn is None or found.by is None:
        p = pvalue("t", t, found.df, "two-sided")
        return (se, t, p, *interval(coef, se, "t", found.df, "two-sided"))
    made = bootstrap(fit, j, se, found.by, found.variances, drawn, batch)
    return (se, t, made.pvalue(), *made.interval())
