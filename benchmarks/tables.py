"""What tables cost beside the work on arrays: stage by stage, size by size, form by form.

    python benchmarks/tables.py [--events 130,100000,1000000] [--rounds N] [--seed N] [--json FILE]

Processor milliseconds of one core, the best of the rounds; every stage runs once a round, in turn
with the others. The array work is the engine and the tests of `result.caar`; the table layer is
everything else that ``study.run(events, panel).caar(window)`` does, from DataFrames:

    check     the events table is read, checked and named (`check_events`)
    place     day 0 of every event (`align.place`)
    finish    inputs of the model, reasons, ledger, and the `Result`
    caar      one row a window, with the answers of the tests at hand

The forms are those in which 100,000 events may come: how text and dates are stored, with ids of
their own, sorted, or half of them to be dropped.

This file only starts the process that measures (`benchmarks/tables_running.py`), with BLAS on one
thread.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # to run as a script, from anywhere

from benchmarks import bench

if __name__ == "__main__":
    sys.exit(bench.start("benchmarks.tables_running"))
