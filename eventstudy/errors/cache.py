"""Sentences about prices that are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from eventstudy.errors.kinds import LoaderError
from eventstudy.errors.wording import by_status, listed


def cache_absent(package: str) -> LoaderError:
    return LoaderError(
        f"A cache of prices needs {package}, which is not installed; run pip install {package}."
    )


def cache_twice(folder: object) -> LoaderError:
    return LoaderError(
        f"This loader is cached already, in {str(folder)!r}; give the loader below it."
    )


def cache_folder_unusable(folder: object, why: object) -> LoaderError:
    reason = getattr(why, "strerror", None) or why
    return LoaderError(
        f"The cache folder {str(folder)!r} cannot be used ({reason}); give one that can be "
        f"written, or use `offline` to read what it holds."
    )


def cache_busy(folder: object, seconds: float) -> LoaderError:
    return LoaderError(
        f"Another process fills the cache folder {str(folder)!r} and did not end within "
        f"{seconds:g} s; wait for it, or give another folder."
    )


def cache_fields_refused(loader: str, fields: Iterable[str]) -> LoaderError:
    return LoaderError(
        f"{loader} has no argument `fields`, so it gives adj_close alone and not "
        f"{listed(fields, 8)}; add the argument, or ask for adj_close."
    )


def cache_answer_unusable(loader: str, got: str) -> LoaderError:
    return LoaderError(
        f"{loader} answered with {got}, which cannot be kept; a loader gives a DataFrame of "
        f"dates × tickers, or × (field, ticker), with numbers."
    )


def cache_nothing(
    loader: str, causes: Mapping[str, tuple[Sequence[str], str]], first: object, last: object
) -> LoaderError:
    return LoaderError(
        f"{loader} gave no price from {first} to {last}: {by_status(causes)}; check the tickers, "
        f"the dates and the connection."
    )


def cache_empty_offline(
    folder: object, tickers: Sequence[str], days: tuple[object, object], causes: Iterable[str]
) -> LoaderError:
    why = f" ({listed(distinct)})" if (distinct := dict.fromkeys(causes)) else ""
    return LoaderError(
        f"Offline, and the cache folder {str(folder)!r} holds not one price of "
        f"{listed(tickers)} from {days[0]} to {days[1]}{why}; leave out `offline` once to fetch "
        f"them."
    )
