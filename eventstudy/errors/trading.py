"""Sentences about a rule that trades: what it asks for, and what it would know too early."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.errors.kinds import EventsError, ModelError, OptionError, PanelError, WindowError
from eventstudy.errors.wording import did_you_mean, listed


# ── when ─────────────────────────────────────────────────────────────────────────────────
def no_moment(option: str, value: object) -> OptionError:
    return OptionError(
        f"{option}={value!r} is no moment of trading; give a day around day 0, whose close is "
        f"meant, as in {option}=5, or a text as 'open+1'."
    )


def moment_too_far(option: str, day: int, most: int) -> OptionError:
    return OptionError(
        f"{option}={day} lies more than {most:,} sessions from day 0; give a day nearer to it."
    )


def leave_not_after_enter(enter: str, leave: str) -> OptionError:
    return OptionError(
        f"The rule enters at {enter} and leaves at {leave}, so that it earns nothing; leave later "
        f"than it enters."
    )


# ── on which terms ───────────────────────────────────────────────────────────────────────
def limit_not_positive(option: str, value: object) -> OptionError:
    return OptionError(
        f"{option}={value!r} is no limit; give a multiple of the starting capital above 0, as 0.5 "
        f"for half of it, or None for no limit."
    )


def no_limits(value: object) -> OptionError:
    return OptionError(
        f"limits={value!r} are no limits; give None or an instance such as es.Limits(gross=2)."
    )


def no_costs(value: object) -> OptionError:
    return OptionError(
        f"costs={value!r} are no costs; give basis points of each side, as in costs=10, or an "
        f"instance such as es.Costs(bps=10, borrow=0.03)."
    )


def charge_not_a_number(option: str, value: object) -> OptionError:
    return OptionError(
        f"{option}={value!r} is no charge; give basis points of each side, 0 or more, as in "
        f"{option}=10."
    )


def charge_in_another_unit(option: str, value: object) -> OptionError:
    return OptionError(
        f"{option}={value!r} is read in basis points, hundredths of a percent, and charges are "
        f"neither so small nor so large; write {option}=10 for 0.1 % a side."
    )


def charge_not_a_fraction(option: str, value: object) -> OptionError:
    return OptionError(
        f"{option}={value!r} is no charge; give a fraction, 0 or more, as in {option}=0.002, or "
        f"the name of a column of the events."
    )


def charge_in_percent(option: str, value: object, most: float) -> OptionError:
    return OptionError(
        f"{option}={value!r} looks like percent, since fractions above {most:g} do not come up; "
        f"write 0.01 for 1 %."
    )


def delisting_outside(value: object) -> OptionError:
    return OptionError(
        f"delisting={value!r} is no return of a security whose prices end; give a fraction from "
        f"-1 to 0, as -0.3."
    )


# ── the rule ─────────────────────────────────────────────────────────────────────────────
def side_unreadable(value: object) -> OptionError:
    return OptionError(
        f"side={value!r} is no side; give 'long', 'short', the name of a column whose sign counts, "
        f"or a function of what is known at entry."
    )


def weight_unreadable(value: object) -> OptionError:
    return OptionError(
        f"weight={value!r} is no weight; give 'equal', 'inverse_sigma', or the name of a column."
    )


def hedge_is_a_class(name: str) -> ModelError:
    return ModelError(f"hedge={name} is a class; give an instance: hedge={name}().")


def not_a_hedge(value: object) -> ModelError:
    return ModelError(
        f"hedge={value!r} is not a model; give None, or an object with `needs` and `fit(block)`, "
        f"such as es.MarketModel()."
    )


def hedge_without_factors(model: str) -> ModelError:
    return ModelError(
        f"hedge={model} has no factor, so there is nothing to trade against the position; give a "
        f"model with one, such as es.MarketModel()."
    )


def hedge_across_gaps(model: str) -> ModelError:
    return ModelError(
        f"hedge={model} expects returns over several sessions at once, which no position follows "
        f"day by day; give a daily model, such as es.MarketModel()."
    )


def hedge_of_later_days(model: str) -> ModelError:
    return ModelError(
        f"hedge={model} expects a return from the market of later days, which nobody can trade on "
        f"the day; use es.Dimson(mode='sum')."
    )


def model_looks_ahead(model: str, what: str) -> ModelError:
    return ModelError(
        f"{model} gives another answer for {what} when only later returns change, so it looks "
        f"ahead; let it estimate on `block.estimation` alone."
    )


def factor_looks_ahead(factor: str) -> ModelError:
    return ModelError(
        f"The factor {factor} has other values where later returns are left out, so it looks "
        f"ahead; make each day of `series` from the returns up to that day."
    )


def side_remembers(function: str, session: object) -> OptionError:
    return OptionError(
        f"{function}, asked once more about the entries of {session}, answers otherwise: it keeps "
        f"what it saw of later sessions, and would know them in the next rule or draw. Decide by "
        f"`known` alone, or give an object that holds what it keeps: it is copied before each run."
    )


# ── what is known when ───────────────────────────────────────────────────────────────────
def panel_of_logs() -> PanelError:
    return PanelError(
        "The panel holds log returns and a trade earns simple ones; build it again with "
        "kind='simple'."
    )


def estimation_after_entry(interval: object, last: int, enter: str, need: int) -> WindowError:
    return WindowError(
        f"The study estimates on {interval} and so looks at day {last}, but the rule trades at "
        f"{enter}; give a study whose estimation ends on day {need} or before."
    )


def estimation_left_out_later(window: object, last: int, enter: str, need: int) -> WindowError:
    return WindowError(
        f"The estimation ends on day {last} without the days in windows {window} of other events, "
        f"some of which are not known at {enter}; end it on day {need} or before, or leave "
        f"`exclude_other_events` out."
    )


def entry_before_news(event: str, news: str, entry: str, count: int, total: int) -> OptionError:
    return OptionError(
        f"The rule would enter {event} at {entry}, before the market can know of it ({news}); it "
        f"does so in {count} of {total} events; enter later, or mark events whose day was public "
        f"beforehand as `scheduled` (an unknown session counts as after the close)."
    )


def value_before_known(
    option: str, column: str, event: str, when: str, count: int, total: int
) -> OptionError:
    return OptionError(
        f"{option}={column!r} is not known at entry in {count} of {total} events, first in {event} "
        f"({when}); enter later, or give in a column '{column}_known' the dates on which the "
        f"values were known."
    )


def known_not_dates(column: str, why: object) -> EventsError:
    return EventsError(f"The column {column!r} should hold dates as 2026-02-25: {why}")


# ── sides and weights ────────────────────────────────────────────────────────────────────
def not_a_column(
    option: str, value: str, words: Sequence[str], known: Sequence[object]
) -> OptionError:
    return OptionError(
        f"{option}={value!r} is neither {' nor '.join(map(repr, words))} nor a column of the "
        f"events, which have {listed(known, 8)}." + did_you_mean(value, [*words, *known])
    )


def no_charge_column(option: str, value: str, known: Sequence[object]) -> OptionError:
    return OptionError(
        f"{option}={value!r} is no column of the events, which have {listed(known, 8)}."
        + did_you_mean(value, known)
    )


def column_not_numbers(option: str, column: str, value: object, event: object) -> EventsError:
    return EventsError(
        f"{option}={column!r} needs a column of numbers, and event {event} has {value!r}; give "
        f"numbers, and nothing where there is none."
    )


def column_not_charges(option: str, column: str, value: object, event: object) -> EventsError:
    return EventsError(
        f"{option}={column!r} is {value!r} for event {event}; give a fraction, 0 or more, in every "
        f"row."
    )


def answer_without_rows(function: str, got: object, need: int, session: object) -> OptionError:
    return OptionError(
        f"side={function} gave {got} for the {need} events entered on {session}; give one value "
        f"an event, in the order of `known.events`."
    )


def answer_of_other_events(function: str, session: object) -> OptionError:
    return OptionError(
        f"side={function} gave a Series for {session} whose index is not that of `known.events`; "
        f"keep the index, or give an array."
    )


def answer_not_a_side(function: str, value: object, event: object) -> OptionError:
    return OptionError(
        f"side={function} gave {value!r} for event {event}; give 1 for long, -1 for short, 0 for "
        f"no trade."
    )
