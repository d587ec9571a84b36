"""Prices that do not move: stale, constant returns, whole sessions filled with the day before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.panel.suspicion.found import (
    Found,
    Stretches,
    found_at,
    joined,
    many,
    parts,
    said,
    stretches,
)

if TYPE_CHECKING:
    from eventstudy.panel.panel import Panel

#: equal prices on so many sessions in a row are stale
STALE = 5
#: the same step in price on so many is interpolated; fewer are the ticks of a penny stock
_STEPS = 8
#: where a ticker has more stretches than this, only those that chance gives to one in twenty count
_OFTEN, _CHANCE = 5, 0.05
#: a month of such days is told of every ticker
_LONG = 20
#: below this a return says more about the tick of the price than about its neighbour
_TICK = 1e-3
#: returns that differ by less are equal
_EQUAL = 1e-6
#: a session is filled if this share of at least so many tickers did not move
_SHARE, _TICKERS = 0.9, 5


def frozen(panel: Panel) -> list[Found]:
    """Zero returns on five sessions in a row, prices on a straight line, filled sessions."""
    stale, straight = [], []
    still, there = np.zeros((2, len(panel.sessions)), dtype=np.int64)
    share = np.zeros(len(panel.tickers), dtype=np.int64)
    for start, part in parts(panel.returns):
        zero, finite = part == 0, np.isfinite(part)
        still += zero.sum(axis=0)
        there += finite.sum(axis=0)
        count = np.maximum(finite.sum(axis=1), 1)
        share[start : start + len(part)] = np.round(100 * zero.sum(axis=1) / count)
        stale.append(_unusual(zero, count, STALE, start))
        same, step = _on_a_line(panel, part)
        straight.append(_unusual(same, count, STALE - 1, start))
        straight.append(_unusual(step, count, _STEPS - 1, start))
    flat, line = joined(stale), joined(straight)
    keys = flat.days * 101 + share[flat.row]
    found = [
        found_at(panel, "stale", flat, said(keys, lambda k: _stale(*divmod(k, 101)))),
        _constant(panel, line._replace(last=line.last + 1)),  # a step has two ends
        _filled(panel, still / np.maximum(there, 1), there),
    ]
    return [each for each in found if each]


def _unusual(mask: BoolArray, count: IntArray, least: int, start: int) -> Stretches:
    """Find stretches that chance does not give: longer ones where a ticker often has such days.

    How often one begins after another day says how often one comes by chance; a single long
    stretch does not change that. ``count`` are the returns that a ticker has.
    """
    at = stretches(mask, 1, start)
    days, first = mask.sum(axis=1), np.bincount(at.row - start, minlength=len(mask))
    share = np.fmin(first / np.maximum(count - days, 1), days / count)
    often = (first > _OFTEN) & (share < 1)
    needed = np.full(len(mask), float(least))
    needed[often] = 1 + np.log(_CHANCE / first[often]) / np.log(share[often])
    return at.take(at.days >= np.clip(needed, least, _LONG)[at.row - start])


def _stale(days: int, share: int) -> str:
    thin = f"; {share} % of its returns are 0: hardly traded" if share >= 20 else ""
    return f"The price is the same on {many(days, 'session')} in a row{thin}."


def _on_a_line(panel: Panel, part: FloatArray) -> tuple[BoolArray, BoolArray]:
    """Whether a return, and the step in price, is that of the session before but for rounding."""
    simple = part if panel.kind == "simple" else np.expm1(np.minimum(part, 1.0))
    now, before = simple[:, 1:], simple[:, :-1]
    change = now - before
    moved = np.abs(now) >= _TICK
    same = moved & (np.abs(change) <= _EQUAL)
    step = moved & (np.abs(change + now * before) <= _EQUAL)  # of a price that has moved on
    return same, step


def _constant(panel: Panel, where: Stretches) -> Found:
    ends = panel.returns[where.row, where.first], panel.returns[where.row, where.last]
    rows = zip(*(values.tolist() for values in (*ends, where.days)), strict=True)
    texts = [
        f"The return is {first:+.4%} on {many(days, 'session')} in a row: filled in?"
        if abs(last - first) <= _EQUAL * days
        else f"The price makes the same step on {many(days, 'session')} in a row: filled in?"
        for first, last, days in rows
    ]
    return found_at(panel, "constant", where, [text.replace("%", " %") for text in texts])


def _filled(panel: Panel, share: FloatArray, there: IntArray) -> Found:
    """Find sessions on which hardly any price moved, where that is not the rule."""
    seen = there >= _TICKERS
    quiet = seen & (share >= _SHARE)
    if 2 * quiet.sum() > seen.sum():
        quiet[:] = False
    where = stretches(quiet[None, :])
    shares = share[where.first].tolist()
    texts = [
        f"{value:.0%} of the tickers did not move: a closed day, filled with the day before?"
        for value in shares
    ]
    texts = [text.replace("%", " %") for text in texts]
    return found_at(panel, "filled_day", where._replace(row=where.row - 1), texts)
