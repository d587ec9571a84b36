"""The tables on the page of a backtest: figures in words, the best and worst trades, years."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd

from eventstudy.backtest.booking import YEAR
from eventstudy.backtest.metrics import Drawdown, sharpe_ratio
from eventstudy.panel.suspicion.found import many
from eventstudy.report.cells import NOTHING, count, date, dollars, number, percent
from eventstudy.report.lines import shorten
from eventstudy.report.tables import Formats

#: trades shown of the best and of the worst, and columns of the name of an event
SHOWN, LONGEST = 5, 28
_SIDES = {1: "long", -1: "short"}


def share(value: object, places: int = 0) -> str:
    """Write a share or a size as a percentage without a plus.

    >>> share(0.4), share(0.0331, 2)
    ('40 %', '3.31 %')
    """
    return percent(value, places).lstrip("+")


def chance(probability: float) -> str:
    """Write a probability, which is never none and never certain.

    >>> chance(0.18), chance(0.0004), chance(0.9999), chance(float("nan"))
    ('18 %', 'below 1 %', 'above 99 %', '–')
    """
    if probability < 0.01:
        return "below 1 %"
    return "above 99 %" if probability > 0.99 else share(probability)


TRADE_FORMATS: Formats = {
    "enter": date,
    "side": lambda side: _SIDES.get(side, NOTHING),
    "net": percent,
    "abnormal": percent,
}
YEAR_FORMATS: Formats = {
    "net": percent,
    "volatility": lambda value: share(value, 2),
    "Sharpe": number,
    "drawdown": lambda value: share(value, 2),
}


def figures_table(f: dict[str, Any]) -> pd.DataFrame:
    """Figure → value, and what belongs to it in words; ``f`` as `figures.values` gives it."""
    rows = [*_risk(f), *_by_trade(f), *_trading(f)]
    return pd.DataFrame(rows, columns=["figure", "value", ""]).set_index("figure")


def _risk(f: dict[str, Any]) -> list[tuple[str, str, str]]:
    sure = f"± {number(f['sharpe_se'])}; 95 %: {_between(f, 'sharpe', number)}"
    above = f"above 0 with probability {chance(f['probabilistic_sharpe'])}"
    rows = [
        ("return a year", percent(f["annual_return"]), f"{YEAR} × the mean session"),
        ("volatility a year", share(f["annual_volatility"], 2), ""),
        ("Sharpe ratio", number(f["sharpe"]), f"{sure}; {above}"),
        ("skewness", number(f["skewness"]), _tails(f)),
        ("largest drawdown", share(f["max_drawdown"], 2), _fall(f)),
    ]
    if f["tried"] > 1:
        best = f"{number(f['hurdle'])}, the best of {count(f['tried'])} rules without merit"
        told = f"probability that the true ratio is above {best}"
        rows.insert(3, ("deflated Sharpe", chance(f["deflated_sharpe"]), told))
    return rows


def _by_trade(f: dict[str, Any]) -> list[tuple[str, str, str]]:
    n = f["trades"] or math.nan
    parts = f"gross {percent(f['gross'] / n)}, hedge {percent(f['hedge'] / n)}"
    error = f"± {share(f['mean_net_se'], 2)} across clusters"
    if math.isnan(f["mean_net_se"]):
        error = "one cluster has no error" if f["clusters"] < 2 else "clusters do not vary"
    best = "there is no net profit" if math.isnan(f["best_three"]) else "of the net profit"
    n_eff = number(min(f["n_eff"], f["trades"]), 1)
    return [
        ("mean net a trade", percent(f["mean_net"]), error),
        ("", "", f"{parts}, cost {share(f['cost'] / n, 2)}"),
        ("hit rate", share(f["hit_rate"]), f"95 %: {_between(f, 'hit', share)}, at n_eff {n_eff}"),
        ("profit factor", number(f["profit_factor"]), "gains over losses"),
        ("three best trades", share(f["best_three"]), best),
        ("holding", number(f["holding"], 1), "sessions"),
    ]


def _trading(f: dict[str, Any]) -> list[tuple[str, str, str]]:
    used = f"{share(f['exposure'])} of it is held in the mean session"
    rows = [
        ("turnover a year", number(f["turnover"], 1), "times the capital, bought and sold"),
        ("capital", number(f["capital"]), f"notionals, the largest exposure; {used}"),
    ]
    if not math.isnan(f["exit_days_median"]):
        worst = f"the median, {number(f['exit_days_worst'])} the worst"
        size = f"{dollars(f['dollars'], signed=False)} of capital at 10 % of the volume"
        rows.append(("days to exit", number(f["exit_days_median"]), f"{worst}: {size}"))
    return rows


def _between(f: dict[str, Any], name: str, write: Callable[[object], str]) -> str:
    return f"{write(f[f'{name}_low'])} to {write(f[f'{name}_high'])}"


def _tails(f: dict[str, Any]) -> str:
    return f"of the daily net; excess kurtosis {number(f['excess_kurtosis'], 1)}"


def _fall(f: dict[str, Any]) -> str:
    if f["drawdown_peak"] is None:
        return "the equity never fell below an earlier value"
    back = f["drawdown_recovered"]
    end = "not recovered" if back is None else f"recovered {back}"
    below = f"{many(f['drawdown_sessions'], 'session')} below the peak"
    return f"{f['drawdown_peak']} to {f['drawdown_low']}, {end}; {below}"


def trades_table(trades: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """Title, and the best and the worst trades: all where they are few."""
    ranked = trades.sort_values("net", ascending=False, kind="stable")
    title = "Trades, the best first"
    if len(ranked) > 2 * SHOWN:
        ranked = pd.concat([ranked.head(SHOWN), ranked.tail(SHOWN)])
        title = f"The {SHOWN} best and the {SHOWN} worst trades"
    names = pd.Index([shorten(str(name), LONGEST) for name in ranked.index], name="event_id")
    return title, ranked[["ticker", "enter", "side", "net", "abnormal"]].set_index(names)


def years_table(daily: pd.DataFrame, trades: pd.DataFrame, capital: float) -> pd.DataFrame:
    """Calendar year → sessions, trades entered, net, volatility (a year), Sharpe, drawdown."""
    entered = trades["enter"].dt.year.value_counts()
    rows = {}
    for year, part in daily["net"].groupby(pd.DatetimeIndex(daily.index).year):
        net = part.to_numpy(dtype=float)
        wide = math.sqrt(YEAR) * float(net.std(ddof=1)) if len(net) > 1 else math.nan
        depth, ratio = Drawdown.of(net).depth, float(sharpe_ratio(net))
        own = (float(net.sum()) / capital, wide / capital, ratio, depth / capital)
        rows[str(year)] = (len(net), int(entered.get(year, 0)), *own)
    columns = ["sessions", "trades", "net", "volatility", "Sharpe", "drawdown"]
    index = pd.Index(list(rows), name="year", dtype="str")
    return pd.DataFrame(list(rows.values()), index=index, columns=columns)
