"""Sentences about prices in a database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eventstudy.errors.kinds import LoaderError
from eventstudy.errors.wording import did_you_mean, kind_of, listed


def sql_no_connection(value: object) -> LoaderError:
    kind = value.__name__ if isinstance(value, type) else type(value).__name__
    return LoaderError(
        f"`connection` is a {kind}, over which no query can be run; give an open DB-API "
        f"connection, a connection of DuckDB, or an Engine or Connection of SQLAlchemy."
    )


def sql_no_query(value: object) -> LoaderError:
    kind = "empty" if isinstance(value, str) else kind_of(value)
    return LoaderError(
        f"`query` is {kind}; give the text of a query, in which the tickers stand as "
        f"`ticker IN (:tickers)`."
    )


def sql_unknown_parameter(name: str, known: Sequence[str]) -> LoaderError:
    return LoaderError(
        f"The query has a parameter :{name}, which no loader is asked; it may have "
        f"{listed([f':{each}' for each in known], 9)}." + did_you_mean(name, known)
    )


def sql_failed(driver: str, why: str) -> LoaderError:
    return LoaderError(
        f"The database ({driver}) did not run the query: {why}; check the query, and whether the "
        f"connection is open."
    )


def sql_no_table() -> LoaderError:
    return LoaderError(
        "The query gave no table; give one that selects rows, as `SELECT ...` or `WITH ...` do."
    )


def sql_columns_repeat(names: Iterable[str]) -> LoaderError:
    return LoaderError(
        f"The query gives more than one column {listed(sorted(names))}; name each by `AS`."
    )


def sql_no_ticker_column(names: Iterable[str], tickers: int) -> LoaderError:
    return LoaderError(
        f"{tickers} tickers were asked for, and the query gives {listed(names, 8)} without saying "
        f"whose prices they are; select the ticker too, and call it `ticker`."
    )
