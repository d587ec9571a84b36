"""What a rule earned: tables by trade and by session, figures, the summary and the picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from eventstudy.backtest.book import Book
from eventstudy.backtest.rule import Rule
from eventstudy.panel import Panel
from eventstudy.study import EventStudy


@dataclass(frozen=True, eq=False, repr=False)
class Backtest:
    """The trades of a rule and what they earned, net of costs.

    Everything is a fraction of one notional, which is also the starting capital and never
    changes: profits add up and are not compounded, so that Σ net of the trades, Σ net of the
    sessions and the final equity less 1 are the same number.

    Attributes
    ----------
    rule, study, panel
        What was asked for.
    events : DataFrame
        The traded events with all their columns, on the user's index.
    dropped : DataFrame
        event_id → ticker, date, session, reason, detail: events that were not traded.
    ledger : DataFrame
        event_id → ticker, change, detail: trades that are not what the rule says, because a
        price was missing, a limit was reached, or trades in one ticker overlap.
    book : Book
        The arrays behind every table.

    Examples
    --------
    >>> import eventstudy as es
    >>> rng = np.random.default_rng(0)
    >>> days = pd.bdate_range("2024-01-01", periods=300)
    >>> returns = pd.DataFrame(rng.normal(0, 0.01, (300, 3)), days, ["AAA", "BBB", "SPY"])
    >>> events = es.events_on(days[260], ["AAA", "BBB"], session="before_open")
    >>> panel = es.Panel.from_returns(returns, market="SPY")
    >>> found = es.Rule(enter=0, leave=5, hedge=es.MarketModel()).run(events, panel)
    >>> found.trades[["ticker", "side", "net"]].round(4).to_numpy().tolist()
    []
    >>> float(round(found.daily["equity"].iloc[-1] - 1 - found.trades["net"].sum(), 12))
    0.0
    """

    rule: Rule
    study: EventStudy
    panel: Panel
    events: pd.DataFrame
    dropped: pd.DataFrame
    ledger: pd.DataFrame
    book: Book
    #: what has to be known of the events, one sentence each
    remarks: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.book)

    # ── tables ───────────────────────────────────────────────────────────────────────────
    @cached_property
    def trades(self) -> pd.DataFrame:
        """event_id → ticker, enter, leave, side, weight, gross, cost, hedge, net, abnormal.

        ``enter`` and ``leave`` are sessions; ``side`` is 1 or −1, ``weight`` the notional. gross
        + hedge − cost = net are contributions to the capital. ``abnormal`` is the abnormal
        return of the ticker over the sessions held, whatever side and weight; NaN where it could
        not be measured, or where the rule trades at an open.
        """
        book = self.book
        first = book.row + book.start
        sessions = self.panel.sessions.astype("datetime64[ns]")
        columns = {
            "ticker": self.events["ticker"],
            "enter": sessions[first + book.opened],
            "leave": sessions[first + book.closed],
            "side": np.sign(book.position).astype(np.int64),
            "weight": np.abs(book.position),
            "gross": book.gross,
            "cost": book.cost,
            "hedge": book.hedged,
            "net": book.net,
            "abnormal": book.abnormal,
        }
        return pd.DataFrame(columns, index=self.events.index)

    @cached_property
    def daily(self) -> pd.DataFrame:
        """Session → gross, cost, hedge, net, equity, exposure, turnover.

        All sessions from the first entry to the last leaving. ``equity`` starts at 1;
        ``exposure`` is the notional of the positions whose return the session earns, the hedge
        not counted; ``turnover`` the value traded, the hedge's included.
        """
        book = self.book
        position = book.position[:, None]
        columns = {
            "gross": book.by_session(position * book.asset),
            "cost": book.by_session(book.paid),
            "hedge": book.by_session(position * book.hedge),
        }
        columns["net"] = columns["gross"] + columns["hedge"] - columns["cost"]
        columns["equity"] = 1.0 + np.cumsum(columns["net"])
        columns["exposure"] = book.by_session(np.abs(position) * book.held)
        columns["turnover"] = book.by_session(book.traded)
        sessions = self.panel.sessions[book.span].astype("datetime64[ns]")
        return pd.DataFrame(columns, index=pd.DatetimeIndex(sessions, name="session"))
