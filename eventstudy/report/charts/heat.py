"""Events × days of abnormal returns as a heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.report import cells
from eventstudy.report.charts import frame
from eventstudy.report.charts.scales import Scale, between, day_axis, rounded
from eventstudy.report.days_plot import EMPTY, REACH, reach_of
from eventstudy.report.document.parts import Chart
from eventstudy.report.drawing import DOWN, UP
from eventstudy.report.lines import shorten
from eventstudy.report.measures import RETURNS, Measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: rows and cells of a picture; of more events, evenly spaced ones are drawn
ROWS, CELLS = 400, 40_000
#: rows up to which the cells have edges and every event is named
EDGED = 60


def heat_chart(ar: pd.DataFrame, labels: pd.DataFrame, measure: Measure = RETURNS) -> Chart:
    """Draw the abnormal return of each event on each day: blue above zero, orange below.

    Parameters
    ----------
    ar : DataFrame
        event_id → one column an event day; fractions, NaN where there is no return.
    labels : DataFrame
        event_id → ``ticker``, ``day0``, in the order of ``ar``.
    measure : Measure, optional
        What the numbers are about, if not returns.

    Returns
    -------
    Chart
        Sorted by day 0, then ticker, the earliest on top. The colours end where 99 % of the
        cells lie; the note says where, and how many of the events are drawn if not all.

    Raises
    ------
    OptionError
        Without any number.

    Examples
    --------
    >>> ar = pd.DataFrame([[0.01, -0.02], [0.0, 0.03]], ["b", "a"], [0, 1])
    >>> labels = pd.DataFrame({"ticker": ["HUT", "CIFR"], "day0": pd.Timestamp("2026-02-26")},
    ...                       ["b", "a"])
    >>> heat_chart(ar, labels).figure["data"][0]["y"]
    ['CIFR', 'HUT']
    """
    values = ar.to_numpy(dtype=float)
    if not np.isfinite(values).any():
        raise errors.nothing_to_draw("heatmap")
    order = np.lexsort((labels["ticker"].astype(str), labels["day0"]))
    shown = order[frame.evenly(len(order), min(ROWS, max(CELLS // values.shape[1], 2)))]
    few, scale = len(shown) <= EDGED, Scale(measure)
    reach = reach_of(values)
    days = ar.columns.to_numpy(dtype=float)
    trace = {
        "type": "heatmap",
        "x": days.tolist(),
        "y": _names(labels.iloc[shown]),
        "z": [_cells(row, scale) for row in values[shown]],
        **_colours(reach, scale),
        "xgap": 1 if few and len(days) <= EDGED else 0,
        "ygap": 1 if few else 0,
        "hoverongaps": False,
        "hovertemplate": f"<b>%{{y}}</b>, day %{{x}}<br>{scale.shown('z')}<extra></extra>",
    }
    drawn = frame.figure(
        [trace],
        130 + (20 * max(len(shown), 4) if few else 560),
        xaxis=day_axis(float(days.min()), float(days.max()), showgrid=False, ticks=""),
        yaxis=frame.axis(type="category", autorange="reversed", showgrid=False, ticks=""),
        plot_bgcolor=EMPTY,
        showlegend=False,
        shapes=_day_zero(days),
    )
    note = _note(values, len(shown), reach, measure)
    return Chart(name="heat", figure=drawn, alt=_alt(values, days, measure), note=note)


def _names(rows: pd.DataFrame) -> list[str]:
    """Ticker, and day 0 where they differ; each name once, for they are rows of an axis."""
    several = bool((rows["day0"] != rows["day0"].iloc[0]).any())
    pairs = zip(rows["ticker"].tolist(), rows["day0"].tolist(), strict=True)
    names = [
        f"{shorten(str(ticker), 12)} {cells.date(day)}" if several else str(ticker)
        for ticker, day in pairs
    ]
    return frame.labels(names, 24)


def _cells(row: NDArray[np.float64], scale: Scale) -> list[float | None]:
    """Three decimals: a hover says two."""
    return [None if x is None else round(x, 3) for x in scale.values(row)]


def _colours(reach: float, scale: Scale) -> dict[str, Any]:
    """Orange, white, blue, as far down as up; the bar that explains them lies below."""
    ticks = scale.ends(reach)
    bar = {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "yref": "container",
        "y": 0,
        "yanchor": "bottom",
        "thickness": 12,
        "outlinewidth": 0,
        **ticks,
        "tickfont": {"size": frame.SMALL},
    }
    low, high = rounded([-reach * scale.unit, reach * scale.unit])
    return {
        "zmin": low,
        "zmax": high,
        "colorscale": [[0, DOWN], [0.5, frame.WHITE], [1, UP]],
        "colorbar": bar,
    }


def _day_zero(days: NDArray[np.float64]) -> list[dict[str, Any]]:
    """Two lines with day 0 between them."""
    if 0.0 not in days:
        return []
    return [frame.line((x, x), (0, 1), yref="paper", layer="above") for x in (-0.5, 0.5)]


def _alt(values: NDArray[np.float64], days: NDArray[np.float64], measure: Measure) -> str:
    known = values[np.isfinite(values)]
    n = f"{len(values):,} event{'' if len(values) == 1 else 's'}"
    span = between(float(days.min()), float(days.max()))
    low, high = measure.number(known.min(), 1), measure.number(known.max(), 1)
    said = f"A map of the {measure.noun} of {n} {span}: between {low} and {high}"
    if 0.0 not in days:
        return f"{said}."
    zero = values[:, int(np.flatnonzero(days == 0.0)[0])]
    return f"{said}; on day 0, {(zero > 0).sum():,} above zero and {(zero < 0).sum():,} below."


def _note(values: NDArray[np.float64], shown: int, reach: float, measure: Measure) -> str:
    found = []
    if shown < len(values):
        found.append(
            f"{shown:,} of {len(values):,} events are drawn, evenly spaced in the order of day 0 "
            f"and ticker."
        )
    if np.nanmax(np.abs(values[np.isfinite(values)])) > reach:
        end = measure.number(reach, 1).lstrip("+")
        found.append(f"The colours end at ±{end}, where {100 * REACH:.0f} % of the cells lie.")
    if not np.isfinite(values).all():
        found.append("Grey: no number.")
    return " ".join(found)
