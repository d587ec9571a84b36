"""Sentences about abnormal volume, and what is asked of it."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.errors.kinds import OptionError, PanelError
from eventstudy.errors.wording import listed


def not_of_activity(method: str, noun: str) -> OptionError:
    return OptionError(
        f"`{method}` is about returns, and these numbers are {noun}: ask the result of "
        f"`EventStudy.run` for it."
    )


def model_without_level(model: str, level: str) -> OptionError:
    return OptionError(
        f"{model} has no constant, so it knows no firm's usual {level}; take model='mean', "
        f"'market' or 'others', or a model with a constant."
    )


def lags_outside(lags: object, days: int) -> OptionError:
    return OptionError(
        f"lags={lags!r} is no last lag of {days} estimation days; give a whole number from 0 to "
        f"{days - 1}, or leave it out."
    )


def panel_without_volume() -> PanelError:
    return PanelError(
        "The panel has no volume; load it with the prices, as in "
        '`study.load(events, loader, fields=("volume",))`, or give `fields={"volume": frame}` to '
        "the panel."
    )


def volume_negative(ticker: str, day: str, value: float) -> PanelError:
    return PanelError(
        f"The volume of {ticker} on {day} is {value:g}; a number of shares is zero or more, and "
        f"missing where it is not known."
    )


def shares_unreadable(shares: object) -> OptionError:
    return OptionError(
        f"shares={type(shares).__name__} cannot be read; give a DataFrame of dates × tickers, a "
        f"Series by ticker, one number, or 'market_cap'."
    )


def shares_not_positive(ticker: str, value: object) -> OptionError:
    return OptionError(
        f"The shares outstanding of {ticker} are {value!r}; give numbers above zero, NaN where "
        f"they are not known."
    )


def shares_never_known(last: str) -> OptionError:
    return OptionError(
        f"shares= holds no number that was known before a session of the panel, the last of which "
        f"is {last}; give at least one that is not missing and dated before that."
    )


def shares_of_nobody(given: Sequence[object], known: Sequence[object]) -> OptionError:
    return OptionError(
        f"shares= holds {listed(given)}, none of the panel's tickers {listed(known)}; name its "
        f"columns (or the index of a Series) as the panel does."
    )


def shares_from_cap(lacking: Sequence[str]) -> OptionError:
    return OptionError(
        f"shares='market_cap' divides market_cap by close, and the panel has no "
        f"{listed(list(lacking))}; load both fields, or give the shares outstanding."
    )


def turnover_too_large(ticker: str, turnover: float) -> OptionError:
    return OptionError(
        f"{ticker} would trade {100 * turnover:,.0f} % of its shares outstanding on a usual day; "
        f"give `shares` in single shares, neither in thousands nor as a fraction, and adjusted "
        f"for splits as the volume is."
    )


def no_firms_with_volume(names: Sequence[object]) -> OptionError:
    return OptionError(
        f"None of {listed(names)} has a volume in the panel; load it for the firms of the events, "
        f"or name in `among` tickers that have one."
    )


def among_unreadable(among: object) -> OptionError:
    return OptionError(
        f"among={among!r} is no list of tickers; give their names, as in among=['IREN', 'CIFR']."
    )
