"""The accounts of a backtest: identities, and a plain loop that walks through the calendar."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import oracle_trades as oracle
import pandas as pd
import pytest
from numpy.testing import assert_allclose

import eventstudy as es

DAYS = pd.bdate_range("2023-01-02", periods=420)
NAMES = [f"T{k}" for k in range(8)]


def world(seed: int = 3, holes: float = 0.0, ends: int = 0) -> pd.DataFrame:
    """Returns of eight tickers, a market and Bitcoin; some days missing, some tickers ending."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(0.0005, 0.01, (len(DAYS), 2)) * [1.0, 3.0]
    betas = rng.uniform(0.4, 1.8, (2, len(NAMES)))
    returns = factors @ betas + 0.001 + 0.03 * rng.standard_t(5, (len(DAYS), len(NAMES)))
    returns[rng.random(returns.shape) < holes] = np.nan
    for k in range(ends):
        returns[345 + 9 * k :, k] = np.nan
    frame = pd.DataFrame(returns, DAYS, NAMES)
    return frame.assign(SPY=factors[:, 0], IBIT=factors[:, 1])


def news(seed: int = 5, n: int = 40, first: int = 280, last: int = 400) -> pd.DataFrame:
    """Events whose day 0 is their date."""
    rng = np.random.default_rng(seed)
    at = np.sort(rng.integers(first, last, n))
    return pd.DataFrame(
        {
            "event_id": [f"e{k}" for k in range(n)],
            "ticker": rng.choice(NAMES, n),
            "date": DAYS[at],
            "session": "before_open",
            "way": rng.choice([-1.0, 1.0], n),
            "size": rng.uniform(0.2, 1.5, n),
            "spread": rng.uniform(0.0, 0.004, n),
        }
    ).drop_duplicates(["ticker", "date"])


def both(
    frame: pd.DataFrame, events: pd.DataFrame, rule: es.Rule, **terms: Any
) -> tuple[es.Backtest, oracle.Accounts]:
    """The package and the plain loop on the same events."""
    panel = es.Panel.from_returns(frame, market="SPY")
    found = rule.run(events, panel, es.EventStudy(es.FactorModel(("SPY", "IBIT"))))
    side = {"long": 1.0, "short": -1.0}.get(str(rule.side))
    enter, leave = (moment.day for moment in rule.moments)
    rows = [int(k) for k in DAYS.get_indexer(pd.Index(events["date"]))]
    orders = [
        oracle.Order(
            name=str(e["event_id"]),
            ticker=NAMES.index(e["ticker"]),
            day0=row,
            side=e["way"] if side is None else side,
            weight=e["size"] if rule.weight == "size" else 1.0,
        )
        for row, (_, e) in zip(rows, events.iterrows(), strict=True)
        if row + leave < len(DAYS)  # else dropped as after_data
    ]
    plan = oracle.Terms(enter, leave, **terms)
    loop = oracle.accounts(
        oracle.Market(frame[NAMES].to_numpy().T, frame[["SPY", "IBIT"]].to_numpy()),
        orders,
        plan,
        hedged=rule.hedge is not None,
    )
    return found, loop


def assert_same(found: es.Backtest, loop: oracle.Accounts) -> None:
    table = found.trades
    assert sorted(table.index) == sorted(loop.trades)
    for name, row in table.iterrows():
        one = loop.trades[str(name)]
        assert row["enter"] == DAYS[one.entered]
        assert row["leave"] == DAYS[one.left]
        assert row["side"] * row["weight"] == pytest.approx(one.position, abs=1e-12)
        for column in ("gross", "hedge", "cost", "abnormal"):
            assert row[column] == pytest.approx(getattr(one, column), abs=1e-11, nan_ok=True)
    days = DAYS.get_indexer(found.daily.index)
    for column in ("gross", "hedge", "cost", "exposure", "turnover"):
        daily = getattr(loop, column)
        assert_allclose(found.daily[column], daily[days], atol=1e-11, rtol=0)
        assert np.abs(daily).sum() == pytest.approx(np.abs(daily[days]).sum())


BOTH = es.FactorModel(("SPY", "IBIT"))


@pytest.mark.parametrize(("enter", "leave"), [(0, 1), (0, 5), (2, 9), (1, 2)])
@pytest.mark.parametrize("hedge", [None, BOTH])
def test_accounts_equal_the_plain_loop(enter: int, leave: int, hedge: Any) -> None:
    rule = es.Rule(enter, leave, side="way", weight="size", hedge=hedge, costs=25)
    assert_same(*both(world(), news(), rule, bps=25.0, hedge_bps=25.0))


@pytest.mark.parametrize("delisting", [0.0, -0.3])
def test_prices_that_stop_are_left_at_the_last_one(delisting: float) -> None:
    costs = es.Costs(bps=10, borrow=0.2, delisting=delisting, hedge_bps=3)
    rule = es.Rule(0, 8, side="way", hedge=BOTH, costs=costs)
    terms = {"bps": 10.0, "hedge_bps": 3.0, "borrow": 0.2, "delisting": delisting}
    found, loop = both(world(holes=0.02, ends=5), news(n=70), rule, **terms)
    assert_same(found, loop)
    assert {"left_early", "delisted"} <= set(found.ledger["change"])
    assert (found.dropped["reason"] == "no_event_data").any()  # the model says so first
    plain, loop = both(world(holes=0.02, ends=5), news(n=70), replace(rule, hedge=None), **terms)
    assert_same(plain, loop)
    assert (plain.dropped["reason"] == "no_price").any()


@pytest.mark.parametrize("overlap", ["add", "extend", "restart", "ignore"])
@pytest.mark.parametrize(
    ("per_name", "gross"), [(None, None), (0.8, None), (None, 2.0), (0.7, 1.1)]
)
@pytest.mark.parametrize("side", ["long", "way"])
def test_limits_equal_the_plain_loop(
    overlap: str, per_name: float | None, gross: float | None, side: str
) -> None:
    limits = es.Limits(per_name=per_name, gross=gross, overlap=overlap)
    rule = es.Rule(0, 12, side=side, weight="size", hedge=BOTH, costs=10, limits=limits)
    terms = {
        "bps": 10.0,
        "hedge_bps": 10.0,
        "overlap": overlap,
        "per_name": np.inf if per_name is None else per_name,
        "gross": np.inf if gross is None else gross,
    }
    found, loop = both(world(holes=0.01, ends=2), news(n=90), rule, **terms)
    assert_same(found, loop)
    if gross is not None:
        assert found.daily["exposure"].max() <= gross + 1e-9


@pytest.mark.parametrize("limits", [None, es.Limits(gross=1.5, overlap="extend")])
@pytest.mark.parametrize("hedge", [None, es.MarketModel()])
def test_trades_days_and_equity_are_one_number(limits: Any, hedge: Any) -> None:
    panel = es.Panel.from_returns(world(holes=0.01, ends=3), market="SPY")
    costs = es.Costs(bps=7, half_spread="spread", borrow=0.1)
    rule = es.Rule(0, 6, side="way", hedge=hedge, costs=costs, limits=limits)
    found = rule.run(news(), panel)
    total = found.trades["net"].sum()
    assert found.daily["net"].sum() == pytest.approx(total, abs=1e-12)
    assert_allclose(found.book.daily_net, found.daily["net"], atol=1e-14)
    assert found.daily["equity"].iloc[-1] - 1 == pytest.approx(total, abs=1e-12)
    parts = found.trades["gross"] + found.trades["hedge"] - found.trades["cost"]
    assert_allclose(parts, found.trades["net"], atol=1e-14)
    for column in ("gross", "cost", "hedge"):
        assert found.daily[column].sum() == pytest.approx(found.trades[column].sum(), abs=1e-12)


@pytest.mark.parametrize("model", [es.MarketModel(), BOTH, es.MarketAdjusted()])
@pytest.mark.parametrize(("enter", "leave"), [(0, 5), (-3, 4), (2, 3)])
def test_abnormal_is_the_car_and_hedged_gross_is_caar_plus_alpha(
    model: Any, enter: int, leave: int
) -> None:
    panel = es.Panel.from_returns(world(holes=0.01), market="SPY")
    events = news().assign(scheduled=True)
    study = es.EventStudy(model)
    found = es.Rule(enter, leave, hedge=model).run(events, panel, study)
    result = study.run(events, panel)
    label = es.Window(enter + 1, leave).label
    car = result.car((enter + 1, leave))[label]
    whole = found.trades[~found.trades.index.isin(found.ledger.index)]
    both = whole.index.intersection(car.dropna().index)
    assert len(both) > 20
    assert_allclose(whole.loc[both, "abnormal"], car[both], atol=1e-13, rtol=0)
    # a model that estimates nothing has no α
    alpha = result.estimates.loc[both, "alpha"].fillna(0.0)
    hedged = (whole["gross"] + whole["hedge"]).loc[both]
    days = leave - enter
    assert hedged.mean() == pytest.approx((car[both] + days * alpha).mean(), abs=1e-13)


def test_excess_models_finance_the_position_at_the_risk_free_rate() -> None:
    frame = world()
    panel = es.Panel.from_returns(frame, market="SPY", risk_free=0.0002)
    found = es.Rule(0, 5, hedge=es.CAPM()).run(news(), panel)
    study = es.EventStudy(es.CAPM()).run(news(), panel)
    alpha = study.estimates["alpha"]
    hedged = found.trades["gross"] + found.trades["hedge"]
    assert_allclose(hedged, study.car((1, 5))["[+1,+5]"] + 5 * alpha, atol=1e-13)


def test_order_of_events_changes_no_trade() -> None:
    panel = es.Panel.from_returns(world(holes=0.01), market="SPY")
    events = news(n=60)
    limits = es.Limits(per_name=1.0, gross=2.0, overlap="restart")
    rule = es.Rule(0, 9, side="way", weight="size", hedge=BOTH, limits=limits)
    once = rule.run(events, panel)
    again = rule.run(events.sample(frac=1.0, random_state=1), panel)
    table = again.trades.loc[once.trades.index]
    assert_allclose(
        once.trades.drop(columns=["ticker", "enter", "leave"]),
        table.drop(columns=["ticker", "enter", "leave"]),
        atol=1e-13,
    )
    assert_allclose(once.daily, again.daily, atol=1e-13)
    assert sorted(once.dropped.index) == sorted(again.dropped.index)


def test_every_event_is_traded_or_dropped_with_a_reason() -> None:
    frame = world(holes=0.03, ends=4)
    panel = es.Panel.from_returns(frame, market="SPY")
    events = news(n=90)
    events.loc[events.index[3], "ticker"] = "GONE"
    events.loc[events.index[7], "date"] = DAYS[-2]
    events.loc[events.index[11], ["way", "size"]] = np.nan  # the first reason stands
    events.loc[events.index[13], "size"] = -1.0
    limits = es.Limits(gross=1.0, overlap="ignore")
    found = es.Rule(0, 9, side="way", weight="size", hedge=BOTH, limits=limits).run(events, panel)
    assert sorted([*found.trades.index, *found.dropped.index]) == sorted(events["event_id"])
    reasons = set(found.dropped["reason"])
    assert {"unknown_ticker", "after_data", "no_side", "no_weight", "overlap", "limit"} <= reasons
    assert (found.dropped["detail"].str.len() > 10).all()
    assert list(found.dropped.columns) == ["ticker", "date", "session", "reason", "detail"]
    assert list(found.events.index) == list(found.trades.index)


def test_a_hole_is_bridged_where_the_panel_knows_the_return_across_it() -> None:
    prices = 50 * (1 + world().drop(columns=["SPY", "IBIT"])).cumprod()
    market = 400 * (1 + world()["SPY"]).cumprod()
    event = news(n=1).assign(ticker="T0", date=DAYS[300])
    prices.iloc[303, 0] = np.nan
    frame = prices.assign(SPY=market)
    plain = es.Rule(0, 5, costs=0).run(event, es.Panel.from_prices(frame, market="SPY"))
    assert plain.ledger["change"].tolist() == ["left_early"]
    assert plain.trades["leave"].tolist() == [DAYS[302]]
    bridged = es.Panel.from_prices(frame, market="SPY", across_gaps=True)
    found = es.Rule(0, 5, costs=0).run(event, bridged)
    assert found.ledger.empty
    path = prices["T0"].iloc[[300, 301, 302, 304, 305]]
    assert found.trades["gross"].iloc[0] == pytest.approx(path.pct_change().sum(), abs=1e-12)
    opened = found.daily["exposure"]
    assert (opened.iloc[1:] == 1.0).all()


@pytest.mark.parametrize("hedge", [None, es.MarketModel()])
def test_prices_that_end_on_the_day_after_entry_still_cost(hedge: Any) -> None:
    frame = world()
    frame.loc[DAYS[301] :, "T0"] = np.nan
    panel = es.Panel.from_returns(frame, market="SPY")
    event = news(n=1).assign(ticker="T0", date=DAYS[300])
    rule = es.Rule(0, 5, hedge=hedge, costs=es.Costs(bps=10, hedge_bps=0))
    found = rule.run(event, panel)  # to know that there will be no price would be clairvoyance
    assert found.trades["net"].tolist() == [pytest.approx(-0.002)]
    assert found.ledger["change"].tolist() == ["delisted"]
    assert found.trades["leave"].tolist() == found.trades["enter"].tolist() == [DAYS[300]]
    costs = es.Costs(bps=10, hedge_bps=0, delisting=-0.55)
    lost = replace(rule, costs=costs).run(event, panel)
    assert lost.trades["gross"].tolist() == [pytest.approx(-0.55)]
    assert lost.trades["leave"].tolist() == [DAYS[301]]


def test_log_panels_are_no_profits() -> None:
    frame = world().apply(np.log1p)
    panel = es.Panel.from_returns(frame, market="SPY", kind="log")
    with pytest.raises(es.EventStudyError, match="simple"):
        es.Rule().run(news(), panel)


def test_weights_by_sigma_know_nothing_of_other_trades() -> None:
    panel = es.Panel.from_returns(world(), market="SPY")
    events = news()
    rule = es.Rule(0, 5, weight="inverse_sigma")
    found = rule.run(events, panel)
    sigma = es.EventStudy().run(events, panel).estimates["sigma"]
    assert_allclose(found.trades["weight"], 0.01 / sigma, rtol=1e-12)
    few = rule.run(events.iloc[:5], panel)
    assert_allclose(few.trades["weight"], found.trades["weight"].iloc[:5], rtol=1e-12)


def test_a_rule_without_a_market_trades_and_knows_no_abnormal_return() -> None:
    panel = es.Panel.from_returns(world()[NAMES])
    found = es.Rule(0, 5).run(news(), panel)
    assert found.trades["abnormal"].isna().all()
    assert found.trades["net"].notna().all()


def test_an_event_too_young_to_be_measured_is_traded_unless_the_estimate_is_needed() -> None:
    frame = world()
    frame.loc[: DAYS[290], "T0"] = np.nan
    panel = es.Panel.from_returns(frame, market="SPY")
    events = news().assign(ticker="T0", date=DAYS[320]).iloc[:1]
    found = es.Rule(0, 5).run(events, panel)
    assert found.trades["abnormal"].isna().all()
    with pytest.raises(es.errors.NothingLeft, match="min_est"):
        es.Rule(0, 5, hedge=es.MarketModel()).run(events, panel)
    with pytest.raises(es.errors.NothingLeft, match="min_est"):
        es.Rule(0, 5, weight="inverse_sigma").run(events, panel)


def test_rules_at_the_open_earn_the_day_first_and_the_night_last() -> None:
    rng = np.random.default_rng(1)
    close = 50 * (1 + world()[["T0", "SPY"]]).cumprod()
    opened = close.shift(1) * np.exp(rng.normal(0, 0.01, close.shape))
    panel = es.Panel.from_prices(close, market="SPY", fields={"open": opened, "close": close})
    event = news(n=1).assign(ticker="T0", date=DAYS[300])
    day = close / opened - 1
    night = opened / close.shift(1) - 1
    whole = close.pct_change()
    rule = es.Rule("open+0", "open+3", costs=0)
    gross = rule.run(event, panel).trades["gross"].iloc[0]
    expected = day["T0"].iloc[300] + whole["T0"].iloc[301:303].sum() + night["T0"].iloc[303]
    assert gross == pytest.approx(expected, abs=1e-12)
    hedged = replace(rule, hedge=es.MarketModel()).run(event, panel)
    beta = es.EventStudy().run(event, panel).estimates["SPY"].iloc[0]
    market = day["SPY"].iloc[300] + whole["SPY"].iloc[301:303].sum() + night["SPY"].iloc[303]
    assert hedged.trades["hedge"].iloc[0] == pytest.approx(-beta * market, abs=1e-12)
    assert np.isnan(hedged.trades["abnormal"].iloc[0])


# ── what is not known yet ────────────────────────────────────────────────────────────────
def halves(holes: tuple[tuple[int, str], ...] = ()) -> tuple[es.Panel, dict[str, pd.DataFrame]]:
    """A panel with opens and closes, and the returns of its days, nights and whole sessions."""
    close = 50 * (1 + world()).cumprod()
    shift = np.random.default_rng(1).normal(0, 0.01, close.shape)
    opened = close * np.exp(shift)
    for at, name in holes:
        close.loc[DAYS[at], name] = np.nan
    whole, day = close.pct_change(fill_method=None), close / opened - 1
    parts = {"all": whole, "day": day, "night": (1 + whole) / (1 + day) - 1}
    fields = {"open": opened, "close": close}
    return es.Panel.from_prices(close, market="SPY", fields=fields), parts


def at(*sessions: int, ticker: str | list[str] = "T0") -> pd.DataFrame:
    """Events before the open of some sessions."""
    table = pd.DataFrame({"date": DAYS[list(sessions)], "session": "before_open"})
    return table.assign(ticker=ticker, event_id=[f"e{k}" for k in range(len(sessions))])


@pytest.mark.parametrize("hedge", [None, es.MarketModel()])
def test_a_restart_at_the_open_earns_the_night_with_the_old_and_the_day_with_the_new(
    hedge: Any,
) -> None:
    panel, moves = halves()
    limits = es.Limits(overlap="restart")
    rule = es.Rule("open+0", 5, costs=0, limits=limits, hedge=hedge)
    trades = rule.run(at(300, 303), panel).trades
    day, night, whole = (moves[part]["T0"].to_numpy() for part in ("day", "night", "all"))
    old = day[300] + whole[301:303].sum() + night[303]
    new = day[303] + whole[304:309].sum()
    assert_allclose(trades["gross"], [old, new], atol=1e-13)
    if hedge is not None:
        beta = es.EventStudy().run(at(300, 303), panel).estimates["SPY"]
        day, night, whole = (moves[part]["SPY"].to_numpy() for part in ("day", "night", "all"))
        old = day[300] + whole[301:303].sum() + night[303]
        new = day[303] + whole[304:309].sum()
        assert_allclose(trades["hedge"], [-beta.iloc[0] * old, -beta.iloc[1] * new], atol=1e-13)


@pytest.mark.parametrize("leave", [5, "open+5"])
def test_a_position_carried_on_earns_each_session_once(leave: Any) -> None:
    panel, moves = halves()
    rule = es.Rule("open+0", leave, costs=0, limits=es.Limits(overlap="extend"))
    found = rule.run(at(300, 303), panel)
    day, night, whole = (moves[part]["T0"].to_numpy() for part in ("day", "night", "all"))
    assert found.daily["exposure"].tolist() == [1.0] * 9  # in the night or in the day
    last = whole[308] if leave == 5 else night[308]
    once = day[300] + whole[301:308].sum() + last
    assert found.trades["gross"].sum() == pytest.approx(once, abs=1e-13)
    first = day[300] + whole[301:305].sum() + (whole[305] if leave == 5 else night[305])
    assert found.trades["gross"].iloc[0] == pytest.approx(first, abs=1e-13)


def test_an_entry_at_the_open_does_not_know_that_there_will_be_no_close() -> None:
    panel, _ = halves(holes=((300, "T0"),))
    found = es.Rule("open+0", 3, costs=10).run(at(300), panel)
    assert found.trades[["gross", "cost"]].to_numpy().tolist() == [[0.0, pytest.approx(0.002)]]
    assert found.trades["leave"].tolist() == [DAYS[300]]
    assert found.ledger["change"].tolist() == ["left_early"]


def test_a_limit_is_free_only_when_it_is_known_that_a_price_is_missing() -> None:
    panel, _ = halves(holes=((303, "T0"),))  # known at the close of that session, not at its open
    events = at(300, 303, 304, ticker=["T0", "T1", "T2"])
    rule = es.Rule("open+0", 8, costs=0, limits=es.Limits(gross=1.0))
    found = rule.run(events, panel)
    assert found.trades.index.tolist() == ["e0", "e2"]
    assert found.dropped["reason"].tolist() == ["limit"]


@pytest.mark.parametrize(("overlap", "kept"), [("ignore", ["e0"]), ("extend", ["e0"])])
def test_a_position_is_open_until_its_price_is_missed(overlap: str, kept: list[str]) -> None:
    frame = world()
    frame.loc[DAYS[303], "T0"] = np.nan
    panel = es.Panel.from_returns(frame, market="SPY")
    limits = es.Limits(overlap=overlap)
    found = es.Rule(0, 8, costs=0, limits=limits).run(at(300, 302), panel)
    assert found.trades.index.tolist() == kept
    assert found.trades["leave"].tolist() == [DAYS[302]]
    assert found.dropped["reason"].tolist() == ["overlap"]


def test_a_return_that_bridges_the_entry_is_no_price_to_enter_at() -> None:
    prices = 50 * (1 + world()[["T0", "SPY"]]).cumprod()
    prices.iloc[300, 0] = np.nan
    panel = es.Panel.from_prices(prices, market="SPY", across_gaps=True)
    with pytest.raises(es.errors.NothingLeft, match="no_price"):
        es.Rule(0, 5).run(at(300), panel)


def test_a_delisted_position_is_not_carried_on() -> None:
    frame = world()
    frame.loc[DAYS[303] :, "T0"] = np.nan
    panel = es.Panel.from_returns(frame, market="SPY")
    costs = es.Costs(bps=0, delisting=-0.5)
    found = es.Rule(0, 8, costs=costs, limits=es.Limits(overlap="extend")).run(at(300, 301), panel)
    assert found.trades.index.tolist() == ["e0"]
    gross = frame["T0"].iloc[301:303].sum() - 0.5
    assert found.trades["gross"].tolist() == [pytest.approx(gross)]


def test_a_hedge_needs_its_factors_on_the_sessions_that_are_earned_and_on_no_other() -> None:
    frame = world()
    frame.loc[DAYS[303], "IBIT"] = np.nan
    frame.loc[DAYS[302] :, "T2"] = np.nan
    panel = es.Panel.from_returns(frame, market="SPY")
    events = at(300, 303, 300, ticker=["T0", "T1", "T2"])
    found = es.Rule(0, 5, hedge=BOTH).run(events, panel)
    assert found.trades.index.tolist() == ["e1", "e2"]  # left before, and entered at that close
    assert found.dropped["reason"].tolist() == ["factor_missing"]
    assert found.trades["hedge"].notna().all()


def test_a_hedge_at_the_open_needs_the_open_of_its_factors() -> None:
    panel, _ = halves()
    opens = panel.fields["open"].copy()
    opens[panel.tickers.index("SPY"), 300] = np.nan
    panel = replace(panel, fields={**panel.fields, "open": opens})
    rule = es.Rule("open+0", 3, hedge=es.MarketModel())
    found = rule.run(at(300, 301), panel)
    assert found.trades.index.tolist() == ["e1"]
    assert found.dropped["reason"].tolist() == ["factor_missing"]


def test_a_position_that_is_carried_on_and_turned_at_one_close_is_three_trades() -> None:
    panel = es.Panel.from_returns(world(), market="SPY")
    events = at(300, 302, 305).assign(way=[1.0, 1.0, -1.0])
    rule = es.Rule(0, 5, side="way", hedge=es.MarketModel(), limits=es.Limits(overlap="extend"))
    trades = rule.run(events, panel).trades
    assert trades["enter"].tolist() == [DAYS[300], DAYS[305], DAYS[305]]
    assert trades["leave"].tolist() == [DAYS[305], DAYS[305], DAYS[310]]
    assert trades["gross"].iloc[1] == 0.0
    assert trades["cost"].iloc[1] > 0.001


def test_a_position_is_carried_on_also_where_its_next_price_will_be_missing() -> None:
    frame = world()
    frame.loc[DAYS[306], "T0"] = np.nan  # not known when the first event hands over
    panel = es.Panel.from_returns(frame, market="SPY")
    found = es.Rule(0, 5, limits=es.Limits(overlap="extend")).run(at(300, 303), panel)
    assert found.trades["enter"].tolist() == [DAYS[300], DAYS[305]]
    assert found.trades["leave"].tolist() == [DAYS[305], DAYS[305]]
    assert found.trades["cost"].tolist() == [pytest.approx(0.001)] * 2
