"""How many values of its row lie below each value, and how many above: what ranks are made of.

Sorting is the cost, so the place of a value travels in its lowest bits: one sort of plain numbers
(`np.sort` is several times faster than `argsort`) orders values and places at once. Rows in which
two values lie too close to be told apart by the bits that are left are sorted again as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from eventstudy.arrays import BoolArray, FloatArray, IntArray

#: relative distance below which two abnormal returns are the same
SAME = 1e-13
#: values that are packed at a time: sorted and scattered inside the cache
TILE = 1 << 16
#: stands for a missing value while its row is sorted: last, and near to nothing
LAST = float(np.finfo(np.float64).max)
#: bits of a mantissa
MANTISSA = 52
#: below this, neighbours are always compared as they are
TINY = 1e-300

#: small whole numbers
Whole = npt.NDArray[np.int16] | npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Balances:
    """For every value of some rows: the values of its row below it, less those above it.

    Of T values the one of rank r has 2r − (T+1): zero for the median, odd about it.
    """

    #: (n, width) zero where missing
    values: Whole
    #: (n,) values of each row, and the flat places of the missing ones
    count: IntArray
    holes: IntArray
    #: rows with ties, or so near to them that they were looked at once more
    near: IntArray

    @property
    def there(self) -> FloatArray:
        """(width,) rows that have a value."""
        return self.sums(np.ones(len(self.count)))

    def sums(self, x: FloatArray) -> FloatArray:
        """(width,) sum of (n,) ``x`` over the rows that have a value."""
        width = self.values.shape[1]
        if not self.holes.size:
            return np.full(width, x.sum())
        lost = np.bincount(self.holes % width, x[self.holes // width], width)
        return np.asarray(x.sum() - lost)


def balances(x: FloatArray) -> Balances:
    """Compare every value with the others of its row; NaN is missing.

    Values are the same that differ by rounding only: the days on which a share did not trade
    have the same abnormal return, whichever window they lie in.

    >>> balances(np.array([[3.0, np.nan, 1.0, 1.0]])).values
    array([[ 2,  0, -1, -1]], dtype=int16)
    """
    x = np.ascontiguousarray(x)
    n, width = x.shape
    values = np.empty((n, width), dtype=np.int16 if width < np.iinfo(np.int16).max else np.int32)
    holes = np.flatnonzero(np.isnan(x))
    count = width - np.bincount(holes // max(width, 1), minlength=n)
    near = np.zeros(n, dtype=bool)
    tile = _Tile.of(min(n, max(1, TILE // max(width, 1))), width, values.dtype)
    for start in range(0, n, tile.rows):
        some = slice(start, start + tile.rows)
        first, last = np.searchsorted(holes, [start * width, (start + tile.rows) * width])
        inside = holes[first:last] - start * width
        near[some] = tile.compare(x[some], inside, count[some], values[some])
    return Balances(values, count, holes, np.flatnonzero(near))


@dataclass(frozen=True, eq=False)
class _Tile:
    """Room for some rows, used again and again."""

    #: (m, width) packed values, the same memory as whole numbers, and their differences
    key: FloatArray
    bits: IntArray
    gap: FloatArray
    #: flat places, and the balances that complete rows have in order
    place: IntArray
    ordered: Whole
    flat: Whole
    #: which bits hold the place
    mask: int

    @classmethod
    def of(cls, rows: int, width: int, kind: np.dtype[Any]) -> _Tile:
        """Make room for rows of one width."""
        key = np.empty((rows, width))
        ordered = 2 * np.arange(width) + 1 - width
        return cls(
            key=key,
            bits=key.view(np.int64),
            gap=np.empty((rows, max(width - 1, 0))),
            place=np.arange(rows * width).reshape(rows, width),
            ordered=np.tile(ordered.astype(kind), (rows, 1)),
            flat=np.empty(rows * width, dtype=kind),
            mask=(1 << max(rows * width - 1, 0).bit_length()) - 1,
        )

    @property
    def rows(self) -> int:
        """Rows that it holds."""
        return len(self.key)

    def compare(
        self, x: FloatArray, holes: IntArray, count: IntArray, out: Whole
    ) -> BoolArray:
        """Write the balances of some rows to ``out``; (m,) rows that needed a closer look."""
        m, width = x.shape
        key, bits = self.key[:m], self.bits[:m]
        np.add(x, 0.0, out=key)  # no negative zero
        np.put(key, holes, LAST)
        np.bitwise_and(bits, ~self.mask, out=bits)
        np.bitwise_or(bits, self.place[:m], out=bits)
        key.sort(axis=1)
        near = self._near(count)
        np.bitwise_and(bits, self.mask, out=bits)
        ordered, rows = self.ordered[:m], np.flatnonzero(near)
        if rows.size:
            ordered = ordered.copy()
            ordered[rows], bits[rows] = _with_ties(x, rows, bits[rows])
        self.flat[bits] = ordered
        out[:] = self.flat[: m * width].reshape(m, width)
        if holes.size:
            out += (width - count)[:, None].astype(out.dtype)
            np.put(out, holes, 0)
        return near

    def _near(self, count: IntArray) -> BoolArray:
        """(m,) sorted rows with values that the bits which are left may not tell apart."""
        m = len(count)
        key, gap = self.key[:m], self.gap[:m]
        np.subtract(key[:, 1:], key[:, :-1], out=gap)
        last = key[np.arange(m), np.maximum(count, 1) - 1]
        size = np.maximum(np.abs(key[:, 0]), np.abs(last))
        blur = 4.0 * (SAME + (self.mask + 1) * 2.0**-MANTISSA)
        # an infinite value is no number any more: it fails the comparison
        return np.asarray(~(gap.min(axis=1, initial=np.inf) > blur * size + TINY))


def _with_ties(x: FloatArray, rows: IntArray, order: IntArray) -> tuple[IntArray, IntArray]:
    """Balances of some rows in order, and their flat places in that order.

    Equal values share what the first and the last of them would have.
    """
    width = x.shape[1]
    start = rows[:, None] * width
    ordered = np.take(x, order)
    wrong = (ordered[:, 1:] < ordered[:, :-1]).any(axis=1) | np.isinf(x[rows]).any(axis=1)
    if wrong.any():
        order[wrong] = np.argsort(x[rows[wrong]], axis=1) + start[wrong]
        ordered[wrong] = np.take(x, order[wrong])
    same = np.zeros((len(rows), width + 1), dtype=bool)
    with np.errstate(invalid="ignore"):
        same[:, 1:-1] = ordered[:, 1:] - ordered[:, :-1] <= SAME * np.abs(ordered[:, 1:])
    before, after = same[:, :-1], same[:, 1:]
    first = np.nonzero(after & ~before)[1]
    last = np.nonzero(before & ~after)[1]
    found = np.tile(2 * np.arange(width) + 1 - width, (len(rows), 1))
    found[before | after] = np.repeat(first + last + 1 - width, last - first + 1)
    return found, order
