"""BLAS is on one thread inside our calls, and afterwards what it was before."""

from __future__ import annotations

import builtins
import multiprocessing
import os
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController, threadpool_limits

from eventstudy import blas
from eventstudy.blas import one_thread


def threads() -> list[int]:
    """Threads of each BLAS library of this process."""
    pools = ThreadpoolController().info()
    return [pool["num_threads"] for pool in pools if pool["user_api"] == "blas"]


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    """Start with two threads whatever the environment says, and with nothing looked up."""
    with threadpool_limits(2, user_api="blas"):
        if set(threads()) != {2}:
            pytest.fail("BLAS can't be given two threads here, so that nothing can be shown")
        yield


def test_inside_it_is_one_and_outside_what_it_was() -> None:
    with one_thread():
        assert set(threads()) == {1}
        assert np.allclose(np.ones((9, 9)) @ np.ones((9, 9)), 9.0)
    assert set(threads()) == {2}


def test_an_exception_restores_too() -> None:
    with pytest.raises(ZeroDivisionError), one_thread():
        1 / 0  # noqa: B018  (only raises)
    assert set(threads()) == {2}


def test_nested_calls_restore_at_the_last() -> None:
    with one_thread():
        with one_thread():
            assert set(threads()) == {1}
        assert set(threads()) == {1}
    assert set(threads()) == {2}


def test_one_is_left_one() -> None:
    with threadpool_limits(1, user_api="blas"):
        with one_thread():
            assert set(threads()) == {1}
        assert set(threads()) == {1}


def test_two_threads_may_overlap() -> None:
    """The first to enter leaves first: the other must stay pinned, and restores."""
    entered, left = threading.Event(), threading.Event()
    seen: list[set[int]] = []

    def other() -> None:
        with one_thread():
            entered.set()
            assert left.wait(10)
            seen.append(set(threads()))

    thread = threading.Thread(target=other)
    with one_thread():
        thread.start()
        assert entered.wait(10)
    left.set()
    thread.join()
    assert seen == [{1}]
    assert set(threads()) == {2}


def test_many_threads_end_where_they_began() -> None:
    def work() -> None:
        for _ in range(200):
            with one_thread():
                pass

    crowd = [threading.Thread(target=work) for _ in range(8)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    assert set(threads()) == {2}


def test_without_threadpoolctl_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any, **options: Any) -> Any:
        if name == "threadpoolctl":
            raise ImportError(name)
        return real(name, *args, **options)

    monkeypatch.setattr(blas, "_PIN", blas._Pin())
    monkeypatch.setattr(builtins, "__import__", missing)
    with one_thread():
        monkeypatch.setattr(builtins, "__import__", real)
        assert set(threads()) == {2}
    assert blas._PIN.shared == blas._PIN.by_thread == []
    assert set(threads()) == {2}


def test_libraries_are_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    find = blas._blas_libraries

    def counted() -> Any:
        looked.append(1)
        return find()

    monkeypatch.setattr(blas, "_PIN", blas._Pin())
    monkeypatch.setattr(blas, "_blas_libraries", counted)
    for _ in range(3):
        with one_thread():
            assert set(threads()) == {1}
    assert looked == [1]


def test_only_blas_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """numba and OpenMP keep their threads: no other library is ever held."""
    monkeypatch.setattr(blas, "_PIN", blas._Pin())
    with one_thread():
        held: list[Any] = [*(blas._PIN.shared or []), *blas._PIN.by_thread]
    assert held
    assert {library.user_api for library in held} == {"blas"}


def test_the_last_may_be_another_thread_than_the_owner() -> None:
    """A limit set by the main thread must not keep a worker from pinning and restoring."""
    seen: list[set[int]] = []

    def work() -> None:
        with one_thread():
            seen.append(set(threads()))
        seen.append(set(threads()))

    with threadpool_limits(2, user_api="blas"):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert seen == [{1}, {2}]
    assert set(threads()) == {2}


class Local:
    """A library whose number of threads belongs to the thread that asks, as under OpenMP."""

    def __init__(self) -> None:
        self.own = threading.local()

    def get_num_threads(self) -> int:
        return getattr(self.own, "threads", 4)

    def set_num_threads(self, num_threads: int) -> None:
        self.own.threads = num_threads


def test_a_library_that_counts_by_thread_is_pinned_in_each(monkeypatch: pytest.MonkeyPatch) -> None:
    library, seen = Local(), []
    monkeypatch.setattr(blas, "_PIN", blas._Pin())
    monkeypatch.setattr(blas, "_blas_libraries", lambda: ([], [library]))

    def work() -> None:
        with one_thread():
            with one_thread():
                seen.append(library.get_num_threads())
            seen.append(library.get_num_threads())
        seen.append(library.get_num_threads())

    with one_thread():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert library.get_num_threads() == 1
    assert seen == [1, 1, 4]
    assert library.get_num_threads() == 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # fork beside threads
def test_a_forked_child_begins_anew() -> None:
    """A fork while somebody is inside must not leave the child behind a lock that nobody opens."""

    def child(answers: Any) -> None:
        with one_thread():
            answers.put(blas._PIN.all.inside)

    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    with one_thread(), blas._PIN.lock:
        process = context.Process(target=child, args=(answers,))
        process.start()
        assert answers.get(timeout=30) == 1
        process.join(30)
    assert process.exitcode == 0
