"""What stands against a test that the dates would allow: too few events, too long a window, gaps.

The bounds come from simulations without an effect (docs/methods.md, D.25): beyond them a nominal
5 % test rejects more than 8 %, or can never reject.
"""

from __future__ import annotations

import math

from eventstudy.inference._bootstrap import undrawable
from eventstudy.inference._factors import adjust
from eventstudy.inference._pairs import MIN_OVERLAP, mean_correlation, sharing
from eventstudy.inference._sample import Sample
from eventstudy.inference.leave_one_out import MIN_EVENTS
from eventstudy.inference.multivariate import gls_mean, sur_F
from eventstudy.inference.parametric import portfolio_t

#: events that a test needs: with fewer the normal law of skew_t and of the signs is too narrow,
#: and CARs over their own spread are too wild to be ranked
LEAST_EVENTS = {
    "skew_t": 20,
    "jackknife": MIN_EVENTS,
    **dict.fromkeys(("sign", "gen_sign"), 5),
    **dict.fromkeys(("grank_t", "grank_z", "rank_cz"), 8),
}
#: estimation days for each day of the window, without which tests that know no forecast error
#: (or no more independent windows than that) reject too often
DAYS_PER_DAY = {
    **dict.fromkeys(("sq", "placebo_window"), 15),
    "permutation": 10,
    **dict.fromkeys(("ts_t", "independent_t"), 5),
}
#: tests that take the days of a window as independent, and so reject too often where they are not
LONE_DAYS = (
    *("ts_t", "independent_t", "rank", "cumrank_t", "rank_cz", "corrado_sign"),
    *("sur_F", "gls_mean", "permutation", "boot_residual"),
)
#: tests that believe the forecast error, with the few autocorrelations that it holds
BY_SIGMA = ("portfolio_t", "patell", "adj_patell", "dates_patell")
ALIKE = "days are autocorrelated: it takes them as independent"
PARTLY = "days are autocorrelated: its forecast error holds part of that"
SHARED = "days are autocorrelated: it averages dates whose estimation windows share days"
#: signs, events times days, below which their sum is far from normal
LEAST_SIGNS = 5
#: share of the events that the portfolio of complete firms needs, to stand for all of them; and
#: of the pairs that share days, for r̄
COMPLETE = 0.75


def too_few(s: Sample) -> dict[str, str]:
    """Tests that need more events, ranks or signs, and why."""
    why = {
        key: f"{s.n} events only: it needs {least}"
        for key, least in LEAST_EVENTS.items()
        if s.n < least
    }
    signs = s.n * s.length
    if signs < LEAST_SIGNS:
        why["corrado_sign"] = f"{signs} signs only: it needs {LEAST_SIGNS}"
    if signs == 1:
        lone = "one event, one day: a rank or a sign tells nothing"
        why |= dict.fromkeys(("rank", "cumrank_t", "corrado_sign"), lone)
    return why


def too_long(s: Sample) -> dict[str, str]:
    """Tests for which the windows are too long against the estimation window, and why.

    Windows of one firm that follow each other closely are one long window to a test on mean
    residuals by event day: each day of the firm is in the mean several times, some days apart.
    """
    _, have = s.estimation_days
    why = {}
    for key, least in DAYS_PER_DAY.items():
        if s.unkept(key):
            continue
        days = s.length * (s.successive if key == "placebo_window" else 1)
        if have < least * days:
            why[key] = f"{have} estimation days: for {days} event days it needs {least * days}"
    return why


def alike(s: Sample) -> dict[str, str]:
    """Tests of several days that cannot be autocorrelated, where they are, and why."""
    serial = s.abnormal.serial
    if s.length == 1 or serial is None:
        return {}
    why = dict.fromkeys(LONE_DAYS, ALIKE) | dict.fromkeys(BY_SIGMA, PARTLY)
    if s.n_dates > 1:
        why["placebo_window"] = SHARED
    lags, days = serial.shape[1], s.length
    if days > lags + 1:
        why["single_t"] = f"days are autocorrelated: it holds {lags} lags, {days} days have more"
    return why


def unusable(s: Sample) -> dict[str, str]:
    """Why the complete events of one date cannot be tested, for each test that cannot."""
    found = [test(s.abnormal, s.window) for test in (portfolio_t, sur_F, gls_mean)]
    why = {answer.name: answer.note for answer in found if math.isnan(answer.statistic)}
    if note := why.get("portfolio_t") or s.unkept("boot_residual") or undrawable(s.abnormal):
        why["boot_residual"] = note
    return why


def unknown(s: Sample) -> str:
    """Why r̄ is not known well enough; or nothing."""
    return lacking(s) or adjust(s, MIN_OVERLAP).why


def lacking(s: Sample) -> str:
    """Say how many pairs that share days are left out of r̄, if more than a quarter are.

    Pairs without a common day count as zero. So r̄ would tend to zero, and look precise, if the
    others were left out of it for want of data.
    """
    lost, shared = mean_correlation(s, MIN_OVERLAP).left_out, sharing(s)
    if lost <= (1.0 - COMPLETE) * shared:
        return ""
    return f"{lost} of {shared} pairs that share days lack {MIN_OVERLAP} common estimation days"
