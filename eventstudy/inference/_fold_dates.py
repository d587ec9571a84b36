"""What the dates of a block are: events, sums and portfolios of complete events, by window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Annotated

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.inference._fold_merging import each, joined, maybe
from eventstudy.inference._fold_plan import Plan
from eventstudy.inference._sample import sample_of
from eventstudy.inference.date_portfolios import Dated, dated, full_dates


def _portfolios(parts: Sequence[Dated]) -> Dated:
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
    #: m portfolios of the complete events of each date that has an event
    portfolios: Annotated[tuple[Dated | None, ...], each(maybe(_portfolios))]


def dates_of(
    piece: Abnormal, plan: Plan, cars: FloatArray, kept: BoolArray, *, lone: bool
) -> Dates:
    """Sum the events of each date; ``piece`` is sorted by date.

    The days need portfolios only if all events are of ``lone`` one date.
    """
    fresh = np.flatnonzero(np.r_[True, np.diff(piece.row) != 0][: len(piece)])
    events = np.add.reduceat(kept, fresh, axis=1, dtype=np.int64)
    full = np.zeros((len(plan.asked), len(fresh)), dtype=bool)
    portfolios: list[Dated | None] = [None] * len(kept)
    for k, window in enumerate(plan.windows):
        some = bool(kept[k].any())
        if some and k < len(plan.asked):
            full[k, events[k] > 0] = full_dates(sample_of(piece, window))
        if piece.common_design and (lone or k < len(plan.asked)):
            portfolios[k] = dated(sample_of(piece, window)) if some else NOTHING
    return Dates(
        rows=piece.row[fresh],
        events=events,
        cars=np.add.reduceat(np.where(kept, cars, 0.0), fresh, axis=1),
        full=full,
        portfolios=tuple(portfolios),
    )
