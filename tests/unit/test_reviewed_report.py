"""Every number that leaves a study, read back from its files and held against its tables."""

from __future__ import annotations

import functools
import io
import itertools
import math
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from picture_world import drawn_by
from report_pages import Page
from scipy import stats

import eventstudy as es
from eventstudy.report import name_of_test
from eventstudy.report.document import Chart, Document, Part, Table, part_of, write
from eventstudy.report.exports import Sheet, latex_table, saved, write_workbook
from eventstudy.report.exports.escaping import latex_text
from eventstudy.report.pages import Page as PageOfText
from eventstudy.result import findings
from eventstudy.windows import Window

NAMES = ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF"]
DAYS = pd.bdate_range("2023-01-02", periods=420)
ASKED = ((0, 0), (-1, 1), (0, 3))
WINDOWS = [Window(*pair) for pair in ASKED]


# ── random studies ───────────────────────────────────────────────────────────────────────
def panel(seed: int, *, missing: float = 0.0, kind: str = "simple", odd: str = "") -> es.Panel:
    rng = np.random.default_rng(seed)
    market = rng.normal(0, 0.01, (len(DAYS), 1))
    own = market * rng.uniform(0.5, 1.5, len(NAMES)) + rng.normal(0, 0.02, (len(DAYS), len(NAMES)))
    own[rng.random(own.shape) < missing] = np.nan
    names = [odd, *NAMES[1:]] if odd else NAMES
    frame = pd.DataFrame(np.hstack([own, market]), DAYS, [*names, "SPY"])
    volume = pd.DataFrame(np.exp(rng.normal(13, 0.3, own.shape)), DAYS, names)
    return es.Panel.from_returns(frame, market="SPY", kind=kind, fields={"volume": volume})


def events(*places: int, odd: str = "") -> pd.DataFrame:
    names = [odd, *NAMES[1:]] if odd else NAMES
    table = pd.concat([es.events_on(DAYS[at], names, session="before_open") for at in places])
    return table.assign(kind=["deal", "capex"] * (len(table) // 2))


STUDY = es.EventStudy(estimation=(-200, -11), window=(-4, 4))
MADE: dict[str, Callable[[], es.Result]] = {
    "one date": lambda: STUDY.run(events(300), panel(1)),
    "dates": lambda: STUDY.run(events(260, 262, 310, 350), panel(2)),
    "missing": lambda: STUDY.run(events(280, 330), panel(3, missing=0.06)),
    "skip": lambda: es.EventStudy(
        estimation=(-200, -11), window=(-4, 4), missing="skip"
    ).run(events(280, 330), panel(4, missing=0.06)),
    "log": lambda: STUDY.run(events(300, 340), panel(5, kind="log")),
    "one event": lambda: STUDY.run(events(300).head(1), panel(6)),
    "dropped": lambda: STUDY.run(events(3, 300, 340, 418), panel(7)),
    "volume": lambda: es.activity.volume(events(300, 340), panel(8), STUDY),
    "car": lambda: STUDY.run(events(300, 340), panel(9), store="car", windows=list(ASKED)),
    "sums": lambda: STUDY.run(events(300, 340), panel(9), store="aggregate", windows=list(ASKED)),
}  # fmt: skip

#: studies that are not asked for their groups
ALONE = ("one event", "sums")


@functools.cache
def result(name: str) -> es.Result:
    return MADE[name]()


# ── reading back ─────────────────────────────────────────────────────────────────────────
class Grids(HTMLParser):
    """Caption → rows of texts, the heads first."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, list[list[str]]] = {}
        self.rows: list[list[str]] = []
        self.caption = self.cell = self.inside = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "table":
            self.rows, self.caption = [], ""
        elif tag == "tr":
            self.rows.append([])
        if tag in ("td", "th", "caption"):
            self.inside, self.cell = tag, ""

    def handle_data(self, data: str) -> None:
        self.cell += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "caption":
            self.caption = self.cell
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append(self.cell)
        elif tag == "table":
            self.found.setdefault(self.caption, self.rows)


def frame_of(rows: list[list[str]]) -> pd.DataFrame:
    return pd.DataFrame(rows[1:], columns=rows[0])


def holds(text: str, value: float) -> bool:
    """Whether ``text`` says ``value`` to its own last digit; "–" says that there is none."""
    text = text.replace("−", "-").strip()
    if text in ("–", ""):
        return math.isnan(value)
    if text.startswith("<"):
        return 0 <= value < float(text[1:])
    number, _, unit = text.replace(",", "").partition(" ")
    assert unit in ("", "%"), text
    digits = re.fullmatch(r"[+-]?(\d+)(?:\.(\d+))?(?:e([+-]\d+))?", number)
    assert digits, text
    last = 10.0 ** (int(digits[3] or 0) - len(digits[2] or "")) / (100 if unit else 1)
    said = float(number) / (100 if unit else 1)
    return abs(said - value) <= last / 2 * (1 + 1e-9)


def ends(text: str) -> tuple[str, str]:
    """The two numbers of an interval, each with its unit."""
    if text == "–":
        return text, text
    low, high = text.split(" to ")
    return (f"{low} %" if high.endswith("%") and not low.endswith("%") else low), high


def agree(found: pd.DataFrame, name: str, values: Any) -> None:
    texts = found[name].tolist()
    assert len(texts) == len(list(values))
    for text, value in zip(texts, values, strict=True):
        assert holds(text, float(value)), (name, text, value)


def windows_agree(found: pd.DataFrame, caar: pd.DataFrame) -> None:
    """A table of windows says what ``caar`` holds."""
    agree(found, "CAAR", caar["estimate"])
    pairs = [ends(text) for text in found["95 % interval"].tolist()]
    for column, texts in zip(("ci_low", "ci_high"), zip(*pairs, strict=True), strict=True):
        assert all(map(holds, texts, caar[column].tolist())), (texts, caar[column])
    agree(found, "p", caar["pvalue"])
    agree(found, "n", caar["n"])
    agree(found, "n_eff", caar["n_eff"])


# ── the report ───────────────────────────────────────────────────────────────────────────
@functools.cache
def page(name: str, folder: Path) -> str:
    by = "kind" if name not in ALONE else None
    path = result(name).to_html(folder / f"{name}.html", *ASKED, by=by)
    return path.read_text("utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.mark.parametrize("name", list(MADE))
def test_the_tables_of_a_report_say_what_the_result_holds(name: str, folder: Path) -> None:
    found, grids = result(name), Grids(page(name, folder)).found
    noun = found.measure.noun
    answer = frame_of(grids[f"Cumulative average {noun}"])
    caar = found.caar(*ASKED)
    assert answer["window"].tolist() == caar.index.tolist()
    windows_agree(answer, caar)
    assert answer["test"].tolist() == caar["test"].tolist()

    (title,) = [title for title in grids if title.startswith("Day by day")]
    daily, path = frame_of(grids[title]), found.path()
    for column in ("caar", "low", "high", "n"):
        agree(daily, column, path[column])
    agree(daily, "aar", found.aar["aar"])
    agree(daily, "pvalue", found.aar["pvalue"])

    if name not in ALONE:
        groups = frame_of(grids["By group, [0,0]"])
        whole = found.by("kind").caar((0, 0)).droplevel("window")
        windows_agree(groups, whole.loc[groups["group"].tolist()])
        assert set(groups["group"]) == {"deal", "capex"}


@pytest.mark.parametrize("name", list(MADE))
def test_three_valid_tests_lead_and_all_say_their_numbers(name: str, folder: Path) -> None:
    found, grids = result(name), Grids(page(name, folder)).found
    tests = found.tests(*ASKED)
    valid = tests["valid"].astype(bool)
    shown = [
        frame_of(grids[title])
        for title in grids
        if title == "Leading valid tests" or title.startswith("Other valid tests")
    ]
    said = pd.concat(shown, ignore_index=True)
    assert len(said) == valid.sum()
    keys = pd.MultiIndex.from_frame(said[["window", "test"]])
    own = tests[valid].set_index(["window", "test"]).loc[keys]
    agree(said, "statistic", own["statistic"])
    agree(said, "p", own["pvalue"])
    assert said["name"].tolist() == [name_of_test(key) for key in said["test"].tolist()]
    for window in [w.label for w in WINDOWS]:
        asked = tests[valid & (tests["window"] == window)]["test"].tolist()
        leading = shown[0][shown[0]["window"] == window]["test"].tolist()
        assert leading == asked[:3]
        assert found.caar(window)["test"].item() in leading[:1]
    why = frame_of(grids["Why each is not valid"])
    listed = {
        (window, one.partition(" ")[0]): one
        for window, texts in zip(why["window"], why["test = p"], strict=True)
        for one in texts.split(", ")
    }
    invalid = tests[~valid].set_index(["window", "test"])
    assert set(listed) == set(invalid.index)
    for key, text in listed.items():
        wrote = text.partition(" ")[2].removeprefix("= ").replace("< ", "<")
        assert holds(wrote, float(invalid.loc[key, "pvalue"]))


@pytest.mark.parametrize("name", [n for n in MADE if n != "sums"])
def test_single_events_tickers_and_estimates_in_a_report(name: str, folder: Path) -> None:
    found, grids = result(name), Grids(page(name, folder)).found
    (title,) = [title for title in grids if title.startswith("CAR [0,0] of each event")]
    cars = frame_of(grids[title]).set_index("event_id")
    car = found.car((0, 0)).iloc[:, 0].loc[cars.index]
    agree(cars, "estimate", car)
    assert car.dropna().is_monotonic_decreasing
    error = (car / found.scar((0, 0)).iloc[:, 0]).loc[cars.index]
    half = stats.t.ppf(0.975, found.estimates["dof"].loc[cars.index]) * error
    agree(cars, "low", car - half)
    agree(cars, "high", car + half)

    (title,) = [title for title in grids if title.endswith("[0,0] by ticker")]
    tickers = frame_of(grids[title]).set_index("ticker")
    mean = found.car((0, 0)).iloc[:, 0].groupby(found.events["ticker"]).mean().dropna()
    agree(tickers, "estimate", mean.loc[tickers.index])
    assert len(tickers) == len(mean)

    (title,) = [title for title in grids if title.startswith("Estimates of")]
    estimates = frame_of(grids[title])
    for column in ("alpha", "sigma", "r2", "n_obs", "dof"):
        agree(estimates, column, found.estimates[column])

    dates = frame_of(grids["Dates of each event"]).set_index("event_id")
    assert dates["day0"].tolist() == found.estimates["day0"].astype(str).tolist()
    sessions = found.panel.sessions
    at = np.searchsorted(sessions, dates["day0"].to_numpy(dtype="datetime64[D]"))
    assert dates["first"].tolist() == sessions[at - 4].astype(str).tolist()
    assert dates["last"].tolist() == sessions[at + 4].astype(str).tolist()
    shared = found.estimates.groupby("day0")["day0"].transform("size")
    assert dates["shared"].astype(int).tolist() == shared.tolist()


def test_clusters_of_a_report_are_chains_of_overlapping_windows(folder: Path) -> None:
    dates = frame_of(Grids(page("dates", folder)).found["Dates of each event"])
    spans = dates[["first", "last", "cluster"]].drop_duplicates().to_numpy().tolist()
    for one, two in itertools.combinations(spans, 2):
        overlap = one[0] <= two[1] and two[0] <= one[1]
        assert overlap == (one[2] == two[2])
    assert "24 events on 4 dates, whose event windows form 3 clusters" in page("dates", folder)


def test_dropped_events_of_a_report_are_counted(folder: Path) -> None:
    grids = Grids(page("dropped", folder)).found
    dropped = result("dropped").dropped
    reasons = frame_of(grids["Dropped events by reason"]).set_index("reason")["events"]
    assert reasons.astype(int).to_dict() == dropped["reason"].value_counts().to_dict()
    every = frame_of(grids[f"Every dropped event ({len(dropped)})"])
    assert every["event_id"].tolist() == dropped.index.tolist()


@pytest.mark.parametrize("name", list(MADE))
def test_the_pictures_of_a_report_hold_the_numbers(name: str, folder: Path) -> None:
    found, read = result(name), Page(page(name, folder))
    unit = 1.0 if found.measure.formats else 100.0
    layers = {layer["name"]: layer for layer in read.data("data-path")["data"]}
    path = found.path()
    close(layers["CAAR"]["y"] if "CAAR" in layers else layers["mean"]["y"], unit * path["caar"])
    close(layers["95 % band"]["y"], unit * np.append(path["low"], path["high"][::-1]))
    if name == "sums":
        assert not read.all("script", id="data-bars")
        return
    bars = read.data("data-bars")["data"][0]
    means = findings.bars(found, Window(0, 0))["estimate"]
    close(sorted(bars["x"]), np.sort(unit * means))
    heat = read.data("data-heat")["data"][0]
    close(sorted(x for row in heat["z"] for x in row if x is not None),
          np.sort(unit * found.ar.to_numpy()[np.isfinite(found.ar)]), 1e-3)  # fmt: skip
    dots = [y for layer in read.data("data-cars")["data"] if layer["mode"] == "markers"
            for y in layer["y"]]  # fmt: skip
    close(sorted(dots), np.sort(unit * found.car((0, 0)).iloc[:, 0].dropna()))


def close(texts: Any, values: Any, step: float = 1e-9) -> None:
    known = np.array([np.nan if x is None else x for x in texts], dtype=float)
    np.testing.assert_allclose(known, np.asarray(values, dtype=float), rtol=2e-5, atol=step)


# ── tables for a paper, a page, a spreadsheet ────────────────────────────────────────────
def latex_rows(text: str, at: int = 0) -> list[list[str]]:
    """The rows of a table in LaTeX, its macros taken away."""
    body = text.split(r"\toprule")[at + 1].split(r"\bottomrule", maxsplit=1)[0]
    marks = {r"\,\%": " %", r"\%": "%", r"\_": "_", "{[}": "[", "{]}": "]", "$-$": "-", "$<$": "<",
             "--": "–", r"\&": "&"}  # fmt: skip
    rows = []
    for macro, sign in marks.items():
        body = body.replace(macro, sign)
    for line in body.split(r"\\"):
        cells = [cell.strip() for cell in line.replace(r"\midrule", "").split(" & ")]
        rows.append(cells)
    return rows[:-1]


def markdown_rows(text: str) -> list[list[list[str]]]:
    tables: list[list[list[str]]] = [[]]
    for line in text.split("\n"):
        if line.startswith("|"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            tables[-1].append([cell.replace("&lt;", "<") for cell in cells])
        elif tables[-1]:
            tables.append([])
    return [[table[0], *table[2:]] for table in tables if table]


@pytest.mark.parametrize("name", list(MADE))
def test_latex_markdown_and_the_page_of_a_summary_say_the_numbers(name: str) -> None:
    found = result(name)
    caar, tests = found.caar(*ASKED), found.tests(ASKED[0])
    summary = Grids(found.summary(*ASKED).to_html()).found
    from_html = frame_of(summary[f"Cumulative average {found.measure.noun}"])
    from_markdown, valid, *_ = map(frame_of, markdown_rows(found.to_markdown(None, *ASKED)))
    latex = found.to_latex(None, *ASKED)
    for table in (from_html, from_markdown, frame_of(latex_rows(latex))):
        assert table["window"].tolist() == caar.index.tolist()
        windows_agree(table, caar)
    assert frame_of(latex_rows(latex))["test"].tolist() == [name_of_test(t) for t in caar["test"]]
    own = tests[tests["valid"].astype(bool)].set_index("test")
    assert valid["test"].tolist() == own.index.tolist()
    agree(valid, "p", own["pvalue"])
    agree(valid, "statistic", own["statistic"])


@pytest.mark.parametrize("name", list(MADE))
def test_csv_and_excel_give_every_number_back(name: str, tmp_path: Path) -> None:
    found = result(name)
    tables = {"caar": found.caar(*ASKED), "tests": found.tests(*ASKED), "aar": found.aar}
    if name != "sums":
        tables |= {"car": found.car(*ASKED), "ar": found.ar, "estimates": found.estimates}
    found.to_csv(tmp_path, *ASKED)
    book = openpyxl.load_workbook(found.to_excel(tmp_path / "all.xlsx", *ASKED))
    for key, table in tables.items():
        flat = table if key == "tests" else table.reset_index()
        read = pd.read_csv(tmp_path / f"{key}.csv", keep_default_na=False, na_values=[""])
        assert [str(c) for c in flat.columns] == list(read.columns)
        cells = [[cell.value for cell in row] for row in book[key].iter_rows()]
        assert cells[0] == list(flat.columns)
        for at, column in enumerate(flat.columns):
            if not pd.api.types.is_float_dtype(flat[column]):
                continue
            values = flat[column].to_numpy(dtype=float)
            np.testing.assert_array_equal(read.iloc[:, at].to_numpy(dtype=float), values)
            sheet = [np.nan if row[at] is None else float(str(row[at])) for row in cells[1:]]
            np.testing.assert_allclose(sheet, values, rtol=1e-14)


# ── studies side by side ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("below", ["se", "interval", "t", "p"])
def test_studies_side_by_side_say_what_their_results_hold(below: str) -> None:
    names = ["one date", "dates", "missing", "log", "one event", "dropped"]
    table = es.etable({name: result(name) for name in names}, list(ASKED), se=below)
    rows = latex_rows(table.to_latex())
    assert rows[0] == ["", *names]
    for at, name in enumerate(names, start=1):
        found = result(name)
        for k, window in enumerate(WINDOWS):
            own = found.caar(window).iloc[0]
            number, _, stars = rows[1 + 2 * k][at].partition("$^{")
            assert holds(number, own["estimate"])
            expected = sum(own["pvalue"] < level for level in (0.01, 0.05, 0.10))
            assert stars.count("*") == expected, (name, window, own["pvalue"])
            inside = rows[2 + 2 * k][at].strip("()")
            if below == "interval":
                low, high = ends(inside)
                assert holds(low, own["ci_low"])
                assert holds(high, own["ci_high"])
                continue
            spread = re.search(r"interval: (\w+)", own["note"])
            by = found.test(spread[1] if spread else own["test"], window)
            value = {"se": by.se, "t": own["statistic"], "p": own["pvalue"]}[below]
            assert holds(inside, value)
    said = dict(zip([row[0] for row in rows], rows, strict=True))
    for at, name in enumerate(names, start=1):
        leads = dict.fromkeys(result(name).caar(*ASKED)["test"])
        assert said["Stars by"][at] == ", ".join(map(name_of_test, leads))
        assert said["Firms"][at] == str(result(name).events["ticker"].nunique())
        counts = result(name).caar(*ASKED)["n"]
        assert said["Events"][at] in (f"{counts.min()}", f"{counts.min()} to {counts.max()}")
    text = " ".join(str(table).split())
    for name in names:
        for key in result(name).caar(*ASKED)["test"]:
            assert name_of_test(key) in text[text.index("Stars: ") :]


def test_no_column_has_stars_of_another_columns_test() -> None:
    single, many = result("one event"), result("dates")
    alone = es.etable([single]).notes[0]
    assert name_of_test(many.caar((0, 0))["test"].item()) not in alone
    assert name_of_test(single.caar((0, 0))["test"].item()) in alone


# ── the code of the report ───────────────────────────────────────────────────────────────
def runs(found: es.Result, folder: Path, *windows: tuple[int, int]) -> str:
    """Run what a report says gives its numbers, on the file that lies in it."""
    read = Page(found.to_html(folder / "r.html", *windows).read_text("utf-8"))
    (folder / "events.csv").write_text(read.data("text-events-csv"), "utf-8")
    program = next(tag.text for tag in read.all("code") if "import eventstudy" in tag.text)
    if 'es.Panel.open("prices")' in program:
        found.panel.save(folder / "prices")
    scope: dict[str, Any] = {}
    said = io.StringIO()
    program = program.replace('"events.csv"', repr(str(folder / "events.csv")))
    program = program.replace('open("prices")', f"open({str(folder / 'prices')!r})")
    scope["print"] = lambda text: print(text, file=said)
    exec(program, scope)  # noqa: S102  (our own program)
    return said.getvalue()


FRENCH = pd.DataFrame(
    np.random.default_rng(3).normal(0, 0.005, (len(DAYS), 3)), DAYS, ["Mkt-RF", "SMB", "HML"]
).assign(RF=0.0001)
PRICES = 100 * (1 + panel(11).returns_frame().fillna(0.0)).cumprod()
DESIGNS: dict[str, Callable[[], es.Result]] = {
    "FamaFrench3": lambda: es.EventStudy(es.models.FamaFrench3(), window=(-3, 3)).run(
        events(300, 340), es.Panel.from_prices(PRICES, market="SPY", factors=FRENCH)
    ),
    "own_since and spliced": lambda: es.EventStudy(es.FactorModel(("SPY", "B")), min_obs=50).run(
        events(300, 340),
        es.Panel.from_prices(PRICES, market="SPY", own_since={"AAA": "2023-06-01"}).spliced(
            "B", "BBB", "CCC"
        ),
    ),
    "exclude_other_events, intervals, text": lambda: es.EventStudy(
        estimation="-250:-51,20:60", window="-3:3", exclude_other_events=True, missing="skip"
    ).run(events(300, 308), panel(12, missing=0.03)),
    "Timing": lambda: es.EventStudy(
        timing=es.Timing(roll="backward", max_shift=3, duplicates="keep"), window=(-1, 1)
    ).run(events(300, 300, 340).reset_index(drop=True), panel(13)),
    "log and gaps": lambda: es.EventStudy(es.models.TradeToTrade()).run(
        events(300), es.Panel.from_prices(PRICES, market="SPY", kind="log", across_gaps=True)
    ),
    "peers": lambda: es.EventStudy(
        es.models.BenchmarkPortfolio(es.factors.peers(NAMES)), window=(-1, 1)
    ).run(events(300, 340), panel(14)),
    "a ticker like a formula": lambda: STUDY.run(events(300, odd="=X+1"), panel(15, odd="=X+1")),
    "a ticker like a number": lambda: STUDY.run(events(300, odd="001"), panel(15, odd="001")),
    "dropped": MADE["dropped"],
    "dropped for its session": lambda: es.EventStudy(window=(-1, 1)).run(
        pd.concat([events(300), es.events_on(DAYS[-2], ["AAA"], session="after_close")]),
        panel(18),
    ),
}


@pytest.mark.parametrize("name", list(DESIGNS))
def test_the_code_of_a_report_gives_its_summary(name: str, tmp_path: Path) -> None:
    found = DESIGNS[name]()
    assert runs(found, tmp_path, (0, 0), (-1, 1)) == f"{found.summary((0, 0), (-1, 1))}\n"


@functools.cache
def sampled(*fields: str) -> pd.DataFrame:
    names = ["GLXY", "IREN", "IBIT", "BTC-USD", "SPY"]
    return es.loaders.sample(names, "2024-11-01", "2025-12-31", *([fields] if fields else []))


PANELS: dict[str, Callable[[], es.Panel]] = {
    "loaded": lambda: es.Panel.from_prices(sampled(), market="SPY"),
    "loaded, logarithms": lambda: es.Panel.from_prices(sampled(), market="SPY", kind="log"),
    "masked": lambda: es.Panel.from_prices(
        sampled(), market="SPY", own_since={"IREN": "2025-01-15"}
    ),
    "rate": lambda: es.Panel.from_prices(sampled(), market="SPY", risk_free=0.0001),
    "fields": lambda: es.Panel.from_prices(sampled("close", "volume"), market="SPY"),
    "series": lambda: es.Panel.from_prices(sampled(), market=sampled()["SPY"].rename("M")),
    "spliced": lambda: es.Panel.from_prices(sampled(), market="SPY").spliced(
        "Bitcoin", "IBIT", "BTC-USD"
    ),
}


@pytest.mark.parametrize("name", list(PANELS))
def test_prices_are_loaded_again_only_where_that_gives_the_panel(name: str, tmp_path: Path) -> None:
    study = es.EventStudy(es.models.MeanAdjusted(), estimation=(-100, -11), window=(-1, 1))
    found = study.run(es.events_on("2025-10-15", ["GLXY", "IREN"]), PANELS[name]())
    assert runs(found, tmp_path, (0, 0)) == f"{found.summary((0, 0))}\n"
    assert (tmp_path / "prices").exists() == (not name.startswith("loaded"))


def test_a_part_of_a_larger_study_says_what_its_code_lacks(tmp_path: Path) -> None:
    study = es.EventStudy(estimation=(-120, -4), window=(-3, 3), exclude_other_events=True)
    whole = study.run(events(300, 330), panel(16))
    part = whole.where(whole.events.index.str.contains(str(DAYS[330].date())))
    assert len(part.events) == 6
    said = "some events of a larger study, whose other events took estimation days away"
    assert said in part.to_html(tmp_path / "part.html").read_text("utf-8")
    assert said not in whole.to_html(tmp_path / "whole.html").read_text("utf-8")


def test_a_long_list_of_tickers_is_never_broken_inside_a_name(tmp_path: Path) -> None:
    from eventstudy.result.report_code import _listed

    names = [f"BRK {'x' * k} B" for k in range(20)]
    text = _listed(names)
    assert eval(text) == names  # noqa: S307  (our own text)
    assert max(map(len, text.split("\n"))) <= 92


def test_an_interval_around_another_mean_is_said_below_studies_side_by_side() -> None:
    frame = panel(17).returns_frame()
    frame.loc[DAYS[200], "AAA"] = np.nan  # the portfolio's test leaves the firm out
    gap = STUDY.run(events(300), es.Panel.from_returns(frame, market="SPY"))
    assert "around its own mean" in gap.caar((0, 0))["note"].item()
    said = "of a mean of its own, not quite the CAAR"
    studies = {"gap": gap, "whole": result("one date")}
    for below, there in {"se": True, "interval": True, "t": False, "p": False}.items():
        text = " ".join(es.etable(studies, (0, 0), se=below).notes)
        assert (f"; in gap {said}." in text) == there
    assert said not in " ".join(es.etable([result("one date")], (0, 0)).notes)


# ── what mutations of the code had left alive ────────────────────────────────────────────
def test_truth_values_are_groups_called_yes_and_no(tmp_path: Path) -> None:
    found = result("one date")
    path = found.to_html(tmp_path / "g.html", (0, 0), by=np.arange(6) < 2)
    read = Page(path.read_text("utf-8"))
    buttons = [tag.text for tag in read.all("button") if "aria-pressed" in tag.attributes]
    assert sorted(text.split(" ")[0] for text in buttons) == ["All", "no", "yes"]
    groups = frame_of(Grids(read.source).found["By group, [0,0]"])
    assert set(groups["group"]) == {"no", "yes"}


def test_the_largest_groups_are_drawn(tmp_path: Path) -> None:
    found = result("dates")
    order = [f"g{k}" for k in range(10)]  # g9 has six events, those before it two
    labels = np.repeat(order, [2] * 9 + [6])
    path = found.to_html(tmp_path / "g.html", (0, 0), by=pd.Series(labels, found.events.index))
    buttons = [t.text for t in Page(path.read_text("utf-8")).all("button", type="button")]
    drawn = [text for text in buttons if re.fullmatch(r"g\d.*", text)]
    assert len(drawn) == 8
    assert any(text.startswith("g9") for text in drawn)


@pytest.mark.parametrize(
    ("sign", "wrote"),
    [
        ("~", r"\textasciitilde{}"),
        ("^", r"\textasciicircum{}"),
        ("\\", r"\textbackslash{}"),
        *((c, rf"\{c}") for c in "#$%&_{}"),
        ("<", "$<$"),
        ("|", "$|$"),
        ("[", "{[}"),
        ("*", "{*}"),
        ("−", "$-$"),
    ],
)
def test_signs_of_latex_by_hand(sign: str, wrote: str) -> None:
    assert latex_text(f"a{sign}b") == f"a{wrote}b"


def test_columns_of_the_users_events_are_not_taken_for_returns(tmp_path: Path) -> None:
    found = STUDY.run(events(300).assign(estimate=1.25), panel(19))
    book = openpyxl.load_workbook(found.to_excel(tmp_path / "a.xlsx"))
    formats = {
        name: {cell.value: book[name].cell(2, at).number_format
               for at, cell in enumerate(book[name][1], start=1)}
        for name in ("events", "caar")
    }  # fmt: skip
    assert formats["events"]["estimate"] == "General"
    assert formats["caar"]["estimate"] == "+0.00%;-0.00%;0.00%"


def test_nested_facts_of_the_prices_keep_their_names(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(attacked().to_excel(tmp_path / "a.xlsx"))
    said = {row[0].value: row[1].value for row in book["provenance"].iter_rows()}
    assert said[f"report: {EVIL[0]}: status"] == EVIL[2]
    assert said["sha256"] == attacked().panel.fingerprint


def test_studies_that_share_one_day_stand_side_by_side_on_it() -> None:
    around = [(-3, 0), (0, 3)]
    studies = [es.EventStudy(window=window).run(events(300), panel(1)) for window in around]
    assert list(es.etable(studies).entries) == ["CAAR [0,0]"]


def test_the_same_test_is_said_only_where_it_is_that_of_all_columns() -> None:
    many = STUDY.run(events(*range(220, 400, 14)), panel(2))
    said = "In parentheses: the standard error by the same test."
    assert said in es.etable([many], (0, 0)).notes
    assert said not in es.etable([many, result("one date")], (0, 0)).notes


def test_regressions_say_their_intervals_to_the_digits_asked_for() -> None:
    sized = STUDY.run(events(300, 340).assign(size=np.arange(12.0) % 7), panel(20))
    found = sized.explain("size", (0, 0))
    rows = latex_rows(es.etable([found], se="interval", digits=1).to_latex())
    for at, term in enumerate(found.table.index):
        own = found.table.loc[term]
        assert rows[1 + 2 * at][1].partition("$^{")[0] == f"{own['coef']:.1g}"
        assert ends(rows[2 + 2 * at][1].strip("()")) == (
            f"{own['ci_low']:.1g}",
            f"{own['ci_high']:.1g}",
        )


def test_remarks_stand_only_where_they_are_needed(folder: Path, tmp_path: Path) -> None:
    assert "result.estimates has all" not in page("dates", folder)
    apart = pd.concat([es.events_on(DAYS[at], [NAMES[0]]) for at in (280, 320, 360)])
    text = STUDY.run(apart, panel(2)).to_html(tmp_path / "a.html", (0, 0)).read_text("utf-8")
    assert "3 events on 3 dates.<" in text
    assert "cluster: events" not in text


def test_the_notes_of_a_paper_stand_once_and_name_both_tests() -> None:
    latex = result("dates").to_latex(None, (0, 0))
    assert latex.count(r"\begin{table}") > 1
    assert latex.count("p-values: adjusted BMP: Kolari") == 1
    assert r"95\,\% intervals: t across dates: Event-date portfolios after Jaffe" in latex


def test_the_method_names_the_test_of_the_interval_too(folder: Path) -> None:
    source = page("dates", folder)
    part = source[source.index('<section id="method"') :]
    points = Page(part[: part.index("</section>") + 10]).said("li")
    for window in ASKED:
        own = result("dates").caar(window).iloc[0]
        spread = own["note"].partition("interval: ")[2].partition(",")[0]
        for key in (own["test"], spread):
            assert any(point.startswith(f"{key}: ") for point in points), key
    assert "Event-date portfolios after Jaffe (1974), Journal of Business 47" in points


def test_one_event_of_volumes_has_no_part_about_dollars(tmp_path: Path) -> None:
    found = es.activity.volume(events(300).head(1), panel(8), STUDY)
    sections = Page(found.to_html(tmp_path / "v.html", (0, 0)).read_text("utf-8")).sections
    assert "event" not in sections
    assert "event" in Page(page("one event", tmp_path)).sections


def test_a_term_that_a_regression_lacks_is_empty_beside_others() -> None:
    table = STUDY.run(
        events(300, 340).assign(size=np.arange(12.0) % 7, news=np.arange(12) % 2), panel(20)
    )
    both = [table.explain(term, (0, 0)) for term in ("size", "news")]
    rows = latex_rows(es.etable(both).to_latex())
    assert [row[2] for row in rows if row[0] == "size"] == [""]


def test_text_that_is_no_unicode_is_still_written(tmp_path: Path) -> None:
    assert saved("a\ud800", tmp_path / "a.md", "a.md") == "a\ud800"
    assert (tmp_path / "a.md").read_text("utf-8") == "a\\ud800\n"


def test_a_table_that_fills_its_sheet_promises_no_other(tmp_path: Path) -> None:
    for rows, comments in ((4, 1), (6, 2), (2, 0)):
        sheet = Sheet(name="a", frame=pd.DataFrame({"x": range(rows)}))
        book = openpyxl.load_workbook(write_workbook(tmp_path / "a.xlsx", [sheet], most=2))
        assert len(book.sheetnames) == rows // 2
        assert sum(one["A1"].comment is not None for one in book) == comments


# ── a curve and a backtest in a report ───────────────────────────────────────────────────
def test_a_backtest_says_its_profit_on_one_scale(tmp_path: Path) -> None:
    traded = drawn_by("Backtest")
    capital = traded.daily["exposure"].max()
    assert capital > 1
    path = drawn_by("Result").to_html(tmp_path / "b.html", (0, 0), backtest=traded)
    lines = {
        one["name"]: one["y"] for one in Page(path.read_text("utf-8")).data("data-equity")["data"]
    }
    close(lines["net of costs"], 100 * traded.daily["net"].cumsum() / capital)
    close(lines["exposure"], 100 * traded.daily["exposure"] / capital)
    net = re.search(r"net (\S+ %) of capital", repr(traded))
    assert net
    assert holds(net[1], traded.daily["net"].sum() / capital)
    trades = frame_of(Grids(path.read_text("utf-8")).found["The 5 best and the 5 worst trades"])
    own = traded.trades.loc[trades["event_id"]]
    agree(trades, "net", own["net"])
    agree(trades, "abnormal", own["abnormal"])
    assert own["net"].iloc[0] == traded.trades["net"].max()
    assert own["net"].iloc[-1] == traded.trades["net"].min()


def test_the_specifications_of_a_report_are_those_of_the_curve(tmp_path: Path) -> None:
    curve = drawn_by("Curve")
    path = drawn_by("Result").to_html(tmp_path / "c.html", (0, 0), curve=curve)
    listed = frame_of(Grids(path.read_text("utf-8")).found["Specifications, lowest estimate first"])
    agree(listed, "CAAR", curve.table["estimate"])
    agree(listed, "p", curve.table["pvalue"])
    lows, highs = zip(*map(ends, listed["95 % interval"]), strict=True)
    assert all(map(holds, lows, curve.table["ci_low"]))
    assert all(map(holds, highs, curve.table["ci_high"]))
    for choice in curve.choices:
        assert listed[choice].tolist() == curve.table[choice].tolist()
    drawn = [one for one in Page(path.read_text("utf-8")).data("data-curve")["data"]
             if one.get("mode") == "markers" and one.get("xaxis") in (None, "x")]  # fmt: skip
    said = [y for one in drawn for y in one["y"] if isinstance(y, float)]
    close(sorted(said)[: len(listed)], 100 * curve.table["estimate"])


def test_one_ticker_has_no_average_of_tickers(folder: Path) -> None:
    def lines(name: str) -> int:
        layers = Page(page(name, folder)).data("data-bars")["data"]
        return sum(layer["type"] == "scatter" for layer in layers)

    assert lines("one event") < lines("one date")
    assert "The picture shows" not in page("dates", folder)


@pytest.mark.parametrize(("rows", "folded"), [(15, False), (16, True)])
def test_a_page_as_a_part_folds_long_tables_and_has_no_empty_list(rows: int, folded: bool) -> None:
    frame = pd.DataFrame({"a": range(rows)})
    made = part_of(PageOfText(title="T", lead="It is.", tables=[("A", frame, {})]), name="t")
    (table,) = made.blocks[1:]
    assert isinstance(table, Table)
    assert table.folded == folded


def test_a_chart_without_a_height_gets_one() -> None:
    chart = Chart(name="c", figure={"data": [], "layout": {}}, alt="Nothing.")
    text = write(Document(title="T", lead="", parts=[Part(title="P", name="p", blocks=[chart])]))
    assert 'style="height:380px"' in text


def test_a_latex_table_that_just_fits_leaves_no_row_out() -> None:
    frame = pd.DataFrame({"a": [1, 2, 3]})
    assert "more row" not in latex_table(frame, rows=3)
    assert "and 1 more row}" in latex_table(frame, rows=2)


# ── an attacker who names things ─────────────────────────────────────────────────────────
EVIL = (
    '</script></style><img src=x onerror="alert(1)">',
    "\"' onmouseover='alert(1)' <!--",
    "=cmd|' /C calc'!A0",
    "x;=1\n@SUM(1)",
    r"\input{/etc/passwd}\write18{ls}% \end{table}",
    "%{x}<b>%{customdata[0]}</b>{{7*7}}",
    "[a](javascript:alert(1)) |c|",
    "\u202eevil\x1b[31m\u2028&lt;b&gt;",
)


@functools.cache
def attacked() -> es.Result:
    """Hostile text wherever a name can stand."""
    rng = np.random.default_rng(21)
    factor = f"{EVIL[0]}{EVIL[4]}"
    frame = pd.DataFrame(rng.normal(0, 0.01, (len(DAYS), 10)), DAYS, [*EVIL, factor, "SPY"])
    frame.attrs = {"source": " ".join(EVIL), "fetched": EVIL[0], "options": {EVIL[0]: EVIL[1]},
                   "report": {EVIL[0]: {"status": EVIL[2], EVIL[0]: EVIL[1]}}}  # fmt: skip
    news = pd.concat([es.events_on(DAYS[at], EVIL) for at in (300, 340)])
    news = news.assign(headline=EVIL * 2, kind=EVIL * 2)
    news[EVIL[0]], news[EVIL[2]] = EVIL[1], 1.0
    news["event_id"] = [f"{text}#{at}" for at, text in enumerate(EVIL * 2)]
    study = es.EventStudy(es.FactorModel(("SPY", factor)), window=(-2, 2))
    return study.run(news, es.Panel.from_returns(frame, market="SPY"))


def test_a_report_of_hostile_names_has_only_its_own_tags(tmp_path: Path) -> None:
    file = tmp_path / "<img src=x>;=1.html"
    read = Page(attacked().to_html(file, (0, 0), by="kind", title=EVIL[0]).read_text("utf-8"))
    calm = Page(page("dates", tmp_path))
    assert {tag.name for tag in read.tags} <= {tag.name for tag in calm.tags} | {"span"}
    for tag in read.tags:
        assert not [name for name in tag.attributes if name.startswith("on") or name == "src"]
        assert tag.attributes.get("href", "#").startswith("#")
    assert read.scripts == calm.scripts
    assert read.policy == calm.policy
    raw = re.compile(r"<(?!/?(?:b|br|extra)>)")
    for tag in read.all("script", type="application/json"):
        assert not re.search("[<>&\u2028\u2029]", tag.text)
        if tag.attributes["id"].startswith("data-"):
            assert not [
                text for text in texts_in(read.data(tag.attributes["id"])) if raw.search(text)
            ]


def texts_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts_in(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts_in(one)]
    return [value] if isinstance(value, str) else []


def test_files_of_hostile_names_run_nothing(tmp_path: Path) -> None:
    found = attacked()
    beside = es.etable(dict.fromkeys(EVIL, found), (0, 0))
    for text in (found.to_latex(), found.by("kind").to_latex(), beside.to_latex()):
        assert text.isascii()
        assert not re.search(r"\\(?:input|write|immediate|def|catcode)|\^\^", text)
        assert text.count(r"\begin{table}") == text.count(r"\end{table}")
        assert all("%" not in line.replace(r"\%", "") for line in text.split("\n")
                   if line != r"% needs \usepackage{booktabs}")  # fmt: skip
    for text in (found.to_markdown(), found.by("kind").to_markdown(), beside.to_markdown()):
        assert not re.search(r"<[A-Za-z/!]|(?<!\\)\]\(", text)
        assert "\x1b" not in text
    found.to_csv(tmp_path, (0, 0))
    for text in (*[file.read_text("utf-8") for file in tmp_path.iterdir()], beside.to_csv()):
        for cell in re.split(r'[,;\n\r]|(?<=[,;\n])"', text):
            assert not re.match(r'"?[=@]', cell), cell
    book = openpyxl.load_workbook(found.to_excel(tmp_path / "a.xlsx", (0, 0)))
    assert all(cell.data_type != "f" and cell.hyperlink is None
               for sheet in book for row in sheet.iter_rows() for cell in row)  # fmt: skip
    for printed in (str(found.summary()), str(beside), repr(found), repr(beside)):
        assert printed.replace("\n", "").isprintable()
