"""Your own file, loader, model and test
=====================================

Prices come in files that were made for something else, and an idea for a model or a test is not
always in the package. What does the library refuse, and how much code is a way of your own?

The script writes two untidy files, as they leave many systems: changes in percent, newest first,
decimal commas, days before months, other names, rows twice, a split that nobody adjusted. Then::

    python examples/08_own_csv_and_model.py
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from common import head, options, pc, save, say, show
from scipy import stats

import eventstudy as es
from eventstudy.abnormal import Abnormal

TICKERS, SPAN = [*es.universe.MINERS, "SPY"], ("2023-01-01", "2026-06-30")
#: the day and the firm of the split
SPLIT = (pd.Timestamp("2025-06-02"), "RIOT")


# %%
# **A loader** is a function that gives a table of prices, sessions × tickers. What was mended
# stands in it, once and for everyone to see.
def own_loader(file: Path, split: float = 1.0) -> Callable[..., pd.DataFrame]:
    def load(tickers: Iterable[str], start: object, end: object) -> pd.DataFrame:
        table = pd.read_csv(file, sep=";", decimal=",").drop_duplicates()
        table["Day"] = pd.to_datetime(table["Day"], format="%d.%m.%Y")
        changes = table.pivot(index="Day", columns="Symbol", values="Change %").sort_index() / 100
        changes.loc[SPLIT] = (1 + changes.loc[SPLIT]) * split - 1
        prices = 100 * (1 + changes).cumprod().loc[f"{start}":f"{end}", list(tickers)]
        prices.attrs = {"source": "changes.csv (SIMULATED)", "simulated": True}
        return prices

    return load


# %%
# **A model** is an object with ``needs``, the names of its factors, and ``fit``. It may look at
# ``block.estimation`` only; the rest (σ, tests, tables) follows from what it expects.
class BlumeModel:
    """The market model with Blume's beta: two thirds of the estimate and a third of one."""

    needs = ("market",)

    def fit(self, block: es.Block) -> es.Fit:
        market = block.factors[:, 0]
        valid = block.valid[:, block.estimation]
        y = np.where(valid, block.returns[:, block.estimation], np.nan)
        x = np.where(valid, market[block.estimation], np.nan)
        y_mean, x_mean = (np.nanmean(z, axis=1, keepdims=True) for z in (y, x))
        slope = np.nansum((x - x_mean) * y, 1) / np.nansum((x - x_mean) ** 2, 1)
        beta = (2 * slope[:, None] + 1) / 3
        alpha = y_mean - beta * x_mean
        params, names = np.hstack([alpha, beta]), ("alpha", "market")
        return es.Fit.of(block, alpha + beta * market, params=params, names=names)


# %%
# **A test** is a function of abnormal returns and a window. Where it does not apply it answers
# NaN with a note that says why.
def trimmed_t(abnormal: Abnormal, window: es.Window) -> es.Statistic:
    """t of the mean of the CARs without a fifth of them at either end."""
    car = np.sort(abnormal.car(window))
    car = car[np.isfinite(car)]
    n, cut = len(car), len(car) // 5
    mean = se = p = np.nan
    if n > 1:
        mean = car[cut : n - cut].mean()
        winsorised = car.clip(car[cut], car[n - cut - 1])
        se = winsorised.std(ddof=1) * np.sqrt(n) / (n - 2 * cut)
        p = 2 * stats.t.sf(abs(mean / se), n - 2 * cut - 1)
    numbers = {"estimate": mean, "se": se, "statistic": mean / se, "df": n - 2 * cut - 1.0}
    note = "" if n > 1 else "it needs two events"
    return es.Statistic("trimmed_t", law="t", pvalue=p, n=n, window=window.label, note=note, **numbers)


def main() -> None:
    out = options("Your own file, loader, model and test.").out
    sample = es.loaders.sample(TICKERS, *SPAN)
    head("Your own file, loader, model and test", sample)
    with TemporaryDirectory() as folder:
        prices, news = write_untidy(sample, Path(folder))
        say("What the library says of the files as they are:")
        complaints(prices, news)
'''
