"""A side that is a function: asked once a session of entry, with a copy of what is known then."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import BoolArray, DateArray, FloatArray, IntArray
from eventstudy.backtest.filling import Orders
from eventstudy.backtest.guarding import announced, known_at_entry
from eventstudy.backtest.moments import Moment
from eventstudy.backtest.rule import Rule
from eventstudy.backtest.terms import is_number
from eventstudy.events import effective_days
from eventstudy.panel import Panel
from eventstudy.panel.provenance import Provenance

#: columns of every event that are told whenever the event is
_OWN = ("ticker", "date", "session", "scheduled")
#: sessions of entry that a function is asked about once more
AGAIN = 8


@dataclass(frozen=True, eq=False)
class Known:
    """What is known when the positions of one session are opened.

    All of it is a copy: it may be changed, and leads nowhere else.
    """

    #: the events that are entered now; a value that is not known yet is missing
    events: pd.DataFrame
    #: the panel up to the close of entry; for an entry at the open, up to the close before
    panel: Panel
    #: the session of entry
    session: np.datetime64


# ── asking ───────────────────────────────────────────────────────────────────────────────
def ask(
    rule: Rule,
    function: Callable[[Known], Any],
    table: pd.DataFrame,
    entry: IntArray,
    panel: Panel,
) -> FloatArray:
    """(n,) what the user's function says, asked once a session of entry in the order of time.

    What it keeps of one run may not be known in the next, so that an object is copied before.
    """
    found, own = np.full(len(table), np.nan), _copy(function)
    enter, _ = rule.moments
    for known, rows in _moments(enter, table, entry, panel):
        found[rows] = _answer(function, own(known), table.index[rows], known.session)
    return found


def refuse_memory(rule: Rule, table: pd.DataFrame, orders: Orders, panel: Panel) -> None:
    """Refuse a function that answers otherwise once it has seen later sessions.

    A grid and placebo dates ask about the same years again and again. What an object keeps is
    forgotten each time, what a function keeps elsewhere is not: after it gave the sides of
    ``orders``, on the events ``table``, it is asked about the first sessions anew.

    Raises
    ------
    OptionError
        With the first session about which it changed its mind.
    """
    if callable(rule.side):
        entry = orders.row + rule.moments[0].day
        at = np.flatnonzero(np.isin(entry, np.unique(entry)[:AGAIN]))
        first = ask(rule, rule.side, table.iloc[orders.event[at]], entry[at], panel)
        other = (first != orders.side[at]) & ~(np.isnan(first) & np.isnan(orders.side[at]))
        if other.any():
            raise errors.side_remembers(_called(rule.side), panel.sessions[entry[at][other].min()])


def _copy(function: Callable[[Known], Any]) -> Callable[[Known], Any]:
    """An object with all it keeps, copied; a plain function, and what can't be copied, as it is."""
    try:
        return copy.deepcopy(function)
    except Exception:  # noqa: BLE001  (whatever the object holds may object)
        return function


def _called(function: Callable[[Known], Any]) -> str:
    return getattr(function, "__name__", type(function).__name__)


# ── what is known ────────────────────────────────────────────────────────────────────────
def _moments(
    enter: Moment, table: pd.DataFrame, entry: IntArray, panel: Panel
) -> Iterator[tuple[Known, IntArray]]:
    """What is known at each session of entry, and the events that are entered then."""
    dates = np.asarray(panel.sessions[entry])
    public = announced(enter, table, effective_days(table), dates)
    hidden = _hidden(enter, table, public, dates)
    order = np.argsort(entry, kind="stable")
    cuts = np.flatnonzero(np.diff(entry[order])) + 1
    for rows in np.split(order, cuts) if len(order) else ():
        row = int(entry[rows[0]])
        events = _copied(table.iloc[rows], {name: late[rows] for name, late in hidden.items()})
        until = row if enter.at_open else row + 1
        yield Known(events, _until(panel, until), panel.sessions[row].copy()), rows


def _hidden(
    enter: Moment, table: pd.DataFrame, public: BoolArray, dates: DateArray
) -> dict[Hashable, BoolArray]:
    """Column → events whose value is not known at entry; the date of a hidden value is hidden."""
    if not table.columns.is_unique:
        raise errors.events_column_twice(table.columns[table.columns.duplicated()][0])
    hidden: dict[Hashable, BoolArray] = {}
    for name in table.columns.drop(list(_OWN)):
        of = str(name).removesuffix("_known")
        source = of if of in table.columns else str(name)
        late = ~known_at_entry(source, table, public, enter, dates)
        if late.any():
            hidden[name] = late
    return hidden


def _copied(table: pd.DataFrame, hidden: dict[Hashable, BoolArray]) -> pd.DataFrame:
    """Copy some events without what is hidden, what hangs on them, and what others left behind."""
    found = table.copy()
    found.attrs = {}
    for name in found.columns:
        if name in hidden:
            found[name] = found[name].mask(hidden[name])
        if found[name].dtype == object:
            found[name] = pd.Series(
                [copy.deepcopy(value) for value in found[name]], found.index, dtype=object
            )
        elif isinstance(found[name].dtype, pd.CategoricalDtype):
            found[name] = found[name].cat.remove_unused_categories()
    return found


def _until(panel: Panel, stop: int) -> Panel:
    """Copy the first ``stop`` sessions of a panel, array by array: no view leads further."""

    def firms(array: Any) -> Any:  # noqa: ANN401  (numbers and marks)
        return np.array(array[:, :stop])

    rate = panel.risk_free
    return replace(
        panel,
        returns=firms(panel.returns),
        sessions=np.array(panel.sessions[:stop]),
        factors=np.array(panel.factors[:stop]),
        risk_free=None if rate is None else np.array(rate[:stop]),
        fields={name: firms(array) for name, array in panel.fields.items()},
        masked=None if panel.masked is None else firms(panel.masked),
        provenance=Provenance(),  # a report says when prices end
    )


# ── answers ──────────────────────────────────────────────────────────────────────────────
def _answer(
    function: Callable[[Known], Any],
    given: Any,  # noqa: ANN401  (whatever the user's function gave)
    index: pd.Index,
    session: np.datetime64,
) -> FloatArray:
    """Read what a function said of the events ``index``."""
    name = _called(function)
    if isinstance(given, pd.Series):
        if len(given) == len(index) and not given.index.equals(index):
            if not given.index.is_unique or len(index.difference(given.index)):
                raise errors.answer_of_other_events(name, session)
            given = given.loc[index]
        given = given.tolist()
    values = np.asarray(given, dtype=object)
    if values.shape != (len(index),):
        got = f"{len(values)} values" if values.ndim == 1 else type(given).__name__
        raise errors.answer_without_rows(name, got, len(index), session)
    read = [_side(value) for value in values.tolist()]
    for value, side, event in zip(values.tolist(), read, index, strict=True):
        if side is None:
            raise errors.answer_not_a_side(name, value, event)
    return np.array(read, dtype=np.float64)


def _side(value: object) -> float | None:
    """1, −1, 0 or NaN; None where it is none of them."""
    if value is None or value is pd.NA:
        return float("nan")
    if isinstance(value, Real) and math.isnan(value):
        return float("nan")
    return float(value) if is_number(value) and value in (-1, 0, 1) else None
