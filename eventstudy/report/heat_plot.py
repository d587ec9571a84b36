"""What a grid of rules earned: a heat map, the rules that survive correction outlined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.report.drawing import (
    DARK,
    FONT,
    axes_of,
    colour_bar,
    diverging,
    dress,
    percent_axis,
    plain,
)
from eventstudy.report.labels import footnote, write_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

LEVEL = 0.05
#: cells beyond which no values are written into them
WRITTEN = 240
#: of the darkest cells, those on which white is read better than black
DEEP = 0.6


def draw_grid(
    table: pd.DataFrame,
    *,
    value: str = "mean_net",
    ax: Axes | None = None,
    title: str | None = None,
    source: str | None = None,
) -> Axes:
    """Draw one cell a rule: entry upwards, leaving to the right, blue gains and orange losses.

    Parameters
    ----------
    table : DataFrame
        (enter, leave) → ``value``, a fraction, and ``adjusted``, the p-value after correction.
    value : str
        What the colour says.
    ax : Axes, optional
        Where to draw; without it a figure is made.
    title : str, optional
        Above the picture.
    source : str, optional
        A line below it.

    Returns
    -------
    Axes
        Rules below 5 % after correction have a dark frame. Values, in percent, are written into
        the cells of a grid that is small enough; pairs that are no rule stay blank.

    Raises
    ------
    OptionError
        Without any value.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> index = pd.MultiIndex.from_tuples([(0, 1), (0, 2), (1, 2)], names=["enter", "leave"])
    >>> table = pd.DataFrame({"mean_net": [0.01, 0.02, -0.01], "adjusted": [0.3, 0.01, 1.0]}, index)
    >>> ax = draw_grid(table)
    >>> [text.get_text() for text in ax.texts], len(ax.patches)
    (['+1.0', '+2.0', '-1.0'], 1)
    """
    wide, adjusted = _square(table[value]), _square(table["adjusted"])
    cells = wide.to_numpy(dtype=float)
    if not np.isfinite(cells).any():
        raise errors.nothing_to_draw("grid")
    own, ax = ax is None, axes_of(ax, _size_of(cells.shape))
    reach = float(np.nanmax(np.abs(cells))) or 1e-6
    image = ax.pcolormesh(
        np.ma.masked_invalid(cells), cmap=diverging(), vmin=-reach, vmax=reach, edgecolor="white",
        linewidth=0.5,
    )  # fmt: skip
    if cells.size <= WRITTEN:
        _write(ax, cells, reach)
    _frame(ax, adjusted.to_numpy(dtype=float))
    _axes(ax, wide)
    colour_bar(ax, image, percent_axis())
    write_title(ax, title)
    footnote(ax, source, own=own)
    return ax


def _square(values: pd.Series[float]) -> pd.DataFrame:
    """Enter × leave, in the order of the table; NaN where there is no rule."""
    enter, leave = (pd.unique(values.index.get_level_values(level)) for level in ("enter", "leave"))
    order = sorted(leave, key=_when)
    return values.unstack("leave").reindex(index=enter, columns=order)  # noqa: PD010  (unique keys)


def _when(moment: object) -> tuple[int, bool]:
    """Day, and whether it is its close: a text is an open."""
    if isinstance(moment, str):
        return int(moment.removeprefix("open")), False
    return int(str(moment)), True


def _size_of(shape: tuple[int, ...]) -> tuple[float, float]:
    height, width = shape
    return min(max(6.0, 2.6 + 0.42 * width), 16.0), min(max(3.6, 1.8 + 0.38 * height), 12.0)


def _write(ax: Axes, cells: NDArray[np.float64], reach: float) -> None:
    """Write the values in percent, as many digits as fit."""
    places = 1 if 100 * reach >= 0.95 else 2
    for (i, j), x in np.ndenumerate(cells):
        if np.isfinite(x):
            deep = abs(x) > DEEP * reach
            text = f"{100 * x:+.{places}f}"
            ax.text(j + 0.5, i + 0.5, text if float(text) else text[1:], ha="center", va="center",
                    fontsize=FONT - 2, color="white" if deep else DARK)  # fmt: skip


def _frame(ax: Axes, adjusted: NDArray[np.float64]) -> None:
    from matplotlib.patches import Rectangle

    for i, j in np.argwhere(adjusted <= LEVEL):
        inner = Rectangle((j + 0.04, i + 0.04), 0.92, 0.92)
        inner.set(fill=False, edgecolor="black", linewidth=2.0)
        ax.add_patch(inner)


def _axes(ax: Axes, wide: pd.DataFrame) -> None:
    for axis, names, word in ((ax.yaxis, wide.index, "entry"), (ax.xaxis, wide.columns, "leaving")):
        step = -(-len(names) // 30)
        at = np.arange(0, len(names), step)
        axis.set_ticks(at + 0.5, labels=[plain(name) for name in names[::step]])
        axis.set_label_text(f"{word}, day around day 0", fontsize=10)
    dress(ax)
    ax.tick_params(length=0)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
