"""What became of events that were not traded, or not as the rule says, in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eventstudy.arrays import IntArray
from eventstudy.backtest.filling import Change, Filled, Orders, Unfilled
from eventstudy.panel import Panel

_UNFILLED = {
    Unfilled.NO_SIDE: "the rule takes no side",
    Unfilled.NO_WEIGHT: "its weight is missing or not above 0",
    Unfilled.NO_PRICE: "no price to enter at",
    Unfilled.FACTOR_MISSING: "the hedge has no return on a session of the trade",
    Unfilled.OVERLAP: "a position in the same ticker is open",
    Unfilled.LIMIT: "a limit on positions is used up",
}
_CHANGED = {
    Change.LEFT_EARLY: "no price on {hole}: left at the last one before",
    Change.DELISTED: "its prices end before {hole}",
    Change.SCALED: "a limit leaves less than the rule asks for",
    Change.CARRIES_ON: "carries on a position in the same ticker",
    Change.CUT_SHORT: "left for a later event of the same ticker",
}


def unfilled(told: pd.DataFrame, orders: Orders, filled: Filled) -> pd.DataFrame:
    """One row an order that was not filled: ticker, date, session, reason, detail."""
    which = np.flatnonzero(filled.lost)
    lost = told.iloc[orders.event[which]]
    codes = filled.lost[which] - 1
    reasons = np.array([str(why) for why in Unfilled], dtype=object)
    details = np.array([_UNFILLED[why] for why in Unfilled], dtype=object)
    found = lost[["ticker", "date", "session"]].assign(reason=reasons[codes], detail=details[codes])
    kind = told["session"].dtype
    return found.astype({"reason": kind, "detail": kind})


def changed(told: pd.DataFrame, orders: Orders, filled: Filled, panel: Panel) -> pd.DataFrame:
    """One row a trade and change: event_id → ticker, change, detail."""
    parts = []
    for change, where in filled.changes.items():
        which = np.flatnonzero(where)
        said = pd.Series(_CHANGED[change], index=range(len(which)), dtype=object)
        if "{hole}" in _CHANGED[change]:
            before, after = _CHANGED[change].split("{hole}")
            said = before + pd.Series(_dates(filled.hole[which], panel)) + after
        events = told.iloc[orders.event[which]]
        row = pd.DataFrame({"ticker": events["ticker"], "change": str(change)})
        parts.append(row.assign(detail=said.to_numpy(), at=orders.event[which]))
    found = pd.concat(parts).sort_values("at", kind="stable")
    return found.drop(columns="at")


def _dates(rows: IntArray, panel: Panel) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Sessions as text; a day after the last one is the end of the data."""
    names = np.append(panel.sessions.astype(str), "the end of the data").astype(object)
    return np.asarray(names[np.minimum(rows, len(panel.sessions))])
