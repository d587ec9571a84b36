"""Trading events, session by session, as an accountant would write it down: plain loops.

Shares no code with the package. Positions are opened and left at closes or opens, hold a
constant notional, and pay per side; a hedge sells the slopes of a least-squares fit over the
estimation days and earns what they earn. The accountant knows nothing of the days to come, but
for two conventions: a position whose price is missing was left at the last one before, and
prices that never come back are a delisting.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


def nothing() -> np.ndarray:
    return np.empty((0, 0))


@dataclass
class Order:
    """One event: its ticker, the session of its day 0, and what the rule wants."""

    name: str
    ticker: int
    day0: int
    side: float = 1.0
    weight: float = 1.0
    half_spread: float = 0.0
    borrow: float | None = None


@dataclass
class Terms:
    """The rule's numbers: close of day ``enter`` to close of day ``leave``, or their opens."""

    enter: int
    leave: int
    enter_open: bool = False
    leave_open: bool = False
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
    #: what it earns today: all, or what the half before or after an open leaves of it
    part: str = "all"
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


@dataclass
class Market:
    """What is known of the sessions; the last four are of use to some rules only."""

    #: (S, T) and (T, K)
    returns: np.ndarray
    factors: np.ndarray
    #: (S, T) and (T, K) close over open, less 1
    day: np.ndarray = field(default_factory=nothing)
    factor_day: np.ndarray = field(default_factory=nothing)
    #: (S, T) return since the last price, where it bridges a hole, and the sessions it covers
    bridge: np.ndarray = field(default_factory=nothing)
    covers: np.ndarray = field(default_factory=nothing)


class Desk:
    """Walks through the calendar once."""

    def __init__(
        self, market: Market, terms: Terms, estimation: tuple[int, int], hedged: bool, need: int
    ) -> None:
        sessions = market.returns.shape[1]
        self.market, self.terms = market, terms
        self.returns, self.factors = market.returns, market.factors
        self.estimation, self.hedged, self.need = estimation, hedged, need
        self.open: list[Trade] = []
        self.done: dict[str, Trade] = {}
        self.gross, self.hedge, self.cost = (np.zeros(sessions) for _ in range(3))
        self.exposure, self.turnover = np.zeros((2, sessions)), np.zeros(sessions)

    def run(self, orders: list[Order]) -> Accounts:
        terms = self.terms
        for today in range(self.returns.shape[1]):
            mine = [o for o in orders if o.day0 + terms.enter == today]
            if terms.leave_open:
                self.leave_at_open(today)
            if terms.enter_open:
                self.enter(today, mine)
            self.earn(today)
            if not terms.leave_open:
                self.leave(today)
            if not terms.enter_open:
                self.enter(today, mine)
        held = self.exposure.max(axis=0)
        return Accounts(self.done, self.gross, self.hedge, self.cost, held, self.turnover)

    # ── a session ────────────────────────────────────────────────────────────────────────
    def earn(self, today: int) -> None:
        for trade in list(self.open):
            r = self.earned(trade, today)
            if np.isnan(r) and self.bridged(trade, today):
                r = 0.0
            if np.isnan(r):
                self.stop(trade, today)
                continue
            self.book(trade, today, r)
            trade.part = "all"

    def whole(self, ticker: int, today: int) -> float:
        r = self.returns[ticker, today]
        if np.isnan(r) and self.market.bridge.size:
            r = self.market.bridge[ticker, today]
        return float(r)

    def night(self, ticker: int, today: int) -> float:
        return float((1 + self.whole(ticker, today)) / (1 + self.market.day[ticker, today]) - 1)

    def earned(self, trade: Trade, today: int) -> float:
        ticker = trade.order.ticker
        if trade.part == "day":  # bought at the open
            return float(self.market.day[ticker, today])
        if trade.part == "none":
            return np.nan
        if trade.part == "rest":  # held on at the open
            return self.whole(ticker, today) - self.night(ticker, today)
        return self.whole(ticker, today)

    def bridged(self, trade: Trade, today: int) -> bool:
        """Whether a price comes back while the position is held, and a return to it is known."""
        if not self.market.bridge.size or trade.part != "all":
            return False
        last = trade.due - 1 if self.terms.leave_open else trade.due
        for later in range(today + 1, last + 1):
            r = self.market.bridge[trade.order.ticker, later]
            if np.isfinite(r):
                return bool(later - self.market.covers[trade.order.ticker, later] >= trade.entered)
        return False

    def fair(self, trade: Trade, today: int) -> float:
        moves = self.factors[today]
        if trade.part in ("day", "rest"):
            moves = self.market.factor_day[today]
        elif trade.part == "night":
            moves = (1 + moves) / (1 + self.market.factor_day[today]) - 1
        return float(trade.slopes @ moves)

    def book(self, trade: Trade, today: int, r: float) -> None:
        fair = self.fair(trade, today)
        won = trade.position * r
        lost = -trade.position * fair if self.hedged else 0.0
        rate = self.terms.borrow if trade.order.borrow is None else trade.order.borrow
        fee = rate / 252 * abs(trade.position) if trade.position < 0 else 0.0
        trade.gross += won
        trade.hedge += lost
        trade.cost += fee
        trade.abnormal += r - trade.alpha - fair
        self.gross[today] += won
        self.hedge[today] += lost
        self.cost[today] += fee
        if trade.part not in ("day", "rest"):
            self.exposure[0, today] += abs(trade.position)
        if trade.part != "night":
            self.exposure[1, today] += abs(trade.position)

    def stop(self, trade: Trade, today: int) -> None:
        """No price: the position was left at the close before, or earns the delisting return."""
        later = self.returns[trade.order.ticker, today:]
        trade.heirs.clear()
        if self.terms.delisting and np.isnan(later).all():
            if trade.part == "none":  # the hedge is left at the open as it was meant to be
                trade.part = "night"
            self.book(trade, today, self.terms.delisting)
            trade.abnormal = np.nan
            self.close(trade, today)
        else:
            self.close(trade, max(today - 1, trade.entered))

    def leave(self, today: int) -> None:
        for trade in list(self.open):
            if trade.due == today:
                self.close(trade, today)

    def leave_at_open(self, today: int) -> None:
        for trade in list(self.open):
            if trade.due == today:
                self.sell_at_open(trade, today)

    def sell_at_open(self, trade: Trade, today: int) -> None:
        night = self.night(trade.order.ticker, today)
        trade.part = "night" if np.isfinite(night) else "none"
        if trade.part == "night":  # else there is no price, and `earn` stops it
            self.book(trade, today, night)
            self.close(trade, today)

    def close(self, trade: Trade, when: int) -> None:
        self.open.remove(trade)
        trade.left = when
        self.done[trade.order.name] = trade
        if trade.heirs:
            heir = self.make(trade.heirs[0], abs(trade.position), when)
            heir.heirs = trade.heirs[1:]
            heir.part = "rest" if self.terms.leave_open else "all"
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
        there = [t for t in days if t >= 0 and np.isfinite(self.returns[order.ticker, t])]
        alpha, slopes = np.nan, np.full(self.factors.shape[1], np.nan)
        if len(there) >= self.need:
            alpha, slopes = regression(self.returns[order.ticker], self.factors, days)
        due = order.day0 + self.terms.leave
        return Trade(order, order.side * size, slopes, alpha, due, when)

    def enter(self, today: int, orders: list[Order]) -> None:
        wanted, tickers = [], []
        for order in orders:
            tradable = abs(order.side) == 1 and order.weight > 0 and self.has_price(order, today)
            if tradable and (self.terms.overlap == "add" or order.ticker not in tickers):
                wanted.append(order)
                tickers.append(order.ticker)
        fresh = [order for order in wanted if self.alone(order, today)]
        sizes = []
        for order in fresh:
            room = self.terms.per_name - sum(
                abs(t.position) for t in self.open if t.order.ticker == order.ticker
            )
            rivals = sum(o.weight for o in fresh if o.ticker == order.ticker)
            sizes.append(min(order.weight, max(room, 0.0) * order.weight / rivals))
        free = max(self.terms.gross - sum(abs(t.position) for t in self.open), 0.0)
        if sum(sizes) > free:
            sizes = [s * free / sum(sizes) for s in sizes]
        for order, size in zip(fresh, sizes, strict=True):
            if size > 1e-12:
                trade = self.make(order, size, today)
                trade.part = "day" if self.terms.enter_open else "all"
                self.trade_it(trade, today)
                self.open.append(trade)

    def has_price(self, order: Order, today: int) -> bool:
        if self.terms.enter_open:
            return bool(np.isfinite(self.market.day[order.ticker, today]))
        tomorrow = self.returns[order.ticker, today + 1 : today + 2]
        return bool(np.isfinite(self.whole(order.ticker, today)) or np.isfinite(tomorrow).any())

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
        if self.terms.enter_open:
            self.sell_at_open(held, today)
        else:
            self.close(held, today)
        return True


def accounts(
    market: Market,
    orders: list[Order],
    terms: Terms,
    *,
    estimation: tuple[int, int] = (-250, -11),
    hedged: bool = False,
    need: int = 0,
) -> Accounts:
    """Trade all orders; an estimate needs so many days."""
    return Desk(market, terms, estimation, hedged, need).run(orders)
