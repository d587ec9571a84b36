"""Awkward samples: every test answers with numbers or says why not, and none is called valid there.

Each world below has something wrong with it: no spread, one firm twice, no common days, holes,
a window longer than the estimation. Warnings are errors, so a silent 0/0 fails here too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy import engine, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Inputs, Placement, Statistic, Windows
from eventstudy.inference.lookup import RESAMPLING
from eventstudy.windows import Window

T, FIRMS, DAY0 = 260, 6, 150
SESSIONS = pd.bdate_range("2024-01-02", periods=T)
EACH = range(FIRMS)
BEFORE, AROUND = slice(DAY0 - 90, DAY0 - 10), slice(DAY0 - 5, DAY0 + 6)
Floats = np.ndarray[Any, np.dtype[np.float64]]


@cache
def market() -> Floats:
    return 0.01 * np.random.default_rng(0).standard_normal(T)


def returns(gaps: float = 0.0, firms: int = FIRMS) -> Floats:
    """(T, firms) returns with a common shock."""
    rng = np.random.default_rng(1)
    risk = 0.02 * rng.uniform(0.5, 2.0, firms)
    shocks = 0.6 * rng.standard_normal((T, 1)) + 0.8 * rng.standard_normal((T, firms))
    found: Floats = market()[:, None] * rng.uniform(0.5, 1.5, firms) + risk * shocks
    found[rng.random(found.shape) < gaps] = np.nan
    return found


def study(
    panel: Floats,
    firms: Sequence[int] = EACH,
    days: int | Iterable[int] = DAY0,
    model: Any = None,
    kind: str = "simple",
    **options: Any,
) -> es.Result:
    frame = pd.DataFrame(panel, SESSIONS, [f"F{i}" for i in range(panel.shape[1])])
    prices = es.Panel.from_returns(frame.assign(SPY=market()), market="SPY", kind=kind)
    at = [days] * len(firms) if isinstance(days, int) else list(days)
    events = pd.DataFrame({"ticker": [f"F{i}" for i in firms], "date": SESSIONS[at]})
    settings: dict[str, Any] = {"estimation": (-90, -11), "window": (-5, 5), **options}
    return es.EventStudy(model or es.MarketModel(), **settings).run(events, prices)


def with_ar(value: float, *, of_sigma: bool = False) -> es.Result:
    """Every AR of the mean model is ``value``, or that many σ of its firm."""
    panel = returns()
    own = panel[BEFORE].std(axis=0, ddof=1) if of_sigma else 1.0
    panel[AROUND] = panel[BEFORE].mean(axis=0) + value * own
    return study(panel, model=es.MeanAdjusted())


def changed(change: Any) -> Floats:
    panel = returns()
    change(panel)
    return panel


def twins(panel: Floats) -> None:
    panel[:, 1] = panel[:, 0]


def mirrored(panel: Floats) -> None:
    panel[:, 1] = -panel[:, 0]


def in_turns(panel: Floats) -> None:
    panel[DAY0 - 90 : DAY0 - 50, ::2] = np.nan
    panel[DAY0 - 50 : DAY0 - 10, 1::2] = np.nan


def one_day_left(panel: Floats) -> None:
    panel[AROUND] = np.nan
    panel[DAY0 + 1] = 0.01


def untraded(panel: Floats) -> None:
    panel[AROUND] = 0.0


APART = [100 + 25 * i for i in EACH]
OVERLAPPING = [140 + 2 * i for i in EACH]
TWICE: dict[str, Any] = {"firms": [*EACH, *EACH], "days": [120] * FIRMS + [180] * FIRMS}
DONORS = es.SyntheticControl(["F2", "F3", "F4", "F5"])
LONG: dict[str, Any] = {"estimation": (-40, -21), "window": (-20, 20), "min_obs": 8}

#: what is wrong → the study
WORLDS: dict[str, Any] = {
    "usual": lambda: study(returns()),
    "equal CARs": lambda: with_ar(0.01),
    "equal SCARs": lambda: with_ar(1.0, of_sigma=True),
    "no CARs": lambda: with_ar(0.0),
    "zeros exactly": lambda: study(changed(untraded), model=es.RawReturn()),
    "one event a date": lambda: study(returns(), days=APART),
    "overlapping windows": lambda: study(returns(), days=OVERLAPPING),
    "dates of one firm": lambda: study(returns(), [0] * FIRMS, APART),
    "two identical events": lambda: study(changed(twins), [0, 1]),
    "two opposite events": lambda: study(changed(mirrored), [0, 1], model=es.MeanAdjusted()),
    "one event": lambda: study(returns(), [0]),
    "one event, nothing estimated": lambda: study(returns(), [0], model=es.MarketAdjusted()),
    "no common days": lambda: study(changed(in_turns), [0, 1], min_obs=20),
    "some common days": lambda: study(changed(in_turns), min_obs=20),
    "holes": lambda: study(returns(0.1), min_obs=30),
    "holes skipped": lambda: study(returns(0.1), **TWICE, min_obs=30, missing="skip"),
    "holes as zero": lambda: study(returns(0.1), **TWICE, min_obs=30, missing="zero"),
    "one day left": lambda: study(changed(one_day_left), missing="skip"),
    "nothing estimated": lambda: study(returns(), model=es.RawReturn()),
    "σ about zero": lambda: study(returns(), model=es.MarketAdjusted(sigma_demean=False), **TWICE),
    "no common design": lambda: study(returns(), model=es.RobustMarketModel(), **TWICE),
    "held out": lambda: study(returns(), [0, 1], model=DONORS),
    "GARCH": lambda: study(returns(), model=es.GarchMarketModel()),
    "GARCH, one event": lambda: study(returns(), [0], model=es.GarchMarketModel()),
    "several intervals": lambda: study(returns(), estimation=[(-60, -11), (15, 40)]),
    "log returns": lambda: study(returns(), days=APART, kind="log", missing="skip"),
    "long window": lambda: study(returns(), **LONG),
    "long window, one event": lambda: study(returns(), [0], **LONG),
    "no events": lambda: study(returns()).abnormal.take(np.array([], dtype=np.int64)),
}


@cache
def world(name: str) -> Abnormal:
    found = WORLDS[name]()
    return found if isinstance(found, Abnormal) else found.abnormal


#: every option of every test that changes how a number is found
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "ts_t": [{"ddof": "model"}],
    "patell": [{"variant": "sum_sar"}],
    "adj_patell": [{"variant": "sum_sar"}, {"ref": "t"}, {"min_overlap": 3}],
    "bmp": [{"ref": "normal"}],
    "adj_bmp": [{"clip_negative": True}, {"min_overlap": 3}],
    "adj_csect": [{"clip_negative": True}],
    "dates_cluster": [{"min_overlap": 3}],
    "skew_t": [
        {"variant": "johnson"},
        {"on": "bhar"},
        {"law": "bootstrap", "draws": 29, "on": "bhar"},
    ],
    "rank_cz": [{"cross_correction": "sd"}],
    "grank_t": [{"correction": "none"}, {"correction": "full"}],
    "sign": [{"exact": True}],
    "gen_sign": [{"phat": "window"}],
    "wilcoxon": [{"method": "exact"}, {"method": "normal"}],
    "jackknife": [{"min_events": 3}],
    "sq": [{"variant": "asymptotic"}, {"tail": "equal"}, {"adjust": True}, {"contiguous": True}],
    "placebo_window": [{"strata": 3}, {"standardise": True}, {"contiguous": True}],
    "permutation": [{"recompute": False}],
    "boot_residual": [
        {"statistic": "sur_F"},
        {"statistic": "gls_mean"},
        {"refit": False},
        {"block": 3},
    ],
    "wild_events": [{"statistic": "bmp"}, {"weights": "webb"}],
    "wild_dates": [{"weights": "webb"}],
    "gls_mean": [{"naive": True}],
}
TESTS = inference.names(resampling=True)


def sound(found: Statistic) -> bool:
    """Numbers that fit together, or none and a note."""
    assert isinstance(found, Statistic)
    if math.isnan(found.pvalue):
        return math.isnan(found.statistic) and all(map(math.isnan, found.ci)) and bool(found.note)
    if found.name == "grank_t" and math.isinf(found.statistic):
        return bool(found.note)
    ordered = math.isnan(found.ci[0]) or found.ci[0] <= found.ci[1]
    return 0.0 <= found.pvalue <= 1.0 and math.isfinite(found.statistic) and ordered


@pytest.mark.parametrize("name", WORLDS)
def test_every_test_gives_numbers_or_says_why_not(name: str) -> None:
    abnormal = world(name)
    edges = (abnormal.window.first, abnormal.window.last)
    windows = [(0, 0), (edges[0], edges[0]), (edges[1], edges[1]), edges]
    for key in TESTS:
        test, draws = inference.resolve(key), {"draws": 19} if key in RESAMPLING else {}
        asked: list[tuple[dict[str, Any], str, tuple[int, int]]] = [
            ({}, side, w) for side in ("two-sided", "greater", "less") for w in windows
        ]
        asked += [(o, "two-sided", w) for o in OPTIONS.get(key, []) for w in (windows[0], edges)]
        for options, side, w in asked:
            found = test(abnormal, w, alternative=side, **draws, **options)
            assert sound(found), (key, options, side, w, found)


@pytest.mark.parametrize("name", WORLDS)
def test_the_verdict_of_every_world_has_an_answer(name: str) -> None:
    abnormal = world(name)
    for w in ((0, 0), (abnormal.window.first, abnormal.window.last)):
        verdict = inference.valid(abnormal, w)
        assert verdict.valid | verdict.why.keys() == set(TESTS)
        assert verdict.valid.isdisjoint(verdict.why)
        if not verdict.n:
            continue
        shown = inference.resolve(verdict.interval)(abnormal, w)
        reach = inference.detectable(abnormal, w)
        assert math.isnan(reach) == (math.isnan(shown.se) or verdict.interval in verdict.why)
        assert not reach < 0.0
        for key in (verdict.lead, verdict.interval):
            lonely = inference.resolve(key)(abnormal, w)
            if math.isnan(lonely.pvalue):  # no spread at all, or no correlation to be had
                assert lonely.note == "the standard error is zero" or key in verdict.why


def test_summaries_of_awkward_worlds_are_written() -> None:
    for name in ("equal SCARs", "two identical events", "no common days", "GARCH", "one day left"):
        text = str(WORLDS[name]())
        assert "Not valid here" in text
        assert max(map(len, text.splitlines())) <= 80


# ── what was wrong ───────────────────────────────────────────────────────────────────────
def test_rolling_signs_of_a_window_longer_than_the_estimation() -> None:
    found = inference.gen_sign(world("long window"), (-20, 20), phat="window")
    assert found.note == "no event has 41 estimation days to sum"
    assert math.isnan(found.pvalue)


def test_events_without_a_rolling_sum_have_no_share_in_the_usual_one() -> None:
    panel = returns()
    panel[DAY0 - 90 : DAY0 - 17, 0] = np.nan  # seven days are left, windows have eleven
    some = study(panel, min_obs=7, model=es.MeanAdjusted()).abnormal
    assert len(some) == FIRMS
    others = some.take(np.arange(1, FIRMS))
    notes = [inference.gen_sign(a, (-5, 5), phat="window").note for a in (some, others)]
    assert notes[0].partition(";")[0] == notes[1].partition(";")[0] == "usual share 0.466"


def test_a_correlation_of_pairs_left_out_leads_nothing() -> None:
    """Pairs without a common day count as zero, so r̄ looked known although no ρ was."""
    days = [110] * 4 + [205] * 4
    panel = returns()
    for day in (110, 205):
        panel[day - 90 : day - 50, :2] = np.nan
        panel[day - 50 : day - 10, 2:4] = np.nan
    abnormal = study(panel, [0, 1, 2, 3] * 2, days, min_obs=20).abnormal
    assert inference.correlation(abnormal, (0, 0)).left_out == 8
    verdict = inference.valid(abnormal, (0, 0))
    lacking = "8 of 12 pairs that share days lack 30 common estimation days"
    assert {verdict.why[k] for k in ("adj_bmp", "adj_patell", "adj_csect", "grank_t")} == {lacking}
    assert verdict.lead == verdict.interval == "dates_csect"


def test_a_chain_without_common_days_has_no_valid_test_and_says_so() -> None:
    """All windows overlap, and no pair has 30 common days: r̄ would be 0, n_eff the count."""
    short: dict[str, Any] = {"estimation": (-35, -6), "window": (-1, 1), "min_obs": 20}
    result = study(returns(), days=[150 + i for i in EACH], **short)
    assert math.isfinite(inference.adj_bmp(result.abnormal, (-1, 1)).pvalue)
    verdict = inference.valid(result.abnormal, (-1, 1))
    assert verdict.valid == frozenset()
    assert math.isnan(inference.detectable(result.abnormal, (-1, 1)))
    row = result.caar((-1, 1)).iloc[0]
    numbers = row[["ci_low", "ci_high", "statistic", "pvalue", "rbar", "n_eff"]]
    assert numbers.isna().all()
    assert math.isfinite(row["estimate"])
    assert "9 of 9 pairs that share days lack 30 common estimation days" in row["note"]
    said = result.sentence((-1, 1))
    assert "no valid 95 % interval" in said
    assert "no valid test gives a p-value" in said
    assert "is not known" in said


def test_identical_events_are_judged_by_their_portfolio() -> None:
    verdict = inference.valid(world("two identical events"), (0, 0))
    assert verdict.lead == verdict.interval == "portfolio_t"
    assert verdict.why["adj_bmp"] == "the mean correlation 1 of 2 events is out of bounds"


# ── samples too small and windows too long ───────────────────────────────────────────────
def simulated(
    draws: int, events: int, estimation: int, length: int, *, shared: bool = False
) -> Iterable[Abnormal]:
    """Samples without an effect, independent or (correlation .3) on one date; a market model."""
    rng, span = np.random.default_rng(9), estimation + length
    windows = Windows(Window(-estimation, -1), Window(0, length - 1))
    dates = 1 if shared else events
    errors = rng.standard_normal((draws, events, span * dates))
    if shared:
        errors = np.sqrt(0.7) * errors + np.sqrt(0.3) * rng.standard_normal((draws, 1, span))
    panel = (np.linspace(0.02, 0.05, events)[:, None] * errors).reshape(draws * events, -1)
    firm = np.arange(draws * events)
    row = np.tile(estimation + span * (np.arange(events) % dates), draws)
    inputs = Inputs(panel, 0.01 * rng.standard_normal((span * dates, 1)), ("market",))
    found = engine.run(es.MarketModel(), inputs, Placement(firm, row, firm), windows).abnormal
    for d in range(draws):
        yield found.take(np.arange(d * events, (d + 1) * events))


def sizes(
    keys: Sequence[str], events: int, estimation: int, length: int, *, shared: bool = False
) -> dict[str, float]:
    """Percent of 400 samples that a nominal 5 % test rejects; a standard error is about 1."""
    hits = dict.fromkeys(keys, 0)
    for abnormal in simulated(400, events, estimation, length, shared=shared):
        for key in keys:
            w = abnormal.window
            hits[key] += bool(inference.resolve(key)(abnormal, w).pvalue <= 0.05)
    return {key: hit / 4.0 for key, hit in hits.items()}


def test_long_windows_against_short_estimations() -> None:
    """30 days, a window of 11: sums of residuals vary less than the CAR, which has their error."""
    keys = ("sq", "placebo_window", "single_t", "portfolio_t")
    found = sizes(keys, 1, 30, 11)
    assert min(found["sq"], found["placebo_window"]) > 18.0
    assert max(found["single_t"], found["portfolio_t"]) < 9.0
    verdict = inference.valid(next(iter(simulated(1, 1, 30, 11))), (0, 10))
    assert (verdict.lead, verdict.interval) == ("single_t", "single_t")
    assert verdict.why["sq"] == "30 estimation days: for 11 event days it needs 165"
    assert verdict.why["permutation"] == "30 estimation days: for 11 event days it needs 110"
    assert verdict.why["ts_t"] == "30 estimation days: for 11 event days it needs 55"


def test_few_events_have_no_spread_to_rank_by() -> None:
    keys = ("grank_t", "rank_cz", "skew_t", "bmp", "csect_t")
    for shared in (False, True):
        found = sizes(keys[:2], 3, 60, 1, shared=shared)
        assert min(found.values()) > 10.0
    found = sizes(keys, 4, 60, 1)
    assert found["skew_t"] > 10.0
    assert max(found["bmp"], found["csect_t"]) < 9.0
    verdict = inference.valid(next(iter(simulated(1, 4, 60, 1))), (0, 0))
    assert verdict.why["grank_t"] == "4 events only: it needs 8"
    assert verdict.why["skew_t"] == "4 events only: it needs 20"
    assert verdict.why["sign"] == "4 events only: it needs 5"
    assert verdict.why["corrado_sign"] == "4 signs only: it needs 5"


def test_one_rank_tells_nothing() -> None:
    one = next(iter(simulated(1, 1, 60, 2)))
    lone = "one event, one day: a rank or a sign tells nothing"
    keys = ("rank", "cumrank_t", "corrado_sign")
    assert [inference.valid(one, (0, 0)).why.get(key) for key in keys] == [lone] * 3
    both = inference.valid(one, (0, 1))
    assert both.why["corrado_sign"] == "2 signs only: it needs 5"
    assert {"rank", "cumrank_t"} <= both.valid


def test_windows_of_one_firm_in_a_row_are_one_long_window() -> None:
    panel = returns()
    row = [100, 101, 102, 103, 104, 105, 120]
    one = study(panel, [0] * 7, row, estimation=(-60, -11)).abnormal
    needs = "50 estimation days: for 6 event days it needs 90"
    assert inference.valid(one, (0, 0)).why["placebo_window"] == needs
    several = study(panel, [0, 1, 2, 3, 4, 5, 0], row, estimation=(-60, -11)).abnormal
    assert "placebo_window" in inference.valid(several, (0, 0)).valid
