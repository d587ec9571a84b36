"""Abnormal returns on placebo dates: every firm and session once, however often it was drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from eventstudy import engine
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, Inputs, IntArray, Model, Placement, Windows
from eventstudy.inference._resampling import share
from eventstudy.placebo.dates import Placebos
from eventstudy.windows import WindowLike

#: events of one batch of draws, and residuals (in numbers) that are kept for all its draws
EVENTS, KEEP = 1 << 20, 1 << 25


@dataclass(frozen=True, eq=False)
class Measured:
    """Some draws of placebo events, and where their numbers lie."""

    #: every firm and session of these draws, once
    abnormal: Abnormal
    #: (draws, n) position of each event in ``abnormal``; −1 where it could not be measured
    index: IntArray

    def __len__(self) -> int:
        return len(self.index)

    def __iter__(self) -> Iterator[Abnormal]:
        return map(self.draw, range(len(self)))

    def means(self, window: WindowLike) -> FloatArray:
        """(draws,) CAAR of each draw; NaN where no event of it has a CAR."""
        car: FloatArray = np.append(self.abnormal.car(window), np.nan)[self.index]
        found = np.isfinite(car)
        count = found.sum(axis=1)
        total = np.where(found, car, 0.0).sum(axis=1)
        means: FloatArray = np.divide(total, count, out=np.full(len(car), np.nan), where=count > 0)
        return means

    def draw(self, d: int) -> Abnormal:
        """The events of one draw, as a study of their own: nothing is fitted again."""
        index = self.index[d]
        index = index[index >= 0]
        found = self.abnormal.take(index)
        used, design = np.unique(found.design, return_inverse=True)
        found = replace(found, root=found.root[used], design=design)
        if self._residuals is not None:  # what `residuals` would make from the paths, and keep
            found.__dict__["residuals"] = self._residuals[index]
        return found

    @cached_property
    def _residuals(self) -> FloatArray | None:
        few = len(self.abnormal) * len(self.abnormal.estimation) <= KEEP
        return self.abnormal.residuals if few else None


def measure(
    model: Model,
    inputs: Inputs,
    windows: Windows,
    placebos: Placebos,
    *,
    min_obs: int | None = None,
    missing: str = "drop",
) -> Iterator[Measured]:
    """Run the engine over placebo events, as many draws at a time as memory bears.

    A session of a firm that comes up in many draws is measured once: 1,000 draws of 240 events
    of twelve firms are some thousand estimations.

    Parameters
    ----------
    model, inputs, windows, min_obs, missing
        As for `eventstudy.engine.run`.
    placebos : Placebos
        What was drawn.

    Yields
    ------
    Measured
        The next draws.
    """
    size = max(EVENTS // max(len(placebos.firm), 1), 1)
    firms = len(inputs.returns)
    for begin in range(0, len(placebos), size):
        pair = placebos.row[begin : begin + size] * firms + placebos.firm
        once, index = np.unique(pair, return_inverse=True)
        row, firm = np.divmod(once, firms)
        placement = Placement(firm, row, np.arange(len(once)))
        found = engine.run(model, inputs, placement, windows, min_obs=min_obs, missing=missing)
        good = found.reason == 0
        at = np.where(good, np.cumsum(good) - 1, -1)
        abnormal = found.abnormal if good.all() else found.abnormal.take(good)
        yield Measured(abnormal, at[index].reshape(pair.shape))


def placebo_p(caar: float, means: FloatArray, alternative: str = "two-sided") -> float:
    """p-value of a CAAR among those of placebo dates: (1 + #{|mean| ≥ |CAAR|}) / (1 + draws).

    Exact if the dates are exchangeable; volatility that comes in clusters breaks this, which
    strata mend (methods D.19). Draws without a mean are left out.

    >>> placebo_p(0.03, np.array([-0.04, 0.01, 0.02, np.nan]))
    0.5
    """
    return share(means[np.isfinite(means)], caar, alternative)
