"""What each test costs: milliseconds of a study, nanoseconds of an event, and all of them.

    python benchmarks/tests.py [--sizes LIST] [--rounds N] [--seed N] [--json FILE]

This file only starts the process that measures (`benchmarks/tests_running.py`), with BLAS on one
thread.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # to run as a script, from anywhere

from benchmarks import bench

if __name__ == "__main__":
    sys.exit(bench.start("benchmarks.tests_running"))
