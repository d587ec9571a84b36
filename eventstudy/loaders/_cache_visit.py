"""One call of a cached loader: look at what is kept, fetch what it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from eventstudy import errors
from eventstudy.loaders import _cache_files as files
from eventstudy.loaders._cache_calls import Got, Source, call, key_of, plain, taken_apart
from eventstudy.loaders._cache_ranges import (
    Kept,
    Stretch,
    final_through,
    joined,
    missing,
    same_past,
)
from eventstudy.loaders._request import FIELDS, Request

CHANGED = "the kept prices are no longer those of the source, as after a split or a dividend"
OPTIONS = "the kept file is of other options"
LOADER = "the kept file is that of another loader"

#: what to fetch: days and fields → tickers, so that equal questions are one call
Groups = dict[tuple[Stretch, tuple[str, ...]], list[str]]


class Visit:
    """What is known of the tickers of one request while it is answered."""

    def __init__(self, loader: Source, folder: Path, request: Request, now: datetime) -> None:
        self.loader, self.folder, self.request, self.now = loader, folder, request, now
        self.key, self.final = key_of(loader), final_through(now)
        first, last = (np.datetime64(day.date(), "D") for day in (request.start, request.end))
        self.days = Stretch(first, last)
        folded = [ticker.strip().upper() for ticker in request.tickers]
        #: two spellings may be one security; then only the source knows whose the prices are
        self.alike = {
            name
            for name, fold in zip(request.tickers, folded, strict=True)
            if folded.count(fold) > 1
        }
        self.kept: dict[str, Kept] = {}
        self.partial: dict[str, Kept] = {}  # came with a trouble, so it is not kept
        self.failed: dict[str, dict[str, Any]] = {}  # status, detail, …
        self.remarks: dict[str, str] = {}  # what is wrong with that which was kept
        self.done: set[str] = set()  # fetched
        self.error: errors.LoaderError | None = None
        self.alone = False  # whether that error is about all tickers
        self.untold: set[str] = set()  # failed in such an error, which nobody sees
        self._anew: set[str] = set()  # all days of these must be fetched
        self._foreign: set[str] = set()

    def look(self) -> None:
        """Read the files, of each only the fields that are needed."""
        self._read(self.request.tickers, self.request.fields)

    def lacks(self) -> bool:
        return bool(self._groups())

    def fill(self) -> None:
        """Fetch what is missing; to be called by one process at a time.

        What another process has fetched since is found. Each answer is written at once, so that
        an end in the middle loses only what is not there yet.
        """
        lacking = [ticker for tickers in self._groups().values() for ticker in tickers]
        self._read(lacking, None)
        while groups := self._groups():
            for (days, fields), tickers in groups.items():
                self._fetch(tickers, days, fields)
            self._same_options()

    def _read(self, tickers: Iterable[str], fields: tuple[str, ...] | None) -> None:
        for ticker in tickers:
            self.kept.pop(ticker, None)
            self.remarks.pop(ticker, None)
            try:
                kept = None if ticker in self.alike else files.read(self.folder, ticker, fields)
            except files.Unusable as why:
                self.remarks[ticker] = f"the kept file {why}"
                self._foreign |= {ticker} if isinstance(why, files.Foreign) else set()
                continue
            if kept is not None and kept.origin.loader != self.key:
                self.remarks[ticker] = LOADER
            elif kept is not None:  # a clock that went wrong may have called the future final
                self.kept[ticker] = replace(kept, final=min(kept.final, self.final))
        self._same_options()

    def _same_options(self) -> None:
        """Leave out what was kept with other options than the newest prices have."""
        order = {ticker: (ticker in self.done, kept.fetched) for ticker, kept in self.kept.items()}
        newest = max(order, key=order.__getitem__, default=None)
        for ticker in [t for t in self.kept if t not in self.done]:
            if self.kept[ticker].origin.options != self.kept[str(newest)].origin.options:
                del self.kept[ticker]
                self.remarks[ticker] = OPTIONS

    def _groups(self) -> Groups:
        groups: Groups = {}
        for ticker in self.request.tickers:
            if ticker in self.failed or ticker in self.done:
                continue
            kept = self.kept.get(ticker)
            days = missing(kept, self.days, self.request.fields)
            if kept is not None and ticker in self._anew:
                days = kept.asked.with_(self.days)
            if days is not None:
                known = {*self.request.fields, *(kept.fields if kept else ())}
                fields = tuple(field for field in FIELDS if field in known)
                groups.setdefault((days, fields), []).append(ticker)
        return groups

    def _fetch(self, tickers: list[str], days: Stretch, fields: tuple[str, ...]) -> None:
        try:
            frame = call(self.loader, tickers, days, fields)
        except errors.LoaderError as why:
            self.error, self.alone = why, len(tickers) == len(self.request.tickers)
            self.failed |= {ticker: _failure(why, ticker) for ticker in tickers}
            self.untold |= {*tickers}
            return
        asked = (tickers, days, fields)
        for ticker, got in taken_apart(frame, self.loader, asked, self.now).items():
            self._take(ticker, got)

    def _take(self, ticker: str, got: Got) -> None:
        """Join what was fetched with what is kept, and write it; only successes are kept."""
        kept, fresh = self.kept.get(ticker), got.fresh
        if fresh is None or got.status != "ok":
            status = "no_data" if got.status == "ok" else got.status
            self.failed[ticker] = {"status": status, **got.told}
            if fresh is not None and kept is None:
                self.partial[ticker] = fresh
            return
        if kept is not None and (wrong := _apart(kept, fresh)):
            self.remarks[ticker] = wrong
            self._anew.add(ticker)
            return
        self.kept[ticker] = joined(kept, fresh)
        self.done.add(ticker)
        if ticker in self._foreign:
            files.put_aside(self.folder, ticker)
        if ticker not in self.alike:
            files.write(self.folder, self.kept[ticker])


def _apart(kept: Kept, fresh: Kept) -> str:
    """Why fetched days cannot be put beside the kept ones; empty if they can."""
    if fresh.asked.covers(kept.asked):
        return ""
    if fresh.origin.options != kept.origin.options:
        return OPTIONS
    if fresh.origin != kept.origin:
        return f"the kept prices are those of {kept.origin.source}"
    return "" if same_past(kept, fresh) else CHANGED


def _failure(why: errors.LoaderError, ticker: str) -> dict[str, Any]:
    """What an error of the loader says of one ticker."""
    report = why.report if isinstance(why.report, Mapping) else {}
    usual = {"status": why.status or "no_data", "detail": str(why)}
    told = {
        k: v for k, v in plain(report.get(ticker)).items() if k not in ("rows", "first", "last")
    }
    return usual | told
