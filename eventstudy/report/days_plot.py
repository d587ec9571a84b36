"""Abnormal returns of events × days as colours: what happened to whom, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.report import cells
from eventstudy.report.drawing import DARK, axes_of, colour_bar, diverging, dress, fitting, inches
from eventstudy.report.labels import footnote, name_rows, names_fit, write_title
from eventstudy.report.measures import RETURNS, Measure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

#: events that are named, rows that are drawn at most, cells above which they become pixels
NAMED, ROWS, PIXELS = 45, 500, 2000
#: share of the cells that the colours tell apart; those beyond have the last colour
REACH = 0.99
EMPTY = "#BDBDBD"


def draw_days(
    ar: pd.DataFrame,
    labels: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str | None = None,
    source: str | None = None,
    measure: Measure = RETURNS,
) -> Axes:
    """Draw one row an event and one column an event day, by date and then by ticker.

    Parameters
    ----------
    ar : DataFrame
        event_id × event day: abnormal returns, fractions; NaN is grey.
    labels : DataFrame
        The same events: ``ticker`` and ``day0``. Up to 45 events are named if there is room, of
        more the dates are written; of more than 500 events as many are drawn, at equal steps
        through the sorted rows, and the line below says so.
    ax, title, source
        As in `draw_paths`.
    measure : Measure, optional
        What the numbers are about, if not returns.

    Returns
    -------
    Axes
        The first event on top. Blue is positive, orange negative, white zero; the one per cent
        of cells farthest from zero share the last colours.

    Raises
    ------
    OptionError
        Without any number.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> labels = pd.DataFrame({"ticker": ["IREN", "HUT"], "day0": pd.Timestamp("2026-02-26")})
    >>> ar = pd.DataFrame([[0.0, 0.01], [np.nan, -0.03]], columns=[-1, 0])
    >>> [tick.get_text() for tick in draw_days(ar, labels).get_yticklabels()]
    ['HUT', 'IREN']
    """
    if not np.isfinite(ar.to_numpy(dtype=float)).any():
        raise errors.nothing_to_draw("heatmap")
    rows = labels.loc[ar.index].sort_values(["day0", "ticker"], kind="stable")
    step = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), ROWS)).round().astype(int))
    rows = rows.iloc[step]
    own = ax is None
    ax = axes_of(ax, _size_of(len(rows), ar.shape[1]))
    values = ar.loc[rows.index].to_numpy(dtype=float)
    days = ar.columns.to_numpy(dtype=float)
    _cells(ax, values, days, measure)
    dress(ax)
    _days(ax, days)
    _rows(ax, rows)
    write_title(ax, title)
    notes = [source] if source else []
    if len(rows) < len(ar):
        notes.append(f"{len(rows):,} of {len(ar):,} events, at equal steps through the dates")
    if not np.isfinite(values).all():
        notes.append("grey: no number")
    footnote(ax, "; ".join(notes), own=own)
    return ax


def _size_of(rows: int, columns: int) -> tuple[float, float]:
    height = max(2.6, 1.4 + 0.19 * rows) if rows <= NAMED else 6.5
    return min(max(6.0, 3.0 + 0.24 * columns), 9.0), height


def _cells(
    ax: Axes, values: NDArray[np.float64], days: NDArray[np.float64], measure: Measure
) -> None:
    reach = reach_of(values)
    image = ax.pcolormesh(
        np.append(days - 0.5, days[-1] + 0.5), np.arange(len(values) + 1) - 0.5,
        np.ma.masked_invalid(values), cmap=diverging().with_extremes(bad=EMPTY), vmin=-reach,
        vmax=reach, rasterized=values.size > PIXELS,
    )  # fmt: skip
    colour_bar(
        ax,
        image,
        measure.axis(),
        ends="both" if (np.abs(values[np.isfinite(values)]) > reach).any() else "",
    )


def reach_of(values: NDArray[np.float64]) -> float:
    """Where the colours end: at the `REACH` of the cells, of fewer than a hundred at all."""
    sizes = np.abs(values[np.isfinite(values)])
    share = REACH if len(sizes) * (1 - REACH) >= 1 - 1e-9 else 1.0
    return float(np.quantile(sizes, share)) or float(sizes.max()) or 1e-6


def _days(ax: Axes, days: NDArray[np.float64]) -> None:
    """Number the days, day 0 between two lines."""
    from matplotlib.ticker import MaxNLocator

    if 0.0 in days:
        for edge in (-0.5, 0.5):
            ax.axvline(edge, color=DARK, linewidth=0.8)
    nbins = min(max(int(inches(ax)[0] / 0.45), 2), 11)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=nbins, integer=True, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(lambda day, _: f"{day:g}")
    ax.set_xlim(days[0] - 0.5, days[-1] + 0.5)
    ax.set_xlabel("trading days around day 0", fontsize=10)


def _rows(ax: Axes, rows: pd.DataFrame) -> None:
    """Name the events, or write dates beside them."""
    dates = [cells.date(day) for day in rows["day0"].tolist()]
    if len(rows) <= NAMED and names_fit(ax, len(rows)):
        tails = [f"  {day}" if len(set(dates)) > 1 else "" for day in dates]
        name_rows(ax, rows["ticker"].tolist(), tails, longest=24)
    else:
        many = min(max(int(inches(ax)[1] / 0.4), 2), 12)
        steps = np.linspace(0, len(rows) - 1, many).round().astype(int)
        at = sorted({dates.index(dates[k]) for k in steps})  # where a date begins, once
        ax.set_yticks(at, labels=[dates[k] for k in at], fontsize=fitting(ax))
        ax.set_ylabel("events, by day 0 and ticker", fontsize=10)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
