"""Calendar-time portfolios, written out slowly: one session, one event, one firm at a time (C.6).

Nothing of the library is used here. Input is arrays: returns (S, T) with NaN where missing, and
for each event the row of its firm and the column of its day 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
NAN = math.nan


@dataclass(frozen=True)
class World:
    """Firms, their events, and how they are held."""

    returns: Floats
    #: (firm, day0) an event
    events: Sequence[tuple[int, int]]
    holding: tuple[int, int]
    #: one weight an event, or the (S, T) size of each firm, or neither
    weights: Sequence[float] | None = None
    size: Floats | None = None

    @property
    def sessions(self) -> int:
        return int(self.returns.shape[1])

    def last_return(self, firm: int) -> int:
        """The session on which the prices of a firm end."""
        last = -1
        for c in range(self.sessions):
            if math.isfinite(self.returns[firm, c]):
                last = c
        return last

    def event_of(self, firm: int, session: int) -> int | None:
        """The event for which a firm is held on a session: the latest that covers it."""
        found: int | None = None
        for number, (who, day0) in enumerate(self.events):
            covers = day0 + self.holding[0] <= session <= day0 + self.holding[1]
            if who == firm and covers and (found is None or day0 > self.events[found][1]):
                found = number
        return found

    def weight(self, firm: int, number: int, session: int) -> float:
        """What a member weighs in a period that begins with ``session``."""
        if self.weights is not None:
            return self.weights[number]
        if self.size is None:
            return 1.0
        before = float(self.size[firm, session - 1]) if session else NAN
        return before if before > 0 else NAN


# ── members and their mean ───────────────────────────────────────────────────────────────
def members(world: World, session: int) -> dict[int, int]:
    """Firm → event of the firms held on a session whose prices have not ended."""
    found = {}
    for firm in range(len(world.returns)):
        number = world.event_of(firm, session)
        if number is not None and session <= world.last_return(firm):
            found[firm] = number
    return found


def daily(world: World) -> list[tuple[float, int, int]]:
    """Return, members with a return, and members without, of each session."""
    rows = []
    for c in range(world.sessions):
        total, mass, n, missing = 0.0, 0.0, 0, 0
        for firm, number in members(world, c).items():
            r, w = float(world.returns[firm, c]), world.weight(firm, number, c)
            if math.isfinite(r) and math.isfinite(w):
                total, mass, n = total + w * r, mass + w, n + 1
            else:
                missing += 1
        rows.append((total / mass if n else NAN, n, missing))
    return rows


def monthly(world: World, months: Sequence[Sequence[int]]) -> list[tuple[float, int, int]]:
    """The same by month: a member is held on all its sessions, its return compounded."""
    rows = []
    for days in months:
        total, mass, n, missing = 0.0, 0.0, 0, 0
        for firm in range(len(world.returns)):
            last = world.last_return(firm)
            held = all(world.event_of(firm, c) is not None for c in days)
            if not held or days[0] > last:
                continue
            worth = 1.0
            for c in days:
                worth *= 1.0 + float(world.returns[firm, c]) if c <= last else 1.0
            number = world.event_of(firm, days[0])
            assert number is not None
            w = world.weight(firm, number, days[0])
            if math.isfinite(worth) and math.isfinite(w):
                total, mass, n = total + w * (worth - 1.0), mass + w, n + 1
            else:
                missing += 1
        rows.append((total / mass if n else NAN, n, missing))
    return rows


def compounded(series: Sequence[float], days: Sequence[int]) -> float:
    """Π(1 + f) − 1."""
    worth = 1.0
    for c in days:
        worth *= 1.0 + series[c]
    return worth - 1.0


# ── alpha ────────────────────────────────────────────────────────────────────────────────
def least_squares(x: Floats, y: Floats) -> Floats:
    return np.asarray(np.linalg.solve(x.T @ x, x.T @ y), dtype=np.float64)


def regress(
    x: Floats,
    y: Floats,
    se: str,
    *,
    weights: Sequence[float] | None = None,
    lags: int | None = None,
    period: Sequence[int] | None = None,
    factor: bool = False,
) -> tuple[Floats, Floats]:
    """Coefficients and standard errors of rows multiplied by the root of their weight."""
    n, k = x.shape
    root = [1.0] * n if weights is None else [math.sqrt(w) for w in weights]
    x = np.array([[v * root[c] for v in x[c]] for c in range(n)])
    y = np.array([y[c] * root[c] for c in range(n)])
    coef = least_squares(x, y)
    bread = np.linalg.inv(x.T @ x)
    e = [float(y[c] - x[c] @ coef) for c in range(n)]
    if se == "OLS":
        return coef, np.sqrt(np.diag(sum(v * v for v in e) / (n - k) * bread))
    meat = np.zeros((k, k))
    for c in range(n):
        h = float(x[c] @ bread @ x[c])
        scale = {"HC1": n / (n - k), "HC2": 1 / (1 - h), "HC3": 1 / (1 - h) ** 2}.get(se, 1.0)
        meat += scale * e[c] ** 2 * np.outer(x[c], x[c])
    if se == "HAC":
        most = math.floor(4 * (n / 100) ** (2 / 9)) if lags is None else lags
        when = list(range(n)) if period is None else list(period)
        for c in range(n):
            for d in range(c):
                lag = when[c] - when[d]
                if lag <= most:
                    cross = e[c] * e[d] * np.outer(x[c], x[d])
                    meat += (1 - lag / (most + 1)) * (cross + cross.T)
        meat *= n / (n - k) if factor else 1.0
    return coef, np.sqrt(np.diag(bread @ meat @ bread))


# ── standardised ─────────────────────────────────────────────────────────────────────────
def standardised(
    world: World, x: Floats, rate: Sequence[float], estimation: tuple[int, int], need: int
) -> list[tuple[float, float]]:
    """CTAR and the standard deviation of its portfolio before, of each session.

    ``x`` are the (T, p) regressors with their constant; an event with fewer than ``need`` days is
    no member.
    """
    theta: Mapping[int, Floats] = _parameters(world, x, rate, estimation, need)
    usable = World(
        world.returns,
        [event for k, event in enumerate(world.events) if k in theta],
        world.holding,
        None if world.weights is None else [w for k, w in enumerate(world.weights) if k in theta],
        world.size,
    )
    kept = [theta[k] for k in range(len(world.events)) if k in theta]
    rows = []
    for c in range(world.sessions):
        who = {
            firm: (kept[number], usable.weight(firm, number, c))
            for firm, number in members(usable, c).items()
            if math.isfinite(world.returns[firm, c])
        }
        who = {firm: pair for firm, pair in who.items() if math.isfinite(pair[1])}
        today = _mean_abnormal(world, x, rate, who, c)
        days = range(c + estimation[0], c + estimation[1] + 1)
        past = [_mean_abnormal(world, x, rate, who, d) for d in days if d >= 0]
        past = [v for v in past if math.isfinite(v)]
        sd = NAN
        if len(past) >= need:
            mean = sum(past) / len(past)
            sd = math.sqrt(sum((v - mean) ** 2 for v in past) / (len(past) - 1))
        rows.append((today, sd))
    return rows


def _parameters(
    world: World, x: Floats, rate: Sequence[float], estimation: tuple[int, int], need: int
) -> dict[int, Floats]:
    found = {}
    for number, (firm, day0) in enumerate(world.events):
        days = [d for d in range(day0 + estimation[0], day0 + estimation[1] + 1) if d >= 0]
        days = [d for d in days if math.isfinite(world.returns[firm, d])]
        if len(days) >= need:
            y = np.array([world.returns[firm, d] - rate[d] for d in days])
            found[number] = least_squares(x[days], y)
    return found


def _mean_abnormal(
    world: World, x: Floats, rate: Sequence[float], who: Mapping[int, tuple[Floats, float]], c: int
) -> float:
    total, mass = 0.0, 0.0
    for firm, (theta, w) in who.items():
        r = float(world.returns[firm, c])
        if math.isfinite(r):
            total += w * (r - rate[c] - float(x[c] @ theta))
            mass += w
    return total / mass if mass else NAN
