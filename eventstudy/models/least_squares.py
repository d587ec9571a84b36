"""Regressors that many regressions share: one thin QR a date.

With X = QR over the estimation rows of a date, every firm's coefficients in the basis Q are
c = Q'y, so the fit of a whole date is one matrix product (methods B, C.2, J.1). `masked` fits
firms with missing days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray

#: σ² recomputed from the residuals where y'y − c'c loses more than two digits
GUARD = 1e-2
#: smallest over largest singular value (columns at unit norm) below which X is collinear
RANK = 1e-10
#: with fewer events a date than this, products are stacked instead of made date by date
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
    norms = np.sqrt(np.einsum("...ij,...ij->...j", r, r))
    dead = (norms == 0).any(axis=-1)
    unit = r / np.where(norms == 0, 1.0, norms)[:, None, :]
    diagonal = np.abs(np.diagonal(unit, axis1=-2, axis2=-1)).min(axis=-1)
    unsure = np.flatnonzero(~dead & (diagonal < 1e-6))
    found = dead.copy()
    if unsure.size:
        values = np.linalg.svd(unit[unsure], compute_uv=False)
        found[unsure] = values[:, -1] < RANK * values[:, 0]
    return np.asarray(found)


def by_date(x: FloatArray, matrices: FloatArray, which: IntArray) -> FloatArray:
    """(m, b) products of the (m, a) rows of ``x`` with the (a, b) matrix of their date each.

    Parameters
    ----------
    x : (m, a) array
        One row an event.
    matrices : (D, a, b) array
        One matrix a date.
    which : (m,) int array
        The date of each event, sorted.
    """
    found, stretches = np.empty((len(x), matrices.shape[2])), runs(which)
    if len(stretches) * STACK > len(x):
        for first in range(0, len(x), STACKED):
            rows = slice(first, first + STACKED)
            found[rows] = np.matmul(x[rows, None], matrices[which[rows]])[:, 0]
    else:
        for d, rows in stretches:
            np.matmul(x[rows], matrices[d], out=found[rows])
    return found


def runs(sorted_codes: IntArray) -> list[tuple[int, slice]]:
    """Stretches of equal codes in a sorted array, as (code, slice)."""
    if not sorted_codes.size:
        return []
    cuts = np.flatnonzero(sorted_codes[1:] != sorted_codes[:-1]) + 1
    edges = [0, *cuts.tolist(), len(sorted_codes)]
    codes = sorted_codes[edges[:-1]].tolist()
    return list(zip(codes, map(slice, edges[:-1], edges[1:]), strict=True))
