"""Prices scattered onto tickers × dates, piece by piece, so that a long table may be large.

Its rows are read twice: first which days and tickers there are (`survey`), then the numbers, each
straight to its place. What is in memory is the answer and one piece.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import pandas as pd

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.loaders._request import match

#: days before and after 1970 that a timestamp in nanoseconds reaches (1677 to 2262)
REACH = 106_751
#: one place for each of these days: those before 1970 are counted from the end, as NumPy does
PLACES = 2 * REACH + 1
#: what no row was put on, and what a row without a number leaves: two NaN that differ in a bit
_NOTHING = np.array(np.nan)
_MISSING = (_NOTHING.view(np.int64) + 1).view(np.float64)

Item = TypeVar("Item")


@dataclass(frozen=True)
class Rows:
    """Rows of a long table."""

    #: (rows,) days since 1970
    days: IntArray
    #: (rows,) place in `labels`
    codes: IntArray
    #: tickers, perhaps twice; the same object for as long as they stay the same
    labels: tuple[str, ...]
    #: (field, which rows or None for all) → their numbers
    numbers: Callable[[str, IntArray | None], FloatArray]


@dataclass(frozen=True)
class Block:
    """A table with a row a day."""

    #: (rows,) days since 1970, each once
    days: IntArray
    #: field → ticker → (rows,) numbers
    numbers: Mapping[str, Mapping[str, FloatArray]]


class RepeatError(Exception):
    """A ticker has more than one row on a day; the reader knows in which file."""

    def __init__(self, ticker: str, day: int) -> None:
        super().__init__(ticker, day)
        self.ticker, self.date = ticker, np.datetime64(day, "D")


class Grid:
    """Numbers by field, ticker and day, NaN where none was put."""

    def __init__(self, days: IntArray, tickers: Iterable[str], fields: Iterable[str]) -> None:
        self.days, self.tickers = days, tuple(tickers)
        self._shape = len(self.tickers), len(days)
        self._values = {field: np.full(self._shape, np.nan) for field in fields}
        self._rows, self._said_missing = 0, False
        self._row = {ticker: row for row, ticker in enumerate(self.tickers)}
        self._column = np.full(PLACES, -1)
        self._column[days] = np.arange(len(days))
        self._labels: tuple[str, ...] = ()
        self._start = np.zeros(0, dtype=np.int64)

    def put(self, rows: Rows) -> None:
        """Scatter rows; those of other tickers and days are passed over."""
        place, kept = self._places(rows)
        for at, (field, values) in enumerate(self._values.items()):
            numbers = rows.numbers(field, kept)
            if not at and np.isnan(numbers).any():  # a row without a number is a row
                numbers, self._said_missing = np.where(np.isnan(numbers), _MISSING, numbers), True
            values.reshape(-1)[place] = numbers
        self._rows += len(place)

    def check(self, again: Iterable[Rows]) -> None:
        """Refuse a place that was put twice; which it is, is looked for in the rows `again`."""
        first = next(iter(self._values.values()))
        if self._rows != np.count_nonzero(first.view(np.int64) != _NOTHING.view(np.int64)):
            taken = self._taken.reshape(-1)
            for rows in again:
                place, _ = self._places(rows)
                self._refuse(place, taken[place] | pd.Series(place).duplicated().to_numpy())
                taken[place] = True
        if self._said_missing:
            first[np.isnan(first)] = np.nan

    @cached_property
    def _taken(self) -> BoolArray:
        """Places that have a row."""
        return np.zeros(self._shape, dtype=np.bool_)

    def put_block(self, block: Block) -> None:
        """Put a table with a row a day; a second number for a ticker and day is refused."""
        column = self._column[block.days]
        if len(column) == len(self.days) and (column == np.arange(len(column))).all():
            place: IntArray | slice = slice(None)
        else:
            place = column
        for ticker in {t: None for found in block.numbers.values() for t in found}:
            row = self._row[ticker]
            self._refuse(column + row * len(self.days), self._taken[row, place])
            self._taken[row, place] = True
        for field, found in block.numbers.items():
            for ticker, numbers in found.items():
                self._values[field][self._row[ticker], place] = numbers

    def tables(self) -> dict[str, pd.DataFrame]:
        """Field → dates × tickers, on the memory of this grid."""
        index = pd.DatetimeIndex(self.days.astype("datetime64[D]"), name="date").as_unit("ns")
        names = pd.Index(self.tickers)
        return {
            field: pd.DataFrame(values.T, index=index, columns=names, copy=False)
            for field, values in self._values.items()
        }

    def _places(self, rows: Rows) -> tuple[IntArray, IntArray | None]:
        """Places in the flattened grid, and the rows that have one (None: all have)."""
        if rows.labels is not self._labels:
            found = np.array([self._row.get(label, -1) for label in rows.labels], dtype=np.int64)
            self._labels, self._start = rows.labels, found * len(self.days)
        # of indices that are no int64, NumPy converts a few at a time
        codes, days = (each.astype(np.int64, copy=False) for each in (rows.codes, rows.days))
        start, column = self._start[codes], self._column[days]
        if len(start) and min(start.min(), column.min()) < 0:
            kept = np.flatnonzero((start >= 0) & (column >= 0))
            return start[kept] + column[kept], kept
        start += column
        return start, None

    def _refuse(self, place: IntArray, again: BoolArray) -> None:
        if again.any():
            row, column = divmod(int(place[np.argmax(again)]), len(self.days))
            raise RepeatError(self.tickers[row], int(self.days[column]))


def survey(pieces: Iterable[Rows]) -> tuple[IntArray, tuple[str, ...]]:
    """Days, increasing, and tickers that occur in the rows."""
    seen = np.zeros(PLACES, dtype=np.bool_)
    used: dict[tuple[str, ...], BoolArray] = {}
    labels: tuple[str, ...] | None = None
    mine = np.zeros(0, dtype=np.bool_)
    for rows in pieces:
        days = rows.days  # where they are sorted, most repeat the one before
        seen[days[:1]] = seen[days[1:][days[1:] != days[:-1]]] = True
        if rows.labels is not labels:
            labels = rows.labels
            mine = used.setdefault(labels, np.zeros(len(labels), dtype=np.bool_))
        if not mine.all():
            mine[rows.codes] = True
    days = np.flatnonzero(seen)
    days = np.sort(np.where(days > REACH, days - PLACES, days))
    known = (name for names, there in used.items() for name in np.array(names, object)[there])
    return days, tuple(dict.fromkeys(known))


def long_tables(
    asked: Sequence[str],
    fields: Iterable[str],
    first: Iterable[Rows],
    again: Callable[[], Iterable[Rows]],
    between: tuple[int, int] = (-REACH, REACH),
) -> dict[str, pd.DataFrame]:
    """Field → dates × those of the asked tickers that the rows have.

    Parameters
    ----------
    asked : sequence of str
        Tickers.
    fields : iterable of str
        What to ask the rows for.
    first : iterable of Rows
        The rows, for their days and tickers.
    again : callable
        Gives the rows anew, perhaps without some that lie on other days or are other tickers'.
    between : tuple of int
        First and last day to take.

    Raises
    ------
    RepeatError
        If a ticker has two rows on one day.
    """
    days, tickers = survey(first)
    found = match(asked, tickers)
    kept = days[(days >= between[0]) & (days <= between[1])]
    grid = Grid(kept, (found[name] for name in asked if name in found), fields)
    for rows in again():
        grid.put(rows)
    grid.check(again())
    return grid.tables()


def block_tables(blocks: Sequence[Block], fields: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Field → dates × the tickers of the blocks."""
    days = np.unique(np.concatenate([np.zeros(0, np.int64), *(block.days for block in blocks)]))
    tickers = {t: None for block in blocks for found in block.numbers.values() for t in found}
    grid = Grid(days, tickers, fields)
    for block in blocks:
        grid.put_block(block)
    return grid.tables()


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """Make the next item in a thread while one is used: decoding and scattering overlap."""
    source = iter(items)

    def following() -> list[Item]:
        return [item for item in [next(source, None)] if item is not None]

    with ThreadPoolExecutor(max_workers=1) as worker:
        coming = worker.submit(following)
        while item := coming.result():
            coming = worker.submit(following)
            yield item[0]
