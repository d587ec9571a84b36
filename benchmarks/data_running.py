"""The process that has the ways measured; `benchmarks/data.py` starts it."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import textwrap
from importlib import metadata
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import machine
from benchmarks.data_files import CSV_ROWS, make
from benchmarks.data_ways import WAYS

Found = dict[str, list[dict[str, Any]]]
FULL, QUICK = 25_000_000, 2_500_000
#: seconds, GB and times of the pandas way that the full size is held against
TIME_BAR, MEMORY_BAR, RATIO_BAR = 2.0, 1.5, 2.0
#: the same prices: all these panels must be equal
SAME = ("long", "pivot", "text", "text pivot", "sorted", "years", "wide", "from_long")
WIDTH = 80
HEAD = f"{'':<38}{'rows':>11}{'s':>8}{'cpu s':>7}{'GB':>7}{'M rows/s':>9}"
NOTES = """\
From the file to es.Panel with all its tickers and days, where no less is said; the panels of the \
same prices were compared and are equal. s: wall time, cpu s: processor time, more where threads \
help; less means that other programs took the processor. GB: the largest the process was, Python \
and imports included, and the DataFrame of from_long."""


def main(arguments: list[str] | None = None) -> int:
    """Make the files, measure every way in turn, print the table and the bars."""
    chosen = options(arguments)
    print(opening(chosen), flush=True)
    with TemporaryDirectory(prefix="eventstudy-data-") as name:
        folder = Path(name)
        rows = make(folder, chosen.rows, chosen.seed)
        found: Found = {way: [] for way in WAYS}
        for _ in range(chosen.rounds):
            for way, runs in found.items():
                runs.append(one(way, folder))
    alike(found)
    print(table(found, rows))
    if rows < FULL * 0.99:
        print(f"\nThe bars are for {FULL:,} rows; this run only shows the ways.")
        return 0
    return bars(found)


def options(arguments: list[str] | None) -> argparse.Namespace:
    """Read the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="data.py", description="Files of prices → Panel: seconds and peak memory."
    )
    parser.add_argument("--rows", type=int, help=f"rows of the long file ({FULL}; quick {QUICK})")
    parser.add_argument("--quick", action="store_true", help="fewer rows, one round, no bars")
    parser.add_argument("--rounds", type=int, help="rounds (3; with --quick 1)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the simulated prices")
    chosen = parser.parse_args(arguments)
    chosen.rows = chosen.rows or (QUICK if chosen.quick else FULL)
    chosen.rounds = chosen.rounds or (1 if chosen.quick else 3)
    if min(chosen.rows, chosen.rounds) < 1:
        parser.error("--rows and --rounds are at least one")
    return chosen


def one(way: str, folder: Path) -> dict[str, Any]:
    """Measure one way in a fresh process."""
    command = [sys.executable, "-P", "-m", "benchmarks.data_ways", way, str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  (our own module)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def alike(found: Found) -> None:
    """End the run where two ways made different panels of the same prices."""
    told = {way: [(run["shape"], run["holes"], run["sum"]) for run in found[way]] for way in SAME}
    first = told[SAME[0]][0]
    for way, runs in told.items():
        assert all(run == first for run in runs), f"{WAYS[way][0]}: {runs}, not {first}"


def opening(chosen: argparse.Namespace) -> str:
    """Describe the machine and the run."""
    told = machine.versions() | {"pyarrow": metadata.version("pyarrow")}
    copied = machine.Bandwidth().measure() / 1e9
    versions = ", ".join(f"{name} {version}" for name, version in told.items())
    return "\n".join(
        [
            f"cpu       {machine.processor()}, {os.cpu_count()} logical",
            f"memory    {copied:.1f} GB/s copied",
            textwrap.fill(f"versions  {versions}", WIDTH, subsequent_indent=" " * 10),
            f"load      {', '.join(map(str, machine.load()))} (1, 5, 15 minutes) at the start",
            f"run       seed {chosen.seed}, rounds {chosen.rounds}; a process of its own each time",
            "",
        ]
    )


def table(found: Found, rows: int) -> str:
    """Lay the medians out in 80 columns."""
    lines = [HEAD]
    for way, runs in found.items():
        wall, cpu, peak = (median(run[what] for run in runs) for what in ("wall", "cpu", "peak"))
        size = min(rows, CSV_ROWS) if way == "csv" else rows
        rate = size / wall / 1e6
        lines.append(
            f"{WAYS[way][0]:<38}{size:>11,}{wall:>8.2f}{cpu:>7.2f}{peak:>7.2f}{rate:>9.1f}"
        )
    return "\n".join(lines) + "\n\n" + "\n".join(textwrap.wrap(NOTES, WIDTH))


def bars(found: Found) -> int:
    """Print what is asked of the full size; 1 if the memory or a ratio misses it."""
    wall = median(run["wall"] for run in found["study"])
    peak = max(run["peak"] for run in found["study"])
    ratio = min(against(found, "long", "pivot"), against(found, "text", "text pivot"))
    met = {
        f"bar {TIME_BAR:.0f} s to the AAR: {wall:.2f} s": wall <= TIME_BAR,
        f"bar {MEMORY_BAR} GB to the AAR: {peak:.2f} GB": peak <= MEMORY_BAR,
        f"bar {RATIO_BAR:.0f} × pandas pivot: {ratio:.1f} ×": ratio >= RATIO_BAR,
    }
    print("\n" + "\n".join(f"{bar}, {'met' if good else 'not met'}" for bar, good in met.items()))
    print("The time is this machine's at its load; it does not fail the run.")
    return 0 if peak <= MEMORY_BAR and ratio >= RATIO_BAR else 1


def against(found: Found, ours: str, theirs: str) -> float:
    """How many times as long the other way takes: the median of the rounds."""
    pairs = zip(found[theirs], found[ours], strict=True)
    return float(median(other["wall"] / own["wall"] for other, own in pairs))


if __name__ == "__main__":
    sys.exit(main())
