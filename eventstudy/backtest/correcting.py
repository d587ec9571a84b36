"""The rules of a grid side by side: p-values of each, and what is left of them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from eventstudy.arrays import FloatArray, IntArray
from eventstudy.backtest.book import Book
from eventstudy.backtest.clusters import Clusters, MeanTrade, chains, equal_clusters
from eventstudy.backtest.lattice import Grid
from eventstudy.backtest.metrics import Sharpe, sharpe_ratio
from eventstudy.backtest.moments import Moment
from eventstudy.backtest.resampling import mean_and_error, resampled
from eventstudy.backtest.rule import Rule
from eventstudy.inference._resampling import Rng, batches, extreme, generator
from eventstudy.inference.multiple import holm, romano_wolf
from eventstudy.inference.validity import ENOUGH

NAN = float("nan")
#: of a number of clusters
ROUNDING = 1e-9
#: where the trades of a cell lie
_PLACE = ("event", "row")


@dataclass(frozen=True, eq=False)
class Cell:
    """What is kept of the book of one rule."""

    enter: Moment
    leave: Moment
    #: (n,) events that were traded, calendar row of day 0 and net profit of each
    event: IntArray
    row: IntArray
    net: FloatArray
    sharpe: float
    #: number of its own clusters, and t and p of the mean across them
    clusters: int
    t: float
    pvalue: float

    @classmethod
    def of(cls, pair: tuple[Moment, Moment], book: Book) -> Cell:
        clusters, ratio = Clusters.of(book), NAN
        if len(clusters):
            ratio = float(sharpe_ratio(book.daily_net))
        own, d = MeanTrade.of(clusters), len(clusters)
        return cls(*pair, book.event, book.row, book.net, ratio, d, own.t, own.pvalue)


def compared(rule: Rule, cells: Sequence[Cell], best: FloatArray, draws: int, rng: Rng) -> Grid:
    """Compare the rules with each other; ``best`` is the daily net of the highest Sharpe ratio."""
    label, size = _together(cells)
    d = len(size)
    # with fewer, draws in which the large ones are absent reject far too often
    if equal_clusters(size) >= ENOUGH - ROUNDING:
        how, (t, p, adjusted) = "romano_wolf", _joint(cells, label, d, (draws, rng))
    else:
        how, (t, p, adjusted) = "holm", _apart(cells)
    columns = {
        "trades": [len(cell.net) for cell in cells],
        "clusters": [cell.clusters for cell in cells],
        "mean_net": [cell.net.mean() if len(cell.net) else NAN for cell in cells],
        "total_net": [cell.net.sum() for cell in cells],
        "sharpe": [cell.sharpe for cell in cells],
        "t": t,
        "pvalue": p,
        "adjusted": adjusted,
    }
    keys = [(_key(cell.enter), _key(cell.leave)) for cell in cells]
    index = pd.MultiIndex.from_tuples(keys, names=["enter", "leave"])
    table = pd.DataFrame(columns, index=index)
    ratios = table["sharpe"].dropna().to_numpy()
    deflated = NAN
    if len(ratios):
        spread = float(ratios.std(ddof=1)) if len(ratios) > 1 else None
        deflated = Sharpe.of(best).deflated(len(ratios), spread)
    return Grid(rule, table, d, how if np.isfinite(p).any() else "", deflated)


def _key(moment: Moment) -> int | str:
    return moment.label if moment.at_open else moment.day


def _together(cells: Sequence[Cell]) -> tuple[IntArray, FloatArray]:
    """Cluster of each event for all rules together (−1: never traded), and their sizes.

    Events cluster whose days from the first entry to the last leaving of the grid overlap.
    """
    event, row = (np.concatenate([getattr(cell, name) for cell in cells]) for name in _PLACE)
    traded, once = np.unique(event, return_index=True)
    first = min(cell.enter.day + (not cell.enter.at_open) for cell in cells)
    last = max(cell.leave.day for cell in cells)
    label = np.full(int(traded[-1]) + 1, -1)
    label[traded] = chains(row[once] + first, row[once] + last)
    return label, np.bincount(label[traded]).astype(float)


def _joint(
    cells: Sequence[Cell], label: IntArray, d: int, draw: tuple[int, Rng]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(R,) t, p and p after Romano and Wolf: all rules see the same clusters in every draw.

    T* = (m* − m)/se* as in `eventstudy.backtest.resampling.bootstrap`.
    """
    net, trades = np.zeros((d, len(cells))), np.zeros((d, len(cells)))
    for r, cell in enumerate(cells):
        net[:, r] = np.bincount(label[cell.event], weights=cell.net, minlength=d)
        trades[:, r] = np.bincount(label[cell.event], minlength=d)
    t = _t(np.ones((1, d)), net, trades)[0]
    t[(trades > 0).sum(axis=0) < ENOUGH] = NAN
    known = np.flatnonzero(np.isfinite(t))
    p, adjusted = np.full(len(cells), NAN), np.full(len(cells), NAN)
    if known.size:
        own, many, random = net[:, known], trades[:, known], generator(draw[1])
        mean = own.sum(axis=0) / many.sum(axis=0)
        drawn = np.empty((draw[0], known.size))
        for some in batches(draw[0], each=6 * known.size + d):
            drawn[some] = _t(resampled(random, d, some), own, many, mean)
        more = [extreme(drawn[:, k], float(t[r])) for k, r in enumerate(known)]
        p[known] = (1.0 + np.array(more)) / (1.0 + draw[0])
        adjusted[known] = romano_wolf(t[known], drawn)
    return t, p, adjusted


def _t(
    counts: FloatArray, net: FloatArray, trades: FloatArray, mean: FloatArray | float = 0.0
) -> FloatArray:
    """(b, R) t of the mean net a trade less ``mean``; ``counts`` (b, D) weigh the clusters."""
    parts = (trades, net, net * net, net * trades, trades * trades)
    found, se = mean_and_error(tuple(counts @ part for part in parts), counts.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (found - mean) / se
    return np.asarray(np.where(se > 0.0, t, np.nan))


def _apart(cells: Sequence[Cell]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(R,) t, p and p after Holm: each rule by its own clusters.

    For grids whose longest holdings chain nearly all trades together.
    """
    enough = np.array([cell.clusters >= ENOUGH for cell in cells])
    t = np.where(enough, [cell.t for cell in cells], NAN)
    p = np.where(enough, [cell.pvalue for cell in cells], NAN)
    return t, p, holm(p)
