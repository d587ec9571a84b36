"""A year after the deal
=====================

What did it bring to buy a miner once its AI deal was known, and to hold it for a year?

Deals are bought at the close of day 0, when the reaction is over: against SPY, Bitcoin, and miners
like them without a deal. Many holdings are not over when the data end, and they overlap, so the
last word has the portfolio of all deals in calendar time. With real prices::

    python examples/06_long_run.py --prices FILE
"""

from functools import partial

import pandas as pd
from common import begin, make_panel, pc, save, say, show

import eventstudy as es

HELD, FACTORS = (1, 250), ("SPY", "Bitcoin")
#: sessions before the deal from which a miner's volatility and past return are taken
PAST = 120
#: columns of the tables that are returns
RETURNS = ["firms", "benchmark", "BHAR", "median", "a year"]


def main() -> None:
    prices, out = begin("A year after the deal")
    panel = make_panel(prices)
    events = es.catalysts.expand(es.catalysts.load(category="deal"), es.universe.MINERS)
    events = events[events["own_news"]]
    runs = {name: hold(against).run(events, panel) for name, against in benchmarks(panel).items()}
    market = runs["SPY"]
    over = market.table["days"] == len(market.window)
    some = {"over": over, "not over": ~over, "first": ~market.events["ticker"].duplicated()}
    show("Held for 250 sessions, or until the data end, against", table(runs), RETURNS)
    say(
        f"Control miners are the three nearest in volatility and past return over {PAST} sessions "
        "before the deal. None so far: no deal of their own in the year before, as was known that "
        "day. None for a year: nor in the year after, which only hindsight knows, and which keeps "
        "the jumps of later deals out of the benchmark. Wealth is the wealth relative: what a "
        "dollar in each deal became, against a dollar in each benchmark."
    )
    parts = {name: market.where(mask) for name, mask in some.items() if mask.any()}
    show("Against SPY: holdings that are over or not, first deals only", table(parts), RETURNS)
    test = market.test("skew_t", law="bootstrap", variant="johnson")
    print(f"\n{market.summary()}")
    say(f"Bootstrapped, the skewness-adjusted t test gives p = {test.pvalue:.3f} ({test.note}).")
    together = partial(es.CalendarTime, HELD, es.FactorModel(FACTORS))
    ways = {f: together(frequency=f).run(events, panel) for f in ("daily", "monthly")}
    print(f"\n{ways['daily'].summary()}")
    alphas = pd.DataFrame({name: alpha(found) for name, found in ways.items()}).T
    show("The same portfolio by session and by month", alphas, RETURNS)
    say(
        "Where they differ: the monthly one waits for the first whole month after a deal, and its "
        "exposures are those of months, from few of them. An alpha that hangs on that is unsure."
    )
    z = ways["daily"].standardised()
    say(
        "Jaffe and Mandelker ask whether the miners did better than in the year before their "
        f"deals: {z.estimate:+.3f} standard deviations a session, p = {z.pvalue:.2f} ({z.note})."
    )
    say(verdict(market, runs["none so far"], ways["daily"], ways["monthly"]))
    save(market.plot(title="The miners after their own deals"), out / "bought_and_held.png")
    save(ways["daily"].plot(), out / "calendar_time.png")


def hold(against: str | es.ControlFirms) -> es.BuyAndHold:
    """Buy at the close of day 0; what is not over when the data end, ends there."""
    return es.BuyAndHold(HELD, against=against, incomplete="truncate")


def benchmarks(panel: es.Panel) -> dict[str, str | es.ControlFirms]:
    """SPY, Bitcoin, and control miners that had no deal: so far, or also for a year to come."""
    parts = {}
    for name in [name for name in es.universe.MINERS if name in panel.tickers]:
        past = pd.Series(panel.series(name), panel.sessions).rolling(PAST, min_periods=PAST // 2)
        parts[name] = pd.DataFrame({"volatility": past.std(), "past": past.mean()})
    known = pd.concat(parts, names=["ticker", "date"])  # used are those dated before day 0
    rules = {"none so far": "earlier", "none for a year": "overlapping"}
    controls = {name: es.ControlFirms(known, n=3, exclude=rule) for name, rule in rules.items()}
    return {"SPY": "SPY", "Bitcoin": "Bitcoin", **controls}


def table(runs: dict[str, es.LongRun]) -> pd.DataFrame:
    """One row a run."""
    rows = {}
    for name, run in runs.items():
        held, firms, benchmark = run.table[["days", "bhr", "benchmark"]].mean()
        wealth = f"{run.wealth_relative:.2f}"
        rows[name] = [len(run.events), round(held), firms, benchmark, run.mean, run.median, wealth]
    return pd.DataFrame.from_dict(rows, "index", columns=["deals", "days", *RETURNS[:4], "wealth"])


def alpha(found: es.CalendarPortfolio) -> dict[str, object]:
    """The alpha of a period and of a year, and the exposures."""
    one, a_year = found.alpha, {"daily": 252, "monthly": 12}[found.setup.frequency]
    row = {"alpha": f"{100 * one.estimate:+.2f} %", "a year": (1 + one.estimate) ** a_year - 1}
    betas = {name: f"{found.table['estimate'][name]:.2f}" for name in FACTORS}
    return {**row, "p": f"{one.pvalue:.2f}", **betas, "periods": found.portfolio["used"].sum()}


def verdict(market: es.LongRun, alike: es.LongRun, *ways: es.CalendarPortfolio) -> str:
    """Say it in words: how much, against what, and whether luck could have made it."""
    sure = all(found.alpha.pvalue <= 0.05 for found in ways)
    luck = "more than luck; the deals, or their sector?" if sure else "luck could have made it."
    told = " and ".join(f"{w.alpha.pvalue:.2f} ({w.setup.frequency})" for w in ways)
    over = int((market.table["days"] == len(market.window)).sum())
    return (
        f"Verdict. A miner held after its deal earned {pc(market.mean)} beyond SPY on average "
        f"(median {pc(market.median)}) and {pc(alike.mean)} beyond miners like it. Beyond market "
        f"and Bitcoin the alpha of all together has p = {told}: {luck} {over} of "
        f"{len(market.events)} holdings are over, all in one period of one sector."
    )


# %%
# What it prints on the simulated sample, and its pictures.
if __name__ == "__main__":
    main()
