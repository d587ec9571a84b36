"""The parts of a report that answer: windows, path, bars, tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from eventstudy.inference.folding import sums_of
from eventstudy.report import Measure, Summary, cells, charts
from eventstudy.report.document import Block, Fold, Part, Points, Table, Text, picture
from eventstudy.report.summary import invalid_table, tests_table, windows_table
from eventstudy.report.tables import Formats
from eventstudy.result import findings, tables
from eventstudy.result.report_room import Room
from eventstudy.windows import Window

if TYPE_CHECKING:
    from eventstudy.result.groups import Groups
    from eventstudy.result.result import Result

#: groups whose paths are drawn, the largest ones; and tests of a window that stay open
GROUPS, LEADING = 8, 3
VALID = (
    "Which tests are valid was decided from the dates, the number of events and the length of the "
    "window, before any return of the event window was seen."
)
INVALID = (
    "These tests take for granted what the events do not keep. They stand here for comparison with "
    "other studies, not as evidence."
)
AGGREGATED = (
    "Only sums over the events were kept (store='aggregate'), so that tests which need every event "
    "give no number, and the parts about single tickers and events are missing."
)


def answer_part(summary: Summary, groups: Groups | None, window: Window) -> Part:
    """The CAAR of every window and group, what no test can tell, what the reader has to know."""
    title = f"Cumulative average {summary.measure.noun}"
    blocks: list[Block] = [Text(text=f"Limit: {summary.limit}", tone="loud")] * bool(summary.limit)
    for heading, frame in {title: summary.caar, **summary.others}.items():
        made = windows_table(frame, summary.measure)
        blocks.append(Table(frame=made, title=heading, formats=summary.measure.formats))
    if groups is not None:
        blocks.insert(1 + bool(summary.limit), _by_group(groups, window, summary.measure))
    blocks.append(Points(title="What to know", texts=summary.notes))
    return Part(title="The answer in numbers", name="answer", blocks=blocks)


def _by_group(groups: Groups, window: Window, measure: Measure) -> Table:
    """The answer for each group over the leading window: an average over kinds may be of none."""
    table = windows_table(groups.caar(window), measure).droplevel("window")
    return Table(frame=table, title=f"By group, {window.label}", formats=measure.formats)


def path_part(result: Result, groups: Groups | None) -> Part:
    """The CAAR day by day with its band; below it that of each group where groups are asked for."""
    measure, daily = result.measure, _daily(result)
    label = "all events" if len(result.events) > 1 else str(result.events.index[0])
    title = f"Day by day: average {measure.noun}, and its sum from the first day"
    blocks: list[Block] = [
        picture(lambda: charts.path_chart({label: daily}, measure)),
        Table(frame=_listed(result, daily), title=title, folded=True, formats=_as_said(measure)),
    ]
    if groups is not None:
        blocks += _paths(groups, measure)
    return Part(title="The path", name="path", blocks=blocks)


def _paths(groups: Groups, measure: Measure) -> list[Block]:
    """The paths of the largest groups."""
    largest = set(sorted(groups, key=lambda name: -len(groups[name].events))[:GROUPS])
    paths = {_group(name): _daily(part) for name, part in groups.items() if name in largest}
    left = len(groups) - len(paths)
    said = f"The picture shows the {GROUPS} largest of {len(groups):,} groups, the table above all."
    return [
        picture(lambda: charts.path_chart(paths, measure)),
        *([Text(text=said, tone="quiet")] if left else []),
    ]


def _group(name: object) -> str:
    """What a group is called: as in the table, where truth values are yes and no."""
    return cells.plain(name) if isinstance(name, bool) else str(name)


def _daily(result: Result) -> pd.DataFrame:
    """Event day → caar, low, high, n, and aar."""
    return result.path().assign(aar=result.aar["aar"])


def _listed(result: Result, daily: pd.DataFrame) -> pd.DataFrame:
    """The path as a table, with the p-value of each day."""
    return daily[["aar", "caar", "low", "high", "n"]].assign(pvalue=result.aar["pvalue"])


def _as_said(measure: Measure) -> dict[Any, Any]:
    columns = ("aar", "caar", "low", "high")
    return {**measure.formats, **dict.fromkeys(columns, measure.number)}


def bars_part(result: Result, window: Window, room: Room) -> Part:
    """Each ticker's mean over the leading window with its interval."""
    bars = findings.bars(result, window)
    found = tables.answer(result.abnormal, window)
    low, high = found.interval.ci
    mean = found.estimate if len(bars) > 1 else None
    noun = result.measure.noun
    numbers = dict.fromkeys(("estimate", "low", "high"), result.measure.number)
    listed = bars.drop(columns="flagged").rename(columns={"flag_note": "note"})
    title = f"{noun.capitalize()} {window.label} by ticker"
    blocks: list[Block] = [
        picture(lambda: charts.bars_chart(bars, mean, low, high, result.measure)),
        Table(frame=listed, title=title, folded=True, formats=numbers, rows=room.listed),
    ]
    return Part(title=f"Each ticker, {window.label}", name="tickers", blocks=blocks)


def asked_tests(result: Result, summary: Summary, windows: list[Window]) -> pd.DataFrame:
    """Tests of every window; ``leading`` marks the first valid ones, which stand open."""
    tests = pd.concat([summary.tests, *(result.tests(w) for w in windows[1:])], ignore_index=True)
    place = tests.groupby(["window", "valid"]).cumcount()
    return tests.assign(leading=tests["valid"].astype(bool) & (place < LEADING))


def tests_part(result: Result, tests: pd.DataFrame) -> Part:
    """Windows × tests: three leading ones open, the others folded, with the reason why not."""
    valid, first = tests["valid"].astype(bool), tests["leading"]
    tests = tests.drop(columns="leading")
    leading, others = tests[first], tests[valid & ~first]
    formats = result.measure.formats
    blocks: list[Block] = [Text(text=VALID)]
    for title, part, folded in (
        ("Leading valid tests", leading, False),
        (f"Other valid tests ({others['test'].nunique()})", others, True),
    ):
        if len(part):
            made = tests_table(part)
            blocks.append(Table(frame=made, title=title, folded=folded, formats=formats))
    if not valid.all():
        blocks.append(_not_valid(tests[~valid], formats))
    if sums_of(result.abnormal) is not None:
        blocks.append(Text(text=AGGREGATED, tone="quiet"))
    return Part(title="Tests", name="tests", blocks=blocks)


def _not_valid(tests: pd.DataFrame, formats: Formats) -> Fold:
    """Tests that are not valid, beside the reason that they share."""
    table = Table(frame=invalid_table(tests), title="Why each is not valid", formats=formats)
    title = f"Not valid here ({tests['test'].nunique()} tests), with the reason"
    return Fold(title=title, blocks=[Text(text=INVALID), table])
