"""Sessions of the New York exchange by its holiday rules, for simulated prices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CLOSED = ("2025-01-09",)  # a day of mourning; no rule gives it


def us_sessions(start: str, end: str) -> NDArray[np.datetime64]:
    """Weekdays from `start` to `end` without the ten full-day holidays of the exchange.

    Valid from 2022, when the exchange first kept Juneteenth. Early closings count as sessions.

    Examples
    --------
    >>> us_sessions("2024-03-28", "2024-04-02").astype(str).tolist()
    ['2024-03-28', '2024-04-01', '2024-04-02']
    """
    from pandas.tseries import holiday as rules

    shifted = rules.nearest_workday
    kept = [
        # a New Year's Day on a Saturday is not made up for: the year's books close on the Friday
        rules.Holiday("New Year", month=1, day=1, observance=rules.sunday_to_monday),
        rules.USMartinLutherKingJr,
        rules.USPresidentsDay,
        rules.GoodFriday,
        rules.USMemorialDay,
        rules.Holiday("Juneteenth", month=6, day=19, observance=shifted),
        rules.Holiday("Independence Day", month=7, day=4, observance=shifted),
        rules.USLaborDay,
        rules.USThanksgivingDay,
        rules.Holiday("Christmas", month=12, day=25, observance=shifted),
    ]
    days = np.arange(np.datetime64(start, "D"), np.datetime64(end, "D") + 1)
    closed = rules.AbstractHolidayCalendar("sample", rules=kept).holidays(start, end)
    off = np.union1d(closed.to_numpy().astype("datetime64[D]"), np.array(CLOSED, "datetime64[D]"))
    return days[np.is_busday(days) & ~np.isin(days, off)]
