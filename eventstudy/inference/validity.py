"""Which tests are valid here, from the dates first (D.25), and what they could detect."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from eventstudy import errors
from eventstudy.abnormal import Abnormal
from eventstudy.inference._answer import NO_EVENTS, SEVERAL_DATES
from eventstudy.inference._laws import critical
from eventstudy.inference._limits import COMPLETE, alike, too_few, too_long, unknown, unusable
from eventstudy.inference._sample import Sample, sample_of
from eventstudy.inference.clusters import dates_cluster, dates_csect, lone_cluster
from eventstudy.inference.date_portfolios import surely_portfolioed, unportfolioed
from eventstudy.inference.lookup import resolve
from eventstudy.inference.parametric import portfolio_t
from eventstudy.one_line import about, many
from eventstudy.windows import WindowLike

if TYPE_CHECKING:
    from eventstudy.inference._fold_answers import Folded

#: clusters below which inference across dates has little to go by (D.16, D.25)
ENOUGH = 6

ROUNDING = 1e-9

#: what each test needs of the dates
ONE_EVENT = ("single_t",)
ONE_DATE = ("portfolio_t", "sq", "sur_F", "gls_mean", "permutation", "boot_residual")
SAME_DAYS = ("ts_t", "rank", "cumrank_t", "corrado_sign", "grank_t", "placebo_window")
INDEPENDENT = (
    *("csect_t", "independent_t", "patell", "bmp", "skew_t", "jackknife", "sign", "gen_sign"),
    *("wilcoxon", "rank_cz", "grank_z", "wild_events"),
)
ADJUSTED = ("adj_patell", "adj_bmp", "adj_csect")
#: those of ACROSS_DATES that need complete events
PORTFOLIOS = ("dates_bmp", "dates_patell")
ACROSS_DATES = ("dates_csect", "dates_cluster", *PORTFOLIOS, "wild_dates", "sign_flip_dates")
JUDGED = frozenset(ONE_EVENT + ONE_DATE + SAME_DAYS + INDEPENDENT + ADJUSTED + ACROSS_DATES)


@dataclass(frozen=True)
class Verdict:
    """How the events lie to each other, and which tests that leaves valid.

    Examples
    --------
    >>> import eventstudy as es
    >>> events = es.events_on("2026-02-25", es.universe.MINERS, session="after_close")
    >>> panel = es.EventStudy().load(events, es.loaders.sample, market="SPY")
    >>> found = valid(es.EventStudy().run(events, panel).abnormal, (0, 0))
    >>> found.kind, found.lead, found.interval
    ('one shared date', 'adj_bmp', 'portfolio_t')
    >>> found.why["bmp"]
    'events share dates: it takes them as independent'
    """

    #: "one event", "independent", "one shared date", "several separate dates", "staggered",
    #: or "no events"
    kind: str
    #: the test whose p-value leads
    lead: str
    #: the valid test in units of returns, whose standard error and interval tables show
    interval: str
    #: keys of the valid tests
    valid: frozenset[str]
    #: a short reason for each test that is not
    why: Mapping[str, str]
    #: events, distinct dates, and clusters of dates whose windows overlap
    n: int
    n_dates: int
    n_components: int
    #: what no test can tell with so few dates; empty with six clusters or more
    limit: str = ""

    def __repr__(self) -> str:
        sample = f"{many(self.n, 'event')} on {many(self.n_dates, 'date')}"
        return about(self, self.kind, sample, f"{self.lead} leads" if self.lead else "")


def valid(sample: Sample | Abnormal | Folded, window: WindowLike | None = None) -> Verdict:
    """Which tests are valid for these events, given the dates they share.

    Beside the dates it looks at the number of events, at the length of the window against that of
    the estimation, and at whether the correlation of the events is known.

    Parameters
    ----------
    sample : Abnormal or Sample
        Abnormal returns of the events, or the retained events of a window.
    window : window, optional
        W, in trading days around day 0. Left out: the window of the sample, or the whole
        event window.

    Returns
    -------
    Verdict
        What leads, which interval is shown, and why the other tests are not valid.

    Notes
    -----
    Tests that assume independent events reject far too often where events share days: with 12
    firms on one date and a correlation of .3, a nominal 5 % test rejects in 38 % of samples
    without any effect.

    Examples
    --------
    >>> from eventstudy.inference import valid
    >>> from eventstudy.inference._example import example
    >>> verdict = valid(example(), (-1, 1))
    >>> verdict.kind, verdict.lead, verdict.interval
    ('one shared date', 'adj_bmp', 'portfolio_t')
    >>> verdict.why["bmp"]
    'events share dates: it takes them as independent'
    """
    if isinstance(sample, Sample):
        s = sample if window is None else sample_of(sample.abnormal, window)
    else:
        s = sample_of(sample, sample.window if window is None else window)
    found: Verdict = s.abnormal.memo(("verdict", s.window), lambda: _judge(s))
    return found


def detectable(abnormal: Abnormal | Folded, window: WindowLike, *, level: float = 0.05) -> float:
    """Find the smallest CAAR that would have been significant: critical value × standard error.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events.
    window : window
        W, in trading days around day 0.
    level : float
        Level of the two-sided test, between 0 and 1.

    Returns
    -------
    float
        In units of returns, by the interval test of `valid`; NaN where it does not apply.

    Raises
    ------
    OptionError
        If ``level`` is not between 0 and 1.

    Examples
    --------
    >>> from eventstudy.inference import detectable
    >>> from eventstudy.inference._example import example
    >>> round(detectable(example(), (0, 0)), 3)
    0.027
    """
    if not 0.0 < level < 1.0:
        raise errors.level_outside(level)
    verdict = valid(abnormal, window)
    if verdict.interval in verdict.why:
        return math.nan
    found = resolve(verdict.interval)(abnormal, window)
    if math.isnan(found.se):
        return math.nan
    return critical(found.law, found.df, level / 2.0) * found.se


def _judge(s: Sample) -> Verdict:
    kind = _kind(s)
    why = _reasons(s, kind)
    lead, interval = _leaders(s, kind, why)
    if s.abnormal.serial is not None:
        lead, interval = _of_activity(s, why, lead, interval)
    return Verdict(
        kind=kind,
        lead=lead,
        interval=interval,
        valid=JUDGED - why.keys(),
        why=MappingProxyType(why),
        n=s.n,
        n_dates=s.n_dates,
        n_components=s.n_components,
        limit=_limit(s),
    )


def _kind(s: Sample) -> str:
    if s.n < 2:
        return "one event" if s.n else "no events"
    if s.independent:
        return "independent"
    if s.n_dates == 1:
        return "one shared date"
    return "several separate dates" if s.n_components == s.n_dates else "staggered"


def _leaders(s: Sample, kind: str, why: Mapping[str, str]) -> tuple[str, str]:
    """Choose the test that leads, and the one whose interval is shown."""
    if kind == "one event":
        return "single_t" if "sq" in why else "sq", "single_t"
    if kind in {"independent", "no events"}:
        return "bmp", "csect_t"
    if kind == "one shared date":
        interval = "portfolio_t" if "portfolio_t" not in why and _most_complete(s) else "adj_csect"
        lead = interval if "adj_bmp" in why else "adj_bmp"
        return lead, interval
    if s.n_components < 2:
        return "adj_bmp", "adj_csect"
    even = len(np.unique(s.cluster_sizes)) == 1
    across = dates_csect if even else dates_cluster
    if "adj_bmp" in why or across(s.abnormal, s.window).df >= ENOUGH - 1 - ROUNDING:
        return across.__name__, across.__name__
    # a chain of overlapping windows is one cluster, however long: too few of them tell nothing
    interval = across.__name__ if kind == "several separate dates" else "adj_csect"
    return "adj_bmp", interval


def _of_activity(s: Sample, why: Mapping[str, str], lead: str, interval: str) -> tuple[str, str]:
    """Choose who leads where days are autocorrelated, as those of log volume.

    Ranks lead on a single day (Campbell and Wasley 1996): they need no normal law, and one day is
    no sum. One event has the interval of sums over as many successive days.
    """
    if s.length == 1 and "rank" not in why:
        return "rank", interval
    if s.length > 1 and interval == "single_t" and "sq" not in why:
        return lead, "sq"
    return lead, interval


def _reasons(s: Sample, kind: str) -> dict[str, str]:
    """Why each test that is not valid is not."""
    if kind == "no events":
        return dict.fromkeys(JUDGED, NO_EVENTS)
    why = too_few(s) | too_long(s) | alike(s)
    if kind == "one event":
        why |= dict.fromkeys(INDEPENDENT + ADJUSTED, "one event only: it compares events")
        why["grank_t"] = "one event only: it compares events"
        exact = "one event only: single_t has the exact law"
        why |= dict.fromkeys(("patell", "independent_t"), exact)
        why |= dict.fromkeys(("sign", "gen_sign"), "one event only: one sign tells nothing")
    else:
        why |= dict.fromkeys(ONE_EVENT, f"for one event: this sample has {s.n}")
    if s.n_dates > 1:
        why |= dict.fromkeys(ONE_DATE, SEVERAL_DATES)
    else:
        why |= unusable(s)
    if s.n > 1 and not s.independent:
        shared = "windows overlap" if kind == "staggered" else "events share dates"
        why |= dict.fromkeys(INDEPENDENT, f"{shared}: it takes them as independent")
    if kind == "staggered":
        why |= dict.fromkeys(SAME_DAYS, "windows overlap: its days pair different calendar days")
    if s.n_components < 2:
        why |= dict.fromkeys(ACROSS_DATES, lone_cluster(s))
    elif not (s.unkept("dates_bmp") or surely_portfolioed(s)) and (note := unportfolioed(s)):
        why |= dict.fromkeys(PORTFOLIOS, note)
    if s.n > 1 and not s.independent and (why_not := unknown(s)):
        why |= dict.fromkeys(ADJUSTED, why_not)
        if s.n_dates < s.n:
            why["grank_t"] = why_not
    gone = ((key, s.unkept(key)) for key in JUDGED - why.keys())
    return why | {key: needs for key, needs in gone if needs}


def _most_complete(s: Sample) -> bool:
    """Whether the portfolio of complete firms stands for the sample."""
    return portfolio_t(s.abnormal, s.window).n >= COMPLETE * s.n


def _limit(s: Sample) -> str:
    """Say the limit no test can pass (D.25), where events cluster on fewer than six dates."""
    if s.n < 2 or s.independent or s.n_components >= ENOUGH:
        return ""
    few = "one date" if s.n_components == 1 else f"{s.n_components} dates"
    if s.n_components < s.n_dates:
        few = f"{few.replace('date', 'cluster')} of overlapping windows"
    return (
        f"The news falls on {few}: a shock to the whole sector on those days cannot be told "
        f"from the news. Only more dates, a control group or a sector factor help."
    )
