"""Interleaved rounds: every way once a round, beside the bandwidth of the same moment."""

from __future__ import annotations

import gc
import math
import time
from dataclasses import dataclass, field

import numpy as np

from benchmarks.cases import WINDOWS, Spec
from benchmarks.machine import Bandwidth
from benchmarks.ways import Way
from eventstudy.arrays import FloatArray

#: short ways are repeated within a round until they last this long (seconds)
LEAST = 0.02


@dataclass(frozen=True)
class Timed:
    """One way, in all rounds."""

    name: str
    events: int
    loop: bool
    #: wall and processor seconds of one run, round by round
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def rate(self) -> FloatArray:
        """Events per second, round by round."""
        return np.asarray(self.events / np.array(self.wall))


@dataclass(frozen=True)
class Measured:
    """All ways of one case."""

    spec: Spec
    error: float
    ways: list[Timed]
    #: bytes read and written per second, round by round
    bandwidth: list[float]

    def by_name(self, start: str) -> Timed:
        """Find the way whose name begins so."""
        return next(way for way in self.ways if way.name.startswith(start))

    @property
    def bound(self) -> int:
        """Bytes that every event moves if it fetches its own window: limit A."""
        length, days, k = len(WINDOWS.estimation), len(WINDOWS.event), self.spec.factors
        read, write = (length + days) * 8 + 16, 2 * days * 8 + (k + 1) * 8 + 24
        return read + write


def measure(
    spec: Spec, error: float, ways: list[Way], rounds: int, bandwidth: Bandwidth
) -> Measured:
    """Time all ways in turn, round by round."""
    found = Measured(spec, error, [Timed(w.name, w.events, w.loop) for w in ways], [])
    repeats = [_repeats(way) for way in ways]
    for _ in range(rounds):
        found.bandwidth.append(bandwidth.measure())
        for way, timed, repeat in zip(ways, found.ways, repeats, strict=True):
            gc.collect()
            wall, cpu = time.perf_counter(), time.process_time()
            for _ in range(repeat):
                way.run()
            timed.wall.append((time.perf_counter() - wall) / repeat)
            timed.cpu.append((time.process_time() - cpu) / repeat)
    return found


def _repeats(way: Way) -> int:
    """Warm up, and see how often a way has to run to be timed well."""
    start = time.perf_counter()
    way.run()
    return max(1, math.ceil(LEAST / (time.perf_counter() - start)))
