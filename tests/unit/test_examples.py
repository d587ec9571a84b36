"""The example scripts on the simulated sample: what they print and the pictures they write."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from functools import cache
from importlib import import_module
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from example_scripts import (
    ARTICLES,
    BEFORE,
    CATALYSTS,
    EVERY,
    EXAMPLES,
    LARGE,
    LONG_RUN,
    NVIDIA,
    ONE_EVENT,
    OVERNIGHT,
    OWN,
    PIVOTED,
    PRICED,
    SCRIPTS,
    TRADED,
    TRUST,
    functions,
    panel_of,
    read_prices,
    rules_table,
    run,
)
from scipy.stats import binomtest, t, ttest_1samp

import eventstudy as es
from eventstudy.errors import OptionError

mpl.use("Agg")
PICTURES = {
    ARTICLES: ["evening_2026-01-28.png"],
    CATALYSTS: ["caar_by_category.png", "caar_pivoted_and_pure.png"],
    NVIDIA: ["nvidia_2026-02-25.png"],
    ONE_EVENT: ["iren_2025-11-03.png"],
    TRADED: ["deals_traded.png", "deals_traded_grid.png", "deals_traded_placebo.png"],
    LONG_RUN: ["bought_and_held.png", "calendar_time.png"],
    OVERNIGHT: ["night_and_day.png", "volume.png"],
    OWN: ["own_model.png"],
    LARGE: ["news_by_kind.png"],
    TRUST: [
        "choices_deals.png",
        "choices_reports.png",
        "size_and_power_deals.png",
        "size_and_power_reports.png",
    ],
    PIVOTED: ["pivoted_and_pure.png"],
    BEFORE: [
        "before_2026-02-26.png",
        "calibration_2026-02-26.png",
        "choices_2026-01-29.png",
        "choices_2026-02-26.png",
    ],
}
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(autouse=True)
def _no_figure_stays_open() -> Iterator[None]:
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("examples")


@cache
def printed(name: str, folder: Path) -> str:
    """What a script prints on the sample; each runs once."""
    return run(name, "--out", str(folder / name))


def one_line(text: str) -> str:
    return " ".join(text.split())


def restructured(text: str) -> Element:
    """Parse reStructuredText, where a warning is an error."""
    strict = {"report_level": 2, "halt_level": 2, "warning_stream": False}
    core: Any = import_module("docutils.core")  # which has no types
    return fromstring(core.publish_string(text, writer="xml", settings_overrides=strict))  # noqa: S314  (our own text)


def cells(text: str, title: str) -> dict[str, list[str]]:
    """First word of each row of a printed table → its percentages."""
    lines = text.split(f"\n{title}\n", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return {
        line.split("  ")[0]: [w.strip() for w in line.split("  ")[1:] if "%" in w] for line in lines
    }


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_prints_eighty_columns_and_says_simulated(name: str, folder: Path) -> None:
    text = printed(name, folder)
    assert "SIMULATED PRICES. No number below comes from a market" in one_line(text)
    assert "nan" not in text.lower().split()
    # the path of a picture is as long as its folder
    lines = [line for line in text.splitlines() if not line.startswith(("Picture: ", "Report: "))]
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_writes_its_pictures(name: str, folder: Path) -> None:
    text = printed(name, folder)
    reports = ["report.html"] if name == CATALYSTS else []
    assert sorted(p.name for p in (folder / name).iterdir()) == PICTURES[name] + reports
    for picture in PICTURES[name]:
        assert (folder / name / picture).read_bytes().startswith(PNG)
        assert (folder / name / picture).stat().st_size > 20_000
        assert f"\nPicture: {folder / name / picture}\n" in text


@pytest.mark.parametrize("name", [CATALYSTS, NVIDIA, ONE_EVENT])
def test_script_writes_nothing_into_no_folder(name: str, folder: Path, tmp_path: Path) -> None:
    """As its gallery page is made: the same numbers, the pictures open, no file."""
    import matplotlib.pyplot as plt

    lines = printed(name, folder).splitlines()
    written = [line for line in lines if line and not line.startswith(("Picture: ", "Report: "))]
    plt.close("all")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        shown = run(name, "--out", "-").splitlines()
    assert [line for line in shown if line] == written
    assert len(plt.get_fignums()) == len(PICTURES[name])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", EVERY)
def test_script_stays_short(name: str) -> None:
    assert len((EXAMPLES / f"{name}.py").read_text(encoding="utf-8").splitlines()) <= 120


@pytest.mark.parametrize("name", EVERY)
def test_script_is_a_gallery_page(name: str) -> None:
    """A title, prose and the command in valid reStructuredText; text cells; the last one runs."""
    text = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
    page = ast.get_docstring(ast.parse(text))
    assert page is not None
    found = restructured(page)
    assert [node.text for node in found.iter("title")] == [page.splitlines()[0]]
    commands = [str(node.text) for node in found.iter("literal_block")]
    assert all(f"python examples/{name}.py" in command for command in commands)
    cells = re.findall(r"^# %%\n((?:#.*\n)+)", text, re.MULTILINE)
    assert len(cells) == text.count("# %%") >= 1
    for cell in cells:
        restructured(re.sub("^# ?", "", cell, flags=re.MULTILINE))
    assert text.endswith('\nif __name__ == "__main__":\n    main()\n')


def test_readme_lists_every_script_in_order() -> None:
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    scripts = sorted(path.name for path in EXAMPLES.glob("[0-9]*.py"))
    assert re.findall(r"^\| `(\w+\.py)` \|", text, re.MULTILINE) == scripts
    numbers = [name[:2] for name in scripts]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("name", PRICED)
def test_a_file_that_is_missing_is_said_in_one_sentence(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(name, "--prices", "nowhere.csv")
    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith("error: there is no file nowhere.csv\n")
    with pytest.raises(SystemExit):
        run(name, "--prices", str(EXAMPLES))
    said = " ".join(capsys.readouterr().err.split())
    assert f"error: {EXAMPLES} is a folder; give the file in it that holds " in said


# ── prices of one's own ──────────────────────────────────────────────────────────────────
def numbers(text: str) -> str:
    """All but the line about the prices and the paths of the pictures."""
    return text[text.index("CAAR over") : text.index("Picture:")]


@pytest.mark.parametrize("beside", [False, True])
def test_a_file_gives_what_its_prices_give(beside: bool, folder: Path, tmp_path: Path) -> None:
    """Bitcoin as a column, or on all seven days in the file beside: the sample's numbers."""
    prices = es.loaders.sample(es.loaders.sample.tickers, "2022-12-01", "2026-06-30")
    file = tmp_path / "mine.csv"
    if beside:
        bitcoin = prices[["BTC-USD"]].melt(
            var_name="ticker", value_name="close", ignore_index=False
        )
        bitcoin.to_csv(tmp_path / "btc_gspc_close.csv.gz")
        prices = prices.drop(columns="BTC-USD").dropna(how="all")
    prices.to_csv(file)
    text = run(CATALYSTS, "--prices", str(file), "--out", str(tmp_path))
    assert "Prices: mine.csv" in text
    assert "SIMULATED" not in text
    assert numbers(text) == numbers(printed(CATALYSTS, folder))


# ── the answers ────────────────────────────────────────────────────────────────────
def test_articles_cannot_be_checked_with_simulated_prices(folder: Path) -> None:
    text = printed(ARTICLES, folder)
    assert "cannot check the articles: the tables only show how it is done" in one_line(text)
    assert "so its day 0 is 29 Jan" in one_line(text)
    moves = cells(text, "The news of that evening")
    # day 0, and the day before it that a study dated 28 January would have credited
    assert f"for IREN {moves['IREN'][0]} instead of {moves['IREN'][1]}" in one_line(text)
    assert list(moves)[-3:] == ["average of the miners", "SPY", "Bitcoin"]
    assert set(list(moves)[:-3]) == set(es.universe.MINERS)


@pytest.mark.parametrize(
    ("figure", "found", "said"),
    [
        ("4.9", [0.0494], "reproduced"),
        ("4.9", [0.0496], "not reproduced"),
        ("47", [0.666, 0.474], "only from 02 Jan"),
        ("47", [0.474, 0.666], "reproduced"),
        ("524", [5.244, 5.238], "reproduced, 02 Jan too"),
        ("524", [5.246, 5.234], "not reproduced"),
        ("230", [2.2942, 2.27], "not reproduced"),
    ],
)
def test_verdict(figure: str, found: list[float], said: str) -> None:
    changes = pd.Series(found, index=["31 Dec", "02 Jan"][: len(found)])
    assert functions(ARTICLES)["verdict"](figure, changes) == said


def test_check_counts_from_each_base() -> None:
    days = pd.DatetimeIndex(["2025-12-31", "2026-01-02", "2026-01-28"])
    prices = pd.DataFrame({"AAA": [10.0, 12.5, 15.0]}, days)
    found = functions(ARTICLES)["check"](prices, {"AAA": "20"}, ["2025-12-31", "2026-01-02"])
    assert found.loc["AAA", ["31 Dec", "02 Jan"]].tolist() == pytest.approx([0.5, 0.2])
    assert found.loc["AAA", ["said", "verdict"]].tolist() == ["+20 %", "only from 02 Jan"]


def test_catalysts_writes_the_report(folder: Path) -> None:
    text, path = printed(CATALYSTS, folder), folder / CATALYSTS / "report.html"
    assert text.endswith(f"\nReport: {path}\n")
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert len(page) < 8_000_000
    for kind in ("own deals", "hyperscalers", "capex plans", "Nvidia"):
        assert kind in page


def test_catalysts_without_plotly_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "plotly"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "plotly", None)
    script = functions(NVIDIA)
    events = es.catalysts.expand(es.catalysts.load(ids=script["EVENING"]), es.universe.MINERS)
    result = script["study"]("SPY").run(events, panel_of())
    with redirect_stdout(StringIO()) as text:
        functions("common")["report"](result, tmp_path / "report.html", (0, 0))
    assert "pip install" in text.getvalue()
    assert not (tmp_path / "report.html").exists()


def test_catalysts_tells_every_kind_with_its_limit(folder: Path) -> None:
    text = printed(CATALYSTS, folder)
    kinds = ["own deals", "hyperscalers", "capex plans", "Nvidia"]
    for window in ("[0,0]", "[0,+1]"):
        table = cells(text, f"CAAR over {window}, by kind of news")
        assert list(table) == kinds
        assert {len(row) for row in table.values()} == {4}  # estimate, interval, SPY only
    for kind in kinds:
        assert f"\n{kind[0].upper()}{kind[1:]}. On the event day (day 0) the 1" in text
    assert "Limit: The news falls on 5 dates" in text
    assert list(cells(text, "News of others over [0,0], by kind of miner")) == [
        "pivoted",
        "pure",
        "difference",
    ]
    clean = cells(text, "CAAR over [0,0] without confounded events")
    assert list(clean) == kinds
    every = cells(text, "CAAR over [0,0], by kind of news")
    assert [row[-1] for row in clean.values()] == [row[0] for row in every.values()]
    assert "\nmin_est " in text


def test_catalysts_finds_the_planted_deals(folder: Path) -> None:
    """6 % were planted on day 0 of each deal, and nothing tells pivoted from pure miners."""
    text = printed(CATALYSTS, folder)
    low, high = (
        float(w.split()[0])
        for w in cells(text, "CAAR over [0,0], by kind of news")["own deals"][1:3]
    )
    assert low < 6.1 < high
    row = cells(text, "News of others over [0,0], by kind of miner")["difference"]
    assert float(row[1].split()[0]) < 0 < float(row[2].split()[0])


def test_confounded_events_are_left_out_of_one_table(folder: Path) -> None:
    """One that has only its own news near stays; a deal on the day of the firm's report goes."""
    script = functions(CATALYSTS)
    panel = panel_of()
    events = es.screen(script["miners_events"](), against=script["other_news"](), sessions=panel)
    flagged = events["confounded_by"]
    assert flagged["20251103-cifr-aws"].startswith("deal 2025-11-03 (day 0), own report 2025-11-03")
    assert flagged["20251028-wulf-abernathy"] == "own report 2025-10-28 (day 0)"
    assert not flagged["20260116-riot-amd"]
    both = script["study"]("SPY", "Bitcoin").run(events, panel)
    spoilt = both.events[script["SPOILT"]].any(axis=1)
    said = f"{spoilt.sum()} of {len(both)} events are left out here. "
    text = one_line(printed(CATALYSTS, folder))
    assert said + f"{both.events['confounded'].sum()} had other news" in text
    found = cells(printed(CATALYSTS, folder), "CAAR over [0,0] without confounded events")
    deals = both.where(~spoilt & (both.events["category"] == "deal")).caar((0, 0)).iloc[0]
    assert float(found["own deals"][0].split()[0]) == pytest.approx(
        100 * deals["estimate"], abs=0.051
    )


def test_difference_is_taken_date_by_date() -> None:
    script = functions(CATALYSTS)
    panel = panel_of()
    events = script["miners_events"]()
    both, market = (
        script["study"](*names).run(events, panel) for names in (("SPY", "Bitcoin"), ("SPY",))
    )
    others = [result.where(result.events["category"] != "deal") for result in (both, market)]
    row = script["pivoted_against_pure"](*others).loc["difference"]
    for result, name in zip(others, ("estimate", "SPY only"), strict=True):
        frame = pd.DataFrame({"day0": result.estimates["day0"], "car": result.ar[0]})
        by_date = frame.assign(kind=result.events["kind"]).pivot_table("car", "day0", "kind")
        gap = (by_date["pivoted"] - by_date["pure"]).dropna()
        assert row[name] == pytest.approx(gap.mean())
        assert row["n_dates"] == len(gap)
        if name == "estimate":
            found = ttest_1samp(gap, 0.0)
            assert row["pvalue"] == pytest.approx(found.pvalue)
            assert row[["ci_low", "ci_high"]].tolist() == pytest.approx(found.confidence_interval())


def test_deals_are_the_miners_own() -> None:
    events = functions(CATALYSTS)["miners_events"]()
    deals = events[events["category"] == "deal"]
    assert deals["own_news"].all()
    assert (deals["ticker"] == deals["tickers"].str.split(";").str[0]).all()


def test_nvidia_has_one_bar_a_miner_and_flags(folder: Path) -> None:
    text = printed(NVIDIA, folder)
    assert "It came after the close, so day 0 is 2026-02-26." in text
    bars = cells(text, "Each miner on day 0")
    assert set(bars) == set(es.universe.MINERS)
    lines = text.split("Each miner on day 0", 1)[1].splitlines()
    flagged = {line.split()[0] for line in lines if "own earnings" in line}
    assert flagged == {"CIFR", "HUT", "MARA", "WULF"}
    values = [float(row[0].split()[0]) for row in bars.values()]
    assert values == sorted(values, reverse=True)
    table = cells(text, "Average of the miners on day 0")
    mean = sum(values) / len(values)
    assert float(table["all"][0].split()[0]) == pytest.approx(mean, abs=0.1)
    kept = [v for (t, _), v in zip(bars.items(), values, strict=True) if t not in flagged]
    assert float(table["not flagged"][0].split()[0]) == pytest.approx(
        sum(kept) / len(kept), abs=0.1
    )
    detectable = table["all"][3]
    assert detectable.startswith("±")
    assert f"only a move beyond {detectable} could have been told from chance" in one_line(text)
    assert "The news falls on one date: a shock to the whole sector" in one_line(text)


def test_pivoted_against_pure_is_taken_date_by_date(folder: Path) -> None:
    script = functions(PIVOTED)
    panel = panel_of()
    both = script["study"]("SPY", "Bitcoin").run(script["news_of_others"](), panel)
    kinds = script["pivoted"](both)
    frame = both.estimates[["day0"]].assign(car=both.ar[0], kind=kinds)
    by_date = frame.pivot_table("car", "day0", "kind").dropna()
    gap = by_date["pivoted"] - by_date["pure"]
    row = script["differences"](both, both).loc["[0,0]"]
    assert row["n_dates"] == len(gap)
    assert row["estimate"] == row["SPY only"] == pytest.approx(gap.mean())
    found = both.compare(kinds, (0, 0)).iloc[0]
    assert found["statistic"] == pytest.approx(gap.mean() / gap.sem())
    text = printed(PIVOTED, folder)
    assert list(cells(text, "Pivoted − pure, by window")) == ["[0,0]", "[0,+1]", "[-1,+1]"]
    news = list(cells(text, "Pivoted − pure on day 0, by kind of news"))
    assert news == ["Nvidia", "capex plans", "hyperscalers"]
    assert text.count("CAR [0,0] explained by pivoted + C(news)") == 2
    assert "these errors take them as independent and are too small" in one_line(text)
    assert "clustered by date (38 clusters, CR1); t(37)" in one_line(text)


def test_what_was_asked_for_beforehand_is_what_the_test_of_the_day_says() -> None:
    script = functions(BEFORE)
    panel = panel_of()
    reports, both = script["nvidia_reports"](), script["study"]("SPY", "Bitcoin")
    ahead = both.preview(reports, panel.until("2026-02-25"))
    assert ahead.known_until == "2026-02-25"
    evening = reports[reports["date"] == "2026-02-25"]
    result = both.run(evening, panel)
    table = script["against"](ahead, result)
    assert set(table.index) == {"average", *es.universe.MINERS}
    asked = ahead.tickers.set_index("ticker")["move"]
    for ticker in es.universe.MINERS:
        seen, p = table.loc[ticker, ["seen", "pvalue"]]
        assert seen == result.ar.loc[f"20260225-nvda-earnings:{ticker}", 0]
        assert (abs(seen) >= asked[ticker]) == (p <= 0.05)
    # a miner that moves that far on the day is significant, one that moves less is not
    for ticker in ("IREN", "GLXY"):
        row = result.abnormal.take(np.array([result.events["ticker"].tolist().index(ticker)]))
        days = row.days(es.Window(0, 0))
        for factor, significant in ((1.001, True), (0.999, False)):
            moved = row.abnormal.copy()
            moved[0, days] = factor * asked[ticker]
            p = es.inference.sq(replace(row, abnormal=moved, _memo={}), (0, 0)).pvalue
            assert (p <= 0.05) == significant


def test_before_and_after_tells_the_parts_in_order(folder: Path) -> None:
    text = one_line(printed(BEFORE, folder))
    parts = [
        "Before. On 2026-02-26, over [0,0], an average abnormal return of the 13 firms beyond ±",
        "After. On the event day (day 0) the 13 firms moved by",
        "Other choices. 18 specifications",
        "29 January 2026, the day after Meta and Microsoft reported. 6 specifications",
        "Placebos each of 144 sessions without news, once",
        "One date cannot be drawn more often than there are sessions",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    models = cells(printed(BEFORE, folder), "Median estimate by model and window")
    assert set(models) == {"MarketModel (SPY)", "FactorModel (SPY, Bitcoin)"}
    assert {len(row) for row in models.values()} == {3}


# ── one firm, one event ──────────────────────────────────────────────────────────────────────
def test_one_event_is_the_regression_of_its_firm(folder: Path) -> None:
    """Least squares on the 240 days before: the move, its interval, dollars, each deal."""
    panel, prices, text = panel_of(), read_prices(), printed(ONE_EVENT, folder)
    columns = [panel.series(name) for name in ("IREN", "SPY", "Bitcoin")]
    rows = text.split("\nEach deal of IREN\n", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    assert len(rows) == 6
    for row in rows:
        day, told, smallest, *_ = re.split(" {2,}", row)
        at = int(pd.DatetimeIndex(panel.sessions).get_indexer(pd.DatetimeIndex([day]))[0])
        y, *factors = (series[at - 250 : at - 10] for series in columns)
        X = np.column_stack([np.ones(240), *factors])
        theta, (rss,), *_ = np.linalg.lstsq(X, y)
        x = np.array([1.0, columns[1][at], columns[2][at]])
        move = columns[0][at] - x @ theta
        half = t.isf(0.025, 237) * np.sqrt(rss / 237 * (1 + x @ np.linalg.solve(X.T @ X, x)))
        assert [told, smallest] == [f"{100 * move:+.1f} %", f"{100 * half:+.1f} %"]
        if day == "2025-11-03":
            close = prices.loc["2025-10-31", "IREN"]
            said = one_line(text)
            assert f"this is +${close * move:.2f} a share" in said
            assert f"of IREN on 2025-11-03 was {100 * move:+.2f} %" in said
            assert (
                f"and +${270e6 * close * move / 1e9:.2f} billion of market capitalisation" in said
            )
            assert move - half < 0.06 < move + half  # what was planted
    assert "3 other items of news lie within 1 trading day" in one_line(text)


def test_one_event_tells_what_significance_selects(folder: Path) -> None:
    script = functions(ONE_EVENT)
    result = script["study"]("SPY", "Bitcoin").run(script["deals"](), panel_of())
    car = result.ar[0]
    p = [result.where(result.events.index == name).test("sq", (0, 0)).pvalue for name in car.index]
    kept = car[np.array(p) <= 0.05]
    assert (
        f"Of {len(car)} deals of all miners {len(kept)} are significant on their own."
        in one_line(printed(ONE_EVENT, folder))
    )
    assert kept.mean() > 2 * car.mean()  # 6 % were planted in each
    assert f"ones by {100 * kept.mean():+.1f} %" in one_line(printed(ONE_EVENT, folder))


# ── a file, a loader, a model and a test of one's own ────────────────────────────────────────
def test_own_files_are_refused_with_a_sentence_each(folder: Path) -> None:
    text = one_line(printed(OWN, folder))
    for said in (
        "The file 'changes.csv' holds '30.06.2026' where a date is needed",
        "The median |return| is 3.4: these look like percent; divide by 100.",
        "if `Symbol` is meant, rename it to `ticker`.",
        "'03/06/2024' (event 0) does not begin with the year, and day and month are not guessed",
    ):
        assert said in text


def test_own_model_and_test_by_hand(folder: Path) -> None:
    """A third of the way from the slope of polyfit to one; then a coin."""
    prices = es.loaders.sample([*es.universe.MINERS, "SPY"], "2023-01-01", "2026-06-30")
    returns = prices.pct_change(fill_method=None)
    study = es.EventStudy(window=(-5, 5))
    deals = es.catalysts.load(category="deal")
    deals = deals[deals["ticker"].isin(es.universe.MINERS)]
    usual = study.run(deals, es.Panel.from_prices(prices, market="SPY"))
    moves = []
    for ticker, day in zip(usual.events["ticker"], usual.estimates["day0"], strict=True):
        at = int(returns.index.get_indexer(pd.DatetimeIndex([day]))[0])
        past = returns[["SPY", ticker]].iloc[at - 250 : at - 10].dropna()
        slope = np.polyfit(past["SPY"], past[ticker], 1)[0]
        beta = 1 / 3 + 2 / 3 * slope
        today = returns.iloc[at]
        moves.append(
            today[ticker] - past[ticker].mean() - beta * (today["SPY"] - past["SPY"].mean())
        )
    up = sum(move > 0 for move in moves)
    text = one_line(printed(OWN, folder))
    assert (
        f"{up} of {len(moves)} events went up, p = {binomtest(up, len(moves)).pvalue:.2g}." in text
    )
    assert f"moved by {100 * np.mean(moves):+.1f} % on average over {len(moves)} events" in text


def test_own_test_answers_without_events() -> None:
    script = functions(OWN)
    es.testing.check_model(script["BlumeModel"]())
    es.testing.check_test(script["risen"])


# ── many tickers ─────────────────────────────────────────────────────────────────────────────
def test_large_study_finds_what_was_planted(folder: Path) -> None:
    text = printed(LARGE, folder)
    rows = text.split("\nCAAR by kind of news\n", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    held = []
    for row in rows:
        kind, window, *numbers = re.split(" {2,}", row)
        planted, _, low, high = (float(number.removesuffix(" %")) for number in numbers[:4])
        day0, day1 = {"good news": (0.4, 0.2), "bad news": (-0.3, 0.0), "no news": (0.0, 0.0)}[kind]
        assert planted == pytest.approx(
            {"[0,0]": day0, "[0,+1]": day0 + day1, "[+2,+5]": 0}[window]
        )
        assert high - low < 0.1
        held.append(low <= planted <= high)
    assert len(held) == 9
    assert sum(held) >= 8
    assert "120,000 events in " in text
    gaps = re.findall(r"(?:by|to) (\d+e-\d+)", one_line(text))
    assert len(gaps) == 2  # of the sums, and of the loop of statsmodels
    assert max(map(float, gaps)) < 1e-13


# ── size, power, every choice ────────────────────────────────────────────────────────────────
def test_trust_depends_on_shared_dates(folder: Path) -> None:
    text = printed(TRUST, folder)
    table = text.split("of 5 % promised\n", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    rates = {row.split()[0]: re.findall(r"([\d.]+) %", row) for row in table}
    assert list(rates) == functions(TRUST)["TESTS"]
    for test, (deals, reports) in rates.items():
        assert 1 < float(deals) < 10
        assert (float(reports) > 25) == (test in ("csect_t", "bmp", "patell"))
    power = text.split("found by the tests that hold\n", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    for row in power:
        found = [int(x) for x in re.findall(r" (\d+) %", row)[:4]]
        assert found == sorted(found)
        enough = float(row.split()[-2])
        assert 2.0 < enough < 4.0  # +2 % is found in less than 80 %, +4 % in more
        assert found[1] < 80 < found[2]


def test_trust_in_every_choice_run_one_by_one(folder: Path) -> None:
    script, panel, text = functions(TRUST), panel_of(), printed(TRUST, folder)
    for name in ("deals", "reports"):
        estimates: dict[tuple[str, str], list[float]] = {}
        for factors in (("SPY",), ("SPY", "Bitcoin")):
            for first in (-250, -130):
                for alone in (False, True):
                    study = es.EventStudy(
                        es.FactorModel(factors),
                        estimation=(first, -11),
                        window=(-5, 5),
                        exclude_other_events=alone,
                    )
                    found = study.run(script[name](), panel).caar((0, 0), (0, 1))["estimate"]
                    for window, estimate in found.items():
                        estimates.setdefault((factors[-1], str(window)), []).append(estimate)
        every = [value for values in estimates.values() for value in values]
        low, high, middle = (
            f"{100 * x:+.2f} %" for x in (min(every), max(every), np.median(every))
        )
        said = f"the estimate runs from {low} to {high}, median {middle};"
        assert f"{name.capitalize()}. 16 specifications: {said}" in one_line(text)
        table = cells(text, f"{name.capitalize()}: median estimate by model and window")
        for model, shown in table.items():
            last = "Bitcoin" if "Bitcoin" in model else "SPY"
            medians = [np.median(estimates[last, window]) for window in ("[0,0]", "[0,+1]")]
            assert shown == [f"{100 * median:+.1f} %" for median in medians]


# ── trading ──────────────────────────────────────────────────────────────────────────────────
TRADES = [
    ("reports", "over", -1, 0),
    ("reports", "1 day from", 0, 1),
    ("reports", "5 days from", 0, 5),
    ("deals", "1 day from", 0, 1),
    ("deals", "5 days from", 0, 5),
]


@pytest.fixture(scope="module")
def traded() -> tuple[dict[str, Any], Any]:
    return functions(TRADED), panel_of()


@pytest.mark.parametrize(("news", "held", "enter", "leave"), TRADES)
def test_traded_table_is_what_the_rules_give(
    news: str, held: str, enter: int, leave: int, traded: Any, folder: Path
) -> None:
    script, panel = traded
    model = es.FactorModel(("SPY", "Bitcoin"))
    study = es.EventStudy(model, estimation=(-250, -11))
    found = es.Rule(enter, leave, hedge=model, costs=10).run(
        script["events_of"](news), panel, study
    )
    table = rules_table(printed(TRADED, folder))
    trades, clusters, mean, sharpe, luck, dates = table[news, held]
    f = found.figures()
    assert [int(trades), int(clusters)] == [len(found.trades), f["clusters"]]
    assert mean == es.report.percent(found.trades["net"].mean())
    daily = found.daily["net"]
    ratio = np.sqrt(252) * daily.mean() / daily.std()
    assert sharpe == f"{ratio:.2f} ± {f['sharpe_se']:.2f}"
    assert luck == f"{f['pvalue']:.3f}"
    assert dates == f"{found.placebo(499).pvalue:.3f}"
    did = "lost" if found.trades["net"].mean() < 0 else "earned"
    said = f"{news.capitalize()}, held {held} the news: {did} {mean.lstrip('+-')} a trade, which "
    assert said + "cannot be told from luck." in one_line(printed(TRADED, folder))


def test_traded_table_has_every_rule_that_can_be_followed(traded: Any, folder: Path) -> None:
    """Nobody announces a deal, so the library refuses to hold one over its news."""
    script, panel = traded
    assert list(rules_table(printed(TRADED, folder))) == [rule[:2] for rule in TRADES]
    reports, deals = script["events_of"]("reports"), script["events_of"]("deals")
    assert reports["scheduled"].all()
    assert not reports["own_news"].any()
    assert set(reports["category"]) == {"nvidia", "earnings"}
    assert not deals["scheduled"].any()
    assert deals["own_news"].all()
    with pytest.raises(OptionError, match="scheduled"):
        es.Rule(-1, 0).run(deals, panel, script["STUDY"])


def test_traded_tells_the_parts_in_order(folder: Path) -> None:
    text = printed(TRADED, folder)
    parts = [
        "What the event study says of reports. On the event day (day 0) the 13 firms moved",
        "What the event study says of deals. On the event day (day 0) the 12 firms moved",
        "hedged, net of 10 bps a side",
        "a deal and its hedge costs 0.73 %.",
        "Deals, held 5 days from the news, on other dates. On 499 random draws of dates",
        "Deals, with other entries and leavings. The best of 34 rules enters at",
        "Prices SIMULATED prices (seed 18)",
        "(deflated Sharpe ratio)",
    ]
    places = [one_line(text).index(part) for part in parts]
    assert places == sorted(places)


def test_traded_misses_the_planted_deals(folder: Path) -> None:
    """Planted at the first price after the news: a study sees them, a rule comes too late."""
    text = one_line(printed(TRADED, folder))
    seen = text.split("What the event study says of deals. ", 1)[1].split("The first close", 1)[0]
    assert "moved by +5.0 % on average" in seen
    assert "p < 0.001" in seen
    table = rules_table(printed(TRADED, folder))
    assert all(float(table["deals", held][4]) > 0.05 for held in ("1 day from", "5 days from"))


def test_traded_pictures_say_simulated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib.pyplot as plt
    from matplotlib.text import Text

    placebo = es.Backtest.placebo
    monkeypatch.setattr(es.Backtest, "placebo", lambda found, draws: placebo(found, draws // 10))
    run(TRADED, "--out", str(tmp_path))
    figures = [plt.figure(number) for number in plt.get_fignums()]
    texts = [[str(text.get_text()) for text in f.findobj(Text)] for f in figures]
    assert ["simulated" in " ".join(words).lower() for words in texts] == [True] * 3


@pytest.mark.parametrize(
    ("mean", "p", "dates", "clusters", "said"),
    [
        (0.012, 0.05, 0.05, 6, "earned 1.20 % a trade, more than luck explains."),
        (0.012, 0.06, 0.01, 30, "earned 1.20 % a trade, which cannot be told from luck."),
        (0.012, 0.01, 0.06, 30, "earned 1.20 % a trade, which cannot be told from luck."),
        (-0.012, 0.01, 0.99, 30, "lost 1.20 % a trade, more than luck explains."),
        (-0.012, 0.20, 0.99, 30, "lost 1.20 % a trade, which cannot be told from luck."),
        (0.012, 0.001, 0.001, 5, "earned 1.20 % a trade, on too few dates for a verdict."),
    ],
)
def test_verdict_on_a_rule(mean: float, p: float, dates: float, clusters: int, said: str) -> None:
    figures = {"mean_net": mean, "pvalue": p, "clusters": clusters}
    found = SimpleNamespace(figures=lambda: figures)
    assert functions(TRADED)["verdict"](found, dates) == said


# ── volume, and night and day ────────────────────────────────────────────────────────────────
HALVES = ["night", "day", "whole"]


def test_overnight_finds_the_planted_deals_in_the_opening_price(folder: Path) -> None:
    """Deals out of hours were planted at the open: 6 %, and with another shock now and then."""
    text = printed(OVERNIGHT, folder)
    table = cells(text, "Own deals: night, day and the whole session")
    assert list(table) == HALVES
    night, day = ([float(w.split()[0]) for w in table[half]] for half in HALVES[:2])
    assert night[1] < 6.2 < night[2]
    assert day[1] < 0 < day[2]
    said = f"{night[0]:+.1f} % (95 % interval {night[1]:+.1f} % to {night[2]:+.1f} %, p < 0.001)"
    assert f"{said} was in the opening price, and {day[0]:+.1f} % " in one_line(text)


def test_overnight_tells_every_kind_of_news(folder: Path) -> None:
    text = printed(OVERNIGHT, folder)
    kinds = ["Nvidia, one evening", "Nvidia, all reports", "own deals"]
    for kind in kinds:
        title = f"{kind.capitalize()}: night, day and the whole session"
        assert list(cells(text, title)) == HALVES
        assert text.count(f"\n{kind}  ") == 2  # volume and range
    assert set(cells(text, "Each miner on the evening of 25 February 2026")) == set(
        es.universe.MINERS
    )
    assert "IBIT in the file" not in text


def test_overnight_takes_bars_of_a_file(folder: Path, tmp_path: Path) -> None:
    """The sample as a long file: the same numbers; without IBIT the script says what is lost."""
    script, sample = functions(OVERNIGHT), es.loaders.sample
    bars: Any = sample(sample.tickers, "2022-12-01", "2026-06-30", script["FIELDS"])
    parts = [bars.xs(t, axis=1, level="ticker").assign(ticker=t) for t in sample.tickers]
    table = pd.concat(parts).dropna(subset=["close"]).reset_index()
    answers = {}
    for name, rows in {"mine": table, "less": table[table["ticker"] != "IBIT"]}.items():
        file = tmp_path / f"{name}.csv"
        rows.to_csv(file, index=False)
        answers[name] = run(OVERNIGHT, "--prices", str(file), "--out", str(tmp_path))
    found, wanted = (
        t.split("Volume on day 0", 1)[1] for t in (answers["mine"], printed(OVERNIGHT, folder))
    )
    assert found.split("Picture:")[0] == wanted.split("Picture:")[0]
    assert "Prices: mine.csv" in answers["mine"]
    assert "No IBIT in the file, so the model knows SPY only" in one_line(answers["less"])
    assert "beyond what the market explains" in one_line(answers["less"])


# ── a year after the deal ────────────────────────────────────────────────────────────────────
def held_for_a_year(prices: pd.DataFrame) -> dict[str, es.LongRun]:
    """Every run of the script."""
    script = functions(LONG_RUN)
    panel = functions("common")["make_panel"](prices)
    events = es.catalysts.expand(es.catalysts.load(category="deal"), es.universe.MINERS)
    deals = events[events["own_news"]]
    return {
        name: script["hold"](against).run(deals, panel)
        for name, against in script["benchmarks"](panel).items()
    }


def test_long_run_buys_at_the_close_of_day_0_and_ends_with_the_data() -> None:
    """Each return is the ratio of two closes: the jump of day 0 is none of it."""
    prices = read_prices()
    closes = prices[prices["SPY"].notna()]
    table = held_for_a_year(prices)["SPY"].table
    assert len(table) == 48
    for event, row in table.iterrows():
        announced, begin = pd.Timestamp(str(event)[:8]), closes.index.get_loc(row["enter"])
        assert announced <= row["enter"] <= announced + pd.Timedelta(days=4)
        end = min(begin + 250, len(closes) - 1)
        assert (row["leave"], row["days"]) == (closes.index[end], end - begin)
        for name, ticker in (("bhr", row["ticker"]), ("benchmark", "SPY")):
            ratio = closes[ticker].iloc[end] / closes[ticker].iloc[begin] - 1
            assert row[name] == pytest.approx(ratio, rel=1e-9)


def test_control_miners_are_chosen_from_prices_before_the_deal() -> None:
    prices = read_prices()
    before = held_for_a_year(prices)
    later = prices.index >= "2025-09-22"  # the day of one deal, between others
    noise = np.random.default_rng(0).normal(0, 0.2, (later.sum(), prices.shape[1]))
    changed = prices.copy()
    changed[later] *= np.exp(noise)
    after = held_for_a_year(changed)
    early = before["SPY"].table["enter"] <= "2025-09-22"
    for name in ("none so far", "none for a year"):
        tables = [
            runs[name].table.loc[early.reindex(runs[name].table.index)] for runs in (before, after)
        ]
        assert tables[0]["control"].tolist() == tables[1]["control"].tolist()
        assert not np.allclose(tables[0]["benchmark"], tables[1]["benchmark"])
    assert before["none so far"].table["control"].tolist() != (
        after["none so far"].table["control"].tolist()
    )


def test_control_miners_had_no_deal() -> None:
    prices = read_prices()
    runs = held_for_a_year(prices)
    deals, days = runs["SPY"].table, prices.index[prices["SPY"].notna()]
    at = pd.Series(days.get_indexer(deals["enter"]), deals.index)
    for name, ahead in (("none so far", 0), ("none for a year", 249)):
        for event, control in runs[name].table["control"].items():
            gap = at[deals["ticker"].isin(control.split(", "))] - at[str(event)]
            assert not gap.between(-249, ahead).any()
    assert len(runs["none for a year"].table) < len(runs["none so far"].table) < len(deals)


def test_long_run_tells_its_limits(folder: Path) -> None:
    text = printed(LONG_RUN, folder)
    table = cells(text, "Held for 250 sessions, or until the data end, against")
    assert list(table) == ["SPY", "Bitcoin", "none so far", "none for a year"]
    some = cells(text, "Against SPY: holdings that are over or not, first deals only")
    assert list(some) == ["over", "not over", "first"]
    prices = read_prices()
    market = held_for_a_year(prices)["SPY"]
    assert market.clusters == 1
    over = market.where(market.table["days"] == 250)
    assert [float(x.split()[0]) for x in some["over"]] == pytest.approx(
        [100 * x for x in (over.table["bhr"].mean(), over.table["benchmark"].mean())]
        + [100 * over.mean, 100 * over.median],
        abs=0.051,
    )
    told = one_line(text)
    assert f"{len(over.events)} of 48 holdings are over, all in one period of one sector" in told
    assert f"{48 - len(over.events)} holdings ended before day +250" in told
    assert "p = 0.953 (holdings share days: it takes the events as independent" in told
    assert "Not valid here" in told
    assert "a typical firm ends -26 % against its benchmark without any effect" in told
    portfolios = text.split("\nThe same portfolio by session and by month\n", 1)[1]
    rows = [line.split() for line in portfolios.split("\n\n", 1)[0].splitlines()[2:]]
    assert [row[0] for row in rows] == ["daily", "monthly"]
    for error in ("HC1", "OLS", "Newey–West", "WLS by members"):
        assert error in told


@pytest.mark.parametrize(
    ("pvalues", "said"),
    [
        ((0.2, 0.8), "p = 0.20 (daily) and 0.80 (monthly): luck could have made it."),
        ((0.01, 0.8), "p = 0.01 (daily) and 0.80 (monthly): luck could have made it."),
        ((0.01, 0.02), "p = 0.01 (daily) and 0.02 (monthly): more than luck; the deals, or"),
    ],
)
def test_verdict_on_the_long_run(pvalues: tuple[float, float], said: str) -> None:
    run = SimpleNamespace(mean=0.2, median=-0.1, window=range(250), events=range(3))
    run.table = pd.DataFrame({"days": [250, 250, 30]})
    ways = [
        SimpleNamespace(alpha=SimpleNamespace(pvalue=p), setup=SimpleNamespace(frequency=f))
        for p, f in zip(pvalues, ("daily", "monthly"), strict=True)
    ]
    text = functions(LONG_RUN)["verdict"](run, SimpleNamespace(mean=0.05), *ways)
    assert "+20.0 % beyond SPY on average (median -10.0 %) and +5.0 % beyond miners" in text
    assert said in text
    assert "2 of 3 holdings are over" in text
