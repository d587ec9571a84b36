"""Which side and how much: what a rule decides about each trade, from what is known at entry."""

from __future__ import annotations

from numbers import Real
from typing import TypeGuard

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import FloatArray, IntArray
from eventstudy.backtest.asking import ask
from eventstudy.backtest.rule import SIDES, WEIGHTS, Rule
from eventstudy.backtest.terms import MOST_BORROW, MOST_SPREAD
from eventstudy.panel import Panel

#: what "inverse_sigma" asks a position to move the capital by on a day of one σ
TARGET = 0.01
#: what pandas calls columns of numbers
_NUMBERS = ("integer", "floating", "mixed-integer-float", "empty")


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
        return ask(rule, rule.side, table, entry, panel)
    if rule.side in SIDES:
        return np.full(len(table), 1.0 if rule.side == "long" else -1.0)
    return np.sign(_column("side", rule.side, SIDES, table))


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
