"""All tests of one window on 120,000 clustered events, from arrays to p-values, in a process alone.

Run as ``python -m benchmarks.battery ROUNDS SEED``: prints a line of JSON.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
import tracemalloc

import numpy as np

from benchmarks.cases import CAR, SPECS, Arrays, arrays
from benchmarks.memory import resident, restart_peak
from benchmarks.tests_timing import DRAWS
from benchmarks.ways import run_engine
from eventstudy import inference
from eventstudy.abnormal import Abnormal

#: the study: 40 dates × 3,000 tickers
KEY = "c"


def in_process(rounds: int, seed: int) -> dict[str, float | None]:
    """Measure in a fresh process; see `measure`."""
    command = [sys.executable, "-P", "-m", "benchmarks.battery", str(rounds), str(seed)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  (our own module)
    found: dict[str, float | None] = json.loads(done.stdout)
    return found


def measure(rounds: int, seed: int) -> dict[str, float | None]:
    """Seconds of engine and tests, and MB that the tests hold at most beyond the events' results.

    ``work`` is what Python and NumPy allocate (tracemalloc); ``resident`` the growth of the process
    at its largest, where Linux tells it.
    """
    case = arrays(SPECS[KEY], seed)
    abnormal = run_engine(case)
    answered = every(abnormal)
    before = resident("VmRSS") if restart_peak() else None
    every(fresh(abnormal))
    peak = resident("VmHWM")
    tracemalloc.start()
    held, _ = tracemalloc.get_traced_memory()
    every(fresh(abnormal))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    walls, processor = zip(*(timed(case) for _ in range(rounds)), strict=True)
    return {
        "events": float(len(abnormal)),
        "tests": float(answered),
        "seconds": min(walls),
        "cpu": min(processor),
        "work": (most - held) / 1e6,
        "resident": None if before is None or peak is None else peak - before,
    }


def timed(case: Arrays) -> tuple[float, float]:
    """Wall and processor seconds of the engine and of all tests."""
    wall, processor = time.perf_counter(), time.process_time()
    every(run_engine(case))
    return time.perf_counter() - wall, time.process_time() - processor


def fresh(abnormal: Abnormal) -> Abnormal:
    """The same events, with nothing kept."""
    return abnormal.take(np.arange(len(abnormal)))


def every(abnormal: Abnormal) -> int:
    """Ask every test that draws nothing, and the wild bootstrap by dates; how many have answers."""
    asked = [inference.resolve(name)(abnormal, CAR) for name in inference.names()]
    asked.append(inference.wild_dates(abnormal, CAR, draws=DRAWS))
    return sum(not math.isnan(found.statistic) for found in asked)


def said(found: dict[str, float | None]) -> str:
    """Put it in a line."""
    grown = "not told" if found["resident"] is None else f"{found['resident']:.0f} MB"
    return (
        f"all {found['tests']:.0f} tests that apply to {found['events']:,.0f} events on 40 dates, "
        f"with engine and wild bootstrap\n  of {DRAWS:,} draws: {found['seconds']:.2f} s "
        f"(processor {found['cpu']:.2f} s); work memory of the tests {found['work']:.0f} MB, "
        f"resident growth {grown}"
    )


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
