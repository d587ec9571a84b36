"""What is asked of the library: a must and an aim for each figure, and the verdict on it.

The bars are those of the project's goal (docs/performance.md). A ratio within one run, a share or
a size of memory holds on any machine. Events per second and seconds belong to the machine they
were set on, which copies 43.7 GB/s: they are shown everywhere, and judged as they are, but
`--strict` counts them only where memory is as fast.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

#: bytes that np.copyto read and wrote per second where the absolute bars were set
COPIED = 43.7e9
#: of that, what counts as the same class of machine
ALIKE = 0.9


@dataclass(frozen=True)
class Bar:
    """One bar: which figure, how it is written, what it must and should be."""

    #: the figure that is measured
    figure: str
    title: str
    #: how a value is written: a key of `verdicts.UNITS`
    unit: str
    must: float
    aim: float | None = None
    #: whether more is better
    more: bool = True
    #: whether the bar belongs to the machine on which it was set
    absolute: bool = False
    #: the figure that the aim is about, where two cores may be used
    two: str = ""

    def reached(self, value: float, bar: float) -> bool:
        """Whether ``value`` is on the right side of ``bar``; NaN never is."""
        return value >= bar if self.more else value <= bar


@dataclass(frozen=True)
class Verdict:
    """A bar and what was measured; NaN where nothing was."""

    bar: Bar
    value: float
    #: what is held against the aim
    best: float

    @property
    def said(self) -> str:
        """``aim met``, ``met``, ``missed`` or ``not measured``."""
        if math.isnan(self.value):
            return "not measured"
        if not self.bar.reached(self.value, self.bar.must):
            return "missed"
        if self.bar.aim is not None and self.bar.reached(self.best, self.bar.aim):
            return "aim met"
        return "met"


def judge(figures: Mapping[str, float]) -> list[Verdict]:
    """Hold the figures of a run against all bars."""
    found = []
    for bar in BARS:
        value = figures.get(bar.figure, math.nan)
        two = figures.get(bar.two, math.nan)
        tried = [x for x in (value, two) if not math.isnan(x)]
        best = (max(tried) if bar.more else min(tried)) if tried else math.nan
        found.append(Verdict(bar, value, best))
    return found


def failures(verdicts: list[Verdict], copied: float) -> list[Verdict]:
    """Bars whose must is missed; absolute ones only on a machine as fast as theirs."""
    same = copied >= ALIKE * COPIED
    return [v for v in verdicts if v.said == "missed" and (same or not v.bar.absolute)]


def _rate(key: str, title: str, must: float, aim: float, two: str = "") -> Bar:
    return Bar(f"{key}.rate", title, "rate", must, aim, absolute=True, two=two)


def _times(key: str, title: str, must: float, aim: float | None = None) -> Bar:
    return Bar(f"{key}.ols", f"{title}: × statsmodels loop", "times", must, aim)


def _fused(key: str, title: str, must: float, aim: float | None = None) -> Bar:
    return Bar(f"{key}.fused", f"{title}: × fused numba loop", "times", must, aim)


def _limit(key: str, title: str) -> Bar:
    return Bar(f"{key}.limit", f"{title}: share of limit A", "share", 0.25)


def _time(key: str, title: str, must: float, aim: float, two: str = "") -> Bar:
    return Bar(f"{key}.seconds", title, "time", must, aim, more=False, absolute=True, two=two)


def _most(figure: str, title: str, unit: str, must: float, aim: float | None = None) -> Bar:
    return Bar(figure, title, unit, must, aim, more=False)


_A, _B, _B5 = "(a) 130 events", "(b) 100k events, k = 1", "(b) 100k events, k = 5"
_C, _C5 = "(c) 40 crowded dates, k = 1", "(c) 40 crowded dates, k = 5"
_DENSE, _BATTERY = "all windows (dense), CAR + SCAR", "all tests, 120k events, streamed"
_FILE = "25M-row Parquet → AAR of 100k events"
BARS = (
    _time("a", f"{_A}, all-in", 1e-3, 4e-4),
    _times("a", _A, 20.0),
    _rate("b", f"{_B}, all-in", 1.5e6, 3e6),
    _times("b", _B, 200.0, 400.0),
    _fused("b", _B, 0.4, 0.8),
    _rate("b5", f"{_B5}, all-in", 1.1e6, 2.5e6),
    _times("b5", _B5, 200.0, 400.0),
    _fused("b5", _B5, 0.4, 0.8),
    _rate("b-nan", "(b) 1 % missing, k = 1", 0.35e6, 1e6),
    _rate("b5-nan", "(b) 1 % missing, k = 5", 0.35e6, 1e6),
    _rate("c", f"{_C}, all-in", 4e6, 10e6, two="c.two.rate"),
    _times("c", _C, 500.0),
    _fused("c", _C, 0.9),
    _limit("c", _C),
    _rate("c5", f"{_C5}, all-in", 4e6, 10e6, two="c5.two.rate"),
    _times("c5", _C5, 500.0),
    _fused("c5", _C5, 0.9),
    _limit("c5", _C5),
    _rate("d", "(d) 10M events, CAR only (5 s; 2 s)", 2e6, 5e6, two="d.two.rate"),
    _most("d.memory", "(d) memory beyond inputs and outputs", "bytes", 1e9),
    _rate("dense", f"{_DENSE}, k = 1", 20e6, 60e6, two="dense.two.rate"),
    _rate("dense5", f"{_DENSE}, k = 5", 9e6, 30e6, two="dense5.two.rate"),
    _time("battery", _BATTERY, 0.6, 0.2, two="battery.two.seconds"),
    _most("battery.memory", f"{_BATTERY}: memory", "bytes", 64e6),
    _time("ranks", "Corrado ranks of one event", 2e-6, 1e-6),
    _time("parquet", _FILE, 2.0, 0.8),
    _most("parquet.memory", f"{_FILE}: memory", "bytes", 1.5e9),
    _most("b.layer", "table layer over array work, (b)", "share", 0.60, 0.25),
    _most("error.ordinary", "error where cond(X) ≤ 1e4", "number", 1e-12),
    _most("error.beyond", "error beyond, in eps·cond(X)", "number", 10.0),
    _most("memory.work", "working memory of the engine", "bytes", 128e6, 32e6),
)
