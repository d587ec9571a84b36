"""The permutation test of one event, or of the portfolio of one date (D.18)."""

from __future__ import annotations

from math import sqrt

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, Statistic
from eventstudy.inference._answer import SEVERAL_DATES, ZERO, ask
from eventstudy.inference._resampling import (
    DRAWS,
    SEED,
    Rng,
    batches,
    check_draws,
    generator,
    share,
)
from eventstudy.inference._sample import spread
from eventstudy.windows import WindowLike

LAW = "permutation"


def permutation(
    abnormal: Abnormal,
    window: WindowLike,
    *,
    alternative: str = "two-sided",
    recompute: bool = True,
    draws: int = DRAWS,
    rng: Rng = SEED,
    batch: int | None = None,
) -> Statistic:
    """Compare T with its values after the days have been permuted: T = CAR / (√L·sd(e)).

    The residuals of the estimation days and the abnormal returns of the L event days are one
    pool; each draw deals L of them to the event and computes T again, sd(e) included. For one
    day all M + 1 deals are made instead, so that p is exact; else p = (1 + #) / (draws + 1).
    Several events of one date are taken as their mean.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of one event, or of events that share day 0.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.
    recompute : bool
        Whether sd(e) comes from the permuted estimation days; without, T is the CAR alone, and
        for one day p is that of `sq`.
    draws : int
        Number of permutations for windows of several days.
    rng : int or numpy.random.Generator
        Seed, or the generator to use.
    batch : int, optional
        Permutations held at a time; the answer does not depend on it.

    Returns
    -------
    Statistic
        ``estimate`` is the CAR.

    Raises
    ------
    OptionError
        If an option is not known.

    References
    ----------
    Nguyen and Wolf (2023), Single-firm inference in event studies via the permutation test,
    Empirical Economics.

    Examples
    --------
    >>> import numpy as np
    >>> from eventstudy.inference import permutation
    >>> from eventstudy.inference._example import example
    >>> found = permutation(example().take(np.array([0])), (0, 0))
    >>> found.law, round(found.pvalue * 111, 10) % 1
    ('permutation', 0.0)
    """
    question = ask("permutation", abnormal, window, alternative)
    random, draws = generator(rng), check_draws(draws)
    s = question.sample
    if why := question.lacks() or (SEVERAL_DATES if s.n_dates > 1 else ""):
        return question.nothing(why, LAW)
    if s.bridged:
        return question.nothing("a return over several sessions is no day to permute", LAW)
    e, ar = s.estimation.known, s.event_days[np.isfinite(s.event_days)]
    sd = spread(e, s.sigmas.mean)
    if sd == 0.0:
        return question.nothing(ZERO, LAW)
    pool, length = np.append(e, ar), len(ar)
    if length == 1:
        sums, sds = pool, _without_each(pool)
    else:
        parts = batches(draws, batch, each=4 * len(pool))
        dealt = [_deal(random, pool, length, part.stop - part.start) for part in parts]
        sums, sds = (np.concatenate(found) for found in zip(*dealt, strict=True))
    if not recompute:
        sds = np.full_like(sums, sd)
    root = sqrt(length)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = sums / (root * sds)
    car = float(ar.sum())
    t = car / (root * sd)
    # all deals hold the one that happened
    p = share(values, t, alternative, own=int(length > 1))
    return question.score(car, t, LAW, p, se=root * sd)


def _without_each(pool: FloatArray) -> FloatArray:
    """(n,) standard deviation of the others, for each value of the pool.

    Sums of what stands before and after each value: nothing large is subtracted.
    """
    x = pool - np.median(pool)
    total, square = (_before(y) + _before(y[::-1])[::-1] for y in (x, x * x))
    m = len(pool) - 1
    return np.asarray(np.sqrt(np.maximum(square - total**2 / m, 0.0) / (m - 1)))


def _before(x: FloatArray) -> FloatArray:
    """(n,) sum of all values before each."""
    return np.concatenate([[0.0], np.cumsum(x[:-1])])


def _deal(
    random: np.random.Generator, pool: FloatArray, length: int, draws: int
) -> tuple[FloatArray, FloatArray]:
    """Sum of the last ``length`` of the shuffled pool, and standard deviation of the others."""
    shuffled = np.tile(pool, (draws, 1))
    random.permuted(shuffled, axis=1, out=shuffled)
    return shuffled[:, -length:].sum(axis=1), shuffled[:, :-length].std(axis=1, ddof=1)
