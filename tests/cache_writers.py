"""Processes that fill one cache: to be killed in the middle, or to run beside each other.

``cache_writers.py nursery`` reads lines of folder, version and stage and forks a writer for each;
``cache_writers.py ask FOLDER GO CALLS NAME`` waits for the file GO and then asks.
"""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
from cache_market import Clock, Market
from pyarrow import parquet as pq

from eventstudy.loaders import cached

TICKERS = ["AAA", "BBB"]
FIELDS = ("adj_close", "open", "high", "low", "close", "volume")
DAYS = pd.bdate_range("2005-01-03", periods=4000)
NOISE = np.random.default_rng(0).random((len(DAYS), len(TICKERS) * len(FIELDS)))
ASKED = (TICKERS, DAYS[0].date(), DAYS[-1].date(), FIELDS)


class Versions:
    """A loader whose whole history has another level at each call, and is never final."""

    def __init__(self, version: int) -> None:
        self.version = version

    def __call__(
        self, tickers: list[str], start: Any, end: Any, fields: tuple[str, ...] = FIELDS
    ) -> pd.DataFrame:
        columns = pd.MultiIndex.from_product([fields, tickers])
        frame = pd.DataFrame(NOISE[:, : len(columns)] + self.version, DAYS, columns)
        frame.attrs["fetched"] = "2000-01-01T00:00:00Z"
        self.version += 1
        return frame


def versions_in(frame: pd.DataFrame) -> dict[str, set[int]]:
    """Ticker → the versions its values are of: one, if nothing was mixed."""
    return {
        ticker: set(np.unique(np.floor(frame.xs(ticker, axis=1, level=1).to_numpy())).astype(int))
        for ticker in TICKERS
    }


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def replace_and_die(self: Path, target: Path) -> None:
    self.rename(target)
    die()


#: where a writer kills itself
STAGES: dict[str, tuple[object, str, Any]] = {
    "begun": (pq.ParquetWriter, "write_table", die),
    "without its end": (pq.ParquetWriter, "add_key_value_metadata", die),
    "not on the disk": (os, "fsync", die),
    "not in its place": (Path, "replace", die),
    "in its place": (Path, "replace", replace_and_die),
}


def write(folder: str, version: int, stage: str) -> None:
    """Write whole files, again and again, until the end, which comes in any case."""
    signal.alarm(30)
    store = cached(Versions(version), folder)
    if stage in STAGES:
        with mock.patch.object(*STAGES[stage]):
            store(*ASKED)
    while True:
        store(*ASKED)


def say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def nursery() -> None:
    """Fork a writer for each line, say its number, and say when it is gone."""
    for line in sys.stdin:
        folder, version, stage = line.rstrip("\n").split("\t")
        if (child := os.fork()) == 0:
            write(folder, int(version), stage)
        say(child)
        os.waitpid(child, 0)
        say("gone")


def requests(name: str) -> list[tuple[list[str], str, str]]:
    return [
        (["AAA", "BBB"], "2025-01-01", "2025-06-30"),
        (["AAA", "BBB"], "2025-01-01", "2025-12-31"),
        ([name], "2025-01-01", "2025-12-31"),
        (["THIN", "BBB", "AAA"], "2025-02-01", "2025-11-30"),
    ]


def ask(folder: str, go: str, calls: str, name: str) -> None:
    """Ask in the company of others, and say what came."""
    market = Market(Clock())

    def slow(tickers: Any, start: Any, end: Any) -> pd.DataFrame:
        with Path(calls).open("a", encoding="utf-8") as file:
            file.write(f"{','.join(tickers)} {start} {end}\n")
        time.sleep(0.1)
        return market(tickers, start, end)

    say("ready")
    while not Path(go).exists():
        time.sleep(0.005)
    for request in requests(name):
        frame = cached(slow, folder)(*request)
        say(hashlib.sha256(frame.to_numpy().tobytes()).hexdigest())


if __name__ == "__main__":
    import cache_writers  # so that the loader has the name that it has in the tests

    if sys.argv[1] == "nursery":
        cache_writers.nursery()
    else:
        cache_writers.ask(*sys.argv[2:])
