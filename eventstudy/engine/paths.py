"""Daily paths of a linear model, made from its parameters when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from eventstudy.arrays import BoolArray, FloatArray, Inputs, IntArray, Placement, Windows
from eventstudy.engine.gathering import gather, gather_returns
from eventstudy.models.linear import Design
from eventstudy.stacks import runs
from eventstudy.windows import Window

#: events whose days are worked on at once: they stay in the cache
ROWS = 128
#: events a date from which one product a date is shorter than one an event
TOGETHER = 8


@dataclass(frozen=True, eq=False)
class LinearPaths:
    """Residuals, actual and expected returns of events fitted by a linear model."""

    #: (S, T) returns, and days no estimation may use
    returns: FloatArray
    excluded: BoolArray | None
    #: (T, p) design matrix and (T,) offset of the whole calendar
    matrix: FloatArray
    offset: FloatArray
    #: (N,) security and column of day 0, (N, p) parameters
    firm: IntArray
    row: IntArray
    params: FloatArray
    windows: Windows

    @classmethod
    def of(
        cls,
        design: Design,
        inputs: Inputs,
        placement: Placement,
        windows: Windows,
        params: FloatArray,
    ) -> LinearPaths:
        """Keep what the paths are made from."""
        return cls(
            returns=inputs.returns,
            excluded=inputs.excluded,
            matrix=design.matrix,
            offset=design.offsets,
            firm=placement.firm,
            row=placement.row,
            params=params,
            windows=windows,
        )

    def residuals(self, index: IntArray) -> FloatArray:
        """(m, L1) residuals, NaN on days that were not used."""
        window = self.windows.estimation
        found = self._returns(index, window)
        found -= self._expected(index, window)
        if self.excluded is not None:
            start = self.row[index] + window.first
            out = gather(self.excluded, self.firm[index], start, len(window), np.bool_(False))
            found[out] = np.nan
        if self.windows.intervals:
            found[:, ~self.windows.used] = np.nan
        return found

    def actual(self, index: IntArray) -> FloatArray:
        """(m, L2) returns of the event window."""
        return self._returns(index, self.windows.event)

    def expected(self, index: IntArray) -> FloatArray:
        """(m, L2) expected total returns: offset + xθ, known where the return is missing."""
        return self._expected(index, self.windows.event)

    def leverages(self, index: IntArray) -> FloatArray:
        """(m, L1) h = x'(X'X)⁻¹x of the estimation days, NaN on days that were not used."""
        window = self.windows.estimation
        used = np.isfinite(self.residuals(index))
        days = np.clip(self.row[index, None] + np.array(window.days), 0, len(self.matrix) - 1)
        x = np.where(used[:, :, None], self.matrix[days], 0.0)
        q = np.linalg.qr(x).Q
        return np.where(used, np.einsum("mlp,mlp->ml", q, q), np.nan)

    def design_rows(self, index: IntArray) -> tuple[FloatArray, FloatArray]:
        """(m, L1, p) and (m, L2, p) rows of the design matrix of the two windows."""
        estimation, event = self.windows.estimation, self.windows.event
        days = self.row[index, None] + np.array([*estimation.days, *event.days])
        x = self.matrix[np.clip(days, 0, len(self.matrix) - 1)]
        return x[:, : len(estimation)], x[:, len(estimation) :]

    def _returns(self, index: IntArray, window: Window) -> FloatArray:
        start = self.row[index] + window.first
        return gather_returns(self.returns, self.firm[index], start, len(window))

    def _expected(self, index: IntArray, window: Window) -> FloatArray:
        """Expected path of each event, by whichever way is shorter: both give the same."""
        row, params = self.row[index], self.params[index]
        order = None if (row[1:] >= row[:-1]).all() else np.argsort(row, kind="stable")
        ahead = row if order is None else row[order]
        dates = 1 + np.count_nonzero(ahead[1:] != ahead[:-1])
        ends = [*(ahead[:1] + window.first).tolist(), *(ahead[-1:] + window.last).tolist()]
        inside = bool(ends) and all(0 <= day < len(self.matrix) for day in ends)
        if inside and len(row) < TOGETHER * dates:
            return self._by_event(row, params, window)
        if order is None:
            return self._by_date(row, params, window)
        found = np.empty((len(index), len(window)))
        found[order] = self._by_date(ahead, params[order], window)
        return found

    def _by_event(self, row: IntArray, params: FloatArray, window: Window) -> FloatArray:
        """Expected paths of events that share few dates: a stack of small products."""
        series = np.concatenate([self.matrix.T, self.offset[None]])
        days = sliding_window_view(series, len(window), axis=1)
        column, start = np.arange(len(series) - 1), row + window.first
        found = np.empty((len(row), 1, len(window)))
        for first in range(0, len(row), ROWS):
            rows = slice(first, first + ROWS)
            x = days[column, start[rows, None]]
            np.matmul(params[rows, None], x, out=found[rows])
        found = found[:, 0]
        if self.offset.any():  # the market model has none
            found += days[-1, start]
        return found

    def _by_date(self, row: IntArray, params: FloatArray, window: Window) -> FloatArray:
        """Expected paths of events whose dates ascend."""
        found = np.empty((len(row), len(window)))
        shifted = self.offset.any()  # the market model has no offset
        for date, events in runs(row):
            start = date + window.first
            days = slice(max(start, 0), min(date + window.last + 1, len(self.matrix)))
            if days.start >= days.stop:  # the window lies outside the data
                found[events] = np.nan
                continue
            found[events, : days.start - start] = np.nan
            found[events, days.stop - start :] = np.nan
            path = found[events, days.start - start : days.stop - start]
            np.matmul(params[events], self.matrix[days].T, out=path)
            if shifted:
                path += self.offset[days]
        return found
