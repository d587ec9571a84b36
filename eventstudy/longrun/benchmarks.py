"""What a benchmark is given, and what it gives back: the events of a run and their benchmarks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.longrun.characteristics import Characteristics
from eventstudy.longrun.compounding import Benchmark, History
from eventstudy.panel import Panel

TextArray: TypeAlias = npt.NDArray[Any]
#: which firms with events of their own serve no other event as a benchmark
EXCLUDE = ("overlapping", "earlier", "none")


class NoBenchmark(StrEnum):
    """Why an event has nothing to be compared with: a closed list."""

    NO_CHARACTERISTICS = "no_characteristics"
    NO_CONTROL = "no_control"


@dataclass(frozen=True, eq=False)
class Setting:
    """N events to be held, and all that a benchmark may look at."""

    panel: Panel
    history: History
    #: (N,) security and calendar row of day 0
    firm: IntArray
    row: IntArray
    #: event days of the holding
    start: int
    length: int
    #: (M,) security and day 0 of every event of the run, also of those that are not held
    all_firms: IntArray
    all_rows: IntArray
    #: what a delisting brings
    loss: float

    @cached_property
    def lives(self) -> tuple[IntArray, IntArray]:
        """(S,) calendar rows of the first and the last return of each security."""
        return self.history.lives()

    def dates(self) -> Iterator[tuple[int, IntArray]]:
        """Calendar row of each distinct day 0, and the events of that date."""
        order = np.argsort(self.row, kind="stable")
        rows, begins = np.unique(self.row[order], return_index=True)
        yield from zip(rows.tolist(), np.split(order, begins[1:]), strict=True)

    def places(self, known: Characteristics) -> IntArray:
        """(F,) row in the panel of each firm of the characteristics, −1 where it has none."""
        return self.panel.firm_codes(np.array(known.tickers, dtype=object))

    def eligible(self, places: IntArray, row: int, exclude: str) -> BoolArray:
        """(F,) firms that could be bought for an event of day 0 ``row``, and are not excluded."""
        first, last = self.lives
        begin = row + self.start
        found = (places >= 0) & (first[places] <= begin) & (last[places] >= begin)
        if exclude == "none":
            return np.asarray(found)
        near = (self.all_rows > row - self.length) & (self.all_rows <= row)
        if exclude == "overlapping":
            near |= (self.all_rows > row) & (self.all_rows < row + self.length)
        treated = np.zeros(len(first), dtype=bool)
        treated[self.all_firms[near]] = True
        return np.asarray(found & ~treated[places])


@dataclass(frozen=True, eq=False)
class Found:
    """The benchmark of N events."""

    benchmark: Benchmark
    #: (N,) last session on which the event has a benchmark
    end: IntArray
    #: (N,) how it is called
    names: TextArray
    #: (N,) a reason and what there is to say, "" where there is a benchmark
    reason: TextArray
    detail: TextArray
    #: (K,) event, session and new name where a control firm was replaced
    replaced: tuple[IntArray, IntArray, TextArray]
    #: what the reader has to know
    notes: tuple[str, ...] = ()
    #: (N,) events whose benchmark is weak, and what is said of them
    weak: BoolArray | None = None
    weakness: str = ""

    def remarks(self, kept: IntArray) -> tuple[str, ...]:
        """What the reader of the events ``kept`` has to know."""
        n = 0 if self.weak is None else int(self.weak[kept].sum())
        return (f"{n} of {len(kept)} events {self.weakness}.", *self.notes) if n else self.notes


@runtime_checkable
class Against(Protocol):
    """A way to find benchmarks: `ControlFirms`, `ReferencePortfolios`, or one of your own."""

    @property
    def label(self) -> str:
        """What it is called in a summary."""
        ...

    def find(self, setting: Setting) -> Found:
        """Find the benchmark of every event."""
        ...


def undated(known: Characteristics) -> tuple[str, ...]:
    """Say that nobody can know whether characteristics without dates were known."""
    if known.dated:
        return ()
    return (
        "The characteristics have no dates: whether they were known on day 0 cannot be checked.",
    )


def nothing(n: int) -> TextArray:
    """(n,) empty texts."""
    return np.full(n, "", dtype=object)


def never() -> tuple[IntArray, IntArray, TextArray]:
    """No control firm was replaced."""
    none = np.empty(0, dtype=np.int64)
    return none, none, nothing(0)


def growths(returns: FloatArray) -> FloatArray:
    """1 + R, where a day without a return counts as 0."""
    return 1.0 + np.nan_to_num(returns)
