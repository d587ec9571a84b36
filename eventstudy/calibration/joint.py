"""The whole specification curve among joint placebo dates (Simonsohn, Simmons and Nelson 2020)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TypeAlias

import numpy as np
import pandas as pd
from scipy.special import ndtri

from eventstudy import engine, errors, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.calibration.given import seen_by
from eventstudy.calibration.plan import Plan, hull
from eventstudy.inference._resampling import Rng, share
from eventstudy.inference.lookup import Test
from eventstudy.placebo import Placebos, admissible, measure, placebo_dates
from eventstudy.progress import steps
from eventstudy.result import Result
from eventstudy.windows import Window

#: the windows that are asked about, and the test that leads in each
Leads: TypeAlias = list[tuple[Window, Test]]

LEVEL = 0.05
#: p-values nearer to 0 than this give no larger z
LEAST = 1e-16

STATISTICS = {
    "median": "median estimate",
    "significant": "largest share that is significant with one sign",
    "mean z": "mean z of the leading tests",
}


def joint_table(
    results: Sequence[Result],
    events: pd.DataFrame,
    windows: Sequence[Window],
    draw: tuple[int, int | None, Rng],
) -> pd.DataFrame:
    """Statistic of the whole curve → observed value, p-value, draws, events.

    Each draw moves the events that all specifications keep to the same placebo dates, and asks
    every specification about them that has an answer on the true dates. No placebo lies on any
    of the ``events``, also those that could not be used.
    """
    draws = draw[0]
    columns = ["what", "observed", "pvalue", "draws", "events"]
    if draws == 0:
        return pd.DataFrame(columns=columns)
    shared, where = _shared(results)
    placebos = _dates(results, events, (where, hull(windows)), draw)
    kept = [
        result.abnormal.take(at[placebos.kept]) for result, at in zip(results, shared, strict=True)
    ]
    leads = [_leads(true, windows) for true in kept]
    truth = np.array([_answers(true, lead) for true, lead in zip(kept, leads, strict=True)])
    answered = np.isfinite(truth[..., :2]).all(axis=2)
    observed = _statistics(truth[None], answered)[0]
    found = _statistics(_placebo_answers(results, events, leads, placebos), answered)
    found = found[np.isfinite(found).all(axis=1)]
    rows = [
        (what, observed[k], _pvalue(found[:, k], observed[k]), len(found), len(placebos.kept))
        for k, what in enumerate(STATISTICS.values())
    ]
    index = pd.Index(list(STATISTICS), name="statistic")
    return pd.DataFrame(rows, index=index, columns=columns)


def _pvalue(found: FloatArray, observed: float) -> float:
    return share(found, observed) if np.isfinite(observed) else float("nan")


def _shared(results: Sequence[Result]) -> tuple[list[IntArray], tuple[IntArray, IntArray]]:
    """Positions, in each result, of the events that all keep; and where these lie."""
    common = results[0].events.index
    for other in results[1:]:
        common = common[common.isin(other.events.index)]
    if not len(common):
        raise errors.no_event_in_all_specifications(len(results))
    at = [result.events.index.get_indexer(common) for result in results]
    first = results[0].abnormal
    return at, (first.firm[at[0]], first.row[at[0]])


def _dates(
    results: Sequence[Result],
    events: pd.DataFrame,
    what: tuple[tuple[IntArray, IntArray], Window],
    draw: tuple[int, int | None, Rng],
) -> Placebos:
    """Placebo dates that every specification can be asked about."""
    (where, tested), (draws, strata, rng) = what, draw
    allowed: BoolArray | None = None
    for result in results:
        study = result.study
        given, true = seen_by(study, events, result.panel)
        need = engine.required_days(study.model, study.windows, study.min_obs)
        own = admissible(given, study.windows, tested, need, true)
        allowed = own if allowed is None else allowed & own
    assert allowed is not None  # noqa: S101  (there is a result)
    first = results[0]
    labels = Plan(strata=strata).strata_of(first.panel, first.study.windows)
    return placebo_dates(where, allowed, tested, draws, strata=labels, rng=rng)


def _placebo_answers(
    results: Sequence[Result],
    events: pd.DataFrame,
    leads: Sequence[Leads],
    placebos: Placebos,
) -> FloatArray:
    """(draws, specifications, windows, 3) what `_answers` gives."""
    found = np.full((len(placebos), len(results), len(leads[0]), 3), np.nan)
    for s, result in enumerate(steps(results, "Specifications among placebo dates", len(results))):
        study = result.study
        batches = measure(
            study.model,
            seen_by(study, events, result.panel)[0],
            study.windows,
            placebos,
            min_obs=study.min_obs,
            missing=study.missing,
        )
        for d, abnormal in enumerate(chain.from_iterable(batches)):
            found[d, s] = _answers(abnormal, leads[s])
    return found


def _leads(true: Abnormal, windows: Sequence[Window]) -> Leads:
    """The windows and the test that leads in each: draws keep the structure that it goes by."""
    return [(w, inference.resolve(inference.valid(true, w).lead)) for w in windows]


def _answers(abnormal: Abnormal, leads: Leads) -> list[tuple[float, float, float]]:
    """CAAR, p-value and sign of the statistic of the leading test, by window."""
    rows = []
    for window, test in leads:
        car = abnormal.car(window)
        car = car[np.isfinite(car)]
        found = test(abnormal, window)
        mean = float(car.mean()) if len(car) else np.nan
        rows.append((mean, found.pvalue, float(np.sign(found.statistic))))
    return rows


def _statistics(answers: FloatArray, answered: BoolArray) -> FloatArray:
    """(draws, 3) the statistics of whole curves over the specifications ``answered``.

    NaN where one of these has no answer, or where none was answered.
    """
    if not answered.any():
        return np.full((len(answers), len(STATISTICS)), np.nan)
    estimate, p, sign = np.moveaxis(answers[:, answered], 2, 0)
    sure = p <= LEVEL
    shares = np.stack([(sure & (np.sign(estimate) == s)).mean(axis=1) for s in (1.0, -1.0)])
    z = -sign * ndtri(np.clip(p, LEAST, 1.0) / 2.0)
    most = np.where(np.isfinite(p).all(axis=1), shares.max(axis=0), np.nan)
    return np.column_stack([np.median(estimate, axis=1), most, z.mean(axis=1)])
