"""Pivoted against pure miners
===========================

Do miners that had turned to AI react more to news about AI than miners that only mine?

The news of others (hyperscalers' reports, plans of spending, Nvidia) reaches all miners on the
same day. So the pure miners of a day are the control group of the pivoted ones, and whatever
else moved miners that day, Bitcoin first of all, drops out of the difference. With real prices::

    python examples/11_pivoted_against_pure.py --prices FILE
"""

import pandas as pd
from common import begin, make_panel, save, say, show, study

import eventstudy as es
from eventstudy.result import Result

#: category of the catalogue → what it is called here
NEWS = {"earnings": "hyperscalers", "capex": "capex plans", "nvidia": "Nvidia"}
WINDOWS = [(0, 0), (0, 1), (-1, 1)]
#: columns of the tables that are returns
RETURNS = ["estimate", "ci_low", "ci_high", "SPY only"]
#: columns of a comparison that are printed
SHOWN = ["estimate", "ci_low", "ci_high", "pvalue", "n_a", "n_b", "n_dates"]


def main() -> None:
    prices, out = begin("Pivoted against pure miners on the days of other firms' AI news")
    panel = make_panel(prices)
    both = study("SPY", "Bitcoin").run(news_of_others(), panel)
    market = study("SPY").run(both.events, panel)  # the same events
    table = differences(both, market)
    show("Pivoted − pure, by window", table, RETURNS)
    say(
        "Pivoted: the miner had announced an AI deal before that day. The difference is taken on "
        "each date that holds both kinds and tested across dates; n_a and n_b are the pivoted "
        "and the pure events on these dates. The estimate is beyond SPY and Bitcoin; last, the "
        "same beyond SPY only: what all miners share cancels, so the model matters less here."
    )
    say(f"How: {both.compare(pivoted(both), (0, 0))['note'].iloc[0]}.")
    show("Pivoted − pure on day 0, by kind of news", by_news(both), RETURNS)
    for se in ("HC3", "date"):
        print(f"\n{both.explain('pivoted + C(news)', (0, 0), se=se)}")
    say(
        "The two regressions have the same coefficients. The first takes miners on one day as "
        "independent; the second knows that they share the day. Unlike the table above, both "
        "also compare pivoted miners of one day with pure miners of another."
    )
    axes = both.by(pivoted(both)).plot(title="Miners around AI news of others")
    save(axes, out / "pivoted_and_pure.png")


# %%
# The events, and the tables.
def news_of_others() -> pd.DataFrame:
    """The news of others, once for each miner, and whether it had turned to AI by then."""
    events = es.catalysts.expand(es.catalysts.load(category=NEWS), es.universe.MINERS)
    news = events["category"].map(NEWS)
    return events.assign(news=news, pivoted=es.universe.pivoted(events).astype(int))


def pivoted(result: Result) -> pd.Series:
    """One label an event: ``pivoted`` or ``pure``."""
    return result.events["pivoted"].map({1: "pivoted", 0: "pure"})


def differences(both: Result, market: Result) -> pd.DataFrame:
    """One row a window: pivoted − pure beyond the market and Bitcoin, and beyond the market."""
    tables = [
        pd.concat([result.compare(pivoted(result), window) for window in WINDOWS])
        for result in (both, market)
    ]
    table, other = (found.droplevel("groups") for found in tables)
    return table[SHOWN].assign(**{"SPY only": other["estimate"]})


def by_news(result: Result) -> pd.DataFrame:
    """One row a kind of news: pivoted − pure on day 0."""
    kinds = result.by("news").items()
    rows = {kind: part.compare(pivoted(part), (0, 0)).iloc[0] for kind, part in kinds}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("news")
    return table[[*SHOWN, "test"]]


# %%
# What it prints on the simulated sample, and its picture.
if __name__ == "__main__":
    main()
