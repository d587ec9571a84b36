"""What a bootstrap studentises: the portfolio's t, the joint F, the precision-weighted mean.

Each works on one sample or on many draws at once: residuals (…, M, n), sums over windows
(…, m, n). The formulas are those of methods D.3 and D.17.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.arrays import FloatArray
from eventstudy.inference._date_regression import SINGULAR


def portfolio_se(residuals: FloatArray, q: FloatArray, dof: float) -> FloatArray:
    """(…, m) standard errors of the sums of a portfolio, from its (…, M, 1) residuals."""
    squares = np.einsum("...mn,...mn->...n", residuals, residuals)
    return np.asarray(np.sqrt(squares / dof * q))


def portfolio_t(residuals: FloatArray, sums: FloatArray, q: FloatArray, dof: float) -> FloatArray:
    """(…, m) sums over their standard errors; infinite where a draw has no variance."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(sums[..., 0] / portfolio_se(residuals, q, dof))


@dataclass(frozen=True)
class Forms:
    """1'A⁻¹1, 1'A⁻¹γ and γ'A⁻¹γ with A = E'E; NaN where A is singular (M.12).

    A is never formed: its condition is the square of that of E.
    """

    ones: FloatArray
    mixed: FloatArray
    own: FloatArray

    @classmethod
    def of(cls, residuals: FloatArray, gamma: FloatArray) -> Forms:
        """From (…, M, n) residuals E and (…, n) sums γ over one window."""
        length = np.sqrt(np.einsum("...tn,...tn->...n", residuals, residuals))
        length = np.where(length > 0.0, length, 1.0)
        triangle = np.linalg.qr(residuals / length[..., None, :], mode="r")
        _, values, directions = np.linalg.svd(triangle)
        usable = values[..., -1:] ** 2 >= SINGULAR * values[..., :1] ** 2
        values = np.where(usable, values, np.nan)
        one, two = ((directions @ x[..., None])[..., 0] for x in (1.0 / length, gamma / length))
        one, two = one / values, two / values
        return cls(*(np.sum(x * y, axis=-1) for x, y in ((one, one), (one, two), (two, two))))

    def sur_F(self, n: int, q: float, dof: float) -> FloatArray:  # noqa: N802  (F is its name)
        """F of the hypothesis that no firm has an effect (D.17)."""
        return np.asarray(self.own / q * (dof - n + 1.0) / n)

    def mean(self) -> FloatArray:
        """Precision-weighted mean effect g = 1'A⁻¹γ / 1'A⁻¹1."""
        return np.asarray(self.mixed / self.ones)

    def mean_se(self, n: int, q: float, dof: float) -> FloatArray:
        """Its exact standard error: √(q(1 + T_a) / (1'A⁻¹1·(ν−n+1)))."""
        apart = np.maximum(self.own - self.mixed**2 / self.ones, 0.0) / q
        return np.asarray(np.sqrt(q * (1.0 + apart) / (self.ones * (dof - n + 1.0))))
