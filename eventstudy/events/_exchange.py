"""The sessions and hours of an exchange, half days included (package `exchange_calendars`)."""

from __future__ import annotations

import warnings
from typing import Any, TypeAlias

import pandas as pd

from eventstudy import errors

#: a class of the package, which has no types
Exchange: TypeAlias = Any
#: days asked for on either side, so that there is a session whatever the holidays
_MARGIN = pd.Timedelta(days=15)
#: what a reader of events can do without a calendar
_PLAIN_DATES = "give plain dates with a `session`"


def exchange(
    calendar: str, first: pd.Timestamp, last: pd.Timestamp, *, instead: str = _PLAIN_DATES
) -> Exchange:
    """Sessions of an exchange and their hours, from some days before `first` to after `last`.

    Parameters
    ----------
    calendar
        Its code, such as ``"XNYS"``, or a name registered with the package.
    first, last
        Days on the exchange's clock, or moments with a time zone.
    instead
        What the caller can do without a calendar: the end of the sentences that refuse.
    """
    with warnings.catch_warnings():
        # the package calls what pandas deprecates: no news to our caller
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            import exchange_calendars as package
        except ImportError:
            raise errors.calendar_needs_package(calendar, instead) from None
        if calendar not in (names := package.get_calendar_names()):
            raise errors.calendar_unknown(calendar, names)
        try:
            usual = package.get_calendar(calendar)  # the last 20 years and the next
            start, end = (_on_clock(moment, usual) for moment in (first, last))
            wide = _span(usual, start, end)
            if wide is None:
                return usual
            if wide[0] <= start and end <= wide[1]:
                return package.get_calendar(calendar, start=wide[0], end=wide[1])
        except (ValueError, NotImplementedError) as error:  # the package's own, in odd years
            ends = first.date(), last.date()
            raise errors.calendar_unusable(calendar, *ends, error, instead) from error
    day = start if start < wide[0] else end
    low, high = (b if b is None else b.date() for b in (usual.bound_min(), usual.bound_max()))
    raise errors.calendar_bounds(calendar, day.date(), low, high, instead)


def _on_clock(moment: pd.Timestamp, usual: Exchange) -> pd.Timestamp:
    """Give the day of a moment on the exchange's clock."""
    local = moment.tz_convert(usual.tz).tz_localize(None) if moment.tz else moment
    return local.normalize()


def _span(
    usual: Exchange, start: pd.Timestamp, end: pd.Timestamp
) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """First and last day to ask for, within what can be known; None where the usual ones do."""
    low, high = usual.bound_min(), usual.bound_max()
    first = start - _MARGIN if low is None else max(start - _MARGIN, low)
    last = end + _MARGIN if high is None else min(end + _MARGIN, high)
    inside = usual.first_session <= first and last <= usual.last_session
    return None if inside and first <= start and end <= last else (first, last)
