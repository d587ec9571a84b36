"""Ranks by one sort of packed values: against scipy, and where packing could go wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from inference_studies import Floats
from scipy import stats

from eventstudy.inference import _packed_keys, _rank_tiles
from eventstudy.inference._ranking import Room, balances, balances_within
from eventstudy.inference._sample import skewnesses
from eventstudy.inference._small_sums import column_sums, running
from eventstudy.inference.ranks import centred_ranks, median_signs, signs_about_median

rng = np.random.default_rng(0)


def by_scipy(x: Floats) -> Floats:
    """2r − (T+1) from scipy's mean ranks, zero where missing."""
    count = np.isfinite(x).sum(axis=1, keepdims=True)
    ranks = stats.rankdata(x, axis=1, nan_policy="omit")
    return np.asarray(np.nan_to_num(2.0 * ranks - (count + 1.0)))


def one_by_one(row: Floats) -> Floats:
    """Balances of a row by the definition: neighbours in order that differ by rounding are tied."""
    there = np.flatnonzero(~np.isnan(row))
    order = there[np.argsort(row[there], kind="stable")]
    value = row[order]
    group = np.zeros(len(order), dtype=int)
    for k in range(1, len(order)):
        tied = value[k] - value[k - 1] <= _packed_keys.SAME * abs(value[k])
        group[k] = group[k - 1] + (not tied)
    found = np.zeros(len(row))
    found[order] = [(group < g).sum() - (group > g).sum() for g in group]
    return found


def holed(x: Floats, share: float = 0.1) -> Floats:
    return np.where(rng.random(x.shape) < share, np.nan, x)


# ── the same as scipy ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("width", [1, 2, 3, 31, 271, 700])
@pytest.mark.parametrize("gaps", [False, True])
def test_same_as_scipy(width: int, gaps: bool) -> None:
    x = rng.normal(size=(300, width)) * 10.0 ** rng.integers(-9, 4, (300, 1))
    x[::3] = np.round(x[::3], 1)  # ties
    if gaps:
        x = holed(x)
        x[7] = np.nan
    np.testing.assert_array_equal(balances(x).values, by_scipy(x))


@settings(deadline=None)
@given(arrays(float, (4, 9), elements=st.sampled_from([-2.5, -1.0, -0.0, 0.0, 1e-3, 7.0, np.nan])))
def test_few_values_many_ties(x: Floats) -> None:
    np.testing.assert_array_equal(balances(x).values, by_scipy(x))


@settings(deadline=None)
@given(
    arrays(float, (3, 12), elements=st.floats(-1e3, 1e3, allow_subnormal=True)),
    arrays(float, (3, 12), elements=st.sampled_from([0.0, 3e-14, -7e-14, 1.5e-13, np.nan])),
    st.integers(0, 11),
)
def test_values_that_nearly_tie(x: Floats, by: Floats, column: int) -> None:
    x = x[:, [column]] * (1.0 + by)
    expected = np.array([one_by_one(row) for row in x])
    np.testing.assert_array_equal(balances(x).values, expected)


@settings(deadline=None)
@given(arrays(float, (2, 30), elements=st.floats(allow_infinity=False, allow_nan=True)))
def test_any_numbers_at_all(x: Floats) -> None:
    with np.errstate(over="ignore"):
        expected = np.array([one_by_one(row) for row in x])
        np.testing.assert_array_equal(balances(x).values, expected)


def test_zeros_of_either_sign_are_the_same() -> None:
    x = np.array([[0.0, -0.0, 1.0, -1.0], [-0.0, 5e-324, 0.0, -5e-324]])
    np.testing.assert_array_equal(balances(x).values, [[0, 0, 3, -3], [0, 3, 0, -3]])


def test_infinite_values_are_the_ends() -> None:
    x = np.array([[3.0, -np.inf, 1.0, np.inf]])
    np.testing.assert_array_equal(balances(x).values, [[1, -3, -1, 3]])


def test_infinite_values_leave_the_other_rows_alone() -> None:
    x = holed(rng.normal(size=(20, 30)), 0.05)
    before = balances(x).values
    x[5, 3], x[5, 9], x[11, 4], x[11, 5], x[19, 0] = np.inf, -np.inf, -np.inf, np.nan, -np.inf
    found = balances(x).values
    changed = [5, 11, 19]
    np.testing.assert_array_equal(np.delete(found, changed, 0), np.delete(before, changed, 0))
    np.testing.assert_array_equal(found[changed], by_scipy(np.clip(x[changed], -99, 99)))


def test_missing_values_of_either_sign_are_missing() -> None:
    x = np.array([[2.0, np.nan, 1.0], [2.0, -np.nan, 1.0]])
    found = balances(x)
    np.testing.assert_array_equal(found.values, [[1, 0, -1], [1, 0, -1]])
    np.testing.assert_array_equal(found.holes, [1, 4])
    np.testing.assert_array_equal(found.count, [2, 2])
    np.testing.assert_array_equal(found.there, [2.0, 0.0, 2.0])


# ── keys of four bytes ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("step", [1e-4, 1e-5, 1e-6, 1e-7, 1e-12])
@pytest.mark.parametrize("many", [2, 3, 4, 200])
def test_values_that_share_a_key(step: float, many: int) -> None:
    x = rng.normal(size=(200, 271))
    x[:, :many] = x[:, [0]] * (
        1.0 + step * rng.permuted(np.tile(np.arange(many), (200, 1)), axis=1)
    )
    x = rng.permuted(x, axis=1)
    np.testing.assert_array_equal(balances(x).values, by_scipy(x))


@pytest.mark.parametrize("edge", [1.0, -1.0, 0.25, -8.0])
def test_values_that_are_the_same_on_both_sides_of_a_key(edge: float) -> None:
    x = rng.normal(size=(40, 271))
    edge *= 1.0 - 2.0**-25  # here rounding to four bytes goes up or down
    for row in range(40):
        x[row, rng.permutation(271)[:3]] = edge * np.array([1.0, 1.0 - 3e-14, 1.0 + 3e-14])
    np.testing.assert_array_equal(balances(x).values, np.array([one_by_one(row) for row in x]))
    assert balances(x).near.size == 40


@pytest.mark.parametrize("width", [_packed_keys.NARROW, _packed_keys.NARROW + 1])
def test_rows_too_wide_for_keys_of_four_bytes(width: int) -> None:
    x = holed(rng.normal(size=(70, width)), 0.01)
    x[3] = np.round(x[3], 2)
    np.testing.assert_array_equal(balances(x).values, by_scipy(x))


@settings(deadline=None)
@given(
    arrays(float, (3, 12), elements=st.sampled_from([1.0, -1.0, 1e-30, -1e-50, 0.0, -0.0, 5e-324])),
    arrays(float, (3, 12), elements=st.sampled_from([1.0, 1e38, 1.7e38, 3.40282e38, 1e39, np.nan])),
)
def test_values_that_four_bytes_cannot_hold(x: Floats, by: Floats) -> None:
    x = x * by
    np.testing.assert_array_equal(balances(x).values, np.array([one_by_one(row) for row in x]))


# ── what may not matter ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("tile", [1, 100, 1 << 12])
def test_rows_in_tiles_of_any_size(tile: int, monkeypatch: pytest.MonkeyPatch) -> None:
    x = holed(rng.normal(size=(50, 40)), 0.02)
    x[3, :5], x[4] = x[3, 5], 0.0
    whole = balances(x)
    monkeypatch.setattr(_rank_tiles, "TILE", tile)
    parts = balances(x)
    for name in ("values", "count", "holes", "near"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))


def test_parts_stand_beside_each_other() -> None:
    x = holed(rng.normal(size=(80, 33)))
    x[5, 3:9] = x[5, 20]
    one, two = balances(x), balances(x[:, :20], x[:, 20:])
    np.testing.assert_array_equal(one.values, two.values)
    np.testing.assert_array_equal(one.holes, two.holes)


def test_no_row_and_wide_rows() -> None:
    assert balances(np.empty((0, 7))).values.shape == (0, 7)
    wide = rng.normal(size=(2, 40_000))
    found = balances(wide)
    assert found.values.dtype == np.int32
    np.testing.assert_array_equal(found.values, by_scipy(wide))


def test_the_values_are_left_as_they_are() -> None:
    x = holed(rng.normal(size=(30, 20)))
    before = x.copy()
    balances(x)
    np.testing.assert_array_equal(x, before)


# ── several rankings by one sort ─────────────────────────────────────────────────────────
@pytest.mark.parametrize("others", [0, 1, 21, 300])
@pytest.mark.parametrize("gaps", [0.0, 0.05])
@pytest.mark.parametrize("tile", [1, 999, 1 << 16])
def test_the_first_by_themselves(
    others: int, gaps: float, tile: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_rank_tiles, "TILE", tile)
    x, y = holed(rng.normal(size=(60, 50)), gaps), holed(rng.normal(size=(60, others)), gaps)
    x[3, :4], x[5] = x[3, 9], 0.0  # ties
    y[7], y[8] = x[7, :1], np.nan
    both, own = balances_within(x, y)
    for found, alone in ((both, balances(x, y)), (own, balances(x))):
        np.testing.assert_array_equal(found.values, alone.values)
        np.testing.assert_array_equal(found.count, alone.count)
        np.testing.assert_array_equal(found.holes, alone.holes)


def test_a_room_serves_rows_of_any_number_and_width() -> None:
    room = Room()
    for n, width in ((30, 9), (4, 9), (70, 9), (70, 2), (0, 5), (3, 5)):
        x = rng.normal(size=(n, width))
        np.testing.assert_array_equal(balances(x, room=room).values, balances(x).values)
        first = width // 2
        both, own = balances_within(x[:, :first], x[:, first:], room=room)
        np.testing.assert_array_equal(both.values, balances(x).values)
        np.testing.assert_array_equal(own.values, balances(x[:, :first]).values)


def test_a_room_serves_more_rows_than_are_sorted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_rank_tiles, "TILE", 100)
    room = Room()
    for n in (30, 12, 50):
        x = holed(rng.normal(size=(n, 9)))
        found = balances(x, room=room)
        np.testing.assert_array_equal(found.values, by_scipy(x))
        np.testing.assert_array_equal(found.count, np.isfinite(x).sum(axis=1))


@given(arrays(np.uint8, (3, 24), elements=st.integers(0, 10)))
def test_running_sums(x: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> None:
    np.testing.assert_array_equal(running(x), np.cumsum(x, axis=1))


def test_sums_of_small_numbers_do_not_overflow() -> None:
    x = np.full((1000, 3), -127, dtype=np.int8)
    np.testing.assert_array_equal(column_sums(x, 127), [-127_000] * 3)
    assert column_sums(x[:0], 1).tolist() == [0, 0, 0]


@pytest.mark.parametrize("shift", [0.0, 1e-3, 0.05, 5.0])
@pytest.mark.parametrize("gaps", [0.0, 0.1])
def test_skewness_of_rows_near_zero_and_far_from_it(shift: float, gaps: float) -> None:
    x = holed(rng.exponential(size=(40, 60)) - 1.0 + shift, gaps)
    holes = np.flatnonzero(np.isnan(x))
    found = skewnesses(np.nan_to_num(x), holes, np.isfinite(x).sum(axis=1))
    np.testing.assert_allclose(found, stats.skew(x, axis=1, nan_policy="omit"), rtol=1e-12)


# ── what is made of them ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("gaps", [False, True])
def test_sums_over_the_rows(gaps: bool) -> None:
    x = rng.normal(size=(64, 25))
    x = holed(x) if gaps else x
    found, count = balances(x), np.isfinite(x).sum(axis=1)
    expected = np.nansum(centred_ranks(x), axis=0)
    np.testing.assert_allclose(found.weighted(1.0), expected, atol=1e-13)
    own = rng.normal(size=64)
    np.testing.assert_allclose(found.sums(own), own @ np.isfinite(x), atol=1e-12)
    np.testing.assert_array_equal(found.count, count)


@settings(deadline=None)
@given(arrays(float, (3, 8), elements=st.sampled_from([-1.0, 0.0, 0.1 + 0.2, 0.3, 2.0, np.nan])))
def test_signs_about_the_median_from_balances(x: Floats) -> None:
    expected = np.nan_to_num(median_signs(x))
    np.testing.assert_array_equal(signs_about_median(x, balances(x)), expected)


@pytest.mark.parametrize("middle", [[1.0, 1.0 + 1.5e-13], [0.0, 5e-324], [-1.0 - 1.5e-13, -1.0]])
def test_signs_where_the_middle_values_nearly_tie(middle: list[float]) -> None:
    x = np.array([[-5.0, *middle, 7.0], [3.0, middle[0], -2.0, middle[1]]])
    np.testing.assert_array_equal(signs_about_median(x, balances(x)), median_signs(x))
    assert balances(x).values[0].tolist() == [-3, -1, 1, 3]


def test_rows_with_infinite_values_are_near() -> None:
    x = np.array([[-np.inf, 1.0, 2.0], [1.0, 2.0, np.inf], [1.0, 2.0, 3.0]])
    assert balances(x).near.tolist() == [0, 1]


@pytest.mark.parametrize("width", [4, 5, 271])
def test_signs_of_rows_without_ties(width: int) -> None:
    x = holed(rng.normal(size=(200, width)))
    np.testing.assert_array_equal(
        signs_about_median(x, balances(x)), np.nan_to_num(median_signs(x))
    )
