"""From orders to accounts: prices, limits and charges; and which orders were not filled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.backtest.book import Book
from eventstudy.backtest.booking import YEAR, Charges, Positions, book
from eventstudy.backtest.limiting import DUST, Granted, Wanted, grant
from eventstudy.backtest.measuring import Measured
from eventstudy.backtest.moments import Moment
from eventstudy.backtest.pricing import Priced, half, price
from eventstudy.backtest.rule import Rule
from eventstudy.panel import Panel
from eventstudy.panel.halves import half_series, rest


class Unfilled(StrEnum):
    """Why an event that could be placed was not traded: a closed list."""

    NO_SIDE = "no_side"
    NO_WEIGHT = "no_weight"
    NO_PRICE = "no_price"
    FACTOR_MISSING = "factor_missing"
    OVERLAP = "overlap"
    LIMIT = "limit"

    @property
    def code(self) -> int:
        """1, 2, …: how arrays carry the reason; 0 means traded."""
        return list(Unfilled).index(self) + 1


class Change(StrEnum):
    """What became of a trade that is not what the rule says: a closed list."""

    LEFT_EARLY = "left_early"
    DELISTED = "delisted"
    SCALED = "scaled"
    CARRIES_ON = "carries_on"
    CUT_SHORT = "cut_short"


@dataclass(frozen=True, eq=False)
class Orders:
    """n trades that a rule asks for."""

    #: (n,) position among the events, security and calendar row of day 0
    event: IntArray
    firm: IntArray
    row: IntArray
    #: (n,) +1, −1, 0 or NaN, and the notional asked for
    side: FloatArray
    weight: FloatArray
    #: (n,) fractions: cost of a side beyond `bps`, and of a year of borrowing
    half_spread: FloatArray
    borrow: FloatArray
    #: what the study measured, and what the hedge is made from
    measured: Measured | None
    hedge: Measured | None

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True, eq=False)
class Filled:
    """The accounts of the trades that were made, and what became of the others."""

    book: Book
    #: (n,) 0 = traded, else `Unfilled.code`
    lost: IntArray
    #: (n,) calendar row of the first session without a price, where there is one
    hole: IntArray
    #: what became of (n,) orders that were filled otherwise than the rule says
    changes: dict[Change, BoolArray]


def fill(rule: Rule, panel: Panel, orders: Orders, priced: Priced | None = None) -> Filled:
    """Fill the orders: what can be priced (if it is not yet), what the limits allow, the costs."""
    enter, leave = rule.moments
    if priced is None:
        priced = price(panel, orders.firm, orders.row, enter, leave, rule.terms.delisting)
    fair, betas = _hedge(rule, panel, orders)
    lost = _refused(orders, priced, fair, 0 if enter.at_open else 1)
    alive = np.flatnonzero(lost == 0)
    wanted = _wanted(orders, priced, alive, enter, leave)
    final = _as_wanted(wanted) if rule.limits is None else grant(wanted, rule.limits)
    lost[alive[final.overlapped]] = Unfilled.OVERLAP.code
    lost[alive[final.refused]] = Unfilled.LIMIT.code
    kept = np.flatnonzero(lost[alive] == 0)
    made = alive[kept]
    positions = _positions(orders, final, made, kept, enter.day)
    asset, fair = priced.asset[made], None if fair is None else fair[made]
    cut = (final.leave < wanted.leave)[kept]
    _give_way(panel, orders, made, positions, cut, (asset, fair))
    accounts = book(
        positions,
        asset,
        fair,
        betas[made],
        _abnormal(orders, enter, leave, priced.asset.shape)[made],
        _charges(rule, orders, made),
    )
    changes = _changes(priced, final, wanted, alive, lost)
    return Filled(accounts, lost, orders.row + enter.day + priced.hole, changes)


def _positions(
    orders: Orders, final: Granted, made: IntArray, kept: IntArray, start: int
) -> Positions:
    """The orders ``made``, which are ``kept`` of those that could be filled."""
    base = orders.row[made] + start
    return Positions(
        event=orders.event[made],
        firm=orders.firm[made],
        row=orders.row[made],
        start=start,
        opened=final.enter[kept] // 2 - base,
        closed=final.leave[kept] // 2 - base,
        begins_at_open=final.enter[kept] % 2 == 0,
        ends_at_open=final.leave[kept] % 2 == 0,
        position=final.position[kept],
        carries=_renumbered(final.carries, kept),
    )


def _give_way(
    panel: Panel,
    orders: Orders,
    made: IntArray,
    positions: Positions,
    cut: BoolArray,
    earned: tuple[FloatArray, FloatArray | None],
) -> None:
    """Divide the sessions at whose open a position gives way to a later event: night and day."""
    asset, fair = earned
    for name, which, column in (
        ("night", cut & positions.ends_at_open, positions.closed),
        ("day", (positions.carries >= 0) & positions.begins_at_open, positions.opened),
    ):
        some = np.flatnonzero(which)
        if not some.size:
            continue
        cells = some, column[some]
        session = positions.row[some] + positions.start + column[some]
        day = half(panel, positions.firm[some], session, "day")
        night = np.nan_to_num(rest(asset[cells], day, panel))  # without a close there is no price
        # nobody trades when a position is carried on: night and day make the whole return
        asset[cells] = night if name == "night" else asset[cells] - night
        if orders.hedge is not None and fair is not None:
            fair[cells] = _fair_half(panel, orders.hedge.take(made[some]), session, name)


def _hedge(rule: Rule, panel: Panel, orders: Orders) -> tuple[FloatArray | None, FloatArray]:
    """What a unit of hedge loses on each session (at an open on its half), and its ratios."""
    if orders.hedge is None:
        return None, np.zeros((len(orders), 1))
    fair = orders.hedge.fair.copy()
    enter, leave = rule.moments
    for moment, name, column in ((enter, "day", 0), (leave, "night", -1)):
        if moment.at_open:
            session = orders.row + moment.day
            fair[:, column] = _fair_half(panel, orders.hedge, session, name)
    return fair, orders.hedge.betas


def _fair_half(panel: Panel, hedge: Measured, session: IntArray, name: str) -> FloatArray:
    """(n,) what a unit of hedge loses on the night or the day of a session."""
    parts = np.stack([half_series(panel, factor, name) for factor in hedge.names], axis=1)
    return np.asarray((hedge.betas * parts[session]).sum(axis=1))


def _refused(orders: Orders, priced: Priced, fair: FloatArray | None, first: int) -> IntArray:
    """(n,) why an order is not filled, limits apart; the first reason stands."""
    lost = np.zeros(len(orders), dtype=np.int64)
    side, weight = orders.side, orders.weight
    reasons = [
        (Unfilled.NO_SIDE, np.isnan(side) | (side == 0)),
        (Unfilled.NO_WEIGHT, ~(np.isfinite(weight) & (weight > 0))),
        (Unfilled.NO_PRICE, priced.closed < 0),
    ]
    if fair is not None and np.isnan(fair).any():
        column = np.arange(fair.shape[1])
        needed = (column >= first) & (column <= priced.closed[:, None])
        reasons.append((Unfilled.FACTOR_MISSING, (needed & np.isnan(fair)).any(axis=1)))
    for why, where in reasons:
        lost[where & (lost == 0)] = why.code
    return lost


def _wanted(
    orders: Orders, priced: Priced, alive: IntArray, enter: Moment, leave: Moment
) -> Wanted:
    """Moments and notional of the orders that can be filled."""
    base, closed = orders.row[alive] + enter.day, priced.closed[alive]
    on_time = closed == leave.day - enter.day
    at_close = np.where(on_time, int(not leave.at_open), 1)
    left = 2 * (base + closed) + at_close
    return Wanted(
        firm=orders.firm[alive],
        enter=2 * base + int(not enter.at_open),
        leave=left,
        free=np.where(priced.short[alive], 2 * (base + priced.hole[alive]) + 1, left),
        stopped=priced.short[alive],
        position=orders.side[alive] * orders.weight[alive],
    )


def _as_wanted(wanted: Wanted) -> Granted:
    """Grant everything: no limits."""
    none = np.zeros(len(wanted.firm), dtype=bool)
    own = np.full(len(wanted.firm), -1)
    return Granted(wanted.enter, wanted.leave, wanted.position, own, none, none)


def _renumbered(carries: IntArray, kept: IntArray) -> IntArray:
    """(m,) the trade each carries on, counted among those that were kept."""
    at = np.full(len(carries) + 1, -1)
    at[kept] = np.arange(len(kept))
    return np.asarray(at[carries[kept]])


def _abnormal(orders: Orders, enter: Moment, leave: Moment, shape: tuple[int, ...]) -> FloatArray:
    """(n, L) abnormal returns; none for rules that trade at an open, which no study measures."""
    if orders.measured is None or enter.at_open or leave.at_open:
        return np.full(shape, np.nan)
    return orders.measured.abnormal


def _charges(rule: Rule, orders: Orders, made: IntArray) -> Charges:
    terms = rule.terms
    hedge = terms.bps if terms.hedge_bps is None else terms.hedge_bps
    return Charges(
        spread=terms.bps / 1e4 + orders.half_spread[made],
        hedge=hedge / 1e4,
        borrow=orders.borrow[made] / YEAR,
    )


def _changes(
    priced: Priced, final: Granted, wanted: Wanted, alive: IntArray, lost: IntArray
) -> dict[Change, BoolArray]:
    """Which orders were filled otherwise than the rule says."""
    cut, carries = final.leave < wanted.leave, final.enter > wanted.enter
    smaller = ~carries & (np.abs(final.position) < np.abs(wanted.position) * (1 - DUST))
    stopped, ended = priced.short[alive] & ~cut, priced.ended[alive]
    found = {
        Change.LEFT_EARLY: stopped & ~ended,
        Change.DELISTED: stopped & ended,
        Change.SCALED: smaller,
        Change.CARRIES_ON: carries,
        Change.CUT_SHORT: cut,
    }
    told = {}
    for change, where in found.items():
        told[change] = np.zeros(len(lost), dtype=bool)
        told[change][alive] = where
        told[change] &= lost == 0
    return told
