"""Where events meet the panel: the line at which tables become arrays.

`place` finds day 0 of every event or says why there is none; `inputs` takes from the panel the
series that a model asked for; `ledger` writes down every event that was lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import (
    BoolArray,
    DateArray,
    Inputs,
    IntArray,
    Losses,
    Model,
    Placement,
    Reason,
    Windows,
)
from eventstudy.events import Checked, effective_days, repeats
from eventstudy.factors import FirmFactor
from eventstudy.one_line import call
from eventstudy.panel import Panel
from eventstudy.panel.gaps import DAYS, SINCE_TRADE, summed_over
from eventstudy.windows import is_whole

ROLLS = ("forward", "backward", "drop", "raise")
DUPLICATES = ("first", "keep", "raise")

TextArray: TypeAlias = npt.NDArray[np.object_]
#: of what is said of events: the same for all, one an event, or found for those that need it
_Part: TypeAlias = str | npt.NDArray[Any] | Callable[[IntArray], npt.NDArray[Any]]


@dataclass(frozen=True)
class Timing:
    """How an announcement finds its day 0.

    News after the close counts from the next calendar day; day 0 is then the first session on
    or after that day.

    Parameters
    ----------
    roll : {"forward", "backward", "drop", "raise"}
        What to do when that day is no session: take the next one (default), the one before,
        drop the event (``not_trading_day``), or raise.
    max_shift : int
        Largest distance in calendar days between that day and day 0; beyond it the event is
        dropped (``shift``).
    duplicates : {"first", "keep", "raise"}
        What to do with a second event of the same ticker on the same day 0.

    Examples
    --------
    >>> Timing(roll="drop").max_shift
    5
    """

    roll: str = "forward"
    max_shift: int = 5
    duplicates: str = "first"

    __repr__ = call

    def __post_init__(self) -> None:
        if self.roll not in ROLLS:
            raise errors.unknown_option("roll", self.roll, ROLLS)
        if self.duplicates not in DUPLICATES:
            raise errors.unknown_option("duplicates", self.duplicates, DUPLICATES)
        if not is_whole(self.max_shift) or self.max_shift < 0:
            raise errors.negative_shift(self.max_shift)


@dataclass(frozen=True)
class Placed:
    """Where the events lie, and which could not be placed."""

    placement: Placement
    #: (E,) 0 = placed, else `Reason.code`, and (E,) what there is to say of those
    reason: IntArray
    detail: TextArray


def place(events: pd.DataFrame | Checked, panel: Panel, windows: Windows, timing: Timing) -> Placed:
    """Find the security and day 0 of each event (methods A.3).

    Parameters
    ----------
    events : DataFrame or Checked
        Checked events (`eventstudy.events.check_events`), E rows.
    panel : Panel
        Returns on their sessions.
    windows : Windows
        The event window of a kept event lies inside the data; its estimation window may begin
        before (missing days).
    timing : Timing
        The rules.
    """
    known = events if isinstance(events, Checked) else Checked.of(events)
    tickers, effective = known.tickers, known.effective
    rows = panel.firm_codes(tickers.names)
    firm = np.append(rows, -1)[tickers.firm]
    row, shift = _roll(effective, panel.sessions, timing)
    sessions, window, book = panel.sessions, windows.event, _Book(len(firm))
    first, last, exact = sessions[0], sessions[-1], shift == 0

    def day0(index: IntArray) -> DateArray:
        return np.asarray(sessions[np.clip(row[index], 0, len(sessions) - 1)])

    def unknown(index: IntArray) -> TextArray:
        return _unknown(tickers.names, rows, panel)[tickers.firm[index]]

    give = book.give
    give(Reason.UNKNOWN_TICKER, firm < 0, "no prices for ", unknown)
    give(Reason.BEFORE_DATA, effective < first, f"the data begin on {first}, after ", effective)
    give(Reason.AFTER_DATA, effective > last, f"the data end on {last}, before ", effective)
    if timing.roll == "raise":
        _refuse_non_sessions(known.table, effective, ~exact & (book.reason == 0))
    if timing.roll == "drop":
        give(Reason.NOT_TRADING_DAY, ~exact, effective, " is not a session")
    far = np.abs(shift) > timing.max_shift
    give(Reason.SHIFT, far, day0, " is ", shift, " days from ", effective)
    over, under = row + window.last >= len(sessions), row + window.first < 0
    give(Reason.AFTER_DATA, over, f"the data end on {last}, inside {window} around ", day0)
    give(Reason.BEFORE_DATA, under, f"the data begin on {first}, inside {window} around ", day0)
    if panel.masked is not None:
        own = panel.masked[np.maximum(firm, 0), np.clip(row, 0, len(sessions) - 1)]
        give(Reason.NOT_OWN_PRICE, own, "the price of ", day0, " belongs to another company")
    again, original = _duplicates(firm, row, book.reason == 0, timing)
    if again.any():
        ids = known.table.index
        if timing.duplicates == "raise":
            one = int(again.argmax())
            later, earlier = ids[[one, original[one]]].to_numpy()
            ticker = str(known.table["ticker"].iloc[one])
            raise errors.duplicate_event(str(later), str(earlier), ticker)
        same = "same ticker and day 0 as "
        give(Reason.DUPLICATE, again, same, lambda index: ids[original[index]].to_numpy())
    kept = np.flatnonzero(book.reason == 0)
    return Placed(Placement(firm[kept], row[kept], kept), book.reason, book.detail)


def _unknown(names: TextArray, rows: IntArray, panel: Panel) -> TextArray:
    """(U + 1,) the tickers; those that have no row in the panel with the loader's cause.

    Where the panel spells a ticker in other letters, with its spelling too. The last one stands
    for no ticker.
    """
    said, lost = np.append(names, "nan"), np.flatnonzero(rows < 0)
    spelled = {ticker.upper(): ticker for ticker in panel.tickers}
    for k, name in zip(lost.tolist(), names[lost].tolist(), strict=True):
        cause, other = panel.provenance.cause(name), spelled.get(name.strip().upper())
        said[k] += f" ({cause})" if cause else ""
        said[k] += f"; there are some for {other}" if other is not None else ""
    return said


def day_zero(events: pd.DataFrame, sessions: DateArray, timing: Timing) -> IntArray:
    """(E,) column of day 0 of each event, whoever it is about; −1 where there is none."""
    effective = effective_days(events)
    row, shift = _roll(effective, sessions, timing)
    inside = (row >= 0) & (row < len(sessions)) & (np.abs(shift) <= timing.max_shift)
    if timing.roll in ("drop", "raise"):
        inside &= shift == 0
    return np.where(inside, row, -1)


class _Book:
    """Reasons and what there is to say about them; the first reason of an event stands."""

    def __init__(self, n: int) -> None:
        self.reason = np.zeros(n, dtype=np.int64)
        self.detail = np.empty(n, dtype=object)

    def give(self, why: Reason, where: BoolArray, *parts: _Part) -> None:
        """Give a reason to the events ``where``.

        Arrays among ``parts`` hold a text an event, functions give the texts of some events.
        """
        if not where.any():
            return
        index = np.flatnonzero(where & (self.reason == 0))
        if index.size:
            said = [
                p if isinstance(p, str) else p(index) if callable(p) else np.asarray(p[index])
                for p in parts
            ]
            self.reason[index], self.detail[index] = why.code, _say(*said)


def inputs(
    model: Model, panel: Panel, placement: Placement, windows: Windows, *, exclude: bool = False
) -> Inputs:
    """Take from the panel what the engine needs for ``model``.

    Raises
    ------
    eventstudy.errors.ModelError
        Where the panel lacks what the model needs, or a donor of the model has an event.
    """
    _refuse_treated_donors(model, panel, placement)
    if getattr(model, "excess", False) and panel.risk_free is None:
        raise errors.no_risk_free(type(model).__name__)
    if getattr(model, "across_gaps", False):
        return _across_gaps(model, panel, placement, windows, exclude=exclude)
    needs: tuple[str | FirmFactor, ...] = model.needs
    names, columns, own = [], [], {}
    for k, need in enumerate(needs):
        if isinstance(need, str):
            names.append(_resolve(need, panel, model))
            columns.append(np.asarray(panel.series(names[-1]), dtype=np.float64))
        else:  # a factor that differs by firm has no series that all share
            names.append(need.name)
            columns.append(np.full(len(panel.sessions), np.nan))
            # sums in single precision lose digits; the engine converts what it gathers
            own[k] = need.series(np.asarray(panel.returns, dtype=np.float64), panel.tickers)
    return Inputs(
        returns=panel.returns,
        factors=np.column_stack(columns) if columns else np.empty((len(panel.sessions), 0)),
        names=tuple(names),
        risk_free=panel.risk_free,
        excluded=_event_windows(placement, panel.returns.shape, windows) if exclude else None,
        kind=panel.kind,
        own=own,
    )


def _across_gaps(
    model: Model, panel: Panel, placement: Placement, windows: Windows, *, exclude: bool
) -> Inputs:
    """Returns since the last trade, the sessions they cover, and the factors summed over them."""
    if DAYS not in panel.fields:
        raise errors.no_gap_returns(type(model).__name__)
    if panel.kind != "log":
        raise errors.gaps_are_logs(type(model).__name__)
    since = panel.fields[DAYS]
    days = np.where(np.isfinite(since), since, 1.0)  # what a day without trade would have covered
    needs = [str(need) for need in model.needs]
    names = tuple(DAYS if need == DAYS else _resolve(need, panel, model) for need in needs)
    own = {
        k: days if name == DAYS else summed_over(panel.series(name).astype(np.float64), days)
        for k, name in enumerate(names)
    }
    return Inputs(
        returns=panel.fields[SINCE_TRADE],
        factors=np.full((len(panel.sessions), len(names)), np.nan),
        names=names,
        excluded=_event_windows(placement, days.shape, windows) if exclude else None,
        kind=panel.kind,
        own=own,
    )


def _refuse_treated_donors(model: Model, panel: Panel, placement: Placement) -> None:
    """No event may lie in what its counterfactual is made of (methods B.11)."""
    donors = getattr(model, "donors", ())
    if not donors:
        return
    treated = {panel.tickers[row] for row in np.unique(placement.firm)}
    found = [name for name in donors if name in treated]
    if found:
        raise errors.donors_with_events(type(model).__name__, found)


def left_out(seen: Inputs, placement: Placement, windows: Windows) -> IntArray:
    """(N,) estimation days with a return that lie in windows of the firm's other events."""
    if seen.excluded is None:
        return np.zeros(len(placement.row), dtype=np.int64)
    return _days_in(seen.excluded & np.isfinite(seen.returns), placement, windows)


def ledger(events: pd.DataFrame, placed: Placed) -> pd.DataFrame:
    """One row an event that was lost: ticker, date, session, reason, detail."""
    lost = np.flatnonzero(placed.reason)
    columns = {name: events[name].array[lost] for name in ("ticker", "date", "session")}
    kind = columns["session"].dtype
    names = pd.array(np.array(["", *map(str, Reason)], dtype=object), dtype=kind)
    columns["reason"] = names.take(placed.reason[lost])
    columns["detail"] = pd.array(placed.detail[lost], dtype=kind)
    return pd.DataFrame(columns, index=events.index[lost], copy=False)


def nothing_left(dropped: pd.DataFrame) -> errors.NothingLeft:
    """What is raised where no event is left: the reasons counted, the first of most in full."""
    counts = dropped["reason"].value_counts()
    said = "; ".join(f"{n} × {why}" for why, n in counts.items())
    one = dropped[dropped["reason"] == counts.index[0]].iloc[0]
    first = f"{one['ticker']} {one['date']:%Y-%m-%d}, {one['detail']}"
    return errors.nothing_left(said, first, dropped)


def add_reasons(
    placed: Placed,
    panel: Panel,
    windows: Windows,
    losses: Losses,
    seen: Inputs,
) -> Placed:
    """Add what the engine found.

    Too few days because `own_since` removed the others is told as ``not_own_price``.
    """
    code, count, need = losses.reason, losses.n_obs, losses.min_obs
    if not code.any():
        return placed
    code, event = code.copy(), placed.placement.event
    short = np.flatnonzero(code == Reason.MIN_EST.code)
    if panel.masked is not None and short.size:
        removed = _days_in(panel.masked, placed.placement, windows)[short]
        code[short[count[short] + removed >= need]] = Reason.NOT_OWN_PRICE.code
    book = _Book(len(code))
    few = (count, f" of {windows.days} estimation days are valid, {need} needed")
    give, lacking = book.give, count < need
    give(Reason.MIN_EST, code == Reason.MIN_EST.code, *few)
    own = code == Reason.NOT_OWN_PRICE.code
    give(Reason.NOT_OWN_PRICE, own, *few, "; earlier prices belong to another company")
    factor = code == Reason.FACTOR_MISSING.code
    if factor.any():
        for column, series in seen.own.items():
            never = ~np.asarray(np.isfinite(series).any(axis=1))[placed.placement.firm]
            who = np.array(panel.tickers, dtype=object)[placed.placement.firm]
            give(
                Reason.FACTOR_MISSING, factor & never, f"`{seen.names[column]}` is empty for ", who
            )
        past = np.flatnonzero(windows.used) + windows.estimation.first
        name = _missing_factor(seen, placed.placement, past, factor, 1)
        give(Reason.FACTOR_MISSING, factor & lacking, *few, "; ", name, " is missing")
        days = np.array(windows.event.days)
        name = _missing_factor(seen, placed.placement, days, factor, len(days))
        give(Reason.FACTOR_MISSING, factor, name, " is missing on every event day")
    silent = code == Reason.NO_EVENT_DATA.code
    give(Reason.NO_EVENT_DATA, silent, f"no return on any day of {windows.event}")
    line = code == Reason.COLLINEAR.code
    give(Reason.COLLINEAR, line, "the factors are collinear over the estimation window")
    still = code == Reason.ZERO_VARIANCE.code
    give(
        Reason.ZERO_VARIANCE,
        still,
        "the returns or residuals do not move over the estimation window",
    )
    reason, detail = placed.reason.copy(), placed.detail.copy()
    reason[event], detail[event] = book.reason, book.detail
    return Placed(placed.placement, reason, detail)


def _roll(effective: DateArray, sessions: DateArray, timing: Timing) -> tuple[IntArray, IntArray]:
    """Column of day 0 (may lie outside), and its distance in calendar days."""
    # each calendar day of the panel, and one on either side, is searched for once
    calendar = np.arange(sessions[0] - 1, sessions[-1] + 2)
    if timing.roll == "backward":
        column = np.searchsorted(sessions, calendar, side="right") - 1
    else:
        column = np.searchsorted(sessions, calendar, side="left")
    found = sessions[np.clip(column, 0, len(sessions) - 1)]
    apart = (found - calendar).astype(np.int64)
    asked = effective.view(np.int64) - calendar[0].astype(np.int64)
    at = np.clip(asked, 0, len(calendar) - 1)
    return column[at], apart[at] + (at - asked)


def _duplicates(
    firm: IntArray, row: IntArray, alive: BoolArray, timing: Timing
) -> tuple[BoolArray, IntArray]:
    """(E,) later events of the same ticker and day 0, and the position of the first."""
    again, original = np.zeros(len(firm), dtype=bool), np.arange(len(firm))
    at = np.flatnonzero(alive)
    if timing.duplicates == "keep" or not at.size:
        return again, original
    before, first = repeats(firm[at] * (row[at].max() + 1) + row[at])
    if before.any():
        again[at], original[at] = before > 0, at[first]
    return again, original


def _refuse_non_sessions(events: pd.DataFrame, effective: DateArray, wrong: BoolArray) -> None:
    if wrong.any():
        one = int(np.flatnonzero(wrong)[0])
        name, ticker = str(events.index[one]), str(events["ticker"].iloc[one])
        raise errors.not_a_session(name, ticker, str(effective[one]), int(wrong.sum()))


def _resolve(name: str, panel: Panel, model: Model) -> str:
    """The series behind the name of a factor; "market" is the market of the panel."""
    if name != "market":
        return name
    if panel.market is None:
        raise errors.no_market(type(model).__name__)
    return panel.market


def _event_windows(placement: Placement, shape: tuple[int, ...], windows: Windows) -> BoolArray:
    """(S, T) days that lie in the event window of any placed event of the security."""
    marked = np.zeros(shape, dtype=bool)
    days = placement.row[:, None] + np.arange(windows.event.first, windows.event.last + 1)
    firm = np.broadcast_to(placement.firm[:, None], days.shape)
    inside = (days >= 0) & (days < shape[1])  # a backtest may trade where the window is cut off
    marked[firm[inside], days[inside]] = True
    return marked


def _days_in(mask: BoolArray, placement: Placement, windows: Windows) -> IntArray:
    """(N,) estimation days on which ``mask`` (S, T) holds, by differences of counts."""
    end = mask.shape[1]
    total = np.zeros((mask.shape[0], end + 1), dtype=np.int32)
    np.cumsum(mask, axis=1, out=total[:, 1:])
    found = np.zeros(len(placement.row), dtype=np.int64)
    for interval in windows.intervals or (windows.estimation,):
        first = np.clip(placement.row + interval.first, 0, end)
        last = np.clip(placement.row + interval.last + 1, 0, end)
        found += total[placement.firm, last] - total[placement.firm, first]
    return found


def _missing_factor(
    seen: Inputs, placement: Placement, days: IntArray, which: BoolArray, least: int
) -> TextArray:
    """(N,) for the events ``which``, the factor that lacks most of the event ``days``.

    "a factor" where none lacks ``least`` of them: several do together, or it is the rate.
    """
    index = np.flatnonzero(which)
    rows = placement.row[index, None] + days
    inside = (rows >= 0) & (rows < len(seen.factors))
    rows = np.where(inside, rows, 0)
    lost = np.zeros((len(index), len(seen.names)), dtype=np.int64)
    for k in range(len(seen.names)):
        series = seen.own.get(k)
        firm = placement.firm[index, None]
        values = seen.factors[rows, k] if series is None else series[firm, rows]
        lost[:, k] = (inside & ~np.isfinite(values)).sum(axis=1)
    names = np.array([f"`{name}`" for name in seen.names], dtype=object)
    text = np.full(len(which), "a factor", dtype=object)
    named = lost.max(axis=1, initial=0) >= least
    text[index[named]] = names[lost[named].argmax(axis=1)]
    return text


def _say(*parts: str | npt.NDArray[Any]) -> TextArray:
    """Join texts and arrays (dates as YYYY-MM-DD), element by element."""
    said: Any = ""
    for part in parts:
        text: Any = part
        if not (isinstance(part, str) or pd.api.types.infer_dtype(part, skipna=False) == "string"):
            # each distinct value is written once
            codes, values = pd.factorize(part, use_na_sentinel=False)
            values = values.astype("datetime64[D]") if part.dtype.kind == "M" else values
            text = values.astype(str).astype(object)[codes]
        said = said + text
    return np.asarray(said, dtype=object)
