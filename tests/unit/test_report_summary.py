"""The summary: valid tests first, everything within 80 columns, tables kept as tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventstudy.report import Facts, Summary
from eventstudy.report.lines import width_of
from eventstudy.report.summary import invalid_table

NAN = float("nan")
FACTS = Facts(
    model="FactorModel(factors=('SPY', 'IBIT'))",
    estimation="[-250,-11]",
    window="[-10,+10]",
    kept=12,
    dropped=3,
    firms=12,
    dates=1,
    first=np.datetime64("2022-12-01"),
    last=pd.Timestamp("2026-06-30"),
    sample="one shared date",
)
CAAR = pd.DataFrame(
    {
        "estimate": [-0.008, NAN],
        "ci_low": [-0.089, NAN],
        "ci_high": [0.073, NAN],
        "test": "adj_bmp",
        "statistic": [-0.21, NAN],
        "pvalue": [0.84, NAN],
        "n": [12, 0],
        "n_dates": [1, 0],
        "rbar": [0.41, NAN],
        "n_eff": [2.04, NAN],
        "note": ["", "no event has returns on every day of this window"],
    },
    index=pd.Index(["[0,0]", "[-10,+10]"], name="window"),
)
TESTS = pd.DataFrame(
    [
        ("[0,0]", "csect_t", -0.008, 0.01, -0.8, "t", 11.0, 0.44, 12, False, "assumes it"),
        ("[0,0]", "adj_bmp", -0.2, 0.5, -0.21, "t", 11.0, 0.84, 12, True, ""),
        ("[0,0]", "gen_sign", 0.4, 0.1, -0.7, "normal", NAN, 0.48, 12, False, "assumes it"),
    ],
    columns="window test estimate se statistic law df pvalue n valid note".split(),  # noqa: SIM905 - a row reads better than eleven lines
)
DROPPED = pd.DataFrame(
    {"ticker": ["ABTC", "GLXY", "ABTC"], "reason": ["min_est", "not_own_price", "min_est"]},
    index=pd.Index(["a", "b", "c"], name="event_id"),
)


def summary(**changes: Any) -> Summary:
    pieces: dict[str, Any] = {
        "facts": FACTS,
        "sentence": "On the event day (day 0) the 12 firms moved by -0.8 % on average; " * 3,
        "caar": CAAR,
        "tests": TESTS,
        "dropped": DROPPED,
        **changes,
    }
    return Summary(**pieces)


def test_the_order_is_facts_sentence_windows_valid_others_dropped() -> None:
    text = str(summary(notes=("a note",), limit="a limit"))
    wanted = [
        "Event study",
        "On the event day",
        "Cumulative average abnormal return",
        "Valid here (one shared date), window [0,0]",
        "adjusted BMP",
        "Not valid here",
        "csect_t = 0.440",
        "Dropped events",
        "Note: a note",
        "Limit: a limit",
    ]
    places = [text.index(part) for part in wanted]
    assert places == sorted(places)


def test_facts() -> None:
    lines = str(summary()).splitlines()
    assert lines[2:7] == [
        "Model       FactorModel(factors=('SPY', 'IBIT'))",
        "Windows     estimation [-250,-11], event [-10,+10]",
        "Events      12 events kept, 3 dropped",
        "Sample      12 firms on 1 date, one shared date",
        "Returns     simple, sessions 2022-12-01 to 2026-06-30",
    ]
    assert "SIMULATED" not in str(summary())


def test_simulated_prices_are_called_so() -> None:
    facts = Facts(**{**vars(FACTS), "simulated": True, "source": "the packaged sample"})
    made = summary(facts=facts)
    assert "Prices      SIMULATED. the packaged sample" in str(made)
    assert "SIMULATED. the packaged sample" in made._repr_html_()


def test_the_windows_show_interval_test_and_n_eff() -> None:
    text = str(summary())
    assert "[0,0]      -0.80 %  -8.90 to +7.30 %  adj_bmp  0.840  12    2.0" in text
    assert "[1] no event has returns on every day of this window" in text


def test_invalid_tests_stand_beside_the_reason_they_share() -> None:
    lines = str(summary()).splitlines()
    at = lines.index("Not valid here, window [0,0]: for comparison only")
    assert lines[at + 1 : at + 4 : 2] == [
        "because     test = p",
        "assumes it  csect_t = 0.440, gen_sign = 0.480",
    ]
    assert "adj_bmp" not in "".join(lines[at:])


def test_the_reason_of_an_invalid_test_comes_last_in_its_note() -> None:
    notes = ["usual share 0.490; assumes it", "assumes it", "for one event"]
    tests = TESTS.assign(valid=False, note=notes, pvalue=[4e-5, NAN, 0.0496])
    found = invalid_table(tests)
    assert found["because"].tolist() == ["assumes it", "for one event"]
    assert found["test = p"].tolist() == ["csect_t < 0.001, adj_bmp", "gen_sign = 0.0496"]


def test_several_windows_have_a_column() -> None:
    text = str(summary(tests=pd.concat([TESTS, TESTS.assign(window="[-1,+1]")])))
    assert "Valid here (one shared date)\n" in text
    assert "window   because" in text
    assert "[-1,+1]  assumes it  csect_t" in text


def test_dropped_events_are_counted_by_reason() -> None:
    lines = str(summary()).splitlines()
    at = lines.index("Dropped events")
    assert [line.split() for line in lines[at + 3 : at + 5]] == [
        ["min_est", "2", "ABTC"],
        ["not_own_price", "1", "GLXY"],
    ]


@pytest.mark.parametrize(
    ("name", "title"),
    [("tests", "Valid here"), ("dropped", "Dropped events")],
)
def test_empty_tables_are_left_out(name: str, title: str) -> None:
    empty = {"tests": TESTS, "dropped": DROPPED}[name].head(0)
    assert title not in str(summary(**{name: empty}))


def test_other_answers_stand_below_the_leading_one() -> None:
    text = str(summary(others={"Against the market only": CAAR.head(1)}))
    assert text.index("Against the market only") > text.index("Cumulative average")
    assert text.index("Against the market only") < text.index("Valid here")


def test_groups_keep_their_names() -> None:
    caar = pd.concat({"deals": CAAR, "hyperscaler reports": CAAR}, names=["category"])
    tests = pd.concat({"deals": TESTS}, names=["category"]).reset_index("category")
    text = str(summary(caar=caar, tests=tests))
    assert "hyperscaler" in text
    assert "category  test" in text
    assert max(map(width_of, text.splitlines())) <= 80


def test_no_line_is_wider_than_80_columns() -> None:
    facts = Facts(**{**vars(FACTS), "model": "X" * 200, "source": "long " * 40})
    made = summary(facts=facts, notes=("word " * 60, "y" * 170), limit="z" * 90)
    assert max(map(width_of, str(made).splitlines())) <= 80


def test_tables_stay_tables() -> None:
    made = summary()
    assert made.caar is CAAR
    assert made.tests is TESTS
    assert made.dropped is DROPPED


def test_html_escapes_and_fades_what_is_not_valid() -> None:
    markup = summary(sentence="a < b", notes=("<script>",), limit="x & y")._repr_html_()
    assert "<strong>a &lt; b</strong>" in markup
    assert "<script>" not in markup
    assert "<p>Limit: x &amp; y</p>" in markup
    assert markup.count("opacity") == 1
    assert markup.index("opacity") < markup.index("csect_t")
