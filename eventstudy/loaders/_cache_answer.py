"""The frame of a cached loader: what is kept, what failed, and what was remarkable."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.loaders._cache_calls import name_of
from eventstudy.loaders._cache_ranges import DAY, NOT_FINAL, Kept, Stretch
from eventstudy.loaders._cache_visit import Visit
from eventstudy.loaders._request import answer

ANEW = "; fetched anew"


def online_answer(visit: Visit) -> pd.DataFrame:
    """Answer after everything that was missing has been asked for.

    Where that failed, the kept days are given, and the report says why there are no others.
    """
    given = _complete(visit)
    for ticker, told in visit.failed.items():
        if ticker in given and (said := _given(given[ticker], visit.days)):
            told["detail"] = "; ".join(filter(None, [str(told.get("detail", "")), said]))
    _log(visit)
    try:
        frame = _frame(visit, given | visit.partial)
    except errors.LoaderError as nothing:
        raise _cause(visit, nothing) from None
    if lost := sorted(visit.untold - visit.kept.keys()):
        names = [f"{ticker!a} ({visit.failed[ticker]['status']})" for ticker in lost]
        logging.getLogger("eventstudy").warning("cache: no prices of %s", errors.listed(names, 10))
    return frame


def _cause(visit: Visit, nothing: errors.LoaderError) -> errors.LoaderError:
    """Why there is nothing: the loader's own error where it was one for all, else a summary."""
    if visit.error is None:
        return nothing
    if visit.alone:
        return visit.error
    causes: dict[str, tuple[list[str], str]] = {}
    for ticker, told in nothing.report.items():
        why = str(told.get("detail") or "no prices on those days")
        causes.setdefault(told["status"], ([], why.rstrip(".")))[0].append(ticker)
    days = visit.request.start.date(), visit.request.end.date()
    error = errors.cache_nothing(name_of(visit.loader), causes, *days)
    error.report = nothing.report
    return error


def offline_answer(visit: Visit) -> pd.DataFrame:
    """Answer from the folder alone."""
    given = _complete(visit)
    for ticker in visit.request.tickers:
        kept = given.get(ticker)
        if kept is None:
            why = _why_not_kept(visit, ticker)
        elif not kept.asked.covers(visit.days):
            why = f"only the days from {kept.asked.first} to {kept.asked.last} are kept"
        else:
            continue
        visit.failed[ticker] = {"status": "no_data", "detail": f"offline, and {why}"}
    try:
        return _frame(visit, given)
    except errors.LoaderError:
        days = visit.request.start.date(), visit.request.end.date()
        raise errors.cache_empty_offline(
            visit.folder, visit.request.tickers, days, visit.remarks.values()
        ) from None


def _complete(visit: Visit) -> dict[str, Kept]:
    """What is kept with all fields of the request: one field without the other is not given."""
    fields = set(visit.request.fields)
    return {ticker: kept for ticker, kept in visit.kept.items() if fields <= set(kept.fields)}


def _given(kept: Kept, days: Stretch) -> str:
    """Say which kept days stand in for those that could not be fetched."""
    there = kept.dates[(kept.dates >= days.first) & (kept.dates <= days.last)]
    return f"the kept prices, {there[0]} to {there[-1]}, are given" if len(there) else ""


def _why_not_kept(visit: Visit, ticker: str) -> str:
    if ticker in visit.alike:
        return "names that differ only by case are not kept"
    if ticker in visit.kept:
        lacking = [f for f in visit.request.fields if f not in visit.kept[ticker].fields]
        return f"{errors.listed(lacking)} is not kept of it"
    return visit.remarks.get(ticker, "nothing is kept of it")


def _log(visit: Visit) -> None:
    """Tell what was wrong with files and what failed, a line for each kind."""
    kinds: dict[str, list[str]] = {}
    for ticker in visit.request.tickers:
        if ticker in visit.remarks:
            kinds.setdefault(_remark(visit, ticker), []).append(ticker)
        if ticker in visit.failed and ticker in visit.kept:
            cause = f"{visit.failed[ticker]['status']}; the kept prices are given"
            kinds.setdefault(cause, []).append(ticker)
    for said, tickers in kinds.items():
        log = logging.getLogger("eventstudy")
        log.warning("cache: %s: %s", errors.listed(map(ascii, tickers)), said)


def _remark(visit: Visit, ticker: str) -> str:
    return visit.remarks[ticker] + (ANEW if ticker in visit.done else "")


def _frame(visit: Visit, given: Mapping[str, Kept]) -> pd.DataFrame:
    """Put the columns together; the same for prices just fetched and for prices read."""
    request = visit.request
    inside = [given[ticker] for ticker in request.tickers if ticker in given]
    told: dict[str, dict[str, Any]] = {}
    for ticker in request.tickers:
        failed = visit.failed.get(ticker, {})
        cause = {what: failed[what] for what in ("status", "detail") if what in failed}
        told[ticker] = failed | dict(given[ticker].told if ticker in given else {}) | cause
        if told[ticker].get(NOT_FINAL, "") > str(visit.days.last):  # not among the days asked for
            del told[ticker][NOT_FINAL]
        if ticker in visit.remarks:
            told[ticker]["cache"] = _remark(visit, ticker)
    if not inside:
        source: str = name_of(visit.loader)
        return answer(request, {}, source, {}, told)
    newest = max(inside, key=lambda kept: kept.fetched)
    attrs = _notes(inside) | {"fetched": newest.fetched}
    if newest.origin.options:
        attrs["options"] = json.loads(newest.origin.options)
    source = "; ".join(dict.fromkeys(kept.origin.source for kept in inside))
    return answer(request, _tables(given, visit), source, attrs, told)


def _notes(inside: list[Kept]) -> dict[str, Any]:
    """What the frames said beside the prices: each note once."""
    notes: dict[str, Any] = {}
    for name in dict.fromkeys(name for kept in inside for name in kept.notes):
        said = list(dict.fromkeys(kept.notes[name] for kept in inside if name in kept.notes))
        notes[name] = said[0] if len(said) == 1 else "; ".join(map(str, said))
    return notes


def _tables(given: Mapping[str, Kept], visit: Visit) -> dict[str, pd.DataFrame]:
    """Field → days × tickers: the days on which any ticker has a row, the rest is missing."""
    days, fields = visit.days, visit.request.fields
    span = int((days.last - days.first) / DAY) + 1
    any_row, rows = np.zeros(span, bool), {}
    for ticker, kept in given.items():
        inside = (kept.dates >= days.first) & (kept.dates <= days.last)
        rows[ticker] = inside, (kept.dates[inside] - days.first).astype(int)
        any_row[rows[ticker][1]] = True
    place = np.cumsum(any_row) - 1
    index = pd.DatetimeIndex((days.first + np.flatnonzero(any_row)).astype("datetime64[ns]"))
    tables = {}
    for field in fields:
        matrix = np.full((len(index), len(given)), np.nan, order="F")
        for column, (ticker, (inside, offset)) in enumerate(rows.items()):
            matrix[place[offset], column] = given[ticker].values[field][inside]
        tables[field] = pd.DataFrame(matrix, index, list(given))
    return tables
