"""Sentences about factors of the Kenneth French library."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.errors.kinds import LoaderError, OptionError
from eventstudy.errors.wording import listed


def folder_without_french(path: object) -> LoaderError:
    return LoaderError(
        f"The folder {str(path)!r} holds no CSV or zip; put files of the Kenneth French library "
        f"there."
    )


def archive_unusable(name: object, why: str) -> LoaderError:
    return LoaderError(
        f"The file {str(name)!r} cannot be unpacked ({why}); download it again.", "bad_answer"
    )


def french_no_factors(name: str) -> LoaderError:
    return LoaderError(
        f"No line of {name!r} names factors such as Mkt-RF, SMB or Mom; give a CSV or zip of the "
        f"Kenneth French library.",
        "bad_answer",
    )


def french_no_rows(name: str) -> LoaderError:
    return LoaderError(
        f"No row of numbers follows the names of the factors in {name!r}; download it again.",
        "bad_answer",
    )


def french_row(name: str, row: str, why: str) -> LoaderError:
    shown = " ".join(row.split())
    shown = shown if len(shown) <= 60 else f"{shown[:60]}…"
    return LoaderError(
        f"The row {shown!r} of {name!r} {why}; download the file again.", "bad_answer"
    )


def french_fractions(name: str, frequency: str, median: float) -> LoaderError:
    return LoaderError(
        f"Half of the {frequency} factors in {name!r} are below {median:.2g}, so they are "
        f"fractions already; give the library's own file, in percent, or the table itself to the "
        f"Panel."
    )


def french_frequency(name: str, found: str, asked: str) -> LoaderError:
    instead = (
        "give the daily or the monthly file"
        if found == "weekly"
        else f"say frequency={found!r}, or give the other file"
    )
    return LoaderError(
        f"{name!r} holds {found} factors and frequency={asked!r} was asked; {instead}."
    )


def french_two_smb() -> OptionError:
    return OptionError(
        "sets names '3' and '5', which have an SMB each; choose one of them, and read the other "
        "in a call of its own."
    )


def french_set_absent(name: str, columns: Sequence[str], files: Sequence[str]) -> LoaderError:
    seen = f"in none of {listed(files)}" if files else "in no file"
    return LoaderError(
        f"The set {name!r} ({', '.join(columns)}) is {seen} in this frequency; give its file too, "
        f"or leave it out of `sets`."
    )


def french_set_twice(name: str, files: Sequence[str]) -> LoaderError:
    return LoaderError(f"The set {name!r} is in {' and in '.join(files)}; give one of them.")
