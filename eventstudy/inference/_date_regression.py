"""The complete events of one date as one multivariate regression (D.17)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import fdtrc

from eventstudy.arrays import FloatArray, IntArray, Statistic
from eventstudy.inference._answer import SEVERAL_DATES, Question
from eventstudy.inference._laws import NAN
from eventstudy.inference._sample import Sample
from eventstudy.inference.parametric import balanced

#: smallest ratio of the eigenvalues of the residual correlations that can be inverted (M.12)
SINGULAR = 1e-10
DEPENDENT = "the residuals of the events are linearly dependent"
NO_DIRECTION = "a joint test has no direction: alternative='two-sided' only"


@dataclass(frozen=True, eq=False)
class Whitening:
    """A⁻¹ᐟ² of A = E'E, up to a rotation, from the singular values of E.

    A itself, whose condition is that of E squared, is never formed. Columns have length one.
    """

    length: FloatArray
    values: FloatArray
    directions: FloatArray

    def __call__(self, x: FloatArray) -> FloatArray:
        """A⁻¹ᐟ²x, so that x'A⁻¹y is the product of two of these."""
        return np.asarray((self.directions @ (x / self.length)) / self.values)


def whitening(e: FloatArray, floor: FloatArray | float = 0.0) -> Whitening | None:
    """Decompose (M, k) residuals; None if they are linearly dependent (M.12).

    ``floor`` is the size that a column has to exceed to be more than rounding.
    """
    length = np.sqrt(np.einsum("tk,tk->k", e, e))
    if (length <= floor).any():
        return None
    _, values, directions = np.linalg.svd(np.linalg.qr(e / length, mode="r"))
    if values[-1] ** 2 < SINGULAR * values[0] ** 2:
        return None
    return Whitening(length, values, directions)


@dataclass(frozen=True, eq=False)
class Regression:
    """The complete events of one date on their common design."""

    question: Question
    #: (n,) their positions in the sample
    index: IntArray
    note: str

    @property
    def n(self) -> int:
        """Number of complete events."""
        return len(self.index)

    @property
    def gamma(self) -> FloatArray:
        """(n,) their CARs."""
        return self.question.sample.car[self.index]

    @property
    def q(self) -> float:
        """Forecast-error factor that they share."""
        return float(self.question.sample.q[self.index[0]])

    @property
    def dof(self) -> float:
        """Degrees of freedom that they share."""
        return float(self.question.sample.portfolio_dof[self.index[0]])

    def residuals(self) -> FloatArray:
        """(M, n) residuals of their days; about the means where nothing is estimated (M.10)."""
        sample = self.question.sample
        e = sample.residuals(self.index)
        e = e[:, np.isfinite(e[0])].T
        return e if sample.abnormal.params.shape[1] else e - e.mean(axis=0)

    def whitening(self) -> Whitening | None:
        """Decompose the residuals: once for all windows with the same complete events."""
        sample = self.question.sample
        key = ("whitening", sample.key, self.index.tobytes())
        found: Whitening | None = sample.abnormal.memo(key, lambda: whitening(self.residuals()))
        return found

    def short(self, k: int) -> str:
        """Why ``k`` effects cannot be tested together with so few days; or nothing."""
        return "" if self.dof >= k else too_few_days(k, self.dof)

    def joint(self, z: FloatArray, note: str) -> Statistic:
        """F of the hypothesis that (k,) effects are zero, given A⁻¹ᐟ² times the effects."""
        k = len(z)
        df = self.dof - k + 1
        f = float(z @ z) / self.q * df / k
        found = self.question.score(NAN, f, "F", float(fdtrc(k, df, f)), note=note)
        return replace(found, df=df, n=self.n)

    def ratio(self, estimate: float, se: float, df: float, note: str) -> Statistic:
        """A t of the date, for its complete events."""
        return replace(self.question.ratio(estimate, se, "t", df, note=note), n=self.n)

    def nothing(self, why: str, law: str = "F") -> Statistic:
        """Answer that the test does not apply, and why."""
        return replace(self.question.nothing(why, law), n=self.n)


def too_few_days(k: int, dof: float) -> str:
    """Say that ``k`` effects cannot be tested together with ``dof`` degrees of freedom."""
    return f"{k} effects need as many degrees of freedom; the residuals have {dof:.0f}"


def regression(question: Question, law: str) -> Regression | Statistic:
    """Find the complete events of the one date of a sample, or answer why there are none."""
    s = question.sample
    why = question.lacks() or (SEVERAL_DATES if s.n_dates > 1 else "")
    if not why and not s.abnormal.common_design:
        why = "the model leaves the events no common design"
    index = np.empty(0, dtype=np.int64) if why else complete(s)
    if not len(index):
        return question.nothing(why or f"none of the {s.n} events is complete", law)
    held = len(index)
    note = "" if held == s.n else f"{held} of {s.n} events are complete"
    return Regression(question, index, note)


def complete(sample: Sample) -> IntArray:
    """(n,) positions of the events in the balanced portfolio of the date (D.3, M.6)."""
    whole, _ = balanced(sample)
    return np.flatnonzero(whole)
