"""Results of all events while they are being made, and the events that are solved together."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eventstudy.abnormal import Kept, cumulated
from eventstudy.arrays import BoolArray, FloatArray, IntArray, Windows
from eventstudy.engine.gathering import Sorted
from eventstudy.engine.reasons import without_any
from eventstudy.models.linear import Design, sigma_of
from eventstudy.roots import Roots
from eventstudy.triangular import pack
from eventstudy.windows import Window

#: a standard deviation this small against the root mean square is no movement (M.8)
STILL = 1e-10
#: numbers of abnormal returns above which each goes to its place at once (64 MB)
LARGE = 1 << 23
#: events that are moved sooner than looked at
FEW = 1000
#: arrays of the store with a row an event, beside its numbers
ROWS = (*("abnormal", "holes", "blank", "count", "returns", "stale", "collinear", "design"),)
#: events whose numbers are put in order together
TOGETHER = 4096


@dataclass(frozen=True)
class Wanted:
    """What is kept of the abnormal returns: all days, or their sums over some windows."""

    #: windows whose sums are kept; None: the days themselves
    keep: tuple[Window, ...] | None = None
    #: "drop", "skip" or "zero"
    missing: str = "drop"

    def measured(self, windows: Windows) -> slice:
        """The event days that are needed for it."""
        if not self.keep:
            return slice(0, len(windows.event))
        columns = [window.columns(windows.event) for window in self.keep]
        return slice(min(c.start for c in columns), max(c.stop for c in columns))


@dataclass(frozen=True)
class Fitted:
    """Sums over the valid estimation days of m events."""

    #: (m,) Σe², Σ(R − offset)² about the mean, and ΣR²
    squares: FloatArray
    total: FloatArray
    raw: FloatArray


class Store:
    """Results of all events: in the order in which they are solved, or at last as they were placed.

    Rows that are written one after the other and put in order at the end cost a fraction of rows
    that are written all over the memory. Where there would be too many for a copy, each goes to
    its place at once.
    """

    def __init__(
        self, events: Sorted, windows: Windows, p: int, wanted: Wanted, *, in_order: bool
    ) -> None:
        n, dates = len(events.order), len(events.rows)
        days, length = len(windows.event), windows.days
        self.wanted = wanted
        self.measured = wanted.measured(windows)
        #: columns of the estimation window and of what is measured, and the days that are used
        first = windows.event_columns.start
        self.estimation, self.used = windows.estimation_columns, windows.used
        self.event = slice(first + self.measured.start, first + self.measured.stop)
        #: whether the rows are in the order of the sorted events
        self.in_order = in_order
        #: columns of the kept windows among the days that are measured
        self.kept = [_within(w.columns(windows.event), self.measured) for w in wanted.keep or ()]
        #: (N, L2) abnormal returns, or whether a day of the kept windows was missing
        self.abnormal = np.empty((n, days)) if wanted.keep is None else None
        self.holes = np.zeros(n if self.kept else 0, dtype=bool)
        #: events without a single abnormal return
        self.blank = np.zeros(n, dtype=bool)
        #: what an event has one of: sums over the kept windows, parameters, σ and R²
        self.numbers = np.empty((n, len(self.kept) + p + 2))
        #: valid estimation days, and those with a return whatever the factors
        self.count = np.full(n, float(length))
        self.returns = np.full(n, float(length))
        self.stale = np.zeros(n, dtype=bool)
        self.collinear = np.zeros(n, dtype=bool)
        #: complete events have the design of their date, the others get their own
        self.design = np.empty_like(events.date)
        self.design[events.order] = events.date
        #: operators of the dates, and (events, triangles) of those with designs of their own
        self.shared = np.empty((dates, days, p))
        self.own: list[tuple[IntArray, FloatArray]] = []
        #: (N,) where the row of each event is; None: in its place
        self.place: IntArray | None = None

    def room(self, rows: slice) -> FloatArray:
        """(m, L2) room for the abnormal returns of sorted events, in their place if it is known."""
        if self.in_order and self.abnormal is not None:
            return self.abnormal[rows]
        return np.empty((rows.stop - rows.start, self.measured.stop - self.measured.start))

    @property
    def cars(self) -> FloatArray:
        """(N, windows) sums over the kept windows."""
        return self.numbers[:, : len(self.kept)]

    @property
    def params(self) -> FloatArray:
        """(N, p) parameters."""
        return self.numbers[:, len(self.kept) : -2]

    @property
    def sigma(self) -> FloatArray:
        """(N,) residual standard deviations."""
        return self.numbers[:, -2]

    @property
    def r2(self) -> FloatArray:
        """(N,) shares of the variance that the model explains."""
        return self.numbers[:, -1]

    def put(self, index: IntArray | slice, abnormal: FloatArray) -> None:
        """Keep what is wanted of the (m, …) measured abnormal returns of the events ``index``."""
        if self.abnormal is not None and abnormal.base is not self.abnormal:
            self.abnormal[index] = abnormal
        flat = abnormal.reshape(-1)
        whole = np.isfinite(np.vdot(flat, flat))  # one cheap sum settles the usual case
        self.blank[index] = False if whole else without_any(abnormal)
        if self.kept:
            self.holes[index] = False if whole else ~np.isfinite(abnormal).all(axis=1)
        for column, days in enumerate(self.kept):
            self.cars[index, column] = cumulated(abnormal[:, days], self.wanted.missing)

    def forget(self, index: IntArray) -> None:
        """Mark events that cannot be fitted."""
        days = self.measured.stop - self.measured.start
        self.put(index, np.full((len(index), days), np.nan))
        self.numbers[index] = np.nan

    def own_designs(self, index: IntArray, low: FloatArray) -> None:
        """Give the events ``index`` designs of their own, by their triangles (p, p, m)."""
        self.own.append((index, pack(low)))

    def part(self) -> Store:
        """The same arrays for one group of dates, which collects own designs by itself."""
        found = copy(self)
        found.own = []
        return found

    def numbered(self, parts: list[Store]) -> FloatArray | Roots:
        """Forecast operators of all designs: of the dates, then those of each part."""
        own = [pair for part in parts for pair in part.own]
        if not own:
            return self.shared
        index = np.concatenate([index for index, _ in own])
        date = self.design[index]
        self.design[index] = len(self.shared) + np.arange(len(index))
        return Roots(self.shared, date, np.concatenate([low for _, low in own], axis=1))

    def fitted(self, index: IntArray | slice, sums: Fitted, design: Design) -> None:
        """Keep σ, R², and whether the events ``index`` move."""
        p, count = len(design.parameters), self.count[index]
        sigma, _ = sigma_of(sums.squares, count, p, demean=design.demean)
        with np.errstate(invalid="ignore", divide="ignore"):
            self.sigma[index] = sigma
            self.r2[index] = 1.0 - sums.squares / sums.total if p else np.nan
            self.stale[index] |= sigma**2 <= STILL**2 * sums.raw / count

    def placed(self, order: IntArray) -> None:
        """Put the rows, which are in sorted order, in the order of the placement."""
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        for name in ROWS:
            rows = getattr(self, name)
            if rows is not None and len(rows) and not _alike(rows):
                setattr(self, name, rows.take(place, axis=0, mode="clip"))
        self.place = place

    def columns(self) -> tuple[FloatArray, ...]:
        """Sums over the kept windows, parameters, σ and R², each by itself and as placed."""
        n, width = self.numbers.shape
        kept = len(self.kept)
        cuts: list[slice | int] = [slice(0, kept), slice(kept, width - 2), width - 2, width - 1]
        found = tuple(np.empty(self.numbers[:, cut].shape) for cut in cuts)
        room = np.empty((min(TOGETHER, n), width))
        for first in range(0, n, TOGETHER):
            some = slice(first, first + TOGETHER)
            rows = self.numbers[some]
            if self.place is not None:
                rows = self.numbers.take(self.place[some], 0, room[: len(rows)], "clip")
            for column, cut in zip(found, cuts, strict=True):
                column[some] = rows[:, cut]
        return found

    def sums_kept(self, cars: FloatArray) -> Kept | None:
        """The sums over the kept windows, as an `Abnormal` holds them."""
        if self.wanted.keep is None:
            return None
        return Kept(self.wanted.keep, cars, self.holes)


def _within(days: slice, others: slice) -> slice:
    return slice(days.start - others.start, days.stop - others.start)


def _alike(rows: npt.NDArray[np.generic]) -> bool:
    """Whether many rows are all the same: a few are moved in the time of a look at them."""
    return len(rows) > FEW and rows.ndim == 1 and bool((rows == rows[0]).all())


@dataclass(frozen=True)
class Chunk:
    """Events that are solved together."""

    #: (m, span) returns, and the date of each row counted from the first of the operators
    returns: FloatArray
    date: IntArray
    #: their positions among the sorted events, and days to leave out
    events: IntArray
    excluded: BoolArray | None
