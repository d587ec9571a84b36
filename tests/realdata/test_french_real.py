"""The library's factors as others saved them: read, in a panel, and against the market."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy as es

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def factors(data_folder: Path) -> pd.DataFrame:
    return es.factors.french(data_folder / "french_daily_5f_mom.csv.gz")


def test_percents_become_fractions(factors: pd.DataFrame, data_folder: Path) -> None:
    plain = pd.read_csv(data_folder / "french_daily_5f_mom.csv.gz", index_col=0, parse_dates=True)
    assert len(factors) == len(plain) == 2848
    np.testing.assert_allclose(factors, plain[factors.columns] / 100, atol=1e-15)
    assert factors.loc["2020-03-16", "Mkt-RF"] == pytest.approx(-0.12, abs=0.005)


def test_the_market_factor_is_the_market(factors: pd.DataFrame, real_prices: Path) -> None:
    prices = es.loaders.csv(real_prices)(["SPY", "NVDA"], "2023-01-01", "2025-12-31")
    panel = es.Panel.from_prices(prices, market="SPY", factors=factors)
    assert panel.factor_names == ("Mkt-RF", "SMB", "HML", "RMW", "CMA", "Mom")
    market = panel.series("Mkt-RF")
    spy = panel.series("SPY")
    both = np.isfinite(market) & np.isfinite(spy)
    assert both.sum() >= 740
    assert np.corrcoef(market[both], spy[both])[0, 1] > 0.98
