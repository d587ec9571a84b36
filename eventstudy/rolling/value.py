"""The answer of a scan, and the room for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from eventstudy.arrays import FloatArray
from eventstudy.one_line import shapes
from eventstudy.windows import Window

Counts: TypeAlias = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Rolling:
    """σ, CAR and SCAR of S securities on D days 0; NaN where there is no estimate.

    An event that the engine would leave out, for whatever reason, is NaN in all of them.
    """

    #: the W windows
    windows: tuple[Window, ...]
    #: calendar rows of the D days 0
    rows: range
    #: (W, S, D) cumulative abnormal returns, and divided by their forecast error σ√Q
    car: FloatArray
    scar: FloatArray
    #: (S, D) residual standard deviation, and valid estimation days
    sigma: FloatArray
    n_obs: Counts
    #: degrees of freedom that an estimation costs: one number, or (S, D)
    lost: FloatArray
    #: windows that were given to the engine
    redone: int = 0

    __repr__ = shapes

    @classmethod
    def empty(cls, windows: tuple[Window, ...], rows: range, firms: int) -> Rolling:
        """Room without an estimate so far."""
        shape = firms, len(rows)
        sums = np.full((2, len(windows), *shape), np.nan)
        sigma, n_obs = np.full(shape, np.nan), np.zeros(shape, dtype=np.int32)
        return cls(windows, rows, sums[0], sums[1], sigma, n_obs, np.full(shape, np.nan))

    @property
    def dof(self) -> FloatArray:
        """(S, D) degrees of freedom ν of σ, NaN where there is no estimate."""
        return np.where(np.isfinite(self.sigma), self.n_obs - self.lost, np.nan)
