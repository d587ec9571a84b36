"""How sums of parts become the sums of all.

Each field of a fold says it for itself, beside its type: ``n: Annotated[int, added]``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, TypeVar, get_type_hints

import numpy as np

T = TypeVar("T")
#: from the values of the parts, in their order, to that of the whole
Rule = Callable[[Sequence[Any]], Any]


def merge(parts: Sequence[T]) -> T:
    """Put the folds of successive parts together, in the order of their dates.

    Parameters
    ----------
    parts : sequence
        Folds of one kind, at least one; what they are merged from may itself have been merged.

    Returns
    -------
    fold
        What the events of all parts would have given, to rounding.

    Examples
    --------
    >>> from eventstudy.inference._fold_median import Bins
    >>> parts = [Bins.of(np.array([0.0, 0.2])), Bins.of(np.array([0.4]))]
    >>> merge(parts).median
    0.2
    """
    if len(parts) == 1:
        return parts[0]
    kind = type(parts[0])
    return kind(
        **{name: rule([getattr(part, name) for part in parts]) for name, rule in _rules(kind)}
    )


def _rules(kind: type) -> list[tuple[str, Rule]]:
    """How each field is merged: what stands beside its type."""
    hints = get_type_hints(kind, include_extras=True)
    return [(name, hint.__metadata__[0]) for name, hint in hints.items()]


def added(values: Sequence[Any]) -> Any:  # noqa: ANN401  (numbers or arrays)
    """Their sum."""
    return reduce(lambda a, b: a + b, values)


def joined(values: Sequence[Any]) -> Any:  # noqa: ANN401
    """One after the other, along the last axis."""
    return np.concatenate(values, axis=-1)


def lowest(values: Sequence[Any]) -> Any:  # noqa: ANN401
    """The smallest."""
    return reduce(np.minimum, values)


def highest(values: Sequence[Any]) -> Any:  # noqa: ANN401
    """The largest."""
    return reduce(np.maximum, values)


def either(values: Sequence[Any]) -> Any:  # noqa: ANN401  (packed bits)
    """Bits that are set in any of them; the shorter ones end in zeros."""
    found = np.zeros(max(map(len, values)), dtype=np.uint8)
    for bits in values:
        found[: len(bits)] |= bits
    return found


def counted(values: Sequence[dict[str, int]]) -> dict[str, int]:
    """How often each text comes in all of them."""
    total: Counter[str] = Counter()
    for value in values:
        total.update(value)
    return dict(total)


def first(values: Sequence[Any]) -> Any:  # noqa: ANN401
    """What is the same for all parts."""
    return values[0]


def earliest(values: Sequence[Any]) -> Any:  # noqa: ANN401
    """Of each entry, the first that is known (not NaN)."""
    return reduce(lambda a, b: np.where(np.isnan(a), b, a), values)


def maybe(rule: Rule) -> Rule:
    """Apply ``rule`` where every part has a value; None where one has none."""
    return lambda values: None if any(value is None for value in values) else rule(values)


def each(rule: Rule) -> Rule:
    """Apply ``rule`` entry by entry to tuples of the same length."""
    return lambda values: tuple(rule(entries) for entries in zip(*values, strict=True))
