"""What else was known near an event: other news of the firm, of the market, of other firms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.align import day_zero
from eventstudy.events import check_events
from eventstudy.result.findings import FLAGS
from eventstudy.windows import Window, is_whole

if TYPE_CHECKING:
    from eventstudy.result.result import Result

COLUMNS = ("ticker", "date", "day", "kind", "what")
#: columns of an events table that say what an event was, in this order
WORDS = ("category", "headline", "title")
#: the column of why an event was dropped from the study
LOST = "left out of the study"
FIRM, SECTOR, OTHERS, FLAG = "same firm", "market or sector", "other firms", "flag of the event"


def position(result: Result, event_id: object) -> int:
    """Where an event stands in the result; refuse one that is not there, and say why."""
    name = str(event_id)
    found = np.flatnonzero(result.events.index.astype(str) == name)
    if found.size:
        return int(found[0])
    lost = result.dropped[result.dropped.index.astype(str) == name]
    if len(lost):
        raise errors.event_was_dropped(event_id, lost["reason"].iloc[0], lost["detail"].iloc[0])
    raise errors.no_such_event(event_id, list(result.events.index))


def news_of(result: Result, news: pd.DataFrame | None) -> pd.DataFrame:
    """All news that is known: the table given, else all events of the result.

    Dropped events are among them: what could not be measured was news all the same.
    """
    if news is not None:
        return check_events(news, named=False)
    lost = result.dropped[["ticker", "date", "session", "reason"]]
    return pd.concat([result.events, lost.rename(columns={"reason": LOST})])


def confounds(
    result: Result, at: int, window: Window, news: pd.DataFrame | None, around: int
) -> pd.DataFrame:
    """Other news from ``around`` sessions before the window to as many after."""
    if not is_whole(around) or around < 0:
        raise errors.around_negative(around)
    event = result.events.iloc[at]
    table = news_of(result, news)
    row = day_zero(table, result.panel.sessions, result.study.timing)
    day = row - int(result.abnormal.row[at])
    near = (row >= 0) & (day >= window.first - around) & (day <= window.last + around)
    near &= ~_itself(result.events, at, table)
    table = table.assign(day=day)[near]
    own = (table["ticker"] == event["ticker"]).to_numpy(bool)
    named = table["ticker"].notna().to_numpy(bool)
    parts = [
        _rows(table[own], FIRM),
        _rows(table[~named], SECTOR),
        _others(table[named & ~own]),
        _flags(result.events.iloc[[at]]),
    ]
    found = pd.concat([part for part in parts if len(part)] or parts[:1])
    order = np.lexsort((found["day"], found["day"].abs()))
    return found.iloc[order].rename_axis("event_id")


def _itself(events: pd.DataFrame, at: int, table: pd.DataFrame) -> np.ndarray:
    """Which rows of a news table are the event: its id, or the news it was expanded from."""
    names = {str(events.index[at])}
    if "catalyst" in events and isinstance(text := events["catalyst"].iloc[at], str):
        names |= set(text.split("+"))
    return np.asarray(table.index.astype(str).isin(list(names)))


def _rows(table: pd.DataFrame, kind: str) -> pd.DataFrame:
    """One row an event."""
    made = pd.DataFrame(
        {
            "ticker": table["ticker"].astype(object).where(table["ticker"].notna(), ""),
            "date": table["date"],
            "day": table["day"].astype(np.int64),
            "kind": kind,
            "what": _words(table),
        },
        index=table.index,
    )
    return made[list(COLUMNS)].astype({"ticker": "str", "kind": "str", "what": "str"})


def _words(table: pd.DataFrame) -> list[str]:
    """What the columns of the table say about each event."""
    columns = [table[name].astype(object) for name in WORDS if name in table]
    rows = zip(*(c.where(c.notna(), "") for c in columns), strict=True)
    said = [": ".join(str(text) for text in row if str(text)) for row in rows]
    said = [text or "news" for text in said] if columns else ["news"] * len(table)
    if LOST not in table:
        return said
    why = [f" ({LOST}: {text})" if pd.notna(text) else "" for text in table[LOST].tolist()]
    return [text + more for text, more in zip(said, why, strict=True)]


def _others(table: pd.DataFrame) -> pd.DataFrame:
    """One row a day: many firms with news on a day are one shock to a sector."""
    rows = []
    for _, group in table.groupby("day", sort=False):
        names = group["ticker"].unique()
        row = _rows(group.iloc[:1], OTHERS)
        if len(names) > 1:
            row["what"] = f"news of {len(names)} firms: {errors.listed(names)}"
        rows.append(row)
    return pd.concat(rows) if rows else _rows(table, OTHERS)


def _flags(event: pd.DataFrame) -> pd.DataFrame:
    """What the columns of the event itself flag."""
    marked = [
        meaning
        for column, meaning in FLAGS.items()
        if column in event and pd.notna(flag := event[column].iloc[0]) and bool(flag)
    ]
    rows = event.iloc[[0] * len(marked)].assign(day=0)
    return _rows(rows, FLAG).assign(what=pd.array(marked, dtype="str"))
