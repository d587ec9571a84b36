"""Earnings dates and events of files: the real yfinance against a Yahoo on 127.0.0.1."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from loopback import Reply, Request
from yahoo_server import FirstTimes, YahooServer, broken, hung_up, not_found, too_many, yahoo

import eventstudy as es
from eventstudy import sources
from eventstudy.errors import EventsError, LoaderError

Row = tuple[str, ...]  # date, estimate, reported, surprise in percent
ROWS: list[Row] = [
    ("November 27, 2026 at 2 PM EST", "1.25", "-", "-"),
    ("August 26, 2026 at 4 PM EDT", "1.00", "1.10", "+10.5"),
    ("February 5, 2026 at 8 AM EST", "-0.10", "-0.12", "-18.75"),
    ("November 6, 2025 at 12 AM EST", "0.15", "-", "-"),
]


def fetch(
    tmp_path: Path,
    tickers: Any,
    earnings: dict[str, list[Row]] | None = None,
    faults: dict[str, Any] | None = None,
    **options: Any,
) -> tuple[pd.DataFrame, list[Request]]:
    """What a call gives, and what the calendar was asked."""
    server = YahooServer(faults, earnings={"IREN": ROWS} if earnings is None else earnings)
    with yahoo(server, tmp_path) as (net, session):
        events = sources.yahoo_earnings(tickers, session=session, **options)
    return events, [request for request in net.requests if request.path == "/calendar/earnings"]


def reports_from(count: int, year: int = 2026) -> list[Row]:
    """A row a month, the latest first, at four in the afternoon."""
    days = pd.date_range(end=f"{year}-06-01", periods=count, freq="MS")[::-1]
    return [
        (f"{day:%B} {day.day}, {day.year} at 4 PM {'EDT' if 4 <= day.month <= 10 else 'EST'}",
         "1.0", f"{k}.5", "2.0")
        for k, day in enumerate(days)
    ]  # fmt: skip


# ── what comes ───────────────────────────────────────────────────────────────────────────
def test_the_table_is_canonical_with_numbers_and_times(tmp_path: Path) -> None:
    events, asked = fetch(tmp_path, "IREN")
    assert events.index.tolist() == [
        "IREN|2025-11-06|earnings",
        "IREN|2026-02-05|earnings",
        "IREN|2026-08-26|earnings",
        "IREN|2026-11-27|earnings",
    ]
    assert events.index.name == "event_id"
    # the day after Thanksgiving closes at one: two is after the close
    sessions = ["unknown", "before_open", "after_close", "after_close"]
    assert events["session"].tolist() == sessions
    assert events["announced"].tolist()[1:] == [
        "2026-02-05T08:00:00-05:00",
        "2026-08-26T16:00:00-04:00",
        "2026-11-27T14:00:00-05:00",
    ]
    assert events["announced"].isna().tolist() == [True, False, False, False]
    assert events["scheduled"].all()
    assert set(events["category"]) == {"earnings"}
    assert events["eps_estimate"].tolist() == [0.15, -0.10, 1.0, 1.25]
    assert events["eps_reported"].tolist()[1:3] == [-0.12, 1.1]
    assert events["surprise"].tolist()[1:3] == pytest.approx([-0.1875, 0.105])
    assert events[["eps_reported", "surprise"]].isna().sum().tolist() == [2, 2]
    pd.testing.assert_frame_equal(es.read_events(events), events)
    assert [r.query["symbol"] + r.query["offset"] + r.query["size"] for r in asked] == [
        ["IREN", "0", "25"]
    ]


def test_the_table_says_where_it_is_from(tmp_path: Path) -> None:
    events, _ = fetch(tmp_path, ["IREN", "NONE"])
    assert events.attrs["source"].startswith("Yahoo Finance (yfinance ")
    assert pd.Timestamp(events.attrs["fetched"]).tz is not None
    assert events.attrs["options"] == {"calendar": "XNYS"}
    assert events.attrs["report"] == {
        "IREN": {"status": "ok", "rows": 4, "first": "2025-11-06", "last": "2026-11-27"},
        "NONE": {
            "status": "no_data",
            "rows": 0,
            "first": None,
            "last": None,
            "detail": "the page of Yahoo's calendar holds no reports",
        },
    }
    assert json.loads(json.dumps(events.attrs)) == events.attrs


def test_without_a_calendar_the_day_is_new_yorks_and_the_session_unknown(tmp_path: Path) -> None:
    rows: list[Row] = [("February 5, 2026 at 8 PM EST", "1", "1", "0")]
    events, _ = fetch(tmp_path, "IREN", {"IREN": rows}, calendar=None)
    assert events["date"].tolist() == [pd.Timestamp("2026-02-05")]
    assert events["session"].tolist() == ["unknown"]
    assert events["announced"].tolist() == ["2026-02-05T20:00:00-05:00"]
    tokyo, _ = fetch(tmp_path, "IREN", {"IREN": rows}, calendar="XTKS")
    assert tokyo["date"].tolist() == [pd.Timestamp("2026-02-06")]
    assert tokyo["session"].tolist() == ["intraday"]


def test_zones_may_differ_from_row_to_row(tmp_path: Path) -> None:
    rows: list[Row] = [
        ("August 26, 2026 at 9 PM UTC", "1", "1", "0"),
        ("May 20, 2026 at 4 PM EDT", "1", "1", "0"),
    ]
    events, _ = fetch(tmp_path, "IREN", {"IREN": rows})
    assert events["announced"].tolist() == [
        "2026-05-20T16:00:00-04:00",
        "2026-08-26T21:00:00+00:00",
    ]
    assert events["session"].tolist() == ["after_close", "after_close"]


def test_of_rows_for_one_day_the_fullest_is_kept(tmp_path: Path) -> None:
    rows: list[Row] = [
        ("August 26, 2026 at 4 PM EDT", "1.00", "-", "-"),
        ("August 26, 2026 at 5 PM EDT", "1.00", "1.10", "10"),
        ("August 26, 2026 at 4 PM EDT", "1.00", "-", "-"),
        ("May 20, 2026 at 4 PM EDT", "1", "1", "0"),
    ]
    events, _ = fetch(tmp_path, "IREN", {"IREN": rows})
    assert events["eps_reported"].tolist() == [1.0, 1.10]
    assert events.index.is_unique


def test_tickers_stay_as_asked_and_in_their_order(tmp_path: Path) -> None:
    """An ampersand would end the symbol in the address, and M would be another company."""
    each = dict.fromkeys(["BRK-B", "M&M.NS", "IREN", "^X"], ROWS[:1])
    events, asked = fetch(tmp_path, ["M&M.NS", "BRK.B", "^X", "IREN"], each)
    assert events["ticker"].tolist() == ["M&M.NS", "BRK.B", "^X", "IREN"]
    assert sorted(request.first("symbol") for request in asked) == sorted(each)
    assert list(events.attrs["report"]) == ["M&M.NS", "BRK.B", "^X", "IREN"]


# ── how much ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("options", "rows", "pages"),
    [
        ({}, 12, ["0/25"]),
        ({"limit": 3}, 3, ["0/25"]),
        ({"limit": 25}, 25, ["0/25", "25/25"]),
        ({"limit": 40}, 40, ["0/50"]),
        ({"limit": 130}, 130, ["0/100", "100/100"]),
        ({"limit": 999}, 230, ["0/100", "100/100", "200/100"]),
        ({"since": "2026-01-01"}, 6, ["0/100"]),
        ({"since": "2016-01-01"}, 126, ["0/100", "100/100"]),
        ({"since": "2016-01-01", "limit": 2}, 2, ["0/25"]),
        ({"since": "2026-02-01", "until": "2026-05-01"}, 4, ["0/100"]),
        ({"until": "2024-12-31"}, 12, ["0/25", "25/25"]),
    ],
)
def test_pages_are_asked_until_nothing_is_missing(
    tmp_path: Path, options: dict[str, Any], rows: int, pages: list[str]
) -> None:
    every = reports_from(230)
    events, asked = fetch(tmp_path, "IREN", {"IREN": every}, **options)
    assert [f"{r.first('offset')}/{r.first('size')}" for r in asked] == pages
    dates = pd.date_range(end=options.get("until", "2026-06-01"), periods=rows, freq="MS")
    assert events["date"].tolist() == dates.tolist()
    # each number on its own day, also those of later pages
    by_day = {pd.Timestamp(day.split(" at ")[0]): float(eps) for day, _, eps, _ in every}
    assert events["eps_reported"].tolist() == [by_day[day] for day in events["date"]]


def test_a_century_of_reports_takes_many_pages(tmp_path: Path) -> None:
    events, asked = fetch(tmp_path, "IREN", {"IREN": reports_from(410)}, limit=410)
    assert (len(events), len(asked)) == (410, 5)


def test_two_spellings_of_one_symbol_are_asked_once(tmp_path: Path) -> None:
    events, asked = fetch(tmp_path, ["BRK.B", "BRK-B"], {"BRK-B": ROWS[1:2]})
    assert events["ticker"].tolist() == ["BRK-B"]
    assert len(asked) == 1
    told = events.attrs["report"]["BRK.B"]
    assert (told["status"], told["detail"]) == ("bad_ticker", "the same as BRK-B, asked too")


def test_a_server_that_ignores_the_offset_ends_the_questions(tmp_path: Path) -> None:
    every = reports_from(100)

    def always(request: Request) -> Reply:
        return YahooServer(earnings={"IREN": every})(
            Request("GET", request.host, request.path, {**request.query, "offset": ["0"]}, {})
        )

    events, asked = fetch(tmp_path, "IREN", faults={"IREN": always}, since="1990-01-01")
    assert len(events) == 100
    assert len(asked) == 2


# ── what goes wrong ──────────────────────────────────────────────────────────────────────
def page(text: str) -> Callable[[Request], Reply]:
    return lambda _: Reply.text(text)


OTHER = page("<html><body><table><tr><th>a</th></tr><tr><td>1</td></tr></table></body></html>")
HALF = page(
    "<table><thead><tr><th>Symbol</th><th>Company</th><th>Earnings Date</th></tr></thead>"
    "<tbody><tr><td>BAD</td><td>x</td><td>August 26, 2026 at 4 PM EDT</td></tr></tbody></table>"
)


def calendar_of(*rows: Row) -> Callable[[Request], Reply]:
    return YahooServer(earnings={"BAD": list(rows)})


FAULTS: dict[str, tuple[Callable[[Request], Reply | None], str, str]] = {
    "not found": (not_found, "not_found", "Yahoo knows no such ticker, or no longer"),
    "500": (broken, "bad_answer", "Yahoo answered with HTTP 500"),
    "too many": (
        too_many,
        "rate_limited",
        "Yahoo answered that there were too many requests",
    ),
    "no table": (
        page("<html>Will be right back</html>"),
        "no_data",
        "the page of Yahoo's calendar holds no reports",
    ),
    "another table": (OTHER, "bad_answer", "yfinance could not read Yahoo's answer (KeyError)"),
    "no numbers": (HALF, "bad_answer", "yfinance could not read Yahoo's answer (KeyError)"),
    "another way of dates": (
        calendar_of(("26.08.2026 16:00 MESZ", "1", "1", "0")),
        "bad_answer",
        "yfinance could not read Yahoo's answer (ValueError)",
    ),
    "text where numbers are": (
        calendar_of(("August 26, 2026 at 4 PM EDT", "soon", "1", "0")),
        "bad_answer",
        "yfinance could not read Yahoo's answer (ValueError)",
    ),
    # yfinance moves the dates below a row without one to other rows
    "an infinite number": (
        calendar_of(("August 26, 2026 at 4 PM EDT", "1", "inf", "0")),
        "bad_answer",
        "yfinance could not read Yahoo's answer (ValueError)",
    ),
    "a row without a date": (
        calendar_of(ROWS[0], ("-", "1", "1", "0"), *ROWS[1:]),
        "bad_answer",
        "yfinance could not read Yahoo's answer (ValueError)",
    ),
    "hung up": (hung_up, "network", "no connection, or it broke off"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_one_that_fails_says_why_and_the_other_stays(
    tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    fault, status, detail = FAULTS[name]
    with caplog.at_level(logging.WARNING, "eventstudy"):
        events, _ = fetch(tmp_path, ["AAA", "BAD"], {"AAA": ROWS}, {"BAD": fault}, retries=0)
    assert set(events["ticker"]) == {"AAA"}
    assert events.attrs["report"]["BAD"] == {
        "status": status, "rows": 0, "first": None, "last": None, "detail": detail
    }  # fmt: skip
    assert caplog.messages == [f"Yahoo Finance: 'BAD': {status} ({detail})"]


@pytest.mark.parametrize(("fault", "status"), [(broken, "bad_answer"), (too_many, "rate_limited")])
def test_a_later_page_that_fails_keeps_the_first_and_says_so(
    tmp_path: Path, fault: Callable[[Request], Reply], status: str
) -> None:
    def second(request: Request) -> Reply | None:
        return None if request.first("offset") == "0" else fault(request)

    events, _ = fetch(
        tmp_path, "IREN", {"IREN": reports_from(130)}, {"IREN": second}, limit=130, retries=0
    )
    assert len(events) == 100
    told = events.attrs["report"]["IREN"]
    assert (told["status"], told["rows"]) == (status, 100)
    assert told["detail"].endswith(", after 100 rows")


def test_a_full_page_may_be_the_last(tmp_path: Path) -> None:
    events, asked = fetch(tmp_path, "IREN", {"IREN": reports_from(100)}, limit=130)
    assert len(asked) == 2
    assert events.attrs["report"]["IREN"]["status"] == "ok"


def test_too_many_requests_are_waited_for(tmp_path: Path) -> None:
    patient = FirstTimes(too_many, 2)  # yfinance itself asks twice
    events, asked = fetch(tmp_path, "IREN", faults={"IREN": patient}, retries=1)
    assert len(asked) == 3
    assert len(events) == 4


@pytest.mark.parametrize(
    "ticker",
    [
        "../../../v1/test/getcrumb?x=",
        "AAPL#frag",
        "AAPL&offset=5?",
        "a b",
        "US0378331005",
        "A" * 40,
    ],
)
def test_what_is_no_ticker_is_never_sent(tmp_path: Path, ticker: str) -> None:
    events, asked = fetch(tmp_path, ["IREN", ticker])
    assert events.attrs["report"][ticker]["status"] == "bad_ticker"
    assert {request.first("symbol") for request in asked} == {"IREN"}


# ── sentences ────────────────────────────────────────────────────────────────────────────
def test_all_failed_is_one_sentence_with_its_causes(tmp_path: Path) -> None:
    with pytest.raises(LoaderError) as caught:
        fetch(tmp_path, ["AAA", "BBB", "a b"], {}, {"AAA": broken})
    assert str(caught.value) == (
        "Yahoo gave no earnings date: bad_answer (1: AAA): Yahoo answered with HTTP 500; "
        "no_data (1: BBB): the page of Yahoo's calendar holds no reports; "
        "bad_ticker (1: a b): not a symbol: letters, digits and . - ^ = _ & only; "
        "check the tickers, the days and the connection, or read events from a file."
    )
    assert caught.value.report["AAA"]["status"] == "bad_answer"


def test_nothing_on_the_days_asked_for(tmp_path: Path) -> None:
    with pytest.raises(LoaderError, match=r"no_data \(1: IREN\): no report on those days; check"):
        fetch(tmp_path, "IREN", since="2031-01-01")


def test_no_network_is_one_sentence(tmp_path: Path) -> None:
    server = YahooServer(earnings={})
    with (
        yahoo(server, tmp_path, refuse=("finance.yahoo.com",)) as (_, session),
        pytest.raises(LoaderError, match=r"^Yahoo gave no earnings date: network \(3: A, B, C\): "),
    ):
        sources.yahoo_earnings(["A", "B", "C"], session=session)


def unasked(_: Request) -> Reply:
    pytest.fail("nothing was to be asked")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"tickers": []}, ("tickers=[] does not name what to load; give one text or a list of "
         "texts, none of them empty.")),
        ({"tickers": ["IREN", " "]}, ("tickers=['IREN', ' '] does not name what to load; give one "
         "text or a list of texts, none of them empty.")),
        ({"tickers": {"IREN": 1}}, ("tickers={'IREN': 1} does not name what to load; give one text "
         "or a list of texts, none of them empty.")),
        ({"limit": 0}, ("limit=0 is not a number of reports; give a whole number of 1 or more, or "
         "leave it out.")),
        ({"limit": True}, ("limit=True is not a number of reports; give a whole number of 1 or "
         "more, or leave it out.")),
        ({"retries": -1}, ("retries=-1 is not a number of waits; give a whole number from 0 to "
         "10.")),
        ({"calendar": "XNYX"}, ("calendar='XNYX' is not an exchange that is known; give its code, "
         "as 'XNYS' for New York. Did you mean 'XNYS'?")),
        ({"since": "soon"}, ("`date` 'soon' (event 0) cannot be read as a date; write dates as "
         "2026-02-25.")),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_asked(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises((LoaderError, EventsError)) as caught:
        sources.yahoo_earnings(**{"tickers": "IREN", "session": unasked, **options})
    assert str(caught.value) == sentence


def test_without_the_package_nothing_is_asked_and_nothing_guessed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "exchange_calendars", None)
    with pytest.raises(EventsError) as caught:
        sources.yahoo_earnings("IREN", session=unasked)
    assert str(caught.value) == (
        "calendar='XNYS' needs the package `exchange_calendars`; run "
        "pip install exchange_calendars, "
        "or ask for "
        "calendar=None: the day in New York, without a session."
    )


# ── sources are alike ────────────────────────────────────────────────────────────────────
def test_a_file_is_a_source(tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    file.write_text("ticker,date,session,usd\nIREN,2025-11-03,bmo,5\nHUT,2025-12-17,,7\n")
    events = sources.csv(file)
    pd.testing.assert_frame_equal(events, es.read_events(file))
    assert events.attrs == {
        "source": "deals.csv",
        "report": {
            "IREN": {"status": "ok", "rows": 1, "first": "2025-11-03", "last": "2025-11-03"},
            "HUT": {"status": "ok", "rows": 1, "first": "2025-12-17", "last": "2025-12-17"},
        },
    }
    file.write_text("ticker,date\nIREN,2025-11-03T16:05:00-05:00\n")
    assert sources.csv(file, calendar="XNYS")["session"].tolist() == ["after_close"]
    with pytest.raises(EventsError, match="There is no file"):
        sources.csv(tmp_path / "nothing.csv")


def test_two_sources_are_joined_screened_and_studied(tmp_path: Path) -> None:
    """Same firm, same day: the id of a report is none that `read_events` makes."""
    file = tmp_path / "deals.csv"
    file.write_text(
        "ticker,date,session,category\nIREN,2025-11-06,bmo,deal\nHUT,2025-12-17,,deal\n"
    )
    deals = sources.csv(file)
    rows: list[Row] = [ROWS[0], ("November 5, 2025 at 4 PM EST", "0.1", "0.2", "100")]
    reports, _ = fetch(tmp_path, ["IREN", "HUT"], {"IREN": rows, "HUT": ROWS[1:2]})
    events = pd.concat([deals, reports])
    assert events.index.is_unique
    study = es.EventStudy(es.MarketModel(), window=(-1, 1))
    panel = study.load(events, es.loaders.sample, market="SPY")
    screened = es.screen(deals, against=reports, sessions=panel)
    assert screened["confounded_by"].tolist() == ["earnings 2025-11-05 (day 0)", ""]
    result = study.run(events, panel)
    # the dates ahead are lost with a reason, and are what `preview` is for
    lost = result.dropped[result.dropped["reason"] == "after_data"]
    assert lost.index.tolist() == ["IREN|2026-11-27|earnings", "HUT|2026-08-26|earnings"]
    assert result.dropped.drop(lost.index)["reason"].tolist() == ["duplicate"]
    assert study.preview(events.loc[lost.index[1:]], panel).tickers["ticker"].tolist() == ["HUT"]
