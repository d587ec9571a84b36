"""The market model by methods that a few wild days cannot turn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from numbers import Real

import numpy as np

from eventstudy import errors
from eventstudy.arrays import Block, BoolArray, Fit, FloatArray
from eventstudy.models import robust_lines
from eventstudy.models.single_index import SPARE, as_line, market_model, market_of
from eventstudy.one_line import call

METHODS = ("huber", "lad", "theil-sen")
INTERCEPTS = ("joint", "separate")
#: events that are estimated at once
TILE = 1024
#: a residual this small beside σ is rounding: the line goes through the day
THROUGH = 1e-12
#: remarks on single events
NOT_UNIQUE = "several lines are best; the flattest is taken (LAD)"
NOT_SETTLED = f"the weights had not settled after {robust_lines.PASSES} passes (Huber)"


@dataclass(frozen=True)
class RobustMarketModel:
    """A market model that outliers of the estimation window hardly move: AR = R − α − β·Rm.

    σ² = Σe²/(M − 2), C that of the market model (approximate). Outliers stay in σ: with fat tails
    prefer rank tests, permutation and placebo tests.

    ``"huber"``: iteratively reweighted least squares with weights min(1, k/|u|), u = e/s,
    s = median|e − med e| / 0.67448975, from least squares on. ``"lad"``: minimises Σ|e| exactly;
    where several lines do, the smallest |β|, then the smallest |α|, with a note. ``"theil-sen"``:
    β is the median of the slopes of all pairs of days, α = median(R − β·Rm).

    Parameters
    ----------
    market : str
        Name of the factor; "market" is the market of the panel.
    method : {"huber", "lad", "theil-sen"}
        How the line is drawn.
    k : float
        Huber only: residuals up to k·s count in full; 1.345 gives 95 % of the efficiency of
        least squares under normal errors, infinity is least squares.
    intercept : {"joint", "separate"}
        Theil–Sen only: ``"separate"`` takes α = median(R) − β·median(Rm).

    Raises
    ------
    OptionError
        If an option is not known, or is of another method.

    References
    ----------
    Huber (1964), Annals of Mathematical Statistics 35; Theil (1950), Indagationes Mathematicae
    12; Sen (1968), Journal of the American Statistical Association 63.

    Examples
    --------
    >>> RobustMarketModel(method="lad").needs
    ('market',)
    """

    market: str = "market"
    method: str = "huber"
    k: float = 1.345
    intercept: str = "joint"

    __repr__ = call

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise errors.unknown_option("method", self.method, METHODS)
        if self.intercept not in INTERCEPTS:
            raise errors.unknown_option("intercept", self.intercept, INTERCEPTS)
        if not isinstance(self.k, Real) or not self.k > 0:
            raise errors.bad_huber_k(self.k)
        if self.k != type(self).k and self.method != "huber":
            raise errors.option_of_another_method("k", self.k, "huber", self.method)
        if self.intercept != type(self).intercept and self.method != "theil-sen":
            raise errors.option_of_another_method(
                "intercept", self.intercept, "theil-sen", self.method
            )

    @property
    def needs(self) -> tuple[str, ...]:
        """The market."""
        return (self.market,)

    def fit(self, block: Block) -> Fit:
        """Draw the line through the valid estimation days."""
        days = block.estimation
        used, market = block.valid[:, days], market_of(block)[:, days]
        base = market_model(block, used)
        alpha, beta = np.full((2, len(used)), np.nan)
        flags = np.full(len(used), "", dtype=object)
        fine = np.flatnonzero(~base.collinear & (base.count >= 2 + SPARE))
        for begin in range(0, len(fine), TILE):
            rows = fine[begin : begin + TILE]
            start = (base.params[rows, 0], base.params[rows, 1])
            x = market if len(market) == 1 else market[rows]
            found = self._line(block.returns[rows, days], x, used[rows], start)
            alpha[rows], beta[rows], flags[rows] = found
        fit = as_line(block, used, alpha, beta, base)
        said = tuple(flags.tolist()) if (flags != "").any() else None
        # LAD goes through two days, Theil–Sen often through one: signs and ranks must see it
        through = np.abs(fit.residuals) <= THROUGH * np.asarray(fit.sigma)[:, None]
        return replace(fit, residuals=np.where(through, 0.0, fit.residuals), flags=said)

    def _line(
        self, y: FloatArray, x: FloatArray, used: BoolArray, start: tuple[FloatArray, FloatArray]
    ) -> tuple[FloatArray, FloatArray, np.ndarray]:
        """α, β and remarks of some events."""
        if self.method == "huber":
            alpha, beta, settled = robust_lines.huber(y, x, used, start, self.k)
            return alpha, beta, np.where(settled, "", NOT_SETTLED)
        if self.method == "lad":
            alpha, beta, unique = robust_lines.lad(y, x, used)
            return alpha, beta, np.where(unique, "", NOT_UNIQUE)
        alpha, beta = robust_lines.theil_sen(y, x, used, joint=self.intercept == "joint")
        return alpha, beta, np.full(len(y), "")
