"""Prices from a database: the user's own query over the user's own connection."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pandas as pd

from eventstudy import errors
from eventstudy.loaders._files import UNADJUSTED
from eventstudy.loaders._layout import layout_of, tables_of
from eventstudy.loaders._request import Request, answer, as_request
from eventstudy.loaders._sql_connections import Database, database_of
from eventstudy.loaders._sql_text import bind, parameters

#: values in one statement: SQLite took 999 for long, SQL Server takes 2,100, Oracle 1,000 in a list
MOST = 900


@dataclass(frozen=True, eq=False)
class SqlLoader:
    """A loader that runs one query when called."""

    database: Database
    query: str

    def __repr__(self) -> str:
        return f"<prices of SQL query {self.digest} ({self.database.driver})>"

    @property
    def digest(self) -> str:
        """Tells two queries apart without showing one: a query may hold a password."""
        return sha256(self.query.encode()).hexdigest()[:8]

    def __call__(
        self,
        tickers: str | Iterable[str],
        start: object,
        end: object,
        fields: str | Iterable[str] = ("adj_close",),
    ) -> pd.DataFrame:
        """Run the query and give the prices, sessions × tickers (× fields)."""
        request = as_request(tickers, start, end, fields)
        source = f"SQL query ({self.database.driver})"
        attrs: dict[str, object] = {
            "fetched": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "options": {"query": self.digest},
        }
        rows = self._rows(request)
        if rows.empty:
            days = request.start.date(), request.end.date()
            raise errors.loader_nothing_found(source, request.tickers, (), *days)
        names = list(rows.columns)
        if len(set(names)) < len(names):
            raise errors.sql_columns_repeat({name for name in names if names.count(name) > 1})
        layout = layout_of(names, list(rows.iloc[0]), source)
        if layout.ticker is None and layout.fields and len(request.tickers) > 1:
            raise errors.sql_no_ticker_column(names, len(request.tickers))
        tables = tables_of(rows, layout, request.tickers, source, request.tickers[0])
        if "adj_close" in request.fields and "adj_close" not in tables and "close" in tables:
            tables["adj_close"] = tables["close"]
            attrs["note"] = UNADJUSTED
            logging.getLogger("eventstudy").info("%s: %s", source, UNADJUSTED)
        return answer(request, tables, source, attrs)

    def _rows(self, request: Request) -> pd.DataFrame:
        """Ask for the tickers in batches that fit a statement; all answers as one table."""
        try:
            with self.database.opened() as ask:
                style = self.database.style
                parts = [ask(*bind(self.query, v, style)) for v in self._values(request)]
        except self.database.failures as why:
            if isinstance(why, errors.LoaderError):
                raise
            raise errors.sql_failed(self.database.driver, self.database.said(why)) from None
        full = [part for part in parts if len(part)]
        rows = pd.concat(full, ignore_index=True) if len(full) > 1 else (full or parts)[0]
        return rows.set_axis([str(name).strip() for name in rows.columns], axis=1)

    def _values(self, request: Request) -> Iterator[dict[str, object]]:
        """Yield the values of the parameters, once for each batch of tickers."""
        first, last = request.start.date(), request.end.date()
        after = last + timedelta(days=1)
        # SQLite has no dates: it compares text
        text = "sqlite" in self.database.driver
        days = {"start": first, "end": last, "day_after": after}
        fixed = {name: day.isoformat() if text else day for name, day in days.items()}
        numbers = {"start_int": int(f"{first:%Y%m%d}"), "end_int": int(f"{last:%Y%m%d}")}
        often = sum(piece["name"] == "tickers" for piece in parameters(self.query))
        size = max(1, MOST // often) if often else len(request.tickers)
        for at in range(0, len(request.tickers), size):
            yield {"tickers": request.tickers[at : at + size], **fixed, **numbers}


def sql(connection: object, query: str) -> SqlLoader:
    """Prices from a database, by a query of your own.

    The query may hold these parameters, as often as it likes; every value is bound by the driver
    and none is ever written into the text:

    - ``:tickers``: all tickers, one placeholder each, as in ``ticker IN (:tickers)``. They are
      asked in batches of 900; without it the query gives what it gives, and the rest is cut off.
    - ``:start``, ``:end``: first and last day, as dates (as ISO text for SQLite).
    - ``:day_after``: the day after the last, for columns with a time of day:
      ``time >= :start AND time < :day_after``.
    - ``:start_int``, ``:end_int``: the same days as numbers like 20260225.

    Its answer has a column ``date`` and either ``ticker`` and one or more of adj_close, close,
    open, high, low, volume, market_cap (*long*), or one column of prices a ticker (*wide*), or,
    for a single ticker, the fields alone. Give other columns such a name by ``AS``. Of a moment the
    day is taken as it is written, in the time zone in which the database shows it.

    Parameters
    ----------
    connection : DB-API connection, DuckDB connection, SQLAlchemy Engine or Connection
        Used whenever the loader is called. It is never closed and nothing is committed; a
        connection that the Engine opens for this is given back.
    query : str
        One query in the SQL of that database. Quotes in literals are doubled (``'it''s'``) and
        comments begin with ``--``, as the standard has it; MySQL's ways beside it are not read.

    Returns
    -------
    SqlLoader
        A loader: ``(tickers, start, end, fields=("adj_close",)) -> DataFrame``. If there is a
        close but no adjusted close, the close stands for it and ``attrs["note"]`` says so.

    Raises
    ------
    LoaderError
        At once: no connection, an unknown parameter. When called: the database refuses the
        query, no dates, no prices, two rows for one ticker and date.

    Examples
    --------
    >>> import sqlite3
    >>> connection = sqlite3.connect(":memory:")
    >>> _ = connection.execute("CREATE TABLE prices (date TEXT, ticker TEXT, adj_close REAL)")
    >>> rows = [("2026-02-25", "IREN", 41.5), ("2026-02-26", "IREN", 40.1)]
    >>> _ = connection.executemany("INSERT INTO prices VALUES (?, ?, ?)", rows)
    >>> loader = sql(connection, '''
    ...     SELECT date, ticker, adj_close FROM prices
    ...     WHERE ticker IN (:tickers) AND date BETWEEN :start AND :end
    ... ''')
    >>> loader(["IREN"], "2026-02-25", "2026-02-26")["IREN"].tolist()
    [41.5, 40.1]
    >>> connection.close()
    """
    if not isinstance(query, str) or not query.strip():
        raise errors.sql_no_query(query)
    parameters(query)
    return SqlLoader(database_of(connection), query)
