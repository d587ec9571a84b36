"""Events tables: what is read, what is made, and every sentence that refuses one."""

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventstudy.errors import EventsError
from eventstudy.events import SESSIONS, check_events, day_of, events_on, read_events


def table(**columns: Any) -> pd.DataFrame:
    given = {"ticker": ["IREN"], "date": ["2026-02-25"]} | columns
    return pd.DataFrame(given)


def said(source: Any, **options: Any) -> str:
    """Return the sentence with which the events are refused."""
    with pytest.raises(EventsError) as refused:
        read_events(source, **options)
    return str(refused.value)


# ── the canonical form ───────────────────────────────────────────────────────────────────
def test_defaults_and_order_of_columns() -> None:
    events = read_events(pd.DataFrame({"x": [1.5], "date": ["2026-02-25"], "ticker": [" HUT "]}))
    assert list(events.columns) == ["ticker", "date", "session", "scheduled", "x"]
    assert events.index.name == "event_id"
    row = events.iloc[0]
    assert (row["ticker"], row["session"], row["x"]) == ("HUT", "unknown", 1.5)
    assert events["scheduled"].dtype == bool
    assert not events["scheduled"].any()
    assert events["date"].dtype == "datetime64[ns]"
    assert events["date"].tolist() == [pd.Timestamp("2026-02-25")]


@pytest.mark.parametrize("with_id", [True, False])
@pytest.mark.parametrize("n", [1, 7])
def test_checking_twice_changes_nothing(n: int, with_id: bool) -> None:
    rng = np.random.default_rng(n)
    given = pd.DataFrame(
        {
            "ticker": rng.choice(["A", "B"], n),
            "date": rng.choice(["2026-02-25", "20260226"], n),
            "session": pd.Series(["bmo", "AMC", None])
            .sample(n, replace=True, random_state=n)
            .array,
            "scheduled": pd.Series(["yes", "no", None])
            .sample(n, replace=True, random_state=n)
            .array,
            "note": pd.Series(["x", None]).sample(n, replace=True, random_state=n).array,
        }
    )
    if with_id:
        given["event_id"] = range(n)
    once = check_events(given)
    pd.testing.assert_frame_equal(check_events(once), once)


def test_input_is_not_changed() -> None:
    given = table(session=["bmo"], x=[[1, 2]])
    before = given.copy(deep=True)
    events = read_events(given)
    events.loc[:, "ticker"] = "other"
    pd.testing.assert_frame_equal(given, before)


def test_other_columns_are_untouched() -> None:
    given = table(size=[np.nan], when=[pd.Timestamp("2026-01-01", tz="UTC")], deal=["NA"])
    events = read_events(given)
    for name in ("size", "when", "deal"):
        assert events[name].dtype == given[name].dtype
    assert events["deal"].tolist() == ["NA"]


# ── event_id ─────────────────────────────────────────────────────────────────────────────
def test_ids_are_made_within_ticker_and_date() -> None:
    given = table(
        ticker=["A", "A", "B", "A"], date=["2026-02-25", "20260225", "2026-02-25", "2026-02-26"]
    )
    assert list(read_events(given).index) == [
        "A|2026-02-25|1",
        "A|2026-02-25|2",
        "B|2026-02-25|1",
        "A|2026-02-26|1",
    ]


@pytest.mark.parametrize("ids", [["x", "y"], [7, 3], [dt.date(2026, 1, 1), dt.date(2026, 1, 2)]])
def test_event_id_column_becomes_the_index(ids: list[object]) -> None:
    given = table(ticker=["A", "B"], date="2026-02-25", event_id=ids)
    events = read_events(given)
    assert list(events.index) == ids
    assert "event_id" not in events


@pytest.mark.parametrize(
    "index",
    [["x", "y"], [10, 20], pd.DatetimeIndex(["2026-01-01", "2026-01-02"]),
     pd.RangeIndex(2, name="event_id")],
)  # fmt: skip
def test_own_index_is_kept(index: Any) -> None:
    given = table(ticker=["A", "B"], date="2026-02-25").set_axis(index, axis="index")
    assert list(read_events(given).index) == list(index)


@pytest.mark.parametrize("kept", [[0, 2], [1, 2], [2], [0, 2, 3]])
def test_filtered_table_keeps_its_row_numbers(kept: list[int]) -> None:
    given = table(ticker=list("ABCD"), date="2026-02-25")
    assert list(read_events(given[given.index.isin(kept)]).index) == kept


def test_plain_count_is_no_index_of_ones_own() -> None:
    given = table(ticker=["A", "B", "C"], date="2026-02-25")
    assert list(read_events(given[:2]).index) == ["A|2026-02-25|1", "B|2026-02-25|1"]


# ── tickers ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["IREN", " HUT"], ["IREN", "HUT"]),
        ([10107, 14593], ["10107", "14593"]),
        ([10107.0, 14593.0], ["10107", "14593"]),
        (["BTC-USD", "^GSPC"], ["BTC-USD", "^GSPC"]),
        (["A", 10107], ["A", "10107"]),
        (pd.Categorical(["A", "B"]), ["A", "B"]),
        (["nan", "NA"], ["nan", "NA"]),
    ],
)
def test_tickers_become_text(given: Any, read: list[str]) -> None:
    events = read_events(pd.DataFrame({"ticker": given, "date": "2026-02-25"}))
    assert events["ticker"].tolist() == read


# ── dates ────────────────────────────────────────────────────────────────────────────────
DAY = pd.Timestamp("2026-02-25")


@pytest.mark.parametrize(
    "given",
    [
        "2026-02-25", " 2026-02-25 ", "2026/02/25", "2026-2-25", "20260225", 20260225, 20260225.0,
        np.int32(20260225), dt.date(2026, 2, 25), DAY.to_pydatetime(), DAY, DAY.to_numpy(),
        "2026-02-25 00:00", "2026-02-25T00:00:00.000", pd.Period("2026-02-25", "D"),
    ],
)  # fmt: skip
def test_one_day_in_many_forms(given: object) -> None:
    assert read_events(table(date=[given]))["date"].tolist() == [DAY]
    assert day_of(given) == DAY
    if not isinstance(given, float):  # a float among texts is no date column that anyone has
        mixed = pd.Series([given, "2026-03-01"], dtype=object)
        read = read_events(pd.DataFrame({"ticker": ["A", "B"], "date": mixed}))
        assert read["date"].tolist() == [DAY, pd.Timestamp("2026-03-01")]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_datetimes_of_every_unit(unit: str) -> None:
    given = table(date=np.array(["2026-02-25"], dtype=f"datetime64[{unit}]"))
    assert read_events(given)["date"].tolist() == [DAY]


@pytest.mark.parametrize("text", ["1900-01-01", "2100-12-31", "2024-02-29"])
def test_first_and_last_days(text: str) -> None:
    assert read_events(table(date=[text]))["date"].tolist() == [pd.Timestamp(text)]


NUMBER = "`date` {!r} (event 0) is a number but not a day as in 20260225; give real dates."
ORDER = (
    "`date` {!r} (event 0) does not begin with the year, and day and month are not guessed; "
    "write dates as 2026-02-25."
)
OUTSIDE = "`date` {} (event 0) lies outside the years 1900 to 2100; correct it."
NO_DATE = "`date` {!r} (event 0) cannot be read as a date; write dates as 2026-02-25."
TIMED = (
    "`date` {!r} (event 0) has a time of day but no time zone; give the day alone with a "
    "`session`, or add the time zone and say `calendar='XNYS'`."
)
ZONED = (
    "`date` {!r} (event 0) has a time zone, and its day depends on the exchange; say "
    "`calendar='XNYS'` in `read_events` or `events_on`, or give the day alone with a `session`."
)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (46078, NUMBER.format("46078")),
        (1772000000, NUMBER.format("1772000000")),
        (20261301, NUMBER.format("20261301")),
        (20260230, NUMBER.format("20260230")),
        (202602, NUMBER.format("202602")),
        ("2026225", NUMBER.format("2026225")),
        (46078.5, NUMBER.format("46078.5")),
        ("02/03/2026", ORDER.format("02/03/2026")),
        ("25.02.2026", ORDER.format("25.02.2026")),
        ("3-2-26 10:00", ORDER.format("3-2-26 10:00")),
        ("25 Feb 2026", NO_DATE.format("25 Feb 2026")),
        ("2026-02-30", NO_DATE.format("2026-02-30")),
        ("2026-02/25", NO_DATE.format("2026-02/25")),
        ("2026-02", NO_DATE.format("2026-02")),
        ("2026-02-25 16:20 ET", NO_DATE.format("2026-02-25 16:20 ET")),
        ("2026-02-25 25:20+01:00", NO_DATE.format("2026-02-25 25:20+01:00")),
        (True, NO_DATE.format("True")),
        ("1899-12-31", OUTSIDE.format("1899-12-31")),
        (21010101, OUTSIDE.format("2101-01-01")),
        ("2026-02-25 16:20", TIMED.format("2026-02-25 16:20")),
        (pd.Timestamp("2026-02-25 16:20"), TIMED.format("2026-02-25 16:20:00")),
        ("2026-02-25T16:20-05:00", ZONED.format("2026-02-25T16:20-05:00")),
        ("2026-02-25 00:00Z", ZONED.format("2026-02-25 00:00Z")),
        (pd.Timestamp("2026-02-25", tz="UTC"), ZONED.format("2026-02-25 00:00:00+00:00")),
    ],
)  # fmt: skip
def test_dates_that_are_refused(given: object, sentence: str) -> None:
    assert said(pd.DataFrame({"ticker": ["A"], "date": [given]})) == sentence


def test_time_of_day_is_refused_among_dates_too() -> None:
    given = table(ticker=["A", "B"], date=["2026-02-25", "2026-02-25 09:30"], session="bmo")
    assert said(given) == TIMED.format("2026-02-25 09:30").replace("event 0", "event 1")
    stamps = pd.to_datetime(pd.Series(["2026-02-25 00:00", "2026-02-25 09:30"]))
    assert said(given.assign(date=stamps)).startswith("`date` '2026-02-25 09:30:00' (event 1)")


@pytest.mark.parametrize("missing", [None, np.nan, pd.NaT, "", " "])
def test_missing_dates_name_their_rows(missing: object) -> None:
    given = table(
        ticker=["A", "B", "C"], date=pd.Series(["2026-02-25", missing, missing], dtype=object)
    )
    expected = "`date` is missing in event {}; give a date in every row."
    assert said(given) == expected.format("1, 2")
    assert said(given.assign(event_id=["x", "y", "z"])) == expected.format("y, z")


def test_missing_datetimes_name_their_rows() -> None:
    given = table(ticker=["A", "B"], date=pd.to_datetime(pd.Series(["2026-02-25", None])))
    assert said(given) == "`date` is missing in event 1; give a date in every row."


# ── moments on an exchange ───────────────────────────────────────────────────────────────
NEW_YORK = "America/New_York"
# exchange_calendars itself calls what pandas 3.1 deprecates; the warning names pandas' module
calm = pytest.mark.filterwarnings("ignore:Series.values returning:DeprecationWarning")


@pytest.mark.parametrize(
    ("moment", "day", "session"),
    [
        ("2026-02-25 09:29:59", "2026-02-25", "before_open"),
        ("2026-02-25 09:30:00", "2026-02-25", "intraday"),
        ("2026-02-25 15:59:59", "2026-02-25", "intraday"),
        ("2026-02-25 16:00:00", "2026-02-25", "after_close"),
        ("2026-02-25 23:30:00", "2026-02-25", "after_close"),  # already the 26th in UTC
        ("2025-11-28 12:59:00", "2025-11-28", "intraday"),  # half day, closes at 13:00
        ("2025-11-28 13:00:00", "2025-11-28", "after_close"),
        ("2025-07-07 09:45:00", "2025-07-07", "intraday"),  # summer time
        ("2025-11-02 20:00:00", "2025-11-02", "before_open"),  # a Sunday
        ("2025-01-09 12:00:00", "2025-01-09", "before_open"),  # closed for a day of mourning
    ],
)
@calm
@pytest.mark.parametrize("form", ["column", "utc", "text"])
def test_moments_are_placed_by_the_exchange(moment: str, day: str, session: str, form: str) -> None:
    stamp = pd.Timestamp(moment, tz=NEW_YORK)
    value: Any = {"column": stamp, "utc": stamp.tz_convert("UTC"), "text": stamp.isoformat()}[form]
    events = read_events(pd.DataFrame({"ticker": ["A"], "date": [value]}), calendar="XNYS")
    assert events["date"].tolist() == [pd.Timestamp(day)]
    assert events["session"].tolist() == [session]
    assert list(events.index) == [f"A|{day}|1"]


@calm
def test_plain_dates_beside_moments_stay_as_they_are() -> None:
    given = table(
        ticker=["A", "B", "C"],
        date=["2026-02-25", "2026-02-25T21:20Z", "20260226"],
        session=["amc", "", "bmo"],
    )
    events = read_events(given, calendar="XNYS")
    assert events["session"].tolist() == ["after_close", "after_close", "before_open"]
    assert events["date"].dt.day.tolist() == [25, 25, 26]


def test_calendar_changes_nothing_in_plain_dates() -> None:
    given = table(session=["intraday"])
    pd.testing.assert_frame_equal(read_events(given, calendar="XNYS"), read_events(given))


@calm
def test_session_must_not_contradict_the_clock() -> None:
    given = table(date=["2026-02-25T21:20Z"], session=["bmo"])
    assert said(given, calendar="XNYS") == (
        "`session` of event 0 says 'before_open', its time of day says 'after_close'; correct "
        "one of them or leave `session` out."
    )


def test_unknown_calendar() -> None:
    assert said(table(date=["2026-02-25T21:20Z"]), calendar="XNSY") == (
        "calendar='XNSY' is not an exchange that is known; give its code, as 'XNYS' for New "
        "York. Did you mean 'XNYS'?"
    )


def test_calendar_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "exchange_calendars", None)
    assert said(table(date=["2026-02-25T21:20Z"]), calendar="XNYS") == (
        "calendar='XNYS' needs the package `exchange_calendars`; run "
        "pip install exchange_calendars, "
        "or give plain "
        "dates with a `session`."
    )


# ── session and scheduled ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("given", "read"),
    [(s, s) for s in SESSIONS]
    + [("bmo", "before_open"), ("AMC", "after_close"), ("Before Open", "before_open"),
       ("after-close", "after_close"), (None, "unknown"), (np.nan, "unknown"), ("", "unknown")],
)  # fmt: skip
def test_sessions(given: object, read: str) -> None:
    assert read_events(table(session=[given]))["session"].tolist() == [read]


def test_unknown_session() -> None:
    assert said(table(session=["after_closing"], event_id=["x"])) == (
        "`session` 'after_closing' (event x) is not known; choose one of 'before_open', "
        "'intraday', 'after_close', 'unknown', 'bmo', 'amc'. Did you mean 'after_close'?"
    )


@pytest.mark.parametrize(
    ("given", "read"),
    [(True, True), (np.False_, False), (1, True), (0.0, False), ("Yes", True), ("false", False),
     (None, False), (np.nan, False), ("", False)],
)  # fmt: skip
def test_scheduled(given: object, read: bool) -> None:
    events = read_events(table(scheduled=[given]))
    assert events["scheduled"].tolist() == [read]
    assert events["scheduled"].dtype == bool


def test_unreadable_scheduled() -> None:
    assert said(table(scheduled=["maybe"])) == (
        "`scheduled` 'maybe' (event 0) is neither true nor false; write true or false."
    )


# ── events_on ────────────────────────────────────────────────────────────────────────────
def test_one_piece_of_news_for_many_firms() -> None:
    events = events_on(20260225, ("A", "B"), session="amc", scheduled=True, size=[1, 2], who="NVDA")
    assert list(events.index) == ["A|2026-02-25|1", "B|2026-02-25|1"]
    assert events["session"].tolist() == ["after_close"] * 2
    assert events["scheduled"].all()
    assert events["size"].tolist() == [1, 2]
    assert events["who"].tolist() == ["NVDA", "NVDA"]


def test_one_firm() -> None:
    assert events_on("2026-02-25", "IREN", event_id="x").index.tolist() == ["x"]


def test_columns_of_another_length() -> None:
    with pytest.raises(EventsError) as refused:
        events_on("2026-02-25", ["A", "B"], size=[1, 2, 3])
    assert str(refused.value) == (
        "`size` has 3 values for 2 tickers; give one value, or one a ticker."
    )


# ── contracts ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("empty", [table()[:0], pd.DataFrame()])
def test_no_rows(empty: pd.DataFrame) -> None:
    assert said(empty) == "The events table has no rows; give at least one event."


def test_no_tickers() -> None:
    with pytest.raises(EventsError, match="The events table has no rows; give at least one event"):
        events_on("2026-02-25", [])


def test_not_a_table() -> None:
    with pytest.raises(EventsError) as refused:
        check_events([("IREN", "2026-02-25")])  # type: ignore[arg-type]  # wrong on purpose
    assert str(refused.value) == (
        "Events came as list; give a DataFrame with the columns `ticker` and `date`, or the "
        "path of a file to `read_events`."
    )


@pytest.mark.parametrize(
    ("have", "missing", "likely"),
    [
        (("Ticker", "date"), "ticker", "Ticker"),
        (("symbol", "date"), "ticker", "symbol"),
        (("tickr", "date"), "ticker", "tickr"),
        (("ticker", "Date "), "date", "Date "),
        (("ticker", "when"), "date", "when"),
        (("ticker", "Announcement Date"), "date", "Announcement Date"),
    ],
)
def test_missing_column_with_its_likely_name(
    have: tuple[str, str], missing: str, likely: str
) -> None:
    assert said(pd.DataFrame([("A", "2026-02-25")], columns=list(have))) == (
        f"The events have no column `{missing}` (they have {have[0]}, {have[1]}); if `{likely}` "
        f"is meant, rename it to `{missing}`."
    )


def test_missing_column_without_a_likely_name() -> None:
    assert said(table().rename(columns={"date": "q"})) == (
        "The events have no column `date` (they have ticker, q); add it."
    )


def test_column_in_the_index() -> None:
    assert said(table().set_index("date")) == (
        "The events have no column `date` (they have ticker); `date` is in the index: call "
        "`reset_index()` first."
    )


def test_index_of_two_levels() -> None:
    given = table(a=[1], b=[2]).set_index(["a", "b"])
    assert said(given) == (
        "The events have an index of 2 levels (a, b); call `reset_index()`, or give an `event_id`."
    )
    assert list(read_events(given.assign(event_id="x")).index) == ["x"]


@pytest.mark.parametrize("name", ["ticker", "date", "session", "scheduled", "event_id"])
def test_column_given_twice(name: str) -> None:
    given = table(session=["bmo"], scheduled=[True], event_id=["x"])
    assert said(pd.concat([given, given[[name]]], axis=1)) == (
        f"The events have the column `{name}` more than once; keep one."
    )


def test_repeated_event_id() -> None:
    given = table(ticker=list("ABCD"), date="2026-02-25", event_id=["x", "y", "x", "y"])
    expected = (
        "`event_id` x, y stands more than once; give every event an id of its own, or leave the "
        "column out and ids are made."
    )
    assert said(given) == expected
    assert said(given.set_index("event_id")) == expected


def test_missing_event_id() -> None:
    given = table(ticker=["A", "B"], date="2026-02-25", event_id=["x", None])
    assert said(given) == (
        "`event_id` is missing in row 1; fill it, or leave the column out and ids are made."
    )


@pytest.mark.parametrize("missing", [None, np.nan, "", "  "])
def test_missing_ticker(missing: object) -> None:
    given = table(ticker=pd.Series(["A", missing], dtype=object), date="2026-02-25")
    assert said(given) == "`ticker` is missing in event 1; name a ticker in every row."


@pytest.mark.parametrize(
    ("given", "kind"), [(True, "boolean"), (pd.Timestamp("2026-02-25"), "datetime64")]
)
def test_tickers_of_another_kind(given: object, kind: str) -> None:
    assert said(table(ticker=[given])) == (
        f"`ticker` holds {kind} values; give tickers as text or whole numbers."
    )


def test_sector_news_must_be_expanded() -> None:
    given = table(
        ticker=["A", None], date="2026-02-25", tickers=["A", "SECTOR;NVDA"], event_id=["x", "y"]
    )
    assert said(given) == (
        "News about a sector names no ticker (event y); call "
        "`es.catalysts.expand(events, tickers)` to make it one event a firm."
    )
    assert check_events(given, named=False)["ticker"].isna().tolist() == [False, True]


# ── files ────────────────────────────────────────────────────────────────────────────────
CSV = """ticker,date,session,size,scheduled,event_id
NA,2026-02-25,amc,NA,yes,007
TRUE,20260226,,2.5,,008
"""


@pytest.mark.parametrize("text", [CSV, CSV.replace(",", ";"), "\ufeff" + CSV])
@pytest.mark.parametrize("as_text", [True, False])
def test_csv_keeps_tickers_and_ids_as_written(tmp_path: Path, text: str, as_text: bool) -> None:
    path = tmp_path / "events.csv"
    path.write_text(text, encoding="utf-8")
    events = read_events(str(path) if as_text else path)
    assert events["ticker"].tolist() == ["NA", "TRUE"]
    assert list(events.index) == ["007", "008"]
    assert events["session"].tolist() == ["after_close", "unknown"]
    assert events["scheduled"].tolist() == [True, False]
    assert events["size"].isna().tolist() == [True, False]
    assert events["size"].dtype == float


@pytest.mark.parametrize("name", ["events.csv", "events.csv.gz", "EVENTS.CSV", "events.parquet"])
def test_files_give_back_what_was_written(tmp_path: Path, name: str) -> None:
    events = events_on("2026-02-25", ["A", "B"], session="bmo", scheduled=True, size=[1.5, 2.0])
    path = tmp_path / name
    if name.endswith("parquet"):
        events.to_parquet(path)
    else:
        events.to_csv(path)
    pd.testing.assert_frame_equal(read_events(path), events, check_index_type=False)


@pytest.mark.parametrize("text", ["", "ticker,date\n"])
def test_file_without_rows(tmp_path: Path, text: str) -> None:
    path = tmp_path / "events.csv"
    path.write_text(text, encoding="utf-8")
    assert said(path) == "The events table has no rows; give at least one event."


def test_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "no.csv"
    assert said(path) == f"There is no file `{path}`; check the path of the events."


def test_file_of_another_kind(tmp_path: Path) -> None:
    assert said(tmp_path / "events.xlsx") == (
        "`events.xlsx` is not a kind of file that is read; give a .csv, .csv.gz or .parquet "
        "file, or a DataFrame."
    )


def test_file_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes("ticker,date\nÉ,2026-02-25\n".encode("latin-1"))
    sentence = said(path)
    assert sentence.startswith("`events.csv` cannot be read ('utf-8' codec can't decode")
    assert sentence.endswith("; save it as UTF-8 CSV with one header line.")
    path.write_text("ticker,date\nA,2026-02-25\nA,2026-02-25,3,4\n", encoding="utf-8")
    assert said(path).startswith("`events.csv` cannot be read (Error tokenizing data.")


def test_parquet_without_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "events.parquet"
    path.write_bytes(b"PAR1")

    def missing(*_: object) -> None:
        raise ImportError

    monkeypatch.setattr(pd, "read_parquet", missing)
    assert said(path) == (
        "Parquet files need the package `pyarrow`; run pip install pyarrow, "
        "or give the events as CSV."
    )
