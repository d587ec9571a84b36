"""Ranks, signs, skewness and the jackknife: cases worked out by hand, edges, draws, memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from inference_studies import Floats, measure, world
from scipy import stats

from eventstudy import errors, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Statistic, StoredPaths
from eventstudy.inference import generalised_ranks, scaled_ranks, skewness
from eventstudy.inference._sample import sample_of
from eventstudy.inference.leave_one_out import pseudo_of
from eventstudy.windows import Window

DAY0 = (0, 0)
W = (-1, 1)
GAP = math.nan


def made(
    e: Sequence[Sequence[float]],
    ar: Sequence[Sequence[float]],
    *,
    sigma: Sequence[float] | None = None,
    missing: str = "drop",
) -> Abnormal:
    """Events of one date with given residuals and abnormal returns; nothing was estimated."""
    residuals, event_days = np.array(e, dtype=float), np.array(ar, dtype=float)
    n, before = residuals.shape
    days = event_days.shape[1]
    return Abnormal(
        estimation=Window(-10 - before, -11),
        window=Window(-(days // 2), days - 1 - days // 2),
        abnormal=event_days,
        sigma=np.ones(n) if sigma is None else np.array(sigma, dtype=float),
        dof=np.full(n, before - 1.0),
        n_obs=np.isfinite(residuals).sum(axis=1).astype(float),
        params=np.empty((n, 0)),
        names=(),
        r2=np.zeros(n),
        row=np.full(n, 100),
        firm=np.arange(n),
        root=np.zeros((1, days, 0)),
        design=np.zeros(n, dtype=int),
        paths=StoredPaths(residuals, event_days, np.zeros_like(event_days)),
        path=np.arange(n),
        missing=missing,
    )


def with_cars(values: Sequence[float] | Floats) -> Abnormal:
    x = np.array(values, dtype=float)
    rng = np.random.default_rng(0)
    return made(rng.normal(size=(len(x), 30)).tolist(), x[:, None].tolist())


def separate(n: int = 8, *, gaps: float = 0.0, seed: int = 4) -> Abnormal:
    panel, market = world(n, 400, gaps=gaps, seed=seed)
    return measure(panel, market, range(n), 80 + 37 * np.arange(n))


def one_date(n: int = 6, *, gaps: float = 0.0, missing: str = "drop", seed: int = 0) -> Abnormal:
    panel, market = world(n, gaps=gaps, seed=seed)
    return measure(panel, market, range(n), [150] * n, missing=missing)


def close(value: float) -> object:
    return pytest.approx(value, rel=1e-12, abs=1e-14)


# ── by hand ──────────────────────────────────────────────────────────────────────────────
#: U of the first event: −.3 .1 −.1 | .3; of the second: .3 −.3 −.1 | .1
TWO = made([[1, 3, 2], [4, 1, 2]], [[9], [3]])
#: Z: 0 −.2 −.2 .4 over √2
S_OF_TWO = math.sqrt((0.04 + 0.04 + 0.16) / 2 / 4)


def test_rank_by_hand() -> None:
    found = inference.rank(TWO, DAY0)
    assert found.estimate == close(0.2)
    assert found.se == close(S_OF_TWO / math.sqrt(2))
    assert found.statistic == close(0.4 / math.sqrt(2) / S_OF_TWO)


def test_cumulated_rank_by_hand() -> None:
    found = inference.cumrank_t(TWO, DAY0)
    z = 0.4 / math.sqrt(2) / S_OF_TWO  # T = 4 days, L = 1: Z' = Z
    assert (found.estimate, found.df) == (close(0.2), 2)
    assert found.statistic == close(z * math.sqrt(2 / (3 - z * z)))
    assert found.pvalue == close(2 * float(stats.t.sf(found.statistic, 2)))
    assert math.isnan(found.se)


def test_signs_by_hand() -> None:
    """Medians 2.5 and 2.5: signs − + − + and + − − +, so Z√2 = 0 0 −2 2."""
    found = inference.corrado_sign(TWO, DAY0)
    assert found.estimate == close(1.0)
    assert found.statistic == close(math.sqrt(2) / math.sqrt(1.0))


def test_sign_of_the_median_itself_is_zero() -> None:
    three = made([[1, 2], [5, 5]], [[3], [5]])  # medians 2, and 5 three times
    found = inference.corrado_sign(three, DAY0)
    assert found.estimate == close(0.5)
    assert found.statistic == close(1 / math.sqrt(2 / 3))


def test_a_rounding_error_beside_the_median_is_no_sign() -> None:
    three = made([[0.1 + 0.2, 0.1 + 0.2, 0.1, 0.5]], [[0.3]])  # 0.30000000000000004 and 0.3
    assert inference.corrado_sign(three, DAY0).estimate == 0.0


def test_scaled_ranks_by_hand() -> None:
    """σ 1 and 2. The SARs of day 0 are 9 and 1, their spread 8/√2: 1.59 and .18 beside e/σ."""
    events = made([[1, 3, 2], [4, 1, 3]], [[9], [2]], sigma=[1, 2])
    u = np.array([[-0.3, 0.3, 0.1, -0.1], [0.3, -0.1, 0.1, -0.3]])
    z = u.sum(axis=0) / math.sqrt(2)
    found = inference.rank_cz(events, DAY0)
    assert found.estimate == close(-0.2)
    assert found.statistic == close(z[3] / math.sqrt(float(z @ z) / 4))


def test_generalised_ranks_by_hand() -> None:
    """SCARs 9 and 3, spread 3√2: 2.12 and .71 among 1 3 2 and 4 1 2."""
    found = inference.grank_t(TWO, DAY0, correction="none")
    # ranks 3 and 1 of four days; the others: 1 4 2 and 4 2 3
    u = np.array([[-0.3, 0.3, -0.1, 0.1], [0.3, -0.1, 0.1, -0.3]]).mean(axis=0)
    z = u[3] / math.sqrt(float(u @ u) / 4)
    assert (found.estimate, found.df) == (close(-0.1), 2)
    assert found.statistic == close(z * math.sqrt(2 / (3 - z * z)))
    normal = inference.grank_z(TWO, DAY0)
    assert normal.se == close(math.sqrt(2 * 3 / (12 * 5)) / 2)
    assert normal.statistic == close(-0.1 / normal.se)


def test_generalised_ranks_with_a_missing_day() -> None:
    """T_i differ, and the day on which one event has no residual weighs one half."""
    events = made([[1, 3, 2], [4, 1, GAP]], [[9], [3]])
    u = [[-0.3, 0.3, -0.1, 0.1], [0.25, 0.0, GAP, -0.25]]
    mean = np.array([-0.025, 0.15, -0.1, -0.075])
    s = math.sqrt(float(np.array([1, 1, 0.5, 1]) @ mean**2) / 4)
    assert np.allclose(np.nanmean(u, axis=0), mean)
    found = inference.grank_t(events, DAY0, correction="none")
    z = -0.075 / s
    assert found.statistic == close(z * math.sqrt(2 / (3 - z * z)))


def test_a_car_of_zero_ties_with_days_without_trade() -> None:
    events = made([[0, 0, -1, 1], [1, 0, -2, 4]], [[0], [1]])
    found = generalised_ranks.generalised_rank(sample_of(events, DAY0), 1.0)
    # the first event ranks third, with the two zeros; the second (1.41) fourth
    assert found.mean == close(((3 / 6 - 0.5) + (4 / 6 - 0.5)) / 2)


def test_skewness_by_hand() -> None:
    """1, 2, 6: mean 3, s² 7, Σ(x−x̄)³ 18."""
    s, root = 3 / math.sqrt(7), math.sqrt(3)
    g = 18 / 7**1.5 * 3 / 2
    hall = root * (s + g * s**2 / 3 + g**2 * s**3 / 27 + g / 18)
    found = inference.skew_t(with_cars([1, 2, 6]), DAY0)
    assert (found.estimate, found.statistic) == (3.0, close(hall))
    assert found.pvalue == close(2 * float(stats.norm.sf(hall)))
    g = 18 / 7**1.5 / 3
    johnson = inference.skew_t(with_cars([1, 2, 6]), DAY0, variant="johnson")
    assert johnson.statistic == close(root * (s + g * s**2 / 3 + g / 18))
    assert all(map(math.isnan, johnson.ci))


def test_skewness_of_buy_and_hold_returns() -> None:
    abnormal = one_date()
    bhar = abnormal.bhar(W)
    found = inference.skew_t(abnormal, W, on="bhar")
    assert found.estimate == close(float(bhar.mean()))
    assert found.statistic == inference.skew_t(with_cars(bhar), DAY0).statistic


def test_buy_and_hold_returns_that_are_missing() -> None:
    """Under ``missing="zero"`` a day without factor leaves a CAR and no buy-and-hold return."""
    abnormal = one_date(4, missing="zero")
    expected, ar = abnormal.expected.copy(), abnormal.abnormal.copy()
    expected[0, 5] = ar[0, 5] = GAP
    paths = StoredPaths(abnormal.residuals, abnormal.actual, expected)
    holed = replace(abnormal, paths=paths, abnormal=ar, path=np.arange(4), _memo={})
    found = inference.skew_t(holed, W, on="bhar")
    rest = inference.skew_t(abnormal.take(np.arange(1, 4)), W, on="bhar")
    assert (found.n, found.note) == (3, "3 of 4 events have a BHAR")
    assert found.statistic == rest.statistic
    assert inference.skew_t(holed, W).n == 4
    fewer = holed.take(np.arange(3))
    assert inference.skew_t(fewer, W, on="bhar").note == "2 events only have a BHAR: skew_t needs 3"


def test_jackknife_by_hand() -> None:
    x = np.array([1.0, 2.0, 6.0, 3.0, 5.0])
    theta = x.mean() / x.std(ddof=1)
    rest = [np.delete(x, i) for i in range(5)]
    pseudo = [5 * theta - 4 * r.mean() / r.std(ddof=1) for r in rest]
    expected = stats.ttest_1samp(pseudo, 0.0)
    found = inference.jackknife(with_cars(x), DAY0)
    assert found.estimate == close(float(np.mean(pseudo)))
    assert found.statistic == close(float(expected.statistic))
    assert (found.df, found.pvalue) == (4, close(float(expected.pvalue)))


def test_independent_t_by_hand() -> None:
    events = made([[1, 2, 3]] * 2, [[1, 2, 3], [3, 4, 5]], sigma=[3, 4])
    found = inference.independent_t(events, W)
    assert (found.estimate, found.se) == (9.0, close(math.sqrt(3) * 5 / 2))
    assert (found.law, found.statistic) == ("normal", close(9 / (math.sqrt(3) * 2.5)))


# ── too little ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("key", "n", "note"), [
    ("skew_t", 2, "2 events only: skew_t needs 3"),
    ("jackknife", 2, "2 events only: jackknife needs 4"),
    ("jackknife", 3, "3 events only: jackknife needs 4"),
    ("rank_cz", 1, "one event only: it compares events"),
    ("grank_t", 1, "one event only: it compares events"),
    ("grank_z", 1, "one event only: it compares events"),
])  # fmt: skip
def test_too_few_events(key: str, n: int, note: str) -> None:
    found = inference.resolve(key)(with_cars([0.1, 0.2, 0.4][:n]), DAY0)
    assert (found.note, found.n) == (note, n)
    assert math.isnan(found.statistic)


def test_the_jackknife_of_three_on_request() -> None:
    three = with_cars([1.0, 2.0, 4.0])
    assert math.isfinite(inference.jackknife(three, DAY0, min_events=3).statistic)
    for value in (2, 3.0, None):
        with pytest.raises(errors.OptionError) as caught:
            inference.jackknife(three, DAY0, min_events=value)  # type: ignore[arg-type]  # wrong on purpose
        assert str(caught.value) == (
            f"`min_events` is {value!r}, but the jackknife leaves one event out and needs a spread "
            f"of the rest; give a whole number from 3 up."
        )


@pytest.mark.parametrize("key", ["cumrank_t", "corrado_sign", "grank_t", "grank_z", "rank_cz"])
def test_few_days_are_said(key: str) -> None:
    panel, market = world(8)
    short = measure(panel, market, range(8), [150] * 8, estimation=(-29, -11))
    options = {"min_overlap": 10} if key == "grank_t" else {}
    said = "19 estimation days; at least 20 are advised"
    assert inference.resolve(key)(short, W, **options).note == said
    fewer = short.take(np.arange(7))
    said += "; 7 events; at least 8 are advised" if key in {"grank_t", "grank_z", "rank_cz"} else ""
    assert inference.resolve(key)(fewer, W, **options).note == said


@pytest.mark.parametrize("key", ["rank", "cumrank_t", "corrado_sign", "rank_cz", "grank_t"])
def test_too_few_days(key: str) -> None:
    two = made([[0.5], [0.2]], [[1.0], [2.0]])
    options = {"correction": "none"} if key == "grank_t" else {}
    found = inference.resolve(key)(two, DAY0, **options)
    assert found.note == "2 ranked days are too few"


@pytest.mark.parametrize("key", ["skew_t", "jackknife", "grank_t", "grank_z"])
def test_events_without_spread(key: str) -> None:
    options = {"correction": "none"} if key == "grank_t" else {}
    found = inference.resolve(key)(with_cars([0.2] * 5), DAY0, **options)
    assert found.note == "the standard error is zero"
    assert math.isnan(found.pvalue)


def test_the_rest_without_spread() -> None:
    found = inference.jackknife(with_cars([0.1, 0.1, 0.1, 0.1, 0.7]), DAY0)
    assert found.note == "the standard error is zero"


def test_one_event_may_hold_nearly_all_of_the_spread() -> None:
    x = np.array([1e8 / 3, 0.1, 0.2, 0.4, 0.3])  # the difference of squares leaves nothing here
    whole, rest = (float(y.mean() / y.std(ddof=1)) for y in (x, x[1:]))
    assert pseudo_of(x)[0] == close(5 * whole - 4 * rest)


@pytest.mark.parametrize("key", ["cumrank_t", "corrado_sign", "grank_t"])
def test_days_that_cancel(key: str) -> None:
    panel, _ = world(1)
    twins = measure(np.vstack([panel, -panel]), None, [0, 1], [150, 150])
    options = {"correction": "none"} if key == "grank_t" else {}
    assert inference.resolve(key)(twins, W, **options).note == "the standard error is zero"


@pytest.mark.parametrize("key", ["rank_cz", "grank_t", "grank_z", "jackknife", "independent_t"])
def test_events_without_standard_deviation(key: str) -> None:
    unknown = replace(separate(4), sigma=np.array([GAP, 1.0, 1.0, 1.0]), _memo={})
    found = inference.resolve(key)(unknown, W)
    assert found.note == "an event has no standard deviation"


def test_a_window_that_holds_all_variation() -> None:
    """One event ranks highest on day 0 and the other days tie: Z'² reaches T − 1."""
    found = inference.cumrank_t(made([[1, 1, 1, 1]], [[2]]), DAY0)
    assert found.note == "nothing but the days of the window has ranks that differ"
    assert math.isnan(found.statistic)


@pytest.mark.parametrize(("side", "p"), [("two-sided", 0.0), ("greater", 0.0), ("less", 1.0)])
def test_nothing_but_the_event_day_varies(side: str, p: float) -> None:
    days = [1.0, 2.0, 3.0, 4.0]
    opposite = made([days, days[::-1]], [[90.0], [80.0]])
    found = inference.grank_t(opposite, DAY0, correction="none", alternative=side)
    assert (found.statistic, found.pvalue, found.df) == (math.inf, p, 3)
    assert found.note.startswith("the ranks of all other days are the same")
    low = made([days, days[::-1]], [[-90.0], [-80.0]])
    assert inference.grank_t(low, DAY0, correction="none").statistic == -math.inf


# ── scaled ranks: days with too few events ───────────────────────────────────────────────
def test_spread_of_a_day() -> None:
    x = np.array([[1.0, 2.0, GAP, 0.1], [4.0, GAP, GAP, 0.1], [3.0, GAP, GAP, 0.1]])
    found = scaled_ranks.daily_spread(x)
    assert found[0] == close(float(np.std([1, 4, 3], ddof=1)))
    assert np.isnan(found[1:]).all()


def test_a_day_with_one_event_has_no_rank() -> None:
    rng = np.random.default_rng(2)
    e, ar = rng.normal(size=(3, 40)), rng.normal(size=(3, 3))
    ar[1:, 0] = GAP  # one event on day −1
    some = made(e.tolist(), ar.tolist(), missing="skip")
    gone = ar.copy()
    gone[0, 0] = GAP
    bare = made(e.tolist(), gone.tolist(), missing="skip")
    found, expected = inference.rank_cz(some, W), inference.rank_cz(bare, W)
    assert found.statistic == close(expected.statistic)
    assert inference.rank_cz(some, (-1, -1)).note == "one event only: it compares events"
    same = made(e.tolist(), np.full((3, 1), 0.3).tolist())
    assert inference.rank_cz(same, DAY0).note == "no day of the window is ranked"


# ── r̄ ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("key", "option"), [("rank_cz", "cross_correction"),
                                             ("grank_t", "correction")])  # fmt: skip
def test_the_correction_reports_the_correlation(key: str, option: str) -> None:
    abnormal, test = one_date(), inference.resolve(key)
    rbar = inference.correlation(abnormal, W).rbar
    found, plain = test(abnormal, W, **{option: "sd"}), test(abnormal, W, **{option: "none"})
    assert (found.rbar, found.n_eff) == (rbar, 6 / (1 + 5 * rbar))
    assert math.isnan(plain.rbar)


@pytest.mark.parametrize(("key", "option"), [("rank_cz", "cross_correction"),
                                             ("grank_t", "correction")])  # fmt: skip
def test_the_correction_needs_a_correlation(key: str, option: str) -> None:
    panel, market = world(3)
    test = inference.resolve(key)
    short = measure(panel, market, range(3), [150] * 3, estimation=(-35, -11))
    found = test(short, W, **{option: "sd"})
    assert found.note == "no pair of events has 30 common estimation days"
    twins = measure(panel[:1], market, [0, 0, 0], [150] * 3)
    twins = replace(twins, abnormal=twins.abnormal * [[1.0], [2.0], [3.0]], _memo={})
    found = test(twins, W, **{option: "sd"})
    assert found.note == "the mean correlation 1 of 3 events is out of bounds"
    with pytest.raises(errors.OptionError, match="`min_overlap` is 2"):
        test(twins, W, **{option: "sd"}, min_overlap=2)


def test_a_negative_correlation_is_used_as_it_is() -> None:
    """√(1 − r̄) raises the scaled returns: here r̄ of three events nearly is −1/2."""
    e = np.random.default_rng(3).normal(size=(3, 60))
    e -= 0.95 * e.mean(axis=0)
    opposed = made(e.tolist(), [[1.1], [0.4], [2.0]])
    rbar = inference.correlation(opposed, DAY0).rbar
    assert rbar < -0.4
    for key, option in (("grank_t", "correction"), ("rank_cz", "cross_correction")):
        found = inference.resolve(key)(opposed, DAY0, **{option: "sd"})
        assert (found.rbar, found.n_eff) == (rbar, 3 / (1 + 2 * rbar))
    found = inference.grank_t(opposed, DAY0, correction="sd")
    by_hand = generalised_ranks.generalised_rank(sample_of(opposed, DAY0), math.sqrt(1 - rbar))
    plain = generalised_ranks.generalised_rank(sample_of(opposed, DAY0), 1.0)
    assert found.estimate == by_hand.mean != plain.mean


@pytest.mark.parametrize("key", ["rank_cz", "grank_t"])
def test_pairs_left_out_of_the_correlation_are_said(key: str) -> None:
    e = np.random.default_rng(3).normal(size=(3, 60))
    e[0, 25:] = GAP  # 25 days in common with the others
    option = {"rank_cz": "cross_correction", "grank_t": "correction"}[key]
    found = inference.resolve(key)(made(e.tolist(), [[1.1], [0.4], [2.0]]), DAY0, **{option: "sd"})
    assert "2 of 3 pairs are not in r̄: fewer than 30 common days" in found.note


def test_default_correction() -> None:
    shared, apart = one_date(), separate()
    for abnormal, chosen in ((shared, "sd"), (apart, "none")):
        expected = inference.grank_t(abnormal, W, correction=chosen)
        assert inference.grank_t(abnormal, W).statistic == expected.statistic


# ── draws ────────────────────────────────────────────────────────────────────────────────
def lyon(x: Floats, size: int, draws: int, seed: int) -> Floats:
    """Hall's statistic of resamples, one after the other."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        y = x[rng.integers(0, len(x), size)]
        s = (y.mean() - x.mean()) / y.std(ddof=1)
        g = float(stats.skew(y, bias=False))
        found.append(math.sqrt(size) * (s + g * s**2 / 3 + g**2 * s**3 / 27 + g / (6 * size)))
    return np.array(found)


def test_bootstrap_is_that_of_a_loop() -> None:
    x = np.random.default_rng(5).exponential(size=38) - 0.8  # N/4 = 9.5 is rounded up
    drawn = lyon(x, 10, 200, 3)
    observed = inference.skew_t(with_cars(x), DAY0).statistic
    upper, lower = (1 + (drawn >= observed).sum()) / 201, (1 + (drawn <= observed).sum()) / 201
    for side, p in (("two-sided", 2 * min(upper, lower)), ("greater", upper), ("less", lower)):
        found = inference.skew_t(
            with_cars(x), DAY0, law="bootstrap", draws=200, rng=3, alternative=side
        )
        assert (found.law, found.pvalue) == ("bootstrap", close(min(1.0, p)))
        assert found.statistic == observed
        assert found.note.startswith("resamples of 10 of 38 events")


@pytest.mark.parametrize("variant", ["hall", "johnson"])
@pytest.mark.parametrize("batch", [1, 7, 100, 5000])
def test_batches_change_nothing(batch: int, variant: str) -> None:
    x = with_cars(np.random.default_rng(5).exponential(size=30))
    options = {"variant": variant, "law": "bootstrap", "draws": 300}
    whole = inference.skew_t(x, DAY0, **options)  # type: ignore[arg-type]  # mixed options
    parts = inference.skew_t(x, DAY0, **options, batch=batch)  # type: ignore[arg-type]  # mixed options
    assert (parts.pvalue, parts.note) == (whole.pvalue, whole.note)
    np.testing.assert_array_equal(parts.ci, whole.ci)


def test_seeds_and_generators() -> None:
    x = with_cars(np.random.default_rng(5).exponential(size=30) - 0.7)
    one = inference.skew_t(x, DAY0, law="bootstrap", rng=1)
    assert one == inference.skew_t(x, DAY0, law="bootstrap", rng=1)
    assert one == inference.skew_t(x, DAY0, law="bootstrap", rng=np.random.default_rng(1))
    assert one.pvalue != inference.skew_t(x, DAY0, law="bootstrap", rng=2).pvalue


@pytest.mark.parametrize("side", ["two-sided", "greater", "less"])
def test_bootstrap_interval_holds_what_is_not_rejected(side: str) -> None:
    x = np.random.default_rng(5).exponential(size=60)

    def ask(shift: float) -> Statistic:
        return inference.skew_t(
            with_cars(x - shift), DAY0, law="bootstrap", draws=399, alternative=side
        )

    low, high = ask(0.0).ci
    for end, inside in ((low, 1), (high, -1)):
        if math.isfinite(end):
            assert ask(end + inside * 1e-6).pvalue > 0.05
            assert ask(end - inside * 1e-6).pvalue <= 0.05
    assert (math.isinf(low), math.isinf(high)) == (side == "less", side == "greater")


@pytest.mark.parametrize("side", ["two-sided", "greater", "less"])
def test_interval_of_the_normal_law_inverts_the_test(side: str) -> None:
    x = np.random.default_rng(5).exponential(size=30)
    low, high = inference.skew_t(with_cars(x), DAY0, alternative=side).ci
    assert (math.isinf(low), math.isinf(high)) == (side == "less", side == "greater")
    for end in filter(math.isfinite, (low, high)):
        found = inference.skew_t(with_cars(x - end), DAY0, alternative=side)
        assert found.pvalue == pytest.approx(0.05, rel=1e-9)


def test_resamples_without_spread_count_against_the_sample() -> None:
    """Three draws of four events are often the same one: such a resample has no statistic."""
    x = np.array([1.0, 1.1, 1.2, 1.3])
    rng = np.random.default_rng(0)
    still = sum(len(set(rng.integers(0, 4, 3))) == 1 for _ in range(500))
    drawn = skewness.resampled(x, skewness.hall, 500, np.random.default_rng(0))
    assert int(np.isnan(drawn).sum()) == still > 10
    found = inference.skew_t(with_cars(x), DAY0, law="bootstrap", draws=500)
    assert found.pvalue >= 2 * (1 + still) / 501
    assert found.ci == (-math.inf, math.inf)


@pytest.mark.parametrize(("option", "value"), [("draws", 0), ("draws", 1.5), ("batch", -1)])
def test_numbers_of_draws_are_checked(option: str, value: object) -> None:
    x = with_cars([1.0, 2.0, 4.0])
    with pytest.raises(errors.OptionError, match=f"{option}={value} .* whole number from 1 up"):
        inference.skew_t(x, DAY0, law="bootstrap", **{option: value})  # type: ignore[arg-type]  # wrong on purpose


# ── the work is shared, and done in parts ────────────────────────────────────────────────
def test_windows_share_their_ranks(monkeypatch: pytest.MonkeyPatch) -> None:
    abnormal = separate()
    keys = ("rank", "cumrank_t", "rank_cz", "corrado_sign", "grank_t", "grank_z")
    for key in keys:
        inference.resolve(key)(abnormal, DAY0)

    def never(_: Floats) -> Floats:
        raise AssertionError

    for place in ("ranks", "scaled_ranks", "generalised_ranks"):
        monkeypatch.setattr(f"eventstudy.inference.{place}.balances", never)
    for key in keys:
        assert math.isfinite(inference.resolve(key)(abnormal, W).statistic)


@pytest.mark.parametrize("key", ["cumrank_t", "rank_cz", "corrado_sign", "grank_t", "grank_z"])
def test_events_in_parts(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    abnormal, test = one_date(12, gaps=0.03, missing="skip"), inference.resolve(key)
    whole = test(abnormal, W)
    monkeypatch.setattr("eventstudy.inference._sample.CHUNK", 5)
    monkeypatch.setattr("eventstudy.inference._sample.KEEP", 0)
    parts = test(abnormal.take(np.arange(12)), W)
    assert parts.statistic == pytest.approx(whole.statistic, rel=1e-12)
