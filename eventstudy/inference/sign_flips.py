"""Exact sign flips of the dates' mean CARs (D.15, D.16 d)."""

from __future__ import annotations

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, Statistic
from eventstudy.inference._answer import ZERO, ask
from eventstudy.inference._laws import NAN, pvalue
from eventstudy.inference._sample import spread
from eventstudy.inference.clusters import cluster_means, lone_cluster, merged
from eventstudy.inference.wild import TIE, smallest
from eventstudy.windows import WindowLike

#: clusters up to which all sign flips are counted, half by half (2¹⁶ sums each)
COUNTABLE = 32


def sign_flip_dates(
    abnormal: Abnormal, window: WindowLike, *, alternative: str = "two-sided"
) -> Statistic:
    """Place the mean of the dates among all 2^D of its sign flips: p = #{|T*| ≥ |T|}/2^D.

    Exact if the dates' mean CARs are independent and symmetric about zero, with any variances.
    Nothing is drawn: up to 32 dates all flips are counted, by halves; beyond, the sum of flips
    follows the normal law. Dates whose windows overlap are one cluster. With D clusters no
    two-sided p lies below 2/2^D: five dates or fewer never reject at 5 %.

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
        ``statistic`` and ``estimate`` are those of `dates_csect`; beyond 32 dates
        ``statistic`` is ΣP/√ΣP².

    Raises
    ------
    OptionError
        If ``alternative`` is not known.

    References
    ----------
    Fisher (1935), The Design of Experiments, chapter 3; counted by halves after Horowitz and
    Sahni (1974), Journal of the ACM 21.

    Examples
    --------
    >>> from eventstudy.inference import sign_flip_dates
    >>> from eventstudy.inference._example import example
    >>> found = sign_flip_dates(example(dates=10), (0, 0))
    >>> found.law, found.pvalue * 2**10
    ('permutation', 10.0)
    """
    question = ask("sign_flip_dates", abnormal, window, alternative)
    s = question.sample
    if why := question.lacks() or lone_cluster(s):
        return question.nothing(why, "permutation")
    x, d = cluster_means(s), s.n_components
    mean, se = float(x.mean()), spread(x) / np.sqrt(d)
    if se == 0:
        return question.nothing(ZERO, "permutation")
    note = merged(s.n_dates, d)
    if d > COUNTABLE:
        z = float(x.sum() / np.sqrt(x @ x))
        p = pvalue("normal", z, NAN, alternative)
        note = "; ".join(filter(None, (note, f"{d} signs: the normal law of their flips")))
        return question.score(mean, z, "normal", p, se=se, note=note)
    note = "; ".join(filter(None, (note, smallest(2**d, alternative))))
    return question.score(mean, mean / se, "permutation", flips(x, alternative), se=se, note=note)


def flips(x: FloatArray, alternative: str) -> float:
    """Share of the 2^D sums Σ±x that are at least as extreme as Σx, the sum itself included.

    >>> flips(np.array([1.0, 2.0, 4.0]), "two-sided"), flips(np.array([1.0, 2.0, -4.0]), "less")
    (0.25, 0.5)
    """
    x = x / np.abs(x).sum()
    total = float(x.sum())
    bound = {"two-sided": abs(total), "greater": total, "less": -total}[alternative] - TIE
    one, two = _sums(x[: len(x) // 2]), np.sort(_sums(x[len(x) // 2 :]))
    beyond = int((len(two) - np.searchsorted(two, bound - np.sort(one))).sum())
    share = beyond / 2.0 ** len(x)
    return min(1.0, 2.0 * share) if alternative == "two-sided" else share


def _sums(x: FloatArray) -> FloatArray:
    """All sums ±x₁ ± x₂ …; 0 for none."""
    sums = np.zeros(1)
    for value in x:
        sums = np.concatenate([sums + value, sums - value])
    return sums
