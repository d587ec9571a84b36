"""Synthetic control: the portfolio of untreated donors that follows the firm best."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy import errors
from eventstudy.arrays import Block, BoolArray, Fit, FloatArray, IntArray
from eventstudy.models.active_set import simplex
from eventstudy.models.held_out import (
    BLOCKS,
    as_fit,
    blocks_of,
    held_out,
    parts,
    sums_without,
)
from eventstudy.one_line import call


def donor_names(model: str, donors: object) -> tuple[str, ...]:
    """The donors as a tuple of tickers, or a refusal."""
    if isinstance(donors, str) or not isinstance(donors, Iterable):
        raise errors.donors_not_a_list(model, donors)
    names = tuple(str(name) for name in donors)
    if len(names) < 2 or len(set(names)) < len(names):
        raise errors.donors_too_few(model, names)
    return names


@dataclass(frozen=True)
class SyntheticControl:
    """Return minus that of a portfolio of donors: AR = R − Σ w_j R_j, w ≥ 0, Σw = 1.

    The weights minimise Σ (R − Σ w_j R_j)² over the estimation window; the programme is solved
    exactly, by an active set. σ comes from residuals of held-out days: each of five contiguous
    blocks is predicted by the weights of the other four (σ² = Σe²/M, ν = M), since the residuals
    of the fit itself are too small. These are also the residuals that ranks and placebo windows
    see. The forecast error of the weights is not added again (C = 1), and there is no regression
    that all firms of a date share: tests of their portfolio do not apply.

    Donors must never be treated: an event of a donor is refused. Days on which any donor has no
    return are not used, so choose donors that trade. For inference compare with placebo windows
    in time (`inference.placebo_window`), which need no law for σ. With one date in a volatile
    market a wrong factor model is not harmless, and neither is a set of donors that does not
    hold the firm's risks (Goldsmith-Pinkham and Lyu 2025).

    Parameters
    ----------
    donors : list of text
        Tickers or factors of the panel, two or more.

    Raises
    ------
    eventstudy.errors.ModelError
        If there are fewer than two donors, or one stands twice.

    References
    ----------
    Abadie, Diamond and Hainmueller (2010), Journal of the American Statistical Association 105;
    Acemoglu, Johnson, Kermani, Kwak and Mitton (2016), Journal of Financial Economics 121;
    Goldsmith-Pinkham and Lyu (2025), working paper.

    Examples
    --------
    >>> import eventstudy as es
    >>> model = SyntheticControl(["RIOT", "MARA", "CLSK", "HIVE", "IBIT"])
    >>> study = es.EventStudy(model=model)
    >>> events = es.events_on("2026-02-25", "IREN", session="after_close")
    >>> panel = study.load(events, es.loaders.sample, market="SPY")
    >>> weights = study.run(events, panel).estimates[list(model.donors)]
    >>> bool((weights >= 0).all(axis=None)), float(weights.sum(axis=1).iloc[0].round(12))
    (True, 1.0)
    """

    donors: Sequence[str]

    __repr__ = call

    def __post_init__(self) -> None:
        object.__setattr__(self, "donors", donor_names(type(self).__name__, self.donors))

    @property
    def needs(self) -> tuple[str, ...]:
        """The donors."""
        return tuple(self.donors)

    @property
    def n_params(self) -> int:
        """Weights that are free: one less than there are donors."""
        return len(self.donors) - 1

    def fit(self, block: Block) -> Fit:
        """Find the weights of the whole window, and those without each block of days."""
        n, length = len(block.returns), block.estimation.stop - block.estimation.start
        valid = block.valid[:, block.estimation]
        fold = blocks_of(valid)
        j = block.factors.shape[-1]
        weights, solved = np.empty((n, 1 + BLOCKS, j)), np.empty(n, dtype=bool)
        for some in parts(n, length * j):
            factors = block.factors if block.factors.ndim == 2 else block.factors[some]
            gap = block.returns[some, :, None] - factors
            gap = np.where(valid[some, :, None], gap[:, block.estimation], 0.0)
            weights[some], solved[some] = _weights(gap, fold[some])
        tested = path_of(block.factors[..., block.estimation, :], weights[:, 1:])
        expected = path_of(block.factors, weights[:, :1])[:, 0]
        params = (weights[:, 0], block.names)
        return as_fit(block, expected, held_out(tested, fold), params, solved)


def _weights(gap: FloatArray, fold: IntArray) -> tuple[FloatArray, BoolArray]:
    """(m, 6, J) weights of the whole window and without each block, from gaps to the donors."""
    sums = []
    for b in range(BLOCKS):
        days = np.where((fold == b)[:, :, None], gap, 0.0)
        sums.append(np.matmul(days.transpose(0, 2, 1), days))
    gram = sums_without(np.stack(sums, axis=1))
    m, six, j = gram.shape[:3]
    found, solved = simplex(gram.reshape(m * six, j, j))
    return found.reshape(m, six, j), np.asarray(solved.reshape(m, six).all(axis=1))


def path_of(factors: FloatArray, weights: FloatArray) -> FloatArray:
    """(n, b, L) returns of portfolios with (n, b, J) weights; NaN where a donor has none."""
    if factors.ndim == 2:
        return np.asarray(weights @ factors.T)
    return np.asarray(np.matmul(weights, factors.transpose(0, 2, 1)))
