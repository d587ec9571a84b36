"""Sums of complete rows of a linear model, without making their residuals.

With e = R − o − Xθ the sum of weighted residuals of a date is Σ w e = w'R − (Σw)·o − X·Σwθ: one
product of the weights with the returns where they stand, and a correction as small as a date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, IntArray
from eventstudy.engine.gathering import gather
from eventstudy.engine.paths import LinearPaths
from eventstudy.inference._sample import Sample

#: rows in a matrix product: larger ones are no faster, and slow where BLAS threads have to wait
STRIP = 256


def closed(abnormal: Abnormal) -> bool:
    """Whether the residuals are those of regressions with an intercept on factors of the date."""
    paths = abnormal.paths
    if not isinstance(paths, LinearPaths) or not paths.matrix.shape[1]:
        return False
    return bool((paths.matrix[:, 0] == 1.0).all())


@dataclass(frozen=True, eq=False)
class LinearRows:
    """Events that miss no estimation day, of a model that is `closed`, sorted by date."""

    sample: Sample
    #: (m,) their positions in the sample
    events: IntArray
    #: (D,) dates, and (D+1,) where the events of each begin
    dates: IntArray
    begins: IntArray
    #: (p+1, m) parameters, and one for the offset
    params: FloatArray
    #: (p+1, D, L1) columns of the design, and the offset
    design: FloatArray
    #: returns of each date: a view of the panel where the securities stand together
    returns: list[FloatArray]

    @classmethod
    def of(cls, sample: Sample, events: IntArray) -> LinearRows:
        """Find where the returns of the events stand."""
        abnormal = sample.abnormal
        paths = abnormal.paths
        assert isinstance(paths, LinearPaths)  # noqa: S101  (`closed` was asked before)
        row, days = sample.rows[events], len(abnormal.estimation)
        begins = np.append(np.flatnonzero(np.diff(row, prepend=row[:1] - 1)), len(row))
        dates, index = row[begins[:-1]], abnormal.path[sample.index[events]]
        # in the columns of the paths: what was sent to a worker begins later in the calendar
        start = paths.row[index[begins[:-1]]] + abnormal.estimation.first
        columns = np.vstack([paths.matrix.T, paths.offset])
        return cls(
            sample=sample,
            events=events,
            dates=dates,
            begins=begins,
            params=np.vstack([paths.params[index].T, np.ones(len(index))]),
            design=sliding_window_view(columns, days, axis=1)[:, start],
            returns=_returns(paths.returns, paths.firm[index], begins, start, days),
        )

    @property
    def length(self) -> int:
        """L1, the days of the estimation window."""
        return int(self.design.shape[2])

    def by_date(self, x: FloatArray) -> FloatArray:
        """(…, D) sums of (…, m) ``x`` over the events of each date."""
        return np.asarray(np.add.reduceat(x, self.begins[:-1], axis=-1))

    def days(self, columns: slice) -> FloatArray:
        """(k, m) residuals of some days of the estimation window."""
        design, params = self.design[:, :, columns], self.params
        found = np.empty((design.shape[2], len(self.events)))
        for d, (y, a) in enumerate(zip(self.returns, self.begins[:-1].tolist(), strict=True)):
            its = slice(a, a + len(y))
            np.subtract(y[:, columns].T, design[:, d].T @ params[:, its], out=found[:, its])
        return found

    def weighted(
        self, weights: Sequence[FloatArray], more: Sequence[FloatArray] = ()
    ) -> list[FloatArray]:
        """(k, D, L1) Σ weight · e of each date, for each set of (k, m) weights.

        ``more`` are (k, D) constants to take off, one for each set. All sets take their turn
        while a strip of returns is in the cache.
        """
        found = [np.empty((len(w), len(self.dates), self.length)) for w in weights]
        loads = [self.by_date(w * self.params[:, None]) for w in weights]
        for load, constants in zip(loads, more, strict=False):
            load[0] += constants  # the intercept's
        for d, (y, a) in enumerate(zip(self.returns, self.begins[:-1].tolist(), strict=True)):
            for out, load in zip(found, loads, strict=True):
                np.matmul(-load[:, :, d].T, self.design[:, d], out=out[:, d])
            for i in range(0, len(y), STRIP):
                strip = y[i : i + STRIP]
                for out, w in zip(found, weights, strict=True):
                    out[:, d] += w[:, a + i : a + i + len(strip)] @ strip
        return found


def _returns(
    panel: FloatArray, firm: IntArray, begins: IntArray, start: IntArray, days: int
) -> list[FloatArray]:
    """Estimation windows of each date, copied only where the securities do not stand together."""
    sizes, alone = np.diff(begins), np.diff(firm, append=firm[-1]) != 1
    alone[begins[1:] - 1] = False  # the next security is of another date
    apart = np.add.reduceat(alone, begins[:-1]) > 0
    own = np.repeat(start[apart], sizes[apart])
    copied = gather(panel, firm[np.repeat(apart, sizes)], own, days, np.float64("nan"))
    used = np.cumsum(np.where(apart, sizes, 0))
    places = zip(apart, firm[begins[:-1]], sizes, used, start, strict=True)
    return [
        copied[stop - size : stop] if copy else panel[first : first + size, day : day + days]
        for copy, first, size, stop, day in places
    ]
