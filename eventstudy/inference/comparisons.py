"""Weighted sums of the effects of one date: any contrast, or several together (D.17)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from eventstudy import errors
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, Statistic
from eventstudy.inference._answer import ZERO, ask
from eventstudy.inference._date_regression import (
    NO_DIRECTION,
    Regression,
    regression,
    whitening,
)
from eventstudy.inference._laws import check
from eventstudy.windows import WindowLike

#: what is left of a sum of residuals that cancel, relative to their size
ROUNDING = 1e-12


def contrasts(
    abnormal: Abnormal,
    window: WindowLike,
    weights: npt.ArrayLike | str,
    *,
    alternative: str = "two-sided",
) -> Statistic:
    """Test a weighted sum of the effects of one date: t = c'γ̂ / √(q c'Σ̂c) ~ t_ν.

    γ̂ are the CARs, Σ̂ = E'E/ν the covariance of their residuals, which the events of a date
    share. A matrix C of k contrasts is tested as one: F = (Cγ̂)'(CΣ̂C')⁻¹(Cγ̂)/q·(ν−k+1)/(kν)
    ~ F(k, ν−k+1). Both are exact under joint normality whatever the correlation of the events.
    In a difference of two groups the shock that they share cancels: with one date it is the most
    credible comparison there is.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of events that share day 0; the complete ones are used, as in
        `portfolio_t`.
    window : window
        W, in trading days around day 0.
    weights : (N,) or (k, N) array, or "equal"
        One weight an event, in the order of ``abnormal``: 1/N each for the mean, 1/N₁ and
        −1/N₂ for a difference of groups. ``"equal"``: the N − 1 contrasts of the hypothesis
        that all effects are equal.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis; a joint test has no direction.

    Returns
    -------
    Statistic
        ``estimate`` is c'γ̂. The joint F has none; its second degrees of freedom are ``df``, the
        first stand in ``note``.

    Raises
    ------
    OptionError
        If an option is not known, or the weights do not fit the events.

    Notes
    -----
    An event without a complete record cannot carry its weight. If all weights of one sign are
    equal (means, differences of means), the complete events of that side take over the side's
    total; a contrast with weights of one sign only keeps their proportions. A contrast that
    loses a whole side, or with weights of both signs that differ inside a side (a regression
    slope), is NaN: give weights for the complete events.

    References
    ----------
    Schipper and Thompson (1983), Journal of Accounting Research 21; Sefcik and Thompson (1986),
    Journal of Accounting Research 24.

    Examples
    --------
    >>> import numpy as np
    >>> from eventstudy.inference import contrasts, portfolio_t
    >>> from eventstudy.inference._example import example
    >>> mean = contrasts(example(), (0, 0), np.full(8, 1 / 8))
    >>> abs(round(mean.statistic - portfolio_t(example(), (0, 0)).statistic, 12))
    0.0
    >>> halves = contrasts(example(), (0, 0), np.repeat([1 / 4, -1 / 4], 4))
    >>> halves.law, halves.df, contrasts(example(), (0, 0), "equal").df
    ('t', 109.0, 103.0)
    """
    question = ask("contrasts", abnormal, window, alternative)
    given = _weights(weights, len(abnormal))
    law = "t" if given is not None and given.ndim == 1 else "F"
    date = regression(question, law)
    if isinstance(date, Statistic):
        return date
    if given is None:
        if date.n < 2:
            return date.nothing("one complete event only: there are no effects to compare")
        return _joint(date, np.eye(date.n)[1:] - np.eye(date.n)[0], date.note)
    kept = np.zeros(len(abnormal), dtype=bool)
    kept[question.sample.index[date.index]] = True
    moved = [carry(row, kept) for row in given.reshape(-1, len(abnormal))]
    why = next((row for row in moved if isinstance(row, str)), "")
    if why:
        return date.nothing(why, law)
    note = (
        "" if kept.all() else f"{date.n} of {len(kept)} events are complete and carry the weights"
    )
    c = np.array(moved, dtype=float)
    return _single(date, c[0], note) if law == "t" else _joint(date, c, note)


def carry(row: FloatArray, kept: BoolArray) -> FloatArray | str:
    """Put the weights of a contrast on the complete events; or say why that is not possible.

    >>> kept = np.array([True, True, False, True])
    >>> carry(np.array([0.5, 0.5, -0.5, -0.5]), kept)
    array([ 0.5,  0.5, -1. ])
    >>> carry(np.array([0.5, 0.0, 0.5, 0.0]), kept)
    array([1., 0., 0.])
    >>> carry(np.array([1.0, 0.0, -1.0, 0.0]), kept)
    'no event on one side of the contrast is complete'
    >>> carry(np.array([-2.0, 0.5, 1.0, 0.5]), kept)
    'weights of both signs that differ within a side cannot be carried over to the complete events'
    """
    if not row[~kept].any():
        return row[kept]
    sides = [side for side in (row > 0, row < 0) if side.any()]
    if not all((side & kept).any() for side in sides):
        return "no event on one side of the contrast is complete"
    if len(sides) > 1 and any(np.ptp(row[s]) > ROUNDING * np.abs(row[s]).max() for s in sides):
        return (
            "weights of both signs that differ within a side cannot be carried over to the "
            "complete events"
        )
    moved = row.copy()
    for side in sides:
        moved[side] *= row[side].sum() / row[side & kept].sum()
    return moved[kept]


def _single(date: Regression, c: FloatArray, note: str) -> Statistic:
    e = date.residuals()
    size = float(np.abs(c) @ np.sqrt(np.einsum("tn,tn->n", e, e)))
    length = float(np.linalg.norm(e @ c))
    if length <= ROUNDING * size:
        return date.nothing(ZERO, "t")
    se = length * np.sqrt(date.q / date.dof)
    return date.ratio(float(c @ date.gamma), se, date.dof, note)


def _joint(date: Regression, c: FloatArray, note: str) -> Statistic:
    """F of k contrasts: the joint test of the k recombined returns."""
    k = len(c)
    why = date.short(k) or (NO_DIRECTION if date.question.alternative != "two-sided" else "")
    if why:
        return date.nothing(why)
    e = date.residuals()
    size = np.abs(c) @ np.sqrt(np.einsum("tn,tn->n", e, e))
    scaled = whitening(e @ c.T, ROUNDING * size)
    if scaled is None:
        return date.nothing("the contrasts, or the residuals behind them, are linearly dependent")
    law = f"F({k}, {date.dof - k + 1:.0f}) under normal errors"
    return date.joint(scaled(c @ date.gamma), "; ".join(filter(None, (note, law))))


def _weights(weights: npt.ArrayLike | str, n: int) -> FloatArray | None:
    """One contrast (N,) or several (k, N); None for the equality of all effects."""
    if isinstance(weights, str):
        check("weights", weights, ("equal",))
        return None
    try:
        found = np.array(weights, dtype=float)
    except (TypeError, ValueError):
        raise errors.contrast_values() from None
    if found.ndim not in (1, 2) or found.shape[-1] != n or not len(found):
        raise errors.contrast_shape(found.shape, n)
    if not np.isfinite(found).all() or not found.any(axis=-1).all():
        raise errors.contrast_values()
    return found
