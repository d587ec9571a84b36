"""Tables for the terminal and for notebooks, from any DataFrame of the library."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

import pandas as pd

from eventstudy.errors import WindowError
from eventstudy.one_line import many
from eventstudy.report import cells
from eventstudy.report.layout import Column, numbered, panel_lines, panels_of
from eventstudy.report.lines import WIDTH, clean, wrap
from eventstudy.report.names import is_return, is_return_itself
from eventstudy.windows import as_window

Formats: TypeAlias = Mapping[Any, Callable[[Any], str]]

#: how the columns of the library's tables are written (docs/design: section 3)
FORMATS: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(("estimate", "ci_low", "ci_high", "se"), cells.percent),
    **dict.fromkeys(("aar", "caar", "caar_se", "low", "high", "CAAR"), cells.percent),
    "alpha": partial(cells.percent, places=3),
    "sigma": partial(cells.percent, places=3, signed=False),
    **dict.fromkeys(("pvalue", "p"), cells.pvalue),
    **dict.fromkeys(("statistic", "rbar", "r2"), cells.number),
    "n_eff": partial(cells.number, places=1),
    **dict.fromkeys(("n", "n_obs", "n_dates", "dof", "df", "events"), cells.count),
    **dict.fromkeys(
        (
            "date",
            "day0",
        ),
        cells.date,
    ),
    "day": cells.day,
}

#: rows of a table that are written out; the rest is counted in the last line
ROWS = 60

_RIGHT = {"95 % interval"}
#: columns of a ``tests`` table whose unit depends on the test, and the decimals otherwise
_OWN_UNITS = {"estimate": 3, "se": 3, "statistic": 2}


def text_table(
    frame: pd.DataFrame,
    *,
    width: int = WIDTH,
    formats: Formats | None = None,
    title: str | None = None,
    rows: int = ROWS,
) -> str:
    """Write a DataFrame as text that is never wider than ``width`` columns.

    Text wraps under its column, a long ``note`` column goes to numbered notes below the
    table, and what still does not fit continues in a second panel with the same index.

    Parameters
    ----------
    frame : DataFrame
        Any table of the library; returns are fractions.
    width : int, default 80
        Columns of the terminal, at least 20.
    formats : mapping of column name to function, optional
        How to write a column. The library's own columns have their format; columns named by
        an event day or a window are returns.
    title : str, optional
        A line above the table.
    rows : int, default 60
        Rows that are written out; the last line says how many more there are.

    Examples
    --------
    >>> caar = pd.DataFrame({"estimate": [-0.008], "pvalue": [0.00004], "n": [12]},
    ...                     index=pd.Index(["[0,0]"], name="window"))
    >>> print(text_table(caar))
    window  estimate  pvalue   n
    ----------------------------
    [0,0]    -0.80 %  <0.001  12
    """
    width = max(width, 20)
    columns = columns_of(frame.head(rows), formats or {})
    columns, notes = numbered(columns, width)
    blocks = [panel_lines(panel) for panel in panels_of([c.natural() for c in columns], width)]
    parts = [*wrap(title, width)] if title else []
    parts += ["\n\n".join("\n".join(block) for block in blocks)]
    parts += [line for text in notes for line in wrap(text, width, "    ")]
    if len(frame) == 0:
        parts.append("(no rows)")
    if len(frame) > rows:
        parts.append(f"… and {many(len(frame) - rows, 'more row')}")
    return "\n".join(parts)


def html_table(
    frame: pd.DataFrame,
    *,
    formats: Formats | None = None,
    title: str | None = None,
    rows: int = ROWS,
) -> str:
    """Write a DataFrame as an HTML table: cells escaped, headers with their scope.

    Parameters
    ----------
    frame, formats, title, rows
        As in `text_table`; the title becomes the caption.

    Examples
    --------
    >>> html_table(pd.DataFrame({"note": ["r < 0"]})).count("r &lt; 0")
    1
    """
    more = f"… and {many(len(frame) - rows, 'more row')}" if len(frame) > rows else ""
    return html_columns(columns_of(frame.head(rows), formats or {}), title=title, more=more)


def html_columns(columns: Sequence[Column], *, title: str | None = None, more: str = "") -> str:
    """Write columns of text as an HTML table."""
    heads = "".join(_html_cell("th", c.head, c.right, "col") for c in columns)
    body = [
        "<tr>"
        + "".join(
            _html_cell("th", c.texts[i], c.right, "row")
            if c.index
            else _html_cell("td", c.texts[i], c.right)
            for c in columns
        )
        + "</tr>"
        for i in range(len(columns[0].texts) if columns else 0)
    ]
    if more:
        body.append(f'<tr><td colspan="{len(columns)}">{more}</td></tr>')
    style = "text-align:left;font-weight:bold;padding:.6em .5em .2em"
    caption = f'<caption style="{style}">{html.escape(clean(title))}</caption>' if title else ""
    return (
        f'<table class="eventstudy">{caption}<thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table>"
    )


def _html_cell(tag: str, text: str, right: bool, scope: str = "") -> str:
    # a number never breaks over two lines
    style = "text-align:right;white-space:nowrap" if right else "text-align:left"
    scoped = f' scope="{scope}"' if scope else ""
    return f'<{tag}{scoped} style="{style};padding:.1em .5em">{html.escape(text)}</{tag}>'


# ── from values to text ──────────────────────────────────────────────────────────────────
def columns_of(frame: pd.DataFrame, formats: Formats) -> list[Column]:
    """Write the index (unless it only counts rows) and the columns as text."""
    columns = []
    keys: set[object] = {"window", "test"}
    if not (isinstance(frame.index, pd.RangeIndex) and frame.index.name is None):
        for level in range(frame.index.nlevels):
            labels = frame.index.get_level_values(level)
            name = "" if labels.name is None else labels.name
            columns.append(_column(name, labels.to_series(), formats, index=True))
        keys = set()
    for at, name in enumerate(frame.columns):
        values = frame.iloc[:, at]
        if name in _OWN_UNITS and "law" in frame.columns and "test" in frame.columns:
            columns.append(_own_units(str(name), values, frame["test"], formats))
        elif name != "note" or (values.notna().any() and (values.astype(str) != "").any()):
            columns.append(_column(name, values, formats, index=name in keys))
    return columns


def _column(
    name: object, values: pd.Series[Any], formats: Formats, *, index: bool = False
) -> Column:
    write = formats.get(name) or format_for(name)
    texts = tuple(clean(write(value)) for value in values.tolist())
    right = name in _RIGHT or (_is_numeric(values) and (not index or name == "day"))
    head = cells.day(name) if _is_day(name) else clean(str(name))
    return Column(head, texts, right, index)


def _own_units(
    name: str, values: pd.Series[Any], tests: pd.Series[Any], formats: Formats
) -> Column:
    """Estimates of several tests: percent where the test is about returns, else plain."""
    own = formats.get(name)
    places = _OWN_UNITS[name]
    in_returns = is_return_itself if name == "statistic" else is_return
    writers = [
        own or (cells.percent if in_returns(str(test)) else partial(cells.number, places=places))
        for test in tests.tolist()
    ]
    pairs = zip(writers, values.tolist(), strict=True)
    return Column(name, tuple(clean(write(value)) for write, value in pairs), right=True)


def format_for(name: object) -> Callable[[Any], str]:
    """How the library writes a column of this name."""
    if isinstance(name, str) and name in FORMATS:
        return FORMATS[name]
    return cells.percent if _is_day(name) or _is_window(name) else _general


def _general(value: object) -> str:
    """Numbers of columns that the library does not know: three decimals."""
    return cells.number(value, 3) if isinstance(value, float) else cells.plain(value)


def _is_numeric(values: pd.Series[Any]) -> bool:
    return bool(pd.api.types.is_numeric_dtype(values)) and not pd.api.types.is_bool_dtype(values)


def _is_day(name: object) -> bool:
    return hasattr(name, "__index__") and not isinstance(name, bool)


def _is_window(name: object) -> bool:
    """Whether a column is named like ``[-1,+1]``."""
    if not (isinstance(name, str) and name.startswith("[")):
        return False
    try:
        as_window(name)
    except WindowError:
        return False
    return True
