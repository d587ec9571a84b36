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
    dress,
    footnote,
    percent_axis,
    plain,
    write_title,
)
from eventstudy.report.lines import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEVEL = 0.05
#: entries of the legend beside each other: more would squeeze the picture
IN_A_LINE = 3


def draw_specifications(
    table: pd.DataFrame,
    choices: Sequence[str],
    *,
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
    title, source
        As in `draw_paths`.

    Returns
    -------
    Axes
        The upper one; the lower one is ``ax.figure.axes[1]``.

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
    import matplotlib.pyplot as plt

    if table.empty:
        raise errors.nothing_to_draw("specifications")
    rows = _rows(table, choices)
    low = 0.24 * (len(rows) + len(choices))
    _, (above, below) = plt.subplots(
        2,
        1,
        sharex=True,
        figsize=(9.0, 3.6 + low),
        layout="constrained",
        gridspec_kw={"height_ratios": [3.0, low]},
    )
    colour = [_colour(e, p) for e, p in zip(table["estimate"], table["pvalue"], strict=True)]
    _estimates(above, table, colour)
    _dots(below, table, rows, colour)
    lines = 1 if len(above.get_legend().get_texts()) <= IN_A_LINE else 2
    write_title(above, title, pad=10 + 16 * lines)
    footnote(below, source, own=True)
    return above  # type: ignore[no-any-return]  # subplots gives Any


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


def _estimates(ax: Axes, table: pd.DataFrame, colour: list[str]) -> None:
    from matplotlib.lines import Line2D

    x = np.arange(len(table))
    estimate = table["estimate"].to_numpy()
    thin = max(0.8, min(3.0, 120 / len(x)))
    ax.vlines(x, table["ci_low"], table["ci_high"], colors=colour, linewidth=thin, alpha=0.45)
    inside = (table["ci_low"] <= 0) & (table["ci_high"] >= 0)
    hollow = ((table["pvalue"] <= LEVEL) & inside).to_numpy()
    face = np.where(hollow, "white", colour).tolist()
    size = max(8.0, min(34.0, 1200 / len(x)))
    ax.scatter(x, estimate, c=face, edgecolors=colour, linewidths=1.4, s=size, zorder=3)
    ax.axhline(0, color=DARK, linewidth=0.8)
    ax.axhline(float(np.median(estimate)), color=DARK, linewidth=0.8, linestyle=":")
    ax.yaxis.set_major_formatter(percent_axis())
    ax.set_ylabel("abnormal return", fontsize=FONT)
    ax.tick_params(bottom=False)
    found = [(UP, "positive, p ≤ 5 %"), (DOWN, "negative, p ≤ 5 %"), (PALE, "not significant")]
    handles = [
        Line2D([], [], color=c, marker="o", markersize=5, label=label)
        for c, label in found
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
    legend = ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=min(len(handles), IN_A_LINE),
        frameon=False,
        fontsize=FONT,
        borderaxespad=0.2,
    )
    legend.set_in_layout(False)  # it may reach over the names at the right
    dress(ax)


def _dots(ax: Axes, table: pd.DataFrame, rows: list[tuple[str, str]], colour: list[str]) -> None:
    """One row a value of a choice, a little room between choices, and its name at the right."""
    y, at = 0.0, []
    for k, (choice, value) in enumerate(rows):
        y += 1.0 if k == 0 or rows[k - 1][0] == choice else 1.7
        at.append(y)
        chosen = np.flatnonzero(table[choice].astype(str).to_numpy() == value)
        ax.hlines(y, -0.5, len(table) - 0.5, color="#EEEEEE", linewidth=0.8, zorder=0)
        ax.scatter(
            chosen,
            np.full(len(chosen), y),
            c=[colour[k] for k in chosen],
            marker="s",
            s=max(6.0, min(26.0, 900 / len(table))),
        )
    ax.set_yticks(at, labels=[plain(shorten(value, 30)) for _, value in rows], fontsize=FONT)
    for choice in dict.fromkeys(choice for choice, _ in rows):
        mine = [y for y, (name, _) in zip(at, rows, strict=True) if name == choice]
        ax.text(
            1.01,
            float(np.mean(mine)),
            plain(choice.replace("_", "\n")),
            transform=ax.get_yaxis_transform(),
            va="center",
            fontsize=FONT,
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
