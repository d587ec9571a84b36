"""Weighted least squares, and the weights of CARs that are known with unequal precision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class LeastSquares:
    """δ̂ = Cy with C = (Z'Z)⁻¹Z'; rows of Z and y carry the roots of the weights already."""

    #: (N, k) and (N,)
    z: FloatArray
    y: FloatArray
    #: (k, k): (Z'Z)⁻¹
    inverse: FloatArray
    #: (k, N): C
    rows: FloatArray
    #: (N,)
    residuals: FloatArray
    #: (N,) diagonal of ZC
    leverage: FloatArray

    @property
    def coef(self) -> FloatArray:
        """(k,) δ̂."""
        return np.asarray(self.rows @ self.y)

    @property
    def n(self) -> int:
        """Events."""
        return len(self.y)

    @property
    def k(self) -> int:
        """Terms."""
        return len(self.rows)


def least_squares(x: FloatArray, y: FloatArray, weights: FloatArray | None = None) -> LeastSquares:
    """Fit by QR."""
    root = np.ones(len(y)) if weights is None else np.sqrt(weights / weights.mean())
    z, left = x * root[:, None], y * root
    q, r = np.linalg.qr(z)
    back = np.linalg.inv(r)
    rows = back @ q.T
    residuals = left - q @ (q.T @ left)
    return LeastSquares(z, left, back @ back.T, rows, residuals, (q**2).sum(axis=1))


def r_squared(x: FloatArray, fit: LeastSquares, weights: FloatArray | None) -> float:
    """1 − Σwû²/Σw(y − ȳ)², about the weighted mean if the terms hold a constant, else zero."""
    w = np.ones(fit.n) if weights is None else weights / weights.mean()
    y = fit.y / np.sqrt(w)
    ones = np.ones(fit.n)
    constant = np.abs(ones - x @ np.linalg.lstsq(x, ones, rcond=None)[0]).max() < 1e-8
    total = float(w @ (y - (w @ y / w.sum() if constant else 0.0)) ** 2)
    return 1.0 - float(fit.residuals @ fit.residuals) / total if total > 0 else float("nan")


def between_variance(x: FloatArray, y: FloatArray, variance: FloatArray) -> float:
    """ω̂²: the variance of the CARs beyond their own forecast errors, by moments.

    ω̂² = max(0, [Σû² − ΣS² + tr((Z'Z)⁻¹Z'diag(S²)Z)] / (N − k)) with û of OLS.
    """
    fit = least_squares(x, y)
    known = float(variance.sum() - fit.leverage @ variance)
    return max(0.0, (float(fit.residuals @ fit.residuals) - known) / (fit.n - fit.k))
