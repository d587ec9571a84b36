"""The residuals of a sample, a bounded number of events at a time, made ready for r̄."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.inference._sample import Sample

#: variance (as a share of that over all its days) below which a row counts as constant
FLAT = 1e-14


@dataclass(frozen=True, eq=False)
class Rows:
    """Residuals of events sorted by date, each at mean zero over its own inner days."""

    #: (m, L1) zeros in the gaps
    e: FloatArray
    #: (m, L1) where there is a residual
    there: BoolArray
    #: (D,) distinct dates, and (D+1,) where the events of each begin
    dates: IntArray
    begins: IntArray

    @classmethod
    def of(cls, e: FloatArray, there: BoolArray, date: IntArray) -> Rows:
        """Find the dates of rows that are sorted by date."""
        fresh = np.flatnonzero(np.r_[True, date[1:] != date[:-1]]) if len(date) else date
        return cls(e, there, date[fresh], np.append(fresh, len(date)))

    def __len__(self) -> int:
        return len(self.e)

    @property
    def sizes(self) -> IntArray:
        """(D,) events of each date."""
        return np.diff(self.begins)

    def take(self, which: BoolArray) -> Rows:
        """Take some of the events."""
        if which.all():
            return self
        date = np.repeat(self.dates, self.sizes)
        return Rows.of(self.e[which], self.there[which], date[which])


#: chunks that are one where no residual is read, and events a date from which they are
WIDE, CROWD = 4, 500


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some events: those that miss no known day of their window, and those with gaps."""

    whole: Rows
    gaps: Rows


class Source:
    """The events of a sample in chunks, date by date; a date may lie in several of them."""

    def __init__(self, sample: Sample, edge: int, *, closed: bool = False) -> None:
        self.sample = sample
        #: days at either end of a window that are not in all pairs
        self.edge = edge
        self.days = len(sample.abnormal.estimation)
        n_obs = sample.abnormal.n_obs[sample.index]
        near = not (closed and bool((n_obs == self.days).all()))
        self.parts = list(self._split(near=near))
        #: (C,) fewest days of an event of each chunk; 0 where residuals have to be read anyway
        self._fewest = np.array([n_obs[part].min() if closed else 0 for part in self.parts])
        #: (C,) last date of each chunk
        self._last = np.array([sample.rows[part[-1]] for part in self.parts], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.parts)

    def counts(self, chunk: int) -> bool:
        """Whether pairs of this chunk's events with later ones count (`Sample.until`)."""
        until = self.sample.until
        return until is None or bool(self._last[chunk] <= until)

    def complete(self, chunk: int) -> bool:
        """Whether no event of a chunk misses a day, and none has to be read to be summed."""
        return bool(self._fewest[chunk] == self.days)

    def first_near(self, chunk: int, lag: int) -> int:
        """Find the first chunk with a date at most ``lag`` sessions before one of ``chunk``."""
        date = self.sample.rows[self.parts[chunk][0]]
        return min(int(np.searchsorted(self._last, date - lag)), chunk)

    def chunk(self, chunk: int) -> Chunk:
        """Read the residuals of a chunk."""
        part = self.parts[chunk]
        e, there = _centred(self.sample.residuals(part), self.edge)
        rows = Rows.of(e, there, self.sample.rows[part])
        known = np.repeat(self.windows(rows.dates), rows.sizes, axis=0)
        whole = np.asarray((there == known).all(axis=1))
        if 2 * whole.sum() < len(whole):  # too few to be worth products of their own
            whole[:] = False
        return Chunk(rows.take(whole), rows.take(~whole))

    def windows(self, dates: IntArray) -> BoolArray:
        """(D, L1) which days of the estimation windows of ``dates`` are known."""
        seen = sliding_window_view(self._known, self.days)
        return np.asarray(seen[dates - self.sample.dates[0]])

    @cached_property
    def _known(self) -> BoolArray:
        """Calendar days, from the first window on, on which a row must not miss to be complete.

        Those of the most complete event of each date: a day that no event has, because a
        factor lacks it, is no gap. Any choice gives the same r̄; a good one gives it sooner.
        """
        s = self.sample
        found = np.zeros(s.dates[-1] - s.dates[0] + self.days, dtype=bool)
        order, begins = s.by_date
        count = s.abnormal.n_obs[s.index[order]]
        most = np.maximum.reduceat(count, begins[:-1])
        has_most = np.flatnonzero(count == np.repeat(most, np.diff(begins)))
        best = order[has_most[np.searchsorted(has_most, begins[:-1])]]
        fewer = most < self.days
        for start in s.dates[~fewer] - s.dates[0]:
            found[start : start + self.days] = True
        own = np.isfinite(s.residuals(best[fewer])) if fewer.any() else ()
        for start, there in zip(s.dates[fewer] - s.dates[0], own, strict=True):
            found[start : start + self.days] |= there
        return found

    def _split(self, *, near: bool) -> Iterator[IntArray]:
        """Positions of each chunk.

        Where ``near``, its dates lie less than an estimation window apart: rows with gaps, and
        their partners, are laid out on the calendar.
        """
        until, crowded = self.sample.until, self.sample.n > CROWD * self.sample.n_dates
        for some in self.sample.chunks(WIDE if crowded and not near else 1):
            since = self.sample.rows[some]
            stretch = np.diff((since - since[0]) // self.days if near else 0 * since)
            if until is not None:
                stretch += np.diff(since > until)
            yield from np.split(some, np.flatnonzero(stretch) + 1)


def _centred(e: FloatArray, edge: int) -> tuple[FloatArray, BoolArray]:
    """Take off each row's mean over its inner days, zeros in the gaps; where there is no gap.

    In place, since ``e`` was gathered for us. Days at the edges are not in all pairs: a large
    residual there must not blur the others.
    """
    length = e.shape[1]
    inner = slice(edge, length - edge) if 2 * edge < length else slice(None)
    there = np.isfinite(e)
    if there.all():
        e -= e[:, inner].mean(axis=1, keepdims=True)
        return e, there
    gaps = np.flatnonzero(~there)
    np.put(e, gaps, 0.0)
    count = np.maximum(there[:, inner].sum(axis=1, keepdims=True), 1)
    e -= e[:, inner].sum(axis=1, keepdims=True) / count
    np.put(e, gaps, 0.0)
    return e, there
