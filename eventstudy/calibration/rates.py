"""From p-values to rates of rejection, to verdicts, to the effect found four times in five."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from eventstudy.arrays import FloatArray
from eventstudy.calibration.asking import ALTERNATIVES, Answers

#: Monte-Carlo standard errors that a rate may lie from its level
ERRORS = 4.0
#: the power of a test that finds an effect
POWER = 0.8
HOLDS, OFTEN, RARELY = "holds", "rejects too often", "rejects too rarely"
COLUMNS = (
    *("window", "test", "valid", "effect", "alternative", "level"),
    *("rate", "mc_error", "draws", "undefined"),
)


def rates_table(
    answers: Answers, levels: Sequence[float], valid: Mapping[str, frozenset[str]]
) -> pd.DataFrame:
    """One row a window, test, effect, alternative and level; valid tests first."""
    rows = []
    effects = np.argsort(answers.effects)
    for w, window in enumerate(answers.windows):
        holds = [asked.name in valid[window.label] for asked in answers.tests]
        for t in sorted(range(len(holds)), key=lambda t: not holds[t]):
            for e in effects:
                for a, alternative in enumerate(ALTERNATIVES):
                    p = answers.pvalues[w, t, e, :, a]
                    what = (window.label, answers.tests[t].name, holds[t], answers.effects[e])
                    rows += [(*what, alternative, x, *_rate(p, x)) for x in levels]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rate(pvalues: FloatArray, level: float) -> tuple[float, float, int, int]:
    """Share of p ≤ level, its Monte-Carlo error, draws with a p-value, and draws without."""
    known = pvalues[np.isfinite(pvalues)]
    n = len(known)
    if not n:
        return math.nan, math.nan, 0, len(pvalues)
    rate = float((known <= level).mean())
    return rate, math.sqrt(rate * (1.0 - rate) / n), n, len(pvalues) - n


def band(level: float, draws: int) -> tuple[float, float]:
    """Rates that are told from ``level`` by less than four Monte-Carlo errors.

    >>> [round(x, 3) for x in band(0.05, 1000)]
    [0.022, 0.078]
    """
    reach = ERRORS * math.sqrt(level * (1.0 - level) / max(draws, 1))
    return max(level - reach, 0.0), level + reach


def verdict(rate: float, level: float, draws: int) -> str:
    """What a rate of rejection without any effect says; nothing without a rate.

    >>> verdict(0.38, 0.05, 1000), verdict(0.056, 0.05, 1000), verdict(0.0, 0.05, 1000)
    ('rejects too often', 'holds', 'rejects too rarely')
    """
    if math.isnan(rate):
        return ""
    low, high = band(level, draws)
    return OFTEN if rate > high else RARELY if rate < low else HOLDS


def smallest_found(effects: Sequence[float], power: Sequence[float]) -> float:
    """Effect at which the power reaches 80 %, between the planted ones on a straight line.

    Infinite where no planted effect is found so often, NaN where the test gives no number.

    >>> round(smallest_found([0.0, 0.01, 0.02], [0.05, 0.4, 0.9]), 3)
    0.018
    >>> smallest_found([0.0, 0.01], [0.05, 0.4])
    inf
    """
    if not np.isfinite(power).all():
        return math.nan
    points = sorted(zip(map(abs, effects), power, strict=True))
    for (a, low), (b, high) in pairwise(points):
        if low < POWER <= high:
            return float(a + (b - a) * (POWER - low) / (high - low))
    return points[0][0] if points[0][1] >= POWER else math.inf
