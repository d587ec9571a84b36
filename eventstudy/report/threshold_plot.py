"""What will be significant, before the event: a bar a firm, and its past reactions as dots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from eventstudy import errors
from eventstudy.arrays import FloatArray
from eventstudy.report.drawing import DARK, DOWN, FONT, PALE, UP, axes_of, dress, percent_axis
from eventstudy.report.labels import footnote, legend_above, name_rows, write_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_thresholds(
    moves: Mapping[str, float],
    dots: Mapping[str, FloatArray],
    *,
    ax: Axes | None = None,
    title: str | None = None,
    source: str | None = None,
) -> Axes:
    """Draw a bar from −move to +move for each row, in the order given, and past reactions.

    Parameters
    ----------
    moves : mapping of label to float
        The smallest absolute reaction that will be significant; without one there is no bar.
    dots : mapping of label to array
        Past reactions; those outside the bar are filled.
    ax, title, source
        As in `draw_paths`.

    Raises
    ------
    OptionError
        Without any row.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> ax = draw_thresholds({"IREN": 0.09}, {"IREN": np.array([0.02, -0.12])})
    >>> [tick.get_text() for tick in ax.get_yticklabels()]
    ['IREN']
    """
    if not moves:
        raise errors.nothing_to_draw("moves")
    own = ax is None
    moves = {label: move if np.isfinite(move) else np.nan for label, move in moves.items()}
    height = min(max(3.0, 1.6 + 0.3 * len(moves)), max(9.0, 1.6 + 0.18 * len(moves)))
    ax = axes_of(ax, (8.0, height))
    at = np.arange(len(moves))[::-1]
    bars = ax.barh(
        at,
        [2 * m for m in moves.values()],
        left=[-m for m in moves.values()],
        height=0.62,
        color="#D9E6F0",
        edgecolor=UP,
        linewidth=0.8,
    )
    bars.set_label("not significant inside")
    for y, (label, move) in zip(at, moves.items(), strict=True):
        _dots(ax, float(y), np.asarray(dots.get(label, ())), move)
    ax.axvline(0, color=DARK, linewidth=0.8)
    ax.use_sticky_edges = False  # the widest bar ends before the axis does
    ax.margins(x=0.04)
    ax.xaxis.set_major_formatter(percent_axis())
    ax.set_xlabel("abnormal return", fontsize=FONT)
    dress(ax)
    name_rows(ax, [*moves], at=at.tolist())
    write_title(ax, title, pad=_legend(ax, any(len(d) for d in dots.values())))
    footnote(ax, source, own=own)
    return ax


def _dots(ax: Axes, y: float, past: FloatArray, move: float) -> None:
    """Past reactions: hollow inside the bar, filled outside."""
    far = np.abs(past) >= move
    ax.scatter(
        past[~far],
        np.full((~far).sum(), y),
        s=22,
        facecolors="white",
        edgecolors=PALE,
        linewidths=0.9,
        zorder=3,
    )
    ax.scatter(past[far], np.full(far.sum(), y), s=26, color=DOWN, zorder=4)


def _legend(ax: Axes, any_dots: bool) -> float:
    """Explain bar and dots; returns the points that it takes."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    entries: list[Patch | Line2D] = [
        Patch(facecolor="#D9E6F0", edgecolor=UP, label="not significant")
    ]
    if any_dots:
        for fill, edge, label in (
            ("white", PALE, "past reaction"),
            (DOWN, DOWN, "past reaction that far"),
        ):
            entries.append(
                Line2D(
                    [],
                    [],
                    linestyle="none",
                    marker="o",
                    markersize=5,
                    markerfacecolor=fill,
                    markeredgecolor=edge,
                    label=label,
                )
            )
    return legend_above(ax, entries)
