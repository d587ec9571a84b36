"""The sample-quantile test for one event, or for the portfolio of one date (D.18)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, IntArray, Statistic
from eventstudy.inference._answer import SEVERAL_DATES, ask
from eventstudy.inference._laws import LEVEL, both_tails, check
from eventstudy.inference._sample import Sample, sample_of
from eventstudy.windows import WindowLike


@runtime_checkable
class Leverages(Protocol):
    """Paths that also know x'(X'X)⁻¹x of their estimation days."""

    def leverages(self, index: IntArray) -> FloatArray:
        """(m, L1) leverages of the estimation days of the events ``index``."""
        ...


def sq(
    abnormal: Abnormal,
    window: WindowLike,
    *,
    alternative: str = "two-sided",
    variant: str = "finite",
    tail: str = "symmetric",
    adjust: bool = False,
    contiguous: bool = False,
) -> Statistic:
    """Compare the CAR with the same sums of estimation residuals: p = (1+#{|e| ≥ |CAR|})/(M+1).

    No law is assumed but that the days are exchangeable, so fat tails do no harm; a larger
    variance on the event day does. Several events of one date are taken as their mean.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of one event, or of events that share day 0.
    window : window
        W, in trading days around day 0; rolling sums have its length.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.
    variant : {"finite", "asymptotic"}
        Count the event among the days (p ≥ 1/(M+1)), or not, as in the paper.
    tail : {"symmetric", "equal"}
        Two-sided p-value from absolute values, or twice the smaller tail.
    adjust : bool
        Divide the CAR by √(Q/L) and each residual by √(1−h), its leverage: for fewer than 100
        estimation days. NaN with a note where the study holds no leverages.
    contiguous : bool
        Use sums over unbroken days only; by default gaps are closed.

    Returns
    -------
    Statistic
        ``estimate`` and ``statistic`` are the CAR. ``ci`` holds every effect that the test
        does not reject at 5 %.

    Raises
    ------
    OptionError
        If an option is not known.

    References
    ----------
    Gelbach, Helland and Klick (2013), American Law and Economics Review 15.

    Examples
    --------
    >>> import numpy as np
    >>> from eventstudy.inference import sq
    >>> from eventstudy.inference._example import example
    >>> found = sq(example().take(np.array([0])), (0, 0))
    >>> found.law, found.pvalue >= 1 / 111, found.ci[0] < found.estimate < found.ci[1]
    ('permutation', True, True)
    """
    question = ask("sq", abnormal, window, alternative)
    check("variant", variant, ("finite", "asymptotic"))
    check("tail", tail, ("symmetric", "equal"))
    s = question.sample
    law = "permutation"
    if why := question.lacks() or (SEVERAL_DATES if s.n_dates > 1 else ""):
        return question.nothing(why, law)
    days, scale = s.estimation.series, 1.0
    if adjust:
        factors = leverage(s, "adjust=True")
        if isinstance(factors, str):
            return question.nothing(factors, law)
        days, scale = days / np.sqrt(1.0 - factors), math.sqrt(s.first_q / s.length)
    sums = rolling(days, s.length, contiguous=contiguous)
    if not len(sums):
        return question.nothing(f"no {s.length} successive estimation days", law)
    car = s.cars.mean
    tails = Tails(sums, 1 if variant == "finite" else 0)
    p = tails.pvalue(car / scale, alternative, tail)
    below, above = tails.reach(alternative, tail)
    return question.score(car, car, law, p, ci=(car - above * scale, car + below * scale))


@dataclass(frozen=True)
class Tails:
    """The empirical law of rolling sums; ``own`` is 1 if the event counts as one of them."""

    sums: FloatArray
    own: int

    def pvalue(self, x: float, alternative: str, tail: str) -> float:
        """Share of sums at least as extreme as ``x``."""
        size = len(self.sums) + self.own
        lower = (self.own + int((self.sums <= x).sum())) / size
        upper = (self.own + int((self.sums >= x).sum())) / size
        if alternative == "two-sided" and tail == "symmetric":
            return (self.own + int((np.abs(self.sums) >= abs(x)).sum())) / size
        return both_tails(lower, upper, alternative)

    def reach(self, alternative: str, tail: str) -> tuple[float, float]:
        """How far below and above zero a value may lie and not be rejected at 5 %.

        A value of H0 is CAR − x with x inside [−below, above]: the k-th largest sum bounds it,
        with k the smallest number of sums beyond it that keeps p above 5 %.
        """
        half = alternative == "two-sided" and tail == "equal"
        level = (1.0 - LEVEL) / 2.0 if half else 1.0 - LEVEL
        if alternative == "two-sided" and tail == "symmetric":
            bound = self._bound(np.abs(self.sums), level)
            return bound, bound
        below = math.inf if alternative == "greater" else self._bound(-self.sums, level)
        above = math.inf if alternative == "less" else self._bound(self.sums, level)
        return below, above

    def _bound(self, x: FloatArray, level: float) -> float:
        """Find the largest value whose upper tail stays above ``level``."""
        size = len(x) + self.own
        k = math.floor(level * size + 1e-9) + 1 - self.own
        if k < 1:
            return math.inf
        return float(np.partition(x, len(x) - k)[len(x) - k])


def reach_of_each(abnormal: Abnormal, window: WindowLike) -> FloatArray:
    """(N,) the largest |CAR| of each event alone that `sq` does not reject at 5 %.

    Infinite where the estimation has too few sums for any p of 5 %, NaN where it has none.
    """
    s = sample_of(abnormal, window)
    found = np.full(len(abnormal), np.nan)
    for some in s.chunks():
        e = s.residuals(some)
        known = np.isfinite(e)
        closed = np.take_along_axis(e, np.argsort(~known, axis=1, kind="stable"), axis=1)
        days = np.lib.stride_tricks.sliding_window_view(closed, s.length, axis=1)
        sums = np.sort(np.abs(days.sum(axis=2)), axis=1)  # NaN, of windows that end in gaps, last
        count = np.maximum(known.sum(axis=1) - s.length + 1, 0)
        k = np.floor((1.0 - LEVEL) * (count + 1) + 1e-9).astype(np.int64)
        bound = sums[np.arange(len(some)), np.clip(count - k, 0, sums.shape[1] - 1)]
        found[s.index[some]] = np.where(count < 1, np.nan, np.where(k < 1, np.inf, bound))
    return found


def rolling(days: FloatArray, length: int, *, contiguous: bool) -> FloatArray:
    """Sum ``length`` successive days; gaps are closed unless ``contiguous`` (M.4).

    >>> rolling(np.array([1.0, 2.0, np.nan, 3.0]), 2, contiguous=False)
    array([3., 5.])
    >>> rolling(np.array([1.0, 2.0, np.nan, 3.0]), 2, contiguous=True)
    array([3.])
    """
    return windows_of(days, length, contiguous=contiguous)[0]


def windows_of(days: FloatArray, length: int, *, contiguous: bool) -> tuple[FloatArray, IntArray]:
    """Sums of ``length`` successive days, as `rolling` gives them, and where each begins."""
    at = np.arange(len(days)) if contiguous else np.flatnonzero(np.isfinite(days))
    if len(at) < length:
        return np.empty(0), np.empty(0, dtype=np.int64)
    sums = np.lib.stride_tricks.sliding_window_view(days[at], length).sum(axis=1)
    whole = np.isfinite(sums)
    return sums[whole], at[: len(sums)][whole]


def leverage(sample: Sample, option: str) -> FloatArray | str:
    """(L1,) leverages of the estimation days, or why the option that needs them has none."""
    abnormal = sample.abnormal
    if why := sample.unkept("leverages", option):
        return why
    if not isinstance(abnormal.paths, Leverages):
        return f"{option} needs leverages of the estimation days; the model gives none"
    if len(np.unique(abnormal.design[sample.index])) > 1:
        return f"{option} needs one design for all events"
    return np.asarray(abnormal.paths.leverages(abnormal.path[sample.index[:1]])[0])
