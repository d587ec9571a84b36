"""What the dates of a block are: events, sums and portfolios of complete events, by window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Annotated

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.inference._fold_merging import joined
from eventstudy.inference._fold_plan import Plan
from eventstudy.inference._sample import sample_of
from eventstudy.inference.date_portfolios import Dated, dated, full_dates


def portfolios_joined(parts: Sequence[Dated]) -> Dated:
    """Those of the dates of all parts."""
    names = [f.name for f in fields(Dated)]
    return Dated(**{name: joined([getattr(part, name) for part in parts]) for name in names})


#: no date
NOTHING = Dated(*(np.empty(0) for _ in fields(Dated)))


@dataclass(frozen=True, eq=False)
class Dates:
    """D dates, and of m windows what their events sum to."""

    #: (D,) calendar rows
    rows: Annotated[IntArray, joined]
    #: (m, D) events and Σ CAR
    events: Annotated[IntArray, joined]
    cars: Annotated[FloatArray, joined]
    #: whether an event misses no day of either window; of the windows that were asked for
    full: Annotated[BoolArray, joined]


def dates_of(events: Abnormal, plan: Plan, kept: BoolArray, cars: FloatArray) -> Dates:
    """From the (m, D) sums of the CARs of each date; dates ascend."""
    fresh = np.flatnonzero(np.diff(events.row, prepend=-1))
    size = np.add.reduceat(kept, fresh, axis=1, dtype=np.int64)
    full = np.zeros((len(plan.asked), len(fresh)), dtype=bool)
    for k, window in enumerate(plan.asked):
        if kept[k].any():
            full[k, size[k] > 0] = full_dates(sample_of(events, window))
    return Dates(rows=events.row[fresh], events=size, cars=cars, full=full)


def portfolios_of(
    events: Abnormal, plan: Plan, kept: BoolArray, *, lone: bool
) -> tuple[Dated | None, ...]:
    """Portfolios of the complete events of each date, by window.

    The days need them only if all events are of ``lone`` one date.
    """
    found: list[Dated | None] = [None] * len(kept)
    for k, window in enumerate(plan.windows if lone else plan.asked):
        if events.common_design:
            found[k] = dated(sample_of(events, window)) if kept[k].any() else NOTHING
    return tuple(found)
