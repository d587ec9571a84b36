"""Many questions to Yahoo: a few at a time, slower when it asks for that, and with an end.

Too many requests: all workers wait, longer each time, and after the last time nothing more is
asked. No connection, again and again: nothing more is asked, so that a dead network costs one
time-out and not one a ticker.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from eventstudy.progress import counting
from eventstudy.web._yahoo import Connection
from eventstudy.web._yahoo_trouble import Trouble

Value = TypeVar("Value")


#: connections that must fail in a row before it is the network: one alone may happen
LEAST = 2


@dataclass(frozen=True)
class Asking:
    """How many ask at once, how often all of them wait, and the seconds of the first wait."""

    workers: int = 4
    retries: int = 3
    wait: float = 1.0


def ask_each(
    yahoo: Connection,
    symbols: Sequence[str],
    what: Callable[[Any], Value],
    how: Asking,
    *,
    progress: bool = False,
) -> dict[str, Value | Trouble]:
    """Ask for each symbol; an interrupt ends the questions before it goes on.

    Returns
    -------
    dict
        Symbol → the value of ``what(ticker)``, or the trouble.
    """
    batch = _Batch(yahoo, what, how)
    found: dict[str, Value | Trouble] = {}
    if not symbols:
        return found
    with (
        counting(len(symbols), "Yahoo", shown=progress) as told,
        ThreadPoolExecutor(min(how.workers, len(symbols)), "eventstudy-yahoo") as pool,
    ):
        futures: dict[Future[Value | Trouble], str] = {}
        try:
            for symbol in symbols:
                futures[pool.submit(batch.one, symbol)] = symbol
            for future in as_completed(futures):
                found[futures[future]] = future.result()
                told()
        except BaseException:  # also an interrupt: the workers must not go on behind it
            yahoo.stop(Trouble("network", "interrupted"))
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return found


class _Batch(Generic[Value]):
    """What the workers know of each other."""

    def __init__(self, yahoo: Connection, what: Callable[[Any], Value], how: Asking) -> None:
        self.yahoo, self.what, self.how = yahoo, what, how
        self._change = threading.Condition()
        self._flying = self._unanswered = self._waits = 0
        self._until = 0.0

    def one(self, symbol: str) -> Value | Trouble:
        """Ask for one symbol, as often as too many requests allow."""
        while True:
            begun = self._begin()
            if (stopped := self.yahoo.stopped) is not None:
                found: Value | Trouble = stopped
            else:
                found = self.yahoo.ask(symbol, self.what)
            trouble = found if isinstance(found, Trouble) else None
            again = self._end(trouble, begun)
            if not again or trouble is None:
                return found
            self.yahoo.halted.wait(max(0.0, self._until - time.monotonic()))

    def _begin(self) -> int:
        """Wait while it is open whether anything answers; give the waits there have been."""
        with self._change:
            while self._unanswered and self._flying and self.yahoo.stopped is None:
                self._change.wait()
            self._flying += 1
            return self._waits

    def _end(self, trouble: Trouble | None, begun: int) -> bool:
        """Tell the others; whether this one shall be asked again."""
        with self._change:
            self._flying -= 1
            broken = trouble is not None and trouble.status in ("network", "timeout")
            self._unanswered = self._unanswered + 1 if broken else 0
            again = False
            if trouble is not None and self.yahoo.stopped is None:
                if broken and self._unanswered >= max(self.how.workers, LEAST):
                    self._give_up(trouble)
                elif trouble.status == "rate_limited":
                    again = self._slower(trouble, begun)
            self._change.notify_all()
            return again

    def _slower(self, trouble: Trouble, begun: int) -> bool:
        """Let all wait, longer each time; False when it has been tried often enough."""
        if begun == self._waits:  # nobody has seen it before
            if self._waits >= self.how.retries:
                self._give_up(trouble)
                return False
            # not all programs that were refused together shall come back together
            spread = random.uniform(0.75, 1.25)  # noqa: S311  (no secret)
            self._until = time.monotonic() + self.how.wait * 2**self._waits * spread
            self._waits += 1
        return True

    def _give_up(self, trouble: Trouble) -> None:
        self.yahoo.stop(Trouble(trouble.status, f"not asked any more: {trouble.detail}"))
