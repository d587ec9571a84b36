"""A rule applied to events: placed, guarded, measured, decided, filled, and written down."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from eventstudy.align import Placed, add_reasons, ledger, nothing_left, place
from eventstudy.arrays import FloatArray, Model, Placement, Windows
from eventstudy.backtest.deciding import sides, terms_of, weights
from eventstudy.backtest.filling import Filled, Orders, fill
from eventstudy.backtest.guarding import as_announced, refuse_early, refuse_study
from eventstudy.backtest.measuring import Measured, measure
from eventstudy.backtest.outcome import Asked, Backtest
from eventstudy.backtest.peeking import refuse_peeking
from eventstudy.backtest.rule import Rule
from eventstudy.backtest.telling import changed, unfilled
from eventstudy.events import Checked, check_events
from eventstudy.models import MarketModel
from eventstudy.panel import Panel
from eventstudy.study import EventStudy
from eventstudy.windows import Window


@dataclass(frozen=True, eq=False)
class Plan:
    """A rule, and the study that measures its trades."""

    rule: Rule
    panel: Panel
    study: EventStudy
    #: whether there is a model for the abnormal returns at all
    measured: bool

    @classmethod
    def of(cls, rule: Rule, panel: Panel, study: EventStudy | None) -> Plan:
        """Check the study, or take the usual one with the model of the hedge."""
        refuse_study(study, rule, panel)
        model = rule.hedge or MarketModel()
        known = study is not None or rule.hedge is not None or panel.market is not None
        known = known or rule.weight == "inverse_sigma"
        usual = EventStudy(model=model)
        if study is None:
            refuse_study(usual, rule, panel)
        return cls(rule, panel, usual if study is None else study, known)

    @property
    def days(self) -> Window:
        """Event days from the session of entry to that of leaving."""
        enter, leave = self.rule.moments
        return Window(enter.day, leave.day)

    @property
    def windows(self) -> Windows:
        """The estimation of the study, and the days of the rule."""
        span = self.study.windows
        return Windows(span.estimation, self.days, span.intervals)

    def measure(self, placement: Placement) -> tuple[Measured | None, Measured | None]:
        """Measure by the model of the study, and by that of the hedge."""

        def by(model: Model) -> Measured:
            found = measure(self.study, model, self.panel, placement, self.days)
            refuse_peeking(model, found.seen, placement, self.windows, self.panel.tickers)
            return found

        own = by(self.study.model) if self.measured else None
        hedge = self.rule.hedge
        if hedge is None:
            return own, None
        found = own if own is not None and hedge == self.study.model else by(hedge)
        return own, found

    def needed(self, own: Measured | None, hedge: Measured | None) -> list[Measured]:
        """Estimates without which an event cannot be traded."""
        sized = [own] if own is not None and self.rule.weight == "inverse_sigma" else []
        return sized + ([] if hedge is None or hedge in sized else [hedge])


def trade(
    rule: Rule, events: pd.DataFrame, panel: Panel, study: EventStudy | None = None
) -> Backtest:
    """Run a rule; see `Rule.run`."""
    plan = Plan.of(rule, panel, study)
    told = check_events(events)
    known, notes = as_announced(events)
    placed = place(known, panel, plan.windows, plan.study.timing)
    placed, orders = order(plan, known, placed)
    if not len(orders):
        raise nothing_left(ledger(told, placed))
    filled = fill(rule, panel, orders)
    dropped = _ledger(told, placed, orders, filled)
    traded = filled.book.event
    if not len(traded):
        raise nothing_left(dropped)
    return Backtest(
        rule=rule,
        study=plan.study,
        panel=panel,
        events=told.iloc[traded],
        dropped=dropped,
        ledger=changed(told, orders, filled, panel),
        book=filled.book,
        asked=Asked(known.table, orders),
        remarks=notes,
    )


def order(plan: Plan, known: Checked, placed: Placed) -> tuple[Placed, Orders]:
    """Decide side and weight of the events that can be traded, from what is known at entry."""
    rule, panel, at = plan.rule, plan.panel, placed.placement
    enter, _ = rule.moments
    refuse_early(rule, known, at, panel.sessions)
    own, hedge = plan.measure(at)
    usable = np.ones(len(at.row), dtype=bool)
    for needed in plan.needed(own, hedge):
        lost = replace(needed.losses, reason=np.where(usable, needed.losses.reason, 0))
        placed = _lose(placed, panel, plan.windows, replace(needed, losses=lost))
        usable &= needed.known
    at = Placement(at.firm[usable], at.row[usable], at.event[usable])
    own, hedge = (None if m is None else m.take(usable) for m in (own, hedge))
    table = known.table.iloc[at.event]
    sigma: FloatArray = np.full(len(at.row), np.nan) if own is None else own.sigma
    entry = at.row + enter.day
    half_spread, borrow = terms_of(rule, table)
    orders = Orders(
        event=at.event,
        firm=at.firm,
        row=at.row,
        side=sides(rule, table, entry, panel),
        weight=weights(rule, table, sigma),
        half_spread=half_spread,
        borrow=borrow,
        measured=own,
        hedge=hedge,
    )
    return placed, orders


def _lose(placed: Placed, panel: Panel, windows: Windows, needed: Measured) -> Placed:
    """Write down the events that lack an estimate they need."""
    found = add_reasons(placed, panel, windows, needed.losses, needed.seen)
    before = placed.reason > 0
    return Placed(
        placed.placement,
        np.where(before, placed.reason, found.reason),
        np.where(before, placed.detail, found.detail),
    )


def _ledger(told: pd.DataFrame, placed: Placed, orders: Orders, filled: Filled) -> pd.DataFrame:
    """One row an event that was not traded, in the order of the input."""
    parts = [ledger(told, placed), unfilled(told, orders, filled)]
    found = pd.concat([part for part in parts if len(part)] or parts[:1])
    return found.loc[told.index[told.index.isin(found.index)]]
