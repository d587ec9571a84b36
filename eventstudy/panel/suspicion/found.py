"""What a check found, as columns; and stretches of days, found without a loop over rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eventstudy.arrays import BoolArray, DateArray, FloatArray, IntArray

if TYPE_CHECKING:
    from eventstudy.panel.panel import Panel

#: rows that are looked at together: a part of the panel that stays in the processor's cache
_ROWS = 128

Texts = np.ndarray[Any, np.dtype[np.object_]]


class Found(NamedTuple):
    """F findings of one check."""

    check: str
    #: (F,) row of the security in the panel, −1 where it is about all of them
    row: IntArray
    #: (F,) first and last date, and how many sessions of the stretch are meant
    first: DateArray
    last: DateArray
    days: IntArray
    #: (F,) the sentence
    detail: Texts
    #: (F,) the other series that it is about, "" where there is none
    other: Texts

    def __bool__(self) -> bool:
        return len(self.row) > 0

    def take(self, which: BoolArray) -> Found:
        """Keep some of the findings."""
        kept = {name: getattr(self, name)[which] for name in self._fields[1:]}
        return self._replace(**kept)


class Stretches(NamedTuple):
    """Rows, first and last columns of R stretches."""

    row: IntArray
    first: IntArray
    last: IntArray

    @property
    def days(self) -> IntArray:
        """(R,) columns of each."""
        return self.last - self.first + 1

    def take(self, which: BoolArray) -> Stretches:
        """Keep some of them."""
        return Stretches(*(column[which] for column in self))


def parts(values: FloatArray) -> Iterator[tuple[int, FloatArray]]:
    """Some rows at a time, and the first of them."""
    for start in range(0, len(values), _ROWS):
        yield start, values[start : start + _ROWS]


def stretches(mask: BoolArray, least: int = 1, offset: int = 0) -> Stretches:
    """Find at least ``least`` neighbouring True of a row; ``offset`` is the first row's number."""
    at = np.flatnonzero(mask)
    width = mask.shape[1]
    new = np.ones(len(at) + 1, dtype=np.bool_)
    new[1:-1] = (np.diff(at) != 1) | (at[1:] % width == 0)
    start, stop = at[new[:-1]], at[new[1:]]
    long = stop - start + 1 >= least
    start, stop = start[long], stop[long]
    return Stretches(start // width + offset, start % width, stop % width)


def joined(found: list[Stretches]) -> Stretches:
    """Put the stretches of all parts together."""
    none = np.empty(0, dtype=np.int64)
    return Stretches(*(np.concatenate([none, *(f[k] for f in found)]) for k in range(3)))


def found_at(
    panel: Panel,
    check: str,
    where: Stretches,
    detail: list[str] | Texts,
    *,
    days: IntArray | None = None,
    other: list[str] | None = None,
) -> Found:
    """Make findings of stretches of sessions."""
    count = len(where.row)
    return Found(
        check,
        where.row,
        panel.sessions[where.first],
        panel.sessions[where.last],
        where.days if days is None else days,
        np.array(detail, dtype=object).reshape(count),
        np.array(other or [""] * count, dtype=object),
    )


def said(keys: IntArray, sentence: Callable[[int], str]) -> Texts:
    """One sentence a key, each distinct one made once."""
    distinct, place = np.unique(keys, return_inverse=True)
    return np.array([sentence(key) for key in distinct.tolist()], dtype=object)[place]


def logs(panel: Panel, values: FloatArray) -> FloatArray:
    """Logarithmic returns, whatever the panel holds; −∞ for a return of −100 %."""
    if panel.kind == "log":
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log1p(values)


def many(count: int, noun: str) -> str:
    """``1 session``, ``1,204 sessions``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
