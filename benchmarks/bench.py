"""Events per second: the engine, the study as typed, and loops over events, in one run.

    python benchmarks/bench.py [--quick] [--cases a,b,c] [--strict] [--json FILE]
    python benchmarks/bench.py --panel PRICES [--market TICKER]

This file only starts the process that measures (`benchmarks/running.py`), because BLAS reads
the number of its threads when it is loaded: one thread for everybody. Settings that force
OpenBLAS to an older kernel are dropped where the library is recent enough to choose the right
one; the output names the kernel that ran.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
FORCED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
#: an OpenBLAS that knows today's processors
RECENT = (0, 3, 28)
#: tells the measuring process what was dropped
DROPPED = "BENCH_DROPPED"


def environment() -> dict[str, str]:
    """One BLAS thread, this checkout first, no forced kernel if the library is recent."""
    found = dict(os.environ)
    found.update(dict.fromkeys(THREADS, "1"))
    found["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), found.get("PYTHONPATH"))))
    forced = [name for name in FORCED if name in found] if openblas() >= RECENT else []
    found[DROPPED] = " ".join(f"{name}={found.pop(name)}" for name in forced)
    return found


def openblas() -> tuple[int, ...]:
    """Version of the OpenBLAS that NumPy was built with; (0,) for another library."""
    built = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    if "openblas" not in str(built["name"]).lower():
        return (0,)
    return tuple(int(part) for part in str(built["version"]).split(".")[:3] if part.isdigit())


def start(module: str) -> int:
    """Run a measuring process with the same options; its exit code is ours."""
    command = [sys.executable, "-P", "-m", module, *sys.argv[1:]]
    return subprocess.run(command, env=environment(), check=False).returncode  # noqa: S603  (our own module, the user's options)


if __name__ == "__main__":
    sys.exit(start("benchmarks.running"))
