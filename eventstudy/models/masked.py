"""Regressions of events with missing days, each on its own, from the bases of their dates.

A firm with missing days needs its own Gram matrix, but in the basis Q of its date that is close
to the identity, G = Q'VQ, so that forming it loses no digits (methods J.1).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.models.least_squares import GUARD, Operators, is_collinear
from eventstudy.stacks import STACK, STACKED, by_date, runs
from eventstudy.triangular import backward, cholesky, forward, pack, size, unpack

#: share of the days that may be missing where they are rather subtracted than the others added
FEW = 0.04
#: smallest singular value of the masked rows of Q below which they are dust: a direction of which
#: the valid days see nothing but rounding
DUST = 1e-13


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
    sums = sums_of(ops, which, y, valid, Holes.of(valid))
    found = solve(ops, which, sums, y, valid)
    squares = found.squares
    if not len(found.in_basis) and demean:
        squares = centred(y, valid, sums)
    root = forward(found.low, ops.root[which].transpose(2, 1, 0)).transpose(2, 1, 0)
    return Masked(
        params=by_date(found.in_basis.T, ops.r_inv.transpose(0, 2, 1), which),
        squares=squares,
        total=sums.total,
        count=sums.count,
        root=root,
        collinear=found.collinear,
    )


@dataclass(frozen=True)
class Holes:
    """Estimation days that are not valid: the event (ascending) and the day of each."""

    event: IntArray
    day: IntArray

    @classmethod
    def of(cls, valid: BoolArray) -> Holes:
        """From the valid days (m, L1)."""
        return cls(*np.divmod(np.flatnonzero(~valid), valid.shape[1]))

    def count(self, events: int, days: int) -> FloatArray:
        """(m,) valid days of each event."""
        return days - np.bincount(self.event, minlength=events).astype(float)


def levels(y: FloatArray, holes: Holes) -> Sums:
    """Add up the valid days of m events without any regressor; see `sums_of`."""
    none, (m, days) = np.empty((0, len(y))), y.shape
    level = np.vecdot(y, np.ones(days))
    return Sums(none, none, np.vecdot(y, y), level, holes.count(m, days))


def sums_of(ops: Operators, which: IntArray, y: FloatArray, valid: BoolArray, holes: Holes) -> Sums:
    """Add up the valid days of m events; arguments as in `fit_rows`."""
    p, (m, days) = ops.q.shape[-1], y.shape
    if not p:
        return levels(y, holes)
    if len(holes.event) <= FEW * y.size:
        gram = _without(ops, which, holes)
    elif len(runs(which)) * STACK > m:
        gram = _stacked(ops, which, valid)
    else:
        gram = _masked(ops, which, valid)
    c = by_date(y, ops.q, which)
    level = c[:, 0] * ops.r[which, 0, 0] if ops.constant else np.vecdot(y, np.ones(days))
    return Sums(c.T, gram, np.vecdot(y, y), level, holes.count(m, days))


def _without(ops: Operators, which: IntArray, holes: Holes) -> FloatArray:
    """(P, m) Q'VQ = I − Σ qq' over days that are not valid, where they are few.

    Q'Q is the identity: as long as what is left is not small beside it no digits are lost, and
    where it is `solve` does not trust it.
    """
    p, m = ops.q.shape[-1], len(which)
    q = ops.q[which[holes.event], holes.day].T.copy()
    gram = np.empty((size(p), m))
    for i in range(p):
        for j in range(i + 1):
            gone = np.bincount(holes.event, q[i] * q[j], minlength=m)
            np.subtract(float(i == j), gone, out=gram[size(i) + j])
    return gram


def _masked(ops: Operators, which: IntArray, valid: BoolArray) -> FloatArray:
    """(P, m) Q'VQ by one matrix product a date, with the products of its columns in pairs."""
    p = ops.q.shape[-1]
    gram, right = np.empty((size(p), len(which))), np.empty((size(p), ops.q.shape[1]))
    for d, rows in runs(which):
        q = ops.q[d].T
        for i in range(p):
            np.multiply(q[i], q[: i + 1], out=right[size(i) : size(i + 1)])
        # made for one date at a time, the weights stay in the cache
        np.matmul(right, valid[rows].astype(float).T, out=gram[:, rows])
    return gram


def _stacked(ops: Operators, which: IntArray, valid: BoolArray) -> FloatArray:
    """(P, m) the same for dates with hardly more than one event: small products, many at a time."""
    gram = np.empty((size(ops.q.shape[-1]), len(which)))
    for first in range(0, len(which), STACKED):
        rows = slice(first, first + STACKED)
        basis = ops.q[which[rows]] * valid[rows, :, None]
        gram[:, rows] = pack(np.matmul(basis.transpose(0, 2, 1), basis).transpose(1, 2, 0))
    return gram


def solve(ops: Operators, which: IntArray, sums: Sums, y: FloatArray, valid: BoolArray) -> Solved:
    """Solve Q'VQ b = Q'y for m events; arguments as in `fit_rows`.

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
        low[..., some], collinear[some] = _factorised(ops, which[some], valid[some])
    low[..., collinear] = np.nan
    own = forward(low, sums.c)
    found = Solved(
        in_basis=backward(low, own),
        low=low,
        squares=sums.total - np.einsum("pm,pm->m", own, own),
        collinear=collinear,
    )
    again = np.flatnonzero(found.squares <= GUARD * sums.total)
    if again.size:
        _refine(found, again, ops, which[again], (y[again], valid[again]))
    return found


def _factorised(ops: Operators, which: IntArray, valid: BoolArray) -> tuple[FloatArray, BoolArray]:
    """(p, p, m) L from the QR of the masked rows, and which events are collinear."""
    own: FloatArray = np.asarray(np.linalg.qr(ops.q[which] * valid[:, :, None], mode="r"))
    bad = is_collinear(own @ ops.r[which])
    bad |= np.linalg.svd(own, compute_uv=False)[:, -1] < DUST
    safe = np.where(bad[:, None, None], np.eye(own.shape[-1]), own)
    return safe.transpose(2, 1, 0), bad


def _refine(
    found: Solved,
    again: IntArray,
    ops: Operators,
    which: IntArray,
    days: tuple[FloatArray, BoolArray],
) -> None:
    """Project the residuals of some events once more, and take Σe² from what is left."""
    y, valid = days
    back = ops.q.transpose(0, 2, 1)
    e = (y - by_date(found.in_basis[:, again].T, back, which)) * valid
    low = found.low[..., again]
    more = backward(low, forward(low, by_date(e, ops.q, which).T))
    e -= by_date(more.T, back, which) * valid
    found.in_basis[:, again] += more
    found.squares[again] = np.vecdot(e, e)


def centred(y: FloatArray, valid: BoolArray, sums: Sums) -> FloatArray:
    """(m,) Σ(y − ȳ)² over the valid days, from the differences where digits would be lost."""
    mean = sums.level / np.maximum(sums.count, 1.0)
    squares = sums.total - mean * sums.level
    few = np.flatnonzero(squares <= GUARD * sums.total)
    if few.size:
        gap = (y[few] - mean[few, None]) * valid[few]
        squares[few] = np.vecdot(gap, gap)
    return np.asarray(squares)
