"""Moments at which a rule trades: the close of a session around day 0, or its open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from eventstudy import errors
from eventstudy.windows import is_whole

#: sessions around day 0 beyond which no moment lies: forty years
FARTHEST = 10_000

_TEXT = re.compile(r"\s*(?:(?P<part>open|close)\s*(?=[+-]))?(?P<day>[+-]?\d{1,9})\s*", re.ASCII)


@dataclass(frozen=True)
class Moment:
    """The close of event day ``day``, or its open.

    >>> Moment(1, at_open=True).label, Moment(0).label
    ('open+1', 'close+0')
    """

    day: int
    at_open: bool = False

    @property
    def label(self) -> str:
        """How the moment is written, as in ``enter="open+1"``."""
        return f"{'open' if self.at_open else 'close'}{self.day:+d}"

    @property
    def plain(self) -> int | str:
        """The shortest way to write it: a day, whose close is meant, or a text."""
        return self.label if self.at_open else self.day

    @property
    def words(self) -> str:
        """How a sentence calls it."""
        return f"the {'open' if self.at_open else 'close'} of day {self.day}"

    @property
    def order(self) -> int:
        """Moments in the order of time: a session opens before it closes."""
        return 2 * self.day + (not self.at_open)


MomentLike: TypeAlias = "int | str | Moment"


def as_moment(value: MomentLike, option: str) -> Moment:
    """Read a moment from a day, whose close is meant, or from ``"open+1"``, ``"close-1"``.

    >>> as_moment(5, "leave") == as_moment("+5", "leave") == as_moment("close+5", "leave")
    True
    """
    if isinstance(value, Moment):
        found = value
    elif is_whole(value):
        found = Moment(int(value))
    elif isinstance(value, str) and (read := _TEXT.fullmatch(value.lower())):
        found = Moment(int(read["day"]), at_open=read["part"] == "open")
    else:
        raise errors.no_moment(option, value)
    if abs(found.day) > FARTHEST:
        raise errors.moment_too_far(option, found.day, FARTHEST)
    return found


def in_order(enter: Moment, leave: Moment) -> tuple[Moment, Moment]:
    """Entry and leaving, refused unless the one comes before the other."""
    if leave.order <= enter.order:
        raise errors.leave_not_after_enter(enter.words, leave.words)
    return enter, leave
