"""Tables of a report: the cells of `eventstudy.report.tables`, classes instead of styles."""

from __future__ import annotations

import html

import pandas as pd

from eventstudy.one_line import many
from eventstudy.report.layout import Column
from eventstudy.report.lines import clean, shorten, width_of
from eventstudy.report.tables import Formats, columns_of

#: letters of one cell: a longer text would make the page heavy and no reader wiser
LONGEST = 300


def lean_table(
    frame: pd.DataFrame, *, title: str, formats: Formats | None = None, rows: int = 5_000
) -> str:
    """Write a DataFrame as HTML that stays light with thousands of rows.

    Numbers stand at the right, which needs no mark; text has ``class="t"``.

    Parameters
    ----------
    frame : DataFrame
        Any table of the library; returns are fractions.
    title : str
        The caption.
    formats : mapping of column name to function, optional
        As in `text_table`.
    rows : int
        Rows that are written out; the last line says how many more there are.

    Examples
    --------
    >>> table = lean_table(pd.DataFrame({"ticker": ["<b>"], "car": [0.5]}), title="CAR")
    >>> '<td class="t">&lt;b&gt;</td><td>0.500</td>' in table
    True
    """
    columns = columns_of(frame.head(rows), formats or {})
    heads = "".join(f'<th scope="col"{_mark(c)}>{html.escape(c.head)}</th>' for c in columns)
    cells = [_cells(c) for c in columns]
    body = "\n".join(f"<tr>{''.join(row)}</tr>" for row in zip(*cells, strict=True))
    if len(frame) > rows or not len(frame):
        more = f"… and {many(len(frame) - rows, 'more row')}" if len(frame) else "(no rows)"
        body += f'\n<tr><td class="t" colspan="{max(len(columns), 1)}">{more}</td></tr>'
    return (
        f"<table><caption>{html.escape(clean(title))}</caption>"
        f"<thead><tr>{heads}</tr></thead>\n<tbody>{body}</tbody></table>"
    )


def _cells(column: Column) -> list[str]:
    tag, scope = ("th", ' scope="row"') if column.index else ("td", "")
    head, tail = f"<{tag}{scope}{_mark(column)}>", f"</{tag}>"
    known: dict[str, str] = {}  # tickers, dates and reasons come again and again
    for text in column.texts:
        if text not in known:
            short = shorten(text, LONGEST) if width_of(text) > LONGEST else text
            known[text] = f"{head}{html.escape(short)}{tail}"
    return [known[text] for text in column.texts]


def _mark(column: Column) -> str:
    return "" if column.right else ' class="t"'
