"""Every window of every security, CAR and SCAR: the scan of `eventstudy.rolling`."""

from __future__ import annotations

import gc
import time
from dataclasses import replace

import numpy as np

from benchmarks.cases import CAR, SPECS, Arrays, arrays, spread
from benchmarks.checking import COMPARED, confirm, deviation, least_squares
from benchmarks.figures import FREE
from benchmarks.machine import free_cores
from benchmarks.timing import How
from benchmarks.ways import prebuilt
from eventstudy.arrays import Placement
from eventstudy.rolling import Rolling, every_window

#: key of the bars → factors
FACTORS = {"dense": 1, "dense5": 5}


def measure(how: How, seed: int) -> dict[str, dict[str, list[float]]]:
    """Windows per second round by round, with one thread and with two."""
    found = {}
    for key, factors in FACTORS.items():
        case = arrays(replace(SPECS["b"], key=key, factors=factors), seed)
        confirm(key, {"every_window": _error(case)})
        rounds: dict[str, list[float]] = {"rate": [], "two": [], "cores": []}
        for _ in range(how.rounds):
            rounds["rate"].append(_rate(case, 1, how.clock))
            before = free_cores()
            rounds["two"].append(_rate(case, 2, "wall"))
            rounds["cores"].append(min(before, free_cores()))
        found[key] = rounds
    return found


def figures(found: dict[str, dict[str, list[float]]]) -> dict[str, float]:
    """Medians; with two threads of the rounds in which the second core was free."""
    told = {}
    for key, rounds in found.items():
        told[f"{key}.rate"] = float(np.median(rounds["rate"]))
        two = np.array(rounds["two"])[np.array(rounds["cores"]) >= FREE]
        if two.size:
            told[f"{key}.two.rate"] = float(np.median(two))
    return told


def said(found: dict[str, dict[str, list[float]]]) -> str:
    """Put it in lines."""
    lines = ["all windows of 3,000 tickers × 2,500 sessions, CAR and SCAR, in millions a second"]
    for key, rounds in found.items():
        one, two = (np.median(rounds[name]) / 1e6 for name in ("rate", "two"))
        free = sum(core >= FREE for core in rounds["cores"])
        lines.append(
            f"  {FACTORS[key]} factor{'s' * (FACTORS[key] > 1)}: {one:.1f}; workers=2 {two:.1f} "
            f"(second core free in {free} of {len(rounds['cores'])} rounds)"
        )
    return "\n".join(lines)


def _rate(case: Arrays, workers: int, clock: str) -> float:
    """Windows per second of one run."""
    now = time.perf_counter if clock == "wall" else time.process_time
    gc.collect()
    start = now()
    found = _scan(case, workers)
    return float(np.count_nonzero(np.isfinite(found.scar[0]))) / (now() - start)


def _scan(case: Arrays, workers: int) -> Rolling:
    spec = case.spec
    return every_window(spec.model, case.inputs, spec.windows, [CAR], workers=workers)


def _error(case: Arrays) -> float:
    """Largest deviation of some windows from plain least squares."""
    found = _scan(case, 1)
    index = spread(case.spec.events, COMPARED)
    firm, row = case.placement.firm[index], case.placement.row[index]
    some = replace(case, placement=Placement(firm, row, np.arange(len(index))))
    plain = np.array([least_squares(e) for e in prebuilt(some, np.arange(len(index)))])
    at = row - found.rows.start
    return deviation(
        np.column_stack([found.sigma[firm, at], found.car[0, firm, at], found.scar[0, firm, at]]),
        plain[:, [case.spec.factors + 1, -2, -1]],
    )
