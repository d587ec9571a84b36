"""From returns and placements to abnormal returns, date by date.

Events that share day 0 share one design, so the engine walks over dates, never over events:
one thin QR a date, one matrix product for all its firms, chunks that stay in the cache, and
events with missing days in a queue of their own. A model that is not linear is handed one
`Block` a date instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Inputs, IntArray, Model, Placement, Windows
from eventstudy.blas import one_thread
from eventstudy.engine.blocks import fit_blocks
from eventstudy.engine.dates import fit_dates
from eventstudy.engine.store import Wanted
from eventstudy.models.linear import linear_of
from eventstudy.windows import Window

__all__ = ["Outcome", "parameter_count", "required_days", "run"]


@dataclass(frozen=True)
class Outcome:
    """Abnormal returns of all placed events, and which of them cannot be used."""

    abnormal: Abnormal
    #: (N,) 0 = kept, else `Reason.code`
    reason: IntArray
    #: the number of valid estimation days that was needed
    min_obs: int


def required_days(model: Model, windows: Windows, min_obs: int | None) -> int:
    """Valid estimation days that an event needs: max(p + 5, `min_obs` or min(120, L1 // 2))."""
    return _required(parameter_count(model), windows, min_obs)


def _required(parameters: int, windows: Windows, min_obs: int | None) -> int:
    usual = min(120, windows.days // 2)
    return max(parameters + 5, usual if min_obs is None else min_obs)


def parameter_count(model: Model) -> int:
    """P of a model: known from the design of a linear one, else its ``n_params`` or K + 1."""
    k, linear = len(model.needs), linear_of(model)
    if linear is None:
        return int(getattr(model, "n_params", k + 1))
    names = tuple(map(str, range(k)))
    return len(linear.linear_design(np.zeros((1, k)), names, np.zeros(1)).parameters)


def run(  # noqa: PLR0913  (each is one choice of how the events are measured)
    model: Model,
    inputs: Inputs,
    placement: Placement,
    windows: Windows,
    *,
    min_obs: int | None = None,
    missing: str = "drop",
    keep: tuple[Window, ...] | None = None,
    workers: int = 1,
) -> Outcome:
    """Measure the abnormal returns of all placed events.

    Parameters
    ----------
    model : Model
        What is expected.
    inputs : Inputs
        (S, T) returns and the factors that ``model.needs``, in its order.
    placement : Placement
        (N,) rows of the securities and columns of day 0; each event window must lie inside
        the data.
    windows : Windows
        Estimation and event window.
    min_obs : int, optional
        Valid estimation days needed; see `required_days`.
    missing : {"drop", "skip", "zero"}
        What a missing event day does to sums over a window (methods A.5).
    keep : tuple of Window, optional
        Windows inside the event window: keep the sums over them and not the daily abnormal
        returns, which are made again if they are asked for. A model that is not linear keeps
        its days all the same.
    workers : int
        Threads of a linear model, each with dates of its own; the answer is the same to the bit.

    Returns
    -------
    Outcome
        N rows in the order of ``placement``.

    Examples
    --------
    >>> from eventstudy.models import MeanAdjusted
    >>> from eventstudy.windows import Window
    >>> returns = np.random.default_rng(0).normal(size=(1, 60))
    >>> placement = Placement(*(np.array([i]) for i in (0, 50, 0)))
    >>> windows = Windows(Window(-40, -1), Window(0, 0))
    >>> found = run(MeanAdjusted(), Inputs(returns, np.empty((60, 0)), ()), placement, windows)
    >>> bool(np.isclose(found.abnormal.car((0, 0))[0], returns[0, 50] - returns[0, 10:50].mean()))
    True
    """
    linear = linear_of(model)
    with one_thread():
        if linear is not None and not inputs.own:
            design = linear.linear_design(inputs.factors, inputs.names, inputs.risk_free)
            need = _required(len(design.parameters), windows, min_obs)
            wanted = Wanted(keep, missing)
            found = fit_dates(design, inputs, placement, windows, need, wanted, workers)
        else:
            need = required_days(model, windows, min_obs)
            found = fit_blocks(model, inputs, placement, windows, need, missing)
    return Outcome(*found, need)
