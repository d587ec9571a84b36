"""Windows with missing days are scanned: the numbers of a plain loop, and no fits one by one."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from typing import Any

import numpy as np
import oracle
import pytest
from long_double import PRECISE, regress

import eventstudy as es
from eventstudy.arrays import BoolArray, FloatArray, Inputs, Model, Windows
from eventstudy.rolling import Rolling, every_window, holes
from eventstudy.windows import Window

NAMES = ("a", "b", "c", "d", "e")
FIRMS, SESSIONS = 12, 330
WINDOWS = Windows(Window(-70, -6), Window(-2, 2))
ASKED = (Window(-2, 2), Window(0, 0))
TABLES = ("car", "scar", "sigma", "n_obs", "dof")


def complete(firms: int = FIRMS, sessions: int = SESSIONS) -> Inputs:
    rng = np.random.default_rng(21)
    factors = rng.normal(0.0, 0.01, (sessions, len(NAMES)))
    loads = rng.normal(0.5, 0.5, (firms, len(NAMES)))
    noise = rng.normal(0.0, 0.02, (firms, sessions))
    return Inputs(np.ascontiguousarray(loads @ factors.T) + noise, factors, NAMES)


SEEN = complete()


def of(seen: Inputs, k: int) -> Inputs:
    return replace(seen, factors=seen.factors[:, :k].copy(), names=NAMES[:k])


def model_of(k: int) -> Model:
    return es.FactorModel(NAMES[:k]) if k else es.MeanAdjusted()


def with_holes(returns: FloatArray, gone: BoolArray) -> FloatArray:
    return np.where(gone, np.nan, returns)


def scattered(share: float) -> BoolArray:
    return np.random.default_rng(3).random(SEEN.returns.shape) < share


def of_all_kinds() -> BoolArray:
    """Single days, runs, every other day, late listing, delisting, a long gap, and never a price.

    The last two rows have all of their days.
    """
    gone = scattered(0.01)
    gone[1, 100:106] = gone[2, ::2] = gone[3, :150] = gone[4, 220:] = gone[5, 90:210] = True
    gone[6] = True
    gone[-2:] = False
    return gone


GONE = of_all_kinds()


def scan(model: Model, seen: Inputs, **options: Any) -> Rolling:
    return every_window(model, seen, WINDOWS, ASKED, **options)


def same(one: Rolling, two: Rolling, where: Any = slice(None), within: float = 1e-12) -> None:
    for name in TABLES:
        a, b = (np.asarray(getattr(found, name), dtype=float)[..., where] for found in (one, two))
        assert (np.isnan(a) == np.isnan(b)).all(), name
        assert np.nanmax(np.abs(a - b) / np.maximum(1.0, np.abs(b)), initial=0.0) <= within, name


def looped(seen: Inputs, model: oracle.Model, firm: int, day: int, **rules: Any) -> oracle.Study:
    """One window, as a plain loop fits it."""
    pair = (WINDOWS.estimation, WINDOWS.event)
    estimation, event = ((window.first, window.last) for window in pair)
    setup = oracle.Setup(model, estimation, event, **rules)
    data = oracle.Data(seen.returns.astype(float), seen.factors, seen.risk_free, seen.excluded)
    return oracle.run(data, [firm], [day], setup)


def against_the_loop(
    model: Model, plain: oracle.Model, seen: Inputs, missing: str = "drop", **rules: Any
) -> Rolling:
    """Compare some windows of every firm with the loop; a dropped one has no estimate."""
    found, measured = scan(model, seen, missing=missing, **rules), 0
    for firm in range(len(seen.returns)):
        for day in range(2 + firm % 7, seen.returns.shape[1] - 2, 23):
            study = looped(seen, plain, firm, day, missing=missing, **rules)
            if not study.events:
                assert np.isnan(found.sigma[firm, day])
                continue
            event = study.events[0]
            windows = [(window.first, window.last) for window in ASKED]
            wanted = [event.sigma, *map(event.car, windows)]
            wanted += [event.scar(w) if event.used(w) else np.nan for w in windows]
            told = found.sigma, *found.car, *found.scar
            np.testing.assert_allclose([t[firm, day] for t in told], wanted, 1e-10, 1e-10)
            assert (found.n_obs[firm, day], found.dof[firm, day]) == (event.n_obs, event.dof)
            measured += 1
    assert measured > 20
    return found


@pytest.mark.parametrize("k", [0, 1, 5])
def test_holes_of_all_kinds(k: int) -> None:
    seen = of(replace(SEEN, returns=with_holes(SEEN.returns, GONE)), k)
    found = against_the_loop(model_of(k), oracle.linear(k), seen)
    assert found.redone == 0
    assert np.isnan(found.sigma[6]).all()


@pytest.mark.parametrize("missing", ["skip", "zero"])
def test_missing_event_days_go_to_the_engine(missing: str) -> None:
    seen = of(replace(SEEN, returns=with_holes(SEEN.returns, GONE)), 2)
    found = against_the_loop(model_of(2), oracle.linear(2), seen, missing)
    assert 0 < found.redone < np.isfinite(found.sigma).sum() / 2


NOT_ESTIMATED: list[tuple[Model, oracle.Model]] = [
    (es.MarketAdjusted("a"), oracle.MARKET_ADJUSTED),
    (es.MarketAdjusted("a", sigma_demean=False), replace(oracle.MARKET_ADJUSTED, demean=False)),
    (es.RawReturn(), oracle.RAW),
    (es.RawReturn(sigma_demean=False), replace(oracle.RAW, demean=False)),
]


@pytest.mark.parametrize(("model", "plain"), NOT_ESTIMATED, ids=str)
def test_models_that_subtract_what_is_given(model: Model, plain: oracle.Model) -> None:
    seen = of(replace(SEEN, returns=with_holes(SEEN.returns, GONE)), len(model.needs))
    assert against_the_loop(model, plain, seen).redone == 0


@pytest.mark.parametrize("alpha", [True, False])
def test_excess_returns_and_no_intercept(alpha: bool) -> None:
    rate = np.full(SESSIONS, 1e-4)
    rate[200] = np.nan
    returns = with_holes(SEEN.returns, GONE)
    seen = of(replace(SEEN, returns=returns, risk_free=rate), 2)
    model = es.FactorModel(NAMES[:2], alpha=alpha, excess=True)
    against_the_loop(model, oracle.linear(2, alpha=alpha, excess=True), seen)
    plain = of(replace(SEEN, returns=returns), 2)
    against_the_loop(es.FactorModel(NAMES[:2], alpha=alpha), oracle.linear(2, alpha=alpha), plain)


def test_missing_factors_beside_missing_returns() -> None:
    factors = SEEN.factors[:, :2].copy()
    factors[120], factors[200:215, 1] = np.nan, np.nan
    seen = Inputs(with_holes(SEEN.returns, GONE), factors, NAMES[:2])
    against_the_loop(model_of(2), oracle.linear(2), seen)


@pytest.mark.parametrize("model", [es.MarketModel("a"), es.MarketAdjusted("a")], ids=str)
def test_days_that_no_estimation_may_use(model: Model) -> None:
    """They count as event days all the same, of firms without a missing return too."""
    excluded = scattered(0.03)
    excluded[:3], excluded[-1] = False, False
    plain = oracle.MARKET if isinstance(model, es.MarketModel) else oracle.MARKET_ADJUSTED
    for returns in (SEEN.returns, with_holes(SEEN.returns, GONE)):
        seen = of(replace(SEEN, returns=returns, excluded=excluded), 1)
        assert against_the_loop(model, plain, seen).redone == 0


@pytest.mark.parametrize("least", [8, 40, 64])
def test_as_many_days_as_are_asked_for(least: int) -> None:
    seen = of(replace(SEEN, returns=with_holes(SEEN.returns, GONE)), 1)
    found = against_the_loop(model_of(1), oracle.MARKET, seen, min_obs=least)
    assert (found.n_obs[np.isfinite(found.sigma)] >= least).all()


def test_few_days_left_of_many_factors() -> None:
    """Half of the days, down to five more than parameters: what is not trusted is redone."""
    seen = replace(SEEN, returns=with_holes(SEEN.returns, scattered(0.7)))
    found = against_the_loop(model_of(5), oracle.linear(5), seen, min_obs=11)
    assert np.isfinite(found.sigma).sum() > 1000
    assert found.redone < np.isfinite(found.sigma).sum() / 10


def test_factors_that_differ_on_the_missing_days_only() -> None:
    """Nothing is left of a direction: the engine says whether it is collinear."""
    factors = SEEN.factors[:, :2].copy()
    factors[:, 1] = 2.0 * factors[:, 0]
    factors[150:153, 1] = 0.01, -0.02, 0.03
    returns = SEEN.returns.copy()
    returns[0, 150:153] = returns[1, 150:152] = np.nan
    seen = Inputs(returns, factors, NAMES[:2])
    found = against_the_loop(model_of(2), oracle.linear(2), seen)
    assert np.isnan(found.sigma[0]).all()
    assert np.isfinite(found.sigma[1, 160:200]).all()


def test_firms_that_do_not_move_on_their_valid_days() -> None:
    returns = with_holes(SEEN.returns, GONE)
    returns[7, 40:240], returns[8, 40:240] = 0.003, 0.0
    returns[7:9, 77:80] = np.nan
    seen = of(replace(SEEN, returns=returns), 1)
    for model, plain in ((es.MarketModel("a"), oracle.MARKET), NOT_ESTIMATED[0]):
        found = against_the_loop(model, plain, seen)
        assert np.isnan(found.sigma[7:9, 120:240]).all()
    excluded = np.zeros(GONE.shape, dtype=bool)
    excluded[9, 100:104] = True
    returns[9, 40:240], returns[9, 100:104] = 0.003, 0.1  # it moves on days that are left out
    model, plain = NOT_ESTIMATED[0]
    found = against_the_loop(model, plain, replace(seen, returns=returns, excluded=excluded))
    assert np.isnan(found.sigma[9, 120:240]).all()


@pytest.mark.skipif(not PRECISE, reason="the machine has no longer double to compare with")
def test_a_bad_tick_beside_holes_keeps_the_digits_of_other_windows() -> None:
    returns = with_holes(SEEN.returns, GONE)
    returns[:, 160] = 1e8
    found, checked = scan(model_of(2), of(replace(SEEN, returns=returns), 2)), 0
    x = np.column_stack([np.ones(SESSIONS), SEEN.factors[:, :2]])
    for firm, day in [(0, 159), (1, 155), (2, 150), (5, 300), (9, 240), (10, 231)]:
        past, event = slice(day - 70, day - 5), slice(day - 2, day + 3)
        if not np.isfinite(found.car[1, firm, day]):
            continue
        wanted = regress(returns[firm, past], x[past], returns[firm, event], x[event], slice(2, 3))
        error = (
            abs(found.scar[1, firm, day] - wanted.scar),
            abs(found.car[1, firm, day] - wanted.car),
        )
        assert max(error) < 1e-13
        checked += 1
    assert checked > 3


@pytest.mark.parametrize("k", [1, 5])
def test_windows_without_a_hole_are_those_of_complete_firms(k: int) -> None:
    whole = scan(model_of(k), of(SEEN, k))
    holed = scan(model_of(k), of(replace(SEEN, returns=with_holes(SEEN.returns, GONE)), k))
    untouched = np.isfinite(holed.scar[0]) & (holed.n_obs == whole.n_obs)
    assert untouched[:-2].sum() > 300
    same(holed, whole, untouched)
    for name in TABLES:  # complete firms do not know of their neighbours
        a, b = (np.asarray(getattr(found, name))[..., -2:, :] for found in (holed, whole))
        np.testing.assert_array_equal(a, b)


def test_one_firm_alone_is_what_it_is_among_others() -> None:
    seen = of(replace(SEEN, returns=with_holes(SEEN.returns, GONE)), 2)
    together = scan(model_of(2), seen)
    for firm in (0, 2, 3, 11):
        alone = scan(model_of(2), replace(seen, returns=seen.returns[firm : firm + 1]))
        for name in TABLES:
            told = np.asarray(getattr(together, name))[..., firm : firm + 1, :]
            np.testing.assert_allclose(getattr(alone, name), told, 1e-12, 1e-14)


def test_some_days_are_those_of_all() -> None:
    seen = of(replace(SEEN, returns=with_holes(SEEN.returns, GONE)), 2)
    whole = scan(model_of(2), seen)
    for rows in (range(100), range(180, 181), range(150, 293), range(320, 330)):
        part = scan(model_of(2), seen, rows=rows)
        for name in TABLES:
            told = np.asarray(getattr(whole, name))[..., rows.start : rows.stop]
            np.testing.assert_allclose(getattr(part, name), told, 1e-12, 1e-14)


@pytest.mark.parametrize("room", [1, 1 << 12, 1 << 24])
def test_how_many_wait_for_each_other_changes_nothing(
    room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = of(replace(SEEN, returns=with_holes(SEEN.returns, GONE)), 2)
    wanted = scan(model_of(2), seen)
    monkeypatch.setattr(holes, "ROOM", room)
    same(scan(model_of(2), seen), wanted)


@pytest.mark.parametrize("excluding", [False, True])
def test_threads_and_single_precision_change_no_bit(excluding: bool) -> None:
    many = complete(80)
    gone = np.random.default_rng(1).random(many.returns.shape) < 0.05
    single: Any = with_holes(many.returns, gone).astype(np.float32)
    excluded = np.roll(gone, 7, axis=1) if excluding else None
    seen = of(replace(many, returns=single, excluded=excluded), 3)
    one = scan(model_of(3), replace(seen, returns=single.astype(float)))
    for workers in (1, 2):
        some = scan(model_of(3), seen, workers=workers)
        for name in TABLES:
            np.testing.assert_array_equal(getattr(some, name), getattr(one, name))


def test_room_is_that_of_a_chunk() -> None:
    """Beside the answers, twice as many firms need no more."""

    def beyond(firms: int) -> int:
        seen = of(complete(firms, 700), 3)
        seen = replace(seen, returns=with_holes(seen.returns, seen.returns > 0.03))
        tracemalloc.start()
        found = scan(model_of(3), seen)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert found.redone == 0
        return peak - sum(np.asarray(getattr(found, name)).nbytes for name in TABLES[:4])

    beyond(32)  # what is imported or cached by a first call
    assert beyond(320) < 1.1 * beyond(160)
