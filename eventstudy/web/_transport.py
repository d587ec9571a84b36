"""How a request is sent and its answer read, and each failure as a sentence."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from eventstudy import errors
from eventstudy.web._key import Key
from eventstudy.web._one_request import Asked, Busy, Page

if TYPE_CHECKING:
    import requests

#: a body may take this many times as long as the server may be silent
SLOWEST = 10
REDIRECTS = 3
#: statuses after which it is worth asking again
BUSY = (429, 503)
_MOVED = (301, 302, 303, 307, 308)
_CHUNK = 1 << 16


def answer(asked: Asked) -> Page | Busy:
    """Ask once, and follow where the server sends us."""
    first = asked.host
    for _ in range(REDIRECTS + 1):
        found = _only_sentences(asked)
        if not isinstance(found, str):
            return found
        asked = asked.moved(found)
    raise errors.redirect_refused(first, f"more than {REDIRECTS} times")


def _only_sentences(asked: Asked) -> Page | Busy | str:
    """Ask, and turn what other libraries raise into a sentence.

    It is raised outside of the ``except``: the error of requests, with its address and its
    headers, is then not even the context of ours.
    """
    import requests
    import urllib3

    failed: errors.LoaderError
    try:
        return _ask(asked)
    except errors.LoaderError as ours:
        failed = ours
    except (requests.Timeout, urllib3.exceptions.TimeoutError):
        failed = errors.host_silent(asked.host, asked.timeout)
    except urllib3.exceptions.HTTPError:  # within the body
        failed = errors.answer_broken_off(asked.host)
    except requests.RequestException as why:
        failed = _not_answered(asked.host, why)
    except (ValueError, OverflowError):  # as for a header that cannot be sent
        failed = errors.request_unusable(asked.host)
    except OSError:
        failed = errors.host_unreachable(
            asked.host, "REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names no file that can be read"
        )
    raise failed


def _not_answered(host: str, why: requests.RequestException) -> errors.LoaderError:
    """Say why there is no answer."""
    from requests import exceptions

    if isinstance(why, exceptions.SSLError):
        return errors.host_unreachable(host, "its certificate is not trusted")
    if isinstance(why, exceptions.ProxyError):
        return errors.host_unreachable(host, "the proxy does not let us through")
    if isinstance(why, (exceptions.InvalidProxyURL, exceptions.InvalidSchema)):
        return errors.host_unreachable(host, "the proxy of the environment cannot be used")
    if isinstance(why, exceptions.ConnectionError):
        return errors.host_unreachable(host, "no connection, or it was cut")
    if isinstance(why, exceptions.InvalidHeader) and why.request is not None:
        return errors.answer_broken_off(host)  # a header of the answer
    return errors.request_unusable(host)


def _ask(asked: Asked) -> Page | Busy | str:
    """One request; the address that a redirect names comes back as text."""
    with _response(asked) as response:
        status = response.status_code
        if status in _MOVED and "Location" in response.headers:
            # headers are read as Latin-1; addresses are UTF-8, where they are not ASCII
            return response.headers["Location"].encode("latin-1").decode(errors="replace")
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

    plain = {
        name: str(value) if isinstance(value, (int, float)) else value
        for name, value in asked.headers.items()
        if not isinstance(value, Key)
    }
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
    """Read until the end, the size or the time is over; what the header says is not believed.

    ``read1`` gives what has arrived. ``iter_content`` waits until a part is whole, which a server
    that sends a byte now and then can make last for days.
    """
    body = bytearray()
    end = time.monotonic() + SLOWEST * asked.timeout
    while part := response.raw.read1(_CHUNK, decode_content=True):
        body += part
        if len(body) > asked.most_bytes:
            raise errors.answer_too_large(asked.host, asked.most_bytes)
        if time.monotonic() > end:
            raise errors.host_silent(asked.host, SLOWEST * asked.timeout)
    return bytes(body)


def _seconds(text: str | None) -> float | None:
    """Read Retry-After: seconds, or a date."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
