"""The events of a block in the order in which they are summed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, IntArray

#: events of which sums over all windows are made at a time
PIECE = 1 << 12


@dataclass(frozen=True, eq=False)
class Block:
    """Events of consecutive dates by date and security, then those of the halo."""

    events: Abnormal
    #: how many are the block's own
    n: int

    @classmethod
    def of(cls, abnormal: Abnormal, own: BoolArray) -> Block:
        """Put the block's own events, the marked ones, before the others."""
        row, firm = abnormal.row, abnormal.firm
        halo = np.where(own, 0, row.max(initial=0) + 1)
        place = (row + halo) * (firm.max(initial=0) + 1) + firm
        ahead = (place[1:] >= place[:-1]).all()
        order = slice(None) if ahead else np.argsort(place)
        return cls(abnormal.take(order), int(np.count_nonzero(own)))

    @cached_property
    def own(self) -> Abnormal:
        """The block's own events."""
        return self.events.take(slice(0, self.n)) if self.n < len(self.events) else self.events

    @property
    def row(self) -> IntArray:
        """(n,) their dates, which ascend."""
        return self.own.row

    def pieces(self) -> Iterator[slice]:
        """Cut them into pieces of whole dates."""
        start = 0
        while True:
            stop = min(start + PIECE, self.n)
            if stop < self.n:
                before = int(np.searchsorted(self.row, self.row[stop]))
                after = int(np.searchsorted(self.row, self.row[stop], side="right"))
                stop = before if before > start else after
            yield slice(start, stop)
            start = stop
            if start >= self.n:
                return
