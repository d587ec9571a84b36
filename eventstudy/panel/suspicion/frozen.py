"""Prices that do not move: stale, constant returns, whole sessions filled with the day before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventstudy.arrays import FloatArray, IntArray
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
#: below this a return says more about the tick of the price than about its neighbour
_TICK = 1e-3
#: a session is filled if this share of at least so many tickers did not move
_SHARE, _TICKERS = 0.9, 5


def frozen(panel: Panel) -> list[Found]:
    """Zero returns on five sessions in a row, the same return five times, filled sessions."""
    stale, constant = [], []
    still, there = np.zeros((2, len(panel.sessions)), dtype=np.int64)
    zeros, returns = np.zeros((2, len(panel.tickers)), dtype=np.int64)
    for start, part in parts(panel.returns):
        zero, finite = part == 0, np.isfinite(part)
        still += zero.sum(axis=0)
        there += finite.sum(axis=0)
        rows = slice(start, start + len(part))
        zeros[rows], returns[rows] = zero.sum(axis=1), finite.sum(axis=1)
        stale.append(stretches(zero, STALE, start))
        constant.append(_repeated(part, start))
    flat = joined(stale)
    share = np.round(100 * zeros / np.maximum(returns, 1)).astype(np.int64)
    keys = flat.days * 101 + share[flat.row]
    found = [
        found_at(panel, "stale", flat, said(keys, lambda k: _stale(*divmod(k, 101)))),
        _constant(panel, joined(constant)),
        _filled(panel, still / np.maximum(there, 1), there),
    ]
    return [each for each in found if each]


def _stale(days: int, share: int) -> str:
    thin = f"; {share} % of its returns are 0: hardly traded" if share >= 20 else ""
    return f"The price is the same on {many(days, 'session')} in a row{thin}."


def _repeated(part: FloatArray, start: int) -> Stretches:
    """Find the same return, but for rounding, on five sessions in a row."""
    now = np.abs(part[:, 1:])
    same = np.abs(part[:, 1:] - part[:, :-1]) <= 1e-6
    same &= now >= _TICK
    at = stretches(same, STALE - 1, start)
    return at._replace(last=at.last + 1)


def _constant(panel: Panel, where: Stretches) -> Found:
    values = panel.returns[where.row, where.first].tolist()
    texts = [
        f"The return is {value:+.4%} on {many(days, 'session')} in a row: filled in?"
        for value, days in zip(values, where.days.tolist(), strict=True)
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
