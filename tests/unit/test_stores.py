"""What a result keeps, and who measures it, changes no number."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy import errors
from eventstudy.arrays import Model
from eventstudy.engine import streaming
from eventstudy.engine.streaming import stretches
from eventstudy.inference.folding import NEEDS_EVENTS

DAYS = pd.bdate_range("2020-01-01", periods=420)
TICKERS = [f"S{i:02d}" for i in range(12)]
PEERS = es.factors.peers(TICKERS)
MODELS: dict[str, Model] = {
    "market": es.MarketModel(),
    "mean": es.MeanAdjusted(),
    "adjusted": es.MarketAdjusted(),
    "excess": es.CAPM(),
    "factors": es.FactorModel(("MKT", "F2")),
    "peers": es.FactorModel(("MKT", PEERS)),
    "leads": es.Dimson(),
    "neighbours": es.ScholesWilliams(),
    "gaps": es.TradeToTrade(),
    "robust": es.RobustMarketModel(),
}


@functools.cache
def panel(across_gaps: bool = False) -> es.Panel:
    rng = np.random.default_rng(11)
    market = rng.normal(0, 0.01, len(DAYS))
    returns = market[:, None] * rng.uniform(0.5, 1.5, 12) + rng.normal(0, 0.02, (len(DAYS), 12))
    returns[rng.random(returns.shape) < 0.02] = np.nan
    returns[:, 11] = np.nan
    returns[200:, 11] = 0.0  # a price that stands still
    prices = pd.DataFrame(100 * np.exp(np.nancumsum(returns, axis=0)), DAYS, TICKERS)
    prices = prices.where(np.isfinite(returns))
    factors = pd.DataFrame(
        {"MKT": market, "F2": rng.normal(0, 0.01, len(DAYS)), "RF": 0.0001}, DAYS
    )
    return es.Panel.from_prices(
        prices,
        market=factors["MKT"].add(1).cumprod().rename("M"),
        factors=factors,
        kind="log" if across_gaps else "simple",
        across_gaps=across_gaps,
    )


@functools.cache
def events() -> pd.DataFrame:
    """Shared, staggered and lone dates, in no order; some that cannot be used."""
    rng = np.random.default_rng(12)
    at = rng.choice(np.arange(20, 415), 60)
    some = pd.DataFrame({"ticker": rng.choice(TICKERS, 60), "date": DAYS[at]})
    shared = pd.concat([es.events_on(day, TICKERS) for day in DAYS[[200, 203, 300]]])
    found = pd.concat([some, shared]).sample(frac=1.0, random_state=3)
    return found[["ticker", "date"]].assign(event_id=[f"e{i}" for i in range(len(found))])


def study(model: str = "market", **options: Any) -> es.EventStudy:
    return es.EventStudy(MODELS[model], **{"estimation": (-80, -11), "window": (-5, 5)} | options)


@pytest.fixture
def small_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a few events, so that there are many."""
    monkeypatch.setattr(streaming, "PART", 15)
    monkeypatch.setattr(streaming, "TASK", 20)


def same(one: es.Result, two: es.Result) -> None:
    """All tables that are made of single events, to 1e-12."""
    pd.testing.assert_frame_equal(one.events, two.events)
    pd.testing.assert_frame_equal(one.dropped, two.dropped)
    for name in ("ar", "estimates"):
        close(getattr(one, name), getattr(two, name))
    windows = ((0, 0), (-1, 1), (-5, 5), (2, 3))
    for name in ("car", "scar", "bhar", "caar"):
        close(getattr(one, name)(*windows), getattr(two, name)(*windows))
    close(one.to_frame(), two.to_frame())
    np.testing.assert_allclose(
        one.abnormal.residuals, two.abnormal.residuals, rtol=1e-12, atol=1e-14
    )
    assert one.notes == two.notes
    assert one.excluded_days == two.excluded_days


def close(one: pd.DataFrame, two: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, two, rtol=1e-12, atol=1e-13)


# ── who measures ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.usefixtures("small_tasks")
def test_an_executor_changes_nothing(model: str) -> None:
    data = panel(model == "gaps")
    with ThreadPoolExecutor(2) as threads:
        found = study(model).run(events(), data, executor=threads)
    same(study(model).run(events(), data), found)


@pytest.mark.parametrize(
    "options",
    [
        {"exclude_other_events": True},
        {"missing": "skip"},
        {"missing": "zero"},
        {"estimation": [(-80, -40), (-30, -11)]},
        {"estimation": [(-60, -11), (11, 40)]},
        {"min_obs": 69},
        {"timing": es.Timing(duplicates="keep")},
    ],
    ids=str,
)
@pytest.mark.usefixtures("small_tasks")
def test_an_executor_keeps_the_rules(options: dict[str, Any]) -> None:
    with ThreadPoolExecutor(2) as threads:
        found = study(**options).run(events(), panel(), executor=threads)
    same(study(**options).run(events(), panel()), found)


@pytest.mark.parametrize("model", ["market", "peers", "robust"])
def test_threads_change_no_bit(model: str) -> None:
    one, two = (study(model).run(events(), panel(), workers=n) for n in (1, 2))
    assert (one.abnormal.abnormal == two.abnormal.abnormal)[
        np.isfinite(one.abnormal.abnormal)
    ].all()
    same(one, two)


@pytest.mark.usefixtures("small_tasks")
def test_all_events_lost_is_the_same_sentence() -> None:
    lost = pd.DataFrame({"ticker": "S11", "date": DAYS[[250, 251, 320]]})
    said = []
    for executor in (None, ThreadPoolExecutor(2)):
        with pytest.raises(errors.NothingLeft) as raised:
            study().run(lost, panel(), executor=executor)
        said.append(str(raised.value))
        if executor is not None:
            executor.shutdown()
    assert said[0] == said[1]


def test_no_event_that_can_be_placed() -> None:
    lost = pd.DataFrame({"ticker": "NONE", "date": DAYS[[250, 251]]})
    with ThreadPoolExecutor(1) as threads, pytest.raises(errors.NothingLeft, match="2 × unknown"):
        study().run(lost, panel(), executor=threads)


# ── sums over the events ─────────────────────────────────────────────────────────────────────
WINDOWS = [(0, 0), (-1, 1), (-5, 5)]


def summed(asked: es.EventStudy, **options: Any) -> es.Result:
    return asked.run(events(), panel(), store="aggregate", windows=WINDOWS, **options)


def same_answers(full: es.Result, sums: es.Result) -> None:
    """Every table about the sample, and what is said of it."""
    pd.testing.assert_frame_equal(full.events, sums.events)
    pd.testing.assert_frame_equal(full.dropped, sums.dropped)
    close(full.caar(*WINDOWS), sums.caar(*WINDOWS))
    close(full.aar, sums.aar)
    close(full.path(), sums.path())
    assert full.sentence((-1, 1)) == sums.sentence((-1, 1))
    assert full.notes == sums.notes
    told = full.tests(*WINDOWS).set_index(["window", "test"])
    found = sums.tests(*WINDOWS).set_index(["window", "test"]).loc[told.index]
    silent = found["statistic"].isna() & told["statistic"].notna()
    assert set(found.index[silent].get_level_values("test")) <= set(NEEDS_EVENTS)
    assert found["note"][silent].str.startswith("needs ").all()
    close(told[~silent], found[~silent])


@pytest.mark.parametrize("model", ["market", "mean", "factors", "peers", "robust"])
@pytest.mark.usefixtures("small_tasks")
def test_sums_answer_as_the_events_do(model: str) -> None:
    same_answers(study(model).run(events(), panel()), summed(study(model)))


@pytest.mark.parametrize("options", [{"missing": "skip"}, {"exclude_other_events": True}], ids=str)
@pytest.mark.usefixtures("small_tasks")
def test_sums_keep_the_rules(options: dict[str, Any]) -> None:
    same_answers(study(**options).run(events(), panel()), summed(study(**options)))


@pytest.mark.parametrize("lost", [DAYS[100:130], DAYS[330:360]], ids=["first", "last"])
@pytest.mark.usefixtures("small_tasks")
def test_a_part_that_loses_all_its_events_says_nothing_of_the_others(
    lost: pd.DatetimeIndex,
) -> None:
    """Leads and lags cost days: the dates share no design, and such a part cannot know."""
    gone = pd.DataFrame({"ticker": TICKERS[11], "date": lost})
    table = pd.concat([gone, *(es.events_on(day, TICKERS[:9]) for day in DAYS[[200, 230, 300]])])
    asked = study("leads", timing=es.Timing(duplicates="keep"))
    full = asked.run(table, panel())
    sums = asked.run(table, panel(), store="aggregate", windows=WINDOWS)
    with ThreadPoolExecutor(2) as threads:
        parts = asked.run(table, panel(), executor=threads)
    same(full, parts)
    same_answers(full, sums)
    assert [r.abnormal.common_design for r in (full, parts, sums)] == [False] * 3


@pytest.mark.usefixtures("small_tasks")
def test_sums_are_the_same_whoever_measures() -> None:
    one = summed(study())
    with ThreadPoolExecutor(2) as threads:
        for other in (summed(study(), workers=3), summed(study(), executor=threads)):
            close(one.caar(*WINDOWS), other.caar(*WINDOWS))
            close(one.tests(*WINDOWS), other.tests(*WINDOWS))


@pytest.mark.usefixtures("small_tasks")
def test_the_summary_of_sums_reads_like_that_of_events() -> None:
    full, sums = study().run(events(), panel()), summed(study())
    lines = str(full.summary()).splitlines()
    other = [line for line in str(sums.summary()).splitlines() if line not in lines]
    assert " ".join(" ".join(other).split()) == (
        'skew_t = 0.171 needs every event\'s CAR: run with wilcoxon store="car" or "full"'
    )


def test_some_sessions_are_unknown() -> None:
    table = events().assign(session=["before_open"] * 50 + ["unknown"] * (len(events()) - 50))
    sums = study().run(table, panel(), store="aggregate")
    assert any(
        note.endswith("Sums over all events (store='aggregate') cannot show the rest without them.")
        for note in sums.notes
    )
    assert "Without the" not in str(sums.summary())


ASKED: dict[str, Callable[[es.Result], object]] = {
    "car": lambda r: r.car((0, 0)),
    "bhar": lambda r: r.bhar((0, 0)),
    "ar": lambda r: r.ar,
    "estimates": lambda r: r.estimates,
    "to_frame": lambda r: r.to_frame(),
    "where": lambda r: r.where(np.ones(len(r), dtype=bool)),
    "by": lambda r: r.by("ticker"),
    "compare": lambda r: r.compare("ticker", (0, 0)),
    "explain": lambda r: r.explain("1", (0, 0)),
    "single": lambda r: r.single(r.events.index[0]),
    "confounds": lambda r: r.confounds(r.events.index[0]),
    "plot_bars": lambda r: r.plot_bars((0, 0)),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_needs_each_event_says_so(name: str) -> None:
    said = (
        f'store="aggregate" keeps sums over the events, and {name!r} needs each of them; run '
        f'with store="car" or "full".'
    )
    with pytest.raises(errors.OptionError, match=f"^{re.escape(said)}$"):
        ASKED[name](summed(study()))


@pytest.mark.parametrize("store", ["car", "aggregate"])
def test_windows_are_also_read_from_text(store: str) -> None:
    asked = "-1:1,0:5"
    found = study().run(events(), panel(), store=store, windows=asked)
    listed = study().run(events(), panel(), store=store, windows=[(-1, 1), (0, 5)])
    pd.testing.assert_frame_equal(found.caar((-1, 1), (0, 5)), listed.caar((-1, 1), (0, 5)))


def test_a_window_that_was_not_summed_says_so() -> None:
    said = 'The window [+1,+3] was not summed with store="aggregate"; kept are '
    with pytest.raises(errors.OptionError, match=f"^{re.escape(said)}"):
        summed(study()).caar((1, 3))


# ── the cut ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("halo", [0, 1, 10])
@pytest.mark.parametrize("least", [1, 7, 40, 10_000])
def test_stretches_hold_every_event_once_and_never_cut_a_date(least: int, halo: int) -> None:
    row = np.random.default_rng(least + halo).integers(100, 180, 300)
    own = []
    for mine, after in stretches(row, least, halo):
        own.append(mine)
        assert len(mine) >= min(least, 300) // 2
        last = row[mine].max()
        assert (np.sort(after) == np.flatnonzero((row > last) & (row <= last + halo))).all()
        assert not np.isin(row, row[mine])[np.setdiff1d(np.arange(300), mine)].any()
    assert (np.sort(np.concatenate(own)) == np.arange(300)).all()
    assert all(row[a].max() < row[b].min() for a, b in pairwise(own))


def test_nothing_is_cut_into_nothing() -> None:
    assert list(stretches(np.empty(0, dtype=np.int64), 5)) == []


def test_a_task_carries_the_days_that_it_needs() -> None:
    work = work_of(study("leads"))
    parts = [
        streaming._cut(*arguments)
        for arguments in (
            (
                replace(work, placement=streaming._taken(work.placement, own)),
                own,
                len(own),
            )
            for own, _ in stretches(work.placement.row, 20)
        )
    ]
    whole = work.inputs.returns.shape[1]
    for part in parts:
        row = work.placement.row[part.index]
        assert part.work.inputs.returns.shape[1] == min(row.max() + 6 + 1, whole) - part.column
        assert part.column == max(row.min() - 80 - 1, 0)
    assert len(parts) > 3


def work_of(asked: es.EventStudy) -> streaming.Work:
    from eventstudy.align import inputs, place
    from eventstudy.events import check_events

    placed = place(check_events(events()), panel(), asked.windows, asked.timing)
    seen = inputs(asked.model, panel(), placed.placement, asked.windows)
    return streaming.Work(asked.model, seen, placed.placement, asked.windows)


# ── refusals ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"store": "all"}, "store='all' is not known; choose one of 'full', 'car', 'aggregate'."),
        ({"workers": 0}, "workers=0 is no number of threads; give 1 or more."),
        ({"workers": 1.5}, "workers=1.5 is no number of threads; give 1 or more."),
        (
            {"executor": 4},
            (
                "executor is an int; give a concurrent.futures.Executor, such as a "
                "ProcessPoolExecutor or what client.get_executor() of Dask returns."
            ),
        ),
        (
            {"executor": ThreadPoolExecutor(1), "workers": 2},
            (
                "workers=2 and an executor were given; the executor decides how many work, so give "
                "one of the two."
            ),
        ),
        (
            {"windows": [(-1, 1)]},
            (
                "windows= was given, and store='full' keeps every day of the event window; leave "
                "it out, or say store='car' or store='aggregate'."
            ),
        ),
        (
            {"windows": [(-9, 1)], "store": "car"},
            (
                "[-9,+1] is not inside the event window [-5,+5]; widen `window=` of the study "
                "or ask for fewer days."
            ),
        ),
        (
            {"windows": [], "store": "aggregate"},
            (
                "[] is not a window; give (first, last) in trading days around day 0, as in "
                "(-1, 1), or one day as an integer."
            ),
        ),
    ],
    ids=lambda v: "" if isinstance(v, str) else str(next(iter(v))),
)
def test_what_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(errors.EventStudyError, match=f"^{re.escape(said)}$"):
        study().run(events(), panel(), **options)


class Unwilling(Executor):
    """An executor whose worker cannot be had."""

    def submit(self, *arguments: Any, **options: Any) -> Any:
        raise RuntimeError("no worker")


def test_an_executor_that_fails_is_heard() -> None:
    with pytest.raises(RuntimeError, match="no worker"):
        study().run(events(), panel(), executor=Unwilling())


# ── store="car" ──────────────────────────────────────────────────────────────────────────────
SPANS = ((0, 0), (-1, 1), (-5, 5), (2, 3))
KINDS = [
    ("market", {}),
    ("market", {"missing": "skip"}),
    ("market", {"missing": "zero"}),
    ("market", {"exclude_other_events": True}),
    ("market", {"estimation": [(-60, -11), (11, 40)]}),
    ("market", {"timing": es.Timing(duplicates="keep")}),
    ("mean", {"missing": "skip"}),
    ("excess", {}),
    ("peers", {}),
    ("gaps", {}),
    ("robust", {"missing": "zero"}),
]


def grouped() -> pd.DataFrame:
    """The events, with a group and a number each."""
    table = events()
    numbers = np.random.default_rng(13).normal(size=len(table))
    return table.assign(group=np.where(np.arange(len(table)) % 3, "a", "b"), size=numbers)


def answers(found: es.Result) -> dict[str, Any]:
    """Whatever else a result is asked for."""
    first = found.events.index[3]
    groups = found.by("group")
    return {
        "aar": found.aar,
        "path": found.path(),
        "tests": found.tests(*SPANS),
        "some": found.where(found.events["group"] == "a").tests(*SPANS),
        "caar of groups": groups.caar(*SPANS),
        "tests of groups": groups.tests(*SPANS),
        "said": [
            *(str(found.summary(*SPANS)), str(found.summary()), groups.summary(*SPANS)),
            *(str(found.single(first, window=window)) for window in ((-1, 1), (2, 3))),
            *(
                str(found.explain("size", window=(-1, 1))),
                str(found.compare("group", window=(-1, 1))),
            ),
            *(found.sentence(window) for window in SPANS),
        ],
    }


def alike(whole: es.Result, sums: es.Result) -> None:
    """All that a result answers, to the last digits."""
    same(whole, sums)
    one, two = answers(whole), answers(sums)
    assert one.pop("said") == two.pop("said")
    for name, table in one.items():
        close(table, two[name])


@pytest.mark.parametrize(("model", "options"), KINDS, ids=str)
def test_sums_answer_as_days_do(model: str, options: dict[str, Any]) -> None:
    asked, data = study(model, **options), panel(model == "gaps")
    sums = asked.run(grouped(), data, store="car", windows=[(-1, 1), (2, 3)])
    linear = model in ("market", "mean", "excess")
    assert (sums.abnormal.kept is not None) == linear
    alike(asked.run(grouped(), data), sums)


@pytest.mark.parametrize("missing", ["drop", "skip", "zero"])
@pytest.mark.usefixtures("small_tasks")
def test_sums_that_came_from_elsewhere(missing: str) -> None:
    asked = study(missing=missing)
    with ThreadPoolExecutor(2) as threads:
        sums = asked.run(grouped(), panel(), store="car", executor=threads)
    assert sums.abnormal.kept is not None
    assert "made" not in vars(sums.abnormal)
    alike(asked.run(grouped(), panel()), sums)


@pytest.mark.parametrize("missing", ["drop", "skip", "zero"])
@pytest.mark.parametrize("stored", ["a file", "single precision"])
def test_sums_of_panels_that_are_stored_otherwise(
    stored: str, missing: str, tmp_path: Path
) -> None:
    data = panel()
    if stored == "a file":
        data.save(tmp_path / "panel")
        data = es.Panel.open(tmp_path / "panel")
    else:
        data = replace(data, returns=data.returns.astype(np.float32))
    asked = study(missing=missing)
    alike(asked.run(grouped(), data), asked.run(grouped(), data, store="car", windows=1, workers=3))
