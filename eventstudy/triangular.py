"""Small symmetric systems of many events at once, one for each event.

Matrices are (p, p, m), the events on the last axis: every step is one pass over contiguous numbers
of all events. The loops run over p, the number of parameters: a handful. Packed, the lower
triangle is (P, m), row by row: 00 10 11 20 21 22 …
"""

from __future__ import annotations

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray

#: pivot of a Gram matrix (against its largest diagonal) below which it is not trusted
TRUST = 1e-3


def size(p: int) -> int:
    """Entries of the packed triangle of a p × p matrix.

    >>> size(3)
    6
    """
    return p * (p + 1) // 2


def pack(matrix: FloatArray) -> FloatArray:
    """(P, m) lower triangles of (p, p, m) matrices."""
    return matrix[np.tril_indices(len(matrix))]


def unpack(triangle: FloatArray, p: int) -> FloatArray:
    """(p, p, m) matrices, zero above the diagonal."""
    found = np.zeros((p, p, triangle.shape[1]))
    found[np.tril_indices(p)] = triangle
    return found


def cholesky(gram: FloatArray) -> tuple[FloatArray, BoolArray]:
    """L of G = LL' for m matrices, and which (m,) not to trust.

    Parameters
    ----------
    gram : (p, p, m) array
        Lower triangles; what stands above the diagonal is not read. Overwritten by L.

    Examples
    --------
    >>> low, unsure = cholesky(unpack(np.array([[4.0], [2.0], [5.0]]), 2))
    >>> low[:, :, 0].tolist(), unsure.tolist()
    ([[2.0, 0.0], [1.0, 2.0]], [False])
    """
    least = TRUST * np.einsum("ppm->pm", gram).max(axis=0)
    unsure = np.zeros(gram.shape[-1], dtype=bool)
    for j in range(len(gram)):
        unsure |= ~(gram[j, j] > least)
        np.sqrt(np.where(unsure, 1.0, gram[j, j]), out=gram[j, j])
        gram[j + 1 :, j] /= gram[j, j]
        for i in range(j + 1, len(gram)):
            gram[i, j + 1 : i + 1] -= gram[i, j] * gram[j + 1 : i + 1, j]
    return gram, unsure


def forward(low: FloatArray, right: FloatArray) -> FloatArray:
    """(p, …, m) x of Lx = b, for one or several b."""
    found = right.copy()
    for j in range(len(low)):
        found[j] /= low[j, j]
        for i in range(j + 1, len(low)):
            found[i] -= low[i, j] * found[j]
    return found


def backward(low: FloatArray, right: FloatArray) -> FloatArray:
    """(p, …, m) x of L'x = b, for one or several b."""
    found = right.copy()
    for j in reversed(range(len(low))):
        found[j] /= low[j, j]
        for i in range(j):
            found[i] -= low[j, i] * found[j]
    return found


def inverse(low: FloatArray) -> FloatArray:
    """(p, p, m) L⁻¹ of m lower triangles."""
    found = np.zeros_like(low)
    for i in range(len(low)):
        np.divide(1.0, low[i, i], out=found[i, i])
        for j in range(i):
            inner = np.einsum("km,km->m", low[i, j:i], found[j:i, j])
            np.multiply(-inner, found[i, i], out=found[i, j])
    return found


def inverse_gram(low: FloatArray) -> FloatArray:
    """(P, m) packed (LL')⁻¹, entries off the diagonal twice: z'(LL')⁻¹z is a product with pairs.

    Parameters
    ----------
    low : (p, p, m) array
        Lower triangles.

    Examples
    --------
    >>> low = unpack(np.array([[2.0], [1.0], [2.0]]), 2)
    >>> inverse_gram(low)[:, 0].tolist()
    [0.3125, -0.25, 0.25]
    """
    p, turned = len(low), inverse(low)
    found = np.empty((size(p), low.shape[2]))
    for i in range(p):
        for j in range(i + 1):
            into = found[size(i) + j]
            np.einsum("km,km->m", turned[i:, i], turned[i:, j], out=into)
            if i > j:
                into *= 2.0
    return found
