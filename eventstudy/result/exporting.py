"""A result as files: a workbook of all its tables, or a CSV file a table."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd

from eventstudy.inference.folding import sums_of
from eventstudy.report.exports import PERCENT, PLAIN, Sheet, csv_text, saved, write_workbook
from eventstudy.report.exports.files import folder
from eventstudy.report.exports.study_pages import sheets_of
from eventstudy.result import findings
from eventstudy.windows import Window

if TYPE_CHECKING:
    from eventstudy.result.result import Result

PathLike: TypeAlias = str | os.PathLike[str]
#: tables that need each event, not only sums over all of them
_OF_EVENTS = ("car", "ar", "estimates")
#: tables whose columns may be the user's own: nothing is known of their units
_OWN = ("events", "dropped")


def tables_of(result: Result, windows: list[Window]) -> dict[str, pd.DataFrame]:
    """Name → table, in the order of a workbook; without those that the result cannot give."""
    makers: dict[str, Callable[[], pd.DataFrame]] = {
        "caar": lambda: result.caar(*windows),
        "tests": lambda: result.tests(*windows),
        "car": lambda: result.car(*windows),
        "aar": lambda: result.aar,
        "ar": lambda: result.ar,
        "estimates": lambda: result.estimates,
        "events": lambda: result.events,
        "dropped": lambda: result.dropped,
    }
    missing = _OF_EVENTS if sums_of(result.abnormal) is not None else ()
    return {name: make() for name, make in makers.items() if name not in missing}


def workbook(result: Result, path: PathLike, windows: list[Window]) -> Path:
    """Write the summary, all tables and the provenance into one workbook."""
    share = PLAIN if result.measure.formats else PERCENT
    summary, *further = sheets_of(findings.summary(result, windows))
    tables = tables_of(result, windows)
    gone = [name for name in _OF_EVENTS if name not in tables]
    if gone:
        said = f"{', '.join(gone)}: only sums over the events were kept (store='aggregate')"
        lines = pd.concat([summary.frame, pd.DataFrame([("Not here", said)])], ignore_index=True)
        summary = Sheet(name="summary", frame=lines, titled=False)
    others = [sheet for sheet in further if sheet.name not in {"caar", "tests", "dropped"}]
    sheets = [
        Sheet(name=name, frame=table, share="" if name in _OWN else share)
        for name, table in tables.items()
    ]
    record = pd.DataFrame(list(_told(result.provenance)), columns=["what", "value"])
    return write_workbook(
        path, [summary, *sheets[:1], *others, *sheets[1:], Sheet(name="provenance", frame=record)]
    )


def files(
    result: Result, where: PathLike, windows: list[Window], *, formula_safe: bool
) -> list[Path]:
    """Write each table into a CSV file of its name."""
    place = folder(where)
    written = []
    for name, table in tables_of(result, windows).items():
        text = csv_text(table, formula_safe=formula_safe)
        saved(text.rstrip("\n"), place / f"{name}.csv", f"{name}.csv")
        written.append(place / f"{name}.csv")
    return written


def _told(record: dict[str, object], before: str = "") -> list[tuple[str, object]]:
    """One line for each value of a nested record."""
    lines: list[tuple[str, object]] = []
    for key, value in record.items():
        name = f"{before}{key}"
        lines += _told(value, f"{name}: ") if isinstance(value, dict) else [(name, value)]
    return lines
