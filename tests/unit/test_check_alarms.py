"""`Panel.check` on the ordinary data of many markets, and how many planted errors it finds."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.panel import Panel

World = Callable[[np.random.Generator], Panel]


def logs(
    rng: np.random.Generator, size: int = 750, tickers: int = 12, scale: float = 1.0
) -> pd.DataFrame:
    """Logarithmic returns of a one-factor market with fat tails; M is the market."""
    market = 0.008 * scale * rng.standard_t(5, size)
    vol = 0.015 * scale * np.exp(0.4 * rng.standard_normal(tickers))
    noise = vol * rng.standard_t(4, (size, tickers))
    days = pd.bdate_range("2019-01-04", periods=size)
    names = [f"T{k}" for k in range(tickers)]
    return pd.DataFrame(market[:, None] + noise, days, names).assign(M=market)


def simple(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(np.expm1(frame))


def prices_of(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(50 * np.exp(frame.cumsum()))


def of_logs(frame: pd.DataFrame, **options: Any) -> Panel:
    return Panel.from_returns(simple(frame), **{"market": "M", **options})


def of_prices(frame: pd.DataFrame) -> Panel:
    return Panel.from_prices(prices_of(frame), market="M")


def found(made: Panel) -> list[tuple[str, str]]:
    table = made.check().table
    return list(zip(table["ticker"], table["check"], strict=True))


# ── ordinary data ────────────────────────────────────────────────────────────────────────
def fat(rng: np.random.Generator) -> Panel:
    frame = logs(rng, 1500, 40)
    shocks = 0.012 * rng.standard_t(3, (1500, 40))
    return of_logs(frame.assign(**{f"T{k}": frame["M"] + shocks[:, k] for k in range(40)}))


def turbulent(rng: np.random.Generator) -> Panel:
    """Volatilities that stay high for weeks: what is large is usual then."""
    variance, out = np.full(40, 25e-4), np.empty((1500, 40))
    for day in range(1500):
        out[day] = np.sqrt(variance) * rng.standard_t(6, 40) / np.sqrt(1.5)
        variance = 0.5e-4 + 0.15 * out[day] ** 2 + 0.83 * variance
    frame = logs(rng, 1500, 40)
    return of_logs(frame.assign(**{f"T{k}": out[:, k] for k in range(40)}))


def thin(rng: np.random.Generator) -> Panel:
    """No trade and the price of the day before on three days of ten."""
    prices = prices_of(logs(rng, 1500, 40))
    quiet = rng.random(prices.shape) < 0.3
    quiet[0], quiet[:, -1] = False, False
    return Panel.from_prices(prices.mask(quiet).ffill(), market="M")


def pennies(rng: np.random.Generator) -> Panel:
    """Prices of some dollars, or some cents, that move by whole cents."""
    frame = logs(rng, 750, 40, scale=2.0)
    market = frame.pop("M")
    prices = (prices_of(frame) / 16).round(2).clip(lower=0.01)
    return Panel.from_prices(prices.assign(M=prices_of(market.to_frame())["M"]), market="M")


def crash(rng: np.random.Generator) -> Panel:
    """One day of −12 %, and wild weeks after it."""
    frame = logs(rng, 1000, 40)
    frame.iloc[700] = -0.13 * rng.normal(1.2, 0.6, 41) + 0.04 * rng.standard_normal(41)
    frame.iloc[701:712] *= 2.5
    return of_logs(frame)


def listed_and_delisted(rng: np.random.Generator) -> Panel:
    """Half come late, half end early, by a last return that bankrupts or a bid."""
    frame = simple(logs(rng, 1000, 40))
    for column in range(20):
        frame.iloc[: rng.integers(1, 990), column] = np.nan
    for column in range(20, 40):
        at = int(rng.integers(10, 990))
        frame.iloc[at, column] = rng.choice([-0.3, -0.5, -0.66, -0.75, -0.79, 0.4, 1.0])
        frame.iloc[at + 1 :, column] = np.nan
    return Panel.from_returns(frame, market="M")


def months(rng: np.random.Generator) -> Panel:
    """Twenty years of months, of stocks as volatile as Bitcoin miners."""
    frame = logs(rng, 240, 20, scale=4.5)
    for k in range(10):
        frame[f"T{k}"] = frame["M"] + 0.4 * rng.standard_normal(240)
    return of_logs(frame.set_axis(pd.date_range("2004-01-31", periods=240, freq="ME")))


def weeks(rng: np.random.Generator) -> Panel:
    frame = logs(rng, 500, 40, scale=2.2)
    return of_logs(frame.set_axis(pd.date_range("2015-01-04", periods=500, freq="W-SUN")))


def coins(rng: np.random.Generator) -> Panel:
    """Seven days a week, and no market."""
    frame = logs(rng, 1000, 20, scale=2.5).drop(columns="M")
    days = pd.date_range("2019-01-01", periods=1000)
    return Panel.from_returns(simple(frame.set_axis(days)))


@pytest.mark.parametrize(
    ("world", "most"),
    [
        (fat, 4),
        (turbulent, 6),
        (thin, 20),
        (pennies, 60),
        (crash, 1),
        (listed_and_delisted, 1),
        (weeks, 12),
        (months, 4),
        (coins, 10),
    ],
)
def test_ordinary_data_are_hardly_suspicious(world: World, most: int) -> None:
    """In five panels, `extreme` left out: that tells what is extreme, whatever made it."""
    counts: Counter[object] = Counter()
    for seed in range(5):
        counts.update(world(np.random.default_rng(seed)).check().counts.to_dict())
    counts.pop("extreme", None)
    assert counts.total() <= most, counts


def test_half_of_the_months_beyond_a_fifth_are_not_percent() -> None:
    rng = np.random.default_rng(0)
    days = pd.date_range("2019-01-31", periods=60, freq="ME")
    frame = pd.DataFrame(rng.normal(0, 0.45, (60, 3)), days, ["MARA", "RIOT", "SPY"])
    assert (frame["MARA"].abs() > 0.2).mean() > 0.5
    made = Panel.from_returns(frame.assign(SPY=frame["SPY"] / 10), market="SPY", kind="log")
    assert found(made) == []


def test_a_penny_that_mostly_stands_still_is_not_in_percent() -> None:
    frame = logs(np.random.default_rng(0)).assign(T0=0.0)
    frame.iloc[::4, 0] = np.log(2.0)
    frame.iloc[2::4, 0] = -np.log(2.0)
    frame.iloc[1::8, 0] = 0.01
    assert not any(check == "percent" for _, check in found(of_logs(frame)))


# ── planted errors ───────────────────────────────────────────────────────────────────────
def tick(size: float) -> World:
    def world(rng: np.random.Generator) -> Panel:
        prices = prices_of(logs(rng))
        at = int(rng.integers(40, 700))
        prices.iloc[at : at + 1, 0] *= size
        return Panel.from_prices(prices, market="M")

    return world


def split(ratio: float, at: int | None = None) -> World:
    def world(rng: np.random.Generator) -> Panel:
        frame = logs(rng)
        frame.iloc[int(rng.integers(40, 700)) if at is None else at, 0] -= np.log(ratio)
        return of_prices(frame)

    return world


@pytest.mark.parametrize(
    ("world", "check", "least"),
    [
        (split(2), "split", 0.75),
        (split(10), "split", 0.85),
        (split(1 / 8), "split", 0.85),
        (split(2, at=-1), "split", 0.75),
        (split(2, at=-3), "split", 0.75),
        (split(100), "unit", 0.95),
        (split(1 / 1000), "unit", 0.95),
        (tick(1.5), "bad_tick", 0.75),
        (tick(2.0), "bad_tick", 0.85),
        (tick(0.1), "bad_tick", 0.85),
    ],
)
def test_planted_errors_are_found(world: World, check: str, least: float) -> None:
    """Among the days of a ticker with fat tails, and with the day's own return on top."""
    hits = [("T0", check) in found(world(np.random.default_rng(seed))) for seed in range(80)]
    assert np.mean(hits) >= least


def test_two_wild_days_do_not_hide_a_split_of_this_week() -> None:
    frame = logs(np.random.default_rng(0))
    frame.iloc[-3:, 0] = [np.log(0.5), 0.08, -0.07]
    assert found(of_logs(frame)) == [("T0", "split")]
    frame.iloc[-6:, 0] = [np.log(0.5), 0.08, -0.07, 0.08, -0.07, 0.08]
    assert found(of_logs(frame)) == []  # a wild week


@pytest.mark.parametrize(("left", "check"), [(4, "split"), (5, None)])
def test_a_last_return_is_a_delisting_if_the_panel_goes_on(left: int, check: str | None) -> None:
    frame = logs(np.random.default_rng(0))
    frame.iloc[-1 - left, 0] = np.log(0.5)
    frame.iloc[len(frame) - left :, 0] = np.nan
    assert found(of_logs(frame)) == ([("T0", check)] if check else [])


@pytest.mark.parametrize(("scale", "hit"), [(1.0, False), (4.0, True)])
def test_a_day_of_the_market_is_large_beside_what_is_usual(scale: float, hit: bool) -> None:
    """6 % of a market whose tickers move by as much a day does not hide a split."""
    rng = np.random.default_rng(1)
    frame = logs(rng, scale=0.1).add(0.015 * scale * rng.standard_normal((750, 13)))
    frame.iloc[300] = 0.05
    frame.iloc[300, 0] = -np.log(10.0)
    assert (("T0", "split") in found(of_logs(frame))) == hit


def test_what_was_usual_in_the_weeks_before_is_no_error() -> None:
    frame = logs(np.random.default_rng(0))
    frame.iloc[280:320, 0] = 0.15 * np.resize([1, -1, 1, 1, -1, -1, 1], 40)
    frame.iloc[300, 0] = np.log(2.0)
    frame.iloc[301, 0] = -np.log(2.0)
    assert found(of_logs(frame)) == []
    frame.iloc[280:298, 0] = 0.01
    assert ("T0", "bad_tick") in found(
        of_logs(frame.assign(T0=frame["T0"].where(frame["T0"].abs() != 0.15, 0.01)))
    )


@pytest.mark.parametrize("kind", ["simple", "log"])
@pytest.mark.parametrize(("fill", "said"), [
    ("price", "The price makes the same step on 12 sessions in a row: filled in?"),
    ("logarithm", " on 12 sessions in a row: filled in?"),
])  # fmt: skip
def test_prices_on_a_straight_line(kind: str, fill: str, said: str) -> None:
    """What `DataFrame.interpolate` makes of eleven missing prices."""
    prices = prices_of(logs(np.random.default_rng(0)))
    prices.iloc[311:, 0] *= 1.2  # steps that can be told from none
    prices.iloc[300:311, 0] = np.nan
    of_log = pd.DataFrame(np.exp(pd.DataFrame(np.log(prices)).interpolate()))
    filled = prices.interpolate() if fill == "price" else of_log
    check = Panel.from_prices(filled, market="M", kind=kind).check()
    assert check.table[["ticker", "check", "days"]].to_numpy().tolist() == [["T0", "constant", 12]]
    assert check.table["detail"][0].endswith(said)
    assert check.table["date"][0] == prices.index[300]


def test_the_ticks_of_a_penny_stock_are_no_line() -> None:
    prices = prices_of(logs(np.random.default_rng(0)))
    prices["T0"] = 0.5 + 0.01 * np.resize([0, 1, 2, 3, 4, 5, 6, 7, 5, 3, 2, 1], 750)
    assert found(Panel.from_prices(prices, market="M")) == []


def test_one_series_for_a_part_of_the_time() -> None:
    """Two tickers of companies that merged: from then on a source may serve one for both."""
    frame = logs(np.random.default_rng(0))
    frame.iloc[400:, 1] = frame.iloc[400:, 0]
    table = of_logs(frame).check().table
    assert table[["ticker", "other", "check", "days"]].to_numpy().tolist() == [
        ["T0", "T1", "identical", 350]
    ]
    assert table["date"][0] == frame.index[400]
    assert table["detail"][0] == "The same series as T1: 350 returns in a row are equal."
    frame.iloc[459:, 1] += 1e-6
    assert found(of_logs(frame)) == []  # 59 are no stretch


@pytest.mark.parametrize(("shift", "way"), [(1, "after"), (-1, "before")])
def test_a_market_among_the_factors_one_day_off(shift: int, way: str) -> None:
    frame = logs(np.random.default_rng(0), scale=0.3)
    frame["M"] = np.random.default_rng(1).normal(0, 0.01, 750)
    names = [f"T{k}" for k in range(12)]
    moved = simple(frame[names].add(frame["M"], axis=0))
    factors = simple(frame[["M"]].shift(shift)).iloc[1:-1]
    made = Panel.from_returns(moved.iloc[1:-1], market="M", factors=factors)
    table = made.check().table
    assert table[["ticker", "other", "check"]].to_numpy().tolist() == [["", "M", "shifted_day"]]
    assert table["detail"][0] == (
        f"12 of 12 tickers move with the market of the day {way}: its dates are one day off?"
    )
    events = pd.DataFrame({"ticker": ["T0"], "date": [frame.index[400]]})
    study = es.EventStudy(estimation=(-100, -11), window=(-2, 2))
    assert any("dates one day off: 1" in note for note in study.run(events, made).notes)
    mean = es.EventStudy(model=es.MeanAdjusted(), estimation=(-100, -11), window=(-2, 2))
    assert not any("one day off" in note for note in mean.run(events, made).notes)


# ── odd panels ───────────────────────────────────────────────────────────────────────────
def test_nonsense_is_told_in_time() -> None:
    """Hundreds of thousands of large moves: the time grows with them, not with their square."""
    rng = np.random.default_rng(0)
    days = np.arange("2010-01-01", "2016-01-01", dtype="datetime64[D]")
    values = np.clip(0.3 * rng.standard_t(3, (400, len(days))), -0.99, 20)
    made = Panel(values, days, tuple(f"T{k}" for k in range(400)))
    began = time.process_time()
    assert len(made.check()) > 5000
    assert time.process_time() - began < 6


@pytest.mark.parametrize("kind", ["simple", "log"])
@pytest.mark.parametrize("value", [1e300, 1e-300, 800.0, -0.999999])
def test_numbers_beyond_all_measure(value: float, kind: str) -> None:
    frame = simple(logs(np.random.default_rng(0)))
    frame.iloc[300, 0] = frame.iloc[300:, 1] = value
    volume = pd.DataFrame(0.0, frame.index, frame.columns)
    volume.iloc[:300] = 1e6
    made = Panel(
        frame.to_numpy().T,
        frame.index.to_numpy().astype("datetime64[D]"),
        tuple(frame.columns),
        market="M",
        fields={"volume": volume.to_numpy().T},
        kind=kind,
    )
    checks = {check for ticker, check in found(made) if ticker == "T0"}
    assert checks == (set() if abs(value) < 1 and (kind == "log" or value > 0) else {"extreme"})


def test_a_panel_without_a_session() -> None:
    made = Panel(np.empty((2, 0)), np.empty(0, dtype="datetime64[D]"), ("A", "B"))
    found = made.check(calendar="XNYS")
    assert str(found) == "Data check\n==========\n2 tickers, 0 sessions\nNothing suspicious."
    assert "2 tickers, 0 sessions" in found._repr_html_()
