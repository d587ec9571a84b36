"""Sentences about the catalogue of catalysts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eventstudy.errors.kinds import OptionError
from eventstudy.errors.wording import did_you_mean, listed


def catalysts_unknown_ids(ids: Iterable[object], known: Sequence[object]) -> OptionError:
    names = [str(i) for i in ids]
    return OptionError(
        f"The catalogue has no event {listed(names)}; `es.catalysts.load(min_confidence='low')` "
        f"lists all." + did_you_mean(names[0], known)
    )


def catalysts_not_sure_enough(ids: Iterable[object], least: str) -> OptionError:
    return OptionError(
        f"The date of {listed(ids)} is less sure than min_confidence={least!r}; leave it out, "
        f"or ask for min_confidence='low'."
    )


def catalysts_nothing_left() -> OptionError:
    return OptionError(
        "The catalogue has no event for these filters; widen `category`, `since`, `until`, "
        "`ids` or `min_confidence`."
    )


def expand_without_tickers() -> OptionError:
    return OptionError("`tickers` is empty; name at least one ticker that reacts.")


def expand_nothing_left(who: str) -> OptionError:
    return OptionError(
        f"who={who!r} leaves no event: no news that concerns the tickers while they were "
        f"listed; give other events or tickers."
    )
