"""What every picture shares: its axes, colours, sizes and scales."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventstudy import errors

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Colormap
    from matplotlib.ticker import FuncFormatter

# blue and orange that colour-blind readers tell apart (Okabe and Ito), and two greys
UP, DOWN, DARK, PALE = "#0072B2", "#D55E00", "#333333", "#8A8A8A"
#: points; both stay readable on a slide
FONT, TITLE = 9, 12
#: inches below which axes are a column of a journal: letters are smaller, titles and legends
#: begin above the names of the rows, and legends leave the axes
NARROW, SMALLER = 3.6, 1.5
#: name of the figures that we make: their panels are no columns
OWN = "eventstudy"


def plain(text: object) -> str:
    r"""Return ``text`` such that matplotlib draws it as it stands: ``$`` starts no formula.

    >>> print(plain("$x^2$"))
    \$x^2\$
    """
    return str(text).replace("$", r"\$")


def axes_of(ax: Axes | None, size: tuple[float, float], *, apart: float = 0.04) -> Axes:
    """Return ``ax``, or the Axes of a figure of our own, whose panels stand ``apart`` inches.

    Raises
    ------
    OptionError
        If ``ax`` is something else, such as all Axes of a grid.
    """
    from matplotlib.axes import Axes

    if isinstance(ax, Axes):
        return ax
    if ax is not None:
        raise errors.not_an_axes(ax)
    import matplotlib.pyplot as plt
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    figure, made = plt.subplots(figsize=size, layout=ConstrainedLayoutEngine(w_pad=apart))
    figure.set_gid(OWN)
    return made


def dress(ax: Axes) -> None:
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.tick_params(labelsize=FONT)


def percent_axis() -> FuncFormatter:
    """Write ticks as ``+2.5 %``."""
    from matplotlib import ticker

    return ticker.FuncFormatter(lambda x, _: _tick(round(100 * x, 6)))


def number_axis() -> FuncFormatter:
    """Write ticks as ``+0.5``."""
    from matplotlib import ticker

    return ticker.FuncFormatter(lambda x, _: f"{round(x, 6):+g}" if round(x, 6) else "0")


def _tick(percent: float) -> str:
    return f"{percent:+g} %" if percent else "0 %"


def diverging() -> Colormap:
    """Orange, white, blue: ends that colour-blind readers tell apart, a middle that is nothing."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("gains", [DOWN, "#FFFFFF", UP])


def dated_axis(ax: Axes) -> None:
    """Write dates below as everywhere, in years, months or days: as fine as the span asks for."""
    from matplotlib import dates

    most = min(max(int(inches(ax)[0] / (0.65 if is_narrow(ax) else 0.95)), 3), 8)
    locator = dates.AutoDateLocator(minticks=2, maxticks=most)  # type: ignore[no-untyped-call]  # theirs
    ax.xaxis.set_major_locator(locator)
    written = dates.AutoDateFormatter(locator, defaultfmt="%Y-%m-%d")  # type: ignore[no-untyped-call]  # theirs
    written.scaled = {1.0: "%Y-%m-%d", 30.0: "%Y-%m", 365.0: "%Y"}
    ax.xaxis.set_major_formatter(written)


def colour_bar(ax: Axes, image: ScalarMappable, written: FuncFormatter, *, ends: str = "") -> None:
    """Say what the colours mean, at the right; ``ends="both"``: some values lie beyond them."""
    figure: Any = ax.get_figure(root=False)
    ax.set_axes_locator(None)  # type: ignore[arg-type]  # an inset makes room, too
    bar = figure.colorbar(image, ax=ax, pad=0.02, aspect=30, extend=ends or "neither")
    bar.ax.yaxis.set_major_formatter(written)
    bar.ax.tick_params(labelsize=fitting(ax))
    bar.outline.set_visible(False)


def inches(ax: Axes) -> tuple[float, float]:
    """Width and height of the axes, before a layout moves them a little."""
    figure = ax.get_figure(root=True)
    box = ax.get_position()
    if figure is None:
        return 6.0, 4.0
    parent = ax.get_figure(root=False)
    within = parent.bbox if parent is not None else figure.bbox  # a subfigure has its own
    return box.width * within.width / figure.dpi, box.height * within.height / figure.dpi


def is_narrow(ax: Axes) -> bool:
    """Whether the axes are a column of a journal."""
    figure = ax.get_figure(root=True)
    return inches(ax)[0] < NARROW and (figure is None or figure.get_gid() != OWN)


def fitting(ax: Axes, size: float = FONT) -> float:
    """Size of letters, which are smaller in a column of a journal."""
    return size - SMALLER if is_narrow(ax) else size
