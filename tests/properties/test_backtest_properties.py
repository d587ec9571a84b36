"""Backtests of small random worlds: the accounts of a plain loop, and what may not matter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import oracle_trades as oracle
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import eventstudy as es
from eventstudy.align import Timing

SESSIONS = 90
DAYS = pd.bdate_range("2023-01-02", periods=SESSIONS)
NAMES, FACTORS = ["AAA", "BBB", "CCC"], ["SPY", "IBIT"]
MODEL = es.FactorModel(tuple(FACTORS))
ESTIMATION, WINDOW, NEED = (-30, -5), (-4, 4), 12
OVERLAPS = ("add", "extend", "restart", "ignore")
SUMS = ("gross", "hedge", "cost", "exposure", "turnover")


# ── worlds ───────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, eq=False)
class World:
    """Prices with holes, tickers that are listed late or end, and events among them."""

    close: pd.DataFrame
    opened: pd.DataFrame
    bridged: bool
    events: pd.DataFrame

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        """Hypothesis would print every number."""
        printer.text(repr(self))

    def __repr__(self) -> str:
        holes = {name: np.flatnonzero(self.close[name].isna()).tolist() for name in NAMES}
        shut = {
            name: np.flatnonzero(self.opened[name].isna() & self.close[name].notna()).tolist()
            for name in NAMES
        }
        at = self.events.assign(date=at_sessions(self.events))
        return f"World(bridged={self.bridged}, holes={holes}, shut={shut}\n{at.to_string()})"

    def panel(self) -> es.Panel:
        fields = {"open": self.opened, "close": self.close}
        return es.Panel.from_prices(
            self.close, market="SPY", fields=fields, across_gaps=self.bridged
        )

    def market(self) -> oracle.Market:
        close, day = self.close.to_numpy().T, (self.close / self.opened - 1.0).to_numpy().T
        returns = np.full(close.shape, np.nan)
        returns[:, 1:] = close[:, 1:] / close[:, :-1] - 1.0
        bridge, covers = np.full(close.shape, np.nan), np.full(close.shape, np.nan)
        for k, path in enumerate(close):
            there = np.flatnonzero(np.isfinite(path))
            for one, two in pairwise(there):
                bridge[k, two], covers[k, two] = path[two] / path[one] - 1.0, two - one
        n = len(NAMES)
        return oracle.Market(
            returns[:n],
            returns[n:].T,
            day[:n],
            day[n:].T,
            bridge[:n] if self.bridged else oracle.nothing(),
            covers[:n] if self.bridged else oracle.nothing(),
        )


@st.composite
def worlds(draw: st.DrawFn, *, bridged: bool | None = None) -> World:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    moves = rng.standard_t(4, (SESSIONS, 5)) * [0.02, 0.03, 0.02, 0.01, 0.03]
    moves[:, :3] += moves[:, 3:] @ rng.uniform(0.2, 1.5, (2, 3))
    close = 50.0 * np.exp(moves.cumsum(axis=0))
    opened = close * np.exp(rng.normal(0, 0.01, close.shape))
    late = st.integers(40, SESSIONS - 1)
    for k in range(3):
        for start in draw(st.lists(late, max_size=3)):
            close[start : start + draw(st.sampled_from([1, 1, 2, 5])), k] = np.nan
        opened[np.isnan(close)] = np.nan
        for start in draw(st.lists(late, max_size=2)):
            opened[start, k] = np.nan
        if draw(st.integers(0, 3)) == 0:
            end = draw(late)
            close[end:, k] = opened[end:, k] = np.nan
        if draw(st.integers(0, 3)) == 0:
            begin = draw(st.integers(5, 60))
            close[:begin, k] = opened[:begin, k] = np.nan
    names = NAMES + FACTORS
    across = draw(st.booleans()) if bridged is None else bridged
    return World(
        pd.DataFrame(close, DAYS, names), pd.DataFrame(opened, DAYS, names), across, draw(tables())
    )


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Events that crowd on few days."""
    n = draw(st.integers(1, 9))
    first = draw(st.integers(45, 80))
    at = [min(first + draw(st.integers(0, 8)), SESSIONS - 1) for _ in range(n)]
    some = st.sampled_from([1.0, 1.0, -1.0, -1.0, 2.5, 0.0, np.nan])
    return pd.DataFrame(
        {
            "event_id": [f"e{k}" for k in range(n)],
            "ticker": [draw(st.sampled_from(NAMES)) for _ in range(n)],
            "date": DAYS[at],
            "session": "before_open",
            "scheduled": True,
            "way": [draw(some) for _ in range(n)],
            "size": [draw(st.sampled_from([0.3, 1.0, 0.7, 1.9, 0.0, np.nan])) for _ in range(n)],
            "spread": [draw(st.sampled_from([0.0, 0.001, 0.004])) for _ in range(n)],
            "way_known": DAYS[np.subtract(at, 20)],
            "size_known": DAYS[np.subtract(at, 20)],
            "fee": [draw(st.sampled_from([0.0, 0.1, 0.9])) for _ in range(n)],
        }
    )


borrows: st.SearchStrategy[float | str] = st.sampled_from([0.0, 0.2, "fee"])


@st.composite
def rules(draw: st.DrawFn, *, opens: bool = True) -> es.Rule:
    enter = draw(st.integers(-3, 3))
    leave = enter + draw(st.sampled_from([1, 2, 3, 4, 5, 8]))
    at_open = [draw(st.integers(0, 3)) == 0 and opens for _ in range(2)]
    some = st.sampled_from([None, 0.4, 1.0, 1.7])
    limits = es.Limits(draw(some), draw(some), draw(st.sampled_from(OVERLAPS)))
    return es.Rule(
        f"open{enter:+d}" if at_open[0] else enter,
        f"open{leave:+d}" if at_open[1] else leave,
        side=draw(st.sampled_from(["long", "short", "way"])),
        weight=draw(st.sampled_from(["equal", "size"])),
        hedge=draw(st.sampled_from([None, MODEL])),
        costs=es.Costs(
            bps=draw(st.sampled_from([0.0, 10.0])),
            half_spread=draw(st.sampled_from([None, "spread"])),
            borrow=draw(borrows),
            delisting=draw(st.sampled_from([0.0, -0.4])),
            hedge_bps=draw(st.sampled_from([None, 3.0])),
        ),
        limits=draw(st.sampled_from([None, limits, limits])),
    )


def at_sessions(events: pd.DataFrame) -> list[int]:
    """The session of each event."""
    return [int(k) for k in DAYS.get_indexer(pd.Index(events["date"]))]


timings = st.sampled_from([Timing(), Timing(duplicates="keep")])


def study(timing: Timing) -> es.EventStudy:
    return es.EventStudy(MODEL, estimation=ESTIMATION, window=WINDOW, min_obs=NEED, timing=timing)


def run(rule: es.Rule, world: World, timing: Timing) -> es.Backtest | None:
    """The backtest; None where no event could be traded."""
    try:
        return rule.run(world.events, world.panel(), study(timing))
    except es.errors.NothingLeft:
        return None


# ── the plain loop ───────────────────────────────────────────────────────────────────────
def looped(rule: es.Rule, world: World, timing: Timing) -> oracle.Accounts:
    """The same by the accountant's loop."""
    enter, leave = rule.moments
    costs, limits, market = rule.terms, rule.limits or es.Limits(), world.market()
    orders: list[oracle.Order] = []
    taken: set[tuple[int, int]] = set()
    for day0, (_, e) in zip(at_sessions(world.events), world.events.iterrows(), strict=True):
        ticker = NAMES.index(e["ticker"])
        again = (ticker, day0) in taken and timing.duplicates == "first"
        if again or day0 + leave.day >= SESSIONS:
            continue
        taken.add((ticker, day0))
        order = oracle.Order(
            name=e["event_id"],
            ticker=ticker,
            day0=day0,
            side={"long": 1.0, "short": -1.0}.get(str(rule.side), np.sign(e["way"])),
            weight=e["size"] if rule.weight == "size" else 1.0,
            half_spread=e["spread"] if costs.half_spread else 0.0,
            borrow=e["fee"] if isinstance(costs.borrow, str) else costs.borrow,
        )
        if rule.hedge is None or measured(market.returns[ticker], day0, enter.day, leave.day):
            orders.append(order)
    terms = oracle.Terms(
        enter.day,
        leave.day,
        enter.at_open,
        leave.at_open,
        bps=costs.bps,
        hedge_bps=costs.bps if costs.hedge_bps is None else costs.hedge_bps,
        delisting=costs.delisting,
        per_name=limits.per_name or np.inf,
        gross=limits.gross or np.inf,
        overlap=limits.overlap,
    )
    hedged = rule.hedge is not None
    return oracle.accounts(market, orders, terms, estimation=ESTIMATION, hedged=hedged, need=NEED)


def measured(returns: Any, day0: int, enter: int, leave: int) -> bool:
    """Whether a hedge can be estimated, and the model sees a day of the trade."""
    first, last = ESTIMATION
    days = returns[max(day0 + first, 0) : day0 + last + 1]
    there = np.isfinite(returns[day0 + enter : day0 + leave + 1])
    return bool(np.isfinite(days).sum() >= NEED and there.any())


@settings(deadline=None)
@given(worlds(), rules(), timings)
def test_accounts_are_those_of_the_plain_loop(world: World, rule: es.Rule, timing: Timing) -> None:
    found, loop = run(rule, world, timing), looped(rule, world, timing)
    if found is None:
        assert not loop.trades
        return
    assert list(found.trades.index) == [e for e in world.events["event_id"] if e in loop.trades]
    at_open = any(moment.at_open for moment in rule.moments)
    for name, row in found.trades.iterrows():
        one = loop.trades[str(name)]
        assert row["enter"] == DAYS[one.entered]
        assert row["leave"] == DAYS[one.left]
        assert_allclose(row["side"] * row["weight"], one.position, atol=1e-12)
        told = row[["gross", "hedge", "cost"]].to_numpy(float)
        assert_allclose(told, [one.gross, one.hedge, one.cost], atol=1e-11)
        if not at_open and not world.bridged:
            assert_allclose(row["abnormal"], one.abnormal, atol=1e-11)
    days = DAYS.get_indexer(found.daily.index)
    assert days[0] == min(trade.entered for trade in loop.trades.values())
    assert days[-1] == max(trade.left for trade in loop.trades.values())
    for column in SUMS:
        daily = getattr(loop, column)
        assert_allclose(found.daily[column], daily[days], atol=1e-11, err_msg=column)
        assert not np.delete(daily, days).any()
    if rule.limits is not None and rule.limits.gross is not None:
        assert found.daily["exposure"].max() <= rule.limits.gross + 1e-12
    assert_allclose(found.book.daily_net, found.daily["net"], atol=1e-13)
    total = found.trades["net"].sum()
    assert_allclose(found.daily["net"].sum(), total, atol=1e-12)
    assert_allclose(found.daily["equity"].iloc[-1] - 1.0, total, atol=1e-12)
    assert sorted([*found.trades.index, *found.dropped.index]) == sorted(world.events["event_id"])


# ── what may not matter ──────────────────────────────────────────────────────────────────
def assert_same_trades(one: es.Backtest | None, two: es.Backtest | None, atol: float) -> None:
    assert (one is None) == (two is None)
    if one is None or two is None:
        return
    assert sorted(one.trades.index) == sorted(two.trades.index)
    other = two.trades.loc[one.trades.index]
    numbers = ["side", "weight", "gross", "cost", "hedge", "net", "abnormal"]
    assert_allclose(one.trades[numbers], other[numbers], atol=atol, rtol=0)
    for moment in ("enter", "leave"):
        assert (one.trades[moment] == other[moment]).all()
    assert_allclose(one.daily, two.daily, atol=atol, rtol=0)
    assert one.daily.index.equals(two.daily.index)


@settings(deadline=None)
@given(worlds(), rules(), st.randoms(use_true_random=False))
def test_the_order_of_the_events_is_no_matter(world: World, rule: es.Rule, random: Any) -> None:
    order = list(range(len(world.events)))
    random.shuffle(order)
    # which of two on one day is the first one is a matter of their order
    events = world.events.drop_duplicates(["ticker", "date"])
    order = [k for k in order if k < len(events)]
    one = run(rule, replace(world, events=events), Timing())
    two = run(rule, replace(world, events=events.iloc[order]), Timing())
    assert_same_trades(one, two, 1e-12)


@settings(deadline=None)
@given(worlds(), rules(), st.integers(50, SESSIONS - 1))
def test_later_data_change_nothing_of_what_is_over(world: World, rule: es.Rule, last: int) -> None:
    """Whether prices end for good is learned later; all else is known when it happens."""
    rule = replace(rule, costs=replace(rule.terms, delisting=0.0))
    at = np.array(at_sessions(world.events))
    events = world.events[at + max(rule.moments[1].day, 0) <= last]
    if events.empty:
        return
    known = replace(world, close=world.close.iloc[: last + 1], opened=world.opened.iloc[: last + 1])
    one = run(rule, replace(known, events=events), Timing())
    two = run(rule, replace(world, events=events), Timing())
    assert_same_trades(one, two, 0.0)


@settings(deadline=None)
@given(worlds(), rules(), timings)
def test_other_news_in_other_names_is_no_matter(
    world: World, rule: es.Rule, timing: Timing
) -> None:
    limits = None if rule.limits is None else replace(rule.limits, gross=None)  # shared by all
    rule = replace(rule, limits=limits)
    both, mine = run(rule, world, timing), world.events["ticker"] == "AAA"
    if not mine.any() or both is None:
        return
    close = world.close.drop(columns=["BBB", "CCC"])
    opened = world.opened.drop(columns=["BBB", "CCC"])
    alone = run(rule, replace(world, close=close, opened=opened, events=world.events[mine]), timing)
    together = both.trades[both.trades["ticker"] == "AAA"]
    assert (alone is None) == together.empty
    if alone is not None:
        assert list(alone.trades.index) == list(together.index)
        numbers = ["weight", "gross", "cost", "hedge", "net", "abnormal"]
        assert_allclose(alone.trades[numbers], together[numbers], atol=1e-12)
        assert (alone.trades["leave"] == together["leave"]).all()


@settings(deadline=None)
@given(worlds(), rules(), timings, st.sampled_from([0.25, 3.0]))
def test_a_book_of_another_size_earns_in_proportion(
    world: World, rule: es.Rule, timing: Timing, size: float
) -> None:
    rule = replace(rule, weight="size")
    limits = rule.limits
    if limits is not None:
        name, gross = (None if x is None else size * x for x in (limits.per_name, limits.gross))
        limits = replace(limits, per_name=name, gross=gross)
    one = run(rule, world, timing)
    events = world.events.assign(size=world.events["size"] * size)
    two = run(replace(rule, limits=limits), replace(world, events=events), timing)
    assert (one is None) == (two is None)
    if one is not None and two is not None:
        numbers = ["weight", "gross", "cost", "hedge", "net"]
        assert_allclose(one.trades[numbers] * size, two.trades[numbers], atol=1e-12)
        assert_allclose(one.daily["turnover"] * size, two.daily["turnover"], atol=1e-12)
