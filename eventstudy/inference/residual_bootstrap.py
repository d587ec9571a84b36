"""The residual bootstrap for events that share one date (D.15)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, Statistic
from eventstudy.inference._answer import SEVERAL_DATES, ZERO, Question, ask
from eventstudy.inference._bootstrap import Plan, Regression, regression
from eventstudy.inference._contrasts import Forms, portfolio_se, portfolio_t
from eventstudy.inference._date_regression import DEPENDENT, NO_DIRECTION, too_few_days
from eventstudy.inference._laws import NAN, check
from eventstudy.inference._resampling import (
    DRAWS,
    SEED,
    Rng,
    check_draws,
    count_of,
    generator,
    share,
)
from eventstudy.inference.quantiles import Tails
from eventstudy.windows import WindowLike

LAW = "bootstrap"


def boot_residual(  # noqa: PLR0913  (draws, rng and batch beside the options of D.15)
    abnormal: Abnormal,
    window: WindowLike,
    *,
    alternative: str = "two-sided",
    statistic: str = "portfolio_t",
    refit: bool = True,
    block: int = 1,
    draws: int = DRAWS,
    rng: Rng = SEED,
    batch: int | None = None,
) -> Statistic:
    """Compare T of one date with draws without an effect: p = (1+#{|T*| ≥ |T|})/(draws+1).

    Each draw puts the residuals of randomly chosen estimation days, all firms of a day together,
    on the estimation days and on the days of W; fits the model again on the same regressors, and
    computes T again: p = (1 + #{|T*| ≥ |T|}) / (draws + 1). Keeps the correlation of the firms
    and the shape of their distribution, fat tails and skewness; a larger variance on the event
    days is not covered.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of events that share day 0, by a linear model.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.
    statistic : {"portfolio_t", "sur_F", "gls_mean"}
        T: of the equal-weighted mean, of all firms jointly, or of the precision-weighted mean.
    refit : bool
        Fit again in each draw. Without, the mean itself is compared with sums of drawn days
        times √(Q/L)·√(M/ν), for ``portfolio_t`` only: a joint F that is not refitted rejects
        a true hypothesis more than twice as often as it should.
    block : int
        Days drawn in one piece, for windows of several days: at least as many as W has.
    draws : int
        Number of samples.
    rng : int or numpy.random.Generator
        Seed, or the generator to use.
    batch : int, optional
        Samples held at a time; the answer does not depend on it.

    Returns
    -------
    Statistic
        ``estimate`` is the mean CAR of the complete events, for ``gls_mean`` the weighted one,
        for ``sur_F`` none; ``ci`` holds the effects that the test does not reject at 5 %. NaN
        with a note for several dates, or where the model keeps no design.

    Raises
    ------
    OptionError
        If an option is not known.

    References
    ----------
    Hein and Westfall (2004), Journal of Financial Econometrics 2; Chou (2004), Review of
    Quantitative Finance and Accounting 23; Freedman (1981), Annals of Statistics 9.

    Examples
    --------
    >>> import eventstudy as es
    >>> events = es.events_on("2026-01-29", ["MARA", "RIOT", "CLSK"])
    >>> study = es.EventStudy()
    >>> result = study.run(events, study.load(events, es.loaders.sample, market="SPY"))
    >>> found = result.test("boot_residual", (0, 0), draws=999)
    >>> found.law, found.n, found.pvalue >= 0.001
    ('bootstrap', 3, True)
    """
    question = ask("boot_residual", abnormal, window, alternative)
    check("statistic", statistic, tuple(_MEASURED))
    count_of("block", block)
    plan = Plan(check_draws(draws), generator(rng), batch, block, refit)
    s = question.sample
    why = question.lacks() or (SEVERAL_DATES if s.n_dates > 1 else "")
    made = why or regression(abnormal, [s.window])
    if isinstance(made, str):
        return question.nothing(made, LAW)
    if why := _unfit(statistic, alternative, refit=refit):
        return question.nothing(why, LAW)
    found = (_MEASURED[statistic] if refit else _mean)(made, plan)
    if isinstance(found, str):
        return question.nothing(found, LAW)
    return _answer(question, made, found)


@dataclass(frozen=True)
class Found:
    """A statistic and its drawn values."""

    estimate: float
    statistic: float
    values: FloatArray
    #: standard error of the estimate, NaN where the statistic has none
    se: float = NAN
    #: estimate / statistic: the unit of the drawn values; NaN where there is none
    unit: float = NAN


def _unfit(statistic: str, alternative: str, *, refit: bool) -> str:
    """Why these options don't go together; or nothing."""
    if not refit and statistic != "portfolio_t":
        return f"refit=False is for the mean: statistic={statistic!r} has to be fitted again"
    if statistic == "sur_F" and alternative != "two-sided":
        return NO_DIRECTION
    return ""


def _answer(question: Question, made: Regression, found: Found) -> Statistic:
    """p-value and interval among the drawn values."""
    held, n = len(made.members), question.sample.n
    said = [f"{held} of {n} events are complete"] if held < n else []
    if lost := int(np.isnan(found.values).sum()):
        said.append(f"{lost} of {len(found.values)} draws are singular and count against it")
    # an F is never negative, so that its size is its upper tail
    p = share(found.values, found.statistic, question.alternative)
    below, above = Tails(found.values, 1).reach(question.alternative, "symmetric")
    ci = (found.estimate - above * found.unit, found.estimate + below * found.unit)
    answer = question.score(
        found.estimate, found.statistic, LAW, p, se=found.se, ci=ci, note="; ".join(said)
    )
    return replace(answer, n=held)


def _portfolio(made: Regression, plan: Plan) -> Found | str:
    """T of the equal-weighted portfolio (D.3): its series is all that is drawn."""
    series = made.portfolio()
    error = portfolio_se(series, made.q, made.dof)
    if made.still(error):
        return ZERO
    se = float(error[0])

    def measure(residuals: FloatArray, sums: FloatArray) -> FloatArray:
        return portfolio_t(residuals, sums, made.q, made.dof)[:, 0]

    caar = float(made.car[0].mean())
    return Found(caar, caar / se, made.draw(series, measure, plan), se, se)


def _mean(made: Regression, plan: Plan) -> Found | str:
    """The mean itself, sums of drawn days widened by the forecast error and the fit."""
    series = made.portfolio()
    if made.still(portfolio_se(series, made.q, made.dof)):
        return ZERO
    scale = sqrt(made.q[0] / made.days.sum()) * sqrt(len(series) / made.dof)
    values = made.draw(series, lambda _, sums: sums[:, 0, 0], plan) * scale
    caar = float(made.car[0].mean())
    return Found(caar, caar, values, unit=1.0)


def _joint(made: Regression, plan: Plan) -> Found | str:
    """F of all firms (D.17)."""
    n, q, dof = made.residuals.shape[1], float(made.q[0]), made.dof
    if dof < n:
        return too_few_days(n, dof)
    f = float(Forms.of(made.residuals, made.car[0]).sur_F(n, q, dof))
    if np.isnan(f):
        return DEPENDENT

    def measure(residuals: FloatArray, sums: FloatArray) -> FloatArray:
        return Forms.of(residuals, sums[:, 0]).sur_F(n, q, dof)

    return Found(NAN, f, made.draw(made.residuals, measure, plan))


def _weighted(made: Regression, plan: Plan) -> Found | str:
    """T of the precision-weighted mean (D.17)."""
    n, q, dof = made.residuals.shape[1], float(made.q[0]), made.dof
    if dof < n:
        return too_few_days(n, dof)
    forms = Forms.of(made.residuals, made.car[0])
    mean, se = float(forms.mean()), float(forms.mean_se(n, q, dof))
    if np.isnan(se):
        return DEPENDENT

    def measure(residuals: FloatArray, sums: FloatArray) -> FloatArray:
        found = Forms.of(residuals, sums[:, 0])
        return np.asarray(found.mean() / found.mean_se(n, q, dof))

    return Found(mean, mean / se, made.draw(made.residuals, measure, plan), se, se)


_MEASURED = {"portfolio_t": _portfolio, "sur_F": _joint, "gls_mean": _weighted}
