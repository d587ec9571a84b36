"""The honesty tools of a backtest as plain loops: clusters, bootstrap, placebo, grid.

One trade at a time, dictionaries of sessions, formulas of textbooks; nothing of the package.
A trade is a dict: first and last session held, entry session, and its net profit by session.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

Trade = dict[str, Any]


def clusters(trades: Sequence[Trade]) -> list[list[int]]:
    """Positions of the trades of each cluster, in the order of time: merge until nothing meets."""
    groups = [([i], set(range(t["first"], t["last"] + 1))) for i, t in enumerate(trades)]
    merged = True
    while merged:
        merged = False
        for a in range(len(groups)):
            for b in range(a + 1, len(groups)):
                if groups[a][1] & groups[b][1]:
                    groups[a] = (groups[a][0] + groups[b][0], groups[a][1] | groups[b][1])
                    del groups[b]
                    merged = True
                    break
            if merged:
                break
    return [sorted(members) for members, _ in sorted(groups, key=lambda g: min(g[1]))]


def daily(trades: Sequence[Trade]) -> dict[int, float]:
    """Session → net profit, for all sessions from the first entry to the last leaving."""
    first = min(t["entry"] for t in trades)
    last = max(t["last"] for t in trades)
    found = dict.fromkeys(range(first, last + 1), 0.0)
    for trade in trades:
        for session, net in trade["net"].items():
            found[session] += net
    return found


def by_cluster(trades: Sequence[Trade]) -> list[dict[str, float]]:
    """n trades, their net, and sums of the daily net and its square, of each cluster."""
    groups = clusters(trades)
    ends = [max(trades[i]["last"] for i in group) for group in groups]
    found = []
    for group in groups:
        net = sum(sum(trades[i]["net"].values()) for i in group)
        found.append({"n": len(group), "net": net, "s": 0.0, "q": 0.0})
    for session, net in daily(trades).items():
        owner = next(d for d, end in enumerate(ends) if session <= end)
        found[owner]["s"] += net
        found[owner]["q"] += net**2
    return found


def figures(sample: Sequence[dict[str, float]], sessions: int) -> dict[str, tuple[float, float]]:
    """Mean net a trade, total net and annual Sharpe of some clusters, with standard errors."""
    d = len(sample)
    n = sum(c["n"] for c in sample)
    total = sum(c["net"] for c in sample)
    mean = total / n
    spread = sum((c["net"] - mean * c["n"]) ** 2 for c in sample)
    se_mean = math.sqrt(d / (d - 1) * spread) / n
    se_total = math.sqrt(d / (d - 1) * sum((c["net"] - total / d) ** 2 for c in sample))
    s, q = sum(c["s"] for c in sample), sum(c["q"] for c in sample)

    def sharpe(s: float, q: float) -> float:
        m = s / sessions
        return math.sqrt(252) * m / math.sqrt((q - sessions * m * m) / (sessions - 1))

    # the influence of a cluster: the slope of the ratio in what the cluster adds (differences)
    step_s, step_q = 1e-5 * math.sqrt(q), 1e-5 * q
    by_s = (sharpe(s + step_s, q) - sharpe(s - step_s, q)) / (2 * step_s)
    by_q = (sharpe(s, q + step_q) - sharpe(s, q - step_q)) / (2 * step_q)
    psi = [by_s * c["s"] + by_q * c["q"] for c in sample]
    middle = sum(psi) / d
    se_sharpe = math.sqrt(d / (d - 1) * sum((x - middle) ** 2 for x in psi))
    return {
        "mean_net": (mean, se_mean),
        "total_net": (total, se_total),
        "sharpe": (sharpe(s, q), se_sharpe),
    }


def bootstrap_p(
    trades: Sequence[Trade], picks: Sequence[Sequence[int]]
) -> dict[str, tuple[float, float, float]]:
    """Statistic → estimate, standard error, p-value of the bootstrap-t over these draws."""
    parts, sessions = by_cluster(trades), len(daily(trades))
    own = figures(parts, sessions)
    more = dict.fromkeys(own, 0)
    for pick in picks:
        drawn = figures([parts[d] for d in pick], sessions)
        for name, (estimate, se) in own.items():
            t = (drawn[name][0] - estimate) / drawn[name][1]
            more[name] += abs(t) >= abs(estimate / se)
    return {
        name: (estimate, se, (1 + more[name]) / (1 + len(picks)))
        for name, (estimate, se) in own.items()
    }


def holm(pvalues: Sequence[float]) -> list[float]:
    """Adjusted p-values, step by step."""
    m, running, found = len(pvalues), 0.0, [0.0] * len(pvalues)
    for step, k in enumerate(sorted(range(m), key=lambda k: pvalues[k])):
        running = max(running, min(1.0, (m - step) * pvalues[k]))
        found[k] = running
    return found


def step_down(statistics: Sequence[float], draws: Sequence[Sequence[float]]) -> list[float]:
    """Romano and Wolf's p-values: the largest of the rules that are still in the race."""
    order = sorted(range(len(statistics)), key=lambda k: -abs(statistics[k]))
    found, running = [0.0] * len(statistics), 0.0
    for step, k in enumerate(order):
        rest = order[step:]
        more = sum(max(abs(draw[j]) for j in rest) >= abs(statistics[k]) for draw in draws)
        running = max(running, (1 + more) / (1 + len(draws)))
        found[k] = running
    return found
