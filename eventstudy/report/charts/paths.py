"""The path of the CAAR around day 0, with its valid band, for one or several groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.report import cells
from eventstudy.report.charts import frame
from eventstudy.report.charts.scales import Scale, between, day_axis
from eventstudy.report.document.parts import Chart
from eventstudy.report.drawing import UP
from eventstudy.report.lines import shorten
from eventstudy.report.measures import RETURNS, Measure, Multiple

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: groups that can be told apart in one picture; of more, those with the most events are drawn
MOST = 12
#: groups whose bands may lie over each other; of more, a band shows when its group is isolated
BANDS = 4
#: colours of Okabe and Ito, the light ones darkened for thin lines, and the dashes beside them
COLOURS = (UP, "#D55E00", "#009E73", "#B5538D", "#333333", "#8C6D00", "#3A93C8")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
#: days up to which each has a dot
DOTTED = 41
#: what an axis has to hold
_ENDS = ["caar", "low", "high"]


def path_chart(paths: Mapping[str, pd.DataFrame], measure: Measure = RETURNS) -> Chart:
    """Draw the CAAR of one or several groups around day 0, with its valid 95 % band.

    Parameters
    ----------
    paths : mapping of group to DataFrame
        Index event day; columns ``caar``, ``low``, ``high`` (fractions), ``n``, and ``aar`` if
        known, which a hover says: differences of the CAAR are no AAR where a return is missing.
    measure : Measure, optional
        What the numbers are about, if not returns.

    Returns
    -------
    Chart
        ``figure["layout"]["meta"]["groups"]`` says for each group, and for all of them, which
        traces are ``visible`` and what to change in the ``layout``, for the buttons of a page.

    Raises
    ------
    OptionError
        Without any group.

    Examples
    --------
    >>> path = pd.DataFrame({"caar": [0.0, 0.02], "low": [-0.01, 0.01], "high": [0.01, 0.03],
    ...                      "n": 12}, index=[-1, 0])
    >>> path_chart({"": path}).alt
    'CAAR of 12 events from day -1 to 0: +2.00 % at day 0, 95 % band +1.00 % to +3.00 %.'
    """
    if not paths or all(table.empty for table in paths.values()):
        raise errors.nothing_to_draw("paths")
    shown = _shown({str(group): table.sort_index() for group, table in paths.items()})
    scale, several = Scale(measure), len(shown) > 1
    names = frame.labels(list(shown)) if several else [measure.path_name]
    traces: list[dict[str, Any]] = []
    for k, table in enumerate(shown.values()):
        colour = COLOURS[k % len(COLOURS)]
        band, line = _band(table, scale, colour), _line(table, scale, colour, several)
        entry = f"{names[k]} (n = {_n(table)})" if several else names[k]
        line |= {"name": entry, "hovertext": _hover(table, scale, names[k] if several else "")}
        line["line"]["dash"] = DASHES[k % len(DASHES)] if several else "solid"
        band |= {"name": "95 % band", "showlegend": not several, "visible": len(shown) <= BANDS}
        together = {"legendgroup": names[k]} if several else {}
        traces += [{**band, **together}, {**line, **together, "visible": True}]
    every = pd.concat(list(shown.values()))[_ENDS if len(shown) <= BANDS else ["caar"]]
    rows = -(-len(shown) // 2) if several else 1
    drawn = frame.figure(
        traces,
        400 + 18 * rows,
        xaxis=day_axis(float(every.index.min()), float(every.index.max())),
        yaxis=scale.axis(every, measure.path_label),
        shapes=[
            frame.line((0, 0), (0, 1), yref="paper", dash="dash"),
            frame.line((0, 1), (0, 0), xref="paper"),
        ],
        meta={"groups": _buttons(shown, names, traces, every, scale) if several else []},
    )
    return Chart(
        name="path", figure=drawn, alt=_alt(shown, measure), note=_note(len(paths), len(shown))
    )


def _shown(paths: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Up to `MOST` groups with the most events, in the order they came."""
    full = {group: table for group, table in paths.items() if not table.empty}
    size = pd.Series({group: table["n"].max() for group, table in full.items()}, dtype=float)
    kept = set(size.sort_values(ascending=False, kind="stable").index[:MOST])
    return {group: table for group, table in full.items() if group in kept}


def _numbers(table: pd.DataFrame, *names: str) -> list[NDArray[np.float64]]:
    return [table[name].to_numpy(dtype=float) for name in names]


def _band(table: pd.DataFrame, scale: Scale, colour: str) -> dict[str, Any]:
    """One closed outline for each run of days that have a band; a single day is a small box."""
    low, high = _numbers(table, "low", "high")
    days = table.index.to_numpy(dtype=float)
    known = np.flatnonzero(np.isfinite(low) & np.isfinite(high))
    x: list[float | None] = []
    y: list[float | None] = []
    for run in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1):
        if not len(run):
            continue
        there = np.array([days[run[0]] - 0.15, days[run[0]] + 0.15]) if len(run) == 1 else days[run]
        run = np.repeat(run, 2) if len(run) == 1 else run  # noqa: PLW2901  (both ends of the box)
        gap = [None] if x else []
        x += [*gap, *there.tolist(), *there[::-1].tolist()]
        y += [*gap, *scale.values(np.concatenate([low[run], high[run][::-1]]))]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "fill": "toself",
        "fillcolor": frame.tinted(colour, 0.16),
        "line": {"width": 0, "color": colour},
        "hoverinfo": "skip",
    }


def _line(table: pd.DataFrame, scale: Scale, colour: str, several: bool) -> dict[str, Any]:
    dots = len(table) <= DOTTED
    return {
        "type": "scatter",
        "mode": "lines+markers" if dots else "lines",
        "x": table.index.to_numpy(dtype=float).tolist(),
        "y": scale.values(table["caar"]),
        "line": {"color": colour, "width": 2.2},
        "marker": {"color": colour, "size": 5 if several else 6},
        "hoverinfo": "text",
    }


def _hover(table: pd.DataFrame, scale: Scale, name: str) -> list[str]:
    """What a day says: its number, AAR if known, CAAR with its band, the events behind them."""
    measure = scale.measure
    daily = isinstance(measure, Multiple) and measure.daily
    known = "aar" in table.columns and not daily
    columns = _numbers(table, "aar" if known else "caar", "caar", "low", "high", "n")
    rows = zip(table.index.tolist(), *(column.tolist() for column in columns), strict=True)
    return [
        "<br>".join(
            [
                f"<b>{name}</b>, day {cells.day(day)}" if name else f"<b>day {cells.day(day)}</b>",
                *([f"AAR {scale.text(aar)}"] if known else []),
                f"{measure.path_name} {scale.text(caar)}",
                f"95 % band {scale.span(low, high)}",
                f"n = {cells.count(n)}",
            ]
        )
        for day, aar, caar, low, high, n in rows
    ]


def _buttons(
    shown: dict[str, pd.DataFrame],
    names: list[str],
    traces: list[dict[str, Any]],
    every: pd.DataFrame,
    scale: Scale,
) -> list[dict[str, Any]]:
    """All groups, then each alone on an axis of its own size."""
    visible = [bool(trace["visible"]) for trace in traces]
    made = [_button("All groups", visible, every, scale)]
    for k, (name, table) in enumerate(zip(names, shown.values(), strict=True)):
        alone = [at // 2 == k for at in range(len(traces))]
        made.append(_button(name, alone, table[_ENDS], scale))
    return made


def _button(name: str, visible: list[bool], table: pd.DataFrame, scale: Scale) -> dict[str, Any]:
    ticks = scale.ticks(table)
    layout = {f"yaxis.{key}": ticks[key] for key in ("range", "tickvals", "ticktext")}
    return {"name": name, "visible": visible, "layout": layout}


def _n(table: pd.DataFrame) -> str:
    """How many events stand behind a path: ``12`` or ``10–12``."""
    n = table["n"].dropna().to_numpy(dtype=float)
    if not len(n):
        return "0"
    low, high = cells.count(n.min()), cells.count(n.max())
    return low if low == high else f"{low}–{high}"


def _alt(shown: dict[str, pd.DataFrame], measure: Measure) -> str:
    tables = list(shown.values())
    first = min(float(table.index.min()) for table in tables)
    last = max(float(table.index.max()) for table in tables)
    days = between(first, last)
    if len(tables) == 1:
        asked = [last] if first == last else dict.fromkeys([0.0, last])
        said = "; ".join(_said(tables[0], measure, day) for day in asked)
        n = _n(tables[0])
        events = f"{n} event{'' if n == '1' else 's'}"
        return f"{measure.path_label} of {events} {days}: {said}."
    ends = [
        f"{shorten(group, frame.LONGEST)} {measure.number(table['caar'].iloc[-1], 1)}"
        for group, table in shown.items()
    ]
    return f"{measure.path_label} of {len(ends)} groups {days}; at its end: {', '.join(ends)}."


def _said(table: pd.DataFrame, measure: Measure, day: float) -> str:
    """The CAAR of one day in words."""
    if day not in table.index:
        return f"no number at day {cells.day(day)}"
    row = table.index == day
    caar, low, high = (float(x[row][0]) for x in _numbers(table, "caar", "low", "high"))
    band = f"95 % band {measure.number(low)} to {measure.number(high)}"
    known = np.isfinite(low) and np.isfinite(high)
    return f"{measure.number(caar)} at day {cells.day(day)}, {band if known else 'no band'}"


def _note(groups: int, shown: int) -> str:
    found = []
    if shown < groups:
        found.append(f"{shown} of {groups} groups are drawn, those with the most events.")
    if shown > BANDS:
        found.append("Bands show when a group is alone.")
    return " ".join(found)
