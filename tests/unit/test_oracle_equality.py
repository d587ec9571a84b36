"""The whole study, through the public API, equals the plain loop of tests/oracle.py."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import oracle
import oracle_lines
import pandas as pd
import pytest

import eventstudy as es

S, T, K = 24, 420, 6
SESSIONS = pd.bdate_range("2023-01-02", periods=T)
TICKERS = [f"F{i:02d}" for i in range(S)]
FACTORS = ["Mkt-RF", "SMB", "HML", "RMW", "CMA", "Mom"]
ESTIMATION, WINDOW = (-120, -11), (-5, 5)
WINDOWS = [(0, 0), (-1, 1), (-5, 5), (2, 4)]

MODELS: dict[str, tuple[Any, oracle.Model]] = {
    "raw": (es.RawReturn(), oracle.RAW),
    "mean": (es.MeanAdjusted(), oracle.MEAN),
    "market-adjusted": (es.MarketAdjusted(), oracle.MARKET_ADJUSTED),
    "market": (es.MarketModel(), oracle.MARKET),
    "two factors": (es.FactorModel(("SPY", "SMB")), oracle.Model((0, 1))),
    "capm": (es.CAPM(), oracle.linear(1, excess=True)),
    "capm without alpha": (es.CAPM(alpha=False), oracle.linear(1, alpha=False, excess=True)),
    "three factors": (es.FamaFrench3(), oracle.linear(3, excess=True)),
    "carhart": (es.Carhart4(), oracle.Model((0, 1, 2, 5), excess=True)),
    "five factors": (es.FamaFrench5(), oracle.linear(5, excess=True)),
    "six factors": (es.FamaFrench6(), oracle.linear(6, excess=True)),
    "Scholes-Williams": (es.ScholesWilliams(), oracle_lines.ScholesWilliams()),
    "Dimson": (es.Dimson(), oracle_lines.Dimson()),
    "Dimson, three leads": (es.Dimson(lags=3), oracle_lines.Dimson(n=3)),
    "Dimson, full": (es.Dimson(lags=2, mode="full"), oracle_lines.Dimson(n=2, full=True)),
    "Fowler-Rorke": (
        es.Dimson(weights="fowler-rorke"),
        oracle_lines.Dimson(fowler_rorke=True),
    ),
    "Fowler-Rorke, two leads": (
        es.Dimson(lags=2, weights="fowler-rorke"),
        oracle_lines.Dimson(n=2, fowler_rorke=True),
    ),
    "Huber": (es.RobustMarketModel(), oracle_lines.Robust()),
    "LAD": (es.RobustMarketModel(method="lad"), oracle_lines.Robust(method="lad")),
    "Theil-Sen": (
        es.RobustMarketModel(method="theil-sen"),
        oracle_lines.Robust(method="theil-sen"),
    ),
    "Theil-Sen, separate": (
        es.RobustMarketModel(method="theil-sen", intercept="separate"),
        oracle_lines.Robust(method="theil-sen", separate=True),
    ),
}


def staggered(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.integers(0, S, 40), rng.integers(60, T - 6, 40)


def dates(*rows: int) -> Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]:
    def place(_: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        return np.tile(np.arange(S), len(rows)), np.repeat(rows, S)

    return place


def apart(_: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(12), 140 + 20 * np.arange(12)


PLACES: dict[str, Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]] = {
    "one date": dates(300),
    "separate dates": dates(150, 200, 250, 300, 350, 380, 400),
    "overlapping dates": dates(300, 302, 305),
    "staggered": staggered,
    "apart": apart,
    "one event": lambda _: (np.array([3]), np.array([250])),
}


class World:
    """The same data for the library and for the loop."""

    def __init__(self, place: str, gaps: float, model: str, seed: int = 7) -> None:
        rng = np.random.default_rng(seed)
        factors = rng.normal(0, 0.01, (T, K))
        rate = np.abs(rng.normal(1e-4, 2e-5, T))
        common = rng.standard_t(5, T) * 0.01
        noise = rng.standard_t(4, (S, T)) * rng.uniform(0.01, 0.03, (S, 1))
        returns = rng.normal(1, 0.4, (S, K)) @ factors.T + common + noise
        firms, days = PLACES[place](rng)
        keys = pd.DataFrame({"firm": firms, "day": days}).drop_duplicates()
        self.firms, self.days = keys["firm"].to_numpy(), keys["day"].to_numpy()
        if gaps:
            returns[rng.random(returns.shape) < gaps] = np.nan
            returns[2, :250] = np.nan
        self.returns, self.factors, self.rate = returns, factors, rate
        total = factors.copy()
        if model.startswith("capm"):
            total[:, 0] = factors[:, 0] + rate  # the library subtracts rf from the market
        self.market = total[:, 0]

    def events(self) -> pd.DataFrame:
        names = np.array(TICKERS)[self.firms]
        days = SESSIONS[self.days]
        ids = [f"e{i}" for i in range(len(names))]
        return pd.DataFrame({"event_id": ids, "ticker": names, "date": days})

    def panel(self) -> es.Panel:
        frame = pd.DataFrame(self.returns.T, SESSIONS, TICKERS)
        frame["SPY"] = self.market
        factors = pd.DataFrame(self.factors, SESSIONS, FACTORS).assign(RF=self.rate)
        return es.Panel.from_returns(frame, market="SPY", factors=factors)

    def data(self, *, exclude: bool = False) -> oracle.Data:
        masked = None
        if exclude:
            masked = oracle.other_events((S, T), self.firms.tolist(), self.days.tolist(), WINDOW)
        return oracle.Data(self.returns, self.factors, self.rate, masked)


def both(place: str, gaps: float, model: str, **options: Any) -> tuple[es.Result, oracle.Study]:
    world = World(place, gaps, model)
    ours, theirs = MODELS[model]
    missing = options.get("missing", "drop")
    study = es.EventStudy(model=ours, estimation=ESTIMATION, window=WINDOW, min_obs=40, **options)
    setup = oracle.Setup(
        model=theirs, estimation=ESTIMATION, window=WINDOW, min_obs=40, missing=missing
    )
    exclude = bool(options.get("exclude_other_events"))
    expected = oracle.run(world.data(exclude=exclude), list(world.firms), list(world.days), setup)
    return study.run(world.events(), world.panel()), expected


def close(got: object, want: object) -> None:
    np.testing.assert_allclose(
        np.asarray(got, dtype=float), np.asarray(want, dtype=float), rtol=1e-10, atol=1e-12
    )


def same_events(result: es.Result, expected: oracle.Study) -> None:
    kept = [f"e{event.number}" for event in expected.events]
    assert list(result.events.index) == kept
    reasons = {f"e{k}": why for k, why in expected.dropped.items()}
    assert result.dropped["reason"].to_dict() == reasons


@pytest.mark.parametrize("gaps", [0.0, 0.03])
@pytest.mark.parametrize("model", MODELS)
def test_every_event_of_every_model(model: str, gaps: float) -> None:
    result, expected = both("staggered", gaps, model)
    same_events(result, expected)
    events, found = expected.events, result.abnormal
    close(found.sigma, [e.sigma for e in events])
    close(found.dof, [e.dof for e in events])
    close(found.n_obs, [e.n_obs for e in events])
    close(found.params, [e.params for e in events])
    close(found.residuals, [e.residuals for e in events])
    close(result.ar, [e.ar for e in events])
    close(found.expected, [e.expected for e in events])
    for w in WINDOWS:
        for ours, theirs in ((result.car, "car"), (result.scar, "scar"), (result.bhar, "bhar")):
            close(ours(w).iloc[:, 0], [getattr(e, theirs)(w) for e in events])


@pytest.mark.parametrize("missing", ["drop", "skip", "zero"])
@pytest.mark.parametrize("exclude", [False, True])
def test_missing_days_and_other_events(missing: str, exclude: bool) -> None:
    result, expected = both(
        "staggered", 0.03, "market", missing=missing, exclude_other_events=exclude
    )
    same_events(result, expected)
    close(result.abnormal.residuals, [e.residuals for e in expected.events])
    for w in WINDOWS:
        close(result.car(w).iloc[:, 0], [e.car(w) for e in expected.events])
        close(result.scar(w).iloc[:, 0], [e.scar(w) for e in expected.events])
        close(result.bhar(w).iloc[:, 0], [e.bhar(w) for e in expected.events])


TESTS: dict[str, Callable[[oracle.Study, oracle.Window], oracle.Answer]] = {
    "ts_t": oracle.ts_t,
    "independent_t": oracle.independent_t,
    "portfolio_t": oracle.portfolio_t,
    "csect_t": oracle.csect_t,
    "patell": oracle.patell,
    "adj_patell": oracle.adj_patell,
    "bmp": oracle.bmp,
    "adj_bmp": oracle.adj_bmp,
    "skew_t": oracle.skew_t,
    "jackknife": oracle.jackknife,
    "rank": oracle.rank,
    "cumrank_t": oracle.cumrank_t,
    "rank_cz": oracle.rank_cz,
    "corrado_sign": oracle.corrado_sign,
    "grank_t": oracle.grank_t,
    "grank_z": oracle.grank_z,
    "sign": oracle.sign,
    "gen_sign": oracle.gen_sign,
    "wilcoxon": oracle.wilcoxon,
    "dates_csect": oracle.dates_csect,
    "dates_cluster": oracle.dates_cluster,
    "dates_bmp": oracle.dates_bmp,
    "dates_patell": oracle.dates_patell,
    "sur_F": oracle.sur_f,
    "gls_mean": oracle.gls_mean,
    "sq": oracle.sq,
    "placebo_window": oracle.placebo_window,
}


@pytest.mark.parametrize("gaps", [0.0, 0.03])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("model", ["market", "market-adjusted", "three factors"])
def test_every_statistic(place: str, model: str, gaps: float) -> None:
    result, expected = both(place, gaps, model)
    same_events(result, expected)
    for w in WINDOWS:
        for key, loop in TESTS.items():
            got, want = result.test(key, w), loop(expected, w)
            case = f"{key} {w}"
            assert got.n == want.n, case
            np.testing.assert_allclose(got.statistic, want.statistic, 1e-10, 1e-12, err_msg=case)
            np.testing.assert_allclose(got.pvalue, want.pvalue, 1e-9, 1e-12, err_msg=case)
            assert math.isnan(got.pvalue) == bool(got.note and math.isnan(got.statistic)), case


@pytest.mark.parametrize("gaps", [0.0, 0.03])
@pytest.mark.parametrize("place", ["one date", "separate dates", "overlapping dates", "staggered"])
def test_mean_correlation_and_effective_number(place: str, gaps: float) -> None:
    result, expected = both(place, gaps, "market")
    for w in WINDOWS:
        row = result.caar(w).iloc[0]
        close(row["rbar"], oracle.mean_correlation(expected, w))
        close(row["n_eff"], oracle.n_eff(expected, w))


@pytest.mark.parametrize("alternative", ["greater", "less"])
@pytest.mark.parametrize("key", [k for k in TESTS if k not in {"sq", "sur_F"}])
def test_one_sided(key: str, alternative: str) -> None:
    result, expected = both("separate dates", 0.03, "market")
    got = result.test(key, (-1, 1), alternative=alternative)
    want = TESTS[key](expected, (-1, 1), alternative=alternative)  # type: ignore[call-arg]  # a keyword of each loop
    close(got.pvalue, want.pvalue)


def test_single_event_is_exact_t() -> None:
    result, expected = both("one event", 0.0, "market")
    for w in WINDOWS:
        got, want = result.test("single_t", w), oracle.single_t(expected.events[0], w)
        close([got.statistic, got.pvalue, got.df], [want.statistic, want.pvalue, want.df])


def test_average_path() -> None:
    result, expected = both("separate dates", 0.03, "market")
    close(result.aar[["aar", "n"]], expected.aar())
    for day, row in result.aar.iterrows():
        cars = [e.car((WINDOW[0], int(str(day)))) for e in expected.events]
        close(row["caar"], np.nanmean(cars))


def test_days_without_trade_are_ties() -> None:
    """Equal returns tie in ranks whichever window they lie in, though computed apart."""
    world = World("one date", 0.0, "mean")
    still = np.random.default_rng(1).random(world.returns.shape) < 0.3
    world.returns[still] = 0.0
    study = es.EventStudy(model=es.MeanAdjusted(), estimation=ESTIMATION, window=WINDOW)
    result = study.run(world.events(), world.panel())
    setup = oracle.Setup(model=oracle.MEAN, estimation=ESTIMATION, window=WINDOW)
    expected = oracle.run(world.data(), list(world.firms), list(world.days), setup)
    for w in WINDOWS:
        for key in ("rank", "cumrank_t", "corrado_sign", "grank_t"):
            close(result.test(key, w).statistic, TESTS[key](expected, w).statistic)


def test_an_event_twice_is_a_tie() -> None:
    world = World("separate dates", 0.0, "market")
    events = world.events()
    twice = pd.concat([events, events.assign(event_id=events["event_id"] + "again")])
    study = es.EventStudy(estimation=ESTIMATION, window=WINDOW, timing=es.Timing(duplicates="keep"))
    got = study.run(twice, world.panel()).test("wilcoxon", (-1, 1))
    firms, days = np.tile(world.firms, 2), np.tile(world.days, 2)
    setup = oracle.Setup(estimation=ESTIMATION, window=WINDOW)
    want = oracle.wilcoxon(oracle.run(world.data(), list(firms), list(days), setup), (-1, 1))
    close([got.statistic, got.pvalue], [want.statistic, want.pvalue])


def test_leverage_of_the_estimation_days() -> None:
    result, expected = both("staggered", 0.03, "three factors")
    found = result.abnormal.paths.leverages(result.abnormal.path)  # type: ignore[attr-defined]  # linear models have them
    for got, event in zip(found, expected.events, strict=True):
        h = np.einsum("tp,pq,tq->t", event.X, event.xtx_inverse, event.X)
        close(got[np.isfinite(got)], h)
        close(h.sum(), event.X.shape[1])
