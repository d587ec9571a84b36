"""The path of the CAAR around day 0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.report import cells
from eventstudy.report.drawing import DARK, FONT, PALE, UP, axes_of, dress, inches
from eventstudy.report.labels import footnote, legend_inside, write_heading, write_title
from eventstudy.report.lines import shorten
from eventstudy.report.measures import RETURNS, Measure
from eventstudy.report.panels import several, split

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


def draw_paths(
    paths: Mapping[str, pd.DataFrame],
    *,
    ax: Axes | None = None,
    title: str | None = None,
    source: str | None = None,
    measure: Measure = RETURNS,
) -> Axes | NDArray[np.object_]:
    """Draw the CAAR of one or several groups around day 0, with its valid 95 % band.

    Parameters
    ----------
    paths : mapping of group to DataFrame
        Index event day; columns ``caar``, ``low``, ``high`` (fractions) and ``n``.
    ax : Axes, optional
        Where to draw; without it a figure is made. Several groups stand side by side with the
        same axes: the place of ``ax`` is split, and the first of them is ``ax`` itself.
    title : str, optional
        Above the picture.
    source : str, optional
        A line below it, such as ``"simulated prices"``.
    measure : Measure, optional
        What the numbers are about, if not returns.

    Returns
    -------
    Axes, or an array of Axes with one element a group

    Raises
    ------
    OptionError
        Without any group.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> path = pd.DataFrame({"caar": [0.0, 0.02], "low": [-0.01, 0.01], "high": [0.01, 0.03],
    ...                      "n": 12}, index=[-1, 0])
    >>> draw_paths({"deals": path}).get_title(loc="left")
    'deals (n = 12)'
    """
    if not paths:
        raise errors.nothing_to_draw("paths")
    if len(paths) == 1:
        group, frame = next(iter(paths.items()))
        own = ax is None
        ax = axes_of(ax, (8.0, 4.5))
        pad = _path(ax, frame, measure, legend=True)
        named = " – ".join(map(str, filter(None, (title, group))))
        write_title(ax, _with_n(named, frame), pad=pad)
        ax.set_ylabel(measure.path_label, fontsize=10)
        ax.set_xlabel("trading days around day 0", fontsize=10)
        footnote(ax, source, own=own)
        return ax
    return _multiples(paths, ax, title, source, measure)


def _multiples(
    paths: Mapping[str, pd.DataFrame],
    ax: Axes | None,
    title: str | None,
    source: str | None,
    measure: Measure,
) -> NDArray[np.object_]:
    """One small picture a group, all with the same axes."""
    across = min(len(paths), 3) if len(paths) != 4 else 2
    own, size = ax is None, (max(8.0, 3.4 * across), max(4.5, 2.9 * -(-len(paths) // across)))
    ax = axes_of(ax, size)
    if not own:
        across = min(across, max(1, int(inches(ax)[0] / 2.0)))
    down = -(-len(paths) // across)
    axes = split(ax, down, across, share="xy")
    for i, (one, (group, frame)) in enumerate(zip(axes, paths.items(), strict=False)):
        pad = _path(one, frame, measure, legend=i == 0)
        heading = _with_n(shorten(str(group), 34), frame)
        above = f"{title}\n{heading}" if title and not own and i == 0 else heading
        write_title(one, above, size=10, pad=pad)
        if i % across == 0:
            one.set_ylabel(measure.path_label, fontsize=10)
        # with shared axes only the lowest picture of a column carries the day numbers
        lowest = i + across >= len(paths)
        one.tick_params(labelbottom=lowest, labelleft=i % across == 0)
        if lowest:
            one.set_xlabel("trading days around day 0", fontsize=FONT)
        footnote(one, source if i == len(paths) - 1 and not own else None, own=False)
    for one in axes[len(paths) :]:
        one.remove()
    if own:
        write_heading(axes[0], title)
        footnote(axes[0], source, own=True)
    return several(*axes[: len(paths)])


def _path(ax: Axes, frame: pd.DataFrame, measure: Measure, *, legend: bool) -> float:
    """Draw the line of one group, its band, day 0 and zero; returns the room of the legend."""
    from matplotlib.ticker import MaxNLocator

    frame = frame.sort_index()
    days = frame.index.to_numpy(dtype=float)
    caar, low, high = (frame[name].to_numpy(dtype=float) for name in ("caar", "low", "high"))
    ax.axhline(0.0, color=PALE, linewidth=0.8, zorder=1)
    ax.axvline(0.0, color=DARK, linewidth=1.0, linestyle="--", zorder=1, label="day 0")
    if len(days) == 1:  # a band of one day has no width to shade
        ax.vlines(days, low, high, color=UP, alpha=0.45, linewidth=6, label="95 % band")
        ax.set_xlim(days[0] - 1, days[0] + 1)
    else:
        ax.fill_between(days, low, high, color=UP, alpha=0.2, linewidth=0, label="95 % band")
    size = 4 if len(days) <= 41 else 0
    name = measure.path_name
    ax.plot(days, caar, color=UP, linewidth=2, marker="o", markersize=size, label=name, zorder=3)
    if not np.isfinite(caar).any():
        ax.text(0.5, 0.6, "no data", transform=ax.transAxes, ha="center", fontsize=10, color=DARK)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=9, integer=True, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(lambda day, _: f"{day:g}")  # the minus sign of the percentages
    dress(ax)
    ax.yaxis.set_major_formatter(measure.axis())
    return legend_inside(ax) if legend else 6.0


def _with_n(text: str, frame: pd.DataFrame) -> str:
    """Append ``(n = 10–12)``: how many events stand behind the path."""
    n = frame["n"].dropna().to_numpy(dtype=float)
    if len(n) == 0:
        return text
    low, high = cells.count(n.min()), cells.count(n.max())
    return f"{text} (n = {low})" if low == high else f"{text} (n = {low}–{high})"
