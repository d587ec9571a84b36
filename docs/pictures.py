"""Draw the pictures of README.md and of the pages again: ``python docs/pictures.py``.

All prices are simulated. The calls are those that stand beside the pictures.
"""

from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes

import eventstudy as es

FOLDER = Path(__file__).parent / "images"
TITLE = "Nvidia reports: each miner's abnormal return on the next day"
MINERS = list(es.universe.MINERS)


def main() -> None:
    """Draw them all."""
    mpl.use("agg")
    drawn = {"bars": readme(), "start": start(), "groups": cross_section(), **dict(placebo())}
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


def panel() -> es.Panel:
    """The simulated miners, the market and Bitcoin."""
    prices = es.loaders.sample([*MINERS, "SPY", "IBIT", "BTC-USD"], "2022-12-01", "2026-06-30")
    return es.Panel.from_prices(prices, market="SPY").spliced("Bitcoin", "IBIT", "BTC-USD")


if __name__ == "__main__":
    main()
