"""Parquet prices → saved panel, some tickers at a time, so that no array holds all of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.panel import stored
from eventstudy.panel.build import Options
from eventstudy.panel.companions import read_factors, read_market
from eventstudy.panel.storing import Folder
from eventstudy.panel.table import Table

if TYPE_CHECKING:
    from eventstudy.loaders import Loader
    from eventstudy.panel.panel import Panel

#: tickers that are read together; of more the loader would read every part of the files
TOGETHER = 500
#: as far as timestamps reach
EVER = ("1677-09-22", "2262-04-11")


def opened(source: Path, into: Path, options: Options) -> Panel:
    """Open the panel in ``into``; it is made of the Parquet first where it is not there yet."""
    if stored.holds(source) == "CSV":
        raise errors.saved_absent(source, "CSV")
    if options.market is None:
        raise errors.saved_market()
    made_of = _digest(source, options)
    if not stored.is_saved(into):
        try:
            _convert(source, into, options, made_of)
        except errors.PanelError:  # another process may have been quicker
            if not stored.is_saved(into):
                raise
    if stored.described(into).get("made_of") != made_of:
        raise errors.saved_other(into)
    return stored.opened(into)


def _convert(source: Path, into: Path, options: Options, made_of: str) -> None:
    """Write the panel; what is in memory are the tickers that are read together."""
    from eventstudy.loaders import parquet

    loader = parquet(source)
    names = loader.tickers()
    always = _needed(options, names)
    report: dict[str, Mapping[str, Any]] = {}
    masked = False
    with Folder(into) as folder, ExitStack() as open_files:
        for block in _blocks(names):
            asked = [*block, *(name for name in always if name not in block)]
            made = _panel(loader, asked, options)
            more = made.tickers[len(asked) :]  # a market of its own
            if block[0] == names[0]:
                shape = len(names) + len(more), len(made.sessions)
                put = open_files.enter_context(folder.rows("returns", shape, "float64"))
                mark = open_files.enter_context(folder.rows("masked", shape, "bool"))
            put(made.returns[: len(block)])
            mark(_masked(made)[: len(block)])
            masked |= made.masked is not None
            told = made.provenance.report
            report |= {name: told[name] for name in block if name in told}
        put(made.returns[len(asked) :])
        mark(_masked(made)[len(asked) :])
        open_files.close()
        if not masked:
            folder.drop("masked")
        known = replace(made, provenance=replace(made.provenance, report=report))
        folder.finish(known, tickers=[*names, *more], masked=masked, made_of=made_of)


def _blocks(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), TOGETHER):
        yield names[start : start + TOGETHER]


def _needed(options: Options, names: list[str]) -> list[str]:
    """Tickers of the files that every part needs: the market, and factors that are tickers."""
    market = read_market(options.market)
    factors = read_factors(options.factors, options.risk_free, options.kind)
    for name in factors.tickers:
        if name not in names:
            raise errors.panel_no_factor(name, names)
    own = () if factors.table is None else factors.table.names
    if isinstance(market, str) and market not in (*own, *names):
        raise errors.panel_no_market(market, names)
    first = market.names if isinstance(market, Table) else (market,)
    return [name for name in dict.fromkeys((*first, *factors.tickers)) if name in names]


def _panel(loader: Loader, tickers: list[str], options: Options) -> Panel:
    """Make the panel of some tickers."""
    from eventstudy.panel.panel import Panel

    try:
        prices = loader(tickers, *EVER)
    except errors.LoaderError as why:
        if not why.report:
            raise
        prices = pd.DataFrame(np.nan, [pd.Timestamp(0)], tickers)  # not one price of them
        prices.attrs["report"] = why.report
    market: Any = options.market  # whatever a user gave
    return Panel.from_prices(
        prices,
        market=market,
        factors=options.factors,
        risk_free=options.risk_free,
        kind=options.kind,
        own_since=options.own_since,
    )


def _masked(made: Panel) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.zeros(made.returns.shape, np.bool_) if made.masked is None else made.masked


# ── what a panel was made of ─────────────────────────────────────────────────────────────────
def _digest(source: Path, options: Options) -> str:
    """Tell the files, by name, size and time, and the options apart from others."""
    files = sorted(source.rglob("*.parquet")) if source.is_dir() else [source]
    found = [
        (str(file.relative_to(source)), file.stat().st_size, file.stat().st_mtime_ns)
        for file in files
        if file.exists()
    ]
    chosen = {name: _told(value) for name, value in vars(options).items()}
    return hashlib.sha256(json.dumps([found, chosen]).encode()).hexdigest()


def _told(value: object) -> object:
    """An option as text; of a table its labels and numbers."""
    if isinstance(value, pd.Series):
        value = value.to_frame()
    if isinstance(value, pd.DataFrame):
        sums = pd.util.hash_pandas_object(value).to_numpy()
        return [list(map(str, value.columns)), hashlib.sha256(sums.tobytes()).hexdigest()]
    if isinstance(value, Mapping):
        return sorted((str(name), str(entry)) for name, entry in value.items())
    return repr(value)
