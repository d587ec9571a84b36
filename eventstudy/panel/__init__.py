"""What happened: returns, factors and a risk-free rate on the sessions of a market.

``dates`` reads days, ``table`` reads frames, ``fields`` splits prices from the other columns
of a download, ``checks`` refuses what cannot be prices or returns, ``sessions`` brings every
series to the sessions, ``companions`` reads market, factors and risk-free rate, ``crsp``
and ``delistings`` what CRSP writes, ``build`` puts them together and ``panel`` holds the result.
``suspicion`` looks for what may be wrong in it. ``storing`` writes a panel to a folder, ``stored``
opens it, ``converting`` makes one of Parquet. ``halves`` parts a session into night and day.
"""

from eventstudy.panel.panel import Panel

__all__ = ["Panel"]
