"""The tables behind the pictures of single events: matplotlib and the report draw the same ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from eventstudy import errors
from eventstudy.abnormal import Abnormal
from eventstudy.inference._sample import Sample
from eventstudy.inference.folding import sums_of
from eventstudy.windows import Window

if TYPE_CHECKING:
    from eventstudy.result.result import Result


def cars(result: Result, window: Window) -> pd.DataFrame:
    """Each event's CAR over a window with its 95 % interval, in the order of the events.

    The interval is CAR ± t_ν·σ√Q, the forecast error of the event (methods C.2, D.1): what its
    own test uses. Without a return on a day of the window all three are NaN.

    Returns
    -------
    DataFrame
        event_id → ticker, day0, estimate, low, high.
    """
    a = _arrays(result, "cars")
    car = a.car(window)
    reach = stdtrit(a.dof, 0.975) * a.sigma * np.sqrt(a.q(window))
    numbers = {"estimate": car, "low": car - reach, "high": car + reach}
    return _events(result).assign(**numbers)


def timeline(result: Result) -> pd.DataFrame:
    """Where each event lies: its day 0, its event window, and what it shares with other events.

    Returns
    -------
    DataFrame
        event_id → ticker, day0, first, last (sessions of the event window), ``shared`` (events
        on that day 0, itself among them), ``cluster`` (0, 1, …: the chain of overlapping event
        windows it belongs to, methods M.18).
    """
    a = _arrays(result, "timeline")
    together = Sample(a, a.window, np.arange(len(a)))
    table = _events(result)
    days = result.panel.sessions.astype("datetime64[s]")
    return table.assign(
        first=days[a.row + a.window.first],
        last=days[a.row + a.window.last],
        shared=table.groupby("day0")["day0"].transform("size").astype(np.int64),
        cluster=together.component,
    )


def _arrays(result: Result, asked: str) -> Abnormal:
    """The arrays of each event; refused where only their sums were kept."""
    if sums_of(result.abnormal) is not None:
        raise errors.events_not_kept(asked)
    return result.abnormal


def _events(result: Result) -> pd.DataFrame:
    """Ticker and day 0 of each event."""
    day0 = result.panel.sessions[result.abnormal.row].astype("datetime64[s]")
    table = {"ticker": result.events["ticker"].to_numpy(), "day0": day0}
    return pd.DataFrame(table, index=result.events.index)
