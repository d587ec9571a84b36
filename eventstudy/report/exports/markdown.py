"""Tables for a page on GitHub or in a notebook's text: Markdown with pipes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from eventstudy.one_line import many
from eventstudy.report.layout import Column
from eventstudy.report.lines import clean
from eventstudy.report.tables import ROWS, Formats, columns_of

_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
#: marks anywhere; "_" inside a word and "]" that begins no link are plain text
_MARKS = re.compile(r"[\\|*`~$]|(?<![^\W_])_|_(?![^\W_])|\](?=[(\[])")
#: what makes a paragraph a heading, a list or a rule
_FIRST = re.compile(r"^(?:[#+=-]|\[(?=[^\]]*\]:)|\d+(?=[.)]))")


def markdown_text(text: str) -> str:
    r"""Write any text so that Markdown and its HTML show it as it is.

    >>> print(markdown_text("a|b <b> adj_bmp *x* $y$ [a](b)"))
    a\|b &lt;b&gt; adj_bmp \*x\* \$y\$ [a\](b)
    """
    marked = _MARKS.sub(lambda found: f"\\{found[0]}", clean(text))
    return "".join(_HTML.get(c, c) for c in marked)


def markdown_line(text: str) -> str:
    r"""Write a paragraph, which must not become a heading or a list.

    >>> print(markdown_line("# 1"), markdown_line("-1 is"), markdown_line("12. x"))
    \# 1 \-1 is 12\. x
    """
    said = markdown_text(text)
    found = _FIRST.match(said)
    if not found:
        return said
    return f"\\{said}" if not found[0].isdigit() else f"{found[0]}\\{said[found.end() :]}"


def markdown_table(
    frame: pd.DataFrame,
    *,
    formats: Formats | None = None,
    title: str | None = None,
    rows: int = ROWS,
) -> str:
    """Write a DataFrame as a Markdown table; numbers are right-aligned.

    Parameters
    ----------
    frame, formats, title, rows
        As in `eventstudy.report.text_table`; the title becomes a bold line.

    Examples
    --------
    >>> caar = pd.DataFrame({"estimate": [-0.008]}, index=pd.Index(["[0,0]"], name="window"))
    >>> print(markdown_table(caar))
    | window | estimate |
    | :--- | ---: |
    | [0,0] | -0.80 % |
    """
    more = f"… and {many(len(frame) - rows, 'more row')}" if len(frame) > rows else ""
    return markdown_columns(columns_of(frame.head(rows), formats or {}), title=title, more=more)


def markdown_columns(columns: Sequence[Column], *, title: str | None = None, more: str = "") -> str:
    """Write columns of text as a Markdown table."""
    height = len(columns[0].texts) if columns else 0
    lines = [f"**{markdown_text(title)}**", ""] if title else []
    lines.append(_row([c.head for c in columns] or [""]))
    lines.append(f"| {' | '.join('---:' if c.right else ':---' for c in columns) or ':---'} |")
    lines += [_row([c.texts[i] for c in columns]) for i in range(height)]
    if not height:
        lines += ["", "(no rows)"]
    return "\n".join([*lines, *(["", markdown_line(more)] if more else [])])


def _row(texts: list[str]) -> str:
    return f"| {' | '.join(map(markdown_text, texts))} |"
