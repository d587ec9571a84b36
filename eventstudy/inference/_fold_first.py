"""The first look at a block of dates: all sums that need no number of the other blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.blas import one_thread
from eventstudy.inference._fold_block import Block
from eventstudy.inference._fold_dates import Dates, dates_of
from eventstudy.inference._fold_errors import ForecastErrors
from eventstudy.inference._fold_events import sets_of
from eventstudy.inference._fold_merging import (
    added,
    counted,
    earliest,
    highest,
    joined,
    maybe,
    merge,
)
from eventstudy.inference._fold_pairs import lag_sums
from eventstudy.inference._fold_plan import Plan, Retained
from eventstudy.inference._fold_together import Sets, refined
from eventstudy.inference._moments import Moments, together
from eventstudy.windows import WindowLike


@dataclass(frozen=True, eq=False)
class Fold:
    """Sums over the events of a block of dates, for m windows; `merge` adds blocks up."""

    plan: Annotated[Plan, Plan.together]
    #: events
    n: Annotated[int, added]
    #: remarks of the model on single events, and how many have each
    remarks: Annotated[dict[str, int], counted]
    dates: Annotated[Dates, merge]
    sets: Annotated[Sets, refined]
    #: CARs, SCARs and, for windows that were asked for, summed standardised abnormal returns
    cars: Annotated[Moments, together]
    scars: Annotated[Moments, together]
    csars: Annotated[Moments, together]
    #: (m,) CARs above zero, Q of the first event, whether a CAR holds a return of several sessions
    positive: Annotated[IntArray, added]
    first_q: Annotated[FloatArray, earliest]
    bridged: Annotated[BoolArray, highest]
    #: (m, K) sum of correlations of the pairs at each lag, and usable pairs
    rho: Annotated[FloatArray | None, maybe(added)]
    used: Annotated[IntArray | None, maybe(added)]


def first_fold(abnormal: Abnormal, windows: Sequence[WindowLike], own: BoolArray) -> Fold:
    """Sum the events of a block of dates.

    Parameters
    ----------
    abnormal : Abnormal
        The events of a block of consecutive dates and, of as many sessions after it as the
        longest window has but one, those of its halo.
    windows : sequence of windows
        Those that tests will be asked for. The days come beside them: each event day, and from
        the first to each.
    own : (N,) bool array
        Which events are the block's; the others are there for their pairs with these.

    Returns
    -------
    Fold
        Of a size that depends on windows and dates, not on events.
    """
    plan, block = Plan.of(abnormal, windows), Block.of(abnormal, own)
    until = int(block.row[-1]) if block.n else -1
    with one_thread():
        with np.errstate(divide="ignore", invalid="ignore"):  # a σ of zero is said by the tests
            fold = _summed(block, plan)
        rho, used = lag_sums(block.events, plan, until)
    return replace(fold, rho=rho, used=used)


def _summed(block: Block, plan: Plan) -> Fold:
    events, asked = block.own, len(plan.asked)
    kept = np.empty((len(plan.windows), block.n), dtype=bool)
    errors = ForecastErrors.of(events, plan)
    sums = merge(
        [
            _piece(events.take(some), plan, errors.roots(some), kept[:, some])
            for some in block.pieces()
        ]
    )
    csars = np.array([events.csar(w) for w in plan.asked]).reshape(asked, block.n)
    flags = () if events.flags is None else events.flags.tolist()
    fold = Fold(
        plan=plan,
        n=block.n,
        remarks=dict(Counter(filter(None, flags))),
        dates=dates_of(events, plan, kept, sums.by_date),
        sets=sets_of(block, plan, Retained.of(kept, asked)),
        cars=sums.cars,
        scars=sums.scars,
        csars=Moments.of(csars, kept[:asked]),
        positive=sums.positive,
        first_q=errors.first(kept),
        bridged=_bridged(events, plan, kept),
        rho=None,
        used=None,
    )
    events.forget()
    return fold


@dataclass(frozen=True, eq=False)
class _Windows:
    """What the CARs of m windows sum to."""

    cars: Annotated[Moments, together]
    scars: Annotated[Moments, together]
    positive: Annotated[IntArray, added]
    #: (m, D) sums by date
    by_date: Annotated[FloatArray, joined]


def _piece(piece: Abnormal, plan: Plan, roots: FloatArray, kept: BoolArray) -> _Windows:
    """Sum the CARs of some events, whose dates ascend; whom windows retain is put into ``kept``."""
    cars = plan.cars(piece)
    kept[:] = np.isfinite(cars)
    fresh = np.flatnonzero(np.diff(piece.row, prepend=-1))
    total = cars if kept.all() else np.where(kept, cars, 0.0)
    return _Windows(
        cars=Moments.of(cars, kept),
        scars=Moments.of(cars / (piece.sigma * roots), kept),
        positive=(kept & (cars > 0)).sum(axis=1),
        by_date=np.add.reduceat(total, fresh, axis=1),
    )


def _bridged(events: Abnormal, plan: Plan, kept: BoolArray) -> BoolArray:
    """(m,) whether a retained event has a return over several sessions in the window."""
    wide = events.bridged
    if wide is None:
        return np.zeros(len(kept), dtype=bool)
    found = np.isfinite(wide)
    of_window = zip(plan.windows, kept, strict=True)
    return np.array([bool(found[mask, events.days(w)].any()) for w, mask in of_window])
