"""Regressions side by side: a row a term."""

from __future__ import annotations

from functools import partial

import pandas as pd

from eventstudy.report import Explained, cells
from eventstudy.report.beside import BELOW, MEANING, Entry, Layout, SideBySide, share_of


def of_regressions(found: dict[str, Explained], layout: Layout) -> SideBySide:
    """A column a regression; a term that one does not have is empty there."""
    digits = 3 if layout.digits is None else max(layout.digits, 1)
    terms = list(dict.fromkeys(term for one in found.values() for term in one.table.index))
    frame = pd.concat({name: one.table for name, one in found.items()}, names=["study"])
    entries = {
        str(term): tuple(_term(one.table, term, digits) for one in found.values()) for term in terms
    }
    regressions = list(found.values())
    facts = {
        "CAR": tuple(one.window for one in regressions),
        "Weights": tuple(one.weights for one in regressions),
        "Events": tuple(cells.count(one.n) for one in regressions),
        "R²": tuple(cells.number(one.r2) for one in regressions),
    }
    stars = [f"Stars: {MEANING}, by the p-value of each coefficient."] if layout.stars else []
    counts = {one.n for one in regressions}
    apart = ["The columns rest on different numbers of events."] if len(counts) > 1 else []
    errors_of = [
        f"{name}: {one.formula}; standard errors {one.errors}{f'; {one.note}' if one.note else ''}."
        for name, one in found.items()
    ]
    return SideBySide(
        title="Regressions of CARs",
        names=tuple(found),
        entries=entries,
        facts=facts,
        notes=(*stars, f"In parentheses: {BELOW[layout.below]}.", *apart, *errors_of),
        frame=frame,
        below=layout.below,
        stars=layout.stars,
        share=share_of(in_percent=False),
    )


def _term(table: pd.DataFrame, term: object, digits: int) -> Entry | None:
    if term not in table.index:
        return None
    row = table.loc[[term]].iloc[0]
    return Entry(
        estimate=float(row["coef"]),
        se=float(row["se"]),
        low=float(row["ci_low"]),
        high=float(row["ci_high"]),
        statistic=float(row["t"]),
        pvalue=float(row["pvalue"]),
        write=partial(_digits, digits=digits),
    )


def _digits(value: float, digits: int) -> str:
    return f"{value:.{digits}g}"
