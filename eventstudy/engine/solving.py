"""Events of some dates, solved as if they were complete: a few stacked products for all of them.

Dates with equally many events stand side by side, so that their products are one call: first
what the returns have to be read for, chunk by chunk while they are in the cache, then the rest
from what is left of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray, Windows
from eventstudy.engine.gathering import Calendar, Cutter, Sorted, as_double
from eventstudy.engine.queue import solve_masked
from eventstudy.engine.store import Chunk, Fitted, Store
from eventstudy.models.least_squares import GUARD
from eventstudy.models.linear import Design
from eventstudy.stacks import runs

#: events a chunk: its (events × days) copy stays in the second-level cache
TILE = 256
#: events that are held beside their returns
PART = 4096
#: events that leave the queue together
BATCH = 3072
#: events of many that are looked at first: if fewer than one of so many is complete, all wait
LOOKED, MANY, SOME = 64, 1024, 4
#: share of all securities above which a date is computed for every row, without a copy
CROWD = 0.5


@dataclass(frozen=True)
class Job:
    """What is read to solve any of the events."""

    design: Design
    windows: Windows
    events: Sorted
    calendar: Calendar
    #: cut out all days of an event: returns, and days to leave out
    returns: Cutter[np.float64]
    excluded: Cutter[np.bool_] | None
    #: valid estimation days that an event needs
    need: int
    #: whether results are stored in the order of the sorted events
    in_order: bool

    def chunk(self, index: IntArray, first: int) -> Chunk:
        """The sorted events ``index``, with their days copied out of the panel."""
        firm, date = self.events.firm[index], self.events.date[index]
        start = self.events.starts[date]
        out = None if self.excluded is None else self.excluded.cut(firm, start)
        return Chunk(as_double(self.returns.cut(firm, start)), date - first, index, out)


class Kernel:
    """The operators of some dates, laid out for one matrix product in and one out."""

    def __init__(self, job: Job, dates: slice, measured: slice) -> None:
        ops, design = job.calendar.operators(job.events.starts[dates]), job.design
        self.ops = ops
        #: the first of its dates
        self.first = dates.start
        #: (D, L1, …) Q, the offset if there is one, and ones unless the intercept stands for them
        right = [ops.q]
        if design.offset is not None:
            right.append(ops.offset[:, :, None])
        if not design.intercept:
            right.append(np.ones((*ops.q.shape[:2], 1)))
        self.right = right[0] if len(right) == 1 else np.concatenate(right, axis=2)
        #: (D, p, measured days) and (D, p, p): coefficients times these are x R⁻¹c and θ
        self.root = np.ascontiguousarray(ops.root[:, measured].transpose(0, 2, 1))
        self.event_offset = ops.event_offset[:, measured]
        self.r_inv = np.ascontiguousarray(ops.r_inv.transpose(0, 2, 1))
        if design.offset is not None:
            self.shift = np.einsum("dlp,dl->dp", ops.q, ops.offset)
            self.tilt = ops.offset.sum(axis=1)
            self.weight = np.einsum("dl,dl->d", ops.offset, ops.offset)
        #: ΣR is this times the first of the products: the first column of X is ones
        self.ones = ops.r[:, 0, 0].copy() if design.intercept else None
        self.complete = ops.usable.all(axis=1) & ~ops.collinear
        self.all_complete = bool(self.complete.all())

    def sums(self, c: FloatArray, date: IntArray) -> FloatArray:
        """(m,) ΣR of each row of a product with ``right``."""
        return c[:, -1] if self.ones is None else c[:, 0] * self.ones[date]


class Seen:
    """What is left of the returns of m sorted events once they were read."""

    def __init__(self, kernel: Kernel, store: Store, event: FloatArray) -> None:
        self._estimation, self._event = store.estimation, store.event
        #: (m, …) products with ``Kernel.right``, and (m,) ΣR² of the estimation window
        self.c = np.empty((len(event), kernel.right.shape[2]))
        self.raw = np.empty(len(event))
        #: (m, …) returns of the event days that are measured
        self.event = event
        #: (m,) events with an excluded estimation day
        self.barred = np.zeros(len(event), dtype=bool)

    def read(
        self, rows: slice, returns: FloatArray, right: FloatArray, excluded: BoolArray | None
    ) -> None:
        """Read the (m, span) returns of ``rows``: equally many events of each of some dates."""
        by_date = returns.reshape(len(right), -1, returns.shape[1])[:, :, self._estimation]
        into = self.c[rows].reshape(len(right), -1, self.c.shape[1])
        np.matmul(by_date, right, out=into)
        inside = returns[:, self._estimation]
        np.vecdot(inside, inside, out=self.raw[rows])
        self.event[rows] = returns[:, self._event]
        if excluded is not None:
            self.barred[rows] = excluded[:, self._estimation].any(axis=1)

    def pick(self, rows: slice, other: Seen, which: IntArray) -> None:
        """Take some rows of what was read elsewhere."""
        for name in ("c", "raw", "event", "barred"):
            getattr(self, name)[rows] = getattr(other, name)[which]


class Reader:
    """Reads the returns of all events of some dates."""

    def __init__(self, job: Job, kernel: Kernel, store: Store, dates: slice) -> None:
        self._job, self._kernel, self._store = job, kernel, store
        #: where the events of each date begin among those that are read
        self._bounds = job.events.bounds[dates.start : dates.stop + 1].tolist()
        self._sizes, self._starts = job.events.sizes[dates], job.events.starts[dates]
        #: the first column of each event, and dates that lie inside the data
        self._columns = np.repeat(self._starts, self._sizes)
        self._inside = job.returns.holds(self._starts)
        self._all_inside = bool(self._inside.all())
        room = store.room(slice(self._bounds[0], self._bounds[-1]))
        self._seen = Seen(kernel, store, room)

    def read(self) -> Seen:
        """Read dates with equally many events together, and crowded dates firm by firm."""
        securities = len(self._job.returns.panel)
        crowded = self._inside & (self._sizes >= max(64, CROWD * securities))
        for size, same in runs(np.where(crowded, 0, self._sizes)):
            step = max(1, TILE // max(size, 1))
            for d in range(same.start, same.stop, step) if size else ():
                self._copied(d, min(d + step, same.stop))
        crowds = [self._crowd(int(d)) for d in np.flatnonzero(crowded)]
        for tile in range(0, securities if crowds else 0, TILE):
            for crowd in crowds:  # many dates look at the same days of these firms
                self._viewed(crowd, slice(tile, min(tile + TILE, securities)))
        return self._seen

    def _copied(self, d: int, e: int) -> None:
        """Read the dates d to e − 1, all of one size, from a copy of their rows."""
        job, right, first = self._job, self._kernel.right[d:e], self._bounds[0]
        a, b = self._bounds[d] - first, self._bounds[e] - first
        for i in range(a, b, TILE):  # more than one round for a single large date only
            rows = slice(i, min(i + TILE, b))
            firm, start = job.events.firm[first + i : first + rows.stop], self._columns[rows]
            cut = job.returns.whole if self._all_inside else job.returns.cut
            out = None if job.excluded is None else job.excluded.cut(firm, start)
            self._seen.read(rows, as_double(cut(firm, start)), right, out)

    def _crowd(self, d: int) -> Crowd:
        a, b, start = self._bounds[d], self._bounds[d + 1], int(self._starts[d])
        firm, securities = self._job.events.firm[a:b], len(self._job.returns.panel)
        everyone = b - a == securities and bool((firm[1:] > firm[:-1]).all())
        days = slice(start, start + self._job.windows.span)
        return Crowd(d, a - self._bounds[0], days, None if everyone else firm)

    def _viewed(self, crowd: Crowd, tile: slice) -> None:
        """Read the securities ``tile`` on a crowded date, and pick those with an event."""
        job, right = self._job, self._kernel.right[crowd.date : crowd.date + 1]
        view = as_double(job.returns.panel[tile, crowd.days])
        out = None if job.excluded is None else job.excluded.panel[tile, crowd.days]
        if crowd.firm is None:
            self._seen.read(
                slice(crowd.first + tile.start, crowd.first + tile.stop), view, right, out
            )
            return
        i, j = np.searchsorted(crowd.firm, [tile.start, tile.stop]).tolist()
        whole = Seen(self._kernel, self._store, np.empty((len(view), self._seen.event.shape[1])))
        whole.read(slice(None), view, right, out)
        rows = slice(crowd.first + i, crowd.first + j)
        self._seen.pick(rows, whole, crowd.firm[i:j] - tile.start)


@dataclass(frozen=True)
class Crowd:
    """A date on which most securities have an event."""

    #: the date among those that are read, and where its events begin
    date: int
    first: int
    #: columns of the panel, and the securities of its events; None: all of them, once
    days: slice
    firm: IntArray | None


def solve(job: Job, store: Store, dates: slice) -> Store:
    """Solve all events of some dates; returns the part of the store with their own designs."""
    store, kernel = store.part(), Kernel(job, dates, store.measured)
    store.shared[dates] = kernel.ops.root
    among = job.events.between(dates)
    if _mostly_waiting(job, kernel, store, among):
        waiting = np.arange(among.start, among.stop)
    else:
        with np.errstate(invalid="ignore"):  # missing days are meant to spread, then to be found
            seen = Reader(job, kernel, store, dates).read()
            parts = job.events.cut(dates, PART)
            waiting = np.concatenate([_solved(job, kernel, store, seen, some) for some in parts])
    for a in range(0, len(waiting), BATCH):
        chunk = job.chunk(waiting[a : a + BATCH], dates.start)
        solve_masked(kernel.ops, job.design, chunk, job.events, store, job.need)
    return store


def _mostly_waiting(job: Job, kernel: Kernel, store: Store, among: slice) -> bool:
    """Whether a look at some events tells that solving all as if complete is not worth it."""
    if not kernel.complete.any():
        return True
    if among.stop - among.start < MANY:
        return False
    some = np.linspace(among.start, among.stop - 1, LOOKED).astype(np.int64)
    chunk = job.chunk(some, kernel.first)
    whole = np.isfinite(chunk.returns[:, store.estimation]).all(axis=1)
    if chunk.excluded is not None:
        whole &= ~chunk.excluded[:, store.estimation].any(axis=1)
    return bool(whole.mean() < 1.0 / SOME)


def _solved(job: Job, kernel: Kernel, store: Store, seen: Seen, dates: slice) -> IntArray:
    """Solve events as if they were complete; return the sorted ones that were not."""
    events, design = job.events, job.design
    first, among = events.bounds[kernel.first], events.between(dates)
    rows = slice(among.start - first, among.stop - first)
    raw, c, abnormal = seen.raw[rows], seen.c[rows], seen.event[rows]
    date = events.date[among] - kernel.first
    index = among if job.in_order else events.order[among]
    length, p = kernel.ops.q.shape[1:]
    coefficients, level = c[:, :p], kernel.sums(c, date)
    total, centred = raw, raw - level**2 / length
    # NaN fails every comparison, so a missing day sends its event to the queue
    fine = centred > GUARD * raw
    if design.offset is not None:
        total = raw - 2.0 * c[:, p] + kernel.weight[date]
        centred = total - (level - kernel.tilt[date]) ** 2 / length
        coefficients = coefficients - kernel.shift[date]
        fine &= total > GUARD * raw
    squares = centred if design.demean and not p else total
    if p:
        squares = total - np.einsum("mp,mp->m", coefficients, coefficients)
    fine &= squares > GUARD * total
    if job.excluded is not None:
        fine &= ~seen.barred[rows]
    if not kernel.all_complete:
        fine &= kernel.complete[date]
    about = centred if design.intercept else total
    store.fitted(index, Fitted(squares, about, raw), design)
    same = runs(events.sizes[dates])
    here = slice(dates.start - kernel.first, dates.stop - kernel.first)
    store.params[index] = _stacked(coefficients, kernel.r_inv[here], same)
    abnormal -= _stacked(coefficients, kernel.root[here], same)
    if design.offset is not None:
        abnormal -= kernel.event_offset[date]
    store.put(index, abnormal)
    return np.asarray(among.start + (~fine).nonzero()[0])


def _stacked(x: FloatArray, operators: FloatArray, same: list[tuple[int, slice]]) -> FloatArray:
    """(m, r) rows of x (m, p) times the (p, r) operator of their date.

    ``same`` are stretches of dates with equally many rows: their number and the dates.
    """
    found = np.empty((len(x), operators.shape[2]))
    a = 0
    for size, dates in same:
        n = dates.stop - dates.start
        b = a + size * n
        into = found[a:b].reshape(n, size, found.shape[1])
        np.matmul(x[a:b].reshape(n, size, x.shape[1]), operators[dates], out=into)
        a = b
    return found
