"""Scores of the events summed day by day, and what the days of W say (D.11).

Shared by the tests on ranks and on signs: a score U_it for every event and day, the sum Z_t of a
day's scores over the root of their number, and S, the root mean square of Z_t over all days.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eventstudy.arrays import FloatArray, IntArray
from eventstudy.blas import one_thread
from eventstudy.inference._answer import ZERO
from eventstudy.inference._laws import NAN
from eventstudy.inference._sample import Sample


@dataclass(frozen=True)
class Days:
    """Summed scores of a sample, day by day."""

    #: (L1+L2,) Z_t over the estimation and the event window; NaN on days without events
    z: FloatArray
    #: T, the days that have a Z_t, and S
    count: int
    deviation: float

    @classmethod
    def of(cls, total: FloatArray, events: FloatArray) -> Days:
        """From the (L1+L2,) sums of the scores and events of each day."""
        z = np.divide(total, np.sqrt(events), out=np.full(len(total), np.nan), where=events > 0)
        known = z[np.isfinite(z)]
        deviation = float(np.sqrt(known @ known / max(len(known), 1)))
        return cls(z, len(known), deviation if deviation > 1e-12 else 0.0)


@dataclass(frozen=True)
class Score:
    """What the days of a window say: mean score, Σ_W Z_t/(√L·S), L and T; or why nothing."""

    mean: float = NAN
    se: float = NAN
    length: int = 0
    count: int = 0
    why: str = ""

    @property
    def statistic(self) -> float:
        """Σ_W Z_t / (√L·S)."""
        return self.mean / self.se


def summed_days(
    sample: Sample, key: str, scores: Callable[[IntArray], tuple[FloatArray, FloatArray]]
) -> tuple[FloatArray, FloatArray]:
    """(k, L1+L2) sums of k scores, (L1+L2,) events of each day; shared under ``key``.

    Windows that retain the same events share them. ``scores`` gives both for the events at the
    positions it is asked for; it is asked for a bounded number of them at a time.
    """

    def make() -> tuple[FloatArray, FloatArray]:
        abnormal = sample.abnormal
        width = len(abnormal.estimation) + len(abnormal.window)
        total, events = np.zeros((1, width)), np.zeros(width)
        with one_thread():
            for some in sample.chunks():
                more, there = scores(some)
                total, events = total + more, events + there
        return total, events

    found: tuple[FloatArray, FloatArray] = sample.abnormal.memo((key, sample.key), make)
    return found


def window_score(sample: Sample, days: Days) -> Score:
    """Σ_W Z_t / (√L·S) of the sample's window; a day of W without any event does not count."""
    abnormal = sample.abnormal
    z = days.z[len(abnormal.estimation) :][abnormal.days(sample.window)]
    z = z[np.isfinite(z)]
    if days.count < 3:
        return Score(why=f"{days.count} ranked days are too few")
    if not len(z):
        return Score(why="no day of the window is ranked")
    if days.deviation <= 0:
        return Score(why=ZERO)
    mean = float(z.sum()) / (len(z) * np.sqrt(sample.n))
    se = days.deviation / np.sqrt(len(z) * sample.n)
    return Score(mean, se, len(z), days.count)


def both_windows(sample: Sample, some: IntArray) -> tuple[FloatArray, FloatArray]:
    """(m, L1) residuals and (m, L2) abnormal returns of the events ``some``."""
    return sample.residuals(some), sample.abnormal.abnormal[sample.index[some]]
