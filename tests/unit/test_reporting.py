"""`Result.to_html`: which parts a report has, in which order, and what is refused."""

from __future__ import annotations

import functools
import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from report_pages import Page, sha256

import eventstudy as es
from eventstudy import errors
from eventstudy.cli import main
from eventstudy.report.document import Part, Text
from eventstudy.result import report_record, reporting
from eventstudy.result.report_code import code
from eventstudy.result.report_room import Room

EVIL = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"
NAMES = ["AAA", "BBB", "CCC", EVIL, "=HYPERLINK(1)"]
DAYS = pd.bdate_range("2024-01-01", periods=400)
#: the parts of a report, in the order of their reading
ORDER = (
    *("answer", "path", "tickers", "tests", "days", "cars", "timeline", "dropped"),
    *("data", "estimates", "method", "provenance"),
)


def panel(kind: str = "simple", seed: int = 0) -> es.Panel:
    rng = np.random.default_rng(seed)
    market = rng.normal(0, 0.01, (400, 1))
    returns = np.hstack([market + rng.normal(0, 0.02, (400, len(NAMES))), market])
    frame = pd.DataFrame(returns, DAYS, [*NAMES, "SPY"])
    return es.Panel.from_returns(frame, market="SPY", kind=kind)


def events(dates: tuple[int, ...] = (270, 300, 330)) -> pd.DataFrame:
    table = pd.concat([es.events_on(DAYS[at], NAMES) for at in dates])
    kinds = ["deal", "capex", EVIL, "deal", "capex"] * len(dates)
    return table.assign(kind=kinds, headline=f"{EVIL} %{{x}} $x_1$ \\input{{a}} |")


STUDY = es.EventStudy(window=(-3, 3))


@functools.cache
def result() -> es.Result:
    return STUDY.run(events(), panel())


def report(found: es.Result, folder: Path, *windows: Any, **options: Any) -> Page:
    return Page(found.to_html(folder / "report.html", *windows, **options).read_text("utf-8"))


def prose(page: Page, section: str) -> str:
    """The text of one part."""
    source = page.source
    part = source[source.index(f'<section id="{section}"') :]
    return " ".join(Page(part[: part.index("</section>") + 10]).said(*{t.name for t in page.tags}))


# ── the parts ────────────────────────────────────────────────────────────────────────────
def test_the_parts_in_their_order(tmp_path: Path) -> None:
    page = report(result(), tmp_path)
    assert tuple(page.sections) == ORDER
    assert page.said("h1") == ["Event study: 15 events of 5 firms"]
    (lead,) = page.all("p", **{"class": "lead"})
    assert lead.text == result().sentence((0, 0))
    assert page.hashes == [sha256(script) for script in page.scripts]
    assert page.source.count("plotly.js v") == 1
    assert len(page.all("figure")) == 5
    ids = [tag.attributes["id"] for tag in page.tags if "id" in tag.attributes]
    assert len(ids) == len(set(ids))
    assert len(page.source.encode()) < 5_200_000


def test_headings_come_in_order(tmp_path: Path) -> None:
    levels = [
        int(t.name[1]) for t in report(result(), tmp_path).tags if t.name in ("h1", "h2", "h3")
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))


def test_the_answer_has_the_numbers_of_the_summary(tmp_path: Path) -> None:
    page = report(result(), tmp_path, (0, 0), (-1, 1))
    summary = result().summary((0, 0), (-1, 1))
    said = prose(page, "answer")
    for estimate in summary.caar["estimate"].tolist():
        assert f"{100 * estimate:+.2f} %" in said
    assert all(note in said for note in summary.notes)
    assert f"Limit: {summary.limit}" in said
    assert (
        dict(zip(page.said("dt"), page.said("dd"), strict=True)).items()
        >= dict(summary.facts.rows()).items()
    )
    titles = page.said("h2")
    assert "Each ticker, [0,0]" in titles
    assert "Each event, [0,0]" in titles


def test_tests_lead_with_three_valid_ones_and_say_why_others_are_not(tmp_path: Path) -> None:
    page = report(result(), tmp_path, (0, 0), (-1, 1))
    tests = result().tests((0, 0), (-1, 1))
    valid = tests[tests["valid"].astype(bool)]
    said = prose(page, "tests")
    folded = [title for title in page.said("summary") if "valid" in title]
    others = valid["test"].nunique() - 3
    gone = tests.loc[~tests["valid"].astype(bool), "test"].nunique()
    assert folded == [
        f"Other valid tests ({others})",
        f"Not valid here ({gone} tests), with the reason",
    ]
    leading = said[: said.index("Other valid tests")]
    for window in ("[0,0]", "[-1,+1]"):
        assert leading.count(window) == 3
    assert "events share dates: it takes them as independent" in said


def test_groups_are_drawn_beside_all_events(tmp_path: Path) -> None:
    page = report(result(), tmp_path, (0, 0), by="kind")
    (bar,) = page.all("div", role="group")
    names = [tag.text for tag in page.all("button") if "aria-pressed" in tag.attributes]
    assert len(names) == 4
    assert {"capex", "deal"} < set(names[1:])
    assert bar.attributes["data-chart"] == "path-1"
    assert "By group, [0,0]" in page.said("caption")


def test_many_groups_are_counted(tmp_path: Path) -> None:
    many = pd.Series([f"g{k:02d}" for k in range(15)], result().events.index)
    page = report(result(), tmp_path, (0, 0), by=many)
    assert "The picture shows the 8 largest of 15 groups, the table above all." in page.said("p")
    assert len([t for t in page.all("button") if "aria-pressed" in t.attributes]) == 9


def test_dropped_events_stand_there_with_their_reasons(tmp_path: Path) -> None:
    more = es.events_on("2030-01-01", ["AAA", "ZZZ"])
    found = STUDY.run(pd.concat([events(), more]), panel())
    said = prose(report(found, tmp_path), "dropped")
    assert "unknown_ticker" in said
    assert "after_data" in said
    assert "no prices for ZZZ" in said
    assert "No event was dropped." in prose(report(result(), tmp_path), "dropped")


def test_data_checks_are_listed_and_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.DataFrame(panel().returns.T, DAYS, list(panel().tickers))
    frame.iloc[100, 0] = -0.8
    odd = es.Panel.from_returns(frame, market="SPY")
    said = prose(report(STUDY.run(events(), odd), tmp_path), "data")
    assert "possible split" in said
    assert "-80.0 %: a split 5 for 1 that was not adjusted?" in said
    monkeypatch.setattr(report_record, "CHECKED", 100)
    said = prose(report(result(), tmp_path), "data")
    assert "The panel holds 2,400 returns. The report looks through 100 at most" in said


def test_method_and_provenance(tmp_path: Path) -> None:
    page = report(result(), tmp_path, (0, 0))
    method, origin = prose(page, "method"), prose(page, "provenance")
    assert "MarketModel: " in method
    assert "adj_bmp: Test the mean SCAR of correlated events" in method
    assert "Kolari and Pynnönen (2010), Review of Financial Studies 23, equation 11" in method
    assert result().provenance["sha256"] in origin
    assert f"Python {sys.version.split()[0]}" in origin
    assert f"numpy {np.__version__}, pandas {pd.__version__}" in origin


def test_simulated_prices_are_called_so_above_everything(tmp_path: Path) -> None:
    found = simulated()
    page = report(found, tmp_path)
    (warning,) = page.all("p", **{"class": "warning"})
    assert warning.text == (
        "SIMULATED PRICES. Code made these numbers: they say nothing about any market."
    )
    assert not report(result(), tmp_path).all("p", **{"class": "warning"})


# ── the code that gives the numbers again ────────────────────────────────────────────────
@functools.cache
def simulated() -> es.Result:
    prices = es.loaders.sample([*es.universe.MINERS, "SPY", "IBIT"], "2024-01-02", "2026-04-30")
    study = es.EventStudy(es.FactorModel(("SPY", "IBIT")), window=(-5, 5), min_obs=100)
    news = es.catalysts.expand(es.catalysts.load(category="nvidia"), es.universe.MINERS)
    return study.run(news, es.Panel.from_prices(prices, market="SPY"))


def test_the_code_of_the_report_gives_its_numbers(tmp_path: Path) -> None:
    found = simulated()
    assert len(found.dropped) > 0
    page = report(found, tmp_path, (0, 0), (-1, 1))
    (save,) = [tag for tag in page.all("button") if "data-save" in tag.attributes]
    text = page.data(save.attributes["data-save"])
    (tmp_path / save.attributes["data-name"]).write_text(text, "utf-8")
    program = next(tag.text for tag in page.all("code") if "import eventstudy" in tag.text)
    assert program == code(found, [es.windows.Window(0, 0), es.windows.Window(-1, 1)])
    ran = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert ran.stdout == f"{found.summary((0, 0), (-1, 1))}\n"


def test_a_panel_of_ones_own_is_opened_where_it_was_saved(tmp_path: Path) -> None:
    program = code(result(), [es.windows.Window(0, 0)])
    assert 'panel = es.Panel.open("prices")  # kept with result.panel.save("prices")' in program
    result().panel.save(tmp_path / "prices")
    again = es.Panel.open(tmp_path / "prices")
    assert again.fingerprint.startswith(program.split('startswith("')[1][:16])


def test_the_events_of_the_page_are_harmless_in_a_spreadsheet(tmp_path: Path) -> None:
    page = report(result(), tmp_path)
    text = page.data("text-events-csv")
    assert ",'=HYPERLINK(1)," in text
    assert ",=HYPERLINK" not in text
    assert EVIL in text


@pytest.mark.parametrize(
    ("letters", "said"),
    [
        (100_000, "All events; of those that were dropped, ticker, date and session."),
        (2_000, "All events with the columns that a study needs; the others are too long"),
        (10, "The file of the 15 events is too long for a page; result.events has them."),
    ],
)
def test_a_file_that_is_too_long_gives_way(
    letters: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "ROOMS", (Room(5_000, 1_000, letters),) * 2)
    page = report(result(), tmp_path)
    assert said in prose(page, "provenance")
    assert bool(page.all("script", id="text-events-csv")) == (letters > 10)


# ── other results ────────────────────────────────────────────────────────────────────────
def test_one_event(tmp_path: Path) -> None:
    found = STUDY.run(events((270,)).head(1), panel())
    page = report(found, tmp_path)
    assert tuple(page.sections) == (*ORDER[:4], "event", *ORDER[4:])
    assert page.said("h1") == ["Event study: 1 event of 1 firm"]
    assert found.single(found.events.index[0]).sentence() in prose(page, "event")
    assert not [title for title in page.said("summary") if title.startswith("Estimates")]


@pytest.mark.parametrize("store", ["car", "aggregate"])
def test_results_that_keep_less(store: str, tmp_path: Path) -> None:
    found = STUDY.run(events(), panel(), store=store)
    page = report(found, tmp_path)
    if store == "car":
        assert tuple(page.sections) == ORDER
        return
    gone = ("tickers", "days", "cars", "timeline", "estimates")
    kept = [name for name in ORDER if name not in gone]
    assert page.sections == [*kept[:3], "events", *kept[3:]]
    assert prose(page, "events").endswith(
        "Only sums over the events were kept (store='aggregate'): there is no number of a single "
        "event to show. A study with store='car' or 'full' has them."
    )
    assert "tests which need every event give no number" in prose(page, "tests")
    assert 'store="aggregate", windows=[(0, 0), (-1, 1), (-3, 3)]' in prose(page, "provenance")


def test_log_returns_say_so(tmp_path: Path) -> None:
    page = report(STUDY.run(events(), panel("log")), tmp_path)
    assert "Returns are logarithmic" in prose(page, "answer")


def test_activity_is_written_in_its_own_numbers(tmp_path: Path) -> None:
    firms = ["IREN", "HUT", "MARA"]
    table = es.events_on("2026-02-26", firms)
    study = es.EventStudy(window=(-2, 2))
    data = study.load(table, es.loaders.sample, market="SPY", fields=("volume",))
    found = es.activity.volume(table, data, study)
    page = report(found, tmp_path)
    assert page.said("h1") == ["Event study of abnormal log volume: 3 events of 3 firms"]
    answer = prose(page, "answer")
    assert "Cumulative average abnormal log volume" in answer
    assert f"{found.caar((0, 0))['estimate'].iloc[0]:.3f}" in answer
    assert "this study measures abnormal log volume" in prose(page, "data")
    assert "# for a function of es.activity" in prose(page, "provenance")


def test_days_without_a_return_are_said_not_drawn(tmp_path: Path) -> None:
    frame = pd.DataFrame(panel().returns.T, DAYS, list(panel().tickers))
    frame.iloc[270, :-1] = np.nan
    data = es.Panel.from_returns(frame, market="SPY")
    study = es.EventStudy(window=(-1, 3))
    found = study.run(es.events_on(DAYS[269], NAMES[:2]), data)
    page = report(found, tmp_path, (1, 1))
    assert tuple(page.sections) == ORDER
    assert "There is no number to draw here." in prose(page, "cars")


def test_a_model_of_ones_own_has_its_docstring(tmp_path: Path) -> None:
    class Flat(es.RawReturn):
        """Expect nothing at all: E[R] = 0."""

    found = es.EventStudy(Flat(), window=(-1, 1)).run(events(), panel())
    assert "Flat: Expect nothing at all: E[R] = 0." in prose(report(found, tmp_path), "method")


# ── size ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("n", "rows"), [(5_000, 5_000), (20_000, 1_000)])
def test_many_events_stay_within_eight_megabytes(n: int, rows: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    days = pd.bdate_range("2015-01-01", periods=900)
    tickers = [f"T{k:03d}" for k in range(300)]
    frame = pd.DataFrame(rng.normal(0, 0.02, (900, 301)), days, [*tickers, "SPY"])
    table = pd.DataFrame({"ticker": rng.choice(tickers, n), "date": rng.choice(days[150:850], n)})
    table["headline"] = "A long headline that says what was announced, and of which size"
    study = es.EventStudy(estimation=(-120, -11), timing=es.Timing(duplicates="keep"))
    found = study.run(table, es.Panel.from_returns(frame, market="SPY"))
    assert len(found.events) > 0.98 * n
    file = found.to_html(tmp_path / "report.html")
    assert file.stat().st_size <= 8_000_000
    source = file.read_text("utf-8")
    part = source[source.index('<section id="estimates"') :]
    assert part[: part.index("</section>")].count("<tr>") == min(rows, len(found.events)) + 1 + (
        len(found.events) > rows
    )
    told = f"The table has the first {rows:,} of {len(found.events):,} events"
    assert (told in source) == (len(found.events) > rows)


def test_tables_give_way_until_the_page_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "MOST", 100)
    monkeypatch.setattr(reporting, "ROOMS", (Room(100, 100, 10_000), Room(7, 3, 0)))
    said = prose(report(result(), tmp_path), "estimates")
    assert "The table has the first 7 of 15 events; result.estimates has all." in said


# ── what other answers bring ─────────────────────────────────────────────────────────────
class Brought:
    """Something that has parts of its own."""

    def __init__(self, name: str) -> None:
        self.name = name

    def parts(self) -> list[Part]:
        return [Part(title=self.name.title(), name=self.name, blocks=[Text(text="Brought.")])]


def test_what_is_brought_stands_after_the_tests(tmp_path: Path) -> None:
    page = report(result(), tmp_path, curve=Brought("curve"), backtest=Brought("backtest"))
    assert page.sections[3:7] == ["tests", "curve", "backtest", "days"]


def asked(**brought: object) -> reporting.Asked:
    return reporting.Asked([es.Window(0, 0)], **brought)  # type: ignore[arg-type]  # curve or backtest


@pytest.mark.parametrize(("option", "other"), [("curve", "backtest"), ("backtest", "curve")])
def test_a_part_of_the_other_kind_is_refused(option: str, other: str, tmp_path: Path) -> None:
    file = tmp_path / "r.html"
    with pytest.raises(errors.OptionError, match=f"^{option} is a Brought, which brings no such"):
        reporting.write_report(result(), file, asked(**{option: Brought(other)}))
    assert not file.exists()


def test_a_curve_brings_its_part(tmp_path: Path) -> None:
    ways = STUDY.vary(model=[es.MarketModel(), es.MeanAdjusted()], window=[(0, 0), (-1, 1)])
    curve = ways.run(events(), panel(), draws=9)
    page = report(result(), tmp_path, curve=curve)
    said = prose(page, "curve")
    assert curve.sentence() in said
    assert page.all("div", id="chart-curve")
    assert "The whole curve among joint placebo dates" in said


def test_a_backtest_brings_its_part(tmp_path: Path) -> None:
    table = events().assign(session="before_open")
    found = es.Rule(enter=0, leave=2).run(table, panel())
    page = report(result(), tmp_path, backtest=found)
    assert "Profits are added, not compounded" in prose(page, "backtest")
    plots = [tag.attributes["id"] for tag in page.all("div", role="img")]
    assert {"chart-equity", "chart-trades"} <= set(plots)


# ── the file ─────────────────────────────────────────────────────────────────────────────
def test_the_path_comes_back_and_its_folder_is_made(tmp_path: Path) -> None:
    asked = tmp_path / "a" / "b" / "report.html"
    assert result().to_html(str(asked)) == asked
    assert os.listdir(asked.parent) == ["report.html"]  # noqa: PTH208  (names only)
    before = asked.read_bytes()
    assert result().to_html(asked) == asked
    assert asked.read_bytes() == before
    assert b"\r" not in before


def test_the_title_is_the_users(tmp_path: Path) -> None:
    page = report(result(), tmp_path, title=EVIL)
    assert page.said("title", "h1") == [EVIL, EVIL]
    assert not page.all("img")


SENTENCES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "report_path_unreadable": (
        lambda _: result().to_html(7),  # type: ignore[arg-type]  # what is refused
        "path=7 is no path; name the file to write, such as 'report.html'.",
    ),
    "report_into_folder": (
        lambda folder: result().to_html(folder),
        "'FOLDER' is a folder; name a file in it, such as 'report.html'.",
    ),
    "report_not_written": (
        lambda folder: result().to_html(folder / "file" / "report.html"),
        (
            "'FOLDER/file/report.html' cannot be written (File exists); name another file, or let "
            "this folder be written to."
        ),
    ),
    "report_without_parts": (
        lambda folder: result().to_html(folder / "r.html", curve=pd.DataFrame()),
        (
            "curve is a DataFrame, which brings no such part to a report; give what "
            "study.vary(...).run(events, panel) returns."
        ),
    ),
    "report_title_unreadable": (
        lambda folder: result().to_html(folder / "r.html", title=3),  # type: ignore[arg-type]  # what is refused
        "title=3 is no text; give a short heading, or leave it out.",
    ),
    "window_outside": (
        lambda folder: result().to_html(folder / "r.html", (-9, 9)),
        (
            "[-9,+9] is not inside the event window [-3,+3]; widen `window=` of the study or ask "
            "for fewer days."
        ),
    ),
    "no_such_group": (
        lambda folder: result().to_html(folder / "r.html", by="kinds"),
        (
            "The events have no column 'kinds'; they have ticker, date, session, scheduled, kind, "
            "headline. Did you mean 'kind'?"
        ),
    ),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_what_is_refused_leaves_no_file(name: str, tmp_path: Path) -> None:
    call, sentence = SENTENCES[name]
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.EventStudyError) as caught:
        call(tmp_path)
    assert str(caught.value).replace(str(tmp_path), "FOLDER") == sentence
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_backtest_that_is_none_is_refused() -> None:
    with pytest.raises(errors.OptionError) as caught:
        reporting.Asked([], backtest=es.Rule)
    assert str(caught.value) == (
        "backtest is a type, which brings no such part to a report; give what "
        "es.Rule(...).run(events, panel) returns."
    )


# ── the command line ─────────────────────────────────────────────────────────────────────
def typed(*words: str) -> tuple[int, Path]:
    return main(words), Path(words[words.index("--out") + 1])


@pytest.mark.parametrize(
    ("command", "words", "part"),
    [
        ("run", ("--events", "events.csv", "--car", "0:0,-1:1"), "tests"),
        ("vary", ("--draws", "0", "--car", "0:0"), "curve"),
        ("backtest", (), "backtest"),
    ],
)
def test_report_on_the_command_line(
    command: str,
    words: tuple[str, ...],
    part: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    es.events_on("2026-02-26", ["IREN", "HUT"]).to_csv("events.csv")
    shared = ("--prices", "sample", "--market", "SPY", "--report", "--out", "out")
    assert main([command, *words, *shared]) == 0
    assert capsys.readouterr().out.endswith("\nReport: out/report.html\n")
    page = Page((tmp_path / "out" / "report.html").read_text("utf-8"))
    assert part in page.sections
    assert page.all("p", **{"class": "warning"})


def test_report_without_its_packages_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "plotly", None)
    words = ["run", "--events", "none.csv", "--prices", "sample", "--market", "SPY", "--report"]
    assert main([*words, "--out", "out"]) == 2
    sentence = "The report needs the package `plotly`; run pip install plotly jinja2."
    assert capsys.readouterr().err == f"eventstudy: {sentence}\n"
    assert not list(tmp_path.iterdir())


def test_the_demo_writes_a_report_or_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["demo", "--out", "demo"]) == 0
    assert capsys.readouterr().out.endswith("\nReport:  demo/report.html\n")
    page = Page(Path("demo/report.html").read_text("utf-8"))
    assert page.said("h1") == ["Miners around AI catalysts: the demo"]
    assert len([tag for tag in page.all("button") if "aria-pressed" in tag.attributes]) == 5
    Path("demo/report.html").unlink()
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert main(["demo", "--out", "demo"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert told.endswith("The report needs the package `jinja2`; run pip install plotly jinja2.")
    assert not Path("demo/report.html").exists()
