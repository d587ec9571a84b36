"""Windows in event time: trading days around day 0, both ends included."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from numbers import Integral
from typing import TypeAlias, TypeGuard, cast

from eventstudy import errors

WindowLike: TypeAlias = "Window | tuple[int, int] | int | str"


@dataclass(frozen=True, order=True)
class Window:
    """Trading days ``first … last`` around day 0, both included.

    Wherever a window is asked for, a pair such as ``(-1, 1)`` will do.

    >>> Window(-1, 1).label, len(Window(-1, 1))
    ('[-1,+1]', 3)
    """

    first: int
    last: int

    _WRITTEN = ""  # as an argument of a study: a pair says enough

    def __post_init__(self) -> None:
        if not (is_whole(self.first) and is_whole(self.last)):
            raise errors.window_malformed((self.first, self.last))
        if self.last < self.first:
            raise errors.window_backwards(self.first, self.last)

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __contains__(self, other: object) -> bool:
        if isinstance(other, Window):
            return self.first <= other.first and other.last <= self.last
        return is_whole(other) and self.first <= other <= self.last

    def __str__(self) -> str:
        return self.label

    def __repr__(self) -> str:
        return f"Window({self.first}, {self.last})"

    @property
    def label(self) -> str:
        """``[-1,+1]``: how the window is called in every table."""
        return f"[{_signed(self.first)},{_signed(self.last)}]"

    @property
    def days(self) -> range:
        """The event days of the window."""
        return range(self.first, self.last + 1)

    def columns(self, inside: Window) -> slice:
        """Where this window stands in arrays that hold the days of ``inside``.

        Parameters
        ----------
        inside : Window
            The window whose days the columns are.

        Examples
        --------
        >>> Window(-1, 1).columns(Window(-10, 10))
        slice(9, 12, None)
        """
        if self not in inside:
            raise errors.window_outside(self, inside)
        return slice(self.first - inside.first, self.last - inside.first + 1)


def _signed(day: int) -> str:
    return f"{day:+d}" if day else "0"


_TEXT = re.compile(r"\s*\[?\s*([+-]?\d+)\s*[:,]\s*([+-]?\d+)\s*\]?\s*")


def as_window(value: WindowLike) -> Window:
    """Read a window from ``(first, last)``, one day, ``"-1:1"`` or ``"[-1,+1]"``.

    >>> as_window("-1:1") == as_window((-1, 1)) == as_window("[-1,+1]")
    True
    """
    if isinstance(value, Window):
        return value
    if isinstance(value, str):
        found = _TEXT.fullmatch(value)
        if found:
            return Window(int(found[1]), int(found[2]))
        if re.fullmatch(r"\s*[+-]?\d+\s*", value):
            return Window(int(value), int(value))
        raise errors.window_malformed(value)
    if is_whole(value):
        return Window(int(value), int(value))
    if isinstance(value, (tuple, list)) and len(value) == 2 and all(map(is_whole, value)):
        return Window(int(value[0]), int(value[1]))
    raise errors.window_malformed(value)


def as_windows(value: WindowLike | Sequence[WindowLike]) -> tuple[Window, ...]:
    """Read one window, or several: also from a text as on the command line.

    >>> [w.label for w in as_windows((-1, 1))], [w.label for w in as_windows([0, (-1, 1)])]
    (['[-1,+1]'], ['[0,0]', '[-1,+1]'])
    >>> [w.label for w in as_windows("-1:1,0:5")]
    ['[-1,+1]', '[0,+5]']
    """
    if isinstance(value, str):
        return tuple(as_window(part) for part in _split(value))
    one = isinstance(value, Window) or is_whole(value)
    if one or (isinstance(value, tuple) and len(value) == 2 and all(map(is_whole, value))):
        return (as_window(cast("WindowLike", value)),)
    if not isinstance(value, Sequence) or not value:
        raise errors.window_malformed(value)
    return tuple(as_window(part) for part in value)


def _split(text: str) -> list[str]:
    """``-1:1,0:5`` is two windows; without a colon a comma may be that of ``[-1,+1]``."""
    parts = [part for part in text.split(",") if part.strip()] if ":" in text else []
    return parts or [text]


def usual_windows(whole: Window) -> tuple[Window, ...]:
    """Day 0, [-1,+1] and the event window ``whole``: those of them that lie in it.

    >>> [w.label for w in usual_windows(Window(0, 5))]
    ['[0,0]', '[0,+5]']
    """
    some = [w for w in (Window(0, 0), Window(-1, 1)) if w in whole]
    return tuple(dict.fromkeys([*some, whole]))


def as_intervals(value: WindowLike | Sequence[WindowLike]) -> Window | tuple[Window, ...]:
    """Read one window, or several that do not overlap, in ascending order.

    >>> as_intervals((-250, -11)).label
    '[-250,-11]'
    >>> [w.label for w in as_intervals([(30, 120), (-120, -11)])]
    ['[-120,-11]', '[+30,+120]']
    """
    texts = _split(value) if isinstance(value, str) else []
    parts = texts if len(texts) > 1 else value if isinstance(value, (tuple, list)) else ()
    if not parts or all(map(is_whole, parts)):
        return as_window(cast("WindowLike", value))
    found = sorted(as_window(part) for part in parts)
    for one, two in pairwise(found):
        if two.first <= one.last:
            raise errors.intervals_overlap(one, two)
    return tuple(found)


def is_whole(value: object) -> TypeGuard[int]:
    """Whether ``value`` is a whole number (NumPy's too), and not a truth value."""
    return isinstance(value, Integral) and not isinstance(value, bool)
