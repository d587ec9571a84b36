"""r̄, the mean correlation of events, by pairs of dates whose windows overlap (methods D.6).

Residuals are matched by calendar day: inside a date column by column, between dates that lie
k sessions apart with k columns shifted. Events are never looped over, and an N×N matrix is
never formed: complete rows need their sum only, since Σ_ij ρ_ij = (Σ_i z_i)·(Σ_j z_j) for
standardised rows z.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy import errors
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray
from eventstudy.inference._answer import effective
from eventstudy.inference._sample import Sample, sample_of
from eventstudy.windows import WindowLike

#: common estimation days that a pair of events needs (D.6)
MIN_OVERLAP = 30
#: pairs that are compared at a time where rows have gaps
BLOCK = 1 << 20
#: variance (of a row of norm one) below which a row counts as constant
FLAT = 1e-14


@dataclass(frozen=True)
class Correlation:
    """Mean correlation of the events of a sample, and what it rests on."""

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
    abnormal: Abnormal, window: WindowLike, *, min_overlap: int = MIN_OVERLAP
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
        return _mean(sample, int(min_overlap))

    key = ("correlation", sample.window, int(min_overlap))
    found: Correlation = sample.abnormal.memo(key, make)
    return found


def _mean(sample: Sample, min_overlap: int) -> Correlation:
    n, length = sample.n, len(sample.window)
    # windows that retain the same events share the sums of every pair of dates
    memo_key = ("date pairs", sample.key, min_overlap)
    known: dict[tuple[int, int], tuple[float, int]] = sample.abnormal.memo(memo_key, dict)
    held: dict[int, FloatArray] = {}
    order, begins = sample.by_date
    sizes = np.diff(begins)

    def residuals(d: int) -> FloatArray:
        if d not in held:
            held[d] = sample.residuals(order[begins[d] : begins[d + 1]])
        return held[d]

    total, left_out = 0.0, 0
    for a in range(sample.n_dates):
        held.pop(a - 1, None)
        stop = int(np.searchsorted(sample.dates, sample.dates[a] + length))
        for b in range(a, stop):
            lag = int(sample.dates[b] - sample.dates[a])
            if (a, b) not in known:
                known[a, b] = _between(residuals(a), residuals(b), lag, min_overlap)
            found, used = known[a, b]
            total += found * (length - lag) / length
            there = sizes[a] * (sizes[a] - 1) // 2 if a == b else sizes[a] * sizes[b]
            left_out += int(there) - used
    pairs = n * (n - 1) // 2 - left_out
    return Correlation(total / pairs if pairs else float("nan"), n, pairs, left_out)


def _between(x: FloatArray, y: FloatArray, lag: int, min_overlap: int) -> tuple[float, int]:
    """Sum of correlations, and number of pairs, of the events of two dates ``lag`` rows apart."""
    if lag == 0:
        return within(x, min_overlap)
    if lag >= x.shape[1]:
        return 0.0, 0
    return across(x[:, lag:], y[:, :-lag], min_overlap)


def within(x: FloatArray, min_overlap: int) -> tuple[float, int]:
    """Sum of the correlations of all pairs of rows of ``x``, and the number of usable pairs."""
    columns, whole = _complete(x)
    total, used = _closed_within(x[whole][:, columns], min_overlap)
    rest, complete = x[~whole], x[whole]
    for part in _parts(len(rest), len(x)):
        block = rest[part]
        others = np.concatenate([complete, rest[part.stop :]])
        own = _products(block, block, min_overlap, diagonal=False)
        more = _products(block, others, min_overlap)
        total, used = total + own[0] / 2 + more[0], used + own[1] // 2 + more[1]
    return total, used


def across(x: FloatArray, y: FloatArray, min_overlap: int) -> tuple[float, int]:
    """Sum of the correlations of every row of ``x`` with every row of ``y``; usable pairs."""
    columns_x, whole_x = _complete(x)
    columns_y, whole_y = _complete(y)
    both = columns_x & columns_y
    total, used = 0.0, 0
    if both.sum() >= min_overlap:
        zx, zy = _standardised(x[whole_x][:, both]), _standardised(y[whole_y][:, both])
        total, used = float(zx.sum(axis=0) @ zy.sum(axis=0)), len(zx) * len(zy)
    for left, right in ((x[~whole_x], y), (x[whole_x], y[~whole_y])):
        for part in _parts(len(left), len(right)):
            more = _products(left[part], right, min_overlap)
            total, used = total + more[0], used + more[1]
    return total, used


def _parts(rows: int, others: int) -> list[slice]:
    """Slices of ``rows`` such that each makes at most `BLOCK` pairs with ``others`` rows."""
    size = max(1, BLOCK // max(others, 1))
    return [slice(start, min(start + size, rows)) for start in range(0, rows, size)]


def _complete(x: FloatArray) -> tuple[BoolArray, BoolArray]:
    """Columns on which any row has a value, and rows that have one on all of these."""
    found = np.isfinite(x)
    columns = found.any(axis=0)
    return np.asarray(columns), np.asarray((found == columns).all(axis=1))


def _closed_within(x: FloatArray, min_overlap: int) -> tuple[float, int]:
    """Complete rows: Σ_{i<j} ρ_ij = (‖Σ z_i‖² − n) / 2."""
    if x.shape[1] < min_overlap:
        return 0.0, 0
    z = _standardised(x)
    n, s = len(z), z.sum(axis=0)
    return float(s @ s - n) / 2.0, n * (n - 1) // 2


def _standardised(x: FloatArray) -> FloatArray:
    """Rows of mean zero and norm one; rows without any variation are left out."""
    gap = x - x.mean(axis=1, keepdims=True)
    norm = np.sqrt(np.einsum("nl,nl->n", gap, gap))
    moves = norm > np.sqrt(FLAT * np.einsum("nl,nl->n", x, x))
    return np.asarray(gap[moves] / norm[moves, None])


def _products(
    x: FloatArray, y: FloatArray, min_overlap: int, *, diagonal: bool = True
) -> tuple[float, int]:
    """Pairwise-complete correlations of rows with gaps, by matrix products.

    With rows at mean zero and norm one over their own days, the moments over the common days
    of a pair are products of rows and masks, and lose no digits. ``diagonal=False`` leaves out
    the pairs of a row with itself.
    """
    if not (len(x) and len(y)):
        return 0.0, 0
    (a, va), (b, vb) = _filled(x), _filled(y)
    count = va @ vb.T
    usable = count >= min_overlap
    if not diagonal:
        np.fill_diagonal(usable, val=False)
    count = np.maximum(count, 1.0)
    sum_a, sum_b = a @ vb.T, va @ b.T
    var_a = (a * a) @ vb.T - sum_a * sum_a / count
    var_b = va @ (b * b).T - sum_b * sum_b / count
    covariance = a @ b.T - sum_a * sum_b / count
    usable &= (var_a > FLAT) & (var_b > FLAT)
    rho = np.divide(covariance, np.sqrt(np.where(usable, var_a * var_b, 1.0)))
    return float(rho[usable].sum()), int(usable.sum())


def _filled(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Rows centred and scaled over their own days with zeros in the gaps, and the days."""
    found = np.isfinite(x)
    count = np.maximum(found.sum(axis=1, keepdims=True), 1)
    gap = np.where(found, x, 0.0)
    gap = np.where(found, gap - gap.sum(axis=1, keepdims=True) / count, 0.0)
    norm = np.sqrt(np.einsum("nl,nl->n", gap, gap))
    scale = np.where(norm > 0, norm, 1.0)
    return gap / scale[:, None], found.astype(float)
