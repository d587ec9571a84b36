"""What theory says about the tests, against simulated studies (docs/methods.md, F and G.44).

Exact laws under normal returns, by Kolmogorov and Smirnov; MacKinlay's (1997) power in closed
form; the sizes that Patell's and Boehmer's tests have under equal correlation; the bands of Brown
and Warner (1985). All samples go through the engine; seeds are fixed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

import eventstudy as es
from eventstudy import engine, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Inputs, Placement, StoredPaths, Windows
from eventstudy.windows import Window

Floats = npt.NDArray[np.float64]
DAY = (0, 0)


def samples(
    draws: int, firms: int, days: int, rho: float = 0.0, *, seed: int, sigma: float = 0.02,
    tails: float = math.inf, last: int = 0,
) -> Iterator[Abnormal]:  # fmt: skip
    """Studies without effect: firms on one date, equal correlation ρ, the market model."""
    rng = np.random.default_rng(seed)
    length = days + 1 + last
    windows = Windows(Window(-days, -1), Window(0, last))
    batch = max(1, 2_000_000 // (firms * length))

    def shocks(*shape: int) -> Floats:
        if math.isinf(tails):
            return rng.standard_normal(shape)
        return np.asarray(rng.standard_t(tails, shape) / math.sqrt(tails / (tails - 2)))

    for begin in range(0, draws, batch):
        some = min(batch, draws - begin)
        e = math.sqrt(1 - rho) * shocks(some, firms, length)
        if rho:
            e += math.sqrt(rho) * shocks(some, 1, length)
        market = 0.01 * rng.standard_normal(length)
        n = some * firms
        panel = market + sigma * e.reshape(n, length)
        placement = Placement(np.arange(n), np.full(n, days), np.arange(n))
        inputs = Inputs(panel, market[:, None], ("market",))
        found = engine.run(es.MarketModel(), inputs, placement, windows, min_obs=days).abnormal
        for k in range(some):
            yield found.take(np.arange(k * firms, (k + 1) * firms))


def rejected(studies: Iterator[Abnormal], tests: dict[str, dict[str, str]]) -> dict[str, float]:
    """Share of samples that each test rejects at 5 %."""
    hits, count = dict.fromkeys(tests, 0), 0
    for study in studies:
        count += 1
        for key, options in tests.items():
            hits[key] += inference.resolve(key)(study, DAY, **options).pvalue <= 0.05
    return {key: hit / count for key, hit in hits.items()}


def shifted(studies: Iterator[Abnormal], effect: float) -> Iterator[Abnormal]:
    """The same samples with an effect on every event day."""
    for study in studies:
        yield replace(study, abnormal=study.abnormal + effect, _memo={})


def near(found: float, exact: float, draws: int, errors: float = 4.0) -> bool:
    """Within so many Monte-Carlo standard errors."""
    return abs(found - exact) < errors * math.sqrt(max(exact * (1 - exact), 0.25 / draws) / draws)


# ── G.44, F (3): exact laws ──────────────────────────────────────────────────────────────
DRAWS = 5000


def follows(found: Floats, cdf: Callable[[float], float]) -> None:
    """Not to be told from the law, while a scale 20 % off would be."""
    assert len(found) == DRAWS
    assert stats.kstest(found, cdf).pvalue > 1e-4
    assert stats.kstest(1.2 * found, cdf).pvalue < 1e-4


def asked(studies: Iterator[Abnormal], key: str, window: tuple[int, int]) -> Floats:
    return np.array([inference.resolve(key)(study, window).statistic for study in studies])


@pytest.mark.parametrize("window", [(0, 0), (0, 3)])
def test_one_event_is_t(window: tuple[int, int]) -> None:
    found = asked(samples(DRAWS, 1, 20, seed=1, last=3), "single_t", window)
    follows(found, stats.t(18).cdf)


@pytest.mark.parametrize("window", [(0, 0), (0, 3)])
def test_a_portfolio_of_correlated_firms_is_t(window: tuple[int, int]) -> None:
    found = asked(samples(DRAWS, 5, 20, 0.5, seed=2, last=3), "portfolio_t", window)
    follows(found, stats.t(18).cdf)


def test_multivariate_tests_of_correlated_firms_are_exact() -> None:
    studies = list(samples(DRAWS, 5, 30, 0.5, seed=3))
    follows(asked(iter(studies), "sur_F", DAY), stats.f(5, 24).cdf)
    follows(asked(iter(studies), "gls_mean", DAY), stats.t(24).cdf)


@cache
def known_correlation(n: int, rho: float, days: int = 40) -> Abnormal:
    """Events whose residuals have standard deviation 1 and correlation ρ exactly, pair by pair."""
    rng = np.random.default_rng(4)
    z = rng.standard_normal((days, n))
    z = np.linalg.qr(z - z.mean(axis=0))[0]
    root = np.linalg.cholesky(rho + (1 - rho) * np.eye(n))
    residuals = root @ z.T * math.sqrt(days - 1)
    base = next(samples(1, n, days, seed=5))
    return replace(
        base,
        sigma=np.ones(n),
        root=np.zeros((1, 1, 0)),
        design=np.zeros(n, dtype=np.int64),
        paths=StoredPaths(residuals, base.actual, base.expected),
        path=np.arange(n),
        _memo={},
    )


def events_of(base: Abnormal, rho: float, seed: int) -> Iterator[Abnormal]:
    """Event days of that correlation, whose estimation is as it is."""
    rng, n = np.random.default_rng(seed), len(base)
    for _ in range(DRAWS):
        day = math.sqrt(rho) * rng.standard_normal() + math.sqrt(1 - rho) * rng.standard_normal(n)
        yield replace(base, abnormal=day[:, None], _memo={})


@pytest.mark.parametrize(("key", "n", "rho"), [("adj_bmp", 5, 0.3), ("adj_csect", 8, 0.6)])
def test_adjusted_tests_are_t_if_the_correlation_is_known(key: str, n: int, rho: float) -> None:
    """D.9: the mean is independent of s², whose mean is σ²(1 − ρ)."""
    base = known_correlation(n, rho)
    assert inference.correlation(base, DAY).rbar == pytest.approx(rho, rel=1e-12)
    follows(asked(events_of(base, rho, seed=6), key, DAY), stats.t(n - 1).cdf)


@pytest.mark.parametrize("key", ["csect_t", "bmp"])
def test_independent_events_of_one_variance_are_t(key: str) -> None:
    base = known_correlation(6, 0.0)
    follows(asked(events_of(base, 0.0, seed=7), key, DAY), stats.t(5).cdf)


def test_dates_of_equal_size_are_t() -> None:
    """D.16: whatever the correlation of the events of a date."""
    rng, dates, size = np.random.default_rng(8), 4, 3
    base = known_correlation(dates * size, 0.0)
    apart = replace(base, row=100 + 20 * np.repeat(np.arange(dates), size), _memo={})
    found = np.empty(DRAWS)
    for k in range(DRAWS):
        day = np.repeat(rng.standard_normal(dates), size) + 0.5 * rng.standard_normal(len(base))
        one = replace(apart, abnormal=day[:, None], _memo={})
        found[k] = inference.dates_csect(one, DAY).statistic
    follows(found, stats.t(dates - 1).cdf)


# ── MacKinlay (1997): power ──────────────────────────────────────────────────────────────
def power(n: int, sigma: float, effect: float) -> float:
    """Two-sided 5 % test of N independent events with known σ."""
    far, z = effect * math.sqrt(n) / sigma, stats.norm.isf(0.025)
    return float(stats.norm.cdf(far - z) + stats.norm.cdf(-far - z))


#: N, σ, effect and the printed power (docs/methods.md, F; two decimals)
POWER = [
    (1, 0.02, 0.02, 0.17), (5, 0.02, 0.01, 0.20), (10, 0.02, 0.015, 0.66),
    (20, 0.04, 0.02, 0.61), (50, 0.04, 0.015, 0.76),
]  # fmt: skip


@pytest.mark.parametrize(("n", "sigma", "effect", "printed"), POWER)
def test_power_is_mackinlays(n: int, sigma: float, effect: float, printed: float) -> None:
    exact, draws = power(n, sigma, effect), 1000
    assert round(exact, 2) == printed
    tests: dict[str, dict[str, str]] = {"patell": {}, "portfolio_t": {}}
    studies = samples(draws, n, 300, seed=10 + n, sigma=sigma)
    for key, found in rejected(shifted(studies, effect), tests).items():
        assert near(found, exact, draws), key


# ── D.25: sizes in closed form ───────────────────────────────────────────────────────────
#: N, ρ, and percent of samples that Patell and BMP (normal law) reject
SIZES = [
    (12, 0.30, 34.5, 42.9), (30, 0.10, 32.1, 34.6), (50, 0.05, 29.1, 30.4), (100, 0.02, 25.6, 26.1),
]  # fmt: skip


@pytest.mark.parametrize(("n", "rho", "patell", "bmp"), SIZES)
def test_sizes_under_equal_correlation(n: int, rho: float, patell: float, bmp: float) -> None:
    """The closed form of BMP takes s² at its mean; with N − 1 degrees of freedom it is exact."""
    draws, z = 1000, stats.norm.isf(0.025)
    inflation = 1 + (n - 1) * rho
    of_patell = 2 * stats.norm.sf(z / math.sqrt(inflation))
    of_bmp = 2 * stats.norm.sf(z * math.sqrt((1 - rho) / inflation))
    assert [round(100 * of_patell, 1), round(100 * of_bmp, 1)] == [patell, bmp]
    tests = {"patell": {}, "bmp": {"ref": "normal"}} | ({"adj_bmp": {}} if n == 12 else {})
    found = rejected(samples(draws, n, 250, rho, seed=30 + n), tests)
    assert near(found["patell"], float(of_patell), draws)
    exact = 2 * stats.t.sf(z * math.sqrt((1 - rho) / inflation), n - 1)
    assert near(found["bmp"], float(exact), draws)
    if n >= 50:
        assert near(found["bmp"], float(of_bmp), draws)
    if "adj_bmp" in found:
        assert near(found["adj_bmp"], 0.05, draws)


# ── F (4): Brown and Warner (1985) ───────────────────────────────────────────────────────
@pytest.mark.parametrize(("effect", "low", "high"), [
    (0.0, 0.03, 0.07), (0.01, 0.70, 1.0), (0.02, 0.98, 1.0),
])  # fmt: skip
def test_bands_of_brown_and_warner(effect: float, low: float, high: float) -> None:
    """Fifty events, fat tails, σ = 2.5 %, one-tailed tests at 5 %."""
    side = {"alternative": "greater"}
    tests = dict.fromkeys(("ts_t", "csect_t", "bmp", "rank"), side)
    studies = samples(500, 50, 120, seed=40, sigma=0.025, tails=4)
    for key, found in rejected(shifted(studies, effect), tests).items():
        slack = 4 * math.sqrt(0.05 * 0.95 / 500) - 0.02 if effect == 0 else 0.0
        assert low - slack <= found <= high + slack, key
