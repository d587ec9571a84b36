"""Ranks of the event days among the residuals of their events, while they are being summed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray
from eventstudy.inference._fold_merging import added, merge
from eventstudy.inference.generalised_ranks import Higher, OwnRanks


@dataclass(frozen=True, eq=False)
class Own:
    """Sums for m windows and two factors of each, 1 and that of `grank_t` (D.13)."""

    #: (2, m) Σ rank/(M+2) of the event day, and (2, m, L1) Σ [above it]/(M+2) of the days
    rank: Annotated[FloatArray, added]
    above: Annotated[FloatArray, added]

    def of(self, window: int, factor: int) -> OwnRanks:
        """Those of one window and factor."""
        return OwnRanks(float(self.rank[factor, window]), self.above[factor, window])


class OwnRanker:
    """Adds ranks up, in memory that it keeps."""

    def __init__(self, windows: int, days: int) -> None:
        self._found = Own(np.zeros((2, windows)), np.zeros((2, windows, days)))
        self._higher = Higher()
        #: events without gaps that all windows retain, and who is above them
        self._n, self._above = 0, np.zeros((2, windows, days))

    def add(self, e: FloatArray, values: list[FloatArray], kept: BoolArray, *, whole: bool) -> None:
        """Rank the values of each window, (1, m) or (2, m), among (m, L1) residuals.

        ``kept`` says which events each window retains, ``whole`` that no residual is missing.
        """
        if whole and kept.all():
            self._n += len(e)
            for w, window in enumerate(values):
                for f, value in enumerate(window):
                    self._above[f, w] += self._higher.count(e, value)
            return
        days, found = np.isfinite(e).sum(axis=1).astype(float), self._found
        for w, (window, its) in enumerate(zip(values, kept, strict=True)):
            weight = its / (days + 2.0)
            for f, value in enumerate(window):
                above = self._higher.weigh(e, value, weight)
                found.above[f, w] += above
                found.rank[f, w] += float((days + 1.0) @ weight - above.sum())

    @property
    def found(self) -> Own:
        """The sums of all that was added."""
        days = self._above.shape[2]
        weight = 1.0 / (days + 2.0)
        rank = (self._n * (days + 1.0) - self._above.sum(axis=2)) * weight
        return merge([self._found, Own(rank, self._above * weight)])
