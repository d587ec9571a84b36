"""Tests answered from sums of blocks of dates, against the same tests on all events."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from inference_studies import world

import eventstudy as es
from eventstudy import engine, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Inputs, Model, Placement, Statistic, Windows
from eventstudy.engine import streaming
from eventstudy.errors import OptionError
from eventstudy.inference import _fold_block, _fold_look, folding
from eventstudy.inference._fold_median import Bins
from eventstudy.inference._fold_runs import Runs, chained
from eventstudy.inference._moments import Moments, together
from eventstudy.inference._sample import longest_run, sample_of
from eventstudy.inference.folding import (
    NEEDS_EVENTS,
    Folded,
    first_fold,
    fold_all,
    known_of,
    merge,
    second_fold,
)
from eventstudy.windows import Window

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]

ASKED = [Window(0, 0), Window(-1, 1), Window(0, 3)]
DRAWS = {"permutation", "wild_dates", "wild_events", "boot_residual"}


class Study:
    """Placed events that can be measured in parts."""

    def __init__(
        self,
        firm: Sequence[int] | Ints,
        row: Sequence[int] | Ints,
        *,
        model: Model | None = None,
        gaps: float = 0.0,
        missing: str = "drop",
        estimation: tuple[int, int] = (-60, -6),
        seed: int = 3,
    ) -> None:
        self.firm, self.row, self.missing = np.array(firm), np.array(row), missing
        self.model = es.MarketModel() if model is None else model
        panel, market = world(int(self.firm.max()) + 1, int(self.row.max()) + 8, seed=seed)
        rng = np.random.default_rng(seed)
        panel[rng.random(panel.shape) < gaps] = np.nan
        # days that nothing moved a firm: values that tie
        panel[0, 40:46] = panel[0, 39]
        k = len(self.model.needs)
        others = 0.01 * rng.standard_normal((len(market), max(k - 1, 0)))
        factors = np.column_stack([market, others])[:, :k]
        own = {}
        if isinstance(model, es.TradeToTrade):
            panel, *since = since_last_trade(panel, market)
            own = dict(enumerate(since))
        self.inputs = Inputs(panel, factors, tuple(map(str, self.model.needs)), own=own)
        self.windows = Windows(Window(*estimation), Window(-3, 3))

    def run(self, index: Ints | slice = slice(None)) -> Abnormal:
        firm, row = self.firm[index], self.row[index]
        where = Placement(firm, row, np.arange(len(row)))
        found = engine.run(
            self.model, self.inputs, where, self.windows, min_obs=20, missing=self.missing
        )
        return found.abnormal.take(found.reason == 0)


def since_last_trade(panel: Floats, market: Floats) -> list[Floats]:
    """Returns since the last trade, sessions that they cover, and the market over these."""
    traded = np.isfinite(panel)
    filled = np.where(traded, panel, 0.0005)  # what happened while nobody traded
    day = np.arange(panel.shape[1])
    last = np.maximum.accumulate(np.where(traded, day, -1), axis=1)
    before = np.concatenate([np.full((len(panel), 1), -1), last[:, :-1]], axis=1)
    sums = []
    for values in (filled, np.ones_like(panel), np.broadcast_to(market, panel.shape)):
        total = np.concatenate([np.zeros((len(panel), 1)), np.cumsum(values, axis=1)], axis=1)
        since = total[:, 1:] - np.take_along_axis(total, before + 1, axis=1)
        sums.append(np.where(traded, since, np.nan))
    return sums


def blocks(
    study: Study, parts: int, windows: Sequence[Window], seed: int
) -> list[tuple[Abnormal, Any]]:
    """The events of successive dates, each with its halo, measured by themselves."""
    dates = np.unique(study.row)
    rng = np.random.default_rng(seed)
    cuts = rng.choice(dates[1:], min(parts, len(dates)) - 1, replace=False)
    edges = [dates[0], *np.sort(cuts), dates[-1] + 1]
    halo = max(len(study.windows.event), *map(len, windows)) - 1
    found = []
    for first, stop in pairwise(edges):
        inside = np.flatnonzero((study.row >= first) & (study.row < stop))
        last = study.row[inside].max()
        after = np.flatnonzero((study.row > last) & (study.row <= last + halo))
        measured = study.run(np.concatenate([inside, after]))
        found.append((measured, measured.row <= last))
    return found


def sent(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))  # noqa: S301  (made here)


def folded(study: Study, parts: int, seed: int = 0) -> Folded:
    """Two looks at every block, merged; folds travel pickled."""
    cut = blocks(study, parts, ASKED, seed)
    fold = merge([sent(first_fold(a, ASKED, own)) for a, own in cut])
    known = sent(known_of(fold))
    return Folded(fold, merge([second_fold(a, own, known) for a, own in cut]))


@cache
def clustered() -> Folded:
    return folded(study_of("clustered"), 2)


def steps(dates: int, crowd: int, apart: int | tuple[int, int]) -> tuple[Ints, Ints]:
    """``crowd`` firms on each of some dates, so many sessions apart."""
    rng = np.random.default_rng(dates)
    gap = np.full(dates, apart) if isinstance(apart, int) else rng.integers(*apart, dates)
    firm, row = np.tile(np.arange(crowd), dates), np.repeat(70 + np.cumsum(gap), crowd)
    mixed = rng.permutation(len(row))  # nothing comes sorted by date
    return firm[mixed], row[mixed]


def without_event_days() -> Study:
    """Some firms have no return on the event days, and all of them before."""
    study = Study(np.tile(np.arange(14), 3), np.repeat([90, 91, 94], 14))
    study.inputs.returns[[2, 5, 9], 91:94] = np.nan
    return study


STUDIES: dict[str, Callable[[], Study]] = {
    "clustered": lambda: Study(*steps(9, 12, 11)),
    "clustered, gaps": lambda: Study(*steps(8, 12, 11), gaps=0.03),
    "chains": lambda: Study(*steps(24, 8, (1, 9))),
    "chains, gaps": lambda: Study(*steps(24, 8, (1, 9)), gaps=0.03),
    "chains, skip": lambda: Study(*steps(16, 8, (1, 9)), gaps=0.03, missing="skip"),
    "chains, zero": lambda: Study(*steps(16, 8, (1, 9)), gaps=0.03, missing="zero"),
    "one chain": lambda: Study(*steps(12, 9, 1), gaps=0.01),
    "independent": lambda: Study(*steps(25, 1, 12)),
    "independent firms": lambda: Study(np.arange(25), 70 + 9 * np.arange(25), gaps=0.01),
    "one firm": lambda: Study([0] * 20, 70 + 9 * np.arange(20), gaps=0.01),
    "a firm twice": lambda: Study([0, 0, 1, 1, 1], [90, 90, 90, 95, 101]),
    "one date": lambda: Study(np.arange(14), [90] * 14),
    "one date, gaps": lambda: Study(np.arange(14), [90] * 14, gaps=0.02),
    "one event": lambda: Study([0], [90]),
    "two events": lambda: Study([0, 1], [90, 90]),
    "no parameters": lambda: Study(*steps(9, 10, 8), model=es.RawReturn(), gaps=0.01),
    "means": lambda: Study(*steps(9, 10, 8), model=es.MeanAdjusted()),
    "against the market": lambda: Study(*steps(9, 10, 8), model=es.MarketAdjusted()),
    "event days missing": without_event_days,
    "five factors": lambda: Study(
        *steps(9, 10, 8), model=es.FactorModel(("a", "b", "c", "d", "e")), gaps=0.01
    ),
    "trade to trade": lambda: Study(*steps(9, 9, 8), model=es.TradeToTrade(), gaps=0.06),
    "GARCH": lambda: Study([0, 1, 1, 0], [80, 80, 90, 101], model=es.GarchMarketModel()),
}
#: those cut in many ways
WIDE = ("clustered, gaps", "chains, gaps", "chains, skip", "independent", "one date", "one event")


@cache
def study_of(name: str) -> Study:
    return STUDIES[name]()


@cache
def all_events(name: str) -> Abnormal:
    return study_of(name).run()


@cache
def answer(name: str, test: str, window: Window, side: str) -> Statistic:
    return ask(test, all_events(name), window, alternative=side)


def near(x: float, y: float) -> bool:
    return x == y or (math.isnan(x) and math.isnan(y)) or abs(x - y) <= 1e-12 * max(1.0, abs(y))


def assert_same(found: Statistic, wanted: Statistic) -> None:
    one, two = asdict(found), asdict(wanted)
    one |= dict(zip(("low", "high"), one.pop("ci"), strict=True))
    two |= dict(zip(("low", "high"), two.pop("ci"), strict=True))
    for name, value in two.items():
        same = near(one[name], value) if isinstance(value, float) else one[name] == value
        assert same, (name, found, wanted)


def says_so(found: Statistic) -> bool:
    return math.isnan(found.statistic) and found.note.startswith("needs ")


def ask(name: str, events: Abnormal | Folded, window: Window, **options: object) -> Statistic:
    if name in DRAWS:
        options["draws"] = 49
    return inference.resolve(name)(events, window, **options)


def same_verdict(events: Abnormal, sums: Folded, window: Window) -> None:
    one, two = inference.valid(sums, window), inference.valid(events, window)
    for name in ("kind", "lead", "interval", "n", "n_dates", "n_components", "limit"):
        assert getattr(one, name) == getattr(two, name), (name, window)
    for key in one.why.keys() | two.why.keys():
        gone = one.why.get(key, "").startswith(("needs ", "summed for"))
        assert gone or one.why.get(key) == two.why.get(key), (key, window)
        assert not gone or key in NEEDS_EVENTS or window not in sums.windows
    c, d = inference.correlation(sums, window), inference.correlation(events, window)
    assert near(c.rbar, d.rbar)
    assert (c.n, c.pairs, c.left_out) == (d.n, d.pairs, d.left_out)
    assert near(inference.detectable(sums, window), inference.detectable(events, window))


# ── the same as on the events ────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("name", "parts"),
    [*((name, 3) for name in STUDIES), *((name, k) for name in WIDE for k in (1, 2, 7, 1000))],
)
def test_every_test_gives_its_answer_on_the_events_or_says_that_it_cannot(
    name: str, parts: int
) -> None:
    events, sums = all_events(name), folded(study_of(name), parts)
    assert len(sums) == len(events)
    for window in ASKED:
        for test in inference.names(resampling=True):
            for side in ("two-sided", "less"):
                found = ask(test, sums, window, alternative=side)
                if not (test in NEEDS_EVENTS and says_so(found)):
                    assert_same(found, answer(name, test, window, side))
        same_verdict(events, sums, window)
        firms = sums.sample(window).firms
        assert firms.tolist() == sample_of(events, window).firms.tolist()


@pytest.mark.parametrize("name", ["clustered, gaps", "chains, gaps", "one date", "one event"])
def test_the_days_beside_the_windows(name: str) -> None:
    events, sums = all_events(name), folded(study_of(name), 4)
    for window in sums.fold.plan.days:
        same_verdict(events, sums, window)
        verdict = inference.valid(sums, window)
        for test in {verdict.lead, verdict.interval, "ts_t", "dates_csect", "wild_dates"}:
            assert_same(ask(test, sums, window), ask(test, events, window))


@pytest.mark.parametrize("name", ["chains, gaps", "clustered"])
def test_any_cut_gives_the_same(name: str) -> None:
    study = STUDIES[name]()
    first = folded(study, 1)
    for seed in range(4):
        sums = folded(study, 2 + 2 * seed, seed)
        for test in inference.names():
            assert_same(ask(test, sums, ASKED[1]), ask(test, first, ASKED[1]))


@pytest.mark.parametrize("name", ["clustered, gaps", "one chain"])
def test_neither_do_the_pieces_inside_a_block(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    study = STUDIES[name]()
    whole = folded(study, 2)
    monkeypatch.setattr(_fold_block, "PIECE", 15)
    monkeypatch.setattr(_fold_look, "SLICE", 4)
    sums = folded(study, 2)
    for window in ASKED:
        for test in inference.names():
            assert_same(ask(test, sums, window), ask(test, whole, window))


@pytest.mark.parametrize(
    ("test", "options"),
    [
        ("ts_t", {"ddof": "model"}),
        ("patell", {"variant": "sum_sar"}),
        ("adj_patell", {"variant": "sum_sar", "clip_negative": True}),
        ("bmp", {"ref": "normal"}),
        ("skew_t", {"variant": "johnson"}),
        ("sign", {"exact": True}),
        ("grank_t", {"correction": "none"}),
        ("grank_t", {"correction": "sd"}),
        ("wild_dates", {"weights": "webb"}),
        ("placebo_window", {"strata": 3, "contiguous": True}),
        ("sq", {"tail": "equal"}),
        ("permutation", {"recompute": False}),
    ],
)
def test_options_that_are_sums(test: str, options: dict[str, object]) -> None:
    for name in ("clustered", "one date, gaps"):
        events, sums = all_events(name), folded(study_of(name), 3)
        for window in ASKED:
            assert_same(ask(test, sums, window, **options), ask(test, events, window, **options))


@pytest.mark.parametrize(
    ("test", "options", "needed"),
    [
        ("gen_sign", {"phat": "window"}, "the residuals of every event"),
        ("skew_t", {"on": "bhar"}, "every event's BHAR"),
        ("skew_t", {"law": "bootstrap"}, "every event's CAR"),
        ("rank_cz", {"cross_correction": "sd"}, "the residuals of every event"),
        ("grank_t", {"correction": "full"}, "the residuals of every event"),
        ("adj_bmp", {"min_overlap": 20}, "the residuals of every event"),
        ("adj_patell", {"min_overlap": 20}, "the residuals of every event"),
        ("dates_cluster", {"min_overlap": 20}, "the residuals of every event"),
        ("placebo_window", {"standardise": True}, "the design of every event"),
        ("wilcoxon", {}, "every event's CAR"),
        ("wild_events", {}, "every event's CAR"),
    ],
)
def test_options_that_are_none_say_so(test: str, options: dict[str, object], needed: str) -> None:
    found = ask(test, clustered(), ASKED[1], **options)
    assert math.isnan(found.statistic)
    assert found.note == f'needs {needed}: run with store="car" or "full"'


@pytest.mark.parametrize("test", ["sur_F", "gls_mean", "boot_residual", "sq", "contrasts"])
def test_one_date(test: str) -> None:
    sums = folded(STUDIES["one date"](), 1)
    needed = {"sq": ("adjust", True), "contrasts": ("weights", "equal")}
    options: dict[str, Any] = dict([needed[test]]) if test in needed else {}
    found = ask(test, sums, ASKED[0], **options)
    assert says_so(found)
    several = ask(test, clustered(), ASKED[0], **options)
    assert several.note == "several dates: use dates_csect"


def test_a_family_of_windows_needs_the_events() -> None:
    family: Any = inference.romano_wolf_windows
    found = family(clustered(), ASKED)
    assert [s.note for s in found] == [
        'needs every event\'s CAR: run with store="car" or "full"'
    ] * 3


def test_tests_of_ranks_are_for_the_windows_that_were_asked_for() -> None:
    sums = clustered()
    found = ask("rank", sums, Window(2, 2))
    assert found.note == "summed for the windows of windows= only: name [+2,+2] there"
    assert "rank" not in inference.valid(sums, Window(2, 2)).valid
    assert "rank" in inference.valid(sums, Window(0, 0)).valid


def test_another_window_is_refused() -> None:
    with pytest.raises(OptionError) as refused:
        ask("bmp", clustered(), Window(-2, 1))
    assert str(refused.value) == (
        'The window [-2,+1] was not summed with store="aggregate"; kept are [0,0], [-1,+1], '
        "[0,+3], each event day, and from the first to each: name it in windows= and run again."
    )


@pytest.mark.parametrize("name", ["abnormal", "residuals", "car", "sigma", "take"])
def test_values_of_events_are_refused(name: str) -> None:
    sums = clustered()
    with pytest.raises(OptionError) as refused:
        getattr(sums, name)
    assert str(refused.value) == (
        f'store="aggregate" keeps sums over the events, and {name!r} needs each of them; run with '
        f'store="car" or "full".'
    )
    assert not hasattr(sums, "no_such_thing")


# ── what folds are ───────────────────────────────────────────────────────────────────────
def test_the_size_of_a_fold_does_not_depend_on_the_number_of_events() -> None:
    row = np.repeat(70 + 4 * np.arange(12), 5)
    few, many = (Study(np.arange(len(row) * k) % 40, np.repeat(row, k)) for k in (1, 8))
    sizes = []
    for study in (few, many):
        sums = fold_all(study.run(), ASKED)
        sizes.append(len(pickle.dumps(sums)))
    assert sizes[1] < 1.1 * sizes[0]


def test_a_folded_study_is_the_same_after_a_journey() -> None:
    sums = folded(STUDIES["chains, gaps"](), 3)
    before = ask("adj_bmp", sums, ASKED[1])
    assert_same(ask("adj_bmp", sent(sums), ASKED[1]), before)
    assert len(sent(sums)) == len(sums)


def test_remarks_are_counted() -> None:
    events = all_events("clustered")
    flags = np.array(["", "far", "near"])[np.arange(len(events)) % 3]
    sums = fold_all(replace(events, flags=flags, _memo={}), ASKED)
    assert sums.remarks == {said: int((flags == said).sum()) for said in ("far", "near")}
    assert clustered().remarks == {}
    assert sums.dates.tolist() == np.unique(events.row).tolist()


def test_blocks_whose_events_were_all_lost_change_nothing() -> None:
    study = STUDIES["clustered"]()
    events = study.run()
    none = events.take(np.empty(0, dtype=np.int64))
    own = np.ones(len(events), dtype=bool)
    folds = [first_fold(a, ASKED, own[: len(a)]) for a in (none, events, none)]
    fold = merge(folds)
    known = known_of(fold)
    again = [second_fold(a, own[: len(a)], known) for a in (none, events, none)]
    sums = Folded(fold, merge(again))
    for test in inference.names():
        assert_same(ask(test, sums, ASKED[1]), ask(test, fold_all(events, ASKED), ASKED[1]))
    nothing = fold_all(none, ASKED)
    for test in inference.names():
        assert (
            ask(test, nothing, ASKED[1]).note == "no event has a return on the days of this window"
        )
    assert inference.valid(nothing, ASKED[1]).kind == "no events"


def test_a_standard_deviation_of_zero_is_said() -> None:
    events = STUDIES["clustered"]().run()
    sigma = events.sigma.copy()
    sigma[3] = 0.0
    flat = replace(events, sigma=sigma, _memo={})
    sums = fold_all(flat, ASKED)
    for test in ("bmp", "patell", "jackknife", "grank_t", "csect_t"):
        with np.errstate(divide="ignore", invalid="ignore"):
            wanted = ask(test, flat, ASKED[0])
        assert_same(ask(test, sums, ASKED[0]), wanted)


@pytest.mark.parametrize("apart", [2, 5, 12])
def test_runs_of_a_firm_over_any_cut(apart: int) -> None:
    rng = np.random.default_rng(apart)
    for _ in range(30):
        firm, row = rng.integers(0, 4, 40), np.sort(rng.integers(0, 90, 40))
        cuts = np.unique(np.r_[row[0], rng.choice(row, 4), row[-1] + 1])
        parts = []
        for a, b in pairwise(cuts):
            some = (row >= a) & (row < b)
            order = np.lexsort((row[some], firm[some]))
            parts.append(Runs.of(firm[some][order], row[some][order], apart))
        found = chained([*parts[:1], None, chained(parts[1:])])
        assert found is not None
        assert found.longest == longest_run(firm, row, apart)


@pytest.mark.parametrize("n", [1, 2, 9, 40])
def test_the_median_of_parts_prints_like_the_median(n: int) -> None:
    rng = np.random.default_rng(n)
    for _ in range(50):
        x = rng.normal(0.5, rng.choice([0.02, 1.0]), n)
        x[rng.random(n) < 0.05] = 20.0
        cut = rng.integers(0, n + 1)
        found = merge([Bins.of(np.sort(x[:cut])), Bins.of(np.sort(x[cut:]))]).median
        wanted = float(np.median(x))
        assert f"{found:+.1f}" == f"{wanted:+.1f}"
        assert (abs(found) > 0.5) == (abs(wanted) > 0.5)
    assert Bins.of(np.empty(0)).median == 0.0


def test_moments_of_parts_lose_no_digits() -> None:
    rng = np.random.default_rng(0)
    x = 1e3 + rng.gamma(2.0, size=(3, 500))
    kept = rng.random(x.shape) < 0.7
    found = together([Moments.of(x[:, a:b], kept[:, a:b]) for a, b in pairwise([0, 0, 3, 90, 500])])
    for row in range(3):
        values, y = found.at(row), x[row][kept[row]]
        gap = y - y.mean()
        assert (values.n, values.low, values.high) == (len(y), y.min(), y.max())
        assert values.mean == pytest.approx(y.mean(), rel=1e-14)
        assert values.squares == pytest.approx(gap @ gap, rel=1e-12)
        assert values.cubes == pytest.approx((gap**3).sum(), rel=1e-9)


# ── through the streaming ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("how", ["here", "threads", "processes"])
def test_streamed(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    study = STUDIES["chains, gaps"]()
    monkeypatch.setattr(streaming, "PART", 40)
    monkeypatch.setattr(streaming, "TASK", 60)
    where = Placement(study.firm, study.row, np.arange(len(study.row)))
    work = streaming.Work(study.model, study.inputs, where, study.windows, min_obs=20)
    events = study.run()
    if how == "processes":
        with ProcessPoolExecutor(1) as executor:
            sums, losses = folding.folded(work, tuple(ASKED), executor=executor)
    else:
        sums, losses = folding.folded(work, tuple(ASKED), workers=1 + (how == "threads"))
    assert len(sums) == len(events) == int((losses.reason == 0).sum())
    for test in inference.names():
        if test not in NEEDS_EVENTS:
            assert_same(ask(test, sums, ASKED[1]), ask(test, events, ASKED[1]))


def test_streaming_nothing() -> None:
    study = STUDIES["clustered"]()
    nothing = np.empty(0, dtype=np.int64)
    work = streaming.Work(
        study.model, study.inputs, Placement(nothing, nothing, nothing), study.windows
    )
    sums, _ = folding.folded(work, tuple(ASKED))
    assert len(sums) == 0
    assert inference.valid(sums, ASKED[0]).kind == "no events"
