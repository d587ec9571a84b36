"""A rule moved to placebo dates: where its events could have lain, and what it earned there.

Every firm and session that is drawn is measured and priced once; a draw is a selection of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from eventstudy import engine, errors
from eventstudy.align import inputs
from eventstudy.arrays import BoolArray, FloatArray, Inputs, IntArray, Model, Placement, Windows
from eventstudy.backtest.book import Book
from eventstudy.backtest.booking import YEAR
from eventstudy.backtest.deciding import TARGET, sides
from eventstudy.backtest.filling import Orders, fill
from eventstudy.backtest.guarding import dates_of
from eventstudy.backtest.measuring import Measured
from eventstudy.backtest.metrics import ROUNDING, sharpe_ratio
from eventstudy.backtest.rule import Rule
from eventstudy.backtest.terms import Costs
from eventstudy.backtest.trading import Plan
from eventstudy.backtest.trying import cut
from eventstudy.inference._resampling import Rng, batches
from eventstudy.panel import Panel
from eventstudy.placebo import Placebos, admissible, placebo_dates, volatility_strata
from eventstudy.windows import Window, is_whole

#: numbers (trades times sessions) that one batch of draws holds
CELLS = 1 << 21


# ── dates ────────────────────────────────────────────────────────────────────────────────
def movable(rule: Rule, panel: Panel, orders: Orders) -> Orders:
    """Orders that can be moved: those with prices, and a side and weight that a column gives.

    Limits refuse none: on other dates they may have room. A function is asked anew about all.
    """
    one = np.ones(len(orders))
    asked = replace(orders, side=one, weight=one)
    live = fill(replace(rule, limits=None), panel, asked).lost == 0
    live &= np.isfinite(orders.weight) & (orders.weight > 0)
    if not callable(rule.side):
        live &= np.isfinite(orders.side) & (orders.side != 0)
    return cut(orders, np.flatnonzero(live))


def dates_for(plan: Plan, orders: Orders, draws: int, strata: int | None, rng: Rng) -> Placebos:
    """Draw dates for the orders; trades whose sessions from entry to leaving overlap move as one.

    True sessions are among those to draw from. Were they left out, a pool without the share s
    of the sessions would make the draws narrower than the truth, by √(1 − 2s).
    """
    tested = Window(plan.days.first, plan.days.last)
    labels = _strata(strata, plan.panel, plan.windows)
    where = (orders.firm, orders.row)
    return placebo_dates(where, _allowed(plan, orders), tested, draws, strata=labels, rng=rng)


def _allowed(plan: Plan, orders: Orders) -> BoolArray:
    """(S, T) sessions that could be day 0: with returns, and with estimates if they are needed."""
    study, panel, tested = plan.study, plan.panel, plan.days
    models: list[Model] = [] if plan.rule.hedge is None else [plan.rule.hedge]
    models += [study.model] if plan.measured and study.model not in models else []
    nowhere = np.array([], dtype=np.int64)
    blank = np.empty((len(panel.sessions), 0))
    given = Inputs(np.asarray(panel.returns), blank, ())
    alone = Windows(Window(tested.first - 1, tested.first - 1), tested)
    found = admissible(given, alone, tested, 0, (nowhere, nowhere))
    for model in models:
        at = Placement(orders.firm, orders.row, orders.event)
        seen = inputs(model, panel, at, study.windows)
        need = engine.required_days(model, plan.windows, study.min_obs)
        found &= admissible(seen, plan.windows, tested, need, (nowhere, nowhere))
    return found


def _strata(strata: int | None, panel: Panel, windows: Windows) -> IntArray | None:
    if strata is None:
        return None
    if not is_whole(strata) or strata < 2:
        raise errors.strata_too_few(strata)
    if panel.market is None:
        raise errors.strata_without_market()
    return volatility_strata(np.asarray(panel.series(panel.market)), windows, strata)


# ── draws ────────────────────────────────────────────────────────────────────────────────
def redrawn(
    plan: Plan, orders: Orders, table: pd.DataFrame, placebos: Placebos
) -> Iterator[FloatArray]:
    """(b, 2) Sharpe ratio and mean net a trade of the next draws.

    A session of a firm that comes up in many draws is measured and priced once.
    """
    firms = len(plan.panel.tickers)
    length = plan.days.last - plan.days.first + 1
    for some in batches(len(placebos), max(CELLS // max(len(orders) * length, 1), 1)):
        row = placebos.row[some]
        once, at = np.unique(row * firms + orders.firm, return_inverse=True)
        each = Placement(once % firms, once // firms, np.arange(len(once)))
        units = _Units.of(plan, each, at.reshape(row.shape))
        side = np.broadcast_to(orders.side, row.shape)
        if callable(plan.rule.side):
            side = np.array([_asked_again(plan, table, rows) for rows in row])
        position = np.nan_to_num(side) * units.weight(plan, orders)
        if plan.rule.limits is None:
            yield units.figures(plan, orders, row, position)
        else:
            yield units.limited(plan, orders, row, position)


def _asked_again(plan: Plan, table: pd.DataFrame, row: IntArray) -> FloatArray:
    """(n,) what the user's function says of the events, announced on their placebo dates."""
    sessions = plan.panel.sessions
    late = (table["session"] == "after_close").to_numpy(bool)
    before = np.append(sessions[:1] - 1, sessions)  # the day before the first session counts too
    date = pd.Series(before[row + 1 - late].astype("datetime64[ns]"), table.index)
    moved = date - table["date"]
    known = {
        name: pd.Series(dates_of(name, table).astype("datetime64[ns]"), table.index) + moved
        for name in map(str, table.columns)
        if name.endswith("_known") and name.removesuffix("_known") in table
    }
    enter, _ = plan.rule.moments
    return sides(plan.rule, table.assign(date=date, **known), row + enter.day, plan.panel)


@dataclass(frozen=True, eq=False)
class _Units:
    """Trades of one unit held long, of every firm and session drawn; costs of the hedge only."""

    book: Book
    measured: Measured | None
    hedge: Measured | None
    #: (b, n) position of each trade among what was measured, and in the book (−1: no price)
    at: IntArray
    place: IntArray

    @classmethod
    def of(cls, plan: Plan, each: Placement, at: IntArray) -> _Units:
        own, hedge = plan.measure(each)
        n, terms = len(each.row), plan.rule.terms
        none = np.zeros(n)
        asked = Orders(
            each.event, each.firm, each.row, none + 1.0, none + 1.0, none, none, own, hedge
        )
        charge = terms.bps if terms.hedge_bps is None else terms.hedge_bps
        free = Costs(bps=0.0, hedge_bps=charge, delisting=terms.delisting)
        rule: Rule = replace(plan.rule, side="long", weight="equal", costs=free, limits=None)
        book = fill(rule, plan.panel, asked).book
        place = np.full(n, -1)
        place[book.event] = np.arange(len(book))
        return cls(book, own, hedge, at, place[at])

    def weight(self, plan: Plan, orders: Orders) -> FloatArray:
        """(b, n) notional: what a column says stays with its event."""
        if plan.rule.weight != "inverse_sigma" or self.measured is None:
            return np.broadcast_to(orders.weight, self.at.shape)
        sigma = self.measured.sigma[self.at]
        return np.nan_to_num(TARGET / np.where(sigma > 0, sigma, np.nan))

    def figures(
        self, plan: Plan, orders: Orders, row: IntArray, position: FloatArray
    ) -> FloatArray:
        """(b, 2) Sharpe ratio and mean net a trade without limits, all draws together."""
        book, terms = self.book, plan.rule.terms
        if not len(book):
            return np.full((len(row), 2), np.nan)
        traded = (self.place >= 0) & (position != 0.0)
        place = np.where(traded, self.place, 0)
        size = np.abs(np.where(traded, position, 0.0))
        columns = np.arange(book.asset.shape[1])
        sides_ = (columns == book.opened[:, None]) * 1.0 + (columns == book.closed[:, None])
        earned = (book.asset + book.hedge)[place]
        earned *= np.where(traded, position, 0.0)[..., None]
        earned -= size[..., None] * book.paid[place]
        earned -= (size * (terms.bps / 1e4 + orders.half_spread))[..., None] * sides_[place]
        short = np.where(position < 0, orders.borrow / YEAR, 0.0)
        if short.any():
            earned -= (size * short)[..., None] * book.held[place]
        first = np.where(traded, row + book.start + book.opened[place], np.iinfo(np.int64).max)
        last = np.where(traded, row + book.start + book.closed[place], -1)
        days = last.max(axis=1) - first.min(axis=1) + 1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = earned.sum(axis=(1, 2)) / traded.sum(axis=1)
        return np.stack([_sharpes(earned, row + book.start, days), mean], axis=1)

    def limited(
        self, plan: Plan, orders: Orders, row: IntArray, position: FloatArray
    ) -> FloatArray:
        """(b, 2) the same under limits, draw by draw: they hang on who came before."""
        found = np.full((len(row), 2), np.nan)
        for b in range(len(row)):
            hedge = None if self.hedge is None else self.hedge.take(self.at[b])
            side, weight = np.sign(position[b]), np.abs(position[b])
            one = replace(orders, row=row[b], side=side, weight=weight, measured=None, hedge=hedge)
            book = fill(plan.rule, plan.panel, one).book
            if len(book):
                found[b] = float(sharpe_ratio(book.daily_net)), mean_net(book.net)
        return found


def _sharpes(earned: FloatArray, begin: IntArray, days: FloatArray) -> FloatArray:
    """(b,) annual Sharpe ratios of (b, n, L) profits from sessions ``begin`` (b, n) on.

    The record of a draw runs over its ``days`` from the first entry to the last leaving.
    """
    draws, _, length = earned.shape
    first = int(begin.min())
    width = int(begin.max()) - first + length
    at = (np.arange(draws)[:, None] * width + begin - first)[..., None] + np.arange(length)
    daily = np.bincount(at.ravel(), weights=earned.ravel(), minlength=draws * width)
    daily = daily.reshape(draws, width)
    total, most = daily.sum(axis=1), np.abs(daily).max(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / days
        # idle days outside the record stand in the row as zeros, whose distance is the mean's
        squares = np.square(daily - mean[:, None]).sum(axis=1) - (width - days) * mean**2
        spread = np.sqrt(np.maximum(squares, 0.0) / (days - 1.0))
        ratio = np.sqrt(YEAR) * mean / spread
    return np.where((days > 1) & (spread > ROUNDING * most), ratio, np.nan)


def mean_net(net: FloatArray) -> float:
    """Mean net profit a trade; NaN without any."""
    return float(net.mean()) if len(net) else float("nan")
