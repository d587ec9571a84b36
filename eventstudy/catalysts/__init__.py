"""What happened to bitcoin miners and AI, 2024 to 2026: a catalogue of dated events.

The facts stand in ``table.csv`` (one row an event, with its source and how sure its date is)
and ``own_reports.csv`` (days on which the miners themselves reported).

>>> from eventstudy import catalysts
>>> catalysts.load(ids="20260128-meta-capex-115-135")["surprise"].round(3).tolist()
[0.136]
"""

from eventstudy.catalysts._catalogue import CATEGORIES, load
from eventstudy.catalysts._expansion import expand
from eventstudy.catalysts._reports import reports

__all__ = ["CATEGORIES", "expand", "load", "reports"]
