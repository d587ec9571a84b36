"""The two data files of the catalogue."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import pandas as pd

from eventstudy.events import check_events

#: categories whose rows are a firm's own report
REPORTS = ("earnings", "nvidia")


@cache
def catalogue() -> pd.DataFrame:
    """All rows of ``table.csv`` as an events table; news of a sector has no ticker."""
    with (files("eventstudy.catalysts") / "table.csv").open(encoding="utf-8") as text:
        return check_events(pd.read_csv(text, dtype={"date": str, "time_et": str}), named=False)


@cache
def own_reports() -> pd.DataFrame:
    """Ticker and date of every report that the package knows, the catalogue's included."""
    with (files("eventstudy.catalysts") / "own_reports.csv").open(encoding="utf-8") as text:
        others = pd.read_csv(text, usecols=["ticker", "date"], parse_dates=["date"])
    rows = catalogue()
    return pd.concat([others, rows.loc[rows["category"].isin(REPORTS), ["ticker", "date"]]])


def reporters() -> pd.Series:
    """Firms whose reports are rows of the catalogue."""
    rows = catalogue()
    return rows.loc[rows["category"].isin(REPORTS), "ticker"].drop_duplicates()


@cache
def own_deals() -> pd.DataFrame:
    """Ticker and date of every deal of the catalogue that names its firm."""
    rows = catalogue()
    return rows.loc[rows["category"] == "deal", ["ticker", "date"]].dropna()
