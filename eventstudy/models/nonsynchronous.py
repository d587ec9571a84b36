"""Market models for stocks that trade thinly: β from the market's neighbouring days as well.

A price that was last set yesterday answers to yesterday's market, so the plain market model
finds a β that is too small. Both models here add up slopes on the market before, on and after
the day (docs/methods.md, B.6 and B.7).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from eventstudy import errors
from eventstudy.arrays import Block, BoolArray, Fit, FloatArray
from eventstudy.models.single_index import (
    as_fit,
    as_line,
    least_squares,
    market_model,
    market_of,
    mean_over,
    with_intercept,
)
from eventstudy.one_line import call
from eventstudy.windows import is_whole

MODES = ("sum", "full")
WEIGHTS = ("none", "fowler-rorke")
#: what is said where the market's autocorrelations leave nothing to divide by
REVERSING = "the market's autocorrelations leave 1 + 2Σρ ≤ 0, so the corrected β has no meaning"


@dataclass(frozen=True)
class ScholesWilliams:
    """Market model for prices not set at the same time: β = (β⁻ + β⁰ + β⁺) / (1 + 2ρ̂).

    β⁻, β⁰ and β⁺ are the slopes of simple regressions on the market of the day before, of the day,
    and of the day after, ρ̂ is the market's first autocorrelation.
    α = R̄ − β·R̄m, AR = R − α − β·Rm, all over the m estimation days whose two neighbours lie in
    the estimation window, too. ν = m − 2. C is that of the market model over these days
    (approximate).

    Parameters
    ----------
    market : str
        Name of the factor; "market" is the market of the panel.

    References
    ----------
    Scholes and Williams (1977), Journal of Financial Economics 5.

    Examples
    --------
    >>> ScholesWilliams().needs
    ('market',)
    """

    market: str = "market"

    __repr__ = call

    @property
    def needs(self) -> tuple[str, ...]:
        """The market."""
        return (self.market,)

    def fit(self, block: Block) -> Fit:
        """Fit on the valid estimation days whose neighbours are estimation days."""
        used = _between_neighbours(block)
        market = market_of(block)[:, block.estimation]
        returns = block.returns[:, block.estimation]
        before, after = np.roll(market, 1, axis=1), np.roll(market, -1, axis=1)
        slopes = sum(_slope(used, x, returns) for x in (before, market, after))
        scale = 1.0 + 2.0 * _autocorrelation(used, market, 1)
        beta = _ratio(np.asarray(slopes), scale)
        alpha = mean_over(used, returns) - beta * mean_over(used, market)
        found = as_line(block, used, alpha, beta, market_model(block, used))
        return replace(found, flags=_reversing(scale))


@dataclass(frozen=True)
class Dimson:
    """Market model with leads and lags of the market: β = Σ β̂_k, the sum of their slopes.

    R on 1 and Rm of the days t − n, …, t + n. ``mode="sum"``: β = Σ β̂_k, α = R̄ − β·R̄m,
    AR = R − α − β·Rm, ν = M − (2n + 2), C that of the market model over the days used
    (approximate). ``mode="full"``: AR from the whole regression, C and Q exact; the AR of a day
    then also uses the market of the n days after it.

    Leads and lags may reach out of the estimation window, but not into the event window: the
    estimation days whose neighbours lie there are left out.

    Parameters
    ----------
    market : str
        Name of the factor; "market" is the market of the panel.
    lags : int
        n, the number of leads and of lags.
    mode : {"sum", "full"}
        Whether the slopes are added up or kept.
    weights : {"none", "fowler-rorke"}
        With ``mode="sum"``: whether slope k counts with the weight
        W_k = Σ_{j=|k|−n…n} ρ_|j| / Σ_{j=−n…n} ρ_|j| of Fowler and Rorke, ρ the market's
        autocorrelations; published for n = 1 and 2.

    Raises
    ------
    OptionError
        If an option is not known, or the weights do not go with the rest.

    References
    ----------
    Dimson (1979), Journal of Financial Economics 7; Fowler and Rorke (1983), Journal of
    Financial Economics 12.

    Examples
    --------
    >>> Dimson(lags=2).n_params
    6
    """

    market: str = "market"
    lags: int = 1
    mode: str = "sum"
    weights: str = "none"

    __repr__ = call

    def __post_init__(self) -> None:
        if not is_whole(self.lags) or self.lags < 0:
            raise errors.bad_lags(self.lags)
        if self.mode not in MODES:
            raise errors.unknown_option("mode", self.mode, MODES)
        if self.weights not in WEIGHTS:
            raise errors.unknown_option("weights", self.weights, WEIGHTS)
        if self.weights != "none" and (self.lags > 2 or self.mode == "full"):
            raise errors.weights_without_use(self.weights, self.lags, self.mode)

    @property
    def needs(self) -> tuple[str, ...]:
        """The market."""
        return (self.market,)

    @property
    def leads(self) -> int:
        """How many days around each day the model reads."""
        return self.lags

    @property
    def n_params(self) -> int:
        """The intercept, and a slope on each of 2n + 1 days."""
        return 2 * self.lags + 2

    def fit(self, block: Block) -> Fit:
        """Fit on the valid estimation days that stay clear of the event window."""
        around = range(-self.lags, self.lags + 1)
        columns = [np.atleast_2d(block.shifted(k)[..., 0]) for k in around]
        matrix = with_intercept(np.stack(columns, axis=-1))
        known = np.asarray(np.isfinite(matrix[:, block.estimation]).all(axis=-1))
        used = block.valid[:, block.estimation] & known & _clear(block, self.lags)
        found = least_squares(block, matrix, used)
        if self.mode == "sum":
            return self._summed(block, used, found.params[:, 1:])
        days = np.broadcast_to(matrix, (len(used), *matrix.shape[1:]))
        expected = np.einsum("nlp,np->nl", days, found.params)
        market = block.names[0]
        names = ("alpha", *(f"{market}({k:+d})" if k else market for k in around))
        lost = self.n_params
        return as_fit(block, used, expected, found.params, names, found.root, lost)

    def _summed(self, block: Block, used: BoolArray, slopes: FloatArray) -> Fit:
        """One β from the (n, 2n + 1) slopes."""
        market, returns = (x[:, block.estimation] for x in (market_of(block), block.returns))
        scale = np.ones(len(used))
        if self.weights == "fowler-rorke":
            weights, scale = _fowler_rorke(used, market, self.lags)
            slopes = slopes * weights
        beta = slopes.sum(axis=1)
        alpha = mean_over(used, returns) - beta * mean_over(used, market)
        base = market_model(block, used)
        found = as_line(block, used, alpha, beta, base, self.n_params)
        return replace(found, flags=_reversing(scale))


def _between_neighbours(block: Block) -> BoolArray:
    """(n, L1) valid estimation days between two days with a market that an estimation may use."""
    days = block.estimation
    valid = block.valid[:, days]
    beside = np.broadcast_to(np.isfinite(market_of(block)[:, days]), valid.shape).copy()
    if block.excluded is not None:
        beside &= ~block.excluded[:, days]
    used = np.zeros(valid.shape, dtype=bool)
    used[:, 1:-1] = valid[:, 1:-1] & beside[:, :-2] & beside[:, 2:]
    return used


def _clear(block: Block, reach: int) -> BoolArray:
    """(L1,) estimation days that are more than ``reach`` days away from the event window."""
    rows, event = block.rows[block.estimation], block.rows[block.event]
    return np.asarray((rows < event[0] - reach) | (rows > event[-1] + reach))


def _slope(used: BoolArray, x: FloatArray, y: FloatArray) -> FloatArray:
    """(n,) slopes of the simple regressions of ``y`` on ``x`` over the days ``used``."""
    away = np.where(used, x - mean_over(used, x)[:, None], 0.0)
    apart = np.where(used, y - mean_over(used, y)[:, None], 0.0)
    return _ratio(np.einsum("nl,nl->n", away, apart), np.einsum("nl,nl->n", away, away))


def _autocorrelation(used: BoolArray, market: FloatArray, lag: int) -> FloatArray:
    """(n,) ρ̂ of the market over pairs of used days that are ``lag`` sessions apart.

    The mean and the denominator Σ(m − m̄)² are those of all used days.
    """
    away = np.where(used, market - mean_over(used, market)[:, None], 0.0)
    pairs = np.einsum("nl,nl->n", away[:, lag:], away[:, :-lag])
    return _ratio(pairs, np.einsum("nl,nl->n", away, away))


def _fowler_rorke(used: BoolArray, market: FloatArray, lags: int) -> tuple[FloatArray, FloatArray]:
    """(n, 2n + 1) weights W_k, and the (n,) sum of autocorrelations that they are divided by."""
    rho = np.stack(
        [np.ones(len(used)), *(_autocorrelation(used, market, j) for j in range(1, lags + 1))]
    )
    total = rho[0] + 2.0 * rho[1:].sum(axis=0)
    parts = []
    for k in range(-lags, lags + 1):
        reach = range(abs(k) - lags, lags + 1)
        parts.append(_ratio(rho[[abs(j) for j in reach]].sum(axis=0), total))
    return np.stack(parts, axis=1), total


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """A quotient, NaN where there is nothing to divide by."""
    return np.asarray(above / np.where(below == 0.0, np.nan, below))


def _reversing(scale: FloatArray) -> tuple[str, ...] | None:
    """A remark on events for which the sum of autocorrelations is not positive."""
    if not (scale <= 0.0).any():
        return None
    return tuple(REVERSING if value <= 0.0 else "" for value in scale.tolist())
