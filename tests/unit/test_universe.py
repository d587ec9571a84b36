"""The universe: whose price is whose, since when, and who had turned to AI."""

import datetime as dt

import pandas as pd
import pytest

from eventstudy import catalysts, universe

TABLE = universe.table().set_index("ticker")


def test_columns() -> None:
    columns = ["ticker", "name", "kind", "own_since", "ai_since", "note"]
    assert list(universe.table().columns) == columns
    assert universe.table()["ticker"].is_unique
    assert (universe.table()["name"] != "").all()
    assert TABLE["own_since"].dtype.kind == TABLE["ai_since"].dtype.kind == "M"


def test_table_is_a_copy() -> None:
    mine = universe.table()
    mine.loc[:, "name"] = "changed"
    assert "changed" not in set(universe.table()["name"])


@pytest.mark.parametrize(
    ("tickers", "expected"),
    [
        (universe.MINERS, "IREN CIFR HUT WULF CORZ RIOT MARA CLSK BTDR BITF HIVE APLD GLXY"),
        (universe.HYPERSCALERS, "MSFT META AMZN GOOGL"),
        (universe.BENCHMARKS, "SPY QQQ IWM SMH WGMI IBIT BTC-USD ^GSPC"),
    ],
)
def test_lists(tickers: tuple[str, ...], expected: str) -> None:
    assert tickers == tuple(expected.split())


@pytest.mark.parametrize(
    ("ticker", "day"),
    [
        ("HUT", "2023-12-04"),
        ("CORZ", "2024-01-24"),
        ("GLXY", "2025-05-16"),
        ("ABTC", "2025-09-03"),
        ("BTDR", "2023-04-14"),
        ("CIFR", "2021-08-30"),
        ("WULF", "2021-12-14"),
        ("CRWV", "2025-03-28"),
        ("WYFI", "2025-08-07"),
    ],
)
def test_own_since(ticker: str, day: str) -> None:
    assert universe.OWN_SINCE[ticker] == dt.date.fromisoformat(day)
    assert TABLE.loc[ticker, "own_since"] == pd.Timestamp(day)


def test_no_limit_for_those_listed_all_along() -> None:
    assert {"RIOT", "MARA", "CLSK", "SPY"}.isdisjoint(universe.OWN_SINCE)
    assert set(universe.OWN_SINCE) == set(TABLE.index[TABLE["own_since"].notna()])


def test_every_symbol_of_the_catalogue_is_known() -> None:
    named = catalysts.load(min_confidence="low")["tickers"].str.split(";").explode()
    assert set(named) - set(TABLE.index) == {"SECTOR", "MARKET", "BLK"}


def test_ai_since_is_the_first_deal_of_the_catalogue() -> None:
    deals = catalysts.load(category="deal").dropna(subset="ticker")
    firm = deals["ticker"].replace({"GLXY.TO": "GLXY"})
    first = deals.groupby(firm)["date"].min()
    first["GLXY.TO"] = first["GLXY"]
    stated = TABLE["ai_since"].dropna()
    assert stated.to_dict() == first.to_dict()
    assert set(universe.MINERS) <= set(stated.index)


@pytest.mark.parametrize(
    ("ticker", "date", "expected"),
    [
        ("RIOT", "2026-01-15", False),
        ("RIOT", "2026-01-16", False),  # the day of the deal itself
        ("RIOT", "2026-01-17", True),
        ("ABTC", "2026-07-01", False),  # never
        ("KO", "2026-07-01", False),  # not of this universe
        ("GLXY", "2025-05-16", True),  # before it came to Nasdaq
    ],
)
def test_pivoted(ticker: str, date: str, expected: bool) -> None:
    events = pd.DataFrame({"ticker": [ticker], "date": pd.to_datetime([date])}, index=["x"])
    answer = universe.pivoted(events)
    assert answer.to_dict() == {"x": expected}
    assert answer.name == "pivoted"
    assert answer.dtype == bool


def test_pivoted_splits_an_evening() -> None:
    events = catalysts.expand(catalysts.load(ids="20251103-openai-aws-38bn"))
    pure = events.loc[~universe.pivoted(events), "ticker"]
    assert set(pure) == {"RIOT", "BITF", "HIVE"}
