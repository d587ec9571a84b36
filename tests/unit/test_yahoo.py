"""`es.loaders.yahoo` on the real, unpatched yfinance, against a server on 127.0.0.1.

Every case ends in the right numbers or in its right reason.
"""

from __future__ import annotations

import contextlib
import logging
import math
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
import yahoo_server as fake
from hypothesis import given
from hypothesis import strategies as st
from loopback import Loopback, Reply, Request
from yahoo_server import CHART, FIELDS, Actions, FirstTimes, YahooServer, walk

import eventstudy as es
from eventstudy.errors import LoaderError
from eventstudy.loaders import Yahoo
from eventstudy.web._yahoo import spelling
from eventstudy.web._yahoo_trouble import Trouble, trouble_of

START, END = "2024-02-02", "2024-02-09"
NAMES = [f"T{number:02}" for number in range(60)]
Serve = Callable[..., tuple[Yahoo, Loopback]]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a server; give the loader that asks it, with short waits, and the server."""
    with contextlib.ExitStack() as stack:

        def go(
            server: Callable[[Request], Reply] | None = None,
            refuse: tuple[str, ...] = (),
            **options: Any,
        ) -> tuple[Yahoo, Loopback]:
            made = fake.yahoo(server or YahooServer(), tmp_path, refuse)
            net, session = stack.enter_context(made)
            return Yahoo(session=session, **{"timeout": 20.0, "wait": 0.01} | options), net

        yield go


def expected(symbol: str, start: str = START, end: str = END) -> pd.Series[Any]:
    """Adjusted closes that the server has for a symbol."""
    return walk(symbol)["adj_close"].loc[start:end]


def refusal(loader: Yahoo, *asked: Any, **more: Any) -> LoaderError:
    with pytest.raises(LoaderError) as caught:
        loader(*asked, **more)
    return caught.value


def charts(net: Loopback) -> list[str]:
    """Symbols asked for, in order, also twice."""
    paths = [unquote(path) for path in net.paths()]
    return [path.removeprefix(CHART) for path in paths if path.startswith(CHART)]


# ── data ─────────────────────────────────────────────────────────────────────────────────
def test_one_ticker_exactly(serve: Serve) -> None:
    import yfinance

    yahoo, net = serve()
    before = datetime.now(UTC).replace(microsecond=0)
    frame = yahoo("IREN", START, END)
    assert list(frame.columns) == ["IREN"]
    days = pd.DatetimeIndex(
        ["2024-02-02", "2024-02-05", "2024-02-06", "2024-02-07", "2024-02-08", "2024-02-09"],
        name="date",
    ).as_unit("ns")
    assert frame.index.equals(days)
    assert frame.index.dtype == days.dtype
    assert frame["IREN"].tolist() == expected("IREN").tolist()
    assert frame.attrs["report"] == {
        "IREN": {
            "status": "ok",
            "rows": 6,
            "first": START,
            "last": END,
            "splits": 0,
            "dividends": 0,
        }
    }
    assert frame.attrs["source"] == f"Yahoo Finance (yfinance {yfinance.__version__})"
    assert before <= datetime.fromisoformat(frame.attrs["fetched"]) <= datetime.now(UTC)
    assert frame.attrs["options"] == {
        "interval": "1d",
        "adjusted": "adj_close: splits and dividends; the rest: splits",
    }
    assert net.paths() == ["/", "/v1/test/getcrumb", CHART + "IREN", CHART + "IREN"]


def test_all_fields(serve: Serve) -> None:
    yahoo, _ = serve()
    frame = yahoo(["IREN", "BRK.B"], START, END, fields=FIELDS)
    assert [*frame.columns.to_flat_index()] == [(f, t) for f in FIELDS for t in ("IREN", "BRK.B")]
    assert frame.columns.names == ["field", "ticker"]
    for ticker, symbol in (("IREN", "IREN"), ("BRK.B", "BRK-B")):
        one = frame.xs(ticker, axis=1, level="ticker")
        np.testing.assert_array_equal(one[list(FIELDS)], walk(symbol).loc[START:END])


def test_a_field_that_is_not_there(serve: Serve) -> None:
    yahoo, net = serve()
    assert str(refusal(yahoo, ["IREN"], START, END, fields=["market_cap"])) == (
        "There is no field 'market_cap' in Yahoo Finance, which has adj_close, open, high, low, "
        "close, volume; ask for other `fields` or name the column 'market_cap'."
    )
    assert net.requests == []


def test_split_and_dividends(serve: Serve) -> None:
    actions = Actions({"2024-02-06": 0.5, "2024-02-08": 0.25}, {"2024-02-07": (4, 1)})
    server = YahooServer(actions={"KO": actions})
    yahoo, _ = serve(server)
    frame = yahoo("KO", START, END, fields=("adj_close", "close"))
    close, adjusted = frame["close", "KO"], frame["adj_close", "KO"]
    bars = server.bars("KO")
    assert bars is not None
    assert adjusted.tolist() == bars["adj_close"].loc[START:END].tolist()
    assert close.tolist() == walk("KO")["close"].loc[START:END].tolist()
    # what adj_close earns on the day without the dividend is the price change and the dividend
    gross = adjusted["2024-02-06"] / adjusted["2024-02-05"]
    assert gross == pytest.approx(close["2024-02-06"] / (close["2024-02-05"] - 0.5), rel=1e-12)
    report = frame.attrs["report"]["KO"]
    assert (report["status"], report["splits"], report["dividends"]) == ("ok", 1, 2)


def test_actions_outside_the_days_asked_are_not_counted(serve: Serve) -> None:
    actions = Actions({"2024-02-01": 0.5, "2024-02-12": 0.5}, {"2024-02-01": (2, 1)})
    yahoo, _ = serve(YahooServer(actions={"KO": actions}))
    report = yahoo("KO", START, END).attrs["report"]["KO"]
    assert (report["rows"], report["splits"], report["dividends"]) == (6, 0, 0)


@pytest.mark.parametrize(
    ("start", "end", "rows"),
    [
        ("2024-02-05", "2024-02-05", 1),  # `end` is included
        ("2024-02-03", "2024-02-05", 1),
        ("2000-01-03", "2024-12-31", 6276),
        ("1970-01-01", "2000-01-31", 20),  # the day on which seconds are counted from
    ],
)
def test_ranges(serve: Serve, start: str, end: str, rows: int) -> None:
    yahoo, _ = serve()
    frame = yahoo(["IREN", "BTC-USD"], start, end)
    assert frame["IREN"].dropna().tolist() == expected("IREN", start, end).tolist()
    assert frame["BTC-USD"].dropna().tolist() == expected("BTC-USD", start, end).tolist()
    assert frame.attrs["report"]["IREN"]["rows"] == rows
    assert frame["IREN"].notna().sum() == rows


def test_days_without_a_session_are_no_data(serve: Serve) -> None:
    yahoo, _ = serve()
    error = refusal(yahoo, ["IREN"], "2024-02-03", "2024-02-04")
    assert error.report["IREN"]["status"] == "no_data"
    assert error.report["IREN"]["detail"] == "no prices on those days"


@pytest.mark.parametrize(
    ("start", "end"),
    [("2024-03-07", "2024-03-13"), ("2024-10-25", "2024-11-06"), ("2018-11-01", "2018-11-07")],
    ids=["clocks forward", "clocks back", "a day without midnight"],
)
def test_dates_are_those_of_each_exchange(serve: Serve, start: str, end: str) -> None:
    """New York, London, Tokyo, São Paulo and a coin, while the clocks change."""
    tickers = ["IREN", "VOD.L", "7203.T", "PETR4.SA", "BTC-USD"]
    yahoo, _ = serve()
    frame = yahoo(tickers, start, end)
    days = pd.DatetimeIndex(frame.index)
    assert days.tz is None
    assert days.equals(days.normalize())
    for ticker in tickers:
        pd.testing.assert_series_equal(
            frame[ticker].dropna(),
            expected(ticker, start, end),
            check_names=False,
            check_freq=False,
        )
    assert len(frame) == (pd.Timestamp(end) - pd.Timestamp(start)).days + 1


def test_asked_for_on_a_day_without_midnight(serve: Serve) -> None:
    yahoo, _ = serve()  # 2018-11-04: the clocks of São Paulo went from 0:00 to 1:00
    frame = yahoo("PETR4.SA", "2018-11-04", "2018-11-05")
    assert frame["PETR4.SA"].tolist() == expected("PETR4.SA", "2018-11-04", "2018-11-05").tolist()


def test_null_days_stay_missing_and_are_counted(serve: Serve) -> None:
    def nulls(result: dict[str, Any]) -> None:
        for row in (2, 3):
            for values in [*result["indicators"]["quote"][0].values()]:
                values[min(row, len(values) - 1)] = None
            adjusted = result["indicators"]["adjclose"][0]["adjclose"]
            adjusted[min(row, len(adjusted) - 1)] = None

    yahoo, _ = serve(YahooServer(edits={"IREN": nulls}))
    frame = yahoo(["IREN", "SPY"], START, END, fields=("adj_close", "volume"))
    whole = expected("IREN").to_numpy(copy=True)
    whole[[1, 2]] = np.nan  # the day before START was asked, too
    np.testing.assert_array_equal(frame["adj_close", "IREN"], whole)
    assert frame["volume", "IREN"].isna().tolist() == np.isnan(whole).tolist()
    report = frame.attrs["report"]
    assert report["IREN"]["rows"] == 4
    assert report["IREN"]["detail"] == "2 days without a price from Yahoo, the first 2024-02-05"
    assert "detail" not in report["SPY"]


def test_what_cannot_be_a_price_is_missing_and_told(serve: Serve) -> None:
    def spoil(result: dict[str, Any]) -> None:
        if len(result.get("timestamp", ())) > 4:
            adjusted = result["indicators"]["adjclose"][0]["adjclose"]
            adjusted[2], adjusted[3], adjusted[4] = 0, -7.5, math.inf
            result["indicators"]["quote"][0]["volume"][5] = -1

    yahoo, _ = serve(YahooServer(edits={"IREN": spoil}))
    frame = yahoo(["IREN"], START, END, fields=("adj_close", "close", "volume"))
    whole = walk("IREN").loc[START:END]
    assert frame["close", "IREN"].tolist() == whole["close"].tolist()
    adjusted = whole["adj_close"].where(~whole.index.isin(whole.index[1:4]))
    np.testing.assert_array_equal(frame["adj_close", "IREN"], adjusted)
    assert frame["volume", "IREN"].isna().tolist() == [False] * 4 + [True, False]
    assert frame.attrs["report"]["IREN"]["detail"] == (
        "4 days with a price or volume that cannot be, the first 2024-02-05"
    )


def test_a_live_row_is_not_a_second_day(serve: Serve) -> None:
    """Yahoo sends the day that is being traded twice; the later row counts."""

    def live(result: dict[str, Any]) -> None:
        result["timestamp"].append(result["timestamp"][-1] + 3600)
        for name, values in result["indicators"]["quote"][0].items():
            values.append(values[-1] + (1 if name == "volume" else 0.25))
        adjusted = result["indicators"]["adjclose"][0]["adjclose"]
        adjusted.append(adjusted[-1] + 0.25)

    yahoo, _ = serve(YahooServer(edits={"IREN": live}))
    days = walk("IREN").index
    last = days[days < pd.Timestamp.now("America/New_York").tz_localize(None).normalize()][-1]
    frame = yahoo("IREN", last - pd.Timedelta(days=9), last + pd.Timedelta(days=1))
    assert frame.index.is_unique
    newest = frame.index[-1]
    assert frame["IREN"].iloc[-1] == walk("IREN")["adj_close"][newest] + (0.25)
    assert frame["IREN"].iloc[:-1].tolist() == (
        walk("IREN")["adj_close"].loc[frame.index[:-1]].tolist()
    )


def test_a_day_that_is_not_over(serve: Serve) -> None:
    def open_still(result: dict[str, Any]) -> None:
        for part in result["meta"]["currentTradingPeriod"].values():
            part["end"] = part["start"] + 10 * 86_400

    yahoo, _ = serve(YahooServer(edits={"BTC-USD": open_still}))
    today = pd.Timestamp.now("UTC").tz_localize(None).normalize()
    frame = yahoo(["BTC-USD", "ETH-USD"], today - pd.Timedelta(days=3), today)
    last = frame.index[-1].date()
    report = frame.attrs["report"]
    assert report["BTC-USD"]["not_final"] == str(last)
    assert "not_final" not in report["ETH-USD"] or today.strftime("%Y-%m-%d") == str(last)
    assert len(frame) in (3, 4)
    frame = yahoo("BTC-USD", today - pd.Timedelta(days=9), today - pd.Timedelta(days=5))
    assert "not_final" not in frame.attrs["report"]["BTC-USD"]


def test_sixty_tickers_at_once_four_at_a_time(serve: Serve) -> None:
    lock, flying, most = threading.Lock(), [0], [0]
    inner = YahooServer()

    def counting(request: Request) -> Reply:
        with lock:
            flying[0] += 1
            most[0] = max(most[0], flying[0])
        time.sleep(0.002)
        with lock:
            flying[0] -= 1
        return inner(request)

    yahoo, net = serve(counting)
    frame = yahoo(NAMES, START, END)
    assert list(frame.columns) == NAMES
    for name in NAMES:
        assert frame[name].tolist() == expected(name).tolist()
    assert {row["status"] for row in frame.attrs["report"].values()} == {"ok"}
    assert sorted(charts(net)) == sorted([*NAMES, *NAMES])
    assert 1 < most[0] <= 4


def test_nothing_old_is_served_again(serve: Serve) -> None:
    """yfinance keeps answers in the process; a later call of ours asks anew."""
    server = YahooServer({"IREN": fake.broken})
    yahoo, _ = serve(server)
    assert refusal(yahoo, "IREN", START, END).report["IREN"]["status"] == "bad_answer"
    del server.faults["IREN"]
    assert yahoo("IREN", START, END)["IREN"].tolist() == expected("IREN").tolist()
    server.edits["IREN"] = lambda result: result["indicators"]["adjclose"][0].update(
        adjclose=[1.0] * len(result["timestamp"])
    )
    assert yahoo("IREN", START, END)["IREN"].tolist() == [1.0] * 6


# ── tickers ──────────────────────────────────────────────────────────────────────────────
HOSTILE = [
    "../../../v1/test/getcrumb?x=",
    "..",
    "AAPL#frag",
    "AAPL?range=max",
    "A/B",
    "A\\B",
    "A%2f..%2fB",
    "A B",
    "A\nB",
    "A\x00",
    "-AAPL",
    ".AAPL",
    "$AAPL",
    "АAPL",  # the first letter is Cyrillic
    "A" * 33,
    "https://example.org",
    "US0378331005",
    "us0378331005",
]


def test_hostile_tickers_reach_no_server(serve: Serve) -> None:
    yahoo, net = serve()
    frame = yahoo([*HOSTILE, "IREN"], START, END)
    assert frame["IREN"].tolist() == expected("IREN").tolist()
    assert net.paths() == ["/", "/v1/test/getcrumb", CHART + "IREN", CHART + "IREN"]
    for ticker in HOSTILE:
        assert frame[ticker].isna().all()
        row = frame.attrs["report"][ticker]
        assert row["status"] == "bad_ticker"
        assert row["detail"] == (
            "an ISIN, not a ticker; give the symbol"
            if "US03" in ticker.upper()
            else "not a symbol: letters, digits and . - ^ = _ & only"
        )


def test_only_hostile_tickers_ask_nobody(serve: Serve) -> None:
    yahoo, net = serve()
    error = refusal(yahoo, ["../x", "US0378331005"], START, END)
    assert str(error) == (
        "Yahoo gave no price for 2 tickers from 2024-02-02 to 2024-02-09: bad_ticker (2: ../x, "
        "US0378331005): not a symbol: letters, digits and . - ^ = _ & only; check the tickers "
        "and the dates."
    )
    assert net.requests == []


SPELLED = {
    "BRK.B": "BRK-B",
    "brk.a": "BRK-A",
    "iren": "IREN",
    " MSFT\t": "MSFT",
    "^GSPC": "^GSPC",
    "EURUSD=X": "EURUSD=X",
    "GC=F": "GC=F",
    "M&M.NS": "M&M.NS",
    "VOD.L": "VOD.L",
    "BHP.AX": "BHP.AX",
    "ORSTED.CO": "ORSTED.CO",
    "7203.T": "7203.T",
    "SHOP.V": "SHOP.V",
    "BTC-USD": "BTC-USD",
    "0P000071W8.TO": "0P000071W8.TO",
    "USERSCAPITAL": "USERSCAPITAL",  # as long as an ISIN, without its last digit
}


def test_spelling_of_good_tickers(serve: Serve) -> None:
    yahoo, net = serve()
    frame = yahoo([*SPELLED], START, END)
    assert list(frame.columns) == list(SPELLED)
    for ticker, symbol in SPELLED.items():
        assert frame[ticker].dropna().tolist() == expected(symbol).tolist()
    assert sorted(charts(net)) == sorted([*SPELLED.values()] * 2)


def test_one_symbol_under_two_names_is_asked_once(serve: Serve) -> None:
    yahoo, net = serve()
    frame = yahoo(["iren", "IREN", "BRK.B", "BRK-B"], START, END)
    assert sorted(charts(net)) == ["BRK-B", "BRK-B", "IREN", "IREN"]
    report = frame.attrs["report"]
    assert [report[ticker]["status"] for ticker in frame] == ["bad_ticker", "ok"] * 2
    assert report["iren"]["detail"] == "the same as IREN, asked too"
    assert report["BRK.B"]["detail"] == "the same as BRK-B, asked too"
    assert frame["iren"].isna().all()
    assert frame["BRK-B"].tolist() == expected("BRK-B").tolist()


@given(st.lists(st.text(max_size=14), max_size=6))
def test_whatever_is_asked_only_symbols_are_sent(names: list[str]) -> None:
    symbols, bad = spelling(names)
    assert {*symbols} | {*bad} == {*names}
    assert not {*symbols} & {*bad}
    assert len({*symbols.values()}) == len(symbols)
    for symbol in symbols.values():
        assert re.fullmatch(r"[A-Z0-9^][A-Z0-9.^=_&-]{0,31}", symbol)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (
            ([], START, END),
            (
                "tickers=[] does not name what to load; give one text or a list of texts, none "
                "of them empty."
            ),
        ),
        (
            (["IREN"], END, START),
            (
                "The prices asked for end (2024-02-02) before they begin (2024-02-09); swap "
                "`start` and `end`."
            ),
        ),
    ],
)
def test_questions_that_are_none(serve: Serve, asked: Sequence[Any], sentence: str) -> None:
    yahoo, net = serve()
    assert str(refusal(yahoo, *asked)) == sentence
    assert net.requests == []


# ── what goes wrong ──────────────────────────────────────────────────────────────────────
def without_days(result: dict[str, Any]) -> None:
    """Say nothing but the meta data, as for a range without a trade."""
    result.pop("timestamp", None)
    result["indicators"] = {"quote": [{}], "adjclose": [{}]}


def unauthorized(_: Request) -> Reply:
    said = {"code": "Unauthorized", "description": "Invalid Crumb"}
    return Reply.json({"finance": {"result": None, "error": said}}, 401)


NOT_JSON = "Yahoo answered with something that is not JSON"
LOST = "no connection, or it broke off"
CASES: dict[str, tuple[Any, str, str]] = {
    "404 delisted": (
        fake.not_found,
        "not_found",
        "Yahoo knows no such ticker, or no longer",
    ),
    "400 before the listing": (
        fake.before_listing,
        "no_data",
        "Yahoo says: Data doesn't exist for startDate = 1706745600, endDate = 1707609600",
    ),
    "200 without timestamps": (without_days, "no_data", "no prices on those days"),
    "truncated JSON": (fake.half_json, "bad_answer", NOT_JSON),
    "HTML": (fake.web_page, "bad_answer", NOT_JSON),
    "500": (fake.broken, "bad_answer", "Yahoo answered with HTTP 500"),
    "401": (unauthorized, "bad_answer", "Yahoo answered with HTTP 401"),
    "another shape": (
        lambda _: Reply.json({"chart": {"result": [{"meta": {}}], "error": None}}),
        "bad_answer",
        "yfinance could not read Yahoo's answer (KeyError)",
    ),
    "a list": (
        lambda _: Reply.json([]),
        "bad_answer",
        "yfinance could not read Yahoo's answer (AttributeError)",
    ),
    "broken off in the body": (fake.cut_off, "network", LOST),
    "broken off before it": (fake.hung_up, "network", LOST),
    "too late": (fake.slow(9), "timeout", "Yahoo did not answer in time"),
    "429": (
        fake.too_many,
        "rate_limited",
        "Yahoo answered that there were too many requests",
    ),
}
ADVICE = {
    "not_found": "check the tickers and the dates",
    "no_data": "check the tickers and the dates",
    "bad_answer": "try again later",
    "network": "check the connection, or load a file or what es.loaders.cached has kept",
    "timeout": "check the connection, or load a file or what es.loaders.cached has kept",
    "rate_limited": "try again in some minutes, with fewer tickers at a time",
}


@pytest.mark.parametrize("case", CASES)
def test_each_failure_has_its_reason_and_the_others_go_on(
    serve: Serve, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    what, status, detail = CASES[case]
    kind = {"edits" if what is without_days else "faults": {"GONE": what}}
    # too many requests end the asking: of two at a time the other may not have begun
    workers = 1 if status == "rate_limited" else 2
    yahoo, _ = serve(YahooServer(**kind), timeout=0.5, retries=1, workers=workers)
    with caplog.at_level(logging.INFO, "eventstudy"):
        frame = yahoo(["IREN", "GONE"], START, END)
    assert frame["IREN"].tolist() == expected("IREN").tolist()
    assert frame["GONE"].isna().all()
    lost = {"status": status, "rows": 0, "first": None, "last": None}
    assert frame.attrs["report"]["GONE"] == lost | {"splits": 0, "dividends": 0, "detail": detail}
    assert [(one.levelname, one.getMessage()) for one in caplog.records] == [
        ("WARNING", f"Yahoo Finance: no prices of GONE ({status})"),
        ("INFO", "Yahoo Finance: prices of 1 of 2 tickers"),
    ]
    error = refusal(yahoo, ["GONE"], START, END)
    assert str(error) == (
        f"Yahoo gave no price for 1 ticker from {START} to {END}: {status} (1: GONE): {detail}; "
        f"{ADVICE[status]}."
    )
    assert error.report == {"GONE": frame.attrs["report"]["GONE"]}


def test_all_failed_is_one_sentence_with_every_cause(serve: Serve) -> None:
    server = YahooServer({"GONE": fake.not_found, "BAD": fake.web_page, "OFF": fake.hung_up})
    yahoo, _ = serve(server)
    error = refusal(yahoo, ["GONE", "BAD", "OFF", "a/b"], START, END)
    assert str(error) == (
        "Yahoo gave no price for 4 tickers from 2024-02-02 to 2024-02-09: "
        "not_found (1: GONE): Yahoo knows no such ticker, or no longer; "
        f"bad_answer (1: BAD): {NOT_JSON}; network (1: OFF): {LOST}; "
        "bad_ticker (1: a/b): not a symbol: letters, digits and . - ^ = _ & only; "
        "check the connection, or load a file or what es.loaders.cached has kept."
    )
    assert [row["status"] for row in error.report.values()] == [
        "not_found",
        "bad_answer",
        "network",
        "bad_ticker",
    ]


# ── too many requests ────────────────────────────────────────────────────────────────────
def test_it_waits_and_asks_again(serve: Serve) -> None:
    yahoo, net = serve(YahooServer({"BUSY": FirstTimes(fake.too_many, 5)}), wait=0.1)
    begun = time.monotonic()
    frame = yahoo(["BUSY", "IREN"], START, END)
    # yfinance asks twice before it says so: refused at the 2nd and the 4th, then once more
    assert 0.075 + 0.15 <= time.monotonic() - begun < 2
    assert charts(net).count("BUSY") == 7
    assert frame["BUSY"].tolist() == expected("BUSY").tolist()
    assert frame.attrs["report"]["BUSY"]["status"] == "ok"


def test_after_the_last_wait_nothing_more_is_asked(serve: Serve) -> None:
    names = ["FIRST", "BUSY", *NAMES]
    yahoo, net = serve(YahooServer({"BUSY": fake.too_many}), retries=2, workers=1)
    frame = yahoo(names, START, END)
    assert frame["FIRST"].tolist() == expected("FIRST").tolist()
    report = frame.attrs["report"]
    assert {*charts(net)} == {"FIRST", "BUSY"}
    assert charts(net).count("BUSY") == 2 * 3
    assert report["BUSY"]["detail"] == "Yahoo answered that there were too many requests"
    for name in NAMES:
        assert report[name]["status"] == "rate_limited"
        assert report[name]["detail"] == (
            "not asked any more: Yahoo answered that there were too many requests"
        )


def test_all_workers_wait_together(serve: Serve) -> None:
    """Four that are refused at once are one wait, not four: 0.05 + 0.1 s and no more."""
    yahoo, net = serve(YahooServer(dict.fromkeys(NAMES, fake.too_many)), retries=2, wait=0.05)
    begun = time.monotonic()
    error = refusal(yahoo, NAMES, START, END)
    assert time.monotonic() - begun < 3
    assert {row["status"] for row in error.report.values()} == {"rate_limited"}
    assert len({*charts(net)}) <= 8
    assert str(error).endswith("try again in some minutes, with fewer tickers at a time.")


@pytest.mark.parametrize("fault", [fake.too_many, fake.broken, fake.hung_up, fake.web_page])
@pytest.mark.parametrize("subject", ["crumb", "cookie"])
def test_prices_need_neither_crumb_nor_cookie(
    serve: Serve, subject: str, fault: Callable[[Request], Reply]
) -> None:
    yahoo, _ = serve(YahooServer({subject: fault}))
    frame = yahoo(["IREN", "SPY"], START, END)
    assert frame["IREN"].tolist() == expected("IREN").tolist()
    assert [row["status"] for row in frame.attrs["report"].values()] == ["ok", "ok"]


def test_a_silent_cookie_server_is_waited_for_once(serve: Serve) -> None:
    yahoo, net = serve(YahooServer({"cookie": fake.slow(9)}), timeout=2.0)
    begun = time.monotonic()
    frame = yahoo(NAMES[:8], START, END)
    assert time.monotonic() - begun < 2.0  # a fifth of the time-out, and not eight times that
    assert frame.notna().all(axis=None)
    assert net.hosts().count("fc.yahoo.com") == 1


# ── no network ───────────────────────────────────────────────────────────────────────────
def closed(port: int = 9) -> str:
    return f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("proxy", "detail"),
    [
        (closed(), LOST),
        # a label that is too long is found nowhere, without asking anybody
        (f"http://{'x' * 64}.invalid:9", "the proxy was not reached or let nothing through"),
    ],
    ids=["refused", "no such name"],
)
def test_without_a_network_sixty_tickers_end_at_once(
    tmp_path: Path, proxy: str, detail: str
) -> None:
    from curl_cffi.requests import Session

    session: Any = Session(proxies={"https": proxy})
    with fake.fresh_caches(tmp_path):
        begun = time.monotonic()
        error = refusal(Yahoo(session=session), NAMES, START, END)
        assert time.monotonic() - begun < 5
    session.close()
    assert {row["status"] for row in error.report.values()} == {"network"}
    assert {row["detail"] for row in error.report.values()} == {
        detail,
        f"not asked any more: {detail}",
    }
    assert sum(row["detail"] == detail for row in error.report.values()) == 4


def test_names_that_the_proxy_does_not_find(serve: Serve) -> None:
    hosts = ("fc.yahoo.com", "guce.yahoo.com", "query1.finance.yahoo.com")
    yahoo, net = serve(refuse=(*hosts, "query2.finance.yahoo.com"))
    error = refusal(yahoo, NAMES, START, END)
    assert {row["status"] for row in error.report.values()} == {"network"}
    assert net.requests == []
    yahoo, net = serve(refuse=hosts)  # a blocked cookie server alone is no reason to fail
    assert yahoo("IREN", START, END)["IREN"].tolist() == expected("IREN").tolist()


def test_a_silent_network_costs_one_time_out(serve: Serve) -> None:
    yahoo, net = serve(lambda _: Reply(delay=60), timeout=0.5)
    begun = time.monotonic()
    error = refusal(yahoo, NAMES, START, END)
    assert time.monotonic() - begun < 2.5
    assert {row["status"] for row in error.report.values()} == {"timeout"}
    assert len(charts(net)) == 4


def test_a_network_that_dies_on_the_way(serve: Serve) -> None:
    alive = NAMES[:10]
    server = YahooServer({name: fake.hung_up for name in NAMES if name not in alive})
    yahoo, net = serve(server)
    frame = yahoo(NAMES, START, END)
    assert [t for t, row in frame.attrs["report"].items() if row["status"] == "ok"] == alive
    assert len({*charts(net)}) <= len(alive) + 12


def test_a_few_broken_connections_among_good_ones_stop_nothing(serve: Serve) -> None:
    names = NAMES[:16]
    server = YahooServer(dict.fromkeys(names[::4], fake.hung_up))
    yahoo, _ = serve(server, workers=2)
    report = yahoo(names, START, END).attrs["report"]
    assert [report[t]["status"] for t in names] == ["network", "ok", "ok", "ok"] * 4, report


def test_one_connection_that_breaks_is_not_the_network(serve: Serve) -> None:
    """Also where one ticker is asked at a time."""
    yahoo, _ = serve(YahooServer({"T01": fake.hung_up, "T03": fake.hung_up}), workers=1)
    report = yahoo(NAMES[:5], START, END).attrs["report"]
    assert [row["status"] for row in report.values()] == ["ok", "network", "ok", "network", "ok"]


def test_a_server_that_is_not_yahoo(serve: Serve) -> None:
    """Without the authority of the test there is no secure connection, and no data."""
    from curl_cffi.requests import Session

    _, net = serve()
    session: Any = Session(proxies={"https": net.proxy})
    error = refusal(Yahoo(session=session), ["IREN"], START, END)
    session.close()
    assert error.report["IREN"]["status"] == "network"
    assert error.report["IREN"]["detail"] == "no secure connection could be made"
    assert net.requests == []


def test_what_each_exception_means() -> None:
    import requests
    from curl_cffi.requests import exceptions as curl

    lost = {
        curl.DNSError("x"): "the name of the server was not found",
        curl.IncompleteRead("x"): "the connection broke off",
        requests.exceptions.ChunkedEncodingError(): "the connection broke off",
        requests.exceptions.ConnectionError(): LOST,
        ConnectionResetError(): LOST,
    }
    for error, detail in lost.items():
        assert trouble_of(error, None) == Trouble("network", detail)
    for late in (
        curl.ConnectTimeout("x"),
        curl.ReadTimeout("x"),
        requests.exceptions.ConnectTimeout(),
        TimeoutError(),
    ):
        assert trouble_of(late, None).status == "timeout"
    assert trouble_of(curl.JSONDecodeError("x"), 200).status == "bad_answer"
    handled = AttributeError("no such class")  # of yfinance, while it handles the first
    handled.__context__ = requests.exceptions.ConnectionError()
    assert trouble_of(handled, None).status == "network"


def test_words_of_the_server_are_few_and_plain(serve: Serve) -> None:
    said = "see https://query1.finance.yahoo.com/?crumb=secret\x1b[31m now\n" + "x" * 500

    def refuse(_: Request) -> Reply:
        error = {"code": "Bad Request", "description": said}
        return Reply.json({"chart": {"result": None, "error": error}}, 400)

    yahoo, _ = serve(YahooServer({"GONE": lambda r: refuse(r) if "period1" in r.query else None}))
    detail = refusal(yahoo, ["GONE"], START, END).report["GONE"]["detail"]
    assert detail.startswith("Yahoo says: see [31m now xxx")
    assert "secret" not in detail
    assert len(detail) == len("Yahoo says: ") + 120


# ── a whole study ────────────────────────────────────────────────────────────────────────
def test_a_study_through_yahoo_is_the_study_of_the_same_prices(serve: Serve) -> None:
    yahoo, _ = serve(YahooServer(loader=es.loaders.sample))
    events = es.events_on("2026-02-25", ["IREN", "CIFR", "GONE"], session="after_close")
    study = es.EventStudy(window=(-2, 2))
    results = [
        study.run(events, study.load(events, loader, market="SPY"))
        for loader in (yahoo, es.loaders.sample)
    ]
    pd.testing.assert_frame_equal(results[0].ar, results[1].ar)
    assert results[0].dropped["reason"].tolist() == ["unknown_ticker"]
