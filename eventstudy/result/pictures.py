"""The pictures of single events: what is drawn, under which title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from eventstudy.report import draw_cars, draw_days, draw_timeline
from eventstudy.result import drawn, tables
from eventstudy.windows import Window

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from eventstudy.result.result import Result


def plot_cars(result: Result, window: Window, ax: Axes | None, title: str | None) -> Axes:
    """Each event's CAR, sorted, and the mean with its valid interval."""
    table = drawn.cars(result, window)
    found = tables.answer(result.abnormal, window)
    mean = (found.estimate, *found.interval.ci)
    noun = result.measure.noun
    return draw_cars(
        table,
        ax=ax,
        title=title or f"{noun[:1].upper()}{noun[1:]} {window.label}, each event",
        source=result.source or None,
        mean=mean if found.n > 1 else (float("nan"),) * 3,
        measure=result.measure,
    )


def plot_heatmap(result: Result, ax: Axes | None, title: str | None) -> Axes:
    """Events × days."""
    labels = drawn.timeline(result)[["ticker", "day0"]]
    noun = result.measure.noun
    return draw_days(
        result.ar,
        labels,
        ax=ax,
        title=title or f"{noun[:1].upper()}{noun[1:]} of each event and day",
        source=result.source or None,
        measure=result.measure,
    )


def plot_timeline(result: Result, ax: Axes | None, title: str | None) -> Axes:
    """Tickers × dates."""
    heading = title or f"The events and their windows {result.abnormal.window.label}"
    table = drawn.timeline(result)
    return draw_timeline(table, ax=ax, title=heading, source=result.source or None)


def plot_vary(
    result: Result,
    choices: Mapping[str, Sequence[Any] | None],
    ax: Axes | None,
    title: str | None,
) -> Axes:
    """The specification curve of the events that the study was given."""
    curve = result.study.vary(**choices).run(given(result), result.panel, draws=0)
    found: Axes = curve.plot(ax, title=title)
    return found


def given(result: Result) -> pd.DataFrame:
    """The events as the study was given them: the kept ones and then the dropped ones.

    Another choice may keep other events. Of a part (`Result.where`) nobody knows which dropped
    events would belong to it: there the kept ones are all.
    """
    columns = ["ticker", "date", "session"]
    if result.part or result.dropped.empty:
        return result.events[columns]
    return pd.concat([result.events[columns], result.dropped[columns]])
