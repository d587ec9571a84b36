"""Ticker, session, scheduled and event_id: each column read, or refused with its row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import BoolArray, IntArray

TextArray: TypeAlias = "np.ndarray[Any, np.dtype[np.object_]]"
#: text as pandas stores it, which depends on its version and on whether PyArrow is there
TextColumn: TypeAlias = "pd.api.extensions.ExtensionArray"

#: when the news came, seen from the exchange; ``unknown`` counts as the day itself
SESSIONS = ("before_open", "intraday", "after_close", "unknown")
#: the columns whose text is read here, never by a file reader
READ_AS_TEXT = ("event_id", "ticker", "date", "session", "scheduled")

#: their positions there: a session is carried as a number until it is written down
BEFORE_OPEN, INTRADAY, AFTER_CLOSE, UNKNOWN = range(4)

_SESSION_OF = {name: code for code, name in enumerate(SESSIONS)} | {
    "bmo": BEFORE_OPEN,
    "amc": AFTER_CLOSE,
    "": UNKNOWN,
}
_TRUTH = dict.fromkeys(("true", "t", "yes", "y", "1"), True) | dict.fromkeys(
    ("false", "f", "no", "n", "0", ""), False
)


def distinct(column: pd.Series) -> tuple[IntArray, TextArray]:
    """Give the distinct values as stripped text, and which of them stands in each row.

    The last text is empty and stands for missing values: their code is −1. Events share
    tickers, dates and sessions, so that reading each distinct value once is also quick.
    """
    codes, values = _distinct_values(column)
    return codes, _stripped(values)


def _distinct_values(column: pd.Series) -> tuple[IntArray, TextArray]:
    if pd.api.types.is_float_dtype(column.dtype):
        given = column.dropna()
        if bool(((given % 1 == 0) & (given.abs() < 2**53)).all()):
            column = column.astype("Int64")  # 10107.0 is the number 10107
    codes, values = pd.factorize(column.array)
    return codes.astype(np.int64, copy=False), np.asarray(values, dtype=object)


def _stripped(values: TextArray) -> TextArray:
    try:
        texts = list(map(str.strip, values))
    except TypeError:  # not all of them are text
        texts = pd.Series(values, dtype=object).astype(str).str.strip().tolist()
    return np.array([*texts, ""], dtype=object)


def written(texts: Sequence[str] | TextArray, codes: IntArray) -> TextColumn:
    """A column of text as pandas stores it: the text of each code, missing where that is −1."""
    return pd.Series(texts, dtype=str).array.take(codes, allow_fill=bool((codes < 0).any()))


@dataclass(frozen=True)
class Tickers:
    """The tickers of E events."""

    text: TextColumn
    #: (E,) which of the distinct names each is, −1 where there is none, and the names
    firm: IntArray
    names: TextArray

    @classmethod
    def of(cls, column: pd.Series) -> Tickers:
        """Read a column of text, numbers or categories."""
        codes, values = _distinct_values(column)
        texts = _stripped(values)
        names = texts[:-1]
        tidy = column.dtype == "str" and codes.min() >= 0 and "" not in names
        if tidy and (names == values).all():
            return cls(column.array.copy(), codes, names)  # written as it would be
        same, names = pd.factorize(texts)  # " HUT" is HUT
        same[texts == ""] = -1
        firm = same[codes]
        return cls(written(names, firm), firm, names)


def tickers_of(events: pd.DataFrame, rows: pd.Index, *, named: bool) -> Tickers:
    """The tickers, or the sentence that says which rows have none."""
    column = events["ticker"]
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind not in ("string", "integer", "floating", "mixed-integer", "categorical", "empty"):
        raise errors.ticker_not_text(kind)
    tickers = Tickers.of(column)
    missing: BoolArray = tickers.firm < 0
    if named and missing.any():
        if "tickers" in events:
            sector = events["tickers"].astype(str).str.match("SECTOR|MARKET").to_numpy(bool)
            if (missing & sector).any():
                raise errors.ticker_of_sector_news(rows[missing & sector])
        raise errors.ticker_missing(rows[missing])
    return tickers


def session_codes(events: pd.DataFrame, rows: pd.Index) -> IntArray:
    """(E,) position of each session in `SESSIONS`."""
    if "session" not in events:
        return np.full(len(rows), UNKNOWN, dtype=np.int64)
    codes, texts = distinct(events["session"])
    tidy = pd.Series(texts, dtype=object).str.lower().str.replace(r"[ -]+", "_", regex=True)
    read = tidy.map(_SESSION_OF)
    refuse_first(read.isna().to_numpy(bool), codes, texts, rows, errors.session_unknown)
    return np.asarray(read, dtype=np.int64)[codes]


def scheduled_flags(events: pd.DataFrame, rows: pd.Index) -> BoolArray:
    if "scheduled" not in events:
        return np.zeros(len(rows), dtype=bool)
    column = events["scheduled"]
    if column.dtype == bool:
        return column.to_numpy(copy=True)
    codes, texts = distinct(column)
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
    if not bad.any():
        return
    wrong: BoolArray = bad[codes]
    if wrong.any():
        first = int(wrong.argmax())
        raise sentence(texts[codes[first]], rows[first])
