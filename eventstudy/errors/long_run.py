"""Sentences about calendar-time portfolios and what the long run needs."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.errors.kinds import ModelError, NothingLeft, OptionError, PanelError
from eventstudy.errors.wording import did_you_mean, listed


def long_run_log_returns(what: str) -> PanelError:
    return PanelError(
        f"{what} compounds and averages simple returns, and those of the panel are logarithms; "
        f"make the panel with kind='simple'."
    )


def not_one_regression(model: str) -> ModelError:
    return ModelError(
        f"{model} is not a linear regression on series that all firms share, which the alpha of a "
        f"portfolio is taken from; use MarketModel, FactorModel or a model of French's factors."
    )


def alpha_not_estimated(model: str) -> ModelError:
    return ModelError(
        f"{model} was told to have no alpha, which is what a calendar-time portfolio is for; use "
        f"alpha=True."
    )


def calendar_collinear(model: str, periods: int) -> ModelError:
    return ModelError(
        f"The factors of {model} are collinear over the {periods} periods of the portfolio; leave "
        f"one of them out, or choose another model."
    )


def min_firms_too_small(value: object) -> OptionError:
    return OptionError(f"min_firms={value!r} is not a number of firms; give 1 or more.")


def no_market_cap() -> PanelError:
    return PanelError(
        "weight='value' needs the market capitalisation of each firm and session, and the panel "
        'has none; give it as fields={"market_cap": table}.'
    )


def member_weight_unknown(name: object, known: Sequence[object]) -> OptionError:
    kind = type(name).__name__
    given = f"weight={name!r}" if isinstance(name, str) else f"A weight of type {kind}"
    return OptionError(
        f"{given} is neither 'equal' nor 'value' nor a column of the events, which have "
        f"{listed(known, 8)}." + did_you_mean(str(name), ["equal", "value", *map(str, known)])
    )


def member_weight_unusable(name: str, event: str, value: object, count: int) -> OptionError:
    more = f" (and {count - 1} more)" if count > 1 else ""
    return OptionError(
        f"The weight {name!r} of event {event!r} is {value!r}{more}; a weight is a number greater "
        f"than 0: give one, or leave the event out."
    )


def no_crowded_period(min_firms: int, most: int, when: str, period: str) -> NothingLeft:
    return NothingLeft(
        f"No {period} has the {min_firms} members that `min_firms` asks for: the most are {most}, "
        f"on {when}; lower `min_firms`."
    )


def no_period_with_factors(model: str, periods: int, period: str) -> NothingLeft:
    return NothingLeft(
        f"The portfolio has a return in {periods} {period}s and in none of them do all series that "
        f"{model} reads have a value; give factors that cover the events."
    )


def too_few_periods(periods: int, period: str, parameters: int, model: str) -> NothingLeft:
    return NothingLeft(
        f"The portfolio has a return in {periods} {period}{'s' if periods > 1 else ''} and {model} "
        f"has {parameters} parameter{'s' if parameters > 1 else ''}; {parameters + 1} {period}s or "
        f"more are needed: hold longer, lower `min_firms`, or give more events."
    )


def lags_unusable(lags: object, periods: int) -> OptionError:
    return OptionError(
        f"lags={lags!r} is not a number of lags for {periods} periods; give a whole number from 0 "
        f"to {periods - 1}."
    )


def option_without_lags(option: str, se: str) -> OptionError:
    return OptionError(
        f"`{option}` belongs to Newey and West's standard errors, not to se={se!r}; leave it out "
        f"or use se='HAC'."
    )


def standardised_is_daily() -> OptionError:
    return OptionError(
        "Standardised abnormal returns are made session by session, and this portfolio has one "
        "return a month; use frequency='daily'."
    )


def no_standardised_session(sessions: int, need: int, estimation: object) -> NothingLeft:
    return NothingLeft(
        f"None of {sessions} sessions has members with {need} days of returns over {estimation} "
        f"before it, so none can be standardised; shorten `estimation`, or give prices that begin "
        f"earlier."
    )


def estimation_not_before(estimation: object, last: int) -> OptionError:
    return OptionError(
        f"estimation={estimation} does not end before the event and before what is held; end it at "
        f"{last} or earlier."
    )
