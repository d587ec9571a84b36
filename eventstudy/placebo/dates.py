"""Joint placebo dates: where the events of a study could have lain without news (methods D.19).

Which events share a date stays as it is, and so does the distance of dates whose tested windows
overlap: such a chain of dates moves as one. Chains never come to overlap each other, so every
draw has the true structure of shared days and nothing else of the truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy import errors
from eventstudy.arrays import BoolArray, FloatArray, Inputs, IntArray, Windows
from eventstudy.inference._resampling import Rng, check_draws, generator
from eventstudy.windows import Window

#: sessions that the events of a chain need to choose from; firms that leave fewer stay out
LEAST = 20
#: sessions of market returns behind a stratum: one month
LAG = 20
#: how often a draw without room for its last chains is begun anew
ROUNDS = 100
#: truth values that one batch of draws holds
CELLS = 1 << 22


@dataclass(frozen=True, eq=False)
class Placebos:
    """Placebo dates of some events, draw by draw."""

    #: (n,) which of the given events have placebo dates, and the security of each
    kept: IntArray
    firm: IntArray
    #: (draws, n) calendar row of day 0
    row: IntArray
    #: sessions on which at least one event could lie, and chains of dates that move as one
    sessions: int
    chains: int

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True, eq=False)
class _Chain:
    """Dates whose tested windows overlap, and the sessions at which the first could lie."""

    #: positions of its events, and how many sessions each lies after the first
    events: IntArray
    after: IntArray
    anchors: IntArray

    @property
    def offsets(self) -> IntArray:
        return np.unique(self.after)


def admissible(
    inputs: Inputs,
    windows: Windows,
    tested: Window,
    need: int,
    events: tuple[IntArray, IntArray],
) -> BoolArray:
    """(S, T) sessions that could be day 0 of a security without any news.

    All windows lie inside the data, ``need`` estimation days are valid, every tested day has a
    return, and no tested day is one of the security's true ``events`` (firm, row).
    """
    found = np.isfinite(inputs.returns)
    for k in range(inputs.factors.shape[1]):
        found &= np.isfinite(inputs.own.get(k, inputs.factors[:, k]))
    tested_days = _sums(found, np.ones(len(tested), dtype=bool), tested.first) == len(tested)
    if inputs.excluded is not None:
        found &= ~inputs.excluded
    enough = _sums(found, windows.used, windows.estimation.first) >= need
    session = np.arange(found.shape[1])
    inside = (session + windows.whole.first >= 0) & (session + windows.whole.last < len(session))
    firm, row = events
    near = row[:, None] + np.arange(1 - len(tested), len(tested))
    free = np.ones_like(found)
    free[firm[:, None], np.clip(near, 0, len(session) - 1)] = False
    return np.asarray(tested_days & enough & inside & free)


def _sums(found: BoolArray, used: BoolArray, first: int) -> IntArray:
    """(S, T) days found among the ``used`` ones of a window that begins at day ``first``."""
    firms, sessions = found.shape
    edges = np.flatnonzero(np.diff(np.concatenate([[False], used, [False]]))).reshape(-1, 2)
    total = np.zeros((firms, sessions + 1), dtype=np.int64)
    np.cumsum(found, axis=1, out=total[:, 1:])
    count = np.zeros((firms, sessions), dtype=np.int64)
    for begin, end in edges:
        days = np.arange(sessions) + first
        count += total[:, np.clip(days + end, 0, sessions)]
        count -= total[:, np.clip(days + begin, 0, sessions)]
    return count


def volatility_strata(market: FloatArray, windows: Windows, groups: int) -> IntArray:
    """(T,) which of ``groups`` equal parts the market's volatility before the event falls into.

    The standard deviation of the market over the 20 sessions before the event window; −1 where
    it is not known.
    """
    days = np.lib.stride_tricks.sliding_window_view(market, LAG)
    before = np.arange(len(market)) + windows.event.first - LAG
    known = (before >= 0) & (before < len(days))
    level = np.full(len(market), np.nan)
    level[known] = days[before[known]].std(axis=1, ddof=1)
    known = np.isfinite(level)
    cuts = np.quantile(level[known], np.arange(1, groups) / groups) if known.any() else []
    return np.where(known, np.searchsorted(cuts, level, side="left"), -1)


def placebo_dates(
    events: tuple[IntArray, IntArray],
    allowed: BoolArray,
    tested: Window,
    draws: int,
    *,
    strata: IntArray | None = None,
    rng: Rng = 0,
) -> Placebos:
    """Draw dates for all events together, without replacement inside a draw.

    Parameters
    ----------
    events : (n,) and (n,) arrays
        Security and calendar row of day 0 of each event.
    allowed : (S, T) array
        What `admissible` says.
    tested : Window
        The days that will be looked at. Dates nearer than its length move as one chain, and
        other chains keep that distance.
    draws : int
        Number of draws. A single chain has no more draws than sessions: each is used once.
    strata : (T,) array, optional
        A label a session; the first date of a chain stays within its own.
    rng : int or Generator
        A seed, or where the random numbers come from.

    Returns
    -------
    Placebos
        A firm that leaves its date fewer than 20 sessions to choose from stays out.

    Raises
    ------
    OptionError
        If no event is left, or the chains do not fit beside each other.

    Examples
    --------
    >>> events = (np.array([0, 1, 0]), np.array([50, 50, 80]))
    >>> found = placebo_dates(events, np.ones((2, 100), dtype=bool), Window(0, 0), 5)
    >>> found.row.shape, bool((found.row[:, 0] == found.row[:, 1]).all()), found.chains
    ((5, 3), True, 2)
    """
    count, random = check_draws(draws), generator(rng)
    chains = [c for c in _chains(events, allowed, tested, strata) if len(c.events)]
    if not chains:
        raise errors.no_placebo_sessions(LEAST)
    anchors = _anchors(chains, allowed.shape[1], len(tested), count, random)
    kept = np.concatenate([c.events for c in chains])
    row = np.hstack(
        [at[:, None] + c.after for at, c in zip(anchors.T, chains, strict=True)], dtype=np.int64
    )
    order = np.argsort(kept)
    days = [np.add.outer(c.anchors, c.offsets).ravel() for c in chains]
    return Placebos(
        kept=kept[order],
        firm=events[0][kept[order]],
        row=row[:, order],
        sessions=len(np.unique(np.concatenate(days))),
        chains=len(chains),
    )


def _chains(
    events: tuple[IntArray, IntArray],
    allowed: BoolArray,
    tested: Window,
    strata: IntArray | None,
) -> list[_Chain]:
    """Cut the dates into chains, and find where each could lie."""
    firm, row = events
    order = np.argsort(row, kind="stable")
    apart = np.flatnonzero(np.diff(row[order]) >= len(tested)) + 1
    found = []
    for some in np.split(order, apart):
        start = int(row[some[0]])
        after = row[some] - start
        width = allowed.shape[1] - int(after.max())
        own = allowed[firm[some, None], after[:, None] + np.arange(width)]
        if strata is not None:
            own &= strata[:width] == strata[start]
        keep, together = _company(own)
        found.append(_Chain(some[keep], after[keep], np.flatnonzero(together)))
    return found


def _company(own: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Events that leave each other `LEAST` sessions or more, and those sessions.

    Where all events together leave fewer, those with the fewest sessions of their own go.
    """
    together = np.logical_and.reduce(own, axis=0)
    if together.sum() >= LEAST:
        return np.ones(len(own), dtype=bool), together
    order = np.argsort(-own.sum(axis=1), kind="stable")
    joint = np.logical_and.accumulate(own[order], axis=0)
    many = int((joint.sum(axis=1) >= LEAST).sum())
    keep = np.zeros(len(own), dtype=bool)
    keep[order[:many]] = True
    return keep, joint[many - 1] if many else np.zeros_like(together)


def _anchors(
    chains: list[_Chain], sessions: int, gap: int, draws: int, rng: np.random.Generator
) -> IntArray:
    """(draws, chains) where each chain begins, drawn batch by batch."""
    if len(chains) == 1:
        return rng.permutation(chains[0].anchors)[:draws, None]
    size = max(CELLS // sessions, 1)
    found = np.empty((draws, len(chains)), dtype=np.int64)
    for begin in range(0, draws, size):
        open_ = np.arange(begin, min(begin + size, draws))
        for _ in range(ROUNDS):
            placed, fits = _side_by_side(chains, sessions, gap, len(open_), rng)
            found[open_[fits]] = placed[fits]
            open_ = open_[~fits]
            if not len(open_):
                break
        else:
            raise errors.placebo_dates_do_not_fit(len(chains), sessions)
    return found


def _side_by_side(
    chains: list[_Chain], sessions: int, gap: int, draws: int, rng: np.random.Generator
) -> tuple[IntArray, BoolArray]:
    """(draws, chains) beginnings at least ``gap`` sessions apart, and which draws succeeded.

    The chain with the fewest sessions goes first; each takes a random one of what is free.
    """
    free = np.ones((draws, sessions), dtype=bool)
    found, fits = np.zeros((draws, len(chains)), dtype=np.int64), np.ones(draws, dtype=bool)
    each, near = np.arange(draws)[:, None], np.arange(1 - gap, gap)
    for c in sorted(range(len(chains)), key=lambda c: len(chains[c].anchors)):
        anchors, offsets = chains[c].anchors, chains[c].offsets
        there = free[:, anchors + offsets[0]]
        for offset in offsets[1:]:
            there &= free[:, anchors + offset]
        luck = np.where(there, rng.random(there.shape, dtype=np.float32), -1.0)
        best = luck.argmax(axis=1)
        fits &= there[each[:, 0], best]
        found[:, c] = anchors[best]
        days = (found[:, c, None] + offsets)[:, :, None] + near
        free[each, np.clip(days.reshape(draws, -1), 0, sessions - 1)] = False
    return found, fits
