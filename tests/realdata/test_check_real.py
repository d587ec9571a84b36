"""What `Panel.check` says of real prices: the known traps, and nothing about real news."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

import eventstudy as es

pytestmark = pytest.mark.realdata

OWN = es.universe.OWN_SINCE


@cache
def closes(file: Path) -> pd.DataFrame:
    return pd.read_csv(file, index_col=0, parse_dates=True)


def rows(found: es.Panel, calendar: str | None = None) -> list[tuple[str, str, str]]:
    """Ticker, date and check of every finding but the funds' holdings."""
    table = found.check(calendar=calendar).table
    table = table[table["check"] != "contains"]
    dates = table["date"].dt.strftime("%Y-%m-%d")
    return list(zip(table["ticker"], dates, table["check"], strict=True))


def test_the_traps_of_the_miners(real_prices: Path) -> None:
    """Old Hut 8 and two shells; one of these hardly traded. No crash, no rally, no gap."""
    found = es.Panel.from_prices(closes(real_prices), market="SPY").check(calendar="XNYS")
    assert found.counts.to_dict() == {"not_own_price": 3, "contains": 10, "stale": 9}
    table = found.table
    others = table[table["check"] == "not_own_price"].set_index("ticker")
    assert others["days"].to_dict() == {"CIFR": 165, "HUT": 734, "BTDR": 431}
    assert (others["until"] == pd.to_datetime(pd.Series(OWN))[others.index]).all()
    stale = table[table["check"] == "stale"]
    assert set(stale["ticker"]) == {"BTDR"}
    assert stale["until"].max() < pd.Timestamp(OWN["BTDR"])
    assert stale["days"].max() == 11


def test_masked_miners_are_clean(real_prices: Path) -> None:
    made = es.Panel.from_prices(closes(real_prices), market="SPY", own_since=OWN)
    assert rows(made, "XNYS") == []
    held = made.check().table
    assert held[["other", "ticker"]].apply(tuple, axis=1).tolist() == [
        *(("QQQ", ticker) for ticker in ("AMZN", "GOOGL", "META", "MSFT")),
        *(("SMH", "NVDA"), ("QQQ", "NVDA")),
        *(("WGMI", ticker) for ticker in ("BITF", "CIFR", "IREN", "NVDA")),
    ]


def test_nvidia_measured_against_its_own_fund(real_prices: Path) -> None:
    made = es.Panel.from_prices(closes(real_prices), market="SPY", own_since=OWN)
    events = es.events_on("2026-02-25", "NVDA", session="after_close")
    notes = es.EventStudy(model=es.FactorModel(("SPY", "SMH"))).run(events, made).notes
    note = (
        "Data: 1 of 1 event has something suspicious in the prices of the event window (benchmark "
        "that holds the ticker: 1): panel.check() lists it."
    )
    assert note in notes
    assert note not in es.EventStudy().run(events, made).notes


@pytest.mark.parametrize(("ticker", "ratio", "day"), [("NVDA", 10, "2024-06-10")])
def test_a_split_that_was_not_adjusted(
    real_prices: Path, ticker: str, ratio: int, day: str
) -> None:
    prices = closes(real_prices).copy()
    prices.loc[prices.index < day, ticker] *= ratio
    made = es.Panel.from_prices(prices, market="SPY", own_since=OWN)
    assert rows(made) == [(ticker, day, "split")]


@pytest.mark.parametrize("ticker", ["NVDA", "IREN", "COIN", "MSFT"])
@pytest.mark.parametrize("shift", [-1, 1])
def test_dates_one_day_off(real_prices: Path, ticker: str, shift: int) -> None:
    prices = closes(real_prices).copy()
    prices[ticker] = prices[ticker].shift(shift)
    made = es.Panel.from_prices(prices, market="SPY", own_since=OWN)
    assert [(name, check) for name, _, check in rows(made)] == [(ticker, "shifted_day")]


def test_sessions_that_are_missing(real_prices: Path) -> None:
    prices = closes(real_prices)
    lost = [pd.Timestamp("2025-11-28"), pd.Timestamp("2026-01-29")]
    made = es.Panel.from_prices(prices.drop(lost), market="SPY", own_since=OWN)
    assert rows(made, "XNYS") == [
        ("", "2025-11-28", "missing_session"),
        ("", "2026-01-29", "missing_session"),
    ]


def test_volume_clears_what_is_news(data_folder: Path) -> None:
    """With the volume of every day nothing is left, the doubling of APLD in 2022 among it."""
    table = pd.read_csv(data_folder / "miners_and_benchmarks_ohlcv.csv.gz", parse_dates=["date"])
    wide = table.pivot_table(index="date", columns="ticker", aggfunc="first")
    made = es.Panel.from_prices(wide, market="SPY", own_since=OWN)
    assert {"close", "volume"} <= set(made.fields)
    assert rows(made, "XNYS") == []


def test_a_thousand_stocks(data_folder: Path) -> None:
    """1.3 million returns of survivors: one move in 100,000 is worth a look."""
    name = "us_stocks_1000_adjclose_2018-12-31_2024-03-08_unlicense.parquet"
    prices = pd.read_parquet(data_folder / name).set_index("date").astype(float)
    counts = es.Panel.from_prices(prices).check(calendar="XNYS").counts
    assert counts.to_dict() == {
        "split": 11,
        "bad_tick": 2,
        "extreme": 1,
        "not_own_price": 1,
        "stale": 23,
    }


def test_bad_prices_of_the_nineties(data_folder: Path) -> None:
    """RRC stands still for weeks and makes a move of exactly 3 for 1.

    In 1992 it jumps back and forth by the tick of a penny stock: usual for it then.
    """
    prices = pd.read_csv(
        data_folder / "skfolio_sp500_20_adjclose.csv.gz", index_col=0, parse_dates=True
    )
    index = pd.read_csv(data_folder / "skfolio_sp500_index.csv.gz", index_col=0, parse_dates=True)
    made = es.Panel.from_prices(prices, market=index["SP500"])
    found = rows(made, "XNYS")
    assert [row for row in found if row[2] != "stale"] == [("RRC", "1990-04-10", "split")]
    assert [row for row in found if row[2] == "stale" and row[0] != "RRC"] == [
        ("JPM", "1991-08-30", "stale")
    ]
