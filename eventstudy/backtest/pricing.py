"""What positions can earn: returns from entry to leaving, and where prices end or have holes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.backtest.moments import Moment
from eventstudy.engine.gathering import gather, gather_returns
from eventstudy.panel import Panel
from eventstudy.panel.gaps import DAYS, SINCE_TRADE
from eventstudy.panel.halves import daytime, overnight


@dataclass(frozen=True, eq=False)
class Priced:
    """Returns of n securities on the L sessions from the day of entry to the day of leaving."""

    #: (n, L) returns of a unit held from entry on, 0 where nothing is earned
    asset: FloatArray
    #: (n,) last column with a price to leave at, which may be that of entry; −1 where there was
    #: no price to enter at
    closed: IntArray
    #: (n,) the position was stopped because a price is missing, and whether for good
    short: BoolArray
    ended: BoolArray
    #: (n,) first column without a price, where there is one
    hole: IntArray

    def until(self, length: int, index: IntArray | slice) -> Priced:
        """The positions ``index``, left at the close of an earlier column no return bridges."""
        hole = self.hole[index]
        short = hole < length
        closed = np.minimum(self.closed[index], length - 1)
        return Priced(self.asset[index, :length], closed, short, self.ended[index] & short, hole)


def price(
    panel: Panel, firm: IntArray, row: IntArray, enter: Moment, leave: Moment, delisting: float
) -> Priced:
    """Follow each position until it is left, or until its prices stop.

    A session without a price ends a position at the last price before; a return that bridges the
    hole (`Panel.from_prices(..., across_gaps=True)`) carries it over. Where prices end for good
    the position earns ``delisting`` on the next session.
    """
    length = leave.day - enter.day + 1
    asset, days = _returns(panel, firm, row + enter.day, length)
    first = 0 if enter.at_open else 1
    # that a return ends or begins there says that there is a price, and no more
    begins = np.isfinite(asset) & (days == 1.0)
    entered = np.isfinite(asset[:, 0]) | begins[:, 1:2].any(axis=1)
    if enter.at_open:
        asset[:, 0], days[:, 0] = half(panel, firm, row + enter.day, "day"), 1.0
        # whether there will be a close is not known at the open
        entered = gather_returns(panel.fields["open"], firm, row + enter.day, 1)[:, 0] > 0
    if leave.at_open:
        asset[:, -1] = half(panel, firm, row + leave.day, "night")
    reached = np.full(len(firm), first - 1)
    for j in range(first, length):  # a return counts where it begins at the last price seen
        goes_on = np.isfinite(asset[:, j]) & (j - days[:, j] == reached)
        reached[goes_on] = j
    short = reached < length - 1
    ended = short & (row + enter.day + reached >= _last_priced(panel)[firm])
    column = np.arange(length)
    held = (column >= first) & (column <= reached[:, None])
    asset = np.where(held & np.isfinite(asset), asset, 0.0)
    hole = reached + 1
    if delisting:
        gone = np.flatnonzero(ended & entered)
        reached[gone] += 1
        asset[gone, reached[gone]] = delisting
    return Priced(asset, np.where(entered, np.maximum(reached, 0), -1), short, ended, hole)


def _returns(
    panel: Panel, firm: IntArray, start: IntArray, length: int
) -> tuple[FloatArray, FloatArray]:
    """(n, L) returns since the last price, and the sessions that each covers."""
    asset = gather_returns(panel.returns, firm, start, length)
    days = np.ones(asset.shape)
    if SINCE_TRADE in panel.fields:
        covers = gather_returns(panel.fields[DAYS], firm, start, length)
        since = gather_returns(panel.fields[SINCE_TRADE], firm, start, length)
        wide = (covers > 1) & np.isnan(asset)
        asset[wide], days[wide] = np.expm1(since[wide]), covers[wide]
    return asset, days


def half(panel: Panel, firm: IntArray, column: IntArray, name: str) -> FloatArray:
    """(n,) return of the day, from open to close of a session, or of the night before its open."""
    once, where = np.unique(firm, return_inverse=True)
    halves = daytime(panel, once) if name == "day" else overnight(panel, once)
    return gather(halves, where, column, 1, np.float64("nan"))[:, 0]


def _last_priced(panel: Panel) -> IntArray:
    """(S,) last session with a return of each security; −1 where there is none."""
    found = np.full(len(panel.tickers), -1)
    rest = np.arange(len(found))
    for column in range(len(panel.sessions) - 1, -1, -1):  # most have one on the last session
        seen = np.isfinite(panel.returns[rest, column])
        found[rest[seen]] = column
        rest = rest[~seen]
        if not rest.size:
            break
    return found
