"""Which fitted events cannot be used, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.arrays import (
    BoolArray,
    FloatArray,
    Inputs,
    IntArray,
    Placement,
    Reason,
    Windows,
)
from eventstudy.engine.gathering import gather_returns


@dataclass(frozen=True)
class Evidence:
    """What the verdict on N events rests on."""

    inputs: Inputs
    placement: Placement
    windows: Windows
    #: (N,) events without any abnormal return
    blank: BoolArray
    #: (N,) valid estimation days, and those with a return whatever the factors
    count: FloatArray
    returns: FloatArray
    collinear: BoolArray
    #: (N,) returns or residuals that do not move
    still: BoolArray


def judge(evidence: Evidence, need: int) -> IntArray:
    """(N,) 0 for a usable event, else the code of the first reason that applies."""
    reason = np.zeros(len(evidence.count), dtype=np.int64)

    def give(why: Reason, where: BoolArray) -> None:
        if where.any():
            reason[where & (reason == 0)] = why.code

    short = evidence.count < need
    if not (short | evidence.collinear | evidence.blank | evidence.still).any():
        return reason
    give(Reason.NO_EVENT_DATA, _no_returns(evidence))
    give(Reason.FACTOR_MISSING, short & (evidence.returns >= need))
    give(Reason.MIN_EST, short)
    give(Reason.COLLINEAR, evidence.collinear)
    give(Reason.FACTOR_MISSING, evidence.blank)
    give(Reason.ZERO_VARIANCE, evidence.still)
    return reason


def without_any(abnormal: FloatArray) -> BoolArray:
    """(N,) events without any abnormal return."""
    return np.asarray(~np.isfinite(abnormal).any(axis=1))


def _no_returns(evidence: Evidence) -> BoolArray:
    """(N,) events without a single return in the event window."""
    found = evidence.blank
    silent = np.flatnonzero(found)
    if silent.size:
        found = np.zeros(len(found), dtype=bool)
        window, at = evidence.windows.event, evidence.placement
        start = at.row[silent] + window.first
        returns = gather_returns(evidence.inputs.returns, at.firm[silent], start, len(window))
        found[silent] = without_any(returns)
    return found
