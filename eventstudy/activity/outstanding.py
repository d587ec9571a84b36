"""Shares outstanding of each firm, as they were known before each session."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import DateArray, FloatArray
from eventstudy.panel import Panel
from eventstudy.panel.table import Table, names_of, numbers, read_table, refuse_duplicates

#: ``shares=`` of the panel's own fields
FROM_CAP = "market_cap"
#: share of the shares outstanding that no firm trades on a usual day: the shares are in thousands
MOST = 1.0


def outstanding(shares: object, panel: Panel) -> FloatArray:
    """(S, T) shares outstanding, or (S, 1) where they are one number a firm; NaN: not known."""
    if isinstance(shares, str):
        if shares != FROM_CAP:
            raise errors.shares_unreadable(shares)
        found = _implied(panel)
    elif isinstance(shares, pd.DataFrame):
        found = _by_date(read_table(shares, "shares"), panel)
    elif isinstance(shares, (pd.Series, Mapping)):
        found = _by_ticker(pd.Series(shares), panel)
    elif isinstance(shares, (int, float, np.number)) and not isinstance(shares, (bool, np.bool_)):
        found = np.full((len(panel.tickers), 1), float(shares))
    else:
        raise errors.shares_unreadable(shares)
    if not (~np.isnan(found)).any():
        raise errors.shares_never_known(str(panel.sessions[-1]))
    return _positive(found, panel.tickers)


def known_before(table: FloatArray, dates: DateArray, sessions: DateArray) -> FloatArray:
    """(T, C) the last number of each column dated before each session; NaN before the first.

    >>> days = np.array(["2026-01-02", "2026-01-05", "2026-01-06"], dtype="datetime64[D]")
    >>> known_before(np.array([[1.0], [np.nan]]), days[:2], days).ravel().tolist()
    [nan, 1.0, 1.0]
    """
    row = np.where(np.isfinite(table), np.arange(len(table))[:, None], -1)
    last = np.maximum.accumulate(row, axis=0)
    before = np.searchsorted(dates, sessions, side="left") - 1
    at = np.where(before[:, None] >= 0, last[before], -1)
    return np.where(at >= 0, np.take_along_axis(table, np.maximum(at, 0), axis=0), np.nan)


def _implied(panel: Panel) -> FloatArray:
    """(S, T) market capitalisation over close of the last session before that has both."""
    lacking = [name for name in (FROM_CAP, "close") if name not in panel.fields]
    if lacking:
        raise errors.shares_from_cap(lacking)
    cap, close = (np.asarray(panel.fields[name], dtype=np.float64) for name in (FROM_CAP, "close"))
    known = np.isfinite(cap) & (close > 0)
    ratio = np.divide(cap, close, out=np.full(cap.shape, np.nan), where=known)
    return known_before(ratio.T, panel.sessions, panel.sessions).T


def _by_date(table: Table, panel: Panel) -> FloatArray:
    known = known_before(table.values, table.dates, panel.sessions).T
    return _on_rows(known, table.names, panel.tickers)


def _by_ticker(shares: pd.Series, panel: Panel) -> FloatArray:
    values = numbers(shares.to_frame("shares"), "shares")
    names = names_of(shares.index, "shares")
    refuse_duplicates("shares", names)

    return _on_rows(values, names, panel.tickers)


def _on_rows(values: FloatArray, names: tuple[str, ...], tickers: tuple[str, ...]) -> FloatArray:
    """(S, T) rows of ``values`` in the order of the panel's tickers, NaN where it has none."""
    place = {name: row for row, name in enumerate(names)}
    found = np.full((len(tickers), values.shape[1]), np.nan)
    there = [row for row, ticker in enumerate(tickers) if ticker in place]
    if not there:
        raise errors.shares_of_nobody(names, tickers)
    found[there] = values[[place[tickers[row]] for row in there]]
    return found


def _positive(shares: FloatArray, tickers: tuple[str, ...]) -> FloatArray:
    """Refuse shares that are no number above zero."""
    wrong = ~np.isnan(shares) & ~((shares > 0) & np.isfinite(shares))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise errors.shares_not_positive(tickers[row], float(shares[row, column]))
    return shares


def refuse_thousands(turnover: FloatArray, tickers: tuple[str, ...]) -> None:
    """Refuse shares outstanding in another unit than the volume."""
    known = np.isfinite(turnover).any(axis=1)
    usual = np.full(len(turnover), np.nan)
    usual[known] = np.nanmedian(turnover[known], axis=1)
    high = np.flatnonzero(usual > MOST)
    if len(high):
        raise errors.turnover_too_large(tickers[high[0]], float(usual[high[0]]))
