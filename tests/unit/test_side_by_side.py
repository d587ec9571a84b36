"""Studies side by side: stars by the valid test, what each column rests on, refusals."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import OptionError, WindowError
from eventstudy.report.beside import STARS, Entry
from eventstudy.report.cells import percent
from eventstudy.report.lines import width_of

DAYS = pd.bdate_range("2024-01-01", periods=320)
TICKERS = ["IREN", "=CIFR", "<b>HUT</b>", "a|b"]
MODELS: dict[str, Any] = {
    "market": es.MarketModel(),
    "two factors": es.FactorModel(("SPY", "BTC")),
    "mean": es.MeanAdjusted(),
}


def panel_of(effect: float = 0.0) -> es.Panel:
    rng = np.random.default_rng(11)
    frame = pd.DataFrame(rng.normal(0, 0.01, (len(DAYS), 6)), DAYS, [*TICKERS, "BTC", "SPY"])
    frame.loc[DAYS[290], TICKERS] += effect
    return es.Panel.from_returns(frame, market="SPY")


EVENTS = es.events_on(DAYS[290], TICKERS)


def run(model: Any = None, *, effect: float = 0.0, events: Any = EVENTS, **options: Any) -> Any:
    options = {"window": (-5, 5), **options}
    store = {"store": options.pop("store")} if "store" in options else {}
    study = es.EventStudy(model=model or es.MarketModel(), **options)
    return study.run(events, panel_of(effect), **store)


@pytest.fixture(scope="module")
def studies() -> dict[str, Any]:
    return {name: run(model, effect=0.06) for name, model in MODELS.items()}


# ── numbers ──────────────────────────────────────────────────────────────────────────────
def test_the_frame_holds_the_caar_tables(studies: dict[str, Any]) -> None:
    table = es.etable(studies, [(0, 0), (-1, 1)])
    assert table.frame.index.names == ["study", "window"]
    for name, result in studies.items():
        part, own = table.frame.loc[name], result.caar((0, 0), (-1, 1))
        pd.testing.assert_frame_equal(part[own.columns.tolist()], own)
        for window in own.index:
            answer = result.test(str(part.loc[window, "interval_test"]), window)
            assert part.loc[window, "se"] == answer.se
        assert part["r2"].iloc[0] == result.estimates["r2"].mean()
        assert part["firms"].tolist() == [4, 4]
    assert table.frame.xs("two factors")["model"].iloc[0] == "FactorModel (SPY, BTC)"


def test_the_cells_are_the_numbers(studies: dict[str, Any]) -> None:
    table = es.etable(studies, (0, 0))
    assert list(table.entries) == ["CAAR [0,0]"]
    for name, entry in zip(studies, table.entries["CAAR [0,0]"], strict=True):
        row: Any = table.frame.loc[(name, "[0,0]")]
        assert entry is not None
        stars = "".join(mark for level, mark in STARS if row["pvalue"] < level)[:3]
        assert entry.shown(stars=True) == percent(row["estimate"]) + (
            "***" if row["pvalue"] < 0.01 else stars
        )
        assert entry.shown(stars=False) == percent(row["estimate"])
        assert entry.below("se") == f"({percent(row['se']).lstrip('+')})"
    assert table.facts["Events"] == ("4", "4", "4")
    assert table.facts["Model"][2] == "MeanAdjusted"


@pytest.mark.parametrize(
    ("pvalue", "mark"),
    [
        *((0.0, "***"), (0.0099, "***"), (0.01, "**"), (0.0499, "**"), (0.05, "*"), (0.0999, "*")),
        *((0.1, ""), (1.0, ""), (float("nan"), "")),
    ],
)
def test_stars_by_the_p_value(pvalue: float, mark: str) -> None:
    entry = Entry(estimate=0.01, pvalue=pvalue, write=percent)
    assert entry.shown(stars=True) == f"+1.00 %{mark}"
    assert entry.shown(stars=False) == "+1.00 %"


@pytest.mark.parametrize(
    ("below", "text"),
    [("se", "(0.50 %)"), ("interval", "(-1.00 to +3.00 %)"), ("t", "(2.00)"), ("p", "(0.046)")],
)
def test_what_stands_in_parentheses(below: str, text: str) -> None:
    numbers = {"se": 0.005, "low": -0.01, "high": 0.03, "statistic": 2.0, "pvalue": 0.046}
    known = Entry(estimate=0.01, write=percent, **numbers)
    assert known.below(below) == text
    assert Entry(estimate=float("nan"), write=percent).below(below) == ""
    assert Entry(estimate=float("nan"), write=percent).shown(stars=True) == "–"


def test_stars_are_of_the_valid_test_not_of_the_number_over_its_error() -> None:
    table = es.etable([run(effect=0.06)], (0, 0))
    row = table.frame.iloc[0]
    assert (row["test"], row["interval_test"]) == ("adj_bmp", "portfolio_t")
    assert table.facts["Stars by"] == ("adjusted BMP",)
    assert table.facts["Error by"] == ("portfolio t",)
    assert "a number over its error is not the statistic of the stars" in str(table).replace(
        "\n  ", " "
    )


def test_digits(studies: dict[str, Any]) -> None:
    shown = [entry.shown(stars=False) for entry in
             es.etable(studies, (0, 0), digits=0).entries["CAAR [0,0]"] if entry]  # fmt: skip
    assert all(re.fullmatch(r"[+-]\d+ %", text) for text in shown)


# ── words ────────────────────────────────────────────────────────────────────────────────
def test_text_is_80_columns_and_says_what_it_rests_on(studies: dict[str, Any]) -> None:
    table = es.etable(studies)
    text = str(table)
    assert max(map(width_of, text.splitlines())) <= 80
    joined = " ".join(text.split())
    assert "Stars: *** p < 1 %, ** p < 5 %, * p < 10 %, by the valid test" in joined
    assert "adjusted BMP: Kolari and Pynnönen (2010)" in joined
    assert "All columns rest on the same events." in joined
    assert "n_eff = N/(1 + (N − 1)r̄)" in joined
    for label in ("Model", "Estimation", "Events", "Dates", "n_eff", "r̄", "Mean R²", "News"):
        assert re.search(rf"^{label} ", text, re.MULTILINE)
    assert repr(table) == "<SideBySide: 3 columns, 3 rows>"


def test_different_events_are_said() -> None:
    fewer = run(events=EVENTS.iloc[:3])
    text = " ".join(str(es.etable([run(), fewer])).split())
    assert "The columns rest on different events (3 of 4 are in all of them)" in text


def test_events_of_no_column_in_common_and_repeated_events() -> None:
    first, last = run(events=EVENTS.iloc[:2]), run(events=EVENTS.iloc[2:])
    text = " ".join(str(es.etable([first, last])).split())
    assert "The columns rest on different events: none is in all of them." in text
    twice = EVENTS.iloc[[0, 0, 1]].assign(event_id=["a", "b", "c"]).reset_index(drop=True)
    many = run(events=twice, timing=es.Timing(duplicates="keep"))
    assert len(many.events) == 3
    assert "(2 of 3 are in all of them)" in " ".join(str(es.etable([many, first])).split())


def test_limits_name_their_columns() -> None:
    dates = [DAYS[at] for at in range(262, 318, 6)]
    rows = [(ticker, date) for date in dates for ticker in TICKERS]
    spread = run(events=pd.DataFrame(rows, columns=["ticker", "date"]), window=(0, 1))
    one = run(window=(0, 1))
    both = " ".join(str(es.etable({"one": one, "many": spread})).split())
    assert "Limit of one: The news falls on one date" in both
    assert "Limit" not in str(es.etable([spread]))
    assert "Limit: The news falls on one date" in " ".join(str(es.etable([one, one])).split())
    alike = " ".join(str(es.etable([spread])).split())
    assert "In parentheses: the standard error by the same test." in alike


def test_many_studies_go_to_panels() -> None:
    table = es.etable([run()] * 9, (0, 0))
    text = str(table)
    assert max(map(width_of, text.splitlines())) <= 80
    assert text.count("CAAR [0,0]") > 1
    assert all(f"({at})" in text for at in range(1, 10))


def test_without_stars_there_are_none(studies: dict[str, Any]) -> None:
    table = es.etable(studies, stars=False, se="p")
    assert "*" not in str(table)
    assert list(table.facts)[2] == "Test"
    assert "Error by" not in table.facts
    assert "In parentheses: the p-value." in str(table)


def test_names_and_forms_of_studies(studies: dict[str, Any]) -> None:
    results = list(studies.values())
    assert es.etable(results).names == ("(1)", "(2)", "(3)")
    assert es.etable(tuple(results), names=["a", "b", "c"]).names == ("a", "b", "c")
    assert es.etable(studies, names=["a", "b", "c"]).names == ("a", "b", "c")
    groups = results[0].by(np.array(["x", "x", "y", "y"]))
    table = es.etable(groups, (0, 0))
    assert table.names == ("x", "y")
    assert table.facts["Events"] == ("2", "2")


def test_windows_by_default_are_those_that_all_share() -> None:
    table = es.etable([run(window=(-5, 5)), run(window=(-2, 8))])
    assert list(table.entries) == ["CAAR [0,0]", "CAAR [-1,+1]", "CAAR [-2,+5]"]
    assert list(es.etable([run()], "-1:1,0:2").entries) == ["CAAR [-1,+1]", "CAAR [0,+2]"]


# ── other kinds ──────────────────────────────────────────────────────────────────────────
def test_aggregated_results_and_one_event() -> None:
    sums = run(store="aggregate")
    whole = run()
    table = es.etable({"sums": sums, "all": whole}, (0, 0))
    one, two = (table.frame.loc[(name, "[0,0]"), "estimate"] for name in ("sums", "all"))
    assert one == pytest.approx(two, rel=1e-12)
    assert table.facts["Mean R²"][0] == "–"
    single = es.etable([run(events=EVENTS.iloc[:1])], (0, 0))
    assert single.facts["Events"] == ("1",)
    assert "All columns" not in str(single)


def test_volumes_stand_beside_volumes_only() -> None:
    events = es.events_on("2026-02-25", ["IREN", "CIFR", "HUT"], session="after_close")
    study = es.EventStudy()
    panel = study.load(events, es.loaders.sample, market="SPY", fields=("volume",))
    volumes = es.activity.volume(events, panel, study)
    table = es.etable([volumes], (0, 0))
    assert table.title == "Cumulative average abnormal log volume"
    assert "%" not in str(table).split("Stars:", 1)[0]
    with pytest.raises(OptionError) as caught:
        es.etable([study.run(events, panel), volumes])
    assert str(caught.value) == (
        "The studies measure different things (abnormal return, abnormal log volume); make one "
        "etable of each."
    )


def test_regressions_stand_side_by_side() -> None:
    sized = run(events=EVENTS.assign(size=[1.0, 2.0, 3.0, 5.0], news=[0.0, 1.0, 1.0, 0.0]))
    first, second = sized.explain("size", (0, 0)), sized.explain("news", (-1, 1))
    table = es.etable([first, second])
    assert list(table.entries) == ["Intercept", "size", "news"]
    assert table.entries["size"][1] is None
    assert table.facts["CAR"] == ("[0,0]", "[-1,+1]")
    assert table.frame.loc[("(1)", "size"), "coef"] == first.table.loc["size", "coef"]
    text = str(table)
    assert "Regressions of CARs" in text
    assert f"{first.table.loc['size', 'coef']:.3g}" in text
    assert "standard errors" in text
    assert "different numbers of events" not in text
    fewer = sized.where([True, True, True, False]).explain("size", (0, 0))
    assert "The columns rest on different numbers of events." in str(es.etable([first, fewer]))
    assert es.etable([first], digits=1).entries["size"][0] is not None
    for wrote in (table.to_latex(), table.to_markdown(), table.to_html()):
        assert "news" in wrote


# ── files ────────────────────────────────────────────────────────────────────────────────
HOSTILE = ["=1+1", "<script>alert(1)</script>", r"\input{x} & $y_1$ | %"]


def test_hostile_names_stay_text_everywhere(studies: dict[str, Any], tmp_path: Path) -> None:
    table = es.etable(list(studies.values()), names=HOSTILE)
    assert max(map(width_of, str(table).splitlines())) <= 80
    html = table.to_html(tmp_path / "new" / "a.html")
    assert "<script" not in html
    assert "&lt;script&gt;" in table._repr_html_()
    latex = table.to_latex()
    assert r"\textbackslash{}input\{x\} \& \$y\_1\$ $|$\,\%" in latex
    rows = [line for line in latex.splitlines() if line.endswith(r" \\")]
    assert {len(re.findall(r"(?<!\\)&", row)) for row in rows} == {3}
    assert latex.isascii()
    assert r"\midrule" in latex.split(r"\midrule", 1)[1]
    markdown = table.to_markdown()
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {5}
    assert "<script" not in markdown
    book = openpyxl.load_workbook(table.to_excel(tmp_path / "a.xlsx"))
    assert book.sheetnames == ["table", "numbers", "notes"]
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert [cell.value for cell in book["table"][1]][1:] == HOSTILE
    assert book["numbers"]["A2"].value == "=1+1"
    assert "'=1+1" in table.to_csv()


def test_numbers_of_the_files_are_those_of_the_frame(
    studies: dict[str, Any], tmp_path: Path
) -> None:
    table = es.etable(studies)
    back = pd.read_csv(io.StringIO(table.to_csv(formula_safe=False)))
    assert back["estimate"].tolist() == table.frame["estimate"].tolist()
    sheet = openpyxl.load_workbook(table.to_excel(tmp_path / "a.xlsx"))["numbers"]
    heads = [cell.value for cell in sheet[1]]
    column = heads.index("estimate") + 1
    found = [sheet.cell(row, column).value for row in range(2, sheet.max_row + 1)]
    np.testing.assert_allclose(found, table.frame["estimate"], rtol=1e-15)  # type: ignore[arg-type]  # numbers
    assert sheet.cell(2, column).number_format == "+0.00%;-0.00%;0.00%"
    assert (tmp_path / "a.tex").exists() is False
    text = table.to_latex(tmp_path / "a.tex", label="tab:a_b")
    assert (tmp_path / "a.tex").read_text(encoding="utf-8") == f"{text}\n"
    assert r"\label{tab:a-b}" in text


def test_stars_are_raised_in_latex_and_escaped_in_markdown() -> None:
    table = es.etable([run(effect=0.3)], (0, 0))
    assert re.search(r"\+\d+\.\d\d\\,\\%\$\^\{\*+\}\$", table.to_latex())
    assert re.search(r"\+\d+\.\d\d %(\\\*)+ \|", table.to_markdown())


# ── refusals ─────────────────────────────────────────────────────────────────────────────
def refused(sentence: str, call: Any, kind: type[Exception] = OptionError) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value) == sentence


def test_what_is_no_study_is_refused() -> None:
    nothing = "etable got no study; give it results, as in es.etable([first, second])."
    refused(nothing, lambda: es.etable([]))
    refused(nothing, lambda: es.etable({}))
    refused(
        "etable got a Result; give it a list of results, or a mapping of names to results, such "
        "as result.by(...).",
        lambda: es.etable(run()),
    )
    refused(
        "Column '(2)' is a DataFrame; etable sets results of study.run, or regressions of "
        "result.explain, side by side.",
        lambda: es.etable([run(), run().caar()]),
    )
    sized = run(events=EVENTS.assign(size=[1.0, 2.0, 3.0, 5.0]))
    refused(
        "Results and regressions cannot stand in one table; make one etable of each kind.",
        lambda: es.etable([sized, sized.explain("size", (0, 0))]),
    )
    refused(
        "windows is for results; a regression has the window that explain was asked for.",
        lambda: es.etable([sized.explain("size", (0, 0))], (0, 0)),
    )


def test_names_that_do_not_fit_are_refused() -> None:
    refused(
        "names has 1 entries and there are 2 studies; give one name a study.",
        lambda: es.etable([run(), run()], names=["a"]),
    )
    refused(
        "Two studies are called 'a'; give each a name of its own.",
        lambda: es.etable([run(), run()], names=["a", "a"]),
    )
    assert es.etable([run()], names="abc").names == ("abc",)


def test_windows_outside_are_refused() -> None:
    studies = {"wide": run(window=(-10, 10)), "narrow": run(window=(-2, 2))}
    refused(
        "Window [-5,+5] does not lie in the event window [-2,+2] of study 'narrow'; ask for "
        "windows that all studies have.",
        lambda: es.etable(studies, (-5, 5)),
        WindowError,
    )
    apart = [run(window=(-3, -1)), run(window=(1, 3))]
    refused(
        "The studies' event windows share no day; no window is in all of them.",
        lambda: es.etable(apart),
        WindowError,
    )


@pytest.mark.parametrize("digits", [-1, 1.5, "2", 16, True])
def test_digits_that_are_none_are_refused(digits: Any) -> None:
    with pytest.raises(OptionError, match=r"^digits=.* is not known; choose one of 0, 1, 2"):
        es.etable([run()], digits=digits)


def test_an_unknown_error_is_refused() -> None:
    refused(
        "se='HC3' is not known; choose one of 'se', 'interval', 't', 'p'.",
        lambda: es.etable([run()], se="HC3"),
    )


@pytest.mark.parametrize("stars", ["yes", 1, None])
def test_stars_are_there_or_not(stars: Any) -> None:
    with pytest.raises(OptionError) as caught:
        es.etable([run()], stars=stars)
    assert str(caught.value) == f"stars={stars!r} is not known; choose one of True, False."
