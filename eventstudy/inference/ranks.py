"""Corrado's rank test over the estimation and the event window (D.11)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, Statistic
from eventstudy.inference._answer import ZERO, ask
from eventstudy.inference._laws import NAN, pvalue
from eventstudy.inference._sample import Sample
from eventstudy.windows import WindowLike

#: relative distance below which two abnormal returns are the same
SAME = 1e-13


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
    s = question.sample
    if why := question.lacks():
        return question.nothing(why, "normal")
    days = ranked_days(s)
    z = days.z[len(abnormal.estimation) :][abnormal.days(window)]
    if days.count < 3:
        return question.nothing(f"{days.count} ranked days are too few", "normal")
    if days.deviation <= 0:
        return question.nothing(ZERO, "normal")
    z = z[np.isfinite(z)]
    mean = float(z.sum()) / (len(z) * np.sqrt(s.n))
    se = days.deviation / np.sqrt(len(z) * s.n)
    statistic = mean / se
    p = pvalue("normal", statistic, NAN, alternative)
    return question.score(mean, statistic, "normal", p, se=se)


@dataclass(frozen=True)
class Ranked:
    """Summed ranks of a sample, day by day."""

    #: (L1+L2,) Z_t over the estimation and the event window; NaN on days without events
    z: FloatArray
    #: days that have a Z_t, and S_U
    count: int
    deviation: float


def ranked_days(sample: Sample) -> Ranked:
    """Z_t of every day; windows that retain the same events share it."""

    def make() -> Ranked:
        abnormal = sample.abnormal
        width = len(abnormal.estimation) + len(abnormal.window)
        total, events = np.zeros(width), np.zeros(width)
        for some in sample.chunks():
            event_days = abnormal.abnormal[sample.index[some]]
            u = centred_ranks(np.hstack([sample.residuals(some), event_days]))
            found = np.isfinite(u)
            total += np.where(found, u, 0.0).sum(axis=0)
            events += found.sum(axis=0)
        z = np.divide(total, np.sqrt(events), out=np.full(width, np.nan), where=events > 0)
        known = z[np.isfinite(z)]
        deviation = float(np.sqrt(known @ known / max(len(known), 1)))
        return Ranked(z, len(known), deviation if deviation > 1e-12 else 0.0)

    found: Ranked = sample.abnormal.memo(("ranks", sample.key), make)
    return found


def centred_ranks(x: FloatArray) -> FloatArray:
    """U = rank/(T+1) − ½ within each row: ties get their mean rank, missing values none.

    Values are tied that differ by rounding only: the days on which a share did not trade have
    the same abnormal return, whichever window they lie in.

    >>> centred_ranks(np.array([[3.0, np.nan, 1.0, 1.0]]))
    array([[ 0.25 ,    nan, -0.125, -0.125]])
    """
    n, width = x.shape
    order = np.argsort(x, axis=1)
    ordered = np.take_along_axis(x, order, axis=1)
    place = np.broadcast_to(np.arange(width, dtype=float), (n, width))
    same = np.diff(ordered, axis=1) <= SAME * np.abs(ordered[:, 1:])
    ranks = place + 1.0
    if same.any():
        edge = np.ones((n, 1), dtype=bool)
        first = np.where(np.hstack([edge, ~same]), place, 0.0)
        last = np.where(np.hstack([~same, edge]), place, float(width))
        first = np.maximum.accumulate(first, axis=1)
        last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
        ranks = (first + last) / 2.0 + 1.0
    found = np.isfinite(ordered)
    u = np.where(found, ranks / (found.sum(axis=1, keepdims=True) + 1.0) - 0.5, np.nan)
    out = np.empty_like(u)
    np.put_along_axis(out, order, u, axis=1)
    return out
