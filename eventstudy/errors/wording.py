"""Pieces of sentences: the nearest name, a short list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[object]) -> str:
    """`` Did you mean 'x'?`` with the nearest known name, or nothing."""
    names = [str(k) for k in known]
    alike = [k for k in names if k.lower() == str(name).lower()]
    near = alike or get_close_matches(str(name), names, n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""


def listed(names: Iterable[object], most: int = 5) -> str:
    """The first few names, and how many more there are."""
    shown = [str(n) for n in names]
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more


def by_status(causes: Mapping[str, tuple[Sequence[str], str]]) -> str:
    """How many tickers fail for one cause, which, and why."""
    return "; ".join(
        f"{status} ({len(tickers)}: {listed(tickers)}): {why}"
        for status, (tickers, why) in causes.items()
    )


def kind_of(value: object) -> str:
    """Name the type of what came, with its article.

    >>> kind_of(3), kind_of("x")
    ('an int', 'a str')
    """
    name = type(value).__name__
    return f"{'an' if name[:1] in 'AEIOUaeiou' else 'a'} {name}"
