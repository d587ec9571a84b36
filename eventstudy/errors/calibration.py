"""Sentences about what is done before and beside a study."""

from __future__ import annotations

from eventstudy.errors.kinds import EventsError, OptionError


def choices_not_a_list(name: str, value: object) -> OptionError:
    return OptionError(
        f"{name}={value!r} is no list of choices; give the values that are to be tried, as in "
        f"{name}=[…, …]."
    )


def choice_twice(name: str, label: str) -> OptionError:
    return OptionError(f"The choices of {name} hold {label} twice; give each value once.")


def too_many_specifications(n: int, most: int) -> OptionError:
    return OptionError(
        f"The choices make {n} specifications, more than {most}; leave out what nobody would do."
    )


def no_event_in_all_specifications(n: int) -> EventsError:
    return EventsError(
        f"No event is kept by all {n} studies of the curve, so they cannot move to the same "
        f"placebo dates; leave out the choice that drops them, or ask for draws=0."
    )


def nothing_ahead(last: str, n: int) -> EventsError:
    return EventsError(
        f"None of the {n} events lies ahead of the data, which end on {last}; `preview` is for "
        f"events that have not happened, `run` for those that have."
    )
