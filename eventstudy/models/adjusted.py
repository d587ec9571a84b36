"""Models with nothing or only a mean to estimate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.arrays import Block, Fit, FloatArray
from eventstudy.models.linear import Design, fit_linear
from eventstudy.one_line import call


@dataclass(frozen=True)
class RawReturn:
    """The return itself: AR = R.

    Nothing is estimated, so no forecast error is added (C = 1). σ is the standard deviation of
    the estimation-window returns about their mean (df M − 1); with ``sigma_demean=False`` it is
    √(ΣR²/M).

    Examples
    --------
    >>> RawReturn().needs
    ()
    """

    sigma_demean: bool = True

    __repr__ = call

    @property
    def needs(self) -> tuple[str, ...]:
        """No factor."""
        return ()

    def linear_design(
        self,
        factors: FloatArray,
        names: tuple[str, ...],  # noqa: ARG002  (the contract of linear models)
        risk_free: FloatArray | None,  # noqa: ARG002  (the contract of linear models)
    ) -> Design:
        """Nothing is subtracted, nothing is estimated."""
        return Design(None, factors[..., :0], (), intercept=False, demean=self.sigma_demean)

    def fit(self, block: Block) -> Fit:
        """Expect zero."""
        return fit_linear(self, block)


@dataclass(frozen=True)
class MeanAdjusted:
    """Constant mean return: AR = R − R̄, R̄ over the estimation window.

    C = 1 + 1/M, ν = M − 1.

    References
    ----------
    Brown and Warner (1980), Journal of Financial Economics 8; MacKinlay (1997), Journal of
    Economic Literature 35.

    Examples
    --------
    >>> MeanAdjusted().needs
    ()
    """

    @property
    def needs(self) -> tuple[str, ...]:
        """No factor."""
        return ()

    def linear_design(
        self,
        factors: FloatArray,
        names: tuple[str, ...],  # noqa: ARG002  (the contract of linear models)
        risk_free: FloatArray | None,  # noqa: ARG002  (the contract of linear models)
    ) -> Design:
        """An intercept and nothing else."""
        return Design(None, factors[..., :0], (), intercept=True)

    def fit(self, block: Block) -> Fit:
        """Expect the mean of the estimation window."""
        return fit_linear(self, block)


@dataclass(frozen=True)
class MarketAdjusted:
    """Return minus market return: AR = R − Rm.

    Nothing is estimated, so no forecast error is added (C = 1); σ as for `RawReturn`.

    Parameters
    ----------
    market : str
        Name of the series to subtract; "market" is the market of the panel.
    sigma_demean : bool
        Whether σ is taken about the mean AR of the estimation window (df M − 1).

    References
    ----------
    Brown and Warner (1980), Journal of Financial Economics 8.

    Examples
    --------
    >>> MarketAdjusted().needs
    ('market',)
    """

    market: str = "market"
    sigma_demean: bool = True

    __repr__ = call

    @property
    def needs(self) -> tuple[str, ...]:
        """The market."""
        return (self.market,)

    def linear_design(
        self,
        factors: FloatArray,
        names: tuple[str, ...],  # noqa: ARG002  (the contract of linear models)
        risk_free: FloatArray | None,  # noqa: ARG002  (the contract of linear models)
    ) -> Design:
        """Subtract the market, estimate nothing."""
        market = np.ascontiguousarray(factors[..., 0])
        return Design(market, factors[..., :0], (), intercept=False, demean=self.sigma_demean)

    def fit(self, block: Block) -> Fit:
        """Expect the market's return."""
        return fit_linear(self, block)
