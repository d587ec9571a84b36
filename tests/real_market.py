"""Real prices for the plain loop of oracle.py, read and placed without the library.

Only facts come from the package: which events there are, and since when a price is a firm's own.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import oracle
import pandas as pd

import eventstudy as es

#: estimation and event window of the examples
ESTIMATION, WINDOW = (-250, -11), (-5, 5)


class RealMarket:
    """Returns, SPY and Bitcoin by session, and the place of each event among them."""

    def __init__(self, file: Path) -> None:
        closes = pd.read_csv(file, index_col=0, parse_dates=True)
        self.closes = closes[closes["SPY"].notna()]
        returns = self.closes / self.closes.shift(1) - 1
        for ticker, since in es.universe.OWN_SINCE.items():
            if ticker in returns:
                returns.loc[returns.index <= pd.Timestamp(since), ticker] = np.nan
        self.returns, self.sessions = returns, returns.index
        daily = pd.read_csv(file.with_name("btc_gspc_close.csv.gz"), parse_dates=["date"])
        coin = daily[daily["ticker"] == "BTC-USD"].set_index("date")["close"]
        # between two sessions the days of the week-end are compounded: the ratio of the closes
        coin = coin.reindex(self.sessions)
        self.bitcoin = returns["IBIT"].fillna(coin / coin.shift(1) - 1)

    def place(self, events: pd.DataFrame) -> pd.DataFrame:
        """Add ``row``, the session of day 0, and ``again``: the firm has that day 0 already."""
        late = pd.to_timedelta((events["session"] == "after_close").astype(int), unit="D")
        placed = events.assign(row=self.sessions.searchsorted(events["date"] + late))
        return placed.assign(again=placed.duplicated(["ticker", "row"]))

    def study(self, placed: pd.DataFrame, model: oracle.Model) -> oracle.Study:
        """Fit placed events one by one; factor 0 is SPY, factor 1 Bitcoin."""
        factors = np.column_stack([self.returns["SPY"], self.bitcoin])
        firms = self.returns.columns.get_indexer(pd.Index(placed["ticker"])).tolist()
        data = oracle.Data(self.returns.to_numpy().T, factors)
        setup = oracle.Setup(model=model, estimation=ESTIMATION, window=WINDOW)
        return oracle.run(data, firms, placed["row"].tolist(), setup)


@cache
def market(file: Path) -> RealMarket:
    """Read a file once."""
    return RealMarket(file)
