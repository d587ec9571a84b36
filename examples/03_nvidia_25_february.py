"""Nvidia on 25 February 2026
==========================

One evening: Nvidia reported on 25 February 2026 after the close. How did the miners react?

The articles of January called this report the next test. One evening is one observation of
what the miners share, so the answer is mostly how little could have been seen. With real prices::

    python examples/03_nvidia_25_february.py --prices FILE
"""

import pandas as pd
from common import begin, make_panel, pc, save, say, show, study

import eventstudy as es
from eventstudy.result import Result

EVENING = "20260225-nvda-earnings"
#: columns of the events that say what else moved a miner in these days
FLAGS = {"own_earnings": "own earnings", "own_deal": "own deal"}
#: columns of the tables that are returns
RETURNS = ["estimate", "ci_low", "ci_high", "detectable", "SPY only"]


def main() -> None:
    prices, out = begin("Nvidia's report of 25 February 2026 and the Bitcoin miners")
    panel = make_panel(prices)
    events = es.catalysts.expand(es.catalysts.load(ids=EVENING), es.universe.MINERS)
    both = study("SPY", "Bitcoin").run(events, panel)
    market = study("SPY").run(both.events, panel)  # the same events
    day0 = both.estimates["day0"].iloc[0]
    say(f"It came after the close, so day 0 is {day0:%Y-%m-%d}.")
    say(both.sentence((0, 0)))
    table = averages(both, market)
    table["detectable"] = ["±" + pc(value).lstrip("+") for value in table["detectable"]]
    show("Average of the miners on day 0", table, RETURNS)
    say(
        "The estimate is beyond SPY and Bitcoin, with its valid 95 % interval and the p of the "
        "leading valid test. n_eff: how many independent miners the n are worth; detectable: "
        "the smallest average that could have been told from chance at 5 %. Last, the estimate "
        "beyond SPY only."
    )
    show("Each miner on day 0", each(both, market), RETURNS)
    say(
        "Flagged miners had news of their own within one trading day: their bars tell both. "
        + es.inference.valid(both.abnormal, (0, 0)).limit
    )
    if len(both.dropped):
        show("Dropped", both.dropped[["ticker", "reason", "detail"]])
    title = f"Nvidia's report of 25 February 2026: each miner on {day0:%d} February"
    save(both.plot_bars((0, 0), title=title), out / "nvidia_2026-02-25.png")


# %%
# The tables.
def averages(both: Result, market: Result) -> pd.DataFrame:
    """All miners, and those without own news: market + Bitcoin, then the market only."""
    quiet = ~both.events[list(FLAGS)].any(axis=1)
    rows = {}
    for name, keep in {"all": [True] * len(quiet), "not flagged": quiet}.items():
        found, other = both.where(keep), market.where(keep)
        row = found.caar((0, 0)).iloc[0][["estimate", "ci_low", "ci_high", "pvalue", "n", "n_eff"]]
        detectable = es.inference.detectable(found.abnormal, (0, 0))
        alone = other.caar((0, 0))["estimate"].iloc[0]
        rows[name] = {**row, "detectable": detectable, "SPY only": alone}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("miners")


def each(both: Result, market: Result) -> pd.DataFrame:
    """One row a miner, best first: market + Bitcoin, the market only, and its flags."""
    found, other = (r.by("ticker").caar((0, 0)).droplevel("window") for r in (both, market))
    marks = both.events.set_index("ticker")[list(FLAGS)].rename(columns=FLAGS)
    flagged = marks.apply(lambda row: ", ".join(row.index[row]), axis=1)
    table = found[["estimate", "ci_low", "ci_high"]].rename_axis("ticker")
    table = table.assign(**{"SPY only": other["estimate"], "flagged": flagged})
    return table.sort_values("estimate", ascending=False)


# %%
# What it prints on the simulated sample, and its picture.
if __name__ == "__main__":
    main()
