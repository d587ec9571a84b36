"""Your own file, loader, model and test
=====================================

What does the library say of untidy files? How much code is a loader, model or test of your own?

The script writes files as many systems do: changes in percent, newest first, decimal commas, days
before months, other names. The library complains; a loader mends them, a model and a test measure.
"""

from collections.abc import Callable, Iterable
from contextlib import chdir
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from common import head, options, save, say
from scipy.stats import binomtest

import eventstudy as es
from eventstudy.abnormal import Abnormal

TICKERS, SPAN = [*es.universe.MINERS, "SPY"], ("2023-01-01", "2026-06-30")


# %%
# **A loader** is a function that gives prices, sessions × tickers; what it mends stands there.
def own_loader(tickers: Iterable[str], start: object, end: object) -> pd.DataFrame:
    changes = read_changes().sort_index() / 100
    prices = 100 * (1 + changes).cumprod().loc[f"{start}" : f"{end}"]
    prices.attrs = {"source": "changes.csv, simulated prices", "simulated": True}
    return prices.reindex(columns=list(tickers))


def read_changes() -> pd.DataFrame:
    table = pd.read_csv("changes.csv", sep=";", decimal=",", index_col="Day")
    return table.set_axis(pd.to_datetime(table.index, format="%d.%m.%Y"))


# %%
# **A model** is an object with ``needs``, the names of its factors, and ``fit``. It may look at
# ``block.estimation`` only; σ, tests and tables follow from what it expects.
class BlumeModel:
    """The market model with Blume's beta: two thirds of the estimate and a third of one."""

    needs = ("market",)

    def fit(self, block: es.Block) -> es.Fit:
        known = np.where(block.valid, 1.0, np.nan)[:, block.estimation]
        y = known * block.returns[:, block.estimation]
        x = known * block.factors[block.estimation, 0]
        x_mean, y_mean = (np.nanmean(z, axis=1, keepdims=True) for z in (x, y))
        slope = np.nansum((x - x_mean) * y, axis=1) / np.nansum((x - x_mean) ** 2, axis=1)
        beta = (2 * slope[:, None] + 1) / 3
        alpha = y_mean - beta * x_mean
        params, names = np.hstack([alpha, beta]), ("alpha", "beta")
        return es.Fit.of(block, alpha + beta * block.factors[:, 0], params=params, names=names)


# %%
# **A test** is a function of abnormal returns and a window; where it does not apply, it says why.
def risen(abnormal: Abnormal, window: es.Window) -> es.Statistic:
    """Did more events go up than down, or fewer, than a coin would make of it?"""
    car = abnormal.car(window)
    n, up = int(np.isfinite(car).sum()), int((car > 0).sum())
    share, p = (up / n, binomtest(up, n).pvalue) if n else (np.nan, np.nan)
    w, note = window.label, "" if n else "it needs an event"
    return es.Statistic("risen", share, np.nan, up, "binomial", np.nan, p, n=n, window=w, note=note)


# %%
# What the library says of the files as they are, then a study with all three.
def main() -> None:
    out = options("Your own file, loader, model and test.").out
    sample = es.loaders.sample(TICKERS, *SPAN)
    head("Your own file, loader, model and test", sample)
    study = es.EventStudy(BlumeModel(), window=(-5, 5))
    with TemporaryDirectory() as folder, chdir(folder):
        write_untidy(sample)
        refused(lambda: es.loaders.csv("changes.csv")(TICKERS, *SPAN))
        refused(lambda: es.Panel.from_returns(read_changes(), market="SPY"))
        refused(lambda: es.read_events("news.csv"))
        named = pd.read_csv("news.csv").rename(columns={"Symbol": "ticker", "Announced": "date"})
        refused(lambda: es.read_events(named))
        events = named.assign(date=pd.to_datetime(named["date"], format="%d/%m/%Y"))
        panel = study.load(events, own_loader, market="SPY")
    es.testing.check_model(study.model)  # each raises if a contract is not kept
    es.testing.check_test(risen)
    result = study.run(events, panel)
    say(f"Mended, and by the model above: {result.sentence((0, 0))}")
    own = result.test(risen, (0, 0))
    rates = study.calibrate(events, panel, draws=200, effects=[], tests=[risen]).size()
    say(
        f"By the test above: {own.statistic} of {own.n} events went up, p = {own.pvalue:.2g}. It "
        "takes them as independent; on 200 draws of dates without news it rejects in "
        f"{100 * rates['two-sided'].iloc[0]:.1f} % of cases at 5 %."
    )
    save(result.plot(title="Own deals beyond Blume's beta"), out / "own_model.png")


def write_untidy(prices: pd.DataFrame) -> None:
    """The sample's prices and the miners' deals, as other systems write them."""
    changes = 100 * prices.pct_change(fill_method=None).rename_axis("Day")[::-1]
    changes.round(4).to_csv("changes.csv", date_format="%d.%m.%Y", sep=";", decimal=",")
    names = {"ticker": "Symbol", "date": "Announced", "session": "session"}
    deals = es.catalysts.load(category="deal").query("ticker in @TICKERS").rename(columns=names)
    deals[list(names.values())].to_csv("news.csv", index=False, date_format="%d/%m/%Y")


def refused(attempt: Callable[[], object]) -> None:
    """Print what the library says."""
    try:
        attempt()
    except es.EventStudyError as why:
        say(str(why))


# %%
# What it prints on the simulated sample, and its picture.
if __name__ == "__main__":
    main()
