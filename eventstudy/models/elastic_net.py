"""Penalised counterfactual: a regression on donors that are many, or much alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy import errors
from eventstudy.arrays import Block, BoolArray, Fit, FloatArray, IntArray
from eventstudy.models.active_set import lasso
from eventstudy.models.donors import donor_names, path_of
from eventstudy.models.held_out import BLOCKS, as_fit, blocks_of, held_out, parts, sums_without
from eventstudy.one_line import call

#: penalties that are tried, from the smallest that leaves no donor down to a thousandth of it
PENALTIES, SHARE = 100, 1e-3
#: a donor that moves this little against its mean does not move: it gets no weight
STILL = 1e-10


@dataclass(frozen=True)
class ElasticNetModel:
    """Penalised regression on donors: AR = R − a − Σ w_j R_j.

    Minimised is Σ(y − Σ b_j z_j)²/(2M) + λ(α Σ|b_j| + (1 − α)/2 Σ b_j²) over the estimation
    window, with y the return and z the donors at mean zero and unit variance; w_j = b_j·s_y/s_j.
    The weights may have either sign. ``penalty=None`` takes the λ, of 100 between the smallest
    that leaves no donor and a thousandth of it, that predicts held-out days best: five contiguous
    blocks, each by the other four. The programme is solved exactly, by an active set.

    σ comes from the residuals of these held-out days (σ² = Σe²/M, ν = M), which are also what
    ranks and placebo windows see; the forecast error of the weights is not added again (C = 1),
    and tests of a date's portfolio do not apply. Donors must never be treated. Penalised models
    lower the variance of abnormal returns somewhat; an index of peers as one more factor does
    more (Baker and Gelbach 2020): see `factors.peers`. For inference compare with placebo
    windows (`inference.placebo_window`).

    Parameters
    ----------
    donors : list of text
        Tickers or factors of the panel, two or more; there may be more than days.
    alpha : float
        Share of the absolute penalty, above 0 (nearly ridge) and up to 1 (the lasso).
    penalty : float, optional
        λ, a number without unit; 0 is least squares.

    Raises
    ------
    eventstudy.errors.ModelError
        If the donors are no list of two or more, ``alpha`` or ``penalty`` are out of range.

    References
    ----------
    Zou and Hastie (2005), Journal of the Royal Statistical Society B 67; Castro-Iragorri (2019),
    Financial Markets and Portfolio Management 33; Baker and Gelbach (2020), working paper.

    Examples
    --------
    >>> import eventstudy as es
    >>> model = ElasticNetModel(["RIOT", "MARA", "CLSK", "HIVE", "IBIT", "SPY"])
    >>> study = es.EventStudy(model=model)
    >>> events = es.events_on("2026-02-25", "IREN", session="after_close")
    >>> panel = study.load(events, es.loaders.sample, market="SPY")
    >>> list(study.run(events, panel).estimates.columns[2:5])
    ['alpha', 'RIOT', 'MARA']
    """

    donors: Sequence[str]
    alpha: float = 0.5
    penalty: float | None = None

    __repr__ = call

    def __post_init__(self) -> None:
        object.__setattr__(self, "donors", donor_names(type(self).__name__, self.donors))
        if not _number(self.alpha) or not 0 < self.alpha <= 1:
            raise errors.elastic_net_mix(self.alpha)
        if self.penalty is not None and not (_number(self.penalty) and self.penalty >= 0):
            raise errors.elastic_net_penalty(self.penalty)

    @property
    def needs(self) -> tuple[str, ...]:
        """The donors."""
        return tuple(self.donors)

    @property
    def n_params(self) -> int:
        """The intercept: the penalty, not the number of days, bounds the weights."""
        return 1

    def fit(self, block: Block) -> Fit:
        """Choose λ, find the weights of the whole window, and those without each block of days."""
        n, length = len(block.returns), block.estimation.stop - block.estimation.start
        j = block.factors.shape[-1]
        params, expected = np.empty((n, 1 + j)), np.empty(block.returns.shape)
        tested, solved = np.empty((n, length)), np.empty(n, dtype=bool)
        for some in parts(n, (length + 12 * j) * j):
            factors = block.factors if block.factors.ndim == 2 else block.factors[some]
            past = factors[..., block.estimation, :]
            valid = block.valid[some, block.estimation]
            y = np.where(valid, block.returns[some, block.estimation], 0.0)
            problem = _Problem.of(y, past, valid)
            penalty = self._penalty(problem)
            level, weights, solved[some] = problem.solve(self.alpha, penalty)
            tested[some] = problem.tested(level[:, 1:], weights[:, 1:])
            params[some] = np.concatenate([level[:, :1], weights[:, 0]], axis=1)
            expected[some] = level[:, :1] + path_of(factors, weights[:, :1])[:, 0]
        return as_fit(block, expected, tested, (params, ("alpha", *block.names)), solved)

    def _penalty(self, problem: _Problem) -> FloatArray:
        """(m,) λ of each event."""
        if self.penalty is not None:
            return np.full(len(problem.y), float(self.penalty))
        most = np.abs(problem.pull[:, 0]).max(axis=1) / self.alpha
        best, error, start = most.copy(), np.full(len(most), np.inf), None
        for share in np.geomspace(1.0, SHARE, PENALTIES):
            start, level, weights = problem.without(self.alpha, share * most, start)
            gap = np.where(problem.fold >= 0, problem.y - problem.tested(level, weights), 0.0)
            found = np.einsum("ml,ml->m", gap, gap)
            better = found < error
            best = np.where(better, share * most, best)
            error = np.where(better, found, error)
        return np.asarray(best)


@dataclass(frozen=True, eq=False)
class _Problem:
    """Six regressions of each of m events: on all days, and without each block of them."""

    #: (m, L1) returns, zero on days that are not valid, and the block of each day
    y: FloatArray
    fold: IntArray
    #: (L1, J) or (m, L1, J) donors
    x: FloatArray
    #: (m, 6, J, J) and (m, 6, J) correlations of the donors, and of the donors with the returns
    gram: FloatArray
    pull: FloatArray
    #: (m, 6, J) means of the donors, and of the returns (m, 6)
    centre: FloatArray
    level: FloatArray
    #: (m, 6, J) standard deviation of the returns over that of each donor
    spread: FloatArray

    @classmethod
    def of(cls, y: FloatArray, x: FloatArray, valid: BoolArray) -> _Problem:
        """Add up squares and products block by block, about the means of the whole window."""
        fold, count = blocks_of(valid), np.maximum(valid.sum(axis=1), 1)
        clean = np.where(valid[:, :, None], x, 0.0)
        about, high = clean.sum(axis=1) / count[:, None], y.sum(axis=1) / count
        gap = np.where(valid[:, :, None], clean - about[:, None], 0.0)
        rise = np.where(valid, y - high[:, None], 0.0)
        by_block = zip(*(_sums(gap, rise, fold == b) for b in range(BLOCKS)), strict=True)
        number, first, up, second, cross, square = (
            sums_without(np.stack(each, axis=1)) for each in by_block
        )
        mean, risen = first / number[..., None], up / number
        gram = second / number[..., None, None] - mean[..., :, None] * mean[..., None, :]
        pull = cross / number[..., None] - mean * risen[..., None]
        unit = _spread(np.einsum("mbjj->mbj", gram), about[:, None])
        size = _spread(square / number - risen**2, high[:, None])[..., None]
        return cls(
            y=y,
            fold=fold,
            x=x,
            gram=gram / (unit[..., :, None] * unit[..., None, :]),
            pull=pull / unit / size,
            centre=about[:, None] + mean,
            level=high[:, None] + risen,
            spread=size / unit,
        )

    def solve(self, alpha: float, penalty: FloatArray) -> tuple[FloatArray, FloatArray, BoolArray]:
        """(m, 6) intercepts and (m, 6, J) weights at λ, and (m,) whether they were found."""
        found, solved = self._scaled(slice(None), alpha, penalty, None)
        weights = found * self.spread
        level = self.level - np.einsum("mbj,mbj->mb", weights, self.centre)
        return level, weights, np.asarray(solved.all(axis=1))

    def without(
        self, alpha: float, penalty: FloatArray, start: FloatArray | None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The same without each block only, from the solution at the λ before."""
        found, _ = self._scaled(slice(1, None), alpha, penalty, start)
        weights = found * self.spread[:, 1:]
        level = self.level[:, 1:] - np.einsum("mbj,mbj->mb", weights, self.centre[:, 1:])
        return found, level, weights

    def tested(self, level: FloatArray, weights: FloatArray) -> FloatArray:
        """(m, L1) what is expected of each day by the (m, 5) regressions without its block."""
        return held_out(level[..., None] + path_of(self.x, weights), self.fold)

    def _scaled(
        self, which: slice, alpha: float, penalty: FloatArray, start: FloatArray | None
    ) -> tuple[FloatArray, BoolArray]:
        """(m, b, J) coefficients of the standardised regression, and whether they were found."""
        gram, pull = self.gram[:, which], self.pull[:, which]
        m, b, j = pull.shape
        each = np.repeat(penalty, b)
        ridge = each[:, None, None] * (1.0 - alpha) * np.eye(j)
        found, solved = lasso(
            gram.reshape(m * b, j, j) + ridge,
            pull.reshape(m * b, j),
            alpha * each,
            None if start is None else start.reshape(m * b, j),
        )
        return found.reshape(m, b, j), solved.reshape(m, b)


def _sums(gap: FloatArray, rise: FloatArray, days: BoolArray) -> tuple[FloatArray, ...]:
    """Number of days, Σx, Σy, Σxx', Σxy and Σy² over the ``days`` of one block."""
    x, y = np.where(days[:, :, None], gap, 0.0), np.where(days, rise, 0.0)
    turned = x.transpose(0, 2, 1)
    cross = np.matmul(turned, y[..., None])[..., 0]
    number = days.sum(axis=1).astype(float)
    square = np.einsum("ml,ml->m", y, y)
    return number, x.sum(axis=1), y.sum(axis=1), np.matmul(turned, x), cross, square


def _spread(variance: FloatArray, about: FloatArray) -> FloatArray:
    """Standard deviations, one where there is nothing but rounding against the mean."""
    found = np.sqrt(np.maximum(variance, 0.0))
    return np.where(found > STILL * np.hypot(found, about), found, 1.0)


def _number(value: object) -> bool:
    """Whether ``value`` is a finite number, true and false not counted."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        return False
    return bool(np.isfinite(value))
