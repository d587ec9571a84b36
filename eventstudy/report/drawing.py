"""What every picture shares: colours, sizes, titles, percent axes, the line of the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventstudy.report.lines import wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.ticker import FuncFormatter

# blue and orange that colour-blind readers tell apart (Okabe and Ito), and two greys
UP, DOWN, DARK, PALE = "#0072B2", "#D55E00", "#333333", "#8A8A8A"
#: points; both stay readable on a slide
FONT, TITLE = 9, 12


def plain(text: object) -> str:
    r"""Return ``text`` such that matplotlib draws it as it stands: ``$`` starts no formula.

    >>> print(plain("$x^2$"))
    \$x^2\$
    """
    return str(text).replace("$", r"\$")


def new_axes(size: tuple[float, float]) -> Axes:
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=size, layout="constrained")[1]


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


def write_title(ax: Axes, title: str | None, *, size: float = TITLE, pad: float = 6) -> None:
    """Write the title at the left, ``pad`` points above the axes, in lines that fit."""
    figure = ax.get_figure(root=True)
    if not title or figure is None:
        return
    inches = ax.get_position().width * figure.get_figwidth()
    letters = max(16, int(inches * 72 / (0.6 * size)))
    text = "\n".join(wrap(title, letters))
    ax.set_title(plain(text), loc="left", fontsize=size, fontweight="bold", pad=pad)


def footnote(ax: Axes, source: str | None, *, own: bool) -> None:
    """Where the numbers come from: below our own figure, else behind the label of the axis."""
    if not source:
        return
    figure = ax.get_figure(root=True)
    if own and figure is not None:
        figure.supxlabel(plain(source), fontsize=FONT, color=DARK, x=0.99, ha="right")
    else:
        ax.set_xlabel(f"{ax.get_xlabel()}\n{plain(source)}")
