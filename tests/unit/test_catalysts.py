"""The catalogue: its facts, its filters, and news about others as one event a firm."""

import re
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventstudy import catalysts
from eventstudy.catalysts._flags import near
from eventstudy.errors import EventsError, EventStudyError, OptionError
from eventstudy.events import SESSIONS, check_events
from eventstudy.universe import MINERS, OWN_SINCE

ALL = catalysts.load(min_confidence="low")
EVENING = "20260128-meta-capex-115-135+20260128-meta-earnings+20260128-msft-earnings"


def said(kind: type[EventStudyError], function: Any, *args: Any, **options: Any) -> str:
    """Return the sentence with which a call is refused."""
    with pytest.raises(kind) as refused:
        function(*args, **options)
    return str(refused.value)


def news(*rows: tuple[str, str, str], **columns: Any) -> pd.DataFrame:
    """Sector news: id, date and session of each."""
    table = pd.DataFrame(rows, columns=["event_id", "date", "session"])
    return table.assign(**({"ticker": None, "category": "macro", "tickers": "SECTOR"} | columns))


# ── the table ────────────────────────────────────────────────────────────────────────────
def test_shape_of_the_catalogue() -> None:
    assert ALL["category"].value_counts().to_dict() == {
        "deal": 67, "earnings": 40, "nvidia": 11, "macro": 9, "capex": 6, "product": 3,
    }  # fmt: skip
    assert ALL["confidence"].value_counts().to_dict() == {"high": 73, "medium": 53, "low": 10}
    assert set(ALL["category"]) == set(catalysts.CATEGORIES)
    assert list(ALL.columns) == [
        "ticker", "date", "session", "scheduled", "time_et", "tickers", "category", "headline",
        "usd", "mw", "counterparty", "surprise", "concurrent_financing", "confidence", "source",
        "own_earnings", "merger_arbitrage",
    ]  # fmt: skip
    assert (ALL[["headline", "source"]] != "").all(axis=None)


def test_ids_begin_with_the_date() -> None:
    assert (ALL.index.str[:8] == ALL["date"].dt.strftime("%Y%m%d")).all()
    assert ALL["date"].is_monotonic_increasing
    assert ALL.index.is_unique


def test_ticker_is_the_first_symbol() -> None:
    first = ALL["tickers"].str.split(";").str[0]
    sector = first.isin(["SECTOR", "MARKET"])
    assert (ALL.loc[~sector, "ticker"] == first[~sector]).all()
    assert ALL.loc[sector, "ticker"].isna().all()
    assert ALL["ticker"].isna().sum() == 12  # eight of the sector, four of the market


def test_it_is_an_events_table() -> None:
    assert set(ALL["session"]) == set(SESSIONS)
    pd.testing.assert_frame_equal(check_events(ALL, named=False), ALL)
    deals = catalysts.load(category="deal").dropna(subset="ticker")
    pd.testing.assert_frame_equal(check_events(deals), deals)


@pytest.mark.parametrize("name", ["table.csv", "own_reports.csv"])
def test_data_files_lie_in_the_package(name: str) -> None:
    assert (files("eventstudy.catalysts") / name).is_file()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("20260128-meta-capex-115-135", 125 / 110 - 1),
        ("20260204-googl-capex-175-185", 180 / 119.5 - 1),
    ],
)
def test_surprises(name: str, value: float) -> None:
    assert ALL.loc[name, "surprise"] == pytest.approx(value, abs=1e-6)
    assert ALL["surprise"].notna().sum() == 2


@pytest.mark.parametrize(
    ("name", "usd", "mw", "counterparty"),
    [
        ("20251103-iren-microsoft", 9.7e9, np.nan, "Microsoft"),
        ("20251103-cifr-aws", 5.5e9, 300, "Amazon"),
        ("20260128-meta-capex-115-135", 125e9, np.nan, np.nan),
        ("20251217-hut-river-bend", 7e9, 245, "Fluidstack; Google; Anthropic"),
    ],
)
def test_sizes(name: str, usd: float, mw: float, counterparty: object) -> None:
    (row,) = ALL.loc[[name], ["usd", "mw", "counterparty"]].to_numpy().tolist()
    np.testing.assert_equal(row, [usd, mw, counterparty])


def test_only_what_was_known_beforehand_is_scheduled() -> None:
    always = ALL["category"].isin(["earnings", "nvidia", "product"])
    assert ALL.loc[always, "scheduled"].all()
    assert not ALL.loc[ALL["category"] == "deal", "scheduled"].any()
    assert ALL.loc["20260128-fomc-jan-2026", "scheduled"]
    assert not ALL.loc["20250127-deepseek", "scheduled"]
    assert not ALL.loc["20250124-meta-capex-60-65", "scheduled"]  # said outside any report


def test_halving_lies_on_a_day_without_trading() -> None:
    assert ALL.loc[["20240420-halving-4"], "date"].dt.day_name().tolist() == ["Saturday"]


def test_first_listing_quirk() -> None:
    galaxy = ALL[ALL["tickers"].str.contains("GLXY")]
    toronto = galaxy["date"] < pd.Timestamp(OWN_SINCE["GLXY"])
    assert (galaxy["ticker"] == np.where(toronto, "GLXY.TO", "GLXY")).all()


# ── flags ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("flag", "yes", "no"),
    [
        ("own_earnings", "20251103-cifr-aws", "20251103-iren-microsoft"),
        ("own_earnings", "20260128-meta-capex-115-135", "20260128-meta-earnings"),
        ("own_earnings", "20260205-iren-q2fy26-gpu-financing", "20260225-nvda-earnings"),
        ("concurrent_financing", "20250925-cifr-fluidstack-google", "20251103-cifr-aws"),
        ("concurrent_financing", "20250818-wulf-cb5-expansion", "20250814-wulf-fluidstack-google"),
        ("merger_arbitrage", "20250707-corz-coreweave-merger", "20250626-corz-wsj-talks"),
        ("merger_arbitrage", "20251030-corz-vote-fails", "20260506-corz-polaris-muskogee"),
    ],
)
def test_flags(flag: str, yes: str, no: str) -> None:
    assert ALL.loc[[yes, no], flag].tolist() == [True, False]


@pytest.mark.parametrize(
    ("event", "found"),
    [
        ("2026-02-04", False),  # Wednesday
        ("2026-02-05", True),
        ("2026-02-06", True),  # the Friday itself
        ("2026-02-08", True),  # Sunday
        ("2026-02-09", True),  # Monday
        ("2026-02-10", False),
    ],
)
def test_weekdays_around_another_event(event: str, found: bool) -> None:
    dated = pd.DataFrame({"ticker": ["A", "B"], "date": pd.to_datetime(["2026-02-06", event])})
    events = pd.DataFrame({"ticker": ["A"], "date": pd.to_datetime([event])})
    assert near(events, dated).tolist() == [found]


# ── load ─────────────────────────────────────────────────────────────────────────────────
def test_low_confidence_is_left_out() -> None:
    assert len(catalysts.load()) == 126
    assert len(catalysts.load(min_confidence="high")) == 73
    assert set(catalysts.load()["confidence"]) == {"medium", "high"}


@pytest.mark.parametrize("category", [*catalysts.CATEGORIES, ("capex", "nvidia")])
def test_by_category(category: Any) -> None:
    names = {category} if isinstance(category, str) else set(category)
    expected = ALL[ALL["category"].isin(names) & (ALL["confidence"] != "low")]
    pd.testing.assert_frame_equal(catalysts.load(category), expected)


def test_by_date_both_ends_included() -> None:
    chosen = catalysts.load(since="2025-11-03", until=20251113)
    assert chosen["date"].min() == pd.Timestamp("2025-11-03")
    assert chosen["date"].max() == pd.Timestamp("2025-11-13")
    assert len(chosen) == 4


@pytest.mark.parametrize("ids", ["20251103-cifr-aws", ["20251103-cifr-aws"]])
def test_by_id(ids: Any) -> None:
    assert list(catalysts.load(ids=ids).index) == ["20251103-cifr-aws"]


def test_what_is_loaded_is_ones_own() -> None:
    mine = catalysts.load()
    mine.loc[:, "category"] = "changed"
    assert "changed" not in set(catalysts.load()["category"])


def test_unknown_category() -> None:
    assert said(OptionError, catalysts.load, "deals") == (
        "category='deals' is not known; choose one of 'deal', 'earnings', 'capex', 'nvidia', "
        "'product', 'macro'. Did you mean 'deal'?"
    )


def test_unknown_confidence() -> None:
    assert said(OptionError, catalysts.load, min_confidence="hihg") == (
        "min_confidence='hihg' is not known; choose one of 'low', 'medium', 'high'. Did you "
        "mean 'high'?"
    )


def test_unknown_id() -> None:
    assert said(OptionError, catalysts.load, ids=["20251103-cifr-aws", "20251103-cifr-awz"]) == (
        "The catalogue has no event 20251103-cifr-awz; `es.catalysts.load(min_confidence='low')` "
        "lists all. Did you mean '20251103-cifr-aws'?"
    )


def test_id_of_low_confidence() -> None:
    name = "20240306-corz-coreweave-austin"
    assert said(OptionError, catalysts.load, ids=name) == (
        f"The date of {name} is less sure than min_confidence='medium'; leave it out, or ask "
        f"for min_confidence='low'."
    )
    assert list(catalysts.load(ids=name, min_confidence="low").index) == [name]


def test_nothing_left() -> None:
    assert said(OptionError, catalysts.load, since="2027-01-01") == (
        "The catalogue has no event for these filters; widen `category`, `since`, `until`, "
        "`ids` or `min_confidence`."
    )


def test_ambiguous_date() -> None:
    with pytest.raises(EventsError, match=re.escape("write dates as 2026-02-25")):
        catalysts.load(since="02/03/2026")


# ── expand: news about others ────────────────────────────────────────────────────────────
def test_one_evening_is_one_shock() -> None:
    evening = catalysts.load(since="2026-01-28", until="2026-01-28")
    events = catalysts.expand(evening)
    shock = events[events["session"] == "after_close"]
    assert list(shock.index) == [f"{EVENING}:{ticker}" for ticker in MINERS]
    assert shock["ticker"].tolist() == list(MINERS)
    assert (shock["catalyst"] == EVENING).all()
    assert (shock["category"] == "capex").all()
    np.testing.assert_allclose(shock["surprise"], 125 / 110 - 1, atol=1e-6)
    assert (shock["tickers"] == "META;MSFT").all()
    assert shock[["is_capex", "is_earnings", "scheduled"]].all(axis=None)
    assert not shock[["is_nvidia", "is_deal", "is_macro", "own_news"]].any(axis=None)
    # the decision of the central bank came during the session before
    assert events[events["is_macro"]]["session"].unique().tolist() == ["intraday"]
    assert len(events) == 2 * len(MINERS)


def test_result_is_an_events_table() -> None:
    events = catalysts.expand(catalysts.load())
    pd.testing.assert_frame_equal(check_events(events), events)
    assert set(events["ticker"]) == set(MINERS)
    assert not events["is_nvidia"].isna().any()


def test_expanding_twice_changes_nothing() -> None:
    once = catalysts.expand(catalysts.load())
    pd.testing.assert_frame_equal(catalysts.expand(once), once)


@pytest.mark.parametrize("who", ["sector", "peers"])
def test_order_of_the_news_does_not_matter(who: str) -> None:
    given = catalysts.load()
    shuffled = given.sample(frac=1, random_state=0)
    one, other = (catalysts.expand(table, who=who) for table in (given, shuffled))
    pd.testing.assert_frame_equal(one.sort_index(), other.sort_index())


def test_input_is_not_changed() -> None:
    given = catalysts.load()
    before = given.copy(deep=True)
    catalysts.expand(given)
    pd.testing.assert_frame_equal(given, before)


def test_own_news_of_the_firms_stays_as_it_is() -> None:
    given = catalysts.load()
    events = catalysts.expand(given)
    own = events[events["own_news"]]
    expected = given[given["ticker"].isin(MINERS)]
    pd.testing.assert_frame_equal(own.loc[expected.index, list(given.columns)], expected)
    assert len(own) == len(expected)
    assert (own["catalyst"] == own.index).all()
    assert own["is_deal"].all()


def test_own_news_stands_before_other_news_of_the_day() -> None:
    events = catalysts.expand(catalysts.load(), ["IREN"])
    day = list(events.index[events["date"] == "2025-11-03"])
    assert day == ["20251103-iren-microsoft", "20251103-openai-aws-38bn:IREN"]
    assert events.loc[day, "own_deal"].tolist() == [False, True]


def test_deals_of_other_miners_are_no_sector_news() -> None:
    events = catalysts.expand(catalysts.load(), ["IREN", "CIFR"])
    assert set(events["ticker"]) == {"IREN", "CIFR"}
    assert not events.index.str.contains("riot|btbt|glxy").any()


def test_firms_outside_the_universe_react_too() -> None:
    events = catalysts.expand(catalysts.load(category="capex"), "KO")
    assert set(events["ticker"]) == {"KO"}


@pytest.mark.parametrize(("ticker", "day"), [(t, d) for t, d in OWN_SINCE.items() if t in MINERS])
def test_firms_take_part_from_their_listing_on(ticker: str, day: object) -> None:
    since = pd.Timestamp(str(day))
    dates = [since - pd.Timedelta(days=1), since, since + pd.Timedelta(days=1)]
    given = news(*((f"e{k}", str(d)[:10], "unknown") for k, d in enumerate(dates)))
    events = catalysts.expand(given, [ticker, "RIOT"])
    assert events.loc[events["ticker"] == ticker, "date"].min() == since
    assert events.loc[events["ticker"] == "RIOT", "date"].min() == dates[0]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (("2026-02-04", "after_close"), ("2026-02-04", "after_close"), True),
        (("2026-02-04", "after_close"), ("2026-02-05", "before_open"), True),
        (("2026-02-04", "after_close"), ("2026-02-05", "intraday"), True),
        (("2026-02-04", "after_close"), ("2026-02-05", "unknown"), True),
        (("2026-02-04", "after_close"), ("2026-02-05", "after_close"), False),
        (("2026-02-04", "intraday"), ("2026-02-04", "after_close"), False),
        (("2026-02-06", "after_close"), ("2026-02-09", "before_open"), True),  # a weekend
        (("2026-02-07", "unknown"), ("2026-02-08", "after_close"), True),
        (("2026-02-06", "intraday"), ("2026-02-07", "unknown"), False),
    ],
)
def test_one_day_zero_is_one_shock(
    one: tuple[str, str], other: tuple[str, str], together: bool
) -> None:
    given = news(("a", *one), ("b", *other))
    expected = ["a+b:RIOT"] if together else ["a:RIOT", "b:RIOT"]
    events = catalysts.expand(given, ["RIOT"])
    assert list(events.index) == expected
    assert (str(events["date"].iloc[0])[:10], events["session"].iloc[0]) == one


@pytest.mark.parametrize(
    ("categories", "leading"),
    [
        (["earnings", "capex", "nvidia"], "nvidia"),
        (["earnings", "capex", "macro"], "capex"),
        (["product", "macro", "earnings"], "earnings"),
        (["macro", "product", "deal"], "deal"),
        (["strike", "macro"], "macro"),  # the user's own category comes last
    ],
)
def test_category_of_a_shock(categories: list[str], leading: str) -> None:
    rows = [(f"e{k}", "2026-02-04", "after_close") for k in range(len(categories))]
    given = news(*rows, category=categories, size=range(len(rows)))
    (event,) = catalysts.expand(given, ["RIOT"]).to_dict("records")
    assert event["category"] == leading
    assert event["size"] == categories.index(leading)
    names = {*catalysts.CATEGORIES, *categories}
    assert {name for name in names if event[f"is_{name}"]} == set(categories)


@pytest.mark.parametrize(
    ("scheduled", "confidence", "expected"),
    [
        ([True, True], ["high", "medium"], (True, "medium")),
        ([True, False], ["medium", "high"], (False, "medium")),
        ([False, False], ["high", "low"], (False, "low")),
        ([True, True], ["high", "high"], (True, "high")),
    ],
)
def test_a_shock_is_as_sure_as_its_least_sure_news(
    scheduled: list[bool], confidence: list[str], expected: tuple[bool, str]
) -> None:
    rows = [("a", "2026-02-04", "after_close"), ("b", "2026-02-05", "before_open")]
    given = news(*rows, scheduled=scheduled, confidence=confidence)
    (event,) = catalysts.expand(given, ["RIOT"]).to_dict("records")
    assert (event["scheduled"], event["confidence"]) == expected


def test_own_reports_of_the_same_days() -> None:
    events = catalysts.expand(catalysts.load(ids="20260225-nvda-earnings"))
    flagged = events.loc[events["own_earnings"], "ticker"]
    assert set(flagged) == {"CIFR", "HUT", "MARA", "WULF"}


def test_own_deal_of_the_same_evening() -> None:
    events = catalysts.expand(catalysts.load(ids="20260520-nvda-earnings"))
    assert events.loc[events["own_deal"], "ticker"].tolist() == ["APLD"]


def test_merger_arbitrage_is_core_scientifics_alone() -> None:
    events = catalysts.expand(catalysts.load(since="2025-07-01", until="2025-11-03"))
    ratio = events[events["merger_arbitrage"]]
    assert set(ratio["ticker"]) == {"CORZ"}
    assert len(ratio) > 5
    assert ratio["date"].between("2025-07-07", "2025-10-30").all()


def test_financing_of_another_firm_is_none_of_ours() -> None:
    deals = catalysts.load(ids=["20250925-cifr-fluidstack-google"])
    assert catalysts.expand(deals)["concurrent_financing"].tolist() == [True]
    assert not catalysts.expand(deals, who="peers")["concurrent_financing"].any()


# ── expand: peers ────────────────────────────────────────────────────────────────────────
def test_peers_see_the_deals_of_others() -> None:
    deal = catalysts.load(ids="20260116-riot-amd")
    events = catalysts.expand(deal, who="peers")
    assert events["ticker"].tolist() == [ticker for ticker in MINERS if ticker != "RIOT"]
    assert (events["issuer"] == "RIOT").all()
    assert (events["category"] == "deal").all()
    assert events.index[0] == "20260116-riot-amd:IREN"


def test_firms_named_in_a_deal_take_no_part() -> None:
    deal = catalysts.load(ids="20251219-wyfi-nscale")
    events = catalysts.expand(deal, [*MINERS, "BTBT", "WYFI"], who="peers")
    assert set(events["ticker"]) == set(MINERS)


def test_two_deals_of_one_morning() -> None:
    events = catalysts.expand(catalysts.load(since="2025-11-03", until="2025-11-03"), who="peers")
    both = events[events["issuer"] == "CIFR+IREN"]
    assert set(both["ticker"]) == set(MINERS) - {"CIFR", "IREN"}
    assert (both["catalyst"] == "20251103-cifr-aws+20251103-iren-microsoft").all()
    alone = events[events["issuer"] != "CIFR+IREN"].set_index("ticker")["issuer"]
    assert alone.to_dict() == {"CIFR": "IREN", "IREN": "CIFR"}
    assert events.set_index("ticker")["own_deal"].loc[["CIFR", "IREN"]].all()


# ── expand: refusals ─────────────────────────────────────────────────────────────────────
def test_sector_news_cannot_be_studied_as_it_is() -> None:
    assert said(EventsError, check_events, catalysts.load(ids="20250121-stargate")) == (
        "News about a sector names no ticker (event 20250121-stargate); call "
        "`es.catalysts.expand(events, tickers)` to make it one event a firm."
    )


def test_unknown_who() -> None:
    assert said(OptionError, catalysts.expand, catalysts.load(), who="peer") == (
        "who='peer' is not known; choose one of 'sector', 'peers'. Did you mean 'peers'?"
    )


def test_no_tickers() -> None:
    assert said(OptionError, catalysts.expand, catalysts.load(), []) == (
        "`tickers` is empty; name at least one ticker that reacts."
    )


def test_no_category() -> None:
    table = news(("a", "2026-02-04", "unknown")).rename(columns={"category": "categories"})
    assert said(EventsError, catalysts.expand, table) == (
        "The events have no column `category` (they have ticker, date, session, scheduled, "
        "categories, tickers); if `categories` is meant, rename it to `category`."
    )


@pytest.mark.parametrize(
    ("who", "table"),
    [("peers", catalysts.load("nvidia")), ("sector", catalysts.load(ids="20260116-riot-amd"))],
)
def test_no_event_left(who: str, table: pd.DataFrame) -> None:
    assert said(OptionError, catalysts.expand, table, ["IREN"], who) == (
        f"who={who!r} leaves no event: no news that concerns the tickers while they were "
        f"listed; give other events or tickers."
    )
