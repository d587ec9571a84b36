"""The jackknife: a test on what each event adds to mean/sd of the standardised CARs (D.15)."""

from __future__ import annotations

import math
from numbers import Integral

import numpy as np

from eventstudy import errors
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, Statistic
from eventstudy.inference._answer import NO_DEVIATION, ZERO, ask
from eventstudy.inference._moments import Values
from eventstudy.inference._sample import Sample, spread
from eventstudy.windows import WindowLike

#: events that the jackknife asks for
MIN_EVENTS = 4


def jackknife(
    abnormal: Abnormal,
    window: WindowLike,
    *,
    alternative: str = "two-sided",
    min_events: int = MIN_EVENTS,
) -> Statistic:
    """Test the jackknifed ratio θ = mean/sd of the SCARs: T = √N·mean(θ_i)/sd(θ_i) ~ t_{N−1}.

    θ_i = Nθ − (N−1)θ_(−i) are the pseudo-values, θ_(−i) the ratio without event i. Valid only
    if events are independent. Experimental: with few events and a large effect it has no power,
    since each θ_(−i) then moves a great deal.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.
    min_events : int
        Events that the test asks for, three at least.

    Returns
    -------
    Statistic
        ``estimate`` is the mean of the pseudo-values, mean/sd freed of its bias.

    Raises
    ------
    OptionError
        If an option is not known.

    References
    ----------
    Giaccotto and Sfiridis (1996), Journal of Economics and Business 48.

    Examples
    --------
    >>> from eventstudy.inference import jackknife
    >>> from eventstudy.inference._example import example
    >>> found = jackknife(example(dates=3), (0, 0))
    >>> found.law, found.df
    ('t', 23.0)
    """
    question = ask("jackknife", abnormal, window, alternative)
    if not isinstance(min_events, Integral) or min_events < 3:
        raise errors.min_events_too_small(min_events)
    s = question.sample
    if why := question.lacks(int(min_events)):
        return question.nothing(why)
    if not s.scars.finite:
        return question.nothing(NO_DEVIATION)
    theta = pseudo_values(s) if s.scars.spread else None
    if theta is None or not theta.finite:
        return question.nothing(ZERO)
    return question.ratio(theta.mean, theta.spread / np.sqrt(s.n), "t", s.n - 1)


def pseudo_values(sample: Sample) -> Values:
    """Mean and spread of θ_i; not finite if nothing varies without one of the events."""

    def make() -> Values:
        return Values.of(pseudo_of(sample.scar))

    found: Values = sample.abnormal.memo(("jackknife", sample.window), make)
    return found


def pseudo_of(x: FloatArray) -> FloatArray:
    """θ_i of each value; NaN where nothing varies without it.

    >>> x = np.array([1.0, 2.0, 6.0, 3.0])
    >>> whole, rest = x.mean() / x.std(ddof=1), x[1:].mean() / x[1:].std(ddof=1)
    >>> bool(np.isclose(pseudo_of(x)[0], 4 * whole - 3 * rest))
    True
    """
    values = Values.of(x)
    theta = near_theta(values, x)
    far = int(np.abs(x - values.mean).argmax())
    theta[far] = far_theta(values, float(x[far]), spread(np.delete(x, far)))
    return theta


def near_theta(values: Values, x: FloatArray) -> FloatArray:
    """θ_i of some of ``values``, without a difference of large numbers.

    With z = (x_i − x̄)/s the variance without i is s²(1 + c), c = (1 − z²N/(N−1))/(N−2), and
    θ_i = r − (N−1)·r·u + z(1 + u) with r = x̄/s and u = (1 + c)^(−½) − 1.
    """
    n, ratio = values.n, values.mean / values.spread
    z = (x - values.mean) / values.spread
    change = (1.0 - z**2 * (n / (n - 1))) / (n - 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.expm1(-0.5 * np.log1p(change))
        return np.asarray(ratio - (n - 1) * ratio * u + z * (1.0 + u))


def far_theta(values: Values, far: float, sd: float) -> float:
    """θ of the value farthest from the mean, from the standard deviation ``sd`` of the others.

    It may hold nearly all of the spread: what is left without it does not survive a difference
    of squares (no second value can, with three or more).
    """
    n = values.n
    mean = values.mean - (far - values.mean) / (n - 1)
    return n * (values.mean / values.spread) - (n - 1) * (mean / sd) if sd else math.nan
