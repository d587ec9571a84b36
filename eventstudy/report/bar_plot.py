"""The bars of one window: the slide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.report import flagged as flagging
from eventstudy.report.drawing import DARK, DOWN, PALE, UP, axes_of, dress, is_narrow, plain
from eventstudy.report.labels import footnote, legend_above, name_rows, write_title
from eventstudy.report.measures import RETURNS, Measure

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

#: bars that fit a picture; of more, the highest and the lowest are drawn
MOST = 60


def draw_bars(  # noqa: PLR0913  (the words of what is drawn, beside the numbers)
    bars: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str | None = None,
    source: str | None = None,
    mean: float | None = None,
    mean_low: float = float("nan"),
    mean_high: float = float("nan"),
    measure: Measure = RETURNS,
) -> Axes:
    """Draw one bar a firm with its interval, sorted, highest on top: the slide.

    Parameters
    ----------
    bars : DataFrame
        Index label (ticker); columns ``estimate``, ``low``, ``high`` (fractions), and if
        wanted ``flagged`` (bool: drawn hollow and hatched) and ``flag_note`` (why).
    ax, title, source
        As in `draw_paths`.
    mean, mean_low, mean_high : float, optional
        The average and its interval, drawn as a line with a band; NaN is not drawn.
    measure : Measure, optional
        What the numbers are about, if not returns.

    Raises
    ------
    OptionError
        Without any row.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> bars = pd.DataFrame({"estimate": [0.01, -0.03], "low": [-0.05, -0.09],
    ...                      "high": [0.07, 0.03]}, index=["IREN", "CIFR"])
    >>> [tick.get_text() for tick in draw_bars(bars).get_yticklabels()]
    ['CIFR', 'IREN']
    """
    if bars.empty:
        raise errors.nothing_to_draw("bars")
    shown = ranked(bars)
    own = ax is None
    height = max(4.5, 1.3 + 0.24 * len(shown))
    ax = axes_of(ax, (8.0, height))
    flagged, marks = flagging.flags(shown), flagging.marks(shown)
    dress(ax)
    _values(ax, shown, name_rows(ax, shown.index.tolist(), marks), measure)
    _bars(ax, shown, flagged)
    ax.xaxis.set_major_formatter(measure.axis())
    average = None if mean is None or not np.isfinite(mean) else (mean, mean_low, mean_high)
    if average is not None:
        draw_mean(ax, average)
    told = average and average_of(average, measure)
    entries = _marks_of_bars(shown, flagged, told, narrow=is_narrow(ax))
    write_title(ax, title, pad=legend_above(ax, entries, most=1))
    ax.set_xlabel(f"{measure.noun} and its 95 % interval", fontsize=10)
    left_out = len(bars) - len(shown)
    if left_out:
        source = f"{source + '; ' if source else ''}{left_out:,} bars in the middle left out"
    footnote(ax, source, own=own)
    return ax


def ranked(bars: pd.DataFrame) -> pd.DataFrame:
    """Lowest first (it stands at the bottom), without a number below all; at most `MOST`."""
    ranked = bars.sort_values("estimate", kind="stable", na_position="first")
    if len(ranked) <= MOST:
        return ranked
    return pd.concat([ranked.head(MOST // 2), ranked.tail(MOST // 2)])


def _values(ax: Axes, bars: pd.DataFrame, size: float, measure: Measure) -> None:
    """Write the values in a column at the right, in letters of ``size`` points."""
    for at, value in enumerate(bars["estimate"].tolist()):
        ax.text(
            1.01,
            at,
            measure.number(value, 1),
            transform=ax.get_yaxis_transform(),
            va="center",
            fontsize=size,
            color=DARK,
        )


def _bars(ax: Axes, bars: pd.DataFrame, flagged: NDArray[np.bool_]) -> None:
    """Bars and whiskers."""
    y = np.arange(len(bars))
    estimate, low, high = (bars[name].to_numpy(dtype=float) for name in ("estimate", "low", "high"))
    colours = np.where(estimate >= 0, UP, DOWN)
    for hollow in (False, True):
        at = (flagged == hollow) & np.isfinite(estimate)
        ax.barh(
            y[at],
            estimate[at],
            height=0.62,
            color="none" if hollow else colours[at],
            edgecolor=colours[at],
            hatch="////" if hollow else None,
            linewidth=1.2,
            zorder=2,
        )
    known = np.isfinite(low) & np.isfinite(high)
    ax.hlines(y[known], low[known], high[known], color=DARK, linewidth=1.2, zorder=3)
    for end in (low, high):
        ax.plot(end[known], y[known], "|", color=DARK, markersize=6, zorder=3)
    ax.axvline(0.0, color=DARK, linewidth=0.8, zorder=4)


def draw_mean(ax: Axes, mean: tuple[float, float, float], *, upright: bool = False) -> None:
    """Draw the average as a line with a band: across where the axis of values is upright."""
    value, low, high = mean
    line, span = (ax.axhline, ax.axhspan) if upright else (ax.axvline, ax.axvspan)
    if np.isfinite(low) and np.isfinite(high):
        span(low, high, color=PALE, alpha=0.18, linewidth=0, zorder=0)
    line(value, color=DARK, linestyle="--", linewidth=1.4, zorder=4)


def average_of(mean: tuple[float, float, float], measure: Measure, *, places: int = 1) -> Artist:
    """Entry of the legend that says the average and its interval."""
    from matplotlib.lines import Line2D

    label = _average(mean, measure, places)
    return Line2D([], [], color=DARK, linestyle="--", linewidth=1.4, label=label)


def _average(mean: tuple[float, float, float], measure: Measure, places: int) -> str:
    value, low, high = (measure.number(x, places) for x in mean)
    known = np.isfinite(mean[1]) and np.isfinite(mean[2])
    return f"average {value}" + (f" (95 % interval {low} to {high})" if known else "")


def _marks_of_bars(
    bars: pd.DataFrame, flagged: NDArray[np.bool_], average: Artist | None, *, narrow: bool
) -> list[Artist]:
    """Explain the mean and flagged bars."""
    from matplotlib.patches import Patch

    entries = [] if average is None else [average]
    if flagged.any():
        longest = flagging.SHORT if narrow else flagging.LONGEST
        label = plain(flagging.legend(bars, longest))
        entries.append(
            Patch(facecolor="none", edgecolor=DARK, hatch="////", linewidth=1.2, label=label)
        )
    return entries
