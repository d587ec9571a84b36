"""When the events were: which share a date, and whose windows overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.report.drawing import PALE, UP, axes_of, dated_axis, dress, inches, is_narrow
from eventstudy.report.labels import footnote, legend_above, name_rows, write_title

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

#: tickers that have a row each, and marks above which they become pixels
ROWS, PIXELS = 60, 2000
SHADE = "#E9E9E9"
#: kept free at either side, so that a single day is no line of years
ROOM = pd.Timedelta(days=2)


def draw_timeline(
    timeline: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str | None = None,
    source: str | None = None,
) -> Axes:
    """Draw one row a ticker, a mark an event and its window; of many tickers, events a date.

    Parameters
    ----------
    timeline : DataFrame
        event_id → ``ticker``, ``day0``, ``first``, ``last`` (dates of the event window),
        ``shared`` (events on that day 0), ``cluster`` (number of the chain of overlapping
        windows). Of more than 60 tickers only the number of events on each date is drawn.
    ax, title, source
        As in `draw_paths`.

    Returns
    -------
    Axes
        A mark is filled where other events share its day 0. Each shade behind them is one
        cluster of overlapping event windows with several dates.

    Raises
    ------
    OptionError
        Without any event.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> day0 = pd.to_datetime(["2026-02-26", "2026-02-26", "2026-05-07"])
    >>> days = {"day0": day0, "first": day0 - pd.Timedelta(days=2), "last": day0}
    >>> table = pd.DataFrame({"ticker": ["IREN", "HUT", "HUT"], **days,
    ...                       "shared": [2, 2, 1], "cluster": [0, 0, 1]})
    >>> draw_timeline(table).get_xlabel()
    '3 events on 2 dates; no windows of different dates overlap'
    """
    if timeline.empty:
        raise errors.nothing_to_draw("timeline")
    rows = timeline["ticker"].value_counts(sort=False)
    names = sorted(rows.index, key=lambda ticker: (rows[ticker], _backwards(str(ticker))))
    own = ax is None
    height = 4.0 if len(names) > ROWS else max(2.8, 1.7 + 0.2 * len(names))
    ax = axes_of(ax, (8.0, height))
    shaded = _clusters(ax, timeline)
    dress(ax)
    marks = _counts(ax, timeline) if len(names) > ROWS else _rows(ax, timeline, names)
    dated_axis(ax)
    start, end = timeline["first"].min(), timeline["last"].max()
    room = max(0.02 * (end - start), ROOM)
    ax.set_xlim(start - room, end + room)
    ax.set_xlabel(told(timeline), fontsize=10)
    write_title(ax, title, pad=legend_above(ax, [*marks, *shaded], most=4))
    footnote(ax, source, own=own)
    return ax


def _backwards(name: str) -> list[int]:
    """Sort names such that the first of the alphabet comes last: at the top."""
    return [-ord(letter) for letter in name]


def _clusters(ax: Axes, timeline: pd.DataFrame) -> list[Artist]:
    """Shade each chain of overlapping windows that holds several dates."""
    from matplotlib.patches import Patch

    grouped = timeline.groupby("cluster")
    spans = pd.DataFrame({"first": grouped["first"].min(), "last": grouped["last"].max()})
    spans = spans[grouped["day0"].min() < grouped["day0"].max()]
    for first, last in spans.itertuples(index=False):
        ax.axvspan(first, last, color=SHADE, linewidth=0, zorder=0)
    label = "windows that overlap: one cluster"
    return [Patch(facecolor=SHADE, label=label)] if len(spans) else []


def _rows(ax: Axes, timeline: pd.DataFrame, names: list[Any]) -> list[Artist]:
    """Windows as thin lines, events as marks: filled where the day is shared."""
    from matplotlib.lines import Line2D

    place = {name: k for k, name in enumerate(names)}
    at = timeline["ticker"].map(place).to_numpy()
    day, first, last = (timeline[name].to_numpy() for name in ("day0", "first", "last"))
    pixels = len(timeline) > PIXELS
    ax.hlines(at, first, last, color=PALE, linewidth=2.0, alpha=0.6, zorder=1, rasterized=pixels)
    marks: list[Artist] = [Line2D([], [], color=PALE, linewidth=2.0, label="event window")]
    shared, size = (timeline["shared"] > 1).to_numpy(), 3.0 if is_narrow(ax) else 5.0
    for chosen, face, label in ((shared, UP, "shares its day 0"), (~shared, "white", "alone")):
        if chosen.any():
            style: dict[str, Any] = {"markersize": size, "markerfacecolor": face, "label": label}
            ax.plot(day[chosen], at[chosen], "o", color=UP, zorder=3, rasterized=pixels, **style)
            marks.append(Line2D([], [], color=UP, marker="o", linestyle="none", **style))
    name_rows(ax, names, longest=24)
    return marks


def _counts(ax: Axes, timeline: pd.DataFrame) -> list[Artist]:
    """Events a date, as stems."""
    from matplotlib.lines import Line2D
    from matplotlib.ticker import MaxNLocator

    counts = timeline["day0"].value_counts().sort_index()
    width = float(np.clip(250 * inches(ax)[0] / 6 / len(counts), 0.5, 2.0))
    ax.vlines(counts.index.to_numpy(), 0, counts.to_numpy(), color=UP, linewidth=width,
              rasterized=len(counts) > PIXELS)  # fmt: skip
    ax.set_ylim(0, 1.08 * counts.max())
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    ax.set_ylabel("events on the date", fontsize=10)
    return [Line2D([], [], color=UP, linewidth=2.0, label="events by day 0")]


def told(timeline: pd.DataFrame) -> str:
    """How many events, dates and clusters there are."""
    n, dates = len(timeline), timeline["day0"].nunique()
    clusters = timeline["cluster"].nunique()
    many = f"{n:,} event{'' if n == 1 else 's'} on {dates:,} date{'' if dates == 1 else 's'}"
    if dates == 1:
        return many
    if clusters == dates:
        return f"{many}; no windows of different dates overlap"
    some = "one cluster" if clusters == 1 else f"{clusters:,} clusters"
    return f"{many}, in {some} of overlapping windows"
