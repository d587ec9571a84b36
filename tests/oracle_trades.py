"""Trading events, session by session, as an accountant would write it down: plain loops.

Shares no code with the package. Positions are opened and left at closes, hold a constant
notional, and pay per side; a hedge sells the slopes of a least-squares fit over the estimation
days and earns what they earn.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Order:
    """One event: its ticker, the session of its day 0, and what the rule wants."""

    name: str
    ticker: int
    day0: int
    side: float = 1.0
    weight: float = 1.0
    half_spread: float = 0.0


@dataclass
class Terms:
    """The rule's numbers: close of day ``enter`` to close of day ``leave``."""

    enter: int
    leave: int
    bps: float = 0.0
    hedge_bps: float = 0.0
    borrow: float = 0.0
    delisting: float = 0.0
    per_name: float = np.inf
    gross: float = np.inf
    overlap: str = "add"


@dataclass
class Trade:
    """One position in the course of its life."""

    order: Order
    position: float
    slopes: np.ndarray
    alpha: float
    due: int
    entered: int
    left: int = -1
    gross: float = 0.0
    hedge: float = 0.0
    cost: float = 0.0
    abnormal: float = 0.0
    #: the order that carries the position on when it is due
    heirs: list[Order] = field(default_factory=list)


@dataclass
class Accounts:
    """What comes out: trades by the name of their event, and sums by session."""

    trades: dict[str, Trade]
    gross: np.ndarray
    hedge: np.ndarray
    cost: np.ndarray
    exposure: np.ndarray
    turnover: np.ndarray


def regression(returns: np.ndarray, factors: np.ndarray, days: range) -> tuple[float, np.ndarray]:
    """α and slopes of one security over the estimation days that are complete."""
    rows = [
        t
        for t in days
        if 0 <= t < len(returns) and np.isfinite(returns[t]) and np.isfinite(factors[t]).all()
    ]
    x = np.column_stack([np.ones(len(rows)), factors[rows]])
    q, r = np.linalg.qr(x)
    theta = np.linalg.solve(r, q.T @ returns[rows])
    return float(theta[0]), theta[1:]


class Desk:
    """Walks through the calendar once."""

    def __init__(
        self, returns: np.ndarray, factors: np.ndarray, terms: Terms, estimation: tuple[int, int],
        hedged: bool,
    ) -> None:  # fmt: skip
        sessions = returns.shape[1]
        self.returns, self.factors, self.terms = returns, factors, terms
        self.estimation, self.hedged = estimation, hedged
        self.open: list[Trade] = []
        self.done: dict[str, Trade] = {}
        self.gross, self.hedge, self.cost = (np.zeros(sessions) for _ in range(3))
        self.exposure, self.turnover = np.zeros(sessions), np.zeros(sessions)

    def run(self, orders: list[Order]) -> Accounts:
        for today in range(self.returns.shape[1]):
            self.earn(today)
            self.leave(today)
            self.enter(today, [o for o in orders if o.day0 + self.terms.enter == today])
        return Accounts(self.done, self.gross, self.hedge, self.cost, self.exposure, self.turnover)

    # ── a session ────────────────────────────────────────────────────────────────────────
    def earn(self, today: int) -> None:
        for trade in list(self.open):
            r = self.returns[trade.order.ticker, today]
            if np.isnan(r):
                self.stop(trade, today)
                continue
            self.book(trade, today, r)

    def book(self, trade: Trade, today: int, r: float) -> None:
        fair = float(trade.slopes @ self.factors[today])
        won = trade.position * r
        lost = -trade.position * fair if self.hedged else 0.0
        fee = self.terms.borrow / 252 * abs(trade.position) if trade.position < 0 else 0.0
        trade.gross += won
        trade.hedge += lost
        trade.cost += fee
        trade.abnormal += r - trade.alpha - fair
        self.gross[today] += won
        self.hedge[today] += lost
        self.cost[today] += fee
        self.exposure[today] += abs(trade.position)

    def stop(self, trade: Trade, today: int) -> None:
        """No price: the position was left at the close before, or earns the delisting return."""
        later = self.returns[trade.order.ticker, today:]
        trade.heirs.clear()
        if self.terms.delisting and np.isnan(later).all():
            self.book(trade, today, self.terms.delisting)
            trade.abnormal = np.nan
            self.close(trade, today)
        else:
            self.close(trade, today - 1)

    def leave(self, today: int) -> None:
        for trade in list(self.open):
            if trade.due == today:
                self.close(trade, today)

    def close(self, trade: Trade, when: int) -> None:
        self.open.remove(trade)
        trade.left = when
        self.done[trade.order.name] = trade
        if trade.heirs:
            heir = self.make(trade.heirs[0], abs(trade.position), when)
            heir.heirs = trade.heirs[1:]
            change = np.abs(heir.slopes - trade.slopes).sum() * abs(trade.position)
            self.pay(heir, when, 0.0, change if self.hedged else 0.0)
            self.open.append(heir)
            return
        self.trade_it(trade, when)

    def trade_it(self, trade: Trade, when: int) -> None:
        size = abs(trade.position)
        self.pay(trade, when, size, size * np.abs(trade.slopes).sum() if self.hedged else 0.0)

    def pay(self, trade: Trade, when: int, own: float, other: float) -> None:
        fee = own * (self.terms.bps / 1e4 + trade.order.half_spread)
        fee += other * self.terms.hedge_bps / 1e4
        trade.cost += fee
        self.cost[when] += fee
        self.turnover[when] += own + other

    # ── entering ─────────────────────────────────────────────────────────────────────────
    def make(self, order: Order, size: float, when: int) -> Trade:
        first, last = self.estimation
        days = range(order.day0 + first, order.day0 + last + 1)
        alpha, slopes = regression(self.returns[order.ticker], self.factors, days)
        due = order.day0 + self.terms.leave
        return Trade(order, order.side * size, slopes, alpha, due, when)

    def enter(self, today: int, orders: list[Order]) -> None:
        fresh = []
        for order in orders:
            around = self.returns[order.ticker, today : today + 2]
            if np.isfinite(around).any() and self.alone(order, today):
                fresh.append(order)
        sizes = []
        for order in fresh:
            room = self.terms.per_name - sum(
                abs(t.position) for t in self.open if t.order.ticker == order.ticker
            )
            sizes.append(min(order.weight, max(room, 0.0)))
        free = max(self.terms.gross - sum(abs(t.position) for t in self.open), 0.0)
        if sum(sizes) > free:
            sizes = [s * free / sum(sizes) for s in sizes]
        for order, size in zip(fresh, sizes, strict=True):
            if size > 1e-12:
                trade = self.make(order, size, today)
                self.trade_it(trade, today)
                self.open.append(trade)

    def alone(self, order: Order, today: int) -> bool:
        """Whether the order opens a position of its own, given those in the same ticker."""
        mine = [t for t in self.open if t.order.ticker == order.ticker]
        if self.terms.overlap == "add" or not mine:
            return True
        held = mine[0]
        if self.terms.overlap == "ignore":
            return False
        if self.terms.overlap == "extend" and held.position * order.side > 0:
            held.heirs.append(order)
            return False
        held.heirs.clear()
        self.close(held, today)
        return True


def accounts(
    returns: np.ndarray,
    factors: np.ndarray,
    orders: list[Order],
    terms: Terms,
    *,
    estimation: tuple[int, int] = (-250, -11),
    hedged: bool = False,
) -> Accounts:
    """Trade all orders over (S, T) returns and (T, K) factors."""
    return Desk(returns, factors, terms, estimation, hedged).run(orders)
