"""One BLAS thread inside our own calls.

Our products are short and wide, and many follow one another. BLAS threads gain nothing on such
shapes, and on a busy machine they wait for each other (a product then takes twenty times as
long). Those who want more cores ask for ``workers``, which cut the work at dates.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class _Library(Protocol):
    """What threadpoolctl knows of one BLAS library in the process."""

    def get_num_threads(self) -> int | None: ...

    def set_num_threads(self, num_threads: int) -> object: ...


class _Users:
    """Counts who is inside: the first pins the libraries, the last restores them."""

    def __init__(self) -> None:
        self.inside = 0
        self.before: list[tuple[_Library, int]] = []

    def enter(self, libraries: list[_Library]) -> None:
        self.inside += 1
        if self.inside == 1:
            threads = [(library, library.get_num_threads()) for library in libraries]
            self.before = [(library, n) for library, n in threads if n is not None and n != 1]
            _set([(library, 1) for library, _ in self.before])

    def leave(self) -> None:
        self.inside -= 1
        if self.inside == 0:
            _set(self.before)
            self.before = []


class _Pin:
    """All users of this process, and of each thread where a library counts by thread."""

    def __init__(self) -> None:
        #: looked up at the first use, since it takes milliseconds
        self.shared: list[_Library] | None = None
        self.by_thread: list[_Library] = []
        self.forked()

    def forked(self) -> None:
        """Begin anew in a child process: the threads that were inside stayed with the parent."""
        self.lock, self.all, self.local = threading.Lock(), _Users(), threading.local()

    def enter(self) -> None:
        with self.lock:
            if self.shared is None:
                self.shared, self.by_thread = _blas_libraries()
            self.all.enter(self.shared)
        if self.by_thread:
            self.mine.enter(self.by_thread)

    def leave(self) -> None:
        if self.by_thread:
            self.mine.leave()
        with self.lock:
            self.all.leave()

    @property
    def mine(self) -> _Users:
        """The users on the thread that asks: nested calls."""
        if not hasattr(self.local, "users"):
            self.local.users = _Users()
        found: _Users = self.local.users
        return found


def _set(threads: list[tuple[_Library, int]]) -> None:
    """Set the threads of some libraries, whichever thread we are on.

    Since threadpoolctl 3.8 the first thread to set a number owns it, and others are ignored. Our
    last user need not be our first, so the ownership is given up before and after.
    """
    for library, n in threads:
        disown = getattr(library, "clear_controlling_thread", None)
        if disown is None:
            library.set_num_threads(n)
        else:
            disown(force=True)
            library.set_num_threads(n)
            disown()


def _blas_libraries() -> tuple[list[_Library], list[_Library]]:
    """BLAS libraries with one number of threads for the process, and those with one by thread.

    None of either without threadpoolctl, the extra ``blas``.
    """
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return [], []
    shared: list[_Library] = []
    by_thread: list[_Library] = []
    for library in ThreadpoolController().select(user_api="blas").lib_controllers:
        of_thread = getattr(library, "threading_layer", "") == "openmp"
        (by_thread if of_thread else shared).append(library)
    return shared, by_thread


_PIN = _Pin()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_PIN.forked)


@contextmanager
def one_thread() -> Iterator[None]:
    """Pin BLAS to one thread inside; outside it is what it was.

    Calls may be nested, and several threads may be inside at once. Other libraries with threads
    of their own (OpenMP, numba) are left alone. Without threadpoolctl nothing happens.

    Examples
    --------
    >>> with one_thread():
    ...     pass
    """
    _PIN.enter()
    try:
        yield
    finally:
        _PIN.leave()
