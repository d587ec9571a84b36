"""Tests of abnormal volatility, which of them hold here, and which leads.

==============  =====================================================================
placebo         the measure among its values in windows of the estimation days, whole
                cross-sections at a time: no law is assumed but that days are exchangeable
dates_t         mean ln U of each cluster of dates less that of its estimation days, t_{C−1}
normal_law      F, χ² or normal: independent events with normal returns only
==============  =====================================================================
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from eventstudy.activity import conditional_variance, squared
from eventstudy.activity.conditional_variance import LEAST
from eventstudy.activity.squared import Tails
from eventstudy.activity.variance_sample import Measured
from eventstudy.arrays import Statistic
from eventstudy.inference._laws import NAN, both_tails, interval, pvalue
from eventstudy.inference._resampling import share
from eventstudy.inference._sample import spread
from eventstudy.inference.validity import ENOUGH

NO_EVENTS = "no event has an abnormal return on the days of this window"
#: kurtosis of the residuals above which the laws of normal returns reject too often
FAT = 4.0
#: placebo windows of one cluster below which no two-sided p reaches 5 %
FEWEST = 39
#: estimation days for each day of a window, as for `placebo_window`
DAYS_PER_DAY = 15
#: clusters of one event below which ln U, which is skewed, rejects 6 to 8 % at 5 %
SINGLE = 40
#: with clusters of about so many events, ln U is averaged enough
AVERAGED = 2.0


def placebo(m: Measured, alternative: str) -> Statistic:
    """Find the measure among its values on usual days: p = (1 + #) / (1 + n), each tail doubled."""
    usual, law = m.usual, "permutation" if m.usual.whole else "bootstrap"
    if not (m.n and len(usual.values)):
        return _answer(m, "placebo", law=law, note=m.gauge.unknown or _unmeasured(m) or _WITHOUT)
    upper = share(usual.values, m.raw, "greater")
    lower = share(usual.values, m.raw, "less")
    kind = "" if usual.whole else "drawn "
    return _answer(
        m,
        "placebo",
        numbers=(m.estimate, NAN, m.estimate),
        law=law,
        p=both_tails(lower, upper, alternative),
        note=f"{len(usual.values)} {kind}placebo windows",
    )


_WITHOUT = "no placebo window lies in the estimation window"


def dates_t(m: Measured, alternative: str) -> Statistic:
    """√C · mean(y)/sd(y) of the clusters' mean ln U less that of their estimation days, t_{C−1}."""
    why = m.gauge.unknown or ("" if m.n else _unmeasured(m))
    gaps = np.empty(0) if why else m.log_gaps()
    df = len(gaps) - 1.0
    error = spread(gaps) / math.sqrt(max(len(gaps), 1))
    if why or df < 1 or not error > 0:
        return _answer(m, "dates_t", law="t", note=why or _lone(len(gaps)))
    mean = float(gaps.mean())
    said = []
    if len(gaps) < ENOUGH:
        said.append(f"{len(gaps)} clusters of dates; at least {ENOUGH} are advised")
    if m.sample.n < AVERAGED * len(gaps) and len(gaps) < SINGLE:
        said.append("single events: ln U is skewed, and 6 to 8 % are rejected at 5 %")
    return _answer(
        m,
        "dates_t",
        numbers=(mean, error, mean / error),
        law="t",
        df=df,
        p=pvalue("t", mean / error, df, alternative),
        ci=interval(mean, error, "t", df, alternative),
        note="; ".join(said),
    )


def _lone(clusters: int) -> str:
    if clusters < 2:
        return "one cluster of dates: it compares clusters"
    return "the clusters do not differ"


def normal_law(m: Measured, alternative: str) -> Statistic:
    """Refer the measure to its law under independent normal returns."""
    if not m.n:
        return _answer(m, "normal_law", law="chi2", note=_unmeasured(m))
    tails = _tails(m)
    return _answer(
        m,
        "normal_law",
        numbers=(m.estimate, NAN, tails.statistic),
        law=tails.law,
        df=tails.df,
        p=both_tails(tails.lower, tails.upper, alternative),
        note=tails.note,
    )


def _tails(m: Measured) -> Tails:
    if m.gauge.measure == "garch":
        return conditional_variance.under_normality(*m.lambdas)
    known = np.isfinite(m.by_event)
    count = np.isfinite(m.logs if m.gauge.log else m.u).sum(axis=1)[known].astype(float)
    law = squared.mean_log_under_normality if m.gauge.log else squared.mean_under_normality
    return law(m.raw, count, m.sample.dof[known])


TESTS: dict[str, Callable[[Measured, str], Statistic]] = {
    "placebo": placebo,
    "dates_t": dates_t,
    "normal_law": normal_law,
}


def why_not(m: Measured) -> dict[str, str]:
    """Why each test that is not valid here is not."""
    why = {name: found.note for name in TESTS if math.isnan((found := asked(m, name)).pvalue)}
    if "placebo" not in why and (short := _too_few_windows(m)):
        why["placebo"] = short
    if "normal_law" not in why and (reason := _no_law(m)):
        why["normal_law"] = reason
    return why


def _too_few_windows(m: Measured) -> str:
    """Why the placebo windows do not suffice; or nothing."""
    found, length = m.usual.windows, m.sample.length
    if m.usual.whole and found < FEWEST:
        return f"{found} placebo windows: for a p of 5 % it needs {FEWEST}"
    if found + length - 1 < (least := DAYS_PER_DAY * length):
        return f"{found + length - 1} usable days: for {length} event days it needs {least}"
    return ""


def _no_law(m: Measured) -> str:
    """Why the law of independent normal returns does not hold; or nothing."""
    if m.n > 1 and not m.sample.independent:
        chained = m.sample.n_components < m.sample.n_dates
        shared = "windows overlap" if chained else "events share dates"
        return f"{shared}: it takes them as independent"
    if not m.gauge.unknown and m.kurtosis > FAT:
        return f"fat tails (kurtosis {m.kurtosis:.1f}, of normal returns 3.0): it rejects too often"
    return ""


def leading(m: Measured) -> str:
    """Name the test that leads: across dates with six clusters, else the placebo windows."""
    why = why_not(m)
    across = not m.sample.independent and m.sample.n_components >= ENOUGH
    order = ("dates_t", "placebo") if across else ("placebo", "dates_t")
    return next((name for name in (*order, "normal_law") if name not in why), "placebo")


def asked(m: Measured, name: str, alternative: str = "two-sided") -> Statistic:
    """One test, kept where it is two-sided."""
    if alternative != "two-sided":
        return TESTS[name](m, alternative)
    if name not in m.kept:
        m.kept[name] = TESTS[name](m, alternative)
    return m.kept[name]


def _unmeasured(m: Measured) -> str:
    """Why nothing was measured; or nothing."""
    if m.gauge.measure == "garch" and m.sample.n < LEAST:
        many = "1 event" if m.sample.n == 1 else f"{m.sample.n} events"
        return f"{many}: λ compares at least {LEAST}"
    return "" if m.n else NO_EVENTS


def _answer(  # noqa: PLR0913  (the fields of a Statistic)
    m: Measured,
    name: str,
    *,
    law: str,
    numbers: tuple[float, float, float] = (NAN, NAN, NAN),
    df: float = NAN,
    p: float = NAN,
    ci: tuple[float, float] = (NAN, NAN),
    note: str = "",
) -> Statistic:
    return Statistic(
        name=name,
        estimate=numbers[0],
        se=numbers[1],
        statistic=numbers[2],
        law=law,
        df=df,
        pvalue=p,
        ci=ci,
        n=m.n,
        n_dates=m.sample.n_dates,
        window=m.window.label,
        note=note,
    )
