"""What firms and their benchmarks were worth after the event: the picture of a long run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.report import cells
from eventstudy.report.drawing import DARK, DOWN, PALE, UP, axes_of, dress, percent_axis, plain
from eventstudy.report.labels import footnote, legend_inside, write_title
from eventstudy.report.lines import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_long_run(
    paths: pd.DataFrame,
    *,
    against: str = "benchmark",
    ax: Axes | None = None,
    title: str | None = None,
    source: str | None = None,
) -> Axes:
    """Draw the mean buy-and-hold return of firms and benchmarks, and what lies between.

    Parameters
    ----------
    paths : DataFrame
        Index event day; columns ``bhr``, ``benchmark`` (fractions) and ``n``, the firms still
        held; what is held no longer keeps its value.
    against : str
        What the benchmark is called.
    ax : Axes, optional
        Where to draw; without it a figure is made.
    title : str, optional
        Above the picture.
    source : str, optional
        A line below it.

    Returns
    -------
    Axes

    Raises
    ------
    OptionError
        Without any day.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> paths = pd.DataFrame({"bhr": [0.02, 0.03], "benchmark": [0.0, 0.01], "n": 5}, index=[1, 2])
    >>> draw_long_run(paths, against="SPY").get_title(loc="left")
    'Mean buy-and-hold returns (n = 5)'
    """
    from matplotlib.ticker import MaxNLocator

    if not len(paths):
        raise errors.nothing_to_draw("paths")
    own = ax is None
    ax = axes_of(ax, (8.0, 4.5))
    # bought at the close of the day before the first
    days = np.concatenate([[paths.index[0] - 1], paths.index]).astype(float)
    firm, benchmark = (np.append(0.0, paths[c].to_numpy(float)) for c in ("bhr", "benchmark"))
    ax.axhline(0.0, color=PALE, linewidth=0.8, zorder=1)
    for color, above in ((UP, firm >= benchmark), (DOWN, firm <= benchmark)):
        ax.fill_between(
            days,
            firm,
            benchmark,
            where=above,
            color=color,
            alpha=0.15,
            linewidth=0,
            interpolate=True,
        )
    ax.plot(days, firm, color=UP, linewidth=2, label="firms", zorder=3)
    name = plain(shorten(against, 60))
    ax.plot(days, benchmark, color=DARK, linewidth=1.5, linestyle="--", label=name, zorder=3)
    n = paths["n"].to_numpy()
    # what has ended keeps its value, so the mean stays that of all
    ended = "" if n.max() == n.min() else f", {cells.count(n.min())} to the end"
    heading = f"{title or 'Mean buy-and-hold returns'} (n = {cells.count(n.max())}{ended})"
    write_title(ax, heading, pad=legend_inside(ax))
    ax.set_ylabel("buy-and-hold return", fontsize=10)
    ax.set_xlabel("trading days after day 0", fontsize=10)
    dress(ax)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=9, integer=True, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(lambda day, _: f"{day:g}")
    ax.yaxis.set_major_formatter(percent_axis())
    footnote(ax, source, own=own)
    return ax
