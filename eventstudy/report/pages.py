"""A page: facts, the leading sentence, tables and notes, as text of 80 columns and as HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from eventstudy.report.lines import WIDTH, width_of, wrap
from eventstudy.report.tables import Formats, html_table, text_table

#: prose breaks inside a long name rather than widen the page
_WRAP = "overflow-wrap:anywhere"
#: columns of a label and its gap
_LABEL = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class Page:
    """What a reader sees first, in its order; ``tables`` are (title, table, formats).

    Examples
    --------
    >>> page = Page(title="Title", facts=[("Events", "12 events")], lead="It moved.")
    >>> print(page.text())
    Title
    =====
    Events    12 events
    <BLANKLINE>
    It moved.
    """

    title: str
    lead: str
    facts: Sequence[tuple[str, str]] = ()
    tables: Sequence[tuple[str, pd.DataFrame, Formats]] = ()
    notes: Sequence[str] = field(default=())

    def text(self) -> str:
        """Write the page for a terminal."""
        heads = wrap(self.title)
        rule = "=" * max(map(width_of, heads))
        head = [line for label, said in self.facts for line in _labelled(label, said)]
        parts = ["\n".join([*heads, rule, *head]), "\n".join(wrap(self.lead))]
        parts += [text_table(frame, title=t, formats=formats) for t, frame, formats in self.tables]
        return "\n\n".join(
            [*parts, *("\n".join(wrap(f"Note: {n}", WIDTH, "  ")) for n in self.notes)]
        )

    def html(self) -> str:
        """Write the page for a notebook; a wide table scrolls in its own box, never the page."""
        esc = html.escape
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left">{esc(label)}</th>'
            f'<td style="text-align:left;{_WRAP}">{esc(said)}</td></tr>'
            for label, said in self.facts
        )
        parts = [f"<table><caption>{esc(self.title)}</caption><tbody>{rows}</tbody></table>"]
        parts.append(f'<p style="{_WRAP}"><strong>{esc(self.lead)}</strong></p>')
        for title, frame, formats in self.tables:
            style = "overflow-x:auto" + (";opacity:.7" if title.startswith("Not valid") else "")
            table = html_table(frame, title=title, formats=formats)
            parts.append(f'<div style="{style}"><div style="min-width:36em">{table}</div></div>')
        notes = "".join(f"<p>Note: {esc(note)}</p>" for note in self.notes)
        return f'<div class="eventstudy">{"".join(parts)}<div style="{_WRAP}">{notes}</div></div>'


def _labelled(label: str, text: str) -> list[str]:
    first, *rest = wrap(text, WIDTH - _LABEL)
    return [f"{label:<{_LABEL}}{first}", *[" " * _LABEL + line for line in rest]]
