"""The grid of rules: each cell is its own backtest, and all of them are corrected together."""

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
from eventstudy.backtest.clusters import Clusters
from eventstudy.backtest.lattice import Grid
from eventstudy.backtest.metrics import Sharpe
from eventstudy.backtest.outcome import Backtest
from eventstudy.backtest.rule import Rule
from eventstudy.backtest.terms import Costs, Limits
from eventstudy.backtest.trying import Choices, try_all
from eventstudy.report import draw_grid

mpl.use("Agg")

TICKERS = ["AAA", "BBB", "CCC"]
STUDY = es.EventStudy(estimation=(-80, -11), window=(-5, 5))


def world(
    seed: int, gap: int = 8, dates: int = 12, effect: float = 0.0, holes: bool = False
) -> tuple[pd.DataFrame, es.Panel]:
    """Three firms and a market, news every ``gap`` sessions up to the last days of the data."""
    rng = np.random.default_rng(seed)
    sessions = 100 + gap * dates
    days = pd.bdate_range("2023-01-02", periods=sessions)
    market = rng.normal(0.0, 0.01, (sessions, 1))
    returns = np.hstack([market + rng.normal(0.0, 0.02, (sessions, 3)), market])
    rows = sessions - 4 - gap * np.arange(dates)[::-1]
    for row in rows:
        returns[row + 1 : row + 4, :3] += effect
    frame = pd.DataFrame(returns, days, [*TICKERS, "SPY"])
    if holes:
        frame = frame.mask(rng.random(frame.shape) < 0.03)
        frame["SPY"] = returns[:, 3]
        frame.iloc[rows[4] : rows[4] + 4, 3] = np.nan
        frame.iloc[-6:, 1] = np.nan
    events = pd.DataFrame(
        [
            {"ticker": ticker, "date": days[row], "session": "before_open", "half": 0.001 * (1 + k),
             "score": rng.normal(), "size": rng.uniform(0.5, 2.0)}
            for row in rows
            for k, ticker in enumerate(TICKERS)
        ]
    )  # fmt: skip
    return events, es.Panel.from_returns(frame, market="SPY")


RULES: dict[str, Rule] = {
    "plain": Rule(),
    "free short": Rule(side="short", costs=0),
    "hedged": Rule(hedge=es.MarketModel(), side="score"),
    "sized": Rule(weight="inverse_sigma", costs=5),
    "sized and hedged": Rule(
        weight="inverse_sigma",
        hedge=es.MarketModel(),
        costs=Costs(bps=5, half_spread="half", borrow=0.05, hedge_bps=1),
    ),
    "limits": Rule(weight="size", limits=Limits(per_name=1.5, gross=3.0)),
    "extend": Rule(side="score", limits=Limits(overlap="extend")),
    "restart": Rule(side="score", limits=Limits(overlap="restart")),
    "delisting": Rule(costs=Costs(bps=10, delisting=-0.3)),
}


def cells_of(key: Any) -> tuple[int, int]:
    return int(key[0]), int(key[1])


def alone(grid: Grid, rule: Rule, data: tuple[pd.DataFrame, es.Panel], key: Any) -> Backtest | None:
    """The backtest of one cell; None where nothing can be traded."""
    try:
        return replace(rule, enter=key[0], leave=key[1]).run(*data, STUDY)
    except errors.NothingLeft:
        return None


# ── every cell is a backtest ─────────────────────────────────────────────────────────────
@pytest.mark.parametrize("holes", [False, True], ids=["complete", "holes"])
@pytest.mark.parametrize("name", RULES)
def test_cells_are_backtests(name: str, holes: bool) -> None:
    rule, data = RULES[name], world(1, holes=holes)
    grid = rule.grid(*data, enter=[0, 1, 3], leave=[1, 2, 4, 6, 11], study=STUDY, draws=19)
    assert len(grid) == 12
    for key, row in grid.table.iterrows():
        found = alone(grid, rule, data, key)
        assert found is not None
        assert row["trades"] == len(found)
        assert row["clusters"] == len(Clusters.of(found.book))
        assert row["mean_net"] == pytest.approx(found.book.net.mean(), abs=1e-12)
        assert row["total_net"] == pytest.approx(found.book.net.sum(), abs=1e-12)
        ratio = Sharpe.of(found.book.daily_net).ratio
        assert row["sharpe"] == pytest.approx(ratio, abs=1e-10)


def test_events_near_the_end_stay_in_rules_that_leave_before() -> None:
    data = world(1)
    grid = Rule().grid(*data, enter=[0], leave=[2, 3, 9], study=STUDY, draws=9)
    assert grid.table["trades"].tolist() == [36, 36, 33]


def test_cells_where_estimates_hang_on_other_events() -> None:
    """With `exclude_other_events` nothing is shared between rules."""
    events, panel = world(2, gap=20)
    study = es.EventStudy(estimation=(-80, -11), window=(0, 2), exclude_other_events=True)
    rule = Rule(hedge=es.MarketModel())
    grid = rule.grid(events, panel, enter=[0], leave=[1, 3], study=study, draws=9)
    for key, row in grid.table.iterrows():
        enter, leave = cells_of(key)
        found = replace(rule, enter=enter, leave=leave).run(events, panel, study)
        assert row["total_net"] == pytest.approx(found.book.net.sum(), abs=1e-12)


def test_other_events_whose_windows_reach_beyond_the_data() -> None:
    """The rule is over before the data end, the event window of the study is not."""
    events, panel = world(2, gap=60, dates=6)
    study = es.EventStudy(estimation=(-80, -11), window=(-5, 9), exclude_other_events=True)
    rule = Rule(leave=3, hedge=es.MarketModel())
    found = rule.run(events, panel, study)
    grid = rule.grid(events, panel, enter=[0], leave=[3], study=study, draws=9)
    assert len(found) == 18
    assert grid.table["total_net"].iloc[0] == pytest.approx(found.book.net.sum(), abs=1e-12)


def test_cells_of_rules_at_the_open() -> None:
    events, panel = world(3)
    rng = np.random.default_rng(0)
    close = pd.DataFrame(
        100 * np.cumprod(1 + panel.returns.T, axis=0), panel.sessions, panel.tickers
    )
    opens = close * np.exp(rng.normal(0, 0.003, close.shape))
    data = es.Panel.from_prices(close, market="SPY", fields={"open": opens, "close": close})
    rule = Rule(hedge=es.MarketModel())
    grid = rule.grid(
        events, data, enter=["open+0", 0, "open+1"], leave=["open+2", 2], study=STUDY, draws=9
    )
    assert grid.table.index.tolist() == [
        ("open+0", "open+2"), ("open+0", 2), (0, "open+2"), (0, 2), ("open+1", "open+2"),
        ("open+1", 2),
    ]  # fmt: skip
    for key, row in grid.table.iterrows():
        found = alone(grid, rule, (events, data), key)
        assert found is not None
        assert row["total_net"] == pytest.approx(found.book.net.sum(), abs=1e-12)
    grid.plot()


def test_a_function_is_asked_once_an_entry() -> None:
    asked = []

    def side(known: Any) -> list[int]:
        asked.append(known.session)
        return [1] * len(known.events)

    grid = Rule(side=side).grid(*world(1), enter=[0, 1], leave=[2, 3], study=STUDY, draws=9)
    assert len(grid) == 4
    sweeps = [asked[:12], asked[20:32]]  # after each of them it is asked about the first anew
    assert [len(set(sweep)) for sweep in sweeps] == [12, 12]
    assert [asked[12:20], asked[32:]] == [sweep[:8] for sweep in sweeps]


def test_guards_hold_for_every_entry() -> None:
    with pytest.raises(errors.OptionError, match="before"):
        Rule().grid(*world(1), enter=range(-1, 2), leave=[3], study=STUDY)


# ── what is left of them ─────────────────────────────────────────────────────────────────
def test_joint_correction_equals_the_loop() -> None:
    data, rule = world(4, gap=8), Rule(side="score")
    grid = rule.grid(*data, enter=[0, 1], leave=[2, 3, 5], study=STUDY, draws=99, rng=3)
    d = grid.clusters
    assert (grid.correction, d) == ("romano_wolf", 12)
    picks = np.random.Generator(np.random.PCG64(3)).integers(0, d, (99, d)).tolist()
    t: list[float] = []
    draws: list[list[float]] = [[] for _ in picks]
    for key in grid.table.index:
        found = alone(grid, rule, data, key)
        assert found is not None
        nets = found.book.net.tolist()
        labels = np.unique(found.book.row, return_inverse=True)[1]  # dates stand apart
        t.append(oracle.cell_t(nets, labels.tolist(), range(d)))
        for draw, pick in zip(draws, picks, strict=True):
            draw.append(oracle.cell_t(nets, labels.tolist(), pick, float(np.mean(nets))))
    np.testing.assert_allclose(grid.table["t"], t, rtol=1e-9)
    np.testing.assert_allclose(grid.table["adjusted"], oracle.step_down(t, draws), atol=1e-12)
    alone_p = [(1 + sum(abs(x[k]) >= abs(t[k]) for x in draws)) / 100 for k in range(len(t))]
    np.testing.assert_allclose(grid.table["pvalue"], alone_p, atol=1e-12)


def test_holm_where_long_holdings_chain_everything() -> None:
    data = world(5, gap=8)
    grid = Rule().grid(*data, enter=[0], leave=[1, 3, 5, 9, 20], study=STUDY, draws=99)
    assert (grid.correction, grid.clusters) == ("holm", 1)
    table = grid.table
    assert table["pvalue"].notna().tolist() == [True, True, True, False, False]
    wanted = oracle.holm(table["pvalue"].dropna().tolist())
    np.testing.assert_allclose(table["adjusted"].dropna(), wanted, atol=1e-14)
    found = replace(Rule(), leave=3).run(*data, STUDY).figures()
    assert table.loc[(0, 3), "pvalue"] == pytest.approx(found["pvalue"], rel=1e-9)


def test_holm_where_one_chain_holds_most_trades() -> None:
    """Nine clusters, worth few equal ones: draws in which the large one is absent mean little."""
    events, panel = world(5, gap=12, dates=30)
    chained = [panel.sessions[[row]] for row in range(100, 260, 3)]
    more = pd.concat([events.iloc[:3].assign(date=day[0]) for day in chained])
    both = pd.concat([events[events["date"] > panel.sessions[300]], more], ignore_index=True)
    grid = Rule().grid(both, panel, enter=[0], leave=[1, 5], study=STUDY, draws=99)
    assert grid.clusters > 6
    assert grid.correction == "holm"
    # leaving after a day the trades are held apart
    found = Rule(leave=1).run(both, panel, STUDY).figures()
    assert grid.table.loc[(0, 1), "pvalue"] == pytest.approx(found["pvalue"], rel=1e-9)


def test_an_entry_on_the_day_of_another_leaving_is_another_cluster() -> None:
    """Of the session of entry a trade at its close earns nothing; one at the open does."""
    grid = Rule().grid(*world(5, gap=5), enter=[0], leave=[2, 5], study=STUDY, draws=9)
    assert (grid.correction, grid.clusters) == ("romano_wolf", 12)
    chained = Rule().grid(*world(5, gap=5), enter=[0], leave=[2, 6], study=STUDY, draws=9)
    assert chained.clusters == 1


def test_deflated_ratio_is_that_of_the_best_among_all() -> None:
    data = world(6)
    grid = Rule().grid(*data, enter=range(3), leave=range(1, 6), study=STUDY, draws=19)
    enter, leave = cells_of(grid.best.name)
    best = Rule(enter=enter, leave=leave).run(*data, STUDY)
    ratios = grid.table["sharpe"].to_numpy()
    assert grid.best["sharpe"] == ratios.max()
    wanted = best.figures(tried=ratios)["deflated_sharpe"]
    assert grid.deflated == pytest.approx(wanted, abs=1e-12)


def test_a_rule_that_never_traded_is_none_that_was_tried() -> None:
    data = world(6)
    grid = Rule().grid(*data, enter=[0], leave=[1, 2, 4, 150], study=STUDY, draws=19)
    assert grid.table["sharpe"].isna().tolist() == [False, False, False, True]
    best = Rule(leave=cells_of(grid.best.name)[1]).run(*data, STUDY)
    wanted = best.figures(tried=grid.table["sharpe"].dropna())["deflated_sharpe"]
    assert grid.deflated == pytest.approx(wanted, abs=1e-12)


def test_a_rule_with_few_clusters_has_no_verdict_beside_others_that_have() -> None:
    """The sixth date lies too near the end for the long holding."""
    grid = Rule().grid(*world(5, gap=30, dates=6), enter=[0], leave=[2, 25], study=STUDY, draws=19)
    assert (grid.correction, grid.table["clusters"].tolist()) == ("romano_wolf", [6, 5])
    for column in ("t", "pvalue", "adjusted"):
        assert grid.table[column].isna().tolist() == [False, True]


def test_a_true_effect_survives_and_is_told() -> None:
    grid = Rule(costs=0).grid(*world(7, effect=0.02), enter=[0], leave=[1, 2, 3], study=STUDY)
    assert len(grid.survivors) == 3
    assert grid.sentence().endswith("luck alone rarely gives as much.")
    assert "The best of 3 rules enters at the close of day 0 and leaves at" in grid.sentence()
    lost = Rule(costs=0).grid(*world(7, effect=-0.02), enter=[0], leave=[1, 2], study=STUDY)
    assert lost.sentence().endswith("it loses more than bad luck explains.")
    assert str(lost) == lost.sentence()


def test_noise_does_not() -> None:
    grid = Rule(costs=0).grid(*world(8), enter=range(2), leave=range(1, 5), study=STUDY)
    assert grid.sentence().endswith("it can't be told from luck.")
    assert (grid.table["adjusted"] >= grid.table["pvalue"]).all()


def test_size_of_the_whole_grid() -> None:
    """Without an effect about one grid in twenty has a survivor, not one rule in twenty."""
    found = []
    for seed in range(100):
        data = world(100 + seed, gap=6, dates=10)
        grid = Rule(costs=0).grid(
            *data, enter=[0, 1], leave=[2, 3, 4], study=STUDY, draws=99, rng=seed
        )
        found.append((len(grid.survivors) > 0, (grid.table["pvalue"] <= 0.05).any()))
    corrected, single = np.array(found).mean(axis=0)
    assert corrected <= 0.10
    assert single > corrected


def test_few_clusters_allow_no_verdict() -> None:
    grid = Rule().grid(*world(9, dates=4), enter=[0], leave=[2, 3], study=STUDY, draws=9)
    assert grid.correction == ""
    assert grid.table[["t", "pvalue", "adjusted"]].isna().all(axis=None)
    assert grid.sentence().endswith(
        "Its trades lie in 4 clusters of overlapping holdings: with fewer than 6 no verdict is "
        "possible."
    )
    assert "no verdict is possible" in grid.plot().figure.get_supxlabel()


def test_order_and_repetition_change_nothing() -> None:
    data = world(1)
    options: dict[str, Any] = {"study": STUDY, "draws": 49}
    one = Rule().grid(*data, enter=[1, 0], leave=[3, 2], **options).table
    two = Rule().grid(*data, enter=[0, 1], leave=[2, 3], **options).table
    pd.testing.assert_frame_equal(one, two)


# ── what is refused ──────────────────────────────────────────────────────────────────────
NO_LIST = "{0} is no list of moments; give those that are to be tried, as in {1}=range(0, 6)."
NO_RULE = (
    "No moment of leave= lies after one of enter=, so the grid holds no rule; give later ones."
)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"enter": 0}, NO_LIST.format("enter=0", "enter")),
        ({"leave": "open+1"}, NO_LIST.format("leave='open+1'", "leave")),
        ({"enter": [0, "close+0"]}, "enter holds the moment close+0 twice; give each once."),
        ({"enter": [5], "leave": [1, 5]}, NO_RULE),
        ({"enter": []}, NO_RULE),
    ],
)
def test_what_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(errors.OptionError) as caught:
        Rule().grid(*world(1), **options)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    "options", [{"draws": 0}, {"draws": 1.5}, {"rng": "x"}, {"enter": [0.5]}, {"leave": [None]}]
)
def test_other_options(options: dict[str, Any]) -> None:
    with pytest.raises(errors.OptionError):
        Rule().grid(*world(1), **options)


def test_nothing_left() -> None:
    events, panel = world(1)

    def nobody(known: Any) -> list[int]:
        return [0] * len(known.events)

    for rule, table in ((Rule(side=nobody), events), (Rule(), events.assign(ticker="NONE"))):
        with pytest.raises(errors.NothingLeft) as caught:
            rule.grid(table, panel, study=STUDY)
        assert str(caught.value) == (
            "None of the 105 rules trades any of the 36 events; run one of them alone to read why."
        )


def test_profits_that_do_not_vary() -> None:
    events, panel = world(1)
    flat = pd.DataFrame(0.0 * panel.returns.T, panel.sessions, panel.tickers)
    grid = Rule(costs=0).grid(events, es.Panel.from_returns(flat), enter=[0], leave=[1, 2], draws=9)
    assert grid.sentence() == (
        "The best of 2 rules makes no profit that varies: there is nothing to compare."
    )
    assert (grid.correction, np.isnan(grid.deflated)) == ("", True)


def test_defaults_are_a_hundred_and_five_rules() -> None:
    assert len(Choices().pairs) == 105
    grid = try_all(Rule(), *world(1, gap=3, dates=30), STUDY, Choices(draws=9))
    assert len(grid) == 105


# ── the picture ──────────────────────────────────────────────────────────────────────────
def test_picture() -> None:
    grid = Rule(costs=0).grid(*world(7, effect=0.02), enter=[0, 1], leave=[1, 2, 3], study=STUDY)
    ax = grid.plot(title="$x$ & <b>")
    assert len(ax.patches) == len(grid.survivors) > 0
    assert len(ax.texts) == 5
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["0", "1"]
    assert ax.get_title(loc="left") == r"\$x\$ & <b>"
    mpl.pyplot.close("all")


def test_picture_of_a_large_grid_has_no_values() -> None:
    index = pd.MultiIndex.from_product([range(30), range(30, 70)], names=["enter", "leave"])
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"mean_net": rng.normal(size=1200), "adjusted": 1.0}, index)
    ax = draw_grid(table)
    assert (len(ax.texts), len(ax.patches)) == (0, 0)
    ax.figure.canvas.draw()
    figure, (mine, _) = mpl.pyplot.subplots(1, 2)
    assert draw_grid(table, ax=mine, source="simulated") is mine
    assert (mine.get_xlabel().split("\n")[1], figure.get_supxlabel()) == ("simulated", "")
    mpl.pyplot.close("all")


def test_picture_of_nothing() -> None:
    index = pd.MultiIndex.from_tuples([(0, 1)], names=["enter", "leave"])
    table = pd.DataFrame({"mean_net": [np.nan], "adjusted": [np.nan]}, index)
    with pytest.raises(errors.OptionError):
        draw_grid(table)
