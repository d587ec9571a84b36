"""The queue of a linear model: events with missing days, each on its own valid ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.engine.gathering import Sorted
from eventstudy.engine.store import STILL, Chunk, Fitted, Store
from eventstudy.models.least_squares import Operators
from eventstudy.models.linear import Design
from eventstudy.models.masked import Holes, Sums, centred, levels, solve, sums_of
from eventstudy.stacks import by_date, runs


@dataclass(frozen=True)
class Waiting:
    """Some events of the queue: their days, and sums over those that are valid."""

    #: (m,) position among the placed events, and date
    index: IntArray
    date: IntArray
    #: (m, …) returns of the event days that are measured
    actual: FloatArray
    #: (m, L1) returns less offsets, zero on days that are not valid; and those that are
    y: FloatArray
    valid: BoolArray
    sums: Sums
    #: (m,) ΣR² and Σ(R − R̄)², the offset not subtracted
    raw: FloatArray
    spread: FloatArray

    def take(self, keep: BoolArray) -> Waiting:
        """Some of them."""
        arrays = {name: value[keep] for name, value in vars(self).items() if name != "sums"}
        return replace(self, **arrays, sums=self.sums.take(keep))


def solve_masked(
    ops: Operators,
    design: Design,
    chunk: Chunk,
    events: Sorted,
    store: Store,
    need: int,
) -> None:
    """Solve the events of a chunk, each on its own valid days; its returns are overwritten."""
    some = _summed(ops, design, chunk, events.order[chunk.events], store)
    enough = some.sums.count >= need
    if not enough.all():
        store.forget(some.index[~enough])
        some = some.take(enough)
        if not enough.any():
            return
    index, date, sums, spread = some.index, some.date, some.sums, some.spread
    found = solve(ops, date, sums, some.y, some.valid)
    dates, days = slice(date[0], date[-1] + 1), some.actual.shape[1]
    root = ops.root[dates, store.measured]
    right = np.concatenate([root, ops.r_inv[dates]], axis=1).transpose(0, 2, 1)
    out = by_date(found.in_basis.T, right, date - date[0])
    abnormal = some.actual - out[:, :days]
    if design.offset is not None:
        abnormal -= ops.event_offset[date, store.measured]
        spread = centred(some.y, some.valid, sums)
    where = _together(index)
    store.put(where, abnormal)
    squares = spread if design.demean and not len(sums.c) else found.squares
    total = spread if design.intercept else sums.total
    store.stale[where] = some.spread <= STILL**2 * some.raw
    store.fitted(where, Fitted(squares, total, some.raw), design)
    store.params[where], store.collinear[where] = out[:, days:], found.collinear
    store.own_designs(index, found.low)


def _together(index: IntArray) -> IntArray | slice:
    """The same events as a slice, if they stand together: their rows are written sooner."""
    first, stop = int(index[0]), int(index[-1]) + 1
    alike = stop - first == len(index) and bool((index[1:] == index[:-1] + 1).all())
    return slice(first, stop) if alike else index


def _summed(ops: Operators, design: Design, chunk: Chunk, index: IntArray, store: Store) -> Waiting:
    """Put zeros on the days that are not valid, and add up the others."""
    returns, date = np.ascontiguousarray(chunk.returns, dtype=float), chunk.date
    actual, y = returns[:, store.event].copy(), returns[:, store.estimation]
    good, seen = _valid(ops, chunk, returns, store)
    gone, flat = np.flatnonzero(~good), returns.reshape(-1)
    flat[gone] = 0.0
    valid, holes = good[:, store.estimation], _holes(gone, good.shape[1], store.estimation)
    if design.offset is None:
        plain = sums = sums_of(ops, date, y, valid, holes)
        spread = centred(y, valid, plain)
    else:
        plain = levels(y, holes)
        spread = centred(y, valid, plain)
        for d, rows in runs(date):
            y[rows] -= ops.offset[d]
        flat[gone] = 0.0
        sums = sums_of(ops, date, y, valid, holes)
    store.count[index] = sums.count
    store.returns[index] = sums.count if seen is None else seen
    return Waiting(index, date, actual, y, valid, sums, plain.total, spread)


def _valid(
    ops: Operators, chunk: Chunk, returns: FloatArray, store: Store
) -> tuple[BoolArray, IntArray | None]:
    """(m, span) days with a return, those of the estimation window only if they may be used.

    And (m,) how many have a return, where others lack a factor.
    """
    good = np.isfinite(returns)
    if chunk.excluded is not None:
        good &= ~chunk.excluded
    if ops.usable[chunk.date[0] : chunk.date[-1] + 1].all():
        return good, None
    past = good[:, store.estimation]
    past &= store.used
    seen = past.sum(axis=1)
    past &= ops.usable[chunk.date]
    return good, seen


def _holes(gone: IntArray, span: int, estimation: slice) -> Holes:
    """Those of the days ``gone``, numbered through the (m, span) days, that are for estimation."""
    event, day = np.divmod(gone, span)
    inside = (day >= estimation.start) & (day < estimation.stop)
    return Holes(event[inside], day[inside] - estimation.start)
