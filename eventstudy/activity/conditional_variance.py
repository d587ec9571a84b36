"""The spread of residuals against forecast variances: λ of Balaban and Constantinou (C.8 b)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtr, chdtrc

from eventstudy.abnormal import Abnormal
from eventstudy.activity.squared import Tails
from eventstudy.arrays import FloatArray, IntArray, Model
from eventstudy.models.conditional import PROCESSES, Process, states
from eventstudy.windows import Window

#: events whose spread λ compares, at least
LEAST = 3


def spreads(e: FloatArray, h: FloatArray) -> tuple[FloatArray, IntArray]:
    """(…,) λ over the last axis of (…, N) residuals and variances, and (…,) events in each.

    λ = 1/(N−1) Σ_i (N e_i − Σe)² / (N(N−2)h_i + Σh); events without a residual are left out, and
    λ of fewer than three is NaN. Without an effect E[λ] = N/(N−1).
    """
    there = np.isfinite(e) & np.isfinite(h)
    n = there.sum(axis=-1)
    e, h = np.where(there, e, 0.0), np.where(there, h, 0.0)
    many = n[..., None]
    apart = many * e - e.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        each = apart**2 / (many * (many - 2) * h + h.sum(axis=-1, keepdims=True))
        found = np.where(there, each, 0.0).sum(axis=-1) / (n - 1)
    return np.where(n >= LEAST, found, np.nan), n


def under_normality(lambdas: FloatArray, n: IntArray) -> Tails:
    """Refer Σ_W λ_t(N−1)²/N of independent normal events to χ² with Σ_W (N−1) degrees of freedom.

    Each of the N terms of λ has expectation 1, so that E[λ] = N/(N−1); where the events have
    equal variances, λ(N−1)²/N is exactly χ²_{N−1}. Without that factor, as it is often written,
    the test rejects too often: in 12 % of samples of four events.
    """
    x, df = float((lambdas * (n - 1.0) ** 2 / n).sum()), float((n - 1).sum())
    return Tails(x, "chi2", df, float(chdtr(df, x)), float(chdtrc(df, x)))


def event_variance(abnormal: Abnormal, index: IntArray, days: slice) -> FloatArray:
    """(m, L) forecast variances h of event days."""
    assert abnormal.variance is not None  # noqa: S101  (what `volatility` asks first)
    return np.asarray(abnormal.variance[index, days] * abnormal.sigma[index, None] ** 2)


@dataclass(frozen=True, eq=False)
class Recursion:
    """The variance of each estimation day, seen from the days before."""

    process: Process
    #: (N, k) parameters, (N, L1) residuals and states; "forecast" or "filter"
    parameters: FloatArray
    residuals: FloatArray
    states: FloatArray
    horizon: str
    #: last estimation day before the event window
    last: int

    def ahead(self, day: int) -> int:
        """How many sessions before event day ``day`` its variance was foreseen."""
        return 1 if self.horizon == "filter" else day - self.last

    def variances(self, index: IntArray, day: int) -> FloatArray:
        """(m, L1) variance of estimation days, foreseen as early as that of event day ``day``.

        NaN on the first days, before which there is nothing to foresee from.
        """
        k, path = self.ahead(day), self.states[index]
        found = np.full(path.shape, np.nan)
        if k < path.shape[1]:
            start = path[:, 1 : path.shape[1] - k + 1]
            each = np.repeat(self.parameters[index], start.shape[1], axis=0)
            ahead = np.full((start.size, 1), k, dtype=np.int64)
            seen = self.process.forecast(each, start.reshape(-1), ahead)
            found[:, k:] = seen.reshape(start.shape)
        return found


def recursion(abnormal: Abnormal, model: Model, intervals: tuple[Window, ...]) -> Recursion | str:
    """Run the variance recursion over the estimation window, or say why that cannot be.

    It starts from the mean squared residual.
    """
    kind = getattr(model, "variance", None)
    process = PROCESSES.get(kind) if isinstance(kind, str) else None
    if process is None or abnormal.names[-len(process.names) :] != process.names:
        return "the model does not say how its variance moves from day to day"
    before = [w.last for w in intervals if w.last < abnormal.window.first]
    if not before:
        return "no estimation day lies before the event window"
    e = abnormal.residuals
    known = np.isfinite(e)
    level = np.where(known, e, 0.0) ** 2
    start = level.sum(axis=1) / known.sum(axis=1)
    parameters = abnormal.params[:, -len(process.names) :]
    path = states(process, parameters, e, known, start)
    return Recursion(process, parameters, e, path, getattr(model, "horizon", ""), max(before))
