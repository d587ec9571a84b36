"""`es.screen` against a comparison of every event with every piece of news, written plainly."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

import eventstudy as es
from eventstudy.events import exchange

FIRST = date(2025, 11, 20)  # Thanksgiving is the 27th
EXCHANGE = exchange("XNYS", pd.Timestamp(FIRST), pd.Timestamp("2025-12-31"))
Row = dict[str, Any]


@st.composite
def tables(draw: st.DrawFn, ids: list[str]) -> pd.DataFrame:
    """Some rows of news, with ids of their own among those given."""
    names = draw(st.lists(st.sampled_from(ids), min_size=1, max_size=7, unique=True))
    row = st.fixed_dictionaries(
        {
            "ticker": st.sampled_from(["A", "B", None]),
            "date": st.integers(0, 16).map(lambda k: str(FIRST + timedelta(k))),
            "session": st.sampled_from(["unknown", "before_open", "intraday", "after_close"]),
            "catalyst": st.sampled_from([None, "x", "y", "n1", "x+y", "y+x", "x+x", "n2+x"]),
        }
    )
    rows = draw(st.lists(row, min_size=len(names), max_size=len(names)))
    for later in rows[1:]:  # often the same news for another firm
        if draw(st.booleans()):
            same = draw(st.sampled_from([("date", "catalyst"), ("date", "catalyst", "session")]))
            later.update({name: rows[0][name] for name in same})
    frame = pd.DataFrame(rows).assign(event_id=names)
    return frame if draw(st.booleans()) else frame.drop(columns="catalyst")


def all_sessions(given_: Any) -> list[date]:
    """Every session of three years: those given, weekdays before and after them."""
    around = [date(2025, 1, 1) + timedelta(k) for k in range(3 * 365)]
    weekdays = [day for day in around if day.weekday() < 5]
    if given_ is None:
        return weekdays
    known = EXCHANGE.sessions if isinstance(given_, str) else given_
    days = sorted({day.date() for day in pd.DatetimeIndex(known)})
    before = [day for day in weekdays if day < days[0]]
    return [*before, *days, *(day for day in weekdays if day > days[-1])]


def number(row: Row, sessions: list[date]) -> int:
    known = date.fromisoformat(row["date"]) + timedelta(row["session"] == "after_close")
    return next(k for k, session in enumerate(sessions) if session >= known)


def parts(row: Row) -> set[str]:
    text = row.get("catalyst")
    return set(text.split("+")) if isinstance(text, str) else set()


def pieces(rows: list[Row], who: str) -> list[list[Row]]:
    """News that was given to many firms is one piece where all firms' news counts."""
    found: dict[object, list[Row]] = {}
    for k, row in enumerate(rows):
        one = who == "all" and isinstance(row.get("catalyst"), str)
        key = (row["catalyst"], row["date"], row["session"]) if one else k
        found.setdefault(key, []).append(row)
    return list(found.values())


def expected(
    events: list[Row], news: list[Row], within: tuple[int, int], who: str, sessions: object
) -> list[int]:
    days = all_sessions(sessions)
    counts = []
    for event in events:
        day, count = number(event, days), 0
        for rows in pieces(news, who):
            apart = number(rows[0], days) - day
            ticker = rows[0]["ticker"]
            concerns = who == "all" or ticker is None or ticker == event["ticker"]
            whole = parts(rows[0]) and parts(rows[0]) <= parts(event) and apart == 0
            same = whole and (who == "all" or ticker == event["ticker"])
            ids = {row["event_id"] for row in rows}
            same = same or bool(ids & {event["event_id"], *parts(event)})
            count += within[0] <= apart <= within[1] and concerns and not same
        counts.append(count)
    return counts


def counted(text: str) -> int:
    more = int(text.split(" and ")[1].split(maxsplit=1)[0]) if " and " in text else 0
    return text.count("(day ") + more


def rows_of(table: pd.DataFrame) -> list[Row]:
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in table.to_dict("records")
    ]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_screen_counts_what_a_plain_loop_counts(data: st.DataObject) -> None:
    events = data.draw(tables([f"e{k}" for k in range(8)]), label="events")
    ids = [*(f"n{k}" for k in range(8)), "e0", "e1", "e2"]
    against = data.draw(st.one_of(st.none(), tables(ids)), label="against")
    first = data.draw(st.integers(-4, 3), label="first")
    within = (first, data.draw(st.integers(first, 4), label="last"))
    who = data.draw(st.sampled_from(["own", "all"]), label="who")
    some = st.lists(st.integers(2, 14), min_size=1, max_size=15, unique=True)
    sessions: Any = data.draw(
        st.one_of(
            st.none(),
            st.just("XNYS"),
            some.map(lambda days: [pd.Timestamp(FIRST + timedelta(k)) for k in days]),
        ),
        label="sessions",
    )
    found = es.screen(events, against, within, who=who, sessions=sessions)
    news = events if against is None else against
    counts = [counted(text) for text in found["confounded_by"]]
    assert counts == expected(rows_of(events), rows_of(news), within, who, sessions)
    assert found["confounded"].tolist() == (found["confounded_by"] != "").tolist()
