"""Every window at once equals the engine, one window at a time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import eventstudy as es
from eventstudy import engine
from eventstudy.arrays import FloatArray, Inputs, Model, Placement, Windows
from eventstudy.rolling import Rolling, every_window
from eventstudy.rolling.operators import ends
from eventstudy.windows import Window

FIRMS, SESSIONS = 35, 300
NAMES = ("a", "b", "c", "d", "e")
ASKED = (Window(0, 0), Window(-1, 1), Window(0, 40))
WINDOWS = Windows(Window(-90, -11), Window(-1, 40))
RNG = np.random.default_rng(5)
FACTORS = RNG.normal(0.0, 0.01, (SESSIONS, len(NAMES)))
RETURNS = FACTORS @ RNG.normal(0.5, 0.5, (len(NAMES), FIRMS))
RETURNS = np.ascontiguousarray(RETURNS.T) + RNG.normal(0.0, 0.02, (FIRMS, SESSIONS))


def given(k: int, returns: FloatArray = RETURNS, **more: Any) -> Inputs:
    return Inputs(returns, FACTORS[:, :k].copy(), NAMES[:k], **more)


def model_of(k: int) -> Model:
    return es.FactorModel(NAMES[:k]) if k else es.MeanAdjusted()


def holed() -> FloatArray:
    """Scattered holes, a late listing, a long gap, nothing at all, prices that stand still."""
    returns = RETURNS.copy()
    returns[RNG.random(returns.shape) < 0.01] = np.nan
    returns[3, :150], returns[4, 80:120], returns[5], returns[6] = np.nan, np.nan, np.nan, 0.0
    returns[7], returns[8, 120:260] = 0.004, 0.0
    return returns


HOLED = holed()


def by_engine(model: Model, seen: Inputs, windows: Windows, **rules: Any) -> dict[str, FloatArray]:
    """What the engine says of every window, NaN where it would leave the event out."""
    firms, sessions = seen.returns.shape
    row = np.arange(max(0, -windows.event.first), sessions - max(0, windows.event.last))
    firm, row = np.repeat(np.arange(firms), len(row)), np.tile(row, firms)
    outcome = engine.run(model, seen, Placement(firm, row, row), windows, **rules)
    good = outcome.reason == 0
    abnormal, where = outcome.abnormal.take(good), (firm[good], row[good])
    found = {"sigma": abnormal.sigma, "n_obs": abnormal.n_obs, "dof": abnormal.dof}
    for window in ASKED:
        if window in windows.event:
            found[f"car {window}"] = abnormal.car(window)
            found[f"scar {window}"] = abnormal.scar(window)
    tables = {}
    for name, values in found.items():
        tables[name] = np.full((firms, sessions), np.nan)
        tables[name][where] = values
    return tables


def as_tables(found: Rolling) -> dict[str, FloatArray]:
    there = np.isfinite(found.sigma)
    tables = {"sigma": found.sigma, "dof": found.dof}
    tables["n_obs"] = np.where(there, found.n_obs, np.nan)
    for w, window in enumerate(found.windows):
        tables[f"car {window}"], tables[f"scar {window}"] = found.car[w], found.scar[w]
    return tables


def same(found: Rolling, wanted: dict[str, FloatArray], within: float = 1e-10) -> None:
    tables = as_tables(found)
    assert tables.keys() == wanted.keys()
    for name, table in tables.items():
        assert (np.isnan(table) == np.isnan(wanted[name])).all(), name
        error = np.abs(table - wanted[name]) / np.maximum(1.0, np.abs(wanted[name]))
        assert np.nanmax(error, initial=0.0) <= within, name


def compare(model: Model, seen: Inputs, windows: Windows = WINDOWS, **rules: Any) -> Rolling:
    asked = [window for window in ASKED if window in windows.event]
    found = every_window(model, seen, windows, asked, **rules)
    same(found, by_engine(model, seen, windows, **rules))
    return found


@pytest.mark.parametrize("k", [0, 1, 3, 5])
def test_complete_returns(k: int) -> None:
    found = compare(model_of(k), given(k))
    # at the edge of the data too, where the estimation window is cut short
    assert found.redone == 0
    assert np.isfinite(found.sigma).sum() == FIRMS * (SESSIONS - 50 - 40)


@pytest.mark.parametrize("missing", ["drop", "skip", "zero"])
@pytest.mark.parametrize(
    ("model", "k"),
    [
        (es.FactorModel(NAMES[:3]), 3),
        (es.MeanAdjusted(), 0),
        (es.MarketAdjusted("a"), 1),
        (es.MarketAdjusted("a", sigma_demean=False), 1),
        (es.RawReturn(), 0),
        (es.RawReturn(sigma_demean=False), 0),
        (es.FactorModel(NAMES[:2], alpha=False), 2),
    ],
    ids=str,
)
def test_missing_returns(model: Model, k: int, missing: str) -> None:
    found = compare(model, given(k, HOLED), missing=missing)
    assert 0 < found.redone < FIRMS * SESSIONS
    assert np.isnan(found.sigma[[5, 6]]).all()


@pytest.mark.parametrize("model", [es.FactorModel(NAMES[:2]), es.RawReturn(), es.MarketModel("a")])
def test_a_bad_tick_touches_its_own_windows_only(model: Model) -> None:
    seen = given(len(model.needs))
    clean = as_tables(every_window(model, seen, WINDOWS, ASKED))
    bad = RETURNS.copy()
    bad[2, 150] = 1e6
    spoilt = as_tables(compare(model, replace(seen, returns=bad)))
    holds = np.zeros((FIRMS, SESSIONS), dtype=bool)
    holds[2, 150 - 40 : 150 + 2] = holds[2, 150 + 11 : 150 + 91] = True
    for name, table in spoilt.items():
        assert (table[~holds] == clean[name][~holds])[np.isfinite(table[~holds])].all(), name
    assert (spoilt["scar [0,0]"][2, 165:230] != clean["scar [0,0]"][2, 165:230]).all()


@pytest.mark.parametrize("k", [1, 3])
def test_levels_instead_of_returns_keep_their_digits(k: int) -> None:
    levels = 1000.0 * np.exp(np.cumsum(RETURNS * 0.01, axis=1))
    found = compare(model_of(k), given(k, levels))
    assert found.redone > FIRMS * 100  # Σe² would lose them


def test_excess_returns() -> None:
    rate = np.full(SESSIONS, 1e-4)
    for model in (es.CAPM("a"), es.CAPM("a", alpha=False), es.FactorModel(("a", "b"), excess=True)):
        compare(model, given(len(model.needs), HOLED, risk_free=rate))
    rate[170] = np.nan
    for missing in ("drop", "skip"):
        compare(es.CAPM("a"), given(1, HOLED, risk_free=rate), missing=missing)


def test_returns_that_only_the_offset_moves_are_judged_by_the_engine() -> None:
    still = RETURNS.copy()
    still[1], still[2, 100:] = 0.0, 0.01
    still[3] = FACTORS[:, 0] + 1e-12 * RETURNS[3]  # the market itself, but for rounding
    for model in (es.MarketAdjusted("a", sigma_demean=False), es.MarketAdjusted("a")):
        found = compare(model, given(1, still))
        assert np.isnan(found.sigma[[1, 3]]).all()


@pytest.mark.parametrize("event", [Window(-1, 40), Window(-1, 1)], ids=lambda w: w.label)
@pytest.mark.parametrize("missing", ["drop", "skip", "zero"])
def test_missing_factors(missing: str, event: Window) -> None:
    factors, windows = FACTORS[:, :3].copy(), Windows(Window(-90, -11), event)
    factors[60:90, 0], factors[200, 1], factors[250:253] = np.nan, np.nan, np.nan
    seen = Inputs(HOLED, factors, NAMES[:3])
    compare(es.FactorModel(NAMES[:3]), seen, windows, missing=missing)
    gone = FACTORS[:, :1].copy()
    gone[200], gone[250:253], gone[-3:] = np.nan, np.nan, np.nan
    for demean in (False, True):
        model = es.MarketAdjusted("a", sigma_demean=demean)
        compare(model, Inputs(HOLED, gone, NAMES[:1]), windows, missing=missing)


def test_collinear_factors_and_one_with_a_wild_day() -> None:
    factors = FACTORS[:, :3].copy()
    factors[:170, 1] = 2.0 * factors[:170, 0]
    factors[230, 2] = 1e5
    found = compare(es.FactorModel(NAMES[:3]), Inputs(RETURNS, factors, NAMES[:3]))
    assert found.redone > 0
    assert np.isnan(found.sigma[:, 60:160]).all()


@pytest.mark.parametrize(
    "windows",
    [
        Windows(Window(11, 90), Window(0, 0)),
        Windows(Window(-12, -2), Window(0, 0)),
        Windows(Window(-160, -100), Window(-1, 1)),
        Windows(Window(-40, -1), Window(0, 40)),
    ],
    ids=lambda windows: windows.label,
)
def test_other_windows(windows: Windows) -> None:
    compare(es.MarketModel("a"), given(1, HOLED), windows)


def test_several_intervals_go_to_the_engine() -> None:
    parts = (Window(-60, -11), Window(20, 60))
    windows = Windows(Window(-60, 60), Window(-1, 1), parts)
    found = compare(es.MarketModel("a"), given(1, HOLED), windows)
    assert found.redone == FIRMS * (SESSIONS - 2)


def test_a_model_that_is_not_linear_goes_to_the_engine() -> None:
    windows = Windows(Window(-90, -11), Window(0, 0))
    seen = given(1, RETURNS[:2])
    found = every_window(es.RobustMarketModel("a"), seen, windows, [0], rows=range(250, 260))
    wanted = by_engine(es.RobustMarketModel("a"), seen, windows)
    same(found, {name: table[:, 250:260] for name, table in wanted.items()})


def test_days_that_no_estimation_may_use() -> None:
    excluded = np.random.default_rng(9).random(RETURNS.shape) < 0.02
    compare(es.MarketModel("a"), given(1, HOLED, excluded=excluded))


def test_min_obs_and_some_rows() -> None:
    seen = given(2, HOLED)
    for least in (20, 78):
        compare(es.FactorModel(NAMES[:2]), seen, min_obs=least)
    whole = every_window(es.FactorModel(NAMES[:2]), seen, WINDOWS, ASKED)
    for rows in (range(60), range(120, 121), range(100, 177), range(280, 300)):
        part = every_window(es.FactorModel(NAMES[:2]), seen, WINDOWS, ASKED, rows=rows)
        tables = {n: t[:, rows.start : rows.stop] for n, t in as_tables(whole).items()}
        same(part, tables, within=1e-12)


def test_workers_change_no_bit() -> None:
    seen = given(3, np.concatenate([HOLED, RETURNS, HOLED]))
    one = as_tables(every_window(model_of(3), seen, WINDOWS, ASKED))
    for workers in (2, 3, 9):
        some = as_tables(every_window(model_of(3), seen, WINDOWS, ASKED, workers=workers))
        for name, table in some.items():
            np.testing.assert_array_equal(table, one[name])


def test_single_precision_and_a_mapped_file(tmp_path: Path) -> None:
    single: Any = HOLED.astype(np.float32)
    stored = np.lib.format.open_memmap(tmp_path / "r.npy", "w+", np.float32, single.shape)
    stored[:] = single
    stored.flush()
    mapped = np.load(tmp_path / "r.npy", mmap_mode="r")
    clean: Any = RETURNS.astype(np.float32)
    wanted = as_tables(every_window(model_of(3), given(3, clean.astype(float)), WINDOWS, ASKED))
    found: Any = every_window(model_of(3), replace(given(3), returns=clean), WINDOWS, ASKED)
    for name, table in as_tables(found).items():  # arithmetic in double precision
        np.testing.assert_array_equal(table, wanted[name])
    whole = as_tables(every_window(model_of(3), replace(given(3), returns=single), WINDOWS, ASKED))
    lazy = as_tables(every_window(model_of(3), replace(given(3), returns=mapped), WINDOWS, ASKED))
    for name, table in lazy.items():
        np.testing.assert_array_equal(table, whole[name])


def test_nothing_to_measure() -> None:
    short = Inputs(RETURNS[:, :40], FACTORS[:40, :1], NAMES[:1])
    found = every_window(es.MarketModel("a"), short, WINDOWS, ASKED)
    assert found.redone == 0
    assert np.isnan(found.car).all()
    assert np.isnan(found.dof).all()


def test_dates_of_a_block_hold_as_many_days_each() -> None:
    for step in (2, 7, 32):
        assert (ends(step, 1).sum(axis=0) == step).all()
