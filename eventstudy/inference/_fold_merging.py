"""How sums of parts become the sums of all: each field of a fold says it for itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field, fields
from functools import reduce
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
#: from the values of the parts, in their order, to that of the whole
Rule = Callable[[Sequence[Any]], Any]


def merged_by(rule: Rule) -> Any:  # noqa: ANN401  (a field of any type)
    """Declare a field of a dataclass that `merge` puts together by ``rule``."""
    return field(metadata={"merge": rule})


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
    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Count:
    ...     n: int = merged_by(added)
    >>> merge([Count(1), Count(2)])
    Count(n=3)
    """
    if len(parts) == 1:
        return parts[0]
    made: dict[str, Any] = {}
    for one in fields(parts[0]):  # type: ignore[arg-type]  (folds are dataclasses)
        made[one.name] = one.metadata["merge"]([getattr(part, one.name) for part in parts])
    return type(parts[0])(**made)


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
