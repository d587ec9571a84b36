"""The events of a window as their sums tell, and what sums do not tell."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from eventstudy.arrays import FloatArray, IntArray
from eventstudy.inference._fold_first import Fold
from eventstudy.inference._fold_together import Together
from eventstudy.inference._moments import Values
from eventstudy.inference._sample import Sample

if TYPE_CHECKING:
    from eventstudy.inference._fold_answers import Folded

_STORE = 'run with store="car" or "full"'
#: tests that are no sum over events, and what they need
EVENTS = {
    "wilcoxon": "every event's CAR",
    "wild_events": "every event's CAR",
    "sur_F": "the residuals of every event",
    "gls_mean": "the residuals of every event",
    "contrasts": "the residuals of every event",
    "boot_residual": "the residuals of every event",
    "romano_wolf": "every event's CAR",
}
#: options that are none, or would be one more sum, and what they need
OPTIONS = {
    ("gen_sign", "phat"): "the residuals of every event",
    ("skew_t", "on"): "every event's BHAR",
    ("skew_t", "law"): "every event's CAR",
    ("rank_cz", "cross_correction"): "the residuals of every event",
    ("grank_t", "correction"): "the residuals of every event",
    ("correlation", "min_overlap"): "the residuals of every event",
    ("leverages", "adjust=True"): "the design of every event",
    ("leverages", "standardise=True"): "the design of every event",
}
#: of these, tests of one date: several dates are what stands against them first
ONE_DATE = frozenset({"sur_F", "gls_mean", "contrasts", "boot_residual"})
#: tests that are folded for the windows that were asked for, but not for the days beside them
ASKED = frozenset(
    (
        *("rank", "cumrank_t", "corrado_sign", "rank_cz", "grank_t", "grank_z", "jackknife"),
        *("dates_bmp", "dates_patell", "placebo_window"),
    )
)


class FoldedSample(Sample):
    """The events of a window, as their sums tell."""

    @property
    def _folded(self) -> Folded:
        return cast("Folded", self.abnormal)

    @property
    def _fold(self) -> Fold:
        return self._folded.fold

    @cached_property
    def at(self) -> int:
        """Place of the window among those folded."""
        return self._fold.plan.windows.index(self.window)

    @cached_property
    def _set(self) -> Together:
        return self._fold.sets.of(self.at)

    @property
    def key(self) -> bytes:
        """Identity of the window: what depends on its events is found by it."""
        return self.at.to_bytes(4, "big")

    def unkept(self, test: str, *option: str) -> str:
        """Why the sums do not hold what a test or an option of it needs; or nothing."""
        if option:
            return f"needs {OPTIONS[test, option[0]]}: {_STORE}"
        if test in EVENTS:
            return (
                "" if test in ONE_DATE and self.n_dates > 1 else f"needs {EVENTS[test]}: {_STORE}"
            )
        if test in ASKED and self.window not in self._folded.windows:
            return f"summed for the windows of windows= only: name {self.window.label} there"
        return ""

    # ── what the events are together ─────────────────────────────────────────────────────
    @property
    def n(self) -> int:
        return int(self._fold.cars.n[self.at])

    @cached_property
    def cars(self) -> Values:
        return self._fold.cars.at(self.at)

    @cached_property
    def scars(self) -> Values:
        return self._fold.scars.at(self.at)

    @cached_property
    def csars(self) -> Values:
        return self._fold.csars.at(self.at)

    @cached_property
    def sigmas(self) -> Values:
        return self._set.sigmas.at(0)

    @cached_property
    def dofs(self) -> Values:
        return self._set.dofs.at(0)

    @cached_property
    def inflation(self) -> float:
        return self._set.inflation

    @cached_property
    def lost(self) -> int:
        return round(self._set.lost)

    @cached_property
    def estimation_days(self) -> tuple[int, int]:
        return int(self._set.least), int(self._set.most)

    @cached_property
    def positive(self) -> int:
        return int(self._fold.positive[self.at])

    @property
    def first_q(self) -> float:
        return float(self._fold.first_q[self.at])

    @cached_property
    def event_days(self) -> FloatArray:
        return self._set.event.mean[self._folded.days(self.window)]

    @cached_property
    def bridged(self) -> bool:
        return bool(self._fold.bridged[self.at])

    @cached_property
    def firms(self) -> IntArray:
        return np.flatnonzero(np.unpackbits(self._set.firms))

    @cached_property
    def successive(self) -> int:
        runs = self._set.runs.get(self.length)
        return runs.longest if runs is not None else 1  # where windows overlap nobody asks

    # ── dates ────────────────────────────────────────────────────────────────────────────
    @cached_property
    def dates(self) -> IntArray:
        return np.asarray(self._fold.dates.rows[self._fold.dates.events[self.at] > 0])

    @cached_property
    def by_date(self) -> tuple[IntArray, IntArray]:
        size = self._fold.dates.events[self.at]
        begins = np.concatenate([[0], np.cumsum(size[size > 0])])
        return np.empty(0, dtype=np.int64), begins

    @cached_property
    def cluster_cars(self) -> FloatArray:
        dates = self._fold.dates
        there = dates.events[self.at] > 0
        return np.asarray(
            np.bincount(self.cluster, weights=dates.cars[self.at][there]), dtype=float
        )
