"""A key that reaches the server it is for and nothing else: no log, no error, no cache, no file."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NoReturn, Self
from urllib.parse import unquote, unquote_plus

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
    >>> key.within("Bearer {}").reveal()
    'Bearer not-for-you'

    A service's key belongs into the environment: ``Key.from_env("PRICES_KEY")``.

    >>> Key.from_env("NO_SUCH_VARIABLE")
    Traceback (most recent call last):
    ...
    eventstudy.errors.LoaderError: The environment has no variable NO_SUCH_VARIABLE, or it is \
empty; set it to your key.
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
        """Put the key into a text that belongs to it, as in ``key.within("Bearer {}")``.

        Parameters
        ----------
        text : str
            With ``{}`` where the key goes.
        """
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
        values = {key.reveal() for key in keys}
        # in an error they may stand as Python writes texts: with doubled backslashes
        written = values | {repr(value)[1:-1] for value in values}
        self.values = sorted(written, key=len, reverse=True)

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        text = re.sub(r"\?\S*", "?…", said)  # queries, in which a key may be encoded twice
        for read in (str, unquote, unquote_plus):  # servers and libraries encode as they like
            if any(each in read(text) for each in self.values):
                text = read(text)
                for each in self.values:
                    text = text.replace(each, "…")
        if text != said:
            record.msg, record.args = text, ()
            record.exc_info = record.exc_text = None  # may hold it too
        return True


#: these log addresses with their queries: connectionpool at level DEBUG, and connection at
#: WARNING, where a header of the answer is malformed
_SPOKEN = [
    logging.getLogger(f"urllib3.{name}")
    for name in ("connectionpool", "connection", "response", "poolmanager", "util.retry")
]
_LOCK = threading.Lock()


@contextmanager
def unlogged(keys: Iterable[Key]) -> Iterator[None]:
    """Keep keys out of the log while requests carry them; the loggers are as before afterwards."""
    hide = _Hidden(keys)
    if not hide.values:
        yield
        return
    with _LOCK:  # a new list each time: other threads may be walking through the old one
        for log in _SPOKEN:
            log.filters = [*log.filters, hide]
    try:
        yield
    finally:
        with _LOCK:
            for log in _SPOKEN:
                log.filters = [each for each in log.filters if each is not hide]
