"""What the universe knows of some tickers: whose price it is, and who is inside a benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventstudy import universe
from eventstudy.arrays import FloatArray
from eventstudy.panel.suspicion.found import Found, Stretches, found_at, many

if TYPE_CHECKING:
    from eventstudy.panel.panel import Panel

#: a benchmark is made of tickers if they explain all but this share of its variance
_REST = 1e-4
#: a ticker that explains all but this share is the benchmark by another name, not a part of it
_SAME = 1e-2
#: more tickers than this have no weight in a mean that matters
_MOST = 60
#: a weight below this takes nothing away
_WEIGHT = 0.02
#: sessions that say what a benchmark is made of
_RECENT = 750


def known(panel: Panel) -> list[Found]:
    """Find prices of other companies, and benchmarks that hold a ticker."""
    found = [_before_own(panel), _held(panel)]
    benchmarks = dict.fromkeys([*([panel.market] if panel.market else []), *panel.factor_names])
    found += [_made_of(panel, name, benchmarks) for name in benchmarks]
    return [each for each in found if each]


def _before_own(panel: Panel) -> Found:
    """Returns that `own_since` would have masked: up to and including the first own session."""
    rows: list[tuple[int, int, int]] = []
    days: list[int] = []
    texts: list[str] = []
    for row, ticker in enumerate(panel.tickers):
        if ticker not in universe.OWN_SINCE:
            continue
        day = np.datetime64(universe.OWN_SINCE[ticker], "D")
        start = int(np.searchsorted(panel.sessions, day))
        other = np.flatnonzero(np.isfinite(panel.returns[row, : start + 1]))
        if day < panel.sessions[0] or not len(other):
            continue
        rows.append((row, int(other[0]), int(other[-1])))
        days.append(len(other))
        texts.append(
            f"{many(len(other), 'return')} from before {day}, when the ticker was another "
            f"company's: own_since=es.universe.OWN_SINCE leaves them out."
        )
    return found_at(panel, "not_own_price", _where(rows), texts, days=np.array(days, dtype=int))


def _held(panel: Panel) -> Found:
    """Tickers inside the funds of the universe, where the panel has both."""
    rows: list[tuple[int, int, int]] = []
    funds: list[str] = []
    texts: list[str] = []
    names = {*panel.tickers, *panel.factor_names}
    place = {ticker: row for row, ticker in enumerate(panel.tickers)}
    for fund, ticker, weight, month, _ in universe.HOLDINGS:
        if fund not in names or ticker not in place:
            continue
        both = np.flatnonzero(np.isfinite(panel.returns[place[ticker]] + panel.series(fund)))
        if len(both):
            rows.append((place[ticker], int(both[0]), int(both[-1])))
            funds.append(fund)
            share = f" ({weight:.0%} of it in {month})".replace("%", " %") if weight else ""
            texts.append(_contains(fund, ticker, share))
    return found_at(panel, "contains", _where(rows), texts, other=funds)


def _contains(fund: str, ticker: str, share: str) -> str:
    return (
        f"{fund} holds {ticker}{share}: as market or factor it takes part of the ticker's own news "
        f"away."
    )


def _made_of(panel: Panel, name: str, benchmarks: dict[str, None]) -> Found:
    """Find the tickers that a market or factor can be computed from: they are inside it."""
    recent = slice(-_RECENT, None)
    target = panel.series(name)[recent]
    there = np.isfinite(target)
    rows = [row for row, ticker in enumerate(panel.tickers) if ticker not in benchmarks]
    weights = np.empty(0)
    if 2 <= len(rows) <= _MOST:
        returns = panel.returns[rows, recent]
        full = (np.isfinite(returns) & there).sum(axis=1) >= 0.9 * max(there.sum(), 1)
        rows = [row for row, keep in zip(rows, full.tolist(), strict=True) if keep]
        weights = _weights(panel.returns[rows, recent], target)
    hit = [(row, w) for row, w in zip(rows, weights.tolist(), strict=False) if w >= _WEIGHT]
    last = len(panel.sessions) - 1
    texts = [
        _contains(name, panel.tickers[row], f" (its returns follow from the tickers': {w:.0%})")
        for row, w in hit
    ]
    where = _where([(row, max(0, last + 1 - _RECENT), last) for row, _ in hit])
    made = [text.replace("%", " %") for text in texts]
    return found_at(panel, "contains", where, made, other=[name] * len(hit))


def _weights(returns: FloatArray, target: FloatArray) -> FloatArray:
    """(C,) weights that give the target exactly, or none.

    A ticker that is the target itself is no part of it.
    """
    use = np.isfinite(target) & np.isfinite(returns).all(axis=0)
    count, tickers = int(use.sum()), len(returns)
    if tickers < 2 or count < 3 * tickers + 30:
        return np.empty(0)
    x, y = returns[:, use].T, target[use]
    x, y = x - x.mean(axis=0), y - y.mean()
    total = float(y @ y)
    with np.errstate(invalid="ignore", divide="ignore"):
        same = 1 - (x.T @ y) ** 2 / (np.einsum("ts,ts->s", x, x) * total)
    if total == 0 or (same < _SAME).any():
        return np.empty(0)
    weights = np.linalg.lstsq(x, y, rcond=None)[0]
    rest = y - x @ weights
    return weights if float(rest @ rest) < _REST * total else np.empty(0)


def _where(rows: list[tuple[int, int, int]]) -> Stretches:
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Stretches(*columns)
