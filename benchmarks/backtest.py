"""How long trading takes: a grid of 1,000 rules, 999 placebo draws, one rule on 100,000 events.

``python benchmarks/backtest.py [--rounds N]`` runs on one core and simulated returns, and prints
the fewest processor seconds of some rounds beside the bars: 2 seconds for the grid, 1 second for
the 100,000 events. The grid and the draws trade 12 miners on 60 dates.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

import eventstudy as es

THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
FIRMS, DATES, SESSIONS = 12, 60, 1000
MANY, WIDE, LONG = 100_000, 3000, 2500
#: what is asked, in processor seconds
GRID, ONE = 2.0, 1.0


def panel_of(firms: int, sessions: int, rng: np.random.Generator) -> es.Panel:
    """Returns of some firms and a market."""
    days = pd.bdate_range("2016-01-04", periods=sessions)
    market = rng.normal(0.0, 0.01, sessions)
    returns = market[:, None] + rng.normal(0.0, 0.02, (sessions, firms))
    names = [f"F{k:04d}" for k in range(firms)]
    frame = pd.DataFrame(np.column_stack([returns, market]), days, [*names, "SPY"])
    return es.Panel.from_returns(frame, market="SPY")


def miners() -> tuple[pd.DataFrame, es.Panel]:
    """Each firm on each of the dates."""
    rng = np.random.default_rng(0)
    panel = panel_of(FIRMS, SESSIONS, rng)
    rows = np.sort(rng.choice(np.arange(270, SESSIONS - 62), DATES, replace=False))
    dates = pd.DatetimeIndex(panel.sessions[rows])
    table = pd.MultiIndex.from_product([dates, panel.tickers[:FIRMS]], names=["date", "ticker"])
    return table.to_frame(index=False).assign(session="before_open"), panel


def thousands() -> tuple[pd.DataFrame, es.Panel]:
    """Firms and dates drawn at random."""
    rng = np.random.default_rng(0)
    panel = panel_of(WIDE, LONG, rng)
    dates = pd.DatetimeIndex(panel.sessions[rng.integers(270, LONG - 25, MANY)])
    tickers = np.array(panel.tickers)[rng.integers(0, WIDE, MANY)]
    events = pd.DataFrame({"ticker": tickers, "date": dates, "session": "before_open"})
    return events.drop_duplicates(ignore_index=True), panel


def fewest(work: Callable[[], object], rounds: int) -> float:
    """Processor seconds of the fastest round."""
    found = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def main() -> int:
    """Time each and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    if any(os.environ.get(name) != "1" for name in THREADS):  # BLAS reads them when it is loaded
        one = {**os.environ, **dict.fromkeys(THREADS, "1")}
        return subprocess.run([sys.executable, *sys.argv], env=one, check=False).returncode  # noqa: S603  (ourselves)
    few, many = miners(), thousands()
    hedged = es.Rule(hedge=es.MarketModel(), weight="inverse_sigma")
    done = hedged.run(*few)
    enter, leave = range(20), range(1, 61)
    size = len(hedged.grid(*few, enter, leave))
    cases: list[tuple[str, Callable[[], object], float | None]] = [
        (f"grid of {size:,} rules, plain", lambda: es.Rule().grid(*few, enter, leave), GRID),
        (f"grid of {size:,} rules, hedged", lambda: hedged.grid(*few, enter, leave), GRID),
        ("grid of 105 rules, hedged", lambda: hedged.grid(*few), None),
        ("999 placebo draws, hedged", done.placebo, None),
        ("9,999 bootstrap draws", done.bootstrap, None),
        (f"{len(many[0]):,} events, plain", lambda: es.Rule().run(*many), ONE),
        (f"{len(many[0]):,} events, hedged", lambda: hedged.run(*many), ONE),
    ]
    for title, work, bar in cases:
        seconds = fewest(work, rounds)
        asked = "" if bar is None else f"   bar {bar:g} s: {'met' if seconds <= bar else 'missed'}"
        print(f"{title:32}{seconds:8.2f} s{asked}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
