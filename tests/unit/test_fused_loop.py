"""The compiled loop that the benchmarks are held against gives the right numbers, too."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # the benchmarks lie beside the tests

import oracle

from benchmarks import fused
from benchmarks.cases import CAR, SPECS, Arrays, arrays

pytest.importorskip("numba", reason="numba is installed for `make bench` only")

LENGTHS = {"drawn": ("b", 250), "factors": ("b5", 60), "crossed": ("c", 40)}


def case_of(name: str) -> Arrays:
    key, length = LENGTHS[name]
    dates = 5 if SPECS[key].dates else 0
    spec = replace(SPECS[key], tickers=8, events=40, dates=dates, sessions=330, length=length)
    return arrays(spec, 1)


@pytest.mark.parametrize("scale", [1.0, 1000.0], ids=["returns", "far from zero"])
@pytest.mark.parametrize("name", LENGTHS)
def test_the_fused_loop_is_least_squares(name: str, scale: float) -> None:
    """Also where Σe² would lose its digits: returns on top of a large constant."""
    case = case_of(name)
    if scale > 1.0:
        shifted = replace(case.inputs, returns=case.inputs.returns + scale)
        case = replace(case, inputs=shifted)
    theta, sigma, ar, sar, car, scar = fused.run(case)
    windows, placed = case.spec.windows, case.placement
    days = [day - windows.event.first for day in CAR.days]
    rtol = 1e-10 if scale == 1.0 else 1e-7
    for i, (firm, row) in enumerate(zip(placed.firm, placed.row, strict=True)):
        past = row + np.array(windows.estimation.days)
        now = row + np.array(windows.event.days)
        X = np.column_stack([np.ones(len(past)), case.inputs.factors[past]])
        x = np.column_stack([np.ones(len(now)), case.inputs.factors[now]])
        y = case.inputs.returns[firm, past]
        R, expected = oracle.least_squares(X, y)
        e = y - X @ expected
        s = np.sqrt(e @ e / (len(y) - len(expected)))
        inverse = np.linalg.inv(R.T @ R)
        gap = case.inputs.returns[firm, now] - x @ expected
        summed = x[days].sum(axis=0)
        np.testing.assert_allclose(theta[i], expected, rtol=rtol, atol=1e-10)
        np.testing.assert_allclose(sigma[i], s, rtol=rtol)
        np.testing.assert_allclose(ar[i], gap, rtol=rtol, atol=1e-10)
        error = s * np.sqrt(1.0 + np.einsum("tp,pq,tq->t", x, inverse, x))
        np.testing.assert_allclose(sar[i], gap / error, rtol=rtol, atol=1e-8)
        total = gap[days].sum()
        np.testing.assert_allclose(car[i], total, rtol=rtol, atol=1e-10)
        q = len(days) + summed @ inverse @ summed
        np.testing.assert_allclose(scar[i], total / (s * np.sqrt(q)), rtol=rtol, atol=1e-8)
