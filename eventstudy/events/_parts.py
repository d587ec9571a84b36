"""Which events: a mask, or a label an event, from whatever a user gave."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import BoolArray
from eventstudy.windows import is_whole

Key: TypeAlias = "str | pd.Series[Any] | np.ndarray[Any, Any]"
#: the group of events without a label
MISSING = "missing"


def group_labels(events: pd.DataFrame, key: Key, bins: int | None) -> pd.Series[Any]:
    """One label an event: a column, a series joined on the index, or bins of a number."""
    if not isinstance(key, str) and not hasattr(key, "__len__"):
        raise errors.no_such_group(str(key), list(events.columns))
    if isinstance(key, str):
        if key not in events.columns:
            raise errors.no_such_group(key, list(events.columns))
        labels = events[key]
    elif isinstance(key, pd.Series):
        labels = key.reindex(events.index)
    else:
        if len(key) != len(events):
            raise errors.labels_of_other_events(len(key), len(events))
        labels = pd.Series(key, index=events.index)
    if bins is not None:
        number = pd.api.types.is_numeric_dtype(labels) and not pd.api.types.is_bool_dtype(labels)
        if not (number and is_whole(bins) and bins >= 2):
            raise errors.bad_bins(bins, str(labels.dtype))
        labels = binned(labels, bins)
    return labels


def binned(numbers: pd.Series[Any], bins: int) -> pd.Series[Any]:
    """Cut numbers at their quantiles; each group is named by its smallest and largest value.

    Equal numbers stay together, so that there can be fewer groups than ``bins``, of unequal
    size. Missing numbers stay missing.

    >>> binned(pd.Series([0.0, 0.0, 0.0, 0.25, 0.5, None]), 2).tolist()
    ['0', '0', '0', '[0.25, 0.5]', '[0.25, 0.5]', nan]
    """
    ranks = numbers.rank().to_numpy(dtype=float, na_value=np.nan)
    known = np.isfinite(ranks)
    if not known.any():
        return pd.Series(np.nan, index=numbers.index, dtype=object)
    inner = np.quantile(ranks[known], np.arange(1, bins) / bins)
    values = numbers.to_numpy(dtype=float, na_value=np.nan)
    found = np.unique(np.searchsorted(inner, ranks[known]), return_inverse=True)
    codes = np.full(len(ranks), -1, dtype=np.int64)
    codes[known] = found[1]
    ends = [(values[codes == k].min(), values[codes == k].max()) for k in range(len(found[0]))]
    made = pd.Categorical.from_codes(codes.tolist(), pd.Index(_interval_names(ends)), ordered=True)
    return pd.Series(made, index=numbers.index)


def _interval_names(ends: list[tuple[float, float]]) -> list[str]:
    """``[0.1, 0.3]``, with as many digits as tell different numbers apart."""
    different = {x for pair in ends for x in pair}
    digits = 3
    while digits < 17 and len({f"{x:.{digits}g}" for x in different}) < len(different):
        digits += 1
    shown = [[f"{x:.{digits}g}" for x in pair] for pair in ends]
    return [low if low == high else f"[{low}, {high}]" for low, high in shown]


def split(labels: pd.Series[Any]) -> dict[Hashable, BoolArray]:
    """Group → (N,) mask, in sorted order; events without a label form the group "missing"."""
    codes, names = pd.factorize(labels, sort=True)
    groups: dict[Hashable, BoolArray] = {
        (str(name) if isinstance(name, pd.Interval) else name): codes == k
        for k, name in enumerate(names)
    }
    if (codes < 0).any():
        groups[MISSING] = groups.get(MISSING, False) | (codes < 0)  # a label may be called so
    return groups


def as_mask(mask: object, events: pd.DataFrame) -> BoolArray:
    """(N,) truth values from a Series (joined on the index) or an array."""
    if isinstance(mask, pd.Series) and not mask.index.equals(events.index):
        if not mask.index.is_unique:
            raise errors.bad_mask(len(mask), len(events))
        mask = mask.reindex(events.index)
    found = np.asarray(mask)
    if found.shape != (len(events),):
        raise errors.bad_mask(found.size, len(events))
    if found.dtype != bool:  # positions and labels are no truth values; missing ones are False
        kind = pd.api.types.infer_dtype(found, skipna=True)
        if kind not in ("boolean", "empty"):
            raise errors.mask_not_truth(kind)
        found = np.where(pd.isna(found), False, found).astype(bool)
    if not found.any():
        raise errors.empty_selection()
    return found
