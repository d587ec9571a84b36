"""Abnormal log volume written out slowly: one event at a time, plain loops (methods C.7, C.2).

Nothing of the library is used here. Volumes are (S, T) with NaN where missing, shares
outstanding a list a firm of (session before which it is known, number) pairs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
NAN = math.nan


@dataclass(frozen=True)
class Setup:
    """Windows around day 0 (both ends included), model and last lag (None: by the rule)."""

    estimation: tuple[int, int]
    window: tuple[int, int]
    model: str = "mean"
    lags: int | None = None
    skip: bool = False


@dataclass(frozen=True)
class Event:
    """One event: abnormal log volumes, σ, residuals by estimation day, and x'(X'X)⁻¹x parts."""

    ar: dict[int, float]
    sigma: float
    residuals: list[float]
    rows: dict[int, Floats]
    inverse: Floats
    setup: Setup


def log_volume(volume: float, shares: float | None) -> float:
    """One firm, one day."""
    if math.isnan(volume) or (shares is not None and math.isnan(shares)):
        return NAN
    return math.log(1 + volume) if shares is None else math.log(100 * volume / shares + 0.000255)


def known_before(history: Sequence[tuple[Any, float]], session: Any) -> float:
    """Find the last number dated before a session."""
    found = NAN
    for date, number in sorted(history):
        if date < session and not math.isnan(number):
            found = number
    return found


def mean_of(v: Floats, firms: Sequence[int], t: int) -> float:
    """Equal-weighted mean over the firms that have a value that day."""
    values = [float(v[i, t]) for i in firms if not math.isnan(v[i, t])]
    return sum(values) / len(values) if values else NAN


def regressors(v: Floats, firm: int, t: int, firms: Sequence[int], model: str) -> Floats:
    """The row of one day."""
    if model == "mean":
        return np.array([1.0])
    others = [i for i in firms if i != firm or model == "market"]
    if model == "others" and sum(not math.isnan(v[i, t]) for i in others) < 2:
        return np.array([1.0, NAN])
    return np.array([1.0, mean_of(v, others, t)])


def event(v: Floats, firm: int, row: int, firms: Sequence[int], setup: Setup) -> Event:
    """Fit one event by least squares."""
    xs, ys, place = [], [], []
    for day in range(setup.estimation[0], setup.estimation[1] + 1):
        x, y = regressors(v, firm, row + day, firms, setup.model), float(v[firm, row + day])
        if np.isfinite(x).all() and not math.isnan(y):
            xs.append(x)
            ys.append(y)
            place.append(day - setup.estimation[0])
    q, r = np.linalg.qr(np.array(xs))
    inverse = np.linalg.inv(r) @ np.linalg.inv(r).T
    theta = np.linalg.solve(r, q.T @ np.array(ys))
    e = [NAN] * (setup.estimation[1] - setup.estimation[0] + 1)
    for at, x, y in zip(place, xs, ys, strict=True):
        e[at] = y - float(x @ theta)
    sigma = math.sqrt(sum(u * u for u in e if not math.isnan(u)) / (len(ys) - len(theta)))
    rows, ar = {}, {}
    for day in range(setup.window[0], setup.window[1] + 1):
        rows[day] = regressors(v, firm, row + day, firms, setup.model)
        ar[day] = float(v[firm, row + day] - rows[day] @ theta)
    return Event(ar, sigma, e, rows, inverse, setup)


def weight(found: Event, k: int) -> float:
    """Bartlett's weight times the autocorrelation at lag k."""
    e = found.residuals
    there = [u for u in e if not math.isnan(u)]
    last = found.setup.lags
    if last is None:
        last = math.floor(4 * (len(there) / 100) ** (2 / 9))
    if k == 0:
        return 1.0
    if k > last:
        return 0.0
    pairs = [e[t] * e[t - k] for t in range(k, len(e))]
    total = sum(p for p in pairs if not math.isnan(p))
    return (1 - k / (last + 1)) * total / sum(u * u for u in there)


def car(found: Event, window: tuple[int, int]) -> float:
    """Sum of the abnormal log volumes."""
    ars = [found.ar[d] for d in range(window[0], window[1] + 1)]
    if found.setup.skip:
        ars = [x for x in ars if not math.isnan(x)]
    return sum(ars) if ars else NAN


def scar(found: Event, window: tuple[int, int]) -> float:
    """CAR / S with S² = σ²(1'Γ1 + s'(X'X)⁻¹s), Γ the Toeplitz matrix of the weights."""
    days = list(range(window[0], window[1] + 1))
    if found.setup.skip:
        days = [d for d in days if not math.isnan(found.ar[d])]
    total = 0.0
    for a in days:
        for b in days:
            total += weight(found, abs(a - b))
    s = sum((found.rows[d] for d in days), start=np.zeros(len(found.inverse)))
    q = total + float(s @ found.inverse @ s)
    return car(found, window) / (found.sigma * math.sqrt(q))
