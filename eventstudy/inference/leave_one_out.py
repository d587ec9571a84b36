"""The jackknife: a test on what each event adds to mean/sd of the standardised CARs (D.15)."""

from __future__ import annotations

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
        s = sample
        mean, sd = without_each(s.scar)
        return Values.of(theta_of(s.scars, mean, sd))

    found: Values = sample.abnormal.memo(("jackknife", sample.window), make)
    return found


def theta_of(values: Values, mean: FloatArray, sd: FloatArray) -> FloatArray:
    """θ_i from the ``values`` of all events, and from mean and sd without each of them."""
    n = values.n
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(sd > 0, mean / sd, np.nan)
    return np.asarray(n * (values.mean / values.spread) - (n - 1) * ratio)


def without_each(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation (ddof 1) of all values but one, for each of them.

    >>> mean, sd = without_each(np.array([1.0, 2.0, 6.0]))
    >>> mean, (sd**2).round(12)
    (array([4. , 3.5, 1.5]), array([ 8. , 12.5,  0.5]))
    """
    n = len(x)
    gap = x - x.mean()
    mean = x.mean() - gap / (n - 1)
    square = (float(gap @ gap) - gap**2 * (n / (n - 1))) / (n - 2)
    sd = np.sqrt(np.maximum(square, 0.0))
    # one value may hold nearly all of the spread: what is left without it does not survive the
    # difference of squares (no second value can, with three or more)
    far = int(np.abs(gap).argmax())
    sd[far] = spread(np.delete(x, far))
    return mean, sd
