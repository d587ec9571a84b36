"""The figures of a backtest under their names: what its summary shows and `summary.json` holds."""

from __future__ import annotations

import math
from numbers import Integral
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import FloatArray
from eventstudy.backtest import metrics
from eventstudy.backtest.book import Book
from eventstudy.backtest.booking import YEAR
from eventstudy.backtest.clusters import Clusters, MeanTrade
from eventstudy.backtest.metrics import BEFORE, NAN, Drawdown, Sharpe
from eventstudy.backtest.terms import is_number
from eventstudy.engine.gathering import gather_returns
from eventstudy.panel import Panel

#: how many rules were tried, or the annual Sharpe ratio of each
Tried: TypeAlias = int | npt.ArrayLike

#: dollars that the days to exit are told for, unless the user names his own
DOLLARS = 1e6


def figures(
    book: Book, panel: Panel, *, tried: Tried = 1, capital: float | None = None
) -> pd.Series[Any]:
    """Every figure of a backtest, by name.

    Returns, volatility, drawdown and turnover are fractions of the *capital*: the largest
    exposure of any session, which the rule ties up without borrowing. ``net``, ``mean_net`` and
    ``cost`` are fractions of one notional, as the tables are.

    Parameters
    ----------
    book : Book
        The accounts.
    panel : Panel
        What was traded; with the fields ``close`` and ``volume`` the days to exit are known.
    tried : int or array of float
        How many rules were tried before this one was kept, or the annual Sharpe ratios of all.
    capital : float, optional
        Dollars that are invested, for the days to exit. Default: one million.

    Returns
    -------
    Series
        Numbers; dates as ISO text or None. NaN where a figure is not defined:

        ``trades``, ``dates`` (of entry), ``names``, ``clusters``, ``n_eff``, ``sessions``,
        ``first``, ``last``: the sample. Clusters are trades whose holdings overlap; ``n_eff``
        counts them by their weight.
        ``capital``: largest exposure, in notionals. ``exposure``: mean exposure on the capital;
        ``busy``: share of the sessions with a position.
        ``net``, ``gross``, ``hedge``, ``cost``: sums over all trades, net = gross + hedge − cost.
        ``annual_return``: 252 · mean; ``annual_volatility``: √252 · standard deviation.
        ``sharpe``, ``sharpe_se``, ``sharpe_low``, ``sharpe_high``: `metrics.Sharpe` and its 95 %
        interval. ``probabilistic_sharpe``: probability that the true ratio is above 0.
        ``tried``, ``hurdle``, ``deflated_sharpe``: rules tried, the ratio that the best worthless
        one would have, and the probability that the true ratio is above that.
        ``skewness``, ``excess_kurtosis``: of the daily net profit.
        ``max_drawdown``, ``drawdown_peak``, ``drawdown_low``, ``drawdown_recovered``,
        ``drawdown_sessions``: the deepest fall, its dates, and the sessions below the peak.
        ``mean_net``, ``mean_net_se``, ``pvalue``: mean net profit a trade, its standard error
        across clusters and the two-sided p-value by t (`clusters.MeanTrade`).
        ``hit_rate``, ``hit_low``, ``hit_high``: share of trades with a profit and its 95 %
        interval (Wilson) for ``n_eff`` independent ones. ``profit_factor``: gains over losses.
        ``best_three``: share of the net profit from the three best trades; NaN without a profit.
        ``holding``: mean sessions held. ``turnover``: value traded a year, bought and sold, the
        hedge's included, on the capital.
        ``dollars``, ``exit_days_median``, ``exit_days_worst``: what is invested, and the sessions
        it takes to leave a position at 10 % of the median dollar volume of the 20 sessions
        before its entry.

    Raises
    ------
    OptionError
        If ``tried`` or ``capital`` is not what it has to be.
    """
    found = values(book, panel, tried=tried, capital=capital)
    return pd.Series(found, dtype=object, name="figure")


def values(
    book: Book, panel: Panel, *, tried: Tried = 1, capital: float | None = None
) -> dict[str, Any]:
    """Every figure, see `figures`, as a dictionary."""
    count, spread = as_tried(tried)
    dollars = as_dollars(capital)
    clusters = Clusters.of(book)
    sessions = panel.sessions[book.span]
    top = float(book.exposure.max(initial=0.0))
    unit = top if top > 0.0 else NAN
    return {
        **_sample(book, clusters, sessions),
        **_capital(book, unit),
        **_sharpe(Sharpe.of(book.daily_net), count, spread),
        **_drawdown(book.daily_net, unit, sessions),
        **_trades(book, clusters),
        "turnover": YEAR * float(book.by_session(book.traded).mean()) / unit if len(book) else NAN,
        **_exits(book, panel, dollars, unit),
    }


def as_tried(tried: Tried) -> tuple[int, float | None]:
    """Read how many rules were tried, and the spread of their Sharpe ratios where it is known."""
    if isinstance(tried, Integral) and not isinstance(tried, bool) and tried >= 1:
        return int(tried), None
    ratios = np.asarray(tried)
    if ratios.ndim != 1 or ratios.dtype.kind not in "iuf":
        raise errors.tried_unusable(tried)
    finite = ratios[np.isfinite(ratios)].astype(float)
    if not len(finite):
        raise errors.tried_without_ratios(len(ratios))
    return len(finite), float(finite.std(ddof=1)) if len(finite) > 1 else None


def as_dollars(capital: float | None) -> float:
    """Read the dollars that are invested."""
    if capital is None:
        return DOLLARS
    if not (is_number(capital) and 0.0 < capital < math.inf):
        raise errors.capital_unusable(capital)
    return float(capital)


def _sample(book: Book, clusters: Clusters, sessions: npt.NDArray[Any]) -> dict[str, object]:
    entries = np.unique(book.row + book.start + book.opened)
    return {
        "trades": len(book),
        "dates": len(entries),
        "names": len(np.unique(book.firm)),
        "clusters": len(clusters),
        "n_eff": float(clusters.n_eff),
        "sessions": len(sessions),
        "first": _date(sessions, 0 if len(sessions) else -1),
        "last": _date(sessions, len(sessions) - 1),
    }


def _capital(book: Book, unit: float) -> dict[str, object]:
    daily, exposure = book.daily_net, book.exposure
    many = len(daily)
    return {
        "capital": unit,
        "exposure": float(exposure.mean()) / unit if many else NAN,
        "busy": float((exposure > 0.0).mean()) if many else NAN,
        "net": float(book.net.sum()),
        "gross": float(book.gross.sum()),
        "hedge": float(book.hedged.sum()),
        "cost": float(book.cost.sum()),
        "annual_return": YEAR * float(daily.mean()) / unit if many else NAN,
        "annual_volatility": (
            math.sqrt(YEAR) * float(daily.std(ddof=1)) / unit if many > 1 else NAN
        ),
    }


def _sharpe(found: Sharpe, tried: int, spread: float | None) -> dict[str, object]:
    low, high = found.interval
    return {
        "sharpe": found.ratio,
        "sharpe_se": found.se,
        "sharpe_low": low,
        "sharpe_high": high,
        "probabilistic_sharpe": found.probability(),
        "tried": tried,
        "hurdle": found.hurdle(tried, spread),
        "deflated_sharpe": found.deflated(tried, spread),
        "skewness": found.skewness,
        "excess_kurtosis": found.excess_kurtosis,
    }


def _drawdown(daily: FloatArray, unit: float, sessions: npt.NDArray[Any]) -> dict[str, object]:
    found = Drawdown.of(daily)
    return {
        "max_drawdown": found.depth / unit,
        "drawdown_peak": _date(sessions, found.peak),
        "drawdown_low": _date(sessions, found.low),
        "drawdown_recovered": _date(sessions, found.recovered),
        "drawdown_sessions": found.sessions,
    }


def _trades(book: Book, clusters: Clusters) -> dict[str, object]:
    n, net = len(book), book.net
    mean = MeanTrade.of(clusters)
    hits = float((net > 0.0).mean()) if n else NAN
    low, high = metrics.wilson(hits, min(float(clusters.n_eff), n))
    return {
        "mean_net": mean.mean,
        "mean_net_se": mean.se,
        "pvalue": mean.pvalue,
        "hit_rate": hits,
        "hit_low": low,
        "hit_high": high,
        "profit_factor": metrics.profit_factor(net),
        "best_three": metrics.share_of_best(net),
        "holding": float(book.held.sum(axis=1).mean()) if n else NAN,
    }


def _exits(book: Book, panel: Panel, dollars: float, unit: float) -> dict[str, object]:
    """How long it takes to leave the positions that ``dollars`` of capital make."""
    names = ("dollars", "exit_days_median", "exit_days_worst")
    if not {"close", "volume"} <= panel.fields.keys() or not len(book):
        return dict(zip(names, (dollars, NAN, NAN), strict=True))
    start = book.row + book.start + book.opened - BEFORE
    traded = np.ones((len(book), BEFORE))
    for name in ("close", "volume"):
        traded *= gather_returns(panel.fields[name], book.firm, start, BEFORE)
    days = metrics.days_to_exit(dollars * np.abs(book.position) / unit, traded)
    days = days[~np.isnan(days)]
    told = (float(np.median(days)), float(days.max())) if len(days) else (NAN, NAN)
    return dict(zip(names, (dollars, *told), strict=True))


def _date(sessions: npt.NDArray[Any], at: int) -> str | None:
    return str(sessions[at]) if at >= 0 else None
