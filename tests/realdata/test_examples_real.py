"""The example scripts on real prices: their numbers are those of the plain loop."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import oracle
import oracle_long_run
import pandas as pd
import pytest
from example_scripts import (
    ARTICLES,
    BEFORE,
    CATALYSTS,
    LONG_RUN,
    NVIDIA,
    ONE_EVENT,
    PIVOTED,
    TRUST,
    functions,
    read_prices,
    run,
)
from example_scripts import panel_of as scripts_panel
from real_market import market
from scipy import stats

import eventstudy as es

mpl.use("Agg")
pytestmark = pytest.mark.realdata
DAY = (0, 0)
BOTH, SPY = oracle.Model((0, 1)), oracle.MARKET


@pytest.fixture(autouse=True)
def _no_figure_stays_open() -> Iterator[None]:
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


class Loop(NamedTuple):
    """Events, placed, and the loop's study of them; row i of ``events`` is its event i."""

    events: pd.DataFrame
    study: oracle.Study

    def part(self, keep: Any) -> oracle.Study:
        """The loop's study of some of the events: a truth value each."""
        pairs = zip(self.study.events, keep, strict=True)
        return oracle.Study(self.study.setup, [event for event, kept in pairs if kept])


def loop(file: Path, events: pd.DataFrame, model: oracle.Model) -> Loop:
    placed = market(file).place(events)
    placed = placed[~placed["again"]]
    study = market(file).study(placed, model)
    return Loop(placed.iloc[[event.number for event in study.events]], study)


def close(got: object, want: object) -> None:
    np.testing.assert_allclose(
        np.asarray(got, dtype=float), np.asarray(want, dtype=float), rtol=1e-10, atol=1e-12
    )


def interval(found: oracle.Answer) -> tuple[float, float, float]:
    """Both ends of the 95 % interval, and half its length: what could have been detected."""
    half = float(stats.t.isf(0.025, found.df)) * found.se
    return found.estimate - half, found.estimate + half, half


def adjusted_t(study: oracle.Study, window: oracle.Window) -> oracle.Answer:
    """The cross-sectional t with the factor of the adjusted BMP test."""
    plain, r = oracle.csect_t(study, window), oracle.mean_correlation(study, window)
    factor = math.sqrt((1 + (plain.n - 1) * r) / (1 - r))
    return replace(plain, se=plain.se * factor)


def one_line(text: str) -> str:
    return " ".join(text.split())


@cache
def panel_of(file: Path) -> es.Panel:
    return scripts_panel(file)


# ── 01: the articles ─────────────────────────────────────────────────────────────────────
def test_claims_and_the_bases_that_reproduce_them(real_prices: Path) -> None:
    opened = functions(ARTICLES)
    prices, closes = read_prices(real_prices), market(real_prices).closes
    verdicts = {}
    for question, (said, bases) in opened["CLAIMS"].items():
        table = opened["check"](prices, said, bases)
        for ticker, figure in said.items():
            changes = [
                closes[ticker]["2026-01-28"] / closes[ticker][base] - 1  # as a reader would
                for base in bases
            ]
            close(table.loc[ticker].iloc[1:-1], changes)
            # a figure is reproduced where rounding the change as printed gives it
            places = len(figure.partition(".")[2])
            hits = [f"{100 * change:.{places}f}" == figure for change in changes]
            told = table.loc[ticker, "verdict"]
            days = [f"{pd.Timestamp(base):%d %b}" for base in bases]
            named = [told.split(",")[0] == "reproduced", *(day in told for day in days[1:])]
            assert named == hits, (question, ticker)
            verdicts[question.split(",")[0], ticker] = told
    assert set(verdicts.values()) == {
        "reproduced",
        "only from 02 Jan",
        "reproduced, 27 Jan too",
        "reproduced, 29 Jan too",
        "not reproduced",
    }
    assert [key for key, told in verdicts.items() if told == "not reproduced"] == [
        ("One year", "HUT")
    ]


def test_the_day_after_the_reports(real_prices: Path) -> None:
    opened = functions(ARTICLES)
    table, result = opened["evening"](panel_of(real_prices))
    real = market(real_prices)
    events = es.catalysts.expand(es.catalysts.load(ids=opened["EVENING"]), es.universe.MINERS)
    both, spy = (loop(real_prices, events, model) for model in (BOTH, SPY))
    miners = both.events["ticker"].tolist()
    assert miners == result.events["ticker"].tolist()
    assert {real.sessions[e.day0] for e in both.study.events} == {pd.Timestamp("2026-01-29")}
    assert list(table.columns[:2]) == ["28 Jan", "29 Jan"]
    for column, study in (("beyond SPY + Bitcoin", both.study), ("beyond SPY", spy.study)):
        ar = [e.car(DAY) for e in study.events]
        close(table.loc[miners, column], ar)
        close(table.loc["average of the miners", column], oracle.mean(ar))
    for column, day in (("28 Jan", "2026-01-28"), ("29 Jan", "2026-01-29")):
        raw = real.returns.loc[day]
        close(table.loc[miners, column], raw[miners])
        close(table.loc[["SPY", "META", "MSFT"], column], raw[["SPY", "META", "MSFT"]])
        close(table.loc["Bitcoin", column], real.bitcoin[day])
        close(table.loc["average of the miners", column], raw[miners].mean())


def test_what_the_first_script_says(real_prices: Path, tmp_path: Path) -> None:
    text = one_line(run(ARTICLES, "--prices", str(real_prices), "--out", str(tmp_path)))
    assert "SIMULATED" not in text
    assert (
        "so its day 0 is 29 Jan, when IREN moved by -4.9 %, CIFR by -6.7 % and Bitcoin by -5.8 %."
        in text
    )
    assert "for IREN +4.9 % instead of -4.9 %." in text
    assert (tmp_path / "evening_2026-01-28.png").is_file()


# ── 02: the study ────────────────────────────────────────────────────────────────────────
class Catalysts(NamedTuple):
    """What the second script computes, and the loop's study of the same events."""

    opened: dict[str, Any]
    results: list[es.Result]
    loops: list[Loop]


@cache
def catalysts(file: Path) -> Catalysts:
    opened = functions(CATALYSTS)
    panel, events = panel_of(file), opened["miners_events"]()
    results = [
        opened["study"](*names).run(events, panel) for names in (("SPY", "Bitcoin"), ("SPY",))
    ]
    loops = [loop(file, events, model) for model in (BOTH, SPY)]
    assert [list(r.events.index) for r in results] == [list(found.events.index) for found in loops]
    return Catalysts(opened, results, loops)


def same_row(row: pd.Series, parts: list[oracle.Study], window: tuple[int, int]) -> None:
    """A row of the table: several dates, so the interval is across them."""
    both, spy = parts
    sizes = {len(group) for group in oracle.components(both.sample(window), window)}
    test = oracle.dates_csect if len(sizes) == 1 else oracle.dates_cluster
    across, adjusted = test(both, window), oracle.adj_bmp(both, window)
    enough = across.df + 1 >= 6  # few dates do not lead (D.25), and a few chains tell nothing
    days = sorted({event.day0 for event in both.sample(window)})
    chained = min(np.diff(days)) <= window[1] - window[0]
    low, high, _ = interval(adjusted_t(both, window) if chained and not enough else across)
    lead = across if enough else adjusted
    close(row["estimate"], oracle.mean([e.car(window) for e in both.sample(window)]))
    close([row["ci_low"], row["ci_high"], row["pvalue"]], [low, high, lead.pvalue])
    close([row["n"], row["n_eff"]], [len(both.sample(window)), oracle.n_eff(both, window)])
    close(row["n_dates"], len({e.day0 for e in both.sample(window)}))
    close(row["SPY only"], oracle.mean([e.car(window) for e in spy.sample(window)]))


@pytest.mark.parametrize("window", [(0, 0), (0, 1)])
def test_each_kind_of_news(real_prices: Path, window: tuple[int, int]) -> None:
    opened, results, loops = catalysts(real_prices)
    groups = [result.by("news") for result in results]
    table = opened["side_by_side"](*groups, es.Window(*window).label)
    assert list(table.index) == ["own deals", "hyperscalers", "capex plans", "Nvidia"]
    for kind, row in table.iterrows():
        parts = [found.part(found.events["news"] == kind) for found in loops]
        same_row(row, parts, window)


def test_own_deals_and_sector_news_are_all_there(real_prices: Path) -> None:
    _, results, loops = catalysts(real_prices)
    kept = loops[0].events
    assert len(kept) + len(results[0].dropped) == len(functions(CATALYSTS)["miners_events"]())
    assert kept["category"].value_counts().min() >= 40
    assert set(kept.loc[kept["category"] == "deal", "own_news"]) == {True}


def test_pivoted_against_pure_miners(real_prices: Path) -> None:
    opened, results, loops = catalysts(real_prices)
    table = opened["pivoted_against_pure"](
        *[result.where(result.events["category"] != "deal") for result in results]
    )
    first_deal = es.universe.table().set_index("ticker")["ai_since"]
    by_date = []
    others = [found.events["category"] != "deal" for found in loops]
    turned = [(found.events["ticker"].map(first_deal) < found.events["date"]) for found in loops]
    for kind, wanted in (("pivoted", True), ("pure", False)):
        parts = [
            found.part(other & (after == wanted))
            for found, other, after in zip(loops, others, turned, strict=True)
        ]
        same_row(table.loc[kind], parts, DAY)
        by_date.append([day_means(study) for study in parts])
    differences = [
        [pivoted[row] - pure[row] for row in sorted(pivoted.keys() & pure.keys())]
        for pivoted, pure in zip(*by_date, strict=True)
    ]
    found, (mean, se) = table.loc["difference"], mean_and_se(differences[0])
    df = len(differences[0]) - 1
    half = float(stats.t.isf(0.025, df)) * se
    close(found[["estimate", "ci_low", "ci_high"]], [mean, mean - half, mean + half])
    close(found["pvalue"], 2 * stats.t.sf(abs(mean / se), df))
    close([found["n_dates"], found["SPY only"]], [df + 1, mean_and_se(differences[1])[0]])


def day_means(study: oracle.Study) -> dict[int, float]:
    """Day 0 → mean abnormal return."""
    cars: dict[int, list[float]] = {}
    for event in study.sample(DAY):
        cars.setdefault(event.day0, []).append(event.car(DAY))
    return {day: oracle.mean(found) for day, found in cars.items()}


def mean_and_se(values: list[float]) -> tuple[float, float]:
    return oracle.mean(values), oracle.sd(values) / math.sqrt(len(values))


def test_what_the_second_script_says(real_prices: Path, tmp_path: Path) -> None:
    text = run(CATALYSTS, "--prices", str(real_prices), "--out", str(tmp_path))
    _, results, loops = catalysts(real_prices)
    assert f"\n{len(loops[0].events)} events kept, {len(results[0].dropped)} dropped\n" in text
    for reason, rows in results[0].dropped.groupby("reason"):
        count, tickers = text.split(f"\n{reason} ", 1)[1].split("\n", 1)[0].split(maxsplit=1)
        assert int(count) == len(rows)
        assert set(tickers.split(", ")) == set(rows["ticker"])
    assert "Limit: The news falls on 5 dates" in one_line(text)
    opened, events = functions(CATALYSTS), loops[0].events
    sessions = panel_of(real_prices)
    near = es.screen(events, against=opened["other_news"](), within=(-1, 1), sessions=sessions)
    spoilt = near[opened["SPOILT"]].any(axis=1)
    assert f"{spoilt.sum()} of {len(events)} events are left out here." in one_line(text)
    assert f"{near['confounded'].sum()} had other news" in one_line(text)
    clean = text.split("CAAR over [0,0] without confounded events", 1)[1].split("\n\n", 1)[0]
    for kind in ("own deals", "hyperscalers", "Nvidia"):
        part = loops[0].part(~spoilt & (events["news"] == kind))
        mean = oracle.mean([e.car(DAY) for e in part.events])
        cells = next(line for line in clean.splitlines() if line.startswith(kind))
        assert cells.removeprefix(kind).split()[0] == f"{100 * mean:+.1f}"
        assert f" {len(part.events)} " in cells
    assert len(list(tmp_path.glob("*.png"))) == 2


# ── 03: one evening ──────────────────────────────────────────────────────────────────────
@cache
def evening(file: Path) -> tuple[dict[str, Any], list[es.Result], list[Loop]]:
    opened = functions(NVIDIA)
    panel = panel_of(file)
    events = es.catalysts.expand(es.catalysts.load(ids=opened["EVENING"]), es.universe.MINERS)
    results = [
        opened["study"](*names).run(events, panel) for names in (("SPY", "Bitcoin"), ("SPY",))
    ]
    return opened, results, [loop(file, events, model) for model in (BOTH, SPY)]


def test_average_of_the_evening(real_prices: Path) -> None:
    opened, results, loops = evening(real_prices)
    table = opened["averages"](*results)
    sessions = market(real_prices).sessions
    assert {sessions[e.day0] for e in loops[0].study.events} == {pd.Timestamp("2026-02-26")}
    flagged = {"CIFR", "HUT", "MARA", "WULF"}  # they reported from 24 to 26 February
    parts = {
        "all": [found.study for found in loops],
        "not flagged": [f.part(~f.events["ticker"].isin(flagged)) for f in loops],
    }
    assert list(table.index) == list(parts)
    for name, (both, spy) in parts.items():
        row, portfolio = table.loc[name], oracle.portfolio_t(both, DAY)
        low, high, detectable = interval(portfolio)
        close(row["estimate"], oracle.mean([e.car(DAY) for e in both.events]))
        close(row[["ci_low", "ci_high", "detectable"]], [low, high, detectable])
        close(row["pvalue"], oracle.adj_bmp(both, DAY).pvalue)
        close(row[["n", "n_eff"]], [len(both.events), oracle.n_eff(both, DAY)])
        close(row["SPY only"], oracle.mean([e.car(DAY) for e in spy.events]))
    # thirteen miners are worth two: only a move of seven or eight percent could be seen
    assert 1.5 < table.loc["all", "n_eff"] < 3
    assert 0.06 < table.loc["all", "detectable"] < 0.09


def test_each_miner_of_the_evening(real_prices: Path) -> None:
    opened, results, (both, spy) = evening(real_prices)
    table = opened["each"](*results)
    assert len(table) == 13
    assert table["estimate"].is_monotonic_decreasing
    for event, other, ticker in zip(
        both.study.events, spy.study.events, both.events["ticker"], strict=True
    ):
        found = oracle.single_t(event, DAY)
        close(table.loc[ticker, "estimate"], event.car(DAY))
        close(table.loc[ticker, ["ci_low", "ci_high"]], interval(found)[:2])
        close(table.loc[ticker, "SPY only"], other.car(DAY))
    reported = table.index[table["flagged"].str.contains("own earnings")]
    assert set(reported) == {"CIFR", "HUT", "MARA", "WULF"}


def test_what_the_third_script_says(real_prices: Path, tmp_path: Path) -> None:
    text = one_line(run(NVIDIA, "--prices", str(real_prices), "--out", str(tmp_path)))
    _, _, (both, _) = evening(real_prices)
    low, high, detectable = (100 * x for x in interval(oracle.portfolio_t(both.study, DAY)))
    mean = 100 * oracle.mean([e.car(DAY) for e in both.study.events])
    assert f"the 13 firms moved by {mean:+.1f} % on average" in text
    assert f"(95 % interval {low:+.1f} % to {high:+.1f} %, portfolio t)" in text
    assert f"gives p = {oracle.adj_bmp(both.study, DAY).pvalue:.2f}, and only" in text
    assert f"only a move beyond ±{detectable:.1f} % could have been told from chance" in text
    assert "day 0 is 2026-02-26" in text
    assert (tmp_path / "nvidia_2026-02-25.png").is_file()


# ── 11: pivoted against pure ─────────────────────────────────────────────────────────────
@cache
def news_of_others(file: Path) -> tuple[dict[str, Any], list[es.Result], list[Loop]]:
    opened = functions(PIVOTED)
    panel, events = panel_of(file), opened["news_of_others"]()
    results = [
        opened["study"](*names).run(events, panel) for names in (("SPY", "Bitcoin"), ("SPY",))
    ]
    return opened, results, [loop(file, events, model) for model in (BOTH, SPY)]


def chains(rows: list[int], length: int) -> list[int]:
    """The chain of overlapping windows that each day 0 belongs to."""
    days = sorted(set(rows))
    chain = {days[0]: 0}
    for before, day in itertools.pairwise(days):
        chain[day] = chain[before] + (day - before >= length)
    return [chain[row] for row in rows]


@pytest.mark.parametrize("window", [(0, 0), (0, 1), (-1, 1)])
def test_differences_of_the_same_dates(real_prices: Path, window: tuple[int, int]) -> None:
    opened, results, loops = news_of_others(real_prices)
    row = opened["differences"](*results).loc[es.Window(*window).label]
    first_deal = es.universe.table().set_index("ticker")["ai_since"]
    found = []
    for events, study in loops:
        turned = (events["ticker"].map(first_deal) < events["date"]).tolist()
        cars = [event.car(window) for event in study.events]
        dates = chains([event.day0 for event in study.events], window[1] - window[0] + 1)
        found.append(oracle.paired_by_date(cars, turned, dates))
    gap, se, d = found[0]
    half = float(stats.t.isf(0.025, d - 1)) * se
    close(row[["estimate", "ci_low", "ci_high"]], [gap, gap - half, gap + half])
    close(row["pvalue"], 2 * stats.t.sf(abs(gap / se), d - 1))
    close(row["SPY only"], found[1][0])
    assert d >= 20


def test_regressions_on_shared_days(real_prices: Path) -> None:
    _, (both, _), (found, _) = news_of_others(real_prices)
    events, study = found
    y = np.array([event.car(DAY) for event in study.events])
    Z = np.column_stack([
        np.ones(len(y)), events["news"] == "capex plans", events["news"] == "hyperscalers",
        events["pivoted"],
    ]).astype(float)  # fmt: skip
    dates = [event.day0 for event in study.events]
    covariances = {
        "HC3": oracle.hc_covariance(Z, y, "HC3"),
        "date": oracle.cr1_covariance(Z, y, dates),
    }
    for se, covariance in covariances.items():
        table = both.explain("pivoted + C(news)", DAY, se=se).table
        close(table["coef"], oracle.weighted_fit(Z, y)[0])
        close(table["se"], np.sqrt(np.diag(covariance)))


def test_what_the_script_on_pivots_says(real_prices: Path, tmp_path: Path) -> None:
    text = run(PIVOTED, "--prices", str(real_prices), "--out", str(tmp_path))
    _, (both, _), _ = news_of_others(real_prices)
    told = both.compare(both.events["pivoted"].astype(bool), DAY).iloc[0]
    assert f"[0,0] {100 * told['estimate']:+.1f} % {100 * told['ci_low']:+.1f} %" in one_line(text)
    assert one_line(told["note"]) in one_line(text)
    # the miners' shared days: a regression that ignores them finds what is not there
    tables = [both.explain("pivoted + C(news)", DAY, se=se).table for se in ("HC3", "date")]
    naive, honest = (table["pvalue"].to_numpy()[-1] for table in tables)
    assert naive < 0.001
    assert honest > 0.01
    assert told["pvalue"] > 0.1
    assert (tmp_path / "pivoted_and_pure.png").is_file()


# ── 04: one firm, one event ──────────────────────────────────────────────────────────────
def test_one_deal_by_the_plain_loop(real_prices: Path) -> None:
    opened, panel = functions(ONE_EVENT), panel_of(real_prices)
    deals, real = opened["deals"](), market(real_prices)
    found = loop(real_prices, deals, BOTH)
    result = opened["study"]("SPY", "Bitcoin").run(deals, panel)
    assert found.events.index.tolist() == result.events.index.tolist()
    own = found.part(found.events["ticker"] == "IREN").events
    table = opened["each"](result)
    assert table.index.tolist() == [f"{real.sessions[event.day0]:%Y-%m-%d}" for event in own]
    for (_, row), event in zip(table.iterrows(), own, strict=True):
        t = oracle.single_t(event, DAY)
        low, high, smallest = interval(t)
        close(row[["estimate", "smallest", "p of t"]], [event.car(DAY), smallest, t.pvalue])
        close(row["p"], oracle.sq(oracle.Study(found.study.setup, [event]), DAY).pvalue)
        if row.name == "2025-11-03":  # the event in dollars, from the close before it
            one = result.single(
                opened["EVENT"],
                price=opened["close_before"](read_prices(real_prices), result),
                shares=opened["SHARES"],
            )
            before = real.closes["IREN"].dropna().loc[:"2025-10-31"].iloc[-1]
            close(
                [one.share.estimate, *one.share.ci], before * np.array([event.car(DAY), low, high])
            )
            close(one.cap.estimate, 270e6 * before * event.car(DAY))
    order = np.argsort(table["p of t"].to_numpy())
    steps = table["p of t"].to_numpy()[order] * np.arange(len(own), 0, -1)
    close(table["Holm"].to_numpy()[order], np.minimum(np.maximum.accumulate(steps), 1))


def test_what_the_fourth_script_says(real_prices: Path, tmp_path: Path) -> None:
    text = one_line(run(ONE_EVENT, "--prices", str(real_prices), "--out", str(tmp_path)))
    found = loop(real_prices, functions(ONE_EVENT)["deals"](), BOTH)
    cars = np.array([event.car(DAY) for event in found.study.events])
    single = [oracle.Study(found.study.setup, [event]) for event in found.study.events]
    significant = np.array([oracle.sq(one, DAY).pvalue <= 0.05 for one in single])
    assert f"Of {len(cars)} deals of all miners {significant.sum()} are significant" in text
    assert f"moved by {100 * cars.mean():+.1f} % on average" in text
    assert f"the significant ones by {100 * cars[significant].mean():+.1f} %" in text
    assert "Of 7 days with news of IREN 4 (57.1 %) had an abnormal return significant" in text
    assert (tmp_path / "iren_2025-11-03.png").is_file()


# ── 10: size, power, specifications ──────────────────────────────────────────────────────
def test_deals_by_every_choice(real_prices: Path) -> None:
    opened, panel = functions(TRUST), panel_of(real_prices)
    events = opened["deals"]()
    curve = opened["choices"](panel).run(events, panel, draws=0)
    assert len(curve.table) == 24
    found = curve.table.set_index(["model", "estimation", "window", "exclude_other_events"])
    real = market(real_prices)
    placed = real.place(events)
    placed = placed[~placed["again"]]
    data = oracle.Data(
        real.returns.to_numpy().T, np.column_stack([real.returns["SPY"], real.bitcoin])
    )
    firms = real.returns.columns.get_indexer(pd.Index(placed["ticker"])).tolist()
    names = {"MarketModel (SPY)": (0,), "FactorModel (SPY, Bitcoin)": (0, 1)}
    for (name, columns), first in itertools.product(names.items(), (-250, -130)):
        setup = oracle.Setup(oracle.Model(columns), (first, -11), (-5, 5))
        study = oracle.run(data, firms, placed["row"].tolist(), setup)
        for window in (DAY, (0, 1)):
            row = found.loc[name, f"[{first},-11]", es.Window(*window).label, "False"]
            close(row["estimate"], oracle.mean([e.car(window) for e in study.sample(window)]))
    assert curve.agreement["significant_positive"] == 24


def test_what_the_script_on_trust_says(real_prices: Path, tmp_path: Path) -> None:
    text = run(TRUST, "--prices", str(real_prices), "--out", str(tmp_path))
    table = text.split("of 5 % promised\n", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    rates = {line.split()[0]: re.findall(r"([\d.]+) %", line) for line in table}
    for test, (deals, reports) in rates.items():
        independent = test in ("csect_t", "bmp", "patell")
        assert 2 < float(deals) < 10  # nearly each deal has a date of its own
        assert (float(reports) > 30) == independent
        assert 2 < float(reports) < 8 or independent
    said = one_line(text)
    assert "Deals. 24 specifications" in said
    assert "24 are positive (24 significantly at 5 %), 0 negative" in said
    assert "Reports. 24 specifications" in said
    assert len(list(tmp_path.glob("*.png"))) == 4


# ── 13: before and after ─────────────────────────────────────────────────────────────────
def test_what_was_asked_for_before_nvidia(real_prices: Path) -> None:
    """Before the event its factors are taken at the mean of the days since the estimation began."""
    opened, panel = functions(BEFORE), panel_of(real_prices)
    reports = opened["nvidia_reports"]()
    both = opened["study"]("SPY", "Bitcoin")
    ahead = both.preview(reports, panel.until(opened["EVENING"]))
    _, (result, _), (loops, _) = evening(real_prices)
    table = opened["against"](ahead, result)
    real = market(real_prices)
    factors = np.column_stack([real.returns["SPY"], real.bitcoin])
    row = loops.study.events[0].day0
    x = np.append(1.0, factors[row - 250 : row].mean(axis=0))
    for event, ticker in zip(loops.study.events, loops.events["ticker"], strict=True):
        sizes = sorted(abs(e) for e in event.residuals if math.isfinite(e))
        most = math.floor(0.05 * (len(sizes) + 1)) - 1  # how many may lie as far out
        found = ahead.tickers.set_index("ticker").loc[ticker]
        close(found["move"], sizes[-most - 1])  # beyond it only that many do
        half = float(stats.t.isf(0.025, event.dof)) * event.sigma
        close(found["move_t"], half * math.sqrt(1 + x @ event.xtx_inverse @ x))
        one = oracle.Study(loops.study.setup, [event])
        close(table.loc[ticker, ["seen", "pvalue"]], [event.car(DAY), oracle.sq(one, DAY).pvalue])
    firms = oracle.balanced(loops.study, DAY)
    assert firms is not None
    a, q = firms.E.mean(axis=1), 1 + x @ firms.members[0].xtx_inverse @ x
    se = math.sqrt(float(a @ a) / firms.dof * q)
    close(ahead.groups["move"], [float(stats.t.isf(0.025, firms.dof)) * se])
    close(table.loc["average", "seen"], oracle.mean([e.car(DAY) for e in loops.study.events]))


def test_bitcoin_takes_the_fall_of_29_january_away(real_prices: Path) -> None:
    opened, panel = functions(BEFORE), panel_of(real_prices)
    curve = opened["choices"](panel, [DAY]).run(opened["january"](), panel, draws=0)
    assert len(curve.table) == 9
    real = market(real_prices)
    placed = real.place(opened["january"]())
    placed = placed[~placed["again"]]
    returns = real.returns.to_numpy().T
    data = oracle.Data(
        returns, np.column_stack([real.returns["SPY"], real.bitcoin, real.returns["SMH"]])
    )
    firms = real.returns.columns.get_indexer(pd.Index(placed["ticker"])).tolist()
    found = curve.table.set_index(["model", "estimation"])
    names = {
        "MarketModel (SPY)": (0,),
        "FactorModel (SPY, Bitcoin)": (0, 1),
        "FactorModel (SPY, Bitcoin, SMH)": (0, 1, 2),
    }
    for name, columns in names.items():
        for first in (-250, -130, -70):
            setup = oracle.Setup(oracle.Model(columns), (first, -11), (-5, 5))
            study = oracle.run(data, firms, placed["row"].tolist(), setup)
            row, lead = found.loc[name, f"[{first},-11]"], oracle.adj_bmp(study, DAY)
            close(row["estimate"], oracle.mean([e.car(DAY) for e in study.events]))
            close(row["pvalue"], lead.pvalue)
    medians = opened["by_model"](curve)["[0,0]"]
    assert medians["MarketModel (SPY)"] < -0.045
    assert abs(medians["FactorModel (SPY, Bitcoin)"]) < 0.01
    assert abs(medians["FactorModel (SPY, Bitcoin, SMH)"]) < 0.01
    assert curve.agreement["significant_negative"] == 3  # the market alone, and only that


def test_what_the_script_before_and_after_says(real_prices: Path, tmp_path: Path) -> None:
    text = one_line(run(BEFORE, "--prices", str(real_prices), "--out", str(tmp_path)))
    assert "SIMULATED" not in text
    assert "Bitcoin moved by -5.8 % that day; the median estimate is -4.8 % by Market" in text
    assert "0 of 8 earlier dates moved the group that far" in text
    assert len(list(tmp_path.glob("*.png"))) == 4


# ── 06: a year after the deal ────────────────────────────────────────────────────────────────
def own_deals(file: Path) -> pd.DataFrame:
    """The miners' own deals with the row of day 0; of two with one day 0 the first."""
    table = es.catalysts.load(category="deal")
    placed = market(file).place(table[table["ticker"].isin(es.universe.MINERS)])
    return placed[~placed["again"]]


def year_case(file: Path) -> oracle_long_run.Case:
    """Returns of the miners, SPY and Bitcoin as lists, None where there is none."""
    real = market(file)
    series = real.returns[[*es.universe.MINERS, "SPY"]].assign(Bitcoin=real.bitcoin)
    known = series.astype(object).where(series.notna(), None)
    columns = {str(name): known[name].tolist() for name in known}
    return oracle_long_run.Case(columns, 1, 250, truncate_data=True)


def before(file: Path, row: int) -> dict[str, dict[str, float]]:
    """Miner → volatility and mean return of the 120 sessions before a day, with 60 at least."""
    past = market(file).returns[list(es.universe.MINERS)].iloc[:row]
    found = {}
    for name, series in past.items():
        last = series.iloc[-120:].dropna()
        if len(last) >= 60:
            found[str(name)] = {"volatility": float(last.std()), "past": float(last.mean())}
    return found


def year_after(file: Path, against: str) -> list[tuple[str, float, float, float]]:
    """Event by event: id, return of the firm, of what it is compared with, and days held."""
    case, events, found = year_case(file), own_deals(file), []
    known = [(str(e["ticker"]), int(e["row"])) for _, e in events.iterrows()]
    exclude = {"none so far": "earlier", "none for a year": "overlapping"}.get(against)
    miners = replace(case, returns={name: case.returns[name] for name in es.universe.MINERS})
    for name, (ticker, row) in zip(events.index, known, strict=True):
        if exclude is None:
            path = oracle_long_run.market_path(case, against, row)
        else:
            values = before(file, row)
            free = oracle_long_run.others(miners, known, row, exclude, ticker)
            some = {other: values[other] for other in free if other in values}
            if not some:
                continue
            every = oracle_long_run.others(miners, known, row, exclude, "")
            there = [values[x] for x in every if x in values]
            spread = {
                column: float(np.std([x[column] for x in there], ddof=1)) if len(there) > 1 else 1.0
                for column in ("volatility", "past")
            }
            ranked = oracle_long_run.nearest_firms(
                values[ticker], some, {}, ("volatility", "past"), spread
            )
            path, _ = oracle_long_run.control_path(miners, ranked, row, 3)
        own, other, days = oracle_long_run.held(case, ticker, row, path)
        found.append((str(name), own, other, days))
    return found


@pytest.mark.parametrize("against", ["SPY", "Bitcoin", "none so far", "none for a year"])
def test_a_year_after_the_deal(real_prices: Path, against: str) -> None:
    opened, panel = functions(LONG_RUN), panel_of(real_prices)
    run = opened["hold"](opened["benchmarks"](panel)[against]).run(own_deals(real_prices), panel)
    loop = year_after(real_prices, against)
    table = run.table
    assert table.index.tolist() == [name for name, *_ in loop]
    close(table[["bhr", "benchmark", "days"]], [numbers for _, *numbers in loop])
    shown = opened["table"]({against: run}).loc[against]
    firms = oracle.mean([own for _, own, _, _ in loop])
    benchmarks = oracle.mean([other for _, _, other, _ in loop])
    gaps = [own - other for _, own, other, _ in loop]
    close(shown[["firms", "benchmark", "BHAR"]], [firms, benchmarks, firms - benchmarks])
    close(shown["median"], np.median(gaps))
    assert shown["wealth"] == f"{(1 + firms) / (1 + benchmarks):.2f}"


def test_what_the_sixth_script_says(real_prices: Path, tmp_path: Path) -> None:
    text = one_line(run(LONG_RUN, "--prices", str(real_prices), "--out", str(tmp_path)))
    loop = year_after(real_prices, "SPY")
    gaps = [own - other for _, own, other, _ in loop]
    over = sum(days == 250 for *_, days in loop)
    assert f"earned {100 * oracle.mean(gaps):+.1f} % beyond SPY on average (median " in text
    assert f"{over} of {len(loop)} holdings are over, all in one period of one sector" in text
    # a test that takes the deals as independent finds what calendar time does not
    assert "p = 0.004 (holdings share days: it takes the events as independent" in text
    assert "p = 0.13 (daily) and 0.85 (monthly): luck could have made it." in text
    assert len(list(tmp_path.glob("*.png"))) == 2
