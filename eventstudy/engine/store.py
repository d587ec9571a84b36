"""Results of all events while they are being made, and the events that are solved together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray, Windows
from eventstudy.engine.gathering import Sorted
from eventstudy.roots import Roots
from eventstudy.triangular import pack

#: a standard deviation this small against the root mean square is no movement (M.8)
STILL = 1e-10


class Store:
    """Results of all events, in the order of the placement."""

    def __init__(self, events: Sorted, windows: Windows, p: int) -> None:
        n, dates = len(events.order), len(events.rows)
        days, length = len(windows.event), windows.days
        #: columns of the two windows, and the estimation days in one of its intervals
        self.estimation, self.event = windows.estimation_columns, windows.event_columns
        self.used = windows.used
        self.abnormal = np.empty((n, days))
        self.params = np.empty((n, p))
        #: Σe², Σ(R − offset)² about the mean, ΣR² over the valid estimation days
        self.sums = np.empty((n, 3))
        #: valid estimation days, and those with a return whatever the factors
        self.count = np.full(n, float(length))
        self.returns = np.full(n, float(length))
        self.stale = np.zeros(n, dtype=bool)
        self.collinear = np.zeros(n, dtype=bool)
        #: complete events have the design of their date, the others get their own
        self.design = np.empty(n, dtype=np.int64)
        self.design[events.order] = events.date
        #: operators of the dates, and (date, triangle) of the events with designs of their own
        self.shared = np.empty((dates, days, p))
        self._own: list[tuple[IntArray, FloatArray]] = []
        self._used = dates

    def put(self, index: IntArray, abnormal: FloatArray) -> None:
        """Keep the (m, L2) abnormal returns of the events at the positions ``index``."""
        self.abnormal[index] = abnormal

    def forget(self, index: IntArray) -> None:
        """Mark events that cannot be fitted."""
        self.abnormal[index] = self.params[index] = self.sums[index] = np.nan

    def own_designs(self, index: IntArray, low: FloatArray) -> None:
        """Give the events ``index`` designs of their own, by their triangles (p, p, m)."""
        self._own.append((self.design[index], pack(low)))
        self.design[index] = np.arange(self._used, self._used + len(index))
        self._used += len(index)

    @property
    def root(self) -> FloatArray | Roots:
        """Forecast operators of all designs."""
        if not self._own:
            return self.shared
        dates, low = zip(*self._own, strict=True)
        return Roots(self.shared, np.concatenate(dates), np.concatenate(low, axis=1))


@dataclass(frozen=True)
class Chunk:
    """Events that are solved together."""

    #: (m, span) returns, and the date of each row counted from the first of the operators
    returns: FloatArray
    date: IntArray
    #: the rows to keep, their positions among the sorted events, and days to leave out
    pick: IntArray | slice
    events: IntArray
    excluded: BoolArray | None
