"""Tests on the signs and the ranked sizes of the CARs; for independent events (D.14)."""

from __future__ import annotations

import numpy as np
from scipy.special import bdtr, bdtrc

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Statistic
from eventstudy.inference._answer import ask
from eventstudy.inference._laws import NAN, both_tails, check, pvalue
from eventstudy.inference._sample import Sample
from eventstudy.windows import WindowLike


def sign(
    abnormal: Abnormal,
    window: WindowLike,
    *,
    alternative: str = "two-sided",
    exact: bool = False,
) -> Statistic:
    """Test whether half of the CARs are positive: Z = (w − N/2)/(½√N) ~ N(0, 1).

    w counts the CARs above zero; a CAR of exactly zero is not positive. Valid only if events
    are independent.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.
    exact : bool
        Refer w itself to the binomial law with N trials and probability one half.

    Returns
    -------
    Statistic
        ``estimate`` is the share of positive CARs; ``statistic`` is Z, or w if ``exact``.

    Raises
    ------
    OptionError
        If ``alternative`` is not known.

    References
    ----------
    Cowan (1992), Review of Quantitative Finance and Accounting 2.

    Examples
    --------
    >>> from eventstudy.inference import sign
    >>> from eventstudy.inference._example import example
    >>> found = sign(example(), (0, 0), exact=True)
    >>> found.estimate, found.statistic, round(found.pvalue, 3)
    (0.75, 6.0, 0.289)
    """
    question = ask("sign", abnormal, window, alternative)
    law = "binomial" if exact else "normal"
    if why := question.lacks():
        return question.nothing(why, law)
    n = question.sample.n
    w = question.sample.positive
    if exact:
        lower, upper = float(bdtr(w, n, 0.5)), float(bdtrc(w - 1, n, 0.5))
        return question.score(w / n, w, law, both_tails(lower, upper, alternative))
    z = (w - n / 2.0) / (0.5 * np.sqrt(n))
    return question.score(w / n, z, law, pvalue(law, z, NAN, alternative))


def gen_sign(
    abnormal: Abnormal,
    window: WindowLike,
    *,
    alternative: str = "two-sided",
    phat: str = "day",
) -> Statistic:
    """Test the positive CARs against the usual share: Z = (w − Np̂)/√(Np̂(1−p̂)) ~ N(0, 1).

    p̂ is the mean over events of their share of positive estimation residuals. Valid only if
    events are independent.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.
    phat : {"day", "window"}
        Take p̂ from the signs of single days, or of rolling sums as long as W.

    Returns
    -------
    Statistic
        ``estimate`` is the share of positive CARs.

    Raises
    ------
    OptionError
        If an option is not known.

    References
    ----------
    Cowan (1992), Review of Quantitative Finance and Accounting 2.

    Examples
    --------
    >>> from eventstudy.inference import gen_sign
    >>> from eventstudy.inference._example import example
    >>> gen_sign(example(), (0, 0)).estimate
    0.75
    """
    question = ask("gen_sign", abnormal, window, alternative)
    check("phat", phat, ("day", "window"))
    s = question.sample
    if why := question.lacks() or (s.unkept("gen_sign", "phat") if phat == "window" else ""):
        return question.nothing(why, "normal")
    p = s.estimation.usual if phat == "day" else _usual_sums(s)
    if np.isnan(p):
        return question.nothing(f"no event has {s.length} estimation days to sum", "normal")
    if not 0.0 < p < 1.0:
        return question.nothing(f"the usual share of positive days is {p:.0f}", "normal")
    w = s.positive
    z = (w - s.n * p) / np.sqrt(s.n * p * (1.0 - p))
    note = f"usual share {p:.3f}"
    return question.score(w / s.n, z, "normal", pvalue("normal", z, NAN, alternative), note=note)


def _usual_sums(sample: Sample) -> float:
    """Mean share of positive sums of L successive residuals; gaps are closed (M.4).

    NaN if no event has so many residuals.
    """
    length = len(sample.window)
    share = np.full(sample.n, np.nan)
    if length > len(sample.abnormal.estimation):
        return NAN
    for some in sample.chunks():
        e = sample.residuals(some)
        gone = ~np.isfinite(e)
        closed = np.take_along_axis(e, np.argsort(gone, axis=1, kind="stable"), axis=1)
        sums = np.lib.stride_tricks.sliding_window_view(closed, length, axis=1).sum(axis=-1)
        count = np.isfinite(sums).sum(axis=1)
        share[some] = (sums > 0).sum(axis=1) / np.where(count > 0, count, np.nan)
    known = share[np.isfinite(share)]
    return float(known.mean()) if len(known) else NAN
