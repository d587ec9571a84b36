"""Before and after Nvidia's report
================================

What would have counted as a reaction to Nvidia's report?

Before the report of 25 February 2026: how far would each miner, and the average, have to move to
be significant? The day after: did they? Would another reasonable choice have told something else,
and do the tests keep quiet on days without news? Last, a day on which the choice of the model was
the whole answer. With real prices::

    python examples/13_before_and_after_nvidia.py --prices FILE
"""

import pandas as pd
from common import begin, make_panel, pc, save, say, show, study

import eventstudy as es
from eventstudy.calibration import Curve, Preview, Variations
from eventstudy.result import Result

EVENING = "2026-02-25"
#: what became public after the close of 28 January; Bitcoin fell on the next day
JANUARY = ["20260128-meta-earnings", "20260128-msft-earnings", "20260128-meta-capex-115-135"]
ESTIMATIONS, WINDOWS = [(-250, -11), (-130, -11), (-70, -11)], [(0, 0), (0, 1), (-1, 1)]
#: tests that are calibrated: three that hold on one shared date, three that do not
TESTS = ["adj_bmp", "portfolio_t", "sq", "csect_t", "patell", "bmp"]
DRAWS = 199


def main() -> None:
    prices, out = begin("Before and after Nvidia's report of 25 February 2026")
    panel, reports = make_panel(prices), nvidia_reports()
    both = study("SPY", "Bitcoin")

    ahead = both.preview(reports, panel.until(EVENING))
    say(f"Before. {ahead.sentence()}")
    save(ahead.plot(), out / "before_2026-02-26.png")

    result = both.run(reports[reports["date"] == EVENING], panel)
    say(f"After. {result.sentence((0, 0))}")
    table = against(ahead, result)
    show("Asked for beforehand, and seen", table, ["asked for", "seen", "usual"])
    say(
        "Asked for: the smallest abnormal return, up or down, that would be significant at 5 %; "
        "usual: the median size of the reactions to earlier reports. p is of the sample "
        "quantiles for each miner, of the leading test for the average."
    )

    curve = choices(panel, WINDOWS).run(result.events, panel, draws=DRAWS)
    labels = [es.Window(*window).label for window in WINDOWS]
    show("Median estimate by model and window", by_model(curve)[labels], labels)
    say(f"Other choices. {curve.sentence()}")
    save(curve.plot(title="26 February 2026"), out / "choices_2026-02-26.png")

    curve = choices(panel, [(0, 0)]).run(january(), panel, draws=DRAWS)
    bitcoin = panel.series("Bitcoin")[panel.sessions == pd.Timestamp("2026-01-29")][0]
    told = [f"{pc(value)} by {model}" for model, value in by_model(curve)["[0,0]"].items()]
    say(
        f"29 January 2026, the day after Meta and Microsoft reported. {curve.sentence()} Bitcoin "
        f"moved by {pc(bitcoin)} that day; the median estimate is {', '.join(told)}."
    )
    title = "29 January 2026: the miners' day with and without Bitcoin as a factor"
    save(curve.plot(title=title), out / "choices_2026-01-29.png")

    found = both.calibrate(result.events, panel, draws=DRAWS, effects=(0.05, 0.1), tests=TESTS)
    print(f"\n{found}")
    say(
        "One date cannot be drawn more often than there are sessions on which all miners have "
        "prices: read the rates roughly."
    )
    save(found.plot(), out / "calibration_2026-02-26.png")


def nvidia_reports() -> pd.DataFrame:
    """All Nvidia reports up to that evening, once for each miner."""
    known = es.catalysts.load(category="nvidia", until=EVENING)
    return es.catalysts.expand(known, es.universe.MINERS)


def january() -> pd.DataFrame:
    """The news of the evening of 28 January 2026, once for each miner."""
    return es.catalysts.expand(es.catalysts.load(ids=JANUARY), es.universe.MINERS)


def against(ahead: Preview, result: Result) -> pd.DataFrame:
    """One row a miner and one for the average: what was asked for, what was seen."""
    found = result.caar((0, 0)).iloc[0]
    group = ahead.groups.iloc[0]
    average = [group["move"], found["estimate"], group["typical"], found["pvalue"]]
    rows = {}
    for event in ahead.tickers.sort_values("move").itertuples():
        answer = result.where(result.events.index == event.Index).test("sq", (0, 0))
        rows[event.ticker] = [event.move, answer.estimate, event.typical, answer.pvalue]
    columns = ["asked for", "seen", "usual", "pvalue"]
    table = pd.DataFrame.from_dict({"average": average, **rows}, orient="index", columns=columns)
    for column in ("asked for", "usual"):  # sizes: they have no sign
        table[column] = [("±" + pc(x).lstrip("+")) if pd.notna(x) else "–" for x in table[column]]
    return table.rename_axis("miner")


def choices(panel: es.Panel, windows: list[tuple[int, int]]) -> Variations:
    """Market, market and Bitcoin, and chips where there are prices; a year, half, a quarter."""
    chips = [es.FactorModel(("SPY", "Bitcoin", "SMH"))] if "SMH" in panel.tickers else []
    return study("SPY", "Bitcoin").vary(
        model=[es.MarketModel(), es.FactorModel(("SPY", "Bitcoin")), *chips],
        estimation=ESTIMATIONS,
        window=windows,
    )


def by_model(curve: Curve) -> pd.DataFrame:
    """Model × window: the median estimate over the estimation windows."""
    table = curve.table.pivot_table("estimate", "model", "window", aggfunc="median")
    return table.sort_values("[0,0]")


# %%
# What it prints on the simulated sample, and its pictures.
if __name__ == "__main__":
    main()
