"""Signs about each event's own median, day by day, in place of ranks (D.14)."""

from __future__ import annotations

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, Statistic
from eventstudy.inference._answer import ask
from eventstudy.inference._days import both_windows, summed_days, window_score
from eventstudy.inference.ranks import SAME
from eventstudy.windows import WindowLike


def corrado_sign(
    abnormal: Abnormal, window: WindowLike, *, alternative: str = "two-sided"
) -> Statistic:
    """Test the signs of the event days: Σ_W Z_t / (√L·S_G) ~ N(0, 1).

    G = sign(AR − median) within each event, the median taken over the estimation window and the
    whole event window; Z_t = Σ G_it/√N_t, and S_G² is the mean of Z_t². Needs no symmetry of
    the returns. Carries the correlation of events that share a date exactly.

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
        ``estimate`` is the mean of G over the events and days of W: between −1 and 1.

    Raises
    ------
    OptionError
        If ``alternative`` is not known.

    References
    ----------
    Corrado and Zivney (1992), Journal of Financial and Quantitative Analysis 27.

    Examples
    --------
    >>> from eventstudy.inference import corrado_sign
    >>> from eventstudy.inference._example import example
    >>> found = corrado_sign(example(), (0, 0))
    >>> found.law, round(found.estimate, 12)
    ('normal', 0.5)
    """
    question = ask("corrado_sign", abnormal, window, alternative)
    s = question.sample
    if why := question.lacks():
        return question.nothing(why, "normal")
    days = summed_days(s, ("signs",), lambda some: median_signs(both_windows(s, some)))
    found = window_score(s, days)
    if found.why:
        return question.nothing(found.why, "normal")
    return question.scored(found.mean, found.statistic, "normal", se=found.se)


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
