"""What stands between yfinance and Yahoo: what is sent, for how long, and when no more."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yahoo_server as fake
from loopback import Loopback, Request
from yahoo_server import FIELDS, FirstTimes, YahooServer, walk

from eventstudy.errors import LoaderError
from eventstudy.loaders import Yahoo
from eventstudy.loaders._yahoo_bars import COLUMNS, bars_of
from eventstudy.web._yahoo import Connection, connection, spelling
from eventstudy.web._yahoo_batch import Asking, _Batch
from eventstudy.web._yahoo_settings import _unless_ours
from eventstudy.web._yahoo_trouble import RATE_LIMITED, Stopped, Trouble, trouble_of

START, END = "2024-02-02", "2024-02-09"
CHART = "https://query2.finance.yahoo.com/v8/finance/chart/IREN"
CRUMB = "https://query1.finance.yahoo.com/v1/test/getcrumb"
COOKIE, CONSENT = "https://fc.yahoo.com", "https://guce.yahoo.com/consent"
Serve = Callable[..., tuple[Yahoo, Loopback]]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    with contextlib.ExitStack() as stack:

        def go(server: YahooServer, **options: Any) -> tuple[Yahoo, Loopback]:
            net, session = stack.enter_context(fake.yahoo(server, tmp_path))
            return Yahoo(session=session, **{"wait": 0.01} | options), net

        yield go


@pytest.fixture
def yahoo(tmp_path: Path) -> Iterator[Connection]:
    with fake.yahoo(YahooServer(), tmp_path) as (_, session), connection(session, 10.0) as opened:
        yield opened


class Inner:
    """A session that answers, or fails, and remembers what it was sent."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.sent = error, list[tuple[str, Any]]()

    def request(self, method: str, url: str, **options: Any) -> Any:
        self.sent.append((url, options.get("timeout")))
        if self.error is not None:
            raise self.error
        return type("Reply", (), {"status_code": 200})


# ── one question ─────────────────────────────────────────────────────────────────────────
def test_how_long_each_kind_of_question_may_take(yahoo: Connection) -> None:
    inner = Inner()
    for url in (CHART, CRUMB, COOKIE):
        yahoo.request(inner, "GET", url, timeout=99)
    # to connect and to answer: together what was allowed; less for what is not needed
    assert inner.sent == [(CHART, (3.0, 7.0)), (CRUMB, 2.0), (COOKIE, 2.0)]


def test_a_silent_server_of_cookies_is_asked_once_and_its_like_not_at_all(
    yahoo: Connection,
) -> None:
    inner = Inner(TimeoutError("silence"))
    for url in (COOKIE, COOKIE, CONSENT, CRUMB):
        with pytest.raises(TimeoutError):
            yahoo.request(inner, "GET", url)
    assert [url for url, _ in inner.sent] == [COOKIE]
    inner.error = None
    assert yahoo.request(inner, "GET", CHART).status_code == 200


def test_one_that_refuses_is_asked_once_and_the_others_are_asked(yahoo: Connection) -> None:
    inner = Inner(ConnectionRefusedError("closed"))
    for url in (COOKIE, COOKIE, CONSENT, CRUMB, CRUMB):
        with pytest.raises(ConnectionRefusedError):
            yahoo.request(inner, "GET", url)
    assert [url for url, _ in inner.sent] == [COOKIE, CONSENT, CRUMB]


def test_after_the_end_nothing_is_sent_and_the_first_reason_stands(yahoo: Connection) -> None:
    inner, first = Inner(), Trouble("network", "the first")
    yahoo.stop(first)
    yahoo.stop(Trouble("timeout", "the second"))
    with pytest.raises(Stopped):
        yahoo.request(inner, "GET", CHART)
    assert yahoo.ask("IREN", lambda ticker: ticker.history(period="5d")) == first
    assert inner.sent == []


def test_between_two_questions_the_callers_own_words_are_heard(
    yahoo: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    log = logging.getLogger("yfinance")
    assert yahoo.ask("IREN", lambda _: log.warning("of yfinance")) is None
    log.warning("of the caller")
    assert [r.getMessage() for r in caplog.records if r.name == "yfinance"] == ["of the caller"]


def test_no_filter_stays_in_the_log_of_yfinance(serve: Serve) -> None:
    loader, _ = serve(YahooServer())
    loader("IREN", START, END)
    assert _unless_ours not in logging.getLogger("yfinance").filters


def test_a_status_is_not_remembered_for_the_next_question(serve: Serve) -> None:
    """500, and then a connection that breaks: it is the connection that failed."""

    def second(request: Request) -> Any:
        return fake.hung_up(request) if first(request) is None else fake.broken(request)

    first = FirstTimes(fake.broken, 1)
    loader, _ = serve(YahooServer({"IREN": second}))
    with pytest.raises(LoaderError) as caught:
        loader("IREN", START, END)
    assert caught.value.report["IREN"]["status"] == "network"


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [(KeyError("chart"), 429, "rate_limited"), ("no prices", 422, "no_data"), ("?", 503, "bad")],
)
def test_what_a_status_means(error: Any, code: int, status: str) -> None:
    from yfinance.exceptions import YFPricesMissingError

    found = YFPricesMissingError("IREN", error) if isinstance(error, str) else error
    assert trouble_of(found, code).status.startswith(status)


def test_the_longest_symbol() -> None:
    symbols, bad = spelling(["A" * 32, "B" * 33])
    assert symbols == {"A" * 32: "A" * 32}
    assert bad["B" * 33].status == "bad_ticker"


# ── waiting ──────────────────────────────────────────────────────────────────────────────
def test_each_wait_is_twice_as_long_and_counted_once(
    yahoo: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventstudy.web._yahoo_batch.random.uniform", lambda *_: 1.0)
    monkeypatch.setattr("eventstudy.web._yahoo_batch.time.monotonic", lambda: 100.0)
    batch: _Batch[None] = _Batch(yahoo, lambda _: None, Asking(4, 3, 10.0))
    waits = []
    for begun in (0, 0, 1, 1, 1, 2):  # several that began before the same wait
        assert batch._slower(RATE_LIMITED, begun)
        waits.append(batch._until - 100)
    assert waits == [10, 10, 20, 20, 20, 40]
    assert yahoo.stopped is None
    assert not batch._slower(RATE_LIMITED, 3)
    assert yahoo.stopped is not None
    assert yahoo.halted.is_set()


def test_an_interrupt_ends_a_long_wait(serve: Serve) -> None:
    def interrupt(_: Request) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    loader, net = serve(
        YahooServer({"BUSY": fake.too_many, "LATE": FirstTimes(interrupt, 1)}), wait=60.0, workers=2
    )
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    begun = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            loader(["BUSY", "IREN", "LATE"], START, END)
    finally:
        signal.signal(signal.SIGINT, handler)
    assert time.monotonic() - begun < 20
    assert any("LATE" in path for path in net.paths())


# ── what is no table of prices ───────────────────────────────────────────────────────────
def bars(rows: list[int]) -> Any:
    walked = walk("IREN").iloc[6060:6066]
    table = walked.rename(columns=COLUMNS).iloc[rows].tz_localize("America/New_York")
    return bars_of(table, {}, walked.index[0], walked.index[-1])


def test_days_twice_or_in_another_order_are_no_table_of_prices() -> None:
    assert bars([0, 1, 2, 3]).table["close"].notna().sum() == 4
    assert bars([0, 1, 1, 2]) is None
    assert bars([2, 1, 0]) is None
    raw = walk("IREN").rename(columns=COLUMNS).reset_index(drop=True)
    assert bars_of(raw, {}, pd.Timestamp(START), pd.Timestamp(END)) is None


def test_other_fields_alone_are_no_data(serve: Serve) -> None:
    def without(result: dict[str, Any]) -> None:
        adjusted = result["indicators"]["adjclose"][0]
        adjusted["adjclose"] = [None] * len(adjusted["adjclose"])

    loader, _ = serve(YahooServer(edits={"IREN": without}))
    report = loader(["IREN", "SPY"], START, END).attrs["report"]["IREN"]
    assert (report["status"], report["detail"]) == ("no_data", "no prices on those days")
    both = loader(["IREN"], START, END, fields=FIELDS)
    assert both.attrs["report"]["IREN"]["status"] == "ok"
    assert both["adj_close", "IREN"].isna().all()
