"""The fast path of the engine: the same numbers in whatever order, chunks, types and threads."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

import eventstudy as es
from eventstudy import engine, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Block, Fit, FloatArray, Inputs, Placement, Windows
from eventstudy.engine.gathering import Cutter, Sorted, gather, windows_of
from eventstudy.roots import Roots, squares
from eventstudy.windows import Window

S, T = 90, 300
WINDOWS = Windows(Window(-80, -11), Window(-5, 5))
KEEP = (Window(-1, 1), Window(-5, 5))
ARRAYS = ("abnormal", "sigma", "dof", "n_obs", "params", "r2")


@dataclass(frozen=True)
class World:
    returns: FloatArray
    factors: FloatArray
    placement: Placement

    def run(self, **how: Any) -> engine.Outcome:
        model = how.pop("model", es.FactorModel(("f", "g")))
        inputs = how.pop("inputs", Inputs(self.returns, self.factors, ("f", "g")))
        return engine.run(model, inputs, how.pop("placement", self.placement), WINDOWS, **how)


def world(holes: float = 0.0, events: int = 400, seed: int = 0) -> World:
    """Two crowded dates (one of them complete), the others with a few events each."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(0, 0.01, (T, 2))
    returns = rng.normal(0, 0.02, (S, T)) + rng.normal(1, 0.3, (S, 2)) @ factors.T
    returns[rng.random((S, T)) < holes] = np.nan
    firm, row = rng.integers(0, S, events), rng.integers(75, T, events)
    firm = np.concatenate([firm, np.arange(S), rng.permutation(S)[:70], [3, 3]])
    row = np.concatenate([row, np.full(S, 150), np.full(72, 160)])
    mixed = rng.permutation(len(firm))
    row = np.minimum(row, T - 6)
    return World(returns, factors, Placement(firm[mixed], row[mixed], np.arange(len(firm))))


def same(one: engine.Outcome, two: engine.Outcome, tolerance: float = 0.0) -> None:
    """Equal in everything that an event has, its forecast errors included."""
    assert one.reason.tolist() == two.reason.tolist()
    kept = one.reason == 0
    a, b = one.abnormal, two.abnormal
    pairs = [(getattr(a, name), getattr(b, name)) for name in ARRAYS]
    pairs += [(a.car(w), b.car(w)) for w in KEEP] + [(a.q(w), b.q(w)) for w in KEEP]
    for x, y in pairs:
        np.testing.assert_allclose(x[kept], y[kept], rtol=tolerance, atol=tolerance)


# ── sums in the place of days ────────────────────────────────────────────────────────────
@pytest.mark.parametrize("holes", [0.0, 0.03])
@pytest.mark.parametrize("missing", ["drop", "skip", "zero"])
def test_kept_sums_are_those_of_the_days(holes: float, missing: str) -> None:
    studied = world(holes)
    whole, sums = studied.run(missing=missing), studied.run(missing=missing, keep=KEEP)
    assert whole.reason.tolist() == sums.reason.tolist()
    for window in KEEP:
        for ask in (Abnormal.car, Abnormal.scar, Abnormal.q, Abnormal.counts):
            np.testing.assert_allclose(
                ask(whole.abnormal, window), ask(sums.abnormal, window), rtol=1e-14
            )
    assert "made" not in vars(sums.abnormal)  # none of this needed a day


@pytest.mark.parametrize("keep", [None, KEEP])
def test_a_forecast_error_is_of_the_days_that_are_there(keep: tuple[Window, ...] | None) -> None:
    studied = world(0.05)
    drop, skip, zero = (
        studied.run(missing=missing, keep=keep).abnormal for missing in ("drop", "skip", "zero")
    )
    some = skip.counts((-5, 5)) < 11
    assert 0 < some.sum() < len(some)
    for window in KEEP:
        np.testing.assert_array_equal(skip.q(window), zero.q(window))
    assert (zero.q((-5, 5)) < drop.q((-5, 5))).tolist() == some.tolist()


@pytest.mark.parametrize("missing", ["drop", "skip", "zero"])
@pytest.mark.parametrize("keep", [KEEP[:1], (Window(3, 3),), (Window(-5, -4), Window(0, 1))])
def test_days_that_are_not_kept_count_as_event_days(keep: tuple[Window, ...], missing: str) -> None:
    studied = world(0.02)
    returns, factors, at = studied.returns.copy(), studied.factors.copy(), studied.placement
    for i, days in enumerate([range(-1, 2), range(3, 4), range(-5, 2), range(-5, 6)] * 3):
        returns[at.firm[i], at.row[i] + np.array(days)] = np.nan
    factors[at.row[20] - 5 : at.row[20] + 6] = np.nan
    studied = replace(studied, returns=returns, factors=factors)
    whole, sums = studied.run(missing=missing), studied.run(missing=missing, keep=keep)
    assert whole.reason.tolist() == sums.reason.tolist()
    assert len(set(whole.reason.tolist())) > 2
    kept = whole.reason == 0
    for window in keep:
        one, two = (found.abnormal.car(window)[kept] for found in (whole, sums))
        np.testing.assert_allclose(two, one, rtol=1e-13, atol=1e-16)
        assert (whole.abnormal.counts(window) == sums.abnormal.counts(window))[kept].all()


def test_days_are_made_again_when_they_are_asked_for() -> None:
    studied = world(0.03)
    whole, sums = studied.run().abnormal, studied.run(keep=KEEP[:1]).abnormal
    np.testing.assert_allclose(sums.abnormal, whole.abnormal, atol=1e-15)
    np.testing.assert_allclose(sums.sar, whole.sar, rtol=1e-12)
    for window in ((-1, 1), (-2, 0), (3, 3)):  # kept, and not kept
        np.testing.assert_allclose(sums.car(window), whole.car(window), atol=1e-15)
        np.testing.assert_allclose(sums.bhar(window), whole.bhar(window), atol=1e-15)
        np.testing.assert_allclose(sums.csar(window), whole.csar(window), rtol=1e-12)
        assert sums.counts(window).tolist() == whole.counts(window).tolist()


def test_some_of_the_events_stay_sums() -> None:
    sums = world(0.03).run(keep=KEEP).abnormal
    index = np.array([5, 0, 17, 5])
    for some in (sums.take(index), pickle.loads(pickle.dumps(sums)).take(index)):  # noqa: S301  (our own)
        assert "made" not in vars(some)
        np.testing.assert_array_equal(some.car((-1, 1)), sums.car((-1, 1))[index])
        np.testing.assert_allclose(some.abnormal, sums.abnormal[index], atol=1e-16)


def test_other_fields_leave_the_days_unmade() -> None:
    sums = world().run(keep=KEEP).abnormal
    other = sums.changed(kind="log")
    assert other.kind == "log"
    assert "made" not in vars(other)
    np.testing.assert_array_equal(other.car((-1, 1)), sums.car((-1, 1)))


def test_days_that_are_given_count_before_the_sums() -> None:
    sums = world().run(keep=KEEP).abnormal
    planted = sums.planted(0, 0.02)
    np.testing.assert_allclose(planted.car((-1, 1)), sums.car((-1, 1)) + 0.02, atol=1e-15)
    np.testing.assert_allclose(planted.car((1, 2)), sums.car((1, 2)), atol=1e-15)
    nothing = replace(sums, abnormal=np.zeros_like(sums.abnormal), _memo={})
    assert not nothing.car((-1, 1)).any()


@pytest.mark.parametrize("test", ["csect_t", "adj_bmp", "rank", "portfolio_t", "sign"])
def test_tests_of_sums(test: str) -> None:
    studied = world(0.01)
    kept = studied.run().reason == 0
    ask = inference.resolve(test)
    one = ask(studied.run().abnormal.take(kept), (-1, 1))
    two = ask(studied.run(keep=KEEP).abnormal.take(kept), (-1, 1))
    np.testing.assert_allclose(
        [one.estimate, one.se, one.statistic, one.pvalue],
        [two.estimate, two.se, two.statistic, two.pvalue],
        rtol=1e-10,
    )
    assert one.note == two.note


@dataclass(frozen=True)
class Own:
    """A model with a fit of its own, which the engine hands one block a date."""

    needs: tuple[str, ...] = ("f", "g")

    def fit(self, block: Block) -> Fit:
        return es.FactorModel(self.needs).fit(block)


def test_a_model_that_is_not_linear_keeps_its_days() -> None:
    studied = world(0.01)
    found = studied.run(model=Own(), keep=KEEP, missing="skip").abnormal
    assert found.kept is None
    assert found.missing == "skip"
    np.testing.assert_array_equal(
        found.car(KEEP[0]), studied.run(model=Own(), missing="skip").abnormal.car(KEEP[0])
    )


# ── threads ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("how", [{}, {"keep": KEEP}, {"missing": "skip"}])
def test_workers_give_the_same_bits(how: dict[str, Any]) -> None:
    studied = world(0.02)
    with mock.patch.multiple("eventstudy.engine.dates", DATES=7, GROUP=60):
        one = studied.run(**how)
        for workers in (2, 5):
            two = studied.run(workers=workers, **how)
            same(one, two)
            np.testing.assert_array_equal(one.abnormal.design, two.abnormal.design)
            np.testing.assert_array_equal(one.abnormal.sar, two.abnormal.sar)


def test_an_error_in_a_thread_is_an_error() -> None:
    studied = world()
    with (
        mock.patch.multiple("eventstudy.engine.dates", DATES=7),
        mock.patch("eventstudy.engine.solving.Kernel", side_effect=MemoryError),
        pytest.raises(MemoryError),
    ):
        studied.run(workers=2)


# ── how the panel is stored ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize("holes", [0.0, 0.02])
def test_single_precision_is_only_storage(holes: float) -> None:
    studied = world(holes)
    rough: Any = studied.returns.astype(np.float32)
    found = studied.run(inputs=Inputs(rough, studied.factors, ("f", "g")))
    exact = replace(studied, returns=rough.astype(np.float64)).run()
    same(found, exact)
    same(found, studied.run(), 1e-6)
    assert found.abnormal.residuals.dtype == found.abnormal.actual.dtype == np.float64
    np.testing.assert_array_equal(found.abnormal.residuals, exact.abnormal.residuals)


@pytest.mark.parametrize("model", [es.FactorModel(("f", "g")), Own()])
def test_a_file_is_a_panel(tmp_path: Path, model: Any) -> None:
    studied = world(0.02)
    np.save(tmp_path / "returns.npy", studied.returns)
    mapped = np.load(tmp_path / "returns.npy", mmap_mode="r")
    assert isinstance(mapped, np.memmap)
    found = studied.run(model=model, inputs=Inputs(mapped, studied.factors, ("f", "g")))
    same(found, studied.run(model=model))
    assert not isinstance(found.abnormal.actual, np.memmap)


# ── order, chunks and the borders between the ways ───────────────────────────────────────
@pytest.mark.parametrize("holes", [0.0, 0.02])
def test_the_order_of_the_events_does_not_matter(holes: float) -> None:
    studied = world(holes)
    at, one = studied.placement, studied.run()
    by_date = np.lexsort((at.firm, at.row))
    for order in (by_date, by_date[::-1], np.argsort(at.firm, kind="stable")):
        there = Placement(at.firm[order], at.row[order], at.event[order])
        two = studied.run(placement=there)
        assert two.reason.tolist() == one.reason[order].tolist()
        for name in ARRAYS:
            np.testing.assert_array_equal(
                getattr(two.abnormal, name), getattr(one.abnormal, name)[order]
            )


@pytest.mark.parametrize(
    "sizes",
    [
        {"CROWD": 0.0},
        {"CROWD": 2.0},
        {"CROWD": 70 / S},
        {"CROWD": 73 / S},
        {"TILE": 1},
        {"TILE": 13, "CROWD": 0.0},
        {"PART": 1, "BATCH": 3},
    ],
)
@pytest.mark.parametrize("holes", [0.0, 0.02])
def test_the_way_that_a_date_goes_does_not_matter(sizes: dict[str, Any], holes: float) -> None:
    studied = world(holes)
    one = studied.run()
    with mock.patch.multiple("eventstudy.engine.solving", **sizes):
        same(one, studied.run(), 1e-12)


@pytest.mark.parametrize("firms", ["all", "most", "one twice"])
def test_a_crowded_date_sees_what_its_firms_may_not_use(firms: str) -> None:
    studied, firm = world(), np.arange(S)
    if firms == "most":
        firm = firm[5:]
    elif firms == "one twice":  # as many events as firms, and yet not one each
        firm = np.sort(np.append(firm[1:], 7))
    out = np.zeros((S, T), dtype=bool)
    out[::3, 100:104] = True
    out[6, 149:151] = True  # not in the estimation window
    at = Placement(firm, np.full(len(firm), 150), np.arange(len(firm)))
    inputs = Inputs(studied.returns, studied.factors, ("f", "g"), excluded=out)
    with mock.patch("eventstudy.engine.solving.CROWD", 2.0):
        one = studied.run(placement=at, inputs=inputs)
    two = studied.run(placement=at, inputs=inputs)
    same(one, two, 1e-12)
    assert two.abnormal.n_obs.tolist() == [66.0 if f % 3 == 0 else 70.0 for f in firm]


@pytest.mark.parametrize("part", [1, 7])
def test_parts_know_which_days_are_left_out(part: int) -> None:
    studied = world()
    out = np.random.default_rng(4).random((S, T)) < 0.003
    inputs = Inputs(studied.returns, studied.factors, ("f", "g"), excluded=out)
    one = studied.run(inputs=inputs)
    assert 1 < len(np.unique(one.abnormal.n_obs)) < 10
    with mock.patch("eventstudy.engine.solving.PART", part):
        same(one, studied.run(inputs=inputs), 1e-12)


@pytest.mark.parametrize("how", [{}, {"keep": KEEP}])
def test_many_events_go_to_their_places_at_once(how: dict[str, Any]) -> None:
    studied = world(0.02)
    one = studied.run(**how)
    with mock.patch("eventstudy.engine.dates.LARGE", 0):
        same(one, studied.run(**how))


def test_a_crowded_date_at_the_edge_of_the_data() -> None:
    studied = world()
    firm = np.tile(np.arange(S), 2)
    at = Placement(firm, np.repeat([40, T - 6], S), np.arange(2 * S))  # 40: half an estimation
    found = studied.run(placement=at, min_obs=20)
    alone = [
        studied.run(placement=Placement(at.firm[i], at.row[i], at.event[i]), min_obs=20)
        for i in (slice(0, 1), slice(S, S + 1))
    ]
    assert not found.reason.any()
    assert found.abnormal.n_obs[[0, S]].tolist() == [30.0, 70.0]
    for i, one in zip((0, S), alone, strict=True):
        np.testing.assert_allclose(found.abnormal.abnormal[i], one.abnormal.abnormal[0], atol=1e-15)


def test_one_event_a_date() -> None:
    studied = world()
    rows = np.arange(80, T - 5)
    at = Placement(rows % S, rows, rows - 80)
    found = studied.run(placement=at).abnormal
    x = np.column_stack([np.ones(T), studied.factors])
    for i in (0, 77, len(rows) - 1):
        past = np.arange(rows[i] - 80, rows[i] - 10)
        theta = np.linalg.lstsq(x[past], studied.returns[rows[i] % S, past], rcond=None)[0]
        np.testing.assert_allclose(found.params[i], theta, atol=1e-12)
    assert len(np.unique(found.design)) == len(rows)


@pytest.mark.parametrize("sessions", [T, 20])  # 20: fewer than the windows need
def test_no_event_at_all(sessions: int) -> None:
    none, studied = np.empty(0, dtype=np.int64), world()
    days = slice(0, sessions)
    inputs = Inputs(studied.returns[:, days], studied.factors[days], ("f", "g"))
    found = studied.run(placement=Placement(none, none, none), inputs=inputs)
    assert len(found.abnormal) == 0
    assert found.abnormal.car((0, 0)).shape == found.reason.shape == (0,)
    assert found.abnormal.residuals.shape == (0, 70)
    assert found.abnormal.expected.shape == (0, 11)


def test_dates_with_equally_many_events_stand_together() -> None:
    row, firm = np.array([7, 5, 9, 5, 7, 4]), np.array([1, 2, 0, 1, 0, 3])
    at = Placement(firm, row, np.arange(6))
    found = Sorted.of(at, WINDOWS, by_size=True)
    assert found.rows.tolist() == [4, 9, 5, 7]
    assert found.sizes.tolist() == [1, 1, 2, 2]
    assert found.order.tolist() == [5, 2, 3, 1, 4, 0]
    assert found.firm.tolist() == firm[found.order].tolist()
    assert found.cut(slice(0, 4), 3) == [slice(0, 2), slice(2, 3), slice(3, 4)]
    assert found.cut(slice(0, 4), 100, 3) == [slice(0, 3), slice(3, 4)]
    assert Sorted.of(at, WINDOWS).rows.tolist() == [4, 5, 7, 9]


@pytest.mark.parametrize(("stacked", "rows"), [(2, [4, 9, 5, 7]), (1, [4, 5, 7, 9])])
def test_large_dates_stand_in_the_order_of_their_days(stacked: int, rows: list[int]) -> None:
    row, firm = np.array([7, 5, 9, 5, 7, 4]), np.array([1, 2, 0, 1, 0, 3])  # 1.5 events a date
    with mock.patch("eventstudy.engine.gathering.STACKED", stacked):
        found = Sorted.of(Placement(firm, row, np.arange(6)), WINDOWS, by_size=True)
    assert found.rows.tolist() == rows


@pytest.mark.parametrize("holes", [0.0, 0.02])
@pytest.mark.parametrize("stacked", [0, 10**9])
def test_the_order_of_the_dates_does_not_matter(stacked: int, holes: float) -> None:
    studied = world(holes)
    one = studied.run()
    with mock.patch("eventstudy.engine.gathering.STACKED", stacked):
        same(one, studied.run(), 1e-13)


@pytest.mark.parametrize("few", [0, 10**9])
def test_arrays_of_equal_numbers_need_not_be_moved(few: int) -> None:
    studied = world(0.02)
    one = studied.run()
    with mock.patch("eventstudy.engine.store.FEW", few):
        same(one, studied.run())


def test_stretches_of_columns_are_a_view() -> None:
    rows = np.arange(24.0).reshape(2, 12)[:, ::2]
    found = windows_of(rows, 4)
    np.testing.assert_array_equal(found, np.lib.stride_tricks.sliding_window_view(rows, 4, axis=1))
    assert np.shares_memory(found, rows)
    with pytest.raises(ValueError, match="read-only"):
        found[0, 0, 0] = 1.0


@pytest.mark.parametrize("shift", [45, 46, 55])  # 63, 64 and 73 bits
def test_a_key_that_does_not_fit_is_sorted_all_the_same(shift: int) -> None:
    rng = np.random.default_rng(0)
    row, firm = rng.integers(0, 40, 200), rng.integers(0, 9, 200)
    small = Sorted.of(Placement(firm, row, np.arange(200)), WINDOWS)
    large = Sorted.of(Placement(firm << shift, row, np.arange(200)), WINDOWS)
    assert small.order.tolist() == large.order.tolist()


def test_rows_outside_the_data_are_filled() -> None:
    panel = np.arange(12.0).reshape(2, 6)
    firm, start = np.array([0, 1, 1, 0]), np.array([-2, 1, 4, 9])
    nan = np.float64("nan")
    expected = [[nan, nan, 0, 1], [7, 8, 9, 10], [10, 11, nan, nan], [nan] * 4]
    np.testing.assert_array_equal(gather(panel, firm, start, 4, nan), expected)
    np.testing.assert_array_equal(
        Cutter(panel, 8, nan).cut(firm[:1], start[:1]), [[nan, nan, *panel[0]]]
    )


# ── forecast operators ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("tile", [1, 7, 2048])
def test_squares_of_the_operators_of_all_designs(tile: int) -> None:
    root = world(0.02).run().abnormal.root
    assert isinstance(root, Roots)
    with mock.patch("eventstudy.roots.TILE", tile):
        found = squares(root)
    whole = root[np.arange(len(root))]
    np.testing.assert_allclose(found, squares(whole), rtol=1e-14)
    np.testing.assert_allclose(found, (whole**2).sum(axis=2), rtol=1e-14)


# ── daily paths ──────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "model",
    [es.FactorModel(("f", "g")), es.FactorModel(("f", "g"), excess=True, alpha=False)],
)
@pytest.mark.parametrize("order", ["placed", "by date"])
def test_paths_are_the_same_by_date_and_by_event(model: Any, order: str) -> None:
    studied = world(0.02)
    rate = np.random.default_rng(1).normal(1e-4, 1e-5, T)
    inputs = Inputs(studied.returns, studied.factors, ("f", "g"), rate)
    found = studied.run(model=model, inputs=inputs).abnormal
    index = np.arange(len(found)) if order == "placed" else np.argsort(found.row, kind="stable")
    ways = []
    for together in (0, 10**9):
        with mock.patch.multiple("eventstudy.engine.paths", TOGETHER=together, ROWS=50):
            paths = found.paths
            ways.append((paths.residuals(index), paths.expected(index)))
    for one, two in zip(*ways, strict=True):
        np.testing.assert_allclose(one, two, atol=1e-15)
    start = found.row[index][:, None] + np.array(WINDOWS.event.days)
    actual = studied.returns[found.firm[index][:, None], start]
    ar = actual - ways[1][1]
    np.testing.assert_allclose(ar, found.abnormal[index], atol=1e-15)


def test_paths_of_windows_that_reach_over_the_edge() -> None:
    studied = world()
    at = Placement(np.arange(4), np.array([45, 50, 60, 70]), np.arange(4))
    found = studied.run(placement=at, min_obs=20).abnormal
    residuals = found.residuals
    assert np.isfinite(residuals).sum(axis=1).tolist() == found.n_obs.tolist()
    squares = np.nansum(residuals**2, axis=1)
    np.testing.assert_allclose(np.sqrt(squares / found.dof), found.sigma, rtol=1e-10)
