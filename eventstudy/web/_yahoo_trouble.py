"""Why Yahoo gave nothing: every way in which yfinance fails, as a status and a short sentence.

The sentences are our own: what the libraries say may hold a URL, and a URL a crumb.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Trouble:
    """What kept one ticker from its data: a status of the loaders' report, and why."""

    status: str
    detail: str


class Stopped(OSError):  # noqa: N818  (no error: an order)
    """No further question is asked in this call; yfinance takes it for a broken connection."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.detail)
        self.trouble = trouble


NETWORK = "network"
RATE_LIMITED = Trouble("rate_limited", "Yahoo answered that there were too many requests")
#: name of a class → what it means; the classes of curl_cffi, of requests and of Python
CONNECTION = {
    "Timeout": Trouble("timeout", "Yahoo did not answer in time"),
    "ConnectTimeout": Trouble("timeout", "Yahoo did not answer in time"),
    "TimeoutError": Trouble("timeout", "Yahoo did not answer in time"),
    "DNSError": Trouble(NETWORK, "the name of the server was not found"),
    "gaierror": Trouble(NETWORK, "the name of the server was not found"),
    "ProxyError": Trouble(NETWORK, "the proxy was not reached or let nothing through"),
    "SSLError": Trouble(NETWORK, "no secure connection could be made"),
    "IncompleteRead": Trouble(NETWORK, "the connection broke off"),
    "ChunkedEncodingError": Trouble(NETWORK, "the connection broke off"),
    "HTTPError": Trouble(NETWORK, "the connection broke off"),
    "OSError": Trouble(NETWORK, "no connection, or it broke off"),
}
#: of a disk, not of a network: a time zone that is not installed, say
FILES = (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)


def trouble_of(error: BaseException, code: int | None) -> Trouble:
    """Say what an exception of yfinance means, with the HTTP status that came before it.

    Examples
    --------
    >>> trouble_of(ConnectionRefusedError(), None)
    Trouble(status='network', detail='no connection, or it broke off')
    >>> trouble_of(KeyError("chart"), 500).detail
    'Yahoo answered with HTTP 500'
    """
    kinds = [kind.__name__ for kind in type(error).__mro__]
    if isinstance(error, Stopped):
        found = error.trouble
    elif "YFRateLimitError" in kinds or code == 429:
        found = RATE_LIMITED
    elif code is not None and "YFTickerMissingError" in kinds:
        found = _missing(error, code)
    elif code is not None and code >= 400:
        found = Trouble("bad_answer", f"Yahoo answered with HTTP {code}")
    elif "JSONDecodeError" in kinds:  # one of curl_cffi's is an OSError, too
        found = Trouble("bad_answer", "Yahoo answered with something that is not JSON")
    elif isinstance(error, ImportError):
        found = Trouble("bad_answer", f"yfinance lacks a package: {plain(str(error))}")
    elif "PeeweeException" in kinds:
        said = f"yfinance's own cache, the folder py-yfinance, cannot be used ({kinds[0]})"
        found = Trouble("bad_answer", said)
    else:
        found = _broken(error) or Trouble(
            "bad_answer", f"yfinance could not read Yahoo's answer ({kinds[0]})"
        )
    return found


def _broken(error: BaseException | None) -> Trouble | None:
    """What kind of connection failed, also below an error that came while handling it."""
    while error is not None:
        kinds = () if isinstance(error, FILES) else type(error).__mro__
        for kind in kinds:
            if kind.__name__ in CONNECTION:
                return CONNECTION[kind.__name__]
        error = error.__context__
    return None


def _missing(error: BaseException, code: int) -> Trouble:
    """Tell a ticker that Yahoo does not know from one without prices on those days."""
    if code == 404:
        return Trouble("not_found", "Yahoo knows no such ticker, or no longer")
    if code not in (200, 400, 422):
        return Trouble("bad_answer", f"Yahoo answered with HTTP {code}")
    if "Tz" in type(error).__name__:
        said = "not_found" if code == 200 else "bad_answer"
        return Trouble(said, "Yahoo gave no time zone for it")
    reason = plain(_reason(error))
    return Trouble("no_data", f"Yahoo says: {reason}" if reason else "no prices on those days")


def _reason(error: BaseException) -> str:
    """What Yahoo itself said; older versions hide it in their own words."""
    said = re.search(r'Yahoo error = "(.*)"', str(getattr(error, "debug_info", "")), re.DOTALL)
    return str(getattr(error, "yahoo_reason", None) or (said[1] if said else ""))


def plain(text: str, most: int = 120) -> str:
    """Words of a server without control characters and addresses, and not many of them."""
    words = [word for word in re.sub(r"[^\x20-\x7e]+", " ", text).split() if "//" not in word]
    return " ".join(words)[:most]
