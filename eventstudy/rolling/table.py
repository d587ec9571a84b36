"""Every window of every security: one dense table instead of millions of events.

`every_window` gives σ, CAR and SCAR of all days 0 of all securities, as `eventstudy.engine.run`
would if each were an event. A linear model is scanned (`rolling.scanning`), windows with missing
estimation days too (`rolling.holes`); windows that would lose digits, and models of other kinds go
to the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from eventstudy import engine
from eventstudy.arrays import BoolArray, FloatArray, Inputs, IntArray, Model, Placement, Windows
from eventstudy.models.linear import Linear, linear_of
from eventstudy.rolling.chunks import Pairs, Scan, scan
from eventstudy.rolling.days import Days
from eventstudy.rolling.value import Rolling
from eventstudy.windows import Window, WindowLike, as_window

#: windows that the engine is given at once
BATCH = 1 << 15


def scannable(model: Model, inputs: Inputs, windows: Windows) -> Linear | None:
    """The model, if its windows can be scanned; None if the engine has to fit each."""
    several = len(windows.intervals) > 1
    return None if several or inputs.own else linear_of(model)


def every_window(  # noqa: PLR0913  (what engine.run takes, the windows, and the days)
    model: Model,
    inputs: Inputs,
    windows: Windows,
    asked: Sequence[WindowLike],
    *,
    rows: range | None = None,
    min_obs: int | None = None,
    missing: str = "drop",
    workers: int = 1,
) -> Rolling:
    """Measure σ, CAR and SCAR of every security on every day, as if each were day 0 of an event.

    Estimation windows of neighbouring days share nearly all of their days, so a window costs
    some tens of nanoseconds instead of the microsecond of an event. The numbers are those of
    `eventstudy.engine.run`, up to rounding.

    Parameters
    ----------
    model : Model
        What is expected.
    inputs : Inputs
        (S, T) returns (float64 or float32, in memory or mapped) and the factors that
        ``model.needs``.
    windows : Windows
        The estimation window; the event window is the hull of those asked for.
    asked : sequence of windows
        The W windows of CAR and SCAR.
    rows : range, optional
        Calendar rows of the D days 0, by default all T.
    min_obs, missing
        As for `eventstudy.engine.run`.
    workers : int, default 1
        Threads over the securities; the bits are the same.

    Returns
    -------
    Rolling
        (S, D) arrays, NaN where there is no estimate.

    Examples
    --------
    >>> from eventstudy.models import MeanAdjusted
    >>> returns = np.random.default_rng(0).normal(size=(2, 60))
    >>> windows = Windows(Window(-40, -1), Window(0, 0))
    >>> found = every_window(MeanAdjusted(), Inputs(returns, np.empty((60, 0)), ()), windows, [0])
    >>> bool(np.isclose(found.car[0, 1, 50], returns[1, 50] - returns[1, 10:50].mean()))
    True
    """
    sums = tuple(as_window(window) for window in asked)
    hull = Window(min(w.first for w in sums), max(w.last for w in sums))
    windows = replace(windows, event=hull)
    firms, sessions = inputs.returns.shape
    need = engine.required_days(model, windows, min_obs)
    days = Days(windows, range(sessions) if rows is None else rows, np.ones(sessions, bool), need)
    linear = scannable(model, inputs, windows)
    if linear is None:
        found = Rolling.empty(sums, days.rows, firms)
        firm, day = np.indices((firms, len(days.rows))).reshape(2, -1)
        redo = firm[days.inside[day]], day[days.inside[day]]
    else:
        design = linear.linear_design(inputs.factors, inputs.names, inputs.risk_free)
        known = np.isfinite(design.matrix).all(axis=1) & np.isfinite(design.offsets)
        job = Scan(design, inputs, replace(days, known=known), sums, missing)
        found, redo = scan(job, workers)
    fit = partial(engine.run, model, inputs, windows=windows, min_obs=min_obs, missing=missing)
    return _refitted(found, redo, fit)


def _refitted(found: Rolling, redo: Pairs, fit: Callable[..., engine.Outcome]) -> Rolling:
    """Let the engine do the windows ``redo``, date after date."""
    order = np.argsort(redo[1], kind="stable")
    for a in range(0, len(order), BATCH):
        who, day = (part[order[a : a + BATCH]] for part in redo)
        outcome = fit(placement=Placement(who, day + found.rows.start, np.arange(len(who))))
        good = outcome.reason == 0
        found.n_obs[who, day] = outcome.abnormal.n_obs
        abnormal = outcome.abnormal.take(good)
        _put(found.sigma, (who, day), good, abnormal.sigma)
        if found.lost.ndim:
            _put(found.lost, (who, day), good, abnormal.n_obs - abnormal.dof)
        for w, window in enumerate(found.windows):
            _put(found.car[w], (who, day), good, abnormal.car(window))
            _put(found.scar[w], (who, day), good, abnormal.scar(window))
    return replace(found, redone=len(order))


def _put(
    table: FloatArray, where: tuple[IntArray, IntArray], good: BoolArray, values: FloatArray
) -> None:
    """Write the ``values`` of the good windows, and NaN for the others."""
    firm, day = where
    table[firm[~good], day[~good]] = np.nan
    table[firm[good], day[good]] = values
