"""Every test of inference: against the plain specification, at its edges, and its verdict."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import oracle
import pytest
from inference_studies import Floats, Ints, measure, world
from scipy import stats

from eventstudy import errors, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import StoredPaths
from eventstudy.inference._answer import effective
from eventstudy.inference._sample import sample_of
from eventstudy.inference.lookup import RESAMPLING
from eventstudy.windows import Window

W = (-1, 1)
ESTIMATION, EVENT_WINDOW = (-60, -11), (-5, 5)
SIDES = ("two-sided", "greater", "less")
Answers = Callable[[oracle.Study, tuple[int, int], str], oracle.Answer]

PLAIN: dict[str, Answers] = {
    "ts_t": lambda s, w, side: oracle.ts_t(s, w, alternative=side),
    "independent_t": lambda s, w, side: oracle.independent_t(s, w, alternative=side),
    "portfolio_t": lambda s, w, side: oracle.portfolio_t(s, w, alternative=side),
    "csect_t": lambda s, w, side: oracle.csect_t(s, w, alternative=side),
    "patell": lambda s, w, side: oracle.patell(s, w, alternative=side),
    "adj_patell": lambda s, w, side: oracle.adj_patell(s, w, alternative=side),
    "bmp": lambda s, w, side: oracle.bmp(s, w, alternative=side),
    "adj_bmp": lambda s, w, side: oracle.adj_bmp(s, w, alternative=side),
    "skew_t": lambda s, w, side: oracle.skew_t(s, w, alternative=side),
    "jackknife": lambda s, w, side: oracle.jackknife(s, w, alternative=side),
    "rank": lambda s, w, side: oracle.rank(s, w, alternative=side),
    "cumrank_t": lambda s, w, side: oracle.cumrank_t(s, w, alternative=side),
    "rank_cz": lambda s, w, side: oracle.rank_cz(s, w, alternative=side),
    "corrado_sign": lambda s, w, side: oracle.corrado_sign(s, w, alternative=side),
    "grank_t": lambda s, w, side: oracle.grank_t(s, w, alternative=side),
    "grank_z": lambda s, w, side: oracle.grank_z(s, w, alternative=side),
    "sign": lambda s, w, side: oracle.sign(s, w, alternative=side),
    "gen_sign": lambda s, w, side: oracle.gen_sign(s, w, alternative=side),
    "wilcoxon": lambda s, w, side: oracle.wilcoxon(s, w, alternative=side),
    "dates_csect": lambda s, w, side: oracle.dates_csect(s, w, alternative=side),
    "dates_bmp": lambda s, w, side: oracle.dates_bmp(s, w, alternative=side),
    "dates_patell": lambda s, w, side: oracle.dates_patell(s, w, alternative=side),
    "gls_mean": lambda s, w, side: oracle.gls_mean(s, w, alternative=side),
    "sur_F": lambda s, w, side: (
        oracle.sur_f(s, w) if side == "two-sided" else oracle.Answer("sur_F", len(s.sample(w)))
    ),
    "sq": lambda s, w, side: oracle.sq(s, w, alternative=side),
    "placebo_window": lambda s, w, side: oracle.placebo_window(s, w, alternative=side),
}
ONE_DATE = {"portfolio_t", "sq", "sur_F", "gls_mean"}


# ── worlds ───────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class World:
    """Returns and events, to be measured by the library and by the specification."""

    panel: Floats
    market: Floats
    firm: Ints
    row: Ints
    missing: str = "drop"

    @property
    def abnormal(self) -> Abnormal:
        return measure(
            self.panel,
            self.market,
            self.firm,
            self.row,
            estimation=ESTIMATION,
            window=EVENT_WINDOW,
            missing=self.missing,
        )

    @property
    def study(self) -> oracle.Study:
        setup = oracle.Setup(
            estimation=ESTIMATION, window=EVENT_WINDOW, min_obs=20, missing=self.missing
        )
        data = oracle.Data(self.panel, self.market[:, None])
        found = oracle.run(data, list(self.firm), list(self.row), setup)
        assert not found.dropped
        return found


def _world(kind: str, gaps: float = 0.0, missing: str = "drop") -> World:
    panel, market = world(8, 400, gaps=gaps, seed=5)
    rng = np.random.default_rng(6)
    firm = np.arange(8)
    row = {
        "one date": np.full(8, 200),
        "two dates": np.repeat([120, 300], 4),
        "separate": np.arange(80, 380, 37)[:8],
        "staggered": rng.integers(100, 112, 8),
    }[kind]
    if kind == "staggered":  # the same firm again, three and forty days later
        firm, row = np.r_[firm, 0, 1], np.r_[row, row[0] + 3, row[1] + 40]
    return World(panel, market, firm, row, missing)


KINDS = ("one date", "two dates", "separate", "staggered")
WORLDS = [
    (kind, gaps, missing)
    for kind in KINDS
    for gaps, missing in ((0.0, "drop"), (0.03, "drop"), (0.03, "skip"))
]


@cache
def measured(kind: str, gaps: float, missing: str) -> tuple[Abnormal, oracle.Study]:
    made = _world(kind, gaps, missing)
    return made.abnormal, made.study


def one_date(n: int = 6, **options: float) -> Abnormal:
    panel, market = world(n, **options)  # type: ignore[arg-type]  # numbers only
    return measure(panel, market, np.arange(n), np.full(n, 150))


def close(value: float) -> object:
    return pytest.approx(value, rel=1e-10, abs=1e-12, nan_ok=True)


# ── the same numbers as the specification ────────────────────────────────────────────────
@pytest.mark.parametrize("window", [(0, 0), (-1, 1), (-3, 5)])
@pytest.mark.parametrize(("kind", "gaps", "missing"), WORLDS)
@pytest.mark.parametrize("key", PLAIN)
def test_same_as_the_specification(
    key: str, kind: str, gaps: float, missing: str, window: tuple[int, int]
) -> None:
    abnormal, study = measured(kind, gaps, missing)
    several = len(np.unique(abnormal.row)) > 1
    for side in SIDES:
        found = inference.resolve(key)(abnormal, window, alternative=side)
        if key in ONE_DATE and several:
            assert math.isnan(found.statistic)
            assert found.note == "several dates: use dates_csect"
            continue
        plain = PLAIN[key](study, window, side)
        assert found.name == key
        assert found.statistic == close(plain.statistic)
        assert found.pvalue == close(plain.pvalue)
        if math.isfinite(found.statistic):
            assert (found.n, found.law) == (plain.n, plain.law)
            assert found.df == close(plain.df)
        else:
            assert found.note


@pytest.mark.parametrize(("key", "options", "plain"), [
    ("ts_t", {"ddof": "model"}, lambda s: oracle.ts_t(s, W, "model")),
    ("patell", {"variant": "sum_sar"}, lambda s: oracle.patell(s, W, "sum_sar")),
    ("bmp", {"ref": "normal"}, lambda s: oracle.bmp(s, W, "normal")),
    ("adj_bmp", {"ref": "normal"}, lambda s: oracle.adj_bmp(s, W, ref="normal")),
    ("adj_bmp", {"min_overlap": 47}, lambda s: oracle.adj_bmp(s, W, 47)),
    ("adj_bmp", {"clip_negative": True}, lambda s: oracle.adj_bmp(s, W, clip_negative=True)),
    ("adj_patell", {"clip_negative": True}, lambda s: oracle.adj_patell(s, W, clip_negative=True)),
    ("adj_patell", {"min_overlap": 47}, lambda s: oracle.adj_patell(s, W, 47)),
    ("sign", {"exact": True}, lambda s: oracle.sign(s, W, exact=True)),
    ("gen_sign", {"phat": "window"}, lambda s: oracle.gen_sign(s, W, "window")),
    ("adj_patell", {"variant": "sum_sar"}, lambda s: oracle.adj_patell(s, W, form="sum_sar")),
    ("skew_t", {"variant": "johnson"}, lambda s: oracle.skew_t(s, W, "johnson")),
    ("skew_t", {"on": "bhar"}, lambda s: oracle.skew_t(s, W, on="bhar")),
    ("jackknife", {"min_events": 9}, lambda s: oracle.jackknife(s, W, 9)),
    ("rank_cz", {"cross_correction": "sd"}, lambda s: oracle.rank_cz(s, W, "sd")),
    (
        "rank_cz",
        {"cross_correction": "sd", "min_overlap": 47},
        lambda s: oracle.rank_cz(s, W, "sd", 47),
    ),
    ("grank_t", {"correction": "none"}, lambda s: oracle.grank_t(s, W, "none")),
    ("grank_t", {"correction": "sd"}, lambda s: oracle.grank_t(s, W, "sd")),
    ("grank_t", {"correction": "full"}, lambda s: oracle.grank_t(s, W, "full")),
    ("grank_t", {"min_overlap": 47}, lambda s: oracle.grank_t(s, W, None, 47)),
])  # fmt: skip
@pytest.mark.parametrize(("kind", "gaps", "missing"), WORLDS)
def test_options_same_as_the_specification(
    key: str,
    options: dict[str, object],
    plain: Callable[[oracle.Study], oracle.Answer],
    kind: str,
    gaps: float,
    missing: str,
) -> None:
    abnormal, study = measured(kind, gaps, missing)
    found, expected = inference.resolve(key)(abnormal, W, **options), plain(study)
    assert found.statistic == close(expected.statistic)
    assert found.pvalue == close(expected.pvalue)


def test_adjusted_patell_against_t() -> None:
    abnormal, study = measured("one date", 0.0, "drop")
    found, expected = (
        inference.adj_patell(abnormal, W, ref="t"),
        oracle.adj_patell(study, W, ref="t"),
    )
    assert (found.law, found.df) == ("t", 48)
    assert (found.statistic, found.pvalue) == (close(expected.statistic), close(expected.pvalue))
    unequal, _ = measured("one date", 0.03, "skip")
    two, _ = measured("two dates", 0.0, "drop")
    for abnormal in (unequal, two):
        note = inference.adj_patell(abnormal, W, ref="t").note
        assert note == "ref='t' needs one date and equal degrees of freedom"


def test_single_t_same_as_the_specification() -> None:
    abnormal, study = measured("one date", 0.03, "skip")
    for i, event in enumerate(study.events):
        found = inference.single_t(abnormal.take(np.array([i])), (-3, 5))
        plain = oracle.single_t(event, (-3, 5))
        assert (found.statistic, found.df) == (
            close(plain.statistic),
            close(plain.df),
        )
        assert (found.se, found.n, found.n_eff) == (close(plain.se), 1, 1.0)


# ── r̄ ────────────────────────────────────────────────────────────────────────────────────
def pair_loop(abnormal: Abnormal, window: tuple[int, int], least: int) -> tuple[float, int, int]:
    """r̄ by a plain loop over all pairs of events; pairs used and left out."""
    days = window[1] - window[0] + 1
    kept = np.flatnonzero(np.isfinite(abnormal.car(window)))
    rows, e = abnormal.row[kept], abnormal.residuals[kept]
    rho, left_out = [], 0
    for i, j in combinations(range(len(kept)), 2):
        lag = abs(int(rows[j] - rows[i]))
        if lag >= days:
            rho.append(0.0)
            continue
        first, second = (e[i], e[j]) if rows[i] <= rows[j] else (e[j], e[i])
        x, y = first[lag:], second[: len(second) - lag]
        both = np.isfinite(x) & np.isfinite(y)
        if both.sum() < least:
            left_out += 1
            continue
        rho.append(float(np.corrcoef(x[both], y[both])[0, 1]) * (days - lag) / days)
    return float(np.mean(rho)), len(rho), left_out


@pytest.mark.parametrize("least", [3, 30, 46])
@pytest.mark.parametrize("window", [(0, 0), (-1, 1), (-5, 5)])
@pytest.mark.parametrize(("gaps", "missing"), [(0.0, "drop"), (0.03, "drop"), (0.03, "skip")])
def test_mean_correlation_is_that_of_a_pair_loop(
    gaps: float, missing: str, window: tuple[int, int], least: int
) -> None:
    panel, market = world(12, 400, gaps=gaps, seed=1)
    panel[3, 120:150] = np.nan  # one firm with a long gap
    rng = np.random.default_rng(2)
    firm = rng.integers(0, 12, 90)  # firms repeat, also on overlapping windows
    row = rng.integers(170, 260, 90)
    abnormal = measure(panel, market, firm, row, missing=missing)
    found = inference.correlation(abnormal, window, min_overlap=least)
    rbar, pairs, left_out = pair_loop(abnormal, window, least)
    assert found.rbar == pytest.approx(rbar, rel=1e-12, abs=1e-14)
    assert (found.pairs, found.left_out) == (pairs, left_out)
    assert found.n_eff == pytest.approx(found.n / (1 + (found.n - 1) * rbar), rel=1e-10)


def test_mean_correlation_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    panel, market = world(12, 400, gaps=0.03, seed=1)
    firm, row = np.tile(np.arange(12), 2), np.repeat([200, 201], 12)
    abnormal = measure(panel, market, firm, row)
    whole = inference.correlation(abnormal, W)
    monkeypatch.setattr("eventstudy.inference._pairs_gaps.BLOCK", 7)
    monkeypatch.setattr("eventstudy.inference._sample.CHUNK", 5)
    monkeypatch.setattr("eventstudy.inference._sample.KEEP", 0)
    parts = abnormal.take(np.arange(24))
    assert inference.correlation(parts, W).rbar == pytest.approx(whole.rbar, rel=1e-13)
    for key in ("ts_t", "rank", "gen_sign"):
        test = inference.resolve(key)
        assert test(parts, W).statistic == close(test(abnormal, W).statistic)


def test_windows_in_any_order_give_the_same_correlation() -> None:
    first, _ = measured("staggered", 0.0, "drop")
    again = first.take(np.arange(len(first)))
    for window in ((-5, 5), (0, 0), (-1, 1)):
        expected = inference.correlation(first.take(np.arange(len(first))), window)
        assert inference.correlation(again, window) == expected


def test_mean_correlation_leaves_out_rows_that_do_not_move() -> None:
    abnormal = one_date(5)
    e = abnormal.residuals.copy()
    e[2] = 0.0
    paths = StoredPaths(e, abnormal.actual, abnormal.expected)
    still = replace(abnormal, paths=paths, _memo={})
    found = inference.correlation(still, W)
    assert (found.pairs, found.left_out) == (6, 4)
    assert found.rbar == close(
        float(np.array(np.corrcoef(np.delete(e, 2, 0)))[np.triu_indices(4, 1)].mean())
    )


def test_mean_correlation_of_dates_further_apart_than_the_estimation_window() -> None:
    panel, market = world(2, 400)
    abnormal = measure(panel, market, [0, 1], [100, 109], estimation=(-20, -13), window=(-12, 12))
    found = inference.correlation(abnormal, (-12, 12), min_overlap=3)
    assert (found.pairs, found.left_out) == (0, 1)
    assert math.isnan(found.rbar)
    assert math.isnan(found.n_eff)


@pytest.mark.parametrize("value", [2, 0, -5, 30.0, "30", None])
def test_min_overlap_is_checked(value: object) -> None:
    with pytest.raises(errors.OptionError) as caught:
        inference.adj_bmp(one_date(), W, min_overlap=value)  # type: ignore[arg-type]  # wrong on purpose
    assert str(caught.value) == (
        f"`min_overlap` is {value!r}, but a correlation needs at least 3 common days; "
        f"give a whole number from 3 up."
    )


def test_pairs_left_out_are_said() -> None:
    panel, market = world(6)
    panel[0, 100:125] = np.nan
    abnormal = measure(panel, market, np.arange(6), np.full(6, 150))
    found = inference.adj_bmp(abnormal, W)
    assert found.note == (
        "5 of 15 pairs are not in r̄: fewer than 30 common days; "
        "25 estimation days; at least 30 are advised"
    )
    assert math.isfinite(found.statistic)


def test_no_pair_with_enough_common_days() -> None:
    panel, market = world(3)
    abnormal = measure(panel, market, range(3), [150] * 3, estimation=(-35, -11))
    for test in (inference.adj_bmp, inference.adj_patell, inference.adj_csect):
        assert test(abnormal, W).note == "no pair of events has 30 common estimation days"
        assert math.isfinite(test(abnormal, W, min_overlap=20).statistic)


def test_identical_events_are_out_of_bounds() -> None:
    panel, market = world(1)
    abnormal = measure(panel, market, [0, 0, 0], [150] * 3)
    for test in (inference.adj_bmp, inference.adj_patell, inference.adj_csect):
        found = test(abnormal, W)
        assert math.isnan(found.statistic)
        assert found.note == "the mean correlation 1 of 3 events is out of bounds"
        assert found.rbar == pytest.approx(1.0)
        assert found.n_eff == pytest.approx(1.0)


def test_a_mean_that_cannot_vary_is_out_of_bounds() -> None:
    panel, _ = world(1)
    twins = np.vstack([panel, -panel])
    found = inference.adj_bmp(measure(twins, None, [0, 1], [150, 150]), W)
    assert found.note == "the mean correlation -1 of 2 events is out of bounds"
    assert math.isnan(found.n_eff)
    clipped = inference.adj_bmp(measure(twins, None, [0, 1], [150, 150]), W, clip_negative=True)
    assert clipped.rbar == 0.0


# ── parts of an answer ───────────────────────────────────────────────────────────────────
SCALED = ("ts_t", "portfolio_t", "csect_t", "patell", "adj_patell", "bmp", "adj_bmp", "adj_csect")


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("key", SCALED)
def test_estimate_over_se_is_the_statistic_and_ci_is_its_inversion(key: str, side: str) -> None:
    found = inference.resolve(key)(one_date(), W, alternative=side)
    assert found.statistic == pytest.approx(found.estimate / found.se, rel=1e-13)
    law = stats.norm() if found.law == "normal" else stats.t(found.df)
    half = float(law.isf(0.025 if side == "two-sided" else 0.05)) * found.se
    low = -math.inf if side == "less" else found.estimate - half
    high = math.inf if side == "greater" else found.estimate + half
    assert found.ci[0] == pytest.approx(low, rel=1e-10)
    assert found.ci[1] == pytest.approx(high, rel=1e-10)


@pytest.mark.parametrize("key", ["ts_t", "csect_t", "adj_csect"])
def test_estimate_in_returns_is_the_caar(key: str) -> None:
    abnormal = one_date()
    found = inference.resolve(key)(abnormal, W)
    assert found.estimate == close(float(abnormal.car(W).mean()))
    assert (found.window, found.n, found.n_dates) == ("[-1,+1]", 6, 1)


def test_estimate_of_the_others() -> None:
    abnormal = one_date()
    car, scar = abnormal.car(W), abnormal.scar(W)
    for key in ("patell", "adj_patell", "bmp", "adj_bmp"):
        assert inference.resolve(key)(abnormal, W).estimate == close(float(scar.mean()))
    for key in ("sign", "gen_sign"):
        found = inference.resolve(key)(abnormal, W)
        assert found.estimate == (car > 0).mean()
        assert math.isnan(found.se)
        assert all(map(math.isnan, found.ci))
    weights = stats.rankdata(np.abs(car))
    assert inference.wilcoxon(abnormal, W).estimate == close(weights[car > 0].sum() / 21)
    everything = np.hstack([abnormal.residuals, abnormal.abnormal])
    u = stats.rankdata(everything, axis=1) / 62 - 0.5
    found = inference.rank(abnormal, W)
    assert found.estimate == close(float(u[:, 54:57].mean()))
    assert found.statistic == close(found.estimate / found.se)


def test_correlation_stands_beside_the_adjusted_tests_only() -> None:
    abnormal = one_date()
    rbar = inference.correlation(abnormal, W).rbar
    for key in inference.names():
        found = inference.resolve(key)(abnormal, W)
        if key.startswith("adj_") or key == "grank_t":
            assert (found.rbar, found.n_eff) == (rbar, 6 / (1 + 5 * rbar))
        else:
            assert math.isnan(found.rbar)
            assert math.isnan(found.n_eff)


def test_independent_events_are_worth_their_number() -> None:
    abnormal, _ = measured("separate", 0.0, "drop")
    for key in ("bmp", "adj_bmp", "csect_t", "sign"):
        found = inference.resolve(key)(abnormal, W)
        assert (found.rbar, found.n_eff) == (0.0, 8.0)
    assert inference.adj_bmp(abnormal, W).statistic == inference.bmp(abnormal, W).statistic
    assert effective(5, 0.5) == pytest.approx(5 / 3)


def test_far_tails_are_not_lost() -> None:
    abnormal = one_date()
    loud = replace(abnormal, abnormal=abnormal.abnormal + 100.0, _memo={})
    assert 0 < inference.ts_t(loud, W).pvalue < 1e-60
    assert inference.ts_t(loud, W, alternative="less").pvalue == 1.0
    assert inference.patell(one_date(), (0, 0), alternative="greater").pvalue == pytest.approx(
        1 - inference.patell(one_date(), (0, 0), alternative="less").pvalue
    )


# ── options ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("key", inference.names())
def test_unknown_alternative_is_refused(key: str) -> None:
    with pytest.raises(errors.OptionError) as caught:
        inference.resolve(key)(one_date(2), W, alternative="two_sided")
    assert str(caught.value) == (
        "alternative='two_sided' is not known; choose one of 'two-sided', 'greater', 'less'. "
        "Did you mean 'two-sided'?"
    )


@pytest.mark.parametrize(("key", "option", "value", "known"), [
    ("ts_t", "ddof", "two", "'one', 'model'"),
    ("patell", "variant", "sum", "'exact', 'sum_sar'"),
    ("adj_patell", "variant", "sum", "'exact', 'sum_sar'"),
    ("adj_patell", "ref", "F", "'t', 'normal'"),
    ("bmp", "ref", "F", "'t', 'normal'"),
    ("adj_bmp", "ref", "F", "'t', 'normal'"),
    ("gen_sign", "phat", "week", "'day', 'window'"),
    ("skew_t", "variant", "chen", "'hall', 'johnson'"),
    ("skew_t", "on", "aar", "'car', 'bhar'"),
    ("skew_t", "law", "t", "'normal', 'bootstrap'"),
    ("rank_cz", "cross_correction", "full", "'none', 'sd'"),
    ("grank_t", "correction", "half", "'none', 'sd', 'full'"),
    ("wilcoxon", "method", "fast", "'auto', 'exact', 'normal'"),
    ("sq", "variant", "large", "'finite', 'asymptotic'"),
    ("sq", "tail", "left", "'symmetric', 'equal'"),
])  # fmt: skip
def test_unknown_option_is_refused(key: str, option: str, value: str, known: str) -> None:
    with pytest.raises(errors.OptionError) as caught:
        inference.resolve(key)(one_date(2), W, **{option: value})
    text = str(caught.value)
    assert text.startswith(f"{option}={value!r} is not known; choose one of {known}.")


def test_window_outside_is_refused() -> None:
    with pytest.raises(errors.WindowError):
        inference.bmp(one_date(2), (-1, 20))


def test_resolve() -> None:
    assert inference.resolve("adj_bmp") is inference.adj_bmp
    assert inference.resolve(inference.rank) is inference.rank
    everything = sorted({*inference.names(resampling=True), "contrasts"})
    with pytest.raises(errors.OptionError) as caught:
        inference.resolve("adj_bpm")
    assert str(caught.value) == (
        f"There is no test named 'adj_bpm'; choose one of {', '.join(everything)}, "
        f"or give a function. Did you mean 'adj_bmp'?"
    )


def test_names_are_the_tests() -> None:
    others = {"single_t", "adj_csect", "dates_cluster", "sign_flip_dates"}
    assert inference.names() == tuple(sorted({*PLAIN, *others}))
    drawn = set(inference.names(resampling=True)) - set(inference.names())
    assert drawn == RESAMPLING
    assert list(inference.__all__) == sorted(inference.__all__)


# ── where a test does not apply ──────────────────────────────────────────────────────────
def empty() -> Abnormal:
    return one_date(2).take(np.zeros(0, dtype=int))


@pytest.mark.parametrize("key", inference.names())
def test_no_events(key: str) -> None:
    gone = one_date(2)
    gone = replace(gone, abnormal=np.full_like(gone.abnormal, np.nan), _memo={})
    for abnormal in (empty(), gone):
        found = inference.resolve(key)(abnormal, W)
        assert (found.n, found.n_dates, found.name) == (0, 0, key)
        assert found.note == "no event has a return on the days of this window"
        assert math.isnan(found.statistic)
        assert math.isnan(found.pvalue)


DEFINED_FOR_ONE = {
    *("single_t", "ts_t", "independent_t", "portfolio_t", "patell", "sign", "gen_sign", "sq"),
    "placebo_window",
    *("rank", "cumrank_t", "corrado_sign", "sur_F", "gls_mean"),
}


@pytest.mark.parametrize("key", inference.names())
def test_one_event(key: str) -> None:
    found = inference.resolve(key)(one_date(1), W)
    assert (found.n, found.n_dates, found.n_eff) == (1, 1, 1.0)
    if key in DEFINED_FOR_ONE:
        assert 0 < found.pvalue <= 1
    elif key in ACROSS:
        assert found.note == "one date only: there are no dates to compare"
    else:
        assert found.note == "one event only: it compares events"
        assert math.isnan(found.statistic)


def test_single_t_is_for_one_event() -> None:
    assert inference.single_t(one_date(3), W).note == "for one event: this sample has 3"


@pytest.mark.parametrize(
    "key", ["csect_t", "bmp", "adj_csect", "adj_bmp", "dates_csect", "dates_cluster"]
)
def test_zero_spread_is_said(key: str) -> None:
    panel, _ = world(2, 400)
    row = [150, 300] if key.startswith("dates_") else [150, 150]
    abnormal = measure(panel, None, [0, 1], row)
    flat = replace(
        abnormal, abnormal=np.full_like(abnormal.abnormal, 0.1), sigma=np.ones(2), _memo={}
    )
    found = inference.resolve(key)(flat, W)
    assert math.isnan(found.statistic)
    assert found.note == "the standard error is zero"


@pytest.mark.parametrize("key", ["ts_t", "portfolio_t"])
def test_a_portfolio_that_does_not_move_is_said(key: str) -> None:
    panel, _ = world(1)
    twins = np.vstack([panel, -panel])
    assert inference.resolve(key)(measure(twins, None, [0, 1], [150, 150]), W).note == (
        "the standard error is zero"
    )


def test_ranks_that_cancel_are_said() -> None:
    panel, _ = world(1)
    twins = np.vstack([panel, -panel])
    found = inference.rank(measure(twins, None, [0, 1], [150, 150]), W)
    assert found.note == "the standard error is zero"


def test_events_without_standard_deviation_are_said() -> None:
    abnormal = one_date(3)
    unknown = replace(abnormal, sigma=np.array([np.nan, 1.0, 1.0]), _memo={})
    for key in ("patell", "bmp", "adj_patell", "adj_bmp"):
        found = inference.resolve(key)(unknown, W)
        assert found.note == "an event has no standard deviation"
        assert math.isnan(found.pvalue)


def test_too_few_degrees_of_freedom_are_said() -> None:
    abnormal = one_date(3)
    short = replace(abnormal, dof=np.array([2.0, 40, 40]), _memo={})
    for test in (inference.patell, inference.adj_patell):
        assert test(short, W).note == "an event has only two degrees of freedom or fewer"


def test_too_few_days_are_said() -> None:
    panel, _ = world(1)
    one_day = measure(panel, None, [0], [150], estimation=(-12, -11), window=(0, 0))
    e = one_day.residuals.copy()
    e[0, 0] = np.nan
    paths = StoredPaths(e, one_day.actual, one_day.expected)
    bare = replace(one_day, paths=paths, _memo={})
    assert inference.ts_t(bare, (0, 0)).note == "1 estimation days are too few"
    assert inference.rank(bare, (0, 0)).note == "2 ranked days are too few"
    wide = measure(panel, None, [0], [150], estimation=(-14, -11))
    assert inference.sq(wide, (-5, 5)).note == "no 11 successive estimation days"


def test_few_days_and_events_are_said_not_refused() -> None:
    panel, market = world(3)
    abnormal = measure(panel, market, range(3), [150] * 3, estimation=(-29, -11))
    assert inference.ts_t(abnormal, W).note == "19 estimation days; at least 20 are advised"
    assert inference.gen_sign(abnormal, W).note.endswith(
        "19 estimation days; at least 20 are advised; 3 events; at least 10 are advised"
    )
    assert inference.csect_t(abnormal, W).note == ""


def test_skewed_residuals_are_said_in_one_sided_tests() -> None:
    rng = np.random.default_rng(0)
    panel = 0.02 * rng.exponential(size=(5, 200))
    abnormal = measure(panel, None, range(5), [150] * 5)
    skewness = float(np.median(stats.skew(abnormal.residuals, axis=1)))
    assert sample_of(abnormal, W).estimation.skewness == close(skewness)
    assert inference.csect_t(abnormal, W).note == ""
    for side in ("greater", "less"):
        note = inference.csect_t(abnormal, W, alternative=side).note
        assert (
            note
            == f"residuals are skewed ({skewness:+.1f}): one-sided tests do not keep their size"
        )
    calm = one_date(seed=2)
    assert abs(sample_of(calm, W).estimation.skewness) < 0.4
    assert inference.csect_t(calm, W, alternative="less").note == ""


# ── one test each ────────────────────────────────────────────────────────────────────────
def test_portfolio_needs_a_common_design() -> None:
    found = inference.portfolio_t(replace(one_date(), common_design=False, _memo={}), W)
    assert found.note == "the model leaves the events no common design"


def test_portfolio_of_the_complete_events() -> None:
    panel, market = world(4)
    panel[1, 120] = np.nan
    panel[:, 121] = np.nan  # a day without any return does not make events incomplete
    abnormal = measure(panel, market, range(4), [150] * 4)
    found = inference.portfolio_t(abnormal, W)
    assert (found.n, found.note) == (3, "3 of 4 events are complete")
    rest = inference.portfolio_t(abnormal.take(np.array([0, 2, 3])), W)
    assert (found.statistic, found.df) == (close(rest.statistic), rest.df)
    panel[[0, 2, 3], [110, 111, 112]] = np.nan
    none = inference.portfolio_t(measure(panel, market, range(4), [150] * 4), W)
    assert none.note == "none of the 4 events is complete"


def test_portfolio_variance_about_the_mean_where_nothing_is_estimated() -> None:
    abnormal = one_date()
    shifted = abnormal.residuals + 0.01
    raw = replace(
        abnormal,
        paths=StoredPaths(shifted, abnormal.actual, abnormal.expected),
        params=np.empty((6, 0)),
        names=(),
        root=np.zeros((6, 11, 0)),
        dof=np.full(6, 49.0),
        _memo={},
    )
    a = shifted.mean(axis=0)
    se = math.sqrt(3 * float(np.var(a, ddof=1)))
    assert inference.portfolio_t(raw, W).se == close(se)


def test_dates_csect_merges_overlapping_windows() -> None:
    panel, market = world(6, 400)
    row = [100, 102, 104, 200, 200, 300]
    abnormal = measure(panel, market, range(6), row)
    car = abnormal.car(W)
    means = [car[:3].mean(), car[3:5].mean(), car[5]]
    expected = stats.ttest_1samp(means, 0.0)
    found = inference.dates_csect(abnormal, W)
    assert found.statistic == close(float(expected.statistic))
    assert found.pvalue == close(float(expected.pvalue))
    assert (found.df, found.n_dates) == (2, 5)
    assert found.note == "5 dates in 3 clusters of overlapping windows"
    assert inference.dates_csect(abnormal, (0, 0)).df == 4
    chain = inference.dates_csect(abnormal.take(np.array([0, 1, 2])), W)
    assert chain.note == "the windows of all dates overlap: there are no dates to compare"


def test_dates_cluster_is_dates_csect_where_dates_have_as_many_events() -> None:
    abnormal = spread_over([100, 200, 300, 400] * 3)
    one, two = inference.dates_cluster(abnormal, W), inference.dates_csect(abnormal, W)
    for name in ("estimate", "se", "statistic", "df", "pvalue"):
        assert getattr(one, name) == close(getattr(two, name)), name
    np.testing.assert_allclose(one.ci, two.ci, rtol=1e-10)


def test_dates_cluster_against_its_quadratic_form() -> None:
    row = [100] * 5 + [200] * 3 + [300, 400]
    abnormal = spread_over(row)
    found = inference.dates_cluster(abnormal, W)
    car, label = abnormal.car(W), np.array([0] * 5 + [1] * 3 + [2, 3])
    n = np.array([5.0, 3.0, 1.0, 1.0])
    sums = np.array([(car[label == d] - car.mean()).sum() for d in range(4)])
    se = math.sqrt(sum(sums**2 / (1 - n / 10))) / 10
    # the mean correlation of all pairs, spread over the pairs of one date only
    rho = inference.correlation(abnormal, W).rbar * 45 / (10 + 3)
    same = label[:, None] == label
    events = np.where(same, rho, 0.0) + (1 - rho) * np.eye(10)
    centre = np.eye(10) - 1 / 10
    pick = np.eye(4)[label].T / np.sqrt(1 - n / 10)[:, None]
    b = pick @ centre @ events @ centre @ pick.T
    assert found.estimate == close(float(car.mean()))
    assert found.se == close(se)
    assert found.df == close(float(np.trace(b) ** 2 / np.trace(b @ b)))
    assert found.pvalue == close(float(2 * stats.t.sf(abs(car.mean() / se), found.df)))


def test_the_interval_of_unequal_dates_holds_the_caar() -> None:
    """The mean of the dates is another number: its interval may lie beside the CAAR."""
    abnormal = spread_over([100] * 9 + [200, 300, 400, 500, 600, 700])
    verdict = inference.valid(abnormal, W)
    assert verdict.interval == "dates_cluster"
    low, high = inference.dates_cluster(abnormal, W).ci
    assert low < float(abnormal.car(W).mean()) < high


@pytest.mark.parametrize(
    ("n", "complete", "interval"),
    [(6, 4, "adj_csect"), (11, 8, "adj_csect"), (12, 9, "portfolio_t")],
)
def test_portfolio_of_few_complete_firms_does_not_stand_for_the_sample(
    n: int, complete: int, interval: str
) -> None:
    abnormal = one_date(n)
    residuals = abnormal.residuals.copy()
    lost = np.arange(n - complete)
    residuals[lost, 3 + lost] = np.nan
    paths = StoredPaths(residuals, abnormal.actual, abnormal.expected)
    gaps = replace(abnormal, paths=paths, _memo={})
    assert inference.portfolio_t(gaps, W).n == complete
    assert inference.valid(gaps, W).interval == interval


def test_adj_csect_is_csect_with_the_factor() -> None:
    abnormal = one_date()
    found, plain = inference.adj_csect(abnormal, W), inference.csect_t(abnormal, W)
    factor = math.sqrt((1 - found.rbar) / (1 + 5 * found.rbar))
    assert found.statistic == close(plain.statistic * factor)
    assert found.df == plain.df == 5


def test_five_of_ten_firms_trade_and_all_rise() -> None:
    abnormal = one_date(10)
    moves = np.where(np.arange(10)[:, None] < 5, 0.01, np.nan) * np.ones((10, 11))
    found = inference.sign(replace(abnormal, abnormal=moves, _memo={}), (0, 0))
    assert (found.n, found.estimate) == (5, 1.0)
    assert found.statistic == pytest.approx(2.236067977, abs=1e-9)


def test_a_car_of_zero_is_not_positive() -> None:
    abnormal = one_date(4)
    moves = np.array([[0.0], [0.0], [0.01], [-0.01]]) * np.ones((4, 11))
    flat = replace(abnormal, abnormal=moves, _memo={})
    assert inference.sign(flat, (0, 0)).estimate == 0.25
    assert inference.gen_sign(flat, (0, 0)).estimate == 0.25
    signed = inference.wilcoxon(flat, (0, 0), method="normal")
    assert (signed.estimate, signed.statistic) == (0.5, 0.0)  # of the two that are not zero
    none = replace(abnormal, abnormal=np.zeros((4, 11)), _memo={})
    assert inference.wilcoxon(none, (0, 0)).note == "fewer than two CARs differ from zero"


def test_gen_sign_with_rolling_sums() -> None:
    panel, market = world(5, gaps=0.05, seed=3)
    abnormal = measure(panel, market, range(5), [150] * 5, missing="skip")
    shares = []
    for e in abnormal.residuals:
        own = e[np.isfinite(e)]
        shares.append(np.mean([own[t : t + 3].sum() > 0 for t in range(len(own) - 2)]))
    p, w = float(np.mean(shares)), int((abnormal.car(W) > 0).sum())
    found = inference.gen_sign(abnormal, W, phat="window")
    assert found.statistic == close((w - 5 * p) / math.sqrt(5 * p * (1 - p)))
    assert found.note.startswith(f"usual share {p:.3f}")


def test_gen_sign_without_a_usual_share() -> None:
    abnormal = one_date(3)
    e = -np.abs(abnormal.residuals)
    paths = StoredPaths(e, abnormal.actual, abnormal.expected)
    found = inference.gen_sign(replace(abnormal, paths=paths, _memo={}), W)
    assert found.note == "the usual share of positive days is 0"


def with_cars(values: Floats) -> Abnormal:
    abnormal = one_date(1)
    many = abnormal.take(np.zeros(len(values), dtype=int))
    return replace(many, abnormal=values[:, None] * np.ones(11), _memo={})


#: the stubs of its overloads are stricter than the function
scipy_wilcoxon: Any = stats.wilcoxon


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("n", "method"), [(7, "auto"), (50, "auto"), (51, "auto"), (80, "exact"), (20, "normal")]
)
def test_wilcoxon_same_as_scipy(n: int, method: str, side: str) -> None:
    x = np.random.default_rng(n).normal(0.2, 1.0, n)
    found = inference.wilcoxon(with_cars(x), (0, 0), alternative=side, method=method)
    exact = method == "exact" or (method == "auto" and n <= 50)
    expected = scipy_wilcoxon(x, alternative=side, method="exact" if exact else "asymptotic")
    assert found.law == ("signed-rank" if exact else "normal")
    assert found.pvalue == pytest.approx(expected.pvalue, rel=1e-10)


def test_wilcoxon_with_ties() -> None:
    x = np.array([1.0, -1.0, 2.0, 3.0, 3.0, 3.0, -4.0, 0.0])
    found = inference.wilcoxon(with_cars(x), (0, 0))
    expected = scipy_wilcoxon(x[:-1], method="asymptotic")
    assert found.law == "normal"
    assert found.pvalue == pytest.approx(expected.pvalue, rel=1e-12)
    exact = inference.wilcoxon(with_cars(x), (0, 0), method="exact")
    assert exact.note == "ties: the exact law needs CARs of different size"


# ── sq ───────────────────────────────────────────────────────────────────────────────────
def with_series(e: Sequence[float], ar: float) -> Abnormal:
    """One event with given residuals and the same AR on three days."""
    series = np.array([e], dtype=float)
    one = one_date(1)
    days = len(series[0])
    return replace(
        one,
        estimation=Window(-10 - days, -11),
        window=Window(-1, 1),
        abnormal=np.full((1, 3), ar),
        n_obs=np.array([float(np.isfinite(series).sum())]),
        root=np.full((1, 3, 1), 0.1),
        paths=StoredPaths(series, np.zeros((1, 3)), np.zeros((1, 3))),
        _memo={},
    )


E = (-5.0, -3.0, -2.0, 1.0, 2.0, 4.0, 6.0, 7.0, 8.0)


@pytest.mark.parametrize(("ar", "options", "p"), [
    (5.0, {}, (1 + 4) / 10),
    (5.0, {"variant": "asymptotic"}, 4 / 9),
    (9.0, {"variant": "asymptotic"}, 0.0),
    (9.0, {}, 0.1),
    (-3.0, {"alternative": "less"}, (1 + 2) / 10),
    (-3.0, {"alternative": "greater"}, (1 + 8) / 10),
    (-3.0, {"tail": "equal"}, 2 * 3 / 10),
    (3.0, {"tail": "equal"}, 1.0),
    (-3.0, {"tail": "equal", "variant": "asymptotic"}, 2 * 2 / 9),
])  # fmt: skip
def test_sq_counts(ar: float, options: dict[str, str], p: float) -> None:
    found = inference.sq(with_series(E, ar), (0, 0), **options)  # type: ignore[arg-type]  # strings only
    assert found.pvalue == pytest.approx(p)
    assert (found.estimate, found.statistic, found.law) == (ar, ar, "permutation")


def test_sq_closes_gaps_unless_told() -> None:
    e = (1.0, 2.0, np.nan, 4.0, 8.0, 16.0, np.nan)
    abnormal = with_series(e, 1.0)
    assert inference.sq(abnormal, (-1, 1)).pvalue == pytest.approx((1 + 3) / 4)
    assert inference.sq(abnormal, (-1, 1), contiguous=True).pvalue == pytest.approx(2 / 2)
    assert inference.sq(with_series((1.0, np.nan, 1.0), 1.0), (-1, 0), contiguous=True).note == (
        "no 2 successive estimation days"
    )


@pytest.mark.parametrize("variant", ["finite", "asymptotic"])
@pytest.mark.parametrize(("side", "tail"), [
    ("two-sided", "symmetric"), ("two-sided", "equal"), ("greater", "symmetric"), ("less", "equal"),
])  # fmt: skip
@pytest.mark.parametrize("days", [10, 19, 39, 60, 119, 240])
def test_sq_interval_holds_what_the_test_does_not_reject(
    days: int, side: str, tail: str, variant: str
) -> None:
    e = np.random.default_rng(days).standard_t(4, days)
    options = {"alternative": side, "tail": tail, "variant": variant}

    def p(effect: float) -> float:
        return inference.sq(with_series(e, 1.5 - effect), (0, 0), **options).pvalue  # type: ignore[arg-type]  # strings

    low, high = inference.sq(with_series(e, 1.5), (0, 0), **options).ci  # type: ignore[arg-type]  # strings
    assert low < high
    for end, inside in ((low, 1), (high, -1)):
        if math.isinf(end):
            assert p(1.5 - inside * 1e6) > 0.05
        else:
            assert p(end + inside * 1e-9) > 0.05
            assert p(end - inside * 1e-9) <= 0.05
    assert math.isinf(low) == (
        side == "less"
        or (variant == "finite" and days < (19, 39)[tail == "equal" and side == "two-sided"])
    )


def test_sq_of_one_date_takes_the_portfolio() -> None:
    abnormal = one_date()
    a, caar = abnormal.residuals.mean(axis=0), abnormal.car((0, 0)).mean()
    found = inference.sq(abnormal, (0, 0))
    assert found.estimate == close(float(caar))
    assert found.pvalue == (1 + (np.abs(a) >= abs(caar)).sum()) / 51


def test_sq_adjusted_needs_leverages() -> None:
    found = inference.sq(one_date(), (0, 0), adjust=True)
    assert found.note == (
        "adjust=True needs leverages of the estimation days; the model gives none"
    )
    assert math.isnan(found.pvalue)


@dataclass(frozen=True)
class WithLeverages(StoredPaths):
    """Stored paths of a mean model: every estimation day has leverage 1/M."""

    leverage: float = 0.0

    def leverages(self, index: Ints) -> Floats:
        return np.full((len(index), self.residual.shape[1]), self.leverage)


def test_sq_adjusted() -> None:
    panel, _ = world(2)
    abnormal = measure(panel, None, [0, 1], [150, 150])
    paths = WithLeverages(abnormal.residuals, abnormal.actual, abnormal.expected, 1 / 50)
    known = replace(abnormal, paths=paths, design=np.zeros(2, dtype=int), _memo={})
    found = inference.sq(known, W, adjust=True)
    sums = np.convolve(abnormal.residuals.mean(axis=0), np.ones(3), "valid") / math.sqrt(1 - 1 / 50)
    scale = math.sqrt((3 + 9 / 50) / 3)
    caar = float(abnormal.car(W).mean())
    assert found.pvalue == (1 + (np.abs(sums) >= abs(caar) / scale).sum()) / 49
    half = np.sort(np.abs(sums))[-2] * scale  # two of 49 stay above 5 % with the event itself
    assert found.ci == (close(caar - half), close(caar + half))
    own = replace(abnormal, paths=paths, _memo={})
    assert inference.sq(own, W, adjust=True).note == "adjust=True needs one design for all events"


# ── the verdict ──────────────────────────────────────────────────────────────────────────
def spread_over(row: Sequence[int], **options: object) -> Abnormal:
    panel, market = world(len(row), 1200)
    return measure(panel, market, range(len(row)), list(row), **options)  # type: ignore[arg-type]  # windows


VERDICTS = [
    ("one event", [100], "sq", "single_t", 1),
    ("independent", [100, 200, 300], "bmp", "csect_t", 3),
    ("one shared date", [100] * 4, "adj_bmp", "portfolio_t", 1),
    ("several separate dates", [100, 100, 200, 300], "adj_bmp", "dates_cluster", 3),
    ("several separate dates", [100, 100, 200, 200], "adj_bmp", "dates_csect", 2),
    ("several separate dates", [100, 200, 300, 400, 500] * 2, "adj_bmp", "dates_csect", 5),
    ("several separate dates", [100, 200, 300, 400, 500, 600] * 2, "dates_csect", "dates_csect", 6),
    (
        "several separate dates",
        [100] * 2 + [200, 300, 400, 500, 600, 700, 800],
        "dates_cluster",
        "dates_cluster",
        8,
    ),
    ("staggered", [100, 102, 200, 300], "adj_bmp", "adj_csect", 3),
    ("staggered", [100, 102], "adj_bmp", "adj_csect", 1),
    (
        "staggered",
        [100, 102, 200, 300, 400, 500, 600, 700, 800],
        "dates_cluster",
        "dates_cluster",
        8,
    ),
    # six dates, but one of them holds most events
    (
        "several separate dates",
        [100] * 6 + [200, 300, 400, 500, 600],
        "adj_bmp",
        "dates_cluster",
        6,
    ),
]


@pytest.mark.parametrize(("kind", "row", "lead", "interval", "clusters"), VERDICTS)
def test_verdict(kind: str, row: list[int], lead: str, interval: str, clusters: int) -> None:
    abnormal = spread_over(row)
    found = inference.valid(abnormal, W)
    assert (found.kind, found.lead, found.interval) == (kind, lead, interval)
    assert (found.n, found.n_dates, found.n_components) == (len(row), len(set(row)), clusters)
    assert {lead, interval} <= found.valid
    assert found.valid.isdisjoint(found.why)
    assert found.valid | found.why.keys() == set(inference.names(resampling=True))
    for key in found.valid:
        assert math.isfinite(inference.resolve(key)(abnormal, W).pvalue)
    assert all(found.why.values())
    shown = inference.resolve(interval)(abnormal, W)
    crit = stats.t.isf(0.025, shown.df)
    assert inference.detectable(abnormal, W) == close(crit * shown.se)
    assert inference.detectable(abnormal, W, level=0.01) > crit * shown.se


ADJUSTED = {"adj_patell", "adj_bmp", "adj_csect"}
ACROSS = {"dates_csect", "dates_cluster", "dates_bmp", "dates_patell"}
ACROSS |= {"wild_dates", "sign_flip_dates"}
BLIND = {"csect_t", "patell", "bmp", "wilcoxon", "wild_events", "independent_t"}
#: those that need more events than four
MANY = {"sign", "gen_sign", "skew_t", "rank_cz", "grank_z", "grank_t", "jackknife"}
DAY_BY_DAY = {"ts_t", "rank", "cumrank_t", "corrado_sign", "placebo_window"}
SINGLE = {"portfolio_t", "sq", "sur_F", "gls_mean", "permutation"}


@pytest.mark.parametrize(("row", "valid"), [
    ([100], SINGLE | DAY_BY_DAY - {"corrado_sign"} | {"single_t"}),
    ([100, 200, 300], BLIND | ADJUSTED | ACROSS | DAY_BY_DAY),
    ([100, 200, 300, 400], BLIND | ADJUSTED | ACROSS | DAY_BY_DAY | {"jackknife"}),
    (range(100, 1100, 50), BLIND | MANY | ADJUSTED | ACROSS | DAY_BY_DAY),
    ([100] * 4, ADJUSTED | SINGLE | DAY_BY_DAY),
    ([100] * 10, ADJUSTED | SINGLE | DAY_BY_DAY | {"grank_t"}),
    ([100, 100, 200], ADJUSTED | ACROSS | DAY_BY_DAY),
    ([100, 102, 200], ADJUSTED | ACROSS),
    ([100, 102], ADJUSTED),
])  # fmt: skip
def test_valid_tests(row: list[int], valid: set[str]) -> None:
    assert inference.valid(spread_over(row), W).valid == valid


def test_reasons() -> None:
    shared = inference.valid(spread_over([100] * 3), W).why
    assert shared["csect_t"] == "events share dates: it takes them as independent"
    assert shared["dates_csect"] == "one date only: there are no dates to compare"
    assert shared["single_t"] == "for one event: this sample has 3"
    chain = inference.valid(spread_over([100, 101, 102]), W).why
    assert chain["bmp"] == "windows overlap: it takes them as independent"
    assert chain["rank"] == "windows overlap: its days pair different calendar days"
    assert chain["portfolio_t"] == "several dates: use dates_csect"
    assert chain["dates_csect"] == "the windows of all dates overlap: there are no dates to compare"
    single = inference.valid(spread_over([100]), W).why
    assert single["patell"] == "one event only: single_t has the exact law"
    assert single["independent_t"] == "one event only: single_t has the exact law"
    assert single["grank_t"] == "one event only: it compares events"
    few = inference.valid(spread_over([100, 200]), W).why
    assert few["jackknife"] == "2 events only: it needs 4"
    assert few["skew_t"] == "2 events only: it needs 20"
    assert single["sign"] == "one event only: one sign tells nothing"
    assert single["bmp"] == "one event only: it compares events"


def test_limit() -> None:
    end = (
        "a shock to the whole sector on those days cannot be told from the news. "
        "Only more dates, a control group or a sector factor help."
    )
    limits = {
        "The news falls on one date: " + end: [100] * 3,
        "The news falls on 3 dates: " + end: [100, 100, 200, 300],
        "The news falls on one cluster of overlapping windows: " + end: [100, 101],
        "The news falls on 2 clusters of overlapping windows: " + end: [100, 101, 300],
    }
    for limit, row in limits.items():
        assert inference.valid(spread_over(row), W).limit == limit
    for row in ([100], [100, 200], [100, 100, 200, 300, 400, 500, 600]):
        assert inference.valid(spread_over(row), W).limit == ""


def test_verdict_without_events() -> None:
    found = inference.valid(empty(), W)
    assert (found.kind, found.n, found.valid) == ("no events", 0, frozenset())
    assert set(found.why.values()) == {"no event has a return on the days of this window"}
    assert math.isnan(inference.detectable(empty(), W))


def test_verdict_of_one_date_without_a_portfolio() -> None:
    bent = replace(spread_over([100] * 4), common_design=False, _memo={})
    found = inference.valid(bent, W)
    assert (found.lead, found.interval) == ("adj_bmp", "adj_csect")
    assert found.why["portfolio_t"] == "the model leaves the events no common design"


def test_verdict_of_a_short_estimation_window() -> None:
    short = {"estimation": (-35, -11)}
    one = inference.valid(spread_over([100] * 4, **short), W)
    assert (one.lead, one.interval) == ("portfolio_t", "portfolio_t")
    for key in ("adj_bmp", "grank_t"):
        assert one.why[key] == "6 of 6 pairs that share days lack 30 common estimation days"
    many = inference.valid(spread_over([100, 100, 200], **short), W)
    assert (many.lead, many.interval) == ("dates_cluster", "dates_cluster")
    assert "adj_bmp" in inference.valid(spread_over([100, 200, 300], **short), W).valid


def test_verdict_of_a_sample_and_of_the_whole_window() -> None:
    abnormal = spread_over([100, 104])
    assert inference.valid(abnormal).kind == "staggered"
    sample = sample_of(abnormal, (0, 0))
    assert inference.valid(sample).kind == "independent"
    assert inference.valid(sample, (-5, 5)).kind == "staggered"


def test_smallest_cluster_window_decides() -> None:
    abnormal = spread_over([100, 103])
    assert inference.valid(abnormal, (-1, 1)).kind == "independent"
    assert inference.valid(abnormal, (-1, 2)).kind == "staggered"


@pytest.mark.parametrize("level", [0.0, 1.0, -0.05, 5])
def test_level_is_checked(level: float) -> None:
    with pytest.raises(errors.OptionError) as caught:
        inference.detectable(one_date(2), W, level=level)
    assert str(caught.value) == (
        f"`level` is {level!r}, but a significance level lies between 0 and 1; give 0.05 for 5 %."
    )
