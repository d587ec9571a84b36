"""The picture of abnormal volatility by event day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy.report.drawing import DARK, PALE, UP, axes_of, dress
from eventstudy.report.labels import footnote, legend_inside, write_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_volatility(
    table: pd.DataFrame, *, ax: Axes | None, name: str, title: str, source: str | None
) -> Axes:
    """Draw ``value`` by event day over the band of usual days (``usual``, ``low``, ``high``)."""
    from matplotlib.ticker import MaxNLocator

    own, ax = ax is None, axes_of(ax, (8.0, 4.5))
    days = table.index.to_numpy(dtype=float)
    value, usual, low, high = (
        table[column].to_numpy(dtype=float) for column in ("value", "usual", "low", "high")
    )
    ax.axvline(0.0, color=DARK, linewidth=1.0, linestyle="--", zorder=1, label="day 0")
    edge = np.array([days[0] - 0.5, *(days[:-1] + 0.5), days[-1] + 0.5])
    ax.stairs(
        high, edge, baseline=low, fill=True, color=PALE, alpha=0.25, label="95 % of usual days"
    )
    ax.plot(days, usual, color=PALE, linewidth=1.0, zorder=1, label="usual")
    size = 4 if len(days) <= 41 else 0
    ax.plot(days, value, color=UP, linewidth=2, marker="o", markersize=size, label=name, zorder=3)
    if not np.isfinite(value).any():
        ax.text(0.5, 0.6, "no data", transform=ax.transAxes, ha="center", fontsize=10, color=DARK)
    if not (np.minimum(value, low) < 0).any():  # logarithms may be negative, multiples begin at 0
        ax.set_ylim(bottom=0.0)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=9, integer=True, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(lambda day, _: f"{day:g}")  # the minus sign of the other pictures
    ax.yaxis.set_major_formatter(lambda x, _: f"{round(x, 6):g}")
    ax.set_xlabel("trading days around day 0", fontsize=10)
    ax.set_ylabel(f"{name} (variance against the expected)", fontsize=10)
    dress(ax)
    write_title(ax, title, pad=legend_inside(ax))
    footnote(ax, source, own=own)
    return ax
