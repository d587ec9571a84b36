"""One value of a table as a spreadsheet holds it: number, truth value, date or text."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal
from numbers import Integral, Real

import numpy as np
import pandas as pd

from eventstudy.report.cells import is_missing

#: characters in a cell of Excel; what is longer is cut, and says so
LONGEST = 32_767
CUT = " … (cut: a cell holds 32,767 characters)"
#: whole numbers that a double still tells apart
_WHOLE = 2**53
#: what XML refuses
_REFUSED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
#: Excel's calendar begins here
_FIRST = dt.datetime(1900, 3, 1)  # noqa: DTZ001  (Excel knows no time zones)

Plain = bool | float | int | dt.datetime | str | None


def is_number(value: object) -> bool:
    """Whether ``value`` is a number: no text, no truth value.

    >>> is_number(np.float64(1)), is_number(True), is_number("1")
    (True, False, False)
    """
    return isinstance(value, (Real, Decimal)) and not isinstance(
        value, (bool, np.bool_, np.timedelta64)
    )


def plain_value(value: object) -> Plain:
    """Read any value as one that a cell of Excel can hold; what it cannot becomes text.

    Missing values become None, infinities "inf" and "-inf", times with a zone and years before
    1900 their ISO form, lists and mappings their text.

    >>> plain_value(np.float64(0.1)), plain_value(float("-inf")), plain_value({"a": [1]})
    (0.1, '-inf', "{'a': [1]}")
    >>> plain_value(pd.Timestamp("2026-02-25 16:05", tz="America/New_York"))
    '2026-02-25T16:05:00-05:00'
    """
    if type(value) is float and math.isfinite(value):  # most cells are
        return value
    if is_missing(value):
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if is_number(value):
        return _number(value)
    if isinstance(value, (dt.date, np.datetime64)):
        return _moment(value)
    return printable(value if isinstance(value, str) else str(value))


def printable(text: str) -> str:
    r"""Show what a file of Excel cannot hold: control characters by their pictures.

    >>> printable("a\x00b\ud800")
    'a␀b�'
    """
    text = _REFUSED.sub(_picture, str(text).replace("\r\n", "\n"))
    return text if len(text) <= LONGEST else text[: LONGEST - len(CUT)] + CUT


def label_of(name: object) -> object:
    """The head of a column: numbers stay numbers, the parts of a tuple are joined.

    >>> label_of(-1), label_of(("a", "[0,0]")), label_of(None)
    (-1, 'a [0,0]', '')
    """
    if isinstance(name, tuple):
        return " ".join(str(part) for part in name if str(part))
    return "" if is_missing(name) else name


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    return "\ufffd" if code > 0x7F else chr(0x2421 if code == 0x7F else 0x2400 + code)


def _number(value: object) -> Plain:
    """A number that a double holds exactly, else its digits."""
    if isinstance(value, Integral):
        whole = int(value)
        return whole if abs(whole) <= _WHOLE else str(whole)
    try:
        number = float(value)  # type: ignore[arg-type]  # a Real and a Decimal have a float
    except (OverflowError, ValueError):
        return str(value)
    if math.isnan(number):
        return None
    return number if math.isfinite(number) else str(number)


def _moment(value: dt.date | np.datetime64) -> Plain:
    """A date without a zone and not finer than Excel's milliseconds; else its ISO form."""
    if isinstance(value, np.datetime64):
        try:
            value = pd.Timestamp(value)
        except ValueError:
            return str(value)
    if not isinstance(value, dt.datetime):
        value = dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001  (a plain day)
    finer = value.microsecond % 1000 or getattr(value, "nanosecond", 0)
    if value.tzinfo is not None or finer or value.year > dt.MAXYEAR:
        return value.isoformat()
    if isinstance(value, pd.Timestamp):
        value = value.to_pydatetime()
    return value if value >= _FIRST else value.isoformat()
