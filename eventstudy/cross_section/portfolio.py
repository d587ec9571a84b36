"""Weighted sums of the CARs of one date, with a covariance that holds for any correlation."""

from __future__ import annotations

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray
from eventstudy.inference._sample import Sample
from eventstudy.inference.parametric import balanced


def no_portfolio(sample: Sample) -> str:
    """Why a sample has no portfolios with an exact law; or nothing."""
    if sample.n_dates > 1:
        return "several dates"
    if not sample.abnormal.common_design:
        return "the model leaves the events no common design"
    return "" if complete(sample).any() else f"none of the {sample.n} events is complete"


def complete(sample: Sample) -> BoolArray:
    """(n,) which events of one date have the days of the balanced portfolio (D.3, M.6)."""
    whole, _ = balanced(sample)
    return whole


def portfolio_covariance(sample: Sample, c: FloatArray) -> tuple[FloatArray, float]:
    """(k, k) covariance of C·CAR and its degrees of freedom, for complete events of one date.

    Var(c'γ̂) = Q·c'Σ̂c with Σ̂ = E'E/ν; c'Σ̂c is the variance of the portfolio with the weights
    c, so that no N×N matrix is formed. Under normal returns c'γ̂ over its root is exactly t_ν,
    whatever the correlation of the firms (D.17).
    """
    e = sample.residuals(np.arange(sample.n))
    series = c @ e[:, np.isfinite(e[0])]
    if sample.abnormal.params.shape[1] == 0:  # nothing was estimated: about the mean (M.10)
        series = series - series.mean(axis=1, keepdims=True)
    df = float(sample.portfolio_dof[0])
    return np.asarray(float(sample.q[0]) / df * (series @ series.T)), df
