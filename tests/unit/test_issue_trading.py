"""Trading, the long run and activity as their users meet them: public names, numbers by hand.

Each expectation is worked out here from the tables that went in; the loops over every rule stand in
the ``oracle_*`` files.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import eventstudy as es
from eventstudy.errors import EventStudyError

FIRMS = ["AAA", "BBB", "CCC", "DDD"]
DAYS = pd.bdate_range("2022-01-03", periods=600)
WINDOW = es.EventStudy(window=(-2, 2))


def bars(firms: list[str] | None = None, seed: int = 0) -> pd.DataFrame:
    """Bars of some firms, a market and a second factor: columns (field, ticker)."""
    rng = np.random.default_rng(seed)
    names = [*(firms or FIRMS), "MKT", "BTC"]
    shape = (len(DAYS), len(names))
    market, coin = rng.normal(0, 0.01, (2, len(DAYS)))
    returns = rng.normal(0, 0.02, shape) + np.outer(market, np.ones(shape[1]))
    returns[:, -2:] = np.column_stack([market, coin])
    close = 50 * np.cumprod(1 + returns, axis=0)
    opened = close / (1 + rng.normal(0, 0.01, shape))
    high = np.maximum(opened, close) * (1 + rng.uniform(0.001, 0.01, shape))
    low = np.minimum(opened, close) / (1 + rng.uniform(0.001, 0.01, shape))
    volume = np.exp(rng.normal(13, 0.5, shape))
    tables = {"open": opened, "high": high, "low": low, "close": close, "volume": volume}
    return pd.concat({k: pd.DataFrame(v, DAYS, names) for k, v in tables.items()}, axis=1)


@functools.cache
def panel() -> es.Panel:
    return es.Panel.from_prices(bars(), market="MKT", factors=["BTC"])


def news(n: int = 8, session: str = "before_open", **columns: object) -> pd.DataFrame:
    """One event every 31 sessions, of one firm after the other."""
    at = np.arange(n) * 31 + 270
    table = {"ticker": [FIRMS[k % 4] for k in range(n)], "date": DAYS[at], "session": session}
    return pd.DataFrame({**table, **columns})


def said(act: Callable[[], object]) -> str:
    with pytest.raises(EventStudyError) as caught:
        act()
    return str(caught.value)


# ── names ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("name", "options"),
    [
        (es.Rule, ["enter", "leave", "side", "weight", "hedge", "costs", "limits"]),
        (es.Limits, ["per_name", "gross", "overlap"]),
        (es.Costs, ["bps", "half_spread", "borrow"]),
        (es.CalendarTime, ["holding", "model", "weight", "min_firms", "se"]),
    ],
)
def test_options_stand_in_the_promised_order(name: type, options: list[str]) -> None:
    assert list(inspect.signature(name).parameters)[: len(options)] == options


# ── trades ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("session", ["before_open", "after_close", "unknown"])
def test_a_trade_from_close_to_close_by_hand(session: str) -> None:
    close = bars()["close"]["AAA"]
    found = es.Rule(enter=0, leave=5, costs=10).run(news(1, session), panel()).trades.iloc[0]
    row = 270 + (session != "before_open")
    assert (found["enter"], found["leave"]) == (DAYS[row], DAYS[row + 5])
    earned = close.pct_change().iloc[row + 1 : row + 6].sum()
    assert found["gross"] == pytest.approx(earned, abs=1e-12)
    assert found["net"] == pytest.approx(earned - 0.002, abs=1e-12)


def test_a_trade_from_open_to_open_by_hand() -> None:
    table = bars()
    close, opened = table["close"]["AAA"], table["open"]["AAA"]
    found = es.Rule("open+1", "open+3", costs=0).run(news(1), panel()).trades["gross"].iloc[0]
    day, night = close.iloc[271] / opened.iloc[271] - 1, opened.iloc[273] / close.iloc[272] - 1
    assert found == pytest.approx(day + close.pct_change().iloc[272] + night, abs=1e-12)


@pytest.mark.parametrize("leave", [5, "open+5"])
@pytest.mark.parametrize("hedge", [None, es.MarketModel(), es.FactorModel(("MKT", "BTC"))])
@pytest.mark.parametrize(
    "limits",
    [
        None,
        es.Limits(per_name=0.5, gross=0.8, overlap="extend"),
        es.Limits(overlap="restart"),
        es.Limits(gross=1, overlap="ignore"),
    ],
)
def test_sums_agree_whatever_the_terms(leave: Any, hedge: Any, limits: Any) -> None:
    close = DAYS[np.arange(20) * 3 + 300]
    table = pd.DataFrame({"ticker": FIRMS * 5, "date": close, "session": "before_open"})
    costs = es.Costs(12, half_spread=0.001, borrow=0.05)
    found = es.Rule("open+1", leave, "short", "equal", hedge, costs, limits).run(table, panel())
    trades, daily = found.trades, found.daily
    for column in ("gross", "cost", "hedge", "net"):
        assert trades[column].sum() == pytest.approx(daily[column].sum(), abs=1e-12)
    assert daily["equity"].iloc[-1] - 1 == pytest.approx(trades["net"].sum(), abs=1e-12)
    net = trades["gross"] + trades["hedge"] - trades["cost"]
    np.testing.assert_allclose(trades["net"], net, atol=1e-14)
    assert len(trades) + len(found.dropped) == 20


def test_a_factor_hedge_by_hand() -> None:
    model = es.FactorModel(("MKT", "BTC"))
    found = es.Rule(hedge=model, costs=0).run(news(), panel()).trades
    betas = es.EventStudy(model=model).run(news(), panel()).estimates[["MKT", "BTC"]]
    returns = bars()["close"].pct_change()[["MKT", "BTC"]]
    spans = found[["enter", "leave"]].itertuples(index=False)
    held = [returns.loc[enter:leave].iloc[1:].sum() for enter, leave in spans]
    want = -(betas.to_numpy() * np.array(held)).sum(axis=1)
    np.testing.assert_allclose(found["hedge"], want, atol=1e-12)


def test_costs_of_a_short_position_by_hand() -> None:
    spread = np.linspace(0.001, 0.003, 8)
    costs = es.Costs(10, half_spread="spread", borrow=0.252)
    found = es.Rule(0, 5, "short", costs=costs).run(news(spread=spread), panel())
    np.testing.assert_allclose(found.trades["cost"], 2 * (0.001 + spread) + 0.005, atol=1e-14)


def test_what_detect_found_is_entered_after_its_close_also_from_a_file(tmp_path: Any) -> None:
    days = es.detect(panel(), es.EventStudy(window=(-1, 1)), z=3)
    days.to_csv(tmp_path / "days.csv")
    for table in (days, es.read_events(tmp_path / "days.csv")):
        found = es.Rule(0, 3).run(table, panel())
        seen = pd.to_datetime(table["date"]).reindex(found.trades.index)
        assert len(found.trades)
        assert (found.trades["enter"] > seen).all()


@pytest.mark.parametrize("enter", [0, "open+1", 1])
@pytest.mark.parametrize("leave", ["open+2", 3])
def test_a_cell_of_a_grid_is_the_rule_that_is_run_alone(enter: Any, leave: Any) -> None:
    rule = es.Rule(hedge=es.MarketModel())
    grid = rule.grid(news(), panel(), enter=[0, "open+1", 1], leave=["open+2", 3], draws=19)
    alone = es.Rule(enter, leave, hedge=es.MarketModel()).run(news(), panel())
    cell = grid.table.loc[(enter, leave)]
    assert cell["mean_net"] == pytest.approx(alone.trades["net"].mean(), abs=1e-12)
    assert cell["sharpe"] == pytest.approx(alone.figures()["sharpe"], abs=1e-10)


def test_one_date_is_too_little_for_a_verdict() -> None:
    found = es.Rule().run(es.events_on(DAYS[300], FIRMS, session="before_open"), panel())
    for words in (found.summary(), found.bootstrap(19).sentence()):
        assert "no verdict is possible" in " ".join(words.split())


# ── the long run ─────────────────────────────────────────────────────────────────────────────
def test_the_benchmark_is_the_market_of_the_panel_unless_named() -> None:
    close = bars()["close"]
    found = es.BuyAndHold((1, 60)).run(news(3), panel())
    grown = [close["MKT"].iloc[at + 60] / close["MKT"].iloc[at] - 1 for at in (270, 301, 332)]
    np.testing.assert_allclose(found.table["benchmark"], grown, atol=1e-12)
    alone = es.Panel.from_prices(pd.DataFrame(bars()["close"])[FIRMS])
    assert said(lambda: es.BuyAndHold((1, 60)).run(news(3), alone)) == (
        "BuyAndHold needs a market and the panel has none; give `market=` to the Panel."
    )


@pytest.mark.parametrize("kind", ["simple", "log"])
def test_a_market_in_excess_of_the_risk_free_rate_gets_it_back(kind: str) -> None:
    rng = np.random.default_rng(1)
    market = pd.DataFrame({"Mkt-RF": rng.normal(0, 0.01, 600), "RF": 0.0002}, DAYS)
    if kind == "log":
        market = market.transform("log1p")
    prices = pd.DataFrame(bars()["close"])[FIRMS]
    data = es.Panel.from_prices(prices, factors=market, kind=kind)
    found = es.BuyAndHold((1, 60), "Mkt-RF").run(news(1), data)
    whole = market.sum(axis=1).iloc[271:331]
    want = np.expm1(whole.sum()) if kind == "log" else np.prod(1 + whole) - 1
    assert found.table["benchmark"].iloc[0] == pytest.approx(want, abs=1e-12)
    assert "Against   Mkt-RF + RF" in found.summary()
    bare = es.Panel.from_prices(prices, factors=market[["Mkt-RF"]], kind=kind)
    assert "Against   Mkt-RF\n" in es.BuyAndHold((1, 60), "Mkt-RF").run(news(1), bare).summary()


def test_an_alpha_in_calendar_time_is_that_of_statsmodels() -> None:
    returns = bars()["close"].pct_change()
    found = es.CalendarTime((1, 60), es.MarketModel(), se="OLS").run(news(), panel())
    held = pd.DataFrame(np.nan, DAYS, FIRMS)
    for k in range(8):
        held.iloc[k * 31 + 271 : k * 31 + 331, k % 4] = 1.0
    mean = (returns[FIRMS] * held).mean(axis=1).dropna()
    x = sm.add_constant(returns.loc[mean.index, "MKT"])
    fits = {
        "OLS": sm.OLS(mean, x).fit(),
        "HC3": sm.OLS(mean, x).fit(cov_type="HC3", use_t=True),
        "HAC": sm.OLS(mean, x).fit(cov_type="HAC", cov_kwds={"maxlags": 4}, use_t=True),
    }
    for se, fit in fits.items():
        alpha = found.regress(se, lags=4 if se == "HAC" else None).alpha
        np.testing.assert_allclose(
            (alpha.estimate, alpha.se, alpha.pvalue),
            (fit.params.iloc[0], fit.bse.iloc[0], fit.pvalues.iloc[0]),
            atol=1e-10,
        )


# ── activity ─────────────────────────────────────────────────────────────────────────────────
def test_log_turnover_by_hand() -> None:
    shares = 1e8
    log = np.log(100 * bars()["volume"]["AAA"] / shares + 0.000255)
    found = es.activity.volume(news(1), panel(), WINDOW, shares=shares)
    assert found.ar[0].iloc[0] == pytest.approx(log.iloc[270] - log.iloc[20:260].mean(), abs=1e-10)


@pytest.mark.parametrize("measure", ["parkinson", "garman_klass"])
def test_log_variance_from_ranges_by_hand(measure: str) -> None:
    table = bars().xs("AAA", axis=1, level=1)
    spread, moved = np.log(table["high"] / table["low"]), np.log(table["close"] / table["open"])
    parkinson = spread**2 / (4 * np.log(2))
    both = {"parkinson": parkinson, "garman_klass": spread**2 / 2 - (2 * np.log(2) - 1) * moved**2}
    log = np.log(both[measure])
    found = es.activity.volatility(news(1), panel(), WINDOW, measure=measure)
    assert found.ar[0].iloc[0] == pytest.approx(log.iloc[270] - log.iloc[20:260].mean(), abs=1e-8)


def volatility(data: es.Panel, study: es.EventStudy, measure: str) -> es.activity.Volatility:
    found = es.activity.volatility(news(4), data, study, measure=measure)
    assert isinstance(found, es.activity.Volatility)
    return found


@pytest.mark.parametrize("measure", ["squared", "garch"])
def test_volatility_has_the_names_of_a_result(measure: str) -> None:
    study = es.EventStudy(es.GarchMarketModel(), window=(-1, 1))
    found = volatility(panel(), study, measure)
    mean = found.daily.columns[0]
    pd.testing.assert_frame_equal(found.ar, found.by_event)
    pd.testing.assert_frame_equal(found.aar, found.daily.rename(columns={mean: "aar"}))
    windows = ((0, 0), (-1, 1))
    want = found.cav(*windows).rename(columns={mean: "estimate"})
    pd.testing.assert_frame_equal(found.caar(*windows), want)
    pd.testing.assert_frame_equal(found.estimates, found.result.estimates)


def test_volatility_as_a_tidy_table() -> None:
    table = bars()
    table.loc[DAYS[271], ("close", "AAA")] = np.nan
    data = es.Panel.from_prices(table, market="MKT")
    found = volatility(data, WINDOW, "squared")
    tidy = found.to_frame()
    assert tidy.columns.tolist() == ["event_id", "ticker", "day", "date", "value"]
    assert tidy["event_id"].tolist() == np.repeat(found.ar.index, 5).tolist()
    np.testing.assert_array_equal(tidy["value"], found.ar.to_numpy().ravel())
    assert found.ar[1].isna().tolist() == [True, False, False, False]


# ── what a first try is told ─────────────────────────────────────────────────────────────────
def test_tables_put_together_without_a_new_index() -> None:
    twice = pd.concat([news(2), news(1)])
    assert said(lambda: es.Rule().run(twice, panel())) == (
        "The index of the events, which names them, holds 0 more than once; call "
        "`reset_index(drop=True)`, and ids are made."
    )
    assert len(es.Rule().run(twice.reset_index(drop=True), panel()).trades) == 2


def test_fields_of_a_long_table_are_named_with_their_columns() -> None:
    each = {name: bars().xs(name, axis=1, level=1) for name in [*FIRMS, "MKT"]}
    long = pd.concat(each, names=["ticker", "date"]).reset_index()

    fields = {"open": "open", "close": "close"}
    data = es.Panel.from_long(long, price="close", market="MKT", fields=fields)
    found = es.Rule("open+1", 3).run(news(), data).trades["net"]
    assert found.tolist() == es.Rule("open+1", 3).run(news(), panel()).trades["net"].tolist()


def test_where_all_is_lost_the_example_is_of_the_commonest_reason() -> None:
    table = news(3).assign(ticker=["NONE", "AAA", "BBB"])
    empty = bars()["close"].assign(BTC=np.nan).pct_change()
    data = es.Panel.from_returns(empty, market="MKT")
    study = es.EventStudy(model=es.FactorModel(("BTC",)))
    words = said(lambda: study.run(table, data))
    assert words.startswith("Every event was dropped: 2 × factor_missing; 1 × unknown_ticker. The")
    assert "The first: AAA 2023-02-28," in words
