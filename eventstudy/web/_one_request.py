"""One request over HTTPS: what is sent, what may come back, and each failure as a sentence."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urljoin, urlsplit

from eventstudy import errors
from eventstudy.web._key import Key

if TYPE_CHECKING:
    import requests

#: an answer may take this many times as long as the server may be silent
SLOWEST = 10
REDIRECTS = 3
#: statuses after which it is worth asking again
BUSY = (429, 503)
_MOVED = (301, 302, 303, 307, 308)
_CHUNK = 1 << 16

Sent = Mapping[str, "str | int | float | Key"]


@dataclass(frozen=True)
class Page:
    """The answer of a server that went well.

    Examples
    --------
    >>> Page("example.org", b'{"close": [41.5]}').json()
    {'close': [41.5]}
    """

    host: str
    #: not in the repr: a careless server sends back what it was sent
    body: bytes = field(repr=False)

    def json(self) -> Any:  # noqa: ANN401  (JSON is any of six things)
        """Read the body as JSON.

        Raises
        ------
        LoaderError
            If it is something else.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            found = "a web page" if self.body.lstrip()[:1] == b"<" else "something else"
        raise errors.answer_not_json(self.host, found)


@dataclass(frozen=True)
class Busy:
    """The server is there and asks for patience: seconds, if it says how many."""

    status: int
    wait: float | None


@dataclass(frozen=True)
class Asked:
    """One request, also after it was redirected."""

    url: str
    headers: dict[str, Any]
    params: dict[str, Any]
    timeout: float
    most_bytes: int
    #: whether it, or what it was redirected from, carries a key
    keyed: bool = False

    def __post_init__(self) -> None:
        _check(self.url)
        object.__setattr__(self, "keyed", self.keyed or bool(self.keys))

    def __repr__(self) -> str:
        return f"<request to {self.host}>"

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def keys(self) -> list[Key]:
        values = (*self.headers.values(), *self.params.values())
        return [value for value in values if isinstance(value, Key)]

    def answer(self) -> Page | Busy:
        """Ask once, and follow where the server sends us."""
        asked = self
        for _ in range(REDIRECTS + 1):
            found = _only_sentences(asked)
            if not isinstance(found, str):
                return found
            asked = asked._moved(found)
        raise errors.redirect_refused(self.host, f"more than {REDIRECTS} times")

    def _moved(self, target: str) -> Asked:
        """Make the request for the address that the server names."""
        there = _parts(target, self.url)
        if there is None:
            raise errors.redirect_refused(self.host, "to no address at all")
        if there.scheme != "https":
            raise errors.redirect_refused(self.host, "to an address without https")
        elsewhere = there.netloc != urlsplit(self.url).netloc
        if elsewhere and self.keyed:
            raise errors.redirect_refused(self.host, "to another host, which must not get the key")
        agent = {k: v for k, v in self.headers.items() if k.lower() == "user-agent"}
        headers = agent if elsewhere else self.headers
        return replace(self, url=there.geturl(), headers=headers, params={})


def _check(url: str) -> None:
    """Refuse what is no https address, or holds a password."""
    parts = _parts(url)
    host = (parts.hostname or "") if parts else ""
    if parts is None or parts.scheme != "https" or not host:
        raise errors.address_not_https(host)
    if parts.username or parts.password:
        raise errors.address_with_password(host)


def _parts(url: str, base: str = "") -> SplitResult | None:
    """Take an address apart; none if it is no address, with no word about why."""
    try:
        return urlsplit(urljoin(base, url))
    except (ValueError, AttributeError, TypeError):
        return None


def _only_sentences(asked: Asked) -> Page | Busy | str:
    """Ask, and turn what requests raises into a sentence.

    It is raised outside of the ``except``: the error of requests, with its address and its
    headers, is then not even the context of ours.
    """
    import requests

    try:
        return _ask(asked)
    except requests.Timeout:
        failed = errors.host_silent(asked.host, asked.timeout)
    except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
        failed = errors.answer_broken_off(asked.host)
    except requests.exceptions.SSLError:
        failed = errors.host_unreachable(asked.host, "its certificate is not trusted")
    except requests.exceptions.ProxyError:
        failed = errors.host_unreachable(asked.host, "the proxy does not let us through")
    except requests.ConnectionError as why:
        late = any("Timeout" in type(each).__name__ for each in why.args)  # within the body
        failed = (
            errors.host_silent(asked.host, asked.timeout)
            if late
            else errors.host_unreachable(asked.host, "no connection, or it was cut")
        )
    except (requests.RequestException, ValueError) as why:
        # ours pass; others name the address, as for a header that cannot be sent
        failed = why if isinstance(why, errors.LoaderError) else errors.request_unusable(asked.host)
    raise failed


def _ask(asked: Asked) -> Page | Busy | str:
    """One request; the address that a redirect names comes back as text."""
    with _response(asked) as response:
        status = response.status_code
        if status in _MOVED and "Location" in response.headers:
            return response.headers["Location"]
        if status in BUSY:
            return Busy(status, _seconds(response.headers.get("Retry-After")))
        if status != 200:
            raise errors.host_answered(asked.host, status)
        return Page(asked.host, _body(response, asked))


@contextmanager
def _response(asked: Asked) -> Iterator[requests.Response]:
    """Send one request, by the transport of requests alone.

    Its sessions read the whole body of a redirect, however large, before they say where it goes.
    """
    import requests

    plain = {k: v for k, v in asked.headers.items() if not isinstance(v, Key)}
    query = {k: v for k, v in asked.params.items() if not isinstance(v, Key)}
    with requests.Session() as session:
        made = requests.Request("GET", asked.url, plain, params=query, auth=_with_keys(asked))
        request = session.prepare_request(made)
        way = session.merge_environment_settings(request.url or "", {}, True, True, None)
        transport = session.get_adapter(request.url or "")
        sent = transport.send(
            request,
            stream=True,
            timeout=asked.timeout,
            verify=way["verify"] or True,
            cert=way["cert"],
            proxies=way["proxies"],
        )
        with closing(sent) as response:
            yield response


def _with_keys(
    asked: Asked,
) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
    """Put the keys in last: into what is sent, and into nothing that a traceback can show."""

    def add(request: requests.PreparedRequest) -> requests.PreparedRequest:
        for name, value in asked.headers.items():
            if isinstance(value, Key):
                request.headers[name] = value.reveal()
        hidden = {k: v.reveal() for k, v in asked.params.items() if isinstance(v, Key)}
        if hidden:
            request.prepare_url(request.url, hidden)
        return request

    return add


def _body(response: requests.Response, asked: Asked) -> bytes:
    """Read until the end, the size or the time is over; what the header says is not believed."""
    parts, size = [], 0
    end = time.monotonic() + SLOWEST * asked.timeout
    for part in response.iter_content(_CHUNK):
        parts.append(part)
        size += len(part)
        if size > asked.most_bytes:
            raise errors.answer_too_large(asked.host, asked.most_bytes)
        if time.monotonic() > end:
            raise errors.host_silent(asked.host, SLOWEST * asked.timeout)
    return b"".join(parts)


def _seconds(text: str | None) -> float | None:
    """Read Retry-After: seconds, or a date."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
