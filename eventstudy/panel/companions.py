"""Market, factors and risk-free rate, as names or as series of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import DateArray, FloatArray
from eventstudy.panel.checks import check_factors, check_rate
from eventstudy.panel.sessions import compound
from eventstudy.panel.table import Table, read_table

#: the column of a factor frame that is a risk-free rate, no factor
RISK_FREE = "RF"


def one_series(series: pd.Series | pd.DataFrame, what: str, default: str) -> Table:
    """Read a Series, or a DataFrame of one column, under its own name."""
    frame = series.to_frame() if isinstance(series, pd.Series) else series
    if isinstance(series, pd.Series) and series.name is None:
        frame = frame.set_axis([default], axis=1)
    return read_table(frame, what)


def read_market(market: object) -> str | Table | None:
    """Read ``market=``: a name, or a series of its own."""
    if market is None or isinstance(market, str):
        return market
    if isinstance(market, pd.DataFrame) and market.shape[1] != 1:
        raise errors.panel_market_columns(market.shape[1])
    if not isinstance(market, (pd.Series, pd.DataFrame)):
        raise errors.panel_market_type(market)
    return one_series(market, "market", "market")


@dataclass(frozen=True)
class Factors:
    """What ``factors=`` and ``risk_free=`` asked for."""

    #: factor returns that are no tickers, or None
    table: Table | None
    #: tickers that serve as factors too
    tickers: tuple[str, ...]
    #: the risk-free rate: one a session, a table of one column, or None
    risk_free: float | Table | None

    @property
    def names(self) -> tuple[str, ...]:
        """The factors' names."""
        return self.table.names if self.table is not None else self.tickers


def read_factors(factors: object, risk_free: object, kind: str) -> Factors:
    """Read factors and risk-free rate; a column RF is the rate where none is given."""
    table, tickers = _read_factors(factors)
    columns = () if table is None else table.names
    if risk_free is None and RISK_FREE in columns:
        risk_free = RISK_FREE
    if isinstance(risk_free, str):
        if table is None or risk_free not in columns:
            raise errors.panel_no_risk_free(risk_free, columns)
        rate: float | Table | None = table.take([risk_free])
        table = table.take(name for name in columns if name != risk_free)
    else:
        rate = _read_rate(risk_free)
    if table is not None:
        check_factors(table, kind)
    if rate is not None:
        if isinstance(rate, float):
            check_rate(np.array([rate]))
        else:
            check_rate(rate.values, rate.dates)
    return Factors(table, tickers, rate)


def _read_factors(factors: object) -> tuple[Table | None, tuple[str, ...]]:
    if factors is None:
        return None, ()
    if isinstance(factors, str):
        return None, (factors,)
    if isinstance(factors, pd.DataFrame):
        return read_table(factors, "factors"), ()
    if isinstance(factors, pd.Series):
        if factors.name is None:
            raise errors.panel_factor_unnamed()
        return one_series(factors, "factors", ""), ()
    if isinstance(factors, Sequence) and all(isinstance(name, str) for name in factors):
        return None, tuple(dict.fromkeys(factors))
    raise errors.panel_factors_type(factors)


def _read_rate(risk_free: object) -> float | Table | None:
    if risk_free is None:
        return None
    if isinstance(risk_free, pd.Series):
        return one_series(risk_free, "risk_free", RISK_FREE)
    if isinstance(risk_free, (int, float, np.integer, np.floating)) and not (
        isinstance(risk_free, bool) or not np.isfinite(risk_free)
    ):
        return float(risk_free)
    raise errors.panel_risk_free_type(risk_free)


def rate_on(rate: float | Table | None, sessions: DateArray, kind: str) -> FloatArray | None:
    """(T,) risk-free rate per session."""
    if rate is None:
        return None
    if isinstance(rate, float):
        return np.full(len(sessions), rate)
    return compound(rate, sessions, kind)[:, 0].copy()
