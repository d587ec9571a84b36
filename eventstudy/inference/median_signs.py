"""Signs about each event's own median, day by day, in place of ranks (D.14)."""

from __future__ import annotations

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Statistic
from eventstudy.inference._answer import ask
from eventstudy.inference._days import Days, window_score
from eventstudy.inference.ranks import ranked_sums
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
    total, events = ranked_sums(s)
    found = window_score(s, Days.of(total[1], events))
    if found.why:
        return question.nothing(found.why, "normal")
    return question.scored(found.mean, found.statistic, "normal", se=found.se)
