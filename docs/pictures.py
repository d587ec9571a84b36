"""Draw the pictures of README.md and of the pages again: ``python docs/pictures.py``.

All prices are simulated. The calls are those that stand beside the pictures.
"""

from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

import eventstudy as es

FOLDER = Path(__file__).parent / "images"
TITLE = "Nvidia reports: each miner's abnormal return on the next day"
MINERS = list(es.universe.MINERS)


def main() -> None:
    """Draw them all."""
    mpl.use("agg")
    drawn = {"bars": readme(), "start": start(), "groups": cross_section(), **dict(placebo())}
    drawn |= {"no_picture": no_picture(), **dict(papers())}
    for name, axes in drawn.items():
        first = np.array(axes, dtype=object).flat[0]
        first.figure.savefig(FOLDER / f"{name}.png", dpi=110)


def readme() -> Axes:
    """The slide of README.md."""
    events = es.events_on("2026-02-25", es.universe.MINERS, session="after_close")
    study = es.EventStudy(model=es.FactorModel(("SPY", "IBIT")))
    result = study.run(events, study.load(events, es.loaders.sample, market="SPY"))
    return result.plot_bars((0, 0), title=TITLE)


def start() -> Axes:
    """The picture of docs/start.md."""
    deals = es.catalysts.load(category="deal")
    deals = deals[deals["ticker"].isin(MINERS)]
    study = es.EventStudy(model=es.FactorModel(("SPY", "IBIT")))
    result = study.run(deals, study.load(deals, es.loaders.sample, market="SPY"))
    return result.plot(title="Miners' own deals (simulated prices)")


def no_picture() -> Axes:
    """What stands in the gallery for an example without a picture."""
    ax = plt.subplots(figsize=(4, 2.8))[1]
    ax.axis("off")
    ax.text(0.5, 0.5, "abnormal =\nactual − expected", ha="center", va="center", fontsize=20)
    return ax


def placebo() -> Iterator[tuple[str, object]]:
    """The pictures of docs/placebo.md."""
    study = es.EventStudy(es.FactorModel(("SPY", "Bitcoin")), window=(-5, 5))
    reports = es.catalysts.expand(es.catalysts.load(category="nvidia"), MINERS)
    found = study.calibrate(
        reports,
        panel(),
        draws=300,
        effects=(0.02, 0.04),
        tests=["dates_cluster", "adj_bmp", "grank_t", "csect_t", "bmp", "patell"],
    )
    yield "calibration", found.plot()
    yield "preview", study.preview(reports, panel().until("2026-02-25")).plot()
    deals = es.catalysts.load(category="deal")
    ways = study.vary(
        model=[es.MarketModel(), study.model],
        estimation=[(-250, -11), (-120, -11)],
        window=[(0, 0), (-1, 1)],
    )
    curve = ways.run(deals[deals["ticker"].isin(MINERS)], panel(), draws=99)
    yield "specifications", curve.plot(title="Miners' deals under every choice")


def cross_section() -> object:
    """The picture of docs/cross_section.md."""
    news = es.catalysts.load(category=["earnings", "capex", "nvidia"])
    news = es.catalysts.expand(news, MINERS)
    kind = es.universe.pivoted(news).map({True: "pivoted", False: "pure"})
    study = es.EventStudy(es.FactorModel(("SPY", "Bitcoin")), window=(-5, 5))
    return study.run(news.assign(kind=kind), panel()).by("kind").plot(title="News of others")


def papers() -> Iterator[tuple[str, object]]:
    """The pictures of docs/pictures_for_papers.md."""
    deals = es.catalysts.load(category="deal", since="2025-07-01")
    deals = deals[deals["ticker"].isin(MINERS)]
    study = es.EventStudy(es.FactorModel(("SPY", "IBIT")), window=(-5, 5))
    result = study.run(deals, study.load(deals, es.loaders.sample, market="SPY"))
    yield "cars", result.plot_cars((0, 0))
    yield "heatmap", result.plot_heatmap()
    yield "timeline", result.plot_timeline()
    axes = plt.subplots(2, 2, figsize=(7.0, 6.0), layout="constrained")[1]
    result.plot(ax=axes[0, 0], title="A. The path")
    result.plot_bars((0, 0), ax=axes[0, 1], title="B. Day 0, by ticker")
    result.plot_heatmap(ax=axes[1, 0], title="C. Every event and day")
    result.plot_timeline(ax=axes[1, 1], title="D. When")
    yield "paper", axes
    yield "others", others(deals, study)


def others(deals: pd.DataFrame, study: es.EventStudy) -> object:
    """Pictures of other questions, each in the place of one Axes."""
    held = study.load(deals, es.loaders.sample, market="SPY", fields=("open", "close"))
    axes = plt.subplots(2, 3, figsize=(12.0, 7.0), layout="constrained")[1]
    result = study.run(deals, held)
    result.single(result.events.index[0]).plot(ax=axes[0, 0])
    es.activity.overnight(deals, held, study).plot(ax=axes[0, 1])
    es.activity.volatility(deals, held, study).plot(ax=axes[0, 2])
    es.BuyAndHold((1, 60)).run(deals, panel()).plot(ax=axes[1, 0])
    calendar = es.CalendarTime(holding=(1, 60), model=es.FactorModel(("SPY", "Bitcoin")))
    calendar.run(deals, panel()).plot(ax=axes[1, 1])
    trades = es.Rule(enter=0, leave=5).run(deals, panel())
    trades.placebo(199).plot(ax=axes[1, 2])
    return axes


def panel() -> es.Panel:
    """The simulated miners, the market and Bitcoin."""
    prices = es.loaders.sample([*MINERS, "SPY", "IBIT", "BTC-USD"], "2022-12-01", "2026-06-30")
    return es.Panel.from_prices(prices, market="SPY").spliced("Bitcoin", "IBIT", "BTC-USD")


if __name__ == "__main__":
    main()
