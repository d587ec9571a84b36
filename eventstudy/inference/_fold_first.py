"""The first look at a block of dates: all sums that need no number of the other blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.inference._fold_dates import Dates, dates_of
from eventstudy.inference._fold_events import sets_of
from eventstudy.inference._fold_merging import (
    added,
    counted,
    earliest,
    first,
    highest,
    maybe,
    merge,
)
from eventstudy.inference._fold_pairs import lag_sums
from eventstudy.inference._fold_plan import Plan, Retained
from eventstudy.inference._fold_together import Sets, refined
from eventstudy.inference._moments import Moments, together
from eventstudy.windows import WindowLike

#: events of which all sums are made at a time, from residuals that are gathered once
PIECE = 1 << 12


@dataclass(frozen=True, eq=False)
class Fold:
    """Sums over the events of a block of dates, for m windows; `merge` adds blocks up."""

    plan: Annotated[Plan, first]
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
    plan = Plan.of(abnormal, windows)
    order = np.flatnonzero(own)
    order = order[np.argsort(abnormal.row[order], kind="stable")]
    row = abnormal.row[order]
    lone = len(row) > 0 and row[0] == row[-1]
    with np.errstate(divide="ignore", invalid="ignore"):  # a σ of zero is said by the tests
        fold = merge([_piece(abnormal.take(some), plan, lone=lone) for some in pieces(order, row)])
    until = int(row[-1]) if len(row) else -1
    rho, used = lag_sums(abnormal, plan, until)
    return replace(fold, rho=rho, used=used)


def pieces(order: IntArray, row: IntArray) -> Iterator[IntArray]:
    """Cut events whose dates ascend into pieces of whole dates."""
    start, n = 0, len(order)
    while True:
        stop = min(start + PIECE, n)
        if stop < n:
            before = int(np.searchsorted(row, row[stop]))
            stop = before if before > start else int(np.searchsorted(row, row[stop], side="right"))
        yield order[start:stop]
        start = stop
        if start >= n:
            return


def _piece(piece: Abnormal, plan: Plan, *, lone: bool) -> Fold:
    cars = plan.cars(piece)
    kept = np.isfinite(cars)
    q, root = _forecast_errors(piece, plan)
    scars = cars / (piece.sigma * root)
    asked = len(plan.asked)
    csars = np.array([piece.csar(w) for w in plan.asked]).reshape(asked, len(piece))
    # first, since the portfolios of the dates come from the same look at the residuals
    sets = sets_of(piece, plan, Retained.of(kept, asked))
    fold = Fold(
        plan=plan,
        n=len(piece),
        remarks={} if piece.flags is None else dict(Counter(filter(None, piece.flags.tolist()))),
        dates=dates_of(piece, plan, cars, kept, lone=lone),
        sets=sets,
        cars=Moments.of(cars, kept),
        scars=Moments.of(scars, kept),
        csars=Moments.of(csars, kept[:asked]),
        positive=(kept & (cars > 0)).sum(axis=1),
        first_q=_first_of(q, kept),
        bridged=_bridged(piece, plan, kept),
        rho=None,
        used=None,
    )
    piece.forget()
    return fold


def _forecast_errors(piece: Abnormal, plan: Plan) -> tuple[FloatArray, FloatArray]:
    """(m, n) factors Q of the CARs (C.2), and their roots; once for each design if they can be."""
    if plan.missing != "drop" or piece.variance is not None or piece.bridged is not None:
        q = np.array([piece.q(w) for w in plan.windows])
        return q, np.sqrt(q)
    _, first, design = np.unique(piece.design, return_index=True, return_inverse=True)
    one = piece.take(first)
    q = np.array([one.q(w) for w in plan.windows])
    return q[:, design], np.sqrt(q)[:, design]


def _first_of(q: FloatArray, kept: BoolArray) -> FloatArray:
    """(m,) the value of the first event that each window retains; NaN where it retains none."""
    if not q.shape[1]:
        return np.full(len(q), np.nan)
    at = kept.argmax(axis=1)
    return np.where(kept.any(axis=1), q[np.arange(len(q)), at], np.nan)


def _bridged(piece: Abnormal, plan: Plan, kept: BoolArray) -> BoolArray:
    """(m,) whether a retained event has a return over several sessions in the window."""
    wide = piece.bridged
    if wide is None:
        return np.zeros(len(kept), dtype=bool)
    found = np.isfinite(wide)
    return np.array(
        [bool(found[mask, piece.days(w)].any()) for w, mask in zip(plan.windows, kept, strict=True)]
    )
