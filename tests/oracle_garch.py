"""GARCH(1, 1) and EGARCH(1, 1), written out slowly: one event, one day after the other (B.8).

Nothing of the library is used here. ``parameters`` are (ω, a, b) or (ω, a, γ, b); ``level`` is
the variance, and the squared shock, of the day before the first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
from scipy import integrate

ROOT = math.sqrt(2.0 / math.pi)


def after(kind: str, parameters: Sequence[float], h: float, shock: float) -> float:
    """The variance of the day after one with variance ``h`` and that shock."""
    if kind == "garch":
        omega, a, b = parameters
        return omega + a * shock**2 + b * h
    omega, a, gamma, b = parameters
    z = shock / math.sqrt(h)
    return math.exp(omega + a * (abs(z) - ROOT) + gamma * z + b * math.log(h))


def idle(kind: str, parameters: Sequence[float], h: float) -> float:
    """The variance of the day after one of which nothing is known."""
    if kind == "garch":
        omega, a, b = parameters
        return omega + (a + b) * h
    return math.exp(parameters[0] + parameters[-1] * math.log(h))


def variances(
    kind: str, parameters: Sequence[float], shocks: Sequence[float], level: float
) -> list[float]:
    """h of every day, and of the one after the last."""
    found = [idle(kind, parameters, level)]
    for shock in shocks:
        found.append(after(kind, parameters, found[-1], shock))
    return found


def log_likelihood(
    kind: str, parameters: Sequence[float], shocks: Sequence[float], level: float
) -> float:
    """Σ ln of the normal density of each shock, given those before it."""
    total = 0.0
    for h, shock in zip(variances(kind, parameters, shocks, level), shocks, strict=False):
        total -= 0.5 * (math.log(2.0 * math.pi) + math.log(h) + shock**2 / h)
    return total


def forecast(kind: str, parameters: Sequence[float], h: float, days: int) -> list[float]:
    """Expected variance of 1 … ``days`` days on, where that of the first is ``h``."""
    if kind == "garch":
        path = [h]
        while len(path) < days:
            path.append(idle(kind, parameters, path[-1]))
        return path
    omega, a, gamma, b = parameters
    found = []
    for k in range(days):
        mean = math.exp(b**k * math.log(h))
        for j in range(k):
            mean *= math.exp(b**j * omega) * _mean_exp(b**j * a, b**j * gamma)
        found.append(mean)
    return found


@cache
def _mean_exp(u: float, v: float) -> float:
    """E exp(u(|z| − √(2/π)) + vz), by numerical integration on either side of the kink."""

    def each(z: float) -> float:
        return math.exp(u * (abs(z) - ROOT) + v * z - 0.5 * z * z) / math.sqrt(2.0 * math.pi)

    sides = ((-12.0, 0.0), (0.0, 12.0))
    return float(sum(integrate.quad(each, *s, epsabs=1e-14, epsrel=1e-13)[0] for s in sides))


def filtered(
    kind: str, parameters: Sequence[float], h: float, shocks: Sequence[float]
) -> list[float]:
    """The recursion continued with what happened; NaN is a day without a return."""
    found = [h]
    for shock in shocks[:-1]:
        if math.isnan(shock):
            found.append(idle(kind, parameters, found[-1]))
        else:
            found.append(after(kind, parameters, found[-1], shock))
    return found


def simulated(
    kind: str, parameters: Sequence[float], days: int, rng: np.random.Generator
) -> list[float]:
    """Shocks of a firm whose variance moves like that; the first hundred days are not shown."""
    h = parameters[0] / (1.0 - sum(parameters[1:]))
    if kind == "egarch":
        h = math.exp(parameters[0] / (1.0 - parameters[-1]))
    found = []
    for _ in range(days + 100):
        found.append(math.sqrt(h) * float(rng.standard_normal()))
        h = after(kind, parameters, h, found[-1])
    return found[100:]
