"""A backtest resampled: whole clusters of trades are drawn, never single trades."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from eventstudy.arrays import FloatArray
from eventstudy.backtest.booking import YEAR
from eventstudy.backtest.clusters import STILL, Clusters
from eventstudy.inference._laws import LEVEL
from eventstudy.inference._resampling import TIE, Rng, batches, check_draws, generator, share
from eventstudy.inference.validity import ENOUGH
from eventstudy.one_line import about, many
from eventstudy.report import percent
from eventstudy.report.cells import pvalue as write_p

#: what is resampled, in the order of the table
STATISTICS = ("mean_net", "total_net", "sharpe")


@dataclass(frozen=True, eq=False, repr=False)
class Bootstrap:
    """What drawing the clusters of a backtest anew says of its figures.

    Attributes
    ----------
    table : DataFrame
        ``mean_net`` (mean net profit a trade), ``total_net`` and ``sharpe`` (annual, of the daily
        net) → estimate, se (clustered), ci_low, ci_high (95 %), pvalue (two-sided).
    trades, clusters : int
        Number of trades, and of clusters of overlapping holdings.
    n_eff : float
        Number of equal clusters that would weigh the same.
    draws : int
        Number of draws.
    limit : str
        Why there is no verdict, or a weak one; empty where nothing is against it.

    Examples
    --------
    >>> import eventstudy as es
    >>> days = pd.bdate_range("2023-01-02", periods=300)
    >>> returns = pd.DataFrame({"AAA": np.random.default_rng(0).normal(0, 0.02, 300)}, days)
    >>> events = pd.DataFrame({"ticker": "AAA", "date": days[10:290:20]})
    >>> found = es.Rule(costs=0).run(events, es.Panel.from_returns(returns)).bootstrap(999)
    >>> found.clusters, found.table["pvalue"].round(2).tolist()
    (14, [0.75, 0.75, 0.76])
    """

    table: pd.DataFrame
    trades: int
    clusters: int
    n_eff: float
    draws: int
    limit: str

    def sentence(self) -> str:
        """Say the mean net profit a trade, its interval, and whether it could be luck."""
        row = self.table.loc["mean_net"]
        if not np.isfinite(row["pvalue"]):
            return self.limit or "The profits of all clusters are equal: nothing can be drawn."
        told = "it can't be told from luck"
        if row["pvalue"] <= 1.0 - LEVEL:
            verb = "loses" if row["estimate"] < 0 else "gives"
            # draws in which the few large clusters are absent make p too small
            told = "no verdict" if self.limit else f"luck alone rarely {verb} as much"
        said = (
            f"Over {self.clusters} clusters of overlapping holdings the mean net profit a trade is "
            f"{percent(row['estimate'])} (95 % interval {percent(row['ci_low'])} to "
            f"{percent(row['ci_high'])}, {said_p(row['pvalue'])}): {told}."
        )
        return f"{said} {self.limit}".rstrip()

    def __str__(self) -> str:
        return self.sentence()

    def __repr__(self) -> str:
        mean = percent(float(self.table["estimate"]["mean_net"]))
        clusters = many(self.clusters, "cluster")
        return about(self, f"mean net {mean} a trade", clusters, many(self.draws, "draw"))


def bootstrap(clusters: Clusters, draws: int, rng: Rng) -> Bootstrap:
    """Draw D of the D clusters with replacement, many times (bootstrap-t).

    A draw keeps the trades of a cluster together, with the days between clusters as they were:
    the number of sessions T is fixed. Each figure θ is studentised by its standard error across
    clusters, T* = (θ* − θ)/se*, so that p = (1 + #{|T*| ≥ |θ/se|})/(1 + draws) and the interval
    θ ± se·c ends where p passes 5 % (c is the ⌊(1 + draws)/20⌋-th largest |T*|). With fewer than
    six clusters there is neither. Where a few hold most trades, p is too small: with those of 13,
    13 and six times one trade 12 in 100 samples without effect have p ≤ 5 %.

    Parameters
    ----------
    clusters : Clusters
        The clusters of a book.
    draws : int
        Number of draws.
    rng : int or Generator
        A seed, or where the random numbers come from.

    References
    ----------
    Hall (1992), The Bootstrap and Edgeworth Expansion, for the bootstrap-t; Ledoit and Wolf
    (2008), Journal of Empirical Finance 15, for the Sharpe ratio; Cameron, Gelbach and Miller
    (2008), Review of Economics and Statistics 90, for clusters.
    """
    count, random = check_draws(draws), generator(rng)
    d, book = len(clusters), clusters.book
    sessions = book.span.stop - book.span.start
    parts = products(clusters)
    theta, se = figures(np.ones((1, d)) @ parts, d, sessions)
    theta, se = theta[0], se[0]
    known = np.isfinite(se) & (se > 0)
    p, low, high = (np.full(len(theta), np.nan) for _ in range(3))
    if d >= ENOUGH and known.any():
        drawn = np.empty((count, len(theta)))
        for some in batches(count, each=2 * d):
            drawn[some] = _studentised(resampled(random, d, some) @ parts, theta, d, sessions)
        for k in np.flatnonzero(known):
            p[k] = share(drawn[:, k], theta[k] / se[k])
            reach = se[k] * _reach(drawn[:, k])
            low[k], high[k] = theta[k] - reach, theta[k] + reach
    columns = {"estimate": theta, "se": se, "ci_low": low, "ci_high": high, "pvalue": p}
    table = pd.DataFrame(columns, index=pd.Index(STATISTICS, name="statistic"))
    return Bootstrap(table, len(book), d, clusters.n_eff, count, clusters.limit)


def _reach(drawn: FloatArray) -> float:
    """Say how far from zero a studentised figure must lie for p ≤ 5 %: beyond the k-th largest."""
    k = max(math.floor((1.0 - LEVEL) * (1 + len(drawn)) + TIE), 1)
    return float(np.partition(np.abs(drawn), len(drawn) - k)[len(drawn) - k])


def resampled(random: np.random.Generator, d: int, some: slice) -> FloatArray:
    """(b, D) how often each cluster comes up in the draws ``some``, from one call."""
    picked = random.integers(0, d, (some.stop - some.start, d))
    picked += d * np.arange(len(picked))[:, None]
    counts = np.bincount(picked.ravel(), minlength=len(picked) * d)
    return counts.reshape(len(picked), d).astype(float)


def products(clusters: Clusters) -> FloatArray:
    """(D, 10) what each cluster adds to the sums that `figures` reads."""
    n, net = clusters.trades.astype(float), clusters.net
    s, q = clusters.sums, clusters.squares
    return np.stack([n, net, net * net, net * n, n * n, s, q, s * s, s * q, q * q], axis=1)


def figures(sums: FloatArray, d: int, sessions: int) -> tuple[FloatArray, FloatArray]:
    """(b, 3) mean net a trade, total net, annual Sharpe of b samples, and their standard errors.

    With sums over clusters, N of trades, P of their net, S of the daily net, Q of its square:
    the mean is P/N; the Sharpe ratio is √252·(S/T)/√v, v = (Q − S²/T)/(T − 1). Standard errors
    are those of the linearised figures across clusters, with the factor D/(D − 1).
    """
    n, p, pp, pn, nn, s, q, ss, sq, qq = sums.T
    with np.errstate(divide="ignore", invalid="ignore"):
        t, many = np.float64(sessions), np.float64(d)
        small = many / (many - 1.0) if d > 1 else np.nan
        mean, se_mean = mean_and_error((n, p, pp, pn, nn), d)
        se_total = np.sqrt(small * _positive(pp - p * p / many, pp))
        v = _positive(q - s * s / t, q) / (t - 1.0)
        sharpe = np.sqrt(YEAR) * s / t / np.sqrt(v)
        by_s = np.sqrt(YEAR) * (1.0 / t + s * s / (t * t * (t - 1.0) * v)) / np.sqrt(v)
        by_q = -0.5 * np.sqrt(YEAR) * s / t / ((t - 1.0) * v * np.sqrt(v))
        spread = by_s**2 * (ss - s * s / many) + by_q**2 * (qq - q * q / many)
        spread += 2.0 * by_s * by_q * (sq - s * q / many)
        se_sharpe = np.sqrt(small * _positive(spread, by_s**2 * ss + by_q**2 * qq))
    return np.stack([mean, p, sharpe], axis=1), np.stack([se_mean, se_total, se_sharpe], axis=1)


def mean_and_error(sums: tuple[FloatArray, ...], d: int) -> tuple[FloatArray, FloatArray]:
    """Mean net a trade, m = P/N, and its error √(D/(D − 1) Σ_d (P_d − m N_d)²) / N.

    ``sums`` over the D clusters: of N_d, P_d, P_d², P_d N_d, N_d².
    """
    n, p, pp, pn, nn = sums
    small = d / (d - 1.0) if d > 1 else np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = p / n
        spread = _positive(pp - 2.0 * mean * pn + mean**2 * nn, pp)
        return mean, np.sqrt(small * spread) / n


def _positive(value: FloatArray, size: FloatArray) -> FloatArray:
    """A sum of squares about a mean: 0 where it is rounding against ``size``."""
    return np.where(value > STILL * size, value, 0.0)


def _studentised(sums: FloatArray, theta: FloatArray, d: int, sessions: int) -> FloatArray:
    """(b, 3) (θ* − θ)/se*; infinite where a draw has no spread."""
    drawn, se = figures(sums, d, sessions)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (drawn - theta) / se
    # a draw without any figure must not make the sample look rare
    return np.where(np.isnan(found), np.inf, found)


def said_p(p: object) -> str:
    """``p = 0.03``, ``p < 0.001``."""
    text = write_p(p)
    return f"p < {text[1:]}" if text.startswith("<") else f"p = {text}"
