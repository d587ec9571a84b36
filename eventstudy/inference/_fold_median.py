"""The median of parts, as exactly as a sentence prints it.

Numbers are counted in bins whose edges are where a first decimal changes, and each bin keeps its
smallest and its largest. A median between two bins is then exact; inside a bin any number of it
prints the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from eventstudy.arrays import FloatArray, IntArray
from eventstudy.inference._fold_merging import added, highest, lowest

#: where the first decimal changes, up to the largest skewness of 250 days; and the bound of
#: `_answer.SKEWED`, on either side
_HALVES = np.arange(160) / 10.0 + 0.05
EDGES = np.sort(np.concatenate([-_HALVES, _HALVES, [-0.5, 0.5]]))


@dataclass(frozen=True, eq=False)
class Bins:
    """How many numbers lie between the edges, and the smallest and largest of each bin."""

    count: Annotated[IntArray, added]
    low: Annotated[FloatArray, lowest]
    high: Annotated[FloatArray, highest]

    @classmethod
    def of(cls, ordered: FloatArray) -> Bins:
        """Sort numbers that ascend into the bins.

        >>> round(Bins.of(np.array([-1.0, 0.31, 0.52, 3.0])).median, 12)
        0.415
        """
        stops = np.append(np.searchsorted(ordered, EDGES), len(ordered))
        starts = np.insert(stops[:-1], 0, 0)
        low, high = np.full(len(stops), np.inf), np.full(len(stops), -np.inf)
        some = stops > starts
        low[some], high[some] = ordered[starts[some]], ordered[stops[some] - 1]
        return cls(stops - starts, low, high)

    @property
    def median(self) -> float:
        """The median, or a number that prints as it does; 0 for no numbers."""
        until = np.cumsum(self.count)
        n = int(until[-1])
        return (self._at((n - 1) // 2, until) + self._at(n // 2, until)) / 2.0 if n else 0.0

    def _at(self, place: int, until: IntArray) -> float:
        """A number of the bin that holds the number at ``place``; itself at the bin's ends."""
        k = int(np.searchsorted(until, place, side="right"))
        if place == until[k] - self.count[k]:
            return float(self.low[k])
        if place == until[k] - 1:
            return float(self.high[k])
        return float(self.low[k] + self.high[k]) / 2.0
