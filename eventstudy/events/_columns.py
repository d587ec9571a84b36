"""Ticker, session, scheduled and event_id: each column read, or refused with its row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import BoolArray, DateArray, IntArray

TextArray: TypeAlias = "np.ndarray[Any, np.dtype[np.object_]]"

#: when the news came, seen from the exchange; ``unknown`` counts as the day itself
SESSIONS = ("before_open", "intraday", "after_close", "unknown")
#: the columns whose text is read here, never by a file reader
READ_AS_TEXT = ("event_id", "ticker", "date", "session", "scheduled")

_SESSION_OF = {name: name for name in SESSIONS} | {
    "bmo": "before_open",
    "amc": "after_close",
    "": "unknown",
}
_TRUTH = dict.fromkeys(("true", "t", "yes", "y", "1"), True) | dict.fromkeys(
    ("false", "f", "no", "n", "0", ""), False
)


def distinct(column: pd.Series) -> tuple[IntArray, TextArray]:
    """Give the distinct values as stripped text, and which of them stands in each row.

    The last text is empty and stands for missing values: their code is −1. Events share
    tickers, dates and sessions, so that reading each distinct value once is also quick.
    """
    if pd.api.types.is_float_dtype(column.dtype):
        given = column.dropna()
        if bool(((given % 1 == 0) & (given.abs() < 2**53)).all()):
            column = column.astype("Int64")  # 10107.0 is the number 10107
    codes, values = pd.factorize(column)
    texts = pd.Series(np.asarray(values, dtype=object), dtype=object).astype(str).str.strip()
    return codes.astype(np.int64), np.append(texts.to_numpy(dtype=object), "")


def ticker_names(events: pd.DataFrame, rows: pd.Index, *, named: bool) -> pd.Series:
    column = events["ticker"]
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind not in ("string", "integer", "floating", "mixed-integer", "categorical", "empty"):
        raise errors.ticker_not_text(kind)
    codes, texts = distinct(column)
    missing: BoolArray = (texts == "")[codes]
    if named and missing.any():
        if "tickers" in events:
            sector = events["tickers"].astype(str).str.match("SECTOR|MARKET").to_numpy(bool)
            if (missing & sector).any():
                raise errors.ticker_of_sector_news(rows[missing & sector])
        raise errors.ticker_missing(rows[missing])
    return pd.Series(texts).astype(str).take(codes).reset_index(drop=True).mask(missing)


def session_names(events: pd.DataFrame, rows: pd.Index) -> TextArray:
    if "session" not in events:
        return np.full(len(rows), "unknown", dtype=object)
    codes, texts = distinct(events["session"])
    tidy = pd.Series(texts, dtype=object).str.lower().str.replace(r"[ -]+", "_", regex=True)
    read = tidy.map(_SESSION_OF)
    refuse_first(read.isna().to_numpy(bool), codes, texts, rows, errors.session_unknown)
    return read.to_numpy(dtype=object)[codes]


def scheduled_flags(events: pd.DataFrame, rows: pd.Index) -> BoolArray:
    if "scheduled" not in events:
        return np.zeros(len(rows), dtype=bool)
    codes, texts = distinct(events["scheduled"])
    read = pd.Series(texts, dtype=object).str.lower().map(_TRUTH)
    refuse_first(read.isna().to_numpy(bool), codes, texts, rows, errors.scheduled_unreadable)
    return read.to_numpy(dtype=bool)[codes]


def refuse_first(
    bad: BoolArray,
    codes: IntArray,
    texts: TextArray,
    rows: pd.Index,
    sentence: Callable[[str, object], Exception],
) -> None:
    """Refuse the first row whose text is bad, if there is one."""
    wrong: BoolArray = bad[codes]
    if wrong.any():
        first = int(wrong.argmax())
        raise sentence(texts[codes[first]], rows[first])


def _made_ids(tickers: pd.Series, days: DateArray) -> pd.Index:
    """``TICKER|YYYY-MM-DD|k``: counted on codes, since text is slow to compare."""
    firm, _ = pd.factorize(tickers)
    date, dates = pd.factorize(days)
    pair = pd.Series(firm * np.int64(len(dates)) + date)
    number = pair.groupby(pair).cumcount().to_numpy() + 1
    dated = pd.Series("|" + pd.Series(dates.astype(str)) + "|").take(date)
    counted = pd.Series(np.arange(number.max() + 1)).astype(str).take(number)
    text = [part.reset_index(drop=True) for part in (tickers, dated, counted)]
    return pd.Index(text[0] + text[1] + text[2])


def event_ids(rows: pd.Index, tickers: pd.Series, days: DateArray) -> pd.Index:
    counted = isinstance(rows, pd.RangeIndex) and rows.start == 0 and rows.step == 1
    if counted and rows.name != "event_id":
        rows = _made_ids(tickers.fillna("SECTOR").astype(str), days)
    if rows.hasnans:
        raise errors.event_id_missing(np.flatnonzero(rows.isna()))
    if not rows.is_unique:
        raise errors.event_id_repeated(rows[rows.duplicated()].unique())
    return rows.rename("event_id")
