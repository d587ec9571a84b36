"""Not more requests in a second than a server allows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Pace:
    """Spaces requests evenly, those of all threads together.

    Parameters
    ----------
    per_second : float
        Requests in a second.
    clock, sleep : callable
        For tests: a time in seconds, and how to let it pass.

    Examples
    --------
    >>> waited = []
    >>> pace = Pace(4, clock=lambda: 100.0, sleep=waited.append)
    >>> [pace.wait() for _ in range(3)] and waited
    [0.25, 0.5]
    """

    def __init__(
        self,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._gap, self._clock, self._sleep = 1 / per_second, clock, sleep
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when it is this caller's turn."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._next)
            self._next = turn + self._gap
        if turn > now:
            self._sleep(turn - now)
