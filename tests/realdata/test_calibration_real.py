"""Calibration on real prices of the miners: which tests can be trusted on shared dates."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from real_market import market

import eventstudy as es

pytestmark = pytest.mark.realdata

DRAWS = 400


@cache
def news() -> pd.DataFrame:
    """Reports of Nvidia and the hyperscalers, once a miner; GLXY is listed too late."""
    events = es.catalysts.expand(es.catalysts.load(), es.universe.MINERS)
    events = events[events["category"].isin(["nvidia", "earnings"])]
    return events[events["ticker"] != "GLXY"]


@cache
def panel(file: Path) -> es.Panel:
    return es.Panel.from_prices(market(file).closes, market="SPY", own_since=es.universe.OWN_SINCE)


@cache
def twenty_dates(file: Path) -> es.Calibration:
    """The last twenty dates of twelve miners."""
    study = es.EventStudy()
    result = study.run(news(), panel(file))
    last = np.unique(result.abnormal.row)[-20:]
    events = result.where(np.isin(result.abnormal.row, last)).events
    return study.calibrate(events, panel(file), draws=DRAWS, effects=(0.0, 0.02, 0.04))


@cache
def one_evening(file: Path) -> es.Calibration:
    """Nvidia's report of 25 February 2026, on every session without news."""
    events = news()[news().index.str.startswith("20260225-nvda-earnings")]
    return es.EventStudy().calibrate(events, panel(file), draws=DRAWS)


@pytest.mark.parametrize("sample", [twenty_dates, one_evening])
def test_tests_of_independent_events_reject_a_true_null_far_too_often(
    real_prices: Path, sample: object
) -> None:
    assert callable(sample)
    found = sample(real_prices)
    size, said = found.size(), found.verdict["two-sided"]["[0,0]"]
    for name in ("csect_t", "patell", "bmp"):
        assert said[name] == "rejects too often"
        assert size.loc[name, "two-sided"] > 0.3
        assert not size.loc[name, "valid"]


def test_adjusted_bmp_holds_on_twenty_dates_and_on_one(real_prices: Path) -> None:
    for found in (twenty_dates(real_prices), one_evening(real_prices)):
        assert found.verdict["two-sided"]["[0,0]"]["adj_bmp"] == "holds"
        assert found.size().loc["adj_bmp", "valid"]


def test_the_summary_speaks_of_this_sample(real_prices: Path) -> None:
    found = twenty_dates(real_prices)
    assert found.setting.firms == 12
    assert found.setting.dates == 20
    assert found.setting.skewness > 0.5
    assert "The residuals are skewed (median +0." in found.summary()
    power = found.power().loc["adj_bmp"]
    assert power[0.0] < power[0.02] < power[0.04]
    assert 0.02 < found.detectable["[0,0]", "adj_bmp"] < 0.04
