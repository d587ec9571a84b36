"""What a portfolio is regressed on: the series of a linear model, by session or by month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy import errors
from eventstudy.arrays import BoolArray, DateArray, FloatArray, Inputs, IntArray
from eventstudy.longrun.alpha import Series, collinear
from eventstudy.longrun.portfolio import Earned, compounded
from eventstudy.models.linear import Linear, linear_of


def one_regression(model: object) -> Linear:
    """The model, if it is one regression with an intercept on series that all firms share.

    A model that estimates nothing is one on the intercept alone: its alpha is the mean abnormal
    return.
    """
    name = type(model).__name__
    if isinstance(model, type):
        raise errors.model_is_a_class(model.__name__)
    if not callable(getattr(model, "fit", None)) or not hasattr(model, "needs"):
        raise errors.not_a_model(model)
    linear = linear_of(model)
    if linear is None or not all(isinstance(need, str) for need in linear.needs):
        raise errors.not_one_regression(name)
    names = tuple(map(str, linear.needs))
    design = linear.linear_design(np.zeros((1, len(names))), names, np.zeros(1))
    if design.names and not design.intercept:
        raise errors.alpha_not_estimated(name)
    return linear


@dataclass(frozen=True, eq=False)
class Explained:
    """P periods of a portfolio and of what explains it."""

    #: (P,) return less what the model subtracts, (P, p) regressors, the constant first
    y: FloatArray
    x: FloatArray
    names: tuple[str, ...]
    #: (P,) members, and periods that all series know; those with enough members too
    members: IntArray
    known: BoolArray
    used: BoolArray

    @property
    def series(self) -> Series:
        """The periods that are used."""
        period = np.flatnonzero(self.used)
        members = self.members[period]
        return Series(self.y[period], self.x[period], self.names, members, period)

    def abnormal(self, coef: FloatArray) -> FloatArray:
        """(P,) α̂ + ε̂: the return beyond what the factors explain."""
        return np.asarray(self.y - self.x[:, 1:] @ coef[1:])


def explained(
    model: Linear, seen: Inputs, earned: Earned, months: IntArray, min_firms: int
) -> Explained:
    """Set the portfolio beside the series of its model, compounded where it is monthly."""
    factors = compounded(seen.factors, months)
    rate = None if seen.risk_free is None else compounded(seen.risk_free, months)
    design = model.linear_design(factors, seen.names, rate)
    x, offset = design.matrix, design.offsets
    if not design.intercept:
        x = np.ones((len(x), 1))
    known = np.isfinite(x).all(axis=1) & np.isfinite(offset)
    used = known & (earned.n >= min_firms)
    names = ("alpha", *design.names)
    return Explained(earned.ret - offset, x, names, earned.n, known, used)


def refuse_too_little(
    found: Explained, model: Linear, min_firms: int, labels: DateArray, period: str
) -> None:
    """Refuse a portfolio that says nothing about its model."""
    name, n = type(model).__name__, found.members
    if (n < min_firms).all():
        most = int(n.argmax())
        raise errors.no_crowded_period(min_firms, int(n[most]), str(labels[most]), period)
    crowded, left, p = int((n >= min_firms).sum()), int(found.used.sum()), found.x.shape[1]
    if not left:
        raise errors.no_period_with_factors(name, crowded, period)
    if left <= p:
        raise errors.too_few_periods(left, period, p, name)
    if collinear(found.x[found.used]):
        raise errors.calendar_collinear(name, left)
