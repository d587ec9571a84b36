"""What a study is given: the arrays that its engine sees, and where the true events lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from eventstudy.align import inputs, place
from eventstudy.arrays import Inputs, IntArray
from eventstudy.panel import Panel

if TYPE_CHECKING:
    from eventstudy.study import EventStudy


def seen_by(
    study: EventStudy, events: pd.DataFrame, panel: Panel
) -> tuple[Inputs, tuple[IntArray, IntArray]]:
    """What the engine sees, and firm and row of all true events: the unusable ones too.

    ``events`` have been checked (`eventstudy.events.check_events`).
    """
    placed = place(events, panel, study.windows, study.timing).placement
    seen = inputs(study.model, panel, placed, study.windows, exclude=study.exclude_other_events)
    return seen, (placed.firm, placed.row)
