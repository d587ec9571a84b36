"""The process that measures one process, threads, process pools and Dask, in turn."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import pickle
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import metadata
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

import eventstudy as es
from benchmarks import machine
from benchmarks.cases import CAR, Spec, build
from benchmarks.scale_table import STORES, Way, as_json, ending, opening, parcels, table
from eventstudy.abnormal import Abnormal
from eventstudy.align import inputs
from eventstudy.arrays import FloatArray, Losses, Placement
from eventstudy.engine import streaming
from eventstudy.engine.streaming import Work
from eventstudy.inference.keeping import Keeping

EVENTS, ROUNDS = 100_000, 2
#: events of a task: so few that a short run has several for each worker; a study sends more
TASK = 12_500
#: events on which all ways are compared, and that make the workers import everything
COMPARED = 8000
#: tasks that do nothing, sent to time the sending
EMPTY = 200
#: largest difference between two ways, against the size of the number
ALIKE = 1e-12


@dataclass
class Weighing(Executor):
    """Works itself, and weighs what it would have sent and received."""

    sent: list[int] = field(default_factory=list)
    received: list[int] = field(default_factory=list)

    def submit(
        self, call: Callable[..., Any], /, *arguments: object, **options: object
    ) -> Future[Any]:
        self.sent.append(len(pickle.dumps((call, arguments, options))))
        answer: Future[Any] = Future()
        answer.set_result(call(*arguments, **options))
        self.received.append(len(pickle.dumps(answer.result())))
        return answer


def main(arguments: list[str] | None = None) -> int:
    """Measure every way in turn, print the table."""
    chosen = options(arguments)
    streaming.TASK = chosen.task
    told = machine.describe(os.environ.get("BENCH_DROPPED", ""))
    told["versions"] |= {"distributed": metadata.version("distributed")}
    print(opening(told, chosen), flush=True)
    with TemporaryDirectory(prefix="eventstudy-scale-") as name, ExitStack() as closing:
        case = build(Spec("scale", "", 3000, chosen.events), chosen.seed)
        case.panel.save(Path(name, "panel"))
        panel = es.Panel.open(Path(name, "panel"))
        work = work_of(case.study, panel, case.placement)
        ways = [closing.enter_context(way) for way in all_ways()]
        few = Placement(*(rows[:COMPARED] for rows in vars(case.placement).values()))
        alike(work_of(case.study, panel, few), ways)
        free = rounds(work, ways, chosen.rounds)
        typed = {way.name: as_typed(case.study, case.events, panel, way) for way in ways[::4]}
        weights = {
            (kind, store): weigh(work_of(case.study, data, case.placement), store)
            for kind, data in (("file", panel), ("memory", case.panel))
            for store in STORES
        }
    print(table(ways, chosen.events, free, typed))
    print(parcels(weights))
    print(ending(free))
    if chosen.json:
        chosen.json.write_text(json.dumps(as_json(told, ways, free, typed, weights, chosen)))
    return 0


def options(arguments: list[str] | None) -> argparse.Namespace:
    """Read the options of the command line."""
    parser = argparse.ArgumentParser(prog="scale.py", description="Workers: events per second.")
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--task", type=int, default=TASK, help="events of a task")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args(arguments)
    if min(chosen.events, chosen.rounds, chosen.task) < 1:
        parser.error("--events, --rounds and --task are at least one")
    return chosen


def work_of(study: es.EventStudy, panel: es.Panel, placement: Placement) -> Work:
    """What a study asks the engine to do, its tables already read."""
    seen = inputs(study.model, panel, placement, study.windows)
    return Work(study.model, seen, placement, study.windows)


# ── the ways ─────────────────────────────────────────────────────────────────────────────────
def all_ways() -> list[Any]:
    """Context managers: each gives a way that is ready to work."""
    return [
        here("one process", {}),
        here("2 threads", {"workers": 2}, two=True),
        pool(),
        dask(1),
        dask(2),
    ]


@contextmanager
def here(name: str, options: dict[str, Any], *, two: bool = False) -> Iterator[Way]:
    yield Way(name, options, two)


@contextmanager
def pool() -> Iterator[Way]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as found:
        yield Way("2 processes", {"executor": found}, two=True)


@contextmanager
def dask(workers: int) -> Iterator[Way]:
    from distributed import Client, LocalCluster

    cluster: Any = LocalCluster(  # type: ignore[no-untyped-call]  # distributed has no types
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=":0",
        silence_logs=50,
    )
    name = f"Dask, {workers} worker{'s' if workers > 1 else ''}"
    connected: Any = Client(cluster)  # type: ignore[no-untyped-call]  # distributed has no types
    with cluster, connected as client:
        yield Way(name, {"executor": client.get_executor()}, two=workers > 1)


# ── measuring ────────────────────────────────────────────────────────────────────────────────
def run(work: Work, store: str, way: Way) -> tuple[Abnormal, Losses]:
    """Measure all events in one way."""
    workers, executor = way.options.get("workers", 1), way.options.get("executor")
    return Keeping.of(store, CAR, workers, executor, work.windows.event).measure(work)


def rounds(work: Work, ways: list[Way], count: int) -> list[float]:
    """Run every way once a round; gives how free the second core was in each."""
    for way in ways:
        way.empty = sending(way.options.get("executor"))
    free = []
    for _ in range(count):
        before = machine.free_cores()
        for way in ways:
            for store in STORES:
                taken = seconds(partial(run, work, store, way))
                way.seconds.setdefault(store, []).append(taken)
        free.append(min(before, machine.free_cores()))
    return free


def seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def sending(executor: Executor | None) -> float | None:
    """Seconds for a task that does nothing; None where nothing is sent."""
    if executor is None:
        return None

    def empty() -> None:
        for answer in [executor.submit(abs, at) for at in range(EMPTY)]:
            answer.result()

    empty()
    return seconds(empty) / EMPTY


def alike(work: Work, ways: list[Way]) -> None:
    """End the run where two ways find different numbers; the workers have imported all after it."""
    for store in STORES:
        first, *others = [numbers(run(work, store, way)) for way in ways]
        for way, found in zip(ways[1:], others, strict=True):
            error = float(np.max(np.abs(found - first) / np.maximum(np.abs(first), 1.0)))
            assert error <= ALIKE, f"{way.name}, {store}: off by {error:.1e}"


def numbers(found: tuple[Abnormal, Losses]) -> FloatArray:
    """Tell whether two ways found the same."""
    abnormal, _ = found
    single = es.inference.csect_t(abnormal, CAR)
    leading = es.inference.adj_bmp(abnormal, CAR)
    return np.array([single.estimate, single.statistic, leading.statistic, leading.rbar])


def as_typed(study: es.EventStudy, events: pd.DataFrame, panel: es.Panel, way: Way) -> float:
    """Seconds of what a user types, tables included."""
    return seconds(
        lambda: study.run(events, panel, store="aggregate", windows=CAR, **way.options).caar(CAR)
    )


def weigh(work: Work, store: str) -> dict[str, float]:
    """Bytes that a task carries there and back."""
    scales = Weighing()
    run(work, store, Way("weighing", {"executor": scales}))
    sent, back = median(scales.sent), median(scales.received)
    return {"tasks": len(scales.sent), "there": sent, "back": back}


if __name__ == "__main__":
    sys.exit(main())
