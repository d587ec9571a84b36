"""What yfinance keeps for the whole process: set while we ask, and put back exactly.

Calls may overlap in several threads: the first one sets it, the last one restores it.
"""

from __future__ import annotations

import logging
import threading
import time
import warnings
from collections.abc import Callable

from eventstudy import errors

#: of this thread: whether it asks for us, and the HTTP status that came last
HERE = threading.local()
#: how often a database that another process prepares is tried, a fiftieth of a second apart
TRIES = 5


class Settings:
    """What yfinance holds for the process, changed by the first call and restored by the last."""

    def __init__(self) -> None:
        self._lock, self._users = threading.Lock(), 0
        self._log = logging.getLogger("yfinance")

    def take(self) -> None:
        with self._lock:
            if not self._users:
                self._set()
            self._users += 1

    def give_back(self) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                self._restore()

    def _set(self) -> None:
        self._warnings = warnings.catch_warnings()
        self._warnings.__enter__()
        try:
            self._change()
        except BaseException as why:
            self._warnings.__exit__(None, None, None)
            if isinstance(why, ImportError):
                raise errors.yfinance_absent(why.name or "yfinance") from None
            raise

    def _change(self) -> None:
        import yfinance  # which adds a warning filter of its own, once
        from yfinance import cache

        # pandas deprecates what yfinance still does: nothing that a user could act on
        warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"yfinance(\.|$)")
        warnings.showwarning = _unless_deprecated(warnings.showwarning)
        # made here: several threads that need them first would each make their own, and fail
        cache.get_tz_cache()
        cache.get_cookie_cache()
        debug, network = yfinance.config.debug, yfinance.config.network
        self._before = debug.hide_exceptions, network.retries
        debug.hide_exceptions = False  # or an outage is told as "possibly delisted"
        network.retries = 0
        self._log.addFilter(_unless_ours)

    def _restore(self) -> None:
        import yfinance

        self._log.removeFilter(_unless_ours)
        yfinance.config.debug.hide_exceptions, yfinance.config.network.retries = self._before
        self._warnings.__exit__(None, None, None)


def open_caches() -> None:
    """Open yfinance's databases of time zones and cookies before several threads do.

    Of those that prepare a new file at once all but the first are told that it is locked; a file
    that stays unusable is told by each question.
    """
    from yfinance import cache

    for made in (cache.get_tz_cache, cache.get_cookie_cache):
        for _ in range(TRIES):
            try:
                made().lookup("SPY")
                break
            except Exception:  # noqa: BLE001  (another process may have it, or it is broken)
                time.sleep(0.02)


def _unless_ours(_: logging.LogRecord) -> bool:
    """Keep yfinance silent where we ask, and nowhere else."""
    return not getattr(HERE, "asking", False)


def _unless_deprecated(show: Callable[..., object]) -> Callable[..., None]:
    """Show no deprecation where we ask.

    The filter alone does not do: pandas sets "always" for a moment wherever it reads a dtype,
    for all threads, and when two of them do so at once it stays.
    """

    def shown(
        message: Warning | str, category: type[Warning], *where: object, **to: object
    ) -> None:
        if not (getattr(HERE, "asking", False) and issubclass(category, DeprecationWarning)):
            show(message, category, *where, **to)

    return shown


SETTINGS = Settings()
