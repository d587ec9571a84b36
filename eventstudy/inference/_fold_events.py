"""Summing the events of a piece: everything that one look at their residuals tells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.inference._fold_median import Bins
from eventstudy.inference._fold_plan import Plan, Retained
from eventstudy.inference._fold_runs import Runs
from eventstudy.inference._fold_together import Scores, Sets, Together, Totals
from eventstudy.inference._moments import Moments
from eventstudy.inference._ranking import balances
from eventstudy.inference._sample import _skewness, portfolio_dof, without_gaps
from eventstudy.inference.date_portfolios import ESTIMATED, variances
from eventstudy.inference.ranks import signs_about_median

#: events whose residuals are looked at together: few enough to stay near the processor
SLICE = 256


def sets_of(piece: Abnormal, plan: Plan, retained: Retained) -> Sets:
    """Sum what the sets of events of a piece have in common, a chunk of them at a time."""
    n, k = len(piece), len(retained.masks)
    days, width = len(plan.estimation), len(plan.window)
    estimation, event = Totals.nothing(k, days), Totals.nothing(k, width)
    scores = np.zeros((3, k, days + width))
    up, skewness = np.empty(n), np.empty(n)
    ranked = bool(retained.asked.any())
    series, daily = _Series.of(piece), piece.abnormal
    for start in range(0, n, SLICE):
        some = slice(start, min(start + SLICE, n))
        weights = retained.masks[:, some].astype(float)
        e, ar = piece.paths.residuals(piece.path[some]), daily[some]
        if ranked:
            scores += _scored(np.hstack([e, ar]), weights)
        if series is not None:
            series.add(e, some)
        e, gaps = without_gaps(e)
        valid = days - np.bincount(gaps // days, minlength=len(e))
        estimation.add(weights, e, there(e, gaps))
        up[some] = (e > 0).sum(axis=1) / np.maximum(valid, 1)
        skewness[some] = _skewness(e, gaps, valid)
        seen = np.isfinite(ar)
        event.add(weights, np.where(seen, ar, 0.0), None if seen.all() else seen)
    if series is not None:
        series.keep()
    shared = _Shared(piece, retained, np.argsort(skewness), skewness, up)
    made = []
    for j in range(k):
        asked = bool(retained.asked[j])
        sars = Moments.of(*shared.sars(j)) if asked else None
        totals = estimation.of(j), event.of(j), sars, Scores(*scores[:, j]) if asked else None
        made.append(shared.together(j, totals, _lengths(plan, retained, j)))
    return Sets(retained.which, tuple(made))


def there(e: FloatArray, gaps: IntArray) -> BoolArray | None:
    """(m, width) where there is a value, from the flat places of gaps; None if everywhere."""
    if not gaps.size:
        return None
    found = np.ones(e.shape, dtype=bool)
    found.reshape(-1)[gaps] = False
    return found


@dataclass(frozen=True, eq=False)
class _Series:
    """Sums of the residuals of each date, where no event of a piece misses a day."""

    piece: Abnormal
    #: (n,) the date of each event, (D,) where dates begin, (D, L1) sums
    date: IntArray
    starts: IntArray
    total: FloatArray

    @classmethod
    def of(cls, piece: Abnormal) -> _Series | None:
        """Make room; None where an event may miss a day, so that it is not in the portfolio."""
        days = len(piece.estimation)
        if not len(piece) or (piece.n_obs < days).any() or not np.isfinite(piece.abnormal).all():
            return None
        starts = np.flatnonzero(np.r_[True, np.diff(piece.row) != 0])
        date = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(piece))))
        return cls(piece, date, starts, np.zeros((len(starts), days)))

    def add(self, e: FloatArray, some: slice) -> None:
        """Add the residuals of some events, whose dates ascend."""
        date = self.date[some]
        begins = np.flatnonzero(np.r_[True, np.diff(date) != 0])
        self.total[date[begins]] += np.add.reduceat(e, begins, axis=0)

    def keep(self) -> None:
        """Let `dated` find the variances of the portfolios."""
        n = len(self.piece)
        whole = np.ones(n, dtype=bool)
        held = np.diff(np.append(self.starts, n))
        dof = np.maximum.reduceat(portfolio_dof(self.piece), self.starts)
        found = variances(self.piece, self.total / held[:, None], dof)
        key = (ESTIMATED, b"", np.packbits(whole).tobytes())
        self.piece.memo(key, lambda: (whole, found))


def _scored(x: FloatArray, weights: FloatArray) -> FloatArray:
    """(3, k, L1+L2) sums of ranks and signs over the events of each set, and the events."""
    found = balances(x)
    ranks = (weights * (0.5 / (found.count + 1.0))) @ found.values.astype(float)
    signs = weights @ signs_about_median(x, found).astype(float)
    seen = there(x, found.holes)
    events = weights.sum(axis=1)[:, None] if seen is None else weights @ seen
    return np.stack([ranks, signs, np.broadcast_to(events, ranks.shape)])


@dataclass(frozen=True, eq=False)
class _Shared:
    """What all sets of a piece are made from."""

    piece: Abnormal
    retained: Retained
    by_skewness: IntArray
    skewness: FloatArray
    up: FloatArray

    def sars(self, j: int) -> tuple[FloatArray, BoolArray]:
        """(L2, n) standardised abnormal returns, and which of them set ``j`` has."""
        sar = np.ascontiguousarray(self.piece.sar.T)
        return sar, np.isfinite(sar) & self.retained.masks[j]

    def together(
        self,
        j: int,
        totals: tuple[Totals, Totals, Moments | None, Scores | None],
        lengths: list[int],
    ) -> Together:
        """Sum the events of set ``j``."""
        a, mask = self.piece, self.retained.masks[j]
        dof, days = a.dof[mask], a.n_obs[mask]
        ordered = self.skewness[self.by_skewness[mask[self.by_skewness]]]
        with np.errstate(divide="ignore"):
            inflation = float((dof / (dof - 2.0)).sum())
        return Together(
            Moments.of(a.sigma[None], mask[None]),
            Moments.of(a.dof[None], mask[None]),
            inflation,
            float((days - dof).max(initial=-np.inf)),
            float(days.min(initial=np.inf)),
            float(days.max(initial=-np.inf)),
            _bits(a.firm[mask]),
            float(self.up[mask].sum()),
            Bins.of(ordered[np.isfinite(ordered)]),
            *totals,
            self.runs(mask, lengths),
        )

    def runs(self, mask: BoolArray, lengths: list[int]) -> dict[int, Runs | None]:
        """Runs of the set's events for windows of some lengths, where dates do not overlap."""
        dates = np.unique(self.piece.row[mask])
        nearest = int(np.diff(dates).min(initial=1 << 30))
        order = np.lexsort((self.piece.row, self.piece.firm))
        order = order[mask[order]]
        firm, row = self.piece.firm[order], self.piece.row[order]
        return {length: Runs.of(firm, row, 2 * length) for length in lengths if length <= nearest}


def _bits(firm: IntArray) -> npt.NDArray[np.uint8]:
    """One bit for each firm up to the last."""
    seen = np.zeros(int(firm.max(initial=-1)) + 1, dtype=bool)
    seen[firm] = True
    return np.packbits(seen)


def _lengths(plan: Plan, retained: Retained, j: int) -> list[int]:
    """Lengths of the windows that were asked for and have set ``j``."""
    asked = zip(plan.asked, retained.which, strict=False)
    return sorted({len(w) for w, k in asked if k == j})
