"""Tests from sums: what ``store="aggregate"`` keeps of a study, and which tests that leaves.

The events of consecutive dates are a block. `first_fold` sums a block, `second_fold` sums it once
more when the spreads of all events are known, and `merge` adds blocks up, in the order of their
dates. The sums of all blocks, `Folded`, take the place of an `Abnormal`: a test of a folded window
gives the answer that it gives on the events, to rounding, and a test that is no sum over events
gives NaN with a note.
"""

from __future__ import annotations

from types import MappingProxyType

from eventstudy.inference._fold_answers import Folded
from eventstudy.inference._fold_first import Fold, first_fold
from eventstudy.inference._fold_merging import merge
from eventstudy.inference._fold_sample import ASKED, EVENTS, OPTIONS
from eventstudy.inference._fold_second import Known, Second, second_fold
from eventstudy.inference._folded import fold_all, folded, known_of

#: tests that are no sum over events, and what they need
NEEDS_EVENTS = MappingProxyType(EVENTS)
#: options (test, option) that are none, and what they need
NEEDS_EVENTS_WITH = MappingProxyType(OPTIONS)
#: tests that are summed for the windows that were asked for, but not for the days beside them
WINDOWS_ONLY = ASKED


def sums_of(abnormal: object) -> Folded | None:
    """The sums, where a result has only those of its events."""
    return abnormal if isinstance(abnormal, Folded) else None


__all__ = [
    "NEEDS_EVENTS",
    "NEEDS_EVENTS_WITH",
    "WINDOWS_ONLY",
    "Fold",
    "Folded",
    "Known",
    "Second",
    "first_fold",
    "fold_all",
    "folded",
    "known_of",
    "merge",
    "second_fold",
    "sums_of",
]
