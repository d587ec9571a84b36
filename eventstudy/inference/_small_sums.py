"""Sums of many small whole numbers in the few bytes that they have."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from eventstudy.arrays import IntArray


def column_sums(x: npt.NDArray[np.signedinteger], largest: int) -> IntArray:
    """(width,) sums of small whole numbers up to ``largest``: in their own bytes while they fit.

    >>> column_sums(np.full((300, 2), 100, dtype=np.int8), 100)
    array([30000, 30000])
    """
    fits = max(1, np.iinfo(x.dtype).max // max(largest, 1))
    total = np.zeros(x.shape[1], dtype=np.int64)
    for start in range(0, len(x), fits):
        total += np.add.reduce(x[start : start + fits], axis=0, dtype=x.dtype)
    return total


def running(x: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Running sums of each row of small numbers, whose length is a multiple of eight.

    Eight at a time: a product with 1 + 2⁸ + 2¹⁶ + … sums the bytes of a word. Sums of 256 and
    more would not fit.

    >>> running(np.array([[1, 0, 0, 1, 1, 0, 0, 0]], dtype=np.uint8))
    array([[1, 1, 1, 2, 3, 3, 3, 3]], dtype=uint8)
    """
    ones = np.uint64(0x0101010101010101)
    sums = x.view("<u8") * ones
    whole = sums >> np.uint64(56)
    before = np.cumsum(whole.reshape(-1)).reshape(whole.shape)  # one long sum is faster than many
    before -= whole
    sums += (before - before[:, :1]) * ones
    return sums.astype("<u8", copy=False).view(np.uint8)
