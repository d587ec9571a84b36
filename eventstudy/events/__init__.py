"""Where events come from: a file, a table, or one piece of news that concerns many firms.

Whatever came in, the rest of the library sees one canonical table: index ``event_id``, then
``ticker``, ``date`` (midnight, no time zone), ``session``, ``scheduled`` and the user's own
columns, untouched. What cannot be read without guessing is refused, never repaired.
"""

from eventstudy.events._columns import SESSIONS
from eventstudy.events._counting import effective_days
from eventstudy.events._dates import day_of
from eventstudy.events._exchange import exchange
from eventstudy.events._ids import repeats
from eventstudy.events._parts import MISSING, Key, as_mask, binned, group_labels, split
from eventstudy.events._screening import screen
from eventstudy.events._table import Checked, check_events, checked, events_on, read_events

__all__ = [
    "MISSING",
    "SESSIONS",
    "Checked",
    "Key",
    "as_mask",
    "binned",
    "check_events",
    "checked",
    "day_of",
    "effective_days",
    "events_on",
    "exchange",
    "group_labels",
    "read_events",
    "repeats",
    "screen",
    "split",
]
