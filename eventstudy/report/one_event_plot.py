"""One abnormal return among the days before it: a histogram, the bounds at 5 %, the event."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from eventstudy import errors
from eventstudy.arrays import FloatArray
from eventstudy.report import cells
from eventstudy.report.drawing import DARK, DOWN, FONT, UP, axes_of, dress, percent_axis
from eventstudy.report.labels import footnote, legend_above, write_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: bars of the histogram, at most
MOST = 40
BARS = "#C9C9C9"
STYLES = ("--", ":", "-.")


def draw_one_event(
    days: FloatArray,
    estimate: float,
    *,
    bounds: Mapping[str, tuple[float, ...]] = MappingProxyType({}),
    length: int = 1,
    ax: Axes | None = None,
    title: str | None = None,
    source: str | None = None,
) -> Axes:
    """Draw the days of the estimation window as a histogram, and the event as a line.

    Parameters
    ----------
    days : array
        Residuals of the estimation window, or sums of as many as the window has days.
    estimate : float
        The abnormal return; NaN draws none.
    bounds : mapping of name of a test to positions
        Beyond which it rejects at 5 %; those that are not finite are not drawn.
    length : int
        Days of the window.
    ax, title, source
        As in `draw_paths`.

    Raises
    ------
    OptionError
        Without any day.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> ax = draw_one_event(np.linspace(-0.03, 0.03, 50), -0.05, bounds={"t test": (-0.04, 0.04)})
    >>> len(ax.lines)
    3
    """
    shown = days[np.isfinite(days)]
    if not len(shown):
        raise errors.nothing_to_draw("days")
    own = ax is None
    ax = axes_of(ax, (8.0, 4.2))
    count = int(np.clip(round(2 * len(shown) ** 0.5), 8, MOST))
    what = "days" if length == 1 else f"windows of {length} days"
    label = f"{cells.count(len(shown))} {what} of the estimation"
    ax.hist(shown, bins=count, label=label, color=BARS, edgecolor="white", linewidth=0.6)
    for (name, positions), style in zip(bounds.items(), STYLES, strict=False):
        _bounds(ax, name, [at for at in positions if np.isfinite(at)], style)
    if np.isfinite(estimate):
        colour = UP if estimate >= 0 else DOWN
        label = f"the event: {cells.percent(estimate, 1)}"
        ax.axvline(estimate, color=colour, linewidth=2.6, label=label, zorder=4)
    ax.set_ylabel(what, fontsize=FONT)
    ax.set_xlabel("abnormal return", fontsize=FONT)
    ax.margins(x=0.05)
    dress(ax)
    ax.xaxis.set_major_formatter(percent_axis())
    write_title(ax, title, pad=legend_above(ax, most=2))
    footnote(ax, source, own=own)
    return ax


def _bounds(ax: Axes, name: str, positions: list[float], style: str) -> None:
    """Draw the bounds of one test, under one entry of the legend."""
    sizes = [cells.percent(at, 1) for at in positions]
    both = len(positions) == 2 and positions[0] == -positions[1]
    said = f"±{cells.percent(abs(positions[0]), 1).lstrip('+')}" if both else " and ".join(sizes)
    for k, at in enumerate(positions):
        label = "_" if k else f"5 % bound, {name}: {said}"
        ax.axvline(at, color=DARK, linestyle=style, linewidth=1.3, label=label, zorder=3)
