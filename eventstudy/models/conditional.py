"""Conditional variances of the GARCH family, for many events at once.

A recursion carries a *state* from day to day: the variance h itself (GARCH), or ln h (EGARCH).
The loops here run over days. Nothing is estimated here (docs/methods.md, B.8).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from scipy.special import ndtr

from eventstudy.arrays import BoolArray, FloatArray, IntArray

#: E|z| of a standard normal z
MEAN_ABSOLUTE = float(np.sqrt(2.0 / np.pi))
#: ln h of an EGARCH is held within ± this: far beyond any variance, and no overflow
LARGEST = 300.0


class Process(Protocol):
    """How a variance moves on; ``parameters`` are (n, k), everything else has n rows."""

    #: k names of the parameters
    names: ClassVar[tuple[str, ...]]

    def state(self, variance: FloatArray) -> FloatArray:
        """What the recursion carries for a variance."""
        ...

    def variance(self, state: FloatArray) -> FloatArray:
        """The variance that a state stands for."""
        ...

    def step(self, parameters: FloatArray, state: FloatArray, error: FloatArray) -> FloatArray:
        """(n,) state of the next day, after the shock of this one."""
        ...

    def idle(self, parameters: FloatArray, state: FloatArray) -> FloatArray:
        """(n,) state of the next day, after a day of which nothing is known."""
        ...

    def forecast(self, parameters: FloatArray, state: FloatArray, ahead: IntArray) -> FloatArray:
        """(n, L2) expected variance ``ahead`` days on; one day ahead is ``state``."""
        ...

    def rescaled(self, parameters: FloatArray, unit: FloatArray) -> FloatArray:
        """(n, k) parameters of the returns, from those of returns divided by ``unit`` (n,)."""
        ...


@dataclass(frozen=True)
class Garch:
    """h' = ω + aε² + bh."""

    names: ClassVar[tuple[str, ...]] = ("omega", "arch", "garch")

    def state(self, variance: FloatArray) -> FloatArray:
        return variance

    def variance(self, state: FloatArray) -> FloatArray:
        return state

    def step(self, parameters: FloatArray, state: FloatArray, error: FloatArray) -> FloatArray:
        omega, a, b = parameters.T
        return np.asarray(omega + a * error**2 + b * state)

    def idle(self, parameters: FloatArray, state: FloatArray) -> FloatArray:
        """The unknown ε² is taken as its expectation h."""
        omega, a, b = parameters.T
        return np.asarray(omega + (a + b) * state)

    def forecast(self, parameters: FloatArray, state: FloatArray, ahead: IntArray) -> FloatArray:
        """h̄ + (a + b)^(k − 1) (h₁ − h̄) with h̄ = ω / (1 − a − b)."""
        omega, a, b = parameters.T[:, :, None]
        level = omega / (1.0 - a - b)
        return np.asarray(level + (a + b) ** (ahead - 1) * (state[:, None] - level))

    def rescaled(self, parameters: FloatArray, unit: FloatArray) -> FloatArray:
        omega, a, b = parameters.T
        return np.stack([omega * unit**2, a, b], axis=1)


@dataclass(frozen=True)
class Egarch:
    """ln h' = ω + a(|z| − √(2/π)) + γz + b ln h, z = ε/√h."""

    names: ClassVar[tuple[str, ...]] = ("omega", "arch", "leverage", "garch")

    def state(self, variance: FloatArray) -> FloatArray:
        return np.log(variance)

    def variance(self, state: FloatArray) -> FloatArray:
        return np.exp(state)

    def step(self, parameters: FloatArray, state: FloatArray, error: FloatArray) -> FloatArray:
        omega, a, gamma, b = parameters.T
        z = error * np.exp(-0.5 * state)
        moved = omega + a * (np.abs(z) - MEAN_ABSOLUTE) + gamma * z + b * state
        return np.asarray(np.clip(moved, -LARGEST, LARGEST))

    def idle(self, parameters: FloatArray, state: FloatArray) -> FloatArray:
        """The unknown terms in z are taken as their expectation 0."""
        omega, _, _, b = parameters.T
        return np.asarray(omega + b * state)

    def forecast(self, parameters: FloatArray, state: FloatArray, ahead: IntArray) -> FloatArray:
        """h₁^(b^(k−1)) Π E exp(b^j (ω + a(|z| − √(2/π)) + γz)), j = 0 … k − 2: exact."""
        omega, a, gamma, b = parameters.T[:, :, None]
        weight = b ** np.arange(int(ahead.max()) - 1)
        each = weight * (omega - a * MEAN_ABSOLUTE) + _log_mean(weight * a, weight * gamma)
        total = np.concatenate([np.zeros((len(each), 1)), np.cumsum(each, axis=1)], axis=1)
        drift = np.take_along_axis(total, ahead - 1, axis=1)
        log = b ** (ahead - 1) * state[:, None] + drift
        return np.asarray(np.exp(np.clip(log, -LARGEST, LARGEST)))

    def rescaled(self, parameters: FloatArray, unit: FloatArray) -> FloatArray:
        omega, a, gamma, b = parameters.T
        return np.stack([omega + (1.0 - b) * 2.0 * np.log(unit), a, gamma, b], axis=1)


def _log_mean(u: FloatArray, v: FloatArray) -> FloatArray:
    """Logarithm of E exp(u|z| + vz), z standard normal."""
    up, down = u + v, u - v  # at most 2: no overflow
    return np.asarray(np.log(np.exp(0.5 * up**2) * ndtr(up) + np.exp(0.5 * down**2) * ndtr(down)))


PROCESSES: dict[str, Process] = {"garch": Garch(), "egarch": Egarch()}


def states(
    process: Process,
    parameters: FloatArray,
    errors: FloatArray,
    known: BoolArray,
    level: FloatArray,
) -> FloatArray:
    """(n, L) state of each day, given the shocks of the ``known`` days before it.

    Days that are not known are passed over, as if they were not in the calendar. Before the
    first day stands one whose variance and squared shock are both ``level`` (n,).
    """
    found = np.empty(errors.shape)
    now = process.idle(parameters, process.state(level))
    shocks = np.where(known, errors, 0.0)
    for t in range(errors.shape[1]):
        found[:, t] = now
        now = np.where(known[:, t], process.step(parameters, now, shocks[:, t]), now)
    return found


def followed(
    process: Process,
    parameters: FloatArray,
    errors: FloatArray,
    state: FloatArray,
    begin: IntArray,
) -> FloatArray:
    """(n, L) state of each day from ``begin`` on, where it is ``state``; moved by the shocks.

    A missing day moves the state as far as is expected.
    """
    found = np.empty(errors.shape)
    now, seen = state, np.isfinite(errors)
    shocks = np.where(seen, errors, 0.0)
    for t in range(errors.shape[1]):
        found[:, t] = now
        stepped = process.step(parameters, now, shocks[:, t])
        moved = np.where(seen[:, t], stepped, process.idle(parameters, now))
        now = np.where(t >= begin, moved, now)
    return found
