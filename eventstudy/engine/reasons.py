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
from eventstudy.engine.gathering import gather


@dataclass(frozen=True)
class Evidence:
    """What the verdict on N events rests on."""

    inputs: Inputs
    placement: Placement
    windows: Windows
    #: (N, L2) abnormal returns
    abnormal: FloatArray
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
        reason[where & (reason == 0)] = why.code

    blank = _blank(evidence.abnormal)
    empty = _no_returns(evidence, blank)
    short = evidence.count < need
    give(Reason.NO_EVENT_DATA, empty)
    give(Reason.FACTOR_MISSING, short & (evidence.returns >= need))
    give(Reason.MIN_EST, short)
    give(Reason.COLLINEAR, evidence.collinear)
    give(Reason.FACTOR_MISSING, blank)
    give(Reason.ZERO_VARIANCE, evidence.still)
    return reason


def _blank(abnormal: FloatArray) -> BoolArray:
    """(N,) events without any abnormal return; one cheap sum settles the usual case."""
    if np.isfinite(abnormal.sum()):
        return np.zeros(len(abnormal), dtype=bool)
    return np.asarray(~np.isfinite(abnormal).any(axis=1))


def _no_returns(evidence: Evidence, blank: BoolArray) -> BoolArray:
    """(N,) events without a single return in the event window."""
    found = np.zeros(len(blank), dtype=bool)
    silent = np.flatnonzero(blank)
    window = evidence.windows.event
    returns = gather(
        evidence.inputs.returns,
        evidence.placement.firm[silent],
        evidence.placement.row[silent] + window.first,
        len(window),
        np.float64("nan"),
    )
    found[silent] = ~np.isfinite(returns).any(axis=1)
    return found
