"""Tests answered from sums of blocks of dates, against the same tests on all events."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

import numpy as np
import pytest
from inference_studies import world

import eventstudy as es
from eventstudy import engine, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Inputs, Model, Placement, Statistic, Windows
from eventstudy.inference import _fold_first, _sample
from eventstudy.inference._fold_answers import EVENTS, OPTIONS, Folded
from eventstudy.inference._fold_first import first_fold
from eventstudy.inference._fold_merging import merge
from eventstudy.inference._fold_plan import Plan
from eventstudy.inference._fold_second import second_fold
from eventstudy.inference._folded import fold_all, known_of
from eventstudy.windows import Window

ASKED = [Window(0, 0), Window(-1, 1), Window(0, 3)]
DRAWS = {"permutation", "wild_dates", "wild_events", "boot_residual"}


class Study:
    """Placed events that can be measured in parts."""

    def __init__(  # noqa: PLR0913  (one argument a way in which studies differ)
        self,
        firm: Sequence[int],
        row: Sequence[int],
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

    def run(self, index: np.ndarray | slice = slice(None)) -> Abnormal:
        firm, row = self.firm[index], self.row[index]
        where = Placement(firm, row, np.arange(len(row)))
        found = engine.run(
            self.model, self.inputs, where, self.windows, min_obs=20, missing=self.missing
        )
        return found.abnormal.take(found.reason == 0)


def since_last_trade(panel: np.ndarray, market: np.ndarray) -> list[np.ndarray]:
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
) -> list[tuple[Abnormal, np.ndarray]]:
    """The events of successive dates, each with its halo, measured by themselves."""
    dates = np.unique(study.row)
    rng = np.random.default_rng(seed)
    cuts = rng.choice(dates[1:], min(parts, len(dates)) - 1, replace=False)
    edges = [dates[0], *np.sort(cuts), dates[-1] + 1]
    halo = max(len(study.windows.event), *map(len, windows)) - 1
    found = []
    for first, stop in zip(edges[:-1], edges[1:], strict=True):
        inside = np.flatnonzero((study.row >= first) & (study.row < stop))
        last = study.row[inside].max()
        after = np.flatnonzero((study.row > last) & (study.row <= last + halo))
        measured = study.run(np.concatenate([inside, after]))
        found.append((measured, measured.row <= last))
    return found


def folded(study: Study, parts: int, seed: int = 0) -> Folded:
    """Two looks at every block, merged; folds travel pickled."""
    cut = blocks(study, parts, ASKED, seed)
    fold = merge([pickle.loads(pickle.dumps(first_fold(a, ASKED, own))) for a, own in cut])
    known = pickle.loads(pickle.dumps(known_of(fold)))
    return Folded(fold, merge([second_fold(a, own, known) for a, own in cut]))


def steps(dates: int, crowd: int, apart: int | tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """``crowd`` firms on each of some dates, so many sessions apart."""
    rng = np.random.default_rng(dates)
    gap = np.full(dates, apart) if isinstance(apart, int) else rng.integers(*apart, dates)
    firm, row = np.tile(np.arange(crowd), dates), np.repeat(70 + np.cumsum(gap), crowd)
    mixed = rng.permutation(len(row))  # nothing comes sorted by date
    return firm[mixed], row[mixed]


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
    "one date": lambda: Study(np.arange(14), [90] * 14),
    "one date, gaps": lambda: Study(np.arange(14), [90] * 14, gaps=0.02),
    "one event": lambda: Study([0], [90]),
    "two events": lambda: Study([0, 1], [90, 90]),
    "no parameters": lambda: Study(*steps(9, 10, 8), model=es.RawReturn(), gaps=0.01),
    "means": lambda: Study(*steps(9, 10, 8), model=es.MeanAdjusted()),
    "five factors": lambda: Study(
        *steps(9, 10, 8), model=es.FactorModel(("a", "b", "c", "d", "e")), gaps=0.01
    ),
    "trade to trade": lambda: Study(*steps(9, 9, 8), model=es.TradeToTrade(), gaps=0.06),
    "GARCH": lambda: Study(*steps(4, 3, 9), model=es.GarchMarketModel()),
}


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
        kept = one.why.get(key, "").startswith(("needs ", "summed for"))
        assert kept or one.why.get(key) == two.why.get(key), (key, window)
        assert not kept or key in EVENTS or window not in sums.windows
    c, d = inference.correlation(sums, window), inference.correlation(events, window)
    assert near(c.rbar, d.rbar)
    assert (c.n, c.pairs, c.left_out) == (d.n, d.pairs, d.left_out)
    assert near(inference.detectable(sums, window), inference.detectable(events, window))


# ── the same as on the events ────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize("parts", [1, 2, 7, 1000])
def test_every_test_gives_its_answer_on_the_events_or_says_that_it_cannot(
    name: str, parts: int
) -> None:
    study = STUDIES[name]()
    if name == "GARCH" and parts > 2:
        parts = 3
    events, sums = study.run(), folded(study, parts)
    assert len(sums) == len(events)
    for window in ASKED:
        for test in inference.names(resampling=True):
            for side in ("two-sided", "less"):
                found = ask(test, sums, window, alternative=side)
                if not (test in EVENTS and says_so(found)):
                    assert_same(found, ask(test, events, window, alternative=side))
        same_verdict(events, sums, window)


@pytest.mark.parametrize("name", ["clustered, gaps", "chains, gaps", "one date", "one event"])
def test_the_days_beside_the_windows(name: str) -> None:
    study = STUDIES[name]()
    events, sums = study.run(), folded(study, 4)
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
