"""Sentences about the search of all days for unusual ones."""

from __future__ import annotations

from eventstudy.errors.kinds import OptionError, WindowError
from eventstudy.errors.wording import kind_of


def not_a_study(got: str) -> OptionError:
    return OptionError(f"study is a {got}; make one with es.EventStudy(model=...).")


def threshold_not_positive(value: object) -> OptionError:
    return OptionError(f"z={value!r} is no threshold; give a number above 0, such as 4.")


def estimation_holds_day(window: object) -> WindowError:
    return WindowError(
        f"The estimation window {window} holds day 0, and a day is never measured against itself; "
        f"end it before, as in estimation=(-250, -11)."
    )


def detect_without_tickers() -> OptionError:
    return OptionError(
        "No ticker is left to look at beside those that the model needs; name some in `tickers`."
    )


def detect_tickers(value: object) -> OptionError:
    return OptionError(
        f"tickers={value!r} names no tickers; give one as text, or a list such as ['IREN', 'CIFR']."
    )


def detect_date(option: str, value: object) -> OptionError:
    return OptionError(
        f"{option}={value!r} is no day; give a date without a time or a time zone, such as "
        f"'2026-02-25'."
    )


def detect_no_session(since: object, until: object, first: object, last: object) -> OptionError:
    return OptionError(
        f"since={since!r} and until={until!r} leave no session; the panel runs from {first} to "
        f"{last}."
    )


def detect_nothing_measured(need: int, label: str, sessions: int) -> OptionError:
    return OptionError(
        f"No day can be measured: {need} valid days in the estimation window {label} are needed "
        f"before a day, and the panel has {sessions} sessions; load earlier prices, or shorten "
        f"the window."
    )


def detect_too_many(model: str, tickers: int, sessions: int, limit: int) -> OptionError:
    return OptionError(
        f"{model} is fitted day by day, and {tickers} × {sessions:,} days are more than "
        f"{limit:,}; name fewer `tickers`, or a later `since`."
    )


def detect_catalysts(value: object) -> OptionError:
    return OptionError(
        f"catalysts is {kind_of(value)}; give an events table, None for the packaged "
        f"catalogue, or False for none."
    )
