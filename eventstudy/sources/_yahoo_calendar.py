"""One firm's pages of Yahoo's earnings calendar, read row by row as yfinance gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

#: rows on a page: yfinance asks for the smallest of these that holds what is wanted
SIZES = (25, 50, 100)
#: pages of one firm: with 100 rows, four a year, more than any firm has reported
MOST_PAGES = 20
NUMBERS = {
    "EPS Estimate": "eps_estimate",
    "Reported EPS": "eps_reported",
    "Surprise(%)": "surprise",
}


@dataclass(frozen=True)
class Wanted:
    """Which reports are wanted: so many, the latest first, between two days."""

    limit: int | None
    since: pd.Timestamp | None
    until: pd.Timestamp | None

    @property
    def size(self) -> int:
        """Rows of a page."""
        most = SIZES[-1] if self.limit is None else min(self.limit, SIZES[-1])
        return next(size for size in SIZES if size >= most)

    def reached(self, rows: pd.DataFrame) -> bool:
        """Whether nothing that is wanted can stand on a later page."""
        day = pd.to_datetime(rows["day"])
        if self.since is not None and (day < self.since - pd.Timedelta(days=1)).any():
            return True
        inside = day if self.until is None else day[day <= self.until]
        return self.limit is not None and inside.nunique() > self.limit

    def chosen(self, events: pd.DataFrame) -> pd.DataFrame:
        """The wanted ones of an events table."""
        keep = pd.Series(True, index=events.index)
        if self.since is not None:
            keep &= events["date"] >= self.since
        if self.until is not None:
            keep &= events["date"] <= self.until
        latest = events[keep].sort_values("date", ascending=False, kind="stable")
        if self.limit is not None:
            latest = latest.groupby("ticker", sort=False).head(self.limit)
        return events[events.index.isin(latest.index)]


class Ticker(Protocol):
    """What is used of yfinance's Ticker."""

    ticker: str

    def get_earnings_dates(self, limit: int, offset: int) -> pd.DataFrame | None: ...


class Pages:
    """What is asked of each ticker, and all rows that came, also before a page that failed."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self._rows: dict[str, list[pd.DataFrame]] = {}

    def __call__(self, ticker: Ticker) -> None:
        """Ask for page after page of one firm."""
        from yfinance.exceptions import YFEarningsDateMissing

        size = self.wanted.size
        rows = self._rows[ticker.ticker] = []
        for page in range(MOST_PAGES):
            offset = sum(map(len, rows))
            # yfinance keeps what it got by the limit, whatever the offset: another limit a page
            table = ticker.get_earnings_dates(limit=size - page, offset=offset)
            if table is None:
                raise YFEarningsDateMissing(ticker.ticker)
            found = _read(table)
            if rows and found.equals(rows[-1]):  # the offset counts for nothing
                return
            rows.append(found)
            if len(found) < size or self.wanted.reached(pd.concat(rows)):
                return

    def rows(self, symbol: str) -> pd.DataFrame:
        """All rows of a firm: day, announced, and the numbers; perhaps none."""
        tables = self._rows.get(symbol)
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _read(table: pd.DataFrame) -> pd.DataFrame:
    """Moments as text in the zone that came with them, and numbers; no time where it is midnight.

    Raises
    ------
    ValueError, KeyError, TypeError
        If the page is no longer what it was.
    """
    moments = pd.Series(table.index.map(lambda moment: moment.isoformat()), dtype=object)
    if (moments == "NaT").any():
        # a row without a date moves the dates of the rows below it to other rows
        raise ValueError("a row without a date")
    numbers = table.rename(columns=NUMBERS)[[*NUMBERS.values()]].astype(float)
    numbers["surprise"] /= 100.0
    if np.isinf(numbers.to_numpy()).any():
        raise ValueError("an infinite number")
    known = moments.str.slice(11, 16) != "00:00"
    texts = {"day": moments.str.slice(0, 10), "announced": moments.where(known)}
    return pd.DataFrame(texts).join(numbers.reset_index(drop=True))
