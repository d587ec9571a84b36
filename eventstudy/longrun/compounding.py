"""Buy-and-hold returns of many firms and their benchmarks, as arrays (methods C.4).

Column j of an (N, L) array is session ``row + start + j`` of the calendar: the j-th day held.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol, Self

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray

#: events that are compounded at a time: their days stay near the cache
CHUNK = 1024


@dataclass(frozen=True, eq=False)
class History:
    """Simple returns of a panel; log returns are converted as they are read, which is exact."""

    #: (S, T) returns of the panel, perhaps a file
    returns: FloatArray
    log: bool
    #: (S, T) log returns since the last price, and the sessions each covers, where the panel has
    #: them: they stand in the place of a return that a hole took away
    since: FloatArray | None = None
    covers: FloatArray | None = None

    def simple(self, found: FloatArray) -> FloatArray:
        """Simple returns in double precision."""
        values = np.asarray(found, dtype=np.float64)
        return np.expm1(values) if self.log else values

    def of(self, firm: IntArray, days: IntArray, begin: IntArray) -> FloatArray:
        """(m, L) simple returns of (m,) firms on (m, L) days, held from (m,) ``begin`` on."""
        at = firm[:, None], np.minimum(days, self.returns.shape[1] - 1)
        return self._over_holes(self.simple(self.returns[at]), at, days - begin[:, None] + 1)

    def between(self, firms: IntArray, days: IntArray) -> FloatArray:
        """(m, L) simple returns of ``firms`` on successive ``days``, held from the first on."""
        at = firms, slice(int(days[0]), int(days[-1]) + 1)
        return self._over_holes(self.simple(self.returns[at]), at, days - days[0] + 1)

    def _over_holes(self, found: FloatArray, at: Any, held: IntArray) -> FloatArray:  # noqa: ANN401  (an index)
        """Fill in returns over a hole that lies in the ``held`` days up to there."""
        if self.since is None or self.covers is None:
            return found
        hole = np.isnan(found) & (self.covers[at] <= held)
        return np.where(hole, np.expm1(np.asarray(self.since[at], dtype=np.float64)), found)

    def lives(self, firms: IntArray | None = None) -> tuple[IntArray, IntArray]:
        """(S,) calendar rows of each security's first and last return; T and −1 without any.

        Looked for in ``firms`` only, if they are given.
        """
        size, days = self.returns.shape
        first, last = np.full(size, days), np.full(size, -1)
        asked = np.arange(size) if firms is None else np.unique(firms)
        for some in np.array_split(asked, max(len(asked) // CHUNK, 1)):
            there = np.isfinite(self.returns[some])
            if self.since is not None:
                there |= np.isfinite(self.since[some])
            any_ = there.any(axis=1)
            first[some] = np.where(any_, there.argmax(axis=1), days)
            last[some] = np.where(any_, days - 1 - there[:, ::-1].argmax(axis=1), -1)
        return first, last


class Benchmark(Protocol):
    """What the money would have earned instead."""

    def daily(self, at: IntArray, days: IntArray) -> FloatArray:
        """(m, L) simple returns for the events ``at`` on their (m, L) ``days``."""
        ...


@dataclass(frozen=True, eq=False)
class Series:
    """One series for all events."""

    #: (T,) simple returns; a day without one counts as 0
    returns: FloatArray

    def daily(self, at: IntArray, days: IntArray) -> FloatArray:  # noqa: ARG002  (Benchmark)
        """(m, L) returns of the series."""
        return self.returns[np.minimum(days, len(self.returns) - 1)]


@dataclass(frozen=True, eq=False)
class Holdings:
    """N firms held from day ``start`` on, each until its own last session."""

    history: History
    benchmark: Benchmark
    start: int
    length: int
    #: (N,) security, calendar row of day 0, last session held, and position in ``benchmark``
    firm: IntArray
    row: IntArray
    end: IntArray
    at: IntArray
    #: (N,) calendar row of the security's last return, and what a delisting then brings
    last: IntArray
    loss: float
    #: whether holdings end with the last price, so that a delisting is felt there
    sell_early: bool

    def __len__(self) -> int:
        return len(self.row)

    def take(self, index: IntArray | BoolArray) -> Self:
        """The events ``index``."""
        names = ("firm", "row", "end", "at", "last")
        return replace(self, **{name: getattr(self, name)[index] for name in names})

    @property
    def begin(self) -> IntArray:
        """(N,) calendar row of the first day held."""
        return self.row + self.start

    @property
    def days(self) -> IntArray:
        """(N,) days held."""
        return self.end - self.begin + 1

    def chunks(self) -> Iterator[IntArray]:
        """Positions of all events, a bounded number at a time."""
        for first in range(0, max(len(self), 1), CHUNK):
            yield np.arange(first, min(first + CHUNK, len(self)))

    def values(self, index: IntArray) -> Growth:
        """What one unit of money has become, day by day, of the events ``index``."""
        days = self.begin[index, None] + np.arange(self.length)
        held = days <= self.end[index, None]
        other = np.where(held, self.benchmark.daily(self.at[index], days), 0.0)
        own = self.history.of(self.firm[index], days, self.begin[index])
        traded = held & (days <= self.last[index, None])
        holes = traded & np.isnan(own)
        own = np.where(traded, np.where(holes, 0.0, own), other)
        growth = 1.0 + own
        growth[self._sold(index, days)] *= 1.0 + self.loss
        return Growth(
            firm=np.asarray(np.cumprod(growth, axis=1)),
            benchmark=np.asarray(np.cumprod(1.0 + other, axis=1)),
            own=own,
            other=other,
            traded=traded,
            holes=holes,
        )

    def _sold(self, index: IntArray, days: IntArray) -> BoolArray:
        """(m, L) the session on which a delisting is felt: the first one without a price.

        Where holdings end with the last price, it is felt there. A security whose returns last as
        long as the data, or as the holding, is not delisted.
        """
        end, gone = self.end[index, None], self.last[index, None] + 1
        known = np.minimum(self.begin[index] + self.length, self.history.returns.shape[1])
        felt = gone - 1 if self.sell_early else gone
        return np.asarray((days == felt) & (felt <= end) & (gone < known[:, None]))

    def measure(self) -> Measured:
        """Compound all events."""
        return Measured.joined([self.values(some).measured() for some in self.chunks()])

    def path(self) -> tuple[FloatArray, FloatArray]:
        """(L,) mean value of one unit in the firms and in their benchmarks, by day held."""
        total = np.zeros((2, self.length))
        for some in self.chunks():
            found = self.values(some)
            total += [found.firm.sum(axis=0), found.benchmark.sum(axis=0)]
        firm, benchmark = total / len(self)
        return firm, benchmark


@dataclass(frozen=True, eq=False)
class Growth:
    """The days of some events, (m, L) each."""

    #: value of one unit after each day, in the firm and in its benchmark
    firm: FloatArray
    benchmark: FloatArray
    #: the daily returns behind them, days on which the firm is listed, and those without a return
    own: FloatArray
    other: FloatArray
    traded: BoolArray
    holes: BoolArray

    def measured(self) -> Measured:
        """What is kept of the days."""
        traded = self.traded.sum(axis=1)
        return Measured(
            bhr=self.firm[:, -1] - 1.0,
            benchmark=self.benchmark[:, -1] - 1.0,
            holes=self.holes.sum(axis=1),
            traded=traded,
            variance=_variance(self.own, self.traded, traded),
            reference=_variance(self.other, self.traded, traded),
        )


def _variance(returns: FloatArray, kept: BoolArray, count: IntArray) -> FloatArray:
    """(m,) variance of the daily returns that are ``kept``; NaN of fewer than two."""
    mean = np.where(kept, returns, 0.0).sum(axis=1) / np.maximum(count, 1)
    gap = np.where(kept, returns - mean[:, None], 0.0)
    squares = np.einsum("nl,nl->n", gap, gap)
    return np.where(count > 1, squares / np.maximum(count - 1, 1), np.nan)


@dataclass(frozen=True, eq=False)
class Measured:
    """What holding earned, (N,) each."""

    #: buy-and-hold returns of the firms and of their benchmarks
    bhr: FloatArray
    benchmark: FloatArray
    #: days without a return that count as 0, and days listed
    holes: IntArray
    traded: IntArray
    #: variance of the daily returns of firm and benchmark over the days listed
    variance: FloatArray
    reference: FloatArray

    @classmethod
    def joined(cls, parts: list[Measured]) -> Measured:
        """One after the other."""
        names = [f.name for f in fields(cls)]
        return cls(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})

    def take(self, index: IntArray | BoolArray) -> Measured:
        """The events ``index``."""
        return Measured(**{f.name: getattr(self, f.name)[index] for f in fields(self)})

    @property
    def bhar(self) -> FloatArray:
        """(N,) BHAR = BHR − BHR of the benchmark."""
        return self.bhr - self.benchmark

    @property
    def drag(self) -> FloatArray:
        """(N,) −½(σ² − σ_b²)·days: what volatility alone takes off ln(1+BHR) − ln(1+BHR_b)."""
        return -0.5 * (self.variance - self.reference) * self.traded
