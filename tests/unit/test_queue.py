"""Events with missing days: each is the regression on its own days, however it is reached."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import eventstudy as es
from eventstudy import engine, roots, stacks, triangular
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, Inputs, Placement, Reason, Windows
from eventstudy.engine import solving
from eventstudy.models import least_squares, masked
from eventstudy.models.least_squares import operators
from eventstudy.models.masked import Holes, fit_rows, sums_of
from eventstudy.roots import Roots
from eventstudy.stacks import by_date
from eventstudy.triangular import pack

RNG = np.random.default_rng(7)
WINDOWS = Windows(es.Window(-60, -11), es.Window(-2, 3))
SPLIT = Windows(es.Window(-60, -11), es.Window(-2, 3), (es.Window(-60, -41), es.Window(-35, -11)))


# ── small triangles ──────────────────────────────────────────────────────────────────────
def grams(p: int, m: int = 9) -> FloatArray:
    """(p, p, m) symmetric matrices with all eigenvalues near one."""
    x = RNG.normal(size=(m, 40, p)) / np.sqrt(40)
    return np.asarray(np.matmul(x.transpose(0, 2, 1), x).transpose(1, 2, 0))


@pytest.mark.parametrize("p", [1, 2, 6])
def test_the_inverse_of_a_gram_matrix_is_a_product_with_pairs(p: int) -> None:
    gram, z = grams(p), RNG.normal(size=p)
    found = triangular.inverse_gram(triangular.cholesky(gram.copy())[0])
    pairs = np.array([z[i] * z[j] for i in range(p) for j in range(i + 1)])
    right = [z @ np.linalg.solve(gram[..., m], z) for m in range(9)]
    np.testing.assert_allclose(pairs @ found, right, rtol=1e-13)


@pytest.mark.parametrize("p", [1, 2, 6])
def test_cholesky_is_the_one_of_numpy(p: int) -> None:
    gram = grams(p)
    low, unsure = triangular.cholesky(triangular.unpack(triangular.pack(gram), p))
    right = np.linalg.cholesky(gram.transpose(2, 0, 1)).transpose(1, 2, 0)
    np.testing.assert_allclose(low, right, atol=1e-14)
    assert not unsure.any()


@pytest.mark.parametrize("p", [1, 2, 6])
def test_triangular_systems_are_solved(p: int) -> None:
    low, _ = triangular.cholesky(triangular.unpack(triangular.pack(grams(p)), p))
    right, several = RNG.normal(size=(p, 9)), RNG.normal(size=(p, 3, 9))
    below, above = triangular.forward(low, right), triangular.backward(low, right)
    np.testing.assert_allclose(np.einsum("ijm,jm->im", low, below), right, atol=1e-13)
    np.testing.assert_allclose(np.einsum("jim,jm->im", low, above), right, atol=1e-13)
    many = triangular.forward(low, several)
    np.testing.assert_allclose(np.einsum("ijm,jkm->ikm", low, many), several, atol=1e-13)


def test_a_triangle_is_packed_row_by_row() -> None:
    matrix = np.arange(9.0).reshape(3, 3, 1)
    packed = triangular.pack(matrix)
    assert packed[:, 0].tolist() == [0, 3, 4, 6, 7, 8]
    assert len(packed) == triangular.size(3)
    np.testing.assert_array_equal(triangular.unpack(packed, 3)[..., 0], np.tril(matrix[..., 0]))


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, 1e-4])
def test_a_small_pivot_is_not_trusted(bad: float) -> None:
    gram = grams(2)
    gram[1, 1, 4] = gram[1, 0, 4] ** 2 / gram[0, 0, 4] + bad
    low, unsure = triangular.cholesky(gram)
    assert np.flatnonzero(unsure).tolist() == [4]
    assert np.isfinite(low[0, 0]).all()


# ── operators of all designs ─────────────────────────────────────────────────────────────
def some_roots(p: int = 2) -> tuple[Roots, FloatArray]:
    """Three dates and four events, and the array that they stand for."""
    shared, date = RNG.normal(size=(3, 5, p)), np.array([2, 0, 0, 1])
    low, _ = triangular.cholesky(grams(p, 4))
    own = [shared[d] @ np.linalg.inv(np.tril(low[..., i])).T for i, d in enumerate(date)]
    return Roots(shared, date, triangular.pack(low)), np.concatenate([shared, own])


def test_roots_stand_for_an_array(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roots, "TILE", 2)
    found, dense = some_roots()
    assert found.shape == dense.shape
    assert len(found) == len(dense)
    np.testing.assert_allclose(np.asarray(found), dense, atol=1e-14)
    np.testing.assert_allclose(np.concatenate([found, found])[7:], dense, atol=1e-14)
    for index in (np.array([6, 0, 3, 3]), np.array([1]), slice(2, 5), np.arange(7) > 3):
        np.testing.assert_allclose(found[index], dense[index], atol=1e-14)
    for ours, right in ((found, dense), (dense, dense)):
        np.testing.assert_allclose(
            roots.summed(ours, slice(1, 4)), right[:, 1:4].sum(axis=1), atol=1e-14
        )
        np.testing.assert_allclose(roots.squares(ours), (right**2).sum(axis=2), atol=1e-14)


def test_squares_of_weak_triangles_keep_their_digits() -> None:
    """An inverse would lose them: x is long, and what L leaves of it is short."""
    low = np.zeros((2, 2, 4))
    low[:] = np.array([[1.0, 0.0], [0.7, 1e-5]])[:, :, None]
    low[1, 1, 2] = 0.8  # not weak
    date = np.array([2, 0, 0, 1])
    short = RNG.normal(size=(3, 5, 2))
    shared = short @ low[..., 0].T
    found = roots.squares(Roots(shared, date, triangular.pack(low)))[3:]
    weak = [0, 1, 3]
    right = (short[date[weak]] ** 2).sum(axis=2)
    np.testing.assert_allclose(found[weak], right, rtol=1e-9)
    own = np.linalg.solve(low[..., 2], shared[0].T)
    np.testing.assert_allclose(found[2], (own**2).sum(axis=0), rtol=1e-13)


def test_roots_travel() -> None:
    found, dense = some_roots()
    np.testing.assert_allclose(np.asarray(pickle.loads(pickle.dumps(found))), dense, atol=1e-14)  # noqa: S301  (our own bytes)


def test_roots_without_parameters() -> None:
    found = Roots(np.empty((2, 5, 0)), np.array([1]), np.empty((0, 1)))
    assert np.asarray(found).shape == (3, 5, 0)
    assert roots.squares(found).tolist() == [[0.0] * 5] * 3
    assert roots.summed(found, slice(0, 2)).shape == (3, 0)


# ── sums and fits ────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("which", [np.repeat([0, 2], 20), np.arange(4), np.array([], dtype=int)])
def test_products_date_by_date_or_stacked(which: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "STACKED", 3)
    matrices, x = RNG.normal(size=(4, 5, 3)), RNG.normal(size=(len(which), 5))
    right = np.einsum("ma,mab->mb", x, matrices[which])
    np.testing.assert_allclose(by_date(x, matrices, which), right, atol=1e-14)


def sample(k: int, share: float, events: int, dates: int) -> tuple[Any, ...]:
    """Operators of some dates, the date of each event, its returns, and its valid days."""
    x = RNG.normal(size=(dates, 46, k + 1))
    x[..., 0] = 1.0
    ops = operators(x, np.zeros((dates, 46)), slice(0, 40), slice(40, 46))
    which = np.sort(RNG.integers(0, dates, events))
    valid = RNG.random((events, 40)) >= share
    return ops, which, np.where(valid, RNG.normal(size=(events, 40)), 0.0), valid, x


@pytest.mark.parametrize("share", [0.0, 0.05, 0.6])
@pytest.mark.parametrize("k", [0, 1, 5])
@pytest.mark.parametrize("dates", [2, 40])
def test_a_fit_is_least_squares_on_the_valid_days(k: int, share: float, dates: int) -> None:
    ops, which, y, valid, x = sample(k, share, 40, dates)
    found = fit_rows(ops, which, y, valid)
    for i, d in enumerate(which):
        past, now = x[d, :40][valid[i]], x[d, 40:]
        theta = np.linalg.lstsq(past, y[i, valid[i]], rcond=None)[0]
        np.testing.assert_allclose(found.params[i], theta, atol=1e-12)
        left = y[i, valid[i]] - past @ theta
        assert found.squares[i] == pytest.approx(left @ left, rel=1e-11)
        error = np.einsum("lp,pq,mq->lm", now, np.linalg.inv(past.T @ past), now)
        np.testing.assert_allclose(found.root[i] @ found.root[i].T, error, atol=1e-11)
        assert found.count[i] == valid[i].sum()
        assert found.total[i] == pytest.approx(y[i] @ y[i])


@pytest.mark.parametrize("demean", [True, False])
def test_without_parameters_squares_are_about_the_mean_or_about_zero(demean: bool) -> None:
    _, which, y, valid, _ = sample(0, 0.3, 6, 2)
    none = operators(np.empty((2, 46, 0)), np.zeros((2, 46)), slice(0, 40), slice(40, 46))
    found = fit_rows(none, which, y, valid, demean=demean)
    for i, row in enumerate(y):
        days = row[valid[i]]
        middle = days.mean() if demean else 0.0
        assert found.squares[i] == pytest.approx(((days - middle) ** 2).sum(), rel=1e-13)
    assert found.params.shape == (6, 0)
    assert found.root.shape == (6, 6, 0)


@pytest.mark.parametrize("k", [0, 1, 4])
@pytest.mark.parametrize("constant", [True, False])
@pytest.mark.parametrize(
    ("few", "stack", "stacked"), [(1.0, 3, 256), (0.0, 1000, 7), (0.0, 0, 256)]
)
def test_sums_are_the_same_however_they_are_made(
    k: int, constant: bool, few: float, stack: int, stacked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ops, which, y, valid, _ = sample(k, 0.2, 30, 6)
    valid[4] = True
    monkeypatch.setattr(masked, "FEW", few)
    monkeypatch.setattr(masked, "STACK", stack)
    monkeypatch.setattr(masked, "STACKED", stacked)
    y = np.where(valid, y, 0.0)
    found = sums_of(replace(ops, constant=constant), which, y, valid, Holes.of(valid))
    basis = ops.q[which] * valid[:, :, None]
    np.testing.assert_allclose(
        found.c.T, np.einsum("mlp,ml->mp", basis, y)[:, : len(found.c)], atol=1e-13
    )
    gram = pack(np.einsum("mlp,mlq->pqm", basis, basis))
    np.testing.assert_allclose(found.gram, gram, atol=1e-13)
    for name, right in (
        ("total", (y**2).sum(axis=1)),
        ("level", y.sum(axis=1)),
        ("count", valid.sum(axis=1)),
    ):
        np.testing.assert_allclose(getattr(found, name), right, atol=1e-13)


@pytest.mark.parametrize("k", [0, 1, 5])
def test_designs_are_factorised_together_or_one_by_one(
    k: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = RNG.normal(size=(9, 40, k + 1))
    x[..., 0] = 1.0
    x[3] *= 1e-9
    if k:
        x[4, :, k] = x[4, :, 0] + 1e-3 * x[4, :, k]  # lies flat
        x[5, :, k] = 2.0 * x[5, :, 0]  # collinear
        x[6, :, k] = 0.0
        x[7, :, k] += 1e3
    alone = least_squares.factorised(x)
    monkeypatch.setattr(least_squares, "MANY", 1)
    q, r, r_inv, collinear = least_squares.factorised(x)
    assert collinear.tolist() == alone[3].tolist() == [k > 0 and i in (5, 6) for i in range(9)]
    np.testing.assert_allclose(q @ r, x, rtol=1e-13, atol=1e-13)
    assert not np.tril(r, -1).any()
    np.testing.assert_allclose(
        q.transpose(0, 2, 1) @ q, np.broadcast_to(np.eye(k + 1), r.shape), atol=1e-14
    )
    fine = ~collinear
    right = np.broadcast_to(np.eye(k + 1), r[fine].shape)
    np.testing.assert_allclose((r @ r_inv)[fine], right, atol=1e-12)


def test_columns_that_lie_flat_together_are_factorised_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """None is near the span of those before it, and yet they are nearly dependent."""
    r = np.eye(6)
    for j in range(1, 6):
        r[:j, j] = np.sqrt(0.9) * np.linalg.svd(np.linalg.inv(r[:j, :j]))[2][0]
        r[j, j] = np.sqrt(0.1)
    x = np.linalg.qr(RNG.normal(size=(9, 40, 6)))[0] @ (1.001 * r)
    monkeypatch.setattr(least_squares, "MANY", 1)
    q = least_squares.factorised(x)[0]
    right = np.broadcast_to(np.eye(6), (9, 6, 6))
    np.testing.assert_allclose(q.transpose(0, 2, 1) @ q, right, atol=1e-14)


@pytest.mark.parametrize(("angle", "found"), [(5e-11, True), (5e-9, False), (1e-4, False)])
@pytest.mark.parametrize("scale", [1.0, 1e-7])
def test_columns_at_a_tiny_angle_are_collinear(angle: float, found: bool, scale: float) -> None:
    r = np.array([[[1.0, scale], [0.0, angle * scale]]])
    assert least_squares.is_collinear(r).tolist() == [found]


def test_an_event_that_sees_one_value_of_a_factor_is_collinear() -> None:
    _, which, y, valid, x = sample(1, 0.0, 8, 1)
    x[0, :20, 1] = 4.0
    ops = operators(x, np.zeros((1, 46)), slice(0, 40), slice(40, 46))
    valid[3] = np.arange(40) < 20
    found = fit_rows(ops, which, np.where(valid, y, 0.0), valid)
    assert np.flatnonzero(found.collinear).tolist() == [3]
    assert np.isnan(found.params[3]).all()
    assert np.isnan(found.root[3]).all()
    assert np.isfinite(np.delete(found.params, 3, axis=0)).all()


@pytest.mark.parametrize("value", [0.0, 1e-9, 3.0])
def test_an_event_that_sees_one_value_of_a_large_factor_is_collinear(value: float) -> None:
    """Its days show the factor as rounding only, which is no regressor."""
    _, which, y, valid, x = sample(2, 0.0, 8, 1)
    x[0, :, 2] *= 1e4
    x[0, :20, 2] = value
    ops = operators(x, np.zeros((1, 46)), slice(0, 40), slice(40, 46))
    valid[3] = np.arange(40) < 20
    found = fit_rows(ops, which, np.where(valid, y, 0.0), valid)
    assert np.flatnonzero(found.collinear).tolist() == [3]


@pytest.mark.parametrize(("apart", "collinear"), [(1e-12, [3]), (1e-8, [])])
def test_factors_that_the_days_of_an_event_hardly_tell_apart(
    apart: float, collinear: list[int]
) -> None:
    _, which, y, valid, x = sample(2, 0.0, 8, 1)
    x[0, :, 2] = x[0, :, 1] + 1e-6 * x[0, :, 2]
    x[0, :20, 2] = x[0, :20, 1] + apart * RNG.normal(size=20)
    ops = operators(x, np.zeros((1, 46)), slice(0, 40), slice(40, 46))
    valid[3] = np.arange(40) < 20
    found = fit_rows(ops, which, np.where(valid, y, 0.0), valid)
    assert np.flatnonzero(found.collinear).tolist() == collinear


def test_an_event_whose_days_see_a_factor_move_little_is_not_collinear() -> None:
    """The days that it misses hold moves 1e8 times as large."""
    _, which, y, valid, x = sample(1, 0.0, 8, 1)
    x[0, 20:, 1] *= 1e8
    ops = operators(x, np.zeros((1, 46)), slice(0, 40), slice(40, 46))
    valid[3] = np.arange(40) < 20
    found = fit_rows(ops, which, np.where(valid, y, 0.0), valid)
    assert not found.collinear.any()
    slope = np.polyfit(x[0, :20, 1], y[3, :20], 1)[0]
    assert found.params[3, 1] == pytest.approx(slope, rel=1e-6)


def test_days_that_leave_little_of_a_direction_keep_their_digits() -> None:
    """The Gram matrix of such an event would lose them; its rows are factorised instead."""
    _, which, y, valid, x = sample(1, 0.0, 5, 1)
    x[0, :35, 1] = 1.0 + 1e-6 * RNG.normal(size=35)
    ops = operators(x, np.zeros((1, 46)), slice(0, 40), slice(40, 46))
    valid[2] = np.arange(40) < 35
    y = np.where(valid, y, 0.0)
    found = fit_rows(ops, which, y, valid)
    centred = x[0, :35, 1] - x[0, :35, 1].mean()
    slope = (centred * y[2, :35]).sum() / (centred**2).sum()
    assert found.params[2, 1] == pytest.approx(slope, rel=5e-9)  # cond(X) is 2e6


# ── through the engine ───────────────────────────────────────────────────────────────────
def world(k: int, share: float, *, firms: int = 30) -> Inputs:
    rng = np.random.default_rng((k, firms))
    factors = rng.normal(0.0, 0.01, (160, k))
    returns = factors.sum(axis=1) + rng.normal(0.0, 0.02, (firms, 160))
    returns[rng.random(returns.shape) < share] = np.nan
    names = tuple(f"F{j}" for j in range(k))
    return Inputs(returns, factors, names, np.full(160, 1e-4) * rng.random(160))


def places(inputs: Inputs, dates: int) -> Placement:
    firm = np.arange(len(inputs.returns))
    return Placement(firm, 70 + firm % dates * 80 // dates, firm)


def measured(
    inputs: Inputs, placement: Placement, windows: Windows = WINDOWS, **options: Any
) -> engine.Outcome:
    model = options.pop("model", es.FactorModel(inputs.names))
    return engine.run(model, inputs, placement, windows, min_obs=12, **options)


def allowed(inputs: Inputs, firm: int, row: int, windows: Windows) -> BoolArray:
    """Estimation days of one event that may be used."""
    days = row + np.array(windows.estimation.days)
    found = np.isfinite(inputs.returns[firm, days]) & np.isfinite(inputs.factors[days]).all(axis=1)
    if inputs.excluded is not None:
        found &= ~inputs.excluded[firm, days]
    return np.asarray(found & windows.used)


def compare(found: Abnormal, inputs: Inputs, placement: Placement, windows: Windows) -> None:
    """Every event against least squares on its own days."""
    x = np.column_stack([np.ones(len(inputs.factors)), inputs.factors])
    q = found.q((-1, 1))
    for i, (firm, row) in enumerate(zip(placement.firm, placement.row, strict=True)):
        use = allowed(inputs, firm, row, windows)
        days = (row + np.array(windows.estimation.days))[use]
        theta = np.linalg.lstsq(x[days], inputs.returns[firm, days], rcond=None)[0]
        now = row + np.array(windows.event.days)
        np.testing.assert_allclose(found.params[i], theta, atol=1e-11)
        np.testing.assert_allclose(
            found.abnormal[i], inputs.returns[firm, now] - x[now] @ theta, atol=1e-12
        )
        left = inputs.returns[firm, days] - x[days] @ theta
        assert found.sigma[i] == pytest.approx(np.sqrt(left @ left / (use.sum() - len(theta))))
        s = x[row - 1 : row + 2].sum(axis=0)
        assert q[i] == pytest.approx(3.0 + s @ np.linalg.inv(x[days].T @ x[days]) @ s)
        assert found.n_obs[i] == use.sum()


@pytest.mark.parametrize("dates", [2, 30])
@pytest.mark.parametrize("share", [0.02, 0.3])
@pytest.mark.parametrize("k", [1, 4])
def test_events_with_missing_days(k: int, share: float, dates: int) -> None:
    inputs = world(k, share)
    placement = places(inputs, dates)
    compare(measured(inputs, placement).abnormal, inputs, placement, WINDOWS)


@pytest.mark.parametrize("windows", [WINDOWS, SPLIT], ids=["one", "two intervals"])
@pytest.mark.parametrize("excluded", [False, True])
@pytest.mark.parametrize("factor", [False, True])
def test_days_left_out_for_other_reasons(windows: Windows, excluded: bool, factor: bool) -> None:
    inputs = world(2, 0.05)
    if factor:
        inputs.factors[33] = np.nan
    out = np.random.default_rng(1).random(inputs.returns.shape) < 0.2 if excluded else None
    inputs = Inputs(inputs.returns, inputs.factors, inputs.names, inputs.risk_free, out)
    placement = places(inputs, 3)
    compare(measured(inputs, placement, windows).abnormal, inputs, placement, windows)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.05])
def test_an_estimation_after_the_event(share: float) -> None:
    inputs, after = world(2, share), Windows(es.Window(11, 60), es.Window(-2, 3))
    firm = np.arange(30)
    placement = Placement(firm, 2 + firm % 3 * 40, firm)
    compare(measured(inputs, placement, after).abnormal, inputs, placement, after)


def test_an_offset_is_subtracted_on_valid_days_only() -> None:
    inputs = world(1, 0.05)
    placement = places(inputs, 3)
    found = measured(inputs, placement, model=es.CAPM("F0")).abnormal
    assert inputs.risk_free is not None
    rate = inputs.risk_free
    excess = Inputs(inputs.returns - rate, inputs.factors - rate[:, None], inputs.names)
    compare(found, excess, placement, WINDOWS)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.2])
@pytest.mark.parametrize("keep", [(es.Window(2, 3),), (es.Window(3, 3), es.Window(0, 0))])
def test_an_offset_is_that_of_the_kept_days(share: float, keep: tuple[es.Window, ...]) -> None:
    inputs = world(1, share)
    placement = places(inputs, 3)
    whole, found = (measured(inputs, placement, model=es.CAPM("F0"), keep=k) for k in (None, keep))
    for window in keep:
        np.testing.assert_allclose(
            found.abnormal.car(window), whole.abnormal.car(window), atol=1e-15
        )


@pytest.mark.parametrize(("apart", "why"), [(5e-10, 0), (2e-11, Reason.ZERO_VARIANCE.code)])
def test_a_firm_that_does_not_leave_its_factor_stands_still(apart: float, why: int) -> None:
    """What is left is compared with the size of a return, after its digits were saved."""
    inputs = world(1, 0.0)
    noise = apart * 0.01 * np.random.default_rng(3).normal(size=inputs.returns.shape)
    inputs.returns[:] = inputs.factors[:, 0] + noise
    found = measured(inputs, places(inputs, 3))
    assert set(found.reason) == {why}


@pytest.mark.parametrize("share", [0.0, 0.05])
@pytest.mark.parametrize("demean", [True, False])
def test_without_parameters_sigma_is_about_the_mean_or_about_zero(
    share: float, demean: bool
) -> None:
    inputs = world(1, share)
    placement = places(inputs, 3)
    found = measured(inputs, placement, model=es.MarketAdjusted(sigma_demean=demean)).abnormal
    days = placement.row[:, None] + np.array(WINDOWS.estimation.days)
    gap = inputs.returns[placement.firm[:, None], days] - inputs.factors[days, 0]
    middle = np.nanmean(gap, axis=1, keepdims=True) if demean else 0.0
    assert (found.dof == np.isfinite(gap).sum(axis=1) - int(demean)).all()
    right = np.sqrt(np.nansum((gap - middle) ** 2, axis=1) / found.dof)
    np.testing.assert_allclose(found.sigma, right, rtol=1e-13)
    assert np.isnan(found.r2).all()


@pytest.mark.parametrize("alpha", [True, False])
def test_a_return_that_never_changes_is_no_estimate(alpha: bool) -> None:
    """Its spread is about its mean, whether or not there is a constant to know the mean from."""
    inputs = world(1, 0.0)
    inputs.returns[4] = inputs.returns[8] = 0.003
    inputs.returns[8, 40] = np.nan
    found = measured(inputs, places(inputs, 3), model=es.FactorModel(("F0",), alpha=alpha))
    assert np.flatnonzero(found.reason).tolist() == [4, 8]
    assert set(found.reason[[4, 8]]) == {Reason.ZERO_VARIANCE.code}


def test_too_few_days_lose_the_event_and_no_other() -> None:
    inputs = world(1, 0.02)
    inputs.returns[4, 15:60] = np.nan
    inputs.returns[5, 10:70] = np.nan
    placement = places(inputs, 1)
    found = measured(inputs, placement)
    assert np.flatnonzero(found.reason).tolist() == [4, 5]
    assert set(found.reason[[4, 5]]) == {Reason.MIN_EST.code}
    assert np.isnan(found.abnormal.params[[4, 5]]).all()
    keep = np.delete(np.arange(30), [4, 5])
    some = Placement(placement.firm[keep], placement.row[keep], keep)
    compare(found.abnormal.take(keep), inputs, some, WINDOWS)


def test_nobody_has_enough_days() -> None:
    inputs = world(1, 0.0)
    inputs.returns[:, 15:60] = np.nan
    found = measured(inputs, places(inputs, 1))
    assert set(found.reason) == {Reason.MIN_EST.code}
    assert np.isnan(found.abnormal.sigma).all()


@pytest.mark.parametrize("keep", [None, (), (es.Window(2, 2),)])
@pytest.mark.parametrize("windows", [WINDOWS, SPLIT], ids=["one", "two intervals"])
def test_nothing_is_known_of_events_that_cannot_be_fitted(windows: Windows, keep: Any) -> None:
    inputs = world(1, 0.0)
    inputs.returns[:, 15:] = np.nan
    found = measured(inputs, places(inputs, 1), windows, keep=keep)
    assert set(found.reason) == {Reason.NO_EVENT_DATA.code}
    for name in ("params", "sigma", "r2", "abnormal"):
        assert np.isnan(getattr(found.abnormal, name)).all()
    assert np.isnan(found.abnormal.car((2, 2))).all()


def test_days_are_made_again_where_no_window_is_kept() -> None:
    inputs = world(2, 0.02)
    placement = places(inputs, 3)
    found, whole = (measured(inputs, placement, keep=keep) for keep in ((), None))
    assert found.abnormal.__dict__["_given"] is None
    np.testing.assert_allclose(found.abnormal.abnormal, whole.abnormal.abnormal, atol=1e-15)
    np.testing.assert_array_equal(found.reason, whole.reason)


def test_complete_events_are_what_they_are_without_the_others() -> None:
    """Whether the neighbours wait in the queue changes nothing."""
    inputs = world(2, 0.0)
    placement = places(inputs, 3)
    alone = measured(inputs, placement).abnormal
    returns = inputs.returns.copy()
    returns[::2, 30] = np.nan
    holed = Inputs(returns, inputs.factors, inputs.names, inputs.risk_free)
    found = measured(holed, placement).abnormal
    for name in ("params", "sigma", "abnormal"):
        ours, right = getattr(found, name)[1::2], getattr(alone, name)[1::2]
        np.testing.assert_allclose(ours, right, rtol=0, atol=1e-14)


def test_infinite_returns_are_missing_ones() -> None:
    inputs = world(1, 0.0)
    placement = places(inputs, 2)
    inputs.returns[3, 55], inputs.returns[8, 52] = np.inf, -np.inf
    found = measured(inputs, placement).abnormal
    np.testing.assert_array_equal(np.flatnonzero(found.n_obs < 50), [3, 8])
    compare(found, inputs, placement, WINDOWS)


@pytest.mark.parametrize(
    ("share", "looked", "read"), [(0.0, 5, True), (0.3, 5, False), (0.3, 1000, True)]
)
def test_where_hardly_an_event_is_complete_all_wait_at_once(
    share: float, looked: int, read: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look at a few of many events decides, and nothing but the time depends on it."""
    inputs = world(2, share)
    placement, seen = places(inputs, 3), []
    usual = measured(inputs, placement).abnormal

    class Spied(solving.Reader):
        def read(self) -> solving.Seen:
            seen.append(1)
            return super().read()

    monkeypatch.setattr(solving, "Reader", Spied)
    monkeypatch.setattr(solving, "LOOKED", looked)
    monkeypatch.setattr(solving, "MANY", solving.SOME * looked)
    found = measured(inputs, placement).abnormal
    assert bool(seen) is read
    compare(found, inputs, placement, WINDOWS)
    for name in ("params", "sigma", "abnormal"):
        ours, right = getattr(found, name), getattr(usual, name)
        np.testing.assert_allclose(ours, right, rtol=0, atol=1e-14)


def test_days_left_out_by_others_count_as_missing_in_that_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inputs = world(1, 0.0)
    out = np.zeros(inputs.returns.shape, dtype=bool)
    out[:, ::9] = True
    monkeypatch.setattr(solving, "LOOKED", 5)
    monkeypatch.setattr(solving, "MANY", 5 * solving.SOME)
    monkeypatch.setattr(solving.Reader, "read", lambda _: pytest.fail("they can't be complete"))
    inputs = Inputs(inputs.returns, inputs.factors, inputs.names, inputs.risk_free, out)
    placement = places(inputs, 3)
    compare(measured(inputs, placement).abnormal, inputs, placement, WINDOWS)


# ── σ, R² and verdicts, with and without waiting ─────────────────────────────────────────
OTHERS = {
    "mean": es.MeanAdjusted(),
    "adjusted": es.MarketAdjusted("F0"),
    "excess": es.CAPM("F0"),
    "no alpha": es.FactorModel(("F0",), alpha=False),
    "excess, no alpha": es.FactorModel(("F0",), excess=True, alpha=False),
}


def design_of(model: Any, inputs: Inputs) -> tuple[FloatArray, FloatArray, bool]:
    """(T, p) regressors and (T,) offset of a model, and whether σ is about the mean."""
    design = model.linear_design(inputs.factors, inputs.names, inputs.risk_free)
    return design.matrix, design.offsets, bool(design.demean)


@pytest.mark.parametrize("share", [0.0, 0.05])
@pytest.mark.parametrize("name", OTHERS)
def test_spread_and_fit_are_those_of_the_residuals(name: str, share: float) -> None:
    model: Any = OTHERS[name]
    inputs = world(1, share)
    inputs.returns[:] += 0.003
    rate = np.random.default_rng(5).normal(0.004, 0.01, 160)
    inputs = Inputs(inputs.returns, inputs.factors, inputs.names, rate)
    if name == "mean":
        inputs = Inputs(inputs.returns, np.empty((160, 0)), ())
    placement = places(inputs, 3)
    found = measured(inputs, placement, model=model).abnormal
    x, offset, demean = design_of(model, inputs)
    one = bool(x.shape[1]) and bool((x[:, 0] == 1.0).all())
    for i, (firm, row) in enumerate(zip(placement.firm, placement.row, strict=True)):
        days = (row + np.array(WINDOWS.estimation.days))[allowed(inputs, firm, row, WINDOWS)]
        y = inputs.returns[firm, days] - offset[days]
        e = y - x[days] @ np.linalg.lstsq(x[days], y, rcond=None)[0] if x.shape[1] else y
        lost = x.shape[1]
        if not lost and demean:
            e, lost = e - e.mean(), 1
        assert found.sigma[i] == pytest.approx(np.sqrt(e @ e / (len(e) - lost)), rel=1e-11)
        if x.shape[1]:
            about = y - y.mean() if one else y
            assert found.r2[i] == pytest.approx(1.0 - e @ e / (about @ about), abs=1e-11)


@pytest.mark.parametrize("model", ["adjusted", "excess"])
@pytest.mark.parametrize("hole", [False, True])
def test_returns_that_stand_still_are_no_estimate_though_the_offset_moves(
    model: str, hole: bool
) -> None:
    inputs = world(1, 0.0)
    inputs.returns[4] = 0.002
    rate = np.random.default_rng(5).normal(0.0, 0.01, 160)
    inputs = Inputs(inputs.returns, inputs.factors, inputs.names, rate)
    if hole:
        inputs.returns[4, 55] = np.nan
    found = measured(inputs, places(inputs, 1), model=OTHERS[model])
    assert np.flatnonzero(found.reason).tolist() == [4]
    assert found.reason[4] == Reason.ZERO_VARIANCE.code


@pytest.mark.parametrize("hole", [False, True])
def test_a_multiple_of_the_factor_is_no_estimate(hole: bool) -> None:
    inputs = world(1, 0.0)
    inputs.returns[4] = 0.001 + 1.7 * inputs.factors[:, 0]
    if hole:
        inputs.returns[4, 55] = np.nan
    found = measured(inputs, places(inputs, 1))
    assert np.flatnonzero(found.reason).tolist() == [4]
    assert found.reason[4] == Reason.ZERO_VARIANCE.code


@pytest.mark.parametrize("hole", [False, True])
@pytest.mark.parametrize("shift", [0.0, 0.3])
@pytest.mark.parametrize("model", ["adjusted", "market"])
def test_a_firm_close_to_the_market_keeps_its_digits(model: str, shift: float, hole: bool) -> None:
    inputs, small = world(1, 0.0), np.random.default_rng(6).normal(0.0, 1e-8, 160)
    inputs.returns[4] = inputs.factors[:, 0] + shift + small
    if hole:
        inputs.returns[4, 55] = np.nan
    asked: Any = es.MarketAdjusted("F0") if model == "adjusted" else es.FactorModel(("F0",))
    found = measured(inputs, places(inputs, 1), model=asked)
    days = 70 + np.array(WINDOWS.estimation.days)
    days = days[np.isfinite(inputs.returns[4, days])]
    x = np.column_stack([np.ones(160), inputs.factors])[days]
    e, lost = small[days] - small[days].mean(), 1
    if model == "market":
        e, lost = e - x @ np.linalg.lstsq(x, e, rcond=None)[0], 2
    assert not found.reason.any()
    assert found.abnormal.sigma[4] == pytest.approx(np.sqrt(e @ e / (len(e) - lost)), rel=1e-7)


def test_dates_that_lack_a_factor_stand_beside_dates_that_do_not() -> None:
    inputs = world(2, 0.0)
    inputs.factors[33] = np.nan
    placement = places(inputs, 3)  # days 0 on 70, 96 and 123: only the first looks at 33
    found = measured(inputs, placement).abnormal
    compare(found, inputs, placement, WINDOWS)
    assert np.unique(found.n_obs).tolist() == [49.0, 50.0]


def test_dates_with_collinear_factors_stand_beside_dates_without() -> None:
    inputs = world(2, 0.0)
    inputs.factors[:65, 1] = 2.0 * inputs.factors[:65, 0]
    placement = places(inputs, 3)
    found = measured(inputs, placement)
    lost = placement.row == 70
    assert set(found.reason[lost]) == {Reason.COLLINEAR.code}
    assert not found.reason[~lost].any()
    some = Placement(placement.firm[~lost], placement.row[~lost], placement.event[~lost])
    compare(found.abnormal.take(~lost), inputs, some, WINDOWS)


@pytest.mark.parametrize("windows", [WINDOWS, SPLIT], ids=["one", "two intervals"])
def test_each_lost_event_is_told_why(windows: Windows) -> None:
    inputs = world(1, 0.0)
    inputs.factors[85:128] = np.nan  # too few factors for the later date
    inputs.returns[3, 15:60] = np.nan
    inputs.returns[5, 10:22] = inputs.returns[5, 35:60] = np.nan  # 13 returns, 8 in the intervals
    inputs.returns[7, 68:74] = np.nan
    inputs.returns[8, 80:125] = np.nan
    inputs.returns[11] = 0.001
    firm = np.random.default_rng(2).permutation(30)
    placement = Placement(firm, np.where(firm % 2, 70, 140), np.arange(30))
    wanted = dict.fromkeys(range(1, 30, 2), 0)
    wanted |= dict.fromkeys(range(0, 30, 2), Reason.FACTOR_MISSING.code)
    wanted |= {3: Reason.MIN_EST.code, 7: Reason.NO_EVENT_DATA.code, 8: Reason.MIN_EST.code}
    wanted |= {11: Reason.ZERO_VARIANCE.code}
    if windows is SPLIT:
        wanted[5] = Reason.MIN_EST.code
    found = measured(inputs, placement, windows)
    assert dict(zip(firm.tolist(), found.reason.tolist(), strict=True)) == wanted
