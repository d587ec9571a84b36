"""Sentences about the figures of a backtest."""

from __future__ import annotations

from eventstudy.errors.kinds import OptionError


def tried_unusable(value: object) -> OptionError:
    return OptionError(
        f"tried={value!r} is no number of rules; give how many were tried, this one included, from "
        f"1 up, or the annual Sharpe ratio of each."
    )


def tried_without_ratios(n: int) -> OptionError:
    return OptionError(
        f"tried holds {n} Sharpe ratios and none of them is finite; give the annual Sharpe ratio "
        f"of each rule that was tried, or their number."
    )


def capital_unusable(value: object) -> OptionError:
    return OptionError(
        f"capital={value!r} is no amount of money; give dollars above 0, as in capital=1e6."
    )
