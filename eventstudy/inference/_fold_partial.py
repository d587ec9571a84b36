"""r̄ of many windows at once: the pairs of which an event is in some of the windows only.

A correlation does not depend on the window; windows only differ in the events they retain. So
the pairs of events that all windows retain are summed once (`_pairs`), and the others pair by
pair: the few events that miss a day of some window, against all near them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.blas import one_thread
from eventstudy.inference._pairs_gaps import (
    Layers,
    Moments,
    _correlations,
    _moments,
    _parts,
)
from eventstudy.inference._pairs_rows import FLAT, Rows, _centred
from eventstudy.inference._sample import CHUNK

#: chunks of rows that are held at a time
HELD = 4


@dataclass(frozen=True, eq=False)
class Ask:
    """What is asked of the pairs."""

    #: lags 0 … ``lags`` − 1; common days that a pair needs; rows after ``until`` pair with
    #: earlier ones only
    lags: int
    least: int
    until: int


@dataclass(frozen=True, eq=False)
class Strip:
    """Events of some dates, laid out on the calendar."""

    layers: Layers
    #: (m,) date of each event, and (w, m) whether each of w windows retains it
    date: IntArray
    kept: FloatArray


def partial_sums(abnormal: Abnormal, kept: BoolArray, ask: Ask) -> tuple[FloatArray, IntArray]:
    """(w, K) correlations and usable pairs by lag, of pairs that not all windows retain.

    ``kept`` is (w, N): the events that each window retains.
    """
    whole = kept.all(axis=0)
    parts = list(_cut(abnormal, np.flatnonzero(kept.any(axis=0) & ~whole)))
    others = list(_cut(abnormal, np.flatnonzero(whole)))
    found = np.zeros((2, len(kept), ask.lags))
    load = lru_cache(maxsize=HELD)(lambda kind, k: _strip(abnormal, (parts, others)[kind][k], kept))
    near = _near(abnormal, ask.lags)
    with one_thread():
        for i, part in enumerate(parts):
            own = np.zeros((2, len(part), ask.lags))
            for k, other in enumerate(others):
                if near(part, other):
                    _beside(load(1, k), load(0, i), ask, own)
            found += load(0, i).kept @ own
            for j in range(i, len(parts)):
                if near(part, parts[j]):
                    _among(load(0, i), load(0, j), ask, found, itself=i == j)
    return found[0], np.rint(found[1]).astype(np.int64)


def _cut(abnormal: Abnormal, index: IntArray) -> Iterator[IntArray]:
    """Events by date, a bounded number at a time, within less than an estimation window."""
    index = index[np.argsort(abnormal.row[index], kind="stable")]
    for start in range(0, len(index), CHUNK):
        some = index[start : start + CHUNK]
        since = abnormal.row[some]
        stretch = (since - since[0]) // len(abnormal.estimation)
        yield from np.split(some, np.flatnonzero(np.diff(stretch)) + 1)


def _near(abnormal: Abnormal, lags: int) -> Callable[[IntArray, IntArray], bool]:
    """Whether two lists of events, sorted by date, have dates less than ``lags`` apart."""

    def near(a: IntArray, b: IntArray) -> bool:
        row = abnormal.row
        return bool(row[b[0]] - row[a[-1]] < lags and row[a[0]] - row[b[-1]] < lags)

    return near


def _strip(abnormal: Abnormal, index: IntArray, kept: BoolArray) -> Strip:
    date = abnormal.row[index]
    edge = len(abnormal.window) - 1
    e, there = _centred(abnormal.paths.residuals(abnormal.path[index]), edge)
    return Strip(Layers.of(Rows.of(e, there, date)), date, kept[:, index].astype(float))


def _beside(a: Strip, b: Strip, ask: Ask, own: FloatArray) -> None:
    """Add to each event of b, by lag, its correlations with the events of a."""
    x, y = a.layers, b.layers
    low = np.searchsorted(y.dates, x.dates - ask.lags + 1)
    high = np.searchsorted(y.dates, x.dates + ask.lags)
    high[x.dates > ask.until] = np.searchsorted(y.dates, ask.until, side="right")
    for d in np.flatnonzero(low < high):
        date, some = x.dates[d], slice(y.begins[low[d]], y.begins[high[d]])
        days = max(date, y.dates[0]), min(date, y.dates[-1]) + x.days
        others, columns = y.cut(some, *days), np.arange(some.start, some.stop)
        lag = np.abs(b.date[some] - date)
        for rows in _parts(x.begins[d], x.begins[d + 1], len(columns)):
            rho, n = _correlations(_moments(x.cut(rows, *days), others), ask.least)
            own[0, columns, lag] += rho
            own[1, columns, lag] += n


def _among(a: Strip, b: Strip, ask: Ask, found: FloatArray, *, itself: bool) -> None:
    """Add for each window, by lag, the correlations of the events of a with b's from then on."""
    x, y = a.layers, b.layers
    low = np.searchsorted(y.dates, x.dates)
    high = np.searchsorted(y.dates, x.dates + ask.lags)
    for d in np.flatnonzero((low < high) & (x.dates <= ask.until)):
        date, some = x.dates[d], slice(y.begins[low[d]], y.begins[high[d]])
        days = max(date, y.dates[0]), date + x.days
        others, lag = y.cut(some, *days), b.date[some] - date
        for rows in _parts(x.begins[d], x.begins[d + 1], len(lag)):
            rho, usable = _matrix(_moments(x.cut(rows, *days), others), ask.least)
            if itself:  # a pair of one date is met twice, an event once with itself
                own = np.arange(rows.start, rows.stop)
                usable[own - rows.start, own - some.start] = 0.0
                usable[:, lag == 0] *= 0.5
            for k, values in enumerate((rho * usable, usable)):
                _add(found[k], lag, (a.kept[:, rows] @ values) * b.kept[:, some])


def _matrix(moments: Moments, least: int) -> tuple[FloatArray, FloatArray]:
    """(n, m) correlations, and 1 where there is one."""
    covariance, var_a, var_b, count = moments
    usable = (count >= least) & (var_a > FLAT) & (var_b > FLAT)
    rho = covariance / np.sqrt(np.where(usable, var_a * var_b, np.inf))
    return rho, usable.astype(float)


def _add(found: FloatArray, lag: IntArray, values: FloatArray) -> None:
    """Add (w, m) values to the lags, which ascend."""
    starts = np.flatnonzero(np.diff(lag, prepend=-1))
    found[:, lag[starts]] += np.add.reduceat(values, starts, axis=1)
