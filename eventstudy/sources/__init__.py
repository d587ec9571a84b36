"""Sources of events: one callable each, all with the same kind of answer.

Every source returns a canonical events table (as `read_events` does) with
``attrs["source"]``, what answered; ``attrs["report"]``, asked name → status, rows, first, last and
perhaps detail; and, where something was fetched, ``attrs["fetched"]``, when. Tables of several
sources are joined by ``pd.concat`` and go into a study. Any function of a user's own that returns
an events table is a source too.
"""

from eventstudy.sources._csv import csv
from eventstudy.sources._edgar import edgar
from eventstudy.sources._yahoo_earnings import yahoo_earnings

__all__ = ["csv", "edgar", "yahoo_earnings"]
