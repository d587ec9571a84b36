"""r̄, the mean correlation of events, by pairs of dates whose windows overlap (methods D.6).

Residuals are matched by calendar day: inside a date column by column, between dates that lie
k sessions apart with k columns shifted. r̄ of any window follows from the sum of correlations
at each lag k. Residuals are read once, a chunk of events at a time; pairs of complete rows need
sums only (`_pairs_whole`), and pairs with gaps are compared block by block (`_pairs_gaps`):
events are never looped over, and an N×N matrix is never formed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from eventstudy import errors
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, IntArray
from eventstudy.blas import one_thread
from eventstudy.inference import _pairs_gaps, _pairs_whole
from eventstudy.inference._answer import effective
from eventstudy.inference._linear_rows import closed
from eventstudy.inference._pairs_gaps import Gaps
from eventstudy.inference._pairs_linear import closed_sums
from eventstudy.inference._pairs_rows import Source
from eventstudy.inference._pairs_whole import Sums
from eventstudy.inference._sample import Sample, sample_of
from eventstudy.windows import WindowLike

if TYPE_CHECKING:
    from eventstudy.inference._fold_answers import Folded

#: common estimation days that a pair of events needs (D.6)
MIN_OVERLAP = 30
#: chunks of rows with gaps that are held at a time
HELD = 2

#: for each lag, the sum of correlations, and usable pairs
Lags = tuple[FloatArray, IntArray]


@dataclass(frozen=True)
class Correlation:
    """Mean correlation of the events of a sample, and what it rests on.

    Examples
    --------
    >>> found = Correlation(rbar=0.33, n=13, pairs=78, left_out=0)
    >>> round(found.n_eff, 1)
    2.6
    """

    #: NaN where no pair of events has enough common days
    rbar: float
    #: events
    n: int
    #: pairs in the average, those without a common day of W (they count 0) included
    pairs: int
    #: pairs left out of it: too few common estimation days
    left_out: int

    @property
    def n_eff(self) -> float:
        """N / (1 + (N−1) r̄)."""
        return effective(self.n, self.rbar)


def correlation(
    abnormal: Abnormal | Folded, window: WindowLike, *, min_overlap: int = MIN_OVERLAP
) -> Correlation:
    """Mean pairwise correlation r̄ of the events' estimation residuals.

    r̄ = 2/(N(N−1)) Σ_{i<j} ρ̂_ij · (days of W that i and j share) / L, with ρ̂ the Pearson
    correlation over common calendar days. Pairs that share no day of W count as zero; pairs
    with fewer than ``min_overlap`` common estimation days are left out.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events.
    window : window
        W, in trading days around day 0.
    min_overlap : int
        Common estimation days that a pair needs, at least 3.

    Returns
    -------
    Correlation
        ``rbar``, ``n_eff`` = N/(1 + (N−1) r̄), and the number of pairs used and left out.

    Raises
    ------
    OptionError
        If ``min_overlap`` is below 3 or not a whole number.

    References
    ----------
    Kolari and Pynnönen (2010), Review of Financial Studies 23; Kolari, Pape and Pynnönen
    (2018) for windows that overlap in part.

    Examples
    --------
    >>> from eventstudy.inference import correlation
    >>> from eventstudy.inference._example import example
    >>> found = correlation(example(), (-1, 1))
    >>> round(found.rbar, 2), round(found.n_eff, 1), found.pairs
    (0.44, 2.0, 28)
    """
    return mean_correlation(sample_of(abnormal, window), min_overlap)


def mean_correlation(sample: Sample, min_overlap: int) -> Correlation:
    """r̄ of a sample; made once for each window and ``min_overlap``."""
    if not isinstance(min_overlap, (int, np.integer)) or min_overlap < 3:
        raise errors.min_overlap_too_small(min_overlap)

    def make() -> Correlation:
        with one_thread():
            return _mean(sample, int(min_overlap))

    key = ("correlation", sample.window, int(min_overlap))
    found: Correlation = sample.abnormal.memo(key, make)
    return found


def _mean(sample: Sample, min_overlap: int) -> Correlation:
    """Weigh the correlations of each lag with the share of W that the windows have in common."""
    # windows that retain the same events share the sums of every lag
    memo_key = ("lags", sample.key, min_overlap)
    known: dict[range, Lags] = sample.abnormal.memo(memo_key, dict)
    bands = _bands(sample.length, len(sample.abnormal.estimation))
    if missing := [band for band in bands if band not in known]:
        known.update(_measure(sample, missing, min_overlap))
    total, used = 0.0, 0
    for band in bands:
        for lag, rho, n in zip(band, *known[band], strict=True):
            if lag < sample.length:
                total += float(rho) * (sample.length - lag) / sample.length
                used += int(n)
    left_out = sharing(sample) - used
    pairs = sample.n * (sample.n - 1) // 2 - left_out
    return Correlation(total / pairs if pairs else float("nan"), sample.n, pairs, left_out)


def sharing(sample: Sample) -> int:
    """Count the pairs of events that share a day of W."""
    _, begins = sample.by_date
    after = begins[np.searchsorted(sample.dates, sample.dates + sample.length)]
    size = np.diff(begins)
    return int((size * (after - begins[1:]) + size * (size - 1) // 2).sum())


def _bands(lags: int, days: int) -> list[range]:
    """Lags 0 … ``lags - 1`` in the groups that are made together: 0, 1–2, then four at a time.

    The groups never depend on the window, so neither do the digits of a lag. Windows of
    ``days`` or more sessions apart have no common day.
    """
    starts = [0, 1, *range(3, min(lags, days), 4)]
    stops = [1, 3, *range(7, days + 4, 4)]
    return [
        range(a, min(b, days)) for a, b in zip(starts, stops, strict=False) if a < min(lags, days)
    ]


def _measure(sample: Sample, bands: list[range], least: int) -> dict[range, Lags]:
    """Sum of correlations and usable pairs of each lag, from one pass over the residuals."""
    # the largest lag that any window could ask for: so no digit depends on those asked before
    edge = _bands(len(sample.abnormal.window), len(sample.abnormal.estimation))[-1][-1]
    source = Source(sample, edge, closed=closed(sample.abnormal))
    read = lru_cache(maxsize=1)(source.chunk)
    gaps = lru_cache(maxsize=HELD)(lambda chunk: Gaps.of(read(chunk)))
    sums: dict[int, Sums] = {}
    broken: list[bool] = []
    found = {band: (np.zeros(len(band)), np.zeros(len(band), dtype=np.int64)) for band in bands}
    for b in range(len(source)):
        if source.complete(b):
            sums[b] = closed_sums(sample, source.parts[b], bands)
        else:
            rows = read(b)
            sums[b] = Sums.of(rows.whole, source.windows(rows.whole.dates), bands, edge)
        broken.append(not source.complete(b) and len(read(b).gaps) > 0)
        first = source.first_near(b, bands[-1][-1])
        sums = {a: of for a, of in sums.items() if a >= first}
        for a, band in product(filter(source.counts, sums), bands):
            _add(found[band], _pairs_whole.pairs(sums[a], sums[b], band, least))
            if broken[a] or broken[b]:
                _add(found[band], _pairs_gaps.pairs(gaps(a), gaps(b), band, least))
    return found


def _add(found: Lags, more: Lags) -> None:
    found[0][:] += more[0]
    found[1][:] += more[1]
