"""Sentences about the report that is one HTML file."""

from __future__ import annotations

from eventstudy.errors.kinds import OptionError
from eventstudy.errors.wording import kind_of


def report_needs(package: str) -> OptionError:
    return OptionError(f"The report needs the package `{package}`; run pip install plotly jinja2.")


def report_path_unreadable(path: object) -> OptionError:
    return OptionError(f"path={path!r} is no path; name the file to write, such as 'report.html'.")


def report_into_folder(path: object) -> OptionError:
    return OptionError(f"{str(path)!r} is a folder; name a file in it, such as 'report.html'.")


def report_not_written(path: object, reason: object) -> OptionError:
    return OptionError(
        f"{str(path)!r} cannot be written ({reason}); name another file, or let this folder be "
        f"written to."
    )


def report_without_parts(option: str, value: object, maker: str) -> OptionError:
    return OptionError(
        f"{option} is {kind_of(value)}, which brings no such part to a report; give what "
        f"{maker} returns."
    )


def report_title_unreadable(title: object) -> OptionError:
    return OptionError(f"title={title!r} is no text; give a short heading, or leave it out.")
