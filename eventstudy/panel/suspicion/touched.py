"""Which events have something suspicious in their windows."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from eventstudy.arrays import BoolArray, IntArray
from eventstudy.panel.suspicion.found import Found

if TYPE_CHECKING:
    from eventstudy.panel.panel import Panel

#: a missing return leaves the study by itself, which says so where it matters
_TOLD_ELSEWHERE = frozenset(("gap", "gap_day", "missing_session"))


def touched(
    panel: Panel,
    firm: IntArray,
    windows: tuple[IntArray, IntArray],
    series: Collection[str],
) -> dict[str, BoolArray]:
    """Check → (N,) whether a finding about the event's ticker or the model lies in its window.

    Parameters
    ----------
    panel : Panel
        With its findings (``panel.suspicions``).
    firm : (N,) array
        Row of each event's security.
    windows : two (N,) arrays
        First and last column of each event's window.
    series : names
        Market and factors of the model: what is wrong with them concerns every event.
    """
    out: dict[str, BoolArray] = {}
    for found in panel.suspicions:
        if found.check in _TOLD_ELSEWHERE:
            continue
        hit = np.zeros(len(firm), dtype=np.bool_)
        for part, everyone in _concerned(panel, found, series):
            hit |= _meet(panel, part, np.where(everyone, -1, firm), windows)
        out[found.check] = out.get(found.check, False) | hit
    return {check: hit for check, hit in out.items() if hit.any()}


def _concerned(panel: Panel, found: Found, series: Collection[str]) -> list[tuple[Found, bool]]:
    """Findings about single tickers, and those that concern every event."""
    named = np.array([*(ticker in series for ticker in panel.tickers), True])
    if found.check == "identical":  # either of the two, and no matter for a benchmark
        rows = np.array([panel.tickers.index(name) for name in found.other.tolist()])
        return [(found, False), (found._replace(row=rows), False)]
    # about a benchmark only where the model uses it
    used = [not name or name in series for name in found.other.tolist()]
    found = found.take(np.array(used, dtype=np.bool_))
    if found.check == "contains":
        return [(found, False)]
    everyone: BoolArray = named[found.row]
    return [
        (found.take(~everyone), False),
        (found.take(everyone)._replace(row=np.full(int(everyone.sum()), -1)), True),
    ]


def _meet(
    panel: Panel, found: Found, row: IntArray, windows: tuple[IntArray, IntArray]
) -> BoolArray:
    """(N,) whether a stretch of the same row overlaps the window.

    Stretches that began by the end of the window, less those that ended before it.
    """
    width = np.int64(len(panel.sessions) + 1)
    last = np.clip(windows[1], 0, width - 1)
    first = np.clip(windows[0], 0, width - 1)
    start = np.sort(found.row * width + np.searchsorted(panel.sessions, found.first))
    stop = np.searchsorted(panel.sessions, found.last, side="right") - 1
    ended = np.sort(found.row * width + stop)
    began = np.searchsorted(start, row * width + last, side="right")
    return np.asarray(began > np.searchsorted(ended, row * width + first))
