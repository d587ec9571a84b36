"""Days from whatever an index holds: one rule for all tables."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype, is_float_dtype

from eventstudy import errors
from eventstudy.arrays import DateArray

#: a day, perhaps followed by midnight and the exchange's offset (a saved time-zone-aware index)
_DAY = r"(\d{4}-\d{2}-\d{2}|\d{8})(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_STAMP = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*"


def days_of(index: pd.Index, where: str) -> DateArray:
    """Read the days of an index: dates, ISO text or integers like 20260225, perhaps as floats.

    Time-zone-aware midnights become the local date. Times of day, other integers (never
    1970), missing and unreadable dates are refused. ``where`` begins the sentence that says
    so.
    """
    if isinstance(index, pd.CategoricalIndex):
        index = index.astype(index.categories.dtype)
    gone = int(np.count_nonzero(index.isna()))
    if gone:
        raise errors.panel_missing_dates(where, gone)
    if isinstance(index, pd.DatetimeIndex):
        return _from_stamps(index, where)
    if isinstance(index, pd.PeriodIndex) and index.freqstr in ("D", "B"):
        return _from_stamps(index.to_timestamp(), where)
    index = whole(index)
    kind = infer_dtype(index, skipna=False)
    if kind in ("date", "datetime", "datetime64"):
        return _from_objects(index, where)
    if kind in ("integer", "string"):
        return _from_text(index, where)
    raise errors.panel_not_dates(where, _plain(index[0]))


def whole(index: pd.Index) -> pd.Index:
    """Whole floats as integers: a merge makes floats of numbers where it leaves gaps."""
    if not is_float_dtype(index.dtype):
        return index
    values = index.to_numpy(dtype=np.float64, na_value=np.nan)
    exact = (values == np.floor(values)) & (np.abs(values) < 2**53)
    return index.astype("int64") if exact.all() else index


def day_of(value: object) -> np.datetime64 | None:
    """Read one date, or None where ``value`` is not one."""
    if not isinstance(value, (str, int, dt.date, np.datetime64, np.integer)):
        return None
    try:
        return np.datetime64(days_of(pd.Index([value]), "")[0], "D")
    except errors.PanelError:
        return None


def _from_stamps(index: pd.DatetimeIndex, where: str) -> DateArray:
    stamps = index.tz_localize(None).to_numpy()
    days = stamps.astype("datetime64[D]")
    late = np.flatnonzero(stamps != days)
    if len(late):
        first = index[late[0]]
        if str(index.tz) == "UTC":
            raise errors.panel_utc(where, first)
        raise errors.panel_intraday(where, first)
    return days


def _from_objects(index: pd.Index, where: str) -> DateArray:
    """Read Python dates and times; offsets may change with the season, so each is local."""
    stamps = [pd.Timestamp(value).replace(tzinfo=None) for value in index]
    return _from_stamps(pd.DatetimeIndex(stamps), where)


def _from_text(index: pd.Index, where: str) -> DateArray:
    text = pd.Series(index.astype(str)).str.strip()
    days = text.str.extract(f"^{_DAY}$", expand=False)
    found = pd.to_datetime(days.str.replace("-", ""), format="%Y%m%d", errors="coerce")
    bad = np.flatnonzero(found.isna())
    if len(bad):
        value = _plain(index[bad[0]])
        if pd.isna(days.iloc[bad[0]]) and text.iloc[bad[:1]].str.fullmatch(_STAMP).all():
            raise errors.panel_intraday(where, value)
        raise errors.panel_not_dates(where, value)
    return found.to_numpy().astype("datetime64[D]")


def _plain(value: object) -> object:
    """NumPy's numbers as Python's, so that sentences show them bare."""
    return value.item() if isinstance(value, np.generic) else value
