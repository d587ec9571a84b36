"""The rank test on standardised returns, event days scaled by their own spread (D.12)."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, IntArray, Statistic
from eventstudy.inference._answer import NO_DEVIATION, ask
from eventstudy.inference._days import Days, summed_days, window_score
from eventstudy.inference._factors import Adjustment, adjust
from eventstudy.inference._laws import check
from eventstudy.inference._pairs import MIN_OVERLAP
from eventstudy.inference._ranking import Room, balances
from eventstudy.inference._sample import Sample, spread
from eventstudy.windows import WindowLike


def rank_cz(
    abnormal: Abnormal,
    window: WindowLike,
    *,
    alternative: str = "two-sided",
    cross_correction: str = "none",
    min_overlap: int = MIN_OVERLAP,
) -> Statistic:
    """Test ranks where the variance on event days grows: Σ_W Z_t / (√L·S_U) ~ N(0, 1).

    As `rank`, but what is ranked is e/σ on estimation days and SAR/s_t on event days, with s_t
    the standard deviation of the SAR over the events of that day. Takes events as independent:
    correlation makes s_t too small, so that the test rejects too often on shared dates. A day
    with fewer than two events has no rank.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.
    cross_correction : {"none", "sd"}
        ``"sd"`` multiplies the event days by √(1−r̄), which undoes what correlation does to s_t.
    min_overlap : int
        Common estimation days that a pair of events needs to count in r̄.

    Returns
    -------
    Statistic
        ``estimate`` is the mean of U over the events and days of W: between −½ and ½.

    Raises
    ------
    OptionError
        If an option is not known.

    References
    ----------
    Corrado and Zivney (1992), Journal of Financial and Quantitative Analysis 27; Kolari and
    Pynnönen (2010), Review of Financial Studies 23, for 1 − r̄.

    Examples
    --------
    >>> from eventstudy.inference import rank_cz
    >>> from eventstudy.inference._example import example
    >>> plain = rank_cz(example(), (0, 0))
    >>> plain.statistic > rank_cz(example(), (0, 0), cross_correction="sd").statistic
    True
    """
    question = ask("rank_cz", abnormal, window, alternative)
    check("cross_correction", cross_correction, ("none", "sd"))
    s, law = question.sample, "normal"
    if why := question.lacks(2):
        return question.nothing(why, law)
    if cross_correction == "sd" and (why := s.unkept("rank_cz", "cross_correction")):
        return question.nothing(why, law)
    if not s.sigmas.finite:
        return question.nothing(NO_DEVIATION, law)
    adjustment = Adjustment()
    if cross_correction == "sd":
        adjustment = adjust(s, min_overlap, clip_negative=False)
    found = window_score(s, _scaled_days(s, math.sqrt(adjustment.deflation)))
    if why := adjustment.why or found.why:
        return question.nothing(why, law, adjustment.rbar)
    return question.scored(
        found.mean,
        found.statistic,
        law,
        se=found.se,
        note=adjustment.note,
        rbar=adjustment.rbar,
    )


def _scaled_days(sample: Sample, factor: float) -> Days:
    """Z_t of the ranks of e/σ and of ``factor`` · SAR/s_t."""

    @cache
    def scale() -> FloatArray:
        return factor / daily_spread(sample.abnormal.sar[sample.index])

    room = Room()

    def scores(some: IntArray) -> tuple[FloatArray, FloatArray]:
        # e/σ against SAR/s is e against σ·SAR/s
        event = sample.abnormal.sar[sample.index[some]] * (scale() * sample.sigma[some, None])
        found = balances(sample.residuals(some), event, room=room)
        return found.weighted(1.0)[None], found.there

    total, events = summed_days(sample, f"scaled ranks {factor!r}", scores)
    return Days.of(total[0], events)


def daily_spread(x: FloatArray) -> FloatArray:
    """Standard deviation (ddof 1) of every column; NaN with fewer than two values or no spread.

    >>> daily_spread(np.array([[1.0, 2.0, 5.0], [3.0, np.nan, 5.0]])).round(3)
    array([1.414,   nan,   nan])
    """
    return np.array([_spread(day[np.isfinite(day)]) for day in x.T])


def _spread(x: FloatArray) -> float:
    return spread(x) or math.nan
