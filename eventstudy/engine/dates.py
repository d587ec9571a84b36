"""Linear models: one thin QR a date, one matrix product for all its firms.

``R = offset + Xθ + e`` with X = QR over the estimation rows: c = Q'(R − offset), AR on an event
row x is R − offset − (x R⁻¹)c, Σe² = Σ(R − offset)² − c'c. Events with a missing estimation
day, an excluded one, or too few digits left in Σe² go to a queue that fits each on its own days.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, Inputs, IntArray, Placement, Windows
from eventstudy.engine.gathering import Calendar, Sorted, gather, sort_events
from eventstudy.engine.paths import LinearPaths
from eventstudy.engine.queue import solve_masked
from eventstudy.engine.reasons import Evidence, judge
from eventstudy.engine.store import STILL, Chunk, Store
from eventstudy.models.least_squares import GUARD, Operators, runs
from eventstudy.models.linear import Design, Linear, sigma_of

#: events a chunk: its (events × days) copy stays near the second-level cache
TILE = 1536
#: dates whose operators are held at once
DATES = 256
#: share of all securities above which a date is computed for every row, without a copy
CROWD = 0.5


class Kernel:
    """The operators of some dates, laid out for one matrix product in and one out."""

    def __init__(self, ops: Operators, design: Design) -> None:
        self.ops, self.intercept = ops, design.intercept
        #: (D, L1, …) Q, the offset if there is one, and ones unless the intercept stands for them
        self.left = ops.q
        if design.offset is not None:
            self.left = np.concatenate([self.left, ops.offset[:, :, None]], axis=2)
        if not design.intercept:
            ones = np.ones((*ops.q.shape[:2], 1))
            self.left = np.concatenate([self.left, ones], axis=2)
        self.right = np.concatenate([ops.root, ops.r_inv], axis=1).transpose(0, 2, 1).copy()
        if design.offset is not None:
            self.shift = np.einsum("dlp,dl->dp", ops.q, ops.offset)
            self.tilt = ops.offset.sum(axis=1)
            self.weight = np.einsum("dl,dl->d", ops.offset, ops.offset)
        self.complete = ops.usable.all(axis=1) & ~ops.collinear

    def sums(self, c: FloatArray, date: IntArray) -> FloatArray:
        """(m,) ΣR of each row of a product with ``left``: the first column of X is ones."""
        if self.intercept:
            return np.asarray(c[:, 0] * self.ops.r[date, 0, 0])
        return c[:, -1]


def fit_dates(
    model: Linear, inputs: Inputs, placement: Placement, windows: Windows, need: int
) -> tuple[Abnormal, IntArray]:
    """Fit all events of a linear model; see `eventstudy.engine.run`."""
    design = model.linear_design(inputs.factors, inputs.names, inputs.risk_free)
    events = sort_events(placement, len(inputs.returns), windows)
    starts = events.rows + windows.first
    calendar = Calendar(design, windows, starts)
    p = len(design.parameters)
    store = Store(events, windows, p)
    for first in range(0, len(starts), DATES):
        kernel = Kernel(calendar.operators(starts[first : first + DATES]), design)
        store.shared[first : first + DATES] = kernel.ops.root
        with np.errstate(invalid="ignore"):  # missing days are meant to spread, then to be found
            queue = [
                _solve(kernel, design, chunk, events, store)
                for chunk in _chunks(inputs, events, kernel, windows, first)
            ]
        waiting = np.concatenate([*queue, np.empty(0, dtype=np.int64)])
        for a in range(0, len(waiting), TILE):
            chunk = _copied(inputs, events, np.sort(waiting[a : a + TILE]), windows, first)
            solve_masked(kernel.ops, design, chunk, events, store, need)
    return _finish(design, inputs, placement, windows, need, store)


def _chunks(
    inputs: Inputs, events: Sorted, kernel: Kernel, windows: Windows, first: int
) -> Iterator[Chunk]:
    """Cut the events of some dates into chunks; crowded dates are views of the panel."""
    securities, dates = len(inputs.returns), len(kernel.left)
    bounds = events.bounds[first : first + dates + 1]
    size = np.diff(bounds)
    start = events.start[bounds[:-1]]
    inside = (start >= 0) & (start + windows.span <= inputs.returns.shape[1])
    crowded = (size >= max(64, CROWD * securities)) & inside
    alone = np.arange(bounds[0], bounds[-1])[~np.repeat(crowded, size)]
    for a in range(0, len(alone), TILE):
        yield _copied(inputs, events, alone[a : a + TILE], windows, first)
    for d in np.flatnonzero(crowded):
        a, b = int(bounds[d]), int(bounds[d + 1])
        days = slice(int(events.start[a]), int(events.start[a]) + windows.span)
        cuts = np.searchsorted(events.firm[a:b], np.arange(0, securities + TILE, TILE)) + a
        for k, (i, j) in enumerate(pairwise(cuts)):
            rows = slice(k * TILE, (k + 1) * TILE)
            index = np.arange(i, j)
            out = None if inputs.excluded is None else inputs.excluded[rows, days]
            view = inputs.returns[rows, days]
            yield Chunk(view, np.full(len(view), d), events.firm[index] - rows.start, index, out)


def _copied(inputs: Inputs, events: Sorted, index: IntArray, windows: Windows, first: int) -> Chunk:
    """The sorted events ``index``, with their days copied out of the panel."""
    firm, start, span = events.firm[index], events.start[index], windows.span
    out = None
    if inputs.excluded is not None:
        out = gather(inputs.excluded, firm, start, span, np.bool_(False))
    returns = gather(inputs.returns, firm, start, span, np.float64("nan"))
    return Chunk(returns, events.date[index] - first, slice(None), index, out)


def _solve(kernel: Kernel, design: Design, chunk: Chunk, events: Sorted, store: Store) -> IntArray:
    """Solve a chunk as if it were complete; return the sorted events that were not."""
    ops, date, y = kernel.ops, chunk.date, chunk.returns
    (length, p), days = ops.q.shape[1:], ops.root.shape[1]
    inside, stretches = y[:, store.estimation], runs(date)
    c = np.empty((len(y), kernel.left.shape[2]))
    for d, rows in stretches:
        np.matmul(inside[rows], kernel.left[d], out=c[rows])
    raw = np.einsum("ml,ml->m", inside, inside)
    coefficients, total, level = c[:, :p], raw, kernel.sums(c, date)
    moving = raw - level**2 / length > GUARD * raw
    if design.offset is not None:
        total = raw - 2.0 * c[:, p] + kernel.weight[date]
        level = level - kernel.tilt[date]
        coefficients = coefficients - kernel.shift[date]
    centred = total - level**2 / length
    squares = centred if design.demean and not p else total
    if p:
        squares = total - np.einsum("mp,mp->m", coefficients, coefficients)
    # NaN fails every comparison, so a missing day sends its event to the queue
    fine = kernel.complete[date] & moving & (squares > GUARD * total) & (total > GUARD * raw)
    if chunk.excluded is not None:
        fine &= ~chunk.excluded[:, store.estimation].any(axis=1)
    out = np.empty((len(y), days + p))
    for d, rows in stretches:
        np.matmul(coefficients[rows], kernel.right[d], out=out[rows])
    abnormal = y[:, store.event] - out[:, :days]
    if design.offset is not None:
        abnormal -= ops.event_offset[date]
    sums = np.stack([squares, centred if design.intercept else total, raw], axis=1)
    pick, index = chunk.pick, events.order[chunk.events]
    store.abnormal[index] = abnormal[pick]
    store.params[index] = out[pick, days:]
    store.sums[index] = sums[pick]
    left: IntArray = chunk.events[~fine[pick]]
    return left


def _finish(
    design: Design,
    inputs: Inputs,
    placement: Placement,
    windows: Windows,
    need: int,
    store: Store,
) -> tuple[Abnormal, IntArray]:
    """σ, R² and the verdict on every event."""
    p = len(design.parameters)
    squares, total, raw = store.sums.T
    sigma, dof = sigma_of(squares, store.count, p, demean=design.demean)
    with np.errstate(invalid="ignore", divide="ignore"):
        r2 = 1.0 - squares / total if p else np.full(len(sigma), np.nan)
        still = store.stale | (sigma**2 <= STILL**2 * raw / store.count)
    evidence = Evidence(
        inputs,
        placement,
        windows,
        store.abnormal,
        store.count,
        store.returns,
        store.collinear,
        still,
    )
    paths = LinearPaths.of(design, inputs, placement, windows, store.params)
    abnormal = Abnormal(
        estimation=windows.estimation,
        window=windows.event,
        abnormal=store.abnormal,
        sigma=sigma,
        dof=dof,
        n_obs=store.count,
        params=store.params,
        names=design.parameters,
        r2=r2,
        row=placement.row,
        firm=placement.firm,
        root=store.root,
        design=store.design,
        paths=paths,
        path=np.arange(len(placement.row)),
        kind=inputs.kind,
    )
    return abnormal, judge(evidence, need)
