"""The specification curve: estimates above, the choices behind each of them below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.report.drawing import (
    DARK,
    DOWN,
    FONT,
    PALE,
    UP,
    axes_of,
    dress,
    fitting,
    inches,
    percent_axis,
    plain,
)
from eventstudy.report.labels import footnote, legend_above, write_title
from eventstudy.report.lines import shorten
from eventstudy.report.panels import split

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.path import Path

LEVEL = 0.05
#: what a colour means, and the shape that says the same in print
SHAPES = {UP: "^", DOWN: "v", PALE: "o"}
WORDS = {UP: "positive, p ≤ 5 %", DOWN: "negative, p ≤ 5 %", PALE: "not significant"}


def draw_specifications(
    table: pd.DataFrame,
    choices: Sequence[str],
    *,
    ax: Axes | None = None,
    title: str | None = None,
    source: str | None = None,
) -> Axes:
    """Draw sorted estimates with their intervals, and below what was chosen in each.

    Parameters
    ----------
    table : DataFrame
        One row a specification, sorted; ``estimate``, ``ci_low``, ``ci_high``, ``pvalue`` and
        one column a choice.
    choices : sequence of str
        Columns that are drawn below, one row of dots a value.
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
    >>> table = pd.DataFrame({"model": ["a", "b"], "estimate": [-0.05, 0.0],
    ...                       "ci_low": [-0.09, -0.04], "ci_high": [-0.01, 0.04],
    ...                       "pvalue": [0.01, 0.9]})
    >>> ax = draw_specifications(table, ["model"])
    >>> [tick.get_text() for tick in ax.figure.axes[1].get_yticklabels()]
    ['a', 'b']
    """
    if table.empty:
        raise errors.nothing_to_draw("specifications")
    rows = _rows(table, choices)
    low = 0.24 * (len(rows) + len(choices))
    own = ax is None
    ax = axes_of(ax, (9.0, 3.6 + low))
    above, below = split(ax, 2, heights=(3.0, low), share="x")
    colour = [_colour(e, p) for e, p in zip(table["estimate"], table["pvalue"], strict=True)]
    handles = _estimates(above, table, colour)
    _dots(below, table, rows, colour)
    write_title(above, title, pad=legend_above(above, handles, rows=below), rows=below)
    footnote(above, None, own=own)
    footnote(below, source, own=own)
    return above


def _rows(table: pd.DataFrame, choices: Sequence[str]) -> list[tuple[str, str]]:
    """(choice, value) from top to bottom; values by the median estimate."""
    rows = []
    for choice in choices:
        medians = table.groupby(choice)["estimate"].median().sort_values()
        rows += [(choice, str(value)) for value in medians.index]
    return rows


def _colour(estimate: float, pvalue: float) -> str:
    if not pvalue <= LEVEL:
        return PALE
    return UP if estimate > 0 else DOWN


def _estimates(ax: Axes, table: pd.DataFrame, colour: list[str]) -> list[Line2D]:
    """Draw the upper panel; returns what its legend explains."""
    from matplotlib.lines import Line2D

    x = np.arange(len(table))
    estimate = table["estimate"].to_numpy()
    thin = max(0.8, min(3.0, 120 / len(x)))
    ax.vlines(x, table["ci_low"], table["ci_high"], colors=colour, linewidth=thin, alpha=0.45)
    inside = (table["ci_low"] <= 0) & (table["ci_high"] >= 0)
    hollow = ((table["pvalue"] <= LEVEL) & inside).to_numpy()
    face = np.where(hollow, "white", colour).tolist()
    size = max(8.0, min(34.0, 1200 / len(x)))
    dots = ax.scatter(x, estimate, c=face, edgecolors=colour, linewidths=1.4, s=size, zorder=3)
    dots.set_paths([_shape(name) for name in colour])
    ax.axhline(0, color=DARK, linewidth=0.8)
    ax.axhline(float(np.median(estimate)), color=DARK, linewidth=0.8, linestyle=":")
    ax.yaxis.set_major_formatter(percent_axis())
    ax.set_ylabel("abnormal return", fontsize=FONT)
    ax.tick_params(bottom=False, labelbottom=False)
    handles = [
        Line2D([], [], color=c, marker=SHAPES[c], markersize=5, label=label)
        for c, label in WORDS.items()
        if c in colour
    ]
    if hollow.any():
        handles.append(
            Line2D(
                [],
                [],
                color=DARK,
                marker="o",
                markersize=5,
                markerfacecolor="white",
                linestyle="none",
                label="the interval holds 0: open",
            )
        )
    handles.append(Line2D([], [], color=DARK, linestyle=":", linewidth=0.8, label="median"))
    dress(ax)
    return handles


def _shape(colour: str) -> Path:
    """A triangle upwards, a triangle downwards, a dot."""
    from matplotlib.markers import MarkerStyle

    style = MarkerStyle(SHAPES[colour])
    return style.get_path().transformed(style.get_transform())


def _dots(ax: Axes, table: pd.DataFrame, rows: list[tuple[str, str]], colour: list[str]) -> None:
    """One row a value of a choice, a little room between choices, and its name at the right."""
    y, at = 0.0, []
    for k, (choice, value) in enumerate(rows):
        y += 1.0 if k == 0 or rows[k - 1][0] == choice else 1.7
        at.append(y)
        chosen = np.flatnonzero(table[choice].astype(str).to_numpy() == value)
        ax.hlines(y, -0.5, len(table) - 0.5, color="#EEEEEE", linewidth=0.8, zorder=0)
        edges = [colour[k] for k in chosen]
        faces = ["white" if name == PALE else name for name in edges]
        size = max(6.0, min(26.0, 900 / len(table)))
        ax.scatter(chosen, np.full(len(chosen), y), c=faces, edgecolors=edges, marker="s", s=size)
    most = min(30, max(12, int(8 * inches(ax)[0])))
    labels = [plain(shorten(value, most)) for _, value in rows]
    ax.set_yticks(at, labels=labels, fontsize=fitting(ax))
    for choice in dict.fromkeys(choice for choice, _ in rows):
        mine = [y for y, (name, _) in zip(at, rows, strict=True) if name == choice]
        ax.text(
            1.01,
            float(np.mean(mine)),
            plain(choice.replace("_", "\n")),
            transform=ax.get_yaxis_transform(),
            va="center",
            fontsize=fitting(ax),
            color=DARK,
            fontweight="bold",
        )
    ax.set_ylim(at[-1] + 0.7, 0.3)
    ax.set_xlim(-0.8, len(table) - 0.2)
    ax.set_xticks([])
    many = f"{len(table)} specification{'s' if len(table) > 1 else ''}"
    ax.set_xlabel(f"{many}, sorted by estimate", fontsize=FONT)
    for side in ("top", "right", "left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(left=False)
