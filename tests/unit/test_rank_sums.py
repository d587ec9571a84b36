"""Sums of ranks in parts of a row, against scipy's ranks of each part by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from inference_studies import Floats
from scipy import stats

from eventstudy.inference import _ranking_sums
from eventstudy.inference._ranking_sums import BESIDE, WIDTH, RankAdder

rng = np.random.default_rng(0)


def rows_of(n: int, *widths: int) -> list[Floats]:
    return [rng.standard_t(3, (n, width)) for width in widths]


def assert_summed(adder: RankAdder, e: Floats, first: Floats, second: Floats) -> None:
    """What was added are these rows, ranked each by itself."""
    found = adder.found
    ranks = stats.rankdata(np.hstack([e, first]), axis=1)
    middle = (ranks.shape[1] + 1) / 2
    assert found.n == len(e)
    assert found.alone.tolist() == stats.rankdata(e, axis=1).sum(axis=0).tolist()
    assert found.first.tolist() == ranks.sum(axis=0).tolist()
    assert found.signs.tolist() == np.sign(ranks - middle).sum(axis=0).tolist()
    beside = stats.rankdata(np.hstack([e, second]), axis=1)
    assert found.second.tolist() == beside.sum(axis=0).tolist()


@pytest.mark.parametrize(
    "widths", [(250, 21, 21), (60, 7, 7), (61, 7, 7), (5, 1, 3), (1, 0, 0), (448, 31, 32)]
)
def test_each_part_has_the_ranks_that_it_has_by_itself(widths: tuple[int, int, int]) -> None:
    parts = rows_of(150, *widths)
    adder = RankAdder(64, *widths)
    for start in range(0, 150, 64):  # the last tile is not full
        assert not adder.add(*(part[start : start + 64] for part in parts)).size
    assert_summed(adder, *parts)


def test_a_group_far_above_or_below_the_days_moves_the_median_as_far_as_it_can() -> None:
    for one in (-9.0, 9.0):
        e, first, second = rows_of(40, 30, 6, 6)
        adder = RankAdder(40, 30, 6, 6)
        adder.add(e, first + one, second - one)
        adder.add(e, first, second + one)
        assert_summed(
            adder, np.vstack([e, e]), np.vstack([first + one, first]),
            np.vstack([second - one, second + one]),
        )  # fmt: skip


@given(arrays(np.int64, (4, 12), elements=st.integers(-6, 6)))
@settings(max_examples=50)
def test_rows_with_values_that_tie_are_left_out(x: np.ndarray[tuple[int, int], Any]) -> None:
    parts = [part / 7.0 for part in (x[:, :6], x[:, 6:9], x[:, 9:])]
    adder = RankAdder(4, 6, 3, 3)
    near = adder.add(*parts)
    tied = [len(set(row)) < 12 for row in x.tolist()]
    assert near.tolist() == np.flatnonzero(tied).tolist()
    assert_summed(adder, *(np.delete(part, near, axis=0) for part in parts))


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e20])
def test_values_that_the_places_hide_are_left_out(scale: float) -> None:
    e, first, second = rows_of(20, 40, 5, 5)
    first[3, 2] = e[3, 7] * (1.0 + 1e-15)
    second[11, 0] = first[11, 0] * (1.0 - 1e-14)
    adder = RankAdder(20, 40, 5, 5)
    assert adder.add(e * scale, first * scale, second * scale).tolist() == [3, 11]
    rest = np.delete(np.arange(20), [3, 11])
    assert_summed(adder, e[rest], first[rest], second[rest])


def test_the_rows_are_left_as_they_are() -> None:
    parts = rows_of(5, 20, 3, 3)
    before = [part.copy() for part in parts]
    RankAdder(5, 20, 3, 3).add(*parts)
    for part, was in zip(parts, before, strict=True):
        np.testing.assert_array_equal(part, was)


def test_sums_of_a_full_tile_do_not_overflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ranking_sums, "TILE", 1 << 17)
    widths = WIDTH - BESIDE, 31, 32
    adder = RankAdder(10_000, *widths)
    # the same order in every row: the largest sums that there are
    values = np.tile(np.arange(float(WIDTH)), (adder.rows, 1))
    e, first, second = np.split(values, np.cumsum(widths[:2]), axis=1)
    adder.add(e, first, second)
    assert adder.rows * WIDTH > 1 << 16
    assert_summed(adder, e, first, second)


def test_what_does_not_fit() -> None:
    assert RankAdder.fits(250, 21, 21)
    assert not RankAdder.fits(WIDTH, 1, 0)
    assert not RankAdder.fits(100, 32, 32)
    assert not RankAdder.fits(0, 3, 3)
