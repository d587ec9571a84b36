"""Sentences about CRSP's codes and delisting returns."""

from __future__ import annotations

from collections.abc import Iterable

from eventstudy.errors.kinds import PanelError
from eventstudy.errors.wording import kind_of, listed


def crsp_no_code(column: object, value: object, known: Iterable[str]) -> PanelError:
    return PanelError(
        f"Column {column!r} holds {value!r}, which is neither a number nor one of CRSP's codes for "
        f"a missing return ({', '.join(sorted(known))}); correct it, or make it missing (NaN)."
    )


def crsp_delistings_type(value: object) -> PanelError:
    return PanelError(
        f"delistings= is {kind_of(value)}; give a DataFrame with a row a delisting: the "
        f"column of the tickers, DLSTDT and DLRET."
    )


def crsp_delistings_column(names: Iterable[str], known: Iterable[object]) -> PanelError:
    return PanelError(
        f"delistings= has no column {' or '.join(names)}; it has {listed(known, 8)}; rename one by "
        f"`.rename(columns=...)`."
    )


def crsp_delisting_incomplete(column: str, count: int) -> PanelError:
    return PanelError(
        f"delistings= misses {column} in {count} rows; drop those rows or fill it in."
    )


def crsp_delisting_twice(ticker: str, date: object) -> PanelError:
    return PanelError(
        f"delistings= has more than one row for `{ticker}` on {date}; keep one row a delisting."
    )


def crsp_delistings_are_daily(ret: str, ticker: str) -> PanelError:
    return PanelError(
        f"delistings= has several rows for `{ticker}` and no column DLRET: by its column {ret} it "
        f"holds daily returns; give a table with a row a delisting and the column DLRET."
    )


def crsp_delisting_below(ticker: str, date: object, value: float) -> PanelError:
    return PanelError(
        f"The delisting return of `{ticker}` on {date} is {value:.4g}, below −1 and none of CRSP's "
        f"codes; give fractions (−0.3 is −30 %), and NaN where there is none."
    )


def crsp_delistings_there(ret: str) -> PanelError:
    return PanelError(
        f"CRSP's new layout has the delisting returns in its daily returns ({ret}) already, and "
        f"delistings= would count them twice; leave it out."
    )


def crsp_delistings_simple(price: str | None, kind: str) -> PanelError:
    return PanelError(
        f"delistings= holds simple returns, which go with `ret=` and kind='simple'; this panel has "
        f"price={price!r} and kind={kind!r}."
    )
