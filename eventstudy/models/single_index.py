"""A line in the market that least squares did not draw: what such models share.

Scholes–Williams, the sum of Dimson's slopes and the robust lines have AR = R − α − β·Rm like
the market model, with another α and β. Their forecast error is taken from the market model over
the days that they used: an approximation (docs/methods.md, B.6, B.7, B.9).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from eventstudy.arrays import Block, BoolArray, Fit, FloatArray
from eventstudy.models.least_squares import operators
from eventstudy.models.linear import sigma_of
from eventstudy.models.masked import Masked, cleaned, fit_rows

#: days beyond the number of parameters that an event must have (methods A.5)
SPARE = 5


def market_of(block: Block) -> FloatArray:
    """(1, L) the market of the date, or (n, L) where it differs by firm."""
    return np.atleast_2d(block.factors[..., 0])


def with_intercept(columns: FloatArray) -> FloatArray:
    """(D, L, p) rows 1, x of a regression on the (D, L, p − 1) ``columns``."""
    return np.concatenate([np.ones((*columns.shape[:-1], 1)), columns], axis=-1)


def least_squares(block: Block, matrix: FloatArray, used: BoolArray) -> Masked:
    """Regress the returns on the rows of ``matrix``, over the days ``used``.

    Parameters
    ----------
    block : Block
        What the model was given.
    matrix : (1, L, p) or (n, L, p) array
        Rows of the design matrix, NaN where a factor is missing.
    used : (n, L1) bool array
        The estimation days to use.
    """
    days, event = matrix[:, block.estimation], matrix[:, block.event]
    # a day that nobody uses must not touch the digits: it may lie near the event window
    in_use = used if len(matrix) > 1 else np.atleast_2d(used.any(axis=0))
    rows = np.concatenate([np.where(in_use[..., None], days, np.nan), event], axis=1)
    length, end = days.shape[1], rows.shape[1]
    ops = operators(rows, np.zeros(rows.shape[:2]), slice(0, length), slice(length, end))
    which = np.zeros(len(used), dtype=np.int64)
    if len(matrix) > 1:
        which = np.arange(len(used))
    y, known = cleaned(ops, which, block.returns[:, block.estimation], used)
    return fit_rows(ops, which, y, known)


def market_model(block: Block, used: BoolArray) -> Masked:
    """The market model by least squares over the (n, L1) days ``used``."""
    return least_squares(block, with_intercept(market_of(block)[..., None]), used)


def mean_over(used: BoolArray, values: FloatArray) -> FloatArray:
    """(n,) means of (n, L1) or (1, L1) ``values`` over the days ``used``; NaN without any."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(used, values, 0.0).sum(axis=1) / used.sum(axis=1))


def as_fit(
    block: Block,
    used: BoolArray,
    expected: FloatArray,
    params: FloatArray,
    names: tuple[str, ...],
    root: FloatArray,
    lost: int,
) -> Fit:
    """Compare the (n, L) ``expected`` path with the returns; σ² = Σe²/(M − lost).

    Where fewer than lost + 5 days are left, the event has no abnormal return (methods A.5); its
    residuals are the plain returns then, so that whoever counts the days used finds too few.
    """
    count = used.sum(axis=1)
    enough = (count >= lost + SPARE)[:, None]
    expected = np.where(enough, expected, np.nan)
    gap = block.returns - expected
    past = np.where(enough, gap, block.returns)[:, block.estimation]
    residuals = np.where(used, past, np.nan)
    squares = np.where(used, gap[:, block.estimation], 0.0)
    sigma, dof = sigma_of(np.einsum("nl,nl->n", squares, squares), count.astype(float), lost)
    one = bool((used == used[:1]).all()) and block.factors.ndim == 2
    return Fit(
        residuals=residuals,
        abnormal=gap[:, block.event],
        expected=expected[:, block.event],
        params=params,
        names=names,
        sigma=sigma,
        dof=dof,
        root=root[0] if one else root,
    )


def as_line(
    block: Block,
    used: BoolArray,
    alpha: FloatArray,
    beta: FloatArray,
    base: Masked,
    lost: int = 2,
) -> Fit:
    """Expect α + β·Rm; ``base`` is the market model over the same days. See `as_fit`.

    Not the regression of anybody's portfolio, so the tests that need one stay silent (M.3).
    """
    params = np.where(base.collinear[:, None], np.nan, np.stack([alpha, beta], axis=1))
    expected = params[:, :1] + params[:, 1:] * market_of(block)
    names = ("alpha", block.names[0])
    found = as_fit(block, used, expected, params, names, base.root, lost)
    return replace(found, common=False)
