"""What is timed: the engine, the study as typed, and two loops over events."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm

from benchmarks.cases import CAR, WINDOWS, Case
from eventstudy import engine, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class Way:
    """One way to the answer."""

    name: str
    events: int
    run: Callable[[], object]
    #: once, for comparison with the loop of least squares only
    loop: bool = False


@dataclass(frozen=True)
class Prebuilt:
    """The arrays of one event, cut out before the clock starts; valid days only."""

    y: FloatArray
    x: FloatArray
    y_event: FloatArray
    x_event: FloatArray


def ways(case: Case, index: IntArray) -> list[Way]:
    """All ways of a case; the loops see the events ``index`` only."""
    n, rows = case.spec.events, prebuilt(case, index)
    return [
        Way("engine.run, CAR", n, lambda: run_engine(case).car(CAR)),
        Way("engine.run, CAR, SAR, SCAR", n, lambda: standardised(case)),
        Way("engine.run, tests of caar (arrays)", n, lambda: tested(case)),
        Way("study.run(events, panel), caar(...)", n, lambda: typed(case)),
        Way("loop of sm.OLS(y, X).fit(), CAR", len(rows), lambda: ols_loop(rows), loop=True),
        Way("loop of np.linalg.lstsq, CAR", len(rows), lambda: lstsq_loop(rows), loop=True),
    ]


def run_engine(case: Case) -> Abnormal:
    """Measure all events from arrays: parameters, σ, R² and daily abnormal returns."""
    return engine.run(case.study.model, case.inputs, case.placement, WINDOWS).abnormal


def standardised(case: Case) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Add everything that the bound on memory traffic counts as output."""
    abnormal = run_engine(case)
    return abnormal.sar, abnormal.car(CAR), abnormal.scar(CAR)


def tested(case: Case) -> tuple[float, float]:
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


def prebuilt(case: Case, index: IntArray) -> list[Prebuilt]:
    """Cut y and X of some events out of the panel; days without a return are left out."""
    past, now = np.array(WINDOWS.estimation.days), np.array(WINDOWS.event.days)
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
