"""Who serves whom: the nearest firms, and the next nearest once their prices end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.arrays import FloatArray, IntArray
from eventstudy.longrun.benchmarks import Found, Setting, TextArray, growths, never
from eventstudy.longrun.compounding import History


class Choice:
    """The control firms of N events, each in one of n places, filled date by date.

    Round 0 holds the n nearest. Each later round replaces, of every event that needs it, the firm
    whose prices end first.
    """

    def __init__(self, setting: Setting, n: int) -> None:
        self.setting, self.n = setting, n
        size = len(setting.row)
        #: a round: (N, n) the firm, −1 for none, and the session from which it serves
        self.firm = [np.full((size, n), -1)]
        self.since = [np.zeros((size, n), dtype=np.int64)]
        self.end = np.full(size, setting.panel.returns.shape[1] - 1)

    def choose(self, events: IntArray, places: IntArray, distance: FloatArray) -> None:
        """Fill the places of ``events`` from the (m, F) distances of the firms in ``places``."""
        begin = self.setting.row[events] + self.setting.start
        last = self.setting.lives[1][places]
        left, every = distance.copy(), np.arange(len(events))
        needed = np.full((len(events), self.n), np.iinfo(np.int64).max)
        for place in range(self.n):  # an equal distance: the first in the alphabet
            best = left.argmin(axis=1)
            there = np.flatnonzero(np.isfinite(left[every, best]))
            firm = best[there]
            self._write(0, events[there], np.full(len(there), place), places[firm], begin[there])
            needed[there, place] = last[firm] + 1
            left[there, firm] = np.inf
        self._replace(events, places, left, needed, last)

    def _replace(
        self,
        events: IntArray,
        places: IntArray,
        left: FloatArray,
        needed: IntArray,
        last: IntArray,
    ) -> None:
        """Replace firms in the order in which their prices end, of all events at once."""
        until = self.setting.row[events] + self.setting.start + self.setting.length - 1
        until = np.minimum(until, self.setting.panel.returns.shape[1] - 1)
        some, depth = np.flatnonzero(needed.min(axis=1) <= until), 0
        while some.size:
            depth += 1
            place = needed[some].argmin(axis=1)
            since = needed[some, place]
            alive = np.where(last >= since[:, None], left[some], np.inf)
            best = alive.argmin(axis=1)
            there = np.isfinite(alive[np.arange(len(some)), best])
            # nobody takes over: what is left of the holding has no benchmark
            self.end[events[some[~there]]] = since[~there] - 1
            some, place, best, since = some[there], place[there], best[there], since[there]
            self._write(depth, events[some], place, places[best], since)
            needed[some, place] = last[best] + 1
            left[some, best] = np.inf
            some = some[needed[some].min(axis=1) <= until[some]]

    def _write(
        self, depth: int, events: IntArray, place: IntArray, firm: IntArray, since: IntArray
    ) -> None:
        while len(self.firm) <= depth:
            self.firm.append(np.full_like(self.firm[0], -1))
            self.since.append(np.zeros_like(self.since[0]))
        self.firm[depth][events, place] = firm
        self.since[depth][events, place] = since

    def found(self, reason: TextArray, detail: TextArray, notes: tuple[str, ...]) -> Found:
        """The benchmark, the names of the firms, and who was replaced."""
        names = np.array([*self.setting.panel.tickers, ""], dtype=object)
        said = names[self.firm[0][:, 0]]
        for place in range(1, self.n):
            more = names[self.firm[0][:, place]]
            said = said + np.where(more == "", "", ", ") + more
        firm, since = np.stack(self.firm), np.stack(self.since)
        rounds, event, where = np.nonzero(firm[1:] >= 0)
        at = rounds + 1, event, where
        replaced = (event, since[at], names[firm[at]]) if event.size else never()
        benchmark = Controls(self.setting.history, firm, since, self.setting.loss)
        few, short = (firm[0] < 0).any(axis=1), f"found fewer than {self.n} control firms"
        return Found(benchmark, self.end, said, reason, detail, replaced, notes, few, short)


@dataclass(frozen=True, eq=False)
class Controls:
    """The mean buy-and-hold value of an event's control firms."""

    history: History
    #: (rounds, N, n) securities, −1 where there is none, and the session from which each serves
    firm: IntArray
    since: IntArray
    loss: float

    def daily(self, at: IntArray, days: IntArray) -> FloatArray:
        """(m, L) daily returns of the mean of the places, each bought once and held."""
        total, places = np.zeros(days.shape), np.zeros((len(at), 1))
        for place in range(self.firm.shape[2]):
            there = self.firm[0, at, place] >= 0
            value = np.cumprod(self._growth(at[there], days[there], place), axis=1)
            total[there] += value
            places[there] += 1.0
        path = total / np.maximum(places, 1.0)
        before = np.concatenate([np.ones((len(at), 1)), path[:, :-1]], axis=1)
        growth = np.divide(path, before, out=np.ones_like(path), where=before > 0)
        return np.asarray(growth - 1.0)

    def _growth(self, at: IntArray, days: IntArray, place: int) -> FloatArray:
        """(m, L) growth of the firm that serves in a place, day by day."""
        growth = growths(self.history.of(self.firm[0, at, place], days, days[:, 0]))
        for k in range(1, len(self.firm)):
            who, since = self.firm[k, at, place], self.since[k, at, place]
            some = np.flatnonzero(who >= 0)
            new = growths(self.history.of(who[some], days[some], since[some]))
            part = np.where(days[some] >= since[some, None], new, growth[some])
            part[days[some] == since[some, None]] *= 1.0 + self.loss
            growth[some] = part
        return growth
