"""The figures that the bars ask for, from what was timed: medians of the rounds."""

from __future__ import annotations

import numpy as np

from benchmarks.timing import Measured, Timed
from eventstudy.arrays import BoolArray, FloatArray

#: two threads do so much more than one where the second core was free
FREE = 1.7


def of_case(measured: Measured) -> dict[str, float]:
    """Rate, seconds and ratios of the engine with everything it stores."""
    key, engine = measured.spec.key, measured["engine"]
    found = {
        "rate": float(engine.events / np.median(engine.seconds)),
        "seconds": float(np.median(engine.seconds)),
        "ols": against(engine, measured["ols"]),
        "limit": float(np.median(limit(measured, engine))),
    }
    if "fused" in measured:
        found["fused"] = against(engine, measured["fused"])
    if "typed" in measured:
        found["layer"] = float(np.median(layer(measured) / measured["tests"].seconds))
    if "two" in measured and free(measured).any():
        both = measured["two"]
        found["two.rate"] = float(both.events / np.median(both.seconds[free(measured)]))
    return {f"{key}.{name}": value for name, value in found.items()}


def against(ours: Timed, theirs: Timed) -> float:
    """How many times their events per second: the median of the ratios within each round."""
    return float(np.median(ours.rate / theirs.rate))


def limit(measured: Measured, way: Timed) -> FloatArray:
    """Share of what the memory could move in that round."""
    return np.asarray(way.rate * measured.bound / np.array(measured.bandwidth))


def layer(measured: Measured) -> FloatArray:
    """Seconds of the study as typed beyond the same tests on arrays, round by round."""
    return np.asarray(measured["typed"].seconds - measured["tests"].seconds)


def free(measured: Measured) -> BoolArray:
    """Rounds in which the second core was free."""
    return np.array(measured.cores) >= FREE
