"""Laws of the scan where days are missing, on any data."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from properties.strategies import Case, Floats, cases, close

from eventstudy import engine
from eventstudy.arrays import Inputs, Placement
from eventstudy.rolling import Rolling, every_window

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
GAPS = (0.01, 0.05, 0.3)


def scan(case: Case, **options: Any) -> Rolling:
    seen = Inputs(case.returns, case.factors, case.names, None, case.excluded)
    windows = [case.asked, (case.windows.event.first, case.windows.event.last)]
    return every_window(case.model, seen, case.windows, windows, min_obs=case.min_obs, **options)


def tables(found: Rolling) -> dict[str, Floats]:
    return {"car": found.car, "scar": found.scar, "sigma": found.sigma[None]}


def with_exclusions(case: Case, share: float) -> Case:
    excluded = case.rng.random(case.returns.shape) < share
    return case.change(excluded=excluded if share else None)


@calm
@given(cases(gaps=GAPS, events=(1, 5)), st.sampled_from([0.0, 0.1]), st.sampled_from([1, 20]))
def test_each_window_is_that_of_an_event(case: Case, share: float, least: int) -> None:
    case = with_exclusions(case, share).change(min_obs=least)
    found, (firms, sessions) = scan(case), case.returns.shape
    event = case.windows.event
    days = np.arange(max(0, -event.first), sessions - max(0, event.last))
    firm, row = np.repeat(np.arange(firms), len(days)), np.tile(days, firms)
    seen = Inputs(case.returns, case.factors, case.names, None, case.excluded)
    placed = Placement(firm, row, np.arange(len(row)))
    outcome = engine.run(case.model, seen, placed, case.windows, min_obs=least)
    good = outcome.reason == 0
    abnormal, at = outcome.abnormal.take(good), (firm[good], row[good])
    assert np.isnan(found.sigma[firm[~good], row[~good]]).all()
    assert list(found.n_obs[at]) == list(abnormal.n_obs)
    close(found.sigma[at], abnormal.sigma, case.size)
    for w, window in enumerate(found.windows):
        close(found.car[w][at], abnormal.car(window), case.size * len(window))
        scale = case.size * len(window) / abnormal.sigma.min(initial=case.size)
        close(found.scar[w][at], abnormal.scar(window), scale)


@calm
@given(cases(gaps=(0.0, 0.02), events=(2, 5)), st.integers(1, 12))
def test_a_hole_touches_its_own_windows_only(case: Case, run: int) -> None:
    case = case.change(min_obs=20)
    firm, day = 0, int(case.rng.integers(case.returns.shape[1]))
    returns = case.returns.copy()
    returns[firm, day : day + run] = np.nan
    one, two = scan(case), scan(case.change(returns=returns))
    sessions = np.arange(case.returns.shape[1])[:, None]
    held = np.zeros(case.returns.shape, dtype=bool)
    for window in (case.windows.estimation, case.windows.event):
        rows = sessions + np.array(window.days)
        held[firm] |= ((rows >= day) & (rows < day + run)).any(axis=1)
    for name, table in tables(one).items():
        other = tables(two)[name]
        scale = case.size * 50 / (np.nanmin(one.sigma, initial=case.size) if name == "scar" else 1)
        close(table[:, ~held], other[:, ~held], scale)


@calm
@given(cases(gaps=GAPS, events=(3, 8)), st.integers(-2, 2))
def test_firms_may_be_scaled_copied_and_turned_around(case: Case, power: int) -> None:
    """Securities of other chunks, alone or among many, have the same numbers."""
    firms, k = len(case.returns), 10.0**power
    order = case.rng.permutation(np.tile(np.arange(firms), 13))
    one, two = scan(case), scan(case.change(returns=k * case.returns[order]), workers=2)
    units = {"car": k * case.size * 50, "sigma": k * case.size}
    units["scar"] = case.size * 50 / np.nanmin(one.sigma, initial=case.size)
    for name, table in tables(one).items():
        wanted = table[:, order] * (1.0 if name == "scar" else k)
        close(tables(two)[name], wanted, units[name])
    assert (two.n_obs == one.n_obs[order]).all()


@calm
@given(cases(gaps=GAPS, events=(1, 4)))
def test_a_day_that_nobody_traded_is_a_day_that_is_excluded(case: Case) -> None:
    """Whether estimation days are missing or left out, the estimate is the same."""
    gone = np.isnan(case.returns)
    filled = np.where(gone, case.size * case.rng.normal(size=gone.shape), case.returns)
    one, two = scan(case), scan(case.change(returns=filled, excluded=gone))
    both = np.isfinite(one.sigma)
    assert np.isfinite(two.sigma[both]).all()
    close(one.sigma[both], two.sigma[both], case.size)
    assert (one.n_obs == two.n_obs)[both].all()
