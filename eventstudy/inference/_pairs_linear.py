"""Standardised sums of complete rows of a linear model, without making their residuals.

The norms follow from σ: Σe = 0 with an intercept, Σe² = νσ², less the days at an edge that a lag
leaves out. The sums of e over its norm are those of `_linear_rows`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.inference._linear_rows import LinearRows
from eventstudy.inference._pairs_rows import FLAT
from eventstudy.inference._pairs_whole import Standard, Sums
from eventstudy.inference._sample import Sample

#: share of Σe² that has to be left when days are taken off: below it the rest is summed itself
LEFT = 0.25


def closed_sums(sample: Sample, events: IntArray, bands: list[range]) -> Sums:
    """Sum the rows of complete events, sorted by date, for each band of lags."""
    rows = LinearRows.of(sample, events)
    lost = _lost(rows, max(band.stop for band in bands) - 1)
    weights = [Weights.of(rows, band, lost) for band in bands]
    flat = [w.weight.reshape(-1, len(events)) for w in weights]
    means = [rows.by_date((w.weight * w.mean).reshape(-1, len(events))) for w in weights]
    series = rows.weighted(flat, means)
    made = zip(bands, weights, series, strict=True)
    return Sums(rows.dates, {band: _standard(rows, w, z) for band, w, z in made})


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
    def of(cls, rows: LinearRows, band: range, lost: FloatArray) -> Weights:
        """From σ and what is lost at the edges; see `_lost`."""
        s, lags = rows.sample, slice(band.start, band.stop)
        squares = s.sigma[rows.events] ** 2 * s.dof[rows.events]
        days = rows.length - np.array(band, dtype=float)
        total, left = -lost[0, :, lags], squares - lost[1, :, lags]
        mean = total / days[:, None]
        variance = left - total * mean
        few = np.flatnonzero((left < LEFT * squares).any(axis=(0, 1)))
        if few.size:
            exact = _exact(s.residuals(rows.events[few]), band)
            mean[:, :, few], variance[:, :, few] = exact
        moves = variance > FLAT * squares
        return cls(moves / np.sqrt(np.where(moves, variance, 1.0)), mean, moves, days)


def _lost(rows: LinearRows, most: int) -> FloatArray:
    """(2, 2, most + 1, m) Σe and Σe² over the first, and over the last, 0 … ``most`` days."""
    found = np.zeros((2, 2, most + 1, len(rows.events)))
    ends = rows.days(slice(0, most)), rows.days(slice(rows.length - most, rows.length))[::-1]
    for side, days in enumerate(ends):
        for k, e in enumerate(days):  # a day at a time: few, and cumsum would go by columns
            np.add(found[0, side, k], e, out=found[0, side, k + 1])
            np.add(found[1, side, k], e * e, out=found[1, side, k + 1])
    return found


def _exact(e: FloatArray, band: range) -> FloatArray:
    """(2, 2, K, m) means and squares about them of residuals of which little is left."""
    found = np.empty((2, 2, len(band), len(e)))
    for j, k in enumerate(band):
        for side, rest in enumerate((e[:, k:], e[:, : e.shape[1] - k])):
            found[0, side, j] = rest.mean(axis=1)
            gap = rest - found[0, side, j, :, None]
            found[1, side, j] = np.einsum("ml,ml->m", gap, gap)
    return found


def _standard(rows: LinearRows, w: Weights, series: FloatArray) -> Standard:
    lags, dates, length = series.shape
    shape = (2, lags // 2, dates)
    return Standard(
        weighted=series.reshape(*shape, length),
        mean=np.zeros(shape),
        moving=np.add.reduceat(w.moves, rows.begins[:-1], axis=2, dtype=np.int64),
        days=np.broadcast_to(w.days[:, None], shape),
    )
