"""One ticker's history as yfinance gives it, made into a table of ours, with what is to be told.

Nothing is filled in and nothing corrected: what cannot be a price is missing, and said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from eventstudy.web._yahoo import Ticker

#: our name of a field → yfinance's; Yahoo has adjusted all of them for splits
COLUMNS = {
    "adj_close": "Adj Close",
    "open": "Open",
    "high": "High",
    "low": "Low",
    "close": "Close",
    "volume": "Volume",
}
#: the session that Yahoo calls current: its start and end, where they are known
Period: TypeAlias = Mapping[str, pd.Timestamp | None]
PRICES = [name for name in COLUMNS if name != "volume"]


@dataclass(frozen=True)
class Bars:
    """Dates × fields of one ticker; ``told`` goes into the report."""

    table: pd.DataFrame
    told: dict[str, object]


def fetch(ticker: Ticker, start: pd.Timestamp, end: pd.Timestamp) -> tuple[pd.DataFrame, Period]:
    """Ask yfinance for the days and what it says about them.

    The exchange's midnight may be any within a day of UTC's (or not exist at all, on a day when
    the clocks change): a day more is asked at both ends, and cut off by date afterwards.
    """
    raw = ticker.history(
        start=(start - pd.Timedelta(days=1)).tz_localize("UTC"),
        end=(end + pd.Timedelta(days=2)).tz_localize("UTC"),
        interval="1d",
        prepost=False,
        actions=True,
        auto_adjust=False,
        back_adjust=False,
        repair=False,
        keepna=True,
        rounding=False,
        timeout=None,  # the connection has its own
    )
    return raw, _period(ticker, raw)


def _period(ticker: Ticker, raw: pd.DataFrame) -> Period:
    """Read the current session out of what came with the prices.

    Up to 1.6 the public way asks Yahoo once more, and where that fails the prices are lost.
    """
    history = getattr(ticker, "_price_history", None)
    known = getattr(history, "_history_metadata", None) or {}
    session = (known.get("currentTradingPeriod") or {}).get("regular") or {}
    zone = getattr(raw.index, "tz", None)
    return {name: _moment(session.get(name), zone) for name in ("start", "end")}


def _moment(given: object, zone: tzinfo | None) -> pd.Timestamp | None:
    """A moment at an exchange, which some versions give as seconds since 1970."""
    if isinstance(given, int):
        return pd.Timestamp(given, unit="s", tz="UTC").tz_convert(zone)
    return given if isinstance(given, pd.Timestamp) else None


def bars_of(
    raw: pd.DataFrame, period: Period, start: pd.Timestamp, end: pd.Timestamp
) -> Bars | None:
    """Check and name what came; None if a table of daily prices it is not."""
    if not isinstance(raw.index, pd.DatetimeIndex) or not {*COLUMNS.values()} <= {*raw.columns}:
        return None
    days = raw.index.tz_localize(None).normalize().as_unit("ns")
    if not (days.is_unique and days.is_monotonic_increasing):
        return None
    raw = raw.set_axis(days).loc[start:end]
    table = raw[list(COLUMNS.values())].set_axis(list(COLUMNS), axis=1).astype(float)
    wrong = _wrong(table)
    empty = table[PRICES].isna().all(axis=1)
    table = table.mask(wrong)
    table.loc[empty, "volume"] = np.nan  # a null that yfinance made 0
    detail = [
        _said(empty.to_numpy(), table.index, "without a price from Yahoo"),
        _said(wrong.any(axis=1).to_numpy(), table.index, "with a price or volume that cannot be"),
    ]
    told: dict[str, object] = {
        "splits": _number(raw, "Stock Splits"),
        "dividends": _number(raw, "Dividends"),
    }
    if any(detail):
        told["detail"] = "; ".join(filter(None, detail))
    if unfinished := _unfinished(table.dropna(how="all").index, period):
        told["not_final"] = unfinished
    return Bars(table, told)


def _wrong(table: pd.DataFrame) -> pd.DataFrame:
    """Where something came that is no price: zero, negative or infinite."""
    prices = (table[PRICES] <= 0) | np.isinf(table[PRICES])
    return prices.assign(volume=(table["volume"] < 0) | np.isinf(table["volume"]))[table.columns]


def _said(rows: np.ndarray[Any, Any], days: pd.Index, what: str) -> str:
    """``2 days without …, the first 2026-02-25``, or nothing."""
    n = int(rows.sum())
    return f"{n} day{'s' * (n > 1)} {what}, the first {days[rows][0].date()}" if n else ""


def _unfinished(days: pd.Index, period: Period) -> str:
    """Give the last day if it was still being traded when it was asked for."""
    start, end = period.get("start"), period.get("end")
    if not len(days) or start is None or end is None:
        return ""
    today = start.tz_localize(None).normalize()
    if days[-1] != today or pd.Timestamp.now("UTC") >= end:
        return ""
    return str(today.date())


def _number(raw: pd.DataFrame, column: str) -> int:
    """How many splits or dividends were seen."""
    return int((raw[column].fillna(0.0) != 0).sum()) if column in raw else 0
