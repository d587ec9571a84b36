"""A regression of CARs as people read it: the table, its standard errors in words, its notes."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from math import isnan

import pandas as pd

from eventstudy.one_line import about, many, shorten
from eventstudy.report import cells
from eventstudy.report.exports import Printed
from eventstudy.report.lines import wrap
from eventstudy.report.pages import Page
from eventstudy.report.tables import Formats, html_table, text_table


def _digits(value: object) -> str:
    """Three digits, wherever they begin: coefficients may be of any size.

    >>> _digits(0.012345), _digits(float("nan"))
    ('0.0123', '–')
    """
    return f"{value:.3g}" if isinstance(value, float) and not isnan(value) else cells.plain(value)


#: how the columns are written
_FORMATS: Formats = {
    **dict.fromkeys(("coef", "se", "ci_low", "ci_high"), _digits),
    "t": partial(cells.number, places=2),
}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Explained(Printed):
    """What explains the CARs of a window.

    Attributes
    ----------
    table : DataFrame
        term → coef, se, t, pvalue, ci_low, ci_high (95 %).
    formula, window : str
        What was asked.
    n : int
        Events in the regression.
    r2 : float
        Share of the variance that the terms explain.
    law : {"t", "wild bootstrap"}
        Where the p-values and intervals come from.
    df : float
        Degrees of freedom of the t law.
    errors, weights : str
        The standard errors and the weights in words.
    clusters : mapping of str to int
        Number of clusters of each kind.
    note : str
        Who was left out, and what the reader has to know.
    """

    table: pd.DataFrame
    formula: str
    window: str
    n: int
    r2: float
    law: str
    df: float
    errors: str
    weights: str = "none"
    clusters: Mapping[str, int] = field(default_factory=dict)
    note: str = ""

    def __str__(self) -> str:
        return "\n".join(
            [
                *wrap(self._title()),
                "",
                text_table(self.table, formats=_FORMATS),
                "",
                *(line for text in self._remarks() for line in wrap(text, indent="  ")),
            ]
        )

    def __repr__(self) -> str:
        asked = f"CAR {self.window} ~ {shorten(self.formula, 40)}"
        return about(self, asked, many(self.n, "event"), f"R² {cells.number(self.r2)}")

    def _repr_html_(self) -> str:
        table = html_table(self.table, formats=_FORMATS, title=self._title())
        said = "".join(f"<p>{html.escape(text)}</p>" for text in self._remarks())
        return f'<div class="eventstudy"><div style="overflow-x:auto">{table}</div>{said}</div>'

    def _pages(self) -> list[Page]:
        said, part = " ".join(self._remarks()), ("", self.table, _FORMATS)
        return [Page(title=self._title(), lead=said, tables=[part])]

    def _title(self) -> str:
        return f"CAR {self.window} explained by {self.formula}"

    def _remarks(self) -> list[str]:
        events = f"{cells.count(self.n)} event{'s' if self.n != 1 else ''}"
        weights = "" if self.weights == "none" else f", weights: {self.weights}"
        law = f"; t({cells.count(self.df)})" if self.law == "t" and not isnan(self.df) else ""
        said = [
            f"{events}, R² = {cells.number(self.r2)}{weights}.",
            f"Standard errors: {self.errors}{law}.",
        ]
        return [*said, f"Note: {self.note}."] if self.note else said
