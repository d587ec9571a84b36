"""Windows with missing days, each regressed on its own valid days, block by block.

Where days are missing, the Gram matrix of a window is its own. In the basis u of its block it is

    G = Σ_valid u u' = MM',   and   M⁻¹ Σ_valid u y,   M⁻¹ Σ_event u

are c and the root of the forecast: the squared fit, the expected CAR and Q are products of the two.
G is added up as Σ u y is, from the valid first days, shared days and last days. Nothing is
subtracted, so that a window keeps its digits however few of its days are left.
"""

from __future__ import annotations

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.models.least_squares import GUARD
from eventstudy.rolling.operators import Operators, ends
from eventstudy.rolling.part import Part
from eventstudy.rolling.value import Counts
from eventstudy.stacks import runs
from eventstudy.triangular import cholesky, forward, size

#: numbers that the small systems of some windows may fill
ROOM = 1 << 18


class Holes:
    """Windows with holes: they wait until there are enough of them. One for each thread.

    What waits is a security in a block, with all dates of it.

    Parameters
    ----------
    ops : Operators
        What the blocks share.
    lost : (n, width) bool array
        The days that cannot be used, of those with every factor; read when it is asked.
    fixed : int
        Degrees of freedom that an estimation costs.
    """

    def __init__(self, ops: Operators, lost: BoolArray, fixed: int) -> None:
        layout, self.ops, self.fixed = ops.layout, ops, fixed
        first = layout.column(layout.windows.estimation.first)
        self.lost = layout.blocked(lost, first, ops.basis.shape[1])
        self.band = ends(layout.step, 1)
        self.q = ops.q.reshape(len(ops.q), layout.blocks, layout.step)
        each = layout.step * ops.projected * (ops.projected + len(layout.asked))
        self.many = max(1, ROOM // max(1, each))
        self.waiting: list[tuple[IntArray, IntArray, FloatArray, FloatArray]] = []

    @property
    def enough(self) -> bool:
        """Whether so many wait that they are worth the calls."""
        return sum(len(some[0]) for some in self.waiting) >= self.many

    def wait(self, block: IntArray, firm: IntArray, c: FloatArray, total: FloatArray) -> None:
        """Keep c (m, p, step) and Σy² (m, step) of m of them."""
        self.waiting.append((block, firm, c, total))

    def solve(self, part: Part, count: Counts) -> None:
        """Regress all that wait, each window on its ``count`` (G, n, step) valid days.

        The arrays of ``part`` (…, G, n, step) have to hold Σ_W y where the CARs will be.
        """
        if not self.waiting:
            return
        block, firm, c, total = map(np.concatenate, zip(*self.waiting, strict=True))
        self.waiting.clear()
        for a in range(0, len(block), self.many):
            some = slice(a, a + self.many)
            at = block[some], firm[some]
            self._few(at, c[some].swapaxes(0, 1), total[some], part, count[at] - self.fixed)

    def _few(
        self,
        at: tuple[IntArray, IntArray],
        c: FloatArray,
        total: FloatArray,
        part: Part,
        dof: Counts,
    ) -> None:
        """Do so for some of them, ``at`` these blocks and securities."""
        gram, block = self._gram(*at), at[0]
        low, unsure = cholesky(gram.reshape(len(c), len(c), -1))
        own = forward(low.reshape(gram.shape), self._right(block, c))
        squares = total - np.einsum("pmd,pmd->md", own[:, 0], own[:, 0])
        part.redo[at] |= unsure.reshape(dof.shape) | ~(squares > GUARD * total)
        part.sigma[at] = sigma = np.sqrt(squares / dof)
        for w, window in enumerate(self.ops.layout.asked):
            car, q = part.car[w][at], self.q[w, block]
            if own.shape[1] > 1:
                forecast = own[:, 1 + w]
                car -= np.einsum("pmd,pmd->md", own[:, 0], forecast)
                q = len(window) + np.einsum("pmd,pmd->md", forecast, forecast)
                part.car[w][at] = car
            part.scar[w][at] = car / (sigma * np.sqrt(q))

    def _right(self, block: IntArray, c: FloatArray) -> FloatArray:
        """(p, 1 + W, m, step) Σ u y and, where parameters are estimated, Σ u of the windows.

        From ``c`` (p, m, step) in the basis of each date: Σ u y = L c.
        """
        low, event = self.ops.low, self.ops.event
        right = np.empty((len(c), 1 + event.shape[1], *c.shape[1:]))
        for i in range(len(c)):
            np.multiply(low[i, 0, block], c[0], out=right[i, 0])
            for j in range(1, i + 1):
                right[i, 0] += low[i, j, block] * c[j]
        right[:, 1:] = event[:, :, block]
        return right

    def _gram(self, block: IntArray, firm: IntArray) -> FloatArray:
        """(p, p, m, step) Σ u u' over the valid days of each window; lower triangles."""
        sides, shared = self.ops.pairs
        lost, step, p = self.lost[block, firm], self.ops.layout.step, self.ops.projected
        inner = slice(step - 1, step - 1 + shared.shape[1])
        valid = (~lost[:, inner]).astype(float)
        sums = np.empty((len(block), shared.shape[2]))
        for g, same in runs(block):
            np.matmul(valid[same], shared[g], out=sums[same])
        # of the shared days one place is left, for their sum
        gone = np.delete(lost, np.s_[inner.start + 1 : inner.stop], axis=1)
        zero, gram = np.flatnonzero(gone), np.empty((p, p, len(block), step))
        for i in range(p):
            row = slice(size(i), size(i + 1))
            rows = np.take(sides[row], block, axis=1)
            rows.reshape(i + 1, -1)[:, zero] = 0.0
            rows[..., inner.start] = sums[:, row].T
            out = gram[i, : i + 1].reshape(-1, step)
            np.matmul(rows.reshape(len(out), -1), self.band, out=out)
        return gram
