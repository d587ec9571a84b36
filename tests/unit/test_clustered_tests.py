"""Tests for events that share dates: multivariate regression, date portfolios, random signs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import oracle
import pandas as pd
import pytest
from inference_studies import Floats, measure, world
from scipy import stats

import eventstudy as es
from eventstudy import errors, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Statistic, StoredPaths
from eventstudy.inference import date_portfolios
from eventstudy.inference.lookup import RESAMPLING, wants
from eventstudy.inference.sign_flips import COUNTABLE, flips
from eventstudy.testing import check_test
from eventstudy.windows import Window

W = (-1, 1)
WINDOWS = [(0, 0), (-1, 1), (-5, 5)]
SIDES = ("two-sided", "greater", "less")
ESTIMATION, EVENT_WINDOW = (-60, -11), (-5, 5)
SETUP = oracle.Setup(estimation=ESTIMATION, window=EVENT_WINDOW, min_obs=20)
SEVERAL = "several dates: use dates_csect"


# ── worlds ───────────────────────────────────────────────────────────────────────────────
PLACES: dict[str, list[int]] = {
    "one date": [150] * 8,
    "two dates": [150] * 4 + [300] * 4,
    "four dates": [90] * 2 + [150] * 3 + [220] + [300] * 2,
    "overlapping": [150] * 3 + [152] * 2 + [200, 300, 301],
    "apart": [80, 110, 140, 170, 200, 230, 260, 290],
}
#: (firm, day) without a return
HOLES = [(0, 120), (3, 100), (3, 101), (5, 200), (6, 299), (7, 288)]


def panel_of(gaps: bool) -> tuple[Floats, Floats]:
    panel, market = world(8, 400, seed=5)
    for firm, day in HOLES if gaps else []:
        panel[firm, day] = np.nan
    return panel, market


@cache
def both(place: str, gaps: bool, missing: str = "drop") -> tuple[Abnormal, oracle.Study]:
    panel, market = panel_of(gaps)
    row = PLACES[place]
    ours = measure(panel, market, range(8), row, missing=missing)
    data = oracle.Data(panel, market[:, None])
    return ours, oracle.run(data, list(range(8)), row, replace(SETUP, missing=missing))


def spread_over(row: list[int], seed: int = 0) -> Abnormal:
    panel, market = world(len(row), 1500, seed=seed)
    return measure(panel, market, range(len(row)), row)


def one_date(n: int = 6, **options: Any) -> Abnormal:
    panel, market = world(n, **options)
    return measure(panel, market, np.arange(n), np.full(n, 150))


def with_residuals(e: Floats, ar: Floats, *, parameters: int = 1, dof: float = 0) -> Abnormal:
    """Events of one date with given (n, M) residuals and (n, 1) abnormal returns of day 0."""
    n, days = e.shape
    return Abnormal(
        estimation=Window(-10 - days, -11),
        window=Window(0, 0),
        abnormal=ar,
        sigma=np.sqrt((e**2).sum(axis=1) / (dof or days - 1)),
        dof=np.full(n, dof or days - 1.0),
        n_obs=np.full(n, float(days)),
        params=np.zeros((n, parameters)),
        names=("alpha",)[:parameters],
        r2=np.zeros(n),
        row=np.full(n, 500),
        firm=np.arange(n),
        root=np.full((1, 1, parameters), days**-0.5),
        design=np.zeros(n, dtype=np.int64),
        paths=StoredPaths(e, ar, ar),
        path=np.arange(n),
    )


def recombined(abnormal: Abnormal, c: Floats) -> Abnormal:
    """Events that are the combinations ``c`` of the events of one date."""
    paths = StoredPaths(c @ abnormal.residuals, c @ abnormal.actual, c @ abnormal.expected)
    return replace(
        abnormal.take(np.arange(len(c))),
        abnormal=c @ abnormal.abnormal,
        paths=paths,
        path=np.arange(len(c)),
        _memo={},
    )


def close(value: float) -> object:
    return pytest.approx(value, rel=1e-10, abs=1e-12, nan_ok=True)


def same(got: Statistic, want: oracle.Answer) -> None:
    assert (got.name, got.n) == (want.name, want.n)
    assert got.statistic == close(want.statistic)
    assert got.pvalue == close(want.pvalue)
    if math.isfinite(want.statistic):
        assert got.law == want.law
        assert got.df == close(want.df)
        assert got.estimate == close(want.estimate)
    else:
        assert got.note


# ── the plain loop ───────────────────────────────────────────────────────────────────────
LOOPS: dict[str, Callable[..., oracle.Answer]] = {
    "gls_mean": oracle.gls_mean,
    "dates_bmp": oracle.dates_bmp,
    "dates_patell": oracle.dates_patell,
    "wild_events": oracle.wild_events,
    "wild_dates": oracle.wild_dates,
    "sign_flip_dates": oracle.sign_flip_dates,
}


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("missing", ["drop", "skip"])
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("key", LOOPS)
def test_same_as_the_plain_loop(
    key: str, place: str, gaps: bool, missing: str, window: tuple[int, int]
) -> None:
    ours, theirs = both(place, gaps, missing)
    for side in SIDES:
        got = inference.resolve(key)(ours, window, alternative=side)
        want = LOOPS[key](theirs, window, alternative=side)
        same(got, want)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("place", ["one date", "two dates"])
def test_joint_tests_same_as_the_plain_loop(
    place: str, gaps: bool, window: tuple[int, int]
) -> None:
    ours, theirs = both(place, gaps)
    same(inference.sur_F(ours, window), oracle.sur_f(theirs, window))
    same(inference.contrasts(ours, window, "equal"), oracle.equal_effects(theirs, window))
    naive = oracle.gls_mean(theirs, window, naive=True)
    same(inference.gls_mean(ours, window, naive=True), naive)
    same(
        inference.wild_events(ours, window, statistic="bmp"),
        oracle.wild_events(theirs, window, statistic="bmp"),
    )


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("window", WINDOWS)
def test_contrasts_same_as_the_plain_loop(window: tuple[int, int], side: str) -> None:
    ours, theirs = both("one date", False)
    rng = np.random.default_rng(0)
    for c in (np.full(8, 1 / 8), np.repeat([0.25, -0.25], 4), rng.normal(size=8)):
        got = inference.contrasts(ours, window, c, alternative=side)
        want = oracle.contrast(theirs, window, c, side)
        same(got, want)
        assert got.se == close(want.se)
    rows = rng.normal(size=(3, 8))
    same(inference.contrasts(ours, window, rows), oracle.joint_contrasts(theirs, window, rows))


def test_complete_events_of_a_date_carry_the_test() -> None:
    ours, theirs = both("one date", True)
    whole = len(oracle.balanced(theirs, W).members)  # type: ignore[union-attr]  # there are some
    assert whole == 6
    for key in ("sur_F", "gls_mean"):
        found = inference.resolve(key)(ours, W)
        assert (found.n, found.note[:26]) == (6, "6 of 8 events are complete")
    rest = ours.take(np.array([1, 2, 4, 5, 6, 7]))
    assert inference.sur_F(ours, W).statistic == close(inference.sur_F(rest, W).statistic)


MODELS: dict[str, tuple[Any, oracle.Model]] = {
    "raw": (es.RawReturn(), oracle.RAW),
    "mean": (es.MeanAdjusted(), oracle.MEAN),
    "market-adjusted": (es.MarketAdjusted(), oracle.MARKET_ADJUSTED),
}


@pytest.mark.parametrize("model", MODELS)
def test_models_without_a_regression_same_as_the_plain_loop(model: str) -> None:
    """Residuals are taken about their means where nothing is estimated (M.10)."""
    panel, market = panel_of(True)
    ours, theirs = MODELS[model]
    days = np.arange("2020-01-01", "2021-02-04", dtype="datetime64[D]")
    frame = pd.DataFrame(panel.T, days, [f"F{i}" for i in range(8)]).assign(M=market)
    for place in ("one date", "four dates"):
        events = pd.DataFrame({"ticker": frame.columns[:8], "date": days[PLACES[place]]})
        study = es.EventStudy(model=ours, estimation=ESTIMATION, window=EVENT_WINDOW, min_obs=20)
        got = study.run(events, es.Panel.from_returns(frame, market="M")).abnormal
        want = oracle.run(
            oracle.Data(panel, market[:, None]),
            list(range(8)),
            PLACES[place],
            replace(SETUP, model=theirs),
        )
        same(inference.dates_bmp(got, W), oracle.dates_bmp(want, W))
        same(inference.dates_patell(got, W), oracle.dates_patell(want, W))
        same(inference.sur_F(got, W), oracle.sur_f(want, W))
        same(inference.gls_mean(got, W), oracle.gls_mean(want, W))


# ── G.20, G.21: signs and scales ─────────────────────────────────────────────────────────
def scaled(abnormal: Abnormal, factor: Floats) -> Abnormal:
    k = factor[:, None]
    paths = StoredPaths(abnormal.residuals * k, abnormal.actual, abnormal.expected)
    sigma = abnormal.sigma * np.abs(factor)
    return replace(abnormal, abnormal=abnormal.abnormal * k, sigma=sigma, paths=paths, _memo={})


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("key", ["sur_F", *LOOPS])
def test_signs_and_scales(key: str, place: str) -> None:
    ours, _ = both(place, True)
    test, found = inference.resolve(key), inference.resolve(key)(ours, W)
    mirrored, percent = (test(scaled(ours, np.full(8, k)), W) for k in (-1.0, 100.0))
    sign = 1.0 if key == "sur_F" else -1.0
    assert mirrored.statistic == close(sign * found.statistic)
    assert mirrored.pvalue == close(found.pvalue)
    assert percent.statistic == close(found.statistic)
    assert percent.pvalue == close(found.pvalue)


def test_scales_that_differ_change_no_standardised_test() -> None:
    ours, _ = both("one date", True)
    factor = 10.0 ** np.random.default_rng(0).uniform(-4, 4, 8)
    one, two = inference.sur_F(ours, W), inference.sur_F(scaled(ours, factor), W)
    assert one.statistic == pytest.approx(two.statistic, rel=1e-9)
    ours, _ = both("four dates", True)
    by_date = 10.0 ** np.random.default_rng(0).uniform(-4, 4, 4)
    other = scaled(ours, by_date[np.unique(ours.row, return_inverse=True)[1]])
    for key in ("dates_bmp", "dates_patell"):
        one, two = (inference.resolve(key)(a, W) for a in (ours, other))
        assert one.statistic == close(two.statistic)


# ── D.17: identities ─────────────────────────────────────────────────────────────────────
def test_mean_contrast_is_the_portfolio_and_an_event_dummy() -> None:
    panel, market = world(6)
    abnormal = measure(panel, market, range(6), [150] * 6)
    portfolio = inference.portfolio_t(abnormal, W)
    contrast = inference.contrasts(abnormal, W, np.full(6, 1 / 6))
    for name in ("estimate", "se", "statistic", "df", "pvalue"):
        assert getattr(contrast, name) == close(getattr(portfolio, name)), name
    # the portfolio regressed on the market and a dummy whose coefficient is the CAR: the event
    # days enter as three dummies, of which two are free
    days = np.r_[90:140, 149:152]
    dummies = np.zeros((53, 3))
    dummies[50:] = [[1, 1, 0], [0, -1, 1], [0, 0, -1]]
    x = np.column_stack([np.ones(53), market[days], dummies])
    y = panel[:, days].mean(axis=0)
    beta, *_ = np.linalg.lstsq(x, y, rcond=None)
    e = y - x @ beta
    se = math.sqrt(e @ e / 48 * np.linalg.inv(x.T @ x)[2, 2])
    assert contrast.estimate == close(float(beta[2]))
    assert contrast.se == close(se)


@pytest.mark.parametrize("seed", range(5))
def test_joint_f_does_not_care_how_events_are_combined(seed: int) -> None:
    abnormal = one_date(7, seed=seed)
    c = np.random.default_rng(seed).normal(size=(7, 7))
    one, two = inference.sur_F(abnormal, W), inference.sur_F(recombined(abnormal, c), W)
    assert one.statistic == pytest.approx(two.statistic, rel=1e-8)
    assert one.pvalue == pytest.approx(two.pvalue, rel=1e-7)


def test_joint_f_of_one_event_is_the_square_of_its_t() -> None:
    one = one_date(1)
    t, f = inference.single_t(one, W), inference.sur_F(one, W)
    assert (f.statistic, f.pvalue, f.df) == (close(t.statistic**2), close(t.pvalue), t.df)
    gls = inference.gls_mean(one, W)
    assert (gls.statistic, gls.df) == (close(t.statistic), t.df)


def test_joint_f_of_all_contrasts_is_the_joint_f() -> None:
    abnormal = one_date()
    whole = inference.contrasts(abnormal, W, np.eye(6))
    assert whole.statistic == close(inference.sur_F(abnormal, W).statistic)
    single = inference.contrasts(abnormal, W, [[1.0, 0, 0, 0, 0, -1]])
    t = inference.contrasts(abnormal, W, [1.0, 0, 0, 0, 0, -1])
    assert (single.law, single.statistic) == ("F", close(t.statistic**2))
    assert single.pvalue == close(t.pvalue)
    chain = np.eye(6)[:-1] - np.eye(6)[1:]
    equal = inference.contrasts(abnormal, W, "equal")
    assert equal.statistic == close(inference.contrasts(abnormal, W, chain).statistic)
    assert (equal.df, equal.note) == (44, "F(5, 44) under normal errors")
    shifted = replace(abnormal, abnormal=abnormal.abnormal + 0.07, _memo={})
    assert inference.contrasts(shifted, W, "equal").statistic == close(equal.statistic)


def test_far_tail_of_the_joint_f_is_not_lost() -> None:
    abnormal = one_date()
    loud = replace(abnormal, abnormal=abnormal.abnormal + 100.0, _memo={})
    assert 0 < inference.sur_F(loud, W).pvalue < 1e-60


def test_gls_of_spherical_residuals_is_the_portfolio() -> None:
    e = np.linalg.qr(np.random.default_rng(0).normal(size=(40, 5)) - 0.0)[0]
    e = np.linalg.qr(e - e.mean(axis=0))[0].T * 0.03
    abnormal = with_residuals(e, np.random.default_rng(1).normal(0.02, 0.01, (5, 1)))
    portfolio = inference.portfolio_t(abnormal, (0, 0))
    naive = inference.gls_mean(abnormal, (0, 0), naive=True)
    assert (naive.estimate, naive.statistic) == (
        close(portfolio.estimate),
        close(portfolio.statistic),
    )
    exact = inference.gls_mean(abnormal, (0, 0))
    assert (exact.estimate, exact.df) == (close(portfolio.estimate), portfolio.df - 4)


def test_gls_interval_is_its_inversion() -> None:
    abnormal = one_date()
    found = inference.gls_mean(abnormal, (0, 0))
    for end in found.ci:
        shifted = replace(abnormal, abnormal=abnormal.abnormal - end, _memo={})
        assert inference.gls_mean(shifted, (0, 0)).pvalue == pytest.approx(0.05, rel=1e-9)


def test_gls_weighs_quiet_events_more() -> None:
    rng = np.random.default_rng(3)
    e = rng.normal(size=(2, 100)) * [[0.01], [0.05]]
    e -= e.mean(axis=1, keepdims=True)
    found = inference.gls_mean(with_residuals(e, np.array([[0.01], [-0.01]])), (0, 0))
    assert 0.008 < found.estimate < 0.01


@cache
def drawn(n: int = 6, days: int = 40, draws: int = 5000) -> tuple[Floats, Floats, Floats]:
    """Statistics of samples without an effect, events correlated and unlike: F, gls t, equal F."""
    rng = np.random.default_rng(44)
    root = np.linalg.cholesky(0.4 + 0.6 * np.eye(n)) * rng.uniform(0.01, 0.06, (n, 1))
    found = np.empty((3, draws))
    for k in range(draws):
        x = root @ rng.normal(size=(n, days + 1))
        mean = x[:, :days].mean(axis=1, keepdims=True)
        abnormal = with_residuals(x[:, :days] - mean, x[:, days:] - mean)
        found[0, k] = inference.sur_F(abnormal, (0, 0)).statistic
        found[1, k] = inference.gls_mean(abnormal, (0, 0)).statistic
        found[2, k] = inference.contrasts(abnormal, (0, 0), "equal").statistic
    return found[0], found[1], found[2]


def test_exact_laws() -> None:
    """G.44 for the joint F, the GLS mean and the equality of effects; ν = 39, N = 6."""
    f, t, equal = drawn()
    assert stats.kstest(f, stats.f(6, 34).cdf).pvalue > 1e-4
    assert stats.kstest(t, stats.t(34).cdf).pvalue > 1e-4
    assert stats.kstest(equal, stats.f(5, 35).cdf).pvalue > 1e-4
    assert stats.kstest(f, stats.f(6, 20).cdf).pvalue < 0.05  # it can tell laws apart
    assert stats.kstest(t * 1.15, stats.t(34).cdf).pvalue < 1e-4


# ── D.17: contrasts with incomplete events ───────────────────────────────────────────────
def incomplete() -> Abnormal:
    """Six events of one date; the first and the last lack a day."""
    abnormal = one_date()
    e = abnormal.residuals.copy()
    e[[0, 5], [3, 7]] = np.nan
    paths = StoredPaths(e, abnormal.actual, abnormal.expected)
    return replace(abnormal, paths=paths, _memo={})


def test_contrast_is_carried_by_the_complete_events() -> None:
    holed, rest = incomplete(), one_date().take(np.arange(1, 5))
    cases: list[tuple[list[float], list[float]]] = [
        ([1 / 6] * 6, [1 / 4] * 4),
        ([1 / 3, 1 / 3, 1 / 3, -1 / 3, -1 / 3, -1 / 3], [1 / 2, 1 / 2, -1 / 2, -1 / 2]),
        ([0.1, 0.2, 0.3, 0.1, 0.0, 0.3], [1 / 3, 0.5, 1 / 6, 0]),
        ([0, 1, -2, 0.5, 0.5, 0], [1, -2, 0.5, 0.5]),
    ]
    for given, carried in cases:
        got, want = (
            inference.contrasts(holed, W, given),
            inference.contrasts(rest, W, carried),
        )
        assert (got.statistic, got.estimate) == (close(want.statistic), close(want.estimate))
        assert (got.n, got.note) == (4, "4 of 6 events are complete and carry the weights")
    two = np.array([[1 / 6] * 6, [0, 1, -1, 0, 0, 0]])
    joint = inference.contrasts(holed, W, two)
    assert joint.df == rest.dof[0] - 1
    equal = inference.contrasts(holed, W, "equal")
    assert equal.statistic == close(inference.contrasts(rest, W, "equal").statistic)
    assert equal.note == "4 of 6 events are complete; F(3, 46) under normal errors"


def test_contrast_without_an_event_that_has_no_car() -> None:
    """The first event misses a day of W as well: the same four events carry the weights."""
    holed = incomplete()
    ar = holed.abnormal.copy()
    ar[0, 5] = np.nan
    weights = [0.1, 0.2, 0.3, 0.1, 0.0, 0.3]
    got = inference.contrasts(replace(holed, abnormal=ar, _memo={}), W, weights)
    want = inference.contrasts(holed, W, weights)
    assert (got.statistic, got.estimate, got.n) == (want.statistic, want.estimate, 4)


ONE_SIDED = "no event on one side of the contrast is complete"
UNLIKE = (
    "weights of both signs that differ within a side cannot be carried over to the complete events"
)


@pytest.mark.parametrize(("weights", "note"), [
    ([1, 0, 0, 0, 0, -1], ONE_SIDED),
    ([1, -1, 0, 0, 0, 0], ONE_SIDED),
    ([1, 0, 0, 0, 0, 1], ONE_SIDED),
    ([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], UNLIKE),
    ([[1, -1, 0, 0, 0, 0], [0, 1, -1, 0, 0, 0]], ONE_SIDED),
])  # fmt: skip
def test_contrast_that_the_complete_events_cannot_carry(weights: Any, note: str) -> None:
    found = inference.contrasts(incomplete(), W, weights)
    assert math.isnan(found.statistic)
    assert found.note == note
    assert found.law == ("F" if np.ndim(weights) == 2 else "t")


@pytest.mark.parametrize(("weights", "shape"), [
    ([1.0, -1.0], (2,)), (np.ones((2, 5)), (2, 5)), (np.ones((1, 1, 6)), (1, 1, 6)), (1.0, ()),
    (np.ones((0, 6)), (0, 6)), (None, ()),
])  # fmt: skip
def test_weights_that_do_not_fit_are_refused(weights: Any, shape: tuple[int, ...]) -> None:
    with pytest.raises(errors.OptionError) as caught:
        inference.contrasts(one_date(), W, weights)
    assert str(caught.value) == (
        f"weights of shape {shape} do not fit 6 events; give one weight an event, or a row of "
        f"them for each contrast."
    )


@pytest.mark.parametrize("weights", [
    [0.0] * 6, [1, np.nan, 0, 0, 0, 0], [[1, 0, 0, 0, 0, 0], [0] * 6], ["a"] * 6, [[1], [1, 2]],
    [1, np.inf, 0, 0, 0, 0],
])  # fmt: skip
def test_weights_that_are_no_weights_are_refused(weights: Any) -> None:
    with pytest.raises(errors.OptionError) as caught:
        inference.contrasts(one_date(), W, weights)
    assert str(caught.value) == (
        "weights must be finite numbers, not all of them zero in a contrast; give 1/N each for a "
        "mean, or 'equal' to compare all effects."
    )


def test_weights_by_an_unknown_name_are_refused() -> None:
    with pytest.raises(errors.OptionError, match=r"weights='equals' is not known"):
        inference.contrasts(one_date(), W, "equals")
    with pytest.raises(errors.OptionError, match=r"alternative='up' is not known"):
        inference.contrasts(one_date(), W, "equal", alternative="up")


# ── D.17: where it does not apply ────────────────────────────────────────────────────────
def multivariate(abnormal: Abnormal, window: tuple[int, int] = W) -> list[Statistic]:
    return [
        inference.sur_F(abnormal, window),
        inference.gls_mean(abnormal, window),
        inference.gls_mean(abnormal, window, naive=True),
        inference.contrasts(abnormal, window, "equal"),
    ]


def silent(found: Statistic, note: str) -> None:
    assert math.isnan(found.statistic)
    assert math.isnan(found.pvalue)
    assert found.note == note


def test_several_dates_and_designs_are_said() -> None:
    for found in multivariate(spread_over([100, 100, 200])):
        silent(found, SEVERAL)
    bent = replace(one_date(), common_design=False, _memo={})
    for found in multivariate(bent):
        silent(found, "the model leaves the events no common design")
    gone = one_date()
    e = gone.residuals.copy()
    e[np.arange(6), np.arange(6)] = np.nan
    paths = StoredPaths(e, gone.actual, gone.expected)
    for found in multivariate(replace(gone, paths=paths, _memo={})):
        silent(found, "none of the 6 events is complete")


def test_singular_residuals_are_said() -> None:
    panel, market = world(3)
    twice = measure(panel[[0, 1, 2, 0]], market, range(4), [150] * 4)
    sur, gls, naive, equal = multivariate(twice)
    for found in (sur, gls, naive):
        silent(found, "the residuals of the events are linearly dependent")
    dependent = "the contrasts, or the residuals behind them, are linearly dependent"
    silent(equal, dependent)
    silent(
        inference.contrasts(one_date(), W, [[1, -1, 0, 0, 0, 0], [2, -2, 0, 0, 0, 0]]), dependent
    )
    silent(inference.contrasts(twice, W, [1, 0, 0, -1]), "the standard error is zero")
    # a combination of residuals that can be told apart is not touched by the others
    mean = inference.contrasts(twice, W, np.full(4, 0.25))
    assert mean.statistic == close(inference.portfolio_t(twice, W).statistic)


def test_too_few_degrees_of_freedom_are_said() -> None:
    panel, market = world(12)
    few = measure(panel, market, range(12), [150] * 12, estimation=(-22, -11))
    assert few.dof[0] == 10
    sur, gls, naive, equal = multivariate(few)
    for found in (sur, gls, naive):
        silent(found, "12 effects need as many degrees of freedom; the residuals have 10")
        assert found.n == 12
    silent(equal, "11 effects need as many degrees of freedom; the residuals have 10")
    assert math.isfinite(inference.contrasts(few, W, np.full(12, 1 / 12)).pvalue)
    ten = few.take(np.arange(10))
    assert inference.sur_F(ten, W).df == 1
    assert math.isfinite(inference.gls_mean(ten, W).pvalue)


def test_joint_tests_have_no_direction() -> None:
    note = "a joint test has no direction: alternative='two-sided' only"
    for side in ("greater", "less"):
        silent(inference.sur_F(one_date(), W, alternative=side), note)
        silent(inference.contrasts(one_date(), W, "equal", alternative=side), note)


def test_one_event_has_nothing_to_compare() -> None:
    silent(
        inference.contrasts(one_date(1), W, "equal"),
        "one complete event only: there are no effects to compare",
    )
    one = inference.contrasts(one_date(1), W, [1.0])
    assert one.statistic == close(inference.single_t(one_date(1), W).statistic)


def test_joint_f_says_what_it_cannot_bear() -> None:
    assert inference.sur_F(one_date(), W).note == (
        "F(6, 43) under normal errors: fat tails or a larger variance on event days make it "
        "reject; read it beside boot_residual"
    )
    assert inference.gls_mean(one_date(), W, naive=True).note == (
        "the estimated weights are taken as known"
    )


# ── D.16: portfolios of dates ────────────────────────────────────────────────────────────
def test_dates_with_one_event_are_events() -> None:
    abnormal = spread_over([100, 200, 300, 400, 500, 600])
    for dates, events in (("dates_bmp", "bmp"), ("dates_patell", "patell")):
        one, two = (inference.resolve(key)(abnormal, W) for key in (dates, events))
        for name in ("estimate", "se", "statistic", "pvalue", "n", "n_dates"):
            assert getattr(one, name) == close(getattr(two, name)), name


def test_date_portfolios_are_portfolio_ts() -> None:
    row = np.repeat([100, 200, 300, 400], [5, 1, 3, 4])
    abnormal = spread_over(list(row))
    t = [inference.portfolio_t(abnormal.take(row == d), W).statistic for d in np.unique(row)]
    expected = stats.ttest_1samp(t, 0.0)
    found = inference.dates_bmp(abnormal, W)
    assert (found.statistic, found.pvalue) == (
        close(float(expected.statistic)),
        close(float(expected.pvalue)),
    )
    assert (found.df, found.note) == (3, "")
    z = inference.dates_patell(abnormal, W)
    assert z.statistic == close(sum(t) / math.sqrt(4 * 48 / 46))
    assert z.law == "normal"


def test_overlapping_dates_are_one_cluster() -> None:
    row = np.array([100, 100, 101, 101, 200, 200, 300, 300])
    abnormal = spread_over(list(row))
    t = {d: inference.portfolio_t(abnormal.take(row == d), W).statistic for d in np.unique(row)}
    s = [(t[100] + t[101]) / 2, t[200], t[300]]
    found = inference.dates_bmp(abnormal, W)
    assert found.statistic == close(float(stats.ttest_1samp(s, 0.0).statistic))
    assert (found.df, found.n, found.n_dates) == (2, 8, 4)
    assert found.note == "4 dates in 3 clusters of overlapping windows"
    z = inference.dates_patell(abnormal, W)
    assert z.statistic == close(sum(s) / math.sqrt(3 * 48 / 46))
    assert inference.dates_bmp(abnormal, (0, 0)).df == 3


def holed(*events: int, row: list[int]) -> Abnormal:
    """``events`` lack a day of the estimation window, each another one."""
    abnormal = spread_over(row)
    e = abnormal.residuals.copy()
    e[list(events), list(events)] = np.nan
    paths = StoredPaths(e, abnormal.actual, abnormal.expected)
    n_obs = np.isfinite(e).sum(axis=1).astype(float)
    return replace(abnormal, paths=paths, n_obs=n_obs, _memo={})


def test_dates_without_a_complete_event_are_left_out() -> None:
    row = [100, 100, 200, 200, 300, 300, 400]
    abnormal = holed(0, 1, 2, row=row)
    rest = spread_over(row).take(np.array([3, 4, 5, 6]))
    for key in ("dates_bmp", "dates_patell"):
        found, expected = (inference.resolve(key)(a, W) for a in (abnormal, rest))
        assert found.statistic == close(expected.statistic)
        assert (found.n, found.n_dates) == (4, 3)
        assert found.note == "3 of 4 dates have a complete event; 4 of 7 events are complete"
    assert inference.dates_csect(abnormal, W).df == 3
    assert {"dates_bmp", "dates_patell"} <= inference.valid(abnormal, W).valid


def test_no_two_dates_with_a_complete_event() -> None:
    abnormal = holed(0, 1, 2, 3, row=[100, 100, 200, 200, 300])
    verdict = inference.valid(abnormal, W)
    for key in ("dates_bmp", "dates_patell"):
        note = "1 of 3 dates have a complete event"
        silent(inference.resolve(key)(abnormal, W), note)
        assert verdict.why[key] == note
    assert "dates_csect" in verdict.valid
    chain = inference.valid(
        holed(2, 3, row=[100, 101, 200, 200]), W
    )  # one cluster has all portfolios
    assert (chain.n_components, chain.why["dates_bmp"]) == (2, "2 of 3 dates have a complete event")


def test_date_portfolios_need_a_common_design_and_two_clusters() -> None:
    bent = replace(spread_over([100, 200, 300]), common_design=False, _memo={})
    one, chain = one_date(), spread_over([100, 101, 102])
    for key in ("dates_bmp", "dates_patell"):
        note = "the model leaves the events no common design"
        silent(inference.resolve(key)(bent, W), note)
        assert inference.valid(bent, W).why[key] == note
        silent(inference.resolve(key)(one, W), "one date only: there are no dates to compare")
        silent(
            inference.resolve(key)(chain, W),
            "the windows of all dates overlap: there are no dates to compare",
        )


def test_date_portfolios_that_do_not_move_are_left_out() -> None:
    panel, _ = world(1, 400)
    twins = np.vstack([panel, -panel, panel, panel, panel])
    abnormal = measure(twins, None, range(5), [120, 120, 200, 300, 390 - 40])
    found = inference.dates_bmp(abnormal, W)
    assert (found.n, found.n_dates, found.df) == (3, 3, 2)
    assert found.note == "3 of 4 dates have a complete event; 3 of 5 events are complete"


def test_low_degrees_of_freedom_of_a_date_are_said() -> None:
    abnormal = spread_over([100, 200, 300])
    short = replace(abnormal, dof=np.array([2.0, 40, 40]), _memo={})
    silent(inference.dates_patell(short, W), "a date has only two degrees of freedom or fewer")
    assert math.isfinite(inference.dates_bmp(short, W).pvalue)


def test_date_portfolios_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, _ = both("four dates", True)
    whole = inference.dates_bmp(ours, W)
    for chunk in (1, 2, 3, 5):
        monkeypatch.setattr(date_portfolios, "CHUNK", chunk)
        parts = inference.dates_bmp(ours.take(np.arange(8)), W)
        assert (parts.statistic, parts.n) == (close(whole.statistic), whole.n)


def test_windows_with_the_same_events_read_the_residuals_once() -> None:
    abnormal = spread_over([100, 100, 200, 300])
    reads = []

    class Counting(StoredPaths):
        def residuals(self, index: Any) -> Floats:
            reads.append(len(index))
            return super().residuals(index)

    e = abnormal.residuals
    paths = Counting(e, abnormal.actual, abnormal.expected)
    counted = replace(abnormal, paths=paths, _memo={})
    for window in WINDOWS:
        inference.dates_bmp(counted, window)
        inference.dates_patell(counted, window)
    assert len(reads) == 1


@pytest.mark.parametrize("key", ["portfolio_t", "sur_F", "gls_mean", "contrasts"])
def test_what_one_window_keeps_is_not_taken_for_another(key: str) -> None:
    """All events have a CAR over both windows; the first is complete over the shorter one only."""
    panel, market = world(5)
    panel[0, 151] = np.nan
    made = measure(panel, market, range(5), [150] * 5, missing="skip")
    made = replace(made, design=np.zeros(5, dtype=np.int64))
    options = {"weights": "equal"} if key == "contrasts" else {}
    for windows in ([(0, 0), W], [W, (0, 0)]):
        shared = made.take(np.arange(5))
        for window in windows:
            found = inference.resolve(key)(shared, window, **options)
            alone = inference.resolve(key)(made.take(np.arange(5)), window, **options)
            assert (found.n, found.statistic) == (alone.n, alone.statistic)
            assert found.n == (5 if window == (0, 0) else 4)


# ── D.15: random signs ───────────────────────────────────────────────────────────────────
def with_cars(values: Floats) -> Abnormal:
    n = len(values)
    many = one_date(1).take(np.zeros(n, dtype=int))
    row = 1000 + 50 * np.arange(n)
    return replace(many, abnormal=values[:, None] * np.ones(11), row=row, _memo={})


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("d", [2, 3, 7, 12])
def test_sign_flips_by_halves_are_all_sign_flips(d: int, side: str) -> None:
    rng = np.random.default_rng(d)
    samples: list[Floats] = [rng.normal(0.3, 1, d), rng.standard_t(2, d)]
    for x in [*samples, rng.integers(-2, 3, d).astype(float)]:
        signs = 1.0 - 2.0 * (np.arange(2**d)[:, None] >> np.arange(d) & 1)
        sums, total = signs @ x, x.sum()
        extreme = {
            "two-sided": np.abs(sums) >= abs(total) - 1e-9,
            "greater": sums >= total - 1e-9,
            "less": sums <= total + 1e-9,
        }[side]
        if x.any():
            assert flips(x, side) == extreme.mean()


@pytest.mark.parametrize("d", range(2, 13))
def test_sign_flip_p_is_a_multiple(d: int) -> None:
    """G.39, with random and with unanimous dates."""
    x = np.random.default_rng(d).normal(size=d)
    for values in (x, np.abs(x)):
        p = inference.sign_flip_dates(with_cars(values), (0, 0)).pvalue
        assert (p * 2 ** (d - 1)).is_integer()
        assert p >= 2.0 ** (1 - d)
    assert p == 2.0 ** (1 - d)
    assert inference.wild_dates(with_cars(np.abs(x)), (0, 0)).pvalue == p
    one = inference.sign_flip_dates(with_cars(np.abs(x)), (0, 0), alternative="greater")
    assert one.pvalue == p / 2


@pytest.mark.parametrize("key", ["wild_events", "wild_dates", "sign_flip_dates"])
def test_five_dates_never_reject(key: str) -> None:
    found = inference.resolve(key)(with_cars(np.full(5, 0.1) + np.arange(5) * 1e-5), (0, 0))
    assert found.pvalue == 2 / 32
    assert found.note.endswith("no two-sided p below 0.0625")
    assert found.statistic == close(
        inference.csect_t(with_cars(np.full(5, 0.1) + np.arange(5) * 1e-5), (0, 0)).statistic
    )


def test_many_dates_follow_the_normal_law_of_sign_flips() -> None:
    x = np.random.default_rng(1).normal(0.2, 1.0, COUNTABLE + 1)
    found = inference.sign_flip_dates(with_cars(x), (0, 0))
    z = x.sum() / math.sqrt(x @ x)
    assert (found.law, found.statistic) == ("normal", close(z))
    assert found.pvalue == close(2 * stats.norm.sf(abs(z)))
    assert found.note == "33 signs: the normal law of their flips"
    exact = inference.sign_flip_dates(with_cars(x[:-1]), (0, 0))
    assert exact.law == "permutation"
    near = 2 * stats.norm.sf(abs(x[:-1].sum()) / math.sqrt(x[:-1] @ x[:-1]))
    assert exact.pvalue == pytest.approx(near, abs=0.02)


def test_wild_dates_keep_a_date_together() -> None:
    abnormal = spread_over([100, 100, 100, 200, 200, 300, 301])
    found = inference.wild_dates(abnormal, W)
    assert found.note == (
        "all 8 patterns of weights; 4 dates in 3 clusters of overlapping windows; "
        "no two-sided p below 0.25"
    )
    plain = inference.dates_csect(abnormal, W)
    assert (found.statistic, found.estimate, found.se) == (
        close(plain.statistic),
        close(plain.estimate),
        close(plain.se),
    )
    assert (found.law, found.n, found.n_dates) == ("bootstrap", 7, 4)


CARS = np.random.default_rng(8).normal(0.4, 1.0, 16)


@pytest.mark.parametrize("weights", ["rademacher", "webb"])
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("key", ["wild_events", "wild_dates"])
def test_draws_are_the_same_in_any_batch(key: str, side: str, weights: str) -> None:
    abnormal = with_cars(CARS)
    asked: dict[str, Any] = {"alternative": side, "weights": weights, "draws": 999}
    test = inference.resolve(key)
    found = test(abnormal, (0, 0), **asked)
    for batch in (1, 7, 500, 5000):
        assert test(abnormal, (0, 0), batch=batch, **asked) == found
    assert test(abnormal, (0, 0), rng=np.random.default_rng(0), **asked) == found
    assert test(abnormal, (0, 0), rng=5, **asked).pvalue != found.pvalue
    assert (found.pvalue * 1000) == pytest.approx(round(found.pvalue * 1000), abs=1e-9)
    assert found.note == "999 random patterns of weights"


@pytest.mark.parametrize("side", SIDES)
def test_random_patterns_agree_with_all_of_them(side: str) -> None:
    abnormal = with_cars(CARS)
    exact = inference.wild_events(abnormal, (0, 0), draws=2**16 - 1, alternative=side)
    assert exact.note == "all 65536 patterns of weights"
    assert exact.pvalue == inference.sign_flip_dates(abnormal, (0, 0), alternative=side).pvalue
    found = inference.wild_events(abnormal, (0, 0), draws=20_000, alternative=side)
    error = math.sqrt(exact.pvalue * (1 - exact.pvalue) / 20_000)
    assert abs(found.pvalue - exact.pvalue) < 4 * error + 1 / 20_000


@pytest.mark.parametrize("side", SIDES)
def test_webb_weights_counted_by_hand(side: str) -> None:
    x = np.array([0.9, 0.5, -0.1, 0.7])
    found = inference.wild_events(with_cars(x), (0, 0), weights="webb", alternative=side)
    points = [s * math.sqrt(v) for v in (1.0, 1.5, 0.5) for s in (1, -1)]
    _, p = oracle.sign_patterns(list(x), side, points)
    assert found.pvalue == close(p)
    assert found.note.startswith("all 1296 patterns of weights")


def test_equal_cars_tie() -> None:
    x = np.array([0.1, 0.1, 0.1, 0.1, -0.1, -0.1])
    values = 0.3 * x + 0.0
    # sums of six equal sizes: |sum| ≥ 2 of them unless three are positive
    p = 1 - math.comb(6, 3) / 64
    for key in ("wild_events", "wild_dates", "sign_flip_dates"):
        assert inference.resolve(key)(with_cars(values), (0, 0)).pvalue == close(p)


def test_wild_events_with_standardised_cars() -> None:
    ours, _ = both("apart", False)
    found, plain = inference.wild_events(ours, W, statistic="bmp"), inference.bmp(ours, W)
    assert (found.statistic, found.estimate) == (close(plain.statistic), close(plain.estimate))


@pytest.mark.parametrize("key", ["wild_events", "wild_dates", "sign_flip_dates"])
def test_signs_of_cars_that_do_not_differ(key: str) -> None:
    silent(inference.resolve(key)(with_cars(np.full(4, 0.1)), (0, 0)), "the standard error is zero")
    silent(inference.resolve(key)(with_cars(np.zeros(4)), (0, 0)), "the standard error is zero")


def test_events_without_standard_deviation_are_said() -> None:
    unknown = replace(with_cars(CARS), sigma=np.r_[np.nan, np.ones(15)], _memo={})
    silent(
        inference.wild_events(unknown, (0, 0), statistic="bmp"),
        "an event has no standard deviation",
    )


def test_wild_options_are_refused() -> None:
    abnormal = with_cars(CARS)
    refused: list[tuple[dict[str, Any], str]] = [
        ({"statistic": "t"}, "statistic='t' is not known; choose one of 'csect', 'bmp'."),
        (
            {"weights": "normal"},
            "weights='normal' is not known; choose one of 'rademacher', 'webb'.",
        ),
        ({"draws": 0}, "draws=0 is not a count; give a whole number from 1 up."),
        ({"batch": 0}, "batch=0 is not a count; give a whole number from 1 up."),
        ({"rng": -1}, "rng=-1 cannot make random numbers; give a seed, a whole number from 0 up"),
    ]
    for options, said in refused:
        with pytest.raises(errors.OptionError) as caught:
            inference.wild_events(abnormal, (0, 0), **options)
        assert str(caught.value).startswith(said)


@pytest.mark.parametrize("key", ["wild_events", "wild_dates"])
def test_resampling_tests_keep_their_contract(key: str) -> None:
    check_test(inference.resolve(key))


# ── names ────────────────────────────────────────────────────────────────────────────────
def test_names_leave_out_what_resamples_or_wants_more() -> None:
    usual, everything = set(inference.names()), set(inference.names(resampling=True))
    assert everything - usual == RESAMPLING & everything
    assert {"wild_events", "wild_dates"} <= RESAMPLING
    assert "contrasts" not in everything
    assert inference.resolve("contrasts") is inference.contrasts
    assert wants(inference.contrasts) == ("weights",)
    assert all(not wants(inference.resolve(key)) for key in everything)
    # whatever resamples can be told how often and from which seed
    for key in everything & RESAMPLING:
        assert {"draws", "rng", "batch"} <= set(inference.resolve(key).__annotations__)


def test_tables_do_not_resample_unless_asked() -> None:
    days = pd.bdate_range("2024-01-01", periods=300)
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(0, 0.01, (300, 5)), days, [*"ABCD", "SPY"])
    result = es.EventStudy().run(
        es.events_on(days[270], list("ABCD")), es.Panel.from_returns(frame, market="SPY")
    )
    assert not set(result.tests((0, 0))["test"]) & RESAMPLING
    asked = result.tests((0, 0), names=["wild_events", "sur_F"])
    assert asked["test"].tolist() == ["sur_F", "wild_events"]
    assert asked["valid"].tolist() == [True, False]
    found = result.test("contrasts", (0, 0), weights=[0.5, 0.5, -0.5, -0.5], alternative="less")
    assert found.law == "t"
    with pytest.raises(errors.OptionError) as caught:
        result.test("contrasts", (0, 0))
    assert str(caught.value) == (
        "contrasts cannot be asked without `weights`; ask it alone, as in "
        "result.test('contrasts', window, weights=...)."
    )
