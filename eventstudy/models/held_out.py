"""Residuals of days that had no part in the fit: what counterfactuals are judged by.

Weights of many donors follow the returns of the estimation window more closely than they follow
any other. So each of five blocks of days is predicted by weights fitted on the other four, and
these residuals are what σ, ranks and placebo windows see (methods B.11).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy.arrays import Block, BoolArray, Fit, FloatArray, IntArray

#: blocks of days that are left out in turn
BLOCKS = 5
#: numbers of a working array: events are fitted in parts that stay below it
ROOM = 1 << 22


def blocks_of(valid: BoolArray) -> IntArray:
    """(n, L1) block of each valid day: five contiguous ones of nearly equal length; else −1."""
    count = np.cumsum(valid, axis=1)
    total = np.maximum(count[:, -1:], 1)
    return np.where(valid, (count - 1) * BLOCKS // total, -1)


def parts(n: int, numbers: int) -> Iterator[slice]:
    """Events that are fitted together, ``numbers`` of a working array each."""
    step = max(ROOM // max(numbers, 1), 1)
    for start in range(0, n, step):
        yield slice(start, start + step)


def sums_without(sums: FloatArray) -> FloatArray:
    """(n, 6, …) from the (n, 5, …) sums of each block: over all days, and without each block.

    The others are added up, not taken off the whole: no digit is lost.
    """
    others = [[b for b in range(BLOCKS) if b != out] for out in range(BLOCKS)]
    every = [sums.sum(axis=1), *(sums[:, some].sum(axis=1) for some in others)]
    return np.stack(every, axis=1)


def held_out(paths: FloatArray, block: IntArray) -> FloatArray:
    """(n, L1) the path of each day by the weights without its block, from (n, 5, L1) paths."""
    return np.take_along_axis(paths, np.maximum(block, 0)[:, None, :], axis=1)[:, 0]


def as_fit(
    block: Block,
    expected: FloatArray,
    tested: FloatArray,
    params: tuple[FloatArray, tuple[str, ...]],
    solved: BoolArray,
) -> Fit:
    """Compare the returns with what was expected, and with what the other days expected.

    Parameters
    ----------
    block : Block
        What the model was given.
    expected : (n, L) array
        By the weights of the whole estimation window.
    tested : (n, L1) array
        By the weights fitted without the block of the day.
    params : (n, p) array and p names
        The weights.
    solved : (n,) bool array
        Whether the weights were found.
    """
    days = block.estimation
    gap = np.where(block.valid[:, days], block.returns[:, days] - tested, np.nan)
    count = np.isfinite(gap).sum(axis=1).astype(float)
    event = block.event
    said = "the weights of the donors were not found to the last digit"
    return Fit(
        residuals=gap,
        abnormal=(block.returns - expected)[:, event],
        expected=expected[:, event],
        params=params[0],
        names=params[1],
        sigma=np.sqrt(np.nansum(gap**2, axis=1) / count),
        dof=count,
        root=np.zeros((event.stop - event.start, 0)),
        common=False,
        flags=None if solved.all() else tuple("" if one else said for one in solved),
    )
