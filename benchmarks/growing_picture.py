"""The picture of `benchmarks/growth.py`: a panel for each size, on logarithmic axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eventstudy.report.drawing import DARK, DOWN, FONT, PALE, TITLE, UP, dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: value, ns per event of the engine, of the loop
Curve = Sequence[tuple[int, float, float]]


def draw(
    curves: Mapping[str, tuple[str, Curve]], base: Mapping[str, int], cpu: str, file: Path
) -> None:
    """Draw the cost of an event against each size, beside the loop over statsmodels."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        1, len(curves), figsize=(12, 4.2), sharey=True, layout="constrained"
    )
    for ax, (field, (name, curve)) in zip(axes, curves.items(), strict=True):
        _panel(ax, name, curve, base[field])
    axes[0].set_ylabel("microseconds of one core per event", fontsize=FONT)
    _names(axes[0], curves["events"][1])
    _, ours, loop = next(point for point in curves["events"][1] if point[0] == base["events"])
    figure.suptitle(
        f"One of {base['events']:,} events costs {ours / 1e3:.2g} µs; "
        f"in a loop over statsmodels {loop / 1e3:,.0f} µs",
        x=0.01,
        ha="left",
        fontsize=TITLE + 1,
        fontweight="bold",
    )
    others = f"{base['tickers']:,} tickers × {base['sessions']:,} sessions, one factor"
    figure.supxlabel(
        f"The other sizes stay at {base['events']:,} events, {others}, {base['length']} estimation "
        f"days (the ringed points). Simulated returns; {cpu}, one thread.",
        fontsize=FONT,
        color=DARK,
        x=0.01,
        ha="left",
    )
    figure.savefig(file, dpi=110)
    plt.close(figure)


def _panel(ax: Axes, name: str, curve: Curve, base: int) -> None:
    """Two lines, their ticks at the values that were measured."""
    values = [value for value, _, _ in curve]
    for at, colour in ((1, UP), (2, DOWN)):
        cost = [point[at] / 1e3 for point in curve]
        ax.plot(values, cost, color=colour, marker="o", markersize=4, linewidth=1.8)
        ax.plot(base, cost[values.index(base)], "o", color=colour, markersize=9, fillstyle="none")
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xticks(values, [_short(value) for value in values])
    ax.minorticks_off()
    ax.yaxis.set_major_formatter("{x:g}")
    ax.grid(visible=True, axis="y", color=PALE, alpha=0.3, linewidth=0.6)
    ax.set_title(name, loc="left", fontsize=FONT + 1)
    dress(ax)


def _names(ax: Axes, curve: Curve) -> None:
    """Write beside the lines what they are."""
    first, _, loop = curve[0]
    ax.text(first, loop / 1e3 * 1.3, "loop over statsmodels", color=DOWN, fontsize=FONT)
    value, ours, _ = curve[1]
    ax.text(value, ours / 1e3 * 1.3, "engine.run", color=UP, fontsize=FONT)


def _short(value: int) -> str:
    """Write 10,000 as 10k."""
    for size, letter in ((1_000_000, "M"), (1000, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return str(value)
