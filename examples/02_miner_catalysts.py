"""How did Bitcoin miners react to news about AI, by kind of news and of miner?

Own deals, reports of hyperscalers, their spending plans and Nvidia's reports, 2024 to 2026;
then the articles' thesis: miners that had turned to AI against those that only mined.

    python examples/02_miner_catalysts.py --prices FILE
"""

from __future__ import annotations

import pandas as pd
from common import head, make_panel, options, read_prices, save, say, show, study
from scipy.stats import ttest_1samp

import eventstudy as es

#: kinds of news: category of the catalogue → name here
NEWS = {
    "deal": "own deals",
    "earnings": "hyperscalers",
    "capex": "capex plans",
    "nvidia": "Nvidia",
}
#: kinds of miners: an AI deal announced before the event, or none yet
KINDS = {True: "pivoted", False: "pure"}


def main() -> None:
    given = options("How Bitcoin miners reacted to news about AI, 2024 to 2026.")
    prices = read_prices(given.prices)
    head("How Bitcoin miners react to AI catalysts", prices)
    panel, events = make_panel(prices), miners_events()
    both = study("SPY", "Bitcoin").run(events, panel)
    market = study("SPY").run(events, panel)
    by_news = both.by("news")
    for window in ((0, 0), (0, 1)):
        title = f"Average abnormal return over {es.Window(*window).label}, by kind of news"
        show(title, side_by_side(by_news, market.by("news"), window))
    print("\np: the leading valid test, named below. n_eff: independent events they are worth.")
    for name, result in by_news.items():
        say(f"{str(name).capitalize()}. {result.sentence((0, 0))}")
        if limit := es.inference.valid(result.abnormal, (0, 0)).limit:
            say(f"Limit: {limit}")


def miners_events() -> pd.DataFrame:
    """Own deals of the miners, and the news of others once for each miner."""
    events = es.catalysts.expand(es.catalysts.load(category=NEWS), es.universe.MINERS)
    news = pd.Categorical(events["category"].map(NEWS), list(NEWS.values()))
    return events.assign(news=news, kind=es.universe.pivoted(events).map(KINDS))


def side_by_side(both: es.result.Groups, market, window) -> pd.DataFrame:
    """One row a group: market + Bitcoin with its interval and valid p, then SPY only."""
    found = both.caar(window).droplevel("window")
    interval = [f"{100*a:+.1f} to {100*b:+.1f} %" for a,b in zip(found.ci_low, found.ci_high)]
    return pd.DataFrame({"AAR": found.estimate, "95 % interval": interval, "p": found.pvalue, "n": found.n, "dates": found.n_dates, "n_eff": found.n_eff,
      "SPY only": market.caar(window).droplevel("window").estimate, "test": found.test})

main()
