"""Linear models: one thin QR a date, one matrix product for all its firms.

``R = offset + Xθ + e`` with X = QR over the estimation rows: c = Q'(R − offset), AR on an event
row x is R − offset − (x R⁻¹)c, Σe² = Σ(R − offset)² − c'c. Events with a missing estimation
day, an excluded one, or too few digits left in Σe² go to a queue that fits each on its own days.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import cast

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, Inputs, IntArray, Placement, Windows
from eventstudy.engine.gathering import Calendar, Cutter, Sorted
from eventstudy.engine.paths import LinearPaths
from eventstudy.engine.reasons import Evidence, judge, without_any
from eventstudy.engine.solving import Job, solve
from eventstudy.engine.store import LARGE, Store, Wanted
from eventstudy.models.linear import Design
from eventstudy.roots import Roots

#: dates whose operators are held at once, and events that make a group large enough for a thread
DATES, GROUP = 256, 32768


def fit_dates(
    design: Design,
    inputs: Inputs,
    placement: Placement,
    windows: Windows,
    need: int,
    wanted: Wanted,
    workers: int,
) -> tuple[Abnormal, IntArray]:
    """Fit all events of a linear model; see `eventstudy.engine.run`."""
    events = Sorted.of(placement, windows, by_size=True)
    in_order = wanted.keep is not None or events.order.size * len(windows.event) <= LARGE
    order = events.order
    if in_order:
        events = replace(events, order=np.arange(len(order)))
    returns, out, span = inputs.returns, inputs.excluded, windows.span
    job = Job(
        design,
        windows,
        events,
        Calendar(design, windows, events.starts),
        Cutter(returns, span, returns.dtype.type("nan")),
        None if out is None else Cutter(out, span, np.bool_(False)),
        need,
        in_order,
    )
    store = Store(events, windows, len(design.parameters), wanted, in_order=in_order)
    groups = events.cut(slice(0, len(events.rows)), GROUP, DATES)
    if workers > 1 and len(groups) > 1:
        with ThreadPoolExecutor(min(workers, len(groups))) as threads:
            parts = list(threads.map(lambda dates: solve(job, store, dates), groups))
    else:
        parts = [solve(job, store, dates) for dates in groups]
    root = store.numbered(parts)
    if in_order:
        store.placed(order)
    return _finish(design, inputs, placement, windows, need, store, root)


def _finish(
    design: Design,
    inputs: Inputs,
    placement: Placement,
    windows: Windows,
    need: int,
    store: Store,
    root: FloatArray | Roots,
) -> tuple[Abnormal, IntArray]:
    """Everything that was found, and the verdict on every event."""
    cars, params, sigma, r2 = store.columns()
    paths = LinearPaths.of(design, inputs, placement, windows, params)
    if store.kept and store.blank.any():  # of the days that were measured
        some = np.flatnonzero(store.blank)
        store.blank[some] = without_any(paths.actual(some) - paths.expected(some))
    evidence = Evidence(
        inputs=inputs,
        placement=placement,
        windows=windows,
        blank=store.blank,
        count=store.count,
        returns=store.returns,
        collinear=store.collinear,
        still=store.stale,
    )
    abnormal = Abnormal(
        estimation=windows.estimation,
        window=windows.event,
        abnormal=cast("FloatArray", store.abnormal),  # None: made when asked for
        sigma=sigma,
        dof=store.count - (params.shape[1] or int(design.demean)),
        n_obs=store.count,
        params=params,
        names=design.parameters,
        r2=r2,
        row=placement.row,
        firm=placement.firm,
        root=root,
        design=store.design,
        paths=paths,
        path=np.arange(len(placement.row)),
        kind=inputs.kind,
        missing=store.wanted.missing,
        kept=store.sums_kept(cars),
    )
    return abnormal, judge(evidence, need)
