"""Differences of groups: the right test for the dates, against plain loops; bins of a number."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import oracle
import pandas as pd
import pytest
from scipy import stats

import eventstudy as es
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import StoredPaths
from eventstudy.cross_section import DIFFERENCES, Difference, Pair, difference
from eventstudy.cross_section.across_dates import _inside
from eventstudy.errors import EventStudyError
from eventstudy.inference._sample import sample_of
from eventstudy.report.names import name_of_test
from eventstudy.result.groups import binned
from eventstudy.windows import Window

DAYS = pd.bdate_range("2022-01-03", periods=700)
FIRMS = [f"F{i:02d}" for i in range(12)]
COLUMNS = ["estimate", "ci_low", "ci_high", "test", "statistic", "pvalue", "n_a", "n_b", "n_dates",
           "note"]  # fmt: skip
WINDOW = (-1, 1)


@cache
def panel() -> es.Panel:
    rng = np.random.default_rng(5)
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


def on(*rows: int, firms: int = 12) -> pd.DataFrame:
    """An event of each firm on each of some days; the last five firms have turned."""
    names = FIRMS[-firms:]
    tables = [es.events_on(DAYS[row], names, session="before_open") for row in rows]
    table = pd.concat(tables).reset_index(drop=True)
    kind = np.where(table["ticker"].isin(FIRMS[-5:]), "turned", "pure")
    late = np.where(table["date"] > DAYS[400], "late", "early")
    return table.assign(kind=kind, late=late, number=np.arange(len(table), dtype=float))


def apart() -> pd.DataFrame:
    """One event at a time."""
    rows = enumerate(range(155, 640, 25))
    return pd.concat([on(row).iloc[[k % 11 + 1]] for k, row in rows], ignore_index=True)


PLACES: dict[str, tuple[int, ...]] = {
    "one date": (400,),
    "dates": tuple(range(160, 640, 40)),
    "chain": (400, 401, 402, 403),
}


def mixed() -> pd.DataFrame:
    """Dates of unequal size; two hold both groups, the others one of them."""
    rng = np.random.default_rng(2)
    table = on(*range(150, 640, 30)).sample(frac=0.6, random_state=3)
    late = table["date"] > DAYS[400]
    swapped = table["date"].isin([DAYS[150], DAYS[600]]) & (rng.random(len(table)) < 0.4)
    return table.assign(kind=np.where(late ^ swapped, "b", "a"))


def groups_of(result: es.Result, a: Any, window: Any = WINDOW) -> tuple[list[float], list[float]]:
    car = result.car(window).iloc[:, 0]
    one = car[a & car.notna()]
    two = car[~a & car.notna()]
    return one.tolist(), two.tolist()


def told(row: pd.Series, estimate: float, se: float, df: float) -> None:
    """A row follows from an estimate, its standard error and a t law."""
    reach = float(stats.t.isf(0.025, df)) * se
    p = 2 * float(stats.t.sf(abs(estimate / se), df))
    want = [estimate, estimate - reach, estimate + reach, estimate / se, p]
    got = row[["estimate", "ci_low", "ci_high", "statistic", "pvalue"]].astype(float)
    np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-14)


# ── the test that the dates leave valid ──────────────────────────────────────────────────
def test_one_date_is_a_contrast() -> None:
    result = run(on(400))
    table = result.compare("kind", WINDOW)
    assert list(table.columns) == COLUMNS
    assert table.index.names == ["window", "groups"]
    assert list(table.index) == [("[-1,+1]", "pure − turned")]
    keep = np.isfinite(result.abnormal.residuals).all(axis=1)
    E = result.abnormal.residuals[keep].T
    pure = (result.events["kind"] == "pure").to_numpy()[keep]
    c = np.where(pure, 1 / pure.sum(), -1 / (~pure).sum())
    df, q = int(result.abnormal.dof[keep][0]), float(result.abnormal.q(WINDOW)[keep][0])
    gap = float(c @ result.car(WINDOW).iloc[:, 0].to_numpy()[keep])
    row = table.iloc[0]
    told(row, gap, oracle.contrast_se(E, c, q, df), df)
    assert (row["test"], row["n_a"], row["n_b"], row["n_dates"]) == ("contrasts", 6, 5, 1)
    assert "11 of 12 events are complete" in row["note"]


def test_a_dummy_on_one_date_is_the_same_contrast() -> None:
    result = run(on(400))
    row = result.compare("kind", WINDOW).iloc[0]
    dummy = result.explain("kind", WINDOW, se="date").table.iloc[1]
    same = dummy[["coef", "t", "pvalue", "ci_low", "ci_high"]].to_numpy(float)
    other = row[["estimate", "statistic", "pvalue", "ci_high", "ci_low"]].to_numpy(float)
    np.testing.assert_allclose(same * [-1, -1, 1, -1, -1], other, rtol=1e-10)


def test_shared_dates_are_paired() -> None:
    result = run(on(*PLACES["dates"]))
    row = result.compare("kind", WINDOW).iloc[0]
    car = result.car(WINDOW).iloc[:, 0]
    events = result.events[car.notna()]
    gap, se, d = oracle.paired_by_date(
        car.dropna().tolist(), (events["kind"] == "pure").tolist(), events["date"].tolist()
    )
    told(row, gap, se, d - 1)
    assert (row["test"], row["n_dates"], row["n_a"], row["n_b"]) == ("dates_paired", 12, 84, 60)
    assert row["note"] == "difference on each of 12 dates"


def test_dates_with_one_group_leave_the_pairs() -> None:
    table = on(*PLACES["dates"])
    gone = table["date"].isin(DAYS[[160, 200]]) & (table["kind"] == "turned")
    result = run(table[~gone])
    row = result.compare("kind", WINDOW).iloc[0]
    assert (row["test"], row["n_dates"], row["n_a"], row["n_b"]) == ("dates_paired", 10, 70, 50)
    assert "14 events on dates with one group left out" in row["note"]
    rest = result.where(~result.events["date"].isin(DAYS[[160, 200]]))
    same = rest.compare("kind", WINDOW).iloc[0]
    assert row.drop("note").tolist() == same.drop("note").tolist()


def test_dates_with_overlapping_windows_are_one_pair() -> None:
    rows = [*range(150, 640, 60), *range(152, 640, 60)]
    result = run(on(*rows, firms=8))
    row = result.compare("kind", WINDOW).iloc[0]
    chain = (DAYS.get_indexer(pd.Index(result.events["date"])) - 150) // 60
    gap, se, d = oracle.paired_by_date(
        result.car(WINDOW).iloc[:, 0].tolist(),
        (result.events["kind"] == "pure").tolist(),
        chain.tolist(),
    )
    told(row, gap, se, d - 1)
    assert d == 9
    assert row["note"] == "difference on each of 18 dates in 9 clusters of overlapping windows"
    assert result.compare("kind", (0, 0))["note"].iloc[0] == "difference on each of 18 dates"


def test_groups_on_different_dates() -> None:
    result = run(on(*PLACES["dates"]))
    row = result.compare("late", WINDOW).iloc[0]
    parts = [result.where(result.events["late"] == g) for g in ("early", "late")]
    found = [p.test("dates_cluster", WINDOW) for p in parts]
    square = [t.se**2 for t in found]
    df = sum(square) ** 2 / sum(v**2 / t.df for v, t in zip(square, found, strict=True))
    told(row, found[0].estimate - found[1].estimate, math.sqrt(sum(square)), df)
    assert (row["test"], row["n_dates"]) == ("dates_welch", 12)
    assert row["note"] == "groups on 7 dates and 5 dates"


@pytest.mark.parametrize("window", [(0, 0), (-1, 1)])
def test_few_dates_with_both_groups(window: tuple[int, int]) -> None:
    result = run(mixed())
    row = result.compare("kind", window).iloc[0]
    car = result.car(window).iloc[:, 0]
    part = result.where(car.notna())
    dates, a = part.events["date"].tolist(), (part.events["kind"] == "a").tolist()
    found = es.inference.correlation(part.abnormal, window)
    sizes = part.events["date"].value_counts()
    rho = found.rbar * found.pairs / float((sizes * (sizes - 1)).sum() / 2)
    gap, se, df = oracle.cr2_difference(car.dropna().to_numpy(), a, dates, rho)
    told(row, gap, se, df)
    assert 0.05 < rho < 0.5
    assert (row["test"], row["n_dates"]) == ("dates_cluster", 17)
    assert row["note"] == "clustered by 17 dates"


def test_independent_events() -> None:
    result = run(apart())
    pure = result.events["kind"] == "pure"
    one, two = groups_of(result, pure)
    row = result.compare("kind", WINDOW).iloc[0]
    told(row, *oracle.welch(one, two))
    other = stats.ttest_ind(one, two, equal_var=False)
    assert row["statistic"] == pytest.approx(other.statistic)
    assert row["pvalue"] == pytest.approx(other.pvalue)
    assert (row["test"], row["n_a"], row["n_b"]) == ("welch_t", len(one), len(two))
    scar = result.scar(WINDOW).iloc[:, 0]
    row = result.compare("kind", WINDOW, test="welch_scar").iloc[0]
    told(row, *oracle.welch(scar[pure].dropna().tolist(), scar[~pure].dropna().tolist()))


def test_mann_whitney() -> None:
    result = run(apart())
    one, two = groups_of(result, result.events["kind"] == "pure")
    row = result.compare("kind", WINDOW, test="mann_whitney").iloc[0]
    wins = sum((x > y) + 0.5 * (x == y) for x in one for y in two)
    assert row["statistic"] == wins
    assert row["estimate"] == pytest.approx(wins / len(one) / len(two))
    # all ways to deal the ranks, counted by size
    ways = [[1]] + [[0]] * len(one)
    for rank in range(1, len(one) + len(two) + 1):
        for k in range(len(one), 0, -1):
            longer = [0] * max(len(ways[k]), len(ways[k - 1]) + rank)
            for total, count in enumerate(ways[k]):
                longer[total] += count
            for total, count in enumerate(ways[k - 1]):
                longer[total + rank] += count
            ways[k] = longer
    law, shift = ways[-1], len(one) * (len(one) + 1) // 2
    place = round(wins) + shift
    tails = (sum(law[: place + 1]), sum(law[place:]))
    assert row["pvalue"] == pytest.approx(min(1.0, 2 * min(tails) / sum(law)))
    assert row[["ci_low", "ci_high"]].isna().all()


@pytest.mark.parametrize(
    ("n", "tie", "law"),
    [(50, False, "rank-sum"), (51, False, "normal"), (30, True, "normal")],
)
def test_law_of_mann_whitney(n: int, tie: bool, law: str) -> None:
    """Exact up to 50 events without ties."""
    some = run(on(*PLACES["dates"]), missing="skip").abnormal.take(np.arange(n))
    ar = some.abnormal.copy()
    ar[1] = ar[0] if tie else ar[1]
    a = np.arange(n) % 3 == 0
    pair = Pair.of(sample_of(replace(some, abnormal=ar, _memo={}), WINDOW), a, ~a)
    found = difference(pair, "mann_whitney").statistic
    car = pair.sample.car
    exact = stats.mannwhitneyu(car[a], car[~a], use_continuity=False, method="exact")
    normal = stats.mannwhitneyu(car[a], car[~a], use_continuity=False, method="asymptotic")
    want, near = (exact, normal) if law == "rank-sum" else (normal, exact)
    assert found.law == law
    assert found.pvalue == pytest.approx(want.pvalue, rel=1e-12)
    assert want.pvalue != pytest.approx(near.pvalue, rel=1e-6)


def test_a_chain_of_overlapping_windows() -> None:
    result = run(on(*PLACES["chain"]))
    row = result.compare("kind", (0, 3)).iloc[0]
    one, two = groups_of(result, result.events["kind"] == "pure", (0, 3))
    sizes, spreads = (len(one), len(two)), (oracle.sd(one), oracle.sd(two))
    parts = [result.where(result.events["kind"] == g) for g in ("pure", "turned")]
    found = [es.inference.correlation(p.abnormal, (0, 3)) for p in (*parts, result)]
    between = (found[2].rbar * found[2].pairs - sum(c.rbar * c.pairs for c in found[:2])) / (
        sizes[0] * sizes[1]
    )
    sigma = [s / math.sqrt(1 - c.rbar) for s, c in zip(spreads, found[:2], strict=True)]
    own = [
        s**2 * (1 + (n - 1) * c.rbar) / n for s, n, c in zip(sigma, sizes, found[:2], strict=True)
    ]
    se = math.sqrt(sum(own) - 2 * between * sigma[0] * sigma[1])
    gap, _, df = oracle.welch(one, two)
    told(row, gap, se, df)
    assert row["test"] == "adj_welch"


def test_without_a_common_design_the_correlations_step_in() -> None:
    result = run(on(400), es.ScholesWilliams())
    row = result.compare("kind", WINDOW).iloc[0]
    assert (row["test"], row["n_a"], row["n_b"]) == ("adj_welch", 7, 5)
    direct = result.compare("kind", WINDOW, test="contrasts").iloc[0]
    assert direct["note"] == "the model leaves the events no common design"
    assert math.isnan(direct["statistic"])


# ── identities ───────────────────────────────────────────────────────────────────────────
def pair_of(result: es.Result, a: Any, window: Any = WINDOW) -> Pair:
    return Pair.of(sample_of(result.abnormal, window), np.asarray(a), ~np.asarray(a))


@pytest.mark.parametrize("test", [None, *DIFFERENCES])
@pytest.mark.parametrize("place", [*PLACES, "mixed"])
def test_swapping_the_groups_turns_the_sign(place: str, test: str | None) -> None:
    result = run(mixed() if place == "mixed" else on(*PLACES[place]))
    a = (result.events["kind"] == result.events["kind"].iloc[0]).to_numpy()
    one = difference(pair_of(result, a), test).statistic
    two = difference(pair_of(result, ~a), test).statistic
    if math.isnan(one.statistic):
        assert one.note == two.note != ""
        return
    np.testing.assert_allclose(one.pvalue, two.pvalue, rtol=1e-9)
    if test == "mann_whitney":
        assert one.estimate + two.estimate == pytest.approx(1.0)
        return
    np.testing.assert_allclose(
        [one.estimate, one.statistic, one.ci[0], one.ci[1]],
        [-two.estimate, -two.statistic, -two.ci[1], -two.ci[0]],
        rtol=1e-9, atol=1e-14,
    )  # fmt: skip


def test_equal_dates_agree() -> None:
    """With as many events of each group on every date all three by date say the same."""
    result = run(on(*PLACES["dates"]), missing="skip")
    paired, cluster = (
        result.compare("kind", WINDOW, test=test).iloc[0]
        for test in ("dates_paired", "dates_cluster")
    )
    for column in ("estimate", "statistic", "pvalue", "ci_low"):
        assert paired[column] == pytest.approx(cluster[column])


def test_one_group_is_dates_cluster() -> None:
    """The other group far away from the first adds its own variance, nothing else."""
    result = run(mixed().assign(kind=lambda t: np.where(t["date"] > DAYS[400], "b", "a")))
    row = result.compare("kind", WINDOW, test="dates_cluster").iloc[0]
    found = [
        result.where(result.events["kind"] == g).test("dates_cluster", WINDOW) for g in ("a", "b")
    ]
    se = row["estimate"] / row["statistic"]
    assert se**2 == pytest.approx(found[0].se ** 2 + found[1].se ** 2)
    assert row["estimate"] == pytest.approx(found[0].estimate - found[1].estimate)


# ── what cannot be compared ──────────────────────────────────────────────────────────────
def note_of(test: str, table: pd.DataFrame, key: str = "kind", window: Any = WINDOW) -> str:
    row = run(table).compare(key, window, test=test).iloc[0]
    assert row[["statistic", "pvalue", "estimate"]].isna().all()
    return str(row["note"])


def test_a_test_that_does_not_apply_says_why() -> None:
    dates, alone = on(*PLACES["dates"]), on(400)
    single = dates[(dates["kind"] == "pure") | (dates.index == 11)]
    assert note_of("welch_t", single) == "a group of one event has no spread"
    assert note_of("adj_welch", single) == "a group of one event has no spread"
    assert note_of("contrasts", dates) == "several dates: use dates_csect"
    said = "one date holds both groups: there are no dates to compare"
    assert note_of("dates_paired", alone) == said
    said = "no date holds both groups: there are no dates to compare"
    assert note_of("dates_paired", dates, "late") == said
    assert note_of("dates_welch", dates) == "some dates hold both groups"
    early = dates[dates["date"].isin([DAYS[160], *DAYS[430:]])]
    said = "in one group, one date only: there are no dates to compare"
    assert note_of("dates_welch", early, "late") == said
    assert note_of("dates_cluster", single) == "all events of a group share one cluster of dates"
    row = run(early).compare("late", WINDOW).iloc[0]
    assert row["test"] == "adj_welch"


def test_an_event_window_without_returns() -> None:
    frame = panel().returns_frame()
    frame.loc[DAYS[400], FIRMS[-5:]] = np.nan
    data = es.Panel.from_returns(frame, market="SPY")
    result = es.EventStudy(estimation=(-110, -11), window=(-5, 5), min_obs=60).run(on(400), data)
    row = result.compare("kind", (0, 0)).iloc[0]
    assert (row["n_a"], row["n_b"]) == (7, 0)
    assert row["note"] == (
        "a group has no event with a CAR; 5 without a return on a day of the window "
        "(missing_in_window)"
    )


def test_too_little_estimation_for_a_correlation() -> None:
    options = {"estimation": (-30, -11), "min_obs": 10}
    row = run(on(*PLACES["chain"]), **options).compare("kind", (0, 3)).iloc[0]
    assert row["note"] == "all events of a group share one cluster of dates"
    assert math.isnan(row["statistic"])
    row = run(on(*PLACES["chain"]), **options).compare("kind", (0, 3), test="adj_welch").iloc[0]
    assert row["note"] == "no usable correlation of the residuals"


@pytest.mark.parametrize("test", ["welch_t", "dates_paired", "dates_cluster"])
def test_cars_that_do_not_differ_are_said(test: str) -> None:
    result = run(on(*PLACES["dates"]))
    still = np.full_like(result.abnormal.abnormal, 0.01)
    flat = replace(result.abnormal, abnormal=still, _memo={})
    a = (result.events["kind"] == "pure").to_numpy()
    found = difference(Pair.of(sample_of(flat, WINDOW), a, ~a), test).statistic
    assert math.isnan(found.statistic)
    assert found.note.endswith("the standard error is zero")


def test_a_negative_correlation_inside_the_dates_counts_as_none() -> None:
    """Returns less their mean of the day: each pair of twelve has −1/11."""
    frame = panel().returns_frame()
    frame = frame[FIRMS].sub(frame[FIRMS].mean(axis=1), axis=0)
    study = es.EventStudy(es.MeanAdjusted(), estimation=(-110, -11), window=(-5, 5), min_obs=60)
    result = study.run(on(*PLACES["dates"]), es.Panel.from_returns(frame))
    assert es.inference.correlation(result.abnormal, WINDOW).rbar < 0
    a = (result.events["kind"] == "pure").to_numpy()
    assert _inside(pair_of(result, a).sample) == 0.0


@pytest.mark.parametrize("test", ["welch_t", "welch_scar", "mann_whitney"])
def test_tests_of_independent_events_are_marked(test: str) -> None:
    row = run(on(*PLACES["dates"])).compare("kind", WINDOW, test=test).iloc[0]
    assert row["note"].startswith("not valid here: events share days; ")
    assert np.isfinite(row["statistic"])


def test_every_test_has_a_name() -> None:
    assert all(name_of_test(key) != key for key in DIFFERENCES)


# ── groups ───────────────────────────────────────────────────────────────────────────────
def test_pairs_and_bases() -> None:
    table = on(*PLACES["dates"])
    kinds = np.array(["a", "b", "c", None], dtype=object)[np.arange(len(table)) % 4]
    result = run(table.assign(kind=kinds))

    def names(**options: Any) -> list[str]:
        return list(result.compare("kind", WINDOW, **options).index.get_level_values("groups"))

    assert names() == ["a − b", "a − c", "b − c"]
    assert names(groups="c") == ["a − c", "b − c"]
    assert names(groups=("c", "a")) == ["c − a"]
    assert names(groups=["c", "a", "missing"]) == ["c − a", "c − missing", "a − missing"]
    assert names(groups="missing") == ["a − missing", "b − missing", "c − missing"]
    whole = result.compare("kind", WINDOW)
    assert (whole["note"].str.endswith("; 36 in no group")).all()
    assert (
        not result.compare("kind", WINDOW, groups="missing")["note"].str.contains("no grou").any()
    )
    pair = result.where(result.events["kind"].isin(["a", "b"])).compare("kind", WINDOW).iloc[0]
    assert whole.iloc[0].drop("note").tolist() == pair.drop("note").tolist()


def test_truth_values_and_bins_put_more_first() -> None:
    result = run(on(*PLACES["dates"]))
    turned = result.events["kind"] == "turned"
    row = result.compare(turned, WINDOW)
    assert row.index[0] == ("[-1,+1]", "True − False")
    other = result.compare("kind", WINDOW, groups=("turned", "pure"))
    assert row.iloc[0].tolist() == other.iloc[0].tolist()
    bins = result.compare("number", WINDOW, bins=2)
    assert bins.index[0] == ("[-1,+1]", "[72, 143] − [0, 71]")


def test_miners_in_one_line() -> None:
    rng = np.random.default_rng(0)
    days = pd.bdate_range("2024-06-03", periods=460)
    tickers = list(es.universe.MINERS)
    frame = pd.DataFrame(rng.normal(0, 0.03, (460, len(tickers))), days, tickers)
    frame["SPY"] = rng.normal(0, 0.01, 460)
    events = pd.concat([es.events_on(days[k], tickers) for k in range(280, 450, 20)])
    data = es.Panel.from_returns(frame, market="SPY")
    result = es.EventStudy(es.MarketModel()).run(events.reset_index(drop=True), data)
    row = result.compare(es.universe.pivoted(result.events), (0, 0)).iloc[0]
    assert row["test"] == "dates_paired"
    assert row["n_a"] + row["n_b"] <= len(result.events)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"key": "knd"},
     ("The events have no column 'knd'; they have ticker, date, session, scheduled, kind, late, "
      "number. Did you mean 'kind'?")),
    ({"key": "session"},
     ("The events make 1 group (before_open), and a comparison needs two or more; choose "
      "another key.")),
    ({"groups": ("pure", "pur")},
     "There is no group 'pur'; the groups are pure, turned. Did you mean 'pure'?"),
    ({"groups": "trned"},
     "There is no group 'trned'; the groups are pure, turned. Did you mean 'turned'?"),
    ({"groups": ["pure"]},
     ("groups=['pure'] does not name two different groups; give two or more, or one group that "
      "all others are compared with.")),
    ({"groups": ["pure", "pure"]},
     ("groups=['pure', 'pure'] does not name two different groups; give two or more, or one "
      "group that all others are compared with.")),
    ({"test": "welch"},
     ("test='welch' is not known; choose one of 'contrasts', 'dates_paired', 'dates_welch', "
      "'dates_cluster', 'adj_welch', 'welch_t', 'welch_scar', 'mann_whitney'. Did you mean "
      "'welch_t'?")),
    ({"key": "number", "bins": 1},
     ("bins=1 cuts numbers into 2 or more groups, and the column is of type float64; leave bins "
      "out to group by value.")),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "sentence"), REFUSED)
def test_the_sentence(asked: dict[str, Any], sentence: str) -> None:
    result = run(on(400))
    with pytest.raises(EventStudyError) as caught:
        result.compare(**{"key": "kind", "window": WINDOW, **asked})
    assert str(caught.value) == sentence


# ── bins ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("numbers", "bins", "groups"),
    [
        ([0.0, 0.0, 0.0, 1.0], 2, {"0": 3, "1": 1}),
        ([5.0, 5.0, 5.0], 2, {"5": 3}),
        ([0.0, 0.0, 10.0, 10.0], 3, {"0": 2, "10": 2}),
        ([1.0, 2.0, 3.0, 4.0, None], 2, {"[1, 2]": 2, "[3, 4]": 2, "missing": 1}),
        ([0.1, 0.2, 0.3, 0.4], 2, {"[0.1, 0.2]": 2, "[0.3, 0.4]": 2}),
        ([1.00001, 1.00002, 1.00003, 1.00004], 2, {"[1.00001, 1.00002]": 2,
                                                   "[1.00003, 1.00004]": 2}),
        ([-math.inf, 1.0, 2.0, math.inf], 2, {"[-inf, 1]": 2, "[2, inf]": 2}),
        ([1e9, 2e9, 3e9], 3, {"1e+09": 1, "2e+09": 1, "3e+09": 1}),
    ],
)  # fmt: skip
def test_bins_hold_what_their_names_say(
    numbers: list[float | None], bins: int, groups: dict[str, int]
) -> None:
    table = on(400, firms=len(numbers)).assign(usd=np.array(numbers, dtype=float))
    found = run(table).by("usd", bins=bins)
    assert {name: len(part) for name, part in found.items()} == groups
    assert list(found) == list(groups)


def test_bins_are_those_of_quantiles_without_ties() -> None:
    rng = np.random.default_rng(0)
    for n in (7, 20, 53):
        numbers = pd.Series(rng.normal(size=n))
        for bins in (2, 3, 5, 7):
            mine = binned(numbers, bins).cat.codes
            assert mine.tolist() == pd.qcut(numbers, bins, labels=False).tolist()


def test_bins_of_nothing_are_missing() -> None:
    table = on(400).assign(usd=np.nan)
    assert list(run(table).by("usd", bins=3)) == ["missing"]


def test_bins_of_nullable_numbers() -> None:
    table = on(400).assign(usd=pd.array([*range(11), None], dtype="Int64"))
    assert list(run(table).by("usd", bins=2)) == ["[0, 5]", "[6, 10]", "missing"]


def test_groups_keep_the_order_of_categories() -> None:
    kinds = pd.Categorical(["low", "high", "mid"] * 4, ["low", "mid", "high", "none"], ordered=True)
    result = run(on(400).assign(kind=kinds))
    assert list(result.by("kind")) == ["low", "mid", "high"]
    pairs = result.compare("kind", WINDOW).index.get_level_values("groups")
    assert list(pairs) == ["low − mid", "low − high", "mid − high"]


# ── does it hold? ────────────────────────────────────────────────────────────────────────
def simulated(rng: np.random.Generator, firm: np.ndarray, row: np.ndarray) -> Abnormal:
    """Twelve firms of unequal risk with a correlation of .4, mean-adjusted, no effect."""
    shocks = np.sqrt(0.4) * rng.normal(size=420) + np.sqrt(0.6) * rng.normal(size=(12, 420))
    returns = shocks * np.linspace(0.02, 0.05, 12)[:, None]
    estimation, window = Window(-110, -11), Window(0, 2)
    before, during = (returns[firm[:, None], row[:, None] + w.days] for w in (estimation, window))
    mean, n = before.mean(axis=1, keepdims=True), len(firm)
    return Abnormal(
        estimation=estimation,
        window=window,
        abnormal=during - mean,
        sigma=before.std(axis=1, ddof=1),
        dof=np.full(n, 99.0),
        n_obs=np.full(n, 100.0),
        params=mean,
        names=("alpha",),
        r2=np.zeros(n),
        row=row,
        firm=firm,
        root=np.full((1, 3, 1), 0.1),
        design=np.zeros(n, dtype=np.int64),
        paths=StoredPaths(before - mean, during, np.repeat(mean, 3, axis=1)),
        path=np.arange(n),
    )


def placed(kind: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if kind == "one date":
        return np.arange(12), np.full(12, 200), np.arange(12) < 5
    if kind == "chain":
        rows = np.repeat(150 + 2 * np.arange(6), 6)
        firms = np.concatenate([rng.permutation(12)[:6] for _ in range(6)])
        return firms, rows, rng.random(36) < 0.4
    firms, rows = np.tile(np.arange(12), 8), np.repeat(150 + 10 * np.arange(8), 12)
    return firms, rows, firms < 4 if kind == "shared dates" else rows < 180


@pytest.mark.parametrize("kind", ["one date", "shared dates", "other dates", "chain"])
def test_the_valid_test_keeps_its_size(kind: str) -> None:
    rng, draws = np.random.default_rng(1), 250
    valid = plain = 0
    for _ in range(draws):
        firm, row, a = placed(kind, rng)
        pair = Pair(sample_of(simulated(rng, firm, row), (0, 2)), a)
        found: Difference = difference(pair)
        assert np.isfinite(found.statistic.pvalue)
        valid += found.statistic.pvalue < 0.05
        plain += difference(pair, "welch_t").statistic.pvalue < 0.05
    assert valid <= draws * 0.05 + 4 * math.sqrt(draws * 0.05 * 0.95)
    if kind == "other dates":  # what groups of different dates share does not cancel
        assert plain > 0.25 * draws
