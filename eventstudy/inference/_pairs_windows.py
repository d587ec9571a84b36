"""r̄ of several windows from one pass over the pairs of events, where returns are missing.

A correlation does not depend on the window: windows differ in the events that they retain, and
in the lags that they ask for. So each pair is compared once, and the sum of a window is
Σ kept_i kept_j ρ_ij: products of a block of correlations with the 0/1 rows of all windows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.blas import one_thread
from eventstudy.inference._pairs import MIN_OVERLAP, Lags, sharing
from eventstudy.inference._pairs import _bands as lag_bands
from eventstudy.inference._pairs_gaps import Layers, Moments, _moments
from eventstudy.inference._pairs_rows import FLAT, Rows, _centred
from eventstudy.inference._sample import CHUNK, Sample, sample_of
from eventstudy.windows import Window

if TYPE_CHECKING:
    from eventstudy.inference._fold_answers import Folded

#: rows that are compared with their partners, at most a chunk, at a time
ROWS = 64
#: chunks of rows that are held at a time
HELD = 4


def share(
    abnormal: Abnormal | Folded, windows: Sequence[Window], min_overlap: int = MIN_OVERLAP
) -> None:
    """Sum the correlations of all windows at once, if that is less work than one by one.

    Windows that retain the same events share their sums anyway, and pairs of complete rows need
    no products: it is less work where windows retain different events, and rows have gaps. The
    sums are those of `mean_correlation`, to rounding.
    """
    if not isinstance(abnormal, Abnormal):  # its blocks were summed that way
        return
    samples = _fresh(abnormal, windows, min_overlap)
    if len(samples) < 2 or not worthwhile(abnormal, len(samples)):
        return
    kept = np.zeros((len(samples), len(abnormal)), dtype=bool)
    for row, sample in zip(kept, samples, strict=True):
        row[sample.index] = True
    bands = [lag_bands(s.length, len(abnormal.estimation)) for s in samples]
    lags = max(of[-1].stop for of in bands)
    rho, used = window_sums(abnormal, kept, lags, min_overlap)
    for sample, its, total, pairs in zip(samples, bands, rho, used, strict=True):
        known = abnormal.memo(("lags", sample.key, min_overlap), dict)
        for band in its:
            columns = slice(band.start, band.stop)
            known.setdefault(band, (total[columns], pairs[columns]))


def _fresh(abnormal: Abnormal, windows: Sequence[Window], least: int) -> list[Sample]:
    """Samples of which pairs of events share days and are not summed; the longest of each set."""
    found: dict[bytes, Sample] = {}
    for window in sorted(windows, key=len):
        sample = sample_of(abnormal, window)
        bands = lag_bands(sample.length, len(abnormal.estimation))
        known: dict[range, Lags] = abnormal.memo(("lags", sample.key, least), dict)
        if sharing(sample) and not all(band in known for band in bands):
            found[sample.key] = sample
    return list(found.values())


def worthwhile(abnormal: Abnormal, windows: int) -> bool:
    """Whether the pairs with a gap, once for each window, are more than all pairs once."""
    whole = float(np.mean(abnormal.n_obs == abnormal.n_obs.max()))
    return windows * (1.0 - whole * whole) > 1.0


def window_sums(
    abnormal: Abnormal, kept: BoolArray, lags: int, least: int, until: int | None = None
) -> tuple[FloatArray, IntArray]:
    """(w, K) sum of correlations and usable pairs of each window, at lags below ``lags``.

    ``kept`` is (w, N): the events that each window retains. Events after the row ``until`` are
    there for their pairs with earlier ones only.
    """
    until = int(abnormal.row.max(initial=0)) if until is None else until
    parts = list(_cut(abnormal, np.flatnonzero(kept.any(axis=0)), until))
    load = lru_cache(maxsize=HELD)(lambda k: Strip.of(abnormal, parts[k], kept))
    #: correlations, and pairs that have none
    found = np.zeros((2, len(kept), lags))
    last = [int(abnormal.row[part[-1]]) for part in parts]
    with one_thread():
        for j, part in enumerate(parts):
            for i in range(j + 1):
                if last[i] <= until and abnormal.row[part[0]] - last[i] < lags:
                    _compare(load(i), load(j), found, least)
    usable = _pairs_of(abnormal, kept, lags, until) - np.rint(found[1]).astype(np.int64)
    return found[0], usable


def _cut(abnormal: Abnormal, index: IntArray, until: int) -> Iterator[IntArray]:
    """Events by date, a bounded number at a time, within less than an estimation window.

    None of them are on both sides of ``until``.
    """
    index = index[np.lexsort((abnormal.firm[index], abnormal.row[index]))]
    for start in range(0, len(index), CHUNK):
        some = index[start : start + CHUNK]
        since = abnormal.row[some]
        stretch = 2 * ((since - since[0]) // len(abnormal.estimation)) + (since > until)
        yield from np.split(some, np.flatnonzero(np.diff(stretch)) + 1)


def _pairs_of(abnormal: Abnormal, kept: BoolArray, lags: int, until: int) -> IntArray:
    """(w, K) pairs of retained events by lag, of which one is not after ``until``."""
    first = abnormal.row.min()
    size = int(abnormal.row.max() - first) + lags
    count = np.stack([np.bincount(abnormal.row[own] - first, minlength=size) for own in kept])
    own = np.where(np.arange(size) <= until - first, count, 0)
    found = [(own[:, : size - k] * count[:, k:]).sum(axis=1) for k in range(lags)]
    found[0] = (found[0] - own.sum(axis=1)) // 2
    return np.stack(found, axis=1)


@dataclass(frozen=True, eq=False)
class Strip:
    """Events of some dates, laid out on the calendar."""

    layers: Layers
    #: (w, m) whether each of w windows retains each of m events
    kept: FloatArray

    @classmethod
    def of(cls, abnormal: Abnormal, index: IntArray, kept: BoolArray) -> Strip:
        """Read some events, sorted by date."""
        e, there = _centred(
            abnormal.paths.residuals(abnormal.path[index]), len(abnormal.window) - 1
        )
        rows = Rows.of(e, there, abnormal.row[index])
        return cls(Layers.of(rows), kept[:, index].astype(float))

    def groups(self, lags: int) -> Iterator[slice]:
        """Dates that are compared at a time: few rows, and dates with much the same partners."""
        dates, begins = self.layers.dates, self.layers.begins
        start = 0
        for d in range(1, len(dates) + 1):
            if (
                d == len(dates)
                or begins[d + 1] - begins[start] > ROWS
                or 3 * (dates[d] - dates[start]) >= lags
            ):
                yield slice(start, d)
                start = d


def _compare(a: Strip, b: Strip, found: FloatArray, least: int) -> None:
    """Add, for each window and lag, the correlations of the events of a with b's from then on."""
    x, y = a.layers, b.layers
    lags = found.shape[2]
    for some in a.groups(lags):
        first, last = x.dates[some.start], x.dates[some.stop - 1]
        low, high = np.searchsorted(y.dates, (first, last + lags))
        if low == high:
            continue
        days = max(first, y.dates[0]), min(last, y.dates[-1]) + x.days
        columns = slice(y.begins[low], y.begins[high])
        for start in range(x.begins[some.start], x.begins[some.stop], ROWS):
            rows = slice(start, min(start + ROWS, x.begins[some.stop]))
            rho, lost = _matrix(_moments(x.cut(rows, *days), y.cut(columns, *days)), least)
            if a is b:  # an event with itself is no pair
                own = np.arange(rows.start, rows.stop)
                rho[own - rows.start, own - columns.start] = 0.0
            _weigh(a, b, (rows, columns), rho, found[0])
            if lost is not None:
                if a is b:
                    lost[own - rows.start, own - columns.start] = 0.0
                _weigh(a, b, (rows, columns), lost, found[1])


def _matrix(moments: Moments, least: int) -> tuple[FloatArray, FloatArray | None]:
    """(n, m) correlations, and 1 where a pair has none; None if all have one."""
    covariance, var_a, var_b, count = moments
    both = var_a * var_b
    lost = None
    # no variance exceeds one: where the product is above the bound, both factors are
    if count.min() < least or both.min() <= FLAT:
        unusable = (count < least) | (var_a <= FLAT) | (var_b <= FLAT)
        np.copyto(both, np.inf, where=unusable)
        lost = unusable.astype(float)
    covariance /= np.sqrt(both, out=both)
    return covariance, lost


def _weigh(
    a: Strip, b: Strip, block: tuple[slice, slice], values: FloatArray, found: FloatArray
) -> None:
    """Add a block of pairs to the windows that retain both events, date by date.

    ``found`` is (w, K). A pair of one date is met twice where both events are in one strip.
    """
    rows, columns = block
    x, y = a.layers, b.layers
    until = x.begins.searchsorted(rows.stop)
    for d in range(x.begins.searchsorted(rows.start, side="right") - 1, until):
        its = slice(max(x.begins[d], rows.start), min(x.begins[d + 1], rows.stop))
        low, high = y.dates.searchsorted((x.dates[d], x.dates[d] + found.shape[1]))
        if low == high:
            continue
        begins, stop = y.begins[low:high], y.begins[high]
        near = values[its.start - rows.start : its.stop - rows.start]
        near = near[:, begins[0] - columns.start : stop - columns.start]
        by_event = (a.kept[:, its] @ near) * b.kept[:, begins[0] : stop]
        by_date = np.add.reduceat(by_event, begins - begins[0], axis=1)
        lag = y.dates[low:high] - x.dates[d]
        if a is b:
            by_date[:, lag == 0] *= 0.5
        found[:, lag] += by_date
