"""Memory of the engine on one case, in a process of its own.

Run as ``python -m benchmarks.memory KEY SEED``: prints a line of JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

from benchmarks.cases import CAR, SPECS, Arrays, arrays
from benchmarks.ways import run_engine
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray

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


def work(row: dict[str, float | None]) -> float:
    """Bytes that the engine needs beyond its inputs and what it answers."""
    return ((row["peak"] or 0.0) - (row["held"] or 0.0)) * 1e6


def measure(key: str, seed: int) -> dict[str, float | None]:
    """Run the engine twice: once for the process, once for its allocations."""
    case = arrays(SPECS[key], seed)
    before = resident("VmRSS") if restart_peak() else None
    everything(case)
    peak = resident("VmHWM")
    tracemalloc.start()
    found = everything(case)
    held, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {
        "events": float(len(found[0])),
        "peak": most / 1e6,
        "held": held / 1e6,
        "resident": None if before is None or peak is None else peak - before,
    }


def everything(case: Arrays) -> tuple[Abnormal, FloatArray, FloatArray]:
    """All outputs of the engine: parameters, σ, R², AR and (kept inside) SAR; CAR, SCAR."""
    abnormal = run_engine(case)
    assert abnormal.sar.shape == abnormal.abnormal.shape
    return abnormal, abnormal.car(CAR), abnormal.scar(CAR)


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
