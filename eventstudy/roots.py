"""Forecast operators of all designs: those of dates, and those of events with days of their own.

A date with X = QR has root = x R⁻¹ for each event day x. An event whose missing days leave
Q'VQ = LL' has x R⁻¹L⁻ᵀ: it shares the root of its date, and its own L is all that is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.stacks import by_date
from eventstudy.triangular import forward, inverse_gram, unpack

#: designs that are multiplied out together
TILE = 4096
#: smallest against largest pivot below which a triangle is not inverted
WEAK = 0.03


@dataclass(frozen=True, eq=False)
class Roots:
    """(D + H, L2, p) forecast operators: D dates, then H events by date and triangle.

    Used like the array that it stands for, which is made only where somebody asks for it.

    Examples
    --------
    >>> roots = Roots(np.ones((1, 3, 1)), np.array([0]), np.array([[2.0]]))
    >>> len(roots), roots.summed(slice(1, 3)).tolist(), roots[[1]].tolist()
    (2, [[2.0], [1.0]], [[[0.5], [0.5], [0.5]]])
    """

    #: (D, L2, p) of the dates
    shared: FloatArray
    #: (H,) date of each other design, and (P, H) its packed L
    date: IntArray
    low: FloatArray

    @property
    def shape(self) -> tuple[int, int, int]:
        """(D + H, L2, p)."""
        _, days, p = self.shared.shape
        return len(self), days, p

    def __len__(self) -> int:
        return len(self.shared) + len(self.date)

    def __array__(self, dtype: Any = None, copy: Any = None) -> npt.NDArray[Any]:  # noqa: ANN401  (of NumPy)
        return self[np.arange(len(self))].astype(dtype or float, copy=False)

    def __getitem__(self, index: IntArray | BoolArray | slice) -> FloatArray:
        """(m, L2, p) of some designs."""
        index = np.arange(len(self))[index]
        found = np.empty((len(index), *self.shape[1:]))
        for first in range(0, len(index), TILE):
            some = slice(first, first + TILE)
            found[some] = self._turned(index[some], self.shared)
        return found

    def summed(self, days: slice) -> FloatArray:
        """(D + H, p) sums over some days."""
        of_dates = self.shared[:, days].sum(axis=1)
        return np.concatenate([of_dates, self._own(slice(None), of_dates[:, None])[:, 0]])

    def squares(self) -> FloatArray:
        """(D + H, L2) squared lengths, day by day: z'(LL')⁻¹z of the root z of the date."""
        dates, found = len(self.shared), np.empty(self.shape[:2])
        np.einsum("glp,glp->gl", self.shared, self.shared, out=found[:dates])
        found[dates:] = 0.0
        for first in range(0, len(self.date) if self.shape[2] else 0, TILE):
            some = slice(first, first + TILE)
            low = unpack(self.low[:, some], self.shape[2])
            found[dates:][some] = self._lengths(low, self.date[some])
        return found

    def _lengths(self, low: FloatArray, date: IntArray) -> FloatArray:
        """(m, L2) squared lengths of designs of their own."""
        first, last = int(date.min()), int(date.max())
        rows = self.shared[first : last + 1].transpose(2, 0, 1)
        pairs = np.array([rows[i] * rows[j] for i in range(len(rows)) for j in range(i + 1)])
        found = by_date(inverse_gram(low).T, pairs.transpose(1, 0, 2), date - first)
        pivots = np.einsum("ppm->pm", low)
        weak = np.flatnonzero(pivots.min(axis=0) < WEAK * pivots.max(axis=0))
        if weak.size:  # their inverse would lose digits
            own = forward(low[..., weak], self.shared[date[weak]].transpose(2, 1, 0))
            found[weak] = np.einsum("plm,plm->lm", own, own).T
        return found

    def _turned(self, index: IntArray, rows: FloatArray) -> FloatArray:
        dates = len(self.shared)
        found = rows[np.where(index < dates, index, 0)]
        own = np.flatnonzero(index >= dates)
        if own.size:
            found[own] = self._own(index[own] - dates, rows)
        return found

    def _own(self, which: IntArray | slice, rows: FloatArray) -> FloatArray:
        """(h, days, p) L⁻¹ of the events ``which`` times the (D, days, p) rows of their dates."""
        low = unpack(self.low[:, which], rows.shape[-1])
        return forward(low, rows[self.date[which]].transpose(2, 1, 0)).transpose(2, 1, 0)


def summed(root: FloatArray | Roots, days: slice) -> FloatArray:
    """(G, p) sums of the operators of all designs over some days."""
    if isinstance(root, Roots):
        return root.summed(days)
    return np.asarray(root[:, days].sum(axis=1))


def squares(root: FloatArray | Roots) -> FloatArray:
    """(G, L2) squared lengths of the operators, day by day."""
    if isinstance(root, Roots):
        return root.squares()
    return np.asarray(np.einsum("glp,glp->gl", root, root))
