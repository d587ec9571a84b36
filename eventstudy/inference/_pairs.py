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
    n, length = sample.n, sample.length
    # windows that retain the same events share the sums of every pair of dates
    memo_key = ("date pairs", sample.key, min_overlap)
    known: dict[tuple[int, int], tuple[float, int]] = sample.abnormal.memo(memo_key, dict)
    held: dict[int, Rows] = {}
    order, begins = sample.by_date
    sizes = np.diff(begins)

    def rows(d: int) -> Rows:
        if d not in held:
            held[d] = Rows.of(sample.residuals(order[begins[d] : begins[d + 1]]))
        return held[d]

    total, left_out = 0.0, 0
    for a in range(sample.n_dates):
        held.pop(a - 1, None)
        stop = int(np.searchsorted(sample.dates, sample.dates[a] + length))
        for b in range(a, stop):
            lag = int(sample.dates[b] - sample.dates[a])
            if (a, b) not in known:
                known[a, b] = _between(rows(a), rows(b), lag, min_overlap)
            found, used = known[a, b]
            total += found * (length - lag) / length
            there = sizes[a] * (sizes[a] - 1) // 2 if a == b else sizes[a] * sizes[b]
            left_out += int(there) - used
    pairs = n * (n - 1) // 2 - left_out
    return Correlation(total / pairs if pairs else float("nan"), n, pairs, left_out)


@dataclass(frozen=True, eq=False)
class Rows:
    """Residuals of one date, made ready for correlations: complete rows first."""

    #: (n, L1) at mean zero and norm one over their own days, zeros in the gaps
    x: FloatArray
    #: (n, L1) one where there is a residual
    there: FloatArray
    #: rows that miss no day of ``columns``, the (L1,) days on which any row has a residual
    whole: int
    columns: BoolArray

    @classmethod
    def of(cls, e: FloatArray) -> Rows:
        """Prepare (n, L1) residuals; nothing in a correlation depends on their scale."""
        found = np.isfinite(e)
        columns = found.any(axis=0)
        complete = (found == columns).all(axis=1)
        if not complete.all():
            order = np.argsort(~complete, kind="stable")
            e, found = e[order], found[order]
        x = np.where(found, e, 0.0)
        count = np.maximum(found.sum(axis=1, keepdims=True), 1)
        x = np.where(found, x - x.sum(axis=1, keepdims=True) / count, 0.0)
        norm = np.sqrt(np.einsum("nl,nl->n", x, x))
        x /= np.where(norm > 0, norm, 1.0)[:, None]
        return cls(x, found.astype(float), int(complete.sum()), np.asarray(columns))

    def days(self, days: slice) -> Rows:
        """Take the same events on some of the days."""
        return Rows(self.x[:, days], self.there[:, days], self.whole, self.columns[days])

    def part(self, rows: slice) -> Rows:
        """Take some of the events."""
        return Rows(self.x[rows], self.there[rows], self.whole, self.columns)


def _between(x: Rows, y: Rows, lag: int, min_overlap: int) -> tuple[float, int]:
    """Sum of correlations, and number of pairs, of the events of two dates ``lag`` rows apart."""
    if lag == 0:
        return within(x, min_overlap)
    if lag >= x.x.shape[1]:
        return 0.0, 0
    return across(x.days(slice(lag, None)), y.days(slice(None, -lag)), min_overlap)


def within(rows: Rows, min_overlap: int) -> tuple[float, int]:
    """Sum of the correlations of all pairs of events of a date; number of usable pairs.

    Complete events: Σ_{i<j} ρ_ij = (‖Σ z_i‖² − n) / 2.
    """
    total, used = 0.0, 0
    if rows.whole > 1 and rows.columns.sum() >= min_overlap:
        s, n = _standard_sum(rows, rows.columns)
        total, used = float(s @ s - n) / 2.0, n * (n - 1) // 2
    n = len(rows.x)
    for rest in _parts(rows.whole, n, n):
        own = _products(rows.part(rest), rows.part(rest), min_overlap, itself=True)
        total, used = total + own[0] / 2, used + own[1] // 2
        for others in (slice(0, rows.whole), slice(rest.stop, n)):
            more = _products(rows.part(rest), rows.part(others), min_overlap)
            total, used = total + more[0], used + more[1]
    return total, used


def across(a: Rows, b: Rows, min_overlap: int) -> tuple[float, int]:
    """Sum of the correlations of every event of one date with every one of another; pairs."""
    both = a.columns & b.columns
    total, used = 0.0, 0
    if both.sum() >= min_overlap:
        (sum_a, n_a), (sum_b, n_b) = _standard_sum(a, both), _standard_sum(b, both)
        total, used = float(sum_a @ sum_b), n_a * n_b
    for rest in _parts(a.whole, len(a.x), len(b.x)):
        more = _products(a.part(rest), b, min_overlap)
        total, used = total + more[0], used + more[1]
    for rest in _parts(b.whole, len(b.x), a.whole):
        more = _products(a.part(slice(0, a.whole)), b.part(rest), min_overlap)
        total, used = total + more[0], used + more[1]
    return total, used


def _parts(start: int, stop: int, others: int) -> list[slice]:
    """Slices of start … stop such that each makes at most `BLOCK` pairs with ``others`` rows."""
    size = max(1, BLOCK // max(others, 1))
    return [slice(a, min(a + size, stop)) for a in range(start, stop, size)]


def _standard_sum(rows: Rows, columns: BoolArray) -> tuple[FloatArray, int]:
    """Σ z_i of the complete events, each at mean zero and norm one over ``columns``.

    Rows are centred already, so the mean over most of their days is small and its square
    costs no digits. Events that do not move are left out; the second value counts the rest.
    """
    x = rows.x[: rows.whole]
    if not columns.all():
        x = x[:, columns]
    sums = x.sum(axis=1)
    square = np.einsum("nl,nl->n", x, x) - sums * sums / x.shape[1]
    moves = square > FLAT
    weight = np.divide(1.0, np.sqrt(np.where(moves, square, 1.0))) * moves
    return weight @ x - (weight @ sums) / x.shape[1], int(moves.sum())


def _products(a: Rows, b: Rows, min_overlap: int, *, itself: bool = False) -> tuple[float, int]:
    """Pairwise-complete correlations of rows with gaps, by matrix products.

    With rows at mean zero and norm one over their own days, the moments over the common days
    of a pair are products of rows and masks, and lose no digits. ``itself`` leaves out the
    pairs of a row with itself.
    """
    if not (len(a.x) and len(b.x)):
        return 0.0, 0
    count = a.there @ b.there.T
    usable = count >= min_overlap
    if itself:
        np.fill_diagonal(usable, val=False)
    count = np.maximum(count, 1.0)
    sum_a, sum_b = a.x @ b.there.T, a.there @ b.x.T
    var_a = (a.x * a.x) @ b.there.T - sum_a * sum_a / count
    var_b = a.there @ (b.x * b.x).T - sum_b * sum_b / count
    usable &= (var_a > FLAT) & (var_b > FLAT)
    rho = a.x @ b.x.T - sum_a * sum_b / count
    rho /= np.sqrt(np.where(usable, var_a * var_b, 1.0))
    return float(rho[usable].sum()), int(usable.sum())
