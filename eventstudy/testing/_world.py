"""The simulated market that models and tests are tried on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from eventstudy import engine
from eventstudy.abnormal import Abnormal
from eventstudy.align import inputs
from eventstudy.arrays import BoolArray, FloatArray, Inputs, IntArray, Model, Placement, Windows
from eventstudy.panel import Panel
from eventstudy.windows import Window

FIRMS = 6
#: days 0 of the two dates; the estimation of the first begins with the data
ROWS = (110, 170)
SESSIONS = 200
WINDOWS = Windows(Window(-100, -11), Window(-5, 5))


@dataclass(frozen=True, eq=False)
class World:
    """Returns of some firms and of every series that a model needs, and where its events lie."""

    model: Model
    #: (S, T): the firms with events come first
    returns: FloatArray
    tickers: tuple[str, ...]
    #: (T, K) and K names
    factors: FloatArray
    names: tuple[str, ...]
    rate: FloatArray
    placement: Placement
    windows: Windows = field(default=WINDOWS)
    #: (S, T) days that no estimation may use, or None
    out: BoolArray | None = None

    @classmethod
    def of(cls, model: Model, seed: int = 0) -> World:
        """Simulate t(5) returns with a common shock and betas around one."""
        rng = np.random.default_rng(seed)
        names, tickers = _needed(model)
        factors = 0.01 * rng.standard_t(5, (SESSIONS, max(len(names), 1)))
        everyone = tuple(dict.fromkeys((*(f"FIRM{i}" for i in range(FIRMS)), *tickers)))
        market, common = factors[:, 0], 0.01 * rng.standard_t(5, SESSIONS)
        risk = 0.02 * rng.uniform(0.5, 1.5, (len(everyone), 1))
        beta = rng.uniform(0.6, 1.6, (len(everyone), 1))
        noise = risk * rng.standard_t(5, (len(everyone), SESSIONS))
        firm = np.tile(np.arange(FIRMS), len(ROWS))
        row = np.repeat(ROWS, FIRMS)
        return cls(
            model=model,
            returns=0.0005 + beta * market + common + noise,
            tickers=everyone,
            factors=factors[:, : len(names)],
            names=names,
            rate=np.abs(rng.normal(1e-4, 1e-5, SESSIONS)),
            placement=Placement(firm, row, np.arange(len(row))),
        )

    @property
    def behind(self) -> tuple[str, ...]:
        """Tickers behind factors that differ by firm."""
        return _needed(self.model)[1]

    @cached_property
    def panel(self) -> Panel:
        """The market of this world."""
        sessions = pd.bdate_range("2024-01-02", periods=SESSIONS)
        gaps = getattr(self.model, "across_gaps", False)
        since = {"since_trade": self.returns, "days": np.ones(self.returns.shape)} if gaps else {}
        return Panel(
            returns=self.returns,
            sessions=sessions.to_numpy().astype("datetime64[D]"),
            tickers=self.tickers,
            factors=self.factors,
            factor_names=self.names,
            risk_free=self.rate,
            market="market" if "market" in self.names else None,
            fields=since,
            kind="log" if gaps else "simple",
        )

    @cached_property
    def inputs(self) -> Inputs:
        """What the engine sees."""
        found = inputs(self.model, self.panel, self.placement, self.windows)
        return found if self.out is None else replace(found, excluded=self.out)

    @cached_property
    def outcome(self) -> engine.Outcome:
        """The events, fitted."""
        return engine.run(self.model, self.inputs, self.placement, self.windows, min_obs=40)

    @property
    def found(self) -> Abnormal:
        """Abnormal returns of all events, those that cannot be used included."""
        return self.outcome.abnormal

    def alter(self, **parts: Any) -> World:  # noqa: ANN401  (fields of this class)
        """The same world with some of its parts replaced."""
        return replace(self, **parts)

    def take(self, index: IntArray) -> World:
        """The same world with only the events ``index``."""
        p = self.placement
        return self.alter(placement=Placement(p.firm[index], p.row[index], np.arange(len(index))))


def _needed(model: Model) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the factors, and of the tickers behind factors that differ by firm."""
    names = tuple(need for need in model.needs if isinstance(need, str))
    behind = [getattr(need, "tickers", ()) for need in model.needs if not isinstance(need, str)]
    return names, tuple(dict.fromkeys(str(t) for tickers in behind for t in tickers))
