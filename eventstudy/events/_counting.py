"""Distances in sessions: which session a piece of news belongs to, counted from any first one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import DateArray, IntArray
from eventstudy.events._exchange import exchange

#: what a caller can do without a calendar
_WEEKDAYS = "leave `sessions` out to count Monday to Friday"


def effective_days(events: pd.DataFrame) -> DateArray:
    """(E,) the first day on which the market can know: after the close, the day after."""
    day = events["date"].to_numpy().astype("datetime64[D]")
    late = (events["session"] == "after_close").to_numpy()
    return np.asarray(day + late.astype("timedelta64[D]"))


def session_numbers(days: DateArray, sessions: DateArray | None) -> IntArray:
    """Number of the first session on or after each day; only differences mean anything.

    Without sessions, and before the first and after the last of them, every Monday to Friday
    counts as one.
    """
    weekday = np.busday_offset(days, 0, roll="forward")
    if sessions is None:
        return np.asarray(np.busday_count("1970-01-01", weekday), dtype=np.int64)
    first, last = sessions[0], sessions[-1]
    before = np.busday_count(np.minimum(weekday, first), first)
    after = np.busday_count(np.minimum(last + 1, weekday), weekday)
    inside = np.searchsorted(sessions, days)
    number = np.where(days > last, len(sessions) + after, inside)
    return np.where(days < first, -before, number).astype(np.int64)


def as_sessions(given: object, days: DateArray) -> DateArray | None:
    """Read sessions from nothing, the code of an exchange, a panel, or dates.

    Parameters
    ----------
    given
        None, a code such as ``"XNYS"``, an object with ``sessions``, or dates.
    days : (E,) datetime64[D]
        The days that the sessions of an exchange have to cover.
    """
    if given is None:
        return None
    if isinstance(given, str):
        first, last = pd.Timestamp(days.min()), pd.Timestamp(days.max())
        known = exchange(given, first, last, instead=_WEEKDAYS).sessions
        return np.asarray(known.to_numpy().astype("datetime64[D]"))
    dates: Any = getattr(given, "sessions", given)
    try:
        column = pd.Index(dates)
        if pd.api.types.is_numeric_dtype(column):  # would count from 1970
            raise errors.sessions_unreadable(given)
        index = pd.DatetimeIndex(column).tz_localize(None)
    except (TypeError, ValueError):
        raise errors.sessions_unreadable(given) from None
    if not len(index) or index.hasnans:
        raise errors.sessions_unreadable(given)
    return np.unique(index.to_numpy().astype("datetime64[D]"))
