"""A bar on the terminal for work that takes long; without a terminal nothing is written.

Nothing is shown unless it was asked for. Loops that may take long are written as
``for draw in steps(draws, "Placebo draws", n)``; `show_progress` switches all of them on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

from eventstudy import errors

if TYPE_CHECKING:
    from tqdm.std import tqdm

T = TypeVar("T")

#: seconds before a bar shows (quick work shows none), and between two of its looks
DELAY, EVERY = 0.5, 0.1


class _Screen:
    """What is shown at the moment: one bar at a time, that of the outermost loop."""

    def __init__(self) -> None:
        self.bar: tqdm[Any] | None = None

    def close(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.close()
            self.bar = None


#: not of the process: a thread of the caller's that did not ask shows nothing
_SCREEN: ContextVar[_Screen | None] = ContextVar("eventstudy_screen", default=None)


@contextmanager
def show_progress() -> Iterator[None]:
    """Show a bar while something takes long, on a terminal: ``with es.show_progress(): …``.

    Shown are the draws of `EventStudy.calibrate`, `Variations.run`, `Backtest.placebo` and
    `Backtest.bootstrap`, the rules of `Rule.grid`, the events of `EventStudy.run` and the days of
    `detect`, where they take longer than half a second, and the tickers asked of Yahoo. The bar
    goes to stderr and is taken away at the end. Where stderr is no terminal nothing is written.
    Numbers do not depend on it. The command line shows bars by itself.

    Raises
    ------
    eventstudy.errors.OptionError
        If tqdm is not installed.

    Examples
    --------
    >>> import eventstudy as es
    >>> with es.show_progress():
    ...     found = es.loaders.sample(["MARA"], "2026-01-05", "2026-01-06")
    """
    _tqdm()
    screen = _Screen()
    token = _SCREEN.set(screen)
    try:
        yield
    finally:
        _SCREEN.reset(token)
        screen.close()


def steps(
    items: Iterable[T], what: str, total: int, size: Callable[[T], int] | None = None
) -> Iterable[T]:
    """The ``items`` as they are, counted on a terminal where that was asked for.

    Parameters
    ----------
    items : iterable
        What is worked on.
    what : str
        What is counted, in the plural: "Placebo draws".
    total : int
        How many there are.
    size : callable, optional
        How many an item stands for; by default one.
    """
    screen = _SCREEN.get()
    if screen is None or screen.bar is not None:
        return items
    return _counted(items, screen, total, (what, size))


def _counted(
    items: Iterable[T], screen: _Screen, total: int, how: tuple[str, Callable[[T], int] | None]
) -> Iterator[T]:
    what, size = how
    screen.bar = _bar(total, what)
    try:
        for item in items:
            yield item
            if screen.bar is not None:
                screen.bar.update(1 if size is None else size(item))
    finally:
        screen.close()


@contextmanager
def counting(total: int, what: str, *, shown: bool) -> Iterator[Callable[[], object]]:
    """Give a function that counts one more; ``shown``, or where `show_progress` asks for it."""
    screen = _SCREEN.get()
    if not shown and (screen is None or screen.bar is not None):
        yield lambda: None
        return
    with _bar(total, what) as bar:
        yield bar.update


def _bar(total: int, what: str) -> tqdm[Any]:
    make: Callable[..., tqdm[Any]] = _tqdm()
    return make(total=total, desc=what, disable=None, leave=False, delay=DELAY, mininterval=EVERY)


def _tqdm() -> type[tqdm[Any]]:
    """Bars without a thread that watches them, which would outlive them."""
    try:
        from tqdm.std import tqdm as usual
    except ImportError:
        raise errors.tqdm_absent() from None

    class Bar(usual):  # type: ignore[type-arg]  # generic for type checkers only
        monitor_interval = 0

    return Bar
