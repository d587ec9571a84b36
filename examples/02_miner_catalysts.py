"""Miners and AI catalysts
=======================

How did Bitcoin miners react to news about AI, by kind of news and by kind of miner?

Their own deals, the reports of hyperscalers (Microsoft, Meta, Amazon, Alphabet), their plans of
spending (capex) and Nvidia's reports, 2024 to 2026; then the thesis of the articles that the first
example checks: miners that turned to AI against those that only mined. With real prices::

    python examples/02_miner_catalysts.py --prices FILE
"""

import pandas as pd
from common import begin, make_panel, report, save, say, show, study

import eventstudy as es
from eventstudy.result import Groups, Result

#: category of the catalogue → what it is called here
NEWS = {"deal": "own deals", "earnings": "hyperscalers", "capex": "capex plans", "nvidia": "Nvidia"}
#: columns of the events that say what else may have moved the price
SPOILT = ["confounded", "concurrent_financing", "merger_arbitrage"]
#: columns of the tables that are returns
RETURNS = ["estimate", "ci_low", "ci_high", "SPY only"]


def main() -> None:
    prices, out = begin("How Bitcoin miners react to AI catalysts")
    panel = make_panel(prices)
    events = es.screen(miners_events(), against=other_news(), within=(-1, 1), sessions=panel)
    both = study("SPY", "Bitcoin").run(events, panel)
    market = study("SPY").run(both.events, panel)  # the same events
    by_news = both.by("news")
    for window in ("[0,0]", "[0,+1]"):
        table = side_by_side(by_news, market.by("news"), window)
        show(f"CAAR over {window}, by kind of news", table, RETURNS)
    say(
        "The estimate is beyond SPY and Bitcoin; the valid 95 % interval is of the mean over "
        "dates; p is of the leading valid test, named below; n_eff says how many independent "
        "events the n are worth. Last, beyond SPY only. Read [0,+1] where the hour is not known."
    )
    for name, result in by_news.items():
        say(f"{str(name).capitalize()}. {result.sentence((0, 0))}")
        if limit := es.inference.valid(result.abnormal, (0, 0)).limit:
            say(f"Limit: {limit}")
    clean = both.where(~both.events[SPOILT].any(axis=1))
    table = side_by_side(clean.by("news"), by_news, "[0,0]").rename(columns={"SPY only": "all"})
    show("CAAR over [0,0] without confounded events", table, [*RETURNS[:3], "all"])
    near, less = both.events["confounded"].sum(), len(both) - len(clean)
    say(
        f"{less} of {len(both)} events are left out here. {near} had other news for that miner "
        "within one session: its own report or deal, a hyperscaler, Nvidia, the market. The rest "
        "fell on a sale of securities or into a merger. Last, the estimate of all events."
    )
    others = [result.where(result.events["category"] != "deal") for result in (both, market)]
    show("News of others over [0,0], by kind of miner", pivoted_against_pure(*others), RETURNS)
    say(
        "Pivoted: the miner had announced an AI deal before that day. Both kinds react to the "
        "same news, so the difference is taken date by date, where there are both, and tested "
        "across dates."
    )
    lost = both.dropped.groupby("reason")["ticker"].agg(["count", "unique"])
    lost["tickers"] = lost.pop("unique").str.join(", ")
    show(f"{len(both)} events kept, {len(both.dropped)} dropped", lost)
    save(by_news.plot(title="Miners around AI catalysts"), out / "caar_by_category.png")
    axes = others[0].by("kind").plot(title="Miners around AI news of others")
    save(axes, out / "caar_pivoted_and_pure.png")
    report(both, out / "report.html", (0, 0), (0, 1), by="news")


# %%
# The events: own deals, the news of others once for each miner, and what else was known.
def miners_events() -> pd.DataFrame:
    """Own deals of the miners, and the news of others once for each miner."""
    events = es.catalysts.expand(es.catalysts.load(category=NEWS), es.universe.MINERS)
    events = events[events["own_news"] | (events["category"] != "deal")]
    news = pd.Categorical(events["category"].map(NEWS), list(NEWS.values()))
    kind = es.universe.pivoted(events).map({True: "pivoted", False: "pure"})
    return events.assign(news=news, kind=kind)


def other_news() -> pd.DataFrame:
    """All that the catalogue knows, once for each miner it concerns, and the miners' reports."""
    known = es.catalysts.expand(es.catalysts.load(min_confidence="low"), es.universe.MINERS)
    return pd.concat([known, es.catalysts.reports(es.universe.MINERS)])


# %%
# The tables: the market and Bitcoin, with the market only beside them.
def side_by_side(both: Groups, market: Groups, window: str) -> pd.DataFrame:
    """One row a group: market + Bitcoin with its valid interval and p, then the market only."""
    found, other = (groups.caar(window).droplevel("window") for groups in (both, market))
    table = found[["estimate", "ci_low", "ci_high", "pvalue", "n", "n_dates", "n_eff"]]
    return table.assign(**{"SPY only": other["estimate"]})


def pivoted_against_pure(both: Result, market: Result) -> pd.DataFrame:
    """Both kinds, and the mean over dates of their difference."""
    table = side_by_side(both.by("kind"), market.by("kind"), "[0,0]")
    gap, other = (result.compare("kind", (0, 0)).iloc[0] for result in (both, market))
    gap["SPY only"] = other["estimate"]
    difference = gap.reindex(table.columns).to_frame("difference").T.infer_objects()
    return pd.concat([table, difference]).rename_axis("group")


# %%
# What it prints on the simulated sample, and its pictures.
if __name__ == "__main__":
    main()
