"""How many windows of one firm follow each other closely, from parts of the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from eventstudy.arrays import BoolArray, IntArray


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs of events of a firm, each less than ``apart`` sessions after the one before.

    Firms are kept whose runs could go on in the parts before or after.
    """

    apart: int
    #: the first and the last date of the part
    since: int
    until: int
    #: events of the longest run
    longest: int
    #: (F,) firms, ascending; their first and last event
    firm: IntArray
    first: IntArray
    last: IntArray
    #: (F,) events of the run that begins with the first, and of the one that ends with the last
    head: IntArray
    tail: IntArray
    #: (F,) whether these are the same run
    whole: BoolArray

    @classmethod
    def of(cls, firm: IntArray, row: IntArray, apart: int) -> Runs | None:
        """Find the runs of events sorted by firm, then by date; None for no events."""
        if not len(firm):
            return None
        fresh = np.diff(firm) != 0
        run = np.concatenate([[0], np.cumsum(fresh | (np.diff(row) >= apart))])
        size = np.bincount(run)
        a, b = np.flatnonzero(np.r_[True, fresh]), np.flatnonzero(np.r_[fresh, True])
        return cls(
            apart=apart,
            since=int(row.min()),
            until=int(row.max()),
            longest=int(size.max()),
            firm=firm[a],
            first=row[a],
            last=row[b],
            head=size[run[a]],
            tail=size[run[b]],
            whole=run[a] == run[b],
        ).near_the_ends()

    def near_the_ends(self) -> Runs:
        """Forget the firms that no event outside the part could join."""
        reach = self.apart - 1
        near = (self.first < self.since + reach) | (self.last > self.until - reach)
        return replace(
            self,
            firm=self.firm[near],
            first=self.first[near],
            last=self.last[near],
            head=self.head[near],
            tail=self.tail[near],
            whole=self.whole[near],
        )


def chained(parts: Sequence[Runs | None]) -> Runs | None:
    """Join the runs of successive parts."""
    some = [part for part in parts if part is not None]
    return reduce(_two, some) if some else None


def _two(a: Runs, b: Runs) -> Runs:
    firm = np.union1d(a.firm, b.firm)
    x, y = _Spread.of(a, firm), _Spread.of(b, firm)
    linked = x.there & y.there & (y.first - x.last < a.apart)
    both = np.where(linked, x.tail + y.head, 0)
    return Runs(
        apart=a.apart,
        since=a.since,
        until=b.until,
        longest=max(a.longest, b.longest, int(both.max(initial=0))),
        firm=firm,
        first=np.where(x.there, x.first, y.first),
        last=np.where(y.there, y.last, x.last),
        head=np.where(x.there, np.where(linked & x.whole, both, x.head), y.head),
        tail=np.where(y.there, np.where(linked & y.whole, both, y.tail), x.tail),
        whole=np.where(x.there & y.there, linked & x.whole & y.whole, x.whole | y.whole),
    ).near_the_ends()


@dataclass(frozen=True, eq=False)
class _Spread:
    """The firms of one part among those of both."""

    there: BoolArray
    first: IntArray
    last: IntArray
    head: IntArray
    tail: IntArray
    whole: BoolArray

    @classmethod
    def of(cls, runs: Runs, firm: IntArray) -> _Spread:
        there = np.isin(firm, runs.firm)
        first, last, head, tail, whole = np.zeros((5, len(firm)), dtype=np.int64)
        first[there], last[there] = runs.first, runs.last
        head[there], tail[there] = runs.head, runs.tail
        whole[there] = runs.whole
        return cls(there, first, last, head, tail, whole > 0)
