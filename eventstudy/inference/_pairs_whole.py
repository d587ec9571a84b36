"""Pairs of complete rows: sums of standardised rows, date by date, for several lags at once.

The sum of all correlations between two dates is (Σ_i z_i)·(Σ_j z_j) for rows z at mean zero and
norm one over the common days. At a lag of k sessions these are all days but the first k of the
earlier date, all but the last k of the later one; so each date needs its sum of z for each k,
twice, and one small matrix product gives them all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.inference._pairs_rows import FLAT, Rows


@dataclass(frozen=True, eq=False)
class Standard:
    """Sums of standardised rows by date, for each of K lags.

    The first axis says which days are left out: 0 the first of the window, 1 the last.
    """

    #: (2, K, D, L1) Σ e / norm
    weighted: FloatArray
    #: (2, K, D) Σ mean / norm, rows that move, and known days
    mean: FloatArray
    moving: IntArray
    days: FloatArray


@dataclass(frozen=True, eq=False)
class Sums:
    """What the complete rows of D dates add to r̄, for each band of lags."""

    dates: IntArray
    bands: dict[range, Standard]

    @classmethod
    def of(cls, rows: Rows, known: BoolArray, bands: list[range], edge: int) -> Sums:
        """Sum the rows of each date.

        ``known`` is (D, L1). ``edge`` is the largest lag that any window could have, so that
        a lag has the same digits whatever else is asked.
        """
        if not len(rows):
            return cls(rows.dates, {})
        lags = bands[-1].stop
        sums = -_dropped(rows.e, lags)  # rows are at mean zero
        squares = _squares(rows.e, edge)
        days = known.sum(axis=1) - _dropped(known.astype(float), lags)
        return cls(rows.dates, {x: _standard(rows, x, sums, squares, days) for x in bands})


def pairs(a: Sums, b: Sums, band: range, least: int) -> tuple[FloatArray, IntArray]:
    """For each lag, the sum of the correlations of the earlier rows a with b; usable pairs.

    With ``a is b`` each pair counts once: Σ_{i<j} ρ_ij = (‖Σ z_i‖² − n) / 2 inside a date.
    """
    total, used = np.zeros(len(band)), np.zeros(len(band), dtype=np.int64)
    if not (a.bands and b.bands):
        return total, used
    one, two = a.bands[band], b.bands[band]
    apart = b.dates - a.dates[:, None]
    for k, lag in enumerate(band):
        p, q = np.nonzero((apart == lag) & (one.days[0, k, :, None] >= least))
        n, m = one.moving[0, k, p], two.moving[1, k, q]
        x, y = one.weighted[0, k, p, lag:], two.weighted[1, k, q]
        rho = np.einsum("pl,pl->p", x, y[:, : x.shape[1]])
        rho -= one.mean[0, k, p] * two.mean[1, k, q] * one.days[0, k, p]
        if a is b and lag == 0:
            total[k], used[k] = (rho - n)[n > 1].sum() / 2.0, (n * (n - 1) // 2).sum()
        else:
            total[k], used[k] = rho.sum(), (n * m).sum()
    return total, used


def _standard(
    rows: Rows, band: range, sums: FloatArray, squares: FloatArray, days: FloatArray
) -> Standard:
    """Standardise from Σe and Σe² (2, K, m): rows are centred, so that costs no digits."""
    lags, starts = slice(band.start, band.stop), rows.begins[:-1]
    days = days[:, lags]
    mean = sums[:, lags] / np.repeat(np.maximum(days, 1.0), rows.sizes, axis=2)
    variance = squares[:, lags] - sums[:, lags] * mean
    moves = variance > FLAT * squares[:, :1]
    weight = moves / np.sqrt(np.where(moves, variance, 1.0))
    weighted = np.empty((len(rows.dates), 2 * len(band), rows.e.shape[1]))
    stacked = weight.reshape(2 * len(band), -1)
    for d, (a, b) in enumerate(zip(starts, rows.begins[1:], strict=True)):
        np.matmul(stacked[:, a:b], rows.e[a:b], out=weighted[d])
    return Standard(
        weighted=weighted.reshape(-1, 2, len(band), rows.e.shape[1]).transpose(1, 2, 0, 3),
        mean=np.add.reduceat(weight * mean, starts, axis=2),
        moving=np.add.reduceat(moves, starts, axis=2, dtype=np.int64),
        days=days,
    )


def _dropped(x: FloatArray, lags: int) -> FloatArray:
    """(2, lags, m) sums of the first, and of the last, 0 … ``lags - 1`` columns of (m, L1)."""
    found = np.zeros((2, lags, len(x)))
    found[0, 1:], found[1, 1:] = x[:, : lags - 1].T, x[:, ::-1][:, : lags - 1].T
    return np.asarray(found.cumsum(axis=1))


def _squares(x: FloatArray, edge: int) -> FloatArray:
    """(2, edge+1, m) Σx² without the first, and without the last, 0 … ``edge`` columns.

    What is left of all columns is summed first, those at the edges are added one by one:
    nothing is subtracted, so a large value at an edge does no harm to the rest.
    """
    length = x.shape[1]
    low, high = min(edge, length - edge), max(edge, length - edge)
    middle = _square(x[:, edge : length - edge])
    found = np.empty((2, edge + 1, len(x)))
    found[0, edge] = middle + _square(x[:, high:])
    found[1, edge] = middle + _square(x[:, :low])
    np.square(x[:, :edge].T, out=found[0, :edge])
    np.square(x[:, ::-1][:, :edge].T, out=found[1, :edge])
    for k in reversed(range(edge)):
        found[:, k] += found[:, k + 1]
    return found


def _square(x: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ml,ml->m", x, x))
