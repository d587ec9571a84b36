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
from eventstudy.inference._small_sums import column_sums, running

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

#: widths of rows whose balances fit into two bytes, and numbers that fit into one
SMALL_WIDTH, FEW = 1 << 15, 255
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
        width = self.values.shape[1]
        return np.asarray(0.5 / (width + lost) * column_sums(self.values, width))


class Room:
    """Memory for `balances` that serves many calls: new pages cost more than most sums.

    What is found in a room stays until the next call.
    """

    def __init__(self) -> None:
        self._tile: _Tile | None = None

    def tile(self, n: int, width: int, first: int) -> _Tile:
        """Room for the rows of a tile, or for n if they are fewer."""
        found = self._tile
        if found is None or found.shape != (width, first) or found.rows < min(n, fitting(width)):
            found = self._tile = _Tile.of(n, width, first)
        return found


def small(width: int) -> str:
    """Type that holds the balances of ``width`` values."""
    return "int16" if width < SMALL_WIDTH else "int32"


def fitting(width: int) -> int:
    """Rows of ``width`` values that are compared at a time."""
    return max(1, TILE // max(width, 1))


def balances(*parts: FloatArray, room: Room | None = None) -> Balances:
    """Compare every value with the others of its row; NaN is missing.

    ``parts`` stand beside each other, of the same rows. Values are the same that differ by
    rounding only: the days on which a share did not trade have the same abnormal return,
    whichever window they lie in.

    >>> balances(np.array([[3.0, np.nan]]), np.array([[1.0, 1.0]])).values
    array([[ 2,  0, -1, -1]], dtype=int16)
    """
    width = sum(part.shape[1] for part in parts)
    tile = (room or Room()).tile(len(parts[0]), width, width)
    return _balances(parts, tile, *tile.answer(len(parts[0])))


def balances_within(*parts: FloatArray, room: Room | None = None) -> tuple[Balances, Balances]:
    """`balances` of all parts, and of the first by itself: one sort serves both.

    Without the values of the other parts each value has as many fewer below it as lie below it.

    >>> both, own = balances_within(np.array([[3.0, 1.0]]), np.array([[2.0]]))
    >>> both.values, own.values
    (array([[ 2, -2,  0]], dtype=int16), array([[ 1, -1]], dtype=int16))
    """
    n, width, first = len(parts[0]), sum(part.shape[1] for part in parts), parts[0].shape[1]
    if width >= SMALL_WIDTH or not 0 < width - first <= FEW:
        return balances(*parts), balances(parts[0])
    tile = (room or Room()).tile(n, width, first)
    values, own = tile.answer(n)
    both = _balances(parts, tile, values, own)
    holes = both.holes[both.holes % max(width, 1) < first]
    row, day = np.divmod(holes, max(width, 1))
    count = first - np.bincount(row, minlength=n)
    if holes.size:
        own += (first - count)[:, None].astype("int16")
        own[row, day] = 0
    if both.near.size:
        own[both.near] = balances(parts[0][both.near]).values
    return both, Balances(own, count, row * first + day, both.near)


def _balances(parts: tuple[FloatArray, ...], tile: _Tile, values: Whole, own: Whole) -> Balances:
    """Write the balances to ``values``, and those of complete first parts to ``own``."""
    n, width = values.shape
    count, near = np.full(n, width), np.zeros(n, dtype=bool)
    holes = [np.empty(0, dtype=np.int64)]
    with np.errstate(invalid="ignore", over="ignore"):  # infinite values and the largest
        for start in range(0, n, tile.rows):
            some = slice(start, start + tile.rows)
            out = values[some], own[some]
            here = tile.compare([part[some] for part in parts], out, near[some])
            if here.size:
                count[some] -= np.bincount(here // width, minlength=len(count[some]))
                holes.append(here + start * width)
    return Balances(values, count, np.concatenate(holes), np.flatnonzero(near))


@lru_cache(maxsize=8)
def _places(width: int, first: int, rows: int) -> IntArray:
    """Flat places of the values of some rows: the ``first`` of each row before all others."""
    place = np.empty((rows, width), dtype=np.int64)
    place[:, :first] = np.arange(rows * first).reshape(rows, first)
    place[:, first:] = np.arange(rows * first, rows * width).reshape(rows, width - first)
    place.flags.writeable = False
    return place


@lru_cache(maxsize=8)
def _in_order(width: int, first: int, rows: int) -> npt.NDArray[np.signedinteger]:
    """What complete rows have in order: balances, or two of them in one number (`_within`)."""
    balance = 2 * np.arange(width) + 1 - width
    kind = small(width)
    if first < width:
        kind, balance = "int32", ((balance + width - first) << 16) | (balance & 0xFFFF)
    ordered = np.tile(balance.astype(kind), (rows, 1))
    ordered.flags.writeable = False
    return ordered


@dataclass(frozen=True, eq=False)
class _Tile:
    """Room for some rows, used again and again."""

    #: values of a row, and the first of them that are also ranked by themselves
    shape: tuple[int, int]
    #: (m, width) packed values, the same memory as whole numbers, and their differences
    key: FloatArray
    bits: IntArray
    gap: FloatArray
    #: flat places, what complete rows have in order, and room for it at those places
    place: IntArray
    ordered: npt.NDArray[np.signedinteger]
    placed: npt.NDArray[np.signedinteger]
    #: (m, width in eights) which values in order are not of the first
    others: npt.NDArray[np.uint8]
    #: which bits hold the place
    mask: int
    #: the last answers
    values: Whole
    own: Whole

    @classmethod
    def of(cls, n: int, width: int, first: int) -> _Tile:
        """Make room for as many of n rows as fit."""
        rows = max(1, min(n, fitting(width)))
        place, ordered = _places(width, first, rows), _in_order(width, first, rows)
        key = np.empty((rows, width))
        return cls(
            shape=(width, first),
            key=key,
            bits=key.view(np.int64),
            gap=np.empty(key.shape),
            place=place,
            ordered=ordered,
            placed=np.empty(ordered.shape, ordered.dtype),
            others=np.zeros((rows, -(-width // 8) * 8), dtype=np.uint8),
            mask=(1 << max(place.size - 1, 0).bit_length()) - 1,
            values=np.empty((rows, width), small(width)),
            own=np.empty((rows, first if first < width else 0), small(width)),
        )

    @property
    def rows(self) -> int:
        """Rows that it holds."""
        return len(self.key)

    def answer(self, n: int) -> tuple[Whole, Whole]:
        """Room for the balances of n rows, of all values and of the first."""
        if n <= self.rows:
            return self.values[:n], self.own[:n]
        new = [np.empty((n, old.shape[1]), old.dtype) for old in (self.values, self.own)]
        return new[0], new[1]

    def compare(
        self, parts: list[FloatArray], out: tuple[Whole, Whole], near: BoolArray
    ) -> IntArray:
        """Write the balances of some rows to ``out``, and who needed a closer look to ``near``.

        Returns the flat places of the missing values.
        """
        found, inner = out
        m, width = found.shape
        bits, holes = self._sorted(parts, m)
        count = width - np.bincount(holes // width, minlength=m) if holes.size else width
        near[:] = self._near(m, count)
        np.bitwise_and(bits, self.mask, out=bits)
        if not inner.shape[1]:
            found.reshape(-1)[bits.reshape(-1)] = self.ordered[:m].reshape(-1)
        else:
            self._within(bits, found, inner)
        if near.any():
            rows = np.flatnonzero(near)
            _with_ties(np.hstack([part[rows] for part in parts]), found, rows)
        if holes.size:
            np.add(found, np.asarray(width - count)[:, None], out=found, casting="unsafe")
            np.put(found, holes, 0)
        return holes

    def _sorted(self, parts: list[FloatArray], m: int) -> tuple[IntArray, IntArray]:
        """(m, width) keys in order, as whole numbers, and the flat places of missing values."""
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
        return bits, holes

    def _near(self, m: int, count: IntArray | int) -> BoolArray | bool:
        """(m,) sorted rows with values that the bits which are left may not tell apart."""
        key, gap = self.key[:m], self.gap[:m]
        if not key.size:
            return False
        flat = key.reshape(-1)  # one long difference is faster than many short ones
        np.subtract(flat[1:], flat[:-1], out=gap.reshape(-1)[:-1])
        gap[:, -1] = np.inf
        whole = isinstance(count, int)
        last = key[:, -1] if whole else key[np.arange(m), np.maximum(count, 1) - 1]
        size = np.maximum(np.abs(key[:, 0]), np.abs(last))
        blur = 4.0 * (SAME + (self.mask + 1) * 2.0**-MANTISSA)
        # an infinite value is no number any more: it fails the comparison
        if gap.min() > blur * size.max() + TINY:
            return False
        return np.asarray(~(gap.min(axis=1) > blur * size + TINY))

    def _within(self, bits: IntArray, found: Whole, inner: Whole) -> None:
        """Write the balances of complete rows, and those of their first values by themselves.

        Both travel as one number: the second in its upper half, without the others below.
        """
        m, (width, first) = len(bits), self.shape
        here = self.rows * first
        np.greater_equal(bits, here, out=self.others[:m, :width].view(bool))
        both = np.multiply(running(self.others[:m])[:, :width], -(2 << 16), dtype=np.int32)
        both += self.ordered[:m]
        placed = self.placed.reshape(-1)
        placed[bits.reshape(-1)] = both.reshape(-1)
        own = placed[: m * first].reshape(m, first)
        found[:, :first] = own  # the lower half
        found[:, first:] = placed[here : here + m * (width - first)].reshape(m, width - first)
        np.right_shift(own, 16, out=inner, casting="unsafe")


def _with_ties(x: FloatArray, found: Whole, rows: IntArray) -> None:
    """Write the balances of (m, width) ``x`` to the ``rows`` of ``found``.

    Equal values share what the first and the last of them would have.
    """
    n, width = x.shape
    order = np.argsort(x, axis=1)
    ordered = np.take_along_axis(x, order, axis=1)
    same = np.zeros((n, width + 1), dtype=bool)
    gap = np.diff(ordered, axis=1)
    same[:, 1:-1] = (gap <= SAME * np.abs(ordered[:, 1:])) & (gap < np.inf)
    before, after = same[:, :-1], same[:, 1:]
    first = np.nonzero(after & ~before)[1]
    last = np.nonzero(before & ~after)[1]
    balance = np.tile(2 * np.arange(width) + 1 - width, (n, 1))
    balance[before | after] = np.repeat(first + last + 1 - width, last - first + 1)
    found[rows[:, None], order] = balance
