"""Yahoo Finance for `tests/loopback.py`: its cookie, crumb, chart, quote and earnings calendar.

Any ticker has prices, the same in every run: a seeded walk on the sessions of its exchange, or
the bars of a loader such as `es.loaders.sample`, so that a whole study can run through it::

    server = YahooServer(faults={"GONE": not_found, "SLOW": slow(5)})
    with yahoo(server, tmp_path) as (net, session):        # in process
        es.loaders.Yahoo(session=session)(["IREN", "GONE"], "2026-01-02", "2026-03-31")

    with Loopback(YahooServer(loader=es.loaders.sample)) as net:       # in a subprocess
        subprocess.run([...], env=os.environ | environment(net, tmp_path))

The bodies are generated. Their shape is that of answers recorded in the public repository
gadicc/node-yahoo-finance2 (MIT), tests/fixtures/http/chart-*.json.
"""

from __future__ import annotations

import functools
import json
import threading
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import numpy as np
import pandas as pd
from loopback import Loopback, Reply, Request

from eventstudy.loaders._sessions import us_sessions

CRUMB = "Crumb.of/Test"
FIRST, LAST = "2000-01-03", "2030-12-31"
CHART = "/v8/finance/chart/"
FIELDS = ("open", "high", "low", "close", "adj_close", "volume")

#: what a fault does to a request: an answer of its own, or none to let it through
Fault = Callable[[Request], Reply | None]
#: changes the one result of a chart in place, before it is sent
Edit = Callable[[dict[str, Any]], object]


class Exchange(NamedTuple):
    zone: str
    opens: str
    closes: str
    kind: str = "EQUITY"
    name: str = "NMS"


NEW_YORK = Exchange("America/New_York", "09:30", "16:00")
#: how a symbol ends → where it is traded; everything else is in New York
ELSEWHERE = {
    "-USD": Exchange("UTC", "00:00", "23:59", "CRYPTOCURRENCY", "CCC"),
    ".L": Exchange("Europe/London", "08:00", "16:30", "EQUITY", "LSE"),
    ".T": Exchange("Asia/Tokyo", "09:00", "15:00", "EQUITY", "JPX"),
    ".SA": Exchange("America/Sao_Paulo", "10:00", "17:00", "EQUITY", "SAO"),
}


@dataclass(frozen=True)
class Actions:
    """What a company did: date → dividend a share, date → (new, old) shares of a split."""

    dividends: Mapping[str, float] = field(default_factory=dict)
    splits: Mapping[str, tuple[int, int]] = field(default_factory=dict)


class YahooServer:
    """Answers as Yahoo's servers do; give it to `Loopback`.

    Parameters
    ----------
    faults : mapping
        Symbol, or ``"crumb"`` or ``"cookie"``, → what happens to it instead.
    edits : mapping
        Symbol → what is changed in its chart.
    actions : mapping
        Symbol → dividends and splits.
    loader : loader, optional
        Whose bars are served, instead of a walk; a ticker that it does not have is unknown.
    earnings : mapping
        Symbol → rows of (date as Yahoo writes it, estimate, reported, surprise in percent).
    """

    def __init__(
        self,
        faults: Mapping[str, Fault] | None = None,
        *,
        edits: Mapping[str, Edit] | None = None,
        actions: Mapping[str, Actions] | None = None,
        loader: Any = None,
        earnings: Mapping[str, list[tuple[str, ...]]] | None = None,
    ) -> None:
        self.faults, self.edits = dict(faults or {}), dict(edits or {})
        self.actions, self.loader = dict(actions or {}), loader
        self.earnings = dict(earnings or {})

    def __call__(self, request: Request) -> Reply:
        fault = self.faults.get(self._subject(request))
        if fault is not None and (reply := fault(request)) is not None:
            return reply
        if request.host == "fc.yahoo.com":  # 404, and the cookie all the same
            kept = "Max-Age=31557600; Domain=.yahoo.com; Path=/; Secure; HttpOnly"
            return Reply(b"", 404, {"Set-Cookie": f"A3=test; {kept}"})
        if request.path.startswith(CHART):
            return self._chart(request)
        pages: dict[str, Callable[[Request], Reply]] = {
            "/v1/test/getcrumb": lambda _: Reply.text(CRUMB, kind="text/plain"),
            "/v7/finance/quote": self._quote,
            "/calendar/earnings": self._calendar,
        }
        page = pages.get(request.path)
        return page(request) if page else Reply.text("<html>no such page</html>", 404)

    @staticmethod
    def _quote(request: Request) -> Reply:
        symbols = request.first("symbols").split(",")
        rows = [{"symbol": name, "quoteType": exchange_of(name).kind} for name in symbols]
        return Reply.json({"quoteResponse": {"result": rows, "error": None}})

    @staticmethod
    def _subject(request: Request) -> str:
        """Whom a request is about: a symbol, the crumb or the cookie."""
        if request.host in ("fc.yahoo.com", "guce.yahoo.com"):
            return "cookie"
        if request.path.endswith("/getcrumb"):
            return "crumb"
        if request.path.startswith(CHART):
            return unquote(request.path).removeprefix(CHART)
        return request.first("symbol")

    # ── prices ───────────────────────────────────────────────────────────────────────────
    def _chart(self, request: Request) -> Reply:
        symbol = unquote(request.path).removeprefix(CHART)
        bars = self.bars(symbol)
        if bars is None:
            return not_found(request)
        exchange = exchange_of(symbol)
        moments = stamps(bars.index, exchange)
        now = pd.Timestamp.now("UTC").timestamp()
        until = min(float(request.first("period2") or now), now)
        since = float(request.first("period1") or until - 7 * 86_400)
        shown = (moments >= since) & (moments < until)
        result = chart_of(symbol, bars[shown], self.actions.get(symbol, Actions()))
        if "period1" not in request.query:  # only the last day was asked for
            result = chart_of(symbol, bars[shown].iloc[-1:], Actions())
        if symbol in self.edits:
            self.edits[symbol](result)
        return Reply.json({"chart": {"result": [result], "error": None}})

    def bars(self, symbol: str) -> pd.DataFrame | None:
        """Every day of a symbol, future ones too: what the answers are cut from."""
        if self.loader is not None:
            return _bars_of(self.loader, symbol)
        bars = walk(symbol).copy()
        for day, amount in self.actions.get(symbol, Actions()).dividends.items():
            earlier = bars.index < pd.Timestamp(day)
            before = float(bars["close"][earlier].iloc[-1])
            bars["adj_close"] = bars["adj_close"].mask(
                earlier, bars["adj_close"] * (1 - amount / before)
            )
        return bars

    # ── earnings ─────────────────────────────────────────────────────────────────────────
    def _calendar(self, request: Request) -> Reply:
        """Make the page of a company's earnings, `size` rows from `offset` on."""
        symbol = request.first("symbol")
        skip = int(request.first("offset", "0"))
        rows = self.earnings.get(symbol, [])[skip : skip + int(request.first("size", "25"))]
        names = ("Symbol", "Company", "Earnings Date", "EPS Estimate", "Reported EPS")
        head = "".join(f"<th>{name}</th>" for name in (*names, "Surprise (%)"))
        cells = [(symbol, f"{symbol} Inc.", *row) for row in rows]
        body = "".join(
            "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in cells
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return Reply.text(f"<!doctype html><html><body>{table if rows else ''}</body></html>")


def exchange_of(symbol: str) -> Exchange:
    """Where a symbol is traded, by its ending."""
    return next((e for end, e in ELSEWHERE.items() if symbol.endswith(end)), NEW_YORK)


@functools.cache
def _days(every_day: bool) -> pd.DatetimeIndex:
    days = pd.date_range(FIRST, LAST) if every_day else us_sessions(FIRST, LAST)
    return pd.DatetimeIndex(days).as_unit("ns")


@functools.cache
def walk(symbol: str) -> pd.DataFrame:
    """A symbol's bars, the same in every run; sessions of New York, or every day for coins."""
    days = _days(exchange_of(symbol).kind == "CRYPTOCURRENCY")
    rng = np.random.default_rng(zlib.crc32(symbol.encode()))
    close = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, len(days))))
    opened = close * np.exp(rng.normal(0, 0.005, len(days)))
    high, low = np.maximum(opened, close) * 1.01, np.minimum(opened, close) * 0.99
    volume = rng.integers(1_000, 9_000_000, len(days)).astype(float)
    return pd.DataFrame(
        np.column_stack([opened, high, low, close, close, volume]).round(6), days, list(FIELDS)
    )


def _bars_of(loader: Any, symbol: str) -> pd.DataFrame | None:
    from eventstudy.errors import LoaderError

    try:
        frame = loader([symbol], FIRST, LAST, fields=FIELDS)
    except LoaderError:
        return None
    bars: pd.DataFrame = frame.xs(symbol, axis=1, level="ticker")[list(FIELDS)]
    return bars


def stamps(days: pd.Index, exchange: Exchange, clock: str = "") -> np.ndarray[Any, Any]:
    """Seconds since 1970 at which the exchange opens on those days."""
    local = pd.DatetimeIndex(days) + pd.Timedelta(f"{clock or exchange.opens}:00")
    seconds: np.ndarray[Any, Any] = (
        local.tz_localize(exchange.zone).tz_convert("UTC").tz_localize(None).as_unit("s").asi8
    )
    return seconds


def chart_of(symbol: str, bars: pd.DataFrame, actions: Actions) -> dict[str, Any]:
    """One result of a chart; as Yahoo, without timestamps where there is no bar."""
    exchange = exchange_of(symbol)
    today = pd.DatetimeIndex([pd.Timestamp.now(exchange.zone).tz_localize(None).normalize()])
    begins, ends = (int(stamps(today, exchange, c)[0]) for c in (exchange.opens, exchange.closes))
    session = {"timezone": "X", "start": begins, "end": ends, "gmtoffset": 0}
    meta = {
        "currency": "USD",
        "symbol": symbol,
        "exchangeName": exchange.name,
        "instrumentType": exchange.kind,
        "firstTradeDate": 345479400,
        "regularMarketTime": begins,
        "gmtoffset": 0,
        "timezone": "X",
        "exchangeTimezoneName": exchange.zone,
        "priceHint": 2,
        "currentTradingPeriod": {name: dict(session) for name in ("pre", "regular", "post")},
        "dataGranularity": "1d",
        "range": "",
        "validRanges": ["1d", "5d", "1mo", "1y", "10y", "ytd", "max"],
    }
    if bars.empty:
        return {"meta": meta, "indicators": {"quote": [{}], "adjclose": [{}]}}
    quote = {name: bars[name].tolist() for name in FIELDS if name != "adj_close"}
    result = {
        "meta": meta,
        "timestamp": stamps(bars.index, exchange).tolist(),
        "indicators": {
            "quote": [quote],
            "adjclose": [{"adjclose": bars["adj_close"].tolist()}],
        },
    }
    events = _events(bars, actions, exchange)
    return result | ({"events": events} if events else {})


def _events(bars: pd.DataFrame, actions: Actions, exchange: Exchange) -> dict[str, Any]:
    found: dict[str, Any] = {}
    first, last = bars.index[0], bars.index[-1]
    for day, amount in actions.dividends.items():
        if first <= pd.Timestamp(day) <= last:
            at = int(stamps(pd.DatetimeIndex([day]), exchange)[0])
            found.setdefault("dividends", {})[str(at)] = {"amount": amount, "date": at}
    for day, (new, old) in actions.splits.items():
        if first <= pd.Timestamp(day) <= last:
            at = int(stamps(pd.DatetimeIndex([day]), exchange)[0])
            split = {"date": at, "numerator": new, "denominator": old}
            found.setdefault("splits", {})[str(at)] = split | {"splitRatio": f"{new}:{old}"}
    return found


# ── faults ───────────────────────────────────────────────────────────────────────────────
def _refused(status: int, code: str, said: str) -> Reply:
    error = {"code": code, "description": said}
    return Reply.json({"chart": {"result": None, "error": error}}, status)


def not_found(_: Request) -> Reply:
    """404: delisted, or never there."""
    return _refused(404, "Not Found", "No data found, symbol may be delisted")


def before_listing(request: Request) -> Reply | None:
    """400 for a range before the first trade; the last day, asked without one, is there."""
    if "period1" not in request.query:
        return None
    begin, end = request.first("period1"), request.first("period2")
    said = f"Data doesn't exist for startDate = {begin}, endDate = {end}"
    return _refused(400, "Bad Request", said)


def too_many(_: Request) -> Reply:
    """429, as Yahoo's edge says it."""
    return Reply.text("Edge: Too Many Requests", 429, "text/plain")


def web_page(_: Request) -> Reply:
    """HTML with 200."""
    return Reply.text("<!doctype html><html><body>Consent</body></html>")


def broken(_: Request) -> Reply:
    """500, as a page."""
    return Reply.text("<html>Internal Server Error</html>", 500)


def half_json(_: Request) -> Reply:
    """JSON that ends in the middle, with the right length."""
    return Reply(b'{"chart": {"result": [{"meta": {"currency": "US', 200, {"Content-Type": "json"})


def cut_off(_: Request) -> Reply:
    """A connection that breaks in the middle of the body."""
    return Reply(json.dumps({"chart": {"result": [1] * 999}}).encode(), cut=50)


def hung_up(_: Request) -> Reply:
    """A connection that breaks before the answer."""
    return Reply(cut=-1)


def slow(seconds: float) -> Fault:
    """Answer late."""
    return lambda _: Reply(b"{}", delay=seconds)


class FirstTimes:
    """A fault that passes after some requests for the same thing."""

    def __init__(self, fault: Fault, times: int) -> None:
        self.fault, self.times = fault, times
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Reply | None:
        with self._lock:
            self._seen[request.path] += 1
            over = self._seen[request.path] > self.times
        return None if over else self.fault(request)


# ── clients ──────────────────────────────────────────────────────────────────────────────
@contextmanager
def yahoo(
    server: Callable[[Request], Reply], folder: Path, refuse: tuple[str, ...] = ()
) -> Iterator[tuple[Loopback, Any]]:
    """Serve in this process: the loopback, and the session with which yfinance goes there."""
    from curl_cffi.requests import Session

    with fresh_caches(folder), Loopback(server, refuse) as net:
        trusted: Any = str(net.authority)
        session: Any = Session(impersonate="chrome", verify=trusted, proxies={"https": net.proxy})
        try:
            yield net, session
        finally:
            session.close()


def environment(net: Loopback, folder: Path) -> dict[str, str]:
    """Environment with which a subprocess asks the loopback, and keeps its caches in a folder."""
    return net.environment() | {"XDG_CACHE_HOME": str(folder)}


@contextmanager
def fresh_caches(folder: Path) -> Iterator[None]:
    """Let yfinance's own caches (time zones, cookies, ISINs) begin empty in a folder."""
    from yfinance import cache

    managers = (cache._TzCacheManager, cache._CookieCacheManager, cache._ISINCacheManager)
    names = ("_tz_cache", "_Cookie_cache", "_isin_cache")
    databases = (cache._TzDBManager, cache._CookieDBManager, cache._ISINDBManager)
    before = [getattr(manager, name) for manager, name in zip(managers, names, strict=True)]
    places = [(database._db, database.get_location()) for database in databases]
    try:
        for manager, name in zip(managers, names, strict=True):
            setattr(manager, name, None)
        for database in databases:
            database._db = None
        cache.set_cache_location(str(folder / "yfinance"))
        yield
    finally:
        for database, (opened, place) in zip(databases, places, strict=True):
            database.close_db()
            database._db, database._cache_dir = opened, place
        for manager, name, old in zip(managers, names, before, strict=True):
            setattr(manager, name, old)
