"""Clusters of trades: what is independent in a backtest, and how many such things there are.

Twelve miners bought on one report are one bet, and so are trades that hold something in the same
session. Trades whose sessions held overlap, of any ticker and through any chain of others, form
one cluster: it, not the trade, is what a test may count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import stdtr

from eventstudy.arrays import FloatArray, IntArray
from eventstudy.backtest.book import Book
from eventstudy.inference.clusters import satterthwaite
from eventstudy.inference.validity import ENOUGH

#: a variance below this share of the mean square is rounding
STILL = 1e-12


@dataclass(frozen=True, eq=False)
class Clusters:
    """The clusters of a book in the order of time, and its sums by cluster."""

    book: Book
    #: (n,) cluster of each trade
    of_trade: IntArray
    #: (D,) calendar row of the last session that each holds
    last: IntArray

    @classmethod
    def of(cls, book: Book) -> Clusters:
        """Find the clusters of a book."""
        first, last = held_rows(book)
        label = chains(first, last)
        count = int(label.max()) + 1 if len(label) else 0
        ends = np.full(count, -1, dtype=np.int64)
        np.maximum.at(ends, label, last)
        return cls(book, label, ends)

    def __len__(self) -> int:
        return len(self.last)

    @cached_property
    def of_session(self) -> IntArray:
        """(T,) cluster of each session of `Book.span`.

        Sessions on which nothing is held belong to the next cluster: it pays for its entry there.
        A session that one cluster holds and another enters on belongs to the holder.
        """
        days = np.arange(self.book.span.start, self.book.span.stop)
        return np.minimum(np.searchsorted(self.last, days), max(len(self) - 1, 0))

    @cached_property
    def trades(self) -> IntArray:
        """(D,) trades."""
        return np.bincount(self.of_trade, minlength=len(self))

    @cached_property
    def net(self) -> FloatArray:
        """(D,) net profit of the trades."""
        net = np.bincount(self.of_trade, weights=self.book.net, minlength=len(self))
        return np.asarray(net, dtype=float)

    @cached_property
    def sums(self) -> FloatArray:
        """(D,) sum of the daily net over the sessions of each."""
        return self._over_sessions(self.book.daily_net)

    @cached_property
    def squares(self) -> FloatArray:
        """(D,) sum of the squared daily net over the sessions of each."""
        return self._over_sessions(self.book.daily_net**2)

    def _over_sessions(self, values: FloatArray) -> FloatArray:
        sums = np.bincount(self.of_session, weights=values, minlength=len(self))
        return np.asarray(sums, dtype=float)

    @property
    def n_eff(self) -> float:
        """Number of equal clusters that would be as many, see `equal_clusters`.

        A cluster weighs the notional of its trades times the sessions they are held. The trades
        of a cluster count as one, as if they moved together; n_eff lies between 1 and D.
        """
        weight = np.abs(self.book.position) * self.book.held.sum(axis=1)
        total = np.bincount(self.of_trade, weights=weight, minlength=len(self))
        return equal_clusters(np.asarray(total, dtype=float))

    @property
    def limit(self) -> str:
        """Why the trades allow no verdict, or only a weak one; empty where nothing is against it.

        Six clusters are the least: with D of them no exact test across clusters has a two-sided
        p-value below 2^(1−D).
        """
        d, trades = len(self), len(self.book)
        if not trades:
            return "There is no trade, and so no verdict."
        where = "one cluster" if d == 1 else f"{d} clusters"
        many = "only trade lies" if trades == 1 else f"{trades:,} trades lie"
        if d < ENOUGH:
            return (
                f"The {many} in {where} of overlapping holdings: with fewer than {ENOUGH} no "
                f"verdict is possible, whatever the figures say."
            )
        if self.n_eff < ENOUGH - 1e-9:
            return (
                f"The {many} in {where} of overlapping holdings, and a few of them are so large "
                f"that they weigh like {self.n_eff:.1f} equal ones: with fewer than {ENOUGH} any "
                f"verdict is weak."
            )
        return ""


@dataclass(frozen=True)
class MeanTrade:
    """The mean net profit a trade, and its error across the D clusters.

    With P_d the net of the N_d trades of cluster d, N in all, and m = ΣP_d/N,

        se² = Σ_d (P_d − m N_d)² / (1 − N_d/N) / N²,  m/se ~ t_df.

    The degrees of freedom are those of Satterthwaite where the trades of a cluster move as one:
    D − 1 if all clusters are equal, fewer where a few of them hold most trades. (With D − 1 a
    nominal 5 % test rejects 10 to 50 % there.)

    References
    ----------
    Bell and McCaffrey (2002), Survey Methodology 28; Imbens and Kolesár (2016), Review of
    Economics and Statistics 98.
    """

    mean: float
    #: NaN where there are fewer than two clusters, or they do not vary
    se: float
    df: float

    @classmethod
    def of(cls, clusters: Clusters) -> MeanTrade:
        """Average the trades of a book."""
        size, net = clusters.trades.astype(float), clusters.net
        total, nothing = float(size.sum()), float("nan")
        if len(clusters) < 2:
            return cls(float(net.sum()) / total if total else nothing, nothing, nothing)
        mean, share = float(net.sum()) / total, 1.0 - size / total
        spread = float(np.sum((net - mean * size) ** 2 / share))
        varies = spread > STILL * float(np.sum(net**2 / share))
        se = math.sqrt(spread) / total if varies else nothing
        return cls(mean, se, satterthwaite(size, 1.0))

    @property
    def t(self) -> float:
        """The mean over its error."""
        return self.mean / self.se

    @property
    def pvalue(self) -> float:
        """Two-sided, by t."""
        return 2.0 * float(stdtr(self.df, -abs(self.t)))


def equal_clusters(weight: FloatArray) -> float:
    """Number of equal clusters that would be as many: (Σ_d w_d)² / Σ_d w_d².

    >>> equal_clusters(np.array([2.0, 2.0])), equal_clusters(np.array([8.0, 1.0, 1.0])).__round__(1)
    (2.0, 1.5)
    """
    squares = float(weight @ weight)
    return float(weight.sum()) ** 2 / squares if squares > 0.0 else float(len(weight))


def held_rows(book: Book) -> tuple[IntArray, IntArray]:
    """(n,) calendar rows of the first and the last session whose return each trade earns.

    A trade that never earned a return stands on the sessions of its entry and its leaving.
    """
    any_, width = book.held.any(axis=1), book.held.shape[1]
    first = np.where(any_, book.held.argmax(axis=1), book.opened)
    last = np.where(any_, width - 1 - book.held[:, ::-1].argmax(axis=1), book.closed)
    begin = book.row + book.start
    return begin + first, begin + last


def chains(first: IntArray, last: IntArray) -> IntArray:
    """(n,) connected components of the intervals first … last, numbered in the order of time.

    >>> chains(np.array([9, 1, 3]), np.array([9, 4, 7])).tolist()
    [1, 0, 0]
    """
    order = np.argsort(first, kind="stable")
    reach = np.maximum.accumulate(last[order])
    begins = np.concatenate([[False], first[order][1:] > reach[:-1]])[: len(first)]
    label = np.empty(len(first), dtype=np.int64)
    label[order] = np.cumsum(begins)
    return label
