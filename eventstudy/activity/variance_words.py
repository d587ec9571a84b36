"""The words of abnormal volatility: the sentence, the notes, the page."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from eventstudy.activity.variance_sample import Measured
from eventstudy.activity.variance_tests import asked, leading, why_not
from eventstudy.arrays import Statistic
from eventstudy.panel.provenance import told
from eventstudy.report import Page
from eventstudy.report.cells import count, number, pvalue
from eventstudy.report.names import when
from eventstudy.report.summary import reasons_table
from eventstudy.report.tables import Formats
from eventstudy.result.findings import model_name
from eventstudy.windows import Window

if TYPE_CHECKING:
    from eventstudy.activity.variance_outcome import Volatility

LEVEL = 0.05
#: what the tests are called
TESTS = {
    "placebo": "placebo windows",
    "dates_t": "t across dates",
    "normal_law": "normal law",
}
_ROUNDED = ("avol", "lambda", "usual", "low", "high", "ratio", "cav", "estimate", "se", "statistic")
FORMATS: Formats = {
    **dict.fromkeys(_ROUNDED, partial(number, places=2)),
    "df": count,
    "test": lambda name: TESTS.get(str(name), str(name)),
}
#: columns of the pages' tables that repeat what is said beside them
_SAID = ["low", "high", "n_dates", "law", "df"]


def sentence(found: Volatility, window: Window) -> str:
    """How many times the usual, and whether that can be chance."""
    m = found.measured(window)
    if not math.isfinite(m.raw):
        return f"{when(window)} nothing could be measured: {why_not(m)['normal_law']}."
    each = "" if len(window) == 1 else " a day"
    said = f"{when(window)} {_subject(found, m)} was {_times(m)}{each}"
    name, why = leading(m), why_not(m)
    if name in why:
        return f"{said}. No test is valid here: {why[name]}."
    answer = asked(m, name)
    p = answer.pvalue
    how = pvalue(p, 2 if p >= 0.1 else 3)
    shown = f"p < {how[1:]}" if how.startswith("<") else f"p = {how}"
    multiple = math.exp(answer.estimate) if name == "dates_t" else m.multiple
    verdict = "more" if multiple > 1 else "less"
    tail = f"that is {verdict} than chance" if p <= LEVEL else "that can be chance"
    return f"{said} ({_beside(m, answer)}{shown}, {TESTS[name]}): {tail}."


def _beside(m: Measured, answer: Statistic) -> str:
    """What the test has of its own: the band of usual days, or the mean ln U."""
    if answer.name == "placebo":
        usual, *band = m.level
        low, high = (math.exp(x) if m.gauge.log else x / usual for x in band)
        return f"95 % of usual days lie between {_few(low)} and {_few(high)} times; "
    if answer.name == "dates_t":
        typical = _few(math.exp(answer.estimate))
        return f"the typical squared return {typical} times, exp of mean ln U; "
    return ""


def _subject(found: Volatility, m: Measured) -> str:
    """Whose variance, and what it is."""
    names = found.events["ticker"].iloc[m.sample.index].unique()
    who = str(names[0]) if len(names) == 1 else f"the {count(len(names))} firms"
    over = f" over {count(m.n)} events" if m.n > len(names) else ""
    if found.measure == "garch":
        return f"the spread of {who}{over} about their common move"
    kind = "typical variance" if found.log else "variance"
    return f"the {kind} of the abnormal returns of {who}{over}"


def _times(m: Measured) -> str:
    """So many times the usual."""
    against = "the usual" if math.isfinite(m.ratio) else "what their models forecast"
    return f"{_few(m.multiple)} times {against}"


def _few(x: float) -> str:
    """A multiple: one decimal from 1.5 on, else two."""
    return number(x, 1) if x >= 1.5 else f"{x:.2f}"


def notes(found: Volatility) -> tuple[str, ...]:
    """What the reader of any number has to know."""
    said = [_WHAT[found.measure, found.log], _USUAL]
    if found.gauge.recursion is None:
        said.append(
            "Volatility comes in spells: an event in a rough month looks volatile without news. "
            "measure='garch' asks against the variance that was to be expected."
        )
    if still := int((found.abnormal.sar == 0).sum()):
        many = "1 event day has" if still == 1 else f"{count(still)} event days have"
        said.append(
            f"{many} an abnormal return of exactly zero, which has no logarithm and is left out "
            f"of ln U."
        )
    return (*said, *found.result.notes[1:])


_USUAL = (
    "Usual is the same measure on the estimation days, all events of a date together. The laws "
    "of normal returns reject too often where returns have fat tails, which is why they don't lead."
)
_U = "U = AR²/(σ̂²C), the squared abnormal return over its forecast variance"
_WHAT = {
    ("squared", False): f"{_U}; AVOL is its mean over the events (Beaver; Landsman and Maydew).",
    ("squared", True): f"{_U}; AVOL is here the mean of ln U less that of the estimation days.",
    ("garch", False): (
        "λ is the spread of the events about their common move over the variances that their "
        "models forecast; CAV = Σ(λ − 1). Without an effect λ of N independent events is "
        "N/(N − 1) on average, and correlation of the firms makes it smaller: ratio is against "
        "usual days (Balaban and Constantinou; Białkowski, Gottschalk and Wisniewski)."
    ),
}


def page(found: Volatility, windows: list[Window]) -> Page:
    """The summary as a page."""
    result, lead = found.result, windows[0]
    m = found.measured(lead)
    tests = found.tests(lead).drop(columns=["window", "n", "law", "df", "se"])
    valid = tests["valid"].to_numpy(dtype=bool)
    tables: list[tuple[str, pd.DataFrame, Formats]] = [
        ("By window", found.cav(*windows).drop(columns=_SAID), FORMATS),
        ("By event day", found.daily.drop(columns=["n_dates", "law", "df", "note"]), FORMATS),
    ]
    for title, mask in (("Valid here", valid), ("Not valid here", ~valid)):
        if mask.any():
            frame = tests[mask].drop(columns="valid").set_index("test")
            frame.index = frame.index.map(TESTS)
            tables.append((f"{title}, window {lead.label}", frame, FORMATS))
    if len(found.dropped):
        tables.append(("Dropped events", reasons_table(found.dropped), {}))
    limit = [m.verdict.limit] if m.verdict.limit else []
    spans = f"estimation {result.study.windows.label}, event {result.abnormal.window.label}"
    return Page(
        title="Volatility",
        lead=found.sentence(lead),
        facts=[
            ("Model", model_name(result.study.model, result.panel)),
            ("Windows", spans),
            ("Events", f"{count(len(found))} kept, {count(len(found.dropped))} dropped"),
            ("Dates", f"{count(m.sample.n_dates)}, {m.verdict.kind}"),
            ("Measure", "λ" if found.measure == "garch" else "ln U" if found.log else "U"),
            ("Prices", told(result.panel)),
        ],
        tables=tables,
        notes=[*limit, *found.notes],
    )
