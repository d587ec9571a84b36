"""Report, pictures, tables and small courtesies as their readers meet them.

Each promise is tested from outside: files are read back as a browser, Excel or a person reads them,
and every number is compared with the table of the result that it came from.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import openpyxl
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.figure import Figure

import eventstudy as es
from eventstudy.errors import EventStudyError

mpl.use("agg")

ROOT = Path(__file__).parents[2]
HOSTILE = '=HYPERLINK("http://x.y","<img src=x onerror=alert(1)>")'
NAMES = ["AAA", "BBB", HOSTILE, r"$x_1$ & \input{p}", "A|B", "</script>"]
HEADLINE = "</script><script>alert(1)</script> & <b>50 %</b> _up_ $1$"
DAYS = pd.bdate_range("2022-01-03", periods=520)
WINDOWS = ((0, 0), (-1, 1))
#: the parts in the order of the issue; a part in brackets is there when it was asked for
ORDER = [
    "The answer in numbers",
    "The path",
    "Each ticker, [0,0]",
    "Tests",
    "Specification curve",
    "Backtest",
    "Events × days",
    "Each event, [0,0]",
    "Timeline",
    "Dropped events",
    "Data checks",
    "Estimates",
    "Method",
    "Provenance",
]


# ── a world ──────────────────────────────────────────────────────────────────────────────────
def bars(names: list[str], seed: int = 0) -> pd.DataFrame:
    """Bars of some tickers and a market: columns (field, ticker)."""
    rng = np.random.default_rng(seed)
    market = rng.normal(0, 0.01, (len(DAYS), 1))
    returns = np.hstack([market + rng.normal(0, 0.02, (len(DAYS), len(names))), market])
    close = 50 * np.cumprod(1 + returns, axis=0)
    volume = np.exp(rng.normal(13, 0.4, close.shape))
    opened = close / (1 + rng.normal(0, 0.01, close.shape))
    tables = {"close": close, "open": opened, "volume": volume}
    columns = [*names, "MKT"]
    return pd.concat({k: pd.DataFrame(v, DAYS, columns) for k, v in tables.items()}, axis=1)


@cache
def panel(kind: str = "simple") -> es.Panel:
    return es.Panel.from_prices(bars(NAMES), market="MKT", kind=kind)


def news(n: int = 18, step: int = 9) -> pd.DataFrame:
    """Three firms share each date; the windows of neighbouring dates do not touch."""
    table = {
        "ticker": [NAMES[k % len(NAMES)] for k in range(n)],
        "date": [DAYS[260 + k // 3 * step] for k in range(n)],
        "session": "before_open",
        "headline": HEADLINE,
        "kind": [f"k{k % 2}" for k in range(n)],
        "size": np.arange(n) / 10,
    }
    return pd.DataFrame(table)


def with_lost() -> pd.DataFrame:
    """Two events more that no study can keep."""
    lost = {"ticker": ["NOPE", "AAA"], "date": [DAYS[300], DAYS[20]], "session": "before_open"}
    return pd.concat([news(), pd.DataFrame(lost)], ignore_index=True)


STUDY = es.EventStudy(estimation=(-200, -11), window=(-3, 3))


@cache
def result() -> es.Result:
    return STUDY.run(with_lost(), panel())


@cache
def curve() -> es.Curve:
    return STUDY.vary(model=[es.MarketModel(), es.MeanAdjusted()]).run(news(), panel(), draws=19)


@cache
def backtest() -> es.Backtest:
    return es.Rule(enter=0, leave=3, costs=10).run(news(), panel())


# ── a page, read ─────────────────────────────────────────────────────────────────────────────
@dataclass
class Shown:
    """A table of a page."""

    part: str
    caption: str = ""
    rows: list[list[str]] = field(default_factory=list)
    folded: bool = False

    @property
    def frame(self) -> pd.DataFrame:
        head, *body = self.rows
        return pd.DataFrame(body, columns=head)


class Reader(HTMLParser):
    """Headings, tables, scripts and addresses of a page, as a browser finds them."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self.source = file.read_text("utf-8")
        self.tables: list[Shown] = []
        self.parts: list[str] = []
        self.scripts: list[str] = []
        self.data: dict[str, Any] = {}
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.pieces: dict[str, list[str]] = {}
        self.stack: list[str] = []
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        if tag in {"meta", "br", "img", "link", "input", "hr"}:
            return
        self.stack.append(tag)
        match tag:
            case "table":
                part = self.parts[-1] if self.parts else ""
                self.tables.append(Shown(part, folded="details" in self.stack))
            case "tr":
                self.tables[-1].rows.append([])
            case "td" | "th":
                self.tables[-1].rows[-1].append("")
            case "h2":
                self.parts.append("")
            case "script" if "type" in attributes:
                self.key = attributes["id"]
                self.data[self.key] = ""
            case "script":
                self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        within = self.stack[-1] if self.stack else ""
        self.pieces.setdefault(within, []).append(data)
        match within:
            case "caption":
                self.tables[-1].caption += data
            case "td" | "th":
                self.tables[-1].rows[-1][-1] += data
            case "h2":
                self.parts[-1] += data
            case "script" if "type" in self.tags[-1][1]:
                self.data[self.key] += data
            case "script":
                self.scripts[-1] += data

    def table(self, caption: str) -> pd.DataFrame:
        found = [shown for shown in self.tables if shown.caption.startswith(caption)]
        assert len(found) == 1, [shown.caption for shown in self.tables]
        return found[0].frame

    def figure(self, name: str) -> dict[str, Any]:
        made: dict[str, Any] = json.loads(self.data[f"data-{name}"])
        return made

    @property
    def figures(self) -> Iterator[dict[str, Any]]:
        return (json.loads(self.data[key]) for key in self.data if key.startswith("data-"))

    @property
    def policy(self) -> dict[str, list[str]]:
        found = [a["content"] for _, a in self.tags if "http-equiv" in a]
        rules = [rule.split() for rule in found[0].split(";")]
        return {rule[0]: rule[1:] for rule in rules}

    @property
    def text(self) -> str:
        """All that is read, without scripts and styles."""
        hidden = {"script", "style"}
        pieces = [" ".join(v) for tag, v in self.pieces.items() if tag not in hidden]
        return " ".join(" ".join(pieces).split())


@cache
def folder() -> Path:
    return Path(mkdtemp())


@cache
def page() -> Reader:
    file = result().to_html(folder() / "all.html", *WINDOWS, curve=curve(), backtest=backtest())
    return Reader(file)


def written(found: Any, *windows: tuple[int, int], **options: Any) -> Reader:
    return Reader(found.to_html(Path(mkdtemp()) / "report.html", *windows, **options))


def agrees(shown: str, value: float) -> None:
    """A number as it stands is the number of the table, rounded."""
    text = shown.replace("−", "-").replace("*", "").strip()
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    if text in {"–", ""}:
        assert math.isnan(value)
        return
    if below := re.fullmatch(r"< ?([\d.]+)", text):
        assert value < float(below[1])
        return
    scale = 100 if text.endswith("%") else 1
    digits = text.removesuffix("%").strip()
    decimals = len(digits.partition(".")[2])
    assert abs(float(digits) - scale * value) <= 0.5000001 * 10**-decimals, (shown, value)


def interval(shown: str, low: float, high: float) -> None:
    below, above = shown.removesuffix("%").split(" to ")
    unit = " %" if shown.endswith("%") else ""
    agrees(below + unit, low)
    agrees(above.strip() + unit, high)


def answer_agrees(read: Reader, found: Any, windows: tuple[tuple[int, int], ...]) -> None:
    """The first table of the report is ``caar``."""
    table = read.table("Cumulative average abnormal").set_index("window")
    wanted = found.caar(*windows)
    assert list(table.index) == list(wanted.index)
    for window in wanted.index:
        row, true = table.loc[window], wanted.loc[window]
        agrees(row["CAAR"], true["estimate"])
        if row["95 % interval"] == "–":
            assert np.isnan(true["ci_low"])
        else:
            interval(row["95 % interval"], true["ci_low"], true["ci_high"])
        agrees(row["p"], true["pvalue"])
        assert row["test"] == true["test"]
        assert int(row["n"].replace(",", "")) == true["n"]
        agrees(row["n_eff"], true["n_eff"])


# ── the report: one file ─────────────────────────────────────────────────────────────────────
def test_the_parts_stand_in_the_order_of_the_issue() -> None:
    assert page().parts == ORDER


def test_parts_that_were_not_asked_for_are_not_there() -> None:
    asked = {"Specification curve", "Backtest"}
    assert written(result(), *WINDOWS).parts == [part for part in ORDER if part not in asked]


def test_the_answer_comes_first_in_one_sentence() -> None:
    sentence = result().sentence((0, 0))
    assert sentence in page().text
    first = page().source.index("<h2")
    assert page().source.index("On the event day (day 0)") < first
    row = result().caar((0, 0)).iloc[0]
    for said in ("n_eff", "pvalue"):
        assert f"{row[said]:.1f}" in sentence or f"{row[said]:.2f}" in sentence
    assert "could have been told from chance" in sentence


def test_nothing_is_loaded_from_anywhere() -> None:
    for tag, attributes in page().tags:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "form", "audio"}
        assert "src" not in attributes
        assert "srcset" not in attributes
        if "href" in attributes:
            assert attributes["href"].startswith("#")
    style = "".join(page().pieces["style"])
    assert "url(" not in style
    assert "@import" not in style


def test_plotly_is_there_once() -> None:
    from plotly.offline import get_plotlyjs

    assert sum(get_plotlyjs().strip() in script for script in page().scripts) == 1
    assert page().source.count(get_plotlyjs()[:2000].strip()) == 1
    assert len(page().scripts) == 2


def test_the_policy_lets_only_these_scripts_run() -> None:
    rules = page().policy
    assert rules["default-src"] == ["'none'"]
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()) for s in page().scripts]
    assert sorted(rules["script-src"]) == sorted(f"'sha256-{h.decode()}'" for h in hashes)
    sources = {source for rule in rules.values() for source in rule}
    assert not sources & {"*", "'unsafe-eval'", "http:", "https:", "'self'"}
    assert [name for name, rule in rules.items() if "'unsafe-inline'" in rule] == ["style-src"]


def test_no_tag_carries_a_script() -> None:
    for _, attributes in page().tags:
        assert not [name for name in attributes if name.startswith("on")]
        assert not [v for v in attributes.values() if v.strip().lower().startswith("javascript:")]


def test_charts_are_drawn_as_vectors() -> None:
    kinds = {trace["type"] for figure in page().figures for trace in figure["data"]}
    assert kinds == {"scatter", "bar", "heatmap"}


def test_every_picture_says_in_words_what_it_shows() -> None:
    pictures = [a for tag, a in page().tags if tag == "div" and a.get("role") == "img"]
    assert len(pictures) >= 8
    assert all(re.search(r"\d", a["aria-label"]) for a in pictures)


def test_hostile_text_stays_text() -> None:
    assert all("alert(1)" not in script for script in page().scripts)
    tickers = page().table("CAR [0,0] of each event")["ticker"]
    assert set(tickers) == set(NAMES)
    for figure in page().figures:
        labels = json.dumps(figure).lower()
        assert "<img" not in labels
        assert "<script" not in labels
        assert "<b>50" not in labels


def test_tables_have_captions_and_headers() -> None:
    assert all(shown.caption for shown in page().tables)
    scopes = {a.get("scope") for tag, a in page().tags if tag == "th"}
    assert scopes == {"col", "row"}


def test_a_title_is_text_and_empty_titles_are_no_heading() -> None:
    read = written(result(), (0, 0), title="<i>Deals & more</i>")
    assert "<i>Deals & more</i>" in read.pieces["title"]
    assert "i" not in {tag for tag, _ in read.tags}
    with_default = written(result(), (0, 0))
    assert "".join(with_default.pieces["h1"]).strip()


# ── the report: its numbers are those of the result ──────────────────────────────────────────
def test_the_answer_in_numbers_is_caar() -> None:
    answer_agrees(page(), result(), WINDOWS)


def test_the_path_is_aar_day_by_day() -> None:
    table = page().table("Day by day").set_index("day")
    true = result().aar
    path = result().path()
    assert [int(day) for day in table.index] == list(true.index)
    for shown, day in zip(table.index, true.index, strict=True):
        row = table.loc[shown]
        agrees(row["aar"], true["aar"][day])
        agrees(row["caar"], true["caar"][day])
        agrees(row["pvalue"], true["pvalue"][day])
        assert int(row["n"]) == true["n"][day]
        low, high = path.loc[day, ["low", "high"]]
        agrees(row["low"], low)
        agrees(row["high"], high)


def test_the_drawn_path_is_caar_and_its_label_says_day_aar_caar_n() -> None:
    figure = page().figure("path")
    (drawn,) = [t for t in figure["data"] if t.get("name") == "CAAR"]
    np.testing.assert_allclose(np.array(drawn["y"]) / 100, result().aar["caar"], atol=1e-6)
    for label, (day, row) in zip(drawn["hovertext"], result().aar.iterrows(), strict=True):
        _, aar, caar, _, n = re.sub("</?b>", "", label).split("<br>")
        assert f"day {day:+d}".replace("+0", "0") in label
        agrees(aar.removeprefix("AAR "), row["aar"])
        agrees(caar.removeprefix("CAAR "), row["caar"])
        assert n == f"n = {row['n']:.0f}"


def test_each_ticker_has_its_bar() -> None:
    table = page().table("Abnormal return [0,0] by ticker").set_index("ticker")
    cars = result().car((0, 0))["[0,0]"]
    means = cars.groupby(result().events["ticker"]).mean()
    assert set(table.index) == set(means.index)
    for ticker in means.index:
        agrees(table.loc[ticker, "estimate"], means[ticker])
    values = [float(t.removesuffix("%")) for t in table["estimate"]]
    assert values in (sorted(values), sorted(values, reverse=True))


def test_three_valid_tests_lead_and_the_rest_is_folded() -> None:
    true = result().tests(*WINDOWS).set_index(["window", "test"])
    shown = {table.caption: table for table in page().tables if table.part == "Tests"}
    lead = shown["Leading valid tests"]
    assert not lead.folded
    table = lead.frame
    assert table.groupby("window").size().eq(3).all()
    (others,) = [s for caption, s in shown.items() if caption.startswith("Other valid tests")]
    assert others.folded
    for row in pd.concat([table, others.frame]).to_dict("records"):
        stated = true.loc[row["window"], row["test"]]
        assert stated["valid"]
        agrees(row["statistic"], stated["statistic"])
        agrees(row["p"], stated["pvalue"])
    assert len(table) + len(others.frame) == true["valid"].sum()
    assert table["test"].iloc[0] == result().caar((0, 0))["test"].iloc[0]


def test_tests_that_are_not_valid_are_folded_with_the_reason() -> None:
    true = result().tests(*WINDOWS)
    wrong = true[~true["valid"]].set_index(["window", "test"])
    (shown,) = [s for s in page().tables if s.caption == "Why each is not valid"]
    assert shown.folded
    found = {}
    for row in shown.frame.to_dict("records"):
        assert row["because"]
        for one in row["test = p"].split(", "):
            test, _, pvalue = one.partition(" = ")
            found[row["window"], test] = pvalue
    assert set(found) == set(wrong.index)
    for key, pvalue in found.items():
        agrees(pvalue, wrong.loc[key, "pvalue"])


def test_the_curve_is_that_of_vary() -> None:
    table = page().table("Specifications")
    true = curve().table.sort_values("estimate")
    assert len(table) == len(true) == 2
    for row, (_, stated) in zip(table.to_dict("records"), true.iterrows(), strict=True):
        agrees(row["CAAR"], stated["estimate"])
        agrees(row["p"], stated["pvalue"])
        interval(row["95 % interval"], stated["ci_low"], stated["ci_high"])
    assert "curve" in {key.removeprefix("data-") for key in page().data}


def test_the_backtest_shows_equity_drawdown_and_trades() -> None:
    daily = backtest().daily
    equity = page().figure("equity")
    named = {t["name"]: t for t in equity["data"] if t.get("name")}
    capital = daily["exposure"].max()
    net = named["net of costs"]
    assert net["x"] == [f"{session:%Y-%m-%d}" for session in daily.index]
    profit = (daily["equity"] - 1) / capital
    np.testing.assert_allclose(np.array(net["y"]) / 100, profit, atol=1e-6)
    fall = profit - np.maximum(profit.cummax(), 0)
    np.testing.assert_allclose(np.array(named["drawdown"]["y"]) / 100, fall, atol=1e-6)
    trades = page().table("The 5 best and the 5 worst trades")
    best = backtest().trades["net"].max()
    agrees(trades["net"].iloc[0], best)
    marks = [t for t in page().figure("trades")["data"] if t.get("hovertext")]
    heights = sorted(y for t in marks for y in t["y"])
    np.testing.assert_allclose(heights, np.sort(backtest().trades["net"]) * 100, atol=1e-4)


def test_the_heat_map_is_ar() -> None:
    (heat,) = [t for t in page().figure("heat")["data"] if t["type"] == "heatmap"]
    true = result().ar.set_axis([f"{day0:%Y-%m-%d}" for day0 in result().estimates["day0"]])
    drawn = pd.DataFrame(heat["z"], [str(y)[-10:] for y in heat["y"]], dtype=float) / 100
    assert drawn.shape == true.shape
    for day0 in set(true.index):
        found, rows = (np.sort(table.loc[[day0]].to_numpy(), axis=0) for table in (drawn, true))
        np.testing.assert_allclose(found, rows, atol=1e-5)


def test_cars_are_sorted_with_intervals() -> None:
    table = page().table("CAR [0,0] of each event").set_index("event_id")
    true = result().car((0, 0))["[0,0]"]
    assert set(table.index) == set(true.index)
    for event in true.index:
        agrees(table.loc[event, "estimate"], true[event])
    values = [float(shown.removesuffix("%")) for shown in table["estimate"]]
    assert values == sorted(values, reverse=True)


def test_an_interval_of_one_event_is_that_of_its_own_t_test() -> None:
    table = page().table("CAR [0,0] of each event").set_index("event_id")
    for event in table.index[:3]:
        alone = result().where(result().events.index == event)
        low, high = alone.test("single_t", (0, 0)).ci
        agrees(table.loc[event, "low"], low)
        agrees(table.loc[event, "high"], high)


def test_the_timeline_says_which_dates_are_shared() -> None:
    table = page().table("Dates of each event").set_index("event_id")
    day0 = result().events["day0"] if "day0" in result().events else result().estimates["day0"]
    counts = day0.map(day0.value_counts())
    shared = table["shared"].astype(int)
    assert set(shared - counts[shared.index]) == {0}
    assert table["cluster"].nunique() == day0.nunique()
    assert set(table["day0"]) == set(day0.dt.strftime("%Y-%m-%d"))


def test_dropped_events_have_their_reasons() -> None:
    table = page().table("Every dropped event").set_index("event_id")
    true = result().dropped
    assert sorted(true["reason"]) == ["min_est", "unknown_ticker"]
    for event in true.index:
        assert table.loc[event, "reason"] == true.loc[event, "reason"]
        assert table.loc[event, "detail"] == true.loc[event, "detail"]
        assert table.loc[event, "ticker"] == true.loc[event, "ticker"]


def test_estimates_per_event() -> None:
    table = page().table("Estimates of 18 events").set_index("event_id")
    true = result().estimates
    assert list(table.index) == list(true.index)
    for event in true.index:
        for name in ("alpha", "MKT", "sigma", "r2", "n_obs", "dof"):
            agrees(table.loc[event, name], true.loc[event, name])


def test_estimates_of_volume_are_no_percentages() -> None:
    found = es.activity.volume(news(), panel(), STUDY)
    table = written(found, (0, 0)).table("Estimates of 18 events").set_index("event_id")
    for event in table.index:
        for name in ("alpha", "sigma", "r2"):
            assert "%" not in table.loc[event, name]
            agrees(table.loc[event, name], found.estimates.loc[event, name])


def test_data_checks_find_a_planted_split() -> None:
    prices = pd.DataFrame(bars(NAMES)["close"])
    prices.loc[DAYS[255] :, "AAA"] /= 10
    odd = STUDY.run(news(), es.Panel.from_prices(prices, market="MKT"))
    read = written(odd, (0, 0))
    assert "split" in read.text
    assert "split" not in "".join(written(result(), (0, 0)).pieces["td"])


def test_method_has_formulas_and_the_papers_of_what_was_used() -> None:
    after = page().source[page().source.index('id="method"') :]
    method = after[: after.index("</section>")]
    for test in set(page().table("Leading valid tests")["test"]):
        assert test in method
    assert "CAR_i" in method
    assert re.search(r"\(\d{4}\)", method)


def test_provenance_names_source_hash_and_versions() -> None:
    text = page().text
    assert panel().fingerprint in text
    for name in ("Python", "numpy", "pandas", "eventstudy"):
        assert re.search(rf"{name} \d+\.\d+", text)


@pytest.mark.parametrize("category", ["deal", "nvidia"])
def test_the_code_of_the_report_gives_its_numbers_again(
    category: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = es.catalysts.load(category=category, since="2025-01-01")
    events = es.catalysts.expand(events, es.universe.MINERS, who="sector").head(60)
    study = es.EventStudy(es.FactorModel(("SPY", "IBIT")), window=(-3, 3))
    first = study.run(events, study.load(events, es.loaders.sample, market="SPY"))
    read = Reader(first.to_html(tmp_path / "report.html", (0, 0)))
    (code,) = [text for text in read.pieces["code"] if "import eventstudy" in text]
    monkeypatch.chdir(tmp_path)
    Path("events.csv").write_text(json.loads(read.data["text-events-csv"]), encoding="utf-8")
    told: list[str] = []
    names: dict[str, Any] = {"print": lambda *words: told.append(" ".join(map(str, words)))}
    exec(code, names)  # noqa: S102  # what a reader does: copy, paste, run
    pd.testing.assert_frame_equal(names["result"].caar((0, 0)), first.caar((0, 0)))
    pd.testing.assert_frame_equal(names["result"].dropped, first.dropped)
    assert first.sentence((0, 0))[:60] in " ".join(" ".join(told).split())


class Mine:
    """A model of the user's own."""

    needs = es.MarketModel().needs

    def fit(self, block: es.Block) -> es.Fit:
        return es.MarketModel().fit(block)


def test_code_that_cannot_run_by_itself_says_what_is_missing() -> None:
    own = es.EventStudy(Mine(), (-200, -11), (-3, 3)).run(news(), panel())
    (code,) = [text for text in written(own, (0, 0)).pieces["code"] if "read_events" in text]
    assert "<Mine>" in code
    assert "put your own object there" in code
    assert "put your own" not in page().text
    volume = written(es.activity.volume(news(), panel(), STUDY), (0, 0))
    assert "The code that gives these numbers" not in volume.text
    assert "a panel with the fields that it measures" in volume.text


def test_simulated_prices_are_said_first() -> None:
    events = es.events_on("2026-02-25", es.universe.MINERS, session="after_close")
    loaded = STUDY.load(events, es.loaders.sample, market="SPY")
    read = written(STUDY.run(events, loaded), (0, 0))
    assert "SIMULATED" in "".join(read.pieces["p"]).split(".")[0]
    assert "SIMULATED" not in page().text


# ── the report: unusual results ──────────────────────────────────────────────────────────────
def thirty() -> es.Result:
    events = news(60, step=4).assign(kind=[f"group <{k % 30}>" for k in range(60)])
    return STUDY.run(events, panel())


UNUSUAL: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "one event": (lambda: STUDY.run(news(1), panel()), {}),
    "nothing dropped": (lambda: STUDY.run(news(), panel()), {}),
    "all but one dropped": (
        lambda: STUDY.run(pd.concat([news(1), with_lost().tail(2)]), panel()),
        {},
    ),
    "sums only": (
        lambda: STUDY.run(news(), panel(), store="aggregate", windows=list(WINDOWS)),
        {},
    ),
    "cars only": (lambda: STUDY.run(news(), panel(), store="car", windows=list(WINDOWS)), {}),
    "volume": (lambda: es.activity.volume(news(), panel(), STUDY), {}),
    "log returns": (lambda: STUDY.run(news(), panel("log")), {}),
    "two groups": (result, {"by": "kind"}),
    "thirty groups": (thirty, {"by": "kind"}),
    "a mask": (lambda: result().where(result().events["kind"] == "k0"), {}),
    "raw returns": (
        lambda: es.EventStudy(es.RawReturn(), (-200, -11), (-3, 3)).run(news(), panel()),
        {},
    ),
    "one day": (
        lambda: es.EventStudy(estimation=(-200, -11), window=(0, 0)).run(news(), panel()),
        {},
    ),
}


@pytest.mark.parametrize("case", UNUSUAL)
def test_an_unusual_result_has_a_report_with_its_numbers(case: str) -> None:
    make, options = UNUSUAL[case]
    found = make()
    windows = ((0, 0),) if case == "one day" else WINDOWS
    read = written(found, *windows, **options)
    answer_agrees(read, found, windows)
    assert found.sentence((0, 0)) in read.text
    wanted = [part for part in ORDER if part in read.parts]
    assert [part for part in read.parts if part in ORDER] == wanted
    assert {"The answer in numbers", "Tests", "Dropped events", "Provenance"} <= set(read.parts)
    for figure in read.figures:
        assert "NaN" not in json.dumps(figure)
    shown = " ".join(" ".join(row) for table in read.tables for row in table.rows)
    assert not re.search(r"\bnan\b|\bNaT\b|\bNone\b", shown)


def test_groups_each_have_a_row_that_is_theirs() -> None:
    read = written(result(), (0, 0), by="kind")
    table = read.table("By group").set_index("group")
    groups = result().by("kind")
    assert set(table.index) == {"k0", "k1"}
    for name in table.index:
        true = groups[name].caar((0, 0)).iloc[0]
        agrees(table.loc[name, "CAAR"], true["estimate"])
        agrees(table.loc[name, "p"], true["pvalue"])


def test_sums_say_why_parts_are_missing() -> None:
    sums = STUDY.run(news(), panel(), store="aggregate", windows=list(WINDOWS))
    read = written(sums, *WINDOWS)
    assert "aggregate" in read.text
    assert "Each event, [0,0]" not in read.parts


def test_without_any_event_the_refusal_is_one_sentence(tmp_path: Path) -> None:
    none = with_lost().tail(2)
    with pytest.raises(EventStudyError) as caught:
        STUDY.run(none, panel()).to_html(tmp_path / "none.html")
    assert "\n" not in str(caught.value)


@cache
def many(n: int) -> es.Result:
    rng = np.random.default_rng(1)
    names = [f"T{k:04d}" for k in range(400)]
    returns = pd.DataFrame(rng.normal(0, 0.02, (len(DAYS), 401)), DAYS, [*names, "MKT"])
    table = pd.DataFrame(
        {
            "ticker": rng.choice(names, 2 * n),
            "date": DAYS[rng.integers(215, 510, 2 * n)],
            "headline": "A headline as long as those that one finds in a catalogue of news",
        }
    )
    table = table.drop_duplicates(["ticker", "date"]).head(n)
    return STUDY.run(table, es.Panel.from_returns(returns, market="MKT"))


@pytest.mark.parametrize("n", [5_000, 8_000])
def test_many_events_make_no_large_file(n: int, tmp_path: Path) -> None:
    file = many(n).to_html(tmp_path / "report.html", (0, 0))
    assert len(many(n).events) == n
    assert file.stat().st_size <= 8e6
    read = Reader(file)
    answer_agrees(read, many(n), ((0, 0),))
    points = [len(t.get("x") or []) for figure in read.figures for t in figure["data"]]
    assert max(points) <= 3 * 5_000
    said = re.search(r"\b(sample|of 8,?000|of 8 000)", read.text)
    assert said or n == 5_000


# ── pictures ─────────────────────────────────────────────────────────────────────────────────
PICTURES: dict[str, Callable[..., Axes]] = {
    "plot": lambda ax=None, **o: result().plot(ax=ax, **o),
    "plot_bars": lambda ax=None, **o: result().plot_bars((0, 0), ax=ax, **o),
    "plot_cars": lambda ax=None, **o: result().plot_cars((0, 0), ax=ax, **o),
    "plot_heatmap": lambda ax=None, **o: result().plot_heatmap(ax=ax, **o),
    "plot_timeline": lambda ax=None, **o: result().plot_timeline(ax=ax, **o),
    "plot_vary": lambda ax=None, **o: result().plot_vary(
        model=[es.MarketModel(), es.MeanAdjusted()], ax=ax, **o
    ),
}


@pytest.fixture(autouse=True)
def _nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def shown(*_: object, **__: object) -> None:
        raise AssertionError("a picture was shown")

    monkeypatch.setattr(plt, "show", shown)
    monkeypatch.setattr(Figure, "show", shown)
    yield
    plt.close("all")


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_takes_axes_and_gives_them_back(name: str) -> None:
    _, own = plt.subplots()
    before = dict(mpl.rcParams)
    drawn = PICTURES[name](ax=own)
    assert drawn.figure is own.figure
    assert drawn is own
    alone = PICTURES[name](title="A title")
    assert isinstance(alone, Axes)
    assert "A title" in alone.get_title() + alone.get_title(loc="left") + suptitle(alone)
    alone.figure.canvas.draw()
    assert dict(mpl.rcParams) == before


def suptitle(ax: Axes) -> str:
    figure = ax.get_figure()
    assert figure is not None
    return figure.get_suptitle()


@pytest.mark.parametrize("name", PICTURES)
def test_hostile_tickers_are_drawn_as_text(name: str, tmp_path: Path) -> None:
    ax = PICTURES[name](title=r"$\frac{ <b> _x")
    ax.figure.savefig(tmp_path / "picture.svg")  # type: ignore[union-attr]  # figures of figures do not occur
    assert (tmp_path / "picture.svg").stat().st_size > 1000


def test_the_drawn_caar_is_the_table() -> None:
    ax = result().plot()
    lines = {len(line.get_xdata()): line for line in ax.get_lines()}  # type: ignore[arg-type]  # data have a length
    true = result().aar["caar"]
    drawn = np.asarray(lines[len(true)].get_ydata(), dtype=float)
    scale = 100 if abs(drawn).max() > 10 * abs(true).max() else 1
    np.testing.assert_allclose(drawn / scale, true, atol=1e-12)


def test_the_drawn_bars_are_the_tickers_means() -> None:
    ax = result().plot_bars((0, 0))
    cars = result().car((0, 0))["[0,0]"]
    means = cars.groupby(result().events["ticker"]).mean()
    bars = [group for group in ax.containers if isinstance(group, BarContainer)]
    lengths = [bar.get_width() for group in bars for bar in group]
    np.testing.assert_allclose(np.sort(lengths), np.sort(means), atol=1e-12)


def test_the_drawn_heat_map_is_ar() -> None:
    ax = result().plot_heatmap()
    (mesh,) = ax.collections or ax.images
    drawn = np.sort(np.asarray(mesh.get_array()).ravel())
    true = np.sort(result().ar.to_numpy().ravel())
    scale = 100 if abs(drawn).max() > 10 * abs(true).max() else 1
    np.testing.assert_allclose(drawn / scale, true, atol=1e-12)


def test_the_drawn_specifications_are_those_of_vary() -> None:
    ax = PICTURES["plot_vary"]()
    heights: list[float] = []
    for line in ax.get_lines():
        heights.extend(np.ravel(line.get_ydata()))
    for dots in ax.collections:
        heights.extend(np.ravel(np.asarray(dots.get_offsets())[:, 1]))
    for estimate in (
        STUDY.vary(model=[es.MarketModel(), es.MeanAdjusted()])
        .run(with_lost(), panel(), draws=0)
        .table["estimate"]
    ):
        assert min(abs(np.array([*heights, *np.array(heights) / 100]) - estimate)) < 1e-9


def test_a_picture_of_a_group_each() -> None:
    _, own = plt.subplots()
    axes = np.ravel(np.asarray(result().by("kind").plot(ax=own)))
    assert [ax.get_title(loc="left")[:2] for ax in axes] == ["k0", "k1"]
    assert axes[0] is own


# ── tables ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("case", UNUSUAL)
def test_the_summary_keeps_to_eighty_columns(case: str) -> None:
    text = str(UNUSUAL[case][0]().summary())
    assert max(map(len, text.splitlines())) <= 80


def test_the_summary_in_html_and_markdown_has_the_numbers() -> None:
    row = result().caar((0, 0)).iloc[0]
    number = f"{row['estimate']:+.2%}".replace("%", " %")
    assert number in result().summary((0, 0))._repr_html_()
    assert number in result().to_markdown(None, (0, 0))


def test_markdown_does_not_break_at_a_bar_in_a_ticker() -> None:
    text = result().to_markdown(None, *WINDOWS)
    blocks = re.findall(r"(?:^\|.*\|$\n?)+", text, re.MULTILINE)
    assert blocks
    for block in blocks:
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in block.strip().splitlines()}
        assert len(cells) == 1
    assert "<img" not in re.sub(r"\\<|&lt;|`[^`]*`", "", text)


def test_latex_is_for_a_paper() -> None:
    tex = result().to_latex(None, *WINDOWS)
    for word in (r"\toprule", r"\midrule", r"\bottomrule", r"\caption{", r"\begin{tabular}"):
        assert word in tex
    leading = result().caar((0, 0))["test"].iloc[0]
    papers = {"dates_csect": "Jaffe (1974)", "dates_cluster": "McCaffrey", "adj_bmp": "Kolari"}
    assert papers[leading] in tex
    assert tex.count("{") - tex.count(r"\{") == tex.count("}") - tex.count(r"\}")
    assert tex.isascii()


def test_every_form_of_the_summary_has_the_same_statistics() -> None:
    summary = result().summary((0, 0))
    pattern = r"placebo windows[ |&]+([+$-]+[\d.]+)( %|\\,\\%)"
    forms = [str(summary), summary.to_markdown(), summary.to_latex()]
    found = [re.search(pattern, text) for text in forms]
    assert len({re.sub(r"[$]", "", one[1]) for one in found if one}) == 1
    assert all(found)


def test_latex_escapes_what_strangers_wrote() -> None:
    tex = es.etable(result().by("kind"), names=["$x_1$ & 50 %", r"\input{p} #~^"]).to_latex()
    assert r"\input{" not in tex
    assert r"\$x\_1\$ \& 50" in tex


def test_latex_compiles_in_the_head_every_special_sign_is_escaped() -> None:
    tex = result().by("kind").to_latex()
    body = "\n".join(line for line in tex.splitlines() if not line.lstrip().startswith("%"))
    for row in body.splitlines():
        if row.rstrip().endswith(r"\\"):
            assert not re.search(r"(?<!\\)[#%_]", re.sub(r"\$[^$]*\$", "", row)), row


def test_a_workbook_has_sheets_and_runs_nothing(tmp_path: Path) -> None:
    file = result().to_excel(tmp_path / "study.xlsx", *WINDOWS)
    book = openpyxl.load_workbook(file)
    assert {"summary", "caar", "tests", "car", "estimates", "dropped"} <= set(book.sheetnames)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert not [cell for cell in cells if cell.hyperlink]
    assert HOSTILE in {cell.value for cell in cells}


def test_a_workbook_has_the_numbers(tmp_path: Path) -> None:
    file = result().to_excel(tmp_path / "study.xlsx", *WINDOWS)
    read = pd.read_excel(file, sheet_name=None, index_col=0)
    for name, true in {
        "caar": result().caar(*WINDOWS),
        "car": result().car(*WINDOWS),
        "estimates": result().estimates,
    }.items():
        shown = read[name]
        for column in true.select_dtypes("number"):
            np.testing.assert_allclose(
                shown[column].to_numpy(float), true[column].to_numpy(float), rtol=1e-12
            )


def test_csv_files_have_the_numbers_and_run_nothing(tmp_path: Path) -> None:
    files = result().to_csv(tmp_path / "tables", *WINDOWS)
    assert {"caar.csv", "tests.csv", "car.csv", "dropped.csv"} <= {file.name for file in files}
    caar = pd.read_csv(tmp_path / "tables" / "caar.csv", index_col=0)
    true = result().caar(*WINDOWS)
    np.testing.assert_array_equal(caar["estimate"], true["estimate"])
    for file in files:
        for cell in re.split(r'[,\n]"?', file.read_text("utf-8")):
            assert not cell.startswith(("=", "@"))
            assert not re.match(r"[+-](?![\d.]|inf)", cell)


def test_studies_stand_side_by_side() -> None:
    others = [result(), es.EventStudy(es.MeanAdjusted(), (-200, -11), (-3, 3)).run(news(), panel())]
    table = es.etable(others, WINDOWS, names=["one", "two"])
    text = str(table)
    assert max(map(len, text.splitlines())) <= 80
    for found in others:
        estimate = found.caar((0, 0))["estimate"].iloc[0]
        assert f"{estimate:+.2%}".replace("%", " %").lstrip("+") in text
    assert "Stars" in text
    for level in ("10 %", "5 %", "1 %"):
        assert level in text


def strong() -> es.Result:
    """A reaction that nobody can miss."""
    prices = pd.DataFrame(bars(NAMES)["close"])
    for row in news().to_dict("records"):
        prices.loc[DAYS[row["date"] <= DAYS], row["ticker"]] *= 1.3
    return STUDY.run(news(), es.Panel.from_prices(prices, market="MKT"))


def test_stars_stand_in_etable_only(tmp_path: Path) -> None:
    found = strong()
    assert found.caar((0, 0))["pvalue"].iloc[0] < 0.01
    assert "***" in str(es.etable([found], (0, 0)))
    assert "*" not in str(es.etable([found], (0, 0), stars=False))
    texts = [
        str(found.summary()),
        found.sentence((0, 0)),
        found.to_latex(None, (0, 0)).replace(r"\\*", "").replace("table*", ""),
        *(cell for t in written(found, (0, 0)).tables for row in t.rows for cell in row),
    ]
    assert not [text for text in texts if re.search(r"[\d%]\s*\**\*", text)]
    found.to_excel(tmp_path / "s.xlsx", (0, 0))


@pytest.mark.parametrize("n", [1, 2, 3, 6])
def test_etable_takes_any_number_of_studies(n: int) -> None:
    table = es.etable([result()] * n, (0, 0))
    assert table.to_latex().count(r"\begin{tabular}") >= 1
    assert isinstance(str(table), str)
    assert isinstance(table.to_markdown(), str)


# ── friendly details ─────────────────────────────────────────────────────────────────────────
def objects() -> list[object]:
    found = result()
    return [
        STUDY,
        panel(),
        found,
        found.by("kind"),
        found.single(found.events.index[0]),
        found.test("adj_bmp", (0, 0)),
        found.explain("size", (0, 0)),
        es.MarketModel(),
        es.FactorModel(("A", "B")),
        es.Timing(),
        es.Window(0, 1),
        es.Rule(),
        es.Costs(),
        es.Limits(),
        es.CalendarTime(holding=(1, 20), model=es.MarketModel()),
        es.BuyAndHold((1, 20)),
        backtest(),
        curve(),
        STUDY.vary(model=[es.MarketModel()]),
        STUDY.preview(es.events_on(DAYS[-1], NAMES, session="after_close"), panel()),
        es.activity.volume(news(), panel(), STUDY),
        es.activity.overnight(news(), panel(), STUDY),
        es.activity.volatility(news(), panel(), STUDY),
        es.etable([found], (0, 0)),
        found.summary(),
    ]


def test_every_object_says_what_it_is_in_one_line() -> None:
    for thing in objects():
        said = repr(thing)
        assert "\n" not in said, type(thing).__name__
        assert 0 < len(said) <= 160, (type(thing).__name__, len(said))
        assert " object at 0x" not in said


def test_types_are_shipped() -> None:
    assert (Path(es.__file__).parent / "py.typed").is_file()


def test_security_is_written_down() -> None:
    text = (ROOT / "SECURITY.md").read_text("utf-8").lower()
    assert "pickle" in text
    assert "trust" in text


def test_progress_is_for_terminals(capfd: pytest.CaptureFixture[str]) -> None:
    STUDY.calibrate(news(), panel(), draws=20)
    STUDY.vary(model=[es.MarketModel(), es.MeanAdjusted()]).run(news(), panel(), draws=19)
    told = capfd.readouterr()
    assert (told.out, told.err) == ("", "")


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "", "there", "file/in"])
@pytest.mark.parametrize(
    "write", ["to_html", "to_excel", "to_latex", "to_markdown", "to_csv"], ids=str
)
def test_refusals_of_writing_are_one_sentence(
    write: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("mine", encoding="utf-8")
    if write != "to_csv":
        Path("there.xlsx" if write == "to_excel" else "there").mkdir()
    else:
        Path("there").write_text("mine", encoding="utf-8")
    path = f"{name}.xlsx" if write == "to_excel" and name else name
    before = sorted(file.name for file in tmp_path.rglob("*"))
    with pytest.raises(EventStudyError) as caught:
        getattr(result(), write)(path, (0, 0))
    assert "\n" not in str(caught.value)
    assert sorted(file.name for file in tmp_path.rglob("*")) == before
    assert Path("file").read_text("utf-8") == "mine"


@pytest.mark.parametrize("by", [3, "nope", 1.5])
def test_groups_by_nothing_that_is_there(by: Any, tmp_path: Path) -> None:
    with pytest.raises(EventStudyError, match="have no column"):
        result().to_html(tmp_path / "report.html", by=by)


@pytest.mark.parametrize("name", PICTURES)
def test_a_year_may_be_a_title(name: str) -> None:
    ax = PICTURES[name](title=2026)
    assert "2026" in ax.get_title() + ax.get_title(loc="left") + suptitle(ax)


# ── the command line ─────────────────────────────────────────────────────────────────────────
COMMANDS = ("demo", "run", "catalysts", "preview", "calibrate", "vary", "backtest", "detect")


def shell(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """What a command line answers, and its exit code."""
    from eventstudy.cli import main

    try:
        code = main(list(words))
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else 1
    told = capsys.readouterr()
    return int(code or 0), told.out + told.err


@cache
def examples(command: str) -> list[str]:
    """The lines below `examples:` of a command's help, each as it is typed."""
    import contextlib
    import io

    from eventstudy.cli import main

    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.suppress(SystemExit):
        main([command, "--help"] if command else ["--help"])
    below = told.getvalue().partition("examples:")[2].replace("\\\n", " ")
    return [line.strip() for line in below.splitlines() if line.startswith("    eventstudy ")]


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_has_examples_and_fits_the_terminal(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = shell(capsys, *([command] if command else []), "--help")
    assert code == 0
    assert max(map(len, told.splitlines())) <= 80
    assert examples(command)


@pytest.mark.parametrize("command", [c for c in COMMANDS if c not in {"calibrate", "demo"}])
def test_examples_of_the_help_run(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [" ".join(line.split()) for line in examples(command)]
    offline = [line for line in lines if "yahoo" not in line]
    assert offline
    for line in offline:
        code, told = shell(capsys, *line.split()[1:])
        assert code == 0, (line, told)


def test_run_with_report_writes_the_page_beside_the_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events, prices = tmp_path / "events.csv", tmp_path / "prices.csv"
    with_lost().to_csv(events, index=False)
    bars(NAMES)["close"].to_csv(prices, index_label="date")
    words = ["--events", str(events), "--prices", str(prices), "--market", "MKT"]
    plan = ["--estimation", "-200:-11", "--window", "-3:3", "--car", "0:0,-1:1"]
    out = tmp_path / "out"
    code, told = shell(capsys, "run", *words, *plan, "--out", str(out), "--report")
    assert code == 0, told
    read = Reader(out / "report.html")
    assert read.parts == [p for p in ORDER if p not in {"Specification curve", "Backtest"}]
    answer_agrees(read, result(), WINDOWS)
    caar = pd.read_csv(out / "caar.csv", index_col="window")
    np.testing.assert_allclose(caar["estimate"], result().caar(*WINDOWS)["estimate"], atol=1e-12)


def test_demo_writes_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = shell(capsys, "demo", "--out", str(tmp_path / "demo"))
    assert code == 0, told
    read = Reader(tmp_path / "demo" / "report.html")
    assert read.parts[0] == "The answer in numbers"
    assert "SIMULATED" in "".join(read.pieces["p"]).split(".")[0]
    assert "report.html" in told


def test_a_terminal_that_knows_only_ascii_is_no_reason_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eventstudy.cli import main

    with (tmp_path / "told.txt").open("w", encoding="ascii") as ascii_only:
        monkeypatch.setattr("sys.stdout", ascii_only)
        assert main(["demo", "--out", str(tmp_path / "demo")]) == 0
    assert "95 % interval" in (tmp_path / "told.txt").read_text("ascii")
