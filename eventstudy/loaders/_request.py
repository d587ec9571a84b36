"""What a loader is asked, and the frame it answers with.

Every loader of this package checks its arguments with :func:`as_request` and builds its answer
with :func:`answer`, so that all of them keep one contract.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any, Protocol

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import BoolArray

FIELDS = ("adj_close", "open", "high", "low", "close", "volume", "market_cap")
#: what may have happened to a ticker; a loader with a cause to tell says it in ``detail``
STATUSES = (
    "ok",
    "no_data",
    "not_found",
    "bad_ticker",
    "rate_limited",
    "network",
    "timeout",
    "bad_answer",
)


class Loader(Protocol):
    """A source of prices: tickers and two dates in, a frame of sessions × tickers out.

    The frame has dates as its index and one column a ticker, in the order asked; with several
    fields the columns are pairs (field, ticker). `end` is inclusive. What happened to each
    ticker is in ``frame.attrs["report"]``: ticker → status (one of `STATUSES`), rows, first,
    last, and perhaps detail, a sentence that says why.

    Examples
    --------
    >>> import eventstudy as es
    >>> def mine(tickers, start, end, fields=("adj_close",)):
    ...     days = pd.bdate_range("2025-01-02", "2026-03-31")
    ...     return pd.DataFrame({t: 100.0 + np.arange(len(days)) % 7 for t in tickers}, days)
    >>> events = es.events_on("2026-02-25", ["AAA"])
    >>> es.EventStudy().load(events, mine, market="BBB").tickers
    ('AAA', 'BBB')
    """

    def __call__(
        self,
        tickers: str | Iterable[str],
        start: object,
        end: object,
        fields: str | Iterable[str] = ("adj_close",),
    ) -> pd.DataFrame: ...


@dataclass(frozen=True)
class Request:
    """The checked arguments of one call of a loader."""

    tickers: tuple[str, ...]
    start: pd.Timestamp
    end: pd.Timestamp
    fields: tuple[str, ...]


def as_request(
    tickers: str | Iterable[str], start: object, end: object, fields: str | Iterable[str]
) -> Request:
    """Check what a loader was asked; one ticker or one field may be given as text."""
    first, last = _day("start", start), _day("end", end)
    if last < first:
        raise errors.loader_dates_backwards(first.date(), last.date())
    asked = _names("fields", fields)
    for field in asked:
        if field not in FIELDS:
            raise errors.unknown_option("fields", field, FIELDS)
    return Request(_names("tickers", tickers), first, last, asked)


def _names(option: str, value: object) -> tuple[str, ...]:
    """Keep distinct texts, in the order given."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, Iterable) or isinstance(names, (bytes, Mapping)):
        raise errors.loader_names(option, value)
    distinct = tuple(dict.fromkeys(names))
    if not distinct or any(not isinstance(name, str) or not name.strip() for name in distinct):
        raise errors.loader_names(option, value)
    return distinct


def _day(option: str, value: object) -> pd.Timestamp:
    """Read a calendar date; integers are refused, since they would count from 1970."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise errors.loader_date(option, value) from None
    moment: Any = value
    if not hasattr(value, "isoformat") and not isinstance(value, np.datetime64):
        raise errors.loader_date(option, value)
    stamp = pd.Timestamp(moment)
    if not isinstance(stamp, pd.Timestamp):  # NaT
        raise errors.loader_date(option, value)
    return stamp.tz_localize(None).normalize()


def match(asked: Iterable[str], available: Iterable[str]) -> dict[str, str]:
    """Asked ticker → the source's spelling: exact first, then without regard to case.

    One security is never given under two names: of `IREN` and `iren` only the exact one is found.
    """
    exact = list(available)
    folded = {name.strip().upper(): name for name in reversed(exact)}
    known = set(exact)
    found = {name: name if name in known else folded.get(name.strip().upper()) for name in asked}
    asked_as: dict[str, str] = {}
    for name in sorted(found, key=lambda name: found[name] != name):  # exact ones come first
        if (spelled := found[name]) is not None:
            asked_as.setdefault(spelled, name)
    return {name: spelled for spelled, name in asked_as.items()}


def answer(
    request: Request,
    tables: Mapping[str, pd.DataFrame],
    source: str,
    attrs: Mapping[str, object],
    told: Mapping[str, Mapping[str, object]] | None = None,
) -> pd.DataFrame:
    """Cut a source's tables (field → dates × asked tickers that exist) to the request.

    A ticker that the source does not have is a column of NaN. Dates on which no asked ticker
    has a value are left out. ``told`` is what a loader has to say of single tickers, by asked
    name: it stands in the report beside, or in the place of, what the tables show.

    Raises
    ------
    LoaderError
        If not one asked ticker has a value between the two dates.
    """
    known = {ticker: None for table in tables.values() for ticker in table.columns}
    spelled = match(request.tickers, known)
    missing = [ticker for ticker in request.tickers if ticker not in spelled]
    nothing = errors.loader_nothing_found(
        source, request.tickers, missing, request.start.date(), request.end.date()
    )
    nothing.report = {
        ticker: _nothing("no_data" if ticker in spelled else "not_found")
        | dict((told or {}).get(ticker, {}))
        for ticker in request.tickers
    }
    if not spelled:
        raise nothing
    cut = {}
    for field in request.fields:
        if field not in tables:
            raise errors.loader_no_field(source, field, tables)
        cut[field] = _cut(tables[field], request, spelled)
    frame = pd.concat(cut, axis=1, names=["field", "ticker"]).sort_index()
    found = _found(frame, len(request.tickers))
    kept = np.asarray(found.any(axis=1))
    if not kept.any():
        raise nothing
    if not kept.all():
        frame, found = frame.loc[kept], found[kept]
    frame.index = pd.DatetimeIndex(frame.index, name="date").as_unit("ns")
    report = {
        ticker: status | dict((told or {}).get(ticker, {}))
        for ticker, status in _statuses(frame.index, found, request.tickers, spelled).items()
    }
    if len(request.fields) == 1:
        frame = frame.droplevel("field", axis=1)
    # a picture shows the source: the name of a file, not where it lies on somebody's disk
    frame.attrs.update(attrs, source=PurePath(source).name, report=report)
    return frame


def _cut(table: pd.DataFrame, request: Request, spelled: Mapping[str, str]) -> pd.DataFrame:
    """The dates and tickers that were asked, without a copy where the table holds just these."""
    inside = np.asarray((table.index >= request.start) & (table.index <= request.end))
    table = table if inside.all() else table.loc[inside]
    columns = [spelled.get(ticker, ticker) for ticker in request.tickers]
    table = table if list(table.columns) == columns else table.reindex(columns=columns)
    return table.set_axis(list(request.tickers), axis=1).astype(float)


def _found(frame: pd.DataFrame, width: int) -> BoolArray:
    """(dates, tickers) whether any of the fields has a value."""
    fields = [frame.iloc[:, at : at + width] for at in range(0, frame.shape[1], width)]
    found: BoolArray = ~np.isnan(fields[0].to_numpy())
    for field in fields[1:]:
        found |= ~np.isnan(field.to_numpy())
    return found


def _statuses(
    dates: pd.DatetimeIndex, found: BoolArray, tickers: Iterable[str], known: Mapping[str, str]
) -> dict[str, dict[str, object]]:
    """Say what was found of each ticker; dates as text, so that the report can be written out."""
    days = dates.to_numpy().astype("datetime64[D]").astype(str).tolist()
    rows = found.sum(axis=0).tolist()
    first, last = found.argmax(axis=0), len(days) - 1 - found[::-1].argmax(axis=0)
    return {
        ticker: {
            "status": "ok" if rows[at] else "no_data" if ticker in known else "not_found",
            "rows": rows[at],
            "first": days[first[at]] if rows[at] else None,
            "last": days[last[at]] if rows[at] else None,
        }
        for at, ticker in enumerate(tickers)
    }


def _nothing(status: str) -> dict[str, object]:
    """What a report says of a ticker without a value."""
    return {"status": status, "rows": 0, "first": None, "last": None}
