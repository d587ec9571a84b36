"""Which days the blocks of a scan read: `STEP` neighbouring dates make a block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from eventstudy.arrays import Windows
from eventstudy.windows import Window

#: dates a block: more of them share less, fewer make more blocks
STEP = 32


@dataclass(frozen=True)
class Layout:
    """Which days the blocks read: G blocks of ``step`` dates each, from the calendar row on."""

    windows: Windows
    #: the windows whose sums are wanted; the event window is their hull
    asked: tuple[Window, ...]
    #: calendar row of the first date, and how many blocks
    row: int
    blocks: int
    step: int

    @classmethod
    def of(cls, windows: Windows, asked: tuple[Window, ...], rows: range) -> Layout:
        """Lay blocks over the dates ``rows``; the last block may reach beyond them."""
        step = min(STEP, len(windows.estimation))
        return cls(windows, asked, rows.start, -(-len(rows) // step), step)

    @property
    def dates(self) -> int:
        """Dates of all blocks."""
        return self.blocks * self.step

    @property
    def begin(self) -> int:
        """Calendar row of the first day that is read; may lie before the data."""
        return self.row + self.windows.first

    @property
    def width(self) -> int:
        """Days that are read, from ``begin`` on."""
        return self.dates + self.windows.span - 1

    @property
    def shared(self) -> int:
        """Estimation days that all dates of a block share."""
        return len(self.windows.estimation) - self.step + 1

    def column(self, day: int) -> int:
        """Where event day ``day`` of the first date lies among the days read."""
        return day - self.windows.first

    def blocked(self, days: np.ndarray, first: int, length: int) -> np.ndarray:
        """(G, n, length) view of ``days`` (n, width): ``length`` days from column ``first`` on.

        Each block begins ``step`` columns after the one before.
        """
        view = sliding_window_view(days, length, axis=1)[:, first :: self.step]
        return view[:, : self.blocks].transpose(1, 0, 2)

    def cut(self, series: np.ndarray, fill: float) -> np.ndarray:
        """(width, …) the days read of a calendar series (T, …), ``fill`` outside the data."""
        found = np.full((self.width, *series.shape[1:]), fill, dtype=series.dtype)
        lo, hi = max(self.begin, 0), min(self.begin + self.width, len(series))
        if lo < hi:
            found[lo - self.begin : hi - self.begin] = series[lo:hi]
        return found
