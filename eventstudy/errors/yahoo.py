"""Sentences about Yahoo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eventstudy.errors.kinds import LoaderError
from eventstudy.errors.wording import by_status, listed


def yfinance_absent(lacking: str) -> LoaderError:
    state = "is not installed" if lacking == "yfinance" else f"lacks a package, {lacking}"
    return LoaderError(
        f"Prices of Yahoo Finance need yfinance, which {state}; "
        f"run `pip install yfinance` or load a file."
    )


def yahoo_session(kind: str) -> LoaderError:
    return LoaderError(
        f"session= is a {kind}; give a Session of curl_cffi or of requests that keeps no cache "
        f"of its own, or leave it out."
    )


def yahoo_option(option: str, value: object, needed: str) -> LoaderError:
    return LoaderError(f"{option}={value!r} of es.loaders.Yahoo cannot be used; give {needed}.")


def tqdm_absent() -> LoaderError:
    return LoaderError(
        "Progress bars need the package `tqdm`; run pip install tqdm, or do not ask for them."
    )


def yahoo_nothing(
    causes: Mapping[str, tuple[Sequence[str], str]], first: object, last: object
) -> LoaderError:
    """Causes: status → the tickers it met, and one sentence why."""
    asked = sum(len(tickers) for tickers, _ in causes.values())
    if causes.keys() & {"network", "timeout"}:
        advice = "check the connection, or load a file or what es.loaders.cached has kept"
    elif "rate_limited" in causes:
        advice = "try again in some minutes, with fewer tickers at a time"
    elif "bad_answer" in causes:
        advice = "try again later"
    else:
        advice = "check the tickers and the dates"
    return LoaderError(
        f"Yahoo gave no price for {asked} ticker{'s' * (asked > 1)} from {first} to {last}: "
        f"{by_status(causes)}; {advice}."
    )


def earnings_limit(limit: object) -> LoaderError:
    return LoaderError(
        f"limit={limit!r} is not a number of reports; give a whole number of 1 or more, or leave "
        f"it out."
    )


def earnings_retries(retries: object) -> LoaderError:
    return LoaderError(
        f"retries={retries!r} is not a number of waits; give a whole number from 0 to 10."
    )


def earnings_nothing(causes: Mapping[str, tuple[Sequence[str], str]]) -> LoaderError:
    """Causes: status → the tickers it met, and one sentence why."""
    told = "; ".join(
        f"{status} ({len(tickers)}: {listed(tickers)}): {why}"
        for status, (tickers, why) in causes.items()
    )
    return LoaderError(
        f"Yahoo gave no earnings date: {told}; check the tickers, the days and the connection, or "
        f"read events from a file."
    )
