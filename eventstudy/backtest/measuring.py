"""What a model says of the trades before they are made: α, hedge ratios, σ, and what was fair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy import engine
from eventstudy.align import inputs
from eventstudy.arrays import (
    BoolArray,
    FloatArray,
    Inputs,
    IntArray,
    Losses,
    Model,
    Placement,
    Windows,
)
from eventstudy.panel import Panel
from eventstudy.study import EventStudy
from eventstudy.windows import Window


@dataclass(frozen=True, eq=False)
class Measured:
    """Estimates of n placed events, from their estimation windows alone, and L days of each.

    Where an event could not be estimated all its numbers are NaN.
    """

    losses: Losses
    #: what the model saw
    seen: Inputs
    #: (n,) residual standard deviation
    sigma: FloatArray
    #: (n, K) slopes: what a hedge sells of each factor
    betas: FloatArray
    #: names of the K factors
    names: tuple[str, ...]
    #: (n, L) abnormal returns, and expected returns without α: what a hedge earns, held long
    abnormal: FloatArray
    fair: FloatArray

    @property
    def known(self) -> BoolArray:
        """(n,) events that could be estimated."""
        return np.asarray(self.losses.reason == 0)

    def take(self, index: IntArray | BoolArray) -> Measured:
        """The events ``index``."""
        losses = Losses(self.losses.reason[index], self.losses.n_obs[index], self.losses.min_obs)
        rows = (self.sigma, self.betas, self.abnormal, self.fair)
        sigma, betas, abnormal, fair = (values[index] for values in rows)
        return Measured(losses, self.seen, sigma, betas, self.names, abnormal, fair)


def measure(
    study: EventStudy, model: Model, panel: Panel, placement: Placement, days: Window
) -> Measured:
    """Estimate ``model`` over the study's estimation window, and look at ``days`` around day 0."""
    seen = inputs(model, panel, placement, study.windows, exclude=study.exclude_other_events)
    span = Windows(study.windows.estimation, days, study.windows.intervals)
    found = engine.run(model, seen, placement, span, min_obs=study.min_obs)
    abnormal, lost = found.abnormal, found.reason > 0
    alpha, betas = np.zeros(len(lost)), np.ones((len(lost), 1))
    if "alpha" in abnormal.names:
        alpha = abnormal.params[:, abnormal.names.index("alpha")]
    slopes = [k for k, name in enumerate(abnormal.names) if name in seen.names]
    if slopes:
        betas = abnormal.params[:, slopes]
    names = tuple(abnormal.names[k] for k in slopes) or seen.names
    return Measured(
        losses=Losses(found.reason, abnormal.n_obs.astype(np.int64), found.min_obs),
        seen=seen,
        sigma=_blank(abnormal.sigma, lost),
        betas=_blank(betas, lost),
        names=names,
        abnormal=_blank(abnormal.abnormal, lost),
        fair=_blank(abnormal.expected - alpha[:, None], lost),
    )


def _blank(values: FloatArray, lost: BoolArray) -> FloatArray:
    """Write NaN over events that could not be estimated."""
    found = np.array(values, dtype=np.float64)
    found[lost] = np.nan
    return found
