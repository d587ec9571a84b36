"""Count, mean, spread and ends of some numbers, and how those of parts add up.

Sums about the mean of each part are merged by the formulas of Chan, Golub and LeVeque (1983),
third moments included (Pébay 2008): nothing large is subtracted, so no digits are lost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray


@dataclass(frozen=True)
class Values:
    """What tests need of some numbers, one an event."""

    n: int
    mean: float
    #: Σ(x−x̄)² and Σ(x−x̄)³
    squares: float
    cubes: float
    low: float
    high: float

    @classmethod
    def of(cls, x: FloatArray) -> Values:
        """Summarise ``x``; a value that is not finite makes the ends so.

        >>> found = Values.of(np.array([1.0, 2.0, 6.0]))
        >>> found.mean, found.squares, found.cubes, round(found.spread**2, 12)
        (3.0, 14.0, 18.0, 7.0)
        """
        return Moments.of(x[None]).at(0)

    @property
    def finite(self) -> bool:
        """Whether all of them are finite."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def size(self) -> float:
        """Size of the largest."""
        return max(abs(self.low), abs(self.high))

    @property
    def spread(self) -> float:
        """Standard deviation (ddof 1); exactly zero where nothing but rounding is left."""
        if self.n < 2:
            return 0.0
        found = math.sqrt(self.squares / (self.n - 1))
        return 0.0 if found <= 1e-12 * self.size else found

    @property
    def square_sum(self) -> float:
        """Σx²."""
        return self.squares + self.n * self.mean**2


@dataclass(frozen=True, eq=False)
class Moments:
    """The `Values` of m rows of numbers: (m,) arrays."""

    n: FloatArray
    mean: FloatArray
    squares: FloatArray
    cubes: FloatArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, x: FloatArray, kept: BoolArray | None = None) -> Moments:
        """Summarise the rows of (m, n) ``x``, of each the values that are ``kept``."""
        if kept is None or kept.all():
            return cls._whole(x)
        n = kept.sum(axis=1).astype(float)
        low = np.where(kept, x, np.inf).min(axis=1, initial=np.inf)
        high = np.where(kept, x, -np.inf).max(axis=1, initial=-np.inf)
        with np.errstate(invalid="ignore"):  # infinite values have no spread
            mean = np.where(kept, x, 0.0).sum(axis=1) / np.maximum(n, 1.0)
            gap = np.where(kept, x - mean[:, None], 0.0)
            squares, cubes = _powers(gap)
        return cls(n, mean, squares, cubes, low, high)

    @classmethod
    def _whole(cls, x: FloatArray) -> Moments:
        """Summarise rows of which all values count."""
        many = x.shape[1]
        low = x.min(axis=1, initial=np.inf)
        high = x.max(axis=1, initial=-np.inf)
        with np.errstate(invalid="ignore"):
            mean = x.sum(axis=1) / max(many, 1)
            squares, cubes = _powers(x - mean[:, None])
        return cls(np.full(len(x), float(many)), mean, squares, cubes, low, high)

    def at(self, row: int) -> Values:
        """Those of one row."""
        rest = (self.mean, self.squares, self.cubes, self.low, self.high)
        return Values(int(self.n[row]), *(float(x[row]) for x in rest))

    def take(self, rows: slice) -> Moments:
        """Those of some rows."""
        parts = (self.n, self.mean, self.squares, self.cubes, self.low, self.high)
        return Moments(*(x[rows] for x in parts))


def _powers(gap: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(m,) sums of the squares and of the cubes of each row."""
    squared = gap * gap
    return squared.sum(axis=1), np.vecdot(squared, gap)


def together(parts: Sequence[Moments]) -> Moments:
    """Merge the moments of parts, row by row, in their order.

    >>> x = np.array([[1.0, 2.0, 6.0, 3.0]])
    >>> found = together([Moments.of(x[:, :1]), Moments.of(x[:, 1:])]).at(0)
    >>> found.n, found.mean, found.squares, round(found.cubes, 12)
    (4, 3.0, 14.0, 18.0)
    """
    found = parts[0]
    for part in parts[1:]:
        found = _two(found, part)
    return found


def _two(a: Moments, b: Moments) -> Moments:
    n = a.n + b.n
    some = np.maximum(n, 1.0)
    with np.errstate(invalid="ignore"):
        gap = np.where((a.n > 0) & (b.n > 0), b.mean - a.mean, 0.0)
        mean = np.where(a.n > 0, a.mean + gap * (b.n / some), b.mean)
        cross = gap * gap * (a.n * b.n / some)
        skewed = cross * gap * ((a.n - b.n) / some)
        skewed += 3.0 * gap * (a.n * b.squares - b.n * a.squares) / some
        return Moments(
            n=n,
            mean=mean,
            squares=a.squares + b.squares + cross,
            cubes=a.cubes + b.cubes + skewed,
            low=np.minimum(a.low, b.low),
            high=np.maximum(a.high, b.high),
        )
