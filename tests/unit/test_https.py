"""One HTTPS GET through a real TLS connection to 127.0.0.1: bounds, patience, sentences."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from loopback import Answer, Loopback, Reply, Request

from eventstudy.errors import LoaderError
from eventstudy.web import Key, Pace, https_get
from eventstudy.web._one_request import Asked

HOST = "prices.example.org"
#: stands in the path, the query and a header of each request, and may stand in no sentence
HIDDEN = ("confidential-path", "confidential-query", "confidential-header")
URL = f"https://{HOST}/{HIDDEN[0]}/daily"
SENT: Mapping[str, Any] = {
    "params": {"q": HIDDEN[1]},
    "headers": {"X-Who": HIDDEN[2], "User-Agent": "tests"},
}


class Net:
    """A loopback whose answers come from a list, the last one for ever."""

    def __init__(self, loopback: Loopback, replies: list[Reply]) -> None:
        self.loopback, self.replies = loopback, replies

    def answer(self, *replies: Reply) -> None:
        self.replies[:] = replies

    @property
    def requests(self) -> list[Request]:
        return self.loopback.requests


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Iterator[Net]:
    replies = [Reply(b"fine")]

    def answer(_: Request) -> Reply:
        return replies.pop(0) if len(replies) > 1 else replies[0]

    with connected(monkeypatch, answer) as loopback:
        yield Net(loopback, replies)


def connected(monkeypatch: pytest.MonkeyPatch, answer: Answer, **options: Any) -> Loopback:
    loopback = Loopback(answer, **options)
    enter = loopback.__enter__

    def entered() -> Loopback:
        enter()
        for name, value in loopback.environment().items():
            monkeypatch.setenv(name, value)
        return loopback

    monkeypatch.setattr(Loopback, "__enter__", lambda _: entered())
    return loopback


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, none of which takes time."""
    pauses: list[float] = []
    monkeypatch.setattr("eventstudy.web._https.time.sleep", pauses.append)
    return pauses


def refusal(call: Callable[[], object]) -> LoaderError:
    """The error of a call, which brings no other along."""
    with pytest.raises(LoaderError) as caught:
        call()
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    assert not [each for each in HIDDEN if each in str(caught.value)]
    return caught.value


# ── what goes well ───────────────────────────────────────────────────────────────────────
def test_address_headers_and_parameters_arrive(net: Net) -> None:
    net.answer(Reply.json({"close": [41.5]}))
    page = https_get(URL, **SENT)
    assert (page.host, page.json()) == (HOST, {"close": [41.5]})
    (request,) = net.requests
    assert (request.method, request.host, request.path) == ("GET", HOST, f"/{HIDDEN[0]}/daily")
    assert request.query == {"q": [HIDDEN[1]]}
    assert request.headers["x-who"] == HIDDEN[2]
    assert request.headers["user-agent"] == "tests"


def test_a_header_may_be_a_number(net: Net) -> None:
    https_get(URL, headers={"X-Version": 2})
    assert net.requests[0].headers["x-version"] == "2"


def test_passwords_of_netrc_stay_at_home(
    net: Net, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine {HOST} login me password mine\n")
    monkeypatch.setenv("NETRC", str(netrc))
    https_get(URL)
    assert "authorization" not in net.requests[0].headers


def test_gzip_is_unpacked(net: Net) -> None:
    net.answer(Reply(gzip.compress(b"packed"), headers={"Content-Encoding": "gzip"}))
    assert https_get(URL).body == b"packed"


# ── what is not sent at all ──────────────────────────────────────────────────────────────
SECRETIVE = (
    f"The address at {HOST} holds a user name or a password; send it as a header, with the value "
    f"in an es.loaders.Key."
)


def unsafe(host: str) -> str:
    return (
        f"The address at {host!r} does not begin with https://, so that others could read and "
        f"change what is sent; give one that does."
    )


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (
            f"http://{HOST}/{HIDDEN[0]}",
            unsafe(HOST),
        ),
        (
            "file:///etc/hosts",
            unsafe(""),
        ),
        (
            "https://[::1",
            unsafe(""),
        ),
        (
            f"https://me:{HIDDEN[1]}@{HOST}/",
            SECRETIVE,
        ),
        (
            f"https://{HIDDEN[1]}@{HOST}/",
            SECRETIVE,
        ),
    ],
)
def test_address_is_refused(net: Net, url: str, sentence: str) -> None:
    assert str(refusal(lambda: https_get(url))) == sentence
    assert net.requests == []


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Who": f"a\r\n{HIDDEN[2]}: b"},
        {"X-Who": f"日{HIDDEN[2]}"},
        {f"a\r\n{HIDDEN[2]}": Key("PRICES_KEY", "key-of-ours")},
    ],
)
def test_header_that_cannot_be_sent_is_refused(net: Net, headers: dict[str, Any]) -> None:
    error = refusal(lambda: https_get(URL, headers=headers))
    assert str(error) == (
        f"The request to {HOST} cannot be sent; look for line ends and signs beyond ASCII in its "
        f"headers and its address."
    )
    assert net.requests == []


# ── statuses ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("status", "meaning", "word"),
    [
        (401, "the key is missing or is not accepted", "bad_answer"),
        (403, "access is refused", "bad_answer"),
        (404, "there is nothing at this address", "not_found"),
        (410, "there is nothing at this address any more", "not_found"),
        (400, "not what was asked for", "bad_answer"),
        (204, "not what was asked for", "bad_answer"),
        (302, "not what was asked for", "bad_answer"),  # to nowhere
        (304, "not what was asked for", "bad_answer"),
        (500, "the server failed", "bad_answer"),
    ],
)
def test_status_is_said(net: Net, status: int, meaning: str, word: str) -> None:
    net.answer(Reply.text(HIDDEN[1], status))
    error = refusal(lambda: https_get(URL, **SENT))
    assert str(error) == (
        f"{HOST} answered with status {status} ({meaning}); check what was asked for, or try "
        f"again later."
    )
    assert error.status == word
    assert len(net.requests) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_with_longer_pauses(
    net: Net, status: int, slept: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    net.answer(Reply(status=status), Reply(status=status), Reply(status=status), Reply(b"fine"))
    with caplog.at_level(logging.INFO, "eventstudy"):
        assert https_get(URL, wait=2.0, **SENT).body == b"fine"
    assert len(slept) == 3
    for pause, usual in zip(slept, (2.0, 4.0, 8.0), strict=True):
        assert 0.5 * usual <= pause <= 1.5 * usual
    told = [record.getMessage() for record in caplog.records if record.name == "eventstudy"]
    assert told[0] == f"{HOST} answered {status}; asked again in {slept[0]:.1f} s"


def test_no_two_clients_wait_alike(net: Net, slept: list[float]) -> None:
    for _ in range(8):
        net.answer(Reply(status=503), Reply(b"fine"))
        https_get(URL)
    assert len(set(slept)) == 8


def test_the_time_that_a_server_asks_for_is_kept(net: Net, slept: list[float]) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=30)
    asked = ["7", format_datetime(soon), "Sat, 01 Jan 2000 00:00:00 GMT"]
    asked += ["Sat, 01 Jan 2000 00:00:00 -0000", "soon"]
    asked.append(f"Sat, 01 Jan 2000 00:00:00 +{'9' * 30}")
    for text in asked:
        net.answer(Reply(status=429, headers={"Retry-After": text}), Reply(b"fine"))
        assert https_get(URL, wait=2.0).body == b"fine"
    assert slept[0] == 7.0
    assert 20 < slept[1] <= 30
    assert slept[2:4] == [0.0, 0.0]
    assert all(1.0 <= pause <= 3.0 for pause in slept[4:])
    assert len(slept) == len(asked)


def test_no_pause_is_longer_than_a_minute(net: Net, slept: list[float]) -> None:
    net.answer(Reply(status=503), Reply(status=503), Reply(b"fine"))
    assert https_get(URL, wait=1000.0).body == b"fine"
    net.answer(Reply(status=503, headers={"Retry-After": "60"}), Reply(b"fine"))
    assert https_get(URL).body == b"fine"
    assert slept == [60.0, 60.0, 60.0]


@pytest.mark.parametrize("seconds", ["61", "3600"])
def test_a_server_that_wants_more_than_a_minute_is_left_alone(
    net: Net, seconds: str, slept: list[float]
) -> None:
    net.answer(Reply(status=429, headers={"Retry-After": seconds}))
    error = refusal(lambda: https_get(URL, **SENT))
    assert str(error) == (
        f"{HOST} asks to be left alone for {seconds} seconds (status 429); ask again later, and "
        f"for less."
    )
    assert (error.status, slept, len(net.requests)) == ("rate_limited", [], 1)


@pytest.mark.parametrize("wait", [None, "Sat, 01 Jan 2000 00:00:00 GMT", "9" * 400])
def test_patience_ends(net: Net, wait: str | None, slept: list[float]) -> None:
    if wait:
        net.answer(Reply(status=429, headers={"Retry-After": wait}))
        assert "left alone (status 429)" in str(refusal(lambda: https_get(URL)))
    net.requests.clear()
    slept.clear()
    net.answer(Reply(status=429))
    error = refusal(lambda: https_get(URL, tries=3))
    assert str(error) == (
        f"{HOST} asks to be left alone (status 429); ask again later, and for less."
    )
    assert (len(net.requests), len(slept)) == (3, 2)
    net.answer(Reply(status=503))
    for tries in (1, 0):
        net.requests.clear()
        error = refusal(lambda: https_get(URL, tries=tries))  # noqa: B023  (called at once)
        assert "status 503 (the server failed)" in str(error)
        assert len(net.requests) == 1


# ── size and time ────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"x" * 2001),
        Reply(gzip.compress(b"x" * 1_000_000), headers={"Content-Encoding": "gzip"}),
    ],
)
def test_a_large_answer_is_not_read_to_its_end(net: Net, reply: Reply) -> None:
    net.answer(reply)
    error = refusal(lambda: https_get(URL, most_bytes=2000, **SENT))
    assert str(error) == (
        f"The answer of {HOST} is larger than 2,000 bytes and was not read to its end; ask for "
        f"less."
    )
    assert error.status == "bad_answer"


def test_the_largest_answer_is_read(net: Net) -> None:
    net.answer(Reply(b"x" * 2000))
    assert len(https_get(URL, most_bytes=2000).body) == 2000


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"x" * 1000, cut=500),
        Reply(gzip.compress(b"x")[:-9] + b"broken", headers={"Content-Encoding": "gzip"}),
        Reply(b"abc", headers={"Content-Length": "3, 4"}),
        Reply(b"5\r\nab", headers={"Transfer-Encoding": "chunked"}, cut=5),
        Reply(b"-5\r\nab", headers={"Transfer-Encoding": "chunked"}, cut=6),
    ],
)
def test_an_answer_that_breaks_off_is_no_answer(net: Net, reply: Reply) -> None:
    net.answer(reply)
    error = refusal(lambda: https_get(URL, **SENT))
    assert str(error) == f"The answer of {HOST} broke off; try again."
    assert error.status == "bad_answer"


def test_a_silent_server_is_not_waited_for(net: Net) -> None:
    net.answer(Reply(b"late", delay=5.0))
    error = refusal(lambda: https_get(URL, timeout=0.2, **SENT))
    assert str(error) == (f"{HOST} did not finish its answer within 0.2 seconds; try again later.")
    assert error.status == "timeout"


def test_a_server_that_falls_silent_within_its_answer_is_not_waited_for(net: Net) -> None:
    # it announces more than it sends, and keeps the connection open
    net.answer(Reply(b"part", headers={"Content-Length": "9999"}))
    error = refusal(lambda: https_get(URL, timeout=0.2, **SENT))
    assert str(error) == (f"{HOST} did not finish its answer within 0.2 seconds; try again later.")
    assert error.status == "timeout"


@pytest.mark.parametrize("chunked", [False, True])
def test_an_answer_that_trickles_ends(
    net: Net, chunked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is never silent for long, and all in all it would take five seconds."""
    body = b"64\r\n" + b"x" * 100 + b"\r\n0\r\n\r\n" if chunked else b"x" * 100
    kind = {"Transfer-Encoding": "chunked"} if chunked else {}
    net.answer(Reply(body, headers=kind, gap=0.05))
    monkeypatch.setattr("eventstudy.web._transport.SLOWEST", 1)
    begun = time.monotonic()
    error = refusal(lambda: https_get(URL, timeout=0.4, **SENT))
    assert time.monotonic() - begun < 2.5
    assert str(error) == f"{HOST} did not finish its answer within 0.4 seconds; try again later."
    assert error.status == "timeout"


def test_an_answer_in_pieces_is_put_together(net: Net) -> None:
    net.answer(Reply(gzip.compress(b"packed"), headers={"Content-Encoding": "gzip"}, gap=0.001))
    assert https_get(URL).body == b"packed"


# ── no way to the server ─────────────────────────────────────────────────────────────────
def test_proxy_that_lets_nobody_through(monkeypatch: pytest.MonkeyPatch) -> None:
    with connected(monkeypatch, lambda _: Reply(), refuse=(HOST,)):
        error = refusal(lambda: https_get(URL, **SENT))
    assert str(error) == (
        f"{HOST} cannot be reached (the proxy does not let us through); check the connection and "
        f"try again."
    )
    assert error.status == "network"


def test_certificate_that_nobody_knows(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.delenv("CURL_CA_BUNDLE")
    error = refusal(lambda: https_get(URL, **SENT))
    assert str(error) == (
        f"{HOST} cannot be reached (its certificate is not trusted); check the connection and try "
        f"again."
    )
    assert net.requests == []


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "http://", "me:secret@127.0.0.1:9"])
def test_proxy_that_cannot_be_used(net: Net, proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_socks(*_: object, **__: object) -> None:  # as where PySocks is not installed
        raise requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")

    monkeypatch.setattr("requests.adapters.SOCKSProxyManager", without_socks)
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, proxy)
    error = refusal(lambda: https_get(URL, **SENT))
    assert str(error) == (
        f"{HOST} cannot be reached (the proxy of the environment cannot be used); check the "
        f"connection and try again."
    )
    assert error.status == "network"


def test_certificates_that_are_not_there(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/company.pem")
    error = refusal(lambda: https_get(URL, **SENT))
    assert str(error) == (
        f"{HOST} cannot be reached (REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names no file that can be "
        f"read); check the connection and try again."
    )
    assert net.requests == []


def test_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    error = refusal(lambda: https_get(f"https://127.0.0.1:{port}/{HIDDEN[0]}", timeout=2.0))
    assert str(error) == (
        "127.0.0.1 cannot be reached (no connection, or it was cut); check the connection and try "
        "again."
    )


def test_server_that_hangs_up(net: Net) -> None:
    net.answer(Reply(cut=-1))
    assert refusal(lambda: https_get(URL, **SENT)).status == "network"


# ── redirects ────────────────────────────────────────────────────────────────────────────
def moved(to: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": to})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_on_the_same_host_keeps_the_headers(net: Net, status: int) -> None:
    net.answer(moved("/there?page=2", status), Reply(b"fine"))
    key = Key("PRICES_KEY", "key-of-ours")
    assert https_get(URL, headers={"X-Key": key}, params={"q": 1}).body == b"fine"
    assert net.requests[1].path == "/there"
    assert net.requests[1].query == {"page": ["2"]}
    assert net.requests[1].headers["x-key"] == "key-of-ours"


@pytest.mark.parametrize(
    "to", [f"https://{HOST}/there", f"https://{HOST.upper()}/there", f"https://{HOST}:443/there"]
)
def test_the_same_host_may_be_written_otherwise(net: Net, to: str) -> None:
    net.answer(moved(to), Reply(b"fine"))
    assert https_get(URL, headers={"X-Key": Key("PRICES_KEY", "key-of-ours")}).body == b"fine"
    assert net.requests[1].headers["x-key"] == "key-of-ours"


def test_redirect_may_be_written_in_utf8(net: Net) -> None:
    net.answer(moved("/ä"), Reply(b"fine"))
    assert https_get(URL).body == b"fine"
    assert net.requests[1].path == "/%C3%A4"


def test_redirect_to_another_host_gets_no_headers(net: Net) -> None:
    net.answer(moved("https://other.example.net/file"), Reply(b"fine"))
    page = https_get(URL, headers={"Authorization": "Basic x", "X-Who": "me", "User-Agent": "ours"})
    assert (page.host, page.body) == ("other.example.net", b"fine")
    sent = net.requests[1].headers
    assert "authorization" not in sent
    assert "x-who" not in sent
    assert sent["user-agent"] == "ours"


KEYED = Key("PRICES_KEY", "key-of-ours")


@pytest.mark.parametrize(
    ("replies", "sent", "why"),
    [
        ([moved(f"http://{HOST}/")], {}, "to an address without https"),
        ([moved("ftp://x/")], {}, "to an address without https"),
        ([moved("https://[")], {}, "to no address at all"),
        ([moved("/again")], {}, "more than 3 times"),
        (
            [moved("https://other.example.net/")],
            {"headers": {"X-Key": KEYED}},
            "to another host, which must not get the key",
        ),
        (
            [moved(f"https://{HOST}:8443/")],
            {"headers": {"X-Key": KEYED}},
            "to another host, which must not get the key",
        ),
        (
            [moved(f"https://{HOST}:none/")],
            {"headers": {"X-Key": KEYED}},
            "to another host, which must not get the key",
        ),
        (
            [moved("/?key=key-of-ours"), moved("https://other.example.net/?key=key-of-ours")],
            {"params": {"key": KEYED}},
            "to another host, which must not get the key",
        ),
    ],
)
def test_redirect_is_not_followed(
    net: Net, replies: list[Reply], sent: dict[str, Any], why: str
) -> None:
    net.answer(*replies)
    error = refusal(lambda: https_get(URL, **sent))
    assert str(error) == f"{HOST} sends us on {why}, and that is not followed; check the address."
    assert error.status == "bad_answer"
    assert {request.host for request in net.requests} == {HOST}
    assert len(net.requests) <= 4


def test_who_sends_us_in_circles_is_who_was_asked(net: Net) -> None:
    net.answer(moved("https://other.example.net/"), moved("/again"))
    sentence = str(refusal(lambda: https_get(URL)))
    assert sentence.startswith(f"{HOST} sends us on more than 3 times")
    assert net.loopback.hosts() == [HOST, *["other.example.net"] * 3]


def test_a_request_is_shown_by_its_host() -> None:
    shown = repr(Asked(URL, {"X-Who": HIDDEN[2]}, {"q": HIDDEN[1]}, 1.0, 1))
    assert shown == f"<request to {HOST}>"


def test_the_body_of_a_redirect_is_not_read(net: Net) -> None:
    announced = Reply(b"part", 302, {"Location": "/there", "Content-Length": "999999999"})
    net.answer(announced, Reply(b"fine"))
    assert https_get(URL, timeout=2.0).body == b"fine"


# ── JSON ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("<html>soon back</html>", "a web page"),
        ('{"close": [41.5', "something else"),
        ("", "something else"),
        ("[" * 100_000, "something else"),
    ],
)
def test_what_is_no_json(net: Net, body: str, found: str) -> None:
    net.answer(Reply.text(body))
    page = https_get(URL, **SENT)
    error = refusal(page.json)
    assert str(error) == (
        f"{HOST} answered with {found} where JSON was needed; check the address, or try again "
        f"later."
    )
    assert error.status == "bad_answer"


# ── not too many requests ────────────────────────────────────────────────────────────────
def test_pace_spaces_the_requests_of_all_threads() -> None:
    slept: list[float] = []
    pace = Pace(8, clock=lambda: 50.0, sleep=slept.append)
    threads = [threading.Thread(target=pace.wait) for _ in range(17)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slept) == [k / 8 for k in range(1, 17)]


def test_pace_does_not_save_up_turns() -> None:
    now, slept = [0.0], list[float]()
    pace = Pace(2, clock=lambda: now[0], sleep=slept.append)
    pace.wait()
    now[0] = 100.0  # a long rest gives no right to a burst
    for _ in range(3):
        pace.wait()
    assert slept == [0.5, 1.0]
