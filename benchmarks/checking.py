"""Nothing is timed before it is right: every case against plain least squares, one by one."""

from __future__ import annotations

import numpy as np

from benchmarks.cases import CAR, WINDOWS, Case, spread
from benchmarks.ways import Prebuilt, ols_loop, prebuilt, run_engine
from eventstudy.arrays import FloatArray

TOLERANCE = 1e-10
#: events of a case that are compared
COMPARED = 250


def largest_error(case: Case) -> float:
    """Largest deviation of the engine, the study and statsmodels from plain least squares.

    Relative where the number is above one, absolute below. Ends the run if it is too large.
    """
    index = spread(case.spec.events, COMPARED)
    rows = prebuilt(case, index)
    plain = np.array([least_squares(row) for row in rows])
    p, days = case.spec.factors + 1, len(WINDOWS.event)
    abnormal = run_engine(case)
    measured = np.column_stack(
        [
            abnormal.params,
            abnormal.sigma,
            abnormal.abnormal,
            abnormal.sar,
            abnormal.car(CAR),
            abnormal.scar(CAR),
        ]
    )[index]
    paths = np.column_stack([plain[:, p + 1 : p + 1 + days], plain[:, -2]])
    result = case.study.run(case.events, case.panel)
    car = np.column_stack([result.car(CAR).to_numpy(), result.scar(CAR).to_numpy()])
    mean = np.nanmean(abnormal.car(CAR))
    errors = {
        "engine.run": deviation(measured, plain),
        "study.run": deviation(car[index], plain[:, -2:]),
        "caar": deviation(result.caar(CAR)["estimate"].to_numpy(), np.array([mean])),
        "statsmodels": deviation(ols_loop(rows), paths),
    }
    for name, error in errors.items():
        if not error <= TOLERANCE:
            raise SystemExit(
                f"Case {case.spec.key}: {name} is {error:.1e} off plain least squares, more than "
                f"{TOLERANCE:.0e}. Nothing is timed until it is right."
            )
    return max(errors.values())


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
