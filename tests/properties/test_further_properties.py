"""Identities of docs/methods.md, section G, that stand in no other file of this folder.

`test_every_invariant.py` says for each item of G where it is tested.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from properties.strategies import Case, Floats, ask, cases, close, same_events, same_statistics

import eventstudy as es
from eventstudy import inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import StoredPaths
from eventstudy.inference._sample import sample_of
from eventstudy.inference.generalised_ranks import generalised_rank

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
#: for whole studies: a fifth of the examples of the profile
few = settings(calm, max_examples=max(10, settings().max_examples // 5))
ONE_DATE = ("one date",)
COMPLETE = (0.0,)
#: one date, nothing missing
together = cases(events=(3, 8), places=ONE_DATE, gaps=COMPLETE, kept=True)


def times(abnormal: Abnormal, factor: Floats) -> Abnormal:
    """Every event's abnormal returns times its own positive factor."""
    k = factor[:, None]
    paths = StoredPaths(abnormal.residuals * k, abnormal.actual, abnormal.expected)
    return replace(
        abnormal,
        abnormal=abnormal.abnormal * k,
        sigma=abnormal.sigma * factor,
        paths=paths,
        path=np.arange(len(abnormal)),
        _memo={},
    )


def with_event_days(abnormal: Abnormal, days: Floats) -> Abnormal:
    return replace(abnormal, abnormal=days, _memo={})


# ── G.10: leads and lags ─────────────────────────────────────────────────────────────────
@calm
@given(cases(factors=(1, 1)))
def test_no_lag_is_the_market_model(case: Case) -> None:
    plain, dimson = es.MarketModel("f0"), es.Dimson(lags=0, market="f0")
    assert list(case.kept(plain)) == list(case.kept(dimson))
    one, two = case.measure(plain), case.measure(dimson)
    close(one.abnormal, two.abnormal, case.size)
    close(one.sigma, two.sigma, case.size)


# ── G.16: who a firm is ──────────────────────────────────────────────────────────────────
@few
@given(cases(gaps=(0.0, 0.03)))
def test_names_and_order_of_the_firms_do_not_matter(case: Case) -> None:
    order = case.rng.permutation(len(case.returns))
    place = np.argsort(order)
    other = case.change(returns=case.returns[order], firm=place[case.firm])
    assert list(case.outcome().reason) == list(other.outcome().reason)
    one, two = case.measure(), other.measure()
    same_events(one, two, case.size, 1e-12)
    same_statistics(one, two, case.inside, case.size, tolerance=1e-11)


# ── G.18: weights ────────────────────────────────────────────────────────────────────────
@few
@given(together, st.floats(1e-3, 1e3))
def test_precision_weights(case: Case, k: float) -> None:
    """Weights 1/S²: with equal S² no weights; and only their ratio counts."""
    result = case.result()
    a = result.abnormal
    assume(len(a) > 2)
    even = replace(a, sigma=np.full(len(a), a.sigma.mean()), _memo={})
    found = replace(result, abnormal=even).explain("1", case.asked, weights="precision")
    close(found.table["coef"].iloc[0], even.car(case.asked).mean(), case.size)
    weight = 1.0 / (a.sigma**2 * a.q(case.asked))
    want = (weight * a.car(case.asked)).sum() / weight.sum()
    for scale in (1.0, k):
        other = replace(a, sigma=scale * a.sigma, _memo={})
        found = replace(result, abnormal=other).explain("1", case.asked, weights="precision")
        close(found.table["coef"].iloc[0], want, case.size)


# ── G.21, G.22, G.41: what is *not* invariant ────────────────────────────────────────────
@calm
@given(together)
def test_scale_of_an_event_is_seen_by_tests_on_returns(case: Case) -> None:
    a = case.measure()
    factor = np.ones(len(a))
    factor[0] = 100.0
    other = times(a, factor)
    whole = (case.windows.event.first, case.windows.event.last)
    for key in ("csect_t", "portfolio_t"):
        one, two = ask(key, a, whole), ask(key, other, whole)
        assert abs(one.statistic - two.statistic) > 1e-9 * abs(one.statistic), key
    for key in ("bmp", "patell", "sur_F", "rank", "corrado_sign", "grank_t", "rank_cz"):
        one, two = ask(key, a, whole), ask(key, other, whole)
        close(one.statistic, two.statistic, 1.0, 1e-8)


def test_generalised_ranks_see_more_than_order() -> None:
    """G.22: a strictly increasing map of each event's returns changes the SCAR, so GRANK moves."""
    moved = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        days = pd.bdate_range("2024-01-01", periods=100)
        frame = pd.DataFrame(rng.standard_normal((100, 6)) * 0.02, days, [*"ABCDEF"])
        study = es.EventStudy(model=es.RawReturn(), estimation=(-60, -6), window=(-1, 1))
        events = es.events_on(days[80], [*"ABCDEF"])
        one = study.run(events, es.Panel.from_returns(frame)).abnormal
        bent = frame * frame.abs() ** 0.8 * 10
        two = study.run(events, es.Panel.from_returns(bent)).abnormal
        a, b = (inference.grank_t(x, (-1, 1), correction="none").statistic for x in (one, two))
        moved += a != b
        close(inference.rank(one, (0, 0)).statistic, inference.rank(two, (0, 0)).statistic)
    assert moved > 10


def test_power_of_tests_across_events_is_not_monotone() -> None:
    """G.41: adding to every event what raises the spread may lower csect_t, never portfolio_t."""
    rng = np.random.default_rng(3)
    days = pd.bdate_range("2024-01-01", periods=100)
    frame = pd.DataFrame(rng.standard_normal((100, 6)) * 0.02, days, [*"ABCDEF"])
    study = es.EventStudy(model=es.MeanAdjusted(), estimation=(-60, -6), window=(0, 0))
    a = study.run(es.events_on(days[80], [*"ABCDEF"]), es.Panel.from_returns(frame)).abnormal
    small = with_event_days(a, np.array([[0.010], [0.011], [0.010], [0.010], [0.010], [0.011]]))
    large = with_event_days(a, small.abnormal + np.array([[0.0], [0], [0], [0], [0], [0.5]]))
    for key, grows in (("csect_t", False), ("bmp", False), ("portfolio_t", True), ("patell", True)):
        assert (ask(key, large, (0, 0)).statistic > ask(key, small, (0, 0)).statistic) == grows, key


# ── G.27: combinations of the events ─────────────────────────────────────────────────────
@calm
@given(together)
def test_joint_f_does_not_depend_on_the_combination_of_events(case: Case) -> None:
    a = case.measure()
    n = len(a)
    turn = np.linalg.qr(case.rng.standard_normal((n, n)))[0] * case.rng.uniform(0.3, 3.0, n)
    mixed = turn @ (a.residuals / a.sigma[:, None])
    other = replace(
        a,
        abnormal=turn @ (a.abnormal / a.sigma[:, None]),
        sigma=np.sqrt((mixed**2).sum(axis=1) / a.dof),
        paths=StoredPaths(mixed, a.actual, a.expected),
        path=np.arange(n),
        _memo={},
    )
    one, two = inference.sur_F(a, case.asked), inference.sur_F(other, case.asked)
    assume(math.isfinite(one.statistic) and math.isfinite(two.statistic))
    close(one.statistic, two.statistic, 1.0, 1e-7)


# ── G.33: GRANK grows with Z and becomes it ──────────────────────────────────────────────
@calm
@given(together)
def test_generalised_rank_t_grows_with_z(case: Case) -> None:
    a = case.measure()
    found = []
    for shift in (-1.5, -0.5, 0.0, 0.7, 2.0):
        moved = with_event_days(a, a.abnormal + shift * a.sigma[:, None])
        ranked = generalised_rank(sample_of(moved, case.asked), 1.0)
        t = inference.grank_t(moved, case.asked, correction="none").statistic
        if math.isfinite(t):
            found.append((ranked.mean / ranked.deviation, t))
    ordered = sorted(found)
    assert [t for _, t in ordered] == sorted(t for _, t in found)
    assert all(abs(t) >= abs(z) - 1e-12 or abs(z) < 1 for z, t in found)


def test_generalised_rank_t_becomes_z() -> None:
    gaps = []
    for days in (50, 500, 5000):
        rng = np.random.default_rng(1)
        frame = pd.DataFrame(
            rng.standard_normal((days + 20, 6)) * 0.02,
            pd.bdate_range("1990-01-01", periods=days + 20), [*"ABCDEF"],
        )  # fmt: skip
        frame.iloc[days + 10] += 0.02
        study = es.EventStudy(model=es.MeanAdjusted(), estimation=(-days, -1), window=(0, 0))
        events = es.events_on(frame.index[days + 10], [*"ABCDEF"])
        a = study.run(events, es.Panel.from_returns(frame)).abnormal
        ranked = generalised_rank(sample_of(a, (0, 0)), 1.0)
        z = ranked.mean / ranked.deviation
        t = inference.grank_t(a, (0, 0), correction="none").statistic
        close(t, z * math.sqrt((days - 1) / (days - z**2)))
        gaps.append(abs(t / z - 1))
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 2e-3


# ── G.38, G.39: how small p can be ───────────────────────────────────────────────────────
def whole(x: float) -> bool:
    return abs(x - round(x)) < 1e-9 * max(1.0, abs(x))


@calm
@given(together, st.integers(19, 60))
def test_p_values_of_permutations_are_counts(case: Case, draws: int) -> None:
    a = case.measure()
    rolled = a.residuals.shape[1] - (case.asked[1] - case.asked[0])
    for key in ("placebo_window", "sq"):
        p = ask(key, a, case.asked).pvalue
        assert whole(p * (rolled + 1)), key
        assert 1 / (rolled + 1) - 1e-12 <= p <= 1, key
    p = ask("permutation", a, case.asked, draws=draws).pvalue
    days = a.residuals.shape[1] if case.asked[0] == case.asked[1] else draws
    assert whole(p * (days + 1))
    assert 1 / (days + 1) - 1e-12 <= p <= 1


@few
@given(st.integers(2, 12), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_p_values_of_sign_flips_are_multiples(dates: int, size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        rng.standard_normal((400, size)) * 0.02, pd.bdate_range("2024-01-01", periods=400)
    ).rename(columns=lambda k: f"F{k}")
    days = frame.index[60 + 25 * np.arange(dates)]
    events = pd.concat([es.events_on(day, list(frame.columns)) for day in days])
    study = es.EventStudy(model=es.MeanAdjusted(), estimation=(-40, -6), window=(-1, 1))
    result = study.run(events.reset_index(drop=True), es.Panel.from_returns(frame))
    p = result.test("sign_flip_dates", (-1, 1)).pvalue
    assert whole(p * 2 ** (dates - 1))
    assert 2.0 ** (1 - dates) - 1e-12 <= p <= 1
    assert p > 0.05 or dates > 5


# ── G.40: several tests ──────────────────────────────────────────────────────────────────
@calm
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_order_of_corrections(raw: list[float]) -> None:
    p = np.array(raw)
    bonferroni, holm, bh, by = (
        adjust(p) for adjust in (inference.bonferroni, inference.holm, inference.bh, inference.by)
    )
    slack = 1e-12
    assert (holm >= p - slack).all()
    assert (holm <= bonferroni + slack).all()
    assert (bh <= holm + slack).all()
    assert (by >= bh - slack).all()
    for adjusted in (bonferroni, holm, bh, by):
        assert (adjusted <= 1).all()
        assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= -slack).all()
        if len(p) == 1:
            close(adjusted, p)


@calm
@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.floats(0, 3))
def test_romano_wolf_lies_between(seed: int, m: int, common: float) -> None:
    rng = np.random.default_rng(seed)
    draws = rng.standard_normal((99, m)) + common * rng.standard_normal((99, 1))
    t = 2 * rng.standard_normal(m)
    found = inference.romano_wolf(t, draws)
    reached = np.abs(draws)[:, :, None] >= np.abs(t)  # draw, its own hypothesis, the one asked
    raw = (1 + (np.abs(draws) >= np.abs(t)).sum(axis=0)) / 100
    assert (found >= raw - 1e-12).all()
    assert (found <= np.minimum(1.0, (1 + reached.sum(axis=(0, 1))) / 100) + 1e-12).all()
    assert (np.diff(found[np.argsort(-np.abs(t), kind="stable")]) >= -1e-12).all()


# ── G.45: groups and the cross-section ───────────────────────────────────────────────────
@few
@given(cases(events=(5, 10), places=("one date", "two dates"), gaps=COMPLETE, kept=True))
def test_a_difference_turns_with_its_groups(case: Case) -> None:
    result = case.result()
    n = len(result.events)
    assume(n >= 4)
    label = np.where(np.arange(n) % 3 == 0, "b", "a")
    one = result.compare(label, case.asked, groups=["a", "b"]).iloc[0]
    two = result.compare(label, case.asked, groups=["b", "a"]).iloc[0]
    assert (one["test"], one["n_a"]) == (two["test"], two["n_b"])
    car = result.car(case.asked).to_numpy()[:, 0]
    if one["test"] == "contrasts":
        close(one["estimate"], car[label == "a"].mean() - car[label == "b"].mean(), case.size)
    close(
        one[["estimate", "statistic", "ci_low", "ci_high"]],
        -two[["estimate", "statistic", "ci_high", "ci_low"]].to_numpy(float), case.size, 1e-8,
    )  # fmt: skip
    close(one["pvalue"], two["pvalue"], 1.0, 1e-8)


@few
@given(cases(events=(3, 10), gaps=COMPLETE, kept=True))
def test_a_regression_on_a_constant_is_the_average(case: Case) -> None:
    result = case.result()
    t = result.test("csect_t", case.asked)
    assume(math.isfinite(t.statistic))
    found = result.explain("1", case.asked, se="HC1").table.iloc[0]
    close(found[["coef", "se"]], [t.estimate, t.se], case.size)
    close(found[["t", "pvalue"]], [t.statistic, t.pvalue], 1.0, 1e-9)


# ── G.46 ─────────────────────────────────────────────────────────────────────────────────
@calm
@given(cases(events=(2, 10), gaps=COMPLETE))
def test_effective_number_of_events(case: Case) -> None:
    found = inference.correlation(case.measure(), case.asked)
    if 0 <= found.rbar <= 1:
        assert 1 - 1e-9 <= found.n_eff <= found.n + 1e-9
    else:
        assert math.isnan(found.rbar) or found.n_eff > found.n - 1e-9


@pytest.mark.parametrize("n", [2, 7])
def test_identical_events_are_one(n: int) -> None:
    frame = pd.DataFrame(
        np.random.default_rng(0).standard_normal(100) * 0.02,
        pd.bdate_range("2024-01-01", periods=100),
    )
    names = [f"F{i}" for i in range(n)]
    same = pd.DataFrame(np.tile(frame.to_numpy(), (1, n)), frame.index, names)
    study = es.EventStudy(model=es.MeanAdjusted(), estimation=(-60, -6), window=(0, 0))
    result = study.run(es.events_on(frame.index[80], names), es.Panel.from_returns(same))
    found = inference.correlation(result.abnormal, (0, 0))
    close([found.rbar, found.n_eff], [1.0, 1.0], tolerance=1e-8)
    assert math.isnan(result.test("adj_bmp", (0, 0)).statistic)
