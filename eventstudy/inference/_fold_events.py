"""Summing the events of a block: what they have in common besides their residuals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eventstudy.arrays import BoolArray, IntArray
from eventstudy.inference._fold_block import Block
from eventstudy.inference._fold_plan import Plan, Retained
from eventstudy.inference._fold_runs import Runs
from eventstudy.inference._fold_together import Sets, Together
from eventstudy.inference._fold_totals import Totals, Weights
from eventstudy.inference._moments import Moments, together


def sets_of(block: Block, plan: Plan, retained: Retained) -> Sets:
    """Sum what the sets of events of a block have in common."""
    events = block.own
    ar = events.abnormal
    seen = np.isfinite(ar)
    whole = bool(seen.all())
    by_day = Totals.nothing(len(retained.masks), len(plan.window))
    weights = Weights.of(retained.masks)
    by_day.add(weights, ar if whole else np.where(seen, ar, 0.0), None if whole else seen)
    shared = _Shared(block, retained, by_day)
    made = [shared.together(j, _lengths(plan, retained, j)) for j in range(len(retained.masks))]
    return Sets(retained.which, tuple(made))


@dataclass(frozen=True, eq=False)
class _Shared:
    """What all sets of a block are made from."""

    block: Block
    retained: Retained
    by_day: Totals

    def together(self, j: int, lengths: list[int]) -> Together:
        """Sum the events of set ``j``."""
        a, mask = self.block.own, self.retained.masks[j]
        dof, days = a.dof[mask], a.n_obs[mask]
        with np.errstate(divide="ignore"):
            inflation = float((dof / (dof - 2.0)).sum())
        return Together(
            sigmas=Moments.of(a.sigma[None], mask[None]),
            dofs=Moments.of(a.dof[None], mask[None]),
            inflation=inflation,
            lost=float((days - dof).max(initial=-np.inf)),
            least=float(days.min(initial=np.inf)),
            most=float(days.max(initial=-np.inf)),
            firms=_bits(a.firm[mask]),
            event=self.by_day.of(j),
            sars=self.sars(mask) if self.retained.asked[j] else None,
            runs=self.runs(mask, lengths),
        )

    def sars(self, mask: BoolArray) -> Moments:
        """Of the (L2, n) standardised abnormal returns of a set."""
        parts = []
        for some in self.block.pieces():
            sar = np.ascontiguousarray(self.block.own.sar[some].T)
            parts.append(Moments.of(sar, np.isfinite(sar) & mask[some]))
        return together(parts)

    def runs(self, mask: BoolArray, lengths: list[int]) -> dict[int, Runs | None]:
        """Runs of the set's events for windows of some lengths, where dates do not overlap."""
        dates = np.unique(self.block.own.row[mask])
        nearest = int(np.diff(dates).min(initial=1 << 30))
        firm, row = self.block.own.firm[mask], self.block.own.row[mask]
        order = np.argsort(firm, kind="stable")  # dates ascend
        firm, row = firm[order], row[order]
        return {length: Runs.of(firm, row, 2 * length) for length in lengths if length <= nearest}


def _bits(firm: IntArray) -> npt.NDArray[np.uint8]:
    """One bit for each firm up to the last."""
    seen = np.zeros(int(firm.max(initial=-1)) + 1, dtype=bool)
    seen[firm] = True
    return np.packbits(seen)


def _lengths(plan: Plan, retained: Retained, j: int) -> list[int]:
    """Lengths of the windows that were asked for and have set ``j``."""
    asked = zip(plan.asked, retained.which, strict=False)
    return sorted({len(w) for w, k in asked if k == j})
