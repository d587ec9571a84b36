"""Tests by drawing: the numbers of plain loops, the same answer for any batch, honest edges."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import oracle
import pytest
from golden import fixtures
from inference_studies import measure, world

from eventstudy import engine, errors, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Inputs, Placement, Statistic, StoredPaths, Windows
from eventstudy.engine.paths import LinearPaths
from eventstudy.inference._bootstrap import Plan, drawn_days, regression
from eventstudy.inference._contrasts import Forms, portfolio_t
from eventstudy.inference._resampling import batches, extreme, generator, share
from eventstudy.inference.permutations import _without_each
from eventstudy.inference.quantiles import windows_of
from eventstudy.models import CAPM, FactorModel, MarketAdjusted, MarketModel, MeanAdjusted
from eventstudy.windows import Window

SIDES = ("two-sided", "greater", "less")
KEYS = ("portfolio_t", "sur_F", "gls_mean")
ESTIMATION, EVENT_WINDOW = (-60, -6), (-3, 3)
MODELS: dict[str, tuple[Any, oracle.Model, tuple[str, ...]]] = {
    "market": (MarketModel(), oracle.MARKET, ("market",)),
    "two factors": (FactorModel(("market", "oil")), oracle.Model((0, 1)), ("market", "oil")),
    "mean": (MeanAdjusted(), oracle.MEAN, ()),
    "market-adjusted": (MarketAdjusted(), oracle.MARKET_ADJUSTED, ("market",)),
    "capm without alpha": (
        CAPM(alpha=False),
        oracle.linear(1, alpha=False, excess=True),
        ("market",),
    ),
}
Asked = tuple[int, int]


# ── studies by the engine and by the loop ────────────────────────────────────────────────
@dataclass(frozen=True)
class Both:
    abnormal: Abnormal
    study: oracle.Study


@cache
def both(
    model: str = "market",
    firms: int = 5,
    gaps: float = 0.0,
    *,
    rows: tuple[int, ...] = (120,),
    missing: str = "drop",
    effect: float = 0.0,
) -> Both:
    ours, theirs, names = MODELS[model]
    panel, market = world(firms, 220, gaps=gaps, seed=11)
    panel[:, rows] += effect
    rng = np.random.default_rng(12)
    factors = np.column_stack([market, 0.01 * rng.standard_normal(220)])
    rate = np.full(220, 1e-4)
    firm, row = np.tile(np.arange(firms), len(rows)), np.repeat(rows, firms)
    columns = [("market", "oil").index(name) for name in names]
    total = factors + (rate[:, None] if model.startswith("capm") else 0.0)
    found = engine.run(
        ours,
        Inputs(panel, np.ascontiguousarray(total[:, columns]), names, rate),
        Placement(firm, row, np.arange(len(firm))),
        Windows(Window(*ESTIMATION), Window(*EVENT_WINDOW)),
        min_obs=20,
        missing=missing,
    )
    assert not found.reason.any()
    setup = oracle.Setup(
        model=theirs, estimation=ESTIMATION, window=EVENT_WINDOW, min_obs=20, missing=missing
    )
    data = oracle.Data(panel, factors, rate)
    study = oracle.run(data, firm.tolist(), row.tolist(), setup)
    return Both(found.abnormal, study)


def one_date(n: int = 6) -> Abnormal:
    panel, market = world(n)
    return measure(panel, market, np.arange(n), np.full(n, 150))


# ── drawing ──────────────────────────────────────────────────────────────────────────────
def test_generator_of_a_seed_is_pcg64() -> None:
    want = np.random.Generator(np.random.PCG64(7)).integers(0, 1000, 5)
    assert (generator(7).integers(0, 1000, 5) == want).all()
    assert (generator(np.int32(7)).integers(0, 1000, 5) == want).all()  # type: ignore[arg-type]  # a NumPy seed will do


def test_a_generator_is_used_as_it_is() -> None:
    given = np.random.default_rng(3)
    assert generator(given) is given


@pytest.mark.parametrize("rng", [None, -1, 1.0, "0", True, np.random.RandomState(0)])
def test_what_is_no_seed_is_refused(rng: Any) -> None:
    with pytest.raises(errors.OptionError) as caught:
        inference.boot_residual(one_date(2), (0, 0), rng=rng)
    assert str(caught.value) == (
        f"rng={rng!r} cannot make random numbers; give a seed, a whole number from 0 up, "
        f"or a numpy.random.Generator."
    )


@pytest.mark.parametrize(("option", "value"), [
    ("draws", 0), ("draws", 99.0), ("draws", None), ("draws", True), ("batch", 0), ("block", -1),
])  # fmt: skip
def test_what_is_no_count_is_refused(option: str, value: Any) -> None:
    with pytest.raises(errors.OptionError) as caught:
        inference.boot_residual(both().abnormal, (0, 0), **{option: value})
    assert str(caught.value) == f"{option}={value!r} is not a count; give a whole number from 1 up."


@pytest.mark.parametrize(("draws", "batch", "each"), [
    (10, 3, 1), (10, 1, 1), (10, 99, 1), (1, None, 10**9), (5000, None, 1000),
])  # fmt: skip
def test_batches_are_all_draws_once(draws: int, batch: int | None, each: int) -> None:
    parts = list(batches(draws, batch, each=each))
    assert [k for part in parts for k in range(part.start, part.stop)] == list(range(draws))
    if batch is None:
        assert all((p.stop - p.start) * each <= 1 << 20 or p.stop - p.start == 1 for p in parts)


def test_numbers_drawn_in_parts_are_those_of_one_call() -> None:
    whole = generator(5).integers(0, 241, (101, 245))
    random = generator(5)
    parts = [random.integers(0, 241, (k, 245)) for k in (1, 7, 33, 60)]
    assert (np.concatenate(parts) == whole).all()


@pytest.mark.parametrize(("x", "side", "count"), [
    (2.0, "two-sided", 3), (-2.0, "two-sided", 3), (2.0, "greater", 2), (-2.0, "less", 2),
    (-3.0, "less", 1), (9.0, "greater", 1), (2.0 * (1 + 1e-13), "greater", 2),
])  # fmt: skip
def test_extreme_counts(x: float, side: str, count: int) -> None:
    """A draw without a value counts against the sample, on every side."""
    values = np.array([-2.0, -1.0, 0.0, 2.0, np.nan])
    assert extreme(values, x, side) == count
    assert share(values, x, side) == (1 + count) / 6
    assert share(values, x, side, own=0) == count / 5


# ── placebo windows ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("window", [(0, 0), (-1, 1), (-3, 3)])
@pytest.mark.parametrize("gaps", [0.0, 0.04])
@pytest.mark.parametrize("rows", [(120,), (80, 120, 200)])
def test_placebo_window_same_as_the_loop(
    rows: tuple[int, ...], gaps: float, window: Asked, side: str
) -> None:
    made = both(rows=rows, gaps=gaps)
    got = inference.placebo_window(made.abnormal, window, alternative=side)
    want = oracle.placebo_window(made.study, window, side)
    assert (got.n, got.law) == (want.n, "permutation")
    assert [got.estimate, got.statistic, got.pvalue] == pytest.approx(
        [want.estimate, want.statistic, want.pvalue], rel=1e-10
    )
    assert got.pvalue >= 1 / 56


@pytest.mark.parametrize("example", ["A", "B"])
def test_placebo_window_of_the_printed_table(example: str) -> None:
    study = measure(
        fixtures.returns(example),
        fixtures.market(),
        range(fixtures.FIRMS),
        [fixtures.DAY0] * fixtures.FIRMS,
        estimation=fixtures.ESTIMATION,
        window=fixtures.EVENT_WINDOW,
    )
    cases = [c for c in fixtures.cases() if c[0] == "placebo_window p" and c[1] == example]
    assert len(cases) == 3
    for _, _, window, value in cases:
        assert inference.placebo_window(study, window).pvalue == pytest.approx(value, rel=1e-10)


@pytest.mark.parametrize("side", SIDES)
def test_placebo_interval_holds_what_is_not_rejected(side: str) -> None:
    made = both().abnormal

    def ask(shift: float) -> Statistic:
        moved = replace(made, abnormal=made.abnormal - shift / 3, _memo={})
        return inference.placebo_window(moved, (-1, 1), alternative=side)

    low, high = ask(0.0).ci
    assert (math.isinf(low), math.isinf(high)) == (side == "less", side == "greater")
    for end, inside in ((low, 1e-9), (high, -1e-9)):
        if math.isfinite(end):
            assert ask(end + inside).pvalue > 0.05
            assert ask(end - inside).pvalue <= 0.05


@pytest.mark.parametrize("window", [(0, 0), (-1, 1)])
def test_placebo_standardised_is_sq_adjusted(window: Asked) -> None:
    made = both("two factors").abnormal
    one = inference.placebo_window(made, window, standardise=True)
    two = inference.sq(made, window, adjust=True)
    assert (one.pvalue, one.ci) == (two.pvalue, two.ci)
    bare = inference.placebo_window(one_date(), window, standardise=True)
    assert bare.note == (
        "standardise=True needs leverages of the estimation days; the model gives none"
    )


def by_volatility(
    series: np.ndarray, length: int, caar: float, groups: int, before: int | None = None
) -> float:
    """p among the placebo windows whose 20 days before are as volatile as the event's.

    ``before``: how many days lie before the event, all of them if it is left out.
    """
    a = [float(v) for v in series if math.isfinite(v)]
    past = [float(np.std(a[t - 20 : t])) for t in range(20, len(a) - length + 1)]
    past.append(float(np.std(a[:before][-20:])))
    ranked = sorted(range(len(past)), key=lambda k: past[k])
    group = {k: place * groups // len(past) for place, k in enumerate(ranked)}
    own = group[len(past) - 1]
    sums = [sum(a[20 + k : 20 + k + length]) for k in range(len(past) - 1) if group[k] == own]
    return (1 + sum(1 for s in sums if abs(s) >= abs(caar))) / (1 + len(sums))


@pytest.mark.parametrize("window", [(0, 0), (0, 2)])
@pytest.mark.parametrize("gaps", [0.0, 0.3])
@pytest.mark.parametrize("groups", [2, 3, 5])
def test_placebo_strata_by_volatility(groups: int, gaps: float, window: Asked) -> None:
    made = both(firms=2, gaps=gaps, missing="skip").abnormal
    found = inference.placebo_window(made, window, strata=groups)
    series = np.array(
        [np.mean(d[np.isfinite(d)]) if np.isfinite(d).any() else np.nan for d in made.residuals.T]
    )
    length = window[1] - window[0] + 1
    assert found.pvalue == pytest.approx(
        by_volatility(series, length, found.estimate, groups), rel=1e-12
    )


def test_placebo_strata_of_an_estimation_on_both_sides() -> None:
    """The volatility of the event is that of the days before it, not of the last ones."""
    for groups in (2, 3, 5):
        made = replace(both(firms=2).abnormal, estimation=Window(-30, 24), _memo={})
        found = inference.placebo_window(made, (0, 0), strata=groups)
        series = made.residuals.mean(axis=0)
        want = by_volatility(series, 1, found.estimate, groups, before=30)
        assert found.pvalue == pytest.approx(want, rel=1e-12)
        assert " of 35 placebo windows are in the stratum of the event" in found.note


def test_placebo_strata_by_labels() -> None:
    made = both().abnormal
    labels = np.where(np.arange(55) % 3 == 0, "wild", "calm")
    found = inference.placebo_window(made, (0, 1), strata=labels, stratum="wild")
    sums, begin = windows_of(made.residuals.mean(axis=0), 2, contiguous=False)
    some = sums[begin % 3 == 0]
    extremes = (np.abs(some) >= abs(found.estimate)).sum()
    assert found.pvalue == pytest.approx((1 + extremes) / (1 + len(some)))
    assert found.note == (
        "18 of 54 placebo windows are in the stratum of the event; "
        "55 estimation days; at least 60 are advised"
    )
    one = inference.placebo_window(made, (0, 1), strata=["all"] * 55, stratum="all")
    assert one.pvalue == inference.placebo_window(made, (0, 1)).pvalue


def test_placebo_without_windows_is_said() -> None:
    made = both().abnormal
    none = inference.placebo_window(made, (0, 1), strata=np.zeros(55), stratum=1)
    assert none.note == "0 of 54 placebo windows are in the stratum of the event"
    assert math.isnan(none.pvalue)
    short = measure(*world(3), [0, 1, 2], [150] * 3, estimation=(-25, -11))
    found = inference.placebo_window(short, (0, 0), strata=3)
    assert found.note == "strata need 20 days before the event"
    tiny = measure(*world(3), [0, 1, 2], [150] * 3, estimation=(-15, -12))
    assert inference.placebo_window(tiny, (-5, 5)).note == "no 11 successive estimation days"


def test_strata_after_the_event_are_no_past() -> None:
    """Estimation days after the event say nothing about the volatility before it."""
    made = measure(*world(3, 400), [0, 1, 2], [150] * 3, estimation=(20, 120))
    found = inference.placebo_window(made, (0, 0), strata=3)
    assert found.note == "strata need 20 days before the event"


@pytest.mark.parametrize(("strata", "got"), [
    (1, "1"), (0, "0"), (np.zeros(54), "1-d, 54 labels"), (np.zeros((55, 2)), "2-d, 110 labels"),
])  # fmt: skip
def test_strata_that_do_not_fit(strata: Any, got: str) -> None:
    stratum = None if isinstance(strata, int) else 0
    with pytest.raises(errors.OptionError) as caught:
        inference.placebo_window(both().abnormal, (0, 0), strata=strata, stratum=stratum)
    assert str(caught.value) == (
        f"`strata` is {got}; give a number of groups from 2 up, or one label for each of the "
        f"55 estimation days."
    )


@pytest.mark.parametrize(
    "options", [{"strata": np.zeros(55)}, {"stratum": 1}, {"strata": 3, "stratum": 1}]
)
def test_stratum_goes_with_labels(options: dict[str, Any]) -> None:
    with pytest.raises(errors.OptionError) as caught:
        inference.placebo_window(both().abnormal, (0, 0), **options)
    assert str(caught.value) == (
        "`stratum` names the stratum of the event where `strata` holds one label a day; "
        "give both, or a number of groups alone."
    )


# ── permutations ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("firms", [1, 5])
@pytest.mark.parametrize("effect", [0.0, 0.04])
def test_permutation_of_one_day_same_as_the_loop(effect: float, firms: int, side: str) -> None:
    made = both(firms=firms, effect=effect)
    got = inference.permutation(made.abnormal, (0, 0), alternative=side)
    want = oracle.permutation(made.study, (0, 0), side)
    assert (got.n, got.law) == (want.n, want.law)
    assert got.statistic == pytest.approx(want.statistic, rel=1e-10)
    assert got.pvalue == pytest.approx(want.pvalue, rel=1e-12)


@pytest.mark.parametrize("gaps", [0.0, 0.05])
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("recompute", [True, False])
@pytest.mark.parametrize("window", [(-1, 1), (-3, 3)])
def test_permutation_same_as_the_loop(
    window: Asked, recompute: bool, side: str, gaps: float
) -> None:
    made = both(firms=12, gaps=gaps)
    got = inference.permutation(
        made.abnormal, window, alternative=side, recompute=recompute, draws=199, rng=4
    )
    size = 55 + window[1] - window[0] + 1
    orders = generator(4).permuted(np.tile(np.arange(size), (199, 1)), axis=1)
    values = oracle.permuted(made.study, window, orders, recompute=recompute)
    (t,) = oracle.permuted(made.study, window, np.arange(size)[None])
    assert got.statistic == pytest.approx(t, rel=1e-10)
    assert got.pvalue == pytest.approx(share(np.array(values), t, side))


def test_permutation_of_one_day_without_sd_is_sq() -> None:
    """G.38."""
    for firms in (1, 3, 6):
        made = both(firms=firms).abnormal
        for side in SIDES:
            one = inference.permutation(made, (1, 1), alternative=side, recompute=False)
            assert one.pvalue == inference.sq(made, (1, 1), alternative=side).pvalue


def test_permutation_leaves_out_event_days_without_a_return() -> None:
    """Of two days one has a return: all deals of one day, not draws of two."""
    panel, market = world(1)
    panel[0, 151] = np.nan
    made = measure(panel, market, [0], [150], missing="skip")
    one, two = (inference.permutation(made, window) for window in ((0, 0), (0, 1)))
    assert (one.statistic, one.pvalue) == (two.statistic, two.pvalue)


def test_the_others_far_from_zero_keep_their_spread() -> None:
    x = 1e6 + np.random.default_rng(0).normal(size=20)
    want = [np.delete(x, k).std(ddof=1) for k in range(20)]
    np.testing.assert_allclose(_without_each(x), want, rtol=1e-9)


def test_permutation_is_for_one_date_that_moves() -> None:
    two = both(rows=(80, 120)).abnormal
    assert inference.permutation(two, (0, 0)).note == "several dates: use dates_csect"
    still = replace(one_date(3), sigma=np.ones(3))
    assert isinstance(still.paths, StoredPaths)
    flat = replace(still, paths=replace(still.paths, residual=np.zeros((3, 50))), _memo={})
    assert inference.permutation(flat, (0, 0)).note == "the standard error is zero"


def test_permutation_of_a_huge_move_is_exact() -> None:
    """The sum of squares without the event is not the rest of a subtraction."""
    made = both(firms=1)
    moved = replace(made.abnormal, abnormal=made.abnormal.abnormal + 1e6, _memo={})
    found = inference.permutation(moved, (0, 0))
    e = made.study.events[0].residuals
    assert found.statistic == pytest.approx(float(moved.car((0, 0))[0]) / np.std(e, ddof=1))
    assert found.pvalue == 1 / 56


# ── the residual bootstrap ───────────────────────────────────────────────────────────────
def drawn_by_the_package(made: Both, window: Asked, key: str, plan: Plan) -> np.ndarray:
    found = regression(made.abnormal, [Window(*window)])
    assert not isinstance(found, str)
    n, q, dof = len(found.members), float(found.q[0]), found.dof
    if key == "portfolio_t":
        return found.draw(
            found.portfolio(), lambda e, g: portfolio_t(e, g, found.q, dof)[:, 0], plan
        )
    if key == "sur_F":
        return found.draw(found.residuals, lambda e, g: Forms.of(e, g[:, 0]).sur_F(n, q, dof), plan)

    def weighted(e: np.ndarray, g: np.ndarray) -> np.ndarray:
        forms = Forms.of(e, g[:, 0])
        return forms.mean() / forms.mean_se(n, q, dof)

    return found.draw(found.residuals, weighted, plan)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("window", [(0, 0), (-1, 1), (0, 3)])
@pytest.mark.parametrize("model", MODELS)
def test_each_draw_is_a_regression(model: str, window: Asked, key: str) -> None:
    """Draw by draw, what refitting by QR gives."""
    made = both(model)
    size = 55 + window[1] - window[0] + 1
    index = generator(8).integers(0, 55, (40, size))
    want = oracle.boot_residual(made.study, window, index, key)
    got = drawn_by_the_package(made, window, key, Plan(40, generator(8), 7))
    np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("gaps", [0.0, 0.01])
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("key", KEYS)
def test_boot_residual_same_as_the_loop(key: str, side: str, gaps: float) -> None:
    made = both("two factors", gaps=gaps, effect=0.02)
    got = inference.boot_residual(
        made.abnormal, (-1, 1), statistic=key, alternative=side, draws=99, rng=3
    )
    balanced = oracle.balanced(made.study, (-1, 1))
    assert balanced is not None
    if key == "sur_F" and side != "two-sided":
        assert got.note == "a joint test has no direction: alternative='two-sided' only"
        return
    size = len(balanced.E)
    index = generator(3).integers(0, size, (99, size + 3))
    values = oracle.boot_residual(made.study, (-1, 1), index, key)
    plain = {"portfolio_t": oracle.portfolio_t, "sur_F": oracle.sur_f, "gls_mean": oracle.gls_mean}
    t = plain[key](made.study, (-1, 1)).statistic
    assert got.statistic == pytest.approx(t, rel=1e-10)
    assert got.pvalue == share(np.array(values), t, side)
    assert (got.law, got.n) == ("bootstrap", len(balanced.members))
    assert gaps == 0 or f"{got.n} of 5 events are complete" in got.note


SHIFTS = np.linspace(-0.02, 0.02, 41)


def moved_by(shift: float, abnormal: Abnormal) -> Abnormal:
    return replace(abnormal, abnormal=abnormal.abnormal + shift, _memo={})


def test_blocks_of_days_same_as_the_loop() -> None:
    made = both()
    index = drawn_days(Plan(99, generator(3), block=3), 99, 55, 3)
    values = np.array(oracle.boot_residual(made.study, (-1, 1), index))
    for shift in SHIFTS:
        moved = moved_by(shift, made.abnormal)
        got = inference.boot_residual(moved, (-1, 1), block=3, draws=99, rng=3)
        assert got.pvalue == share(values, got.statistic)


def test_events_with_a_missing_day_of_the_window_are_not_complete() -> None:
    made = both(missing="skip").abnormal
    ar = made.abnormal.copy()
    ar[0, made.days((1, 1))] = np.nan
    holed = replace(made, abnormal=ar, _memo={})
    found = inference.boot_residual(holed, (-1, 1), draws=99)
    rest = inference.boot_residual(made.take(np.arange(1, 5)), (-1, 1), draws=99)
    assert (found.n, found.statistic, found.pvalue) == (4, rest.statistic, rest.pvalue)


@pytest.mark.parametrize("model", MODELS)
def test_it_is_the_statistic_of_the_test_of_that_name(model: str) -> None:
    made = both(model, effect=0.02).abnormal
    for key in KEYS:
        plain = inference.resolve(key)(made, (-1, 1))
        found = inference.boot_residual(made, (-1, 1), statistic=key, draws=9)
        np.testing.assert_allclose(
            [found.statistic, found.estimate, found.se],
            [plain.statistic, plain.estimate, plain.se],
            rtol=1e-10,
        )


@pytest.mark.parametrize("window", [(0, 0), (-1, 1)])
def test_without_refit_the_mean_is_compared(window: Asked) -> None:
    made = both()
    got = inference.boot_residual(made.abnormal, window, refit=False, draws=99, rng=3)
    index = generator(3).integers(0, 55, (99, 55 + window[1] - window[0] + 1))
    values = oracle.boot_residual(made.study, window, index, refit=False)
    assert got.statistic == got.estimate == pytest.approx(made.abnormal.car(window).mean())
    for shift in SHIFTS:
        moved = moved_by(shift, made.abnormal)
        found = inference.boot_residual(moved, window, refit=False, draws=99, rng=3)
        assert found.pvalue == share(np.array(values), found.statistic)
    refused = inference.boot_residual(made.abnormal, window, refit=False, statistic="sur_F")
    assert refused.note == ("refit=False is for the mean: statistic='sur_F' has to be fitted again")


@pytest.mark.parametrize(
    ("size", "width", "block"), [(10, 3, 1), (10, 3, 3), (10, 7, 4), (5, 2, 9)]
)
def test_blocks_are_circular_and_begin_with_the_event(size: int, width: int, block: int) -> None:
    index = drawn_days(Plan(50, generator(1), block=block), 50, size, width)
    assert index.shape == (50, size + width)
    assert index.min() >= 0
    assert index.max() < size
    for part in (index[:, :size], index[:, size:]):
        step = np.diff(part, axis=1) % size
        within = [k for k in range(part.shape[1] - 1) if (k + 1) % block]
        assert (step[:, within] == 1 % size).all()
        between = [k for k in range(part.shape[1] - 1) if not (k + 1) % block]
        assert not between or (step[:, between] != 1).any()


def test_blocks_of_one_are_the_documented_draws() -> None:
    index = drawn_days(Plan(50, generator(1)), 50, 20, 3)
    assert (index == generator(1).integers(0, 20, (50, 23))).all()


@pytest.mark.parametrize("options", [
    {}, {"statistic": "sur_F"}, {"statistic": "gls_mean"}, {"refit": False}, {"block": 3},
])  # fmt: skip
def test_any_batch_gives_the_same_answer(options: dict[str, Any]) -> None:
    """G.43."""
    made = both().abnormal
    found = [
        inference.boot_residual(made, (-1, 1), draws=250, rng=5, batch=batch, **options)
        for batch in (None, 1, 7, 249, 10_000)
    ]
    assert {repr(astuple(other)) for other in found} == {repr(astuple(found[0]))}
    again = inference.boot_residual(made, (-1, 1), draws=250, rng=generator(5), **options)
    assert repr(astuple(again)) == repr(astuple(found[0]))
    other = inference.boot_residual(made, (-1, 1), draws=250, rng=6, **options)
    assert repr(astuple(other)) != repr(astuple(found[0]))


def test_any_batch_gives_the_same_permutation() -> None:
    made = both().abnormal
    found = [
        inference.permutation(made, (-1, 1), draws=250, rng=5, batch=batch)
        for batch in (None, 1, 7, 249, 10_000)
    ]
    assert all(other == found[0] for other in found[1:])


def test_the_order_of_events_is_of_no_weight() -> None:
    made = both().abnormal
    turned = made.take(np.array([3, 0, 4, 1, 2]))
    for key in KEYS:
        one, two = (
            inference.boot_residual(a, (0, 0), statistic=key, draws=199) for a in (made, turned)
        )
        assert one.pvalue == two.pvalue
        assert one.statistic == pytest.approx(two.statistic, rel=1e-10)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("options", [{}, {"statistic": "gls_mean"}, {"refit": False}])
def test_interval_holds_what_is_not_rejected(options: dict[str, Any], side: str) -> None:
    made = both(effect=0.01).abnormal

    def asked(a: Abnormal) -> Statistic:
        return inference.boot_residual(a, (0, 0), draws=399, rng=2, alternative=side, **options)

    found = asked(made)
    tried = 0
    for end, inside in ((found.ci[0], 1e-7), (found.ci[1], -1e-7)):
        if math.isinf(end):
            continue
        tried += 1
        for step, kept in ((inside, True), (-inside, False)):
            moved = replace(made, abnormal=made.abnormal - (end + step), _memo={})
            assert (asked(moved).pvalue > 0.05) is kept
    assert tried == (2 if side == "two-sided" else 1)


def test_where_there_is_nothing_to_draw_is_said() -> None:
    notes = {
        "several dates: use dates_csect": both(rows=(80, 120)).abnormal,
        "the model keeps no design to draw new residuals on": one_date(),
        "the model leaves the events no common design": replace(
            both().abnormal, common_design=False, _memo={}
        ),
    }
    for note, abnormal in notes.items():
        found = inference.boot_residual(abnormal, (0, 0))
        assert found.note == note
        assert math.isnan(found.pvalue)
        assert inference.valid(abnormal, (0, 0)).why["boot_residual"] == note
    full = both(firms=12, gaps=0.2).abnormal
    none = inference.boot_residual(full, (0, 0))
    assert none.note == f"none of the {none.n} events is complete"


def test_more_events_than_days_are_said() -> None:
    wide = both(firms=60).abnormal
    for key in ("sur_F", "gls_mean"):
        found = inference.boot_residual(wide, (0, 0), statistic=key)
        assert found.note == "60 effects need as many degrees of freedom; the residuals have 53"
    assert inference.boot_residual(wide, (0, 0), draws=99).pvalue > 0


def test_draws_that_cannot_be_inverted_count_against() -> None:
    """Half of the drawn days of 55 are repeats: 50 events have too few left."""
    wide = both(firms=50).abnormal
    found = inference.boot_residual(wide, (0, 0), statistic="sur_F", draws=20)
    assert found.pvalue == 1.0
    assert found.note.startswith("20 of 20 draws are singular and count against it")


def test_twice_the_same_event_is_singular() -> None:
    made = both().abnormal
    twice = made.take(np.array([0, 0, 1, 2]))
    for key in ("sur_F", "gls_mean"):
        found = inference.boot_residual(twice, (0, 0), statistic=key)
        assert found.note == "the residuals of the events are linearly dependent"
    assert inference.boot_residual(twice, (0, 0), draws=99).n == 4


def test_a_portfolio_that_does_not_move_is_said() -> None:
    made = both(firms=2).abnormal
    paths = made.paths
    assert isinstance(paths, LinearPaths)
    one, theta = paths.returns[0], paths.params[0]
    mirrored = replace(paths, returns=np.array([one, -one]), params=np.array([theta, -theta]))
    flat = replace(made, paths=mirrored, _memo={})
    for refit in (True, False):
        found = inference.boot_residual(flat, (0, 0), refit=refit)
        assert found.note == "the standard error is zero"


def test_skewness_does_no_harm_to_tests_that_draw_from_the_days() -> None:
    """With skewness 1, ρ = .3, at 2.5 % a side: boot_residual 2.6, 3.3; portfolio_t 4.8, 0.6."""
    rng = np.random.default_rng(0)
    skewed = measure(0.02 * rng.exponential(size=(5, 300)), None, range(5), [150] * 5)
    assert "skewed" in inference.portfolio_t(skewed, (0, 0), alternative="greater").note
    for test in (inference.sq, inference.permutation, inference.placebo_window):
        assert "skewed" not in test(skewed, (0, 0), alternative="greater").note


@pytest.mark.parametrize("key", ["sq", "permutation", "placebo_window", "boot_residual"])
def test_few_days_are_said(key: str) -> None:
    note = inference.resolve(key)(both().abnormal, (0, 0)).note
    assert note == "55 estimation days; at least 60 are advised"


def test_unknown_statistic_is_refused() -> None:
    with pytest.raises(errors.OptionError) as caught:
        inference.boot_residual(both().abnormal, (0, 0), statistic="sur_f")
    assert str(caught.value) == (
        "statistic='sur_f' is not known; choose one of 'portfolio_t', 'sur_F', 'gls_mean'. "
        "Did you mean 'sur_F'?"
    )


# ── sizes (D.15) ─────────────────────────────────────────────────────────────────────────
def test_the_refitted_joint_test_holds_its_level_with_correlated_firms() -> None:
    """Twelve firms, 120 days, ρ = .3, market model: 4.5 % of a nominal 5 % in D.15."""
    rng = np.random.default_rng(0)
    n, days, samples = 12, 121, 150
    rejected = {"sur_F": 0, "portfolio_t": 0}
    windows = Windows(Window(-120, -1), Window(0, 0))
    place = Placement(np.arange(n), np.full(n, 120), np.arange(n))
    for _ in range(samples):
        shocks = 0.3**0.5 * rng.standard_normal(days) + 0.7**0.5 * rng.standard_normal((n, days))
        returns = rng.uniform(0.02, 0.05, (n, 1)) * shocks
        inputs = Inputs(returns, 0.01 * rng.standard_normal((days, 1)), ("market",))
        abnormal = engine.run(MarketModel(), inputs, place, windows).abnormal
        for key in rejected:
            found = inference.boot_residual(abnormal, (0, 0), statistic=key, draws=99, rng=rng)
            rejected[key] += found.pvalue <= 0.05
    assert all(0.005 < count / samples < 0.11 for count in rejected.values()), rejected
