"""The process that has every test timed; `benchmarks/tests.py` starts it."""

from __future__ import annotations

import argparse
import json
import os
import textwrap
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import battery, machine, table
from benchmarks.cases import SPECS, Spec, build
from benchmarks.tests_timing import Cost, costs

#: the studies, by events: small, middle, clustered, staggered with missing days
SIZES = {
    "a": SPECS["a"],
    "mid": Spec("mid", "20,000 events: 2,000 tickers × 10 dates; 1 factor", 2000, 20_000, dates=10),
    "c": SPECS["c"],
    "b-nan": SPECS["b-nan"],
}
HEAD = f"  {'':<18}{'alone':>11}{'ns/event':>10}{'next':>11}{'× OLS':>8}   passes"
NOTES = """\
alone: the first call of a test with nothing kept, processor time, the best of all rounds. next: \
the same test once more, or for another window that retains the same events: what it costs after \
its passes have been made. × OLS: how many of these tests are done while the statsmodels loop goes \
over the same events once. passes: what it makes of the estimation windows and keeps; of tests \
that name the same pass, the first one asked pays for it."""


def main(arguments: list[str] | None = None) -> None:
    """Measure the chosen sizes and print them as they are done."""
    chosen = options(arguments)
    described = machine.describe(os.environ.get("BENCH_DROPPED", ""))
    print(table.opening(described, vars(chosen) | {"clock": "cpu"}).split("\n\n")[0], flush=True)
    found: dict[str, Any] = {"machine": described, "sizes": {}}
    for key in chosen.sizes:
        case = build(SIZES[key], chosen.seed)
        measured, loop = costs(case, chosen.rounds)
        print("\n" + as_table(SIZES[key], measured, loop), flush=True)
        found["sizes"][key] = {
            "loop": loop,
            "tests": {c.name: {"first": c.first, "again": c.again} for c in measured},
        }
    found["battery"] = battery.in_process(chosen.rounds, chosen.seed)
    print("\n" + battery.said(found["battery"]))
    print("\n" + textwrap.fill(NOTES, table.WIDTH))
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def as_table(spec: Spec, measured: list[Cost], loop: float) -> str:
    """Lay out the tests of one study, the dearest first."""
    lines = [f"({spec.key}) {spec.title}", HEAD]
    for cost in sorted(measured, key=lambda cost: -cost.first):
        ratio = loop * spec.events / max(cost.first, 1e-9)
        lines.append(
            f"  {cost.name:<18}{cost.first * 1e3:>8.2f} ms{cost.first / spec.events * 1e9:>10,.0f}"
            f"{cost.again * 1e3:>8.2f} ms{ratio:>8,.0f}   {', '.join(cost.passes)}"
        )
    passes = np.array([cost.first for cost in measured]).sum()
    lines.append(f"  each alone, together {passes * 1e3:,.0f} ms")
    return "\n".join(line[: table.WIDTH] for line in lines)


def options(arguments: list[str] | None) -> argparse.Namespace:
    """Read the options of the command line."""
    parser = argparse.ArgumentParser(prog="tests.py", description="What each test costs.")
    parser.add_argument(
        "--sizes", default=",".join(SIZES), help="some of %(default)s, separated by commas"
    )
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each test (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the simulated data")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number there, too")
    chosen = parser.parse_args(arguments)
    chosen.sizes = list(dict.fromkeys(filter(None, chosen.sizes.split(","))))
    unknown = [key for key in chosen.sizes if key not in SIZES]
    if unknown:
        parser.error(f"--sizes knows {', '.join(SIZES)}, not {', '.join(unknown)}")
    if chosen.rounds < 1:
        parser.error(f"--rounds is {chosen.rounds}; at least one is needed")
    return chosen


if __name__ == "__main__":
    main()
