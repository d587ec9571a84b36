"""Regressions on an intercept and factors: market model, CAPM, Fama–French, any set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from eventstudy import errors
from eventstudy.arrays import Block, FirmFactor, Fit, FloatArray
from eventstudy.models.linear import Design, fit_linear, required_risk_free
from eventstudy.one_line import call


@dataclass(frozen=True)
class MarketModel:
    """The market model: R = α + β·Rm + ε.

    AR = R − α̂ − β̂·Rm, ν = M − 2,
    C = 1 + 1/M + (Rm − R̄m)² / Σ(Rm − R̄m)².

    Parameters
    ----------
    market : str
        Name of the factor; "market" is the market of the panel.

    References
    ----------
    Sharpe (1963), Management Science 9; Fama, Fisher, Jensen and Roll (1969), International
    Economic Review 10.

    Examples
    --------
    >>> MarketModel().needs
    ('market',)
    """

    market: str = "market"

    __repr__ = call

    @property
    def needs(self) -> tuple[str, ...]:
        """The market."""
        return (self.market,)

    def linear_design(
        self,
        factors: FloatArray,
        names: tuple[str, ...],
        risk_free: FloatArray | None,  # noqa: ARG002  (the contract of linear models)
    ) -> Design:
        """Regress on an intercept and the market."""
        return Design(None, factors, names, intercept=True)

    def fit(self, block: Block) -> Fit:
        """Fit by least squares on the valid estimation days."""
        return fit_linear(self, block)


@dataclass(frozen=True)
class CAPM:
    """Excess return on the market's excess return: R − rf = α + β(Rm − rf) + ε.

    The factor is the panel's market minus its risk-free rate. ν = M − 2, or M − 1 with
    ``alpha=False``.

    Parameters
    ----------
    market : str
        Name of the market's total return; "market" is the market of the panel.
    alpha : bool
        Whether α is estimated.

    References
    ----------
    Sharpe (1964), Journal of Finance 19; Lintner (1965), Review of Economics and Statistics 47.

    Examples
    --------
    >>> CAPM(alpha=False).excess
    True
    """

    market: str = "market"
    alpha: bool = True
    excess: ClassVar[bool] = True

    __repr__ = call

    @property
    def needs(self) -> tuple[str, ...]:
        """The market."""
        return (self.market,)

    def linear_design(
        self, factors: FloatArray, names: tuple[str, ...], risk_free: FloatArray | None
    ) -> Design:
        """Regress the excess return on an intercept and the market's excess return."""
        rate = required_risk_free(self, risk_free)
        return Design(rate, factors - rate[..., None], names, intercept=self.alpha)

    def fit(self, block: Block) -> Fit:
        """Fit by least squares on the valid estimation days."""
        return fit_linear(self, block)


@dataclass(frozen=True)
class FactorModel:
    """Any set of factors: R = α + Σ β_k f_k + ε, or R − rf on the left.

    ν = M − (K + 1). Miners move with Bitcoin, so their model is
    ``FactorModel(("SPY", "IBIT"))``.

    Parameters
    ----------
    factors : tuple of str
        Names of factors or tickers of the panel; "market" is its market. Beside names there may
        be factors that differ by firm, such as ``es.factors.peers([...])``.
    excess : bool
        Whether the risk-free rate is subtracted from the return (the factors are taken as
        they are: give excess returns).
    alpha : bool
        Whether α is estimated.

    References
    ----------
    MacKinlay (1997), Journal of Economic Literature 35, on models with several factors.

    Examples
    --------
    >>> FactorModel(("SPY", "IBIT")).needs
    ('SPY', 'IBIT')
    """

    factors: tuple[str | FirmFactor, ...]
    excess: bool = False
    alpha: bool = True

    __repr__ = call

    def __post_init__(self) -> None:
        given = self.factors
        factors = (given,) if isinstance(given, (str, FirmFactor)) else tuple(given)
        if not factors and not self.alpha:
            raise errors.empty_model()
        names = [factor if isinstance(factor, str) else factor.name for factor in factors]
        if len(set(names)) < len(names):
            raise errors.factor_twice(names)
        object.__setattr__(self, "factors", factors)

    @property
    def needs(self) -> tuple[str | FirmFactor, ...]:
        """The factors: names, and objects for those that differ by firm."""
        return self.factors

    def linear_design(
        self, factors: FloatArray, names: tuple[str, ...], risk_free: FloatArray | None
    ) -> Design:
        """Regress on an intercept and the factors."""
        offset = required_risk_free(self, risk_free) if self.excess else None
        return Design(offset, factors, names, intercept=self.alpha)

    def fit(self, block: Block) -> Fit:
        """Fit by least squares on the valid estimation days."""
        return fit_linear(self, block)


@dataclass(frozen=True)
class _French:
    """Excess return on an intercept and factors of Kenneth French's library."""

    excess: ClassVar[bool] = True
    columns: ClassVar[tuple[str, ...]] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        """The factors, by their names in the library."""
        return self.columns

    def linear_design(
        self, factors: FloatArray, names: tuple[str, ...], risk_free: FloatArray | None
    ) -> Design:
        """Regress the excess return; the factors are used as they are given."""
        return Design(required_risk_free(self, risk_free), factors, names, intercept=True)

    def fit(self, block: Block) -> Fit:
        """Fit by least squares on the valid estimation days."""
        return fit_linear(self, block)


@dataclass(frozen=True)
class FamaFrench3(_French):
    """Three factors: R − rf = α + b·Mkt-RF + s·SMB + h·HML + ε.

    ν = M − 4.

    References
    ----------
    Fama and French (1993), Journal of Financial Economics 33.

    Examples
    --------
    >>> FamaFrench3().needs
    ('Mkt-RF', 'SMB', 'HML')
    """

    columns: ClassVar[tuple[str, ...]] = ("Mkt-RF", "SMB", "HML")


@dataclass(frozen=True)
class Carhart4(_French):
    """Three factors and momentum: R − rf = α + b·Mkt-RF + s·SMB + h·HML + m·Mom + ε.

    ν = M − 5.

    References
    ----------
    Carhart (1997), Journal of Finance 52.

    Examples
    --------
    >>> Carhart4().needs
    ('Mkt-RF', 'SMB', 'HML', 'Mom')
    """

    columns: ClassVar[tuple[str, ...]] = ("Mkt-RF", "SMB", "HML", "Mom")


@dataclass(frozen=True)
class FamaFrench5(_French):
    """Five factors: R − rf = α + b·Mkt-RF + s·SMB + h·HML + r·RMW + c·CMA + ε.

    ν = M − 6.

    References
    ----------
    Fama and French (2015), Journal of Financial Economics 116.

    Examples
    --------
    >>> FamaFrench5().needs
    ('Mkt-RF', 'SMB', 'HML', 'RMW', 'CMA')
    """

    columns: ClassVar[tuple[str, ...]] = ("Mkt-RF", "SMB", "HML", "RMW", "CMA")


@dataclass(frozen=True)
class FamaFrench6(_French):
    """Six factors: R − rf = α + b·Mkt-RF + s·SMB + h·HML + r·RMW + c·CMA + m·Mom + ε.

    ν = M − 7.

    References
    ----------
    Fama and French (2018), Journal of Financial Economics 128.

    Examples
    --------
    >>> FamaFrench6().needs
    ('Mkt-RF', 'SMB', 'HML', 'RMW', 'CMA', 'Mom')
    """

    columns: ClassVar[tuple[str, ...]] = ("Mkt-RF", "SMB", "HML", "RMW", "CMA", "Mom")
