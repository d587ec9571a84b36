"""Cases that hold every pair of levels of two different factors: a covering array, found greedily.

Bugs that need three circumstances at once are rare; those that need two are found by a few
thousand cases in the place of hundreds of thousands.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

Levels = Mapping[str, Sequence[str]]
#: one level of each factor, in the order of the factors
Case = tuple[str, ...]
#: whether a case may hold level a of one factor beside level b of another: (f, a, g, b), f before g
Allowed = Callable[[str, str, str, str], bool]
Bools = npt.NDArray[np.bool_]


def pairs_of(case: Case) -> set[tuple[int, str, int, str]]:
    """The pairs of levels that a case holds."""
    places = itertools.combinations(enumerate(case), 2)
    return {(f, a, g, b) for (f, a), (g, b) in places}


def cover(levels: Levels, allowed: Allowed, seed: int = 0) -> list[Case]:
    """Cases that hold every allowed pair of levels at least once, and no other pair.

    Each case starts from a pair that is still missing and takes, factor by factor, the level that
    adds most missing pairs to those already chosen. It must be possible to complete every allowed
    pair to a case of allowed pairs by looking at two factors at a time.
    """
    names = list(levels)
    fine, missing = _tables(levels, allowed), _tables(levels, allowed)
    rng = np.random.default_rng(seed)
    cases = []
    for f, g in itertools.combinations(range(len(names)), 2):
        for a, b in np.argwhere(missing[f, g]):
            if missing[f, g][a, b]:
                chosen = {f: int(a), g: int(b)}
                _complete(chosen, fine, missing, rng, len(names))
                cases.append(tuple(levels[name][chosen[k]] for k, name in enumerate(names)))
    return cases


def _tables(levels: Levels, allowed: Allowed) -> dict[tuple[int, int], Bools]:
    """For each two factors, in both orders, which pairs of their levels are allowed."""
    found = {}
    for (f, one), (g, two) in itertools.combinations(enumerate(levels), 2):
        table = [[allowed(one, a, two, b) for b in levels[two]] for a in levels[one]]
        found[f, g] = np.array(table)
        found[g, f] = found[f, g].T  # a view: both orders stay the same
    return found


def _complete(
    chosen: dict[int, int],
    fine: Mapping[tuple[int, int], Bools],
    missing: Mapping[tuple[int, int], Bools],
    rng: np.random.Generator,
    factors: int,
) -> None:
    """Add a level of every other factor, and strike out the pairs of the case."""
    for f in rng.permutation([f for f in range(factors) if f not in chosen]).tolist():
        possible = np.logical_and.reduce([fine[g, f][b] for g, b in chosen.items()])
        gain = np.sum([missing[g, f][b] for g, b in chosen.items()], axis=0)
        best = np.where(possible, gain, -1) + rng.random(len(gain)) / 2  # ties by chance
        assert possible.any(), "no level goes with those chosen"
        chosen[f] = int(np.argmax(best))
    for (f, a), (g, b) in itertools.permutations(chosen.items(), 2):
        missing[f, g][a, b] = False
