"""The report of a result: which parts it has, in which order, and the file they go to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eventstudy import errors
from eventstudy.inference.folding import sums_of
from eventstudy.report import Summary
from eventstudy.report.document import Document, Part, Parted, require, write
from eventstudy.result import report_answer, report_events, report_record
from eventstudy.result.report_room import Room
from eventstudy.windows import Window

if TYPE_CHECKING:
    from eventstudy.result.groups import Key
    from eventstudy.result.result import Result

#: what is needed of ``curve=`` and ``backtest=``
MAKERS = {
    "curve": "study.vary(...).run(events, panel)",
    "backtest": "es.Rule(...).run(events, panel)",
}
#: bytes that a report never exceeds by what it lists
MOST = 8_000_000
#: what is listed; the next one where a page became too large
ROOMS = (Room(5_000, 1_000, 1_000_000), Room(1_000, 500, 1_200_000), Room(200, 100, 0))
SIMULATED = "SIMULATED PRICES. Code made these numbers: they say nothing about any market."


@dataclass(frozen=True)
class Asked:
    """What the report shall show."""

    windows: list[Window]
    by: Key | None = None
    curve: object = None
    backtest: object = None
    title: str | None = None

    def __post_init__(self) -> None:
        for option, maker in MAKERS.items():
            value = getattr(self, option)
            if value is not None and (isinstance(value, type) or not isinstance(value, Parted)):
                raise errors.report_without_parts(option, value, maker)
        if self.title is not None and not isinstance(self.title, str):
            raise errors.report_title_unreadable(self.title)

    def brought(self, option: str) -> Sequence[Part]:
        """The parts that a curve or a backtest brings."""
        value = getattr(self, option)
        parts = value.parts() if isinstance(value, Parted) else ()
        if any(part.name != option for part in parts):
            raise errors.report_without_parts(option, value, MAKERS[option])
        return parts


def write_report(result: Result, path: str | os.PathLike[str], asked: Asked) -> Path:
    """Write the report to a file; its folder is made if it is not there.

    Raises
    ------
    OptionError
        If ``path`` is no file that can be written; nothing is computed then.
    """
    require()
    file = _file(path)
    text = page(result, asked)
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise errors.report_not_written(file, error.strerror or error) from None
    return file


def page(result: Result, asked: Asked) -> str:
    """The report as HTML, its tables shortened until it is no larger than `MOST`."""
    rooms = ROOMS if len(result.events) <= ROOMS[0].estimates else ROOMS[1:]
    for room in rooms:
        text = write(document(result, asked, room))
        if len(text.encode()) <= MOST:
            break
    return text


def _file(path: object) -> Path:
    """The file to write, refused before the work where it cannot be one."""
    if not isinstance(path, (str, os.PathLike)) or not str(path) or "\0" in str(path):
        raise errors.report_path_unreadable(path)
    file = Path(path)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.is_dir():
            raise errors.report_into_folder(file)
        there = file.exists()
        with file.open("a", encoding="utf-8"):
            pass
        if not there:
            file.unlink()  # nothing is left behind if the report cannot be made
    except OSError as error:
        raise errors.report_not_written(file, error.strerror or error) from None
    return file


def document(result: Result, asked: Asked, room: Room) -> Document:
    """Everything about a result, in the order in which it is read."""
    summary = result.summary(*asked.windows)
    tests = report_answer.asked_tests(result, summary, asked.windows)
    lead = asked.windows[0]
    groups = None if asked.by is None else result.by(asked.by)
    parts = [
        report_answer.answer_part(summary, groups, lead),
        report_answer.path_part(result, groups),
        *(
            []
            if sums_of(result.abnormal) is not None
            else [report_answer.bars_part(result, lead, room)]
        ),
        report_answer.tests_part(result, tests),
        *report_events.one_event_parts(result, lead),
        *asked.brought("curve"),
        *asked.brought("backtest"),
        *report_events.event_parts(result, lead, room),
        report_record.checks_part(result),
        *report_events.estimate_parts(result, room),
        report_record.method_part(result, asked.windows, tests),
        report_record.provenance_part(result, asked.windows, room),
    ]
    simulated = result.source.lower().startswith("simulated")
    return Document(
        title=asked.title or title_of(summary),
        lead=summary.sentence,
        facts=summary.facts.rows(),
        parts=parts,
        warning=SIMULATED if simulated else "",
    )


def title_of(summary: Summary) -> str:
    """What the report is called unless it is told: ``Event study: 13 events of 12 firms``."""
    facts = summary.facts
    events = f"{facts.kept:,} event{'s' if facts.kept != 1 else ''}"
    return f"{summary.title}: {events} of {facts.firms:,} firm{'s' if facts.firms != 1 else ''}"
