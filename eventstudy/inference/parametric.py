"""Tests in units of returns: one event, time series, portfolio, cross-section (D.1–D.4)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, Statistic
from eventstudy.inference._answer import SEVERAL_DATES, ZERO, ask
from eventstudy.inference._laws import check
from eventstudy.inference._sample import Sample, spread
from eventstudy.inference.date_portfolios import dated
from eventstudy.windows import WindowLike


def single_t(
    abnormal: Abnormal, window: WindowLike, *, alternative: str = "two-sided"
) -> Statistic:
    """Test the CAR of one event: T = CAR / (σ√Q) ~ t_ν.

    Exact under normal errors of constant variance.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of one event.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.

    Returns
    -------
    Statistic
        ``estimate`` is the CAR; NaN with a note if the sample holds several events.

    Raises
    ------
    OptionError
        If ``alternative`` is not known.

    References
    ----------
    Campbell, Lo and MacKinlay (1997), The Econometrics of Financial Markets, chapter 4;
    Karafiath (1988), Financial Review 23.

    Examples
    --------
    >>> import numpy as np
    >>> from eventstudy.inference import single_t
    >>> from eventstudy.inference._example import example
    >>> found = single_t(example().take(np.array([0])), (0, 0))
    >>> found.law, found.df, round(found.estimate / found.se - found.statistic, 12)
    ('t', 109.0, 0.0)
    """
    question = ask("single_t", abnormal, window, alternative)
    s = question.sample
    if why := question.lacks():
        return question.nothing(why)
    if s.n > 1:
        return question.nothing(f"for one event: this sample has {s.n}")
    return question.ratio(s.cars.mean, s.sigmas.mean * np.sqrt(s.first_q), "t", s.dofs.mean)


def ts_t(
    abnormal: Abnormal,
    window: WindowLike,
    *,
    alternative: str = "two-sided",
    ddof: str = "one",
) -> Statistic:
    """Test the CAAR against the daily variation of the mean residual: T = CAAR / (√L·S_A).

    S_A is the standard deviation of a_t, the mean residual of estimation day t. Carries the
    correlation of events that share a date exactly; not that of windows which overlap in part.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.
    ddof : {"one", "model"}
        Degrees of freedom that S_A gives up: one, or as many as the model has parameters.

    Returns
    -------
    Statistic
        ``estimate`` is the CAAR, ``df`` the number of estimation days less ``ddof``.

    Raises
    ------
    OptionError
        If an option is not known.

    References
    ----------
    Brown and Warner (1980), Journal of Financial Economics 8, and (1985), 14.

    Examples
    --------
    >>> from eventstudy.inference import ts_t
    >>> from eventstudy.inference._example import example
    >>> found = ts_t(example(), (0, 0))
    >>> round(found.estimate, 3), found.df
    (0.016, 109.0)
    """
    question = ask("ts_t", abnormal, window, alternative)
    check("ddof", ddof, ("one", "model"))
    s = question.sample
    if why := question.lacks():
        return question.nothing(why)
    a = s.estimation.known
    lost = 1  # the mean of a_t, at least: σ may be about zero, or of held-out days
    if ddof == "model":
        lost = max(lost, s.lost)
    df = len(a) - lost
    if df < 1:
        return question.nothing(f"{len(a)} estimation days are too few")
    deviation = spread(a, s.sigmas.mean) * np.sqrt((len(a) - 1) / df)
    return question.ratio(s.cars.mean, np.sqrt(s.length) * deviation, "t", df)


def independent_t(
    abnormal: Abnormal, window: WindowLike, *, alternative: str = "two-sided"
) -> Statistic:
    """Test the CAAR of independent events by their own σ: Z = CAAR / (√L·√(Σσ²)/N) ~ N(0, 1).

    The form of `ts_t` without any dependence between events. Valid only if events are
    independent and their variance on event days is the usual one.

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
        ``estimate`` is the CAAR.

    Raises
    ------
    OptionError
        If ``alternative`` is not known.

    References
    ----------
    Brown and Warner (1980), Journal of Financial Economics 8.

    Examples
    --------
    >>> from eventstudy.inference import independent_t, ts_t
    >>> from eventstudy.inference._example import example
    >>> independent_t(example(), (0, 0)).se < ts_t(example(), (0, 0)).se
    True
    """
    question = ask("independent_t", abnormal, window, alternative)
    s = question.sample
    if why := question.lacks():
        return question.nothing(why, "normal")
    se = np.sqrt(s.length * s.sigmas.square_sum) / s.n
    return question.ratio(s.cars.mean, se, "normal")


def portfolio_t(
    abnormal: Abnormal, window: WindowLike, *, alternative: str = "two-sided"
) -> Statistic:
    """Test the CAAR of events that share one date: T = CAAR / √(σ_P²·Q) ~ t_ν.

    σ_P² = Σ a_t²/ν comes from the equal-weighted portfolio of the events. Exact under joint
    normality whatever the correlation of the events; not robust to a larger variance on the
    event days. The portfolio holds the events with a return on every day of W and on every
    estimation day that any event of the date has.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of events that share day 0.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.

    Returns
    -------
    Statistic
        ``estimate`` is the CAAR of the portfolio, ``n`` the number of its events. NaN with a
        note for several dates, or where the model leaves no common design.

    Raises
    ------
    OptionError
        If ``alternative`` is not known.

    References
    ----------
    Schipper and Thompson (1983), Journal of Accounting Research 21; the equal-weighted
    contrast of a multivariate regression.

    Examples
    --------
    >>> from eventstudy.inference import portfolio_t
    >>> from eventstudy.inference._example import example
    >>> found = portfolio_t(example(), (0, 0))
    >>> round(found.estimate, 3), found.n, found.df
    (0.016, 8, 109.0)
    >>> portfolio_t(example(dates=3), (0, 0)).note
    'several dates: use dates_csect'
    """
    question = ask("portfolio_t", abnormal, window, alternative)
    s = question.sample
    if why := question.lacks():
        return question.nothing(why)
    if s.n_dates > 1:
        return question.nothing(SEVERAL_DATES)
    if not abnormal.common_design:
        return question.nothing("the model leaves the events no common design")
    date = dated(s)
    held = int(date.held[0])
    if not held:
        return question.nothing(f"none of the {s.n} events is complete")
    if date.variance[0] <= (1e-12 * date.sigma[0]) ** 2:
        return question.nothing(ZERO)
    note = "" if held == s.n else f"{held} of {s.n} events are complete"
    se = np.sqrt(date.variance[0] * date.q[0])
    found = question.ratio(float(date.car[0]), se, "t", float(date.dof[0]), note=note)
    return replace(found, n=held)


def balanced(sample: Sample) -> tuple[BoolArray, FloatArray]:
    """Events complete on W and on every estimation day of the date, and their mean residuals.

    Complete events have the same valid days, so they share design, Q and ν (D.3, M.6).
    """

    def make() -> tuple[BoolArray, FloatArray]:
        e = sample.residuals(np.arange(sample.n))
        found = np.isfinite(e)
        days = found.any(axis=0)
        complete = (found == days).all(axis=1)
        complete &= sample.abnormal.counts(sample.window)[sample.index] == len(sample.window)
        if not complete.any():
            return complete, np.empty(0)
        return complete, e[complete][:, days].mean(axis=0)

    key = ("balanced", sample.window)
    made: tuple[BoolArray, FloatArray] = sample.abnormal.memo(key, make)
    return made


def csect_t(abnormal: Abnormal, window: WindowLike, *, alternative: str = "two-sided") -> Statistic:
    """Test the CAAR against the spread of the CARs: T = √N·CAAR/s ~ t_{N−1}.

    Robust to any variance on the event days; valid only if events are independent.

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
        ``estimate`` is the CAAR.

    Raises
    ------
    OptionError
        If ``alternative`` is not known.

    References
    ----------
    Brown and Warner (1985), Journal of Financial Economics 14.

    Examples
    --------
    >>> from eventstudy.inference import csect_t
    >>> from eventstudy.inference._example import example
    >>> found = csect_t(example(), (0, 0))
    >>> round(found.estimate, 3), found.df
    (0.016, 7.0)
    """
    question = ask("csect_t", abnormal, window, alternative)
    s = question.sample
    if why := question.lacks(2):
        return question.nothing(why)
    return question.ratio(s.cars.mean, s.cars.spread / np.sqrt(s.n), "t", s.n - 1)
