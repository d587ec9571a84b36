"""How much correlation inflates the variance of a mean and deflates the spread (D.6–D.9)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.inference._laws import NAN
from eventstudy.inference._pairs import MIN_OVERLAP, mean_correlation
from eventstudy.inference._sample import Sample

#: distance from singular below which the factors mean nothing (D.6)
EDGE = 1e-8


@dataclass(frozen=True)
class Adjustment:
    """The Kolari–Pynnönen factors of a sample, or why there are none."""

    rbar: float = NAN
    #: 1 + (N−1) r̄: variance of a mean of correlated events against independent ones
    inflation: float = 1.0
    #: 1 − r̄: expected squared spread of correlated events against independent ones
    deflation: float = 1.0
    note: str = ""
    why: str = ""


def adjust(sample: Sample, min_overlap: int, *, clip_negative: bool = False) -> Adjustment:
    """Find r̄ and both factors; out of bounds it says so."""
    if why := unpaired(sample, min_overlap):
        return Adjustment(why=why)
    found = mean_correlation(sample, min_overlap)
    if sample.n < 2:
        return Adjustment()
    if np.isnan(found.rbar):
        return Adjustment(why=f"no pair of events has {min_overlap} common estimation days")
    rbar = max(found.rbar, 0.0) if clip_negative else found.rbar
    inflation, deflation = 1.0 + (sample.n - 1) * rbar, 1.0 - rbar
    if inflation <= EDGE or deflation <= EDGE:
        return Adjustment(
            rbar, why=f"the mean correlation {rbar:.3g} of {sample.n} events is out of bounds"
        )
    note = ""
    if found.left_out:
        note = (
            f"{found.left_out} of {found.left_out + found.pairs} pairs are not in r̄: "
            f"fewer than {min_overlap} common days"
        )
    return Adjustment(rbar, inflation, deflation, note)


def unpaired(sample: Sample, min_overlap: int) -> str:
    """Why r̄ is not known for this ``min_overlap``; or nothing."""
    return "" if min_overlap == MIN_OVERLAP else sample.unkept("correlation", "min_overlap")
