"""What a long run says to its reader: the sentence, the page, and what volatility does."""

from __future__ import annotations

from functools import partial
from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy.inference.validity import ENOUGH
from eventstudy.longrun.tables import DELISTED, MISSING, REPLACED, TRUNCATED
from eventstudy.report import Page, name_of_test
from eventstudy.report.cells import count, number, percent, pvalue

if TYPE_CHECKING:
    from eventstudy.longrun.outcome import LongRun

#: log return that volatility takes off, beyond which a reader is told
MATTERS = 0.01


def sentence(run: LongRun) -> str:
    """Say what was earned, and how sure one can be that it was no luck."""
    m = run.measured
    firms = _many(len(run.events), "holding")
    usual = " on average" if len(run.events) > 1 else ""
    said = (
        f"Over {run.window} {firms} earned {_percent(m.bhr.mean())}{usual} and the benchmark "
        f"{_percent(m.benchmark.mean())}: a mean BHAR of {_percent(run.abhar)}, a median of "
        f"{_percent(run.median)} and a wealth relative of {number(run.wealth_relative, 3)}"
    )
    return f"{said}. {_verdict(run)}"


def _verdict(run: LongRun) -> str:
    """Which test is valid here, and what it says."""
    n = len(run.events)
    if n == 1:
        return "One event has no average: nothing here can be tested."
    if run.independent:
        return f"No two holdings share a day, so they count as independent: {_test(run, 'skew_t')}."
    calendar = "es.CalendarTime asks the same question in calendar time"
    if run.clusters == 1:
        every = "Both" if n == 2 else f"All {count(n)}"
        return (
            f"{every} holdings hang together by shared days: they form one cluster, how many "
            f"independent events they are worth cannot be known, and no test of their BHARs is "
            f"valid; {calendar}."
        )
    few = "" if run.clusters >= ENOUGH else ", which with so few clusters is no verdict"
    return (
        f"Holdings share days: the {count(n)} events are {count(run.clusters)} clusters that do "
        f"not overlap, and only a test across these is valid: {_test(run, 'dates_csect')}{few}; "
        f"{calendar}."
    )


def _test(run: LongRun, name: str) -> str:
    found = run.test(name)
    said = name_of_test(name)
    if isnan(found.pvalue):
        return f"{said} gives no p-value ({found.note})"
    p = pvalue(found.pvalue, 2 if found.pvalue >= 0.1 else 3)
    return f"{said} gives p {p.replace('<', '< ') if p[0] == '<' else f'= {p}'}"


def page(run: LongRun) -> Page:
    """The summary."""
    formats = {name: partial(percent, places=1) for name in ("firms", "benchmark", "BHAR")}
    tests = run.tests().drop(columns=["window", "df"])
    groups = (("Valid tests", True), ("Not valid here", False))
    parts = [(title, tests[tests["valid"] == valid]) for title, valid in groups]
    return Page(
        title="Buy-and-hold abnormal returns",
        facts=_facts(run),
        lead=sentence(run),
        tables=[
            ("Returns of the whole holding", _returns(run), formats),
            *((title, part.drop(columns="valid"), {}) for title, part in parts if len(part)),
        ],
        notes=notes(run),
    )


def _facts(run: LongRun) -> list[tuple[str, str]]:
    first, last = run.table["enter"].min(), run.table["leave"].max()
    lost = f"; {count(len(run.dropped))} dropped" if len(run.dropped) else ""
    why = run.dropped["reason"].value_counts()
    lost += f" ({', '.join(f'{n} × {reason}' for reason, n in why.items())})" if lost else ""
    firms = _many(run.events["ticker"].nunique(), "firm")
    facts = [
        ("Events", f"{_many(len(run.events), 'event')} of {firms}{lost}"),
        ("Held", f"{run.window}, {first:%Y-%m-%d} to {last:%Y-%m-%d}"),
        ("Against", run.rule.label(run.panel)),
    ]
    return [*facts, ("Prices", run.panel.source)] if run.panel.source else facts


def _returns(run: LongRun) -> pd.DataFrame:
    """Mean, median and extremes of firms, benchmarks and BHARs."""
    columns = {"firms": run.measured.bhr, "benchmark": run.measured.benchmark}
    frame = pd.DataFrame({**columns, "BHAR": run.measured.bhar})
    rows = {
        "mean": frame.mean(),
        "median": frame.median(),
        "lowest": frame.min(),
        "highest": frame.max(),
        "above zero": (frame > 0).mean(),
    }
    return pd.DataFrame(rows).T


def notes(run: LongRun) -> list[str]:
    """What became of the holdings, and what volatility does to the median."""
    found = run.ledger.groupby("what")["days"].agg(["size", "sum"])
    said = [_kind(run, str(what), int(n), int(days)) for what, (n, days) in found.iterrows()]
    if again := run.repeated:
        said.append(
            f"{_many(again, 'holding')} began while the firm was held for an earlier event: the "
            f"same returns count more than once."
        )
    if drag := _drag(run):
        said.append(drag)
    if len(run.events) < 30 and run.independent and len(run.events) > 1:
        said.append(
            "BHARs are skewed to the right; with few events the tests reject low means too often."
        )
    return [*said, *run.remarks]


def _kind(run: LongRun, what: str, n: int, days: int) -> str:
    """One sentence about all rows of the ledger of one kind."""
    after = "the benchmark's return counts from then on"
    after = after if run.rule.delisting == "benchmark" else "the holding ends there"
    loss = run.rule.delisting_return
    return {
        TRUNCATED: f"{_many(n, 'holding')} ended before day {run.window.last:+d}, with the data "
        f"or the prices: on average after {number(days / n, 0)} days.",
        DELISTED: f"In {_many(n, 'holding')} the firm had its last price; {after}"
        + (f", after a delisting return of {percent(loss, 0)}." if loss else "."),
        MISSING: f"{_many(days, 'day')} of {_many(n, 'holding')} without a return: 0 is counted.",
        REPLACED: f"Control firms were replaced {_many(n, 'time')}, when their prices ended.",
    }[what]


def _drag(run: LongRun) -> str:
    """Say what volatility alone does, if it does much."""
    drag, m = run.drag, run.measured
    if isnan(drag) or abs(drag) < MATTERS:
        return ""
    sd = [percent(np.sqrt(np.nanmean(v)), 1).lstrip("+") for v in (m.variance, m.reference)]
    return (
        f"Firms vary {'more' if drag < 0 else 'less'} than their benchmarks (daily σ {sd[0]} "
        f"against {sd[1]}). That alone moves the log of their relative wealth by {number(drag)}: "
        f"a typical firm ends {percent(np.expm1(drag), 0)} against its benchmark without any "
        f"effect. The mean BHAR is free of it, the median BHAR ({_percent(run.median)}) and the "
        f"sign test are not."
    )


def _percent(value: float) -> str:
    return percent(float(value), 1)


def _many(n: int, noun: str) -> str:
    return f"{count(n)} {noun}{'' if n == 1 else 's'}"
