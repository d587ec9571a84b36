"""Trading the miners' catalysts on real prices: what the fifth script prints, by the plain loop."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import oracle
import oracle_backtests
import oracle_trades
import pandas as pd
import pytest
from example_scripts import TRADED, functions, panel_of, rules_table, run
from real_market import market
from scipy import stats

import eventstudy as es

mpl.use("Agg")
pytestmark = pytest.mark.realdata
#: entry and leaving of each row of the table
ROWS = {
    ("reports", "over"): (-1, 0),
    ("reports", "1 day from"): (0, 1),
    ("reports", "5 days from"): (0, 5),
    ("deals", "1 day from"): (0, 1),
    ("deals", "5 days from"): (0, 5),
}


@pytest.fixture(autouse=True)
def _no_figure_stays_open() -> Iterator[None]:
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


@pytest.fixture(scope="module")
def printed(real_prices: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the script prints; it runs once."""
    folder = tmp_path_factory.mktemp("traded")
    text = run(TRADED, "--prices", str(real_prices), "--out", str(folder))
    assert sorted(path.name for path in folder.iterdir()) == [
        "deals_traded.png",
        "deals_traded_grid.png",
        "deals_traded_placebo.png",
    ]
    return text


class Script(NamedTuple):
    """The functions of the script, its prices as a panel, and its backtests."""

    opened: dict[str, Any]
    panel: es.Panel
    tests: dict[tuple[str, str], es.Backtest]


@cache
def script(file: Path) -> Script:
    opened = functions(TRADED)
    panel = panel_of(file)
    return Script(opened, panel, opened["backtests"](panel))


class Loop(NamedTuple):
    """Trades one by one, and their profits by session."""

    accounts: oracle_trades.Accounts
    trades: list[oracle_backtests.Trade]


@cache
def placed(file: Path, news: str) -> tuple[pd.DataFrame, oracle.Study]:
    """The events with the session of day 0, each once, and the loop's study of them."""
    events = script(file).opened["events_of"](news)
    # whoever trades can't rely on a session that is not known: the next one is safe
    events = events.assign(session=events["session"].replace("unknown", "after_close"))
    found = market(file).place(events)
    found = found[~found["again"]]
    study = market(file).study(found, oracle.Model((0, 1)))
    return found.iloc[[event.number for event in study.events]], study


@cache
def loop(file: Path, news: str, enter: int, leave: int) -> Loop:
    """Trade every event that has an estimate, session by session."""
    events, real = placed(file, news)[0], market(file)
    returns = real.returns.to_numpy().T
    factors = np.column_stack([real.returns["SPY"], real.bitcoin])
    firms = real.returns.columns.get_indexer(pd.Index(events["ticker"]))
    keys = list(zip(events.index.astype(str), firms, events["row"], strict=True))
    orders = [oracle_trades.Order(name, int(firm), int(row)) for name, firm, row in keys]
    terms = oracle_trades.Terms(enter, leave, bps=10.0, hedge_bps=10.0)
    exchange = oracle_trades.Market(returns, factors)
    accounts = oracle_trades.accounts(exchange, orders, terms, hedged=True)
    return Loop(accounts, [by_session(t, returns, factors) for t in accounts.trades.values()])


def by_session(
    trade: oracle_trades.Trade, returns: np.ndarray, factors: np.ndarray
) -> oracle_backtests.Trade:
    """What one trade earned on each session, its costs on the first and the last."""
    days = range(trade.entered + 1, trade.left + 1)
    earned = {t: float(returns[trade.order.ticker, t] - trade.slopes @ factors[t]) for t in days}
    net = {trade.entered: 0.0, **earned}
    for t in (trade.entered, trade.left):
        net[t] -= 10e-4 * (1.0 + float(np.abs(trade.slopes).sum()))
    return {"entry": trade.entered, "first": days[0], "last": trade.left, "net": net}


def close(got: object, want: object) -> None:
    np.testing.assert_allclose(
        np.asarray(got, dtype=float), np.asarray(want, dtype=float), rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize(("news", "held"), ROWS)
def test_trades_equal_the_plain_loop(real_prices: Path, news: str, held: str) -> None:
    found, sessions = script(real_prices).tests[news, held], market(real_prices).sessions
    accounts, _ = loop(real_prices, news, *ROWS[news, held])
    table = found.trades
    assert sorted(table.index) == sorted(accounts.trades)
    wanted = [accounts.trades[name] for name in table.index]
    assert table["enter"].tolist() == [sessions[t.entered] for t in wanted]
    assert table["leave"].tolist() == [sessions[t.left] for t in wanted]
    for column in ("gross", "hedge", "cost", "abnormal"):
        close(table[column], [getattr(t, column) for t in wanted])
    days = sessions.get_indexer(found.daily.index)
    for column in ("gross", "hedge", "cost", "exposure", "turnover"):
        close(found.daily[column], getattr(accounts, column)[days])


@pytest.mark.parametrize(("news", "held"), ROWS)
def test_every_event_is_traded_or_has_a_reason(real_prices: Path, news: str, held: str) -> None:
    opened, _, tests = script(real_prices)
    found, events = tests[news, held], opened["events_of"](news)
    assert sorted([*found.trades.index, *found.dropped.index]) == sorted(events.index)
    assert set(found.dropped["reason"]) <= {"min_est", "not_own_price"}
    assert found.ledger.empty


@pytest.mark.parametrize(("news", "held"), ROWS)
def test_table_of_the_fifth_script(printed: str, real_prices: Path, news: str, held: str) -> None:
    trades, clusters, mean, sharpe, luck, _ = rules_table(printed)[news, held]
    made = loop(real_prices, news, *ROWS[news, held]).trades
    daily = np.array(list(oracle_backtests.daily(made).values()))
    parts = oracle_backtests.by_cluster(made)
    figures = oracle_backtests.figures(parts, len(daily))
    assert [int(trades), int(clusters)] == [len(made), len(parts)]
    ratio, (net, se, df) = figures["sharpe"][0], oracle_backtests.mean_trade(parts)
    assert mean == f"{100 * net:+.2f} %"
    assert float(luck) == pytest.approx(2 * stats.t.sf(abs(net / se), df), abs=0.00051)
    r, a, b = ratio / np.sqrt(252), stats.skew(daily), stats.kurtosis(daily, fisher=False)
    error = np.sqrt(252 * (1 - a * r + (b - 1) / 4 * r**2) / (len(daily) - 1))
    assert sharpe == f"{ratio:.2f} ± {error:.2f}"


def test_verdicts_say_what_the_p_values_say(printed: str) -> None:
    text = " ".join(printed.split())
    for (news, held), (_, clusters, mean, _, luck, dates) in rules_table(printed).items():
        assert int(clusters) >= 6
        earned = mean.startswith("+")
        told = float(luck) <= 0.05 and (float(dates) <= 0.05 or not earned)
        said = "more than luck explains" if told else "which cannot be told from luck"
        did = "earned" if earned else "lost"
        start = f"{news.capitalize()}, held {held} the news: {did} {mean.lstrip('+-')} a trade, "
        assert f"{start}{said}." in text
    # on these prices, whatever random dates say
    assert "more than luck explains" not in text
    assert text.count("cannot be told from luck") == 5


def test_random_dates_do_as_well(printed: str, real_prices: Path) -> None:
    """Other draws of dates put the rules where the printed ones do."""
    for key, found in script(real_prices).tests.items():
        dates = float(rules_table(printed)[key][5])
        other = found.placebo(299, rng=1).pvalue
        spread = np.sqrt(dates * (1 - dates) * (1 / 299 + 1 / 499))
        assert abs(other - dates) < 4 * spread
        assert dates > 0.05


@pytest.mark.parametrize("news", ["reports", "deals"])
def test_event_study_of_the_news(printed: str, real_prices: Path, news: str) -> None:
    opened, panel, _ = script(real_prices)
    result = opened["STUDY"].run(opened["events_of"](news), panel)
    assert f"What the event study says of {news}. {result.sentence((0, 0))}" in " ".join(
        printed.split()
    )
    # an event of an unknown session lies on its date here, and a session later in a trade
    known = result.events["session"] != "unknown"
    events, study = placed(real_prices, news)
    loops = {n: e.car((0, 0)) for n, e in zip(events.index, study.events, strict=True)}
    shared = [n for n in result.events.index[known] if n in loops]
    assert len(shared) == known.sum()
    close(result.ar.loc[shared, 0], [loops[n] for n in shared])


def test_the_reaction_to_deals_is_not_to_be_earned(printed: str, real_prices: Path) -> None:
    """A tenth on day 0; what follows it is a tenth of that, and luck."""
    opened, panel, tests = script(real_prices)
    seen = opened["STUDY"].run(opened["events_of"]("deals"), panel).caar((0, 0)).iloc[0]
    assert 0.08 < seen["estimate"] < 0.13
    assert seen["pvalue"] < 0.001
    five, one = (tests["deals", held].figures() for held in ("5 days from", "1 day from"))
    assert [five["trades"], one["trades"]] == [44, 44]
    assert 0.01 < five["mean_net"] < 0.02
    assert -0.01 < one["mean_net"] < 0.0
    assert min(five["pvalue"], one["pvalue"]) > 0.3
    # three of 44 trades made all that was earned
    assert five["best_three"] > 0.9
    for held in ("over", "1 day from", "5 days from"):
        assert tests["reports", held].figures()["mean_net"] < 0.0


def test_best_of_the_grid(printed: str, real_prices: Path) -> None:
    """The best of 34 rules looks good alone, and is what luck gives the best of so many."""
    opened, panel, tests = script(real_prices)
    deals = opened["events_of"]("deals")
    shown = tests["deals", "5 days from"]
    grid = shown.rule.grid(deals, panel, enter=range(4), leave=range(1, 11), study=opened["STUDY"])
    text = " ".join(printed.split())
    assert f"Deals, with other entries and leavings. {grid.sentence()}" in text
    sharpes = {}
    for enter, leave in grid.table.index:
        made = loop(real_prices, "deals", enter, leave).trades
        sharpes[enter, leave] = oracle_backtests.sharpe_and_mean(made)
        close(grid.table.loc[(enter, leave), ["sharpe", "mean_net"]], sharpes[enter, leave])
    best = max(sharpes, key=lambda key: sharpes[key][0])
    assert f"The best of 34 rules enters at the close of day {best[0]} and leaves at" in text
    assert grid.best.name == best
    assert grid.best["adjusted"] > 0.5
    assert "a deflated Sharpe ratio of 46 %: it can't be told from luck" in text
