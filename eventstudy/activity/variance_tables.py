"""The tables of abnormal volatility: a row a window, a row a test."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from eventstudy.activity.variance_sample import Measured
from eventstudy.activity.variance_tests import TESTS, asked, leading, why_not

#: the first column of the table of windows
NAMES = {"squared": "avol", "garch": "lambda"}
#: the others, and those of the table of tests
MEASURED = (
    *("usual", "low", "high", "ratio", "cav", "test"),
    *("statistic", "law", "df", "pvalue", "n", "n_dates", "note"),
)
TESTED = (
    *("window", "test", "estimate", "se", "statistic"),
    *("law", "df", "pvalue", "n", "valid", "note"),
)


def windows_table(found: Iterable[Measured], name: str, events: int) -> pd.DataFrame:
    """One row a window: the measure, called ``name``, usual days, and the leading valid test."""
    return pd.DataFrame([_row(m, events) for m in found], columns=[name, *MEASURED])


def _row(m: Measured, events: int) -> tuple[object, ...]:
    """One window of so many events: without the numbers of a test that is not valid."""
    lead, why = leading(m), why_not(m)
    found = asked(m, lead)
    proof = (found.statistic, found.law, found.df, found.pvalue)
    if lead in why:
        proof = (float("nan"), found.law, float("nan"), float("nan"))
    gone = events - m.n
    lost = f"{gone} event{'s' if gone > 1 else ''} without a return" if gone else ""
    note = "; ".join(filter(None, (why.get(lead, found.note), lost)))
    level = (m.estimate, *m.level, m.ratio, m.cumulated)
    return (*level, lead, *proof, m.n, m.sample.n_dates, note)


def tests_table(found: Iterable[Measured], alternative: str) -> pd.DataFrame:
    """One row a window and test, valid ones first."""
    rows: list[tuple[object, ...]] = []
    for m in found:
        why = why_not(m)
        for name in sorted(TESTS, key=why.__contains__):
            answer = asked(m, name, alternative)
            numbers = (answer.estimate, answer.se, answer.statistic, answer.law, answer.df)
            verdict = (answer.pvalue, answer.n, name not in why, why.get(name, answer.note))
            rows.append((m.window.label, name, *numbers, *verdict))
    return pd.DataFrame(rows, columns=list(TESTED))
