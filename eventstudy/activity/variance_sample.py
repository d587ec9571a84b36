"""The events of a window, their measured volatility, and what it is on usual days."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.activity.conditional_variance import Recursion, event_variance, spreads
from eventstudy.activity.squared import (
    squares,
    squares_before,
    usual_log_mean,
    usual_mean,
)
from eventstudy.activity.usual_days import (
    NOTHING,
    DaySums,
    Usual,
    day_sums,
    usual_means,
    usual_spreads,
)
from eventstudy.arrays import FloatArray, IntArray, Statistic
from eventstudy.inference import Verdict, valid
from eventstudy.inference._resampling import Rng
from eventstudy.inference._sample import Sample, sample_of
from eventstudy.windows import Window


@dataclass(frozen=True, eq=False)
class Gauge:
    """How volatility is measured: the same for every window."""

    abnormal: Abnormal
    #: "squared" or "garch", and whether squares are taken as logarithms
    measure: str
    log: bool
    #: draws of placebo windows where events have several dates, and their seed
    draws: int
    rng: Rng
    #: how variances move; why that is not known; None: they are constant
    recursion: Recursion | str | None
    _kept: dict[Window, Measured] = field(default_factory=dict, repr=False)

    def at(self, window: Window) -> Measured:
        """What is measured over a window: made once."""
        if window not in self._kept:
            self._kept[window] = Measured(self, sample_of(self.abnormal, window))
        return self._kept[window]

    @property
    def unknown(self) -> str:
        """Why the estimation days have no variances of their own; or nothing."""
        return self.recursion if isinstance(self.recursion, str) else ""

    def before(self, index: IntArray, day: int) -> FloatArray:
        """(m, L1) U of the estimation days, as seen for event day ``day``."""
        if not isinstance(self.recursion, Recursion):
            return squares_before(self.abnormal, index)
        e = self.recursion.residuals[index]
        return np.asarray(e**2 / self.recursion.variances(index, day))


@dataclass(frozen=True, eq=False)
class Measured:
    """The events of a window, and how volatile they are."""

    gauge: Gauge
    sample: Sample
    #: two-sided answers of the tests
    kept: dict[str, Statistic] = field(default_factory=dict, repr=False)

    @property
    def window(self) -> Window:
        """W."""
        return self.sample.window

    @cached_property
    def verdict(self) -> Verdict:
        """How the dates of the events lie to each other."""
        return valid(self.sample)

    # ── the event days ───────────────────────────────────────────────────────────────────
    @cached_property
    def u(self) -> FloatArray:
        """(n, L) U of the event days."""
        days = self.gauge.abnormal.days(self.window)
        return squares(self.gauge.abnormal, self.sample.index, days)

    @cached_property
    def logs(self) -> FloatArray:
        """(n, L) ln U; NaN where an abnormal return is exactly zero."""
        return np.log(np.where(self.u > 0, self.u, np.nan))

    @cached_property
    def by_event(self) -> FloatArray:
        """(n,) mean U, or ln U, of each event over its days; NaN where it has none."""
        return row_means(self.logs if self.gauge.log else self.u)

    @cached_property
    def lambdas(self) -> tuple[FloatArray, IntArray]:
        """(L,) λ of each event day, and how many events it compares."""
        days = self.gauge.abnormal.days(self.window)
        e = self.gauge.abnormal.abnormal[self.sample.index, days]
        h = event_variance(self.gauge.abnormal, self.sample.index, days)
        return spreads(e.T, h.T)

    @property
    def n(self) -> int:
        """Events that are measured."""
        if self.gauge.measure == "garch":
            return self.sample.n if np.isfinite(self.raw) else 0
        return int(np.isfinite(self.by_event).sum())

    @cached_property
    def raw(self) -> float:
        """AVOL, the mean of U or of ln U; or the mean of λ over the days."""
        if self.gauge.measure == "garch":
            return float(self.lambdas[0].mean())
        known = self.by_event[np.isfinite(self.by_event)]
        return float(known.mean()) if len(known) else float("nan")

    @property
    def estimate(self) -> float:
        """What is shown: logarithms against those of usual days, everything else as it is."""
        return self.raw - self.usual.mean if self.gauge.log else self.raw

    @property
    def level(self) -> tuple[float, float, float]:
        """Mean and middle 95 % of usual days, as `estimate` is shown."""
        origin = self.usual.mean if self.gauge.log else 0.0
        low, high = self.usual.band
        return self.usual.mean - origin, low - origin, high - origin

    @property
    def ratio(self) -> float:
        """How many times the usual."""
        if self.gauge.log:
            return float(np.exp(self.estimate))
        return self.raw / self.usual.mean

    @property
    def multiple(self) -> float:
        """How many times the usual; where that is not known, the mean of independent events.

        That mean is N/(N−1) of λ, ν/(ν−2) of U.
        """
        if np.isfinite(self.ratio):
            return self.ratio
        if self.gauge.log:
            return float(np.exp(self.raw - usual_log_mean(self.sample.dof)))
        if self.gauge.measure == "garch":
            count = self.lambdas[1]
            return self.raw / float((count / (count - 1.0)).mean())
        return self.raw / usual_mean(self.sample.dof)

    @property
    def cumulated(self) -> float:
        """CAV: Σ_W λ − L; Σ_W of U less its expectation; of ln U, less their usual mean."""
        length = self.sample.length
        if self.gauge.measure == "garch":
            return length * (self.raw - 1.0)
        expected = self.usual.mean if self.gauge.log else usual_mean(self.sample.dof)
        return length * (self.raw - expected)

    # ── usual days ───────────────────────────────────────────────────────────────────────
    def sums(self, day: int) -> DaySums:
        """Sums of the estimation days, as seen for event day ``day``."""
        gauge, ahead = self.gauge, 0
        if isinstance(gauge.recursion, Recursion):
            ahead = gauge.recursion.ahead(day)
        found: DaySums = gauge.abnormal.memo(
            ("usual days", ahead, self.sample.key),
            lambda: day_sums(self.sample, lambda index: gauge.before(index, day)),
        )
        return found

    @property
    def kurtosis(self) -> float:
        """Kurtosis of the standardised residuals: 3 under normality."""
        return self.sums(self.window.first).kurtosis

    @cached_property
    def usual(self) -> Usual:
        """The same measure in placebo windows."""
        gauge, s = self.gauge, self.sample
        if gauge.unknown or not s.n:
            return NOTHING
        if gauge.measure == "garch" and isinstance(gauge.recursion, Recursion):
            e = gauge.recursion.residuals[s.index]
            seen = [gauge.recursion.variances(s.index, day) for day in self.window.days]
            return usual_spreads(e, seen, s.component, gauge.draws, gauge.rng)
        series = [self.sums(day).means(s.cluster, log=gauge.log) for day in self.window.days]
        return usual_means(series, s.cluster_sizes, gauge.draws, gauge.rng)

    def log_gaps(self) -> FloatArray:
        """(C,) mean ln U of each cluster of dates, less that of its estimation days."""
        s, each = self.sample, row_means(self.logs)
        known = np.isfinite(each)
        clusters = s.n_components
        count = np.bincount(s.component[known], minlength=clusters)
        total = np.bincount(s.component[known], weights=each[known], minlength=clusters)
        with np.errstate(invalid="ignore", divide="ignore"):
            gaps = total / count
            for day in self.window.days:
                gaps -= row_means(self.sums(day).means(s.cluster, log=True)) / s.length
        return np.asarray(gaps[np.isfinite(gaps)])


def row_means(x: FloatArray) -> FloatArray:
    """Mean of what is there in each row; NaN where nothing is."""
    found = np.isfinite(x)
    nothing = np.full(len(x), np.nan)
    total, count = np.where(found, x, 0.0).sum(axis=1), found.sum(axis=1)
    return np.asarray(np.divide(total, count, out=nothing, where=count > 0))
