"""What neighbouring dates share: the operators of all windows, block by block.

The estimation windows of the neighbouring dates of a block (`rolling.layout`) share nearly all of
their days. With an orthonormal basis u of the regressors over all days of a block, the projection
of a security on the design of one date is

    c = L⁻¹ (Σ_first u y + Σ_shared u y + Σ_last u y),   LL' = Σ_window u u',

where "first" and "last" are the few days that not all windows of the block hold. So a date asks
for one product with its first and last days and with p sums that the whole block shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from eventstudy.arrays import BoolArray, FloatArray
from eventstudy.models.least_squares import is_collinear
from eventstudy.models.linear import Design
from eventstudy.rolling.layout import Layout
from eventstudy.rolling.value import Counts
from eventstudy.triangular import cholesky, forward


@dataclass(frozen=True)
class Operators:
    """All dates of a scan, ready for one product a block."""

    layout: Layout
    #: parameters that are projected out of the estimation window, and those with a forecast error
    projected: int
    #: (G, days, p) the basis on all days of a block, zero where a factor is missing
    basis: FloatArray
    #: (p, p, G, step) L of the Gram matrix of each date
    low: FloatArray
    #: (p, W, G, step) Σ u over the W windows, where parameters are estimated
    event: FloatArray
    #: (G, p + W, K, step) products of the first days, the p sums and the last days; the columns
    #: are c and, where parameters are estimated, the expected CAR of the W windows
    left: FloatArray
    #: (W, dates) Q = |W| + ‖Σ root‖², NaN where a factor is missing in the window
    q: FloatArray
    #: (dates,) usable estimation days
    count: Counts
    #: (width,) days on which every factor and the offset is known
    known: BoolArray
    #: (dates,) dates that the engine has to judge
    unsure: BoolArray

    @property
    def inner(self) -> FloatArray:
        """(G, shared, p) the basis on the days that all dates of a block share."""
        return self.basis[:, self.layout.step - 1 :][:, : self.layout.shared]

    @cached_property
    def pairs(self) -> tuple[FloatArray, FloatArray]:
        """Products of the columns of the basis in pairs: what Σ u u' adds up from.

        (P, G, 2·step − 1) on the first and last days, with one place between them for the sum of
        the others; and (G, shared, P) on these.
        """
        columns, edge = self.basis.transpose(2, 0, 1), self.layout.step - 1
        pairs = np.concatenate([u * columns[: i + 1] for i, u in enumerate(columns)])
        shared = pairs[..., edge : edge + self.layout.shared].transpose(1, 2, 0).copy()
        return np.delete(pairs, np.s_[edge + 1 : edge + self.layout.shared], axis=2), shared


def operators(design: Design, layout: Layout) -> Operators:
    """Factorise the design of every date of a scan; `Operators` says into what."""
    matrix, estimated = design.matrix, len(design.parameters)
    known = np.isfinite(matrix).all(axis=1) & np.isfinite(design.offsets)
    if not estimated and design.demean:  # σ about the mean: the mean is projected out
        matrix = np.ones((len(known), 1))
    p = matrix.shape[1]
    x = layout.cut(np.where(known[:, None], matrix, 0.0), 0.0)
    known = layout.cut(known, False)
    windows, step = layout.windows, layout.step
    length, day = len(windows.estimation), layout.column(windows.estimation.first)
    union = _blocks(layout, x, day, length + step - 1)
    basis, r = np.linalg.qr(union)
    basis *= _blocks(layout, known[:, None], day, length + step - 1)
    inverse, low, unsure = _factors(basis, length, step)
    whole = is_collinear(r)
    own = np.matmul(low.transpose(0, 1, 3, 2), r[:, None]).reshape(layout.dates, p, p)
    unsure |= is_collinear(own) | np.repeat(whole, step)
    columns, q, event = inverse, _lengths(layout), np.empty((layout.blocks, step, 0, p))
    if estimated:
        safe = np.where(whole[:, None, None], np.eye(p), r)
        event = _event_sums(layout, np.where(known[:, None], x, np.nan), safe)
        weight, q = _forecasts(layout, event, inverse)
        columns = np.concatenate([inverse, weight], axis=2)
    else:
        q = q + _unknown(layout, known)
    return Operators(
        layout=layout,
        projected=p,
        basis=basis,
        low=low.transpose(2, 3, 0, 1).copy(),
        event=event.transpose(3, 2, 0, 1).copy(),
        left=_products(basis, columns, length, step),
        q=q,
        count=sliding_window_view(known, length)[day:][: layout.dates].sum(axis=1, dtype=np.int32),
        known=known,
        unsure=unsure,
    )


def _blocks(layout: Layout, rows: np.ndarray, first: int, length: int) -> np.ndarray:
    """(G, length, p) rows of each block of (width, p) ``rows``."""
    found: np.ndarray = layout.blocked(rows.T, first, length).transpose(0, 2, 1)
    return found


def _factors(basis: FloatArray, length: int, step: int) -> tuple[FloatArray, FloatArray, BoolArray]:
    """L⁻¹ and L (G, step, p, p) of the Gram matrix of each window, and (dates,) which not to trust.

    The Gram matrix is the shared part plus what the first and the last days add: only sums.
    """
    blocks, _, p = basis.shape
    inner = basis[:, step - 1 : length]
    gram = np.zeros((blocks, step, p, p))
    first, last = basis[:, : step - 1], basis[:, length:]
    pairs = first[..., :, None] * first[..., None, :]
    gram[:, :-1] = np.cumsum(pairs[:, ::-1], axis=1)[:, ::-1]
    pairs = last[..., :, None] * last[..., None, :]
    gram[:, 1:] += np.cumsum(pairs, axis=1)
    gram += np.matmul(inner.transpose(0, 2, 1), inner)[:, None]
    if p == 0:
        return gram, gram, np.zeros(blocks * step, dtype=bool)
    low, unsure = cholesky(gram.reshape(-1, p, p).transpose(1, 2, 0).copy())
    low *= np.tri(p)[:, :, None]
    inverse = forward(low, np.broadcast_to(np.eye(p)[:, :, None], low.shape))
    inverse, low = (found.transpose(2, 0, 1).reshape(gram.shape) for found in (inverse, low))
    return inverse, low, unsure


def _lengths(layout: Layout) -> FloatArray:
    """(W, dates) the number of days of each window: Q where nothing is estimated."""
    days = np.array([[float(len(window))] for window in layout.asked])
    return np.repeat(days, layout.dates, axis=1)


def _unknown(layout: Layout, known: BoolArray) -> FloatArray:
    """(W, dates) NaN where a window holds a day without offset, else 0."""
    found = np.zeros((len(layout.asked), layout.dates))
    for w, window in enumerate(layout.asked):
        days = sliding_window_view(known, len(window))[layout.column(window.first) :]
        found[w, ~days[: layout.dates].all(axis=1)] = np.nan
    return found


def _event_sums(layout: Layout, x: FloatArray, r: FloatArray) -> FloatArray:
    """(G, step, W, p) Σ u over the W windows of each date, where u = x r⁻¹."""
    back, sums = np.linalg.inv(r), []
    for window in layout.asked:
        rows = _blocks(layout, x, layout.column(window.first), len(window) + layout.step - 1) @ back
        sums.append(sliding_window_view(rows, len(window), axis=1).sum(axis=-1))
    return np.stack(sums, axis=2)


def _forecasts(
    layout: Layout, event: FloatArray, inverse: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """(G, step, W, p) what Σ u y has to be multiplied by for the expected CAR; and Q (W, dates).

    Both from Σ_W root = L⁻¹ Σ_W u.
    """
    root = np.einsum("gdij,gdwj->gdwi", inverse, event)
    weight = np.einsum("gdwi,gdij->gdwj", root, inverse)
    days = np.array([len(window) for window in layout.asked])
    q = days[:, None, None] + np.einsum("gdwi,gdwi->wgd", root, root)
    return weight, q.reshape(len(days), -1)


def _products(basis: FloatArray, columns: FloatArray, length: int, step: int) -> FloatArray:
    """(G, columns, K, step) `Operators.left`: zero on days that a date's window does not hold."""
    blocks, _, p = basis.shape
    identity = np.broadcast_to(np.eye(p), (blocks, p, p))
    rows = np.concatenate([basis[:, : step - 1], identity, basis[:, length:]], axis=1)
    found: FloatArray = np.matmul(rows[:, None], columns.transpose(0, 2, 3, 1))
    found *= ends(step, p)
    return found


def ends(step: int, shared: int) -> FloatArray:
    """(2(step − 1) + shared, step) 1 where a date's window holds the day, else 0.

    The rows are the first days, sums over the shared days, and the last days; the columns the
    dates of a block.

    >>> ends(3, 1).T
    array([[1., 1., 1., 0., 0.],
           [0., 1., 1., 1., 0.],
           [0., 0., 1., 1., 1.]])
    """
    day, date = np.arange(step - 1)[:, None], np.arange(step)
    return np.concatenate([day >= date, np.ones((shared, step)), day < date]).astype(float)
