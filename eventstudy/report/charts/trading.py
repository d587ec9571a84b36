"""What a rule earned: its equity over its falls and its exposure, and the profit of each trade."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.report import cells
from eventstudy.report.charts import frame
from eventstudy.report.charts.scales import Scale
from eventstudy.report.document.parts import Chart
from eventstudy.report.drawing import DARK, DOWN, PALE, UP

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: sessions and trades that are drawn; of more, evenly spaced ones
SESSIONS, TRADES = 5_000, 2_000
#: profits are fractions, whatever the study measured
SCALE = Scale()


def equity_chart(daily: pd.DataFrame, capital: float = 1.0) -> Chart:
    """Draw the profit so far, net and before costs, over its falls and the exposure.

    Parameters
    ----------
    daily : DataFrame
        Index session; column ``net``, and if known ``gross`` and ``hedge`` (before costs) and
        ``exposure``.
    capital : float
        What all are drawn as fractions of, in units of the table.

    Returns
    -------
    Chart
        Of more than 5,000 sessions as many are drawn, evenly spaced; their numbers are sums over
        all sessions before them.

    Raises
    ------
    OptionError
        Without any session.

    Examples
    --------
    >>> daily = pd.DataFrame({"gross": [0.02, -0.01], "hedge": 0.0, "net": [0.019, -0.011],
    ...                       "exposure": [1.0, 1.0]}, pd.date_range("2026-01-05", periods=2))
    >>> equity_chart(daily).alt
    'Profit of +0.80 % from 2026-01-05 to 2026-01-06, largest fall -1.10 %.'
    """
    if daily.empty:
        raise errors.nothing_to_draw("sessions")
    series = _series(daily, capital if np.isfinite(capital) and capital > 0 else 1.0)
    at = frame.evenly(len(daily), SESSIONS)
    dates = [cells.date(day) for day in daily.index.to_numpy()[at]]
    shown = {name: numbers[at] for name, numbers in series.items()}
    drawn = frame.figure(
        _lines(dates, shown),
        540 if "exposure" in series else 440,
        xaxis=frame.dates(days=_days(dates), anchor="y3" if "exposure" in series else "y2"),
        **_panels(series),
        shapes=[frame.line((0, 1), (0, 0), xref="paper", yref="y")],
    )
    alt = (
        f"Profit of {cells.percent(series['net'][-1])} from {cells.date(daily.index[0])} to "
        f"{cells.date(daily.index[-1])}, largest fall {cells.percent(series['fall'].min())}."
    )
    return Chart(name="equity", figure=drawn, alt=alt, note=_note("sessions", len(at), len(daily)))


def _series(daily: pd.DataFrame, capital: float) -> dict[str, NDArray[np.float64]]:
    """Sums so far and the exposure, as fractions of the capital."""
    net = np.cumsum(daily["net"].to_numpy(dtype=float)) / capital
    made = {"net": net, "fall": net - np.maximum(np.maximum.accumulate(net), 0.0)}
    if {"gross", "hedge"} <= set(daily.columns):
        before = (daily["gross"] + daily["hedge"]).to_numpy(dtype=float)
        made["before"] = np.cumsum(before) / capital
    if "exposure" in daily.columns:
        made["exposure"] = daily["exposure"].to_numpy(dtype=float) / capital
    return made


def _lines(dates: list[str], shown: dict[str, NDArray[np.float64]]) -> list[dict[str, Any]]:
    """One line each; those that are falls or exposure are filled."""
    looks: dict[str, dict[str, Any]] = {
        "before": {"name": "before costs", "line": {"color": PALE, "width": 1.4}},
        "net": {"name": "net of costs", "line": {"color": UP, "width": 2.2}},
        "fall": _filled("drawdown", DOWN, "y2"),
        "exposure": _filled("exposure", DARK, "y3"),
    }
    shared = {"type": "scatter", "mode": "lines", "x": dates}
    return [
        {
            **shared,
            "y": SCALE.values(shown[name]),
            **look,
            "hovertemplate": f"{look['name']} {SCALE.shown('y')}<br>%{{x}}<extra></extra>",
        }
        for name, look in looks.items()
        if name in shown
    ]


def _filled(name: str, colour: str, axis: str) -> dict[str, Any]:
    return {
        "name": name,
        "yaxis": axis,
        "line": {"color": colour, "width": 0.8},
        "fill": "tozeroy",
        "fillcolor": frame.tinted(colour, 0.3),
        "showlegend": False,
    }


def _panels(series: dict[str, NDArray[np.float64]]) -> dict[str, Any]:
    """The vertical axes, from top to bottom."""
    profit = np.concatenate([series["net"], series.get("before", series["net"])])
    if "exposure" not in series:
        return {
            "yaxis": SCALE.axis(profit, "profit so far", domain=[0.38, 1]),
            "yaxis2": SCALE.axis(series["fall"], "drawdown", most=4, domain=[0, 0.32]),
        }
    held = SCALE.axis(series["exposure"], "exposure", most=3, domain=[0, 0.15])
    held["ticktext"] = [text.lstrip("+") for text in held["ticktext"]]  # a share has no sign
    return {
        "yaxis": SCALE.axis(profit, "profit so far", domain=[0.46, 1]),
        "yaxis2": SCALE.axis(series["fall"], "drawdown", most=4, domain=[0.21, 0.41]),
        "yaxis3": held,
    }


def _days(dates: Sequence[Any]) -> int:
    """Calendar days from the first date to the last."""
    return (pd.Timestamp(dates[-1]) - pd.Timestamp(dates[0])).days


def trades_chart(trades: pd.DataFrame) -> Chart:
    """Draw the net profit of each trade at the session of its entry.

    Parameters
    ----------
    trades : DataFrame
        Columns ``ticker``, ``enter``, ``net``, and if known ``leave``, ``gross``, ``cost``,
        ``hedge``, which a hover shows.

    Returns
    -------
    Chart
        Of more than 2,000 trades as many are drawn, evenly spaced by entry.

    Raises
    ------
    OptionError
        Without any trade.

    Examples
    --------
    >>> trades = pd.DataFrame({"ticker": ["IREN", "HUT"], "net": [-0.02, 0.05],
    ...                        "enter": pd.to_datetime(["2026-01-05", "2026-01-08"])})
    >>> trades_chart(trades).alt
    'Net profit of 2 trades from -2.00 % to +5.00 %, 1 above zero, mean +1.50 %.'
    """
    known = trades[np.isfinite(trades["net"].to_numpy(dtype=float))]
    if known.empty:
        raise errors.nothing_to_draw("trades")
    known = known.sort_values("enter", kind="stable")
    shown = known.iloc[frame.evenly(len(known), TRADES)]
    net = known["net"].to_numpy(dtype=float)
    (mean,) = SCALE.values([net.mean()])
    drawn = frame.figure(
        [*_stems(shown), _mean(shown, mean, SCALE.text(float(net.mean()), 2))],
        400,
        xaxis=frame.dates("session of entry", days=_days(known["enter"].tolist())),
        yaxis=SCALE.axis(net, "net profit of the trade"),
        shapes=[frame.line((0, 1), (0, 0), xref="paper")],
    )
    many = f"{len(known):,} trade{'' if len(known) == 1 else 's'}"
    alt = (
        f"Net profit of {many} from {cells.percent(net.min())} to {cells.percent(net.max())}, "
        f"{int((net > 0).sum()):,} above zero, mean {cells.percent(net.mean())}."
    )
    return Chart(name="trades", figure=drawn, alt=alt, note=_note("trades", len(shown), len(known)))


def _stems(shown: pd.DataFrame) -> list[dict[str, Any]]:
    """A stem and a head a trade: gains in blue, losses in orange."""
    net = shown["net"].to_numpy(dtype=float)
    hover = np.array(_told(shown), dtype=object)
    dates = np.array([cells.date(day) for day in shown["enter"].to_numpy()], dtype=object)
    size = float(np.clip(1500 / len(shown), 3.0, 8.0))
    traces: list[dict[str, Any]] = []
    for chosen, colour, name in ((net >= 0, UP, "gain"), (net < 0, DOWN, "loss")):
        heads, days = SCALE.values(net[chosen]), dates[chosen].tolist()
        if not heads:
            continue
        ends: list[tuple[Any, Any]] = []
        for day, head in zip(days, heads, strict=True):
            ends += [(day, 0), (day, head), (None, None)]
        shared = {"type": "scatter", "showlegend": False}
        traces += [
            {
                **shared,
                "mode": "lines",
                "x": [day for day, _ in ends],
                "y": [height for _, height in ends],
                "line": {"color": frame.tinted(colour, 0.45), "width": min(2.0, size / 3)},
                "hoverinfo": "skip",
            },
            {
                **shared,
                "mode": "markers",
                "x": days,
                "y": heads,
                "marker": {"color": colour, "size": size},
                "name": name,
                "hovertext": hover[chosen].tolist(),
                "hoverinfo": "text",
            },
            frame.dot(name, colour, colour),
        ]
    return traces


def _told(shown: pd.DataFrame) -> list[str]:
    """Ticker, entry and exit, and what the net profit is made of."""
    parts = [name for name in ("gross", "hedge", "cost") if name in shown.columns]
    made = []
    for row in shown.to_dict("records"):
        until = f" to {cells.date(row['leave'])}" if "leave" in row else ""
        amounts = [f"{name} {_amount(name, row[name])}" for name in parts]
        days = f"{cells.date(row['enter'])}{until}"
        lines = [
            f"<b>{frame.label(row['ticker'])}</b>",
            days,
            *amounts,
            f"<b>net {SCALE.text(row['net'])}</b>",
        ]
        made.append("<br>".join(lines))
    return made


def _amount(name: str, value: float) -> str:
    """A cost lowers the profit."""
    return SCALE.text(-value if name == "cost" else value)


def _mean(shown: pd.DataFrame, mean: float | None, told: str) -> dict[str, Any]:
    ends = (cells.date(day) for day in (shown["enter"].iloc[0], shown["enter"].iloc[-1]))
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(ends),
        "y": [mean, mean],
        "line": {"color": DARK, "width": 1.4, "dash": "dash"},
        "name": f"mean {told}",
        "hoverinfo": "skip",
    }


def _note(what: str, shown: int, many: int) -> str:
    return f"{shown:,} of {many:,} {what} are drawn, evenly spaced." if shown < many else ""
