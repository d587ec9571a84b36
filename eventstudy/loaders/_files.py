"""Prices from files of the user's own: CSV and Parquet, one file or a folder of them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from os import PathLike
from pathlib import Path

import pandas as pd

from eventstudy import errors
from eventstudy.loaders._csv import open_csv
from eventstudy.loaders._folder import Open, Tables, tables_in
from eventstudy.loaders._grid import (
    REACH,
    RepeatError,
    Rows,
    ahead,
    block_tables,
    long_tables,
    survey,
)
from eventstudy.loaders._layout import block_of
from eventstudy.loaders._parquet import open_parquet
from eventstudy.loaders._request import Request, answer, as_request
from eventstudy.loaders._values import day_of
from eventstudy.one_line import ending

UNADJUSTED = "adj_close is the column close, which may not be adjusted for splits and dividends"
EVER = (-REACH, REACH)


@dataclass(frozen=True)
class FileLoader:
    """A loader that reads a file, or a folder of them, when called."""

    path: Path
    endings: tuple[str, ...]
    open_file: Open

    def __repr__(self) -> str:
        return f"<prices of {ending(str(self.path))!r}>"

    def __call__(
        self,
        tickers: str | Iterable[str],
        start: object,
        end: object,
        fields: str | Iterable[str] = ("adj_close",),
    ) -> pd.DataFrame:
        """Read the prices, sessions × tickers (× fields)."""
        request = as_request(tickers, start, end, fields)
        tables = tables_in(self.path, self.endings, request.tickers, self.open_file)
        self._check(tables, request.fields)
        try:
            found = _read(tables, request)
        except RepeatError as why:
            if len(tables) > 1:
                raise errors.folder_price_repeats(self.path, why.ticker, why.date) from None
            raise errors.file_price_repeats(tables[0][0].path, why.ticker, why.date) from None
        return answer(request, found, str(self.path), self._note(tables, request.fields))

    def tickers(self) -> list[str]:
        """All tickers of the file or folder, in alphabetical order.

        Returns
        -------
        list of str
            As they are spelled there: the columns of a wide table, the distinct values of a long
            one, the names of the files of a folder with one file for each.

        Raises
        ------
        LoaderError
            As when the loader is called.
        """
        tables = tables_in(self.path, self.endings, None, self.open_file)
        if _long(tables):
            return sorted(survey(ahead(_rows(tables, (), None, EVER)))[1])
        if tables[0][1].fields:
            return sorted(part.own for part, _ in tables)
        return sorted({name for part, kind in tables for name in part.names if name != kind.date})

    def _check(self, tables: Tables, fields: Sequence[str]) -> None:
        """Refuse a field that is nowhere, and one that a part of a long table lacks."""
        for field in fields if tables else ():
            if not any(kind.has(field) for _, kind in tables):
                known = dict.fromkeys(name for _, kind in tables for name in kind.known)
                raise errors.loader_no_field(str(self.path), field, known)
            without = [part for part, kind in tables if field not in kind.known]
            if _long(tables) and 0 < len(without) < len(tables):
                raise errors.folder_field_missing(without[0].path, field)

    def _note(self, tables: Tables, fields: Sequence[str]) -> dict[str, str]:
        """Say where a close stands for an adjusted close."""
        if "adj_close" not in fields or all("adj_close" in kind.known for _, kind in tables):
            return {}
        logging.getLogger("eventstudy").info("%s: %s", self.path, UNADJUSTED)
        return {"note": UNADJUSTED}


def _long(tables: Tables) -> bool:
    return bool(tables) and tables[0][1].ticker is not None


def _read(tables: Tables, request: Request) -> dict[str, pd.DataFrame]:
    """Field → dates × those of the asked tickers that there are."""
    if not _long(tables):
        blocks = [block_of(part, kind, request.tickers, request.fields) for part, kind in tables]
        return block_tables(blocks, request.fields)
    between = day_of(request.start), day_of(request.end)
    return long_tables(
        request.tickers,
        request.fields,
        ahead(_rows(tables, (), request.tickers, EVER)),
        lambda: ahead(_rows(tables, request.fields, request.tickers, between)),
        between,
    )


def _rows(
    tables: Tables,
    fields: Sequence[str],
    asked: Sequence[str] | None,
    between: tuple[int, int],
) -> Iterator[Rows]:
    return chain.from_iterable(part.rows(fields, asked, between) for part, _ in tables)


def csv(path: str | PathLike[str]) -> FileLoader:
    r"""Prices from a CSV file, or from a folder of them.

    Three layouts are recognised: *wide* (dates, then one column of adjusted closes a ticker),
    *long* (columns date, ticker and adj_close, close, open, high, low, volume or market_cap)
    and *one ticker* (date and those fields; the file is named after the ticker). In a folder,
    long files make up one table, and so do wide ones, by year for example; else each file is
    that of its ticker. Dates are written as 2026-02-25 or 20260225; commas, semicolons and tabs
    separate; gzip is read.

    Parameters
    ----------
    path : path
        The file or folder. It is read when the loader is called.

    Returns
    -------
    FileLoader
        A loader: ``(tickers, start, end, fields=("adj_close",)) -> DataFrame``. If there is a
        close but no adjusted close, the close stands for it and ``attrs["note"]`` says so.
        ``loader.tickers()`` lists all tickers that the file or folder has.

    Raises
    ------
    LoaderError
        When called: no such file, not a table, no dates, text where a number is needed, two
        rows for one date, files of different kinds, or not one price found.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "prices.csv")
    ...     _ = file.write_text("date,IREN,SPY\n2026-02-25,41.5,690\n2026-02-26,40.1,688\n")
    ...     prices = csv(file)(["IREN"], "2026-02-25", "2026-02-26")
    ...     tickers = csv(file).tickers()
    >>> prices["IREN"].tolist()
    [41.5, 40.1]
    >>> tickers
    ['IREN', 'SPY']
    """
    return _loader(path, (".csv", ".csv.gz"), open_csv)


def parquet(path: str | PathLike[str]) -> FileLoader:
    """Prices from a Parquet file, or from a folder of them, also a partitioned one.

    The layouts are those of `csv`; the dates may be the index of the frame that was saved.
    Folders in a folder may say what a column holds, as in ``ticker=IREN/part-0.parquet`` or
    ``year=2025/part-0.parquet``. A long table is read in batches, only the columns and the row
    groups that are needed, and what is in memory is the prices and one batch. Its tickers may be
    numbers such as PERMNO, asked as text; a row outside the dates asked is not looked at
    closely. Needs pyarrow.

    Parameters
    ----------
    path : path
        The file or folder. It is read when the loader is called.

    Returns
    -------
    FileLoader
        A loader: ``(tickers, start, end, fields=("adj_close",)) -> DataFrame``, with
        ``loader.tickers()`` as in `csv`.

    Raises
    ------
    LoaderError
        When called: as `csv`, rows without a ticker, or pyarrow is not installed.

    Examples
    --------
    >>> parquet("prices.parquet")
    <prices of 'prices.parquet'>
    """
    return _loader(path, (".parquet",), open_parquet)


def _loader(path: str | PathLike[str], endings: tuple[str, ...], open_file: Open) -> FileLoader:
    try:
        return FileLoader(Path(path), endings, open_file)
    except TypeError:
        raise errors.file_missing(path) from None
