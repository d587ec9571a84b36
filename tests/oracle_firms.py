"""The plain loop for what differs by firm: peers, donors, gaps between trades.

Peers and matched firms (B.10), synthetic control and elastic net (B.11), returns from trade to
trade (A.5): one event at a time, one day at a time. Nothing of the library is used.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import oracle
from oracle import NAN, Floats, Window

BLOCKS = 5


# ── B.10: peers ──────────────────────────────────────────────────────────────────────────
def peers(returns: Floats, firm: int, members: Sequence[int], least: int = 2) -> Floats:
    """(T,) the mean return of the members other than the firm, day by day."""
    means = []
    for t in range(returns.shape[1]):
        day = [float(returns[j, t]) for j in members if j != firm]
        day = [value for value in day if math.isfinite(value)]
        means.append(sum(day) / len(day) if len(day) >= least else NAN)
    return np.array(means)


def portfolio(returns: Floats, weights: dict[int, float]) -> Floats:
    """(T,) the return of fixed weights; missing where a part is missing."""
    return np.array(
        [
            sum(weight * float(returns[j, t]) for j, weight in weights.items())
            for t in range(returns.shape[1])
        ]
    )


def each(
    data: oracle.Data,
    own: dict[int, Floats],
    events: Sequence[tuple[int, int]],
    setup: oracle.Setup,
) -> oracle.Study:
    """Every event with a factor of its own as the last column of the factors."""
    fitted: list[oracle.Event] = []
    dropped: dict[int, str] = {}
    for number, (firm, day0) in enumerate(events):
        factors = np.column_stack([data.factors, own[firm]])
        alone = oracle.Data(data.returns, factors, data.risk_free, data.excluded)
        study = oracle.run(alone, [firm], [day0], setup)
        fitted += [replace(event, number=number) for event in study.events]
        if study.dropped:
            dropped[number] = study.dropped[0]
    return oracle.Study(setup, fitted, dropped)


# ── B.11: donors ─────────────────────────────────────────────────────────────────────────
def simplex_weights(y: Floats, X: Floats) -> Floats:
    """Least squares over w ≥ 0, Σw = 1: every set of donors is tried."""
    best, found = math.inf, np.full(X.shape[1], NAN)
    for size in range(1, X.shape[1] + 1):
        for chosen in itertools.combinations(range(X.shape[1]), size):
            # y − Xw with the last weight put in as one minus the others
            last = X[:, chosen[-1]]
            others = X[:, list(chosen[:-1])] - last[:, None]
            part = np.linalg.lstsq(others, y - last)[0] if size > 1 else np.empty(0)
            weights = np.append(part, 1.0 - part.sum())
            loss = float(np.sum((y - X[:, list(chosen)] @ weights) ** 2))
            if (weights >= 0).all() and loss < best:
                best, found = loss, np.zeros(X.shape[1])
                found[list(chosen)] = weights
    return found


def elastic_net(y: Floats, X: Floats, alpha: float, penalty: float) -> tuple[float, Floats]:
    """Intercept and weights by coordinate descent on standardised series."""
    size, spread = float(np.std(y)), np.std(X, axis=0)
    z, u = (X - X.mean(axis=0)) / spread, (y - y.mean()) / size
    m, j = z.shape
    gram, pull = (z.T @ z / m).tolist(), (z.T @ u / m).tolist()
    b = [0.0] * j
    for _ in range(100_000):
        moved = 0.0
        for k in range(j):
            rest = pull[k] - sum(gram[k][i] * b[i] for i in range(j) if i != k)
            shrunk = math.copysign(max(abs(rest) - penalty * alpha, 0.0), rest)
            new = shrunk / (gram[k][k] + penalty * (1.0 - alpha))
            moved, b[k] = max(moved, abs(new - b[k])), new
        if moved < 1e-15:
            break
    weights = np.array(b) * size / spread
    return float(y.mean() - weights @ X.mean(axis=0)), weights


def most(y: Floats, X: Floats, alpha: float) -> float:
    """The smallest penalty that leaves no donor."""
    z = (X - X.mean(axis=0)) / np.std(X, axis=0)
    return float(np.abs(z.T @ (y - y.mean())).max() / len(y) / np.std(y) / alpha)


@dataclass(frozen=True)
class Counterfactual:
    """One event against its donors."""

    params: Floats
    residuals: Floats
    sigma: float
    dof: int
    ar: Floats


def blocks(m: int) -> list[list[int]]:
    """Five contiguous blocks of ``m`` days."""
    return [[k for k in range(m) if k * BLOCKS // m == b] for b in range(BLOCKS)]


def counterfactual(
    actual: Floats,
    donors: Floats,
    split: int,
    kind: str,
    alpha: float = 0.5,
    penalty: float | None = None,
) -> Counterfactual:
    """``actual`` (days,) and ``donors`` (days, J): ``split`` estimation days, then the event's."""
    valid = [t for t in range(split) if math.isfinite(actual[t]) and np.isfinite(donors[t]).all()]
    y, X = actual[valid], donors[valid]

    def fit(days: list[int], lam: float) -> Floats:
        if kind == "synthetic":
            return simplex_weights(y[days], X[days])
        a, w = elastic_net(y[days], X[days], alpha, lam)
        return np.append(a, w)

    def expect(theta: Floats, x: Floats) -> float:
        return float(x @ theta) if kind == "synthetic" else float(theta[0] + x @ theta[1:])

    def held_out(lam: float) -> list[float]:
        out = [NAN] * len(valid)
        for block in blocks(len(valid)):
            theta = fit([k for k in range(len(valid)) if k not in block], lam)
            for k in block:
                out[k] = float(y[k]) - expect(theta, X[k])
        return out

    lam = 0.0 if penalty is None else penalty
    if kind != "synthetic" and penalty is None:
        best = math.inf
        for share in np.geomspace(1.0, 1e-3, 100):
            tried = float(share) * most(y, X, alpha)
            loss = sum(e * e for e in held_out(tried))
            if loss < best:
                best, lam = loss, tried
    theta, e = fit(list(range(len(valid))), lam), held_out(lam)
    residuals = np.full(split, NAN)
    residuals[valid] = e
    event = range(split, len(actual))
    return Counterfactual(
        params=theta,
        residuals=residuals,
        sigma=math.sqrt(sum(v * v for v in e) / len(e)),
        dof=len(e),
        ar=np.array([float(actual[t]) - expect(theta, donors[t]) for t in event]),
    )


# ── A.5: from trade to trade ─────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Trades:
    """One event of a stock that does not trade every day."""

    params: Floats
    sigma: float
    dof: int
    #: event window: abnormal returns of trades, sessions that each covers (0 without a trade)
    ar: list[float]
    covers: list[int]
    #: rows (d, Σ market) of the event window and (X'X)⁻¹ of the estimation
    x: Floats
    inverse: Floats
    #: estimation: residuals over √d (NaN without a trade), regressor rows and returns over √d
    residuals: Floats
    X: Floats
    y: Floats
    #: event window: the returns since the last trade
    actual: list[float]


def trade_to_trade(
    prices: Floats, market: Floats, day0: int, estimation: Window, window: Window
) -> Trades:
    """``prices`` (T,) NaN without a trade, ``market`` (T,) log returns."""

    def observed(t: int) -> tuple[float, int, float]:
        """Log return since the last trade, sessions since then, market over them."""
        before = [s for s in range(t) if math.isfinite(prices[s])]
        if not before or not math.isfinite(prices[t]):
            return NAN, 0, NAN
        d = t - before[-1]
        total = sum(float(market[s]) for s in range(before[-1] + 1, t + 1))
        return math.log(prices[t] / prices[before[-1]]), d, total

    rows, y, used = [], [], []
    for t in range(day0 + estimation[0], day0 + estimation[1] + 1):
        r, d, m = observed(t)
        if d and math.isfinite(r) and math.isfinite(m):
            rows.append([math.sqrt(d), m / math.sqrt(d)])
            y.append(r / math.sqrt(d))
            used.append(t - day0 - estimation[0])
    X = np.array(rows)
    _, theta = oracle.least_squares(X, np.array(y))
    e = np.array(y) - X @ theta
    dof = len(y) - 2
    residuals = np.full(estimation[1] - estimation[0] + 1, NAN)
    residuals[used] = e
    ar, covers, x, actual = [], [], [], []
    for t in range(day0 + window[0], day0 + window[1] + 1):
        r, d, m = observed(t)
        actual.append(r)
        ar.append(r - float(theta[0]) * d - float(theta[1]) * m if d else NAN)
        covers.append(d)
        x.append([float(d), m if d else 0.0])
    sigma = math.sqrt(float(e @ e) / dof)
    inverse = np.linalg.inv(X.T @ X)
    past = (residuals, X, np.array(y))
    return Trades(theta, sigma, dof, ar, covers, np.array(x), inverse, *past, actual)
