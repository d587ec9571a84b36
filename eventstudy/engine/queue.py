"""The queue of a linear model: events with missing days, each on its own valid ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.engine.gathering import Sorted
from eventstudy.engine.store import STILL, Chunk, Store
from eventstudy.models.least_squares import (
    Operators,
    Sums,
    answers,
    centred,
    levels,
    runs,
    solve,
    sums_of,
)
from eventstudy.models.linear import Design


@dataclass(frozen=True)
class Waiting:
    """Some events of the queue: their days, and sums over those that are valid."""

    #: (m,) position among the placed events, and date
    index: IntArray
    date: IntArray
    #: (m, L2) returns of the event window
    actual: FloatArray
    #: (m, L1) returns less offsets, zero on days that are not valid; one and zero for each day
    y: FloatArray
    weights: FloatArray
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
    index, date, sums = some.index, some.date, some.sums
    found = solve(ops, date, sums, some.y, some.weights)
    params, fitted = answers(ops, date, found.in_basis)
    fitted += ops.event_offset[date]
    store.put(index, some.actual - fitted)
    spread = some.spread
    if design.offset is not None:
        spread = centred(some.y, some.weights, sums)
    squares = spread if design.demean and not len(sums.c) else found.squares
    total = spread if design.intercept else sums.total
    store.sums[index] = np.stack([squares, total, some.raw], axis=1)
    store.stale[index] = some.spread <= STILL**2 * some.raw
    store.params[index], store.collinear[index] = params, found.collinear
    store.own_designs(index, found.low)


def _summed(ops: Operators, design: Design, chunk: Chunk, index: IntArray, store: Store) -> Waiting:
    """Put zeros on the days that are not valid, and add up the others."""
    returns, date = np.ascontiguousarray(chunk.returns, dtype=float), chunk.date
    actual, y = returns[:, store.event].copy(), returns[:, store.estimation]
    good, seen = _valid(ops, chunk, returns, store)
    gone, flat = np.flatnonzero(~good), returns.reshape(-1)
    flat[gone] = 0.0
    weights = good[:, store.estimation].astype(float)
    if design.offset is None:
        plain = sums = sums_of(ops, date, y, weights)
        spread = centred(y, weights, plain)
    else:
        plain = levels(y, weights)
        spread = centred(y, weights, plain)
        for d, rows in runs(date):
            y[rows] -= ops.offset[d]
        flat[gone] = 0.0
        sums = sums_of(ops, date, y, weights)
    store.count[index] = sums.count
    store.returns[index] = sums.count if seen is None else seen
    return Waiting(index, date, actual, y, weights, sums, plain.total, spread)


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
