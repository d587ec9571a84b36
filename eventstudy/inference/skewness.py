"""The cross-sectional t freed of what skewness does to it (D.10)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, Statistic
from eventstudy.inference._answer import ZERO, Question, ask
from eventstudy.inference._laws import LEVEL, NAN, both_tails, check, critical, pvalue
from eventstudy.inference._moments import Values
from eventstudy.inference._resampling import (
    SEED,
    Rng,
    batches,
    check_draws,
    generator,
    share,
)
from eventstudy.inference._sample import Sample
from eventstudy.inference.quantiles import Tails
from eventstudy.windows import WindowLike

#: resamples of Lyon, Barber and Tsai
RESAMPLES = 1000


def skew_t(  # noqa: PLR0913  (draws, rng and batch are options of every test that draws)
    abnormal: Abnormal,
    window: WindowLike,
    *,
    alternative: str = "two-sided",
    variant: str = "hall",
    on: str = "car",
    law: str = "normal",
    draws: int = RESAMPLES,
    rng: Rng = SEED,
    batch: int | None = None,
) -> Statistic:
    """Test the mean of skewed CARs or BHARs: T = √N(S + γS²/3 + γ²S³/27 + γ/(6N)) ~ N(0, 1).

    S = mean/sd, and γ is the skewness N/((N−1)(N−2))·Σ(x−x̄)³/s³. Johnson's form leaves the
    cubic term out and takes γ = Σ(x−x̄)³/(N·s³); it is not monotone in S, so that a large mean
    of few events can turn its sign. Valid only if events are independent.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.
    variant : {"hall", "johnson"}
        The transformation.
    on : {"car", "bhar"}
        Cumulative or buy-and-hold abnormal returns.
    law : {"normal", "bootstrap"}
        The normal law, or that of T about the sample's mean in resamples of N/4 events, at
        least three. The two-sided p-value is then twice the smaller tail.
    draws : int
        Number of resamples.
    rng : int or Generator
        Seed of the resamples, or a generator.
    batch : int, optional
        Resamples held at a time; the answer does not depend on it.

    Returns
    -------
    Statistic
        ``estimate`` is the mean CAR or BHAR. ``ci`` holds every mean that Hall's form does not
        reject at 5 %; Johnson's has none.

    Raises
    ------
    OptionError
        If an option is not known.

    References
    ----------
    Hall (1992), Journal of the Royal Statistical Society B 54; Johnson (1978), Journal of the
    American Statistical Association 73; Lyon, Barber and Tsai (1999), Journal of Finance 54.

    Examples
    --------
    >>> from eventstudy.inference import skew_t
    >>> from eventstudy.inference._example import example
    >>> found = skew_t(example(dates=3), (0, 0))
    >>> found.law, found.ci[0] < found.estimate < found.ci[1]
    ('normal', True)
    >>> skew_t(example(dates=3), (0, 0), law="bootstrap").note
    'resamples of 6 of 24 events'
    """
    question = ask("skew_t", abnormal, window, alternative)
    check("variant", variant, ("hall", "johnson"))
    check("on", on, ("car", "bhar"))
    check("law", law, ("normal", "bootstrap"))
    drawn, random = check_draws(draws), generator(rng)
    s = question.sample
    if why := question.lacks(3) or _unkept(s, on, law):
        return question.nothing(why, law)
    values = s.cars if on == "car" else Values.of(_held(s))
    if why := _unfit(values, on):
        return question.nothing(why, law)
    form = _FORMS[variant]
    if law == "normal":
        return _answer(question, values, form, None)
    cuts, x = batches(drawn, batch, each=4 * quarter(values.n)), s.car if on == "car" else _held(s)
    parts = [resampled(x, form, cut.stop - cut.start, random) for cut in cuts]
    return _answer(question, values, form, np.concatenate(parts))


def hall(s: FloatArray, cubes: FloatArray, n: int) -> FloatArray:
    """Hall's statistic of samples of ``n``, from S = mean/s and Σ(x−x̄)³/s³ of each."""
    skew = n / ((n - 1) * (n - 2)) * cubes
    cubic = s + skew * s**2 / 3.0 + skew**2 * s**3 / 27.0
    return np.asarray(np.sqrt(n) * (cubic + skew / (6.0 * n)))


def johnson(s: FloatArray, cubes: FloatArray, n: int) -> FloatArray:
    """Johnson's statistic of samples of ``n``, from S = mean/s and Σ(x−x̄)³/s³ of each."""
    skew = cubes / n
    return np.asarray(np.sqrt(n) * (s + skew * s**2 / 3.0 + skew / (6.0 * n)))


Form: TypeAlias = Callable[[FloatArray, FloatArray, int], FloatArray]
_FORMS: dict[str, Form] = {"hall": hall, "johnson": johnson}


def resampled(
    values: FloatArray, form: Form, draws: int, random: np.random.Generator
) -> FloatArray:
    """The statistic of ``draws`` resamples of a quarter of the events, about the sample's mean."""
    n = len(values)
    picked = values[random.integers(0, n, (draws, quarter(n)))]
    return form(*_moments(picked, float(values.mean())), quarter(n))


def quarter(n: int) -> int:
    """N/4 rounded up, and three at least: fewer events have no skewness.

    >>> quarter(5), quarter(24), quarter(201)
    (3, 6, 51)
    """
    return max(-(-n // 4), 3)


def hall_inverse(y: float, skew: float, n: int) -> float:
    """The S at which Hall's statistic over √N is ``y``.

    >>> x = np.array([[0.1, 0.4, 0.2, 1.5]])
    >>> s, cubes = _moments(x, 0.0)
    >>> y = float(hall(s, cubes, 4)[0]) / 2.0
    >>> round(hall_inverse(y, float(cubes[0]) * 4 / 6, 4) / float(s[0]), 12)
    1.0
    """
    if math.isinf(y):
        return y
    gap = y - skew / (6.0 * n)
    root = math.cbrt(1.0 + skew * gap)  # (1 + γS/3)³ = 1 + γ·gap
    return 3.0 * gap / (root * root + root + 1.0)


def _answer(question: Question, values: Values, form: Form, drawn: FloatArray | None) -> Statistic:
    """p-value and interval by the normal law, or among the ``drawn`` statistics."""
    side, n, sd = question.alternative, values.n, values.spread
    mean, cubes = np.array([[values.mean / sd], [values.cubes / sd**3]])
    x = float(form(mean, cubes, n)[0])
    if drawn is None:
        law, note = "normal", ""
        p, reach = pvalue(law, x, NAN, side), _normal_reach(side)
    else:
        law, note = "bootstrap", f"resamples of {quarter(n)} of {n} events"
        p = both_tails(share(drawn, x, "less"), share(drawn, x, "greater"), side)
        reach = _drawn_reach(drawn, side)
    if n < question.sample.n:
        note = "; ".join(filter(None, (note, f"{n} of {question.sample.n} events have a BHAR")))
    mean, ci = values.mean, (NAN, NAN)
    if form is hall:
        ci = _interval(values, reach)
    return replace(question.score(mean, x, law, p, ci=ci, note=note), n=n)


def _interval(values: Values, reach: tuple[float, float]) -> tuple[float, float]:
    """Every mean whose statistic lies between −``reach[0]`` and ``reach[1]``."""
    n, sd = values.n, values.spread
    skew = n / ((n - 1) * (n - 2)) * (values.cubes / sd**3)
    below, above = (y / math.sqrt(n) for y in reach)
    low, high = hall_inverse(above, skew, n), hall_inverse(-below, skew, n)
    return values.mean - sd * low, values.mean - sd * high


def _normal_reach(alternative: str) -> tuple[float, float]:
    """How far below and above zero a normal statistic is not rejected at 5 %."""
    if alternative == "two-sided":
        bound = critical("normal", NAN, (1.0 - LEVEL) / 2.0)
        return bound, bound
    bound = critical("normal", NAN, 1.0 - LEVEL)
    return (math.inf, bound) if alternative == "greater" else (bound, math.inf)


def _drawn_reach(drawn: FloatArray, alternative: str) -> tuple[float, float]:
    """The same among drawn statistics; one without a value counts on both sides."""
    gone = np.isnan(drawn)
    below, _ = Tails(np.where(gone, -np.inf, drawn), 1).reach(alternative, "equal")
    _, above = Tails(np.where(gone, np.inf, drawn), 1).reach(alternative, "equal")
    return below, above


def _moments(x: FloatArray, centre: float) -> tuple[FloatArray, FloatArray]:
    """(x̄ − centre)/s and Σ(x−x̄)³/s³ of each row; NaN where a row has no spread."""
    mean = x.mean(axis=1)
    gap = x - mean[:, None]
    sd = np.sqrt(np.einsum("bn,bn->b", gap, gap) / (x.shape[1] - 1))
    sd = np.where(sd > 1e-12 * np.abs(x).max(axis=1), sd, np.nan)
    return (mean - centre) / sd, (gap**3).sum(axis=1) / sd**3


def _held(sample: Sample) -> FloatArray:
    """(n,) buy-and-hold returns of the events that have one."""
    held = sample.abnormal.bhar(sample.window)[sample.index]
    return np.asarray(held[np.isfinite(held)])


def _unkept(sample: Sample, on: str, law: str) -> str:
    """Why the sample has not the values of its events that these options need; or nothing."""
    if on == "bhar":
        return sample.unkept("skew_t", "on")
    return sample.unkept("skew_t", "law") if law == "bootstrap" else ""


def _unfit(values: Values, on: str) -> str:
    """Why the values have no skewness; or nothing."""
    if values.n < 3:
        return f"{values.n} events only have a {on.upper()}: skew_t needs 3"
    return "" if values.spread else ZERO
