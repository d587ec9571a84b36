"""The words of night and day: who is meant, the sentence, the page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from eventstudy.inference import valid
from eventstudy.panel.provenance import told
from eventstudy.report import Page, beyond, percent
from eventstudy.report.cells import count, pvalue
from eventstudy.report.names import joined, name_of_test, when
from eventstudy.report.summary import reasons_table, windows_table
from eventstudy.report.tables import Formats
from eventstudy.result.findings import factor_names, model_name
from eventstudy.windows import Window

if TYPE_CHECKING:
    from eventstudy.activity.night_and_day import NightAndDay

#: a share of a move is told where the move is significant; 1 − the level of the intervals
LEVEL = 0.05
#: what each kind of hour is called in a text
NEWS = {
    "out of hours": "out of hours",
    "intraday": "during the session",
    "unknown": "of unknown hour",
    "later": "after the close of day 0",
}


def sentence(found: NightAndDay, window: Window) -> str:
    """One or two sentences: the move, its part in the opening price, and the rest."""
    table = found.caar(window).droplevel("window")
    night, day, whole = table["estimate"]
    firms = found.whole.events["ticker"].unique()
    if not all(map(math.isfinite, (night, day, whole))):
        return f"{when(window)} no event has an open, a close and a return on every day."
    places = 1 if table["estimate"].abs().max() >= 0.02 else 2
    who = str(firms[0]) if len(firms) == 1 else f"the {count(len(firms))} firms"
    n = len(found)
    mean = "" if n == 1 else " on average" + (f" over {count(n)} events" if n > len(firms) else "")
    model = type(found.whole.study.model).__name__
    about = beyond(model, factor_names(found.whole), len(firms))
    moved = f"{when(window)} {who} moved by {percent(whole, places)}{mean} {about}".rstrip()
    at_night = f"{percent(night, places)} ({_proof(table, 'night', places)})"
    by_day = f"{percent(day, places)} ({_proof(table, 'day', places)})"
    if window == Window(0, 0) and (found.hours == "out of hours").all():
        return (
            f"{moved}: {at_night} was in the opening price, and {by_day} came between open and "
            f"close, which is all that a trade at the open could have earned."
        )
    return f"{moved}: {at_night} came overnight, and {by_day} between open and close."


def _proof(table: pd.DataFrame, half: str, places: int) -> str:
    """Interval and p of one half; where they say different things, which test the p is of."""
    low, high, p = (float(table[name][half]) for name in ("ci_low", "ci_high", "pvalue"))
    known = math.isfinite(low) and math.isfinite(high)
    parts = [f"95 % interval {percent(low, places)} to {percent(high, places)}"] if known else []
    if math.isfinite(p):
        said = pvalue(p, 2 if p >= 0.1 else 3)
        parts.append(f"p < {said[1:]}" if said.startswith("<") else f"p = {said}")
        if known and (p <= LEVEL) == (low <= 0 <= high):
            parts.append(name_of_test(str(table["test"][half])))
    return ", ".join(parts) or "no valid test"


def who(found: NightAndDay) -> str:
    """``24 events with news out of hours``."""
    kinds = found.hours.unique()
    n = f"{count(len(found))} event{'s' if len(found) > 1 else ''}"
    return f"{n} with news {NEWS[kinds[0]]}" if len(kinds) == 1 else n


def page(found: NightAndDay) -> Page:
    """The summary as a page."""
    result, lead = found.whole, found.lead
    first = found.windows[0]
    tables: list[tuple[str, pd.DataFrame, Formats]] = [
        (who(lead).capitalize(), windows_table(lead.table), {})
    ]
    for hours in found.hours.unique():
        part = found.where((found.hours == hours).to_numpy())
        if len(part) < len(found) and hours != lead.hours.iloc[0]:
            tables.append((who(part).capitalize(), windows_table(part.caar(first)), {}))
    if len(found.dropped):
        tables.append(("Dropped events", reasons_table(found.dropped), {}))
    counts = found.hours.value_counts()
    said = [f"{count(counts[kind])} {NEWS[kind]}" for kind in NEWS if kind in counts.index]
    return Page(
        title="Night and day",
        lead=found.sentence(),
        facts=[
            ("Model", model_name(result.study.model, result.panel)),
            (
                "Windows",
                f"estimation {result.study.windows.label}, event {result.abnormal.window.label}",
            ),
            ("Events", f"{count(len(found))} kept, {count(len(found.dropped))} dropped"),
            ("News", joined(said)),
            ("Returns", f"{result.abnormal.kind}; night: close to open, day: open to close"),
            ("Prices", told(result.panel)),
        ],
        tables=tables,
        notes=notes(found),
    )


def notes(found: NightAndDay) -> list[str]:
    """What the reader of the table has to know."""
    lead, first = found.lead, found.windows[0]
    night, day, whole = lead.means(first)
    why = "simple returns compound, and " if found.whole.abnormal.kind == "simple" else ""
    both = (
        f"Night and day add up to {percent(night + day)} over {first}, the whole is "
        f"{percent(whole)}: {why}each half has betas of its own."
    )
    share, proof = lead.share(), lead.caar(first)["pvalue"].iloc[2]
    if math.isfinite(share) and proof <= LEVEL:
        both += f" The night has {percent(share, 0).lstrip('+')} of the two."
    limit = valid(lead.whole.abnormal, first).limit
    said = [both, *filter(None, [limit]), *_hours(found), *(f"{text}." for text in _clocks(found))]
    if gone := len(lead) - len(lead.complete(first)):
        lack = "1 event lacks" if gone == 1 else f"{count(gone)} events lack"
        said.append(f"{lack} an open or a close on a day of {first}.")
    return said


def _hours(found: NightAndDay) -> list[str]:
    said = []
    if (found.hours == "unknown").any():
        said.append(
            "News of unknown hour counts as news of the day itself: the night of day 0 may lie "
            "before it."
        )
    if (found.hours == "intraday").any():
        said.append("News of the session came after the night of day 0.")
    return said


def _clocks(found: NightAndDay) -> list[str]:
    return [
        f"{name} trades around the clock: its night is empty and its day holds both, so that "
        f"night and day of the firms are beyond other hours of it; a fund such as IBIT has both"
        for name in found.clocks
    ]
