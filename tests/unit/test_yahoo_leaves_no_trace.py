"""What a call of `es.loaders.yahoo` leaves behind: nothing in yfinance, no thread, no word."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yahoo_server as fake
from loopback import Loopback, Reply, Request, wait_until
from yahoo_server import YahooServer, walk

import eventstudy as es
from eventstudy import errors
from eventstudy.errors import LoaderError
from eventstudy.loaders import Yahoo
from eventstudy.web._yahoo import connection

START, END = "2024-02-02", "2024-02-09"
NAMES = [f"T{number:02}" for number in range(30)]
Serve = Callable[..., tuple[Yahoo, Loopback]]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a server; give the loader that asks it, with short waits, and the server."""
    with contextlib.ExitStack() as stack:

        def go(server: Callable[[Request], Reply], **options: Any) -> tuple[Yahoo, Loopback]:
            net, session = stack.enter_context(fake.yahoo(server, tmp_path))
            return Yahoo(session=session, **{"timeout": 20.0, "wait": 0.01} | options), net

        yield go


def expected(symbol: str) -> list[float]:
    prices: list[float] = walk(symbol)["adj_close"].loc[START:END].tolist()
    return prices


def state() -> dict[str, Any]:
    """Everything that yfinance and Python keep for the process and that we touch."""
    import yfinance
    from yfinance.data import SingletonMeta, YfData

    log = logging.getLogger("yfinance")
    of_process = SingletonMeta._instances.get(YfData)
    kept = ("_session", "_crumb", "_cookie", "_cookie_strategy")
    return {
        "config": {name: dict(part) for name, part in yfinance.config.options.items()},
        "log": (log.level, [*log.handlers], log.propagate, log.disabled),
        "log filters": [one for one in log.filters if "Format" not in type(one).__name__],
        "warnings": ([*warnings.filters], warnings.showwarning),
        "of the process": of_process,
        "its": {name: getattr(of_process, name, None) for name in kept},
    }


@pytest.fixture
def own_yfinance(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The caller's own yfinance: a session, a configuration and a crumb that are no default."""
    import yfinance
    from curl_cffi.requests import Session
    from yfinance.data import SingletonMeta, YfData

    monkeypatch.setattr(SingletonMeta, "_instances", {})
    assert yfinance.config.debug.hide_exceptions is True
    session: Any = Session(impersonate="chrome")
    session.cookies.set("T", "login")
    data = YfData(session=session)
    data._crumb, data._cookie_strategy = "own", "csrf"
    yfinance.config.network.retries = 2
    yield data
    yfinance.config.network.retries = 0
    session.close()


# ── yfinance stays as it was ─────────────────────────────────────────────────────────────
@pytest.mark.usefixtures("own_yfinance")
@pytest.mark.parametrize("hidden", [True, False])
def test_yfinance_stays_as_it_was(serve: Serve, hidden: bool) -> None:
    import yfinance

    yfinance.config.debug.hide_exceptions = hidden
    try:
        before = state()
        assert before["its"]["_crumb"] == "own"
        yahoo, _ = serve(YahooServer({"GONE": fake.not_found, "BAD": fake.broken}))
        assert yahoo(["IREN", "GONE"], START, END)["IREN"].tolist() == expected("IREN")
        assert state() == before
        with pytest.raises(LoaderError):
            yahoo(["GONE", "BAD"], START, END)
        assert state() == before
        assert before["of the process"]._session.cookies.get("T") == "login"
    finally:
        yfinance.config.debug.hide_exceptions = True


@pytest.mark.usefixtures("own_yfinance")
def test_in_the_call_errors_are_not_hidden(serve: Serve) -> None:
    import yfinance

    seen = []

    def look(_: Request) -> None:
        debug, network = yfinance.config.debug, yfinance.config.network
        seen.append((debug.hide_exceptions, network.retries))

    yahoo, _ = serve(YahooServer({"IREN": look}))
    yahoo(["IREN"], START, END)
    assert seen == [(False, 0)] * 2


@pytest.mark.usefixtures("own_yfinance")
def test_an_interrupt_ends_the_questions_and_restores_everything(serve: Serve) -> None:
    def interrupt(_: Request) -> None:
        os.kill(os.getpid(), signal.SIGINT)  # as Ctrl-C does

    before = state()
    slowly = {name: fake.slow(0.2) for name in NAMES} | {"T02": fake.FirstTimes(interrupt, 1)}
    yahoo, net = serve(YahooServer(slowly))
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in background
    try:
        with pytest.raises(KeyboardInterrupt):
            yahoo(NAMES, START, END)
    finally:
        signal.signal(signal.SIGINT, handler)
    assert state() == before
    asked = len(net.requests)
    assert asked <= 2 + 8
    # nobody goes on behind the interrupt
    ours = [t for t in threading.enumerate() if t.name.startswith("eventstudy-yahoo")]
    assert ours == []
    time.sleep(0.3)
    assert len(net.requests) == asked


@pytest.mark.usefixtures("own_yfinance")
def test_two_loaders_in_two_threads(tmp_path: Path) -> None:
    """Each with a session and a server of its own, at the same time; the first one ends first."""
    before, both = state(), threading.Barrier(2, timeout=10)
    names = {"one": NAMES[:5], "two": NAMES[5:15]}

    def meet(request: Request) -> None:
        if "period1" not in request.query:
            both.wait()

    with (
        fake.fresh_caches(tmp_path),
        Loopback(YahooServer({"T00": meet})) as first,
        Loopback(YahooServer({"T05": meet})) as second,
        ThreadPoolExecutor(2) as pool,
    ):
        nets = {"one": first, "two": second}
        futures = {
            which: pool.submit(through(nets[which]), names[which], START, END) for which in names
        }
        frames = {which: future.result() for which, future in futures.items()}
    assert state() == before
    for which, frame in frames.items():
        for name in names[which]:
            assert frame[name].tolist() == expected(name)
        asked = {path.rsplit("/", 1)[1] for path in nets[which].paths() if "chart" in path}
        assert asked == {*names[which]}


def through(net: Loopback) -> Yahoo:
    from curl_cffi.requests import Session

    trusted: Any = str(net.authority)
    session: Any = Session(verify=trusted, proxies={"https": net.proxy})
    return Yahoo(session=session, timeout=10)


@pytest.mark.usefixtures("own_yfinance")
def test_calls_within_calls_restore_at_the_last(serve: Serve) -> None:
    import yfinance

    before = state()
    yahoo, _ = serve(YahooServer())
    with connection(yahoo.session):
        assert yahoo(["IREN"], START, END)["IREN"].tolist() == expected("IREN")
        assert yfinance.config.debug.hide_exceptions is False
    assert state() == before


def test_warnings_of_yfinance_stay_inside(serve: Serve) -> None:
    """Under pandas 3 yfinance warns at every call, which no user of ours could change."""
    yahoo, _ = serve(YahooServer())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert yahoo(["IREN"], START, END)["IREN"].tolist() == expected("IREN")
        assert warnings.filters[0][0] == "error"


def test_also_when_two_threads_read_a_dtype_at_once(
    serve: Serve, capfd: pytest.CaptureFixture[str]
) -> None:
    """pandas then leaves "always" in front of every filter, for the rest of the call."""

    def leave(_: Request) -> None:
        warnings.simplefilter("always", DeprecationWarning)

    yahoo, _ = serve(YahooServer({"T00": leave}))
    before = state()
    with warnings.catch_warnings(record=True) as shown:
        assert yahoo(["T00"], START, END)["T00"].tolist() == expected("T00")
        warnings.simplefilter("always")
        warnings.warn("of the caller", DeprecationWarning, stacklevel=1)
    assert [str(one.message) for one in shown] == ["of the caller"]
    assert state() == before
    assert capfd.readouterr() == ("", "")


def test_caches_are_made_before_several_threads_need_them(serve: Serve) -> None:
    """Made by two at once, yfinance's second one says "Connection already opened" to the first."""
    from yfinance import cache

    yahoo, _ = serve(YahooServer())
    assert cache._TzCacheManager._tz_cache is None
    with connection(yahoo.session):
        for made in (cache._TzCacheManager._tz_cache, cache._CookieCacheManager._Cookie_cache):
            assert made is not None
            assert made.initialised == 1  # opened, too: of several first ones all but one fail


def test_a_cache_that_another_process_prepares_is_waited_for(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    from yfinance import cache

    lookup, times = cache._TzCache.lookup, []

    def locked(self: Any, key: str) -> Any:
        times.append(key)
        if len(times) < 3:
            raise OSError("database is locked")
        return lookup(self, key)

    monkeypatch.setattr(cache._TzCache, "lookup", locked)
    yahoo, _ = serve(YahooServer())
    with connection(yahoo.session):
        assert times == ["SPY"] * 3
    monkeypatch.setattr(cache._TzCache, "lookup", lambda *_: 1 / 0)
    begun = time.monotonic()
    with connection(yahoo.session):  # each question tells it
        assert time.monotonic() - begun < 1


def test_a_cache_of_yfinance_that_is_broken(serve: Serve, tmp_path: Path) -> None:
    yahoo, net = serve(YahooServer())
    folder = tmp_path / "yfinance"
    folder.mkdir()
    (folder / "tkr-tz.db").write_bytes(b"no database at all" * 99)
    with pytest.raises(LoaderError) as caught:
        yahoo(["IREN"], START, END)
    assert caught.value.report["IREN"]["status"] == "bad_answer"
    assert caught.value.report["IREN"]["detail"] == (
        "yfinance's own cache, the folder py-yfinance, cannot be used (DatabaseError)"
    )
    assert net.requests == []


# ── nothing is said ──────────────────────────────────────────────────────────────────────
def test_no_word_of_yfinance_and_no_crumb(
    serve: Serve, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    server = YahooServer({"GONE": fake.not_found, "BAD": fake.cut_off})
    yahoo, net = serve(server)
    with caplog.at_level(logging.DEBUG):
        yahoo(["IREN", "GONE", "BAD", "a/b"], START, END)
        with pytest.raises(LoaderError) as caught:
            yahoo(["GONE", "BAD"], START, END)
    crumbs = [request.first("crumb") for request in net.requests if "crumb" in request.query]
    assert fake.CRUMB in crumbs  # it was sent, and is told nowhere
    # peewee tells, to those who listen to everything, of the cache of time zones
    assert {record.name for record in caplog.records} == {"eventstudy", "peewee"}
    assert fake.CRUMB not in caplog.text + str(caught.value) + repr(caught.value.report)
    assert "http" not in caplog.text + str(caught.value) + repr(caught.value.report)
    assert capfd.readouterr() == ("", "")


def test_the_callers_own_words_with_yfinance_are_heard(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    """Also while another thread asks for us."""
    words: list[int] = []
    log = logging.getLogger("yfinance")

    def speak(_: Request) -> None:  # a thread of the server, not of ours
        log.warning("of the caller %d", len(words))
        words.append(1)

    yahoo, _ = serve(YahooServer({"IREN": speak}))
    yahoo(["IREN"], START, END)
    log.warning("of the caller at last")
    assert [r.getMessage() for r in caplog.records if r.name == "yfinance"] == [
        "of the caller 0",
        "of the caller 1",
        "of the caller at last",
    ]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("progress", [True, False])
def test_progress_is_for_terminals_that_asked(
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    progress: bool,
) -> None:
    yahoo, _ = serve(YahooServer(), progress=progress)
    yahoo(NAMES[:3], START, END)
    assert capfd.readouterr() == ("", "")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr("eventstudy.progress.DELAY", 0.0)
    yahoo(NAMES[:3], START, END)
    assert ("Yahoo" in terminal.getvalue()) is progress
    assert ("3/3" in terminal.getvalue() or "0/3" in terminal.getvalue()) is progress


# ── the object ───────────────────────────────────────────────────────────────────────────
def test_the_loader_shows_no_session_and_does_not_change() -> None:
    shown = repr(Yahoo(session="https://user:secret@proxy", workers=2))
    assert shown == "Yahoo(workers=2)"
    assert es.loaders.yahoo == Yahoo()
    assert isinstance(es.loaders.yahoo, Yahoo)
    with pytest.raises(dataclasses.FrozenInstanceError):
        es.loaders.yahoo.workers = 1  # type: ignore[misc]  # what is refused


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"workers": 5},
            "workers=5 of es.loaders.Yahoo cannot be used; give a whole number from 1 to",
        ),
        (
            {"workers": True},
            "workers=True of es.loaders.Yahoo cannot be used; give a whole number from",
        ),
        (
            {"retries": -1},
            "retries=-1 of es.loaders.Yahoo cannot be used; give a whole number from 0",
        ),
        (
            {"timeout": 0},
            "timeout=0 of es.loaders.Yahoo cannot be used; give seconds, from 0.001 to",
        ),
        ({"timeout": None}, "timeout=None of es.loaders.Yahoo cannot be used; give seconds, from"),
        (
            {"wait": float("nan")},
            "wait=nan of es.loaders.Yahoo cannot be used; give seconds, from 0 to",
        ),
        (
            {"wait": "1"},
            "wait='1' of es.loaders.Yahoo cannot be used; give seconds, from 0 to 600.",
        ),
    ],
)
def test_options_that_cannot_be(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(LoaderError) as caught:
        Yahoo(**options)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize("session", ["https://proxy", object(), 7])
def test_a_session_of_another_kind(session: object) -> None:
    before = state()
    with pytest.raises(LoaderError) as caught:
        Yahoo(session=session)(["IREN"], START, END)
    assert str(caught.value) == (
        f"session= is a {type(session).__name__}; give a Session of curl_cffi or of requests that "
        f"keeps no cache of its own, or leave it out."
    )
    assert state() == before


@pytest.mark.parametrize(
    ("module", "sentence"),
    [
        (
            "yfinance",
            (
                "Prices of Yahoo Finance need yfinance, which is not installed; run `pip install "
                "yfinance` or load a file."
            ),
        ),
        (
            "tqdm.std",
            (
                "Progress bars need the package `tqdm`; run "
                "pip install tqdm, or do not ask for them."
            ),
        ),
    ],
)
def test_what_is_not_installed(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, module: str, sentence: str
) -> None:
    yahoo, net = serve(YahooServer(), progress=module == "tqdm.std")
    filters = [*warnings.filters]
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(LoaderError) as caught:
        yahoo(["IREN"], START, END)
    assert str(caught.value) == sentence
    assert net.requests == []
    assert [*warnings.filters] == filters


def test_what_yfinance_itself_lacks(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    yahoo, _ = serve(YahooServer())
    for name in [one for one in sys.modules if one.partition(".")[0] == "yfinance"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "peewee", None)
    with pytest.raises(LoaderError) as caught:
        yahoo(["IREN"], START, END)
    assert str(caught.value) == (
        "Prices of Yahoo Finance need yfinance, which lacks a package, peewee; run `pip install "
        "yfinance` or load a file."
    )


def test_errors_without_a_report_say_so() -> None:
    assert errors.pyarrow_absent().report is None


# ── from outside, through the environment alone ──────────────────────────────────────────
CODE = """
import sys, time
import eventstudy as es
assert "yfinance" not in sys.modules
begun = time.monotonic()
try:
    frame = es.loaders.yahoo(["IREN", "BRK.B", "GONE"], "2024-02-02", "2024-02-09")
    print(frame.to_json(double_precision=15))
    print({name: row["status"] for name, row in frame.attrs["report"].items()})
except es.EventStudyError as error:
    print(error)
print(time.monotonic() - begun < 10)
"""


def run(environment: dict[str, str], **more: str) -> list[str]:
    done = subprocess.run(  # noqa: S603  (our own interpreter on our own text)
        [sys.executable, "-c", CODE],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | environment | more,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("backend", ["curl_cffi", "requests"])
def test_through_the_environment_with_both_backends(tmp_path: Path, backend: str) -> None:
    more = {"YF_DISABLE_CURL_CFFI": "1"} if backend == "requests" else {}
    with Loopback(YahooServer({"GONE": fake.not_found})) as net:
        table, report, quick = run(fake.environment(net, tmp_path), **more)
    frame = pd.read_json(io.StringIO(table))
    assert frame["BRK.B"].tolist() == pytest.approx(expected("BRK-B"), rel=1e-14)
    assert report == "{'IREN': 'ok', 'BRK.B': 'ok', 'GONE': 'not_found'}"
    assert quick == "True"
    assert (tmp_path / "py-yfinance").is_dir()


@pytest.mark.parametrize("backend", ["curl_cffi", "requests"])
def test_without_a_server_one_sentence(tmp_path: Path, backend: str) -> None:
    more = {"YF_DISABLE_CURL_CFFI": "1"} if backend == "requests" else {}
    with Loopback(YahooServer()) as net:
        proxy = fake.environment(net, tmp_path)
    bundles = dict.fromkeys(("CURL_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), "")
    sentence, quick = run(proxy | bundles, **more)  # the loopback has stopped
    assert sentence.startswith(
        "Yahoo gave no price for 3 tickers from 2024-02-02 to 2024-02-09: network (3: IREN, "
        "BRK.B, GONE): "
    )
    assert quick == "True"


# ── the server itself ────────────────────────────────────────────────────────────────────
def test_the_other_endpoints(tmp_path: Path) -> None:
    rows: list[tuple[str, ...]] = [
        ("February 5, 2026 at 4 PM EST", "0.15", "-", "-"),
        ("November 6, 2025 at 4 PM EST", "0.12", "0.18", "+50.00"),
    ]
    server = YahooServer(earnings={"IREN": rows})
    with fake.yahoo(server, tmp_path) as (net, session):
        with connection(session, 5.0) as yahoo:
            table: Any = yahoo.ask("IREN", lambda ticker: ticker.get_earnings_dates(limit=12))
        quote = session.get("https://query1.finance.yahoo.com/v7/finance/quote?symbols=IREN,SPY")
        assert [row["symbol"] for row in quote.json()["quoteResponse"]["result"]] == ["IREN", "SPY"]
        assert session.get("https://query1.finance.yahoo.com/elsewhere").status_code == 404
    assert table.index[1] == pd.Timestamp("2025-11-06 16:00", tz="America/New_York")
    assert table["Surprise(%)"].iloc[1] == 50.0
    assert wait_until(lambda: net.hosts()[-1] == "query1.finance.yahoo.com", 1)
