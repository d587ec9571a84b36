"""Moments on exchanges: local day and session by the real hours, whatever is installed."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import warnings
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import EventsError
from eventstudy.events import events_on, read_events
from eventstudy.events._exchange import exchange

NEW_YORK, LONDON, TOKYO = "America/New_York", "Europe/London", "Asia/Tokyo"


def placed(moment: object, calendar: str, **columns: object) -> tuple[str, str]:
    """Day and session of one piece of news."""
    table = pd.DataFrame({"ticker": ["A"], "date": [moment], **columns})
    event = read_events(table, calendar=calendar).iloc[0]
    return str(event["date"].date()), str(event["session"])


def said(moment: object, calendar: str, **columns: object) -> str:
    with pytest.raises(EventsError) as refused:
        placed(moment, calendar, **columns)
    return str(refused.value)


# ── New York: half days, closures, clock changes ─────────────────────────────────────────
@pytest.mark.parametrize(
    ("moment", "session"),
    [
        ("2026-11-27 12:30", "intraday"),  # the day after Thanksgiving closes at 13:00
        ("2026-11-27 12:59:59.999999", "intraday"),
        ("2026-11-27 13:00", "after_close"),
        ("2026-11-27 13:30", "after_close"),
        ("2026-11-25 13:30", "intraday"),  # the Wednesday before is a whole day
        ("2026-12-24 12:59", "intraday"),
        ("2026-12-24 13:00", "after_close"),
        ("2027-11-26 13:30", "after_close"),
        ("2026-12-23 15:59", "intraday"),
        ("2026-02-25 09:29:59.999", "before_open"),
        ("2026-02-25 09:30", "intraday"),  # the moment of the opening counts as open
        ("2026-02-25 16:00", "after_close"),  # that of the close as closed
        ("2026-02-25 00:00", "before_open"),
        ("2026-02-25 23:59", "after_close"),
        ("2026-03-06 16:00", "after_close"),  # the clock changes on Sunday 2026-03-08
        ("2026-03-09 15:59", "intraday"),
        ("2026-03-09 16:00", "after_close"),
        ("2026-10-30 15:59", "intraday"),  # and back on 2026-11-01
        ("2026-11-02 15:59", "intraday"),
        ("2026-11-02 16:00", "after_close"),
        ("2026-11-28 10:00", "before_open"),  # a Saturday
        ("2026-11-26 18:00", "before_open"),  # Thanksgiving
        ("2026-06-19 12:00", "before_open"),  # Juneteenth; in 2021 it was none yet
        ("2021-06-18 12:00", "intraday"),
        ("2012-10-29 12:00", "before_open"),  # Hurricane Sandy, two days
        ("2012-10-30 12:00", "before_open"),
        ("2012-10-31 12:00", "intraday"),
        ("2001-09-14 12:00", "before_open"),
        ("2001-09-17 12:00", "intraday"),
        ("2025-01-09 12:00", "before_open"),  # a day of mourning
        ("1990-01-02 12:00", "intraday"),  # far before what the package shows by itself
        ("1987-10-19 16:05", "after_close"),
        ("2035-07-03 13:30", "after_close"),  # years ahead, a half day
    ],
)
def test_new_york(moment: str, session: str) -> None:
    stamp = pd.Timestamp(moment, tz=NEW_YORK)
    day = moment[:10]
    assert placed(stamp, "XNYS") == (day, session)
    assert placed(stamp.tz_convert("UTC").isoformat().replace("+00:00", "Z"), "XNYS") == (
        day,
        session,
    )
    assert placed(stamp.tz_convert(TOKYO), "XNYS") == (day, session)


@pytest.mark.parametrize(
    ("calendar", "zone", "moment", "session"),
    [
        ("XLON", LONDON, "2026-02-25 07:59", "before_open"),
        ("XLON", LONDON, "2026-02-25 08:00", "intraday"),
        ("XLON", LONDON, "2026-07-01 16:29", "intraday"),  # summer time
        ("XLON", LONDON, "2026-07-01 16:30", "after_close"),
        ("XLON", LONDON, "2026-12-24 12:29", "intraday"),  # half day
        ("XLON", LONDON, "2026-12-24 12:30", "after_close"),
        ("XLON", LONDON, "2026-12-28 12:00", "before_open"),  # Boxing Day moved to Monday
        ("XLON", LONDON, "2022-09-19 12:00", "before_open"),  # the Queen's funeral
        ("XTKS", TOKYO, "2026-02-25 08:59", "before_open"),
        ("XTKS", TOKYO, "2026-02-25 12:00", "intraday"),  # the lunch break
        ("XTKS", TOKYO, "2024-11-01 15:00", "after_close"),
        ("XTKS", TOKYO, "2024-11-06 15:00", "intraday"),  # half an hour more since 2024-11-05
        ("XTKS", TOKYO, "2024-11-06 15:30", "after_close"),
        ("XTKS", TOKYO, "2026-02-23 12:00", "before_open"),  # the Emperor's birthday
    ],
)
def test_other_exchanges(calendar: str, zone: str, moment: str, session: str) -> None:
    stamp = pd.Timestamp(moment, tz=zone)
    assert placed(stamp, calendar) == (moment[:10], session)
    assert placed(stamp.tz_convert("UTC"), calendar) == (moment[:10], session)


def test_one_moment_is_another_day_elsewhere() -> None:
    moment = "2026-02-25T21:20Z"
    assert placed(moment, "XNYS") == ("2026-02-25", "after_close")
    assert placed(moment, "XTKS") == ("2026-02-26", "before_open")
    assert placed(moment, "XLON") == ("2026-02-25", "after_close")
    assert placed(moment, "24/7") == ("2026-02-25", "intraday")
    assert placed(moment, "NYSE") == placed(moment, "XNYS")


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-27T18:30:00Z",
        "2026-11-27 18:30 UTC",
        "2026-11-27T13:30:00.000-05:00",
        "20261127 13:30-0500",
        dt.datetime(2026, 11, 27, 18, 30, tzinfo=dt.UTC),
        dt.datetime(2026, 11, 27, 13, 30, tzinfo=dt.timezone(dt.timedelta(hours=-5))),
        np.datetime64("2026-11-27T18:30", "s").astype("datetime64[ns]"),
    ],
)
def test_every_way_to_write_a_moment(value: Any) -> None:
    given = pd.Timestamp(value, tz="UTC") if isinstance(value, np.datetime64) else value
    assert placed(given, "XNYS") == ("2026-11-27", "after_close")


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_every_unit_of_a_column(unit: Literal["s", "ms", "us", "ns"]) -> None:
    moments = pd.DatetimeIndex(["2026-11-27 12:59:59", "2026-11-27 13:00"], tz=NEW_YORK)
    table = pd.DataFrame({"ticker": ["A", "B"], "date": moments.as_unit(unit)})
    assert read_events(table, calendar="XNYS")["session"].tolist() == ["intraday", "after_close"]


def test_moments_of_many_years_and_zones_in_one_table() -> None:
    rows = [
        ("1962-10-22T20:00-05:00", "1962-10-22", "after_close"),
        ("2026-11-27T18:30Z", "2026-11-27", "after_close"),
        ("2040-02-29T15:00+01:00", "2040-02-29", "before_open"),
        ("2026-02-25", "2026-02-25", "unknown"),
    ]
    table = pd.DataFrame({"ticker": list("ABCD"), "date": [row[0] for row in rows]})
    events = read_events(table, calendar="XNYS")
    assert events["date"].dt.strftime("%Y-%m-%d").tolist() == [row[1] for row in rows]
    assert events["session"].tolist() == [row[2] for row in rows]


# ── from the moment to day 0 ─────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("moment", "day0"),
    [
        ("2026-11-27 12:30", "2026-11-27"),
        ("2026-11-27 13:30", "2026-11-30"),  # after a half day, over a week-end
        ("2026-12-24 13:30", "2026-12-28"),
        ("2026-11-28 10:00", "2026-11-30"),
        ("2026-11-25 16:30", "2026-11-27"),  # over a holiday
        ("2026-11-26 09:00", "2026-11-27"),
    ],
)
def test_day_zero_is_the_first_session_that_could_know(moment: str, day0: str) -> None:
    sessions = exchange("XNYS", pd.Timestamp("2025-12-01"), pd.Timestamp("2027-01-31")).sessions
    rng = np.random.default_rng(0)
    returns = pd.DataFrame(rng.normal(0, 0.01, (len(sessions), 2)), sessions, ["A", "SPY"])
    events = events_on(pd.Timestamp(moment, tz=NEW_YORK), "A", calendar="XNYS")
    study = es.EventStudy(estimation=(-60, -11), window=(-1, 1))
    result = study.run(events, es.Panel.from_returns(returns, market="SPY"))
    assert result.estimates["day0"].tolist() == [pd.Timestamp(day0)]


def test_events_on_a_moment() -> None:
    moment = pd.Timestamp("2026-02-25 16:20", tz=NEW_YORK)
    events = events_on(moment, ["IREN", "HUT"], calendar="XNYS", category="earnings")
    assert list(events.index) == ["IREN|2026-02-25|1", "HUT|2026-02-25|1"]
    assert events["session"].tolist() == ["after_close"] * 2
    assert events["category"].tolist() == ["earnings"] * 2
    with pytest.raises(EventsError, match="in `read_events` or `events_on`, or give the day"):
        events_on(moment, "IREN")


# ── a session that the table states ──────────────────────────────────────────────────────
@pytest.mark.parametrize("session", ["bmo", "amc", "before_open", "after_close", "unknown", ""])
def test_between_sessions_after_the_one_is_before_the_other(session: str) -> None:
    assert placed("2026-11-28T15:00Z", "XNYS", session=session) == ("2026-11-28", "before_open")


@pytest.mark.parametrize(
    ("moment", "session", "seen"),
    [
        ("2026-11-28T15:00Z", "intraday", "before_open"),  # nobody trades on a Saturday
        ("2026-11-27T18:30Z", "intraday", "after_close"),  # a half day is over
        ("2026-11-27T18:30Z", "bmo", "after_close"),
        ("2026-11-27T17:30Z", "amc", "intraday"),
    ],
)
def test_session_against_the_clock(moment: str, session: str, seen: str) -> None:
    stated = {"bmo": "before_open", "amc": "after_close"}.get(session, session)
    assert said(moment, "XNYS", session=session) == (
        f"`session` of event 0 says {stated!r}, its time of day says {seen!r}; correct one of "
        f"them or leave `session` out."
    )


# ── what a calendar cannot know ──────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("calendar", "moment", "sentence"),
    [
        (
            "XTKS",
            "1996-12-20 10:00+09:00",
            (
                "calendar='XTKS' knows the sessions from 1997-01-01, and 1996-12-20 lies outside; "
                "give plain dates with a `session`."
            ),
        ),
        (
            "XHKG",
            "2050-02-28 10:00+08:00",
            (
                "calendar='XHKG' knows the sessions from 1960-01-01 to 2049-12-31, and 2050-02-28 "
                "lies outside; give plain dates with a `session`."
            ),
        ),
        (
            "XTAE",
            "1950-02-01 10:00+02:00",
            (
                "calendar='XTAE' cannot be computed from 1950-02-01 to 1950-02-01 by the installed "
                "`exchange_calendars` (ValueError); give plain dates with a `session`."
            ),
        ),
        (
            "XNSY",
            "2026-02-25T21:20Z",
            (
                "calendar='XNSY' is not an exchange that is known; give its code, as 'XNYS' for "
                "New York. Did you mean 'XNYS'?"
            ),
        ),
    ],
)
def test_beyond_the_bounds(calendar: str, moment: str, sentence: str) -> None:
    assert said(moment, calendar) == sentence


@pytest.mark.parametrize(
    ("moment", "day", "session"),
    [
        ("1997-01-01T00:00+09:00", "1997-01-01", "before_open"),  # 1996-12-31 in UTC
        ("1997-01-06T10:00+09:00", "1997-01-06", "intraday"),
    ],
)
def test_up_to_the_bounds(moment: str, day: str, session: str) -> None:
    assert placed(moment, "XTKS") == (day, session)


# ── nothing else changes ─────────────────────────────────────────────────────────────────
def test_the_callers_warnings_stay_as_they_are() -> None:
    before = list(warnings.filters)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        read_events(pd.DataFrame({"ticker": ["A"], "date": ["1971-02-25T21:20Z"]}), calendar="XHKG")
        warnings.warn("mine", DeprecationWarning, stacklevel=1)
    assert [str(one.message) for one in seen] == ["mine"]
    assert list(warnings.filters) == before


PLAIN = pd.DataFrame({"ticker": ["A", "B"], "date": ["2026-11-27", "20261128"], "session": "amc"})


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    with_it = read_events(PLAIN, calendar="XNYS")
    monkeypatch.setitem(sys.modules, "exchange_calendars", None)
    pd.testing.assert_frame_equal(read_events(PLAIN, calendar="XNYS"), with_it)
    pd.testing.assert_frame_equal(read_events(PLAIN), with_it)
    sentence = (
        "calendar='XNYS' needs the package `exchange_calendars`; run "
        "pip install exchange_calendars, "
        "or give plain dates "
        "with a `session`."
    )
    assert said("2026-11-27T18:30Z", "XNYS") == sentence


def test_plain_dates_and_a_study_do_not_load_the_package() -> None:
    code = (
        "import sys, numpy as np, pandas as pd, eventstudy as es\n"
        "days = pd.bdate_range('2026-01-01', periods=100)\n"
        "r = pd.DataFrame(np.random.default_rng(0).normal(0, .01, (100, 2)), days, ['A', 'M'])\n"
        "panel = es.Panel.from_returns(r, market='M')\n"
        "events = es.read_events(es.events_on(days[80], 'A').reset_index(), calendar='XNYS')\n"
        "es.EventStudy(estimation=(-60, -11), window=(-1, 1)).run(events, panel).summary()\n"
        "print('exchange_calendars' in sys.modules)\n"
    )
    done = subprocess.run(  # noqa: S603  (our own interpreter on our own text)
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_a_calendar_registered_with_the_package() -> None:
    import exchange_calendars as package

    own = exchange("XNYS", pd.Timestamp("2026-01-01"), pd.Timestamp("2026-12-31"))
    package.register_calendar("OWN", own, force=True)
    try:
        assert placed("2026-11-27T18:30Z", "OWN") == ("2026-11-27", "after_close")
    finally:
        package.deregister_calendar("OWN")
