"""Parquet files, read in batches of rows and only the columns that are needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import FloatArray, IntArray
from eventstudy.loaders._grid import Rows
from eventstudy.loaders._layout import DATE_NAMES, Layout, layout_of, plain, told_by_folders
from eventstudy.loaders._parquet_columns import DateColumn, TickerColumn, numbers_of
from eventstudy.loaders._parquet_groups import groups_with
from eventstudy.loaders._values import as_tickers, day_numbers

if TYPE_CHECKING:
    from pyarrow.parquet import FileMetaData, ParquetFile

#: rows that are decoded and scattered at a time
BATCH = 1 << 17
#: how pandas stores an index without a name
UNNAMED = "__index_level_0__"


@dataclass(frozen=True)
class ParquetPart:
    """A Parquet file of which only the columns were read so far."""

    path: Path
    own: str
    #: what the names of its folders say: column → value
    given: Mapping[str, str]
    #: name → column in the file
    columns: Mapping[str, str]
    metadata: FileMetaData

    @property
    def size(self) -> int:
        return int(self.metadata.num_rows)

    @property
    def names(self) -> list[str]:
        return [*self.columns, *self.given]

    @cached_property
    def layout(self) -> Layout:
        first = self.names[0]
        known = not self.size or plain(first) in DATE_NAMES
        value = None if known else self._first_value(first)
        return layout_of(self.names, [value], self.path)

    def _first_value(self, name: str) -> object:
        with _opened(self.path, metadata=self.metadata) as file:
            batch = next(file.iter_batches(batch_size=1, columns=[self.columns[name]]))
            return batch.to_pandas(ignore_metadata=True).iloc[0, 0]

    def frame(self, columns: list[str]) -> pd.DataFrame:
        inside = [name for name in columns if name in self.columns]
        stored = [self.columns[name] for name in inside]
        with _opened(self.path, metadata=self.metadata) as file:
            table = file.read(columns=stored).select(stored)
            frame: pd.DataFrame = table.to_pandas(
                split_blocks=True, ignore_metadata=True, date_as_object=False
            )
        frame = frame.set_axis(inside, axis=1)
        return frame.assign(**{name: self.given[name] for name in columns if name in self.given})

    def rows(
        self, fields: Sequence[str], asked: Sequence[str] | None, between: tuple[int, int]
    ) -> Iterator[Rows]:
        layout, columns = self.layout, self.columns
        numbers = {field: columns[str(layout.column(field))] for field in fields}
        date, ticker = columns.get(layout.date), columns.get(str(layout.ticker))
        groups = groups_with(self.metadata, (ticker, asked), (date, between))
        stored = list(dict.fromkeys(name for name in (date, ticker, *numbers.values()) if name))
        coded = [name for name in (date, ticker) if name]
        days, tickers = self._days(date), self._tickers(ticker)
        with _opened(self.path, metadata=self.metadata, read_dictionary=coded) as file:
            for batch in file.iter_batches(BATCH, row_groups=groups, columns=stored):
                codes, labels = tickers(batch)
                yield Rows(days(batch), codes, labels, _reader(batch, numbers, self.path))

    def _days(self, column: str | None) -> Callable[[Any], IntArray]:
        if column is not None:
            dates = DateColumn(self.path)
            return lambda batch: dates.read(batch.column(column))
        day = day_numbers(pd.Series([self.given[self.layout.date]]), self.path)
        return lambda batch: np.repeat(day, batch.num_rows)

    def _tickers(self, column: str | None) -> Callable[[Any], tuple[IntArray, tuple[str, ...]]]:
        if column is not None:
            tickers = TickerColumn(self.path)
            return lambda batch: tickers.read(batch.column(column))
        labels = as_tickers([self.given[str(self.layout.ticker)]], np.zeros(1, int), self.path)
        return lambda batch: (np.zeros(batch.num_rows, dtype=np.int64), labels)


def open_parquet(path: Path, own: str, given: Mapping[str, str]) -> ParquetPart:
    """Read which columns a Parquet file has."""
    with _opened(path) as file:
        metadata, schema = file.metadata, file.schema_arrow
    stored = (schema.pandas_metadata or {}).get("index_columns", [])
    index = [name for name in stored if name in schema.names]
    columns = [*index, *(name for name in schema.names if name not in index)]
    names = ["index" if name == UNNAMED else name.strip() for name in columns]
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated:
        raise errors.file_columns_repeat(path, repeated)
    told = told_by_folders(given, names)
    return ParquetPart(path, own, told, dict(zip(names, columns, strict=True)), metadata)


def _reader(
    batch: Any,  # noqa: ANN401  (pyarrow has no types)
    columns: Mapping[str, str],
    path: Path,
) -> Callable[[str, IntArray | None], FloatArray]:
    def numbers(field: str, kept: IntArray | None) -> FloatArray:
        return numbers_of(batch.column(columns[field]), columns[field], kept, path)

    return numbers


@contextmanager
def _opened(path: Path, **options: object) -> Iterator[ParquetFile]:
    """Open a file for a while; what Arrow says against it becomes our sentence."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise errors.pyarrow_absent() from None
    try:
        if not path.stat().st_size:
            raise errors.file_empty(path)
        with pq.ParquetFile(path, **options) as file:
            yield file
    except (OSError, pa.ArrowException) as why:
        raise errors.file_unreadable(path, why) from None
