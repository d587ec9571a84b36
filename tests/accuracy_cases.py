"""Returns on which arithmetic can lose digits, and how many digits the engine loses there.

The events of a case go through one of the engine's three ways: scattered dates (copied rows), a
crowded date (a view of the panel), or the queue of events with missing days.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from long_double import Exact, Floats, regress

from eventstudy import engine
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Inputs, IntArray, Placement, Windows
from eventstudy.models import FactorModel
from eventstudy.windows import Window

#: securities; more than the engine asks of a crowded date
SECURITIES = 80
#: events that are compared in each case
COMPARED = 24
WINDOW, CAR, GAP = Window(-10, 10), Window(-1, 1), 10
EPS = float(np.finfo(float).eps)


@dataclass(frozen=True)
class World:
    """Returns and factors of one case."""

    #: (S, T) and (T, k)
    returns: Floats
    factors: Floats
    length: int = 250

    @property
    def windows(self) -> Windows:
        """The estimation window, the gap and the event window."""
        end = WINDOW.first - GAP - 1
        return Windows(Window(end - self.length + 1, end), WINDOW)


@dataclass(frozen=True)
class Errors:
    """Largest errors of a case, relative to the root mean square of what is right."""

    beta: float
    alpha: float
    sigma: float
    car: float
    scar: float
    #: largest condition number of the regressors of an event
    cond: float

    @property
    def worst(self) -> float:
        """The largest of the five."""
        return max(self.beta, self.alpha, self.sigma, self.car, self.scar)

    @property
    def allowed(self) -> float:
        """1e-12 for usual regressors, 10·eps·cond(X) beyond cond(X) = 1e4."""
        return 1e-12 if self.cond <= 1e4 else 10 * EPS * self.cond


def market(k: int, *, length: int = 250, noise: float = 0.02, seed: int = 0) -> World:
    """Gaussian factors, and returns with an alpha and a beta to each of them."""
    rng = np.random.default_rng((seed, k, length))
    factors = rng.normal(0.0, 0.01, (length + 260, k))
    beta = rng.normal(1.0, 0.4, (SECURITIES, k))
    alpha = rng.normal(0.0, 0.001, (SECURITIES, 1))
    returns = alpha + beta @ factors.T + rng.normal(0.0, noise, (SECURITIES, len(factors)))
    return World(returns, factors, length)


def far_from_zero() -> World:
    """Give a factor that moves by a hundredth around 100."""
    world = market(1)
    return replace(world, returns=world.returns + 100.0, factors=world.factors + 100.0)


def levels(k: int, noise: float) -> World:
    """Prices near 1,000 explained by prices: nearly all of the variance is."""
    world = market(k, noise=noise)
    factors = 1000.0 + world.factors.cumsum(axis=0) * 100.0
    beta = np.linspace(0.5, 1.5, SECURITIES)[:, None] / k
    return replace(world, factors=factors, returns=world.returns * 10 + beta * factors.sum(axis=1))


def collinear(apart: float) -> World:
    """Give two factors that differ by little."""
    world, rng = market(2), np.random.default_rng(9)
    factors = world.factors.copy()
    factors[:, 1] = factors[:, 0] + apart * rng.normal(0.0, 0.01, len(factors))
    return replace(world, factors=factors)


def spiked(*, inside: bool) -> World:
    """Returns with a bad tick of a million, in the estimation windows or in no window."""
    world = market(2)
    returns = world.returns.copy()
    returns[:, 200 if inside else 0] = 1e6
    return replace(world, returns=returns)


def missing(world: World, share: float) -> World:
    """Take days at random out of a world."""
    rng = np.random.default_rng(3)
    gone = rng.random(world.returns.shape) < share
    returns = world.returns.copy()
    returns[gone] = np.nan
    return replace(world, returns=returns)


CASES: dict[str, Callable[[], World]] = {
    "normal, k = 1": lambda: market(1),
    "normal, k = 5": lambda: market(5),
    "normal, k = 10": lambda: market(10),
    "7,500 estimation days, k = 5": lambda: market(5, length=7500),
    "factor around 100": far_from_zero,
    "price levels, k = 1": lambda: levels(1, 0.02),
    "price levels, k = 5": lambda: levels(5, 0.02),
    "price levels, k = 5, fit to 1e-7": lambda: levels(5, 1e-5),
    "fit to 10 %": lambda: market(2, noise=1.5e-3),
    "fit to 1 %": lambda: market(2, noise=1.5e-4),
    "fit to 0.1 %": lambda: market(2, noise=1.5e-5),
    "factors 1e-3 apart": lambda: collinear(1e-3),
    "factors 1e-5 apart": lambda: collinear(1e-5),
    "factors 1e-7 apart": lambda: collinear(1e-7),
    "1e6 outside the windows": lambda: spiked(inside=False),
    "1e6 inside the estimation": lambda: spiked(inside=True),
}
#: share of missing returns on each way; the crowded ones are all of one date
WAYS = {"scattered": 0.0, "crowded": 0.0, "queue, 1 %": 0.01, "queue, 60 %": 0.6}


def placed(world: World, way: str) -> Placement:
    """All securities on one date, or on dates that are hardly shared."""
    first = world.length + GAP + 1 - WINDOW.first - 1
    firm = np.arange(SECURITIES)
    last = world.returns.shape[1] - WINDOW.last - 1
    row = np.full(SECURITIES, first + 5) if way == "crowded" else first + 1 + firm * 7 % 40 * 5
    return Placement(firm, np.minimum(row, last), firm)


def errors(world: World, way: str, stored: World | None = None) -> Errors:
    """Measure a case on one way; ``stored`` are the returns as the engine gets them."""
    seen = missing(world, WAYS[way]) if WAYS[way] else world
    placement = placed(world, way)
    given = seen if stored is None else missing(stored, WAYS[way])
    found = run(given, placement)
    index = compared(seen, placement)
    exact = [reference(seen, placement, i) for i in index]
    car, scar = found.car(CAR), found.scar(CAR)
    theta = np.array([e.params for e in exact])
    return Errors(
        beta=max(gap(found.params[index, j], theta[:, j]) for j in range(1, theta.shape[1])),
        alpha=gap(found.params[index, 0], theta[:, 0]),
        sigma=float(np.abs(found.sigma[index] / [e.sigma for e in exact] - 1.0).max()),
        car=gap(car[index], np.array([e.car for e in exact])),
        scar=gap(scar[index], np.array([e.scar for e in exact])),
        cond=max(condition(seen, placement, i) for i in index),
    )


def run(world: World, placement: Placement) -> Abnormal:
    """Measure all events by the engine, as few estimation days as there may be."""
    names = tuple(f"F{j}" for j in range(world.factors.shape[1]))
    inputs = Inputs(world.returns, world.factors, names)
    return engine.run(
        FactorModel(names), inputs, placement, world.windows, min_obs=len(names) + 10
    ).abnormal


def compared(world: World, placement: Placement) -> IntArray:
    """Some events without a hole among the days of their CAR."""
    days = placement.row[:, None] + np.array(CAR.days)
    whole = np.isfinite(world.returns[placement.firm[:, None], days]).all(axis=1)
    return np.flatnonzero(whole)[:COMPARED]


def gap(ours: Floats, right: Floats) -> float:
    """Largest error against the root mean square of what is right."""
    return float(np.abs(ours - right).max() / np.sqrt((right**2).mean()))


def cut(world: World, placement: Placement, i: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Give y and X of one event, over the estimation and over the event window."""
    x = np.column_stack([np.ones(len(world.factors)), world.factors])
    past, now = np.array(world.windows.estimation.days), np.array(WINDOW.days)
    y, row = world.returns[placement.firm[i]].astype(float), placement.row[i]
    return y[row + past], x[row + past], y[row + now], x[row + now]


def reference(world: World, placement: Placement, i: int) -> Exact:
    """One event in extended precision."""
    return regress(*cut(world, placement, i), CAR.columns(WINDOW))


def condition(world: World, placement: Placement, i: int) -> float:
    """cond(X) of the days that one event uses."""
    y, x, _, _ = cut(world, placement, i)
    return float(np.linalg.cond(x[np.isfinite(y)]))
