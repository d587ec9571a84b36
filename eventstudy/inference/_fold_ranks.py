"""Ranks of the residuals of some events: alone, with the abnormal returns, with scaled ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.inference._fold_merging import added, merge
from eventstudy.inference._fold_totals import Totals, Weights, there
from eventstudy.inference._ranking import Balances, Room, balances, balances_within
from eventstudy.inference._ranking_sums import RankAdder
from eventstudy.inference.ranks import signs_about_median


@dataclass(frozen=True, eq=False)
class Ranked:
    """Sums of ranks over the events of k sets."""

    #: (k, L1+L2) U of residuals and abnormal returns, and signs about their median (D.11, D.14)
    scores: Annotated[Totals, merge]
    signs: Annotated[FloatArray, added]
    #: (k, L1) rank/(M+2) of the residuals by themselves, and (k,) Σ M/(12(M+2)) (D.13)
    alone: Annotated[Totals, merge]
    variance: Annotated[FloatArray, added]
    #: (k, L1+L2) U of residuals and σ·SAR/s (D.12)
    scaled: Annotated[Totals, merge]


@dataclass(frozen=True, eq=False)
class Beside:
    """What the residuals of some events are ranked with."""

    #: (n, L2) abnormal returns and SARs, (n,) σ
    ar: FloatArray
    sar: FloatArray
    sigma: FloatArray
    #: (k, L2) spreads of the SARs of the sets
    spreads: FloatArray
    #: (k, n) who is in each set, and (n,) who has all these days and is in the only one
    masks: BoolArray
    plain: BoolArray

    @classmethod
    def of(cls, events: Abnormal, spreads: FloatArray, masks: BoolArray) -> Beside:
        """From the (k, L2) spreads of the SARs of the sets, and the (k, n) events of each."""
        ar, sar, sigma = events.abnormal, events.sar, events.sigma
        plain = np.full(len(events), len(masks) == 1 and bool(np.isfinite(spreads).all()))
        plain &= masks.all(axis=0) & np.isfinite(sar).all(axis=1) & np.isfinite(sigma)
        return cls(ar, sar, sigma, spreads, masks, plain)

    def scaled(self, j: int) -> FloatArray:
        """σ·SAR/s by the spreads of set ``j``: beside e this is what SAR/s is beside e/σ."""
        return np.asarray(self.sar * self.sigma[:, None] * (1.0 / self.spreads[j]))

    def take(self, rows: IntArray | slice) -> Beside:
        """What some of the events are ranked with."""
        of_events = self.ar[rows], self.sar[rows], self.sigma[rows]
        return Beside(*of_events, self.spreads, self.masks[:, rows], self.plain[rows])


class Ranker:
    """Adds ranks up, in memory that it keeps."""

    def __init__(self, sets: int, days: int, event: int, most: int) -> None:
        """For windows of so many days, and at most so many events at a time."""
        both = days + event
        self._ranked = Ranked(
            scores=Totals.nothing(sets, both),
            signs=np.zeros((sets, both)),
            alone=Totals.nothing(sets, days),
            variance=np.zeros(sets),
            scaled=Totals.nothing(sets, both),
        )
        self._rooms = Room(), Room()
        self._adder = None
        if sets == 1 and RankAdder.fits(days, event, event):
            self._adder = RankAdder(most, days, event, event)

    def add(self, e: FloatArray, beside: Beside, *, whole: bool) -> None:
        """Rank (m, L1) residuals, NaN in the gaps: all ways at once where nothing is missing.

        ``whole``: nothing is.
        """
        plain = beside.plain if whole else beside.plain & np.isfinite(e).all(axis=1)
        some = np.flatnonzero(plain)
        if self._adder is None or 2 * len(some) < len(e):
            self._add_any(e, beside)
            return
        every = len(some) == len(e)
        rows, its = (e, beside) if every else (e[some], beside.take(some))
        near = self._adder.add(rows, its.ar, its.scaled(0))
        if near.size:  # values that may tie
            self._add_any(rows[near], its.take(near))
        if not every:
            others = np.flatnonzero(~plain)
            self._add_any(e[others], beside.take(others))

    @property
    def found(self) -> Ranked:
        """The sums of all that was added."""
        if self._adder is None:
            return self._ranked
        sums = self._adder.found  # of the events of the only set that miss no day
        n, days, both = float(sums.n), len(sums.alone), len(sums.first)
        at_once = Ranked(
            scores=Totals.of_all((sums.first / (both + 1.0) - 0.5 * n)[None], n),
            signs=sums.signs[None].astype(float),
            alone=Totals.of_all((sums.alone / (days + 2.0))[None], n),
            variance=np.array([n * days / (12.0 * (days + 2.0))]),
            scaled=Totals.of_all((sums.second / (both + 1.0) - 0.5 * n)[None], n),
        )
        return merge([self._ranked, at_once])

    def _add_any(self, e: FloatArray, beside: Beside) -> None:
        """Add events whatever they miss, one way after another."""
        ranked, masks, weights = self._ranked, beside.masks, Weights.of(beside.masks)
        found = balances(e, beside.ar, room=self._rooms[0])
        _add_scores(ranked.scores, found, weights)
        seen = np.hstack([e, beside.ar]) if found.near.size else e
        ranked.signs[:] += weights.values @ signs_about_median(seen, found).astype(float)
        both, own = balances_within(e, beside.scaled(0), room=self._rooms[1])
        days = own.count.astype(float)
        ranked.variance[:] += masks @ (days / (12.0 * (days + 2.0)))
        _add_shares(ranked.alone, own, weights)
        for j in range(len(masks)):
            found = balances(e, beside.scaled(j), room=self._rooms[1]) if j else both
            _add_scores(ranked.scaled.of(slice(j, j + 1)), found, Weights.of(masks[j : j + 1]))


def _add_scores(totals: Totals, found: Balances, weights: Weights) -> None:
    """Add U = rank/(T+1) − ½: half of a balance over T+1."""
    if weights.whole and not found.holes.size:
        totals.add_sums(found.weighted(1.0), weights.n)
        return
    scores = found.values * (0.5 / (found.count + 1.0))[:, None]
    totals.add(weights, scores, there(found.values, found.holes))


def _add_shares(totals: Totals, found: Balances, weights: Weights) -> None:
    """Add rank/(M+2): a rank is half of its balance and of the days plus one."""
    days = found.count.astype(float)
    seen = there(found.values, found.holes)
    ranks = found.values + (days + 1.0)[:, None]
    if seen is not None:
        ranks *= seen
    totals.add(weights, ranks * (0.5 / (days + 2.0))[:, None], seen)
