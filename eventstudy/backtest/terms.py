"""The terms of trading: what a position may be, and what it costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import TypeGuard

import numpy as np

from eventstudy import errors
from eventstudy.one_line import call

OVERLAPS = ("add", "extend", "restart", "ignore")

#: bounds beyond which a number was given in another unit: charges in bps that are fractions or
#: whole percents, and fractions that are percents
LEAST_BPS, MOST_BPS, MOST_SPREAD, MOST_BORROW = 0.05, 1000.0, 0.2, 1.0


@dataclass(frozen=True)
class Limits:
    """What may be held at once; notionals are fractions of the starting capital.

    Limits are applied entry by entry and look at what was opened before, never at later trades.

    Parameters
    ----------
    per_name : float, optional
        The most that is held of one security, in absolute value. Default: no limit.
    gross : float, optional
        The most that all positions together hold, in absolute values; the trades of one moment
        are scaled down alike. Default: no limit.
    overlap : {"add", "extend", "restart", "ignore"}
        What an event does whose security is still held from an earlier one: "add" opens a second
        position, "extend" holds the first one on until the later event's leave, "restart"
        leaves the first one and opens the second, "ignore" drops the later event.

    Examples
    --------
    >>> Limits(per_name=0.5, gross=2).overlap
    'add'
    """

    per_name: float | None = None
    gross: float | None = None
    overlap: str = "add"

    __repr__ = call

    def __post_init__(self) -> None:
        for option, value in (("per_name", self.per_name), ("gross", self.gross)):
            if value is not None and not (is_number(value) and 0.0 < value < math.inf):
                raise errors.limit_not_positive(option, value)
        if self.overlap not in OVERLAPS:
            raise errors.unknown_option("overlap", self.overlap, OVERLAPS)


@dataclass(frozen=True)
class Costs:
    """What trading and holding cost.

    Parameters
    ----------
    bps : float
        Commission and slippage of each side, entry and leaving, in basis points of the value
        traded.
    half_spread : float or str, optional
        Half the bid-ask spread as a fraction of the price, paid on each side beside ``bps``: one
        number, or a column of the events.
    borrow : float or str
        What a short position pays for borrowing, as a fraction of its notional a year of 252
        sessions: one number, or a column of the events.
    delisting : float
        The return that is assumed, between −1 and 0, on the session after the last price of a
        security whose prices end while it is held. Where the panel holds delisting returns leave
        it at 0.
    hedge_bps : float, optional
        As ``bps``, for the hedge, on Σ|β| of the notional. Default: ``bps``.

    References
    ----------
    Shumway (1997), Journal of Finance 52, for delisting returns of −0.30 (NYSE and AMEX); Shumway
    and Warther (1999), Journal of Finance 54, for −0.55 (Nasdaq).

    Examples
    --------
    >>> Costs(bps=5, borrow=0.03).delisting
    0.0
    """

    bps: float = 10.0
    half_spread: float | str | None = None
    borrow: float | str = 0.0
    delisting: float = 0.0
    hedge_bps: float | None = None

    __repr__ = call

    def __post_init__(self) -> None:
        _check_bps("bps", self.bps)
        if self.hedge_bps is not None:
            _check_bps("hedge_bps", self.hedge_bps)
        if self.half_spread is not None:
            _check_fraction("half_spread", self.half_spread, MOST_SPREAD)
        _check_fraction("borrow", self.borrow, MOST_BORROW)
        if not (is_number(self.delisting) and -1.0 <= self.delisting <= 0.0):
            raise errors.delisting_outside(self.delisting)


def as_costs(value: float | Costs) -> Costs:
    """Costs as they are, or a number of basis points for each side.

    >>> as_costs(10) == Costs(bps=10)
    True
    """
    if isinstance(value, Costs):
        return value
    if not is_number(value):
        raise errors.no_costs(value)
    _check_bps("costs", value)
    return Costs(bps=float(value))


def is_number(value: object) -> TypeGuard[float]:
    """Whether ``value`` is a number (NumPy's too), and neither a truth value nor NaN."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        return False
    return bool(value == value)  # noqa: PLR0124  (only NaN differs from itself)


def _check_bps(option: str, value: float) -> None:
    if not (is_number(value) and 0.0 <= value < math.inf):
        raise errors.charge_not_a_number(option, value)
    if value > MOST_BPS or 0.0 < value < LEAST_BPS:
        raise errors.charge_in_another_unit(option, value)


def _check_fraction(option: str, value: float | str, most: float) -> None:
    """Refuse what is neither the name of a column nor a fraction."""
    if isinstance(value, str):
        if not value.strip():
            raise errors.charge_not_a_fraction(option, value)
        return
    if not (is_number(value) and 0.0 <= value < math.inf):
        raise errors.charge_not_a_fraction(option, value)
    if value > most:
        raise errors.charge_in_percent(option, value, most)
