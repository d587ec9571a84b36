"""Abnormal volatility against plain loops, its laws, its size, and where it ends."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
import oracle_volatility as loop
import pandas as pd
import pytest
from scipy import stats

import eventstudy as es
from eventstudy.activity import Volatility
from eventstudy.activity.conditional_variance import Recursion, spreads, under_normality
from eventstudy.activity.usual_days import usual_means
from eventstudy.activity.variance_sample import Measured
from eventstudy.errors import ModelError, OptionError, PanelError

mpl.use("Agg")

ESTIMATION, WINDOW = (-75, -6), (-3, 3)
STUDY = es.EventStudy(estimation=ESTIMATION, window=WINDOW)
DAY, SPAN = (0, 0), (-1, 1)


def table(
    seed: int,
    *,
    firms: int = 4,
    rows: tuple[int, ...] = (100, 110, 112, 150),
    law: str = "normal",
    rho: float = 0.3,
    swollen: float = 1.0,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns of some firms and SPY, and an event of each firm on each of the rows."""
    rng = np.random.default_rng(seed)
    size = max(rows) + 12
    draw = rng.standard_normal if law == "normal" else lambda s: rng.standard_t(4, s) / 2**0.5
    e = 0.03 * (rho**0.5 * draw((size, 1)) + (1 - rho) ** 0.5 * draw((size, firms)))
    e[list(rows)] *= swollen
    market = rng.normal(0.0, 0.01, size)
    days = pd.bdate_range("2020-01-01", periods=size)
    names = [f"F{i}" for i in range(firms)]
    frame = pd.DataFrame(
        np.column_stack([1.2 * market[:, None] + e, market]), days, [*names, "SPY"]
    )
    dates = np.repeat(days[list(rows)], firms)
    return frame, pd.DataFrame({"ticker": names * len(rows), "date": dates})


def measure(frame: pd.DataFrame, events: pd.DataFrame, **options: Any) -> Volatility:
    found = es.activity.volatility(
        events, es.Panel.from_returns(frame, market="SPY"), options.pop("study", STUDY), **options
    )
    assert isinstance(found, Volatility)
    return found


def looped(frame: pd.DataFrame, found: Volatility) -> list[loop.Event]:
    x = frame[["SPY"]].to_numpy()
    return [
        loop.event(frame[ticker].to_numpy(), x, row, ESTIMATION, WINDOW)
        for ticker, row in zip(found.events["ticker"], found.abnormal.row.tolist(), strict=True)
    ]


@cache
def world(key: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Some samples: dates that overlap, one date, one event, days that are missing."""
    if key == "dates":
        return table(1)
    if key == "one date":
        return table(2, firms=6, rows=(100,))
    if key == "one event":
        return table(3, firms=1, rows=(100,))
    frame, events = table(4)
    holes = np.random.default_rng(5).random((80, 4)) < 0.1
    frame.iloc[20:100, :4] = frame.iloc[20:100, :4].mask(holes)
    frame.iloc[111, 1] = np.nan
    return frame, events


@cache
def pair(key: str, *, log: bool = False) -> tuple[Volatility, list[loop.Event]]:
    found = measure(*world(key), log=log, draws=200, rng=7)
    return found, looped(world(key)[0], found)


WORLDS = ["dates", "one date", "one event", "holes"]


def retained(
    events: list[loop.Event], window: tuple[int, int]
) -> tuple[list[loop.Event], list[int]]:
    """Events that have all days of a window, and its columns."""
    days = [t - WINDOW[0] for t in range(window[0], window[1] + 1)]
    return [e for e in events if all(math.isfinite(e.during[t]) for t in days)], days


# ── the plain loop ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("key", WORLDS)
def test_u_equals_the_loop_on_event_days_and_left_out_days(key: str) -> None:
    found, events = pair(key)
    during = np.array([e.during for e in events])
    np.testing.assert_allclose(found.by_event.to_numpy(), during, rtol=1e-10)
    before = found.gauge.before(np.arange(len(events)), 0)
    np.testing.assert_allclose(before, [e.before for e in events], rtol=1e-9)


@pytest.mark.parametrize("window", [DAY, SPAN, (2, 3)])
@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("key", WORLDS)
def test_measure_and_placebo_equal_the_loop(key: str, log: bool, window: tuple[int, int]) -> None:
    found, events = pair(key, log=log)
    held, days = retained(events, window)
    m: Measured = found.measured(window)
    value = loop.avol(held, days, logs=log)
    assert m.raw == pytest.approx(value, rel=1e-10)
    lone = len(loop.clusters_of([e.row for e in held], len(days))) == 1
    values = (
        loop.placebo_means(held, len(days), logs=log)
        if lone
        else loop.drawn(held, len(days), 200, 7, logs=log)
    )
    np.testing.assert_allclose(m.usual.values, values, rtol=1e-9, atol=1e-12)
    low, high = np.quantile(values, (0.025, 0.975)) - (m.usual.mean if log else 0.0)
    assert m.level[1:] == pytest.approx((low, high), rel=1e-9, abs=1e-12)
    groups = loop.clusters_of([e.row for e in held], len(days))
    each = [loop.placebo_means([held[i] for i in g], len(days), logs=log) for g in groups]
    assert m.usual.windows == min(map(len, each))
    mean = sum(len(g) * np.mean(z) for g, z in zip(groups, each, strict=True)) / len(held)
    assert m.usual.mean == pytest.approx(mean, rel=1e-9)
    expected = m.usual.mean if log else np.mean([e.dof / (e.dof - 2.0) for e in held])
    assert m.cumulated == pytest.approx(len(days) * (value - expected), rel=1e-9)
    answer = found.test("placebo", window)
    assert answer.pvalue == pytest.approx(loop.placebo_pvalue(value, values), abs=1e-12)
    assert answer.law == ("permutation" if lone else "bootstrap")
    if log:
        assert found.test("normal_law", window).statistic == pytest.approx(
            loop.normal_log_law(held, days), rel=1e-10
        )
    else:
        law = found.test("normal_law", window, alternative="greater")
        assert (law.statistic, law.df, law.pvalue) == pytest.approx(
            loop.normal_law(held, days), rel=1e-8
        )
        assert m.kurtosis == pytest.approx(loop.kurtosis(held), rel=1e-9)


@pytest.mark.parametrize("window", [DAY, SPAN])
@pytest.mark.parametrize("key", ["dates", "holes"])
def test_the_t_across_dates_equals_the_loop(key: str, window: tuple[int, int]) -> None:
    found, events = pair(key)
    held, days = retained(events, window)
    answer = found.test("dates_t", window)
    assert (answer.statistic, answer.pvalue) == pytest.approx(loop.dates_t(held, days), rel=1e-9)


def test_the_cluster_with_the_fewest_windows_counts() -> None:
    days = np.array([[1.0, 2.0, 3.0, 4.0], [1.0, np.nan, 3.0, 5.0]])
    usual = usual_means([days, days], np.array([1, 3]), 50, 0)
    assert (usual.windows, usual.whole) == (1, False)
    assert usual.mean == pytest.approx((1.5 + 2.5 + 3.5) / 3 / 4 + 4.0 * 3 / 4)


def test_chains_of_overlapping_windows_are_one_cluster() -> None:
    found, events = pair("dates")
    assert found.test("dates_t", DAY).df == 3
    assert found.test("dates_t", SPAN).df == 2
    assert len(loop.clusters_of([e.row for e in events], 3)) == 3


def test_without_parameters_the_day_is_left_out_of_sigma_only() -> None:
    frame, events = world("one date")
    for demean in (True, False):
        model = es.MarketAdjusted(sigma_demean=demean)
        study = es.EventStudy(model, estimation=ESTIMATION, window=WINDOW)
        found = measure(frame, events, study=study)
        e = (frame["F0"] - frame["SPY"]).to_numpy()[25:95]
        before = found.gauge.before(np.arange(1), 0)[0]
        for t in (0, 33, 69):
            rest = np.delete(e, t)
            variance = rest.var(ddof=1) if demean else (rest**2).mean()
            assert before[t] == pytest.approx(e[t] ** 2 / variance, rel=1e-10)


def test_a_model_without_leverages_takes_their_mean() -> None:
    frame, events = world("one date")
    model = es.RobustMarketModel()
    study = es.EventStudy(model, estimation=ESTIMATION, window=WINDOW)
    found = measure(frame, events, study=study)
    a = found.abnormal
    e, s, v = a.residuals[0], a.sigma[0], a.dof[0]
    own = e**2 / (1.0 - 2.0 / 70.0)
    expected = own / ((v * s**2 - own) / (v - 1.0))
    np.testing.assert_allclose(found.gauge.before(np.arange(1), 0)[0], expected, rtol=1e-10)


# ── λ ────────────────────────────────────────────────────────────────────────────────────────
@cache
def garch(horizon: str = "forecast", rows: tuple[int, ...] = (130,)) -> Volatility:
    frame, events = table(8, firms=4, rows=rows)
    study = es.EventStudy(
        es.GarchMarketModel(horizon=horizon), estimation=(-110, -6), window=(-2, 2)
    )
    return measure(frame, events, measure="garch", study=study, draws=50, rng=3)


@pytest.mark.parametrize("rows", [(130,), (130, 150)])
@pytest.mark.parametrize("horizon", ["forecast", "filter"])
def test_lambda_equals_the_loop(horizon: str, rows: tuple[int, ...]) -> None:
    found = garch(horizon, rows)
    a = found.abnormal
    assert a.variance is not None
    h = a.variance * a.sigma[:, None] ** 2
    parameters = a.params[:, -3:]
    for window in (DAY, SPAN):
        days = range(window[0] + 2, window[1] + 3)
        lambdas = [loop.spread(a.abnormal[:, t].tolist(), h[:, t].tolist()) for t in days]
        row = found.cav(window).iloc[0]
        assert row["lambda"] == pytest.approx(np.mean(lambdas), rel=1e-10)
        assert row["cav"] == pytest.approx(sum(lambdas) - len(lambdas), rel=1e-9)
        law = found.test("normal_law", window, alternative="greater")
        n = len(a)
        assert law.df == (n - 1) * len(lambdas)
        sum_ = (n - 1) ** 2 / n * sum(lambdas)
        assert law.statistic == pytest.approx(sum_, rel=1e-10)
        assert law.pvalue == pytest.approx(stats.chi2(law.df).sf(sum_), rel=1e-9)
        values = looped_lambdas(found, window, parameters)
        np.testing.assert_allclose(found.measured(window).usual.values, values, rtol=1e-9)


def looped_lambdas(
    found: Volatility, window: tuple[int, int], parameters: np.ndarray
) -> list[float]:
    """Mean λ of placebo windows: all of one date, or one drawn for each of several."""
    e, rows = found.abnormal.residuals, found.abnormal.row.tolist()
    filtered = found.result.study.model.horizon == "filter"
    seen = []
    for day in range(window[0], window[1] + 1):
        ahead = 1 if filtered else day + 6
        seen.append([loop.garch_variances(e[i], p, ahead) for i, p in enumerate(parameters)])
    length = len(seen)
    groups = loop.clusters_of(rows, length)
    usable = [
        t
        for t in range(e.shape[1] - length + 1)
        if all(not math.isnan(seen[j][0][t + j]) for j in range(length))
    ]
    if len(groups) == 1:
        starts = [[t] for t in usable]
    else:
        random = np.random.Generator(np.random.PCG64(3)).random((50, len(groups)))
        starts = [[usable[int(share * len(usable))] for share in row] for row in random]
    values = []
    for start in starts:
        at = {i: start[k] for k, group in enumerate(groups) for i in group}
        each = [
            loop.spread(
                [e[i, at[i] + j] for i in range(len(e))],
                [seen[j][i][at[i] + j] for i in range(len(e))],
            )
            for j in range(length)
        ]
        values.append(sum(each) / length)
    return values


@pytest.mark.parametrize("kind", ["garch", "egarch"])
def test_the_recursion_ends_in_the_variance_that_the_model_forecasts(kind: str) -> None:
    """What is foreseen after the estimation days is `Fit.variance`, but for the start."""
    frame, events = table(9, firms=2, rows=(260,))
    study = es.EventStudy(es.GarchMarketModel(variance=kind), estimation=(-250, -6), window=(-2, 2))
    found = measure(frame, events, measure="squared", study=study)
    a, moves = found.abnormal, found.gauge.recursion
    assert isinstance(moves, Recursion)
    assert a.variance is not None
    process, e = moves.process, a.residuals
    last = moves.states[:, -1]
    after = process.step(moves.parameters, last, e[:, -1])
    h = process.forecast(moves.parameters, after, np.full((2, 1), 4))
    np.testing.assert_allclose(h[:, 0], a.variance[:, 0] * a.sigma**2, rtol=1e-2)
    seen = moves.variances(np.arange(2), -2)
    assert np.isnan(seen[:, :4]).all()
    np.testing.assert_allclose(
        seen[:, 40:41], process.forecast(moves.parameters, moves.states[:, 37], np.full((2, 1), 4))
    )


def test_lambda_follows_chi_squared_where_variances_are_known() -> None:
    rng = np.random.default_rng(0)
    h = np.full((4000, 9), 4e-4)
    lambdas, n = spreads(rng.normal(0.001, 0.02, (4000, 9)), h)
    assert stats.kstest(64 / 9 * lambdas, stats.chi2(8).cdf).pvalue > 0.01
    law = under_normality(lambdas[:5], n[:5])
    assert law.df == 40
    assert law.statistic == pytest.approx(64 / 9 * lambdas[:5].sum())
    h = 4e-4 * rng.uniform(0.3, 3.0, (40000, 9))
    lambdas, _ = spreads(rng.standard_normal((40000, 9)) * np.sqrt(h), h)
    assert lambdas.mean() == pytest.approx(9 / 8, abs=4 * lambdas.std() / 200)


def test_lambda_follows_chi_squared_in_garch_returns() -> None:
    """9 firms with variances of their own, known from the recursion, over 1,500 days."""
    rng = np.random.default_rng(2)
    z, h = rng.standard_normal((1500, 9)), np.full((1500, 9), 4e-4)
    for t in range(1, 1500):
        h[t] = 2e-5 + (0.1 * z[t - 1] ** 2 + 0.85) * h[t - 1]
    lambdas, _ = spreads(np.sqrt(h) * z + 0.01 * rng.standard_normal((1500, 1)), h)
    assert h.max() > 3 * h.min()
    assert stats.kstest(64 / 9 * lambdas, stats.chi2(8).cdf).pvalue > 0.01
    summed = lambdas.reshape(-1, 5).sum(axis=1)
    assert stats.kstest(64 / 9 * summed, stats.chi2(40).cdf).pvalue > 0.01


def test_without_its_factor_the_law_of_lambda_would_reject_too_often() -> None:
    rng = np.random.default_rng(1)
    lambdas, n = spreads(rng.normal(0.0, 0.02, (20000, 4)), np.full((20000, 4), 4e-4))
    mine = [under_normality(x[None], k[None]).upper for x, k in zip(lambdas, n, strict=True)]
    error = math.sqrt(0.05 * 0.95 / 20000)
    assert abs(np.mean(np.array(mine) <= 0.05) - 0.05) < 4 * error
    assert np.mean(stats.chi2(3).sf(3 * lambdas) <= 0.05) > 0.1


def test_lambda_needs_three_events() -> None:
    frame, events = table(8, firms=2, rows=(130,))
    study = es.EventStudy(es.GarchMarketModel(), estimation=(-110, -6), window=(-2, 2))
    found = measure(frame, events, measure="garch", study=study)
    assert found.daily["lambda"].isna().all()
    assert set(found.tests(DAY)["note"]) == {"2 events: λ compares at least 3"}
    assert found.sentence() == (
        "On the event day (day 0) nothing could be measured: 2 events: λ compares at least 3."
    )
    assert not found.tests(DAY)["valid"].any()
    assert found.plot().get_ylabel().startswith("λ")
    assert "nothing could be measured" in found.summary()


def test_squares_of_a_garch_model_are_over_its_own_forecasts() -> None:
    found = garch()
    squared = es.activity.volatility(
        found.events.reset_index(drop=True)[["ticker", "date"]],
        found.result.panel,
        found.result.study,
    )
    a = squared.abnormal
    assert a.variance is not None
    h = a.variance[:, 2] * a.sigma**2
    assert squared.daily["avol"].loc[0] == pytest.approx((a.abnormal[:, 2] ** 2 / h).mean())
    seen = loop.garch_variances(a.residuals[0], a.params[0, -3:], 6)
    np.testing.assert_allclose(
        squared.gauge.before(np.arange(1), 0)[0], a.residuals[0] ** 2 / np.array(seen), rtol=1e-10
    )
    # each day of a window is against usual days that were foreseen as early as it
    usual = []
    for day in (0, 1):
        each = [
            loop.garch_variances(e, p[-3:], day + 6)
            for e, p in zip(a.residuals, a.params, strict=True)
        ]
        usual.append((a.residuals**2 / np.array(each)).mean(axis=0))
    sums = (usual[0][:-1] + usual[1][1:]) / 2
    values = squared.measured((0, 1)).usual.values
    np.testing.assert_allclose(values, sums[np.isfinite(sums)], rtol=1e-10)


def test_the_recursion_starts_from_the_mean_over_days_that_are_there() -> None:
    frame, events = table(8, firms=3, rows=(130,))
    frame.iloc[30:100:5, 0] = np.nan
    study = es.EventStudy(es.GarchMarketModel(), estimation=(-110, -6), window=(-2, 2))
    found = measure(frame, events, study=study)
    e, p = found.abnormal.residuals[0], found.abnormal.params[0, -3:]
    assert np.isnan(e).sum() == 14
    seen = e**2 / np.array(loop.garch_variances(e, p, 6))
    np.testing.assert_allclose(found.gauge.before(np.arange(1), 0)[0], seen, rtol=1e-10)


def test_estimation_after_the_event_leaves_no_forecast_to_compare_with() -> None:
    events = table(8, firms=4, rows=(20,))[1]
    long = table(8, firms=4, rows=(160,))[0]
    study = es.EventStudy(es.GarchMarketModel(), estimation=[(20, 120)], window=(-2, 2))
    found = measure(long, events, measure="garch", study=study)
    assert found.test("placebo", DAY).note == "no estimation day lies before the event window"
    assert math.isfinite(found.test("normal_law", DAY).pvalue)
    assert "times what their models forecast" in found.sentence()


class Foreseen:
    """The market model with a variance of its own making, twice the average."""

    needs = ("market",)

    def fit(self, block: es.Block) -> es.Fit:
        found = es.MarketModel().fit(block)
        return replace(found, variance=np.full(found.abnormal.shape, 2.0), common=False)


def test_a_model_of_your_own_has_lambda_and_its_law_but_no_usual_days() -> None:
    frame, events = table(12, firms=4, rows=(100, 110, 120, 130), rho=0.0)
    lone = events.iloc[[0, 5, 10, 15]]
    study = es.EventStudy(Foreseen(), estimation=ESTIMATION, window=WINDOW)
    found = measure(frame, lone, measure="garch", study=study)
    row = found.cav(DAY).iloc[0]
    assert (row["test"], row["law"], row["df"]) == ("normal_law", "chi2", 3)
    assert math.isnan(row["usual"])
    why = "the model does not say how its variance moves from day to day"
    assert found.tests(DAY)["note"].tolist() == ["", why, why]
    assert re.search(
        r"times what their models forecast \(p = 0\.\d+, normal law\)", found.sentence()
    )
    found.plot()


def test_without_usual_days_a_multiple_is_against_what_independent_events_have() -> None:
    """E[λ] = N/(N−1), E[U] = ν/(ν−2) and E[ln U], so that 1 stands for no effect."""
    frame, events = table(12, firms=4, rows=(100,), rho=0.0)
    study = es.EventStudy(Foreseen(), estimation=ESTIMATION, window=WINDOW)
    found = measure(frame, events, measure="garch", study=study)
    raw = found.measured(DAY).raw
    assert found.measured(DAY).multiple == pytest.approx(raw * 3 / 4)
    assert f"was {raw * 3 / 4:.2f} times what their models forecast" in found.sentence()
    found = measure(frame, events, study=study)
    assert found.measured(DAY).multiple == pytest.approx(found.measured(DAY).raw * 66 / 68)
    logs = measure(frame, events, study=study, log=True)
    usual = stats.f(1, 68).expect(np.log)
    times = np.exp(logs.measured(DAY).raw - usual)
    assert logs.measured(DAY).multiple == pytest.approx(times, rel=1e-6)
    assert math.isnan(logs.measured(DAY).ratio)
    assert "-" not in logs.sentence().split("times")[0]


def test_a_window_that_no_event_has_is_told() -> None:
    frame, events = table(2, firms=6, rows=(100,))
    frame.iloc[101] = np.nan
    frame.iloc[101, -1] = 0.01
    for options in ({}, {"log": True}):
        found = measure(frame, events, **options)
        row = found.cav((1, 1)).iloc[0]
        assert (row["n"], row["pvalue"]) == (0, pytest.approx(math.nan, nan_ok=True))
        assert math.isnan(row["cav"])
        assert "nothing could be measured: no event has an abnormal return" in found.sentence(1)
        assert "no event has an abnormal return" in found.summary(1)


def test_a_horizon_beyond_the_estimation_leaves_no_usual_days() -> None:
    frame, events = table(12, firms=4, rows=(100,))
    study = es.EventStudy(es.GarchMarketModel(), estimation=(-80, -61), window=(-40, 2), min_obs=12)
    for name in ("garch", "squared"):
        found = measure(frame, events, measure=name, study=study)
        for window in (DAY, (-40, 2)):
            assert found.test("placebo", window).note == (
                "no placebo window lies in the estimation window"
            )
            assert math.isnan(found.cav(window)["usual"].iloc[0])


def test_clusters_that_do_not_differ_have_no_t() -> None:
    pattern = np.random.default_rng(0).normal(0.0, 0.02, 10)
    days = pd.bdate_range("2020-01-01", periods=200)
    frame = pd.DataFrame({"AAA": np.tile(pattern, 20), "SPY": 0.01 * np.tile(pattern, 20)}, days)
    events = pd.DataFrame({"ticker": "AAA", "date": days[[100, 150]]})
    study = es.EventStudy(es.RawReturn(), estimation=ESTIMATION, window=WINDOW)
    found = measure(frame, events, study=study)
    assert found.test("dates_t", DAY).note == "the clusters do not differ"


def test_dropped_events_stand_on_the_page() -> None:
    frame, events = table(2, firms=6, rows=(100,))
    events.loc[6] = ["GONE", events["date"].iloc[0]]
    text = measure(frame, events).summary()
    assert "6 kept, 1 dropped" in text
    assert "unknown_ticker" in text


# ── laws, size, power ────────────────────────────────────────────────────────────────────────
def test_u_follows_f_under_normality() -> None:
    frame, events = table(11, firms=500, rows=(100,), rho=0.0)
    found = measure(frame, events)
    u = found.by_event[0].to_numpy()
    assert stats.kstest(u, stats.f(1, 68).cdf).pvalue > 0.01
    before = found.gauge.before(np.arange(500), 0)[:, 20]
    assert stats.kstest(before, stats.f(1, 67).cdf).pvalue > 0.01


def test_the_leading_test_keeps_its_size_on_one_date_and_the_law_does_not() -> None:
    """300 samples, 12 firms on one date with ρ = .3 and fat tails, tested at 5 %."""
    hits: dict[str, list[bool]] = {"placebo": [], "normal_law": []}
    for seed in range(300):
        found = measure(*table(1000 + seed, firms=12, rows=(85,), law="fat"))
        assert found.cav(DAY)["test"].tolist() == ["placebo"]
        assert not found.tests(DAY).set_index("test")["valid"]["normal_law"]
        for name, rows in hits.items():
            rows.append(found.test(name, DAY).pvalue <= 0.05)
    error = math.sqrt(0.05 * 0.95 / 300)
    assert abs(np.mean(hits["placebo"]) - 0.05) < 4 * error
    assert np.mean(hits["normal_law"]) > 0.05 + 8 * error


def test_the_t_across_dates_keeps_its_size_with_fat_tails() -> None:
    hits, law = [], []
    for seed in range(200):
        frame, events = table(seed, firms=5, rows=tuple(range(90, 170, 10)), law="fat")
        answers = measure(frame, events, draws=199).tests(DAY).set_index("test")
        hits.append(answers["pvalue"]["dates_t"] <= 0.05)
        law.append(answers["pvalue"]["normal_law"] <= 0.05)
    assert abs(np.mean(hits) - 0.05) < 4 * math.sqrt(0.05 * 0.95 / 200)
    assert np.mean(law) > 0.12


def test_a_fourfold_variance_is_found_on_its_day_alone() -> None:
    frame, events = table(21, firms=6, rows=tuple(range(90, 250, 20)), swollen=2.0)
    found = measure(frame, events)
    daily = found.daily
    assert daily["test"].unique().tolist() == ["dates_t"]
    assert daily["pvalue"].loc[0] < 0.005
    assert (daily["pvalue"].drop(0) > 0.01).all()
    assert daily["ratio"].loc[0] == pytest.approx(4.0, rel=0.4)
    typical = math.exp(found.test("dates_t", DAY).estimate)
    assert found.sentence() == (
        f"On the event day (day 0) the variance of the abnormal returns of the 6 firms over 48 "
        f"events was {daily['ratio'].loc[0]:.1f} times the usual (the typical squared return "
        f"{typical:.1f} times, exp of mean ln U; p = 0.002, t across dates): that is more than "
        f"chance."
    )
    one = measure(*table(22, firms=12, rows=(100,), swollen=3.0, rho=0.0))
    assert one.daily["test"].unique().tolist() == ["placebo"]
    assert one.daily["pvalue"].loc[0] <= 0.05
    assert one.test("placebo", DAY, alternative="less").pvalue > 0.9


# ── which tests hold ─────────────────────────────────────────────────────────────────────────
def test_the_law_holds_for_independent_events_with_normal_returns_only() -> None:
    rows = tuple(range(90, 250, 20))
    alone = measure(*table(31, firms=1, rows=rows)).tests(DAY).set_index("test")
    assert alone["valid"].all()
    assert alone.index[0] == "placebo"
    assert "single events: ln U is skewed" in alone["note"]["dates_t"]
    fat = measure(*table(33, firms=1, rows=rows, law="fat", rho=0.0)).tests(DAY).set_index("test")
    assert re.fullmatch(
        r"fat tails \(kurtosis \d+\.\d, of normal returns 3\.0\): it rejects too often",
        fat["note"]["normal_law"],
    )
    shared = pair("one date")[0].tests(DAY).set_index("test")
    assert shared["note"]["normal_law"] == "events share dates: it takes them as independent"
    assert shared["note"]["dates_t"] == "one cluster of dates: it compares clusters"
    chained = pair("dates")[0].tests(SPAN).set_index("test")
    assert chained["note"]["normal_law"] == "windows overlap: it takes them as independent"
    assert chained["note"]["dates_t"] == "3 clusters of dates; at least 6 are advised"


def leads(rows: tuple[int, ...], firms: int, window: tuple[int, int] = DAY) -> str:
    found = measure(*table(21, firms=firms, rows=rows), draws=99)
    return str(found.cav(window)["test"].iloc[0])


def test_the_t_leads_from_six_clusters_on_where_events_share_dates() -> None:
    five, six = tuple(range(100, 200, 20)), tuple(range(100, 220, 20))
    assert leads(five, 3) == "placebo"
    assert leads(six, 3) == "dates_t"
    assert leads(six, 1) == "placebo"
    assert leads(tuple(range(100, 112, 2)), 1, SPAN) == "placebo"  # one chain of windows


def test_single_events_are_few_below_forty() -> None:
    for many, told in ((39, True), (40, False)):
        rows = tuple(range(100, 100 + 8 * many, 8))
        found = measure(*table(22, firms=1, rows=rows), draws=99)
        assert ("single events" in found.test("dates_t", DAY).note) == told


def test_a_window_needs_fifteen_usable_days_for_each_of_its_own() -> None:
    frame, events = table(2, firms=3, rows=(100,))
    for first, enough in ((-65, True), (-64, False)):
        study = es.EventStudy(estimation=(first, -6), window=(-3, 3), min_obs=20)
        tests = measure(frame, events, study=study).tests((0, 3)).set_index("test")
        assert bool(tests["valid"]["placebo"]) == enough


def test_calm_days_are_less_than_chance() -> None:
    found = measure(*table(2, firms=6, rows=(100,), swollen=1e-3))
    assert found.sentence().endswith("placebo windows): that is less than chance.")


def test_short_estimations_leave_too_few_placebo_windows() -> None:
    frame, events = table(2, firms=6, rows=(100,))
    short = es.EventStudy(estimation=(-40, -6), window=WINDOW, min_obs=20)
    found = measure(frame, events, study=short)
    row = found.cav(DAY).iloc[0]
    assert row["note"] == "35 placebo windows: for a p of 5 % it needs 39"
    assert math.isnan(row["pvalue"])
    assert found.sentence().endswith(
        "No test is valid here: 35 placebo windows: for a p of 5 % it needs 39."
    )
    longer = es.EventStudy(estimation=(-60, -6), window=(-2, 2))
    wide = measure(frame, events, study=longer).tests((-2, 2)).set_index("test")
    assert wide["note"]["placebo"] == "55 usable days: for 5 event days it needs 75"


def test_a_window_longer_than_the_estimation_has_no_placebo_windows() -> None:
    frame, events = table(2, firms=6, rows=(100,))
    study = es.EventStudy(estimation=(-40, -21), window=(-15, 8), min_obs=15)
    found = measure(frame, events, study=study)
    assert found.test("placebo", (-15, 8)).note == (
        "no placebo window lies in the estimation window"
    )
    assert math.isnan(found.cav((-15, 8))["usual"].iloc[0])


def test_missing_days_take_the_event_out_of_the_window_only() -> None:
    found = pair("holes")[0]
    row = found.cav(DAY, (1, 1)).loc["[+1,+1]"]
    assert (found.cav(DAY)["n"].iloc[0], row["n"]) == (16, 15)
    assert row["note"].endswith("1 event without a return")


# ── invariances ──────────────────────────────────────────────────────────────────────────────
def numbers(found: Volatility) -> np.ndarray:
    tables = (found.daily, found.cav())
    return np.concatenate([t.select_dtypes("number").to_numpy(float).ravel() for t in tables])


@pytest.mark.parametrize("key", WORLDS)
def test_neither_the_order_of_events_nor_the_unit_matters(key: str) -> None:
    frame, events = world(key)
    plain = numbers(measure(frame, events, draws=100))
    shuffled = events.sample(frac=1.0, random_state=1)
    np.testing.assert_allclose(numbers(measure(frame, shuffled, draws=100)), plain, rtol=1e-9)
    np.testing.assert_allclose(numbers(measure(0.1 * frame, events, draws=100)), plain, rtol=1e-8)


def test_the_same_call_gives_the_same_bits_and_a_seed_other_draws() -> None:
    frame, events = world("dates")
    one, two, other = (measure(frame, events, draws=100, rng=s) for s in (0, 0, 1))
    assert numbers(one).tobytes() == numbers(two).tobytes()
    assert not np.array_equal(one.measured(DAY).usual.values, other.measured(DAY).usual.values)
    assert one.measured(DAY).usual.mean == other.measured(DAY).usual.mean


def test_parts_are_studies_of_their_own() -> None:
    frame, events = world("dates")
    whole = measure(frame, events.assign(kind=["a", "b"] * 8), draws=100)
    part = whole.by("kind")["a"]
    alone = measure(frame, events[np.array(whole.events["kind"] == "a")], draws=100)
    np.testing.assert_allclose(numbers(part), numbers(alone), rtol=1e-12)
    assert len(whole.where(whole.events["ticker"] == "F0")) == 4


# ── words and pictures ───────────────────────────────────────────────────────────────────────
def test_the_page_has_80_columns_and_says_what_does_not_hold() -> None:
    for found in (pair("one date")[0], pair("dates", log=True)[0], garch(), pair("one event")[0]):
        text = found.summary()
        assert max(map(len, text.splitlines())) <= 80
        assert "Not valid here, window [0,0]" in text
        assert str(found) == text
        assert "Volatility" in found._repr_html_()
    assert "The news falls on one date" in pair("one date")[0].summary()
    assert any("AVOL is here the mean of ln U" in n for n in pair("dates", log=True)[0].notes)


def test_sentences() -> None:
    found = pair("one date")[0]
    row = found.daily.loc[0]
    low, high = row["low"] / row["usual"], row["high"] / row["usual"]
    assert found.sentence() == (
        f"On the event day (day 0) the variance of the abnormal returns of the 6 firms was "
        f"{row['ratio']:.{1 if row['ratio'] >= 1.5 else 2}f} times the usual (95 % of usual days "
        f"lie between {low:.2f} and {high:.1f} times; p = {row['pvalue']:.2f}, placebo windows): "
        f"that can be chance."
    )
    said = pair("one event", log=True)[0].sentence(SPAN)
    assert said.startswith(
        "From one trading day before to one after the event the typical variance of the abnormal "
        "returns of F0 was "
    )
    assert " times the usual a day (95 % of usual days" in said
    assert (
        garch()
        .sentence()
        .startswith(
            "On the event day (day 0) the spread of the 4 firms about their common move was "
        )
    )


def test_the_picture_names_its_axes_and_keeps_hostile_names_as_text() -> None:
    import matplotlib.pyplot as plt

    frame, events = table(3, firms=1, rows=(100,))
    name = "<b>$x^2$</b>"
    found = measure(frame.rename(columns={"F0": name}), events.assign(ticker=name, event_id=name))
    ax = found.plot()
    ax.figure.canvas.draw()
    assert ax.get_ylabel() == "AVOL (variance against the expected)"
    assert ax.get_xlabel() == "trading days around day 0"
    assert ax.get_title(loc="left") == r"Volatility around <b>\$x^2\$</b>"
    assert "&lt;b&gt;$x^2$" in found._repr_html_()
    assert "<b>" not in found._repr_html_()
    given = plt.subplots()[1]
    assert pair("dates", log=True)[0].plot(given, title="both") is given
    assert given.get_ylabel() == "AVOL, ln U (variance against the expected)"
    assert garch().plot().get_ylabel() == "λ (variance against the expected)"
    plt.close("all")


def test_a_return_of_exactly_zero_has_no_logarithm() -> None:
    frame, events = table(3, firms=3, rows=(100,))
    frame.iloc[100, 0] = 0.0
    study = es.EventStudy(es.RawReturn(), estimation=ESTIMATION, window=WINDOW)
    found = measure(frame, events, study=study, log=True)
    assert found.by_event[0].iloc[0] == -math.inf
    assert found.daily["n"].loc[0] == 2
    assert any(
        note.startswith("1 event day has an abnormal return of exactly") for note in found.notes
    )
    assert found.daily["avol"].notna().all()


def test_logarithms_are_less_their_usual_mean() -> None:
    found, events = pair("one date", log=True)
    held, days = retained(events, DAY)
    usual = loop.mean_of(loop.placebo_means(held, 1, logs=True))
    row = found.daily.loc[0]
    assert row["avol"] == pytest.approx(loop.avol(held, days, logs=True) - usual, rel=1e-9)
    assert row["usual"] == 0.0
    assert row["ratio"] == pytest.approx(np.exp(row["avol"]), rel=1e-12)
    assert row["low"] < 0 < row["high"]
    assert usual == pytest.approx(-1.27, abs=0.3)


# ── refusals ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        (
            {"measure": "garch", "study": STUDY},
            ModelError,
            (
                "measure='garch' needs a model that forecasts the variance of each event day, and "
                "MarketModel does not; give study=es.EventStudy(model=es.GarchMarketModel())."
            ),
        ),
        (
            {"measure": "parkinson", "draws": 9},
            OptionError,
            "measure='parkinson' takes no option 'draws'; its options are model, among, lags.",
        ),
        (
            {"measure": "garch", "log": True},
            OptionError,
            "measure='garch' takes no option 'log'; its options are draws, rng.",
        ),
        ({"measure": "range"}, OptionError, "measure='range' is not known"),
        ({"log": "yes"}, OptionError, "log='yes' is not known; choose one of False, True."),
        ({"draws": 0}, OptionError, "draws=0"),
        ({"rng": "seed"}, OptionError, "rng='seed'"),
    ],
)
def test_refusals(options: dict[str, Any], kind: type[Exception], text: str) -> None:
    frame, events = world("one date")
    panel = es.Panel.from_returns(frame, market="SPY")
    asked = {"study": STUDY, **options}
    with pytest.raises(kind, match=re.escape(text)):
        es.activity.volatility(events, panel, **asked)


def measured_with(*wrong: Any) -> object:
    return es.activity.volatility(*wrong)


def test_what_is_no_panel_no_study_no_test_is_refused() -> None:
    frame, events = world("one date")
    panel = es.Panel.from_returns(frame, market="SPY")
    with pytest.raises(PanelError):
        measured_with(events, frame, STUDY)
    with pytest.raises(OptionError):
        measured_with(events, panel, es.MarketModel())
    found = pair("one date")[0]
    with pytest.raises(OptionError, match="test='bmp' is not known"):
        found.test("bmp", DAY)
    with pytest.raises(OptionError, match="alternative='up' is not known"):
        found.tests(DAY, alternative="up")
    with pytest.raises(es.errors.WindowError):
        found.cav((-9, 9))


def test_without_a_study_the_defaults_are_those_of_the_measure() -> None:
    frame, events = table(40, firms=3, rows=(260,))
    panel = es.Panel.from_returns(frame, market="SPY")
    squared = es.activity.volatility(events, panel)
    assert type(squared.result.study.model) is es.MarketModel
    assert type(es.activity.volatility(events, panel, measure="garch").result.study.model) is (
        es.GarchMarketModel
    )
