"""Sentences about holdings after an event, control firms and reference portfolios."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.errors.kinds import OptionError, PanelError
from eventstudy.errors.wording import did_you_mean, kind_of, listed


def holding_too_early(window: object) -> OptionError:
    return OptionError(
        f"holding={window} begins before day 0, when the event was not known; begin it on day 0 "
        f"or later, such as holding=(1, 250)."
    )


def holding_one_day(day: int) -> OptionError:
    return OptionError(
        f"holding={day} is one session, the one that many after day 0; give the first and the last "
        f"session held, such as holding=(1, 250)."
    )


def against_unreadable(value: object) -> OptionError:
    plain = value is None or isinstance(value, (int, float, list, tuple, type))
    given = f"against={value!r}" if plain else f"A {type(value).__name__}"
    return OptionError(
        f"{given} is no benchmark; give a ticker or factor of the panel, "
        f"es.ControlFirms(...) or es.ReferencePortfolios(...)."
    )


def delisting_no_loss(value: object) -> OptionError:
    return OptionError(
        f"delisting_return={value!r} is not the return of a delisting; give a fraction from -1 "
        f"(all is lost) to 0."
    )


def characteristics_not_a_table(value: object) -> OptionError:
    return OptionError(
        f"characteristics is {kind_of(value)}; give a DataFrame with a column ticker, "
        f"perhaps a column date, and columns of numbers such as size."
    )


def characteristics_empty() -> OptionError:
    return OptionError("The characteristics have no rows; give one a firm, or one a firm and date.")


def characteristics_nameless() -> OptionError:
    return OptionError(
        "The characteristics name no firms; add a column ticker, or tickers as the index."
    )


def characteristics_no_column(name: object, known: Sequence[object]) -> OptionError:
    return OptionError(
        f"The characteristics have no column {name!r}; they have {listed(known, 8) or 'none'}."
        + did_you_mean(str(name), known)
    )


def characteristics_twice(ticker: str, date: str, count: int) -> PanelError:
    when = f" on {date}" if date else ""
    return PanelError(
        f"The characteristics have more than one row of {ticker}{when} ({count} such rows); "
        f"keep one of them."
    )


def characteristics_infinite(name: str, ticker: str) -> PanelError:
    return PanelError(
        f"The characteristic {name!r} of {ticker} is infinite; give a number, or nothing where "
        f"it is not known."
    )


def within_unreadable(value: object) -> OptionError:
    return OptionError(
        f"within={value!r} cannot be read; give a mapping of column to the smallest and largest "
        f"multiple of the firm's own value, such as {{'size': (0.7, 1.3)}}."
    )


def nearest_unreadable(value: object) -> OptionError:
    return OptionError(
        f"nearest={value!r} cannot be read; give a column of the characteristics, or a list of "
        f"them."
    )


def groups_unreadable(value: object) -> OptionError:
    return OptionError(
        f"groups={value!r} cannot be read; give 2 or more for each column, such as "
        f"{{'size': 5, 'book_to_market': 5}}."
    )
