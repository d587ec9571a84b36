"""The sums of one set of events, which windows that retain the same events share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

import numpy as np
import numpy.typing as npt

from eventstudy.inference._fold_merging import added, either, highest, lowest, maybe, merge
from eventstudy.inference._fold_runs import Runs, chained
from eventstudy.inference._fold_totals import Totals
from eventstudy.inference._moments import Moments, together


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
    #: abnormal returns by event day, and for windows that were asked for standardised ones
    event: Annotated[Totals, merge]
    sars: Annotated[Moments | None, maybe(together)]
    #: runs of windows of one firm, for each length of a window; None where dates are closer
    runs: Annotated[dict[int, Runs | None], _runs_joined]


@dataclass(frozen=True, eq=False)
class Sets:
    """The sets of events of a fold, and which of them each window has."""

    which: tuple[int, ...]
    sets: tuple[Together, ...]

    def of(self, window: int) -> Together:
        """That of a window, by its place."""
        return self.sets[self.which[window]]


def refined(parts: Sequence[Sets]) -> Sets:
    """Merge sets: windows share one only if they do in every part.

    Sets are counted in the order of the windows that have them.
    """
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
