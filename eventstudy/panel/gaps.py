"""Returns since the last trade, for prices with days without one (methods A.5)."""

from __future__ import annotations

import numpy as np

from eventstudy.arrays import FloatArray

#: fields of a panel made with ``across_gaps``: log return since the last price, and the sessions
#: that it covers
SINCE_TRADE, DAYS = "since_trade", "days"


def since_trade(closes: FloatArray, first: dict[int, int]) -> tuple[FloatArray, FloatArray]:
    """(S, T) log returns since the last price, and the number of sessions each covers.

    Both are NaN on sessions without a price and on the first one that has one.

    Parameters
    ----------
    closes : (T, S) array
        Prices of the sessions, NaN where there is none.
    first : dict
        Row of a security → its first own session: prices before belong to another company.
    """
    prices = np.array(closes.T, order="C")
    for row, start in first.items():
        prices[row, :start] = np.nan
    traded = np.isfinite(prices)
    column = np.where(traded, np.arange(prices.shape[1]), -1)
    last = np.maximum.accumulate(column, axis=1)
    before = np.concatenate([np.full((len(prices), 1), -1), last[:, :-1]], axis=1)
    known = traded & (before >= 0)
    earlier = np.take_along_axis(prices, np.maximum(before, 0), axis=1)
    ratio = np.divide(prices, earlier, out=np.full(prices.shape, np.nan), where=known)
    days = np.where(known, np.arange(prices.shape[1]) - before, np.nan)
    return np.log(ratio), days


def summed_over(series: FloatArray, days: FloatArray) -> FloatArray:
    """(S, T) sums of a (T,) series over the last ``days`` sessions of each security.

    NaN where any of these sessions has no value.
    """
    found = np.isfinite(series)
    total = np.concatenate([[0.0], np.cumsum(np.where(found, series, 0.0))])
    holes = np.concatenate([[0], np.cumsum(~found)])
    stop = np.arange(1, len(series) + 1)
    start = stop - days.astype(np.int64)
    out = np.where(holes[stop] == holes[start], total[stop] - total[start], np.nan)
    return np.where(days == 1, series, out)  # one session is no difference of sums
