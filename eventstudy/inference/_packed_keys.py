"""The order of the values of each row, from one sort of numbers half as long as the values.

Sorting is what ranks cost: `np.sort` of plain numbers is several times faster than `argsort`, and
the faster the shorter they are. So each value becomes a key of four bytes whose last bits say at
which place of its row it stands. Neighbours that the other bits do not tell apart, about one pair
of a row of 271 days, are compared as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from eventstudy.arrays import BoolArray, FloatArray, IntArray

#: relative distance below which two abnormal returns are the same
SAME = 1e-13
#: distance at which the mean of two is the same as each, and one that is always near
NEAR, TINY = 4.0 * SAME, 1e-300
#: widest rows whose keys have four bytes: longer places would leave too little of the values
NARROW = 1023
#: times that neighbours are exchanged before their row is left to another way of sorting
ROUNDS = 4

#: whole numbers of few bytes
Whole: TypeAlias = npt.NDArray[np.signedinteger[Any]]


@dataclass(frozen=True, eq=False)
class Order:
    """Some rows in order; missing values are the last of their row."""

    #: (m, width) flat places
    places: Whole
    #: flat places of missing values, and flat positions of values that are the same as the next
    holes: IntArray
    ties: IntArray
    #: (m,) rows with ties, or so near to them that they were looked at once more
    near: BoolArray


@dataclass(frozen=True, eq=False)
class Packed:
    """Room for the keys of some rows, used again and again."""

    #: (rows, width) keys, and the same memory as whole numbers
    key: npt.NDArray[np.floating[Any]]
    bits: Whole
    #: (rows, width) the place of each value in its row, from 1, and what makes it a flat place
    place: Whole
    start: Whole
    #: (rows, width) flat places in order, and the same memory for differences of neighbours
    order: IntArray
    gap: Whole
    #: (rows·width,) which neighbours are close
    close: BoolArray
    #: bits of a place, and the key from which on keys stand for what is missing
    shift: int
    limit: np.floating[Any]

    @classmethod
    def of(cls, rows: int, width: int) -> Packed:
        """Make room."""
        key = np.empty((rows, width), np.float32 if width <= NARROW else np.float64)
        kind, highest = np.dtype(f"i{key.itemsize}"), np.finfo(key.dtype).maxexp
        place, start = _places(rows, width, kind.name)
        order = np.empty((rows, width), dtype=np.int64)
        return cls(
            key=key,
            bits=key.view(kind),
            place=place,
            start=start,
            order=order,
            gap=order.reshape(-1).view(kind),
            close=np.empty(key.size, dtype=bool),
            shift=width.bit_length(),
            limit=key.dtype.type(2.0 ** (highest - 1)),
        )

    def sort(self, x: FloatArray) -> Order:
        """Sort the values of m rows.

        Rows are sorted once more, as they are, that have infinite values, or more of them close
        together than a few rounds can settle.
        """
        (m, width), mask = x.shape, (1 << self.shift) - 1
        key, bits, near = self.key[:m], self.bits[:m], np.zeros(m, dtype=bool)
        np.copyto(key, x, casting="same_kind")
        key += 0.0  # zero without a sign
        np.bitwise_and(bits, ~mask, out=bits)
        np.bitwise_or(bits, self.place[:m], out=bits)
        holes = ties = alike = np.empty(0, dtype=np.int64)
        if not key.max() < self.limit:  # or no number at all
            holes = self._put_last(x, near)
        key.sort(axis=1)
        close = self._close(m)
        np.bitwise_and(bits, mask, out=bits)
        np.add(bits, self.start[:m], out=bits)
        if close.size:
            ties, alike = _settle(x, bits.reshape(-1), close, near)
        if near.any():
            ties = _sort_again(x, bits, ties, np.flatnonzero(near))
        near[alike // width] = True
        return Order(bits, holes, ties, near)

    def _put_last(self, x: FloatArray, near: BoolArray) -> IntArray:
        """Give what is missing keys that are the last, and far apart; infinite rows are near.

        Returns the flat places of what is missing.
        """
        m, width = x.shape
        odd = np.flatnonzero(~(self.key[:m] < self.limit))
        place = odd % width + 1
        last = (place << (self.shift + 2)) | place
        self.bits[:m].reshape(-1)[odd] = last + self.limit.view(self.bits.dtype)
        missing = np.isnan(x.reshape(-1).take(odd))
        near[odd[~missing] // width] = True
        return odd[missing]

    def _close(self, m: int) -> IntArray:
        """Flat positions of sorted keys that may belong to the values after them."""
        flat = self.bits[:m].reshape(-1)  # one long difference is faster than many short ones
        gap, close = self.gap[: flat.size - 1], self.close[: flat.size - 1]
        np.subtract(flat[1:], flat[:-1], out=gap)
        np.abs(gap, out=gap)
        np.less(gap, 2 << self.shift, out=close)
        width = self.key.shape[1]
        close[width - 1 :: width] = False  # a row and the next
        return np.flatnonzero(close)


@lru_cache(maxsize=8)
def _places(rows: int, width: int, kind: str) -> tuple[Whole, Whole]:
    """(rows, width) place of each value in its row, from 1, and what makes it a flat place.

    No place is 0: so infinity with a place is no number, and is noticed.
    """
    place = np.tile(np.arange(1, width + 1, dtype=kind), (rows, 1))
    start = np.repeat(width * np.arange(rows, dtype=kind) - 1, width).reshape(rows, width)
    place.flags.writeable = start.flags.writeable = False
    return place, start


def _settle(
    x: FloatArray, place: Whole, close: IntArray, near: BoolArray
) -> tuple[IntArray, IntArray]:
    """Exchange neighbours whose values say so; mark rows that are not in order then.

    Returns the positions of values that are the same as the next, and of those that nearly are.
    """
    value, after = x.reshape(-1), close + 1
    for left in range(ROUNDS, -1, -1):
        low, high = place.take(close), place.take(after)
        a, b = value.take(low), value.take(high)
        wrong = (a > b).nonzero()[0]
        if not wrong.size:
            break
        if not left:
            near[close[wrong] // x.shape[1]] = True
            break
        at = close.take(wrong)
        apart = at[1:] > at[:-1] + 1
        if not apart.all():  # of three in a row the last waits
            wrong, at = wrong[np.append(True, apart)], at[np.append(True, apart)]
        place[at], place[at + 1] = high.take(wrong), low.take(wrong)
    gap, size = b - a, np.abs(b)
    if gap.min() > NEAR * size.max() + TINY:
        return close[:0], close[:0]
    alike = np.flatnonzero(~(gap > NEAR * size + TINY))
    ties = alike[gap[alike] <= SAME * size[alike]]
    return close[ties], close[alike]


def _sort_again(x: FloatArray, places: Whole, ties: IntArray, rows: IntArray) -> IntArray:
    """Put some rows in order as they are; returns all ties, theirs among them."""
    width = x.shape[1]
    order = np.argsort(x[rows], axis=1)
    places[rows] = order + width * rows[:, None]
    ordered = np.take_along_axis(x[rows], order, axis=1)
    gap = np.diff(ordered, axis=1)
    row, place = np.nonzero((gap <= SAME * np.abs(ordered[:, 1:])) & (gap < np.inf))
    others = ties[~np.isin(ties // width, rows)]
    return np.sort(np.concatenate([others, width * rows[row] + place]))
