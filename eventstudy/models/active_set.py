"""Small quadratic programmes with bounds, many at once: weights of donors (methods B.11).

Both solvers hold a set of free weights, solve for these exactly and move along the line to the
solution until one of them would change its sign, which is then set to zero; when none does, the
zero weight that pulls most is freed. The objective falls at every step, so the search ends at
the minimum, with nothing left of the conditions of Kuhn and Tucker but rounding (Lawson and
Hanson 1974, Solving Least Squares Problems; Wolfe 1976, Mathematical Programming 11). The loop
runs over steps, never over problems.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray

#: a pull this small against the size of the problem is rounding
TINY = 1e-13
#: how many steps a weight may take on average
PATIENCE = 20


@dataclass
class _Search:
    """Where B problems with J weights stand."""

    #: (B, J) weights, and their signs: zero where a weight is held at zero
    w: FloatArray
    sign: IntArray
    #: (B,) the weight that was freed last, and problems that are not solved yet
    freed: IntArray
    open: BoolArray

    @classmethod
    def at(cls, w: FloatArray, sign: IntArray) -> _Search:
        """A search that begins at the weights ``w``."""
        b = len(w)
        return cls(w, sign, np.full(b, -1), np.ones(b, dtype=bool))

    def move(self, index: IntArray, target: FloatArray) -> IntArray:
        """Go towards ``target`` until a sign would change; positions that arrived."""
        w, sign = self.w[index], self.sign[index]
        crossing = (sign != 0) & (target * sign <= 0)
        blocked = crossing.any(axis=1)
        gap = np.where(crossing, w - target, 1.0)
        share = np.where(crossing, w / np.where(gap == 0, 1.0, gap), np.inf)
        first = share.argmin(axis=1)
        step = np.where(blocked, share[np.arange(len(index)), first], 1.0)
        self.w[index] = np.where(
            blocked[:, None], w + step[:, None] * (target - w), np.where(sign != 0, target, 0.0)
        )
        lost, which = index[blocked], first[blocked]
        self.w[lost, which], self.sign[lost, which] = 0.0, 0
        # a weight that is freed and pulled back at once was at rest but for rounding
        self.open[lost[(which == self.freed[lost]) & (step[blocked] <= 0)]] = False
        arrived: IntArray = index[~blocked]
        return arrived

    def free(self, index: IntArray, pull: FloatArray, sign: FloatArray, tiny: FloatArray) -> None:
        """Free the weight with the largest ``pull``, or close the problem where none is left."""
        pull = np.where(self.sign[index] != 0, -np.inf, pull)
        best = pull.argmax(axis=1)
        rows = np.arange(len(index))
        more = pull[rows, best] > tiny
        self.open[index[~more]] = False
        at, which = index[more], best[more]
        self.sign[at, which] = np.where(sign[rows, best][more] < 0, -1, 1)
        self.freed[at] = which


def simplex(gram: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Minimise w'Aw over w ≥ 0, Σw = 1, for B symmetric matrices A at once.

    Parameters
    ----------
    gram : (B, J, J) array
        A = D'D; the columns of D are the gaps to each donor.

    Returns
    -------
    (B, J) array, (B,) bool array
        The weights, and whether the search came to its end.
    """
    b, j = gram.shape[:2]
    diagonal = np.einsum("bjj->bj", gram)
    size = diagonal.max(axis=1)
    unit = gram / np.where(size > 0, size, 1.0)[:, None, None]
    nearest = diagonal.argmin(axis=1)
    w = np.zeros((b, j))
    w[np.arange(b), nearest] = 1.0
    search = _Search.at(w, w.astype(np.int64))
    for _ in range(PATIENCE * (j + 1)):
        index = np.flatnonzero(search.open)
        if not index.size:
            break
        held = search.sign[index] != 0
        target = _solve(unit[index], held, np.zeros((len(index), j)), whole=True)
        arrived = search.move(index, target)
        pull = np.einsum("bij,bj->bi", unit[arrived], search.w[arrived])
        level = np.einsum("bj,bj->b", pull, search.w[arrived])
        rest = np.full(len(arrived), TINY)
        search.free(arrived, level[:, None] - pull, np.ones_like(pull), rest)
    return search.w, ~search.open


def lasso(
    gram: FloatArray, pull: FloatArray, kappa: FloatArray, start: FloatArray | None = None
) -> tuple[FloatArray, BoolArray]:
    """Minimise ½w'Gw − c'w + κΣ|w_j| for B problems at once.

    Parameters
    ----------
    gram : (B, J, J) array
        G, a ridge on its diagonal included.
    pull : (B, J) array
        c.
    kappa : (B,) array
        κ ≥ 0.
    start : (B, J) array, optional
        Weights to begin with: those of a nearby κ.

    Returns
    -------
    (B, J) array, (B,) bool array
        The weights, and whether the search came to its end.
    """
    b, j = pull.shape
    w = np.zeros((b, j)) if start is None else start.copy()
    search = _Search.at(w, np.sign(w).astype(np.int64))
    rest = TINY * np.abs(pull).max(axis=1, initial=0.0)
    for _ in range(PATIENCE * (j + 1)):
        index = np.flatnonzero(search.open)
        if not index.size:
            break
        sign = search.sign[index]
        goal = pull[index] - kappa[index, None] * sign
        arrived = search.move(index, _solve(gram[index], sign != 0, goal, whole=False))
        left = pull[arrived] - np.einsum("bij,bj->bi", gram[arrived], search.w[arrived])
        search.free(arrived, np.abs(left) - kappa[arrived, None], left, rest[arrived])
    return search.w, ~search.open


def _solve(gram: FloatArray, held: BoolArray, goal: FloatArray, *, whole: bool) -> FloatArray:
    """(B, J) solution of G w = goal on the ``held`` weights, zero on the others.

    With ``whole`` the weights sum to one, and the goal holds up to a constant.
    """
    width = max(int(held.sum(axis=1).max(initial=0)), 1)
    order = np.argsort(~held, axis=1, kind="stable")[:, :width]  # the held ones first
    real = np.take_along_axis(held, order, axis=1)
    b = len(gram)
    size = width + int(whole)
    matrix = np.zeros((b, size, size))
    part = gram[np.arange(b)[:, None, None], order[:, :, None], order[:, None, :]]
    pairs = real[:, :, None] & real[:, None, :]
    matrix[:, :width, :width] = np.where(pairs, part, np.eye(width))
    right = np.zeros((b, size, 1))
    right[:, :width, 0] = np.where(real, np.take_along_axis(goal, order, axis=1), 0.0)
    if whole:
        matrix[:, :width, width] = matrix[:, width, :width] = real
        right[:, width] = 1.0
    found = np.linalg.solve(matrix, right)
    found += np.linalg.solve(matrix, right - matrix @ found)
    out = np.zeros(held.shape)
    np.put_along_axis(out, order, np.where(real, found[:, :width, 0], 0.0), axis=1)
    return out
