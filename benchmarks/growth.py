"""What one event costs as a study grows: in events, tickers, sessions, factors, estimation days.

    python benchmarks/growth.py [--picture FILE] [--json FILE] [--rounds N] [--seed N]

This file only starts the process that measures (`benchmarks/growing.py`), with BLAS on one thread.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # to run as a script, from anywhere

from benchmarks import bench

if __name__ == "__main__":
    sys.exit(bench.start("benchmarks.growing"))
