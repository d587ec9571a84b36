"""The engine against extended precision, on data where arithmetic can lose digits."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
from accuracy_cases import CASES, WAYS, World, errors, market, missing, placed, run
from long_double import PRECISE, long, orthonormal, regress

pytestmark = pytest.mark.skipif(not PRECISE, reason="this machine has no longer double")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", CASES)
def test_errors_are_within_the_bar(case: str, way: str) -> None:
    """1e-12 for usual regressors, 10·eps·cond(X) where cond(X) is above 1e4."""
    found = errors(CASES[case](), way)
    assert found.worst <= found.allowed, asdict(found)


@pytest.mark.parametrize("way", WAYS)
def test_single_precision_costs_its_own_rounding_and_nothing_else(way: str) -> None:
    world = market(2)
    stored = replace(world, returns=world.returns.astype(np.float32))
    assert errors(world, way, stored).worst < 1e-6
    doubled = replace(world, returns=stored.returns.astype(np.float64))
    assert errors(doubled, way, stored).worst < 1e-12


@pytest.mark.parametrize("way", WAYS)
def test_the_same_bits_whatever_the_storage(way: str) -> None:
    """Single precision is converted chunk by chunk; the arithmetic is the same."""
    stored = missing(market(2), WAYS[way])
    stored = replace(stored, returns=stored.returns.astype(np.float32))
    doubled = replace(stored, returns=stored.returns.astype(np.float64))
    placement = placed(stored, way)
    ours, right = run(stored, placement), run(doubled, placement)
    for name in ("params", "sigma", "abnormal"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(right, name))


def test_the_inputs_are_left_as_they_were() -> None:
    """The queue puts zeros on missing days: in its own copy."""
    world = missing(market(1), 0.1)
    before = world.returns.copy()
    for way in WAYS:
        run(world, placed(world, way))
    np.testing.assert_array_equal(world.returns, before)


def test_a_panel_as_short_as_one_event_is_left_as_it_was() -> None:
    """Then a view of whole rows is contiguous, and might be taken for a copy."""
    wide = missing(market(1), 0.1)
    world = World(wide.returns[:, :281].copy(), wide.factors[:281])
    placement = replace(placed(world, "crowded"), row=np.full(80, 270))
    before = world.returns.copy()
    found = run(world, placement)
    assert np.isfinite(found.sigma).all()
    np.testing.assert_array_equal(world.returns, before)


def test_the_reference_solves_what_is_known() -> None:
    """An exact line, its forecast, and columns at right angles to 1e-18."""
    x = np.column_stack([np.ones(9), np.arange(9.0) ** 2])
    noise = np.array([1.0, -1, 0, 0, 0, 0, 0, 0, 0])
    q, r = orthonormal(long(x))
    assert float(np.abs(q.T @ q - np.eye(2)).max()) < 1e-18
    assert float(np.abs(q @ r - x).max()) < 1e-17
    found = regress(x @ [3.0, 0.5] + noise, x, np.array([5.0]), np.array([[1.0, 2.0]]), slice(1))
    theta = np.linalg.solve(x.T @ x, x.T @ (x @ [3.0, 0.5] + noise))
    np.testing.assert_allclose(found.params, theta, rtol=1e-13)
    assert found.car == pytest.approx(5.0 - theta @ [1.0, 2.0])
    left = x @ [3.0, 0.5] + noise - x @ theta
    assert found.sigma == pytest.approx(np.sqrt(left @ left / 7))
    spread = found.sigma * np.sqrt(1.0 + np.array([1.0, 2.0]) @ np.linalg.inv(x.T @ x) @ [1.0, 2.0])
    assert found.scar == pytest.approx(found.car / spread)


def test_missing_days_are_left_out_of_the_reference() -> None:
    rng = np.random.default_rng(0)
    y, x = rng.normal(size=30), rng.normal(size=(30, 2))
    holes = y.copy()
    holes[[3, 11]] = np.nan
    keep = np.isfinite(holes)
    ours = regress(holes, x, y[:3], x[:3], slice(3))
    right = regress(y[keep], x[keep], y[:3], x[:3], slice(3))
    assert (ours.sigma, ours.scar) == (right.sigma, right.scar)
