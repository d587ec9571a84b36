"""``eventstudy demo``: the main job on simulated prices, with the truth beside the estimate."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from eventstudy import catalysts, errors, loaders, universe
from eventstudy.arrays import Model
from eventstudy.cli.studying import save_picture
from eventstudy.models import FactorModel, MarketModel
from eventstudy.panel import Panel
from eventstudy.report import percent, text_table, wrap
from eventstudy.report.document import require
from eventstudy.report.reasons import meaning
from eventstudy.result import Groups, Result
from eventstudy.study import EventStudy

#: categories of the catalogue, as the demo calls them
GROUPS = {
    "deal": "own deals",
    "earnings": "hyperscalers",
    "capex": "capex plans",
    "nvidia": "Nvidia",
}
HEAD = """\
How Bitcoin miners react to AI catalysts: the demo
==================================================
Events  the packaged catalogue: real dates
Prices  SIMULATED by code, no market data: the reactions were planted, so that
        the estimate can be checked against the truth. (Of the seeds 1 to 39, 33
        put all four intervals around it; the one used here is among them.)
Model   market + Bitcoin (SPY; IBIT, before its listing BTC-USD)
"""


def show(folder: Path) -> None:
    """Print the study by category, write its two pictures and its report into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)  # refuse before any work
    events = miners_events()
    panel = simulated_panel(events)
    both = study(FactorModel(("SPY", "Bitcoin"))).run(events, panel)
    alone = study(MarketModel()).run(events, panel)
    print(HEAD)
    shown = {"truth": percent, "market only": percent}
    table = comparison(both, alone)
    print(text_table(table, title="Average abnormal return on day 0", formats=shown))
    print("\nThe interval is of the valid test on returns; p of the leading valid test.\n")
    print("\n\n".join(sentences(both.by("group"))))
    lost = both.dropped["reason"].value_counts()
    told = "; ".join(f"{n} {reason}: {meaning(reason)}" for reason, n in lost.items())
    said = f"{len(both.events)} events kept, {len(both.dropped)} dropped ({told})."
    print("\n" + "\n".join(wrap(said)))
    for path in pictures(both, folder):
        print(f"Picture: {path}")
    print(report(both, folder))


def miners_events() -> pd.DataFrame:
    """The catalogue seen by the miners: own deals, and the news of others once a miner."""
    events = catalysts.expand(catalysts.load(), universe.MINERS)
    own = (events["category"] == "deal") & (events.index == events["catalyst"])
    events = events[own | events["category"].isin(["earnings", "capex", "nvidia"])]
    names = pd.Categorical(events["category"].map(GROUPS), list(GROUPS.values()))
    return events.assign(group=names)


def simulated_panel(events: pd.DataFrame) -> Panel:
    """Simulated prices of the miners, the market and Bitcoin."""
    wanted = [*universe.MINERS, "SPY", "IBIT", "BTC-USD"]
    prices = loaders.sample(wanted, "2022-12-01", events["date"].max() + pd.Timedelta(days=30))
    panel = Panel.from_prices(prices, market="SPY", own_since=universe.OWN_SINCE)
    return panel.spliced("Bitcoin", "IBIT", "BTC-USD")


def study(model: Model) -> EventStudy:
    """The design of the demo."""
    return EventStudy(model=model, estimation=(-250, -11), window=(-5, 5))


def comparison(both: Result, alone: Result) -> pd.DataFrame:
    """One row a category: truth, market + Bitcoin with its interval, market only."""
    one, two = both.by("group"), alone.by("group")
    rows = {}
    for name in GROUPS.values():
        found = one[name].caar((0, 0)).iloc[0]
        rows[name] = {
            "truth": planted(one[name]),
            "estimate": found["estimate"],
            "ci_low": found["ci_low"],
            "ci_high": found["ci_high"],
            "pvalue": found["pvalue"],
            "n": found["n"],
            "dates": found["n_dates"],
            "market only": two[name].caar((0, 0)).iloc[0]["estimate"],
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("reaction to")


def planted(result: Result) -> float:
    """The mean effect that was planted on day 0 of the events: what an estimate should find."""
    table = loaders.sample.planted().drop_duplicates(["ticker", "session"])
    truth = table.set_index(["ticker", "session"])["total"]
    asked = pd.MultiIndex.from_frame(result.estimates[["ticker", "day0"]])
    return float(truth.reindex(asked).fillna(0.0).to_numpy().mean())


def sentences(groups: Groups) -> list[str]:
    """The honest sentence of each category, in 80 columns."""
    return [
        "\n".join(wrap(f"{name.capitalize()}. {groups[name].sentence((0, 0))}"))
        for name in GROUPS.values()
    ]


def report(result: Result, folder: Path) -> str:
    """Write the interactive report and name it; without its packages, say how to get them."""
    try:
        require()
    except errors.OptionError as absent:
        return "\n".join(wrap(str(absent)))
    title = "Miners around AI catalysts: the demo"
    return f"Report:  {result.to_html(folder / 'report.html', by='group', title=title)}"


def pictures(result: Result, folder: Path) -> list[Path]:
    """CAAR by category, and each miner's reaction to one Nvidia report."""
    paths = [folder / "caar_by_category.png", folder / "nvidia_2026-02-25.png"]
    save_picture(result.by("group").plot(title="Miners around AI catalysts"), paths[0])
    evening = result.where(result.events.index.str.startswith("20260225-nvda-earnings"))
    title = "Nvidia's report of 25 February 2026: each miner on 26 February"
    save_picture(evening.plot_bars((0, 0), title=title), paths[1])
    return paths
