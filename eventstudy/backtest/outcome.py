"""What a rule earned: tables by trade and by session, figures, the summary and the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy.backtest import wording
from eventstudy.backtest.book import Book
from eventstudy.backtest.clusters import Clusters
from eventstudy.backtest.figures import Tried
from eventstudy.backtest.figures import figures as figures_of
from eventstudy.backtest.resampling import Bootstrap, bootstrap
from eventstudy.backtest.rule import Rule
from eventstudy.inference._resampling import Rng
from eventstudy.one_line import about, many
from eventstudy.panel import Panel
from eventstudy.report import charts, draw_backtest, percent
from eventstudy.report.document import Part, part_of
from eventstudy.report.exports import Printed
from eventstudy.report.pages import Page
from eventstudy.study import EventStudy

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from eventstudy.backtest.chance import Chance
    from eventstudy.backtest.filling import Orders


@dataclass(frozen=True, eq=False)
class Asked:
    """What a rule asked for, before prices and limits."""

    #: all events as they were announced
    table: pd.DataFrame
    #: the trades that were asked for
    orders: Orders


@dataclass(frozen=True, eq=False, repr=False)
class Backtest(Printed):
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
    [['AAA', 1, -0.0165], ['BBB', 1, -0.0053]]
    >>> float(round(found.daily["equity"].iloc[-1] - 1 - found.trades["net"].sum(), 12))
    0.0

    Every figure as a number, the page, intervals from clusters of trades, random dates beside
    the true ones, and the picture:

    >>> found.figures()[["trades", "mean_net"]].round(3).tolist()
    [2, -0.011]
    >>> print(found.summary().splitlines()[0])
    Backtest
    >>> type(found.bootstrap(draws=99)).__name__, type(found.placebo(draws=9)).__name__
    ('Bootstrap', 'Chance')
    >>> len(found.plot()), "booktabs" in found.to_latex(), found.to_markdown().splitlines()[0]
    (3, True, '## Backtest')
    """

    rule: Rule
    study: EventStudy
    panel: Panel
    events: pd.DataFrame
    dropped: pd.DataFrame
    ledger: pd.DataFrame
    book: Book
    asked: Asked
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
        ``exposure`` is the notional of the positions whose return the session earns, in its night
        or its day, whichever holds more, the hedge not counted; ``turnover`` the value traded,
        the hedge's included.
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
        columns["exposure"] = book.exposure
        columns["turnover"] = book.by_session(book.traded)
        sessions = self.panel.sessions[book.span].astype("datetime64[ns]")
        return pd.DataFrame(columns, index=pd.DatetimeIndex(sessions, name="session"))

    # ── figures, words and pictures ──────────────────────────────────────────────────────
    def figures(self, tried: Tried = 1, *, capital: float | None = None) -> pd.Series[Any]:
        """Every figure of the summary under its name, as numbers.

        Parameters
        ----------
        tried : int or sequence of float
            How many rules were tried before this one was kept, or the annual Sharpe ratios of
            all: the deflated Sharpe ratio holds the best of so many against luck.
        capital : float, optional
            Dollars that are invested, for the days it takes to leave; default one million.

        Returns
        -------
        Series
            Figure → value; `eventstudy.backtest.figures.figures` explains each.
        """
        return figures_of(self.book, self.panel, tried=tried, capital=capital)

    def summary(self, tried: Tried = 1, *, capital: float | None = None) -> str:
        """The verdict in words, the figures and the extreme trades, in 80 columns.

        Parameters
        ----------
        tried, capital
            As for `figures`.
        """
        return wording.page(self, tried=tried, capital=capital).text()

    @property
    def _capital(self) -> float:
        """The largest exposure of any session, which figures a year are fractions of."""
        most = float(self.daily["exposure"].max())
        return most if most > 0 else 1.0

    def plot(self, ax: Axes | None = None, *, title: str | None = None) -> NDArray[np.object_]:
        """Draw equity, drawdown and the profit of each trade; returns the three Axes.

        The place of ``ax`` is split in three; the first of them is ``ax`` itself.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; a figure of its own if left out. Nothing is shown.
        title : str, optional
            Above the picture.
        """
        return draw_backtest(
            self.daily,
            self.trades,
            capital=self._capital,
            ax=ax,
            title=title or wording.heading(self),
            source=self.panel.source or None,
        )

    def parts(self) -> Sequence[Part]:
        """The part that a report of the result gets: `Result.to_html(..., backtest=...)`."""
        return [
            part_of(
                wording.page(self),
                name="backtest",
                pictures=[
                    lambda: charts.equity_chart(self.daily, self._capital),
                    lambda: charts.trades_chart(self.trades),
                ],
            )
        ]

    # ── luck ─────────────────────────────────────────────────────────────────────────────
    def bootstrap(self, draws: int = 9999, *, rng: Rng = 0) -> Bootstrap:
        """Draw the clusters of overlapping trades anew: intervals of the mean trade and the Sharpe.

        Trades that are held on the same days are not independent, so that whole clusters of
        them are drawn, never single trades; see `eventstudy.backtest.resampling.bootstrap`.

        Parameters
        ----------
        draws : int
            Number of draws.
        rng : int or Generator
            A seed, or where the random numbers come from.

        Returns
        -------
        Bootstrap
            ``table`` and ``sentence()``.
        """
        return bootstrap(Clusters.of(self.book), draws, rng)

    def placebo(self, draws: int = 999, *, strata: int | None = None, rng: Rng = 0) -> Chance:
        """Trade the same rule on random dates, to see what dates picked blindly would have earned.

        Dates keep what they share: events of one date move together, and so do dates whose
        holdings overlap. Every session counts on which all firms of a date have returns, and
        estimates where the rule needs them; the true dates among them, since without them what
        is left of a short history would be another one. Hedge ratios and σ̂ are estimated anew
        before each placebo date, the windows of other events included; side and weight by a
        column stay with their event, costs and limits with the rule. A side that is a function
        is asked again in every draw, once a session of entry, about events that are announced
        on their placebo dates: that takes as long as so many backtests.

        Parameters
        ----------
        draws : int
            Number of draws.
        strata : int, optional
            Draw each date from sessions of the same part of the market's volatility, such as 3.
        rng : int or Generator
            A seed, or where the random numbers come from.

        Returns
        -------
        Chance
            ``sharpe`` and ``net`` of every draw, p-values, ``sentence()``, ``plot()``.

        Raises
        ------
        OptionError
            If an option is not known, or the dates do not fit beside each other.

        Notes
        -----
        p = (1 + #{draws at least as good}) / (1 + draws), exact where dates are exchangeable:
        volatility that comes in clusters breaks this, which ``strata`` mend. Two-sided p-values
        are twice the smaller one, since costs and drift move the draws away from zero.

        References
        ----------
        Fisher (1935), The Design of Experiments, on randomisation.
        """
        from eventstudy.backtest.chance import placebo

        return placebo(self, draws, strata=strata, rng=rng)

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        enter, leave = self.rule.moments
        net = f"net {percent(float(self.book.net.sum()) / self._capital)} of capital"
        return about(self, many(len(self), "trade"), f"{enter.words} to {leave.words}", net)

    def _repr_html_(self) -> str:
        return wording.page(self).html()

    def _pages(self) -> list[Page]:
        return [wording.page(self)]
