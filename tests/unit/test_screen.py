"""Other news near an event is flagged: by firm, by session, and never the event by itself."""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import EventsError, OptionError, WindowError
from eventstudy.events import check_events, effective_days

DEALS = es.read_events(
    pd.DataFrame(
        {
            "event_id": ["cifr-aws", "iren-msft", "hut-bend"],
            "ticker": ["CIFR", "IREN", "HUT"],
            "date": ["2025-11-03", "2025-11-03", "2025-12-17"],
            "session": ["bmo", "bmo", "bmo"],
            "category": "deal",
        }
    )
)


def news(*rows: tuple[str | None, str, str], **columns: Any) -> pd.DataFrame:
    """Other news: ticker, date, session."""
    table = pd.DataFrame(rows, columns=["ticker", "date", "session"]).assign(**columns)
    table.insert(0, "event_id", [f"n{k}" for k in range(len(table))])
    return table


def told(events: pd.DataFrame, *args: Any, **options: Any) -> list[str]:
    found = es.screen(events, *args, **options)
    assert found["confounded"].tolist() == (found["confounded_by"] != "").tolist()
    return list(found["confounded_by"])


# ── what is given back ───────────────────────────────────────────────────────────────────
def test_rows_index_and_columns_stay() -> None:
    before = DEALS.copy()
    found = es.screen(DEALS, against=news(("CIFR", "2025-11-03", "bmo"), category="report"))
    pd.testing.assert_frame_equal(found.drop(columns=["confounded", "confounded_by"]), DEALS)
    pd.testing.assert_frame_equal(DEALS, before)
    assert found["confounded"].dtype == bool
    assert found["confounded"].tolist() == [True, False, False]
    assert found["confounded_by"].tolist() == ["report 2025-11-03 (day 0)", "", ""]
    # again, and against nothing
    pd.testing.assert_frame_equal(es.screen(found, against=news()), es.screen(DEALS, news()))


def test_attributes_of_the_source_stay() -> None:
    events = DEALS.copy()
    events.attrs["source"] = "deals.csv"
    assert es.screen(events).attrs == {"source": "deals.csv"}


def test_a_table_as_it_came_is_read_as_everywhere() -> None:
    plain = pd.DataFrame({"ticker": ["IREN"], "date": ["2025-11-03"]})
    assert es.screen(plain).index.tolist() == ["IREN|2025-11-03|1"]


# ── who and when ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("row", "day"),
    [
        (("IREN", "2025-10-31", "bmo"), "-1"),  # Friday before Monday
        (("IREN", "2025-10-30", "amc"), "-1"),
        (("IREN", "2025-10-31", "amc"), "0"),
        (("IREN", "2025-11-02", "unknown"), "0"),  # Sunday
        (("IREN", "2025-11-03", "amc"), "+1"),
        (("IREN", "2025-11-04", "intraday"), "+1"),
        (("IREN", "2025-11-04", "amc"), None),
        (("IREN", "2025-10-30", "bmo"), None),
        (("CLSK", "2025-11-03", "bmo"), None),
        ((None, "2025-11-03", "bmo"), "0"),
    ],
)
def test_news_counts_from_the_session_that_can_trade_on_it(
    row: tuple[str, str, str], day: str | None
) -> None:
    found = told(DEALS.loc[["iren-msft"]], news(row, category="report"))
    assert found == [f"report {row[1]} (day {day})" if day else ""]


@pytest.mark.parametrize(
    ("within", "days"),
    [((-1, 1), "-1 0 +1"), ((0, 0), "0"), (0, "0"), ("-2:0", "-2 -1 0"), ((1, 2), "+1 +2"),
     ((-3, -2), "-3 -2")],
)  # fmt: skip
def test_within_is_a_window_around_the_event(within: Any, days: str) -> None:
    rows = [("IREN", str(day.date()), "bmo") for day in pd.bdate_range("2025-10-29", periods=8)]
    found = told(DEALS.loc[["iren-msft"]], news(*rows), within)[0]
    shown = {part.split("(day ")[1].rstrip(")") for part in found.split(", ")}
    assert shown == set(days.split())


def test_nearest_first_and_no_more_than_three() -> None:
    rows = [("IREN", day, "bmo") for day in ("2025-10-31", "2025-11-03", "2025-11-04")]
    other = pd.concat([news(*rows, category="x"), news((None, "2025-11-03", "bmo"))]).assign(
        event_id=list("abcd")
    )
    assert told(DEALS.loc[["iren-msft"]], other) == [
        "x 2025-11-03 (day 0), news 2025-11-03 (day 0), x 2025-10-31 (day -1) and 1 more"
    ]


def test_others_count_when_asked_and_are_named() -> None:
    reports = news(("NVDA", "2025-11-02", "amc"), ("HUT", "2025-12-17", "bmo"), category="report")
    assert told(DEALS, reports) == ["", "", "report 2025-12-17 (day 0)"]
    assert told(DEALS, reports, who="all") == [
        "NVDA report 2025-11-02 (day 0)",
        "NVDA report 2025-11-02 (day 0)",
        "report 2025-12-17 (day 0)",
    ]


def test_an_event_without_a_ticker_meets_news_without_one() -> None:
    sector = news((None, "2025-11-03", "bmo"))
    found = told(sector, news(("IREN", "2025-11-03", "bmo"), (None, "2025-11-04", "bmo")))
    assert found == ["news 2025-11-04 (day +1)"]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({}, "news"),
        ({"headline": "IREN signs"}, "IREN signs"),
        ({"category": "deal", "headline": "IREN signs"}, "deal"),
        ({"category": None, "form": "8-K", "items": "1.01;7.01"}, "8-K 1.01;7.01"),
        ({"form": "6-K", "items": ""}, "6-K"),
        ({"title": "x" * 50}, "x" * 39 + "…"),
        ({"category": 7}, "7"),
    ],
)
def test_words(columns: dict[str, object], words: str) -> None:
    rows = news(("IREN", "2025-11-03", "bmo"), **columns)
    assert told(DEALS.loc[["iren-msft"]], rows) == [f"{words} 2025-11-03 (day 0)"]


# ── sessions ─────────────────────────────────────────────────────────────────────────────
HOLIDAY = es.read_events(
    pd.DataFrame({"event_id": ["e"], "ticker": ["IREN"], "date": ["2025-11-28"]})
)
NEIGHBOUR = news(("IREN", "2025-11-26", "bmo"))  # Thanksgiving lies between


@pytest.mark.parametrize(
    "sessions",
    [
        "XNYS",
        pd.DatetimeIndex(["2025-11-26", "2025-11-28"]),
        ["2025-11-28", "2025-11-26", "2025-11-26"],
        np.array(["2025-11-26", "2025-11-28"], dtype="datetime64[D]"),
        pd.DatetimeIndex(["2025-11-26", "2025-11-28"], tz="America/New_York"),
        es.Panel.from_returns(
            pd.DataFrame({"SPY": [0.01, 0.02]}, pd.to_datetime(["2025-11-26", "2025-11-28"])),
            market="SPY",
        ),
    ],
)
def test_sessions_know_holidays(sessions: Any) -> None:
    assert told(HOLIDAY, NEIGHBOUR, sessions=sessions) == ["news 2025-11-26 (day -1)"]
    assert told(HOLIDAY, NEIGHBOUR) == [""]  # Monday to Friday


@pytest.mark.parametrize("sessions", [None, pd.bdate_range("2025-11-03", "2025-11-07")])
def test_beside_the_dates_given_monday_to_friday_count(sessions: Any) -> None:
    """News of next week is not all on the day after the data."""
    days = pd.date_range("2025-10-20", "2025-11-21")
    pairs = pd.MultiIndex.from_product([days, days]).to_frame(index=False, name=["one", "other"])
    # a firm for each pair of days
    firms = pd.DataFrame({"ticker": [f"T{k}" for k in range(len(pairs))]})
    events, rows = firms.assign(date=pairs["one"]), firms.assign(date=pairs["other"])
    one, other = (
        np.busday_offset(pairs[name].to_numpy().astype("datetime64[D]"), 0, "forward")
        for name in pairs
    )
    found = es.screen(events, rows.set_index("ticker", drop=False), sessions=sessions)
    assert found["confounded"].tolist() == (np.abs(np.busday_count(one, other)) <= 1).tolist()


def test_dates_of_every_day_are_sessions_too() -> None:
    every = pd.date_range("2025-11-01", "2025-11-09")
    rows = news(("IREN", "2025-11-09", "bmo"), ("IREN", "2025-11-11", "bmo"))
    event = pd.DataFrame({"event_id": ["e"], "ticker": ["IREN"], "date": ["2025-11-10"]})
    assert told(event, rows, sessions=every) == [
        "news 2025-11-09 (day -1), news 2025-11-11 (day +1)"
    ]


# ── never itself ─────────────────────────────────────────────────────────────────────────
def test_the_same_id_is_the_same_event() -> None:
    assert told(DEALS) == told(DEALS, DEALS) == told(DEALS, DEALS.copy()) == ["", "", ""]
    twice = pd.concat([DEALS, news(("IREN", "2025-11-03", "bmo")).set_index("event_id")])
    assert told(DEALS, twice) == ["", "news 2025-11-03 (day 0)", ""]


def test_ids_that_were_made_say_only_firm_and_day() -> None:
    """Two files without ids: the report of the day of the deal has the id of the deal."""
    deals = es.read_events(DEALS.reset_index(drop=True))
    reports = es.read_events(DEALS.iloc[:1].reset_index(drop=True).assign(category="report"))
    assert set(reports.index) <= set(deals.index)
    assert told(deals, reports) == ["report 2025-11-03 (day 0)", "", ""]
    # where all events are in the table it was made from them
    assert told(deals, deals) == told(deals) == ["", "", ""]
    more = pd.concat([reports.set_axis(["r"]), deals])
    assert told(deals.iloc[:1], more) == ["report 2025-11-03 (day 0)"]
    assert told(deals.iloc[[2]], more) == [""]


def test_news_given_to_firms_is_not_confounded_by_itself() -> None:
    nvidia = es.catalysts.load(category="nvidia")
    expanded = es.catalysts.expand(nvidia)
    for who in ("own", "all"):
        assert not es.screen(expanded, nvidia, who=who)["confounded"].any()
        assert not es.screen(expanded, expanded, who=who)["confounded"].any()
        assert not es.screen(expanded, who=who)["confounded"].any()


def test_news_merged_with_other_news_is_other_news() -> None:
    """The shock of an evening with two reports holds a report that an event of one has not."""
    one = es.catalysts.load(ids="20260128-meta-earnings")
    both = es.catalysts.load(ids=["20260128-meta-earnings", "20260128-msft-earnings"])
    alone, merged = (es.catalysts.expand(table, ["IREN"]) for table in (one, both))
    assert merged["catalyst"].tolist() == ["20260128-meta-earnings+20260128-msft-earnings"]
    assert told(alone, merged) == ["earnings 2026-01-28 (day 0)"]
    assert told(merged, alone) == told(merged, both, who="all") == [""]
    assert told(alone, both, who="all") == ["MSFT earnings 2026-01-28 (day 0)"]


def test_news_of_many_firms_is_told_once() -> None:
    expanded = es.catalysts.expand(es.catalysts.load(category="nvidia"), ["IREN", "HUT", "CIFR"])
    event = es.events_on("2026-02-26", "MARA", category="deal")
    assert told(event, expanded, who="all") == ["nvidia 2026-02-25 (day 0)"]


def test_the_id_of_news_given_to_a_firm_is_enough() -> None:
    """Also where the events no longer say what they were expanded from."""
    expanded = es.catalysts.expand(es.catalysts.load(category="nvidia"), ["IREN", "HUT", "CIFR"])
    plain = expanded.drop(columns="catalyst")
    for who in ("own", "all"):
        assert not es.screen(plain, expanded, who=who)["confounded"].any()
    assert not es.screen(expanded, plain, (0, 0))["confounded"].any()


def test_a_column_named_catalyst_may_hold_something_else() -> None:
    """Two approvals of one firm on neighbouring days are two pieces of news."""
    table = pd.DataFrame(
        {
            "event_id": ["a", "b"],
            "ticker": "AMGN",
            "date": ["2025-11-03", "2025-11-04"],
            "catalyst": "FDA approval",
        }
    )
    assert told(table) == ["news 2025-11-04 (day +1)", "news 2025-11-03 (day -1)"]


# ── against a plain loop, and in time ────────────────────────────────────────────────────
def random_news(n: int, firms: int, days: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    ticker = pd.Series([f"T{k}" for k in rng.integers(0, firms, n)])
    first = pd.Timestamp("2020-01-01")
    return check_events(
        pd.DataFrame(
            {
                "event_id": [f"{seed}-{k}" for k in range(n)],
                "ticker": ticker.mask(rng.random(n) < 0.1),
                "date": first + pd.to_timedelta(rng.integers(0, days, n), "D"),
                "session": rng.choice(["bmo", "intraday", "amc", ""], n),
            }
        ),
        named=False,
    )


@pytest.mark.parametrize("who", ["own", "all"])
@pytest.mark.parametrize("within", [(-1, 1), (-4, -2), (2, 3), (0, 5)])
@pytest.mark.parametrize("seed", [1, 2])
def test_counts_are_those_of_a_plain_loop(who: str, within: tuple[int, int], seed: int) -> None:
    events, other = random_news(60, 5, 60, seed), random_news(90, 5, 60, seed + 10)
    other = pd.concat([other, events.iloc[::3]])
    one, two = (
        np.busday_offset(effective_days(table), 0, roll="forward") for table in (events, other)
    )
    expected = []
    for name, ticker, day in zip(events.index, events["ticker"], one, strict=True):
        near = [
            whose
            for key, whose, when in zip(other.index, other["ticker"], two, strict=True)
            if key != name
            and within[0] <= np.busday_count(day, when) <= within[1]
            and (who == "all" or pd.isna(whose) or whose == ticker)
        ]
        expected.append(len(near))
    texts = told(events, other, within, who=who)
    counts = [
        0
        if not text
        else text.count("(day ") + int(text.split(" and ")[1].split()[0])
        if " and " in text
        else text.count("(day ")
        for text in texts
    ]
    assert counts == expected
    assert max(expected) > 3


@pytest.mark.parametrize(("firms", "days"), [(5000, 7000), (1, 7000), (1, 1)])
def test_a_hundred_thousand_against_as_many(firms: int, days: int) -> None:
    """Also where all of them are one firm's, or on one day: no pair of all with all."""
    events = random_news(100_000, firms, days, 3)
    other = random_news(100_000, firms, days, 4)
    began = time.process_time()
    found = es.screen(events, other)
    assert time.process_time() - began < 20
    assert found["confounded"].any()
    assert found["confounded"].tolist() == (found["confounded_by"] != "").tolist()


# ── in the study ─────────────────────────────────────────────────────────────────────────
def test_the_result_knows_the_flag() -> None:
    deals = DEALS.assign(session="before_open")
    screened = es.screen(deals, against=es.catalysts.reports())
    assert screened["confounded"].tolist() == [True, False, False]
    study = es.EventStudy(window=(-1, 1))
    panel = study.load(screened, es.loaders.sample, market="SPY")
    result = study.run(screened, panel)
    assert "Flagged: other news within the window (1: CIFR)." in result.notes
    assert "other news within the window" in result.confounds("cifr-aws")["what"].tolist()
    clean = study.run(screened[~screened["confounded"]], panel)
    assert clean.events.index.tolist() == ["iren-msft", "hut-bend"]
    kept = result.where(~result.events["confounded"])
    assert clean.caar((0, 0)).equals(kept.caar((0, 0)))


def test_reports_are_events_of_firms() -> None:
    every = es.catalysts.reports()
    pd.testing.assert_frame_equal(check_events(every), every)
    assert not every.duplicated(["ticker", "date"]).any()
    assert set(every["category"]) == {"own report", "earnings", "nvidia"}
    assert every["scheduled"].all()
    assert every["date"].is_monotonic_increasing
    assert "IREN|2026-02-05|report" in every.index
    assert every.loc["20260225-nvda-earnings", "session"] == "after_close"
    assert set(es.catalysts.reports("IREN")["ticker"]) == {"IREN"}
    assert es.catalysts.reports(["NOBODY"]).empty
    # those that the flag of the catalogue knows
    flagged = es.catalysts.load(category="deal")
    screened = es.screen(flagged, every, (-2, 2), sessions="XNYS")
    assert screened.loc[flagged["own_earnings"], "confounded"].all()


# ── sentences ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("options", "kind", "sentence"),
    [
        (
            {"within": "soon"},
            WindowError,
            (
                "'soon' is not a window; give (first, last) in trading days around day 0, as in "
                "(-1, 1), or one day as an integer."
            ),
        ),
        (
            {"within": (1, -1)},
            WindowError,
            "The window (1, -1) ends before it begins; give (-1, 1).",
        ),
        (
            {"against": [DEALS, DEALS]},
            EventsError,
            (
                "against= is a list; give one events table of other news, with the columns "
                "`ticker` and `date` (pd.concat joins several)."
            ),
        ),
        (
            {"who": "peers"},
            OptionError,
            "who='peers' is not known; choose one of 'own', 'all'.",
        ),
        (
            {"sessions": 5},
            EventsError,
            (
                "sessions= holds no dates (an int came); give a Panel, dates such as prices.index, "
                "or an exchange as 'XNYS'."
            ),
        ),
        (
            {"sessions": "NYSE!"},
            EventsError,
            (
                "calendar='NYSE!' is not an exchange that is known; give its code, as 'XNYS' for "
                "New York. Did you mean 'NYSE'?"
            ),
        ),
    ],
)
def test_sentences(options: dict[str, Any], kind: type[Exception], sentence: str) -> None:
    with pytest.raises(kind) as caught:
        es.screen(DEALS, **options)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "sessions",
    [[1, 2], [], ["soon"], pd.DataFrame({"a": [1]}), [pd.NaT], pd.Series([1.5]), object(), {1: 2}],
)
def test_sessions_that_are_no_dates(sessions: Any) -> None:
    with pytest.raises(EventsError, match=r"^sessions= holds no dates \("):
        es.screen(DEALS, sessions=sessions)


def test_an_exchange_needs_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "exchange_calendars", None)
    with pytest.raises(EventsError) as caught:
        es.screen(DEALS, sessions="XNYS")
    assert str(caught.value) == (
        "calendar='XNYS' needs the package `exchange_calendars`; run "
        "pip install exchange_calendars, "
        "or leave `sessions` "
        "out to count Monday to Friday."
    )


def test_the_day_that_an_exchange_does_not_know_is_named() -> None:
    table = pd.DataFrame({"ticker": ["A", "A"], "date": ["1980-01-04", "2020-01-06"]})
    with pytest.raises(EventsError, match="knows the sessions from 1997-01-01, and 1980-01-04"):
        es.screen(table, sessions="XTKS")


def test_other_news_needs_its_columns() -> None:
    with pytest.raises(EventsError, match="have no column `date`"):
        es.screen(DEALS, pd.DataFrame({"ticker": ["IREN"]}))


def test_a_flag_of_many_firms_names_a_dozen() -> None:
    """A note of five hundred names says less than one of twelve."""
    names = [f"T{k:03}" for k in range(40)]
    days = pd.bdate_range("2024-01-01", periods=200)
    values = np.random.default_rng(0).normal(0, 0.02, (200, 41))
    frame = pd.DataFrame(values, days, [*names, "M"])
    events = es.events_on(days[150], names, confounded=True)
    study = es.EventStudy(estimation=(-100, -11), window=(-1, 1))
    notes = study.run(events, es.Panel.from_returns(frame, market="M")).notes
    (note,) = [note for note in notes if note.startswith("Flagged")]
    shown = ", ".join(names[:12])
    assert note == f"Flagged: other news within the window (40: {shown} and 28 more)."
