"""What all linear models share: return − offset on an intercept and some regressors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, cast, runtime_checkable

import numpy as np

from eventstudy import errors
from eventstudy.arrays import Block, FirmFactor, Fit, FloatArray
from eventstudy.models.least_squares import operators
from eventstudy.models.masked import Masked, cleaned, fit_rows


@dataclass(frozen=True)
class Design:
    """The regression of a linear model, day by day.

    The leading axes are those of the factors it was made from: the whole calendar (T,) in the
    engine, the days of one block (L,) or (n, L) in ``fit``.
    """

    #: (…,) what is subtracted from the return before anything else, or None
    offset: FloatArray | None
    #: (…, k) regressors beside the intercept, and their k names
    regressors: FloatArray
    names: tuple[str, ...]
    intercept: bool
    #: without parameters: take σ about the mean residual (df M − 1), not about zero (df M)
    demean: bool = True

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the estimated parameters, the intercept first."""
        return ("alpha", *self.names) if self.intercept else self.names

    @cached_property
    def matrix(self) -> FloatArray:
        """(…, p) rows of the design matrix."""
        if not self.intercept:
            return self.regressors
        ones = np.ones((*self.regressors.shape[:-1], 1))
        return np.concatenate([ones, self.regressors], axis=-1)

    @property
    def offsets(self) -> FloatArray:
        """(…,) the offset, zero where there is none."""
        return np.zeros(self.regressors.shape[:-1]) if self.offset is None else self.offset


@runtime_checkable
class Linear(Protocol):
    """A model that the engine can fit for a whole date at once, from its design alone."""

    @property
    def needs(self) -> tuple[str | FirmFactor, ...]: ...

    def linear_design(
        self, factors: FloatArray, names: tuple[str, ...], risk_free: FloatArray | None
    ) -> Design: ...

    def fit(self, block: Block) -> Fit: ...


def linear_of(model: object) -> Linear | None:
    """The model, if its ``fit`` is the one of its ``linear_design``; None if it has its own.

    A class that inherits a design and writes another ``fit`` means that ``fit``.
    """
    for cls in type(model).__mro__:
        if "linear_design" in vars(cls):
            # as `isinstance` would find, which takes longer than a small study
            whole = hasattr(model, "needs") and hasattr(model, "fit")
            return cast("Linear", model) if whole else None
        if "fit" in vars(cls):
            return None
    return None


def required_risk_free(model: object, risk_free: FloatArray | None) -> FloatArray:
    """Return the risk-free rate, or refuse: the model explains excess returns."""
    if risk_free is None:
        raise errors.no_risk_free(type(model).__name__)
    return risk_free


def fit_linear(model: Linear, block: Block) -> Fit:
    """Fit a linear model to one block: what every ``fit`` of a linear model returns."""
    design = model.linear_design(block.factors, block.names, block.risk_free)
    matrix, offset = design.matrix, design.offsets
    if matrix.ndim == 2:
        matrix, offset = matrix[None], offset[None]
    # a rate that all firms share, beside factors that differ by firm
    offset = np.broadcast_to(offset, matrix.shape[:-1])
    ops = operators(matrix, offset, block.estimation, block.event, constant=design.intercept)
    which = np.zeros(len(block.returns), dtype=np.int64)
    if len(matrix) > 1:
        which = np.arange(len(matrix))
    days = block.estimation
    y, valid = cleaned(ops, which, block.returns[:, days], block.valid[:, days])
    found = fit_rows(ops, which, y, valid, demean=design.demean)
    return _as_fit(design, block, found, matrix[which], offset[which])


def _as_fit(
    design: Design, block: Block, found: Masked, matrix: FloatArray, offset: FloatArray
) -> Fit:
    """Turn the solved regressions into the daily paths of a `Fit`."""
    expected = np.einsum("nlp,np->nl", matrix, found.params) + offset
    gap = block.returns - expected
    p = matrix.shape[-1]
    sigma, dof = sigma_of(found.squares, found.count, p, demean=design.demean)
    return Fit(
        residuals=np.where(block.valid, gap, np.nan)[:, block.estimation],
        abnormal=gap[:, block.event],
        expected=expected[:, block.event],
        params=found.params,
        names=design.parameters,
        sigma=sigma,
        dof=dof,
        root=found.root,
    )


def sigma_of(
    squares: FloatArray, count: FloatArray, p: int, *, demean: bool = True
) -> tuple[FloatArray, FloatArray]:
    """σ̂ and its degrees of freedom ν = M − p; without parameters M − 1 (or M about zero)."""
    dof = np.asarray(count - (p or int(demean)), dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.sqrt(squares / np.where(dof > 0, dof, np.nan)), dof
