"""The second look at a block: the residuals, when the spreads and r̄ of all events are known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray
from eventstudy.blas import one_thread
from eventstudy.inference._factors import adjust
from eventstudy.inference._fold_block import Block
from eventstudy.inference._fold_dates import portfolios_joined, portfolios_of
from eventstudy.inference._fold_first import Fold
from eventstudy.inference._fold_look import SLICE, Look, Looked, slices
from eventstudy.inference._fold_merging import each, first, maybe, merge
from eventstudy.inference._fold_own_ranks import Own, OwnRanker
from eventstudy.inference._fold_plan import Plan
from eventstudy.inference._fold_ranks import Beside, Ranked, Ranker
from eventstudy.inference._fold_reading import Reader
from eventstudy.inference._moments import Moments, Values, together
from eventstudy.inference._pairs import MIN_OVERLAP
from eventstudy.inference._sample import Sample
from eventstudy.inference.date_portfolios import Dated
from eventstudy.inference.generalised_ranks import usual_correction
from eventstudy.inference.leave_one_out import far_theta, near_theta


@dataclass(frozen=True)
class Known:
    """What the first look told: small enough to travel."""

    plan: Plan
    #: the SCARs of each window that was asked for, and the factor of their ranks beside 1
    scars: tuple[Values, ...]
    factors: tuple[float, ...]
    #: which set of events each window has; (k, L2) the spread of the SARs of the first k sets,
    #: those of windows that were asked for
    which: tuple[int, ...]
    sars: FloatArray

    @classmethod
    def of(cls, fold: Fold, samples: Sequence[Sample]) -> Known:
        """Read it off the merged fold, and the samples of the windows that were asked for."""
        sets = fold.sets
        different = list(dict.fromkeys(sets.which))  # sets in the order of the windows
        ranked = list(dict.fromkeys(sets.which[: len(samples)]))
        spreads = [_spreads(sets.sets[k].sars) for k in ranked]
        return cls(
            plan=fold.plan,
            scars=tuple(s.scars for s in samples),
            factors=tuple(map(usual_factor, samples)),
            which=tuple(map(different.index, sets.which)),
            sars=np.array(spreads).reshape(-1, len(fold.plan.window)),
        )

    def ranked_among(self, scars: FloatArray, sigma: FloatArray) -> list[FloatArray]:
        """For each window what is ranked among the residuals: σ·SCAR/s, and times the factor."""
        own = zip(scars, self.scars, self.factors, strict=True)
        # e/σ against c·SCAR/s is e against c·σ·SCAR/s
        return [
            np.array([f * x / v.spread * sigma for f in ((1.0,) if c == 1.0 else (1.0, c))])
            for x, v, c in own
        ]

    def masks(self, kept: BoolArray) -> BoolArray:
        """(k, n) the events of each set, from the (m, n) events that each window retains."""
        return kept[[self.which.index(j) for j in range(max(self.which) + 1)]]


def usual_factor(sample: Sample) -> float:
    """The factor of `grank_t` unless another is asked for."""
    if sample.n < 2 or usual_correction(sample) == "none":
        return 1.0
    return math.sqrt(adjust(sample, MIN_OVERLAP, clip_negative=False).deflation)


def _spreads(sars: Moments | None) -> FloatArray:
    """(L2,) standard deviations, NaN where there is no spread (`scaled_ranks.daily_spread`)."""
    days = range(0 if sars is None else len(sars.n))  # windows that were asked for have them
    found = np.array([sars.at(t).spread for t in days if sars is not None])
    return np.where(found > 0, found, np.nan)


@dataclass(frozen=True, eq=False)
class Second:
    """Sums over the events of a block, for the windows and sets of a `Known`."""

    known: Annotated[Known, first]
    looked: Annotated[Looked, merge]
    #: of the sets of windows that were asked for, and of these windows
    ranked: Annotated[Ranked, merge]
    own: Annotated[Own, merge]
    #: SCARs that are not the one farthest from the mean, and their pseudo-values
    rest: Annotated[Moments, together]
    theta: Annotated[Moments, together]
    #: portfolios of the complete events of each date that has an event, by window
    portfolios: Annotated[tuple[Dated | None, ...], each(maybe(portfolios_joined))]


def second_fold(abnormal: Abnormal, own: BoolArray, known: Known) -> Second:
    """Sum the events of a block once more: everything that their residuals tell.

    Parameters
    ----------
    abnormal, own
        As for `first_fold`; only the block's own events are looked at.
    known : Known
        Of the merged first folds.

    Returns
    -------
    Second
        Of a size that depends on windows and dates, not on events.
    """
    with one_thread(), np.errstate(divide="ignore", invalid="ignore"):
        return _summed(Block.of(abnormal, own), known)


def _summed(block: Block, known: Known) -> Second:
    events, plan, sets = block.own, known.plan, len(known.sars)
    asked, days = len(plan.asked), len(plan.estimation)
    kept = plan.kept(events)
    masks = known.masks(kept)
    scars = np.array([events.scar(w) for w in plan.asked]).reshape(asked, block.n)
    values = known.ranked_among(scars, events.sigma)
    look, beside = Look(events, masks), Beside.of(events, known.sars, masks[:sets])
    most = min(SLICE, block.n)
    ranker, own = Ranker(sets, days, len(plan.window), most), OwnRanker(asked, days)
    reader = Reader(most, days)
    for some in slices(block):
        e = reader.read(events, some)
        total = np.ones(len(e)) @ e
        whole = bool(np.isfinite(total).all())
        look.add(e, some, total if whole else None)
        if asked:  # the longest last: it needs the cache for itself
            own.add(e, [x[:, some] for x in values], kept[:asked, some], whole=whole)
            ranker.add(e, beside.take(some), whole=whole)
    looked = look.found  # first, since the portfolios of the dates come from this look
    lone = block.n > 0 and block.row[0] == block.row[-1]
    dated = portfolios_of(events, plan, kept, lone=lone)
    events.forget()
    left_out = _left_out(known, scars, kept[:asked])
    return Second(known, looked, ranker.found, own.found, *left_out, dated)


def _left_out(known: Known, scars: FloatArray, kept: BoolArray) -> tuple[Moments, Moments]:
    """SCARs but for the farthest from the mean, and their pseudo-values (D.15)."""
    theta = np.full(scars.shape, np.nan)
    near = kept.copy()
    for w, values in enumerate(known.scars):
        far = farthest(values)  # to rounding: it was found in another look
        near[w] &= np.abs(scars[w] - far) > 1e-12 * abs(far)
        if values.n > 2 and values.finite and values.spread:
            theta[w] = near_theta(values, scars[w])
    return Moments.of(scars, near), Moments.of(theta, near)


def farthest(values: Values) -> float:
    """The value farthest from the mean."""
    low, high = abs(values.low - values.mean), abs(values.high - values.mean)
    return values.low if low >= high else values.high


def pseudo(second: Second, window: int) -> Values:
    """Mean and spread of all pseudo-values of a window, from the merged sums."""
    values, rest = second.known.scars[window], second.rest.at(window)
    many, far = values.n - rest.n, farthest(values)
    others = _with(rest, far, many - 1)
    own = far_theta(values, far, others.spread)
    return _with(second.theta.at(window), own, many)


def _with(values: Values, x: float, times: int) -> Values:
    """``values`` and ``x`` some times over."""
    parts = [values.n, values.mean, values.squares, values.cubes, values.low, values.high]
    one = Moments(*(np.array([float(part)]) for part in parts))
    return together([one, Moments.of(np.full((1, times), x))]).at(0)
