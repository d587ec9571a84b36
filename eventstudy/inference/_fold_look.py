"""One look at the residuals of a block: sums by day and date, signs, skewness."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.inference._fold_block import Block
from eventstudy.inference._fold_median import Bins
from eventstudy.inference._fold_merging import added, each, merge
from eventstudy.inference._fold_totals import Totals, Weights, there
from eventstudy.inference._sample import Estimation, portfolio_dof, skewnesses
from eventstudy.inference.date_portfolios import ESTIMATED, variances

#: events whose residuals are looked at together, at most: few enough to stay near the processor,
#: enough for what each call costs
SLICE = 448


@dataclass(frozen=True, eq=False)
class Looked:
    """Sums of the residuals of the events of k sets."""

    #: (k, L1) residuals by day; (k,) Σ of the share of positive ones; and their skewness
    estimation: Annotated[Totals, merge]
    up: Annotated[FloatArray, added]
    skewness: Annotated[tuple[Bins, ...], each(merge)]

    def of(self, j: int, events: int) -> Estimation:
        """What a pass over the residuals of a set with so many events tells."""
        usual = float(self.up[j]) / events if events else np.nan
        return Estimation(self.estimation.of(j).mean, usual, self.skewness[j].median)


def slices(block: Block) -> Iterator[slice]:
    """Cut the events of each piece into equal slices."""
    for piece in block.pieces():
        n = piece.stop - piece.start
        many = -(-n // SLICE)
        bounds = [piece.start + n * k // many for k in range(many + 1)] if n else []
        yield from map(slice, bounds, bounds[1:])


class Look:
    """Sums of the residuals of a block while they are being made, for each of k sets."""

    def __init__(self, events: Abnormal, masks: BoolArray) -> None:
        """``masks`` are the (k, n) events of the sets."""
        self._masks = masks
        self._estimation = Totals.nothing(len(masks), len(events.estimation))
        self._up, self._skewness = np.zeros(len(masks)), np.empty(len(events))
        self._room = np.empty((0, len(events.estimation)))
        self._series = _Series.of(events)

    def add(self, e: FloatArray, some: slice, total: FloatArray | None) -> None:
        """Look at the (m, L1) residuals of some events.

        ``total`` is their sum by day if there are no gaps.
        """
        weights, days = Weights.of(self._masks[:, some]), e.shape[1]
        if self._series is not None:
            self._series.add(e, some, total)
        gaps = np.flatnonzero(() if total is not None else ~np.isfinite(e))
        if gaps.size:
            e = e.copy()
            np.put(e, gaps, 0.0)
        valid = days - np.bincount(gaps // days, minlength=len(e))
        if weights.whole and total is not None:
            self._estimation.add_sums(total, weights.n)
            self._up[:] += np.count_nonzero(e > 0) / max(days, 1)
        else:
            self._estimation.add(weights, e, there(e, gaps))
            self._up[:] += weights.values @ ((e > 0).sum(axis=1) / np.maximum(valid, 1))
        if len(self._room) < len(e):
            self._room = np.empty(e.shape)
        self._skewness[some] = skewnesses(e, gaps, valid, self._room[: len(e)])

    @property
    def found(self) -> Looked:
        """The sums; `dated` then knows the portfolios of the dates."""
        if self._series is not None:
            self._series.keep()
        known = np.isfinite(self._skewness)
        bins = [Bins.of(np.sort(self._skewness[known & mask])) for mask in self._masks]
        return Looked(self._estimation, self._up, tuple(bins))


@dataclass(frozen=True, eq=False)
class _Series:
    """Sums of the residuals of each date, where no event misses a day."""

    events: Abnormal
    #: (n,) the date of each event, (D,) where dates begin, (D, L1) sums
    date: IntArray
    starts: IntArray
    total: FloatArray

    @classmethod
    def of(cls, events: Abnormal) -> _Series | None:
        """Make room; None where an event may miss a day, so that it is not in the portfolio."""
        days = len(events.estimation)
        if not len(events) or (events.n_obs < days).any() or not np.isfinite(events.abnormal).all():
            return None
        starts = np.flatnonzero(np.r_[True, np.diff(events.row) != 0])
        date = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(events))))
        return cls(events, date, starts, np.zeros((len(starts), days)))

    def add(self, e: FloatArray, some: slice, total: FloatArray | None) -> None:
        """Add the residuals of some events, whose dates ascend; ``total`` as for `Look`."""
        date = self.date[some]
        if date[0] == date[-1] and total is not None:
            self.total[date[0]] += total
            return
        begins = np.flatnonzero(np.r_[True, np.diff(date) != 0])
        self.total[date[begins]] += np.add.reduceat(e, begins, axis=0)

    def keep(self) -> None:
        """Let `dated` find the variances of the portfolios."""
        n = len(self.events)
        whole = np.ones(n, dtype=bool)
        held = np.diff(np.append(self.starts, n))
        dof = np.maximum.reduceat(portfolio_dof(self.events), self.starts)
        found = variances(self.events, self.total / held[:, None], dof)
        key = (ESTIMATED, b"", np.packbits(whole).tobytes())
        self.events.memo(key, lambda: (whole, found))
