"""The days 0 of a scan: which of them have enough estimation days, and what holes do to them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from eventstudy.arrays import BoolArray, IntArray, Windows
from eventstudy.windows import Window


@dataclass(frozen=True)
class Days:
    """D days 0, and what the calendar alone says of them."""

    windows: Windows
    #: calendar rows of the days 0
    rows: range
    #: (T,) days on which every factor and the offset is known
    known: BoolArray
    #: valid estimation days that a window needs
    need: int

    @property
    def inside(self) -> BoolArray:
        """(D,) whether the event window lies inside the data."""
        row, event = np.arange(self.rows.start, self.rows.stop), self.windows.event
        return np.asarray((row + event.first >= 0) & (row + event.last < len(self.known)))

    @property
    def count(self) -> IntArray:
        """(D,) estimation days with every factor."""
        found: IntArray = self.within(self.known[None], self.windows.estimation)[0]
        return found

    @property
    def usable(self) -> BoolArray:
        """(D,) whether there are enough of them, and an event day with every factor."""
        some = self.within(self.known[None], self.windows.event)[0] > 0
        return np.asarray(self.inside & some & (self.count >= self.need))

    def alive(self) -> Days:
        """From the first usable day to the last."""
        found = np.flatnonzero(self.usable)
        if not found.size:
            return replace(self, rows=self.rows[:0])
        return replace(self, rows=self.rows[int(found[0]) : int(found[-1]) + 1])

    def within(self, found: BoolArray, window: Window) -> IntArray:
        """(n, D) how many days of ``window`` around each day 0 are among the days ``found`` (n, T).

        From differences of counts, which are exact.
        """
        end = found.shape[1]
        total = np.zeros((len(found), end + 1), dtype=np.int32)
        np.cumsum(found, axis=1, out=total[:, 1:])
        row = np.arange(self.rows.start, self.rows.stop)
        first, stop = (np.clip(row + day, 0, end) for day in (window.first, window.last + 1))
        return np.asarray(total[:, stop] - total[:, first])

    def touched(self, found: BoolArray, window: Window) -> BoolArray:
        """(n, D) whether any day of ``window`` is among them; the window lies inside the data.

        The days are put together by twos, by fours, …: bytes, which is quicker than counting.
        """
        first, length = self.rows.start + window.first, len(window)
        days = found[:, first : first + len(self.rows) + length - 1]
        done = 1
        while done < length:
            more = min(done, length - done)
            days = days[:, :-more] | days[:, more:]
            done += more
        return days
