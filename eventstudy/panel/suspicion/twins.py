"""Two tickers that are one series: found by projections, not by comparing all pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventstudy import universe
from eventstudy.arrays import FloatArray, IntArray
from eventstudy.panel.suspicion.found import Found, Stretches, found_at, many, stretches

if TYPE_CHECKING:
    from eventstudy.panel.panel import Panel

#: sessions of a block, and how many blocks are looked at
_BLOCK, _BLOCKS = 64, 8
#: directions that a block is projected on
_DIRECTIONS = 6
#: projections of unit vectors with a correlation of 0.9999 differ less than this
_NEAR = 0.06
#: what two series must share
_CORRELATION, _DAYS, _EQUAL = 0.9999, 60, 0.95


def twins(panel: Panel) -> list[Found]:
    """Find pairs with equal returns on a long stretch, or a correlation above 0.9999."""
    rows: list[tuple[int, int, int]] = []
    days: list[int] = []
    texts: list[str] = []
    names: list[str] = []
    for a, b in _candidates(panel.returns).tolist():
        if {panel.tickers[a], panel.tickers[b]} <= set(universe.BENCHMARKS):
            continue  # two funds on one index, or a fund and its index
        here = np.flatnonzero(np.isfinite(panel.returns[a] + panel.returns[b]))
        alike = _alike(panel.returns[a, here], panel.returns[b, here])
        if alike is None:
            continue
        first, last, how = alike
        rows.append((a, int(here[first]), int(here[last])))
        days.append(last - first + 1)
        names.append(panel.tickers[b])
        texts.append(f"The same series as {panel.tickers[b]}: {how}.")
    where = Stretches(*np.array(rows, dtype=np.int64).reshape(-1, 3).T)
    count = np.array(days, dtype=np.int64)
    found = found_at(panel, "identical", where, texts, days=count, other=names)
    return [found] if found else []


def _alike(x: FloatArray, y: FloatArray) -> tuple[int, int, str] | None:
    """First and last place between which two series are one, and how; None if nowhere."""
    moved = np.flatnonzero((x != 0) | (y != 0))
    if len(moved) < _DAYS:
        return None
    same = np.abs(x - y)[moved] <= 1e-9
    whole = 0, len(x) - 1
    if same.mean() >= _EQUAL:
        return *whole, f"{same.mean():.0%} of their returns are equal".replace("%", " %")
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = float(np.corrcoef(x, y)[0, 1])
    if correlation > _CORRELATION:
        return *whole, f"a correlation of {correlation:.6f}"
    long = stretches(same[None, :], _DAYS)
    if not len(long.row):
        return None
    first, last = int(moved[long.first[0]]), int(moved[long.last[0]])
    return first, last, f"{many(int(long.days[0]), 'return')} in a row are equal"


def _candidates(returns: FloatArray) -> IntArray:
    """(P, 2) pairs whose projections agree in some block: with chance a few, with twins all.

    Each block of sessions is projected on random directions, after every series was brought to
    length 1 in it. Series are sorted by their first projection, so that only neighbours are
    compared.
    """
    width = returns.shape[1]
    blocks = max(1, width // _BLOCK)
    chosen = np.unique(np.linspace(0, blocks - 1, min(blocks, _BLOCKS)).round().astype(int))
    rng = np.random.default_rng(0)
    directions = rng.standard_normal((_BLOCK, _DIRECTIONS))
    found = [np.empty((0, 2), dtype=np.int64)]
    for block in chosen.tolist():
        stop = width if block == blocks - 1 else (block + 1) * _BLOCK
        part = returns[:, max(0, stop - _BLOCK) : stop]
        length = np.sqrt(np.einsum("st,st->s", part, part))
        rows = np.flatnonzero(length > 0)  # complete in the block, and moving
        points = part[rows] @ directions[: part.shape[1]] / length[rows, None]
        found.append(rows[_near(points)])
    pairs = np.sort(np.concatenate(found), axis=1)
    return np.unique(pairs, axis=0)


def _near(points: FloatArray) -> IntArray:
    """(P, 2) points that lie near each other in every direction."""
    order = np.argsort(points[:, 0], kind="stable")
    ordered = points[order]
    found = [np.empty((0, 2), dtype=np.int64)]
    step = 1
    # hundreds of copies of one series need not all be compared with each other
    while step < len(ordered) and sum(map(len, found)) <= 4 * len(ordered):
        gap = np.abs(ordered[step:, 0] - ordered[:-step, 0])
        at = np.flatnonzero(gap <= _NEAR)
        if not len(at):
            break  # those further apart in the order are further apart
        at = at[np.abs(ordered[at + step, 1] - ordered[at, 1]) <= _NEAR]  # hardly any is left
        at = at[np.abs(ordered[at + step] - ordered[at]).max(axis=1) <= _NEAR]
        found.append(np.column_stack([order[at], order[at + step]]))
        step += 1
    return np.concatenate(found)
