"""Which days moved abnormally: every day of every ticker is tried as day 0."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import replace
from numbers import Real
from typing import Protocol

import numpy as np
import pandas as pd
from scipy.special import stdtr

from eventstudy import errors
from eventstudy.align import Timing, inputs
from eventstudy.arrays import BoolArray, IntArray, Model, Placement, Windows
from eventstudy.engine import required_days
from eventstudy.events import check_events, day_of
from eventstudy.models.linear import linear_of
from eventstudy.panel import Panel
from eventstudy.rolling.naming import with_catalysts
from eventstudy.rolling.table import every_window, scannable
from eventstudy.rolling.trying import Tried
from eventstudy.windows import Window, is_whole

DIRECTIONS = ("both", "up", "down")
DAY = Window(0, 0)
#: days of a model that is fitted one window at a time, at milliseconds each
LIMIT = 10_000


class Study(Protocol):
    """What is needed of a study: its model and its rules."""

    @property
    def model(self) -> Model: ...
    @property
    def windows(self) -> Windows: ...
    @property
    def min_obs(self) -> int | None: ...
    @property
    def timing(self) -> Timing: ...


def detect(  # noqa: PLR0913  (each says which days are looked at, or what is told of them)
    panel: Panel,
    study: Study,
    z: float = 4.0,
    *,
    tickers: str | Iterable[str] | None = None,
    since: object = None,
    until: object = None,
    direction: str = "both",
    catalysts: pd.DataFrame | bool | None = None,
    workers: int = 1,
) -> pd.DataFrame:
    r"""Find every day of every ticker that moved abnormally, and what is known of it.

    Each day is day 0 of an event window of one day: its abnormal return is divided by its
    forecast error, SAR = AR / (σ√Q), which follows t(ν) without news. The model is estimated
    as the study estimates it, never on the day itself.

    Parameters
    ----------
    panel : Panel
        Returns and factors.
    study : EventStudy
        Its model, estimation window, ``min_obs`` and ``timing`` (for the catalysts). The event
        window and all else that concerns given events is not used.
    z : float, default 4
        Days with \|SAR\| > z are found.
    tickers : str or list of str, optional
        Whose days. Default: all tickers of the panel that the model does not need.
    since, until : date, optional
        First and last session that is looked at, both included.
    direction : {"both", "up", "down"}
        Which moves count.
    catalysts : DataFrame or False, optional
        News that may explain a day: an events table; rows without a ticker concern all. Default:
        the packaged catalogue; miners are told of news of their sector and of each other's deals
        ("peer deal") too. False: none. Tickers that differ in capital letters only are matched
        where no other is meant, and the ``note`` says so.
    workers : int, default 1
        Threads over the tickers.

    Returns
    -------
    DataFrame
        An events table, by date: ticker, date, session, scheduled, then ``return``,
        ``expected``, ``ar``, ``sar``, ``dof``, ``pvalue`` (two-sided, t(ν)), ``pvalue_bh``
        (adjusted for all days looked at, Benjamini and Hochberg), ``n_obs``, and of the news
        whose day 0 this is ``catalyst`` (its ids), ``category`` and ``headline``. The session is
        ``after_close``: a move is known when its day is over, so that `EventStudy.run` places
        day 0, and `Rule` enters, on the next one. ``attrs`` says how many days were looked at
        (``days``), how many chance alone would give (``by_chance``), which tickers had no day
        that could be measured (``unmeasured``) and all of it as a ``note``.

    Raises
    ------
    EventStudyError
        If an option is not known, the estimation window holds day 0, no day can be measured, or
        a model that is fitted window by window is asked for too many days.

    Notes
    -----
    News of a day need not be its cause: deals alone fall on one day in ten.

    Earlier abnormal days lie in the estimation windows of later ones and widen σ, so that a
    second move soon after a first is found less easily. Returns have fatter tails than the t law:
    chance gives more days than ``by_chance`` says.

    References
    ----------
    Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57.

    Examples
    --------
    >>> import eventstudy as es
    >>> rng = np.random.default_rng(0)
    >>> days = pd.bdate_range("2024-01-01", periods=400)
    >>> returns = pd.DataFrame(rng.normal(0, 0.01, (400, 3)), days, ["AAA", "BBB", "SPY"])
    >>> returns.loc["2025-03-03", "AAA"] = 0.15
    >>> found = es.detect(es.Panel.from_returns(returns, market="SPY"), es.EventStudy())
    >>> found[["ticker", "date", "session"]].to_numpy().tolist()
    [['AAA', Timestamp('2025-03-03 00:00:00'), 'after_close']]
    """
    if not isinstance(panel, Panel):
        raise errors.not_a_panel(type(panel).__name__)
    _check(study, z, direction)
    if not is_whole(workers) or workers < 1:
        raise errors.workers_not_counted(workers)
    firm = _firms(panel, study.model, tickers)
    tried = _every_day(panel, study, firm, _rows(panel, since, until), workers)
    if not tried.days:
        need = required_days(study.model, study.windows, study.min_obs)
        raise errors.detect_nothing_measured(need, study.windows.label, len(panel.sessions))
    side = {"both": np.abs(tried.sar), "up": tried.sar, "down": -tried.sar}[direction]
    found = _events(panel, tried, side > z)
    if catalysts is not False:
        found = with_catalysts(found, panel, study.timing, catalysts)
    by_chance = tried.by_chance(z) / (1.0 if direction == "both" else 2.0)
    spelled: dict[str, str] = found.attrs.get("spelled", {})
    found.attrs = _remarks(panel, tried, z, len(found), by_chance)
    if spelled:
        found.attrs["note"] = (
            f"{found.attrs['note']} News of {', '.join(spelled)} was read as news of "
            f"{', '.join(spelled.values())}: only capital letters differ."
        )
    return found


def _check(study: Study, z: float, direction: str) -> None:
    """Refuse what is no study, no threshold, no direction, and an estimation on the day."""
    if not (hasattr(study, "model") and isinstance(getattr(study, "windows", None), Windows)):
        raise errors.not_a_study(type(study).__name__)
    if isinstance(z, bool) or not isinstance(z, Real) or not 0.0 < z < math.inf:
        raise errors.threshold_not_positive(z)
    if direction not in DIRECTIONS:
        raise errors.unknown_option("direction", direction, DIRECTIONS)
    windows = study.windows
    for interval in windows.intervals or (windows.estimation,):
        if 0 in interval:
            raise errors.estimation_holds_day(interval)


def _firms(panel: Panel, model: Model, tickers: str | Iterable[str] | None) -> IntArray:
    """Rows of the securities that were asked for."""
    behind = {panel.market if need == "market" else need for need in model.needs}
    behind |= set(getattr(model, "donors", ()))
    if tickers is None:
        asked = [ticker for ticker in panel.tickers if ticker not in behind]
    else:
        if not isinstance(tickers, Iterable):
            raise errors.detect_tickers(tickers)
        asked = [tickers] if isinstance(tickers, str) else list(dict.fromkeys(tickers))
    for ticker in asked:
        if ticker not in panel.tickers:
            raise errors.firm_without_prices(ticker, panel.tickers)
    if not set(asked) - behind:
        raise errors.detect_without_tickers()
    return panel.firm_codes(pd.Series(asked))


def _rows(panel: Panel, since: object, until: object) -> range:
    """The sessions from ``since`` to ``until``."""
    sessions = panel.sessions
    first = 0 if since is None else int(np.searchsorted(sessions, _day("since", since)))
    stop = len(sessions)
    if until is not None:
        stop = int(np.searchsorted(sessions, _day("until", until), side="right"))
    if first >= stop:
        raise errors.detect_no_session(since, until, sessions[0], sessions[-1])
    return range(first, stop)


def _day(option: str, date: object) -> np.datetime64:
    try:
        return np.datetime64(day_of(date), "D")
    except errors.EventsError:
        raise errors.detect_date(option, date) from None


def _every_day(panel: Panel, study: Study, firm: IntArray, rows: range, workers: int) -> Tried:
    """Measure all days of the securities."""
    model = study.model
    windows = Windows(study.windows.estimation, DAY, study.windows.intervals)
    if linear_of(model) is None and len(firm) * len(rows) > LIMIT:
        name = type(model).__name__
        raise errors.detect_too_many(name, len(firm), len(rows), LIMIT)
    seen = inputs(model, panel, Placement(firm, np.zeros_like(firm), firm), windows)
    # where most securities are wanted, those that are not cost less than a copy of the others
    most = scannable(model, seen, windows) is not None and 2 * len(firm) > len(panel.tickers)
    if not most:
        own = {column: series[firm] for column, series in seen.own.items()}
        seen = replace(seen, returns=seen.returns[firm], own=own)
    table = every_window(
        model, seen, windows, [DAY], rows=rows, min_obs=study.min_obs, workers=workers
    )
    mine = firm if most else np.arange(len(firm))
    return Tried(table, firm, mine, seen.returns)


def _events(panel: Panel, tried: Tried, hits: BoolArray) -> pd.DataFrame:
    """The days ``hits`` (S, D) as an events table, by date."""
    day, who = np.nonzero(hits.T)
    at, table = tried.row[who], tried.table
    session = day + table.rows.start
    adjusted = np.full(hits.shape, np.nan)
    adjusted[hits] = tried.adjusted(hits)
    actual, ar = tried.returns[at, session].astype(float), table.car[0, at, day]
    sar, dof = tried.sar[who, day], tried.dof[who, day]
    columns = {
        "ticker": np.array(panel.tickers, dtype=object)[tried.firm[who]],
        "date": panel.sessions[session].astype("datetime64[ns]"),
        "session": np.full(len(day), "after_close", dtype=object),
        "scheduled": np.zeros(len(day), dtype=bool),
        "return": actual,
        "expected": actual - ar,
        "ar": ar,
        "sar": sar,
        "dof": dof,
        "pvalue": 2.0 * stdtr(dof, -np.abs(sar)),
        "pvalue_bh": adjusted[who, day],
        "n_obs": table.n_obs[at, day].astype(np.int64),
    }
    found = pd.DataFrame(columns)
    if not len(found):
        return found.set_index(pd.Index([], dtype=object, name="event_id"))
    return check_events(found)


def _remarks(
    panel: Panel, tried: Tried, z: float, found: int, by_chance: float
) -> dict[Hashable | None, object]:
    """How many days were looked at, what chance alone would give, and who was not measured."""
    ever = np.isfinite(tried.sar)
    days = np.flatnonzero(ever.any(axis=0)) + tried.table.rows.start
    first, last = panel.sessions[days[0]], panel.sessions[days[-1]]
    silent = [panel.tickers[row] for row in tried.firm[~ever.any(axis=1)]]
    many = len(ever) - len(silent)
    note = (
        f"{tried.days:,} days of {many} ticker{'' if many == 1 else 's'} were looked at, from "
        f"{first} to {last}; beyond z = {z:g}: {found:,}. Chance alone would give {by_chance:.2g} "
        f"by the t law, and more than that, since returns have fatter tails."
    )
    if silent:
        note += f" Without a day that could be measured: {', '.join(silent)}."
    return {
        "days": tried.days,
        "by_chance": by_chance,
        "unmeasured": silent,
        "note": note,
    }
