"""Sentences about tables that are written to files, and studies set side by side."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.errors.kinds import OptionError, WindowError
from eventstudy.errors.wording import kind_of, listed


def export_path_unreadable(path: object, example: str) -> OptionError:
    return OptionError(f"path={path!r} is no path; name the file to write, such as {example!r}.")


def export_suffix(path: object, suffix: str) -> OptionError:
    return OptionError(f"{str(path)!r} does not end in {suffix}; name a file that does.")


def export_into_folder(path: object, example: str) -> OptionError:
    return OptionError(f"{str(path)!r} is a folder; name a file in it, such as {example!r}.")


def export_not_written(path: object, reason: object) -> OptionError:
    return OptionError(f"{str(path)!r} cannot be written ({reason}); name another place.")


def excel_needs_xlsxwriter() -> OptionError:
    return OptionError("Excel files need the package `xlsxwriter`; run pip install xlsxwriter.")


def excel_too_wide(sheet: str, columns: int, most: int) -> OptionError:
    return OptionError(
        f"The sheet {sheet!r} would have {columns:,} columns, Excel holds {most:,}; write this "
        f"table with to_csv."
    )


def nothing_beside() -> OptionError:
    return OptionError("etable got no study; give it results, as in es.etable([first, second]).")


def not_beside(thing: object) -> OptionError:
    return OptionError(
        f"etable got {kind_of(thing)}; give it a list of results, or a mapping of names "
        f"to results, such as result.by(...)."
    )


def no_study_beside(name: object, thing: object) -> OptionError:
    return OptionError(
        f"Column {name!r} is {kind_of(thing)}; etable sets results of study.run, or "
        f"regressions of result.explain, side by side."
    )


def mixed_beside() -> OptionError:
    return OptionError(
        "Results and regressions cannot stand in one table; make one etable of each kind."
    )


def measures_beside(nouns: Sequence[str]) -> OptionError:
    return OptionError(
        f"The studies measure different things ({listed(nouns)}); make one etable of each."
    )


def names_beside(names: int, studies: int) -> OptionError:
    return OptionError(
        f"names has {names} entries and there are {studies} studies; give one name a study."
    )


def name_twice_beside(name: object) -> OptionError:
    return OptionError(f"Two studies are called {name!r}; give each a name of its own.")


def window_outside_beside(window: object, name: object, event_window: object) -> WindowError:
    return WindowError(
        f"Window {window} does not lie in the event window {event_window} of study {name!r}; "
        f"ask for windows that all studies have."
    )


def no_common_window() -> WindowError:
    return WindowError("The studies' event windows share no day; no window is in all of them.")


def windows_of_regressions() -> OptionError:
    return OptionError(
        "windows is for results; a regression has the window that explain was asked for."
    )
