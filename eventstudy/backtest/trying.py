"""Every rule of a grid, run on the same orders: one book each, of which little is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby, pairwise
from operator import itemgetter

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.align import Placed, place
from eventstudy.arrays import IntArray
from eventstudy.backtest.asking import refuse_memory
from eventstudy.backtest.book import Book
from eventstudy.backtest.correcting import Cell, compared
from eventstudy.backtest.filling import Orders, fill
from eventstudy.backtest.guarding import as_announced
from eventstudy.backtest.lattice import Grid
from eventstudy.backtest.measuring import Measured
from eventstudy.backtest.moments import Moment, MomentLike, as_moment
from eventstudy.backtest.pricing import price
from eventstudy.backtest.rule import Rule
from eventstudy.backtest.trading import Plan, order
from eventstudy.events import Checked, check_events
from eventstudy.inference._resampling import Rng, check_draws, generator
from eventstudy.panel import Panel
from eventstudy.panel.gaps import SINCE_TRADE
from eventstudy.progress import steps
from eventstudy.study import EventStudy


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


def try_all(
    rule: Rule, events: pd.DataFrame, panel: Panel, study: EventStudy | None, choices: Choices
) -> Grid:
    """Run every rule of a grid and correct for their number; see `Rule.grid`."""
    told = check_events(events)
    known, _ = as_announced(events)
    cells, highest, best = [], -np.inf, np.array([])
    groups = [(e, [leave for _, leave in g]) for e, g in groupby(choices.pairs, itemgetter(0))]
    for enter, leaves in steps(groups, "Rules", len(choices.pairs), lambda each: len(each[1])):
        plan = Plan.of(replace(rule, enter=enter, leave=leaves[-1]), panel, study)
        apart = plan.study.exclude_other_events
        for leave, book in (_books_apart if apart else _books)(plan, leaves, known):
            cells.append(Cell.of((enter, leave), book))
            if cells[-1].sharpe > highest:
                highest, best = cells[-1].sharpe, book.daily_net
    if not any(len(cell.event) for cell in cells):
        raise errors.grid_without_trades(len(cells), len(told))
    return compared(rule, cells, best, choices.draws, choices.rng)


def _books(wide: Plan, leaves: Sequence[Moment], known: Checked) -> Iterator[tuple[Moment, Book]]:
    """The book of each leaving: sides, weights, estimates and prices are those of the same entry.

    They are asked for once, with the days up to the last leaving; events whose days reach beyond
    the data stay in the rules that leave before.
    """
    rule, panel = wide.rule, wide.panel
    enter, last = rule.moments
    _, orders = order(wide, known, _placed(wide, leaves[0], known))
    refuse_memory(rule, known.table, orders, panel)
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
    wide: Plan, leaves: Sequence[Moment], known: Checked
) -> Iterator[tuple[Moment, Book]]:
    """The same where an estimate hangs on which other events are placed: nothing is shared."""
    for leave in leaves:
        one = replace(wide, rule=replace(wide.rule, leave=leave))
        _, orders = order(one, known, _placed(one, leave, known))
        refuse_memory(one.rule, known.table, orders, one.panel)
        yield leave, fill(one.rule, one.panel, orders).book


def _placed(plan: Plan, leave: Moment, known: Checked) -> Placed:
    """The events whose days up to ``leave`` lie inside the data."""
    span = replace(plan, rule=replace(plan.rule, leave=leave)).windows
    return place(known, plan.panel, span, plan.study.timing)


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
