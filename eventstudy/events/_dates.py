"""Dates: read in one way only or refused; moments with a time zone placed on an exchange."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import BoolArray, DateArray, IntArray
from eventstudy.events._columns import (
    AFTER_CLOSE,
    BEFORE_OPEN,
    INTRADAY,
    SESSIONS,
    UNKNOWN,
    TextArray,
    distinct,
    refuse_first,
    session_codes,
)
from eventstudy.events._exchange import exchange

_MOMENT = (
    r"(?a)^(?P<year>\d{4})(?P<mark>[-/]?)(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
    r"(?:[T ]+(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?)?$"
)

#: the first and the last day that can be an event's
_FIRST, _LAST = np.datetime64("1900-01-01"), np.datetime64("2100-12-31")
#: ticks of a day, by the units that pandas stores
_TICKS = {unit: 86_400 * 1_000**k for k, unit in enumerate(("s", "ms", "us", "ns"))}
#: length of a plain date → where its hyphens stand, and what its digits count for
_MARKS = {10: [4, 7], 8: []}
_PLACES = np.array(
    [[1000, 0, 0], [100, 0, 0], [10, 0, 0], [1, 0, 0], [0, 10, 0], [0, 1, 0], [0, 0, 10], [0, 0, 1]]
)


def day_of(value: object) -> pd.Timestamp:
    """One date, read by the rules of `read_events`."""
    column = pd.Series([value])
    days, moments = _moments(column, column.index)
    if moments is not None and moments.notna().any():
        raise errors.date_with_zone(value, 0)
    return pd.Timestamp(days[0])


def days_and_sessions(
    events: pd.DataFrame, rows: pd.Index, calendar: str | None
) -> tuple[DateArray, IntArray]:
    """Day and session of every event: as written, or from the exchange's clock."""
    sessions = session_codes(events, rows)
    days, moments = _moments(events["date"], rows)
    if moments is None:
        return days, sessions
    zoned: BoolArray = np.asarray(moments.notna())
    if not zoned.any():
        return days, sessions
    first = int(zoned.argmax())
    if calendar is None:
        raise errors.date_with_zone(events["date"].iloc[first], rows[first])
    days[zoned], seen, closed = _on_exchange(moments[zoned], calendar)
    said = sessions[zoned]
    # between two sessions, after the one and before the other are the same
    clash = (said != UNKNOWN) & (said != seen) & ~(closed & (said == AFTER_CLOSE))
    if clash.any():
        k = int(clash.argmax())
        raise errors.session_contradicts(SESSIONS[said[k]], SESSIONS[seen[k]], rows[zoned][k])
    sessions[zoned] = seen
    return days, sessions


def _moments(column: pd.Series, rows: pd.Index) -> tuple[DateArray, pd.DatetimeIndex | None]:
    """Read the day as written and, where a time zone came with any, the moments in UTC."""
    moments = None
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        moments = pd.DatetimeIndex(column.array).tz_convert("UTC")
        days = moments.tz_localize(None).to_numpy().astype("datetime64[D]")
    elif isinstance(column.dtype, np.dtype) and column.dtype.kind == "M":
        days, timed = _whole_days(column.to_numpy())
        if timed.any():
            raise errors.date_with_time(column.iloc[int(timed.argmax())], rows[timed][0])
    else:
        codes, texts = distinct(column)
        read, zones = _read_dates(codes, texts, rows)
        days, moments = read[codes], None if zones is None else zones[codes]
    missing = np.isnat(days)
    if missing.any():
        raise errors.date_missing(rows[missing])
    outside = (days < _FIRST) | (days > _LAST)
    if outside.any():
        raise errors.date_outside(days[int(outside.argmax())], rows[outside][0])
    return days, moments


def _whole_days(stamps: DateArray) -> tuple[DateArray, BoolArray]:
    """Days of stamps, and where there is a time beside the day."""
    ticks, per_day = stamps.view(np.int64), _TICKS[np.datetime_data(stamps.dtype)[0]]
    number = ticks // per_day  # quicker than letting NumPy convert the unit, and back
    days, timed = number.view("datetime64[D]"), number * per_day != ticks
    missing = np.isnat(stamps)
    if missing.any():
        days[missing], timed[missing] = np.datetime64("NaT"), False
    return days, timed


def _read_dates(
    codes: IntArray, texts: TextArray, rows: pd.Index
) -> tuple[DateArray, pd.DatetimeIndex | None]:
    """Days and, if any has a time zone, moments of distinct texts; the empty text is NaT."""
    plain = _plain_days(texts[:-1])
    if plain is not None:
        days = np.append(plain, np.datetime64("NaT", "D"))
        refuse_first(np.isnat(days) & (texts != ""), codes, texts, rows, errors.date_unreadable)
        return days, None
    parts = pd.Series(texts, dtype=object).str.extract(_MOMENT)
    days = _days(parts)
    unread: BoolArray = np.isnat(days) & (texts != "")
    refuse_first(unread, codes, texts, rows, errors.date_unreadable)
    zoned = parts["zone"].notna().to_numpy(bool)
    timed = parts["clock"].fillna("").str.contains("[1-9]").to_numpy(bool)
    refuse_first(timed & ~zoned, codes, texts, rows, errors.date_with_time)
    if not zoned.any():
        return days, None
    stamped = pd.Series(texts, dtype=object).str.replace("UTC", "Z").where(zoned)
    moments = pd.to_datetime(stamped, utc=True, format="ISO8601", errors="coerce")
    lost = zoned & moments.isna().to_numpy(bool)
    refuse_first(lost, codes, texts, rows, errors.date_unreadable)
    return days, pd.DatetimeIndex(moments.array)


def _plain_days(texts: TextArray) -> DateArray | None:
    """Days of texts that are all as ``2026-02-25``, or all as ``20260225``; else None.

    What `_MOMENT` would read from them, letter by letter in arrays.
    """
    letters = texts.astype(str)
    width = letters.dtype.itemsize // 4
    if width not in _MARKS or not len(texts):
        return None
    code = letters.view(np.uint32).reshape(-1, width)
    digits = np.delete(code, _MARKS[width], axis=1) - np.uint32(48)  # below "0" it is very large
    if (code[:, _MARKS[width]] != 45).any() or (digits > 9).any():
        return None
    number = digits.astype(np.int64) @ _PLACES
    return _calendar_days(*number.T)


def _days(parts: pd.DataFrame) -> DateArray:
    """Calendar days from year, month and day; NaT where there is no such day."""
    year, month, day = (
        pd.to_numeric(parts[name]).fillna(0).to_numpy(dtype=np.int64)
        for name in ("year", "month", "day")
    )
    squeezed = (parts["mark"] == "") & ((parts["month"] + parts["day"]).str.len() < 4)
    days = _calendar_days(year, month, day)
    return np.where(squeezed.to_numpy(bool), np.datetime64("NaT", "D"), days)


def _calendar_days(year: IntArray, month: IntArray, day: IntArray) -> DateArray:
    """Calendar days; NaT where there is no such day."""
    first = np.where((month >= 1) & (month <= 12), (year - 1970) * 12 + month - 1, 0)
    months = first.astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    good = (year > 0) & (month >= 1) & (month <= 12) & (days.astype("datetime64[M]") == months)
    return np.where(good, days, np.datetime64("NaT", "D"))


def _on_exchange(moments: pd.DatetimeIndex, calendar: str) -> tuple[DateArray, IntArray, BoolArray]:
    """Local day and session of moments, by the hours of their day, and whether it has none.

    A day without trading counts as before the next opening.
    """
    times = exchange(calendar, moments.min(), moments.max())
    days = moments.tz_convert(times.tz).tz_localize(None).normalize()
    opens, closes = times.opens.reindex(days), times.closes.reindex(days)
    sessions = np.full(len(days), BEFORE_OPEN)
    sessions[moments >= pd.DatetimeIndex(opens.array)] = INTRADAY
    sessions[moments >= pd.DatetimeIndex(closes.array)] = AFTER_CLOSE
    return days.to_numpy().astype("datetime64[D]"), sessions, opens.isna().to_numpy(bool)
