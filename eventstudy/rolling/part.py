"""The answers of a scan for some securities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from eventstudy.arrays import BoolArray, FloatArray


@dataclass(frozen=True)
class Part:
    """The answers for some securities; their days may reach beyond those asked for."""

    #: (W, n, dates)
    car: FloatArray
    scar: FloatArray
    #: (n, dates)
    sigma: FloatArray
    #: (n, dates) windows that the engine has to fit, as far as sums can tell
    redo: BoolArray

    def columns(self, days: slice) -> Part:
        """Views of some days."""
        sums = self.car[..., days], self.scar[..., days]
        return Part(*sums, self.sigma[..., days], self.redo[..., days])

    def silence(self, never: BoolArray) -> None:
        """Give no answer where there is ``never`` (n, D) an estimate."""
        self.car[:, never] = self.scar[:, never] = self.sigma[never] = np.nan
        self.redo[never] = False

    def by_block(self, step: int) -> Part:
        """Views in blocks of dates, (…, G, n, step)."""
        sums = by_block(self.car, step), by_block(self.scar, step)
        return Part(*sums, by_block(self.sigma, step), by_block(self.redo, step))


Values = TypeVar("Values", bound=np.generic)


def by_block(values: npt.NDArray[Values], step: int) -> npt.NDArray[Values]:
    """(…, n, dates) → (…, G, n, step), a view."""
    return values.reshape(*values.shape[:-1], -1, step).swapaxes(-2, -3)
