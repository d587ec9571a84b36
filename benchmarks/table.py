"""What is printed: at most 100 columns, plain text, and the same as JSON."""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from typing import Any

import numpy as np

from benchmarks.timing import Measured, Timed
from eventstudy.arrays import FloatArray

WIDTH = 100
HEAD = (
    f"  {'':<36}{'events':>8}{'median':>10}{'min':>10}{'events/s':>12}{'× OLS':>8}"
    f"{'limit A':>8}{'cpu':>6}"
)
NOTES = """\
All ways of a case run in turn, round by round, in one process on one BLAS thread. Making data, \
prices, panel and the loops' arrays is not timed; everything else is, from nothing cached. \
× OLS: events/s against the statsmodels loop, the median of the ratios within each round. \
limit A: share of the rate at which this machine's memory could move each event's own window and \
results ({bound}), at the copy bandwidth of the same round (np.copyto of 160 MB, read + written, \
best of three). cpu: processor time / \
wall time; below 1 the process had to wait for others, above 1 it used hidden threads. \
Loops run over some of the events only and hold y and X ready, without missing days. \
Absolute figures belong to this machine and its load; the ratios are what counts."""
MEANING = """\
engine.run gives parameters, σ, R² and daily AR of every event from arrays. "tests of caar" adds \
all that result.caar answers (valid test, interval, r̄). study.run(...), caar(...) is what a user \
types, from DataFrames: it also checks, places and names the events; what that takes beyond the \
same tests on arrays is the table layer. Every case is first compared with plain least squares."""


def opening(machine: dict[str, Any], options: dict[str, Any]) -> str:
    """Describe the machine and the run."""
    blas = machine["blas"]
    lines = [
        f"cpu       {machine['cpu']}, {machine['cores']} logical",
        f"blas      {blas['library']}, kernel {blas['kernel']}, threads {blas['threads']}",
        "versions  " + ", ".join(f"{name} {v}" for name, v in machine["versions"].items()),
        f"load      {_numbers(machine['load'])} (1, 5, 15 minutes) at the start",
        f"run       seed {options['seed']}, {options['rounds']} rounds, L 250, gap 10, W 21 days",
    ]
    if machine["dropped"]:
        lines.insert(2, f"          not used, the library chooses itself: {machine['dropped']}")
    return "\n".join(line[:WIDTH] for line in lines) + "\n\n" + _wrapped(MEANING)


def case_table(measured: Measured) -> str:
    """Lay out all ways of one case."""
    ols = measured.by_name("loop of sm.OLS").rate
    limit = np.array(measured.bandwidth) / measured.bound
    lines = [f"({measured.spec.key}) {measured.spec.title}", HEAD]
    lines += [_row(way, ols, limit) for way in measured.ways]
    arrays, typed = measured.by_name("engine.run, tests"), measured.by_name("study.run")
    layer = (np.array(typed.wall) - np.array(arrays.wall)) / np.array(arrays.wall)
    gap = np.median(np.array(typed.wall) - np.array(arrays.wall))
    lines.append(
        f"  table layer {_duration(gap)} = {np.median(layer) * 100:.0f} % of the array work; "
        f"copy {np.median(measured.bandwidth) / 1e9:.1f} GB/s; "
        f"off plain least squares {measured.error:.0e}"
    )
    return "\n".join(lines)


def _row(way: Timed, ols: FloatArray, limit: FloatArray) -> str:
    wall, rate = np.array(way.wall), way.rate
    cells = (
        f"{way.events:>8,}{_duration(np.median(wall)):>10}{_duration(wall.min()):>10}"
        f"{way.events / np.median(wall):>12,.0f}{_times(np.median(rate / ols)):>8}"
        f"{_percent(np.median(rate / limit)):>8}{np.median(np.array(way.cpu) / wall):>6.2f}"
    )
    return f"  {way.name:<36}{cells}"


def memory_table(found: dict[str, dict[str, float | None]]) -> str:
    """Lay out the memory of the engine beyond its inputs."""
    lines = ["memory of engine.run beyond its inputs, in MB (a process of its own)"]
    for key, row in found.items():
        resident = "not told" if row["resident"] is None else f"{row['resident']:.0f}"
        peak, held = row["peak"] or 0.0, row["held"] or 0.0
        lines.append(
            f"  ({key}) allocated at most {peak:.0f}, of which the answer {held:.0f} and work "
            f"{peak - held:.0f}; resident growth {resident}"
        )
    return "\n".join(lines)


def closing(measured: list[Measured], load: tuple[float, ...]) -> str:
    """Say how to read the tables."""
    bounds = sorted({(m.spec.factors, m.bound) for m in measured})
    said = ", ".join(f"{bound:,} bytes with k = {k}" for k, bound in bounds)
    return f"load      {_numbers(load)} at the end\n" + _wrapped(NOTES.format(bound=said))


def as_json(measured: Measured) -> dict[str, Any]:
    """Return everything that was measured of a case, unrounded."""
    return {
        "spec": asdict(measured.spec),
        "error": measured.error,
        "bandwidth": measured.bandwidth,
        "bound_bytes": measured.bound,
        "ways": [asdict(way) for way in measured.ways],
    }


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH)


def _numbers(values: tuple[float, ...]) -> str:
    return " ".join(f"{x:.2f}" for x in values) or "not told"


def _duration(seconds: float) -> str:
    return f"{seconds:.2f} s" if abs(seconds) >= 10 else f"{seconds * 1e3:.4g} ms"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} ×" if ratio >= 10 else f"{ratio:.1f} ×"
