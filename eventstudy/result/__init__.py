"""What a study found: tables, tests, sentences and pictures."""

from eventstudy.result.groups import Groups
from eventstudy.result.result import Result
from eventstudy.result.side_by_side import etable

__all__ = ["Groups", "Result", "etable"]
