"""Cutting the rows of events out of the panel, and the calendar of a linear design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from eventstudy.arrays import BoolArray, FloatArray, IntArray, Placement, Windows
from eventstudy.models.least_squares import Operators, operators
from eventstudy.models.linear import Design

#: events a date from which there is nothing to stack
STACKED = 100

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True)
class Sorted:
    """Events in the order of their dates, and of their firms within a date."""

    #: (N,) sorted → position in the placement
    order: IntArray
    #: (N,) security and index of the date, sorted
    firm: IntArray
    date: IntArray
    #: (D,) column of day 0, first column (may be negative) and number of events of each date
    rows: IntArray
    starts: IntArray
    sizes: IntArray
    #: (D + 1,) where the events of each date begin
    bounds: IntArray

    @classmethod
    def of(cls, placement: Placement, windows: Windows, *, by_size: bool = False) -> Sorted:
        """Sort by date and security; the dates by their days, or by their numbers of events.

        Dates with equally many events then stand side by side, and their products are stacked.
        Where dates are large that gains nothing, and by their days they find in the cache what
        those before them have read.
        """
        row, firm = placement.row, placement.firm
        if not len(row):
            none = np.empty(0, dtype=np.int64)
            return cls(none, none, none, none, none, none, np.zeros(1, dtype=np.int64))
        base = row.min()
        sizes = np.bincount(row - base)
        days = np.flatnonzero(sizes)
        if by_size and len(row) < STACKED * len(days):
            days = days[np.argsort(sizes[days], kind="stable")]
        rank = np.empty(len(sizes), dtype=np.int64)
        rank[days] = np.arange(len(days))
        order, firm, date = _sorted(rank[row - base], firm)
        sizes = sizes[days]
        bounds = np.concatenate([[0], np.cumsum(sizes)])
        rows = days + base
        return cls(order, firm, date, rows, rows + windows.first, sizes, bounds)

    def between(self, dates: slice) -> slice:
        """The sorted events of some dates."""
        return slice(int(self.bounds[dates.start]), int(self.bounds[dates.stop]))

    def cut(self, dates: slice, events: int, most: int | None = None) -> list[slice]:
        """Cut dates into parts of at most so many events, or one date, and ``most`` dates."""
        found, first = [], dates.start
        while first < dates.stop:
            full = np.searchsorted(self.bounds, self.bounds[first] + events, side="right") - 1
            last = min(max(first + 1, int(full)), dates.stop, first + (most or dates.stop))
            found.append(slice(first, last))
            first = last
        return found


def _sorted(date: IntArray, firm: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Order, security and date of events by (date, security, position).

    The three share one integer, so that sorting it moves all of them at once.
    """
    last = len(date) - 1
    low, middle = last.bit_length(), int(firm.max()).bit_length()
    if low + middle + int(date.max()).bit_length() > 63:
        order = np.lexsort((firm, date))
        return order, firm[order], date[order]
    key = date << (low + middle)
    key |= firm << low
    key |= np.arange(last + 1)
    key.sort()
    order = key & ((1 << low) - 1)
    key >>= low
    firm = key & ((1 << middle) - 1)
    key >>= middle
    return order, firm, key


class Cutter(Generic[Scalar]):
    """Cuts rows of equally many days out of a panel; ``fill`` outside the data."""

    def __init__(self, panel: npt.NDArray[Scalar], span: int, fill: Scalar) -> None:
        #: a plain array also where the panel is a file
        self.panel: npt.NDArray[Scalar] = np.asarray(panel)
        self.span, self.fill = span, fill
        self._end = panel.shape[1]
        if span <= self._end:
            self._windows = windows_of(self.panel, span)

    def holds(self, start: IntArray) -> BoolArray:
        """Whether rows from the columns ``start`` on lie inside the data."""
        return np.asarray((start >= 0) & (start + self.span <= self._end))

    def whole(self, firm: IntArray, start: IntArray) -> npt.NDArray[Scalar]:
        """`cut` for rows that all lie inside the data."""
        if not len(start):
            return np.empty((0, self.span), dtype=self.panel.dtype)
        found: npt.NDArray[Scalar] = self._windows[firm, start]
        return found

    def cut(self, firm: IntArray, start: IntArray) -> npt.NDArray[Scalar]:
        """(m, span) a copy of ``panel[firm, start : start + span]``."""
        outside = ~self.holds(start)
        if not outside.any():
            return self.whole(firm, start)
        found = np.full((len(firm), self.span), self.fill, dtype=self.panel.dtype)
        if not outside.all():
            found[~outside] = self.whole(firm[~outside], start[~outside])
        for first in np.unique(start[outside]):
            rows = np.flatnonzero(start == first)
            days = slice(max(first, 0), min(first + self.span, self._end))
            if days.start < days.stop:
                found[rows, days.start - first : days.stop - first] = self.panel[firm[rows], days]
        return found


def gather(
    panel: npt.NDArray[Scalar], firm: IntArray, start: IntArray, span: int, fill: Scalar
) -> npt.NDArray[Scalar]:
    """(m, span) a copy of ``panel[firm, start : start + span]``; ``fill`` outside the data."""
    return Cutter(panel, span, fill).cut(firm, start)


def gather_returns(returns: FloatArray, firm: IntArray, start: IntArray, span: int) -> FloatArray:
    """(m, span) returns in double precision, however the panel stores them."""
    return as_double(gather(returns, firm, start, span, returns.dtype.type("nan")))


def as_double(values: FloatArray) -> FloatArray:
    """Values of a panel in double precision, copied only where they are not."""
    return np.asarray(values, dtype=np.float64)


class Calendar:
    """The design matrix of the whole calendar, and the operators of any dates."""

    def __init__(self, design: Design, windows: Windows, starts: IntArray) -> None:
        self._columns = (windows.estimation_columns, windows.event_columns)
        self._used, self._span = windows.used, windows.span
        self._constant = design.intercept
        self._pad = max(0, -int(starts.min(initial=0)))
        after = max(0, int(starts.max(initial=0)) + windows.span - len(design.regressors))
        matrix = _padded(design.matrix, self._pad, after)
        self._matrix = windows_of(matrix.T, self._span).transpose(1, 0, 2)
        #: None: nothing is subtracted on any day
        self._offset = None
        if design.offset is not None or self._pad or after:
            offset = _padded(design.offsets[:, None], self._pad, after)[:, 0]
            self._offset = windows_of(offset, self._span)

    def operators(self, start: IntArray) -> Operators:
        """Factorise the dates that begin at the columns ``start``."""
        first = start + self._pad
        matrix = self._matrix[first].transpose(0, 2, 1)
        if self._offset is None:
            offset = np.broadcast_to(0.0, matrix.shape[:2])
        else:
            offset = self._offset[first]
        return operators(matrix, offset, *self._columns, self._used, constant=self._constant)


def windows_of(rows: npt.NDArray[Scalar], span: int) -> npt.NDArray[Scalar]:
    """(…, T − span + 1, span) all stretches of so many columns; a view, not to be written to.

    ``sliding_window_view`` takes more than twice the time, which a small study would notice.
    """
    shape = (*rows.shape[:-1], rows.shape[-1] - span + 1, span)
    return as_strided(rows, shape, (*rows.strides, rows.strides[-1]), writeable=False)


def _padded(values: FloatArray, before: int, after: int) -> FloatArray:
    """Put missing days before and after the data."""
    if not (before or after):
        return values
    width = values.shape[1]
    return np.concatenate(
        [np.full((before, width), np.nan), values, np.full((after, width), np.nan)]
    )
