"""Summing the events of a piece: everything that one look at their residuals tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.inference._fold_median import Bins
from eventstudy.inference._fold_plan import Plan, Retained
from eventstudy.inference._fold_runs import Runs
from eventstudy.inference._fold_together import Scores, Sets, Together, Totals, Weights
from eventstudy.inference._moments import Moments
from eventstudy.inference._ranking import Room, Whole, balances, fitting
from eventstudy.inference._sample import portfolio_dof, skewnesses, without_gaps
from eventstudy.inference._small_sums import column_sums
from eventstudy.inference.date_portfolios import ESTIMATED, variances
from eventstudy.inference.ranks import signs_about_median

#: events whose residuals are looked at together, at most: few enough to stay near the processor
SLICE = 256


def sets_of(piece: Abnormal, plan: Plan, retained: Retained) -> Sets:
    """Sum what the sets of events of a piece have in common, a slice of them at a time."""
    k, days, width = len(retained.masks), len(plan.estimation), len(plan.window)
    sums = _Sums(
        Totals.nothing(k, days),
        Totals.nothing(k, width),
        np.zeros((3, k, days + width)),
        np.zeros(k),
        np.empty(len(piece)),
        np.empty(SLICE * days),
    )
    ranked, room = bool(retained.asked.any()), Room()
    series, daily = _Series.of(piece), piece.abnormal
    for some in slices(len(piece), days + width):
        weights = Weights.of(retained.masks[:, some])
        e, ar = piece.paths.residuals(piece.path[some]), daily[some]
        if ranked:
            sums.scores[:] += _scored((e, ar), weights, room)
        if series is not None:
            series.add(e, some)
        sums.look(e, ar, weights, some)
    if series is not None:
        series.keep()
    shared = _Shared(piece, retained, np.argsort(sums.skewness), sums.skewness, sums.up)
    made = []
    for j in range(k):
        asked = bool(retained.asked[j])
        sars = Moments.of(*shared.sars(j)) if asked else None
        scores = Scores(*sums.scores[:, j]) if asked else None
        totals = sums.estimation.of(j), sums.event.of(j), sars, scores
        made.append(shared.together(j, totals, _lengths(plan, retained, j)))
    return Sets(retained.which, tuple(made))


def slices(n: int, width: int) -> Iterator[slice]:
    """Cut n events into equal slices whose rows of ``width`` values are ranked together."""
    many = -(-n // min(SLICE, fitting(width)))
    bounds = [n * k // many for k in range(many + 1)] if n else [0]
    return (slice(a, b) for a, b in pairwise(bounds))


@dataclass(frozen=True, eq=False)
class _Sums:
    """What is summed of the residuals and abnormal returns of a piece, for each of k sets."""

    estimation: Totals
    event: Totals
    #: (3, k, L1+L2) ranks, signs and events
    scores: FloatArray
    #: (k,) sum of the shares of positive residuals; (n,) skewness; and room for a slice
    up: FloatArray
    skewness: FloatArray
    room: FloatArray

    def look(self, e: FloatArray, ar: FloatArray, weights: Weights, some: slice) -> None:
        """Look at the (m, L1) residuals and (m, L2) abnormal returns of some events."""
        days = e.shape[1]
        e, gaps = without_gaps(e)
        valid = days - np.bincount(gaps // days, minlength=len(e))
        self.estimation.add(weights, e, there(e, gaps))
        if weights.whole and not gaps.size:
            self.up[:] += np.count_nonzero(e > 0) / max(days, 1)
        else:
            self.up[:] += weights.values @ ((e > 0).sum(axis=1) / np.maximum(valid, 1))
        self.skewness[some] = skewnesses(e, gaps, valid, self.room[: e.size].reshape(e.shape))
        seen = np.isfinite(ar)
        whole = bool(seen.all())
        self.event.add(weights, ar if whole else np.where(seen, ar, 0.0), None if whole else seen)


def there(e: FloatArray | Whole, gaps: IntArray) -> BoolArray | None:
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
        if date[0] == date[-1]:
            self.total[date[0]] += e.sum(axis=0)
            return
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


def _scored(both: tuple[FloatArray, FloatArray], weights: Weights, room: Room) -> FloatArray:
    """(3, k, L1+L2) sums of ranks and signs over the events of each set, and the events."""
    found = balances(*both, room=room)
    width = found.values.shape[1]
    signs = signs_about_median(np.hstack(both) if found.near.size else both[0], found)
    if weights.whole and not found.holes.size:
        ranks = column_sums(found.values, width) * (0.5 / (width + 1.0))
        up = column_sums(signs, 1)
        return np.stack([ranks, up, np.full(width, float(weights.n))])[:, None]
    w = weights.values
    ranks = (w * (0.5 / (found.count + 1.0))) @ found.values.astype(float)
    seen = there(found.values, found.holes)
    events = w.sum(axis=1)[:, None] if seen is None else w @ seen
    return np.stack([ranks, w @ signs.astype(float), np.broadcast_to(events, ranks.shape)])


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
            float(self.up[j]),
            Bins.of(ordered[np.isfinite(ordered)]),
            *totals,
            self.runs(mask, lengths),
        )

    def runs(self, mask: BoolArray, lengths: list[int]) -> dict[int, Runs | None]:
        """Runs of the set's events for windows of some lengths, where dates do not overlap."""
        dates = np.unique(self.piece.row[mask])
        nearest = int(np.diff(dates).min(initial=1 << 30))
        firm, row = self.piece.firm[mask], self.piece.row[mask]
        order = np.argsort(firm, kind="stable")  # dates ascend
        firm, row = firm[order], row[order]
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
