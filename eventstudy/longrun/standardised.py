"""Standardised calendar-time abnormal returns (C.6 ii): each against its own portfolio's past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eventstudy import engine
from eventstudy.align import inputs
from eventstudy.arrays import BoolArray, FloatArray, IntArray, Reason, Windows
from eventstudy.blas import one_thread
from eventstudy.longrun.holding import Held
from eventstudy.longrun.portfolio import Weighing, members
from eventstudy.models.linear import Design, Linear
from eventstudy.windows import Window

if TYPE_CHECKING:
    from eventstudy.panel import Panel

#: sessions whose portfolios are computed in one product
TOGETHER = 32
NO_MONTHS: IntArray = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Standardised:
    """Abnormal returns of T sessions, NaN where there is none."""

    #: (T,) CTAR_c, its standard deviation before, and the number of sessions behind that
    ctar: FloatArray
    sd: FloatArray
    days: IntArray
    #: (T,) members with a return and an estimate
    n: IntArray
    #: events held that have no estimate
    without: int
    #: sessions that a standard deviation needs
    need: int


def standardise(
    model: Linear, panel: Panel, held: Held, weighing: Weighing, estimation: Window
) -> Standardised:
    """Compute CTAR_c and the standard deviation of the same portfolio over the days before.

    AR_is = R_is − x_s'θ_i with θ_i from the estimation window before the event of firm i, and
    CTAR_c = Σ w_ic·AR_ic / Σ w_ic over the members of c. With members and weights held as on c,
    the same mean over each session c + t0 … c + t1 is a series whose standard deviation, about
    its mean, is that of CTAR_c.
    """
    windows = Windows(estimation, Window(0, 0))
    seen = inputs(model, panel, held.at, windows)
    found = engine.run(model, seen, held.at, windows)
    params, usable = found.abnormal.params, found.reason == 0
    # without a return or a factor on day 0 there is an estimate all the same
    silent = np.isin(found.reason, [Reason.NO_EVENT_DATA.code, Reason.FACTOR_MISSING.code])
    usable |= silent & (found.abnormal.n_obs >= found.min_obs) & np.isfinite(params).all(axis=1)
    known = _Estimated.of(held, weighing, usable, params)
    design = model.linear_design(seen.factors, seen.names, seen.risk_free)
    with one_thread():
        net, mass, n = _sums(panel, known, design, estimation)
    with np.errstate(invalid="ignore"):
        ar = net / np.where(mass > 0, mass, np.nan)
    past = ar[:, : len(estimation)]
    there = np.isfinite(past)
    days = there.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(there, past, 0.0).sum(axis=1) / days
        squares = np.where(there, past - mean[:, None], 0.0) ** 2
        sd = np.sqrt(squares.sum(axis=1) / (days - 1))
    sd = np.where((days >= found.min_obs) & (sd > 0), sd, np.nan)
    return Standardised(ar[:, -1], sd, days, n, int((~usable).sum()), found.min_obs)


@dataclass(frozen=True, eq=False)
class _Estimated:
    """The events held that have an estimate."""

    held: Held
    weighing: Weighing
    #: (N, p)
    params: FloatArray

    @classmethod
    def of(
        cls, held: Held, weighing: Weighing, usable: BoolArray, params: FloatArray
    ) -> _Estimated:
        own = None if weighing.own is None else weighing.own[usable]
        return cls(held.take(usable), Weighing(own, weighing.size), params[usable])


def _sums(
    panel: Panel, known: _Estimated, design: Design, estimation: Window
) -> tuple[FloatArray, FloatArray, IntArray]:
    """(T, L) Σ w·AR and Σ w over the members of each session, on its days and itself; (T,) members.

    Some sessions are one product with the returns of all the days that any of them looks at.
    """
    t, reach = len(panel.sessions), -estimation.first
    net, mass = np.zeros((t, reach + 1)), np.zeros((t, reach + 1))
    n = np.zeros(t, dtype=np.int64)
    usable = np.isfinite(design.matrix).all(axis=1) & np.isfinite(design.offsets)
    x = _before(np.where(usable[:, None], design.matrix, 0.0).T, reach)
    for part, events in known.held.parts():
        found = members(panel, known.held, known.weighing, part, events, NO_MONTHS)
        n += found.there.sum(axis=0)
        weight = np.where(found.there, found.weight, 0.0)
        valid = np.isfinite(found.returns) & usable
        beyond = _before(np.where(valid, found.returns - design.offsets, 0.0), reach)
        days = _before(valid.astype(np.float64), reach)
        for start in range(0, t, TOGETHER):
            block = slice(start, min(start + TOGETHER, t))
            seen = slice(start, block.stop + reach)
            w, theta = weight[:, block], known.params[found.owner[:, block]]
            total = w.T @ beyond[:, seen]
            for k in range(len(x)):
                total -= ((w * theta[:, :, k]).T @ days[:, seen]) * x[k, seen]
            net[block] += _band(total, reach)
            mass[block] += _band(w.T @ days[:, seen], reach)
    columns = [*range(len(estimation)), reach]
    return net[:, columns], mass[:, columns], n


def _before(rows: FloatArray, reach: int) -> FloatArray:
    """Put ``reach`` empty days before the data."""
    return np.pad(rows, ((0, 0), (reach, 0)))


def _band(products: FloatArray, reach: int) -> FloatArray:
    """(B, reach + 1) of the products of B sessions with all their days, each session's own."""
    one = np.arange(len(products))
    views = np.lib.stride_tricks.sliding_window_view(products, reach + 1, axis=1)
    return np.asarray(views[one, one])
