"""Days with news against days without, of one firm: the table, Fisher's test, the words."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass

import pandas as pd

from eventstudy.one_line import about, many, short
from eventstudy.report import cells
from eventstudy.report.exports import Printed
from eventstudy.report.lines import WIDTH, clean, wrap
from eventstudy.report.one_event_words import probability
from eventstudy.report.pages import Page
from eventstudy.report.tables import Formats, html_table, text_table


def _share(x: object) -> str:
    """Write a share as a percentage without a sign."""
    return cells.percent(x, 1).lstrip("+")


_FORMATS: Formats = {
    **dict.fromkeys(("days", "significant", "not significant"), cells.count),
    "share": _share,
}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class NewsDays(Printed):
    """Whether a firm's price moves abnormally more often on days with news.

    Attributes
    ----------
    ticker : str
        The firm.
    table : DataFrame
        "news", "no news" → significant, not significant, days, share.
    days : DataFrame
        Every session that could be measured: date → ar, se, statistic, pvalue, significant,
        news.
    pvalue, pvalue_greater : float
        Fisher's exact test: that the shares are equal, against that they differ, and against
        that the share is larger on days with news.
    odds_ratio : float
        Odds of significance on days with news over those on days without; NaN with a note
        where a cell of the table is zero.
    level : float
        The level at which a day counts as significant.
    test : str
        The test of each day.
    model, first, last, source : str
        What the abnormal returns are measured against, the days covered, where the prices come
        from.
    notes : tuple of str
        What could not be used, and what the reader has to know.
    """

    ticker: str
    table: pd.DataFrame
    days: pd.DataFrame
    pvalue: float
    pvalue_greater: float
    odds_ratio: float
    level: float
    test: str
    model: str
    first: str
    last: str
    source: str = ""
    notes: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Say both shares, Fisher's test, and what it does not show."""
        with_news, without = self._row(0), self._row(1)
        if math.isnan(self.pvalue):
            return clean(
                f"Days with and without news of {self.ticker} cannot be compared: {self._why()}."
            )
        at = f"significant at {100 * self.level:g} %"
        said = (
            f"Of {_many(with_news, 'day')} with news of {self.ticker} {_of(with_news)} had an "
            f"abnormal return {at}, of {_many(without, 'day')} without {_of(without)}. If news "
            f"made no difference, shares at least as different would have probability "
            f"{probability(self.pvalue)}, and a share on days with news at least as high "
            f"{probability(self.pvalue_greater)} (Fisher's exact test{self._ratio()})"
        )
        if self.pvalue > 0.05:
            return clean(
                f"{said}. This does not show that the price ignores news: news may have been "
                f"small or expected, and few days tell little."
            )
        return clean(f"{said}. This is an association; it does not show what moved each day.")

    def __str__(self) -> str:
        title = clean(f"Days with news of {self.ticker}, and days without")
        parts = ["\n".join([*wrap(title), "=" * min(len(title), WIDTH), *wrap(self._design())])]
        parts += ["\n".join(wrap(self.sentence())), text_table(self.table, formats=_FORMATS)]
        parts += ["\n".join(wrap(f"Note: {text}.", indent="  ")) for text in self.notes]
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        days = many(len(self.days), "day")
        return about(self, short(self.ticker), days, f"p {probability(self.pvalue)}")

    def _repr_html_(self) -> str:
        table = html_table(self.table, formats=_FORMATS, title=f"{self.ticker}: {self._design()}")
        notes = "".join(f"<p>Note: {html.escape(text)}.</p>" for text in self.notes)
        return (
            f'<div class="eventstudy"><p><strong>{html.escape(self.sentence())}</strong></p>'
            f'<div style="overflow-x:auto">{table}</div>{notes}</div>'
        )

    def _pages(self) -> list[Page]:
        return [
            Page(
                title=f"Days with news of {self.ticker}, and days without",
                lead=self.sentence(),
                facts=[("Design", self._design())],
                tables=[("", self.table, _FORMATS)],
                notes=[f"{note}." for note in self.notes],
            )
        ]

    def _row(self, at: int) -> tuple[int, int, float]:
        """Days, significant ones, and their share, in a row of the table."""
        columns = (self.table[name].tolist()[at] for name in ("days", "significant", "share"))
        days, hits, share = columns
        return int(days), int(hits), float(share)

    def _ratio(self) -> str:
        if math.isnan(self.odds_ratio):
            return ""
        return f"; odds ratio {cells.number(self.odds_ratio)}"

    def _why(self) -> str:
        return self.notes[0] if self.notes else "no day could be measured"

    def _design(self) -> str:
        source = f"; {self.source}" if self.source else ""
        return (
            f"Model {self.model}, each day by {self.test} out of sample, {self.first} to "
            f"{self.last}{source}"
        )


def _many(row: tuple[int, int, float], noun: str) -> str:
    return f"{cells.count(row[0])} {noun}{'' if row[0] == 1 else 's'}"


def _of(row: tuple[int, int, float]) -> str:
    return f"{cells.count(row[1])} ({_share(row[2])})"
