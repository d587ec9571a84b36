"""Prices of Yahoo Finance through yfinance, with a report that says what happened to each ticker.

Checked tickers, a few questions at a time, an end when Yahoo or the network says no:
`eventstudy.web`. What one answer is made into: `_yahoo_bars`. Here: the loader.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from eventstudy import errors
from eventstudy.loaders._request import Request, answer, as_request
from eventstudy.loaders._yahoo_bars import COLUMNS, Bars, Period, bars_of, fetch
from eventstudy.one_line import call
from eventstudy.web._yahoo import Connection, connection, spelling
from eventstudy.web._yahoo_batch import Asking, ask_each
from eventstudy.web._yahoo_trouble import Trouble

NAME = "Yahoo Finance"
OPTIONS = {"interval": "1d", "adjusted": "adj_close: splits and dividends; the rest: splits"}
UNREADABLE = Trouble("bad_answer", "what came is no table of daily prices")


@dataclass(frozen=True)
class Yahoo:
    """Daily prices of Yahoo Finance, asked through yfinance when the loader is called.

    ``es.loaders.yahoo`` is this loader with the options below. Call it as every loader:
    ``yahoo(tickers, start, end, fields=("adj_close",))``. Yahoo writes classes of shares with a
    hyphen; `BRK.B` is asked as `BRK-B` and stays `BRK.B` in the answer. Dates are those of each
    exchange. All prices are adjusted for splits, also `close`; only `adj_close` is adjusted for
    dividends, so that its changes are returns. Yahoo's terms allow personal use only.

    A ticker that fails does not end the call: it is a column of missing values, and
    ``attrs["report"]`` says for each ticker status (ok, no_data, not_found, bad_ticker,
    rate_limited, network, timeout, bad_answer), rows, first, last, splits and dividends seen and,
    in `detail`, why. A day that Yahoo sends without a price stays missing and is counted there,
    as is a price that cannot be (zero, negative, infinite); `not_final` is a last day that is
    not over yet.

    When Yahoo answers that there are too many requests, all wait, longer each time; after the
    last time, and when nothing answers at all, the remaining tickers are not asked any more.
    yfinance's own session, configuration, log and warnings are left as they were.

    Parameters
    ----------
    session : Session of curl_cffi or requests, optional
        What asks, for a proxy or cookies of your own; otherwise yfinance's own kind.
    workers : int
        How many tickers are asked at once, 1 to 4.
    timeout : float
        Seconds for one answer.
    retries : int
        How often all wait after too many requests, 0 to 10.
    wait : float
        Seconds of the first wait; each further one is twice as long, give or take a quarter.
    progress : bool
        Count the tickers on a terminal. Needs tqdm.

    Raises
    ------
    LoaderError
        If an option or a date is malformed, a field is not there, or no ticker has a price:
        `report` of the error then says why by ticker.

    Examples
    --------
    >>> from eventstudy.loaders import Yahoo
    >>> slow = Yahoo(workers=1, wait=10.0)
    >>> slow
    Yahoo(workers=1, wait=10.0)

    ``slow(["IREN", "SPY"], "2026-01-02", "2026-03-31")`` would ask now.
    """

    session: Any = field(default=None, repr=False)
    workers: int = 4
    timeout: float = 10.0
    retries: int = 3
    wait: float = 1.0
    progress: bool = False

    __repr__ = call

    def __post_init__(self) -> None:
        _whole("workers", self.workers, 1, 4)
        _whole("retries", self.retries, 0, 10)
        _seconds("timeout", self.timeout, 0.001, 600.0)
        _seconds("wait", self.wait, 0.0, 600.0)

    def __call__(
        self,
        tickers: str | Iterable[str],
        start: object,
        end: object,
        fields: str | Iterable[str] = ("adj_close",),
    ) -> pd.DataFrame:
        """Fetch the prices, sessions × tickers (× fields)."""
        request = as_request(tickers, start, end, fields)
        for name in request.fields:
            if name not in COLUMNS:
                raise errors.loader_no_field(NAME, name, COLUMNS)
        symbols, bad = spelling(request.tickers)
        if not symbols:
            raise _nothing(request, bad)
        with connection(self.session, self.timeout) as yahoo:
            # all of it in here: pandas sets warnings for a moment, as does the connection, and
            # who sets them first must be the last to put them back
            return self._fetched(yahoo, request, symbols, bad)

    def _fetched(
        self,
        yahoo: Connection,
        request: Request,
        symbols: Mapping[str, str],
        bad: Mapping[str, Trouble],
    ) -> pd.DataFrame:
        """Ask for the symbols, and make one frame and one report of what came."""
        fetched = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        how = Asking(self.workers, self.retries, self.wait)
        found = ask_each(
            yahoo,
            [*symbols.values()],
            lambda ticker: fetch(ticker, request.start, request.end),
            how,
            progress=self.progress,
        )
        bars: dict[str, Bars] = {}
        troubles = dict(bad)
        for name, symbol in symbols.items():
            got = found[symbol]
            checked = got if isinstance(got, Trouble) else _checked(got, request)
            if isinstance(checked, Trouble):
                troubles[name] = checked
            else:
                bars[name] = checked
        _tell(bars, troubles)
        if not bars:
            raise _nothing(request, troubles)
        attrs = {"fetched": fetched, "options": dict(OPTIONS)}
        told = _report(bars, troubles)
        return answer(request, _tables(request, bars), yahoo.source, attrs, told)


def _checked(got: tuple[pd.DataFrame, Period], request: Request) -> Bars | Trouble:
    """Bars with a price, or why there are none."""
    bars = bars_of(*got, request.start, request.end)
    if bars is None:
        return UNREADABLE
    if bars.table[list(request.fields)].isna().all(axis=None):
        detail = bars.told.get("detail", "no prices on those days")
        return Trouble("no_data", str(detail))
    return bars


def _tables(request: Request, bars: Mapping[str, Bars]) -> dict[str, pd.DataFrame]:
    """Field → dates × tickers, of those that have any."""
    return {
        name: pd.concat(
            {ticker: one.table[name] for ticker, one in bars.items()}, axis=1, sort=True
        )
        for name in request.fields
    }


def _report(
    bars: Mapping[str, Bars], troubles: Mapping[str, Trouble]
) -> dict[str, dict[str, object]]:
    """What `answer` cannot see: why a ticker failed, and what else was found."""
    told = {name: dict(one.told) for name, one in bars.items()}
    for name, trouble in troubles.items():
        told[name] = {
            "status": trouble.status,
            "splits": 0,
            "dividends": 0,
            "detail": trouble.detail,
        }
    return told


def _tell(bars: Mapping[str, Bars], troubles: Mapping[str, Trouble]) -> None:
    """Say in one line which tickers failed; where all did, an error says it."""
    log, asked = logging.getLogger("eventstudy"), len(bars) + len(troubles)
    if bars and troubles:
        failed = [f"{ascii(name)[1:-1]} ({why.status})" for name, why in troubles.items()]
        log.warning("%s: no prices of %s", NAME, errors.listed(failed, 10))
    log.info("%s: prices of %d of %d tickers", NAME, len(bars), asked)


def _nothing(request: Request, troubles: Mapping[str, Trouble]) -> errors.LoaderError:
    """All of them failed: how many of what, and the report with it."""
    causes: dict[str, tuple[list[str], str]] = {}
    for name in request.tickers:
        trouble = troubles[name]
        causes.setdefault(trouble.status, ([], trouble.detail))[0].append(name)
    error = errors.yahoo_nothing(causes, request.start.date(), request.end.date())
    error.report = {
        name: {"status": troubles[name].status, "rows": 0, "first": None, "last": None}
        | _report({}, troubles)[name]
        for name in request.tickers
    }
    return error


def _whole(option: str, value: object, least: int, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise errors.yahoo_option(option, value, f"a whole number from {least} to {most}")


def _seconds(option: str, value: object, least: float, most: float) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (number and least <= float(str(value)) <= most):
        raise errors.yahoo_option(option, value, f"seconds, from {least:g} to {most:g}")


yahoo = Yahoo()
