"""Cutting the rows of events out of the panel, and the calendar of a linear design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from eventstudy.arrays import FloatArray, IntArray, Placement, Windows
from eventstudy.models.least_squares import Operators, operators
from eventstudy.models.linear import Design

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True)
class Sorted:
    """Events in the order of their dates, and of their firms within a date."""

    #: (N,) sorted → position in the placement
    order: IntArray
    #: (N,) security, first column (may be negative) and index of the date, sorted
    firm: IntArray
    start: IntArray
    date: IntArray
    #: (D,) column of day 0, and (D + 1,) where the events of each date begin
    rows: IntArray
    bounds: IntArray


def sort_events(placement: Placement, securities: int, windows: Windows) -> Sorted:
    """Sort by (day 0, security)."""
    order = np.argsort(placement.row * securities + placement.firm)
    row = placement.row[order]
    fresh = np.flatnonzero(np.r_[True, row[1:] != row[:-1]]) if row.size else row
    bounds = np.r_[fresh, len(row)].astype(np.int64)
    date = np.repeat(np.arange(len(fresh)), np.diff(bounds))
    start = row + windows.first
    return Sorted(order, placement.firm[order], start, date, row[fresh], bounds)


def gather(
    panel: npt.NDArray[Scalar], firm: IntArray, start: IntArray, span: int, fill: Scalar
) -> npt.NDArray[Scalar]:
    """(m, span) a copy of ``panel[firm, start : start + span]``; ``fill`` outside the data."""
    if not len(start):
        return np.empty((0, span), dtype=panel.dtype)
    end = panel.shape[1]
    if start.min() >= 0 and start.max() + span <= end:
        return sliding_window_view(panel, span, axis=1)[firm, start]
    found = np.full((len(firm), span), fill, dtype=panel.dtype)
    for first in np.unique(start):
        rows = np.flatnonzero(start == first)
        inside = slice(max(first, 0), min(first + span, end))
        if inside.start < inside.stop:
            found[rows, inside.start - first : inside.stop - first] = panel[firm[rows], inside]
    return found


class Calendar:
    """The design matrix of the whole calendar, and the operators of any dates."""

    def __init__(self, design: Design, windows: Windows, starts: IntArray) -> None:
        self._windows = windows
        self._pad = max(0, -int(starts.min(initial=0)))
        after = max(0, int(starts.max(initial=0)) + windows.span - len(design.regressors))
        self._matrix = _padded(design.matrix, self._pad, after)
        self._offset = _padded(design.offsets[:, None], self._pad, after)
        self._used = windows.used

    def operators(self, start: IntArray) -> Operators:
        """Factorise the dates that begin at the columns ``start``."""
        span, first = self._windows.span, start + self._pad
        matrix = sliding_window_view(self._matrix, span, axis=0)[first].transpose(0, 2, 1)
        offset = sliding_window_view(self._offset, span, axis=0)[first][:, 0]
        columns = (self._windows.estimation_columns, self._windows.event_columns)
        return operators(matrix, offset, *columns, self._used)


def _padded(values: FloatArray, before: int, after: int) -> FloatArray:
    """Put missing days before and after the data."""
    if not (before or after):
        return values
    width = values.shape[1]
    return np.concatenate(
        [np.full((before, width), np.nan), values, np.full((after, width), np.nan)]
    )
