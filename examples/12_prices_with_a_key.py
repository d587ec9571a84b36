"""Prices from a service that wants a key
======================================

How is a loader written for a service that wants a key, so that nobody else sees the key?

The service, prices.example, is made up: put your own in its place. The key comes from the
environment and goes into the request, and nowhere else: not into a log, an error, a repr, or
the files of the cache. In a shell::

    PRICES_KEY=... python examples/12_prices_with_a_key.py --cache prices
"""

import argparse
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from common import say

import eventstudy as es
from eventstudy.errors import LoaderError
from eventstudy.loaders import Key, https_get

VARIABLE = "PRICES_KEY"
HOST = "prices.example"
HOW = (
    f"How to use it: this service is made up. Write the address of yours where {HOST} stands, read "
    f"its answers in `closes`, and start the script with the key in the environment, as in "
    f"{VARIABLE}=... python examples/12_prices_with_a_key.py"
)


# %%
# The loader: one request a ticker, and a report of what could not be had.
@dataclass(frozen=True)
class KeyedPrices:
    """A loader: adjusted closes, one request a ticker."""

    key: Key
    #: seconds of silence after which a request is given up
    timeout: float = 20.0

    def __call__(self, tickers: Iterable[str], start: object, end: object) -> pd.DataFrame:
        """Sessions × tickers; what could not be had is told by ticker in ``attrs["report"]``."""
        columns, report, failed = {}, {}, None
        fetched = datetime.now(UTC).isoformat(timespec="seconds")
        for ticker in tickers:
            try:
                columns[ticker] = self.closes(ticker, f"{start}", f"{end}")
                rows = len(columns[ticker])
                report[ticker] = {"status": "ok" if rows else "no_data", "rows": rows}
            except LoaderError as why:
                failed = why
                columns[ticker] = pd.Series(dtype=float)
                report[ticker] = {"status": why.status, "rows": 0, "detail": str(why)}
        prices = pd.DataFrame(columns)
        if failed is not None and prices.empty:
            raise failed
        prices.attrs = {"source": HOST, "fetched": fetched, "report": report}
        return prices

    def closes(self, ticker: str, start: str, end: str) -> pd.Series:
        """Ask for one ticker: the name as a parameter, never pasted into an address."""
        page = https_get(
            f"https://{HOST}/v1/daily",
            headers={"Authorization": self.key.within("Bearer {}")},  # or params={"key": self.key}
            params={"symbol": ticker, "from": start, "to": end},
            timeout=self.timeout,
        )
        try:
            closes = {row["date"]: row["close"] for row in page.json()["rows"]}
            return pd.Series(list(closes.values()), pd.DatetimeIndex(list(closes)), dtype=float)
        except (KeyError, TypeError, ValueError) as why:
            if isinstance(why, LoaderError):
                raise
        raise LoaderError(f"{HOST} answered {ticker} with another layout.", "bad_answer")


# %%
# A study that asks it.
def study(loader: Callable[..., pd.DataFrame]) -> str:
    """Two miners on the day of their deals, in a sentence."""
    events = es.events_on("2025-11-03", ["IREN", "CIFR"], session="before_open")
    plan = es.EventStudy(estimation=(-120, -11), window=(-1, 1))
    return plan.run(events, plan.load(events, loader, market="SPY")).sentence((0, 0))


def main() -> None:
    parser = argparse.ArgumentParser(description="Prices from a service that wants a key.")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep the prices in this folder")
    given = parser.parse_args()
    try:
        prices = KeyedPrices(Key.from_env(VARIABLE))
        say(study(es.loaders.cached(prices, given.cache) if given.cache else prices))
    except LoaderError as why:
        say(str(why))
        say(HOW)


# %%
# What it says without a key.
if __name__ == "__main__":
    main()
