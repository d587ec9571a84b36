"""What is kept of one ticker, which days of a request it lacks, and how new days join it.

A ticker keeps one unbroken stretch of days, all fields of it from one history of adjustment.
So a request far from the stretch fetches the days between as well, and a further field fetches
the stretch anew: pieces that do not touch could not be compared, and a dividend between the two
fetches would go unseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]
Values = dict[str, NDArray[np.float64]]

DAY = np.timedelta64(1, "D")
#: days asked for again where new ones are joined: two weeks, or more if they hold few prices
OVERLAP, FEWEST = np.timedelta64(14, "D"), 3
#: relative difference up to which a price is the same; sources round
SAME = 1e-6
#: a day has ended on the exchanges furthest west (UTC−8) at eight o'clock UTC of the next one
WEST = timedelta(hours=8)
#: in a report, the last day if it was not over when it was fetched
NOT_FINAL = "not_final"
#: fetches remembered one by one; the oldest are then told as one
PIECES = 64


class Stretch(NamedTuple):
    """Calendar days from the first to the last, both included."""

    first: np.datetime64
    last: np.datetime64

    def with_(self, other: Stretch) -> Stretch:
        """The smallest stretch that holds both."""
        return Stretch(min(self.first, other.first), max(self.last, other.last))

    def within(self, first: np.datetime64, last: np.datetime64) -> Stretch:
        return Stretch(max(self.first, first), min(self.last, last))

    def covers(self, other: Stretch) -> bool:
        return bool(self.first <= other.first and other.last <= self.last)


class Piece(NamedTuple):
    """Days that were taken from one fetch, and when that was (ISO text, UTC)."""

    days: Stretch
    fetched: str


class Origin(NamedTuple):
    """Whose numbers they are; numbers of two origins are never joined."""

    loader: str
    source: str
    options: str  # JSON


@dataclass(frozen=True)
class Kept:
    """Everything that is kept of one ticker."""

    ticker: str
    origin: Origin
    notes: Mapping[str, Any]  # further attrs of the frame: note, simulated
    told: Mapping[str, Any]  # of the report: splits, dividends, detail
    asked: Stretch
    final: np.datetime64  # values of later days may still change
    pieces: tuple[Piece, ...]
    fields: tuple[str, ...]
    dates: Days
    values: Values  # of the fields that were read

    @property
    def fetched(self) -> str:
        """When the newest of the numbers were fetched."""
        return max(piece.fetched for piece in self.pieces)

    @property
    def known(self) -> Days:
        """The days whose values are final."""
        return self.dates[self.dates <= self.final]


def final_through(moment: datetime) -> np.datetime64:
    """The last day that was over on every exchange at a moment (UTC).

    A price fetched on its own day may be half a day old, and east of Greenwich the next day
    has already begun; in New York it lasts until five in the morning, UTC.
    """
    return np.datetime64((moment - WEST).date(), "D") - DAY


def missing(kept: Kept | None, asked: Stretch, fields: Iterable[str]) -> Stretch | None:
    """Which days to fetch, with the overlap; None if all are kept and final."""
    if kept is None:
        return asked
    front, back = asked.first < kept.asked.first, asked.last > kept.final
    further = not set(fields) <= set(kept.fields)
    if not (front or back or further):
        return None
    known = kept.known
    if further or (front and back) or not len(known):
        return kept.asked.with_(asked)  # one call for all; without a final value none to compare
    if back:
        near = max(kept.final - OVERLAP + DAY, kept.asked.first)
        return Stretch(min(near, known[-FEWEST:][0]), asked.last)
    near = min(kept.asked.first + OVERLAP - DAY, kept.final)
    return Stretch(asked.first, max(near, known[:FEWEST][-1]))


def same_past(kept: Kept, fresh: Kept) -> bool:
    """Whether the days that both hold have the same values.

    A split or a dividend changes all adjusted prices before it by one factor, so a few days
    tell; a day that came or went is a change as well. Days that were not final are not looked at.
    """
    days = fresh.asked.within(kept.asked.first, kept.final)
    old, new = (_rows(one.dates, days) for one in (kept, fresh))
    return np.array_equal(kept.dates[old], fresh.dates[new]) and all(
        np.allclose(kept.values[f][old], fresh.values[f][new], rtol=SAME, atol=0, equal_nan=True)
        for f in kept.fields
    )


def joined(kept: Kept | None, fresh: Kept) -> Kept:
    """Put fetched days before or behind those that are kept; final values stay as they are."""
    if kept is None or fresh.asked.covers(kept.asked):
        return fresh
    if fresh.asked.first < kept.asked.first:
        taken, end = Stretch(fresh.asked.first, kept.asked.first - DAY), kept
    else:
        taken, end = Stretch(kept.final + DAY, fresh.asked.last), fresh
    below = Stretch(kept.asked.first, taken.first - DAY)
    above = Stretch(taken.last + DAY, kept.asked.last)
    parts = [(kept, below), (fresh, taken), (kept, above)]
    rows = [(one, _rows(one.dates, days)) for one, days in parts]
    return replace(
        kept,
        notes={**kept.notes, **fresh.notes},
        told=_told(kept, fresh, newest=end),
        asked=kept.asked.with_(fresh.asked),
        final=max(kept.final, fresh.final),
        pieces=_pieces(piece for one, days in parts for piece in _clipped(one.pieces, days)),
        dates=np.concatenate([one.dates[row] for one, row in rows]),
        values={f: np.concatenate([one.values[f][row] for one, row in rows]) for f in kept.fields},
    )


def _told(kept: Kept, fresh: Kept, *, newest: Kept) -> dict[str, Any]:
    """What the longer of two fetches told, since their counts overlap and cannot be added.

    A day that was not over is told by the fetch whose last day stands.
    """
    longer = max(kept, fresh, key=lambda one: one.asked.last - one.asked.first)
    told = {what: value for what, value in longer.told.items() if what != NOT_FINAL}
    return told | {what: newest.told[what] for what in (NOT_FINAL,) if what in newest.told}


def _rows(dates: Days, days: Stretch) -> slice:
    first, end = np.searchsorted(dates, [days.first, days.last + DAY])
    return slice(int(first), max(int(first), int(end)))


def _clipped(pieces: Iterable[Piece], days: Stretch) -> list[Piece]:
    cut = [Piece(piece.days.within(*days), piece.fetched) for piece in pieces]
    return [piece for piece in cut if piece.days.first <= piece.days.last]


def _pieces(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Keep the list short: the oldest pieces become one, with the later time."""
    every = tuple(pieces)
    if len(every) <= PIECES:
        return every
    old = every[: len(every) - PIECES + 1]
    whole = Stretch(old[0].days.first, old[-1].days.last)
    return (Piece(whole, max(piece.fetched for piece in old)), *every[len(old) :])
