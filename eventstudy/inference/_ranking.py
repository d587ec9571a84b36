"""How many values of its row lie below each value, and how many above: what ranks are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.arrays import FloatArray, IntArray
from eventstudy.inference._packed_keys import SAME, Whole
from eventstudy.inference._rank_tiles import FEW, SMALL_WIDTH, Answer, Tile, answer, fitting
from eventstudy.inference._small_sums import column_sums

__all__ = ["SAME", "Balances", "Room", "Whole", "balances", "balances_within"]


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
        self._tile: Tile | None = None
        self._answer: Answer | None = None

    def of(self, n: int, width: int, first: int) -> tuple[Tile, Answer]:
        """Room for the rows of a tile, or for n if they are fewer; and for balances of n rows."""
        tile, kept = self._tile, self._answer
        if tile is None or tile.shape != (width, first) or tile.rows < fitting(n, width):
            tile, kept = self._tile, self._answer = Tile.of(n, width, first), None
        if kept is None or len(kept[0]) < n:
            kept = self._answer = answer(n, width, first)
        values, own = kept
        return tile, (values[:n], own[:n])


def balances(*parts: FloatArray, room: Room | None = None) -> Balances:
    """Compare every value with the others of its row; NaN is missing.

    ``parts`` stand beside each other, of the same rows. Values are the same that differ by
    rounding only: the days on which a share did not trade have the same abnormal return,
    whichever window they lie in.

    >>> balances(np.array([[3.0, np.nan]]), np.array([[1.0, 1.0]])).values
    array([[ 2,  0, -1, -1]], dtype=int16)
    """
    width = sum(part.shape[1] for part in parts)
    return _balances(parts, *(room or Room()).of(len(parts[0]), width, width))


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
    tile, (values, own) = (room or Room()).of(n, width, first)
    both = _balances(parts, tile, (values, own))
    holes = both.holes[both.holes % max(width, 1) < first]
    row, day = np.divmod(holes, max(width, 1))
    count = first - np.bincount(row, minlength=n)
    if holes.size:
        own += (first - count)[:, None].astype("int16")
        own[row, day] = 0
    if both.near.size:
        own[both.near] = balances(parts[0][both.near]).values
    return both, Balances(own, count, row * first + day, both.near)


def _balances(parts: tuple[FloatArray, ...], tile: Tile, out: Answer) -> Balances:
    """Write the balances to ``out``, and there those of complete first parts, too."""
    values, own = out
    n, width = values.shape
    count, near = np.full(n, width), np.zeros(n, dtype=bool)
    holes = [np.empty(0, dtype=np.int64)]
    with np.errstate(invalid="ignore", over="ignore", under="ignore"):  # the largest, the least
        for start in range(0, n, tile.rows):
            some = slice(start, start + tile.rows)
            here = tile.compare(
                [part[some] for part in parts], (values[some], own[some]), near[some]
            )
            if here.size:
                count[some] -= np.bincount(here // width, minlength=len(count[some]))
                holes.append(here + start * width)
    return Balances(values, count, np.concatenate(holes), np.flatnonzero(near))
