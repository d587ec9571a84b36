"""The residual bootstrap of one date: whole cross-sections drawn, the design kept (D.15, M.20)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, IntArray
from eventstudy.inference._answer import NO_EVENTS, SEVERAL_DATES
from eventstudy.inference._resampling import batches
from eventstudy.inference._sample import portfolio_dof
from eventstudy.windows import Window

#: (b, M, n) refitted residuals and (b, m, n) sums over the windows → one row of numbers a draw
Measure: TypeAlias = Callable[[FloatArray, FloatArray], FloatArray]


@runtime_checkable
class Designed(Protocol):
    """Paths that also hold the design matrix of their regressions."""

    def design_rows(self, index: IntArray) -> tuple[FloatArray, FloatArray]:
        """(m, L1, p) and (m, L2, p) rows of the estimation and the event window."""
        ...


@dataclass(frozen=True)
class Plan:
    """How residuals are drawn."""

    draws: int
    random: np.random.Generator
    batch: int | None = None
    #: days drawn in one piece
    block: int = 1
    refit: bool = True


@dataclass(frozen=True, eq=False)
class Regression:
    """The fixed design of one date, and what it left of the returns of the complete events."""

    #: (n,) positions in the study of the events that miss no day of the windows and the date
    members: IntArray
    #: (M, n) residuals; about their means where nothing is estimated (M.10)
    residuals: FloatArray
    #: (m, n) CARs of m windows
    car: FloatArray
    #: (M, p) orthonormal basis of the estimation rows; of the mean where nothing is estimated
    basis: FloatArray
    #: (m, D) which of the D event days belong to which window
    days: FloatArray
    #: (m, p) Σ_W x_t R⁻¹: times basis'y it is the expected part of the sum over W
    reach: FloatArray
    #: (m,) forecast-error factors Q of the windows, and the degrees of freedom ν
    q: FloatArray
    dof: float

    def portfolio(self) -> FloatArray:
        """(M, 1) mean residual of each day."""
        return np.asarray(self.residuals.mean(axis=1, keepdims=True))

    def still(self, se: FloatArray) -> bool:
        """Whether the portfolio with these standard errors does not move, but for rounding."""
        return bool(np.max(se) <= 1e-12 * np.sqrt(np.mean(self.residuals**2)))

    def draw(self, series: FloatArray, measure: Measure, plan: Plan) -> FloatArray:
        """What ``measure`` finds in samples without an effect, refitted on the fixed design.

        Days of the (M, n) ``series`` are drawn for the M estimation and the D event days.
        Residuals are centred first, as a bootstrap of a regression without intercept needs
        (Freedman 1981); with one their mean is zero anyway.
        """
        (size, n), width = series.shape, self.days.shape[1]
        series = series - series.mean(axis=0)
        found = []
        for part in batches(plan.draws, plan.batch, each=4 * (size + width) * n):
            index = drawn_days(plan, part.stop - part.start, size, width)
            y = series[index]
            before, sums = y[:, :size], self.days @ y[:, size:]
            if plan.refit:
                load = self.basis.T @ before
                before = before - self.basis @ load
                sums = sums - self.reach @ load
            found.append(measure(before, sums))
        return np.concatenate(found)


def drawn_days(plan: Plan, draws: int, size: int, width: int) -> IntArray:
    """(draws, size + width) estimation days to put on the estimation and the event days.

    Blocks are circular and begin anew on the first event day, so that a window no longer than
    a block keeps the dependence of its days.
    """
    block = plan.block
    blocks = -(-size // block) + -(-width // block)
    index = plan.random.integers(0, size, (draws, blocks))
    if block == 1:
        return index
    index = (index[:, :, None] + np.arange(block)) % size
    index = index.reshape(draws, -1)
    event = -(-size // block) * block
    return np.concatenate([index[:, :size], index[:, event : event + width]], axis=1)


def undrawable(abnormal: Abnormal) -> str:
    """Why no residuals can be drawn on a fixed design; or nothing."""
    held = isinstance(abnormal.paths, Designed)
    return "" if held else "the model keeps no design to draw new residuals on"


def regression(abnormal: Abnormal, windows: Sequence[Window]) -> Regression | str:
    """Find the regression that the complete events of one date share, or why there is none."""
    cars = np.array([abnormal.car(w) for w in windows])
    index = np.flatnonzero(np.isfinite(cars).all(axis=0))
    if not len(index):
        return NO_EVENTS
    if len(np.unique(abnormal.row[index])) > 1:
        return SEVERAL_DATES
    if not abnormal.common_design:
        return "the model leaves the events no common design"
    if not isinstance(abnormal.paths, Designed):
        return undrawable(abnormal)
    e = abnormal.paths.residuals(abnormal.path[index])
    found = np.isfinite(e)
    days = found.any(axis=0)
    whole = (found == days).all(axis=1)
    for w in windows:
        whole &= abnormal.counts(w)[index] == len(w)
    if not whole.any():
        return f"none of the {len(index)} events is complete"
    members = index[whole]
    before, during = abnormal.paths.design_rows(abnormal.path[members[:1]])
    return _fixed(abnormal, windows, members, e[whole][:, days].T, (before[0][days], during[0]))


def _fixed(
    abnormal: Abnormal,
    windows: Sequence[Window],
    members: IntArray,
    residuals: FloatArray,
    design: tuple[FloatArray, FloatArray],
) -> Regression:
    """Factorise the design of the members, X = QR."""
    columns = [abnormal.days(w) for w in windows]
    first, last = min(c.start for c in columns), max(c.stop for c in columns)
    days = np.zeros((len(windows), last - first))
    for k, c in enumerate(columns):
        days[k, c.start - first : c.stop - first] = 1.0
    x, event = design[0], design[1][first:last]
    if x.shape[1]:
        basis, r = np.linalg.qr(x)
        reach = np.linalg.solve(r.T, (days @ event).T).T
    else:
        residuals = residuals - residuals.mean(axis=0)
        basis, reach = np.full((len(x), 1), len(x) ** -0.5), np.zeros((len(windows), 1))
    return Regression(
        members=members,
        residuals=residuals,
        car=np.array([abnormal.car(w)[members] for w in windows]),
        basis=basis,
        days=days,
        reach=reach,
        q=days.sum(axis=1) + np.einsum("wp,wp->w", reach, reach),
        dof=float(portfolio_dof(abnormal)[members[0]]),
    )
