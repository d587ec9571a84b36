"""Do the figures of two articles of January 2026 about Bitcoin miners hold, and since when?

Both say what miners had gained on Wednesday 28 January 2026, hours before Meta and Microsoft
reported, and tell it together with their spending on AI. Run it with real prices:

    python examples/01_check_the_articles.py --prices FILE
"""

from __future__ import annotations

import pandas as pd
from common import head, make_panel, options, read_prices, say, study

import eventstudy as es
from eventstudy.report import percent, text_table

AS_OF = "2026-01-28"
#: what the articles say: the change in percent up to the close of that day, as printed
DAY = {"IREN": "4.9", "CIFR": "1.2"}
YEAR_TO_DATE = {"IREN": "47", "CIFR": "17", "HUT": "26"}
ONE_YEAR = {"IREN": "524", "CIFR": "322", "HUT": "230"}
#: the closes that such figures usually start from, first, and their neighbours
DAY_BASES = ["2026-01-27"]
YEAR_BASES = ["2025-12-31", "2026-01-02"]
ONE_YEAR_BASES = ["2025-01-28", "2025-01-24", "2025-01-27", "2025-01-29"]
#: what became public after that close: the reports of Meta and Microsoft, Meta's spending plan
EVENING = ["20260128-meta-earnings", "20260128-msft-earnings", "20260128-meta-capex-115-135"]


def check(prices: pd.DataFrame, said: dict[str, str], bases: list[str]) -> pd.DataFrame:
    """Recompute figures from each base; the first base is the usual one."""
    rows = {}
    for ticker, figure in said.items():
        start = prices.loc[bases, ticker].rename(lambda day: f"{day:%d %b}")
        found = prices.at[AS_OF, ticker] / start - 1
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
    return "reproduced" + "".join(f", also from {day}" for day in hits[1:])


def evening(panel: es.Panel) -> tuple[pd.DataFrame, es.Result]:
    """Measure the day after the reports, when their news could first be traded."""
    events = es.catalysts.expand(es.catalysts.load(ids=EVENING), es.universe.MINERS)
    both, market = (study(*names).run(events, panel) for names in (("SPY", "Bitcoin"), ("SPY",)))
    moves = panel.returns_frame().assign(Bitcoin=panel.series("Bitcoin"))
    at = moves.index.get_loc(both.estimates["day0"].iloc[0])
    table = moves.iloc[[at - 1, at]].T
    table.columns = [f"{day:%d %b}" for day in table.columns]
    for name, result in {"beyond SPY + Bitcoin": both, "beyond SPY": market}.items():
        table[name] = result.car((0, 0))["[0,0]"].set_axis(result.events["ticker"])
    miners = table.loc[both.events["ticker"]]
    average = miners.mean().rename("average of the miners").to_frame().T
    others = [name for name in ("SPY", "Bitcoin", "META", "MSFT") if name in table.index]
    return pd.concat([miners, average, table.loc[others]]).rename_axis("return"), both


def main() -> None:
    prices = read_prices(options(__doc__.splitlines()[0]).prices)
    head("Two articles of January 2026 about Bitcoin miners, recomputed", prices)
    if prices.attrs.get("simulated"):
        say("So the articles can't be checked here: the tables only show how it is done.")
    show = {"Wednesday 28 January 2026, from the close of the day before": (DAY, DAY_BASES),
            "Year to date: from the last close of 2025, and from the first of 2026": (YEAR_TO_DATE, YEAR_BASES),
            "One year: from closes of January 2025": (ONE_YEAR, ONE_YEAR_BASES)}
    for title, (said, bases) in show.items():
        print("\n" + text_table(check(prices, said, bases), title=title))
main()
