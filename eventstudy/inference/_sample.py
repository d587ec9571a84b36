"""The retained events of a window, shared by all tests of that window (methods A.5).

Every quantity in a statistic of W comes from these events only: r̄, a_t, p̂, ranks, spreads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.windows import Window, WindowLike, as_window

#: events whose residuals are held at a time
CHUNK = 2048
#: residuals of studies up to this size (in numbers) are made once and kept
KEEP = 1 << 22


@dataclass(frozen=True, eq=False)
class Sample:
    """The events that have a CAR over a window."""

    abnormal: Abnormal
    window: Window
    #: (n,) their positions in ``abnormal``
    index: IntArray

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
        return np.unique(self.rows)

    @property
    def n_dates(self) -> int:
        """Number of distinct dates."""
        return len(self.dates)

    @cached_property
    def component(self) -> IntArray:
        """(n,) which chain of dates with overlapping windows each event belongs to (M.18)."""
        apart = np.diff(self.dates) >= self.length
        chain = np.concatenate([[0], np.cumsum(apart)])
        return np.asarray(chain[np.searchsorted(self.dates, self.rows)])

    @cached_property
    def n_components(self) -> int:
        """Number of chains of dates with overlapping windows."""
        return len(np.unique(self.component))

    @property
    def independent(self) -> bool:
        """Whether no two events share a day of the window."""
        return self.n_components == self.n

    @cached_property
    def by_date(self) -> tuple[IntArray, IntArray]:
        """(n,) positions in the sample sorted by date, and (D+1,) where each date begins."""
        order = np.argsort(self.rows, kind="stable")
        begins = np.searchsorted(self.rows[order], self.dates)
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

    def chunks(self) -> Iterator[IntArray]:
        """Positions of all events, date by date, a bounded number at a time."""
        order, _ = self.by_date
        for start in range(0, self.n, CHUNK):
            yield order[start : start + CHUNK]

    @property
    def estimation(self) -> Estimation:
        """What one pass over the residuals tells."""
        found: Estimation = self.abnormal.memo(("estimation", self.key), self._pass)
        return found

    def _pass(self) -> Estimation:
        days = len(self.abnormal.estimation)
        total, count = np.zeros(days), np.zeros(days)
        up, skewness = np.empty(self.n), np.empty(self.n)
        for some in self.chunks():
            e = self.residuals(some)
            found = np.isfinite(e)
            total += np.where(found, e, 0.0).sum(axis=0)
            count += found.sum(axis=0)
            up[some] = _share(e > 0, found)
            skewness[some] = _skewness(e, found)
        series = np.divide(total, count, out=np.full(days, np.nan), where=count > 0)
        known = skewness[np.isfinite(skewness)]
        return Estimation(series, up, float(np.median(known)) if len(known) else 0.0)


@dataclass(frozen=True)
class Estimation:
    """What one pass over the estimation windows of a sample tells."""

    #: (L1,) a_t, the mean residual of each day; NaN on days without any
    series: FloatArray
    #: (n,) share of positive residuals of each event
    up: FloatArray
    #: median skewness of the events' residuals
    skewness: float

    @property
    def known(self) -> FloatArray:
        """(n_a,) a_t on the days that have one."""
        return self.series[np.isfinite(self.series)]


def sample_of(abnormal: Abnormal, window: WindowLike) -> Sample:
    """Find the retained events of ``window``: made once, shared by all its tests."""
    w = as_window(window)
    abnormal.days(w)  # refuses a window outside the event window

    def make() -> Sample:
        return Sample(abnormal, w, np.flatnonzero(np.isfinite(abnormal.car(w))))

    found: Sample = abnormal.memo(("sample", w), make)
    return found


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


def _share(which: BoolArray, found: BoolArray) -> FloatArray:
    return np.asarray((which & found).sum(axis=1) / np.maximum(found.sum(axis=1), 1))


def _skewness(e: FloatArray, found: BoolArray) -> FloatArray:
    """(m,) third moment about the mean over the cubed standard deviation."""
    count = np.maximum(found.sum(axis=1), 1)
    mean = np.where(found, e, 0.0).sum(axis=1) / count
    gap = np.where(found, e - mean[:, None], 0.0)
    second = np.einsum("nl,nl->n", gap, gap) / count
    third = np.einsum("nl,nl,nl->n", gap, gap, gap) / count
    with np.errstate(invalid="ignore"):
        return np.asarray(third / second**1.5)
