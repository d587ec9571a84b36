"""A result in one line: what `repr` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.inference.folding import sums_of
from eventstudy.one_line import about, many, short
from eventstudy.report.cells import pvalue
from eventstudy.result.tables import answer
from eventstudy.windows import Window, usual_windows

if TYPE_CHECKING:
    from eventstudy.result.result import Result

#: events beyond which a test takes longer than the eye waits
_QUICK = 10_000


def brief(result: Result) -> str:
    """The design, the sample and, where it is quick, the leading answer."""
    sums = sums_of(result.abnormal)
    dates = len(np.unique(result.abnormal.row) if sums is None else sums.dates)
    return about(
        result,
        short(type(result.study.model).__name__),
        f"{many(len(result.events), 'event')} on {many(dates, 'date')}",
        result.abnormal.window.label,
        _leading(result) if len(result.events) <= _QUICK else "",
    )


def _leading(result: Result) -> str:
    """CAAR and p-value of day 0, or of the event window where that has no day 0."""
    window = usual_windows(result.abnormal.window)[0]
    if window not in _at_hand(result.abnormal, window):
        return ""
    found = answer(result.abnormal, window)
    if not np.isfinite(found.estimate):
        return ""
    said = f"CAAR {window.label} {result.measure.number(found.estimate)}"
    if not np.isfinite(found.lead.pvalue):
        return said
    return f"{said}, p {pvalue(found.lead.pvalue, 2)} ({found.lead.name})"


def _at_hand(abnormal: Abnormal, window: Window) -> tuple[Window, ...]:
    """The windows that are answered without measuring events again."""
    sums = sums_of(abnormal)
    if sums is not None:
        return sums.windows
    return (window,) if abnormal.kept is None else abnormal.kept.windows
