"""r̄ of a block: the sums of each lag over the pairs whose earlier event is its own (D.6)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.inference._fold_partial import Ask, partial_sums
from eventstudy.inference._fold_plan import Plan, Retained
from eventstudy.inference._pairs import MIN_OVERLAP, Lags, sharing
from eventstudy.inference._pairs import _bands as lag_bands
from eventstudy.inference._pairs import _measure as measure_lags
from eventstudy.inference._pairs_windows import window_sums, worthwhile
from eventstudy.inference._sample import Sample


def lag_sums(abnormal: Abnormal, plan: Plan, until: int) -> tuple[FloatArray, IntArray]:
    """(m, K) sum of correlations and usable pairs of each window, by lag.

    ``abnormal`` holds a block and, after the row ``until``, the events of its halo.
    """
    kept = plan.kept(abnormal)
    lags = lag_bands(plan.halo + 1, len(plan.estimation))[-1].stop
    different = len(Retained.of(kept, 0).masks)
    if different > 1 and worthwhile(abnormal, different):
        return window_sums(abnormal, kept, lags, MIN_OVERLAP, until)
    rho, used = np.zeros((len(kept), lags)), np.zeros((len(kept), lags), dtype=np.int64)
    every = np.asarray(kept.all(axis=0))
    for band, (total, pairs) in _common(abnormal, plan, every, until).items():
        columns = slice(band.start, band.stop)
        rho[:, columns], used[:, columns] = total, pairs
    if not every.all():
        some = partial_sums(abnormal, kept, Ask(lags, MIN_OVERLAP, until))
        rho, used = rho + some[0], used + some[1]
    return rho, used


def _common(abnormal: Abnormal, plan: Plan, which: BoolArray, until: int) -> dict[range, Lags]:
    """Sums over the pairs of events that every window retains, at the lags that any pair has."""
    widest = max(plan.windows, key=len)
    sample = Sample(abnormal, widest, np.flatnonzero(which), until)
    if not sample.n or not sharing(sample):
        return {}
    bands = lag_bands(len(widest), len(plan.estimation))
    found, together = {}, []
    for band, by_lag in _paired(sample, bands, until):
        many = sum(np.isin(sample.rows, dates).sum() for dates in by_lag.values())
        if many > sample.n:
            together.append(band)
            continue
        for lag, dates in by_lag.items():  # a lag that few dates have
            few = Sample(abnormal, widest, sample.index[np.isin(sample.rows, dates)], until)
            found.update(measure_lags(few, [range(lag, lag + 1)], MIN_OVERLAP))
    return found | (measure_lags(sample, together, MIN_OVERLAP) if together else {})


def _paired(
    sample: Sample, bands: list[range], until: int
) -> Iterator[tuple[range, dict[int, IntArray]]]:
    """Of each band the lags that a pair of events has, and of each lag the dates of such pairs.

    The earlier event is not after the row ``until``.
    """
    dates, size = sample.dates, np.diff(sample.by_date[1])
    own = dates[dates <= until]
    shared = own[size[: len(own)] > 1]
    for band in bands:
        earlier = {lag: own[np.isin(own + lag, dates)] if lag else shared for lag in band}
        pairs = {lag: np.union1d(some, some + lag) for lag, some in earlier.items() if len(some)}
        if pairs:
            yield range(min(pairs), max(pairs) + 1), pairs


def lags_of(rho: FloatArray, used: IntArray, length: int, days: int) -> dict[range, Lags]:
    """Sums of one window, in the groups in which `_pairs` keeps them."""
    return {
        band: (rho[band.start : band.stop], used[band.start : band.stop])
        for band in lag_bands(length, days)
    }
