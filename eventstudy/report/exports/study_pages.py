"""A study's summary outside the terminal: what a paper prints of it, its sheets, its page."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from eventstudy.report.citations import cited_test, effective_number
from eventstudy.report.exports.number_formats import PERCENT, PLAIN
from eventstudy.report.exports.workbook import Sheet
from eventstudy.report.names import name_of_test
from eventstudy.report.pages import Page

if TYPE_CHECKING:
    from eventstudy.report.summary import Summary

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;margin:1em 0}"
    "thead th{border-bottom:1px solid #888}caption{text-align:left;font-weight:bold}"
    "th,td{vertical-align:top}th[scope=row]{padding-right:1em;white-space:nowrap}"
    ".eventstudy div div{min-width:56em!important}"  # a narrow screen scrolls the table
)
#: a page without a script cannot be made to run one
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def paper_of(summary: Summary) -> list[Page]:
    """What a paper prints: the windows, the valid tests, and notes with the tests' sources."""
    (page,) = summary._pages()  # noqa: SLF001  (a part of the class in a file of its own)
    parts = [part for part in page.tables if not part[0].startswith(("Not valid", "Dropped"))]
    shown = [(title, _in_words(frame), formats) for title, frame, formats in parts]
    return [replace(page, tables=shown, notes=[*sources(summary), *page.notes])]


def _in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """Call tests what readers call them."""
    if "name" in frame.columns:
        return frame.drop(columns="test").rename(columns={"name": "test"})
    return frame.assign(test=[name_of_test(str(key)) for key in frame["test"].tolist()])


def sources(summary: Summary) -> list[str]:
    """Say which tests the p-values and intervals are of, with their papers, and what n_eff is."""
    table = summary.caar
    leads = [str(key) for key in table["test"].tolist()]
    # the note of a row names the test of its interval where that is another one
    others = [re.search(r"interval: (\w+)", str(note)) for note in table["note"].tolist()]
    pairs = zip(leads, others, strict=True)
    spans = [found[1] if found else lead for lead, found in pairs]
    said = [_named("p-values", leads), _named("95 % intervals", spans), effective_number()]
    return [text for text in said if text]


def _named(what: str, keys: list[str]) -> str:
    names = "; ".join(cited_test(key) for key in dict.fromkeys(keys) if key)
    return f"{what}: {names}." if names else ""


def sheets_of(summary: Summary) -> list[Sheet]:
    """The sheets of a summary: what it says, and its tables with all their columns."""
    share = PLAIN if summary.measure.formats else PERCENT
    rows = [("Study", summary.title), *summary.facts.rows(), ("Finding", summary.sentence)]
    rows += [("Source", text) for text in sources(summary)]
    rows += [("Note", text) for text in summary.notes]
    rows += [("Limit", summary.limit)] if summary.limit else []
    made = [
        Sheet(name="summary", frame=pd.DataFrame(rows), titled=False),
        Sheet(name="caar", frame=summary.caar, share=share),
    ]
    made += [Sheet(name=title, frame=one, share=share) for title, one in summary.others.items()]
    made.append(Sheet(name="tests", frame=summary.tests, share=share))
    return [*made, Sheet(name="dropped", frame=summary.dropped, share="")]


def whole_html(title: str, body: str) -> str:
    """Put a fragment into a page that runs and loads nothing.

    >>> "<title>R&amp;D</title>" in whole_html("R&D", "<p>…</p>")
    True
    """
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head>",
            f"<body>{body}</body></html>",
        ]
    )
