"""How large an effect the t test of one event finds, and how often (D.1).

If the true abnormal return is μ, T = CAR / (σ̂√Q) follows the noncentral t law with ν degrees of
freedom and noncentrality δ = μ / (σ√Q).
"""

from __future__ import annotations

import math

from scipy.optimize import brentq
from scipy.special import nctdtr

from eventstudy import errors
from eventstudy.inference._laws import ALTERNATIVES, check, critical

#: noncentrality from which the tail on the other side, below 1e-9, is left out
FAR = 6.0


def t_power(
    noncentrality: float, df: float, *, level: float = 0.05, alternative: str = "two-sided"
) -> float:
    """Probability that the t test rejects: P(|T| > c), T ~ t_ν(δ), c the critical value.

    Parameters
    ----------
    noncentrality : float
        δ, the true effect in standard errors; for ``alternative="less"`` count it downwards.
    df : float
        ν, degrees of freedom.
    level : float
        Level of the test, between 0 and 1.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.

    Returns
    -------
    float
        The power; for δ = 0 the level.

    Raises
    ------
    OptionError
        If an option is not known, or ``level`` is not between 0 and 1.

    References
    ----------
    Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, chapter 31.

    Examples
    --------
    >>> round(t_power(0.0, 108), 6), round(t_power(2.8, 108), 3)
    (0.05, 0.792)
    """
    check("alternative", alternative, ALTERNATIVES)
    if not 0.0 < level < 1.0:
        raise errors.level_outside(level)
    if math.isnan(noncentrality) or math.isnan(df):
        return math.nan
    if alternative != "two-sided":
        return 1.0 - float(nctdtr(df, noncentrality, critical("t", df, level)))
    bound, size = critical("t", df, level / 2.0), abs(noncentrality)
    other = float(nctdtr(df, size, -bound)) if size < FAR else 0.0
    return 1.0 - float(nctdtr(df, size, bound)) + other


def effect_found(
    power: float, df: float, *, level: float = 0.05, alternative: str = "two-sided"
) -> float:
    """Find the effect, in standard errors, that the t test finds with probability ``power``.

    Parameters
    ----------
    power : float
        Between ``level`` and 1.
    df, level, alternative
        As in `t_power`.

    Returns
    -------
    float
        δ ≥ 0 with ``t_power(δ, df) == power``; NaN if ``df`` is.

    Raises
    ------
    OptionError
        If an option is not known, or ``power`` is not between ``level`` and 1.

    References
    ----------
    As in `t_power`.

    Examples
    --------
    >>> round(effect_found(0.8, 108), 3), round(effect_found(0.8, 108, alternative="greater"), 3)
    (2.827, 2.502)
    """
    floor = t_power(0.0, 1.0, level=level, alternative=alternative)  # refuses bad options
    if not floor < power < 1.0:
        raise errors.power_outside(power, level)
    if math.isnan(df):
        return math.nan

    def short(size: float) -> float:
        return t_power(size, df, level=level, alternative=alternative) - power

    high = 4.0
    while short(high) < 0:
        high *= 2.0
    return float(brentq(short, 0.0, high, xtol=1e-12))
