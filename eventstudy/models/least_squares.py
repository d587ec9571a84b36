"""Regressors that many regressions share: one thin QR a date.

With X = QR over the estimation rows of a date, every firm's coefficients in the basis Q are
c = Q'y, so the fit of a whole date is one matrix product (methods B, C.2, J.1). `masked` fits
firms with missing days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray
from eventstudy.triangular import cholesky, inverse

#: σ² recomputed from the residuals where y'y − c'c loses more than two digits
GUARD = 1e-2
#: smallest over largest singular value (columns at unit norm) below which X is collinear
RANK = 1e-10
#: dates from which on designs are factorised together, if the squared distance of each unit
#: column from the span of all others is at least so much: a digit or two are lost then, at most
MANY, UPRIGHT = 32, 0.1


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
    #: whether the first regressor is a constant: then Σy is the first of Q'y times R₁₁
    constant: bool


def operators(
    matrix: FloatArray,
    offset: FloatArray,
    estimation: slice,
    event: slice,
    used: BoolArray | None = None,
    *,
    constant: bool = False,
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
    constant : bool
        Whether the first column of ``matrix`` is ones.
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
    q, r, r_inv, collinear = factorised(x)
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
        constant=constant,
    )


def factorised(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, BoolArray]:
    """Q, R and R⁻¹ of (D, L1, p) designs X = QR, and which (D,) have dependent columns.

    Where the columns stand nearly at right angles, as returns do, R is the Cholesky factor of X'X
    with unit columns, of all dates at once; the others, and few dates, are factorised one by one.
    """
    if len(x) < MANY or not x.shape[2]:
        return _by_reflections(x)
    gram = np.matmul(x.transpose(0, 2, 1), x).transpose(1, 2, 0)
    size = np.sqrt(np.einsum("ppd->pd", gram))
    size[size == 0] = np.nan
    low, unsure = cholesky(gram / (size[:, None] * size))
    turned = inverse(low)
    upright = ~unsure & (np.einsum("ijd,ijd->jd", turned, turned).max(axis=0) < 1.0 / UPRIGHT)
    r_inv = np.ascontiguousarray((turned / size).transpose(2, 1, 0))
    r = np.triu((low * size[:, None]).transpose(2, 1, 0))
    q, collinear, others = np.matmul(x, r_inv), np.zeros(len(x), dtype=bool), ~upright
    if others.any():
        q[others], r[others], r_inv[others], collinear[others] = _by_reflections(x[others])
    return q, r, r_inv, collinear


def _by_reflections(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, BoolArray]:
    """Do so by the QR of LAPACK."""
    q, r = np.linalg.qr(x)
    collinear = is_collinear(r)
    safe = np.where(collinear[:, None, None], np.eye(r.shape[-1]), r) if collinear.any() else r
    return q, r, np.linalg.inv(safe), collinear


def is_collinear(r: FloatArray) -> BoolArray:
    """(D,) whether the columns behind the triangular factors ``r`` (D, p, p) are dependent.

    The singular values of X with unit columns are those of R with unit columns. A diagonal far
    from zero settles nearly every date; only the rest is decomposed.
    """
    if r.shape[-1] == 0:
        return np.zeros(len(r), dtype=bool)
    norms = np.sqrt(np.einsum("...ij,...ij->...j", r, r))
    low = (np.abs(np.diagonal(r, axis1=-2, axis2=-1)) <= 1e-6 * norms).any(axis=-1)
    if not low.any():
        return np.asarray(low)
    found = (norms == 0).any(axis=-1)
    unit = r / np.where(norms == 0, 1.0, norms)[:, None, :]
    unsure = np.flatnonzero(low & ~found)
    if unsure.size:
        values = np.linalg.svd(unit[unsure], compute_uv=False)
        found[unsure] = values[:, -1] < RANK * values[:, 0]
    return np.asarray(found)
