"""Identities that a study must keep on any data (docs/methods.md, section G)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np
import oracle
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from properties.strategies import (
    Case,
    Floats,
    Story,
    answers,
    ask,
    cases,
    close,
    day_zero,
    same_answers,
    same_events,
    same_statistics,
    stories,
)

import eventstudy as es
from eventstudy.arrays import Block, FirmFactor, Fit, Model, Reason, Windows
from eventstudy.windows import Window

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ONE_DATE = ("one date",)


# ── the regression: G.1–G.9 ──────────────────────────────────────────────────────────────
@calm
@given(cases())
def test_residuals_sum_to_zero_and_are_orthogonal_to_the_factors(case: Case) -> None:
    found, kept = case.measure(), case.kept()
    e = np.nan_to_num(found.residuals)
    x = case.factors[case.of(kept).columns(case.windows.estimation)]
    close(e.sum(axis=1), 0.0, case.size * e.shape[1])
    lengths = np.abs(x).max(initial=0.0) * case.size * e.shape[1]
    close(np.einsum("nl,nlk->nk", e, x), 0.0, lengths)


@calm
@given(cases(), st.floats(-1e3, 1e3).filter(lambda k: abs(k) > 1e-3))
def test_scale_of_the_returns(case: Case, k: float) -> None:
    one, two = case.measure(), case.change(returns=k * case.returns).measure()
    close(two.abnormal, k * one.abnormal, abs(k) * case.size)
    close(two.sigma, abs(k) * one.sigma, abs(k) * case.size)
    close(two.sar, np.sign(k) * one.sar, case.size / one.sigma.min(initial=case.size))


@calm
@given(cases(), st.integers(-3, 3))
def test_a_constant_and_multiples_of_the_factors_are_explained(case: Case, power: int) -> None:
    rng, size = case.rng, 10.0**power
    constant = size * case.size * rng.normal(size=(len(case.returns), 1))
    loads = size * rng.normal(size=(len(case.returns), case.factors.shape[1]))
    moved = case.change(returns=case.returns + constant + loads @ case.factors.T)
    same_events(case.measure(), moved.measure(), max(case.size, moved.size))


@calm
@given(cases(factors=(1, 4)))
def test_factors_may_be_shifted_scaled_and_recombined(case: Case) -> None:
    rng, k = case.rng, case.factors.shape[1]
    turn = np.linalg.qr(rng.normal(size=(k, k)))[0] * rng.uniform(0.2, 5.0, k)
    shift = np.abs(case.factors).max() * rng.normal(size=k)
    other = case.change(factors=(case.factors + shift) @ turn)
    same_events(case.measure(), other.measure(), case.size)


SAME_MODELS: dict[str, tuple[Model, Model]] = {
    "capm without a rate is the market model": (es.CAPM("f0"), es.MarketModel("f0")),
    "one factor is the market model": (es.FactorModel(("f0",)), es.MarketModel("f0")),
    "no factor is the mean": (es.FactorModel(()), es.MeanAdjusted()),
    "excess over no rate is nothing": (
        es.FactorModel(("f0",), excess=True),
        es.FactorModel(("f0",)),
    ),
    "capm without alpha": (es.CAPM("f0", alpha=False), es.FactorModel(("f0",), alpha=False)),
}


@pytest.mark.parametrize("name", SAME_MODELS)
@calm
@given(case=cases(factors=(1, 1)))
def test_models_that_are_the_same(name: str, case: Case) -> None:
    one, two = SAME_MODELS[name]
    free = case.change(risk_free=np.zeros_like(case.risk_free))
    assert list(free.kept(one)) == list(free.kept(two))
    same_events(free.measure(one), free.measure(two), case.size)


@calm
@given(cases(factors=(1, 4)), st.integers(0, 3), st.sampled_from(["zero", "copy", "level"]))
def test_a_factor_that_adds_nothing_is_collinear(case: Case, at: int, kind: str) -> None:
    extra = {
        "zero": np.zeros(len(case.factors)),
        "copy": -2.0 * case.factors[:, at % case.factors.shape[1]],
        "level": np.full(len(case.factors), case.size),
    }[kind]
    known = case.outcome().reason
    found = case.change(factors=np.column_stack([case.factors, extra])).outcome().reason
    floor = {Reason.MIN_EST.code, Reason.NO_EVENT_DATA.code}
    assert all(now == Reason.COLLINEAR.code or now in floor for now in found)
    many = case.outcome().abnormal.n_obs > len(case.names) + 6  # enough for one more factor
    assert (found[(known == 0) & many] == Reason.COLLINEAR.code).all()


@calm
@given(cases(places=ONE_DATE))
def test_order_of_the_estimation_days_does_not_matter(case: Case) -> None:
    start = int(case.row[0]) + case.windows.estimation.first
    order = np.arange(case.returns.shape[1])
    inside = slice(start, start + len(case.windows.estimation))
    order[inside] = case.rng.permutation(order[inside])
    other = case.change(
        returns=case.returns[:, order],
        factors=case.factors[order],
        risk_free=case.risk_free[order],
    )
    one, two = case.measure(), other.measure()
    close(one.params, two.params, np.abs(one.params).max(initial=case.size))
    close(one.abnormal, two.abnormal, case.size)
    close(one.sigma, two.sigma, case.size)
    rolling = ("sq", "placebo_window")  # sums of successive days depend on their order
    same_statistics(one, two, case.inside, case.size, leave=rolling)
    for day in case.windows.event.days:
        for key in rolling:
            close(*(ask(key, found, (day, day)).pvalue for found in (one, two)))


@calm
@given(cases(places=ONE_DATE), st.integers(1, 30), st.booleans())
def test_empty_estimation_days_change_nothing(case: Case, extra: int, known: bool) -> None:
    rng, old = case.rng, case.windows.estimation
    at = int(case.row[0]) + old.first + int(rng.integers(0, len(old) + 1))
    size = np.abs(case.factors).max(initial=0.0)
    empty = size * rng.normal(size=(extra, len(case.names))) if known else np.nan
    other = case.change(
        returns=np.insert(case.returns, [at] * extra, np.nan, axis=1),
        factors=np.insert(case.factors, [at] * extra, empty, axis=0),
        risk_free=np.insert(case.risk_free, [at] * extra, 0.0),
        row=case.row + extra,
        windows=Windows(Window(old.first - extra, old.last), case.windows.event),
    )
    assert list(case.outcome().reason) == list(other.outcome().reason)
    one, two = case.measure(), other.measure()
    close(one.abnormal, two.abnormal, case.size)
    close(one.sigma, two.sigma, case.size)
    same_statistics(one, two, case.inside, case.size)


def dummy_t(y: Floats, x: Floats, days: int) -> tuple[float, float]:
    """Sum of the coefficients of a dummy for each of the last ``days`` rows, and its t."""
    dummies = np.zeros((len(y), days))
    dummies[len(y) - days :] = np.eye(days)
    design = np.column_stack([np.ones(len(y)), x, dummies])
    unit = np.linalg.norm(design, axis=0)
    u, s, vt = np.linalg.svd(design / unit, full_matrices=False)
    coefficients = (vt.T @ ((u.T @ y) / s)) / unit
    e = y - design @ coefficients
    pick = np.r_[np.zeros(design.shape[1] - days), np.ones(days)] / unit
    variance = float(e @ e) / (len(y) - design.shape[1]) * float((((vt @ pick) / s) ** 2).sum())
    total = float(coefficients[-days:].sum())
    return total, total / np.sqrt(variance)


@calm
@given(cases(events=(1, 4)))
def test_a_scar_is_the_t_of_event_dummies(case: Case) -> None:
    found = case.measure()
    some = case.of(case.kept())
    for window in case.inside:
        before = some.columns(case.windows.estimation)
        during = some.columns(Window(*window))
        for i, firm in enumerate(some.firm):
            days = before[i][np.isfinite(case.returns[firm, before[i]])]
            days = np.r_[days, during[i]]
            y, x = case.returns[firm, days], case.factors[days]
            if not np.isfinite(y).all():
                assert np.isnan(found.car(window)[i])
                continue
            total, t = dummy_t(y, x, during.shape[1])
            close(found.car(window)[i], total, case.size)
            close(found.scar(window)[i], t, case.size / found.sigma[i], 1e-9)


@calm
@given(cases())
def test_bounds_of_the_forecast_error(case: Case) -> None:
    found, slack = case.measure(), 1e-12
    for window in case.inside:
        assert (found.q(window) >= len(Window(*window)) * (1.0 - slack)).all()
    for day in case.windows.event.days:
        c = found.q((day, day))
        assert (c >= (1.0 + 1.0 / found.n_obs) * (1.0 - slack)).all()
        ar = found.abnormal[:, found.days((day, day))][:, 0]
        close(found.scar((day, day)), ar / (found.sigma * np.sqrt(c)))
        close(found.scar((day, day)), found.sar[:, found.days((day, day))][:, 0])


@calm
@given(cases(events=(1, 5), places=ONE_DATE))
def test_leverages_sum_to_the_number_of_parameters(case: Case) -> None:
    length = len(case.windows.estimation)
    block = Block(
        returns=case.returns[:, :length],
        factors=case.factors[:length],
        names=case.names,
        rows=np.arange(length),
        estimation=slice(0, length),
        event=slice(0, length),
    )
    fit = case.model.fit(block)
    h = np.where(block.valid, (fit.root**2).sum(axis=-1), 0.0)
    close(h.sum(axis=1), len(case.names) + 1)
    least = 1.0 / block.valid.sum(axis=1, keepdims=True)
    assert (np.where(block.valid, h, 1.0) >= least * (1.0 - 1e-9)).all()


# ── the specification itself ─────────────────────────────────────────────────────────────
@calm
@given(cases(events=(1, 5)), st.sampled_from(["drop", "skip"]))
def test_the_plain_loop_says_the_same(case: Case, missing: str) -> None:
    """Reasons, abnormal returns, sums and tests of tests/oracle.py, on any data."""
    k = len(case.names)
    setup = oracle.Setup(
        model=oracle.linear(k),
        estimation=(case.windows.estimation.first, case.windows.estimation.last),
        window=(case.windows.event.first, case.windows.event.last),
        min_obs=case.min_obs,
        missing=missing,
    )
    data = oracle.Data(case.returns, case.factors, case.risk_free, None)
    plain = oracle.run(data, list(case.firm), list(case.row), setup)
    outcome = case.outcome(missing=missing)
    codes = {i: Reason(why).code for i, why in plain.dropped.items()}
    assert list(outcome.reason) == [codes.get(i, 0) for i in range(len(case.firm))]
    found = case.measure(missing=missing)
    for i, event in enumerate(plain.events):
        close(found.abnormal[i], event.ar, case.size)
        close(found.sigma[i], event.sigma, case.size)
        for window in case.inside:
            close(found.car(window)[i], event.car(window), case.size)
            close(found.scar(window)[i], event.scar(window), case.size / event.sigma)
    for key in ("adj_bmp", "rank", "portfolio_t", "dates_csect"):
        got, want = ask(key, found, case.asked), getattr(oracle, key)(plain, case.asked)
        close(got.statistic, want.statistic, 1.0, 1e-8)


# ── sums: G.14, G.15, G.17 ───────────────────────────────────────────────────────────────
@calm
@given(cases(), st.sampled_from(["drop", "skip", "zero"]))
def test_cars_add_up(case: Case, missing: str) -> None:
    found, (a, b) = case.measure(missing=missing), case.asked
    for cut in range(a, b):
        left, right, whole = found.car((a, cut)), found.car((cut + 1, b)), found.car((a, b))
        if missing == "drop":
            close(left + right, whole, case.size)
        else:
            both = np.isnan(left) & np.isnan(right)
            total = np.where(both, np.nan, np.nan_to_num(left) + np.nan_to_num(right))
            close(total, whole, case.size)
    close(found.car((a, a)), found.abnormal[:, found.days((a, a))][:, 0], case.size)


@calm
@given(cases(kept=True, gaps=(0.0,)))
def test_caar_is_the_sum_of_the_average_abnormal_returns(case: Case) -> None:
    result, (a, b) = case.result(), case.asked
    caar = result.caar((a, b))["estimate"].iloc[0]
    close(result.aar["aar"].loc[a:b].sum(), caar, case.size)
    close(result.aar["caar"].iloc[-1], result.car().to_numpy().mean(), case.size)


@calm
@given(cases(kept=True, events=(2, 10)))
def test_caar_of_two_groups_is_their_weighted_mean(case: Case) -> None:
    result = case.result()
    first = case.rng.random(len(result.events)) < 0.5
    assume(first.any() and not first.all())
    parts = [result.where(mask).caar(case.asked).iloc[0] for mask in (first, ~first)]
    whole = result.caar(case.asked).iloc[0]
    assert sum(part["n"] for part in parts) == whole["n"]
    total = sum(part["n"] * np.nan_to_num(part["estimate"]) for part in parts)
    if whole["n"]:
        close(total / whole["n"], whole["estimate"], case.size)


@calm
@given(cases(kept=True, factors=(1, 1), scaled=False))
def test_log_and_simple_returns_tell_one_story(case: Case) -> None:
    calm_case = case.change(
        returns=np.maximum(case.returns, -0.9), factors=np.maximum(case.factors, -0.9)
    )
    logs = calm_case.change(
        returns=np.log1p(calm_case.returns), factors=np.log1p(calm_case.factors)
    )
    model = es.MarketAdjusted("f0")
    table, study = case.table(), case.study(model)
    simple, log = study.run(table, calm_case.panel()), study.run(table, logs.panel(kind="log"))
    both = simple.events.index.intersection(log.events.index)
    close(simple.bhar(case.asked).loc[both], log.bhar(case.asked).loc[both])
    some = calm_case.of(np.array([int(name[1:]) for name in log.events.index], dtype=np.int64))
    columns = some.columns(Window(*case.asked))
    held = (1.0 + calm_case.returns[some.firm[:, None], columns]).prod(axis=1)
    market = (1.0 + calm_case.factors[:, 0][columns]).prod(axis=1)
    close(log.car(case.asked).iloc[:, 0], np.log(held / market))
    day = (case.asked[0], case.asked[0])
    close(simple.bhar(day), simple.car(day))


@calm
@given(cases(factors=(1, 1)))
def test_a_stock_that_is_its_benchmark_has_no_buy_and_hold_return(case: Case) -> None:
    columns = case.columns(case.windows.event)
    returns = case.returns.copy()
    returns[case.firm[:, None], columns] = case.factors[:, 0][columns]
    found = case.change(returns=returns).measure(es.MarketAdjusted("f0"))
    for window in case.inside:
        assert (found.bhar(window) == 0.0).all()
        assert (found.car(window) == 0.0).all()


# ── what must not matter: G.16, G.19, G.42, G.43 ─────────────────────────────────────────
@calm
@given(cases())
def test_order_of_the_events_does_not_matter(case: Case) -> None:
    order = case.rng.permutation(len(case.firm))
    one, two = case.outcome(), case.of(order).outcome()
    assert list(one.reason[order]) == list(two.reason)
    kept = one.reason[order] == 0
    same_events(one.abnormal.take(order[kept]), two.abnormal.take(kept), case.size)
    same_statistics(case.measure(), case.of(order).measure(), case.inside, case.size)


@calm
@given(cases(kept=True, events=(2, 8)))
def test_tables_follow_the_events(case: Case) -> None:
    events, study, panel = case.table(), case.study(), case.panel()
    order = case.rng.permutation(len(events))
    one, two = study.run(events, panel), study.run(events.iloc[order], panel)
    kept = [f"e{i}" for i in order if f"e{i}" in one.events.index]
    assert list(two.events.index) == kept
    for table in ("ar", "estimates"):
        a, b = getattr(one, table), getattr(two, table)
        numbers = a.select_dtypes("number").columns
        close(a.loc[kept, numbers], b[numbers], case.size)
    close(one.aar, two.aar, case.size, 1e-9)
    a, b = one.caar(*case.inside), two.caar(*case.inside)
    close(a.select_dtypes("number"), b.select_dtypes("number"), case.size, 1e-9)
    pd.testing.assert_frame_equal(
        a.select_dtypes(exclude="number"), b.select_dtypes(exclude="number")
    )


@calm
@given(cases(events=(2, 8), gaps=(0.0, 0.03)), st.integers(2, 4))
def test_duplicated_events_leave_the_adjusted_tests_alone(case: Case, times: int) -> None:
    again = case.of(np.tile(np.arange(len(case.firm)), times))
    one, two = case.measure(), again.measure()
    for window in case.inside:
        close(one.car(window).tolist() * times, two.car(window), case.size)
        for key in ("adj_patell", "adj_bmp"):
            a, b = (ask(key, found, window, min_overlap=5) for found in (one, two))
            if np.isfinite(a.statistic):
                close(a.statistic, b.statistic, 1.0, 1e-8)
                close(a.n_eff, b.n_eff, 1.0, 1e-8)


@calm
@given(cases(kept=True, events=(2, 8), gaps=(0.0,), places=ONE_DATE))
def test_duplicates_are_kept_when_asked_for(case: Case) -> None:
    table = case.table()
    twice = pd.concat([table, table.assign(event_id=table["event_id"] + " again")])
    keep = es.Timing(duplicates="keep")
    one, two = case.result(), case.study(timing=keep).run(twice, case.panel())
    assert len(two.events) == 2 * len(one.events)
    for key in ("adj_patell", "adj_bmp", "portfolio_t"):
        a, b = one.test(key, case.asked), two.test(key, case.asked)
        if np.isfinite(a.statistic):
            close(a.statistic, b.statistic, 1.0, 1e-8)
    dropped = case.study().run(twice, case.panel()).dropped
    assert dropped["reason"].tolist() == ["duplicate"] * len(table)


@calm
@given(cases(gaps=(0.0,)))
def test_without_gaps_every_rule_for_gaps_is_the_same(case: Case) -> None:
    one = case.measure()
    for missing in ("skip", "zero"):
        two = case.measure(missing=missing)
        same_statistics(one, two, case.inside, case.size, tolerance=1e-12)
        for window in case.inside:
            close(one.bhar(window), two.bhar(window), np.abs(one.bhar(window)).max(), 1e-12)


@calm
@given(cases(events=(2, 10)))
def test_a_missing_day_is_a_deleted_event(case: Case) -> None:
    rng, day = case.rng, int(case.rng.integers(case.asked[0], case.asked[1] + 1))
    gone = rng.random(len(case.firm)) < 0.4
    assume(not gone.all())
    returns = case.returns.copy()
    # events of one firm may share days: their other windows must not be touched
    gone &= ~np.isin(case.firm, case.firm[~gone])
    returns[case.firm[gone], case.row[gone] + day] = np.nan
    holed = case.change(returns=returns)
    one, two = holed.measure(), holed.of(~gone).measure()
    same_statistics(one, two, [case.asked], case.size, tolerance=1e-11)


@calm
@given(cases(events=(2, 8)), st.sampled_from(["estimation", "window", "ticker", "still"]))
def test_a_dropped_event_was_never_there(case: Case, why: str) -> None:
    rng = case.rng
    gone = rng.random(len(case.firm)) < 0.4
    gone = np.isin(case.firm, case.firm[gone])
    assume(gone.any() and not gone.all())
    returns, table = case.returns.copy(), case.table()
    if why == "estimation":
        returns[case.firm[gone], : int(case.row.max()) + case.windows.estimation.last + 1] = np.nan
    elif why == "window":
        returns[case.firm[gone][:, None], case.of(gone).columns(case.windows.event)] = np.nan
    elif why == "still":
        returns[case.firm[gone]] = 0.0
    else:
        table.loc[gone, "ticker"] = "GONE"
    panel, study = case.change(returns=returns).panel(), case.study()
    assume(len(case.change(returns=returns).of(~gone).kept()) > 0)
    one, two = study.run(table, panel), study.run(table[~gone], panel)
    assert list(one.events.index) == list(two.events.index)
    assert set(table["event_id"][gone]) <= set(one.dropped.index)
    same_events(one.abnormal, two.abnormal, case.size, 1e-12)
    same_statistics(one.abnormal, two.abnormal, case.inside, case.size, tolerance=1e-11)


@calm
@given(cases(), st.integers(0, 9))
def test_an_event_alone_is_the_event_among_others(case: Case, at: int) -> None:
    alone, i = case.of(np.array([at % len(case.firm)])), at % len(case.firm)
    among, own = case.outcome(), alone.outcome()
    assert among.reason[i] == own.reason[0]
    if not own.reason[0]:
        same_events(among.abnormal.take(np.array([i])), own.abnormal, case.size)


@calm
@given(cases(), st.integers(-4, 4), st.integers(0, 9))
def test_a_planted_jump_comes_back(case: Case, power: int, at: int) -> None:
    a, b = case.asked
    jump, day = case.size * 10.0**power, int(case.rng.integers(a, b + 1))
    i = at % len(case.firm)
    mine = case.firm == case.firm[i]
    assume(mine.sum() == 1)  # no other event of the firm estimates on that day
    returns = case.returns.copy()
    returns[case.firm[i], case.row[i] + day] += jump
    one, two = case.outcome(), case.change(returns=returns).outcome()
    assert (one.reason == two.reason).all()
    assume(one.reason[i] == 0)
    moved = two.abnormal.car(case.asked) - one.abnormal.car(case.asked)
    known = np.isfinite(moved)
    close(moved[known & mine], jump, case.size + jump)
    assert (moved[known & ~mine] == 0.0).all()
    assert (one.abnormal.sigma[i], one.abnormal.dof[i]) == (
        two.abnormal.sigma[i],
        two.abnormal.dof[i],
    )


@calm
@given(cases(), st.integers(0, 40), st.integers(0, 40))
def test_sessions_outside_the_windows_do_not_matter(case: Case, before: int, after: int) -> None:
    rng, (firms, _), k = case.rng, case.returns.shape, case.factors.shape[1]

    def more(values: Floats, *shape: int) -> Floats:
        extra = [np.abs(case.size * rng.normal(size=(*shape, days))) for days in (before, after)]
        return np.concatenate([extra[0], values, extra[1]], axis=-1)

    other = case.change(
        returns=more(case.returns, firms),
        factors=more(case.factors.T, k).T,
        risk_free=more(case.risk_free),
        row=case.row + before,
    )
    one, two = case.measure(), other.measure()
    same_events(one, two, case.size, 1e-12)
    same_statistics(one, two, case.inside, case.size, tolerance=1e-12)


@calm
@given(cases(), st.integers(1, 25))
def test_data_that_begin_inside_the_estimation_window_are_missing_before(
    case: Case, cut: int
) -> None:
    returns, factors = case.returns.copy(), case.factors.copy()
    returns[:, :cut], factors[:cut] = np.nan, np.nan
    holed = case.change(returns=returns, factors=factors)
    short = case.change(
        returns=case.returns[:, cut:],
        factors=case.factors[cut:],
        risk_free=case.risk_free[cut:],
        row=case.row - cut,
    )
    assert list(holed.outcome().reason) == list(short.outcome().reason)
    one, two = holed.measure(), short.measure()
    same_events(one, two, case.size, 1e-12)
    same_statistics(one, two, case.inside, case.size, tolerance=1e-12)


@dataclass(frozen=True)
class Own:
    """A user's model: it has `needs` and ``fit(block)``, and nothing else."""

    inner: es.FactorModel

    @property
    def needs(self) -> tuple[str | FirmFactor, ...]:
        return self.inner.needs

    def fit(self, block: Block) -> Fit:
        return self.inner.fit(block)


def with_days_left_out(case: Case) -> Case:
    return case.change(excluded=case.rng.random(case.returns.shape) < 0.03)


@calm
@given(cases(), st.booleans())
def test_a_model_that_is_fitted_block_by_block_gives_the_same(case: Case, exclude: bool) -> None:
    case = with_days_left_out(case) if exclude else case
    inner = es.FactorModel(case.names)
    one, two = case.outcome(inner), case.outcome(Own(inner))
    # a stale price is found on raw returns, and collinear days are for linear models to find
    assert list(one.reason) == list(two.reason)
    kept = one.reason == 0
    same_events(one.abnormal.take(kept), two.abnormal.take(kept), case.size)
    close(one.abnormal.params[kept], two.abnormal.params[kept], np.abs(one.abnormal.params).max())
    close(one.abnormal.r2[kept], two.abnormal.r2[kept])
    # this model gives a design for each event; the complete ones of a date have the same
    same_statistics(one.abnormal.take(kept), two.abnormal.take(kept), case.inside, case.size)


@calm
@given(cases(), st.integers(1, 4), st.booleans())
def test_the_size_of_chunks_does_not_matter(case: Case, tile: int, exclude: bool) -> None:
    case = with_days_left_out(case) if exclude else case
    one = case.measure()
    with (
        mock.patch.multiple("eventstudy.engine.solving", TILE=tile, PART=tile, CROWD=2.0),
        mock.patch.multiple("eventstudy.engine.dates", DATES=1, LARGE=0),
        mock.patch.multiple("eventstudy.inference._sample", CHUNK=tile, KEEP=0),
    ):
        two = case.measure()
        same_events(one, two, case.size, 1e-12)
        small = answers(two, [case.asked])
    same_answers(answers(one, [case.asked]), small, case.size, 1e-12)


@calm
@given(
    cases(events=(128, 140), factors=(0, 2), places=("one date", "two dates")),
    st.sampled_from([{"CROWD": 2.0}, {"CROWD": 0.0, "TILE": 7}, {"CROWD": 0.0, "PART": 1}]),
    st.booleans(),
)
def test_crowded_dates_are_like_others(case: Case, sizes: dict[str, Any], exclude: bool) -> None:
    case = with_days_left_out(case) if exclude else case
    some = case.rng.permutation(len(case.firm))[:-2]  # crowded, yet not everyone is there
    case = case.of(np.sort(np.r_[some, some[:3]]))  # and three are there twice
    one = case.outcome()
    with mock.patch.multiple("eventstudy.engine.solving", **sizes):
        two = case.outcome()
    assert list(one.reason) == list(two.reason)
    kept = one.reason == 0
    same_events(one.abnormal.take(kept), two.abnormal.take(kept), case.size, 1e-12)


@calm
@given(cases(kept=True, events=(2, 6), scaled=False))
def test_type_and_order_of_the_numbers_do_not_matter(case: Case) -> None:
    table, study, rough = case.table(), case.study(), case.returns.astype(np.float32)
    plain = case.change(returns=rough.astype(np.float64), factors=case.factors)
    one = study.run(table, plain.panel()).abnormal
    for returns in (rough, np.asfortranarray(plain.returns), plain.returns[:, ::-1][:, ::-1]):
        two = study.run(table, case.change(returns=returns).panel()).abnormal
        np.testing.assert_array_equal(one.abnormal, two.abnormal)
        np.testing.assert_array_equal(one.sigma, two.sigma)


# ── the whole study ──────────────────────────────────────────────────────────────────────
def run(story: Story) -> tuple[es.Result | None, pd.DataFrame]:
    """The result, if any event is left, and the ledger."""
    try:
        result = story.study.run(story.events, story.panel)
    except es.errors.NothingLeft as nothing:
        ledger: pd.DataFrame = nothing.dropped
        return None, ledger
    return result, result.dropped


@calm
@given(stories())
def test_every_event_is_kept_or_dropped_with_a_reason(story: Story) -> None:
    result, dropped = run(story)
    kept = [] if result is None else list(result.events.index)
    assert sorted([*kept, *dropped.index]) == sorted(story.events.index)
    assert list(dropped.columns) == ["ticker", "date", "session", "reason", "detail"]
    assert set(dropped["reason"]) <= {str(reason) for reason in Reason}
    assert (dropped["detail"].str.len() > 0).all()
    assert [i for i in story.events.index if i in set(kept)] == kept
    if result is not None:
        assert len(result.abnormal) == len(kept) == len(result.car())
        assert np.isfinite(result.abnormal.abnormal).any(axis=1).all()
        assert (result.abnormal.sigma > 0).all()


@calm
@given(stories(duplicates=("keep",)))
def test_day_zero_is_what_a_plain_loop_finds(story: Story) -> None:
    result, dropped = run(story)
    sessions = [day.item() for day in story.panel.sessions]
    window = story.study.windows.event
    timing = {"before_data", "after_data", "not_trading_day", "shift", "unknown_ticker"}
    for name, event in story.events.iterrows():
        row, reason = day_zero(event["date"].date(), event["session"], sessions, story.study.timing)
        if event["ticker"] not in story.panel.tickers:
            row, reason = None, "unknown_ticker"
        elif row is not None and row + window.last >= len(sessions):
            row, reason = None, "after_data"
        elif row is not None and row + window.first < 0:
            row, reason = None, "before_data"
        if name in dropped.index:
            said = dropped.loc[str(name), "reason"]
            assert said == reason if reason else said not in timing
        else:
            assert result is not None
            assert row is not None
            assert result.estimates["day0"].dt.date[str(name)] == sessions[row]


@calm
@given(stories())
def test_the_inputs_stay_and_the_bits_repeat(story: Story) -> None:
    events, returns = story.events.copy(deep=True), story.panel.returns.copy()
    one, ledger = run(story)
    pd.testing.assert_frame_equal(story.events, events)
    np.testing.assert_array_equal(story.panel.returns, returns)
    two, again = run(story)
    pd.testing.assert_frame_equal(ledger, again)
    assert (one is None) == (two is None)
    if one is not None and two is not None:
        pd.testing.assert_frame_equal(one.ar, two.ar, check_exact=True)
        pd.testing.assert_frame_equal(one.estimates, two.estimates, check_exact=True)
        pd.testing.assert_frame_equal(one.caar(), two.caar(), check_exact=True)


def columns_of(line: str) -> int:
    """How wide a terminal shows a line: the bar of r̄ takes no column of its own."""
    return sum(not unicodedata.combining(letter) for letter in line)


@calm
@given(stories())
def test_every_story_can_be_told(story: Story) -> None:
    """No table, sentence or summary fails, whatever was dropped."""
    result, _ = run(story)
    assume(result is not None and len(result.events) > 0)
    assert result is not None
    assert [line for line in str(result).splitlines() if columns_of(line) > 80] == []
    window = story.study.windows.event.first
    assert result.sentence(window).endswith(".")
    assert len(result.tests(window)) == len(es.inference.names())
    assert len(result.to_frame()) == len(result.events) * len(story.study.windows.event)


@calm
@given(stories(events=(6, 12), duplicates=("first",), exclude=False), st.integers(0, 11))
def test_deleting_an_event_leaves_the_others(story: Story, at: int) -> None:
    """Without shared estimation days there is nothing that one event can do to another."""
    one, _ = run(story)
    assume(one is not None and len(one.events) > 1)
    assert one is not None
    name = one.events.index[at % len(one.events)]
    two = story.study.run(story.events.drop(index=str(name)), story.panel)
    left = one.events.index.drop(name).intersection(two.events.index)
    close(one.ar.loc[left], two.ar.loc[left], 1e-2)
    close(one.scar().loc[left], two.scar().loc[left])


@calm
@given(st.integers(0, 2**32 - 1))
def test_five_of_ten_firms_trade_and_all_rise(seed: int) -> None:
    """A firm that did not trade is no firm that did not rise: z = √5, not 0 (A.5, D.14)."""
    rng = np.random.default_rng(seed)
    days = pd.bdate_range("2025-01-01", periods=80)
    names = [f"F{i}" for i in range(10)]
    returns = pd.DataFrame(rng.normal(0, 0.01, (80, 10)), days, names)
    returns.iloc[70, :5] = returns.iloc[:70, :5].mean() + rng.uniform(0.001, 0.2, 5)
    returns.iloc[70, 5:] = np.nan
    study = es.EventStudy(model=es.MeanAdjusted(), estimation=(-60, -1), window=(0, 1))
    result = study.run(es.events_on(days[70], names), es.Panel.from_returns(returns))
    found = result.test("sign", (0, 0))
    assert (found.n, found.estimate) == (5, 1.0)
    assert found.statistic == pytest.approx(2.236067977, abs=1e-9)
    assert len(result.events) + len(result.dropped) == 10
