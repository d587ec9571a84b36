"""Identities that the tests of inference must keep on any data (docs/methods.md, section G)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from inference_studies import Floats, Ints, measure
from scipy import stats

from eventstudy import inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Statistic, StoredPaths
from eventstudy.inference import skewness
from eventstudy.inference._sample import sample_of
from eventstudy.inference.generalised_ranks import generalised_rank
from eventstudy.inference.leave_one_out import pseudo_of
from eventstudy.inference.ranks import centred_ranks, median_signs, ranked_days

SIGNED = ("ts_t", "portfolio_t", "csect_t", "patell", "adj_patell", "bmp", "adj_bmp", "adj_csect",
          "rank")  # fmt: skip
STANDARDISED = ("patell", "adj_patell", "bmp", "adj_bmp", "rank", "sign", "gen_sign")
#: tests by days or on the ranks of CARs, beside `rank`
RANKED = ("cumrank_t", "rank_cz", "corrado_sign", "grank_t", "grank_z")
EVENT_WINDOW = (-5, 5)


@dataclass(frozen=True)
class Case:
    """Events with heavy tails, of any scale, and a window to test."""

    abnormal: Abnormal
    window: tuple[int, int]
    seed: int

    @property
    def n(self) -> int:
        return len(self.abnormal)

    @property
    def rng(self) -> np.random.Generator:
        return np.random.default_rng(self.seed + 1)


@st.composite
def cases(draw: st.DrawFn, least: int = 2, *, dates: bool = False, gaps: float = 0.0) -> Case:
    """2 to 12 events on one date (or several), market model, any window."""
    seed = draw(st.integers(0, 2**32 - 2))
    n = draw(st.integers(least, 12))
    days = draw(st.integers(35, 120))
    scale = 10.0 ** draw(st.floats(-6.0, 2.0))
    first = draw(st.integers(-5, 5))
    last = draw(st.integers(first, 5))
    common = draw(st.sampled_from([0.0, 0.5, 2.0]))
    rng = np.random.default_rng(seed)
    market = scale * rng.standard_t(4, 400)
    shocks = common * rng.standard_t(4, 400) + rng.standard_t(4, (n, 400))
    panel = scale * rng.normal() + rng.normal(1, 1, (n, 1)) * market
    panel = panel + scale * rng.uniform(0.5, 3.0, (n, 1)) * shocks
    panel[rng.random(panel.shape) < gaps] = np.nan
    row = rng.integers(200, 230, n) if dates else np.full(n, 200)
    estimation = (-days - 10, -11)
    made = measure(
        panel, market, np.arange(n), row, estimation=estimation, window=EVENT_WINDOW, missing="drop"
    )
    return Case(made, (first, last), seed)


def changed(abnormal: Abnormal, factor: Floats) -> Abnormal:
    """Every event's abnormal returns times its own factor."""
    k = factor[:, None]
    paths = StoredPaths(abnormal.residuals * k, abnormal.actual, abnormal.expected)
    return replace(
        abnormal,
        abnormal=abnormal.abnormal * k,
        sigma=abnormal.sigma * np.abs(factor),
        paths=paths,
        path=np.arange(len(abnormal)),
        _memo={},
    )


def ask(key: str, abnormal: Abnormal, window: tuple[int, int]) -> Statistic:
    found: Statistic = inference.resolve(key)(abnormal, window)
    return found


def same(x: float, y: float) -> bool:
    return math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-11) or (math.isnan(x) and math.isnan(y))


# ── G.16, G.42: order and deletion ───────────────────────────────────────────────────────
@settings(deadline=None)
@given(cases(dates=True, gaps=0.02))
def test_order_of_events_changes_nothing(case: Case) -> None:
    shuffled = case.abnormal.take(case.rng.permutation(case.n))
    for key in inference.names():
        one, two = ask(key, case.abnormal, case.window), ask(key, shuffled, case.window)
        assert same(one.statistic, two.statistic), key
        assert same(one.pvalue, two.pvalue), key
        assert (one.n, one.note) == (two.n, two.note)


@settings(deadline=None)
@given(cases(least=3, dates=True))
def test_missing_is_deleted(case: Case) -> None:
    gone = case.abnormal.abnormal.copy()
    gone[0, 5 + case.window[0]] = np.nan
    missing = replace(case.abnormal, abnormal=gone, _memo={})
    deleted = case.abnormal.take(np.arange(1, case.n))
    for key in inference.names():
        one, two = ask(key, missing, case.window), ask(key, deleted, case.window)
        assert (one.n, one.note) == (two.n, two.note)
        assert same(one.statistic, two.statistic), key
        assert same(one.n_eff, two.n_eff), key


# ── G.19: duplicates ─────────────────────────────────────────────────────────────────────
@settings(deadline=None)
@given(cases(), st.integers(2, 4))
def test_duplicates_change_no_adjusted_test(case: Case, k: int) -> None:
    copies = case.abnormal.take(np.tile(np.arange(case.n), k))
    n = case.n
    ratio = dict.fromkeys((*SIGNED, "rank"), 1.0)
    ratio["csect_t"] = ratio["bmp"] = math.sqrt((k * n - 1) / (n - 1))
    ratio["patell"] = ratio["sign"] = ratio["gen_sign"] = math.sqrt(k)
    ratio["independent_t"] = math.sqrt(k)
    ratio["cumrank_t"] = ratio["corrado_sign"] = 1.0
    for key, expected in ratio.items():
        one, two = ask(key, case.abnormal, case.window), ask(key, copies, case.window)
        assert same(two.statistic, one.statistic * expected), key
    one, two = ask("adj_bmp", case.abnormal, case.window), ask("adj_bmp", copies, case.window)
    assert same(one.n_eff, two.n_eff)


# ── G.20, G.21, G.22: sign, scale, order-preserving maps ─────────────────────────────────
@settings(deadline=None)
@given(cases(dates=True))
def test_sign_flip(case: Case) -> None:
    flipped = changed(case.abnormal, -np.ones(case.n))
    assume(bool((case.abnormal.car(case.window) != 0).all()))
    alone = ("independent_t", "skew_t", "jackknife", "gen_sign", "sign", "dates_csect")
    for key in (*SIGNED, *RANKED, *alone):
        one, two = ask(key, case.abnormal, case.window), ask(key, flipped, case.window)
        assert same(one.statistic, -two.statistic), key
        assert same(one.pvalue, two.pvalue), key
    one, two = ask("wilcoxon", case.abnormal, case.window), ask("wilcoxon", flipped, case.window)
    assert same(one.estimate, 1 - two.estimate)
    assert same(one.pvalue, two.pvalue)


@settings(deadline=None)
@given(cases(dates=True, gaps=0.02))
def test_scale_of_an_event_changes_no_standardised_test(case: Case) -> None:
    scaled = changed(case.abnormal, 10.0 ** case.rng.uniform(-4, 4, case.n))
    for key in (*STANDARDISED, *RANKED, "jackknife"):
        one, two = ask(key, case.abnormal, case.window), ask(key, scaled, case.window)
        assert same(one.statistic, two.statistic), key
        assert same(one.n_eff, two.n_eff), key


@settings(deadline=None)
@given(cases(dates=True), st.floats(1e-3, 1e3))
def test_common_scale_changes_nothing(case: Case, k: float) -> None:
    scaled = changed(case.abnormal, np.full(case.n, k))
    for key in inference.names():
        one, two = ask(key, case.abnormal, case.window), ask(key, scaled, case.window)
        if key not in {"sq", "placebo_window"}:  # whose statistic is the CAR itself
            assert same(one.statistic, two.statistic), key
        assert same(one.pvalue, two.pvalue), key


@settings(deadline=None)
@given(cases())
def test_rank_sees_order_only(case: Case) -> None:
    a = case.abnormal

    def bent(x: Floats) -> Floats:
        z = x / a.sigma[:, None]
        power = case.rng.uniform(0.5, 3.0, (case.n, 1))
        return np.asarray(np.sign(z) * np.abs(z) ** power)

    paths = StoredPaths(bent(a.residuals), a.actual, a.expected)
    other = replace(a, abnormal=bent(a.abnormal), paths=paths, _memo={})
    for key in ("rank", "cumrank_t", "corrado_sign"):
        one, two = ask(key, a, case.window), ask(key, other, case.window)
        assert same(one.statistic, two.statistic), key


# ── G.23, G.24: r̄ ────────────────────────────────────────────────────────────────────────
@settings(deadline=None)
@given(cases(least=3))
def test_mean_correlation_shrinks_or_stretches(case: Case) -> None:
    found = inference.correlation(case.abnormal, case.window)
    assert -1 / (case.n - 1) - 1e-12 <= found.rbar <= 1 + 1e-12
    assume(1 + (case.n - 1) * found.rbar > 1e-6)
    for plain, adjusted in (("patell", "adj_patell"), ("bmp", "adj_bmp"), ("csect_t", "adj_csect")):
        x = abs(ask(plain, case.abnormal, case.window).statistic)
        y = abs(ask(adjusted, case.abnormal, case.window).statistic)
        assert y < x if found.rbar > 0 else y > x
    if found.rbar >= 0:
        assert 1 - 1e-9 <= found.n_eff <= case.n + 1e-9


@settings(deadline=None)
@given(cases())
def test_mean_correlation_ignores_place_and_scale(case: Case) -> None:
    a = case.abnormal
    k = case.rng.uniform(0.1, 10, (case.n, 1))
    shift = case.rng.normal(size=(case.n, 1)) * a.sigma[:, None]
    paths = StoredPaths(a.residuals * k + shift, a.actual, a.expected)
    moved = replace(a, paths=paths, _memo={})
    one = inference.correlation(a, case.window).rbar
    assert same(one, inference.correlation(moved, case.window).rbar)


@settings(deadline=None)
@given(cases())
def test_no_correlation_no_adjustment(case: Case) -> None:
    apart = replace(case.abnormal, row=200 + 20 * np.arange(case.n), _memo={})
    for plain, adjusted in (("patell", "adj_patell"), ("bmp", "adj_bmp"), ("csect_t", "adj_csect")):
        one, two = ask(plain, apart, case.window), ask(adjusted, apart, case.window)
        assert (one.statistic, one.pvalue, one.n_eff) == (two.statistic, two.pvalue, case.n)
    first = inference.grank_t(apart, case.window, correction="none")
    for correction in ("sd", "full"):
        other = inference.grank_t(apart, case.window, correction=correction)
        assert (first.statistic, first.pvalue) == (other.statistic, other.pvalue)
    first = inference.rank_cz(apart, case.window)
    other = inference.rank_cz(apart, case.window, cross_correction="sd")
    assert (first.statistic, first.pvalue) == (other.statistic, other.pvalue)


# ── G.25, G.26: the portfolio ────────────────────────────────────────────────────────────
@settings(deadline=None)
@given(cases())
def test_adjusted_patell_is_the_standardised_portfolio(case: Case) -> None:
    standard = changed(case.abnormal, 1 / case.abnormal.sigma)
    portfolio = ask("portfolio_t", standard, case.window)
    nu = float(case.abnormal.dof[0])
    adjusted = ask("adj_patell", case.abnormal, case.window).statistic
    assert same(adjusted * math.sqrt(nu / (nu - 2)), portfolio.statistic)
    t = inference.adj_patell(case.abnormal, case.window, ref="t")
    assert same(t.statistic, portfolio.statistic)
    assert same(t.pvalue, portfolio.pvalue)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 8))
def test_portfolio_is_one_event(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    market = rng.normal(size=200)
    panel = market + rng.standard_t(4, (n, 200)) + rng.standard_t(4, 200)
    many = measure(panel, market, np.arange(n), np.full(n, 150))
    one = measure(panel.mean(axis=0)[None], market, [0], [150])
    for window in ((0, 0), (-3, 2)):
        x, y = ask("portfolio_t", many, window), ask("single_t", one, window)
        assert same(x.statistic, y.statistic)
        assert (same(x.pvalue, y.pvalue), x.df) == (True, y.df)


# ── G.28: clusters ───────────────────────────────────────────────────────────────────────
@settings(deadline=None)
@given(cases(least=4), st.integers(1, 3))
def test_equal_clusters_are_clustered_standard_errors(case: Case, size: int) -> None:
    groups = case.n // size
    assume(groups >= 2)
    events = case.abnormal.take(np.arange(groups * size))
    label = np.arange(groups * size) // size
    apart = replace(events, row=200 + 20 * label, _memo={})
    car = apart.car(case.window)
    u = np.bincount(label, weights=car - car.mean())
    se = math.sqrt(groups / (groups - 1) * float(u @ u)) / len(car)
    found = ask("dates_csect", apart, case.window)
    assert same(found.statistic, float(car.mean()) / se)
    if size == 1:
        assert same(found.statistic, ask("csect_t", apart, case.window).statistic)


# ── G.29, G.30, G.31, G.35, G.36, G.41 ───────────────────────────────────────────────────
@settings(deadline=None)
@given(cases(dates=True))
def test_patell_identities(case: Case) -> None:
    a, day = case.abnormal, (case.window[0], case.window[0])
    one, two = inference.patell(a, day), inference.patell(a, day, variant="sum_sar")
    assert same(one.statistic, two.statistic)
    nu = float(a.dof[0])
    mean = float(a.scar(case.window).mean())
    expected = math.sqrt(case.n) * mean * math.sqrt((nu - 2) / nu)
    assert same(ask("patell", a, case.window).statistic, expected)


@settings(deadline=None)
@given(cases(), st.floats(-3, 3))
def test_ts_t_shifts_with_the_event_days(case: Case, shift: float) -> None:
    a = case.abnormal
    c = shift * float(a.sigma.mean())
    moved = replace(a, abnormal=a.abnormal + c, _memo={})
    one, two = ask("ts_t", a, case.window), ask("ts_t", moved, case.window)
    days = case.window[1] - case.window[0] + 1
    deviation = float(a.residuals.mean(axis=0).std(ddof=1))
    assert same(two.statistic - one.statistic, math.sqrt(days) * c / deviation)


@settings(deadline=None)
@given(cases(gaps=0.05))
def test_centred_ranks_sum_to_zero(case: Case) -> None:
    a = case.abnormal
    everything = np.hstack([a.residuals, a.abnormal])
    everything = np.round(everything / a.sigma[:, None], 1)  # with ties
    u = centred_ranks(everything)
    assert np.allclose(np.nansum(u, axis=1), 0.0, atol=1e-12)
    expected = stats.rankdata(everything, axis=1, nan_policy="omit")
    count = np.isfinite(everything).sum(axis=1, keepdims=True)
    assert np.allclose(u, expected / (count + 1) - 0.5, equal_nan=True, atol=1e-14)


@settings(deadline=None)
@given(cases())
def test_mean_of_balanced_day_ranks_is_zero(case: Case) -> None:
    days = ranked_days(sample_of(case.abnormal, case.window))
    assert abs(days.z.mean()) < 1e-12
    assert days.count == len(days.z)


@settings(deadline=None)
@given(cases())
def test_signs_about_the_median_cancel(case: Case) -> None:
    a = case.abnormal
    g = median_signs(np.hstack([a.residuals, a.abnormal]))
    assert np.allclose(g.sum(axis=1), 0.0)
    assert set(np.unique(g)) <= {-1.0, 0.0, 1.0}


# ── G.32: long windows ───────────────────────────────────────────────────────────────────
@settings(deadline=None)
@given(cases(dates=True, gaps=0.02))
def test_cumulated_ranks_are_ranks_and_a_t(case: Case) -> None:
    z, t = ask("rank", case.abnormal, case.window), ask("cumrank_t", case.abnormal, case.window)
    assume(not math.isnan(t.statistic))
    days = t.df + 2
    length = case.window[1] - case.window[0] + 1
    scaled = z.statistic / math.sqrt((days - length) / (days - 1))
    assert scaled**2 <= days - 1 + 1e-9
    assert same(t.statistic, scaled * math.sqrt((days - 2) / (days - 1 - scaled**2)))
    assert t.estimate == z.estimate


def test_cumulated_ranks_become_ranks() -> None:
    panel = np.random.default_rng(3).normal(size=(5, 20_100))
    gaps = []
    for days in (100, 1000, 20_000):
        made = measure(panel, None, range(5), [20_050] * 5, estimation=(-days - 10, -11))
        z, t = ask("rank", made, (-1, 1)), ask("cumrank_t", made, (-1, 1))
        gaps.append(abs(t.statistic / z.statistic - 1))
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 1e-3


# ── G.33, G.34: generalised ranks ────────────────────────────────────────────────────────
@settings(deadline=None)
@given(cases())
def test_generalised_ranks_are_bounded(case: Case) -> None:
    days = case.abnormal.residuals.shape[1] + 1
    for correction in ("none", "sd", "full"):
        found = inference.grank_t(case.abnormal, case.window, correction=correction, min_overlap=3)
        assume(not math.isnan(found.statistic))
        assert found.df == days - 2
        assert abs(found.estimate) <= (days - 1) / (days + 1) / 2 + 1e-12
        assert math.copysign(1, found.statistic) == math.copysign(1, found.estimate)
    ranked = generalised_rank(sample_of(case.abnormal, case.window), 1.0)
    z = ranked.mean / ranked.deviation
    t = inference.grank_t(case.abnormal, case.window, correction="none").statistic
    assert z**2 <= days - 1 + 1e-9
    if math.isfinite(t):
        assert same(t**2, z**2 * (days - 2) / (days - 1 - z**2))
    normal = ask("grank_z", case.abnormal, case.window).statistic
    squares = 12 * case.n * (days + 1) / (days - 1) * ranked.mean**2
    assert same(normal**2, squares)


# ── G.37: skewness and the jackknife ─────────────────────────────────────────────────────
def with_cars(values: Floats) -> Abnormal:
    """Events with these CARs over day 0."""
    one = measure(np.random.default_rng(0).normal(size=(1, 200)), None, [0], [150])
    many = one.take(np.zeros(len(values), dtype=int))
    return replace(many, abnormal=values[:, None] * np.ones(11), _memo={})


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 15), st.floats(-3, 3))
def test_skewness_of_a_symmetric_sample_changes_nothing(seed: int, n: int, centre: float) -> None:
    half = np.random.default_rng(seed).standard_t(3, n)
    even = with_cars(centre + np.concatenate([half, -half]))
    plain = ask("csect_t", even, (0, 0)).statistic
    for variant in ("hall", "johnson"):
        found = inference.skew_t(even, (0, 0), variant=variant)
        assert math.isclose(found.statistic, plain, rel_tol=1e-9, abs_tol=1e-9)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 30), st.floats(0.01, 5))
def test_hall_grows_with_the_mean(seed: int, n: int, shift: float) -> None:
    x = np.random.default_rng(seed).exponential(size=n)
    lower, upper = (skewness.hall(*skewness._moments(y[None], 0.0), n)[0] for y in (x, x + shift))
    assert lower < upper


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 30))
def test_hall_interval_inverts_the_test(seed: int, n: int) -> None:
    x = np.random.default_rng(seed).exponential(size=n)
    for side in ("two-sided", "greater", "less"):
        for end in inference.skew_t(with_cars(x), (0, 0), alternative=side).ci:
            if math.isfinite(end):
                there = inference.skew_t(with_cars(x - end), (0, 0), alternative=side)
                assert math.isclose(there.pvalue, 0.05, rel_tol=1e-8)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(4, 40), st.floats(-3, 3))
def test_pseudo_values_are_those_of_the_others(seed: int, n: int, scale: float) -> None:
    x = 10.0**scale * np.random.default_rng(seed).standard_t(2, n)
    rest = [np.delete(x, i) for i in range(n)]
    ratios = np.array([y.mean() / y.std(ddof=1) for y in rest])
    expected = n * (x.mean() / x.std(ddof=1)) - (n - 1) * ratios
    assert np.allclose(pseudo_of(x), expected, rtol=1e-9, atol=1e-10)


@settings(deadline=None)
@given(cases())
def test_signed_ranks_add_up(case: Case) -> None:
    flipped = changed(case.abnormal, -np.ones(case.n))
    most = case.n * (case.n + 1) / 2
    plus = ask("wilcoxon", case.abnormal, case.window).statistic
    minus = ask("wilcoxon", flipped, case.window).statistic
    assert plus + minus == most
    up = case.abnormal.car(case.window)
    positive = changed(case.abnormal, np.where(up > 0, 1.0, -1.0))
    found = ask("wilcoxon", positive, case.window)
    assert (found.statistic, found.estimate) == (most, 1.0)
    assert same(found.pvalue, 2.0 ** (1 - case.n))


@settings(deadline=None)
@given(cases())
def test_generalised_sign_with_half_is_sign(case: Case) -> None:
    a = case.abnormal.take(np.arange(case.n))
    e = np.abs(a.residuals[:, : a.residuals.shape[1] // 2 * 2])
    half = np.full((case.n, a.residuals.shape[1]), np.nan)
    half[:, : e.shape[1]] = e * np.where(np.arange(e.shape[1]) % 2, 1, -1)
    paths = StoredPaths(half, a.actual, a.expected)
    even = replace(a, paths=paths, path=np.arange(case.n), _memo={})
    one, two = ask("gen_sign", even, case.window), ask("sign", even, case.window)
    assert same(one.statistic, two.statistic)
    assert same(one.pvalue, two.pvalue)


@settings(deadline=None)
@given(cases(), st.floats(0.01, 10))
def test_power_grows_with_the_effect(case: Case, effect: float) -> None:
    a = case.abnormal
    up = changed(a, np.where(a.car(case.window) > 0, 1.0, -1.0))
    more = replace(up, abnormal=up.abnormal + effect * up.sigma[:, None], _memo={})
    for key in ("portfolio_t", "ts_t", "patell"):
        assert ask(key, more, case.window).statistic > ask(key, up, case.window).statistic, key
        assert ask(key, more, case.window).pvalue <= ask(key, up, case.window).pvalue, key


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(0, 10))
def test_trading_firms_all_up(traded: int, others: int) -> None:
    a = measure(np.random.default_rng(0).normal(size=(1, 200)), None, [0], [150])
    many = a.take(np.zeros(traded + others, dtype=int))
    moves = np.where(np.arange(traded + others)[:, None] < traded, 0.01, np.nan) * np.ones(11)
    found = inference.sign(replace(many, abnormal=moves, _memo={}), (0, 0))
    assert (found.n, found.estimate) == (traded, 1.0)
    assert same(found.statistic, math.sqrt(traded))
    if (traded, others) == (5, 5):
        assert abs(found.statistic - 2.236067977) < 1e-9


# ── any data: the verdict and the numbers ────────────────────────────────────────────────
@settings(deadline=None)
@given(cases(least=1, dates=True, gaps=0.1))
def test_an_answer_is_a_number_or_a_note(case: Case) -> None:
    for key in inference.names():
        found = ask(key, case.abnormal, case.window)
        if math.isnan(found.statistic):
            assert found.note
            assert math.isnan(found.pvalue)
        else:
            assert 0 <= found.pvalue <= 1
            assert not found.ci[0] > found.estimate
            assert not found.ci[1] < found.estimate


@settings(deadline=None)
@given(cases(least=1, dates=True))
def test_valid_tests_and_reasons_are_all_tests(case: Case) -> None:
    verdict = inference.valid(case.abnormal, case.window)
    assert verdict.valid | verdict.why.keys() == set(inference.names(resampling=True))
    assert not verdict.valid & verdict.why.keys()
    assert 1 <= verdict.n_components <= verdict.n_dates <= verdict.n
    if verdict.valid:
        assert {verdict.lead, verdict.interval} <= verdict.valid
        assert inference.detectable(case.abnormal, case.window) > 0
    else:  # one chain of windows whose estimation days hardly meet: nothing is claimed
        assert (verdict.kind, verdict.n_components) == ("staggered", 1)
        assert "common estimation days" in verdict.why[verdict.lead]
        assert math.isnan(inference.detectable(case.abnormal, case.window))


# ── G.44: exact laws under normal errors ─────────────────────────────────────────────────
@pytest.mark.parametrize("key", ["single_t", "portfolio_t", "csect_t"])
def test_exact_under_normal_errors(key: str) -> None:
    rng = np.random.default_rng(7)
    n, draws = (1 if key == "single_t" else 6), 600
    common = 0.8 if key == "portfolio_t" else 0.0
    pvalues = []
    for _ in range(draws):
        market = rng.normal(size=60)
        panel = market + common * rng.normal(size=60) + rng.normal(size=(n, 60))
        # csect_t is exact for independent CARs of one variance: a fixed benchmark
        benchmark = None if key == "csect_t" else market
        firms: Ints = np.arange(n)
        if key == "csect_t":
            panel = rng.normal(size=(n, 60))
        made = measure(
            panel, benchmark, firms, np.full(n, 50), estimation=(-40, -6), window=(-1, 1)
        )
        pvalues.append(ask(key, made, (-1, 1)).pvalue)
    assert stats.kstest(pvalues, "uniform").pvalue > 1e-4
