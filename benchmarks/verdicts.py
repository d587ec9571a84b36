"""The table of the bars: our figure, the must, the aim, the verdict."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from benchmarks import fused
from benchmarks.bars import ALIKE, COPIED, Bar, Verdict

WIDTH = 100
HEAD = f"{'':<47}{'here':>10}{'must':>13}{'aim':>12}  verdict"
NOTE = """\
* belongs to the machine on which it was set, which copies {theirs:.1f} GB/s; this one copies \
{ours:.1f}. {strict} The other bars are ratios within one run, shares, errors and sizes. An aim in \
brackets allows two cores."""
STRICT = (
    "It is as fast, so --strict counts these bars.",
    "It is slower, so --strict leaves these bars out.",
)


def verdict_table(verdicts: list[Verdict], copied: float) -> str:
    """Lay out all bars, the ones that were not measured too."""
    lines = ["bars", HEAD, *(_row(verdict) for verdict in verdicts)]
    strict = STRICT[copied < ALIKE * COPIED]
    note = NOTE.format(theirs=COPIED / 1e9, ours=copied / 1e9, strict=strict)
    return "\n".join(lines) + "\n" + textwrap.fill(note, WIDTH)


def summary(verdicts: list[Verdict]) -> str:
    """Count the verdicts."""
    said = [verdict.said for verdict in verdicts]
    kinds = [f"{said.count(kind)} {kind}" for kind in ("aim met", "met", "missed", "not measured")]
    return f"bars      {', '.join(kinds)}"


def as_json(verdicts: list[Verdict]) -> list[dict[str, Any]]:
    """Give every bar with what was measured, unrounded; null where nothing was."""
    return [
        asdict(v.bar) | {"value": _known(v.value), "best": _known(v.best), "verdict": v.said}
        for v in verdicts
    ]


def _row(verdict: Verdict) -> str:
    bar = verdict.bar
    star = "*" if bar.absolute else " "
    aim = "–" if bar.aim is None else _bar(bar, bar.aim)
    aim = f"({aim})" if bar.two else f"{aim} "
    here, said = written(verdict.value, bar.unit), verdict.said
    if said == "aim met" and not bar.reached(verdict.value, bar.aim or math.nan):
        said = "aim met on two"
    if said == "not measured" and bar.figure.endswith(".fused") and not fused.available():
        said = "needs numba"
    return f"{bar.title:<47}{here:>10}{_bar(bar, bar.must) + star:>13}{aim:>12}  {said}"


def _bar(bar: Bar, value: float) -> str:
    return f"{'≥' if bar.more else '≤'} {written(value, bar.unit)}"


def written(value: float, unit: str) -> str:
    """Write a value in its unit."""
    if math.isnan(value):
        return "–"
    return UNITS[unit](value)


def _times(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f} ×"
    return f"{value:.1f} ×" if value >= 10 else f"{value:.2f} ×"


def _bytes(value: float) -> str:
    return f"{value / 1e9:.2g} GB" if value >= 1e9 else f"{value / 1e6:.0f} MB"


def _duration(seconds: float) -> str:
    for size, unit in ((1.0, "s"), (1e-3, "ms")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


#: how each unit is written
UNITS: dict[str, Callable[[float], str]] = {
    "rate": lambda value: f"{value / 1e6:.3g} M/s",
    "times": _times,
    "share": lambda value: f"{value * 100:.0f} %",
    "bytes": _bytes,
    "time": _duration,
    "number": lambda value: f"{value:.2g}",
}


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
