"""Placebo dates: where they may lie, what stays together, and what is measured there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from eventstudy import EventStudy, MarketModel, MeanAdjusted, engine
from eventstudy.arrays import Inputs, Placement, Windows
from eventstudy.errors import OptionError
from eventstudy.placebo import (
    Placebos,
    admissible,
    measure,
    placebo_dates,
    placebo_p,
    volatility_strata,
)
from eventstudy.placebo.dates import LEAST
from eventstudy.windows import Window

Ints = npt.NDArray[np.int64]
FIRMS, DAYS = 5, 260
WINDOWS = EventStudy(estimation=(-40, -6), window=(-3, 3)).windows
HOLES = EventStudy(estimation=[(-40, -20), (-15, -6)], window=(-3, 3)).windows
LATER = EventStudy(estimation=[(-40, -20), (10, 30)], window=(-3, 3)).windows


def world(seed: int = 0, gaps: float = 0.02, **more: Any) -> Inputs:
    """Returns of five firms with some days missing, one listed late, and a market."""
    rng = np.random.default_rng(seed)
    market = rng.normal(0, 0.01, DAYS)
    returns = market + rng.normal(0, 0.02, (FIRMS, DAYS))
    returns[rng.random(returns.shape) < gaps] = np.nan
    returns[4, :120] = np.nan
    return Inputs(returns, market[:, None].copy(), ("market",), **more)


def events(*pairs: tuple[int, int]) -> tuple[Ints, Ints]:
    """(firm, row) of events."""
    firm, row = np.array(pairs, dtype=np.int64).T
    return firm, row


TRUE = events((0, 100), (1, 100), (2, 101), (3, 150), (4, 150), (0, 200), (2, 203))


# ── where an event may lie ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize("windows", [WINDOWS, HOLES, LATER])
@pytest.mark.parametrize("tested", [Window(0, 0), Window(-1, 2), Window(-3, 3)])
@pytest.mark.parametrize("exclude", [False, True])
def test_admissible_sessions_are_those_of_a_plain_loop(
    windows: Windows, tested: Window, exclude: bool
) -> None:
    seen = world(gaps=0.004)
    seen.factors[77, 0] = np.nan
    if exclude:
        seen = replace(seen, excluded=np.random.default_rng(1).random((FIRMS, DAYS)) < 0.05)
    need = 26
    found = admissible(seen, windows, tested, need, TRUE)
    assert found.shape == (FIRMS, DAYS)
    assert 0 < found.sum() < found.size
    used = [d for w in (windows.intervals or (windows.estimation,)) for d in w.days]
    for firm in range(FIRMS):
        for t in range(DAYS):
            assert found[firm, t] == _may(seen, windows, (tested, used), need, (firm, t))


def _may(
    seen: Inputs, windows: Windows, days: tuple[Window, list[int]], need: int, at: tuple[int, int]
) -> bool:
    tested, used = days
    firm, t = at
    if t + windows.whole.first < 0 or t + windows.whole.last >= DAYS:
        return False
    if any(f == firm and abs(t - r) < len(tested) for f, r in zip(*TRUE, strict=True)):
        return False

    def known(day: int) -> bool:
        return bool(np.isfinite(seen.returns[firm, day]) and np.isfinite(seen.factors[day, 0]))

    if not all(known(t + d) for d in tested.days):
        return False
    out = seen.excluded
    return sum(known(t + d) and not (out is not None and out[firm, t + d]) for d in used) >= need


def test_a_factor_of_the_firms_own_is_looked_at_firm_by_firm() -> None:
    seen = world(gaps=0.0)
    own = np.ones((FIRMS, DAYS))
    own[1] = np.nan
    seen = replace(seen, factors=np.full((DAYS, 1), np.nan), own={0: own})
    found = admissible(seen, WINDOWS, Window(0, 0), 20, events((0, 100)))
    assert found[0].any()
    assert not found[1].any()


# ── joint dates ──────────────────────────────────────────────────────────────────────────
DAY0 = Window(0, 0)


def drawn(tested: Window = DAY0, draws: int = 60, **more: Any) -> Placebos:
    allowed = admissible(world(), WINDOWS, tested, 20, TRUE)
    return placebo_dates(TRUE, allowed, tested, draws, **more)


@pytest.mark.parametrize("tested", [Window(0, 0), Window(-1, 1), Window(-3, 3)])
@pytest.mark.parametrize("seed", range(3))
def test_the_structure_of_shared_days_stays(tested: Window, seed: int) -> None:
    found = drawn(tested, rng=seed)
    assert found.kept.tolist() == list(range(7))
    assert found.firm.tolist() == TRUE[0].tolist()
    assert found.row.shape == (len(found), 7) == (60, 7)
    length, true = len(tested), TRUE[1]
    near = np.abs(np.subtract.outer(true, true)) < length
    for _ in range(len(true)):  # chains: dates that others between them connect
        near = near @ near
    for row in found.row:
        apart = np.subtract.outer(row, row)
        assert (apart[near] == np.subtract.outer(true, true)[near]).all()
        assert (np.abs(apart[~near]) >= length).all()


@pytest.mark.parametrize("tested", [Window(0, 0), Window(-1, 1), Window(-3, 3)])
def test_every_placebo_event_lies_where_it_may(tested: Window) -> None:
    allowed = admissible(world(), WINDOWS, tested, 20, TRUE)
    found = placebo_dates(TRUE, allowed, tested, 200)
    assert allowed[found.firm, found.row].all()
    assert found.chains == {1: 5, 3: 4, 7: 3}[len(tested)]
    assert found.sessions <= allowed.any(axis=0).sum()


def test_all_sessions_come_up_about_as_often() -> None:
    one = events((0, 100), (1, 180))
    allowed = np.zeros((2, 200), dtype=bool)
    allowed[:, 50:150] = True
    rows = placebo_dates(one, allowed, Window(0, 0), 20_000).row
    counts = np.array([np.bincount(rows[:, e], minlength=200)[50:150] for e in (0, 1)])
    assert counts.sum() == 40_000
    assert np.abs(counts - 200).max() < 5 * np.sqrt(200)
    assert (rows[:, 0] != rows[:, 1]).all()


def test_one_chain_takes_each_session_once() -> None:
    allowed = np.zeros((2, 300), dtype=bool)
    allowed[:, 100:180] = True
    found = placebo_dates(events((0, 50), (1, 50)), allowed, Window(0, 0), 1000)
    assert sorted(found.row[:, 0]) == list(range(100, 180))
    assert found.sessions == 80
    few = placebo_dates(events((0, 50), (1, 50)), allowed, Window(0, 0), 30)
    assert len(set(few.row[:, 0].tolist())) == len(few) == 30


def test_sessions_of_a_chain_are_those_of_all_its_dates() -> None:
    allowed = np.zeros((2, 300), dtype=bool)
    allowed[:, 100:180] = True
    found = placebo_dates(events((0, 50), (1, 51)), allowed, Window(-1, 1), 1000)
    assert sorted(found.row[:, 0]) == list(range(100, 179))
    assert (found.chains, found.sessions) == (1, 80)


def test_events_may_come_in_any_order() -> None:
    allowed = admissible(world(), WINDOWS, DAY0, 20, TRUE)
    firm, row = TRUE[0][::-1], TRUE[1][::-1]
    found = placebo_dates((firm, row), allowed, DAY0, 60)
    assert (found.kept.tolist(), found.firm.tolist()) == (list(range(7)), firm.tolist())
    assert allowed[found.firm, found.row].all()
    together = np.equal.outer(row, row)
    for drawn_row in found.row:
        assert (np.equal.outer(drawn_row, drawn_row) == together).all()


def test_the_same_seed_draws_the_same_dates() -> None:
    assert (drawn(rng=3).row == drawn(rng=3).row).all()
    assert (drawn(rng=3).row == drawn(rng=np.random.Generator(np.random.PCG64(3))).row).all()
    assert (drawn(rng=3).row != drawn(rng=4).row).any()


def test_dates_stay_in_their_stratum() -> None:
    strata = np.arange(DAYS) // 20 % 3
    found = drawn(strata=strata)
    assert (strata[found.row] == strata[TRUE[1]]).all()


def test_a_firm_with_few_sessions_stays_out_of_its_date() -> None:
    allowed = np.zeros((3, 200), dtype=bool)
    allowed[:2, 100:160] = True
    allowed[2, 100 : 100 + LEAST - 1] = True
    found = placebo_dates(events((2, 50), (0, 50), (1, 80)), allowed, Window(0, 0), 10)
    assert found.kept.tolist() == [1, 2]
    allowed[2, 100 : 100 + LEAST] = True
    found = placebo_dates(events((2, 50), (0, 50), (1, 80)), allowed, Window(0, 0), 10)
    assert found.kept.tolist() == [0, 1, 2]


def test_no_session_at_all_is_refused() -> None:
    with pytest.raises(OptionError) as caught:
        placebo_dates(TRUE, np.zeros((FIRMS, DAYS), dtype=bool), Window(0, 0), 10)
    assert str(caught.value) == (
        "No event has 20 sessions on which it could have lain without news, with both "
        "windows inside the data; give longer prices or a shorter estimation window."
    )


def test_dates_without_room_are_refused() -> None:
    crowd = events(*((0, 10 * k) for k in range(15)))
    allowed = np.zeros((1, 200), dtype=bool)
    allowed[0, 100:130] = True
    with pytest.raises(OptionError) as caught:
        placebo_dates(crowd, allowed, Window(-1, 1), 10)
    assert str(caught.value) == (
        "15 placebo dates do not fit beside each other into 200 sessions; give "
        "longer prices, fewer dates or shorter windows."
    )


@pytest.mark.parametrize("groups", [2, 3])
def test_strata_are_equal_parts_of_earlier_volatility(groups: int) -> None:
    market = np.random.default_rng(2).standard_t(4, DAYS) * 0.01
    market[40] = np.nan
    found = volatility_strata(market, WINDOWS, groups)
    level = np.full(DAYS, np.nan)
    for t in range(DAYS):
        first = t + WINDOWS.event.first - 20
        if first >= 0:
            level[t] = np.std(market[first : first + 20], ddof=1)
    known = np.isfinite(level)
    assert (found[~known] == -1).all()
    counts = np.bincount(found[known], minlength=groups)
    assert counts.max() - counts.min() <= 1
    for k in range(groups - 1):
        assert level[found == k].max() <= level[found == k + 1].min()


# ── what is measured ─────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("model", [MarketModel(), MeanAdjusted()])
def test_draws_are_studies_of_their_own(model: Any) -> None:
    seen = world()
    if not model.needs:
        seen = replace(seen, factors=np.empty((DAYS, 0)), names=())
    placebos = drawn(draws=12)
    (found,) = measure(model, seen, WINDOWS, placebos, min_obs=20)
    assert len(found.abnormal) <= 12 * 7
    for d, abnormal in enumerate(found):
        placement = Placement(placebos.firm, placebos.row[d], np.arange(7))
        alone = engine.run(model, seen, placement, WINDOWS, min_obs=20).abnormal
        for name in ("abnormal", "sigma", "dof", "params", "row", "firm", "residuals"):
            np.testing.assert_allclose(
                getattr(abnormal, name), getattr(alone, name), rtol=1e-12, atol=1e-15
            )
        np.testing.assert_allclose(abnormal.q((-1, 1)), alone.q((-1, 1)), rtol=1e-12)
        assert found.means((-1, 1))[d] == pytest.approx(np.nanmean(alone.car((-1, 1))))


def test_events_that_cannot_be_measured_are_left_out_of_their_draws() -> None:
    seen = world(gaps=0.0)
    seen.returns[1, :130] = 0.0  # a stale price
    placebos = Placebos(
        np.arange(2), np.array([0, 1]), np.array([[100, 100], [200, 200]]), sessions=2, chains=1
    )
    (found,) = measure(MarketModel(), seen, WINDOWS, placebos)
    assert found.index[0, 1] == -1
    assert [len(draw) for draw in found] == [1, 2]
    assert np.isfinite(found.means((0, 0))).all()


@pytest.mark.parametrize("missing", ["drop", "skip", "zero"])
def test_missing_days_are_treated_as_in_the_study(missing: str) -> None:
    placebos = drawn(draws=40)
    seen = world(gaps=0.1)
    (found,) = measure(MarketModel(), seen, WINDOWS, placebos, min_obs=20, missing=missing)
    for d in (0, 39):
        placement = Placement(placebos.firm, placebos.row[d], np.arange(7))
        alone = engine.run(
            MarketModel(), seen, placement, WINDOWS, min_obs=20, missing=missing
        ).abnormal
        np.testing.assert_allclose(found.draw(d).car((-3, 3)), alone.car((-3, 3)), rtol=1e-12)
    lost = [int(np.isnan(draw.car((-3, 3))).sum()) for draw in found]
    assert (sum(lost) > 0) == (missing == "drop")


def test_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    placebos = drawn(draws=9)
    (whole,) = measure(MarketModel(), world(), WINDOWS, placebos)
    monkeypatch.setattr("eventstudy.placebo.measuring.EVENTS", 14)
    monkeypatch.setattr("eventstudy.placebo.measuring.KEEP", 0)
    parts = list(measure(MarketModel(), world(), WINDOWS, placebos))
    assert [len(part) for part in parts] == [2, 2, 2, 2, 1]
    means = np.concatenate([part.means((0, 1)) for part in parts])
    np.testing.assert_allclose(means, whole.means((0, 1)), rtol=1e-12)
    one = next(iter(parts[1]))
    np.testing.assert_allclose(one.residuals, whole.draw(2).residuals, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("caar", "alternative", "p"),
    [(0.03, "two-sided", 3 / 5), (0.03, "greater", 2 / 5), (-0.05, "less", 1 / 5), (9, "less", 1)],
)
def test_p_of_the_true_average(caar: float, alternative: str, p: float) -> None:
    means = np.array([-0.04, -0.01, np.nan, 0.02, 0.03])
    assert placebo_p(caar, means, alternative) == pytest.approx(p)
