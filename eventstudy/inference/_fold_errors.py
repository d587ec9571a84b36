"""Forecast errors of the CARs of all windows of a fold, once for each design."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.inference._fold_plan import Plan
from eventstudy.roots import Roots, squares


@dataclass(frozen=True, eq=False)
class ForecastErrors:
    """Factors Q of m CARs of G designs, or of each event where designs do not tell (C.2)."""

    #: (m, G) Q and √Q, and (n,) the design of each event
    q: FloatArray
    root: FloatArray
    design: IntArray

    @classmethod
    def of(cls, events: Abnormal, plan: Plan) -> ForecastErrors:
        """Find them."""
        if plan.missing != "drop" or events.variance is not None or events.bridged is not None:
            q = np.array([events.q(w) for w in plan.windows])
            return cls(q, np.sqrt(q), np.arange(len(events)))
        root = events.root
        dates = root.shared if isinstance(root, Roots) else root
        sums = [dates[:, events.days(w)].sum(axis=1) for w in plan.windows]
        window = np.stack(sums, axis=1)  # as if each window were a day
        extra = squares(replace(root, shared=window) if isinstance(root, Roots) else window)
        q = np.array([len(w) for w in plan.windows])[:, None] + extra.T
        return cls(q, np.sqrt(q), events.design)

    def roots(self, some: slice) -> FloatArray:
        """(m, k) √Q of some events."""
        return self.root.take(self.design[some], axis=1)

    def first(self, kept: BoolArray) -> FloatArray:
        """(m,) Q of the first event that each window retains; NaN where it retains none."""
        if not kept.shape[1]:
            return np.full(len(kept), np.nan)
        q = self.q[np.arange(len(kept)), self.design[kept.argmax(axis=1)]]
        return np.where(kept.any(axis=1), q, np.nan)
