"""Ranks of the days of each event (Corrado), beside scipy.stats.rankdata."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from scipy import stats

from benchmarks.timing import How
from eventstudy.arrays import FloatArray
from eventstudy.inference._ranking import Room, balances

#: events, in parts as the tests take them, and days of both windows
EVENTS, PART, DAYS = 20_480, 2048, 271
#: what ranks an array, and the part of the events it is given
Ways = dict[str, tuple[Callable[[FloatArray], object], int]]


def measure(how: How, seed: int) -> dict[str, list[float]]:
    """Seconds per event of both, round by round; ends the run if their ranks differ.

    All parts share a room, as they do in the tests.
    """
    now = time.perf_counter if how.clock == "wall" else time.process_time
    x = np.random.default_rng((seed, DAYS)).normal(0.0, 0.02, (EVENTS, DAYS))
    few = x[:PART].copy()
    few[::3, 5] = few[::3, 9]  # ties
    gap = np.abs(balances(few).values / (2.0 * DAYS + 2.0) - by_scipy(few)).max()
    assert gap <= 1e-12, f"our ranks are {gap:.1e} off scipy.stats.rankdata"
    found: dict[str, list[float]] = {"ours": [], "scipy": []}
    room = Room()
    ways: Ways = {"ours": (lambda x: balances(x, room=room), 1), "scipy": (by_scipy, 5)}
    for _ in range(how.rounds):
        for name, (ranks, share) in ways.items():
            parts = range(0, EVENTS // share, PART)
            start = now()
            for first in parts:
                ranks(x[first : first + PART])
            found[name].append((now() - start) / (len(parts) * PART))
    return found


def by_scipy(x: FloatArray) -> FloatArray:
    """Give U = rank/(T+1) − ½."""
    return np.asarray(stats.rankdata(x, axis=1) / (x.shape[1] + 1.0) - 0.5)


def said(found: dict[str, list[float]]) -> str:
    """Put it in a line."""
    ours, theirs = (np.median(found[name]) for name in ("ours", "scipy"))
    ratio = np.median(np.array(found["scipy"]) / np.array(found["ours"]))
    return (
        f"ranks of {DAYS} days: {ours * 1e6:.2f} µs an event, scipy.stats.rankdata "
        f"{theirs * 1e6:.2f} µs, {ratio:.1f} ×"
    )
