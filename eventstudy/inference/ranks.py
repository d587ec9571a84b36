"""Corrado's rank test over the estimation and the event window, and its t for long W (D.11)."""

from __future__ import annotations

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, IntArray, Statistic
from eventstudy.inference._answer import ask
from eventstudy.inference._days import Days, both_windows, summed_days, window_score
from eventstudy.inference._ranking import SAME, Balances, Room, Whole, balances
from eventstudy.inference._sample import Sample
from eventstudy.inference._small_sums import column_sums
from eventstudy.windows import WindowLike


def rank(abnormal: Abnormal, window: WindowLike, *, alternative: str = "two-sided") -> Statistic:
    """Test the ranks of the event days: Σ_W Z_t / (√L·S_U) ~ N(0, 1).

    Abnormal returns are ranked within each event over the estimation window and the whole
    event window; U = rank/(T+1) − ½, Z_t = Σ U_it/√N_t, and S_U² is the mean of Z_t². Missing
    days have no rank, ties get their mean rank. Carries the correlation of events that share a
    date exactly; has little power for windows of more than ten days.

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
        ``estimate`` is the mean of U over the events and days of W: between −½ and ½.

    Raises
    ------
    OptionError
        If ``alternative`` is not known.

    References
    ----------
    Corrado (1989), Journal of Financial Economics 23; Corrado and Zivney (1992), Journal of
    Financial and Quantitative Analysis 27, for missing days; Cowan (1992), Review of
    Quantitative Finance and Accounting 2, for several days.

    Examples
    --------
    >>> from eventstudy.inference import rank
    >>> from eventstudy.inference._example import example
    >>> found = rank(example(), (0, 0))
    >>> found.law, 0 < found.estimate < 0.5
    ('normal', True)
    """
    question = ask("rank", abnormal, window, alternative)
    if why := question.lacks():
        return question.nothing(why, "normal")
    found = window_score(question.sample, ranked_days(question.sample))
    if found.why:
        return question.nothing(found.why, "normal")
    return question.scored(found.mean, found.statistic, "normal", se=found.se)


def cumrank_t(
    abnormal: Abnormal, window: WindowLike, *, alternative: str = "two-sided"
) -> Statistic:
    """Test the ranks of the event days, for long windows: t = Z'√((T−2)/(T−1−Z'²)) ~ t_{T−2}.

    Z' = Z/√((T−L)/(T−1)), with Z the statistic of `rank`, T the ranked days and L those in W.
    A window takes its own ranks out of the rest, which makes `rank` reject too rarely where W
    is long; this removes it. Carries the correlation of events that share a date exactly.

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
        ``estimate`` is the mean of U over the events and days of W: between −½ and ½.

    Raises
    ------
    OptionError
        If ``alternative`` is not known.

    References
    ----------
    Luoma (2011), University of Vaasa; Kolari and Pynnönen (2011), Journal of Empirical
    Finance 18.

    Examples
    --------
    >>> from eventstudy.inference import cumrank_t, rank
    >>> from eventstudy.inference._example import example
    >>> found = cumrank_t(example(), (-5, 5))
    >>> found.df, found.statistic > rank(example(), (-5, 5)).statistic
    (119.0, True)
    """
    question = ask("cumrank_t", abnormal, window, alternative)
    if why := question.lacks():
        return question.nothing(why)
    found = window_score(question.sample, ranked_days(question.sample))
    if found.why:
        return question.nothing(found.why)
    days, length = found.count, found.length
    z = found.statistic * np.sqrt((days - 1) / (days - length))
    room = days - 1 - z * z
    if room <= 0:
        return question.nothing("nothing but the days of the window has ranks that differ")
    return question.scored(found.mean, z * np.sqrt((days - 2) / room), "t", days - 2)


def ranked_days(sample: Sample) -> Days:
    """Z_t of the ranks of every day; windows that retain the same events share it."""
    total, events = ranked_sums(sample)
    return Days.of(total[0], events)


def ranked_sums(sample: Sample) -> tuple[FloatArray, FloatArray]:
    """(2, L1+L2) sums of U and of the signs about the median, and events of each day.

    One pass over the events serves both: most of it is sorting.
    """
    room = Room()

    def scores(some: IntArray) -> tuple[FloatArray, FloatArray]:
        both = both_windows(sample, some)
        found = balances(*both, room=room)
        signs = signs_about_median(np.hstack(both) if found.near.size else both[0], found)
        return np.stack([found.weighted(1.0), column_sums(signs, 1)]), found.there

    return summed_days(sample, "ranks", scores)


def signs_about_median(x: FloatArray, found: Balances) -> Whole:
    """(n, width) sign of x − median within each row, 0 where missing, from its balances."""
    signs = np.sign(found.values)
    if found.near.size:
        signs[found.near] = np.nan_to_num(median_signs(x[found.near]))
    return np.asarray(signs)


def centred_ranks(x: FloatArray) -> FloatArray:
    """U = rank/(T+1) − ½ within each row: ties get their mean rank, missing values none.

    Values are tied that differ by rounding only: the days on which a share did not trade have
    the same abnormal return, whichever window they lie in.

    >>> centred_ranks(np.array([[3.0, np.nan, 1.0, 1.0]]))
    array([[ 0.25 ,    nan, -0.125, -0.125]])
    """
    found = balances(x)
    u = found.values / (2.0 * (found.count + 1.0))[:, None]
    np.put(u, found.holes, np.nan)
    return u


def median_signs(x: FloatArray) -> FloatArray:
    """Sign of x − median within each row, 0 where they differ by rounding only; NaN stays NaN.

    >>> median_signs(np.array([[3.0, np.nan, 1.0, 1.0], [1.0, 2.0, 3.0, 9.0]]))
    array([[ 1., nan,  0.,  0.],
           [-1., -1.,  1.,  1.]])
    """
    row = np.arange(len(x))
    ordered = np.sort(x, axis=1)
    count = np.isfinite(x).sum(axis=1)
    below, above = (
        ordered[row, np.maximum(count - 1, 0) // 2],
        ordered[row, count // 2 % x.shape[1]],
    )
    middle = np.where(count % 2, below, (below + above) / 2.0)[:, None]
    gap = x - middle
    gap[np.abs(gap) <= SAME * np.abs(middle)] = 0.0
    return np.asarray(np.sign(gap))
