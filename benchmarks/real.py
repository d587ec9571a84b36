"""Cases (b) and (c) on prices from a file: sessions × tickers, Parquet or CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import eventstudy as es
from benchmarks import ways
from benchmarks.cases import FACTORS, SPECS, WINDOWS, Case, on_panel
from eventstudy.arrays import Reason

#: events of (b), and dates of (c)
EVENTS, DATES = 100_000, 40


def cases(file: Path, market: str | None, seed: int) -> Iterator[Case]:
    """(b) events drawn at random, and (c) every ticker on some dates."""
    panel = read(file, market)
    tickers, sessions = panel.returns.shape
    days = sessions + WINDOWS.first - WINDOWS.event.last
    if days < DATES:
        raise SystemExit(f"{file.name} has {sessions} sessions; {DATES} dates need more.")
    size = f"{tickers:,} tickers × {sessions:,} sessions of real prices"
    common = replace(SPECS["b"], tickers=tickers, sessions=sessions, typed=True)
    events = min(EVENTS, tickers * days)
    title = f"{events:,} events drawn from {size}"
    yield on_panel(replace(common, key="real-b", title=title, events=events), panel, seed)
    title = f"{tickers * DATES:,} events on {DATES} dates: {size}"
    crowded = replace(common, key="real-c", title=title, events=tickers * DATES, dates=DATES)
    yield on_panel(crowded, panel, seed)


def read(file: Path, market: str | None) -> es.Panel:
    """Make a panel whose factor is one of its tickers, or else the mean return of all."""
    table = pd.read_parquet(file) if file.suffix == ".parquet" else pd.read_csv(file)
    if isinstance(table.index, pd.RangeIndex):
        table = table.set_index(table.columns[0])
    table.index = pd.to_datetime(table.index)
    # between neighbouring prices only; the first session has none
    returns = table.astype(float).pct_change(fill_method=None).iloc[1:]
    chosen = returns if market is None else returns[[market]]
    factor = chosen.mean(axis=1).to_frame(FACTORS[0])
    return es.Panel.from_returns(returns, market=FACTORS[0], factors=factor)


def dropped(case: Case) -> str:
    """How many events the engine cannot use, and why."""
    reason = ways.outcome(case).reason
    found = {r.value: int(np.count_nonzero(reason == r.code)) for r in Reason}
    named = [f"{count:,} {name}" for name, count in found.items() if count]
    share = np.isnan(case.inputs.returns).mean()
    told = f"{np.count_nonzero(reason):,} of {len(reason):,} events dropped"
    return f"  {told}{': ' + ', '.join(named) if named else ''}; {share:.1%} of the returns missing"
