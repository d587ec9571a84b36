"""Return minus the return of a benchmark that differs by firm: a matched firm, a portfolio."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isclose, isfinite
from typing import Any

import numpy as np

from eventstudy import errors
from eventstudy.arrays import Block, FirmFactor, Fit, FloatArray
from eventstudy.models.linear import Design, fit_linear
from eventstudy.one_line import call

#: ticker → its benchmark as (ticker, weight) pairs
Weights = tuple[tuple[str, tuple[tuple[str, float], ...]], ...]


@dataclass(frozen=True)
class BenchmarkPortfolio:
    """Return minus the return of the firm's own benchmark: AR = R_i − R_b(i).

    The benchmark is a matched firm, a portfolio of firms, or all peers but the firm itself.
    Nothing is estimated, so no forecast error is added (C = 1); σ as for `RawReturn`. A day on
    which a part of the benchmark has no return has no benchmark; `es.factors.peers` takes the
    mean of those that have one. A ticker without a benchmark is left out (``factor_missing``).
    How firms are matched (size, book-to-market) is the user's choice.

    Parameters
    ----------
    of : mapping or factor that differs by firm
        Ticker → ticker (a matched firm), list of tickers (equal weights) or {ticker: weight}
        (the weights add up to 1); or ``es.factors.peers([...])``.
    sigma_demean : bool
        Whether σ is taken about the mean AR of the estimation window (df M − 1).

    Raises
    ------
    eventstudy.errors.ModelError
        If a benchmark is empty, holds its own firm, or its weights do not add up to 1.

    References
    ----------
    Barber and Lyon (1997), Journal of Financial Economics 43.

    Examples
    --------
    >>> model = BenchmarkPortfolio({"IREN": "CIFR", "HUT": ["RIOT", "MARA"]})
    >>> model.needs[0].tickers
    ('CIFR', 'RIOT', 'MARA')
    """

    of: Mapping[str, Any] | FirmFactor = field(hash=False)
    sigma_demean: bool = True

    __repr__ = call

    def __post_init__(self) -> None:
        if isinstance(self.of, FirmFactor):
            return
        if not isinstance(self.of, Mapping) or not self.of:
            raise errors.benchmark_unreadable(self.of)
        object.__setattr__(self, "of", dict(self.of))
        _read(self.of)  # refuses what is no benchmark

    @property
    def needs(self) -> tuple[str | FirmFactor, ...]:
        """The benchmark: a factor that differs by firm."""
        return (self.of if isinstance(self.of, FirmFactor) else _Benchmarks(_read(self.of)),)

    def linear_design(
        self,
        factors: FloatArray,
        names: tuple[str, ...],  # noqa: ARG002  (the contract of linear models)
        risk_free: FloatArray | None,  # noqa: ARG002  (the contract of linear models)
    ) -> Design:
        """Subtract the benchmark, estimate nothing."""
        benchmark = np.ascontiguousarray(factors[..., 0])
        return Design(benchmark, factors[..., :0], (), intercept=False, demean=self.sigma_demean)

    def fit(self, block: Block) -> Fit:
        """Expect the benchmark's return."""
        return fit_linear(self, block)


@dataclass(frozen=True)
class _Benchmarks:
    """The weighted return of each firm's benchmark."""

    weights: Weights
    name: str = "benchmark"

    @property
    def tickers(self) -> tuple[str, ...]:
        """All parts of all benchmarks."""
        return tuple(dict.fromkeys(part for _, parts in self.weights for part, _ in parts))

    def series(self, returns: FloatArray, tickers: tuple[str, ...]) -> FloatArray:
        """(S, T) the benchmark's return, NaN for securities without one."""
        place = {ticker: row for row, ticker in enumerate(tickers)}
        out = np.full(returns.shape, np.nan)
        for ticker, parts in self.weights:
            if ticker in place and all(part in place for part, _ in parts):
                rows = [place[part] for part, _ in parts]
                weights = np.array([weight for _, weight in parts])
                out[place[ticker]] = (weights[:, None] * returns[rows]).sum(axis=0)
        return out


def _read(of: Mapping[str, Any]) -> Weights:
    """The benchmarks as (ticker, weight) pairs, whatever form they were given in."""
    return tuple((str(ticker), _parts(str(ticker), given)) for ticker, given in of.items())


def _parts(ticker: str, given: object) -> tuple[tuple[str, float], ...]:
    """One benchmark: a ticker, a list of tickers, or a mapping of tickers to weights."""
    if isinstance(given, str):
        parts = {given: 1.0}
    elif isinstance(given, Mapping):
        parts = {str(name): float(weight) for name, weight in given.items()}
    elif isinstance(given, Iterable):
        names = dict.fromkeys(str(name) for name in given)
        parts = dict.fromkeys(names, 1.0 / max(len(names), 1))
    else:
        raise errors.benchmark_unreadable(given)
    if not parts:
        raise errors.benchmark_empty(ticker)
    if ticker in parts:
        raise errors.benchmark_of_itself(ticker)
    total = sum(parts.values())
    if not isfinite(total) or not isclose(total, 1.0, rel_tol=0, abs_tol=1e-9):
        raise errors.benchmark_weights(ticker, total)
    return tuple(parts.items())
