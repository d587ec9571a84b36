"""Gaussian quasi-maximum likelihood of one regression with a GARCH or EGARCH variance.

The regression is brought to a standard form first: residuals of least squares over their root
mean square, regressors orthogonal and of mean square one. So units, and the choice of factors
that span the same space, do not matter to the optimiser. The optimiser is that of ``arch``,
which is imported here and only when it is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from eventstudy import errors
from eventstudy.arrays import FloatArray
from eventstudy.models.conditional import Process, states
from eventstudy.models.least_squares import is_collinear

if TYPE_CHECKING:
    from arch._typing import ArrayLike1D
    from arch.univariate.volatility import VolatilityProcess

#: largest a + b of a GARCH, largest b of an EGARCH
PERSISTENCE = 0.9999
#: tolerances, one after the other until the optimiser says that it has arrived. The first
#: settles seven digits of the estimates; a flat likelihood allows only the later ones
TOLERANCES = (1e-12, 1e-8, 1e-6)
#: iterations at each tolerance
ITERATIONS = 200
#: an eigenvalue of the information (with unit diagonal) below this is none: b, where a = 0
FLAT = 1e-8
#: residuals this small against the returns (mean squares) are no movement (M.8)
STILL = 1e-20

Maximum: TypeAlias = "tuple[FloatArray, FloatArray] | None"
Maximiser: TypeAlias = Callable[[FloatArray, FloatArray], Maximum]


@dataclass(frozen=True)
class Estimate:
    """One event: its mean and variance parameters, and how sure the mean ones are."""

    #: (p,) mean parameters and (k,) variance parameters
    mean: FloatArray
    variance: FloatArray
    #: mean squared residual of least squares: what the recursion starts from
    level: float
    #: (p, p) S with Cov(mean) = σ²SS'
    spread: FloatArray
    #: whether the optimiser arrived; if not, this is least squares with a constant variance
    arrived: bool = True


def maximiser(kind: str) -> Maximiser:
    """Return what maximises the likelihood of a standardised regression, by ``arch``.

    Raises
    ------
    ModelError
        If ``arch`` is not installed.
    """
    try:
        from arch.univariate import LS
    except ImportError:
        raise errors.garch_needs_arch() from None
    bounded = _bounded(kind)

    def maximise(y: FloatArray, x: FloatArray) -> Maximum:
        model = LS(y, x=x, constant=False, volatility=bounded(), rescale=False)
        low, high = np.asarray(model.volatility.variance_bounds(y)).T
        start = None
        for tol in TOLERANCES:
            found = model.fit(
                update_freq=0,
                disp="off",
                starting_values=start,
                show_warning=False,
                tol=tol,
                options={"maxiter": ITERATIONS},
                backcast=1.0,
            )
            mean, variance = np.split(np.asarray(found.params, dtype=float), [x.shape[1]])
            if found.convergence_flag == 0:
                h = np.asarray(found.conditional_volatility) ** 2
                # where arch holds a variance at its bounds, the likelihood is not that of B.8
                free = bool(((h > low * (1 + 1e-9)) & (h < high * (1 - 1e-9))).all())
                return (mean, variance) if free else None
            inside = np.append(variance[:1], (1 - 1e-6) * variance[1:])
            start = np.concatenate([mean, inside])
        return None

    return maximise


def _bounded(kind: str) -> Callable[[], VolatilityProcess]:
    """Volatility process of ``arch`` within the bounds of B.8."""
    from arch.univariate import EGARCH, GARCH

    class BoundedGarch(GARCH):
        def constraints(self) -> tuple[FloatArray, FloatArray]:
            return np.array([[0.0, -1.0, -1.0]]), np.array([-PERSISTENCE])

    class BoundedEgarch(EGARCH):
        def constraints(self) -> tuple[FloatArray, FloatArray]:
            return np.empty((0, 4)), np.empty(0)

        def bounds(self, resids: ArrayLike1D) -> list[tuple[float, float]]:
            omega = super().bounds(resids)[0]
            return [omega, (0.0, 1.0), (-1.0, 1.0), (0.0, PERSISTENCE)]

    if kind == "garch":
        return lambda: BoundedGarch(p=1, o=0, q=1)
    return lambda: BoundedEgarch(p=1, o=1, q=1)


def estimate(
    y: FloatArray, x: FloatArray, process: Process, maximise: Maximiser, *, fec: bool
) -> Estimate:
    """Fit one event.

    Parameters
    ----------
    y, x : (M,) and (M, p) arrays
        Returns and regressors of its valid estimation days, in order.
    process : Process
        How the variance moves.
    maximise : callable
        See `maximiser`.
    fec : bool
        Whether `Estimate.spread` is wanted of the likelihood, from its inverse Hessian.
    """
    (m, p), k = x.shape, len(process.names)
    if m <= p:
        return _nothing(p, k)
    q, r = np.linalg.qr(x)
    if is_collinear(r[None])[0]:
        return _nothing(p, k)
    inverse = np.linalg.inv(r)
    start = inverse @ (q.T @ y)
    error = y - x @ start
    level = float(error @ error) / m
    if level <= STILL * float(y @ y) / m:
        return replace(_nothing(p, k), mean=start)
    scaled, regressors = error / np.sqrt(level), np.sqrt(m) * q
    best = maximise(scaled, regressors) if m > p + k else None
    if best is None:
        return _constant(process, start, inverse, level, m)
    back = np.sqrt(level * m) * inverse
    mean = start + back @ best[0]
    spread = inverse
    if fec:
        errors_now = y - x @ mean
        sigma = np.sqrt(errors_now @ errors_now / (m - p))
        spread = back @ _spread(process, scaled, regressors, best) / sigma
    unit = np.array([np.sqrt(level)])
    return Estimate(mean, process.rescaled(best[1][None], unit)[0], level, spread)


def _nothing(p: int, k: int) -> Estimate:
    """An event that cannot be fitted; the engine leaves it out and says why."""
    return Estimate(np.full(p, np.nan), np.full(k, np.nan), np.nan, np.full((p, p), np.nan))


def _constant(
    process: Process, mean: FloatArray, inverse: FloatArray, level: float, m: int
) -> Estimate:
    """Least squares: all of the variance in ω, σ² = Σe²/(M − p)."""
    variance = np.zeros(len(process.names))
    variance[0] = process.state(np.array([level * m / (m - len(mean))]))[0]
    return Estimate(mean, variance, level, inverse, arrived=False)


def _spread(
    process: Process, y: FloatArray, x: FloatArray, best: tuple[FloatArray, FloatArray]
) -> FloatArray:
    """(p, p) S with SS' the block of the inverse Hessian that belongs to the mean.

    The Hessian is taken in the form that needs first derivatives only, the sum of its expected
    values given the past: Σ (∇ε∇ε'/h + ½ ∇ln h ∇ln h'). That of an EGARCH has a kink wherever
    a residual is zero, and the maximum likes to sit on one. Directions without information (b,
    where a = 0) are held fixed.
    """
    p = x.shape[1]
    point = np.concatenate(best)
    step = 1e-7  # upwards: a maximum may lie at the lower bounds
    points = np.vstack([point, point + step * np.eye(len(point))])
    e = y - points[:, :p] @ x.T
    every = np.ones(e.shape, dtype=bool)
    h = process.variance(states(process, points[:, p:], e, every, np.ones(len(e))))
    slope = (np.log(h[1:]) - np.log(h[0])) / step
    error = np.zeros(slope.shape)
    error[:p] = -x.T
    information = (error / h[0]) @ error.T + 0.5 * slope @ slope.T
    unit = np.sqrt(np.diagonal(information))
    unit = np.where(unit > 0, unit, 1.0)
    values, vectors = np.linalg.eigh(information / unit / unit[:, None])
    held = values > FLAT
    rows = vectors[:p, held] / np.sqrt(values[held])
    return np.linalg.cholesky(rows @ rows.T) / unit[:p, None]
