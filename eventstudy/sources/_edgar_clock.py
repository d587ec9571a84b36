"""Which clock the SEC's lists of filings write the acceptance time in.

Every time ends in Z, for UTC. For most filers that is true; for others it is the clock of New
York under the same Z, four or five hours off: a report of 16:20 reads as 12:20, and its day 0
would be a day early. A count of 64,936 reports of 808 filers against the headers of the filings
found 624 filers in UTC, 181 in New York's time and 3 with both (September 2026, in issue 557 of
dgunning/edgartools and issue 64 of theOGognf/finagg): it goes by filer.

So the clock is read off each filer's own list. The SEC accepts filings on weekdays from 6:00 to
22:00 in New York, and what comes after 17:30 bears the date of the next business day, a few
forms excepted (17 CFR 232.13, 17 CFR 240.0-2). Read with the wrong clock, some filings break
these rules. Where none does with either clock, a session is given only if both agree on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from eventstudy.arrays import BoolArray

ZONE = "America/New_York"
UTC, NEW_YORK = "UTC", "New York"
#: forms that bear the next date if they come after 17:30; others may come until 22:00
_BOUND = ("8-K", "10-Q", "10-K", "6-K", "20-F", "DEF 14A", "DEFA14A", "S-8")
_OPENS, _ENDS, _LATE, _CLOSES = (pd.Timedelta(hours=h) for h in (6, 17.5, 18, 22.5))
#: so many times as many filings must speak against one clock as against the other
_DECISIVE = 4


@dataclass(frozen=True)
class Clock:
    """How a filer's times are to be read: ``name`` is empty if the filings leave it open."""

    name: str
    #: filings that speak against UTC, and against New York
    against: tuple[int, int]


def clock_of(filings: pd.DataFrame) -> Clock:
    """Find the clock of a filer from all its filings (columns form, filed, written)."""
    timed = filings[filings["written"].notna()]
    utc, local = (
        int(_breaks(timed, local_times(timed["written"], name)).sum()) for name in (UTC, NEW_YORK)
    )
    if local > _DECISIVE * utc:
        return Clock(UTC, (utc, local))
    if utc > _DECISIVE * local:
        return Clock(NEW_YORK, (utc, local))
    return Clock("", (utc, local))


def local_times(written: pd.Series, clock: str) -> pd.Series:
    """Times in New York, without a zone, of times written by a clock."""
    if clock == NEW_YORK:
        return written
    there: pd.Series = written.dt.tz_localize("UTC").dt.tz_convert(ZONE).dt.tz_localize(None)
    return there


def moments(written: pd.Series, clock: str) -> pd.Series:
    """Times with their zone, in UTC; missing for an hour that New York's clock does not have."""
    zone = ZONE if clock == NEW_YORK else "UTC"
    there = written.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    found: pd.Series = there.dt.tz_convert("UTC")
    return found


def impossible(filings: pd.DataFrame, local: pd.Series) -> BoolArray:
    """Filings that the SEC cannot have accepted at that time: closed, or after their own date."""
    day = local.dt.normalize()
    time = local - day
    closed = (time < _OPENS) | (time > _CLOSES) | (local.dt.day_of_week >= 5)
    never: BoolArray = np.asarray(closed | (day > filings["filed"]), dtype=bool)
    return never


def _breaks(filings: pd.DataFrame, local: pd.Series) -> BoolArray:
    """Filings that break one of the rules, if that is when they were accepted."""
    day = local.dt.normalize()
    time = local - day
    early = (time <= _ENDS) & (day < filings["filed"])
    bound = filings["form"].str.removesuffix("/A").isin(_BOUND)
    late = bound & (time > _LATE) & (day == filings["filed"])
    broken: BoolArray = np.asarray(early | late, dtype=bool)
    return broken | impossible(filings, local)
