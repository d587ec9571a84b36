"""One request over HTTPS: what is sent, where to, and what may come back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from eventstudy import errors
from eventstudy.web._key import Key

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

    def moved(self, target: str) -> Asked:
        """Make the request for the address that the server names."""
        there = _parts(target, self.url)
        if there is None:
            raise errors.redirect_refused(self.host, "to no address at all")
        if there.scheme != "https":
            raise errors.redirect_refused(self.host, "to an address without https")
        elsewhere = _place(there) != _place(urlsplit(self.url))
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


def _place(parts: SplitResult) -> tuple[str | None, int]:
    """Host and port, however they are written; the port is 0 if it is none."""
    try:
        return parts.hostname, 443 if parts.port is None else parts.port
    except ValueError:
        return parts.hostname, 0
