"""Families of tests: p-values against statsmodels, step-down against a plain loop, tables."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from inference_studies import measure, world

import eventstudy as es
from eventstudy import engine, errors, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Inputs, Placement, Windows
from eventstudy.inference._resampling import generator
from eventstudy.inference.multiple import CORRECTIONS
from eventstudy.models import MarketModel
from eventstudy.windows import Window

NAN = math.nan
Floats = npt.NDArray[np.float64]
ADJUST: dict[str, Callable[[npt.ArrayLike], Floats]] = {
    "bonferroni": inference.bonferroni,
    "holm": inference.holm,
    "bh": inference.bh,
    "by": inference.by,
}
THEIRS = {"bonferroni": "bonferroni", "holm": "holm", "bh": "fdr_bh", "by": "fdr_by"}


def families() -> list[Floats]:
    rng = np.random.default_rng(0)
    some = [rng.random(m) ** power for m in (1, 2, 7, 40) for power in (1, 4)]
    return [*some, np.array([0.02, 0.02, 0.5, 0.02, 1.0, 0.0]), np.ones(3)]


# ── p-values alone ───────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("p", families(), ids=len)
@pytest.mark.parametrize("name", ADJUST)
def test_same_as_statsmodels(name: str, p: Floats) -> None:
    from statsmodels.stats.multitest import multipletests

    want = multipletests(p, method=THEIRS[name])[1]
    np.testing.assert_allclose(ADJUST[name](p), want, rtol=1e-12)


@pytest.mark.parametrize("name", ADJUST)
def test_what_is_not_known_is_no_part_of_the_family(name: str) -> None:
    p = [0.03, NAN, 0.2, 0.001, NAN]
    found = ADJUST[name](p)
    assert np.isnan(found[[1, 4]]).all()
    np.testing.assert_array_equal(found[[0, 2, 3]], ADJUST[name]([0.03, 0.2, 0.001]))
    assert np.isnan(ADJUST[name]([NAN, NAN])).all()
    assert len(ADJUST[name]([])) == 0


@pytest.mark.parametrize("name", ADJUST)
def test_any_shape_and_no_change_of_the_input(name: str) -> None:
    p = np.array([[0.03, NAN], [0.2, 0.001]])
    kept = p.copy()
    found = ADJUST[name](p)
    np.testing.assert_array_equal(found.ravel(), ADJUST[name](p.ravel()))
    np.testing.assert_array_equal(p, kept)
    table = ADJUST[name](pd.DataFrame(p))
    np.testing.assert_array_equal(table, found)
    np.testing.assert_array_equal(ADJUST[name](pd.Series(p.ravel())), found.ravel())


@pytest.mark.parametrize("p", families(), ids=len)
def test_order_of_the_corrections(p: Floats) -> None:
    """G.40."""
    bonferroni, holm, bh, by = (adjust(p) for adjust in ADJUST.values())
    assert (holm >= p).all()
    assert (holm <= bonferroni).all()
    assert (bh <= holm).all()
    assert (by >= bh).all()
    if len(p) == 1:
        assert bonferroni == holm == bh == by == p


@pytest.mark.parametrize("name", ADJUST)
@pytest.mark.parametrize("bad", [-0.1, 1.5, math.inf])
def test_what_is_no_p_value_is_refused(name: str, bad: float) -> None:
    with pytest.raises(errors.OptionError) as caught:
        ADJUST[name]([0.1, bad])
    said = f"`pvalues` holds {bad}, but a p-value lies between 0 and 1; give p-values."
    assert str(caught.value) == said


# ── joint draws ──────────────────────────────────────────────────────────────────────────
def step_down(t: list[float], draws: list[list[float]], side: str) -> list[float]:
    """Romano and Wolf, hypothesis by hypothesis."""

    def size(v: float) -> float:
        return abs(v) if side == "two-sided" else -v if side == "less" else v

    left = [k for k in range(len(t)) if math.isfinite(t[k])]
    adjusted, last = [NAN] * len(t), 0.0
    while left:
        k = max(left, key=lambda j: size(t[j]))
        count = sum(1 for row in draws if max(size(row[j]) for j in left) >= size(t[k]))
        last = max(last, (1 + count) / (1 + len(draws)))
        adjusted[k] = last
        left.remove(k)
    return adjusted


@pytest.mark.parametrize("side", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("seed", range(5))
def test_romano_wolf_same_as_a_plain_loop(seed: int, side: str) -> None:
    rng = np.random.default_rng(seed)
    draws = rng.standard_normal((200, 6)) + rng.standard_normal((200, 1))
    t = rng.standard_normal(6) * 2
    t[seed % 6] = NAN
    found = inference.romano_wolf(t, draws, alternative=side)
    np.testing.assert_allclose(found, step_down(t.tolist(), draws.tolist(), side), rtol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_romano_wolf_between_the_raw_and_bonferroni(seed: int) -> None:
    """G.40, Bonferroni on the same draws: how often each |T*_j| alone reaches |T_k|, summed."""
    rng = np.random.default_rng(seed)
    draws = rng.standard_normal((499, 5)) + rng.standard_normal((499, 1))
    t = np.array([3.0, 2.0, -1.5, 0.5, 0.1])
    raw = (1 + (np.abs(draws) >= np.abs(t)).sum(axis=0)) / 500
    found = inference.romano_wolf(t, draws)
    assert (found >= raw).all()
    counts = (np.abs(draws)[:, :, None] >= np.abs(t)).sum(axis=(0, 1))
    assert (found <= (1 + counts) / 500).all()
    assert (np.diff(found) >= 0).all()  # |t| descends
    np.testing.assert_array_equal(inference.romano_wolf(t[:1], draws[:, :1]), raw[:1])


def test_a_draw_without_a_value_counts_against() -> None:
    draws = np.zeros((9, 2))
    draws[:3, 1] = NAN
    np.testing.assert_allclose(inference.romano_wolf([1.0, 2.0], draws), [0.4, 0.4])
    assert np.isnan(inference.romano_wolf([NAN], np.zeros((3, 1)))).all()


@pytest.mark.parametrize(("t", "draws"), [
    ((3,), (9, 2)), ((3,), (3,)), ((2, 2), (9, 2)), ((2,), (0, 2)),
])  # fmt: skip
def test_draws_of_another_shape_are_refused(t: tuple[int, ...], draws: tuple[int, ...]) -> None:
    with pytest.raises(errors.OptionError) as caught:
        inference.romano_wolf(np.zeros(t), np.zeros(draws))
    assert str(caught.value) == (
        f"`draws` has the shape {draws} for statistics of the shape {t}; give one row a draw, "
        f"with one column for each statistic."
    )


# ── the windows of a study ───────────────────────────────────────────────────────────────
@cache
def study(
    rows: tuple[int, ...] = (150,), effect: float = 0.0, gaps: float = 0.0, firms: int = 5
) -> Abnormal:
    panel, market = world(firms, 500, gaps=gaps, seed=2)
    panel[:, rows] += effect
    placement = Placement(
        np.tile(np.arange(firms), len(rows)),
        np.repeat(rows, firms),
        np.arange(firms * len(rows)),
    )
    windows = Windows(Window(-60, -6), Window(-4, 4))
    inputs = Inputs(panel, market[:, None], ("market",))
    return engine.run(MarketModel(), inputs, placement, windows).abnormal


FAMILY = [(0, 0), (-1, 1), (2, 4)]


def test_windows_of_one_date_are_the_portfolio_t() -> None:
    made = study(effect=0.03)
    for found, window in zip(inference.romano_wolf_windows(made, FAMILY), FAMILY, strict=True):
        plain = inference.portfolio_t(made, window)
        assert (found.name, found.law, found.window) == ("romano_wolf", "bootstrap", plain.window)
        np.testing.assert_allclose(
            [found.statistic, found.estimate, found.se],
            [plain.statistic, plain.estimate, plain.se],
            rtol=1e-10,
        )


def test_draws_of_one_date_are_joint() -> None:
    """One regression a draw serves all windows; here it is run by hand."""
    made = study(effect=0.03)
    found = inference.romano_wolf_windows(made, FAMILY, draws=99, rng=3)
    before, during = made.paths.design_rows(made.path[:1])  # type: ignore[attr-defined]  # linear paths
    x, event, a = before[0], during[0][3:], made.residuals.mean(axis=0)
    draws = []
    for index in generator(3).integers(0, 55, (99, 55 + 6)):
        theta = np.linalg.lstsq(x, a[index[:55]], rcond=None)[0]
        e, ar = a[index[:55]] - x @ theta, a[index[55:]] - event @ theta
        row = []
        for first, last in FAMILY:
            days = slice(first + 1, last + 2)
            q = made.q((first, last))[0]
            row.append(ar[days].sum() / math.sqrt(e @ e / 53 * q))
        draws.append(row)
    want = step_down([s.statistic for s in found], draws, "two-sided")
    assert [s.pvalue for s in found] == want


@pytest.mark.parametrize("effect", [0.01, 0.02, 0.03])
def test_blocks_are_those_of_the_residual_bootstrap(effect: float) -> None:
    made, options = study(effect=effect), {"block": 3, "draws": 499, "rng": 3}
    (found,) = inference.romano_wolf_windows(made, [(-1, 1)], **options)  # type: ignore[arg-type]  # mixed options
    alone = inference.boot_residual(made, (-1, 1), **options)  # type: ignore[arg-type]  # mixed options
    assert found.pvalue == alone.pvalue
    single = inference.boot_residual(made, (-1, 1), draws=499, rng=3)
    assert alone.pvalue != single.pvalue


def test_windows_of_several_dates_are_the_dates_t() -> None:
    made = study((100, 170, 240, 310, 380, 450), effect=0.03)
    found = inference.romano_wolf_windows(made, FAMILY, draws=199, rng=3)
    for one, window in zip(found, FAMILY, strict=True):
        plain = inference.dates_csect(made, window)
        assert (one.law, one.n, one.n_dates) == ("randomisation", plain.n, 6)
        np.testing.assert_allclose(
            [one.statistic, one.estimate, one.se], [plain.statistic, plain.estimate, plain.se]
        )
    p = np.array([[made.car(w)[5 * d : 5 * d + 5].mean() for w in FAMILY] for d in range(6)])
    draws = []
    for bits in generator(3).integers(0, 2, (199, 6)):
        flipped = p * np.where(bits, 1.0, -1.0)[:, None]
        draws.append(flipped.mean(axis=0) / flipped.std(axis=0, ddof=1) * math.sqrt(6))
    want = step_down([s.statistic for s in found], np.array(draws).tolist(), "two-sided")
    np.testing.assert_allclose([s.pvalue for s in found], want)


@pytest.mark.parametrize("rows", [(150,), (100, 170, 240, 310, 380, 450)])
def test_the_same_answer_for_any_batch(rows: tuple[int, ...]) -> None:
    """G.43."""
    found = [
        inference.romano_wolf_windows(study(rows), FAMILY, draws=150, rng=2, batch=batch)
        for batch in (None, 1, 7, 149)
    ]
    assert all(repr(other) == repr(found[0]) for other in found)


def test_a_family_of_one_is_the_bootstrap() -> None:
    made = study(effect=0.02)
    (found,) = inference.romano_wolf_windows(made, [(0, 0)], draws=299, rng=4)
    plain = inference.boot_residual(made, (0, 0), draws=299, rng=4)
    assert found.pvalue == plain.pvalue
    assert inference.romano_wolf_windows(made, []) == ()


def test_days_of_the_event_window() -> None:
    found = inference.romano_wolf_windows(study(effect=0.1), [-1, 0, 1], draws=199)
    assert [s.window for s in found] == ["[-1,-1]", "[0,0]", "[+1,+1]"]
    assert [s.pvalue < 0.05 for s in found] == [False, True, False]


def test_one_set_of_events_for_all_windows() -> None:
    made = study(gaps=0.01, firms=8)
    lost = ~np.isfinite([made.car(w) for w in FAMILY]).all(axis=0)
    assert lost.any()
    found = inference.romano_wolf_windows(made, FAMILY, draws=99)
    assert len({s.n for s in found}) == 1
    assert found[0].n < 8
    assert found[0].note.startswith(f"{found[0].n} of {8 - lost.sum()} events are complete")


def test_why_a_family_has_no_draws() -> None:
    close = study((150, 152))
    gone = study().take(np.zeros(0, dtype=int))
    plain = measure(*world(3), [0, 1, 2], [150] * 3)
    notes = {
        "the windows of all dates overlap: there are no dates to compare": close,
        "no event has a return on the days of this window": gone,
        "the model keeps no design to draw new residuals on": plain,
    }
    for note, abnormal in notes.items():
        for found in inference.romano_wolf_windows(abnormal, FAMILY):
            assert found.note == note
            assert math.isnan(found.pvalue)
            assert found.law == ("randomisation" if abnormal is close else "bootstrap")
    few = inference.romano_wolf_windows(study((100, 170, 240)), FAMILY, draws=99)
    assert few[0].note.startswith("with 3 dates no p-value is below 0.25")
    assert min(s.pvalue for s in few) > 0.05


def test_dates_without_spread_leave_their_window_out() -> None:
    made = study((100, 170, 240, 310, 380, 450))
    made.abnormal[:, 4] = 0.01
    some, rest = inference.romano_wolf_windows(made, [(0, 0), (1, 1)], draws=99)
    study.cache_clear()
    assert some.note == "the standard error is zero"
    assert math.isnan(some.pvalue)
    assert 0 < rest.pvalue <= 1


# ── the table of a result ────────────────────────────────────────────────────────────────
@cache
def result() -> es.Result:
    days = pd.bdate_range("2024-01-01", periods=300)
    returns = pd.DataFrame(
        np.random.default_rng(0).normal(0, 0.01, (300, 4)), days, ["AAA", "BBB", "CCC", "SPY"]
    )
    events = es.events_on(days[260], ["AAA", "BBB", "CCC"])
    return es.EventStudy().run(events, es.Panel.from_returns(returns, market="SPY"))


@pytest.mark.parametrize("correct", CORRECTIONS)
def test_windows_of_a_test_are_a_family(correct: str) -> None:
    asked: dict[str, Any] = {"names": ["adj_bmp", "portfolio_t", "dates_csect"]}
    windows = [(0, 0), (-1, 1), (-10, 10), (3, 5)]
    plain = result().tests(*windows, **asked)
    table = result().tests(*windows, **asked, correct=correct)
    columns = list(plain.columns)
    place = columns.index("pvalue") + 1
    assert list(table.columns) == [*columns[:place], "pvalue_adjusted", *columns[place:]]
    pd.testing.assert_frame_equal(table[columns], plain)
    for test, rows in table.groupby("test"):
        np.testing.assert_array_equal(rows["pvalue_adjusted"], ADJUST[correct](rows["pvalue"]))
        assert rows["pvalue_adjusted"].isna().all() == (test == "dates_csect")


def test_a_table_without_rows_has_the_column() -> None:
    table = result().tests((0, 0), names=[], correct="holm")
    assert list(table["pvalue_adjusted"]) == []


def test_unknown_correction_is_refused() -> None:
    with pytest.raises(errors.OptionError) as caught:
        result().tests((0, 0), names=["bmp"], correct="hommel")
    assert str(caught.value) == (
        "correct='hommel' is not known; choose one of 'bonferroni', 'holm', 'bh', 'by'. "
        "Did you mean 'holm'?"
    )
