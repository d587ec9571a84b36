"""Buy-and-hold returns of the miners are the ratios of their prices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import real_market

import eventstudy as es

pytestmark = pytest.mark.realdata


@pytest.mark.parametrize("holding", [(1, 60), (1, 250)])
def test_returns_are_ratios_of_prices(data_folder: Path, holding: tuple[int, int]) -> None:
    market = real_market.market(data_folder / "miners_and_benchmarks_adjclose.csv")
    panel = es.Panel.from_prices(market.closes, market="SPY", own_since=es.universe.OWN_SINCE)
    events = es.catalysts.expand(
        es.catalysts.load(category="deal"), es.universe.MINERS, who="sector"
    )
    found = es.BuyAndHold(holding, "SPY", incomplete="truncate").run(events, panel)
    assert len(found.events) > 50
    closes = market.closes.reset_index(drop=True)
    placed = market.place(found.events)
    last = len(closes) - 1
    compared = 0
    got = found.table[["bhr", "benchmark", "days"]].to_numpy(float)
    for k, (ticker, day0) in enumerate(zip(placed["ticker"], placed["row"], strict=True)):
        a, b = day0 + holding[0] - 1, min(day0 + holding[1], last)
        own, market_ = (closes[name].to_numpy()[a : b + 1] for name in (ticker, "SPY"))
        if np.isfinite(own).all():
            want = [own[-1] / own[0] - 1, market_[-1] / market_[0] - 1, b - a]
            np.testing.assert_allclose(got[k], want, atol=1e-10)
            compared += 1
    assert compared > 100
    assert found.paths()["bhar"].iloc[-1] == pytest.approx(found.abhar)
    assert max(map(len, found.summary().splitlines())) <= 80


def test_controls_of_real_stocks_trade_when_they_serve(data_folder: Path) -> None:
    closes = pd.read_csv(
        data_folder / "skfolio_sp500_20_adjclose.csv.gz", index_col=0, parse_dates=True
    )
    panel = es.Panel.from_prices(closes)
    risk = closes.iloc[::60].rolling(4).std()
    known = risk.melt(var_name="ticker", value_name="risk", ignore_index=False).reset_index()
    known.columns = pd.Index(["date", "ticker", "risk"])
    days = panel.sessions[1000:5000:300]
    events = pd.DataFrame({"ticker": closes.columns[: len(days)], "date": days})
    match = es.ControlFirms(known, nearest="risk", n=2)
    found = es.BuyAndHold((1, 250), match).run(events, panel)
    assert found.table["control"].str.count(", ").eq(1).all()
    returns = panel.returns_frame()
    for row in found.table.to_dict("records"):
        held = returns.loc[row["enter"] : row["leave"]].iloc[1:]
        mean = (1 + held[row["control"].split(", ")]).prod().mean() - 1
        assert row["benchmark"] == pytest.approx(mean, abs=1e-10)
