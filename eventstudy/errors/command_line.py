"""Sentences about the command line, in the words of its options."""

from __future__ import annotations

from collections.abc import Iterable

from eventstudy.errors.kinds import EventStudyError, LoaderError, ModelError, OptionError
from eventstudy.errors.wording import did_you_mean, listed


def no_such_prices(source: str) -> LoaderError:
    return LoaderError(
        f"--prices {source}: there is no such file or folder; give a CSV or Parquet file of "
        f"prices, `yahoo`, or `sample` for simulated ones."
    )


def no_such_command(word: str, known: Iterable[str]) -> OptionError:
    commands = list(known)
    return OptionError(
        f"{word!r} is no command; there are {', '.join(commands)}.{did_you_mean(word, commands)}"
    )


def no_such_option(option: str, command: str, known: Iterable[str]) -> OptionError:
    return OptionError(
        f"`eventstudy {command}` has no option {option}.{did_you_mean(option, known)} "
        f"`eventstudy {command} --help` lists all."
    )


def offline_without_cache() -> OptionError:
    return OptionError(
        "--offline uses prices that were kept, and none are kept here; name their folder with "
        "--cache DIR."
    )


def nothing_kept_in(folder: object, why: object) -> str:
    """No error: what is printed where the user's cache folder cannot be used."""
    return (
        f"The prices are fetched and not kept, because {str(folder)!r} cannot be used ({why}); "
        f"name a folder with --cache DIR, or say --no-cache."
    )


def nothing_kept(absent: Iterable[object]) -> str:
    """No error: what is printed where prices cannot be kept."""
    packages = list(map(str, absent))
    return (
        f"The prices are fetched and not kept, because a cache needs {listed(packages)}; run "
        f"pip install {' '.join(packages)}, or say --no-cache."
    )


def one_window_only(n: int) -> OptionError:
    return OptionError(f"`preview` looks at one window and --car names {n}; give one of them.")


def no_such_file(option: str, path: str) -> EventStudyError:
    return EventStudyError(f"{option} {path}: there is no such file; check the path.")


def path_unusable(path: object, reason: object) -> EventStudyError:
    return EventStudyError(f"{path} cannot be used ({reason}); name another file or folder.")


def events_left_out() -> EventStudyError:
    return EventStudyError(
        "--events is needed with prices of your own; only `--prices sample` brings events."
    )


def model_without_market(model: str) -> ModelError:
    return ModelError(f"{model} needs a market; name its ticker, as in --market SPY.")


def model_without_factors() -> ModelError:
    return ModelError(
        "--model FactorModel needs `--factors`, as in --factors SPY,IBIT; in --models write "
        "FactorModel:SPY+IBIT."
    )


def model_without_donors(model: str) -> ModelError:
    return ModelError(
        f"--model {model} needs donors, tickers without events, as `--factors`: --factors A,B,C."
    )


def model_needs_python(model: str) -> ModelError:
    return ModelError(
        f"--model {model} needs a benchmark for each ticker, which the command line cannot say; "
        f"use es.{model}(...) in Python."
    )


def factors_without_use(model: str) -> ModelError:
    return ModelError(
        f"--factors goes with models that take names, such as FactorModel, not with {model}, "
        f"whose factors are fixed."
    )
