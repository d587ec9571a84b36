"""The queue of a linear model: events with missing days, each on its own valid ones."""

from __future__ import annotations

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray
from eventstudy.engine.gathering import Sorted
from eventstudy.engine.store import STILL, Chunk, Store
from eventstudy.models.least_squares import GUARD, Operators, cleaned, fit_rows
from eventstudy.models.linear import Design


def solve_masked(
    ops: Operators, design: Design, chunk: Chunk, events: Sorted, store: Store, need: int
) -> None:
    """Solve the events of the queue, each on its own valid days."""
    index, date, returns = events.order[chunk.events], chunk.date, chunk.returns
    days, past = store.event, returns[:, store.estimation]
    valid = np.isfinite(past) & store.used
    if chunk.excluded is not None:
        valid &= ~chunk.excluded[:, store.estimation]
    store.returns[index] = valid.sum(axis=1)
    y, valid = cleaned(ops, date, past, valid)
    store.count[index] = valid.sum(axis=1)
    enough = store.count[index] >= need
    if not enough.all():
        store.forget(index[~enough])
        index, date, returns, past = index[enough], date[enough], returns[enough], past[enough]
        y, valid = y[enough], valid[enough]
    found = fit_rows(ops, date, y, valid, demean=design.demean)
    centred = _centred(y, valid, found.total, found.count)
    raw, spread = found.total, centred
    if design.offset is not None:
        y = np.where(valid, past, 0.0)
        raw = np.einsum("ml,ml->m", y, y)
        spread = _centred(y, valid, raw, found.count)
    store.stale[index] = spread <= STILL**2 * raw
    total = centred if design.intercept else found.total
    store.sums[index] = np.stack([found.squares, total, raw], axis=1)
    store.params[index], store.collinear[index] = found.params, found.collinear
    expected = np.einsum("mlp,mp->ml", ops.rows[date], found.params) + ops.event_offset[date]
    store.abnormal[index] = returns[:, days] - expected
    store.own_designs(index, found.root)


def _centred(y: FloatArray, valid: BoolArray, total: FloatArray, count: FloatArray) -> FloatArray:
    """(m,) Σ(y − ȳ)² over the valid days, from the differences where digits would be lost."""
    mean = y.sum(axis=1) / np.maximum(count, 1.0)
    squares = total - mean**2 * count
    few = np.flatnonzero(squares <= GUARD * total)
    if few.size:
        gap = np.where(valid[few], y[few] - mean[few, None], 0.0)
        squares[few] = np.einsum("ml,ml->m", gap, gap)
    return np.asarray(squares)
