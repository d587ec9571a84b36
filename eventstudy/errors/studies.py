"""Sentences about a study and what is asked of its result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Sized

from eventstudy.errors.kinds import (
    EventsError,
    LoaderError,
    ModelError,
    NothingLeft,
    OptionError,
    PanelError,
    WindowError,
)
from eventstudy.errors.wording import did_you_mean, kind_of, listed


def nothing_to_draw(name: str) -> OptionError:
    return OptionError(f"`{name}` is empty, so there is nothing to draw; give at least one row.")


def not_an_axes(value: object) -> OptionError:
    several = len(value) if isinstance(value, Sized) else 0
    what = f"{several} of them" if several else kind_of(value)
    return OptionError(
        f"`ax` has to be one matplotlib Axes, and it is {what}; give one, such as axes[0], or "
        f"leave it out for a figure of its own."
    )


def negative_shift(value: object) -> OptionError:
    return OptionError(f"max_shift={value!r} is not a number of calendar days; give 0 or more.")


def no_market(model: str) -> ModelError:
    return ModelError(
        f"{model} needs a market and the panel has none; give `market=` to the Panel."
    )


def duplicate_event(event: str, original: str, ticker: str) -> EventsError:
    return EventsError(
        f"Events {original!r} and {event!r} share ticker {ticker} and day 0; remove one, or use "
        f"Timing(duplicates='first') or Timing(duplicates='keep')."
    )


def not_a_session(event: str, ticker: str, day: str, count: int) -> EventsError:
    more = f" (and {count - 1} more)" if count > 1 else ""
    return EventsError(
        f"Event {event!r} of {ticker} falls on {day}, which is not a session{more}; "
        f"use Timing(roll='forward') to take the next one."
    )


def not_a_model(value: object) -> ModelError:
    return ModelError(
        f"model={value!r} is not a model; give an object with `needs` and `fit(block)`, "
        f"such as es.MarketModel()."
    )


def model_is_a_class(name: str) -> ModelError:
    return ModelError(f"model={name} is a class; give an instance: model={name}().")


def needs_unreadable(model: str, needs: object) -> ModelError:
    return ModelError(
        f"{model}.needs is {needs!r}; give a tuple of names of factors, such as ('market',)."
    )


def not_a_timing(value: object) -> OptionError:
    return OptionError(
        f"timing={value!r} is not a Timing; give an instance such as es.Timing(duplicates='keep')."
    )


def not_a_panel(got: str) -> PanelError:
    return PanelError(f"panel is a {got}; make one with es.Panel.from_prices(prices, market=...).")


def min_obs_out_of_range(value: object, length: int) -> WindowError:
    return WindowError(
        f"min_obs={value!r} does not fit an estimation window of {length} days; "
        f"give a whole number from 1 to {length}."
    )


def estimation_too_short(length: int, need: int, model: str) -> WindowError:
    return WindowError(
        f"The estimation window has {length} days and {model} needs at least {need}; "
        f"begin it earlier."
    )


def nothing_left(reasons: str, first: str, dropped: object) -> NothingLeft:
    error = NothingLeft(f"Every event was dropped: {reasons}. The first: {first}.")
    error.dropped = dropped
    return error


def unknown_test_option(test: str, option: str, known: Sequence[str]) -> OptionError:
    return OptionError(
        f"{test} has no option {option!r}; it has {', '.join(known)}." + did_you_mean(option, known)
    )


def test_option_missing(test: str, option: str) -> OptionError:
    return OptionError(
        f"{test} cannot be asked without `{option}`; ask it alone, as in "
        f"result.test({test!r}, window, {option}=...)."
    )


def no_such_group(column: object, known: Sequence[object]) -> OptionError:
    return OptionError(
        f"The events have no column {column!r}; they have {listed(known, 8)}."
        + did_you_mean(str(column), known)
    )


def bad_mask(got: int, need: int) -> OptionError:
    return OptionError(
        f"The mask has {got} entries for {need} events; give one truth value an event, "
        f"in the order of result.events or with its index."
    )


def labels_of_other_events(got: int, need: int) -> OptionError:
    return OptionError(
        f"{got} labels came for {need} events; give one label an event, in the order of "
        f"result.events, or the name of a column."
    )


def mask_not_truth(kind: str) -> OptionError:
    return OptionError(
        f"The mask holds {kind} values; give one truth value an event, as in "
        f"result.where(result.events['usd'] > 1e9)."
    )


def no_such_part(group: object, known: Sequence[object]) -> OptionError:
    return OptionError(
        f"There is no group {group!r}; the groups are {listed(known, 8)}."
        + did_you_mean(str(group), known)
    )


def bad_bins(bins: object, dtype: str) -> OptionError:
    return OptionError(
        f"bins={bins!r} cuts numbers into 2 or more groups, and the column is of type {dtype}; "
        f"leave bins out to group by value."
    )


def empty_selection() -> OptionError:
    return OptionError("The mask selects no event; choose at least one.")


def not_a_loader(value: object) -> LoaderError:
    return LoaderError(
        f"loader={value!r} cannot be called; give a loader such as es.loaders.sample or "
        f"es.loaders.csv(path), or a function of (tickers, start, end)."
    )


def load_without_series(source: str, causes: Mapping[str, str]) -> LoaderError:
    names = [f"{name} ({cause})" if cause else name for name, cause in causes.items()]
    return LoaderError(
        f"{source} gave no price of {listed(names)}, which the study needs as market or factor; "
        f"check the name."
    )


def load_without_start(loader: str) -> LoaderError:
    return LoaderError(f"{loader} gave no prices; check the tickers and the dates of the events.")
