"""Every yfinance from 1.2 on: what older versions do otherwise is met here, on whatever is there.

The whole of `test_yahoo*.py` was run with 1.2 to 1.7; these are the places that differ.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
import yahoo_server as fake
from loopback import Loopback
from yahoo_server import YahooServer, walk

from eventstudy.loaders import Yahoo
from eventstudy.loaders._yahoo_bars import _period
from eventstudy.web._yahoo_settings import SETTINGS
from eventstudy.web._yahoo_trouble import Trouble, trouble_of

ASKED = ("IREN", "2024-02-02", "2024-02-09")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Yahoo, Loopback]]:
    with fake.yahoo(YahooServer(), tmp_path) as (net, session):
        yield Yahoo(session=session), net


def expected() -> list[float]:
    prices: list[float] = walk("IREN")["adj_close"].loc[ASKED[1] : ASKED[2]].tolist()
    return prices


@pytest.mark.parametrize("writes", ["None", "its own"])
def test_a_session_keeps_its_proxies(
    served: tuple[Yahoo, Loopback], monkeypatch: pytest.MonkeyPatch, writes: str
) -> None:
    """Up to 1.6 each question sets None; later ones set what yfinance's configuration has."""
    import yfinance
    from yfinance.data import YfData

    yahoo, net = served
    before = dict(yahoo.session.proxies)
    if writes == "None":
        made = YfData._make_request

        def wiping(self: Any, *asked: Any, **options: Any) -> Any:
            self._session.proxies = None
            return made(self, *asked, **options)

        monkeypatch.setattr(YfData, "_make_request", wiping)
    else:  # a proxy of its own, which is asked, beside a session that goes nowhere
        yfinance.config.network.proxy = {"https": net.proxy}
        yahoo.session.proxies = before = {"https": "http://127.0.0.1:9"}
    try:
        assert yahoo(*ASKED)["IREN"].tolist() == expected()
    finally:
        yfinance.config.network.proxy = None
    assert yahoo.session.proxies == before


@pytest.mark.parametrize("error", [ConnectionError("lost"), ValueError("odd"), None])
def test_without_a_cookie_and_a_crumb_prices_come(
    served: tuple[Yahoo, Loopback], monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    """Up to 1.6 yfinance gives up where these fail, and any version where they fail oddly."""
    from yfinance.data import YfData
    from yfinance.exceptions import YFRateLimitError

    def failing(*_: object) -> Any:
        raise error or YFRateLimitError

    monkeypatch.setattr(YfData, "_get_cookie_and_crumb", failing)
    frame = served[0](*ASKED)
    assert frame["IREN"].tolist() == expected()
    assert frame.attrs["report"]["IREN"]["status"] == "ok"


def test_nothing_more_is_asked_for_the_session_of_today(
    served: tuple[Yahoo, Loopback], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to 1.6 this property asks for hourly prices, which a delisted ticker has not."""
    import yfinance

    def asking(self: Any) -> Any:
        self.history(period="5d", interval="1h")
        raise AssertionError("asked for more than prices")

    monkeypatch.setattr(yfinance.Ticker, "history_metadata", property(asking))
    yahoo, net = served
    assert yahoo(*ASKED)["IREN"].tolist() == expected()
    assert len([path for path in net.paths() if "/chart/" in path]) == 2


@pytest.mark.parametrize("seconds", [True, False])
def test_the_session_of_today_in_seconds_or_as_a_moment(seconds: bool) -> None:
    opens = pd.Timestamp("2024-02-09 09:30", tz="America/New_York")
    given = int(opens.timestamp()) if seconds else opens
    known = {"currentTradingPeriod": {"regular": {"start": given, "end": "four o'clock"}}}
    raw = pd.DataFrame(index=pd.DatetimeIndex([opens.normalize()]))
    for metadata in (known, {}, None, {"currentTradingPeriod": None}):
        ticker = SimpleNamespace(_price_history=SimpleNamespace(_history_metadata=metadata))
        found = _period(ticker, raw)
        assert found == {"start": opens if metadata is known else None, "end": None}
    start = _period(SimpleNamespace(_price_history=None), raw)["start"]
    assert start is None


def test_what_yahoo_said_in_older_words() -> None:
    from yfinance.exceptions import YFPricesMissingError

    older = YFPricesMissingError("IREN", '1d 2024 (Yahoo error = "Data doesn\'t exist")')
    assert trouble_of(older, 400) == Trouble("no_data", "Yahoo says: Data doesn't exist")
    assert trouble_of(YFPricesMissingError("IREN", ""), 400).detail == "no prices on those days"


def test_a_package_that_yfinance_needs() -> None:
    """Up to 1.5 lxml does not come with it, and the calendar of earnings needs it."""
    error = ImportError("Missing optional dependency 'lxml'. Use pip to install lxml.")
    assert trouble_of(error, 200) == Trouble(
        "bad_answer",
        "yfinance lacks a package: Missing optional dependency 'lxml'. Use pip to install lxml.",
    )


def test_a_time_zone_that_is_not_there_is_no_broken_connection() -> None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    with pytest.raises(ZoneInfoNotFoundError) as caught:
        ZoneInfo("Mars/Olympus")
    assert trouble_of(caught.value, 200) == Trouble(
        "bad_answer", "yfinance could not read Yahoo's answer (ZoneInfoNotFoundError)"
    )


def test_what_fails_at_the_first_step_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from yfinance import cache

    filters, shown = [*warnings.filters], warnings.showwarning
    monkeypatch.setattr(cache, "get_tz_cache", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        SETTINGS.take()
    assert [*warnings.filters] == filters
    assert warnings.showwarning is shown
