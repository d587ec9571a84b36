"""Reference laws: p-values and intervals, by survival functions only (methods A.5, J.8)."""

from __future__ import annotations

import math

from scipy.special import ndtr, ndtri, stdtr, stdtrit

from eventstudy import errors

ALTERNATIVES = ("two-sided", "greater", "less")
#: probability that a confidence interval covers
LEVEL = 0.95
NAN = float("nan")


def check(option: str, value: object, known: tuple[str, ...]) -> None:
    """Refuse a value that is not one of ``known``."""
    if value not in known:
        raise errors.unknown_option(option, value, known)


def lower_tail(law: str, x: float, df: float = NAN) -> float:
    """P(X ≤ x) of the t or the normal law; small where x is far below zero."""
    return float(ndtr(x)) if law == "normal" else float(stdtr(df, x))


def pvalue(law: str, x: float, df: float, alternative: str) -> float:
    """p-value of a statistic that is symmetric about zero under the null hypothesis."""
    if alternative == "two-sided":
        return 2.0 * lower_tail(law, -abs(x), df)
    return lower_tail(law, -x if alternative == "greater" else x, df)


def both_tails(lower: float, upper: float, alternative: str) -> float:
    """p-value of a law that is not symmetric, or discrete, from its two tails (M.9)."""
    if alternative == "two-sided":
        return min(1.0, 2.0 * min(lower, upper))
    return upper if alternative == "greater" else lower


def critical(law: str, df: float, tail: float) -> float:
    """Give the value that the law exceeds with probability ``tail``."""
    return -float(ndtri(tail) if law == "normal" else stdtrit(df, tail))


def interval(
    estimate: float, se: float, law: str, df: float, alternative: str
) -> tuple[float, float]:
    """95 % interval: estimate ± critical value × se, open on one side for one-sided tests."""
    if alternative == "two-sided":
        half = critical(law, df, (1.0 - LEVEL) / 2.0) * se
        return estimate - half, estimate + half
    half = critical(law, df, 1.0 - LEVEL) * se
    return (estimate - half, math.inf) if alternative == "greater" else (-math.inf, estimate + half)
