"""Fisher's exact test of a table of two rows and two columns."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from eventstudy.arrays import FloatArray

#: tables whose probability exceeds the observed one by no more than rounding count as equal
ROUNDING = 1e-7


@dataclass(frozen=True)
class TwoByTwo:
    """What Fisher's test says of a table; NaN with a note where a row is empty."""

    #: two-sided: all tables with the same margins that are no more probable than this one
    pvalue: float
    #: one-sided: the share of the first row is the larger one
    pvalue_greater: float
    #: ad / bc; NaN where bc is zero, and ``note`` says so
    odds_ratio: float
    note: str = ""


def fisher(a: int, b: int, c: int, d: int) -> TwoByTwo:
    """Compare the shares a / (a + b) and c / (c + d), the margins held fixed.

    Under the null hypothesis a follows the hypergeometric law of a + b draws from
    a + b + c + d, of which a + c are marked. The two-sided p-value sums the probabilities of all
    tables that are no more probable than the observed one.

    Parameters
    ----------
    a, b : int
        First row: marked and not marked.
    c, d : int
        Second row.

    Returns
    -------
    TwoByTwo
        Both p-values and the odds ratio.

    References
    ----------
    Fisher (1935), The Design of Experiments.

    Examples
    --------
    >>> found = fisher(3, 1, 1, 3)
    >>> round(found.pvalue, 6), round(found.pvalue_greater, 6), found.odds_ratio
    (0.485714, 0.242857, 9.0)
    """
    if a + b == 0 or c + d == 0:
        return TwoByTwo(math.nan, math.nan, math.nan, "one of the two rows has no day")
    values, law = _hypergeometric(a + b, a + c, a + b + c + d)
    seen = law[values == a][0]
    two_sided = float(law[law <= seen * (1.0 + ROUNDING)].sum())
    greater = float(law[values >= a].sum())
    ratio = a * d / (b * c) if b * c else math.nan
    note = ""
    if not b * c:
        above = "it has no upper bound" if a * d else "it is not defined"
        note = f"a cell of the table is zero, so there is no odds ratio: {above}"
    return TwoByTwo(min(1.0, two_sided), min(1.0, greater), ratio, note)


def _hypergeometric(draws: int, marked: int, size: int) -> tuple[FloatArray, FloatArray]:
    """Numbers of marked ones among the draws, and the probability of each."""
    k = np.arange(max(0, draws + marked - size), min(draws, marked) + 1, dtype=float)
    log = _choices(marked, k) + _choices(size - marked, draws - k)
    law = np.exp(log - log.max())
    return k, law / law.sum()


def _choices(n: int, k: FloatArray | float) -> FloatArray:
    """Logarithm of the number of ways to choose k of n."""
    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0))
