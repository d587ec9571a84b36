"""One honest sentence that an analyst can paste."""

from __future__ import annotations

import math
from dataclasses import dataclass

from eventstudy.report import cells
from eventstudy.report.lines import clean
from eventstudy.report.measures import RETURNS, Measure
from eventstudy.report.names import beyond, name_of_test, when

NAN = float("nan")
#: the kinds of samples that `eventstudy.inference` tells apart
ONE_EVENT, INDEPENDENT = "one event", "independent"
ONE_DATE, DATES, STAGGERED = "one shared date", "several separate dates", "staggered"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found over one window: everything that the sentence says."""

    #: window label, ``[-1,+1]``
    window: str
    #: the CAAR (the CAR of one event), its 95 % interval and the test that gave the interval
    estimate: float
    ci_low: float = NAN
    ci_high: float = NAN
    interval_test: str = ""
    #: the leading valid test
    lead_test: str = ""
    statistic: float = NAN
    pvalue: float = NAN
    n_events: int = 0
    n_firms: int = 0
    n_dates: int = 0
    #: effective number of independent events and mean residual correlation
    n_eff: float = NAN
    rbar: float = NAN
    #: smallest move that could have been significant at 5 %
    detectable: float = NAN
    #: one of the kinds of samples above
    sample: str = INDEPENDENT
    #: model and its factors, as in ``MarketModel`` and ``("market",)``
    model: str = ""
    factors: tuple[str, ...] = ()
    #: the firm, where there is only one
    ticker: str = ""
    #: why there is no number, if there is none
    note: str = ""
    #: what the numbers are, and the days of the window: their mean number where some are missing
    measure: Measure = RETURNS
    days: float = 1.0


def sentence(finding: Finding) -> str:
    """Say a finding in one sentence: effect, interval, valid test, what was detectable.

    Significant means p < 5 % of the leading valid test. Where that test and the interval
    (which comes from another test) disagree, the sentence says so.

    Parameters
    ----------
    finding : Finding
        The numbers. NaN is allowed everywhere: what is not known is not said, and without an
        estimate the sentence says why.

    Examples
    --------
    >>> print(sentence(Finding(
    ...     window="[0,0]", estimate=-0.008, ci_low=-0.089, ci_high=0.073,
    ...     interval_test="portfolio_t", lead_test="adj_bmp", statistic=-0.2, pvalue=0.84,
    ...     n_events=12, n_firms=12, n_dates=1, n_eff=2.0, detectable=0.081,
    ...     sample="one shared date", model="FactorModel", factors=("SPY", "IBIT"))))
    On the event day (day 0) the 12 firms moved by -0.8 % on average beyond what the market \
and Bitcoin explain (95 % interval -8.9 % to +7.3 %, portfolio t); with all events on one \
shared date they count as about 2.0 independent ones, the valid test (adjusted BMP) gives \
p = 0.84, and only a move beyond ±8.1 % could have been told from chance.
    """
    f = finding
    if math.isnan(f.estimate):
        return _nothing(f)
    places = f.measure.places((f.estimate, f.ci_low, f.ci_high), f.days)
    about = f.measure.beyond
    if about is None:
        about = beyond(f.model, f.factors, f.n_firms)
    moved = f.measure.moved(f.estimate, f.days, places, f.n_firms)
    effect = f"{when(f.window)} {_subject(f)} {moved}"
    effect += "" if _alone(f) else f" on average{_over(f)}"
    effect += (f" {about}" if about else "") + f" ({_interval(f, places)})"
    sample, verdict, power = _sample(f), _verdict(f), _power(f, places)
    rest = ", ".join(part for part in (sample, verdict) if part)
    return clean(f"{effect}; {rest}{power}.")


def _nothing(f: Finding) -> str:
    """Say why there is no estimate."""
    why = f.note.strip().rstrip(".") or f"no {f.measure.noun} could be measured"
    who = f" about {_subject(f)}" if f.n_events else ""
    return clean(f"{when(f.window)} nothing can be said{who}: {why}.")


def _alone(f: Finding) -> bool:
    return f.sample == ONE_EVENT or f.n_events == 1


def _subject(f: Finding) -> str:
    if f.n_firms <= 1:
        return f.ticker or "the firm"
    return f"the {cells.count(f.n_firms)} firms"


def _over(f: Finding) -> str:
    """How many events, where that is not the number of firms."""
    return "" if f.n_events == f.n_firms else f" over {cells.count(f.n_events)} events"


def _interval(f: Finding, places: int) -> str:
    if math.isnan(f.ci_low) or math.isnan(f.ci_high):
        return "no valid 95 % interval"
    low, high = (f.measure.size(end, f.days, places) for end in (f.ci_low, f.ci_high))
    by = f", {name_of_test(f.interval_test)}" if f.interval_test else ""
    return f"95 % interval {low} to {high}{by}"


def _sample(f: Finding) -> str:
    """How many independent events the sample is worth."""
    if _alone(f):
        return ""
    events = f"the {cells.count(f.n_events)} events"
    dates = f"{cells.count(f.n_dates)} {'date' if f.n_dates == 1 else 'dates'}"
    if f.sample == INDEPENDENT:
        return f"{events} on {dates} share no day and count as independent"
    if math.isnan(f.n_eff):
        return f"how many independent events {events} on {dates} count as is not known"
    if f.sample == ONE_DATE:
        return f"with all events on one shared date they count as {_worth(f)}"
    if f.sample == STAGGERED:
        return f"{events}, whose windows overlap across {dates}, count as {_worth(f)}"
    return f"{events} on {dates.replace(' ', ' separate ')} count as {_worth(f)}"


def _worth(f: Finding) -> str:
    """n_eff in words. Negative correlation is no gain of information: never more than N."""
    if f.n_eff >= f.n_events or f.n_eff <= 0:
        return f"{cells.count(f.n_events)} independent ones"
    shown = f"{f.n_eff:.1f}" if f.n_eff < 100 else f"{f.n_eff:,.0f}"
    return "about one independent event" if shown == "1.0" else f"about {shown} independent ones"


def _verdict(f: Finding) -> str:
    """Say the valid test, its p, and whether the interval says the same."""
    if math.isnan(f.pvalue):
        why = f.note.strip().rstrip(".")
        return "no valid test gives a p-value" + (f" ({why})" if why else "")
    p = cells.pvalue(f.pvalue, 2 if f.pvalue >= 0.1 else 3)
    p = p.replace("<", "< ") if p.startswith("<") else f"= {p}"
    said = f"the valid test ({name_of_test(f.lead_test)}) gives p {p}"
    significant = f.pvalue <= 0.05
    known = math.isfinite(f.ci_low) and math.isfinite(f.ci_high)
    zero_inside = f.ci_low <= 0 <= f.ci_high
    if known and significant == zero_inside:
        zero = f.measure.zero
        where = f"contains {zero}" if zero_inside else f"leaves {zero} out"
        return f"{said} although the interval {where}, so the answer is open"
    return said + (", so chance alone is an unlikely explanation" if significant else "")


def _power(f: Finding, places: int) -> str:
    """Say what could have been detected."""
    if not math.isfinite(f.detectable):
        return ""
    significant = f.pvalue <= 0.05
    effects = f.measure.outside(f.detectable, f.days, places, several=significant)
    return f"{'; ' if significant else ', and only '}{effects} could have been told from chance"
