"""The retained events of a window, shared by all tests of that window (methods A.5).

Every quantity in a statistic of W comes from these events only: r̄, a_t, p̂, ranks, spreads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, IntArray
from eventstudy.blas import one_thread
from eventstudy.inference._moments import Values
from eventstudy.windows import Window, WindowLike, as_window

if TYPE_CHECKING:
    from eventstudy.inference._fold_answers import Folded

#: events whose residuals are held at a time
CHUNK = 2048
#: residuals of studies up to this size (in numbers) are made once and kept
KEEP = 1 << 22
#: square of a mean, against the mean of squares, up to which it is near zero
NEAR = 1e-4


@dataclass(frozen=True, eq=False)
class Sample:
    """The events that have a CAR over a window."""

    abnormal: Abnormal
    window: Window
    #: (n,) their positions in ``abnormal``
    index: IntArray
    #: events after this row are there for their pairs with earlier ones only (None: no such)
    until: int | None = None

    # ── numbers of each event ────────────────────────────────────────────────────────────
    @cached_property
    def car(self) -> FloatArray:
        """(n,) cumulative abnormal returns."""
        return self.abnormal.car(self.window)[self.index]

    @cached_property
    def q(self) -> FloatArray:
        """(n,) forecast-error factors Q of the CARs (C.2)."""
        return self.abnormal.q(self.window)[self.index]

    @cached_property
    def sigma(self) -> FloatArray:
        """(n,) residual standard deviations."""
        return self.abnormal.sigma[self.index]

    @cached_property
    def dof(self) -> FloatArray:
        """(n,) degrees of freedom ν of σ."""
        return self.abnormal.dof[self.index]

    @cached_property
    def scar(self) -> FloatArray:
        """(n,) standardised CARs: CAR / (σ√Q) (C.3)."""
        return np.asarray(self.car / (self.sigma * np.sqrt(self.q)))

    @cached_property
    def csar(self) -> FloatArray:
        """(n,) summed standardised abnormal returns: Σ SAR / √L (C.3)."""
        return self.abnormal.csar(self.window)[self.index]

    @cached_property
    def portfolio_dof(self) -> FloatArray:
        """(n,) degrees of freedom of residuals taken about their mean where p = 0 (M.10)."""
        return portfolio_dof(self.abnormal)[self.index]

    @property
    def length(self) -> int:
        """L, the days of the window."""
        return len(self.window)

    def unkept(self, test: str, *option: str) -> str:  # noqa: ARG002  (for samples of sums)
        """Why there is too little left of the events for a test or an option of it; or nothing."""
        return ""

    # ── what the events are together ─────────────────────────────────────────────────────
    @cached_property
    def cars(self) -> Values:
        """Mean and spread of the CARs."""
        return Values.of(self.car)

    @cached_property
    def scars(self) -> Values:
        """Mean and spread of the standardised CARs."""
        return Values.of(self.scar)

    @cached_property
    def csars(self) -> Values:
        """Mean and spread of the summed standardised abnormal returns."""
        return Values.of(self.csar)

    @cached_property
    def sigmas(self) -> Values:
        """Mean and spread of the residual standard deviations."""
        return Values.of(self.sigma)

    @cached_property
    def dofs(self) -> Values:
        """Mean and spread of the degrees of freedom."""
        return Values.of(self.dof)

    @cached_property
    def inflation(self) -> float:
        """Σ ν/(ν−2): what the variance of a sum of standardised CARs is if they are independent."""
        with np.errstate(divide="ignore"):
            return float((self.dof / (self.dof - 2.0)).sum())

    @cached_property
    def lost(self) -> int:
        """Degrees of freedom that the model took, at most."""
        return round(float((self.abnormal.n_obs[self.index] - self.dof).max()))

    @cached_property
    def estimation_days(self) -> tuple[int, int]:
        """Fewest and most estimation days of an event."""
        days = self.abnormal.n_obs[self.index]
        return int(days.min()), int(days.max())

    @cached_property
    def positive(self) -> int:
        """CARs above zero."""
        return int((self.car > 0).sum())

    @property
    def first_q(self) -> float:
        """Forecast-error factor of the first event: of all, where they share it."""
        return float(self.q[0])

    @cached_property
    def event_days(self) -> FloatArray:
        """(L,) mean abnormal return of each day of the window; NaN on days without any."""
        ar = self.abnormal.abnormal[self.index][:, self.abnormal.days(self.window)]
        found = np.isfinite(ar)
        count = found.sum(axis=0)
        total = np.where(found, ar, 0.0).sum(axis=0)
        nothing = np.full(self.length, np.nan)
        return np.asarray(np.divide(total, count, out=nothing, where=count > 0))

    @cached_property
    def bridged(self) -> bool:
        """Whether a CAR holds a return over several sessions, which belongs to none of them."""
        wide = self.abnormal.bridged
        if wide is None:
            return False
        return bool(np.isfinite(wide[self.index, self.abnormal.days(self.window)]).any())

    @cached_property
    def firms(self) -> IntArray:
        """Rows of the securities that the events are of, ascending."""
        return np.unique(self.abnormal.firm[self.index])

    @cached_property
    def successive(self) -> int:
        """Most windows of one firm that follow each other less than two windows apart."""
        return longest_run(self.abnormal.firm[self.index], self.rows, 2 * self.length)

    # ── dates ────────────────────────────────────────────────────────────────────────────
    @property
    def n(self) -> int:
        """Number of events."""
        return len(self.index)

    @cached_property
    def rows(self) -> IntArray:
        """(n,) calendar row of day 0."""
        return self.abnormal.row[self.index]

    @cached_property
    def dates(self) -> IntArray:
        """(D,) distinct calendar rows of day 0, ascending."""
        order, begins = self.by_date
        return self.rows[order[begins[:-1]]]

    @property
    def n_dates(self) -> int:
        """Number of distinct dates."""
        return len(self.dates)

    @cached_property
    def cluster(self) -> IntArray:
        """(D,) which chain of dates with overlapping windows each date belongs to (M.18)."""
        apart = np.diff(self.dates) >= self.length
        return np.concatenate([[0], np.cumsum(apart)])[: self.n_dates]

    @cached_property
    def component(self) -> IntArray:
        """(n,) which of these chains each event belongs to."""
        order, begins = self.by_date
        found = np.empty(self.n, dtype=np.int64)
        found[order] = np.repeat(self.cluster, np.diff(begins))
        return found

    @property
    def n_components(self) -> int:
        """Number of chains of dates with overlapping windows."""
        return int(self.cluster[-1]) + 1 if self.n_dates else 0

    @cached_property
    def cluster_sizes(self) -> IntArray:
        """(C,) events of each chain."""
        return np.bincount(self.cluster, weights=np.diff(self.by_date[1])).astype(np.int64)

    @cached_property
    def cluster_cars(self) -> FloatArray:
        """(C,) sum of the CARs of each chain."""
        return np.asarray(np.bincount(self.component, weights=self.car), dtype=float)

    @property
    def independent(self) -> bool:
        """Whether no two events share a day of the window."""
        return self.n_components == self.n

    @cached_property
    def by_date(self) -> tuple[IntArray, IntArray]:
        """(n,) positions sorted by date and security, and (D+1,) where each date begins."""
        firm = self.abnormal.firm[self.index]
        order = np.argsort(self.rows * (int(firm.max(initial=0)) + 1) + firm)
        row = self.rows[order]
        begins = np.flatnonzero(np.diff(row, prepend=row[:1] - 1))
        return order, np.append(begins, self.n)

    # ── the estimation window ────────────────────────────────────────────────────────────
    @cached_property
    def key(self) -> bytes:
        """Identity of the set of events: windows that retain the same share what follows."""
        kept = np.zeros(len(self.abnormal), dtype=bool)
        kept[self.index] = True
        return b"" if kept.all() else np.packbits(kept).tobytes()

    def residuals(self, positions: IntArray) -> FloatArray:
        """(m, L1) residuals of the sample's events ``positions``."""
        index = self.index[positions]
        abnormal = self.abnormal
        if len(abnormal) * len(abnormal.estimation) <= KEEP:
            return abnormal.residuals[index]
        return abnormal.paths.residuals(abnormal.path[index])

    def chunks(self, times: int = 1) -> Iterator[IntArray]:
        """Positions of all events, date by date, a bounded number (or ``times`` it) at a time."""
        order, _ = self.by_date
        for start in range(0, self.n, times * CHUNK):
            yield order[start : start + times * CHUNK]

    @property
    def estimation(self) -> Estimation:
        """What one pass over the residuals tells."""
        found: Estimation = self.abnormal.memo(("estimation", self.key), self._pass)
        return found

    def _pass(self) -> Estimation:
        days = len(self.abnormal.estimation)
        total, count = np.zeros(days), np.zeros(days)
        up, skewness = np.empty(self.n), np.empty(self.n)
        with one_thread():
            for some in self.chunks():
                e, gaps = without_gaps(self.residuals(some))
                there = days - np.bincount(gaps // days, minlength=len(some))
                total += e.sum(axis=0)
                count += len(some) - np.bincount(gaps % days, minlength=days)
                up[some] = (e > 0).sum(axis=1) / np.maximum(there, 1)
                skewness[some] = skewnesses(e, gaps, there)
        series = np.divide(total, count, out=np.full(days, np.nan), where=count > 0)
        known = skewness[np.isfinite(skewness)]
        middle = float(np.median(known)) if len(known) else 0.0
        return Estimation(series, float(up.mean()), middle)


@dataclass(frozen=True)
class Estimation:
    """What one pass over the estimation windows of a sample tells."""

    #: (L1,) a_t, the mean residual of each day; NaN on days without any
    series: FloatArray
    #: mean over the events of their share of positive residuals
    usual: float
    #: median skewness of the events' residuals
    skewness: float

    @property
    def known(self) -> FloatArray:
        """(n_a,) a_t on the days that have one."""
        return self.series[np.isfinite(self.series)]


def sample_of(abnormal: Abnormal | Folded, window: WindowLike) -> Sample:
    """Find the retained events of ``window``: made once, shared by all its tests."""
    w = as_window(window)
    abnormal.days(w)  # refuses a window outside the event window

    def make() -> Sample:
        kept = np.flatnonzero(np.isfinite(abnormal.car(w)))
        return Sample(cast("Abnormal", abnormal), w, kept)

    found: Sample = abnormal.memo(("sample", w), make)
    return found


def longest_run(firm: IntArray, row: IntArray, apart: int) -> int:
    """Most events of one firm of which each comes less than ``apart`` sessions after the last.

    >>> longest_run(np.array([1, 1, 2, 1]), np.array([5, 9, 6, 20]), 5)
    2
    """
    place = firm * (int(np.ptp(row)) + apart) + row  # those of two firms lie apart
    place.sort()
    near = np.diff(place) < apart
    breaks = np.flatnonzero(~np.concatenate([[False], near, [False]]))
    return int(np.diff(breaks).max())


def portfolio_dof(abnormal: Abnormal) -> FloatArray:
    """(N,) ν of the portfolio tests: where nothing is estimated M − 1, whatever σ is (M.10)."""
    return abnormal.dof if abnormal.params.shape[1] else abnormal.n_obs - 1.0


def spread(x: FloatArray, about: float | None = None) -> float:
    """Measure the standard deviation (ddof 1); exactly zero where nothing but rounding is left.

    ``about`` is the size that rounding is measured against, by default the largest value.
    """
    if len(x) < 2:
        return 0.0
    found = float(np.std(x, ddof=1))
    size = float(np.abs(x).max()) if about is None else about
    return found if found > 1e-12 * size else 0.0


def without_gaps(e: FloatArray) -> tuple[FloatArray, IntArray]:
    """Put zeros in the gaps of ``e``, in place, and tell their flat places."""
    if np.isfinite(e.sum()):
        return e, np.empty(0, dtype=np.int64)
    gaps = np.flatnonzero(~np.isfinite(e))
    np.put(e, gaps, 0.0)
    return e, gaps


def skewnesses(
    e: FloatArray, gaps: IntArray, count: IntArray, room: FloatArray | None = None
) -> FloatArray:
    """(m,) third moment about the mean over the cubed standard deviation; zeros in the gaps.

    Residuals have a mean near zero: powers are summed as they are, and only rows far from zero
    are looked at again. ``room`` holds as many numbers as ``e``.
    """
    some = np.maximum(count, 1)
    squared = np.multiply(e, e, out=room)
    mean = e @ np.ones(e.shape[1]) / some
    second, third = np.vecdot(e, e) / some, np.vecdot(squared, e) / some
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = mean * mean
        cubes = third - mean * (3.0 * second - 2.0 * shift)
        found = np.asarray(cubes / (second - shift) ** 1.5)
        far = np.flatnonzero(shift > NEAR * second)
        if far.size:
            there = np.ones(e.shape, dtype=bool)
            there.reshape(-1)[gaps] = False
            gap = np.where(there[far], e[far] - mean[far, None], 0.0)
            variance = np.vecdot(gap, gap) / some[far]
            found[far] = np.vecdot(gap * gap, gap) / some[far] / variance**1.5
    return found
