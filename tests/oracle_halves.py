"""Night and day the slow way: one firm, one session at a time, then the study of oracle.py.

Nothing of the library is used here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from oracle import MARKET, NAN, Data, Floats, Model, Setup, Study, run


def halves(
    returns: Sequence[float], opens: Sequence[float], closes: Sequence[float], kind: str
) -> tuple[list[float], list[float]]:
    """Night and day of each session of one firm; both NaN where one of them is not known."""
    nights, days = [], []
    for r, o, c in zip(returns, opens, closes, strict=True):
        if not (o > 0 and c > 0 and math.isfinite(r)):
            nights.append(NAN)
            days.append(NAN)
        elif kind == "log":
            days.append(math.log(c / o))
            nights.append(r - math.log(c / o))
        else:
            days.append(c / o - 1)
            nights.append((1 + r) * o / c - 1)
    return nights, days


def studies(
    data: Data, bars: tuple[Floats, Floats], events: list[tuple[int, int]], setup: Setup
) -> tuple[Study, Study]:
    """The studies of the nights and of the days.

    ``bars`` are opens and closes (S, T); factor k is the return of firm k, less the risk-free
    rate where there is one, which is earned in the night.
    """
    parts = [
        halves(row.tolist(), o.tolist(), c.tolist(), setup.kind)
        for row, o, c in zip(data.returns, *bars, strict=True)
    ]
    found = []
    for half in (0, 1):
        values = np.array([part[half] for part in parts])
        rate = data.risk_free
        if rate is not None and half == 1:
            rate = np.zeros(len(rate))
        k = data.factors.shape[1]
        factors = np.array([values[j] - (0.0 if rate is None else rate) for j in range(k)]).T
        firms, days = [firm for firm, _ in events], [day for _, day in events]
        found.append(run(Data(values, factors, rate), firms, days, setup))
    return found[0], found[1]


def market_model(night: Floats, market: Floats, day0: int, first: int, last: int) -> float:
    """The abnormal return of day 0 by the normal equations of one regressor (B.3)."""
    x, y, n = [], [], 0
    for t in range(day0 + first, day0 + last + 1):
        if math.isfinite(night[t]) and math.isfinite(market[t]):
            x.append(float(market[t]))
            y.append(float(night[t]))
            n += 1
    mean_x, mean_y = sum(x) / n, sum(y) / n
    above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    beta = above / sum((a - mean_x) ** 2 for a in x)
    return float(night[day0] - (mean_y - beta * mean_x) - beta * market[day0])


__all__ = ["MARKET", "Data", "Model", "Setup", "halves", "market_model", "studies"]
