"""Processor time of every test on one study: the first call, and one that finds the passes made."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.cases import CAR, Case, spread
from benchmarks.ways import ols_loop, prebuilt, run_engine
from eventstudy import inference
from eventstudy.abnormal import Abnormal

#: draws of a wild bootstrap
DRAWS = 10_000
#: events of the loop of least squares
LOOPED = 500
#: a test whose next call takes less than this share of its first has kept a pass
KEPT = 0.3
#: events below which a pass is too short to be told
TELLING = 10_000


@dataclass(frozen=True)
class Cost:
    """One test: seconds of its first call and of the next."""

    name: str
    first: float
    again: float
    #: other tests that are done once this one is
    shares: list[str] = field(default_factory=list)


def costs(case: Case, rounds: int) -> tuple[list[Cost], float]:
    """Every test that has an answer, and seconds an event of the statsmodels loop."""
    abnormal = run_engine(case)
    tests = asked(abnormal)
    first = dict.fromkeys(tests, float("inf"))
    again = dict.fromkeys(tests, float("inf"))
    for _ in range(rounds):
        for name, test in tests.items():
            fresh = abnormal.take(slice(None))
            fresh.car(CAR)
            first[name] = min(first[name], seconds(lambda: test(fresh)))  # noqa: B023  (called at once)
            again[name] = min(again[name], seconds(lambda: test(fresh)))  # noqa: B023  (called at once)
    rows = prebuilt(case, spread(case.spec.events, LOOPED))
    loop = seconds(lambda: ols_loop(rows)) / len(rows)
    large = case.spec.events >= TELLING
    found = [
        Cost(name, first[name], again[name], shared(abnormal, name, tests, first) if large else [])
        for name in tests
    ]
    return found, loop


def asked(abnormal: Abnormal) -> dict[str, Callable[[Abnormal], object]]:
    """Tests that apply to these events, as functions of the events."""

    def as_function(name: str) -> Callable[[Abnormal], object]:
        options = {"draws": DRAWS} if name.startswith("wild") else {}
        return lambda events: inference.resolve(name)(events, CAR, **options)

    names = inference.names(resampling=abnormal.n_obs.size < TELLING)
    every = [*dict.fromkeys([*names, "wild_dates"])]
    tried = abnormal.take(slice(None))
    found = {name: as_function(name) for name in every}
    return {name: test for name, test in found.items() if test(tried).statistic == test(tried).statistic}


def shared(
    abnormal: Abnormal, name: str, tests: dict[str, Callable[[Abnormal], object]], first: dict[str, float]
) -> list[str]:
    """Tests that cost little once ``name`` has been asked, of those that cost something alone."""
    fresh = abnormal.take(slice(None))
    tests[name](fresh)
    dear = [other for other in tests if other != name and first[other] > 2e-2]
    return [other for other in dear if seconds(lambda: tests[other](fresh)) < KEPT * first[other]]


def seconds(run: Callable[[], object]) -> float:
    """Processor time."""
    start = time.process_time()
    run()
    return time.process_time() - start
