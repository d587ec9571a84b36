"""The CAR of every event with its interval, sorted: how much the events differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.report import cells
from eventstudy.report.charts import frame
from eventstudy.report.charts.scales import Scale
from eventstudy.report.document.parts import Chart
from eventstudy.report.drawing import DARK, DOWN, PALE, UP
from eventstudy.report.measures import RETURNS, Measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: events up to which each has its whisker; of more, the whiskers are a band
WHISKERS = 150
#: events that are drawn; of more, evenly spaced ones
MOST = 5_000


def cars_chart(cars: pd.DataFrame, window_label: str = "", measure: Measure = RETURNS) -> Chart:
    """Draw the CAR of each event with its 95 % interval, lowest first.

    Parameters
    ----------
    cars : DataFrame
        event_id → ``ticker``, ``day0``, ``estimate``, ``low``, ``high`` (fractions). Events
        without an estimate are left out, which the note says.
    window_label : str
        The window of the CARs, ``"[0,+1]"``.
    measure : Measure, optional
        What the numbers are about, if not returns.

    Returns
    -------
    Chart
        Whiskers up to 150 events, a line with a band above; of more than 5,000 events as many
        are drawn, evenly spaced by rank.

    Raises
    ------
    OptionError
        Without any estimate.

    Examples
    --------
    >>> cars = pd.DataFrame({"ticker": ["IREN", "HUT"], "day0": pd.Timestamp("2026-02-26"),
    ...                      "estimate": [0.01, -0.03], "low": [-0.05, -0.05],
    ...                      "high": [0.07, -0.01]})
    >>> chart = cars_chart(cars, "[0,0]")
    >>> [trace["name"] for trace in chart.figure["data"]]
    ['below zero', 'the interval holds zero', 'mean -1.0 %']
    """
    known = cars[np.isfinite(cars["estimate"].to_numpy(dtype=float))]
    known = known.sort_values("estimate", kind="stable")
    if known.empty:
        raise errors.nothing_to_draw("cars")
    rank = frame.evenly(len(known), MOST)
    shown, scale = known.iloc[rank], Scale(measure)
    drawn = _whiskers if len(shown) <= WHISKERS else _band
    traces = drawn(shown, rank + 1, scale)
    if len(known) > 1:
        traces.append(_mean(known, scale))
    many = f"{len(known):,} events, lowest first" if len(known) > 1 else "1 event"
    ranks = {"dtick": 1} if len(known) <= 6 else {"nticks": 6}  # half a rank is none
    title = " ".join(filter(None, ("CAR", frame.label(window_label))))
    axis = scale.axis(_ends(shown), title)
    return Chart(
        name="cars",
        figure=frame.figure(
            traces,
            420,
            xaxis=frame.axis(
                many, range=_room(len(known)), showgrid=False, tickformat=",d", **ranks
            ),
            yaxis=axis,
            shapes=[frame.line((0, 1), (0, 0), xref="paper")],
        ),
        alt=_alt(known, window_label, measure),
        note=_note(cars, known, shown, [end / scale.unit for end in axis["range"]]),
    )


def _room(many: int) -> list[float]:
    """The ranks, with room for half a mark at either end."""
    room = max(0.7, 0.01 * many)
    return [1 - room, many + room]


def _ends(shown: pd.DataFrame) -> NDArray[np.float64]:
    """What the axis has to hold: a few enormous intervals don't flatten the rest."""
    estimate = shown["estimate"].to_numpy(dtype=float)
    whiskers = shown[["low", "high"]].to_numpy(dtype=float)
    whiskers = whiskers[np.isfinite(whiskers)]
    if len(shown) > WHISKERS and len(whiskers):
        whiskers = np.quantile(whiskers, [0.005, 0.995])
    return np.concatenate([estimate, whiskers])


def _sure(shown: pd.DataFrame) -> NDArray[np.bool_]:
    """Which intervals exclude zero."""
    low, high = (shown[name].to_numpy(dtype=float) for name in ("low", "high"))
    found: NDArray[np.bool_] = (low > 0) | (high < 0)
    return found


def _said(shown: pd.DataFrame, scale: Scale) -> list[list[str]]:
    """What a hover says beside the CAR: the event and its interval."""
    columns = (shown[name].tolist() for name in ("ticker", "day0", "low", "high"))
    return [
        [f"{frame.label(ticker)} {cells.date(day)}", scale.span(low, high)]
        for ticker, day, low, high in zip(*columns, strict=True)
    ]


def _hover(scale: Scale) -> str:
    number = scale.shown("y")
    return f"<b>%{{customdata[0]}}</b><br>CAR {number}<br>95 % %{{customdata[1]}}<extra></extra>"


def _whiskers(shown: pd.DataFrame, rank: NDArray[np.int64], scale: Scale) -> list[dict[str, Any]]:
    """A dot and its whisker an event, filled where the interval excludes zero."""
    sure, said = _sure(shown), _said(shown, scale)
    up = shown["estimate"].to_numpy(dtype=float) > 0
    kinds = [
        (sure & ~up, DOWN, DOWN, "below zero"),
        (~sure, PALE, frame.WHITE, "the interval holds zero"),
        (sure & up, UP, UP, "above zero"),
    ]
    traces = []
    for chosen, edge, face, name in kinds:
        rows = shown[chosen]
        if rows.empty:
            continue
        estimate, low, high = (rows[n].to_numpy(dtype=float) for n in ("estimate", "low", "high"))
        size = float(np.clip(300 / len(shown), 4.0, 9.0))
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": rank[chosen].tolist(),
                "y": scale.values(estimate),
                "error_y": {
                    "type": "data",
                    "symmetric": False,
                    "array": scale.values(high - estimate),
                    "arrayminus": scale.values(estimate - low),
                    "color": frame.tinted(edge, 0.75),
                    "thickness": float(np.clip(200 / len(shown), 0.8, 1.6)),
                    "width": 0,
                },
                "marker": {"color": face, "size": size, "line": {"color": edge, "width": 1.2}},
                "name": name,
                "customdata": [said[k] for k in np.flatnonzero(chosen).tolist()],
                "hovertemplate": _hover(scale),
            }
        )
    return traces


def _band(shown: pd.DataFrame, rank: NDArray[np.int64], scale: Scale) -> list[dict[str, Any]]:
    """One line through all events and one band: two paths, however many events there are."""
    low, high = (shown[name].to_numpy(dtype=float) for name in ("low", "high"))
    known = np.isfinite(low) & np.isfinite(high)
    x = rank[known]
    band = {
        "type": "scatter",
        "mode": "lines",
        "x": [*x.tolist(), *x[::-1].tolist()],
        "y": scale.values(np.concatenate([low[known], high[known][::-1]])),
        "fill": "toself",
        "fillcolor": frame.tinted(UP, 0.22),
        "line": {"width": 0, "color": UP},
        "name": "95 % interval of each",
        "hoverinfo": "skip",
    }
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": rank.tolist(),
        "y": scale.values(shown["estimate"]),
        "line": {"color": UP, "width": 2.4},
        "name": "CAR",
        "customdata": _said(shown, scale),
        "hovertemplate": _hover(scale),
    }
    return [band, line]


def _mean(known: pd.DataFrame, scale: Scale) -> dict[str, Any]:
    """The mean of all events, those not drawn too."""
    mean = float(known["estimate"].mean())
    (at,) = scale.values([mean])
    return {
        "type": "scatter",
        "mode": "lines",
        "x": _room(len(known)),
        "y": [at, at],
        "line": {"color": DARK, "width": 1.4, "dash": "dash"},
        "name": f"mean {scale.text(mean, 1)}",
        "hoverinfo": "skip",
    }


def _alt(known: pd.DataFrame, window_label: str, measure: Measure) -> str:
    low, middle, high = (
        measure.number(x, 1) for x in known["estimate"].quantile([0.0, 0.5, 1.0]).tolist()
    )
    window = f" {window_label}" if window_label else ""
    if len(known) == 1:
        return f"CAR{window} of 1 event: {middle}. {_found(known)}"
    n = f"{len(known):,} events"
    return f"CAR{window} of {n}, sorted: from {low} to {high}, median {middle}. {_found(known)}"


def _found(known: pd.DataFrame) -> str:
    """How many intervals exclude zero, beside what chance does."""
    many, found = int(np.isfinite(known["low"]).sum()), int(_sure(known).sum())
    if many < 2:
        said = "excludes" if found else "holds"
        return f"Its 95 % interval {said} zero." if many else "No interval is known."
    chance = f" ({100 * found / many:.0f} %; 5 % would by chance)" if many >= 20 else ""
    return f"{found:,} of {many:,} intervals exclude{'s' if found == 1 else ''} zero{chance}."


def _note(cars: pd.DataFrame, known: pd.DataFrame, shown: pd.DataFrame, ends: list[float]) -> str:
    found = [_found(known)]
    if len(shown) < len(known):
        found.append(f"{len(shown):,} of {len(known):,} events are drawn, evenly spaced by rank.")
    cut = int(((shown["low"] < ends[0]) | (shown["high"] > ends[1])).sum())
    if cut:
        found.append(f"{cut:,} interval{'s reach' if cut > 1 else ' reaches'} beyond the picture.")
    if gone := len(cars) - len(known):
        found.append(f"{gone:,} event{'' if gone == 1 else 's'} without a number left out.")
    return " ".join(found)
