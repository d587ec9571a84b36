"""What a scan reads of some securities at a time: days to add up, and those that are missing."""

from __future__ import annotations

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray
from eventstudy.models.linear import Design
from eventstudy.rolling.operators import Operators
from eventstudy.rolling.value import Counts


class Reader:
    """Buffers for the days of ``many`` securities, filled chunk after chunk.

    All hold zeros where there is nothing to add: where a return or a factor is missing, and on
    days before and after the data.
    """

    def __init__(self, ops: Operators, design: Design, many: int, *, excluding: bool) -> None:
        self.layout, self.known = ops.layout, ops.known
        shape = many, ops.layout.width
        self.offset = None if design.offset is None else ops.layout.cut(design.offset, 0.0)
        #: returns less offsets; and without the days that no estimation may use
        self.days = np.zeros(shape)
        self.past = np.zeros(shape) if excluding else self.days
        #: returns as they are, of days that an estimation may use: a series that does not move can
        #: hide behind an offset, or behind a level that is not estimated
        centred = design.intercept or (not design.names and design.demean)
        self.raw = None if self.offset is None and centred else np.zeros(shape)
        #: days with every factor that no estimation can use
        self.lost = np.zeros(shape, dtype=bool)
        self.count, self.n_obs = ops.count, np.empty((many, ops.layout.dates), dtype=np.int32)

    def read(self, returns: FloatArray, excluded: BoolArray | None) -> None:
        """Read the days of the layout from ``returns`` (n, T)."""
        layout, n = self.layout, len(returns)
        lo, hi = max(layout.begin, 0), min(layout.begin + layout.width, returns.shape[1])
        inside = slice(lo - layout.begin, hi - layout.begin)
        days, lost, known = self.days[:n, inside], self.lost[:n, inside], self.known[inside]
        days[:] = returns[:, lo:hi]
        np.isfinite(days, out=lost)
        lost &= known
        np.logical_not(lost, out=lost)
        holed = lost.any()
        if holed:
            np.copyto(days, 0.0, where=lost)
        if self.raw is not None:
            self.raw[:n, inside] = days
        if self.offset is not None:
            days -= np.where(known, self.offset[inside], 0.0)
            if holed:
                np.copyto(days, 0.0, where=lost)
        if excluded is not None:
            lost |= excluded[:, lo:hi]
            self.past[:n, inside] = days
            for series in (self.past,) if self.raw is None else (self.past, self.raw):
                np.copyto(series[:n, inside], 0.0, where=lost)
        lost &= known

    def counted(self, n: int) -> Counts | None:
        """(n, dates) valid estimation days of each window; None if no window has lost a day."""
        some = np.flatnonzero(self.lost[:n].any(axis=1))
        if not some.size:
            return None
        layout, estimation = self.layout, self.layout.windows.estimation
        total = np.zeros((some.size, layout.width + 1), dtype=np.int32)
        np.cumsum(self.lost[some], axis=1, out=total[:, 1:])
        first = total[:, layout.column(estimation.first) :]
        n_obs = self.n_obs[:n]
        n_obs[:] = self.count
        n_obs[some] -= first[:, len(estimation) :][:, : layout.dates] - first[:, : layout.dates]
        return n_obs
