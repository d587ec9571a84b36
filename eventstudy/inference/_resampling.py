"""Random draws: a generator, batches that bound the memory, p-values that count the sample."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Integral
from typing import TypeAlias

import numpy as np

from eventstudy import errors
from eventstudy.arrays import FloatArray
from eventstudy.progress import steps

#: a seed, or a generator of the caller's
Rng: TypeAlias = int | np.random.Generator

#: draws of a bootstrap, and the seed, unless the caller says otherwise
DRAWS = 9999
SEED = 0
#: numbers that the arrays of one batch hold unless `batch` is given: 8 MB stay near the cache
NUMBERS = 1 << 20
#: a draw this close to the sample's own value (relatively) is equal to it: rounding is no order
TIE = 1e-10


def generator(rng: Rng) -> np.random.Generator:
    """Make a PCG64 generator from a seed; a generator is used, and moved on, as it is.

    >>> generator(0).integers(0, 10, 4).tolist() == generator(0).integers(0, 10, 4).tolist()
    True
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if not isinstance(rng, Integral) or isinstance(rng, bool) or rng < 0:
        raise errors.rng_unusable(rng)
    return np.random.Generator(np.random.PCG64(int(rng)))


def check_draws(draws: object) -> int:
    """Return the number of draws, or refuse what is not a whole number from 1 up."""
    return count_of("draws", draws)


def count_of(option: str, value: object) -> int:
    """Return the value of an option that counts, or refuse it."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
        raise errors.not_a_count(option, value)
    return int(value)


def batches(draws: int, batch: int | None = None, *, each: int = 1) -> Iterator[slice]:
    """Cut ``draws`` draws into slices of ``batch``, or of as many as memory bears.

    ``each`` is how many numbers the work on one draw holds at a time. Random numbers drawn
    slice by slice from one generator are those of a single call, so that the answer does not
    depend on the batch.

    >>> list(batches(5, 2))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    size = max(NUMBERS // max(each, 1), 1) if batch is None else count_of("batch", batch)
    cuts = (slice(start, min(start + size, draws)) for start in range(0, draws, size))
    return iter(steps(cuts, "Draws", draws, lambda cut: cut.stop - cut.start))


def share(values: FloatArray, x: float, alternative: str = "two-sided", *, own: int = 1) -> float:
    """p-value of ``x`` among drawn ``values``: (own + #{at least as extreme}) / (own + n).

    ``own`` is 1 where the sample itself counts as one of the draws, so that p ≥ 1/(n+1), and 0
    where the values are a complete enumeration that holds it already. Two-sided values are
    compared by size; values that differ from ``x`` by rounding only are equal to it.

    >>> share(np.array([-2.0, -1.0, 0.5, 1.5]), 1.5)
    0.6
    >>> share(np.array([-2.0, -1.0, 0.5, 1.5]), 1.5, "greater")
    0.4
    """
    return (own + extreme(values, x, alternative)) / (own + len(values))


def extreme(values: FloatArray, x: float, alternative: str = "two-sided") -> int:
    """Count the values at least as extreme as ``x``."""
    if alternative == "two-sided":
        values, x = np.abs(values), abs(x)
    elif alternative == "less":
        values, x = -values, -x
    # a draw without a value (0/0) counts: it must not make the sample look rare
    return int(np.count_nonzero(~(values < x - TIE * abs(x))))
