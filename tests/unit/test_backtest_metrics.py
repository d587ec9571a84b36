"""Figures of a backtest: closed forms, published numbers, plain loops, and what has no answer."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import eventstudy as es
from eventstudy.backtest.book import Book
from eventstudy.backtest.clusters import Clusters
from eventstudy.backtest.figures import as_tried, figures, values
from eventstudy.backtest.metrics import (
    Drawdown,
    Sharpe,
    days_to_exit,
    error,
    expected_best,
    profit_factor,
    share_of_best,
    sharpe_ratio,
    underwater,
    wilson,
)
from eventstudy.backtest.resampling import bootstrap
from eventstudy.errors import OptionError

T, S, L = 80, 4, 4
DAYS = pd.bdate_range("2025-01-02", periods=T)
NAMES = [f"F{i}" for i in range(S)]


def panel(volume: float | None = None, close: float = 20.0) -> es.Panel:
    returns = pd.DataFrame(np.random.default_rng(1).normal(0, 0.02, (T, S)), DAYS, NAMES)
    fields = None
    if volume is not None:
        frame = pd.DataFrame(volume, DAYS, NAMES)
        fields = {"volume": frame, "close": frame * 0 + close}
    return es.Panel.from_returns(returns, fields=fields)


def book(returns: Any, rows: Any, position: Any = 1.0, cost: float = 0.001) -> Book:
    """Trades entered at the close of ``rows`` that earn the columns of ``returns``."""
    earned = np.atleast_2d(np.asarray(returns, dtype=float))
    n, length = earned.shape
    row = np.asarray(rows, dtype=np.int64).reshape(n)
    size = np.broadcast_to(np.asarray(position, dtype=float), n).copy()
    asset = np.hstack([np.zeros((n, 1)), earned])
    traded = np.zeros_like(asset)
    traded[:, 0] = traded[:, -1] = np.abs(size)
    held = np.ones(asset.shape, dtype=bool)
    held[:, 0] = False
    return Book(
        event=np.arange(n),
        firm=np.arange(n) % S,
        row=row,
        start=0,
        opened=np.zeros(n, dtype=np.int64),
        closed=np.full(n, length, dtype=np.int64),
        position=size,
        asset=asset,
        hedge=np.zeros_like(asset),
        traded=traded,
        paid=cost * traded,
        held=held,
        abnormal=earned.sum(axis=1),
    )


def spread_out(n: int = 8, seed: int = 0) -> Book:
    """Trades that do not overlap."""
    drawn = np.random.default_rng(seed).normal(0.005, 0.02, (n, 3))
    return book(drawn, 20 + 6 * np.arange(n))


# ── the Sharpe ratio ─────────────────────────────────────────────────────────────────────
def test_the_sharpe_ratio_is_the_plain_formula() -> None:
    net = np.random.default_rng(0).normal(0.001, 0.01, 300)
    plain = math.sqrt(252) * net.mean() / net.std(ddof=1)
    assert float(sharpe_ratio(net)) == pytest.approx(plain, rel=1e-14)
    many = np.stack([net, -net, 7.0 * net])
    assert sharpe_ratio(many) == pytest.approx([plain, -plain, plain], rel=1e-12)


def test_its_error_is_that_of_a_plain_loop() -> None:
    net = np.random.default_rng(2).standard_t(4, 250) * 0.01 + 0.001
    found = Sharpe.of(net)
    mean, t = sum(net) / len(net), len(net)
    moments = [sum((x - mean) ** k for x in net) / t for k in (2, 3, 4)]
    skew, kurt = moments[1] / moments[0] ** 1.5, moments[2] / moments[0] ** 2
    ratio = mean / math.sqrt(moments[0] * t / (t - 1))
    se = math.sqrt((1 - skew * ratio + (kurt - 1) / 4 * ratio**2) / (t - 1))
    assert found.se == pytest.approx(math.sqrt(252) * se, rel=1e-12)
    assert (found.skewness, found.excess_kurtosis) == pytest.approx((skew, kurt - 3), rel=1e-10)
    assert found.skewness == pytest.approx(stats.skew(net))
    assert found.interval == pytest.approx(
        (found.ratio - 1.959964 * found.se, found.ratio + 1.959964 * found.se), rel=1e-6
    )


def test_its_error_is_the_spread_of_many_samples() -> None:
    """Skewed profits with a high ratio, where the normal formula is off by a third."""
    rng = np.random.default_rng(3)
    drawn = rng.exponential(1.0, (4000, 400)) - 0.5
    true = math.sqrt(252) * 0.5
    ratios = sharpe_ratio(drawn)
    told = math.sqrt(252) * error(0.5, 2.0, 9.0, 400)
    normal = math.sqrt(252) * error(0.5, 0.0, 3.0, 400)
    assert ratios.mean() == pytest.approx(true, rel=0.02)
    assert ratios.std() == pytest.approx(told, rel=0.05)
    assert abs(normal / told - 1) > 0.2


@pytest.mark.parametrize("scale", [1e-8, 0.3, 1e6])
def test_scale_changes_nothing(scale: float) -> None:
    net = np.random.default_rng(4).normal(0.001, 0.01, 120)
    one, other = Sharpe.of(net), Sharpe.of(scale * net)
    for name in ("ratio", "se", "skewness", "excess_kurtosis"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-9)
    assert one.deflated(9) == pytest.approx(other.deflated(9), rel=1e-9)


@pytest.mark.parametrize(
    "net", [[], [0.01], [0.0, 0.0, 0.0], [0.01, 0.01, 0.01], [0.1 + 0.2, 0.3, 0.3]]
)
def test_without_spread_there_is_no_ratio(net: list[float]) -> None:
    found = Sharpe.of(np.array(net))
    assert math.isnan(found.ratio)
    assert math.isnan(found.se)
    assert math.isnan(found.probability())
    assert math.isnan(found.deflated(5))


# ── the deflated ratio ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("tried", "published"), [(100, 0.9004), (46, 0.9505)])
def test_the_deflated_ratio_is_that_of_the_paper(tried: int, published: float) -> None:
    """Bailey and López de Prado (2014): SR 2.5 a year, five years of 250 days, V = 1/2."""
    daily = 2.5 / math.sqrt(250)
    se = error(daily, -3.0, 10.0, 1250)
    found = Sharpe(daily, se, 1250, -3.0, 7.0)
    spread = math.sqrt(0.5 / 250)
    if tried == 100:
        assert found.hurdle(tried, spread) == pytest.approx(0.1132, abs=5e-5)
    assert found.deflated(tried, spread) == pytest.approx(published, abs=6e-5)


def test_the_deflated_ratio_by_another_hand() -> None:
    net = np.random.default_rng(5).normal(0.001, 0.01, 400)
    found, tried = Sharpe.of(net), 37
    z = stats.norm.ppf
    best = (1 - 0.5772156649015329) * z(1 - 1 / tried) + 0.5772156649015329 * z(
        1 - 1 / (tried * math.e)
    )
    daily, se = found.ratio / math.sqrt(252), found.se / math.sqrt(252)
    known = stats.norm.cdf((daily - best * 0.05) / se)
    unknown = stats.norm.cdf((daily - best / math.sqrt(399)) / se)
    assert found.deflated(tried, 0.05 * math.sqrt(252)) == pytest.approx(known, rel=1e-10)
    assert found.deflated(tried) == pytest.approx(unknown, rel=1e-10)
    assert found.deflated(1) == found.probability() == pytest.approx(stats.norm.cdf(daily / se))


def test_the_expected_best_is_that_of_draws() -> None:
    drawn = np.random.default_rng(6).normal(size=(20_000, 50)).max(axis=1)
    assert expected_best(50) == pytest.approx(drawn.mean(), abs=0.03)
    rising = [expected_best(n) for n in (1, 2, 5, 50, 10_000)]
    assert rising == sorted(rising)
    assert rising[0] == 0.0


def test_rules_that_were_tried_are_read() -> None:
    assert as_tried(1) == (1, None)
    assert as_tried(np.int64(12)) == (12, None)
    n, spread = as_tried([0.5, 1.5, float("nan"), -1.0])
    assert n == 3
    assert spread == pytest.approx(np.std([0.5, 1.5, -1.0], ddof=1))
    assert as_tried(pd.Series([0.5])) == (1, None)


@pytest.mark.parametrize("tried", [0, -3, True, 2.5, "ten", None, [[1.0]], ["a"]])
def test_what_is_no_number_of_rules_is_refused(tried: Any) -> None:
    with pytest.raises(OptionError) as refused:
        as_tried(tried)
    assert str(refused.value) == (
        f"tried={tried!r} is no number of rules; give how many were tried, this one included, "
        "from 1 up, or the annual Sharpe ratio of each."
    )


def test_rules_without_any_ratio_are_refused() -> None:
    with pytest.raises(OptionError) as refused:
        as_tried([float("nan"), float("nan")])
    assert str(refused.value) == (
        "tried holds 2 Sharpe ratios and none of them is finite; give the annual Sharpe ratio "
        "of each rule that was tried, or their number."
    )


# ── drawdown ─────────────────────────────────────────────────────────────────────────────
def plain_drawdown(net: list[float]) -> tuple[float, int, int, int, int]:
    """The same, session by session."""
    equity, top, top_at = 0.0, 0.0, -1
    worst, found = 0.0, (-1, -1, -1)
    path = []
    for t, x in enumerate(net):
        equity += x
        path.append(equity)
        if equity >= top:
            top, top_at = equity, t
        if top - equity > worst:
            worst, found = top - equity, (top_at, t, -1)
    if worst == 0.0:
        return 0.0, -1, -1, -1, 0
    peak, low, _ = found
    level = path[peak] if peak >= 0 else 0.0
    later = [t for t in range(low, len(net)) if path[t] >= level]
    end = later[0] if later else len(net) - 1
    return worst, max(peak, 0), low, later[0] if later else -1, end - peak


@pytest.mark.parametrize("seed", range(12))
def test_the_drawdown_is_that_of_a_plain_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    net = rng.integers(-4, 5, 60) / 64.0  # exact sums
    net[rng.random(60) < 0.3] = 0.0
    found = Drawdown.of(net)
    depth, *rest = plain_drawdown(net.tolist())
    assert found.depth == depth
    assert [found.peak, found.low, found.recovered, found.sessions] == rest


def test_a_fall_from_the_start_counts() -> None:
    found = Drawdown.of(np.array([-0.25, -0.25, 0.125]))
    assert found == Drawdown(0.5, 0, 1, -1, 3)
    assert Drawdown.of(np.array([-0.25, 0.25])) == Drawdown(0.25, 0, 0, 1, 2)


def test_an_equity_that_never_falls_has_none() -> None:
    none = Drawdown(0.0, -1, -1, -1, 0)
    assert Drawdown.of(np.array([0.0, 0.1, 0.0])) == none
    assert Drawdown.of(np.zeros(5)) == none
    assert Drawdown.of(np.empty(0)) == none
    steps = np.array([0.1, 0.2, -0.1, 0.1] * 50)  # sums of tenths come back with rounding
    assert set(np.round(underwater(steps), 12)) == {0.0, -0.1}


# ── trades ───────────────────────────────────────────────────────────────────────────────
def test_the_interval_of_wilson() -> None:
    expected = stats.binomtest(7, 20).proportion_ci(method="wilson")
    assert wilson(0.35, 20) == pytest.approx((expected.low, expected.high), rel=1e-9)
    assert wilson(0.0, 5)[0] == 0.0
    assert wilson(1.0, 5)[1] == 1.0
    assert all(map(math.isnan, wilson(float("nan"), 0.0)))
    wide, narrow = wilson(0.5, 4.5), wilson(0.5, 45.0)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_gains_over_losses_and_the_part_of_the_best() -> None:
    net = np.array([0.3, -0.1, 0.2, 0.1, -0.2, 0.05])
    assert profit_factor(net) == pytest.approx(0.65 / 0.3)
    assert share_of_best(net) == pytest.approx(0.6 / 0.35)
    assert math.isnan(profit_factor(np.array([0.1, 0.0])))
    assert math.isnan(share_of_best(-net))
    assert math.isnan(share_of_best(np.zeros(4)))
    assert math.isnan(share_of_best(np.array([0.1, 0.2, -0.3])))  # 5.6e-17 is no profit
    assert share_of_best(np.array([0.2])) == 1.0


def test_days_to_exit() -> None:
    volume = np.full((4, 20), 1e6)
    volume[1, :10] = np.nan
    volume[2, :11] = np.nan
    volume[3] = 0.0
    found = days_to_exit(np.array([5e4, 5e5, 1.0, 1.0]), volume)
    assert found[:2] == pytest.approx([0.5, 5.0])
    assert math.isnan(found[2])
    assert math.isinf(found[3])


# ── all figures of a book ────────────────────────────────────────────────────────────────
def test_two_trades_by_hand() -> None:
    """Entered at the closes of sessions 30 and 31, held three sessions, one short."""
    made = book([[0.02, 0.01, -0.01], [0.04, 0.0, 0.02]], [30, 31], [1.0, -0.5])
    f = values(made, panel())
    daily = [-0.001, 0.02 - 0.0005, 0.01 - 0.02, -0.01 - 0.001, -0.01 - 0.0005]
    assert made.daily_net == pytest.approx(daily, abs=1e-15)
    assert f["net"] == pytest.approx(sum(daily))
    assert (f["gross"], f["cost"], f["hedge"]) == pytest.approx((0.02 - 0.03, 0.003, 0.0))
    assert f["capital"] == 1.5
    assert f["exposure"] == pytest.approx((0 + 1 + 1.5 + 1.5 + 0.5) / 5 / 1.5)
    assert f["busy"] == pytest.approx(0.8)
    assert f["annual_return"] == pytest.approx(252 * np.mean(daily) / 1.5)
    assert f["annual_volatility"] == pytest.approx(math.sqrt(252) * np.std(daily, ddof=1) / 1.5)
    assert f["sharpe"] == pytest.approx(f["annual_return"] / f["annual_volatility"])
    assert f["turnover"] == pytest.approx(252 / 5 * 3.0 / 1.5)
    assert f["max_drawdown"] == pytest.approx(0.0315 / 1.5)
    assert [f["drawdown_peak"], f["drawdown_low"]] == [str(DAYS[k].date()) for k in (31, 34)]
    assert (f["drawdown_recovered"], f["drawdown_sessions"]) == (None, 3)
    assert (f["trades"], f["dates"], f["names"], f["clusters"]) == (2, 2, 2, 1)
    assert (f["sessions"], f["holding"], f["hit_rate"]) == (5, 3.0, 0.5)
    assert [f["first"], f["last"]] == [str(DAYS[k].date()) for k in (30, 34)]
    assert f["mean_net"] == pytest.approx(sum(daily) / 2)
    assert f["profit_factor"] == pytest.approx(0.018 / 0.031)


def test_the_series_is_fit_for_json() -> None:
    made = figures(spread_out(), panel(1e6), tried=20)
    told = json.loads(made.to_json())
    assert told["tried"] == 20
    assert told["first"] == str(DAYS[20].date())
    assert told["sharpe"] == pytest.approx(made["sharpe"], rel=1e-9)
    plain = (int, float, str, type(None))
    assert all(type(value) in plain for value in made.tolist())


def test_the_names_of_the_figures_are_the_documented_ones() -> None:
    documented = figures.__doc__ or ""
    for name in figures(spread_out(), panel()).index:
        assert f"``{name}``" in documented


def test_the_mean_trade_is_that_of_the_bootstrap_and_of_a_t_test() -> None:
    made = spread_out(12)
    f = values(made, panel())
    drawn = bootstrap(Clusters.of(made), 99, 0).table.loc["mean_net"]
    assert (f["mean_net"], f["mean_net_se"]) == pytest.approx((drawn["estimate"], drawn["se"]))
    # trades of equal size that do not overlap: the ordinary t
    assert f["clusters"] == 12
    assert f["pvalue"] == pytest.approx(stats.ttest_1samp(made.net, 0.0).pvalue, rel=1e-9)


def test_ratios_do_not_depend_on_the_notional() -> None:
    one = spread_out(10)
    other = replace(one, position=0.01 * one.position, paid=0.01 * one.paid,
                    traded=0.01 * one.traded)  # fmt: skip
    first, second = values(one, panel(1e6)), values(other, panel(1e6))
    for name, value in first.items():
        if name in ("net", "gross", "hedge", "cost", "mean_net", "mean_net_se", "capital"):
            assert second[name] == pytest.approx(0.01 * value, rel=1e-9)
        elif isinstance(value, float):
            assert second[name] == pytest.approx(value, rel=1e-9, nan_ok=True), name
        else:
            assert second[name] == value


def test_the_order_of_the_trades_changes_nothing() -> None:
    made = spread_out(9)
    turned = np.arange(9)[::-1]
    arrays = {
        name: getattr(made, name)[turned]
        for name in ("event", "firm", "row", "opened", "closed", "position", "asset", "hedge",
                     "traded", "paid", "held", "abnormal")
    }  # fmt: skip
    first, second = values(made, panel()), values(replace(made, **arrays), panel())
    for name, value in first.items():
        if isinstance(value, float):
            assert second[name] == pytest.approx(value, rel=1e-11, nan_ok=True), name
        else:
            assert second[name] == value


@pytest.mark.parametrize("rows", [[40], [20, 40]])
def test_no_profit_at_all(rows: list[int]) -> None:
    f = values(book(np.zeros((len(rows), 3)), rows, cost=0.0), panel(), tried=3)
    assert f["net"] == f["mean_net"] == f["annual_return"] == f["max_drawdown"] == 0.0
    assert f["hit_rate"] == 0.0
    assert f["drawdown_peak"] is None
    undefined = ("sharpe", "sharpe_se", "deflated_sharpe", "pvalue", "best_three", "profit_factor")
    assert all(math.isnan(f[name]) for name in undefined)


def test_one_trade() -> None:
    f = values(book([[0.01, 0.02, -0.01]], [40]), panel())
    assert f["clusters"] == 1
    assert math.isnan(f["mean_net_se"])
    assert math.isnan(f["pvalue"])
    assert f["sharpe"] > 0
    assert f["best_three"] == 1.0
    assert 0 <= f["hit_low"] < f["hit_high"] == 1.0


def test_no_trade() -> None:
    none = book(np.zeros((1, 3)), [40])
    empty = {
        name: getattr(none, name)[:0]
        for name in ("event", "firm", "row", "opened", "closed", "position", "asset", "hedge",
                     "traded", "paid", "held", "abnormal")
    }  # fmt: skip
    f = values(replace(none, **empty), panel(1e6))
    assert (f["trades"], f["sessions"], f["net"]) == (0, 0, 0.0)
    assert f["first"] is None
    assert math.isnan(f["turnover"])


# ── volume ───────────────────────────────────────────────────────────────────────────────
def test_the_days_to_exit_are_those_of_the_sessions_before_the_entry() -> None:
    made = book([[0.01, 0.0, 0.0]] * 2, [40, 50], [1.0, -0.5])
    data = panel(1000.0)
    volume = data.fields["volume"].copy()
    volume[:, 40:] = 1e9  # what comes at entry or later is not looked at
    data = replace(data, fields={**data.fields, "volume": volume})
    f = values(replace(made, row=np.array([40, 40])), data, capital=3e5)
    # on 1.5 notionals of capital a position of 1 is $200,000, a tenth of the volume $2,000
    assert (f["dollars"], f["exit_days_worst"], f["exit_days_median"]) == (3e5, 100.0, 75.0)


def test_the_twenty_sessions_are_those_before_the_entry() -> None:
    """Volume that grows by the session: the median tells which sessions it is of."""
    made, data = book([[0.01, 0.0, 0.0]], [40]), panel(1.0, close=1.0)
    fields = {**data.fields, "volume": np.broadcast_to(np.arange(T, dtype=float), (S, T))}
    f = values(made, replace(data, fields=fields), capital=295.0)
    assert f["exit_days_median"] == pytest.approx(295.0 / (0.1 * 29.5))  # sessions 20 to 39


def test_the_hit_rate_is_as_sure_as_there_are_equal_clusters() -> None:
    made = book(np.random.default_rng(2).normal(0.0, 0.02, (18, 3)), [10] * 6 + [20] * 6 + [30] * 6)
    f = values(made, panel())
    assert f["n_eff"] == pytest.approx(3.0)
    assert (f["hit_low"], f["hit_high"]) == pytest.approx(wilson(f["hit_rate"], 3))


def test_without_volume_nothing_is_said_of_it() -> None:
    made = spread_out()
    assert math.isnan(values(made, panel())["exit_days_median"])
    alone = panel(1e6)
    alone = replace(alone, fields={"volume": alone.fields["volume"]})
    assert math.isnan(values(made, alone)["exit_days_worst"])
    early = book([[0.01, 0.0, 0.0]], [8])  # eight sessions of volume before the entry
    assert math.isnan(values(early, panel(1e6))["exit_days_median"])
    later = book([[0.01, 0.0, 0.0]], [12])
    assert values(later, panel(1e6))["exit_days_median"] == pytest.approx(0.5)
    assert values(later, panel(0.0))["exit_days_median"] == math.inf


@pytest.mark.parametrize("capital", [0, -1.0, float("nan"), math.inf, "1e6", True])
def test_what_is_no_amount_of_money_is_refused(capital: Any) -> None:
    with pytest.raises(OptionError) as refused:
        figures(spread_out(), panel(), capital=capital)
    assert str(refused.value) == (
        f"capital={capital!r} is no amount of money; give dollars above 0, as in capital=1e6."
    )
