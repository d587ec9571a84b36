"""The bars of one window: each ticker's abnormal return with its interval."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.report import cells
from eventstudy.report import flagged as flagging
from eventstudy.report.bar_plot import ranked
from eventstudy.report.charts import frame
from eventstudy.report.charts.scales import Scale
from eventstudy.report.document.parts import Chart
from eventstudy.report.drawing import DARK, PALE
from eventstudy.report.lines import shorten, wrap
from eventstudy.report.measures import RETURNS, Measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: bars that stand as far apart as they like
MANY = 30


def bars_chart(
    bars: pd.DataFrame,
    mean: float | None = None,
    mean_low: float = float("nan"),
    mean_high: float = float("nan"),
    measure: Measure = RETURNS,
) -> Chart:
    """Draw one bar a ticker with its 95 % interval, sorted, highest on top.

    Parameters
    ----------
    bars : DataFrame
        Index ticker; columns ``estimate``, ``low``, ``high`` (fractions), and if wanted ``n``
        (events), ``flagged`` (bool: drawn hollow and hatched) and ``flag_note`` (why).
    mean, mean_low, mean_high : float, optional
        The average and its interval, a dashed line with a band; NaN is not drawn.
    measure : Measure, optional
        What the numbers are about, if not returns.

    Returns
    -------
    Chart
        Above 60 bars the highest and the lowest; the note says how many are left out.

    Raises
    ------
    OptionError
        Without any row.

    Examples
    --------
    >>> bars = pd.DataFrame({"estimate": [0.01, -0.03], "low": [-0.05, -0.09],
    ...                      "high": [0.07, 0.03]}, index=["IREN", "CIFR"])
    >>> bars_chart(bars).figure["layout"]["yaxis"]["ticktext"]
    ['CIFR', 'IREN']
    """
    if bars.empty:
        raise errors.nothing_to_draw("bars")
    shown, scale = ranked(bars), Scale(measure)
    average = (mean, mean_low, mean_high) if mean is not None and math.isfinite(mean) else None
    names = frame.labels([str(name) for name in shown.index])
    flagged, marks = flagging.flags(shown), flagging.marks(shown)
    traces = _bars(shown, flagged, names, scale)
    if average is not None:
        traces.append(_mean(average, len(shown), scale))
    if flagged.any():
        traces.append(_flag_entry(shown))
    ends = [*np.ravel(shown[["estimate", "low", "high"]].to_numpy(dtype=float)), *(average or ())]
    drawn = frame.figure(
        traces,
        90
        + (24 if len(shown) <= MANY else 18) * max(len(shown), 3)
        + 20 * (average is not None)
        + 20 * _rows_of_flags(shown),
        xaxis=scale.axis(ends, f"{measure.noun} and its 95 % interval", most=5, side="bottom"),
        yaxis=frame.axis(
            tickmode="array",
            tickvals=list(range(len(shown))),
            ticktext=[name + mark for name, mark in zip(names, marks, strict=True)],
            range=[-0.7, len(shown) - 0.3],
            showgrid=False,
        ),
        shapes=_lines_behind(average, scale),
        annotations=_written(shown, scale),
        bargap=0.36,
    )
    drawn["layout"]["margin"] = {**drawn["layout"]["margin"], "r": 66}
    return Chart(
        name="bars",
        figure=drawn,
        alt=_alt(bars, average, measure),
        note=_note(bars, shown, flagged),
    )


def _bars(
    bars: pd.DataFrame, flagged: NDArray[np.bool_], names: list[str], scale: Scale
) -> list[dict[str, Any]]:
    """Full bars, then hatched ones; the whiskers belong to both."""
    estimate = bars["estimate"].to_numpy(dtype=float)
    colours = np.array([frame.side(x) for x in estimate.tolist()])
    hover = np.array(_hover(bars, names, scale), dtype=object)
    traces = []
    for hollow in (False, True):
        at = (flagged == hollow) & np.isfinite(estimate)
        if not at.any():
            continue
        marker = {"color": colours[at].tolist(), "line": {"color": colours[at].tolist()}}
        if hollow:
            hatch = {"shape": "/", "fillmode": "replace", "bgcolor": frame.WHITE, "size": 7}
            marker |= {"pattern": hatch, "line": {"color": colours[at].tolist(), "width": 1.4}}
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "x": scale.values(estimate[at]),
                "y": np.flatnonzero(at).tolist(),
                "marker": marker,
                "error_x": _whiskers(bars[at], scale),
                "hovertext": hover[at].tolist(),
                "hoverinfo": "text",
                "textposition": "none",
                "showlegend": False,
            }
        )
    return traces


def _whiskers(bars: pd.DataFrame, scale: Scale) -> dict[str, Any]:
    estimate, low, high = (bars[name].to_numpy(dtype=float) for name in ("estimate", "low", "high"))
    known = np.isfinite(low) & np.isfinite(high)
    return {
        "type": "data",
        "symmetric": False,
        "array": scale.values(np.where(known, high - estimate, np.nan)),
        "arrayminus": scale.values(np.where(known, estimate - low, np.nan)),
        "color": DARK,
        "thickness": 1.2,
        "width": 3,
    }


def _hover(bars: pd.DataFrame, names: list[str], scale: Scale) -> list[str]:
    notes = bars["flag_note"] if "flag_note" in bars.columns else [""] * len(bars)
    counts = bars["n"] if "n" in bars.columns else [None] * len(bars)
    columns = (bars[name] for name in ("estimate", "low", "high"))
    made = []
    for name, estimate, low, high, n, note in zip(names, *columns, counts, notes, strict=True):
        said = [f"<b>{name}</b> {scale.text(estimate)}", f"95 % interval {scale.span(low, high)}"]
        if not cells.is_missing(n):
            said.append(f"n = {cells.count(n)}")
        if not cells.is_missing(note) and str(note).strip():
            said.append("flagged: " + _lines(str(note)))
        made.append("<br>".join(said))
    return made


def _lines(text: str, width: int = frame.ACROSS) -> str:
    """A long text in lines that fit a phone."""
    return "<br>".join(frame.label(part, width) for part in wrap(shorten(text, 4 * width), width))


def _mean(mean: tuple[float, float, float], rows: int, scale: Scale) -> dict[str, Any]:
    """A dashed line from top to bottom."""
    (at,) = scale.values([mean[0]])
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [at, at],
        "y": [-0.7, rows - 0.3],
        "line": {"color": DARK, "dash": "dash", "width": 1.6},
        "name": _average(mean, scale),
        "hoverinfo": "skip",
    }


def _lines_behind(mean: tuple[float, float, float] | None, scale: Scale) -> list[dict[str, Any]]:
    """Zero, and the band of the mean behind the bars."""
    zero = frame.line((0, 0), (0, 1), yref="paper")
    if mean is None or not (math.isfinite(mean[1]) and math.isfinite(mean[2])):
        return [zero]
    low, high = scale.values(mean[1:])
    return [zero, frame.shade((low, high), frame.tinted(PALE, 0.2))]


def _average(mean: tuple[float, float, float], scale: Scale) -> str:
    known = math.isfinite(mean[1]) and math.isfinite(mean[2])
    interval = f" (95 %: {scale.span(mean[1], mean[2])})" if known else ""
    return f"average {scale.text(mean[0], 1)}{interval}"


def _rows_of_flags(bars: pd.DataFrame) -> int:
    """Lines of the legend that say what hatched bars are."""
    return len(wrap(flagging.legend(bars), frame.ACROSS)) if flagging.flags(bars).any() else 0


def _flag_entry(bars: pd.DataFrame) -> dict[str, Any]:
    """What hatched bars are, and why each is one."""
    hatch = {"shape": "/", "fillmode": "replace", "bgcolor": frame.WHITE, "size": 5}
    marker = {"color": DARK, "pattern": hatch, "line": {"color": DARK, "width": 1}}
    return {**frame.swatch(_lines(flagging.legend(bars))), "type": "bar", "marker": marker}


def _written(bars: pd.DataFrame, scale: Scale) -> list[dict[str, Any]]:
    """The values in a column at the right."""
    shared = {
        "xref": "paper",
        "x": 1,
        "xanchor": "left",
        "xshift": 6,
        "showarrow": False,
        "font": {"size": frame.SMALL},
    }
    values = bars["estimate"].tolist()
    return [{**shared, "y": at, "text": scale.text(x, 1)} for at, x in enumerate(values)]


def _alt(bars: pd.DataFrame, mean: tuple[float, float, float] | None, measure: Measure) -> str:
    known = bars["estimate"][np.isfinite(bars["estimate"])].sort_values()
    many = f"{len(bars):,} bar{'' if len(bars) == 1 else 's'}"
    said = [f"The {measure.noun} of each ticker, {many}"]
    if len(known):
        low, high = (
            f"{shorten(str(known.index[at]), frame.LONGEST)} {measure.number(known.iloc[at], 1)}"
            for at in (0, -1)
        )
        said.append(f"from {low} to {high}" if len(known) > 1 else low)
    if mean is not None:
        said.append(f"average {measure.number(mean[0], 1)}")
        if math.isfinite(mean[1]) and math.isfinite(mean[2]):
            low, high = (measure.number(x, 1) for x in mean[1:])
            said.append(f"its 95 % interval {low} to {high}")
    return ", ".join(said) + "."


def _note(bars: pd.DataFrame, shown: pd.DataFrame, flagged: NDArray[np.bool_]) -> str:
    found = []
    if len(shown) < len(bars):
        found.append(f"{len(bars) - len(shown):,} bars in the middle are left out.")
    if flagged.any():
        found.append("Hatched bars are flagged: hover over them for the reason.")
    return " ".join(found)
