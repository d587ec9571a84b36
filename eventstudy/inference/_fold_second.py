"""The second look at a block: sums for which the spreads and r̄ of all events must be known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray
from eventstudy.inference._factors import adjust
from eventstudy.inference._fold_events import slices, there
from eventstudy.inference._fold_first import Fold, pieces
from eventstudy.inference._fold_merging import added, first, merge
from eventstudy.inference._fold_together import Totals, Weights
from eventstudy.inference._moments import Moments, Values, together
from eventstudy.inference._pairs import MIN_OVERLAP
from eventstudy.inference._ranking import Balances, Room, balances, balances_within
from eventstudy.inference._sample import Sample
from eventstudy.inference.generalised_ranks import higher_sums, usual_correction
from eventstudy.inference.leave_one_out import far_theta, near_theta
from eventstudy.windows import Window


@dataclass(frozen=True)
class Known:
    """What the first look told of the windows that were asked for: small enough to travel."""

    windows: tuple[Window, ...]
    #: the SCARs of each, and the factor of their generalised ranks beside 1
    scars: tuple[Values, ...]
    factors: tuple[float, ...]
    #: which set of events each has, and (k, L2) the spread of the sets' SARs
    which: tuple[int, ...]
    sars: FloatArray

    @classmethod
    def of(cls, fold: Fold, samples: Sequence[Sample]) -> Known:
        """Read it off the merged fold, and the samples of its windows."""
        plan, of_window = fold.plan, fold.sets.which[: len(samples)]
        different = list(dict.fromkeys(of_window))
        return cls(
            windows=plan.asked,
            scars=tuple(s.scars for s in samples),
            factors=tuple(map(usual_factor, samples)),
            which=tuple(map(different.index, of_window)),
            sars=np.array([_spreads(fold.sets.sets[k].sars) for k in different]).reshape(
                -1, len(plan.window)
            ),
        )


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
    """Sums over the events of a block, for the m windows and k sets of a `Known`."""

    known: Annotated[Known, first]
    #: (k, …) ranks of the estimation days among themselves; Σ M/(12(M+2)); ranks of e/σ and SAR/s
    base: Annotated[Totals, merge]
    variance: Annotated[FloatArray, added]
    scaled: Annotated[Totals, merge]
    #: (2, m) and (2, m, L1) ranks of the event day, and the days above it: by 1, by the factor
    rank: Annotated[FloatArray, added]
    above: Annotated[FloatArray, added]
    #: SCARs that are not the one farthest from the mean, and their pseudo-values
    rest: Annotated[Moments, together]
    theta: Annotated[Moments, together]


def second_fold(abnormal: Abnormal, own: BoolArray, known: Known) -> Second:
    """Sum the events of a block once more.

    Parameters
    ----------
    abnormal, own
        As for `first_fold`; only the block's own events are looked at.
    known : Known
        Of the merged first folds.

    Returns
    -------
    Second
        Of a size that depends on windows, not on events.
    """
    order = np.flatnonzero(own)
    order = order[np.argsort(abnormal.row[order], kind="stable")]
    cut = pieces(order, abnormal.row[order])
    with np.errstate(divide="ignore", invalid="ignore"):
        return merge([_piece(abnormal.take(some), known) for some in cut])


def _piece(piece: Abnormal, known: Known) -> Second:
    n, days, m = len(piece), len(piece.estimation), len(known.windows)
    scars = np.array([piece.scar(w) for w in known.windows]).reshape(m, n)
    kept = np.array([np.isfinite(piece.car(w)) for w in known.windows]).reshape(m, n)
    sets, width = len(known.sars), days + len(piece.window)
    masks = kept[[known.which.index(j) for j in range(sets)]]
    sums = _Sums(
        Totals.nothing(sets, days),
        np.zeros(sets),
        Totals.nothing(sets, width),
        np.zeros((2, m)),
        np.zeros((2, m, days)),
    )
    own, room = _own_values(piece, known, scars), Room()
    # e/σ against SAR/s is e against σ·SAR/s
    event = piece.sar * piece.sigma[:, None]
    for some in slices(n if sets else 0, width):
        e = piece.paths.residuals(piece.path[some])
        scaled = [event[some] * (1.0 / spread) for spread in known.sars]
        days_of = sums.rank_days(e, scaled, masks[:, some], room)
        for w in range(m):
            values = own[: 1 if known.factors[w] == 1.0 else 2, w, some]
            sums.rank_own(w, e, values, (days_of, kept[w, some]))
    rest, theta = _left_out(known, scars, kept)
    return Second(known, sums.base, sums.variance, sums.scaled, sums.rank, sums.above, rest, theta)


def _own_values(piece: Abnormal, known: Known, scars: FloatArray) -> FloatArray:
    """(2, m, n) the event day of each event, to be ranked among its residuals."""
    spread = np.array([v.spread for v in known.scars])[:, None]
    factors = np.array([np.ones(len(spread)), known.factors])[:, :, None]
    return np.asarray(factors * scars / spread * piece.sigma)


@dataclass(frozen=True, eq=False)
class _Sums:
    """Ranks of a piece while they are being summed."""

    base: Totals
    variance: FloatArray
    scaled: Totals
    rank: FloatArray
    above: FloatArray

    def rank_days(
        self, e: FloatArray, scaled: list[FloatArray], masks: BoolArray, room: Room
    ) -> FloatArray:
        """Rank (m, L1) residuals and, for each set, (m, L2) σ·SAR/s together (D.12).

        The residuals by themselves (D.13) come from the first of these rankings. Returns how
        many each event has.
        """
        both, own = balances_within(e, scaled[0], room=room)
        days = own.count.astype(float)
        _add_shares(self.base, own, Weights.of(masks))
        self.variance[:] += masks @ (days / (12.0 * (days + 2.0)))
        for j, event in enumerate(scaled):
            found = balances(e, event, room=room) if j else both
            _add_balances(self.scaled.of(slice(j, j + 1)), found, Weights.of(masks[j : j + 1]))
        return days

    def rank_own(
        self, window: int, e: FloatArray, values: FloatArray, events: tuple[FloatArray, BoolArray]
    ) -> None:
        """Rank the event day, by 1 and by the factor.

        ``events`` are the (m,) days of each event, and which the window retains.
        """
        days, kept = events
        weight = kept / (days + 2.0)
        same = bool(kept.all()) and bool((days == e.shape[1]).all())
        for f, value in enumerate(values):
            above, total = higher_sums(e, value, weight, same=same)
            self.above[f, window] += above
            self.rank[f, window] += float((days + 1.0) @ weight) - total


def _add_balances(totals: Totals, found: Balances, weights: Weights) -> None:
    """Add U = rank/(T+1) − ½: half of a balance over T+1."""
    if weights.whole and not found.holes.size:
        totals.add_sums(found.weighted(1.0), weights.n)
        return
    scores = found.values * (0.5 / (found.count + 1.0))[:, None]
    totals.add(weights, scores, there(found.values, found.holes))


def _add_shares(totals: Totals, found: Balances, weights: Weights) -> None:
    """Add rank/(M+2): a rank is half of its balance and of the days plus one."""
    if weights.whole and not found.holes.size:
        days = found.values.shape[1]
        totals.add_sums(
            found.weighted(2.0) + weights.n * 0.5 * (days + 1.0) / (days + 2.0), weights.n
        )
        return
    days = found.count.astype(float)
    seen = there(found.values, found.holes)
    ranks = found.values + (days + 1.0)[:, None]
    if seen is not None:
        ranks *= seen
    totals.add(weights, ranks * (0.5 / (days + 2.0))[:, None], seen)


def _left_out(known: Known, scars: FloatArray, kept: BoolArray) -> tuple[Moments, Moments]:
    """SCARs but for the farthest from the mean, and their pseudo-values (D.15)."""
    theta = np.full(scars.shape, np.nan)
    near = kept.copy()
    for w, values in enumerate(known.scars):
        near[w] &= scars[w] != farthest(values)
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
