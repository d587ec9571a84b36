"""CRSP's delisting returns, from a file of their own, among the daily returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import DateArray, FloatArray
from eventstudy.panel.crsp import NO_VALUE, Codes, read_codes, tell
from eventstudy.panel.dates import days_of
from eventstudy.panel.long import as_text
from eventstudy.panel.table import Table, numbers

DELISTINGS = Codes(
    {
        "A": "still active",
        "P": "trades elsewhere, no price known",
        "S": "no source for a value",
        "T": "more than ten days to the next price",
        NO_VALUE: "no value",
    },
    {-88.0: "A", -55.0: "S", -66.0: "T", -99.0: "P"},
)


@dataclass(frozen=True)
class Columns:
    """How the columns of a long table are called."""

    ticker: str
    date: str
    ret: str


@dataclass(frozen=True)
class _Delistings:
    """Delistings, a row each; a return is NaN where CRSP has none."""

    tickers: pd.Index
    days: DateArray
    returns: FloatArray
    codes: Counter[str]


def with_delistings(
    returns: Table, sessions: DateArray, delistings: object, names: Columns, said: list[str]
) -> Table:
    """Compound each delisting return into the return of its day: (1 + RET)(1 + DLRET) − 1.

    Alone where RET is missing on that day. A day that is no session, or that the table does not
    have, is the next one that is both: a return between sessions would be lost, for the security
    has none on the next. A delisting without a return changes nothing.
    """
    read = _read_delistings(delistings, names)
    column = pd.Index(returns.names, dtype=object).get_indexer(read.tickers)
    days = np.intersect1d(returns.dates, sessions)
    at = np.searchsorted(days, read.days)
    here = ~np.isnan(read.returns)
    inside = (read.days >= max(returns.dates[0], sessions[0])) & (at < len(days))
    row = np.searchsorted(returns.dates, np.append(days, sessions[-1]))[at]
    used = here & inside & (column >= 0)
    # more than one delisting may fall on a day, if the table leaves out days
    cells, which = np.unique(row[used] * len(returns.names) + column[used], return_inverse=True)
    growth = np.ones(len(cells))
    np.multiply.at(growth, which, 1.0 + read.returns[used])
    values = returns.values.copy()
    flat = values.reshape(-1)
    before = flat[cells]
    flat[cells] = np.where(np.isnan(before), 1.0, 1.0 + before) * growth - 1.0
    left = {
        "still active": read.codes.pop("A", 0),
        "of tickers that the table does not have": int((here & (column < 0)).sum()),
        "outside its dates": int((here & ~inside & (column >= 0)).sum()),
    }
    tell(said, _told(read, int(used.sum()), int(np.isnan(before).sum()), left))
    return Table(returns.what, returns.dates, returns.names, values)


def _told(read: _Delistings, used: int, alone: int, left: Mapping[str, int]) -> str:
    silent = int(np.isnan(read.returns).sum()) - read.codes.total() - left["still active"]
    missing = [DELISTINGS.said(read.codes)] if read.codes else []
    missing += [f"without a code {silent}"] if silent else []
    parts = [f"delisting returns: {used} used, {alone} of them on a day without a return"]
    parts += [f"missing by code of CRSP: {', '.join(missing)}"] if missing else []
    parts += [f"{count} {what}" for what, count in left.items() if count]
    return "; ".join(parts)


def _read_delistings(delistings: object, names: Columns) -> _Delistings:
    """Read the table of delistings, its columns by CRSP's names or by those of the table."""
    if not isinstance(delistings, pd.DataFrame):
        raise errors.crsp_delistings_type(delistings)
    ticker = _column(delistings, names.ticker, names.ticker)
    date = _column(delistings, "DLSTDT", names.date)
    ret = _column(delistings, "DLRET", names.ret)
    for name in (ticker, date):
        if delistings[name].isna().any():
            raise errors.crsp_delisting_incomplete(name, int(delistings[name].isna().sum()))
    labels = pd.Index(as_text(pd.Index(delistings[ticker])), dtype=object)
    days = _days(delistings[date], date)
    if ret.upper() != "DLRET" and labels.has_duplicates:  # rather the daily returns themselves
        raise errors.crsp_delistings_are_daily(ret, str(labels[labels.duplicated()][0]))
    twice = pd.DataFrame({"ticker": labels, "day": days}).duplicated().to_numpy()
    if twice.any():
        first = int(np.argmax(twice))
        raise errors.crsp_delisting_twice(str(labels[first]), days[first])
    values, codes = read_codes(delistings[ret], DELISTINGS, "delistings")
    if values is None:
        values = numbers(delistings[[ret]], "delistings")[:, 0]
    low = values < -1.0
    if low.any():
        first = int(np.argmax(low))
        raise errors.crsp_delisting_below(str(labels[first]), days[first], values[first])
    return _Delistings(labels, days, values, codes)


def _column(table: pd.DataFrame, name: str, other: str) -> str:
    """Find a column by one name or the other, also in small letters."""
    names = [str(column) for column in table.columns]
    for wanted in (name, other):
        found = [each for each in names if each.upper() == wanted.upper()]
        if len(found) > 1:
            raise errors.panel_duplicate_columns("delistings", found)
        if found:
            return found[0]
    raise errors.crsp_delistings_column(dict.fromkeys((name, other)), table.columns)


def _days(column: pd.Series, name: str) -> DateArray:
    codes, labels = pd.factorize(column)
    days: DateArray = days_of(pd.Index(labels), f"Column {name!r}")[codes]
    return days


def refuse_delistings(table: pd.DataFrame, delistings: object, names: Columns) -> None:
    """CRSP's new layout has the delisting return among the daily returns."""
    there = {str(column).upper() for column in table.columns}
    given = {str(column).upper() for column in getattr(delistings, "columns", ())}
    if there & {"DLYDELFLG", "DLYRET"} or ("DELRET" in given and "DLRET" not in given):
        raise errors.crsp_delistings_there(names.ret)
