"""Prices from files of the user's own: CSV and Parquet, one file or a folder of them."""

from __future__ import annotations

import gzip
import logging
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from csv import reader
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import pandas as pd

from eventstudy import errors
from eventstudy.loaders._layout import (
    DATE_NAMES,
    TICKER_NAMES,
    Layout,
    layout_of,
    plain,
    tables_of,
)
from eventstudy.loaders._request import answer, as_request, match

MISSING = ("", "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL", "None", "-")
UNADJUSTED = "adj_close is the column close, which may not be adjusted for splits and dividends"

Read = Callable[[Path], pd.DataFrame]


@dataclass(frozen=True)
class FileLoader:
    """A loader that reads one file, or a folder with one file for each ticker, when called."""

    path: Path
    endings: tuple[str, ...]
    read: Read

    def __repr__(self) -> str:
        return f"<prices of {str(self.path)!r}>"

    def __call__(
        self,
        tickers: str | Iterable[str],
        start: object,
        end: object,
        fields: str | Iterable[str] = ("adj_close",),
    ) -> pd.DataFrame:
        """Read the prices, sessions × tickers (× fields)."""
        request = as_request(tickers, start, end, fields)
        parts = [self._tables(*part) for part in self._files(request.tickers)]
        note = {}
        for tables in parts:
            if "adj_close" in request.fields and "adj_close" not in tables and "close" in tables:
                tables["adj_close"] = tables["close"]
                note = {"note": UNADJUSTED}
        if note:
            logging.getLogger("eventstudy").info("%s: %s", self.path, UNADJUSTED)
        names = dict.fromkeys(name for tables in parts for name in tables)
        joined = {
            name: pd.concat([tables[name] for tables in parts if name in tables], axis=1, sort=True)
            for name in names
        }
        return answer(request, joined, str(self.path), note)

    def _files(self, tickers: tuple[str, ...]) -> Iterator[tuple[Path, tuple[str, ...], str]]:
        """Yield the files to read, the tickers to look for in each, and whom it is named after.

        A folder is listed and its names compared: no path is ever built from a ticker.
        """
        try:
            single, folder = self.path.is_file(), self.path.is_dir()
        except OSError:  # a name that the system refuses
            single = folder = False
        if not (single or folder):
            raise errors.file_missing(self.path)
        if single:
            yield self.path, tickers, self._stem(self.path)
            return
        try:
            files = [file for file in sorted(self.path.iterdir()) if self._stem(file)]
        except OSError as why:
            raise errors.file_unreadable(self.path, why) from None
        if not files:
            raise errors.folder_without_files(self.path, self.endings)
        for stem in dict.fromkeys(match(tickers, map(self._stem, files)).values()):
            same = [file for file in files if self._stem(file).upper() == stem.upper()]
            if len(same) > 1:
                raise errors.folder_files_repeat(self.path, stem, [file.name for file in same])
            yield same[0], (stem,), stem

    def _stem(self, file: Path) -> str:
        """Cut a known ending off; empty in a folder for what is another kind of file."""
        ending = next((e for e in self.endings if file.name.lower().endswith(e)), "")
        if not ending:
            return file.stem if file == self.path else ""
        return file.name[: -len(ending)]

    def _tables(self, file: Path, asked: tuple[str, ...], own: str) -> dict[str, pd.DataFrame]:
        raw = self.read(file)
        if raw.empty:
            raise errors.file_empty(file)
        names = list(raw.columns)
        layout = layout_of(names, list(raw.iloc[0]), file)
        if file != self.path and not layout.fields:
            # in a folder, two columns are the dates and the prices, whatever these are called
            prices = [name for name in names if name != layout.date]
            if len(prices) != 1:
                raise errors.file_no_price_column(file, names)
            layout = Layout(layout.date, None, {"adj_close": prices[0]})
        return tables_of(raw, layout, asked, file, own)


def csv(path: str | PathLike[str]) -> FileLoader:
    r"""Prices from a CSV file, or from a folder with one CSV file for each ticker.

    Three layouts are recognised: *wide* (dates, then one column of adjusted closes a ticker),
    *long* (columns date, ticker and adj_close, close, open, high, low, volume or market_cap)
    and *one ticker* (date and those fields; the file is named after the ticker). Dates are
    written as 2026-02-25 or 20260225; commas, semicolons and tabs separate; gzip is read.

    Parameters
    ----------
    path : path
        The file or folder. It is read when the loader is called.

    Returns
    -------
    FileLoader
        A loader: ``(tickers, start, end, fields=("adj_close",)) -> DataFrame``. If there is a
        close but no adjusted close, the close stands for it and ``attrs["note"]`` says so.

    Raises
    ------
    LoaderError
        When called: no such file, not a table, no dates, text where a number is needed, two
        rows for one date, or not one price found.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "prices.csv")
    ...     _ = file.write_text("date,IREN,SPY\n2026-02-25,41.5,690\n2026-02-26,40.1,688\n")
    ...     prices = csv(file)(["IREN"], "2026-02-25", "2026-02-26")
    >>> prices["IREN"].tolist()
    [41.5, 40.1]
    """
    return _loader(path, (".csv", ".csv.gz"), _read_csv)


def parquet(path: str | PathLike[str]) -> FileLoader:
    """Prices from a Parquet file, or from a folder with one Parquet file for each ticker.

    The layouts are those of `csv`; the dates may be the index of the frame that was saved.
    Needs pyarrow.

    Parameters
    ----------
    path : path
        The file or folder. It is read when the loader is called.

    Returns
    -------
    FileLoader
        A loader: ``(tickers, start, end, fields=("adj_close",)) -> DataFrame``.

    Raises
    ------
    LoaderError
        When called: as `csv`, or pyarrow is not installed.

    Examples
    --------
    >>> parquet("prices.parquet")
    <prices of 'prices.parquet'>
    """
    return _loader(path, (".parquet",), _read_parquet)


def _loader(path: str | PathLike[str], endings: tuple[str, ...], read: Read) -> FileLoader:
    try:
        return FileLoader(Path(path), endings, read)
    except TypeError:
        raise errors.file_missing(path) from None


def _read_csv(file: Path) -> pd.DataFrame:
    """Read a CSV file: dates and tickers as text, the rest as numbers where it can be."""
    zipped, names, mark = _header(file)
    text = {names[0], *(name for name in names if plain(name) in DATE_NAMES | TICKER_NAMES)}
    try:
        return pd.read_csv(
            file,
            sep=mark,
            compression="gzip" if zipped else None,
            encoding="utf-8-sig",
            header=0,
            names=names,
            index_col=False,
            dtype=dict.fromkeys(text, str),
            keep_default_na=False,  # NA and TRUE are tickers
            na_values={name: MISSING for name in names if name not in text},
            low_memory=False,
        )
    except UnicodeDecodeError:
        raise errors.file_is_not_text(file) from None
    except (OSError, EOFError, zlib.error, pd.errors.ParserError) as why:
        raise errors.file_unreadable(file, why) from None


def _header(file: Path) -> tuple[bool, list[str], str]:
    """Look whether it is zipped, what the columns are called and which mark separates them."""
    try:
        with file.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
        with (gzip.open if zipped else open)(file, "rt", encoding="utf-8-sig") as lines:
            filled = (line for line in lines if line.strip())
            head, row = next(filled, ""), next(filled, "")
    except UnicodeDecodeError:
        raise errors.file_is_not_text(file) from None
    except (OSError, EOFError, zlib.error) as why:
        raise errors.file_unreadable(file, why) from None
    if head.lstrip().startswith("<"):
        raise errors.file_is_html(file)
    if "\0" in head:
        raise errors.file_is_not_text(file)
    if not row:
        raise errors.file_empty(file)
    mark = max(",;\t", key=head.count)
    names = [name.strip() for name in next(reader([head], delimiter=mark))]
    width = len(next(reader([row], delimiter=mark)))
    if width != len(names):
        widths = f"the header has {len(names)} columns, the first row {width}"
        raise errors.file_unreadable(file, widths)
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated:
        raise errors.file_columns_repeat(file, repeated)
    return zipped, names, mark


def _read_parquet(file: Path) -> pd.DataFrame:
    try:
        import pyarrow as pa
    except ImportError:
        raise errors.pyarrow_absent() from None
    if file.stat().st_size == 0:
        raise errors.file_empty(file)
    try:
        frame = pd.read_parquet(file, engine="pyarrow")
    except (OSError, pa.ArrowException) as why:
        raise errors.file_unreadable(file, why) from None
    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    return frame.set_axis([str(name).strip() for name in frame.columns], axis=1)
