"""Draw the pictures of README.md again: ``python docs/pictures.py`` (simulated prices)."""

from pathlib import Path

import matplotlib as mpl

import eventstudy as es

FOLDER = Path(__file__).parent / "images"
TITLE = "Nvidia reports: each miner's abnormal return on the next day"


def main() -> None:
    """Run the study of the README and write its slide."""
    mpl.use("agg")
    events = es.events_on("2026-02-25", es.universe.MINERS, session="after_close")
    study = es.EventStudy(model=es.FactorModel(("SPY", "IBIT")))
    result = study.run(events, study.load(events, es.loaders.sample, market="SPY"))
    axes = result.plot_bars((0, 0), title=TITLE)
    axes.figure.savefig(FOLDER / "bars.png", dpi=110)


if __name__ == "__main__":
    main()
