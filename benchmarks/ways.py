"""What is timed: the engine, the study as typed, loops over events, and a loop that is fused."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import statsmodels.api as sm

from benchmarks import fused
from benchmarks.cases import CAR, WINDOWS, Arrays, Case
from eventstudy import engine, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, IntArray

#: what this engine can be told beside the study
OPTIONS = frozenset(inspect.signature(engine.run).parameters)


@dataclass(frozen=True)
class Way:
    """One way to the answer."""

    key: str
    name: str
    events: int
    run: Callable[[], object]
    #: needs a second core
    two: bool = False


@dataclass(frozen=True)
class Prebuilt:
    """The arrays of one event, cut out before the clock starts; valid days only."""

    y: FloatArray
    x: FloatArray
    y_event: FloatArray
    x_event: FloatArray


def ways(case: Case, index: IntArray) -> list[Way]:
    """All ways of a case; the loops see the events ``index`` only."""
    found = [*library(case), *(tables(case) if case.spec.typed else []), *loops(case, index)]
    if comparable(case):
        n = case.spec.events
        found.append(Way("fused", "fused loop (numba)", n, lambda: fused.run(case)))
    return found


def library(case: Arrays) -> list[Way]:
    """The engine on arrays."""
    n = case.spec.events
    found = [
        Way("engine", "engine.run, AR, SAR, CAR, SCAR", n, lambda: standardised(case)),
        Way("car", "engine.run, CAR, SCAR only", n, lambda: car_only(case)),
    ]
    if "workers" in OPTIONS and not case.spec.alone and n >= 100_000:
        both = Way("two", "the first, workers=2", n, lambda: standardised(case, 2), two=True)
        found.insert(1, both)
    return found


def tables(case: Case) -> list[Way]:
    """What a user types, and the same work on arrays."""
    n = case.spec.events
    return [
        Way("tests", "engine.run, tests of caar (arrays)", n, lambda: tested(case)),
        Way("typed", "study.run(events, panel), caar(...)", n, lambda: typed(case)),
    ]


def loops(case: Arrays, index: IntArray) -> list[Way]:
    """One event after the other."""
    rows = prebuilt(case, index)
    return [
        Way("ols", "loop of sm.OLS(y, X).fit(), CAR", len(rows), lambda: ols_loop(rows)),
        Way("lstsq", "loop of np.linalg.lstsq, CAR", len(rows), lambda: lstsq_loop(rows)),
    ]


def comparable(case: Arrays) -> bool:
    """Whether the fused loop can do a case: it knows no missing days."""
    return fused.available() and not np.isnan(case.inputs.returns).any()


def outcome(case: Arrays, **options: Any) -> engine.Outcome:  # noqa: ANN401  (the engine's)
    """Measure all events from arrays: parameters, σ, R², daily abnormal returns, verdicts."""
    spec = case.spec
    return engine.run(spec.model, case.inputs, case.placement, spec.windows, **options)


def run_engine(case: Arrays, **options: Any) -> Abnormal:  # noqa: ANN401  (the engine's)
    """Do that without the verdicts."""
    return outcome(case, **options).abnormal


def usable(case: Arrays) -> IntArray:
    """Positions of the events that have a number."""
    return np.flatnonzero(outcome(case).reason == 0)


def standardised(case: Arrays, workers: int = 1) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Everything that the bound on memory traffic counts as output."""
    abnormal = run_engine(case, **({"workers": workers} if workers > 1 else {}))
    return abnormal.sar, abnormal.car(CAR), abnormal.scar(CAR)


def car_only(case: Arrays, workers: int = 1) -> tuple[FloatArray, FloatArray]:
    """CAR and SCAR of one window; no daily abnormal returns where the engine can leave them."""
    return summed(run_engine(case, **kept(), **({"workers": workers} if workers > 1 else {})))


def kept() -> dict[str, Any]:
    """Options that have one window stored and no days, where the engine knows them."""
    return {"keep": (CAR,)} if "keep" in OPTIONS else {}


def summed(abnormal: Abnormal) -> tuple[FloatArray, FloatArray]:
    """CAR and SCAR."""
    return abnormal.car(CAR), abnormal.scar(CAR)


def tested(case: Arrays) -> tuple[float, float]:
    """Answer what `caar` answers, without a table: the leading test, the interval, r̄."""
    abnormal = run_engine(case)
    verdict = inference.valid(abnormal, CAR)
    lead = inference.resolve(verdict.lead)(abnormal, CAR)
    interval = lead
    if verdict.interval != verdict.lead:
        interval = inference.resolve(verdict.interval)(abnormal, CAR)
    if math.isnan(lead.rbar):
        inference.correlation(abnormal, CAR)
    return lead.pvalue, interval.se


def typed(case: Case) -> tuple[float, float]:
    """Run the study as a user does; returns CAAR and p-value."""
    row = case.study.run(case.events, case.panel).caar(CAR).iloc[0]
    return float(row["estimate"]), float(row["pvalue"])


def prebuilt(case: Arrays, index: IntArray) -> list[Prebuilt]:
    """Cut y and X of some events out of the panel; days without a return are left out."""
    windows = case.spec.windows
    past, now = np.array(windows.estimation.days), np.array(windows.event.days)
    x_all = np.column_stack([np.ones(len(case.inputs.factors)), case.inputs.factors])
    found = []
    for firm, row in zip(case.placement.firm[index], case.placement.row[index], strict=True):
        y = case.inputs.returns[firm, row + past]
        there = np.isfinite(y)
        event = case.inputs.returns[firm, row + now]
        found.append(Prebuilt(y[there], x_all[row + past][there], event, x_all[row + now]))
    return found


def ols_loop(rows: list[Prebuilt]) -> FloatArray:
    """(n, L2 + 1) abnormal returns and CAR from the parameters of statsmodels."""
    found = np.empty((len(rows), len(WINDOWS.event) + 1))
    days = CAR.columns(WINDOWS.event)
    for i, e in enumerate(rows):
        theta = sm.OLS(e.y, e.x).fit().params
        ar = e.y_event - e.x_event @ theta
        found[i, :-1], found[i, -1] = ar, ar[days].sum()
    return found


def lstsq_loop(rows: list[Prebuilt]) -> FloatArray:
    """Do the same with NumPy's own least squares, one event at a time."""
    found = np.empty((len(rows), len(WINDOWS.event) + 1))
    days = CAR.columns(WINDOWS.event)
    for i, e in enumerate(rows):
        theta = np.linalg.lstsq(e.x, e.y, rcond=None)[0]
        ar = e.y_event - e.x_event @ theta
        found[i, :-1], found[i, -1] = ar, ar[days].sum()
    return found
