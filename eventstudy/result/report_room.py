"""How much of a result a report lists, so that the page stays light."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Room:
    """Rows and letters that a report has room for."""

    #: rows of the table of estimates
    estimates: int
    #: rows of the tables of tickers, CARs, dates and dropped events
    listed: int
    #: letters of the events as a file
    file: int
