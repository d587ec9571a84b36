"""What chance earned: the distribution of a figure on placebo dates, and the true one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from eventstudy import errors
from eventstudy.report.cells import number
from eventstudy.report.cells import pvalue as write_p
from eventstudy.report.drawing import DARK, DOWN, FONT, PALE, UP, axes_of, dress, fitting
from eventstudy.report.labels import footnote, legend_above, write_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: the middle that holds 95 % of the draws
TAIL = 0.025


def draw_chance(
    drawn: npt.ArrayLike,
    observed: float,
    *,
    pvalue: float | None = None,
    label: str = "Sharpe ratio, annual",
    ax: Axes | None = None,
    title: str | None = None,
    source: str | None = None,
) -> Axes:
    """Draw a histogram of the draws, with the true value as a line.

    Parameters
    ----------
    drawn : (draws,) array-like
        The figure on placebo dates; draws without any are left out.
    observed : float
        The figure on the true dates.
    pvalue : float, optional
        Written beside it.
    label : str
        What the figure is.
    ax : Axes, optional
        Where to draw; without it a figure is made.
    title : str, optional
        Above the picture.
    source : str, optional
        A line below it.

    Raises
    ------
    OptionError
        Without any draw.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> ax = draw_chance(np.linspace(-1, 1, 99), 0.5, pvalue=0.26)
    >>> ax.texts[0].get_text().splitlines()
    ['true dates: 0.50', 'p = 0.260, one-sided']
    """
    values = np.asarray(drawn, dtype=float)
    values = values[np.isfinite(values)]
    if not len(values):
        raise errors.nothing_to_draw("chance")
    own, ax = ax is None, axes_of(ax, (8.0, 4.5))
    low, high = np.quantile(values, [TAIL, 1.0 - TAIL])
    ax.axvspan(low, high, color=PALE, alpha=0.2, linewidth=0, label="95 % of the draws")
    bins = min(max(int(np.sqrt(len(values))), 8), 50)
    ax.hist(values, bins=bins, color=PALE, edgecolor="white", linewidth=0.5,
            label=f"{len(values):,} random draws of dates")  # fmt: skip
    ax.set_ylim(0.0, 1.22 * ax.get_ylim()[1])  # room for the words
    if np.isfinite(observed):
        colour = UP if observed >= float(np.median(values)) else DOWN
        ax.axvline(observed, color=colour, linewidth=2.4, label="true dates")
        right = observed > 0.5 * sum(ax.get_xlim())
        ax.annotate(_told(observed, pvalue), (observed, 0.97), xycoords=ax.get_xaxis_transform(),
                    xytext=(-6 if right else 6, 0), textcoords="offset points", va="top",
                    ha="right" if right else "left", fontsize=fitting(ax, FONT + 1), color=DARK,
                    bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.5},
                    )  # fmt: skip
    dress(ax)
    ax.xaxis.set_major_formatter(lambda x, _: f"{round(x, 6):g}")
    ax.set_xlabel(label, fontsize=10)
    ax.set_ylabel("draws", fontsize=10)
    write_title(ax, title, pad=legend_above(ax))
    footnote(ax, source, own=own)
    return ax


def _told(observed: float, pvalue: float | None) -> str:
    said = f"true dates: {number(observed)}"
    if pvalue is None or not np.isfinite(pvalue):
        return said
    text = write_p(pvalue)
    sign = "<" if text.startswith("<") else "="
    return f"{said}\np {sign} {text.removeprefix('<')}, one-sided"
