"""Two articles, checked
=====================

Do the figures of two articles of January 2026 about Bitcoin miners hold, and since when?

Both tell what miners had gained by Wednesday 28 January 2026, hours before Meta and Microsoft
reported and Meta told its spending on AI. With real prices::

    python examples/01_check_the_articles.py --prices FILE
"""

import pandas as pd
from common import begin, make_panel, pc, save, say, show, study

import eventstudy as es

AS_OF = "2026-01-28"
#: question → what the articles say (percent, as printed), and the closes to count from: first
#: the one that such a figure usually means
CLAIMS = {
    "On Wednesday 28 January 2026, from the close of the day before": (
        {"IREN": "4.9", "CIFR": "1.2"},
        ["2026-01-27"],
    ),
    "Year to date, from the last close of 2025 and from the first of 2026": (
        {"IREN": "47", "CIFR": "17", "HUT": "26"},
        ["2025-12-31", "2026-01-02"],
    ),
    "One year, from 28 January 2025 and from the closes around it": (
        {"IREN": "524", "CIFR": "322", "HUT": "230"},
        ["2025-01-28", "2025-01-24", "2025-01-27", "2025-01-29"],
    ),
}
#: what became public after the close of that Wednesday
EVENING = ["20260128-meta-earnings", "20260128-msft-earnings", "20260128-meta-capex-115-135"]


def main() -> None:
    prices, out = begin("Two articles of January 2026 about Bitcoin miners, recomputed")
    if prices.attrs.get("simulated"):
        say("So they cannot check the articles: the tables only show how it is done.")
    for question, (said, bases) in CLAIMS.items():
        table = check(prices, said, bases)
        show(question, table, table.columns[1:-1])
    panel = make_panel(prices)
    crash = returns_of(panel).T[pd.Timestamp("2025-01-27")]
    say(
        "One year back lies one session after the DeepSeek news of 27 January 2025, when "
        f"{moves(crash, 'IREN', 'CIFR', 'HUT')}: the gains of that year begin at those prices."
    )
    table, result = evening(panel)
    show("The news of that evening", table, table.columns)
    before, day0 = table.columns[:2]
    told = moves(table[day0], "IREN", "CIFR", "Bitcoin")
    say(f"The news came after the close, so its day 0 is {day0}, when {told}.")
    one = table.loc["IREN"].map(pc)
    say(
        f"Look-ahead: a study that dates this news {before} credits it with moves from before "
        f"it, for IREN {one[before]} instead of {one[day0]}."
    )
    say(result.sentence((0, 0)))
    axes = result.plot_bars((0, 0), title="29 January 2026, after Meta and Microsoft reported")
    save(axes, out / "evening_2026-01-28.png")


# %%
# The pieces, in the order in which they are used.
def check(prices: pd.DataFrame, said: dict[str, str], bases: list[str]) -> pd.DataFrame:
    """Recompute figures from each base; the first base is the usual one."""
    rows = {}
    for ticker, figure in said.items():
        start = prices[ticker].loc[bases].rename(lambda day: f"{day:%d %b}")
        found = prices[ticker].loc[AS_OF] / start - 1
        rows[ticker] = {"said": f"+{figure} %", **found, "verdict": verdict(figure, found)}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("ticker")


def verdict(figure: str, found: pd.Series) -> str:
    """Say which bases reproduce a figure up to half a unit of its last digit."""
    half = 0.5 * 10.0 ** -len(figure.partition(".")[2])
    hits = found.index[(100 * found - float(figure)).abs() <= half].tolist()
    if not hits:
        return "not reproduced"
    if hits[0] != found.index[0]:
        return f"only from {' and '.join(hits)}"
    return "reproduced" + "".join(f", {day} too" for day in hits[1:])


def evening(panel: es.Panel) -> tuple[pd.DataFrame, es.Result]:
    """Measure the first day on which the news of that evening could be traded."""
    events = es.catalysts.expand(es.catalysts.load(ids=EVENING), es.universe.MINERS)
    both = study("SPY", "Bitcoin").run(events, panel)
    market = study("SPY").run(both.events, panel)  # the same events
    table = returns_of(panel).loc[: both.estimates["day0"].iloc[0]].tail(2).T
    table.columns = [f"{day:%d %b}" for day in table.columns]
    for name, result in {"beyond SPY + Bitcoin": both, "beyond SPY": market}.items():
        table[name] = result.car((0, 0))["[0,0]"].set_axis(result.events["ticker"])
    miners = table.loc[both.events["ticker"]]
    average = miners.mean().rename("average of the miners").to_frame().T
    others = [name for name in ("SPY", "Bitcoin", "META", "MSFT") if name in table.index]
    return pd.concat([miners, average, table.loc[others]]).rename_axis("return on"), both


def returns_of(panel: es.Panel) -> pd.DataFrame:
    """Give the returns of all tickers and of Bitcoin, sessions × names."""
    return panel.returns_frame().assign(Bitcoin=panel.series("Bitcoin"))


def moves(changes: pd.Series, *names: str) -> str:
    """Tell the moves of some tickers, as in a sentence."""
    first, *rest, last = [f"{name} by {pc(changes[name])}" for name in names]
    return f"{', '.join([first.replace(' by ', ' moved by '), *rest])} and {last}"


# %%
# What it prints on the simulated sample, and its picture.
if __name__ == "__main__":
    main()
