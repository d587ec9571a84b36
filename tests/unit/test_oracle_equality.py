"""Larger studies, through the public API, equal the plain loop of tests/oracle.py.

`test_oracle_matrix.py` asks every model and every test on small worlds; here are more firms and
dates than those have, and what they leave out: ties, duplicates, excluded days, daily averages.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import oracle
import pandas as pd
import pytest
from oracle_models import MODELS
from oracle_sides import close, same_answer, same_events, same_measures
from oracle_tests import TESTS
from oracle_worlds import FACTORS

import eventstudy as es

S, T, K = 24, 420, 6
SESSIONS = pd.bdate_range("2023-01-02", periods=T)
TICKERS = [f"F{i:02d}" for i in range(S)]
ESTIMATION, WINDOW = (-120, -11), (-5, 5)
WINDOWS = [(0, 0), (-1, 1), (-5, 5), (2, 4)]
#: tests as they are asked by default; those with too many patterns of signs to count are left out
PLAIN = [
    name
    for name, test in TESTS.items()
    if not (test.options or test.weigh or name in {"wild_events", "wild_dates", "sign_flip_dates"})
]


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

    def __init__(self, place: str, gaps: float, *, seed: int = 7) -> None:
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

    def events(self) -> pd.DataFrame:
        names = np.array(TICKERS)[self.firms]
        days = SESSIONS[self.days]
        ids = [f"e{i}" for i in range(len(names))]
        return pd.DataFrame({"event_id": ids, "ticker": names, "date": days})

    def panel(self) -> es.Panel:
        frame = pd.DataFrame(self.returns.T, SESSIONS, TICKERS)
        frame["SPY"] = self.factors[:, 0]
        factors = pd.DataFrame(self.factors, SESSIONS, FACTORS).assign(RF=self.rate)
        return es.Panel.from_returns(frame, market="SPY", factors=factors)

    def data(self, *, exclude: bool = False) -> oracle.Data:
        masked = None
        if exclude:
            masked = oracle.other_events((S, T), self.firms.tolist(), self.days.tolist(), WINDOW)
        return oracle.Data(self.returns, self.factors, self.rate, masked)


@cache
def both(
    place: str,
    gaps: float,
    model: str = "market",
    *,
    missing: str = "drop",
    exclude: bool = False,
) -> tuple[es.Result, oracle.Study]:
    world, twin = World(place, gaps), MODELS[model]
    options: dict[str, Any] = {
        "estimation": ESTIMATION,
        "window": WINDOW,
        "min_obs": 40,
        "missing": missing,
    }
    study = es.EventStudy(model=twin.ours, exclude_other_events=exclude, **options)
    setup = oracle.Setup(model=twin.theirs, **options)
    expected = oracle.run(world.data(exclude=exclude), list(world.firms), list(world.days), setup)
    return study.run(world.events(), world.panel()), expected


@pytest.mark.parametrize("missing", ["drop", "skip", "zero"])
def test_days_of_other_events_left_out(missing: str) -> None:
    result, expected = both("staggered", 0.03, missing=missing, exclude=True)
    same_events(result, expected)
    same_measures(result, expected, WINDOWS)


@pytest.mark.parametrize("gaps", [0.0, 0.03])
@pytest.mark.parametrize("place", PLACES)
def test_every_statistic(place: str, gaps: float) -> None:
    result, expected = both(place, gaps)
    same_events(result, expected)
    same_measures(result, expected, WINDOWS)
    for w in WINDOWS:
        for name in PLAIN:
            test = TESTS[name]
            got, want = test.ours(result, w, "two-sided"), test.loop(expected, w, "two-sided")
            same_answer(got, want, f"{name} {w}")


@pytest.mark.parametrize("gaps", [0.0, 0.03])
@pytest.mark.parametrize("place", ["one date", "separate dates", "overlapping dates", "staggered"])
def test_mean_correlation_and_effective_number(place: str, gaps: float) -> None:
    result, expected = both(place, gaps)
    for w in WINDOWS:
        row = result.caar(w).iloc[0]
        close(row["rbar"], oracle.mean_correlation(expected, w))
        close(row["n_eff"], oracle.n_eff(expected, w))


def test_average_path() -> None:
    result, expected = both("separate dates", 0.03)
    close(result.aar[["aar", "n"]], expected.aar())
    for day, row in result.aar.iterrows():
        cars = [e.car((WINDOW[0], int(str(day)))) for e in expected.events]
        close(row["caar"], np.nanmean(cars))


def test_days_without_trade_are_ties() -> None:
    """Equal returns tie in ranks whichever window they lie in, though computed apart."""
    world = World("one date", 0.0)
    still = np.random.default_rng(1).random(world.returns.shape) < 0.3
    world.returns[still] = 0.0
    study = es.EventStudy(model=es.MeanAdjusted(), estimation=ESTIMATION, window=WINDOW)
    result = study.run(world.events(), world.panel())
    setup = oracle.Setup(model=oracle.MEAN, estimation=ESTIMATION, window=WINDOW)
    expected = oracle.run(world.data(), list(world.firms), list(world.days), setup)
    for w in WINDOWS:
        for key in ("rank", "cumrank_t", "corrado_sign", "grank_t"):
            close(
                result.test(key, w).statistic, TESTS[key].loop(expected, w, "two-sided").statistic
            )


def test_an_event_twice_is_a_tie() -> None:
    world = World("separate dates", 0.0)
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
