"""Series against the market: dates one day off, returns in percent or divided by a hundred."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray
from eventstudy.panel.suspicion.found import Found, Stretches, found_at, parts

if TYPE_CHECKING:
    from eventstudy.panel.panel import Panel

#: days that a correlation needs
_DAYS = 60
#: returns that a scale needs
_FEW = 20
#: how high the correlation with a neighbouring day must be, and how far above the day's own
_HIGH, _ABOVE = 0.25, 0.15
#: half of all returns beyond this: percent
_PERCENT = 0.5
#: factors by which a scale is off where two zeros are missing or too many
_HUNDRED = (30.0, 300.0)
#: a series that is a stock's, and not a bill's, moves with the market at least so much
_STOCK = 0.3


class Moments(NamedTuple):
    """How R series move, beside the market."""

    #: (R, 3) correlation with the market of the day before, the day, the day after
    correlation: FloatArray
    #: (R, 3) days that both have a return on
    days: FloatArray
    #: (R,) mean size of a return, and whether half of them are beyond 50 %
    size: FloatArray
    large: BoolArray


def comoving(panel: Panel) -> list[Found]:
    """Find series that move with the market of another day, or a hundred times as much."""
    market = _market(panel)
    moments = _moments(panel.returns, market)
    found = [_percent(panel, moments), _shifted(panel, moments)]
    return [each for each in found if each]


def _market(panel: Panel) -> FloatArray:
    """(T,) the market's return; without a market the mean of the tickers, if there are five."""
    if panel.market is not None:
        return panel.series(panel.market)
    there = np.isfinite(panel.returns)
    count = there.sum(axis=0)
    total = np.where(there, panel.returns, 0.0).sum(axis=0)
    mean = np.divide(total, count, out=np.full(len(total), np.nan), where=count >= 5)
    return np.asarray(mean)


def _moments(returns: FloatArray, market: FloatArray) -> Moments:
    """Sums of products as a few matrix products, a part of the rows at a time."""
    shifted = np.full((len(market), 3), np.nan)
    shifted[1:, 0], shifted[:, 1], shifted[:-1, 2] = market[:-1], market, market[1:]
    seen = np.isfinite(shifted).astype(float)
    values = np.where(seen > 0, shifted, 0.0)
    correlation, days = np.empty((2, len(returns), 3))
    size, large = np.empty(len(returns)), np.empty(len(returns), dtype=np.bool_)
    for start, part in parts(returns):
        rows = slice(start, start + len(part))
        there = np.isfinite(part)
        r, f = np.where(there, part, 0.0), there.astype(float)
        n = f @ seen
        with np.errstate(invalid="ignore", divide="ignore"):
            mean_r, mean_m = (r @ seen) / n, (f @ values) / n
            cov = (r @ values) / n - mean_r * mean_m
            var_m = (f @ values**2) / n - mean_m**2
            sizes = np.abs(r)
            var_r = ((r * r) @ seen) / n - mean_r**2
            correlation[rows] = cov / np.sqrt(var_r * var_m)
            size[rows] = sizes.sum(axis=1) / f.sum(axis=1)
        days[rows] = n
        count = there.sum(axis=1)
        large[rows] = (count >= _FEW) & (2 * (sizes > _PERCENT).sum(axis=1) > count)
    return Moments(correlation, days, size, large)


def _percent(panel: Panel, m: Moments) -> Found:
    """Find scales a hundred times too large or too small."""
    known = m.size[np.isfinite(m.size) & (m.size > 0)]
    usual = float(np.median(known)) if len(known) >= 3 else np.nan
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = m.size / usual
    stock = (m.correlation[:, 1] > _STOCK) & (m.days[:, 1] >= _DAYS)
    low, high = _HUNDRED
    more = m.large | (stock & (ratio >= low) & (ratio <= high))
    less = stock & (ratio <= 1 / low) & (ratio >= 1 / high)
    rows = np.flatnonzero(more | less)
    pairs = zip(ratio[rows].tolist(), more[rows].tolist(), strict=True)
    texts = [_scale(value, up) for value, up in pairs]
    return found_at(panel, "percent", _whole(panel, rows.tolist()), texts)


def _scale(ratio: float, more: bool) -> str:
    if more and ratio >= _HUNDRED[0]:
        return f"Its returns are {ratio:,.0f} times as large as the others': in percent?"
    if more:
        return "Half of its returns are beyond 50 %: in percent?"
    return f"Its returns are {1 / ratio:,.0f} times as small as the others': divided by 100 twice?"


def _shifted(panel: Panel, m: Moments) -> Found:
    """Find a correlation that is far higher with the market of a neighbouring day."""
    own = np.nan_to_num(m.correlation[:, 1])
    best = np.where(m.correlation[:, 0] >= m.correlation[:, 2], 0, 2)
    line = np.arange(len(own))
    high = np.nan_to_num(m.correlation[line, best])
    days = m.days.min(axis=1)
    above = high - np.maximum(own, 0.0)
    sure = above >= np.fmax(_ABOVE, 4 / np.sqrt(np.maximum(days, 1)))
    hit = (days >= _DAYS) & (high >= _HIGH) & (own <= high / 2) & sure
    rows = np.flatnonzero(hit)
    others = int((days >= _DAYS).sum()) - (panel.market in panel.tickers)
    if panel.market is not None and len(rows) >= 3 and 2 * len(rows) >= others:
        way = "after" if 2 * (best[rows] == 2).sum() > len(rows) else "before"
        return _market_shifted(panel, f"{len(rows)} of {others}", way)
    texts = [
        f"It moves with the market of the day {'before' if best[row] == 0 else 'after'} "
        f"(correlation {high[row]:.2f}, on the day {own[row]:.2f}): dates one day "
        f"{'late' if best[row] == 0 else 'early'}, or an exchange in another time zone?"
        for row in rows.tolist()
    ]
    return found_at(panel, "shifted_day", _whole(panel, rows.tolist()), texts)


def _market_shifted(panel: Panel, who: str, way: str) -> Found:
    """Tell it of the market, with row −1 if that is no ticker."""
    text = f"{who} tickers move with the market of the day {way}: its dates are one day off?"
    there = np.flatnonzero(np.isfinite(_market(panel)))
    ticker = panel.market in panel.tickers
    row = panel.tickers.index(str(panel.market)) if ticker else -1
    where = Stretches(*np.array([[row, there[0], there[-1]]], dtype=np.int64).T)
    other = None if ticker else [str(panel.market)]
    return found_at(panel, "shifted_day", where, [text], other=other)


def _whole(panel: Panel, rows: list[int]) -> Stretches:
    """From the first to the last return of some tickers."""
    there = [np.flatnonzero(np.isfinite(panel.returns[row])) for row in rows]
    ends = [(row, at[0], at[-1]) for row, at in zip(rows, there, strict=True)]
    return Stretches(*np.array(ends, dtype=np.int64).reshape(-1, 3).T)
