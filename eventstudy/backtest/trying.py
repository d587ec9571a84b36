"""Every rule of a grid, run on the same orders: one book each, of which little is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby, pairwise

import numpy as np
import pandas as pd
from scipy.special import stdtr

from eventstudy import errors
from eventstudy.align import Placed, ledger, nothing_left, place
from eventstudy.arrays import FloatArray, IntArray
from eventstudy.backtest.book import Book
from eventstudy.backtest.clusters import Clusters, chains
from eventstudy.backtest.filling import Orders, fill
from eventstudy.backtest.guarding import as_announced
from eventstudy.backtest.lattice import Grid
from eventstudy.backtest.measuring import Measured
from eventstudy.backtest.metrics import Sharpe, sharpe_ratio
from eventstudy.backtest.moments import Moment, MomentLike, as_moment
from eventstudy.backtest.pricing import price
from eventstudy.backtest.resampling import mean_and_error, resampled
from eventstudy.backtest.rule import Rule
from eventstudy.backtest.trading import Plan, order
from eventstudy.events import Checked, check_events
from eventstudy.inference._resampling import Rng, batches, check_draws, extreme, generator
from eventstudy.inference.multiple import holm, romano_wolf
from eventstudy.inference.validity import ENOUGH
from eventstudy.panel import Panel
from eventstudy.panel.gaps import SINCE_TRADE
from eventstudy.study import EventStudy

NAN = float("nan")


@dataclass(frozen=True, eq=False)
class Choices:
    """Entries and leavings that are tried, and the draws of the correction."""

    enter: Sequence[MomentLike] = field(default_factory=lambda: range(6))
    leave: Sequence[MomentLike] = field(default_factory=lambda: range(1, 21))
    draws: int = 999
    rng: Rng = 0

    def __post_init__(self) -> None:
        check_draws(self.draws)
        generator(self.rng)
        if not self.pairs:
            raise errors.grid_without_rules()

    @cached_property
    def pairs(self) -> list[tuple[Moment, Moment]]:
        """Every entry with every leaving after it, entry by entry, in the order of time."""
        enter, leave = _moments("enter", self.enter), _moments("leave", self.leave)
        return [(e, l) for e in enter for l in leave if e.order < l.order]


def _moments(option: str, given: object) -> list[Moment]:
    """Read moments in the order of time, each once."""
    if isinstance(given, (str, bytes, dict)) or not isinstance(given, Iterable):
        raise errors.grid_not_a_list(option, given)
    found = sorted((as_moment(value, option) for value in given), key=lambda m: m.order)
    for one, two in pairwise(found):
        if one == two:
            raise errors.grid_moment_twice(option, one.label)
    return found


@dataclass(frozen=True, eq=False)
class _Cell:
    """What is kept of the book of one rule."""

    enter: Moment
    leave: Moment
    #: (n,) events that were traded, and the net profit of each
    event: IntArray
    net: FloatArray
    sharpe: float
    #: number of its own clusters, and the t of the mean across them
    clusters: int
    t: float

    @classmethod
    def of(cls, pair: tuple[Moment, Moment], book: Book) -> _Cell:
        clusters, ratio, t = Clusters.of(book), NAN, NAN
        d = len(clusters)
        if d:
            ratio = float(sharpe_ratio(book.daily_net))
            n, p = clusters.trades.astype(float)[:, None], clusters.net[:, None]
            t = float(_t(np.ones((1, d)), p, n)[0, 0])
        return cls(*pair, book.event, book.net, ratio, d, t)


def try_all(
    rule: Rule, events: pd.DataFrame, panel: Panel, study: EventStudy | None, choices: Choices
) -> Grid:
    """Run every rule of a grid and correct for their number; see `Rule.grid`."""
    told = check_events(events)
    known, _ = as_announced(events)
    row = np.zeros(len(told), dtype=np.int64)
    cells, best, placed = [], (-np.inf, np.array([])), None
    for enter, group in groupby(choices.pairs, key=lambda pair: pair[0]):
        leaves = [leave for _, leave in group]
        plans = [
            Plan.of(replace(rule, enter=enter, leave=leave), panel, study)
            for leave in (leaves[0], leaves[-1])
        ]
        placed = place(known, panel, plans[0].windows, plans[0].study.timing)
        row[placed.placement.event] = placed.placement.row
        apart = plans[0].study.exclude_other_events
        books = (
            _books_apart(plans[0], leaves, known)
            if apart
            else _books(plans[1], leaves, known, placed)
        )
        for leave, book in books:
            cells.append(_Cell.of((enter, leave), book))
            if cells[-1].sharpe > best[0]:
                best = (cells[-1].sharpe, book.daily_net)
    if placed is None or not any(len(cell.event) for cell in cells):
        raise nothing_left(_lost(told, placed))
    return _grid(rule, cells, row, best[1], choices)


def _lost(told: pd.DataFrame, placed: Placed | None) -> pd.DataFrame:
    """Say why nothing was traded, as far as it was found by placing."""
    assert placed is not None  # noqa: S101  (there is a pair)
    return ledger(told, placed)


def _books(
    wide: Plan, leaves: Sequence[Moment], known: Checked, placed: Placed
) -> Iterator[tuple[Moment, Book]]:
    """The book of each leaving: sides, weights, estimates and prices are those of the same entry.

    They are asked for once, with the days up to the last leaving; events whose days reach beyond
    the data stay in the rules that leave before.
    """
    rule, panel = wide.rule, wide.panel
    enter, last = rule.moments
    _, orders = order(wide, known, placed)
    since = _known_since(wide.needed(orders.measured, orders.hedge), len(orders))
    halves = any(leave.at_open for leave in leaves)
    whole = None
    if not halves and SINCE_TRADE not in panel.fields:
        whole = price(panel, orders.firm, orders.row, enter, last, rule.terms.delisting)
    for leave in leaves:
        width = leave.day - enter.day + 1
        keep = (orders.row + leave.day < len(panel.sessions)) & (since < width)
        index = slice(None) if keep.all() else np.flatnonzero(keep)
        priced = None if whole is None else whole.until(width, index)
        yield leave, fill(replace(rule, leave=leave), panel, cut(orders, index, width), priced).book


def _books_apart(
    plan: Plan, leaves: Sequence[Moment], known: Checked
) -> Iterator[tuple[Moment, Book]]:
    """The same where an estimate hangs on which other events are placed: nothing is shared."""
    for leave in leaves:
        one = replace(plan, rule=replace(plan.rule, leave=leave))
        placed = place(known, plan.panel, one.windows, plan.study.timing)
        yield leave, fill(one.rule, plan.panel, order(one, known, placed)[1]).book


def _known_since(needed: Sequence[Measured], n: int) -> IntArray:
    """(n,) columns up to which an event has no abnormal return, where one is needed."""
    found = np.zeros(n, dtype=np.int64)
    for measured in needed:
        there = np.isfinite(measured.abnormal)
        first = np.where(there.any(axis=1), there.argmax(axis=1), there.shape[1])
        found = np.maximum(found, first)
    return found


def cut(orders: Orders, index: IntArray | slice, width: int | None = None) -> Orders:
    """The orders ``index``, with the first ``width`` days of what was measured."""

    def some(measured: Measured | None) -> Measured | None:
        if measured is None:
            return None
        part = replace(
            measured, abnormal=measured.abnormal[:, :width], fair=measured.fair[:, :width]
        )
        return part if isinstance(index, slice) else part.take(index)

    return Orders(
        event=orders.event[index],
        firm=orders.firm[index],
        row=orders.row[index],
        side=orders.side[index],
        weight=orders.weight[index],
        half_spread=orders.half_spread[index],
        borrow=orders.borrow[index],
        measured=some(orders.measured),
        hedge=some(orders.hedge),
    )


def _grid(
    rule: Rule, cells: Sequence[_Cell], row: IntArray, best: FloatArray, choices: Choices
) -> Grid:
    """Compare the rules with each other."""
    label, d = _together(cells, row)
    if d >= ENOUGH:
        how, (t, p, adjusted) = "romano_wolf", _joint(cells, label, d, choices)
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


def _together(cells: Sequence[_Cell], row: IntArray) -> tuple[IntArray, int]:
    """(E,) cluster of each event for all rules together (−1: never traded), and their number.

    Events cluster whose days from the first entry to the last leaving of the grid overlap.
    """
    traded = np.unique(np.concatenate([cell.event for cell in cells]))
    first = min(cell.enter.day + (not cell.enter.at_open) for cell in cells)
    last = max(cell.leave.day for cell in cells)
    label = np.full(len(row), -1)
    label[traded] = chains(row[traded] + first, row[traded] + last)
    return label, int(label.max()) + 1


def _joint(
    cells: Sequence[_Cell], label: IntArray, d: int, choices: Choices
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
        own, many, random = net[:, known], trades[:, known], generator(choices.rng)
        mean = own.sum(axis=0) / many.sum(axis=0)
        drawn = np.empty((choices.draws, known.size))
        for some in batches(choices.draws, each=6 * known.size + d):
            drawn[some] = _t(resampled(random, d, some), own, many, mean)
        more = [extreme(drawn[:, k], float(t[r])) for k, r in enumerate(known)]
        p[known] = (1.0 + np.array(more)) / (1.0 + choices.draws)
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


def _apart(cells: Sequence[_Cell]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(R,) t, p and p after Holm: each rule by its own clusters, t with D − 1 degrees of freedom.

    For grids whose longest holdings chain nearly all trades together.
    """
    d = np.array([float(cell.clusters) for cell in cells])
    t = np.where(d >= ENOUGH, [cell.t for cell in cells], NAN)
    p = 2.0 * stdtr(np.maximum(d - 1.0, 1.0), -np.abs(t))
    return t, p, holm(p)
