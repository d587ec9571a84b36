"""One firm, one event
===================

On 3 November 2025, before the open, IREN told of a contract with Microsoft. Did that move its
price, by how much, and could it have been chance?

A court, a regulator or an analyst asks such a question of one firm and one day. The answer needs
a size with its error, in percent and in dollars, the smallest move that could have been told from
chance, and whatever else became known at the time. With real prices::

    python examples/04_one_firm_one_event.py --prices FILE
"""

import pandas as pd
from common import begin, make_panel, pc, save, say, show, study

import eventstudy as es
from eventstudy.result import Result

EVENT, TICKER = "20251103-iren-microsoft", "IREN"
#: shares outstanding, roughly: take the figure of the day from the firm's own report
SHARES = 270e6
#: miners with news of their own that day, which are no benchmark
TREATED = ("IREN", "CIFR")
#: columns of the tables that are returns
RETURNS = ["estimate", "ci_low", "ci_high", "smallest", "found"]


def main() -> None:
    prices, out = begin("One firm, one event: IREN and Microsoft")
    panel, events = make_panel(prices), deals()
    result = study("SPY", "Bitcoin").run(events, panel)
    close = close_before(prices, result)
    found = result.single(EVENT, price=close, shares=SHARES, news=es.catalysts.load())
    print(f"\n{found}")
    say(
        f"Dollars: of the close of the file and of {SHARES / 1e6:.0f} million shares, a rough "
        "figure. An adjusted close is the price that was paid only if no split and no dividend "
        "followed."
    )
    show("The same day beyond other things", by_model(events, panel), RETURNS)
    say(
        "Smallest: the smallest move, up or down, that is significant at 5 %; found: the true "
        "effect that the t test finds in 80 % of cases; p: of the sample quantiles. Peers: the "
        "mean of the other miners without news of their own. The more a model explains, the "
        "smaller a move can be told from chance; peers also take away what hit all miners."
    )
    show(f"Each deal of {TICKER}", each(result), ["estimate", "smallest"])
    together = result.where(result.events["ticker"] == TICKER)
    say(
        "Several dates of one firm give several chances of a false finding: Holm's p-values hold "
        f"for all of them at once. Together: {together.sentence((0, 0))}"
    )
    print(f"\n{result.news_days(TICKER, news=own_news())}")
    say(of_the_significant(result))
    save(found.plot(title="IREN on the day of its contract"), out / "iren_2025-11-03.png")


# %%
# The pieces, in the order in which they are used.
def deals() -> pd.DataFrame:
    """The miners' own deals."""
    events = es.catalysts.load(category="deal")
    return events[events["ticker"].isin(es.universe.MINERS)]


def close_before(prices: pd.DataFrame, result: Result) -> float:
    """The last close before the day of the event."""
    day0 = result.estimates.loc[EVENT, "day0"]
    known = prices.loc[prices.index < day0, TICKER]
    return float(known.dropna().iloc[-1])


def by_model(events: pd.DataFrame, panel: es.Panel) -> pd.DataFrame:
    """One row a model: the move beyond what it explains, and what it could have seen."""
    others = [name for name in es.universe.MINERS if name in panel.tickers and name not in TREATED]
    models = {
        "SPY": study("SPY"),
        "SPY, Bitcoin": study("SPY", "Bitcoin"),
        "SPY, Bitcoin, peers": study("SPY", "Bitcoin", es.factors.peers(others)),
    }
    rows = {}
    for name, plan in models.items():
        one = plan.run(events.loc[[EVENT]], panel).single(EVENT)
        rows[name] = [one.t.estimate, *one.t.ci, one.smallest, one.found, one.sq.pvalue]
    table = pd.DataFrame.from_dict(rows, "index", columns=[*RETURNS, "p"])
    return table.rename_axis("beyond")


def each(result: Result) -> pd.DataFrame:
    """One row a deal of the firm; p by the sample quantiles, then by the t law and Holm's."""
    rows = {}
    for name in result.events.index[result.events["ticker"] == TICKER]:
        one = result.single(name)
        rows[f"{one.day0:%Y-%m-%d}"] = [one.t.estimate, one.smallest, one.sq.pvalue, one.t.pvalue]
    columns = ["estimate", "smallest", "p", "p of t"]
    table = pd.DataFrame.from_dict(rows, "index", columns=columns).rename_axis("day 0")
    return table.assign(Holm=es.inference.holm(table["p of t"]))


def own_news() -> pd.DataFrame:
    """The firm's deals and its reports: the list has to be complete, and made before looking."""
    return pd.concat([deals(), es.catalysts.reports(es.universe.MINERS)])


def of_the_significant(result: Result) -> str:
    """Say what is left when only significant events are told."""
    car = result.car((0, 0))["[0,0]"]
    significant = [result.single(name).sq.pvalue <= 0.05 for name in car.index]
    return (
        f"Of {len(car)} deals of all miners {sum(significant)} are significant on their own. All "
        f"moved by {pc(car.mean())} on average, the significant ones by "
        f"{pc(car[significant].mean())}: effects told because they were significant are too large."
    )


# %%
# What it prints on the simulated sample, and its picture.
if __name__ == "__main__":
    main()
