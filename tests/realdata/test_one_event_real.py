"""IREN's own deals on real prices: each by itself, and days with news against the others."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import oracle
import pytest
from real_market import ESTIMATION, WINDOW, RealMarket, market

import eventstudy as es

pytestmark = pytest.mark.realdata

MODEL = oracle.Model((0, 1))


@cache
def deals(file: Path) -> es.Result:
    """The deals of IREN, against the market and Bitcoin."""
    data = market(file)
    events = es.catalysts.load(category="deal")
    events = events[events["ticker"] == "IREN"]
    factors = data.bitcoin.rename("Bitcoin").to_frame()
    panel = es.Panel.from_prices(
        data.closes, market="SPY", factors=factors, own_since=es.universe.OWN_SINCE
    )
    study = es.EventStudy(es.FactorModel(("SPY", "Bitcoin")), estimation=ESTIMATION, window=WINDOW)
    return study.run(events, panel)


def loop(data: RealMarket, result: es.Result) -> dict[str, oracle.Event]:
    placed = data.place(result.events)
    found = data.study(placed, MODEL)
    return {str(placed.index[event.number]): event for event in found.events}


def test_each_deal_equals_the_plain_loop(real_prices: Path) -> None:
    data, result = market(real_prices), deals(real_prices)
    slow = loop(data, result)
    assert set(slow) == set(result.events.index)
    for name, event in slow.items():
        day0 = int(event.day0)
        price = float(data.closes["IREN"].iloc[day0 - 1])
        found = result.single(name, price=price)
        wanted = oracle.single_t(event, (0, 0))
        assert found.estimate == pytest.approx(wanted.estimate, rel=1e-9)
        assert found.t.pvalue == pytest.approx(wanted.pvalue, rel=1e-8)
        assert found.share.se == pytest.approx(price * wanted.se, rel=1e-9)
        # the close of the day less the price that market and Bitcoin explain
        close = float(data.closes["IREN"].iloc[day0])
        assert found.share.estimate == pytest.approx(
            close - price * (1 + found.parts.sum()), rel=1e-7
        )
        assert "Bitcoin" in found.parts.index


def test_the_news_of_microsoft_in_words(real_prices: Path) -> None:
    found = deals(real_prices).single("20251103-iren-microsoft", news=es.catalysts.load())
    assert found.raw == pytest.approx(0.115, abs=0.001)
    assert "20251103-cifr-aws" in found.confounds.index
    assert "the market and Bitcoin explain" in found.sentence()


def test_days_with_deals_against_other_days(real_prices: Path) -> None:
    found = deals(real_prices).news_days("IREN")
    hits, days = (found.table[name].tolist() for name in ("significant", "days"))
    assert days[0] == len(deals(real_prices).events)
    # three of six deals moved the price; on other days the t test is near its level
    assert hits[0] / days[0] == 0.5
    assert 0.04 < hits[1] / days[1] < 0.07
    assert found.pvalue < 0.01
