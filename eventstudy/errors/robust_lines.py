"""Sentences about thin trading and robust lines."""

from __future__ import annotations

from eventstudy.errors.kinds import OptionError


def bad_lags(value: object) -> OptionError:
    return OptionError(
        f"Dimson got lags={value!r}; give how many days before and after count, as in lags=1."
    )


def weights_without_use(weights: str, lags: int, mode: str) -> OptionError:
    return OptionError(
        f"Dimson got weights={weights!r} with lags={lags} and mode={mode!r}; these weights are "
        f"published for lags 1 and 2 and weigh the sum of the slopes (mode='sum')."
    )


def bad_huber_k(value: object) -> OptionError:
    return OptionError(
        f"RobustMarketModel got k={value!r}; give a number above 0, as in k=1.345 (infinity is "
        f"least squares)."
    )


def option_of_another_method(option: str, value: object, method: str, chosen: str) -> OptionError:
    return OptionError(
        f"RobustMarketModel got {option}={value!r}, which is for method={method!r}; leave it out "
        f"with method={chosen!r}."
    )
