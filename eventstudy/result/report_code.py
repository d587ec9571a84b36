"""What a reader needs to get the numbers of a report again: the code, and the events as a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from eventstudy.inference.folding import sums_of
from eventstudy.one_line import spelled
from eventstudy.panel import Panel
from eventstudy.report import RETURNS
from eventstudy.report.document import Block, Download, Text
from eventstudy.report.exports import csv_text
from eventstudy.result.report_room import Room
from eventstudy.windows import Window

if TYPE_CHECKING:
    from eventstudy.result.result import Result

#: how the loader of a source is written
LOADERS = {"simulated prices": "es.loaders.sample", "Yahoo Finance": "es.loaders.yahoo"}
#: columns of the events that a study needs
NEEDED = ("ticker", "date", "session", "scheduled")
#: columns of a line of code
WIDE = 88
#: where the file lacks events that changed the estimates
LARGER = (
    "# These are some events of a larger study, whose other events took estimation days away.\n"
    "# For the same numbers run the study on all of its events, then result.where(...)."
)

#: where the study has an object that cannot be written, as `one_line.spelled` marks it
OWN = "# What stands between < and > is not of eventstudy: put your own object there."
_FOREIGN = re.compile(r"(?<!['\"])<\w+>")


def code(result: Result, windows: list[Window]) -> str:
    """Python that runs the study again, on the events of the file in the page."""
    study = spelled(result.study, prefix="es.")
    if result.measure is not RETURNS:  # its panel was derived from another
        return "\n".join(
            [
                "import eventstudy as es",
                "",
                'events = es.read_events("events.csv")  # the file below',
                f"study = {study}  # for a function of es.activity",
                "# it takes events, a panel with the fields that it measures, and the study",
            ]
        )
    asked = ", ".join(f"({w.first}, {w.last})" for w in windows)
    kept = "" if sums_of(result.abnormal) is None else f', store="aggregate", windows=[{asked}]'
    mark = result.panel.fingerprint[:16]
    return "\n".join(
        [
            "import eventstudy as es",
            "",
            'events = es.read_events("events.csv")  # the file below',
            *([LARGER] if result.part and result.study.exclude_other_events else []),
            *([OWN] if _FOREIGN.search(study) else []),
            f"study = {study}",
            *_panel(result.panel),
            f'assert panel.fingerprint.startswith("{mark}")  # the same prices',
            f"result = study.run(events, panel{kept})",
            f"print(result.summary({asked}))",
        ]
    )


def _panel(panel: Panel) -> list[str]:
    """Load the panel again where its source can be asked, else open what was saved."""
    loader = next((how for name, how in LOADERS.items() if panel.source.startswith(name)), None)
    if loader is None or not _as_loaded(panel):
        return ['panel = es.Panel.open("prices")  # kept with result.panel.save("prices")']
    first, last = panel.sessions[[0, -1]].astype(str)
    options = [f"market={panel.market!r}"] * (panel.market is not None)
    options += [f"kind={panel.kind!r}"] * (panel.kind != "simple")
    return [
        f"tickers = {_listed(panel.tickers)}",
        f'prices = {loader}(tickers, "{first}", "{last}")',
        f"panel = es.Panel.from_prices({', '.join(['prices', *options])})",
    ]


def _as_loaded(panel: Panel) -> bool:
    """Whether the panel is what its loader gives: no series made by hand, nothing taken away."""
    loaded = {*panel.tickers, *panel.factor_names} <= set(panel.provenance.report)
    plain = panel.masked is None and panel.risk_free is None and not panel.fields
    return loaded and plain and not panel.factor_names


def _listed(names: Sequence[str]) -> str:
    """A list of names, broken into lines where it is long."""
    inside = ", ".join(map(repr, names))
    if len(inside) <= WIDE:
        return f"[{inside}]"
    lines = [""]
    for name in map(repr, names):  # never inside a name, which may hold a space
        if lines[-1] and len(lines[-1]) + len(name) + 2 > WIDE:
            lines.append("")
        lines[-1] += f"{' ' if lines[-1] else ''}{name},"
    return "\n    ".join(["[", *lines]) + "\n]"


def events_file(result: Result, room: Room) -> list[Block]:
    """The events as a file in the page, the dropped ones among them; too long a file stays out."""
    events = pd.concat([result.events, result.dropped[list(result.dropped.columns[:3])]])
    whole, needed = (csv_text(events[columns]) for columns in (events.columns, _needed(events)))
    note = "All events; of those that were dropped, ticker, date and session."
    if len(whole) <= room.file:
        return [Download(name="events.csv", text=whole, note=note)]
    if len(needed) <= room.file:
        note = "All events with the columns that a study needs; the others are too long for a page."
        return [Download(name="events.csv", text=needed, note=note)]
    said = f"The file of the {len(events):,} events is too long for a page; result.events has them."
    return [Text(text=said, tone="quiet")]


def _needed(events: pd.DataFrame) -> list[str]:
    return [name for name in NEEDED if name in events.columns]
