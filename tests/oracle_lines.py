"""The plain loop for lines that least squares on the same day's market does not draw.

Scholes–Williams (B.6), Dimson with Fowler–Rorke weights (B.7), Huber, least absolute deviations
and Theil–Sen (B.9): one event at a time, textbook formulas. Nothing of the library is used.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from oracle import Data, Days, Floats, Model, Solved, least_squares, mean

Line = tuple[float, float]


# ── B.6, B.7: neighbouring days of the market ────────────────────────────────────────────
def market(days: Days, t: int, k: int = 0) -> float:
    """The market ``k`` sessions after day ``t`` of the event."""
    return float(days.data.factors_on(days.rows[t] + k)[0])


def slope(x: Sequence[float], y: Sequence[float]) -> float:
    """The slope of a simple regression."""
    mx, my = mean(x), mean(y)
    cross = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True))
    return cross / sum((a - mx) ** 2 for a in x)


def autocorrelation(days: Days, used: Sequence[int], lag: int) -> float:
    """ρ over pairs of used days that are ``lag`` sessions apart, mean and variance of all."""
    values = {days.rows[t]: market(days, t) for t in used}
    m = mean(list(values.values()))
    pairs = sum(
        (values[row] - m) * (values[row - lag] - m) for row in values if row - lag in values
    )
    return pairs / sum((v - m) ** 2 for v in values.values())


def through_means(days: Days, used: Sequence[int], beta: float) -> Floats:
    """α and β of the line with slope β through the means."""
    y = mean([float(days.actual[t]) for t in used])
    return np.array([y - beta * mean([market(days, t) for t in used]), beta])


@dataclass(frozen=True)
class ScholesWilliams(Model):
    """B.6 with ruling M.3: the neighbours lie inside the estimation window."""

    common: bool = False

    def solve(self, days: Days) -> Solved:
        free = [
            t for t in range(days.length) if t not in days.masked and math.isfinite(market(days, t))
        ]
        used = [t for t in days.valid if t - 1 in free and t + 1 in free]
        y = [float(days.actual[t]) for t in used]
        slopes = [slope([market(days, t, k) for t in used], y) for k in (-1, 0, 1)]
        beta = sum(slopes) / (1.0 + 2.0 * autocorrelation(days, used, 1))
        return Solved(used, through_means(days, used, beta), len(used) - 2)


@dataclass(frozen=True)
class Dimson(Model):
    """B.7 with ruling M.3: leads and lags stay out of the event window."""

    common: bool = False
    n: int = 1
    full: bool = False
    fowler_rorke: bool = False

    @property
    def p(self) -> int:
        return 2 * self.n + 2

    def around(self, data: Data, row: int) -> Floats:
        """1 and the market of the days row − n, …, row + n."""
        days = range(row - self.n, row + self.n + 1)
        return np.array([1.0, *(float(data.factors_on(day)[0]) for day in days)])

    def row(self, data: Data, row: int) -> Floats:
        return self.around(data, row) if self.full else self.design(data.factors_on(row))

    def solve(self, days: Days) -> Solved:
        event = days.rows[days.length :]
        used, rows = [], []
        for t in days.valid:
            x = self.around(days.data, days.rows[t])
            near = range(days.rows[t] - self.n, days.rows[t] + self.n + 1)
            if np.isfinite(x).all() and not any(row in event for row in near):
                used.append(t)
                rows.append(x)
        theta = least_squares(np.array(rows), days.actual[used])[1]
        if not self.full:
            weights = [self.weight(days, used, k) for k in range(-self.n, self.n + 1)]
            beta = sum(w * float(b) for w, b in zip(weights, theta[1:], strict=True))
            theta = through_means(days, used, beta)
        return Solved(used, theta, len(used) - self.p)

    def weight(self, days: Days, used: list[int], k: int) -> float:
        """Fowler–Rorke: published for n = 1 and n = 2."""
        if not self.fowler_rorke or k == 0:
            return 1.0
        r1 = autocorrelation(days, used, 1)
        if self.n == 1:
            return (1 + r1) / (1 + 2 * r1)
        r2 = autocorrelation(days, used, 2)
        above = 1 + 2 * r1 + r2 if abs(k) == 1 else 1 + r1 + r2
        return above / (1 + 2 * r1 + 2 * r2)


# ── B.9: robust lines ────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Robust(Model):
    """B.9: a line through the valid days."""

    common: bool = False
    method: str = "huber"
    k: float = 1.345
    separate: bool = False

    def solve(self, days: Days) -> Solved:
        x = [market(days, t) for t in days.valid]
        y = [float(days.actual[t]) for t in days.valid]
        line = {"huber": self.huber, "lad": lad, "theil-sen": self.theil_sen}[self.method]
        return Solved(days.valid, np.array(line(x, y)), len(days.valid) - 2)

    def huber(self, x: list[float], y: list[float]) -> Line:
        return huber(x, y, self.k)

    def theil_sen(self, x: list[float], y: list[float]) -> Line:
        return theil_sen(x, y, separate=self.separate)


def weighted(x: Sequence[float], y: Sequence[float], w: Sequence[float]) -> Line:
    """α and β of weighted least squares, by the normal equations about the weighted means."""
    total = sum(w)
    mx = sum(a * b for a, b in zip(w, x, strict=True)) / total
    my = sum(a * b for a, b in zip(w, y, strict=True)) / total
    cross = sum(a * (b - mx) * (c - my) for a, b, c in zip(w, x, y, strict=True))
    beta = cross / sum(a * (b - mx) ** 2 for a, b in zip(w, x, strict=True))
    return my - beta * mx, beta


def huber(x: Sequence[float], y: Sequence[float], k: float = 1.345) -> Line:
    """Textbook IRLS from least squares on; the scale is renewed in each pass."""
    alpha, beta = weighted(x, y, [1.0] * len(x))
    size = max(abs(v) for v in y)
    for _ in range(200):
        e = [b - alpha - beta * a for a, b in zip(x, y, strict=True)]
        middle = statistics.median(e)
        s = statistics.median([abs(v - middle) for v in e]) / 0.67448975
        if s <= 1e-15 * size:
            break
        weights = [min(1.0, k * s / abs(v)) if v else 1.0 for v in e]
        new = weighted(x, y, weights)
        moved = max(abs(new[0] - alpha + (new[1] - beta) * a) for a in x)
        alpha, beta = new
        if moved <= 1e-12 * s + 1e-15 * size:
            break
    return alpha, beta


def pairs(x: Sequence[float], y: Sequence[float]) -> list[Line]:
    """The lines through any two points with different x."""
    found = []
    for j in range(len(x)):
        for i in range(j):
            if x[i] != x[j]:
                beta = (y[j] - y[i]) / (x[j] - x[i])
                found.append((y[i] - beta * x[i], beta))
    return found


def smallest(low: float, high: float) -> float:
    """The number of an interval that is nearest to zero."""
    return min(max(0.0, low), high)


def lad(x: Sequence[float], y: Sequence[float]) -> Line:
    """Least absolute deviations: a best line goes through two points, so try them all.

    The best lines are a convex set with such lines as corners: take its smallest |β|, then the
    smallest |α|, which is a median of y − βx.
    """
    lines = pairs(x, y)
    points, values = np.array(x), np.array(y)
    cost = [float(np.abs(values - a - b * points).sum()) for a, b in lines]
    enough = min(cost) * (1.0 + 1e-12)
    best = [b for (_, b), c in zip(lines, cost, strict=True) if c <= enough]
    beta = smallest(min(best), max(best))
    rest = sorted(b - beta * a for a, b in zip(x, y, strict=True))
    m = len(rest)
    return smallest(rest[(m - 1) // 2], rest[m // 2]), beta


def theil_sen(x: Sequence[float], y: Sequence[float], *, separate: bool = False) -> Line:
    """The median of the slopes of all pairs."""
    beta = statistics.median([b for _, b in pairs(x, y)])
    if separate:
        return statistics.median(y) - beta * statistics.median(x), beta
    return statistics.median([b - beta * a for a, b in zip(x, y, strict=True)]), beta
