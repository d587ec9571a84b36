"""Case (d): millions of events on a 600 MB panel, CAR and SCAR only, in a process of its own.

Run as ``python -m benchmarks.big CLOCK EVENTS ROUNDS SEED``: prints a line of JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from typing import Any

import numpy as np

from benchmarks import ways
from benchmarks.cases import Arrays, Spec, arrays, spread
from benchmarks.checking import COMPARED, confirm, deviation, least_squares
from benchmarks.memory import resident, restart_peak
from benchmarks.timing import How, Measured, Timed, measure
from benchmarks.ways import Way

TICKERS, DAYS = 10_000, 7500
#: events of the statsmodels loop that runs beside
LOOPED = 300


def in_process(events: int, how: How, seed: int) -> tuple[Measured, dict[str, float]]:
    """Do it in a fresh process: what was timed, and bytes beyond inputs and outputs."""
    arguments = [str(number) for number in (events, how.rounds, seed)]
    command = [sys.executable, "-P", "-m", "benchmarks.big", how.clock, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  (our own module)
    if done.returncode:
        raise SystemExit(f"Case d did not end well.\n{done.stderr.strip()}")
    told: dict[str, Any] = json.loads(done.stdout)
    found = told["measured"]
    found["spec"] = Spec(**found["spec"])
    found["ways"] = [Timed(**way) for way in found["ways"]]
    return Measured(**found), told["memory"]


def run(clock: str, events: int, rounds: int, seed: int) -> dict[str, Any]:
    """Weigh the first run, compare it with plain least squares, then time the next ones."""
    title = f"{events:,} events drawn from {TICKERS:,} tickers × {DAYS:,} sessions; 1 factor"
    case = arrays(Spec("d", title, TICKERS, events, sessions=DAYS), seed)
    error, memory = first(case)
    index = spread(events, LOOPED)
    loop = next(way for way in ways.loops(case, index) if way.key == "ols")
    timed = [Way("engine", "engine.run, CAR, SCAR", events, lambda: ways.car_only(case)), loop]
    if "workers" in ways.OPTIONS:
        two = Way("two", "the first, workers=2", events, lambda: ways.car_only(case, 2), two=True)
        timed.insert(1, two)
    measured = measure(case.spec, timed, How(rounds, clock), error, warm=False)
    return {"measured": asdict(measured), "memory": memory}


def first(case: Arrays) -> tuple[float, dict[str, float]]:
    """Run once: the error, and the bytes that were needed; none where the system can't tell."""
    index = spread(case.spec.events, COMPARED)
    plain = np.array([least_squares(row) for row in ways.prebuilt(case, index)])
    before = resident("VmRSS") if restart_peak() else None
    found = ways.run_engine(case, **ways.kept())
    car = np.column_stack(ways.summed(found))
    peak, held = resident("VmHWM"), resident("VmRSS")
    error = deviation(car[index], plain[:, -2:])
    confirm(case.spec.key, {"engine.run": error})
    if before is None or peak is None or held is None:
        return error, {}
    return error, {"beyond": (peak - held) * 1e6, "growth": (peak - before) * 1e6}


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], *map(int, sys.argv[2:]))))
