"""Sessions of the panel against the week and against an exchange's calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy.arrays import BoolArray, DateArray
from eventstudy.events import exchange
from eventstudy.panel.suspicion.found import Found, Stretches, found_at, many, stretches

if TYPE_CHECKING:
    from eventstudy.panel.panel import Panel

#: a market that trades at week-ends has more of its sessions there
_RARE = 0.05


def weekends(panel: Panel) -> list[Found]:
    """Find sessions on Saturdays and Sundays where these are rare: dates may be one day off."""
    # 1970-01-01 was a Thursday
    late: BoolArray = (panel.sessions.astype(np.int64) + 3) % 7 >= 5
    if not late.any() or late.mean() >= _RARE:
        return []
    where = stretches(late[None, :])
    names = ["Saturday", "Sunday"]
    first = ((panel.sessions[where.first].astype(np.int64) + 3) % 7 - 5).tolist()
    texts = [f"A session on a {names[k]}: a date of another time zone?" for k in first]
    return [found_at(panel, "weekend", where._replace(row=where.row - 1), texts)]


def against(panel: Panel, calendar: str) -> list[Found]:
    """Find sessions of an exchange that the panel lacks, and days on which it was closed."""
    first, last = panel.sessions[[0, -1]]
    ends = pd.Timestamp(first), pd.Timestamp(last)
    days = exchange(calendar, *ends, instead="leave `calendar` out").sessions
    known = days.to_numpy().astype("datetime64[D]")
    known = known[(known >= first) & (known <= last)]
    closed = stretches(~np.isin(panel.sessions, known)[None, :])
    texts = [
        f"{many(n, 'session')} while {calendar} was closed: another market's days, or a filled "
        f"price?"
        for n in closed.days.tolist()
    ]
    where = closed._replace(row=closed.row - 1)
    found = [_missing(panel, known, calendar), found_at(panel, "closed_day", where, texts)]
    return [each for each in found if each]


def _missing(panel: Panel, known: DateArray, calendar: str) -> Found:
    absent = ~np.isin(known, panel.sessions)
    lost, total = stretches(absent[None, :]), int(absent.sum())
    texts = [
        f"{many(n, 'session')} of {calendar} missing in the prices: the returns after it are of "
        f"several days."
        for n in lost.days.tolist()
    ]
    days = lost.days
    if 2 * total > len(known):  # one finding, not one a week
        lost = Stretches(*np.array([[0, lost.first[0], lost.last[-1]]], dtype=np.int64).T)
        days = np.array([total], dtype=np.int64)
        texts = [
            f"{total:,} of {many(len(known), 'session')} of {calendar} missing: weeks, months?"
        ]
    return Found(
        "missing_session",
        lost.row - 1,
        known[lost.first],
        known[lost.last],
        days,
        np.array(texts, dtype=object),
        np.array([""] * len(texts), dtype=object),
    )
