"""Huber, least absolute deviations and Theil–Sen: other implementations, ties, outliers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import oracle_lines
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.stats import theilslopes
from statsmodels.robust.scale import HuberScale

import eventstudy as es
from eventstudy.arrays import Block, Fit
from eventstudy.models import robust, robust_lines

Floats = np.ndarray[Any, np.dtype[np.float64]]
N, L1, L2 = 12, 90, 5
MODELS = {
    "huber": es.RobustMarketModel(),
    "lad": es.RobustMarketModel(method="lad"),
    "theil-sen": es.RobustMarketModel(method="theil-sen"),
    "separate": es.RobustMarketModel(method="theil-sen", intercept="separate"),
}


def block(returns: Floats, market: Floats, **parts: Any) -> Block:
    return Block(
        returns=returns,
        factors=market[..., None],
        names=("SPY",),
        rows=np.arange(market.shape[-1]),
        estimation=slice(0, market.shape[-1] - L2),
        event=slice(market.shape[-1] - L2, market.shape[-1]),
        **parts,
    )


def world(seed: int = 1, gaps: float = 0.0, n: int = N) -> tuple[Floats, Floats]:
    """Returns with fat tails on a market."""
    rng = np.random.default_rng(seed)
    market = rng.standard_t(5, L1 + L2) * 0.01
    noise = rng.standard_t(2, (n, L1 + L2)) * 0.01
    returns = 0.001 + rng.normal(1, 0.4, (n, 1)) * market + noise
    returns[rng.random(returns.shape) < gaps] = np.nan
    return returns, market


def points(returns: Floats, market: Floats, i: int) -> tuple[Floats, Floats]:
    """The valid estimation days of one event: market, returns."""
    y = returns[i, :L1]
    found = np.isfinite(y)
    return market[:L1][found], y[found]


def same(one: Fit, two: Fit, rtol: float = 1e-11, **rows: Any) -> None:
    index = rows.get("rows", slice(None))
    for part in ("residuals", "abnormal", "expected", "params", "sigma", "dof"):
        np.testing.assert_allclose(
            getattr(one, part), getattr(two, part)[index], rtol=rtol, atol=1e-15, err_msg=part
        )


# ── other implementations ────────────────────────────────────────────────────────────────
class AboutMedian(HuberScale):  # type: ignore[misc]  # statsmodels has no types
    """The scale of methods B.9; RLM's own takes the median of |e| about zero."""

    def __call__(self, df_resid: float, nobs: float, resid: Floats) -> float:
        return float(np.median(np.abs(resid - np.median(resid))) / 0.67448975)


@pytest.mark.parametrize("gaps", [0.0, 0.05])
@pytest.mark.parametrize("k", [0.5, 1.345, 3.0])
def test_huber_is_the_robust_regression_of_statsmodels(k: float, gaps: float) -> None:
    returns, market = world(gaps=gaps)
    found = es.RobustMarketModel(k=k).fit(block(returns, market))
    for i in range(N):
        x, y = points(returns, market, i)
        model = sm.RLM(y, sm.add_constant(x), M=sm.robust.norms.HuberT(t=k))
        theirs = model.fit(scale_est=AboutMedian(), conv="coefs", tol=1e-13, maxiter=500)
        np.testing.assert_allclose(found.params[i], theirs.params, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("gaps", [0.0, 0.05])
@pytest.mark.parametrize("intercept", ["joint", "separate"])
def test_theil_sen_is_that_of_scipy(intercept: Any, gaps: float) -> None:
    returns, market = world(gaps=gaps)
    market[3:9] = market[2]  # ties in x are left out
    found = es.RobustMarketModel(method="theil-sen", intercept=intercept).fit(
        block(returns, market)
    )
    for i in range(N):
        x, y = points(returns, market, i)
        slope, level, *_ = theilslopes(y, x, method=intercept)
        np.testing.assert_allclose(found.params[i], [level, slope], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("gaps", [0.0, 0.05])
def test_lad_is_the_linear_programme(gaps: float) -> None:
    returns, market = world(gaps=gaps)
    found = MODELS["lad"].fit(block(returns, market))
    for i in range(N):
        x, y = points(returns, market, i)
        m = len(x)
        equal = np.column_stack([np.ones(m), x * 100, np.eye(m), -np.eye(m)])
        cost = np.r_[0, 0, np.ones(2 * m)]
        bounds = [(None, None)] * 2 + [(0, None)] * (2 * m)
        theirs: Any = linprog(cost, A_eq=equal, b_eq=y * 100, bounds=bounds, method="highs")
        alpha, beta = theirs.x[0] / 100, theirs.x[1]
        np.testing.assert_allclose(found.params[i], [alpha, beta], rtol=1e-7, atol=1e-9)
        ours = np.abs(y - found.params[i, 0] - found.params[i, 1] * x).sum()
        assert ours <= theirs.fun / 100 * (1 + 1e-12)


# ── Huber ────────────────────────────────────────────────────────────────────────────────
def test_huber_without_a_bound_is_least_squares() -> None:
    """G.11"""
    for gaps in (0.0, 0.05):
        some = block(*world(gaps=gaps))
        plain, ours = es.MarketModel().fit(some), es.RobustMarketModel(k=float("inf")).fit(some)
        same(ours, plain)
        root = np.broadcast_to(ours.root, plain.root.shape)
        np.testing.assert_allclose(root, plain.root, atol=1e-15)


def test_huber_stops_where_nothing_spreads() -> None:
    """Most days lie exactly on the least-squares line: s = 0, the line stays (M.12)."""
    x = np.tile([-2.0, -1.0, 0.0, 1.0, 2.0], 6)
    y = np.zeros(30)
    y[[1, 2, 3]] = 1.0, -2.0, 1.0  # at −1, 0, 1: least squares is zero
    used = np.ones((1, 30), dtype=bool)
    zero = (np.zeros(1), np.zeros(1))
    alpha, beta, settled = robust_lines.huber(y[None], x[None], used, zero, 1.345)
    np.testing.assert_array_equal([alpha[0], beta[0]], [0.0, 0.0])
    assert settled.all()
    assert oracle_lines.huber(x.tolist(), y.tolist()) == (0.0, 0.0)


def test_huber_on_a_line_of_many_points_finds_the_line() -> None:
    rng = np.random.default_rng(4)
    market = rng.normal(0, 0.01, L1 + L2)
    returns = np.tile(0.001 + 1.5 * market, (3, 1))
    returns[:, :25] += rng.normal(0, 0.1, (3, 25))
    found = es.RobustMarketModel().fit(block(returns, market))
    np.testing.assert_allclose(found.params, [[0.001, 1.5]] * 3, rtol=1e-9)


def test_weights_that_do_not_settle_are_remarked(monkeypatch: pytest.MonkeyPatch) -> None:
    some = block(*world())
    assert es.RobustMarketModel().fit(some).flags is None
    monkeypatch.setattr(robust_lines, "PASSES", 2)
    found = es.RobustMarketModel().fit(some)
    assert found.flags == ("the weights had not settled after 200 passes (Huber)",) * N
    assert np.isfinite(found.params).all()


# ── least absolute deviations ────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("points", "line"),
    [
        # every line between the pairs is best: the flattest, then the lowest
        (([0, 0, 1, 1], [0, 1, 0, 1]), (0.0, 0.0)),
        (([0, 0, 1, 1], [0, 1, 5, 6]), (1.0, 4.0)),
        (([0, 0, 1, 1], [0, -1, -5, -6]), (-1.0, -4.0)),
        (([0, 0, 1, 1], [-1, 2, -1, 2]), (0.0, 0.0)),
        (([0, 0, 1, 1], [1, 2, 1, 2]), (1.0, 0.0)),
        (([0, 0, 1, 1], [-2, -1, -2, -1]), (-1.0, 0.0)),
    ],
)
def test_the_flattest_of_several_best_lines(
    points: tuple[list[int], list[int]], line: tuple[float, float]
) -> None:
    x, y = (np.array([v], dtype=float) for v in points)
    alpha, beta, unique = robust_lines.lad(y, x, np.ones(x.shape, dtype=bool))
    np.testing.assert_allclose([alpha[0], beta[0]], line, atol=1e-15)
    assert not unique[0]
    np.testing.assert_allclose(oracle_lines.lad(x[0], y[0]), line, atol=1e-15)


def test_an_ambiguous_line_is_counted_in_the_notes() -> None:
    """A market of two values, each on an even number of days: each has a choice of medians."""
    days = pd.bdate_range("2025-01-01", periods=60)
    rng = np.random.default_rng(2)
    market = np.where(np.arange(60) % 2, 0.01, 0.0)
    rise = np.where(np.arange(60) // 2 % 2, 0.02, -0.02)
    other = rng.normal(0, 0.02, 60)
    frame = pd.DataFrame({"A": rise, "B": other, "C": other, "SPY": market}, days)
    frame.loc[days[20:22], "C"] = np.nan  # 19 days of either kind: one line
    dates = days[[50, 50, 50]]
    events = pd.DataFrame({"event_id": list("abc"), "ticker": list("ABC"), "date": dates})
    panel = es.Panel.from_returns(frame, market="SPY")
    study = es.EventStudy(model=MODELS["lad"], estimation=(-44, -5), window=(0, 0))
    result = study.run(events, panel)
    text = "several lines are best; the flattest is taken (LAD)"
    assert f"2 events: {text}." in result.notes
    assert result.abnormal.flags is not None
    assert result.abnormal.flags.tolist() == [text, text, ""]
    np.testing.assert_array_equal(result.abnormal.params[0], [0.0, 0.0])


KINDS = st.sampled_from(["free", "ticks", "zeros", "two", "line", "tied", "scaled", "far"])


def cloud(kind: str, seed: int) -> tuple[Floats, Floats]:
    """Points that make it hard: ties of x, of y, of slopes; scales far apart."""
    rng = np.random.default_rng(seed)
    m = int(rng.integers(7, 40))
    x, y = rng.normal(size=(2, m))
    if kind == "ticks":
        x, y = rng.integers(-3, 4, (2, m)) * 0.01
    if kind == "zeros":
        y = np.where(rng.random(m) < 0.6, 0.0, y)
    if kind == "two":
        x = rng.integers(0, 2, m) * 1.0
    if kind == "line":
        y = np.where(rng.random(m) < 0.5, 0.25 + 0.5 * x, y)
    if kind == "tied":
        x = np.repeat(x, 3)[:m]
    if kind == "scaled":
        x, y = x * 1e2, y * 1e-6
    if kind == "far":
        x, y = x + 100, y + 5
    x[:2] = x[0], x[0] + 1.0  # never all the same
    return x, y


@given(kind=KINDS, seed=st.integers(0, 2**32 - 1))
def test_lad_is_the_best_of_all_lines_through_two_points(kind: str, seed: int) -> None:
    x, y = cloud(kind, seed)
    used = np.ones((1, len(x)), dtype=bool)
    alpha, beta, unique = robust_lines.lad(y[None], x[None], used)
    a, b = oracle_lines.lad(x.tolist(), y.tolist())
    wide, tall = np.ptp(x), np.abs(y).max() + 1e-300
    assert abs(beta[0] - b) * wide <= 1e-9 * tall
    assert abs(alpha[0] - a) <= 1e-9 * tall * (1 + np.abs(x).max() / wide)
    if kind in ("free", "scaled", "far"):
        assert unique[0]


@given(kind=KINDS, seed=st.integers(0, 2**32 - 1))
def test_theil_sen_is_the_median_of_all_pairs(kind: str, seed: int) -> None:
    x, y = cloud(kind, seed)
    used = np.ones((1, len(x)), dtype=bool)
    for joint in (True, False):
        found = robust_lines.theil_sen(y[None], x[None], used, joint=joint)
        want = oracle_lines.theil_sen(x.tolist(), y.tolist(), separate=not joint)
        np.testing.assert_allclose([v[0] for v in found], want, rtol=1e-13, atol=1e-15)


# ── what all share ───────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", MODELS)
def test_an_outlier_does_not_carry_the_line_away(name: str) -> None:
    """G.11: one return grows without bound; only least squares follows it, in proportion."""
    returns, market = world(n=1)
    day = int(np.argmax(market[:L1]))
    clean = MODELS[name].fit(block(returns, market)).params[0, 1]
    slopes, plain = [], []
    for size in (1e1, 1e3, 1e5, 1e7):
        wild = returns.copy()
        wild[0, day] = size
        some = block(wild, market)
        slopes.append(MODELS[name].fit(some).params[0, 1])
        plain.append(es.MarketModel().fit(some).params[0, 1])
    assert max(abs(b - clean) for b in slopes) < 0.5
    assert np.ptp(slopes) < 1e-4
    np.testing.assert_allclose(np.diff(plain)[1:] / np.diff(plain)[:-1], 100.0, rtol=1e-3)


@pytest.mark.parametrize("gaps", [0.0, 0.05])
@pytest.mark.parametrize("name", MODELS)
def test_scale_and_regression_equivariance(name: str, gaps: float) -> None:
    """G.11, G.3, G.4: of all units of R and of Rm, and of what is added to R."""
    returns, market = world(gaps=gaps)
    base = MODELS[name].fit(block(returns, market))
    for k in (1e-6, -3.0, 1e2):
        found = MODELS[name].fit(block(k * returns, market))
        np.testing.assert_allclose(found.params, k * base.params, rtol=1e-10)
        np.testing.assert_allclose(found.abnormal, k * base.abnormal, rtol=1e-9)
        np.testing.assert_allclose(found.sigma, abs(k) * base.sigma, rtol=1e-10)
        found = MODELS[name].fit(block(returns, k * market))
        np.testing.assert_allclose(found.params[:, 1], base.params[:, 1] / k, rtol=1e-10)
        np.testing.assert_allclose(found.residuals, base.residuals, rtol=1e-9, atol=1e-13)
    if name == "separate":
        return  # its α takes the medians of R and Rm apart: not of what is added
    found = MODELS[name].fit(block(returns + 0.02 - 1.5 * market, market))
    np.testing.assert_allclose(found.params, np.add(base.params, [0.02, -1.5]), rtol=1e-10)
    np.testing.assert_allclose(found.residuals, base.residuals, rtol=1e-9, atol=1e-13)
    found = MODELS[name].fit(block(returns, market + 0.05))
    np.testing.assert_allclose(found.abnormal, base.abnormal, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("name", MODELS)
def test_sigma_and_forecast_error(name: str) -> None:
    """σ² = Σe²/(M − 2); C and Q are those of the market model over the same days."""
    some = block(*world(gaps=0.05))
    found, plain = MODELS[name].fit(some), es.MarketModel().fit(some)
    squares = np.nansum(found.residuals**2, axis=1)
    count = np.isfinite(found.residuals).sum(axis=1)
    np.testing.assert_allclose(found.sigma, np.sqrt(squares / (count - 2)), rtol=1e-13)
    np.testing.assert_array_equal(found.dof, count - 2)
    np.testing.assert_allclose(found.root, plain.root, atol=1e-14)
    assert (found.sigma >= plain.sigma).all()
    assert found.names == ("alpha", "SPY")
    assert not found.common


@pytest.mark.parametrize("name", MODELS)
def test_nothing_depends_on_who_is_fitted_beside(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    returns, market = world(gaps=0.02)
    whole = MODELS[name].fit(block(returns, market))
    for i in (0, 5, 11):
        same(MODELS[name].fit(block(returns[i : i + 1], market)), whole, rows=slice(i, i + 1))
    same(MODELS[name].fit(block(returns[::-1], market)), whole, rows=slice(None, None, -1))
    monkeypatch.setattr(robust, "TILE", 5)
    monkeypatch.setattr(robust_lines, "PAIRS", 9000)
    small = MODELS[name].fit(block(returns, market))
    np.testing.assert_array_equal(small.params, whole.params)
    np.testing.assert_array_equal(small.abnormal, whole.abnormal)


@pytest.mark.parametrize("name", MODELS)
def test_days_that_are_not_estimated_on_do_not_matter(name: str) -> None:
    returns, market = world()
    out = np.zeros(returns.shape, dtype=bool)
    out[:, 10:20] = True
    wild = returns.copy()
    wild[:, 10:20] = 1e3
    wild[:, L1:] = 1e3
    one = MODELS[name].fit(block(returns, market, excluded=out))
    two = MODELS[name].fit(block(wild, market, excluded=out))
    np.testing.assert_array_equal(one.params, two.params)
    np.testing.assert_array_equal(one.residuals, two.residuals)
    assert np.isnan(one.residuals[:, 10:20]).all()


@pytest.mark.parametrize("name", MODELS)
def test_each_firm_may_have_its_own_market(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    returns, _ = world(gaps=0.02)
    own = np.stack([world(seed=20 + i)[1] for i in range(N)])
    own[3, 7] = np.nan
    whole = MODELS[name].fit(block(returns, own))
    for i in range(N):
        alone = MODELS[name].fit(block(returns[i : i + 1], own[i]))
        same(alone, whole, rows=slice(i, i + 1))
    monkeypatch.setattr(robust, "TILE", 5)
    monkeypatch.setattr(robust_lines, "PAIRS", 9000)
    small = MODELS[name].fit(block(returns, own))
    np.testing.assert_array_equal(small.params, whole.params)


@pytest.mark.parametrize("name", MODELS)
def test_no_line_where_there_is_none(name: str) -> None:
    """Too few days, or a market that stands still."""
    returns, market = world()
    returns[2, :84] = np.nan  # six days
    returns[3, :83] = np.nan  # seven
    found = MODELS[name].fit(block(returns, market))
    assert np.isnan(found.abnormal[2]).all()
    assert np.isnan(found.params[2]).all()
    assert np.isfinite(np.delete(found.abnormal, 2, axis=0)).all()
    still = MODELS[name].fit(block(returns, np.full_like(market, 0.01)))
    assert np.isnan(still.abnormal).all()


@pytest.mark.parametrize("key", ["portfolio_t", "sur_F", "gls_mean"])
def test_there_is_no_portfolio_of_robust_lines(key: str) -> None:
    """G.25 needs least squares (M.16): the tests that need a portfolio stay silent."""
    days = pd.bdate_range("2025-01-01", periods=L1 + L2 + 20)
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(0, 0.02, (len(days), 4)), days, [*"ABC", "SPY"])
    events = pd.DataFrame({"event_id": list("abc"), "ticker": list("ABC"), "date": days[100]})
    panel = es.Panel.from_returns(frame, market="SPY")
    for model in MODELS.values():
        study = es.EventStudy(model=model, estimation=(-90, -11), window=(-2, 2))
        result = study.run(events, panel)
        found = result.test(key, (0, 0))
        assert np.isnan(found.pvalue)
        assert found.note == "the model leaves the events no common design"
        assert np.isfinite(result.test("adj_bmp", (0, 0)).pvalue)
        said = " ".join(str(result.summary()).split())
        assert "on average beyond what the market explains" in said


# ── what is refused ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"method": "ols"},
            "method='ols' is not known; choose one of 'huber', 'lad', 'theil-sen'.",
        ),
        (
            {"method": "theil-sen", "intercept": "apart"},
            (
                "intercept='apart' is not known; choose one of 'joint', 'separate'. Did you mean "
                "'separate'?"
            ),
        ),
        (
            {"k": 0.0},
            (
                "RobustMarketModel got k=0.0; give a number above 0, as in k=1.345 (infinity is "
                "least squares)."
            ),
        ),
        (
            {"k": "1"},
            (
                "RobustMarketModel got k='1'; give a number above 0, as in k=1.345 (infinity is "
                "least squares)."
            ),
        ),
        (
            {"method": "lad", "k": 2.0},
            (
                "RobustMarketModel got k=2.0, which is for method='huber'; leave it out with "
                "method='lad'."
            ),
        ),
        (
            {"intercept": "separate"},
            (
                "RobustMarketModel got intercept='separate', which is for method='theil-sen'; "
                "leave it out with method='huber'."
            ),
        ),
    ],
)
def test_what_is_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(es.errors.OptionError) as caught:
        es.RobustMarketModel(**options)
    assert str(caught.value) == sentence


def test_a_model_is_a_value() -> None:
    assert replace(es.RobustMarketModel(), method="lad") == MODELS["lad"]
    assert es.RobustMarketModel("QQQ").needs == ("QQQ",)
