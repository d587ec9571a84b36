"""Limits on positions: what a name and the whole book may hold, and trades that overlap.

Walks over the moments of entry, in their order, and knows at each of them only what was opened
before; the trades of one moment are treated together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.backtest.terms import Limits

#: notionals below this are none: what rounding leaves of a limit that is used up
DUST = 1e-12


@dataclass(frozen=True, eq=False)
class Wanted:
    """Trades that are asked for; moments count two a session: its open, then its close."""

    firm: IntArray
    #: (n,) moments of entry and leaving, and the one at which it is known that it was left: a
    #: price that is missing is missed a session later
    enter: IntArray
    leave: IntArray
    free: IntArray
    #: (n,) whether a price that is missing ends it
    stopped: BoolArray
    #: (n,) signed notional
    position: FloatArray


@dataclass(frozen=True, eq=False)
class Granted:
    """What the limits leave of the trades that were asked for."""

    #: (n,) moments, and signed notional; 0 where there is no trade
    enter: IntArray
    leave: IntArray
    position: FloatArray
    #: (n,) the trade whose position this one carries on, −1 where it opens its own
    carries: IntArray
    #: (n,) trades that were lost to another in the same name, and to a limit
    overlapped: BoolArray
    refused: BoolArray


def grant(wanted: Wanted, limits: Limits) -> Granted:
    """Apply the limits, entry by entry."""
    book = _Open(wanted, limits)
    for moment, new in _entries(wanted.enter):
        book.release(moment)
        book.admit(moment, new)
    return Granted(
        book.enter, book.leave, book.position, book.carries, book.overlapped, book.refused
    )


def _entries(enter: IntArray) -> Iterator[tuple[int, IntArray]]:
    """Each moment of entry and the trades that want it, in the order of their input."""
    order = np.argsort(enter, kind="stable")
    cuts = np.flatnonzero(np.diff(enter[order])) + 1
    for some in np.split(order, cuts):
        if some.size:
            yield int(enter[some[0]]), some


class _Open:
    """The positions that are open, as the walk goes on."""

    def __init__(self, wanted: Wanted, limits: Limits) -> None:
        n, firms = len(wanted.firm), int(wanted.firm.max(initial=0)) + 1
        self.firm, self.limits = wanted.firm, limits
        self.enter, self.leave = wanted.enter.copy(), wanted.leave.copy()
        self.free, self.stopped = wanted.free.copy(), wanted.stopped
        self.position = wanted.position.copy()
        self.carries = np.full(n, -1)
        self.overlapped, self.refused = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
        #: the trade that holds each name last, and what names and book hold
        self.last = np.full(firms, -1)
        self.in_name, self.total = np.zeros(firms), 0.0
        #: trades by the moment at which they give their notional back
        self._leaving: dict[int, list[IntArray]] = {}

    def release(self, moment: int) -> None:
        """Give back what was left by ``moment``."""
        for when in sorted(m for m in self._leaving if m <= moment):
            for some in self._leaving.pop(when):
                self._give_back(some[self.free[some] == when])  # restarted ones left before

    def admit(self, moment: int, new: IntArray) -> None:
        """Open the trades ``new``, as far as they may be."""
        if self.limits.overlap != "add":
            new = self._alone(moment, new)
        size = np.abs(self.position[new])
        room = np.full(len(new), np.inf)
        if self.limits.per_name is not None:
            room = np.maximum(self.limits.per_name - self.in_name[self.firm[new]], 0.0)
            same = np.bincount(self.firm[new], weights=size)[self.firm[new]]
            room = room * np.divide(size, same, out=np.zeros_like(size), where=same > 0)
        allowed = np.minimum(size, room)
        if self.limits.gross is not None:
            free = max(self.limits.gross - self.total, 0.0)
            want = float(allowed.sum())
            allowed = allowed * (min(free / want, 1.0) if want > 0 else 0.0)
        gone = allowed <= DUST
        self.refused[new[gone]] = True
        allowed[gone] = 0.0
        self.position[new] = np.copysign(allowed, self.position[new])
        self._hold(new[~gone])

    def _alone(self, moment: int, new: IntArray) -> IntArray:
        """Keep one trade a name: by the rule for those whose name is held already."""
        _, first = np.unique(self.firm[new], return_index=True)
        again = np.ones(len(new), dtype=bool)
        again[first] = False
        self._drop(new[again])
        new = new[~again]
        before = self.last[self.firm[new]]
        busy = (before >= 0) & (self.free[before] > moment)
        old, rival = before[busy], new[busy]
        if self.limits.overlap == "ignore":
            self._drop(rival)
            return np.asarray(new[~busy])
        turned = self.position[old] * self.position[rival] < 0
        if self.limits.overlap == "extend":
            self._carry_on(old[~turned], rival[~turned])
            busy[np.flatnonzero(busy)[turned]] = False
            old = old[turned]
            new = new[~busy]
        self._leave_now(old, moment)
        return np.asarray(new)

    def _leave_now(self, old: IntArray, moment: int) -> None:
        """Close positions; events that would have carried them on are lost."""
        while (waiting := self.enter[old] > moment).any():
            self._drop(old[waiting])
            old = np.where(waiting, self.carries[old], old)
        self._give_back(old)
        self.leave[old], self.free[old] = np.minimum(self.leave[old], moment), -1

    def _carry_on(self, old: IntArray, new: IntArray) -> None:
        """Let the later event hold the position on from where the earlier one would leave."""
        goes_on = ~self.stopped[old] & (self.leave[new] >= self.leave[old])
        self._drop(new[~goes_on])
        old, new = old[goes_on], new[goes_on]
        self.enter[new] = self.leave[old]
        self.position[new] = self.position[old]
        self.carries[new] = old
        self.last[self.firm[new]] = new
        self.free[old] = -1  # the notional passes on, nothing is given back
        self._expect(new)

    def _hold(self, some: IntArray) -> None:
        size = np.abs(self.position[some])
        np.add.at(self.in_name, self.firm[some], size)
        self.total += float(size.sum())
        self.last[self.firm[some]] = some
        self._expect(some)

    def _expect(self, some: IntArray) -> None:
        for when in np.unique(self.free[some]):
            mine = some[self.free[some] == when]
            self._leaving.setdefault(int(when), []).append(mine)

    def _give_back(self, some: IntArray) -> None:
        size = np.abs(self.position[some])
        np.subtract.at(self.in_name, self.firm[some], size)
        self.total = max(self.total - float(size.sum()), 0.0)

    def _drop(self, some: IntArray) -> None:
        self.overlapped[some] = True
        self.position[some], self.free[some] = 0.0, -1
