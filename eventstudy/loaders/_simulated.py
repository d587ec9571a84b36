"""The packaged sample as a loader: bars made of the simulated returns, and the truth in them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
import pandas as pd

from eventstudy.loaders import _planted
from eventstudy.loaders._request import answer, as_request
from eventstudy.loaders._simulation import (
    BITCOIN,
    END,
    ETF,
    ETF_SINCE,
    MARKET,
    SEED,
    START,
    TECH,
    Floats,
    base_returns,
    factors,
    stream,
)

FIRST_PRICE = {MARKET: 400.0, TECH: 290.0, ETF: 26.5, BITCOIN: 17_000.0}
SOURCE = f"simulated prices (seed {SEED})"


@cache
def listings() -> dict[str, str]:
    """Every ticker of the sample and the first day on which it has a price."""
    from eventstudy.universe import MINERS, OWN_SINCE

    own = {ticker: str(OWN_SINCE.get(ticker, START))[:10] for ticker in MINERS}
    since = own | {MARKET: START, TECH: START, ETF: ETF_SINCE, BITCOIN: START}
    return {ticker: max(START, day) for ticker, day in since.items()}


@cache
def planted() -> pd.DataFrame:
    """Place the planted shocks on the sample's sessions."""
    return _planted.plant(factors().sessions, listings())


@cache
def simulate(effects: bool) -> dict[str, pd.DataFrame]:
    """Field → table of calendar days × tickers; NaN where a ticker has no price."""
    index = pd.DatetimeIndex(factors().days, name="date").as_unit("ns")
    bars = {ticker: _bars(ticker, effects).reindex(index) for ticker in listings()}
    return {
        field: pd.DataFrame({ticker: table[field] for ticker, table in bars.items()})
        for field in bars[BITCOIN].columns
    }


def _bars(ticker: str, effects: bool) -> pd.DataFrame:
    """Open, high, low, close and volume from the day a ticker is listed."""
    base, f = base_returns(ticker), factors()
    days = f.days if ticker == BITCOIN else f.sessions
    total, gap = _added(ticker, len(days)) if effects else np.zeros((2, len(days)))
    rng = stream(f"{ticker} bars")
    sd = float(np.log1p(base).std())
    night = 0.0 if ticker == BITCOIN else 0.4  # a market that never closes has no gap
    # what is announced out of hours lies in the opening price
    opened = (1 + base + gap) / (1 + base)
    opened *= np.exp(night * (np.log1p(base) + 0.5 * sd * rng.uniform(-1, 1, len(days))))
    closed = 1 + base + total
    above, below = -0.5 * sd * np.log1p(-rng.random((2, len(days))))
    busy = rng.uniform(2e6, 2e7) * np.exp(rng.uniform(-0.6, 0.6, len(days)))
    ratios = {
        "adj_close": closed,
        "open": opened,
        "high": np.maximum(opened, closed) * np.exp(above),
        "low": np.minimum(opened, closed) * np.exp(-below),
        "close": closed,
    }
    level = np.cumprod(closed) / closed  # the close before
    first = int(np.searchsorted(days, np.datetime64(listings()[ticker])))
    price = FIRST_PRICE.get(ticker, float(rng.uniform(8, 40)))
    scale = price / (level[first] * closed[first])
    bars = {name: (scale * level * ratio).round(6) for name, ratio in ratios.items()}
    bars["volume"] = (busy * (1 + 8 * np.abs(closed - 1))).round()
    return pd.DataFrame(bars, index=pd.DatetimeIndex(days).as_unit("ns")).iloc[first:]


def _added(ticker: str, size: int) -> Floats:
    """Planted returns of a ticker by session: all of them, and those known at the opening."""
    shocks = planted()
    mine = shocks[shocks["ticker"] == ticker]
    out_of_hours = mine["announced"].isin(["before_open", "after_close"]) & (mine["day"] == 0)
    added = np.zeros((2, size))
    np.add.at(added[0], mine["row"], mine["effect"])
    np.add.at(added[1], mine["row"], mine["effect"].where(out_of_hours, 0.0))
    return added


class SimulatedPrices:
    """Simulated prices of the catalogue's miners, SPY, QQQ, IBIT and BTC-USD.

    No number in it is a market price. The returns follow a factor model with a fixed seed
    (market, Bitcoin, a sector factor, fat-tailed noise), from 2022-12-01 to 2026-06-30 on the
    sessions of the New York exchange, Bitcoin on all seven days. Effects of a known size are
    planted on the dates of the catalogue, so that an estimate can be held against the truth.
    There are no dividends and no splits: `close` and `adj_close` are the same.

    Call it as every loader: ``sample(tickers, start, end, fields=("adj_close",))``. The frame
    says ``attrs["simulated"]``.

    Other Parameters
    ----------------
    tickers : text or iterable of text
        Symbols; `sample.tickers` names those that exist.
    start, end : date or ISO text
        First and last day, both included.
    fields : iterable of text
        Of ``adj_close, open, high, low, close, volume``; prices in dollars.

    Raises
    ------
    LoaderError
        If a date or a ticker is malformed, or nothing at all was found.

    Examples
    --------
    >>> from eventstudy.loaders import sample
    >>> prices = sample(["IREN", "SPY", "GONE"], "2026-02-23", "2026-02-27")
    >>> prices.shape
    (5, 3)
    >>> {ticker: row["status"] for ticker, row in prices.attrs["report"].items()}
    {'IREN': 'ok', 'SPY': 'ok', 'GONE': 'not_found'}
    >>> sample.truth()
       category  day  effect
    0    nvidia    0   0.010
    1     capex    0   0.015
    2  earnings    0   0.005
    3      deal    0   0.060
    4      deal    1   0.010
    """

    def __init__(self, *, effects: bool = True) -> None:
        self._effects = effects

    def __repr__(self) -> str:
        return f"<simulated prices {START} … {END}, seed {SEED}: not market data>"

    @property
    def tickers(self) -> tuple[str, ...]:
        """The symbols that have simulated prices."""
        return tuple(listings())

    def __call__(
        self,
        tickers: str | Iterable[str],
        start: object,
        end: object,
        fields: str | Iterable[str] = ("adj_close",),
    ) -> pd.DataFrame:
        """Give simulated prices, sessions × tickers (× fields)."""
        request = as_request(tickers, start, end, fields)
        return answer(request, simulate(self._effects), SOURCE, {"simulated": True})

    def truth(self) -> pd.DataFrame:
        """Planted abnormal return by category and event day (0 is day 0), as a fraction."""
        return _planted.truth()

    def planted(self) -> pd.DataFrame:
        """Every planted shock: what was added to which return.

        Columns: event_id (as in the catalogue, expanded), ticker, session (the trading day),
        day (event day), category, effect, and total, the sum over all shocks that meet the
        ticker on that session: the abnormal return an event study should find there.

        Examples
        --------
        >>> from eventstudy.loaders import sample
        >>> planted = sample.planted()
        >>> evening = planted[planted["session"] == "2026-05-21"].set_index("ticker")
        >>> evening.loc["APLD", ["category", "effect", "total"]].round(3).to_numpy().tolist()
        [['nvidia', 0.01, 0.07], ['deal', 0.06, 0.07]]
        """
        columns = ["event_id", "ticker", "session", "day", "category", "effect", "total"]
        return planted()[columns].copy()


sample = SimulatedPrices()
