r"""Tables for a paper: LaTeX with ``booktabs`` and nothing else.

Numbers are written as the terminal writes them, so all of a column have the same decimals and
``r`` aligns them. The notes stand below the rules in a ``minipage``: that breaks lines, which
``\multicolumn`` does not, and needs no ``threeparttable``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from eventstudy.one_line import many
from eventstudy.report.exports.escaping import latex_number, latex_prose, latex_text
from eventstudy.report.layout import Column, numbered
from eventstudy.report.tables import ROWS, Formats, columns_of

#: labels of windows and of days have a minus, too
_WINDOW, _DAY = re.compile(r"\[[-+]?\d+,[-+]?\d+\]"), re.compile(r"[-+]\d+")
#: what the preamble of the paper needs
PREAMBLE = r"% needs \usepackage{booktabs}"


def latex_table(
    frame: pd.DataFrame,
    *,
    formats: Formats | None = None,
    caption: str = "",
    label: str = "",
    notes: Sequence[str] = (),
    rows: int = ROWS,
) -> str:
    r"""Write a DataFrame as a LaTeX table: ``booktabs``, everything escaped.

    Parameters
    ----------
    frame, formats, rows
        As in `eventstudy.report.text_table`.
    caption, label : str
        Title of the table, and the name by which ``\ref`` finds it.
    notes : sequence of str
        Paragraphs below the table; a long ``note`` column goes there, too.

    Examples
    --------
    >>> caar = pd.DataFrame({"estimate": [-0.008]}, index=pd.Index(["[0,0]"], name="window"))
    >>> print(latex_table(caar, caption="R&D").partition("tabular")[0])
    % needs \usepackage{booktabs}
    \begin{table}[htbp]
      \centering
      \caption{R\&D}
      \begin{
    """
    columns, below = numbered(columns_of(frame.head(rows), formats or {}), 0)
    more = f"… and {many(len(frame) - rows, 'more row')}" if len(frame) > rows else ""
    return latex_columns(columns, caption=caption, label=label, notes=[*below, *notes], more=more)


def latex_columns(
    columns: Sequence[Column],
    *,
    caption: str = "",
    label: str = "",
    notes: Sequence[str] = (),
    more: str = "",
    rules: Sequence[int] = (),
) -> str:
    """Write columns of text as a LaTeX table; ``rules`` are the rows above which a line is."""
    body = [_row([_cell(c, c.texts[i]) for c in columns]) for i in range(_height(columns))]
    for at in sorted(rules, reverse=True):
        body.insert(at, r"\midrule")
    if more:
        body.append(rf"\multicolumn{{{max(len(columns), 1)}}}{{l}}{{{latex_text(more)}}} \\")
    tabular = [
        rf"\begin{{tabular}}{{{''.join('r' if c.right else 'l' for c in columns) or 'l'}}}",
        r"  \toprule",
        f"  {_row([latex_prose(c.head) for c in columns])}",
        r"  \midrule",
        *(f"  {line}" for line in body),
        r"  \bottomrule",
        r"\end{tabular}",
    ]
    inner = [r"\centering"]
    inner += [rf"\caption{{{latex_prose(caption)}}}"] if caption else []
    inner += [rf"\label{{{as_label(label)}}}"] if label else []
    inner += [*tabular, *_notes(notes)]
    lines = [r"\begin{table}[htbp]", *(f"  {line}" for line in inner), r"\end{table}"]
    return "\n".join([PREAMBLE, *lines])


def as_label(text: str) -> str:
    r"""Keep of a label what ``\ref`` can name: letters, digits, ":", "-".

    >>> as_label("tab:AAR & CAAR_1")
    'tab:AAR-CAAR-1'
    """
    return re.sub(r"[^A-Za-z0-9:]+", "-", text).strip("-")


def _notes(notes: Sequence[str]) -> list[str]:
    said = [latex_prose(note) for note in notes if note]
    if not said:
        return []
    said[0] = rf"\emph{{Notes:}} {said[0]}"
    return [
        r"\par\smallskip",
        r"\begin{minipage}{\linewidth}\footnotesize",
        *(rf"  {note}\par" for note in said),
        r"\end{minipage}",
    ]


def _height(columns: Sequence[Column]) -> int:
    return len(columns[0].texts) if columns else 0


def _row(cells: list[str]) -> str:
    return rf"{' & '.join(cells)} \\"


def _cell(column: Column, text: str) -> str:
    if column.right or _DAY.fullmatch(text):
        return latex_number(text)
    return latex_text(_WINDOW.sub(lambda label: label[0].replace("-", "−"), text))
