"""Two halves of each session side by side: bars of the AAR by event day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.report.drawing import DARK, DOWN, PALE, UP, axes_of, dress, percent_axis
from eventstudy.report.labels import footnote, legend_inside, write_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: how far the bars of a day lie from its number
APART = 0.2
WORDS = {"night": "night: close to open", "day": "day: open to close"}


def draw_halves(
    halves: Mapping[str, pd.DataFrame],
    *,
    ax: Axes | None = None,
    title: str | None = None,
    source: str | None = None,
) -> Axes:
    """Draw the AAR of night and day by event day, each with its 95 % interval.

    Parameters
    ----------
    halves : mapping of "night" and "day" to DataFrame
        Index event day; columns ``aar``, ``low``, ``high`` (fractions).
    ax, title, source
        As in `draw_paths`.

    Raises
    ------
    OptionError
        Without a half.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> aar = pd.DataFrame({"aar": [0.04], "low": [0.02], "high": [0.06]}, index=[0])
    >>> ax = draw_halves({"night": aar, "day": aar / 4})
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['night: close to open', 'day: open to close']
    """
    if not halves:
        raise errors.nothing_to_draw("halves")
    own = ax is None
    ax = axes_of(ax, (8.0, 4.5))
    ax.axhline(0.0, color=PALE, linewidth=0.8, zorder=1)
    colours = (UP, DOWN)
    for place, (half, frame) in enumerate(halves.items()):
        days = frame.index.to_numpy(dtype=float) + APART * (2 * place - 1)
        aar, low, high = (frame[name].to_numpy(dtype=float) for name in ("aar", "low", "high"))
        colour = colours[place % 2]
        label, hatch = WORDS.get(half, half), "////" if place else None  # told apart in print
        ax.bar(days, aar, width=2 * APART, color=colour, label=label, zorder=2,
               hatch=hatch, edgecolor="white", linewidth=0.0)  # fmt: skip
        known = np.isfinite(low) & np.isfinite(high)
        ax.vlines(days[known], low[known], high[known], color=DARK, linewidth=1.0, zorder=3)
    _days(ax, next(iter(halves.values())).index.to_numpy(dtype=float))
    dress(ax)
    ax.yaxis.set_major_formatter(percent_axis())
    ax.set_ylabel("AAR", fontsize=10)
    ax.set_xlabel("trading days around day 0", fontsize=10)
    write_title(ax, title, pad=legend_inside(ax))
    footnote(ax, source, own=own)
    return ax


def _days(ax: Axes, days: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    """Number the event days, and no halves of them."""
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(nbins=11, integer=True, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(lambda day, _: f"{day:g}")
    ax.set_xlim(days.min() - 0.7, days.max() + 0.7)
