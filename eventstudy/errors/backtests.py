"""Sentences about what a backtest is compared with: other rules, other dates."""

from __future__ import annotations

from eventstudy.errors.kinds import NothingLeft, OptionError


def grid_not_a_list(option: str, value: object) -> OptionError:
    return OptionError(
        f"{option}={value!r} is no list of moments; give those that are to be tried, as in "
        f"{option}=range(0, 6)."
    )


def grid_moment_twice(option: str, label: str) -> OptionError:
    return OptionError(f"{option} holds the moment {label} twice; give each once.")


def grid_without_rules() -> OptionError:
    return OptionError(
        "No moment of leave= lies after one of enter=, so the grid holds no rule; give later ones."
    )


def grid_without_trades(rules: int, events: int) -> NothingLeft:
    return NothingLeft(
        f"None of the {rules:,} rules trades any of the {events:,} events; run one of them alone "
        f"to read why."
    )
