"""Dates: read in one way only or refused; moments with a time zone placed on an exchange."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import BoolArray, DateArray, IntArray
from eventstudy.events._columns import TextArray, distinct, refuse_first, session_names
from eventstudy.events._exchange import exchange

_MOMENT = (
    r"^(?P<year>\d{4})(?P<mark>[-/]?)(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
    r"(?:[T ]+(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?)?$"
)


def day_of(value: object) -> pd.Timestamp:
    """One date, read by the rules of `read_events`."""
    column = pd.Series([value])
    days, moments = _moments(column, column.index)
    if moments.notna().any():
        raise errors.date_with_zone(value, 0)
    return pd.Timestamp(days[0])


def days_and_sessions(
    events: pd.DataFrame, rows: pd.Index, calendar: str | None
) -> tuple[DateArray, TextArray]:
    """Day and session of every event: as written, or from the exchange's clock."""
    sessions = session_names(events, rows)
    days, moments = _moments(events["date"], rows)
    zoned: BoolArray = np.asarray(moments.notna())
    if not zoned.any():
        return days, sessions
    first = int(zoned.argmax())
    if calendar is None:
        raise errors.date_with_zone(events["date"].iloc[first], rows[first])
    days[zoned], seen, closed = _on_exchange(moments[zoned], calendar)
    said = sessions[zoned]
    # between two sessions, after the one and before the other are the same
    clash = (said != "unknown") & (said != seen) & ~(closed & (said == "after_close"))
    if clash.any():
        k = int(clash.argmax())
        raise errors.session_contradicts(said[k], seen[k], rows[zoned][k])
    sessions[zoned] = seen
    return days, sessions


def _moments(column: pd.Series, rows: pd.Index) -> tuple[DateArray, pd.DatetimeIndex]:
    """Read the day as written and, where a time zone came with it, the moment in UTC."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        moments = pd.DatetimeIndex(column.array).tz_convert("UTC")
        days = moments.tz_localize(None).to_numpy().astype("datetime64[D]")
    elif isinstance(column.dtype, np.dtype) and column.dtype.kind == "M":
        stamps = column.to_numpy()
        days = stamps.astype("datetime64[D]")
        moments = pd.DatetimeIndex(np.full(len(days), "NaT", dtype="datetime64[ns]"), tz="UTC")
        timed = (stamps != days) & ~np.isnat(days)
        if timed.any():
            raise errors.date_with_time(column.iloc[int(timed.argmax())], rows[timed][0])
    else:
        codes, texts = distinct(column)
        read, zones = _read_dates(codes, texts, rows)
        days, moments = read[codes], zones[codes]
    if np.isnat(days).any():
        raise errors.date_missing(rows[np.isnat(days)])
    year = days.astype("datetime64[Y]").astype(int) + 1970
    outside = (year < 1900) | (year > 2100)
    if outside.any():
        raise errors.date_outside(days[int(outside.argmax())], rows[outside][0])
    return days, moments


def _read_dates(
    codes: IntArray, texts: TextArray, rows: pd.Index
) -> tuple[DateArray, pd.DatetimeIndex]:
    """Days and moments of distinct texts; the empty text is NaT."""
    parts = pd.Series(texts, dtype=object).str.extract(_MOMENT)
    days = _days(parts)
    unread: BoolArray = np.isnat(days) & (texts != "")
    refuse_first(unread, codes, texts, rows, errors.date_unreadable)
    zoned = parts["zone"].notna().to_numpy(bool)
    timed = parts["clock"].fillna("").str.contains("[1-9]").to_numpy(bool)
    refuse_first(timed & ~zoned, codes, texts, rows, errors.date_with_time)
    stamped = pd.Series(texts, dtype=object).str.replace("UTC", "Z").where(zoned)
    moments = pd.to_datetime(stamped, utc=True, format="ISO8601", errors="coerce")
    lost = zoned & moments.isna().to_numpy(bool)
    refuse_first(lost, codes, texts, rows, errors.date_unreadable)
    return days, pd.DatetimeIndex(moments.array)


def _days(parts: pd.DataFrame) -> DateArray:
    """Calendar days from year, month and day; NaT where there is no such day."""
    year, month, day = (
        pd.to_numeric(parts[name]).fillna(0).to_numpy(dtype=np.int64)
        for name in ("year", "month", "day")
    )
    first = np.where((month >= 1) & (month <= 12), (year - 1970) * 12 + month - 1, 0)
    months = first.astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    squeezed = (parts["mark"] == "") & ((parts["month"] + parts["day"]).str.len() < 4)
    good = (year > 0) & (month >= 1) & (month <= 12) & (days.astype("datetime64[M]") == months)
    return np.where(good & ~squeezed.to_numpy(bool), days, np.datetime64("NaT", "D"))


def _on_exchange(
    moments: pd.DatetimeIndex, calendar: str
) -> tuple[DateArray, TextArray, BoolArray]:
    """Local day and session of moments, by the hours of their day, and whether it has none.

    A day without trading counts as before the next opening.
    """
    times = exchange(calendar, moments.min(), moments.max())
    days = moments.tz_convert(times.tz).tz_localize(None).normalize()
    opens, closes = times.opens.reindex(days), times.closes.reindex(days)
    sessions = np.full(len(days), "before_open", dtype=object)
    sessions[moments >= pd.DatetimeIndex(opens.array)] = "intraday"
    sessions[moments >= pd.DatetimeIndex(closes.array)] = "after_close"
    return days.to_numpy().astype("datetime64[D]"), sessions, opens.isna().to_numpy(bool)
