"""The parts of a report about single events: heat map, CARs, timeline, dropped, estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventstudy.inference.folding import sums_of
from eventstudy.report import RETURNS, charts
from eventstudy.report.document import Block, Part, Table, Text, part_of, picture
from eventstudy.report.reasons import meaning
from eventstudy.report.summary import reasons_table
from eventstudy.result import drawn
from eventstudy.result.report_room import Room
from eventstudy.windows import Window

if TYPE_CHECKING:
    from eventstudy.result.result import Result

NOT_KEPT = (
    "Only sums over the events were kept (store='aggregate'): there is no number of a single event "
    "to show. A study with store='car' or 'full' has them."
)


def event_parts(result: Result, window: Window, room: Room) -> list[Part]:
    """Heat map, CARs, timeline and the dropped events, in the order of the report."""
    if sums_of(result.abnormal) is not None:
        missing = Part(title="Single events", name="events", blocks=[Text(text=NOT_KEPT)])
        return [missing, dropped_part(result, room)]
    return [
        heat_part(result),
        cars_part(result, window, room),
        timeline_part(result, room),
        dropped_part(result, room),
    ]


def one_event_parts(result: Result, window: Window) -> list[Part]:
    """Power, dollars and other news of the only event; nothing where there are several."""
    if len(result.events) > 1 or result.measure is not RETURNS:
        return []
    kept = sums_of(result.abnormal) is None
    if not kept or not np.isfinite(result.abnormal.car(window)).all():
        return []
    found = result.single(str(result.events.index[0]), window)
    return [part_of(found.page(), name="event")]


def heat_part(result: Result) -> Part:
    """Abnormal numbers of every event and day."""
    labels = drawn.timeline(result)[["ticker", "day0"]]
    drawing = picture(lambda: charts.heat_chart(result.ar, labels, result.measure))
    return Part(title="Events × days", name="days", blocks=[drawing])


def cars_part(result: Result, window: Window, room: Room) -> Part:
    """Each event's CAR over the leading window, sorted, with its interval."""
    cars = drawn.cars(result, window)
    listed = cars.sort_values("estimate", ascending=False, kind="stable")
    title = f"CAR {window.label} of each event, largest first"
    numbers = dict.fromkeys(("estimate", "low", "high"), result.measure.number)
    blocks: list[Block] = [
        picture(lambda: charts.cars_chart(cars, window.label, result.measure)),
        Table(frame=listed, title=title, folded=True, rows=room.listed, formats=numbers),
    ]
    return Part(title=f"Each event, {window.label}", name="cars", blocks=blocks)


def timeline_part(result: Result, room: Room) -> Part:
    """When the events lie, which share a date, and whose windows overlap."""
    timeline = drawn.timeline(result)
    dates, chains = timeline["day0"].nunique(), timeline["cluster"].nunique()
    told = f"{_many(len(timeline), 'event')} on {_many(dates, 'date')}"
    if chains < len(timeline):
        told += (
            f", whose event windows form {_many(chains, 'cluster')}: events of one cluster share "
            f"days, so they are not independent observations"
        )
    blocks: list[Block] = [
        Text(text=f"{told}."),
        picture(lambda: charts.timeline_chart(timeline)),
        Table(frame=timeline, title="Dates of each event", folded=True, rows=room.listed),
    ]
    return Part(title="Timeline", name="timeline", blocks=blocks)


def dropped_part(result: Result, room: Room) -> Part:
    """Events that are not in the study, and why."""
    gone = result.dropped
    if not len(gone):
        none: list[Block] = [Text(text="No event was dropped.")]
        return Part(title="Dropped events", name="dropped", blocks=none)
    counted = reasons_table(gone)
    counted.insert(1, "meaning", [meaning(reason) for reason in counted.index])
    blocks: list[Block] = [
        Table(frame=counted, title="Dropped events by reason"),
        Table(
            frame=gone, title=f"Every dropped event ({len(gone):,})", folded=True, rows=room.listed
        ),
    ]
    return Part(title="Dropped events", name="dropped", blocks=blocks)


def estimate_parts(result: Result, room: Room) -> list[Part]:
    """What the model estimated for each event; nothing where events were not kept."""
    if sums_of(result.abnormal) is not None:
        return []
    n = len(result.events)
    said = f"The table has the first {room.estimates:,} of {n:,} events; result.estimates has all."
    table = Table(
        frame=result.estimates.round({"r2": 6}),  # 1e-16 is none
        formats=result.measure.formats,
        title=f"Estimates of {_many(n, 'event')}",
        folded=n > 1,
        rows=room.estimates,
        note=said if n > room.estimates else "",
    )
    return [Part(title="Estimates", name="estimates", blocks=[table])]


def _many(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
