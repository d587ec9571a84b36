"""What every chart shares: fonts, margins, hover, the legend below, names that are no markup.

A figure is a dict of plain JSON values that Plotly draws. No chart has a title of its own (the
page has headings), none can be zoomed by dragging (a phone scrolls), and none asks for a width.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np

from eventstudy.report.drawing import DARK, DOWN, PALE, UP
from eventstudy.report.lines import shorten

FAMILY = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"
#: pixels: of all text, and of what stands beside many bars or dots
SIZE, SMALL = 13, 12
GRID, WHITE = "#E6E6E6", "#FFFFFF"
#: days up to which the labels of an axis are days, wider than months
WEEKS = 120
#: letters of a name that leave room for the picture on a phone
LONGEST = 20
#: one line of a hover label or a legend on a phone
ACROSS = 44


def label(text: object, width: int = LONGEST) -> str:
    """Cut a name and take its markup away: Plotly reads tags and ``%{...}`` in every text.

    >>> label("<b>IREN</b>"), label("%{x}"), label("a very long name of a ticker")
    ('&lt;b&gt;IREN&lt;/b&gt;', '%&#123;x}', 'a very long name of…')
    """
    return html.escape(shorten(str(text), width), quote=False).replace("%{", "%&#123;")


def labels(texts: Sequence[object], width: int = LONGEST) -> list[str]:
    """Make labels that differ from each other, as the rows of an axis of names must.

    >>> labels(["a long name, first", "a long name, second"], 12)
    ['a long name…', 'a long name… (2)']
    """
    seen: dict[str, int] = {}
    used: set[str] = set()
    made = []
    for text in texts:
        name = first = label(text, width)
        while name in used:
            seen[first] = seen.get(first, 1) + 1
            name = f"{first} ({seen[first]})"
        used.add(name)
        made.append(name)
    return made


def evenly(n: int, most: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Positions of at most ``most`` of ``n`` rows, evenly spaced, the first and last among them.

    >>> evenly(3, 5).tolist(), evenly(9, 3).tolist()
    ([0, 1, 2], [0, 4, 8])
    """
    if n <= most:
        return np.arange(n, dtype=np.int64)
    return np.linspace(0, n - 1, most).round().astype(np.int64)


def figure(traces: Sequence[dict[str, Any]], height: int, **layout: Any) -> dict[str, Any]:  # noqa: ANN401  (what Plotly calls a layout)
    """Put traces into the frame of all charts; ``layout`` adds to it or replaces parts of it."""
    return {"data": list(traces), "layout": {**_frame(height), **layout}}


def _frame(height: int) -> dict[str, Any]:
    text = {"family": FAMILY, "size": SIZE, "color": DARK}
    return {
        "autosize": True,
        "height": height,
        "margin": {"l": 8, "r": 14, "t": 14, "b": 8, "pad": 0},
        "font": text,
        "paper_bgcolor": WHITE,
        "plot_bgcolor": WHITE,
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": WHITE,
            "bordercolor": PALE,
            "font": text,
            "align": "left",
            "namelength": -1,
        },
        "showlegend": True,
        "legend": legend(),
    }


def legend(**other: object) -> dict[str, Any]:
    """The legend, in lines below the picture; a click in it does nothing (pages have buttons)."""
    return {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "yref": "container",
        "y": 0,
        "yanchor": "bottom",
        "font": {"size": SMALL},
        "itemclick": False,
        "itemdoubleclick": False,
        "traceorder": "normal",
        **other,
    }


def axis(title: str = "", **other: Any) -> dict[str, Any]:  # noqa: ANN401  (what Plotly calls an axis)
    """An axis that makes room for its labels and stays where it is."""
    return {
        "title": {"text": title, "standoff": 8, "font": {"size": SIZE}},
        "automargin": True,
        "fixedrange": True,
        "gridcolor": GRID,
        "zeroline": False,
        "linecolor": PALE,
        "tickfont": {"size": SMALL},
        **other,
    }


def dates(title: str = "", *, days: float, **other: Any) -> dict[str, Any]:  # noqa: ANN401  (as above)
    """An axis over so many days; upright labels fit a phone: the year stands below the month."""
    return axis(
        title,
        type="date",
        hoverformat="%Y-%m-%d",
        nticks=int(min(7 if days > WEEKS else 4, days + 1)),
        tickangle=0,
        tickformatstops=[
            {"dtickrange": [None, "M1"], "value": "%b %-d\n%Y"},
            {"dtickrange": ["M1", "M12"], "value": "%b\n%Y"},
            {"dtickrange": ["M12", None], "value": "%Y"},
        ],
        **other,
    )


def line(x: tuple[object, object], y: tuple[object, object], **other: object) -> dict[str, Any]:
    """A straight line that is no data: day 0, zero; ``xref="paper"`` draws it from side to side."""
    style = {"color": DARK, "width": 1, **_style(other)}
    return {
        "type": "line",
        "x0": x[0],
        "x1": x[1],
        "y0": y[0],
        "y1": y[1],
        "line": style,
        "layer": "above",
        **other,
    }


def shade(x: tuple[object, object], colour: str, **line: object) -> dict[str, Any]:
    """A stripe from the top of the picture to its bottom, behind the data."""
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": x[0],
        "x1": x[1],
        "y0": 0,
        "y1": 1,
        "fillcolor": colour,
        "line": {"width": 0, **line},
        "layer": "below",
    }


def _style(other: dict[str, object]) -> dict[str, object]:
    """Take the words about the stroke out of those about the place."""
    return {name: other.pop(name) for name in ("color", "width", "dash") if name in other}


def dot(name: str, face: str, edge: str) -> dict[str, Any]:
    """An entry of the legend for dots that are too small there, or not all alike."""
    marker = {"color": face, "size": 8, "line": {"color": edge, "width": 1.5}}
    return swatch(name, mode="markers", marker=marker)


def swatch(name: str, **style: object) -> dict[str, Any]:
    """An entry of the legend without data of its own."""
    return {
        "type": "scatter",
        "x": [None],
        "y": [None],
        "name": name,
        "hoverinfo": "skip",
        **style,
    }


def tinted(colour: str, share: float) -> str:
    """A colour that lets the grid through.

    >>> tinted("#0072B2", 0.2)
    'rgba(0,114,178,0.2)'
    """
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share:g})"


def side(value: float) -> str:
    """Blue for gains, orange for losses."""
    return UP if value >= 0 else DOWN
