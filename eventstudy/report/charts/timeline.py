"""When the events were: which share a date, and whose windows overlap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.report import cells
from eventstudy.report.charts import frame
from eventstudy.report.document.parts import Chart
from eventstudy.report.drawing import DARK, PALE, UP
from eventstudy.report.timeline_plot import ROWS, SHADE, told

#: events that have a mark each; of more, or of many tickers, the events of a date are counted
MARKS = 3_000
#: tickers that the hover of a date names
NAMED = 6


def timeline_chart(timeline: pd.DataFrame) -> Chart:
    """Draw one row a ticker and a mark an event; of many tickers, the events of each date.

    Parameters
    ----------
    timeline : DataFrame
        event_id → ``ticker``, ``day0``, ``first``, ``last`` (dates of the event window),
        ``shared`` (events on that day 0), ``cluster`` (number of the chain of overlapping
        windows).

    Returns
    -------
    Chart
        Filled marks share their day 0 with other events; each shade is one cluster of
        overlapping windows with several dates. Above 60 tickers or 3,000 events, stems.

    Raises
    ------
    OptionError
        Without any event.

    Examples
    --------
    >>> day0 = pd.to_datetime(["2026-02-26", "2026-02-26", "2026-05-07"])
    >>> days = {"day0": day0, "first": day0 - pd.Timedelta(days=2), "last": day0}
    >>> table = pd.DataFrame({"ticker": ["IREN", "HUT", "HUT"], **days,
    ...                       "shared": [2, 2, 1], "cluster": [0, 0, 1]})
    >>> timeline_chart(table).alt
    'Timeline of 3 events on 2 dates; no windows of different dates overlap.'
    """
    if timeline.empty:
        raise errors.nothing_to_draw("timeline")
    tickers = timeline["ticker"].astype(str)
    names = sorted(tickers.unique(), reverse=True)
    counted = len(names) > ROWS or len(timeline) > MARKS
    shades, entries = _clusters(timeline)
    traces = _counts(timeline) if counted else _rows(timeline, tickers, names)
    drawn = frame.figure(
        [*traces, *entries],
        380 if counted else 150 + 22 * max(len(names), 5),
        xaxis=frame.dates(days=_days(timeline), range=_span(timeline), showgrid=counted),
        yaxis=_count_axis(timeline) if counted else _name_axis(names),
        shapes=shades,
    )
    return Chart(name="timeline", figure=drawn, alt=f"Timeline of {told(timeline)}.", note="")


def _dates(days: pd.Series[Any]) -> list[str]:
    return [cells.date(day) for day in days.tolist()]


def _days(timeline: pd.DataFrame) -> int:
    """Calendar days from the first window to the end of the last."""
    days: int = (timeline["last"].max() - timeline["first"].min()).days
    return days


def _span(timeline: pd.DataFrame) -> list[str]:
    """From the first window to the last, with a little room."""
    first, last = timeline["first"].min(), timeline["last"].max()
    room = max((last - first) * 0.02, pd.Timedelta(days=2))
    return _dates(pd.Series([first - room, last + room]))


def _clusters(timeline: pd.DataFrame) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Shade each chain of overlapping windows that holds several dates; its entry in the legend."""
    grouped = timeline.groupby("cluster")
    several = grouped["day0"].min() != grouped["day0"].max()
    first, last = (_dates(x[several]) for x in (grouped["first"].min(), grouped["last"].max()))
    edge = {"width": 1, "color": frame.WHITE}
    shades = [frame.shade(ends, SHADE, **edge) for ends in zip(first, last, strict=True)]
    marker = {"symbol": "square", "size": 12, "color": SHADE, "line": {"color": PALE, "width": 1}}
    entry = frame.swatch("windows that overlap: one cluster", mode="markers", marker=marker)
    return shades, [entry] if shades else []


def _rows(
    timeline: pd.DataFrame, tickers: pd.Series[str], names: list[str]
) -> list[dict[str, Any]]:
    """Windows as thin lines, events as marks: filled where the day is shared."""
    place = {name: k for k, name in enumerate(names)}
    at = tickers.map(place).to_numpy()
    shared = (timeline["shared"] > 1).to_numpy()
    hover = np.array(_hover(timeline), dtype=object)
    traces = [_windows(timeline, at.tolist())]
    for chosen, face, name in ((shared, UP, "shares its day 0"), (~shared, frame.WHITE, "alone")):
        if chosen.any():
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "x": _dates(timeline["day0"][chosen]),
                    "y": at[chosen].tolist(),
                    "marker": {"color": face, "size": 8, "line": {"color": UP, "width": 1.6}},
                    "name": name,
                    "hovertext": hover[chosen].tolist(),
                    "hoverinfo": "text",
                }
            )
    return traces


def _windows(timeline: pd.DataFrame, at: list[int]) -> dict[str, Any]:
    x: list[str | None] = []
    y: list[int | None] = []
    rows = zip(_dates(timeline["first"]), _dates(timeline["last"]), at, strict=True)
    for first, last, height in rows:
        x += [first, last, None]
        y += [height, height, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"color": frame.tinted(PALE, 0.6), "width": 2},
        "name": "event window",
        "hoverinfo": "skip",
    }


def _hover(timeline: pd.DataFrame) -> list[str]:
    size = timeline.groupby("cluster")["cluster"].transform("size")
    columns = (timeline[name] for name in ("ticker", "day0", "first", "last", "shared"))
    made = []
    for ticker, day, first, last, shared, together in zip(*columns, size, strict=True):
        others = f"{shared} events on this day 0" if shared > 1 else "alone on its day 0"
        overlap = f"{together} events in its cluster" if together > 1 else "no window overlaps"
        made.append(
            f"<b>{frame.label(ticker)}</b> {cells.date(day)}<br>"
            f"window {cells.date(first)} to {cells.date(last)}<br>{others}<br>{overlap}"
        )
    return made


def _counts(timeline: pd.DataFrame) -> list[dict[str, Any]]:
    """Events a date, as stems with a head that can be hovered over."""
    grouped = timeline.sort_values("day0", kind="stable").groupby("day0")["ticker"]
    counts = grouped.size()
    days, many = _dates(counts.index.to_series()), counts.tolist()
    x: list[str | None] = []
    y: list[int | None] = []
    for day, count in zip(days, many, strict=True):
        x += [day, day, None]
        y += [0, count, None]
    stem = {"color": frame.tinted(UP, 0.6), "width": float(np.clip(600 / len(days), 1.0, 2.5))}
    shared = {"type": "scatter", "showlegend": False}
    return [
        {**shared, "mode": "lines", "x": x, "y": y, "line": stem, "hoverinfo": "skip"},
        {
            **shared,
            "mode": "markers",
            "x": days,
            "y": many,
            "marker": {"color": UP, "size": float(np.clip(1500 / len(days), 3.0, 7.0))},
            "hovertext": [_day(day, group) for (_, group), day in zip(grouped, days, strict=True)],
            "hoverinfo": "text",
        },
    ]


def _day(day: str, tickers: pd.Series[Any]) -> str:
    """A date, how many events it has, and whose."""
    names = [frame.label(ticker, 12) for ticker in tickers.head(NAMED)]
    lines = [", ".join(names[at : at + 3]) for at in range(0, len(names), 3)]
    more = f"<br>and {len(tickers) - NAMED:,} more" if len(tickers) > NAMED else ""
    many = f"{len(tickers):,} event{'' if len(tickers) == 1 else 's'}"
    return f"<b>{day}</b>: {many}<br>{'<br>'.join(lines)}{more}"


def _name_axis(names: list[str]) -> dict[str, Any]:
    return frame.axis(
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=frame.labels(names),
        range=[-0.7, len(names) - 0.3],
    )


def _count_axis(timeline: pd.DataFrame) -> dict[str, Any]:
    top = float(timeline["shared"].max())
    whole = {"dtick": 1} if top <= 6 else {"nticks": 6}
    return frame.axis(
        "events on the date", range=[0, 1.08 * top], tickformat=",d", linecolor=DARK, **whole
    )
