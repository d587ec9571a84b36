"""The kinds of error that the library raises on purpose."""

from __future__ import annotations

from typing import Any


class EventStudyError(ValueError):
    """Base of every error that the library raises on purpose.

    Examples
    --------
    >>> import eventstudy as es
    >>> try:
    ...     es.events_on("25 February", ["IREN"])
    ... except es.EventStudyError as error:
    ...     type(error).__name__
    'EventsError'
    """


class EventsError(EventStudyError):
    """The events table does not keep its contract."""


class PanelError(EventStudyError):
    """Prices, returns or factors do not keep their contract."""


class WindowError(EventStudyError):
    """A window is malformed or lies where it must not."""


class ModelError(EventStudyError):
    """A model cannot be fitted to what it was given."""


class OptionError(EventStudyError):
    """An option, a name or a value is not known."""


class LoaderError(EventStudyError):
    """A source did not deliver; ``report``, if there is one, says why by ticker.

    ``status`` is the word of such a report for the whole failure, as "timeout", if there is one.
    """

    report: Any = None

    def __init__(self, sentence: str, status: str = "") -> None:
        super().__init__(sentence)
        self.status = status


class ContractBroken(EventStudyError, AssertionError):  # noqa: N818  (reads as a sentence)
    """A model or a test does not keep its contract; see `eventstudy.testing`."""


class NothingLeft(EventStudyError):  # noqa: N818  (reads as a sentence where it is raised)
    """Every event was dropped; ``dropped`` is the table that says why."""

    dropped: Any = None


for _kind in (EventStudyError, *EventStudyError.__subclasses__()):
    _kind.__module__ = "eventstudy.errors"  # where they are imported from; a traceback shows it
