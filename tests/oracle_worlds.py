"""Small worlds on which the library and the plain loop measure the same events.

`PLACES` says how events lie to each other, `GAPS` what is missing.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import oracle
import pandas as pd
from oracle import Floats, Window

import eventstudy as es

DAYS = 165
SESSIONS = pd.bdate_range("2023-01-02", periods=DAYS)
FIRMS = [f"F{i}" for i in range(8)]
#: listed too late, without a price around its event, with a price that never moves
SPOILT = ["LATE", "HALTED", "STALE"]
DONORS = [f"D{i}" for i in range(4)]
TICKERS = [*FIRMS, *SPOILT, *DONORS]
FACTORS = ["Mkt-RF", "SMB", "HML", "RMW", "CMA", "Mom"]
ESTIMATION, EVENT_WINDOW = (-70, -11), (-5, 5)
MIN_OBS = 40
WINDOWS: dict[str, Window] = {"0": (0, 0), "-1..1": (-1, 1), "0..5": (0, 5), "-5..5": (-5, 5)}
SIDES = ("two-sided", "greater", "less")

#: (firm, column of day 0) of the events that can be measured
PLACES: dict[str, list[tuple[int, int]]] = {
    "one event": [(3, 120)],
    "one date": [(firm, 120) for firm in range(8)],
    "separate dates": [
        *((0, 90), (1, 90), (2, 90), (3, 105), (0, 105), (4, 120), (7, 120), (6, 135)),
    ],
    "staggered": [
        *((0, 88), (1, 90), (2, 90), (4, 93), (3, 112), (6, 118), (0, 135), (7, 135)),
    ],
}
#: which days lack a return, and what that does to sums over a window (A.5)
GAPS: dict[str, tuple[str, str]] = {
    "none": ("none", "drop"),
    "3 %": ("3 %", "drop"),
    "blocks": ("blocks", "drop"),
    "3 %, skipped": ("3 %", "skip"),
    "blocks, skipped": ("blocks", "skip"),
    "blocks, as zero": ("blocks", "zero"),
}
#: firm → days around its event without a return
BLOCKS = {
    1: (-45, -34),
    2: (-5, -3),
    3: (-20, -14),
    4: (3, 4),
    5: (-70, -46),
    6: (-70, -56),
}


def place_of(name: str) -> list[tuple[int, int]]:
    """The events of a place, and those that cannot be measured."""
    good = PLACES[name]
    first, last = good[0][1], good[-1][1]
    late, halted, stale = (TICKERS.index(name) for name in SPOILT)
    return [*good, (late, last), (halted, first), (stale, first)]


class World:
    """The same returns, factors and events for the library and for the loop."""

    def __init__(self, place: str, gaps: str, seed: int = 3) -> None:
        rng = np.random.default_rng(seed)
        self.place, self.events = place, place_of(place)
        n, k = len(TICKERS), len(FACTORS)
        self.factors = rng.normal(0, 0.01, (DAYS, k))
        self.rate = np.abs(rng.normal(1e-4, 2e-5, DAYS))
        common = rng.standard_t(5, DAYS) * 0.01
        own = rng.standard_t(4, (n, DAYS)) * rng.uniform(0.01, 0.03, (n, 1))
        #: what a day would have brought, traded or not
        self.moves = rng.normal(1, 0.4, (n, k)) @ self.factors.T + common + own
        missing = self._missing(gaps, rng)
        self.moves[TICKERS.index("STALE")] = 0.0
        self.returns = np.where(missing, np.nan, self.moves)

    def _missing(self, gaps: str, rng: np.random.Generator) -> np.ndarray:
        missing = np.zeros(self.moves.shape, dtype=bool)
        late, halted, _ = (self.events[k] for k in (-3, -2, -1))
        missing[late[0], : late[1] - 30] = True
        missing[halted[0], halted[1] - 5 : halted[1] + 6] = True
        if gaps == "3 %":
            # two firms keep all their days, so that a date has complete firms
            missing[2:8] |= rng.random((6, DAYS)) < 0.04
            missing[-len(DONORS) :] |= rng.random((len(DONORS), DAYS)) < 0.01
        if gaps == "blocks":
            for firm, day in dict(reversed(self.events[:-3])).items():
                a, b = BLOCKS.get(firm, (0, -1))
                missing[firm, day + a : day + b + 1] = True
            first = self.events[0][1]
            missing[:, [first - 30, first - 29]] = True  # nobody trades
            missing[-1, first - 40 : first - 37] = True
            self.factors[first - 50 : first - 47, 1] = np.nan
        return missing

    @property
    def firms(self) -> list[int]:
        return [firm for firm, _ in self.events]

    @property
    def days(self) -> list[int]:
        return [day for _, day in self.events]

    def table(self) -> pd.DataFrame:
        """The events as a user writes them."""
        names = [TICKERS[firm] for firm in self.firms]
        ids = [f"e{k}" for k in range(len(names))]
        return pd.DataFrame({"event_id": ids, "ticker": names, "date": SESSIONS[self.days]})

    def prices(self) -> Floats:
        """(S, T) prices whose log returns are the moves; NaN on days without a trade."""
        path = 50 * np.exp(np.cumsum(self.moves, axis=1))
        return np.where(np.isnan(self.returns), np.nan, path)

    def panel(self, *, total: bool, prices: bool) -> es.Panel:
        """``total``: the market includes the risk-free rate, which a CAPM takes off."""
        market = self.factors[:, 0] + (self.rate if total else 0.0)
        factors = pd.DataFrame(self.factors, SESSIONS, FACTORS).assign(RF=self.rate)
        if not prices:
            frame = pd.DataFrame(self.returns.T, SESSIONS, TICKERS).assign(SPY=market)
            return es.Panel.from_returns(frame, market="SPY", factors=factors)
        frame = pd.DataFrame(self.prices().T, SESSIONS, TICKERS)
        frame["SPY"] = 400 * np.exp(np.cumsum(market))
        return es.Panel.from_prices(
            frame, market="SPY", factors=factors, kind="log", across_gaps=True
        )

    def data(self) -> oracle.Data:
        return oracle.Data(self.returns, self.factors, self.rate)


@cache
def world_of(place: str, gaps: str) -> World:
    return World(place, gaps)


@cache
def panel_of(place: str, gaps: str, total: bool, prices: bool) -> es.Panel:
    return world_of(place, gaps).panel(total=total, prices=prices)
