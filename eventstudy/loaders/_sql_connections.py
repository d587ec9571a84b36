"""Connections of every kind with one face: a driver's name, its placeholders, and a way to ask.

A connection stays the user's: nothing is committed, and what the user opened is never closed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from inspect import iscoroutinefunction
from types import ModuleType
from typing import Any

import pandas as pd

from eventstudy import errors
from eventstudy.loaders._sql_text import STYLES, Bound

Ask = Callable[[str, Bound | None], pd.DataFrame]
#: drivers, here or below SQLAlchemy, that read % in a way of their own
_STYLES = {
    "mysql": "pyformat, % as it is",
    "mysqlconnector": "pyformat, % as it is",
    "pymssql": "pyformat, % as it is",
    "pg8000": "format, quotes as they are",
}
_SECRETS = re.compile(r"//[^/\s]*@|(?<=\bpassword=)\S+|(?<=\bpwd=)[^;\s]+", re.IGNORECASE)


@dataclass(frozen=True)
class Database:
    """What a query needs to know of a connection."""

    #: name of the driver, for people
    driver: str
    #: which placeholders it takes
    style: str
    #: what it raises
    failures: tuple[type[Exception], ...]
    #: opens it for some queries, and leaves it as it was found
    opened: Callable[[], AbstractContextManager[Ask]]
    #: a password that no message may show
    password: str = field(default="", repr=False)

    def said(self, why: Exception) -> str:
        """First line of what the database said, without a password."""
        why = getattr(why, "orig", None) or why
        parts = why.args[0] if why.args else None
        # pg8000 gives all parts of PostgreSQL's answer, by their letters
        text = parts.get("M", why) if isinstance(parts, Mapping) else why
        lines = str(text).strip().splitlines()
        line = " ".join(lines[0].split()) if lines else type(why).__name__
        if self.password:
            line = line.replace(self.password, "…")
        return _SECRETS.sub("…", line)[:200].rstrip(". ")


def database_of(connection: Any) -> Database:  # noqa: ANN401  (drivers have no common type)
    """Recognise a connection by what it can do."""
    ends = getattr(connection, "dispose", None) or getattr(connection, "rollback", None)
    if isinstance(connection, (str, bytes, type)) or iscoroutinefunction(ends):
        raise errors.sql_no_connection(connection)
    if callable(getattr(connection, "exec_driver_sql", None)):
        return _sqlalchemy(connection, connection.engine, partial(_lent, connection))
    if hasattr(connection, "dialect"):
        return _sqlalchemy(connection, connection, partial(_own, connection))
    module = _driver(connection)
    if module is None or not callable(getattr(connection, "cursor", None)):
        raise errors.sql_no_connection(connection)
    name = module.__name__.lstrip("_").partition(".")[0]
    failures = (module.Error, ValueError)  # ValueError: text that cannot be encoded
    style = _STYLES.get(name, module.paramstyle)
    if getattr(getattr(connection, "cursor_factory", None), "__name__", "") == "RawCursor":
        style = "numeric_dollar"  # psycopg was told to leave the text as it is
    opened = _duckdb if name == "duckdb" else _plain
    return Database(name, style, failures, partial(opened, connection))


def _driver(connection: object) -> ModuleType | None:
    """Find the DB-API module of a connection, which says how it wants its placeholders."""
    for kind in type(connection).__mro__:
        parts = kind.__module__.split(".")
        for length in range(len(parts), 0, -1):
            module = sys.modules.get(".".join(parts[:length]))
            if module is not None and getattr(module, "paramstyle", None) in STYLES:
                return module
    return None


def _sqlalchemy(
    connection: Any,  # noqa: ANN401  (sqlalchemy is not imported here)
    engine: Any,  # noqa: ANN401  (drivers have no common type)
    opened: Callable[[], AbstractContextManager[Ask]],
) -> Database:
    from sqlalchemy.exc import SQLAlchemyError

    dialect = connection.dialect
    name, failures = f"{dialect.name}, SQLAlchemy", (SQLAlchemyError, ValueError)
    style = _STYLES.get(dialect.driver, dialect.paramstyle)
    return Database(name, style, failures, opened, engine.url.password or "")


def _frame(cursor: Any) -> pd.DataFrame:  # noqa: ANN401  (drivers have no common type)
    """Read all rows; a connection may be set to give them as tuples or as dictionaries."""
    if cursor.description is None:
        raise errors.sql_no_table()
    names = [str(column[0]) for column in cursor.description]
    rows = cursor.fetchall()
    if rows and isinstance(rows[0], Mapping):
        return pd.DataFrame.from_records(rows, columns=names)
    return pd.DataFrame(list(map(tuple, rows)), columns=names)


@contextmanager
def _plain(connection: Any) -> Iterator[Ask]:  # noqa: ANN401  (drivers have no common type)
    """A DB-API connection: a transaction that asking begins is ended again, where it can tell.

    One that the user began is left to him, even if an error spoilt it: what he wrote would be lost.
    """

    def ask(sql: str, bound: Bound | None) -> pd.DataFrame:
        cursor = connection.cursor()
        try:
            cursor.execute(sql) if bound is None else cursor.execute(sql, bound)
            return _frame(cursor)
        finally:
            cursor.close()

    begun = _in_transaction(connection)
    try:
        yield ask
    finally:
        if not begun and _in_transaction(connection):
            connection.rollback()


def _in_transaction(connection: Any) -> bool:  # noqa: ANN401  (drivers have no common type)
    """Whether a connection says that a transaction is under way; not every driver does."""
    status = getattr(getattr(connection, "info", None), "transaction_status", None)
    if status is None:
        hidden = getattr(connection, "_in_transaction", False)
        status = getattr(connection, "in_transaction", hidden)
    return bool(status)


@contextmanager
def _duckdb(connection: Any) -> Iterator[Ask]:  # noqa: ANN401  (drivers have no common type)
    """Ask the connection itself: a cursor of DuckDB doesn't see its registered frames."""

    def ask(sql: str, bound: Bound | None) -> pd.DataFrame:
        found: pd.DataFrame = connection.execute(sql, bound).df()
        return found

    yield ask


def _driver_sql(connection: Any, sql: str, bound: Bound | None) -> pd.DataFrame:  # noqa: ANN401  (drivers have no common type)
    """Ask past the parser of `text`, which takes colons in literals for parameters."""
    options = {"no_parameters": bound is None}
    result = connection.exec_driver_sql(sql, bound, execution_options=options)
    with result:
        if not result.returns_rows:
            raise errors.sql_no_table()
        return _frame(result.cursor)


@contextmanager
def _lent(connection: Any) -> Iterator[Ask]:  # noqa: ANN401  (drivers have no common type)
    """A connection of SQLAlchemy: the transaction that asking begins is ended again."""
    begun = connection.in_transaction()
    try:
        yield partial(_driver_sql, connection)
    finally:
        if not begun and not connection.closed:
            connection.rollback()


@contextmanager
def _own(engine: Any) -> Iterator[Ask]:  # noqa: ANN401  (drivers have no common type)
    """A connection of the engine's pool, given back afterwards."""
    with engine.connect() as connection:
        yield partial(_driver_sql, connection)
