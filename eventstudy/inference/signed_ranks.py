"""Wilcoxon's test on the ranked sizes of the CARs; for independent events (D.14)."""

from __future__ import annotations

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, Statistic
from eventstudy.inference._answer import ask
from eventstudy.inference._laws import NAN, both_tails, check, pvalue
from eventstudy.windows import WindowLike

#: events up to which the exact law is used by itself
EXACT = 50
#: relative distance below which two CARs are the same
SAME = 1e-12


def wilcoxon(
    abnormal: Abnormal,
    window: WindowLike,
    *,
    alternative: str = "two-sided",
    method: str = "auto",
) -> Statistic:
    """Test the signed ranks of the CARs: W⁺ = Σ rank|CAR| over the positive CARs.

    CARs of exactly zero are dropped. Up to 50 events without ties W⁺ follows its exact law,
    else Z = (W⁺ − N(N+1)/4)/√V ~ N(0, 1) with V = N(N+1)(2N+1)/24 − Σ(t³−t)/48. Valid for
    independent events whose CARs are spread evenly about their median.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.
    method : {"auto", "exact", "normal"}
        Which law.

    Returns
    -------
    Statistic
        ``estimate`` is W⁺ as a share of its largest value N(N+1)/2; ``statistic`` is W⁺ under
        the exact law and Z under the normal one.

    Raises
    ------
    OptionError
        If an option is not known.

    References
    ----------
    Wilcoxon (1945), Biometrics Bulletin 1.

    Examples
    --------
    >>> from eventstudy.inference import wilcoxon
    >>> from eventstudy.inference._example import example
    >>> found = wilcoxon(example(), (0, 0))
    >>> found.statistic, found.law, found.pvalue
    (33.0, 'signed-rank', 0.0390625)
    """
    question = ask("wilcoxon", abnormal, window, alternative)
    check("method", method, ("auto", "exact", "normal"))
    if question.sample.unkept("wilcoxon"):
        return question.nothing(question.lacks(2), "normal")
    car = question.sample.car
    car = car[car != 0]
    n = len(car)
    law = "normal" if method == "normal" or (method == "auto" and n > EXACT) else "signed-rank"
    if why := question.lacks(2):
        return question.nothing(why, law)
    if n < 2:
        return question.nothing("fewer than two CARs differ from zero", law)
    ranks, ties = _ranks(np.abs(car))
    plus, most = float(ranks[car > 0].sum()), n * (n + 1) / 2.0
    if ties.any() and method == "auto":
        law = "normal"
    if law == "normal":
        variance = n * (n + 1) * (2 * n + 1) / 24.0 - float((ties**3 - ties).sum()) / 48.0
        z = (plus - most / 2.0) / np.sqrt(variance)
        return question.score(plus / most, z, law, pvalue(law, z, NAN, alternative))
    if ties.any():
        return question.nothing("ties: the exact law needs CARs of different size", law)
    pmf = _signed_rank_law(n)
    lower, upper = float(pmf[: int(plus) + 1].sum()), float(pmf[int(plus) :].sum())
    return question.score(plus / most, plus, law, both_tails(lower, upper, alternative))


def _ranks(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean ranks of positive numbers, and the sizes of the groups of equal ones above one.

    Numbers are equal that differ by rounding only: one event twice is a tie.
    """
    order = np.argsort(x)
    ordered = x[order]
    group = np.cumsum(np.diff(ordered, prepend=0.0) > SAME * ordered) - 1
    size = np.bincount(group)
    mean = np.cumsum(size) - (size - 1) / 2.0
    ranks = np.empty(len(x))
    ranks[order] = mean[group]
    return ranks, size[size > 1].astype(float)


def _signed_rank_law(n: int) -> FloatArray:
    """Probabilities of W⁺ = 0 … n(n+1)/2: each rank is in the sum with probability one half.

    >>> _signed_rank_law(2)
    array([0.25, 0.25, 0.25, 0.25])
    """
    law = np.ones(1)
    for size in range(1, n + 1):
        law = (np.append(law, np.zeros(size)) + np.append(np.zeros(size), law)) / 2.0
    return law
