"""Loops of the tests that draw, which make the draws that a seed makes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import oracle
from oracle import NAN, Answer, Study, Window, length

DRAWS = 19


def drawn(name: str, n: int, t: float, values: Sequence[float], side: str) -> Answer:
    """(1 + #) / (draws + 1); a draw without a value counts against the sample."""
    if not math.isfinite(t):
        return Answer(name, n)
    return Answer(name, n, t, NAN_LAW[name], NAN, beyond(t, values, side))


NAN_LAW = {"permutation": "permutation", "boot_residual": "bootstrap", "skew_t": "bootstrap"}


def beyond(t: float, values: Sequence[float], side: str) -> float:
    sign = -1.0 if side == "less" else 1.0
    sizes = [abs(v) if side == "two-sided" else sign * v for v in values]
    bound = abs(t) if side == "two-sided" else sign * t
    below = sum(1 for v in sizes if v < bound - 1e-10 * abs(bound))
    return (1 + len(sizes) - below) / (1 + len(sizes))


def permutation(study: Study, window: Window, side: str) -> Answer:
    """One day: all deals. Several: those that a seed deals."""
    sample = study.sample(window)
    if length(window) == 1 or not sample or len({event.day0 for event in sample}) > 1:
        return oracle.permutation(study, window, side)
    days = sample[0].days(window)
    if any(event.covers and event.covers[t] > 1 for event in sample for t in days):
        return Answer("permutation", len(sample))  # a return of several days is none to permute
    L = sum(1 for t in days if any(math.isfinite(event.ar[t]) for event in sample))
    pool = np.arange(len(oracle.average_residuals(sample)) + L)
    orders = np.random.default_rng(4).permuted(np.tile(pool, (DRAWS, 1)), axis=1)
    (t,) = oracle.permuted(study, window, pool[None])
    values = oracle.permuted(study, window, orders)
    return drawn("permutation", len(sample), t, values, side)


def boot_residual(
    study: Study, window: Window, side: str, *, key: str = "portfolio_t", refit: bool = True
) -> Answer:
    found = oracle.balanced(study, window)
    if found is None or (key == "sur_F" and side != "two-sided"):
        return Answer("boot_residual", len(study.sample(window)))
    size = len(found.E)
    index = np.random.default_rng(3).integers(0, size, (DRAWS, size + length(window)))
    values = oracle.boot_residual(study, window, index, key, refit=refit)
    loops = {"portfolio_t": oracle.portfolio_t, "sur_F": oracle.sur_f, "gls_mean": oracle.gls_mean}
    t = loops[key](study, window).statistic if refit else float(found.gamma.mean())
    return drawn("boot_residual", len(found.members), t, values, side)


def skew_bootstrap(study: Study, window: Window, side: str) -> Answer:
    values = oracle.cars(study, window)
    n, t = len(values), oracle.skewed(values)
    if not math.isfinite(t):
        return Answer("skew_t", n)
    picks = np.random.default_rng(5).integers(0, n, (DRAWS, max(-(-n // 4), 3)))
    centre = oracle.mean(values)
    found = [oracle.skewed([values[k] for k in pick], "hall", centre) for pick in picks]
    p = oracle.discrete(beyond(t, found, "less"), beyond(t, found, "greater"), side)
    return Answer("skew_t", n, t, "bootstrap", NAN, p, centre)


POINTS = {
    "rademacher": [1.0, -1.0],
    "webb": [s * math.sqrt(v) for v in (1.0, 1.5, 0.5) for s in (1, -1)],
}
#: patterns of weights: more are drawn, no more than these are counted
PATTERNS = 300


def weighted(
    study: Study, window: Window, side: str, *, name: str, weights: str = "rademacher"
) -> Answer:
    """Random weights for events or dates, where there are too many patterns to count."""
    points, sample = POINTS[weights], study.sample(window)
    in_order = sorted(sample, key=lambda e: (e.day0, e.firm))
    values = [event.car(window) for event in in_order]
    if name == "wild_dates":
        groups = oracle.components(in_order, window)
        groups.sort(key=lambda group: min(e.day0 for e in group))
        values = [oracle.mean([e.car(window) for e in group]) for group in groups]
    own = oracle.t_of_mean(values)
    if len(points) ** len(values) <= PATTERNS + 1 or not math.isfinite(own):
        own, p = oracle.sign_patterns(values, side, points)
        return Answer(name, len(sample), own, "bootstrap", NAN, p, oracle.mean(values))
    picks = np.random.default_rng(6).integers(0, len(points), (PATTERNS, len(values)))
    found = [
        oracle.t_of_mean([points[k] * v for k, v in zip(pick, values, strict=True)])
        for pick in picks
    ]
    p, centre = beyond(own, found, side), oracle.mean(values)
    return Answer(name, len(sample), own, "bootstrap", NAN, p, centre)
