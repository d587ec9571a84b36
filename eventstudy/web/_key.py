"""A key that reaches the server it is for and nothing else: no log, no error, no cache, no file."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NoReturn, Self
from urllib.parse import quote, quote_plus

from eventstudy import errors


class Key:
    """An API key under a name; only `reveal` gives its value.

    Wherever it is printed, formatted or shown in an error it is ``Key('NAME')``. It can be
    neither pickled nor written as JSON, and two keys with one name look alike to a cache, so
    that nothing that is kept depends on the value.

    Parameters
    ----------
    name : str
        What it is called in messages, usually the environment variable.
    value : str
        The key itself: text without spaces and line ends.

    Raises
    ------
    LoaderError
        If the value is empty or cannot be part of a request.

    Examples
    --------
    >>> key = Key("PRICES_KEY", "not-for-you")
    >>> f"{key}", key.reveal()
    ("Key('PRICES_KEY')", 'not-for-you')
    """

    __slots__ = ("_name", "_value")

    def __init__(self, name: str, value: str) -> None:
        if not value or not value.isascii() or not value.isprintable() or value != value.strip():
            raise errors.key_unusable(name)
        self._name, self._value = name, value

    @classmethod
    def from_env(cls, name: str) -> Self:
        """Take the key from an environment variable.

        Parameters
        ----------
        name : str
            The variable.

        Raises
        ------
        LoaderError
            If there is no such variable, or it is empty.
        """
        value = os.environ.get(name, "").strip()
        if not value:
            raise errors.key_absent(name)
        return cls(name, value)

    def within(self, text: str) -> Self:
        """Put the key into a text that belongs to it, as in ``key.within("Bearer {}")``."""
        return type(self)(self._name, text.replace("{}", self._value))

    def reveal(self) -> str:
        """Give the value: only for the request that needs it."""
        return self._value

    def __repr__(self) -> str:
        return f"Key({self._name!r})"

    def __reduce__(self) -> NoReturn:
        raise errors.key_not_saved(self._name)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self


class _Hidden(logging.Filter):
    """Takes keys out of what another library logs."""

    def __init__(self, keys: Iterable[Key]) -> None:
        super().__init__()
        values = [key.reveal() for key in keys]
        spelled = {form(value) for value in values for form in (str, quote, quote_plus)}
        spelled |= {quote(value, safe="") for value in values}
        self.spelled = sorted(spelled, key=len, reverse=True)

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if any(each in text for each in self.spelled):
            for each in self.spelled:
                text = text.replace(each, "…")
            record.msg, record.args = text, ()
        return True


#: urllib3 logs the path and the query of each request, for those who listen at level DEBUG
_SPOKEN = logging.getLogger("urllib3.connectionpool")
_LOCK = threading.Lock()


@contextmanager
def unlogged(keys: Iterable[Key]) -> Iterator[None]:
    """Keep keys out of the log while requests carry them; the logger is as before afterwards."""
    hide = _Hidden(keys)
    if not hide.spelled:
        yield
        return
    with _LOCK:  # a new list each time: other threads may be walking through the old one
        _SPOKEN.filters = [*_SPOKEN.filters, hide]
    try:
        yield
    finally:
        with _LOCK:
            _SPOKEN.filters = [each for each in _SPOKEN.filters if each is not hide]
