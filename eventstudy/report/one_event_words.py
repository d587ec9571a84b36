"""One event in words: neutral, with every number's own error, and without a cause."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from eventstudy.report import cells
from eventstudy.report.lines import clean
from eventstudy.report.names import joined

if TYPE_CHECKING:
    from eventstudy.report.one_event import SingleEvent

LEVEL = 0.05
#: how a bound is written beside the other one
Pair: TypeAlias = Callable[[float, float], str]
#: where the p-value of each test comes from
_BY = {
    "single_t": "the t law",
    "sq": "those days themselves (sample quantiles)",
    "permutation": "permutation of the days",
}


def one_event_sentence(event: SingleEvent) -> str:
    """Say what was found, in neutral words: the size, its error, three tests, no cause."""
    if math.isnan(event.estimate):
        why = event.t.note.rstrip(".") or "no abnormal return could be measured"
        return clean(f"Nothing can be said about {_subject(event)}: {why}.")
    if math.isnan(event.t.pvalue):
        return clean(f"{_effect(event)}; no test gives a p-value ({event.t.note}).")
    said = (_effect(event), _null(event), _verdict(event), _money(event), _cause(event))
    return clean(" ".join(f"{text}." for text in said if text))


def _subject(event: SingleEvent) -> str:
    day = cells.date(event.day0)
    if event.window == "[0,0]":
        return f"the abnormal return of {event.ticker} on {day}"
    return f"the cumulative abnormal return of {event.ticker} over {event.window} around {day}"


def _effect(event: SingleEvent) -> str:
    """Size, standard error, t, p and interval."""
    t = event.t
    about = f"; {event.beyond}" if event.beyond else ""
    subject = _subject(event)
    said = f"{subject[0].upper()}{subject[1:]} was {cells.percent(t.estimate)}"
    if math.isnan(t.pvalue):
        return said
    return (
        f"{said} (standard error {size(t.se)}, t({cells.count(t.df)}) = "
        f"{cells.number(t.statistic)}, p {_p(t.pvalue)}, 95 % interval "
        f"{between(*t.ci, in_percent)}{about})"
    )


def _null(event: SingleEvent) -> str:
    """The probability of such a return without an effect, by each test."""
    side = {"greater": " high", "less": " low"}.get(event.alternative, " far from zero")
    odds = [
        f"{probability(s.pvalue)} by {_BY[s.name]}"
        for s in (event.t, event.sq, event.permutation)
        if not math.isnan(s.pvalue)
    ]
    return (
        f"Under the null hypothesis that the event had no effect and that the window was like "
        f"the {cells.count(event.n_obs)} days of the estimation, a value at least as{side} as "
        f"this has probability {joined(odds)}"
    )


def _verdict(event: SingleEvent) -> str:
    """Significant, not, or open; without significance, what could have been found."""
    values = [s.pvalue for s in (event.t, event.sq, event.permutation)]
    known = [p for p in values if not math.isnan(p)]
    low = sum(p <= LEVEL for p in known)
    if low == len(known):
        return "All of them reject the null hypothesis at the 5 % level"
    sign = {"greater": "+", "less": "-"}.get(event.alternative, "±")
    power = (
        f"only a move beyond {sign}{size(event.smallest)} would have been significant "
        f"(t), and a true effect of {sign.strip('±')}{size(event.found)} would have been found "
        f"in 80 % of cases"
    )
    if low:
        return f"The tests disagree at the 5 % level, so the answer is open; {power}"
    return (
        f"None of them rejects the null hypothesis at the 5 % level; {power}: this does not "
        f"show that there was no effect"
    )


def _money(event: SingleEvent) -> str:
    """Dollars per share and of market capitalisation, with their own errors."""
    said = []
    for amount, what, of in (
        (event.share, "a share", "a price"),
        (event.cap, "of market capitalisation", "a capitalisation"),
    ):
        if not math.isnan(amount.estimate):
            base = cells.dollars(amount.base, signed=False)
            error = cells.dollars(amount.se, signed=False, beside=amount.estimate)
            said.append(
                f"{cells.dollars(amount.estimate)} {what} (standard error {error}, 95 % "
                f"interval {between(*amount.ci, in_dollars)}; from {of} of {base})"
            )
    before = f" before the window, {cells.date(event.before)}," if event.before is not None else ""
    return f"At the close{before} this is {joined(said)}" if said else ""


def _cause(event: SingleEvent) -> str:
    said = "The tests say how unusual the return was, not what caused it"
    n = len(event.confounds)
    if not n:
        return said
    items = "1 other item of news lies" if n == 1 else f"{n} other items of news lie"
    return f"{said}: {items} within {days(event.around)} of the window"


# ── numbers in words ───────────────────────────────────────────────────────────────────
def between(low: float, high: float, write: Pair) -> str:
    """Write an interval; a one-sided one as the bound that it has.

    >>> between(-0.09, 0.01, in_percent), between(-0.09, math.inf, in_percent)
    ('-9.00 to +1.00 %', 'above -9.00 %')
    """
    if math.isnan(low) or math.isnan(high):
        return cells.NOTHING
    if math.isinf(high):
        return f"above {write(low, low)}"
    if math.isinf(low):
        return f"below {write(high, high)}"
    start, end = write(low, high), write(high, low)
    unit = end[end.rfind(" ") :] if " " in end else ""
    return f"{start.removesuffix(unit)} to {end}"


def in_percent(x: float, _: float) -> str:
    return cells.percent(x)


def in_dollars(x: float, other: float) -> str:
    """Write a bound in the unit of the larger one."""
    return cells.dollars(x, beside=other)


def size(x: float) -> str:
    """Write a percentage without its sign."""
    return cells.percent(x).lstrip("+")


def _p(p: float) -> str:
    text = cells.pvalue(p)
    return f"< {text[1:]}" if text.startswith("<") else f"= {text}"


def probability(p: float) -> str:
    """Write a p-value after "has probability": below 0.001, never zero."""
    text = cells.pvalue(p)
    return f"below {text[1:]}" if text.startswith("<") else text


def days(n: int) -> str:
    return f"{n} trading day{'' if n == 1 else 's'}"
