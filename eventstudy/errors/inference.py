"""Sentences about tests and what they draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eventstudy.errors.kinds import OptionError
from eventstudy.errors.wording import did_you_mean, listed


def window_not_folded(window: object, kept: Iterable[object]) -> OptionError:
    return OptionError(
        f'The window {window} was not summed with store="aggregate"; kept are {listed(kept)}, '
        f"each event day, and from the first to each: name it in windows= and run again."
    )


def events_not_kept(name: str) -> OptionError:
    return OptionError(
        f'store="aggregate" keeps sums over the events, and {name!r} needs each of them; run '
        f'with store="car" or "full".'
    )


def unknown_test(name: object, known: Sequence[str]) -> OptionError:
    return OptionError(
        f"There is no test named {name!r}; choose one of {', '.join(known)}, or give a function."
        + did_you_mean(str(name), known)
    )


def min_overlap_too_small(value: object) -> OptionError:
    return OptionError(
        f"`min_overlap` is {value!r}, but a correlation needs at least 3 common days; "
        f"give a whole number from 3 up."
    )


def min_events_too_small(value: object) -> OptionError:
    return OptionError(
        f"`min_events` is {value!r}, but the jackknife leaves one event out and needs a spread of "
        f"the rest; give a whole number from 3 up."
    )


def level_outside(value: object) -> OptionError:
    return OptionError(
        f"`level` is {value!r}, but a significance level lies between 0 and 1; give 0.05 for 5 %."
    )


def contrast_shape(shape: Sequence[int], n: int) -> OptionError:
    return OptionError(
        f"weights of shape {tuple(shape)} do not fit {n} events; give one weight an event, or a "
        f"row of them for each contrast."
    )


def contrast_values() -> OptionError:
    return OptionError(
        "weights must be finite numbers, not all of them zero in a contrast; give 1/N each for "
        "a mean, or 'equal' to compare all effects."
    )


def rng_unusable(value: object) -> OptionError:
    return OptionError(
        f"rng={value!r} cannot make random numbers; give a seed, a whole number from 0 up, "
        f"or a numpy.random.Generator."
    )


def not_a_count(option: str, value: object) -> OptionError:
    return OptionError(f"{option}={value!r} is not a count; give a whole number from 1 up.")


def no_placebo_sessions(least: int) -> OptionError:
    return OptionError(
        f"No event has {least} sessions on which it could have lain without news, with both "
        f"windows inside the data; give longer prices or a shorter estimation window."
    )


def placebo_dates_do_not_fit(dates: int, sessions: int) -> OptionError:
    return OptionError(
        f"{dates} placebo dates do not fit beside each other into {sessions} sessions; give "
        f"longer prices, fewer dates or shorter windows."
    )


def effect_not_a_fraction(value: object) -> OptionError:
    return OptionError(
        f"effects holds {value!r}; give returns as fractions, as in (0.01, 0.02) for 1 % and 2 %."
    )


def no_test_to_calibrate() -> OptionError:
    return OptionError("tests is empty; name at least one test, or leave it out to ask all.")


def strata_too_few(value: object) -> OptionError:
    return OptionError(
        f"strata={value!r} is no number of parts; give a whole number from 2 up, such as 3."
    )


def strata_without_market() -> OptionError:
    return OptionError(
        "Strata are parts of the market's volatility and the panel has no market; "
        "give `market=` to the Panel, or leave `strata` out."
    )


def strata_unusable(got: object, days: int) -> OptionError:
    return OptionError(
        f"`strata` is {got}; give a number of groups from 2 up, or one label for each of the "
        f"{days} estimation days."
    )


def stratum_alone() -> OptionError:
    return OptionError(
        "`stratum` names the stratum of the event where `strata` holds one label a day; "
        "give both, or a number of groups alone."
    )


def not_pvalues(option: str, worst: object) -> OptionError:
    return OptionError(
        f"`{option}` holds {worst}, but a p-value lies between 0 and 1; give p-values."
    )


def draws_misshapen(draws: object, statistics: object) -> OptionError:
    return OptionError(
        f"`draws` has the shape {draws} for statistics of the shape {statistics}; give one row "
        f"a draw, with one column for each statistic."
    )
