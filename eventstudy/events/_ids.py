"""The names of events: those given are taken if each is one event's own; else they are made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import DateArray, IntArray
from eventstudy.events._columns import Tickers, written

#: stands in the place of a ticker that is not there
_NOBODY = "SECTOR"


def event_ids(rows: pd.Index, tickers: Tickers, days: DateArray) -> pd.Index:
    """Index ``event_id``: the rows, unless they are a plain count from 0."""
    counted = isinstance(rows, pd.RangeIndex) and rows.start == 0 and rows.step == 1
    if counted and rows.name != "event_id":
        return _made(tickers, days)
    if rows.hasnans:
        raise errors.event_id_missing(np.flatnonzero(rows.isna()))
    if not _unique(rows):
        twice = rows[rows.duplicated()].unique()
        named = rows.name == "event_id"
        raise (errors.event_id_repeated if named else errors.events_index_repeated)(twice)
    return rows.rename("event_id")


def _made(tickers: Tickers, days: DateArray) -> pd.Index:
    """``TICKER|YYYY-MM-DD|k``: counted on codes, since text is slow to compare.

    No two are equal: read from the end, each says its k, date and ticker.
    """
    text: Any = tickers.text
    firm = tickers.firm
    if (firm < 0).any():
        names = np.append(tickers.names, _NOBODY)
        firm = np.where(firm < 0, int(np.argmax(names == _NOBODY)), firm)
        text = written(names, firm)
    date, dates = distinct_days(days)
    number, _ = repeats(firm * np.int64(len(dates)) + date)
    said, counts = dates.astype(str).tolist(), range(1, int(number.max()) + 2)
    # joining text takes time, and so does making it: once, where few ends have to be made
    if len(counts) == 1 or 4 * len(said) * len(counts) <= len(firm):
        ends = [f"|{day}|{k}" for k in counts for day in said]
        text = text + written(ends, number * len(said) + date)
    else:
        text = text + written([f"|{day}|" for day in said], date)
        text = text + written(list(map(str, counts)), number)
    made: pd.Index = pd.Index(text, name="event_id")
    return made


def _unique(rows: pd.Index) -> bool:
    """Whether no two rows are equal; for text without the table that an index would build."""
    if isinstance(rows.dtype, pd.StringDtype):
        return len(rows.array.unique()) == len(rows)
    return rows.is_unique


def distinct_days(days: DateArray) -> tuple[IntArray, DateArray]:
    """Which of the distinct days each is, and those, in order; days lie in a few centuries."""
    first = days.min()
    offset = (days - first).astype(np.int64)
    there = np.zeros(int(offset.max()) + 1, dtype=bool)
    there[offset] = True
    return (np.cumsum(there) - 1)[offset], first + np.flatnonzero(there)


def repeats(key: IntArray) -> tuple[IntArray, IntArray]:
    """(N,) how many equal keys stand before each, and the position of the first of them.

    Keys are ≥ 0. Sorting them with their positions as their last bits is several times as
    quick as a stable sort or a table of hashes.
    """
    n = len(key)
    position = np.arange(n)
    bits = n.bit_length()
    if key.max(initial=0) < 1 << (63 - bits):
        packed = np.sort(key << bits | position)
        key = packed >> bits
        again = key[1:] == key[:-1]
        order = packed & ((1 << bits) - 1) if again.any() else position
    else:
        order = np.argsort(key, kind="stable")
        again = np.diff(key[order]) == 0
    if not again.any():
        return np.zeros(n, dtype=np.int64), position
    start = position.copy()
    start[1:][again] = 0
    start = np.maximum.accumulate(start)
    count, first = np.empty_like(position), np.empty_like(position)
    count[order], first[order] = position - start, order[start]
    return count, first
