"""Filings as events: on the day and in the session in which they were accepted."""

from __future__ import annotations

import pandas as pd

from eventstudy.arrays import BoolArray
from eventstudy.events import check_events
from eventstudy.sources._edgar_asked import Wanted
from eventstudy.sources._edgar_clock import (
    NEW_YORK,
    UTC,
    ZONE,
    clock_of,
    impossible,
    local_times,
    moments,
)
from eventstudy.sources._edgar_list import Filer

_ARCHIVE = "https://www.sec.gov/Archives/edgar/data"
#: columns of an event, after ticker, date and session
_OTHERS = [
    "accession",
    "form",
    "items",
    "accepted",
    "filed",
    "company",
    "description",
    "cik",
    "document",
]


def placed(each: Filer, ticker: str, wanted: Wanted) -> tuple[pd.DataFrame, str]:
    """Events of one filer, the oldest first, and its clock."""
    clock = clock_of(each.filings).name
    table = wanted.chosen(each.filings).reset_index(drop=True)
    if table.empty:
        return table, clock
    first = _under(clock or UTC, table, wanted.calendar)
    if clock:
        doubt = impossible(table, local_times(table["written"], clock))
    else:
        doubt = _differ(first, _under(NEW_YORK, table, wanted.calendar))
    unsure = doubt | table["written"].isna().to_numpy(dtype=bool)
    table["ticker"], table["company"], table["cik"] = ticker, each.company, str(each.cik)
    # the SEC may set the date of a filing back: nobody knew it before it was accepted
    bears = table["filed"].where(table["filed"] >= first["date"], first["date"])
    table["date"] = first["date"].where(~unsure, bears)
    table["session"] = first["session"].where(~unsure, "unknown")
    table["accepted"] = moments(table["written"], clock or UTC).where(~unsure & bool(clock))
    folder = f"{_ARCHIVE}/{each.cik}/" + table["accession"].str.replace("-", "", regex=False)
    table["document"] = (folder + "/" + table["document"]).where(table["document"] != "", folder)
    inside = pd.Series(data=True, index=table.index)
    if wanted.since is not None:
        inside &= table["date"] >= wanted.since
    if wanted.until is not None:
        inside &= table["date"] <= wanted.until
    order = table["written"].fillna(table["filed"])[inside].sort_values(kind="stable").index
    return table.loc[order, ["ticker", "date", "session", *_OTHERS]], clock


def _under(clock: str, table: pd.DataFrame, calendar: str | None) -> pd.DataFrame:
    """Day and session of each filing by one clock; without a calendar the day alone."""
    noon = (table["filed"] + pd.Timedelta(hours=12)).dt.tz_localize(ZONE).dt.tz_convert("UTC")
    times = moments(table["written"], clock).fillna(noon)
    if calendar is None:
        days = times.dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize()
        return pd.DataFrame({"date": days, "session": "unknown"})
    events = check_events(pd.DataFrame({"ticker": "?", "date": times}), calendar)
    return events[["date", "session"]].reset_index(drop=True)


def _differ(one: pd.DataFrame, other: pd.DataFrame) -> BoolArray:
    differ = (one["date"] != other["date"]) | (one["session"] != other["session"])
    return differ.to_numpy(dtype=bool)
