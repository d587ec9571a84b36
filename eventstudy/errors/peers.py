"""Sentences about peers, benchmarks, donors and gaps."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.errors.kinds import ModelError, PanelError
from eventstudy.errors.wording import listed


def peers_not_a_list(value: object) -> ModelError:
    return ModelError(
        f"peers got {value!r}; give a list of tickers, such as es.factors.peers(['IREN', 'CIFR'])."
    )


def peers_least(value: object) -> ModelError:
    return ModelError(f"min_peers={value!r} is not a number of peers; give 1 or more.")


def peers_too_few(tickers: Sequence[str], least: int) -> ModelError:
    return ModelError(
        f"peers got {len(tickers)} of the {least} tickers that min_peers={least} asks for "
        f"({listed(tickers) or 'none'}); list more, or lower `min_peers`."
    )


def peers_without_prices(name: str, lost: Sequence[str], found: int, least: int) -> ModelError:
    return ModelError(
        f"Of the tickers of `{name}` the panel has {found} and min_peers={least} are needed; "
        f"it lacks {listed(lost)}: load their prices too."
    )


def benchmark_unreadable(value: object) -> ModelError:
    return ModelError(
        f"BenchmarkPortfolio got {value!r}; give a mapping of ticker to ticker, list or "
        f"{{ticker: weight}}, or es.factors.peers([...])."
    )


def benchmark_empty(ticker: str) -> ModelError:
    return ModelError(f"The benchmark of {ticker} is empty; name at least one ticker.")


def benchmark_of_itself(ticker: str) -> ModelError:
    return ModelError(f"{ticker} is in its own benchmark; leave it out there.")


def benchmark_weights(ticker: str, total: float) -> ModelError:
    return ModelError(
        f"The weights of the benchmark of {ticker} add up to {total:g}; they must add up to 1."
    )


def donors_too_few(model: str, donors: Sequence[str]) -> ModelError:
    return ModelError(
        f"{model} got {len(donors)} donors ({listed(donors) or 'none'}); name two or more tickers, "
        f"each once."
    )


def donors_not_a_list(model: str, value: object) -> ModelError:
    return ModelError(
        f"{model} got {value!r} as donors; give a list of tickers, such as ['MSFT', 'ORCL']."
    )


def donors_with_events(model: str, tickers: Sequence[str]) -> ModelError:
    return ModelError(
        f"{model} has donors with events of their own ({listed(tickers)}); a donor must never be "
        f"treated: leave them out of the donors, or their events out of the study."
    )


def elastic_net_mix(value: object) -> ModelError:
    return ModelError(
        f"ElasticNetModel got alpha={value!r}; give a share of the absolute penalty above 0 and "
        f"up to 1."
    )


def elastic_net_penalty(value: object) -> ModelError:
    return ModelError(
        f"ElasticNetModel got penalty={value!r}; give a number of 0 or more, or None to choose it "
        f"by cross-validation."
    )


def no_gap_returns(model: str) -> ModelError:
    return ModelError(
        f"{model} needs returns since the last trade; make the panel by "
        f"Panel.from_prices(prices, kind='log', across_gaps=True)."
    )


def gaps_are_logs(model: str) -> PanelError:
    return PanelError(
        f"{model} needs log returns, which add up over the sessions of a gap; make the panel with "
        f"kind='log'."
    )
