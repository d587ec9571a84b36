"""r̄ of a block: the sums of each lag over the pairs whose earlier event is its own (D.6)."""

from __future__ import annotations

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, IntArray
from eventstudy.inference._fold_plan import Plan, Retained
from eventstudy.inference._pairs import MIN_OVERLAP, Lags, sharing
from eventstudy.inference._pairs import _bands as lag_bands
from eventstudy.inference._pairs import _measure as measure_lags
from eventstudy.inference._sample import Sample
from eventstudy.windows import Window


def lag_sums(abnormal: Abnormal, plan: Plan, until: int) -> tuple[FloatArray, IntArray]:
    """(m, K) sum of correlations and usable pairs of each window, by lag.

    ``abnormal`` holds a block and, after the row ``until``, the events of its halo.
    """
    widest = max(plan.windows, key=len)
    lags = lag_bands(len(widest), len(plan.estimation))[-1].stop
    rho, used = np.zeros((len(plan.windows), lags)), np.zeros((len(plan.windows), lags), np.int64)
    retained = Retained.of(np.isfinite(plan.cars(abnormal)), 0)
    for j, mask in enumerate(retained.masks):
        mine = [w for w, k in enumerate(retained.which) if k == j]
        window = max((plan.windows[w] for w in mine), key=len)
        found = _lags(abnormal, window, np.flatnonzero(mask), until)
        for band, (total, pairs) in found.items():
            columns = slice(band.start, band.stop)
            rho[mine, columns], used[mine, columns] = total, pairs
    return rho, used


def _lags(abnormal: Abnormal, window: Window, index: IntArray, until: int) -> dict[range, Lags]:
    """Sums of the lags that the longest window of some events needs, where any pair has them."""
    sample = Sample(abnormal, window, index, until)
    if not len(index) or not sharing(sample):
        return {}
    days = len(abnormal.estimation)
    bands = [band for band in lag_bands(len(window), days) if _any_pair(sample, band)]
    return measure_lags(sample, bands, MIN_OVERLAP) if bands else {}


def _any_pair(sample: Sample, band: range) -> bool:
    """Whether any two events lie as many sessions apart."""
    if band.start == 0:  # the band of lag 0 alone
        return sample.n > sample.n_dates
    dates = sample.dates
    near, far = np.searchsorted(dates, [dates + band.start, dates + band.stop])
    return bool((near < far).any())


def lags_of(rho: FloatArray, used: IntArray, length: int, days: int) -> dict[range, Lags]:
    """Sums of one window, in the groups in which `_pairs` keeps them."""
    return {
        band: (rho[band.start : band.stop], used[band.start : band.stop])
        for band in lag_bands(length, days)
    }
