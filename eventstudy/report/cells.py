"""One value as people read it: the only place where numbers are rounded."""

from __future__ import annotations

import math
from numbers import Real
from typing import TypeGuard

import numpy as np
import pandas as pd

#: how a missing value is written
NOTHING = "–"


def percent(value: object, places: int = 2, *, signed: bool = True) -> str:
    """Write a return as a percentage, which has a sign unless it is no direction (σ).

    >>> percent(0.0236), percent(-0.00801, 1), percent(-0.000001), percent(float("nan"))
    ('+2.36 %', '-0.8 %', '0.00 %', '–')
    """
    if not _is_real(value):
        return plain(value)
    sign = "+" if signed else ""
    if abs(100 * float(value)) >= 1e6:
        return f"{100 * float(value):{sign}.3g} %"
    text = f"{100 * float(value):{sign}.{places}f} %"
    return text if _has_digit(text) else text.lstrip("+-")


def pvalue(value: object, places: int = 3) -> str:
    """Write a p-value: never as zero, and never rounded onto the other side of 5 %.

    >>> pvalue(0.0312), pvalue(0.00004), pvalue(0.84, 2), pvalue(0.0496, 2), pvalue(1.0)
    ('0.031', '<0.001', '0.84', '0.0496', '1.000')
    """
    if not _is_real(value):
        return plain(value)
    p = float(value)
    if 0 <= p < 0.001:
        return "<0.001"
    while places < 8 and _side(float(f"{p:.{places}f}")) != _side(p):
        places += 1
    return f"{p:.{places}f}"


def _side(p: float) -> int:
    """−1 below 5 %, 0 at it, 1 above."""
    return (p > 0.05) - (p < 0.05)


def number(value: object, places: int = 2) -> str:
    """Write a plain number.

    >>> number(-1.005), number(0.0), number(0.00012), number(float("inf"))
    ('-1.00', '0.00', '0.00012', 'inf')
    """
    if not _is_real(value):
        return plain(value)
    x = float(value)
    if abs(x) >= 1e6 or 0 < abs(x) < 0.5 * 10.0**-places:
        return f"{x:.3g}"
    return f"{x:.{places}f}"


def dollars(value: object, *, signed: bool = True, beside: float = 0.0) -> str:
    """Write an amount of dollars, large ones in millions and billions.

    ``beside`` is a larger amount that stands beside it: both are then written in its unit.

    >>> dollars(-2.984), dollars(1.2345e9), dollars(60.75, signed=False), dollars(0.0012)
    ('-$2.98', '+$1.23 billion', '$60.75', '+$0.0012')
    >>> dollars(-4.5e8, beside=6.4e9)
    '-$0.45 billion'
    """
    if not _is_real(value):
        return plain(value)
    x = float(value)
    size = max([abs(y) for y in (x, beside) if math.isfinite(y)], default=math.inf)
    powers = ((1e12, " trillion"), (1e9, " billion"), (1e6, " million"))
    scale, unit = next((pair for pair in powers if size >= 0.99995 * pair[0]), (1.0, ""))
    text = f"{abs(x) / scale:,.2f}{unit}" if size >= 0.005 else f"{abs(x):.2g}"
    sign = "-" if x < 0 else "+" if signed and x else ""
    return f"{sign if _has_digit(text) else ''}${text}"


def count(value: object) -> str:
    """Write a count without decimals, and one decimal where it is not whole.

    >>> count(12.0), count(117.36), count(100000), count(5.0 - 1e-15)
    ('12', '117.4', '100,000', '5')
    """
    if not _is_real(value):
        return plain(value)
    x = float(value)
    if not math.isfinite(x):
        return f"{x:g}"
    whole = abs(x - round(x)) <= 1e-9 * max(1.0, abs(x))
    return (f"{x:,.0f}" if whole else f"{x:,.1f}") if abs(x) < 1e12 else f"{x:.3g}"


def date(value: object) -> str:
    """Write a date without the time of day.

    >>> date(np.datetime64("2026-02-26T00:00")), date(None)
    ('2026-02-26', '–')
    """
    if is_missing(value):
        return NOTHING
    return str(value)[:10] if isinstance(value, (np.datetime64, pd.Timestamp)) else plain(value)


def day(value: object) -> str:
    """Write an event day with its sign.

    >>> day(-1), day(0), day(5)
    ('-1', '0', '+5')
    """
    if not _is_real(value) or float(value) != round(float(value)):
        return plain(value)
    return f"{float(value):+.0f}" if value else "0"


def plain(value: object) -> str:
    """Write anything else: dates without time, yes and no, numbers with four digits.

    >>> plain("IREN"), plain(True), plain(0.123456), plain(None)
    ('IREN', 'yes', '0.1235', '–')
    """
    if is_missing(value):
        return NOTHING
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (np.datetime64, pd.Timestamp)):
        return str(value)[:10]
    if isinstance(value, (float, np.floating)):
        return f"{value:.4g}"
    return str(value)


def is_missing(value: object) -> bool:
    """Whether ``value`` is None, NaN, NaT or NA."""
    if value is None or value is pd.NaT or value is pd.NA:
        return True
    if isinstance(value, np.datetime64):
        return bool(np.isnat(value))
    return isinstance(value, (float, np.floating)) and math.isnan(value)


def _is_real(value: object) -> TypeGuard[float]:
    """Whether ``value`` is a number that can be rounded: no truth value, no NaN."""
    if isinstance(value, (bool, np.bool_)) or is_missing(value):
        return False
    return isinstance(value, (Real, np.number))


def _has_digit(text: str) -> bool:
    """Whether a digit other than zero is left after rounding."""
    return any(c in "123456789" for c in text) or "inf" in text
