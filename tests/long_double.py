"""One event in extended precision: least squares by modified Gram-Schmidt, three times over.

A plain loop over the columns, nothing of the library. Where `PRECISE` is false the machine has no
longer double, and nothing can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Long = npt.NDArray[np.longdouble]
PRECISE = np.finfo(np.longdouble).eps < 1e-18


@dataclass(frozen=True)
class Exact:
    """What follows from the regression of one event, rounded at the very end."""

    params: Floats
    sigma: float
    ar: Floats
    car: float
    scar: float


def regress(y: Floats, x: Floats, y_event: Floats, x_event: Floats, days: slice) -> Exact:
    """Fit the days with a return, and forecast the others (docs/methods.md, B.1, C.1–C.3)."""
    there = np.isfinite(y)
    q, r = orthonormal(long(x[there]))
    left, p = long(y[there]), x.shape[1]
    c = np.zeros(p, np.longdouble)
    for _ in range(3):
        for j in range(p):
            step = (q[:, j] * left).sum()
            left = left - step * q[:, j]
            c[j] += step
    params = upper(r, c)
    sigma = np.sqrt((left * left).sum() / (len(left) - p))
    ar = long(y_event) - (long(x_event) * params).sum(axis=1)
    car = ar[days].sum()
    z = lower(r.T, long(x_event)[days].sum(axis=0))
    scar = car / (sigma * np.sqrt(len(ar[days]) + (z * z).sum()))
    return Exact(params.astype(float), float(sigma), ar.astype(float), float(car), float(scar))


def orthonormal(x: Long) -> tuple[Long, Long]:
    """Q and R of X, each column freed of the others three times."""
    n, p = x.shape
    q, r = np.zeros((n, p), np.longdouble), np.zeros((p, p), np.longdouble)
    for j in range(p):
        v = x[:, j].copy()
        for _ in range(3):
            for i in range(j):
                step = (q[:, i] * v).sum()
                v = v - step * q[:, i]
                r[i, j] += step
        r[j, j] = np.sqrt((v * v).sum())
        q[:, j] = v / r[j, j]
    return q, r


def upper(r: Long, b: Long) -> Long:
    """Solve Rx = b, R upper triangular."""
    x = np.zeros(len(b), np.longdouble)
    for i in reversed(range(len(b))):
        x[i] = (b[i] - (r[i, i + 1 :] * x[i + 1 :]).sum()) / r[i, i]
    return x


def lower(r: Long, b: Long) -> Long:
    """Solve Rx = b, R lower triangular."""
    x = np.zeros(len(b), np.longdouble)
    for i in range(len(b)):
        x[i] = (b[i] - (r[i, :i] * x[:i]).sum()) / r[i, i]
    return x


def long(values: Floats) -> Long:
    """The same numbers in extended precision."""
    return values.astype(np.longdouble)
