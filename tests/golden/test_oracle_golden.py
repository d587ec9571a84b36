"""The plain specification gives the printed numbers, and keeps the identities it must keep."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Literal

import numpy as np
import oracle
import pytest
from golden import fixtures
from oracle import Study, Window
from scipy import stats

SETUP = oracle.Setup(
    estimation=fixtures.ESTIMATION, window=fixtures.EVENT_WINDOW, min_obs=fixtures.MIN_OBS
)


@cache
def study(example: str) -> Study:
    data = oracle.Data(fixtures.returns(example), fixtures.market()[:, None])
    return oracle.run(data, range(fixtures.FIRMS), [fixtures.DAY0] * fixtures.FIRMS, SETUP)


M = fixtures.MIN_OVERLAP
STATISTICS: dict[str, Callable[[Study, Window], float]] = {
    "N": lambda s, w: len(s.sample(w)),
    "caar": lambda s, w: oracle.mean(oracle.cars(s, w)),
    "scar[0]": lambda s, w: s.events[0].scar(w),
    "csect_t": lambda s, w: oracle.csect_t(s, w).statistic,
    "ts_t": lambda s, w: oracle.ts_t(s, w).statistic,
    "patell": lambda s, w: oracle.patell(s, w).statistic,
    "patell(sum_sar)": lambda s, w: oracle.patell(s, w, "sum_sar").statistic,
    "adj_patell": lambda s, w: oracle.adj_patell(s, w, M).statistic,
    "bmp": lambda s, w: oracle.bmp(s, w).statistic,
    "adj_bmp": lambda s, w: oracle.adj_bmp(s, w, M).statistic,
    "adj_bmp p[t(N-1)]": lambda s, w: oracle.adj_bmp(s, w, M).pvalue,
    "skew_t(johnson)": lambda s, w: oracle.skew_t(s, w, "johnson").statistic,
    "skew_t(hall)": lambda s, w: oracle.skew_t(s, w).statistic,
    "corrado": lambda s, w: oracle.rank(s, w).statistic,
    "cumrank_t": lambda s, w: oracle.cumrank_t(s, w).statistic,
    "corrado_zivney": lambda s, w: oracle.rank_cz(s, w).statistic,
    "grank_t(none)": lambda s, w: oracle.grank_t(s, w, "none").statistic,
    "grank_z": lambda s, w: oracle.grank_z(s, w).statistic,
    "grank_t(sd)": lambda s, w: oracle.grank_t(s, w, "sd", M).statistic,
    "grank_t(full)": lambda s, w: oracle.grank_t(s, w, "full", M).statistic,
    "gen_sign": lambda s, w: oracle.gen_sign(s, w).statistic,
    "corrado_sign": lambda s, w: oracle.corrado_sign(s, w).statistic,
    "wilcoxon W+": lambda s, w: oracle.wilcoxon(s, w).statistic,
    "jackknife_t": lambda s, w: oracle.jackknife(s, w, 3).statistic,
    "placebo_window p": lambda s, w: oracle.placebo_window(s, w).pvalue,
    "portfolio_t": lambda s, w: oracle.portfolio_t(s, w).statistic,
    "sur_F": lambda s, w: oracle.sur_f(s, w).statistic,
    "gls_t(naive)": lambda s, w: oracle.gls_mean(s, w, naive=True).statistic,
    "gls_t(exact)": lambda s, w: oracle.gls_mean(s, w).statistic,
}
SCALARS: dict[str, Callable[[Study], float]] = {
    "alpha[0]": lambda s: float(s.events[0].params[0]),
    "beta[0]": lambda s: float(s.events[0].params[1]),
    "sigma[1]": lambda s: s.events[1].sigma,
    "C[0,tau=0]": lambda s: s.events[0].q((0, 0)),
    "AR[0,tau=0]": lambda s: float(s.events[0].ar[2]),
    "rbar": lambda s: oracle.mean_correlation(s, (0, 0), M),
}


def close(value: float) -> object:
    return pytest.approx(value, rel=1e-10, abs=1e-10 if value == 0 else 0.0)


# ── the printed numbers ──────────────────────────────────────────────────────────────────
def test_the_table_is_complete() -> None:
    assert set(STATISTICS) == set(fixtures.GOLDEN)
    assert set(SCALARS) == set(fixtures.SCALARS)
    assert len(fixtures.cases()) == 29 * 6 - 4 * 3
    assert len(fixtures.scalar_cases()) == 12


@pytest.mark.parametrize(("statistic", "example", "window", "value"), fixtures.cases())
def test_golden_statistic(statistic: str, example: str, window: Window, value: float) -> None:
    assert STATISTICS[statistic](study(example), window) == close(value)


@pytest.mark.parametrize(("name", "example", "value"), fixtures.scalar_cases())
def test_golden_scalar(name: str, example: str, value: float) -> None:
    assert SCALARS[name](study(example)) == close(value)


# ── what the examples do not reach: the same numbers by another road ─────────────────────
WIDE = oracle.Setup(estimation=(-60, -6), window=(-3, 3), min_obs=30)
L1 = 55
Side = Literal["two-sided", "greater", "less"]
SIDES: tuple[Side, ...] = ("two-sided", "greater", "less")
Test = Callable[[Study, Window], oracle.Answer]


def noise(firms: int = 6, days: int = 160, seed: int = 0) -> tuple[oracle.Floats, oracle.Floats]:
    """(firms, days) returns with a common shock, and (days, 2) factors."""
    rng = np.random.default_rng(seed)
    factors = 0.01 * rng.standard_normal((days, 2))
    own = rng.standard_normal((firms, days)) + 0.7 * rng.standard_normal(days)
    return 0.001 + factors[:, 0] + 0.02 * own, factors


def shared(firms: int = 6) -> Study:
    """All firms on day 80, market model."""
    r, f = noise(firms)
    return oracle.run(oracle.Data(r, f), range(firms), [80] * firms, WIDE)


def slope_t(y: oracle.Floats, X: oracle.Floats) -> float:
    """t of the last column in a regression."""
    inverse = np.linalg.inv(X.T @ X)
    b = inverse @ X.T @ y
    e = y - X @ b
    return float(b[-1] / math.sqrt(e @ e / (len(y) - X.shape[1]) * inverse[-1, -1]))


@pytest.mark.parametrize("day", [-3, 0, 3])
def test_single_t_is_the_t_of_an_event_dummy(day: int) -> None:
    r, f = noise()
    model = oracle.linear(2)
    found = oracle.run(oracle.Data(r, f), [2], [80], replace(WIDE, model=model)).events[0]
    rows = [*range(20, 75), 80 + day]
    X = np.column_stack([np.ones(L1 + 1), f[rows], np.arange(L1 + 1) == L1])
    assert oracle.single_t(found, (day, day)).statistic == close(slope_t(r[2, rows], X))


def test_the_t_of_a_car_uses_the_squared_sum() -> None:
    r, f = noise()
    found = shared().events[1]
    rows = [*range(20, 75), 79, 80, 81]
    # one parameter for the sum: days 2 and 3 each get a dummy of their own
    dummies = np.zeros((L1 + 3, 3))
    dummies[-3:] = [[-1, -1, 1], [1, 0, 0], [0, 1, 0]]
    X = np.column_stack([np.ones(L1 + 3), f[rows, 0], dummies])
    assert oracle.single_t(found, (-1, 1)).statistic == close(slope_t(r[1, rows], X))


def test_portfolio_t_is_single_t_of_the_portfolio() -> None:
    r, f = noise()
    one = oracle.run(oracle.Data(r.mean(axis=0)[None], f), [0], [80], WIDE).events[0]
    for window in [(0, 0), (-2, 3)]:
        expected = oracle.single_t(one, window)
        found = oracle.portfolio_t(shared(), window)
        assert (found.statistic, found.df) == (close(expected.statistic), expected.df)


def test_adjusted_patell_is_the_portfolio_of_standardised_residuals() -> None:
    sample = shared()
    found = oracle.adj_patell(sample, (-1, 1), ref="t")
    a = np.mean([e.residuals / e.sigma for e in sample.events], axis=0)
    se = math.sqrt(a @ a / 53)
    assert found.df == 53
    assert found.statistic == close(oracle.mean(oracle.scars(sample, (-1, 1))) / se)


def test_duplicating_every_event_changes_no_adjusted_test() -> None:
    r, f = noise()
    twice = oracle.run(oracle.Data(r, f), [*range(6), *range(6)], [80] * 12, WIDE)
    for test in (oracle.adj_patell, oracle.adj_bmp, oracle.portfolio_t):
        assert test(twice, (0, 2)).statistic == close(test(shared(), (0, 2)).statistic)
    ratio = oracle.bmp(twice, (0, 2)).statistic / oracle.bmp(shared(), (0, 2)).statistic
    assert ratio == close(math.sqrt(11 / 5))


def test_identical_events_are_worth_one() -> None:
    r, f = noise()
    same = oracle.run(oracle.Data(r, f), [3, 3], [80, 80], WIDE)
    assert oracle.mean_correlation(same, (0, 0)) == close(1.0)
    assert oracle.n_eff(same, (0, 0)) == close(1.0)
    assert math.isnan(oracle.adj_patell(same, (0, 0)).statistic)


def test_sur_of_one_firm_is_its_squared_t() -> None:
    found = shared(1)
    t = oracle.single_t(found.events[0], (0, 3)).statistic
    assert oracle.sur_f(found, (0, 3)).statistic == close(t * t)
    assert oracle.gls_mean(found, (0, 3)).statistic == close(t)


def test_correlation_of_partly_shared_windows() -> None:
    r, f = noise(4)
    days = [80, 81, 80, 130]  # firms 0 and 2 share the date, 1 is a day later, 3 far away
    found = oracle.run(oracle.Data(r, f), range(4), days, WIDE)
    e = [event.residuals for event in found.events]
    rho = {
        (0, 2): np.corrcoef(e[0], e[2])[0, 1],
        (0, 1): np.corrcoef(e[0][1:], e[1][:-1])[0, 1] * 2 / 3,
        (1, 2): np.corrcoef(e[1][:-1], e[2][1:])[0, 1] * 2 / 3,
    }
    assert oracle.mean_correlation(found, (-1, 1)) == close(sum(rho.values()) / 6)
    assert oracle.mean_correlation(found, (0, 0)) == close(rho[0, 2] / 6)
    # 54 common days are too few: the two partial pairs are left out, the far ones are not
    assert oracle.mean_correlation(found, (-1, 1), 55) == close(rho[0, 2] / 4)
    r_bar = rho[0, 2] / 6
    assert oracle.n_eff(found, (0, 0)) == close(4 / (1 + 3 * r_bar))


def test_dates_whose_windows_overlap_are_one_date() -> None:
    r, f = noise()
    days = [80, 130, 82, 84, 130, 100]
    found = oracle.run(oracle.Data(r, f), range(6), days, WIDE)
    car = oracle.cars(found, (-1, 1))
    means = [(car[0] + car[2] + car[3]) / 3, (car[1] + car[4]) / 2, car[5]]
    expected = stats.ttest_1samp(means, 0.0)
    answer = oracle.dates_csect(found, (-1, 1))
    assert (answer.statistic, answer.df) == (close(float(expected.statistic)), 2)
    assert answer.pvalue == close(float(expected.pvalue))
    assert oracle.dates_csect(found, (0, 0)).df == 4
    for test in (oracle.portfolio_t, oracle.sur_f, oracle.gls_mean, oracle.sq):
        assert math.isnan(test(found, (0, 0)).pvalue)


@pytest.mark.parametrize("alternative", SIDES)
def test_wilcoxon_and_sign_follow_their_exact_laws(alternative: Side) -> None:
    found = shared(9)
    for window in [(0, 0), (-1, 2), (-3, 3)]:
        car = oracle.cars(found, window)
        w = oracle.wilcoxon(found, window, alternative)
        same = stats.wilcoxon(car, alternative=alternative, method="exact")
        assert w.pvalue == close(float(same.pvalue))
        assert w.law == "signed-rank"
        k = sum(c > 0 for c in car)
        s = oracle.sign(found, window, exact=True, alternative=alternative)
        assert s.pvalue == close(stats.binomtest(k, 9, alternative=alternative).pvalue)


def test_wilcoxon_with_ties_is_normal() -> None:
    r, f = noise(5)
    found = oracle.run(oracle.Data(r, f), [0, 0, 1, 2, 3, 4], [80] * 6, WIDE)
    car = oracle.cars(found, (0, 0))
    same = stats.wilcoxon(car, method="approx", correction=False)
    w = oracle.wilcoxon(found, (0, 0))
    assert (w.law, w.pvalue) == ("normal", close(float(same.pvalue)))


def test_tests_across_events_agree_with_scipy() -> None:
    found = shared(7)
    for test, values in (
        (oracle.csect_t, oracle.cars(found, (-1, 2))),
        (oracle.bmp, oracle.scars(found, (-1, 2))),
    ):
        for alternative in SIDES:
            expected = stats.ttest_1samp(values, 0.0, alternative=alternative)
            answer = test(found, (-1, 2), alternative=alternative)
            assert answer.statistic == close(float(expected.statistic))
            assert answer.pvalue == close(float(expected.pvalue))


def test_rank_agrees_with_corrado_on_complete_data() -> None:
    found = shared(5)
    paths = [oracle.path(event) for event in found.events]
    k = np.array([stats.rankdata(p) for p in paths]) - (L1 + 8) / 2
    a = k.mean(axis=0)
    expected = a[L1 + 3 : L1 + 5].sum() / (math.sqrt(2) * math.sqrt((a * a).mean()))
    assert oracle.rank(found, (0, 1)).statistic == close(expected)


def test_sq_counts_sums_with_gaps_closed() -> None:
    r, f = noise(2)
    r[0, [30, 31, 50]] = np.nan
    found = oracle.run(oracle.Data(r, f), [0], [80], WIDE)
    e = found.events[0].residuals
    e = e[np.isfinite(e)]
    sums = np.array([e[t : t + 3].sum() for t in range(len(e) - 2)])
    car = found.events[0].car((-1, 1))
    assert len(sums) == L1 - 3 - 2
    for alternative, extreme in (
        ("two-sided", abs(sums) >= abs(car)),
        ("less", sums <= car),
        ("greater", sums >= car),
    ):
        p = oracle.sq(found, (-1, 1), alternative).pvalue
        assert p == close((1 + extreme.sum()) / (1 + len(sums)))


def test_five_of_ten_firms_trade_and_all_rise() -> None:
    r, f = noise(10)
    r[5:, 80] = np.nan
    r[:5, 80] = 0.5
    found = oracle.run(oracle.Data(r, f), range(10), [80] * 10, WIDE)
    assert oracle.sign(found, (0, 0)).statistic == pytest.approx(2.236067977, abs=1e-9)
    assert (oracle.sign(found, (0, 0)).n, oracle.sign(found, (1, 1)).n) == (5, 10)


# ── models and missing data ──────────────────────────────────────────────────────────────
def only(model: oracle.Model, rate: float | None = None) -> oracle.Event:
    r, f = noise()
    data = oracle.Data(r, f, None if rate is None else np.full(160, rate))
    return oracle.run(data, [3], [80], replace(WIDE, model=model)).events[0]


def test_models_without_regression() -> None:
    r, f = noise()
    est = slice(20, 75)
    for model, ar in (
        (oracle.RAW, r[3]),
        (oracle.MARKET_ADJUSTED, r[3] - f[:, 0]),
        (oracle.MEAN, r[3] - r[3, est].mean()),
    ):
        found = only(model)
        assert found.ar == pytest.approx(ar[77:84], rel=1e-12)
        assert (found.sigma, found.dof) == (close(ar[est].std(ddof=1)), L1 - 1)
        q = 4 if model is not oracle.MEAN else 4 + 16 / L1
        assert found.q((0, 3)) == close(q)


def test_excess_returns_and_no_alpha() -> None:
    r, f = noise()
    est = slice(20, 75)
    found = only(oracle.linear(2, alpha=False, excess=True), 0.002)
    b = np.linalg.lstsq(f[est], r[3, est] - 0.002)[0]
    assert found.params == pytest.approx(b, rel=1e-10)
    assert found.ar == pytest.approx(r[3, 77:84] - 0.002 - f[77:84] @ b, rel=1e-10)
    assert found.expected == pytest.approx(0.002 + f[77:84] @ b, rel=1e-10)
    assert found.dof == L1 - 2
    same, plain = only(oracle.linear(1, excess=True), 0.0), only(oracle.MARKET)
    assert same.ar == pytest.approx(plain.ar, rel=1e-12)


def test_missing_event_days() -> None:
    r, f = noise()
    r[3, 81] = np.nan
    data, window = oracle.Data(r, f), (0, 2)
    found = {
        how: oracle.run(data, [3], [80], replace(WIDE, missing=how)).events[0]
        for how in ("drop", "skip", "zero")
    }
    ar, up, base = found["drop"].ar, 1 + found["drop"].actual, 1 + found["drop"].expected
    assert math.isnan(found["drop"].car(window))
    assert math.isnan(found["drop"].bhar(window))
    assert found["skip"].car(window) == close(ar[3] + ar[5])
    s = found["skip"].x[3] + found["skip"].x[5]
    assert found["skip"].q(window) == close(2 + s @ found["skip"].xtx_inverse @ s)
    assert found["skip"].bhar(window) == close(up[3] * up[5] - base[3] * base[5])
    assert found["zero"].bhar(window) == close(up[3] * up[5] - base[3] * base[4] * base[5])
    logs = oracle.run(data, [3], [80], replace(WIDE, kind="log", model=oracle.RAW)).events[0]
    assert logs.bhar((-1, 0)) == close(math.expm1(r[3, 79] + r[3, 80]))


def test_balanced_portfolio_leaves_incomplete_firms_out() -> None:
    r, f = noise(4)
    r[0, 40] = np.nan
    found = oracle.run(oracle.Data(r, f), range(4), [80] * 4, WIDE)
    rest = oracle.run(oracle.Data(r, f), range(1, 4), [80] * 3, WIDE)
    answer, expected = (oracle.portfolio_t(s, (0, 0)) for s in (found, rest))
    assert (answer.n, answer.statistic) == (3, close(expected.statistic))
    r[:, 40] = np.nan  # a day that no firm has makes nobody incomplete
    found = oracle.run(oracle.Data(r, f), range(4), [80] * 4, WIDE)
    assert (oracle.portfolio_t(found, (0, 0)).n, oracle.portfolio_t(found, (0, 0)).df) == (4, 52)


def test_reasons() -> None:
    r, f = noise(5)
    r[0, 20:46] = np.nan
    r[1, 20:75] = 0.003
    r[2] = 0.001 + 2.0 * f[:, 0]
    data = oracle.Data(r, f)
    found = oracle.run(data, [0, 1, 2, 3, 4], [80, 80, 80, 80, 20], WIDE)
    assert found.dropped == {0: "min_est", 1: "zero_variance", 2: "zero_variance", 4: "min_est"}
    assert [event.number for event in found.events] == [3]
    f[:, 1] = 3.0 * f[:, 0] + 0.01
    two = replace(WIDE, model=oracle.linear(2))
    assert oracle.run(data, [3], [80], two).dropped == {0: "collinear"}
    f[30:60] = np.nan
    assert oracle.run(data, [3], [80], WIDE).dropped == {0: "factor_missing"}
    f[77:84] = np.nan
    assert oracle.run(data, [3], [80], replace(WIDE, min_obs=9)).dropped == {0: "factor_missing"}
    r[3, 77:84] = np.nan
    assert oracle.run(data, [3], [80], WIDE).dropped == {0: "no_event_data"}
    assert (oracle.Setup().needed, replace(WIDE, min_obs=None).needed) == (120, 27)
    assert replace(WIDE, min_obs=1, model=oracle.linear(3)).needed == 9


def test_other_events_of_a_firm_are_masked() -> None:
    r, f = noise(2)
    firms, days = [0, 0, 1], [80, 60, 80]
    mask = oracle.other_events(r.shape, firms, days, WIDE.window)
    found = oracle.run(oracle.Data(r, f, excluded=mask), firms, days, replace(WIDE, min_obs=10))
    assert [event.n_obs for event in found.events] == [L1 - 7, L1, L1]
    assert np.isnan(found.events[0].residuals[37:44]).all()


ACROSS: list[Test] = [
    oracle.csect_t,
    oracle.bmp,
    oracle.adj_bmp,
    oracle.adj_patell,
    oracle.skew_t,
    oracle.wilcoxon,
    oracle.jackknife,
    oracle.grank_t,
    oracle.grank_z,
    oracle.rank_cz,
    oracle.dates_csect,
]
ALONE: list[Test] = [
    oracle.ts_t,
    oracle.independent_t,
    oracle.portfolio_t,
    oracle.sur_f,
    oracle.gls_mean,
    oracle.patell,
    oracle.rank,
    oracle.cumrank_t,
    oracle.corrado_sign,
    oracle.sign,
    oracle.gen_sign,
    oracle.sq,
    oracle.placebo_window,
]


@pytest.mark.parametrize("test", ACROSS)
def test_tests_across_events_need_two(test: Test) -> None:
    assert math.isnan(test(shared(1), (0, 0)).pvalue)
    assert 0.0 < test(shared(6), (0, 0)).pvalue <= 1.0 or test is oracle.dates_csect


@pytest.mark.parametrize("test", ALONE)
def test_other_tests_need_one(test: Test) -> None:
    assert 0.0 < test(shared(1), (0, 0)).pvalue <= 1.0


@pytest.mark.parametrize("test", [*ACROSS, *ALONE])
def test_without_events_there_is_no_answer(test: Test) -> None:
    found = test(Study(WIDE, []), (0, 0))
    assert (found.n, math.isnan(found.statistic), math.isnan(found.pvalue)) == (0, True, True)


def test_jackknife_asks_for_four_events() -> None:
    three = oracle.jackknife(study("B"), (-2, 2))
    assert (three.n, math.isnan(three.statistic)) == (3, True)
