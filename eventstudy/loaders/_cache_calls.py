"""Asking the loader below a cache: who it is, what it takes, and what its answer says."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.loaders._cache_ranges import Kept, Origin, Piece, Stretch, final_through
from eventstudy.loaders._request import match
from eventstudy.panel.dates import days_of

Source = Callable[..., pd.DataFrame]
Tables = dict[str, pd.DataFrame]
#: of a frame's attrs, what is kept beside source, fetched, options and report
NOTES = ("note", "simulated")
#: of a ticker's report, what follows from the values
COMPUTED = ("status", "rows", "first", "last")
#: settings of the package's own loaders that change how they ask, not what they give
MANNERS = {"pause", "progress", "retries", "session", "timeout", "wait", "workers"}


class Got(NamedTuple):
    """The answer for one ticker: its values if there are any, and what was said of it."""

    fresh: Kept | None
    status: str
    told: dict[str, Any]


def name_of(loader: object) -> str:
    """Short name of a loader: never its repr, in which a key may stand."""
    while isinstance(loader, partial):
        loader = loader.func
    named = getattr(loader, "__name__", None)
    return named if isinstance(named, str) else type(loader).__name__


def key_of(loader: object) -> str:
    """What tells a loader from others, the same tomorrow and in another process.

    Of the package's own loaders the settings count as well, as a digest. What a user's loader
    was made with is left out, since that may be a secret: where it comes in variants, its
    attribute `cache_key`, a short text, tells them apart.
    """
    settings: dict[str, Any] = {}
    given = getattr(loader, "cache_key", None)
    while isinstance(loader, partial):
        settings = loader.keywords | settings
        loader = loader.func
    kind: Any = loader if hasattr(loader, "__qualname__") else type(loader)
    key = f"{kind.__module__}.{kind.__qualname__}"
    if key.startswith("eventstudy."):
        settings = getattr(loader, "__dict__", {}) | settings
        known = {k: _plain_setting(v) for k, v in settings.items() if k not in MANNERS}
        told = sorted((k, v) for k, v in known.items() if v)
        key += f"#{hashlib.sha256(repr(told).encode()).hexdigest()[:16]}" if told else ""
    return f"{key}#{given}" if isinstance(given, str) else key


def _plain_setting(value: object) -> str:
    """Text of a setting that is a plain value; connections, sessions and keys are none."""
    if isinstance(value, Path):
        return str(value.absolute())
    return repr(value) if isinstance(value, (str, bool, int, float)) else ""


def takes_fields(loader: Source) -> bool:
    """Whether a loader can be asked for other fields than adjusted closes."""
    try:
        return "fields" in inspect.signature(loader).parameters
    except (TypeError, ValueError):  # a builtin
        return False


def call(loader: Source, tickers: list[str], days: Stretch, fields: tuple[str, ...]) -> object:
    """Call a loader as a study does; what it raises is its own."""
    options = {"fields": fields} if takes_fields(loader) else {}
    return loader(list(tickers), days.first.item(), days.last.item(), **options)


def taken_apart(
    frame: object, loader: Source, asked: tuple[list[str], Stretch, tuple[str, ...]], now: datetime
) -> dict[str, Got]:
    """What a loader answered, ticker by ticker; an answer that is no table of days is refused."""
    name, (tickers, days, fields) = name_of(loader), asked
    if frame is None:
        frame = pd.DataFrame()
    if not isinstance(frame, pd.DataFrame):
        raise errors.cache_answer_unusable(name, f"a {type(frame).__name__}")
    attrs, stamp = frame.attrs, _stamp(frame.attrs.get("fetched"), now)
    usual = Kept(
        ticker="",
        origin=Origin(key_of(loader), _source(attrs, name), _options(attrs, name)),
        notes=plain({note: attrs[note] for note in NOTES if note in attrs}),
        told={},
        asked=days,
        final=min(days.last, final_through(stamp)),
        pieces=(Piece(days, f"{stamp:%Y-%m-%dT%H:%M:%SZ}"),),
        fields=fields,
        dates=np.empty(0, "datetime64[D]"),
        values={},
    )
    tables = _tables(frame, fields, days, name)
    report = attrs.get("report")
    return _by_ticker(tickers, tables, report if isinstance(report, Mapping) else {}, usual)


def _by_ticker(
    tickers: list[str], tables: Tables, report: Mapping[Any, Any], usual: Kept
) -> dict[str, Got]:
    """Cut the tables into tickers; days on which one has no value are left out."""
    spelled = match(tickers, dict.fromkeys(str(k) for table in tables.values() for k in table))
    own = [spelled.get(ticker, ticker) for ticker in tickers]
    values = {f: table.reindex(columns=own).to_numpy(float) for f, table in tables.items()}
    dates = next(iter(tables.values())).index.to_numpy().astype("datetime64[D]")
    there = ~np.logical_and.reduce([np.isnan(matrix) for matrix in values.values()])
    got = {}
    for k, ticker in enumerate(tickers):
        said, rows = plain(report.get(ticker)), there[:, k]
        status = "ok" if rows.any() else "no_data" if ticker in spelled else "not_found"
        told = {what: value for what, value in said.items() if what not in COMPUTED}
        fresh = replace(
            usual,
            ticker=ticker,
            told=told,
            dates=dates[rows],
            values={field: matrix[rows, k] for field, matrix in values.items()},
        )
        got[ticker] = Got(fresh if rows.any() else None, str(said.get("status", status)), told)
    return got


def _tables(frame: pd.DataFrame, fields: tuple[str, ...], days: Stretch, name: str) -> Tables:
    """Field → days × tickers of numbers, the days in order and inside those that were asked."""
    if frame.empty:
        nothing = pd.DataFrame(index=pd.DatetimeIndex([]))
        return dict.fromkeys(fields, nothing)
    levels = frame.columns.nlevels
    if levels > 2 or (levels == 1 and len(fields) > 1):
        raise errors.cache_answer_unusable(name, f"{levels} levels of columns")
    if levels == 2 and (absent := set(fields) - set(frame.columns.get_level_values(0))):
        raise errors.cache_answer_unusable(name, f"no field {min(absent)!r}")
    if frame.columns.has_duplicates:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise errors.cache_answer_unusable(name, f"more than one column {twice!r}")
    index = pd.DatetimeIndex(days_of(frame.index, f"The index that {name} gave"))
    if index.has_duplicates:
        day = index[index.duplicated()][0]
        raise errors.cache_answer_unusable(name, f"more than one row for {day.date()}")
    frame = frame.set_axis(index, axis=0).sort_index()
    frame = frame.loc[(frame.index >= days.first) & (frame.index <= days.last)]
    try:
        numbers = frame.astype(float)
    except (TypeError, ValueError):
        raise errors.cache_answer_unusable(name, "values that are no numbers") from None
    return {field: pd.DataFrame(numbers[field]) if levels == 2 else numbers for field in fields}


def _source(attrs: Mapping[Any, Any], name: str) -> str:
    given = attrs.get("source")
    return PurePath(given).name if isinstance(given, str) and given else name


def _options(attrs: Mapping[Any, Any], name: str) -> str:
    """The options as text that can be compared; empty where a loader states none."""
    if not (given := attrs.get("options")):
        return ""
    try:
        return json.dumps(given, sort_keys=True)
    except TypeError:
        raise errors.cache_answer_unusable(name, "options that JSON cannot hold") from None


def _stamp(given: object, now: datetime) -> datetime:
    """When the numbers were asked of the source: as it says, but not in the future."""
    try:
        told = datetime.fromisoformat(str(given))
    except ValueError:
        return now
    return min(told if told.tzinfo else told.replace(tzinfo=UTC), now).astimezone(UTC)


def plain(given: object) -> dict[str, Any]:
    """Copy a mapping without what JSON has no word for."""
    known = given if isinstance(given, Mapping) else {}
    values = {str(k): v.item() if isinstance(v, np.generic) else v for k, v in known.items()}
    return {k: v for k, v in values.items() if _writable(v)}


def _writable(value: object) -> bool:
    if isinstance(value, list):
        return all(map(_writable, value))
    if isinstance(value, dict):
        return all(isinstance(k, str) and _writable(v) for k, v in value.items())
    return value is None or isinstance(value, (str, bool, int, float))
