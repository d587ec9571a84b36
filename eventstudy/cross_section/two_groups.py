"""What the tests of two groups share: the answer, parts of a sample, counts of dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, Statistic
from eventstudy.inference._answer import ZERO
from eventstudy.inference._laws import NAN, interval, pvalue
from eventstudy.inference._sample import Sample, sample_of


@dataclass(frozen=True)
class Difference:
    """The answer about two groups, and how many events of each it rests on."""

    statistic: Statistic
    n_a: int
    n_b: int


@dataclass(frozen=True, eq=False)
class Pair:
    """The events of two groups that have a CAR over the window, and no others."""

    sample: Sample
    #: (n,) whether an event belongs to the first group
    a: BoolArray

    @classmethod
    def of(cls, sample: Sample, a: BoolArray, b: BoolArray) -> Pair:
        """The events of two groups (masks over all events) that are in ``sample``."""
        index = sample.index[(a | b)[sample.index]]
        return cls(sample_of(sample.abnormal.take(index), sample.window), a[index])

    @property
    def sizes(self) -> tuple[int, int]:
        """Events of each group."""
        return int(self.a.sum()), int((~self.a).sum())

    @property
    def parts(self) -> tuple[Sample, Sample]:
        """Each group as a sample of its own."""
        return self.only(self.a).sample, self.only(~self.a).sample

    def only(self, keep: BoolArray) -> Pair:
        """The pair without the other events: dropping is deleting (methods A.5)."""
        s = self.sample
        return Pair(sample_of(s.abnormal.take(s.index[keep]), s.window), self.a[keep])

    def means(self, values: FloatArray) -> tuple[float, float]:
        """Mean of ``values`` (n,) in each group."""
        return float(values[self.a].mean()), float(values[~self.a].mean())

    def counts(self) -> tuple[FloatArray, FloatArray]:
        """(D,) events of each group in each cluster of dates with overlapping windows."""
        s = self.sample
        of = [np.bincount(s.component[g], minlength=s.n_components) for g in (self.a, ~self.a)]
        return of[0].astype(float), of[1].astype(float)

    # ── answers ──────────────────────────────────────────────────────────────────────────
    def ratio(self, name: str, estimate: float, se: float, df: float, note: str) -> Difference:
        """``estimate / se`` against t_df."""
        if not (isfinite(se) and se > 1e-14 * float(np.abs(self.sample.car).max())):
            return self.nothing(name, ZERO)
        x = estimate / se
        ci = interval(estimate, se, "t", df, "two-sided")
        p = pvalue("t", x, df, "two-sided")
        return self.answer(name, (estimate, se, x), "t", df, p, ci=ci, note=note)

    def nothing(self, name: str, why: str) -> Difference:
        """Answer that the test does not apply, and why."""
        return self.answer(name, (NAN, NAN, NAN), "t", NAN, NAN, note=why)

    def answer(
        self,
        name: str,
        numbers: tuple[float, float, float],
        law: str,
        df: float,
        p: float,
        *,
        ci: tuple[float, float] = (NAN, NAN),
        note: str = "",
    ) -> Difference:
        """Answer with estimate, standard error and statistic."""
        s = self.sample
        found = Statistic(
            name=name,
            estimate=numbers[0],
            se=numbers[1],
            statistic=numbers[2],
            law=law,
            df=df,
            pvalue=p,
            ci=ci,
            n=s.n,
            n_dates=s.n_dates,
            window=s.window.label,
            note=note,
        )
        return Difference(found, *self.sizes)


def satterthwaite(squares: Sequence[float], dfs: Sequence[float]) -> float:
    """Degrees of freedom of a sum of independent variances: (Σv)²/Σ(v²/df)."""
    below = sum(v**2 / df for v, df in zip(squares, dfs, strict=True))
    return sum(squares) ** 2 / below if below > 0 else NAN


def told_dates(sample: Sample) -> str:
    """``23 dates``, or how many clusters of overlapping windows they make."""
    dates, clusters = sample.n_dates, sample.n_components
    said = f"{dates} date{'s' if dates > 1 else ''}"
    if clusters == dates:
        return said
    return f"{said} in {clusters} cluster{'s' if clusters > 1 else ''} of overlapping windows"
