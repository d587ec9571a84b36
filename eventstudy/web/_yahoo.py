"""Yahoo Finance through yfinance: checked tickers, and a connection that leaves no trace.

yfinance keeps much for the whole process: a session with its cookies, a configuration, a log.
`connection` sets what a call of ours needs, works with a session of its own, and puts
everything back, also when two calls overlap or one is interrupted::

    symbols, bad = spelling(["BRK.B", "../x"])
    with connection(timeout=10.0) as yahoo:
        found = yahoo.ask("BRK-B", lambda ticker: ticker.get_earnings_dates())
    # the value, or a Trouble with status and detail
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

from eventstudy import errors
from eventstudy.web._yahoo_settings import HERE, SETTINGS, open_caches
from eventstudy.web._yahoo_trouble import Stopped, Trouble, trouble_of

Value = TypeVar("Value")
#: things of yfinance and of the libraries below it: a session, what it sends and gets
Session: TypeAlias = Any
Ticker: TypeAlias = Any
Sent: TypeAlias = Any

#: what may be sent: yfinance puts a ticker into an address as it is
TICKER = re.compile(r"[A-Za-z0-9^][A-Za-z0-9.^=_&-]{0,31}")
ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
#: a class, not an exchange: `.AX` and `.CO` are places, and no place has one letter up to C
CLASS_OF_SHARE = re.compile(r"^([A-Z]{1,5})\.([A-C])$")

#: cookies and crumbs: useful, not needed for prices; they get little of the time
COOKIE_HOSTS = ("fc.yahoo.com", "guce.yahoo.com", "consent.yahoo.com")
COOKIE_SHARE, CONNECT_SHARE = 0.2, 0.3


# ── tickers ──────────────────────────────────────────────────────────────────────────────
def spelling(names: Iterable[str]) -> tuple[dict[str, str], dict[str, Trouble]]:
    """Asked ticker → Yahoo's symbol, and asked ticker → why it is not asked.

    Yahoo writes classes of shares with a hyphen, `BRK-B`. ISINs are refused, since yfinance
    would look them up as something else. Of two spellings of one symbol the first is asked,
    or the one that is Yahoo's own.

    Examples
    --------
    >>> symbols, bad = spelling(["BRK.B", "iren", "AAPL#x", "US0378331005"])
    >>> symbols
    {'BRK.B': 'BRK-B', 'iren': 'IREN'}
    >>> bad["AAPL#x"].status, bad["US0378331005"].detail
    ('bad_ticker', 'an ISIN, not a ticker; give the symbol')
    """
    asked = list(names)
    symbols: dict[str, str] = {}
    bad: dict[str, Trouble] = {}
    for name in asked:
        symbol = name.strip().upper()
        if not TICKER.fullmatch(symbol):
            bad[name] = Trouble("bad_ticker", "not a symbol: letters, digits and . - ^ = _ & only")
        elif ISIN.fullmatch(symbol):
            bad[name] = Trouble("bad_ticker", "an ISIN, not a ticker; give the symbol")
        else:
            symbols[name] = CLASS_OF_SHARE.sub(r"\1-\2", symbol, count=1)
    first: dict[str, str] = {}
    for name in sorted(symbols, key=lambda name: symbols[name] != name):  # exact ones come first
        if first.setdefault(symbols[name], name) != name:
            bad[name] = Trouble("bad_ticker", f"the same as {first[symbols[name]]}, asked too")
    return {name: symbols[name] for name in asked if name in symbols and name not in bad}, bad


# ── the connection ───────────────────────────────────────────────────────────────────────
class Connection:
    """One call's way to Yahoo; several threads may ask at once."""

    def __init__(self, session: Session, timeout: float) -> None:
        import yfinance
        from yfinance.data import YfData

        self.version = str(yfinance.__version__)
        self.timeout = timeout
        self.stopped: Trouble | None = None
        #: interrupts whoever waits
        self.halted = threading.Event()
        self._dead: dict[str, Exception] = {}
        # a ticker of our own kind never falls back on slow further questions
        self._kind = type("Ticker", (yfinance.Ticker,), {"info": {}})
        inner = self._kind("SPY").session if session is None else session
        guarded = type("Session", (_Guard, type(inner)), {})(inner, self)
        # beside the one that yfinance keeps for the process, which stays as it was
        kind = type("Data", (YfData,), {"_get_cookie_and_crumb": _crumb_if_any})
        self._data = type.__call__(kind, session=guarded)

    @property
    def source(self) -> str:
        """What answered, for a report."""
        return f"Yahoo Finance (yfinance {self.version})"

    def ask(self, symbol: str, what: Callable[[Ticker], Value]) -> Value | Trouble:
        """Call ``what(ticker)`` with a `yfinance.Ticker`; an exception becomes a Trouble."""
        HERE.asking, HERE.code = True, None
        try:
            ticker = self._kind(symbol)
            ticker._data = self._data  # noqa: SLF001  (the public way would change the process's)
            return what(ticker)
        except Exception as error:  # noqa: BLE001  (yfinance lets through whatever happens)
            found = trouble_of(error, HERE.code)
            logging.getLogger("eventstudy").debug("%s: %s", symbol, type(error).__name__)
            return found
        finally:
            HERE.asking = False

    def stop(self, trouble: Trouble) -> None:
        """Let every further question end at once with this trouble."""
        if self.stopped is None:
            self.stopped = trouble
        self.halted.set()

    def request(self, inner: Session, method: str, url: str, **options: Sent) -> Sent:
        """Send what yfinance wants sent, in the time that we give it."""
        if self.stopped is not None:
            raise Stopped(self.stopped)
        parts = urlsplit(url)
        host = parts.hostname or ""
        cookie = host in COOKIE_HOSTS or parts.path.endswith("/getcrumb")
        if not cookie:
            HERE.code = None
            options["timeout"] = (
                CONNECT_SHARE * self.timeout,
                (1 - CONNECT_SHARE) * self.timeout,
            )
            answer = inner.request(method, url, **options)
            HERE.code = int(answer.status_code)
            return answer
        known = self._dead.get(host) or self._dead.get("")
        if known is not None:
            raise known.with_traceback(None)
        try:
            return inner.request(method, url, **options | {"timeout": COOKIE_SHARE * self.timeout})
        except Exception as error:
            # asked once, not once a ticker; where one is silent, the others are not waited for
            silent = trouble_of(error, None).status == "timeout"
            self._dead["" if silent else host] = error
            raise


def _crumb_if_any(self: Sent, *asked: Sent, **options: Sent) -> tuple[str | None, str]:
    """Ask for cookie and crumb; without them prices come too, but up to 1.6 yfinance gives up."""
    try:
        found: tuple[str | None, str] = super(type(self), self)._get_cookie_and_crumb(
            *asked, **options
        )
    except Exception:  # noqa: BLE001  (whatever it was, the question that follows decides)
        return None, self._cookie_strategy
    return found


class _Guard:
    """A session in front of another: yfinance's questions go through `Connection.request`.

    The proxies of yfinance's configuration, which it would write into the session, are those of
    our questions; up to 1.6 it writes None, which would take the caller's own away.
    """

    def __init__(self, inner: Session, connection: Connection) -> None:
        self.__dict__.update(_inner=inner, _connection=connection, _proxies=None)

    def __getattr__(self, name: str) -> Sent:
        return getattr(self.__dict__["_inner"], name)

    @property
    def proxies(self) -> Sent:
        return self.__dict__["_proxies"] or self.__dict__["_inner"].proxies

    @proxies.setter
    def proxies(self, value: Sent) -> None:
        self.__dict__["_proxies"] = value

    def request(self, method: str, url: str, **options: Sent) -> Sent:
        if (proxies := self.__dict__["_proxies"]) is not None:
            options["proxies"] = proxies
        return self.__dict__["_connection"].request(self.__dict__["_inner"], method, url, **options)


@contextmanager
def connection(session: Session = None, timeout: float = 10.0) -> Iterator[Connection]:
    """Open a way to Yahoo; afterwards yfinance is as it was found.

    Parameters
    ----------
    session : Session of curl_cffi or requests, optional
        What asks; yfinance's own kind unless given.
    timeout : float
        Seconds for one answer.

    Raises
    ------
    LoaderError
        If yfinance is not installed, or the session is of another kind.
    """
    SETTINGS.take()
    try:
        yield _opened(session, timeout)
    finally:
        SETTINGS.give_back()


def _opened(session: Session, timeout: float) -> Connection:
    from yfinance.exceptions import YFDataException

    HERE.asking = True  # caches and sessions may be made with words
    try:
        open_caches()
        return Connection(session, timeout)
    except (TypeError, YFDataException):
        raise errors.yahoo_session(type(session).__name__) from None
    finally:
        HERE.asking = False
