"""A market in memory for the tests of the cache: it keeps the contract and counts its calls.

Prices follow from the ticker and the day. A session is open until 21:00 UTC and its price moves
until then; a dividend adjusts all days before it, from the moment its session opens.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.errors import LoaderError
from eventstudy.loaders._request import answer, as_request, match

DAYS = pd.DatetimeIndex(pd.bdate_range("2024-01-01", "2026-12-31").to_numpy())
SCALE = {"adj_close": 1.0, "close": 1.0, "open": 0.99, "volume": 1e6}


@cache
def _level(ticker: str) -> NDArray[np.float64]:
    rng = np.random.default_rng(zlib.crc32(ascii(ticker).encode()))
    return 50 * np.exp(np.cumsum(rng.normal(0, 0.02, len(DAYS))))


@dataclass
class Clock:
    """What time it is, UTC."""

    now: datetime = datetime(2026, 7, 1, 12, tzinfo=UTC)

    def at(self, text: str) -> None:
        self.now = datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass
class Market:
    """A loader; `statuses` says of which tickers it fails and how."""

    clock: Clock
    tickers: tuple[str, ...] = ("AAA", "BBB", "OLD", "NEW", "THIN")
    listed: dict[str, tuple[str, str]] = field(
        default_factory=lambda: {"OLD": ("2024-01-01", "2025-02-14"), "NEW": ("2025-03-03", "2099")}
    )
    dividends: dict[str, str] = field(default_factory=dict)  # ticker → day
    statuses: dict[str, str] = field(default_factory=dict)
    source: str = "memory 1.0"
    options: dict[str, Any] = field(default_factory=lambda: {"adjusted": "dividends"})
    noise: float = 0.0
    calls: list[tuple[tuple[str, ...], str, str, tuple[str, ...]]] = field(default_factory=list)

    def __call__(
        self,
        tickers: str | Iterable[str],
        start: object,
        end: object,
        fields: str | Iterable[str] = ("adj_close",),
    ) -> pd.DataFrame:
        ask = as_request(tickers, start, end, fields)
        self.calls.append((ask.tickers, f"{ask.start:%Y-%m-%d}", f"{ask.end:%Y-%m-%d}", ask.fields))
        spelled = match([t for t in ask.tickers if t not in self.statuses], self.tickers)
        known = list(spelled.values())
        tables = {
            name: pd.DataFrame({t: self.series(t, name) for t in known}, DAYS)
            for name in ask.fields
        }
        failed = {t: self.statuses[t] for t in ask.tickers if t in self.statuses}
        told: dict[str, dict[str, object]] = {
            t: {"status": why, "detail": f"{why} it was"} for t, why in failed.items()
        }
        told |= {t: {"dividends": int(t in self.dividends)} for t in spelled}
        attrs = {"options": self.options, "fetched": f"{self.clock.now:%Y-%m-%dT%H:%M:%SZ}"}
        try:
            return answer(ask, tables, self.source, attrs, told)
        except LoaderError as nothing:
            nothing.report = {t: told.get(t, {"status": "not_found"}) for t in ask.tickers}
            raise

    def series(self, ticker: str, name: str) -> NDArray[np.float64]:
        level = _level(ticker)
        now = pd.Timestamp(self.clock.now).tz_localize(None)
        opened, closed = DAYS + pd.Timedelta(hours=14), DAYS + pd.Timedelta(hours=21)
        live = (opened <= now) & (now < closed)
        level = level * np.where(live, 1 + 0.001 * (now.hour + now.minute / 60), 1.0)
        if name == "adj_close" and ticker in self.dividends:
            paid = pd.Timestamp(self.dividends[ticker])
            if paid + pd.Timedelta(hours=14) <= now:
                level = level * np.where(paid > DAYS, 0.97, 1.0)
        first, last = self.listed.get(ticker, ("2024-01-01", "2099"))
        there = (opened <= now) & (pd.Timestamp(first) <= DAYS) & (pd.Timestamp(last) >= DAYS)
        if ticker == "THIN":
            there &= np.arange(len(DAYS)) % 9 == 0
        return np.where(there, level * SCALE[name] * (1 + self.noise), np.nan)
