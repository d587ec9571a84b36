"""r̄ of a block: the sums of each lag over the pairs whose earlier event is its own (D.6)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.inference._fold_partial import Ask, partial_sums
from eventstudy.inference._fold_plan import Plan
from eventstudy.inference._pairs import MIN_OVERLAP, Lags, sharing
from eventstudy.inference._pairs import _bands as lag_bands
from eventstudy.inference._pairs import _measure as measure_lags
from eventstudy.inference._sample import Sample


def lag_sums(abnormal: Abnormal, plan: Plan, until: int) -> tuple[FloatArray, IntArray]:
    """(m, K) sum of correlations and usable pairs of each window, by lag.

    ``abnormal`` holds a block and, after the row ``until``, the events of its halo.
    """
    kept = plan.kept(abnormal)
    lags = lag_bands(plan.halo + 1, len(plan.estimation))[-1].stop
    rho, used = np.zeros((len(kept), lags)), np.zeros((len(kept), lags), dtype=np.int64)
    for band, (total, pairs) in _common(
        abnormal, plan, np.asarray(kept.all(axis=0)), until
    ).items():
        columns = slice(band.start, band.stop)
        rho[:, columns], used[:, columns] = total, pairs
    if not kept.all():
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
    for band, dates in _paired(sample, bands, until):
        own = np.isin(sample.rows, dates)
        if 2 * np.count_nonzero(own) > sample.n:
            together.append(band)
        else:  # a lag that few dates have
            few = Sample(abnormal, widest, sample.index[own], until)
            found.update(measure_lags(few, [band], MIN_OVERLAP))
    return found | (measure_lags(sample, together, MIN_OVERLAP) if together else {})


def _paired(sample: Sample, bands: list[range], until: int) -> Iterator[tuple[range, IntArray]]:
    """Of each band the lags that a pair of events has, and the dates of such pairs.

    The earlier event is not after the row ``until``.
    """
    dates, size = sample.dates, np.diff(sample.by_date[1])
    own = dates[dates <= until]
    shared = own[size[: len(own)] > 1]
    for band in bands:
        earlier = [own[np.isin(own + lag, dates)] if lag else shared for lag in band]
        lags = [lag for lag, some in zip(band, earlier, strict=True) if len(some)]
        if lags:
            later = [some + lag for lag, some in zip(band, earlier, strict=True)]
            yield range(lags[0], lags[-1] + 1), np.unique(np.concatenate(earlier + later))


def lags_of(rho: FloatArray, used: IntArray, length: int, days: int) -> dict[range, Lags]:
    """Sums of one window, in the groups in which `_pairs` keeps them."""
    return {
        band: (rho[band.start : band.stop], used[band.start : band.stop])
        for band in lag_bands(length, days)
    }
