"""What a report is made of: blocks, parts with a heading, and the document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, runtime_checkable

import pandas as pd

from eventstudy.report.tables import Formats


@dataclass(frozen=True, kw_only=True, eq=False)
class Text:
    """One paragraph of plain text; ``tone`` says how it looks.

    Tones: "plain", "answer" (what a part says), "loud" (a warning), "quiet" (a remark).
    """

    text: str
    tone: str = "plain"


@dataclass(frozen=True, kw_only=True, eq=False)
class Terms:
    """Short facts: pairs of a label and its text."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Points:
    """A list of sentences, under a title if it has one."""

    texts: Sequence[str]
    title: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """A table of the library; returns are fractions, ``formats`` as in `text_table`.

    ``folded`` puts it behind its title, ``rows`` bounds what is written out and ``note`` stands
    below it.
    """

    frame: pd.DataFrame
    title: str
    formats: Formats = field(default_factory=dict)
    folded: bool = False
    rows: int = 5_000
    note: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Chart:
    """A picture that Plotly draws in the page: the figure as plain JSON values."""

    #: id in the page: letters, digits, "-"
    name: str
    #: ``{"data": [...], "layout": {...}}`` of float, int, str, bool, None, list, dict; NaN is None
    figure: dict[str, Any]
    #: one sentence that says what the picture shows, numbers included
    alt: str
    #: below the picture: what was sampled, what the marks mean
    note: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Code:
    """Text in a fixed width that keeps its lines: a program, a formula."""

    text: str
    title: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Download:
    """A text file that lies in the page and is saved by a click."""

    #: what the file is called: "events.csv"
    name: str
    text: str
    note: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Fold:
    """Blocks behind a title, closed until it is opened."""

    title: str
    blocks: Sequence[Block]


#: anything that stands in a part
Block: TypeAlias = Text | Terms | Points | Table | Chart | Code | Download | Fold


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """A chapter of the report: a heading and its blocks."""

    title: str
    blocks: Sequence[Block]
    #: anchor in the page: letters, digits, "-"
    name: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Document:
    """A whole report: title, leading sentence, the facts (label, text) and the parts."""

    title: str
    lead: str
    facts: Sequence[tuple[str, str]] = ()
    parts: Sequence[Part] = ()
    #: a warning above everything: "SIMULATED PRICES …"
    warning: str = ""


@runtime_checkable
class Parted(Protocol):
    """An answer that brings its own parts to a report: a curve, a backtest."""

    def parts(self) -> Sequence[Part]:
        """Return the parts in their order."""
        ...
