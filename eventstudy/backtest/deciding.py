"""Which side and how much: what a rule decides about each trade, from what is known at entry."""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, TypeGuard

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import BoolArray, DateArray, FloatArray, IntArray
from eventstudy.backtest.guarding import announced, known_at_entry
from eventstudy.backtest.moments import Moment
from eventstudy.backtest.rule import SIDES, WEIGHTS, Rule
from eventstudy.backtest.terms import MOST_BORROW, MOST_SPREAD
from eventstudy.events import effective_days
from eventstudy.panel import Panel
from eventstudy.panel.provenance import Provenance

#: what "inverse_sigma" asks a position to move the capital by on a day of one σ
TARGET = 0.01
#: columns of every event that are told whenever the event is
_OWN = ("ticker", "date", "session", "scheduled")
#: what pandas calls columns of numbers
_NUMBERS = ("integer", "floating", "mixed-integer-float", "empty")


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


# ── sides ────────────────────────────────────────────────────────────────────────────────
def sides(rule: Rule, table: pd.DataFrame, entry: IntArray, panel: Panel) -> FloatArray:
    """(n,) side of each event: 1, −1, and 0 or NaN where it is not to be traded.

    Parameters
    ----------
    rule : Rule
        Whose ``side`` is asked.
    table : DataFrame
        The n events that can be traded.
    entry : (n,) array of int
        Calendar rows of their sessions of entry.
    panel : Panel
        Of which a function is shown the part that is known.
    """
    if callable(rule.side):
        return _asked(rule, rule.side, table, entry, panel)
    if rule.side in SIDES:
        return np.full(len(table), 1.0 if rule.side == "long" else -1.0)
    return np.sign(_column("side", rule.side, SIDES, table))


def _asked(
    rule: Rule,
    function: Callable[[Known], Any],
    table: pd.DataFrame,
    entry: IntArray,
    panel: Panel,
) -> FloatArray:
    """Ask the user's function once a session of entry, in the order of time."""
    found = np.full(len(table), np.nan)
    enter, _ = rule.moments
    for known, rows in _moments(enter, table, entry, panel):
        index = table.index[rows]
        found[rows] = _answer(function, function(known), index, known.session)
    return found


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


def _answer(
    function: Callable[[Known], Any],
    given: Any,  # noqa: ANN401  (whatever the user's function gave)
    index: pd.Index,
    session: np.datetime64,
) -> FloatArray:
    """Read what a function said of the events ``index``."""
    name = getattr(function, "__name__", type(function).__name__)
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
    if not _is_number(value):
        return None
    return float(value) if value in (-1, 0, 1) or np.isnan(value) else None


# ── weights and charges ──────────────────────────────────────────────────────────────────
def weights(rule: Rule, table: pd.DataFrame, sigma: FloatArray) -> FloatArray:
    """(n,) notional of each event; where it is not above 0 there is nothing to trade.

    Parameters
    ----------
    rule : Rule
        Whose ``weight`` is asked.
    table : DataFrame
        The n events.
    sigma : (n,) array
        Residual standard deviation of the estimation windows.
    """
    if rule.weight == "equal":
        return np.ones(len(table))
    if rule.weight == "inverse_sigma":
        return np.asarray(TARGET / np.where(sigma > 0, sigma, np.nan))
    return _column("weight", rule.weight, WEIGHTS, table)


def terms_of(rule: Rule, table: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """(n,) half spread and (n,) borrowing rate of each event, as fractions."""
    terms = rule.terms
    half_spread = _charge("half_spread", terms.half_spread or 0.0, MOST_SPREAD, table)
    return half_spread, _charge("borrow", terms.borrow, MOST_BORROW, table)


def _charge(option: str, value: float | str, most: float, table: pd.DataFrame) -> FloatArray:
    """One number for all, or those of a column; a column is in percent if most of it seems so."""
    if not isinstance(value, str):
        return np.full(len(table), float(value))
    if value not in table.columns:
        raise errors.no_charge_column(option, value, list(table.columns))
    found = _numbers(option, value, table)
    wrong = ~(np.isfinite(found) & (found >= 0))
    if wrong.any():
        first = int(wrong.argmax())
        raise errors.column_not_charges(option, value, float(found[first]), table.index[first])
    if len(found) and np.median(found) > most:
        raise errors.charge_in_percent(option, value, most)
    return found


def _column(option: str, name: str, words: tuple[str, ...], table: pd.DataFrame) -> FloatArray:
    """Numbers of a column that was named in the place of a word."""
    if name not in table.columns:
        raise errors.not_a_column(option, name, words, list(table.columns))
    return _numbers(option, name, table)


def _numbers(option: str, name: str, table: pd.DataFrame) -> FloatArray:
    """(n,) numbers of a column, NaN where it is empty; text and truth values are refused."""
    column = table[name]
    if isinstance(column, pd.DataFrame):
        raise errors.events_column_twice(name)
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    if pd.api.types.infer_dtype(column, skipna=True) not in _NUMBERS:
        for event, value in column.items():
            missing = pd.api.types.is_scalar(value) and pd.isna(value)
            if not (missing or _is_number(value)):
                raise errors.column_not_numbers(option, name, value, event)
    return np.asarray(pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan))


def _is_number(value: object) -> TypeGuard[float]:
    """Whether it is a number, NaN included, and no truth value."""
    return isinstance(value, Real) and not isinstance(value, (bool, np.bool_))
