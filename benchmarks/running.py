"""The process that measures; `benchmarks/bench.py` starts it with BLAS on one thread."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import bars, figures, machine, real, table, verdicts
from benchmarks.cases import SPECS, Case, build, spread
from benchmarks.checking import largest_error
from benchmarks.extras import EXTRAS, Extra
from benchmarks.machine import Bandwidth
from benchmarks.timing import How, Measured, measure
from benchmarks.ways import usable, ways

#: rounds, and events of the loops: usual and with --quick
ROUNDS, LOOPED = (5, 3), (2000, 500)
#: left out by --quick: its file has 25 million rows
LONG = ("parquet",)


def main(arguments: list[str] | None = None) -> int:
    """Measure what was chosen, print it as it is done, then the bars; 1 if --strict says so."""
    chosen = options(arguments)
    started = time.perf_counter(), time.process_time()
    described = machine.describe(os.environ.get("BENCH_DROPPED", ""))
    print(table.opening(described, vars(chosen)), flush=True)
    cases, extras = [], {}
    for key, found in measured(chosen):
        text = table.case_table(found) if isinstance(found, Measured) else found.text
        print("\n" + text, flush=True)
        if isinstance(found, Measured):
            cases.append(found)
        else:
            extras[key] = found
    told = bars.judge(_figures(cases, extras))
    copied = _copied(cases)
    load = machine.load()
    print("\n" + table.closing(cases, load))
    if not chosen.panel:
        print("\n" + verdicts.verdict_table(told, copied))
        print(verdicts.summary(told))
    print(f"took      {_took(started)}")
    if chosen.json:
        everything = {
            "machine": described | {"load_at_end": load, "copied": copied},
            "options": {k: v for k, v in vars(chosen).items() if k not in ("json", "panel")},
            "cases": {m.spec.key: table.as_json(m) for m in cases},
            "extras": {key: extra.raw for key, extra in extras.items()},
            "bars": verdicts.as_json(told),
        }
        chosen.json.write_text(json.dumps(everything, indent=1) + "\n", encoding="utf-8")
    return int(chosen.strict and bool(bars.failures(told, copied)))


def measured(chosen: argparse.Namespace) -> Iterator[tuple[str, Measured | Extra]]:
    """Measure the cases, then the rest, one after the other."""
    if chosen.panel:
        for case in real.cases(chosen.panel, chosen.market, chosen.seed):
            yield case.spec.key, of_case(case, chosen)
            yield f"{case.spec.key} dropped", Extra(real.dropped(case))
        return
    for key in chosen.cases:
        if key in SPECS:
            yield key, of_case(build(SPECS[key], chosen.seed), chosen)
        else:
            yield key, EXTRAS[key](chosen)


def of_case(case: Case, chosen: argparse.Namespace) -> Measured:
    """Compare a case with plain least squares, then time it."""
    error = largest_error(case)
    index = usable(case)
    index = index[spread(len(index), chosen.looped)]
    return measure(case.spec, ways(case, index), How(chosen.rounds, chosen.clock), error)


def _figures(cases: list[Measured], extras: dict[str, Extra]) -> dict[str, float]:
    """Everything that a bar may ask for."""
    found: dict[str, float] = {}
    for case in cases:
        found |= figures.of_case(case)
    for extra in extras.values():
        found |= extra.figures
    return found


def _copied(cases: list[Measured]) -> float:
    """Bytes copied per second: the median of all rounds."""
    rounds = [speed for case in cases for speed in case.bandwidth]
    return median(rounds) if rounds else Bandwidth().measure()


def _took(started: tuple[float, float]) -> str:
    wall, cpu = time.perf_counter() - started[0], time.process_time() - started[1]
    return f"{wall:.0f} s by the clock, {cpu:.0f} s of the processor in this process"


def options(arguments: list[str] | None) -> argparse.Namespace:
    """Read the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="bench.py", description="Events per second, beside loops over events, in one run."
    )
    parser.add_argument(
        "--quick", action="store_true", help="fewer rounds, 1M events in (d), no file"
    )
    every = [*SPECS, *EXTRAS]
    parser.add_argument("--cases", help=f"some of {','.join(every)}, separated by commas")
    parser.add_argument(
        "--panel", type=Path, metavar="FILE", help="prices, sessions × tickers: (b) and (c) on them"
    )
    parser.add_argument("--market", metavar="TICKER", help="its factor; else the mean of all")
    parser.add_argument("--rounds", type=int, help="rounds of each case (5; with --quick 3)")
    parser.add_argument(
        "--clock",
        choices=("wall", "cpu"),
        default="wall",
        help="what rates are made from; cpu where other programs take the processor",
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the simulated data")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number there, too")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="exit with 1 if a must is missed; absolute ones count where memory is fast enough",
    )
    chosen = parser.parse_args(arguments)
    usual = [key for key in every if not (chosen.quick and key in LONG)]
    asked = usual if chosen.cases is None else chosen.cases.split(",")
    chosen.cases = list(dict.fromkeys(filter(None, asked)))
    unknown: list[Any] = [key for key in chosen.cases if key not in every]
    if unknown or not chosen.cases:
        parser.error(f"--cases knows {', '.join(every)}, not {', '.join(unknown) or 'none'}")
    if chosen.rounds is None:
        chosen.rounds = ROUNDS[chosen.quick]
    if chosen.rounds < 1:
        parser.error(f"--rounds is {chosen.rounds}; at least one is needed")
    chosen.looped = LOOPED[chosen.quick]
    return chosen


if __name__ == "__main__":
    sys.exit(main())
