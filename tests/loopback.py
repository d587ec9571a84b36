"""The internet on 127.0.0.1: a CONNECT proxy that ends TLS with a throw-away authority.

Real, unpatched clients go through it by public means only, a proxy and an authority to trust,
which they take from arguments or from the environment. Whatever host they ask for, the test's
own function answers; nothing leaves the machine::

    def answer(request: Request) -> Reply:
        return Reply.json({"host": request.host})

    with Loopback(answer) as net:
        monkeypatch_environment(net.environment())
        ...
        assert net.hosts() == ["example.org"]
"""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

import trustme


@dataclass(frozen=True)
class Request:
    """What a client asked for."""

    method: str
    host: str
    #: the path as it was sent, still percent-encoded
    path: str
    #: name → values
    query: Mapping[str, list[str]]
    #: names in lower case
    headers: Mapping[str, str]
    body: bytes = b""

    def first(self, name: str, default: str = "") -> str:
        """First value of a query parameter."""
        return self.query.get(name, [default])[0]


@dataclass(frozen=True)
class Reply:
    """What the client gets."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    #: seconds before the first byte
    delay: float = 0.0
    #: send only so many bytes of the body, then hang up; −1 hangs up without any answer
    cut: int | None = None
    #: seconds between the bytes of the body; at once if 0
    gap: float = 0.0

    @classmethod
    def json(cls, value: object, status: int = 200, **headers: str) -> Reply:
        """Answer with JSON."""
        return cls(
            json.dumps(value).encode(), status, {"Content-Type": "application/json"} | headers
        )

    @classmethod
    def text(cls, value: str, status: int = 200, kind: str = "text/html") -> Reply:
        """Answer with text."""
        return cls(value.encode(), status, {"Content-Type": kind})


Answer = Callable[[Request], Reply]


class Loopback:
    """The proxy; a context manager that stops all of its threads at the end.

    Parameters
    ----------
    answer : callable
        Gets each request, from any thread.
    refuse : sequence of str
        Hosts to which no connection can be made.
    """

    def __init__(self, answer: Answer, refuse: tuple[str, ...] = ()) -> None:
        self.answer, self.refuse = answer, refuse
        #: every request that arrived, in order
        self.requests: list[Request] = []
        self._authority = trustme.CA()
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="loopback-")
        #: PEM file of the authority that clients have to trust
        self.authority = Path(self._folder.name, "authority.pem")
        self._authority.cert_pem.write_to_path(str(self.authority))
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._folder.cleanup()

    @property
    def proxy(self) -> str:
        """Where clients have to go."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def environment(self) -> dict[str, str]:
        """Variables with which curl, requests and OpenSSL find proxy and authority."""
        trusted = str(self.authority)
        names = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
        bundles = ("CURL_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
        return {
            **dict.fromkeys(names, self.proxy),
            **dict.fromkeys(bundles, trusted),
            **dict.fromkeys(("NO_PROXY", "no_proxy"), ""),
        }

    def hosts(self) -> list[str]:
        """Host of each request, in order."""
        return [request.host for request in self.requests]

    def paths(self) -> list[str]:
        """Path of each request, in order."""
        return [request.path for request in self.requests]

    # ── what the connections ask of it ───────────────────────────────────────────────────
    def context(self, host: str) -> ssl.SSLContext:
        with self._lock:
            if host not in self._contexts:
                made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                self._authority.issue_cert(host).configure_cert(made)
                self._contexts[host] = made
            return self._contexts[host]

    def reply_to(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
        try:
            return self.answer(request)
        except Exception as error:  # noqa: BLE001  (the test sees it in the client's answer)
            return Reply.text(f"the test's own function failed: {error!r}", 599)

    def wait(self, seconds: float) -> None:
        """Sleep, but not longer than the server lives."""
        self._stopped.wait(seconds)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, net: Loopback) -> None:
        self.net = net
        super().__init__(("127.0.0.1", 0), _Connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients hang up when they like: no traceback of theirs on our screen."""


class _Connection(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        plain: socket.socket = self.request
        plain.settimeout(30)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = _head(plain)
        words = head[0].split() if head else []
        if len(words) < 2 or words[0] != "CONNECT":
            plain.sendall(b"HTTP/1.1 405 Only CONNECT\r\nContent-Length: 0\r\n\r\n")
            return
        host = words[1].rsplit(":", 1)[0]
        if host in self.server.net.refuse:
            plain.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        plain.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with (
            contextlib.suppress(OSError),
            self.server.net.context(host).wrap_socket(plain, server_side=True) as secure,
        ):
            while self._one(secure, host):
                pass

    def _one(self, stream: ssl.SSLSocket, host: str) -> bool:
        """Answer one request; whether another may follow."""
        net, head = self.server.net, _head(stream)
        if not head:
            return False
        method, target, _ = head[0].split(" ", 2)
        pairs = (line.partition(":") for line in head[1:] if line)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        body = _exactly(stream, int(headers.get("content-length", 0)))
        parts = urlsplit(target)
        asked = parse_qs(parts.query, keep_blank_values=True)
        reply = net.reply_to(Request(method, host, parts.path, asked, headers, body))
        if reply.delay:
            net.wait(reply.delay)
        if reply.cut == -1:
            return False
        sent = {"Content-Length": str(len(reply.body)), **reply.headers}
        lines = [f"HTTP/1.1 {reply.status} Status", *(f"{k}: {v}" for k, v in sent.items())]
        whole = reply.body if method != "HEAD" else b""
        start = "\r\n".join([*lines, "", ""]).encode()
        if reply.gap:
            stream.sendall(start)
            for byte in whole[: reply.cut]:
                net.wait(reply.gap)
                stream.sendall(bytes([byte]))
        else:
            stream.sendall(start + whole[: reply.cut])
        return reply.cut is None


def _head(stream: socket.socket) -> list[str]:
    """Lines of a request up to the empty one; none at the end of the connection."""
    found = b""
    while b"\r\n\r\n" not in found:
        one = stream.recv(1)
        if not one:
            return []
        found += one
    return found.decode("latin-1").split("\r\n")[:-2]


def _exactly(stream: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size and (more := stream.recv(size - len(found))):
        found += more
    return found


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait for something that another process or thread does."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
