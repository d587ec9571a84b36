"""A key reaches the server it is for and nothing else, whatever happens on the way."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import re
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from example_scripts import functions, run
from loopback import Loopback, Reply, Request

import eventstudy as es
from eventstudy.errors import LoaderError
from eventstudy.loaders import Key, https_get
from eventstudy.web._key import unlogged

EXAMPLE = "12_prices_with_a_key"
NAME = "PRICES_KEY"
#: has signs that are written otherwise in a query, in three ways
SECRET = "sesame/open+me=now please"  # noqa: S105  (it opens nothing)
FORMS = {SECRET, quote(SECRET), quote_plus(SECRET), quote(SECRET, safe=""), repr(SECRET)[1:-1]}
HOST = "prices.example"


class Texts:
    """Everything that was said while a key was in use."""

    def __init__(self, *said: str) -> None:
        self.said = list(said)

    def add(self, *things: object) -> None:
        self.said += [text for thing in things for text in (str(thing), repr(thing))]

    def add_error(self, error: BaseException | None, *, local: bool = True) -> None:
        """Add a traceback, with the values of all variables where ``local``."""
        while error is not None:
            self.add(error, error.args, vars(error))
            found = traceback.TracebackException.from_exception(error, capture_locals=local)
            self.said += list(found.format())
            error = error.__context__

    def add_folder(self, folder: Path) -> None:
        for file in folder.rglob("*"):
            self.add(file)
            if file.is_file():
                self.said.append(file.read_bytes().decode("latin-1"))

    def add_log(self, caplog: pytest.LogCaptureFixture) -> None:
        self.said.append(caplog.text)
        self.said += [str(vars(record)) for record in caplog.records]

    def leaks(self) -> list[str]:
        return [text for text in self.said if any(form in text for form in FORMS)]


@pytest.fixture(autouse=True)
def _listening(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    with Loopback(prices) as loopback:
        for name, value in loopback.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv(NAME, SECRET)
        yield loopback


def prices(request: Request) -> Reply:
    """A service in perfect order: the simulated prices, for those who have the key."""
    if request.headers.get("authorization") != f"Bearer {SECRET}":
        return Reply.json({"error": "no key"}, 401)
    asked = (request.first(name) for name in ("symbol", "from", "to"))
    closes = es.loaders.sample(*asked).iloc[:, 0]
    rows = [{"date": f"{day:%Y-%m-%d}", "close": value} for day, value in closes.items()]
    return Reply.json({"rows": rows})


def echo(request: Request) -> str:
    """What careless servers do: give back what they were sent."""
    return f"{request.headers} {request.query}"


# ── the key itself ───────────────────────────────────────────────────────────────────────
def test_a_key_is_shown_by_its_name() -> None:
    key = Key(NAME, SECRET)

    @dataclass
    class Settings:
        key: Key

    shown = [str(key), repr(key), f"{key}", f"{key!r:>30}", "{}".format(key), "%s" % key]  # noqa: UP031, UP032
    shown += [repr([key]), repr(Settings(key)), repr(asdict(Settings(key))), repr(dir(key))]
    assert Texts(*shown).leaks() == []
    assert shown[0] == shown[1] == shown[2] == "Key('PRICES_KEY')"
    assert key.reveal() == SECRET
    assert key.within("Bearer {}").reveal() == f"Bearer {SECRET}"
    assert repr(key.within("Bearer {}")) == "Key('PRICES_KEY')"


def test_a_key_is_not_written_anywhere() -> None:
    key = Key(NAME, SECRET)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(LoaderError) as caught:
            pickle.dumps(key, protocol)
        assert str(caught.value) == (
            "The key PRICES_KEY is not written to files or sent to other processes; read it there "
            "with es.loaders.Key.from_env."
        )
    with pytest.raises(TypeError) as refused:
        json.dumps({"key": key})
    assert Texts(str(refused.value)).leaks() == []
    assert copy.copy(key) is copy.deepcopy(key) is key
    assert not hasattr(key, "__dict__")


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_key_that_is_not_there(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    if value is not None:
        monkeypatch.setenv(NAME, value)
    with pytest.raises(LoaderError) as caught:
        Key.from_env(NAME)
    assert str(caught.value) == (
        "The environment has no variable PRICES_KEY, or it is empty; set it to your key."
    )


def test_a_key_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, f"{SECRET}\n")  # as from a file
    assert Key.from_env(NAME).reveal() == SECRET


@pytest.mark.parametrize("value", ["", "a\nb", "a\r\nX-Evil: b", "schlüssel", "a\0b", " a"])
def test_a_key_that_no_request_can_carry(value: str) -> None:
    with pytest.raises(LoaderError) as caught:
        Key(NAME, value)
    assert str(caught.value) == (
        "The key PRICES_KEY is empty, or holds line ends or signs beyond ASCII; copy it again."
    )


# ── in a request ─────────────────────────────────────────────────────────────────────────
def ask_with(key: Key, where: str) -> Callable[[], object]:
    sent: dict[str, Any] = {where: {"key": key}}
    return lambda: https_get(f"https://{HOST}/daily", timeout=0.5, wait=0.0, tries=2, **sent).json()


ANSWERS: dict[str, Callable[[Request], Reply]] = {
    "success": lambda _: Reply.json({"rows": []}),
    "401": lambda r: Reply.text(echo(r), 401),
    "404": lambda r: Reply.text(echo(r), 404),
    "429": lambda r: Reply.text(echo(r), 429),
    "500": lambda r: Reply.text(echo(r), 500),
    "bad JSON": lambda r: Reply.text(f"{{{echo(r)}"),
    "timeout": lambda _: Reply(delay=2.0),
    "cut off": lambda r: Reply(echo(r).encode(), cut=5),
    "hung up": lambda _: Reply(cut=-1),
    "malformed header": lambda _: Reply(headers={f"{SECRET}\r\nX": "y"}),
    "redirect": lambda r: Reply(status=302, headers={"Location": f"/daily?{quote(echo(r))}"}),
    "redirect elsewhere": lambda r: Reply(
        status=302, headers={"Location": f"https://other.example/?{quote_plus(echo(r))}"}
    ),
    "redirect without https": lambda r: Reply(
        status=302, headers={"Location": f"http://{HOST}/?key={quote_plus(SECRET)}"}
    ),
}


@pytest.mark.parametrize("where", ["headers", "params"])
@pytest.mark.parametrize("name", ANSWERS)
def test_nothing_tells_a_key(
    name: str, where: str, net: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    net.answer = ANSWERS[name]
    ask, texts = ask_with(Key.from_env(NAME), where), Texts()
    if name == "success":
        texts.add(ask())
    else:
        with pytest.raises(LoaderError) as caught:
            ask()
        assert caught.value.__context__ is None
        # where a redirect goes is in a variable, and here it holds what the server was sent
        texts.add_error(caught.value, local="redirect" not in name)
    texts.add_log(caplog)
    assert texts.leaks() == []
    first = net.requests[0]
    assert (first.headers if where == "headers" else first.query)["key"] in (SECRET, [SECRET])
    assert {request.host for request in net.requests} == {HOST}
    assert "Starting new HTTPS connection" in caplog.text  # other libraries were heard


@pytest.mark.parametrize(
    "spelled",
    [
        "?a=sesame/open%2bme%3dnow+please",
        f"?next={quote(f'/daily?key={quote_plus(SECRET)}')}",
        "/sesame%2fopen+me=now%20please",
        "/%73esame%2Fopen%2Bme=now+please",
    ],
)
def test_a_key_in_another_spelling_is_not_logged(
    spelled: str, net: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that sends us on writes the key as it likes."""
    there = Reply(status=302, headers={"Location": f"/there{spelled}"})
    net.answer = lambda r: Reply.json({}) if r.path.startswith("/there") else there
    ask_with(Key.from_env(NAME), "params")()
    assert len(net.requests) == 2
    assert "GET /there" in caplog.text
    assert "sesame" not in caplog.text


@pytest.mark.parametrize("value", ["a'b\\c", 'a"b', "100%", "a%2Fb", "+"])
def test_a_key_of_odd_signs_arrives_and_is_not_logged(
    value: str, net: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    net.answer = lambda _: Reply(b"{}", headers={f"{value}\r\nX": "y"})
    key = Key(NAME, value)
    ask_with(key, "params")()
    ask_with(key, "headers")()
    assert net.requests[0].first("key") == net.requests[1].headers["key"] == value
    assert len(re.findall(r"unparsed data: ['\"]…", caplog.text)) == 2
    forms = {value, quote(value), quote_plus(value), repr(value)[1:-1]}
    assert not [line for line in caplog.messages if any(form in line for form in forms)]


def test_without_a_key_the_query_would_be_in_the_log(
    net: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    """What `Key` is for: the same parameter as plain text is logged by urllib3."""
    net.answer = lambda _: Reply()
    https_get(f"https://{HOST}/daily", params={"key": SECRET})
    texts = Texts()
    texts.add_log(caplog)
    assert texts.leaks()


def test_no_way_to_the_server_tells_no_key(
    net: Loopback, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    key, texts = Key.from_env(NAME), Texts()
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy"):
        # first nobody trusts the server, then there is none
        monkeypatch.setenv(name, "http://127.0.0.1:9") if "PROXY" in name.upper() else (
            monkeypatch.delenv(name)
        )
        if name != "REQUESTS_CA_BUNDLE":
            for where in ("headers", "params"):
                with pytest.raises(LoaderError) as caught:
                    ask_with(key, where)()
                texts.add_error(caught.value)
    texts.add_log(caplog)
    assert net.requests == []
    assert texts.leaks() == []


LOGGERS = ("urllib3.connectionpool", "urllib3.connection")


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_who_breaks_off_leaves_the_loggers_as_they_were(
    error: type[BaseException], net: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_off(_: float) -> None:
        raise error

    monkeypatch.setattr("eventstudy.web._https.time.sleep", broken_off)
    net.answer = lambda _: Reply(status=503)
    before = [list(logging.getLogger(name).filters) for name in LOGGERS]
    with pytest.raises(error):
        ask_with(Key.from_env(NAME), "params")()
    assert [logging.getLogger(name).filters for name in LOGGERS] == before


def test_the_end_of_one_request_does_not_unveil_another(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger(LOGGERS[0])
    with unlogged([Key(NAME, SECRET)]):
        with unlogged([Key("OTHER", "other-secret")]):
            log.debug("%s and other-secret", SECRET)
        log.debug("GET /%s", SECRET)
    assert caplog.messages == ["… and …", "GET /…"]


@pytest.mark.parametrize("name", LOGGERS)
def test_the_logger_is_afterwards_as_it_was(name: str, net: Loopback) -> None:
    log = logging.getLogger(name)
    mine = logging.Filter()
    log.addFilter(mine)
    try:
        before = list(log.filters)
        net.answer = lambda _: Reply(delay=0.05)
        key = Key.from_env(NAME)
        ask = ask_with(key, "params")
        threads = [threading.Thread(target=_quietly, args=(ask,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert log.filters == before
        assert len(net.requests) == 6
    finally:
        log.removeFilter(mine)


def _quietly(call: Callable[[], object]) -> None:
    with pytest.raises(LoaderError):  # an empty answer is no JSON
        call()


# ── the example ──────────────────────────────────────────────────────────────────────────
@pytest.fixture
def example(net: Loopback) -> dict[str, Any]:
    return functions(EXAMPLE)


@pytest.mark.parametrize("cache", [False, True])
def test_the_loader_of_the_example_feeds_a_study_and_keeps_its_key(
    cache: bool,
    net: Loopback,
    example: dict[str, Any],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    loader = example["KeyedPrices"](Key.from_env(NAME))
    used = es.loaders.cached(loader, tmp_path / "prices") if cache else loader
    events = es.events_on("2025-11-03", ["IREN", "CIFR", "GONE"], session="before_open")
    study = es.EventStudy(estimation=(-120, -11), window=(-1, 1))
    panel = study.load(events, used, market="SPY")
    result = study.run(events, panel)
    frame = used(["IREN", "SPY"], "2025-06-02", "2025-06-30")
    assert [request.first("symbol") for request in net.requests[:4]].count("SPY") == 1
    direct = study.load(events, es.loaders.sample, market="SPY")
    assert result.ar.to_numpy() == pytest.approx(study.run(events, direct).ar.to_numpy())
    texts = Texts()
    texts.add(loader, used, panel, frame, frame.attrs, result, result.summary(), result.dropped)
    texts.add(result.to_frame(), panel.provenance, result.notes)
    texts.add_log(caplog)
    texts.add_folder(tmp_path)
    assert any("IREN" in text for text in texts.said)
    assert texts.leaks() == []
    if cache:
        kept = [file for file in (tmp_path / "prices").rglob("*") if file.is_file()]
        assert len(kept) >= 3
        asked = len(net.requests)
        offline = es.loaders.cached(loader, tmp_path / "prices", offline=True)
        assert offline(["IREN"], "2025-06-02", "2025-06-30").equals(frame[["IREN"]])
        assert len(net.requests) == asked


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("401", "bad_answer"),
        ("500", "bad_answer"),
        ("timeout", "timeout"),
        ("bad JSON", "bad_answer"),
        ("layout", "bad_answer"),
    ],
)
def test_the_loader_of_the_example_fails_and_keeps_its_key(
    name: str,
    status: str,
    net: Loopback,
    example: dict[str, Any],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    answers = ANSWERS | {"layout": lambda r: Reply.json({"rows": [{"day": echo(r)}]})}
    net.answer = answers[name]
    loader = example["KeyedPrices"](Key.from_env(NAME), timeout=0.2)
    events = es.events_on("2025-11-03", ["IREN", "CIFR"])
    study = es.EventStudy(estimation=(-120, -11), window=(-1, 1))
    texts = Texts()
    for used in (loader, es.loaders.cached(loader, tmp_path / "prices")):
        with pytest.raises(LoaderError) as caught:
            study.load(events, used, market="SPY")
        texts.add_error(caught.value, local=name != "layout")
    assert caught.value.status in (status, "")
    texts.add_log(caplog)
    texts.add_folder(tmp_path)
    assert len(net.requests) >= 3
    assert texts.leaks() == []


def test_one_ticker_that_fails_is_in_the_report(net: Loopback, example: dict[str, Any]) -> None:
    net.answer = lambda r: prices(r) if r.first("symbol") != "CIFR" else Reply(status=404)
    loader = example["KeyedPrices"](Key.from_env(NAME))
    frame = loader(["IREN", "CIFR"], "2025-06-02", "2025-06-30")
    assert frame["CIFR"].isna().all()
    assert frame["IREN"].notna().all()
    assert frame.attrs["report"]["IREN"]["status"] == "ok"
    told = frame.attrs["report"]["CIFR"]
    assert told == {
        "status": "not_found",
        "rows": 0,
        "detail": (
            "prices.example answered with status 404 (there is nothing at this address); check "
            "what was asked for, or try again later."
        ),
    }


def test_a_ticker_without_prices_is_no_other_layout(net: Loopback, example: dict[str, Any]) -> None:
    net.answer = lambda r: prices(r) if r.first("symbol") != "CIFR" else Reply.json({"rows": []})
    loader = example["KeyedPrices"](Key.from_env(NAME))
    frame = loader(["IREN", "CIFR"], "2025-06-02", "2025-06-30")
    assert frame["CIFR"].isna().all()
    assert frame.attrs["report"]["CIFR"] == {"status": "no_data", "rows": 0}


def test_the_script_runs(net: Loopback, tmp_path: Path) -> None:
    text = run(EXAMPLE, "--cache", str(tmp_path / "prices"))
    assert "2 firms" in " ".join(text.split())
    assert Texts(text).leaks() == []
    asked = len(net.requests)
    assert run(EXAMPLE, "--cache", str(tmp_path / "prices")) == text
    assert len(net.requests) == asked
    assert asked == 3


def test_the_script_says_how_to_use_it(net: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    net.answer = ANSWERS["401"]
    refused = " ".join(run(EXAMPLE).split())
    assert refused.startswith(
        "prices.example answered with status 401 (the key is missing or is not accepted);"
    )
    monkeypatch.delenv(NAME)
    absent = " ".join(run(EXAMPLE).split())
    assert absent.startswith("The environment has no variable PRICES_KEY, or it is empty;")
    for text in (refused, absent):
        assert "How to use it: this service is made up." in text
        assert Texts(text).leaks() == []
