"""Every series on the sessions of the market."""

from __future__ import annotations

import numpy as np

from eventstudy import errors
from eventstudy.arrays import DateArray, FloatArray
from eventstudy.panel.table import Table

#: share of the mean number of securities that makes a date a session where no market is given
SHARE = 0.2
#: securities that are computed together: their prices stay in the processor's cache
TOGETHER = 32


def market_sessions(table: Table, name: str) -> DateArray:
    """Sessions are the dates on which the market has a value."""
    sessions: DateArray = table.dates[np.isfinite(table.column(name))]
    if not len(sessions):
        raise errors.panel_market_empty(name)
    return sessions


def usual_sessions(table: Table) -> DateArray:
    """Without a market: dates with at least a fifth of the mean number of securities."""
    count = np.isfinite(table.values).sum(axis=1)
    if not count.any():
        raise errors.panel_no_values(table.what)
    sessions: DateArray = table.dates[count >= SHARE * count.mean()]
    return sessions


def growth(closes: FloatArray, kind: str) -> FloatArray:
    """(S, T) returns between neighbouring sessions from (T, S) closes.

    P_t / P_{t−1} − 1, or its logarithm. A missing close makes both neighbours missing; the
    first session has no return.
    """
    out = np.empty(closes.shape[::-1])
    out[:, :1] = np.nan
    for start in range(0, len(out), TOGETHER):
        rows = slice(start, start + TOGETHER)
        prices, found = np.ascontiguousarray(closes[:, rows].T), out[rows, 1:]
        np.divide(prices[:, 1:], prices[:, :-1], out=found)
        if kind == "log":
            np.log(found, out=found)
        else:
            found -= 1.0
    return out


def compound(table: Table, sessions: DateArray, kind: str) -> FloatArray:
    """(T, C) returns per session: returns of days in between go into the next session.

    A missing day in between counts as not traded; a missing session stays missing. A series
    with days in between has no return on the first session: where it began is not known.
    """
    own = table.at(sessions)
    inside = (table.dates > sessions[0]) & (table.dates < sessions[-1])
    between = inside & ~np.isin(table.dates, sessions)
    found = np.isfinite(table.values[between])
    columns = np.flatnonzero(found.any(axis=0))
    if not len(columns):
        return own
    values = np.where(found, table.values[between], 0.0)[:, columns]
    target = np.searchsorted(sessions, table.dates[between])
    rows, starts = np.unique(target, return_index=True)
    moved = np.logical_or.reduceat(found[:, columns], starts)
    before = own[np.ix_(rows, columns)]
    if kind == "log":
        after = before + np.add.reduceat(values, starts)
    else:
        after = (1.0 + before) * np.multiply.reduceat(1.0 + values, starts) - 1.0
    out = own.copy()
    out[np.ix_(rows, columns)] = np.where(moved, after, before)
    out[0, columns] = np.nan
    return out
