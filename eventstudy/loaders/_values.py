"""What a cell means: dates, tickers and numbers as they are written in files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import IntArray

EPOCH = date(1970, 1, 1).toordinal()
ISO = r"\d{4}-\d{2}-\d{2}(?:[T ].*)?"


def as_dates(values: pd.Series, path: Path | str) -> pd.DatetimeIndex:
    """Read dates, ISO text (a time and its zone are cut off) or numbers such as 20260225."""
    if isinstance(values.dtype, pd.DatetimeTZDtype) or values.dtype.kind == "M":
        dates = values.dt.tz_localize(None).dt.normalize()
    else:
        text = values.astype(str).str.strip()
        compact = bool(text.str.fullmatch(r"\d{8}").all())
        text = text if compact else text.where(text.str.fullmatch(ISO)).str[:10]
        dates = pd.to_datetime(text, format="%Y%m%d" if compact else "%Y-%m-%d", errors="coerce")
    wrong = dates.isna() | (dates < pd.Timestamp.min) | (dates > pd.Timestamp.max)
    if wrong.any():
        raise errors.file_bad_date(path, values[wrong].iloc[0])
    return pd.DatetimeIndex(dates, name="date").as_unit("ns")


def day_numbers(values: pd.Series, path: Path | str) -> IntArray:
    """Days since 1970 of a column of dates; each distinct label is read once."""
    codes, labels = pd.factorize(values, use_na_sentinel=False)
    dates = as_dates(pd.Series(labels), path)
    days: IntArray = dates.to_numpy().astype("datetime64[D]").astype(np.int64)[codes]
    return days


def day_of(day: date) -> int:
    """Days since 1970 of a date."""
    return int(day.toordinal() - EPOCH)


def as_tickers(labels: Sequence[object], used: IntArray, path: Path | str) -> tuple[str, ...]:
    """Read the tickers, of which some are used; a row without one is refused."""
    names = tuple(_text(label) for label in labels)
    if "" in names and any(not names[place] for place in np.unique(used)):
        raise errors.file_without_ticker(path)
    return names


def _text(label: object) -> str:
    if label is None or label is pd.NA or label != label:  # noqa: PLR0124  (not a number)
        return ""
    if isinstance(label, float) and label.is_integer():  # a PERMNO from a column with gaps
        return str(int(label))
    return (label.decode("utf-8", "replace") if isinstance(label, bytes) else str(label)).strip()


def as_numbers(values: pd.Series, path: Path | str) -> pd.Series:
    """Turn a column into floats; text that is not a number is refused, never made missing."""
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "fiu":
        return values.astype(float)
    numbers = pd.to_numeric(values, errors="coerce")
    wrong = values.notna() if values.dtype.kind == "b" else values.notna() & numbers.isna()
    if wrong.any():
        raise errors.file_not_a_number(path, values.name, values[wrong].iloc[0])
    return numbers.astype(float)
