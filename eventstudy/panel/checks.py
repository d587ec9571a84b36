"""What cannot be prices, returns, factors or a risk-free rate is refused, never repaired."""

from __future__ import annotations

import numpy as np

from eventstudy import errors
from eventstudy.arrays import BoolArray, DateArray, FloatArray
from eventstudy.panel.table import Table

#: half of all moves larger than this: percent, not fractions
PERCENT = 0.2
#: a risk-free rate above this per session: percent, or a rate per year; 0.02 per month
RATE, RATE_DAYS = 0.002, 3.0


def check_prices(table: Table) -> None:
    """Refuse prices that are not positive."""
    wrong = table.values <= 0
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise errors.panel_price_not_positive(
            table.names[column], table.dates[row], table.values[row, column]
        )


def check_returns(table: Table, kind: str) -> None:
    """Refuse percent and prices, and simple returns below −1."""
    median = _large_median(table.values, PERCENT)
    if median is not None:
        if (table.values < 0).any():
            raise errors.panel_percent(median)
        raise errors.panel_prices_not_returns(median)
    _above_minus_one(table, kind)


def check_factors(table: Table, kind: str) -> None:
    """Refuse factors in percent, column by column, and simple ones below −1."""
    for name in table.names:
        median = _large_median(table.column(name), PERCENT)
        if median is not None:
            raise errors.panel_factor_percent(name, median)
    _above_minus_one(table, kind)


def check_rate(values: FloatArray, dates: DateArray | None = None) -> None:
    """Refuse a risk-free rate that is no fraction per session.

    Where its ``dates`` lie further apart than days of trading, a session earns more.
    """
    apart = 1.0
    if dates is not None and len(dates) > 1:
        apart = max(float(np.median(np.diff(dates).astype(np.float64))) / RATE_DAYS, 1.0)
    median = _large_median(values, RATE * apart)
    if median is not None:
        raise errors.panel_rate(median)


def _above_minus_one(table: Table, kind: str) -> None:
    low: BoolArray = table.values < -1.0
    if kind == "simple" and low.any():
        row, column = np.argwhere(low)[0]
        raise errors.panel_log_returns(
            table.names[column], table.dates[row], table.values[row, column]
        )


def _large_median(values: FloatArray, limit: float) -> float | None:
    """Median of the finite absolute values that are not 0, if it is above ``limit``.

    Counting first: a sort of millions of returns is only paid for a refusal.
    """
    size = np.abs(values)
    if 2 * np.count_nonzero(size > limit) < np.count_nonzero(size > 0):
        return None
    size = size[size > 0]
    median = float(np.median(size)) if len(size) else 0.0
    return median if median > limit else None
