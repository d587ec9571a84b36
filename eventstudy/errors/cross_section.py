"""Sentences about groups and regressions of CARs."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.errors.kinds import OptionError
from eventstudy.errors.wording import listed


def formula_not_right_side(value: object) -> OptionError:
    return OptionError(
        f"formula={value!r} is not the right side of a regression; name what explains the CAR, "
        f"as in 'surprise + size'."
    )


def formula_unreadable(formula: str, reason: str, columns: Sequence[object]) -> OptionError:
    return OptionError(
        f"The formula {formula!r} cannot be read ({reason}); write it as in 'surprise + size', "
        f"with columns of the events ({listed(columns, 8)})."
    )


def formula_infinite(formula: str) -> OptionError:
    return OptionError(
        f"The formula {formula!r} gives an infinite value for an event; leave the event out by "
        f"result.where, or transform the column otherwise."
    )


def formula_without_terms(formula: str) -> OptionError:
    return OptionError(
        f"The formula {formula!r} has no term; name a column, or '1' for the mean alone."
    )


def too_few_to_explain(events: int, terms: int, gone: int) -> OptionError:
    why = f" ({gone} more lack a value)" if gone else ""
    return OptionError(
        f"{events} events{why} are too few for a regression with {terms} terms; name fewer "
        f"terms or take more events."
    )


def regressor_constant(name: str, events: int) -> OptionError:
    return OptionError(
        f"The term {name!r} is the same for all {events} events, so it explains no difference "
        f"between them; leave it out."
    )


def regressors_collinear(names: Sequence[str]) -> OptionError:
    return OptionError(
        f"{listed(map(repr, names))} cannot be told apart from the terms before; leave "
        f"{'it' if len(names) == 1 else 'them'} out."
    )


def draws_without_clusters(draws: object, se: str) -> OptionError:
    return OptionError(
        f"draws={draws!r} asks for the wild cluster bootstrap, and se={se!r} has no clusters; "
        f"give se='date', or leave draws out."
    )


def one_group_only(groups: Sequence[object]) -> OptionError:
    return OptionError(
        f"The events make {len(groups)} group{'' if len(groups) == 1 else 's'} "
        f"({listed(groups)}), and a comparison needs two or more; choose another key."
    )


def not_two_groups(groups: object) -> OptionError:
    return OptionError(
        f"groups={groups!r} does not name two different groups; give two or more, or one group "
        f"that all others are compared with."
    )
