"""The mean return of a firm's peers, without the firm itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from eventstudy import errors
from eventstudy.arrays import FloatArray, IntArray
from eventstudy.one_line import call


@dataclass(frozen=True)
class Peers:
    """The equal-weighted mean return of some tickers other than the firm itself; see `peers`.

    Examples
    --------
    >>> returns = np.array([[0.01], [0.02], [0.06]])
    >>> Peers(("A", "B", "C")).series(returns, ("A", "B", "C")).round(3).tolist()
    [[0.04], [0.035], [0.015]]
    """

    tickers: tuple[str, ...]
    name: str = "peers"
    min_peers: int = 2

    _WRITTEN = "factors.peers"
    __repr__ = call

    def __post_init__(self) -> None:
        if isinstance(self.tickers, str):
            raise errors.peers_not_a_list(self.tickers)
        tickers = tuple(dict.fromkeys(str(ticker) for ticker in self.tickers))
        least = self.min_peers
        if isinstance(least, bool) or not isinstance(least, (int, np.integer)) or least < 1:
            raise errors.peers_least(least)
        if len(tickers) < least:
            raise errors.peers_too_few(tickers, int(least))
        object.__setattr__(self, "tickers", tickers)

    def series(self, returns: FloatArray, tickers: tuple[str, ...]) -> FloatArray:
        """(S, T) mean return of each security's peers, day by day.

        Parameters
        ----------
        returns : (S, T) array
            Returns of all securities, NaN where missing.
        tickers : tuple of S names
            Whose they are.

        Raises
        ------
        eventstudy.errors.ModelError
            Where fewer than ``min_peers`` of the listed tickers are among ``tickers``.
        """
        place = {ticker: row for row, ticker in enumerate(tickers)}
        rows: IntArray = np.array([place[t] for t in self.tickers if t in place], dtype=np.int64)
        if len(rows) < self.min_peers:
            lost = [ticker for ticker in self.tickers if ticker not in place]
            raise errors.peers_without_prices(self.name, lost, len(rows), self.min_peers)
        found = np.isfinite(returns[rows])
        values, count = np.where(found, returns[rows], 0.0), found.sum(axis=0)
        out = np.empty(returns.shape)
        out[:] = self._mean(values.sum(axis=0), count)
        # sums of those before and those after: the firm's own return never enters
        before, after = np.zeros(values.shape), np.zeros(values.shape)
        np.cumsum(values[:-1], axis=0, out=before[1:])
        np.cumsum(values[:0:-1], axis=0, out=after[-2::-1])
        out[rows] = self._mean(before + after, count - found)
        return out

    def _mean(self, total: FloatArray, count: IntArray) -> FloatArray:
        """``total / count``, NaN where there are too few."""
        enough = count >= self.min_peers
        empty = np.full(total.shape, np.nan)
        return np.asarray(np.divide(total, count, out=empty, where=enough))


def peers(tickers: Iterable[str], *, name: str = "peers", min_peers: int = 2) -> Peers:
    """Give each firm the mean return of its peers as a factor: f_it = mean of R_jt over j ≠ i.

    The mean runs over the listed tickers that have a return that day, the firm itself left out,
    so that a firm never explains its own reaction; a ticker outside the list gets the mean of
    all of them. It stands beside the names of other factors in a model. News that reaches all
    peers alike moves the factor as well: what is measured then is the move *beyond* the peers,
    near zero on average. It is the right yardstick for news of one firm: a lawsuit, a deal.

    Parameters
    ----------
    tickers : iterable of text
        The peers, the firms of the events among them or not.
    name : str
        What the factor is called in tables and sentences.
    min_peers : int
        Days on which fewer of them have a return have no value.

    Returns
    -------
    Peers
        A factor that differs by firm: a value, to be given to a model.

    Raises
    ------
    eventstudy.errors.ModelError
        If there are fewer than ``min_peers`` tickers.

    References
    ----------
    Baker and Gelbach (2020), "Machine Learning and Predicted Returns for Event Studies in
    Securities Litigation", working paper.

    Examples
    --------
    A claim against one miner: what did it lose beyond the market, Bitcoin and its peers?

    >>> import eventstudy as es
    >>> model = es.FactorModel(("SPY", "BTC-USD", es.factors.peers(es.universe.MINERS)))
    >>> events = es.events_on("2026-02-25", "MARA")
    >>> study = es.EventStudy(model=model)
    >>> panel = study.load(events, es.loaders.sample, market="SPY")
    >>> result = study.run(events, panel)
    >>> list(result.estimates.columns[2:6])
    ['alpha', 'SPY', 'BTC-USD', 'peers']
    """
    if isinstance(tickers, str):
        raise errors.peers_not_a_list(tickers)
    return Peers(tuple(tickers), name, min_peers)
