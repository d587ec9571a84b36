"""Linear models: one thin QR a date, one matrix product for all its firms.

``R = offset + Xθ + e`` with X = QR over the estimation rows: c = Q'(R − offset), AR on an event
row x is R − offset − (x R⁻¹)c, Σe² = Σ(R − offset)² − c'c. Events with a missing estimation
day, an excluded one, or too few digits left in Σe² go to a queue that fits each on its own days.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, Inputs, IntArray, Placement, Windows
from eventstudy.engine.gathering import Calendar, Sorted, gather, sort_events
from eventstudy.engine.paths import LinearPaths
from eventstudy.engine.reasons import Evidence, judge
from eventstudy.models.least_squares import GUARD, Operators, fit_rows, runs
from eventstudy.models.linear import Design, Linear, sigma_of

#: events a chunk: its (events × days) copy stays near the second-level cache
TILE = 1536
#: dates whose operators are held at once
DATES = 256
#: share of all securities above which a date is computed for every row, without a copy
CROWD = 0.5
#: a standard deviation this small against the root mean square is no movement (M.8)
STILL = 1e-10


class Store:
    """Results of all events, in the order of the placement."""

    def __init__(self, n: int, days: int, p: int, dates: int) -> None:
        self.abnormal = np.full((n, days), np.nan)
        self.params = np.full((n, p), np.nan)
        #: Σe², Σ(R − offset)² about the mean, ΣR² over the valid estimation days
        self.squares = np.full(n, np.nan)
        self.total = np.full(n, np.nan)
        self.raw = np.full(n, np.nan)
        #: valid estimation days, and those with a return whatever the factors
        self.count = np.zeros(n)
        self.returns = np.zeros(n)
        self.stale = np.zeros(n, dtype=bool)
        self.collinear = np.zeros(n, dtype=bool)
        self.design = np.zeros(n, dtype=np.int64)
        self.roots = [np.full((dates, days, p), np.nan)]
        self._used = dates

    def own_designs(self, index: IntArray, root: FloatArray) -> None:
        """Give the events ``index`` designs of their own."""
        self.design[index] = np.arange(self._used, self._used + len(index))
        self.roots.append(root)
        self._used += len(index)


@dataclass(frozen=True)
class Chunk:
    """Events that are solved together."""

    #: (m, span) returns, and the date of each row counted from the first of the operators
    returns: FloatArray
    date: IntArray
    #: the rows to keep, their positions among the sorted events, and days to leave out
    pick: IntArray | slice
    events: IntArray
    excluded: BoolArray | None


class Kernel:
    """The operators of some dates, laid out for one matrix product in and one out."""

    def __init__(self, ops: Operators, design: Design) -> None:
        self.ops = ops
        length = ops.q.shape[1]
        parts = [ops.q, np.ones((len(ops.q), length, 1))]
        if design.offset is not None:
            parts.append(ops.offset[:, :, None])
        self.left = np.concatenate(parts, axis=2)
        self.right = np.concatenate([ops.root, ops.r_inv], axis=1).transpose(0, 2, 1).copy()
        self.shift = np.einsum("dlp,dl->dp", ops.q, ops.offset)
        self.tilt = ops.offset.sum(axis=1)
        self.weight = np.einsum("dl,dl->d", ops.offset, ops.offset)
        self.complete = ops.usable.all(axis=1) & ~ops.collinear


def fit_dates(
    model: Linear, inputs: Inputs, placement: Placement, windows: Windows, need: int
) -> tuple[Abnormal, IntArray]:
    """Fit all events of a linear model; see `eventstudy.engine.run`."""
    design = model.design(inputs.factors, inputs.names, inputs.risk_free)
    events = sort_events(placement, len(inputs.returns), windows)
    starts = events.rows + windows.estimation.first
    calendar = Calendar(design, windows, int(starts.min(initial=0)))
    p = len(design.parameters)
    store = Store(len(placement.row), len(windows.event), p, len(starts))
    for first in range(0, len(starts), DATES):
        kernel = Kernel(calendar.operators(starts[first : first + DATES]), design)
        store.roots[0][first : first + DATES] = kernel.ops.root
        with np.errstate(invalid="ignore"):  # missing days are meant to spread, then to be found
            queue = [
                _solve(kernel, design, chunk, events, store)
                for chunk in _chunks(inputs, events, kernel, windows, first)
            ]
        waiting = np.concatenate([*queue, np.empty(0, dtype=np.int64)])
        for a in range(0, len(waiting), TILE):
            chunk = _copied(inputs, events, np.sort(waiting[a : a + TILE]), windows, first)
            _solve_masked(kernel.ops, design, chunk, events, store, need)
    return _finish(design, inputs, placement, windows, need, store)


def _chunks(
    inputs: Inputs, events: Sorted, kernel: Kernel, windows: Windows, first: int
) -> Iterator[Chunk]:
    """Cut the events of some dates into chunks; crowded dates are views of the panel."""
    securities, dates = len(inputs.returns), len(kernel.left)
    bounds = events.bounds[first : first + dates + 1]
    size = np.diff(bounds)
    crowded = (size >= max(64, CROWD * securities)) & (events.start[bounds[:-1]] >= 0)
    alone = np.arange(bounds[0], bounds[-1])[~np.repeat(crowded, size)]
    for a in range(0, len(alone), TILE):
        yield _copied(inputs, events, alone[a : a + TILE], windows, first)
    for d in np.flatnonzero(crowded):
        a, b = int(bounds[d]), int(bounds[d + 1])
        days = slice(int(events.start[a]), int(events.start[a]) + windows.span)
        cuts = np.searchsorted(events.firm[a:b], np.arange(0, securities + TILE, TILE)) + a
        for k, (i, j) in enumerate(zip(cuts[:-1], cuts[1:], strict=True)):
            rows = slice(k * TILE, (k + 1) * TILE)
            index = np.arange(i, j)
            out = None if inputs.excluded is None else inputs.excluded[rows, days]
            view = inputs.returns[rows, days]
            yield Chunk(view, np.full(len(view), d), events.firm[index] - rows.start, index, out)


def _copied(
    inputs: Inputs, events: Sorted, index: IntArray, windows: Windows, first: int
) -> Chunk:
    """The sorted events ``index``, with their days copied out of the panel."""
    firm, start, span = events.firm[index], events.start[index], windows.span
    out = None
    if inputs.excluded is not None:
        out = gather(inputs.excluded, firm, start, span, np.bool_(False))
    returns = gather(inputs.returns, firm, start, span, np.float64("nan"))
    return Chunk(returns, events.date[index] - first, slice(None), index, out)


def _solve(
    kernel: Kernel, design: Design, chunk: Chunk, events: Sorted, store: Store
) -> IntArray:
    """Solve a chunk as if it were complete; return the sorted events that were not."""
    ops, date, y = kernel.ops, chunk.date, chunk.returns
    (length, p), days = ops.q.shape[1:], ops.root.shape[1]
    inside = y[:, :length]
    c = np.empty((len(y), kernel.left.shape[2]))
    for d, rows in runs(date):
        np.matmul(inside[rows], kernel.left[d], out=c[rows])
    raw = np.einsum("ml,ml->m", inside, inside)
    coefficients, level, total = c[:, :p], c[:, p], raw
    if design.offset is not None:
        total = raw - 2.0 * c[:, p + 1] + kernel.weight[date]
        level = level - kernel.tilt[date]
        coefficients = coefficients - kernel.shift[date]
    centred = total - level**2 / length
    squares = centred if design.demean and not p else total
    if p:
        squares = total - np.einsum("mp,mp->m", coefficients, coefficients)
    out = np.empty((len(y), days + p))
    for d, rows in runs(date):
        np.matmul(coefficients[rows], kernel.right[d], out=out[rows])
    abnormal = y[:, y.shape[1] - days :] - out[:, :days]
    if design.offset is not None:
        abnormal -= ops.event_offset[date]
    # NaN fails every comparison, so a missing day sends its event to the queue
    fine = kernel.complete[date] & (squares > GUARD * total) & (total > GUARD * raw)
    fine &= raw - c[:, p] ** 2 / length > GUARD * raw
    if chunk.excluded is not None:
        fine &= ~chunk.excluded[:, :length].any(axis=1)
    kept, pick = fine[chunk.pick], np.arange(len(y))[chunk.pick]
    pick, index = pick[kept], events.order[chunk.events[kept]]
    store.abnormal[index] = abnormal[pick]
    store.params[index] = out[pick, days:]
    store.squares[index], store.raw[index] = squares[pick], raw[pick]
    store.total[index] = (centred if design.intercept else total)[pick]
    store.count[index] = store.returns[index] = length
    store.design[index] = events.date[chunk.events[kept]]
    return chunk.events[~kept]


def _solve_masked(
    ops: Operators, design: Design, chunk: Chunk, events: Sorted, store: Store, need: int
) -> None:
    """Solve the events of the queue, each on its own valid days."""
    (length, _), days = ops.q.shape[1:], ops.root.shape[1]
    inside = chunk.returns[:, :length]
    valid = np.isfinite(inside)
    if chunk.excluded is not None:
        valid &= ~chunk.excluded[:, :length]
    index = events.order[chunk.events]
    store.returns[index] = valid.sum(axis=1)
    valid &= ops.usable[chunk.date]
    store.count[index] = valid.sum(axis=1)
    enough = store.count[index] >= need
    index, date, valid, inside = index[enough], chunk.date[enough], valid[enough], inside[enough]
    found = fit_rows(ops, date, inside, valid, demean=design.demean)
    y = np.where(valid, inside, 0.0)
    store.raw[index] = np.einsum("ml,ml->m", y, y)
    store.stale[index] = _flat(y, valid)
    total = np.where(valid, inside - ops.offset[date], 0.0)
    level = total.sum(axis=1) / np.maximum(found.count, 1.0) if design.intercept else 0.0 * found.count
    store.total[index] = (np.where(valid, total - level[:, None], 0.0) ** 2).sum(axis=1)
    store.params[index], store.squares[index] = found.params, found.squares
    store.collinear[index] = found.collinear
    window = chunk.returns[enough, chunk.returns.shape[1] - days :]
    expected = np.einsum("mlp,mp->ml", ops.rows[date], found.params) + ops.event_offset[date]
    store.abnormal[index] = window - expected
    store.own_designs(index, found.root)


def _flat(y: FloatArray, valid: BoolArray) -> BoolArray:
    """(m,) whether the raw returns do not move: a stale price, whatever the model (M.8)."""
    count = np.maximum(valid.sum(axis=1), 1)
    mean = y.sum(axis=1) / count
    spread = (np.where(valid, y - mean[:, None], 0.0) ** 2).sum(axis=1)
    return np.asarray(spread <= STILL**2 * np.einsum("ml,ml->m", y, y))


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
    sigma, dof = sigma_of(store.squares, store.count, p, demean=design.demean)
    with np.errstate(invalid="ignore", divide="ignore"):
        r2 = 1.0 - store.squares / store.total if p else np.full(len(sigma), np.nan)
        still = store.stale | (sigma**2 <= STILL**2 * store.raw / store.count)
    evidence = Evidence(
        inputs, placement, windows, store.abnormal, store.count, store.returns, store.collinear, still
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
        root=np.concatenate(store.roots),
        design=store.design,
        paths=paths,
        path=np.arange(len(placement.row)),
        kind=inputs.kind,
    )
    return abnormal, judge(evidence, need)
