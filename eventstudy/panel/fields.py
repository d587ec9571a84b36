"""Prices apart from the other columns of a download, and fields on the panel's grid."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import DateArray, FloatArray
from eventstudy.panel.table import Table, names_of, numbers, read_dates, read_table

#: what a panel keeps beside returns
FIELDS = ("open", "high", "low", "close", "volume", "market_cap")
_ALIASES = {
    "adjclose": "adj_close",
    "adjusted_close": "adj_close",
    "adjusted": "adj_close",
    "marketcap": "market_cap",
}
_PRICES = {"adj_close", "close"}


def field_name(label: object) -> str:
    """``Adj Close`` → ``adj_close``: how a field is called here."""
    name = str(label).strip().lower().replace(" ", "_").replace("-", "_")
    return _ALIASES.get(name, name)


def read_prices(prices: object) -> tuple[Table, dict[str, Table]]:
    """Read a frame of prices: the prices to use, and the fields that came with them.

    Prices are ``adj_close`` where a ticker has it, else ``close``.
    """
    if not isinstance(prices, pd.DataFrame):
        raise errors.panel_not_frame("prices", prices)
    if prices.columns.nlevels == 1:
        named = {field_name(label) for label in prices.columns}
        if "close" in named and named & {"open", "high", "low", "volume"}:
            raise errors.panel_fields_of_one(prices.columns)
        return read_table(prices, "prices"), {}
    if prices.columns.nlevels > 2:
        raise errors.panel_column_levels("prices", prices.columns.nlevels)
    return _split(prices)


def _split(prices: pd.DataFrame) -> tuple[Table, dict[str, Table]]:
    """Split columns (field, ticker) or (ticker, field)."""
    level = _field_level(prices.columns)
    dates = read_dates(prices, "prices")
    labels = [field_name(label) for label in prices.columns.get_level_values(level)]
    tickers = names_of(prices.columns.get_level_values(1 - level), "prices")
    tables = {}
    for field in dict.fromkeys(labels):
        if field in (*FIELDS, "adj_close"):
            here = [j for j, label in enumerate(labels) if label == field]
            part = prices.iloc[:, here]
            names = tuple(tickers[j] for j in here)
            values = numbers(part.set_axis(list(names), axis=1), field)
            tables[field] = Table(field, dates, names, values)
    return _prices_of(tables), {name: t for name, t in tables.items() if name in FIELDS}


def _field_level(columns: pd.Index) -> int:
    """Which of two column levels holds the fields: the one with a price and more known names.

    There are tickers that read like fields (OPEN, LOW).
    """
    scores = []
    for level in (0, 1):
        named = {field_name(label) for label in columns.get_level_values(level)}
        known = len(named & {*FIELDS, "adj_close"}) / max(len(named), 1)
        scores.append((bool(named & _PRICES), known))
    best = int(scores[1] > scores[0])
    if not scores[best][0]:
        raise errors.panel_no_price_level(columns.get_level_values(best).unique())
    return best


def _prices_of(tables: Mapping[str, Table]) -> Table:
    """Choose adjusted closes, and plain closes for tickers without them."""
    adjusted, close = tables.get("adj_close"), tables.get("close")
    if adjusted is None or close is None:
        table = adjusted or close
        assert table is not None  # noqa: S101  (the level was chosen because it has one)
        return Table("prices", table.dates, table.names, table.values)
    rest = close.take(name for name in close.names if name not in adjusted.names)
    values = np.hstack([adjusted.values, rest.values])
    return Table("prices", adjusted.dates, adjusted.names + rest.names, values)


def read_fields(fields: object) -> dict[str, Table]:
    """Read the ``fields=`` mapping of name to frame."""
    if not isinstance(fields, Mapping):
        raise errors.panel_fields_type(fields)
    found = {}
    for label, frame in fields.items():
        name = field_name(label)
        if name not in FIELDS:
            raise errors.unknown_option("fields", label, FIELDS)
        found[name] = read_table(frame, name)
    return found


def on_grid(table: Table, sessions: DateArray, tickers: tuple[str, ...]) -> FloatArray:
    """(S, T) values of a field, NaN where it has none."""
    place = {name: row for row, name in enumerate(tickers)}
    columns = [j for j, name in enumerate(table.names) if name in place]
    if not columns or not np.isin(table.dates, sessions).any():
        raise errors.panel_field_foreign(table.what)
    out = np.full((len(tickers), len(sessions)), np.nan)
    rows = [place[table.names[j]] for j in columns]
    out[rows] = table.at(sessions)[:, columns].T
    return out
