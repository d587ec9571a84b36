"""Columns of a Parquet file as arrays, without a Python object for a row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import FloatArray, IntArray
from eventstudy.loaders._grid import REACH
from eventstudy.loaders._values import as_numbers, as_tickers, day_numbers


class TickerColumn:
    """Codes and labels, batch after batch; the labels are read again only where they change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._dictionary: Any = None
        self._labels: tuple[str, ...] = ()

    def read(self, column: Any) -> tuple[IntArray, tuple[str, ...]]:  # noqa: ANN401  (pyarrow has no types)
        coded = _coded(column)
        if coded.null_count:
            raise errors.file_without_ticker(self._path)
        codes = coded.indices.to_numpy()
        if self._dictionary is None or not coded.dictionary.equals(self._dictionary):
            self._dictionary = coded.dictionary
            self._labels = as_tickers(coded.dictionary.to_pylist(), codes, self._path)
        elif "" in self._labels:
            as_tickers(self._labels, codes, self._path)
        return codes, self._labels


class DateColumn:
    """Days since 1970, batch after batch."""

    def __init__(self, path: Path) -> None:
        self._path = path
        #: labels read so far, and their days
        self._known: Any = None
        self._days = np.zeros(0, dtype=np.int64)

    def read(self, column: Any) -> IntArray:  # noqa: ANN401  (pyarrow has no types)
        import pyarrow as pa

        if column.null_count:
            raise errors.file_bad_date(self._path, None)
        kind = column.type
        if not (pa.types.is_date(kind) or (pa.types.is_timestamp(kind) and kind.tz is None)):
            return self._by_label(_coded(column))
        days: IntArray = column.cast(pa.date32()).view(pa.int32()).to_numpy()
        wrong = np.abs(days) > REACH
        if wrong.any():
            raise errors.file_bad_date(self._path, column[int(np.argmax(wrong))])
        return days

    def _by_label(self, coded: Any) -> IntArray:  # noqa: ANN401  (pyarrow has no types)
        """Text, numbers and times with a zone, of which each distinct one is read once."""
        import pyarrow as pa
        import pyarrow.compute as pc

        labels = coded.dictionary
        known = labels.slice(0, 0) if self._known is None else self._known
        place = pc.index_in(labels, value_set=known)
        if place.null_count:
            fresh = labels.filter(place.is_null())
            read = day_numbers(pd.Series(fresh.to_pandas()), self._path)
            self._known = pa.concat_arrays([known, fresh])
            self._days = np.append(self._days, read)
            place = pc.index_in(labels, value_set=self._known)
        days: IntArray = self._days[place.to_numpy()][coded.indices.to_numpy()]
        return days


def numbers_of(column: Any, name: str, kept: IntArray | None, path: Path) -> FloatArray:  # noqa: ANN401  (pyarrow has no types)
    """Read some (None: all) numbers of a column, NaN where there is none."""
    import pyarrow as pa

    if pa.types.is_decimal(column.type):
        column = column.cast(pa.float64())
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        values = column.to_numpy(zero_copy_only=False)
        return np.asarray(values if kept is None else values[kept], dtype=np.float64)
    series = pd.Series(column.to_pandas(), name=name)
    return as_numbers(series if kept is None else series.iloc[kept], path).to_numpy()


def _coded(column: Any) -> Any:  # noqa: ANN401  (pyarrow has no types)
    """Codes and labels of a column that may have been read as such."""
    return column if hasattr(column, "dictionary") else column.dictionary_encode()
