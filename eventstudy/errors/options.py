"""Sentences about a value that is not one of a list."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.errors.kinds import OptionError
from eventstudy.errors.wording import did_you_mean


def unknown_option(option: str, value: object, known: Sequence[object]) -> OptionError:
    return OptionError(
        f"{option}={value!r} is not known; choose one of {', '.join(map(repr, known))}."
        + did_you_mean(str(value), known)
    )
