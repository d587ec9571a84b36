"""Events that have not happened: estimated on what is known, with returns of the event left open.

A test that looks at the estimation window only (the t of one event, sample quantiles, the
portfolio t) has its standard error before the event. So the events of tomorrow are fitted like
any others, on a panel that goes on past its last session, and their abnormal returns are set to
zero: what such a test then says about its interval is what the event will be held against.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import engine
from eventstudy.abnormal import Abnormal
from eventstudy.align import Timing, add_reasons, inputs, ledger, nothing_left, place
from eventstudy.arrays import BoolArray, FloatArray, Inputs, Losses, Placement, Windows
from eventstudy.panel import Panel

if TYPE_CHECKING:
    from eventstudy.study import EventStudy

#: days around the window that the longer panel goes on for, beyond what weekdays ask
ROOM = 10


def fit_ahead(
    study: EventStudy, events: pd.DataFrame, news: pd.DataFrame, panel: Panel
) -> tuple[pd.DataFrame, Abnormal, pd.DataFrame, Panel]:
    """Fit the ``events`` whose day 0 lies after the data.

    ``news`` are all events of the table, those that have happened too: where the study leaves
    other events out of an estimation, it leaves out the same days as on the day after.

    Returns
    -------
    tuple
        The events, their abnormal returns (all zero: nothing is known), the dropped ones with
        their reasons, and the panel with the weekdays that were added.

    Raises
    ------
    NothingLeft
        If every event was dropped.
    """
    windows, known = study.windows, len(panel.sessions)
    longer = _longer(panel, events, windows)
    placed = place(events, longer, windows, study.timing)
    placement = placed.placement
    if not len(placement.row):
        raise nothing_left(ledger(events, placed))
    everyone = place(news, longer, windows, study.timing).placement
    seen = inputs(study.model, longer, everyone, windows, exclude=study.exclude_other_events)
    leads = int(getattr(study.model, "leads", 0))
    seen = _open(seen, placement, windows, (known, known - leads))
    found = engine.run(
        study.model, seen, placement, windows, min_obs=study.min_obs, missing=study.missing
    )
    losses = Losses(found.reason, found.abnormal.n_obs.astype(np.int64), found.min_obs)
    dropped = ledger(events, add_reasons(placed, longer, windows, losses, seen))
    kept = np.flatnonzero(found.reason == 0)
    if not kept.size:
        raise nothing_left(dropped)
    abnormal = found.abnormal.take(kept)
    nothing_yet = replace(abnormal, abnormal=np.zeros_like(abnormal.abnormal))
    return events.iloc[placement.event[kept]], nothing_yet, dropped, longer


def is_ahead(events: pd.DataFrame, panel: Panel, timing: Timing) -> BoolArray:
    """(E,) whether the first session that can show an event lies after the data."""
    late = (events["session"] == "after_close").to_numpy().astype("timedelta64[D]")
    effective = events["date"].to_numpy().astype("datetime64[D]") + late
    if timing.roll == "backward":  # news of a weekend belongs to the Friday, which may be known
        effective = np.busday_offset(effective, 0, roll="backward")
    return np.asarray(effective > panel.sessions[-1])


def _longer(panel: Panel, events: pd.DataFrame, windows: Windows) -> Panel:
    """The panel with weekdays added until the last event window ends; nothing known of them."""
    last = max(events["date"].to_numpy().astype("datetime64[D]").max(), panel.sessions[-1])
    end = last + np.timedelta64(2 * max(windows.whole.last, 0) + ROOM, "D")
    days = np.arange(panel.sessions[-1] + 1, end + 1)
    more = days[np.is_busday(days)]
    wide = np.full((len(panel.tickers), len(more)), np.nan)
    rate = panel.risk_free
    return replace(
        panel,
        returns=np.hstack([panel.returns, wide]),
        sessions=np.concatenate([panel.sessions, more]),
        factors=np.vstack([panel.factors, np.full((len(more), panel.factors.shape[1]), np.nan)]),
        risk_free=None if rate is None else np.append(rate, np.full(len(more), np.nan)),
        fields={name: np.hstack([a, wide]) for name, a in panel.fields.items()},
        masked=None
        if panel.masked is None
        else np.hstack([panel.masked, np.zeros(wide.shape, dtype=bool)]),
    )


def _open(
    seen: Inputs, placement: Placement, windows: Windows, sessions: tuple[int, int]
) -> Inputs:
    """Let the event days be days of average factors, and keep every estimation off them.

    ``sessions`` are the first that is not known, and the first of which a model that reads later
    days does not know all.

    The forecast error of a day depends on how far its factors lie from their mean; before the
    event the mean is all there is, and with it the error is the smallest possible.
    """
    known, whole = sessions
    start = max(0, int(placement.row.min()) + windows.estimation.first)
    past = slice(start, known)
    returns, excluded = seen.returns.copy(), np.zeros(seen.returns.shape, dtype=bool)
    returns[:, known:], excluded[:, whole:] = 0.0, True
    if seen.excluded is not None:
        excluded |= seen.excluded
    factors = _at_mean(seen.factors.T, past, known).T
    rate = None
    if seen.risk_free is not None:
        rate = _at_mean(seen.risk_free[None], past, known)[0]
    own = {column: _at_mean(series, past, known) for column, series in seen.own.items()}
    return replace(
        seen, returns=returns, factors=factors, risk_free=rate, own=own, excluded=excluded
    )


def _at_mean(series: FloatArray, past: slice, known: int) -> FloatArray:
    """(K, T) series that go on at the mean of their ``past``."""
    found = series.copy()
    here = np.isfinite(found[:, past])
    total = np.where(here, found[:, past], 0.0).sum(axis=1)
    count = here.sum(axis=1)
    mean = np.divide(total, count, out=np.full(len(found), np.nan), where=count > 0)
    found[:, known:] = mean[:, None]
    return found
