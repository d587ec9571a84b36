"""A table with a row a ticker and date, scattered onto dates × tickers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy import errors
from eventstudy.arrays import DateArray, IntArray
from eventstudy.panel.dates import days_of, whole
from eventstudy.panel.fields import FIELDS, field_name
from eventstudy.panel.table import Table, numbers


@dataclass(frozen=True)
class LongTable:
    """The rows of a long table, each with its place on dates × tickers."""

    frame: pd.DataFrame
    dates: DateArray
    tickers: tuple[str, ...]
    #: (rows,) place in the flattened grid, which goes ticker by ticker
    place: IntArray

    def grid(self, column: str, what: str) -> Table:
        """Scatter one column."""
        _require(self.frame, column)
        out = np.full(len(self.dates) * len(self.tickers), np.nan)
        out[self.place] = numbers(self.frame[[column]], what)[:, 0]
        return Table(what, self.dates, self.tickers, out.reshape(-1, len(self.dates)).T)

    def split_fields(self, fields: object) -> tuple[dict[str, Table], object]:
        """Fields named as columns of the table, and the rest of ``fields=`` as it was."""
        if fields is None:
            return {}, fields
        if not isinstance(fields, Mapping):
            raise errors.panel_fields_of_long(fields)
        columns = {label: c for label, c in fields.items() if isinstance(c, str)}
        unknown = [label for label in columns if field_name(label) not in FIELDS]
        if unknown:
            raise errors.unknown_option("fields", unknown[0], FIELDS)
        own = {field_name(label): self.grid(c, field_name(label)) for label, c in columns.items()}
        return own, {label: f for label, f in fields.items() if label not in columns}


def read_long(table: object, ticker: str, date: str) -> LongTable:
    """Read where each row lies; a second row of a ticker and date is refused."""
    if not isinstance(table, pd.DataFrame):
        raise errors.panel_not_frame("table", table)
    if not table.size:
        raise errors.panel_empty("table", *table.shape)
    _require(table, ticker)
    _require(table, date)
    rows, dates = _dates(table[date], date)
    place, tickers = _tickers(table[ticker], ticker)
    place *= len(dates)  # in place: there may be many rows
    place += rows
    del rows
    taken = np.zeros(len(dates) * len(tickers), dtype=np.bool_)
    taken[place] = True
    twice = len(place) - int(np.count_nonzero(taken))
    if twice:
        first = int(place[int(np.argmax(pd.Series(place).duplicated().to_numpy()))])
        pair = tickers[first // len(dates)], dates[first % len(dates)]
        raise errors.panel_duplicate_pair(*pair, twice)
    return LongTable(table, dates, tickers, place)


def _require(table: pd.DataFrame, column: str) -> None:
    if column not in table.columns:
        raise errors.panel_no_column(column, table.columns)
    if np.count_nonzero(table.columns == column) > 1:
        raise errors.panel_duplicate_columns("table", [column])


def _dates(column: pd.Series, name: str) -> tuple[IntArray, DateArray]:
    """Row of each date, and the days; each distinct label is read once."""
    codes, labels = pd.factorize(column, use_na_sentinel=True)
    gone = int(np.count_nonzero(codes < 0))
    if gone:
        raise errors.panel_missing_dates(f"Column {name!r}", gone)
    days, row = np.unique(days_of(pd.Index(labels), f"Column {name!r}"), return_inverse=True)
    return row[codes].astype(np.int64, copy=False), days


def _tickers(column: pd.Series, name: str) -> tuple[IntArray, tuple[str, ...]]:
    """Column of each ticker, and the tickers in alphabetical order."""
    codes, labels = pd.factorize(column, use_na_sentinel=True)
    gone = int(np.count_nonzero(codes < 0))
    if gone:
        raise errors.panel_missing_tickers(name, gone)
    names, place = np.unique(as_text(pd.Index(labels)), return_inverse=True)
    return place[codes].astype(np.int64, copy=False), tuple(names.tolist())


def as_text(labels: pd.Index) -> NDArray[np.str_]:
    """Tickers as the panel writes them: 10107.0 is 10107."""
    return np.array([str(label) for label in whole(labels)], dtype=np.str_)
