"""Several pictures in the place of one: the axes that are split stay the first of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


def split(
    ax: Axes,
    rows: int,
    columns: int = 1,
    *,
    heights: Sequence[float] | None = None,
    widths: Sequence[float] | None = None,
    share: str = "",
) -> list[Axes]:
    """Split the place of an Axes into panels, row by row; the first one is ``ax`` itself.

    Parameters
    ----------
    ax : Axes
        Of a grid of subplots, or placed by hand.
    rows, columns : int
        How many panels below and beside each other.
    heights, widths : sequence of float, optional
        Their sizes against each other; by default equal ones.
    share : {"", "x", "y", "xy"}
        Axes that all panels have in common.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import matplotlib.pyplot as plt
    >>> ax = plt.figure().add_subplot()
    >>> upper, lower = split(ax, 2, heights=[3, 1], share="x")
    >>> upper is ax, len(ax.figure.axes)
    (True, 2)
    """
    from matplotlib.gridspec import GridSpec

    figure: Any = ax.get_figure(root=False)
    shared = {f"share{axis}": ax for axis in share}
    ratios = {"height_ratios": heights, "width_ratios": widths}
    at = [(i, j) for i in range(rows) for j in range(columns)]
    place = ax.get_subplotspec()
    if place is not None:
        grid = place.subgridspec(rows, columns, **ratios)
        ax.set_subplotspec(grid[0, 0])
        return [ax, *(figure.add_subplot(grid[cell], **shared) for cell in at[1:])]
    ax.set_axes_locator(None)  # type: ignore[arg-type]  # an inset would go back to its whole place
    box = ax.get_position()
    sides = {"left": box.x0, "right": box.x1, "bottom": box.y0, "top": box.y1}
    free = GridSpec(rows, columns, **sides, **ratios)  # type: ignore[arg-type]  # both are floats
    boxes = [free[cell].get_position(figure) for cell in at]
    ax.set_position(boxes[0])
    return [ax, *(figure.add_axes(one.bounds, **shared) for one in boxes[1:])]


def several(*axes: Axes) -> NDArray[np.object_]:
    """Put some Axes into an array, as `matplotlib.pyplot.subplots` does."""
    made = np.empty(len(axes), dtype=object)
    made[:] = axes
    return made
