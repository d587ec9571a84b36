"""GRANK: the CAR of each event ranked among its own estimation days (D.13)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, Statistic
from eventstudy.inference._answer import NO_DEVIATION, ZERO, Question, ask
from eventstudy.inference._factors import Adjustment, adjust
from eventstudy.inference._laws import check
from eventstudy.inference._pairs import MIN_OVERLAP
from eventstudy.inference._ranking import Room, balances
from eventstudy.inference._sample import Sample
from eventstudy.inference._small_sums import column_sums
from eventstudy.windows import WindowLike

CORRECTIONS = ("none", "sd", "full")
#: residuals that are compared at a time: they stay in the cache
TILE = 50_000


def grank_t(
    abnormal: Abnormal,
    window: WindowLike,
    *,
    alternative: str = "two-sided",
    correction: str | None = None,
    min_overlap: int = MIN_OVERLAP,
) -> Statistic:
    """Test the mean rank of the CARs: t = Z√((T−2)/(T−1−Z²)) ~ t_{T−2}, Z = Ū_0/S_Ū.

    Each event's c·SCAR/s, with s the standard deviation of the SCARs over the events, is ranked
    among its standardised residuals e/σ as one more day. Ū_t is the mean over events of
    U = rank/(T_i+1) − ½, and S_Ū² the mean of Ū_t² over all T days, so that it carries the
    correlation of events that share a date exactly. Robust to a variance on event days that
    grows alike for all events. On shared dates slightly liberal: 6 to 7 % at a nominal 5 %.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.
    correction : {None, "none", "sd", "full"}
        The factor c: 1; √(1−r̄), which undoes what correlation does to s; or
        √((1−r̄)/(1+(N−1)r̄)), which corrects twice and is there for comparison only (it rejects
        0.5 % at a nominal 5 %, with 12 firms and a correlation of .3). Left out: ``"none"``
        where no two events share day 0, else ``"sd"``.
    min_overlap : int
        Common estimation days that a pair of events needs to count in r̄.

    Returns
    -------
    Statistic
        ``estimate`` is Ū_0, between −½ and ½; ``rbar`` is given where c uses it.

    Raises
    ------
    OptionError
        If an option is not known.

    References
    ----------
    Kolari and Pynnönen (2011), Journal of Empirical Finance 18.

    Examples
    --------
    >>> from eventstudy.inference import grank_t
    >>> from eventstudy.inference._example import example
    >>> found = grank_t(example(), (0, 0))
    >>> found.law, found.df, round(found.rbar, 2)
    ('t', 109.0, 0.44)
    """
    question = ask("grank_t", abnormal, window, alternative)
    if correction is not None:
        check("correction", correction, CORRECTIONS)
    s = question.sample
    if why := question.lacks(2):
        return question.nothing(why)
    chosen = correction or usual_correction(s)
    why = s.unkept("grank_t", "correction") if chosen not in ("none", usual_correction(s)) else ""
    adjustment = Adjustment(why=why)
    if chosen != "none" and not why:
        adjustment = adjust(s, min_overlap, clip_negative=False)
    if why := adjustment.why:
        return question.nothing(why, rbar=adjustment.rbar)
    factor = adjustment.deflation / (adjustment.inflation if chosen == "full" else 1.0)
    found = generalised_rank(s, math.sqrt(factor))
    if why := found.why:
        return question.nothing(why, rbar=adjustment.rbar)
    return _against_t(question, found, adjustment)


def grank_z(abnormal: Abnormal, window: WindowLike, *, alternative: str = "two-sided") -> Statistic:
    """Test the mean rank of the CARs of independent events: Z = Ū_0/√(Σ(T_i−1)/(12(T_i+1))/N²).

    Ū_0 as in `grank_t` with c = 1; its variance is that of independent ranks. Valid only if
    events are independent.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.

    Returns
    -------
    Statistic
        ``estimate`` is Ū_0, between −½ and ½.

    Raises
    ------
    OptionError
        If ``alternative`` is not known.

    References
    ----------
    Kolari and Pynnönen (2011), Journal of Empirical Finance 18.

    Examples
    --------
    >>> from eventstudy.inference import grank_t, grank_z
    >>> from eventstudy.inference._example import example
    >>> found = grank_z(example(dates=3), (0, 0))
    >>> found.estimate == grank_t(example(dates=3), (0, 0), correction="none").estimate
    True
    """
    question = ask("grank_z", abnormal, window, alternative)
    s = question.sample
    if why := question.lacks(2):
        return question.nothing(why, "normal")
    found = generalised_rank(s, 1.0)
    if found.why:
        return question.nothing(found.why, "normal")
    se = math.sqrt(estimation_ranks(s).variance) / s.n
    return question.scored(found.mean, found.mean / se, "normal", se=se)


@dataclass(frozen=True)
class GeneralisedRank:
    """Ū_0, S_Ū and T of a sample, or why there are none."""

    mean: float = math.nan
    deviation: float = math.nan
    count: int = 0
    why: str = ""


@dataclass(frozen=True)
class Ranks:
    """What the ranks of the estimation days among themselves tell; the same for every window."""

    #: (L1,) Σ_i rank/(M_i+2) and N_t
    total: FloatArray
    events: FloatArray
    #: Σ_i M_i/(12(M_i+2)), the variance of the sum of independent ranks over M_i+2
    variance: float


@dataclass(frozen=True)
class OwnRanks:
    """What the rank of the event day among them tells."""

    #: Σ_i rank/(M_i+2), and (L1,) Σ_i [e_it above the event day]/(M_i+2)
    total: float
    above: FloatArray


def usual_correction(sample: Sample) -> str:
    """Which correction is made unless another is asked for."""
    return "none" if sample.n_dates == sample.n else "sd"


def _against_t(question: Question, found: GeneralisedRank, adjustment: Adjustment) -> Statistic:
    """Refer Ū_0/S_Ū to t_{T−2}; infinite where nothing but the event day varies."""
    z, df, note = found.mean / found.deviation, found.count - 2.0, adjustment.note
    room = found.count - 1.0 - z * z
    if room <= 1e-10 * found.count:
        t = math.copysign(math.inf, z)
        note = "; ".join(filter(None, (note, "the ranks of all other days are the same")))
    else:
        t = z * math.sqrt(df / room)
    return question.scored(found.mean, t, "t", df, note=note, rbar=adjustment.rbar)


def generalised_rank(sample: Sample, factor: float) -> GeneralisedRank:
    """Rank ``factor`` · SCAR/s among the standardised residuals of each event.

    Only the rank of the event day depends on the window: the other days keep their ranks among
    themselves, one higher where the event day lies below them (a half where it ties).
    """
    if not sample.scars.finite:
        return GeneralisedRank(why=NO_DEVIATION)
    if not sample.scars.spread:
        return GeneralisedRank(why=ZERO)
    base, own = estimation_ranks(sample), own_ranks(sample, factor)
    total = base.total + own.above
    mean = own.total / sample.n - 0.5
    known = base.events > 0
    others = total[known] / base.events[known] - 0.5
    count = int(known.sum()) + 1
    square = (float(base.events[known] @ others**2) / sample.n + mean**2) / count
    if count < 3:
        return GeneralisedRank(why=f"{count} ranked days are too few")
    if square <= 1e-24:
        return GeneralisedRank(why=ZERO)
    return GeneralisedRank(mean, math.sqrt(square), count)


def own_ranks(sample: Sample, factor: float) -> OwnRanks:
    """Rank the event day of each event."""

    def make() -> OwnRanks:
        # e/σ against c·SCAR/s is e against c·σ·SCAR/s
        value = factor * sample.scar / sample.scars.spread * sample.sigma
        total, above, higher = 0.0, np.zeros(len(sample.abnormal.estimation)), Higher()
        for some in sample.chunks():
            e = sample.residuals(some)
            if np.isfinite(e.sum()):
                days = float(e.shape[1])
                weight = 1.0 / (days + 2.0)
                more = higher.count(e, value[some]) * weight
                total += len(e) * (days + 1.0) * weight - float(more.sum())
            else:
                days = np.isfinite(e).sum(axis=1)
                weight = 1.0 / (days + 2.0)
                more = higher.weigh(e, value[some], weight)
                total += float((days + 1.0) @ weight - more.sum())
            above += more
        return OwnRanks(total, above)

    found: OwnRanks = sample.abnormal.memo(("own ranks", sample.window, factor), make)
    return found


class Higher:
    """Says whose residual is above a value of his, in memory that serves many calls."""

    def __init__(self) -> None:
        self._own, self._flags = np.empty((0, 0)), np.empty((0, 0), dtype=bool)

    def count(self, e: FloatArray, value: FloatArray) -> FloatArray:
        """(L1,) events whose residual is above their value; one that ties counts a half."""
        higher, ties = self._compare(e, value)
        return column_sums(higher.view(np.uint8), 1) + (
            0.0 if ties is None else 0.5 * ties.sum(axis=0)
        )

    def weigh(self, e: FloatArray, value: FloatArray, weight: FloatArray) -> FloatArray:
        """(L1,) sums of the (m,) weights of these events."""
        higher, ties = self._compare(e, value)
        return np.asarray(weight @ higher + (0.0 if ties is None else 0.5 * (weight @ ties)))

    def _compare(self, e: FloatArray, value: FloatArray) -> tuple[BoolArray, BoolArray | None]:
        """(m, L1) which residuals are above the (m,) values, and which tie if any does."""
        rows = min(len(e), max(1, TILE // e.shape[1]))
        if self._own.shape != (rows, e.shape[1]) or len(self._flags) < len(e):
            self._own, self._flags = np.empty((rows, e.shape[1])), np.empty(e.shape, dtype=bool)
        flags, tied = self._flags[: len(e)], False
        for start in range(0, len(e), rows):
            some = slice(start, start + rows)
            own = self._own[: len(e) - start]
            np.copyto(own, value[some, None])  # compared sooner than a broadcast
            tied |= bool(np.equal(e[some], own, out=flags[some]).any())
            np.greater(e[some], own, out=flags[some])
        # a CAR of zero and days without trade
        return flags, np.equal(e, value[:, None]) if tied else None


def estimation_ranks(sample: Sample) -> Ranks:
    """Rank the residuals of each event; windows that retain the same events share it."""

    def make() -> Ranks:
        width = len(sample.abnormal.estimation)
        total, events, variance, room = np.zeros(width), np.zeros(width), 0.0, Room()
        for some in sample.chunks():
            found = balances(sample.residuals(some), room=room)
            days = found.count.astype(float)
            # a rank is half of its balance and of the days plus one
            total += found.weighted(2.0) + found.sums(0.5 * (days + 1.0) / (days + 2.0))
            events += found.there
            variance += float((days / (12.0 * (days + 2.0))).sum())
        return Ranks(total, events, variance)

    found: Ranks = sample.abnormal.memo(("estimation ranks", sample.key), make)
    return found
