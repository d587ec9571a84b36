"""What every picture shares: colours, sizes, titles, percent axes, the line of the source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from eventstudy import errors
from eventstudy.report.lines import shorten, wrap

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
#: points below which nobody reads a name
LEAST = 5.0
#: name of the figures that we make: their panels are no columns
OWN = "eventstudy"
#: width of a usual letter against the size of its font, and of a bold one
LETTER, BOLD = 0.52, 0.6


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

    most = min(max(int(inches(ax)[0] / 0.95), 3), 8)
    locator = dates.AutoDateLocator(minticks=2, maxticks=most)  # type: ignore[no-untyped-call]  # theirs
    ax.xaxis.set_major_locator(locator)
    written = dates.AutoDateFormatter(locator, defaultfmt="%Y-%m-%d")  # type: ignore[no-untyped-call]  # theirs
    written.scaled = {365.0: "%Y", 30.0: "%Y-%m", 0.0: "%Y-%m-%d"}
    ax.xaxis.set_major_formatter(written)


def colour_bar(ax: Axes, image: ScalarMappable, written: FuncFormatter, *, ends: str = "") -> None:
    """Say what the colours mean, at the right; ``ends="both"``: some values lie beyond them."""
    figure: Any = ax.get_figure(root=False)
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


def write_title(
    ax: Axes,
    title: str | None,
    *,
    size: float = TITLE,
    pad: float = 6,
    rows: Axes | None = None,
) -> None:
    """Write the title at the left, ``pad`` points above the axes, in lines that fit.

    ``rows`` are the axes whose rows have names, if not ``ax``.
    """
    if not title:
        return
    from matplotlib.transforms import ScaledTranslation

    size = fitting(ax, size)
    text = broken(title, inches(ax)[0], BOLD * size)
    made = ax.set_title(text, loc="left", fontsize=size, fontweight="bold", pad=pad)
    if left := _overhang(rows or ax):
        figure: Any = ax.get_figure(root=True)
        made.set_transform(
            made.get_transform() + ScaledTranslation(-left, 0, figure.dpi_scale_trans)
        )


def _overhang(ax: Axes) -> float:
    """Inches that the names of the rows of a narrow picture take: they stand left of the axes."""
    if not is_narrow(ax):
        return 0.0
    names = ax.get_yticklabels()
    widths = [len(name.get_text()) * LETTER * float(name.get_fontsize()) for name in names]
    return max(widths, default=0.0) / 72


def name_rows(
    ax: Axes,
    names: Sequence[object],
    tails: Sequence[str] | None = None,
    *,
    at: Sequence[int] | None = None,
    longest: int = 28,
) -> float:
    """Name the rows 0, 1, … (or ``at``): shortened and small enough for the axes.

    ``tails`` stay whole. Returns the size of the letters.
    """
    wide, high = inches(ax)
    tails = [""] * len(names) if tails is None else tails
    room = int(0.45 * 72 * wide / (LETTER * FONT)) - max(map(len, tails), default=0)
    most = min(longest, max(room, 6))
    labels = [plain(shorten(str(n), most)) + plain(t) for n, t in zip(names, tails, strict=True)]
    ax.set_yticks(range(len(names)) if at is None else at, labels=labels)
    ax.set_ylim(-0.7, len(names) - 0.3)
    share = 0.5 if is_narrow(ax) else 0.75  # the rest is for title and legend
    size = min(fitting(ax), max(LEAST - 1, share * 72 * high / max(len(names), 1)))
    ax.tick_params(axis="y", length=0, labelsize=size)
    return size


def write_heading(ax: Axes, title: str | None) -> None:
    """Write the title of a figure of several panels above all of them."""
    figure = ax.get_figure(root=True)
    if title and figure is not None:
        text = broken(title, figure.get_figwidth() - 0.3, BOLD * TITLE)
        figure.suptitle(text, fontsize=TITLE, fontweight="bold", x=0.01, ha="left")


def broken(text: str, width: float, letter: float = LETTER * 10) -> str:
    r"""Break a text for ``width`` inches, in letters of so many points; `plain` as well.

    >>> print(broken(r"average and \$20", 0.9))
    average and
    \$20
    """
    letters = max(14, int(72 * width / letter))
    said = text.replace(r"\$", "$")  # a break between the two would make it a formula
    return "\n".join(plain(line) for part in said.split("\n") for line in wrap(part, letters))


def names_fit(ax: Axes, rows: int) -> bool:
    """Whether so many rows are high enough for names that can be read."""
    return 0.6 * 72 * inches(ax)[1] >= LEAST * rows


def legend_above(
    ax: Axes, handles: Sequence[Any] | None = None, *, most: int = 3, rows: Axes | None = None
) -> float:
    """Explain the marks above the axes, where the legend covers nothing.

    In as many columns as the width holds; returns the points that it takes, for the title.
    ``rows`` as in `write_title`.
    """
    from matplotlib.transforms import ScaledTranslation

    marks = list(ax.get_legend_handles_labels()[0] if handles is None else handles)
    if not marks:
        return 6.0
    size = fitting(ax)
    letter = LETTER * size
    room = 72 * inches(ax)[0] / letter  # letters in a line; a mark is as wide as seven
    texts = [broken(str(mark.get_label()), (room - 7) * letter / 72, letter) for mark in marks]
    widths = [7 + max(map(len, text.split("\n"))) for text in texts]
    columns = max(n for n in range(1, most + 1) if n == 1 or _across(widths, n) <= 1.15 * room)
    lines = -(-len(marks) // columns)
    figure: Any = ax.get_figure(root=True)
    place = ax.transAxes + ScaledTranslation(-_overhang(rows or ax), 0, figure.dpi_scale_trans)
    ax.legend(
        handles=marks, labels=texts, loc="lower left", bbox_to_anchor=(0.0, 1.0),
        bbox_transform=place, ncols=-(-len(marks) // lines), frameon=False, fontsize=size,
        borderaxespad=0.2, columnspacing=1.2, handletextpad=0.5,
    )  # fmt: skip
    high = [text.count("\n") + 1 for text in texts]
    return 8.0 + 1.72 * size * sum(max(high[line::lines]) for line in range(lines))


def legend_inside(ax: Axes) -> float:
    """Explain the marks where the axes are emptiest; above narrow ones. Returns as above."""
    if is_narrow(ax):
        return legend_above(ax)
    ax.legend(loc="best", frameon=False, fontsize=FONT)
    return 6.0


def _across(widths: list[int], columns: int) -> int:
    """Width of entries that fill one column after the other."""
    rows = -(-len(widths) // columns)
    return sum(max(widths[at : at + rows]) for at in range(0, len(widths), rows))


def footnote(ax: Axes, source: str | None, *, own: bool) -> None:
    """Where the numbers come from: below our own figure, else behind the label of the axis.

    Comes last: it breaks labels that are longer than their axes, and thins out numbers that
    would touch.
    """
    figure = ax.get_figure(root=True)
    label = ax.get_xlabel()
    if source and own and figure is not None:
        text = broken(source, figure.get_figwidth() - 0.3, LETTER * FONT)
        figure.supxlabel(text, fontsize=FONT, color=DARK, x=0.99, ha="right")
    elif source:
        label = f"{label}\n{source}"
    _fit(ax, label)


def _fit(ax: Axes, label: str) -> None:
    """Break the labels of narrow axes, and thin out numbers that would touch."""
    from matplotlib.ticker import AutoLocator, FixedLocator, MaxNLocator

    wide, high = inches(ax)
    size = fitting(ax, 10)
    left = _overhang(ax)
    under = left > 0.5  # below the names, too
    reach = 1.0 if is_narrow(ax) else 1.2  # of wide axes it may reach beyond
    text = broken(label, reach * wide, LETTER * size)
    ax.set_xlabel(text, loc="right" if under else "center")
    ax.set_ylabel(broken(ax.get_ylabel(), 1.1 * high, LETTER * size))
    if is_narrow(ax):
        ax.xaxis.label.set_fontsize(size)
        ax.yaxis.label.set_fontsize(size)
        named = isinstance(ax.yaxis.get_major_locator(), FixedLocator)
        ax.tick_params(axis="x" if named else "both", labelsize=fitting(ax))
    if isinstance(ax.xaxis.get_major_locator(), AutoLocator):
        room = min(max(int((wide - left) / 0.62), 2), 9)
        ax.xaxis.set_major_locator(MaxNLocator(nbins=room, steps=[1, 2, 2.5, 5, 10]))
