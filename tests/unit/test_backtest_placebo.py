"""The same rule on random dates: every draw is a backtest, and the p-value keeps its promise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import matplotlib as mpl
import numpy as np
import oracle_backtests as oracle
import pandas as pd
import pytest

import eventstudy as es
from eventstudy import errors
from eventstudy.backtest.outcome import Backtest
from eventstudy.backtest.redating import dates_for, movable
from eventstudy.backtest.rule import Rule
from eventstudy.backtest.terms import Costs, Limits
from eventstudy.backtest.trading import Plan
from eventstudy.placebo import Placebos
from eventstudy.report import draw_chance

mpl.use("Agg")

TICKERS = ["AAA", "BBB", "CCC"]
STUDY = es.EventStudy(estimation=(-60, -11), window=(-5, 5))
ROWS = [80, 84, 110, 150, 190, 191, 230, 270]


def world(
    seed: int, rows: list[int] | None = None, effect: float = 0.0, sessions: int = 300
) -> tuple[pd.DataFrame, es.Panel]:
    """Three firms that share a factor, and a market; news before the open of some sessions."""
    rng = np.random.default_rng(seed)
    days = pd.bdate_range("2023-01-02", periods=sessions)
    market = rng.normal(0.0, 0.01, (sessions, 1))
    sector = rng.normal(0.0, 0.01, (sessions, 1))
    returns = np.hstack([market + sector + rng.normal(0.0, 0.02, (sessions, 3)), market])
    rows = ROWS if rows is None else rows
    for row in rows:
        returns[row + 1 : row + 3, :3] += effect
    events = pd.DataFrame(
        [
            {"ticker": ticker, "date": days[row], "session": "before_open", "score": rng.normal(),
             "size": rng.uniform(0.5, 2.0), "half": 0.0005 * (1 + k), "fee": 0.02 * k}
            for row in rows
            for k, ticker in enumerate(TICKERS)
        ]
    )  # fmt: skip
    frame = pd.DataFrame(returns, days, [*TICKERS, "SPY"])
    return events, es.Panel.from_returns(frame, market="SPY")


TERMS = Costs(bps=7, half_spread="half", borrow="fee", hedge_bps=2)
RULES: dict[str, Rule] = {
    "plain": Rule(leave=3),
    "costs": Rule(leave=3, side="score", weight="size", costs=TERMS),
    "hedged": Rule(enter=1, leave=4, side="short", hedge=es.MarketModel(), costs=TERMS),
    "sized": Rule(leave=2, side="score", weight="inverse_sigma", costs=3),
    "both": Rule(leave=3, weight="inverse_sigma", hedge=es.MarketModel(), costs=TERMS),
}


def placebos_of(found: Backtest, draws: int, rng: int) -> Placebos:
    """The dates that `Backtest.placebo` draws."""
    plan = Plan(found.rule, found.panel, found.study, found.rule.weight == "inverse_sigma")
    return dates_for(plan, movable(found.rule, found.panel, found.asked.orders), draws, None, rng)


def on_rows(events: pd.DataFrame, panel: es.Panel, row: Any) -> pd.DataFrame:
    """The same events, announced before the open of other sessions."""
    return events.assign(date=panel.sessions[row].astype("datetime64[ns]"))


def of_loop(rule: Rule, data: tuple[pd.DataFrame, es.Panel], row: Any) -> tuple[float, float]:
    """Sharpe and mean net of the events on these rows, one trade at a time."""
    events, panel = data
    market = panel.returns[3].tolist()
    modelled = rule.hedge is not None or rule.weight == "inverse_sigma"
    enter, leave = rule.moments
    trades = []
    for (_, event), at in zip(events.iterrows(), row.tolist(), strict=True):
        side = {"long": 1.0, "short": -1.0}.get(str(rule.side)) or float(np.sign(event["score"]))
        weight = {"equal": 1.0, "size": event["size"]}.get(rule.weight, rule.weight)
        own = rule.terms.half_spread is not None
        terms = {
            "enter": enter.day, "leave": leave.day, "side": side, "weight": weight,
            "hedge": rule.hedge is not None, "bps": rule.terms.bps, "estimation": (-60, -11),
            "half_spread": event["half"] if own else 0.0, "borrow": event["fee"] if own else 0.0,
        }  # fmt: skip
        returns = panel.returns[TICKERS.index(event["ticker"])].tolist()
        trade = oracle.moved_trade(returns, market if modelled else None, at, terms)
        if rule.hedge is not None:  # the loop charges the hedge like the position
            cheaper = (rule.terms.bps - (rule.terms.hedge_bps or 0.0)) / 1e4
            beta = float(np.polyfit(market[at - 60 : at - 10], returns[at - 60 : at - 10], 1)[0])
            size = 0.01 / sigma_of(returns, market, at) if weight == "inverse_sigma" else weight
            for session in (trade["entry"], trade["last"]):
                trade["net"][session] += size * abs(beta) * cheaper
        trades.append(trade)
    return oracle.sharpe_and_mean(trades)


def sigma_of(returns: list[float], market: list[float], row: int) -> float:
    x, y = np.array(market[row - 60 : row - 10]), np.array(returns[row - 60 : row - 10])
    rest = y - np.polyval(np.polyfit(x, y, 1), x)
    return float(np.sqrt(rest @ rest / 48))


# ── every draw is a backtest ─────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", RULES)
def test_draws_equal_the_loop(name: str) -> None:
    rule, data = RULES[name], world(1)
    found = rule.run(*data, STUDY)
    chance = found.placebo(12, rng=5)
    placebos = placebos_of(found, 12, 5)
    assert len(chance) == 12
    for d, row in enumerate(placebos.row):
        sharpe, net = of_loop(rule, data, row)
        assert chance.sharpe[d] == pytest.approx(sharpe, rel=1e-10, abs=1e-10)
        assert chance.net[d] == pytest.approx(net, rel=1e-10, abs=1e-12)
    true = of_loop(rule, data, found.asked.orders.row)
    assert chance.table.loc["sharpe", "observed"] == pytest.approx(true[0], rel=1e-10)
    assert chance.table.loc["mean_net", "observed"] == pytest.approx(true[1], rel=1e-10)


LIMITED = {
    "gross": Limits(gross=2.0),
    "ignore": Limits(per_name=1.0, overlap="ignore"),
    "extend": Limits(overlap="extend"),
}


@pytest.mark.parametrize("name", [*RULES, *LIMITED])
def test_draws_equal_a_backtest_of_moved_events(name: str) -> None:
    """Limits look at what is open on the placebo dates, draw by draw."""
    rule = RULES.get(name) or replace(RULES["both"], leave=6, limits=LIMITED[name])
    events, panel = world(2)
    found = rule.run(events, panel, STUDY)
    chance = found.placebo(15, rng=1)
    for d, row in enumerate(placebos_of(found, 15, 1).row):
        moved = rule.run(on_rows(events, panel, row), panel, STUDY)
        ratio = moved.figures()["sharpe"]
        assert chance.sharpe[d] == pytest.approx(ratio, rel=1e-9)
        assert chance.net[d] == pytest.approx(moved.book.net.mean(), rel=1e-10)


def test_draws_of_a_rule_at_the_open() -> None:
    events, simple = world(3)
    noise = np.random.default_rng(0)
    close = pd.DataFrame(
        100 * np.cumprod(1 + simple.returns.T, axis=0), simple.sessions, simple.tickers
    )
    opens = close * np.exp(noise.normal(0, 0.003, close.shape))
    panel = es.Panel.from_prices(close, market="SPY", fields={"open": opens, "close": close})
    rule = Rule(enter="open+0", leave="open+2", hedge=es.MarketModel())
    found = rule.run(events, panel, STUDY)
    chance = found.placebo(6, rng=1)
    for d, row in enumerate(placebos_of(found, 6, 1).row):
        moved = rule.run(on_rows(events, panel, row), panel, STUDY)
        assert chance.net[d] == pytest.approx(moved.book.net.mean(), rel=1e-10)
        assert chance.sharpe[d] == pytest.approx(moved.figures()["sharpe"], rel=1e-9)


def test_a_function_is_asked_again_on_the_placebo_dates() -> None:
    """It sees the returns before the placebo entry, and the event as announced there."""
    seen = []

    def reversal(known: Any) -> Any:
        assert (known.events["date"] <= pd.Timestamp(known.session)).all()
        seen.append(known.session)
        return -np.sign(known.panel.returns[:3, -1])[: len(known.events)]

    events, panel = world(4)
    rule = Rule(leave=3, side=reversal)
    found = rule.run(events, panel, STUDY)
    seen.clear()
    chance = found.placebo(5, rng=2)
    assert len(seen) == (5 + 1) * len(ROWS)  # once to see whether it remembers
    for d, row in enumerate(placebos_of(found, 5, 2).row):
        moved = rule.run(on_rows(events, panel, row), panel, STUDY)
        assert chance.sharpe[d] == pytest.approx(moved.figures()["sharpe"], rel=1e-9)


@pytest.mark.parametrize("write", [lambda day: day, lambda day: day.dt.strftime("%Y-%m-%d")])
def test_the_day_on_which_a_value_was_known_moves_with_its_event(write: Any) -> None:
    """A value that came after the entry is no more known on placebo dates, however it is dated."""
    told = []

    def side(known: Any) -> list[int]:
        told.append((known.events["early"].notna().all(), known.events["late"].isna().all()))
        return [1] * len(known.events)

    events, panel = world(4)
    before, after = (events["date"] + pd.Timedelta(days=n) for n in (-1, 9))
    events = events.assign(early=1.0, early_known=write(before), late=1.0, late_known=write(after))
    Rule(leave=3, side=side).run(events.assign(well_known="yes"), panel, STUDY).placebo(5)
    assert len(told) == 7 * len(ROWS)
    assert all(early and late for early, late in told)


def test_after_close_news_is_dated_the_session_before() -> None:
    dates: list[tuple[pd.Timestamp, Any]] = []

    def side(known: Any) -> list[int]:
        dates.extend(zip(known.events["date"], [known.session] * 3, strict=False))
        return [1] * len(known.events)

    events, panel = world(4, rows=[79, 109, 149, 189, 229, 269])
    found = Rule(leave=3, side=side).run(events.assign(session="after_close"), panel, STUDY)
    dates.clear()
    found.placebo(3)
    assert all(date < pd.Timestamp(session) for date, session in dates)


def test_dates_keep_what_they_share() -> None:
    events, panel = world(5)
    found = Rule(leave=5).run(events, panel, STUDY)
    placebos = placebos_of(found, 50, 0)
    true, moved = found.asked.orders.row, placebos.row
    for a in range(0, len(events), 3):  # the firms of a date
        assert (moved[:, a] == moved[:, a + 1]).all()
        assert (moved[:, a] == moved[:, a + 2]).all()
    assert (moved[:, 3] - moved[:, 0] == true[3] - true[0]).all()  # 80 and 84 overlap
    assert placebos.chains == 6
    apart = np.abs(moved[:, 0, None] - moved[:, [6, 9, 12, 18, 21]])
    assert apart.min() > 5


# ── the promise of the p-value ───────────────────────────────────────────────────────────
def test_p_is_uniform_where_dates_are_exchangeable() -> None:
    """Also where the trades hold a large share of the sessions (here a fifth)."""
    two, one = [], []
    for seed in range(100):
        rng = np.random.default_rng(1000 + seed)
        rows = np.sort(rng.choice(np.arange(2, 150), 8, replace=False)).tolist()
        events, panel = world(seed, rows=rows, sessions=160)
        found = Rule(leave=4, costs=0).run(events, panel).placebo(59, rng=seed)
        two.append(found.table.loc["sharpe", "two-sided"])
        one.append(found.table.loc["mean_net", "greater"])
    for p in (np.array(two), np.array(one)):
        assert np.mean(p <= 0.05) <= 0.11
        assert abs(np.mean(p <= 0.2) - 0.2) <= 0.12
        assert abs(np.mean(p <= 0.5) - 0.5) <= 0.15


def test_a_clairvoyant_rule_is_told_from_chance() -> None:
    events, panel = world(6, effect=0.03)
    found = Rule(leave=2, costs=0).run(events, panel, STUDY).placebo(199)
    assert found.pvalue <= 0.01
    assert found.sentence().endswith("chance alone rarely does as well.")
    bad = Rule(leave=2, side="short", costs=0).run(events, panel, STUDY).placebo(199)
    assert bad.sentence().endswith("chance alone rarely does as badly.")
    assert bad.pvalue > 0.9


def test_noise_is_not() -> None:
    found = Rule(leave=2, costs=0).run(*world(7), STUDY).placebo(199)
    assert found.pvalue > 0.05
    assert found.sentence().endswith("random dates may do as well.")
    assert str(found) == found.sentence()


def test_p_counts_the_sample_itself() -> None:
    found = Rule(leave=2).run(*world(7), STUDY).placebo(99)
    row = found.table.loc["sharpe"]
    better = np.sum(found.sharpe >= row["observed"])
    assert found.pvalue == pytest.approx((1 + better) / 100)
    assert row["greater"] + row["less"] == pytest.approx(1.01)
    assert row["two-sided"] == pytest.approx(min(1.0, 2 * min(row["greater"], row["less"])))
    assert row["low"] <= row["mean"] <= row["high"]


def test_the_same_seed_gives_the_same_draws() -> None:
    found = Rule(leave=2).run(*world(7), STUDY)
    np.testing.assert_array_equal(found.placebo(20, rng=3).sharpe, found.placebo(20, rng=3).sharpe)
    assert (found.placebo(20, rng=3).sharpe != found.placebo(20, rng=4).sharpe).any()


def test_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = RULES["both"].run(*world(7), STUDY)
    one = found.placebo(30)
    monkeypatch.setattr("eventstudy.backtest.redating.CELLS", 100)
    two = found.placebo(30)
    np.testing.assert_allclose(one.sharpe, two.sharpe, rtol=1e-12)
    np.testing.assert_allclose(one.net, two.net, rtol=1e-12)


# ── corners ──────────────────────────────────────────────────────────────────────────────
def test_few_dates_are_told() -> None:
    found = Rule(leave=2).run(*world(8, rows=[100]), STUDY).placebo(999)
    assert found.chains == 1
    assert len(found) <= 300  # each session once
    assert found.sentence().endswith(
        "The trades lie in one cluster of overlapping holdings: whatever else happened on so few "
        "dates would look the same."
    )


def test_events_without_a_side_do_not_move() -> None:
    events, panel = world(9)
    events.loc[[0, 5], "score"] = [0.0, np.nan]
    found = Rule(leave=2, side="score").run(events, panel, STUDY)
    assert found.placebo(9).trades == len(found) == 22
    events["size"] = events["size"].where(events.index != 7, 0.0)
    sized = Rule(leave=2, side="score", weight="size").run(events, panel, STUDY).placebo(9)
    assert (sized.trades, sized.chains, sized.left_out) == (21, 7, ())


def listed_late(since: int, rows: list[int]) -> tuple[pd.DataFrame, es.Panel]:
    """CCC has prices from a session on."""
    events, panel = world(10, rows=rows)
    frame = pd.DataFrame(panel.returns.T.copy(), panel.sessions, panel.tickers)
    frame.iloc[:since, 2] = np.nan
    return events, es.Panel.from_returns(frame, market="SPY")


def test_events_without_placebo_dates_stay_out_and_are_named() -> None:
    events, panel = listed_late(283, [80, 110, 150, 190, 230, 288])
    found = Rule(leave=2, costs=0).run(events, panel)
    assert len(found) == 13
    chance = found.placebo(19)
    assert chance.trades == 12
    assert chance.left_out == (str(found.events.index[-1]),)
    assert "1 event without placebo dates stayed out." in chance.sentence()


def test_events_without_prices_bind_nobody() -> None:
    """Not traded at all, they must not hold the others to the sessions of their own prices."""
    events, panel = listed_late(265, ROWS)
    found = Rule(leave=2, costs=0).run(events, panel)
    assert len(found) == 17
    chance = found.placebo(19)
    assert (chance.trades, chance.left_out) == (17, ())
    assert chance.sessions > 280


def test_nothing_to_compare() -> None:
    events, panel = world(10)
    flat = pd.DataFrame(0.0 * panel.returns.T, panel.sessions, panel.tickers)
    still = Rule(costs=0).run(events, es.Panel.from_returns(flat)).placebo(9)
    assert still.sentence() == (
        "The daily profit on the true dates does not vary: there is nothing to compare."
    )
    true = es.read_events(events)["date"]

    def stubborn(known: Any) -> list[int]:
        """Trade an event on its own date alone; none of these draws hits one."""
        return [int(date == true[event]) for event, date in known.events["date"].items()]

    found = Rule(leave=2, side=stubborn).run(events, panel).placebo(9)
    assert np.isnan(found.sharpe).all()
    assert found.pvalue == 1.0
    assert found.sentence() == (
        "The rule trades on none of the random dates: there is nothing to compare."
    )


def test_strata() -> None:
    found = Rule(leave=2).run(*world(11), STUDY)
    assert len(found.placebo(19, strata=2)) == 19
    with pytest.raises(errors.OptionError, match="strata=1 is no number of parts"):
        found.placebo(19, strata=1)
    events, panel = world(11)
    alone = es.Panel.from_returns(
        pd.DataFrame(panel.returns[:3].T, panel.sessions, panel.tickers[:3])
    )
    with pytest.raises(errors.OptionError, match="the panel has no market"):
        Rule(leave=2).run(events, alone).placebo(19, strata=3)


def test_a_study_that_leaves_other_events_out() -> None:
    """Windows of the drawn dates are no news: they mask nothing."""
    study = es.EventStudy(estimation=(-60, -11), window=(-5, 5), exclude_other_events=True)
    found = RULES["both"].run(*world(12), study)
    assert np.isfinite(found.placebo(9).sharpe).all()


@pytest.mark.parametrize("options", [{"draws": 0}, {"draws": "x"}, {"rng": -1}])
def test_other_options(options: dict[str, Any]) -> None:
    found = Rule(leave=2).run(*world(7), STUDY)
    with pytest.raises(errors.OptionError):
        found.placebo(**options)


def test_too_many_dates_for_so_few_sessions() -> None:
    events, panel = world(13, rows=list(range(2, 290, 7)))
    with pytest.raises(errors.OptionError):
        Rule(leave=6).run(events, panel, STUDY).placebo(9)


# ── the picture ──────────────────────────────────────────────────────────────────────────
def test_picture() -> None:
    found = Rule(leave=2).run(*world(7), STUDY).placebo(99)
    ax = found.plot()
    assert ax.texts[0].get_text().startswith("true dates: ")
    assert ax.get_title(loc="left") == "Sharpe ratio on random dates"
    bars = sum(patch.get_height() for patch in ax.containers[0])
    assert bars == 99
    mpl.pyplot.close("all")


def test_picture_of_nothing_or_one_value() -> None:
    with pytest.raises(errors.OptionError):
        draw_chance([np.nan], 0.5)
    ax = draw_chance([0.5, 0.5, np.nan], np.nan, title="$x$")
    assert not ax.texts
    assert ax.get_title(loc="left") == r"\$x\$"
    told = draw_chance([0.1, 0.2], 3.0, pvalue=1e-5).texts[0].get_text()
    assert told.endswith("p < 0.001, one-sided")
    mpl.pyplot.close("all")
