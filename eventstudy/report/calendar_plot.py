"""A portfolio through calendar time: what it earned beyond its model, and how many were in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from eventstudy import errors
from eventstudy.report.drawing import DARK, PALE, UP, axes_of, dated_axis, dress, percent_axis
from eventstudy.report.labels import footnote, legend_inside, write_title
from eventstudy.report.panels import split

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_calendar(
    path: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str | None = None,
    source: str | None = None,
) -> Axes:
    """Draw the cumulated abnormal return with its band, and below the number of members.

    Parameters
    ----------
    path : DataFrame
        Index dates; columns ``cumulated``, ``low``, ``high`` (fractions; the band is that of a
        portfolio without alpha) and ``n``.
    ax : Axes, optional
        Its place is split in two; without it a figure is made.
    title, source
        As in `draw_paths`.

    Returns
    -------
    Axes
        The upper one, ``ax`` itself; the lower one is the last of ``ax.figure.axes``.

    Raises
    ------
    OptionError
        Without any row.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> path = pd.DataFrame({"cumulated": [0.01, 0.02], "low": [-0.01, -0.02],
    ...                      "high": [0.01, 0.02], "n": [3, 4]},
    ...                     index=pd.to_datetime(["2026-02-25", "2026-02-26"]))
    >>> draw_calendar(path).figure.axes[1].get_ylabel()
    'members'
    """
    from matplotlib.ticker import MaxNLocator

    if not len(path):
        raise errors.nothing_to_draw("path")
    own = ax is None
    ax = axes_of(ax, (8.0, 5.0))
    ax, below = split(ax, 2, heights=(3, 1), share="x")
    days = path.index.to_numpy()
    ax.axhline(0.0, color=PALE, linewidth=0.8, zorder=1)
    ax.fill_between(
        days,
        path["low"].to_numpy(dtype=float),
        path["high"].to_numpy(dtype=float),
        color=PALE,
        alpha=0.25,
        linewidth=0,
        label="95 % of portfolios without alpha, at each date",
    )
    ax.plot(
        days, path["cumulated"].to_numpy(dtype=float), color=UP, linewidth=1.8, label="portfolio"
    )
    ax.set_ylabel("cumulated abnormal return", fontsize=10)
    ax.yaxis.set_major_formatter(percent_axis())
    below.fill_between(days, path["n"].to_numpy(dtype=float), color=DARK, alpha=0.35, step="mid")
    below.set_ylabel("members", fontsize=10)
    below.set_ylim(bottom=0)
    below.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
    for one in (ax, below):
        dress(one)
    dated_axis(below)
    ax.tick_params(labelbottom=False)
    write_title(ax, title, pad=legend_inside(ax))
    footnote(ax, None, own=own)
    footnote(below, source, own=own)
    return ax
