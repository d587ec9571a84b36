"""All days that were tried, and what chance would make of so many."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import stdtr

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.rolling.value import Rolling


@dataclass(frozen=True, eq=False)
class Tried:
    """All days that were looked at."""

    table: Rolling
    #: (S,) the securities in the panel, and in the table
    firm: IntArray
    row: IntArray
    #: returns, by the rows of the table
    returns: FloatArray

    @cached_property
    def sar(self) -> FloatArray:
        """(S, D) abnormal returns over their forecast error, NaN where there is no estimate."""
        sar: FloatArray = self.table.scar[0][self.row]
        return sar

    @cached_property
    def dof(self) -> FloatArray:
        """(S, D) degrees of freedom of their t law."""
        dof: FloatArray = self.table.dof[self.row]
        return dof

    @cached_property
    def days(self) -> int:
        """How many could be measured."""
        return int(np.isfinite(self.sar).sum())

    def by_chance(self, z: float) -> float:
        """How many would lie beyond ±z if nothing ever happened, by the t law."""
        dof, count = np.unique(self.dof[np.isfinite(self.sar)], return_counts=True)
        return float((2.0 * stdtr(dof, -z) * count).sum())

    def adjusted(self, hits: BoolArray) -> FloatArray:
        """p-values of the ``hits``, adjusted for all days: min over j ≥ i of p₍ⱼ₎·days/j.

        Days within ±2 cannot lower a value that is below their own p: they are only looked at
        where that does not settle it.
        """
        size = np.abs(self.sar)
        for cut in (2.0, 0.0):
            far = (size > cut) | hits | ((cut == 0.0) & np.isfinite(size))
            p = 2.0 * stdtr(self.dof[far], -size[far])
            order = np.argsort(p)
            ratio = p[order] * self.days / np.arange(1, len(p) + 1)
            least = np.empty_like(p)
            least[order] = np.minimum.accumulate(ratio[::-1])[::-1]
            found = np.minimum(least[hits[far]], 1.0)
            if found.size == 0 or found.max() <= 2.0 * stdtr(float(np.nanmax(self.dof)), -cut):
                break
        return found
