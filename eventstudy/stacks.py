"""Rows of many events, each with the matrix of its date: events of one date stand together."""

from __future__ import annotations

import numpy as np

from eventstudy.arrays import FloatArray, IntArray

#: with fewer events a date than this, products are stacked instead of made date by date
STACK = 3
#: events of such a stack
STACKED = 256


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
