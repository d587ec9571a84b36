"""Abnormal volatility of real prices: Nvidia's report, the miners' deals, their ranges."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np
import oracle_volatility as slow
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.activity import Activity, Volatility
from eventstudy.activity.ranges import log_ranges

pytestmark = pytest.mark.realdata

FIELDS = ["open", "high", "low", "close", "adj_close"]


@cache
def bars(folder: Path) -> pd.DataFrame:
    """Prices, columns (field, ticker)."""
    rows = pd.read_csv(folder / "miners_and_benchmarks_ohlcv.csv.gz", parse_dates=["date"])
    return rows.pivot_table(index="date", columns="ticker", values=FIELDS)


@cache
def panel(folder: Path) -> es.Panel:
    return es.Panel.from_prices(bars(folder), market="SPY", own_since=es.universe.OWN_SINCE)


def deals(folder: Path) -> pd.DataFrame:
    found = es.catalysts.load(category="deal", since="2025-01-01")
    return found[found["ticker"].isin(set(es.universe.MINERS) & set(panel(folder).tickers))]


def test_nvidia_after_its_report(data_folder: Path) -> None:
    """Six times its usual variance, which one day in fifty is; the plain loop says the same."""
    events = es.events_on("2026-02-25", "NVDA", session="after_close")
    found = es.activity.volatility(events, panel(data_folder), es.EventStudy(window=(-2, 5)))
    assert isinstance(found, Volatility)
    closes = bars(data_folder)["adj_close"]
    returns = (closes / closes.shift(1) - 1)[["NVDA", "SPY"]].to_numpy()
    row = closes.index.get_loc(pd.Timestamp("2026-02-26"))
    assert isinstance(row, int)
    one = slow.event(returns[:, 0], returns[:, 1:], row, (-250, -11), (-2, 5))
    np.testing.assert_allclose(found.by_event.iloc[0], one.during, rtol=1e-9)
    values = slow.placebo_means([one], 1)
    answer = found.test("placebo", (0, 0))
    assert answer.pvalue == pytest.approx(slow.placebo_pvalue(one.during[2], values), abs=1e-12)
    assert answer.pvalue < 0.05
    assert "the variance of the abnormal returns of NVDA was 6.3 times the usual" in (
        found.sentence()
    )


def test_deals_of_miners_move_prices_on_day_0(data_folder: Path) -> None:
    study = es.EventStudy(window=(-5, 5))
    found = es.activity.volatility(deals(data_folder), panel(data_folder), study)
    assert isinstance(found, Volatility)
    day = found.daily.loc[0]
    assert day["test"] == "dates_t"
    assert day["pvalue"] < 1e-6
    assert 8 < day["ratio"] < 13
    assert found.test("placebo", (0, 0)).pvalue <= 0.001
    assert max(map(len, found.summary().splitlines())) <= 80


@pytest.mark.parametrize("measure", ["parkinson", "garman_klass"])
def test_ranges_of_deals(data_folder: Path, measure: str) -> None:
    """Three times the usual variance of a session, by either range."""
    on = panel(data_folder)
    found = es.activity.volatility(
        deals(data_folder), on, es.EventStudy(window=(-5, 5)), measure=measure
    )
    assert isinstance(found, Activity)
    row = found.caar((0, 0)).iloc[0]
    assert row["pvalue"] < 1e-6
    assert 2.5 < math.exp(row["estimate"]) < 4.0
    assert any("days with high = low" in note for note in found.notes)
    prices, values = bars(data_folder), log_ranges(on, measure).values
    for ticker, day in (("IREN", "2025-11-03"), ("CIFR", "2026-01-29")):
        four = [float(prices[field][ticker].loc[day]) for field in FIELDS[:4]]
        expected = (
            slow.parkinson(four[1], four[2])
            if measure == "parkinson"
            else slow.garman_klass((four[0], four[1], four[2], four[3]))
        )
        column = int(np.searchsorted(on.sessions, np.datetime64(day)))
        assert values[on.tickers.index(ticker), column] == pytest.approx(expected, rel=1e-12)


def test_lambda_of_miners_that_move_together(data_folder: Path) -> None:
    """Correlation makes λ half of 1 on usual days: the law of independent firms is misled."""
    miners = [t for t in es.universe.MINERS if t in panel(data_folder).tickers]
    events = es.events_on("2026-02-25", miners, session="after_close")
    study = es.EventStudy(es.GarchMarketModel(), window=(-2, 2))
    found = es.activity.volatility(events, panel(data_folder), study, measure="garch")
    assert isinstance(found, Volatility)
    day = found.daily.loc[0]
    assert 0.4 < day["usual"] < 0.7
    assert day["pvalue"] > 0.1
    assert found.test("normal_law", (0, 0), alternative="less").pvalue < 0.001
    assert not found.tests((0, 0)).set_index("test")["valid"]["normal_law"]
