"""The process behind `benchmarks/growth.py`: one size of the study grows, the others stay."""

from __future__ import annotations

import argparse
import gc
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks import machine
from benchmarks.bench import ROOT
from benchmarks.cases import Arrays, Spec, arrays, changed, spread
from benchmarks.checking import COMPARED, confirm, deviation, least_squares, of_engine
from benchmarks.growing_picture import draw
from benchmarks.ways import ols_loop, prebuilt, run_engine, standardised

BASE = Spec("growth", "", 3000, 100_000)
#: field of `Spec` → its name and values
SWEEPS: dict[str, tuple[str, tuple[int, ...]]] = {
    "events": ("events", (100, 1000, 10_000, 100_000, 1_000_000)),
    "tickers": ("tickers", (100, 300, 1000, 3000, 10_000)),
    "sessions": ("sessions", (600, 1200, 2500, 5000, 10_000)),
    "factors": ("factors", (1, 2, 3, 5, 10)),
    "length": ("estimation days", (60, 120, 250, 500, 1000)),
}
#: events of the loop over statsmodels
LOOPED = 60


@dataclass(frozen=True)
class Point:
    """One size of the study, and nanoseconds of processor time per event."""

    swept: str
    value: int
    events: int
    ours: float
    loop: float
    error: float


def main(arguments: list[str] | None = None) -> None:
    """Measure all sweeps, print them, draw them."""
    chosen = options(arguments)
    print(f"{machine.processor()}; BLAS kernel {machine.blas()['kernel']}, one thread")
    print(f"load {' '.join(map(str, machine.load()))} (1, 5, 15 minutes) at the start\n")
    print(f"{'':<18}{'':>11}{'engine.run':>14}{'OLS loop':>14}   ns of processor time an event")
    points = []
    for point in sweep(chosen.rounds, chosen.seed):
        points.append(point)
        name = SWEEPS[point.swept][0]
        print(
            f"{name:<18}{point.value:>11,}{point.ours:>14,.0f}{point.loop:>14,.0f}"
            f"{point.loop / point.ours:>8,.0f} ×",
            flush=True,
        )
    if chosen.json:
        told = {"machine": machine.describe(""), "points": [asdict(point) for point in points]}
        chosen.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    base = {field: int(getattr(BASE, field)) for field in SWEEPS}
    curves = {
        field: (name, [(p.value, p.ours, p.loop) for p in points if p.swept == field])
        for field, (name, _) in SWEEPS.items()
    }
    draw(curves, base, machine.processor(), chosen.picture)
    print(f"\n{chosen.picture}")


def sweep(rounds: int, seed: int) -> Iterator[Point]:
    """Measure every point; the size that all sweeps share is measured once."""
    shared: Point | None = None
    for field, (_, values) in SWEEPS.items():
        for value in values:
            spec = changed(BASE, field, value)
            if spec == BASE and shared is not None:
                yield replace(shared, swept=field, value=value)
                continue
            point = _point(arrays(spec, seed), field, rounds)
            if spec == BASE:
                shared = point
            yield point


def _point(case: Arrays, field: str, rounds: int) -> Point:
    """Compare with plain least squares, then time the engine and the loop in turn."""
    index = spread(case.spec.events, COMPARED)
    plain = np.array([least_squares(row) for row in prebuilt(case, index)])
    error = deviation(of_engine(run_engine(case))[index], plain)
    confirm(f"{field} = {getattr(case.spec, field):,}", {"engine.run": error})
    rows = prebuilt(case, spread(case.spec.events, LOOPED))
    ours, loop = [], []
    for _ in range(rounds):
        ours.append(_seconds(lambda: standardised(case)) / case.spec.events)
        loop.append(_seconds(lambda: ols_loop(rows)) / len(rows))
    return Point(
        swept=field,
        value=int(getattr(case.spec, field)),
        events=case.spec.events,
        ours=float(np.median(ours)) * 1e9,
        loop=float(np.median(loop)) * 1e9,
        error=error,
    )


def _seconds(run: Callable[[], object]) -> float:
    """Processor time of one run; short runs are repeated."""
    gc.collect()
    start, count = time.process_time(), 0
    while count == 0 or time.process_time() - start < 0.02:
        run()
        count += 1
    return (time.process_time() - start) / count


def options(arguments: list[str] | None) -> argparse.Namespace:
    """Read the options of the command line."""
    parser = argparse.ArgumentParser(prog="growth.py", description="Cost of an event, drawn.")
    usual = ROOT / "docs" / "images" / "growth.png"
    parser.add_argument("--picture", type=Path, default=usual, metavar="FILE", help="a PNG")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there, too")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each point (3)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the simulated data")
    chosen = parser.parse_args(arguments)
    if chosen.rounds < 1:
        parser.error(f"--rounds is {chosen.rounds}; at least one is needed")
    return chosen


if __name__ == "__main__":
    main()
