"""A scan, some securities at a time: what is computed, and what has to be computed again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import TypeAlias

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, Inputs, IntArray
from eventstudy.blas import one_thread
from eventstudy.models.linear import Design
from eventstudy.rolling.days import Days
from eventstudy.rolling.layout import Layout
from eventstudy.rolling.operators import Operators, operators
from eventstudy.rolling.part import Part
from eventstudy.rolling.scanning import CHUNK, Scanner
from eventstudy.rolling.value import Counts, Rolling
from eventstudy.windows import Window

#: securities and days 0
Pairs: TypeAlias = tuple[IntArray, IntArray]


@dataclass(frozen=True, eq=False)
class Scan:
    """What is wanted of a linear model."""

    design: Design
    inputs: Inputs
    #: all days 0 that were asked for
    days: Days
    #: the windows whose sums are wanted
    asked: tuple[Window, ...]
    missing: str

    @cached_property
    def live(self) -> Days:
        """From the first day 0 with enough estimation days to the last."""
        return self.days.alive()

    @cached_property
    def usable(self) -> BoolArray:
        """(D,) live days with enough estimation days."""
        return self.live.usable

    @cached_property
    def beyond(self) -> BoolArray:
        """(D,) live days that lack a factor in the event window, where such a day may be missing.

        The engine sums over the other days then.
        """
        lacks = self.live.touched(~self.live.known[None], self.live.windows.event)[0]
        return np.asarray(lacks & (self.missing != "drop"))


def scan(job: Scan, workers: int) -> tuple[Rolling, Pairs]:
    """Scan all securities; and the windows that the engine has to fit, as (security, day)."""
    asked, rows, firms = job.asked, job.days.rows, len(job.inputs.returns)
    lost = float(len(job.design.parameters) or job.design.demean)
    if not job.live.rows:
        nothing = Rolling.empty(asked, rows, firms)
        return replace(nothing, lost=np.array(lost)), _joined([])
    layout = Layout.of(job.live.windows, asked, job.live.rows)
    begin, end = job.live.rows.start - rows.start, job.live.rows.stop - rows.start
    width, sums = max(len(rows), begin + layout.dates), len(asked)
    room = np.empty((2 * sums + 1, firms, width))
    n_obs = np.empty((firms, len(rows)), dtype=np.int32)
    n_obs[:] = job.days.count
    with one_thread():
        ops, days = operators(job.design, layout), slice(begin, begin + layout.dates)
        again = _all_chunks(job, ops, (room[..., days], n_obs[:, begin:end]), workers)
    room[..., :begin] = room[..., end:] = np.nan
    room = room[..., : len(rows)]
    found = Rolling(asked, rows, room[:sums], room[sums:-1], room[-1], n_obs, np.array(lost))
    return found, _joined([(firm, day + begin) for firm, day in again])


def _joined(parts: list[Pairs]) -> Pairs:
    none = np.empty(0, dtype=np.int64)
    firm, day = (np.concatenate([none, *(part[k] for part in parts)]) for k in (0, 1))
    return firm, day


def _all_chunks(
    job: Scan, ops: Operators, room: tuple[FloatArray, Counts], workers: int
) -> list[Pairs]:
    """Fill the ``room``: thread k takes the chunks k, k + workers, …; what is left to redo."""
    numbers, n_obs = room
    chunks, sums = range(0, len(n_obs), CHUNK), len(job.asked)

    def turn(mine: range) -> list[Pairs]:
        excluding = job.inputs.excluded is not None
        scanner, again = Scanner(ops, job.design, job.days.need, excluding=excluding), []
        for first in mine:
            firms = slice(first, first + CHUNK)
            own = numbers[:, firms]
            part = Part(own[:sums], own[sums:-1], own[-1], scanner.redo[: own.shape[1]])
            _scan_part(job, scanner, firms, part, n_obs[firms])
            firm, day = np.nonzero(part.redo[:, : n_obs.shape[1]])
            again.append((firm + first, day))
        return again

    turns = [chunks[k::workers] for k in range(min(workers, len(chunks)))]
    if len(turns) == 1:
        return turn(turns[0])
    with ThreadPoolExecutor(len(turns)) as threads:
        return list(chain.from_iterable(threads.map(turn, turns)))


def _scan_part(job: Scan, scanner: Scanner, firms: slice, part: Part, n_obs: Counts) -> None:
    """Scan a chunk; what has no estimate is NaN, what sums cannot tell is to be redone."""
    returns, excluded = job.inputs.returns[firms], job.inputs.excluded
    own = scanner.scan(returns, None if excluded is None else excluded[firms], part)
    part = part.columns(slice(0, n_obs.shape[1]))
    if own is not None:
        n_obs[:] = own[:, : n_obs.shape[1]]
    if (unsure := scanner.ops.unsure[: n_obs.shape[1]] | job.beyond).any():
        np.logical_or(part.redo, unsure, out=part.redo)
    gone = ~np.isfinite(returns)
    never = _without_returns(job, gone, part) if gone.any() else None
    if own is not None or never is not None or not job.usable.all():
        short = (n_obs < job.live.need) | ~job.usable
        part.silence(short if never is None else short | never)


def _without_returns(job: Scan, gone: BoolArray, part: Part) -> BoolArray:
    """Take out the sums over missing days; (n, D) windows without any day of the event window."""
    live, some = job.live, np.flatnonzero(gone.any(axis=1))
    gone = gone[some]
    for w, window in enumerate(job.asked):
        hit = live.touched(gone, window)
        if job.missing == "drop":
            for sums in (part.car[w], part.scar[w]):
                sums[some] = np.where(hit, np.nan, sums[some])
        else:
            part.redo[some] |= hit
    blank = np.zeros(part.redo.shape, dtype=bool)
    blank[some] = ~live.touched(~gone & live.known, live.windows.event)
    return blank
