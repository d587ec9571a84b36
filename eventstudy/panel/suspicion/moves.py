"""The numbers around large moves: how far, how usual, on what volume, and what followed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.panel.suspicion.found import logs

if TYPE_CHECKING:
    from eventstudy.panel.panel import Panel

#: ratios that some moves are nearest to, and the distances in logarithms
Nearest: TypeAlias = tuple[FloatArray, FloatArray]
#: so many tickers have a median that stands for the market
_MANY = 5
#: volatilities that hardly any return is beyond
_FAR = 8


@dataclass(frozen=True)
class Moves:
    """M large moves, and what is around them."""

    panel: Panel
    row: IntArray
    column: IntArray

    def logs_at(self, shift: int) -> FloatArray:
        """(M,) logarithmic return some sessions later, NaN outside the data."""
        column = self.column + shift
        inside = (column >= 0) & (column < len(self.panel.sessions))
        values = self.panel.returns[self.row, np.where(inside, column, 0)]
        return np.where(inside, logs(self.panel, values), np.nan)

    @cached_property
    def size(self) -> FloatArray:
        """(M,) the move, in logarithms."""
        return self.logs_at(0)

    @cached_property
    def following(self) -> FloatArray:
        """(M,) the return of the next session, in logarithms."""
        return self.logs_at(1)

    @cached_property
    def left(self) -> FloatArray:
        """(M,) how much of the move is left after the next session."""
        return np.abs(self.size + self.following)

    @cached_property
    def final(self) -> BoolArray:
        """(M,) no return on five sessions that the panel has: a delisting, not a split."""
        after = np.isnan([self.logs_at(k) for k in range(1, 6)]).all(axis=0)
        return after & (self.column + 5 < len(self.panel.sessions))

    @cached_property
    def typical(self) -> FloatArray:
        """(M,) median size of the ticker's other returns that are not 0."""
        rows, place = np.unique(self.row, return_inverse=True)
        medians = np.zeros(len(rows))
        for k, row in enumerate(rows.tolist()):
            values = np.abs(logs(self.panel, self.panel.returns[row]))
            values = values[values > 0]
            medians[k] = np.median(values) if len(values) else 0.0
        return medians[place]

    @cached_property
    def sigma(self) -> FloatArray:
        """(M,) the ticker's volatility, which one move does not change."""
        return 1.4826 * self.typical

    @cached_property
    def far(self) -> BoolArray:
        """(M,) far beyond what is usual for the ticker, and was usual in the weeks before."""
        before = np.abs([self.logs_at(-k) for k in range(1, 21)])
        lately = 1.4826 * _medians(np.where(before > 0, before, np.nan))
        return np.asarray(np.abs(self.size) >= _FAR * np.fmax(self.sigma, lately))

    @cached_property
    def calm(self) -> BoolArray:
        """(M,) whether the others do not move: below 5 %, or what is usual for the ticker."""
        return np.asarray(self.market < np.fmax(0.05, self.sigma))

    @cached_property
    def market(self) -> FloatArray:
        """(M,) the larger of the others' moves on the day and the next; 0 where unknown."""
        values = _others(self.panel, self.column)
        ahead = np.minimum(self.column + 1, len(values) - 1)
        both = np.nan_to_num(np.abs([values[self.column], values[ahead]])).max(axis=0)
        few = len(self.panel.tickers) < _MANY
        own = np.array([name == self.panel.market for name in self.panel.tickers])[self.row]
        return np.where(own & few, 0.0, both)  # alone the market has no others

    def quiet(self, days: range) -> BoolArray:
        """(M,) whether the days around are as usual, or no wilder than the week before.

        A day that is not known, or not yet, counts as a usual one.
        """
        before = _medians(np.abs([self.logs_at(-k) for k in range(1, 6)]))
        sizes = np.abs([self.logs_at(k) for k in days])
        around = _medians(np.where(np.isnan(sizes), self.typical, sizes))
        return ~(around > np.fmax(2 * self.typical, 1.2 * before))

    def field(self, name: str, shift: int = 0) -> FloatArray:
        """(M,) a field some sessions later, NaN where there is none."""
        column = self.column + shift
        inside = (column >= 0) & (column < len(self.panel.sessions))
        if name not in self.panel.fields:
            return np.full(len(column), np.nan)
        values = self.panel.fields[name][self.row, np.where(inside, column, 0)]
        return np.where(inside, values, np.nan)

    @cached_property
    def turnover(self) -> FloatArray:
        """(M,) volume against its median of the four weeks before, NaN where there is none."""
        usual = _medians(np.array([self.field("volume", -k) for k in range(1, 21)]))
        known = usual > 0
        out = np.full(len(usual), np.nan)
        np.divide(self.field("volume"), usual, out=out, where=known)
        return out

    @cached_property
    def plain(self) -> FloatArray:
        """(M,) the move of the unadjusted close, in logarithms, NaN where there is none."""
        now, before = self.field("close"), self.field("close", -1)
        known = (now > 0) & (before > 0)
        ratio = np.full(len(now), np.nan)
        np.divide(now, before, out=ratio, where=known)
        return np.asarray(np.log(ratio))

    def nearest(self, ratios: FloatArray) -> Nearest:
        """(M,) the ratio that a move is nearest to, and the distance in logarithms."""
        gap = np.abs(self.size)[:, None] - np.log(ratios)
        best = np.abs(gap).argmin(axis=1)
        return ratios[best], np.abs(gap[np.arange(len(gap)), best])

    def after(self, which: BoolArray) -> BoolArray:
        """(M,) moves on the session after one of those."""
        width = len(self.panel.sessions) + 1
        cells = self.row * width + self.column
        return np.isin(cells, cells[which] + 1)


def _others(panel: Panel, columns: IntArray) -> FloatArray:
    """(T,) logarithmic move of the median ticker on some sessions and the next.

    With few tickers it is the market's.
    """
    out = np.full(len(panel.sessions), np.nan)
    both = np.union1d(columns, np.minimum(columns + 1, len(out) - 1))
    if len(panel.tickers) >= _MANY and len(both):
        out[both] = logs(panel, _medians(panel.returns[:, both]))
    elif panel.market is not None:
        out = logs(panel, panel.series(panel.market))
    return out


def _medians(values: FloatArray) -> FloatArray:
    """(C,) medians of the columns, without missing values; NaN where nothing is left."""
    ordered = np.sort(values, axis=0)
    count = np.isfinite(ordered).sum(axis=0)
    place = np.maximum(count - 1, 0)
    column = np.arange(ordered.shape[1])
    middle = (ordered[place // 2, column] + ordered[(place + 1) // 2, column]) / 2
    return np.where(count > 0, middle, np.nan)
