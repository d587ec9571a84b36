"""A year after the miners' deals on real prices: the alpha is that of pandas and statsmodels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from real_market import market

import eventstudy as es

pytestmark = pytest.mark.realdata

HOLDING = (1, 250)


def deals() -> pd.DataFrame:
    """Deals of the miners themselves."""
    table = es.catalysts.load(category="deal")
    return table[table["ticker"].isin(es.universe.MINERS)]


def library_panel(file: Path) -> es.Panel:
    """Prices of the miners with SPY, Bitcoin and the factors of French's library."""
    span = ("2021-01-01", "2026-12-31")
    prices = es.loaders.csv(file)([*es.universe.MINERS, "SPY", "IBIT"], *span)
    bitcoin = es.loaders.csv(file.with_name("btc_gspc_close.csv.gz"))(["BTC-USD"], *span)
    factors = es.factors.french(file.with_name("french_daily_5f_mom.csv.gz"))
    panel = es.Panel.from_prices(
        prices.join(bitcoin, how="outer"),
        market="SPY",
        own_since=es.universe.OWN_SINCE,
        factors=factors,
    )
    return panel.spliced("Bitcoin", "IBIT", "BTC-USD")


def plain_portfolio(file: Path) -> tuple[pd.Series, pd.Series]:
    """Mean return of the firms held on each session, and their number, event by event."""
    real = market(file)
    tickers = list(es.universe.MINERS)
    held = np.zeros((len(real.sessions), len(tickers)), dtype=bool)
    for _, event in real.place(deals()).iterrows():
        first, last = event["row"] + HOLDING[0], event["row"] + HOLDING[1]
        held[first : last + 1, tickers.index(event["ticker"])] = True
    members = real.returns[tickers].where(held)
    return members.mean(axis=1).dropna(), members.notna().sum(axis=1)


def test_the_portfolio_of_the_deals(real_prices: Path) -> None:
    found = es.CalendarTime(
        holding=HOLDING, model=es.FactorModel(("SPY", "Bitcoin")), min_firms=3
    ).run(deals(), library_panel(real_prices))
    ret, n = plain_portfolio(real_prices)
    ours = found.portfolio[found.portfolio["n"] > 0]
    assert ours.index.tolist() == ret.index.tolist()
    np.testing.assert_allclose(ours["ret"], ret, rtol=0, atol=1e-12)
    assert ours["n"].tolist() == n[ret.index].tolist()
    real = market(real_prices)
    used = ret.index[n[ret.index] >= 3]
    x = sm.add_constant(
        np.column_stack([real.returns["SPY"], real.bitcoin])[real.sessions.get_indexer(used)]
    )
    lags = int(4 * (len(used) / 100) ** (2 / 9))
    for se, options in (
        ("HC1", {"cov_type": "HC1"}),
        ("HAC", {"cov_type": "HAC", "cov_kwds": {"maxlags": lags}}),
    ):
        fit = sm.OLS(ret[used].to_numpy(), x).fit(use_t=True, **options)
        table = found.regress(se).table
        np.testing.assert_allclose(table["estimate"], fit.params, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(table["se"], fit.bse, rtol=1e-10)
        np.testing.assert_allclose(table["pvalue"], fit.pvalues, rtol=1e-9, atol=1e-12)


def test_five_factors_end_with_the_library(real_prices: Path) -> None:
    """The saved factors end months before the prices: their sessions are left out, and told."""
    found = es.CalendarTime(holding=HOLDING).run(deals(), library_panel(real_prices))
    used = found.portfolio[found.portfolio["used"]]
    assert used.index[-1] == pd.Timestamp("2026-04-30")
    assert found.portfolio.index[-1] > used.index[-1]
    assert any("a factor or the risk-free rate is missing" in note for note in found.notes)
    # miners move with the market, more than it does, and with small firms
    assert found.table["estimate"]["Mkt-RF"] > 1
    assert found.table["pvalue"]["SMB"] < 0.05
    assert found.alpha.pvalue > 0.05


def test_standardised_and_monthly_answer_too(real_prices: Path) -> None:
    panel = library_panel(real_prices)
    model = es.FactorModel(("SPY", "Bitcoin"))
    found = es.CalendarTime(holding=HOLDING, model=model).run(deals(), panel)
    told = found.standardised((-120, -11))
    assert told.pvalue > 0.05
    months = es.CalendarTime(holding=HOLDING, model=model, frequency="monthly").run(deals(), panel)
    assert 20 <= len(months.portfolio) <= 30
    assert set(found.ledger["rule"]) == {"data_end"}
