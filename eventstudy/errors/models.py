"""Sentences about models, and what they gave to the engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eventstudy.errors.kinds import ModelError
from eventstudy.errors.wording import listed


def no_risk_free(model: str) -> ModelError:
    return ModelError(
        f"{model} explains returns in excess of the risk-free rate, and the panel has none; "
        f"give `risk_free=` to the Panel."
    )


def empty_model() -> ModelError:
    return ModelError(
        "FactorModel got no factor and no intercept; name a factor, or use RawReturn()."
    )


def factor_twice(names: Sequence[str], model: str = "FactorModel") -> ModelError:
    return ModelError(f"{model} got a factor twice: {', '.join(names)}; name each once.")


def garch_needs_arch() -> ModelError:
    return ModelError("GarchMarketModel needs the package `arch`; run pip install arch.")


def wrong_shape(model: str, part: str, got: Sequence[int], need: Sequence[int]) -> ModelError:
    return ModelError(
        f"{model}.fit gave `{part}` with shape {tuple(got)} where {tuple(need)} was needed; "
        f"see eventstudy.Fit for the shapes."
    )


def not_a_fit(model: str, got: str) -> ModelError:
    return ModelError(f"{model}.fit gave a {got}; it must return an eventstudy.Fit.")


def parameters_renamed(model: str, one: Iterable[object], two: Iterable[object]) -> ModelError:
    return ModelError(
        f"{model}.fit named its parameters ({listed(one)}) on one date and ({listed(two)}) on "
        f"another; all dates must have the same."
    )
