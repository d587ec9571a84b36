"""Buy-and-hold returns in plain loops, one event at a time: what the fast code must equal.

Returns are lists by ticker, None where there is none; days are positions in them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Series = Sequence[float | None]


@dataclass(frozen=True)
class Case:
    """How holdings are counted."""

    returns: Mapping[str, Series]
    first: int
    last: int
    loss: float = 0.0
    truncate_delisted: bool = False
    truncate_data: bool = False

    @property
    def days(self) -> int:
        """Sessions of the data."""
        return len(next(iter(self.returns.values())))


def last_price(series: Series) -> int:
    """Position of the last return, −1 without any."""
    for t in range(len(series) - 1, -1, -1):
        if series[t] is not None:
            return t
    return -1


def first_price(series: Series) -> int:
    """Position of the first return."""
    for t, r in enumerate(series):
        if r is not None:
            return t
    return len(series)


def can_be_bought(case: Case, ticker: str, day0: int) -> bool:
    """Whether there is a price when the holding begins."""
    series, begin = case.returns[ticker], day0 + case.first
    return first_price(series) <= begin <= last_price(series)


def market_path(case: Case, ticker: str, day0: int) -> list[float | None]:
    """Daily returns of one series, from the first day held."""
    out: list[float | None] = []
    for t in range(day0 + case.first, day0 + case.last + 1):
        if t >= case.days:
            out.append(None)
        else:
            r = case.returns[ticker][t]
            out.append(0.0 if r is None else r)
    return out


def held(
    case: Case, ticker: str, day0: int, benchmark: Sequence[float | None]
) -> tuple[float, ...]:
    """BHR, benchmark's BHR and days held of one event."""
    series = case.returns[ticker]
    gone = last_price(series) + 1
    last = day0 + case.last
    if last >= case.days:
        assert case.truncate_data
        last = case.days - 1
    delisted = gone <= last
    if case.truncate_delisted and delisted:
        last = gone - 1
    own, other, days = 1.0, 1.0, 0
    for j, t in enumerate(range(day0 + case.first, last + 1)):
        b = benchmark[j]
        if b is None:  # no benchmark any more
            break
        if t < gone:
            r = series[t]
            own *= 1.0 if r is None else 1.0 + r
        else:
            if t == gone:
                own *= 1.0 + case.loss
            own *= 1.0 + b
        if case.truncate_delisted and delisted and t == gone - 1:
            own *= 1.0 + case.loss
        other *= 1.0 + b
        days += 1
    return own - 1.0, other - 1.0, float(days)


# ── characteristics ──────────────────────────────────────────────────────────────────────────
Rows = Sequence[tuple[str, int, Mapping[str, float | None]]]


def known_before(rows: Rows, ticker: str, name: str, day: int) -> float | None:
    """The latest value of ``name`` dated before ``day``; ``rows`` are (ticker, day, values)."""
    best, found = -math.inf, None
    for who, when, values in rows:
        value = values.get(name)
        if who == ticker and when < day and when > best and value is not None:
            best, found = when, value
    return found


def others(
    case: Case, events: Sequence[tuple[str, int]], day0: int, exclude: str, ticker: str
) -> list[str]:
    """Firms that may serve an event of ``ticker`` on ``day0``, in alphabetical order."""
    length = case.last - case.first + 1
    out = []
    for name in sorted(case.returns):
        busy = False
        for who, when in events:
            early = day0 - length < when <= day0
            late = day0 < when < day0 + length
            if who == name and (
                (exclude != "none" and early) or (exclude == "overlapping" and late)
            ):
                busy = True
        if can_be_bought(case, name, day0) and not busy and name != ticker:
            out.append(name)
    return out


def nearest_firms(
    own: Mapping[str, float],
    candidates: Mapping[str, Mapping[str, float]],
    within: Mapping[str, tuple[float, float]],
    nearest: Sequence[str],
    scale: Mapping[str, float],
) -> list[str]:
    """Candidates inside the bounds, the most alike first."""
    found = []
    for name in sorted(candidates):
        x = candidates[name]
        inside = True
        for column, (low, high) in within.items():
            ends = sorted((low * own[column], high * own[column]))
            inside = inside and ends[0] <= x[column] <= ends[1]
        if inside:
            distance = sum(((own[c] - x[c]) / scale[c]) ** 2 for c in nearest)
            found.append((math.sqrt(distance), name))
    return [name for _, name in sorted(found)]


def control_path(
    case: Case, ranked: Sequence[str], day0: int, n: int
) -> tuple[list[float | None], list[tuple[int, str]]]:
    """Daily returns of the mean of n control firms, and (day, name) of each replacement."""
    queue = list(ranked)
    places = [queue.pop(0) for _ in range(min(n, len(queue)))]
    value, total = [1.0] * len(places), 1.0
    path: list[float | None] = []
    changed: list[tuple[int, str]] = []
    for t in range(day0 + case.first, day0 + case.last + 1):
        if t >= case.days:
            path.append(None)
            continue
        for k, name in enumerate(places):
            if last_price(case.returns[name]) < t:
                new = next((x for x in queue if last_price(case.returns[x]) >= t), None)
                if new is None:
                    return path + [None] * (day0 + case.last - t + 1), changed
                queue.remove(new)
                places[k] = new
                value[k] *= 1.0 + case.loss
                changed.append((t, new))
        for k, name in enumerate(places):
            r = case.returns[name][t]
            value[k] *= 1.0 if r is None else 1.0 + r
        mean = sum(value) / len(value)
        path.append(mean / total - 1.0)
        total = mean
    return path, changed


def quantile(values: Sequence[float], share: float) -> float:
    """Linear between the sorted values."""
    x = sorted(values)
    place = share * (len(x) - 1)
    low = math.floor(place)
    high = min(low + 1, len(x) - 1)
    return x[low] + (place - low) * (x[high] - x[low])


def group_of(value: float, values: Sequence[float], count: int) -> int:
    """Which of ``count`` groups, from 0: how many breakpoints lie below the value."""
    return sum(value > quantile(values, (i + 1) / count) for i in range(count - 1))


def portfolio_path(
    case: Case, members: Sequence[str], day0: int, *, rebalanced: bool = False
) -> list[float | None]:
    """Daily returns of a portfolio bought once; the proceeds of the delisted go to the others."""
    money = {name: 1.0 / len(members) for name in members}
    total = 1.0
    path: list[float | None] = []
    for t in range(day0 + case.first, day0 + case.last + 1):
        alive = [name for name in money if last_price(case.returns[name]) >= t]
        if t >= case.days or not alive:
            path.append(None)
            money = {} if not alive else money
            continue
        if rebalanced:
            money = dict.fromkeys(money, total / len(money))
        left = sum(money[name] * (1.0 + case.loss) for name in money if name not in alive)
        worth = sum(money[name] for name in alive)
        money = {name: money[name] * (1.0 + left / worth) for name in alive}
        for name in alive:
            r = case.returns[name][t]
            money[name] *= 1.0 if r is None else 1.0 + r
        new = sum(money.values())
        path.append(new / total - 1.0)
        total = new
    return path
