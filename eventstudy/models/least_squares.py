"""Many regressions that share their regressors: one thin QR a date.

With X = QR over the estimation rows of a date, every firm's coefficients in the basis Q are
c = Q'y, so the fit of a whole date is one matrix product. A firm with missing days needs its
own Gram matrix, but in the basis Q that is close to the identity, G = Q'VQ, so that forming it
loses no digits (methods B, C.2, J.1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray

#: σ² recomputed from the residuals where y'y − c'c loses more than four digits
GUARD = 1e-4
#: smallest over largest singular value (columns at unit norm) below which X is collinear
RANK = 1e-10
#: pivot of a Gram matrix (against its largest diagonal) below which the rows are factorised
TRUST = 1e-3


@dataclass(frozen=True)
class Operators:
    """What D dates need to fit any number of firms."""

    #: (D, L1, p) orthonormal basis of the estimation rows, zero on rows without factors
    q: FloatArray
    #: (D, p, p) R and R⁻¹
    r: FloatArray
    r_inv: FloatArray
    #: (D, L2, p) event rows x, and x R⁻¹; NaN on rows without factors
    rows: FloatArray
    root: FloatArray
    #: (D, L1) and (D, L2) offsets, zero on rows without factors
    offset: FloatArray
    event_offset: FloatArray
    #: (D, L1) estimation rows with every factor
    usable: BoolArray
    #: (D,) dates whose regressors are collinear
    collinear: BoolArray


@dataclass(frozen=True)
class Masked:
    """Regressions of m events, each on its own valid days."""

    #: (m, p)
    params: FloatArray
    #: (m,) Σ residual², about the mean where nothing is estimated and p = 0
    squares: FloatArray
    #: (m,) Σy² over the valid days, and their number
    total: FloatArray
    count: FloatArray
    #: (m, L2, p)
    root: FloatArray
    #: (m,) events whose own regressors are collinear
    collinear: BoolArray


def operators(
    matrix: FloatArray,
    offset: FloatArray,
    estimation: slice,
    event: slice,
    used: BoolArray | None = None,
) -> Operators:
    """Factorise the design of D dates.

    Parameters
    ----------
    matrix : (D, L, p) array
        Rows of the design matrix, NaN where a factor is missing.
    offset : (D, L) array
        What is subtracted from the returns.
    estimation, event : slice
        Columns of the two windows.
    used : (L1,) bool array, optional
        Estimation days that lie in one of several intervals; by default all.
    """
    usable = np.isfinite(offset[:, estimation])
    if used is not None:
        usable = usable & used
    x, rows, past = matrix[:, estimation], matrix[:, event], offset[:, estimation]
    if not np.isfinite(matrix.sum()) or not usable.all():
        known = np.isfinite(matrix).all(axis=-1) & np.isfinite(offset)
        usable = known[:, estimation] if used is None else known[:, estimation] & used
        x = np.where(usable[..., None], x, 0.0)
        rows = np.where(known[:, event, None], rows, np.nan)
        past = np.where(usable, past, 0.0)
    q, r = np.linalg.qr(x)
    collinear = is_collinear(r)
    safe = np.where(collinear[:, None, None], np.eye(r.shape[-1]), r) if collinear.any() else r
    r_inv = np.linalg.inv(safe)
    return Operators(
        q=q,
        r=r,
        r_inv=r_inv,
        rows=rows,
        root=rows @ r_inv,
        offset=past,
        event_offset=offset[:, event],
        usable=usable,
        collinear=collinear,
    )


def is_collinear(r: FloatArray) -> BoolArray:
    """(D,) whether the columns behind the triangular factors ``r`` (D, p, p) are dependent.

    The singular values of X with unit columns are those of R with unit columns. A diagonal far
    from zero settles nearly every date; only the rest is decomposed.
    """
    if r.shape[-1] == 0:
        return np.zeros(len(r), dtype=bool)
    norms = np.linalg.norm(r, axis=-2)
    dead = (norms == 0).any(axis=-1)
    unit = r / np.where(norms == 0, 1.0, norms)[:, None, :]
    diagonal = np.abs(np.diagonal(unit, axis1=-2, axis2=-1)).min(axis=-1)
    unsure = np.flatnonzero(~dead & (diagonal < 1e-6))
    found = dead.copy()
    if unsure.size:
        values = np.linalg.svd(unit[unsure], compute_uv=False)
        found[unsure] = values[:, -1] < RANK * values[:, 0]
    return np.asarray(found)


def cleaned(
    ops: Operators, which: IntArray, returns: FloatArray, valid: BoolArray
) -> tuple[FloatArray, BoolArray]:
    """Returns less offsets, zero on days that are not valid or lack a factor; and the days."""
    if not ops.usable.all():
        valid = valid & ops.usable[which]
    return np.where(valid, returns - ops.offset[which], 0.0), valid


def fit_rows(
    ops: Operators, which: IntArray, y: FloatArray, valid: BoolArray, *, demean: bool = True
) -> Masked:
    """Regress m events on their own valid days.

    Parameters
    ----------
    ops : Operators
        The designs of D dates.
    which : (m,) int array
        The date of each event, sorted.
    y : (m, L1) array
        Estimation-window returns less offsets, zero on days that are not valid.
    valid : (m, L1) bool array
        Days to use; see `cleaned`.
    demean : bool
        Where nothing is estimated: squares about the mean, or about zero.
    """
    p = ops.q.shape[-1]
    weights = valid.astype(float)
    count = weights.sum(axis=1)
    total = np.einsum("ml,ml->m", y, y)
    if p == 0:
        centre = y.sum(axis=1) / np.maximum(count, 1.0) if demean else np.zeros(len(y))
        squares = ((y - centre[:, None] * weights) ** 2).sum(axis=1)
        none = np.zeros(len(y), dtype=bool)
        return Masked(np.empty((len(y), 0)), squares, total, count, ops.root[which], none)
    c, gram = _in_basis(ops, which, y, weights)
    inverse, collinear = _inverse(ops, which, gram, valid)
    own = np.einsum("mpq,mq->mp", inverse, c)
    in_basis = np.einsum("mqp,mq->mp", inverse, own)
    squares = total - np.einsum("mp,mp->m", own, own)
    again = np.flatnonzero(squares <= GUARD * total)
    if again.size:
        basis = ops.q[which[again]] * valid[again][:, :, None]
        more = _again(basis, y[again], in_basis[again], inverse[again])
        in_basis[again], squares[again] = more
    return Masked(
        params=np.einsum("mpq,mq->mp", ops.r_inv[which], in_basis),
        squares=squares,
        total=total,
        count=count,
        root=np.matmul(ops.root[which], inverse.transpose(0, 2, 1)),
        collinear=collinear,
    )


def _in_basis(
    ops: Operators, which: IntArray, y: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """(m, p) Q'y and (m, p, p) Q'VQ: one matrix product a date each."""
    p = ops.q.shape[-1]
    c = np.empty((len(y), p))
    gram = np.empty((len(y), p, p))
    for d, rows in runs(which):
        basis = ops.q[d]
        c[rows] = y[rows] @ basis
        pairs = (basis[:, :, None] * basis[:, None, :]).reshape(len(basis), p * p)
        gram[rows] = (weights[rows] @ pairs).reshape(-1, p, p)
    return c, gram


def _inverse(
    ops: Operators, which: IntArray, gram: FloatArray, valid: BoolArray
) -> tuple[FloatArray, BoolArray]:
    """(m, p, p) L⁻¹ of each Gram matrix, NaN where the event's regressors are collinear.

    Where the missing days leave little of a direction, the Gram matrix is not trusted: the
    masked rows are factorised themselves.
    """
    inverse, unsure = inverse_cholesky(gram)
    collinear = ops.collinear[which]
    some = np.flatnonzero(unsure & ~collinear)
    if some.size:
        own: FloatArray = np.asarray(
            np.linalg.qr(ops.q[which[some]] * valid[some][:, :, None], mode="r")
        )
        bad = is_collinear(own @ ops.r[which[some]])
        safe = np.where(bad[:, None, None], np.eye(own.shape[-1]), own)
        inverse[some] = np.linalg.inv(safe).transpose(0, 2, 1)
        collinear[some] = bad
    inverse[collinear] = np.nan
    return inverse, collinear


def _again(
    basis: FloatArray, y: FloatArray, in_basis: FloatArray, inverse: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Coefficients and Σe² from twice-projected residuals: for fits that are nearly perfect."""
    e = y - np.einsum("mlp,mp->ml", basis, in_basis)
    left = np.einsum("mpq,mq->mp", inverse, np.einsum("mlp,ml->mp", basis, e))
    more = np.einsum("mqp,mq->mp", inverse, left)
    e -= np.einsum("mlp,mp->ml", basis, more)
    return in_basis + more, np.einsum("ml,ml->m", e, e)


def inverse_cholesky(gram: FloatArray) -> tuple[FloatArray, BoolArray]:
    """L⁻¹ of G = LL' for m small matrices (m, p, p) at once, and which not to trust.

    The loops run over the p columns, the number of parameters: a handful.
    """
    m, p, _ = gram.shape
    low = np.zeros_like(gram)
    largest = np.einsum("mpp->mp", gram).max(axis=1)
    unsure = np.zeros(m, dtype=bool)
    for j in range(p):
        pivot = gram[:, j, j] - np.einsum("mk,mk->m", low[:, j, :j], low[:, j, :j])
        unsure |= ~(pivot > TRUST * largest)
        low[:, j, j] = np.sqrt(np.where(unsure, 1.0, pivot))
        for i in range(j + 1, p):
            inner = gram[:, i, j] - np.einsum("mk,mk->m", low[:, i, :j], low[:, j, :j])
            low[:, i, j] = inner / low[:, j, j]
    inverse = np.zeros_like(gram)
    for j in range(p):
        inverse[:, j, j] = 1.0 / low[:, j, j]
        for i in range(j + 1, p):
            inner = np.einsum("mk,mk->m", low[:, i, j:i], inverse[:, j:i, j])
            inverse[:, i, j] = -inner / low[:, i, i]
    return inverse, unsure


def runs(sorted_codes: IntArray) -> list[tuple[int, slice]]:
    """Stretches of equal codes in a sorted array, as (code, slice)."""
    if not sorted_codes.size:
        return []
    cuts = np.flatnonzero(sorted_codes[1:] != sorted_codes[:-1]) + 1
    edges = [0, *cuts.tolist(), len(sorted_codes)]
    codes = sorted_codes[edges[:-1]].tolist()
    return list(zip(codes, map(slice, edges[:-1], edges[1:]), strict=True))
