"""From the firms held to the return of their portfolio, session by session or month by month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eventstudy.arrays import BoolArray, DateArray, FloatArray, IntArray
from eventstudy.longrun.holding import Held

if TYPE_CHECKING:
    from eventstudy.panel import Panel


@dataclass(frozen=True, eq=False)
class Weighing:
    """What a member weighs: the value of its event, or the firm's size the session before."""

    #: (N,) one an event held, or None
    own: FloatArray | None = None
    #: (S, T) market capitalisation, or None
    size: FloatArray | None = None

    def of(self, owner: IntArray, firms: IntArray, columns: IntArray) -> FloatArray:
        """(F, P) weights of the ``firms``, held for (F, P) ``owner`` from the ``columns`` on.

        NaN where there is none.
        """
        if self.own is not None:
            return np.asarray(self.own[owner])
        if self.size is None:
            return np.ones(owner.shape)
        before = np.asarray(self.size[firms][:, np.maximum(columns - 1, 0)], dtype=np.float64)
        before[:, columns == 0] = np.nan
        return np.where(before > 0, before, np.nan)


@dataclass(frozen=True, eq=False)
class Earned:
    """The portfolio in P periods."""

    #: (P,) weighted mean return, NaN without a member
    ret: FloatArray
    #: (P,) members with a return, and firms held that had none, or no weight
    n: IntArray
    missing: IntArray


@dataclass(frozen=True, eq=False)
class Members:
    """Some of the firms held: (F, P) arrays."""

    owner: IntArray
    #: firms held that are still listed
    held: BoolArray
    returns: FloatArray
    weight: FloatArray

    @property
    def there(self) -> BoolArray:
        """(F, P) members: with a return and a weight."""
        return self.held & np.isfinite(self.returns) & np.isfinite(self.weight)


def members(
    panel: Panel, held: Held, weighing: Weighing, part: slice, events: slice, months: IntArray
) -> Members:
    """Members among the firms ``part``, by session; by month where ``months`` begin somewhere.

    A firm is a member of a month if it is held on all of its sessions; its return is compounded,
    up to the last one if its prices end. With a hole in its prices it has none.
    """
    firms, t = held.firms[part], np.arange(len(panel.sessions))
    owner = held.owners(part, events, len(t))
    returns = np.asarray(panel.returns[firms], dtype=np.float64)
    listed = t <= held.ends[part][:, None]
    inside = owner >= 0
    if len(months):
        t, inside = months, np.logical_and.reduceat(inside, months, axis=1)
        growth = np.where(listed, 1.0 + returns, 1.0)
        returns = np.multiply.reduceat(growth, months, axis=1) - 1.0
        owner, listed = owner[:, months], listed[:, months]
    return Members(owner, inside & listed, returns, weighing.of(owner, firms, t))


def earn(panel: Panel, held: Held, weighing: Weighing, months: IntArray) -> Earned:
    """R_pc = Σ w_ic·R_ic / Σ w_ic over the members i of period c that have a return (C.6)."""
    periods = len(months) or len(panel.sessions)
    total, mass = np.zeros(periods), np.zeros(periods)
    n, missing = np.zeros(periods, dtype=np.int64), np.zeros(periods, dtype=np.int64)
    for part, events in held.parts():
        found = members(panel, held, weighing, part, events, months)
        there = found.there
        total += np.where(there, found.weight * found.returns, 0.0).sum(axis=0)
        mass += np.where(there, found.weight, 0.0).sum(axis=0)
        n += there.sum(axis=0)
        missing += (found.held & ~there).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return Earned(total / np.where(n > 0, mass, np.nan), n, missing)


# ── months ───────────────────────────────────────────────────────────────────────────────
def month_starts(sessions: DateArray) -> IntArray:
    """(P,) column of the first session of each calendar month."""
    return np.unique(sessions.astype("datetime64[M]"), return_index=True)[1]


def compounded(series: FloatArray, months: IntArray) -> FloatArray:
    """Π(1 + f) − 1 over each month, along the first axis."""
    if not len(months):
        return series
    return np.asarray(np.multiply.reduceat(1.0 + series, months, axis=0) - 1.0)
