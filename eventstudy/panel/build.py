"""From tables to the arrays of a panel: one path for prices, one for returns, one end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import BoolArray, DateArray, FloatArray
from eventstudy.panel.checks import check_prices, check_returns
from eventstudy.panel.companions import Factors, rate_on, read_factors, read_market
from eventstudy.panel.dates import day_of
from eventstudy.panel.fields import on_grid, read_fields
from eventstudy.panel.gaps import DAYS, SINCE_TRADE, since_trade
from eventstudy.panel.sessions import compound, growth, market_sessions, usual_sessions
from eventstudy.panel.table import Table

KINDS = ("simple", "log")


@dataclass(frozen=True)
class Options:
    """The keywords that all constructors share, as the user gave them."""

    market: object
    factors: object
    risk_free: object
    kind: str
    own_since: object
    fields: object
    #: whether returns since the last price are kept beside the returns of single sessions
    across_gaps: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise errors.unknown_option("kind", self.kind, KINDS)


class Contents(NamedTuple):
    """The fields of a panel, in its order."""

    returns: FloatArray
    sessions: DateArray
    tickers: tuple[str, ...]
    factors: FloatArray
    factor_names: tuple[str, ...]
    risk_free: FloatArray | None
    market: str | None
    fields: dict[str, FloatArray]
    kind: str
    masked: BoolArray | None


class _Calendar(NamedTuple):
    """The tables of a panel, a market of its own included, and their sessions."""

    tables: list[Table]
    sessions: DateArray
    market: str | None
    factors: Factors

    @property
    def tickers(self) -> tuple[str, ...]:
        return tuple(name for table in self.tables for name in table.names)


def from_prices(table: Table, fields: Mapping[str, Table], options: Options) -> Contents:
    """Take returns between the closes of neighbouring sessions."""
    check_prices(table)
    calendar = _calendar(table, options)
    for other in calendar.tables[1:]:
        check_prices(other)
    closes = _side_by_side([each.at(calendar.sessions) for each in calendar.tables])
    made = _finish(growth(closes, options.kind), calendar, fields, options)
    return _with_gaps(made, closes, options) if options.across_gaps else made


def _side_by_side(parts: list[FloatArray]) -> FloatArray:
    """Join the columns; one part alone is not copied."""
    return parts[0] if len(parts) == 1 else np.hstack(parts)


def _with_gaps(made: Contents, closes: FloatArray, options: Options) -> Contents:
    """Keep the returns since the last price, and how many sessions each covers."""
    own = _first_own(options.own_since, made.tickers)
    first = {row: int(np.searchsorted(made.sessions, day)) for row, day in own.items()}
    values, days = since_trade(closes, first)
    return made._replace(fields={**made.fields, SINCE_TRADE: values, DAYS: days})


def from_returns(table: Table, fields: Mapping[str, Table], options: Options) -> Contents:
    """Take returns per session; those of days in between are compounded."""
    check_returns(table, options.kind)
    calendar = _calendar(table, options)
    for other in calendar.tables[1:]:
        check_returns(other, options.kind)
    parts = [compound(each, calendar.sessions, options.kind) for each in calendar.tables]
    returns = np.array(_side_by_side(parts).T, order="C")
    return _finish(returns, calendar, fields, options)


def sessions_of(table: Table, options: Options) -> DateArray:
    """Sessions of the panel that will be made of this table."""
    return _calendar(table, options).sessions


def _calendar(table: Table, options: Options) -> _Calendar:
    """Find the market and with it the sessions."""
    factors = read_factors(options.factors, options.risk_free, options.kind)
    market = read_market(options.market)
    if market is None:
        return _Calendar([table], usual_sessions(table), None, factors)
    # a factor hides a ticker of the same name, here as in `Panel.series`
    homes = [home for home in (factors.table, table) if home is not None]
    name = market if isinstance(market, str) else market.names[0]
    home = next((home for home in homes if name in home.names), None)
    if isinstance(market, Table):
        if home is None:
            return _Calendar([table, market], market_sessions(market, name), name, factors)
        if not _cut_out(market, home):
            raise errors.panel_market_taken(name)
    elif home is None:
        raise errors.panel_no_market(name, [each for home in homes[::-1] for each in home.names])
    return _Calendar([table], market_sessions(home, name), name, factors)


def _cut_out(market: Table, home: Table) -> bool:
    """Whether the market is a column that the user took from the table itself."""
    there = home.take(market.names).at(market.dates)
    return np.array_equal(there, market.values, equal_nan=True)


def _finish(
    returns: FloatArray, calendar: _Calendar, fields: Mapping[str, Table], options: Options
) -> Contents:
    """Bring the rest to the grid of the returns."""
    sessions, tickers = calendar.sessions, calendar.tickers
    given = {} if options.fields is None else read_fields(options.fields)
    grid = {name: on_grid(t, sessions, tickers) for name, t in {**fields, **given}.items()}
    masked = _mask(returns, grid, _first_own(options.own_since, tickers), sessions)
    return Contents(
        returns=returns,
        sessions=sessions,
        tickers=tickers,
        factors=_factor_columns(returns, calendar, options.kind),
        factor_names=calendar.factors.names,
        risk_free=rate_on(calendar.factors.risk_free, sessions, options.kind),
        market=calendar.market,
        fields=grid,
        kind=options.kind,
        masked=masked,
    )


def _factor_columns(returns: FloatArray, calendar: _Calendar, kind: str) -> FloatArray:
    """(T, K) factors: a table of their own, or rows of the returns."""
    factors, tickers = calendar.factors, calendar.tickers
    if factors.table is not None:
        return np.array(compound(factors.table, calendar.sessions, kind), order="C")
    for name in factors.tickers:
        if name not in tickers:
            raise errors.panel_no_factor(name, tickers)
    return np.array(returns[[tickers.index(name) for name in factors.tickers]].T, order="C")


def _first_own(own_since: object, tickers: tuple[str, ...]) -> dict[int, np.datetime64]:
    """Read ``own_since``: row of the ticker → its first own day; other tickers are ignored."""
    if own_since is None:
        return {}
    if not isinstance(own_since, (Mapping, pd.Series)):
        raise errors.panel_own_since_type(own_since)
    rows = {name: row for row, name in enumerate(tickers)}
    first = {}
    for ticker, value in own_since.items():
        if value is None or (np.ndim(value) == 0 and pd.isna(value)):
            continue
        day = day_of(value)
        if day is None:
            raise errors.panel_own_since(ticker, value)
        if str(ticker) in rows:
            first[rows[str(ticker)]] = day
    return first


def _mask(
    returns: FloatArray,
    fields: Mapping[str, FloatArray],
    first: Mapping[int, np.datetime64],
    sessions: DateArray,
) -> BoolArray | None:
    """Make missing, in place, what belongs to another company.

    The return of the first own session still starts from the other company's close. Fields
    are missing before that session.
    """
    if not first:
        return None
    masked = np.zeros(returns.shape, dtype=np.bool_)
    for row, day in first.items():
        if day < sessions[0]:
            continue
        start = int(np.searchsorted(sessions, day))
        masked[row, : start + 1] = np.isfinite(returns[row, : start + 1])
        returns[row, : start + 1] = np.nan
        for values in fields.values():
            values[row, :start] = np.nan
    return masked if masked.any() else None
