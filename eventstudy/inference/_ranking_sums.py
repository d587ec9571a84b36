"""Sums of the ranks that some days have alone, with a group beside them, and with another.

Generalised ranks, Corrado's and those of scaled returns differ in what stands beside the
residuals. One sort serves all three: without the values of a group each value has as many fewer
below it as lie below it. Only sums over rows are made, day by day: all that a fold keeps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eventstudy.arrays import FloatArray, IntArray
from eventstudy.inference._packed_keys import Packed, Whole
from eventstudy.inference._small_sums import running

#: values that are ranked at a time: sorted and counted inside the cache
TILE = 1 << 17
#: values that a row may have, and those of both groups: four small numbers of a value then fit into
#: 32 bits, and the sums of a hundred of them and more into 16 bits each
WIDTH, BESIDE = 511, 63
#: the lowest bit of each but the first: its rank in the row; how many of the second group, and of
#: both groups, lie below it; and its side of the median without the second group
SECOND, BOTH, SIDE = 9, 16, 25
HALF = 16

Codes = npt.NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class RankSums:
    """Ranks of L days, a of a first and b of a second group, summed over ``n`` rows."""

    n: int
    #: (L,) ranks of the days alone
    alone: IntArray
    #: (L+a,) with the first group: ranks, and signs about the median
    first: IntArray
    signs: IntArray
    #: (L+b,) ranks with the second group
    second: IntArray


class RankAdder:
    """Ranks rows of L + a + b values and adds the ranks up, in memory that it keeps."""

    def __init__(self, rows: int, days: int, first: int, second: int) -> None:
        self._days, self._first, self._width = days, days + first, days + first + second
        #: rows that it ranks at a time
        self.rows = max(1, min(rows, TILE // self._width))
        shape = self.rows, self._width
        self._packed = Packed.of(*shape)
        self._values = np.empty(shape)
        #: flat places that are not of the days, and neither of the first group
        begins = np.repeat(np.arange(self.rows, dtype=np.int32) * self._width, self._width)
        self._border = [begins.reshape(shape) + np.int32(b) for b in (self._first, days)]
        # bytes are counted eight at once
        self._beside = np.zeros((2, self.rows, -(-self._width // 8) * 8), dtype=bool)
        self._code, self._placed, self._room = np.empty((3, *shape), dtype=np.uint32)
        rank = np.arange(1, self._width + 1)
        # surely above the median; near to it, `_sides` looks
        above = 2 * rank > self._first + 1 + 2 * second
        self._order = np.tile((rank + above * (2 << SIDE)).astype(np.uint32), (self.rows, 1))
        self._n, self._sums = 0, np.zeros((2, 2, self._width), dtype=np.int64)

    @staticmethod
    def fits(days: int, first: int, second: int) -> bool:
        """Whether rows of so many values can be ranked here."""
        return days > 0 and days + first + second <= WIDTH and first + second <= BESIDE

    def add(self, *parts: FloatArray) -> IntArray:
        """Rank (m, L), (m, a) and (m, b) finite values, of no more rows than it holds.

        Returns the rows that were left out, since two of their values may be the same.
        """
        m, packed = len(parts[0]), self._packed
        values = np.concatenate(parts, axis=1, out=self._values[:m])
        with np.errstate(over="ignore", under="ignore"):  # keys are shorter than values
            order = packed.sort(values)
        placed = self._placed[:m]
        code, places = self._counted(order.places), packed.order[:m]
        np.copyto(places, order.places)  # such numbers as numpy wants
        placed.reshape(-1)[places.reshape(-1)] = code.reshape(-1)
        near = np.flatnonzero(order.near)
        placed[near] = 0
        self._sum(placed)
        self._n += m - len(near)
        return near

    @property
    def found(self) -> RankSums:
        """All that was added."""
        ((rank, both), (second, side)), days, first = self._sums, self._days, self._first
        beside_second = rank - both + second
        return RankSums(
            n=self._n,
            alone=(rank - both)[:days],
            first=(rank - second)[:first],
            signs=side[:first] - self._n,
            second=np.concatenate([beside_second[:days], beside_second[first:]]),
        )

    def _counted(self, places: Whole) -> Codes:
        """(m, W) the four small numbers of each value in order, from the places of the values."""
        m, width = places.shape
        beside, code, room = self._beside[:, :m], self._code[:m], self._room[:m]
        for out, bound in zip(beside, self._border, strict=True):
            np.greater_equal(places, bound[:m], out=out[:, :width])
        below = running(beside.view(np.uint8).reshape(2 * m, -1))[:, :width]
        second, both = below[:m], below[m:]
        np.multiply(second, 1 << SECOND, out=code, dtype=np.uint32)
        code += np.multiply(both, 1 << BOTH, out=room, dtype=np.uint32)
        code += self._order[:m]
        self._sides(code, second)
        return code

    def _sides(self, code: Codes, second: npt.NDArray[np.uint8]) -> None:
        """Say where the median lies: 0 below it, 1 on it, 2 above it.

        It is no farther up than the second group can push it.
        """
        first, width = self._first, self._width
        near = slice(first // 2, (first + 1) // 2 + width - first)
        rank = np.arange(near.start + 1, near.stop + 1, dtype=np.int16)
        balance = 2 * (rank - second[:, near]) - np.int16(first + 1)
        code[:, near] += (np.sign(balance) + np.int16(1)).astype(np.uint32) << SIDE

    def _sum(self, placed: Codes) -> None:
        """Sum the numbers over the rows, two at a time, each in its half."""
        few, many, room = BESIDE, (1 << SECOND) - 1, self._room[: len(placed)]
        np.bitwise_and(placed, many | few << BOTH, out=room)
        self._add(self._sums[0], room)
        np.right_shift(placed, SECOND, out=room)
        np.bitwise_and(room, few | 3 << (SIDE - SECOND), out=room)
        self._add(self._sums[1], room)

    def _add(self, sums: npt.NDArray[np.int64], codes: Codes) -> None:
        """Add up as many rows at a time as the halves hold."""
        low = (1 << HALF) - 1
        many = low // self._width
        for start in range(0, len(codes), many):
            total = np.add.reduce(codes[start : start + many], axis=0, dtype=np.uint32)
            sums += total & low, total >> HALF
