"""The accounts of a backtest, as arrays: what was held, paid and earned, by trade and day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Book:
    """Trades of n events on the L sessions from the day of entry to the day of leaving.

    Column j of an (n, L) array is the session ``row + start + j`` of the calendar. Everything is
    a fraction of one notional that never changes: profits are added, not compounded.
    """

    #: (n,) position in the events that were traded, security and calendar row of day 0
    event: IntArray
    firm: IntArray
    row: IntArray
    #: event day of column 0
    start: int
    #: (n,) columns at which the position is opened and closed
    opened: IntArray
    closed: IntArray
    #: (n,) signed notional: side × weight
    position: FloatArray
    #: (n, L) returns of the security and of its hedge, each on one unit held long; 0 where
    #: nothing is held
    asset: FloatArray
    hedge: FloatArray
    #: (n, L) value traded, the hedge included, and what was paid for trading and for borrowing
    traded: FloatArray
    paid: FloatArray
    #: (n, L) sessions whose return the trade earns
    held: BoolArray
    #: (n,) abnormal return over the sessions held, NaN where it is not known
    abnormal: FloatArray
    #: (n,) whether a position is opened at an open, and whether it is closed at one (None: none)
    at_open: tuple[BoolArray, BoolArray] | None = None

    def __len__(self) -> int:
        return len(self.row)

    @cached_property
    def sessions(self) -> IntArray:
        """(n, L) calendar rows of the columns."""
        return self.row[:, None] + (self.start + np.arange(self.asset.shape[1]))

    @cached_property
    def span(self) -> slice:
        """Calendar rows from the first entry to the last leaving."""
        if not len(self):
            return slice(0, 0)
        first = self.row + self.start + self.opened
        last = self.row + self.start + self.closed
        return slice(int(first.min()), int(last.max()) + 1)

    # ── by trade ─────────────────────────────────────────────────────────────────────────
    @cached_property
    def gross(self) -> FloatArray:
        """(n,) profit of the security."""
        return np.asarray(self.position * self.asset.sum(axis=1))

    @cached_property
    def hedged(self) -> FloatArray:
        """(n,) profit of the hedge, negative where it lost."""
        return np.asarray(self.position * self.hedge.sum(axis=1))

    @cached_property
    def cost(self) -> FloatArray:
        """(n,) what was paid."""
        return np.asarray(self.paid.sum(axis=1))

    @cached_property
    def net(self) -> FloatArray:
        """(n,) gross + hedge − cost."""
        return np.asarray(self.gross + self.hedged - self.cost)

    # ── by session ───────────────────────────────────────────────────────────────────────
    def by_session(self, values: FloatArray) -> FloatArray:
        """(D,) sums over trades of (n, L) values, for the sessions of `span`."""
        days, at = self.span, self.sessions
        found = np.bincount(at.ravel(), weights=values.ravel(), minlength=days.stop)[days]
        return found.astype(np.float64, copy=False)  # of nothing bincount makes integers

    @cached_property
    def exposure(self) -> FloatArray:
        """(D,) notional held in each session, in its night or its day, whichever is more."""
        size = np.abs(self.position)[:, None] * self.held
        if self.at_open is None:
            return self.by_session(size)
        each, night, day = np.arange(len(self)), size, size.copy()
        bought, sold = self.at_open
        night[each[bought], self.opened[bought]] = 0.0
        day[each[sold], self.closed[sold]] = 0.0
        return np.maximum(self.by_session(night), self.by_session(day))

    @cached_property
    def daily_net(self) -> FloatArray:
        """(D,) gross + hedge − cost by session."""
        earned = self.position[:, None] * (self.asset + self.hedge) - self.paid
        return self.by_session(earned)
