"""Real processes on one cache: killed in the middle of a write, and two at once."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cache_writers as writers
import numpy as np
import pandas as pd
import pytest
from cache_market import Clock, Market

from eventstudy.loaders import cached
from eventstudy.loaders._cache_files import UNFINISHED

SCRIPT = writers.__file__


class Nursery:
    """A process that forks writers on demand."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603  (our own script)
            [sys.executable, SCRIPT, "nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def start(self, folder: Path, version: int, stage: str) -> int:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{folder}\t{version}\t{stage}\n")
        self.process.stdin.flush()
        return int(self.line())


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    with nursery.process as process:
        yield nursery
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(20) == 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A cache that holds version 1."""
    cached(writers.Versions(1), tmp_path / "cache")(*writers.ASKED)
    return tmp_path / "cache"


def versions(folder: Path) -> dict[str, int]:
    """The version of each ticker, after a look that everything is in order."""
    frame = cached(writers.Versions(0), folder, offline=True)(*writers.ASKED)
    assert {told["status"] for told in frame.attrs["report"].values()} == {"ok"}
    assert not any("cache" in told for told in frame.attrs["report"].values())
    found = writers.versions_in(frame)
    assert {len(of) for of in found.values()} == {1}  # never a mixture
    return {ticker: of.pop() for ticker, of in found.items()}


def unfinished(folder: Path) -> int:
    return len(list(folder.glob(f"{UNFINISHED}*")))


@pytest.mark.parametrize("stage", writers.STAGES)
def test_a_process_that_dies_while_it_writes(nursery: Nursery, folder: Path, stage: str) -> None:
    nursery.start(folder, 100, stage)
    assert nursery.line() == "gone"
    new = stage == "in its place"
    assert versions(folder) == {"AAA": 100 if new else 1, "BBB": 1}
    assert unfinished(folder) == (0 if new else 1)
    cached(writers.Versions(200), folder)(*writers.ASKED)  # the lock is free
    assert versions(folder) == {"AAA": 200, "BBB": 200}
    assert unfinished(folder) == 0


def test_kill_9_at_any_moment_loses_nothing(nursery: Nursery, folder: Path) -> None:
    moments, before, cut = np.random.default_rng(4), {"AAA": 1, "BBB": 1}, 0
    for kill in range(1, 41):
        left = {*folder.glob(f"{UNFINISHED}*")}
        child = nursery.start(folder, 1000 * kill, "until it is killed")
        if kill % 2:
            time.sleep(moments.uniform(0.002, 0.08))
        elif kill % 4:  # after a whole write, also on a machine that is busy
            while versions(folder) == before:
                time.sleep(0.001)
        else:  # in the middle of a write
            while not {*folder.glob(f"{UNFINISHED}*")} - left:
                time.sleep(0.001)
        os.kill(child, signal.SIGKILL)
        assert nursery.line() == "gone"
        cut += unfinished(folder)
        now = versions(folder)
        for ticker, version in now.items():
            assert version == before[ticker] or version >= 1000 * kill
        before = now
    assert cut > 0  # some were in the middle of a write
    assert max(before.values()) >= 1000  # and some had written


def test_two_processes_at_once_ask_for_nothing_twice(tmp_path: Path) -> None:
    folder, go, calls = tmp_path / "cache", tmp_path / "go", tmp_path / "calls"
    names = ["OLD", "NEW"]
    running = [
        subprocess.Popen(  # noqa: S603  (our own script)
            [sys.executable, SCRIPT, "ask", str(folder), str(go), str(calls), name],
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    go.write_text("")
    said = [process.communicate(timeout=60)[0].split() for process in running]
    assert [process.returncode for process in running] == [0, 0]
    direct = Market(Clock())
    for name, digests in zip(names, said, strict=True):
        frames: list[pd.DataFrame] = [direct(*request) for request in writers.requests(name)]
        assert digests == [hashlib.sha256(f.to_numpy().tobytes()).hexdigest() for f in frames]
    assert sorted(calls.read_text().splitlines()) == [
        "AAA,BBB 2025-01-01 2025-06-30",
        "AAA,BBB 2025-06-17 2025-12-31",
        "NEW 2025-01-01 2025-12-31",
        "OLD 2025-01-01 2025-12-31",
        "THIN 2025-02-01 2025-11-30",
    ]
    assert unfinished(folder) == 0
