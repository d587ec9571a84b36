"""The values between the stages: reasons, blocks, a fit made from an expected path."""

from __future__ import annotations

import numpy as np
import pytest

import eventstudy as es
from eventstudy.arrays import KEPT, Block, Fit, FloatArray, Reason, StoredPaths, Windows
from eventstudy.windows import Window

NAN = np.nan


def block(
    returns: FloatArray,
    factors: FloatArray | None = None,
    *,
    excluded: np.ndarray | None = None,
) -> Block:
    """Four estimation days, a gap of one, two event days."""
    made = np.zeros((7, 0)) if factors is None else factors
    names = tuple(f"f{k}" for k in range(made.shape[-1]))
    return Block(
        returns=returns,
        factors=made,
        names=names,
        rows=np.arange(7),
        estimation=slice(0, 4),
        event=slice(5, 7),
        excluded=excluded,
    )


# ── reasons ──────────────────────────────────────────────────────────────────────────────
def test_reasons_are_the_closed_list_with_codes_from_one() -> None:
    assert [str(reason) for reason in Reason] == [
        "unknown_ticker",
        "not_trading_day",
        "shift",
        "before_data",
        "after_data",
        "no_event_data",
        "missing_in_window",
        "min_est",
        "not_own_price",
        "zero_variance",
        "collinear",
        "duplicate",
        "factor_missing",
    ]
    assert [reason.code for reason in Reason] == list(range(1, 14))
    assert KEPT not in [reason.code for reason in Reason]


def test_span_of_the_windows() -> None:
    assert Windows(Window(-250, -11), Window(-10, 10)).span == 261
    assert Windows(Window(-5, -1), Window(0, 0)).span == 6


# ── Block.valid ──────────────────────────────────────────────────────────────────────────
def test_valid_days_have_a_return_and_every_factor() -> None:
    returns = np.zeros((2, 7))
    returns[0, 1] = returns[1, 6] = NAN
    factors = np.zeros((7, 2))
    factors[3, 1] = np.inf
    expected = np.ones((2, 7), dtype=bool)
    expected[0, 1] = expected[1, 6] = False
    expected[:, 3] = False
    np.testing.assert_array_equal(block(returns, factors).valid, expected)


def test_valid_days_without_factors_are_the_days_with_a_return() -> None:
    returns = np.array([[0.0, NAN, 0.0, 0.0, NAN, 0.0, 0.0]])
    np.testing.assert_array_equal(block(returns).valid, np.isfinite(returns))


def test_factors_may_differ_by_firm() -> None:
    factors = np.zeros((2, 7, 1))
    factors[1, 2, 0] = NAN
    valid = block(np.zeros((2, 7)), factors).valid
    assert valid[0].all()
    assert list(np.flatnonzero(~valid[1])) == [2]


def test_excluded_days_are_not_valid() -> None:
    excluded = np.zeros((2, 7), dtype=bool)
    excluded[0, 2] = True
    valid = block(np.zeros((2, 7)), excluded=excluded).valid
    assert (~valid).sum() == 1
    assert not valid[0, 2]


# ── Fit.of ───────────────────────────────────────────────────────────────────────────────
RETURNS = np.array([[0.01, 0.03, NAN, 0.02, 9.0, 0.10, NAN], [0.0, 0.02, 0.04, 0.0, 9.0, 0.2, 0.3]])


def test_a_fit_from_an_expected_path() -> None:
    expected = np.full((2, 7), 0.01)
    fit = Fit.of(block(RETURNS), expected)
    np.testing.assert_allclose(fit.residuals[0], [0.0, 0.02, NAN, 0.01])
    np.testing.assert_allclose(fit.abnormal, [[0.09, NAN], [0.19, 0.29]])
    np.testing.assert_array_equal(fit.expected, np.full((2, 2), 0.01))
    # nothing is estimated: σ is about the mean residual, which costs one degree of freedom
    np.testing.assert_array_equal(fit.dof, [2.0, 3.0])
    deviations = [np.std([0.0, 0.02, 0.01], ddof=1), np.std([0.0, 0.02, 0.04, 0.0], ddof=1)]
    np.testing.assert_allclose(fit.sigma, deviations)
    assert fit.params.shape == (2, 0)
    assert fit.names == ()
    assert fit.root.shape == (2, 0)


def test_parameters_cost_degrees_of_freedom_and_sigma_is_about_zero() -> None:
    fit = Fit.of(block(RETURNS), np.zeros((2, 7)), params=np.ones((2, 2)), names=("alpha", "f0"))
    np.testing.assert_array_equal(fit.dof, [1.0, 2.0])
    np.testing.assert_allclose(fit.sigma[1], np.sqrt((0.02**2 + 0.04**2) / 2))
    np.testing.assert_array_equal(fit.params, np.ones((2, 2)))
    assert fit.names == ("alpha", "f0")


def test_a_forecast_error_is_kept_as_it_is_given() -> None:
    root = np.array([[0.5], [0.7]])
    fit = Fit.of(block(RETURNS), np.zeros((2, 7)), root=root)
    assert fit.root is root


def test_too_few_days_leave_no_sigma() -> None:
    returns = np.full((1, 7), NAN)
    returns[0, 0] = 0.01
    fit = Fit.of(block(returns), np.zeros((1, 7)))
    assert np.isnan(fit.sigma[0])
    assert fit.dof[0] == 0.0


def test_excluded_days_leave_the_residuals() -> None:
    excluded = np.zeros((2, 7), dtype=bool)
    excluded[1, 0] = excluded[1, 5] = True
    fit = Fit.of(block(RETURNS, excluded=excluded), np.zeros((2, 7)))
    assert np.isnan(fit.residuals[1, 0])
    assert fit.abnormal[1, 0] == 0.2  # an estimation may not use the day; the event may


@pytest.mark.parametrize("model", [es.MeanAdjusted(), es.RawReturn(), es.FactorModel(("f0",))])
def test_a_fit_of_the_library_is_the_fit_from_its_path(model: es.FactorModel) -> None:
    rng = np.random.default_rng(3)
    returns, factors = rng.normal(size=(3, 7)), rng.normal(size=(7, len(model.needs)))
    returns[1, 2] = NAN
    made = block(returns, factors)
    fit = model.fit(made)
    path = np.zeros((3, 7))
    if fit.names:
        path = fit.params @ np.column_stack([np.ones(7), factors]).T
    again = Fit.of(made, path, params=fit.params, names=fit.names, root=fit.root)
    for part in ("residuals", "abnormal", "expected", "sigma", "dof"):
        np.testing.assert_allclose(getattr(again, part), getattr(fit, part), atol=1e-14)


def test_stored_paths_give_the_rows_asked_for() -> None:
    paths = StoredPaths(np.eye(3), 2.0 * np.eye(3), 3.0 * np.eye(3))
    index = np.array([2, 0])
    np.testing.assert_array_equal(paths.residuals(index), np.eye(3)[[2, 0]])
    np.testing.assert_array_equal(paths.actual(index), 2.0 * np.eye(3)[[2, 0]])
    np.testing.assert_array_equal(paths.expected(index), 3.0 * np.eye(3)[[2, 0]])
