"""Tests on standardised CARs, with and without the correction for correlation (D.5–D.9)."""

from __future__ import annotations

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Statistic
from eventstudy.inference._answer import Question, ask
from eventstudy.inference._factors import Adjustment, adjust
from eventstudy.inference._laws import NAN, check
from eventstudy.inference._pairs import MIN_OVERLAP
from eventstudy.windows import WindowLike

VARIANTS = ("exact", "sum_sar")
LAWS = ("t", "normal")


def patell(
    abnormal: Abnormal,
    window: WindowLike,
    *,
    alternative: str = "two-sided",
    variant: str = "exact",
) -> Statistic:
    """Test the sum of the standardised CARs: Z = Σ SCAR / √(Σ ν/(ν−2)) ~ N(0, 1).

    Valid only if events are independent and their variance on event days is the usual one.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.
    variant : {"exact", "sum_sar"}
        Standardise the CAR by its own forecast error, or sum the standardised daily returns.

    Returns
    -------
    Statistic
        ``estimate`` is the mean SCAR.

    Raises
    ------
    OptionError
        If an option is not known.

    References
    ----------
    Patell (1976), Journal of Accounting Research 14; Mikkelson and Partch (1988), Journal of
    Financial and Quantitative Analysis 23, for the forecast error of a CAR.

    Examples
    --------
    >>> from eventstudy.inference import patell
    >>> from eventstudy.inference._example import example
    >>> patell(example(), (0, 0)).law
    'normal'
    """
    question = ask("patell", abnormal, window, alternative)
    check("variant", variant, VARIANTS)
    if why := question.lacks() or _low_dof(question):
        return question.nothing(why, "normal")
    mean, se = _patell(question, variant)
    return question.ratio(mean, se, "normal")


def adj_patell(
    abnormal: Abnormal,
    window: WindowLike,
    *,
    alternative: str = "two-sided",
    variant: str = "exact",
    ref: str = "normal",
    min_overlap: int = MIN_OVERLAP,
    clip_negative: bool = False,
) -> Statistic:
    """Test standardised CARs of correlated events: Z_A = Z_Patell / √(1 + (N−1) r̄).

    Valid on shared and overlapping dates as long as the variance on event days is the usual
    one.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.
    variant : {"exact", "sum_sar"}
        As in `patell`.
    ref : {"normal", "t"}
        Reference law. ``"t"`` scales by √(ν/(ν−2)), the t_ν of the portfolio of standardised
        returns: one date and equal ν only.
    min_overlap : int
        Common estimation days that a pair of events needs to count in r̄.
    clip_negative : bool
        Take a negative r̄ as zero.

    Returns
    -------
    Statistic
        ``estimate`` is the mean SCAR; ``rbar`` and ``n_eff`` are given.

    Raises
    ------
    OptionError
        If an option is not known.

    References
    ----------
    Kolari and Pynnönen (2010), Review of Financial Studies 23, equation 13.

    Examples
    --------
    >>> from eventstudy.inference import adj_patell, patell
    >>> from eventstudy.inference._example import example
    >>> adj_patell(example(), (0, 0)).statistic < patell(example(), (0, 0)).statistic
    True
    """
    question = ask("adj_patell", abnormal, window, alternative)
    check("variant", variant, VARIANTS)
    check("ref", ref, LAWS)
    adjustment = adjust(question.sample, min_overlap, clip_negative=clip_negative)
    if why := question.lacks(2) or _low_dof(question) or _unequal(question, ref) or adjustment.why:
        return question.nothing(why, ref, adjustment.rbar)
    mean, se = _patell(question, variant)
    se *= np.sqrt(adjustment.inflation)
    df = NAN
    if ref == "t":
        df = question.sample.dofs.low
        se *= np.sqrt((df - 2.0) / df)
    return question.ratio(mean, se, ref, df, note=adjustment.note, rbar=adjustment.rbar)


def bmp(
    abnormal: Abnormal,
    window: WindowLike,
    *,
    alternative: str = "two-sided",
    ref: str = "t",
) -> Statistic:
    """Test the mean SCAR against the spread of the SCARs: T = √N·mean/s ~ t_{N−1}.

    Robust to a variance on event days that grows alike for all events; valid only if events
    are independent.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.
    ref : {"t", "normal"}
        Reference law: t_{N−1}, or the normal law of the paper (too liberal for few events).

    Returns
    -------
    Statistic
        ``estimate`` is the mean SCAR.

    Raises
    ------
    OptionError
        If an option is not known.

    References
    ----------
    Boehmer, Musumeci and Poulsen (1991), Journal of Financial Economics 30.

    Examples
    --------
    >>> from eventstudy.inference import bmp
    >>> from eventstudy.inference._example import example
    >>> bmp(example(), (0, 0)).df
    7.0
    """
    question = ask("bmp", abnormal, window, alternative)
    check("ref", ref, LAWS)
    if why := question.lacks(2):
        return question.nothing(why, ref)
    return _bmp(question, ref, Adjustment())


def adj_bmp(
    abnormal: Abnormal,
    window: WindowLike,
    *,
    alternative: str = "two-sided",
    ref: str = "t",
    min_overlap: int = MIN_OVERLAP,
    clip_negative: bool = False,
) -> Statistic:
    """Test the mean SCAR of correlated events: T = T_BMP·√((1−r̄)/(1+(N−1)r̄)) ~ t_{N−1}.

    Valid on shared and overlapping dates, also where the variance on event days grows, if its
    common and its own part grow alike.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.
    ref : {"t", "normal"}
        Reference law: t_{N−1}, or the normal law (too liberal for few events).
    min_overlap : int
        Common estimation days that a pair of events needs to count in r̄.
    clip_negative : bool
        Take a negative r̄ as zero.

    Returns
    -------
    Statistic
        ``estimate`` is the mean SCAR; ``rbar`` and ``n_eff`` are given.

    Raises
    ------
    OptionError
        If an option is not known.

    References
    ----------
    Kolari and Pynnönen (2010), Review of Financial Studies 23, equation 11.

    Examples
    --------
    >>> from eventstudy.inference import adj_bmp
    >>> from eventstudy.inference._example import example
    >>> found = adj_bmp(example(), (0, 0))
    >>> round(found.rbar, 2), round(found.n_eff, 1)
    (0.44, 2.0)
    """
    question = ask("adj_bmp", abnormal, window, alternative)
    check("ref", ref, LAWS)
    adjustment = adjust(question.sample, min_overlap, clip_negative=clip_negative)
    if why := question.lacks(2) or adjustment.why:
        return question.nothing(why, ref, adjustment.rbar)
    return _bmp(question, ref, adjustment)


def _bmp(question: Question, ref: str, adjustment: Adjustment) -> Statistic:
    s = question.sample
    se = s.scars.spread / np.sqrt(s.n) * np.sqrt(adjustment.inflation / adjustment.deflation)
    df = s.n - 1.0 if ref == "t" else NAN
    return question.ratio(s.scars.mean, se, ref, df, note=adjustment.note, rbar=adjustment.rbar)


def _patell(question: Question, variant: str) -> tuple[float, float]:
    """Mean standardised CAR and its standard error for independent events."""
    s = question.sample
    values = s.scars if variant == "exact" else s.csars
    return values.mean, float(np.sqrt(s.inflation)) / s.n


def _low_dof(question: Question) -> str:
    low = question.sample.dofs.low <= 2
    return "an event has only two degrees of freedom or fewer" if low else ""


def _unequal(question: Question, ref: str) -> str:
    s = question.sample
    if ref == "normal" or (s.n_dates == 1 and s.dofs.low == s.dofs.high):
        return ""
    return "ref='t' needs one date and equal degrees of freedom"
