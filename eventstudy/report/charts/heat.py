"""Events × days of abnormal returns as a heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.report import cells
from eventstudy.report.charts import frame
from eventstudy.report.charts.scales import Scale, day_axis
from eventstudy.report.document.parts import Chart
from eventstudy.report.drawing import DARK, DOWN, UP
from eventstudy.report.measures import RETURNS, Measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: rows and cells of a picture; of more events, evenly spaced ones are drawn
ROWS, CELLS = 400, 40_000
#: share of the cells whose size the colours tell apart
QUANTILE = 0.98


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
        Sorted by day 0, then ticker, the earliest on top. The colours end where 98 % of the
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
    ['CIFR 2026-02-26', 'HUT 2026-02-26']
    """
    values = ar.to_numpy(dtype=float)
    if not np.isfinite(values).any():
        raise errors.nothing_to_draw("ar")
    order = _order(labels)
    most = min(ROWS, max(CELLS // max(values.shape[1], 1), 1))
    shown = order[frame.evenly(len(order), most)]
    scale, reach = Scale(measure), _reach(values)
    tickers, dates = labels["ticker"].tolist(), labels["day0"].tolist()
    names = frame.labels([f"{frame.shorten(str(tickers[k]), 12)} {cells.date(dates[k])}" for k in shown], 24)
    days = ar.columns.to_numpy(dtype=float)
    ends = scale.ticks([-reach, reach], 5)
    few = len(shown) <= 60
    trace = {
        "type": "heatmap",
        "x": days.tolist(),
        "y": names,
        "z": [[None if x is None else round(x, 3) for x in scale.values(row)] for row in values[shown]],
        "zmin": -reach * scale.unit,
        "zmax": reach * scale.unit,
        "colorscale": [[0, DOWN], [0.5, frame.WHITE], [1, UP]],
        "xgap": 1 if few and len(days) <= 61 else 0,
        "ygap": 1 if few else 0,
        "hoverongaps": False,
        "hovertemplate": f"<b>%{{y}}</b>, day %{{x}}<br>AR {scale.shown('z')}<extra></extra>",
        "colorbar": {
            "orientation": "h",
            "xref": "paper",
            "x": 0,
            "xanchor": "left",
            "yref": "container",
            "y": 0,
            "yanchor": "bottom",
            "len": 1,
            "thickness": 12,
            "ypad": 4,
            "outlinewidth": 0,
            "tickmode": "array",
            "tickvals": ends["tickvals"],
            "ticktext": ends["ticktext"],
            "tickfont": {"size": frame.SMALL},
        },
    }
    drawn = frame.figure(
        [trace],
        130 + (max(len(shown), 4) * 20 if few else max(1200, min(2 * len(shown), 800)) - 400),
        xaxis=day_axis(float(days.min()), float(days.max()), showgrid=False),
        yaxis=frame.axis(type="category", autorange="reversed", showgrid=False),
        plot_bgcolor=frame.MISSING,
        showlegend=False,
    )
    return Chart(name="heat", figure=drawn, alt="", note="")
