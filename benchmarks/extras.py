"""Figures that are no case of the engine: (d), ranks, memory, and what other files measure."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks import big, figures, memory, ranking, table
from benchmarks.timing import How

#: events of (d): usual and with --quick
EVENTS = (10_000_000, 1_000_000)
#: rounds of (d) at most: its runs are long
ROUNDS = 2
#: cases whose memory is measured
WEIGHED = ("b", "b-nan", "c5")


@dataclass(frozen=True)
class Extra:
    """What is printed, what the bars ask for, and everything for the JSON."""

    text: str
    figures: dict[str, float] = field(default_factory=dict)
    raw: Any = None


def many(chosen: argparse.Namespace) -> Extra:
    """(d): millions of events, CAR only."""
    how = How(min(chosen.rounds, ROUNDS), chosen.clock)
    measured, needed = big.in_process(EVENTS[chosen.quick], how, chosen.seed)
    text = table.case_table(measured)
    found = {k: v for k, v in figures.of_case(measured).items() if not k.endswith("limit")}
    if needed:
        found["d.memory"] = needed["beyond"]
        text += f"; {needed['beyond'] / 1e6:,.0f} MB beyond inputs and outputs"
    return Extra(text, found, table.as_json(measured) | {"memory": needed})


def ranks(chosen: argparse.Namespace) -> Extra:
    """Corrado's ranks."""
    found = ranking.measure(chosen.rounds, chosen.seed)
    return Extra(ranking.said(found), {"ranks.seconds": float(np.median(found["ours"]))}, found)


def weighed(chosen: argparse.Namespace) -> Extra:
    """Memory of the engine beyond its inputs."""
    found = {key: memory.of_engine(key, chosen.seed) for key in WEIGHED}
    work = max(memory.work(row) for row in found.values())
    return Extra(table.memory_table(found), {"memory.work": work}, found)


#: option of --cases → what it measures
EXTRAS: dict[str, Callable[[argparse.Namespace], Extra]] = {
    "d": many,
    "ranks": ranks,
    "memory": weighed,
}
