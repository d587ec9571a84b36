"""Could one have earned what the event study found? Trading the miners around AI catalysts.

Reports of Nvidia and the hyperscalers, whose days are public beforehand, and the miners' own deals,
which nobody announces: long after the news, and for the reports also over it; hedged with market
and Bitcoin, net of 10 basis points a side.

    python examples/05_trade_the_catalysts.py --prices FILE
"""

from __future__ import annotations

import pandas as pd
from common import head, make_panel, options, read_prices, save, say, show

import eventstudy as es

#: what is traded → categories of the catalogue
NEWS = {"reports": ("nvidia", "earnings"), "own deals": ("deal",)}
#: sessions held → entry, leaving; "over it": from the close before day 0 to that of day 0
RULES = {"over it": (-1, 0), "1 day": (0, 1), "5 days": (0, 5)}
#: sessions of entry and leaving that are tried to look for the best rule
ENTER, LEAVE = range(4), range(1, 11)
DRAWS = 499


def main() -> None:
    given = options("What trading the miners around AI catalysts would have earned.")
    prices = read_prices(given.prices)
    head("Trading the catalysts", prices)
    panel = make_panel(prices)
    tests = {
        (news, name): rule(enter, leave).run(events_of(news), panel, STUDY)
        for news in NEWS
        for name, (enter, leave) in RULES.items()
        if news == "reports" or enter >= 0  # a deal that nobody announced cannot be waited for
    }
    placebos = {key: found.placebo(DRAWS) for key, found in tests.items()}
    rows = {key: row(found, placebos[key].pvalue) for key, found in tests.items()}
    table = pd.DataFrame(rows).T.rename_axis(["news", "held"])
    show("Long the miners, hedged with SPY and Bitcoin, net of 10 bps a side", table, ["mean net"])
    say(
        "Mean net is per trade and unit of notional; Sharpe is annual, with its standard error. p "
        "luck is two-sided, across clusters of trades that overlap; p dates is the share of "
        f"{DRAWS} draws of random dates without news on which the same rule does as well."
    )
    for news in NEWS:
        reaction = STUDY.run(events_of(news), panel).sentence((0, 0))
        say(f"The event study of the {news}. {reaction}")
    say(
        "That reaction is over, or in the opening price, when the news can be traded at a close. "
        "What a rule earned is what came later, or, for days that are known beforehand, what "
        "holding through the news paid:"
    )
    for (news, name), found in tests.items():
        held = "held over the news" if name == "over it" else f"{name} after the news"
        say(f"{news.capitalize()}, {held}: {verdict(found, placebos[news, name].pvalue)}")
    grid = rule(0, 5).grid(events_of("own deals"), panel, enter=ENTER, leave=LEAVE, study=STUDY)
    say(f"Own deals, every entry and leaving: {grid.sentence()}")
    key = ("own deals", "5 days")
    print("\n" + tests[key].summary(tried=len(grid)))
    lost = tests[key].ledger
    if len(lost):
        show("Trades that are not what the rule says", lost[["ticker", "change", "detail"]])
    save(tests[key].plot(), given.out / "deals_traded.png")
    save(placebos[key].plot(), given.out / "deals_traded_placebo.png")
    save(grid.plot(), given.out / "deals_traded_grid.png")


STUDY = es.EventStudy(es.FactorModel(("SPY", "Bitcoin")), estimation=(-250, -11))


def rule(enter: int, leave: int) -> es.Rule:
    """Plan the trade: long, hedged with the model of the study, 10 basis points a side."""
    return es.Rule(enter=enter, leave=leave, hedge=STUDY.model, costs=10)


def events_of(news: str) -> pd.DataFrame:
    """The news of others once for each miner, or the miners' own deals."""
    events = es.catalysts.expand(es.catalysts.load(category=NEWS[news]), es.universe.MINERS)
    return events[events["own_news"]] if news == "own deals" else events


def row(found: es.Backtest, placebo: float) -> dict[str, object]:
    """What the table says of one rule."""
    f = found.figures()
    return {
        "trades": f["trades"],
        "clusters": f["clusters"],
        "mean net": f["mean_net"],
        "Sharpe": f"{f['sharpe']:.2f} ± {f['sharpe_se']:.2f}",
        "p luck": round(f["pvalue"], 3),
        "p dates": round(placebo, 3),
    }


def verdict(found: es.Backtest, placebo: float) -> str:
    """Say it in words: earned or not, and whether that could be luck."""
    f = found.figures()
    earned = "earned" if f["net"] > 0 else "lost"
    if f["clusters"] < 6:
        return f"it {earned}, on too few dates for any verdict."
    if max(f["pvalue"], placebo) <= 0.05 and f["net"] > 0:
        return "it earned more than luck and random dates explain."
    if f["pvalue"] <= 0.05 and f["net"] < 0:
        return "it lost, and more than bad luck explains."
    return f"it {earned}; that cannot be told from luck."


if __name__ == "__main__":
    main()
