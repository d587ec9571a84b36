"""What the same measure is on usual days: windows of the estimation days, drawn by cluster (D.19).

All events of a date move together, so a whole cross-section of an estimation day is drawn at a
time, and of dates with overlapping windows one stretch of calendar days for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy.activity.conditional_variance import spreads
from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.inference._resampling import Rng, batches, generator
from eventstudy.inference._sample import Sample


@dataclass(frozen=True, eq=False)
class DaySums:
    """Sums of U and of ln U over the events of a date, for each estimation day."""

    #: (D, L1) sums, and how many events each has
    total: FloatArray
    count: FloatArray
    logs: FloatArray
    counted: FloatArray
    #: E[U²]/E[U]²: 3 under normality
    kurtosis: float

    def means(self, cluster: IntArray, *, log: bool) -> FloatArray:
        """(C, L1) means over the events of each cluster; NaN on days without any."""
        total, count = (self.logs, self.counted) if log else (self.total, self.count)
        sums = [np.zeros((int(cluster[-1]) + 1, total.shape[1])) for _ in range(2)]
        for found, each in zip(sums, (total, count), strict=True):
            np.add.at(found, cluster, each)
        nothing = np.full(sums[0].shape, np.nan)
        return np.asarray(np.divide(sums[0], sums[1], out=nothing, where=sums[1] > 0))


def day_sums(sample: Sample, before: Callable[[IntArray], FloatArray]) -> DaySums:
    """Add up ``before(index)``, the (m, L1) U of events, date by date."""
    shape = (sample.n_dates, len(sample.abnormal.estimation))
    total, count, logs, counted = (np.zeros(shape) for _ in range(4))
    moments = np.zeros(2)
    for some in sample.chunks():
        date = np.searchsorted(sample.dates, sample.rows[some])
        u = before(sample.index[some])
        with np.errstate(divide="ignore"):
            pairs = ((u, total, count), (np.log(u), logs, counted))
        for x, sums, counts in pairs:
            found = np.isfinite(x)
            np.add.at(sums, date, np.where(found, x, 0.0))
            np.add.at(counts, date, found)
        moments += np.nansum(np.where(np.isfinite(u), u, np.nan) ** 2), np.isfinite(u).sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        kurtosis = float(moments[0] / moments[1] / (total.sum() / moments[1]) ** 2)
    return DaySums(total, count, logs, counted, kurtosis)


@dataclass(frozen=True, eq=False)
class Starts:
    """Where the placebo windows of each cluster may begin."""

    #: (C, S) first days, those of each cluster first, and (C,) how many it has
    first: IntArray
    count: IntArray

    @classmethod
    def of(cls, usable: BoolArray) -> Starts:
        """Read them from (C, S) truth values."""
        first = np.argsort(~usable, axis=1, kind="stable")
        return cls(first.astype(np.int64), usable.sum(axis=1))

    @property
    def enough(self) -> bool:
        """Whether each cluster has a window at all."""
        return bool(len(self.count)) and bool((self.count > 0).all())

    def drawn(self, draws: int, rng: Rng, *, each: int = 1) -> Iterator[IntArray]:
        """(b, C) first days; all windows of a lone cluster, one after the other."""
        if len(self.count) == 1:
            whole = self.first[:, : self.count[0]].T
            yield from (whole[part] for part in batches(len(whole), each=each))
            return
        random = generator(rng)
        for part in batches(draws, each=max(each, len(self.count))):
            share = random.random((part.stop - part.start, len(self.count)))
            place = (share * self.count).astype(np.int64)
            yield self.first[np.arange(len(self.count)), place]


@dataclass(frozen=True, eq=False)
class Usual:
    """Values of a measure in placebo windows, their mean, and the fewest windows of a cluster."""

    values: FloatArray
    mean: float
    windows: int
    #: whether the values are all windows of one cluster
    whole: bool

    @property
    def band(self) -> tuple[float, float]:
        """The middle 95 % of the values."""
        if not len(self.values):
            return float("nan"), float("nan")
        low, high = np.quantile(self.values, (0.025, 0.975))
        return float(low), float(high)


NOTHING = Usual(np.empty(0), float("nan"), 0, whole=False)


def usual_means(series: Sequence[FloatArray], sizes: IntArray, draws: int, rng: Rng) -> Usual:
    """Draw Σ_c n_c m_c / N, with m_c the mean of a cluster over a placebo window.

    Parameters
    ----------
    series : L arrays (C, L1)
        Mean of the clusters on each estimation day, as seen for each day of the window.
    sizes : (C,) array
        Events n_c of the clusters.
    """
    length = len(series)
    room = series[0].shape[1] - length + 1
    if room < 1:
        return NOTHING
    means = np.mean([days[:, j : j + room] for j, days in enumerate(series)], axis=0)
    starts = Starts.of(np.isfinite(means))
    if not starts.enough:
        return NOTHING
    weight, cluster = sizes / sizes.sum(), np.arange(len(sizes))
    drawn = [means[cluster, first] @ weight for first in starts.drawn(draws, rng)]
    mean = float(weight @ np.nanmean(means, axis=1))
    return Usual(np.concatenate(drawn), mean, int(starts.count.min()), len(sizes) == 1)


def usual_spreads(
    e: FloatArray, variances: Sequence[FloatArray], component: IntArray, draws: int, rng: Rng
) -> Usual:
    """Draw the mean λ of placebo windows.

    Parameters
    ----------
    e : (n, L1) array
        Residuals of the estimation days.
    variances : L arrays (n, L1)
        Their variances, as foreseen for each day of the window.
    component : (n,) array
        The cluster of each event.
    """
    length, clusters = len(variances), int(component.max()) + 1
    room = e.shape[1] - length + 1
    if room < 1:
        return NOTHING
    usable = np.ones((clusters, room), dtype=bool)
    for j, h in enumerate(variances):
        there = np.zeros((clusters, e.shape[1]))
        np.add.at(there, component, np.isfinite(e) & np.isfinite(h))
        usable &= there[:, j : j + room] > 0
    starts = Starts.of(usable)
    if not starts.enough:
        return NOTHING
    row, drawn = np.arange(len(e)), []
    for first in starts.drawn(draws, rng, each=4 * len(e)):
        at = first[:, component]
        found = [spreads(e[row, at + j], h[row, at + j])[0] for j, h in enumerate(variances)]
        drawn.append(np.mean(found, axis=0))
    values = np.concatenate(drawn)
    values = values[np.isfinite(values)]
    if not len(values):
        return NOTHING
    return Usual(values, float(values.mean()), int(starts.count.min()), clusters == 1)
