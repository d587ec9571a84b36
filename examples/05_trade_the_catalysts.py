"""Trade the catalysts
===================

Could one have earned what the event study found? Trading the miners around AI catalysts.

Two kinds of news: reports of Nvidia and the hyperscalers, whose days are public beforehand, and
the miners' own deals, which nobody announces: a miner can be held over a report, but bought only
after a deal. All is hedged with market and Bitcoin, net of costs. With real prices::

    python examples/05_trade_the_catalysts.py --prices FILE
"""

import pandas as pd
from common import begin, make_panel, save, say, show, study

import eventstudy as es
from eventstudy.report import percent

#: kind of news, and how it is held
Key = tuple[str, str]
#: kind of news → categories of the catalogue
NEWS = {"reports": ("nvidia", "earnings"), "deals": ("deal",)}
#: how a rule holds → the days at whose closes it enters and leaves
RULES = {"over": (-1, 0), "1 day from": (0, 1), "5 days from": (0, 5)}
#: the rule that is shown in full, and the closes among which a better one is looked for
SHOWN, ENTER, LEAVE = ("deals", "5 days from"), range(4), range(1, 11)
COSTS, DRAWS = 10, 499
STUDY = study("SPY", "Bitcoin")


def main() -> None:
    prices, out = begin("Trading the catalysts")
    panel = make_panel(prices)
    for news in NEWS:
        reaction = STUDY.run(events_of(news), panel).sentence((0, 0))
        say(f"What the event study says of {news}. {reaction}")
    say(
        "The first close at which news can be traded is the one that ends this move. A rule earns "
        "what comes after it; only reports, whose days are known beforehand, can be held over."
    )
    tests = backtests(panel)
    luck = {key: found.placebo(DRAWS) for key, found in tests.items()}
    compare(tests, {key: found.pvalue for key, found in luck.items()})
    say(f"Deals, held {SHOWN[1]} the news, on other dates. {luck[SHOWN].sentence()}")
    shown = tests[SHOWN]
    grid = shown.rule.grid(events_of("deals"), panel, enter=ENTER, leave=LEAVE, study=STUDY)
    say(f"Deals, with other entries and leavings. {grid.sentence()}")
    print("\n" + shown.summary(tried=len(grid)))
    source = " (SIMULATED)" if prices.attrs.get("simulated") else ""
    save(shown.plot(), out / "deals_traded.png")
    dates = luck[SHOWN].plot(title=f"Deals: Sharpe ratio on random dates{source}")
    save(dates, out / "deals_traded_placebo.png")
    rules = grid.plot(title=f"Deals: mean net of {len(grid)} rules{source}")
    save(rules, out / "deals_traded_grid.png")


def compare(tests: dict[Key, es.Backtest], dates: dict[Key, float]) -> None:
    """Print what each rule earned, and whether it can be told from luck and random ``dates``."""
    table = pd.DataFrame({key: row(tests[key], dates[key]) for key in tests}).T
    title = f"Held over the news, or from the close after it; hedged, net of {COSTS} bps a side"
    show(title, table.rename_axis(["news", "held"]))
    f = tests[SHOWN].figures()
    say(
        "Mean net: profit of a trade, as a share of what was bought; to buy and sell a deal and "
        f"its hedge costs {percent(f['cost'] / f['trades']).lstrip('+')}. Clusters: trades held on "
        "the same days count as one. Sharpe: a year, ± its standard error. p luck: two-sided, of "
        f"the mean net, across clusters. p dates: the share of {DRAWS} draws of random dates on "
        "which the same rule has as high a Sharpe ratio."
    )
    for (news, held), found in tests.items():
        say(f"{news.capitalize()}, held {held} the news: {verdict(found, dates[news, held])}")


def events_of(news: str) -> pd.DataFrame:
    """Reports of others, once for each miner; or deals, each for the miner that made it."""
    events = es.catalysts.expand(es.catalysts.load(category=NEWS[news]), es.universe.MINERS)
    return events[events["own_news"]] if news == "deals" else events


def backtests(panel: es.Panel) -> dict[Key, es.Backtest]:
    """Every rule on the news that it can trade: the library refuses to enter before a deal."""
    return {
        (news, held): es.Rule(enter, leave, hedge=STUDY.model, costs=COSTS).run(
            events_of(news), panel, STUDY
        )
        for news in NEWS
        for held, (enter, leave) in RULES.items()
        if news == "reports" or enter >= 0
    }


def row(found: es.Backtest, dates: float) -> dict[str, object]:
    """What the table says of one rule, with its p-value among random ``dates``."""
    f = found.figures()
    return {
        "trades": f["trades"],
        "clusters": f["clusters"],
        "mean net": percent(f["mean_net"]),
        "Sharpe": f"{f['sharpe']:.2f} ± {f['sharpe_se']:.2f}",
        "p luck": round(f["pvalue"], 3),
        "p dates": round(dates, 3),
    }


def verdict(found: es.Backtest, dates: float) -> str:
    """Say in words whether it earned, and whether that can be told from luck."""
    f = found.figures()
    earned = f["mean_net"] > 0
    said = f"{'earned' if earned else 'lost'} {percent(f['mean_net']).lstrip('+-')} a trade"
    if f["clusters"] < 6:
        return f"{said}, on too few dates for a verdict."
    if f["pvalue"] <= 0.05 and (dates <= 0.05 or not earned):
        return f"{said}, more than luck explains."
    return f"{said}, which cannot be told from luck."


# %%
# What it prints on the simulated sample, and its pictures.
if __name__ == "__main__":
    main()
