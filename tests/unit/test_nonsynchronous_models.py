"""Scholes–Williams and Dimson: which days they use, cases worked out by hand, identities."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import oracle
import oracle_lines
import pandas as pd
import pytest
from scipy.optimize import brentq

import eventstudy as es
from eventstudy import engine
from eventstudy.arrays import Block, Fit, Inputs, Placement, Windows
from eventstudy.windows import Window

Floats = np.ndarray[Any, np.dtype[np.float64]]
MARGIN = 3


def block(returns: Floats, market: Floats, *, estimation: int, event: int, **parts: Any) -> Block:
    """A block whose factors are known ``MARGIN`` days beyond both ends."""
    days = returns.shape[1]
    assert market.shape[-1] == days + 2 * MARGIN
    around = market[..., None]
    return Block(
        returns=returns,
        factors=around[..., MARGIN : MARGIN + days, :],
        names=("SPY",),
        rows=np.arange(100, 100 + days),
        estimation=slice(0, estimation),
        event=slice(days - event, days),
        around=around,
        **parts,
    )


def world(n: int = 5, days: int = 70, seed: int = 3) -> tuple[Floats, Floats]:
    """Returns that answer to the market of three days, and the market."""
    rng = np.random.default_rng(seed)
    market = rng.normal(0, 0.01, days + 2 * MARGIN)
    m = market[MARGIN:-MARGIN]
    before, after = market[MARGIN - 1 : -MARGIN - 1], market[MARGIN + 1 : len(market) - MARGIN + 1]
    returns = 0.001 + 0.3 * before + 0.6 * m + 0.1 * after + rng.normal(0, 0.02, (n, days))
    return returns, market


def fitted(model: Any, **changes: Any) -> Fit:
    returns, market = world()
    options = {"estimation": 55, "event": 5, **changes}
    found: Fit = model.fit(block(returns, market, **options))
    return found


ALL: list[Any] = [
    es.ScholesWilliams(),
    es.Dimson(),
    es.Dimson(lags=2),
    es.Dimson(lags=2, mode="full"),
    es.Dimson(weights="fowler-rorke"),
]


# ── slopes ───────────────────────────────────────────────────────────────────────────────
def test_dimson_finds_the_sum_of_exact_slopes() -> None:
    returns, market = world()
    m = {k: market[MARGIN + k : len(market) - MARGIN + k] for k in (-1, 0, 1)}
    exact = 0.002 + 0.3 * m[-1] + 0.6 * m[0] + 0.1 * m[1]
    returns = np.tile(exact, (2, 1))
    some = block(returns, market, estimation=55, event=5)
    one = es.Dimson().fit(some)
    level = 0.002 + float((0.3 * m[-1] + 0.1 * m[1] - 0.4 * m[0])[:55].mean())
    np.testing.assert_allclose(one.params, [[level, 1.0]] * 2, atol=1e-14)
    np.testing.assert_allclose(one.abnormal, (exact - level - m[0])[None, -5:].repeat(2, 0))
    whole = es.Dimson(mode="full").fit(some)
    assert whole.names == ("alpha", "SPY(-1)", "SPY", "SPY(+1)")
    np.testing.assert_allclose(whole.params, [[0.002, 0.3, 0.6, 0.1]] * 2, atol=1e-14)
    np.testing.assert_allclose(whole.abnormal, 0.0, atol=1e-15)


def test_scholes_williams_by_hand() -> None:
    """Days 1 … 5 of seven have two neighbours. The seven days stand here twice, with a pause."""
    week = [3.0, -1.0, 0.0, 1.0, 2.0, 3.0, -1.0]
    m = np.array([*week, 0.0, *week, 5.0])
    week = [9.0, 2.0, 1.0, 0.0, 4.0, -2.0, 9.0]
    y = np.array([*week, 0.0, *week, 7.0])
    pause = np.arange(16)[None] == 7
    market = np.r_[np.zeros(MARGIN), m, np.zeros(MARGIN)]
    found = es.ScholesWilliams().fit(block(y[None], market, estimation=15, event=1, excluded=pause))
    used = [1, 2, 3, 4, 5, 9, 10, 11, 12, 13]
    assert np.flatnonzero(np.isfinite(found.residuals[0])).tolist() == used
    # y 2 1 0 4 −2: mean 1, away 1 0 −1 3 −3
    # m −1 0 1 2 3: mean 1, away −2 −1 0 1 2, squares 10, with y −2 + 0 + 0 + 3 − 6 = −5
    # before 3 −1 0 1 2: mean 1, away 2 −2 −1 0 1, squares 10, with y 2 + 0 + 1 + 0 − 3 = 0
    # after 0 1 2 3 −1: mean 1, away −1 0 1 2 −2, squares 10, with y −1 + 0 − 1 + 6 + 6 = 10
    # ρ: (−2)(−1) + (−1)·0 + 0·1 + 1·2 = 4 of 10
    beta = (0.0 - 0.5 + 1.0) / (1 + 2 * 0.4)
    np.testing.assert_allclose(found.params, [[1.0 - beta, beta]])
    np.testing.assert_allclose(found.abnormal, [[7.0 - (1.0 - beta) - beta * 5.0]])
    e = (y - (1.0 - beta) - beta * m)[used]
    np.testing.assert_allclose(found.residuals[0, used], e)
    assert found.dof[0] == 8
    np.testing.assert_allclose(found.sigma, np.sqrt(e @ e / 8))
    # C: ten days about the mean 1, squares 20, the event at 5
    np.testing.assert_allclose((found.root**2).sum(axis=-1), [1 / 10 + 16 / 20])
    assert found.flags is None
    assert not found.common


def test_a_market_without_memory_leaves_the_sum_of_slopes() -> None:
    """G.10: 1 + 2ρ̂ = 1."""
    returns, market = world(1)
    u, v = market, np.roll(market, 7) ** 3 * 1e4

    def rho(c: float) -> float:
        m = (u + c * v)[MARGIN + 1 : MARGIN + 54]
        return float((m[1:] - m.mean()) @ (m[:-1] - m.mean()))

    grid = np.linspace(-40, 40, 801)
    values = [rho(c) for c in grid]
    k = next(k for k in range(800) if values[k] * values[k + 1] < 0)
    still = u + brentq(rho, grid[k], grid[k + 1], xtol=1e-15) * v
    found = es.ScholesWilliams().fit(block(returns, still, estimation=55, event=5))
    y = returns[0, 1:54]
    near = [still[MARGIN + 1 + j : MARGIN + 54 + j] for j in (-1, 0, 1)]
    slopes = [np.cov(x, y)[0, 1] / np.var(x, ddof=1) for x in near]
    np.testing.assert_allclose(found.params[0, 1], sum(slopes), rtol=1e-10)


def test_a_long_market_of_independent_days_has_no_correction() -> None:
    rng = np.random.default_rng(5)
    m = rng.normal(0, 1, 20_000 + 2 * MARGIN)
    returns = m[None, MARGIN:-MARGIN] + rng.normal(0, 1, (1, 20_000))
    some = block(returns, m, estimation=19_990, event=1)
    plain, corrected = es.MarketModel().fit(some), es.ScholesWilliams().fit(some)
    assert abs(plain.params[0, 1] - corrected.params[0, 1]) < 0.05


def test_thin_trading_is_corrected() -> None:
    """Half of the time yesterday's news is priced today: least squares finds half of β."""
    rng = np.random.default_rng(6)
    days = 20_000
    m = rng.normal(0.0, 0.01, days + 2 * MARGIN)
    true = 1.5 * m + rng.normal(0, 0.01, len(m))
    seen = 0.5 * true + 0.5 * np.roll(true, 1)
    some = block(seen[None, MARGIN:-MARGIN], m, estimation=days - 10, event=1)
    assert abs(es.MarketModel().fit(some).params[0, 1] - 0.75) < 0.05
    for model in ALL:
        beta = model.fit(some).params[0, 1:].sum()
        assert abs(beta - 1.5) < 0.06, model


# ── identities ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("options", [{}, {"mode": "full"}, {"weights": "fowler-rorke"}])
def test_dimson_without_lags_is_the_market_model(options: dict[str, str]) -> None:
    returns, market = world()
    returns[1, 7] = returns[3, -2] = np.nan
    some = block(returns, market, estimation=55, event=5)
    ours, plain = es.Dimson(lags=0, **options).fit(some), es.MarketModel().fit(some)
    for part in ("residuals", "abnormal", "expected", "params", "sigma", "dof", "root"):
        np.testing.assert_allclose(
            getattr(ours, part), getattr(plain, part), rtol=1e-12, atol=1e-16, err_msg=part
        )
    assert ours.names == plain.names


def test_fowler_rorke_without_autocorrelation_is_the_plain_sum(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """G.10, and W = (1 + ρ)/(1 + 2ρ) where there is some."""
    from eventstudy.models import nonsynchronous

    def zero(used: Floats, *_: object) -> Floats:
        return np.zeros(len(used))

    weighted = fitted(es.Dimson(lags=2, weights="fowler-rorke"))
    monkeypatch.setattr(nonsynchronous, "_autocorrelation", zero)
    ours = fitted(es.Dimson(lags=2, weights="fowler-rorke"))
    plain = fitted(es.Dimson(lags=2))
    np.testing.assert_array_equal(ours.params, plain.params)
    np.testing.assert_array_equal(ours.abnormal, plain.abnormal)
    assert not np.allclose(weighted.params, plain.params, rtol=1e-3)


@pytest.mark.parametrize("lags", [1, 2])
def test_fowler_rorke_weights_are_the_published_ones(lags: int) -> None:
    returns, market = world()
    slopes = (
        es.Dimson(lags=lags, mode="full")
        .fit(block(returns, market, estimation=55, event=5))
        .params[:, 1:]
    )
    m = market[MARGIN : MARGIN + 55]
    z = m - m.mean()
    one, two = (z[j:] @ z[:-j] / (z @ z) for j in (1, 2))
    if lags == 1:
        weights = np.array([1 + one, 1 + 2 * one, 1 + one]) / (1 + 2 * one)
    else:
        inner, outer, all_ = 1 + 2 * one + two, 1 + one + two, 1 + 2 * one + 2 * two
        weights = np.array([outer, inner, all_, inner, outer]) / all_
    found = fitted(es.Dimson(lags=lags, weights="fowler-rorke"))
    np.testing.assert_allclose(found.params[:, 1], slopes @ weights, rtol=1e-12)


@pytest.mark.parametrize("lags", [1, 3])
def test_the_full_regression_is_that_of_a_dummy(lags: int) -> None:
    """G.8: AR and CAR over σ√C and σ√Q are the t of event dummies in one regression."""
    returns, market = world()
    found = es.Dimson(lags=lags, mode="full").fit(block(returns, market, estimation=55, event=5))
    around = range(-lags, lags + 1)
    x = np.column_stack([market[MARGIN + k : len(market) - MARGIN + k] for k in around])
    for days in ([65], [69], [66, 67, 68]):
        rows = [*range(55), *days]
        dummy = np.isin(rows, days)
        design = np.column_stack([np.ones(len(rows)), x[rows], np.eye(len(rows))[:, dummy]])
        inverse = np.linalg.inv(design.T @ design)
        theta = inverse @ design.T @ returns[:, rows].T
        e = returns[:, rows] - (design @ theta).T
        sigma = np.sqrt((e**2).sum(axis=1) / (55 - 2 * lags - 2))
        ones = np.r_[np.zeros(2 * lags + 2), np.ones(len(days))]
        at = np.array(days) - 65
        s = found.root[at].sum(axis=0)
        car = found.abnormal[:, at].sum(axis=1)
        np.testing.assert_allclose(car, ones @ theta, rtol=1e-11)
        np.testing.assert_allclose(found.sigma, sigma, rtol=1e-12)
        np.testing.assert_allclose(len(days) + s @ s, ones @ inverse @ ones, rtol=1e-12)


# ── which days ───────────────────────────────────────────────────────────────────────────
def test_dimson_reads_the_gap_but_not_the_event() -> None:
    """The estimation ends right before the event: its last n days look into it."""
    returns, market = world()
    close = {"estimation": 65, "event": 5}
    for lags in (1, 2):
        model = es.Dimson(lags=lags)
        one = model.fit(block(returns, market, **close))
        used = np.isfinite(one.residuals[0])
        np.testing.assert_array_equal(used, np.arange(65) < 65 - lags)
        assert (one.dof == 65 - lags - (2 * lags + 2)).all()
        other = market.copy()
        other[MARGIN + 65 :] += 1.0  # the event window and beyond
        np.testing.assert_array_equal(model.fit(block(returns, other, **close)).params, one.params)
    spread = {"estimation": 60, "event": 5}
    before = es.Dimson().fit(block(returns, market, **spread))
    assert np.isfinite(before.residuals).all()
    other = market.copy()
    other[MARGIN + 60] += 1.0  # the first day of the gap
    after = es.Dimson().fit(block(returns, other, **spread))
    assert not np.allclose(after.params, before.params)
    other = market.copy()
    other[MARGIN - 1] += 1.0  # the day before the estimation
    after = es.Dimson().fit(block(returns, other, **spread))
    assert not np.allclose(after.params, before.params)


@pytest.mark.parametrize("lags", [1, 2, 3])
def test_dimson_stays_clear_of_an_event_before_its_estimation(lags: int) -> None:
    """The estimation begins right after the event: its first n days look back into it."""
    returns, market = world()
    after = replace(
        block(returns, market, estimation=65, event=5), estimation=slice(5, 70), event=slice(0, 5)
    )
    one = es.Dimson(lags=lags).fit(after)
    np.testing.assert_array_equal(np.isfinite(one.residuals[0]), np.arange(65) >= lags)
    other = market.copy()
    other[: MARGIN + 5] += 1.0  # the event window and what lies before
    moved = replace(
        block(returns, other, estimation=65, event=5), estimation=slice(5, 70), event=slice(0, 5)
    )
    np.testing.assert_array_equal(es.Dimson(lags=lags).fit(moved).params, one.params)


def test_scholes_williams_stays_in_the_estimation_window() -> None:
    returns, market = world()
    one = es.ScholesWilliams().fit(block(returns, market, estimation=60, event=5))
    used = np.isfinite(one.residuals[0])
    np.testing.assert_array_equal(used, (np.arange(60) > 0) & (np.arange(60) < 59))
    assert (one.dof == 56).all()
    other = market.copy()
    other[:MARGIN] += 1.0
    other[MARGIN + 60 :] += 1.0
    found = es.ScholesWilliams().fit(block(returns, other, estimation=60, event=5))
    np.testing.assert_array_equal(found.params, one.params)


def test_a_day_without_a_market_is_nobodys_neighbour() -> None:
    returns, market = world()
    market[MARGIN + 20] = np.nan
    cases: list[tuple[Any, int]]
    cases = [(es.ScholesWilliams(), 5), (es.Dimson(), 3), (es.Dimson(lags=2), 5)]
    for model, lost in cases:
        found = model.fit(block(returns, market, estimation=55, event=5))
        assert (np.isnan(found.residuals).sum(axis=1) == lost).all(), model
        assert np.isnan(found.residuals[:, 19:22]).all()


def test_an_excluded_day_is_not_used() -> None:
    """Nor is it a neighbour for Scholes–Williams; for Dimson it is like a day of the gap."""
    returns, market = world()
    out = np.zeros(returns.shape, dtype=bool)
    out[2, 20] = True
    cases: list[tuple[Any, int]] = [(es.ScholesWilliams(), 3), (es.Dimson(), 1)]
    for model, lost in cases:
        plain = model.fit(block(returns, market, estimation=55, event=5))
        found = model.fit(block(returns, market, estimation=55, event=5, excluded=out))
        more = np.isnan(found.residuals) & np.isfinite(plain.residuals)
        assert more.sum() == lost
        assert more[2].sum() == lost


def test_the_market_beyond_the_data_gives_no_abnormal_return() -> None:
    returns, market = world()
    market[-MARGIN:] = np.nan
    full = es.Dimson(lags=2, mode="full").fit(block(returns, market, estimation=55, event=5))
    np.testing.assert_array_equal(np.isfinite(full.abnormal[0]), [True, True, True, False, False])
    assert np.isnan(full.expected[0, 3:]).all()
    for model in (es.ScholesWilliams(), es.Dimson(lags=2)):
        found = model.fit(block(returns, market, estimation=55, event=5))
        assert np.isfinite(found.abnormal).all()


def test_too_few_days_give_nothing() -> None:
    """A.5: p + 5 days with their neighbours, or no abnormal return."""
    returns, market = world()
    returns[1, :46] = np.nan  # days 46 … 54: nine, eight of them between neighbours
    returns[2, :47] = np.nan
    found = es.Dimson().fit(block(returns, market, estimation=55, event=5))
    assert np.isfinite(found.abnormal[1]).all()
    assert np.isnan(found.abnormal[2]).all()
    found = es.ScholesWilliams().fit(block(returns, market, estimation=55, event=5))
    assert np.isfinite(found.abnormal[2]).all()
    assert found.dof[2] == 5
    returns[3, :48] = np.nan
    found = es.ScholesWilliams().fit(block(returns, market, estimation=55, event=5))
    assert np.isnan(found.abnormal[3]).all()


def test_a_market_that_stands_still_gives_nothing() -> None:
    returns, market = world()
    market[:] = 0.01
    for model in ALL:
        found = model.fit(block(returns, market, estimation=55, event=5))
        assert np.isnan(found.abnormal).all()
        assert np.isnan(found.params).all()


# ── blocks ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("model", ALL)
def test_an_event_alone_is_the_event_among_others(model: Any) -> None:
    returns, market = world()
    returns[1, [3, 9]] = returns[4, 54] = np.nan
    together = model.fit(block(returns, market, estimation=55, event=5))
    for i in range(len(returns)):
        alone = model.fit(block(returns[i : i + 1], market, estimation=55, event=5))
        for part in ("residuals", "abnormal", "params", "sigma", "dof"):
            np.testing.assert_allclose(
                getattr(alone, part)[0], getattr(together, part)[i], rtol=1e-11, atol=1e-16
            )


@pytest.mark.parametrize("model", ALL)
def test_each_firm_may_have_its_own_market(model: Any) -> None:
    returns, market = world()
    own = np.stack([market, *(world(seed=s)[1] for s in range(10, 14))])
    together = model.fit(block(returns, own, estimation=55, event=5))
    for i in range(len(returns)):
        alone = model.fit(block(returns[i : i + 1], own[i], estimation=55, event=5))
        for part in ("residuals", "abnormal", "params", "sigma"):
            np.testing.assert_allclose(
                getattr(alone, part)[0], getattr(together, part)[i], rtol=1e-11, atol=1e-16
            )
    assert together.root.shape[0] == len(returns)


# ── studies ──────────────────────────────────────────────────────────────────────────────
ORACLES: dict[str, tuple[Any, oracle.Model]] = {
    "Scholes-Williams": (es.ScholesWilliams("f"), oracle_lines.ScholesWilliams()),
    "Dimson": (es.Dimson("f", lags=2), oracle_lines.Dimson(n=2)),
    "full": (es.Dimson("f", mode="full"), oracle_lines.Dimson(full=True)),
    "Fowler-Rorke": (
        es.Dimson("f", lags=2, weights="fowler-rorke"),
        oracle_lines.Dimson(n=2, fowler_rorke=True),
    ),
}
TWO_SIDED = (Window(-60, -11), Window(8, 40))


@pytest.mark.parametrize("excluded", [False, True])
@pytest.mark.parametrize("intervals", [(), TWO_SIDED])
@pytest.mark.parametrize("name", ORACLES)
def test_a_market_with_holes_equals_the_plain_loop(
    name: str, intervals: tuple[Window, ...], excluded: bool
) -> None:
    ours, theirs = ORACLES[name]
    rng = np.random.default_rng(8)
    market = np.convolve(rng.standard_t(4, 261), [1.0, -0.2], "valid")[:, None] * 0.01
    returns = market[:, 0] * rng.normal(1, 0.3, (6, 1)) + rng.standard_t(4, (6, 260)) * 0.02
    returns[rng.random(returns.shape) < 0.03] = np.nan
    market[rng.random(260) < 0.03] = np.nan
    firm, row = np.tile(np.arange(6), 3), np.repeat([62, 150, 215], 6)
    hull = Window(-60, 40) if intervals else Window(-60, -1)
    windows = Windows(hull, Window(0, 4), intervals)
    out = rng.random(returns.shape) < 0.05 if excluded else None
    inputs = Inputs(returns, market, ("f",), excluded=out)
    found = engine.run(ours, inputs, Placement(firm, row, np.arange(18)), windows, min_obs=20)
    holes = frozenset(
        day for day in hull.days if intervals and not any(day in i.days for i in intervals)
    )
    setup = oracle.Setup(
        model=theirs, estimation=(hull.first, hull.last), window=(0, 4), min_obs=20, holes=holes
    )
    data = oracle.Data(returns, market, excluded=out)
    expected = oracle.run(data, firm.tolist(), row.tolist(), setup)
    assert np.flatnonzero(found.reason == 0).tolist() == [e.number for e in expected.events]
    kept = found.abnormal.take(found.reason == 0)
    for got, want in (
        (kept.params, "params"),
        (kept.residuals, "residuals"),
        (kept.abnormal, "ar"),
        (kept.sigma, "sigma"),
        (kept.dof, "dof"),
    ):
        expectation = np.array([getattr(e, want) for e in expected.events])
        np.testing.assert_allclose(got, expectation, rtol=1e-10, atol=1e-12, err_msg=want)
    for w in ((0, 0), (0, 4), (1, 2)):
        np.testing.assert_allclose(
            kept.scar(w), [e.scar(w) for e in expected.events], rtol=1e-10, atol=1e-12
        )


SESSIONS = pd.bdate_range("2025-01-01", periods=160)


def study(model: Any, *, turning: bool = False, row: int = 140) -> es.Result:
    rng = np.random.default_rng(9)
    market = rng.normal(0, 0.01, 160)
    if turning:
        market = 0.02 * (-1.0) ** np.arange(160) + rng.normal(0, 0.001, 160)
    returns = market + rng.normal(0, 0.02, (4, 160))
    frame = pd.DataFrame(returns.T, SESSIONS, list("ABCD")).assign(SPY=market)
    events = pd.DataFrame({"event_id": list("abcd"), "ticker": list("ABCD"), "date": SESSIONS[row]})
    panel = es.Panel.from_returns(frame, market="SPY")
    return es.EventStudy(model=model, estimation=(-120, -11), window=(-2, 2)).run(events, panel)


def test_days_lost_to_the_event_are_too_few_days_and_no_missing_factor() -> None:
    rng = np.random.default_rng(9)
    frame = pd.DataFrame(rng.normal(0, 0.02, (160, 2)), SESSIONS, ["A", "SPY"])
    panel = es.Panel.from_returns(frame, market="SPY")
    events = pd.DataFrame({"ticker": ["A"], "date": [SESSIONS[140]]})
    for least, lost in ((58, False), (59, True)):
        study = es.EventStudy(es.Dimson(lags=2), estimation=(-60, -1), window=(0, 0), min_obs=least)
        if lost:
            with pytest.raises(es.errors.NothingLeft, match="min_est"):
                study.run(events, panel)
        else:
            assert study.run(events, panel).abnormal.n_obs.tolist() == [58]


@pytest.mark.parametrize("key", ["portfolio_t", "sur_F", "gls_mean"])
def test_there_is_no_portfolio_of_such_regressions(key: str) -> None:
    """M.3: the mean of these abnormal returns is not the regression of a portfolio."""
    for model in (es.ScholesWilliams(), es.Dimson(), es.Dimson(weights="fowler-rorke")):
        found = study(model).test(key, (0, 0))
        assert np.isnan(found.pvalue)
        assert found.note == "the model leaves the events no common design"
    assert np.isfinite(study(es.Dimson(mode="full")).test(key, (0, 0)).pvalue)


def test_the_full_regression_is_the_regression_of_the_portfolio() -> None:
    """G.26: portfolio_t is the t of an event dummy in the regression of the mean return."""
    result = study(es.Dimson(mode="full"))
    found = result.test("portfolio_t", (0, 0))
    frame = result.panel.returns_frame()
    m, y = frame["SPY"].to_numpy(), frame[list("ABCD")].to_numpy().mean(axis=1)
    rows = [*range(20, 130), 140]
    x = np.column_stack([np.ones(160), np.roll(m, 1), m, np.roll(m, -1), np.arange(160) == 140])
    x, y = x[rows].astype(float), y[rows]
    inverse = np.linalg.inv(x.T @ x)
    theta = inverse @ x.T @ y
    e = y - x @ theta
    t = theta[-1] / np.sqrt(e @ e / (111 - 5) * inverse[-1, -1])
    assert found.statistic == pytest.approx(t, rel=1e-11)
    assert found.df == 106


def test_a_market_that_turns_every_day_is_remarked() -> None:
    for model in (es.ScholesWilliams(), es.Dimson(weights="fowler-rorke")):
        assert (
            "4 events: the market's autocorrelations leave 1 + 2Σρ ≤ 0, so the corrected β has no "
            "meaning." in study(model, turning=True).notes
        )
        assert not any("corrected" in note for note in study(model).notes)
    assert not any("corrected" in note for note in study(es.Dimson(), turning=True).notes)


def test_the_full_regression_ends_before_the_data_do() -> None:
    result = study(es.Dimson(lags=2, mode="full"), row=157)
    assert np.isnan(result.ar.loc["a", [1, 2]]).all()
    assert np.isfinite(result.ar.loc["a", [-2, -1, 0]]).all()
    assert np.isfinite(study(es.Dimson(lags=2), row=157).ar).all(axis=None)


def test_the_summary_says_what_is_explained() -> None:
    for model in ALL:
        said = " ".join(str(study(model).summary()).split())
        assert "on average beyond what the market explains" in said


def test_a_name_of_the_market_is_taken() -> None:
    assert es.Dimson("QQQ").needs == es.ScholesWilliams("QQQ").needs == ("QQQ",)
    assert [m.n_params for m in (es.Dimson(), es.Dimson(lags=3))] == [4, 8]
    assert replace(es.Dimson(), lags=2).leads == 2


def test_a_regression_with_many_leads_needs_its_days() -> None:
    with pytest.raises(es.errors.WindowError, match="Dimson needs at least 11"):
        es.EventStudy(model=es.Dimson(lags=2), estimation=(-20, -11))


# ── what is refused ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"lags": -1},
            "Dimson got lags=-1; give how many days before and after count, as in lags=1.",
        ),
        (
            {"lags": 1.5},
            "Dimson got lags=1.5; give how many days before and after count, as in lags=1.",
        ),
        (
            {"mode": "all"},
            "mode='all' is not known; choose one of 'sum', 'full'.",
        ),
        (
            {"weights": "fowler"},
            (
                "weights='fowler' is not known; choose one of 'none', 'fowler-rorke'. Did you mean "
                "'fowler-rorke'?"
            ),
        ),
        (
            {"lags": 3, "weights": "fowler-rorke"},
            (
                "Dimson got weights='fowler-rorke' with lags=3 and mode='sum'; these weights are "
                "published for lags 1 and 2 and weigh the sum of the slopes (mode='sum')."
            ),
        ),
        (
            {"mode": "full", "weights": "fowler-rorke"},
            (
                "Dimson got weights='fowler-rorke' with lags=1 and mode='full'; these weights are "
                "published for lags 1 and 2 and weigh the sum of the slopes (mode='sum')."
            ),
        ),
    ],
)
def test_what_dimson_refuses(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(es.errors.OptionError) as caught:
        es.Dimson(**options)
    assert str(caught.value) == sentence
