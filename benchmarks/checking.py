"""Nothing is timed before it is right: every case against plain least squares, one by one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks import fused, ways
from benchmarks.cases import CAR, WINDOWS, Case, spread
from benchmarks.ways import Prebuilt
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, IntArray

TOLERANCE = 1e-10
#: events of a case that are compared
COMPARED = 250


def largest_error(case: Case) -> float:
    """Largest deviation of everything that is timed from plain least squares.

    Relative where the number is above one, absolute below. Ends the run if it is too large.
    """
    every = ways.usable(case)
    index = every[spread(len(every), COMPARED)]
    rows = ways.prebuilt(case, index)
    plain = np.array([least_squares(row) for row in rows])
    p, days = case.spec.factors + 1, len(case.spec.windows.event)
    paths = np.column_stack([plain[:, p + 1 : p + 1 + days], plain[:, -2]])
    errors = {
        "engine.run": deviation(of_engine(ways.run_engine(case))[index], plain),
        "engine.run, CAR only": deviation(
            np.column_stack(ways.car_only(case))[index], plain[:, -2:]
        ),
        "statsmodels": deviation(ways.ols_loop(rows), paths),
    }
    if "workers" in ways.OPTIONS:
        two = np.column_stack(ways.standardised(case, 2))[index]
        errors["engine.run, workers=2"] = deviation(two, plain[:, p + 1 + days :])
    if ways.comparable(case):
        errors["fused loop"] = deviation(np.column_stack(fused.run(case))[index], plain)
    if case.spec.typed:
        errors |= of_study(case, every, index, plain)
    confirm(case.spec.key, errors)
    return max(errors.values())


def confirm(key: str, errors: Mapping[str, float]) -> None:
    """End the run where something is wrong."""
    for name, error in errors.items():
        if not error <= TOLERANCE:
            raise SystemExit(
                f"Case {key}: {name} is {error:.1e} off plain least squares, more than "
                f"{TOLERANCE:.0e}. Nothing is timed until it is right."
            )


def of_engine(abnormal: Abnormal) -> FloatArray:
    """(N, …) θ, σ, AR, SAR, CAR and SCAR."""
    paths = [abnormal.params, abnormal.sigma, abnormal.abnormal, abnormal.sar]
    return np.column_stack([*paths, abnormal.car(CAR), abnormal.scar(CAR)])


def of_study(case: Case, every: IntArray, index: IntArray, plain: FloatArray) -> dict[str, float]:
    """Deviations of the CARs and of the CAAR that a user sees."""
    result = case.study.run(case.events, case.panel)
    car = np.column_stack([result.car(CAR).to_numpy(), result.scar(CAR).to_numpy()])
    mean = np.nanmean(ways.run_engine(case).car(CAR)[every])
    return {
        "study.run": deviation(car[np.searchsorted(every, index)], plain[:, -2:]),
        "caar": deviation(result.caar(CAR)["estimate"].to_numpy(), np.array([mean])),
    }


def least_squares(row: Prebuilt) -> FloatArray:
    """θ, σ, AR, SAR, CAR and SCAR of one event, by the textbook."""
    theta = np.linalg.lstsq(row.x, row.y, rcond=None)[0]
    e = row.y - row.x @ theta
    sigma = np.sqrt(e @ e / (len(e) - len(theta)))
    ar = row.y_event - row.x_event @ theta
    inverse = np.linalg.inv(row.x.T @ row.x)
    sar = ar / (sigma * np.sqrt(1.0 + np.einsum("lp,pq,lq->l", row.x_event, inverse, row.x_event)))
    days = CAR.columns(WINDOWS.event)
    g = row.x_event[days].sum(axis=0)
    car = ar[days].sum()
    scar = car / (sigma * np.sqrt(len(CAR) + g @ inverse @ g))
    return np.concatenate([theta, [sigma], ar, sar, [car, scar]])


def deviation(found: FloatArray, wanted: FloatArray) -> float:
    """max |found − wanted| / max(1, |wanted|); infinite where only one of them is missing."""
    if found.shape != wanted.shape or (np.isnan(found) != np.isnan(wanted)).any():
        return float("inf")
    return float(np.nanmax(np.abs(found - wanted) / np.maximum(1.0, np.abs(wanted))))
