"""Every window of every security: windows per second, beside the engine and a loop over OLS.

    python benchmarks/dense.py [--rounds N] [--seed N] [--tickers N] [--json FILE]

This file only starts the process that measures (`benchmarks/dense_running.py`), with BLAS on one
thread.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # to run as a script, from anywhere

from benchmarks import bench

if __name__ == "__main__":
    sys.exit(bench.start("benchmarks.dense_running"))
