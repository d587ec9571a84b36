"""Days on which firms report their earnings, from Yahoo's calendar page through yfinance.

How Yahoo is asked stands in `eventstudy.web`; what one page holds, in `_yahoo_calendar`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import quote

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.events import check_events, day_of
from eventstudy.events._exchange import exchange
from eventstudy.sources._answer import answer, found
from eventstudy.sources._yahoo_calendar import NUMBERS, Pages, Wanted
from eventstudy.web._yahoo import connection, spelling
from eventstudy.web._yahoo_batch import Asking, ask_each
from eventstudy.web._yahoo_trouble import Trouble
from eventstudy.windows import is_whole

NAME = "Yahoo Finance"
#: reports a ticker, unless `since` says how far back
USUAL = 12
#: what can be done without a calendar
_WITHOUT = "ask for calendar=None: the day in New York, without a session"


def yahoo_earnings(
    tickers: str | Iterable[str],
    *,
    limit: int | None = None,
    since: object = None,
    until: object = None,
    calendar: str | None = "XNYS",
    session: object = None,
    retries: int = 3,
) -> pd.DataFrame:
    """Fetch the days on which firms report, with estimate and surprise (Yahoo, by yfinance).

    Dates ahead are kept: they are what `EventStudy.preview` asks about. Yahoo's terms allow
    personal use only.

    Parameters
    ----------
    tickers
        One ticker or many. `BRK.B` is asked as `BRK-B` and stays `BRK.B` in the answer.
    limit
        Reports a ticker, the latest first, announced ones ahead among them. Default: 12, or
        with `since` all from that day on.
    since, until
        First and last date, both included.
    calendar
        The exchange whose hours place the time of day (package ``exchange_calendars``, extra
        ``calendars``). ``None``: the day as Yahoo writes it, in New York, with an unknown
        session.
    session
        A Session of curl_cffi or requests that asks, for a proxy or cookies of your own.
    retries
        How often all wait, longer each time, when Yahoo says that there were too many requests.

    Returns
    -------
    DataFrame
        An events table, a row a report, ids ``TICKER|date|earnings``, ``scheduled`` true.
        Further columns: ``category`` ("earnings"), ``announced`` (the moment as ISO text with
        its zone; missing where Yahoo gives no time of day, which it writes as midnight: the
        session is unknown), ``eps_estimate``, ``eps_reported``, ``surprise`` (a fraction of
        the estimate: 0.05 is 5 %). Of several rows for one day the one with most numbers is
        kept. ``attrs["report"]`` says of each ticker status (ok, no_data, not_found,
        bad_ticker, rate_limited, network, timeout, bad_answer), rows, first, last and, in
        `detail`, what else happened: a ticker that fails does not end the call.

    Raises
    ------
    LoaderError
        `tickers` or `limit` is malformed, or not one ticker has a report: `report` of the error
        says why by ticker.
    EventsError
        A date is malformed; `calendar` is not known or its package not installed.

    Examples
    --------
    >>> from eventstudy import sources
    >>> sources.yahoo_earnings([])
    Traceback (most recent call last):
    ...
    eventstudy.errors.LoaderError: tickers=[] does not name what to load; give one text or a \
list of texts, none of them empty.

    ``sources.yahoo_earnings(["NVDA", "IREN"], since="2024-01-01")`` would ask now.
    """
    asked = _names(tickers)
    wanted = _wanted(limit, since, until)
    if calendar is not None:  # refused before anything is asked
        day = pd.Timestamp("2025-01-02")
        exchange(calendar, day, day, instead=_WITHOUT)
    if not is_whole(retries) or not 0 <= retries <= 10:
        raise errors.earnings_retries(retries)
    fetched = datetime.now(UTC).isoformat(timespec="seconds")
    source, rows, troubles = _ask(asked, wanted, session, int(retries))
    events = wanted.chosen(_events(rows, calendar))
    report = _report(asked, events, troubles, rows)
    _tell(report)
    if events.empty:
        raise _nothing(report)
    attrs = {"fetched": fetched, "options": {"calendar": calendar}}
    return answer(events, source, report, attrs)


def _ask(
    asked: Iterable[str], wanted: Wanted, session: object, retries: int
) -> tuple[str, dict[str, pd.DataFrame], dict[str, Trouble]]:
    """What answered, and by asked name the rows that came and why not, or not all, came."""
    symbols, troubles = spelling(asked)
    if not symbols:
        return NAME, {}, troubles
    # yfinance writes a symbol into the address as it is, and M&M would be asked as M
    sent = {name: quote(symbol, safe="^=") for name, symbol in symbols.items()}
    pages = Pages(wanted)
    with connection(session) as yahoo:
        how = Asking(workers=2, retries=retries)
        answers = ask_each(yahoo, sorted({*sent.values()}), pages, how)
    troubles |= {n: got for n, s in sent.items() if isinstance(got := answers[s], Trouble)}
    rows = {name: pages.rows(symbol) for name, symbol in sent.items()}
    return yahoo.source, {name: table for name, table in rows.items() if len(table)}, troubles


def _events(rows: Mapping[str, pd.DataFrame], calendar: str | None) -> pd.DataFrame:
    """All rows as an events table, one a firm and day, firms in the order asked."""
    if not rows:
        return pd.DataFrame({"ticker": [], "date": pd.DatetimeIndex([])})
    table = pd.concat(rows, names=["ticker"]).reset_index("ticker").reset_index(drop=True)
    moment = table["announced"].fillna(table["day"])
    table["date"] = table["day"] if calendar is None else moment
    table = table.drop(columns="day").assign(scheduled=True)
    table.insert(0, "category", "earnings")
    events = check_events(table, calendar)
    known = events[[*NUMBERS.values(), "announced"]].notna().sum(axis="columns")
    best = known.sort_values(ascending=False, kind="stable").index
    events = events.loc[best].drop_duplicates(["ticker", "date"])
    place = events["ticker"].map({name: k for k, name in enumerate(rows)})
    events = events.iloc[np.lexsort((events["date"], place))]
    days = events["date"].dt.strftime("%Y-%m-%d")
    ids = pd.Index(events["ticker"] + "|" + days + "|earnings", name="event_id")
    text = pd.Series([""]).dtype  # in older pandas `str` would make a missing value a text
    return events.set_axis(ids, axis="index").astype({"announced": text})


def _report(
    asked: Iterable[str],
    events: pd.DataFrame,
    troubles: Mapping[str, Trouble],
    rows: Mapping[str, pd.DataFrame],
) -> dict[str, dict[str, object]]:
    """What happened to each ticker; one that failed on a later page keeps its first rows."""
    report = found(events, asked)
    for name, told in report.items():
        trouble, seen = troubles.get(name), len(rows.get(name, ()))
        if trouble is None or (trouble.status == "no_data" and seen):
            if not told["rows"]:
                told["detail"] = "no report on those days"
        elif trouble.status == "no_data":
            told["detail"] = "the page of Yahoo's calendar holds no reports"
        else:
            told["status"] = trouble.status
            told["detail"] = trouble.detail + (f", after {seen} rows" if seen else "")
    return report


def _tell(report: Mapping[str, Mapping[str, object]]) -> None:
    log = logging.getLogger("eventstudy")
    for name, told in report.items():
        if told["status"] != "ok":
            log.warning("%s: %s: %s (%s)", NAME, ascii(name), told["status"], told["detail"])


def _nothing(report: dict[str, dict[str, object]]) -> errors.LoaderError:
    """All of them failed: how many of what, and the report with it."""
    causes: dict[str, tuple[list[str], str]] = {}
    for name, told in report.items():
        status, detail = str(told["status"]), str(told["detail"])
        causes.setdefault(status, ([], detail))[0].append(name)
    error = errors.earnings_nothing(causes)
    error.report = report
    return error


def _names(tickers: object) -> tuple[str, ...]:
    names = [tickers] if isinstance(tickers, str) else tickers
    if not isinstance(names, Iterable) or isinstance(names, (bytes, Mapping)):
        raise errors.loader_names("tickers", tickers)
    distinct = tuple(dict.fromkeys(names))
    if not distinct or any(not isinstance(name, str) or not name.strip() for name in distinct):
        raise errors.loader_names("tickers", tickers)
    return distinct


def _wanted(limit: object, since: object, until: object) -> Wanted:
    if limit is not None and (not is_whole(limit) or limit < 1):
        raise errors.earnings_limit(limit)
    first, last = (None if day is None else day_of(day) for day in (since, until))
    usual = USUAL if since is None else None
    return Wanted(usual if limit is None else int(limit), first, last)
