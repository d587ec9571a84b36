"""The user's table of characteristics: what was known of each firm before a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import FloatArray, IntArray
from eventstudy.panel.dates import days_of
from eventstudy.panel.long import as_text
from eventstudy.panel.table import numbers

TICKER, DATE = "ticker", "date"
#: the day on which what has no date became known: before every other
ALWAYS = np.iinfo(np.int32).min


@dataclass(frozen=True, eq=False)
class Characteristics:
    """C numbers of F firms, each known from a day on."""

    names: tuple[str, ...]
    #: F names, in alphabetical order
    tickers: tuple[str, ...]
    #: whether the table has dates
    dated: bool
    #: (R,) rows sorted by firm and day: the firm, the day (days since 1970), and (R, C) numbers
    firm: IntArray
    day: IntArray
    values: FloatArray

    @cached_property
    def _columns(self) -> list[tuple[IntArray, IntArray, FloatArray]]:
        """Of each characteristic the rows that have it: where they lie, the firm, the number."""
        found = []
        for values in self.values.T:
            there = np.flatnonzero(np.isfinite(values))
            key = self.firm[there] * self._span + (self.day[there] - self._origin)
            found.append((key, self.firm[there], values[there]))
        return found

    @property
    def _origin(self) -> int:
        return int(self.day.min(initial=0)) - 1

    @property
    def _span(self) -> int:
        """Longer than the time from the first day to the last."""
        return int(self.day.max(initial=0)) - self._origin + 2

    def before(self, day: np.datetime64) -> FloatArray:
        """(F, C) of each number the latest that is dated before ``day``; NaN where there is none.

        >>> table = pd.DataFrame({"ticker": ["A", "A"], "date": ["2026-01-02", "2026-01-05"],
        ...                       "size": [1.0, 2.0]})
        >>> read_characteristics(table, None).before(np.datetime64("2026-01-05")).tolist()
        [[1.0]]
        """
        asked = int(day.astype("datetime64[D]").astype(np.int64)) - self._origin
        firms = np.arange(len(self.tickers))
        out = np.full((len(firms), len(self.names)), np.nan)
        for column, (key, owner, values) in enumerate(self._columns):
            place = np.searchsorted(key, firms * self._span + min(max(asked, 0), self._span - 1))
            found = np.flatnonzero((place > 0) & (np.append(owner, -1)[place - 1] == firms))
            out[found, column] = values[place[found] - 1]
        return out


def read_characteristics(table: object, names: Iterable[str] | None) -> Characteristics:
    """Read a table with a row a firm, or a row a firm and date; ``names`` are the columns used."""
    if not isinstance(table, pd.DataFrame):
        raise errors.characteristics_not_a_table(table)
    if table.empty:
        raise errors.characteristics_empty()
    rows = _with_tickers(table)
    twice = [str(name) for name in rows.columns[rows.columns.duplicated()]]
    if twice:
        raise errors.panel_duplicate_columns("characteristics", twice)
    known = [str(name) for name in rows.columns if name not in (TICKER, DATE)]
    used = tuple(known if names is None else dict.fromkeys(names))
    for name in used or ("size",):
        if name not in known:
            raise errors.characteristics_no_column(name, known)
    values = numbers(rows[list(used)], "characteristics")
    firm, tickers = _firms(rows[TICKER])
    day = _days(rows)
    _refuse_infinite(values, used, firm, tickers)
    order = np.lexsort((day, firm))
    firm, day, values = firm[order], day[order], values[order]
    _refuse_twice(firm, day, tickers, dated=DATE in rows)
    return Characteristics(used, tickers, DATE in rows, firm, day, values)


def _with_tickers(table: pd.DataFrame) -> pd.DataFrame:
    """The table with tickers, and dates if there are any, as columns; all named by text."""
    levels = [name for name in table.index.names if name in (TICKER, DATE)]
    if levels:
        table = table.reset_index(level=levels)
    if TICKER not in table.columns:
        if isinstance(table.index, (pd.RangeIndex, pd.DatetimeIndex)) or table.index.nlevels > 1:
            raise errors.characteristics_nameless()
        table = table.rename_axis(TICKER).reset_index()
    return table.set_axis([str(name) for name in table.columns], axis="columns")


def _firms(column: pd.Series) -> tuple[IntArray, tuple[str, ...]]:
    """Firm of each row, and the tickers in alphabetical order."""
    codes, labels = pd.factorize(column, use_na_sentinel=True)
    if gone := int((codes < 0).sum()):
        raise errors.panel_missing_tickers(TICKER, gone)
    names, place = np.unique(as_text(pd.Index(labels)), return_inverse=True)
    return place.astype(np.int64)[codes], tuple(names.tolist())


def _days(rows: pd.DataFrame) -> IntArray:
    if DATE not in rows:
        return np.full(len(rows), ALWAYS, dtype=np.int64)
    codes, labels = pd.factorize(rows[DATE], use_na_sentinel=True)
    if gone := int((codes < 0).sum()):
        raise errors.panel_missing_dates("Column 'date' of the characteristics", gone)
    days = days_of(pd.Index(labels), "Column 'date' of the characteristics")
    return days.astype("datetime64[D]").astype(np.int64)[codes]


def _refuse_infinite(
    values: FloatArray, names: Sequence[str], firm: IntArray, tickers: Sequence[str]
) -> None:
    if np.isinf(values).any():
        row, column = np.argwhere(np.isinf(values))[0]
        raise errors.characteristics_infinite(names[column], tickers[firm[row]])


def _refuse_twice(firm: IntArray, day: IntArray, tickers: Sequence[str], *, dated: bool) -> None:
    again = (firm[1:] == firm[:-1]) & (day[1:] == day[:-1])
    if again.any():
        row = int(again.argmax())
        date = str(np.datetime64(int(day[row]), "D")) if dated else ""
        raise errors.characteristics_twice(tickers[firm[row]], date, int(again.sum()) + 1)
