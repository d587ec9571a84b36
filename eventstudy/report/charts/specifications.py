"""The specification curve: estimates above, the choices behind each of them below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.report import cells
from eventstudy.report.charts import frame
from eventstudy.report.charts.scales import Scale
from eventstudy.report.document.parts import Chart
from eventstudy.report.drawing import DARK, DOWN, PALE, UP
from eventstudy.report.measures import RETURNS, Measure

LEVEL = 0.05
#: pixels: the estimates, a row of dots, the name of a choice above its rows, what stands around
ABOVE, ROW, HEAD, AROUND = 250, 18, 24, 90
#: what colours say; the order of the legend
MEANING = {UP: "positive, p ≤ 5 %", DOWN: "negative, p ≤ 5 %", PALE: "not significant"}


def curve_chart(table: pd.DataFrame, choices: Sequence[str], measure: Measure = RETURNS) -> Chart:
    """Draw sorted estimates with their intervals, and below what was chosen in each.

    Parameters
    ----------
    table : DataFrame
        One row a specification; ``estimate``, ``ci_low``, ``ci_high`` (fractions), ``pvalue``
        and one column a choice. Rows without an estimate are counted in the note.
    choices : sequence of str
        Columns that are drawn below, one row of dots a value.
    measure : Measure, optional
        What the numbers are about, if not returns.

    Returns
    -------
    Chart

    Raises
    ------
    OptionError
        Without any estimate.

    Examples
    --------
    >>> table = pd.DataFrame({"model": ["a", "b"], "estimate": [-0.05, 0.0],
    ...                       "ci_low": [-0.09, -0.04], "ci_high": [-0.01, 0.04],
    ...                       "pvalue": [0.01, 0.9]})
    >>> curve_chart(table, ["model"]).figure["layout"]["yaxis2"]["ticktext"]
    ['a', 'b']
    """
    known = table[np.isfinite(table["estimate"].to_numpy(dtype=float))]
    if known.empty:
        raise errors.nothing_to_draw("specifications")
    known = known.sort_values("estimate", kind="stable")
    scale, rows, colours = Scale(measure), _rows(known, choices), _colours(known)
    hover = _hover(known, choices, scale)
    traces = _estimates(known, colours, hover, scale)
    traces.append(_dots(known, rows, colours, hover))
    below = ROW * len(rows) + HEAD * len(choices)
    split = below / (ABOVE + below)
    drawn = frame.figure(
        traces,
        ABOVE + below + AROUND,
        xaxis=frame.axis(
            _many(known), range=[-0.8, len(known) - 0.2], showticklabels=False, showgrid=False,
            anchor="y2",
        ),
        yaxis=scale.axis(
            known[["estimate", "ci_low", "ci_high"]], measure.noun, domain=[split + 0.02, 1]
        ),
        yaxis2=_choices_axis(rows, split),
        shapes=[frame.line((0, 1), (0, 0), xref="paper")],
        annotations=_heads(rows),
    )  # fmt: skip
    return Chart(name="curve", figure=drawn, alt=_alt(known, measure), note=_note(table, known))


def _rows(table: pd.DataFrame, choices: Sequence[str]) -> list[tuple[str, str, float]]:
    """(choice, value, height) from top to bottom; values of a choice by their median estimate."""
    rows, y = [], 0.0
    for choice in choices:
        medians = table.groupby(table[choice].astype(str))["estimate"].median()
        y += HEAD / ROW
        for value in medians.sort_values(kind="stable").index:
            rows.append((choice, str(value), y))
            y += 1.0
    return rows


def _colours(table: pd.DataFrame) -> list[str]:
    pairs = zip(table["estimate"], table["pvalue"], strict=True)
    return [frame.side(estimate) if p <= LEVEL else PALE for estimate, p in pairs]


def _hollow(table: pd.DataFrame) -> list[bool]:
    """Significant by its test although the interval holds zero: the two are different tests."""
    inside = (table["ci_low"] <= 0) & (table["ci_high"] >= 0)
    return (inside & (table["pvalue"] <= LEVEL)).tolist()


def _hover(table: pd.DataFrame, choices: Sequence[str], scale: Scale) -> list[str]:
    """The estimate, its interval, and which specification it is."""
    said = []
    for at, row in enumerate(table.to_dict("records"), start=1):
        lines = [
            f"<b>{scale.text(row['estimate'])}</b>, {_pvalue(row['pvalue'])}",
            f"95 % interval {scale.span(row['ci_low'], row['ci_high'])}",
            *(f"{_name(choice)}: {frame.label(row[choice], 36)}" for choice in choices),
            f"specification {at} of {len(table)}",
        ]
        said.append("<br>".join(lines))
    return said


def _pvalue(value: float) -> str:
    text = cells.pvalue(value)
    return f"p &lt; {text[1:]}" if text.startswith("<") else f"p = {text}"


def _name(choice: str) -> str:
    return frame.label(choice.replace("_", " "), 30)


def _estimates(
    table: pd.DataFrame, colours: list[str], hover: list[str], scale: Scale
) -> list[dict[str, Any]]:
    """Intervals and estimates of one colour after the other, open ones, and the median."""
    hollow, traces = _hollow(table), []
    thin = max(1.0, min(3.0, 240 / len(table)))
    for colour in (colour for colour in MEANING if colour in colours):
        at = [k for k, one in enumerate(colours) if one == colour]
        rows = table.iloc[at]
        face = [frame.WHITE if hollow[k] else colour for k in at]
        edge = {"color": colour, "width": 1.5}
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": at,
                "y": scale.values(rows["estimate"]),
                "error_y": _bars(rows, colour, thin, scale),
                "marker": {"color": face, "size": _size(len(table)), "line": edge},
                "name": MEANING[colour],
                "showlegend": False,
                "hovertext": [hover[k] for k in at],
                "hoverinfo": "text",
            }
        )
        traces.append(frame.dot(MEANING[colour], colour, colour))
    if any(hollow):
        traces.append(frame.dot("open: the interval holds 0", frame.WHITE, DARK))
    (median,) = scale.values([float(table["estimate"].median())])
    traces.append(
        {
            "type": "scatter",
            "mode": "lines",
            "x": [-0.8, len(table) - 0.2],
            "y": [median, median],
            "line": {"color": DARK, "width": 1.2, "dash": "dot"},
            "name": "median",
            "hoverinfo": "skip",
        }
    )
    return traces


def _bars(rows: pd.DataFrame, colour: str, thin: float, scale: Scale) -> dict[str, Any]:
    estimate, low, high = (rows[n].to_numpy(dtype=float) for n in ("estimate", "ci_low", "ci_high"))
    return {
        "type": "data",
        "symmetric": False,
        "array": scale.values(high - estimate),
        "arrayminus": scale.values(estimate - low),
        "color": frame.tinted(colour, 0.5),
        "thickness": thin,
        "width": 0,
    }


def _size(many: int) -> float:
    return max(4.0, min(9.0, 400 / many))


def _dots(
    table: pd.DataFrame,
    rows: list[tuple[str, str, float]],
    colours: list[str],
    hover: list[str],
) -> dict[str, Any]:
    """A square for each specification in the row of every value it chose."""
    x: list[int] = []
    y: list[float] = []
    for choice, value, height in rows:
        chosen = np.flatnonzero(table[choice].astype(str).to_numpy() == value).tolist()
        x += chosen
        y += [height] * len(chosen)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": y,
        "yaxis": "y2",
        "marker": {
            "symbol": "square",
            "color": [colours[k] for k in x],
            "size": max(3.0, min(9.0, 360 / len(table))),
        },
        "hovertext": [hover[k] for k in x],
        "hoverinfo": "text",
        "showlegend": False,
    }


def _choices_axis(rows: list[tuple[str, str, float]], split: float) -> dict[str, Any]:
    return frame.axis(
        domain=[0, max(split - 0.02, 0.05)],
        tickmode="array",
        tickvals=[height for _, _, height in rows],
        ticktext=_values(rows),
        range=[rows[-1][2] + 0.7 if rows else 1.0, 0.0],
    )


def _values(rows: list[tuple[str, str, float]]) -> list[str]:
    """The values of each choice, shortened such that they still differ."""
    of = {choice: [value for name, value, _ in rows if name == choice] for choice, _, _ in rows}
    return [name for values in of.values() for name in frame.labels(values, 24)]


def _heads(rows: list[tuple[str, str, float]]) -> list[dict[str, Any]]:
    """The name of a choice, above its rows."""
    first: dict[str, float] = {}
    for choice, _, height in rows:
        first.setdefault(choice, height)
    return [
        {
            "xref": "paper",
            "x": 0,
            "xanchor": "left",
            "yref": "y2",
            "y": height - 0.9,
            "yanchor": "middle",
            "text": f"<b>{_name(choice)}</b>",
            "showarrow": False,
            "font": {"size": frame.SMALL},
        }
        for choice, height in first.items()
    ]


def _alt(table: pd.DataFrame, measure: Measure) -> str:
    low, middle, high = (
        measure.number(x) for x in table["estimate"].quantile([0.0, 0.5, 1.0]).tolist()
    )
    found = int((table["pvalue"] <= LEVEL).sum())
    return f"{_many(table)}: estimates from {low} to {high}, median {middle}; {found} with p ≤ 5 %."


def _many(table: pd.DataFrame) -> str:
    return f"{len(table)} specification{'' if len(table) == 1 else 's'}"


def _note(table: pd.DataFrame, known: pd.DataFrame) -> str:
    told = "Sorted by estimate; below each stands what was chosen."
    silent = len(table) - len(known)
    if not silent:
        return told
    return f"{told} {silent} specification{'' if silent == 1 else 's'} gave no answer."
