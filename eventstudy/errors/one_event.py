"""Sentences about one firm and one event."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.errors.kinds import OptionError
from eventstudy.errors.wording import did_you_mean, listed


def no_such_event(event: object, known: Sequence[object]) -> OptionError:
    return OptionError(
        f"The result has no event {event!r}; its events are {listed(known)}."
        + did_you_mean(str(event), known)
    )


def event_was_dropped(event: object, reason: str, detail: str) -> OptionError:
    return OptionError(
        f"Event {event!r} was dropped ({reason}: {detail}), so it has no abnormal return; mend "
        f"that first."
    )


def no_amount(option: str, value: object) -> OptionError:
    return OptionError(f"{option}={value!r} is no amount; give one number above 0.")


def shares_or_cap(shares: object, cap: object) -> OptionError:
    return OptionError(
        f"shares={shares!r} and market_cap={cap!r}: either one gives the market capitalisation; "
        f"leave one out."
    )


def shares_without_price(ticker: str, day: str) -> OptionError:
    return OptionError(
        f"shares= needs the price of {ticker} before the window ({day}), and the panel has no "
        f"`close` there; give `price=` too."
    )


def around_negative(value: object) -> OptionError:
    return OptionError(f"around={value!r} is no number of sessions; give a whole number from 0 up.")


def firm_without_prices(ticker: object, known: Sequence[object]) -> OptionError:
    return OptionError(
        f"The panel has no prices of {ticker!r}; it has {listed(known)}."
        + did_you_mean(str(ticker), known)
    )


def power_outside(power: object, level: object) -> OptionError:
    return OptionError(
        f"power={power!r} lies outside {level!r} and 1; give 0.8 for four times in five."
    )
