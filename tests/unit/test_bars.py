"""The verdicts of `benchmarks/bench.py`: what was measured against what is asked."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # the benchmarks lie beside the tests

from benchmarks import bars, figures, running, verdicts
from benchmarks.bars import BARS, Bar
from benchmarks.cases import SPECS, WINDOWS, arrays, place
from benchmarks.checking import confirm, deviation, least_squares, of_engine
from benchmarks.timing import Measured, Timed
from benchmarks.ways import prebuilt, run_engine, usable

FAST = Bar("x.rate", "x", "rate", must=2e6, aim=5e6, absolute=True, two="x.two.rate")
SMALL = Bar("x.memory", "x", "bytes", must=64e6, aim=32e6, more=False)

#: figures that another row gives
FIGURES = {"dense5"}


def judged(bar: Bar, monkeypatch: pytest.MonkeyPatch, **figures: float) -> bars.Verdict:
    monkeypatch.setattr(bars, "BARS", (bar,))
    [found] = bars.judge({name.replace("_", "."): value for name, value in figures.items()})
    return found


@pytest.mark.parametrize(
    ("rate", "two", "said"),
    [
        (1.9e6, None, "missed"),
        (2e6, None, "met"),
        (4.9e6, 4.99e6, "met"),
        (5e6, None, "aim met"),
        (3e6, 5.1e6, "aim met"),
        # two cores are for the aim: the must is asked of one
        (1.9e6, 9e6, "missed"),
        (None, 9e6, "not measured"),
        (None, None, "not measured"),
        (math.nan, None, "not measured"),
    ],
)
def test_more_is_better(
    rate: float | None, two: float | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"x_rate": rate, "x_two_rate": two}
    known = {name: value for name, value in told.items() if value is not None}
    assert judged(FAST, monkeypatch, **known).said == said


@pytest.mark.parametrize(
    ("memory", "said"), [(64.1e6, "missed"), (64e6, "met"), (32e6, "aim met"), (0.0, "aim met")]
)
def test_less_is_better(memory: float, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged(SMALL, monkeypatch, x_memory=memory).said == said


def test_no_aim(monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged(replace(SMALL, aim=None), monkeypatch, x_memory=1.0).said == "met"


def test_absolute_bars_fail_only_where_memory_is_as_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = judged(FAST, monkeypatch, x_rate=1.0)
    large = judged(SMALL, monkeypatch, x_memory=1e9)
    fine = judged(SMALL, monkeypatch, x_memory=1.0)
    assert bars.failures([slow, large, fine], 20e9) == [large]
    assert bars.failures([slow, large, fine], 43e9) == [slow, large]
    assert bars.failures([fine], 43e9) == []


def test_the_bars_of_the_goal() -> None:
    """Every bar has its unit, an aim beyond its must, and a row that measures it."""
    named = [bar.figure for bar in BARS]
    assert len(named) == len(set(named)) == 31
    for bar in BARS:
        assert bar.unit in verdicts.UNITS
        assert bar.aim is None or bar.reached(bar.aim, bar.must)
        assert len(bar.title) <= 47
        assert not bar.two or bar.aim is not None
    of = {bar.figure: (bar.must, bar.aim) for bar in BARS}
    assert of["b.ols"] == (200.0, 400.0)
    assert of["c.ols"] == (500.0, None)
    assert of["c.limit"] == (0.25, None)
    assert of["b.layer"] == (0.60, 0.25)
    assert of["error.ordinary"] == (1e-12, None)


def timed(key: str, events: int, wall: list[float], **more: object) -> Timed:
    found = Timed(key, key, events, wall=wall, cpu=[0.5 * x for x in wall])
    return replace(found, **more)  # type: ignore[arg-type]  # names of its fields


def measured(clock: str = "wall") -> Measured:
    ways = [
        timed("engine", 100, [1.0, 2.0, 4.0], clock=clock),
        timed("two", 100, [0.5, 1.0, 2.0], two=True, clock=clock),
        timed("tests", 100, [2.0, 2.0, 2.0], clock=clock),
        timed("typed", 100, [2.2, 3.0, 2.4], clock=clock),
        timed("ols", 10, [1.0, 1.0, 8.0], clock=clock),
        timed("fused", 100, [0.5, 2.0, 1.0], clock=clock),
    ]
    return Measured(replace(SPECS["b"], key="x"), 0.0, ways, [2560.0 * 100] * 3, [2.0, 1.0, 1.9])


def test_figures_of_a_case_are_medians_of_the_rounds() -> None:
    found = figures.of_case(measured())
    assert found == pytest.approx(
        {
            "x.rate": 50.0,
            "x.seconds": 2.0,
            # 100, 50 and 25 a second against 10, 10 and 1.25
            "x.ols": 10.0,
            # against 200, 50 and 100
            "x.fused": 0.5,
            # each round could move 100 windows and results a second
            "x.limit": 0.5,
            # 10, 50 and 20 percent
            "x.layer": 0.2,
            # rounds in which the second core was free: 0.5 and 2.0 s
            "x.two.rate": 80.0,
        }
    )


def test_processor_time_serves_one_thread_only() -> None:
    found = figures.of_case(measured("cpu"))
    assert found["x.rate"] == pytest.approx(100.0)
    assert found["x.two.rate"] == pytest.approx(80.0)
    assert found["x.ols"] == pytest.approx(10.0)


def test_limit_counts_the_bytes_of_an_event() -> None:
    assert measured().bound == (250 + 21) * 8 + 16 + 2 * 21 * 8 + 2 * 8 + 24 == 2560


def test_table_and_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bars, "BARS", (FAST, SMALL))
    told = bars.judge({"x.rate": 3e6, "x.two.rate": 6e6})
    lines = verdicts.verdict_table(told, 20e9).splitlines()
    row = " ".join(lines[2].split())
    assert row == "x 3 M/s ≥ 2 M/s* (≥ 5 M/s) aim met on two"
    assert "not measured" in lines[3]
    assert all(len(line) <= 100 for line in lines[1:])
    assert "copies 43.7 GB/s; this one copies 20.0. It is slower" in " ".join(lines)
    assert verdicts.summary(told) == "bars      1 aim met, 0 met, 0 missed, 1 not measured"
    written = json.loads(json.dumps(verdicts.as_json(told)))
    assert written[0]["value"] == 3e6
    assert written[1]["value"] is None
    assert written[1]["verdict"] == "not measured"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.234e6, "rate", "1.23 M/s"),
        (19.87, "times", "19.9 ×"),
        (0.625, "times", "0.62 ×"),
        (456.7, "times", "457 ×"),
        (0.256, "share", "26 %"),
        (12.4e6, "bytes", "12 MB"),
        (1.25e9, "bytes", "1.2 GB"),
        (0.00085, "time", "850 µs"),
        (0.0123, "time", "12.3 ms"),
        (2.5, "time", "2.5 s"),
        (3e-15, "number", "3e-15"),
        (math.nan, "time", "–"),
    ],
)
def test_written(value: float, unit: str, text: str) -> None:
    assert verdicts.written(value, unit) == text


def test_rows_of_a_run() -> None:
    assert "b5-nan" in running.options([]).cases
    assert {bar.figure.partition(".")[0] for bar in BARS} <= FIGURES | set(
        running.options([]).cases
    )
    assert "parquet" not in running.options(["--quick"]).cases
    assert running.options(["--quick", "--cases", "parquet"]).cases == ["parquet"]
    assert running.options(["--cases", "b,b,d"]).cases == ["b", "d"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--cases", "b,zz"], "not zz"), (["--cases", ","], "not none"), (["--rounds", "0"], "least")],
)
def test_options_that_make_no_sense(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        running.options(arguments)
    assert said in capsys.readouterr().err


# ── what is measured is right ────────────────────────────────────────────────────────────
SMALL_CASES = {
    "drawn": replace(SPECS["b"], tickers=8, events=120, sessions=330),
    "crossed": replace(SPECS["c5"], tickers=8, events=40, dates=5, sessions=330),
    "alone": replace(SPECS["alone"], tickers=8, events=40, sessions=330),
    "missing": replace(SPECS["b-nan"], tickers=8, events=120, sessions=330, missing=0.05),
    "short": replace(SPECS["b"], tickers=8, events=60, sessions=330, length=40),
}


@pytest.mark.parametrize("name", SMALL_CASES)
def test_cases_agree_with_plain_least_squares(name: str) -> None:
    case = arrays(SMALL_CASES[name], 3)
    index = usable(case)
    assert 0 < len(index) <= case.spec.events
    plain = np.array([least_squares(row) for row in prebuilt(case, index)])
    assert deviation(of_engine(run_engine(case))[index], plain) < 1e-10


def test_places() -> None:
    alone = place(SMALL_CASES["alone"], 0)
    assert len(np.unique(alone.row)) == 40
    crossed = place(SMALL_CASES["crossed"], 0)
    assert len(np.unique(crossed.row)) == 5
    assert len(np.unique(crossed.firm * 1000 + crossed.row)) == 40
    drawn = place(SMALL_CASES["drawn"], 0)
    assert len(np.unique(drawn.firm * 1000 + drawn.row)) == 120
    for placed in (alone, crossed, drawn):
        assert placed.row.min() + WINDOWS.first >= 0
        assert placed.row.max() + WINDOWS.event.last < 330


def test_nothing_is_timed_that_is_wrong() -> None:
    confirm("b", {"engine.run": 1e-12})
    for error in (1e-9, math.nan, math.inf):
        with pytest.raises(SystemExit, match="Nothing is timed until it is right"):
            confirm("b", {"engine.run": error})


def test_a_missing_number_is_an_infinite_deviation() -> None:
    assert deviation(np.array([1.0, np.nan]), np.array([1.0, 2.0])) == math.inf
    assert deviation(np.array([1.0]), np.array([1.0, 2.0])) == math.inf
    assert deviation(np.array([4.0, 0.5]), np.array([2.0, 0.25])) == 1.0
