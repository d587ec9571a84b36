"""Titles, legends, names of rows and labels, broken and small enough for their axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from eventstudy.report.drawing import DARK, FONT, TITLE, fitting, inches, is_narrow, plain
from eventstudy.report.lines import shorten, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: width of a usual letter against the size of its font, and of a bold one
LETTER, BOLD = 0.52, 0.6
#: points below which nobody reads a name
LEAST = 5.0


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


def write_heading(ax: Axes, title: str | None) -> None:
    """Write the title of a figure of several panels above all of them."""
    figure = ax.get_figure(root=True)
    if title and figure is not None:
        text = broken(title, figure.get_figwidth() - 0.3, BOLD * TITLE)
        figure.suptitle(text, fontsize=TITLE, fontweight="bold", x=0.01, ha="left")


def _overhang(ax: Axes) -> float:
    """Inches that the names of the rows of a narrow picture take: they stand left of the axes."""
    if not is_narrow(ax):
        return 0.0
    names = ax.get_yticklabels()
    widths = [len(name.get_text()) * LETTER * float(name.get_fontsize()) for name in names]
    return max(widths, default=0.0) / 72


def broken(text: str, width: float, letter: float = LETTER * 10) -> str:
    r"""Break a text for ``width`` inches, in letters of so many points; `plain` as well.

    >>> print(broken(r"average and \$20", 0.9))
    average and
    \$20
    """
    letters = max(14, int(72 * width / letter))
    said = str(text).replace(r"\$", "$")  # a break between the two would make it a formula
    return "\n".join(plain(line) for part in said.split("\n") for line in wrap(part, letters))


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
