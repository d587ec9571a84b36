"""Values that are typed on the command line, read; a wrong one ends the program with its usage."""

from __future__ import annotations

import argparse

from eventstudy import errors
from eventstudy.windows import Window, as_window


def window(text: str) -> Window:
    try:
        return as_window(text)
    except errors.EventStudyError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def windows(text: str) -> list[Window]:
    return [window(part) for part in text.split(",") if part.strip()]


def intervals(text: str) -> list[Window] | Window:
    """One estimation window, or several intervals: ``-250:-11`` or ``-250:-11,30:120``."""
    found = windows(text)
    return found[0] if len(found) == 1 else found


def models(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Models with their factors: ``MarketModel,FactorModel:SPY+IBIT``."""
    parts = (part.partition(":") for part in text.split(",") if part.strip())
    return [(name.strip(), names(factors.replace("+", ","))) for name, _, factors in parts]


def hedge(text: str) -> tuple[str, tuple[str, ...]] | None:
    """A model with its factors, as ``FactorModel:SPY+IBIT``; ``none`` for no hedge."""
    found = models(text)
    if len(found) != 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not one model, as FactorModel:SPY+IBIT")
    return None if found[0][0].lower() == "none" else found[0]


def rate(text: str) -> float | str:
    """A number, or the name of a column."""
    try:
        return float(text)
    except ValueError:
        return text


def numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of numbers, as 0,0.01") from None


def names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
