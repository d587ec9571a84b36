"""No look-ahead: when the market can know of an event, and what a rule may not know before.

Everything here goes by calendar dates, not by event days: whatever day 0 a timing gives to an
event, a position is opened on a session, and the news was public by then or it was not.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import BoolArray, DateArray, Placement
from eventstudy.backtest.moments import Moment
from eventstudy.backtest.rule import Rule
from eventstudy.events import Checked, check_events, checked, effective_days
from eventstudy.panel import Panel
from eventstudy.study import EventStudy

#: columns, and remarks, by which a table that `detect` made is recognised
DETECTED, REMARKED = ("return", "expected", "ar", "sar", "pvalue_bh"), ("days", "by_chance")


# ── the announcement ─────────────────────────────────────────────────────────────────────
def as_announced(events: pd.DataFrame) -> tuple[Checked, tuple[str, ...]]:
    """Check the events, and take news of which the hour is not known for news after the close.

    An event that `detect` found counts as after the close whatever its session says, and was
    never scheduled: a move is known when its day is over.

    Returns
    -------
    tuple
        The checked table that is traded, and what was changed, one sentence each.
    """
    known = checked(events)
    table, notes = known.table, []
    unknown = (table["session"] == "unknown").to_numpy(bool)
    found = np.full(len(table), set(REMARKED) <= set(events.attrs))
    if set(DETECTED) <= set(table.columns):
        found |= table[list(DETECTED)].notna().any(axis=1).to_numpy(bool)
    unknown = unknown & ~found
    if not (unknown | found).any():
        return known, ()
    if unknown.any():
        notes.append(f"{_events(unknown)} without a known session: traded as news after the close.")
    if found.any():
        notes.append(f"{_events(found)} found by `detect`: traded as news after the close.")
    table = table.assign(
        session=table["session"].mask(unknown | found, "after_close"),
        scheduled=table["scheduled"] & ~found,
    )
    return Checked(table, known.tickers, effective_days(table)), tuple(notes)


def announced(
    enter: Moment, table: pd.DataFrame, effective: DateArray, entry: DateArray
) -> BoolArray:
    """(n,) whether the market can know of each event when its position is opened.

    Parameters
    ----------
    enter : Moment
        When the rule enters.
    table : DataFrame
        n checked events.
    effective : (n,) array of days
        First calendar day on which the market can know.
    entry : (n,) array of days
        Sessions of entry.
    """
    in_time: BoolArray = entry >= effective
    if enter.at_open:  # news of a session comes after its open, unless it is said to come before
        early = table["session"].isin(["before_open", "after_close"]).to_numpy(bool)
        in_time &= early | (entry > _days(table["date"]))
    return in_time


def known_at_entry(
    column: str, table: pd.DataFrame, public: BoolArray, enter: Moment, entry: DateArray
) -> BoolArray:
    """(n,) whether the values of a column are known when positions are opened.

    They are from the date in ``<column>_known`` on, and where there is none with the
    announcement: ``public`` says of each event whether it is out. A value dated on the day of the
    announcement came with it, and one dated on the session of entry came after its open.
    """
    name = f"{column}_known"
    if name not in table.columns:
        return public
    since = dates_of(name, table)
    with_news = np.isnat(since) | (since == _days(table["date"]))
    return np.where(with_news, public, since < entry if enter.at_open else since <= entry)


def refuse_early(rule: Rule, known: Checked, at: Placement, sessions: DateArray) -> None:
    """Refuse a rule that enters before unscheduled news, or by values that come later.

    Raises
    ------
    OptionError
        With the first such event, and how many there are.
    """
    enter, _ = rule.moments
    table, effective = known.table.iloc[at.event], known.effective[at.event]
    entry = np.asarray(sessions[at.row + enter.day])
    public = announced(enter, table, effective, entry)
    blind = ~public & ~table["scheduled"].to_numpy(bool)
    if blind.any():
        first = int(blind.argmax())
        raise errors.entry_before_news(
            str(table.index[first]),
            _told(table, first),
            f"{_part(enter)} of {entry[first]}",
            int(blind.sum()),
            len(table),
        )
    for option, column in rule.columns.items():
        if column not in table.columns:
            continue  # refused with the names of those there are, where it is read
        later = ~known_at_entry(column, table, public, enter, entry)
        later &= table[[column]].notna().any(axis=1).to_numpy(bool)
        if later.any():
            first = int(later.argmax())
            when = f"entered at {_part(enter)} of {entry[first]}, announced {_told(table, first)}"
            raise errors.value_before_known(
                option, column, str(table.index[first]), when, int(later.sum()), len(table)
            )


# ── the estimation ───────────────────────────────────────────────────────────────────────
def refuse_study(study: EventStudy | None, rule: Rule, panel: Panel) -> None:
    """Refuse a panel whose returns are not earned, and an estimation that is not over at entry.

    Raises
    ------
    EventStudyError
        With what to do instead.
    """
    if not isinstance(panel, Panel):
        raise errors.not_a_panel(type(panel).__name__)
    if panel.kind != "simple":
        raise errors.panel_of_logs()
    if study is None:
        return
    if not isinstance(study, EventStudy):
        raise errors.not_a_study(type(study).__name__)
    enter, _ = rule.moments
    models = [study.model] if rule.hedge is None else [study.model, rule.hedge]
    leads = max(int(getattr(model, "leads", 0)) for model in models)
    for interval in study.windows.intervals or (study.windows.estimation,):
        seen, need = interval.last + leads, enter.day - 1
        if seen > need:
            raise errors.estimation_after_entry(interval, seen, enter.words, need - leads)
    last, need = study.windows.estimation.last, enter.day + study.windows.event.first
    # news of the day of entry comes after its open, and a day 0 taken backward before its news
    need -= enter.at_open + (study.timing.roll == "backward")
    if study.exclude_other_events and last > need:
        raise errors.estimation_left_out_later(study.windows.event, last, enter.words, need)


# ── words and dates ──────────────────────────────────────────────────────────────────────
def _days(column: pd.Series) -> DateArray:
    return np.asarray(column.to_numpy().astype("datetime64[D]"))


def dates_of(name: str, table: pd.DataFrame) -> DateArray:
    """Dates of a column, read by the rules of the events' own; NaT where there is none."""
    column = table[name]
    if isinstance(column, pd.DataFrame):
        raise errors.events_column_twice(name)
    found = np.full(len(column), np.datetime64("NaT"), dtype="datetime64[D]")
    there = column.notna().to_numpy(bool)
    if there.any():
        dated = pd.DataFrame({"ticker": table["ticker"][there], "date": column[there]})
        try:
            found[there] = _days(check_events(dated)["date"])
        except errors.EventsError as error:
            raise errors.known_not_dates(name, error) from None
    return found


def _part(enter: Moment) -> str:
    return "the open" if enter.at_open else "the close"


def _told(table: pd.DataFrame, first: int) -> str:
    """``2026-02-25, after the close``."""
    session = str(table["session"].iloc[first])
    words = {"before_open": "before the open", "after_close": "after the close"}
    return f"{table['date'].iloc[first]:%Y-%m-%d}, {words.get(session, session)}"


def _events(which: BoolArray) -> str:
    count = int(which.sum())
    return f"{count:,} event{'s' if count > 1 else ''}"
