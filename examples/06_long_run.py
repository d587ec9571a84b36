"""A year after the deal: what did it bring to buy a miner once its AI deal was known, and hold it?

The miners' own deals are bought at the close of day 0, when the reaction is over, and held for 250
sessions: against SPY, Bitcoin, and miners that were like them and had no deal. Many holdings are
not over when the data end, and nearly all overlap, so the last word has the portfolio of all deals
in calendar time.

    python examples/06_long_run.py --prices FILE
"""

from __future__ import annotations

import math

import pandas as pd
from common import head, make_panel, options, pc, read_prices, save, say, show

import eventstudy as es

HELD = (1, 250)
#: sessions before the deal from which a miner's volatility and past return are taken
PAST = 120
#: columns of the tables that are returns
RETURNS = ["firms", "benchmark", "BHAR", "median"]
MODEL = es.FactorModel(("SPY", "Bitcoin"))


def main() -> None:
    given = options("What the miners earned in the year after their AI deals.")
    prices = read_prices(given.prices)
    head("A year after the deal", prices)
    panel, events = make_panel(prices), own_deals()
    runs = {name: held(against).run(events, panel) for name, against in benchmarks(panel).items()}
    market = runs["SPY"]
    table = pd.DataFrame({name: row(run) for name, run in runs.items()}).T
    show("Held for 250 sessions, or until the data end, against", table, RETURNS)
    say(
        "BHAR is the mean difference of the two returns, wealth what a dollar in each deal became "
        "against a dollar in each benchmark. Control miners are the three nearest in volatility "
        f"and past return over {PAST} sessions before the deal. None so far: no deal of their own "
        "in the year before, as was known that day. None for a year: nor in the year after, which "
        "only hindsight knows, and which takes the jumps of later deals out of the benchmark."
    )
    table = pd.DataFrame({name: row(run) for name, run in parts(market).items()}).T
    show("Against SPY, some of the deals", table, RETURNS)
    say(overlap(market))
    say(
        f"Volatility. Miners vary so much more than SPY that the logarithm of their relative "
        f"wealth loses {-market.drag:.2f} by that alone: a typical holding ends "
        f"{pc(math.expm1(market.drag))} against SPY without any effect of the deal. The mean BHAR "
        "is free of it, the median is not. Against the control miners the logarithm moves by "
        f"{runs['none so far'].drag:+.2f}."
    )
    found = {name: calendar(name).run(events, panel) for name in ("daily", "monthly")}
    daily = found["daily"]
    print("\n" + daily.summary())
    table = pd.DataFrame({name: alphas(one) for name, one in found.items()}).T
    show("The same portfolio, session by session and month by month", table, ["a year"])
    say(
        "Where the two differ, mind that the daily one is brought back to equal weights every "
        "evening, which no holder does, and that its exposures miss what answers a day late."
    )
    z = daily.standardised()
    say(
        f"Jaffe and Mandelker: against each miner's own past, its alpha included, the mean "
        f"standardised abnormal return is {z.estimate:+.3f} (p = {z.pvalue:.2f}): the question is "
        f"whether the miners did better than before. {z.note.capitalize()}."
    )
    say(verdict(market, runs["none so far"], list(found.values())))
    save(market.plot(title="The miners after their own deals"), given.out / "bought_and_held.png")
    save(daily.plot(), given.out / "calendar_time.png")


def own_deals() -> pd.DataFrame:
    """The miners' own AI deals."""
    events = es.catalysts.expand(es.catalysts.load(category="deal"), es.universe.MINERS)
    return events[events["own_news"]]


def held(against: str | es.ControlFirms) -> es.BuyAndHold:
    """Buy at the close of day 0; what is not over when the data end, ends there."""
    return es.BuyAndHold(HELD, against=against, incomplete="truncate")


def benchmarks(panel: es.Panel) -> dict[str, str | es.ControlFirms]:
    """SPY, Bitcoin, and control miners that had no deal: so far, or also for a year to come."""
    miners = {name: panel.series(name) for name in es.universe.MINERS if name in panel.tickers}
    past = pd.DataFrame(miners, panel.sessions).rolling(PAST, min_periods=PAST // 2)
    known = pd.DataFrame({"volatility": past.std().stack(), "past": past.mean().stack()})
    known = known.rename_axis(["date", "ticker"])  # of each session; used are those before day 0
    return {
        "SPY": "SPY",
        "Bitcoin": "Bitcoin",
        "none so far": es.ControlFirms(known, n=3, exclude="earlier"),
        "none for a year": es.ControlFirms(known, n=3, exclude="overlapping"),
    }


def calendar(frequency: str) -> es.CalendarTime:
    """Hold every miner for a year after its deal, in one portfolio."""
    return es.CalendarTime(HELD, model=MODEL, frequency=frequency)


def parts(run: es.LongRun) -> dict[str, es.LongRun]:
    """Holdings that are over, those that are not, and the first of each miner."""
    over = run.table["days"] == len(run.window)
    masks = {"over": over, "not over": ~over, "first": ~run.events["ticker"].duplicated()}
    return {name: run.where(mask) for name, mask in masks.items() if mask.any()}


def row(run: es.LongRun) -> dict[str, object]:
    """What a table says of a run."""
    return {
        "deals": len(run.events),
        "days": round(run.table["days"].mean()),
        "firms": run.table["bhr"].mean(),
        "benchmark": run.table["benchmark"].mean(),
        "BHAR": run.mean,
        "median": run.median,
        "wealth": f"{run.wealth_relative:.2f}",
    }


def overlap(run: es.LongRun) -> str:
    """What the skewness-adjusted test says, and whether it may be asked."""
    test = run.test("skew_t", law="bootstrap", variant="johnson")
    n = len(run.events)
    told = (
        f"Overlap. {run.repeated} of the {n} holdings began while the miner was held for an earlier "
        f"deal. Linked by the days that they share, the {n} form {run.clusters} "
        f"cluster{'s' if run.clusters > 1 else ''}. The bootstrapped skewness-adjusted t test gives "
        f"p = {test.pvalue:.3f} for the mean BHAR"
    )
    if run.is_valid("skew_t"):
        return f"{told}."
    return f"{told}, as if the {n} were independent. They are not, so it is no test here."


def alphas(found: es.CalendarPortfolio) -> dict[str, object]:
    """What the table says of a portfolio."""
    used = found.portfolio[found.portfolio["used"]]
    a_year = 12 if found.setup.frequency == "monthly" else 252
    errors = {"OLS": "OLS", "HC1": "HC1", "NW": "HAC"}
    return {
        "periods": len(used),
        "alpha": f"{100 * found.alpha.estimate:+.2f} %",
        "a year": (1 + found.alpha.estimate) ** a_year - 1,
        **{f"p {name}": round(found.regress(se).alpha.pvalue, 2) for name, se in errors.items()},
        **{name: round(found.table.loc[name, "estimate"], 2) for name in MODEL.needs},
    }


def verdict(run: es.LongRun, alike: es.LongRun, found: list[es.CalendarPortfolio]) -> str:
    """Say it in words: more or less than the benchmarks, and whether that could be luck."""
    more = "more" if run.mean > 0 else "less"
    sure = [one.alpha.pvalue <= 0.05 for one in found]
    luck = (
        "which luck alone rarely makes: what remains is whether the deals made it, or the sector"
        if all(sure)
        else "which luck alone could have made"
    )
    told = " and ".join(f"{one.alpha.pvalue:.2f} ({one.setup.frequency})" for one in found)
    over = int((run.table["days"] == len(run.window)).sum())
    return (
        f"Verdict. After their deals the miners earned {pc(abs(run.mean)).lstrip('+')} {more} than "
        f"SPY, the median holding {pc(run.median)}, and against miners like them {pc(alike.mean)}. "
        f"Beyond market and Bitcoin the alpha in calendar time has p = {told}, {luck}. Only {over} "
        f"of {len(run.events)} holdings are over, all in one period of one sector."
    )


if __name__ == "__main__":
    main()
