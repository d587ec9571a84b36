"""Interleaved rounds: every way once a round, beside the bandwidth of the same moment."""

from __future__ import annotations

import gc
import math
import time
from dataclasses import dataclass, field

import numpy as np

from benchmarks.cases import Spec
from benchmarks.machine import Bandwidth, free_cores
from benchmarks.ways import Way
from eventstudy.arrays import FloatArray

#: short ways are repeated within a round until they last this long (seconds)
LEAST = 0.02


@dataclass(frozen=True)
class How:
    """How often to measure, and by which clock."""

    rounds: int
    clock: str = "wall"


@dataclass(frozen=True)
class Timed:
    """One way, in all rounds."""

    key: str
    name: str
    events: int
    two: bool = False
    #: "wall", or "cpu" for the rates where other programs take the processor
    clock: str = "wall"
    #: wall and processor seconds of one run, round by round
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def seconds(self) -> FloatArray:
        """Seconds of one run, round by round; of several threads always by the clock."""
        return np.array(self.cpu if self.clock == "cpu" and not self.two else self.wall)

    @property
    def rate(self) -> FloatArray:
        """Events per second, round by round."""
        return np.asarray(self.events / self.seconds)


@dataclass(frozen=True)
class Measured:
    """All ways of one case."""

    spec: Spec
    error: float
    ways: list[Timed]
    #: bytes copied per second; how much two threads do in the time of one, before and after the
    #: way that uses them, the lesser; round by round
    bandwidth: list[float]
    cores: list[float]

    def __contains__(self, key: str) -> bool:
        return any(way.key == key for way in self.ways)

    def __getitem__(self, key: str) -> Timed:
        return next(way for way in self.ways if way.key == key)

    @property
    def bound(self) -> int:
        """Bytes that every event moves if it fetches its own window: limit A."""
        windows, k = self.spec.windows, self.spec.factors
        length, days = len(windows.estimation), len(windows.event)
        read, write = (length + days) * 8 + 16, 2 * days * 8 + (k + 1) * 8 + 24
        return read + write


def measure(case: Spec, ways: list[Way], how: How, error: float, *, warm: bool = True) -> Measured:
    """Time all ways in turn, round by round; ``warm`` runs each of them once before."""
    timed = [Timed(way.key, way.name, way.events, way.two, how.clock) for way in ways]
    found = Measured(case, error, timed, [], [])
    repeats = [_repeats(way) if warm else 1 for way in ways]
    bandwidth = Bandwidth()
    for _ in range(how.rounds):
        found.bandwidth.append(bandwidth.measure(how.clock))
        for way, its, repeat in zip(ways, timed, repeats, strict=True):
            gc.collect()
            free = free_cores() if way.two else 0.0
            wall, cpu = time.perf_counter(), time.process_time()
            for _ in range(repeat):
                way.run()
            its.wall.append((time.perf_counter() - wall) / repeat)
            its.cpu.append((time.process_time() - cpu) / repeat)
            if way.two:
                found.cores.append(min(free, free_cores()))
    return found


def _repeats(way: Way) -> int:
    """Warm up, and see how often a way has to run to be timed well."""
    start = time.perf_counter()
    way.run()
    return max(1, math.ceil(LEAST / (time.perf_counter() - start)))
