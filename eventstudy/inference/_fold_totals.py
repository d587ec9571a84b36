"""Sums day by day over the events of some sets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import numpy as np
import numpy.typing as npt

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.inference._fold_merging import added


@dataclass(frozen=True, eq=False)
class Weights:
    """Of m events, the weight that each has in each of k sets: one or zero, times some number."""

    masks: BoolArray
    #: whether there is one set, of all of them
    whole: bool

    @classmethod
    def of(cls, masks: BoolArray) -> Weights:
        """From the (k, m) events of the sets."""
        return cls(masks, len(masks) == 1 and bool(masks.all()))

    @property
    def n(self) -> int:
        """Events."""
        return int(self.masks.shape[1])

    @cached_property
    def values(self) -> FloatArray:
        """(k, m) ones and zeros."""
        return self.masks.astype(float)


@dataclass(frozen=True, eq=False)
class Totals:
    """Sums day by day over events, and how many have a value."""

    total: Annotated[FloatArray, added]
    events: Annotated[FloatArray, added]

    @classmethod
    def nothing(cls, sets: int, width: int) -> Totals:
        """Room for (k, width) sums."""
        return cls(np.zeros((sets, width)), np.zeros((sets, width)))

    @classmethod
    def of_all(cls, total: FloatArray, events: float) -> Totals:
        """Sums over so many events, none of which misses a day."""
        return cls(total, np.full(total.shape, events))

    def add(self, weights: Weights, x: FloatArray, there: BoolArray | None) -> None:
        """Add (m, width) values of events to the sets that they are in."""
        self.total[:] += weights.values @ x
        if there is None:
            self.events[:] += weights.masks.sum(axis=1, keepdims=True)
        else:
            self.events[:] += weights.values @ there

    def add_sums(self, x: FloatArray, events: int) -> None:
        """Add (width,) sums over some events, none of which misses a day, to the one set."""
        self.total[:] += x
        self.events[:] += events

    def of(self, row: int | slice) -> Totals:
        """Those of one set, or of some."""
        return Totals(self.total[row], self.events[row])

    @property
    def mean(self) -> FloatArray:
        """Mean of each day, NaN where none has a value."""
        nothing = np.full(self.total.shape, np.nan)
        return np.asarray(np.divide(self.total, self.events, out=nothing, where=self.events > 0))


def there(e: npt.NDArray[np.generic], gaps: IntArray) -> BoolArray | None:
    """(m, width) where there is a value, from the flat places of gaps; None if everywhere."""
    if not gaps.size:
        return None
    found = np.ones(e.shape, dtype=bool)
    found.reshape(-1)[gaps] = False
    return found
