"""What is suspicious in a panel: planted errors are found, clean prices give none."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy import errors
from eventstudy.loaders import sample
from eventstudy.panel import Panel
from eventstudy.panel.suspicion import CHECKS, touched
from eventstudy.panel.suspicion import suspicions as look

DAYS = pd.bdate_range("2022-01-03", periods=500)
TICKERS = ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF"]


def clean(seed: int = 0, tickers: list[str] = TICKERS, size: int = 500) -> pd.DataFrame:
    """Simple returns of a one-factor market with fat tails; M is the market."""
    rng = np.random.default_rng(seed)
    market = 0.008 * rng.standard_t(5, size)
    noise = 0.02 * rng.standard_t(4, (size, len(tickers)))
    frame = pd.DataFrame(market[:, None] + noise, DAYS[:size], tickers).clip(-0.4, 0.4)
    return frame.assign(M=market)


def panel(frame: pd.DataFrame, **options: Any) -> Panel:
    return Panel.from_returns(frame, **{"market": "M", **options})


def rows(found: Any, *columns: str) -> list[tuple[Any, ...]]:
    """Findings as plain values, dates as positions among the sessions."""
    table = found.table.copy()
    for name in ("date", "until"):
        table[name] = DAYS.get_indexer(table[name])
    wanted = list(columns or ("ticker", "date", "until", "days", "check"))
    return [tuple(row) for row in table[wanted].to_numpy(dtype=object)]


def details(found: Any) -> list[str]:
    texts: list[str] = found.table["detail"].tolist()
    return texts


# ── no false alarms ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("seed", range(30))
def test_clean_prices_give_nothing(seed: int) -> None:
    found = panel(clean(seed)).check()
    assert rows(found) == []
    assert len(found) == 0
    assert found.counts.empty


@pytest.mark.parametrize("fields", [("adj_close",), ("adj_close", "close", "open", "volume")])
def test_the_sample_gives_nothing(fields: tuple[str, ...]) -> None:
    prices = sample(sample.tickers, "2022-12-01", "2026-06-30", fields=fields)
    made = Panel.from_prices(prices, market="SPY", factors=["IBIT"])
    assert rows(made.check(calendar="XNYS")) == []
    assert rows(made.spliced("Bitcoin", "IBIT", "BTC-USD").check()) == []


def test_random_walks_without_a_market_give_nothing() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(0, 0.02, (500, 40)), DAYS, [f"T{k}" for k in range(40)])
    assert rows(Panel.from_returns(frame).check()) == []


def test_nothing_is_changed() -> None:
    frame = clean(3)
    frame.iloc[200, 0] = -0.5
    frame.iloc[210:220, 1] = 0.0
    made = panel(frame)
    before = made.returns.copy()
    assert len(made.check()) == 2
    np.testing.assert_array_equal(made.returns, before)


# ── prices that do not move ──────────────────────────────────────────────────────────────
def test_stale_prices() -> None:
    frame = clean()
    frame.iloc[100:104, 0] = 0.0  # four sessions are no stretch
    frame.iloc[200:205, 1] = 0.0
    frame.iloc[490:500, 2] = 0.0  # to the end of one row
    frame.iloc[0:7, 3] = 0.0  # from the beginning of the next
    found = panel(frame).check()
    assert rows(found) == [
        ("DDD", 0, 6, 7, "stale"),
        ("BBB", 200, 204, 5, "stale"),
        ("CCC", 490, 499, 10, "stale"),
    ]
    assert details(found)[1] == "The price is the same on 5 sessions in a row."


def test_thin_names_say_how_thin_they_are() -> None:
    frame = clean()
    frame.loc[np.random.default_rng(0).random(500) < 0.5, "AAA"] = 0.0
    assert rows(panel(frame).check()) == []  # chance gives it six in a row
    frame.iloc[300:320, 0] = 0.0
    found = panel(frame).check()
    assert rows(found, "ticker", "check") == [("AAA", "stale")]
    assert details(found) == [
        "The price is the same on 20 sessions in a row; 47 % of its returns are 0: hardly traded."
    ]


def test_constant_returns() -> None:
    frame = clean()
    frame.iloc[100:105, 0] = 0.0125
    frame.iloc[200:204, 1] = 0.0125
    found = panel(frame).check()
    assert rows(found) == [("AAA", 100, 104, 5, "constant")]
    assert details(found) == ["The return is +1.2500 % on 5 sessions in a row: filled in?"]


def test_a_fund_of_bills_is_not_filled_in() -> None:
    frame = clean().assign(BIL=0.0002)
    assert rows(panel(frame).check()) == []


def test_a_closed_day_that_was_filled() -> None:
    frame = clean()
    frame.iloc[120] = 0.0
    frame.iloc[300:302] = 0.0
    found = panel(frame).check()
    assert rows(found) == [("", 120, 120, 1, "filled_day"), ("", 300, 301, 2, "filled_day")]
    assert details(found)[0] == (
        "100 % of the tickers did not move: a closed day, filled with the day before?"
    )


# ── moves ────────────────────────────────────────────────────────────────────────────────
def moved(move: float, at: int = 300, **options: Any) -> Panel:
    """A clean market in which AAA makes one move among usual days."""
    frame = clean(3)
    frame.iloc[at, 0] = (1 + move) * (1 + 0.002) - 1
    if options.get("kind") == "log":
        return panel(frame.map(np.log1p), kind="log")
    return panel(frame, **options)


@pytest.mark.parametrize("kind", ["simple", "log"])
@pytest.mark.parametrize("ratio", [2, 3, 4, 5, 10, 20, 25])
def test_splits(ratio: int, kind: str) -> None:
    down, up = moved(1 / ratio - 1, kind=kind).check(), moved(ratio - 1.0, kind=kind).check()
    assert rows(down) == rows(up) == [("AAA", 300, 300, 1, "split")]
    assert details(down)[0].endswith(f"a split {ratio} for 1 that was not adjusted?")
    assert details(up)[0].endswith(f"a reverse split 1 for {ratio} that was not adjusted?")


@pytest.mark.parametrize("move", [-0.60, -0.42, 0.5, 1.5, -0.3, 0.8])
def test_moves_beside_the_ratios_are_news(move: float) -> None:
    assert rows(moved(move).check()) == []


def test_a_crash_among_wild_days_is_news() -> None:
    frame = clean(3)
    frame.iloc[300:306, 0] = [-0.5, 0.13, -0.16, 0.11, -0.14, 0.12]
    assert rows(panel(frame).check()) == []


def test_a_crash_of_the_market_is_no_split() -> None:
    frame = clean(3)
    frame.iloc[300] = -0.5
    assert rows(panel(frame).check()) == []


def with_fields(move: float, close: float, volume: float) -> Panel:
    """AAA makes a move; its plain close makes another one, on a multiple of the usual volume."""
    frame = clean(3)
    frame.iloc[300, 0] = move
    plain = clean(3).to_numpy()
    plain[300, 0] = close
    closes = pd.DataFrame(50 * np.cumprod(1 + plain, axis=0), DAYS, frame.columns)
    volumes = pd.DataFrame(1e6, DAYS, frame.columns)
    volumes.iloc[300, 0] = 1e6 * volume
    return panel(frame, fields={"close": closes, "volume": volumes})


@pytest.mark.parametrize(
    ("move", "volume", "said"),
    [
        (-0.5, 2.0, "-50.0 %, on 2.0 times the usual volume: a split 2 for 1 that was not adj"),
        (-0.5, 30.0, ""),  # news
        (1.0, 0.5, "+100.0 %, on 0.5 times the usual volume: a reverse split 1 for 2 that was"),
        (1.0, 4.0, ""),
        (-1 / 3, 1.0, "-33.3 %, on 1.0 times the usual volume: a split 3 for 2 that was not ad"),
        (-1 / 3, 3.0, ""),
    ],
)
def test_volume_tells_a_split_from_news(move: float, volume: float, said: str) -> None:
    found = with_fields(move, move, volume).check()
    assert len(found) == bool(said)
    assert all(text.startswith(said) for text in details(found))


def test_three_for_two_is_not_seen_without_volume() -> None:
    assert rows(moved(-1 / 3).check()) == []


def test_adjusted_price_against_the_plain_close() -> None:
    found = with_fields(0.35, 0.01, 1.0).check()
    assert rows(found) == [("AAA", 300, 300, 1, "split")]
    assert details(found) == ["+35.0 %, but the unadjusted close +1.0 %: a wrong adjustment?"]


@pytest.mark.parametrize("move", [0.4, -0.4, 1.0, 9.0, 99.0])
def test_a_move_that_is_taken_back(move: float) -> None:
    frame = clean(3)
    frame.iloc[300, 0] = move
    frame.iloc[301, 0] = 1 / (1 + move) - 1
    found = panel(frame).check()
    assert rows(found) == [("AAA", 300, 300, 1, "bad_tick")]
    there, back = (f"{100 * x:+,.1f} %" for x in (move, 1 / (1 + move) - 1))
    assert details(found) == [f"{there}, and {back} on the next session: a wrong price in between?"]


@pytest.mark.parametrize(
    ("move", "text"),
    [
        (99.0, "+9,920.0 %: the price is multiplied by 100."),
        (-0.99, "-99.0 %: the price is divided by 100."),
        (999.0, "+100,100.0 %: the price is multiplied by 1,000."),
    ],
)
def test_a_change_of_unit(move: float, text: str) -> None:
    found = moved(move).check()
    assert rows(found) == [("AAA", 300, 300, 1, "unit")]
    rest = " Another unit (cents, pence), or a split that was not adjusted?"
    assert details(found) == [text + rest]


def test_pence_for_a_month() -> None:
    frame = clean(3)
    frame.iloc[300, 0], frame.iloc[321, 0] = 99.0, -0.99
    found = panel(frame).check()
    assert rows(found) == [("AAA", 300, 300, 1, "unit"), ("AAA", 321, 321, 1, "unit")]


def test_a_total_loss_and_life_after_it() -> None:
    frame = clean(3)
    frame.iloc[300, 0] = -1.0
    frame.iloc[400, 1], frame.iloc[401:, 1] = -1.0, np.nan
    found = panel(frame).check()
    assert rows(found) == [
        ("AAA", 300, 300, 1, "total_loss"),
        ("BBB", 400, 400, 1, "total_loss"),
    ]
    assert details(found) == [
        "A return of -100 %, and 199 returns after it: impossible.",
        "A return of -100 % at the end: worthless, or an absent price filled with 0?",
    ]


@pytest.mark.parametrize(("move", "text"), [(3.5, "+350.9 %"), (-0.945, "-94.5 %")])
def test_extreme_moves(move: float, text: str) -> None:
    frame = clean(3)
    frame.iloc[300:306, 0] = [move, 0.13, -0.16, 0.11, -0.14, 0.12]
    frame.iloc[300, 0] = (1 + move) * (1.002 if move > 0 else 1.0) - 1
    found = panel(frame).check()
    assert rows(found) == [("AAA", 300, 300, 1, "extreme")]
    assert details(found) == [f"{text} from one session to the next."]


def test_a_panel_of_prices() -> None:
    prices = 40 * (1 + clean(3)).cumprod()
    prices.loc[DAYS[300] :, "AAA"] /= 4
    made = Panel.from_prices(prices, market="M")
    found = made.check().table
    assert found[["ticker", "date", "check"]].to_numpy().tolist() == [["AAA", DAYS[300], "split"]]


# ── holes ────────────────────────────────────────────────────────────────────────────────
def test_gaps_lie_between_the_first_and_the_last_return() -> None:
    frame = clean()
    frame.iloc[:50, 0] = np.nan  # listed later
    frame.iloc[400:, 0] = np.nan  # delisted
    frame.iloc[200:203, 0] = np.nan
    frame.iloc[250, 1] = np.nan
    found = panel(frame).check()
    assert rows(found) == [("AAA", 200, 202, 3, "gap"), ("BBB", 250, 250, 1, "gap")]
    assert details(found) == [
        "No return on 3 sessions in a row.",
        "No return on 1 session in a row.",
    ]


def test_many_gaps_are_counted_in_one_row() -> None:
    frame = clean()
    frame.iloc[20:480:30, 0] = np.nan
    frame.iloc[81:84, 0] = np.nan
    found = panel(frame).check()
    assert rows(found) == [("AAA", 20, 470, 19, "gap")]
    assert details(found) == ["16 gaps of 19 sessions in all, the longest of 4: thinly traded?"]


def test_a_session_that_misses_for_most() -> None:
    frame = clean()
    frame.iloc[200:202, :5] = np.nan
    frame.iloc[202, 0] = np.nan  # a gap of its own beside it
    found = panel(frame).check()
    assert rows(found) == [("", 200, 201, 2, "gap_day"), ("AAA", 200, 202, 3, "gap")]
    assert details(found)[0] == ("5 of 7 tickers have no return: the session misses in the source?")


# ── facts ────────────────────────────────────────────────────────────────────────────────
def test_prices_of_another_company() -> None:
    frame = clean(tickers=["HUT", "GLXY", "AAA"])
    days = pd.bdate_range(end="2023-12-29", periods=500)
    made = panel(frame.set_axis(days))
    found = made.check().table
    assert found["ticker"].tolist() == ["GLXY", "HUT"]
    assert found["check"].tolist() == ["not_own_price"] * 2
    assert found.loc[1, "until"] == pd.Timestamp("2023-12-04")
    assert found.loc[1, "days"] == (days <= pd.Timestamp("2023-12-04")).sum()
    assert found.loc[1, "detail"] == (
        "481 returns from before 2023-12-04, when the ticker was another company's: "
        "own_since=es.universe.OWN_SINCE leaves them out."
    )
    masked = panel(frame.set_axis(days), own_since=es.universe.OWN_SINCE)
    assert len(masked.check()) == 0


def test_funds_that_hold_the_ticker() -> None:
    frame = clean(tickers=["IREN", "NVDA", "WGMI", "SMH", "AAA"])
    days = pd.bdate_range("2024-01-01", periods=500)
    held = panel(frame.set_axis(days)).check().table
    assert held[["ticker", "other", "check"]].to_numpy().tolist() == [
        ["IREN", "WGMI", "contains"],
        ["NVDA", "WGMI", "contains"],
        ["NVDA", "SMH", "contains"],
    ]
    assert held["detail"].tolist()[0] == (
        "WGMI holds IREN (20 % of it in October 2025): as market or factor it takes part of the "
        "ticker's own news away."
    )
    assert "SMH holds NVDA: as market" in held["detail"].tolist()[2]


def test_the_table_of_holdings() -> None:
    held = es.universe.holdings()
    assert list(held.columns) == ["fund", "ticker", "weight", "month", "source"]
    known = set(es.universe.table()["ticker"])
    assert set(held["fund"]) <= set(es.universe.BENCHMARKS)
    assert set(held["ticker"]) <= known - set(es.universe.BENCHMARKS)
    assert held.set_index(["fund", "ticker"])["weight"].dropna().to_dict() == {
        ("WGMI", "IREN"): 0.198,
        ("WGMI", "CIFR"): 0.173,
        ("WGMI", "BITF"): 0.087,
    }
    assert (held["source"] != "").all()
    assert (held.loc[held["weight"].notna(), "month"] == "October 2025").all()


def test_a_market_that_is_the_mean_of_the_tickers() -> None:
    frame = clean().drop(columns="M")
    frame["M"] = frame[["AAA", "BBB", "CCC"]].to_numpy() @ np.array([0.5, 0.3, 0.2])
    found = panel(frame).check()
    assert rows(found, "ticker", "check", "other") == [
        ("AAA", "contains", "M"),
        ("BBB", "contains", "M"),
        ("CCC", "contains", "M"),
    ]
    assert "(its returns follow from the tickers': 50 %)" in details(found)[0]


# ── series against each other ────────────────────────────────────────────────────────────
def test_two_tickers_with_one_series() -> None:
    frame = clean(5, [f"T{k:02}" for k in range(40)])
    frame["T31"] = frame["T07"]
    frame.iloc[:350, 31] = np.nan  # listed later
    frame["T33"] = frame["T12"] + np.random.default_rng(0).normal(0, 1e-4, 500)
    frame["T35"] = frame["T15"] + np.random.default_rng(0).normal(0, 2e-3, 500)  # only near
    found = panel(frame).check()
    assert rows(found, "ticker", "other", "date", "until", "days", "check") == [
        ("T12", "T33", 0, 499, 500, "identical"),
        ("T07", "T31", 350, 499, 150, "identical"),
    ]
    assert details(found)[0].startswith("The same series as T33: a correlation of 0.9999")
    assert details(found)[1] == "The same series as T31: 100 % of their returns are equal."


def test_two_classes_of_shares_are_not_one_series() -> None:
    frame = clean()
    rng = np.random.default_rng(0)
    frame["GOOG"] = frame["AAA"] + rng.normal(0, 0.003, 500)
    assert np.corrcoef(frame["AAA"], frame["GOOG"])[0, 1] > 0.98
    assert rows(panel(frame).check()) == []


def test_hundreds_of_copies_stay_quick_to_tell() -> None:
    frame = pd.DataFrame({f"T{k}": clean()["AAA"] for k in range(300)})
    found = Panel.from_returns(frame).check()
    assert set(found.table["check"]) == {"identical"}
    assert len(found) < 20 * 300  # not all 44,850 pairs
    assert set(found.table["ticker"]) | set(found.table["other"]) == set(frame.columns)


@pytest.mark.parametrize(("shift", "way", "late"), [(1, "before", "late"), (-1, "after", "early")])
def test_dates_one_day_off(shift: int, way: str, late: str) -> None:
    rng = np.random.default_rng(2)
    frame = clean(2)
    frame["BBB"] = (1.5 * frame["M"] + rng.normal(0, 0.01, 500)).shift(shift)
    found = panel(frame).check()
    assert rows(found, "ticker", "check") == [("BBB", "shifted_day")]
    text = details(found)[0]
    assert text.startswith(f"It moves with the market of the day {way} (correlation 0.")
    assert text.endswith(f"dates one day {late}, or an exchange in another time zone?")


@pytest.mark.parametrize(("shift", "way"), [(1, "after"), (-1, "before")])
def test_a_market_one_day_off(shift: int, way: str) -> None:
    rng = np.random.default_rng(2)
    frame = clean(2)
    noise = pd.DataFrame(rng.normal(0, 0.01, (500, 6)), DAYS, TICKERS)
    frame[TICKERS] = noise.add(frame["M"], axis=0)
    frame["M"] = frame["M"].shift(shift)
    found = Panel.from_returns(frame.iloc[1:-1], market="M").check()
    assert rows(found, "ticker", "check") == [("M", "shifted_day")]
    assert details(found) == [
        f"6 of 6 tickers move with the market of the day {way}: its dates are one day off?"
    ]


def test_one_ticker_in_percent() -> None:
    rng = np.random.default_rng(2)
    logs = pd.DataFrame(rng.normal(0, 0.02, (500, 6)), DAYS, TICKERS)
    logs = logs.add(rng.normal(0, 0.01, 500), axis=0).assign(M=lambda x: x.mean(axis=1))
    logs["BBB"] *= 100
    table = Panel.from_returns(logs, market="M", kind="log").check().table
    scale = table[table["check"] == "percent"]
    assert scale["ticker"].tolist() == ["BBB"]
    assert scale["detail"].iloc[0].endswith("times as large as the others': in percent?")


def test_one_ticker_divided_by_a_hundred_twice() -> None:
    rng = np.random.default_rng(2)
    frame = clean(2)
    frame["BBB"] = (frame["M"] + rng.normal(0, 0.01, 500)) / 100
    found = panel(frame.assign(BILLS=rng.normal(1e-4, 1e-4, 500))).check()
    assert rows(found, "ticker", "check") == [("BBB", "percent")]
    assert "times as small as the others': divided by 100 twice?" in details(found)[0]


# ── the exchange and the week ────────────────────────────────────────────────────────────
def on(days: pd.DatetimeIndex) -> Panel:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(0, 0.01, (len(days), 3)), days, ["AAA", "BBB", "M"])
    return panel(frame)


def exchange_days(first: str, last: str) -> pd.DatetimeIndex:
    from eventstudy.events import exchange

    days = exchange("XNYS", pd.Timestamp(first), pd.Timestamp(last)).sessions
    return pd.DatetimeIndex(days[(days >= first) & (days <= last)])


def test_against_the_exchange() -> None:
    days = exchange_days("2012-06-01", "2013-06-28")
    assert len(on(days).check(calendar="XNYS")) == 0
    lost = days[[100, 101, 150]]
    extra = pd.DatetimeIndex(["2012-10-29", "2012-10-30", "2012-12-25"])  # Sandy, Christmas
    found = on(days.drop(lost).union(extra)).check(calendar="XNYS").table
    assert found[["ticker", "check", "date", "until", "days"]].to_numpy().tolist() == [
        ["", "closed_day", extra[0], extra[1], 2],
        ["", "closed_day", extra[2], extra[2], 1],
        ["", "missing_session", lost[0], lost[1], 2],
        ["", "missing_session", lost[2], lost[2], 1],
    ]
    assert found["detail"].tolist()[1:3] == [
        "1 session while XNYS was closed: another market's days, or a filled price?",
        "2 sessions of XNYS missing in the prices: the returns after it are of several days.",
    ]


def test_weeks_against_the_exchange_are_one_finding() -> None:
    days = exchange_days("2012-06-01", "2014-06-27")
    found = on(days[days.day_of_week == 4]).check(calendar="XNYS").table
    assert found[["ticker", "check", "date", "until", "days"]].to_numpy().tolist() == [
        ["", "missing_session", days[1], days[-2], (days.day_of_week != 4).sum()]
    ]
    assert found["detail"][0] == "414 of 521 sessions of XNYS missing: weeks, months?"


@pytest.mark.parametrize("first", ["1990-01-02", "1960-01-04"])
def test_an_exchange_of_long_ago(first: str) -> None:
    days = exchange_days(first, str(pd.Timestamp(first) + pd.Timedelta(days=400))[:10])
    assert len(on(days).check(calendar="XNYS")) == 0
    assert len(on(days.delete(200)).check(calendar="XNYS")) == 1


def test_an_exchange_that_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    made = panel(clean())
    with pytest.raises(errors.EventsError, match=r"calendar='XNSY' .* Did you mean 'XNYS'\?"):
        made.check(calendar="XNSY")
    with pytest.raises(errors.EventsError, match="knows the sessions from 1997-01-01, and 1980-"):
        on(pd.bdate_range("1980-01-01", periods=100)).check(calendar="XTKS")
    monkeypatch.setitem(sys.modules, "exchange_calendars", None)
    with pytest.raises(errors.EventsError) as refused:
        made.check(calendar="XNYS")
    assert str(refused.value) == (
        "calendar='XNYS' needs the package `exchange_calendars`; run "
        "pip install exchange_calendars, "
        "or leave `calendar` "
        "out."
    )
    assert len(made.check()) == 0  # nothing else needs it


def test_a_session_at_the_week_end() -> None:
    days = pd.bdate_range("2026-01-01", periods=200).union(pd.DatetimeIndex(["2026-02-07"]))
    found = on(days).check()
    assert found.table[["date", "check"]].to_numpy().tolist() == [
        [pd.Timestamp("2026-02-07"), "weekend"]
    ]
    assert details(found) == ["A session on a Saturday: a date of another time zone?"]
    assert len(on(pd.date_range("2026-01-01", periods=200)).check()) == 0  # Bitcoin's week
    weeks = pd.bdate_range("2026-01-01", periods=200, freq="C", weekmask="Sun Mon Tue Wed Thu")
    assert len(on(weeks).check()) == 0  # Tel Aviv's


# ── the report ───────────────────────────────────────────────────────────────────────────
def full() -> Panel:
    """A panel with many findings."""
    frame = clean(3, ["IREN", "<b>x</b>\n", "CCC", "DDD", "EEE", "FFF"])
    frame.iloc[100, 0] = -1.0
    frame.iloc[200, 1], frame.iloc[250, 1] = 99.0, -0.5
    for k in range(40):
        frame.iloc[12 * k : 12 * k + 6, 2] = 0.0
    frame.iloc[20:480:30, 3] = np.nan
    return panel(frame)


def test_the_table() -> None:
    table = full().check().table
    assert list(table.columns) == ["ticker", "date", "until", "days", "check", "other", "detail"]
    assert table["date"].dtype == table["until"].dtype == "datetime64[ns]"
    assert table["days"].dtype == np.int64
    order = [list(CHECKS).index(name) for name in table["check"]]
    assert order == sorted(order)
    assert isinstance(table.index, pd.RangeIndex)
    empty = panel(clean()).check().table
    assert list(empty.columns) == list(table.columns)
    assert empty.dtypes.to_dict() == table.dtypes.to_dict()


def test_the_text() -> None:
    found = full().check()
    text = str(found)
    assert repr(found) == f"<DataReport: {len(found)} findings in 7 tickers>"
    assert all(len(line) <= 80 for line in text.splitlines())
    assert text.splitlines()[:6] == [
        "Data check",
        "==========",
        "7 tickers, 500 sessions, 2022-01-03 to 2023-12-01",
        f"{len(found)} findings; nothing was changed.",
        "",
        "total loss                              1  IREN",
    ]
    assert "IREN 2022-05-23: A return of -100 %, and 399 returns after it: impossible." in text
    assert "… and 37 more in .table" in text
    assert text.endswith('Not compared with an exchange: panel.check(calendar="XNYS") does so.')
    assert "\n>" not in text
    counts = found.counts
    assert counts["stale"] == 40
    assert counts.sum() == len(found) == len(list(found)) == len(found.table)
    assert next(iter(found)).check == "total_loss"


def test_the_text_of_nothing() -> None:
    assert str(panel(clean()).check(calendar="24/5")) == (
        "Data check\n==========\n7 tickers, 500 sessions, 2022-01-03 to 2023-12-01\n"
        "Nothing suspicious."
    )


def test_the_notebook() -> None:
    page = full().check()._repr_html_()
    assert "<b>x</b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "total loss: 1" in page
    assert "Nothing suspicious." in panel(clean()).check()._repr_html_()


def test_every_check_has_a_name() -> None:
    found = [each.check for each in look(full())]
    assert set(found) <= set(CHECKS)


@pytest.mark.parametrize("size", [1, 2, 5, 70])
def test_short_panels(size: int) -> None:
    assert rows(panel(clean(size=size)).check()) == []


def test_panels_with_nothing_in_them() -> None:
    days = np.array(["2026-02-25", "2026-02-26"], dtype="datetime64[D]")
    empty = Panel(np.full((3, 2), np.nan), days, ("A", "B", "C"))
    assert len(empty.check()) == 0
    assert len(Panel(np.empty((0, 2)), days, ()).check()) == 0


# ── the study's note ─────────────────────────────────────────────────────────────────────
STUDY = es.EventStudy(estimation=(-100, -11), window=(-2, 2))


def data_notes(made: Panel, events: pd.DataFrame, study: es.EventStudy = STUDY) -> list[str]:
    return [note for note in study.run(events, made).notes if note.startswith("Data:")]


def events_at(*places: tuple[str, int]) -> pd.DataFrame:
    return pd.DataFrame({"ticker": [t for t, _ in places], "date": [DAYS[k] for _, k in places]})


def test_the_note_counts_both_windows() -> None:
    frame = clean(3)
    frame.iloc[300, 0] = -0.5
    frame.iloc[200:206, 1] = 0.0
    made = panel(frame)
    split = events_at(("AAA", 302), ("AAA", 290), ("BBB", 302), ("CCC", 302))
    both = (
        "Data: 1 of 4 events has something suspicious in the prices of the event window (possible "
        "split: 1), 1 more in those of the estimation window (stale prices: 1): panel.check() "
        "lists it."
    )
    one = (
        "Data: 1 of 1 event has something suspicious in the prices of the estimation window (stale "
        "prices: 1): panel.check() lists it."
    )
    assert data_notes(made, split) == [both]
    assert data_notes(made, events_at(("BBB", 302))) == [one]
    assert data_notes(made, events_at(("CCC", 302))) == []


@pytest.mark.parametrize(("day", "hit"), [(297, 0), (298, 1), (302, 1), (303, 0)])
def test_the_note_knows_the_window(day: int, hit: int) -> None:
    frame = clean(3)
    frame.iloc[300, 0] = -0.5
    study = es.EventStudy(estimation=(-100, -20), window=(-2, 2))
    assert len(data_notes(panel(frame), events_at(("AAA", day)), study)) == hit


def test_what_is_wrong_with_the_market_concerns_every_event() -> None:
    frame = clean(3)
    frame.iloc[300, 6] = -0.5
    assert rows(panel(frame).check()) == [("M", 300, 300, 1, "split")]
    assert rows(panel(frame[["AAA", "M"]]).check()) == [("M", 300, 300, 1, "split")]
    (note,) = data_notes(panel(frame), events_at(("AAA", 301), ("BBB", 299), ("CCC", 200)))
    assert note.startswith("Data: 2 of 3 events have something suspicious in the prices of the ev")
    mean = es.EventStudy(model=es.MeanAdjusted(), estimation=(-100, -11), window=(-2, 2))
    assert data_notes(panel(frame), events_at(("AAA", 301)), mean) == []


def test_a_fund_counts_only_where_the_model_uses_it() -> None:
    made = panel(clean(tickers=["NVDA", "SMH", "AAA"]))
    events = events_at(("NVDA", 300), ("AAA", 320))
    assert data_notes(made, events) == []
    model = es.FactorModel(("M", "SMH"))
    study = es.EventStudy(model=model, estimation=(-100, -11), window=(-2, 2))
    note = (
        "Data: 1 of 2 events has something suspicious in the prices of the event window (benchmark "
        "that holds the ticker: 1): panel.check() lists it."
    )
    assert data_notes(made, events, study) == [note]


def test_one_series_under_two_names_concerns_both() -> None:
    frame = clean()
    frame["BBB"] = frame["AAA"]
    (note,) = data_notes(panel(frame), events_at(("AAA", 300), ("BBB", 320), ("CCC", 310)))
    assert note.startswith("Data: 2 of 3 events have")
    assert "(identical series: 2)" in note


def test_gaps_are_told_elsewhere() -> None:
    frame = clean()
    frame.iloc[250, 0] = np.nan
    made = panel(frame)
    assert rows(made.check(), "check") == [("gap",)]
    assert data_notes(made, events_at(("AAA", 300))) == []


def test_the_panel_is_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(made: Panel) -> Any:
        calls.append(made)
        return look(made)

    monkeypatch.setattr("eventstudy.panel.panel.suspicions", counted)
    made = panel(clean())
    result = STUDY.run(events_at(("AAA", 300), ("BBB", 310)), made)
    assert calls == []  # a study asks nothing that it does not need
    result.summary()
    assert result.where([True, False]).notes
    made.check()
    made.check(calendar="24/5")
    assert calls == [made]


def test_the_summary_shows_the_note() -> None:
    frame = clean(3)
    frame.iloc[300, 0] = -0.5
    text = str(STUDY.run(events_at(("AAA", 301)), panel(frame)).summary())
    assert "Note: Data: 1 of 1 event has something suspicious in the prices" in text


@pytest.mark.parametrize("seed", range(5))
def test_touched_is_the_plain_loop(seed: int) -> None:
    frame = clean(seed)
    rng = np.random.default_rng(seed)
    for _ in range(25):
        row, column, long = rng.integers(0, 490), rng.integers(0, 7), rng.integers(5, 9)
        frame.iloc[row : row + long, column] = 0.0
    made = panel(frame)
    table = made.check().table
    table = table[table["check"] == "stale"]
    firm, first = rng.integers(0, 7, 400), rng.integers(-20, 495, 400)
    last = first + rng.integers(0, 30, 400)
    hits = touched(made, firm, (first, last), ("M", "CCC"))["stale"]
    begin, end = (DAYS.get_indexer(pd.DatetimeIndex(table[name])) for name in ("date", "until"))
    for k in range(400):
        own = table["ticker"].isin([made.tickers[firm[k]], "M", "CCC"]).to_numpy()
        assert hits[k] == bool((own & (begin <= last[k]) & (end >= first[k])).any())


def test_a_large_split_with_the_days_own_return_on_top() -> None:
    frame = clean(3)
    frame.iloc[300, 0] = 1.06 / 10 - 1  # the day itself gained 6 %
    found = panel(frame).check()
    assert rows(found) == [("AAA", 300, 300, 1, "split")]
    assert details(found) == ["-89.4 %: a split 10 for 1 that was not adjusted?"]


def test_the_loss_of_four_fifths_is_looked_up_whatever_made_it() -> None:
    frame = clean(3)
    frame.iloc[300:306, 0] = [-0.83, 0.13, -0.16, 0.11, -0.14, 0.12]
    assert rows(panel(frame).check()) == [("AAA", 300, 300, 1, "extreme")]
