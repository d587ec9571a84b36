"""Processor time of every test on one study: the first call, and one that finds the passes made."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from benchmarks.cases import CAR, Case, spread
from benchmarks.ways import ols_loop, prebuilt, run_engine
from eventstudy import inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Statistic

#: draws of a wild bootstrap
DRAWS = 10_000
#: events of the loop of least squares
LOOPED = 500
#: what is kept but costs nothing to speak of
CHEAP = ("sample", "correlation", "dated")

Ask: TypeAlias = Callable[[Abnormal], Statistic]


@dataclass(frozen=True)
class Cost:
    """One test: seconds of its first call and of the next."""

    name: str
    first: float
    again: float
    #: passes that other tests use, too
    passes: list[str] = field(default_factory=list)


def costs(case: Case, rounds: int) -> tuple[list[Cost], float]:
    """Every test that has an answer, and seconds an event of the statsmodels loop."""
    abnormal = run_engine(case)
    tests = asked(abnormal)
    first = dict.fromkeys(tests, float("inf"))
    again = dict.fromkeys(tests, float("inf"))
    for _ in range(rounds):
        for name, test in tests.items():
            fresh = abnormal.take(np.arange(len(abnormal)))
            first[name] = min(first[name], seconds(test, fresh))
            again[name] = min(again[name], seconds(test, fresh))
    rows = prebuilt(case, spread(case.spec.events, LOOPED))
    start = time.process_time()
    ols_loop(rows)
    loop = (time.process_time() - start) / len(rows)
    found = [Cost(name, first[name], again[name], passes(abnormal, tests[name])) for name in tests]
    return found, loop


def asked(abnormal: Abnormal) -> dict[str, Ask]:
    """Tests that apply to these events, as functions of the events."""

    def as_function(name: str) -> Ask:
        options = {"draws": DRAWS} if name == "wild_dates" else {}
        return lambda events: inference.resolve(name)(events, CAR, **options)

    tried = abnormal.take(np.arange(len(abnormal)))
    found = {name: as_function(name) for name in (*inference.names(), "wild_dates")}
    return {name: test for name, test in found.items() if not math.isnan(test(tried).statistic)}


def passes(abnormal: Abnormal, test: Ask) -> list[str]:
    """What a test keeps for others: passes over residuals, and what is made of them."""
    fresh = abnormal.take(np.arange(len(abnormal)))
    test(fresh)
    kept = dict.fromkeys(key[0] if isinstance(key, tuple) else key for key in fresh._memo)  # noqa: SLF001  (to tell what is shared)
    return [str(name) for name in kept if name not in CHEAP]


def seconds(run: Ask, abnormal: Abnormal) -> float:
    """Processor time."""
    start = time.process_time()
    run(abnormal)
    return time.process_time() - start
