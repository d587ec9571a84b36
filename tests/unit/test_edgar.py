"""Filings as events, from made-up lists in the SEC's layout, over TLS on 127.0.0.1."""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from loopback import Loopback, Reply, Request

import eventstudy as es
from eventstudy import catalysts
from eventstudy.errors import EventStudyError, LoaderError
from eventstudy.sources import edgar
from eventstudy.sources._edgar_clock import clock_of
from eventstudy.web import Pace

AGENT = "Jane Doe jane@example.org"
NEW_YORK = "America/New_York"


class Filing(NamedTuple):
    """What a filer filed: when, on the clock of New York, and the date that it bears."""

    local: str
    filed: str = ""
    form: str = "8-K"
    items: str = "2.02,9.01"

    @property
    def date(self) -> str:
        return self.filed or self.local[:10]


#: a morning, a day, an evening, a late evening, in winter and in summer, and a half day
USUAL = (
    Filing("2026-02-25 07:30:05", items="7.01"),
    Filing("2026-02-25 09:30:00", items="1.01,9.01"),
    Filing("2026-02-25 15:59:59"),
    Filing("2026-02-25 16:00:00"),
    Filing("2026-07-08 16:21:59"),
    Filing("2026-07-10 18:10:00", "2026-07-13"),  # a Friday
    Filing("2026-11-27 12:59:59"),
    Filing("2026-11-27 13:30:00"),
)
SESSIONS = [
    ("2026-02-25", "before_open"),
    ("2026-02-25", "intraday"),
    ("2026-02-25", "intraday"),
    ("2026-02-25", "after_close"),
    ("2026-07-08", "after_close"),
    ("2026-07-10", "after_close"),
    ("2026-11-27", "intraday"),
    ("2026-11-27", "after_close"),
]


def number(k: int, cik: int = 7) -> str:
    return f"{cik:010d}-26-{k:06d}"


def page(filings: tuple[Filing, ...], clock: str = "UTC", start: int = 0) -> dict[str, Any]:
    """Lists of equal length, as the SEC has them; whatever the clock, times end in Z."""
    zone = "UTC" if clock == "UTC" else NEW_YORK
    times = [pd.Timestamp(f.local, tz=NEW_YORK).tz_convert(zone) for f in filings]
    return {
        "accessionNumber": [number(start + k) for k in range(len(filings))],
        "filingDate": [f.date for f in filings],
        "reportDate": ["" for _ in filings],
        "acceptanceDateTime": [f"{t:%Y-%m-%dT%H:%M:%S}.000Z" for t in times],
        "form": [f.form for f in filings],
        "items": [f.items for f in filings],
        "primaryDocument": [f"news{k}.htm" for k in range(len(filings))],
        "primaryDocDescription": ["CURRENT REPORT" for _ in filings],
    }


def listing(
    *filings: Filing, clock: str = "UTC", tickers: tuple[str, ...] = ("AAA",)
) -> dict[str, Any]:
    return {
        "cik": "7",
        "name": "A Firm Ltd",
        "tickers": list(tickers),
        "filings": {"recent": page(filings, clock), "files": []},
    }


class Sec:
    """The lists by name; what is not there is a 404."""

    def __init__(self) -> None:
        self.files: dict[str, object] = {"CIK0000000007.json": listing(*USUAL)}
        self.requests: list[Request] = []
        self.times: list[float] = []

    def answer(self, request: Request) -> Reply:
        self.requests.append(request)
        self.times.append(time.monotonic())
        name = request.path.removeprefix("/submissions/")
        found = self.files.get(name, Reply(status=404))
        return found if isinstance(found, Reply) else Reply(json.dumps(found).encode())

    def names(self) -> list[str]:
        return [request.path.rpartition("/")[2] for request in self.requests]


@pytest.fixture
def sec(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sec]:
    server = Sec()
    monkeypatch.setattr("eventstudy.sources._edgar_list.PACE", Pace(1e6))
    with Loopback(server.answer) as net:
        for name, value in net.environment().items():
            monkeypatch.setenv(name, value)
        yield server


def ask(ciks: Any = 7, forms: Any = ("8-K",), items: Any = (), **options: Any) -> pd.DataFrame:
    return edgar(ciks, forms, items, **({"user_agent": AGENT} | options))


def placed(events: pd.DataFrame) -> list[tuple[str, str]]:
    days = events["date"].dt.strftime("%Y-%m-%d")
    return list(zip(days, events["session"], strict=True))


def refusal(call: Callable[[], object]) -> EventStudyError:
    with pytest.raises(EventStudyError) as caught:
        call()
    return caught.value


# ── the moment of a filing ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize("clock", ["UTC", "New York"])
def test_filings_lie_where_the_exchange_was_whatever_clock_the_list_has(
    sec: Sec, clock: str
) -> None:
    """The trap: under one Z the SEC writes UTC for some filers and New York's time for others."""
    sec.files["CIK0000000007.json"] = listing(*USUAL, clock=clock)
    events = ask()
    assert placed(events) == SESSIONS
    accepted = pd.DatetimeIndex([f.local for f in USUAL], tz=NEW_YORK).tz_convert("UTC")
    assert list(events["accepted"]) == list(accepted)
    assert events.attrs["report"]["7"] == {
        "status": "ok",
        "rows": 8,
        "first": "2026-02-25",
        "last": "2026-11-27",
        "ticker": "AAA",
        "clock": clock,
    }


def test_the_table_is_an_events_table(sec: Sec) -> None:
    events = ask()
    assert events.index.name == "event_id"
    assert events.index.tolist() == [number(k) for k in range(8)]
    assert es.read_events(events).equals(events)
    assert not events["scheduled"].any()
    one = events.iloc[5]
    assert one.drop(["accepted", "date"]).to_dict() == {
        "ticker": "AAA",
        "session": "after_close",
        "scheduled": False,
        "accession": number(5),
        "form": "8-K",
        "items": "2.02,9.01",
        "filed": pd.Timestamp("2026-07-13"),
        "company": "A Firm Ltd",
        "description": "CURRENT REPORT",
        "cik": "7",
        "document": "https://www.sec.gov/Archives/edgar/data/7/000000000726000005/news5.htm",
    }
    assert events.attrs["source"] == "SEC EDGAR (data.sec.gov)"
    assert events.attrs["options"] == {"calendar": "XNYS"}
    age = pd.Timestamp.now("UTC") - pd.Timestamp(events.attrs["fetched"])
    assert pd.Timedelta(0) <= age < pd.Timedelta("1min")


def test_it_goes_into_a_study(sec: Sec) -> None:
    sec.files["CIK0000000007.json"] = listing(*USUAL[:5], tickers=("IREN",))
    events = ask()
    study = es.EventStudy(estimation=(-120, -11), window=(-1, 1))
    panel = study.load(events[:4], es.loaders.sample, market="SPY")
    day0 = study.run(events[:4], panel).estimates["day0"]
    # three are of one day, and that of 16:00 is of the next
    assert [str(day.date()) for day in day0] == ["2026-02-25", "2026-02-26"]


@pytest.mark.parametrize("clock", ["UTC", "New York"])
def test_random_filings_lie_where_the_exchange_was(sec: Sec, clock: str) -> None:
    """Two years of filings, also near the hours that matter, beside the exchange's own schedule."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the package's own
        import exchange_calendars

        hours = exchange_calendars.get_calendar("XNYS", start="2024-01-01", end="2026-01-31")
        table = hours.schedule[["open", "close"]].apply(lambda c: c.dt.tz_convert(NEW_YORK))
    rng = np.random.default_rng(17)
    near = np.array([570, 780, 960, 1050])  # 9:30, 13:00, 16:00 and 17:30
    filings, expected = [], []
    for row in np.sort(rng.choice(len(table) - 1, 150, replace=False)):
        day, (opens, closes) = table.index[row], table.iloc[row]
        minute = rng.choice([rng.integers(360, 1320), rng.choice(near) + rng.integers(-3, 4)])
        moment = (day + pd.Timedelta(minutes=int(minute))).tz_localize(NEW_YORK)
        filed = table.index[row + (minute > 1050)]
        filings.append(Filing(f"{moment:%Y-%m-%d %H:%M:%S}", f"{filed:%Y-%m-%d}"))
        late = "after_close" if moment >= closes else "intraday"
        expected.append((f"{day:%Y-%m-%d}", "before_open" if moment < opens else late))
    sec.files["CIK0000000007.json"] = listing(*filings, clock=clock)
    events = ask()
    assert events.attrs["report"]["7"]["clock"] == clock
    assert placed(events) == expected
    assert len(set(expected)) > 100


def test_a_day_on_which_only_the_sec_is_open(sec: Sec) -> None:
    """Good Friday: the news waits for Monday's opening."""
    sec.files["CIK0000000007.json"] = listing(
        *USUAL[:5], Filing("2026-04-03 16:05:00"), tickers=("IREN",)
    )
    events = ask(since="2026-04-01", until="2026-04-30")
    assert placed(events) == [("2026-04-03", "before_open")]
    study = es.EventStudy(estimation=(-120, -11), window=(-1, 1))
    panel = study.load(events, es.loaders.sample, market="SPY")
    assert str(study.run(events, panel).estimates["day0"].iloc[0].date()) == "2026-04-06"


def test_five_past_four_is_after_the_close(sec: Sec) -> None:
    """The reaction is looked for on the next session, whichever clock the list has."""
    for clock in ("UTC", "New York"):
        evening = Filing("2026-02-26 16:05:00")
        sec.files["CIK0000000007.json"] = listing(
            *USUAL[:5], evening, clock=clock, tickers=("IREN",)
        )
        events = ask(since="2026-02-26", until="2026-02-26")
        assert placed(events) == [("2026-02-26", "after_close")]
        study = es.EventStudy(estimation=(-120, -11), window=(-1, 1))
        panel = study.load(events, es.loaders.sample, market="SPY")
        assert str(study.run(events, panel).estimates["day0"].iloc[0].date()) == "2026-02-27"


def test_filings_and_catalysts_screen_each_other_and_make_one_study(sec: Sec) -> None:
    deal = Filing("2025-11-03 08:00:00", items="1.01")
    sec.files["CIK0000000007.json"] = listing(*USUAL[:5], deal, tickers=("IREN",))
    filings = ask()
    known = catalysts.load(ids="20251103-iren-microsoft").assign(ticker="IREN")
    found = es.screen(known, against=filings, sessions="XNYS")
    assert found["confounded_by"].tolist() == ["8-K 1.01 2025-11-03 (day 0)"]
    found = es.screen(filings, against=known, sessions="XNYS")
    assert found.groupby("date")["confounded"].any().to_dict() == {
        pd.Timestamp("2025-11-03"): True,
        pd.Timestamp("2026-02-25"): False,
        pd.Timestamp("2026-07-08"): False,
    }
    both = pd.concat([filings, known])
    both = both[both["date"] < "2026-03-01"]
    study = es.EventStudy(estimation=(-120, -11), window=(-1, 1))
    result = study.run(both, study.load(both, es.loaders.sample, market="SPY"))
    assert len(result.estimates) + len(result.dropped) == len(both) == 6
    assert set(result.dropped["reason"]) == {"duplicate"}


OPEN = (Filing("2026-02-25 12:20:00"), Filing("2026-02-26 11:00:00"))


def test_times_that_leave_the_clock_open_give_no_session_unless_both_agree(sec: Sec) -> None:
    """17:20Z is 12:20 or 17:20 in New York; 16:00Z is 11:00 or the very close."""
    sec.files["CIK0000000007.json"] = listing(*OPEN, Filing("2026-02-27 10:05:00"))
    events = ask()
    assert placed(events) == [
        ("2026-02-25", "unknown"),
        ("2026-02-26", "unknown"),
        ("2026-02-27", "intraday"),
    ]
    assert events["accepted"].isna().all()
    told = events.attrs["report"]["7"]
    assert told["clock"] == ""
    assert told["detail"] == "the time of 3 of 3 filings is not sure"


@pytest.mark.parametrize(
    ("local", "filed", "form", "clock"),
    [
        ("2026-02-25 07:30:00", "", "8-K", "New York"),  # else 2:30 in the night
        ("2026-02-25 06:30:00", "", "4", "New York"),  # else 1:30 in the night
        ("2026-02-25 17:20:00", "2026-02-25", "8-K", "UTC"),  # else 22:20, of the same date
        ("2026-02-25 21:30:00", "", "4", "UTC"),  # else on the day after its own date
        ("2026-02-27 20:00:00", "2026-03-02", "8-K", "UTC"),  # else on a Saturday
        ("2026-02-25 18:00:00", "2026-02-26", "8-K", "New York"),  # else 13:00, and filed late
        ("2026-02-25 17:20:00", "2026-02-25", "8-K/A", "UTC"),  # amendments too
        ("2026-02-25 17:45:00", "", "4", "UTC"),  # else 22:45
    ],
)
def test_one_filing_may_tell_the_clock(local: str, filed: str, form: str, clock: str) -> None:
    lists = page((Filing(local, filed, form),), clock)
    table = pd.DataFrame(
        {
            "form": lists["form"],
            "filed": pd.to_datetime(lists["filingDate"]),
            "written": pd.to_datetime([t[:19] for t in lists["acceptanceDateTime"]]),
        }
    )
    assert clock_of(table).name == clock


@pytest.mark.parametrize(
    ("utc", "local", "clock"),
    [(1, 4, ""), (1, 5, "UTC"), (4, 1, ""), (5, 1, "New York"), (2, 9, "UTC"), (0, 0, "")],
)
def test_most_filings_decide(utc: int, local: int, clock: str) -> None:
    """7:30 would be 2:30 in the night by UTC, and 21:30 too late for its date by New York."""
    times = ["2026-02-25 07:30:00"] * utc + ["2026-02-25 21:30:00"] * local
    times.append("2026-02-25 15:00:00")
    table = pd.DataFrame({"form": "8-K", "written": pd.to_datetime(times)})
    found = clock_of(table.assign(filed=pd.Timestamp("2026-02-25")))
    assert (found.name, found.against) == (clock, (utc, local))


def test_a_filing_is_not_known_before_it_is_accepted(sec: Sec) -> None:
    """The SEC may set a filing's date back; and a Saturday is none on which it accepts any."""
    odd = Filing("2026-03-05 12:00:00", "2026-03-04"), Filing("2026-03-14 10:00:00", "2026-03-16")
    sec.files["CIK0000000007.json"] = listing(*USUAL, *USUAL, *odd)
    events = ask(since="2026-03-01", until="2026-03-31")
    assert placed(events) == [("2026-03-05", "unknown"), ("2026-03-16", "unknown")]
    assert events["accepted"].isna().all()


def test_forms_that_may_come_late_say_nothing_about_the_clock(sec: Sec) -> None:
    """Form 4 bears its own date until 22:00: 16:20Z may be 11:20 or 16:20."""
    late = tuple(Filing(f"2026-02-{k} 16:20:00", form="4", items="") for k in range(23, 28))
    sec.files["CIK0000000007.json"] = listing(Filing("2026-02-25 16:20:00"), *late, clock="NY")
    events = ask()
    assert events.attrs["report"]["7"]["clock"] == ""
    assert placed(events) == [("2026-02-25", "unknown")]


def test_a_few_odd_filings_do_not_turn_the_clock(sec: Sec) -> None:
    """The SEC moves the date of a filing now and then; and one filing has the other clock."""
    odd = Filing("2026-03-03 12:00:00", "2026-03-06")
    others = Filing("2026-03-04 16:30:00"), Filing("2026-03-09 18:30:00", "2026-03-10")
    lists = listing(*(USUAL * 3), odd, *others)
    times = lists["filings"]["recent"]["acceptanceDateTime"]
    times[-2:] = ["2026-03-04T07:30:00.000Z", "2026-03-09T04:30:00.000Z"]
    sec.files["CIK0000000007.json"] = lists
    events = ask(since="2026-03-01", until="2026-03-31")
    assert placed(events) == [
        ("2026-03-03", "intraday"),
        ("2026-03-04", "unknown"),
        ("2026-03-10", "unknown"),
    ]
    assert events["accepted"].isna().tolist() == [False, True, True]
    told = events.attrs["report"]["7"]
    assert (told["clock"], told["detail"]) == ("UTC", "the time of 2 of 3 filings is not sure")


@pytest.mark.parametrize("written", ["", "soon", "2026-02-30T07:30:00.000Z", None])
def test_without_a_time_the_date_of_the_filing_counts(sec: Sec, written: str | None) -> None:
    lists = listing(*USUAL)
    lists["filings"]["recent"]["acceptanceDateTime"][5] = written
    sec.files["CIK0000000007.json"] = lists
    events = ask(since="2026-07-09", until="2026-07-31")
    assert placed(events) == [("2026-07-13", "unknown")]


def test_midnight_is_a_date_alone(sec: Sec) -> None:
    """Old filings have no time: they must not speak for a clock, and have no session."""
    days = pd.bdate_range("1996-03-04", periods=20)
    old = [Filing(f"{day:%Y-%m-%d} 05:00:00", items="5") for day in days]
    lists = listing(*OPEN, *old, clock="New York")
    recent = lists["filings"]["recent"]
    for row in range(2, 22):
        recent["acceptanceDateTime"][row] = f"{old[row - 2].date}T00:00:00.000Z"
    sec.files["CIK0000000007.json"] = lists
    events = ask()
    assert events.attrs["report"]["7"]["clock"] == ""
    assert set(events["session"]) == {"unknown"}
    assert events["accepted"].isna().all()
    lists = listing(*USUAL, clock="New York")
    lists["filings"]["recent"]["acceptanceDateTime"][4] = "2026-07-08T00:00:00.000Z"
    sec.files["CIK0000000007.json"] = lists
    assert placed(ask(since="2026-07-08", until="2026-07-08")) == [("2026-07-08", "unknown")]


def test_times_may_be_written_in_the_manner_of_the_headers(sec: Sec) -> None:
    lists = listing(*USUAL, clock="New York")
    recent = lists["filings"]["recent"]
    recent["acceptanceDateTime"] = [
        "".join(c for c in text[:19] if c.isdigit()) for text in recent["acceptanceDateTime"]
    ]
    sec.files["CIK0000000007.json"] = lists
    assert placed(ask()) == SESSIONS


# ── which filings ────────────────────────────────────────────────────────────────────────
MANY = (
    *USUAL,
    Filing("2026-03-02 08:00:00", items="5.02"),
    Filing("2026-03-03 08:00:00", form="8-K/A"),
    Filing("2026-03-04 08:00:00", form="10-Q", items=""),
    Filing("2026-03-05 08:00:00", items="2.02,7.01,9.01"),
    Filing("2026-03-06 08:00:00", items=""),
)


@pytest.mark.parametrize(
    ("forms", "items", "rows"),
    [
        (("8-K",), ("1.01", "2.02", "7.01"), [*range(8), 11]),
        ("8-k", "7.01", [0, 11]),
        (("8-K", "8-K/A"), "5.02", [8]),
        (("8-K/A",), ("2.02",), [9]),
        (("10-Q", "8-K"), ("5.02",), [8, 10]),
        (("8-K",), (), [*range(9), 11, 12]),
        (("8-K",), None, [*range(9), 11, 12]),
    ],
)
def test_forms_and_items(sec: Sec, forms: Any, items: Any, rows: list[int]) -> None:
    sec.files["CIK0000000007.json"] = listing(*MANY)
    events = ask(7, forms, items)
    assert sorted(events.index) == [number(k) for k in rows]
    assert events["accepted"].is_monotonic_increasing


def test_the_default_items_are_agreements_results_and_what_investors_were_told(sec: Sec) -> None:
    sec.files["CIK0000000007.json"] = listing(*MANY)
    events = edgar(7, user_agent=AGENT)
    assert sorted(events.index) == [number(k) for k in (*range(8), 11)]


@pytest.mark.parametrize(
    ("since", "until", "rows"),
    [
        ("2026-07-10", None, [5, 6, 7]),
        ("2026-07-13", None, [6, 7]),  # the day of acceptance, not that of the date borne
        (None, "2026-07-08", [0, 1, 2, 3, 4]),
        ("2026-02-26", pd.Timestamp("2026-07-10"), [4, 5]),
    ],
)
def test_days(sec: Sec, since: Any, until: Any, rows: list[int]) -> None:
    assert list(ask(since=since, until=until).index) == [number(k) for k in rows]


def older(sec: Sec) -> None:
    """Two further pages: 2024, and 2025 with a filing that stands in the main list too."""
    main = listing(*USUAL)
    main["filings"]["files"] = [
        {
            "name": f"CIK0000000007-submissions-00{k}.json",
            "filingCount": 1,
            "filingFrom": f"{year}-01-01",
            "filingTo": f"{year}-12-31",
        }
        for k, year in ((1, 2025), (2, 2024))
    ]
    sec.files["CIK0000000007.json"] = main
    first = page((Filing("2025-05-01 16:21:59"), USUAL[0]), start=20)
    first["accessionNumber"][1] = number(0)
    sec.files["CIK0000000007-submissions-001.json"] = first
    sec.files["CIK0000000007-submissions-002.json"] = page((Filing("2024-05-01 06:01:36"),), "", 30)


@pytest.mark.parametrize(
    ("since", "until", "asked", "rows"),
    [
        (None, None, [1, 2], [30, 20, *range(8)]),
        ("2025-01-01", None, [1], [20, *range(8)]),
        ("2026-01-01", None, [], [*range(8)]),
        (None, "2024-12-31", [1, 2], [30]),  # of the last evening, dated 2025
        (None, "2024-12-20", [2], [30]),
    ],
)
def test_older_pages_are_asked_for_where_they_matter(
    sec: Sec, since: str | None, until: str | None, asked: list[int], rows: list[int]
) -> None:
    older(sec)
    events = ask(since=since, until=until)
    pages = [f"CIK0000000007-submissions-00{k}.json" for k in asked]
    assert sec.names() == ["CIK0000000007.json", *pages]
    assert list(events.index) == [number(k) for k in rows]


# ── whose ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("cik", [7, "7", "0000000007", "CIK0000000007", [7, "07"]])
def test_a_cik_may_be_written_in_many_ways(sec: Sec, cik: Any) -> None:
    events = ask(cik)
    assert sec.names() == ["CIK0000000007.json"]
    assert set(events["ticker"]) == {"AAA"}
    assert list(events.attrs["report"]) == ["7"]


def test_a_mapping_gives_the_tickers(sec: Sec) -> None:
    events = ask({"OLD": 7})
    assert set(events["ticker"]) == {"OLD"}
    assert events.attrs["report"]["OLD"]["ticker"] == "OLD"


def test_a_filer_without_ticker_has_its_number(sec: Sec) -> None:
    sec.files["CIK0000000007.json"] = listing(*USUAL, tickers=())
    assert set(ask()["ticker"]) == {"7"}


def test_several_who_file_together_have_an_event_each(sec: Sec) -> None:
    sec.files["CIK0000000008.json"] = listing(*USUAL[:1])
    events = ask([7, 8], items="7.01")
    assert list(events.index) == [f"{number(0)}:AAA", f"{number(0)}:8"]
    classes = ask({"GOOG": 7, "GOOGL": 7}, items="7.01")
    assert list(classes.index) == [f"{number(0)}:GOOG", f"{number(0)}:GOOGL"]


# ── the server ───────────────────────────────────────────────────────────────────────────
def test_the_sec_is_told_who_asks(sec: Sec) -> None:
    ask()
    assert sec.requests[0].host == "data.sec.gov"
    assert sec.requests[0].headers["user-agent"] == AGENT


def test_no_more_than_the_allowed_requests_a_second(
    sec: Sec, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eventstudy.sources import _edgar_list

    assert _edgar_list.PER_SECOND <= 10
    monkeypatch.setattr(_edgar_list, "PACE", Pace(20))
    ask([7, 8, 9, 10, 11])
    assert len(sec.times) == 5
    assert sec.times[-1] - sec.times[0] >= 4 / 20 - 0.04


def test_one_unknown_filer_does_not_lose_the_others(sec: Sec) -> None:
    events = ask({"AAA": 7, "BBB": 8, "CCC": 9})
    assert len(events) == 8
    report = events.attrs["report"]
    assert report["BBB"] == {
        "status": "not_found",
        "rows": 0,
        "first": None,
        "last": None,
        "detail": (
            "data.sec.gov answered with status 404 (there is nothing at this address); check what "
            "was asked for, or try again later."
        ),
    }
    assert list(report) == ["AAA", "BBB", "CCC"]
    assert json.loads(json.dumps(report)) == report


def test_a_filer_without_such_filings_is_told(sec: Sec, caplog: pytest.LogCaptureFixture) -> None:
    sec.files["CIK0000000008.json"] = listing(Filing("2026-03-05 08:00:00", items="5.02"))
    told = ask({"AAA": 7, "BBB": 8}, items="2.02").attrs["report"]["BBB"]
    assert (told["status"], told["detail"]) == ("no_data", "no such filing on those days")
    assert "SEC EDGAR: 'BBB': no_data (no such filing on those days)" in caplog.text


def test_a_server_that_asks_for_rest_gets_it(sec: Sec) -> None:
    sec.files["CIK0000000008.json"] = Reply(status=429, headers={"Retry-After": "600"})
    events = ask([7, 8, 9, 10])
    assert sec.names() == ["CIK0000000007.json", "CIK0000000008.json"]
    report = events.attrs["report"]
    assert [report[name]["status"] for name in ("8", "9", "10")] == ["rate_limited"] * 3
    assert report["10"]["detail"] == (
        "It was not asked for, because the SEC did not answer what was asked before."
    )


def test_a_server_that_fails_is_not_asked_on_and_on(sec: Sec) -> None:
    for cik in (8, 9, 10):
        sec.files[f"CIK{cik:010d}.json"] = Reply(status=403)
    error = refusal(lambda: ask([8, 9, 10, 7]))
    assert sec.names() == ["CIK0000000008.json", "CIK0000000009.json"]
    assert str(error) == (
        "Not one list of filings could be read (8, 9, 10, 7): data.sec.gov answered with status "
        "403 (access is refused); check what was asked for, or try again later."
    )
    assert isinstance(error, LoaderError)
    assert error.status == "bad_answer"
    assert {told["status"] for told in error.report.values()} == {"bad_answer"}


def test_a_failure_now_and_then_does_not_end_the_call(sec: Sec) -> None:
    for cik in (8, 10):
        sec.files[f"CIK{cik:010d}.json"] = Reply(status=500)
    sec.files["CIK0000000009.json"] = listing(*USUAL, tickers=("CCC",))
    report = ask([8, 9, 10, 7]).attrs["report"]
    told = [report[name]["status"] for name in ("8", "9", "10", "7")]
    assert told == ["bad_answer", "ok", "bad_answer", "ok"]


OTHER = "CIK0000000008-submissions-001.json"


def damaged(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    lists = listing(*USUAL)
    change(lists)
    return lists


@pytest.mark.parametrize(
    "found",
    [
        [],
        {},
        {"filings": None},
        {"filings": {"recent": []}},
        damaged(lambda d: d["filings"]["recent"].pop("acceptanceDateTime")),
        damaged(lambda d: d["filings"]["recent"]["form"].pop()),
        damaged(lambda d: d["filings"]["recent"].update(form="8-K")),
        damaged(lambda d: d["filings"]["recent"]["accessionNumber"].__setitem__(0, "../7")),
        damaged(lambda d: d["filings"]["recent"]["filingDate"].__setitem__(0, "")),
        damaged(lambda d: d["filings"].update(files=[{"name": "../../etc/hosts"}])),
        damaged(lambda d: d["filings"].update(files=[{"name": OTHER}])),
        damaged(lambda d: d["filings"].update(files=["x"])),
        damaged(lambda d: d.update(tickers=5)),
    ],
)  # fmt: skip
def test_another_layout_is_said(sec: Sec, found: object) -> None:
    sec.files["CIK0000000007.json"] = found
    assert str(refusal(ask)) == (
        "Not one list of filings could be read (7): The SEC's list of filings of CIK 7 is not laid "
        "out as it used to be; look whether a newer version of eventstudy reads it."
    )
    assert sec.names() == ["CIK0000000007.json"]


def test_columns_that_are_not_needed_may_be_absent(sec: Sec) -> None:
    lists = listing(*USUAL) | {"name": None, "tickers": None}
    for name in ("items", "primaryDocument", "primaryDocDescription"):
        del lists["filings"]["recent"][name]
    del lists["filings"]["files"]
    sec.files["CIK0000000007.json"] = lists
    events = ask()
    assert placed(events) == SESSIONS
    assert events["document"].iloc[0] == (
        "https://www.sec.gov/Archives/edgar/data/7/000000000726000000"
    )


def test_nothing_of_the_kind_is_one_sentence(sec: Sec) -> None:
    error = refusal(lambda: ask([7, 8], ("6-K", "8-K"), "9.99"))
    assert str(error) == (
        "Not one filing 6-K or 8-K with such items was found of 7, 8 on the days asked for; ask "
        "for other forms, items or days. 1 of the lists could not be read."
    )
    assert isinstance(error, LoaderError)
    assert error.report["8"]["status"] == "not_found"
    sec.files["CIK0000000007.json"] = listing()
    assert "Not one filing 8-K" in str(refusal(ask))


# ── the calendar ─────────────────────────────────────────────────────────────────────────
def test_without_a_calendar_there_is_a_day_and_no_session(sec: Sec) -> None:
    events = ask(calendar=None)
    assert placed(events) == [(day, "unknown") for day, _ in SESSIONS]
    assert events["accepted"].notna().all()


def test_without_the_package_nothing_is_asked(sec: Sec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "exchange_calendars", None)
    sentence = str(refusal(ask))
    assert "calendar='XNYS' needs the package `exchange_calendars`" in sentence
    assert "ask for calendar=None: the day in New York, without a session" in sentence
    assert sec.requests == []


# ── what is refused ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "agent", ["", "jane", "jane@example.org", "Jane Doe", "Jane\nDoe j@e.org", "Jäne j@e.org", 5]
)
def test_who_does_not_say_who_asks_is_refused(sec: Sec, agent: Any) -> None:
    assert str(refusal(lambda: ask(user_agent=agent))) == (
        "user_agent does not say who asks; the SEC wants a name and an address, as in 'Jane Doe "
        "jane@example.org'."
    )
    assert sec.requests == []


@pytest.mark.parametrize("cik", ["AAPL", 0, -7, 1.5, True, "7/../8", "12345678901", [7, None]])
def test_what_is_no_cik_is_refused(sec: Sec, cik: Any) -> None:
    sentence = str(refusal(lambda: ask(cik)))
    assert sentence.endswith(
        " is not a CIK, a number of at most ten digits by which the SEC knows a filer; give such "
        "numbers, or a mapping as in {'IREN': 1878848}."
    )
    assert sec.requests == []


NAMELESS = "does not name what to load; give one text or a list of texts, none of them empty."
ITEM = "items holds '2.2', which is no item of an 8-K; write them as in '2.02', or give () for all."
DAY = "`date` 'last year' (event 0) cannot be read as a date; write dates as 2026-02-25."


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"ciks": []}, f"ciks=[] {NAMELESS}"),
        ({"ciks": {" ": 7}}, f"ciks=[' '] {NAMELESS}"),
        ({"forms": ()}, f"forms=() {NAMELESS}"),
        ({"forms": ("8-K", 8)}, f"forms=('8-K', 8) {NAMELESS}"),
        ({"items": 2.02}, f"items=2.02 {NAMELESS}"),
        ({"items": ("2.2",)}, ITEM),
        ({"since": "last year"}, DAY),
    ],
)
def test_arguments_are_refused(sec: Sec, options: dict[str, Any], sentence: str) -> None:
    assert str(refusal(lambda: ask(**options))) == sentence
    assert sec.requests == []
