"""Several tests at once: p-values adjusted for a family (D.22)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from eventstudy import errors
from eventstudy.arrays import FloatArray
from eventstudy.inference._laws import ALTERNATIVES, check
from eventstudy.inference._resampling import TIE

#: the adjustments that need nothing but p-values
CORRECTIONS = ("bonferroni", "holm", "bh", "by")


def bonferroni(pvalues: npt.ArrayLike) -> FloatArray:
    """Adjust p-values for a family of m tests: min(1, m·p).

    The probability of any false rejection stays below the level, whatever the dependence.

    Parameters
    ----------
    pvalues : array-like
        The family, of any shape. NaN stays NaN and is left out of m.

    Returns
    -------
    array
        Adjusted p-values in the shape given; reject where they are at most the level.

    Raises
    ------
    OptionError
        If a value does not lie between 0 and 1.

    References
    ----------
    Dunn (1961), Journal of the American Statistical Association 56.

    Examples
    --------
    >>> from eventstudy.inference import bonferroni
    >>> bonferroni([0.01, 0.2, float("nan")])
    array([0.02, 0.4 ,  nan])
    """
    p, known = _family(pvalues)
    p[known] = np.minimum(p[known] * known.sum(), 1.0)
    return p


def holm(pvalues: npt.ArrayLike) -> FloatArray:
    """Adjust p-values step by step: p_(k) = max_{j≤k} min(1, (m − j + 1)·p_(j)).

    As safe as `bonferroni` and never larger.

    Parameters
    ----------
    pvalues : array-like
        The family, of any shape. NaN stays NaN and is left out of m.

    Returns
    -------
    array
        Adjusted p-values in the shape given.

    Raises
    ------
    OptionError
        If a value does not lie between 0 and 1.

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6.

    Examples
    --------
    >>> from eventstudy.inference import holm
    >>> holm([0.01, 0.04, 0.03])
    array([0.03, 0.06, 0.06])
    """
    p, known = _family(pvalues)
    ranked, order = _ranked(p[known])
    m = len(ranked)
    stepped = np.maximum.accumulate(np.minimum(ranked * np.arange(m, 0, -1), 1.0))
    return _placed(p, known, stepped, order)


def bh(pvalues: npt.ArrayLike) -> FloatArray:
    """Adjust p-values for the rate of false discoveries: p_(k) = min_{j≥k} min(1, m·p_(j)/j).

    Of the rejected hypotheses, the expected share of true ones stays below the level, where
    tests are independent or positively dependent.

    Parameters
    ----------
    pvalues : array-like
        The family, of any shape. NaN stays NaN and is left out of m.

    Returns
    -------
    array
        Adjusted p-values in the shape given.

    Raises
    ------
    OptionError
        If a value does not lie between 0 and 1.

    References
    ----------
    Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57.

    Examples
    --------
    >>> from eventstudy.inference import bh
    >>> bh([0.01, 0.04, 0.03])
    array([0.03, 0.04, 0.04])
    """
    return _step_up(pvalues, dependent=False)


def by(pvalues: npt.ArrayLike) -> FloatArray:
    """Adjust p-values for the rate of false discoveries under any dependence: `bh` times Σ 1/j.

    Parameters
    ----------
    pvalues : array-like
        The family, of any shape. NaN stays NaN and is left out of m.

    Returns
    -------
    array
        Adjusted p-values in the shape given.

    Raises
    ------
    OptionError
        If a value does not lie between 0 and 1.

    References
    ----------
    Benjamini and Yekutieli (2001), Annals of Statistics 29.

    Examples
    --------
    >>> from eventstudy.inference import by
    >>> by([0.01, 0.04]).round(3)
    array([0.03, 0.06])
    """
    return _step_up(pvalues, dependent=True)


def romano_wolf(
    statistics: npt.ArrayLike, draws: npt.ArrayLike, *, alternative: str = "two-sided"
) -> FloatArray:
    """Adjust step by step with joint draws: p_(k) = (1 + #{max_{j≥k}|T*_(j)| ≥ |T_(k)|})/(B + 1).

    |T_(1)| is the largest, and p never falls from one to the next. The dependence of the tests
    is that of the draws, so that more is rejected than by `holm` where the tests move together.
    `romano_wolf_windows` draws for the windows of a study.

    Parameters
    ----------
    statistics : (m,) array-like
        One statistic a hypothesis. NaN stays NaN and is left out of m.
    draws : (B, m) array-like
        The same statistics in B samples in which all hypotheses are true.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis of all tests.

    Returns
    -------
    (m,) array
        Adjusted p-values.

    Raises
    ------
    OptionError
        If an option is not known, or the shapes do not fit.

    References
    ----------
    Romano and Wolf (2005), Econometrica 73, and Journal of the American Statistical
    Association 100.

    Examples
    --------
    >>> import numpy as np
    >>> from eventstudy.inference import romano_wolf
    >>> draws = np.random.default_rng(0).normal(size=(999, 2))
    >>> bool((romano_wolf([2.5, 0.3], draws) >= romano_wolf([2.5, np.nan], draws))[0])
    True
    """
    check("alternative", alternative, ALTERNATIVES)
    t, drawn = np.array(statistics, dtype=float), np.array(draws, dtype=float)
    if t.ndim != 1 or drawn.ndim != 2 or drawn.shape[1] != len(t) or not len(drawn):
        raise errors.draws_misshapen(drawn.shape, t.shape)
    adjusted = np.full(len(t), np.nan)
    known = np.flatnonzero(np.isfinite(t))
    if not len(known):
        return adjusted
    sign = -1.0 if alternative == "less" else 1.0
    size, drawn = sign * t[known], sign * drawn[:, known]
    if alternative == "two-sided":
        size, drawn = np.abs(size), np.abs(drawn)
    order = np.argsort(-size, kind="stable")
    # a draw without a value must not make the sample look rare
    ranked = np.where(np.isnan(drawn), np.inf, drawn)[:, order]
    largest = np.maximum.accumulate(ranked[:, ::-1], axis=1)[:, ::-1]
    bound = size[order] - TIE * np.abs(size[order])
    p = (1.0 + (largest >= bound).sum(axis=0)) / (1.0 + len(drawn))
    adjusted[known[order]] = np.maximum.accumulate(p)
    return adjusted


def adjust_pvalues(pvalues: npt.ArrayLike, correct: str) -> FloatArray:
    """Adjust one family by the name of a correction."""
    check("correct", correct, CORRECTIONS)
    return {"bonferroni": bonferroni, "holm": holm, "bh": bh, "by": by}[correct](pvalues)


def _family(pvalues: npt.ArrayLike) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Copy the p-values, and say which are known."""
    p = np.array(pvalues, dtype=float)
    outside = p[(p < 0.0) | (p > 1.0)]
    if len(outside):
        raise errors.not_pvalues("pvalues", outside[0])
    return p, np.isfinite(p)


def _step_up(pvalues: npt.ArrayLike, *, dependent: bool) -> FloatArray:
    p, known = _family(pvalues)
    ranked, order = _ranked(p[known])
    place = np.arange(1, len(ranked) + 1)
    factor = float(np.sum(1.0 / place)) if dependent else 1.0
    scaled = np.minimum(ranked * len(ranked) / place * factor, 1.0)
    return _placed(p, known, np.minimum.accumulate(scaled[::-1])[::-1], order)


def _ranked(p: FloatArray) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    order = np.argsort(p, kind="stable")
    return p[order], order


def _placed(
    p: FloatArray,
    known: npt.NDArray[np.bool_],
    ranked: FloatArray,
    order: npt.NDArray[np.int64],
) -> FloatArray:
    """Put the adjusted p-values back where they came from."""
    found = np.empty(len(ranked))
    found[order] = ranked
    p[known] = found
    return p
