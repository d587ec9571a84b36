"""Folding a study: block by block, twice, and merged."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, Losses
from eventstudy.engine.streaming import Work, stream
from eventstudy.inference._fold_answers import Folded
from eventstudy.inference._fold_first import Fold, first_fold
from eventstudy.inference._fold_merging import merge
from eventstudy.inference._fold_second import Known, Second, second_fold
from eventstudy.windows import Window, WindowLike


@dataclass(frozen=True)
class First:
    """Reduces a part to its first fold."""

    windows: tuple[Window, ...]

    def __call__(self, abnormal: Abnormal, own: BoolArray) -> Fold:
        return first_fold(abnormal, self.windows, own)


@dataclass(frozen=True)
class Again:
    """Reduces a part to its second fold."""

    known: Known

    def __call__(self, abnormal: Abnormal, own: BoolArray) -> Second:
        return second_fold(abnormal, own, self.known)


def folded(
    work: Work,
    windows: tuple[Window, ...],
    *,
    workers: int = 1,
    executor: Executor | None = None,
) -> tuple[Folded, Losses]:
    """Measure all events in parts and keep their sums.

    Events are measured twice: generalised ranks and the like need to know the spread of all
    before they look at one.
    """
    halo, first = len(work.windows.event) - 1, First(windows)
    streamed = stream(work, first, halo=halo, workers=workers, executor=executor)
    if not streamed.parts:
        return fold_all(work.measure().abnormal, windows), streamed.losses
    fold = merge(streamed.parts)
    again = Again(known_of(fold))
    twice = stream(work, again, workers=workers, executor=executor)
    return Folded(fold, merge(twice.parts)), streamed.losses


def fold_all(abnormal: Abnormal, windows: Sequence[WindowLike]) -> Folded:
    """Fold events that are all there."""
    own = np.ones(len(abnormal), dtype=bool)
    fold = first_fold(abnormal, windows, own)
    return Folded(fold, second_fold(abnormal, own, known_of(fold)))


def known_of(fold: Fold) -> Known:
    """What the second look has to know of the merged first one."""
    seen = Folded(fold)
    return Known.of(fold, [seen.sample(w) for w in fold.plan.asked])
