"""Sessions without a return between the first and the last one of a ticker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventstudy.arrays import BoolArray, IntArray
from eventstudy.panel.suspicion.found import (
    Found,
    Stretches,
    found_at,
    joined,
    many,
    parts,
    said,
    stretches,
)

if TYPE_CHECKING:
    from eventstudy.panel.panel import Panel

#: with more gaps than this a ticker gets one row that counts them
_SINGLY = 5
#: a session misses in the source if it misses for this share of at least so many tickers
_SHARE, _TICKERS = 0.5, 3


def holes(panel: Panel) -> list[Found]:
    """Find gaps of single tickers, and sessions that miss for most of them."""
    none = joined([stretches(np.isnan(part), 1, start) for start, part in parts(panel.returns)])
    width = len(panel.sessions)
    inside = (none.first > 0) & (none.last < width - 1)
    gaps = none.take(inside)
    absent = _per_session(gaps, width)
    outside = _per_session(none.take(~inside), width)
    alive = len(panel.tickers) - outside
    lost = (absent >= _TICKERS) & (absent >= _SHARE * alive)
    before = np.concatenate([[0], np.cumsum(lost)])
    own = gaps.take(before[gaps.last + 1] - before[gaps.first] < gaps.days)
    found = [_sessions(panel, lost, absent, alive), *_of_tickers(panel, own)]
    return [each for each in found if each]


def _per_session(where: Stretches, width: int) -> IntArray:
    """Count the stretches that each session lies in."""
    ends = np.bincount(where.first, minlength=width + 1)
    ends -= np.bincount(where.last + 1, minlength=width + 1)
    return np.cumsum(ends)[:width]


def _sessions(panel: Panel, lost: BoolArray, absent: IntArray, alive: IntArray) -> Found:
    where = stretches(lost[None, :])
    texts = [
        f"{absent[t]:,} of {alive[t]:,} tickers have no return: the session misses in the source?"
        for t in where.first.tolist()
    ]
    return found_at(panel, "gap_day", where._replace(row=where.row - 1), texts)


def _of_tickers(panel: Panel, gaps: Stretches) -> list[Found]:
    """One finding a gap; one a ticker where it has many."""
    often = (np.bincount(gaps.row, minlength=len(panel.tickers)) > _SINGLY)[gaps.row]
    few, rest = gaps.take(~often), gaps.take(often)
    texts = said(few.days, lambda days: f"No return on {many(days, 'session')} in a row.")
    row, at = np.unique(rest.row, return_index=True)
    if not len(row):
        return [found_at(panel, "gap", few, texts)]
    count = np.diff(np.append(at, len(rest.row)))
    total, longest = np.add.reduceat(rest.days, at), np.maximum.reduceat(rest.days, at)
    counted = [
        f"{n:,} gaps of {many(days, 'session')} in all, the longest of {most}: thinly traded?"
        for n, days, most in zip(count.tolist(), total.tolist(), longest.tolist(), strict=True)
    ]
    whole = Stretches(row, rest.first[at], rest.last[at + count - 1])
    return [
        found_at(panel, "gap", few, texts),
        found_at(panel, "gap", whole, counted, days=total),
    ]
