"""How many events have something suspicious in the prices of their windows."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from eventstudy.align import day_zero
from eventstudy.arrays import BoolArray, IntArray
from eventstudy.inference.folding import sums_of
from eventstudy.panel.suspicion import CHECKS, touched
from eventstudy.windows import Window

if TYPE_CHECKING:
    from eventstudy.result.result import Result


def doubts(result: Result, series: Collection[str]) -> list[str]:
    """One note, or none: events with a finding of `Panel.check` in one of their windows.

    Parameters
    ----------
    result : Result
        The findings are looked for once a panel.
    series : names
        Market and factors of the model: a finding about them concerns every event.
    """
    windows = result.study.windows
    inside = _within(result, windows.event, series)
    event = _any(inside, len(result.events))
    before = _within(result, windows.estimation, series)
    before = {check: hit & ~event for check, hit in before.items()}
    only = _any(before, len(result.events))
    parts = []
    if event.any():
        parts.append(f"in the prices of the event window ({_counted(inside)})")
    if only.any():
        more = f"{only.sum():,} more in those of" if parts else "in the prices of"
        parts.append(f"{more} the estimation window ({_counted(before)})")
    if not parts:
        return []
    count, total = int(event.sum() or only.sum()), len(result.events)
    events = f"{count:,} of {total:,} event{'' if total == 1 else 's'}"
    verb = "has" if count == 1 else "have"
    said = f"{events} {verb} something suspicious {', '.join(parts)}"
    return [f"Data: {said}: panel.check() lists it."]


def _within(result: Result, window: Window, series: Collection[str]) -> dict[str, BoolArray]:
    """Check → (N,) whether it found something in a window of the event."""
    if not result.panel.suspicions:
        return {}
    firm = result.panel.firm_codes(result.events["ticker"])
    row = _day_zero(result)
    return touched(result.panel, firm, (row + window.first, row + window.last), series)


def _day_zero(result: Result) -> IntArray:
    """(N,) column of day 0 of the kept events; where only sums were kept it is found again."""
    if sums_of(result.abnormal) is None:
        return result.abnormal.row
    return day_zero(result.events, result.panel.sessions, result.study.timing)


def _any(hits: dict[str, BoolArray], count: int) -> BoolArray:
    return np.asarray(np.any([np.zeros(count, dtype=np.bool_), *hits.values()], axis=0))


def _counted(hits: dict[str, BoolArray]) -> str:
    """Write the number of events of each check, the worst check first."""
    counts = {check: int(hits[check].sum()) for check in CHECKS if check in hits}
    return ", ".join(f"{CHECKS[check]}: {n:,}" for check, n in counts.items() if n)
