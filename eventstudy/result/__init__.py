"""What a study found: tables, tests, sentences and pictures."""

from eventstudy.result.groups import Groups
from eventstudy.result.result import Result

__all__ = ["Groups", "Result"]
