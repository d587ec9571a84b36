"""A frame of numbers as arrays: sorted days × unique names, float64, NaN where missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_complex_dtype, is_numeric_dtype

from eventstudy import errors
from eventstudy.arrays import DateArray, FloatArray
from eventstudy.panel.dates import days_of, whole


@dataclass(frozen=True, eq=False)
class Table:
    """Numbers by day and name."""

    #: what the user calls it
    what: str
    #: (R,) increasing days
    dates: DateArray
    #: (C,) unique names
    names: tuple[str, ...]
    #: (R, C) numbers, NaN where missing; may share memory with the user's frame: never written
    values: FloatArray

    def __post_init__(self) -> None:
        order = np.argsort(self.dates, kind="stable")
        if (order[1:] < order[:-1]).any():
            object.__setattr__(self, "dates", self.dates[order])
            object.__setattr__(self, "values", self.values[order])
        twice = np.flatnonzero(self.dates[1:] == self.dates[:-1])
        if len(twice):
            raise errors.panel_duplicate_dates(self.what, self.dates[twice[0]])
        refuse_duplicates(self.what, self.names)
        endless = np.isinf(self.values)
        if endless.any():
            row, column = np.argwhere(endless)[0]
            raise errors.panel_infinite(self.what, self.names[column], self.dates[row])

    def at(self, dates: DateArray) -> FloatArray:
        """(len(dates), C) values on the given days, NaN on days the table does not have."""
        if np.array_equal(self.dates, dates):
            return self.values
        place = np.minimum(np.searchsorted(self.dates, dates), len(self.dates) - 1)
        gone = self.dates[place] != dates
        by_name = self.values.flags.f_contiguous  # then a name's numbers lie side by side
        out = self.values.T.take(place, axis=1).T if by_name else self.values[place]
        if gone.any():
            out[gone] = np.nan
        return out

    def column(self, name: str) -> FloatArray:
        """(R,) values of one name."""
        return self.values[:, self.names.index(name)]

    def take(self, names: Iterable[str]) -> Table:
        """Keep some of the names, in their order."""
        kept = tuple(names)
        columns = [self.names.index(name) for name in kept]
        return Table(self.what, self.dates, kept, self.values[:, columns])


def read_table(frame: object, what: str) -> Table:
    """Read a DataFrame, a row a date and a column a name."""
    if not isinstance(frame, pd.DataFrame):
        raise errors.panel_not_frame(what, frame)
    if frame.columns.nlevels > 1:
        raise errors.panel_column_levels(what, frame.columns.nlevels)
    dates = read_dates(frame, what)
    return Table(what, dates, names_of(frame.columns, what), numbers(frame, what))


def read_dates(frame: pd.DataFrame, what: str) -> DateArray:
    """Read the days of a frame that must not be empty."""
    if not frame.size:
        raise errors.panel_empty(what, *frame.shape)
    if frame.index.nlevels > 1:
        raise errors.panel_index_levels(what, frame.index.nlevels)
    if isinstance(frame.index, pd.RangeIndex):
        for column in frame.columns:
            if str(column).lower() == "date":
                raise errors.panel_dates_in_column(what, column)
    return days_of(frame.index, f"The index of `{what}`")


def names_of(labels: Iterable[Any], what: str) -> tuple[str, ...]:
    """Column labels as text; a column without a name is refused."""
    found = list(whole(pd.Index(labels)))
    gone = sum(pd.isna(label) or label == "" for label in found)
    if gone:
        raise errors.panel_unnamed_columns(what, gone)
    return tuple(str(label) for label in found)


def refuse_duplicates(what: str, names: Iterable[str]) -> None:
    """Refuse a name that occurs twice."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise errors.panel_duplicate_columns(what, twice)


def numbers(frame: pd.DataFrame, what: str) -> FloatArray:
    """(rows, columns) float64, NaN where missing; text, truth values and dates are refused."""
    if all(isinstance(kind, np.dtype) and kind.kind in "fiu" for kind in frame.dtypes):
        return frame.to_numpy(dtype=np.float64)
    columns = [frame.iloc[:, j] for j in range(frame.shape[1])]
    wrong = {str(column.name): bad for column in columns if len(bad := _no_numbers(column))}
    if wrong:
        raise errors.panel_not_numeric(what, list(wrong), next(iter(wrong.values()))[0])
    return np.column_stack([_floats(column) for column in columns])


def _no_numbers(column: pd.Series) -> list[object]:
    """Find the first value of a column that is no number, if there is one."""
    kind = column.dtype
    if is_numeric_dtype(kind) and not is_bool_dtype(kind) and not is_complex_dtype(kind):
        return []
    held = column[column.notna()].to_numpy(dtype=object)
    return next(([value] for value in held if not _is_number(value)), [])


def _floats(column: pd.Series) -> FloatArray:
    out = np.full(len(column), np.nan)
    there = column.notna().to_numpy(dtype=bool)
    out[there] = column[there].to_numpy(dtype=object).astype(np.float64)
    return out


def _is_number(value: object) -> bool:
    return isinstance(value, (Real, Decimal)) and not isinstance(value, (bool, np.bool_))
