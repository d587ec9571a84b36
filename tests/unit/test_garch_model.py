"""GarchMarketModel against the plain loop of tests/oracle_garch.py, and where it ends."""

from __future__ import annotations

import math
import re
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import oracle_garch as loop
import pandas as pd
import pytest
from scipy import optimize

import eventstudy as es
from eventstudy.models.conditional import PROCESSES, states
from eventstudy.testing import check_model

L1, GAP, L2 = 120, 10, 5
L = L1 + GAP + L2
#: a day's returns of about 2 %
PARAMETERS = {
    "garch": (2e-5, 0.12, 0.82),
    "egarch": (-0.8, 0.25, -0.08, 0.9),
}
KINDS = list(PARAMETERS)
HORIZONS = ["forecast", "filter"]
FALLBACK = "did not converge, so least squares with a constant variance was used"


def block(kind: str, n: int = 4, seed: int = 0, *, length: int = L1) -> es.Block:
    rng = np.random.default_rng(seed)
    days = length + GAP + L2
    market = rng.normal(0.0, 0.01, days)
    shocks = [loop.simulated(kind, PARAMETERS[kind], days, rng) for _ in range(n)]
    return es.Block(
        returns=0.001 + 1.2 * market + np.array(shocks),
        factors=market[:, None],
        names=("market",),
        rows=np.arange(days),
        estimation=slice(0, length),
        event=slice(length + GAP, days),
    )


def level(data: es.Block, i: int) -> float:
    """Mean squared residual of least squares on the valid estimation days."""
    days = np.flatnonzero(data.valid[i, data.estimation])
    x = np.column_stack([np.ones(len(days)), data.factors[days, 0]])
    y = data.returns[i, days]
    e = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return float(np.mean(e**2))


def gaps(data: es.Block, i: int, params: np.ndarray) -> list[float]:
    """R − α − βRm of every day of the block."""
    pairs = zip(data.returns[i], data.factors[:, 0], strict=True)
    return [float(r - params[0] - params[1] * m) for r, m in pairs]


def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """One iteration is never enough."""
    home = es.GarchMarketModel.fit.__globals__["maximiser"].__globals__
    monkeypatch.setitem(home, "ITERATIONS", 1)


def close(got: object, want: object, tolerance: float = 1e-10) -> None:
    np.testing.assert_allclose(
        np.asarray(got, dtype=float), np.asarray(want, dtype=float), rtol=tolerance, atol=0
    )


# ── the recursion and the likelihood ─────────────────────────────────────────────────────
@pytest.mark.parametrize("kind", KINDS)
def test_recursion_and_likelihood_are_those_of_the_loop_and_of_arch(kind: str) -> None:
    from arch.univariate import EGARCH, GARCH, Normal

    rng = np.random.default_rng(3)
    volatility = GARCH(p=1, o=0, q=1) if kind == "garch" else EGARCH(p=1, o=1, q=1)
    for _ in range(5):
        e = rng.standard_t(5, 80)
        v0 = float(np.mean(e**2))
        a, b = rng.uniform(0.02, 0.3), rng.uniform(0.2, 0.69)
        parameters = (0.1, a, b) if kind == "garch" else (0.1, a, rng.uniform(-0.2, 0.2), b)
        known = np.ones((1, 80), dtype=bool)
        process = PROCESSES[kind]
        path = states(process, np.array([parameters]), e[None], known, np.array([v0]))
        ours = process.variance(path)[0]
        slow = loop.variances(kind, parameters, list(e), v0)[:-1]
        close(ours, slow)
        theirs = volatility.compute_variance(
            np.array(parameters),
            e,
            np.zeros(80),
            volatility.backcast_transform(v0),
            np.tile([1e-12, 1e12], (80, 1)),
        )
        close(theirs, slow)
        close(
            Normal().loglikelihood(np.empty(0), e, ours),
            loop.log_likelihood(kind, parameters, list(e), v0),
        )


@pytest.mark.parametrize("kind", KINDS)
def test_estimates_maximise_the_likelihood_of_the_loop(kind: str) -> None:
    data = block(kind)
    fit = es.GarchMarketModel(variance=kind).fit(data)
    assert fit.flags == ("",) * 4
    for i in range(4):
        v0 = level(data, i)
        unit = np.array([1e-3, 0.1, 1e-5, *[0.1] * 3])[: fit.params.shape[1]]
        unit[2] = 1e-5 if kind == "garch" else 0.1
        low = {"garch": [1e-12, 0, 0], "egarch": [-50, 0, -1, 0]}[kind]
        high = {"garch": [1, 1, 1], "egarch": [50, 1, 1, 0.9999]}[kind]

        def loss(point: np.ndarray, i: int = i, v0: float = v0) -> float:
            params = point * unit  # noqa: B023  (used before the next turn)
            inside = (params[2:] >= low).all() and (params[2:] <= high).all()  # noqa: B023  (called within the same turn)
            if not inside or (kind == "garch" and params[3] + params[4] > 0.9999):
                return 1e9
            e = gaps(data, i, params)[:L1]
            return -loop.log_likelihood(kind, params[2:].tolist(), e, v0)

        ours = loss(fit.params[i] / unit)
        found = optimize.minimize(
            loss, fit.params[i] / unit, method="Nelder-Mead", options={"maxfev": 400}
        )
        assert ours < 1e8
        assert found.fun > ours - 1e-6


def test_parameters_of_a_long_simulated_sample_come_back() -> None:
    for kind in KINDS:
        data = block(kind, n=8, seed=8, length=2000)
        fit = es.GarchMarketModel(variance=kind).fit(data)
        names = ["alpha", "market", "omega", "arch", "leverage", "garch"]
        assert list(fit.names) == [n for n in names if kind == "egarch" or n != "leverage"]
        found = fit.params.mean(axis=0)
        assert found[1] == pytest.approx(1.2, abs=0.05)
        np.testing.assert_allclose(found[3:], PARAMETERS[kind][1:], atol=0.04)


def test_without_arch_and_garch_terms_the_likelihood_is_that_of_least_squares() -> None:
    """G.13: at a = b = 0 the maximum over θ and ω is OLS."""
    data = block("garch", n=1)
    ols = es.MarketModel().fit(data)

    def loss(point: np.ndarray) -> float:
        e = gaps(data, 0, point[:2] * [1e-3, 1e-1])[:L1]
        return -loop.log_likelihood("garch", (math.exp(point[2]), 0.0, 0.0), e, 1.0)

    found = optimize.minimize(loss, [0.0, 0.0, -8.0], method="BFGS", options={"gtol": 1e-7})
    theta = found.x[:2] * [1e-3, 1e-1]
    ar = data.returns[0, data.event] - theta[0] - theta[1] * data.factors[data.event, 0]
    np.testing.assert_allclose(ar, ols.abnormal[0], atol=1e-6)
    assert math.exp(found.x[2]) == pytest.approx(level(data, 0), rel=1e-5)


# ── the event window ─────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("horizon", HORIZONS)
@pytest.mark.parametrize("kind", KINDS)
def test_event_variances_are_those_of_the_loop(kind: str, horizon: str) -> None:
    data = block(kind)
    returns = data.returns.copy()
    returns[1, [4, 50, 51, 118, 119]] = np.nan  # two of them just before the gap
    returns[2, [L1 + 3, L1 + GAP + 1]] = np.nan
    data = replace(data, returns=returns)
    fit = es.GarchMarketModel(variance=kind, horizon=horizon).fit(data)
    assert fit.variance is not None
    for i in range(4):
        params = fit.params[i]
        e, days = gaps(data, i, params), np.flatnonzero(np.isfinite(returns[i, :L1]))
        seen = [e[t] for t in days]
        h = loop.variances(kind, params[2:].tolist(), seen, level(data, i))[-1]
        later = e[days[-1] + 1 :]
        if horizon == "forecast":
            path = loop.forecast(kind, params[2:].tolist(), h, len(later))
        else:
            path = loop.filtered(kind, params[2:].tolist(), h, later)
        sigma = math.sqrt(sum(u * u for u in seen) / (len(seen) - 2))
        close(fit.sigma[i], sigma)
        close(fit.variance[i] * sigma**2, path[-L2:])
        close(fit.abnormal[i], e[-L2:])
        close(fit.residuals[i], e[:L1])
        assert fit.dof[i] == len(seen) - 2


@pytest.mark.parametrize("horizon", HORIZONS)
@pytest.mark.parametrize("kind", KINDS)
def test_without_a_day_before_the_event_its_variance_starts_anew(kind: str, horizon: str) -> None:
    """The estimation lies on both sides, but a late firm has returns after the event only."""
    data = block(kind, n=2)
    returns, holes = data.returns.copy(), np.zeros(data.returns.shape, dtype=bool)
    returns[1, :50], holes[:, 48:60] = np.nan, True
    data = replace(data, returns=returns, excluded=holes, event=slice(50, 50 + L2))
    fit = es.GarchMarketModel(variance=kind, horizon=horizon).fit(data)
    assert fit.variance is not None
    params, e = fit.params[1], gaps(data, 1, fit.params[1])[50 : 50 + L2]
    h = loop.variances(kind, params[2:].tolist(), [], level(data, 1))[-1]
    variance = params[2:].tolist()
    want = loop.filtered(kind, variance, h, e)
    if horizon == "forecast":
        want = loop.forecast(kind, variance, h, L2)
    close(fit.variance[1] * fit.sigma[1] ** 2, want[-L2:])


def test_expected_variances_of_an_egarch_are_those_of_simulated_paths() -> None:
    parameters = PARAMETERS["egarch"]
    omega, a, gamma, b = parameters
    rng, n = np.random.default_rng(0), 10_000
    h1, now, paths = 6e-4, np.full(10_000, math.log(6e-4)), []
    for _ in range(12):
        paths.append(np.exp(now))
        z = rng.standard_normal(n)
        now = omega + a * (np.abs(z) - loop.ROOT) + gamma * z + b * now
    exact = PROCESSES["egarch"].forecast(
        np.array([parameters]), np.array([math.log(h1)]), np.arange(1, 13)[None]
    )[0]
    means, errors = np.mean(paths, axis=1), np.std(paths, axis=1) / math.sqrt(n)
    assert exact[0] == pytest.approx(h1)
    assert (np.abs(means - exact)[1:] < 4 * errors[1:]).all()
    close(exact, loop.forecast("egarch", parameters, h1, 12))


@pytest.mark.parametrize("kind", KINDS)
def test_a_filter_without_returns_forecasts(kind: str) -> None:
    data = block(kind)
    returns = data.returns.copy()
    returns[:, L1:] = np.nan
    data = replace(data, returns=returns)
    one, two = (es.GarchMarketModel(variance=kind, horizon=h).fit(data) for h in HORIZONS)
    assert one.variance is not None
    assert two.variance is not None
    if kind == "garch":
        close(one.variance, two.variance)
    else:  # ln h moves as expected, which is below the logarithm of the expected h
        assert (two.variance < one.variance).all()


# ── missing days ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("kind", KINDS)
def test_missing_estimation_days_are_passed_over(kind: str) -> None:
    """A missing day is as if it were not in the calendar (A.5, G.7)."""
    data, gone = block(kind), [0, 1, 7, 30, 31, 32, 90]
    returns = data.returns.copy()
    returns[:, gone] = np.nan
    left = np.delete(np.arange(L), gone)
    short = replace(
        data,
        returns=data.returns[:, left],
        factors=data.factors[left],
        rows=np.arange(len(left)),
        estimation=slice(0, L1 - len(gone)),
        event=slice(len(left) - L2, len(left)),
    )
    model = es.GarchMarketModel(variance=kind)
    one, two = model.fit(replace(data, returns=returns)), model.fit(short)
    for part in ("params", "sigma", "dof", "abnormal", "variance"):
        close(getattr(one, part), getattr(two, part))
    assert np.isnan(one.residuals[:, gone]).all()


def test_excluded_days_count_as_missing() -> None:
    data = block("garch")
    returns, out = data.returns.copy(), np.zeros((4, L), dtype=bool)
    returns[:, 20:30], out[:, 20:30] = np.nan, True
    model = es.GarchMarketModel()
    one, two = model.fit(replace(data, excluded=out)), model.fit(replace(data, returns=returns))
    np.testing.assert_array_equal(one.params, two.params)
    np.testing.assert_array_equal(one.residuals, two.residuals)


def test_days_between_the_last_valid_one_and_the_event_count() -> None:
    data, parameters = block("garch", seed=5), slice(2, None)
    returns = data.returns.copy()
    returns[:, 115:L1] = np.nan
    fit = es.GarchMarketModel().fit(replace(data, returns=returns))
    assert fit.variance is not None
    for i in range(4):
        omega, a, b = fit.params[i, parameters]
        e = gaps(data, i, fit.params[i])[:115]
        h = loop.variances("garch", (omega, a, b), e, level(replace(data, returns=returns), i))[-1]
        mean = omega / (1 - a - b)
        k = L1 + GAP - 115 + 1
        close(fit.variance[i, 0] * fit.sigma[i] ** 2, mean + (a + b) ** (k - 1) * (h - mean), 1e-9)


@pytest.mark.parametrize("horizon", HORIZONS)
def test_an_estimation_after_the_event_starts_afresh(horizon: str) -> None:
    data = block("garch")
    turned = replace(data, estimation=slice(L - L1, L), event=slice(0, L2))
    fit = es.GarchMarketModel(horizon=horizon).fit(turned)
    assert fit.variance is not None
    omega, a, b = fit.params[0, 2:]
    x = np.column_stack([np.ones(L1), data.factors[-L1:, 0]])
    y = data.returns[0, -L1:]
    v0 = float(np.mean((y - x @ np.linalg.lstsq(x, y, rcond=None)[0]) ** 2))
    first = omega + (a + b) * v0
    close(fit.variance[0, 0] * fit.sigma[0] ** 2, first)
    shock = float(fit.abnormal[0, 0]) ** 2 if horizon == "filter" else first
    close(fit.variance[0, 1] * fit.sigma[0] ** 2, omega + a * shock + b * first)


# ── events that cannot be fitted, or only by least squares ───────────────────────────────
@pytest.mark.parametrize("kind", KINDS)
def test_no_convergence_falls_back_to_least_squares(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient(monkeypatch)
    data = block(kind)
    ols, before = es.MarketModel().fit(data), list(warnings.filters)
    for options in ({}, {"horizon": "filter"}, {"fec": True}):
        fit = es.GarchMarketModel(variance=kind, **options).fit(data)
        assert fit.flags == (f"the {kind.upper()} {FALLBACK}",) * 4
        close(fit.abnormal, ols.abnormal, 1e-8)
        close(fit.sigma, ols.sigma)
        assert fit.variance is not None
        close(fit.variance, np.ones((4, L2)))
        close(fit.params[:, :2], ols.params, 1e-9)
        want = ols.sigma**2 if kind == "garch" else 2 * np.log(ols.sigma)
        close(fit.params[:, 2], want)
        np.testing.assert_array_equal(fit.params[:, 3:], 0.0)
        if "fec" in options:
            close((fit.root**2).sum(axis=-1), (ols.root**2).sum(axis=-1))
    assert warnings.filters == before


def test_a_variance_at_the_bounds_of_arch_is_no_maximum(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where arch cuts h off, its likelihood is another one."""
    from arch.univariate import GARCH

    def narrow(self: GARCH, resids: np.ndarray, power: float = 2.0) -> np.ndarray:
        return np.tile([0.9, 1.1], (len(resids), 1))

    monkeypatch.setattr(GARCH, "variance_bounds", narrow)
    assert all(es.GarchMarketModel().fit(block("garch")).flags or ())


def test_a_wild_forecast_is_spoken_of() -> None:
    """Thirty days tell little of an EGARCH, and the mean of its variance is that of a long tail."""
    fit = es.GarchMarketModel(variance="egarch").fit(block("egarch", n=20, length=30))
    assert fit.variance is not None
    said = "the EGARCH expects more than 100 times the usual variance of an event day"
    wild = fit.variance.max(axis=1) > 100
    assert 0 < wild.sum() < 10
    assert fit.flags == tuple(said if far else "" for far in wild)


@pytest.mark.parametrize("fec", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_too_few_days(kind: str, fec: bool) -> None:
    data = block(kind)
    returns = data.returns.copy()
    returns[0, : L1 - 5] = np.nan  # fewer days than parameters: least squares
    returns[1, : L1 - 2] = np.nan  # no more days than mean parameters
    returns[2, :L1] = np.nan
    data = replace(data, returns=returns)
    fit = es.GarchMarketModel(variance=kind, fec=fec).fit(data)
    assert fit.flags is not None
    assert [bool(flag) for flag in fit.flags] == [True, False, False, False]
    close(fit.abnormal[0], es.MarketModel().fit(data).abnormal[0], 1e-8)
    assert np.isnan(fit.abnormal[1:3]).all()
    assert np.isnan(fit.sigma[1:3]).all()
    assert np.isfinite(fit.abnormal[3]).all()


def test_collinear_factors_and_still_returns_give_no_number() -> None:
    data = block("garch")
    flat = replace(data, factors=np.ones((L, 1)))
    assert np.isnan(es.GarchMarketModel().fit(flat).abnormal).all()
    returns = data.returns.copy()
    returns[0, : L - L2] = 0.001
    still = es.GarchMarketModel(variance="egarch", fec=True).fit(replace(data, returns=returns))
    assert still.sigma[0] < 1e-12
    assert still.variance is not None
    assert np.isnan(still.variance[0]).all()
    assert np.isfinite(still.variance[1:]).all()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"variance": "gjr"},
            "variance='gjr' is not known; choose one of 'garch', 'egarch'.",
        ),
        (
            {"horizon": "path"},
            "horizon='path' is not known; choose one of 'forecast', 'filter'.",
        ),
        (
            {"factors": ("IBIT", "market")},
            "GarchMarketModel got a factor twice: market, IBIT, market; name each once.",
        ),
    ],
)
def test_refusals(options: dict[str, Any], said: str) -> None:
    with pytest.raises(es.EventStudyError, match=f"^{re.escape(said)}$"):
        es.GarchMarketModel(**options)


# ── the error of the estimated parameters ────────────────────────────────────────────────
@pytest.mark.parametrize("kind", KINDS)
def test_forecast_error_of_a_long_sample_is_that_of_the_hessian(kind: str) -> None:
    """The inverse Hessian of arch, by second differences, on 3,000 days."""
    from arch.univariate import EGARCH, GARCH, LS

    data = block(kind, n=1, seed=2, length=3000)
    fit = es.GarchMarketModel(variance=kind, fec=True).fit(data)
    y, x = 100 * data.returns[0, :3000], 100 * data.factors[:3000, :1]
    volatility = GARCH(p=1, o=0, q=1) if kind == "garch" else EGARCH(p=1, o=1, q=1)
    model = LS(y, x=x, volatility=volatility, rescale=False)
    with warnings.catch_warnings():
        found = model.fit(disp="off", show_warning=False, backcast=1e4 * level(data, 0))
    cov = model.compute_param_cov(np.asarray(found.params), robust=False)[:2, :2]
    rows = np.column_stack([np.ones(L2), 100 * data.factors[data.event, 0]])
    want = np.einsum("lp,pq,lq->l", rows, cov, rows) / 1e4
    got = fit.sigma[0] ** 2 * (fit.root[0] ** 2).sum(axis=1)
    np.testing.assert_allclose(got, want, rtol={"garch": 0.1, "egarch": 0.25}[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_forecast_error_is_that_of_the_expected_hessian(kind: str) -> None:
    """Σ (∇ε∇ε'/h + ½ ∇ln h ∇ln h'), its gradients taken from the plain recursion."""
    data = block(kind, n=1, seed=2, length=400)
    fit = es.GarchMarketModel(variance=kind, fec=True).fit(data)
    point = fit.params[0]
    assert (np.abs(point[3:]) > 1e-3).all()

    def paths(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        e = gaps(data, 0, p)[:400]
        return np.array(e), np.log(loop.variances(kind, p[2:].tolist(), e, level(data, 0))[:400])

    steps = np.diag(1e-5 * np.abs(point))
    moved = [(paths(point + s), paths(point - s), 2 * s.sum()) for s in steps]
    errors, logs = (np.array([(u[k] - d[k]) / step for u, d, step in moved]) for k in (0, 1))
    information = (errors / np.exp(paths(point)[1])) @ errors.T + 0.5 * logs @ logs.T
    cov = np.linalg.inv(information)[:2, :2]
    rows = np.column_stack([np.ones(L2), data.factors[data.event, 0]])
    want = np.einsum("lp,pq,lq->l", rows, cov, rows)
    got = fit.sigma[0] ** 2 * (fit.root[0] ** 2).sum(axis=1)
    np.testing.assert_allclose(got, want, rtol=1e-3)


def test_forecast_error_of_constant_variance_is_that_of_least_squares() -> None:
    rng = np.random.default_rng(4)
    data = block("garch", n=6)
    data = replace(data, returns=data.factors[:, 0] + rng.uniform(-0.03, 0.03, (6, L)))
    ols = es.MarketModel().fit(data)
    fit = es.GarchMarketModel(fec=True).fit(data)
    ratio = (fit.root**2).sum(axis=-1) / (ols.root**2).sum(axis=-1)
    flat = fit.params[:, 3] == 0
    assert flat.any()  # b is then not identified, and held fixed
    np.testing.assert_allclose(ratio[flat], 1.0, atol=0.1)
    none = es.GarchMarketModel().fit(data)
    assert none.root.shape == (L2, 0)


# ── through the study ────────────────────────────────────────────────────────────────────
DAYS = pd.bdate_range("2025-01-01", periods=200)


def study(model: Any, rows: tuple[int, ...] = (150, 150, 150, 170, 180)) -> es.Result:
    rng = np.random.default_rng(12)
    market = rng.normal(0.0, 0.01, 200)
    firms = [f"F{i}" for i in range(len(rows))]
    table = {
        firm: market + loop.simulated("garch", PARAMETERS["garch"], 200, rng) for firm in firms
    }
    frame = pd.DataFrame(table, DAYS).assign(SPY=market)
    panel = es.Panel.from_returns(frame, market="SPY")
    events = pd.DataFrame({"ticker": firms, "date": DAYS[list(rows)]})
    return es.EventStudy(model=model, estimation=(-120, -11), window=(-2, 2)).run(events, panel)


def test_scar_is_the_car_over_the_root_of_the_summed_variances_and_savickas_is_bmp_on_it() -> None:
    found = study(es.GarchMarketModel()).abnormal
    assert found.variance is not None
    h = found.variance * found.sigma[:, None] ** 2
    close(found.sar, found.abnormal / np.sqrt(h))
    scar = found.abnormal[:, 1:4].sum(axis=1) / np.sqrt(h[:, 1:4].sum(axis=1))
    close(found.scar((-1, 1)), scar)
    t = math.sqrt(5) * scar.mean() / scar.std(ddof=1)
    result = es.inference.bmp(found, (-1, 1))
    assert result.statistic == pytest.approx(t)
    assert result.df == 4


def test_with_the_error_of_the_parameters_the_variance_of_a_car_grows() -> None:
    plain, more = (study(es.GarchMarketModel(fec=fec)).abnormal for fec in (False, True))
    s = more.root[more.design].sum(axis=1)
    close(more.q((-2, 2)), plain.q((-2, 2)) + (s**2).sum(axis=1))
    assert ((s**2).sum(axis=1) > 25 / 110 / 2).all()


def test_one_date_has_no_common_regression() -> None:
    result = study(es.GarchMarketModel(), (150, 150, 150))
    said = result.test("portfolio_t", (0, 0))
    assert math.isnan(said.pvalue)
    assert said.note == "the model leaves the events no common design"
    assert math.isfinite(result.test("adj_bmp", (0, 0)).pvalue)


def test_the_result_tells_of_fallbacks_and_shows_the_parameters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fine = study(es.GarchMarketModel())
    assert not any("converge" in note for note in fine.notes)
    columns = ["alpha", "SPY", "omega", "arch", "garch", "sigma", "r2", "n_obs", "dof"]
    assert list(fine.estimates.columns) == ["ticker", "day0", *columns]
    assert (fine.estimates["dof"] == 108).all()
    assert "beyond what the market explains" in fine.sentence((0, 0))
    impatient(monkeypatch)
    assert f"5 events: the GARCH {FALLBACK}." in study(es.GarchMarketModel()).notes


def test_an_event_with_too_few_days_leaves_the_study() -> None:
    assert es.GarchMarketModel().n_params == 5
    assert es.GarchMarketModel(variance="egarch", factors=("IBIT",)).n_params == 7
    result = study(es.GarchMarketModel(), (60, 150, 150))
    assert result.dropped["reason"].tolist() == ["min_est"]
    assert len(result.events) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_units_and_added_market_returns_change_nothing(kind: str) -> None:
    """G.2, G.3: to the digits that the optimiser settles."""
    data, model = block(kind), es.GarchMarketModel(variance=kind)
    factor = 3.0 if kind == "egarch" else -3.0  # the sign is the leverage's
    added = 0.01 + 0.7 * data.factors[:, 0]
    one = model.fit(data)
    for changed, k in ((factor * data.returns, factor), (data.returns + added, 1.0)):
        two = model.fit(replace(data, returns=changed))
        close(two.abnormal / k, one.abnormal, 1e-5)
        close(two.sigma / abs(k), one.sigma, 1e-7)
        assert one.variance is not None
        close(two.variance, one.variance, 1e-5)
        # a parameter may lie at its bound, zero
        np.testing.assert_allclose(two.params[:, 3:], one.params[:, 3:], rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize(
    "model",
    [es.GarchMarketModel(fec=True), es.GarchMarketModel(variance="egarch", horizon="filter")],
)
def test_the_contract_of_models_is_kept(model: es.GarchMarketModel) -> None:
    check_model(model)
