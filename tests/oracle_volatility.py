"""Abnormal volatility as plain loops: one event, one day at a time; no code of the package.

Every estimation day is fitted again without it, which the package never does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special, stats

Array = npt.NDArray[np.float64]


@dataclass
class Event:
    """U of one event: on its event days, and on each estimation day as if that were the event."""

    row: int
    dof: float
    during: list[float]
    before: list[float]


def u_of(y: Array, x: Array, known: Sequence[int], day: int) -> tuple[float, float]:
    """AR²/(σ̂²C) of one day against the regression on ``known`` days, and ν."""
    design = np.array([[1.0, *x[t]] for t in known])
    answer = np.array([y[t] for t in known])
    inverse = np.linalg.inv(design.T @ design)
    theta = inverse @ (design.T @ answer)
    dof = len(known) - design.shape[1]
    variance = sum((a - d @ theta) ** 2 for a, d in zip(answer, design, strict=True)) / dof
    here = np.array([1.0, *x[day]])
    c = 1.0 + here @ inverse @ here
    return float((y[day] - here @ theta) ** 2 / (variance * c)), float(dof)


def event(
    y: Array, x: Array, row: int, estimation: tuple[int, int], window: tuple[int, int]
) -> Event:
    """One event on day ``row``; ``y`` are its returns, ``x`` (T, K) the factors."""
    days = [row + t for t in range(estimation[0], estimation[1] + 1)]
    known = [t for t in days if np.isfinite(y[t])]
    during, dof = [], math.nan
    for t in range(window[0], window[1] + 1):
        u, dof = u_of(y, x, known, row + t) if np.isfinite(y[row + t]) else (math.nan, dof)
        during.append(u)
    before = []
    for t in days:
        rest = [s for s in known if s != t]
        before.append(u_of(y, x, rest, t)[0] if t in known else math.nan)
    return Event(row, float(len(known) - 1 - x.shape[1]), during, before)


def log(x: float) -> float:
    return math.log(x) if x > 0 else math.nan


def mean_of(values: Sequence[float]) -> float:
    known = [v for v in values if not math.isnan(v)]
    return sum(known) / len(known) if known else math.nan


def clusters_of(rows: Sequence[int], length: int) -> list[list[int]]:
    """Positions of the events, by chains of dates with overlapping windows."""
    found: list[list[int]] = []
    last = None
    for row in sorted(set(rows)):
        if last is None or row - last >= length:
            found.append([])
        found[-1] += [i for i, r in enumerate(rows) if r == row]
        last = row
    return found


def avol(events: Sequence[Event], days: Sequence[int], *, logs: bool = False) -> float:
    """Mean over the events of their mean U (ln U) over the event days ``days`` (columns)."""
    each = []
    for one in events:
        values = [one.during[t] for t in days]
        each.append(mean_of([log(v) for v in values] if logs else values))
    return mean_of(each)


def cluster_days(events: Sequence[Event], *, logs: bool) -> list[float]:
    """Mean U (ln U) of the events of a cluster on each estimation day."""
    found = []
    for t in range(len(events[0].before)):
        values = [one.before[t] for one in events]
        found.append(mean_of([log(v) for v in values] if logs else values))
    return found


def placebo_means(events: Sequence[Event], length: int, *, logs: bool = False) -> list[float]:
    """Means over all windows of successive estimation days, of the events of one cluster."""
    days = cluster_days(events, logs=logs)
    sums = [sum(days[t : t + length]) / length for t in range(len(days) - length + 1)]
    return [s for s in sums if not math.isnan(s)]


def placebo_pvalue(x: float, values: Sequence[float]) -> float:
    """Twice the smaller tail, the sample counted in both."""
    upper = (1 + sum(v >= x - 1e-10 * abs(x) for v in values)) / (1 + len(values))
    lower = (1 + sum(v <= x + 1e-10 * abs(x) for v in values)) / (1 + len(values))
    return min(1.0, 2.0 * min(upper, lower))


def drawn(
    events: Sequence[Event], length: int, draws: int, seed: int, *, logs: bool = False
) -> list[float]:
    """Placebo means of several clusters, one window of each drawn by the same random numbers."""
    groups = [[events[i] for i in some] for some in clusters_of([e.row for e in events], length)]
    values = [placebo_means(group, length, logs=logs) for group in groups]
    random = np.random.Generator(np.random.PCG64(seed)).random((draws, len(groups)))
    found = []
    for row in random:
        total = 0.0
        for group, mine, share in zip(groups, values, row, strict=True):
            total += len(group) * mine[int(share * len(mine))]
        found.append(total / len(events))
    return found


def dates_t(events: Sequence[Event], days: Sequence[int]) -> tuple[float, float]:
    """T of the clusters' mean ln U less that of their estimation days, and its p-value."""
    gaps = []
    for some in clusters_of([e.row for e in events], len(days)):
        group = [events[i] for i in some]
        usual = mean_of(cluster_days(group, logs=True))
        gaps.append(avol(group, days, logs=True) - usual)
    n = len(gaps)
    mean = sum(gaps) / n
    sd = math.sqrt(sum((g - mean) ** 2 for g in gaps) / (n - 1))
    t = mean / (sd / math.sqrt(n))
    return t, float(2 * stats.t.sf(abs(t), n - 1))


def normal_law(events: Sequence[Event], days: Sequence[int]) -> tuple[float, float, float]:
    """Statistic, degrees of freedom and upper tail of AVOL under independent normal returns."""
    mean = variance = 0.0
    length = len(days)
    for one in events:
        law = stats.f(length, one.dof)
        mean += law.mean() / len(events)
        variance += law.var() / len(events) ** 2
    x = avol(events, days)
    if len(events) == 1:
        return x, events[0].dof, float(stats.f(length, events[0].dof).sf(x))
    df = 2 * mean**2 / variance
    return 2 * mean * x / variance, df, float(stats.chi2(df).sf(2 * mean * x / variance))


def normal_log_law(events: Sequence[Event], days: Sequence[int]) -> float:
    """Z of the mean ln U under independent normal returns."""
    mean = variance = 0.0
    for one in events:
        v = one.dof
        mean += (special.digamma(0.5) - special.digamma(v / 2) + math.log(v)) / len(events)
        each = special.polygamma(1, 0.5) / len(days) + special.polygamma(1, v / 2)
        variance += each / len(events) ** 2
    return float((avol(events, days, logs=True) - mean) / math.sqrt(variance))


def kurtosis(events: Sequence[Event]) -> float:
    """E[U²]/E[U]² of all estimation days."""
    u = [v for one in events for v in one.before if not math.isnan(v)]
    return mean_of([v**2 for v in u]) / mean_of(u) ** 2


def spread(e: Sequence[float], h: Sequence[float]) -> float:
    """λ of one day: residuals and forecast variances of N events."""
    there = [i for i in range(len(e)) if not (math.isnan(e[i]) or math.isnan(h[i]))]
    n = len(there)
    if n < 3:
        return math.nan
    total = 0.0
    for i in there:
        top = (n * e[i] - sum(e[j] for j in there)) ** 2
        total += top / (n * (n - 2) * h[i] + sum(h[j] for j in there))
    return total / (n - 1)


def garch_variances(e: Array, parameters: Array, ahead: int) -> list[float]:
    """Variance of each estimation day, foreseen ``ahead`` days before by a GARCH(1, 1)."""
    omega, a, b = parameters
    known = [v for v in e if not math.isnan(v)]
    now = omega + (a + b) * sum(v**2 for v in known) / len(known)
    one_ahead = []
    for shock in e:
        one_ahead.append(now)
        if not math.isnan(shock):
            now = omega + a * shock**2 + b * now
    level = omega / (1 - a - b)
    found = []
    for t in range(len(e)):
        if t < ahead:
            found.append(math.nan)
        else:
            first = one_ahead[t - ahead + 1]
            found.append(level + (a + b) ** (ahead - 1) * (first - level))
    return found


def parkinson(high: float, low: float) -> float:
    """Logarithm of the variance of one day."""
    return math.log(math.log(high / low) ** 2 / (4 * math.log(2)))


def garman_klass(prices: tuple[float, float, float, float]) -> float:
    """Logarithm of the variance of one day, from open, high, low and close."""
    o, h, low, c = prices
    wide, moved = math.log(h / low), math.log(c / o)
    return math.log(0.5 * wide**2 - (2 * math.log(2) - 1) * moved**2)
