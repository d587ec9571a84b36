"""Pairs of which a row has gaps: correlations over common days, by matrix products.

Rows lie on the calendar, so that the common days of events a few sessions apart are the common
columns, and all dates near a date are one block.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.arrays import FloatArray, IntArray
from eventstudy.inference._pairs_rows import FLAT, Chunk, Rows

#: pairs that are compared at a time
BLOCK = 1 << 17

#: of (n, m) pairs, over their common days: Σxy, Σx² and Σy² about the means, and the days.
#: Rows are at norm one and about mean zero over their own days, so no digits are lost
Moments = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
#: of each of m rows: the sum of its correlations, and usable pairs
Found = tuple[FloatArray, IntArray]


@dataclass(frozen=True, eq=False)
class Layers:
    """Rows on the calendar, three times: standardised over their own days, squared, and 0/1."""

    #: (3, m, C) zeros where there is no residual
    layers: FloatArray
    #: (D,) dates, (D+1,) where their rows begin, and estimation days
    dates: IntArray
    begins: IntArray
    days: int

    @classmethod
    def of(cls, rows: Rows) -> Layers:
        """Lay out rows; the first column is the first day of the first date's window."""
        days, m = rows.e.shape[1], len(rows)
        norm = np.sqrt(np.einsum("nl,nl->n", rows.e, rows.e))
        scale = 1.0 / np.where(norm > 0, norm, 1.0)[:, None]
        width = days + int(rows.dates[-1] - rows.dates[0]) if m else 0
        layers = np.empty((3, m, width))
        for start, a, b in zip(
            rows.dates - rows.dates[:1], rows.begins[:-1], rows.begins[1:], strict=True
        ):
            layers[:, a:b, :start] = layers[:, a:b, start + days :] = 0.0
            x, squared, there = layers[:, a:b, start : start + days]
            np.multiply(rows.e[a:b], scale[a:b], out=x)
            np.square(x, out=squared)
            there[:] = rows.there[a:b]
        return cls(layers, rows.dates, rows.begins, days)

    def cut(self, rows: slice, first: int, last: int) -> FloatArray:
        """(3, n, c) some rows on the calendar days ``first`` … ``last - 1``."""
        start = self.dates[0]
        return self.layers[:, rows, first - start : last - start]


@dataclass(frozen=True, eq=False)
class Gaps:
    """The rows with gaps of a chunk, and those without: both are partners."""

    gaps: Layers
    whole: Layers

    @classmethod
    def of(cls, chunk: Chunk) -> Gaps:
        """Lay out a chunk."""
        return cls(Layers.of(chunk.gaps), Layers.of(chunk.whole))


def pairs(a: Gaps, b: Gaps, band: range, least: int) -> tuple[FloatArray, IntArray]:
    """For each lag, the sum of the correlations of the earlier rows a with b; usable pairs.

    Pairs of two complete rows are left to `_pairs_whole`. With ``a is b`` a pair counts once.
    """
    kinds = [(a.gaps, b.gaps), (a.gaps, b.whole), (a.whole, b.gaps)]
    total, used = np.zeros(len(band)), np.zeros(len(band), dtype=np.int64)
    if a is b and band.start == 0:  # the band of lag 0 alone
        kinds = kinds[1:2]
        total[0], used[0] = _within(a.gaps, least)
    for x, y in kinds:
        found = _across(x, y, band, least)
        total, used = total + found[0], used + found[1]
    return total, used


def _within(x: Layers, least: int) -> tuple[float, int]:
    """Sum over the pairs of events on each date; usable pairs."""
    total, used = 0.0, 0
    for d, date in enumerate(x.dates):
        stop = x.begins[d + 1]
        for rows in _parts(x.begins[d], stop, stop - x.begins[d]):
            own = x.cut(rows, date, date + x.days)
            rho, n = _correlations(_own_moments(own), least, itself=True)
            total, used = total + rho.sum() / 2.0, used + int(n.sum()) // 2
            if rows.stop < stop:
                later = x.cut(slice(rows.stop, stop), date, date + x.days)
                rho, n = _correlations(_moments(own, later), least)
                total, used = total + rho.sum(), used + int(n.sum())
    return float(total), used


def _across(x: Layers, y: Layers, band: range, least: int) -> tuple[FloatArray, IntArray]:
    """For each lag, sum over the rows of x and the rows of y that many sessions later."""
    total, used = np.zeros(len(band)), np.zeros(len(band), dtype=np.int64)
    near = np.searchsorted(y.dates, x.dates + band.start)
    far = np.searchsorted(y.dates, x.dates + band.stop)
    date_of = np.repeat(y.dates, np.diff(y.begins))
    for d in np.flatnonzero(near < far):
        date, a, b = x.dates[d], y.begins[near[d]], y.begins[far[d]]
        lag = date_of[a:b] - date - band.start
        days = (y.dates[near[d]], date + x.days)
        others = y.cut(slice(a, b), *days)
        for rows in _parts(x.begins[d], x.begins[d + 1], b - a):
            rho, n = _correlations(_moments(x.cut(rows, *days), others), least)
            total += np.bincount(lag, rho, len(band))
            used += np.bincount(lag, n, len(band)).astype(np.int64)
    return total, used


def _parts(start: int, stop: int, others: int) -> list[slice]:
    """Slices of start … stop such that each makes at most `BLOCK` pairs with ``others`` rows."""
    size = max(1, BLOCK // max(others, 1))
    return [slice(a, min(a + size, stop)) for a in range(start, stop, size)]


def _moments(a: FloatArray, b: FloatArray) -> Moments:
    """Moments of all pairs of rows of a (3, n, c) and of b (3, m, c)."""
    sum_a, var_a, count = a @ b[2].T
    sum_b, var_b = a[2] @ b[:2].transpose(0, 2, 1)
    covariance = a[0] @ b[0].T
    share = 1.0 / np.maximum(count, 1.0)
    mean_a = sum_a * share
    covariance -= mean_a * sum_b
    var_a -= mean_a * sum_a
    share *= sum_b
    share *= sum_b
    var_b -= share
    return covariance, var_a, var_b, count


def _own_moments(a: FloatArray) -> Moments:
    """Moments of all pairs of rows of a (3, n, c)."""
    total, variance, count = a @ a[2].T
    covariance = a[0] @ a[0].T
    mean = total / np.maximum(count, 1.0)
    covariance -= mean * total.T
    variance -= mean * total
    return covariance, variance, variance.T, count


def _correlations(moments: Moments, least: int, *, itself: bool = False) -> Found:
    """Sum of the correlations of each column, and its usable pairs.

    ``itself`` leaves out the pairs of a row with itself.
    """
    covariance, var_a, var_b, count = moments
    both = var_a * var_b
    used = np.full(both.shape[1], len(both) - itself)
    if itself:
        np.fill_diagonal(both, np.inf)
    # no variance exceeds one: where the product is above the bound, both factors are
    if count.min() < least or both.min() <= FLAT:
        unusable = (count < least) | (var_a <= FLAT) | (var_b <= FLAT)
        if itself:
            np.fill_diagonal(unusable, val=False)
        np.copyto(both, np.inf, where=unusable)
        used -= unusable.sum(axis=0)
    covariance /= np.sqrt(both, out=both)
    return covariance.sum(axis=0), used
