"""Covariances of least squares that hold under unequal variances and inside clusters."""

from __future__ import annotations

import numpy as np

from eventstudy.arrays import FloatArray, IntArray
from eventstudy.cross_section.fitting import LeastSquares

HETEROSKEDASTIC = ("HC0", "HC1", "HC2", "HC3")


def heteroskedastic(fit: LeastSquares, kind: str) -> FloatArray:
    """(k, k) C·diag(v)·C' with v = û² (HC0), û²N/(N−k) (HC1), û²/(1−h) (HC2), û²/(1−h)² (HC3).

    NaN under HC2 and HC3 where an event has a term to itself (h = 1).
    """
    v = fit.residuals**2
    if kind == "HC1":
        v = v * fit.n / (fit.n - fit.k)
    elif kind != "HC0":
        room = 1.0 - fit.leverage
        room = np.where(room > 1e-10, room, np.nan)
        v = v / (room if kind == "HC2" else room**2)
    return np.asarray((fit.rows * v) @ fit.rows.T)


def factor(fit: LeastSquares, clusters: int) -> float:
    """(G/(G−1))·((N−1)/(N−k)): the small-sample factor of CR1."""
    return clusters / (clusters - 1) * (fit.n - 1) / (fit.n - fit.k)


def clustered(fit: LeastSquares, codes: IntArray) -> FloatArray:
    """(k, k) CR1: factor · Σ_g s_g s_g', s_g = Σ_{i∈g} c_i û_i with c_i the columns of C."""
    scores = sums_by(fit.rows * fit.residuals, codes)
    return np.asarray(factor(fit, scores.shape[1]) * (scores @ scores.T))


def two_way(one: FloatArray, two: FloatArray, both: FloatArray) -> tuple[FloatArray, bool]:
    """V_A + V_B − V_AB, and whether negative eigenvalues had to be set to zero.

    The difference can be negative. Then V⁺ = UΛ⁺U' takes its place, as Cameron, Gelbach and
    Miller (2011) propose.
    """
    v = one + two - both
    if (np.diag(v) > 0).all():
        return v, False
    values, vectors = np.linalg.eigh(v)
    return np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T), True


def crossed(one: IntArray, two: IntArray) -> IntArray:
    """(N,) codes of the clusters that share both ``one`` and ``two``."""
    return np.asarray(np.unique(one * (two.max() + 1) + two, return_inverse=True)[1])


def sums_by(values: FloatArray, codes: IntArray) -> FloatArray:
    """(k, G) sums of the columns of ``values`` (k, N) over each cluster."""
    size = int(codes.max()) + 1
    return np.array([np.bincount(codes, weights=row, minlength=size) for row in values])
