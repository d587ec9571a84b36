"""The CAR of every event with its interval, sorted: how much the events differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.report import cells
from eventstudy.report.bar_plot import average_of, draw_mean
from eventstudy.report.drawing import (
    DARK,
    DOWN,
    PALE,
    UP,
    dress,
    footnote,
    legend_above,
    new_axes,
    plain,
    write_title,
)
from eventstudy.report.lines import shorten
from eventstudy.report.measures import RETURNS, Measure

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

#: events up to which each is named, and whiskers above which they are drawn as pixels
NAMED, PIXELS = 40, 1000


def draw_cars(
    cars: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str | None = None,
    source: str | None = None,
    mean: tuple[float, float, float] = (np.nan, np.nan, np.nan),
    measure: Measure = RETURNS,
) -> Axes:
    """Draw one dot an event with its interval, sorted; filled where the interval excludes zero.

    Parameters
    ----------
    cars : DataFrame
        event_id → ``ticker``, ``day0``, ``estimate``, ``low``, ``high`` (fractions). Up to
        forty events are named, highest on top; more are ranked from left to right. Events
        without an estimate are left out, which the line below says.
    ax, title, source
        As in `draw_paths`.
    mean : (value, low, high)
        The average and its interval, drawn as a line with a band; NaN is not drawn.
    measure : Measure, optional
        What the numbers are about, if not returns.

    Raises
    ------
    OptionError
        Without any estimate.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> cars = pd.DataFrame({"ticker": ["IREN", "HUT"], "day0": pd.Timestamp("2026-02-26"),
    ...                      "estimate": [0.01, -0.03], "low": [-0.05, -0.05],
    ...                      "high": [0.07, -0.01]})
    >>> ax = draw_cars(cars)
    >>> [tick.get_text() for tick in ax.get_yticklabels()], ax.get_xlabel().split(";")[1]
    (['HUT', 'IREN'], ' 1 of 2 excludes zero')
    """
    shown = cars[np.isfinite(cars["estimate"])].sort_values("estimate", kind="stable")
    if shown.empty:
        raise errors.nothing_to_draw("cars")
    own, upright = ax is None, len(shown) > NAMED
    height = 4.5 if upright else max(3.0, 1.5 + 0.2 * len(shown))
    ax = new_axes((8.0, height)) if ax is None else ax
    sure = _dots(ax, shown, upright=upright)
    said = _interval(shown, sure)
    if upright:
        _ranks(ax, len(shown), measure, said)
    else:
        _names(ax, shown, measure, said)
    dress(ax)
    marks = _marks(shown, sure)
    if np.isfinite(mean[0]):
        draw_mean(ax, mean, upright=upright)
        marks.append(average_of(mean, measure))
    write_title(ax, title, pad=legend_above(ax, marks, most=2))
    if gone := len(cars) - len(shown):
        missing = f"{gone:,} event{'' if gone == 1 else 's'} without a number left out"
        source = "; ".join(filter(None, (source, missing)))
    footnote(ax, source, own=own)
    return ax


def _dots(ax: Axes, shown: pd.DataFrame, *, upright: bool) -> NDArray[np.bool_]:
    """Dots and whiskers; returns which intervals exclude zero."""
    at = np.arange(len(shown))
    estimate, low, high = (
        shown[name].to_numpy(dtype=float) for name in ("estimate", "low", "high")
    )
    known = np.isfinite(low) & np.isfinite(high)
    sure: NDArray[np.bool_] = known & ((low > 0) | (high < 0))
    colour = np.where(sure, np.where(estimate > 0, UP, DOWN), PALE)
    whiskers = ax.vlines if upright else ax.hlines
    width = float(np.clip(160 / len(shown), 0.4, 1.6))
    whiskers(
        at[known], low[known], high[known], colors=colour[known].tolist(), linewidth=width,
        alpha=0.75 if upright else 1.0, zorder=2, rasterized=len(shown) > PIXELS,
    )  # fmt: skip
    size = float(np.clip(1500 / len(shown), 1.5, 30.0))
    for chosen, face in ((sure, colour), (~sure, np.full(len(at), "white"))):
        x, y = (at[chosen], estimate[chosen]) if upright else (estimate[chosen], at[chosen])
        ax.scatter(
            x, y, s=size, c=face[chosen].tolist(), edgecolors=colour[chosen].tolist(),
            linewidths=min(1.2, 0.25 * size**0.5), zorder=3, rasterized=len(shown) > PIXELS,
        )  # fmt: skip
    (ax.axhline if upright else ax.axvline)(0.0, color=DARK, linewidth=0.8, zorder=4)
    return sure


def _interval(shown: pd.DataFrame, sure: NDArray[np.bool_]) -> str:
    """What the whiskers are, and how many exclude zero."""
    known = int(np.isfinite(shown["low"]).sum())
    if not known:
        return ""
    found = int(sure.sum())
    share = f" ({100 * found / known:.0f} %; 5 % would by chance)" if known > NAMED else ""
    exclude = "excludes" if found == 1 else "exclude"
    return f" and its 95 % interval; {found:,} of {known:,} {exclude} zero{share}"


def _names(ax: Axes, shown: pd.DataFrame, measure: Measure, said: str) -> None:
    """One line an event: ticker, and day 0 where they differ."""
    days = shown["day0"]
    several = bool((days != days.iloc[0]).any())
    labels = [
        plain(shorten(str(name), 24)) + (f"  {cells.date(day)}" if several else "")
        for name, day in zip(shown["ticker"].tolist(), days.tolist(), strict=True)
    ]
    ax.set_yticks(np.arange(len(shown)), labels=labels)
    ax.set_ylim(-0.7, len(shown) - 0.3)
    ax.tick_params(axis="y", length=0)
    ax.xaxis.set_major_formatter(measure.axis())
    ax.set_xlabel(measure.noun + said, fontsize=10)


def _ranks(ax: Axes, count: int, measure: Measure, said: str) -> None:
    ax.set_xlim(-0.01 * count, 1.01 * count)
    ax.xaxis.set_major_formatter(lambda rank, _: f"{rank:,.0f}")
    ax.yaxis.set_major_formatter(measure.axis())
    ax.set_ylabel(measure.noun, fontsize=10)
    ax.set_xlabel(f"{count:,} events, lowest first{said.replace(' and its', '; the')}", fontsize=10)


def _marks(shown: pd.DataFrame, sure: NDArray[np.bool_]) -> list[Artist]:
    """Entries of the legend: the marks that are there."""
    from matplotlib.lines import Line2D

    up = (shown["estimate"] > 0).to_numpy()
    kinds = [
        (sure & up, UP, UP, "above zero"),
        (sure & ~up, DOWN, DOWN, "below zero"),
        (~sure, PALE, "white", "the interval holds zero"),
    ]
    return [
        Line2D([], [], color=edge, marker="o", markersize=5, markerfacecolor=face, label=label)
        for there, edge, face, label in kinds
        if there.any() and np.isfinite(shown["low"]).any()
    ]
