"""The result: tables as the design says, groups, words and pictures."""

from __future__ import annotations

import copy
import pickle
import unicodedata
from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

import eventstudy as es
from eventstudy.errors import EventStudyError
from eventstudy.report.names import name_of_test
from eventstudy.result import Groups

mpl.use("Agg")

DAYS = pd.bdate_range("2025-01-01", periods=300)
TICKERS = ["IREN", "CIFR", "HUT", "WULF", "CORZ", "RIOT"]
CAAR = ["estimate", "ci_low", "ci_high", "test", "statistic", "pvalue", "n", "n_dates", "rbar",
        "n_eff", "note"]  # fmt: skip
TESTS = ["window", "test", "estimate", "se", "statistic", "law", "df", "pvalue", "n", "valid",
         "note"]  # fmt: skip
WINDOWS = [(0, 0), (-1, 1), (0, 5), (-10, 10)]
LABELS = ["[0,0]", "[-1,+1]", "[0,+5]", "[-10,+10]"]


def panel() -> es.Panel:
    rng = np.random.default_rng(8)
    market = rng.normal(0, 0.01, 300)
    common = rng.normal(0, 0.01, 300)
    noise = rng.standard_t(4, (300, 6)) * 0.02
    frame = pd.DataFrame((market + common)[:, None] + noise, DAYS, TICKERS).assign(SPY=market)
    frame.iloc[210, 1] = np.nan
    return es.Panel.from_returns(frame, market="SPY")


DATA = panel()


def run(table: pd.DataFrame, **options: Any) -> es.Result:
    options = {"estimation": (-120, -11), "window": (-10, 10), **options}
    return es.EventStudy(**options).run(table, DATA)


def on(*rows: int, tickers: list[str] | None = None, **columns: Any) -> pd.DataFrame:
    """An event of each ticker on each of some days."""
    names = TICKERS if tickers is None else tickers
    tables = [es.events_on(DAYS[row], names, session="before_open", **columns) for row in rows]
    return pd.concat(tables).reset_index(drop=True)


EVENTS = on(160, 200, 240).assign(
    usd=np.arange(18.0),
    category=np.repeat(np.array(["deal", "capex", "deal", None], dtype=object), [6, 6, 3, 3]),
)
RESULT = run(pd.concat([EVENTS, on(50, 299, tickers=["HUT"])]).reset_index(drop=True))


@pytest.fixture(autouse=True)
def _close_pictures() -> Iterator[None]:
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


def columns_of(line: str) -> int:
    return sum(not unicodedata.combining(letter) for letter in line)


# ── tables ───────────────────────────────────────────────────────────────────────────────
def test_events_and_dropped_share_the_input() -> None:
    assert len(RESULT.events) == 18
    assert list(RESULT.dropped["reason"]) == ["min_est", "after_data"]
    assert list(RESULT.events.columns) == [
        *("ticker", "date", "session", "scheduled", "usd", "category")
    ]
    assert list(RESULT.dropped.columns) == ["ticker", "date", "session", "reason", "detail"]
    assert RESULT.events.index.name == RESULT.dropped.index.name == "event_id"
    assert len(RESULT) == 18


def test_estimates() -> None:
    table = RESULT.estimates
    assert list(table.columns) == ["ticker", "day0", "alpha", "SPY", "sigma", "r2", "n_obs", "dof"]
    assert table.index.equals(RESULT.events.index)
    assert table["day0"].dtype.kind == "M"
    assert table["day0"].tolist() == [DAYS[row] for row in (160, 200, 240) for _ in range(6)]
    assert table["ticker"].tolist() == TICKERS * 3
    assert [table[c].dtype for c in ("n_obs", "dof")] == [np.int64, np.int64]


def test_abnormal_returns_have_a_column_an_event_day() -> None:
    assert RESULT.ar.index.equals(RESULT.events.index)
    assert RESULT.ar.columns.equals(pd.RangeIndex(-10, 11))
    assert RESULT.ar.columns.name == "day"
    assert RESULT.ar.isna().sum().sum() == 1
    gaps = RESULT.ar[10].isna()
    assert list(RESULT.ar.index[gaps]) == [f"CIFR|{DAYS[200].date()}|1"]


def in_returns(window: Any) -> es.Statistic:
    """The valid test in units of returns, whose interval the tables show."""
    return RESULT.test(es.inference.valid(RESULT.abnormal, window).interval, window)


def test_average_abnormal_returns() -> None:
    table = RESULT.aar
    assert list(table.columns) == ["aar", "se", "n", "caar", "caar_se", "pvalue"]
    assert list(table.index) == list(range(-10, 11))
    assert table.index.name == "day"
    np.testing.assert_allclose(table["aar"], RESULT.ar.mean())
    assert table["n"].tolist() == [18] * 20 + [17]
    for day in (-10, 0, 10):
        row = RESULT.caar((day, day)).iloc[0]
        assert table.loc[day, "pvalue"] == row["pvalue"]
        so_far = RESULT.caar((-10, day)).iloc[0]
        assert table.loc[day, "caar"] == pytest.approx(so_far["estimate"])
        assert table.loc[day, "se"] == in_returns((day, day)).se
        assert table.loc[day, "caar_se"] == in_returns((-10, day)).se


@pytest.mark.parametrize("name", ["car", "scar", "bhar"])
def test_sums_have_a_column_a_window(name: str) -> None:
    table = getattr(RESULT, name)(*WINDOWS)
    assert table.index.equals(RESULT.events.index)
    assert list(table.columns) == LABELS
    assert list(getattr(RESULT, name)().columns) == ["[-10,+10]"]
    assert table.dtypes.eq(np.float64).all()
    assert table["[-10,+10]"].isna().sum() == 1


def test_cars_are_sums_of_abnormal_returns() -> None:
    table = RESULT.car(*WINDOWS)
    for (first, last), label in zip(WINDOWS, LABELS, strict=True):
        expected = RESULT.ar.loc[:, first:last].sum(axis=1, skipna=False)
        np.testing.assert_allclose(table[label], expected, atol=1e-15)


def test_windows_are_named_in_any_way() -> None:
    for window in ((-1, 1), "-1:1", "[-1,+1]", es.Window(-1, 1), [-1, 1]):
        assert list(RESULT.car(window).columns) == ["[-1,+1]"]  # type: ignore[arg-type]
    assert list(RESULT.car(0).columns) == ["[0,0]"]


def test_the_average_table() -> None:
    table = RESULT.caar(*WINDOWS)
    assert list(table.columns) == CAAR
    assert list(table.index) == LABELS
    assert table.index.name == "window"
    np.testing.assert_allclose(table["estimate"], RESULT.car(*WINDOWS).mean())
    assert table["n"].tolist() == [18, 18, 18, 17]
    assert table["n_dates"].tolist() == [3] * 4
    assert (table["test"] == "adj_bmp").all()
    for label, row in table.iterrows():
        found = RESULT.test("adj_bmp", str(label))
        assert (row["statistic"], row["pvalue"]) == (found.statistic, found.pvalue)
        assert (row["rbar"], row["n_eff"]) == (found.rbar, found.n_eff)
        interval = in_returns(label)
        assert (row["ci_low"], row["ci_high"]) == interval.ci
        assert f"interval: {interval.name}" in row["note"]
    assert "1 without a return on a day of the window (missing_in_window)" in table["note"].iloc[3]


def test_the_usual_windows() -> None:
    assert list(RESULT.caar().index) == ["[0,0]", "[-1,+1]", "[-10,+10]"]
    assert list(run(EVENTS, window=(0, 0)).caar().index) == ["[0,0]"]
    assert list(run(EVENTS, window=(1, 5)).caar().index) == ["[+1,+5]"]


def test_the_tests_table() -> None:
    table = RESULT.tests((0, 0), (-1, 1))
    assert list(table.columns) == TESTS
    assert list(table.index) == list(range(len(table)))
    for label, part in table.groupby("window"):
        assert set(part["test"]) == set(es.inference.names())
        valid = part["valid"].tolist()
        assert valid == sorted(valid, reverse=True)  # valid ones first
        assert part["test"].iloc[0] == "adj_bmp"
        assert (part["note"][~part["valid"]] != "").all()
        for _, row in part.iterrows():
            found = RESULT.test(row["test"], str(label))
            same = [row["estimate"], row["se"], row["statistic"], row["df"], row["pvalue"]]
            np.testing.assert_array_equal(
                same, [found.estimate, found.se, found.statistic, found.df, found.pvalue]
            )
            assert (row["law"], row["n"]) == (found.law, found.n)


def test_some_tests_only() -> None:
    table = RESULT.tests((0, 0), names=["bmp", "adj_bmp"])
    assert table["test"].tolist() == ["adj_bmp", "bmp"]
    assert table["valid"].tolist() == [True, False]


@pytest.mark.parametrize("missing", ["drop", "skip"])
def test_the_tidy_frame(missing: str) -> None:
    result = run(EVENTS, missing=missing)
    table = result.to_frame()
    assert list(table.columns) == [
        *("event_id", "ticker", "day", "date", "return", "expected", "ar", "car")
    ]
    assert len(table) == 18 * 21
    np.testing.assert_allclose(table["return"] - table["expected"], table["ar"], atol=1e-15)
    first = table[table["event_id"] == result.events.index[0]]
    assert first["day"].tolist() == list(range(-10, 11))
    assert first["date"].tolist() == list(DAYS[150:171])
    last = table[table["day"] == 10].set_index("event_id")["car"]
    np.testing.assert_allclose(last, result.car((-10, 10)).iloc[:, 0])
    assert last.isna().sum() == (missing == "drop")
    returns = DATA.returns_frame()
    row = table[(table["ticker"] == "HUT") & (table["day"] == 3)].iloc[1]
    assert row["return"] == returns.loc[DAYS[203], "HUT"]


def test_the_path_of_the_average() -> None:
    table = RESULT.path()
    assert list(table.columns) == ["caar", "low", "high", "n"]
    assert list(table.index) == list(range(-10, 11))
    assert (table["low"] <= table["caar"]).all()
    assert (table["caar"] <= table["high"]).all()


def test_notes_say_what_one_has_to_know() -> None:
    notes = RESULT.notes
    assert all(note.endswith(".") for note in notes)
    assert notes[0].startswith("Returns are simple")
    unknown = run(EVENTS.assign(session=["unknown"] * 2 + ["before_open"] * 16))
    assert (
        "2 events have an unknown session: they count as news of the day itself." in unknown.notes
    )
    one = run(EVENTS.assign(session=["unknown"] + ["before_open"] * 17))
    assert "1 event has an unknown session: it counts as news of the day itself." in one.notes
    flagged = run(EVENTS.assign(own_earnings=[True, False] * 9))
    assert "Flagged: own earnings (9: CORZ, HUT, IREN)." in flagged.notes


# ── the user's index, several events a ticker ────────────────────────────────────────────
def test_the_index_of_the_user_is_kept() -> None:
    table = EVENTS.set_index(pd.Index([f"my {i}" for i in range(18)], name="mine"))
    result = run(table)
    assert list(result.events.index) == list(table.index)
    for found in (result.estimates, result.ar, result.car((0, 0))):
        assert list(found.index) == list(table.index)


def test_numbers_as_index_are_kept() -> None:
    result = run(EVENTS.set_index(np.arange(100, 118)))
    assert list(result.ar.index) == list(range(100, 118))


def test_several_events_of_one_ticker() -> None:
    table = on(150, 170, 190, 210, 230, 250, tickers=["HUT"])
    result = run(table, window=(-2, 2))
    assert result.events["ticker"].tolist() == ["HUT"] * 6
    assert result.events.index.is_unique
    row = result.caar((0, 0)).iloc[0]
    assert (row["test"], row["n"], row["n_dates"]) == ("bmp", 6, 6)  # no day is shared
    for name in result.events.index:
        alone = result.where(result.events.index == name)
        pd.testing.assert_frame_equal(alone.ar, result.ar.loc[[name]])


def test_one_event_leads_with_the_sample_quantile() -> None:
    result = run(on(160, tickers=["HUT"]))
    row = result.caar((0, 0)).iloc[0]
    assert (row["test"], row["n"], row["n_eff"]) == ("sq", 1, 1.0)
    single = result.test("single_t", (0, 0))
    assert (row["ci_low"], row["ci_high"]) == single.ci
    assert row["pvalue"] == result.test("sq", (0, 0)).pvalue
    assert result.tests((0, 0))["test"].iloc[:2].tolist() == ["sq", "single_t"]
    assert "HUT moved by" in result.sentence()
    assert isinstance(result.plot(), Axes)
    assert isinstance(result.plot_bars(), Axes)


def test_one_shared_date_leads_with_the_adjusted_test() -> None:
    row = run(on(160)).caar((0, 0)).iloc[0]
    assert (row["test"], row["n"], row["n_dates"]) == ("adj_bmp", 6, 1)
    assert 1.0 < row["n_eff"] <= 6.0


# ── where ────────────────────────────────────────────────────────────────────────────────
MASKS = {
    "series": RESULT.events["usd"] > 8.5,
    "array": (RESULT.events["usd"] > 8.5).to_numpy(),
    "list": (RESULT.events["usd"] > 8.5).tolist(),
    "shuffled": (RESULT.events["usd"] > 8.5).sample(frac=1.0, random_state=1),
    "nullable": (RESULT.events["usd"] > 8.5).astype("boolean"),
    "with gaps": (RESULT.events["usd"] > 8.5).where(RESULT.events["usd"] > 2.5),
    "part": (RESULT.events["usd"] > 8.5).iloc[5:],
}


@pytest.mark.parametrize("name", MASKS)
def test_where(name: str) -> None:
    part = RESULT.where(MASKS[name])
    assert part.events["usd"].tolist() == [float(i) for i in range(9, 18)]
    pd.testing.assert_frame_equal(part.ar, RESULT.ar.iloc[9:])
    pd.testing.assert_frame_equal(part.dropped, RESULT.dropped)
    assert RESULT.events["usd"].iloc[0] == 0.0


def test_a_part_is_the_study_of_the_part() -> None:
    part, alone = RESULT.where(RESULT.events["category"] == "capex"), run(on(200))
    pd.testing.assert_frame_equal(part.tests((-1, 1)), alone.tests((-1, 1)))
    pd.testing.assert_frame_equal(part.caar(), alone.caar())


REFUSED_MASKS = {
    "labels": (RESULT.events["category"], "The mask holds string values"),
    "numbers": (RESULT.events["usd"], "The mask holds floating values"),
    "positions": (np.arange(18), "The mask holds integer values"),
    "few positions": ([0, 1], "The mask has 2 entries for 18 events"),
    "column": ("category", "The mask has 1 entries for 18 events"),
    "function": (lambda events: events["usd"] > 1, "The mask has 1 entries for 18 events"),
    "square": (np.ones((18, 18), dtype=bool), "The mask has 324 entries for 18 events"),
    "nothing": (np.zeros(18, dtype=bool), "The mask selects no event; choose at least one."),
    "elsewhere": (pd.Series([True], ["nowhere"]), "The mask selects no event"),
    "twice": (pd.concat([MASKS["series"]] * 2), "The mask has 36 entries for 18 events"),  # type: ignore[list-item]
}


@pytest.mark.parametrize("name", REFUSED_MASKS)
def test_masks_that_say_nothing_are_refused(name: str) -> None:
    mask, said = REFUSED_MASKS[name]
    with pytest.raises(EventStudyError) as caught:
        RESULT.where(mask)
    assert str(caught.value).startswith(said)


# ── by ───────────────────────────────────────────────────────────────────────────────────
def sizes(groups: Groups) -> dict[Any, int]:
    return {name: len(part) for name, part in groups.items()}


def test_by_a_column_with_missing_labels() -> None:
    groups = RESULT.by("category")
    assert sizes(groups) == {"capex": 6, "deal": 9, "missing": 3}
    assert list(groups) == ["capex", "deal", "missing"]
    assert repr(groups) == "<Groups: capex: 6, deal: 9, missing: 3>"
    assert ("deal" in groups, "nothing" in groups, len(groups)) == (True, False, 3)
    pd.testing.assert_frame_equal(
        groups["deal"].caar(), RESULT.where(RESULT.events["category"] == "deal").caar()
    )


def test_a_label_that_is_called_missing_loses_nothing() -> None:
    labels = np.array(["missing", None, "x"] * 6, dtype=object)
    assert sizes(RESULT.by(labels)) == {"missing": 12, "x": 6}


@pytest.mark.parametrize("kind", ["column", "series", "array", "list", "shuffled"])
def test_by_anything_that_labels_events(kind: str) -> None:
    column = RESULT.events["ticker"]
    key: Any = {
        "column": "ticker",
        "series": column,
        "array": column.to_numpy(),
        "list": column.tolist(),
        "shuffled": column.sample(frac=1.0, random_state=3),
    }[kind]
    groups = RESULT.by(key)
    assert sizes(groups) == dict.fromkeys(sorted(TICKERS), 3)
    for name, part in groups.items():
        assert (part.events["ticker"] == name).all()


def test_by_truth_values_dates_and_numbers() -> None:
    assert sizes(RESULT.by((RESULT.events["usd"] > 4).to_numpy())) == {False: 5, True: 13}
    assert list(RESULT.by("date")) == [DAYS[160], DAYS[200], DAYS[240]]
    assert sizes(RESULT.by(np.arange(18) % 3)) == {0: 6, 1: 6, 2: 6}


def test_bins_are_groups_of_equal_size() -> None:
    groups = RESULT.by("usd", bins=3)
    assert [len(part) for part in groups.values()] == [6, 6, 6]
    tops = [part.events["usd"].max() for part in groups.values()]
    assert tops == sorted(tops)
    assert all(isinstance(name, str) for name in groups)
    holed = RESULT.events["usd"].where(RESULT.events["usd"] > 5.5)
    assert sizes(RESULT.by(holed, bins=2)) | {"missing": 6} == sizes(RESULT.by(holed, bins=2))
    assert sum(sizes(RESULT.by("usd", bins=50)).values()) == 18


@pytest.mark.parametrize(
    ("key", "bins", "said"),
    [
        ("categry", None, "The events have no column 'categry'; they have ticker, date, session"),
        ("category", 2, "bins=2 cuts numbers into 2 or more groups, and the column is of type "),
        ("usd", 1, "bins=1 cuts numbers into 2 or more groups"),
        ("usd", 2.5, "bins=2.5 cuts numbers into 2 or more groups"),
        ("usd", "2", "bins='2' cuts numbers into 2 or more groups"),
        ("scheduled", 2, "bins=2 cuts numbers into 2 or more groups, and the column is of type b"),
        (np.arange(17), None, "17 labels came for 18 events"),
    ],
)  # fmt: skip
def test_groups_that_cannot_be_are_refused(key: Any, bins: Any, said: str) -> None:
    with pytest.raises(EventStudyError) as caught:
        RESULT.by(key, bins=bins)
    assert str(caught.value).startswith(said)


def test_a_label_may_be_a_tuple() -> None:
    labels = pd.Series([("deal", k % 2) for k in range(len(RESULT))], RESULT.events.index)
    groups = RESULT.by(labels)
    assert set(groups) == {("deal", 0), ("deal", 1)}
    table = groups.caar((0, 0))
    assert table.index.names == ["group", "window"]
    expected = groups["deal", 0].caar((0, 0))["estimate"].item()
    assert table.loc[("('deal', 0)", "[0,0]"), "estimate"] == expected


def test_an_unknown_group_is_refused() -> None:
    groups = RESULT.by("category")
    with pytest.raises(EventStudyError) as caught:
        groups["deals"]
    assert str(caught.value) == (
        "There is no group 'deals'; the groups are capex, deal, missing. Did you mean 'deal'?"
    )


def test_tables_of_all_groups() -> None:
    groups = RESULT.by("category")
    table = groups.caar((0, 0), (-1, 1))
    assert table.index.names == ["group", "window"]
    assert list(table.columns) == CAAR
    assert len(table) == 6
    pd.testing.assert_frame_equal(table.loc["deal"], groups["deal"].caar((0, 0), (-1, 1)))
    tests = groups.tests((0, 0))
    assert list(tests.columns) == ["group", *TESTS]
    assert set(tests["group"]) == set(groups)
    text = groups.summary((0, 0))
    assert "deal (9 events)" in text
    assert max(map(columns_of, text.splitlines())) <= 80


# ── one test ─────────────────────────────────────────────────────────────────────────────
def test_a_test_by_name_or_as_a_function() -> None:
    by_name = RESULT.test("adj_bmp", (-1, 1))
    assert RESULT.test(es.inference.adj_bmp, (-1, 1)) == by_name
    assert by_name.window == "[-1,+1]"
    greater = RESULT.test("adj_bmp", (-1, 1), alternative="greater")
    assert greater.statistic == by_name.statistic
    assert 2 * min(greater.pvalue, 1 - greater.pvalue) == pytest.approx(by_name.pvalue)


def test_a_test_of_the_user() -> None:
    def median(abnormal: Any, window: es.Window, *, scale: float = 1.0) -> es.Statistic:
        value = float(np.nanmedian(abnormal.car(window))) * scale
        return es.Statistic("median", value, np.nan, value, "none", np.nan, np.nan)

    assert RESULT.test(median, (0, 0)).estimate == RESULT.car((0, 0)).median().iloc[0]
    assert RESULT.test(median, (0, 0), scale=2.0).estimate == pytest.approx(
        2 * RESULT.test(median, (0, 0)).estimate
    )


@pytest.mark.parametrize("ask", ["car", "scar", "bhar", "caar", "tests", "sentence", "plot_bars"])
@pytest.mark.parametrize("window", [(-11, 0), (5, 11), (-30, -20)])
def test_windows_outside_the_event_window_are_refused(ask: str, window: tuple[int, int]) -> None:
    with pytest.raises(EventStudyError, match=r"is not inside the event window \[-10,\+10\]"):
        getattr(RESULT, ask)(window)


# ── words ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("window", WINDOWS)
def test_the_sentence_says_the_numbers_of_the_table(window: tuple[int, int]) -> None:
    said, row = RESULT.sentence(window), RESULT.caar(window).iloc[0]
    assert said.endswith(".")
    assert said.count("\n") == 0
    assert f"{100 * row['estimate']:+.1f} %" in said or f"{100 * row['estimate']:+.2f} %" in said
    assert "the 6 firms" in said
    assert f"over {row['n']} events" in said
    assert f"about {row['n_eff']:.1f} independent ones" in said
    assert "adjusted BMP" in said
    assert name_of_test(in_returns(window).name) in said
    reach = es.inference.detectable(RESULT.abnormal, window)
    assert f"±{100 * reach:.1f} %" in said or f"±{100 * reach:.2f} %" in said


def test_the_sentence_is_about_day_zero_unless_asked_otherwise() -> None:
    assert RESULT.sentence() == RESULT.sentence((0, 0))


def test_the_summary_fits_a_terminal() -> None:
    awkward = on(160, 200).assign(
        event_id=[
            f"a rather long name of an event, number {i:03d}, of the firm" for i in range(12)
        ],
        session="unknown",
    )
    for result in (RESULT, run(awkward), run(on(160, tickers=["HUT"]))):
        assert max(map(columns_of, str(result).splitlines())) <= 80
        assert str(result) == str(result.summary())


def test_the_summary_leads_with_the_sentence_and_the_valid_tests() -> None:
    text = str(RESULT.summary((-1, 1), (0, 0)))
    flat = " ".join(text.split())
    assert RESULT.sentence((-1, 1)) in flat
    assert text.index("Valid here") < text.index("Not valid here")
    assert "18 events kept, 2 dropped" in text
    assert "MarketModel (SPY)" in text
    assert "min_est" in text
    assert text.index("[-1,+1]") < text.index("[0,0]")


def test_the_summary_shows_the_answer_without_unknown_sessions() -> None:
    mixed = run(EVENTS.assign(session=["unknown"] * 2 + ["before_open"] * 16))
    text = str(mixed)
    assert "Without the 2 events of unknown session" in text
    others = mixed.summary((0, 0)).others["Without the 2 events of unknown session"]
    known = mixed.where(mixed.events["session"] != "unknown")
    pd.testing.assert_frame_equal(others, known.caar((0, 0)))
    assert "unknown session" not in str(RESULT)


def test_html_is_escaped() -> None:
    hostile = on(160, tickers=["HUT"]).assign(
        event_id=["<script>alert(1)</script>"], category="<b>deal</b>"
    )
    table = pd.concat([hostile, on(299, tickers=["CIFR"]).assign(event_id="<i>late</i>")])
    markup = run(table)._repr_html_()
    for tag in ("<script", "<b>deal", "<i>late"):
        assert tag not in markup
    assert markup.startswith('<div class="eventstudy">')
    assert markup.count("<table") == markup.count("</table>") > 2


def test_html_escapes_a_ticker() -> None:
    frame = DATA.returns_frame().rename(columns={"HUT": "<HUT>"})
    data = es.Panel.from_returns(frame, market="SPY")
    study = es.EventStudy(estimation=(-120, -11))
    markup = study.run(on(160, tickers=["<HUT>"]), data)._repr_html_()
    assert "&lt;HUT&gt;" in markup
    assert "<HUT>" not in markup


# ── pictures ─────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def _no_window(monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib.pyplot as plt

    def show(*_: object, **__: object) -> None:
        pytest.fail("a picture was shown")

    monkeypatch.setattr(plt, "show", show)
    monkeypatch.setattr(mpl.figure.Figure, "show", show)


@pytest.mark.usefixtures("_no_window")
def test_the_path_is_drawn() -> None:
    ax = RESULT.plot(title="Miners")
    assert isinstance(ax, Axes)
    path = RESULT.path()
    line = next(line for line in ax.get_lines() if len(line.get_xdata()) == len(path))
    np.testing.assert_allclose(np.asarray(line.get_xdata(), dtype=float), path.index)
    np.testing.assert_allclose(np.asarray(line.get_ydata(), dtype=float), path["caar"])


@pytest.mark.usefixtures("_no_window")
def test_the_bars_are_drawn() -> None:
    ax = RESULT.plot_bars((-1, 1))
    assert isinstance(ax, Axes)
    assert {tick.get_text() for tick in ax.get_yticklabels()} >= set(TICKERS)
    assert "[-1,+1]" in ax.get_title(loc="left")


@pytest.mark.usefixtures("_no_window")
def test_pictures_go_into_given_axes() -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2)
    assert RESULT.plot(axes[0]) is axes[0]
    assert RESULT.plot_bars((0, 0), axes[1]) is axes[1]
    assert len(figure.axes) == 2


@pytest.mark.usefixtures("_no_window")
def test_groups_are_drawn_side_by_side() -> None:
    axes = RESULT.by("category").plot(title="By category")
    assert isinstance(axes, np.ndarray)
    assert axes.size == 3
    assert all(isinstance(ax, Axes) for ax in axes.flat)
    one = RESULT.by(np.zeros(18)).plot()
    assert isinstance(one, Axes)


def test_bars_are_the_mean_cars_with_the_error_of_the_forecast() -> None:
    from eventstudy.result.tables import bars_table

    table = bars_table(RESULT.abnormal, RESULT.events, es.Window(0, 0))
    assert set(table.index) == set(TICKERS)
    assert table["estimate"].is_monotonic_decreasing
    own = RESULT.where(RESULT.events["ticker"] == "HUT")
    assert table.loc["HUT", "estimate"] == pytest.approx(own.car((0, 0)).mean().iloc[0])
    one = run(on(160, tickers=["HUT"]))
    bar = bars_table(one.abnormal, one.events, es.Window(0, 0)).loc["HUT"]
    assert (bar["low"], bar["high"]) == pytest.approx(one.test("single_t", (0, 0)).ci)


def test_flags_mark_the_bars() -> None:
    from eventstudy.result.findings import bars

    flagged = run(EVENTS.assign(
        own_earnings=EVENTS["ticker"].isin(["IREN", "HUT"]),
        concurrent_financing=EVENTS["ticker"] == "HUT",
    ))  # fmt: skip
    table = bars(flagged, es.Window(0, 0))
    assert table["flagged"].to_dict() == {t: t in ("IREN", "HUT") for t in table.index}
    assert table.loc["HUT", "flag_note"] == "own earnings; financing the same day"
    assert table.loc["IREN", "flag_note"] == "own earnings"


def test_nothing_is_computed_before_it_is_asked_for() -> None:
    result = run(EVENTS)
    assert result.abnormal._memo == {}
    assert "residuals" not in vars(result.abnormal)
    result.car((0, 0))
    assert "residuals" not in vars(result.abnormal)


def test_a_result_travels_without_what_its_tests_kept() -> None:
    found = run(EVENTS)
    found.tests((0, 0))
    for again in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):  # noqa: S301  (our own)
        assert again.abnormal._memo == {}
        pd.testing.assert_frame_equal(again.tests((0, 0)), found.tests((0, 0)))
