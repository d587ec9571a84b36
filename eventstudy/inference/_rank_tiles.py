"""Balances of as many rows as fit near the processor: from their order to their places."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.inference._packed_keys import Packed, Whole
from eventstudy.inference._small_sums import running

#: values that are compared at a time: sorted and scattered inside the cache
TILE = 3 << 15
#: widths of rows whose balances fit into two bytes, and numbers that fit into one
SMALL_WIDTH, FEW = 1 << 15, 255

#: (n, width) balances of all values, and (n, first) of the first by themselves, if not of all
Answer: TypeAlias = tuple[Whole, Whole]


def fitting(n: int, width: int) -> int:
    """Rows of ``width`` values that are compared at a time: n of them in equal parts."""
    most = max(1, TILE // max(width, 1))
    return max(1, -(-n // max(1, -(-n // most))))


def answer(n: int, width: int, first: int) -> Answer:
    """Room for the balances of n rows."""
    kind = np.dtype("int16" if width < SMALL_WIDTH else "int32")
    return np.empty((n, width), kind), np.empty((n, first if first < width else 0), kind)


@lru_cache(maxsize=8)
def _in_order(width: int, first: int, rows: int) -> Whole:
    """What complete rows have in order: balances, or two of them in one number (`_within`)."""
    balance = 2 * np.arange(width) + 1 - width
    kind = "int16" if width < SMALL_WIDTH else "int32"
    if first < width:
        kind, balance = "int32", ((balance + width - first) << 16) | (balance & 0xFFFF)
    ordered = np.tile(balance.astype(kind), (rows, 1))
    ordered.flags.writeable = False
    return ordered


@dataclass(frozen=True, eq=False)
class Tile:
    """Room for some rows, used again and again."""

    #: values of a row, and the first of them that are also ranked by themselves
    shape: tuple[int, int]
    #: (rows, width) values of several parts beside each other, and their keys
    beside: FloatArray
    packed: Packed
    #: (rows, width) what complete rows have in order, and room for it at its places
    ordered: Whole
    placed: Whole
    #: (rows, 1) in each row, the flat place of the value after the first ones
    border: Whole
    #: (rows, width in eights) which values in order are not of the first
    others: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, n: int, width: int, first: int) -> Tile:
        """Make room for as many of n rows as fit."""
        rows = fitting(n, width)
        ordered, packed = _in_order(width, first, rows), Packed.of(rows, width)
        return cls(
            shape=(width, first),
            beside=np.empty((rows, width)),
            packed=packed,
            ordered=ordered,
            placed=np.empty(ordered.shape, ordered.dtype),
            border=packed.start[:, :1] + packed.start.dtype.type(first + 1),
            others=np.zeros((rows, -(-width // 8) * 8), dtype=np.uint8),
        )

    @property
    def rows(self) -> int:
        """Rows that it holds."""
        return len(self.beside)

    def compare(self, parts: list[FloatArray], out: Answer, near: BoolArray) -> IntArray:
        """Write the balances of some rows to ``out``, and who needed a closer look to ``near``.

        Returns the flat places of the missing values.
        """
        found, inner = out
        m, width = found.shape
        if not found.size:
            return np.empty(0, dtype=np.int64)
        x = np.ascontiguousarray(parts[0])
        if len(parts) > 1:
            x = np.concatenate(parts, axis=1, out=self.beside[:m])
        ordered = self.packed.sort(x)
        order, holes = self.packed.order[:m], ordered.holes
        np.copyto(order, ordered.places)  # such numbers as numpy wants
        if inner.shape[1]:
            self._within(ordered.places, found, inner)
        else:
            found.reshape(-1)[order.reshape(-1)] = self.ordered[:m].reshape(-1)
        if ordered.ties.size:
            _share(found, order.reshape(-1), ordered.ties)
        near[:] = ordered.near
        if holes.size:
            fewer = np.bincount(holes // width, minlength=m)
            found += fewer.astype(found.dtype)[:, None]
            found.reshape(-1)[holes] = 0
        return holes

    def _within(self, places: Whole, found: Whole, inner: Whole) -> None:
        """Write the balances of complete rows, and those of their first values by themselves.

        Both travel as one number: the second in its upper half, without the others below.
        """
        m, (width, first) = len(places), self.shape
        np.greater_equal(places, self.border[:m], out=self.others[:m, :width].view(bool))
        both = np.multiply(running(self.others[:m])[:, :width], -(2 << 16), dtype=np.int32)
        both += self.ordered[:m]
        placed = self.placed[:m]
        placed.reshape(-1)[self.packed.order[:m].reshape(-1)] = both.reshape(-1)
        np.copyto(found, placed, casting="unsafe")  # the lower half
        np.right_shift(placed, 16, out=placed)
        np.copyto(inner, placed[:, :first], casting="unsafe")


def _share(found: Whole, order: IntArray, ties: IntArray) -> None:
    """Give values that are the same what the first and the last of them have on average.

    ``ties`` are the positions in ``order`` of those that are the same as the next.
    """
    width, begins = found.shape[1], np.diff(ties, prepend=-2) > 1
    first, last = ties[begins], ties[np.append(begins[1:], True)] + 1
    many = last + 1 - first
    position = np.arange(many.sum()) + np.repeat(last + 1 - np.cumsum(many), many)
    balance = first % width + last % width + 1 - width
    found.reshape(-1)[order[position]] = np.repeat(balance, many)
