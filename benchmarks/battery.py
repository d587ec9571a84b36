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

from benchmarks.cases import CAR, SPECS, Arrays, arrays
from benchmarks.memory import resident, restart_peak
from benchmarks.tests_timing import DRAWS
from eventstudy import inference
from eventstudy.engine.streaming import Work
from eventstudy.inference.keeping import Keeping

#: the study: 40 dates × 3,000 tickers
KEY = "c"


def in_process(rounds: int, seed: int) -> dict[str, float | None]:
    """Measure in a fresh process; see `measure`."""
    command = [sys.executable, "-P", "-m", "benchmarks.battery", str(rounds), str(seed)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  (our own module)
    found: dict[str, float | None] = json.loads(done.stdout)
    return found


def measure(rounds: int, seed: int) -> dict[str, float | None]:
    """Seconds of engine and tests, with one worker and two, and the bytes that they need.

    ``work`` is what Python and NumPy allocate (tracemalloc) beyond the inputs at most; ``resident``
    the growth of the process at its largest, where Linux tells it.
    """
    case = arrays(SPECS[KEY], seed)
    before = resident("VmRSS") if restart_peak() else None
    answered = every(case)
    peak = resident("VmHWM")
    tracemalloc.start()
    every(case)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    one, two = ([timed(case, workers) for _ in range(rounds)] for workers in (1, 2))
    return {
        "events": float(case.spec.events),
        "tests": float(answered),
        "seconds": min(wall for wall, _ in one),
        "cpu": min(cpu for _, cpu in one),
        "two": min(wall for wall, _ in two),
        "work": float(most),
        "resident": None if before is None or peak is None else (peak - before) * 1e6,
    }


def timed(case: Arrays, workers: int) -> tuple[float, float]:
    """Wall and processor seconds of the engine and of all tests."""
    wall, cpu = time.perf_counter(), time.process_time()
    every(case, workers)
    return time.perf_counter() - wall, time.process_time() - cpu


def every(case: Arrays, workers: int = 1) -> int:
    """Measure, fold and forget the events, a part at a time; how many tests then have an answer.

    All tests that draw nothing and can be answered from sums, and the wild bootstrap by dates.
    """
    work = Work(case.spec.model, case.inputs, case.placement, case.spec.windows)
    keeping = Keeping.of("aggregate", [CAR], workers, None, case.spec.windows.event)
    sums, _ = keeping.measure(work)
    asked = [inference.resolve(name)(sums, CAR) for name in inference.names()]
    asked.append(inference.wild_dates(sums, CAR, draws=DRAWS))
    return sum(not math.isnan(found.statistic) for found in asked)


def said(found: dict[str, float | None]) -> str:
    """Put it in a line."""
    grown = "not told" if found["resident"] is None else f"{found['resident'] / 1e6:.0f} MB"
    return (
        f"engine and all {found['tests']:.0f} tests that apply to {found['events']:,.0f} events "
        f"on 40 dates, wild bootstrap of {DRAWS:,} draws\n  among them, streamed: "
        f"{found['seconds']:.2f} s (processor {found['cpu']:.2f} s), two workers "
        f"{found['two']:.2f} s;\n  allocated beyond the inputs "
        f"{(found['work'] or 0.0) / 1e6:.0f} MB, resident growth {grown}"
    )


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
