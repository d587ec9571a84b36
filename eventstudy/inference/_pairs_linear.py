"""Sums of complete rows of a linear model, without making their residuals.

With e = R − o − Xθ the sum of weighted residuals of a date is Σ w e = w'R − (Σw)·o − X·Σwθ: one
product of the weights with the returns where they stand, and a correction as small as a date.
The norms follow from σ: Σe = 0 with an intercept, Σe² = νσ², less the days at an edge that a lag
leaves out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.engine.gathering import gather
from eventstudy.engine.paths import LinearPaths
from eventstudy.inference._pairs_rows import FLAT
from eventstudy.inference._pairs_whole import STRIP, Standard, Sums
from eventstudy.inference._sample import Sample

#: share of Σe² that has to be left when days are taken off: below it the rest is summed itself
LEFT = 0.25


def closed(abnormal: Abnormal) -> bool:
    """Whether the residuals are those of regressions with an intercept on factors of the date."""
    paths = abnormal.paths
    if not isinstance(paths, LinearPaths) or not paths.matrix.shape[1]:
        return False
    return bool((paths.matrix[:, 0] == 1.0).all())


@dataclass(frozen=True, eq=False)
class Part:
    """Complete events, sorted by date and security."""

    sample: Sample
    #: (m,) their positions in the sample
    events: IntArray
    #: (D,) dates, and (D+1,) where the events of each begin
    dates: IntArray
    begins: IntArray
    #: (p+1, m) parameters, and one for the offset
    params: FloatArray
    #: (p+1, D, L1) columns of the design, and the offset
    design: FloatArray
    #: returns of each date: a view of the panel where the securities stand together
    returns: list[FloatArray]

    @classmethod
    def of(cls, sample: Sample, paths: LinearPaths, events: IntArray) -> Part:
        """Find where the returns of the events stand."""
        abnormal = sample.abnormal
        row, days = sample.rows[events], len(abnormal.estimation)
        begins = np.append(np.flatnonzero(np.diff(row, prepend=-1)), len(row))
        dates = row[begins[:-1]]
        start, index = dates + abnormal.estimation.first, abnormal.path[sample.index[events]]
        columns = np.vstack([paths.matrix.T, paths.offset])
        return cls(
            sample=sample,
            events=events,
            dates=dates,
            begins=begins,
            params=np.vstack([paths.params[index].T, np.ones(len(index))]),
            design=sliding_window_view(columns, days, axis=1)[:, start],
            returns=_returns(paths.returns, paths.firm[index], begins, start, days),
        )

    @property
    def length(self) -> int:
        """L1, the days of the estimation window."""
        return self.design.shape[2]

    def by_date(self, x: FloatArray) -> FloatArray:
        """(…, D) sums of (…, m) ``x`` over the events of each date."""
        return np.asarray(np.add.reduceat(x, self.begins[:-1], axis=-1))

    def lost(self, most: int) -> FloatArray:
        """(2, 2, most + 1, m) Σe and Σe² over the first, and over the last, 0 … ``most`` days."""
        found = np.zeros((2, 2, most + 1, len(self.events)))
        date = np.repeat(np.arange(len(self.dates)), np.diff(self.begins))
        for k in range(most):  # a day at a time: few, and cumsum would go by columns
            for side, day in enumerate((k, self.length - 1 - k)):
                e = np.concatenate([y[:, day] for y in self.returns])
                e -= np.einsum("pm,pm->m", self.design[:, date, day], self.params)
                found[0, side, k + 1] = found[0, side, k] + e
                found[1, side, k + 1] = found[1, side, k] + e * e
        return found


@dataclass(frozen=True, eq=False)
class Weights:
    """What standardises the rows over the days that each of K lags leaves.

    The first axis says which days are left out: 0 the first of the window, 1 the last.
    """

    #: (2, K, m) one over the norm, means, and rows that move
    weight: FloatArray
    mean: FloatArray
    moves: BoolArray
    #: (K,) days
    days: FloatArray

    @classmethod
    def of(cls, part: Part, band: range, squares: FloatArray, lost: FloatArray) -> Weights:
        """From (m,) Σe² and what is lost of it at the edges."""
        lags = slice(band.start, band.stop)
        days = part.length - np.array(band, dtype=float)
        total, left = -lost[0, :, lags], squares - lost[1, :, lags]
        mean = total / days[:, None]
        variance = left - total * mean
        few = np.flatnonzero((left < LEFT * squares).any(axis=(0, 1)))
        if few.size:
            exact = _exact(part.sample.residuals(part.events[few]), band)
            mean[:, :, few], variance[:, :, few] = exact
        moves = variance > FLAT * squares
        return cls(moves / np.sqrt(np.where(moves, variance, 1.0)), mean, moves, days)


def closed_sums(sample: Sample, events: IntArray, bands: list[range]) -> Sums:
    """Sum complete events of a model that is `closed`, sorted by date, for each band of lags."""
    paths = sample.abnormal.paths
    assert isinstance(paths, LinearPaths)  # noqa: S101  (`closed` was asked before)
    part = Part.of(sample, paths, events)
    squares = sample.sigma[events] ** 2 * sample.dof[events]
    lost = part.lost(max(band.stop for band in bands) - 1)
    weights = [Weights.of(part, band, squares, lost) for band in bands]
    series = _weighted(part, weights)
    made = zip(bands, weights, series, strict=True)
    return Sums(part.dates, {band: _standard(part, w, of) for band, w, of in made})


def _returns(
    panel: FloatArray, firm: IntArray, begins: IntArray, start: IntArray, days: int
) -> list[FloatArray]:
    """Estimation windows of each date, copied only where the securities do not stand together."""
    sizes, alone = np.diff(begins), np.diff(firm, append=firm[-1]) != 1
    alone[begins[1:] - 1] = False  # the next security is of another date
    apart = np.add.reduceat(alone, begins[:-1]) > 0
    own = np.repeat(start[apart], sizes[apart])
    copied = gather(panel, firm[np.repeat(apart, sizes)], own, days, np.float64("nan"))
    used = np.cumsum(np.where(apart, sizes, 0))
    places = zip(apart, firm[begins[:-1]], sizes, used, start, strict=True)
    return [
        copied[stop - size : stop] if copy else panel[first : first + size, day : day + days]
        for copy, first, size, stop, day in places
    ]


def _weighted(part: Part, weights: list[Weights]) -> list[FloatArray]:
    """(2K, D, L1) Σ weight · return of each date, for all bands while a strip is in the cache."""
    stacked = [w.weight.reshape(-1, len(part.events)) for w in weights]
    found = [np.zeros((len(w), len(part.dates), part.length)) for w in stacked]
    for d, (y, a) in enumerate(zip(part.returns, part.begins[:-1].tolist(), strict=True)):
        for i in range(0, len(y), STRIP):
            strip = y[i : i + STRIP]
            for out, w in zip(found, stacked, strict=True):
                out[:, d] += w[:, a + i : a + i + len(strip)] @ strip
    return found


def _standard(part: Part, w: Weights, series: FloatArray) -> Standard:
    """Take the expected returns off the weighted ones, and the means off the rest."""
    lags, dates, length = series.shape
    load = part.by_date(w.weight * part.params[:, None, None])
    load[0] += part.by_date(w.weight * w.mean)  # the intercept's
    room = np.empty_like(series)
    for own, column in zip(load.reshape(-1, lags, dates), part.design, strict=True):
        series -= np.multiply(own[:, :, None], column, out=room)
    shape = (2, lags // 2, dates)
    return Standard(
        weighted=series.reshape(*shape, length),
        mean=np.zeros(shape),
        moving=np.add.reduceat(w.moves, part.begins[:-1], axis=2, dtype=np.int64),
        days=np.broadcast_to(w.days[:, None], shape),
    )


def _exact(e: FloatArray, band: range) -> FloatArray:
    """(2, 2, K, m) means and squares about them of residuals of which little is left."""
    found = np.empty((2, 2, len(band), len(e)))
    for j, k in enumerate(band):
        for side, rest in enumerate((e[:, k:], e[:, : e.shape[1] - k])):
            found[0, side, j] = rest.mean(axis=1)
            gap = rest - found[0, side, j, :, None]
            found[1, side, j] = np.einsum("ml,ml->m", gap, gap)
    return found
