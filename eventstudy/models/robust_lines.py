"""Lines R = α + β·x through points that may hold outliers, for many events at once.

Every function takes (n, L1) returns, the (n, L1) or (1, L1) market and the (n, L1) days to
use, and loops over passes or chunks, never over events (docs/methods.md, B.9).
"""

from __future__ import annotations

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.models.single_index import mean_over

#: the median absolute deviation of a standard normal variable
NORMAL_MAD = 0.67448975
#: Huber's weights: most passes, and when they have settled (see `huber`)
PASSES = 200
SETTLED, ROUNDING = 1e-12, 1e-15
#: numbers that Theil–Sen holds at once: pairs of days × events
PAIRS = 500_000


# ── Huber ────────────────────────────────────────────────────────────────────────────────
def huber(
    y: FloatArray, x: FloatArray, used: BoolArray, start: tuple[FloatArray, FloatArray], k: float
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Minimise Huber's loss by iteratively reweighted least squares.

    Weights min(1, k/|u|) with u = e/s and s = median|e − med e| / 0.67448975, both anew in each
    pass. An event is done when no point of its line moves by more than 1e-12·s; one without any
    spread (s = 0) stays where it is (methods M.12).

    Parameters
    ----------
    y, x, used : arrays
        Returns, market, days.
    start : (n,) arrays
        α and β to begin with.
    k : float
        Residuals up to k·s count in full.

    Returns
    -------
    alpha, beta, settled : (n,) arrays
        ``settled`` is False where 200 passes were not enough.
    """
    centre = mean_over(used, x)
    x, y = np.where(used, x - centre[:, None], 0.0), np.where(used, y, 0.0)
    size = ROUNDING * np.abs(y).max(axis=1)
    beta = start[1].copy()
    level = start[0] + beta * centre
    live = np.flatnonzero(np.isfinite(level))
    for _ in range(PASSES):
        e = y[live] - level[live, None] - beta[live, None] * x[live]
        s = _spread(e, used[live])
        moving = s > size[live]
        live, e, s = live[moving], e[moving], s[moving]
        if not live.size:
            break
        a, b = _weighted(y[live], x[live], _weights(e, s, used[live], k))
        moved = np.abs((a - level[live])[:, None] + (b - beta[live])[:, None] * x[live])
        level[live], beta[live] = a, b
        live = live[moved.max(axis=1) > SETTLED * s + size[live]]
    settled = np.ones(len(y), dtype=bool)
    settled[live] = False
    return level - beta * centre, beta, settled


def _spread(e: FloatArray, used: BoolArray) -> FloatArray:
    """(n,) median|e − med e| / 0.67448975."""
    away = np.abs(e - median(e, used)[:, None])
    return median(away, used) / NORMAL_MAD


def _weights(e: FloatArray, s: FloatArray, used: BoolArray, k: float) -> FloatArray:
    """(n, L1) min(1, k·s/|e|) on the days used, else 0."""
    reach, size = k * s[:, None], np.abs(e)
    inner = size <= reach
    return np.where(used, np.where(inner, 1.0, reach / np.where(inner, 1.0, size)), 0.0)


def _weighted(y: FloatArray, x: FloatArray, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(n,) α and β of weighted least squares."""
    total = w.sum(axis=1)
    mean_x, mean_y = (np.einsum("nl,nl->n", w, v) / total for v in (x, y))
    away = x - mean_x[:, None]
    cross = np.einsum("nl,nl,nl->n", w, away, y - mean_y[:, None])
    beta = cross / np.einsum("nl,nl,nl->n", w, away, away)
    return mean_y - beta * mean_x, beta


# ── least absolute deviations ────────────────────────────────────────────────────────────
def lad(y: FloatArray, x: FloatArray, used: BoolArray) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Minimise Σ|y − α − βx|, exactly.

    For a given β the best α is a median of y − βx, and what is left, g(β), is convex and made
    of straight pieces: g(β) = max Σ s(y − βx) over signs s that sum to zero. The kink at the
    minimum is found by cutting: two pieces that fall and rise meet at some β; the piece that is
    highest there takes the place of one of them, until none is higher.

    Where several lines are best: the smallest |β|, then the smallest |α|.

    Returns
    -------
    alpha, beta, unique : (n,) arrays
        ``unique`` is False where other lines are as good.
    """
    x, used = np.broadcast_arrays(x, used)
    x, y = np.where(used, x, 0.0), np.where(used, y, 0.0)
    away = np.where(used, x - mean_over(used, x)[:, None], 0.0)
    low, flat = _end(y, x, away, used, leftmost=True)
    high, wide = low.copy(), np.flatnonzero(flat)
    if wide.size:
        high[wide], _ = _end(y[wide], x[wide], away[wide], used[wide], leftmost=False)
    width = (high - low) * np.abs(away).max(axis=1)
    unique = ~(width > 1e-9 * np.abs(y).max(axis=1))
    beta = np.where(unique, low, np.clip(0.0, low, np.maximum(low, high)))
    alpha = np.clip(0.0, *middles(y - beta[:, None] * x, used))
    return alpha, beta, unique


def _end(
    y: FloatArray, x: FloatArray, away: FloatArray, used: BoolArray, *, leftmost: bool
) -> tuple[FloatArray, BoolArray]:
    """(n,) smallest or largest β that minimises g, and whether the piece above it is flat.

    ``away`` is x about its mean.
    """
    far = np.where(used, x, np.inf)
    # the pieces at β = −∞ and at +∞: in the order of x, then of y
    pieces = [_signs(np.lexsort((y, key)), used) for key in (far, np.where(used, -x, np.inf))]
    rounding = 1e-13 * np.abs(away).sum(axis=1)
    beta, live = np.zeros(len(y)), np.arange(len(y))
    while live.size:
        step = pieces[0][live] - pieces[1][live]
        beta[live] = _dot(step, y[live]) / _dot(step, x[live])
        r = np.where(used[live], y[live] - beta[live, None] * x[live], np.inf)
        signs = _signs(np.argsort(r, axis=1), used[live])
        slope, noise = -_dot(signs, away[live]), rounding[live]
        rises = slope >= -noise if leftmost else slope > noise
        found = np.zeros(len(live), dtype=bool)
        for piece, mine, sense in ((pieces[0], ~rises, 1.0), (pieces[1], rises, -1.0)):
            flatter = mine & (sense * (slope + _dot(piece[live], away[live])) > noise)
            piece[live[flatter]] = signs[flatter]
            found |= flatter
        live = live[found]
    return beta, -_dot(pieces[1], away) <= rounding


def _signs(order: IntArray, used: BoolArray) -> FloatArray:
    """(n, L1) −1 for the lower half of the used points, +1 for the upper, 0 in the middle."""
    count = used.sum(axis=1)[:, None]
    place, half = np.arange(order.shape[1]), count // 2
    upper = (place >= count - half) & (place < count)
    signs = np.empty(order.shape)
    np.put_along_axis(signs, order, upper - (place < half).astype(float), axis=1)
    return signs


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    """(n,) row by row."""
    return np.asarray(np.einsum("nl,nl->n", a, b))


# ── Theil–Sen ────────────────────────────────────────────────────────────────────────────
def theil_sen(
    y: FloatArray, x: FloatArray, used: BoolArray, *, joint: bool = True
) -> tuple[FloatArray, FloatArray]:
    """Take the median of the slopes of all pairs of days with different x.

    α = median(y − βx) if ``joint``, else median(y) − β·median(x). The pairs are made for a few
    events at a time, so that memory stays bounded.
    """
    first, second = np.triu_indices(y.shape[1], 1)
    beta = np.empty(len(y))
    step = max(1, PAIRS // max(len(first), 1))
    for begin in range(0, len(y), step):
        rows = slice(begin, begin + step)
        market = x if len(x) == 1 else x[rows]
        run = market[:, second] - market[:, first]
        pair = used[rows][:, first] & used[rows][:, second] & (run != 0.0)
        rise = y[rows][:, second] - y[rows][:, first]
        beta[rows] = median(rise / np.where(pair, run, 1.0), pair)
    if joint:
        return median(y - beta[:, None] * x, used), beta
    return median(y, used) - beta * median(np.broadcast_to(x, y.shape), used), beta


# ── medians ──────────────────────────────────────────────────────────────────────────────
def middles(values: FloatArray, used: BoolArray) -> tuple[FloatArray, FloatArray]:
    """(n,) lower and upper median of each row over the days ``used``: equal if they are odd."""
    count = used.sum(axis=1)
    low, high = (count - 1) // 2, count // 2
    ordered = np.sort(np.where(used, values, np.inf), axis=1)
    lower, upper = (np.take_along_axis(ordered, at[:, None], axis=1)[:, 0] for at in (low, high))
    return lower, upper


def median(values: FloatArray, used: BoolArray) -> FloatArray:
    """(n,) median of each row over the days ``used``."""
    lower, upper = middles(values, used)
    return np.asarray((lower + upper) / 2.0)
