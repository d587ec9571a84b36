"""From positions and returns to accounts: what was held, paid and earned, session by session."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.backtest.book import Book

#: sessions over which a yearly rate is spread
YEAR = 252


@dataclass(frozen=True, eq=False)
class Positions:
    """n trades after all limits; columns count from the session of entry of the rule."""

    event: IntArray
    firm: IntArray
    row: IntArray
    #: event day of column 0
    start: int
    #: (n,) columns at which a trade begins and ends, and whether at their opens
    opened: IntArray
    closed: IntArray
    begins_at_open: BoolArray
    ends_at_open: BoolArray
    #: (n,) signed notional, and the trade whose position it carries on (−1: its own)
    position: FloatArray
    carries: IntArray


@dataclass(frozen=True, eq=False)
class Charges:
    """What trading costs: per side of a trade and of its hedge, and a session for borrowing."""

    #: (n,) fractions of the value traded
    spread: FloatArray
    hedge: float
    #: (n,) fraction of the notional a session, for positions held short
    borrow: FloatArray


def book(
    positions: Positions,
    asset: FloatArray,
    fair: FloatArray | None,
    betas: FloatArray,
    abnormal: FloatArray,
    charges: Charges,
) -> Book:
    """Write the accounts.

    Parameters
    ----------
    positions : Positions
        The n trades.
    asset : (n, L) array
        Returns of one unit held long.
    fair : (n, L) array, optional
        What the hedge of one unit loses: the expected return without α. None: no hedge.
    betas : (n, K) array
        Units of each factor that hedge one unit.
    abnormal : (n, L) array
        Abnormal returns.
    charges : Charges
        What trading costs.
    """
    held = _held(positions, asset.shape[1])
    ratio = np.abs(betas).sum(axis=1) if fair is not None else np.zeros(len(held))
    traded, own, other = _traded(positions, betas if fair is not None else None, ratio, held)
    short = np.where(positions.position < 0, charges.borrow, 0.0)
    paid = charges.spread[:, None] * own + charges.hedge * other
    if short.any():
        paid += (short * np.abs(positions.position))[:, None] * held
    hedge = np.zeros_like(asset) if fair is None else -np.where(held, fair, 0.0)
    return Book(
        event=positions.event,
        firm=positions.firm,
        row=positions.row,
        start=positions.start,
        opened=positions.opened,
        closed=positions.closed,
        position=positions.position,
        asset=np.where(held, asset, 0.0),
        hedge=hedge,
        traded=traded,
        paid=paid,
        held=held,
        at_open=(positions.begins_at_open, positions.ends_at_open),
        abnormal=np.where(held, abnormal, 0.0).sum(axis=1),
    )


def _held(positions: Positions, length: int) -> BoolArray:
    """(n, L) sessions whose return a trade earns: after its entry, up to its leaving."""
    column = np.arange(length)
    first = positions.opened + ~positions.begins_at_open
    return np.asarray((column >= first[:, None]) & (column <= positions.closed[:, None]))


def _traded(
    positions: Positions, betas: FloatArray | None, ratio: FloatArray, held: BoolArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(n, L) value traded, and of it the position's and the hedge's."""
    n = len(held)
    each, size = np.arange(n), np.abs(positions.position)
    own, other = np.zeros(held.shape), np.zeros(held.shape)
    on = np.flatnonzero(positions.carries >= 0)
    opens, closes = np.ones(n, dtype=bool), np.ones(n, dtype=bool)
    opens[on], closes[positions.carries[on]] = False, False
    for which, column in ((opens, positions.opened), (closes, positions.closed)):
        own[each, column] += np.where(which, size, 0.0)
        other[each, column] += np.where(which, size * ratio, 0.0)
    if betas is not None:  # a position that is carried on gets the hedge of the later event
        change = np.abs(betas[on] - betas[positions.carries[on]]).sum(axis=1)
        other[on, positions.opened[on]] += size[on] * change
    return own + other, own, other
