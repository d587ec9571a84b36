"""From a raw table as it was read to prices: which column is what, dates, numbers.

Three layouts are told apart by the names of the columns:

- *long*: a date, a ticker and one or more fields (close, volume, …) in each row;
- *one ticker*: a date and the fields of the security that the file is named after;
- *wide*: a date and one column of prices for each ticker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import FloatArray, IntArray
from eventstudy.loaders._grid import REACH, Block, RepeatError, Rows, block_tables, long_tables
from eventstudy.loaders._request import FIELDS, match
from eventstudy.loaders._values import ISO, as_numbers, as_tickers, day_numbers

DATE_NAMES = frozenset(("date", "datetime", "day", "session", "time", "timestamp", "caldt"))
TICKER_NAMES = frozenset(("ticker", "symbol", "tic"))
#: stands for the ticker in a table that has none
NUMBER_NAME = "permno"
OTHER_NAMES = {
    "adjclose": "adj_close",
    "adjusted_close": "adj_close",
    "adjusted": "adj_close",
    "price": "adj_close",
    "prc": "close",  # CRSP's, which no split is taken out of
    "vol": "volume",
    "marketcap": "market_cap",
    "mktcap": "market_cap",
}
BARS = frozenset(("open", "high", "low", "close"))


@dataclass(frozen=True)
class Layout:
    """Names of a table's columns: the dates, the tickers (long only), field → column."""

    date: str
    ticker: str | None
    fields: Mapping[str, str]

    @property
    def known(self) -> tuple[str, ...]:
        """Its fields; a wide table is one of adjusted closes."""
        return tuple(self.fields) or ("adj_close",)

    def has(self, field: str) -> bool:
        """Whether a field is there, or a close for an adjusted close."""
        return field in self.known or self.column(field) is not None

    def column(self, field: str) -> str | None:
        """Column of a field; a close stands for an adjusted close that is not there."""
        found = self.fields.get(field)
        return self.fields.get("close") if found is None and field == "adj_close" else found


def layout_of(names: list[str], first_row: list[object], path: Path | str) -> Layout:
    """Recognise the layout; `fields` is empty for a wide table."""
    date = _date_column(names, first_row, path)
    rest = [name for name in names if name != date]
    ticker = next((name for name in rest if plain(name) in TICKER_NAMES), None)
    ticker = ticker or next((name for name in rest if plain(name) == NUMBER_NAME), None)
    fields: dict[str, str] = {}
    for name in sorted(rest, key=lambda name: plain(name) not in FIELDS):  # adj_close before price
        field = OTHER_NAMES.get(plain(name), plain(name))
        if field in FIELDS:
            fields.setdefault(field, name)
    if ticker is not None:
        if not fields:
            raise errors.file_no_price_column(path, names)
        return Layout(date, ticker, fields)
    priced = "adj_close" in fields or "close" in fields
    # OPEN and LOW are tickers too: fields are meant only if they make up a bar or the table
    if fields.keys() >= BARS or (priced and len(fields) == len(rest)):
        return Layout(date, None, fields)
    if not rest:
        raise errors.file_no_price_column(path, names)
    return Layout(date, None, {})


def plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _date_column(names: list[str], first_row: list[object], path: Path | str) -> str:
    """Take the first column, or else one that is named so (DAY is also a ticker)."""
    if plain(names[0]) in DATE_NAMES or _is_date(first_row[0]):
        return names[0]
    for name in names:
        if plain(name) in DATE_NAMES:
            return name
    raise errors.file_no_date_column(path, names)


def _is_date(value: object) -> bool:
    text = pd.Series([str(value)]).str
    return bool(text.fullmatch(ISO).iloc[0] or text.fullmatch(r"(?:19|20)\d{6}").iloc[0])


def told_by_folders(given: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """Dates and tickers that stand in the names of folders only; a year there tells nothing new."""
    wanted = {*TICKER_NAMES, *DATE_NAMES, NUMBER_NAME}
    return {c: v for c, v in given.items() if plain(c) in wanted and c not in names}


class Part(Protocol):
    """A table of which the columns are known, to be read when it is asked."""

    @property
    def path(self) -> Path | str:
        """Where it lies, for sentences."""

    @property
    def own(self) -> str:
        """The ticker that it is named after."""

    @property
    def size(self) -> int:
        """How many rows it has."""

    @property
    def names(self) -> list[str]:
        """Its columns."""

    @property
    def layout(self) -> Layout:
        """Which column is what."""

    def frame(self, columns: list[str]) -> pd.DataFrame:
        """Read at least these columns."""

    def rows(
        self, fields: Sequence[str], asked: Sequence[str] | None, between: tuple[int, int]
    ) -> Iterator[Rows]:
        """Read the rows of a long table.

        Those of other tickers (None: all are wanted) and other days may be left out.
        """


@dataclass(frozen=True)
class FramePart:
    """A table in memory."""

    raw: pd.DataFrame
    path: Path | str
    own: str

    @property
    def size(self) -> int:
        return len(self.raw)

    @property
    def names(self) -> list[str]:
        return list(self.raw.columns)

    @cached_property
    def layout(self) -> Layout:
        return layout_of(self.names, list(self.raw.iloc[0]), self.path)

    def frame(self, columns: list[str]) -> pd.DataFrame:  # noqa: ARG002  (all are there)
        return self.raw

    def rows(
        self,
        fields: Sequence[str],  # noqa: ARG002  (all are there)
        asked: Sequence[str] | None,  # noqa: ARG002  (all are there)
        between: tuple[int, int],  # noqa: ARG002  (all are there)
    ) -> Iterator[Rows]:
        layout = self.layout
        codes, labels = pd.factorize(self.raw[layout.ticker], use_na_sentinel=False)
        tickers = as_tickers(list(labels), codes, self.path)

        def numbers(field: str, kept: IntArray | None) -> FloatArray:
            column = self.raw[layout.column(field)]
            chosen = column if kept is None else column.iloc[kept]
            return as_numbers(chosen, self.path).to_numpy()

        yield Rows(day_numbers(self.raw[layout.date], self.path), codes, tickers, numbers)


def tables_of(
    raw: pd.DataFrame, layout: Layout, asked: tuple[str, ...], path: Path | str, own: str
) -> dict[str, pd.DataFrame]:
    """Field → dates × those of the asked tickers that the table has.

    `own` is the ticker that the file is named after.
    """
    part = FramePart(raw, path, own)
    fields = layout.known
    if layout.ticker is None:
        return block_tables([block_of(part, layout, asked, fields)], fields)
    rows = list(part.rows(fields, asked, (-REACH, REACH)))
    try:
        return long_tables(asked, fields, rows, lambda: rows)
    except RepeatError as why:
        raise errors.file_price_repeats(path, why.ticker, why.date) from None


def block_of(part: Part, layout: Layout, asked: Sequence[str], fields: Sequence[str]) -> Block:
    """Read what is asked of a table with a row a date."""
    if layout.fields:
        found = [part.own] if match(asked, [part.own]) else []
        columns = {field: layout.column(field) for field in fields}
        wanted = {f: dict.fromkeys(found, column) for f, column in columns.items() if column}
    else:
        prices = [name for name in part.names if name != layout.date]
        wanted = {"adj_close": {name: name for name in match(asked, prices).values()}}
    chosen = {column for tickers in wanted.values() for column in tickers.values()}
    raw = part.frame([layout.date, *chosen])
    days = day_numbers(raw[layout.date], part.path)
    twice = pd.Series(days).duplicated().to_numpy()
    if twice.any() and (chosen or not layout.fields):
        whose = part.own if layout.fields else "every ticker"
        date = np.datetime64(int(days[twice][0]), "D")
        raise errors.file_price_repeats(part.path, whose, date)
    numbers = {column: as_numbers(raw[column], part.path).to_numpy() for column in chosen}
    return Block(days, {f: {t: numbers[c] for t, c in w.items()} for f, w in wanted.items()})
