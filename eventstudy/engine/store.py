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
#: arrays of the store with a row an event
ROWS = (
    *("abnormal", "cars", "holes", "blank", "params", "sigma", "dof", "r2"),
    *("count", "returns", "stale", "collinear", "design"),
)


@dataclass(frozen=True)
class Wanted:
    """What is kept of the abnormal returns: all days, or their sums over some windows."""

    #: windows whose sums are kept; None: the days themselves
    keep: tuple[Window, ...] | None = None
    #: "drop", "skip" or "zero"
    missing: str = "drop"


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
        #: columns of the two windows, and the estimation days in one of its intervals
        self.estimation, self.event = windows.estimation_columns, windows.event_columns
        self.used = windows.used
        self.wanted = wanted
        #: whether the rows are in the order of the sorted events
        self.in_order = in_order
        #: columns of the kept windows among the event days
        self.kept = [window.columns(windows.event) for window in wanted.keep or ()]
        #: (N, L2) abnormal returns, or (N, windows) sums and whether a day was missing
        self.abnormal = np.empty((n, days)) if wanted.keep is None else None
        self.cars = np.empty((n, len(self.kept)))
        self.holes = np.zeros(n if self.kept else 0, dtype=bool)
        #: events without a single abnormal return
        self.blank = np.zeros(n, dtype=bool)
        self.params = np.empty((n, p))
        #: Σe², Σ(R − offset)² about the mean, ΣR² over the valid estimation days
        self.sums = np.empty((3, n)).T
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

    def room(self, rows: slice) -> FloatArray:
        """(m, L2) room for the abnormal returns of sorted events, in their place if it is known."""
        if self.in_order and self.abnormal is not None:
            return self.abnormal[rows]
        return np.empty((rows.stop - rows.start, self.shared.shape[1]))

    def put(self, index: IntArray | slice, abnormal: FloatArray) -> None:
        """Keep what is wanted of the (m, L2) abnormal returns of the events at ``index``."""
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
        self.put(index, np.full((len(index), self.shared.shape[1]), np.nan))
        self.params[index] = self.sums[index] = np.nan

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

    def finish(self, design: Design) -> None:
        """σ with its degrees of freedom, R², and which events do not move."""
        (squares, total, raw), p = self.sums.T, len(design.parameters)
        self.sigma, self.dof = sigma_of(squares, self.count, p, demean=design.demean)
        with np.errstate(invalid="ignore", divide="ignore"):
            self.r2 = 1.0 - squares / total if p else np.full(len(self.sigma), np.nan)
            self.stale |= self.sigma**2 <= STILL**2 * raw / self.count

    def placed(self, order: IntArray) -> None:
        """Put the rows, which are in sorted order, in the order of the placement."""
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        for name in ROWS:
            rows = getattr(self, name)
            if rows is not None and len(rows) and not _alike(rows):
                setattr(self, name, rows.take(place, axis=0, mode="clip"))

    def sums_kept(self) -> Kept | None:
        """The sums over the kept windows, as an `Abnormal` holds them."""
        if self.wanted.keep is None:
            return None
        return Kept(self.wanted.keep, self.cars, self.holes)


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
