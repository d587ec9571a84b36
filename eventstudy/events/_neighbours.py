"""Which other news lies near each event: pairs found by sorting, never by comparing all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from eventstudy.arrays import BoolArray, IntArray
from eventstudy.events._counting import as_sessions, effective_days, session_numbers
from eventstudy.windows import Window

#: pairs: positions of events and, as many, positions of rows of the news
Pairs: TypeAlias = tuple[IntArray, IntArray]


@dataclass(frozen=True)
class Places:
    """Groups and sessions of E events and R pieces of news.

    A group is a firm; 0 holds the news about all. An event is asked for in its firm's group
    and in group 0.
    """

    group: IntArray
    news_group: IntArray
    day: IntArray
    news_day: IntArray

    def concern(self, pairs: Pairs, window: Window) -> BoolArray:
        """Whether the news of each pair is about the firm, or all, and lies in the window."""
        event, row = pairs
        apart, group = self.news_day[row] - self.day[event], self.news_group[row]
        whose = (group == 0) | (group == self.group[event])
        return np.asarray(whose & (apart >= window.first) & (apart <= window.last))


def places_of(table: pd.DataFrame, news: pd.DataFrame, sessions: object, *, every: bool) -> Places:
    """Find group and session of all rows; with ``every`` all news is about all."""
    firm, _ = pd.factorize(pd.concat([table["ticker"], news["ticker"]]))
    days = np.concatenate([effective_days(table), effective_days(news)])
    number, n = session_numbers(days, as_sessions(sessions, days)), len(table)
    group = np.zeros(len(firm), dtype=np.int64) if every else firm.astype(np.int64) + 1
    return Places(group[:n], group[n:], number[:n], number[n:])


def nearest(places: Places, window: Window, most: IntArray) -> tuple[IntArray, Pairs]:
    """(E,) how many rows lie in the window, and pairs of each event with its nearest rows.

    Rows lie sorted by group and session, so a window is a stretch of them, and up to ``most``
    on either side of its day nearest to the event are the nearest.
    """
    firm = np.flatnonzero(places.group)
    event = np.concatenate([np.arange(len(places.day)), firm])
    group = np.concatenate([np.zeros_like(places.group), places.group[firm]])
    low = min(places.day.min() + min(window.first, 0), places.news_day.min())
    high = max(places.day.max() + max(window.last, 0), places.news_day.max())
    span = np.int64(high - low + 2)
    key = places.news_group * span + places.news_day - low
    order = np.argsort(key, kind="stable")
    key, at = key[order], group * span + places.day[event] - low
    first = np.searchsorted(key, at + window.first, side="left")
    last = np.searchsorted(key, at + window.last, side="right")
    middle = np.searchsorted(key, at + min(max(0, window.first), window.last), side="left")
    start, stop = np.maximum(first, middle - most[event]), np.minimum(last, middle + most[event])
    length = stop - start
    before = np.cumsum(length) - length
    row = np.arange(length.sum()) + np.repeat(start - before, length)
    count = np.bincount(event, last - first, len(places.day)).astype(np.int64)
    return count, (np.repeat(event, length), order[row])


def same_news(
    table: pd.DataFrame, news: pd.DataFrame, places: Places, piece: pd.Series[int]
) -> Pairs:
    """Pairs of an event and itself: the same id, or the same news given to a firm.

    ``piece`` says by id which row of the news it is: many, where one was given to many firms.

    A row is the event if the event has its id, as its own or among those it was expanded
    from; or if on the same session it was expanded from nothing else than the event was.
    """
    ids = pd.Series(table.index.astype(str))
    parts, theirs = _parts(table), _parts(news)
    known = pd.concat([ids[~_only_firm_and_day(table, news)], parts])
    row = piece.set_axis(piece.index.astype(str)).reindex(known, fill_value=-1).to_numpy()
    found = [np.stack([known.index.to_numpy(), row])[:, row >= 0]]
    if len(parts) and len(theirs):
        one = _placed(parts.rename_axis("event"), places.group, places.day)
        other = _placed(theirs.rename_axis("row"), places.news_group, places.news_day)
        both = one.merge(other, on=["name", "group", "day"])
        hits = both.groupby(["event", "row"], as_index=False).size()
        whole = hits["size"].to_numpy() == hits["row"].map(theirs.index.value_counts()).to_numpy()
        found.append(hits.loc[whole, ["event", "row"]].to_numpy().T)
    event, row = np.unique(np.concatenate(found, axis=1).astype(np.int64), axis=1)
    return event, row


def _parts(table: pd.DataFrame) -> pd.Series:
    """Position → id of each piece of news that an event was expanded from."""
    if "catalyst" not in table:
        return pd.Series(dtype="str")
    given = table["catalyst"].reset_index(drop=True).dropna().astype(str)
    parts = given.str.split("+").map(dict.fromkeys).map(list)
    return parts.explode()


def _placed(parts: pd.Series, group: IntArray, day: IntArray) -> pd.DataFrame:
    at = parts.index.to_numpy()
    return parts.rename("name").reset_index().assign(group=group[at], day=day[at])


def _only_firm_and_day(table: pd.DataFrame, news: pd.DataFrame) -> BoolArray:
    """(E,) whether an id was made of ticker and date, and so may be that of other news.

    Where the news holds all events that have such ids, it was made from them, and is the same.
    """
    written = table["ticker"].astype(str) + "|" + table["date"].dt.strftime("%Y-%m-%d") + "|"
    made = np.asarray(table.index.astype(str).str.replace(r"\d+$", "", regex=True) == written)
    mine, columns = table.index[made], ["ticker", "date", "session", "scheduled"]
    if not mine.isin(news.index).all():
        return made
    here, there = (rows.loc[mine, columns].reset_index(drop=True) for rows in (table, news))
    return made & (not here.equals(there))
