"""The public contracts: every model and test keeps them, and each way to break them is found."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import eventstudy as es
from eventstudy import inference, models
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Block, Fit, Model, Statistic
from eventstudy.testing import check_model, check_test

#: the peers of the simulated firms are these firms
PEERS = es.factors.peers([f"FIRM{i}" for i in range(6)])
#: one line a model: an instance, or several; and the tolerance of an iterative estimator
MODELS: dict[str, tuple[list[Any], float]] = {
    "RawReturn": ([es.RawReturn(), es.RawReturn(sigma_demean=False)], 1e-9),
    "MeanAdjusted": ([es.MeanAdjusted()], 1e-9),
    "MarketAdjusted": ([es.MarketAdjusted()], 1e-9),
    "MarketModel": ([es.MarketModel()], 1e-9),
    "CAPM": ([es.CAPM(), es.CAPM(alpha=False)], 1e-9),
    "FactorModel": (
        [
            es.FactorModel(("market", "SMB")),
            es.FactorModel((), excess=True),
            es.FactorModel(("market", PEERS)),
            es.FactorModel((es.factors.peers(["P0", "P1", "P2"]), "SMB"), excess=True),
        ],
        1e-9,
    ),
    "FamaFrench3": ([es.FamaFrench3()], 1e-9),
    "Carhart4": ([es.Carhart4()], 1e-9),
    "FamaFrench5": ([es.FamaFrench5()], 1e-9),
    "FamaFrench6": ([es.FamaFrench6()], 1e-9),
    "BenchmarkPortfolio": (
        [
            es.BenchmarkPortfolio({f"FIRM{i}": [f"B{i}", f"C{i}"] for i in range(6)}),
            es.BenchmarkPortfolio(PEERS, sigma_demean=False),
        ],
        1e-9,
    ),
    "SyntheticControl": ([es.SyntheticControl(list("abcd"))], 1e-9),
    "ElasticNetModel": (
        [
            es.ElasticNetModel(list("abcd")),
            es.ElasticNetModel(list("abcdefgh"), alpha=1.0),
            es.ElasticNetModel(list("abc"), penalty=0.1),
        ],
        1e-9,
    ),
    "TradeToTrade": ([es.TradeToTrade()], 1e-9),
    "GarchMarketModel": (
        [es.GarchMarketModel(), es.GarchMarketModel(variance="egarch", horizon="filter")],
        1e-9,
    ),
    "ScholesWilliams": ([es.ScholesWilliams()], 1e-9),
    "Dimson": (
        [
            es.Dimson(),
            es.Dimson(lags=2, mode="full"),
            es.Dimson(lags=2, weights="fowler-rorke"),
        ],
        1e-9,
    ),
    "RobustMarketModel": (
        [
            es.RobustMarketModel(),
            es.RobustMarketModel(method="lad"),
            es.RobustMarketModel(method="theil-sen"),
        ],
        1e-9,
    ),
}
CASES = [(name, k) for name, (them, _) in MODELS.items() for k in range(len(them))]


def test_every_model_is_held_against_its_contract() -> None:
    public = {name for name in models.__all__ if inspect.isclass(getattr(models, name))}
    assert set(MODELS) == public


@pytest.mark.parametrize(("name", "k"), CASES)
def test_model_keeps_its_contract(name: str, k: int) -> None:
    them, rtol = MODELS[name]
    check_model(them[k], rtol=rtol)


@pytest.mark.parametrize("key", inference.names(resampling=True))
def test_test_keeps_its_contract(key: str) -> None:
    check_test(inference.resolve(key))


# ── models that break it ─────────────────────────────────────────────────────────────────
class Base:
    """The market model; each child spoils one thing."""

    needs = ("market",)

    def fit(self, block: Block) -> Fit:
        return self.spoil(block, es.MarketModel().fit(block))

    def spoil(self, block: Block, fit: Fit) -> Fit:
        return fit


class Peeks(Base):
    def spoil(self, block: Block, fit: Fit) -> Fit:
        later = np.nan_to_num(block.returns[:, block.event]).std(axis=1)
        return replace(fit, sigma=fit.sigma + 0.01 * later)


class PeeksAtFactors(Base):
    def spoil(self, block: Block, fit: Fit) -> Fit:
        return replace(fit, sigma=fit.sigma + block.factors[block.event].std())


class Ranks(Base):
    def spoil(self, block: Block, fit: Fit) -> Fit:
        return replace(fit, sigma=fit.sigma * (1.0 + 0.1 * np.arange(len(fit.sigma))))


class Company(Base):
    def spoil(self, block: Block, fit: Fit) -> Fit:
        return replace(fit, sigma=np.full_like(fit.sigma, fit.sigma.mean()))


class Unit(Base):
    def spoil(self, block: Block, fit: Fit) -> Fit:
        return replace(fit, sigma=fit.sigma + 0.01)


class Fills(Base):
    def spoil(self, block: Block, fit: Fit) -> Fit:
        return replace(fit, abnormal=np.nan_to_num(fit.abnormal))


class Forgets(Base):
    def spoil(self, block: Block, fit: Fit) -> Fit:
        holed = np.isnan(fit.abnormal).any(axis=1, keepdims=True)
        return replace(fit, abnormal=np.where(holed, np.nan, fit.abnormal))


class NoPath(Base):
    def spoil(self, block: Block, fit: Fit) -> Fit:
        return replace(fit, expected=block.returns[:, block.event] - fit.abnormal)


class Shifted(Base):
    def spoil(self, block: Block, fit: Fit) -> Fit:
        return replace(fit, abnormal=fit.abnormal + 0.001)


class Scribbles(Base):
    def spoil(self, block: Block, fit: Fit) -> Fit:
        block.returns[:, block.estimation] *= 1.5
        return fit


class Random(Base):
    def __init__(self) -> None:
        self.rng = np.random.default_rng(0)

    def spoil(self, block: Block, fit: Fit) -> Fit:
        return replace(fit, sigma=fit.sigma * self.rng.uniform(1, 2))


class Negative(Base):
    def spoil(self, block: Block, fit: Fit) -> Fit:
        return replace(fit, sigma=-fit.sigma)


class NoForecast(Base):
    def spoil(self, block: Block, fit: Fit) -> Fit:
        return replace(fit, variance=np.full_like(fit.abnormal, np.nan))


class Drops(Base):
    def spoil(self, block: Block, fit: Fit) -> Fit:
        return replace(fit, sigma=np.zeros_like(fit.sigma))


BROKEN: dict[type[Base], str] = {
    Peeks: "`sigma` changes with the returns of the event window",
    PeeksAtFactors: "`sigma` changes with the factors of the event window",
    Ranks: "`sigma` depends on",
    Company: "`sigma` depends on which other events share the date",
    Unit: "`sigma` does not scale with the returns",
    Fills: "a missing return has an abnormal return",
    Forgets: "a missing return takes abnormal returns of other days with it",
    NoPath: "`expected` is missing where only the return is",
    Shifted: "`abnormal` is not the return minus `expected`",
    Scribbles: "`fit` changes `block.returns`",
    Random: "`sigma` depends on the same call",
    Negative: "`sigma` has to be positive",
    NoForecast: "a complete event has no SCAR",
    Drops: "drops events whose returns and factors are complete",
}


@pytest.mark.parametrize("kind", BROKEN, ids=lambda kind: kind.__name__)
def test_a_broken_model_is_found(kind: type[Base]) -> None:
    model: Model = kind()
    with pytest.raises(AssertionError) as found:
        check_model(model)
    assert str(found.value).startswith(
        f"{kind.__name__} does not keep its contract: {BROKEN[kind]}"
    )


def test_the_base_of_the_broken_models_is_sound() -> None:
    check_model(Base())


# ── tests that break it ──────────────────────────────────────────────────────────────────
Spoil = Callable[[Abnormal, Statistic], object]


def spoiled(spoil: Spoil, **more: Any) -> Callable[..., Any]:
    """bmp with one thing spoiled."""

    def bad(abnormal: Abnormal, window: Any, *, alternative: str = "two-sided") -> Any:
        return spoil(abnormal, inference.bmp(abnormal, window, alternative=alternative))

    return bad


def first_event(a: Abnormal, s: Statistic) -> Statistic:
    return replace(s, pvalue=float(a.sigma[0] % 1)) if np.isfinite(s.pvalue) else s


def unit(a: Abnormal, s: Statistic) -> Statistic:
    sigma = a.sigma[np.isfinite(a.car((0, 0)) + a.car((-1, 1)))]
    return replace(s, pvalue=float(np.minimum(1.0, s.pvalue * (1.0 + sigma.sum()))))


def counted(a: Abnormal, s: Statistic) -> Statistic:
    return replace(s, statistic=s.statistic * len(a))


def scribble(a: Abnormal, s: Statistic) -> Statistic:
    a.abnormal[:] = 0.0
    return s


def random_test() -> Spoil:
    rng = np.random.default_rng(0)
    return lambda a, s: replace(s, pvalue=s.pvalue * rng.uniform(0.5, 1))


def eager(a: Abnormal, s: Statistic) -> Statistic:
    return replace(s, pvalue=0.5, n=0) if s.n == 0 else s


def one_tail(a: Abnormal, s: Statistic) -> Statistic:
    return replace(s, pvalue=s.pvalue / 2)


UNSOUND: dict[str, tuple[Callable[..., Any], str]] = {
    "no Statistic": (spoiled(lambda a, s: 0.5), "it returns a float, not a Statistic"),
    "no reason": (spoiled(lambda a, s: replace(s, note="")), "NaN without a note that says why"),
    "p above one": (spoiled(lambda a, s: replace(s, pvalue=2.0)), "pvalue=2 is not in [0, 1]"),
    "wrong n": (spoiled(lambda a, s: replace(s, n=s.n + 99)), "n=99"),
    "wrong window": (spoiled(lambda a, s: replace(s, window="?")), "window='?', not '[0,0]'"),
    "order": (spoiled(first_event), "`pvalue` depends on the order of the events"),
    "unit": (spoiled(unit), "the p-value depends on the unit of the returns"),
    "deleted": (spoiled(counted), "`statistic` depends on events that have no return"),
    "scribbles": (spoiled(scribble), "it changes `abnormal.abnormal`"),
    "random": (spoiled(random_test()), "depends on"),
    "no events": (spoiled(eager), "n=0, of 1 events"),
    "tails": (spoiled(one_tail), "add up to less than one"),
    "mute": (
        lambda a, w: replace(inference.bmp(a, w), pvalue=float("nan"), note="never"),
        "every sample: it gives no number anywhere",
    ),
    "any alternative": (
        lambda a, w, *, alternative="two-sided": inference.bmp(
            a, w, alternative=alternative if alternative in ("greater", "less") else "two-sided"
        ),
        "it accepts alternative='sideways'",
    ),
    "any window": (
        lambda a, w: inference.bmp(a, w if w in a.window else (0, 0)),
        "it accepts [+40,+45], outside the event window",
    ),
}


@pytest.mark.parametrize("case", UNSOUND)
def test_an_unsound_test_is_found(case: str) -> None:
    test, said = UNSOUND[case]
    with pytest.raises(AssertionError) as found:
        check_test(test)
    assert said in str(found.value)
