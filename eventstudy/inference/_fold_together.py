"""The sums of one set of events, which windows that retain the same events share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Annotated

import numpy as np
import numpy.typing as npt

from eventstudy.arrays import BoolArray, FloatArray
from eventstudy.inference._fold_median import Bins
from eventstudy.inference._fold_merging import (
    added,
    either,
    highest,
    lowest,
    maybe,
    merge,
)
from eventstudy.inference._fold_runs import Runs, chained
from eventstudy.inference._moments import Moments, together
from eventstudy.inference._sample import Estimation


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


@dataclass(frozen=True, eq=False)
class Scores:
    """Sums of ranks U and of signs about the median over both windows (D.11, D.14)."""

    ranks: Annotated[FloatArray, added]
    signs: Annotated[FloatArray, added]
    events: Annotated[FloatArray, added]


@dataclass(frozen=True, eq=False)
class Together:
    """The events of one set."""

    #: σ and ν; Σν/(ν−2); most degrees of freedom lost; fewest and most estimation days
    sigmas: Annotated[Moments, together]
    dofs: Annotated[Moments, together]
    inflation: Annotated[float, added]
    lost: Annotated[float, highest]
    least: Annotated[float, lowest]
    most: Annotated[float, highest]
    #: which firms they are of, a bit each
    firms: Annotated[npt.NDArray[np.uint8], either]
    #: Σ of the share of positive residuals, and the skewness of the residuals
    up: Annotated[float, added]
    skewness: Annotated[Bins, merge]
    #: residuals by estimation day, abnormal returns by event day
    estimation: Annotated[Totals, merge]
    event: Annotated[Totals, merge]
    #: for windows that were asked for: (L2,) standardised abnormal returns, ranks and signs
    sars: Annotated[Moments | None, maybe(together)]
    scores: Annotated[Scores | None, maybe(merge)]
    #: runs of windows of one firm, for each length of a window; None where dates are closer
    runs: Annotated[dict[int, Runs | None], _runs_joined]

    @property
    def pass_(self) -> Estimation:
        """What a pass over the residuals tells."""
        n = float(self.sigmas.n[0])
        usual = self.up / n if n else np.nan
        return Estimation(self.estimation.mean, usual, self.skewness.median)


@dataclass(frozen=True, eq=False)
class Sets:
    """The sets of events of a fold, and which of them each window has."""

    which: tuple[int, ...]
    sets: tuple[Together, ...]

    def of(self, window: int) -> Together:
        """That of a window, by its place."""
        return self.sets[self.which[window]]


def refined(parts: Sequence[Sets]) -> Sets:
    """Merge sets: windows share one only if they do in every part."""
    columns = list(zip(*(part.which for part in parts), strict=True))
    different = list(dict.fromkeys(columns))
    made = [
        merge([part.sets[k] for part, k in zip(parts, column, strict=True)]) for column in different
    ]
    return Sets(tuple(map(different.index, columns)), tuple(made))


def _runs_joined(parts: Sequence[dict[int, Runs | None]]) -> dict[int, Runs | None]:
    """Join the runs of the lengths that all parts have."""
    lengths = [n for n in parts[0] if all(n in part for part in parts)]
    made = {}
    for length in lengths:
        runs = [part[length] for part in parts]
        some = [run for run in runs if run is not None]
        if all(b.since - a.until >= length for a, b in pairwise(some)):
            made[length] = chained(runs)
    return made
