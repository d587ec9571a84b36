"""A loop over events that a compiler has fused: the bound that the library is held against.

One thread of machine code (numba) from the same returns, factors and placement to the same
outputs, from nothing cached: events counted into their dates, a QR of each date by Gram and
Schmidt, then one event after the other while its window is in the cache. Events must be complete.
Only the benchmarks use numba; without it the rows say so.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from benchmarks.cases import CAR, Arrays
from eventstudy.arrays import FloatArray

#: below this share of Σy², Σe² is summed from the residuals themselves
GUARD = 1e-4


def available() -> bool:
    """Whether numba is installed."""
    return importlib.util.find_spec("numba") is not None


def run(case: Arrays) -> tuple[FloatArray, ...]:
    """θ (N, p), σ (N,), AR and SAR (N, L2), CAR and SCAR (N,) of a case without missing days."""
    windows, days = case.spec.windows, CAR.columns(case.spec.windows.event)
    shape = np.array(
        [
            windows.estimation.first,
            len(windows.estimation),
            windows.event.first,
            len(windows.event),
            days.start,
            days.stop,
        ]
    )
    placed = case.placement
    found: tuple[FloatArray, ...] = compiled()(
        case.inputs.returns, case.inputs.factors, placed.firm, placed.row, shape
    )
    return found


@cache
def compiled() -> Callable[..., Any]:
    """Compile the loop at its first call. Never to a file: a stale one is served in silence."""
    import numba

    fast = numba.njit(fastmath={"reassoc", "contract", "nsz"}, error_model="numpy")
    by_date, operators = fast(_by_date), fast(_operators)
    event, forecast = fast(_event), fast(_forecast)

    def loop(returns: Any, factors: Any, firm: Any, row: Any, shape: Any) -> Any:  # noqa: ANN401  (compiled)
        n, p = len(firm), factors.shape[1] + 1
        length, width = shape[1], shape[3]
        theta, sigma = np.empty((n, p)), np.empty(n)
        ar, sar = np.empty((n, width)), np.empty((n, width))
        car, scar = np.empty(n), np.empty(n)
        q, r = np.empty((p, length)), np.empty((p, p))
        z, error, c = np.empty((p, width)), np.empty(width + 1), np.empty(p)
        order, starts = by_date(row, len(factors))
        for day in range(len(factors)):
            if starts[day] == starts[day + 1]:
                continue
            operators(factors, day, shape, q, r, z, error)
            past, now = day + shape[0], day + shape[2]
            for at in range(starts[day], starts[day + 1]):
                i = order[at]
                y = returns[firm[i]][past : past + length]
                sigma[i] = event(y, q, r, c, theta[i])
                scale = 1.0 / sigma[i]
                forecast(returns[firm[i]][now : now + width], z, c, ar[i])
                for t in range(width):
                    sar[i, t] = ar[i, t] * error[t] * scale
                total = 0.0
                for t in range(shape[4], shape[5]):
                    total += ar[i, t]
                car[i], scar[i] = total, total * error[width] * scale
        return theta, sigma, ar, sar, car, scar

    made: Callable[..., Any] = fast(loop)
    return made


def _by_date(row: Any, days: Any) -> Any:  # noqa: ANN401  (compiled)
    """Sort the events by counting: their order, and where each day begins."""
    starts = np.zeros(days + 1, np.int64)
    for day in row:
        starts[day + 1] += 1
    starts = np.cumsum(starts)
    order, put = np.empty(len(row), np.int64), starts.copy()
    for i in range(len(row)):
        order[put[row[i]]] = i
        put[row[i]] += 1
    return order, starts


def _operators(factors: Any, day: Any, shape: Any, q: Any, r: Any, z: Any, error: Any) -> None:  # noqa: ANN401  (compiled)
    """X = QR of a date, twice orthogonalised; z = x R⁻¹, and σ over the forecast errors."""
    p, length = q.shape
    r[:] = 0.0
    for j in range(p):
        for t in range(length):
            q[j, t] = 1.0 if j == 0 else factors[day + shape[0] + t, j - 1]
        for _ in range(2):
            for i in range(j):
                size = np.dot(q[i], q[j])
                r[i, j] += size
                q[j] -= size * q[i]
        r[j, j] = np.sqrt(np.dot(q[j], q[j]))
        q[j] /= r[j, j]
    summed = np.zeros(p)
    for t in range(z.shape[1]):
        own = 1.0
        for j in range(p):
            value = 1.0 if j == 0 else factors[day + shape[2] + t, j - 1]
            for i in range(j):
                value -= z[i, t] * r[i, j]
            z[j, t] = value / r[j, j]
            own += z[j, t] ** 2
            if shape[4] <= t < shape[5]:
                summed[j] += z[j, t]
        error[t] = 1.0 / np.sqrt(own)
    error[z.shape[1]] = 1.0 / np.sqrt(shape[5] - shape[4] + np.sum(summed**2))


def _event(y: Any, q: Any, r: Any, c: Any, theta: Any) -> Any:  # noqa: ANN401  (compiled)
    """c = Q'y and θ = R⁻¹c into their places; gives σ."""
    p, length = q.shape
    squares = 0.0
    for t in range(length):
        squares += y[t] * y[t]
    left = squares
    for j in range(p):
        column, total = q[j], 0.0
        for t in range(length):
            total += column[t] * y[t]
        c[j] = total
        left -= total * total
    if left < GUARD * squares:
        left = 0.0
        for t in range(length):
            e = y[t]
            for j in range(p):
                e -= q[j, t] * c[j]
            left += e * e
    for j in range(p - 1, -1, -1):
        theta[j] = c[j]
        for i in range(j + 1, p):
            theta[j] -= r[j, i] * theta[i]
        theta[j] /= r[j, j]
    return np.sqrt(left / (length - p))


def _forecast(y: Any, z: Any, c: Any, ar: Any) -> None:  # noqa: ANN401  (compiled)
    """AR = y − z'c."""
    p, width = z.shape
    for t in range(width):
        ar[t] = y[t] - z[0, t] * c[0]
    for j in range(1, p):
        row, size = z[j], c[j]
        for t in range(width):
            ar[t] -= row[t] * size
