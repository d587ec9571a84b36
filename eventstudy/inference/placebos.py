"""The event window among the windows of the days before it (D.19)."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from eventstudy import errors
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, IntArray, Statistic
from eventstudy.inference._answer import Question, ask
from eventstudy.inference._sample import Sample
from eventstudy.inference.quantiles import Tails, leverage, windows_of
from eventstudy.windows import WindowLike, is_whole

LAW = "permutation"
#: days before a window whose standard deviation is its lagged volatility
LAG = 20

#: a number of groups by lagged volatility, or one label an estimation day
Strata: TypeAlias = int | npt.ArrayLike | None
Labels: TypeAlias = npt.NDArray[np.generic]


def placebo_window(
    abnormal: Abnormal,
    window: WindowLike,
    *,
    alternative: str = "two-sided",
    strata: Strata = None,
    stratum: object = None,
    standardise: bool = False,
    contiguous: bool = False,
) -> Statistic:
    """Compare the CAAR with sums of as many days before: p = (1+#{|Σa| ≥ |CAAR|})/(1+n).

    a_t is the mean residual of estimation day t, so that events of one date keep their
    correlation. Exact where days are exchangeable; volatility that comes in spells breaks that,
    and ``strata`` compares the event with calm or with wild days only. No p is below 1/(1+n).

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events; of one date, or of dates whose windows do not overlap.
    window : window
        W, in trading days around day 0; placebo windows have its length.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.
    strata : int or (L1,) array, optional
        Compare with placebo windows of the event's own stratum only. A number k cuts them into k
        groups of equal size by the standard deviation of a_t over the 20 days before each, with
        that of the last 20 estimation days before W for the event. Or one label for each
        estimation day, which holds for the windows that begin on it; ``stratum`` then names the
        event's.
    stratum : label, optional
        The stratum of the event, for labels.
    standardise : bool
        Divide the CAAR by √(Q/L) and each a_t by √(1−h), its leverage: for fewer than 100
        estimation days. NaN with a note where the study holds no leverages.
    contiguous : bool
        Use sums over unbroken days only; by default gaps are closed.

    Returns
    -------
    Statistic
        ``estimate`` and ``statistic`` are the CAAR. ``ci`` holds every effect that the test
        does not reject at 5 %.

    Raises
    ------
    OptionError
        If an option is not known, or ``strata`` does not fit the estimation window.

    References
    ----------
    Fisher (1935), The Design of Experiments; Chernozhukov, Wüthrich and Zhu (2021), Journal of
    the American Statistical Association 116, for the exchange of days.

    Examples
    --------
    >>> from eventstudy.inference import placebo_window
    >>> from eventstudy.inference._example import example
    >>> found = placebo_window(example(), (0, 0), strata=3)
    >>> round(found.estimate, 3), found.note
    (0.016, '29 of 90 placebo windows are in the stratum of the event')
    """
    question = ask("placebo_window", abnormal, window, alternative)
    s = question.sample
    groups = _checked(strata, stratum, len(abnormal.estimation))
    if why := question.lacks():
        return question.nothing(why, LAW)
    days, scale = s.estimation.series, 1.0
    if standardise:
        factors = leverage(s, "standardise=True")
        if isinstance(factors, str):
            return question.nothing(factors, LAW)
        days, scale = days / np.sqrt(1.0 - factors), math.sqrt(s.first_q / s.length)
    sums, begin = windows_of(days, s.length, contiguous=contiguous)
    if not len(sums):
        return question.nothing(f"no {s.length} successive estimation days", LAW)
    inside, note = _same_stratum(s, begin, groups, stratum)
    if not inside.any():
        return question.nothing(note, LAW)
    return _compare(question, sums[inside], scale, note)


def _compare(question: Question, sums: FloatArray, scale: float, note: str) -> Statistic:
    """Find the CAAR's place among the sums, and the effects that leave it inside."""
    caar = question.sample.cars.mean
    tails = Tails(sums, 1)
    p = tails.pvalue(caar / scale, question.alternative, "symmetric")
    below, above = tails.reach(question.alternative, "symmetric")
    ci = (caar - above * scale, caar + below * scale)
    return question.score(caar, caar, LAW, p, ci=ci, note=note)


def _checked(strata: Strata, stratum: object, days: int) -> int | Labels | None:
    """Return a number of groups, or an array of one label a day; refuse anything else."""
    labelled = strata is not None and not is_whole(strata)
    if labelled != (stratum is not None):
        raise errors.stratum_alone()
    if strata is None:
        return None
    if is_whole(strata):
        if strata < 2:
            raise errors.strata_unusable(strata, days)
        return int(strata)
    labels = np.asarray(strata)
    if labels.shape != (days,):
        raise errors.strata_unusable(f"{labels.ndim}-d, {labels.size} labels", days)
    return labels


def _same_stratum(
    sample: Sample, begin: IntArray, groups: int | Labels | None, stratum: object
) -> tuple[BoolArray, str]:
    """Which of the placebo windows that start on the days ``begin`` are compared, and a note."""
    if groups is None:
        return np.ones(len(begin), dtype=bool), ""
    compared = len(begin)
    if isinstance(groups, np.ndarray):
        inside = np.asarray(groups[begin] == stratum)
    else:
        series = sample.estimation.series
        known = np.flatnonzero(np.isfinite(series))
        before = np.array(sample.abnormal.estimation.days)[known] < sample.window.first
        # how many known days lie before each window, the event's last
        lead = np.append(np.searchsorted(known, begin), before.sum())
        if lead[-1] < LAG:
            return np.zeros(compared, dtype=bool), f"strata need {LAG} days before the event"
        usable = lead >= LAG
        past = np.lib.stride_tricks.sliding_window_view(series[known], LAG).std(axis=1)
        inside = np.zeros(compared, dtype=bool)
        inside[usable[:-1]] = _like_the_last(past[lead[usable] - LAG], groups)
        compared = int(usable.sum()) - 1
    return inside, f"{inside.sum()} of {compared} placebo windows are in the stratum of the event"


def _like_the_last(x: FloatArray, groups: int) -> BoolArray:
    """Which values fall into the quantile group of the last one, itself left out."""
    group = np.empty(len(x), dtype=np.int64)
    group[np.argsort(x, kind="stable")] = np.arange(len(x)) * groups // len(x)
    return np.asarray(group[:-1] == group[-1])
