"""Residuals of some events of a block, in memory that is used again."""

from __future__ import annotations

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, IntArray
from eventstudy.engine.paths import LinearPaths


class Reader:
    """Reads residuals where the returns stand, if the securities of a date stand together."""

    def __init__(self, most: int, days: int) -> None:
        """For at most so many events at a time, and so many days."""
        self._room = np.empty((most, days))

    def read(self, events: Abnormal, some: slice) -> FloatArray:
        """(m, L1) residuals, NaN on days that were not used; the next ones may overwrite them."""
        paths, path = events.paths, events.path[some]
        if not isinstance(paths, LinearPaths) or (days := _stretch(paths, path)) is None:
            return paths.residuals(path)
        first, found = paths.firm[path[0]], self._room[: len(path)]
        np.matmul(paths.params[path], paths.matrix[days].T, out=found)
        if paths.offset.any():  # the market model has none
            found += paths.offset[days]
        return np.subtract(paths.returns[first : first + len(path), days], found, out=found)


def _stretch(paths: LinearPaths, path: IntArray) -> slice | None:
    """The days of some events, if they are of one date and of firms that stand together."""
    firm, row, window = paths.firm[path], paths.row[path], paths.windows.estimation
    start, stop = int(row[0]) + window.first, int(row[0]) + window.last + 1
    plain = paths.excluded is None and not paths.windows.intervals
    if not (plain and start >= 0 and stop <= len(paths.matrix)):
        return None
    together = bool((row == row[0]).all() and (np.diff(firm) == 1).all())
    return slice(start, stop) if together else None
