"""How often tests reject without an effect, and with one: the picture of a calibration."""

from __future__ import annotations

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
from eventstudy.report.labels import footnote, legend_above, name_rows, write_heading, write_title
from eventstudy.report.panels import several, split

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

#: Monte-Carlo errors that a bar reaches to either side: 95 %
REACH = 1.96
#: inches below which panels stand below each other
BESIDE = 6.0


def draw_calibration(
    size: pd.DataFrame,
    power: pd.DataFrame,
    *,
    nominal: tuple[float, float, float],
    lead: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    source: str | None = None,
) -> NDArray[np.object_]:
    """Draw size per test at the left, power by effect at the right.

    Parameters
    ----------
    size, nominal
        As in `draw_sizes`.
    power, lead
        As in `draw_powers`.
    ax : Axes, optional
        Its place is split in two; without it a figure is made.
    title : str, optional
        Above both.
    source : str, optional
        A line below them.

    Returns
    -------
    array of two Axes
    """
    own = ax is None
    height = min(max(4.5, 1.6 + 0.26 * len(size)), 9.0)
    ax = axes_of(ax, (12.0, height), apart=0.12)
    if inches(ax)[0] < BESIDE:
        left, right = split(ax, 2, heights=(1.0 + 0.1 * len(size), 2.0))
    else:
        left, right = split(ax, 1, 2, widths=(1.15, 1.0))
    draw_sizes(size, nominal=nominal, lead=lead, ax=left, title=None if own else title)
    draw_powers(power, lead=lead, ax=right)
    if own:
        write_heading(ax, title)
    footnote(left if own else right, source, own=own)
    return several(left, right)


def draw_sizes(
    size: pd.DataFrame,
    *,
    nominal: tuple[float, float, float],
    lead: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw one dot a test: how often it rejects without any effect.

    Parameters
    ----------
    size : DataFrame
        Index test; columns ``valid`` (bool), ``two-sided`` and ``mc_error``, shares of draws; and,
        if there, ``own`` (bool): tests that the dates say nothing about.
    nominal : (level, low, high)
        What the tests promise, and the rates that cannot be told from it.
    lead : str, optional
        The test whose name is printed bold.
    ax : Axes, optional
        Where to draw; without it a figure is made.
    title : str, optional
        Above the picture.

    Raises
    ------
    OptionError
        Without any test.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> size = pd.DataFrame({"valid": [False, True], "two-sided": [0.38, 0.05],
    ...                      "mc_error": [0.015, 0.007]}, index=["csect_t", "adj_bmp"])
    >>> ax = draw_sizes(size, nominal=(0.05, 0.022, 0.078))
    >>> [tick.get_text() for tick in ax.get_yticklabels()]
    ['csect_t', 'adj_bmp']
    """
    if size.empty:
        raise errors.nothing_to_draw("size")
    ax = axes_of(ax, (8.0, max(4.5, 1.6 + 0.26 * len(size))))
    # from below: tests that are not valid, then valid ones, the largest rate of each at the foot
    shown = size.sort_values(["valid", "two-sided"], ascending=[True, False], kind="stable")
    level, low, high = nominal
    told = f"chance band around {100 * level:g} %"
    ax.axvspan(low, high, color=PALE, alpha=0.25, linewidth=0, label=told)
    ax.axvline(level, color=DARK, linestyle="--", linewidth=1.0)
    y = np.arange(len(shown))
    rate, error = (shown[name].to_numpy(dtype=float) for name in ("two-sided", "mc_error"))
    valid = shown["valid"].to_numpy(dtype=bool)
    own = ~valid & (shown["own"].to_numpy(dtype=bool) if "own" in shown else False)
    for group, colour, mark, label in (
        (valid, UP, "o", "valid on these dates"),
        (own, DARK, "D", "your own"),
        (~valid & ~own, DOWN, "s", "not valid"),
    ):
        if group.any():
            ax.errorbar(rate[group], y[group], xerr=REACH * error[group], fmt=mark, color=colour,
                        markersize=6, elinewidth=1.4, capsize=2, label=label, zorder=3)  # fmt: skip
    dress(ax)
    letters = name_rows(ax, shown.index.tolist())
    for at, value in enumerate(rate.tolist()):
        ax.text(1.01, at, f"{100 * value:.1f} %", transform=ax.get_yaxis_transform(), va="center",
                fontsize=letters, color=DARK)  # fmt: skip
    # axes that share theirs with another picture have no labels of their own
    for test, tick in zip(shown.index, ax.get_yticklabels(), strict=False):
        tick.set_fontweight("bold" if test == lead else "normal")
    ax.set_xlim(0.0, max(1.08 * float((rate + REACH * error).max()), 2.0 * level, 1.1 * high))
    ax.xaxis.set_major_formatter(lambda share, _: f"{100 * share:g} %")
    ax.set_xlabel("draws without any effect that are rejected, two-sided", fontsize=10)
    write_title(ax, title, pad=legend_above(ax))
    footnote(ax, None, own=False)
    return ax


def draw_powers(
    power: pd.DataFrame,
    *,
    lead: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw how often each test finds an effect, by the size of the effect.

    Parameters
    ----------
    power : DataFrame
        Test × effect: shares of draws. Tests that reject too often do not belong here.
    lead : str, optional
        The test drawn as a thick line.
    ax, title
        As in `draw_sizes`.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> power = pd.DataFrame([[0.05, 0.6]], index=["adj_bmp"], columns=[0.0, 0.02])
    >>> [text.get_text() for text in draw_powers(power).texts]
    ['80 %', 'adj_bmp']
    """
    ax = axes_of(ax, (8.0, 4.5))
    effects = power.columns.to_numpy(dtype=float)
    ax.axhline(0.8, color=DARK, linestyle="--", linewidth=1.0)
    ax.text(effects.min(), 0.81, "80 %", fontsize=FONT, color=DARK, va="bottom")
    for test, row in power.iterrows():
        first = test == lead
        colour, width, size = (UP, 2.6, 5.0) if first else (PALE, 1.2, 3.5)
        line = ax.plot(effects, row.to_numpy(dtype=float), marker="o", zorder=2 + first)[0]
        line.set(color=colour, linewidth=width, markersize=size)
    _name_lines(ax, power.iloc[:, int(effects.argmax())].dropna(), float(effects.max()), lead)
    ax.set_ylim(0.0, 1.03)
    dress(ax)
    ax.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g} %")
    ax.xaxis.set_major_formatter(percent_axis())
    ax.set_xticks(effects) if len(effects) <= 7 else None
    ax.set_ylabel("draws in which the effect is found (5 %, two-sided)", fontsize=10)
    ax.set_xlabel("planted effect", fontsize=10)
    if power.empty:
        ax.text(0.5, 0.5, "no valid test holds", transform=ax.transAxes, ha="center", fontsize=10)
    write_title(ax, title)
    footnote(ax, None, own=False)
    return ax


def _name_lines(ax: Axes, ends: pd.Series[float], x: float, lead: str | None) -> None:
    """Write the names of the lines behind their ends, moved apart where they would overlap."""
    if ends.empty:
        return
    figure = ax.get_figure(root=True)
    height = ax.get_position().height * (figure.get_figheight() if figure else 4.5)
    gap = 1.03 * 1.25 * fitting(ax) / (72 * height)
    order = ends.sort_values()
    places = _apart(order.tolist(), gap)
    for (test, end), at in zip(order.items(), places.tolist(), strict=True):
        first = test == lead
        ax.annotate(
            plain(test),
            (x, end),
            xytext=(1.08, at),
            textcoords=ax.get_yaxis_transform(),
            va="center",
            fontsize=fitting(ax),
            color=UP if first else DARK,
            fontweight="bold" if first else "normal",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": PALE, "linewidth": 0.6, "relpos": (0.0, 0.5)},
        )


def _apart(ends: list[float], gap: float) -> NDArray[np.float64]:
    """Heights near ascending ``ends``, ``gap`` or more from each other, from 0 to 1 if they fit.

    >>> _apart([0.2, 0.5, 0.5], 0.1).round(2).tolist()
    [0.2, 0.45, 0.55]
    >>> _apart([0.0, 0.0], 0.25).tolist(), _apart([1.0, 1.0], 0.25).tolist()
    ([0.0, 0.25], [0.75, 1.0])
    """
    # runs of names that touch are centred on their ends, and merged while they overlap
    runs: list[tuple[float, int]] = []
    for end in ends:
        middle, count = end, 1
        while runs and middle - runs[-1][0] < gap * (count + runs[-1][1]) / 2.0:
            other, many = runs.pop()
            middle = (middle * count + other * many) / (count + many)
            count += many
        runs.append((middle, count))
    steps = [middle + gap * (np.arange(n) - (n - 1) / 2.0) for middle, n in runs]
    found: NDArray[np.float64] = np.concatenate(steps)
    found -= max(0.0, float(found[-1]) - 1.0)
    return found - min(0.0, float(found[0]))
