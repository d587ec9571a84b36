"""The events of night and day: which of them all three results hold, when their news came."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from eventstudy.result import Result

#: when the news came, as seen from day 0
HOURS = ("out of hours", "intraday", "unknown", "later")


def all_dropped(whole: pd.DataFrame, **halves: pd.DataFrame) -> pd.DataFrame:
    """Events that one of the three lost; what the whole says of an event stands first."""
    found = whole
    for name, lost in halves.items():
        more = lost[~lost.index.isin(found.index)]
        if len(more):
            found = pd.concat([found, more.assign(detail=f"{name}: " + more["detail"])])
    return found


def without(result: Result, dropped: pd.DataFrame) -> Result:
    """The result without the events that another half lost."""
    keep = ~result.events.index.isin(dropped.index)
    kept = result if keep.all() else result.where(keep)
    return replace(kept, dropped=dropped)


def hours_of(result: Result) -> pd.Series[str]:
    """When the news of each event came, as seen from day 0."""
    events = result.events
    date = events["date"].to_numpy().astype("datetime64[D]")
    day0, session = result.panel.sessions[result.abnormal.row], events["session"].to_numpy()
    # news of a weekend is known on Monday whatever its hour
    early = (day0 > date) | ((day0 == date) & (session == "before_open"))
    late = (day0 < date) | ((day0 == date) & (session == "after_close"))
    out, within, unknown, later = HOURS
    found = np.select([early, late, session == "intraday"], [out, later, within], unknown)
    return pd.Series(found, index=events.index, name="hours", dtype="str")
