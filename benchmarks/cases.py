"""The cases: simulated returns and events, the same for everybody who is measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

import eventstudy as es
from eventstudy.arrays import FloatArray, Inputs, IntArray, Model, Placement, Windows

SESSIONS = 2500
FACTORS = ("MKT", *(f"F{number}" for number in range(2, 11)))
#: 250 estimation days, a gap of 10, 21 event days
WINDOWS = Windows(es.Window(-270, -21), es.Window(-10, 10))
#: the window of CAR, SCAR and CAAR
CAR = es.Window(-1, 1)
#: above so many cells (tickers × days 0) events are drawn with repeats, a handful among millions
CELLS = 20_000_000


@dataclass(frozen=True)
class Spec:
    """What a case is made of."""

    key: str
    title: str
    tickers: int
    events: int
    #: distinct dates, each with every ticker; 0: tickers and dates drawn at random
    dates: int = 0
    factors: int = 1
    missing: float = 0.0
    sessions: int = SESSIONS
    #: days of the estimation window
    length: int = 250
    #: whether every event has a date to itself
    alone: bool = False
    #: whether what a user types is timed, too
    typed: bool = False

    @property
    def model(self) -> Model:
        """The market model, or a regression on the first factors."""
        return es.MarketModel() if self.factors == 1 else es.FactorModel(FACTORS[: self.factors])

    @property
    def windows(self) -> Windows:
        """The estimation window, which ends ten days before the event window begins."""
        last = WINDOWS.estimation.last
        return Windows(es.Window(last - self.length + 1, last), WINDOWS.event)


_DRAWN = "100,000 events drawn from 3,000 tickers × 2,500 sessions"
_CROSSED = "120,000 events: 3,000 tickers × 40 dates"
SPECS = {
    spec.key: spec
    for spec in (
        Spec("a", "130 events: 13 tickers × 10 dates; 1 factor", 13, 130, dates=10, typed=True),
        Spec("b", f"{_DRAWN}; 1 factor", 3000, 100_000, typed=True),
        Spec("b5", f"{_DRAWN}; 5 factors", 3000, 100_000, factors=5),
        Spec("b-nan", f"{_DRAWN}, 1 % missing; 1 factor", 3000, 100_000, missing=0.01, typed=True),
        Spec("b5-nan", f"{_DRAWN}, 1 % missing; 5 factors", 3000, 100_000, factors=5, missing=0.01),
        Spec("c", f"{_CROSSED}; 1 factor", 3000, 120_000, dates=40, typed=True),
        Spec("c5", f"{_CROSSED}; 5 factors", 3000, 120_000, dates=40, factors=5),
        Spec("k10", f"bad case: {_DRAWN}; 10 factors", 3000, 100_000, factors=10),
        Spec("alone", "bad case: 2,000 events, each on a date of its own", 3000, 2000, alone=True),
        Spec("sparse", "bad case: 1,000 events drawn from 3,000 × 2,500", 3000, 1000),
    )
}


@dataclass(frozen=True, eq=False)
class Arrays:
    """One case as arrays: what the engine needs."""

    spec: Spec
    inputs: Inputs
    placement: Placement


@dataclass(frozen=True, eq=False)
class Case(Arrays):
    """One case, ready to be measured: as arrays and as tables."""

    study: es.EventStudy
    events: pd.DataFrame
    panel: es.Panel


def build(spec: Spec, seed: int) -> Case:
    """Make the arrays and the tables of a case."""
    return on_panel(spec, _panel(spec.tickers, spec.missing, seed), seed)


def on_panel(spec: Spec, panel: es.Panel, seed: int) -> Case:
    """Place the events of a case on a panel."""
    windows, placement = spec.windows, place(spec, seed)
    days = panel.sessions.astype("datetime64[s]")
    names = np.array(panel.tickers)
    return Case(
        spec=spec,
        inputs=as_inputs(spec, panel.returns, panel.factors),
        placement=placement,
        study=es.EventStudy(model=spec.model, estimation=windows.estimation, window=windows.event),
        events=pd.DataFrame({"ticker": names[placement.firm], "date": days[placement.row]}),
        panel=panel,
    )


def changed(spec: Spec, field: str, value: float) -> Spec:
    """Give the case another size."""
    other: dict[str, Any] = {field: value}
    return replace(spec, **other)


def arrays(spec: Spec, seed: int) -> Arrays:
    """Make the arrays of a case without any table."""
    returns, factors = simulate(spec.tickers, spec.missing, seed, spec.sessions)
    return Arrays(spec, as_inputs(spec, returns, factors), place(spec, seed))


def as_inputs(spec: Spec, returns: FloatArray, factors: FloatArray) -> Inputs:
    """What the engine is given: the firm-major returns, and the factors of the model."""
    k = spec.factors
    return Inputs(returns, np.ascontiguousarray(factors[:, :k]), FACTORS[:k])


@cache
def _panel(tickers: int, missing: float, seed: int) -> es.Panel:
    """Give the panel that all cases of one size share."""
    returns, factors = simulate(tickers, missing, seed)
    days = pd.bdate_range("2015-01-01", periods=SESSIONS)
    table = pd.DataFrame(returns.T, days, [f"T{i:04d}" for i in range(tickers)])
    return es.Panel.from_returns(
        table, market=FACTORS[0], factors=pd.DataFrame(factors, days, list(FACTORS))
    )


def simulate(
    tickers: int, missing: float, seed: int, sessions: int = SESSIONS
) -> tuple[FloatArray, FloatArray]:
    """(tickers, sessions) Gaussian returns with a beta to every factor, and the factors."""
    rng = np.random.default_rng((seed, tickers, round(missing * 10_000)))
    k = len(FACTORS)
    factors = rng.normal(0.0, 0.01, (sessions, k))
    others = rng.normal(0.0, 0.3, (tickers, k - 1))
    beta = np.column_stack([rng.uniform(0.5, 1.5, tickers), others])
    returns = np.empty((tickers, sessions))
    for row, its_beta in zip(returns, beta, strict=True):  # a row at a time: no second panel
        row[:] = rng.normal(0.0, 0.02, sessions) + factors @ its_beta
        if missing:
            row[rng.random(sessions) < missing] = np.nan
    return returns, factors


def place(spec: Spec, seed: int) -> Placement:
    """Securities and days 0, all inside the data, in the order in which they were drawn."""
    rng = np.random.default_rng((seed, spec.events, spec.dates))
    first, stop = -spec.windows.first, spec.sessions - spec.windows.event.last
    size = spec.tickers * (stop - first)
    if spec.alone:
        row = rng.permutation(np.arange(first, stop))[: spec.events]
        firm = rng.integers(0, spec.tickers, spec.events)
    elif spec.dates:
        dates = rng.choice(np.arange(first, stop), spec.dates, replace=False)
        cells = rng.permutation(spec.events)
        firm, row = cells % spec.tickers, dates[cells // spec.tickers]
    else:
        cells = rng.choice(size, spec.events, replace=size > CELLS)
        firm, row = cells % spec.tickers, cells // spec.tickers + first
    return Placement(firm, row, np.arange(spec.events))


def spread(events: int, wanted: int) -> IntArray:
    """Positions of at most ``wanted`` events, evenly spread over all."""
    return np.unique(np.linspace(0, events - 1, min(events, wanted)).astype(np.int64))
