"""Memory of the engine on one case, in a process of its own.

Run as ``python -m benchmarks.memory KEY SEED``: prints a line of JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

from benchmarks.cases import SPECS, WINDOWS, as_inputs, place, simulate
from eventstudy import engine

STATUS = Path("/proc/self/status")
RESET = Path("/proc/self/clear_refs")


def of_engine(key: str, seed: int) -> dict[str, float | None]:
    """MB that the engine needs on a case beyond its inputs, from a fresh process.

    ``peak`` and ``held`` are what Python and NumPy allocate (tracemalloc) at most and in the
    answer; ``resident`` is the growth of the process at its largest, where Linux tells it.
    """
    command = [sys.executable, "-P", "-m", "benchmarks.memory", key, str(seed)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  (our own module)
    found: dict[str, float | None] = json.loads(done.stdout)
    return found


def measure(key: str, seed: int) -> dict[str, float | None]:
    """Run the engine twice: once for the process, once for its allocations."""
    spec = SPECS[key]
    inputs = as_inputs(spec, *simulate(spec.tickers, spec.missing, seed))
    placement = place(spec, seed)
    before = resident("VmRSS") if restart_peak() else None
    engine.run(spec.model, inputs, placement, WINDOWS)
    peak = resident("VmHWM")
    tracemalloc.start()
    outcome = engine.run(spec.model, inputs, placement, WINDOWS)
    held, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {
        "events": float(len(outcome.reason)),
        "peak": most / 1e6,
        "held": held / 1e6,
        "resident": None if before is None or peak is None else peak - before,
    }


def restart_peak() -> bool:
    """Forget the largest size of this process so far; False where the system can't."""
    try:
        RESET.write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def resident(field: str) -> float | None:
    """Resident size of this process in MB, now (VmRSS) or at most (VmHWM)."""
    if not STATUS.exists():
        return None
    lines = STATUS.read_text(encoding="ascii").splitlines()
    found = [line.split()[1] for line in lines if line.startswith(f"{field}:")]
    return int(found[0]) * 1024 / 1e6 if found else None


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
