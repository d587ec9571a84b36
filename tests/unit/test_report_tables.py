"""Tables on a terminal and in a notebook: width, formats, escaping."""

from __future__ import annotations

from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstudy.report import cells, html_table, text_table
from eventstudy.report.lines import clean, shorten, width_of, wrap

NAN = float("nan")


def caar(note: str = "") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "estimate": [0.0236, NAN],
            "ci_low": [-0.03, NAN],
            "ci_high": [0.08, NAN],
            "test": ["adj_bmp", "adj_bmp"],
            "statistic": [1.3, NAN],
            "pvalue": [0.00001, NAN],
            "n": [12, 0],
            "n_dates": [1, 0],
            "rbar": [0.41, NAN],
            "n_eff": [2.04, NAN],
            "note": [note, note],
        },
        index=pd.Index(["[-1,+1]", "[-10,+10]"], name="window"),
    )


# ── one value ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0236, "+2.36 %"),
        (-0.0236, "-2.36 %"),
        (0.0, "0.00 %"),
        (-1e-9, "0.00 %"),
        (NAN, "–"),
        (None, "–"),
        (pd.NA, "–"),
        (float("inf"), "+inf %"),
        (1e9, "+1e+11 %"),
        (np.float64(0.5), "+50.00 %"),
        ("text", "text"),
    ],
)
def test_percent(value: object, text: str) -> None:
    assert cells.percent(value) == text


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (0.031, 3, "0.031"),
        (0.0, 3, "<0.001"),
        (0.000999, 3, "<0.001"),
        (0.001, 3, "0.001"),
        (0.04996, 3, "0.04996"),
        (0.0504, 2, "0.0504"),
        (0.05, 2, "0.05"),
        (0.05, 3, "0.050"),
        (1.0, 3, "1.000"),
        (NAN, 3, "–"),
    ],
)
def test_pvalue_is_never_zero_and_stays_on_its_side(value: float, places: int, text: str) -> None:
    assert cells.pvalue(value, places) == text


@given(st.floats(0, 1))
def test_pvalue_keeps_the_verdict_at_five_percent(p: float) -> None:
    text = cells.pvalue(p).removeprefix("<")
    assert float(text) > 0
    # eight decimals are the most that is written
    if abs(p - 0.05) > 1e-8:
        assert (float(text) < 0.05) == (p < 0.05)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12, "12"),
        (12.0, "12"),
        (117.25, "117.2"),
        (1e6, "1,000,000"),
        (NAN, "–"),
        (float("inf"), "inf"),
    ],
)
def test_count(value: float, text: str) -> None:
    assert cells.count(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (pd.Timestamp("2026-02-26"), "2026-02-26"),
        (np.datetime64("2026-02-26"), "2026-02-26"),
        (pd.NaT, "–"),
        (np.datetime64("NaT"), "–"),
        (True, "yes"),
        (np.False_, "no"),
        (0.123456, "0.1235"),
        ("IREN", "IREN"),
        ([1, 2], "[1, 2]"),
    ],
)
def test_plain(value: object, text: str) -> None:
    assert cells.plain(value) == text


@pytest.mark.parametrize(("value", "text"), [(-3, "-3"), (0, "0"), (10, "+10"), ("x", "x")])
def test_day(value: object, text: str) -> None:
    assert cells.day(value) == text


# ── lines ────────────────────────────────────────────────────────────────────────────────
def test_control_characters_and_invisible_ones_do_not_reach_the_terminal() -> None:
    assert clean("a\x1b[31m\tb\u202ec\u200bd\r\n") == "a [31m bcd"


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("矿工", 4), ("é", 1), ("–", 1)])
def test_width_counts_columns(text: str, width: int) -> None:
    assert width_of(text) == width


def test_wrap_keeps_a_number_with_its_sign() -> None:
    assert wrap("gives p = 0.84 now", 11) == ["gives", "p = 0.84", "now"]
    assert wrap("moved by -0.8 % on", 14) == ["moved by", "-0.8 % on"]


@given(st.text(max_size=200), st.integers(8, 80))
def test_wrap_never_exceeds_its_width_and_loses_nothing(text: str, width: int) -> None:
    lines = wrap(text, width, "  ")
    assert max(map(width_of, lines)) <= width
    assert "".join(lines).replace(" ", "") == clean(text).replace(" ", "")


@given(st.text(max_size=60), st.integers(2, 30))
def test_shorten(text: str, width: int) -> None:
    assert width_of(shorten(text, width)) <= width


# ── text ─────────────────────────────────────────────────────────────────────────────────
def test_a_caar_table_reads() -> None:
    text = text_table(caar(), title="CAAR")
    first, second = text.split("\n\n")
    assert first.splitlines() == [
        "CAAR",
        "window     estimate   ci_low  ci_high  test     statistic  pvalue   n  n_dates",
        "------------------------------------------------------------------------------",
        "[-1,+1]     +2.36 %  -3.00 %  +8.00 %  adj_bmp       1.30  <0.001  12        1",
        "[-10,+10]         –        –        –  adj_bmp          –       –   0        0",
    ]
    assert second.splitlines()[2] == "[-1,+1]    0.41    2.0"


def test_equal_long_notes_share_one_number_below_the_table() -> None:
    text = text_table(caar("the interval assumes that the variance is the usual one"))
    assert text.count("[1]") == 3
    assert text.endswith("[1] the interval assumes that the variance is the usual one")


def test_a_short_table_keeps_its_note_in_its_column() -> None:
    text = text_table(pd.DataFrame({"n": [3], "note": ["only three firms are complete"]}))
    assert text.splitlines()[-1] == "3  only three firms are complete"


def test_an_empty_note_column_is_left_out() -> None:
    assert "note" not in text_table(pd.DataFrame({"n": [3], "note": [""]}))


def test_estimates_of_tests_are_percent_only_where_they_are_returns() -> None:
    tests = pd.DataFrame(
        {
            "window": "[0,0]",
            "test": ["portfolio_t", "gen_sign", "sq"],
            "estimate": [0.02, 0.75, -0.05],
            "statistic": [1.5, -0.5, -0.05],
            "law": ["t", "normal", "permutation"],
        }
    )
    lines = text_table(tests).splitlines()
    assert lines[2].split()[2:] == ["+2.00", "%", "1.50", "t"]
    assert lines[3].split()[2:] == ["0.750", "-0.50", "normal"]
    # the sample quantile test compares the CAR itself
    assert lines[4].split()[2:] == ["-5.00", "%", "-5.00", "%", "permutation"]


def test_the_keys_of_a_tidy_table_stand_in_every_panel() -> None:
    tests = pd.DataFrame({"window": ["[0,0]"], "test": ["adj_bmp"]})
    wide = tests.assign(**{f"factor_number_{i}": [float(i)] for i in range(9)})
    panels = text_table(wide).split("\n\n")
    assert len(panels) > 1
    assert all(panel.startswith("window  test") for panel in panels)


def test_columns_named_by_days_and_windows_are_returns() -> None:
    ar = pd.DataFrame({-1: [0.01], 0: [-0.02], "[-1,0]": [-0.01]}, index=pd.Index(["a"]))
    head, _, row = text_table(ar).splitlines()
    assert head.split() == ["-1", "0", "[-1,0]"]
    assert row.split() == ["a", "+1.00", "%", "-2.00", "%", "-1.00", "%"]


def test_the_tables_of_the_library_have_formats() -> None:
    estimates = pd.DataFrame(
        {
            "ticker": ["IREN"],
            "day0": pd.to_datetime(["2026-02-26"]),
            "alpha": [0.00123],
            "SPY": [2.34567],
            "sigma": [0.045],
            "r2": [0.31],
            "n_obs": [240],
            "dof": [237.0],
        },
        index=pd.Index(["e"], name="event_id"),
    )
    row = text_table(estimates).splitlines()[-1].split("  ")
    assert [cell.strip() for cell in row if cell.strip()] == [
        *("e", "IREN", "2026-02-26", "+0.123 %", "2.346", "4.500 %", "0.31", "240", "237")
    ]


def test_aar_days_have_signs() -> None:
    index = pd.Index([-1, 0, 1], name="day")
    aar = pd.DataFrame({"aar": [0.01, 0.02, 0.0], "n": [3, 3, 3]}, index=index)
    lines = text_table(aar).splitlines()
    assert [line.split()[0] for line in lines[2:]] == ["-1", "0", "+1"]


def test_formats_of_the_caller_come_first() -> None:
    text = text_table(caar(), formats={"estimate": lambda x: f"<{x:.1f}>"})
    assert "<0.0>" in text


def test_an_empty_table_says_so() -> None:
    assert text_table(caar().head(0)).endswith("(no rows)")


def test_a_long_table_says_how_many_rows_are_left_out() -> None:
    long = pd.DataFrame({"estimate": np.zeros(1_060)})
    text = text_table(long)
    assert text.endswith("… and 1,000 more rows")
    assert len(text.splitlines()) == 2 + 60 + 1
    assert "… and 1,000 more rows" in html_table(long)


@settings(max_examples=60)
@given(
    st.lists(st.text(max_size=120), min_size=1, max_size=4),
    st.text(max_size=40),
    st.integers(20, 80),
    st.integers(0, 9),
)
def test_no_line_is_ever_too_wide(names: list[str], head: str, width: int, numbers: int) -> None:
    frame = pd.DataFrame({"detail": names, "note": names[::-1], head or "x": 1e308})
    for i in range(numbers):
        frame[f"factor {i}"] = -12345.678
    frame.index = pd.Index(names, name="event_id")
    lines = text_table(frame, width=width, title=head).splitlines()
    assert max(map(width_of, lines)) <= width


def test_several_index_levels_stand_side_by_side() -> None:
    both = pd.concat({"deals": caar(), "reports": caar()}, names=["category"])
    lines = text_table(both[["estimate"]]).splitlines()
    assert lines[0].split() == ["category", "window", "estimate"]
    assert lines[4].split()[:2] == ["reports", "[-1,+1]"]


# ── HTML ─────────────────────────────────────────────────────────────────────────────────
class Tags(HTMLParser):
    """Collects tags with their attributes and checks that they are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def parsed(markup: str) -> Tags:
    tags = Tags()
    tags.feed(markup)
    assert tags.open == []
    return tags


def test_html_has_header_scopes() -> None:
    tags = parsed(html_table(caar(), title="CAAR"))
    scopes = [attrs.get("scope") for tag, attrs in tags.seen if tag == "th"]
    # one head a column (the empty note column is left out), one a row
    assert scopes == ["col"] * 11 + ["row"] * 2
    assert tags.texts[0] == "CAAR"


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img src=x>', "a & b", "'"])
def test_html_escapes_everything(hostile: str) -> None:
    frame = pd.DataFrame({hostile: [hostile]}, index=pd.Index([hostile], name=hostile))
    tags = parsed(html_table(frame, title=hostile))
    assert {tag for tag, _ in tags.seen} <= {
        *("table", "caption", "thead", "tbody", "tr", "th", "td")
    }
    assert tags.texts.count(hostile) == 5
