"""The page and the pictures of a backtest: what they say, for whom, and that they say it openly."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle
from matplotlib.text import Text

import eventstudy as es
from eventstudy.backtest.clusters import Clusters
from eventstudy.backtest.figures import values
from eventstudy.backtest.listing import (
    chance,
    figures_table,
    share,
    trades_table,
    years_table,
)
from eventstudy.backtest.outcome import Backtest
from eventstudy.backtest.rule import Rule
from eventstudy.backtest.terms import Costs, Limits
from eventstudy.backtest.wording import heading, page, sentences
from eventstudy.errors import OptionError
from eventstudy.report import draw_backtest, draw_drawdown, draw_equity, draw_trades
from eventstudy.report.equity_plot import EXTREME, NAMED
from eventstudy.report.lines import width_of

mpl.use("Agg")
T = 600
DAYS = pd.bdate_range("2024-01-02", periods=T)
NAMES = ["AAA", "BBB", "CCC"]
HOSTILE = "$x^2$<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    import matplotlib.pyplot as plt

    before = dict(mpl.rcParams)
    yield
    assert dict(mpl.rcParams) == before
    plt.close("all")


def run(
    rows: Any, *, drift: float = 0.0, source: str = "", names: list[str] = NAMES, **rule: Any
) -> Backtest:
    """Trade the first name on the sessions ``rows``; ``drift`` is added to its returns."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(0, 0.01, (T, len(names) + 1)), DAYS, [*names, "SPY"])
    frame[names[0]] += drift
    frame.attrs["source"] = source
    events = pd.DataFrame({"ticker": names[0], "date": DAYS[list(rows)], "session": "before_open"})
    return Rule(**rule).run(events, es.Panel.from_returns(frame, market="SPY"))


def spaced(n: int = 20, step: int = 14) -> range:
    return range(300, 300 + n * step, step)


# ── the verdict ──────────────────────────────────────────────────────────────────────────
def test_profits_beyond_luck() -> None:
    text = page(run(spaced(), drift=0.02)).lead
    assert text.startswith("Net of costs 20 trades earned ")
    assert "Luck alone rarely earns as much: the 95 % interval of the ratio, " in text
    assert "lies off zero, and the mean trade has p < 0.001 across 20 clusters of trades." in text


def test_losses_beyond_luck() -> None:
    text = page(run(spaced(), drift=-0.02)).lead
    assert text.startswith("Net of costs 20 trades lost ")
    assert "Luck alone rarely loses as much" in text


def test_profits_that_cannot_be_told_from_zero() -> None:
    text = page(run(spaced())).lead
    assert "This cannot be told from zero: the 95 % interval of the ratio, " in text
    assert "holds zero, and the mean trade has p = " in text


def test_figures_that_contradict_each_other_leave_it_open() -> None:
    f = values(*_of(run(spaced(), drift=0.02)))
    off, rare = {**f, "pvalue": 0.2}, {**f, "sharpe_low": -0.1}
    for made in (off, rare):
        assert "Whether this is more than luck is open: " in sentences(made)[1]
    assert "no p-value across" in sentences({**f, "pvalue": math.nan})[1]


@pytest.mark.parametrize("n", [1, 2, 5])
def test_too_few_clusters_get_no_verdict(n: int) -> None:
    found = run(spaced(n), drift=0.02)
    text = page(found).lead
    assert Clusters.of(found.book).limit in text
    assert f"in {'one cluster' if n == 1 else f'{n} clusters'} of overlapping holdings" in text
    assert "with fewer than 6 no verdict is possible" in text
    assert "Luck alone" not in text
    assert "open" not in text
    assert "told from zero" not in text


def test_a_short_record_is_not_spun_out_to_a_year() -> None:
    one, few, long = (page(run(spaced(n), drift=0.01)).lead for n in (1, 6, 12))
    assert "Sharpe" not in one
    assert one.startswith("Net of costs the trade earned ")
    assert "Sharpe" in few
    assert "a year" not in few
    assert "a year on the capital tied up: a Sharpe ratio of " in long


def test_without_any_holding_nothing_is_on_the_capital() -> None:
    found = run(spaced())
    idle = replace(found, book=replace(found.book, held=np.zeros_like(found.book.held)))
    f = values(*_of(idle))
    undefined = ("capital", "annual_return", "annual_volatility", "max_drawdown", "turnover")
    assert all(math.isnan(f[name]) for name in undefined)
    assert f["sharpe"] == pytest.approx(values(*_of(found))["sharpe"])
    assert "nan" not in idle.summary()
    idle.plot()[0].figure.canvas.draw()


def test_a_long_chain_says_what_its_sessions_tell() -> None:
    found = run(range(300, 360, 3), drift=0.01)
    assert len(Clusters.of(found.book)) == 1
    f = values(*_of(found))
    told = f"{f['sharpe_low']:.2f} to {f['sharpe_high']:.2f}."
    notes = [note for note in page(found).notes if "overlap in chains" in note]
    assert len(notes) == 1
    assert notes[0].endswith(told)


def test_profits_that_do_not_vary() -> None:
    f = values(*_of(run(spaced(1))))
    nothing = dict.fromkeys(("sharpe", "sharpe_se", "pvalue"), math.nan)
    said = sentences({**f, **nothing, "net": 0.0, "mean_net": 0.0}, "limit")
    earned, limit = said
    assert earned == (
        "Net of costs the trade earned 0.00 %; the profit does not vary, so there is no Sharpe "
        "ratio."
    )
    assert limit == "limit"


def test_rules_that_were_tried_are_in_the_verdict() -> None:
    found = run(spaced(), drift=0.003)
    alone, many = found.summary(), found.summary(tried=500)
    assert "This counts as the only rule that was tried." in alone
    assert "deflated" not in alone
    assert "only rule" not in many
    flat = " ".join(many.split())
    f = found.figures(tried=500)
    assert (
        f"Of 500 rules without any merit the best would show a ratio of {f['hurdle']:.2f} on "
        f"average; that this one is truly better than that has probability "
        f"{chance(f['deflated_sharpe'])} (deflated Sharpe ratio)."
    ) in flat
    assert "deflated Sharpe" in figures_table(values(*_of(found), tried=500)).index


# ── the head ─────────────────────────────────────────────────────────────────────────────
def test_the_head_says_what_was_asked() -> None:
    found = run(
        spaced(8),
        leave=3,
        side="short",
        weight="inverse_sigma",
        hedge=es.MarketModel(),
        costs=Costs(bps=5, half_spread=0.001, borrow=0.03, delisting=-0.3, hedge_bps=2),
        limits=Limits(per_name=0.5, gross=2, overlap="extend"),
        source="simulated prices (seed 1)",
    )
    facts = dict(page(found).facts)
    assert facts["Rule"] == (
        "short from the close of day 0 to the close of day 3, a notional of 0.01/σ"
    )
    assert facts["Hedge"] == "MarketModel (SPY), estimation [-250,-11]"
    assert facts["Costs"] == (
        "5 bps a side, 2 bps a side of the hedge, half the spread (0.10 %), 3.00 % a year for a "
        "short position and a return of -30 % where prices end"
    )
    assert facts["Limits"] == (
        "at most 0.5 a ticker; at most 2 in all; overlapping trades of a ticker: extend"
    )
    assert facts["Events"] == "8 traded, 0 not"
    assert facts["Sample"].startswith("1 ticker, 8 sessions of entry; 8 clusters of overlapping")
    assert facts["Record"].startswith(f"{DAYS[300]:%Y-%m-%d} to ")
    assert facts["Prices"] == "SIMULATED prices (seed 1)"


def test_a_plain_rule_says_little() -> None:
    facts = dict(page(run(spaced(8), enter="0", source="somebody")).facts)
    assert facts["Hedge"] == "none"
    assert facts["Costs"] == "10 bps a side"
    assert facts["Prices"] == "somebody"
    assert "Limits" not in facts
    assert "Prices" not in dict(page(run(spaced(8))).facts)


def test_sides_and_weights_of_the_user_are_named() -> None:
    def by_hand(known: Any) -> list[int]:
        return [1] * len(known.events)

    found = run(spaced(8), side=by_hand)
    assert dict(page(found).facts)["Rule"].startswith("side by by_hand from the close of day 0")
    asked = replace(found, rule=Rule(side="surprise", weight="size"))
    assert dict(page(asked).facts)["Rule"] == (
        "side by the sign of surprise from the close of day 0 to the close of day 5, a notional "
        "by size"
    )


# ── tables and notes ─────────────────────────────────────────────────────────────────────
def test_few_trades_are_all_listed_and_many_by_their_extremes() -> None:
    few, many = run(spaced(10)), run(spaced(20))
    title, table = trades_table(few.trades)
    assert (title, len(table)) == ("Trades, the best first", 10)
    assert table["net"].is_monotonic_decreasing
    title, table = trades_table(many.trades)
    assert (title, len(table)) == ("The 5 best and the 5 worst trades", 10)
    ranked = many.trades["net"].sort_values(ascending=False)
    assert table["net"].tolist() == [*ranked.head(5), *ranked.tail(5)]


def test_years_add_up_to_the_whole() -> None:
    found = run(spaced())
    table = years_table(found.daily, found.trades, 1.0)
    assert table.index.tolist() == ["2025", "2026"]
    assert table["net"].sum() == pytest.approx(found.daily["net"].sum(), abs=1e-14)
    assert table["sessions"].sum() == len(found.daily)
    assert table["trades"].sum() == len(found.trades)
    first = found.daily["net"].loc["2025"]
    assert table.loc["2025", "Sharpe"] == pytest.approx(math.sqrt(252) * first.mean() / first.std())
    assert "By year" not in run(spaced(2)).summary()
    half = years_table(found.daily, found.trades, 2.0)
    for column in ("net", "volatility", "drawdown"):
        np.testing.assert_allclose(half[column], table[column] / 2, rtol=1e-12)
    assert table.loc["2025", "volatility"] == pytest.approx(math.sqrt(252) * first.std())


def test_figures_are_written_as_numbers_and_words() -> None:
    found = run(spaced(), drift=0.003)
    f = values(*_of(found))
    table = figures_table(f)
    assert table["value"]["Sharpe ratio"] == f"{f['sharpe']:.2f}"
    assert table["value"]["turnover a year"] == f"{f['turnover']:.1f}"
    assert list(table.loc["holding"]) == ["5.0", "sessions"]
    assert "days to exit" not in table.index
    lone = figures_table(values(*_of(run(spaced(1)))))
    assert list(lone.loc["mean net a trade"])[1] == "one cluster has no error"
    shown = figures_table({**f, "exit_days_median": 0.5, "exit_days_worst": 2.0})
    assert list(shown.loc["days to exit"]) == [
        "0.50", "the median, 2.00 the worst: $1.00 million of capital at 10 % of the volume"
    ]  # fmt: skip
    never = figures_table({**f, "drawdown_peak": None, "best_three": math.nan})
    assert never.loc["largest drawdown", ""] == "the equity never fell below an earlier value"
    assert list(never.loc["three best trades"]) == ["–", "there is no net profit"]
    assert (chance(0.01), chance(0.0099), chance(0.99)) == ("1 %", "below 1 %", "99 %")
    assert (share(0.126), share(-0.0001, 2)) == ("13 %", "-0.01 %")


def test_notes_say_what_to_doubt() -> None:
    few = page(run(spaced(6)))
    assert any("is less than half a year" in note for note in few.notes)
    assert any("Profits are added, not compounded" in note for note in few.notes)
    found = run(spaced())
    size = np.where(found.book.net == found.book.net.max(), 60.0, 1.0)
    large = replace(found, book=replace(found.book, position=size))
    assert any(note.startswith("The three best trades made ") for note in page(large).notes)
    five = run(spaced(5), drift=0.02)  # of five trades three are always more than half
    assert five.figures()["best_three"] > 0.5
    assert not any(note.startswith("The three best trades") for note in page(five).notes)
    even = page(run(spaced(), drift=0.02)).notes
    assert not any(note.startswith("The three best trades") for note in even)


def test_a_position_too_large_to_leave_is_told() -> None:
    found = run(spaced())
    volume = np.full(found.panel.returns.shape, 1e5)
    panel = replace(found.panel, fields={"volume": volume, "close": 0 * volume + 10.0})
    text = " ".join(replace(found, panel=panel).summary(capital=5e5).split())
    assert "With $500,000.00 of capital some positions take more than a session" in text
    assert "days to exit 5.00 the median, 5.00 the worst" in text
    rows = found.book.row + found.book.start
    volume[:] = 1e7
    volume[:, rows[3] - 20 : rows[3]] = 1e5  # one of twenty
    text = " ".join(replace(found, panel=panel).summary(capital=5e5).split())
    assert "days to exit 0.05 the median, 5.00 the worst" in text
    assert "some positions take more than a session" in text


def test_what_was_not_traded_is_counted() -> None:
    found = run([40, *spaced(8)], hedge=es.MarketModel())
    text = found.summary()
    assert "8 traded, 1 not: 1 " in text
    assert "Not traded" in text


# ── form ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("names", [NAMES, [HOSTILE, "B"], ["LONG" * 30, "B"], ["矿工" * 12, "B"]])
def test_the_page_is_eighty_columns_wide(names: list[str]) -> None:
    found = run(spaced(), names=names, hedge=es.MarketModel())
    for text in (found.summary(), found.summary(tried=100), page(run(spaced(1))).text()):
        assert max(width_of(line) for line in text.splitlines()) <= 80


def test_hostile_names_stay_text() -> None:
    found = run(spaced(), names=[HOSTILE, "B"], source="<b>bold</b>")
    shown = found._repr_html_()
    assert "<script>" not in shown
    assert "<b>" not in shown
    assert html.escape(HOSTILE) in shown
    for axes in found.plot():
        axes.figure.canvas.draw()


def test_the_page_is_what_is_printed() -> None:
    found = run(spaced(7))
    assert found.summary() == str(found) == page(found).text()
    assert repr(found).startswith("<Backtest: 7 trades, the close of day 0 to ")


def test_the_heading_of_the_picture() -> None:
    assert heading(run(spaced(7))).startswith(
        "Long from the close of day 0 to the close of day 5, a notional of 1 each: 7 trades, "
        "Sharpe ratio "
    )
    still = still_book(run(spaced(7)))
    assert heading(still).endswith(": 7 trades, Sharpe ratio –")
    assert "the profit does not vary" in page(still).lead


# ── pictures ─────────────────────────────────────────────────────────────────────────────
def daily(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    gross, cost = rng.normal(0.001, 0.01, n), np.full(n, 0.0005)
    net, exposure = 1.1 * gross - cost, rng.integers(0, 3, n).astype(float)
    columns = {"gross": gross, "hedge": 0.1 * gross, "cost": cost, "net": net}
    columns["exposure"] = exposure
    return pd.DataFrame(columns, index=DAYS[:n])


def trades(n: int) -> pd.DataFrame:
    net = np.random.default_rng(9).normal(0, 0.05, n)
    return pd.DataFrame({"ticker": "AAA", "enter": DAYS[np.arange(n) % T], "net": net})


def texts(axes: Any) -> str:
    return "\n".join(text.get_text() for text in axes.figure.findobj(Text))


def test_the_equity_is_the_running_sum_on_the_capital() -> None:
    table = daily()
    ax = draw_equity(table, capital=2.0)
    lines = {str(line.get_label()): line for line in ax.lines}
    assert np.asarray(lines["net of costs"].get_ydata()) == pytest.approx(
        np.cumsum(table["net"]) / 2.0
    )
    assert np.asarray(lines["before costs"].get_ydata()) == pytest.approx(
        np.cumsum(table["gross"] + table["hedge"]) / 2.0
    )
    legend = ax.get_legend()
    assert legend is not None
    told = [text.get_text() for text in legend.get_texts()]
    assert told == ["net of costs", "before costs", "exposure"]


def test_the_drawdown_is_marked() -> None:
    table = daily()
    ax = draw_drawdown(table)
    equity = np.concatenate([[0.0], np.cumsum(table["net"])])
    worst = (equity - np.maximum.accumulate(equity)).min()
    assert np.asarray(ax.lines[0].get_ydata()).min() == pytest.approx(worst)
    assert ax.texts[0].get_text() == f"{100 * worst:.2f} %"
    rising = draw_drawdown(table.assign(net=0.01))
    assert not rising.texts


@pytest.mark.parametrize("n", [1, 2, NAMED])
def test_few_trades_are_named(n: int) -> None:
    table = trades(n)
    ax = draw_trades(table)
    ranked = table.sort_values("net")
    assert [bar.get_width() for bar in ax.patches if isinstance(bar, Rectangle)] == ranked[
        "net"
    ].tolist()
    names = [tick.get_text() for tick in ax.get_yticklabels()]
    assert names == [f"AAA {day:%Y-%m-%d}" for day in ranked["enter"]]
    won = (table["net"] > 0).sum()
    assert ax.get_xlabel() == f"net profit of {n} trade{'s' * (n > 1)}, {won} above zero"


@pytest.mark.parametrize("n", [NAMED + 1, 5000])
def test_of_many_trades_the_extremes_are_named(n: int) -> None:
    table = trades(n)
    ax = draw_trades(table)
    assert not ax.get_yticklabels()
    best, worst = (text.get_text().split("\n") for text in ax.texts)
    ranked = table.sort_values("net", ascending=False)
    assert best[0] == "best"
    assert worst[-1] == "worst"
    assert len(best) == len(worst) == EXTREME + 1
    assert best[1].endswith(f"{100 * ranked['net'].iloc[0]:+.1f} %")
    assert worst[-2].endswith(f"{100 * ranked['net'].iloc[-1]:+.1f} %")
    assert len(ax.patches) == 0
    assert not draw_trades(table.assign(net=0.0)).texts


def test_three_panels_title_and_source() -> None:
    made = draw_backtest(daily(), trades(12), title="A $5 rule", source="simulated prices $")
    assert len(made) == 3
    figure = made[0].figure
    figure.canvas.draw()
    assert figure.get_suptitle() == r"A \$5 rule"
    assert r"simulated prices \$" in texts(made[0])
    assert made[0].get_xlim() == made[1].get_xlim()
    alone = draw_backtest(daily(1), trades(1), capital=0.0)
    alone[0].figure.canvas.draw()


def test_panels_go_where_they_are_told() -> None:
    import matplotlib.pyplot as plt

    figure, (one, two, three) = plt.subplots(1, 3)
    assert draw_equity(daily(), ax=one, title="equity", source="somebody") is one
    assert draw_drawdown(daily(), ax=two) is two
    assert draw_trades(trades(3), ax=three) is three
    assert one.get_title(loc="left") == "equity"
    assert "somebody" in one.get_xlabel()
    assert len(plt.get_fignums()) == 1
    figure.canvas.draw()


@pytest.mark.parametrize(("draw", "table", "what"), [
    (draw_equity, daily(1)[:0], "sessions"),
    (draw_drawdown, daily(1)[:0], "sessions"),
    (draw_trades, trades(1)[:0], "trades"),
])  # fmt: skip
def test_nothing_is_not_drawn(draw: Any, table: pd.DataFrame, what: str) -> None:
    with pytest.raises(OptionError) as refused:
        draw(table)
    assert what in str(refused.value)


def still_book(found: Backtest) -> Backtest:
    """The same trades in a market that does not move, without costs."""
    book = found.book
    still = replace(book, asset=0 * book.asset, paid=0 * book.paid)
    return replace(found, book=still)


def _of(found: Backtest) -> tuple[Any, es.Panel]:
    return found.book, found.panel
