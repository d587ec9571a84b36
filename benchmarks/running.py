"""The process that measures; `benchmarks/bench.py` starts it with BLAS on one thread."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from benchmarks import machine, memory, table
from benchmarks.cases import SPECS, build, spread
from benchmarks.checking import largest_error
from benchmarks.machine import Bandwidth
from benchmarks.timing import Measured, measure
from benchmarks.ways import ways

#: rounds, and events of the loops: usual and with --quick
ROUNDS, LOOPED = (5, 2), (2000, 300)
#: cases whose memory is measured
WEIGHED = ("b", "b-nan")


def main(arguments: list[str] | None = None) -> None:
    """Measure the chosen cases and print them as they are done."""
    chosen = options(arguments)
    described = machine.describe(os.environ.get("BENCH_DROPPED", ""))
    print(table.opening(described, vars(chosen)), flush=True)
    bandwidth = Bandwidth()
    found: list[Measured] = []
    for key in chosen.cases:
        case = build(SPECS[key], chosen.seed)
        error = largest_error(case)
        index = spread(case.spec.events, chosen.looped)
        found.append(measure(case.spec, error, ways(case, index), chosen.rounds, bandwidth))
        print("\n" + table.case_table(found[-1]), flush=True)
    weighed = {key: memory.of_engine(key, chosen.seed) for key in WEIGHED if key in chosen.cases}
    if weighed:
        print("\n" + table.memory_table(weighed))
    load = machine.load()
    print("\n" + table.closing(found, load))
    if chosen.json:
        everything = {
            "machine": described | {"load_at_end": load},
            "options": {k: v for k, v in vars(chosen).items() if k != "json"},
            "cases": {m.spec.key: table.as_json(m) for m in found},
            "memory": weighed,
        }
        chosen.json.write_text(json.dumps(everything, indent=1) + "\n", encoding="utf-8")


def options(arguments: list[str] | None) -> argparse.Namespace:
    """Read the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="bench.py", description="Events per second, beside loops over events, in one run."
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds, shorter loops")
    parser.add_argument(
        "--cases", default=",".join(SPECS), help="some of %(default)s, separated by commas"
    )
    parser.add_argument("--rounds", type=int, help="rounds of each case (5; with --quick 2)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the simulated data")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number there, too")
    chosen = parser.parse_args(arguments)
    chosen.cases = list(dict.fromkeys(filter(None, chosen.cases.split(","))))
    unknown = [key for key in chosen.cases if key not in SPECS]
    if unknown or not chosen.cases:
        parser.error(f"--cases knows {', '.join(SPECS)}, not {', '.join(unknown) or 'none'}")
    if chosen.rounds is None:
        chosen.rounds = ROUNDS[chosen.quick]
    if chosen.rounds < 1:
        parser.error(f"--rounds is {chosen.rounds}; at least one is needed")
    chosen.looped = LOOPED[chosen.quick]
    return chosen


if __name__ == "__main__":
    main()
