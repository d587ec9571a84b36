"""Flags on events whose price moved, or may have moved, for another reason as well.

One rule for all: the same firm had another dated event within one weekday (Friday and Monday
are neighbours). What the catalogue does not know cannot be flagged: False is not a proof.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from eventstudy.arrays import BoolArray
from eventstudy.catalysts._data import REPORTS, own_reports, reporters

#: ticker → first and last day on which the price followed the ratio of an agreed merger
MERGER_ARBITRAGE = {"CORZ": ("2025-07-07", "2025-10-30")}


def flagged(events: pd.DataFrame) -> pd.DataFrame:
    """Add ``own_earnings`` and ``merger_arbitrage``, by the ticker and date of each event."""
    reports = own_reports()
    itself = events["category"].isin(REPORTS) & events["ticker"].isin(reporters())
    ratio = pd.Series(False, index=events.index)
    for ticker, (first, last) in MERGER_ARBITRAGE.items():
        ratio |= (events["ticker"] == ticker) & events["date"].between(first, last)
    return events.assign(
        own_earnings=near(events, reports) & ~itself.to_numpy(bool), merger_arbitrage=ratio
    )


def near(events: pd.DataFrame, dated: pd.DataFrame, weekdays: int = 1) -> BoolArray:
    """Whether ``dated`` has a row of the same ticker within so many weekdays of each event."""
    here = events[["ticker", "date"]].reset_index(drop=True).rename_axis("row").reset_index()
    pairs = here.dropna().merge(dated[["ticker", "date"]], on="ticker", suffixes=("", "_other"))
    one, other = (pairs[c].to_numpy().astype("datetime64[D]") for c in ("date", "date_other"))
    apart = np.busday_count(np.minimum(one, other), np.maximum(one, other))
    found = np.zeros(len(events), dtype=bool)
    found[pairs["row"].to_numpy()[apart <= weekdays]] = True
    return found
