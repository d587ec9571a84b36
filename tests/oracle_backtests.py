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


def mean_trade(sample: Sequence[dict[str, float]]) -> tuple[float, float, float]:
    """Mean net a trade, its error and degrees of freedom, as numbers of clusters differ (CR2).

    Where the n trades of a cluster move as one its sum has the variance n²; what is left of it
    after the mean is weighed with 1/(1 − n/N). df = (tr A)²/tr A² of that quadratic form A.
    """
    size = [c["n"] for c in sample]
    total, d = sum(size), len(sample)
    mean = sum(c["net"] for c in sample) / total
    left = [(c["net"] - mean * c["n"]) ** 2 / (1 - c["n"] / total) for c in sample]
    root = [
        [((i == j) - size[i] / total) * size[j] / math.sqrt(1 - size[i] / total) for j in range(d)]
        for i in range(d)
    ]
    form = [[sum(a * b for a, b in zip(x, y, strict=True)) for y in root] for x in root]
    trace = sum(form[i][i] for i in range(d))
    return mean, math.sqrt(sum(left)) / total, trace**2 / sum(x**2 for row in form for x in row)


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


def cell_t(
    nets: Sequence[float], labels: Sequence[int], pick: Sequence[int], mean: float = 0.0
) -> float:
    """t of the mean net a trade less ``mean``, over the clusters ``pick`` of some trades."""
    total, n = 0.0, 0
    for d in pick:
        for net, label in zip(nets, labels, strict=True):
            if label == d:
                total, n = total + net, n + 1
    if n == 0:
        return math.inf
    average, spread = total / n, 0.0
    for d in pick:
        own = [net for net, label in zip(nets, labels, strict=True) if label == d]
        spread += (sum(own) - average * len(own)) ** 2
    many = len(pick)
    return (average - mean) / (math.sqrt(many / (many - 1) * spread) / n)


def moved_trade(
    returns: Sequence[float],
    market: Sequence[float] | None,
    row: int,
    rule: dict[str, Any],
) -> Trade:
    """One trade from close to close: its net profit by session, hedged if there is a market.

    ``rule`` has enter, leave, side, weight (a number, or "inverse_sigma"), bps, half_spread,
    borrow, and the first and last day of the estimation window.
    """
    first, last = row + rule["enter"], row + rule["leave"]
    alpha, beta, sigma = 0.0, 0.0, float("nan")
    if market is not None:
        days = range(row + rule["estimation"][0], row + rule["estimation"][1] + 1)
        x, y = [market[t] for t in days], [returns[t] for t in days]
        mx, my = sum(x) / len(x), sum(y) / len(y)
        sxx = sum((a - mx) ** 2 for a in x)
        beta = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / sxx
        alpha = my - beta * mx
        rest = [b - alpha - beta * a for a, b in zip(x, y, strict=True)]
        sigma = math.sqrt(sum(e * e for e in rest) / (len(rest) - 2))
    weight = 0.01 / sigma if rule["weight"] == "inverse_sigma" else rule["weight"]
    hedged = beta if rule["hedge"] else 0.0
    net = dict.fromkeys(range(first, last + 1), 0.0)
    for t in range(first + 1, last + 1):
        net[t] += rule["side"] * weight * (returns[t] - hedged * (market[t] if market else 0.0))
        if rule["side"] < 0:
            net[t] -= weight * rule["borrow"] / 252
    for t in (first, last):
        net[t] -= weight * (rule["bps"] / 1e4 * (1.0 + abs(hedged)) + rule["half_spread"])
    return {"entry": first, "first": first + 1, "last": last, "net": net}


def sharpe_and_mean(trades: Sequence[Trade]) -> tuple[float, float]:
    """Annual Sharpe ratio of the daily net, and the mean net a trade."""
    values = list(daily(trades).values())
    mean = sum(values) / len(values)
    spread = math.sqrt(sum((x - mean) ** 2 for x in values) / (len(values) - 1))
    total = sum(sum(t["net"].values()) for t in trades)
    return math.sqrt(252) * mean / spread, total / len(trades)
