"""How many values of its row lie below each value, and how many above: what ranks are made of.

Sorting is the cost, so the place of a value travels in its lowest bits: one sort of plain numbers
(`np.sort` is several times faster than `argsort`) orders values and places at once. Rows in which
two values lie too close to be told apart by the bits that are left are sorted again as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from eventstudy.arrays import BoolArray, FloatArray, IntArray

#: relative distance below which two abnormal returns are the same
SAME = 1e-13
#: values that are packed at a time: sorted and scattered inside the cache
TILE = 1 << 16
#: bits that stand for a missing value while its row is sorted: last, and near to nothing
LAST = int(np.array(np.finfo(np.float64).max).view(np.int64))
#: bits of a mantissa
MANTISSA = 52
#: below this, neighbours are always compared as they are
TINY = 1e-300

#: widths of rows, and sums of balances, that fit into few bytes
SMALL_WIDTH, SMALL = 1 << 15, 1 << 31
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

    def weighted(self, lost: float) -> FloatArray:
        """(width,) sum of the balances over 2(T + ``lost``)."""
        if self.holes.size:
            return np.asarray(0.5 / (self.count + lost) @ self.values.astype(float))
        n, width = self.values.shape
        whole = self.values.sum(axis=0, dtype=np.int32 if n * width < SMALL else np.int64)
        return np.asarray(0.5 / (width + lost) * whole)


def balances(*parts: FloatArray) -> Balances:
    """Compare every value with the others of its row; NaN is missing.

    ``parts`` stand beside each other, of the same rows. Values are the same that differ by
    rounding only: the days on which a share did not trade have the same abnormal return,
    whichever window they lie in.

    >>> balances(np.array([[3.0, np.nan]]), np.array([[1.0, 1.0]])).values
    array([[ 2,  0, -1, -1]], dtype=int16)
    """
    n, width = len(parts[0]), sum(part.shape[1] for part in parts)
    kind = "int16" if width < SMALL_WIDTH else "int32"
    values = np.empty((n, width), dtype=kind)
    count, near = np.full(n, width), np.zeros(n, dtype=bool)
    tile = _Tile.of(n, width, kind)
    holes = [np.empty(0, dtype=np.int64)]
    with np.errstate(invalid="ignore", over="ignore"):  # infinite values and the largest
        for start in range(0, n, tile.rows):
            some = slice(start, start + tile.rows)
            here = tile.compare([part[some] for part in parts], values[some], near[some])
            if here.size:
                count[some] -= np.bincount(here // width, minlength=len(count[some]))
                holes.append(here + start * width)
    return Balances(values, count, np.concatenate(holes), np.flatnonzero(near))


@lru_cache(maxsize=4)
def _places(width: int, tile: int, kind: str) -> tuple[IntArray, Whole]:
    """Flat places of the values of as many rows as fit, and what complete rows have in order."""
    rows = max(1, tile // max(width, 1))
    place = np.arange(rows * width).reshape(rows, width)
    ordered = np.tile((2 * np.arange(width) + 1 - width).astype(kind), (rows, 1))
    place.flags.writeable = ordered.flags.writeable = False
    return place, ordered


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
    #: which bits hold the place
    mask: int

    @classmethod
    def of(cls, n: int, width: int, kind: str) -> _Tile:
        """Make room for as many of n rows as fit."""
        place, ordered = _places(width, TILE, kind)
        key = np.empty((max(1, min(n, len(place))), width))
        return cls(
            key=key,
            bits=key.view(np.int64),
            gap=np.empty((len(key), max(width - 1, 0))),
            place=place,
            ordered=ordered,
            mask=(1 << max(place.size - 1, 0).bit_length()) - 1,
        )

    @property
    def rows(self) -> int:
        """Rows that it holds."""
        return len(self.key)

    def compare(self, parts: list[FloatArray], out: Whole, near: BoolArray) -> IntArray:
        """Write the balances of some rows to ``out``, and who needed a closer look to ``near``.

        Returns the flat places of the missing values.
        """
        m, width = out.shape
        key, bits = self.key[:m], self.bits[:m]
        holes, stop = np.empty(0, dtype=np.int64), 0
        for part in parts:
            start, stop = stop, stop + part.shape[1]
            own = np.ascontiguousarray(part).view(np.int64)
            np.bitwise_and(own, ~self.mask, out=bits[:, start:stop])
        if not np.isfinite(key.sum()):
            holes = np.flatnonzero(np.isnan(np.hstack(parts)))
            np.put(bits, holes, LAST & ~self.mask)
        np.bitwise_or(bits, self.place[:m], out=bits)
        key.sort(axis=1)
        count = width - np.bincount(holes // width, minlength=m) if holes.size else width
        near[:] = self._near(m, count)
        np.bitwise_and(bits, self.mask, out=bits)
        ordered, rows = self.ordered[:m], np.flatnonzero(near)
        if rows.size:
            ordered, x = ordered.copy(), np.hstack([part[rows] for part in parts])
            ordered[rows], bits[rows] = _with_ties(x, rows, bits[rows])
        out.reshape(-1)[bits] = ordered
        if holes.size:
            np.add(out, np.asarray(width - count)[:, None], out=out, casting="unsafe")
            np.put(out, holes, 0)
        return holes

    def _near(self, m: int, count: IntArray | int) -> BoolArray:
        """(m,) sorted rows with values that the bits which are left may not tell apart."""
        key, gap = self.key[:m], self.gap[:m]
        np.subtract(key[:, 1:], key[:, :-1], out=gap)
        last = key[np.arange(m), np.maximum(count, 1) - 1]
        size = np.maximum(np.abs(key[:, 0]), np.abs(last))
        blur = 4.0 * (SAME + (self.mask + 1) * 2.0**-MANTISSA)
        # an infinite value is no number any more: it fails the comparison
        return np.asarray(~(gap.min(axis=1, initial=np.inf) > blur * size + TINY))


def _with_ties(x: FloatArray, rows: IntArray, order: IntArray) -> tuple[IntArray, IntArray]:
    """Balances of (m, width) ``x`` in order, and the flat places of the tile in that order.

    ``x`` are the ``rows`` of the tile. Equal values share what the first and the last of them
    would have.
    """
    n, width = x.shape
    order = order - rows[:, None] * width
    ordered = np.take_along_axis(x, np.clip(order, 0, width - 1), axis=1)
    wrong = (ordered[:, 1:] < ordered[:, :-1]).any(axis=1) | np.isinf(x).any(axis=1)
    if wrong.any():
        order[wrong] = np.argsort(x[wrong], axis=1)
        ordered[wrong] = np.take_along_axis(x[wrong], order[wrong], axis=1)
    same = np.zeros((n, width + 1), dtype=bool)
    gap = np.diff(ordered, axis=1)
    same[:, 1:-1] = (gap <= SAME * np.abs(ordered[:, 1:])) & (gap < np.inf)
    before, after = same[:, :-1], same[:, 1:]
    first = np.nonzero(after & ~before)[1]
    last = np.nonzero(before & ~after)[1]
    found = np.tile(2 * np.arange(width) + 1 - width, (n, 1))
    found[before | after] = np.repeat(first + last + 1 - width, last - first + 1)
    return found, order + rows[:, None] * width
