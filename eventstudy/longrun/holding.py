"""Which firm is held when: events become stretches of sessions, and what is cut off is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.align import Placed, Timing, ledger, nothing_left, place
from eventstudy.arrays import BoolArray, IntArray, Placement, Reason, Windows
from eventstudy.windows import Window, WindowLike, as_window, is_whole

if TYPE_CHECKING:
    from eventstudy.events import Checked
    from eventstudy.panel import Panel

#: firms that are looked at together: their days stay in the cache
TOGETHER = 256

#: why an event is held for fewer sessions than asked for
BEGIN, END, LEFT = "data_begin", "data_end", "prices_end"


@dataclass(frozen=True, eq=False)
class Held:
    """N events and the sessions on which their firms are held, ordered by firm and day 0."""

    #: (N,) position in the events table, row of the security, column of day 0
    at: Placement
    #: (N,) first and last column of the holding window, inside the data
    first: IntArray
    last: IntArray
    #: (F,) securities that have an event, and the column of the last return of each
    firms: IntArray
    ends: IntArray

    def take(self, which: BoolArray) -> Held:
        """Only these events."""
        at = Placement(self.at.firm[which], self.at.row[which], self.at.event[which])
        firms = np.unique(at.firm)
        ends = self.ends[np.searchsorted(self.firms, firms)]
        return Held(at, self.first[which], self.last[which], firms, ends)

    def parts(self) -> Iterator[tuple[slice, slice]]:
        """Some securities at a time, and the events that are theirs."""
        for start in range(0, len(self.firms), TOGETHER):
            part = slice(start, min(start + TOGETHER, len(self.firms)))
            lo = np.searchsorted(self.at.firm, self.firms[part.start])
            hi = np.searchsorted(self.at.firm, self.firms[part.stop - 1], side="right")
            yield part, slice(int(lo), int(hi))

    def owners(self, part: slice, events: slice, sessions: int) -> IntArray:
        """(F, T) for which event the firms ``part`` are held, −1 where they are not.

        A firm whose holding windows overlap is held once, for its latest event.
        """
        firms = self.firms[part]
        owner = np.full((len(firms), sessions), -1)
        line = np.searchsorted(firms, self.at.firm[events])
        index = np.arange(events.start, events.stop)
        # of events that begin together, because the data do, the latest stands
        np.maximum.at(owner, (line, self.first[events]), index)
        np.maximum.accumulate(owner, axis=1, out=owner)
        owner[np.arange(sessions) > self.last[owner]] = -1
        return owner


def as_holding(value: WindowLike) -> Window:
    """Read the sessions held; one number would be one session, which nobody means."""
    if is_whole(value):
        raise errors.holding_one_day(value)
    return as_window(value)


def hold(
    known: Checked, panel: Panel, holding: Window, timing: Timing
) -> tuple[Held, pd.DataFrame, pd.DataFrame]:
    """Find the sessions on which the firm of each event is held.

    Returns
    -------
    tuple
        The events held, those dropped with their reasons, and the ledger: a row an event that is
        held for fewer sessions than ``holding`` has.

    Raises
    ------
    NothingLeft
        If every event was dropped.
    """
    placed = place(known, panel, Windows(Window(-1, -1), Window(0, 0)), timing)
    found = placed.placement
    # of two events with one day 0, which `Timing` may keep, the first of the table is the latest
    order = np.lexsort((-found.event, found.row, found.firm))
    at = Placement(found.firm[order], found.row[order], found.event[order])
    end = len(panel.sessions) - 1
    first, last = at.row + holding.first, at.row + holding.last
    firms = np.unique(at.firm)
    whole = Held(at, np.clip(first, 0, end), np.clip(last, 0, end), firms, np.full(len(firms), -1))
    days = _count_returns(whole, panel)
    why = np.select(
        [first > end, last < 0, days == 0],
        [Reason.AFTER_DATA.code, Reason.BEFORE_DATA.code, Reason.NO_EVENT_DATA.code],
        0,
    )
    dropped = ledger(known.table, _with_reasons(placed, at, why, panel, holding))
    if why.all():
        raise nothing_left(dropped)
    held = whole.take(why == 0)
    return held, dropped, _cut_short(held, known.table, panel, holding)


def _count_returns(held: Held, panel: Panel) -> IntArray:
    """(N,) returns inside each holding window; writes where the prices of each firm end."""
    days = np.zeros(len(held.first), dtype=np.int64)
    for part, events in held.parts():
        there = np.isfinite(panel.returns[held.firms[part]])
        total = np.zeros((len(there), there.shape[1] + 1), dtype=np.int32)
        np.cumsum(there, axis=1, out=total[:, 1:])
        line = np.searchsorted(held.firms[part], held.at.firm[events])
        days[events] = total[line, held.last[events] + 1] - total[line, held.first[events]]
        held.ends[part] = np.where(
            there.any(axis=1), there.shape[1] - 1 - there[:, ::-1].argmax(axis=1), -1
        )
    return days


def _with_reasons(
    placed: Placed, at: Placement, why: IntArray, panel: Panel, holding: Window
) -> Placed:
    """Add the events without a session to be held on."""
    said = {
        Reason.AFTER_DATA.code: f"the data end on {panel.sessions[-1]}, before {holding} begins",
        Reason.BEFORE_DATA.code: f"the data begin on {panel.sessions[0]}, after {holding} ends",
        Reason.NO_EVENT_DATA.code: f"no return on any day of {holding}",
    }
    reason, detail = placed.reason.copy(), placed.detail.copy()
    reason[at.event] = why
    for code, text in said.items():
        detail[at.event[why == code]] = text
    return Placed(at, reason, detail)


def _cut_short(held: Held, events: pd.DataFrame, panel: Panel, holding: Window) -> pd.DataFrame:
    """Events that are held for fewer sessions than asked for, and why."""
    ends = held.ends[np.searchsorted(held.firms, held.at.firm)]
    last = np.minimum(held.last, ends)
    left = ends < held.last
    rules = {
        BEGIN: (held.at.row + holding.first < 0, held.first),
        LEFT: (left, last),
        END: (~left & (held.at.row + holding.last > held.last), last),
    }
    rows = []
    for rule, (where, session) in rules.items():
        index = np.flatnonzero(where)
        index = index[np.argsort(held.at.event[index], kind="stable")]
        position = held.at.event[index]
        columns = {
            "ticker": events["ticker"].array[position],
            "day0": panel.sessions[held.at.row[index]].astype("datetime64[ns]"),
            "rule": rule,
            "session": panel.sessions[session[index]].astype("datetime64[ns]"),
            "held": (last - held.first + 1)[index],
            "asked": len(holding),
        }
        rows.append(pd.DataFrame(columns, index=events.index[position]))
    return pd.concat(rows)
