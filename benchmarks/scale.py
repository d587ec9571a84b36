"""Past one process: threads, a pool of processes, Dask with one and two workers, in one run.

    python benchmarks/scale.py [--events N] [--rounds N] [--seed N] [--json FILE]

This file only starts the process that measures (`benchmarks/scale_running.py`), with BLAS on one
thread. Two workers can be twice as fast as one only where a second core is free: every round is
framed by a test that says so, and rounds in which it was not are left out where others remain.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

if __name__ == "__main__":
    from benchmarks.bench import start

    sys.exit(start("benchmarks.scale_running"))
