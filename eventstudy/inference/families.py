"""Several windows of one study as one family, with joint draws (D.22 with D.15 and D.16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, Statistic
from eventstudy.inference._answer import ZERO, Question
from eventstudy.inference._bootstrap import Plan, regression
from eventstudy.inference._contrasts import portfolio_se, portfolio_t
from eventstudy.inference._laws import ALTERNATIVES, LEVEL, check
from eventstudy.inference._resampling import (
    DRAWS,
    SEED,
    Rng,
    batches,
    check_draws,
    count_of,
    generator,
)
from eventstudy.inference._sample import Sample, sample_of, spread
from eventstudy.inference.clusters import lone_cluster
from eventstudy.inference.multiple import romano_wolf
from eventstudy.windows import Window, WindowLike, as_window

NAME = "romano_wolf"


def romano_wolf_windows(
    abnormal: Abnormal,
    windows: Sequence[WindowLike],
    *,
    alternative: str = "two-sided",
    block: int = 1,
    draws: int = DRAWS,
    rng: Rng = SEED,
    batch: int | None = None,
) -> tuple[Statistic, ...]:
    """Test several windows, or event days, as one family with joint draws.

    On one date each draw is one sample of `boot_residual`, in which the t of the portfolio is
    computed over all windows. On several dates each draw flips the sign of all CARs of a date
    together, and T = √D·mean(P)/s(P) of `dates_csect` is computed over all windows; dates whose
    windows overlap are one cluster. Either way the dependence of the windows is that of the
    data, and `romano_wolf` steps down through them.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events. All windows are tested on the events that have every
        window; on one date, on those that are complete.
    windows : sequence of windows
        The family, such as ``[(0, 0), (-1, 1)]``, or the days ``[-1, 0, 1]``.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis of all windows.
    block : int
        Days drawn in one piece, on one date: at least as many as the longest window has.
    draws : int
        Number of draws.
    rng : int or numpy.random.Generator
        Seed, or the generator to use.
    batch : int, optional
        Draws held at a time; the answer does not depend on it.

    Returns
    -------
    tuple of Statistic
        One a window, in the order given; ``pvalue`` is adjusted for the family.

    Raises
    ------
    OptionError
        If an option is not known.

    References
    ----------
    Romano and Wolf (2005), Econometrica 73; Hein and Westfall (2004), Journal of Financial
    Econometrics 2.

    Examples
    --------
    >>> from eventstudy.inference import romano_wolf_windows
    >>> from eventstudy.inference._example import example
    >>> found = romano_wolf_windows(example(dates=12), [(0, 0), (1, 2)], draws=999)
    >>> [(s.window, s.pvalue < 0.05) for s in found]
    [('[0,0]', True), ('[+1,+2]', False)]
    """
    check("alternative", alternative, ALTERNATIVES)
    asked = [as_window(w) for w in windows]
    plan = Plan(check_draws(draws), generator(rng), batch, count_of("block", block))
    if not asked:
        return ()
    s = sample_of(abnormal, asked[0])
    if not (why := s.unkept(NAME)):
        s = _common(abnormal, asked)
    question, family = Question(NAME, s, alternative), why or _family(s, asked, plan)
    if isinstance(family, str):
        nothing = question.nothing(family, "bootstrap" if s.n_dates < 2 else "randomisation")
        return tuple(replace(nothing, window=w.label) for w in asked)
    return _answers(question, asked, family)


@dataclass(frozen=True)
class Family:
    """m statistics and their joint draws."""

    #: (m,) estimates, and their standard errors, NaN where there is nothing to test
    estimate: FloatArray
    se: FloatArray
    #: (B, m) the statistics in samples without an effect
    draws: FloatArray
    law: str
    #: events behind the estimates
    n: int
    note: str = ""


def _common(abnormal: Abnormal, windows: Sequence[Window]) -> Sample:
    """Find the events that have every window; their sample is that of all days in between."""
    hull = Window(min(w.first for w in windows), max(w.last for w in windows))
    cars = np.array([abnormal.car(w) for w in windows])
    return Sample(abnormal, hull, np.flatnonzero(np.isfinite(cars).all(axis=0)))


def _family(sample: Sample, windows: Sequence[Window], plan: Plan) -> Family | str:
    if sample.n and sample.n_dates > 1:
        return _by_signs(sample, windows, plan)
    return _by_residuals(sample.abnormal, windows, plan)


def _by_residuals(abnormal: Abnormal, windows: Sequence[Window], plan: Plan) -> Family | str:
    """Draw the t of the portfolio of one date over all windows (D.15)."""
    made = regression(abnormal, windows)
    if isinstance(made, str):
        return made
    series = made.portfolio()
    se = portfolio_se(series, made.q, made.dof)
    if made.still(se):
        return ZERO

    def measure(residuals: FloatArray, sums: FloatArray) -> FloatArray:
        return portfolio_t(residuals, sums, made.q, made.dof)

    drawn = made.draw(series, measure, plan)
    n = len(made.members)
    return Family(made.car.mean(axis=1), se, drawn, "bootstrap", n)


def _by_signs(sample: Sample, windows: Sequence[Window], plan: Plan) -> Family | str:
    """Flip the signs of whole clusters of dates (D.16)."""
    if why := lone_cluster(sample):
        return why
    cars = [sample.abnormal.car(w)[sample.index] for w in windows]
    size = sample.cluster_sizes
    means = np.array([np.bincount(sample.component, weights=car) / size for car in cars]).T
    d = len(means)
    sd = np.array([spread(column) for column in means.T])
    se = np.where(sd > 0.0, sd, np.nan) / np.sqrt(d)
    found = []
    for part in batches(plan.draws, plan.batch, each=2 * (d + len(windows))):
        signs = np.where(plan.random.integers(0, 2, (part.stop - part.start, d)), 1.0, -1.0)
        found.append(_flipped(signs, means))
    least = 2.0 ** (1 - d)
    note = f"with {d} dates no p-value is below {least:.3g}" if least > 1.0 - LEVEL else ""
    return Family(means.mean(axis=0), se, np.concatenate(found), "randomisation", sample.n, note)


def _flipped(signs: FloatArray, means: FloatArray) -> FloatArray:
    """(b, m) the t of the mean after (b, D) signs have been put on the (D, m) means."""
    d = len(means)
    mean = signs @ means / d
    squares = np.square(means).sum(axis=0)
    variance = np.maximum(squares - d * mean**2, 0.0) / (d - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt(d) * mean / np.sqrt(variance))


def _answers(
    question: Question, windows: Sequence[Window], family: Family
) -> tuple[Statistic, ...]:
    statistics = family.estimate / family.se
    adjusted = romano_wolf(statistics, family.draws, alternative=question.alternative)
    held, n = family.n, question.sample.n
    some = f"{held} of {n} events are complete" if held < n else ""
    said = "; ".join(filter(None, (some, family.note)))
    found = []
    for k, window in enumerate(windows):
        if np.isnan(statistics[k]):
            answer = question.nothing(ZERO, family.law)
        else:
            numbers = float(family.estimate[k]), float(statistics[k])
            se, p = float(family.se[k]), float(adjusted[k])
            answer = question.score(*numbers, family.law, p, se=se, note=said)
        found.append(replace(answer, window=window.label, n=held))
    return tuple(found)
