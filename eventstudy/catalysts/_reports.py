"""When firms reported their own earnings, as an events table."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

import pandas as pd

from eventstudy.catalysts._data import REPORTS, catalogue
from eventstudy.events import check_events


def reports(tickers: str | Iterable[str] | None = None) -> pd.DataFrame:
    """Give the days on which firms reported: miners, hyperscalers and Nvidia.

    What a deal is to be screened against, without a network. Known are the reports near events
    of the catalogue; `es.sources.yahoo_earnings` knows more.

    Parameters
    ----------
    tickers
        One ticker or many. Default all.

    Returns
    -------
    DataFrame
        An events table by date, perhaps empty. Miners' reports have the category ``own report``
        and ids ``TICKER|date|report``; those of the catalogue keep their category and id.

    Examples
    --------
    >>> import eventstudy as es
    >>> deals = es.catalysts.load(category="deal", since="2025-11-01", until="2025-11-05")
    >>> screened = es.screen(deals, against=es.catalysts.reports())
    >>> screened["confounded_by"].tolist()
    ['own report 2025-11-03 (day 0)', '', '']
    """
    with (files("eventstudy.catalysts") / "own_reports.csv").open(encoding="utf-8") as text:
        own = pd.read_csv(text, dtype={"date": str})
    own["event_id"] = own["ticker"] + "|" + own["date"] + "|report"
    own = check_events(own.assign(category="own report", scheduled=True))
    rows = catalogue()
    rows = rows[rows["category"].isin(REPORTS)]
    known = pd.concat([own, rows[[name for name in own if name in rows]]])
    if tickers is not None:
        names = [tickers] if isinstance(tickers, str) else list(tickers)
        known = known[known["ticker"].isin(names)]
    return known.sort_values("date", kind="stable")
