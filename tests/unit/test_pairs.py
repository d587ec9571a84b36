"""r̄ by sums and products of whole dates: against a loop over pairs, where it could go wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from inference_studies import Floats, Ints, measure, world

from eventstudy import MarketAdjusted, MarketModel, MeanAdjusted, RawReturn, engine, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, Inputs, Model, Paths, Placement, StoredPaths, Windows
from eventstudy.engine.paths import LinearPaths
from eventstudy.inference import (
    _linear_rows,
    _pairs,
    _pairs_gaps,
    _pairs_whole,
    _pairs_windows,
    _sample,
)
from eventstudy.result import tables
from eventstudy.windows import Window

Pair = tuple[int, int]


def pair_loop(abnormal: Abnormal, window: Pair, least: int) -> tuple[float, int, int]:
    """r̄ by a plain loop over all pairs of events; pairs used and left out."""
    length = window[1] - window[0] + 1
    kept = np.flatnonzero(np.isfinite(abnormal.car(window)))
    kept = kept[np.argsort(abnormal.row[kept], kind="stable")]
    rho, left_out = [], 0
    for i, j in combinations(kept, 2):
        lag = int(abnormal.row[j] - abnormal.row[i])
        x, y = abnormal.residuals[i][lag:], abnormal.residuals[j]
        y = y[: len(x)]
        both = np.isfinite(x) & np.isfinite(y)
        moves = both.any() and min(np.ptp(x[both]), np.ptp(y[both])) > 0
        if lag >= length:
            rho.append(0.0)
        elif both.sum() >= least and moves:
            rho.append(float(np.corrcoef(x[both], y[both])[0, 1]) * (length - lag) / length)
        else:
            left_out += 1
    return float(np.mean(rho)), len(rho), left_out


def study(*, gaps: float, crowd: int = 6, dates: int = 14, seed: int = 4) -> Abnormal:
    """``crowd`` firms a date, on dates that lie one to four sessions apart."""
    panel, market = world(crowd, 400, gaps=gaps, seed=seed)
    rng = np.random.default_rng(seed)
    day = 150 + np.cumsum(rng.integers(1, 5, dates))
    firm, row = np.tile(np.arange(crowd), dates), np.repeat(day, crowd)
    mixed = rng.permutation(len(row))  # nothing comes sorted by date
    return measure(panel, market, firm[mixed], row[mixed])


def changed(abnormal: Abnormal, residuals: Floats) -> Abnormal:
    paths = StoredPaths(residuals, abnormal.actual, abnormal.expected)
    return replace(abnormal, paths=paths, _memo={})


def on_days(abnormal: Abnormal, days: Ints) -> BoolArray:
    """(N, L1) which estimation days are the calendar days ``days``."""
    return np.isin(abnormal.row[:, None] + np.array(abnormal.estimation.days), days)


def same_as_loop(abnormal: Abnormal, window: Pair, least: int = 30) -> None:
    found = inference.correlation(abnormal, window, min_overlap=least)
    rbar, pairs, left_out = pair_loop(abnormal, window, least)
    assert found.rbar == pytest.approx(rbar, rel=1e-12, abs=1e-14)
    assert (found.pairs, found.left_out) == (pairs, left_out)


@pytest.fixture(params=[None, 1, 5])
def chunk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """All events at a time, and so few that every date lies in several chunks."""
    if request.param:
        monkeypatch.setattr(_sample, "CHUNK", request.param)
        monkeypatch.setattr(_sample, "KEEP", 0)
        monkeypatch.setattr(_pairs_gaps, "BLOCK", 9)
        monkeypatch.setattr(_linear_rows, "STRIP", 2)
        monkeypatch.setattr(_pairs_whole, "STRIP", 2)
        monkeypatch.setattr(_pairs_windows, "CHUNK", request.param)
        monkeypatch.setattr(_pairs_windows, "ROWS", 2)


# ── the same as a loop over pairs ────────────────────────────────────────────────────────
@pytest.mark.usefixtures("chunk")
@pytest.mark.parametrize("window", [(0, 0), (0, 1), (-1, 2), (-5, 5)])
@pytest.mark.parametrize("gaps", [0.0, 0.004, 0.05])  # no row, some rows, nearly all rows
def test_same_as_a_loop_over_pairs(gaps: float, window: Pair) -> None:
    same_as_loop(study(gaps=gaps), window)


@pytest.mark.usefixtures("chunk")
def test_days_that_no_event_has() -> None:
    abnormal = study(gaps=0.0)
    e = abnormal.residuals.copy()
    e[on_days(abnormal, np.array([101, 130, 131]))] = np.nan
    for least in (30, 48, 49):
        same_as_loop(changed(abnormal, e), (-3, 3), least)
    e[7, 20:24] = np.nan  # and one with gaps of its own
    same_as_loop(changed(abnormal, e), (-3, 3))


@pytest.mark.parametrize("counted", [1.0, 30.0, 50.0])
def test_the_count_of_days_is_a_hint_only(counted: float) -> None:
    abnormal = study(gaps=0.02)
    same_as_loop(replace(abnormal, n_obs=np.full(len(abnormal), counted), _memo={}), (-3, 3))


@pytest.mark.usefixtures("chunk")
def test_a_large_value_at_the_edge_does_no_harm_to_the_other_days() -> None:
    abnormal = study(gaps=0.0)
    e = abnormal.residuals.copy()
    e[:20, 0] = 1e3 * np.abs(e).max()
    e[20:40, -1] = -1e3 * np.abs(e).max()
    same_as_loop(changed(abnormal, e), (-3, 3))


@pytest.mark.usefixtures("chunk")
@pytest.mark.parametrize("gaps", [0.0, 0.02])
def test_rows_that_move_on_the_first_days_only(gaps: float) -> None:
    abnormal = study(gaps=gaps)
    e = abnormal.residuals.copy()
    still = np.isfinite(e)
    still[:, :2] = False
    e[:9] = np.where(still[:9], 0.0, e[:9])  # constant from two sessions later on
    same_as_loop(changed(abnormal, e), (-2, 2))


@pytest.mark.parametrize("days", [4, 9, 12])
@pytest.mark.parametrize("gaps", [0.0, 0.03])
def test_windows_longer_than_the_estimation_window(gaps: float, days: int) -> None:
    panel, market = world(5, 400, gaps=gaps, seed=8)
    firm, row = np.tile(np.arange(5), 20), np.repeat(200 + np.arange(20), 5)
    windows = {"estimation": (-days - 20, -21), "window": (-10, 10)}
    abnormal = measure(panel, market, firm, row, **windows)  # type: ignore[arg-type]  # two windows
    same_as_loop(abnormal, (-9, 9), 3)


def test_dates_far_apart() -> None:
    panel, market = world(3, 2000, gaps=0.01, seed=2)
    row = np.sort(np.r_[np.arange(100, 1900, 60), np.arange(101, 1900, 60)])
    same_as_loop(measure(panel, market, np.arange(len(row)) % 3, row), (-1, 1))


def test_no_event_and_one_event() -> None:
    abnormal = study(gaps=0.0)
    for n in (0, 1):
        found = inference.correlation(abnormal.take(np.arange(n)), (-1, 1))
        assert (found.n, found.pairs, found.left_out) == (n, 0, 0)
        assert np.isnan(found.rbar)


# ── what may not matter ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("gaps", [0.0, 0.004, 0.05])
def test_windows_in_any_order_give_the_same_digits(gaps: float) -> None:
    panel, market = world(40, 400, gaps=gaps, seed=9)
    panel[:, 140:] = world(40, 400, seed=9)[0][:, 140:]  # every window retains every event
    firm, row = np.tile(np.arange(40), 12), np.repeat(151 + np.arange(12), 40)
    abnormal = measure(panel, market, firm, row)
    for windows in ([(-5, 5), (0, 0), (-1, 1)], [(0, 1), (-1, 2), (-5, 5)]):
        shared = abnormal.take(np.arange(len(abnormal)))
        for window in windows:
            alone = abnormal.take(np.arange(len(abnormal)))
            expected = inference.correlation(alone, window)
            assert inference.correlation(shared, window) == expected


# ── several windows from one pass ────────────────────────────────────────────────────────
def shared(abnormal: Abnormal, windows: list[Window], least: int = 30) -> Abnormal:
    """Events of which the sums of all windows were made together."""
    found = abnormal.take(np.arange(len(abnormal)))
    _pairs_windows.share(found, windows, least)
    return found


WINDOWS = [Window(0, 0), Window(-3, -3), Window(-5, 5), Window(1, 2)]


@pytest.mark.usefixtures("chunk")
@pytest.mark.parametrize(("gaps", "least"), [(0.02, 30), (0.05, 46), (0.2, 28)])
def test_windows_that_retain_different_events_at_once(
    gaps: float, least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    abnormal = study(gaps=gaps)
    together = shared(abnormal, WINDOWS, least)
    monkeypatch.setattr(_sample.Sample, "chunks", None)  # nothing is left to be read
    for window in WINDOWS:
        same_as_loop(together, (window.first, window.last), least)


def test_windows_at_once_with_rows_that_do_not_move_and_days_that_dominate() -> None:
    abnormal = study(gaps=0.03)
    e = abnormal.residuals.copy()
    e[:9] = np.where(np.isfinite(e[:9]), 0.0, np.nan)
    e[20:30, 0] = 1e3 * np.nanmax(np.abs(e))
    together = shared(changed(abnormal, e), WINDOWS)
    for window in WINDOWS:
        same_as_loop(together, (window.first, window.last))


@pytest.mark.parametrize("days", [4, 9, 12])
def test_windows_at_once_longer_than_the_estimation_window(days: int) -> None:
    panel, market = world(5, 400, gaps=0.03, seed=8)
    firm, row = np.tile(np.arange(5), 20), np.repeat(200 + np.arange(20), 5)
    windows = {"estimation": (-days - 20, -21), "window": (-10, 10)}
    abnormal = measure(panel, market, firm, row, **windows)  # type: ignore[arg-type]  # two windows
    together = shared(abnormal, [Window(-9, 9), Window(0, 0), Window(-2, 2)], 3)
    for window in ((-9, 9), (0, 0), (-2, 2)):
        same_as_loop(together, window, 3)


def test_windows_one_by_one_where_no_row_has_gaps() -> None:
    """Complete rows need sums only: nothing is compared pair by pair."""
    abnormal = study(gaps=0.0)
    ar = abnormal.abnormal.copy()
    ar[3, 4] = ar[9, 0] = np.nan
    together = shared(replace(abnormal, abnormal=ar), WINDOWS)
    assert not any(together.memo(("lags", key, 30), dict) for key in _keys(together))
    same_as_loop(together, (-5, 5))


def on_calendar(abnormal: Abnormal, least: int) -> Floats:
    """(N, N) pairwise complete correlations that pandas makes on the calendar."""
    row, days = abnormal.row, len(abnormal.estimation)
    calendar = np.full((int(np.ptp(row)) + days, len(row)), np.nan)
    at = (row - row.min())[:, None] + np.arange(days)
    calendar[at, np.arange(len(row))[:, None]] = abnormal.residuals
    return pd.DataFrame(calendar).corr(min_periods=least).to_numpy()


def weighted(abnormal: Abnormal, rho: Floats, window: Window) -> tuple[float, int]:
    """r̄ of a window from the correlations of all events; pairs used."""
    kept = np.flatnonzero(np.isfinite(abnormal.car(window)))
    one, other = np.triu_indices(len(kept), 1)
    one, other = kept[one], kept[other]
    common = 1.0 - np.abs(abnormal.row[one] - abnormal.row[other]) / len(window)
    found = np.where(common > 0, rho[one, other] * common, 0.0)
    used = int(np.isfinite(found).sum())
    return float(np.nansum(found)) / used, used


@pytest.mark.parametrize("gaps", [0.005, 0.05])
@pytest.mark.parametrize(
    ("crowd", "dates"), [(1, 90), (2100, 1), (300, 3)], ids=["alone", "thousands", "crowds"]
)
def test_windows_at_once_on_few_and_on_crowded_dates(gaps: float, crowd: int, dates: int) -> None:
    panel, market = world(crowd, 400, gaps=gaps, seed=5)
    firm, row = np.tile(np.arange(crowd), dates), np.repeat(150 + 2 * np.arange(dates), crowd)
    abnormal = measure(panel, market, firm, row)
    windows = [Window(-4, -2), Window(-2, 5), Window(-5, 0), Window(-5, 5)]
    most = int(abnormal.n_obs.max())
    for least in (30, most - 1, most):  # the border, where complete pairs count alone
        together = shared(abnormal, windows, least)
        assert together.memo(("lags", _sample.sample_of(together, windows[1]).key, least), dict)
        rho = on_calendar(abnormal, least)
        for window in windows:
            found = inference.correlation(together, window, min_overlap=least)
            rbar, used = weighted(abnormal, rho, window)
            assert found.rbar == pytest.approx(rbar, rel=1e-10, abs=1e-14)
            assert found.pairs == used
        if crowd > 1000:
            break


def test_windows_at_once_where_partners_miss_the_days_that_dominate() -> None:
    abnormal = study(gaps=0.02)
    e = abnormal.residuals.copy()
    spiky, blind = np.arange(0, 40), np.arange(40, len(e))
    days = np.array([135, 141])
    e[spiky] = np.where(on_days(abnormal, days)[spiky], 1e3 * np.nanmax(np.abs(e)), e[spiky])
    e[blind] = np.where(on_days(abnormal, days)[blind], np.nan, e[blind])
    together = shared(changed(abnormal, e), WINDOWS)
    rho = on_calendar(together, 30)
    for window in WINDOWS:
        found = inference.correlation(together, window)
        rbar, used = weighted(together, rho, window)
        assert found.rbar == pytest.approx(rbar, rel=1e-9)  # their means are far off: digits go
        assert found.pairs == used


@pytest.mark.parametrize("table", ["aar", "path", "caar", "tests"])
def test_tables_compare_the_events_of_all_windows_once(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(abnormal: Abnormal) -> pd.DataFrame:
        if table in {"aar", "path"}:
            return {"aar": tables.aar_table, "path": tables.path_table}[table](abnormal)
        if table == "caar":
            return tables.caar_table(abnormal, iter(WINDOWS))
        return tables.tests_table(abnormal, iter(WINDOWS), ["adj_bmp", "adj_csect"])

    abnormal = study(gaps=0.02)
    with monkeypatch.context() as alone:
        alone.setattr(tables, "share", lambda *_: None)
        expected = ask(abnormal.take(np.arange(len(abnormal))))
    monkeypatch.setattr(_pairs, "_measure", None)  # that would be window by window
    pd.testing.assert_frame_equal(ask(abnormal), expected, rtol=1e-12, atol=1e-14)


def test_windows_at_once_read_the_residuals_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sample, "KEEP", 0)
    abnormal = study(gaps=0.02)
    counted = Counted(abnormal.paths, [])
    abnormal = replace(abnormal, paths=counted, _memo={})
    _pairs_windows.share(abnormal, WINDOWS)
    assert sum(counted.asked) == len(abnormal)
    _pairs_windows.share(abnormal, WINDOWS)  # all is known
    _pairs_windows.share(abnormal, WINDOWS[:1])
    for window in WINDOWS:
        inference.correlation(abnormal, window)
    assert sum(counted.asked) == len(abnormal)


def _keys(abnormal: Abnormal) -> list[bytes]:
    return [_sample.sample_of(abnormal, window).key for window in WINDOWS]


def test_events_that_share_no_day_have_no_correlation_at_all() -> None:
    panel, market = world(5, 2000, gaps=0.0)
    found = inference.correlation(
        measure(panel, market, range(5), 100 + 60 * np.arange(5)), (-1, 1)
    )
    assert (found.rbar, found.n_eff, found.pairs) == (0.0, 5.0, 10)


# ── memory ───────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, eq=False)
class Counted:
    """Paths that note how many rows of residuals are asked for at a time."""

    paths: Paths
    asked: list[int]

    def residuals(self, index: Ints) -> Floats:
        self.asked.append(len(index))
        return self.paths.residuals(index)

    def actual(self, index: Ints) -> Floats:
        return self.paths.actual(index)

    def expected(self, index: Ints) -> Floats:
        return self.paths.expected(index)


@pytest.mark.parametrize("gaps", [0.0, 0.01])
@pytest.mark.parametrize("dates", [1, 30])
def test_residuals_are_read_a_chunk_at_a_time_and_once(
    dates: int, gaps: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_sample, "KEEP", 0)
    monkeypatch.setattr(_sample, "CHUNK", 64)
    panel, market = world(300 // dates, 400, gaps=gaps, seed=3)
    panel[:, 140:] = world(300 // dates, 400, seed=3)[0][:, 140:]
    firm = np.tile(np.arange(300 // dates), dates)
    abnormal = measure(panel, market, firm, np.repeat(151 + np.arange(dates), 300 // dates))
    counted = Counted(abnormal.paths, [])
    inference.correlation(replace(abnormal, paths=counted, _memo={}), (-1, 1))
    assert max(counted.asked) <= 64
    if dates > 1 or not gaps:  # at most one more of each date, to see which days it has
        assert 300 <= sum(counted.asked) <= 300 + dates


# ── residuals of a linear model ──────────────────────────────────────────────────────────
@pytest.mark.parametrize("gaps", [0.0, 0.02])
def test_residuals_do_not_depend_on_the_order_of_the_events(gaps: float) -> None:
    panel, market = world(20, 300, gaps=gaps, seed=1)
    rng = np.random.default_rng(1)
    placement = Placement(np.arange(200) % 20, rng.integers(20, 290, 200), np.arange(200))
    windows = Windows(Window(-60, -11), Window(-5, 5))  # some begin before the data
    inputs = Inputs(panel, market[:, None], ("market",))
    abnormal = engine.run(MarketModel(), inputs, placement, windows).abnormal
    order = np.argsort(abnormal.row, kind="stable")
    mixed = rng.permutation(len(abnormal))
    for path in (abnormal.paths.residuals, abnormal.paths.expected):
        ascending = np.empty((len(abnormal), len(path(abnormal.path[:1])[0])))
        ascending[order] = path(abnormal.path[order])
        np.testing.assert_array_equal(path(abnormal.path), ascending)
        np.testing.assert_array_equal(path(abnormal.path[mixed]), ascending[mixed])
        assert path(abnormal.path[:0]).shape == (0, ascending.shape[1])
    alpha, beta = abnormal.params[0]
    days = abnormal.row[0] + np.arange(-5, 6)
    assert abnormal.expected[0] == pytest.approx(alpha + beta * market[days], rel=1e-14)


# ── complete events of a linear model: no residuals are made ─────────────────────────────
def measured(
    *, firms: int = 9, dates: int = 6, spikes: bool = False, kind: type = np.float64
) -> Abnormal:
    """Events of some firms on dates one to three sessions apart, by the engine."""
    panel, market = world(firms, 300, seed=7)
    rng = np.random.default_rng(7)
    day = 120 + np.cumsum(rng.integers(1, 4, dates))
    firm, row = np.tile(np.arange(firms), dates), np.repeat(day, firms)
    if spikes:  # on the first and last estimation days of the first and the last date
        panel[3, day[0] - 60], panel[4, day[-1] - 11] = 5e3, -5e3
    some = rng.permutation(len(row))[: len(row) - 5]
    placement = Placement(firm[some], row[some], np.arange(len(some)))
    inputs = Inputs(panel.astype(kind), market[:, None], ("market",))
    windows = Windows(Window(-60, -11), Window(-5, 5))
    return engine.run(MarketModel(), inputs, placement, windows).abnormal


def stored(abnormal: Abnormal) -> Abnormal:
    """The same events, of whose paths nothing is known but the arrays."""
    paths = StoredPaths(abnormal.residuals, abnormal.actual, abnormal.expected)
    return replace(abnormal, paths=paths, path=np.arange(len(abnormal)), _memo={})


@pytest.mark.usefixtures("chunk")
@pytest.mark.parametrize("window", [(0, 0), (-1, 1), (-5, 5)])
@pytest.mark.parametrize("spikes", [False, True])
def test_complete_events_of_a_linear_model(window: Pair, spikes: bool) -> None:
    abnormal = measured(spikes=spikes)
    assert _linear_rows.closed(abnormal)
    same_as_loop(abnormal, window)
    found = inference.correlation(abnormal, window)
    assert found.rbar == pytest.approx(
        inference.correlation(stored(abnormal), window).rbar, rel=1e-11
    )


def test_one_event_that_misses_a_day_changes_the_way_and_not_the_answer() -> None:
    abnormal = measured()
    paths = abnormal.paths
    assert isinstance(paths, LinearPaths)
    returns = paths.returns.copy()
    returns[2, abnormal.row.min() - 30] = np.nan
    placement = Placement(abnormal.firm, abnormal.row, np.arange(len(abnormal)))
    inputs = Inputs(returns, paths.matrix[:, 1:], ("market",))
    holed = engine.run(MarketModel(), inputs, placement, paths.windows).abnormal
    same_as_loop(holed, (-2, 2))


def test_events_of_one_firm_on_one_date_twice() -> None:
    abnormal = measured(dates=3)
    twice = abnormal.take(np.r_[np.arange(len(abnormal)), 4, 4, 17])
    same_as_loop(twice, (-1, 1))


def test_a_panel_of_half_precision() -> None:
    abnormal = measured(kind=np.float32)
    found, expected = (inference.correlation(a, (-1, 1)) for a in (abnormal, stored(abnormal)))
    assert found.rbar == pytest.approx(expected.rbar, rel=1e-9)


@pytest.mark.parametrize("model", [RawReturn(), MarketAdjusted(), MeanAdjusted()])
def test_other_linear_models(model: Model) -> None:
    abnormal = measured(dates=4)
    paths = abnormal.paths
    assert isinstance(paths, LinearPaths)
    placement = Placement(abnormal.firm, abnormal.row, np.arange(len(abnormal)))
    factors = paths.matrix[:, 1:] if model.needs else np.empty((len(paths.matrix), 0))
    inputs = Inputs(paths.returns, factors, tuple(map(str, model.needs)))
    found = engine.run(model, inputs, placement, paths.windows).abnormal
    assert _linear_rows.closed(found) == isinstance(model, MeanAdjusted)
    same_as_loop(found, (-1, 1))


def test_a_series_that_does_not_move_has_no_correlation() -> None:
    abnormal = measured(dates=4)
    still = abnormal.sigma.copy()
    still[:5] = 0.0
    found = inference.correlation(replace(abnormal, sigma=still, _memo={}), (0, 0))
    assert found.left_out == _pairs_of(abnormal.row) - _pairs_of(abnormal.row[5:])


def _pairs_of(row: Ints) -> int:
    size = np.bincount(row)
    return int((size * (size - 1) // 2).sum())


@pytest.mark.usefixtures("chunk")
@pytest.mark.parametrize("key", ["dates_bmp", "dates_patell"])
def test_portfolios_of_dates_from_returns(key: str) -> None:
    abnormal, test = measured(dates=9), inference.resolve(key)
    found, expected = test(abnormal, (0, 0)), test(stored(abnormal), (0, 0))
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-12)
    assert (found.n, found.n_dates, found.note) == (expected.n, expected.n_dates, expected.note)
