"""The cases: simulated returns and events, the same for everybody who is measured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

import eventstudy as es
from eventstudy.arrays import FloatArray, Inputs, IntArray, Model, Placement, Windows

SESSIONS = 2500
FACTORS = ("MKT", "F2", "F3", "F4", "F5")
#: 250 estimation days, a gap of 10, 21 event days
WINDOWS = Windows(es.Window(-270, -21), es.Window(-10, 10))
#: the window of CAR, SCAR and CAAR
CAR = es.Window(-1, 1)


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

    @property
    def model(self) -> Model:
        """The market model, or a regression on the first factors."""
        return es.MarketModel() if self.factors == 1 else es.FactorModel(FACTORS[: self.factors])


_LARGE = "100,000 events drawn from 3,000 tickers × 2,500 sessions"
SPECS = {
    spec.key: spec
    for spec in (
        Spec("a", "130 events: 13 tickers × 10 dates; market model", 13, 130, dates=10),
        Spec("b", f"{_LARGE}; market model", 3000, 100_000),
        Spec("b5", f"{_LARGE}; 5 factors", 3000, 100_000, factors=5),
        Spec("b-nan", f"{_LARGE}, 1 % missing; market model", 3000, 100_000, missing=0.01),
        Spec(
            "c", "120,000 events: 3,000 tickers × 40 dates; market model", 3000, 120_000, dates=40
        ),
    )
}


@dataclass(frozen=True, eq=False)
class Case:
    """One case, ready to be measured: as arrays and as tables."""

    spec: Spec
    inputs: Inputs
    placement: Placement
    study: es.EventStudy
    events: pd.DataFrame
    panel: es.Panel


def build(spec: Spec, seed: int) -> Case:
    """Make the arrays and the tables of a case."""
    panel = _panel(spec.tickers, spec.missing, seed)
    placement = place(spec, seed)
    days = panel.sessions.astype("datetime64[s]")
    names = np.array(panel.tickers)
    return Case(
        spec=spec,
        inputs=as_inputs(spec, panel.returns, panel.factors),
        placement=placement,
        study=es.EventStudy(model=spec.model, estimation=WINDOWS.estimation, window=WINDOWS.event),
        events=pd.DataFrame({"ticker": names[placement.firm], "date": days[placement.row]}),
        panel=panel,
    )


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


def simulate(tickers: int, missing: float, seed: int) -> tuple[FloatArray, FloatArray]:
    """(tickers, sessions) Gaussian returns with a beta to every factor, and the factors."""
    rng = np.random.default_rng((seed, tickers, round(missing * 10_000)))
    factors = rng.normal(0.0, 0.01, (SESSIONS, len(FACTORS)))
    beta = np.column_stack([rng.uniform(0.5, 1.5, tickers), rng.normal(0.0, 0.3, (tickers, 4))])
    returns = np.empty((tickers, SESSIONS))
    for row, its_beta in zip(returns, beta, strict=True):  # a row at a time: no second panel
        row[:] = rng.normal(0.0, 0.02, SESSIONS) + factors @ its_beta
        if missing:
            row[rng.random(SESSIONS) < missing] = np.nan
    return returns, factors


def place(spec: Spec, seed: int) -> Placement:
    """Securities and days 0, all with complete windows, in the order in which they were drawn."""
    rng = np.random.default_rng((seed, spec.events, spec.dates))
    first, stop = -WINDOWS.estimation.first, SESSIONS - WINDOWS.event.last
    if spec.dates:
        dates = rng.choice(np.arange(first, stop), spec.dates, replace=False)
        cells = rng.permutation(spec.events)
        firm, row = cells % spec.tickers, dates[cells // spec.tickers]
    else:
        cells = rng.choice(spec.tickers * (stop - first), spec.events, replace=False)
        firm, row = cells % spec.tickers, cells // spec.tickers + first
    return Placement(firm, row, np.arange(spec.events))


def spread(events: int, wanted: int) -> IntArray:
    """Positions of at most ``wanted`` events, evenly spread over all."""
    return np.unique(np.linspace(0, events - 1, min(events, wanted)).astype(np.int64))
