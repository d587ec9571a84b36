"""One abnormal return among the days before it: a histogram, the bounds at 5 %, the event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventstudy import errors
from eventstudy.arrays import FloatArray
from eventstudy.report import cells
from eventstudy.report.drawing import (
    DARK,
    DOWN,
    FONT,
    UP,
    dress,
    footnote,
    new_axes,
    percent_axis,
    write_title,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: bars of the histogram, at most
MOST = 40
BARS = "#C9C9C9"


def draw_one_event(
    days: FloatArray,
    estimate: float,
    *,
    bound: float = float("nan"),
    quantile: float = float("nan"),
    alternative: str = "two-sided",
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
    bound, quantile : float
        How far from zero the t test and the sample quantiles reject at 5 %; not drawn unless
        finite.
    alternative : {"two-sided", "greater", "less"}
        On which side.
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
    >>> ax = draw_one_event(np.linspace(-0.03, 0.03, 50), -0.05, bound=0.04)
    >>> len(ax.lines)
    3
    """
    shown = days[np.isfinite(days)]
    if not len(shown):
        raise errors.nothing_to_draw("days")
    own = ax is None
    ax = new_axes((8.0, 4.2)) if ax is None else ax
    count = int(np.clip(round(2 * len(shown) ** 0.5), 8, MOST))
    ax.hist(shown, bins=count, color=BARS, edgecolor="white", linewidth=0.6, label=_label(shown))
    for size, style, name in ((bound, "--", "t test"), (quantile, ":", "sample quantiles")):
        _bounds(ax, size, alternative, style, name)
    if np.isfinite(estimate):
        colour = UP if estimate >= 0 else DOWN
        label = f"the event: {cells.percent(estimate, 1)}"
        ax.axvline(estimate, color=colour, linewidth=2.6, label=label, zorder=4)
    ax.set_ylabel("days", fontsize=FONT)
    ax.set_xlabel("abnormal return", fontsize=FONT)
    ax.margins(x=0.05)
    dress(ax)
    ax.xaxis.set_major_formatter(percent_axis())
    _legend(ax)
    write_title(ax, title, pad=42)
    footnote(ax, source, own=own)
    return ax


def _label(days: FloatArray) -> str:
    return f"{cells.count(len(days))} days or windows of the estimation"


def _bounds(ax: Axes, size: float, alternative: str, style: str, name: str) -> None:
    """Draw ±``size``, or the side that a one-sided test looks at."""
    if not np.isfinite(size):
        return
    sides = {"greater": (size,), "less": (-size,)}.get(alternative, (-size, size))
    sign = {"greater": "+", "less": "-"}.get(alternative, "±")
    label = f"5 % bound of the {name}: {sign}{cells.percent(size, 1).lstrip('+')}"
    for k, at in enumerate(sides):
        named = label if k == 0 else "_"
        ax.axvline(at, color=DARK, linestyle=style, linewidth=1.3, label=named, zorder=3)


def _legend(ax: Axes) -> None:
    """Above the axes, where it covers nothing."""
    ax.legend(
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=2,
        frameon=False,
        fontsize=FONT,
        borderaxespad=0.2,
    )
