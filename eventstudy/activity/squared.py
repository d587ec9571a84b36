"""Squared abnormal returns against those that the estimation window leads one to expect (C.8 a).

U = AR²/(σ̂²C) of an event day is 1 on average, but for the error of σ̂. The same number of an
estimation day is made as if that day were the event: with the line and σ̂ of all others. That takes
no second fit, since both follow from the residual and its leverage.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtr, chdtrc, digamma, fdtr, fdtrc, ndtr, polygamma

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, IntArray
from eventstudy.inference.quantiles import Leverages


def squares(abnormal: Abnormal, index: IntArray, days: slice) -> FloatArray:
    """(m, L) U of event days; NaN where a return is missing."""
    return np.asarray(abnormal.sar[index, days] ** 2)


def squares_before(abnormal: Abnormal, index: IntArray) -> FloatArray:
    """(m, L1) U of each estimation day, had that day been the event: F(1, ν − 1) under normality.

    With leverage h, e²/(1 − h) is the squared forecast error of the day from all others over
    its C, and (νσ̂² − e²/(1 − h))/(ν − 1) is their σ̂². Where the study holds no leverages,
    their mean p/M stands for them.
    """
    e = abnormal.paths.residuals(abnormal.path[index])
    dof, total = (
        abnormal.dof[index, None],
        abnormal.dof[index, None] * abnormal.sigma[index, None] ** 2,
    )
    count = np.isfinite(e).sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        if abnormal.params.shape[1]:
            top = own = e**2 / (1.0 - _leverages(abnormal, index, (count - dof) / count))
        else:  # nothing is estimated but σ, about the mean or about zero
            about = dof < count
            mean = np.where(about, np.nansum(e, axis=1, keepdims=True) / count, 0.0)
            top, own = e**2, (e - mean) ** 2 * np.where(about, count / (count - 1.0), 1.0)
        return np.asarray(top / (np.maximum(total - own, 0.0) / (dof - 1.0)))


def _leverages(abnormal: Abnormal, index: IntArray, mean: FloatArray) -> FloatArray:
    if isinstance(abnormal.paths, Leverages):
        return abnormal.paths.leverages(abnormal.path[index])
    return mean


@dataclass(frozen=True)
class Tails:
    """A statistic under a law, and its two tails."""

    statistic: float
    law: str
    df: float
    lower: float
    upper: float
    note: str = ""


def mean_under_normality(estimate: float, count: FloatArray, dof: FloatArray) -> Tails:
    """Refer a mean U of independent normal events to its law.

    One event: the mean over L days is F(L, ν), exactly for L = 1. Several: the χ² law with the
    mean and the variance of Ū = Σ_i Ū_i/N (Satterthwaite), Ū_i ~ F(L_i, ν_i): statistic
    2E[Ū]Ū/Var[Ū] with 2E[Ū]²/Var[Ū] degrees of freedom.

    Parameters
    ----------
    estimate : float
        Mean over the events of their mean U.
    count, dof : (n,) arrays
        Days L_i of each event, and ν_i.
    """
    if len(dof) == 1:
        n, v = float(count[0]), float(dof[0])
        lower, upper = float(fdtr(n, v, estimate)), float(fdtrc(n, v, estimate))
        return Tails(estimate, "F", v, lower, upper, f"F({n:.0f}, {v:g})")
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = float((dof / (dof - 2.0)).mean())
        spread = 2.0 * dof**2 * (count + dof - 2.0) / (count * (dof - 2.0) ** 2 * (dof - 4.0))
        variance = float(np.where(dof > 4.0, spread, np.nan).sum()) / len(dof) ** 2
    x, df = 2.0 * mean * estimate / variance, 2.0 * mean**2 / variance
    return Tails(x, "chi2", df, float(chdtr(df, x)), float(chdtrc(df, x)))


def mean_log_under_normality(estimate: float, count: FloatArray, dof: FloatArray) -> Tails:
    """Refer a mean ln U of independent normal events to the normal law.

    The variance of a mean over L days is ψ'(1/2)/L + ψ'(ν/2), since its days share σ̂.
    """
    mean = usual_log_mean(dof)
    each = polygamma(1, 0.5) / count + polygamma(1, dof / 2.0)
    z = (estimate - mean) / (float(np.sqrt(each.sum())) / len(dof))
    return Tails(z, "normal", float("nan"), float(ndtr(z)), float(ndtr(-z)))


def usual_mean(dof: FloatArray) -> float:
    """E[Ū] = mean ν/(ν − 2) under normality; NaN where a ν is 2 or less, or no event is there."""
    if not len(dof) or (dof <= 2.0).any():
        return float("nan")
    return float((dof / (dof - 2.0)).mean())


def usual_log_mean(dof: FloatArray) -> float:
    """Mean of E ln F(1, ν) = ψ(1/2) − ψ(ν/2) + ln ν, −1.2704 for large ν."""
    return float((digamma(0.5) - digamma(dof / 2.0) + np.log(dof)).mean())
