"""The same events, however their table stores them: one canonical table, one set of ids."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eventstudy as es
from eventstudy.align import Timing, ledger, place
from eventstudy.errors import EventsError
from eventstudy.events import check_events, checked, effective_days, repeats
from eventstudy.events._ids import distinct_days
from eventstudy.events._table import Checked
from eventstudy.windows import Window

NAMES = ["IREN", "HUT", "BTC-USD", "ÄÖ", "x|y", "A|2024-01-02|1"]
FIRST = dt.date(2024, 1, 1)


def drawn(n: int = 300) -> tuple[list[str], list[dt.date]]:
    """Tickers and days, with several events of one ticker on one day."""
    rng = np.random.default_rng(3)
    tickers = rng.choice(NAMES, n).tolist()
    days = [FIRST + dt.timedelta(days=int(k)) for k in rng.integers(0, 40, n)]
    return tickers, days


def plain_ids(tickers: list[str], days: list[dt.date]) -> list[str]:
    """Number the events of a ticker and day, one event after the other."""
    seen: Counter[tuple[str, dt.date]] = Counter()
    found = []
    for pair in zip(tickers, days, strict=True):
        seen[pair] += 1
        found.append(f"{pair[0]}|{pair[1]}|{seen[pair]}")
    return found


def arrow(name: str) -> pd.ArrowDtype:
    pa = pytest.importorskip("pyarrow")
    return pd.ArrowDtype({"text": pa.string(), "day": pa.date32()}[name])


TICKERS: dict[str, Callable[[list[str]], Any]] = {
    "str": pd.Series,
    "object": lambda t: np.array(t, dtype=object),
    "string": lambda t: pd.Series(t, dtype="string"),
    "python storage": lambda t: pd.Series(t, dtype="string[python]"),
    "category": lambda t: pd.Categorical(t, categories=["ZZZ", *sorted(set(t))]),
    "arrow": lambda t: pd.Series(t, dtype=arrow("text")),
    "padded": lambda t: [f" {name}\t" if k % 3 else name for k, name in enumerate(t)],
    "numpy": lambda t: np.array([np.str_(name) for name in t], dtype=object),
}
DATES: dict[str, Callable[[list[dt.date]], Any]] = {
    "s": lambda d: pd.DatetimeIndex(d).as_unit("s"),
    "ms": lambda d: pd.DatetimeIndex(d).as_unit("ms"),
    "us": lambda d: pd.DatetimeIndex(d).as_unit("us"),
    "ns": lambda d: pd.DatetimeIndex(d).as_unit("ns"),
    "object": lambda d: np.array(d, dtype=object),
    "stamps": lambda d: np.array([pd.Timestamp(day) for day in d], dtype=object),
    "text": lambda d: [str(day) for day in d],
    "object text": lambda d: np.array([str(day) for day in d], dtype=object),
    "category": lambda d: pd.Categorical([str(day) for day in d]),
    "squeezed": lambda d: [f"{day:%Y%m%d}" for day in d],
    "number": lambda d: [int(f"{day:%Y%m%d}") for day in d],
    "real number": lambda d: [float(f"{day:%Y%m%d}") for day in d],
    "slashes": lambda d: [f"{day:%Y/%m/%d}" for day in d],
    "midnight": lambda d: [f"{day} 00:00:00" for day in d],
    "mixed": lambda d: [str(day) if k % 2 else f"{day:%Y%m%d}" for k, day in enumerate(d)],
    "arrow": lambda d: pd.Series(d, dtype=arrow("day")),
}


@pytest.mark.parametrize("date", DATES)
@pytest.mark.parametrize("ticker", TICKERS)
def test_one_table_comes_out_of_all_forms(ticker: str, date: str) -> None:
    tickers, days = drawn()
    table = pd.DataFrame({"ticker": TICKERS[ticker](tickers), "date": DATES[date](days)})
    given = table.copy(deep=True)
    found = check_events(table)
    wanted = pd.DataFrame(
        {
            "ticker": pd.Series(tickers, dtype=str).array,
            "date": pd.DatetimeIndex(days).as_unit("ns"),
            "session": "unknown",
            "scheduled": False,
        },
        index=pd.Index(plain_ids(tickers, days), name="event_id"),
    )
    pd.testing.assert_frame_equal(found, wanted, check_column_type=True)
    pd.testing.assert_frame_equal(check_events(found), found)
    found.loc[:, "ticker"] = "other"
    pd.testing.assert_frame_equal(table, given)


def test_chunks_and_slices_of_text_are_read_alike() -> None:
    tickers, days = drawn()
    table = pd.DataFrame({"ticker": tickers, "date": days})
    several = pd.concat([table[:100], table[100:]], ignore_index=True)
    pd.testing.assert_frame_equal(check_events(several), check_events(table))
    part = check_events(table.iloc[50:].reset_index(drop=True))
    assert part.index.tolist() == plain_ids(tickers[50:], days[50:])


TICKER = st.sampled_from(["A", "B", " A", "SECTOR", "A|2024-01-01|1", "", "|", "b"])


@given(st.lists(st.tuples(TICKER, st.integers(0, 5)), min_size=1, max_size=60))
def test_ids_are_those_of_counting_one_by_one(rows: list[tuple[str, int]]) -> None:
    days = [FIRST + dt.timedelta(days=k) for _, k in rows]
    table = pd.DataFrame({"ticker": [name for name, _ in rows], "date": days})
    found = check_events(table, named=False)
    wanted = plain_ids([name.strip() or "SECTOR" for name, _ in rows], days)
    assert found.index.tolist() == wanted
    assert found.index.is_unique
    assert found["ticker"].isna().tolist() == [not name.strip() for name, _ in rows]


def test_ids_of_many_events_of_one_ticker_and_day() -> None:
    days = [FIRST] * 500 + [FIRST + dt.timedelta(days=k) for k in range(300)]
    table = pd.DataFrame({"ticker": "A", "date": days})
    assert check_events(table).index.tolist() == plain_ids(["A"] * 800, days)


@given(
    st.lists(st.integers(0, 8), max_size=50),
    st.sampled_from([0, 10**6, 2**62]),
)
def test_repeats_are_counted_as_one_by_one(keys: list[int], far: int) -> None:
    key = np.array(keys, dtype=np.int64) + far
    before, first = repeats(key)
    assert before.tolist() == [keys[:k].count(x) for k, x in enumerate(keys)]
    assert first.tolist() == [keys.index(x) for x in keys]


def test_distinct_days_come_in_order() -> None:
    days = np.array(["2024-03-01", "1999-12-31", "2024-03-01", "2000-01-01"], "datetime64[D]")
    codes, found = distinct_days(days)
    assert found.astype(str).tolist() == ["1999-12-31", "2000-01-01", "2024-03-01"]
    assert (found[codes] == days).all()


def outcome(dates: list[str]) -> object:
    """Return the first date that is read, or the sentence that refuses the table."""
    try:
        return check_events(pd.DataFrame({"ticker": "A", "date": dates}))["date"].iloc[0]
    except EventsError as refused:
        return str(refused)


@pytest.mark.parametrize(
    "text",
    ["2024-02-29", "2023-02-29", "20240229", "20230229", "2024-13-01", "2024-00-10", "2024-01-00",
     "2024-01-32", "0000-01-01", "1899-12-31", "2100-12-31", "2101-01-01", "2024-1-010",
     "2024--1-01", "24-01-2024", "2024/01-01", "2024_01_01", "٢٠٢٤-01-01", "2024-01-0x", "soon",
     "2024-01-1", "202401011", "99999999", "2024-01-0\x00", "+024-01-01", "2024–01–01"],
)  # fmt: skip
def test_plain_dates_are_read_as_by_the_pattern(text: str) -> None:
    """A date beside them that is not plain sends all to the pattern."""
    assert outcome([text]) == outcome([text, "2024/01/02"])
    assert outcome([text, "2024-01-02"]) == outcome([text, "2024-01-02", "2024/01/02"])


@pytest.mark.parametrize("name", ["ticker", "session", "scheduled"])
def test_the_first_row_that_cannot_be_read_is_named(name: str) -> None:
    good = {"ticker": "A", "session": "bmo", "scheduled": "yes"}
    table = pd.DataFrame({**good, "date": ["2024-01-02"] * 4}, index=[*"wxyz"])
    table[name] = [good[name], {"ticker": " "}.get(name, "perhaps"), good[name], " "]
    with pytest.raises(EventsError, match="x"):
        check_events(table)


def test_what_was_learnt_is_what_the_table_says() -> None:
    tickers, days = drawn()
    sessions = np.random.default_rng(4).choice(["bmo", "amc", "intraday", ""], len(days))
    known = checked(pd.DataFrame({"ticker": tickers, "date": days, "session": sessions}))
    again = Checked.of(known.table)
    assert known.tickers.names[known.tickers.firm].tolist() == tickers
    assert again.tickers.names[again.tickers.firm].tolist() == tickers
    late = [day + dt.timedelta(days=s == "amc") for day, s in zip(days, sessions, strict=True)]
    assert known.effective.tolist() == again.effective.tolist() == late
    assert effective_days(known.table).tolist() == late


# ── on a panel ───────────────────────────────────────────────────────────────────────────
SESSIONS = pd.bdate_range("2024-01-03", periods=25)
WINDOWS = es.EventStudy(estimation=(-9, -2), window=(-1, 1)).windows


def panel() -> es.Panel:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(0, 0.01, (25, 4)), SESSIONS, ["IREN", "HUT", "x|y", "SPY"])
    return es.Panel.from_returns(frame, market="SPY")


def said_of(event: tuple[str, dt.date], taken: dict[Any, str], name: str, keep: bool) -> str:
    """What `place` says of one event, worked out alone."""
    sessions = [day.date() for day in SESSIONS]
    ticker, day = event
    if ticker not in panel().tickers:
        return f"no prices for {ticker}"
    if day < sessions[0]:
        return f"the data begin on {sessions[0]}, after {day}"
    if day > sessions[-1]:
        return f"the data end on {sessions[-1]}, before {day}"
    row = next(k for k, session in enumerate(sessions) if session >= day)
    if row + 1 >= len(sessions):
        return f"the data end on {sessions[-1]}, inside {Window(-1, 1)} around {sessions[row]}"
    if row < 1:
        return f"the data begin on {sessions[0]}, inside {Window(-1, 1)} around {sessions[row]}"
    first = taken.setdefault((ticker, row), name)
    return "" if first == name or keep else f"same ticker and day 0 as {first}"


@pytest.mark.parametrize("duplicates", ["first", "keep"])
@pytest.mark.parametrize("form", ["table", "checked"])
def test_every_event_is_placed_or_told_as_if_alone(form: str, duplicates: str) -> None:
    tickers, days = drawn()
    known = checked(pd.DataFrame({"ticker": tickers, "date": days}))
    timing = Timing(duplicates=duplicates)
    placed = place(known if form == "checked" else known.table, panel(), WINDOWS, timing)
    taken: dict[Any, str] = {}
    keep = duplicates == "keep"
    told = [
        said_of(event, taken, name, keep)
        for event, name in zip(zip(tickers, days, strict=True), known.table.index, strict=True)
    ]
    lost = ledger(known.table, placed)
    assert lost["detail"].tolist() == [text for text in told if text]
    assert lost.index.tolist() == [
        name for name, text in zip(known.table.index, told, strict=True) if text
    ]
    assert placed.placement.event.tolist() == [k for k, text in enumerate(told) if not text]
    assert lost["reason"].dtype == lost["session"].dtype == known.table["session"].dtype


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        (["HUT", "GONE", "SPY", "HUT"], [1, -1, 3, 1]),
        (pd.Series(["HUT", None, "IREN"]), [1, -1, 0]),
        (pd.Series(["HUT", None], dtype="category"), [1, -1]),
        (pd.Index(["SPY", "spy"]), [3, -1]),
        (np.array(["HUT", np.nan, 7], dtype=object), [1, -1, -1]),
        ([], []),
    ],
)
def test_rows_of_tickers(asked: Any, rows: list[int]) -> None:
    assert panel().firm_codes(asked).tolist() == rows


@pytest.mark.parametrize("kind", ["int64", "int32", "Int64", "category"])
def test_rows_of_numbers(kind: str) -> None:
    frame = pd.DataFrame({10107: [0.01, 0.02], 14593: [0.0, 0.01]}, SESSIONS[:2])
    asked = pd.Series([14593, 10107, 5]).astype(kind)  # type: ignore[call-overload]  # any dtype
    found: npt.NDArray[np.int64] = es.Panel.from_returns(frame).firm_codes(asked)
    assert found.tolist() == [1, 0, -1]
