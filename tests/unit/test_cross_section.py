"""Regressions of CARs: against statsmodels, the plain loop, identities, and what is refused."""

from __future__ import annotations

import html
import math
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import oracle
import pandas as pd
import pytest
from scipy import stats

import eventstudy as es
from eventstudy.cross_section.fitting import least_squares
from eventstudy.cross_section.sandwich import clustered, two_way
from eventstudy.cross_section.uncertainty import concentrated
from eventstudy.cross_section.wild import RADEMACHER, WEBB, Bootstrap, bootstrap, draw_weights
from eventstudy.errors import EventStudyError
from eventstudy.report import Explained

DAYS = pd.bdate_range("2022-01-03", periods=700)
FIRMS = [f"F{i:02d}" for i in range(12)]
COLUMNS = ["coef", "se", "t", "pvalue", "ci_low", "ci_high"]
KINDS = ["HC0", "HC1", "HC2", "HC3"]
WINDOW = (-1, 1)


@cache
def panel() -> es.Panel:
    rng = np.random.default_rng(3)
    market = rng.normal(0, 0.01, 700)
    common = rng.normal(0, 0.01, (700, 1))
    own = rng.standard_t(5, (700, 12)) * np.linspace(0.01, 0.03, 12)
    frame = pd.DataFrame(market[:, None] + common + own, DAYS, FIRMS).assign(SPY=market)
    frame.iloc[351, 0] = frame.iloc[499, 3] = np.nan
    return es.Panel.from_returns(frame, market="SPY")


def run(table: pd.DataFrame, model: Any = None, **options: Any) -> es.Result:
    options = {"estimation": (-110, -11), "window": (-5, 5), "min_obs": 60, **options}
    return es.EventStudy(es.MarketModel() if model is None else model, **options).run(
        table, panel()
    )


def on(*rows: int, firms: int = 12, seed: int = 0) -> pd.DataFrame:
    """An event of each firm on each of some days, with things to explain by."""
    tables = [es.events_on(DAYS[row], FIRMS[-firms:], session="before_open") for row in rows]
    table = pd.concat(tables).reset_index(drop=True)
    rng = np.random.default_rng(seed)
    n = len(table)
    return table.assign(
        size=rng.normal(size=n),
        surprise=rng.normal(size=n),
        turned=rng.random(n) < 0.4,
        kind=np.array(["deal", "capex", "report"])[np.arange(n) % 3],
        usd=np.exp(rng.normal(size=n)),
        same=1.0,
        twice=0.0,
    ).assign(twice=lambda t: 2.0 * t["size"] - 1.0)


@cache
def dated() -> es.Result:
    """Fourteen separate dates of twelve firms; two events have no CAR."""
    return run(on(*range(200, 620, 30)))


@cache
def few() -> es.Result:
    return run(on(200, 230, 260, firms=6))


@cache
def one_date() -> es.Result:
    return run(on(400))


def parts(result: es.Result, *names: str) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Regressors with a constant, CARs, and the events that have one."""
    y = result.car(WINDOW).iloc[:, 0]
    events = result.events[y.notna()]
    Z = np.column_stack([np.ones(len(events)), *(events[n].to_numpy(float) for n in names)])
    return Z, y.dropna().to_numpy(), events


def variances(result: es.Result) -> np.ndarray:
    """S² of the CARs that are there."""
    return np.asarray((result.car(WINDOW) / result.scar(WINDOW)).iloc[:, 0].dropna() ** 2)


def close(got: object, want: object, tolerance: float = 1e-10) -> None:
    np.testing.assert_allclose(
        np.asarray(got, dtype=float), np.asarray(want, dtype=float), rtol=tolerance, atol=1e-14
    )


def told(found: Explained, coef: np.ndarray, covariance: np.ndarray, df: float) -> None:
    """The table of ``found`` follows from coefficients, covariance and a t law."""
    se = np.sqrt(np.diag(covariance))
    reach = stats.t.isf(0.025, df) * se
    p = 2 * stats.t.sf(np.abs(coef / se), df)
    close(found.table, np.column_stack([coef, se, coef / se, p, coef - reach, coef + reach]))
    assert (found.law, found.df) == ("t", df)


# ── the standard errors ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("weights", [None, "precision", "fgls"])
@pytest.mark.parametrize("se", KINDS)
def test_unequal_variances(se: str, weights: str | None) -> None:
    found = dated().explain("size + turned", WINDOW, se=se, weights=weights)
    Z, y, _ = parts(dated(), "turned", "size")  # a factor comes first
    S2 = variances(dated())
    w = {None: None, "precision": 1 / S2, "fgls": 1 / (oracle.fgls_variance(Z, y, S2) + S2)}
    coef, _, _ = oracle.weighted_fit(Z, y, w[weights])
    told(found, coef, oracle.hc_covariance(Z, y, se, w[weights]), len(y) - 3)
    assert found.table.index.tolist() == ["Intercept", "turned[T.True]", "size"]
    assert found.table.columns.tolist() == COLUMNS
    assert found.n == len(y) == 166


@pytest.mark.parametrize("weights", [None, "precision"])
@pytest.mark.parametrize("se", [*KINDS, "firm", "date", ("firm", "date")])
def test_numbers_are_those_of_statsmodels(se: Any, weights: str | None) -> None:
    from statsmodels.formula.api import wls

    found = dated().explain("size + C(kind)", WINDOW, se=se, weights=weights)
    _, y, events = parts(dated())
    w = np.ones(len(y)) if weights is None else 1 / variances(dated())
    model = wls("y ~ size + C(kind)", events.assign(y=y), weights=w)
    codes = {"firm": pd.factorize(events["ticker"])[0], "date": pd.factorize(events["date"])[0]}
    if isinstance(se, str) and se in KINDS:
        other = model.fit(cov_type=se, use_t=True)
    else:
        asked = [codes[name] for name in ([se] if isinstance(se, str) else se)]
        groups = asked[0] if len(asked) == 1 else np.column_stack(asked)
        other = model.fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    close(found.table["coef"], other.params)
    close(found.table["se"], other.bse)
    close(found.table["pvalue"], other.pvalues, 1e-8)
    close(found.table[["ci_low", "ci_high"]], other.conf_int(), 1e-9)
    close(found.r2, other.rsquared)
    assert found.table.index.tolist() == other.params.index.tolist()


@pytest.mark.parametrize("weights", [None, "fgls"])
@pytest.mark.parametrize("se", ["date", "firm", ("firm", "date"), ["date", "firm"]])
def test_clusters(se: Any, weights: str | None) -> None:
    found = dated().explain("size", WINDOW, se=se, weights=weights)
    Z, y, events = parts(dated(), "size")
    S2 = variances(dated())
    w = None if weights is None else 1 / (oracle.fgls_variance(Z, y, S2) + S2)
    coef, _, _ = oracle.weighted_fit(Z, y, w)
    firms, dates = events["ticker"].tolist(), events["date"].tolist()
    if isinstance(se, str):
        by = {"date": dates, "firm": firms}[se]
        told(found, coef, oracle.cr1_covariance(Z, y, by, w), len(set(by)) - 1)
        assert found.clusters == {se: len(set(by))}
    else:
        told(found, coef, oracle.two_way_covariance(Z, y, firms, dates, w), 11)
        assert found.clusters == {"firm": 12, "date": 14}


@pytest.mark.parametrize("formula", ["size - 1", "C(kind) - 1", "size + C(kind)"])
def test_what_r_squared_is_about(formula: str) -> None:
    """About zero, unless the terms hold a constant, written or not."""
    from statsmodels.formula.api import ols

    _, y, events = parts(dated())
    want = ols(f"y ~ {formula}", events.assign(y=y)).fit().rsquared
    close(dated().explain(formula, WINDOW).r2, want)


def test_dates_with_overlapping_windows_are_one_cluster() -> None:
    result = run(on(*range(150, 640, 40), *range(152, 640, 40), firms=5))
    found = result.explain("size", WINDOW, se="date")
    Z, y, events = parts(result, "size")
    chain = (DAYS.get_indexer(pd.Index(events["date"])) - 150) // 40
    coef, _, _ = oracle.weighted_fit(Z, y)
    told(found, coef, oracle.cr1_covariance(Z, y, chain.tolist()), 12)
    assert "26 dates in 13 clusters of overlapping windows" in found.note
    assert result.explain("size", (0, 0), se="date").clusters == {"date": 26}


def test_a_negative_two_way_variance_is_mended() -> None:
    one, two = np.diag([1.0, 4.0]), np.diag([1.0, 1.0])
    both = np.array([[2.5, 1.0], [1.0, 2.0]])
    found, mended = two_way(one, two, both)
    assert mended
    assert np.linalg.eigvalsh(found).min() == pytest.approx(0.0, abs=1e-15)
    values, vectors = np.linalg.eigh(one + two - both)
    close(found, values[1] * np.outer(vectors[:, 1], vectors[:, 1]))
    assert not two_way(one, two, np.eye(2))[1]


def test_a_negative_two_way_variance_is_said() -> None:
    """CARs that cancel inside firms and inside dates leave only what the cells add."""
    rng = np.random.default_rng(0)
    table = on(*range(200, 620, 30))
    found = dated().explain("size", WINDOW, se=("firm", "date"))
    assert "negative" not in found.note
    result = run(table)
    signs = np.where((np.arange(14)[:, None] + np.arange(12)) % 2, 1.0, -1.0)
    car = 0.05 * signs.ravel() * (1 + 0.01 * rng.random(168))
    result.abnormal.abnormal[:, 5] = car
    result.abnormal.abnormal[:, [4, 6]] = 0.0
    found = result.explain("1", WINDOW, se=("firm", "date"))
    assert (
        "a two-way variance was negative: its negative eigenvalues were set to zero" in found.note
    )
    assert "Intercept: the standard error is zero" in found.note
    assert found.table[["se", "t", "pvalue"]].isna().all(axis=None)


# ── identities (G.28, G.45) ──────────────────────────────────────────────────────────────
def test_a_constant_is_the_average() -> None:
    result = run(on(*range(150, 640, 40)).iloc[::5])  # one event a date or two
    plain = result.explain("1", WINDOW, se="HC1")
    t = result.test("csect_t", WINDOW)
    close(plain.table.iloc[0, :4], [t.estimate, t.se, t.statistic, t.pvalue])
    weighed = result.explain("1", WINDOW, weights="precision")
    y, S2 = result.car(WINDOW).iloc[:, 0].dropna().to_numpy(), variances(result)
    close(weighed.table["coef"].iloc[0], np.sum(y / S2) / np.sum(1 / S2))


def test_clusters_of_equal_size_are_dates_csect() -> None:
    result = run(on(*range(200, 620, 30)), missing="skip")
    for window in (WINDOW, (0, 0), (-5, 5)):
        found = result.explain("1", window, se="date")
        t = result.test("dates_csect", window)
        close(found.table.iloc[0], [t.estimate, t.se, t.statistic, t.pvalue, *t.ci])
        assert found.df == t.df == 13


def test_clusters_of_one_event_are_csect_t() -> None:
    result = run(on(*range(200, 620, 30), firms=1))
    found, t = result.explain("1", WINDOW, se="date"), result.test("csect_t", WINDOW)
    close(found.table.iloc[0], [t.estimate, t.se, t.statistic, t.pvalue, *t.ci])


def test_order_and_scale_change_nothing() -> None:
    table = on(*range(200, 620, 30))
    one = run(table).explain("size + turned", WINDOW, se="date")
    two = run(table[::-1].assign(size=table["size"] * 1000)).explain(
        "size + turned", WINDOW, se="date"
    )
    scale = [1, 1, 1000]
    close(one.table[["coef", "se"]], two.table[["coef", "se"]].mul(scale, axis=0), 1e-9)
    close(one.table[["t", "pvalue"]], two.table[["t", "pvalue"]], 1e-8)


# ── one date ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("weights", [None, "precision"])
@pytest.mark.parametrize("model", [es.MarketModel(), es.RawReturn(), es.MeanAdjusted()])
def test_portfolios_of_one_date(model: Any, weights: str | None) -> None:
    result = run(on(400), model)
    found = result.explain("size + surprise", WINDOW, se="date", weights=weights)
    E = result.abnormal.residuals
    keep = np.isfinite(E).all(axis=1)  # F00 misses a day
    assert keep.sum() == 11
    assert "11 of 12 events are complete" in found.note
    E, events = E[keep].T, result.events[keep]
    if isinstance(model, es.RawReturn):
        E = E - E.mean(axis=0)
    y = result.car(WINDOW).iloc[:, 0].to_numpy()[keep]
    S2 = variances(result)[keep]
    Z = np.column_stack([np.ones(11), events["size"], events["surprise"]])
    w = None if weights is None else 1 / S2
    coef, inverse, _ = oracle.weighted_fit(Z, y, w)
    C = inverse @ Z.T * (1.0 if w is None else w)
    df = int(result.abnormal.dof[keep][0])
    q = float(result.abnormal.q(WINDOW)[keep][0])
    se = np.array([oracle.contrast_se(E, c, q, df) for c in C])
    told(found, coef, np.diag(se**2), df)
    assert found.n == 11
    assert found.clusters == {"date": 1}


def test_the_mean_of_one_date_is_portfolio_t() -> None:
    for se in ("date", ("firm", "date")):
        found, t = one_date().explain("1", WINDOW, se=se), one_date().test("portfolio_t", WINDOW)
        close(found.table.iloc[0], [t.estimate, t.se, t.statistic, t.pvalue, *t.ci])
        assert (found.n, found.df) == (t.n, t.df)
        assert "of the portfolios of one date" in found.errors


def test_one_cluster_has_no_error() -> None:
    chain = run(on(400, 402, 404))
    found = chain.explain("size", (0, 3), se="date")
    assert found.table["coef"].notna().all()
    assert found.table.drop(columns="coef").isna().all(axis=None)
    assert "the windows of all dates overlap: there are no dates to compare" in found.note
    alone = run(on(*range(200, 620, 30), firms=1)).explain("size", WINDOW, se="firm")
    assert "one firm only: there are no firms to compare" in alone.note
    assert math.isnan(alone.df)
    bare = run(on(400), es.ScholesWilliams()).explain("size", WINDOW, se="date")
    assert "one date only, and the model leaves the events no common design" in bare.note
    assert bare.n == 12


# ── the wild cluster bootstrap ───────────────────────────────────────────────────────────
def every(values: np.ndarray, groups: list[Any]) -> list[dict[object, float]]:
    names = list(dict.fromkeys(groups))
    return [
        dict(zip(names, draw, strict=True)) for draw in product(values.tolist(), repeat=len(names))
    ]


def small(n: int, each: int) -> tuple[np.ndarray, np.ndarray, list[int], list[int]]:
    rng = np.random.default_rng(11)
    dates, firms = np.repeat(np.arange(n), each), np.tile(np.arange(each), n)
    Z = np.column_stack([np.ones(n * each), rng.normal(size=n * each)])
    y = 0.5 * Z[:, 1] + rng.normal(size=n)[dates] + rng.normal(size=n * each)
    return Z, y, dates.tolist(), firms.tolist()


@pytest.mark.parametrize("null", [0.0, 0.4, -2.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_all_draws_of_webb(null: float, weighted: bool) -> None:
    Z, y, dates, _ = small(3, 4)
    w = np.random.default_rng(1).uniform(0.5, 2.0, len(y)) if weighted else None
    fit = least_squares(Z, y, w)
    codes = np.array(dates)
    for j in (0, 1):
        se = math.sqrt(clustered(fit, codes)[j, j])
        drawn = draw_weights(3, 9999, 0)
        assert drawn.complete
        found = bootstrap(fit, j, se, codes, [(1.0, codes)], drawn)
        want = oracle.wild_cluster_p(Z, y, j, [dates], dates, every(WEBB, dates), null=null, w=w)
        close(found.pvalue(null), want)


def test_all_draws_with_two_ways() -> None:
    Z, y, dates, firms = small(3, 5)
    fit = least_squares(Z, y)
    d, f = np.array(dates), np.array(firms)
    cells = d * 5 + f
    V = clustered(fit, f) + clustered(fit, d) - clustered(fit, cells)
    ways = [(1.0, f), (1.0, d), (-1.0, cells)]
    found = bootstrap(fit, 1, math.sqrt(V[1, 1]), d, ways, draw_weights(3, 9999, 0))
    want = oracle.wild_cluster_p(Z, y, 1, [firms, dates], dates, every(WEBB, dates))
    close(found.pvalue(), want)


def test_signs_for_many_clusters() -> None:
    Z, y, dates, _ = small(12, 2)
    fit, codes = least_squares(Z, y), np.array(dates)
    drawn = draw_weights(12, 200, 5)
    assert not drawn.complete
    se = math.sqrt(clustered(fit, codes)[1, 1])
    found = bootstrap(fit, 1, se, codes, [(1.0, codes)], drawn)
    draws = [dict(enumerate(RADEMACHER[row].tolist())) for row in drawn.index]
    close(found.pvalue(), oracle.wild_cluster_p(Z, y, 1, [dates], dates, draws, own=1))
    assert draw_weights(12, 4095, 5).complete
    assert draw_weights(12, 4094, 5).law == "Rademacher weights, 4,094 draws"
    assert draw_weights(11, 99, 5).law == "Webb weights, 99 draws"


def test_a_p_of_exactly_five_percent_refuses() -> None:
    """Draws with |T*| = 1 … 199: beyond 190 nine are as large, and (1 + 9)/(1 + 199) = 5 %."""
    t, one = np.arange(1.0, 200.0), np.ones(199)
    found = Bootstrap(0.0, 1.0, np.array([t, 0 * one, one, 0 * one, 0 * one]), complete=False)
    assert found.pvalue(191.0) == 0.05
    assert found.interval() == pytest.approx((-190.0, 190.0), rel=1e-8)


@pytest.mark.parametrize("batch", [1, 7, 5000, None])
def test_batches_change_nothing(batch: int | None) -> None:
    plain = dated().explain("size + turned", WINDOW, se=("firm", "date"), draws=499, rng=3)
    other = dated().explain(
        "size + turned", WINDOW, se=("firm", "date"), draws=499, rng=np.random.default_rng(3),
        batch=batch,
    )  # fmt: skip
    close(plain.table, other.table)
    assert plain.law == "wild bootstrap"
    seed = dated().explain("size + turned", WINDOW, se=("firm", "date"), draws=499, rng=4)
    assert (seed.table["pvalue"] != plain.table["pvalue"]).any()


def test_few_clusters_ask_for_the_bootstrap() -> None:
    found = few().explain("size + turned", WINDOW, se="date")
    Z, y, events = parts(few(), "turned", "size")
    dates = events["date"].tolist()
    assert (found.law, found.df, found.clusters) == ("wild bootstrap", 2, {"date": 3})
    assert "wild cluster bootstrap (Webb weights, all 216 draws)" in found.errors
    coef, _, _ = oracle.weighted_fit(Z, y)
    se = np.sqrt(np.diag(oracle.cr1_covariance(Z, y, dates)))
    close(found.table[["coef", "se", "t"]], np.column_stack([coef, se, coef / se]))
    draws = every(WEBB, dates)
    for j in range(3):
        want = oracle.wild_cluster_p(Z, y, j, [dates], dates, draws)
        close(found.table["pvalue"].iloc[j], want)
        low, high = found.table[["ci_low", "ci_high"]].iloc[j]
        reach = 1e-5 * se[j]
        assert oracle.wild_cluster_p(Z, y, j, [dates], dates, draws, null=high - reach) >= 0.05
        assert oracle.wild_cluster_p(Z, y, j, [dates], dates, draws, null=low + reach) >= 0.05
        assert oracle.wild_cluster_p(Z, y, j, [dates], dates, draws, null=high + reach) < 0.05
        assert oracle.wild_cluster_p(Z, y, j, [dates], dates, draws, null=low - reach) < 0.05


def test_two_ways_draw_weights_for_the_kind_with_fewer_clusters() -> None:
    found = few().explain("size", WINDOW, se=("firm", "date"))
    Z, y, events = parts(few(), "size")
    firms, dates = events["ticker"].tolist(), events["date"].tolist()
    assert found.clusters == {"firm": 6, "date": 3}
    covariance = oracle.two_way_covariance(Z, y, firms, dates)
    close(found.table["se"].iloc[1], math.sqrt(covariance[1, 1]))
    want = oracle.wild_cluster_p(Z, y, 1, [firms, dates], dates, every(WEBB, dates))
    close(found.table["pvalue"].iloc[1], want)
    by_date = few().explain("size", WINDOW, se="date").table["pvalue"].iloc[1]
    assert found.table["pvalue"].iloc[1] != by_date


def test_the_interval_agrees_with_the_p_value() -> None:
    """Also where p goes up and down around 5 %."""
    for seed in range(30):
        rng = np.random.default_rng(seed)
        codes = np.repeat(np.arange(6), 4)
        Z = np.column_stack([np.ones(24), rng.normal(size=24)])
        y = 0.4 * Z[:, 1] + 0.7 * rng.normal(size=6)[codes] + rng.normal(size=24)
        fit = least_squares(Z, y)
        se = math.sqrt(clustered(fit, codes)[1, 1])
        found = bootstrap(fit, 1, se, codes, [(1.0, codes)], draw_weights(6, 199, seed))
        low, high = found.interval()
        assert (low <= 0 <= high) == (found.pvalue() >= 0.05)
        assert low < found.estimate < high
        assert found.pvalue(found.estimate) == 1.0


def test_two_clusters_leave_the_interval_open() -> None:
    result = run(on(200, 300, firms=6))
    found = result.explain("size", WINDOW, se="date")
    assert found.table["pvalue"].min() >= 6 / 36
    assert found.table[["ci_low", "ci_high"]].isna().all(axis=None)
    assert "size: too few clusters for an interval with two ends" in found.note


def test_a_draw_without_variance_counts() -> None:
    nothing = Bootstrap(1.0, 0.5, np.zeros((5, 9)), complete=False)
    assert nothing.pvalue() == 1.0


# ── notes ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("se", "said"),
    [
        ("HC3", ("events share days: these errors take them as independent and are too small; "
                "use se='date'")),
        ("firm", ("events of different firms share days: these errors take firms as independent; "
                 "use se=('firm', 'date'); with 12 clusters p can be too small: draws=9999 asks "
                 "for the bootstrap")),
        ("date", "with 14 clusters p can be too small: draws=9999 asks for the bootstrap"),
    ],
)  # fmt: skip
def test_errors_that_ignore_shared_days_say_so(se: str, said: str) -> None:
    result = run(on(*range(200, 620, 30)), missing="skip")
    assert result.explain("size", WINDOW, se=se).note == said
    assert run(on(*range(200, 620, 30), firms=1)).explain("size", WINDOW, se="HC3").note == ""


@pytest.mark.parametrize(
    ("dates", "law", "said"),
    [
        (9, "wild bootstrap", False),
        (10, "t", True),
        (19, "t", True),
        (20, "t", False),
    ],
)
def test_how_many_clusters_are_few(dates: int, law: str, said: bool) -> None:
    rows = range(160, 160 + 20 * dates, 20)
    found = run(on(*rows, firms=2)).explain("size", WINDOW, se="date")
    assert (found.clusters, found.law) == ({"date": dates}, law)
    assert ("clusters p can be too small" in found.note) == said


@pytest.mark.parametrize(("part", "said"), [(0.49, 0), (0.6, 1)])
def test_a_term_with_most_of_its_variation_in_one_cluster(part: float, said: int) -> None:
    x = np.sqrt([part, (1 - part) / 2, (1 - part) / 2])
    fit = least_squares(x[:, None], np.array([1.0, -1.0, 0.5]))
    notes = concentrated(fit, ("size",), np.arange(3))
    text = "one cluster holds 60 % of the variation of size: its error is unreliable"
    assert notes == (text,) * said


def test_many_clusters_and_draws_need_no_warning() -> None:
    result = run(on(*range(160, 620, 20), firms=4))
    assert result.explain("size", WINDOW, se="date").note == ""
    assert "draws" not in dated().explain("size", WINDOW, se="date", draws=99).note


def test_events_without_a_value_leave_and_are_counted() -> None:
    table = on(*range(200, 620, 30))
    table.loc[[3, 4, 5, 40], "size"] = np.nan
    table["turned"] = table["turned"].astype("boolean").mask(table.index == 77)
    table["kind"] = table["kind"].astype("str").where(table.index != 78)
    table["number"] = pd.array(np.arange(len(table)), dtype="Int64")
    table.loc[79, "number"] = pd.NA
    formula = "size + turned + kind + number + center(surprise)"
    found = run(table).explain(formula, WINDOW, se="date")
    gone = run(table.drop(index=[3, 4, 5, 40, 77, 78, 79])).explain(formula, WINDOW, se="date")
    close(found.table, gone.table, 1e-9)
    assert found.n == 168 - 7 - 2
    assert found.note == (
        "2 without a return on a day of the window (missing_in_window); 4 without a value of "
        "size; 1 without a value of turned; 1 without a value of kind; 1 without a value of "
        "number; with 14 clusters p can be too small: draws=9999 asks for the bootstrap"
    )


def test_a_value_that_a_function_does_not_have() -> None:
    table = on(*range(200, 620, 30))
    table.loc[:4, "usd"] = -1.0
    found = run(table).explain("np.log(usd)", WINDOW, se="date")
    assert found.table.index.tolist() == ["Intercept", "np.log(usd)"]
    assert "5 without a value of the formula" in found.note
    close(found.table, run(table[5:]).explain("np.log(usd)", WINDOW, se="date").table)


def test_categories_that_nobody_has_are_no_terms() -> None:
    table = on(*range(200, 620, 30))
    table["kind"] = pd.Categorical(table["kind"], ["none", "capex", "deal", "report"])
    table.loc[table["kind"] == "report", "size"] = np.nan
    found = run(table).explain("kind + size", WINDOW)
    assert found.table.index.tolist() == ["Intercept", "kind[T.deal]", "size"]


def test_columns_with_any_name() -> None:
    table = on(*range(200, 620, 30)).rename(columns={"size": "market cap", "usd": "car"})
    found = run(table).explain("Q('market cap') + car", WINDOW)
    assert found.table.index.tolist() == ["Intercept", "Q('market cap')", "car"]


def test_an_event_with_a_term_to_itself() -> None:
    table = on(*range(200, 620, 30)).assign(alone=[1.0, *[0.0] * 167])
    found = run(table).explain("alone", WINDOW)
    assert found.table["se"].isna().all()
    assert "an event has a term to itself (leverage 1): no HC3, use se='HC1'" in found.note
    assert run(table).explain("alone", WINDOW, se="HC1").table["se"].iloc[0] > 0


def test_a_term_that_lives_in_one_cluster_is_said() -> None:
    table = on(*range(200, 620, 30))
    result = run(table.assign(first=(table["date"] == DAYS[200]).astype(float)))
    found = result.explain("first", WINDOW, se="date")
    assert "of the variation of first: its error is unreliable" in found.note
    assert "of Intercept" not in found.note


def test_a_two_way_variance_of_which_little_is_left_is_said() -> None:
    said = "V_A + V_B − V_AB nearly cancels: read se='firm' and se='date' beside these errors"
    hits = 0
    for seed in (0, 6, 21):
        result = run(on(*range(200, 620, 30), seed=seed))
        found = result.explain("size", WINDOW, se=("firm", "date"))
        one_way = [result.explain("size", WINDOW, se=se).table["se"] for se in ("firm", "date")]
        left = (found.table["se"] / np.minimum(one_way[0], one_way[1])) ** 2
        assert (said in found.note) == (left.min() < 0.5)
        hits += said in found.note
    assert hits == 2


# ── words ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("se", ["HC3", "date", ("firm", "date")])
@pytest.mark.parametrize("result", ["dated", "few", "one_date"])
def test_the_summary_fits_a_terminal(result: str, se: Any) -> None:
    found = globals()[result]().explain("size * C(kind)", WINDOW, se=se, weights="fgls")
    text = str(found)
    assert max(map(len, text.splitlines())) <= 80
    assert repr(found).startswith("<Explained: CAR [-1,+1] ~ size * C(kind), ")
    flat = " ".join(text.split())
    assert flat.startswith("CAR [-1,+1] explained by size * C(kind)")
    assert f"Standard errors: {found.errors}" in flat
    assert f"{found.n} events, R² = " in flat
    assert "weights: FGLS, 1/(ω² + S²) with ω = " in flat
    assert ("Note: " in flat) == bool(found.note)
    law = f"t({found.df:.0f})"
    assert (law in flat) == (found.law == "t")


def test_html_is_escaped() -> None:
    table = on(*range(200, 620, 30)).assign(kind=["1"] * 84 + ["<b>"] * 84)
    found = run(table).explain("kind", WINDOW)
    assert found.table.index.tolist() == ["Intercept", "kind[T.<b>]"]
    markup = found._repr_html_()
    assert "<b>" not in markup
    assert html.escape("kind[T.<b>]") in markup
    assert markup.count("<table") == markup.count("</table>") == 1


# ── what is refused ──────────────────────────────────────────────────────────────────────
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"formula": "sze + turned"},
     ("The events have no column 'sze'; they have ticker, date, session, scheduled, size, "
     "surprise, turned, kind and 3 more. Did you mean 'size'?")),
    ({"formula": "size +"},
     ("The formula 'size +' cannot be read (expected a noun, but instead the expression ended); "
     "write it as in 'surprise + size', with columns of the events (ticker, date, session, "
     "scheduled, size, surprise, turned, kind and 3 more).")),
    ({"formula": "car ~ size"},
     ("formula='car ~ size' is not the right side of a regression; name what explains the CAR, "
     "as in 'surprise + size'.")),
    ({"formula": ["size"]},
     ("formula=['size'] is not the right side of a regression; name what explains the CAR, as in "
     "'surprise + size'.")),
    ({"formula": "np.log(usd - usd)"},
     ("The formula 'np.log(usd - usd)' gives an infinite value for an event; leave the event out "
     "by result.where, or transform the column otherwise.")),
    ({"formula": "0"},
     "The formula '0' has no term; name a column, or '1' for the mean alone."),
    ({"formula": "size + same"},
     ("The term 'same' is the same for all 166 events, so it explains no difference between "
     "them; leave it out.")),
    ({"formula": "size + twice"},
     "'twice' cannot be told apart from the terms before; leave it out."),
    ({"se": "HC4"},
     ("se='HC4' is not known; choose one of 'HC0', 'HC1', 'HC2', 'HC3', 'date', 'firm', "
     "('firm', 'date'). Did you mean 'HC3'?")),
    ({"weights": "value"},
     "weights='value' is not known; choose one of None, 'precision', 'fgls'."),
    ({"draws": 99},
     ("draws=99 asks for the wild cluster bootstrap, and se='HC3' has no clusters; give "
      "se='date', or leave draws out.")),
    ({"draws": 0}, "draws=0 is not a count; give a whole number from 1 up."),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "sentence"), REFUSED)
def test_the_sentence(asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises(EventStudyError) as caught:
        dated().explain(**{"formula": "size", "window": WINDOW, **asked})
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "formula",
    ["", "size size", "foo(size)", "`size`", "size if turned", "center(kind)",
     "size + Q('nothing')"],
)  # fmt: skip
def test_whatever_is_no_formula_is_refused(formula: str) -> None:
    with pytest.raises(EventStudyError, match="cannot be read"):
        dated().explain(formula, WINDOW)


def test_too_few_events_are_refused() -> None:
    table = on(400, firms=5)
    table.loc[:1, "size"] = np.nan
    with pytest.raises(EventStudyError) as caught:
        run(table).explain("size + C(kind)", WINDOW)
    assert str(caught.value) == (
        "3 events (2 more lack a value) are too few for a regression with 4 terms; name fewer "
        "terms or take more events."
    )
    with pytest.raises(EventStudyError, match=r"^1 events are too few for a regression with 1 "):
        run(table[:1]).explain("1", WINDOW)


def test_names_of_the_library_are_no_regressors() -> None:
    for name in ("formula", "table", "ols", "Intercept"):
        with pytest.raises(EventStudyError, match=f"The events have no column '{name}'"):
            dated().explain(name, WINDOW)


# ── does it hold? ────────────────────────────────────────────────────────────────────────
def test_errors_by_date_hold_where_others_fail() -> None:
    """A regressor of the date: of 300 samples without effect HC3 rejects far too many."""
    rng = np.random.default_rng(0)
    codes, n = np.repeat(np.arange(6), 8), 48
    rejected = {"HC3": 0, "t": 0, "wild": 0}
    for _ in range(300):
        Z = np.column_stack([np.ones(n), rng.normal(size=6)[codes]])
        y = 0.6 * rng.normal(size=6)[codes] + rng.normal(size=n)
        fit = least_squares(Z, y)
        V = {"HC3": oracle.hc_covariance(Z, y, "HC3"), "t": clustered(fit, codes)}
        for name, df in (("HC3", n - 2), ("t", 5)):
            t = abs(fit.coef[1]) / math.sqrt(V[name][1, 1])
            rejected[name] += 2 * stats.t.sf(t, df) < 0.05
        se = math.sqrt(V["t"][1, 1])
        drawn = draw_weights(6, 399, rng)
        rejected["wild"] += bootstrap(fit, 1, se, codes, [(1.0, codes)], drawn).pvalue() < 0.05
    assert rejected["HC3"] > 60
    assert rejected["t"] > 25
    assert rejected["wild"] <= 15 + 4 * math.sqrt(300 * 0.05 * 0.95)
