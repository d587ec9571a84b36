"""What is printed: at most 100 columns, plain text, and the same as JSON."""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from typing import Any

import numpy as np

from benchmarks import figures
from benchmarks.timing import Measured, Timed

WIDTH = 100
HEAD = (
    f"  {'':<36}{'events':>10}{'median':>10}{'events/s':>12}{'× OLS':>8}{'× fused':>8}"
    f"{'limit A':>8}{'cpu':>6}"
)
CLOCKS = {"wall": "by the clock", "cpu": "rates from processor time"}
#: ways that write all that limit A counts
WHOLE = ("engine", "two", "fused")
NOTES = """\
All ways of a case run in turn, round by round, in one process on one BLAS thread. Making data, \
prices, panel and the loops' arrays is not timed; everything else is, from nothing cached. \
× OLS, × fused: events/s against the statsmodels loop and the fused loop, the median of the ratios \
within each round. limit A: share of the rate at which this machine's memory could move each \
event's own window and results ({bound}), at the copy bandwidth of the same round (np.copyto of \
160 MB, read + written, best of three). cpu: processor time / wall time; below 1 the process had \
to wait for others, above 1 it used several threads. Loops run over some of the events only and \
hold y and X ready, without missing days; the fused loop is compiled before. \
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
        f"run       seed {options['seed']}, {options['rounds']} rounds, L 250, gap 10, W 21 days; "
        + CLOCKS[options.get("clock", "wall")],
    ]
    if options.get("panel"):
        lines.append(f"prices    {options['panel']}")
    if machine["dropped"]:
        lines.insert(2, f"          not used, the library chooses itself: {machine['dropped']}")
    return "\n".join(line[:WIDTH] for line in lines) + "\n\n" + _wrapped(MEANING)


def case_table(measured: Measured) -> str:
    """Lay out all ways of one case."""
    lines = [f"({measured.spec.key}) {measured.spec.title}", HEAD]
    lines += [_row(measured, way) for way in measured.ways]
    said = [
        f"copy {np.median(measured.bandwidth) / 1e9:.1f} GB/s",
        f"off plain least squares {measured.error:.0e}",
    ]
    if "typed" in measured:
        gap, share = np.median(figures.layer(measured)), figures.of_case(measured)
        percent = share[f"{measured.spec.key}.layer"] * 100
        said.insert(0, f"table layer {_duration(gap)} = {percent:.0f} % of the array work")
    if "two" in measured:
        free = int(figures.free(measured).sum())
        said.append(f"second core free in {free} of {len(measured.cores)} rounds")
    text = "; ".join(said)
    lines.append(textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="  "))
    return "\n".join(lines)


def _row(measured: Measured, way: Timed) -> str:
    seconds = np.median(way.seconds)
    fused = _times(figures.against(way, measured["fused"])) if "fused" in measured else "–"
    whole = way.key in WHOLE and measured.spec.key != "d"
    limit = _percent(np.median(figures.limit(measured, way))) if whole else "–"
    cells = (
        f"{way.events:>10,}{_duration(seconds):>10}{way.events / seconds:>12,.0f}"
        f"{_times(figures.against(way, measured['ols'])):>8}{fused:>8}{limit:>8}"
        f"{np.median(np.array(way.cpu) / np.array(way.wall)):>6.2f}"
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
    if not measured:
        return f"load      {_numbers(load)} at the end"
    bounds = sorted({(m.spec.factors, m.bound) for m in measured})
    said = ", ".join(f"{bound:,} bytes with k = {k}" for k, bound in bounds)
    return f"load      {_numbers(load)} at the end\n" + _wrapped(NOTES.format(bound=said))


def as_json(measured: Measured) -> dict[str, Any]:
    """Return everything that was measured of a case, unrounded."""
    return {
        "spec": asdict(measured.spec),
        "error": measured.error,
        "bandwidth": measured.bandwidth,
        "cores": measured.cores,
        "bound_bytes": measured.bound,
        "ways": [asdict(way) for way in measured.ways],
    }


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH)


def _numbers(values: tuple[float, ...]) -> str:
    return " ".join(f"{x:.2f}" for x in values) or "not told"


def _duration(seconds: float) -> str:
    return f"{seconds:.3g} s" if abs(seconds) >= 0.9995 else f"{seconds * 1e3:.3g} ms"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _times(ratio: float) -> str:
    digits = 0 if ratio >= 10 else 1 if ratio >= 2 else 2
    return f"{ratio:,.{digits}f} ×"
