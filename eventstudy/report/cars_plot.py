"""The CAR of every event with its interval, sorted: how much the events differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.report import cells
from eventstudy.report.bar_plot import average_of, draw_mean
from eventstudy.report.drawing import DARK, DOWN, PALE, UP, axes_of, dress
from eventstudy.report.labels import footnote, legend_above, name_rows, names_fit, write_title
from eventstudy.report.measures import RETURNS, Measure

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

#: an average and bounds below this are written with two decimals
SMALL = 0.02
#: events up to which each is named, has a whisker of its own, and has a dot that is no pixels
NAMED, WHISKERS, PIXELS = 40, 150, 1000


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
        forty events are named if there is room, highest on top; more are ranked from left to
        right. Events without an estimate are left out, which the line below says.
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
    own, crowd = ax is None, len(shown) > NAMED
    height = 4.5 if crowd else max(3.0, 1.5 + 0.2 * len(shown))
    ax = axes_of(ax, (8.0, height))
    upright = crowd or not names_fit(ax, len(shown))
    sure = _dots(ax, shown, upright=upright)
    said = _interval(shown, sure)
    dress(ax)
    if upright:
        _ranks(ax, len(shown), measure, said)
    else:
        _names(ax, shown, measure, said)
    marks = _marks(shown, sure)
    if np.isfinite(mean[0]):
        draw_mean(ax, mean, upright=upright)
        marks.append(average_of(mean, measure, places=2 if max(map(abs, mean)) < SMALL else 1))
    write_title(ax, title, pad=legend_above(ax, marks, most=2))
    if gone := len(cars) - len(shown):
        missing = f"{gone:,} event{'' if gone == 1 else 's'} without a number left out"
        source = "; ".join(filter(None, (source, missing)))
    footnote(ax, source, own=own)
    return ax


def _dots(ax: Axes, shown: pd.DataFrame, *, upright: bool) -> NDArray[np.bool_]:
    """Dots and intervals; returns which intervals exclude zero."""
    at = np.arange(len(shown))
    estimate, low, high = (
        shown[name].to_numpy(dtype=float) for name in ("estimate", "low", "high")
    )
    known = np.isfinite(low) & np.isfinite(high)
    sure: NDArray[np.bool_] = known & ((low > 0) | (high < 0))
    colour = np.where(sure, np.where(estimate > 0, UP, DOWN), PALE)
    crowd = len(shown) > WHISKERS
    if crowd:
        ax.fill_between(at, low, high, step="mid", color=PALE, alpha=0.35, linewidth=0, zorder=1)
    else:
        whiskers = ax.vlines if upright else ax.hlines
        width = 1.6 if not upright else 1.0
        whiskers(at[known], low[known], high[known], colors=colour[known].tolist(),
                 linewidth=width, zorder=2)  # fmt: skip
    size = float(np.clip(1500 / len(shown), 2.0, 30.0))
    for chosen, face in ((~sure, "white"), (sure, None)):
        x, y = (at[chosen], estimate[chosen]) if upright else (estimate[chosen], at[chosen])
        inner = face or colour[chosen].tolist()
        outer = DARK if crowd and face else colour[chosen].tolist()
        ax.scatter(
            x, y, s=size if face else max(size, 6.0), c=DARK if crowd and face else inner,
            edgecolors=outer, linewidths=0.0 if crowd else 1.2, zorder=3,
            rasterized=len(shown) > PIXELS,
        )  # fmt: skip
    (ax.axhline if upright else ax.axvline)(0.0, color=DARK, linewidth=0.8, zorder=4)
    return sure


def _interval(shown: pd.DataFrame, sure: NDArray[np.bool_]) -> str:
    """What the whiskers are, and how many exclude zero."""
    known = int(np.isfinite(shown["low"]).sum())
    if known < 2:
        return " and its 95 % interval" if known else ""
    found = int(sure.sum())
    share = f" ({100 * found / known:.0f} %; 5 % would by chance)" if known > NAMED else ""
    exclude = "excludes" if found == 1 else "exclude"
    return f" and its 95 % interval; {found:,} of {known:,} {exclude} zero{share}"


def _names(ax: Axes, shown: pd.DataFrame, measure: Measure, said: str) -> None:
    """One line an event: ticker, and day 0 where they differ."""
    days = shown["day0"]
    several = bool((days != days.iloc[0]).any())
    tails = [f"  {cells.date(day)}" if several else "" for day in days.tolist()]
    name_rows(ax, shown["ticker"].tolist(), tails, longest=24)
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
    crowd = len(shown) > WHISKERS
    kinds = [
        (sure & up, UP, UP, "above zero"),
        (sure & ~up, DOWN, DOWN, "below zero"),
        (~sure, DARK if crowd else PALE, DARK if crowd else "white", "the interval holds zero"),
    ]
    return [
        Line2D([], [], color=edge, marker="o", markersize=5, markerfacecolor=face,
               linestyle="none" if crowd else "-", label=label)
        for there, edge, face, label in kinds
        if there.any() and np.isfinite(shown["low"]).any()
    ]  # fmt: skip
