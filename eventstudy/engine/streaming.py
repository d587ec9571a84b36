"""Many events in parts: each part is measured, reduced to what is wanted of it, and forgotten.

A part is the events of a stretch of consecutive dates. It may be measured here, in threads, or by
any executor: then it carries the columns of the calendar that its events need, and, where the
panel is a file, the address of that file in place of returns.
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Generic, TypeVar
from uuid import uuid4

import numpy as np

from eventstudy import engine, errors
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import (
    BoolArray,
    Inputs,
    IntArray,
    Losses,
    Model,
    Placement,
    Windows,
    excerpt,
)
from eventstudy.progress import steps
from eventstudy.windows import Window

T = TypeVar("T")
#: events of a part, at least: in this process (its arrays stay small), and in a task elsewhere
#: (which costs a fraction of a millisecond to send)
PART, TASK = 1 << 15, 100_000
#: a part has at least so many sessions for each session of its halo
HALOS = 3
#: tasks that wait at the executor
AHEAD = 32

#: what is made of the kept events of a part; the second argument marks those of its own dates
Reduce = Callable[[Abnormal, BoolArray], T]


@dataclass(frozen=True)
class Work:
    """What `run` is asked to do; it can be cut into parts and sent elsewhere."""

    model: Model
    inputs: Inputs
    placement: Placement
    windows: Windows
    min_obs: int | None = None
    missing: str = "drop"
    keep: tuple[Window, ...] | None = None

    def measure(self, workers: int = 1) -> engine.Outcome:
        """Measure all of it."""
        return engine.run(
            self.model,
            self.inputs,
            self.placement,
            self.windows,
            min_obs=self.min_obs,
            missing=self.missing,
            keep=self.keep,
            workers=workers,
        )


@dataclass(frozen=True)
class Part:
    """The events of some consecutive dates, and after them those of the halo."""

    work: Work
    #: (n,) positions in the placement of all events
    index: IntArray
    #: how many of them are of its own dates
    own: int
    #: its days of the calendar and its securities (None: all)
    days: slice | None = None
    firms: IntArray | None = None

    @property
    def column(self) -> int:
        """Where its columns begin in the calendar."""
        return 0 if self.days is None else int(self.days.start)

    def measure(self) -> engine.Outcome:
        """Measure its events; rows and columns are those of the whole panel again."""
        work, inputs = self.work, self.work.inputs
        if self.days is not None and inputs.mapped:  # all else was cut before it was sent
            returns = excerpt(inputs.returns, self.firms, self.days)
            work = replace(work, inputs=replace(inputs, returns=returns))
        found = work.measure()
        abnormal = found.abnormal
        firm = abnormal.firm if self.firms is None else self.firms[abnormal.firm]
        return replace(found, abnormal=abnormal.changed(row=abnormal.row + self.column, firm=firm))

    def __dask_tokenize__(self) -> str:
        """A name for Dask, which would else read all arrays, a panel that is a file too."""
        return uuid4().hex


@dataclass(frozen=True)
class Streamed(Generic[T]):
    """What the reducer made of each part, in the order of the dates, and what was lost."""

    parts: list[T]
    losses: Losses


def stream(
    work: Work,
    reduce: Reduce[T],
    *,
    halo: int = 0,
    workers: int = 1,
    executor: Executor | None = None,
) -> Streamed[T]:
    """Measure all events part by part and keep what ``reduce`` makes of each.

    Parameters
    ----------
    work : Work
        Model, inputs, placement and windows.
    reduce : callable
        ``reduce(abnormal, own)`` of the kept events of a part; with an executor it goes to other
        processes and has to be picklable.
    halo : int
        Sessions after the last date of a part whose events it sees too, marked as not its own.
    workers : int
        Threads that measure parts.
    executor : Executor, optional
        Measures the parts instead, wherever it is.

    Returns
    -------
    Streamed
        The same whoever measured.
    """
    placement = work.placement
    least = PART if executor is None else TASK
    cuts = list(stretches(placement.row, least, halo))
    parts = _parts(work, cuts, cut=executor is not None)
    found, need = [], 0
    reason = np.zeros(len(placement.row), dtype=np.int64)
    n_obs = np.zeros(len(placement.row), dtype=np.int64)
    sizes = (len(own) for own, _ in cuts)
    answers = zip(_answers(parts, reduce, workers, executor), sizes, strict=True)
    counted = steps(answers, "Events", len(placement.row), itemgetter(1))
    for (made, lost, why, days, needed), _ in counted:
        found.append(made)
        reason[lost], n_obs[lost], need = why, days, needed
    return Streamed(found, Losses(reason, n_obs, need))


def stretches(row: IntArray, least: int, halo: int = 0) -> Iterator[tuple[IntArray, IntArray]]:
    """Positions of the events of consecutive dates, and of those in the halo after them.

    A date is never cut. The cut depends on the events and ``least`` only, never on how many work
    on it.
    """
    order = np.argsort(row, kind="stable")
    ahead = row[order]
    n, first = len(row), 0
    while first < n:
        day = ahead[min(first + least, n) - 1]  # `least` events, and HALOS times the halo
        day = max(day, ahead[first] + HALOS * halo - 1)
        last = int(np.searchsorted(ahead, day, side="right"))
        far = int(np.searchsorted(ahead, ahead[last - 1] + halo, side="right"))
        if n - last < least // 2:  # what is left would be too little for a part of its own
            last = far = n
        yield order[first:last], order[last:far]
        first = last


def _parts(work: Work, cuts: Iterable[tuple[IntArray, IntArray]], *, cut: bool) -> Iterator[Part]:
    for own, after in cuts:
        index = np.concatenate([own, after])
        part = replace(work, placement=_taken(work.placement, index))
        yield _cut(part, index, len(own)) if cut else Part(part, index, len(own))


def _taken(placement: Placement, index: IntArray) -> Placement:
    return Placement(placement.firm[index], placement.row[index], placement.event[index])


def _cut(work: Work, index: IntArray, own: int) -> Part:
    """Leave the days and securities out that no event of the part looks at.

    Returns that are a file stay where they are; who measures the part cuts them.
    """
    placement = work.placement
    reach = int(getattr(work.model, "leads", 0))
    start = max(int(placement.row.min()) + work.windows.first - reach, 0)
    days = slice(start, int(placement.row.max()) + work.windows.whole.last + reach + 1)
    firms, firm = _securities(work.inputs, placement.firm)
    there = Placement(firm, placement.row - start, placement.event)
    part = replace(work, inputs=work.inputs.part(firms, days), placement=there)
    return Part(part, index, own, days, firms)


def _securities(inputs: Inputs, firm: IntArray) -> tuple[IntArray | None, IntArray]:
    """Those that a part needs, and where its events find them; None and as before: all.

    All, if they are most of them, or if nothing that is sent has a row a security.
    """
    if inputs.mapped and inputs.excluded is None and not inputs.own:
        return None, firm
    firms, there = np.unique(firm, return_inverse=True)
    return (None, firm) if 2 * len(firms) > len(inputs.returns) else (firms, there)


#: what comes back of a part: what was made of it; lost events, their reasons and days; days needed
Answer = tuple[T, IntArray, IntArray, IntArray, int]


def _answer(reduce: Reduce[T], part: Part) -> Answer[T]:
    """Measure a part and reduce it: what a worker does."""
    outcome = part.measure()
    abnormal, own = outcome.abnormal, np.arange(len(part.index)) < part.own
    kept = outcome.reason == 0
    lost = np.flatnonzero(~kept & own)
    days = abnormal.n_obs[lost].astype(np.int64)
    if not kept.all():
        abnormal, own = abnormal.take(kept), own[kept]
    return reduce(abnormal, own), part.index[lost], outcome.reason[lost], days, outcome.min_obs


def _answers(
    parts: Iterator[Part], reduce: Reduce[T], workers: int, executor: Executor | None
) -> Iterator[Answer[T]]:
    """Answers of the parts in their order, whoever works on them."""
    if executor is not None:
        yield from _in_order(executor, parts, reduce, AHEAD)
    elif workers > 1:
        with ThreadPoolExecutor(workers) as threads:
            yield from _in_order(threads, parts, reduce, workers)
    else:
        for part in parts:
            yield _answer(reduce, part)


def _in_order(
    executor: Executor, parts: Iterator[Part], reduce: Reduce[T], ahead: int
) -> Iterator[Answer[T]]:
    """Keep ``ahead`` parts at work; give back the answers in the order of the parts."""
    waiting: deque[tuple[Future[Answer[T]], Model]] = deque()
    try:
        for part in parts:
            waiting.append((executor.submit(_answer, reduce, part), part.work.model))
            if len(waiting) >= ahead:
                yield _awaited(*waiting.popleft())
        while waiting:
            yield _awaited(*waiting.popleft())
    finally:  # after an error nobody waits for the rest
        for future, _ in waiting:
            future.cancel()


def _awaited(future: Future[Answer[T]], model: Model) -> Answer[T]:
    """Wait for an answer; a model that could not be sent is told as such."""
    try:
        return future.result()
    except (pickle.PicklingError, AttributeError, TypeError) as why:
        try:
            pickle.dumps(model)
        except Exception:  # noqa: BLE001  (whatever keeps it from being sent)
            raise errors.model_cannot_travel(type(model).__name__) from why
        raise
