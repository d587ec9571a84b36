"""The miners' study on real prices, through the public API, equals the plain loop."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import oracle
import pandas as pd
import pytest
from real_market import ESTIMATION, WINDOW, market

import eventstudy as es

pytestmark = pytest.mark.realdata

MODELS: dict[str, tuple[Any, oracle.Model]] = {
    "market + Bitcoin": (es.FactorModel(("SPY", "Bitcoin")), oracle.Model((0, 1))),
    "market only": (es.MarketModel(), oracle.MARKET),
}
WINDOWS = [(0, 0), (-1, 1), (0, 5), (-5, 5)]
TESTS: dict[str, Callable[[oracle.Study, oracle.Window], oracle.Answer]] = {
    "ts_t": oracle.ts_t,
    "csect_t": oracle.csect_t,
    "patell": oracle.patell,
    "adj_patell": oracle.adj_patell,
    "bmp": oracle.bmp,
    "adj_bmp": oracle.adj_bmp,
    "rank": oracle.rank,
    "sign": oracle.sign,
    "gen_sign": oracle.gen_sign,
    "wilcoxon": oracle.wilcoxon,
    "dates_csect": oracle.dates_csect,
}
CATEGORIES = ("capex", "deal", "earnings", "macro", "nvidia", "product")
EVENING = "20260225-nvda-earnings"


class Both(NamedTuple):
    """One study, done twice; the loop's events carry the ids of the library's."""

    placed: pd.DataFrame
    fast: es.Result
    slow: oracle.Study
    ids: list[str]

    def part(self, keep: Callable[[pd.DataFrame], Any]) -> tuple[es.Result, oracle.Study]:
        """The same events of both."""
        chosen = set(self.placed.index[keep(self.placed)])
        kept = [e for e, name in zip(self.slow.events, self.ids, strict=True) if name in chosen]
        return self.fast.where(keep(self.fast.events)), oracle.Study(self.slow.setup, kept)


@cache
def studies(file: Path, model: str) -> Both:
    ours, theirs = MODELS[model]
    events = es.catalysts.expand(es.catalysts.load(), es.universe.MINERS)
    placed = market(file).place(events)
    placed = placed[~placed["again"]]
    study = es.EventStudy(model=ours, estimation=ESTIMATION, window=WINDOW)
    fast = study.run(events, library_panel(file))
    slow = market(file).study(placed, theirs)
    return Both(placed, fast, slow, [str(placed.index[e.number]) for e in slow.events])


@cache
def library_panel(file: Path) -> es.Panel:
    """The panel as a user makes it: prices of the miners, Bitcoin on all seven days."""
    span = ("2021-01-01", "2026-12-31")
    prices = es.loaders.csv(file)([*es.universe.MINERS, "SPY", "IBIT"], *span)
    bitcoin = es.loaders.csv(file.with_name("btc_gspc_close.csv.gz"))(["BTC-USD"], *span)
    prices = prices.join(bitcoin, how="outer")
    panel = es.Panel.from_prices(prices, market="SPY", own_since=es.universe.OWN_SINCE)
    return panel.spliced("Bitcoin", "IBIT", "BTC-USD")


def close(got: object, want: object) -> None:
    np.testing.assert_allclose(
        np.asarray(got, dtype=float), np.asarray(want, dtype=float), rtol=1e-10, atol=1e-12
    )


def test_sessions_and_factors(real_prices: Path) -> None:
    real, panel = market(real_prices), library_panel(real_prices)
    at = pd.DatetimeIndex(panel.sessions)
    assert at.equals(real.sessions)
    close(panel.series("SPY"), real.returns["SPY"])
    close(panel.series("Bitcoin"), real.bitcoin)
    # Bitcoin has a return on every session but the first, from one series or the other
    assert np.isnan(panel.series("Bitcoin")).sum() == 1
    close(panel.returns_frame()[list(es.universe.MINERS)], real.returns[list(es.universe.MINERS)])


@pytest.mark.parametrize("model", MODELS)
def test_every_event_is_kept_or_dropped_as_in_the_loop(real_prices: Path, model: str) -> None:
    both = studies(real_prices, model)
    assert list(both.fast.events.index) == both.ids
    assert len(both.ids) > 600
    reasons = both.fast.dropped["reason"]
    again = reasons[reasons == "duplicate"].index
    assert not set(again) & set(both.placed.index)
    # the loop does not know whose price it was: it only counts the days
    told = reasons.drop(again).replace("not_own_price", "min_est").to_dict()
    assert told == {both.placed.index[k]: why for k, why in both.slow.dropped.items()}
    # HUT before its merger, CORZ and GLXY before a year of listing: nothing else is lost
    assert set(both.fast.dropped["ticker"][reasons == "not_own_price"]) == {"HUT"}
    assert set(both.fast.dropped["ticker"][reasons == "min_est"]) == {"CORZ", "GLXY"}


@pytest.mark.parametrize("model", MODELS)
def test_every_event_equals_the_loop(real_prices: Path, model: str) -> None:
    _, fast, slow, _ = studies(real_prices, model)
    events, found = slow.events, fast.abnormal
    close(found.params, [e.params for e in events])
    close(found.sigma, [e.sigma for e in events])
    close(found.dof, [e.dof for e in events])
    close(found.n_obs, [e.n_obs for e in events])
    close(found.residuals, [e.residuals for e in events])
    close(found.expected, [e.expected for e in events])
    close(fast.ar, [e.ar for e in events])
    for w in WINDOWS:
        for ours, theirs in ((fast.car, "car"), (fast.scar, "scar"), (fast.bhar, "bhar")):
            close(ours(w).iloc[:, 0], [getattr(e, theirs)(w) for e in events])


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("model", MODELS)
def test_every_statistic_of_a_category(real_prices: Path, model: str, category: str) -> None:
    fast, slow = studies(real_prices, model).part(lambda e: e["category"] == category)
    assert len(slow.events) >= 20
    for w in WINDOWS[:2]:
        row = fast.caar(w).iloc[0]
        sample = slow.sample(w)
        close(row["estimate"], oracle.mean([e.car(w) for e in sample]))
        close(row["n"], len(sample))
        close(row["rbar"], oracle.mean_correlation(slow, w))
        close(row["n_eff"], oracle.n_eff(slow, w))
        same_tests(fast, slow, w, TESTS)


@pytest.mark.parametrize("model", MODELS)
def test_every_statistic_of_one_evening(real_prices: Path, model: str) -> None:
    fast, slow = studies(real_prices, model).part(lambda e: e["catalyst"] == EVENING)
    assert len(slow.events) == 13
    for w in WINDOWS:
        same_tests(fast, slow, w, {**TESTS, "portfolio_t": oracle.portfolio_t, "sq": oracle.sq})
        close(fast.caar(w)["n_eff"], oracle.n_eff(slow, w))


def same_tests(fast: es.Result, slow: oracle.Study, w: tuple[int, int], tests: Any) -> None:
    for key, loop in tests.items():
        got, want = fast.test(key, w), loop(slow, w)
        assert got.n == want.n, key
        close([got.statistic, got.pvalue], [want.statistic, want.pvalue])
