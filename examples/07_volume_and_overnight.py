"""Volume, and the night apart from the day
========================================

How much was traded on news about AI, how far did prices range, and could it be traded at all?

News after the close and before the open is in the first price of the next session. What is left
of a reaction after that price is all that a reader of the news could still earn. With real prices::

    python examples/07_volume_and_overnight.py --prices FILE
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from common import SPAN, TICKERS, begin, save, say, show, study

import eventstudy as es
from eventstudy.activity import Activity, NightAndDay

FIELDS = ("adj_close", "open", "high", "low", "close", "volume")
HOLDS = "open, high, low, close, adj_close and volume, a row a ticker and date"
EVENING = "20260225-nvda-earnings"
RANGE = partial(es.activity.volatility, measure="parkinson")
#: columns of the tables that are returns
RETURNS = ["estimate", "ci_low", "ci_high", "night", "day", "whole"]


def main() -> None:
    prices, out = begin("Volume, ranges, and the night apart from the day", HOLDS, read_bars)
    panel = es.Panel.from_prices(prices, market="SPY", own_since=es.universe.OWN_SINCE)
    design = study(*[name for name in ("SPY", "IBIT") if name in panel.tickers])
    if "IBIT" not in panel.tickers:
        say("No IBIT in the file, so the model knows SPY only: Bitcoin stays in the numbers.")
    found = {name: halves(events, panel, design) for name, events in news().items()}
    measures: dict[str, Callable[..., Any]] = {
        "Volume on day 0, in multiples of the usual": es.activity.volume,
        "Range of day 0, as a multiple of the usual variance": RANGE,
    }
    for title, measure in measures.items():
        answers = {name: measure(f.whole.events, panel, design) for name, f in found.items()}
        show(title, multiples(answers))
    say(
        "Each miner's usual is its own geometric mean over the estimation window; before: the "
        "multiple on each of the five days before day 0. The range is Parkinson's measure of a "
        "day's variance, from its high and low. The p is of the leading valid test, here of ranks, "
        "which has no interval; low and high are those of a valid t, and the two can disagree. "
        "n_eff: how many independent events the n are worth."
    )
    for name, one in found.items():
        table = one.table.droplevel("window")[[*RETURNS[:3], "pvalue", "n", "n_eff"]]
        show(f"{name.capitalize()}: night, day and the whole session", table, RETURNS)
        say(one.sentence())
    evening = each(found["Nvidia, one evening"])
    show("Each miner on the evening of 25 February 2026", evening, RETURNS)
    say(
        "Night: from the close of the 25th to the open of the 26th; day: from there to its close. "
        "All are beyond the model, which is fitted to nights, days and whole sessions apart."
    )
    lost = pd.concat([one.dropped for one in found.values()])
    lost = lost[~lost.index.duplicated()].groupby("reason")["ticker"].agg(["count", "unique"])
    lost["tickers"] = lost.pop("unique").str.join(", ")
    show("Dropped", lost)
    own = found["own deals"]
    save(own.plot(title="Own deals, announced out of hours"), out / "night_and_day.png")
    traded = es.activity.volume(own.whole.events, panel, design)
    save(traded.plot_days(title="Volume around own deals"), out / "volume.png")


def read_bars(file: Path | None) -> pd.DataFrame:
    """Read opens, highs, lows, closes and volumes; the packaged sample is SIMULATED."""
    loader = es.loaders.sample if file is None else es.loaders.csv(file)
    bars = loader(TICKERS, *SPAN, fields=FIELDS)
    if file is not None:
        bars.attrs["source"] = file.name
    return bars.dropna(axis="columns", how="all")


def news() -> dict[str, pd.DataFrame]:
    """Nvidia's reports, one and all, and the miners' own deals that came out of hours."""
    events = es.catalysts.expand(es.catalysts.load(category=["nvidia", "deal"]), es.universe.MINERS)
    reports = events[events["category"] == "nvidia"]
    own = events[events["own_news"] & (events["category"] == "deal")]
    return {
        "Nvidia, one evening": reports[reports["catalyst"] == EVENING],
        "Nvidia, all reports": reports,
        "own deals": own[own["session"].isin(["before_open", "after_close"])],
    }


def halves(events: pd.DataFrame, panel: es.Panel, design: es.EventStudy) -> NightAndDay:
    """Night and day of day 0, of the events that have both."""
    return es.activity.overnight(events, panel, design, windows=(0, 0)).complete((0, 0))


def multiples(answers: dict[str, Activity]) -> pd.DataFrame:
    """One row a kind of news: exp of the mean abnormal logarithm, with its interval."""
    table = pd.concat({name: one.caar((0, 0)).iloc[0] for name, one in answers.items()}, axis=1).T
    table["before"] = [one.caar((-5, -1))["estimate"].iloc[0] / 5 for one in answers.values()]
    text = table[["estimate", "ci_low", "ci_high", "before"]].map(lambda x: f"{np.exp(x):.2f}")
    text.columns = ["times", "low", "high", "before"]
    return text.join(table[["pvalue", "n", "n_dates", "n_eff"]].infer_objects())


def each(found: NightAndDay) -> pd.DataFrame:
    """One row a miner, best night first."""
    parts = {half: getattr(found, half).ar[0] for half in ("night", "day", "whole")}
    table = pd.DataFrame(parts).set_axis(found.whole.events["ticker"].to_numpy())
    return table.rename_axis("ticker").sort_values("night", ascending=False)


# %%
# What it prints on the simulated sample, and its pictures.
if __name__ == "__main__":
    main()
