"""Figures that are no case of the engine: (d), ranks, memory, and what other files measure."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks import all_windows, battery, big, figures, memory, ranking, table
from benchmarks.timing import How

#: events of (d): usual and with --quick
EVENTS = (10_000_000, 1_000_000)
#: rounds of (d) at most: its runs are long
ROUNDS = 2
#: rounds of the file at most
FILED = 3
#: condition of X up to which 1e-12 is asked for, and the distance of 1 to the next number
ORDINARY, EPS = 1e4, float(np.finfo(float).eps)
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
    found = ranking.measure(How(chosen.rounds, chosen.clock), chosen.seed)
    return Extra(ranking.said(found), {"ranks.seconds": float(np.median(found["ours"]))}, found)


def weighed(chosen: argparse.Namespace) -> Extra:
    """Memory of the engine beyond its inputs."""
    found = {key: memory.of_engine(key, chosen.seed) for key in WEIGHED}
    work = max(memory.work(row) for row in found.values())
    return Extra(table.memory_table(found), {"memory.work": work}, found)


def digits(_: argparse.Namespace) -> Extra:
    """Errors against extended precision: at most, and where X is badly conditioned."""
    from benchmarks import accuracy

    if np.finfo(np.longdouble).eps >= EPS:
        return Extra("error against long double: this machine has none")
    every = [
        (errors.worst, errors.cond, f"{case}, {way}")
        for case, ways in accuracy.measured().items()
        for way, errors in ways.items()
    ]
    usual = max(row for row in every if row[1] <= ORDINARY)
    beyond = max(
        (worst / (EPS * cond), cond, name) for worst, cond, name in every if cond > ORDINARY
    )
    text = (
        f"error against long double, {len(every)} cases: {usual[0]:.1e} where cond(X) ≤ 1e4 "
        f"({usual[2]});\n  {beyond[0]:.2g}·eps·cond(X) beyond ({beyond[2]})"
    )
    told = {"error.ordinary": usual[0], "error.beyond": beyond[0]}
    return Extra(text, told, [list(row) for row in every])


def dense(chosen: argparse.Namespace) -> Extra:
    """All windows of all securities."""
    found = all_windows.measure(How(chosen.rounds, chosen.clock), chosen.seed)
    return Extra(all_windows.said(found), all_windows.figures(found), found)


def tests(chosen: argparse.Namespace) -> Extra:
    """All tests of one window, streamed."""
    found = battery.in_process(chosen.rounds, chosen.seed)
    clock = "cpu" if chosen.clock == "cpu" else "seconds"
    named = {"seconds": clock, "two.seconds": "two", "memory": "work"}
    told = {f"battery.{name}": value for name, key in named.items() if (value := found[key])}
    return Extra(battery.said(found), told, found)


def parquet(chosen: argparse.Namespace) -> Extra:
    """From a file of 25 million rows to average abnormal returns, as a user types it."""
    from benchmarks import data_files, data_running

    with TemporaryDirectory(prefix="eventstudy-bench-") as name:
        folder = Path(name)
        rows = data_files.make(folder, data_running.FULL, chosen.seed)
        runs = [data_running.one("study", folder) for _ in range(min(chosen.rounds, FILED))]
    wall, cpu = (float(np.median([run[clock] for run in runs])) for clock in ("wall", "cpu"))
    peak = max(run["peak"] for run in runs)
    told = {"parquet.seconds": cpu if chosen.clock == "cpu" else wall, "parquet.memory": peak * 1e9}
    text = (
        f"Parquet file of {rows:,} rows → panel → AAR of 100,000 events, alone: "
        f"{wall:.2f} s\n  (processor {cpu:.2f} s), {peak:.2f} GB at most, Python included"
    )
    return Extra(text, told, runs)


#: option of --cases → what it measures
EXTRAS: dict[str, Callable[[argparse.Namespace], Extra]] = {
    "d": many,
    "ranks": ranks,
    "memory": weighed,
    "error": digits,
    "dense": dense,
    "battery": tests,
    "parquet": parquet,
}
