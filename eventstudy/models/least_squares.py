"""Many regressions that share their regressors: one thin QR a date.

With X = QR over the estimation rows of a date, every firm's coefficients in the basis Q are
c = Q'y, so the fit of a whole date is one matrix product. A firm with missing days needs its
own Gram matrix, but in the basis Q that is close to the identity, G = Q'VQ, so that forming it
loses no digits (methods B, C.2, J.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.triangular import backward, cholesky, forward, pack, size, unpack

#: σ² recomputed from the residuals where y'y − c'c loses more than two digits
GUARD = 1e-2
#: smallest over largest singular value (columns at unit norm) below which X is collinear
RANK = 1e-10
#: fewer events a date than this are solved as a stack of small products
STACK = 3
#: events of such a stack
STACKED = 256


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


@dataclass(frozen=True)
class Sums:
    """What m events need of their valid days, the events on the last axis."""

    #: (p, m) Q'y and (P, m) the packed triangle of Q'VQ
    c: FloatArray
    gram: FloatArray
    #: (m,) Σy², Σy and the number of days
    total: FloatArray
    level: FloatArray
    count: FloatArray

    def take(self, index: IntArray | BoolArray) -> Sums:
        """The events ``index``."""
        return Sums(*(getattr(self, f.name)[..., index] for f in fields(self)))


@dataclass(frozen=True)
class Solved:
    """Regressions of m events in the bases of their dates."""

    #: (p, m) coefficients in the basis, and (p, p, m) L of Q'VQ = LL'; NaN where collinear
    in_basis: FloatArray
    low: FloatArray
    #: (m,) Σ residual², and events whose own regressors are collinear
    squares: FloatArray
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
    ops: Operators,
    which: IntArray,
    y: FloatArray,
    valid: BoolArray,
    *,
    demean: bool = True,
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
    weights = valid.astype(float)
    sums = sums_of(ops, which, y, weights)
    found = solve(ops, which, sums, y, weights)
    squares = found.squares
    if not len(found.in_basis) and demean:
        squares = centred(y, weights, sums)
    return Masked(
        params=answers(ops, which, found.in_basis)[0],
        squares=squares,
        total=sums.total,
        count=sums.count,
        root=roots(ops, which, found.low),
        collinear=found.collinear,
    )


def sums_of(ops: Operators, which: IntArray, y: FloatArray, weights: FloatArray) -> Sums:
    """Add up the valid days of m events: two matrix products a date.

    Parameters
    ----------
    ops, which, y
        See `fit_rows`.
    weights : (m, L1) array
        One on days to use, zero elsewhere.
    """
    p, m = ops.q.shape[-1], len(y)
    if not p:
        return levels(y, weights)
    c, gram = np.empty((p + 1, m)), np.empty((size(p) + 1, m))
    stretches = runs(which)
    if len(stretches) * STACK > m:
        for rows, basis in _stacks(ops, which):
            pairs = np.matmul((basis * weights[rows, :, None]).transpose(0, 2, 1), basis)
            c[:-1, rows] = np.matmul(y[rows, None, :], basis)[:, 0].T
            gram[:-1, rows] = pack(pairs.transpose(1, 2, 0))
        c[-1], gram[-1] = y.sum(axis=1), weights.sum(axis=1)
    else:
        left, right = _laid_out(ops.q[which[0] : which[-1] + 1])
        for d, rows in stretches:
            np.matmul(left[d - which[0]], y[rows].T, out=c[:, rows])
            np.matmul(right[d - which[0]], weights[rows].T, out=gram[:, rows])
    return Sums(c[:-1], gram[:-1], np.vecdot(y, y), c[-1], gram[-1])


def levels(y: FloatArray, weights: FloatArray) -> Sums:
    """Add up without any regressor."""
    none = np.empty((0, len(y)))
    return Sums(none, none, np.vecdot(y, y), y.sum(axis=1), weights.sum(axis=1))


def _laid_out(q: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(D, p + 1, L1) rows of Q' and (D, P + 1, L1) their products in pairs, both above ones."""
    dates, length, p = q.shape
    left, right = (
        np.empty((dates, p + 1, length)),
        np.empty((dates, size(p) + 1, length)),
    )
    left[:, :p] = q.transpose(0, 2, 1)
    left[:, p] = right[:, -1] = 1.0
    for i in range(p):
        at = slice(size(i), size(i + 1))
        np.multiply(left[:, i : i + 1], left[:, : i + 1], out=right[:, at])
    return left, right


def _stacks(ops: Operators, which: IntArray) -> Iterator[tuple[slice, FloatArray]]:
    """(n, L1, p) bases of some events each, for dates with hardly more than one."""
    for first in range(0, len(which), STACKED):
        rows = slice(first, first + STACKED)
        yield rows, ops.q[which[rows]]


def solve(
    ops: Operators, which: IntArray, sums: Sums, y: FloatArray, weights: FloatArray
) -> Solved:
    """Solve Q'VQ b = Q'y for m events; ``y`` and ``weights`` as in `sums_of`.

    Where the missing days leave little of a direction, the Gram matrix is not trusted: the
    masked rows are factorised themselves. Where the fit is nearly perfect, Σe² is taken from
    the residuals, projected a second time.
    """
    p = len(sums.c)
    if not p:
        return Solved(sums.c, unpack(sums.gram, 0), sums.total, np.zeros(len(y), dtype=bool))
    low, unsure = cholesky(unpack(sums.gram, p))
    collinear = ops.collinear[which]
    some = np.flatnonzero(unsure & ~collinear)
    if some.size:
        low[..., some], collinear[some] = _factorised(ops, which[some], weights[some])
    low[..., collinear] = np.nan
    own = forward(low, sums.c)
    in_basis = backward(low, own)
    squares = sums.total - np.einsum("pm,pm->m", own, own)
    again = np.flatnonzero(squares <= GUARD * sums.total)
    if again.size:
        in_basis[:, again], squares[again] = _again(
            ops,
            which[again],
            (y[again], weights[again]),
            in_basis[:, again],
            low[..., again],
        )
    return Solved(in_basis, low, squares, collinear)


def _factorised(
    ops: Operators, which: IntArray, weights: FloatArray
) -> tuple[FloatArray, BoolArray]:
    """(p, p, m) L from the QR of the masked rows, and which events are collinear."""
    own: FloatArray = np.asarray(np.linalg.qr(ops.q[which] * weights[:, :, None], mode="r"))
    bad = is_collinear(own @ ops.r[which])
    safe = np.where(bad[:, None, None], np.eye(own.shape[-1]), own)
    return safe.transpose(2, 1, 0), bad


def _again(
    ops: Operators,
    which: IntArray,
    days: tuple[FloatArray, FloatArray],
    in_basis: FloatArray,
    low: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Coefficients and Σe² from twice-projected residuals: for fits that are nearly perfect."""
    y, weights = days
    e, more = np.empty_like(y), np.empty_like(in_basis)
    stretches = runs(which)
    for d, rows in stretches:
        np.matmul(in_basis[:, rows].T, ops.q[d].T, out=e[rows])
    np.subtract(y, e, out=e)
    e *= weights
    for d, rows in stretches:
        np.matmul(ops.q[d].T, e[rows].T, out=more[:, rows])
    more = backward(low, forward(low, more))
    for d, rows in stretches:
        e[rows] -= weights[rows] * np.matmul(more[:, rows].T, ops.q[d].T)
    return in_basis + more, np.vecdot(e, e)


def answers(ops: Operators, which: IntArray, in_basis: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(m, p) parameters R⁻¹b and (m, L2) fitted event days x R⁻¹b."""
    dates = slice(which[0], which[-1] + 1) if len(which) else slice(0)
    right, days = (
        np.concatenate([ops.root[dates], ops.r_inv[dates]], axis=1),
        ops.root.shape[1],
    )
    out, stretches = np.empty((len(which), right.shape[1])), runs(which)
    if len(stretches) * STACK > len(which):
        out[:] = np.matmul(right[which - dates.start], in_basis.T[:, :, None])[:, :, 0]
    else:
        for d, rows in stretches:
            np.matmul(in_basis[:, rows].T, right[d - dates.start].T, out=out[rows])
    return out[:, days:], out[:, :days]


def roots(ops: Operators, which: IntArray, low: FloatArray) -> FloatArray:
    """(m, L2, p) x R⁻¹L⁻ᵀ, the event rows of m events in the bases of their own days."""
    return forward(low, ops.root[which].transpose(2, 1, 0)).transpose(2, 1, 0)


def centred(y: FloatArray, weights: FloatArray, sums: Sums) -> FloatArray:
    """(m,) Σ(y − ȳ)² over the valid days, from the differences where digits would be lost."""
    mean = sums.level / np.maximum(sums.count, 1.0)
    squares = sums.total - mean * sums.level
    few = np.flatnonzero(squares <= GUARD * sums.total)
    if few.size:
        gap = (y[few] - mean[few, None]) * weights[few]
        squares[few] = np.vecdot(gap, gap)
    return np.asarray(squares)


def runs(sorted_codes: IntArray) -> list[tuple[int, slice]]:
    """Stretches of equal codes in a sorted array, as (code, slice)."""
    if not sorted_codes.size:
        return []
    cuts = np.flatnonzero(sorted_codes[1:] != sorted_codes[:-1]) + 1
    edges = [0, *cuts.tolist(), len(sorted_codes)]
    codes = sorted_codes[edges[:-1]].tolist()
    return list(zip(codes, map(slice, edges[:-1], edges[1:]), strict=True))
